//! A planned sheet as the XML of a worksheet (ECMA-376 part 1, 18.3).

use std::borrow::Cow;
use std::ops::Range;

use rust_decimal::Decimal;
use rust_xlsxwriter::XlsxError;

use super::checks::VERDICTS;
use super::look::{Align, Look, Styles};
use super::number::held;
use super::sheet::{Content, Sheet, Tile, heights};
use super::strings::Strings;
use super::sums::Sums;
use super::xml::{self, DECLARATION, put};
use crate::form::Kind;
use crate::source::{cell_name, column_name};

/// Hyperlinks Excel allows on a sheet.
const LINKS: usize = 65_530;

/// Rows and columns of a sheet.
const ROWS: u32 = 1_048_576;
const COLS: u16 = 16_384;

/// Characters of a cell.
const LONGEST: usize = 32_767;

/// Rows that say together in which columns their cells stand.
const SPAN: u32 = 16;

/// A cell and what stands in it.
struct Cell<'t, 'f> {
    row: u32,
    col: u16,
    style: u32,
    holds: Holds<'t, 'f>,
}

enum Holds<'t, 'f> {
    Nothing,
    /// A text of our own, or one of the filing.
    Text(&'t str),
    Lent(&'f str),
    Number(Decimal),
    Formula {
        formula: &'t str,
        result: Cow<'t, str>,
    },
}

/// A note on a cell.
pub(super) struct Note {
    pub row: u32,
    pub col: u16,
    pub text: String,
}

/// What else stands on a sheet, and how large it is.
#[derive(Default)]
struct Extras<'t> {
    merged: Vec<&'t Tile<'t>>,
    links: Vec<(u32, u16, &'t str, &'t str)>,
    notes: Vec<Note>,
}

/// A drawn sheet, beside its XML.
pub(super) struct Drawn {
    pub notes: Vec<Note>,
    /// Sizes in pixels.
    pub widths: Vec<u32>,
    pub heights: Vec<u32>,
}

/// Draws a sheet; `first` is the one that is shown when the workbook is opened.
pub(super) fn draw<'f>(
    xml: &mut String,
    sheet: &Sheet<'f>,
    first: bool,
    look: &Look,
    styles: &mut Styles<'_>,
    strings: &mut Strings<'f>,
    sums: &Sums<'_>,
) -> Result<Drawn, XlsxError> {
    let (cells, extras) = cells(sheet, styles, sums)?;
    let heights: Vec<u32> =
        heights(sheet, look).into_iter().map(|points| (points * 4.0 / 3.0).round() as u32).collect();
    let widths: Vec<u32> = sheet.widths.iter().map(|width| pixels(*width)).collect();
    if heights.len() > ROWS as usize || widths.len() > usize::from(COLS) {
        return Err(XlsxError::RowColumnLimitError);
    }
    let names: Vec<String> =
        (0..cells.iter().map(|cell| u32::from(cell.col) + 1).max().unwrap_or(1)).map(column_name).collect();
    let area = format!("A1:{}{}", names[names.len() - 1], heights.len().max(1));

    xml.push_str(DECLARATION);
    xml.push_str(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>"#);
    put(xml, format_args!(r#"<dimension ref="{area}"/>"#));
    view(xml, sheet, first);
    columns(xml, &widths);
    rows(xml, &cells, &heights, &names, strings)?;
    if let Some((head, last)) = sheet.filter {
        put(xml, format_args!(r#"<autoFilter ref="{}"/>"#, filter(sheet, head, last)));
    }
    merged(xml, &extras.merged, &names);
    verdicts(xml, sheet);
    lists(xml, sheet);
    links(xml, &extras.links, &names);
    page(xml, look, sheet);
    // Codes and amounts kept as text are meant to be text.
    let cols = column_name(sheet.widths.len().max(1) as u32 - 1);
    let rows = sheet.tiles.iter().map(|tile| tile.row + tile.rows).max().unwrap_or(1);
    put(
        xml,
        format_args!(
            r#"<ignoredErrors><ignoredError sqref="{}" numberStoredAsText="1"/></ignoredErrors>"#,
            if cols == "A" && rows == 1 { "A1".to_owned() } else { format!("A1:{cols}{rows}") }
        ),
    );
    if !extras.notes.is_empty() {
        xml.push_str(r#"<legacyDrawing r:id="rId1"/>"#);
    }
    xml.push_str("</worksheet>");
    Ok(Drawn { notes: extras.notes, widths, heights })
}

/// `A4:K52`.
fn filter(sheet: &Sheet<'_>, head: u32, last: u32) -> String {
    format!("A{}:{}{}", head + 1, column_name(sheet.widths.len().max(1) as u32 - 1), last + 1)
}

/// The cells of a sheet, row by row.
fn cells<'t, 'f>(
    sheet: &'t Sheet<'f>,
    styles: &mut Styles<'_>,
    sums: &'t Sums<'_>,
) -> Result<(Vec<Cell<'t, 'f>>, Extras<'t>), XlsxError> {
    let mut extras = Extras::default();
    let mut cells: Vec<Cell<'t, 'f>> = Vec::with_capacity(sheet.tiles.len() * 2);
    for tile in &sheet.tiles {
        if u32::from(tile.col) + u32::from(tile.cols) > u32::from(COLS) || tile.row + tile.rows > ROWS {
            return Err(XlsxError::RowColumnLimitError);
        }
        let (style, holds) = content(tile, styles, sums, &mut extras);
        cells.push(Cell { row: tile.row, col: tile.col, style, holds });
        if tile.rows > 1 || tile.cols > 1 {
            extras.merged.push(tile);
            for row in tile.row..tile.row + tile.rows {
                let covered = (tile.col..tile.col + tile.cols).skip(usize::from(row == tile.row));
                cells.extend(covered.map(|col| Cell { row, col, style, holds: Holds::Nothing }));
            }
        }
    }
    cells.sort_by_key(|cell| (cell.row, cell.col));
    extras.notes.sort_by_key(|note| (note.row, note.col));
    extras.links.sort_by_key(|(row, col, ..)| (*row, *col));
    let twice = cells.windows(2).find(|pair| (pair[0].row, pair[0].col) == (pair[1].row, pair[1].col));
    if let Some([cell, _]) = twice {
        let name = cell_name(cell.row, u32::from(cell.col));
        return Err(XlsxError::MergeRangeOverlaps(name.clone(), name));
    }
    Ok((cells, extras))
}

/// What stands in the first cell of a tile, and its style.
fn content<'t, 'f>(
    tile: &'t Tile<'f>,
    styles: &mut Styles<'_>,
    sums: &'t Sums<'_>,
    extras: &mut Extras<'t>,
) -> (u32, Holds<'t, 'f>) {
    let mut style = tile.style;
    let holds = match &tile.content {
        Content::Value { cell, text, kind } => {
            if let Some(sum) = sums.formula(cell) {
                style.manner = Some(sum.shown.manner);
                style.differs = sum.differs();
                if let Some(text) = sum.note() {
                    extras.notes.push(Note { row: tile.row, col: tile.col, text });
                }
                Holds::Formula { formula: &sum.formula, result: Cow::Owned(sum.shown.stored().to_string()) }
            } else if let Some(number) = held(text, *kind) {
                style.manner = Some(number.manner);
                Holds::Number(number.stored())
            } else {
                if matches!(kind, Kind::Money | Kind::Number | Kind::Percent) && !text.is_empty() {
                    // Not a number: shown as the text it is, in the middle, where a dash belongs.
                    style.align = Align::Center;
                }
                Holds::Lent(text)
            }
        }
        Content::Number(number) => {
            style.manner = Some(number.manner);
            Holds::Number(number.stored())
        }
        Content::Text(text) => words(text),
        Content::Link { text, to } => {
            if extras.links.len() < LINKS && !text.is_empty() {
                extras.links.push((tile.row, tile.col, to, text));
            }
            words(text)
        }
        Content::Formula { formula, result } => Holds::Formula { formula, result: Cow::Borrowed(result) },
    };
    (styles.get(style), holds)
}

fn words<'t, 'f>(text: &'t Cow<'f, str>) -> Holds<'t, 'f> {
    match text {
        Cow::Borrowed(text) => Holds::Lent(text),
        Cow::Owned(text) => Holds::Text(text),
    }
}

/// A column's width: seven pixels for a character of half width and five for its borders.
fn pixels(width: f64) -> u32 {
    let pixels = if width < 1.0 { width * 12.0 } else { width * 7.0 + 5.0 };
    // Excel's widest column.
    (pixels.round() as u32).min(255 * 7 + 5)
}

fn view(xml: &mut String, sheet: &Sheet<'_>, first: bool) {
    xml.push_str(r#"<sheetViews><sheetView showGridLines="0""#);
    if first {
        xml.push_str(r#" tabSelected="1""#);
    }
    xml.push_str(r#" workbookViewId="0""#);
    match sheet.freeze {
        0 => xml.push_str("/>"),
        rows => put(
            xml,
            format_args!(
                r#"><pane ySplit="{rows}" topLeftCell="A{}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView>"#,
                rows + 1
            ),
        ),
    }
    xml.push_str(r#"</sheetViews><sheetFormatPr defaultRowHeight="13.5"/>"#);
}

fn columns(xml: &mut String, widths: &[u32]) {
    if widths.is_empty() {
        return;
    }
    xml.push_str("<cols>");
    let mut from = 0;
    for run in widths.chunk_by(|left, right| left == right) {
        let width = f64::from(run[0] * 256 / 7) / 256.0;
        let custom = if run[0] == super::look::WIDTH { "" } else { r#" customWidth="1""# };
        put(xml, format_args!(r#"<col min="{}" max="{}" width="{width}"{custom}/>"#, from + 1, from + run.len()));
        from += run.len();
    }
    xml.push_str("</cols>");
}

fn rows<'f>(
    xml: &mut String,
    cells: &[Cell<'_, 'f>],
    heights: &[u32],
    names: &[String],
    strings: &mut Strings<'f>,
) -> Result<(), XlsxError> {
    xml.push_str("<sheetData>");
    let mut rest = cells;
    let mut span = String::new();
    let mut number = String::new();
    for (row, height) in (0..).zip(heights) {
        if row % SPAN == 0 {
            let block = &rest[..rest.partition_point(|cell| cell.row < row + SPAN)];
            let cols = block.iter().map(|cell| u32::from(cell.col) + 1);
            span.clear();
            if let (Some(from), Some(to)) = (cols.clone().min(), cols.max()) {
                span.push_str(r#" spans=""#);
                xml::whole(&mut span, from);
                span.push(':');
                xml::whole(&mut span, to);
                span.push('"');
            }
        }
        let (own, after) = rest.split_at(rest.partition_point(|cell| cell.row == row));
        rest = after;
        number.clear();
        xml::whole(&mut number, row + 1);
        xml.push_str(r#"<row r=""#);
        xml.push_str(&number);
        xml.push('"');
        xml.push_str(&span);
        if *height != super::look::HEIGHT {
            // A pixel is three quarters of a point.
            xml.push_str(r#" ht=""#);
            xml::quarters(xml, *height * 3);
            xml.push_str(r#"" customHeight="1""#);
        }
        if own.is_empty() {
            xml.push_str("/>");
            continue;
        }
        xml.push('>');
        for cell in own {
            draw_cell(xml, cell, &names[usize::from(cell.col)], &number, strings)?;
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData>");
    Ok(())
}

fn draw_cell<'f>(
    xml: &mut String,
    cell: &Cell<'_, 'f>,
    col: &str,
    row: &str,
    strings: &mut Strings<'f>,
) -> Result<(), XlsxError> {
    xml.push_str(r#"<c r=""#);
    xml.push_str(col);
    xml.push_str(row);
    xml.push_str(r#"" s=""#);
    xml::whole(xml, cell.style);
    if let Holds::Text(text) | Holds::Lent(text) = cell.holds
        && !text.is_empty()
    {
        if text.len() > LONGEST && text.chars().count() > LONGEST {
            return Err(XlsxError::MaxStringLengthExceeded);
        }
        let number = if let Holds::Lent(text) = cell.holds { strings.lent(text) } else { strings.copied(text) };
        xml.push_str(r#"" t="s"><v>"#);
        xml::whole(xml, number);
        xml.push_str("</v></c>");
        return Ok(());
    }
    match &cell.holds {
        Holds::Number(number) => {
            xml.push_str(r#""><v>"#);
            xml.push_str(&number.to_string());
            xml.push_str("</v></c>");
        }
        Holds::Formula { formula, result } => {
            xml.push_str(if result.parse::<f64>().is_ok() { r#""><f>"# } else { r#"" t="str"><f>"# });
            xml::text(xml, formula);
            xml.push_str("</f><v>");
            xml::text(xml, result);
            xml.push_str("</v></c>");
        }
        _ => xml.push_str(r#""/>"#),
    }
    Ok(())
}

fn merged(xml: &mut String, merged: &[&Tile<'_>], names: &[String]) {
    if merged.is_empty() {
        return;
    }
    put(xml, format_args!(r#"<mergeCells count="{}">"#, merged.len()));
    for tile in merged {
        xml.push_str(r#"<mergeCell ref=""#);
        xml.push_str(&names[usize::from(tile.col)]);
        xml::whole(xml, tile.row + 1);
        xml.push(':');
        xml.push_str(&names[usize::from(tile.col + tile.cols - 1)]);
        xml::whole(xml, tile.row + tile.rows);
        xml.push_str(r#""/>"#);
    }
    xml.push_str("</mergeCells>");
}

/// Verdicts are coloured by what they say.
fn verdicts(xml: &mut String, sheet: &Sheet<'_>) {
    let Some((rows, col)) = &sheet.verdicts else { return };
    put(xml, format_args!(r#"<conditionalFormatting sqref="{}">"#, range(rows, *col)));
    for (index, sign) in VERDICTS.iter().enumerate() {
        put(
            xml,
            format_args!(
                r#"<cfRule type="cellIs" dxfId="{index}" priority="{}" operator="equal"><formula>"{sign}"</formula></cfRule>"#,
                index + 1
            ),
        );
    }
    xml.push_str("</conditionalFormatting>");
}

/// `A10:A15`, or `A10`.
fn range(rows: &Range<u32>, col: u16) -> String {
    let col = column_name(u32::from(col));
    if rows.end == rows.start + 1 {
        format!("{col}{}", rows.end)
    } else {
        format!("{col}{}:{col}{}", rows.start + 1, rows.end)
    }
}

fn lists(xml: &mut String, sheet: &Sheet<'_>) {
    if sheet.lists.is_empty() {
        return;
    }
    put(xml, format_args!(r#"<dataValidations count="{}">"#, sheet.lists.len()));
    for (rows, col, values) in &sheet.lists {
        put(
            xml,
            format_args!(
                r#"<dataValidation type="list" errorStyle="warning" allowBlank="1" showInputMessage="1" showErrorMessage="1" sqref="{}"><formula1>"#,
                range(rows, *col)
            ),
        );
        xml.push('"');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                xml.push(',');
            }
            xml::text(xml, value);
        }
        xml.push_str("\"</formula1></dataValidation>");
    }
    xml.push_str("</dataValidations>");
}

fn links(xml: &mut String, links: &[(u32, u16, &str, &str)], names: &[String]) {
    if links.is_empty() {
        return;
    }
    xml.push_str("<hyperlinks>");
    for (row, col, to, text) in links {
        put(xml, format_args!(r#"<hyperlink ref="{}{}" location=""#, names[usize::from(*col)], row + 1));
        xml::attribute(xml, to);
        xml.push_str(r#"" display=""#);
        xml::attribute(xml, text);
        xml.push_str(r#""/>"#);
    }
    xml.push_str("</hyperlinks>");
}

fn page(xml: &mut String, look: &Look, sheet: &Sheet<'_>) {
    let page = &look.page;
    let orientation = if sheet.landscape { "landscape" } else { "portrait" };
    put(
        xml,
        format_args!(
            r#"<printOptions horizontalCentered="1"/><pageMargins left="{}" right="{}" top="{}" bottom="{}" header="{}" footer="{}"/><pageSetup paperSize="{}" fitToHeight="0" orientation="{orientation}" horizontalDpi="200" verticalDpi="200"/><headerFooter><oddFooter>&amp;C"#,
            page.left, page.right, page.top, page.bottom, page.header, page.footer, page.paper
        ),
    );
    xml::text(xml, &page.text);
    xml.push_str("</oddFooter></headerFooter>");
}
