//! Workbooks as bytes, made part by part.

use std::io::{Cursor, Write};

use yusuan::document::{Block, Document, Grid};
use yusuan::limits::Limits;
use yusuan::read::sheet::{Workbook, read_workbook};
use yusuan::source::Source;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A zip file with these entries.
pub fn package(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a new entry");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// A relationship part.
pub fn relations(list: &[(&str, &str, &str)]) -> Vec<u8> {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let all: String = list.iter().map(one).collect();
    format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}</Relationships>"
    )
    .into_bytes()
}

/// What an xlsx is made of; `sheets` are names and worksheet contents.
#[derive(Default)]
pub struct Xlsx<'a> {
    pub sheets: Vec<(&'a str, &'a str)>,
    pub strings: &'a str,
    pub styles: &'a str,
    /// Put into the workbook part after the sheets.
    pub workbook: &'a str,
    pub more: Vec<(&'a str, Vec<u8>)>,
}

/// An xlsx package.
pub fn xlsx(made: Xlsx<'_>) -> Vec<u8> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override \
        PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
    let mut list = String::new();
    let mut targets = vec![("strings".to_owned(), "sharedStrings", "sharedStrings.xml".to_owned())];
    targets.push(("styles".to_owned(), "styles", "styles.xml".to_owned()));
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    for (index, (name, content)) in made.sheets.iter().enumerate() {
        let state = if name.starts_with("隐藏") { "hidden" } else { "visible" };
        list.push_str(&format!(
            "<sheet xmlns:r=\"{RELATIONS}\" name=\"{name}\" sheetId=\"{}\" state=\"{state}\" r:id=\"rId{index}\"/>",
            index + 1
        ));
        targets.push((format!("rId{index}"), "worksheet", format!("worksheets/sheet{index}.xml")));
        entries.push((
            format!("xl/worksheets/sheet{index}.xml"),
            format!("<worksheet {main}>{content}</worksheet>").into_bytes(),
        ));
    }
    let targets: Vec<(&str, &str, &str)> =
        targets.iter().map(|(id, kind, target)| (id.as_str(), *kind, target.as_str())).collect();
    let workbook = format!("<workbook {main}><sheets>{list}</sheets>{}</workbook>", made.workbook);
    let mut all: Vec<(&str, Vec<u8>)> = vec![
        ("[Content_Types].xml", types.into()),
        ("_rels/.rels", relations(&[("a", "officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", workbook.into_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(&targets)),
        ("xl/sharedStrings.xml", format!("<sst {main} uniqueCount=\"4294967295\">{}</sst>", made.strings).into_bytes()),
        ("xl/styles.xml", format!("<styleSheet {main}>{}</styleSheet>", made.styles).into_bytes()),
    ];
    all.extend(entries.iter().map(|(name, content)| (name.as_str(), content.clone())));
    all.extend(made.more);
    package(&all)
}

/// An xlsx of one sheet with these rows (`<row>…</row>`).
pub fn one_sheet(rows: &str) -> Vec<u8> {
    let content = format!("<sheetData>{rows}</sheetData>");
    xlsx(Xlsx { sheets: vec![("表", &content)], ..Xlsx::default() })
}

/// An OpenDocument spreadsheet with this content.
pub fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>{tables}\
         </office:spreadsheet></office:body></office:document-content>"
    );
    package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml", b"<manifest/>".to_vec()),
        ("content.xml", content.into_bytes()),
    ])
}

/// A record of an xls stream.
pub fn record(id: u16, data: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// An xls stream of Excel 97 with one sheet named 表 that has these records.
pub fn xls(globals: &[Vec<u8>], cells: &[Vec<u8>]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &[&0x0600u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat());
    let end = record(0x000a, &[]);
    let sheet_record =
        |offset: u32| record(0x0085, &[&offset.to_le_bytes()[..], &[0, 0, 1, 1], &0x8868u16.to_le_bytes()].concat());
    let head = [begin(5), globals.concat()].concat();
    let offset = (head.len() + sheet_record(0).len() + end.len()) as u32;
    [head, sheet_record(offset), end.clone(), begin(0x10), cells.concat(), end].concat()
}

/// Reads a workbook that must be readable.
pub fn book(bytes: &[u8]) -> Workbook {
    read_workbook(bytes, &Limits::default()).unwrap_or_else(|error| panic!("refused: {error}"))
}

/// Reads a document that must be readable.
pub fn document(name: &str, bytes: &[u8]) -> (Source, Document) {
    yusuan::read::read(name, bytes, &Limits::default()).unwrap_or_else(|error| panic!("refused: {error}"))
}

/// The grids of a document.
pub fn grids(document: &Document) -> Vec<&Grid> {
    document.blocks.iter().filter_map(|block| if let Block::Grid(grid) = block { Some(grid) } else { None }).collect()
}

/// The cell texts of a grid, row by row.
pub fn texts(grid: &Grid) -> Vec<Vec<&str>> {
    grid.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect()
}

/// Codes of findings.
pub fn rules(findings: &[yusuan::finding::Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule).collect()
}
