//! Cleaning a text: what extraction left in it goes, everything else stays as printed.
//!
//! Gone: blanks at the ends, blanks and line breaks that a page's line wrap left inside a Chinese
//! phrase, HTML and Markdown left-overs, LaTeX, Word field codes and bookmarks. Wrong amounts,
//! typos and full-width marks stay.

use std::ops::Range;

use crate::text::{Text, is_blank, is_chinese};

/// What was removed from a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Blanks or line breaks inside a phrase.
    pub blanks: bool,
    /// Tags, Markdown marks, LaTeX, entities.
    pub markup: bool,
    /// Word field codes and bookmarks.
    pub fields: bool,
}

impl std::ops::BitOrAssign for Removed {
    fn bitor_assign(&mut self, other: Removed) {
        self.blanks |= other.blanks;
        self.markup |= other.markup;
        self.fields |= other.fields;
    }
}

/// What a text is, for cleaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A cell: every blank inside a Chinese phrase is a line wrap's.
    Cell,
    /// A paragraph: runs of several blanks are layout and stay.
    Paragraph,
}

/// Cleans a text; line breaks before a numbered item stay.
pub fn clean(text: &mut Text, context: Context) -> Removed {
    let mut removed = Removed::default();
    if needs_markup_pass(text.as_str()) {
        removed.fields |= remove_field_codes(text);
        removed.markup |= remove_tags(text);
        removed.markup |= decode_entities(text);
        removed.markup |= replace_latex(text);
        removed.markup |= remove_emphasis(text);
    }
    text.trim();
    removed.blanks |= remove_wraps(text, context);
    removed
}

fn needs_markup_pass(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'<' | b'&' | b'$' | b'\\' | b'[' | b'*'))
}

/// Replaces several ranges, given in order; says whether there were any.
fn edit<R: AsRef<str>>(text: &mut Text, edits: &[(Range<usize>, R)]) -> bool {
    text.replace_all(edits);
    !edits.is_empty()
}

/// Field codes that are looked for in one text; no person's paragraph has as many.
const FIELD_CODES: usize = 200;

/// Word left ` TC heading \f C \l 1` after headings, and `[bookmark: _Toc1]` before them.
fn remove_field_codes(text: &mut Text) -> bool {
    let mut bookmarks: Vec<(Range<usize>, &str)> = Vec::new();
    let mut from = 0;
    while let Some(range) = bookmark(&text.as_str()[from..]) {
        bookmarks.push((from + range.start..from + range.end, ""));
        from += range.end;
    }
    let mut any = edit(text, &bookmarks);
    for _ in 0..FIELD_CODES {
        let Some(range) = field_code(text.as_str()) else { break };
        text.remove(range);
        any = true;
    }
    any
}

fn bookmark(text: &str) -> Option<Range<usize>> {
    let start = text.find("[bookmark:")?;
    let end = text[start..].find(']')? + start + 1;
    Some(start..end)
}

/// Instructions that a result follows or replaces; each ends with switches `\f C \l 1`. The blanks
/// between them may be no-break ones.
const INSTRUCTIONS: &[&str] = &["TC", "TOC", "PAGEREF", "HYPERLINK", "REF", "SEQ", "PAGE", "NUMPAGES", "XE"];

fn field_code(text: &str) -> Option<Range<usize>> {
    let first_switch = text.match_indices('\\').map(|(at, _)| at).find(|at| text[..*at].ends_with(is_blank))?;
    let stands_alone = |at: usize, name: &str| {
        text[..at].chars().next_back().is_none_or(is_blank) && text[at + name.len()..].starts_with(is_blank)
    };
    let start = INSTRUCTIONS
        .iter()
        .flat_map(|name| text[..first_switch].match_indices(name))
        .find(|(at, name)| stands_alone(*at, name))
        .map(|(at, _)| at)?;
    // The switches: a backslash, a letter, and an argument that is no Chinese text.
    let mut end = first_switch;
    let mut rest = &text[first_switch..];
    while let Some(switch) = rest.strip_prefix('\\') {
        let letter =
            switch.chars().next().filter(|ch| ch.is_ascii_alphabetic() || matches!(ch, '*' | '#' | '@' | '!'))?;
        rest = &switch[letter.len_utf8()..];
        let argument = rest.trim_start_matches(is_blank);
        let length = argument.bytes().take_while(|byte| byte.is_ascii_graphic() && *byte != b'\\').count();
        if length > 0 && argument.len() < rest.len() {
            rest = &argument[length..];
        }
        end = text.len() - rest.len();
        rest = rest.trim_start_matches(is_blank);
    }
    let blanks: usize = text[..start].chars().rev().take_while(|ch| is_blank(*ch)).map(char::len_utf8).sum();
    Some(start - blanks..end)
}

/// Names of tags that extraction leaves in text.
const TAGS: &[&str] = &[
    "b", "i", "u", "s", "p", "br", "em", "strong", "sup", "sub", "span", "div", "center", "font", "h1", "h2", "h3",
    "h4", "h5", "h6", "li", "ul", "ol", "a", "table", "tbody", "thead", "tr", "td", "th", "mark", "del", "ins",
    "small", "big", "html", "body", "caption", "colgroup", "col", "tfoot",
];

fn remove_tags(text: &mut Text) -> bool {
    let value = text.as_str();
    let end = value.trim_end_matches(is_blank).len();
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    // What is kept so far: whether it says anything, and whether it ends with a line break.
    let (mut says, mut at_break) = (false, false);
    let mut kept = 0;
    let mut from = 0;
    while let Some(start) = memchr::memchr(b'<', &value.as_bytes()[from..]).map(|at| at + from) {
        let Some((range, breaks)) = tag(value, start) else {
            from = start + 1;
            continue;
        };
        if is_type_argument(value, &range) {
            from = range.end;
            continue;
        }
        let before = &value[kept..range.start];
        says |= !before.trim().is_empty();
        if let Some(last) = before.chars().next_back() {
            at_break = last == '\n';
        }
        let with = if breaks && says && range.end < end && !at_break { "\n" } else { "" };
        at_break |= !with.is_empty();
        from = range.end;
        kept = range.end;
        edits.push((range, with));
    }
    edit(text, &edits)
}

/// `Select<U>` of a program: a letter in brackets right after a word, and no tag soon after closes it.
fn is_type_argument(text: &str, tag: &Range<usize>) -> bool {
    let after_word = text[..tag.start].ends_with(|ch: char| ch.is_ascii_alphabetic());
    if tag.len() != 3 || !after_word {
        return false;
    }
    let rest = text.as_bytes()[tag.end..].iter().take(256).copied().collect::<Vec<u8>>();
    let closing = [b'<', b'/', text.as_bytes()[tag.start + 1]];
    !rest.windows(3).any(|three| three.eq_ignore_ascii_case(&closing))
}

/// No tag is longer, in bytes.
const LONGEST_TAG: usize = 4096;

/// The tag at `start`, and whether it breaks the line.
fn tag(text: &str, start: usize) -> Option<(Range<usize>, bool)> {
    let rest = &text[start + 1..];
    let closes = rest.starts_with('/');
    let name = &rest[usize::from(closes)..];
    let name = &name[..name.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count()];
    if !TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)) {
        return None;
    }
    let length = memchr::memchr(b'>', &rest.as_bytes()[..rest.len().min(LONGEST_TAG)])?;
    let attributes = rest.get(usize::from(closes) + name.len()..length)?;
    let name = name.to_ascii_lowercase();
    let plain = attributes.is_empty()
        || (attributes.starts_with([' ', '/']) && !attributes.contains('<') && !attributes.chars().any(is_chinese));
    if !plain {
        return None;
    }
    let breaks = name == "br" || (closes && matches!(name.as_str(), "p" | "div" | "li" | "h1" | "h2" | "h3"));
    Some((start..start + 1 + length + 1, breaks))
}

fn decode_entities(text: &mut Text) -> bool {
    let value = text.as_str();
    let mut edits = Vec::new();
    let mut from = 0;
    while let Some(at) = value[from..].find('&').map(|at| at + from) {
        match crate::read::text::entity(&value[at..]) {
            Some((character, length)) => {
                edits.push((at..at + length, character));
                from = at + length;
            }
            None => from = at + 1,
        }
    }
    edit(text, &edits)
}

/// LaTeX commands seen in extracted forms, and the sign they stand for; longer names first.
#[rustfmt::skip]
const LATEX: &[(&str, &str)] = &[
    ("\\geqslant", "≥"), ("\\leqslant", "≤"), ("\\geq", "≥"), ("\\leq", "≤"), ("\\ge", "≥"), ("\\le", "≤"),
    ("\\times", "×"), ("\\div", "÷"), ("\\pm", "±"), ("\\sim", "～"), ("\\approx", "≈"), ("\\neq", "≠"),
    ("\\cdot", "·"), ("\\%", "%"), ("\\circ", "°"), ("\\quad", " "), ("\\,", ""), ("\\ ", " "), ("\\&", "&"),
    ("\\#", "#"), ("\\_", "_"), ("\\gt", ">"), ("\\lt", "<"),
];

fn replace_latex(text: &mut Text) -> bool {
    let value = text.as_str();
    let mut edits = Vec::new();
    let mut from = 0;
    while let Some(start) = value[from..].find('$').map(|at| at + from) {
        let Some(length) = value[start + 1..].find('$') else { break };
        let end = start + 1 + length + 1;
        let inner = &value[start + 1..end - 1];
        let is_formula = inner.contains('\\') || is_plain_formula(inner, value[end..].chars().next());
        match is_formula.then(|| latex_value(inner)).flatten() {
            Some(printed) => {
                edits.push((start..end, printed));
                from = end;
            }
            // The second mark may open a formula of its own.
            None => from = end - 1,
        }
    }
    edit(text, &edits)
}

/// Whether two marks without a command between them are a formula (`$95$`, `$x = 1$`), not amounts of
/// dollars: `$130 for one and $200 for two`, `$100-$200`; nor places of a sheet: `$D:$E`.
fn is_plain_formula(inner: &str, next: Option<char>) -> bool {
    let begins = |ch: char| !is_blank(ch) && !":,;*/)".contains(ch);
    let ends = |ch: char| !is_blank(ch) && !":,;*/(+-=<>".contains(ch);
    inner.starts_with(begins)
        && inner.ends_with(ends)
        && !next.is_some_and(|next| next.is_ascii_digit())
        && !inner.chars().any(is_chinese)
        && !inner.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_alphabetic))
}

/// What a formula prints; `None` when it holds a command we do not know.
fn latex_value(inner: &str) -> Option<String> {
    let mut value = inner.to_owned();
    for wrapper in ["\\text", "\\mathrm", "\\mathbf", "\\rm"] {
        value = value.replace(wrapper, "");
    }
    for (command, sign) in LATEX {
        value = value.replace(command, sign);
    }
    value.retain(|ch| !matches!(ch, '{' | '}' | '^') && !is_blank(ch));
    (!value.contains('\\')).then_some(value)
}

/// `**text**`; a single star stays.
fn remove_emphasis(text: &mut Text) -> bool {
    let marks: Vec<usize> = text.as_str().match_indices("**").map(|(at, _)| at).collect();
    let pairs = &marks[..marks.len() / 2 * 2];
    let edits: Vec<(Range<usize>, &str)> = pairs.iter().map(|at| (*at..at + 2, "")).collect();
    edit(text, &edits)
}

/// Whether a line begins a numbered item: `2.`, `（二）`, `3、`, `①`, `目标2：`.
pub fn begins_item(line: &str) -> bool {
    let line = line.trim_start_matches(is_blank).trim_start_matches(['"', '“']);
    let line = line.strip_prefix("目标").map_or(line, |rest| rest.trim_start_matches(is_blank));
    let mut chars = line.chars().peekable();
    let bracket = matches!(chars.peek(), Some('(' | '（'));
    if bracket {
        chars.next();
    }
    let mut count = 0;
    while chars.peek().is_some_and(|ch| ch.is_ascii_digit() || "一二三四五六七八九十".contains(*ch)) {
        chars.next();
        count += 1;
    }
    if count == 0 || count > 3 {
        return matches!(line.chars().next(), Some('①'..='⑳' | '⑴'..='⒇' | '●' | '◆'));
    }
    while chars.peek().is_some_and(|ch| is_blank(*ch)) {
        chars.next();
    }
    match chars.next() {
        Some(')' | '）') => true,
        Some('.' | '．' | '、' | '：' | ':') if !bracket => !chars.peek().is_some_and(char::is_ascii_digit),
        _ => false,
    }
}

/// Removes blanks and line breaks that a line wrap left.
fn remove_wraps(text: &mut Text, context: Context) -> bool {
    let value = text.as_str();
    if !value.bytes().any(|byte| byte <= b' ') && !value.chars().any(|ch| !ch.is_ascii() && is_blank(ch)) {
        return false;
    }
    let mut drop: Vec<(Range<usize>, &str)> = Vec::new();
    let mut at = 0;
    let mut previous: Option<char> = None;
    while let Some(ch) = value[at..].chars().next() {
        if !is_blank(ch) {
            previous = Some(ch);
            at += ch.len_utf8();
            continue;
        }
        let length: usize = value[at..].chars().take_while(|ch| is_blank(*ch)).map(char::len_utf8).sum();
        let run = &value[at..at + length];
        let next = value[at + length..].chars().next();
        if goes(value, at, run, previous, next, context) {
            drop.push((at..at + length, ""));
        } else if let Some(line) = run.find('\n').filter(|_| run.len() > 1) {
            // One line break is enough.
            let keep = at + line;
            let cut = [at..keep, keep + 1..at + length].into_iter().filter(|range| !range.is_empty());
            drop.extend(cut.map(|range| (range, "")));
        }
        at += length;
    }
    edit(text, &drop)
}

/// Whether a run of blanks between two characters is a line wrap's.
fn goes(value: &str, at: usize, run: &str, previous: Option<char>, next: Option<char>, context: Context) -> bool {
    let (Some(previous), Some(next)) = (previous, next) else { return true };
    let beside_chinese = is_chinese(previous) || is_chinese(next);
    if run.contains('\n') {
        // Between letters and digits the break may stand for a blank: it stays.
        return beside_chinese && !begins_item(&value[at + run.len()..]);
    }
    let after_sign = matches!(previous, '≥' | '≤' | '>' | '<' | '=') && next.is_ascii_digit();
    if !beside_chinese && !after_sign {
        return false;
    }
    match context {
        Context::Cell => true,
        Context::Paragraph => run.chars().count() == 1 && !after_ordinal(&value[..at]),
    }
}

/// Whether a text is a part's number (`第一部分`, `附件1：`) that a blank separates from its name.
fn after_ordinal(before: &str) -> bool {
    let before = before.trim_end_matches(is_blank);
    let short = before.chars().nth(6).is_none();
    short
        && (before.starts_with('第') && before.ends_with(['分', '章', '节', '编', '条']) || before.starts_with("附件"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(raw: &str) -> String {
        let mut text = Text::from(raw);
        clean(&mut text, Context::Cell);
        text.as_str().to_owned()
    }

    #[test]
    fn a_type_argument_of_a_program_is_no_tag() {
        assert_eq!(cell("Select<U>(x)"), "Select<U>(x)");
        assert_eq!(cell("H<s>2</s>O"), "H2O");
        assert_eq!(cell("甲<b>乙"), "甲乙");
    }

    fn paragraph(raw: &str) -> String {
        let mut text = Text::from(raw);
        clean(&mut text, Context::Paragraph);
        text.as_str().to_owned()
    }

    #[test]
    fn blanks_inside_chinese_phrases_go() {
        assert_eq!(cell("政府采购 项目来源"), "政府采购项目来源");
        assert_eq!(cell("3 月底"), "3月底");
        assert_eq!(cell("\u{3000}6.30 "), "6.30");
        assert_eq!(cell("帮扶人员, 建设社会"), "帮扶人员,建设社会");
        assert_eq!(cell("> 30 个"), ">30个");
        assert_eq!(cell("Windows 11 系统"), "Windows 11系统");
    }

    #[test]
    fn a_break_before_a_numbered_item_stays() {
        assert_eq!(cell("1.招聘\n2.到岗"), "1.招聘\n2.到岗");
        assert_eq!(cell("人力资\n源"), "人力资源");
        assert_eq!(cell("增长\n2.5%"), "增长2.5%");
    }

    #[test]
    fn markup_goes_and_comparison_signs_stay() {
        assert_eq!(cell("<b>11-数量指标</b>"), "11-数量指标");
        assert_eq!(cell(r#"<p style="text-align: center;">绩效目标</p>"#), "绩效目标");
        assert_eq!(cell("<p>3. 一。</p> <p>4. 二。</p>"), "3.一。\n4.二。");
        assert_eq!(cell(r"$\geq 10\%$"), "≥10%");
        assert_eq!(cell("$95$%，$x = 1$"), "95%，x=1");
        assert_eq!(cell("<80%"), "<80%");
        assert_eq!(cell("‹1710元>90%"), "‹1710元>90%");
        assert_eq!(cell("&lt;80%"), "<80%");
        assert_eq!(cell(r"展位费\差旅费"), r"展位费\差旅费");
        assert_eq!(paragraph("1、**收入**：指"), "1、收入：指");
    }

    #[test]
    fn amounts_of_dollars_are_no_formulas() {
        for text in [
            "the rate is $130 for one and $200 for two",
            "$100-$200",
            "$45 million to $ others",
            "$$",
            "$D:$E",
            "=$A$1:$A$2,$B$3",
            "=A1>$P$57*12+$F$57+1",
        ] {
            assert_eq!(paragraph(text), text);
        }
        assert_eq!(paragraph(r"单价$5元，$\geq 80\%$"), "单价$5元，≥80%");
    }

    #[test]
    fn a_long_text_of_marks_is_cleaned_in_time() {
        let start = std::time::Instant::now();
        for mark in ["<", "&lt;", "**", "$", "$元", "[bookmark: ", " TC x \\f C", "预 算 ", "<b", "<br>\n", "</p>"] {
            let mut text = Text::from(mark.repeat(1_000_000 / mark.len()).as_str());
            clean(&mut text, Context::Paragraph);
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn word_fields_go() {
        assert_eq!(paragraph(r"1.培训费绩效目标表 TC 1、培训费绩效目标表 \f C \l 1 "), "1.培训费绩效目标表");
        assert_eq!(paragraph(r" TC 总体绩效目标 \f A \l 1 "), "");
        assert_eq!(paragraph("培训费绩效目标表\u{a0}TC\u{a0}1、培训费\u{a0}\\f\u{a0}C \\l\u{a0}1"), "培训费绩效目标表");
        assert_eq!(paragraph("[bookmark: _Toc144]部门预算收支总表"), "部门预算收支总表");
    }

    #[test]
    fn layout_blanks_of_paragraphs_stay() {
        assert_eq!(paragraph("第二部分  预算项目"), "第二部分  预算项目");
        assert_eq!(paragraph("第二部分 预算项目"), "第二部分 预算项目");
        assert_eq!(paragraph("高新区 2021 年部门 预算"), "高新区2021年部门预算");
    }
}
