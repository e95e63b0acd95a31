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
    fn at(&self, range: Range<usize>, rule: &'static str, zh: String, en: String) -> Finding {
        let place = self.text.slice(range).place();
        let finding = Finding::of(rule, place, zh, en);
        match &self.cell {
            Some((block, row, column)) => finding.at_cell(*block, *row, *column),
            None => finding,
        }
    }
}

/// Every text of a filing; what a merged cell prints once counts once.
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
    pieces.retain(|piece| !piece.text.is_blank());
    pieces
}

fn field_text(value: &Value) -> &str {
    match value {
        Value::One(text) => text.as_str(),
        Value::Many(_) => "\u{0}",
    }
}

/// Words around a spot, for messages.
fn around(text: &str, range: &Range<usize>) -> String {
    let before: String = text[..range.start].chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = text[range.end..].chars().take(10).collect();
    format!("{before}{}{after}", &text[range.clone()]).replace(['\n', '\t'], " ")
}

/// The rule: brackets and quotation marks come in pairs.
pub fn brackets(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A reference that stands in every row of a table is reported once for the table.
    let mut seen: BTreeSet<(Option<usize>, String)> = BTreeSet::new();
    let pieces = pieces(context.filing);
    let mut problems: Vec<Vec<(usize, char, &'static str)>> =
        pieces.iter().map(|piece| unbalanced(piece.text.as_str())).collect();
    // A bracket that closes in the next paragraph was cut by a line or a page.
    for index in 1..pieces.len() {
        if pieces[index - 1].cell.is_some() || pieces[index].cell.is_some() {
            continue;
        }
        while let (Some(&(_, opened, _)), Some(&(_, closed, _))) = (problems[index - 1].last(), problems[index].first())
            && matches!((kind(opened), kind(closed)), (Some((one, true)), Some((other, false))) if one == other)
        {
            problems[index - 1].pop();
            problems[index].remove(0);
        }
    }
    for (piece, problems) in pieces.iter().zip(problems) {
        let text = piece.text.as_str();
        let mut by_rule: BTreeMap<&'static str, Vec<(usize, char)>> = BTreeMap::new();
        for (at, ch, rule) in problems {
            by_rule.entry(rule).or_default().push((at, ch));
        }
        for (rule, marks) in by_rule {
            if !seen.insert((piece.cell.as_ref().map(|cell| cell.0), format!("{rule}{text}"))) {
                continue;
            }
            let (at, ch) = marks[0];
            let range = at..at + ch.len_utf8();
            let words = around(text, &range);
            let list = marks.iter().map(|(_, ch)| ch.to_string()).collect::<Vec<_>>().join(" ");
            let (zh, en) = match rule {
                "brackets-width" => (
                    format!("“{words}”中的括号一半全角一半半角"),
                    format!("a bracket in “{words}” is full-width on one side only"),
                ),
                "quotes-unbalanced" => (
                    format!("“{words}”中的引号没有配对：{list}"),
                    format!("a quotation mark in “{words}” has no partner: {list}"),
                ),
                _ => (
                    format!("“{words}”中的括号没有配对：{list}"),
                    format!("a bracket in “{words}” has no partner: {list}"),
                ),
            };
            findings.push(piece.at(range, rule, zh, en));
        }
    }
}

/// Kinds of brackets: full-width and half-width round brackets close each other, and so do the
/// square ones that document numbers are printed with.
fn kind(ch: char) -> Option<(u8, bool)> {
    Some(match ch {
        '（' | '(' => (0, true),
        '）' | ')' => (0, false),
        '【' | '[' | '〔' | '［' => (1, true),
        '】' | ']' | '〕' | '］' => (1, false),
        '{' | '｛' => (2, true),
        '}' | '｝' => (2, false),
        '《' => (3, true),
        '》' => (3, false),
        '“' => (4, true),
        '”' => (4, false),
        '‘' => (5, true),
        '’' => (5, false),
        '「' => (6, true),
        '」' => (6, false),
        _ => return None,
    })
}

fn is_wide(ch: char) -> bool {
    matches!(ch, '（' | '）' | '［' | '］' | '｛' | '｝' | '【' | '】' | '〔' | '〕')
}

/// Marks without a partner, each with its rule.
fn unbalanced(text: &str) -> Vec<(usize, char, &'static str)> {
    let mut open: Vec<(usize, char, u8)> = Vec::new();
    let mut problems = Vec::new();
    let mut straight: Vec<usize> = Vec::new();
    for (at, ch) in text.char_indices() {
        if ch == '"' || ch == '＂' {
            straight.push(at);
            continue;
        }
        let Some((which, opens)) = kind(ch) else { continue };
        let quote = which == 4 || which == 5;
        let rule = if quote { "quotes-unbalanced" } else { "brackets-unbalanced" };
        if opens {
            // Deeper nesting is no text; without a limit it would cost squares.
            if open.len() == 64 {
                open.remove(0);
            }
            open.push((at, ch, which));
            continue;
        }
        if which == 0 && is_list_mark(text, at) {
            continue;
        }
        // ’ is an apostrophe, too.
        if ch == '’' && !open.iter().any(|(_, _, kind)| *kind == 5) {
            continue;
        }
        match open.last() {
            Some(&(from, opened, kind)) if kind == which => {
                open.pop();
                if which == 0 && is_wide(opened) != is_wide(ch) {
                    problems.push((from, opened, "brackets-width"));
                }
            }
            // Another kind is open: if the right one is further out, the inner ones are lone.
            Some(_) if open.iter().any(|(_, _, kind)| *kind == which) => {
                while let Some((from, opened, kind)) = open.pop() {
                    if kind == which {
                        break;
                    }
                    let quote = kind == 4 || kind == 5;
                    problems.push((from, opened, if quote { "quotes-unbalanced" } else { "brackets-unbalanced" }));
                }
            }
            _ => problems.push((at, ch, rule)),
        }
    }
    for (at, ch, which) in open {
        let quote = which == 4 || which == 5;
        problems.push((at, ch, if quote { "quotes-unbalanced" } else { "brackets-unbalanced" }));
    }
    // Inches and minutes aside, straight quotation marks come in pairs.
    if straight.len() % 2 == 1
        && let Some(&at) = straight.last()
        && !text[..at].ends_with(|ch: char| ch.is_ascii_digit())
    {
        problems.push((at, '"', "quotes-unbalanced"));
    }
    problems.sort_by_key(|problem| problem.0);
    problems
}

/// Whether a closing bracket ends the number of a list item: `1）`, `a)`.
fn is_list_mark(text: &str, at: usize) -> bool {
    let number =
        text[..at].trim_end_matches(|ch: char| ch.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(ch));
    let digits = &text[number.len()..at];
    !digits.is_empty()
        && digits.chars().count() <= 2
        && (number.is_empty() || number.ends_with(['。', '；', ';', '\n', '，', '：', ':', ' ', '、']))
}

/// The rule: an item of the prose whose name gives one unit and whose value another:
/// `参加人次（次）：150人`.
pub fn units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static ITEM: OnceLock<Regex> = OnceLock::new();
    let item = ITEM.get_or_init(|| {
        Regex::new(r"[（(](?P<name>人|次|个|%|家|户|项|件|份)[）)][ ]*[:：][ ]*(?:≥|≤|>|<|不低于|不少于)?[ ]*[0-9][0-9,.]*[ ]*(?P<value>人次|人|次|个|%|家|户|项|件|份)")
            .expect("a constant pattern")
    });
    for piece in pieces(context.filing).iter().filter(|piece| piece.cell.is_none()) {
        let text = piece.text.as_str();
        for found in item.captures_iter(text) {
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

/// The rule: punctuation printed twice.
pub fn punctuation(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static DOUBLED: OnceLock<Regex> = OnceLock::new();
    let doubled = DOUBLED.get_or_init(|| {
        Regex::new(r"。[ \u{3000}]*[。，、；：]+|，[ \u{3000}]*[，。、；：]+|、[、，。；：]+|；[；，。、：]+|：[：，。、；]+|？？+|！！+|,,+|;;+|[0-9]--[\u{4e00}-\u{9fff}]")
            .expect("a constant pattern")
    });
    for piece in pieces(context.filing) {
        let text = piece.text.as_str();
        for found in doubled.find_iter(text) {
            let words = around(text, &found.range());
            findings.push(piece.at(
                found.range(),
                "punctuation-doubled",
                format!("“{words}”中的标点重复：{}", found.as_str()),
                format!("punctuation is doubled in “{words}”: {}", found.as_str()),
            ));
        }
    }
}

/// The rule: a word printed twice in a row.
pub fn words(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for piece in pieces(context.filing) {
        let text = piece.text.as_str();
        let mut end = 0;
        for range in doubled_words(text) {
            if range.start < end {
                continue;
            }
            end = range.end;
            let words = around(text, &range);
            findings.push(piece.at(
                range.clone(),
                "word-doubled",
                format!("“{words}”中的“{}”重复", &text[range.clone()]),
                format!("a word is doubled in “{words}”: “{}”", &text[range.clone()]),
            ));
        }
    }
}

/// Ranges of words of two to eight Chinese characters printed twice in a row, also in a list
/// (`规范化、规范化`).
fn doubled_words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Vec<(usize, char)> = Vec::new();
    for (at, ch) in text.char_indices().chain([(text.len(), '\n')]) {
        if is_han(ch) || ch == '、' {
            run.push((at, ch));
        }
        // A very long run goes piece by piece, so that its characters need not all be held.
        if !(is_han(ch) || ch == '、') || run.len() == 4_096 {
            doubled_in_run(&run, &mut found);
            run.clear();
        }
    }
    found
}

fn is_han(ch: char) -> bool {
    matches!(ch, '\u{4e00}'..='\u{9fff}')
}

fn doubled_in_run(run: &[(usize, char)], found: &mut Vec<Range<usize>>) {
    let end = |index: usize| run[index].0 + run[index].1.len_utf8();
    for start in 0..run.len() {
        for length in 2..=8usize {
            for gap in [0usize, 1] {
                let second = start + length + gap;
                if second + length > run.len() {
                    continue;
                }
                let one = &run[start..start + length];
                let other = &run[second..second + length];
                if !one.iter().zip(other).all(|((_, a), (_, b))| a == b && is_han(*a)) {
                    continue;
                }
                if gap == 1 && run[start + length].1 != '、' {
                    continue;
                }
                // In a list the whole items must be equal.
                let item_before = start == 0 || !is_han(run[start - 1].1) || gap == 0;
                let next = run.get(second + length).map(|(_, ch)| *ch);
                let item_after = gap == 0 || next.is_none_or(|ch| !is_han(ch)) || length >= 3;
                if !(item_before && item_after) {
                    continue;
                }
                if gap == 0 && reduplicates(one.iter().map(|(_, ch)| *ch), next) {
                    continue;
                }
                found.push(run[start].0..end(second + length - 1));
            }
        }
    }
}

/// Doubling that is Chinese, not a slip: 人人, 一步一步, 管理管理员, 就业创业创新.
fn reduplicates(word: impl Iterator<Item = char>, next: Option<char>) -> bool {
    let word: Vec<char> = word.collect();
    let same = word.windows(2).all(|pair| pair[0] == pair[1]);
    let numerals = word.iter().all(|ch| "一二三四五六七八九十百千万零〇".contains(*ch));
    let counts = word[0] == '一';
    let verbs: &[&str] = &["研究", "讨论", "商量", "学习", "了解", "考虑", "休息", "交流", "沟通", "业创"];
    let text: String = word.iter().collect();
    same || numerals
        || counts
        || verbs.contains(&text.as_str())
        || (word.len() == 2 && next.is_some_and(|ch| "员者".contains(ch)))
}

#[derive(Deserialize)]
struct WordingFile {
    terms: BTreeMap<String, String>,
    characters: HashMap<char, String>,
}

fn wording() -> &'static WordingFile {
    static WORDING: OnceLock<WordingFile> = OnceLock::new();
    WORDING.get_or_init(|| {
        toml::from_str(include_str!("../../templates/wording.toml")).expect("the list of misprints is tested")
    })
}

/// The rule: misprinted terms, and traditional characters in a text of simplified ones.
pub fn terms(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = wording();
    let pieces = pieces(context.filing);
    // A filing in traditional characters throughout is no slip.
    let traditional = pieces
        .iter()
        .filter(|piece| piece.text.as_str().chars().any(|ch| wording.characters.contains_key(&ch)))
        .count();
    let simplified = traditional * 4 < pieces.len() + 8;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for piece in &pieces {
        let text = piece.text.as_str();
        for (wrong, right) in &wording.terms {
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
            let Some(right) = wording.characters.get(&ch) else { continue };
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
    for piece in pieces(context.filing) {
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
    let date = DATE.get_or_init(|| {
        Regex::new(r"(?:(?P<year>(?:19|20)[0-9]{2})[ \u{3000}]*年[ \u{3000}]*)?(?P<month>[0-9]{1,2})[ \u{3000}]*月[ \u{3000}]*(?P<day>[0-9]{1,2})[ \u{3000}]*[日号]")
            .expect("a constant pattern")
    });
    let month = MONTH.get_or_init(|| {
        Regex::new(r"(?:^|年|，|于|在)(?P<month>1[0-2]|[1-9])底(?:前|之前|完成)").expect("a constant pattern")
    });
    for piece in pieces(context.filing) {
        let text = piece.text.as_str();
        for found in date.captures_iter(text) {
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
        for found in month.captures_iter(text) {
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

    fn problems(text: &str) -> Vec<(char, &'static str)> {
        unbalanced(text).into_iter().map(|(_, ch, rule)| (ch, rule)).collect()
    }

    #[test]
    fn brackets_in_pairs_are_silent() {
        assert!(problems("《云岭县公益林管理办法（试行）》（云林发〔2023〕8号）。1）巡护 2）补助").is_empty());
        assert!(problems("\"应补尽补\"").is_empty());
    }

    #[test]
    fn lone_brackets_and_quotes() {
        assert_eq!(problems("云林费{2023】48号"), [('{', "brackets-unbalanced"), ('】', "brackets-unbalanced")]);
        assert_eq!(problems("“护林”宣传”活动"), [('”', "quotes-unbalanced")]);
        assert_eq!(problems("）95%"), [('）', "brackets-unbalanced")]);
        assert_eq!(problems("办法（试行)"), [('（', "brackets-width")]);
        assert_eq!(problems("按时发放。\""), [('"', "quotes-unbalanced")]);
    }

    #[test]
    fn doubled_words_but_no_reduplication() {
        let doubled = |text: &str| doubled_words(text).first().map(|range| text[range.clone()].to_owned());
        assert_eq!(doubled("提出意见意见和建议").as_deref(), Some("意见意见"));
        assert_eq!(doubled("标准化、规范化、规范化的工作").as_deref(), Some("规范化、规范化"));
        assert_eq!(doubled("一步一步推进，人人人人参与，档案管理管理员"), None);
        assert_eq!(doubled("社会保险、社会救助"), None);
    }

    #[test]
    fn days_of_months() {
        assert_eq!(days(Some(2023), 2), 28);
        assert_eq!(days(Some(2024), 2), 29);
        assert_eq!(days(None, 13), 0);
    }
}
