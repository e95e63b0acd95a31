//! An empty form to fill in, with its formulas.

use std::sync::Arc;

use super::arrange::arrange;
use super::book::Book;
use super::look;
use super::name::Names;
use super::sums::{Places, Sums};
use super::table::{Job, Print, plan};
use crate::equation::{CellRef, Slot};
use crate::error::Result;
use crate::filing::{Block, Cell, Column, Field, Filing, FormKey, Row, RowKind, Table, Value};
use crate::form::label::Pattern;
use crate::form::{Addends, Form, Forms, Kind};
use crate::source::{Source, column_name};
use crate::text::Text;

/// Slots for a year.
const YEARS: [&str; 2] = ["year", "fiscal_year"];

/// A workbook with one empty form: its fixed lines, or empty rows under a total, and a formula in
/// every cell the form defines as a sum.
///
/// # Errors
/// When the form has more columns than a sheet.
pub fn blank(form: &Form, forms: &Forms) -> Result<Vec<u8>> {
    let look = look::look();
    let filing = empty_filing(form, look.form.blank_rows);
    let table = filing.table(0).expect("the filing has one table");
    let job = Job { filing: &filing, forms, form: Some(form), print: Print::Blank, block: 0, table, look };
    let sheet_title = form.sheet.replace(['{', '}'], "");
    let wish = if form.sheet.contains('{') { form.title.fill(|_| None) } else { sheet_title };
    let name = Names::default().give(&wish, &form.key.form);
    let mut places = Places::default();
    places.add(&name);
    let mut sheet = plan(&job, 0..table.rows.len(), 0, &mut places, &mut Vec::new());
    sheet.name = name;
    let mut equations = crate::form::sums::equations(form, table, 0);
    equations.extend(crate::form::sums::field_sums(form));
    let mut sums = Sums::new(&filing, &equations, &places);
    let totals = tree_totals(&job, &places);
    for (cell, formula) in &totals {
        sums.add(cell, formula.clone(), 2);
    }
    let mut book = Book::new(look, form.title.printed());
    book.draw(&sheet, &sums)?;
    book.finish(None)
}

fn empty_filing(form: &Form, blank_rows: usize) -> Filing {
    let columns: Vec<Column> = form
        .columns
        .iter()
        .filter(|column| column.fixed.is_none())
        .map(|column| Column {
            id: column.id.clone(),
            label: column.head.iter().map(|pattern| pattern.fill(|_| None)).collect(),
        })
        .collect();
    let mut fields: Vec<Field> =
        form.fields.iter().map(|field| Field { id: field.id.clone(), value: Value::One(Text::default()) }).collect();
    // The year in a title or in the head of a column is written in by hand.
    let printed = || form.columns.iter().flat_map(|column| &column.head).chain([&form.title]);
    for year in YEARS {
        if printed().flat_map(Pattern::slots).any(|slot| slot == year) && form.field(year).is_none() {
            fields.push(Field { id: year.to_owned(), value: Value::One(Text::from("　　")) });
        }
    }
    let mut table = Table {
        form: Some(FormKey { form: form.key.form.clone(), family: form.key.family.clone() }),
        fields,
        columns,
        unit: Some(form.unit.clone().unwrap_or_else(|| "万元".to_owned())),
        ..Table::default()
    };
    table.rows = rows(form, &table.columns, blank_rows);
    let kinds = crate::form::sums::row_kinds(form, &table);
    for (row, kind) in table.rows.iter_mut().zip(kinds) {
        row.kind = kind;
    }
    let source = Source::new("", crate::source::Kind::Spreadsheet, b"");
    Filing { blocks: vec![Block::Table(Box::new(table))], ..Filing::new(Arc::new(source)) }
}

/// The fixed lines of a form; else a total row, where the form names one, and empty rows.
fn rows(form: &Form, columns: &[Column], blank_rows: usize) -> Vec<Row> {
    let fixed = form.lines.values().map(Vec::len).max();
    let total = form
        .sums
        .iter()
        .find(|sum| sum.kind == RowKind::Total && !matches!(sum.of, Addends::Rows(_)))
        .and_then(|sum| Some((sum.label.as_str(), sum.row.first()?.printed().replace('*', ""))));
    let count = fixed.unwrap_or(blank_rows + usize::from(total.is_some()));
    (0..count)
        .map(|row| {
            let text = |column: &Column| -> String {
                let kind = form.column(&column.id).map(|spec| spec.kind);
                if kind == Some(Kind::Ordinal) {
                    return (row + 1).to_string();
                }
                if let Some(line) = form.lines.get(&column.id).and_then(|lines| lines.get(row)) {
                    return line.trim().to_owned();
                }
                match &total {
                    Some((label, name)) if fixed.is_none() && row == 0 && *label == column.id => name.clone(),
                    _ => String::new(),
                }
            };
            let cells = columns.iter().map(|column| Cell { text: Text::from(text(column).as_str()), filled: false });
            Row { kind: RowKind::Detail, cells: cells.collect() }
        })
        .collect()
}

/// First and last row of the body on the sheet, from 0.
fn body_of(places: &Places, table: &Table) -> Option<(u32, u32)> {
    let row = |wanted: usize| {
        places.spots.iter().find_map(|(cell, spot)| match cell.slot {
            Slot::Cell { row, .. } if row == wanted => Some(spot.row),
            _ => None,
        })
    };
    Some((row(0)?, row(table.rows.len().checked_sub(1)?)?))
}

/// The total of a tree of codes that are still to be typed: the sum of the rows whose code is a
/// root's.
fn tree_totals(job: &Job<'_>, places: &Places) -> Vec<(CellRef, String)> {
    let Some((form, (first, last))) = job.form.zip(body_of(places, job.table)) else { return Vec::new() };
    let Some(tree) = &form.tree else { return Vec::new() };
    let arranged = arrange(job.table, job.form, true, &job.look.form, &|_| None);
    let codes: Vec<String> = arranged
        .columns
        .iter()
        .filter(|column| column.spec.is_some_and(|spec| spec.id == tree.code))
        .map(|column| column_name(u32::from(column.from)))
        .collect();
    let (from, to) = (first + 2, last + 1);
    let roots = match (codes.as_slice(), tree.levels.first()) {
        ([code], Some(root)) => format!("(LEN({code}{from}:{code}{to})={root})*1"),
        // 类 is filled in, 款 is not.
        ([code, below, ..], _) => format!("({code}{from}:{code}{to}<>\"\")*({below}{from}:{below}{to}=\"\")"),
        _ => return Vec::new(),
    };
    let mut totals: Vec<(CellRef, String)> = places
        .spots
        .iter()
        .filter(|(cell, spot)| matches!(cell.slot, Slot::Cell { row: 0, .. }) && spot.kind == Kind::Money)
        .map(|(cell, spot)| {
            let column = column_name(u32::from(spot.col));
            (cell.clone(), format!("ROUND(SUMPRODUCT({roots},{column}{from}:{column}{to}),6)"))
        })
        .collect();
    totals.sort();
    totals
}
