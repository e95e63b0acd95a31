//! Tables: cells with their spans, header rows that repeat on each page.

use super::styles::{CELL, NARROW_CELL};
use super::xml::Xml;
use crate::filing::RowKind;
use crate::form::Kind;
use crate::layout::clean::Context;
use crate::write::plan::Plan;
use crate::write::protect::protect;
use crate::write::tiles::{Role, Side, Tile, tiles};

/// A row with more text may be cut by a page.
const LONG_ROW: usize = 600;

/// What stands in a grid cell of a row.
enum Cell<'t, 'f> {
    /// A cell begins.
    Starts(&'t Tile<'f>),
    /// A cell goes on from the row above; grid columns it covers.
    GoesOn(usize),
    /// Nothing stands here.
    Blank,
}

/// Writes a table that is `width` twips wide.
pub(super) fn write(xml: &mut Xml, plan: &Plan<'_>, width: u32) {
    let tiles = tiles(plan, true);
    let widths = twips(&tiles.widths, width);
    // Characters of half width that a line of the usual size has room for.
    let room = f64::from(width) / 20.0 / 5.25;
    let style = if tiles.widths.iter().sum::<f64>() > room { NARROW_CELL } else { CELL };
    xml.open("w:tbl", &[]);
    xml.open("w:tblPr", &[]);
    xml.empty("w:tblW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
    xml.value("w:jc", "center");
    xml.raw(BORDERS);
    xml.empty("w:tblLayout", &[("w:type", "fixed")]);
    xml.raw(MARGINS);
    if !plan.title_stands() {
        xml.value("w:tblCaption", plan.table.title.as_str());
    }
    xml.close("w:tblPr");
    xml.open("w:tblGrid", &[]);
    for width in &widths {
        xml.empty("w:gridCol", &[("w:w", &width.to_string())]);
    }
    xml.close("w:tblGrid");
    // Header rows repeat only when no row stands before them.
    let repeated = if plan.fields.is_empty() { 0..tiles.head.1 } else { 0..0 };
    let mut standing: Vec<Option<(usize, usize)>> = vec![None; widths.len()];
    for (number, row) in tiles.rows.iter().enumerate() {
        write_row(xml, row, &widths, &mut standing, repeated.contains(&number), style);
    }
    xml.close("w:tbl");
}

const BORDERS: &str = r#"<w:tblBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:left w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:right w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:insideV w:val="single" w:sz="4" w:space="0" w:color="auto"/></w:tblBorders>"#;

const MARGINS: &str = r#"<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>"#;

/// A line above the table has no border but the table's own under it.
const NO_BORDERS: &str =
    r#"<w:tcBorders><w:top w:val="nil"/><w:left w:val="nil"/><w:right w:val="nil"/></w:tcBorders>"#;

/// Column widths that fill the table.
fn twips(widths: &[f64], total: u32) -> Vec<u32> {
    let sum: f64 = widths.iter().sum::<f64>().max(1.0);
    let mut end = 0.0;
    let mut before = 0;
    widths
        .iter()
        .map(|width| {
            end += width;
            let at = (end / sum * f64::from(total)).round() as u32;
            let twips = at - before;
            before = at;
            twips.max(1)
        })
        .collect()
}

/// The cells of a row by grid column. `standing` has for each grid column the rows that its cell
/// still covers, and at the cell's first column how many columns it covers.
fn cells<'t, 'f>(row: &'t [Tile<'f>], standing: &mut [Option<(usize, usize)>]) -> Vec<(usize, Cell<'t, 'f>)> {
    let mut cells = Vec::new();
    let mut next = row.iter().peekable();
    let mut at = 0;
    while at < standing.len() {
        if let Some((rows, columns)) = standing[at] {
            cells.push((at, Cell::GoesOn(columns)));
            standing[at] = (rows > 1).then_some((rows - 1, columns));
            at += columns;
            continue;
        }
        match next.next_if(|tile| tile.column == at) {
            Some(tile) => {
                cells.push((at, Cell::Starts(tile)));
                standing[at] = (tile.rows > 1).then_some((tile.rows - 1, tile.columns));
                at += tile.columns;
            }
            None => {
                cells.push((at, Cell::Blank));
                at += 1;
            }
        }
    }
    cells
}

fn write_row(
    xml: &mut Xml,
    row: &[Tile<'_>],
    widths: &[u32],
    standing: &mut [Option<(usize, usize)>],
    header: bool,
    style: &str,
) {
    let cells = cells(row, standing);
    let characters: usize = row.iter().flat_map(|tile| &tile.texts).map(|text| text.len()).sum();
    xml.open("w:tr", &[]);
    if header || characters < LONG_ROW {
        xml.open("w:trPr", &[]);
        if characters < LONG_ROW {
            xml.empty("w:cantSplit", &[]);
        }
        if header {
            xml.empty("w:tblHeader", &[]);
        }
        xml.close("w:trPr");
    }
    for (at, cell) in cells {
        let columns = match &cell {
            Cell::Starts(tile) => tile.columns,
            Cell::GoesOn(columns) => *columns,
            Cell::Blank => 1,
        };
        let width: u32 = widths[at..(at + columns).min(widths.len())].iter().sum();
        xml.open("w:tc", &[]);
        xml.open("w:tcPr", &[]);
        xml.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
        if columns > 1 {
            xml.value("w:gridSpan", &columns.to_string());
        }
        match &cell {
            Cell::Starts(tile) if tile.rows > 1 => xml.value("w:vMerge", "restart"),
            Cell::GoesOn(_) => xml.empty("w:vMerge", &[]),
            _ => {}
        }
        if let Cell::Starts(Tile { role: Role::Line(_), .. }) = &cell {
            xml.raw(NO_BORDERS);
        }
        xml.value("w:vAlign", "center");
        xml.close("w:tcPr");
        match cell {
            Cell::Starts(tile) => write_texts(xml, tile, style, characters < LONG_ROW),
            _ => paragraph(xml, "", style, "left", false, false),
        }
        xml.close("w:tc");
    }
    xml.close("w:tr");
}

fn write_texts(xml: &mut Xml, tile: &Tile<'_>, style: &str, short: bool) {
    let align = align(tile.role);
    let bold = match tile.role {
        Role::Label | Role::Head => true,
        Role::Body { row, .. } => row != RowKind::Detail,
        _ => false,
    };
    // What stands above the body is not parted from its first row.
    let keep = short && !matches!(tile.role, Role::Body { .. });
    for text in &tile.texts {
        paragraph(xml, text, style, align, bold, keep);
    }
}

fn paragraph(xml: &mut Xml, text: &str, style: &str, align: &str, bold: bool, keep: bool) {
    xml.open("w:p", &[]);
    xml.open("w:pPr", &[]);
    xml.value("w:pStyle", style);
    if keep {
        xml.empty("w:keepNext", &[]);
    }
    xml.value("w:jc", align);
    xml.close("w:pPr");
    xml.run(&protect(text, Context::Cell), if bold { "<w:b/><w:bCs/>" } else { "" });
    xml.close("w:p");
}

fn align(role: Role) -> &'static str {
    match role {
        Role::Line(Side::Left) => "left",
        Role::Line(Side::Middle) | Role::Label | Role::Head => "center",
        Role::Line(Side::Right) => "right",
        Role::Value(Kind::Text | Kind::List | Kind::Target) => "left",
        Role::Value(_) => "center",
        Role::Body { kind, short, .. } => match kind {
            Kind::Money | Kind::Number | Kind::Percent => "right",
            Kind::Ordinal | Kind::Date | Kind::Year | Kind::Target => "center",
            Kind::Text if short => "center",
            Kind::Text | Kind::Code | Kind::List => "left",
        },
    }
}
