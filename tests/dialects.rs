//! The dialect is the extraction's matter, not the filing's: the same paragraphs and grids printed
//! in any dialect and encoding give the same tables.

mod common;

use yusuan::document::{Block, Document};
use yusuan::filing::{Filing, Value};
use yusuan::limits::Limits;
use yusuan::text::is_blank;

#[derive(Clone, Copy, Debug)]
enum Dialect {
    CellLines,
    RowLines,
    Pipes,
    Html,
}

/// Prints a document in a dialect.
fn print(document: &Document, dialect: Dialect) -> String {
    let mut out = String::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                out.push_str(paragraph.text.as_str());
                out.push_str("\n\n");
            }
            Block::Grid(grid) => {
                if matches!(dialect, Dialect::Html) {
                    out.push_str("<table>");
                }
                for (number, row) in grid.rows.iter().enumerate() {
                    let cells: Vec<String> =
                        row.cells.iter().map(|cell| cell.text.as_str().replace('\n', " ")).collect();
                    match dialect {
                        Dialect::CellLines => {
                            for cell in &cells {
                                out.push_str(&format!("\t{cell}\n"));
                            }
                            out.push('\n');
                        }
                        // A row of one cell needs a second tab to be a row.
                        Dialect::RowLines => out.push_str(&format!("{}\t\n", cells.join("\t"))),
                        Dialect::Pipes => {
                            out.push_str(&format!("|{}|\n", cells.join("|")));
                            if number == 0 {
                                out.push_str(&format!("|{}\n", "---|".repeat(cells.len())));
                            }
                        }
                        Dialect::Html => {
                            out.push_str("<tr>");
                            for cell in &cells {
                                out.push_str(&format!("<td>{cell}</td>"));
                            }
                            out.push_str("</tr>\n");
                        }
                    }
                }
                out.push_str(if matches!(dialect, Dialect::Html) { "</table>\n\n" } else { "\n\n" });
            }
        }
    }
    out
}

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
    let utf16 = |big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let (gb, _, unmappable) = encoding_rs::GB18030.encode(&crlf);
    assert!(!unmappable);
    for (encoding, bytes) in [
        ("UTF-8 with BOM", [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()),
        ("UTF-16LE", utf16(false)),
        ("UTF-16BE", utf16(true)),
        ("GB18030 with CRLF", gb.into_owned()),
        ("UTF-8 with CR", text.replace("\r\n", "\n").replace('\n', "\r").into_bytes()),
    ] {
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
