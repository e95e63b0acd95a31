//! The department's name, documents cited under two names or numbers, empty tables and their
//! notes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use regex_lite::Regex;

use super::{Context, sums};
use crate::figures::{Meaning, Role};
use crate::filing::{Block, Filing};
use crate::finding::Finding;
use crate::form::department;
use crate::form::label::fold;

/// What stands before a department's name, or after it.
const BEFORE: &str = "现将";
const AFTER: [&str; 4] = ["单位的收支", "（含所属单位）", "安排政府采购预算", "“三公”经费预算"];

/// The words around such a mark that a pattern looks for a name in, in bytes: a name has up to 30
/// characters.
const REACH: usize = 300;

/// The rule: the department the prose speaks of is the one that files.
pub fn department(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = || {
        PATTERN.get_or_init(|| {
        Regex::new(
            r"^现将(?P<a>[\u{4e00}-\u{9fff}]{4,30}?)(?:（[^）]*）)?[ ]*(?:20[0-9]{2})?[ ]*年?[ ]*部门预算|(?:^|[。，；])(?P<b>[\u{4e00}-\u{9fff}]{4,30}?)(?:机关)?及所属(?:事业)?单位的收支|(?:^|[。，；])(?P<c>[\u{4e00}-\u{9fff}]{4,30}?)(?:（含所属单位）|安排政府采购预算|“三公”经费预算)",
        )
        .expect("a constant pattern")
    })
    };
    let filing = context.filing;
    let own = fold(&filing.department.name);
    if own.is_empty() {
        return;
    }
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for block in &filing.blocks {
        let Some(text) = block.prose() else { continue };
        for words in named(text.as_str()) {
            let found = pattern().captures(&text.as_str()[words.clone()]);
            let name = found.as_ref().and_then(|found| ["a", "b", "c"].iter().find_map(|group| found.name(group)));
            let Some(name) = name else { continue };
            let printed = fold(name.as_str());
            let generic = ["我", "本", "部门", "各", "全", "单位"].iter().any(|word| printed.starts_with(word));
            let office = department::ends_like_one(&printed);
            if printed == own || generic || !office || !seen.insert(printed.clone()) {
                continue;
            }
            let (rule, zh, en) = if abbreviates(&printed, &own) || abbreviates(&own, &printed) {
                ("department-name-short", "写法不一", "is written otherwise than")
            } else {
                ("department-name", "不是同一部门", "is not")
            };
            findings.push(
                Finding::of(
                    rule,
                    text.slice(words.start + name.start()..words.start + name.end()).place(),
                    format!("文字中的部门名称“{printed}”与“{own}”{zh}"),
                    format!("the department in the text, “{printed}”, {en} “{own}”"),
                )
                .numbers(printed.as_str(), own.as_str()),
            );
        }
    }
}

/// Whether all characters of a name stand in another in order.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|ch| rest.any(|other| other == ch))
}

/// The stretches of a text that may name the department: each from the mark before the name on, or
/// from the last stop before it to the mark after it.
fn named(text: &str) -> impl Iterator<Item = Range<usize>> {
    let before = text.match_indices(BEFORE).map(|(at, _)| at..text.floor_char_boundary(at + REACH));
    let after = AFTER.iter().flat_map(move |mark| text.match_indices(mark)).filter_map(move |(at, mark)| {
        let left = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
        let reached = at - left.len();
        match left.rfind(['。', '，', '；']) {
            Some(stop) => Some(reached + stop..at + mark.len()),
            None => (reached == 0).then_some(0..at + mark.len()),
        }
    });
    before.chain(after)
}

/// A document cited by its number: `财行〔2023〕8号`.
struct DocumentNumber<'t> {
    issuer: &'t str,
    open: char,
    year: &'t str,
    number: &'t str,
    range: Range<usize>,
}

/// The document numbers of a text, each read backwards from its 号: the issuer is the two to eight
/// characters before the bracket.
fn document_numbers(text: &str) -> impl Iterator<Item = DocumentNumber<'_>> {
    let mut last = 0;
    text.match_indices('号').filter_map(move |(at, mark)| {
        let (rest, number) = digits_at_end(text[last..at].trim_end_matches(' '), 1..=4)?;
        let rest = rest.trim_end_matches(' ').strip_suffix(['〕', ']', '】', '）', ')', '］', '}', '｝'])?;
        let (rest, year) = digits_at_end(rest.trim_end_matches(' '), 4..=4)?;
        let rest = rest.trim_end_matches(' ');
        let open = rest.chars().next_back().filter(|ch| "〔[【（(［{｛".contains(*ch))?;
        let rest = rest[..rest.len() - open.len_utf8()].trim_end_matches(' ');
        let is_chinese = |ch: &char| ('\u{4e00}'..='\u{9fff}').contains(ch);
        let length: usize = rest.chars().rev().take(8).take_while(is_chinese).map(char::len_utf8).sum();
        let start = last + rest.len() - length;
        if !(year.starts_with("19") || year.starts_with("20")) || length < 2 * '号'.len_utf8() {
            return None;
        }
        last = at + mark.len();
        Some(DocumentNumber { issuer: &rest[rest.len() - length..], open, year, number, range: start..last })
    })
}

/// The number of so many digits that a text ends with, and what stands before it.
fn digits_at_end(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<(&str, &str)> {
    let found = text.bytes().rev().take(*count.end()).take_while(u8::is_ascii_digit).count();
    count.contains(&found).then(|| text.split_at(text.len() - found))
}

/// The number in the words after the title of a document that is cited with both.
fn number_after_title(after: &str) -> Option<DocumentNumber<'_>> {
    let after = after.strip_prefix("的通知").unwrap_or(after);
    let after = after.strip_prefix(['（', '(']).unwrap_or(after);
    let near = &after[..after.floor_char_boundary(REACH)];
    document_numbers(near).next().filter(|number| number.range.start == 0)
}

/// The titles of 4 to 60 characters in 《》, each with the text after it.
fn quoted(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices('》').filter_map(move |(at, mark)| {
        let before = &text[..at];
        let title = &before[before.rfind(['《', '》'])?..];
        let title = title.strip_prefix('《')?;
        (4..=60).contains(&title.chars().count()).then_some((title, &text[at + mark.len()..]))
    })
}

/// The rule: a document is cited with one number and one title.
pub fn documents(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let pieces = &context.pieces;
    let mut issuers: BTreeMap<(String, String), BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    let mut titles: BTreeMap<(String, String, String), BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    let mut square: BTreeSet<String> = BTreeSet::new();
    for (index, piece) in pieces.iter().enumerate() {
        let text = piece.text.as_str();
        // Every number ends so.
        if !text.contains('号') {
            continue;
        }
        for found in document_numbers(text) {
            let DocumentNumber { issuer, year, number, .. } = found;
            let key = (year.to_owned(), number.to_owned());
            issuers.entry(key).or_default().entry(issuer.to_owned()).or_default().push(index);
            // GB/T 9704: the year of a document number stands in 〔〕.
            let whole = text[found.range.clone()].replace(' ', "");
            if found.open != '〔' && square.insert(whole.clone()) {
                let right = format!("{issuer}〔{year}〕{number}号");
                findings.push(cell_finding(
                    piece,
                    found.range,
                    "document-brackets",
                    format!("发文字号“{whole}”的年份应用六角括号：“{right}”"),
                    format!("the year in the document number “{whole}” belongs in 〔〕"),
                ));
            }
        }
        for (title, after) in quoted(text) {
            let Some(found) = number_after_title(after) else { continue };
            let key = (found.issuer.to_owned(), found.year.to_owned(), found.number.to_owned());
            let title = fold(title).replace('辦', "办");
            titles.entry(key).or_default().entry(title).or_default().push(index);
        }
    }
    for ((year, number), variants) in issuers {
        let variants = permuted(variants);
        odd_ones(&variants, pieces, "document-number", findings, |odd, usual| {
            (
                format!("发文字号写法不一：“{odd}〔{year}〕{number}号”与“{usual}〔{year}〕{number}号”"),
                format!("a document number is written “{odd}〔{year}〕{number}号” and “{usual}〔{year}〕{number}号”"),
            )
        });
    }
    for ((issuer, year, number), variants) in titles {
        odd_ones(&variants, pieces, "document-title", findings, |odd, usual| {
            (
                format!("{issuer}〔{year}〕{number}号的文件名写法不一：《{odd}》与《{usual}》"),
                format!("{issuer}〔{year}〕{number}号 is cited as 《{odd}》 and 《{usual}》"),
            )
        });
    }
}

/// Of the issuers of one number and year, those whose characters are the same in another order;
/// the words before the issuer (根据, 按照) are left out.
fn permuted(variants: BTreeMap<String, Vec<usize>>) -> BTreeMap<String, Vec<usize>> {
    let tail = |text: &str, count: usize| -> String {
        let chars: Vec<char> = text.chars().collect();
        chars[chars.len().saturating_sub(count)..].iter().collect()
    };
    let sorted = |text: &str| {
        let mut chars: Vec<char> = text.chars().collect();
        chars.sort_unstable();
        chars
    };
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    // Every spelling is held against every other.
    if variants.len() > 40 {
        return found;
    }
    for (one, places) in &variants {
        for (other, others) in &variants {
            let most = one.chars().count().min(other.chars().count());
            let mut pairs = (3..=most).rev().map(|count| (tail(one, count), tail(other, count)));
            let swapped = pairs.find(|(a, b)| a != b && sorted(a) == sorted(b));
            if let Some((a, b)) = swapped {
                found.insert(a, places.clone());
                found.insert(b, others.clone());
            }
        }
    }
    found
}

fn cell_finding(
    piece: &super::wording::Piece<'_>,
    range: std::ops::Range<usize>,
    rule: &'static str,
    zh: String,
    en: String,
) -> Finding {
    let finding = Finding::of(rule, piece.text.slice(range).place(), zh, en);
    match &piece.cell {
        Some((block, row, column)) => finding.at_cell(*block, *row, *column),
        None => finding,
    }
}

/// One finding for each spelling but the most frequent one, at its first place.
fn odd_ones(
    variants: &BTreeMap<String, Vec<usize>>,
    pieces: &[super::wording::Piece<'_>],
    rule: &'static str,
    findings: &mut Vec<Finding>,
    say: impl Fn(&str, &str) -> (String, String),
) {
    let Some((usual, _)) = variants.iter().max_by_key(|(_, places)| places.len()) else { return };
    for (odd, places) in variants {
        if odd == usual {
            continue;
        }
        let piece = &pieces[places[0]];
        let (zh, en) = say(odd, usual);
        let at = piece.text.as_str().find(odd.as_str()).unwrap_or(0);
        let end = (at + odd.len()).min(piece.text.as_str().len());
        let range = if piece.text.as_str().is_char_boundary(end) { at..end } else { at..piece.text.as_str().len() };
        findings.push(cell_finding(piece, range, rule, zh, en).numbers(odd.as_str(), usual.as_str()));
    }
}

/// Tables that a filing may publish empty, with the words that say so.
const MAY_BE_EMPTY: [(&str, &str); 3] =
    [("fund-expenditure", "基金"), ("state-capital-expenditure", "国有资本"), ("three-public", "三公")];

/// The rule: an empty table says that there is nothing, a full one does not.
pub fn empty_tables(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let denies = |text: &str| ["无", "没有", "未安排", "不涉及", "空表", "为空"].iter().any(|none| text.contains(none));
    let says_nothing = |text: &str, word: &str| text.contains(word) && denies(text);
    for (form, word) in MAY_BE_EMPTY {
        for (block, table) in filing.tables().filter(|(_, table)| table.form_id() == form) {
            let title = sums::table_title(filing, block);
            let filled = sums::amounts(table, context.forms).any(|amount| !amount.is_zero());
            let note = fold(table.note.as_str());
            let denied = note.contains("空表") || says_nothing(&note, word);
            if !filled && note.is_empty() {
                // `此表为空` in the table or under it.
                let cells = table.rows.iter().flat_map(|row| &row.cells).any(|cell| denies(cell.text.as_str()));
                let under = filing.blocks.get(block + 1).and_then(Block::prose).map(|text| text.as_str());
                let under = under.is_some_and(|text| text.contains('表') && denies(text));
                let said = filing.blocks.iter().filter_map(Block::prose).any(|text| says_nothing(text.as_str(), word));
                if !cells && !under && !said {
                    findings.push(
                        Finding::of(
                            "empty-table-note",
                            table.place,
                            format!("{title}没有数据，也没有“空表列示”的说明"),
                            format!("{title} is empty and nothing says that there is nothing"),
                        )
                        .at_cell(block, None, "note"),
                    );
                }
            }
            if filled && denied {
                let place = table.note.place();
                findings.push(
                    Finding::of(
                        "empty-table-filled",
                        place,
                        format!("{title}有数据，注释却说“{}”", table.note.as_str()),
                        format!("{title} has amounts, but its note says “{}”", table.note.as_str()),
                    )
                    .at_cell(block, None, "note"),
                );
            }
        }
    }
    // The prose says there is no fund budget, an amount of the prose says there is.
    for (word, meaning) in [("政府性基金", Meaning::IncomeFund), ("国有资本经营", Meaning::IncomeCapital)] {
        let Some(amount) = context.mentions.iter().find(|mention| {
            mention.role == Role::Amount
                && !mention.last_year
                && mention.meaning.as_ref() == Some(&meaning)
                && !mention.value.is_zero()
        }) else {
            continue;
        };
        for block in &filing.blocks {
            let Some(text) = block.prose() else { continue };
            let folded = text.as_str();
            let denial = ["没有安排", "未安排", "本部门无", "我部门无", "无"].iter().any(|none| {
                folded.find(none).is_some_and(|at| folded[at..].chars().take(20).collect::<String>().contains(word))
            }) && folded.contains("预算")
                && folded.chars().count() < 80;
            if denial {
                let stated = amount.value.to_string();
                findings.push(
                    Finding::of(
                        "text-denies",
                        text.place(),
                        format!("文字说没有{word}预算，而{}为 {stated}", amount.what()),
                        format!("the text says there is no {word} budget, but {} is {stated}", amount.what()),
                    )
                    .numbers("0", stated),
                );
            }
        }
    }
    // 机关运行经费 holds the public cost of administrative units only: never more than all of it.
    operating(context, filing, findings);
}

fn operating(context: &Context<'_>, filing: &Filing, findings: &mut Vec<Finding>) {
    let find = |meaning: Meaning| {
        context.mentions.iter().find(move |mention| {
            mention.role == Role::Amount && !mention.last_year && mention.meaning.as_ref() == Some(&meaning)
        })
    };
    let (Some(operating), Some(public)) = (find(Meaning::Operating), find(Meaning::Public)) else { return };
    if let (Some(one), Some(all)) = (operating.in_wan(), public.in_wan())
        && one > all + operating.slack_in_wan() + public.slack_in_wan()
    {
        let place = filing.blocks[operating.block]
            .prose()
            .map(|text| text.slice(operating.number.clone()).place())
            .unwrap_or_default();
        findings.push(
            Finding::of(
                "text-operating",
                place,
                format!("机关运行经费 {one}万元多于公用经费 {all}万元"),
                format!("机关运行经费 {one}万元 is more than 公用经费 {all}万元"),
            )
            .numbers(operating.value.to_string(), public.value.to_string()),
        );
    }
}
