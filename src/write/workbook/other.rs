//! `其他信息`: what the form a table is printed on has no place for, and texts longer than a cell.

use std::borrow::Cow;
use std::collections::HashSet;

use super::look::{Align, Role, Style};
use super::number::{Manner, Shown};
use super::sheet::{Content, Sheet, Tile};
use super::split::pieces;
use super::sums::{Places, Spot};
use super::table::Job;
use crate::equation::{CellRef, Slot};
use crate::filing::Filing;
use crate::finding::Finding;
use crate::form::Kind;
use crate::service::OTHER;

/// A value that stands on `其他信息`.
#[derive(Clone, Debug)]
pub(super) struct Leftover<'f> {
    block: usize,
    /// Row of the table; `None` for a field.
    row: Option<usize>,
    /// Column or field id, and its name for people.
    id: String,
    name: String,
    text: Cow<'f, str>,
    /// The value's cell, where the whole of it stands here.
    cell: Option<CellRef>,
    kind: Kind,
}

impl<'f> Leftover<'f> {
    /// The rest of a text that is longer than a cell.
    pub fn rest(job: &Job<'f>, cell: &CellRef, text: String) -> Leftover<'f> {
        let (row, id) = match &cell.slot {
            Slot::Cell { row, column } => (Some(*row), job.table.columns[*column].id.clone()),
            Slot::Field(id) => (None, id.clone()),
        };
        let name = name_of(job, row, &id);
        Leftover { block: job.block, row, id, name, text: Cow::Owned(text), cell: None, kind: Kind::Text }
    }

    /// A field the form has no place for.
    pub fn field(job: &Job<'f>, id: &str, text: Cow<'f, str>) -> Leftover<'f> {
        let kind = own_form(job).and_then(|form| form.field(id)).map_or(Kind::Text, |field| field.kind);
        let cell = Some(CellRef::field(job.block, id));
        Leftover { block: job.block, row: None, id: id.to_owned(), name: name_of(job, None, id), text, cell, kind }
    }

    /// A cell of a column the form has no place for.
    pub fn cell(job: &Job<'f>, row: usize, column: usize, text: &'f str) -> Leftover<'f> {
        let id = job.table.columns[column].id.clone();
        let kind = own_form(job).and_then(|form| form.column(&id)).map_or(Kind::Text, |column| column.kind);
        let cell = Some(CellRef::cell(job.block, row, column));
        let name = name_of(job, Some(row), &id);
        Leftover { block: job.block, row: Some(row), id, name, text: Cow::Borrowed(text), cell, kind }
    }

    /// What is reported about it.
    fn finding(&self, filing: &Filing) -> Finding {
        let table = filing.table(self.block);
        let title = table.map_or("", |table| table.title.as_str());
        let place = match (&self.cell, table) {
            (Some(cell), Some(table)) => cell.text(filing).map_or(table.place, |text| text.place()),
            (_, table) => table.map(|table| table.place).unwrap_or_default(),
        };
        let finding = if self.cell.is_some() {
            Finding::of(
                "no-place-on-form",
                place,
                format!("《{title}》的“{}”在所用模板上没有位置，已放到“{}”表", self.name, OTHER.name),
                format!(
                    "“{title}”: the form used has no place for “{}”; it stands on sheet “{}”",
                    self.name, OTHER.name
                ),
            )
        } else {
            Finding::of(
                "text-longer-than-cell",
                place,
                format!("《{title}》的“{}”超过一个单元格的容量（32767 字），余下的文字在“{}”表", self.name, OTHER.name),
                format!(
                    "“{title}”: “{}” is longer than a cell holds; the rest stands on sheet “{}”",
                    self.name, OTHER.name
                ),
            )
        };
        finding.at_cell(self.block, self.row, self.id.clone())
    }
}

/// One finding for each field, column and cell that goes on: a column is told once, not by row.
pub(super) fn findings(leftovers: &[Leftover<'_>], filing: &Filing) -> Vec<Finding> {
    let mut told = HashSet::new();
    leftovers
        .iter()
        .filter(|leftover| leftover.cell.is_none() || told.insert((leftover.block, leftover.id.as_str())))
        .map(|leftover| leftover.finding(filing))
        .collect()
}

fn own_form<'f>(job: &Job<'f>) -> Option<&'f crate::form::Form> {
    job.table.form.as_ref().and_then(|key| job.forms.get(key))
}

fn name_of(job: &Job<'_>, row: Option<usize>, id: &str) -> String {
    if row.is_none() && id == "unit" {
        return "单位".to_owned();
    }
    if row.is_none() {
        return own_form(job).map_or_else(|| id.to_owned(), |form| form.field_name(id));
    }
    let label = job.table.columns.iter().find(|column| column.id == id).and_then(|column| column.label.last());
    label.filter(|label| !label.is_empty()).cloned().unwrap_or_else(|| id.to_owned())
}

/// Plans the sheet; `None` where nothing is left over. Columns: 序号, 工作表, 行 (of the table's
/// body, from 1), 代码 (of the field or column), 栏目, 内容, 说明 (`续`: the rest of that cell).
pub(super) fn plan<'f>(
    leftovers: &[Leftover<'f>],
    number: usize,
    sheet_of: impl Fn(usize) -> (String, String),
    places: &mut Places,
) -> Option<Sheet<'f>> {
    if leftovers.is_empty() {
        return None;
    }
    let mut sheet = Sheet::of_service(&OTHER, OTHER.name);
    sheet.push_heads(&OTHER, 1);
    let mut row = 2;
    let cell = Style::of(Role::Screen);
    for leftover in leftovers {
        let (name, anchor) = sheet_of(leftover.block);
        for (piece, text) in pieces(&leftover.text).enumerate() {
            let rest = leftover.cell.is_none() || piece > 0;
            let count = Shown { value: (row - 1).into(), manner: Manner::default() };
            sheet.tiles.push(Tile::text(row, 0, cell.aligned(Align::Center), "").with(Content::Number(count)));
            let link = Content::Link { text: Cow::Owned(name.clone()), to: anchor.clone() };
            sheet.tiles.push(Tile::text(row, 1, Style::of(Role::Link), "").with(link));
            if let Some(line) = leftover.row {
                let line = Shown { value: (line as u64 + 1).into(), manner: Manner::default() };
                sheet.tiles.push(Tile::text(row, 2, cell.aligned(Align::Center), "").with(Content::Number(line)));
            } else {
                sheet.tiles.push(Tile::text(row, 2, cell, ""));
            }
            sheet.tiles.push(Tile::text(row, 3, cell, leftover.id.clone()));
            sheet.tiles.push(Tile::text(row, 4, cell, leftover.name.clone()));
            let mut tile = Tile::text(row, 5, cell, text.to_owned());
            if let (Some(value), Cow::Borrowed(whole), false) = (&leftover.cell, &leftover.text, rest) {
                if matches!(leftover.kind, Kind::Money | Kind::Number | Kind::Percent) {
                    let spot = Spot { sheet: number, row, col: 5, cols: 1, kind: leftover.kind };
                    places.spots.insert(value.clone(), spot);
                }
                if *whole == text {
                    tile.content = Content::Value { cell: value.clone(), text: whole, kind: leftover.kind };
                }
            }
            sheet.tiles.push(tile);
            sheet.tiles.push(Tile::text(row, 6, cell, if rest { "续" } else { "模板无此栏" }));
            row += 1;
        }
    }
    sheet.repeat = 1..2;
    sheet.freeze = 2;
    sheet.landscape = true;
    Some(sheet)
}
