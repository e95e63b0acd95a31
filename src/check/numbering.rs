//! Numbers of sections, items and forms: gaps, repeats, a list that does not begin with one.

use std::collections::BTreeSet;

use super::indicators::project_title;
use super::{Context, sums};
use crate::equation::CellRef;
use crate::filing::{Block, Filing};
use crate::finding::Finding;
use crate::form::label::fold;
use crate::text::Place;

/// Ways of numbering, from the outermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    /// 第一部分
    Part,
    /// 一、
    Section,
    /// （一）
    Bracketed,
}

/// The Chinese or Arabic number at the start of a text.
fn numeral(text: &str) -> Option<(u32, &str)> {
    let end =
        text.char_indices().find(|(_, ch)| !"一二三四五六七八九十".contains(*ch)).map_or(text.len(), |(at, _)| at);
    let value = chinese(&text[..end])?;
    Some((value, &text[end..]))
}

/// 一 to 九十九.
fn chinese(text: &str) -> Option<u32> {
    let digit = |ch: char| "一二三四五六七八九".chars().position(|known| known == ch).map(|at| at as u32 + 1);
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        ['十'] => Some(10),
        ['十', one] => Some(10 + digit(*one)?),
        [ten, '十'] => Some(digit(*ten)? * 10),
        [ten, '十', one] => Some(digit(*ten)? * 10 + digit(*one)?),
        [one] => digit(*one),
        _ => None,
    }
}

fn print_numeral(value: u32) -> String {
    let digit = |value: u32| "零一二三四五六七八九".chars().nth(value as usize).unwrap_or('零');
    match value {
        0..=9 => digit(value).to_string(),
        10 => "十".to_owned(),
        11..=19 => format!("十{}", digit(value - 10)),
        _ if value.is_multiple_of(10) => format!("{}十", digit(value / 10 % 10)),
        _ => format!("{}十{}", digit(value / 10 % 10), digit(value % 10)),
    }
}

/// The number a heading or paragraph begins with.
fn number(text: &str) -> Option<(Style, u32)> {
    let folded = fold(text);
    if let Some(rest) = folded.strip_prefix('第') {
        let (value, rest) = numeral(rest)?;
        return rest.starts_with("部分").then_some((Style::Part, value));
    }
    if let Some(rest) = folded.strip_prefix('(') {
        let (value, rest) = numeral(rest)?;
        return rest.starts_with(')').then_some((Style::Bracketed, value));
    }
    let (value, rest) = numeral(&folded)?;
    rest.starts_with('、').then_some((Style::Section, value))
}

fn show(style: Style, value: u32) -> String {
    let numeral = print_numeral(value);
    match style {
        Style::Part => format!("第{numeral}部分"),
        Style::Section => format!("{numeral}、"),
        Style::Bracketed => format!("（{numeral}）"),
    }
}

/// The rule: numbered sections and items of the prose count on.
pub fn sections(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    // Open lists of each style; a list inside a list of the same style is put on top.
    let mut open: Vec<(Style, u32)> = Vec::new();
    let mut printed_before: BTreeSet<String> = BTreeSet::new();
    // What stands since the last numbered line: a converter may have put 四、 inside a paragraph.
    let mut since = String::new();
    for block in &filing.blocks {
        let Some(text) = block.prose() else { continue };
        if open.len() > 32 {
            open.remove(0);
        }
        let Some((style, value)) = number(text.as_str()) else {
            since.push_str(&fold(text.as_str()));
            continue;
        };
        let before = std::mem::replace(&mut since, fold(text.as_str()));
        // A page that a converter printed twice repeats whole lines.
        let again = !printed_before.insert(fold(text.as_str()));
        // A paragraph of a contents page repeats the headings: dots and page numbers end it.
        if text.as_str().contains('…') || text.as_str().contains("....") {
            continue;
        }
        if let Some(at) = open.iter().rposition(|(known, last)| *known == style && last + 1 == value) {
            open.truncate(at);
            open.push((style, value));
            continue;
        }
        if value == 1 {
            // 第一部分 may stand inside 五、: a list that begins ends no other.
            open.push((style, 1));
            continue;
        }
        let last = open.iter().rposition(|(known, _)| *known == style);
        if again {
            continue;
        }
        let (expected, zh, en) = match last.map(|at| open[at].1) {
            Some(last) if last == value => (last + 1, "重复", "stands twice"),
            Some(last) if last < value && value - last <= 3 => (last + 1, "前面缺少", "comes without"),
            Some(_) => {
                open.push((style, value));
                continue;
            }
            None if value <= 3 => (1, "前面缺少", "comes without"),
            None => {
                open.push((style, value));
                continue;
            }
        };
        let (printed, wanted) = (show(style, value), show(style, expected));
        if value > expected && before.contains(&fold(&show(style, value - 1))) {
            open.push((style, value));
            continue;
        }
        findings.push(
            Finding::of(
                "section-numbering",
                text.place(),
                if zh == "重复" {
                    format!("序号“{printed}”重复，应为“{wanted}”")
                } else {
                    format!("序号“{printed}”{zh}“{wanted}”")
                },
                format!("the number “{printed}” {en} “{wanted}”"),
            )
            .numbers(printed, wanted),
        );
        match last {
            Some(at) => {
                open.truncate(at);
                open.push((style, value));
            }
            None => open.push((style, value)),
        }
    }
}

/// The rule: the forms of a part are numbered 1, 2, 3 …
pub fn forms(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut expected: Option<u32> = None;
    for (index, block) in filing.blocks.iter().enumerate() {
        if let Block::Heading(heading) = block
            && number(heading.text.as_str()).is_some_and(|(style, _)| style == Style::Part)
        {
            expected = None;
        }
        let Block::Table(table) = block else { continue };
        if !table.is_project() {
            continue;
        }
        let Some(text) = table.field_text("no") else { continue };
        let folded = fold(text.as_str());
        let value = folded.parse::<u32>().ok().or_else(|| chinese(&folded));
        let Some(value) = value else { continue };
        let wrong = match expected {
            None => (value != 1 && value <= 3).then_some(1),
            Some(expected) => (value != expected && value != 1).then_some(expected),
        };
        if let Some(wanted) = wrong {
            findings.push(report(filing, index, value, wanted));
        }
        // A restart in the middle of a part is a slip only when nothing separates the two lists.
        if value == 1 && expected.is_some_and(|expected| expected > 2) && !separated(filing, index) {
            findings.push(report(filing, index, value, expected.unwrap_or(1)));
        }
        expected = value.checked_add(1);
    }
}

/// Whether prose stands between a form and the form before it.
fn separated(filing: &Filing, index: usize) -> bool {
    filing.blocks[..index]
        .iter()
        .rev()
        .take_while(|block| !matches!(block, Block::Table(_)))
        .any(|block| block.prose().is_some_and(|text| !text.is_blank()))
}

fn report(filing: &Filing, block: usize, value: u32, wanted: u32) -> Finding {
    let [title, title_en] = project_title(filing, block);
    let mut finding = sums::at(
        filing,
        &CellRef::field(block, "no"),
        "form-numbering",
        format!("{title}序号为 {value}，应为 {wanted}"),
        format!("{title_en}numbered {value}, expected {wanted}"),
    )
    .numbers(value.to_string(), wanted.to_string());
    if finding.place == Place::Nowhere {
        finding.place = filing.blocks[block].place();
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headings() {
        assert_eq!(number("十二、其他"), Some((Style::Section, 12)));
        assert_eq!(number("（三）工作保障措施"), Some((Style::Bracketed, 3)));
        assert_eq!(number("第二部分  预算项目绩效目标"), Some((Style::Part, 2)));
        assert_eq!(number("一体化平台"), None);
        assert_eq!(print_numeral(21), "二十一");
    }
}
