//! A planned table as cells of a grid, each with the columns and rows it covers.

use std::borrow::Cow;

use super::plan::{FieldCell, Plan, texts, width};
use crate::filing::RowKind;
use crate::form::Kind;

/// A table as rows of cells. A cell covered from above or from the left is not listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Tiles<'f> {
    pub rows: Vec<Vec<Tile<'f>>>,
    /// The header: first row and one past the last.
    pub head: (usize, usize),
    /// Widths of the grid's columns in characters of half width.
    pub widths: Vec<f64>,
}

/// A cell.
#[derive(Clone, Debug)]
pub(super) struct Tile<'f> {
    pub role: Role,
    /// Its paragraphs.
    pub texts: Vec<Cow<'f, str>>,
    /// First grid column.
    pub column: usize,
    /// Grid columns it covers.
    pub columns: usize,
    /// Rows it covers.
    pub rows: usize,
}

/// What a cell is on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A cell of the lines above the table, at the left, in the middle or at the right.
    Line(Side),
    /// A label of the field block.
    Label,
    /// A field's value.
    Value(Kind),
    /// A cell of the header.
    Head,
    /// A cell of the body; `short` where the column is narrow.
    Body { kind: Kind, row: RowKind, short: bool },
}

/// Where on its line a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// Labels of the field block that are longer than this, in characters of half width, may be wrapped.
const LABEL: usize = 10;

/// Lays a table out; `lines` are rows of the table where they are wanted.
pub(super) fn tiles<'f>(plan: &Plan<'f>, with_lines: bool) -> Tiles<'f> {
    let mut starts = Vec::with_capacity(plan.columns.len());
    let mut widths = Vec::new();
    for column in &plan.columns {
        starts.push(widths.len());
        widths.extend(std::iter::repeat_n(column.width / column.span as f64, column.span));
    }
    for row in &plan.fields {
        let mut at = 0;
        for cell in row {
            if let (FieldCell::Label { text, columns: 1 }, Some(own)) = (cell, widths.get_mut(at)) {
                *own = f64::max(*own, width(text).min(LABEL) as f64 + 2.0);
            }
            at += columns_of(cell);
        }
    }
    let needed = plan.fields.iter().map(|row| row.iter().map(columns_of).sum()).max().unwrap_or(0);
    let lines = if with_lines { plan.lines.iter().map(Vec::len).max().unwrap_or(0) } else { 0 };
    let grid = widths.len().max(needed).max(lines).max(1);
    widths.resize(grid, 10.0);
    let mut drawing = Drawing { plan, starts, grid, tiles: Tiles { widths, ..Tiles::default() } };
    if with_lines {
        drawing.lines();
    }
    drawing.fields();
    drawing.head();
    drawing.body();
    drawing.tiles
}

/// Grid columns at which the cells of a line begin and end, each about as wide as the others.
fn bounds(widths: &[f64], cells: usize) -> Vec<usize> {
    let total: f64 = widths.iter().sum();
    let mut bounds = vec![0];
    let mut width = 0.0;
    for (column, own) in widths.iter().enumerate() {
        let left = widths.len() - column - 1;
        let next = bounds.len();
        width += own;
        let full = width - own / 2.0 >= total * next as f64 / cells as f64 - own / 2.0;
        // A column is left for every cell to come.
        if next < cells && (full || left == cells - next) {
            bounds.push(column + 1);
        }
    }
    bounds.push(widths.len());
    bounds
}

fn columns_of(cell: &FieldCell<'_>) -> usize {
    match cell {
        FieldCell::Label { columns, .. } | FieldCell::Value { columns, .. } => (*columns).max(1),
        FieldCell::Above => 1,
    }
}

struct Drawing<'p, 'f> {
    plan: &'p Plan<'f>,
    /// First grid column of each column.
    starts: Vec<usize>,
    grid: usize,
    tiles: Tiles<'f>,
}

impl<'f> Drawing<'_, 'f> {
    /// One past the last grid column of a column; the last one takes what is left.
    fn end(&self, column: usize) -> usize {
        self.starts.get(column + 1).copied().unwrap_or(self.grid)
    }

    fn lines(&mut self) {
        for cells in &self.plan.lines {
            let count = cells.len();
            let bounds = bounds(&self.tiles.widths, count);
            let row = cells.iter().enumerate().map(|(index, text)| {
                let (from, to) = (bounds[index], bounds[index + 1]);
                let side = match index {
                    0 if count == 1 && text.contains("年度") => Side::Middle,
                    0 if count == 1 && text.contains("单位：") => Side::Right,
                    0 => Side::Left,
                    _ if index + 1 == count => Side::Right,
                    _ => Side::Middle,
                };
                Tile { role: Role::Line(side), texts: vec![text.clone()], column: from, columns: to - from, rows: 1 }
            });
            let row = row.collect();
            self.tiles.rows.push(row);
        }
    }

    fn fields(&mut self) {
        // Row and position of the tile above each grid column.
        let mut above: Vec<Option<(usize, usize)>> = vec![None; self.grid];
        for cells in &self.plan.fields {
            let number = self.tiles.rows.len();
            let mut row: Vec<Tile<'f>> = Vec::new();
            let mut at = 0;
            for (index, cell) in cells.iter().enumerate() {
                if at >= self.grid {
                    break;
                }
                let (role, texts) = match cell {
                    FieldCell::Above => {
                        let Some((tile_row, position)) = above[at] else {
                            at += 1;
                            continue;
                        };
                        let tile = &mut self.tiles.rows[tile_row][position];
                        tile.rows = number - tile_row + 1;
                        at = tile.column + tile.columns;
                        continue;
                    }
                    FieldCell::Label { text, .. } => (Role::Label, vec![text.clone()]),
                    FieldCell::Value { value, kind, .. } => {
                        (Role::Value(*kind), texts(*value).into_iter().map(Cow::Borrowed).collect())
                    }
                };
                let last = index + 1 == cells.len();
                let columns = if last { self.grid - at } else { columns_of(cell).min(self.grid - at) };
                above[at..at + columns].fill(Some((number, row.len())));
                row.push(Tile { role, texts, column: at, columns, rows: 1 });
                at += columns;
            }
            self.tiles.rows.push(row);
        }
    }

    fn head(&mut self) {
        let start = self.tiles.rows.len();
        let depth = self.plan.head_depth();
        for level in 0..depth {
            let mut row = Vec::new();
            let mut at = 0;
            while at < self.plan.columns.len() {
                let head = &self.plan.columns[at].head;
                let mut end = at + 1;
                let mut rows = 1;
                // A column without a header is blank from the first row down.
                if head.len() <= level + 1 {
                    if head.len() < level + 1 && level > 0 {
                        at += 1;
                        continue;
                    }
                    rows = depth - level;
                } else {
                    while self
                        .plan
                        .columns
                        .get(end)
                        .is_some_and(|column| column.head.len() > level + 1 && column.head[..=level] == head[..=level])
                    {
                        end += 1;
                    }
                }
                let text = head.get(level).cloned().unwrap_or_default();
                let column = self.starts[at];
                row.push(Tile {
                    role: Role::Head,
                    texts: vec![text],
                    column,
                    columns: self.end(end - 1) - column,
                    rows,
                });
                at = end;
            }
            self.tiles.rows.push(row);
        }
        if let (Some(label), true) = (self.plan.numbering, depth > 0) {
            let row = (0..self.plan.columns.len()).map(|index| {
                let text = if index == 0 { Cow::Borrowed(label) } else { Cow::Owned(index.to_string()) };
                let column = self.starts[index];
                Tile { role: Role::Head, texts: vec![text], column, columns: self.end(index) - column, rows: 1 }
            });
            let row = row.collect();
            self.tiles.rows.push(row);
        }
        self.tiles.head = (start, self.tiles.rows.len());
    }

    fn body(&mut self) {
        let first = self.tiles.rows.len();
        // Position of the tile that stands in each column.
        let mut standing: Vec<(usize, usize)> = vec![(0, 0); self.plan.columns.len()];
        for number in 0..self.plan.table.rows.len() {
            let mut row: Vec<Tile<'f>> = Vec::new();
            for (index, column) in self.plan.columns.iter().enumerate() {
                if number > 0 && self.plan.is_covered(number, index) {
                    let (tile_row, position) = standing[index];
                    self.tiles.rows[tile_row][position].rows += 1;
                    continue;
                }
                standing[index] = (first + number, row.len());
                let short = column.width <= 18.0 && !column.key;
                let role = Role::Body { kind: column.kind, row: self.plan.kind(number), short };
                let start = self.starts[index];
                let texts = vec![Cow::Borrowed(self.plan.cell(number, index))];
                row.push(Tile { role, texts, column: start, columns: self.end(index) - start, rows: 1 });
            }
            self.tiles.rows.push(row);
        }
        // An empty form is printed with an empty row.
        if self.plan.table.rows.is_empty() && !self.plan.columns.is_empty() {
            let row = self.plan.columns.iter().enumerate().map(|(index, column)| {
                let role = Role::Body { kind: column.kind, row: RowKind::Detail, short: false };
                let start = self.starts[index];
                Tile { role, texts: vec![Cow::Borrowed("")], column: start, columns: self.end(index) - start, rows: 1 }
            });
            let row = row.collect();
            self.tiles.rows.push(row);
        }
    }
}
