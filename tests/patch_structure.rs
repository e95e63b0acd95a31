//! Rows, projects and paragraphs that come, go and move, over the real filings and the bundled
//! ones; seeds are printed.

mod common;
#[path = "common/edits.rs"]
mod edits;

use edits::{ACTS, act};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use yusuan::filing::{Block, Filing};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::original::carried;
use yusuan::patch::{Options, apply_filing};
use yusuan::write::workbook;

/// Filings whose names begin so, as they are or as a docx of ours.
fn sources(begin: &str, docx: bool) -> Vec<(String, Vec<u8>)> {
    let filings = common::real_filings("structure").into_iter().chain(common::example_filings());
    filings
        .filter(|(name, _)| name.starts_with(begin))
        .map(|(name, bytes)| {
            if !docx {
                return (name, bytes);
            }
            let filing = common::filing(&name, &bytes);
            let bytes = yusuan::write::docx::write(&filing, built_in::forms()).expect("a document");
            (format!("{name}.docx"), bytes)
        })
        .collect()
}

/// The workbook of a filing, as the command writes it.
fn carrying(filing: &Filing, original: &[u8]) -> Vec<u8> {
    let forms = built_in::forms();
    let equations = yusuan::check::equations(filing, forms);
    let options = workbook::Options { original: Some(original.to_vec()), ..Default::default() };
    workbook::write(filing, forms, &equations, &options).expect("a workbook").bytes
}

/// Every act that succeeds has been read back. The workbook of the original carries the original, so
/// that undoing the act with it gives the same bytes.
fn check_acts(sources: &[(String, Vec<u8>)]) {
    let rounds: u32 = std::env::var("YUSUAN_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let number: u8 = std::env::var("YUSUAN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {number} (YUSUAN_SEED)");
    let seed = [number; 32];
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let mut failures = Vec::new();
    let mut tried = 0;
    for (name, bytes) in sources {
        let before = common::filing(name, bytes);
        let workbook = carrying(&before, bytes);
        let unedited = common::filing("a.xlsx", &workbook);
        let back = Options { original: carried(&workbook, &limits), ..Options::default() };
        for what in ACTS {
            for _ in 0..rounds {
                let pick = any::<u16>().new_tree(&mut runner).expect("a number").current();
                let mut after = before.clone();
                let Some(place) = act(&mut after, what, usize::from(pick)) else { continue };
                tried += 1;
                let failed = |how: &str| format!("{name} {what:?} {pick} {place}: {how}");
                match apply_filing(bytes, &before, &after, forms, &limits, &options) {
                    Ok(applied) => {
                        let edited = common::filing(name, &applied.bytes);
                        match apply_filing(&applied.bytes, &edited, &unedited, forms, &limits, &back) {
                            Ok(undone) if undone.bytes == *bytes => {}
                            Ok(_) => failures.push(failed("undone to other bytes")),
                            Err(error) => failures.push(failed(&format!("undo: {}", error.zh))),
                        }
                        // Without the original it comes back in the manner of its neighbours.
                        if let Err(error) = apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options) {
                            failures.push(failed(&format!("undo without the original: {}", error.zh)));
                        }
                    }
                    Err(error) => failures.push(failed(&error.zh)),
                }
            }
        }
    }
    println!("{tried} acts, {} failures", failures.len());
    for failure in failures.iter().take(80) {
        println!("{failure}");
    }
    assert!(failures.is_empty());
}

/// A test for each filing, so that they run side by side.
macro_rules! acts {
    ($($name:ident: $filing:literal $docx:literal;)*) => {
        $(#[test]
        fn $name() {
            check_acts(&sources($filing, $docx));
        })*
    };
}

acts! {
    structure_of_caofeidian: "caofeidian" false;
    structure_of_gaoxin: "gaoxin" false;
    structure_of_linxi: "linxi" false;
    structure_of_pingluo: "pingluo" false;
    structure_of_shenze: "shenze" false;
    structure_of_examples: "20" false;
    structure_of_caofeidian_in_docx: "caofeidian" true;
    structure_of_gaoxin_in_docx: "gaoxin" true;
    structure_of_linxi_in_docx: "linxi" true;
    structure_of_pingluo_in_docx: "pingluo" true;
    structure_of_shenze_in_docx: "shenze" true;
    structure_of_examples_in_docx: "20" true;
}
/// A total that adds up by what the workbook computes and not by what is printed.
#[test]
fn a_deleted_row_of_totals_comes_back_as_it_was_printed() {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let bytes = std::fs::read("examples/filings/2023-contradictions.txt").expect("an example");
    let before = common::filing("a.txt", &bytes);
    let unedited = common::filing("a.xlsx", &carrying(&before, &bytes));
    let mut after = before.clone();
    let tables =
        after.blocks.iter_mut().filter_map(|block| if let Block::Table(table) = block { Some(table) } else { None });
    let procurement = tables.into_iter().find(|table| table.form_id() == "procurement").expect("a table");
    assert_eq!(procurement.rows.remove(1).cells[7].text.as_str(), "43.50");
    let applied = apply_filing(&bytes, &before, &after, forms, &limits, &Options::default()).expect("a row less");
    let edited = common::filing("a.txt", &applied.bytes);
    let undone = apply_filing(&applied.bytes, &edited, &unedited, forms, &limits, &Options::default()).expect("undone");
    let undone = common::filing("a.txt", &undone.bytes);
    let (_, table) = undone.tables().find(|(_, table)| table.form_id() == "procurement").expect("a table");
    let totals: Vec<&str> = table.rows[..2].iter().map(|row| row.cells[7].text.as_str()).collect();
    assert_eq!(totals, ["64.50", "43.50"]);
}
