//! A sheet as tiles: what every sheet of the workbook is planned as.

use std::borrow::Cow;
use std::ops::Range;

use rust_xlsxwriter::XlsxError;

use super::look::{Look, Role, Style};
use super::number::{Shown, held};
use crate::equation::CellRef;
use crate::error::Error;
use crate::form::Kind;
use crate::service::Service;

/// A rectangle of cells with one content.
#[derive(Clone, Debug)]
pub(super) struct Tile<'f> {
    pub row: u32,
    pub col: u16,
    pub rows: u32,
    pub cols: u16,
    pub style: Style,
    pub content: Content<'f>,
}

/// What stands in a tile.
#[derive(Clone, Debug)]
pub(super) enum Content<'f> {
    /// Text, whatever it looks like.
    Text(Cow<'f, str>),
    /// A value of the filing: a number where it is one, a formula where a form defines it.
    Value { cell: CellRef, text: &'f str, kind: Kind },
    /// A number of our own.
    Number(Shown),
    /// A formula and its result.
    Formula { formula: String, result: String },
    /// A link to a defined name or a cell of this workbook.
    Link { text: Cow<'f, str>, to: String },
}

/// A sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet<'f> {
    pub name: String,
    pub tiles: Vec<Tile<'f>>,
    /// Widths of the columns in characters of half width.
    pub widths: Vec<f64>,
    /// Rows printed again on every page.
    pub repeat: Range<u32>,
    /// Rows that stay in sight.
    pub freeze: u32,
    pub landscape: bool,
    /// Closed lists: rows, column, values.
    pub lists: Vec<(Range<u32>, u16, Vec<String>)>,
    /// Rows with a filter: header row, last row.
    pub filter: Option<(u32, u32)>,
    /// Coloured by what the cell says: rows, column.
    pub verdicts: Option<(Range<u32>, u16)>,
    /// The name that links and readers find the sheet's first cell by.
    pub anchor: Option<String>,
}

impl<'f> Tile<'f> {
    /// One cell of text.
    pub fn text(row: u32, col: u16, style: Style, text: impl Into<Cow<'f, str>>) -> Tile<'f> {
        Tile { row, col, rows: 1, cols: 1, style, content: Content::Text(text.into()) }
    }

    /// The same over several columns.
    pub fn wide(self, cols: u16) -> Tile<'f> {
        Tile { cols, ..self }
    }

    /// The same with another content.
    pub fn with(self, content: Content<'f>) -> Tile<'f> {
        Tile { content, ..self }
    }

    /// The text by which the tile's height is judged.
    fn measured(&self) -> &str {
        match &self.content {
            Content::Text(text) => text,
            Content::Value { text, .. } => text,
            Content::Link { text, .. } => text,
            Content::Number(_) | Content::Formula { .. } => "",
        }
    }
}

/// Width of a text in characters of half width.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|ch| if (ch as u32) < 0x250 { 1 } else { 2 }).sum()
}

/// Lines a text takes in a column.
fn lines(text: &str, columns: f64) -> usize {
    // A broken line may end a character early: no punctuation begins a line, no number is cut.
    let room = (columns - 1.5).max(2.0);
    let count = |line: &str| {
        let width = width(line) as f64;
        if width <= columns { 1 } else { (width / room).ceil() as usize }
    };
    text.split('\n').map(count).sum()
}

/// Heights of the rows, so that every text can be read: neither Excel nor LibreOffice fits merged
/// cells by themselves.
pub(super) fn heights(sheet: &Sheet<'_>, look: &Look) -> Vec<f64> {
    let count = sheet.tiles.iter().map(|tile| tile.row + tile.rows).max().unwrap_or(0) as usize;
    let mut heights = vec![look.row.lowest; count];
    let need = |tile: &Tile<'_>| {
        let columns: f64 = sheet.widths[tile.col as usize..][..tile.cols as usize].iter().sum();
        let size = tile.style.size(look);
        let room = columns * look.size.body / size - f64::from(tile.style.indent) * 1.5;
        let least = if tile.style.role == Role::Title { look.row.title } else { look.row.lowest };
        (lines(tile.measured(), room) as f64 * size * look.row.line + look.row.free).max(least)
    };
    for tile in sheet.tiles.iter().filter(|tile| tile.rows == 1) {
        let row = &mut heights[tile.row as usize];
        *row = row.max(need(tile));
    }
    for tile in sheet.tiles.iter().filter(|tile| tile.rows > 1) {
        let rows = tile.row as usize..(tile.row + tile.rows) as usize;
        let missing = need(tile) - heights[rows.clone()].iter().sum::<f64>();
        if missing > 0.0 {
            for row in rows {
                heights[row] += missing / f64::from(tile.rows);
            }
        }
    }
    for height in &mut heights {
        // Excel stores quarters of a point.
        *height = (height.min(look.row.highest) * 4.0).round() / 4.0;
    }
    heights
}

impl Sheet<'_> {
    /// A sheet that is no table of the filing, with its title.
    pub fn of_service(service: &Service, title: &'static str) -> Sheet<'static> {
        let widths = service.columns.iter().map(|(_, width)| *width).collect();
        let mut sheet = Sheet { name: service.name.to_owned(), widths, ..Sheet::default() };
        let across = service.columns.len() as u16;
        sheet.tiles.push(Tile::text(0, 0, Style::of(Role::Title), title).wide(across));
        sheet
    }

    /// Adds the heads of the columns.
    pub fn push_heads(&mut self, service: &Service, row: u32) {
        let heads = service.columns.iter().zip(0_u16..);
        self.tiles.extend(heads.map(|((head, _), col)| Tile::text(row, col, Style::of(Role::ScreenHead), *head)));
    }

    /// The title as it stands on the sheet.
    pub fn title(&self) -> &str {
        self.tiles.first().filter(|tile| tile.style.role == Role::Title).map_or("", Tile::measured)
    }

    /// Fits the columns to what stands in them and to the page: a number is never wrapped (Excel
    /// shows `####`), and columns give way before the print gets too small to read.
    pub fn fit(&mut self, look: &Look) {
        let mut least: Vec<f64> = self.widths.iter().map(|width| width * look.page.give).collect();
        for tile in self.tiles.iter().filter(|tile| tile.cols == 1) {
            if let Content::Value { text, kind, .. } = &tile.content {
                let number = held(text, *kind).is_some();
                if number || (*kind == Kind::Code && width(text) < 16) {
                    let least = &mut least[tile.col as usize];
                    *least = least.max(width(text) as f64 + 2.0);
                }
            }
        }
        for (width, least) in self.widths.iter_mut().zip(&least) {
            *width = width.max(*least);
        }
        let page = if self.landscape { look.page.landscape } else { look.page.portrait };
        let over = self.widths.iter().sum::<f64>() - page;
        let slack: f64 = self.widths.iter().zip(&least).map(|(width, least)| width - least).sum();
        if over > 0.0 && slack > 0.0 {
            let share = (over / slack).min(1.0);
            for (width, least) in self.widths.iter_mut().zip(&least) {
                *width -= (*width - least) * share;
            }
        }
        for width in &mut self.widths {
            *width = (*width * 8.0).round() / 8.0;
        }
    }
}

/// What the workbook library refuses, as our error.
pub(super) fn failed(sheet: &str, error: &XlsxError) -> Error {
    Error::new(format!("工作表“{sheet}”写不出：{error}"), format!("sheet “{sheet}” cannot be written: {error}"))
}
