//! A sheet of sparse cells as a grid of rows.
//!
//! One grid a sheet: what is title, table or note is for the recogniser to see. Only rows with
//! something in them are built, and the rectangle is given up before it costs more than its cells.

use std::collections::BTreeSet;

use super::workbook::{CellKind, Gather, Merge, Odd, Sheet, Workbook, place};
use crate::document::{Block, Cover, Document, Grid, GridCell, GridRow, Paragraph};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::text::{Place, Text};

/// Blank rows kept in a run of them.
const BLANK_ROWS: u32 = 16;

/// The workbook as a document: a grid for each sheet that holds something, the texts of its drawn
/// boxes after it.
pub(super) fn lay_out(book: Workbook, limits: &Limits) -> Document {
    let mut gather = Gather::new(limits);
    let mut document = Document::default();
    gather.book.findings = book.findings;
    for (index, mut sheet) in book.sheets.into_iter().enumerate() {
        let drawn = std::mem::take(&mut sheet.drawn);
        for cell in &sheet.cells {
            if cell.formula {
                document.cells.formulas.insert(place(index, cell.row, cell.column));
            }
            let whole = cell.kind == CellKind::Number && cell.format != 0 && !cell.text.contains(['.', '%']);
            if whole {
                document.cells.whole.insert(place(index, cell.row, cell.column));
            }
        }
        if sheet.cells.iter().any(|cell| !cell.text.is_empty()) {
            let prose = std::mem::take(&mut sheet.prose);
            let grid = lay_out_sheet(sheet, index, &mut gather);
            if prose.is_empty() {
                document.blocks.push(Block::Grid(grid));
            } else {
                split_at_prose(grid, &prose, &mut document.blocks);
            }
        }
        for ((row, column), text) in drawn {
            let text = Text::placed(text, place(index, row, column));
            document.blocks.push(Block::Paragraph(Paragraph { text, outline: None, whole: false }));
        }
    }
    document.findings = gather.book.findings;
    document
}

/// Paragraphs between the tables of a web page, and the tables.
fn split_at_prose(mut grid: Grid, prose: &BTreeSet<u32>, blocks: &mut Vec<Block>) {
    let rows = std::mem::take(&mut grid.rows);
    let mut table = Vec::new();
    let end_table = |rows: &mut Vec<GridRow>, blocks: &mut Vec<Block>| {
        if !rows.is_empty() {
            blocks.push(Block::Grid(Grid { rows: std::mem::take(rows), ..grid.clone() }));
        }
    };
    for row in rows {
        let is_prose = row.cells.first().is_some_and(|cell| match cell.text.place() {
            Place::SheetCell { row, .. } => prose.contains(&row),
            _ => false,
        });
        if is_prose {
            end_table(&mut table, blocks);
            let texts = row.cells.into_iter().map(|cell| cell.text).filter(|text| !text.is_empty());
            blocks.extend(texts.map(|text| Block::Paragraph(Paragraph { text, outline: None, whole: false })));
        } else {
            table.push(row);
        }
    }
    end_table(&mut table, blocks);
}

fn lay_out_sheet(mut sheet: Sheet, index: usize, gather: &mut Gather<'_>) -> Grid {
    sheet.cells.retain(|cell| !cell.text.is_empty());
    let columns = sheet.cells.iter().map(|cell| cell.column).max().map_or(0, |last| last as usize + 1);
    let rows = kept_rows(&sheet);
    // Sheets are rectangles of which most is filled. One that is not (a cell in the last column)
    // has rows that end with their last cell; if even that is too much, rows of bare cells.
    let budget = 100_000 + 4 * sheet.cells.len();
    let shape = if rows.len().saturating_mul(columns) <= budget {
        Shape::Rectangle
    } else if ragged_size(&sheet) <= budget {
        Shape::Ragged
    } else {
        gather.find(Finding::of(
            "sparse-sheet",
            place(index, 0, 0),
            format!("工作表“{}”的单元格过于分散，各行只保留有内容的单元格", sheet.name),
            format!(
                "the cells of the sheet \"{}\" are scattered too far; each row keeps only those with text",
                sheet.name
            ),
        ));
        Shape::Bare
    };
    let header = sheet.header_rows;
    let mut grid = Grid { exact: shape != Shape::Bare, gap_before: true, ..Grid::default() };
    grid.rows.reserve(rows.len());
    let mut cells = std::mem::take(&mut sheet.cells).into_iter().peekable();
    for row in &rows {
        let mut out = GridRow { cells: Vec::new(), header: header.is_some_and(|(from, to)| (from..=to).contains(row)) };
        if shape == Shape::Rectangle {
            out.cells.reserve_exact(columns);
        }
        while let Some(cell) = cells.next_if(|cell| cell.row == *row) {
            if shape != Shape::Bare {
                fill(&mut out, cell.column as usize, index, *row);
            }
            out.cells.push(Text::placed(cell.text, place(index, cell.row, cell.column)).into());
        }
        if shape == Shape::Rectangle {
            fill(&mut out, columns, index, *row);
        }
        grid.rows.push(out);
    }
    if shape != Shape::Bare {
        cover(&mut grid, &rows, &sheet, index, gather);
    }
    grid.sheet = Some(sheet.name);
    grid
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Rectangle,
    Ragged,
    Bare,
}

/// Adds blank cells up to a column.
fn fill(row: &mut GridRow, column: usize, sheet: usize, number: u32) {
    while row.cells.len() < column {
        let at = row.cells.len() as u32;
        row.cells.push(Text::placed(String::new(), place(sheet, number, at)).into());
    }
}

/// Numbers of the rows that the grid has: those with text, and blank ones between them.
fn kept_rows(sheet: &Sheet) -> Vec<u32> {
    let mut rows: Vec<u32> = Vec::new();
    for cell in &sheet.cells {
        match rows.last().copied() {
            Some(last) if last == cell.row => {}
            Some(last) => {
                let blank = (cell.row - last - 1).min(BLANK_ROWS);
                rows.extend((last + 1..).take(blank as usize));
                rows.push(cell.row);
            }
            None => rows.push(cell.row),
        }
    }
    rows
}

fn ragged_size(sheet: &Sheet) -> usize {
    let mut size: usize = 0;
    let mut cells = sheet.cells.iter().peekable();
    while let Some(cell) = cells.next() {
        if cells.peek().is_none_or(|next| next.row != cell.row) {
            size = size.saturating_add(cell.column as usize + 1);
        }
    }
    size
}

/// Rows that end before a merged cell which crosses them: so many are looked at.
const IDLE_ROWS: usize = 10_000_000;

/// Marks the cells that merged cells cover.
fn cover(grid: &mut Grid, rows: &[u32], sheet: &Sheet, index: usize, gather: &mut Gather<'_>) {
    // Merged cells do not overlap, so together they cover no more than the grid has.
    let mut left: usize = grid.rows.iter().map(|row| row.cells.len()).sum::<usize>() + sheet.merges.len();
    let mut idle = IDLE_ROWS;
    let mut under = Vec::new();
    for merge in &sheet.merges {
        let first = rows.partition_point(|row| *row < merge.top);
        let last = rows.partition_point(|row| *row <= merge.bottom);
        let anchor = match grid.rows.get(first).and_then(|row| row.cells.get(merge.left as usize)) {
            Some(cell) if first < last => cell.text.as_str().to_owned(),
            _ => continue,
        };
        for (row, number) in rows.iter().enumerate().take(last).skip(first) {
            let cells = &mut grid.rows[row].cells;
            let end = cells.len().min(merge.right as usize + 1);
            let width = end.saturating_sub(merge.left as usize);
            idle -= usize::from(width == 0);
            if width > left || idle == 0 {
                gather.find(overlap(sheet, index, merge));
                return;
            }
            left -= width;
            for (column, cell) in cells.iter_mut().enumerate().take(end).skip(merge.left as usize) {
                if (row == first && column == merge.left as usize) || cell.cover != Cover::No {
                    continue;
                }
                if cell.text.is_blank() || cell.text.as_str() == anchor {
                    let at = cell.text.place();
                    let cover = if column == merge.left as usize { Cover::Above } else { Cover::Left };
                    *cell = GridCell { text: Text::placed(String::new(), at), cover };
                } else {
                    under.push((*number, column as u32));
                }
            }
        }
    }
    if !under.is_empty() {
        let shown = &under[..under.len().min(10)];
        gather.find(Odd::TextUnderMerge.tell(&sheet.name, index, under.len(), shown));
    }
}

fn overlap(sheet: &Sheet, index: usize, merge: &Merge) -> Finding {
    Finding::of(
        "merges-overlap",
        place(index, merge.top, merge.left),
        format!("工作表“{}”的合并区域互相重叠，自此处起不再按合并处理", sheet.name),
        format!("merged cells of the sheet \"{}\" overlap; from here on they are read as single cells", sheet.name),
    )
}

#[cfg(test)]
mod tests {
    use super::super::workbook::{Cell, Merge};
    use super::*;

    fn sheet(cells: &[(u32, u32, &str)]) -> Sheet {
        let cell = |(row, column, text): &(u32, u32, &str)| Cell {
            row: *row,
            column: *column,
            text: (*text).to_owned(),
            ..Cell::default()
        };
        Sheet { name: "表".to_owned(), cells: cells.iter().map(cell).collect(), ..Sheet::default() }
    }

    fn grid_of(sheet: Sheet) -> (Grid, Vec<Finding>) {
        let book = Workbook { sheets: vec![sheet], ..Workbook::default() };
        let mut document = lay_out(book, &Limits::default());
        match document.blocks.remove(0) {
            Block::Grid(grid) => (grid, document.findings),
            Block::Paragraph(_) => panic!("a sheet is a grid"),
        }
    }

    #[test]
    fn cells_far_apart_build_no_rectangle() {
        let (grid, _) = grid_of(sheet(&[(0, 0, "甲"), (1_048_575, 16_383, "乙")]));
        assert_eq!(grid.rows.len(), 18);
        let last = grid.rows.last().expect("a row");
        assert_eq!(last.cells.last().map(|cell| cell.text.as_str()), Some("乙"));
        let far: Vec<(u32, u32, &str)> = (0..2_000).map(|row| (row * 400, 16_000, "乙")).collect();
        let (grid, findings) = grid_of(sheet(&far));
        assert!(!grid.exact && findings.iter().any(|finding| finding.rule == "sparse-sheet"));
        assert!(grid.rows.iter().all(|row| row.cells.len() <= 1));
    }

    #[test]
    fn merged_cells_cover_and_text_under_them_stays() {
        let mut merged = sheet(&[(0, 0, "收入"), (0, 2, "收入"), (1, 1, "留下"), (2, 3, "末")]);
        merged.merges.push(Merge { top: 0, left: 0, bottom: 1, right: 2 });
        let (grid, findings) = grid_of(merged);
        let covers: Vec<Vec<Cover>> =
            grid.rows.iter().map(|row| row.cells.iter().map(|cell| cell.cover).collect()).collect();
        assert_eq!(covers[0], [Cover::No, Cover::Left, Cover::Left, Cover::No]);
        assert_eq!(covers[1], [Cover::Above, Cover::No, Cover::Left, Cover::No]);
        assert_eq!(grid.rows[1].cells[1].text.as_str(), "留下");
        assert_eq!(grid.rows[0].cells[2].text.as_str(), "");
        assert!(findings.iter().any(|finding| finding.rule == "text-under-merge"));
    }

    #[test]
    fn overlapping_merges_cost_no_more_than_the_grid() {
        let mut cells = Vec::new();
        for row in 0..300 {
            for column in 0..100 {
                cells.push((row, column, "x"));
            }
        }
        let mut hostile = sheet(&cells);
        hostile.merges = vec![Merge { top: 0, left: 0, bottom: 1_048_575, right: 16_383 }; 100_000];
        let (_, findings) = grid_of(hostile);
        assert!(findings.iter().any(|finding| finding.rule == "merges-overlap"));
    }
}
