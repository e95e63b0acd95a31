//! The same document in every dialect and encoding.

#![allow(dead_code, missing_docs)]

use yusuan::document::{Block, Document};

/// How a text prints tables.
#[derive(Clone, Copy, Debug)]
pub enum Dialect {
    CellLines,
    RowLines,
    Pipes,
    Html,
}

/// Prints a document in a dialect.
pub fn print(document: &Document, dialect: Dialect) -> String {
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

/// A text in every encoding and with every line break.
pub fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let (gb, _, unmappable) = encoding_rs::GB18030.encode(&crlf);
    assert!(!unmappable);
    vec![
        ("UTF-8 with BOM", [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()),
        ("UTF-16LE", utf16(false)),
        ("UTF-16BE", utf16(true)),
        ("GB18030 with CRLF", gb.into_owned()),
        ("UTF-8 with CR", text.replace("\r\n", "\n").replace('\n', "\r").into_bytes()),
    ]
}
