//! Grids with cleaned cells, ready to be compared with forms.

use crate::document::{Cover, Grid, GridRow};
use crate::layout::clean::{Context, Removed, begins_item, clean};
use crate::text::{Place, Text};

/// A cleaned cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub text: Text,
    pub cover: Cover,
    /// The text before cleaning, kept when it may be a list of numbered items.
    pub raw: Option<Box<Text>>,
    /// Each line of the cell is an item of a list, as a workbook of ours writes them.
    pub lines: bool,
}

/// A cleaned row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub cells: Vec<Cell>,
    /// The row is the first after a page cut or blank lines.
    pub after_gap: bool,
}

/// Cleaned rows that stand together.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragment {
    pub rows: Vec<Row>,
    pub exact: bool,
    pub sheet: Option<String>,
    pub caption: Option<Text>,
    pub removed: Removed,
    /// Its rows are lines of text between the tables of a sheet.
    pub prose: bool,
}

/// A non-blank cell of a row with its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'r> {
    pub column: usize,
    pub cell: &'r Cell,
}

impl Token<'_> {
    pub fn str(&self) -> &str {
        self.cell.text.as_str()
    }
}

impl Row {
    pub fn tokens(&self) -> impl Iterator<Item = Token<'_>> {
        self.cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.text.is_empty())
            .map(|(column, cell)| Token { column, cell })
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }

    /// The text at a column; `""` beyond the end.
    pub fn str(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.text.as_str())
    }

    /// The one non-blank cell of a row with no other.
    pub fn lone(&self) -> Option<&Cell> {
        let mut tokens = self.tokens();
        let first = tokens.next()?;
        tokens.next().is_none().then_some(first.cell)
    }
}

impl Fragment {
    /// A grid whose texts are clean already.
    pub fn verbatim(grid: Grid) -> Fragment {
        let rows = grid.rows.into_iter().map(|row| {
            let cells = row.cells.into_iter().map(|cell| {
                let mut text = cell.text;
                text.trim();
                Cell { text, cover: cell.cover, raw: None, lines: true }
            });
            Row { cells: cells.collect(), after_gap: false }
        });
        Fragment { rows: rows.collect(), exact: grid.exact, sheet: grid.sheet, ..Fragment::default() }
    }

    /// Cleans a grid. `is_title` tells the titles of forms.
    pub fn new(grid: Grid, is_title: impl Fn(&str) -> bool) -> Fragment {
        let mut fragment = Fragment { exact: grid.exact, sheet: grid.sheet, ..Fragment::default() };
        fragment.caption = grid.caption.map(|mut caption| {
            fragment.removed |= clean(&mut caption, Context::Cell);
            caption
        });
        fragment.rows.reserve(grid.rows.len());
        let mut above = true;
        let rows = grid.rows.into_iter().flat_map(|row| {
            above &= row.cells.iter().filter(|cell| !cell.text.is_blank()).nth(1).is_none();
            split_paragraphs(row, above, &is_title)
        });
        for (index, row) in rows.enumerate() {
            let cells = row
                .cells
                .into_iter()
                .map(|cell| {
                    let mut text = cell.text;
                    let raw = may_be_list(text.as_str()).then(|| Box::new(text.clone()));
                    fragment.removed |= clean(&mut text, Context::Cell);
                    Cell { text, cover: cell.cover, raw, lines: false }
                })
                .collect();
            fragment.rows.push(Row { cells, after_gap: index == 0 && grid.gap_before });
        }
        fragment
    }
}

impl Fragment {
    /// Drops the columns that no row prints anything in.
    pub fn drop_blank_columns(&mut self) {
        let width = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let mut filled = vec![false; width];
        for token in self.rows.iter().flat_map(Row::tokens) {
            filled[token.column] = true;
        }
        for row in &mut self.rows {
            let mut filled = filled.iter();
            row.cells.retain(|_| filled.next().is_some_and(|filled| *filled));
        }
    }

    /// Drops the columns that only another table of the same grid has.
    pub fn drop_covered_columns(&mut self) {
        let width = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let own = |column: usize| {
            self.rows.iter().any(|row| row.cells.get(column).is_some_and(|cell| cell.cover != Cover::Left))
        };
        let own: Vec<bool> = (0..width).map(own).collect();
        for row in &mut self.rows {
            let mut own = own.iter();
            row.cells.retain(|_| own.next().is_none_or(|own| *own));
        }
    }
}

/// Longest title of several lines, in characters.
const SHORT_TITLE: usize = 80;

/// A row of one cell that holds several HTML paragraphs (`<h2>title</h2> <p>（2023年度）</p>`), or a
/// title of two or three short lines, is as many rows. Only `above` the first row of several cells is
/// that taken for a title by its look; below it a value has several lines, too.
fn split_paragraphs(row: GridRow, above: bool, is_title: impl Fn(&str) -> bool) -> Vec<GridRow> {
    let mut filled = row.cells.iter().filter(|cell| !cell.text.is_blank());
    let (Some(lone), None) = (filled.next(), filled.next()) else { return vec![row] };
    let value = lone.text.as_str();
    let has_title = || value.contains("</h") || value.lines().any(|line| is_title(line.trim()));
    if !above && !has_title() {
        return vec![row];
    }
    let mut cuts = vec![0];
    for (at, _) in value.match_indices("</h").chain(value.match_indices("</p>")) {
        if let Some(end) = value[at..].find('>')
            && !value[at + end + 1..].trim().is_empty()
        {
            cuts.push(at + end + 1);
        }
    }
    let lines = value.trim().lines().count();
    if (2..=3).contains(&lines) && value.chars().count() <= SHORT_TITLE {
        let inner = value.trim_end().char_indices().filter(|(_, ch)| *ch == '\n').map(|(at, _)| at + 1);
        cuts.extend(inner.filter(|at| !value[..*at].trim().is_empty()));
    }
    if cuts.len() == 1 {
        return vec![row];
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts.push(value.len());
    cuts.windows(2)
        .map(|range| GridRow { cells: vec![lone.text.slice(range[0]..range[1]).into()], header: row.header })
        .collect()
}

/// Whether a numbered item may begin inside the text.
fn may_be_list(text: &str) -> bool {
    text.len() > 12
        && text.char_indices().any(|(index, ch)| {
            matches!(ch, ' ' | '\n' | '\r' | '\u{3000}' | '>' | '。' | '；')
                && begins_item(&text[index + ch.len_utf8()..])
        })
}

/// Where the first cell with text stands.
pub(super) fn first_place(rows: &[Row]) -> Place {
    rows.iter()
        .flat_map(Row::tokens)
        .map(|token| token.cell.text.place())
        .find(|place| *place != Place::Nowhere)
        .unwrap_or_default()
}

/// Where the last cell with text ends.
pub(super) fn last_place(rows: &[Row]) -> Place {
    rows.iter()
        .rev()
        .find(|row| !row.is_blank())
        .and_then(|row| row.tokens().last())
        .map_or(Place::Nowhere, |token| end_of(&token.cell.text))
}

/// The place of a text's last byte.
pub(super) fn end_of(text: &Text) -> Place {
    match (text.place(), text.extent()) {
        (Place::Text(_), Some(extent)) => Place::Text(extent.end.saturating_sub(1)),
        (place, _) => place,
    }
}
