//! Where the tables, rows, cells and paragraphs of a part stand in its bytes: a second look, taken
//! when an edit needs more than the characters of a text (a new row, a deleted paragraph, text for
//! an empty cell). Numbers are those of [`crate::text::Place`].

use std::ops::Range;

use super::shape::{CellShape, Merge, RowShape, settle, width_limit};
use crate::error::Result;
use crate::limits::Limits;
use crate::read::xml::{Ns, Tag, Token, Xml};

/// Deeper than the reader goes.
const DEPTH: usize = 100_000;

/// The places of a part.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The prefix of WordprocessingML names in the part with its colon, such as `w:`; may be empty.
    pub prefix: String,
    /// Tables in order of their start tags, those in tables too.
    pub tables: Vec<TablePlace>,
    /// Paragraphs outside tables in order of their start tags.
    pub paragraphs: Vec<ParagraphPlace>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct TablePlace {
    /// `<w:tbl>…</w:tbl>`.
    pub range: Range<usize>,
    /// Its rows.
    pub rows: Vec<RowPlace>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct RowPlace {
    /// `<w:tr>…</w:tr>`.
    pub range: Range<usize>,
    /// Its cells.
    pub cells: Vec<CellPlace>,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub struct CellPlace {
    /// `<w:tc>…</w:tc>`.
    pub range: Range<usize>,
    /// True grid column, from 1.
    pub column: u32,
    /// Grid columns it covers.
    pub span: u32,
    /// `<w:vMerge …/>`, where it has one.
    pub vertical: Option<VerticalMerge>,
    /// Its own paragraphs, not those of tables inside it.
    pub paragraphs: Vec<ParagraphPlace>,
}

/// The part of a vertically merged cell that stands in one row.
#[derive(Clone, Debug)]
pub struct VerticalMerge {
    /// The element, without a separate end tag.
    pub range: Range<usize>,
    /// The merged cell starts here.
    pub starts: bool,
}

/// A paragraph.
#[derive(Clone, Debug, Default)]
pub struct ParagraphPlace {
    /// `<w:p>…</w:p>`.
    pub range: Range<usize>,
    /// `<w:pPr>…</w:pPr>`.
    pub properties: Option<Range<usize>>,
    /// Properties of the paragraph mark inside those, which new text should have.
    pub mark_properties: Option<Range<usize>>,
    /// Where a first run can be put; `None` for `<w:p/>`, which has to be written out.
    pub insert_at: Option<usize>,
}

/// A table being scanned.
#[derive(Default)]
struct Open {
    index: usize,
    grid: Vec<u32>,
    row: RowShape,
    shapes: Vec<CellShape>,
}

/// What an open element is to the scan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Other,
    Table,
    Row,
    Cell,
    Paragraph,
    ParagraphProperties,
    MarkProperties,
    CellProperties,
    RowProperties,
}

impl Places {
    /// Scans a part.
    ///
    /// # Errors
    /// When the part is no well-formed XML, or beyond the limits.
    pub fn read(text: &str, limits: &Limits) -> Result<Places> {
        // Reading has its own account of nested tables; what it took is not refused here.
        let limits = Limits { xml_depth: limits.xml_depth.max(DEPTH), ..limits.clone() };
        Scan {
            xml: Xml::new(text, &limits),
            columns: limits.columns,
            places: Places::default(),
            open: Vec::new(),
            tables: Vec::new(),
            paragraphs: Vec::new(),
        }
        .run()
    }

    /// A table, counted from 1.
    pub fn table(&self, table: u32) -> Option<&TablePlace> {
        self.tables.get((table as usize).checked_sub(1)?)
    }

    /// A row, counted from 1.
    pub fn row(&self, table: u32, row: u32) -> Option<&RowPlace> {
        self.table(table)?.rows.get((row as usize).checked_sub(1)?)
    }

    /// The cell that stands in a grid column, counted from 1.
    pub fn cell(&self, table: u32, row: u32, column: u32) -> Option<&CellPlace> {
        let covers = |cell: &&CellPlace| (cell.column..cell.column + cell.span.max(1)).contains(&column);
        self.row(table, row)?.cells.iter().find(covers)
    }

    /// A paragraph outside tables, counted from 1.
    pub fn paragraph(&self, paragraph: u32) -> Option<&ParagraphPlace> {
        self.paragraphs.get((paragraph as usize).checked_sub(1)?)
    }
}

struct Scan<'a> {
    xml: Xml<'a>,
    columns: usize,
    places: Places,
    open: Vec<(Element, usize)>,
    tables: Vec<Open>,
    /// Open paragraphs: a text box has some inside another.
    paragraphs: Vec<ParagraphPlace>,
}

impl<'a> Scan<'a> {
    fn run(mut self) -> Result<Places> {
        let mut first = true;
        loop {
            match self.xml.next()? {
                Token::Open(tag) => {
                    if std::mem::take(&mut first) {
                        let name = &self.xml.source()[tag.start + 1..];
                        self.places.prefix = name[..name.find(tag.name).unwrap_or(0)].to_owned();
                    }
                    let changes = tag.name.ends_with("Change") && tag.ns == Ns::Word;
                    if changes && !tag.empty {
                        // What was there before a tracked change.
                        self.xml.skip()?;
                        continue;
                    }
                    let element = if tag.ns == Ns::Word { self.open_word(&tag) } else { Element::Other };
                    if tag.empty {
                        self.close(element, tag.start);
                    } else {
                        self.open.push((element, tag.start));
                    }
                }
                Token::Close => {
                    if let Some((element, start)) = self.open.pop() {
                        self.close(element, start);
                    }
                }
                Token::End => return Ok(self.places),
                _ => {}
            }
        }
    }

    fn open_word(&mut self, tag: &Tag<'a>) -> Element {
        let parent = self.open.last().map(|(element, _)| *element);
        match tag.name {
            "p" => {
                let insert_at = (!tag.empty).then_some(self.xml.end);
                self.paragraphs.push(ParagraphPlace { insert_at, ..ParagraphPlace::default() });
                Element::Paragraph
            }
            "pPr" if parent == Some(Element::Paragraph) => Element::ParagraphProperties,
            "rPr" if parent == Some(Element::ParagraphProperties) => Element::MarkProperties,
            "tbl" => {
                self.tables.push(Open { index: self.places.tables.len(), ..Open::default() });
                self.places.tables.push(TablePlace::default());
                Element::Table
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row = RowShape::default();
                    table.shapes.clear();
                    self.places.tables[table.index].rows.push(RowPlace::default());
                }
                Element::Row
            }
            "tc" => {
                if let Some(table) = self.tables.last_mut()
                    && let Some(row) = self.places.tables[table.index].rows.last_mut()
                {
                    table.shapes.push(CellShape::default());
                    row.cells.push(CellPlace::default());
                }
                Element::Cell
            }
            "trPr" => Element::RowProperties,
            "tcPr" => Element::CellProperties,
            "gridCol" => {
                let width = self.twips(tag);
                if let Some(table) = self.tables.last_mut()
                    && table.grid.len() < self.columns
                {
                    table.grid.push(width.unwrap_or(0));
                }
                Element::Other
            }
            "gridBefore" | "gridAfter" if parent == Some(Element::RowProperties) => {
                let number = self.number(tag, "val").and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
                if let Some(table) = self.tables.last_mut() {
                    *(if tag.name == "gridBefore" { &mut table.row.before } else { &mut table.row.after }) = number;
                }
                Element::Other
            }
            "vMerge" if parent == Some(Element::CellProperties) => {
                let starts = self.xml.attribute(tag, "val").is_some_and(|value| value == "restart");
                let merge = VerticalMerge { range: tag.start..self.xml.end, starts };
                if let Some(cell) = self.row().and_then(|row| row.cells.last_mut()) {
                    cell.vertical = Some(merge);
                }
                Element::Other
            }
            "gridSpan" | "tcW" | "hMerge" | "cellDel" if parent == Some(Element::CellProperties) => {
                self.read_cell_property(tag);
                Element::Other
            }
            _ => Element::Other,
        }
    }

    fn read_cell_property(&mut self, tag: &Tag<'a>) {
        let number = self.number(tag, "val");
        let width = self.twips(tag);
        let Some(shape) = self.tables.last_mut().and_then(|table| table.shapes.last_mut()) else { return };
        match tag.name {
            "gridSpan" => shape.span = number.map_or(1, |span| usize::try_from(span).unwrap_or(1).max(1)),
            "tcW" => shape.width = width,
            "hMerge" => shape.horizontal = Merge::Continue,
            _ => shape.deleted = true,
        }
    }

    fn close(&mut self, element: Element, start: usize) {
        let range = start..self.xml.end;
        match element {
            Element::Other | Element::CellProperties | Element::RowProperties => {}
            Element::MarkProperties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.mark_properties = Some(range);
                }
            }
            Element::ParagraphProperties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.insert_at = Some(range.end);
                    paragraph.properties = Some(range);
                }
            }
            Element::Paragraph => {
                let Some(paragraph) = self.paragraphs.pop() else { return };
                let paragraph = ParagraphPlace { range, ..paragraph };
                self.add_paragraph(paragraph);
            }
            Element::Cell => {
                if let Some(cell) = self.row().and_then(|row| row.cells.last_mut()) {
                    cell.range = range;
                }
            }
            Element::Row => {
                if let Some(row) = self.row() {
                    row.range = range;
                }
                self.place_cells();
            }
            Element::Table => {
                if let Some(table) = self.tables.pop() {
                    self.places.tables[table.index].range = range;
                }
            }
        }
    }

    fn row(&mut self) -> Option<&mut RowPlace> {
        let table = self.tables.last()?;
        self.places.tables[table.index].rows.last_mut()
    }

    /// Paragraphs end after those inside them; numbers go by their start tags.
    fn add_paragraph(&mut self, paragraph: ParagraphPlace) {
        let list = if self.tables.is_empty() {
            &mut self.places.paragraphs
        } else if let Some(cell) = self.row().and_then(|row| row.cells.last_mut()) {
            &mut cell.paragraphs
        } else {
            return;
        };
        let at = list.iter().rposition(|other| other.range.start < paragraph.range.start).map_or(0, |at| at + 1);
        list.insert(at, paragraph);
    }

    /// As [`super::table::TableBuild::close_row`] places them.
    fn place_cells(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let Some(row) = self.places.tables[table.index].rows.last_mut() else { return };
        let limit = width_limit(table.grid.len(), self.columns);
        settle(&mut table.row, &mut table.shapes, &table.grid, limit);
        let mut column = table.row.before;
        for (cell, shape) in row.cells.iter_mut().zip(&table.shapes) {
            let span = if shape.deleted { 0 } else { shape.span };
            cell.column = column as u32 + 1;
            cell.span = span as u32;
            column += span;
        }
    }

    fn number(&mut self, tag: &Tag<'a>, name: &str) -> Option<i64> {
        self.xml.attribute(tag, name)?.trim().parse().ok()
    }

    fn twips(&mut self, tag: &Tag<'a>) -> Option<u32> {
        let kind = self.xml.attribute(tag, "type");
        if kind.is_some_and(|kind| kind != "dxa") {
            return None;
        }
        super::shape::twips(&self.xml.attribute(tag, "w")?)
    }
}
