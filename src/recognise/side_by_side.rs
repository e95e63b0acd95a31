//! Tables that stand side by side on one sheet, blank columns between them.

use super::assemble::{Assembler, Out};
use crate::document::{Block, Cover, Grid, GridRow};
use crate::form::Forms;
use crate::source::Kind;

/// The tables of a sheet as sheets of their own, where they are forms and the whole is none.
pub(super) fn split(block: &Block, forms: &Forms, year: Option<u16>) -> Option<Vec<Block>> {
    let Block::Grid(grid) = block else { return None };
    if grid.sheet.is_none() || !grid.exact {
        return None;
    }
    let parts = parts(grid);
    if parts.len() < 2 || recognised(Block::Grid(grid.clone()), forms, year).0 > 0 {
        return None;
    }
    let tables: Vec<Block> = parts.into_iter().map(Block::Grid).collect();
    let each_is_one = tables.iter().all(|table| {
        let (known, unknown) = recognised(table.clone(), forms, year);
        known > 0 && unknown == 0
    });
    each_is_one.then_some(tables)
}

/// How many tables of a block are forms, and how many are none.
fn recognised(block: Block, forms: &Forms, year: Option<u16>) -> (usize, usize) {
    let mut assembler = Assembler::new(forms, year, Kind::Spreadsheet);
    assembler.block(block);
    assembler.finish();
    let tables = assembler.out.iter().filter_map(|out| match out {
        Out::Table(table) => Some(table.form.is_some()),
        Out::Paragraph(_) => None,
    });
    tables.fold((0, 0), |(known, unknown), form| (known + usize::from(form), unknown + usize::from(!form)))
}

/// The grid cut at its blank columns.
fn parts(grid: &Grid) -> Vec<Grid> {
    let width = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut filled = vec![false; width];
    for row in &grid.rows {
        for (column, cell) in row.cells.iter().enumerate() {
            filled[column] |= !cell.text.is_blank() || cell.cover != Cover::No;
        }
    }
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(start) = (at..width).find(|column| filled[*column]) {
        let end = (start..width).find(|column| !filled[*column]).unwrap_or(width);
        let cut = |row: &GridRow| {
            let cells = row.cells.iter().take(end).skip(start).cloned().collect();
            GridRow { cells, header: row.header }
        };
        let mut rows: Vec<GridRow> = grid.rows.iter().map(cut).collect();
        while rows.last().is_some_and(GridRow::is_blank) {
            rows.pop();
        }
        parts.push(Grid { rows, inner: Vec::new(), ..grid.clone() });
        at = end;
    }
    parts
}
