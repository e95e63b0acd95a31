//! The untyped middle of the road: what every reader yields and the recogniser reads.
//!
//! A [`Document`] knows paragraphs and grids, nothing of forms. Readers keep what they saw
//! (outline levels, merged cells, blank lines between rows) and leave its meaning to later stages.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::text::{Place, Text};

/// A document as read: blocks in reading order.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Paragraphs and grids in reading order.
    pub blocks: Vec<Block>,
    /// What the reader saw that someone should know.
    pub findings: Vec<Finding>,
    /// Of a workbook, what its cells hold.
    pub cells: CellFacts,
}

/// What a workbook says of its cells beyond the text they show.
#[derive(Clone, Debug, Default)]
pub struct CellFacts {
    /// Cells whose value a formula computes.
    pub formulas: HashSet<Place>,
    /// Numbers whose own format shows no decimals.
    pub whole: HashSet<Place>,
    /// Of a workbook that `yusuan` wrote: the sheets and printed texts of amounts whose formula
    /// showed another amount when it was written. `None` for other workbooks.
    pub restated: Option<HashSet<(u16, String)>>,
    /// A workbook that `yusuan` wrote, whatever its sheets are called now.
    pub own: bool,
    /// It still has the sheet that says what the filing says of itself (`目录`).
    pub contents: bool,
}

/// A paragraph or a grid.
#[derive(Clone, Debug)]
pub enum Block {
    /// A run of text that is no table.
    Paragraph(Paragraph),
    /// Rows of cells.
    Grid(Grid),
}

/// A paragraph outside tables. The text is raw: cleaning is a later stage.
#[derive(Clone, Debug, Default)]
pub struct Paragraph {
    /// Its text, with automatic numbers put before it.
    pub text: Text,
    /// The outline level that the document itself gives it (1 is the highest).
    pub outline: Option<u8>,
    /// The document says that it is a paragraph of its own, no rest of the one before.
    pub whole: bool,
}

/// Rows of cells that stand together in the source.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The rows.
    pub rows: Vec<GridRow>,
    /// Whether cells stand in true grid columns (docx, sheets, HTML). A text dialect that prints
    /// merged header cells once is not exact.
    pub exact: bool,
    /// Whether something (a page, blank lines) separates the grid from the block before.
    pub gap_before: bool,
    /// Name of the sheet the grid stands on.
    pub sheet: Option<String>,
    /// The title that the source itself gives the table (HTML's `<caption>`).
    pub caption: Option<Text>,
    /// Tables that stand inside cells of this one. Their text is part of the cell's text, so this
    /// is a second view of the same characters, for those that are a form of their own.
    pub inner: Vec<InnerGrid>,
}

/// A table inside a cell of another.
#[derive(Clone, Debug)]
pub struct InnerGrid {
    /// Row of the outer cell, from 0.
    pub row: usize,
    /// Grid column of the outer cell, from 0.
    pub column: usize,
    /// The table.
    pub grid: Grid,
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct GridRow {
    /// Its cells; in an exact grid one for each true column.
    pub cells: Vec<GridCell>,
    /// The source marks it as a header row that repeats on each page.
    pub header: bool,
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct GridCell {
    /// Raw text; paragraphs of the cell are separated by `\n`.
    pub text: Text,
    /// The cell is covered by a merged cell that starts elsewhere.
    pub cover: Cover,
}

/// How a cell of an exact grid is covered by a merged cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cover {
    /// The cell is its own.
    #[default]
    No,
    /// It belongs to the cell at its left (gridSpan, colspan).
    Left,
    /// It belongs to the cell above (vMerge, rowspan).
    Above,
}

impl GridRow {
    /// Whether no cell has text.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_blank())
    }
}

impl From<Text> for GridCell {
    fn from(text: Text) -> GridCell {
        GridCell { text, cover: Cover::No }
    }
}
