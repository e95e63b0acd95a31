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
    /// Any of the terms: few texts have one.
    terms: Regex,
    /// Whether a character of the first planes is one of the list, by its number.
    listed: Vec<bool>,
}

impl Wording {
    fn character(&self, ch: char) -> Option<&String> {
        self.listed.get(ch as usize).filter(|listed| **listed)?;
        self.file.characters.get(&ch)
    }
}

fn wording() -> &'static Wording {
    static WORDING: OnceLock<Wording> = OnceLock::new();
    WORDING.get_or_init(|| {
        let file: WordingFile = crate::templates::read!("wording");
        let terms = file.terms.keys().map(|term| regex::escape(term)).collect::<Vec<_>>().join("|");
        let mut listed = vec![false; file.characters.keys().max().map_or(0, |last| *last as usize + 1)];
        file.characters.keys().for_each(|ch| listed[*ch as usize] = true);
        Wording { file, terms: Regex::new(&terms).expect("a list of words"), listed }
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
        let terms = wording.terms.is_match(text).then_some(&wording.file.terms);
        for (wrong, right) in terms.into_iter().flatten() {
            if let Some(at) = text.find(wrong.as_str()) {
                findings.push(
                    piece
                        .at(
                            at..at + wrong.len(),
                            "term-misprinted",
                            format!("“{wrong}”应为“{right}”"),
                            format!("“{wrong}” should be “{right}”"),
                        )
                        .numbers(wrong.as_str(), right.as_str()),
                );
            }
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
    let pattern = PLACEHOLDER.get_or_init(|| {
        Regex::new(r"[XxＸ×✕]{2,}(?:年|月|日|县|市|区|局|部门|单位|项目|万元|元|人|个|%)|(?:[\u{4e00}-\u{9fff}])[XxＸ×]{2,}|_{4,}|＿{3,}|（此处填写[^）]*）|（待定）|待补充|TODO")
            .expect("a constant pattern")
    });
    for piece in &context.pieces {
        if piece.cell.as_ref().is_some_and(|(_, _, column)| *column == "project_code") {
            continue;
        }
        let text = piece.text.as_str();
        let mut all = pattern.find_iter(text);
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

/// The rule: dates that do not exist, and months without the word 月.
pub fn dates(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static DATE: OnceLock<Regex> = OnceLock::new();
    static MONTH: OnceLock<Regex> = OnceLock::new();
    let date = || {
        DATE.get_or_init(|| {
        Regex::new(r"(?:(?P<year>(?:19|20)[0-9]{2})[ \u{3000}]*年[ \u{3000}]*)?(?P<month>[0-9]{1,2})[ \u{3000}]*月[ \u{3000}]*(?P<day>[0-9]{1,2})[ \u{3000}]*[日号]")
            .expect("a constant pattern")
    })
    };
    let month = || {
        MONTH.get_or_init(|| {
            Regex::new(r"(?:^|年|，|于|在)(?P<month>1[0-2]|[1-9])底(?:前|之前|完成)").expect("a constant pattern")
        })
    };
    for piece in &context.pieces {
        let text = piece.text.as_str();
        let dated = text.contains('月') && text.contains(['日', '号']);
        for found in dated.then(|| date().captures_iter(text)).into_iter().flatten() {
            let number = |name: &str| found.name(name).and_then(|number| number.as_str().parse::<u32>().ok());
            let (Some(month), Some(day)) = (number("month"), number("day")) else { continue };
            if day == 0 || day > days(number("year"), month) {
                let whole = found.get(0).map(|found| found.range()).unwrap_or_default();
                let words = text[whole.clone()].to_owned();
                findings.push(piece.at(
                    whole,
                    "date-impossible",
                    format!("没有“{words}”这一天"),
                    format!("there is no day “{words}”"),
                ));
            }
        }
        let month_end = text.contains('底') && ["底前", "底之前", "底完成"].iter().any(|end| text.contains(end));
        for found in month_end.then(|| month().captures_iter(text)).into_iter().flatten() {
            let Some(range) = found.name("month").map(|month| month.range()) else { continue };
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
    fn days_of_months() {
        assert_eq!(days(Some(2023), 2), 28);
        assert_eq!(days(Some(2024), 2), 29);
        assert_eq!(days(None, 13), 0);
    }
}
