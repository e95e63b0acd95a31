//! What people do to the sheets of a workbook, built on its model: renamed, deleted and reordered
//! service sheets say nothing of the filing.

mod common;

use yusuan::document::{Block, Document};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing};
use yusuan::source::Source;

/// The workbook of a filing, as read, and what `edit` did to it; then applied.
fn applied(bytes: &[u8], edit: impl Fn(&mut Document)) -> yusuan::Result<Applied> {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let before = common::filing("a.txt", bytes);
    let equations = yusuan::check::equations(&before, forms);
    let book = yusuan::write::workbook::write(&before, forms, &equations, &Default::default()).expect("a workbook");
    let (source, mut document): (Source, Document) =
        yusuan::read::read("a.xlsx", &book.bytes, &limits).expect("a workbook");
    edit(&mut document);
    let after = yusuan::recognise::recognise(source, document, forms);
    apply_filing(bytes, &before, &after, forms, &limits, &Options::default())
}

fn rename(document: &mut Document, old: &str, new: &str) {
    for block in &mut document.blocks {
        if let Block::Grid(grid) = block
            && grid.sheet.as_deref() == Some(old)
        {
            grid.sheet = Some(new.to_owned());
        }
    }
}

fn delete(document: &mut Document, name: &str) {
    document.blocks.retain(|block| !matches!(block, Block::Grid(grid) if grid.sheet.as_deref() == Some(name)));
}

#[test]
fn sheets_of_other_names_are_the_same_sheets() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| {
            rename(document, "文本", "正文");
            rename(document, "目录", "总目");
        });
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}

#[test]
fn a_deleted_sheet_of_the_prose_deletes_no_prose() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| delete(document, "文本"));
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}

#[test]
fn a_deleted_list_of_contents_changes_nothing() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| delete(document, "目录"));
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}
