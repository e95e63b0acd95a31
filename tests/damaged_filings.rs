//! Laws over damaged filings: words of the forms themselves (labels of columns and fields, titles,
//! lines above tables) stand in place of some cells. Whatever that makes of a filing, its workbook
//! reads back to it, and unedited carries nothing back. Seeds are printed.

mod common;

use std::collections::BTreeSet;

use common::{content, workbook_of};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value as Json;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::apply_filing;

/// Filings a run damages; `PROPTEST_CASES` asks for more.
const CASES: u32 = 100;
/// Words put in place of others in one filing.
const MOST: usize = 15;

/// Lines of the longest example; those of the others are counted round.
const LINES: usize = 2_291;

const EXAMPLES: [&str; 6] = [
    "2021-row-a-line.txt",
    "2021-cell-a-line.txt",
    "2023-nine-tables.txt",
    "2023-ocr.txt",
    "2025-html.md",
    "2025-markdown.md",
];

/// A word in place of a cell, or of the whole line.
#[derive(Clone, Debug)]
struct Damage {
    line: usize,
    cell: Option<usize>,
    word: String,
}

/// Every short text that the forms print, with something in its slots, and values of other places.
fn words() -> Vec<String> {
    let mut words = BTreeSet::new();
    let is_form = |path: &str| !path.starts_with("lists/") && path.contains('/');
    for (_, text) in built_in::FILES.iter().filter(|(path, _)| is_form(path)) {
        gather(&toml::from_str(text).expect("a form"), &mut words);
    }
    let others = ["单位：元", "单位：万元", "合计", "12.50", "100.00%", "20", "", "注：无", "=1+1", "2021年", "甲|乙"];
    words.into_iter().chain(others.map(str::to_owned)).collect()
}

fn gather(value: &toml::Value, words: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) if text.chars().count() <= 40 && !text.is_ascii() => drop(words.insert(filled(text))),
        toml::Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        toml::Value::Table(table) => table.iter().for_each(|(_, item)| gather(item, words)),
        _ => {}
    }
}

fn filled(pattern: &str) -> String {
    let mut text = String::new();
    for (at, part) in pattern.split(['{', '}']).enumerate() {
        text.push_str(match part {
            _ if at % 2 == 0 => part,
            "unit" => "元",
            "no" => "3",
            "sep" => "、",
            "date" => "2021年12月31日",
            slot if slot.ends_with("year") => "2022",
            slot if slot.ends_with("code") => "407",
            _ => "甲项目",
        });
    }
    text
}

fn damaged(example: &str, damages: &[Damage]) -> String {
    let text = std::fs::read_to_string(format!("examples/filings/{example}")).expect("an example");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for Damage { line, cell, word } in damages {
        let at = line % lines.len();
        let line = &mut lines[at];
        let separator = if line.contains('\t') { "\t" } else { "|" };
        let mut cells: Vec<&str> = line.split(separator).collect();
        match cell {
            Some(cell) => {
                let at = cell % cells.len();
                cells[at] = word;
            }
            None => cells = vec![word],
        }
        *line = cells.join(separator);
    }
    lines.join("\n")
}

/// What has to come back. Of a table that no form knows, labels of columns and columns at its end
/// without any text are not on a sheet.
fn kept(mut content: Json) -> Json {
    for block in content["blocks"].as_array_mut().expect("blocks") {
        if block["type"] == "table" && block["form"].is_null() {
            block.as_object_mut().expect("a block").remove("columns");
            for row in block["rows"].as_array_mut().expect("rows") {
                let cells = row["cells"].as_array_mut().expect("cells");
                cells.truncate(cells.iter().rposition(|cell| cell != "").map_or(0, |last| last + 1));
            }
        }
    }
    content
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let before = common::filing("a.txt", text.as_bytes());
    let after = common::filing("workbook.xlsx", &workbook_of(&before));
    let (old, new) = (kept(content(&before)), kept(content(&after)));
    for key in ["title", "department", "fiscal_year", "unit", "figures"] {
        prop_assert_eq!(&old[key], &new[key], "{}", key);
    }
    let (old, new) = (old["blocks"].as_array().expect("blocks"), new["blocks"].as_array().expect("blocks"));
    for (number, (old, new)) in old.iter().zip(new).enumerate() {
        prop_assert_eq!(old, new, "block {}", number);
    }
    prop_assert_eq!(old.len(), new.len());
    for (what, after) in [("workbook", &after), ("filing", &before)] {
        let applied = apply_filing(text.as_bytes(), &before, after, forms, &limits, &Default::default());
        let applied = applied.map_err(|error| TestCaseError::fail(format!("unedited {what}: {}", error.zh)))?;
        prop_assert!(applied.bytes == text.as_bytes(), "unedited {}: {:#?}", what, applied.changes.first());
    }
    Ok(())
}

#[test]
fn workbooks_of_damaged_filings_read_back() {
    let number: u8 = std::env::var("YUSUAN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {number} (YUSUAN_SEED)");
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[number; 32]));
    // Close together and far apart.
    let lines = (0..LINES, prop_oneof![Just(25), Just(LINES)]);
    let damages = lines.prop_flat_map(|(from, reach)| {
        let one = (from..from + reach, prop::option::of(0..12usize), select(words()));
        prop::collection::vec(one.prop_map(|(line, cell, word)| Damage { line, cell, word }), 1..=MOST)
    });
    let filing = (select(&EXAMPLES[..]), damages);
    let held = runner.run(&filing, |(example, damages)| check(&damaged(example, &damages)));
    held.unwrap_or_else(|error| panic!("{error}"));
}
