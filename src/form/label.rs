//! Labels and patterns: comparing printed text with what a form says is printed there.
//!
//! Folding drops blanks and makes full-width marks half-width; then every printed spelling of a
//! label seen in real filings is equal, and no fuzzy distance is needed.

use std::ops::{Range, RangeInclusive};

use crate::filing::amount;
use crate::text::{is_blank, is_chinese};

/// A folded text with the byte range each folded character came from.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    chars: Vec<char>,
    from: Vec<Range<u32>>,
}

/// Folds one character: `None` when it is dropped.
fn fold_char(ch: char) -> Option<char> {
    // Most of all text; nothing below folds them.
    if matches!(ch, '\u{3400}'..='\u{9fff}') {
        return Some(ch);
    }
    if is_blank(ch) || ch == '*' {
        return None;
    }
    Some(match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xff01 + 0x21).unwrap_or(ch),
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '〔' | '【' => '[',
        '〕' | '】' => ']',
        '‐' | '‑' | '–' | '—' | '―' => '-',
        other => other,
    })
}

impl Folded {
    /// Whether it has a digit.
    pub(crate) fn has_digit(&self) -> bool {
        self.chars.iter().any(char::is_ascii_digit)
    }

    /// Folds a text.
    pub fn new(text: &str) -> Folded {
        let count = text.chars().count();
        let mut folded = Folded { chars: Vec::with_capacity(count), from: Vec::with_capacity(count) };
        for (index, ch) in text.char_indices() {
            if let Some(ch_folded) = fold_char(ch) {
                folded.chars.push(ch_folded);
                folded.from.push(index as u32..(index + ch.len_utf8()) as u32);
            }
        }
        folded
    }

    fn range(&self, chars: Range<usize>) -> Range<usize> {
        if chars.is_empty() {
            return 0..0;
        }
        self.from[chars.start].start as usize..self.from[chars.end - 1].end as usize
    }
}

/// The folded form of a text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    folded.extend(text.chars().filter_map(fold_char));
    folded
}

/// The folded form of a label; a colon at its end is no part of it.
pub fn fold_label(text: &str) -> String {
    let mut folded = fold(text);
    while folded.ends_with(':') {
        folded.pop();
    }
    folded
}

/// A printed label or line, with slots for what varies: `单位：{unit}`, `{no}{sep}{project_name}绩效目标表`.
///
/// `*` stands for any characters, also none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    printed: String,
    key: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Vec<char>),
    Slot(String, Class),
    Any,
}

/// What a slot may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Running number, Arabic or Chinese.
    Number,
    /// Separator after a number.
    Separator,
    /// Four digits.
    Year,
    /// Digits, possibly none.
    Code,
    /// 元, 万元, 亿元, …
    Unit,
    /// Anything but nothing.
    Anything,
}

impl Class {
    fn of(name: &str) -> Class {
        match name {
            "no" => Class::Number,
            "sep" => Class::Separator,
            "fiscal_year" | "form_year" | "year" => Class::Year,
            "department_code" | "unit_code" => Class::Code,
            "unit" => Class::Unit,
            _ => Class::Anything,
        }
    }

    /// Lengths a slot may take at the start of `rest`, and whether the longest is preferred.
    fn lengths(self, rest: &[char]) -> (RangeInclusive<usize>, bool) {
        let run = |accept: fn(char) -> bool| rest.iter().take_while(|ch| accept(**ch)).count();
        match self {
            Class::Number => {
                let arabic = run(|ch| ch.is_ascii_digit()).min(3);
                let chinese = run(|ch| "一二三四五六七八九十百〇零".contains(ch));
                (1..=arabic.max(chinese), true)
            }
            Class::Separator => (1..=run(|ch| "、.:)-".contains(ch)), true),
            Class::Year => (4..=run(|ch| ch.is_ascii_digit()).min(4), true),
            Class::Code => (0..=run(|ch| ch.is_ascii_digit()), true),
            Class::Unit => match rest {
                ['亿' | '万' | '千' | '百', '元', ..] => (2..=2, true),
                ['元', ..] => (1..=1, true),
                _ => (RangeInclusive::new(1, 0), true),
            },
            Class::Anything => (1..=rest.len(), false),
        }
    }
}

/// What a slot of a pattern matched: its name and the byte range in the text.
pub type Capture = (String, Range<usize>);

impl Pattern {
    /// Parses a pattern as it stands in a form file.
    pub fn new(printed: &str) -> Pattern {
        let mut segments = Vec::new();
        let mut literal = String::with_capacity(printed.len());
        let mut rest = printed;
        let flush = |literal: &mut String, segments: &mut Vec<Segment>| {
            let mut folded: Vec<char> = Vec::with_capacity(literal.chars().count());
            folded.extend(literal.chars().filter_map(fold_char));
            if !folded.is_empty() {
                segments.push(Segment::Literal(folded));
            }
            literal.clear();
        };
        while let Some(ch) = rest.chars().next() {
            if ch == '{'
                && let Some(end) = rest.find('}')
            {
                flush(&mut literal, &mut segments);
                let name = &rest[1..end];
                segments.push(Segment::Slot(name.to_owned(), Class::of(name)));
                rest = &rest[end + 1..];
                continue;
            }
            if ch == '*' {
                flush(&mut literal, &mut segments);
                segments.push(Segment::Any);
            } else {
                literal.push(ch);
            }
            rest = &rest[ch.len_utf8()..];
        }
        flush(&mut literal, &mut segments);
        Pattern { printed: printed.to_owned(), key: fold_label(printed), segments }
    }

    /// The pattern as written in the form file.
    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// Its folded text, as [`fold_label`] gives it for a label that matches; `None` with slots or `*`.
    pub fn key(&self) -> Option<&str> {
        matches!(self.segments.as_slice(), [Segment::Literal(_)]).then_some(self.key.as_str())
    }

    /// Names of its slots.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Slot(name, _) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it prints nothing.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether it is one slot and nothing else.
    pub fn lone_slot(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [Segment::Slot(name, _)] => Some(name),
            _ => None,
        }
    }

    /// Whether the whole text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.captures(text).is_some()
    }

    /// Whether a folded text matches as a whole.
    pub fn matches_folded(&self, folded: &Folded) -> bool {
        find(&self.segments, &folded.chars, 0, &mut Vec::new()).is_some()
    }

    /// Matches the whole text; the captures' byte ranges are in `text`.
    pub fn captures(&self, text: &str) -> Option<Vec<Capture>> {
        self.captures_folded(&Folded::new(text))
    }

    /// Whether a folded text is the pattern with nothing in its slots, as an empty form prints it:
    /// `单位：`.
    pub(crate) fn is_unfilled(&self, folded: &Folded) -> bool {
        let mut rest = folded.chars.as_slice();
        let (mut slots, mut words) = (false, false);
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => {
                    let Some(after) = rest.strip_prefix(literal.as_slice()) else { return false };
                    rest = after;
                    words |= literal.iter().copied().any(is_chinese);
                }
                Segment::Slot(..) => slots = true,
                Segment::Any => return false,
            }
        }
        slots && words && rest.is_empty()
    }

    /// As [`Pattern::captures`], of a text folded once for many patterns.
    pub fn captures_folded(&self, folded: &Folded) -> Option<Vec<Capture>> {
        let mut spans = Vec::new();
        find(&self.segments, &folded.chars, 0, &mut spans)?;
        Some(spans.into_iter().map(|(name, chars)| (name.to_owned(), folded.range(chars))).collect())
    }

    /// Whether a folded text may match, or be the pattern with nothing filled in: it begins as the
    /// pattern does.
    pub(crate) fn begins_like(&self, folded: &Folded) -> bool {
        match self.segments.first() {
            Some(Segment::Literal(literal)) => folded.chars.first() == literal.first(),
            _ => true,
        }
    }

    /// Whether a folded text may match: it begins and ends as the pattern does.
    pub fn may_match(&self, folded: &str) -> bool {
        let begins = match self.segments.first() {
            Some(Segment::Literal(literal)) => folded.chars().take(literal.len()).eq(literal.iter().copied()),
            Some(Segment::Slot(_, Class::Year)) => folded.starts_with(|ch: char| ch.is_ascii_digit()),
            _ => true,
        };
        let ends = || match self.segments.last() {
            Some(Segment::Literal(literal)) => {
                folded.chars().rev().take(literal.len()).eq(literal.iter().rev().copied())
            }
            _ => true,
        };
        begins && ends()
    }

    /// Whether nothing but digits can stand in the slots whose names say that they are codes.
    pub(crate) fn codes_are_digits(&self) -> bool {
        self.segments.iter().all(|segment| match segment {
            Segment::Slot(name, class) => !name.ends_with("_code") || *class == Class::Code,
            _ => true,
        })
    }

    /// The pattern with its slots filled by `value`; an unknown slot prints nothing.
    pub fn fill(&self, mut value: impl FnMut(&str) -> Option<String>) -> String {
        let mut out = String::new();
        let mut rest = self.printed.as_str();
        while let Some(start) = rest.find('{') {
            let Some(length) = rest[start..].find('}') else { break };
            out.push_str(&rest[..start]);
            if let Some(text) = value(&rest[start + 1..start + length]) {
                out.push_str(&text);
            }
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        out.replace('*', "")
    }
}

type CharSpans<'p> = Vec<(&'p str, Range<usize>)>;

/// Backtracking match of all segments against all characters from `at` on.
fn find<'p>(segments: &'p [Segment], chars: &[char], at: usize, spans: &mut CharSpans<'p>) -> Option<()> {
    let Some((first, rest)) = segments.split_first() else {
        return (at == chars.len()).then_some(());
    };
    match first {
        Segment::Literal(literal) => {
            if !chars[at..].starts_with(literal) {
                return None;
            }
            find(rest, chars, at + literal.len(), spans)
        }
        Segment::Any => (at..=chars.len()).find_map(|next| find(rest, chars, next, spans)),
        Segment::Slot(name, class) => {
            // The last slot that takes anything takes all that is left.
            if rest.is_empty() && *class == Class::Anything {
                if at == chars.len() {
                    return None;
                }
                spans.push((name, at..chars.len()));
                return Some(());
            }
            let (lengths, longest_first) = class.lengths(&chars[at..]);
            let (least, most) = (*lengths.start(), *lengths.end());
            for length in lengths {
                let length = if longest_first { least + most - length } else { length };
                spans.push((name, at..at + length));
                if find(rest, chars, at + length, spans).is_some() {
                    return Some(());
                }
                spans.pop();
            }
            None
        }
    }
}

/// Whether the printed label of a row is one of the patterns, with or without what numbers it.
pub fn names_row(text: &str, patterns: &[Pattern]) -> bool {
    let folded = fold_label(text);
    let texts = [folded.as_str(), without_ordinal(&folded)];
    patterns.iter().any(|pattern| texts.iter().any(|text| pattern.may_match(text) && pattern.is_match(text)))
}

/// The label without what numbers it and the unit behind it (`1.基本支出（万元）`); `None` where it has neither.
pub fn bare_label(folded: &str) -> Option<&str> {
    let bare = without_unit(folded).map_or(folded, |(label, _)| label);
    let bare = without_ordinal(bare);
    (bare.len() < folded.len() && !bare.is_empty()).then_some(bare)
}

/// A folded label and the money unit in brackets behind it: `合计(万元)`.
pub fn without_unit(folded: &str) -> Option<(&str, &str)> {
    let (label, unit) = folded.strip_suffix(')')?.rsplit_once('(')?;
    amount::yuan_in(unit).is_some().then_some((label, unit))
}

/// Removes what numbers or introduces a line of a form: `一、`, `1、`, `（一）`, `其中：`.
pub fn without_ordinal(folded: &str) -> &str {
    let numeral = |ch: char| ch.is_ascii_digit() || "一二三四五六七八九十百".contains(ch);
    let mut text = folded;
    if let Some(rest) = text.strip_prefix(['(', '（'])
        && let Some((number, after)) = rest.split_once([')', '）'])
        && !number.is_empty()
        && number.chars().all(numeral)
    {
        text = after;
    } else {
        let rest = text.trim_start_matches(numeral);
        if rest.len() < text.len()
            && let Some(after) = rest.strip_prefix(['、', '.', '．'])
        {
            text = after;
        }
    }
    text.strip_prefix("其中:").or_else(|| text.strip_prefix("其中：")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, text: &str) -> Option<Vec<(String, String)>> {
        Pattern::new(pattern)
            .captures(text)
            .map(|spans| spans.into_iter().map(|(name, range)| (name, text[range].to_owned())).collect())
    }

    #[test]
    fn labels_without_their_number_and_unit() {
        let bare = |label: &str| bare_label(&fold(label)).map(str::to_owned);
        assert_eq!(bare("1.基本支出（万元）").as_deref(), Some("基本支出"));
        assert_eq!(bare("其中：基本支出").as_deref(), Some("基本支出"));
        for whole in ["基本支出", "房屋（平方米）", "（万元）"] {
            assert_eq!(bare(whole), None, "{whole}");
        }
    }

    #[test]
    fn number_then_a_name_that_starts_with_digits() {
        let spans = captured("{no}{sep}{project_name}绩效目标表", "10.2021年租车费绩效目标表").expect("matches");
        assert_eq!(spans[0].1, "10");
        assert_eq!(spans[2].1, "2021年租车费");
        let spans = captured("{no}{sep}{project_name}绩效目标表", "20.12333宣传绩效目标表").expect("matches");
        assert_eq!((spans[0].1.as_str(), spans[2].1.as_str()), ("20", "12333宣传"));
    }

    #[test]
    fn blanks_and_widths_do_not_matter() {
        assert!(Pattern::new("资金支出计划（%）").is_match("资金支出计划 (%)"));
        assert!(Pattern::new("科目编码").is_match("科目    编码"));
        assert_eq!(captured("单位：{unit}", "单位: 万 元").map(|spans| spans[0].1.clone()).as_deref(), Some("万 元"));
    }

    #[test]
    fn nothing_in_the_slots() {
        let unfilled = |pattern, text| Pattern::new(pattern).is_unfilled(&Folded::new(text));
        assert!(unfilled("单位：{unit}", "单位:"));
        assert!(unfilled("（{form_year}年度）", "（　　年度）"));
        assert!(unfilled("编制部门：{department_code}{department}", "编制部门："));
        assert!(!unfilled("编制部门：{department_code}{department}", "编制部门"));
        assert!(!unfilled("单位：{unit}", "单位：元"));
        assert!(!unfilled("{department_code}{department}", ""));
        assert!(!unfilled("合计", "合计"));
        assert!(!unfilled("*{year}年", "年"));
    }

    #[test]
    fn glued_code_and_name() {
        let spans = captured("{unit_code}{unit_name}", "323001某县人社局本级").expect("matches");
        assert_eq!((spans[0].1.as_str(), spans[1].1.as_str()), ("323001", "某县人社局本级"));
    }

    #[test]
    fn ordinals_go() {
        assert_eq!(without_ordinal("二十一、粮油物资储备支出"), "粮油物资储备支出");
        assert_eq!(without_ordinal("1、房屋"), "房屋");
        assert_eq!(without_ordinal("(一)房屋"), "房屋");
        assert_eq!(without_ordinal("（一）房屋（平方米）"), "房屋（平方米）");
        assert_eq!(without_ordinal("其中:办公用房"), "办公用房");
        assert_eq!(without_ordinal("其中：办公用房"), "办公用房");
        assert_eq!(without_ordinal("12333宣传"), "12333宣传");
    }
}
