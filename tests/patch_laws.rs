//! Laws over every dialect and encoding: several random edits and back give the same bytes, and a
//! workbook nobody edited changes nothing. Seeds are printed.

mod common;
#[path = "common/dialects.rs"]
mod dialects;
#[path = "common/edits.rs"]
mod edits;

use dialects::{Dialect, encodings, print};
use edits::{change_nth, values};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing};

/// Edits at once.
const MANY: usize = 3;

/// Random edits of a filing, carried and taken back.
fn check_edits(name: &str, bytes: &[u8], runner: &mut TestRunner) -> Vec<String> {
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let before = common::filing(name, bytes);
    let count = values(&before).max(1);
    let mut after = before.clone();
    let mut told = Vec::new();
    for _ in 0..MANY {
        let pick = any::<u32>().new_tree(runner).expect("a number").current() as usize % count;
        told.extend(change_nth(&mut after, pick).map(|(what, how)| format!("{what} {how}")));
    }
    let applied = match apply_filing(bytes, &before, &after, forms, &limits, &options) {
        Ok(applied) => applied,
        Err(error) => return vec![format!("{name} {told:?}: {}", error.zh)],
    };
    let edited = common::filing(name, &applied.bytes);
    match apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options) {
        Ok(undone) if undone.bytes == bytes => Vec::new(),
        Ok(_) => vec![format!("{name} {told:?}: not undone")],
        Err(error) => vec![format!("{name} {told:?}: undo: {}", error.zh)],
    }
}

/// An unedited workbook of a filing, applied to it.
fn check_unedited(name: &str, bytes: &[u8]) -> Vec<String> {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let before = common::filing(name, bytes);
    let equations = yusuan::check::equations(&before, forms);
    let book = yusuan::write::workbook::write(&before, forms, &equations, &Default::default()).expect("a workbook");
    let after = common::filing("a.xlsx", &book.bytes);
    match apply_filing(bytes, &before, &after, forms, &limits, &Options::default()) {
        Ok(applied) if applied.bytes == bytes && applied.changes.is_empty() => Vec::new(),
        Ok(applied) => vec![format!("{name}: unedited, yet {:#?}", applied.changes.first())],
        Err(error) => vec![format!("{name}: unedited: {}", error.zh)],
    }
}

fn check(begin: &str) {
    let number: u8 = std::env::var("YUSUAN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {number} (YUSUAN_SEED)");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[number; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut wrong = Vec::new();
    let filings = common::real_filings("laws").into_iter().chain(common::example_filings());
    for (name, bytes) in filings.filter(|(name, _)| name.starts_with(begin)) {
        let (source, document) = yusuan::read::read(&name, &bytes, &Limits::default()).expect("a filing");
        for (encoding, bytes) in encodings(&source.text) {
            wrong.extend(check_edits(&format!("{name} in {encoding}"), &bytes, &mut runner));
        }
        for dialect in [Dialect::CellLines, Dialect::RowLines, Dialect::Pipes, Dialect::Html] {
            let text = print(&document, dialect);
            let name = format!("{name} as {dialect:?}");
            wrong.extend(check_edits(&name, text.as_bytes(), &mut runner));
            wrong.extend(check_unedited(&name, text.as_bytes()));
        }
        wrong.extend(check_unedited(&name, &bytes));
    }
    println!("{wrong:#?}");
    assert!(wrong.is_empty());
}

/// A test for each filing, so that they run side by side.
macro_rules! laws {
    ($($name:ident: $filing:literal;)*) => {
        $(#[test]
        fn $name() {
            check($filing);
        })*
    };
}

laws! {
    laws_of_caofeidian: "caofeidian";
    laws_of_gaoxin: "gaoxin";
    laws_of_linxi: "linxi";
    laws_of_pingluo: "pingluo";
    laws_of_shenze: "shenze";
}

#[test]
fn an_unedited_workbook_of_a_filing_whose_table_prints_no_unit() {
    let text = std::fs::read_to_string("examples/filings/2025-markdown.md").expect("an example");
    let line = text.lines().nth(43).expect("a line of the unit");
    assert_eq!(line, "单位：万元");
    let lines: Vec<&str> = text.lines().enumerate().map(|(at, line)| if at == 43 { "" } else { line }).collect();
    assert_eq!(check_unedited("a.md", lines.join("\n").as_bytes()), Vec::<String>::new());
}
