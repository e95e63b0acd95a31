//! What people do to the sheets of a workbook, built on its model: renamed, deleted and reordered
//! service sheets say nothing of the filing.

mod common;

use std::collections::HashMap;

use yusuan::document::{Block, Document, Grid};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing};
use yusuan::source::Source;
use yusuan::text::{Place, Text};

/// The workbook of a filing.
fn book(bytes: &[u8]) -> Vec<u8> {
    let forms = built_in::forms();
    let before = common::filing("a.txt", bytes);
    let equations = yusuan::check::equations(&before, forms);
    yusuan::write::workbook::write(&before, forms, &equations, &Default::default()).expect("a workbook").bytes
}

/// The workbook of a filing, as read.
fn workbook(bytes: &[u8]) -> (Source, Document) {
    yusuan::read::read("a.xlsx", &book(bytes), &Limits::default()).expect("a workbook")
}

/// The workbook of a filing, as read, and what `edit` did to it; then applied.
fn applied(bytes: &[u8], edit: impl Fn(&mut Document)) -> yusuan::Result<Applied> {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let before = common::filing("a.txt", bytes);
    let (source, mut document) = workbook(bytes);
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

/// Totals whose printed amount is wrong, as the workbook has them: cell, printed, computed.
fn wrong_totals(bytes: &[u8]) -> Vec<(Place, String, String)> {
    let forms = built_in::forms();
    let before = common::filing("a.txt", bytes);
    let (_, document) = workbook(bytes);
    let equations = yusuan::check::equations(&before, forms);
    let shown: HashMap<Place, &Text> = texts(&document).map(|text| (text.place(), text)).collect();
    let book = common::filing("a.xlsx", &book(bytes));
    let defined = equations.iter().filter(|equation| equation.defines);
    let mut found = Vec::new();
    for equation in defined {
        let (Some(old), Some(new)) = (equation.target.text(&before), equation.target.text(&book)) else { continue };
        let computed = shown.get(&new.place()).map(|text| text.as_str()).filter(|text| *text != old.as_str());
        if let Some(computed) = computed.filter(|_| document.cells.formulas.contains(&new.place())) {
            found.push((new.place(), old.as_str().to_owned(), computed.to_owned()));
        }
    }
    found
}

fn texts(document: &Document) -> impl Iterator<Item = &Text> {
    let grids = document.blocks.iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(grid),
        Block::Paragraph(_) => None,
    });
    grids.flat_map(|grid| &grid.rows).flat_map(|row| &row.cells).map(|cell| &cell.text)
}

#[test]
fn a_right_total_typed_over_a_formula_is_an_edit() {
    let mut tried = 0;
    for (name, bytes) in common::example_filings() {
        for (place, printed, computed) in wrong_totals(&bytes) {
            tried += 1;
            let applied = applied(&bytes, |document| {
                document.cells.formulas.remove(&place);
            });
            let applied = applied.unwrap_or_else(|error| panic!("{name} {place:?}: {}", error.zh));
            let zero = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
            let typed =
                applied.changes.iter().any(|change| change.old == printed && zero(&change.new) == zero(&computed));
            assert!(typed, "{name} {place:?}: {printed} → {computed}: {:#?}", applied.changes);
        }
    }
    assert!(tried > 0);
}

#[test]
fn a_total_cleared_where_the_formula_stood_is_cleared() {
    for (name, bytes) in common::example_filings() {
        let Some((place, printed, _)) = wrong_totals(&bytes).into_iter().next() else { continue };
        let applied = applied(&bytes, |document| {
            document.cells.formulas.remove(&place);
            set(document, place, "");
        });
        let applied = applied.unwrap_or_else(|error| panic!("{name} {place:?}: {}", error.zh));
        let change = applied.changes.first().expect("an edit");
        assert_eq!((change.old.as_str(), change.new.as_str()), (printed.as_str(), ""), "{name}");
    }
}

fn set(document: &mut Document, place: Place, value: &str) {
    for block in &mut document.blocks {
        let Block::Grid(grid) = block else { continue };
        for cell in grid.rows.iter_mut().flat_map(|row| &mut row.cells).filter(|cell| cell.text.place() == place) {
            cell.text = Text::placed(value, place);
        }
    }
}

#[test]
fn values_pasted_over_all_formulas_are_no_edit_and_wrong_totals_are_named() {
    for (name, bytes) in common::example_filings() {
        let wrong = wrong_totals(&bytes);
        let applied = applied(&bytes, |document| document.cells.formulas.clear());
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
        let named = applied.findings.iter().filter(|finding| finding.rule == "formulas-pasted").count();
        assert_eq!(named > 0, !wrong.is_empty(), "{name}: {wrong:?}");
    }
}

#[test]
fn a_deleted_row_of_a_table_on_the_prose_sheet_leaves_the_table() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| {
            for block in &mut document.blocks {
                if let Block::Grid(grid) = block
                    && grid.sheet.as_deref() == Some("文本")
                {
                    let row = grid.rows.iter().position(|row| row.cells[1].text.as_str() == "表").expect("a table");
                    grid.rows.remove(row);
                }
            }
        });
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
        assert!(applied.findings.iter().any(|finding| finding.rule == "table-row-missing"), "{name}");
    }
}

#[test]
fn an_edited_header_is_an_error_that_names_its_cell() {
    let examples = common::example_filings();
    let (name, bytes) = examples.into_iter().find(|(name, _)| name.starts_with("2023-nine")).expect("an example");
    let cell = std::cell::Cell::new(Place::Nowhere);
    let error = applied(&bytes, |document| {
        let header = texts(document).find(|text| text.as_str() == "项目支出").expect("a header").place();
        cell.set(header);
        set(document, header, "项目性支出");
    });
    let error = error.expect_err(&name);
    let Place::SheetCell { row, column, .. } = cell.get() else { panic!("a cell") };
    let cell = format!("!{}{}", yusuan::source::column_name(column), row + 1);
    assert!(error.zh.contains("表头") && error.zh.contains(&cell), "{cell}: {}", error.zh);
}

#[test]
fn a_copied_sheet_is_a_table_behind_the_sheet_before_it() {
    let examples = common::example_filings();
    let (name, bytes) = examples.into_iter().find(|(name, _)| name.starts_with("2023-nine")).expect("an example");
    let applied = applied(&bytes, |document| {
        let title = |grid: &Grid| grid.rows[0].cells[0].text.as_str().to_owned();
        let is_project = |block: &Block| matches!(block, Block::Grid(grid) if title(grid).starts_with("1、"));
        let at = document.blocks.iter().position(is_project).expect("a project");
        let Block::Grid(mut copy) = document.blocks[at].clone() else { panic!("a grid") };
        copy.sheet = Some("新项目".to_owned());
        let first = &mut copy.rows[0].cells[0].text;
        *first = Text::placed("1、护林防火检查站建设绩效目标表", first.place());
        document.blocks.insert(at + 1, Block::Grid(copy));
    });
    let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
    let text = String::from_utf8(applied.bytes).expect("UTF-8");
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {:#?}", applied.changes));
    let [first, new, second] = ["1、古树名木抢救复壮", "1、护林防火检查站建设", "2、森林草原防灭火能力提升"].map(at);
    assert!(first < new && new < second, "{first} {new} {second}");
}
