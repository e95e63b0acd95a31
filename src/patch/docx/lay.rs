//! The tables and paragraphs of a part as printed.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::Cover;
use crate::patch::dialect::Dialect;
use crate::patch::prints::{PrintedCell, PrintedGrid, PrintedRow, Prints, Spot};
use crate::read::docx::places::{CellPlace, ParagraphPlace, Places, TablePlace};

/// The tables of a part.
pub(in crate::patch) fn prints(places: Places) -> Prints {
    let grids = places.tables.iter().map(printed).collect();
    let mut prints = Prints::new(grids);
    prints.places = places;
    prints
}

/// Cells by their true grid columns, as the reader gives them.
fn printed(table: &TablePlace) -> PrintedGrid {
    // Columns of the row above that stand in a vertically merged cell.
    let mut merged: HashMap<u32, bool> = HashMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let width = row.cells.iter().map(|cell| cell.column - 1 + cell.span).max().unwrap_or(0);
        let blank = PrintedCell { content: None, cover: Cover::No };
        let mut cells = vec![blank; width as usize];
        let mut next = HashMap::new();
        for cell in row.cells.iter().filter(|cell| cell.span > 0) {
            let covered = cell.vertical.as_ref().is_some_and(|vertical| !vertical.starts)
                && merged.get(&cell.column).copied().unwrap_or(false);
            next.insert(cell.column, cell.vertical.is_some());
            let first = cell.column as usize - 1;
            cells[first] = PrintedCell {
                content: (!covered).then(|| cell.range.clone()),
                cover: if covered { Cover::Above } else { Cover::No },
            };
            for other in cells.iter_mut().skip(first + 1).take(cell.span as usize - 1) {
                other.cover = Cover::Left;
            }
        }
        merged = next;
        rows.push(PrintedRow { range: (!row.range.is_empty()).then(|| row.range.clone()), cells });
    }
    PrintedGrid { dialect: Dialect::Docx, rows }
}

/// The cell at a spot, and the one that its merged cell starts with.
pub(super) fn cell_at(places: &Places, spot: Spot) -> Option<(&CellPlace, &CellPlace)> {
    let find = |row: usize| places.cell(spot.grid as u32 + 1, row as u32 + 1, spot.cell as u32 + 1);
    let cell = find(spot.row)?;
    let goes_on = |cell: &CellPlace| cell.vertical.as_ref().is_some_and(|vertical| !vertical.starts);
    let (mut start, mut row) = (cell, spot.row);
    while goes_on(start) && row > 0 {
        row -= 1;
        match find(row).filter(|above| above.vertical.is_some()) {
            Some(above) => start = above,
            None => break,
        }
    }
    Some((cell, start))
}

/// The paragraphs of the body that a range stands in; `None` for text of tables and of text boxes.
pub(in crate::patch) fn paragraphs(places: &Places, range: Range<usize>) -> Option<Range<usize>> {
    let first = body_paragraph(places, range.start)?;
    let last = body_paragraph(places, range.end.saturating_sub(1).max(range.start))?;
    Some(first.range.start..last.range.end)
}

/// The paragraph of the body at a byte, if it is in no other.
pub(super) fn body_paragraph(places: &Places, at: usize) -> Option<&ParagraphPlace> {
    let before = places.paragraphs.partition_point(|paragraph| paragraph.range.start <= at);
    let mut holding = places.paragraphs[..before].iter().rev().filter(|paragraph| at < paragraph.range.end);
    match (holding.next(), holding.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// The innermost cell at a byte.
pub(super) fn cell_of(places: &Places, at: usize) -> Option<&CellPlace> {
    let before = places.tables.partition_point(|table| table.range.start <= at);
    let table = places.tables[..before].iter().rev().find(|table| at < table.range.end)?;
    let row = table.rows.iter().find(|row| row.range.contains(&at))?;
    row.cells.iter().find(|cell| cell.range.contains(&at))
}
