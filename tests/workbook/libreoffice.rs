//! LibreOffice as an independent reader: it computes what we cached and shows what was printed.

use yusuan::filing::{Block, Filing, Value};

use crate::build::forms;
use crate::common::{example_filings, filing, real_filings};
use crate::everything::everything;
use crate::open::{Book, calculated_by_libreoffice, shown_by_libreoffice, written};

fn same(ours: &str, theirs: &str) -> bool {
    match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        _ => ours == theirs,
    }
}

/// Compares every formula of the workbooks with LibreOffice; the number of formulas.
fn compare(ours: &[Book], profile: &str) -> Option<usize> {
    if ours.is_empty() {
        // Started without a file, soffice waits for one.
        return None;
    }
    let calculated = calculated_by_libreoffice(ours, profile)?;
    let mut count = 0;
    for (ours, theirs) in ours.iter().zip(&calculated) {
        for (place, formula, cached) in ours.formulas() {
            let (sheet, cell) = place.split_once('!').expect("a place");
            let calculated = theirs.cell(sheet, cell);
            assert!(same(&cached, &calculated), "{place} ={formula}: cached {cached}, LibreOffice has {calculated}");
            count += 1;
        }
    }
    Some(count)
}

#[test]
fn every_formula_computes_what_is_cached() {
    if let Some(count) = compare(&[written(&everything())], "calculate") {
        assert!(count > 500, "{count} formulas");
    }
}

#[test]
fn every_formula_of_whole_filings_computes_what_is_cached() {
    let files = real_filings("every_formula_of_whole_filings_computes_what_is_cached");
    let books: Vec<Book> =
        files.into_iter().chain(example_filings()).map(|(name, bytes)| written(&filing(&name, &bytes))).collect();
    compare(&books, "filings");
}

#[test]
fn every_formula_of_empty_forms_computes_what_is_cached() {
    let blank = |form| Book::open(yusuan::write::workbook::blank(form, forms()).expect("a blank form"));
    let books: Vec<Book> = forms().all().map(blank).collect();
    compare(&books, "blank");
}

#[test]
fn every_value_of_whole_filings_is_shown_as_printed() {
    let files = real_filings("every_value_of_whole_filings_is_shown_as_printed");
    for (name, bytes) in files.into_iter().chain(example_filings()) {
        shown_as_printed(&filing(&name, &bytes), "filings-show");
    }
}

#[test]
fn every_value_is_shown_as_printed() {
    shown_as_printed(&everything(), "show");
}

/// Every cell and field of a filing is on the sheet of its table, as LibreOffice shows it.
fn shown_as_printed(filing: &Filing, profile: &str) {
    let book = written(filing);
    let Some(shown) = shown_by_libreoffice(&book.bytes, profile) else { return };
    let mut missing = Vec::new();
    let contents: Vec<Vec<String>> = shown["文本"][2..].iter().filter(|row| row[1] != "续").cloned().collect();
    for (block, row) in filing.blocks.iter().zip(&contents) {
        let Block::Table(table) = block else { continue };
        let sheet = shown.get(&row[3]).unwrap_or_else(|| panic!("no sheet {:?} among {:?}", row, shown.keys()));
        let cells: Vec<&str> = sheet.iter().flatten().map(String::as_str).collect();
        let checks = shown.get("校验").into_iter().flatten();
        let restated: Vec<&str> = checks.map(|row| row.get(4).map_or("", String::as_str)).collect();
        let mut want = |text: &str| {
            // A code may be printed in parts: 类, 款, 项.
            let parted =
                || sheet.iter().any(|row| (2..=3).any(|parts| row.windows(parts).any(|part| part.concat() == text)));
            if !text.is_empty() && !cells.contains(&text) && !restated.contains(&text) && !parted() {
                missing.push(format!("{}: {text}", row[3]));
            }
        };
        table.rows.iter().flat_map(|row| &row.cells).for_each(|cell| want(cell.text.as_str()));
        for field in &table.fields {
            match &field.value {
                // A field may stand in a line with words: 截止时间：…, 1、…绩效目标表.
                Value::One(text) if cells.iter().any(|cell| cell.contains(text.as_str())) => {}
                Value::One(text) => want(text.as_str()),
                Value::Many(texts) => {
                    want(&texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
