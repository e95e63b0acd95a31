//! Whatever program wrote it, and whatever was done to it in Word, a filing reads the same: the
//! document of every filing is written again in the manner of others, and its content compared with
//! that of the text, cell by cell.

use std::io::{Cursor, Read};

use serde_json::Value;
use yusuan::document::{Block, Cover, GridRow};
use yusuan::form::built_in;
use yusuan::limits::Limits;

use crate::common;
use crate::content::{content, differences};
use crate::make::{Package, p, styled, tbl, tc, tr, zip};
use crate::manners::*;
use crate::tree::Element;

/// Names of parts and their bytes.
type Parts = Vec<(String, Vec<u8>)>;

/// What changes the body, named.
type Manner = (&'static str, fn(&mut Element));

const MANNERS: &[Manner] = &[
    ("runs split anywhere", split_runs),
    ("content controls", controls),
    ("smart tags and custom XML", smart_tags),
    ("tracked changes", tracked_changes),
    ("fields", fields),
    ("alternate content", alternate_content),
    ("merged cells that go on without a start", merges_without_start),
    ("old horizontal merges", horizontal_merges),
    ("spans that only widths tell", spans_by_width),
    ("spans that only widths in points tell", spans_by_width_in_points),
    ("rows that begin late and end early", gaps_in_rows),
    ("tables cut by pages", cut_tables),
    ("tables cut by pages, headers repeated", cut_tables_with_headers),
    ("tables cut by pages, page numbers between", cut_tables_with_page_numbers),
    ("tables in frames", frames),
    ("tables in text boxes", text_boxes),
    ("tables and their titles in frames", frames_with_titles),
    ("tables that touch", touching_tables),
    ("tables that touch, titles between", touching_tables_with_titles),
    ("automatic numbers", automatic_numbers),
    ("automatic numbers of styles", numbers_of_styles),
    ("automatic numbers in cells", numbers_in_cells),
    ("ruby", ruby),
    ("hidden text and comments", hidden_text),
    ("deleted paragraph marks", deleted_marks),
    ("no styles", no_styles),
    ("no grid and no widths", no_grid),
    ("slivers of columns", slivers),
];

/// Several at a time, as documents that went through many hands have them.
const TOGETHER: &[&[Manner]] = &[
    &[("split", split_runs), ("cut", cut_tables_with_headers), ("controls", controls), ("tracked", tracked_changes)],
    &[
        ("numbers", automatic_numbers),
        ("fields", fields),
        ("gaps", gaps_in_rows),
        ("merges", merges_without_start),
        ("frames", frames),
    ],
    &[
        ("old merges", horizontal_merges),
        ("numbers", numbers_of_styles),
        ("alternate", alternate_content),
        ("boxes", text_boxes),
        ("tags", smart_tags),
    ],
    &[
        ("items", numbers_in_cells),
        ("numbers", automatic_numbers),
        ("ruby", ruby),
        ("hidden", hidden_text),
        ("titles", touching_tables_with_titles),
    ],
    &[("touching", touching_tables), ("frames", frames_with_titles), ("marks", deleted_marks), ("split", split_runs)],
];

/// What changes the bytes of a part, named.
type Spelling = (&'static str, fn(String) -> Vec<u8>);

/// Changes of the names and encodings of parts.
const SPELLINGS: &[Spelling] = &[
    ("another prefix", |xml| {
        let names = [("<w:", "<ns0:"), ("</w:", "</ns0:"), (" w:", " ns0:"), ("xmlns:w=", "xmlns:ns0=")];
        names.iter().fold(xml, |xml, (from, to)| xml.replace(from, to)).into_bytes()
    }),
    ("strict", |xml| {
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        xml.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", STRICT)
            .replace(office, "http://purl.oclc.org/ooxml/officeDocument/relationships")
            .into_bytes()
    }),
    ("UTF-16", |xml| {
        let xml = format!("\u{feff}{}", xml.replace("UTF-8", "UTF-16"));
        xml.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
];

const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";

/// The parts of a package.
fn parts(docx: &[u8]) -> Parts {
    let mut package = ::zip::ZipArchive::new(Cursor::new(docx)).expect("our own package");
    let count = package.len();
    let part = |index| {
        let mut entry = package.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("inflates");
        (entry.name().expect("UTF-8").into_owned(), bytes)
    };
    (0..count).map(part).collect()
}

/// A document in other manners.
fn rewrite(docx: &[u8], manners: &[Manner], spelling: Option<fn(String) -> Vec<u8>>) -> Vec<u8> {
    let mut parts = parts(docx);
    let mut lists = String::new();
    for (name, bytes) in &mut parts {
        let mut xml = || String::from_utf8(std::mem::take(bytes)).expect("UTF-8");
        if name == "word/document.xml" {
            let mut root = Element::parse(&xml());
            root.attributes.push_str(DECLARATIONS);
            for (_, change) in manners {
                change(&mut root);
            }
            let main = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", root.write());
            lists = numbering(&main);
            *bytes = main.into_bytes();
        } else if name == "word/styles.xml" {
            *bytes = xml().replace("</w:styles>", &(numbering_styles() + "</w:styles>")).into_bytes();
        } else if name == "word/_rels/document.xml.rels" {
            *bytes = xml()
                .replace("</Relationships>", &(NUMBERING_RELATIONSHIP.to_owned() + "</Relationships>"))
                .into_bytes();
        }
    }
    parts.push(("word/numbering.xml".to_owned(), lists.into_bytes()));
    if let Some(spell) = spelling {
        for (_, bytes) in parts.iter_mut().filter(|(name, _)| name.starts_with("word/") && name.ends_with(".xml")) {
            *bytes = spell(String::from_utf8(std::mem::take(bytes)).expect("UTF-8"));
        }
    }
    zip(&parts)
}

/// Reads the document of a filing in some manners, and compares.
fn check(name: &str, bytes: &[u8], manners: &[&[Manner]], spellings: &[Spelling]) -> Vec<String> {
    let filing = common::filing(name, bytes);
    let expected = content(&filing);
    let docx = yusuan::write::docx::write(&filing, built_in::forms()).expect("a document small enough");
    let mut wrong = Vec::new();
    let mut compare = |manner: &str, docx: &[u8]| {
        let found: Value = content(&common::filing("made.docx", docx));
        wrong
            .extend(differences(&expected, &found).into_iter().take(4).map(|what| format!("{name}, {manner}: {what}")));
    };
    for manners in manners {
        // Only the document itself knows the levels of headings that Markdown or HTML gave.
        if *name.split('.').next_back().unwrap_or_default() == *"md"
            && manners.iter().any(|(name, _)| *name == "no styles")
        {
            continue;
        }
        let names: Vec<&str> = manners.iter().map(|(name, _)| *name).collect();
        compare(&names.join(" + "), &rewrite(&docx, manners, None));
    }
    for (spelling, spell) in spellings {
        compare(spelling, &rewrite(&docx, &[], Some(*spell)));
    }
    wrong
}

#[test]
fn bundled_filings_read_alike_from_every_producer() {
    let alone: Vec<&[Manner]> = MANNERS.chunks(1).collect();
    // One filing of each kind of form; the others differ from these as texts only.
    let kinds = ["2021-cell-a-line.txt", "2023-nine-tables.txt", "2025-html.md"];
    let filings = common::example_filings();
    let filings: Vec<_> = filings.iter().filter(|(name, _)| kinds.contains(&name.as_str())).collect();
    assert_eq!(filings.len(), kinds.len());
    let wrong = |manners: &[&[Manner]], spellings| -> Vec<String> {
        filings.iter().flat_map(|(name, bytes)| check(name, bytes, manners, spellings)).collect()
    };
    let wrong = [wrong(&alone, SPELLINGS), wrong(TOGETHER, &[])].concat();
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[test]
fn real_filings_read_alike_from_every_producer() {
    let filings = common::real_filings("real_filings_read_alike_from_every_producer");
    // Each manner alone takes a minute more: `YUSUAN_MANNERS=all`.
    let alone: Vec<&[Manner]> = MANNERS.chunks(1).collect();
    let all = std::env::var_os("YUSUAN_MANNERS").is_some_and(|value| value == "all");
    let (manners, spellings): (&[&[Manner]], &[Spelling]) = if all { (&alone, SPELLINGS) } else { (TOGETHER, &[]) };
    let wrong: Vec<String> = filings.iter().flat_map(|(name, bytes)| check(name, bytes, manners, spellings)).collect();
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

/// What a text says, set as a script would: each line a paragraph, each run of rows a table, every row
/// with as many cells as the longest.
fn set_plainly(name: &str, bytes: &[u8]) -> Vec<u8> {
    let (_, document) = yusuan::read::read(name, bytes, &Limits::default()).expect("a readable filing");
    let mut body = String::new();
    let mut after_table = false;
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                let level = paragraph.outline.map(|level| format!(r#"<w:outlineLvl w:val="{}"/>"#, level - 1));
                body.push_str(&styled(&level.unwrap_or_default(), paragraph.text.as_str()));
            }
            Block::Grid(grid) => {
                body.push_str(if after_table { "<w:p/>" } else { "" });
                body.extend(grid.caption.iter().map(|caption| p(caption.as_str())));
                let width = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
                let rows: Vec<String> = grid.rows.iter().map(|row| plain_row(row, width)).collect();
                body.push_str(&tbl(width, &rows));
            }
        }
        after_table = matches!(block, Block::Grid(_));
    }
    Package::new(&body).build()
}

/// A row of a text, with the merged cells that HTML has.
fn plain_row(row: &GridRow, width: usize) -> String {
    let mut cells = Vec::new();
    let mut columns = row.cells.iter().peekable();
    let mut set = 0;
    while let Some(cell) = columns.next() {
        let mut covers = 1;
        while columns.next_if(|next| next.cover == Cover::Left).is_some() {
            covers += 1;
        }
        set += covers;
        let merge = if cell.cover == Cover::Above { "<w:vMerge/>" } else { "" };
        let paragraphs: String = cell.text.as_str().split('\n').map(p).collect();
        cells.push(format!(r#"<w:tc><w:tcPr><w:gridSpan w:val="{covers}"/>{merge}</w:tcPr>{paragraphs}</w:tc>"#));
    }
    cells.resize(cells.len() + width - set, tc(""));
    tr(&cells)
}

#[test]
fn texts_set_as_plain_tables_read_alike() {
    // Columns set with blanks are known of texts alone.
    let filings = common::example_filings().into_iter().filter(|(name, _)| !name.starts_with("layout"));
    let mut wrong = Vec::new();
    for (name, bytes) in filings.chain(common::real_filings("texts_set_as_plain_tables_read_alike")) {
        let expected = content(&common::filing(&name, &bytes));
        let found = content(&common::filing("made.docx", &set_plainly(&name, &bytes)));
        wrong.extend(differences(&expected, &found).into_iter().take(4).map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}
