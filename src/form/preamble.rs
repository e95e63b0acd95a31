//! Lines between a form's title and its table: `407某局`, `预算年度：2023`, `单位：万元`.

use std::ops::Range;
use std::sync::LazyLock;

use super::label::{Capture, Folded, Pattern};
use super::{Form, department};
use crate::templates;
use crate::text::{is_blank, is_chinese};

/// Longest line, in characters.
const LONGEST: usize = 60;

/// A line that a form knows.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Rows of [`Form::preamble`] that have such a cell, and its position there: a form may list
    /// several ways to print them. Empty for a line of any form.
    pub at: Vec<(usize, usize)>,
    /// What its slots matched.
    pub captures: Vec<Capture>,
}

/// Lines that may stand above any form (`templates/preamble.toml`).
static LINES: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    struct File {
        lines: Vec<String>,
    }
    let file: File = templates::read!("preamble");
    file.lines.iter().map(|line| Pattern::new(line)).collect()
});

/// Those of [`LINES`] that say nothing but a unit, a year or a date: one of them may stand behind
/// another line with no blank between (`某局预算年度：2025单位：元`).
static CLOSED: LazyLock<Vec<&Pattern>> = LazyLock::new(|| {
    let closed = |line: &&Pattern| {
        let mut slots = line.slots().peekable();
        slots.peek().is_some()
            && slots.all(|slot| matches!(slot, "unit" | "fiscal_year" | "date" | "filled_on"))
            && !line.printed().starts_with('（')
    };
    LINES.iter().filter(closed).collect()
});

/// A line folded; `None` when it cannot be part of a preamble.
fn folded(text: &str) -> Option<Folded> {
    let short = !text.is_empty() && text.len() <= LONGEST * 3 && text.chars().count() <= LONGEST;
    short.then(|| Folded::new(text))
}

impl Form {
    /// What a line above the table says; `None` when the form knows no such line.
    pub(crate) fn preamble_line(&self, text: &str) -> Option<Line> {
        let folded = &folded(text)?;
        // Of several patterns the one that says most: a department and a unit on one line.
        let mut found: Option<(&Pattern, Line)> = None;
        for (row, cells) in self.preamble.iter().enumerate() {
            for (position, pattern) in cells.iter().enumerate() {
                let Some(captures) = captures(pattern, text, folded) else { continue };
                match &mut found {
                    Some((known, line)) if line.captures.len() >= captures.len() => {
                        if *known == pattern {
                            line.at.push((row, position));
                        }
                    }
                    _ => found = Some((pattern, Line { at: vec![(row, position)], captures })),
                }
            }
        }
        found.map(|(_, line)| line).or_else(|| {
            LINES.iter().find_map(|pattern| {
                let mut captures = captures(pattern, text, folded)?;
                // Where the form asks for the unit, that is who is named; its year is the filing's.
                let asks =
                    |name: &str| self.preamble.iter().flatten().flat_map(Pattern::slots).any(|slot| slot == name);
                let (unit, year) = (asks("unit_name"), asks("form_year"));
                for (slot, _) in &mut captures {
                    match slot.as_str() {
                        "department" if unit => *slot = "unit_name".to_owned(),
                        "department_code" if unit => *slot = "unit_code".to_owned(),
                        "fiscal_year" if year => *slot = "form_year".to_owned(),
                        _ => {}
                    }
                }
                Some(Line { at: Vec::new(), captures })
            })
        })
    }

    /// Whether the form itself prints such a line.
    pub(crate) fn prints_line(&self, text: &str) -> bool {
        self.preamble_line(text).is_some_and(|line| !line.at.is_empty()) || self.bare_name(text).is_some()
    }

    /// What a name alone says (`某县某局`, its code not printed), where the form prints such a name
    /// with no word before it. Only its neighbours tell it from any other text: a line of the
    /// preamble beside it, or the form's title right above.
    pub(crate) fn bare_name(&self, text: &str) -> Option<Vec<Capture>> {
        let name = name_in(text)?;
        let folded = Folded::new(text);
        self.preamble.iter().flatten().find_map(|pattern| name_captures(pattern, name, &folded))
    }
}

/// The text without blanks around it, if it may be a name.
fn name_in(text: &str) -> Option<&str> {
    let name = text.trim_matches(is_blank);
    let is_name = name.len() <= 30 * 4
        && (3..=30).contains(&name.chars().count())
        && !name.ends_with('表')
        && name.chars().all(|ch| (ch.is_alphabetic() && !ch.is_ascii()) || "（）()·".contains(ch));
    is_name.then_some(name)
}

fn name_captures(pattern: &Pattern, name: &str, folded: &Folded) -> Option<Vec<Capture>> {
    if !pattern.printed().starts_with('{') {
        return None;
    }
    let captures = pattern.captures_folded(folded)?;
    let whole =
        |(slot, range): &Capture| matches!(slot.as_str(), "department" | "unit_name") && range.len() == name.len();
    captures.iter().any(whole).then_some(captures)
}

/// The lines of several forms, each once with the forms that print it: a text is compared with all of
/// them at once.
#[derive(Default)]
pub(crate) struct AnyLine {
    lines: Vec<(Pattern, Vec<usize>)>,
    forms: usize,
}

/// The forms, by their number, in whose preamble a text may stand.
#[derive(Debug, Default)]
pub(crate) struct Preambles {
    /// It is a line of the preamble.
    pub sure: Vec<usize>,
    /// It may be a name, when another line stands beside it.
    pub beside: Vec<usize>,
}

impl AnyLine {
    /// The lines of these forms, which are numbered as they come.
    pub fn new<'f>(forms: impl Iterator<Item = &'f Form>) -> AnyLine {
        let mut any = AnyLine::default();
        for form in forms {
            for line in form.preamble.iter().flatten() {
                let known = any.lines.iter().position(|(known, _)| known == line);
                let known = known.unwrap_or_else(|| {
                    any.lines.push((line.clone(), Vec::new()));
                    any.lines.len() - 1
                });
                let of_line = &mut any.lines[known].1;
                if of_line.last() != Some(&any.forms) {
                    of_line.push(any.forms);
                }
            }
            any.forms += 1;
        }
        any
    }

    /// The forms whose [`Form::preamble_line`] or [`Form::bare_name`] knows the text.
    pub fn forms_of(&self, text: &str) -> Preambles {
        let mut found = Preambles::default();
        let Some(folded) = folded(text) else { return found };
        if LINES.iter().any(|line| captures(line, text, &folded).is_some()) {
            found.sure = (0..self.forms).collect();
            return found;
        }
        let name = name_in(text);
        for (line, forms) in &self.lines {
            if captures(line, text, &folded).is_some() {
                found.sure.extend(forms);
            } else if name.is_some_and(|name| name_captures(line, name, &folded).is_some()) {
                found.beside.extend(forms);
            }
        }
        found
    }
}

fn captures(pattern: &Pattern, text: &str, folded: &Folded) -> Option<Vec<Capture>> {
    if !pattern.begins_like(folded) {
        return None;
    }
    if pattern.is_unfilled(folded) {
        return Some(Vec::new());
    }
    // A line that begins with a name matches anything: it needs its code.
    let named = pattern.slots().any(|slot| matches!(slot, "department" | "unit_name"));
    let literal = !(named && pattern.printed().starts_with('{')) && pattern.printed().contains(is_chinese);
    let unit = pattern.lone_slot() == Some("unit");
    if !literal && !unit && !folded.has_digit() && pattern.codes_are_digits() {
        return None;
    }
    let mut captures = pattern.captures_folded(folded)?;
    part_code(text, &mut captures);
    // What has a colon in it is another line behind the name, and no name begins with what parts it
    // from its code.
    let other = |(name, range): &Capture| {
        let value = &text[range.clone()];
        matches!(name.as_str(), "department" | "unit_name" | "date" | "filled_on")
            && (value.contains(['：', ':']) || value.starts_with(['-', '－', '—', ']', '］', '】']))
    };
    if captures.iter().any(other) {
        return None;
    }
    let code = captures.iter().any(|(name, range)| {
        let after = text[range.end..].trim_start_matches(|ch| is_blank(ch) || "-－—]］】".contains(ch));
        name.ends_with("_code")
            && text[range.clone()].chars().count() >= 3
            && after.starts_with(is_chinese)
            && !after.starts_with('年')
    });
    // What is counted or measured may stand behind the same word.
    let who = |(name, range): &Capture| {
        let bare = text[range.clone()].split(['（', '(']).next().unwrap_or_default();
        name != "department" || department::ends_like_one(bare.trim_end_matches(is_blank))
    };
    let ambiguous = pattern.printed().starts_with("单位：") && !captures.iter().all(who);
    ((literal || unit || code) && !ambiguous).then_some(captures)
}

/// Parts the code from the name where a mark stands between them or around it: `306-某局`, `306_某局`,
/// `[306]某局`.
fn part_code(text: &str, captures: &mut [Capture]) {
    const BETWEEN: [char; 9] = ['-', '－', '—', '–', '_', '＿', ']', '］', '】'];
    let is_code = |code: &str| code.len() >= 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    for name in 1..captures.len() {
        let [(before, code), (slot, range)] = &captures[name - 1..=name] else { continue };
        if !matches!(slot.as_str(), "department" | "unit_name") || !before.ends_with("_code") {
            continue;
        }
        let value = &text[range.clone()];
        let inner = value.trim_start_matches(['[', '［', '【']);
        let opened = value.len() - inner.len();
        if let Some((inner, rest)) = inner.split_once([']', '］', '】'])
            && opened > 0
            && code.is_empty()
            && is_code(inner)
        {
            let (start, end) = (range.start + opened, range.end);
            captures[name - 1].1 = start..start + inner.len();
            captures[name].1 = end - rest.trim_start_matches(is_blank).len()..end;
        } else if is_code(&text[code.clone()]) && value.starts_with(BETWEEN) {
            let rest = value.trim_start_matches(BETWEEN).trim_start_matches(is_blank);
            captures[name].1.start = range.end - rest.len();
        }
    }
}

/// The department that a line above any form names (`预算单位：某县某局`).
pub(crate) fn department_line(text: &str) -> Option<String> {
    if text.len() > LONGEST * 3 || !text.contains([':', '：']) {
        return None;
    }
    parts(text).into_iter().enumerate().find_map(|(at, part)| {
        // A label whose value stands behind a run of blanks: `部门：     某局     单位：万元`.
        let value = parts(text).into_iter().nth(at + 1).map(|next| format!("{}{}", &text[part.clone()], &text[next]));
        [Some(text[part].to_owned()), value].into_iter().flatten().find_map(|line| {
            let folded = Folded::new(&line);
            let captures = LINES.iter().find_map(|pattern| captures(pattern, &line, &folded))?;
            let (_, range) = captures.into_iter().find(|(slot, _)| slot == "department")?;
            let name = &line[range];
            (name.chars().count() > 2 && name.chars().all(|ch| !ch.is_ascii_digit())).then(|| name.to_owned())
        })
    })
}

/// The parts of a line between tabs and runs of three or more blanks, and before a unit, a year or a
/// date that stands behind another line.
pub(crate) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for part in apart(text) {
        let first = parts.len();
        let mut end = part.end;
        while let Some(at) = last_line(&text[part.start..end]) {
            parts.push(part.start + at..end);
            end = part.start + text[part.start..part.start + at].trim_end_matches(is_blank).len();
        }
        parts.push(part.start..end);
        parts[first..].reverse();
    }
    parts
}

/// Where the last of several lines begins that stand on one with no more than a few blanks between.
fn last_line(text: &str) -> Option<usize> {
    if text.len() > LONGEST * 3 || !text.contains(['：', ':', '年']) {
        return None;
    }
    let is_closed = |rest: &str| {
        let begins = |line: &&&Pattern| match line.printed().chars().next() {
            Some('{') => rest.starts_with("20"),
            first => rest.chars().next() == first,
        };
        let mut lines = CLOSED.iter().filter(begins).peekable();
        lines.peek().is_some() && {
            let folded = Folded::new(rest);
            lines.any(|line| {
                line.captures_folded(&folded).is_some_and(|captures| captures.iter().all(|slot| is_whole(slot, rest)))
            })
        }
    };
    let mut before = None;
    for (at, ch) in text.char_indices() {
        let in_number = ch.is_ascii_digit() && before.is_some_and(|ch: char| ch.is_ascii_digit());
        if !in_number && !is_blank(ch) && is_closed(&text[at..]) {
            // A label waits for its value: `日期：2025年`.
            let whole = at > 0 && !text[..at].trim_end_matches(is_blank).ends_with(['：', ':', '（', '(']);
            return whole.then_some(at);
        }
        before = Some(ch);
    }
    None
}

/// Whether what a slot matched is that and nothing more: a date is digits and marks.
fn is_whole((slot, range): &Capture, text: &str) -> bool {
    !matches!(slot.as_str(), "date" | "filled_on")
        || text[range.clone()].chars().all(|ch| ch.is_ascii_digit() || is_blank(ch) || "年月日-－—./至".contains(ch))
}

/// The parts of a line between tabs and runs of three or more blanks.
fn apart(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut end = 0;
    let mut blanks = 0;
    for (at, ch) in text.char_indices() {
        if is_blank(ch) {
            blanks += if ch == '\t' { 3 } else { 1 };
            continue;
        }
        if let (Some(from), true) = (start, blanks >= 3) {
            parts.push(from..end);
            start = None;
        }
        start.get_or_insert(at);
        blanks = 0;
        end = at + ch.len_utf8();
    }
    parts.extend(start.map(|from| from..end));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_department_named_behind_a_label() {
        let name = |text| department_line(text);
        assert_eq!(name("预算单位：云岭县林草服务局").as_deref(), Some("云岭县林草服务局"));
        assert_eq!(name("部门：        云岭县林草服务局        单位：万元").as_deref(), Some("云岭县林草服务局"));
        assert_eq!(name("单位：万元"), None);
        assert_eq!(name("部门：2025"), None);
    }

    #[test]
    fn a_line_with_nothing_filled_in_is_known() {
        let form = super::super::built_in::forms().all().find(|form| form.key.form == "three-public").expect("a form");
        let any = AnyLine::new(std::iter::once(form));
        for text in ["预算年度：", "预算年度：　　", "金额单位：", "编制部门："] {
            assert!(!any.forms_of(text).sure.is_empty(), "{text}");
            let line = form.preamble_line(text).expect(text);
            assert!(line.captures.is_empty(), "{text}");
        }
        assert!(form.preamble_line("预算年度").is_none());
    }

    #[test]
    fn lines_that_stand_on_one_are_parted() {
        let parted = |text: &'static str| parts(text).into_iter().map(|part| &text[part]).collect::<Vec<_>>();
        assert_eq!(
            parted("021云岭县林草服务局预算年度：2025单位：元"),
            ["021云岭县林草服务局", "预算年度：2025", "单位：元"]
        );
        assert_eq!(
            parted("编制单位：云岭县林草服务局 2025年度 金额单位：元"),
            ["编制单位：云岭县林草服务局", "2025年度", "金额单位：元"]
        );
        assert_eq!(
            parted("云岭县林草服务局截止时间：2024年12月31日"),
            ["云岭县林草服务局", "截止时间：2024年12月31日"]
        );
        assert_eq!(parted("单位：万元  预算年度：2025"), ["单位：万元", "预算年度：2025"]);
        for whole in [
            "金额单位：万元",
            "截止时间：2024年12月31日",
            "2025年度",
            "填报日期：2025年1月",
            "预算单位：云岭县林草服务局",
        ] {
            assert_eq!(parted(whole), [whole]);
        }
    }

    #[test]
    fn a_code_is_parted_from_the_name() {
        let form =
            super::super::built_in::forms().all().find(|form| form.key.form == "fund-expenditure").expect("a form");
        for (line, code, name) in [
            ("单位：云岭县林草服务局", "", "云岭县林草服务局"),
            ("单位：306_云岭县林草服务局", "306", "云岭县林草服务局"),
            ("单位名称：306001-云岭县林草服务局（本级）", "306001", "云岭县林草服务局（本级）"),
            ("填报单位：[306] 云岭县林草服务局", "306", "云岭县林草服务局"),
            ("编制单位：306001云岭县林草服务局", "306001", "云岭县林草服务局"),
            ("单位名称（盖章）：云岭县林草服务局", "", "云岭县林草服务局"),
        ] {
            let captures = form.preamble_line(line).expect(line).captures;
            let slot =
                |name: &str| captures.iter().find(|(slot, _)| slot == name).map(|(_, range)| &line[range.clone()]);
            assert_eq!((slot("department_code"), slot("department")), (Some(code), Some(name)), "{line}");
        }
        let unit = |line: &str| {
            let captures = form.preamble_line(line)?.captures;
            captures.into_iter().find(|(slot, _)| slot == "unit").map(|(_, range)| line[range].to_owned())
        };
        assert_eq!(unit("金额单位：元（列至角分）").as_deref(), Some("元"));
        assert_eq!(unit("万元").as_deref(), Some("万元"));
        for line in ["单位：人", "单位：台、套", "单位：人次/万元", "单位"] {
            assert!(form.preamble_line(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_name_has_no_colon() {
        let form = super::super::built_in::forms().all().find(|form| form.key.form == "three-public").expect("a form");
        assert!(form.preamble_line("021云岭县林草服务局").is_some());
        assert!(form.preamble_line("021-云岭县林草服务局").is_some());
        assert!(form.preamble_line("021云岭县林草服务局备注：无").is_none());
    }

    #[test]
    fn a_name_alone_is_a_name() {
        let form = super::super::built_in::forms().all().find(|form| form.key.form == "three-public").expect("a form");
        assert!(form.bare_name("云岭县林草服务局").is_some());
        assert!(form.bare_name("　云岭县林草服务局").is_some());
        for text in ["部门预算表", "2023年", "共计3人", "县局", "hello"] {
            assert!(form.bare_name(text).is_none(), "{text}");
        }
    }

    #[test]
    fn all_forms_at_once_know_what_each_knows() {
        let forms: Vec<&Form> = crate::form::built_in::forms().all().collect();
        let any = AnyLine::new(forms.iter().copied());
        for text in [
            "407云岭县林草服务局",
            "云岭县林草服务局",
            "单位：万元",
            "预算年度：2025",
            "编制部门：云岭县林草服务局",
            "部门编码及名称",
            "截止时间：2024-12-31",
            "项目",
            "",
        ] {
            let found = any.forms_of(text);
            for (number, form) in forms.iter().enumerate() {
                let (sure, name) = (form.preamble_line(text).is_some(), form.bare_name(text).is_some());
                assert_eq!(found.sure.contains(&number), sure, "{text} in {:?}", form.key);
                assert_eq!(found.beside.contains(&number) && !sure, name && !sure, "{text} in {:?}", form.key);
            }
        }
    }
}
