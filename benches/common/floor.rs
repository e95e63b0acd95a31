//! The least that a docx → xlsx converter must do: inflate the parts, tokenise `document.xml` with
//! quick-xml, write the same cells with rust_xlsxwriter. No forms, no styles, no sums, no checks.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rust_xlsxwriter::Workbook;
use zip::ZipArchive;

/// A table: its cells with row, column and columns spanned.
pub type Table = Vec<(u32, u16, u16, String)>;

/// Inflates every part and returns the main one.
pub fn inflate(docx: &[u8]) -> String {
    let mut archive = ZipArchive::new(Cursor::new(docx)).expect("a zip file");
    let mut main = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut part = Vec::with_capacity(entry.size() as usize);
        entry.read_to_end(&mut part).expect("inflated");
        if entry.name_raw() == b"word/document.xml" {
            main = part;
        }
    }
    String::from_utf8(main).expect("UTF-8")
}

/// Counts the tokens, doing nothing with them.
pub fn tokenise(xml: &str) -> usize {
    let mut reader = Reader::from_str(xml);
    let mut tokens = 0;
    while !matches!(reader.read_event().expect("well formed"), Event::Eof) {
        tokens += 1;
    }
    tokens
}

/// The cells of each table, before them the paragraphs outside tables as one of a single column.
pub fn cells(xml: &str) -> Vec<Table> {
    let mut reader = Reader::from_str(xml);
    let mut tables: Vec<Table> = vec![Vec::new()];
    let (mut row, mut col, mut span, mut lines) = (0, 0, 1, 0);
    let mut in_table = false;
    let mut text = String::new();
    loop {
        match reader.read_event().expect("well formed") {
            Event::Start(tag) => match tag.name().as_ref() {
                "w:tbl" => {
                    tables.push(Vec::new());
                    (in_table, row) = (true, 0);
                }
                "w:tr" => col = 0,
                "w:tc" => {
                    span = 1;
                    text.clear();
                }
                _ => {}
            },
            Event::Empty(tag) if tag.name().as_ref() == "w:gridSpan" => span = value(&tag).unwrap_or(1),
            Event::End(tag) => match tag.name().as_ref() {
                "w:tbl" => in_table = false,
                "w:tr" => row += 1,
                "w:tc" => {
                    let cell = (row, col, span, std::mem::take(&mut text));
                    tables.last_mut().expect("one at least").push(cell);
                    col += span;
                }
                "w:p" if !in_table && !text.is_empty() => {
                    tables[0].push((lines, 0, 1, std::mem::take(&mut text)));
                    lines += 1;
                }
                _ => {}
            },
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => text.push(match name.as_ref() {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => '\'',
            }),
            Event::Eof => return tables,
            _ => {}
        }
    }
}

fn value(tag: &BytesStart<'_>) -> Option<u16> {
    let attribute = tag.try_get_attribute("w:val").ok()??;
    attribute.value.parse().ok()
}

/// A sheet for each table: numbers as numbers, texts as texts, merged cells merged.
pub fn write(tables: &[Table]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let plain = rust_xlsxwriter::Format::new();
    for table in tables {
        let sheet = workbook.add_worksheet();
        for (row, col, span, text) in table {
            if *span > 1 {
                sheet.merge_range(*row, *col, *row, *col + span - 1, "", &plain).expect("merged");
            }
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => sheet.write_number(*row, *col, number).expect("written"),
                _ => sheet.write_string(*row, *col, text).expect("written"),
            };
        }
    }
    workbook.save_to_buffer().expect("saved")
}

/// All of it.
pub fn convert(docx: &[u8]) -> Vec<u8> {
    write(&cells(&inflate(docx)))
}
