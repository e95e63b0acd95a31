//! The dialect is the extraction's matter, not the filing's: the same paragraphs and grids printed
//! in any dialect and encoding give the same tables.

mod common;
#[path = "common/dialects.rs"]
mod dialects;

use dialects::{Dialect, encodings, print};
use yusuan::filing::{Filing, Value};
use yusuan::limits::Limits;
use yusuan::text::is_blank;

/// Every table's form, fields and cells, blanks left out.
fn tables(filing: &Filing) -> Vec<String> {
    let plain = |text: &str| text.chars().filter(|ch| !is_blank(*ch)).collect::<String>();
    let mut lines = Vec::new();
    for (_, table) in filing.tables() {
        lines.push(format!("{} {}", table.form_id(), plain(table.title.as_str())));
        for field in &table.fields {
            match &field.value {
                Value::One(text) => lines.push(format!("  {}={}", field.id, plain(text.as_str()))),
                Value::Many(list) => {
                    let items: Vec<String> = list.iter().map(|text| plain(text.as_str())).collect();
                    lines.push(format!("  {}={}", field.id, items.join("/")));
                }
            }
        }
        for row in &table.rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| plain(cell.text.as_str())).collect();
            lines.push(format!("  {:?} {}", row.kind, cells.join("|")));
        }
    }
    lines
}

fn assert_same_tables(what: &str, expected: &[String], found: &[String]) {
    for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
        assert_eq!(expected, found, "{what}: line {number} of the tables");
    }
    assert_eq!(expected.len(), found.len(), "{what}: number of lines");
}

fn assert_dialects_agree(name: &str, bytes: &[u8], dialects: &[Dialect]) {
    let expected = tables(&common::filing(name, bytes));
    let (_, document) = yusuan::read::read(name, bytes, &Limits::default()).expect("a readable filing");
    for dialect in dialects {
        let text = print(&document, *dialect);
        let found = tables(&common::filing(name, text.as_bytes()));
        assert_same_tables(&format!("{name} as {dialect:?}"), &expected, &found);
    }
}

fn assert_encodings_agree(name: &str, bytes: &[u8]) {
    let filing = common::filing(name, bytes);
    let text = filing.source.text.clone();
    let expected = tables(&filing);
    for (encoding, bytes) in encodings(&text) {
        let found = tables(&common::filing(name, &bytes));
        assert_same_tables(&format!("{name} in {encoding}"), &expected, &found);
    }
}

#[test]
fn the_real_filings_read_alike_in_every_dialect() {
    for (name, bytes) in common::real_filings("the_real_filings_read_alike_in_every_dialect") {
        assert_dialects_agree(&name, &bytes, &[Dialect::CellLines, Dialect::RowLines, Dialect::Pipes, Dialect::Html]);
    }
}

#[test]
fn the_real_filings_read_alike_in_every_encoding() {
    for (name, bytes) in common::real_filings("the_real_filings_read_alike_in_every_encoding") {
        assert_encodings_agree(&name, &bytes);
    }
}

#[test]
fn the_examples_read_alike_in_every_encoding() {
    for (name, bytes) in common::example_filings() {
        assert_encodings_agree(&name, &bytes);
    }
}
