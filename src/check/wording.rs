//! Wording: brackets and quotation marks, doubled punctuation and words, misprinted terms,
//! left-over placeholders, dates that do not exist.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

use super::Context;
use crate::filing::{Block, Filing, Value};
use crate::finding::Finding;
use crate::text::Text;

/// A text of the filing and where it belongs.
pub struct Piece<'f> {
    /// The text.
    pub text: &'f Text,
    /// Table, row, column id; none for prose.
    pub cell: Option<(usize, Option<usize>, &'f str)>,
}

impl Piece<'_> {
    pub(super) fn at(&self, range: Range<usize>, rule: &'static str, zh: String, en: String) -> Finding {
        let place = self.text.slice(range).place();
        let finding = Finding::of(rule, place, zh, en);
        match &self.cell {
            Some((block, row, column)) => finding.at_cell(*block, *row, *column),
            None => finding,
        }
    }
}

/// Every text of a filing but plain numbers; what a merged cell prints once counts once.
pub fn pieces(filing: &Filing) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (index, block) in filing.blocks.iter().enumerate() {
        match block {
            Block::Heading(heading) => pieces.push(Piece { text: &heading.text, cell: None }),
            Block::Paragraph(text) => pieces.push(Piece { text, cell: None }),
            Block::Table(table) => {
                pieces.push(Piece { text: &table.title, cell: Some((index, None, "title")) });
                for field in &table.fields {
                    // The name stands in the title already.
                    if field.id == "no"
                        || (field.id == "project_name" && table.title.as_str().contains(field_text(&field.value)))
                    {
                        continue;
                    }
                    let cell = |text| Piece { text, cell: Some((index, None, field.id.as_str())) };
                    match &field.value {
                        Value::One(text) => pieces.push(cell(text)),
                        Value::Many(texts) => pieces.extend(texts.iter().map(cell)),
                    }
                }
                for (row, cells) in table.rows.iter().enumerate() {
                    for (column, cell) in cells.cells.iter().enumerate() {
                        if !cell.filled {
                            let id = table.columns.get(column).map_or("", |column| column.id.as_str());
                            pieces.push(Piece { text: &cell.text, cell: Some((index, Some(row), id)) });
                        }
                    }
                }
                pieces.push(Piece { text: &table.note, cell: Some((index, None, "note")) });
            }
        }
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    pieces.retain(|piece| !piece.text.is_blank() && !is_number(piece.text.as_str()));
    pieces
}

fn field_text(value: &Value) -> &str {
    match value {
        Value::One(text) => text.as_str(),
        Value::Many(_) => "\u{0}",
    }
}

/// Words around a spot, for messages.
pub(super) fn around(text: &str, range: &Range<usize>) -> String {
    let before: String = text[..range.start].chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = text[range.end..].chars().take(10).collect();
    format!("{before}{}{after}", &text[range.clone()]).replace(['\n', '\t'], " ")
}

/// The rule: an item of the prose whose name gives one unit and whose value another:
/// `参加人次（次）：150人`.
pub fn units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static ITEM: OnceLock<Regex> = OnceLock::new();
    let item = || {
        ITEM.get_or_init(|| {
        Regex::new(r"[（(](?P<name>人|次|个|%|家|户|项|件|份)[）)][ ]*[:：][ ]*(?:≥|≤|>|<|不低于|不少于)?[ ]*[0-9][0-9,.]*[ ]*(?P<value>人次|人|次|个|%|家|户|项|件|份)")
            .expect("a constant pattern")
    })
    };
    for piece in context.pieces.iter().filter(|piece| piece.cell.is_none()) {
        let text = piece.text.as_str();
        let named = text.split(['）', ')']).skip(1).any(|rest| rest.trim_start_matches(' ').starts_with(['：', ':']));
        for found in named.then(|| item().captures_iter(text)).into_iter().flatten() {
            let (Some(name), Some(value)) = (found.name("name"), found.name("value")) else { continue };
            if value.as_str().contains(name.as_str()) {
                continue;
            }
            let words = around(text, &value.range());
            findings.push(
                piece
                    .at(
                        value.range(),
                        "indicator-unit",
                        format!("“{words}”：名称标明的单位是“{}”，数值的单位是“{}”", name.as_str(), value.as_str()),
                        format!("“{words}”: the name says {}, the value {}", name.as_str(), value.as_str()),
                    )
                    .numbers(value.as_str(), name.as_str()),
            );
        }
    }
}

#[derive(Deserialize)]
struct WordingFile {
    terms: BTreeMap<String, String>,
    characters: HashMap<char, String>,
}

struct Wording {
    file: WordingFile,
    /// Whether a term begins with a character, and whether it is one of the listed characters, by
    /// its number: few are.
    marked: Vec<(bool, bool)>,
}

impl Wording {
    fn marks(&self, ch: char) -> (bool, bool) {
        self.marked.get(ch as usize).copied().unwrap_or_default()
    }

    fn character(&self, ch: char) -> Option<&String> {
        self.marks(ch).1.then(|| self.file.characters.get(&ch)).flatten()
    }

    /// The misprinted terms of a text, each with its first place.
    fn terms(&self, text: &str) -> BTreeMap<&str, usize> {
        let mut found = BTreeMap::new();
        for (at, _) in text.char_indices().filter(|(_, ch)| self.marks(*ch).0) {
            for wrong in self.file.terms.keys().filter(|wrong| text[at..].starts_with(wrong.as_str())) {
                found.entry(wrong.as_str()).or_insert(at);
            }
        }
        found
    }
}

fn wording() -> &'static Wording {
    static WORDING: OnceLock<Wording> = OnceLock::new();
    WORDING.get_or_init(|| {
        let file: WordingFile = crate::templates::read!("wording");
        let first = || file.terms.keys().filter_map(|term| term.chars().next());
        let last = file.characters.keys().copied().chain(first()).max();
        let mut marked = vec![(false, false); last.map_or(0, |last| last as usize + 1)];
        first().for_each(|ch| marked[ch as usize].0 = true);
        file.characters.keys().for_each(|ch| marked[*ch as usize].1 = true);
        Wording { file, marked }
    })
}

/// The rule: misprinted terms, and traditional characters in a text of simplified ones.
pub fn terms(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = wording();
    let pieces = &context.pieces;
    // A filing in traditional characters throughout is no slip.
    let traditional =
        pieces.iter().filter(|piece| piece.text.as_str().chars().any(|ch| wording.character(ch).is_some())).count();
    let simplified = traditional * 4 < pieces.len() + 8;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for piece in pieces {
        let text = piece.text.as_str();
        for (wrong, at) in wording.terms(text) {
            let right = &wording.file.terms[wrong];
            findings.push(
                piece
                    .at(
                        at..at + wrong.len(),
                        "term-misprinted",
                        format!("“{wrong}”应为“{right}”"),
                        format!("“{wrong}” should be “{right}”"),
                    )
                    .numbers(wrong, right.as_str()),
            );
        }
        if !simplified {
            continue;
        }
        for (at, ch) in text.char_indices() {
            let Some(right) = wording.character(ch) else { continue };
            let range = at..at + ch.len_utf8();
            let words = around(text, &range);
            // The same phrase stands in many rows: one finding is enough.
            if seen.insert(words.clone()) {
                findings.push(
                    piece
                        .at(
                            range,
                            "character-traditional",
                            format!("“{words}”中的“{ch}”是繁体字，应为“{right}”"),
                            format!("“{ch}” in “{words}” is a traditional character, here “{right}”"),
                        )
                        .numbers(ch.to_string(), right.as_str()),
                );
            }
        }
    }
}

/// The rule: left-over placeholders of a model text.
pub fn placeholders(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static PLACEHOLDER: OnceLock<Regex> = OnceLock::new();
    let pattern = || {
        PLACEHOLDER.get_or_init(|| {
        Regex::new(r"[XxＸ×✕]{2,}(?:年|月|日|县|市|区|局|部门|单位|项目|万元|元|人|个|%)|(?:[\u{4e00}-\u{9fff}])[XxＸ×]{2,}|_{4,}|＿{3,}|（此处填写[^）]*）|（待定）|待补充|TODO")
            .expect("a constant pattern")
    })
    };
    for piece in &context.pieces {
        if piece.cell.as_ref().is_some_and(|(_, _, column)| *column == "project_code") {
            continue;
        }
        let text = piece.text.as_str();
        if !may_hold_a_place(text) {
            continue;
        }
        let mut all = pattern().find_iter(text);
        let Some(found) = all.next() else { continue };
        let more = all.count();
        let words = around(text, &found.range());
        let (and, and_en) = match more {
            0 => (String::new(), String::new()),
            _ => (format!("等 {} 处", more + 1), format!(" and {more} more")),
        };
        findings.push(piece.at(
            found.range(),
            "placeholder",
            format!("“{words}”中有未填写的占位内容“{}”{and}", found.as_str()),
            format!("“{words}” has a placeholder that was not filled in: “{}”{and_en}", found.as_str()),
        ));
    }
}

/// Whether crosses or lines stand side by side, or a word that asks to be replaced: in few texts.
fn may_hold_a_place(text: &str) -> bool {
    let is_cross = |ch| matches!(ch, 'X' | 'x' | 'Ｘ' | '×' | '✕' | '_' | '＿');
    let (mut last, mut word) = (' ', false);
    let side_by_side = text.chars().any(|ch| {
        word |= matches!(ch, '此' | '待' | 'T');
        is_cross(std::mem::replace(&mut last, ch)) && is_cross(ch)
    });
    side_by_side || (word && ["（此处填写", "（待定）", "待补充", "TODO"].iter().any(|word| text.contains(word)))
}

/// The rule: dates that do not exist, and months without the word 月.
pub fn dates(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for piece in &context.pieces {
        let text = piece.text.as_str();
        for date in dates_in(text).filter(|date| date.day == 0 || date.day > days(date.year, date.month)) {
            let words = &text[date.range.clone()];
            findings.push(piece.at(
                date.range.clone(),
                "date-impossible",
                format!("没有“{words}”这一天"),
                format!("there is no day “{words}”"),
            ));
        }
        for range in months_without_word(text) {
            let words = around(text, &range);
            findings.push(piece.at(
                range,
                "date-month-word",
                format!("“{words}”缺“月”字"),
                format!("“{words}” lacks the word 月"),
            ));
        }
    }
}

/// A day as prose prints it: `2024年2月29日`, `3月 1号`.
struct Date {
    year: Option<u32>,
    month: u32,
    day: u32,
    range: Range<usize>,
}

/// The days that a text names, each found from its 月.
fn dates_in(text: &str) -> impl Iterator<Item = Date> {
    let blanks = [' ', '\u{3000}'];
    text.match_indices('月').filter_map(move |(at, mark)| {
        let before = text[..at].trim_end_matches(blanks);
        let (mut start, month) = digits_before(before, 2)?;
        let after = text[at + mark.len()..].trim_start_matches(blanks);
        let length = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let day = after[..length].parse().ok()?;
        let end = after[length..].trim_start_matches(blanks).strip_prefix(['日', '号'])?;
        let year = before[..start].trim_end_matches(blanks).strip_suffix('年').and_then(|left| {
            let (from, year) = digits_before(left.trim_end_matches(blanks), 4)?;
            start = if (1900..2100).contains(&year) { from } else { return None };
            Some(year)
        });
        Some(Date { year, month, day, range: start..text.len() - end.len() })
    })
}

/// The months that lack their 月 (`于11底前完成`).
fn months_without_word(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('底').filter_map(|(at, mark)| {
        let (start, month) = digits_before(&text[..at], 2)?;
        let begins = start == 0 || text[..start].ends_with(['年', '，', '于', '在']);
        let goes_on = ["前", "之前", "完成"].iter().any(|word| text[at + mark.len()..].starts_with(word));
        let is_month = (1..=12).contains(&month) && !text[start..].starts_with('0');
        (begins && goes_on && is_month).then_some(start..at)
    })
}

/// The number of up to so many digits that a text ends with, and where it begins.
fn digits_before(text: &str, most: usize) -> Option<(usize, u32)> {
    let count = text.bytes().rev().take(most).take_while(u8::is_ascii_digit).count();
    let start = text.len() - count;
    Some((start, text[start..].parse().ok()?))
}

fn days(year: Option<u32>, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => match year {
            Some(year) if !year.is_multiple_of(4) || (year.is_multiple_of(100) && !year.is_multiple_of(400)) => 28,
            _ => 29,
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_prose() {
        let read = |text: &str| -> Vec<String> {
            let print = |date: Date| format!("{:?} {} {} {}", date.year, date.month, date.day, &text[date.range]);
            dates_in(text).map(print).collect()
        };
        assert_eq!(read("截至2024年 2月30日"), ["Some(2024) 2 30 2024年 2月30日"]);
        assert_eq!(read("5月6月7号，12 月\u{3000}1 日前"), ["None 6 7 6月7号", "None 12 1 12 月\u{3000}1 日"]);
        assert_eq!(read("1824年3月1日、2024年123月4日"), ["None 3 1 3月1日", "None 23 4 23月4日"]);
        assert!(read("3月底、月1日、2月份").is_empty());
    }

    #[test]
    fn months_that_lack_their_word() {
        let read = |text: &'static str| months_without_word(text).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(read("于11底前完成，在6底之前，3底完成"), ["11", "6", "3"]);
        assert!(read("12月底前，13底前，年内3底，于05底前，共123底前").is_empty());
    }

    #[test]
    fn days_of_months() {
        assert_eq!(days(Some(2023), 2), 28);
        assert_eq!(days(Some(2024), 2), 29);
        assert_eq!(days(None, 13), 0);
    }
}
