//! LibreOffice as an independent reader: it computes what we cached and shows what was printed.

use yusuan::filing::{Block, Value};

use crate::build::forms;
use crate::everything::everything;
use crate::open::{Book, calculated_by_libreoffice, shown_by_libreoffice, written};

fn same(ours: &str, theirs: &str) -> bool {
    match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        _ => ours == theirs,
    }
}

#[test]
fn every_formula_computes_what_is_cached() {
    let ours = written(&everything());
    let Some(theirs) = calculated_by_libreoffice(&ours.bytes, "calculate") else { return };
    let mut count = 0;
    for (place, formula, cached) in ours.formulas() {
        let (sheet, cell) = place.split_once('!').expect("a place");
        let calculated = theirs.cell(sheet, cell);
        assert!(same(&cached, &calculated), "{place} ={formula}: cached {cached}, LibreOffice has {calculated}");
        count += 1;
    }
    assert!(count > 500, "{count} formulas");
}

#[test]
fn every_value_is_shown_as_printed() {
    let filing = everything();
    let book = written(&filing);
    let Some(shown) = shown_by_libreoffice(&book.bytes, "show") else { return };
    let mut missing = Vec::new();
    let contents: Vec<Vec<String>> = shown["文本"][2..].to_vec();
    for (block, row) in filing.blocks.iter().zip(&contents) {
        let Block::Table(table) = block else { continue };
        let cells: Vec<&str> = shown[&row[3]].iter().flatten().map(String::as_str).collect();
        let restated: Vec<&str> = shown["校验"].iter().map(|row| row.get(4).map_or("", String::as_str)).collect();
        let mut want = |text: &str| {
            if !text.is_empty() && !cells.contains(&text) && !restated.contains(&text) {
                missing.push(format!("{}: {text}", row[3]));
            }
        };
        table.rows.iter().flat_map(|row| &row.cells).for_each(|cell| want(cell.text.as_str()));
        for field in table.fields.iter().filter(|field| field.id != "no" && !field.id.starts_with("unit_")) {
            match &field.value {
                _ if field.id == "date" || field.id == "form_year" => {}
                Value::One(text) => want(text.as_str()),
                Value::Many(texts) => {
                    want(&texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn blank_forms_compute_without_errors() {
    for form in forms().all() {
        let bytes = yusuan::write::workbook::blank(form, forms()).expect("a blank form");
        let ours = Book::open(bytes);
        if ours.formulas().count() == 0 {
            continue;
        }
        let Some(theirs) = calculated_by_libreoffice(&ours.bytes, "blank") else { return };
        for (place, formula, cached) in ours.formulas() {
            let (sheet, cell) = place.split_once('!').expect("a place");
            assert!(same(&cached, &theirs.cell(sheet, cell)), "{place} ={formula}");
        }
    }
}
