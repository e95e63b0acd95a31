//! Where the tables of a source stand: each printed row and cell as a byte range, blank cells too.
//!
//! A filing knows the bytes of every text but not those of blank cells and not what separates
//! rows. This is a second look at the source through the eyes of its reader.

use std::ops::Range;

use super::dialect::Dialect;
use crate::document::{Block, Cover, Grid};
use crate::limits::Limits;
use crate::read::docx::places::Places;
use crate::text::{Place, Text};

/// A printed cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PrintedCell {
    /// Its content with the blanks around it; `None` where only a merged cell shows.
    pub content: Option<Range<usize>>,
    /// How a merged cell covers it.
    pub cover: Cover,
}

/// A printed row.
#[derive(Clone, Debug)]
pub(super) struct PrintedRow {
    /// Its bytes, without what separates it from other rows; `None` where it prints no cell.
    pub range: Option<Range<usize>>,
    /// Its cells.
    pub cells: Vec<PrintedCell>,
}

/// A run of rows in one dialect.
#[derive(Clone, Debug)]
pub(super) struct PrintedGrid {
    pub dialect: Dialect,
    pub rows: Vec<PrintedRow>,
}

/// Address of a printed cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub grid: usize,
    pub row: usize,
    pub cell: usize,
}

/// All tables of a source as printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Prints {
    pub grids: Vec<PrintedGrid>,
    /// Of a docx, where its elements stand.
    pub places: Places,
    /// Cells by their first byte, each with the one around it.
    index: Vec<Indexed>,
}

/// A cell in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Indexed {
    start: usize,
    end: usize,
    spot: Spot,
    around: Option<usize>,
}

impl Prints {
    /// The tables of a decoded text.
    pub fn of_text(text: &str, limits: &Limits) -> Prints {
        let grids = crate::read::text::blocks(text, limits)
            .into_iter()
            .filter_map(|block| match block {
                Block::Grid(grid) => Some(printed(text, &grid)),
                Block::Paragraph(_) => None,
            })
            .collect();
        Prints::new(grids)
    }

    /// Prints with their index.
    pub fn new(grids: Vec<PrintedGrid>) -> Prints {
        let mut index = Vec::new();
        for (grid, printed) in grids.iter().enumerate() {
            for (row, cells) in printed.rows.iter().enumerate() {
                for (cell, printed) in cells.cells.iter().enumerate() {
                    if let Some(content) = &printed.content {
                        let spot = Spot { grid, row, cell };
                        index.push(Indexed { start: content.start, end: content.end, spot, around: None });
                    }
                }
            }
        }
        index.sort_unstable();
        for at in 1..index.len() {
            let mut around = Some(at - 1);
            while let Some(other) = around.filter(|other| index[*other].end < index[at].end) {
                around = index[other].around;
            }
            index[at].around = around.filter(|other| index[*other].end > index[at].start);
        }
        Prints { grids, index, places: Places::default() }
    }

    /// The cell that a source byte stands in.
    pub fn at(&self, byte: usize) -> Option<Spot> {
        let before = self.index.partition_point(|cell| cell.start <= byte);
        let mut cell = self.index.get(before.checked_sub(1)?)?;
        while byte > cell.end {
            cell = self.index.get(cell.around?)?;
        }
        Some(cell.spot)
    }

    /// The cells that the pieces of a text stand in, each once, in order of the text.
    pub fn of(&self, text: &Text) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for piece in text.pieces() {
            if let Some(spot) = self.at(piece.source.start as usize)
                && !spots.contains(&spot)
            {
                spots.push(spot);
            }
        }
        spots
    }

    pub fn row(&self, spot: Spot) -> &PrintedRow {
        &self.grids[spot.grid].rows[spot.row]
    }

    pub fn cell(&self, spot: Spot) -> Option<&PrintedCell> {
        self.grids.get(spot.grid)?.rows.get(spot.row)?.cells.get(spot.cell)
    }

    pub fn dialect(&self, spot: Spot) -> Dialect {
        self.grids[spot.grid].dialect
    }
}

fn printed(text: &str, grid: &Grid) -> PrintedGrid {
    let first = grid.rows.iter().flat_map(|row| &row.cells).find_map(|cell| start_of(&cell.text));
    let dialect = match first {
        _ if grid.exact => Dialect::Html,
        Some(at) => {
            let line = &text[line_start(text, at)..line_end(text, at)];
            if line.trim_start().starts_with('|') || (line.contains('|') && !line.contains('\t')) {
                Dialect::Pipe
            } else if line.starts_with('\t') && !line[1..].contains('\t') {
                Dialect::CellLines
            } else {
                Dialect::RowLines
            }
        }
        None => Dialect::RowLines,
    };
    let rows = grid
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<PrintedCell> = row
                .cells
                .iter()
                .map(|cell| PrintedCell {
                    content: start_of(&cell.text)
                        .map(|start| start..cell.text.extent().map_or(start, |extent| extent.end as usize).max(start)),
                    cover: cell.cover,
                })
                .collect();
            let mut contents = cells.iter().filter_map(|cell| cell.content.clone());
            let whole =
                contents.next().map(|first| first.start..contents.next_back().map_or(first.end, |last| last.end));
            let range = whole.map(|whole| match dialect {
                Dialect::Html => element(text, whole, "tr"),
                _ => line_start(text, whole.start)..line_end(text, whole.end),
            });
            PrintedRow { range, cells }
        })
        .collect();
    PrintedGrid { dialect, rows }
}

fn start_of(text: &Text) -> Option<usize> {
    match (text.extent(), text.place()) {
        (Some(extent), Place::Text(place)) => Some(extent.start.min(place) as usize),
        (Some(extent), _) => Some(extent.start as usize),
        (None, Place::Text(place)) => Some(place as usize),
        (None, _) => None,
    }
}

/// The HTML element of a name around a range.
pub(super) fn element(text: &str, inside: Range<usize>, name: &str) -> Range<usize> {
    let lower = |at: usize| text[at..].get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
    let opens =
        text[..inside.start].rmatch_indices('<').find(|(at, _)| lower(at + 1)).map_or(inside.start, |(at, _)| at);
    let closes = text[inside.end..].match_indices("</").map(|(at, _)| at + inside.end).find(|at| lower(at + 2));
    let end = closes.and_then(|at| Some(at + text[at..].find('>')? + 1)).unwrap_or(inside.end);
    opens..end
}

/// First byte of the line that a byte stands in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r', '\u{c}']).map_or(0, |before| before + 1)
}

/// One past the last byte of the line that a byte stands in, without its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r', '\u{c}']).map_or(text.len(), |after| at + after)
}

/// One past the line break that stands at `at`, or `at` where none does.
pub(super) fn after_break(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    if rest.starts_with(b"\r\n") {
        at + 2
    } else {
        at + usize::from(matches!(rest.first(), Some(b'\n' | b'\r' | 0x0c)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(&str, Vec<&str>)> {
        let prints = Prints::of_text(text, &Limits::default());
        let cells = |row: &PrintedRow| row.cells.iter().filter_map(|cell| Some(&text[cell.content.clone()?])).collect();
        prints
            .grids
            .iter()
            .flat_map(|grid| &grid.rows)
            .map(|row| (&text[row.range.clone().expect("cells")], cells(row)))
            .collect()
    }

    #[test]
    fn rows_and_blank_cells_of_each_dialect() {
        assert_eq!(
            rows("题\r\n\t甲\r\n\t\r\n\r\n\t 乙 \r\n\t1.一\r\n2.二\r\n\r\n\r\n末"),
            [("\t甲\r\n\t", vec!["甲", ""]), ("\t 乙 \r\n\t1.一\r\n2.二", vec![" 乙 ", "1.一\r\n2.二"])]
        );
        assert_eq!(
            rows("甲\t\t乙\n丙\t丁\t"),
            [("甲\t\t乙", vec!["甲", "", "乙"]), ("丙\t丁\t", vec!["丙", "丁", ""])]
        );
        assert_eq!(rows("| 甲 ||\n|--|--|\n| 乙 | |")[1], ("| 乙 | |", vec![" 乙 ", " "]));
        assert_eq!(
            rows("<table><TR><td rowspan=2>甲</td><td></td></TR>\n<tr><td>丙<br></td></tr></table>"),
            [("<TR><td rowspan=2>甲</td><td></td></TR>", vec!["甲", ""]), ("<tr><td>丙<br></td></tr>", vec!["丙"])]
        );
    }
}
