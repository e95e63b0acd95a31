//! A sheet as tiles: what every sheet of the workbook is planned as, and how it is drawn.

use std::borrow::Cow;
use std::ops::Range;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Formula, IgnoreError, Note, Url, Workbook, Worksheet, XlsxError,
};

use super::look::{Align, Look, Role, Style, Styles};
use super::number::{Shown, held};
use super::sums::Sums;
use crate::equation::CellRef;
use crate::error::{Error, Result};
use crate::form::Kind;

/// Hyperlinks Excel allows on a sheet.
const LINKS: usize = 65_530;

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
fn heights(sheet: &Sheet<'_>, look: &Look) -> Vec<f64> {
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

/// Draws a sheet at the end of the workbook.
pub(super) fn draw(
    workbook: &mut Workbook,
    styles: &mut Styles<'_>,
    look: &Look,
    sheet: &Sheet<'_>,
    sums: &Sums<'_>,
) -> Result<()> {
    let worksheet = workbook.add_worksheet();
    (|| -> std::result::Result<(), XlsxError> {
        worksheet.set_name(&sheet.name)?;
        set_up_page(worksheet, look, sheet)?;
        for (col, width) in sheet.widths.iter().enumerate() {
            worksheet.set_column_width(col as u16, *width)?;
        }
        for (row, height) in heights(sheet, look).into_iter().enumerate() {
            worksheet.set_row_height(row as u32, height)?;
        }
        let mut links = 0;
        let mut plain = Vec::with_capacity(sheet.tiles.len());
        for tile in &sheet.tiles {
            draw_tile(worksheet, styles, tile, sums, &mut links, &mut plain)?;
        }
        for area in areas(plain) {
            let (rows, cols) = (area.rows, area.cols);
            let format = styles.get(area.style);
            worksheet.set_range_format(rows.start, cols.start, rows.end - 1, cols.end - 1, format)?;
        }
        for (rows, col, values) in &sheet.lists {
            let list =
                DataValidation::new().allow_list_strings(values)?.set_error_style(DataValidationErrorStyle::Warning);
            worksheet.add_data_validation(rows.start, *col, rows.end - 1, *col, &list)?;
        }
        if let Some((head, last)) = sheet.filter {
            worksheet.autofilter(head, 0, last, sheet.widths.len().saturating_sub(1) as u16)?;
        }
        if let Some((rows, col)) = &sheet.verdicts {
            super::checks::colour_verdicts(worksheet, look, rows.clone(), *col)?;
        }
        // Codes and amounts kept as text are meant to be text.
        let rows = sheet.tiles.iter().map(|tile| tile.row + tile.rows).max().unwrap_or(1);
        let cols = sheet.widths.len().max(1) as u16;
        worksheet.ignore_error_range(0, 0, rows - 1, cols - 1, IgnoreError::NumberStoredAsText)?;
        Ok(())
    })()
    .map_err(|error| failed(&sheet.name, &error))?;
    if let Some(anchor) = &sheet.anchor {
        let first = format!("={}!$A$1", super::name::quoted(&sheet.name));
        workbook.define_name(anchor, &first).map_err(|error| failed(&sheet.name, &error))?;
    }
    Ok(())
}

/// What the workbook library refuses, as our error.
pub(super) fn failed(sheet: &str, error: &XlsxError) -> Error {
    Error::new(format!("工作表“{sheet}”写不出：{error}"), format!("sheet “{sheet}” cannot be written: {error}"))
}

fn set_up_page(worksheet: &mut Worksheet, look: &Look, sheet: &Sheet<'_>) -> std::result::Result<(), XlsxError> {
    let page = &look.page;
    worksheet.set_paper_size(page.paper);
    worksheet.set_margins(page.left, page.right, page.top, page.bottom, page.header, page.footer);
    worksheet.set_print_fit_to_pages(1, 0);
    worksheet.set_print_center_horizontally(true);
    worksheet.set_footer(format!("&C{}", page.text));
    worksheet.set_screen_gridlines(false);
    if sheet.landscape {
        worksheet.set_landscape();
    }
    if !sheet.repeat.is_empty() {
        worksheet.set_repeat_rows(sheet.repeat.start, sheet.repeat.end - 1)?;
    }
    if sheet.freeze > 0 {
        worksheet.set_freeze_panes(sheet.freeze, 0)?;
    }
    Ok(())
}

/// Cells beside and below each other that look the same.
#[derive(Debug, PartialEq)]
struct Area {
    style: Style,
    rows: Range<u32>,
    cols: Range<u16>,
}

/// Single cells as few areas: giving a format to a cell costs the library a hash of the whole
/// format, and giving it to an area costs one.
fn areas(mut cells: Vec<(u16, u32, Style)>) -> Vec<Area> {
    cells.sort_unstable_by_key(|(col, row, _)| (*col, *row));
    let mut runs: Vec<Area> = Vec::new();
    for (col, row, style) in cells {
        match runs.last_mut() {
            Some(run) if run.style == style && run.cols.start == col && run.rows.end == row => run.rows.end = row + 1,
            _ => runs.push(Area { style, rows: row..row + 1, cols: col..col + 1 }),
        }
    }
    runs.sort_by_key(|run| (run.rows.start, run.rows.end, run.cols.start));
    runs.dedup_by(|next, area| {
        let joined = next.style == area.style && next.rows == area.rows && next.cols.start == area.cols.end;
        if joined {
            area.cols.end = next.cols.end;
        }
        joined
    });
    runs
}

/// Draws a tile. The style of a cell that got none is put on `plain`: column, row, style.
fn draw_tile(
    worksheet: &mut Worksheet,
    styles: &mut Styles<'_>,
    tile: &Tile<'_>,
    sums: &Sums<'_>,
    links: &mut usize,
    plain: &mut Vec<(u16, u32, Style)>,
) -> std::result::Result<(), XlsxError> {
    let (row, col) = (tile.row, tile.col);
    let mut style = tile.style;
    let defined = match &tile.content {
        Content::Value { cell, .. } => sums.formula(cell),
        _ => None,
    };
    let number = match &tile.content {
        Content::Value { text, kind, .. } if defined.is_none() => held(text, *kind),
        Content::Number(number) => Some(*number),
        _ => None,
    };
    if let Some(sum) = defined {
        style.manner = Some(sum.shown.manner);
        style.differs = sum.differs();
    } else if let Some(number) = number {
        style.manner = Some(number.manner);
    } else if let Content::Value { kind: Kind::Money | Kind::Number | Kind::Percent, text, .. } = &tile.content
        && !text.is_empty()
    {
        // Not a number: shown as the text it is, in the middle, where a dash belongs.
        style.align = Align::Center;
    }
    if tile.rows > 1 || tile.cols > 1 {
        let text = match &tile.content {
            Content::Text(text) => Some(text.as_ref()),
            Content::Value { text, .. } if defined.is_none() && number.is_none() => Some(*text),
            _ => None,
        };
        let (last_row, last_col) = (row + tile.rows - 1, col + tile.cols - 1);
        worksheet.merge_range(row, col, last_row, last_col, text.unwrap_or_default(), styles.get(style))?;
        if text.is_some() {
            return Ok(());
        }
    }
    // A link brings a look of its own unless it is given one; anything else gets that of its area.
    if let Content::Link { text, to } = &tile.content
        && *links < LINKS
        && !text.is_empty()
    {
        *links += 1;
        let url = Url::new(format!("internal:{to}")).set_text(text.as_ref());
        worksheet.write_url_with_format(row, col, &url, styles.get(style))?;
        return Ok(());
    }
    plain.push((col, row, style));
    if let Some(sum) = defined {
        let formula = Formula::new(&sum.formula).set_result(sum.shown.stored().to_string());
        worksheet.write_formula(row, col, formula)?;
        if let Some(note) = sum.note() {
            let note = Note::new(note).set_author("yusuan").add_author_prefix(false).set_width(220).set_height(90);
            worksheet.insert_note(row, col, &note)?;
        }
        return Ok(());
    }
    if let Some(number) = number {
        worksheet.write_number(row, col, number.float())?;
        return Ok(());
    }
    match &tile.content {
        Content::Text(text) | Content::Link { text, .. } => worksheet.write_string(row, col, text.as_ref())?,
        Content::Value { text, .. } => worksheet.write_string(row, col, *text)?,
        Content::Formula { formula, result } => {
            worksheet.write_formula(row, col, Formula::new(formula).set_result(result.as_str()))?
        }
        Content::Number(_) => worksheet,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_alike_are_few_areas() {
        let (cell, head) = (Style::of(Role::Cell), Style::of(Role::Head));
        // Two rows of three cells in any order, the last of them another style.
        let cells = vec![(2, 1, head), (0, 0, cell), (1, 1, cell), (2, 0, cell), (1, 0, cell), (0, 1, cell)];
        let areas = areas(cells);
        assert_eq!(
            areas,
            [
                Area { style: cell, rows: 0..1, cols: 2..3 },
                Area { style: cell, rows: 0..2, cols: 0..2 },
                Area { style: head, rows: 1..2, cols: 2..3 },
            ]
        );
    }
}
