//! Findings on a terminal: one sentence, the place, the source line with the spot underlined.
//! Chinese characters are two columns wide.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Checked, Report, at_line};
use crate::finding::{Finding, Lang, Severity};
use crate::source::Source;
use crate::text::Place;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Language of the messages.
    pub lang: Lang,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 100, lang: Lang::default() }
    }
}

/// All findings of one input, one after the other, without a summary.
pub fn text(checked: &Checked<'_>, style: Style) -> String {
    let mut out = String::new();
    for finding in checked.findings {
        push_finding(&mut out, checked, finding, style);
    }
    out
}

fn push_finding(out: &mut String, checked: &Checked<'_>, finding: &Finding, style: Style) {
    let paint = |text: &str, code: &str| {
        if style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let color = match finding.severity {
        Severity::Error => "1;31",
        Severity::Inconsistency => "1;35",
        Severity::Warning => "1;33",
        Severity::Note => "1;36",
    };
    let place =
        checked.source.locate(finding.place).map_or_else(String::new, |at| format!(":{}", clean(&at_line(&at))));
    let _ = writeln!(
        out,
        "{}{place}: {}[{}]",
        clean(checked.path),
        paint(finding.severity.label(style.lang), color),
        finding.rule
    );
    for line in wrap(&clean(finding.message(style.lang)), style.width.saturating_sub(2).max(20)) {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(excerpt) = excerpt(checked, finding, style.width) {
        let number = excerpt.number;
        let blank = " ".repeat(number.len());
        let _ = writeln!(out, "  {number} {} {}", paint("│", "34"), excerpt.line);
        if excerpt.width > 0 {
            let mark = format!("{}{}", " ".repeat(excerpt.before), "^".repeat(excerpt.width));
            let _ = writeln!(out, "  {blank} {} {}", paint("│", "34"), paint(&mark, color));
        }
    }
    out.push('\n');
}

struct Excerpt {
    /// Line number or nothing.
    number: String,
    /// The source line, cut to the terminal.
    line: String,
    /// Columns before the mark.
    before: usize,
    /// Columns of the mark.
    width: usize,
}

/// The source line of a finding with the spot it is about.
fn excerpt(checked: &Checked<'_>, finding: &Finding, width: usize) -> Option<Excerpt> {
    if let Place::Text(offset) = finding.place {
        return text_excerpt(checked.source, offset as usize, finding, width);
    }
    let cell = finding.table.and_then(|block| {
        let table = checked.filing.table(block)?;
        let row = table.rows.get(finding.row?)?;
        let cells: Vec<&str> =
            row.cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
        Some(cells.join(" | "))
    });
    let shown = cell.or_else(|| checked.title(finding).map(str::to_owned))?;
    (!shown.is_empty()).then(|| Excerpt {
        number: String::new(),
        line: cut(&clean(&shown), width.saturating_sub(6)),
        before: 0,
        width: 0,
    })
}

fn text_excerpt(source: &Source, offset: usize, finding: &Finding, width: usize) -> Option<Excerpt> {
    let text = source.text.as_str();
    if offset > text.len() || !text.is_char_boundary(offset) {
        return None;
    }
    let (number, _) = source.line_column(offset);
    let number = number.to_string();
    let room = width.saturating_sub(number.len() + 6).max(30);
    // No more of a line is looked at than can be shown: a text may be one line with findings all along.
    let near = 8 * room;
    let from = text[..offset].char_indices().rev().nth(near).map_or(0, |(at, _)| at);
    let to = text[offset..].char_indices().nth(near).map_or(text.len(), |(at, _)| offset + at);
    let start = text[from..offset].rfind(['\n', '\r']).map_or(from, |at| from + at + 1);
    let end = text[offset..to].find(['\n', '\r']).map_or(to, |at| offset + at);
    let rest = &text[offset..end];
    let mark_text = finding.stated.as_deref().filter(|stated| rest.starts_with(*stated)).unwrap_or_else(|| {
        // Without a number: the word up to the next mark or tab, at least one character.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let stop = rest.find(['\t', '。', '；', '，', '|', ' ']).unwrap_or(rest.len()).max(first.min(rest.len()));
        &rest[..stop]
    });
    let mark = clean(mark_text).width().min(room / 2);
    // Keep some of the line before the spot, more when the line is short enough to show whole.
    let before_text = clean(&text[start..offset]);
    let allowed = room.saturating_sub(mark + 10).min(room * 2 / 3);
    let before = cut_left(&before_text, allowed);
    let after = cut(&clean(rest), room.saturating_sub(before.width()));
    Some(Excerpt { number, before: before.width(), width: mark.max(1), line: format!("{before}{after}") })
}

/// One printable line: tabs and control characters become blanks, so that no source can steer the
/// terminal.
fn clean(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() || is_invisible(ch) { ' ' } else { ch }).collect()
}

/// Direction marks and their like, which reorder what a terminal shows.
fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn width_of(ch: char) -> usize {
    ch.width().unwrap_or(0)
}

/// The beginning of a text that fits `columns`, with `…` where something was cut.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for ch in text.chars() {
        used += width_of(ch);
        if used > columns {
            break;
        }
        out.push(ch);
    }
    out.push('…');
    out
}

/// The end of a text that fits `columns`.
fn cut_left(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 1;
    for ch in text.chars().rev() {
        used += width_of(ch);
        if used > columns {
            break;
        }
        kept.push(ch);
    }
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// Breaks a text into lines of at most `columns`; Chinese breaks anywhere, Latin words stay whole
/// where they fit.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for token in tokens(text) {
        let width = token.width();
        if used + width > columns && used > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
            if token == " " {
                continue;
            }
        }
        for ch in token.chars() {
            if used + width_of(ch) > columns && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(ch);
            used += width_of(ch);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Runs of half-width characters between blanks, every wide character alone.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for (index, ch) in text.char_indices() {
        if ch == ' ' || width_of(ch) > 1 {
            if start < index {
                tokens.push(&text[start..index]);
            }
            tokens.push(&text[index..index + ch.len_utf8()]);
            start = index + ch.len_utf8();
        }
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

/// The closing lines: counts by severity, and over several inputs a table by input and code.
pub fn summary(all: &[Report], style: Style) -> String {
    let mut out = String::new();
    if all.len() > 1 {
        push_table(&mut out, all, style);
    }
    let count = |severity| all.iter().map(|report| report.count(severity)).sum::<usize>();
    let (errors, contradictions, warnings, notes) =
        (count(Severity::Error), count(Severity::Inconsistency), count(Severity::Warning), count(Severity::Note));
    let files = all.len();
    let _ = match style.lang {
        Lang::Zh => writeln!(
            out,
            "共检查 {files} 份：错误 {errors} 处，矛盾 {contradictions} 处，存疑 {warnings} 处，说明 {notes} 处。"
        ),
        Lang::En => writeln!(
            out,
            "{files} checked: {errors} errors, {contradictions} inconsistencies, {warnings} warnings, {notes} notes."
        ),
    };
    out
}

fn push_table(out: &mut String, all: &[Report], style: Style) {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (index, report) in all.iter().enumerate() {
        for located in &report.findings {
            *counts.entry((index, located.finding.rule)).or_default() += 1;
        }
    }
    let (file_head, rule_head, count_head) = match style.lang {
        Lang::Zh => ("文件", "规则", "处数"),
        Lang::En => ("file", "rule", "count"),
    };
    let widest = |texts: &mut dyn Iterator<Item = usize>, head: &str| texts.max().unwrap_or(0).max(head.width());
    let files = widest(&mut all.iter().map(|report| clean(&report.path).width()), file_head);
    let rules = widest(&mut counts.keys().map(|(_, rule)| rule.width()), rule_head);
    let mut row = |file: &str, rule: &str, count: &str| {
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
        let _ = writeln!(out, "{file}{}  {rule}{}  {count}", pad(file, files), pad(rule, rules));
    };
    row(file_head, rule_head, count_head);
    let mut last = usize::MAX;
    for ((index, rule), count) in &counts {
        let file = if *index == last { String::new() } else { clean(&all[*index].path) };
        last = *index;
        row(&file, rule, &count.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_wraps_by_columns_not_characters() {
        assert_eq!(wrap("预算收入总计与表不符", 8), ["预算收入", "总计与表", "不符"]);
        assert_eq!(wrap("stated 198.00 computed", 13), ["stated 198.00", "computed"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_spot() {
        assert_eq!(cut("预算收入总计", 7), "预算收…");
        assert_eq!(cut_left("预算收入总计", 7), "…入总计");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[31m\tb\u{202e}"), "a [31m b ");
    }
}
