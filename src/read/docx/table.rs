//! A table being read: cells placed by true grid column, merged cells covered, tables in tables.
//!
//! The text of a table inside a cell stays in the cell, in reading order: its cells separated by
//! tabs, its rows by line breaks. The table is also kept as an inner grid. A table that is a mere
//! frame around others (each row holds one cell with content, or nothing but tables) is taken
//! apart: its paragraphs and inner tables become blocks of their own.

use super::shape::{CellShape, Merge, RowShape, settle, width_limit};
use crate::document::{Block, Cover, Grid, GridCell, GridRow, InnerGrid, Paragraph};
use crate::text::{Place, Text};

/// Row of marks and inner tables whose cell is no longer there.
const NOWHERE: u32 = u32::MAX;

/// A cell being read.
#[derive(Debug, Default)]
pub struct CellBuild {
    /// Its text so far.
    pub text: Text,
    /// What decides its columns.
    pub shape: CellShape,
    paragraphs: u32,
    /// Line breaks due before the next text: those of blank paragraphs, which count only between others.
    breaks: u32,
}

/// The end of a paragraph or inner table in the text of a cell.
#[derive(Clone, Copy, Debug)]
struct Mark {
    row: u32,
    /// Cell of the row while the row is read, grid column afterwards.
    cell: u32,
    end: u32,
    outline: Option<u8>,
    inner: Option<u32>,
}

/// A cell of the row above, as merged cells see it.
#[derive(Clone, Copy, Debug)]
struct Above {
    column: usize,
    /// Row in which the merged cell starts, if it is one.
    start: Option<usize>,
}

/// A table being read.
#[derive(Debug, Default)]
pub struct TableBuild {
    /// Number in the part, from 1.
    pub number: u32,
    /// Number of the current row, from 1, deleted ones counted.
    pub row_number: u32,
    /// Widths of the grid's columns in twips.
    pub grid: Vec<u32>,
    /// The current row.
    pub row: RowShape,
    /// The current row is a header row.
    pub header: bool,
    /// The current row is deleted.
    pub dropped: bool,
    cells: Vec<CellBuild>,
    shapes: Vec<CellShape>,
    rows: Vec<GridRow>,
    width: usize,
    above: Vec<Above>,
    marks: Vec<Mark>,
    row_marks: usize,
    inner: Vec<(u32, u32, Grid)>,
    row_inner: usize,
    /// A span was cut.
    pub cut: bool,
    /// The title that the table itself has (`w:tblCaption`).
    pub caption: Option<String>,
    /// Covered cells had text, which went to the cell that covers them.
    pub covered_text: Option<Place>,
}

/// What a row or table added, for the budget of the document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Added {
    /// Cells with text.
    pub filled: usize,
    /// Other cells.
    pub blank: usize,
    /// Characters of deleted cells that were left out.
    pub dropped: usize,
}

impl TableBuild {
    /// Starts a table.
    pub fn new(number: u32) -> TableBuild {
        TableBuild { number, ..TableBuild::default() }
    }

    /// Starts a row.
    pub fn open_row(&mut self) {
        self.row_number += 1;
        self.row = RowShape::default();
        self.header = false;
        self.dropped = false;
        self.cells.clear();
        self.row_marks = self.marks.len();
        self.row_inner = self.inner.len();
    }

    /// Starts a cell.
    pub fn open_cell(&mut self) {
        self.cells.push(CellBuild::default());
    }

    /// The cell being read.
    pub fn cell(&mut self) -> Option<&mut CellBuild> {
        self.cells.last_mut()
    }

    /// The grid column where the current cell begins as far as is known, from 1.
    pub fn column(&self) -> u32 {
        let before: usize = self.cells.iter().rev().skip(1).fold(0, |sum, cell| sum.saturating_add(cell.shape.span));
        u32::try_from(before.saturating_add(self.row.before).saturating_add(1)).unwrap_or(u32::MAX)
    }

    /// Adds a paragraph to the current cell; text outside any cell goes to a cell made for it.
    pub fn add_paragraph(&mut self, text: &Text, outline: Option<u8>) {
        if self.cells.is_empty() {
            self.open_cell();
        }
        let (row, index) = (self.rows.len() as u32, self.cells.len() as u32 - 1);
        let Some(cell) = self.cells.last_mut() else { return };
        cell.begin_part();
        if text.is_empty() {
            return;
        }
        cell.write_breaks();
        if cell.text.is_empty() {
            // The usual cell has one paragraph: one exact copy, no growth.
            cell.text = text.clone();
        } else {
            cell.text.push(text);
        }
        self.marks.push(Mark { row, cell: index, end: cell.text.as_str().len() as u32, outline, inner: None });
    }

    /// Adds a table to the current cell: as text, and as a grid of its own where `keep` says so.
    pub fn add_grid(&mut self, grid: Grid, keep: bool) {
        if self.cells.is_empty() {
            self.open_cell();
        }
        let (row, index) = (self.rows.len() as u32, self.cells.len() as u32 - 1);
        let Some(cell) = self.cells.last_mut() else { return };
        for inner_row in &grid.rows {
            cell.begin_part();
            let mut first = true;
            for inner in inner_row.cells.iter().filter(|inner| !inner.text.is_empty()) {
                if std::mem::take(&mut first) {
                    cell.write_breaks();
                } else {
                    cell.text.push_str("\t");
                }
                cell.text.push(&inner.text);
            }
        }
        let end = cell.text.as_str().len() as u32;
        let inner = keep.then_some(self.inner.len() as u32);
        self.marks.push(Mark { row, cell: index, end, outline: None, inner });
        if keep {
            self.inner.push((row, index, grid));
        }
    }

    /// Ends a row: places its cells.
    pub fn close_row(&mut self, part: u16, columns: usize) -> Added {
        if self.dropped || self.cells.iter().all(|cell| cell.shape.deleted) {
            self.marks.truncate(self.row_marks);
            self.inner.truncate(self.row_inner);
            let dropped = self.cells.drain(..).map(|cell| cell.text.as_str().chars().count()).sum();
            return Added { dropped, ..Added::default() };
        }
        self.shapes.clear();
        self.shapes.extend(self.cells.iter().map(|cell| cell.shape));
        let limit = width_limit(self.grid.len(), columns);
        settle(&mut self.row, &mut self.shapes, &self.grid, limit);
        self.cut |= self.row.cut;
        let row_index = self.rows.len();
        let width = self.row.before + self.row.after + self.shapes.iter().map(|shape| shape.span).sum::<usize>();
        let mut row = GridRow { cells: Vec::with_capacity(width), header: self.header };
        row.cells.resize_with(self.row.before, GridCell::default);
        let mut above = Vec::with_capacity(self.cells.len());
        let (mut next_mark, mut next_inner, mut next_above) = (self.row_marks, self.row_inner, 0);
        // The last cell that is not covered from its left.
        let mut left = 0;
        let mut added = Added::default();
        for (index, cell) in self.cells.drain(..).enumerate() {
            let shape = self.shapes[index];
            let column = row.cells.len();
            // The cell whose text this one's belongs to, when that is not itself.
            let mut owner = None;
            let mut cover = Cover::No;
            let mut start = None;
            if shape.vertical == Merge::Continue {
                // A cell that goes on without one to start it is the start.
                while self.above.get(next_above).is_some_and(|above| above.column < column) {
                    next_above += 1;
                }
                start = self.above.get(next_above).filter(|above| above.column == column).and_then(|above| above.start);
                match start {
                    Some(start) => {
                        owner = Some((start, column));
                        cover = Cover::Above;
                    }
                    None => start = Some(row_index),
                }
            } else if shape.vertical == Merge::Start {
                start = Some(row_index);
            }
            let at_left = shape.span == 0 || (shape.horizontal == Merge::Continue && column > self.row.before);
            if at_left && cover == Cover::No {
                owner = Some((row_index, left));
                cover = Cover::Left;
            }
            if shape.deleted {
                while let Some(mark) = self.marks.get_mut(next_mark).filter(|mark| mark.cell as usize == index) {
                    mark.row = NOWHERE;
                    next_mark += 1;
                }
                while let Some(inner) = self.inner.get_mut(next_inner).filter(|inner| inner.1 as usize == index) {
                    inner.0 = NOWHERE;
                    next_inner += 1;
                }
                added.dropped += cell.text.as_str().chars().count();
                continue;
            }
            above.push(Above { column, start });
            let mut text = cell.text;
            if !text.is_empty() {
                let place_column = column as u32 + 1;
                text.set_place(Place::TableCell {
                    part,
                    table: self.number,
                    row: self.row_number,
                    column: place_column,
                });
            }
            if text.is_blank() {
                added.blank += 1;
            } else {
                added.filled += 1;
            }
            let mut moved = false;
            if let Some((owner_row, owner_column)) = owner
                && !text.is_blank()
            {
                self.covered_text.get_or_insert(text.place());
                let cells = if owner_row == row_index { &mut row.cells } else { &mut self.rows[owner_row].cells };
                if let Some(owner) = cells.get_mut(owner_column) {
                    if !owner.text.is_empty() {
                        owner.text.push_str("\n");
                    }
                    owner.text.push(&text);
                    text = Text::default();
                    moved = true;
                }
            }
            while let Some(mark) = self.marks.get_mut(next_mark).filter(|mark| mark.cell as usize == index) {
                mark.cell = column as u32;
                if moved {
                    // Its text stands in another cell now; the slices no longer fit.
                    mark.row = NOWHERE;
                }
                next_mark += 1;
            }
            while let Some(inner) = self.inner.get_mut(next_inner).filter(|inner| inner.1 as usize == index) {
                inner.1 = column as u32;
                next_inner += 1;
            }
            if shape.span > 0 {
                if cover != Cover::Left {
                    left = column;
                }
                row.cells.push(GridCell { text, cover });
                row.cells.extend((1..shape.span).map(|_| GridCell { text: Text::default(), cover: Cover::Left }));
            }
        }
        row.cells.resize_with(row.cells.len() + self.row.after, GridCell::default);
        added.blank += row.cells.len().saturating_sub(added.filled + added.blank);
        self.width = self.width.max(row.cells.len());
        self.above = above;
        self.rows.push(row);
        added
    }

    /// Cells that making all rows equally wide will add.
    pub fn missing_cells(&self) -> usize {
        self.rows.iter().map(|row| self.width - row.cells.len()).sum()
    }

    /// Ends the table: one grid, or the blocks of a frame.
    pub fn finish(mut self) -> Vec<Block> {
        if !self.inner.is_empty() && self.is_frame() {
            return self.take_apart();
        }
        if self.rows.is_empty() {
            return Vec::new();
        }
        let width = self.width;
        for row in &mut self.rows {
            if row.cells.len() < width {
                row.cells.resize_with(width, GridCell::default);
            }
        }
        let inner = self.inner.into_iter().filter(|inner| inner.0 != NOWHERE).map(|(row, column, grid)| InnerGrid {
            row: row as usize,
            column: column as usize,
            grid,
        });
        vec![Block::Grid(Grid { rows: self.rows, exact: true, inner: inner.collect(), ..Grid::default() })]
    }

    /// Parts of the cells: (row, column, start, mark), as far as slices of the text are known.
    fn parts(&self) -> Vec<(usize, usize, usize, Mark)> {
        let mut parts = Vec::with_capacity(self.marks.len());
        let mut last = (usize::MAX, usize::MAX, 0);
        for mark in self.marks.iter().filter(|mark| mark.row != NOWHERE) {
            let (row, column) = (mark.row as usize, mark.cell as usize);
            let start = if (last.0, last.1) == (row, column) { last.2 } else { 0 };
            last = (row, column, mark.end as usize);
            parts.push((row, column, start, *mark));
        }
        parts
    }

    fn is_frame(&self) -> bool {
        // Cells that have text of their own, beside inner tables.
        let mut own: Vec<(usize, usize)> = Vec::new();
        for (row, column, start, mark) in self.parts() {
            let text = self.rows[row].cells[column].text.as_str();
            if mark.inner.is_none()
                && !text[start..mark.end as usize].trim().is_empty()
                && own.last() != Some(&(row, column))
            {
                own.push((row, column));
            }
        }
        self.rows.iter().enumerate().all(|(index, row)| {
            let filled = row.cells.iter().filter(|cell| !cell.text.is_blank()).count();
            filled <= 1 || own.binary_search_by_key(&index, |(row, _)| *row).is_err()
        })
    }

    /// The blocks of a frame in reading order.
    fn take_apart(mut self) -> Vec<Block> {
        let parts = self.parts();
        let mut parts = parts.into_iter().peekable();
        let mut grids: Vec<Option<Grid>> = self.inner.drain(..).map(|(_, _, grid)| Some(grid)).collect();
        let mut blocks = Vec::new();
        for (row_index, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.cells.iter().enumerate() {
                let mut reached = 0;
                while let Some((_, _, start, mark)) = parts.next_if(|part| (part.0, part.1) == (row_index, column)) {
                    reached = mark.end as usize;
                    match mark.inner.and_then(|inner| grids.get_mut(inner as usize)?.take()) {
                        Some(grid) => blocks.push(Block::Grid(grid)),
                        None => push_paragraph(&mut blocks, &cell.text, start..reached, mark.outline),
                    }
                }
                // What merged cells brought here.
                push_paragraph(&mut blocks, &cell.text, reached..cell.text.as_str().len(), None);
            }
        }
        blocks
    }
}

impl CellBuild {
    fn begin_part(&mut self) {
        if self.paragraphs > 0 {
            self.breaks += 1;
        }
        self.paragraphs += 1;
    }

    fn write_breaks(&mut self) {
        let breaks = std::mem::take(&mut self.breaks);
        if !self.text.is_empty() {
            for _ in 0..breaks {
                self.text.push_str("\n");
            }
        }
    }
}

fn push_paragraph(blocks: &mut Vec<Block>, cell: &Text, range: std::ops::Range<usize>, outline: Option<u8>) {
    let mut text = cell.slice(range);
    let blank = text.as_str().len() - text.as_str().trim_start_matches('\n').len();
    text.remove(0..blank);
    if !text.is_blank() {
        blocks.push(Block::Paragraph(Paragraph { text, outline, whole: false }));
    }
}
