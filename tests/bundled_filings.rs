//! The bundled filings are read as they are meant.

#[path = "common/content.rs"]
mod content;

use std::path::Path;

use content::{content, differences};
use serde_json::Value;
use yusuan::filing::Block;
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn bundled_named(file: &str) -> yusuan::Filing {
    let path = Path::new("examples/filings").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (source, document) = yusuan::read::read(file, &bytes, &Limits::default()).expect("a readable filing");
    yusuan::recognise::recognise(source, document, built_in::forms())
}

/// Forms with their numbers of rows, in order.
fn tables(filing: &yusuan::Filing) -> Vec<(String, usize)> {
    filing.tables().map(|(_, table)| (table.form_id().to_owned(), table.rows.len())).collect()
}

fn check_tables(file: &str, expect: &[(&str, usize)]) {
    let filing = bundled_named(file);
    let found = tables(&filing);
    let found: Vec<(&str, usize)> = found.iter().map(|(form, rows)| (form.as_str(), *rows)).collect();
    assert_eq!(found, expect, "{file}");
    assert_eq!(filing.department.name, "云岭县林草服务局", "{file}");
}

const LONG: &[(&str, usize)] = &[
    ("institutions", 3),
    ("project-performance", 6),
    ("project-performance", 6),
    ("project-performance", 7),
    ("project-performance", 6),
    ("procurement", 7),
    ("state-assets", 6),
];

#[test]
fn every_form_is_recognised() {
    for file in ["2021-cell-a-line.txt", "2021-row-a-line.txt", "2021-gb18030-crlf.txt"] {
        check_tables(file, LONG);
    }
    for file in ["2023-nine-tables.txt", "2023-contradictions.txt"] {
        check_tables(
            file,
            &[
                ("revenue-expenditure-summary", 34),
                ("revenue-summary", 22),
                ("expenditure-summary", 22),
                ("fiscal-summary", 37),
                ("general-expenditure", 19),
                ("basic-expenditure", 27),
                ("fund-expenditure", 4),
                ("state-capital-expenditure", 0),
                ("three-public", 6),
                ("institutions", 3),
                ("activity-performance", 6),
                ("project-performance", 6),
                ("project-performance", 6),
                ("project-performance", 7),
                ("project-performance", 6),
                ("procurement", 7),
                ("state-assets", 6),
            ],
        );
    }
    check_tables("2023-ocr.txt", &[("project-performance", 9), ("project-performance", 7), ("project-performance", 7)]);
}

#[test]
fn encoding_and_line_ends_make_no_difference() {
    let one = content(&bundled_named("2021-cell-a-line.txt"));
    let other = content(&bundled_named("2021-gb18030-crlf.txt"));
    assert!(differences(&one, &other).is_empty(), "{:#?}", differences(&one, &other));
}

/// Tables without their titles, whose running numbers are printed in two manners.
fn table_contents(filing: &yusuan::Filing) -> Vec<Value> {
    let Value::Object(mut map) = content(filing) else { panic!("an object") };
    let Some(Value::Array(blocks)) = map.remove("blocks") else { panic!("an array") };
    let mut tables: Vec<Value> = blocks.into_iter().filter(|block| block["type"] == "table").collect();
    for table in &mut tables {
        let table = table.as_object_mut().expect("a table is an object");
        table.remove("title");
    }
    tables
}

#[test]
fn a_damaged_row_a_line_print_reads_like_the_undamaged_filing() {
    let whole = table_contents(&bundled_named("2021-cell-a-line.txt"));
    let damaged = table_contents(&bundled_named("2021-row-a-line.txt"));
    for (one, other) in whole.iter().zip(&damaged) {
        assert!(differences(one, other).is_empty(), "{:#?}", differences(one, other));
    }
    let prose = |filing: &yusuan::Filing| {
        let last = |blocks: &[Block]| blocks.iter().filter(|block| !matches!(block, Block::Table(_))).count();
        last(&filing.blocks)
    };
    // The title is one paragraph where it was two.
    assert_eq!(prose(&bundled_named("2021-cell-a-line.txt")), prose(&bundled_named("2021-row-a-line.txt")) + 1);
}

#[test]
fn merged_cells_of_html_and_blanks_of_markdown_say_the_same() {
    let html = table_contents(&bundled_named("2025-html.md"));
    let markdown = table_contents(&bundled_named("2025-markdown.md"));
    assert_eq!(html.len(), markdown.len());
    let performance = |tables: &[Value]| -> Vec<Value> {
        tables.iter().filter(|table| table["form"] == "project-performance").cloned().collect()
    };
    assert_eq!(performance(&html).len(), 2);
    for (one, other) in performance(&html).iter().zip(&performance(&markdown)) {
        assert!(differences(one, other).is_empty(), "{:#?}", differences(one, other));
    }
}
