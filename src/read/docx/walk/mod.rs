//! The one pass over a part: elements in, blocks out, without a tree and without recursion.

mod again;
mod element;
mod flow;

use std::collections::BTreeMap;

use self::again::Again;
use super::field::{Fields, Shown};
use super::left_out::{LeftOut, Tally};
use super::numbering::Numbering;
use super::paragraph::{Carried, Joins, ParagraphBuild, Properties};
use super::style::{Styles, outline_level};
use super::symbol::{SymbolFont, symbol_char, symbol_font};
use super::table::{Added, CellBuild, TableBuild};
use crate::document::{Block, Paragraph};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::read::docx::shape::{CellShape, Merge};
use crate::read::part::broken;
use crate::read::xml::{Ns, Tag, Token, Xml, is_on};
use crate::text::{Place, Span, Text, is_blank};

/// Cells without text that a document may have, beside some for each cell with text: spans and
/// short rows make them, so a small file can ask for very many.
const BLANK_CELLS: usize = 1_000_000;
const BLANK_CELLS_EACH: usize = 8;
/// Bytes of text that inner tables may repeat.
const INNER_TEXT: usize = 16 << 20;
/// Runs of different origin in one paragraph or cell: each entity is one, at sixteen bytes.
const RUNS: usize = 2_000_000;
/// Elements of a level of nested tables; they have their own limit.
const ELEMENTS_OF_TABLE: usize = 6;
/// Tables nested without end are refused like any other nesting.
const DEEPEST: usize = 10_000;

/// What all parts of a document share.
pub struct Context {
    /// Its styles.
    pub styles: Styles,
    /// Its numbering, with the state of the counters.
    pub numbering: Numbering,
    /// What has been left out.
    pub left_out: LeftOut,
    /// Notes by kind and id, until they are referred to.
    pub notes: BTreeMap<(NoteKind, i64), Vec<Block>>,
    /// Cells with text and without.
    pub cells: (usize, usize),
    /// Bytes of text that inner tables repeat.
    pub inner_text: usize,
}

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// At the foot of the page.
    Foot,
    /// At the end of the document.
    End,
}

/// What an open element means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// Its content is read as if it were not there.
    Transparent,
    Paragraph,
    ParagraphProperties,
    MarkProperties,
    Run,
    RunProperties,
    Text,
    Instruction,
    SimpleField,
    FieldMark,
    Table,
    TableProperties,
    /// Nested too deep: only its text counts.
    FlatTable,
    Row,
    RowProperties,
    Cell,
    CellProperties,
    TextBox,
    Note,
    /// `mc:AlternateContent`; whether a branch has been taken.
    Alternate(bool),
    /// `mc:Choice`, and what had been seen before it.
    Choice(u64),
}

/// Where blocks go.
enum Container {
    Body,
    Cell,
    /// A text box. Its blocks stand before the paragraph it is anchored in, or wait for its end.
    TextBox {
        saved: Box<(ParagraphBuild, Run)>,
        waiting: Option<Vec<Block>>,
        field_floor: usize,
    },
    Note {
        kind: NoteKind,
        id: i64,
        blocks: Vec<Block>,
    },
}

/// A run being read.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    /// Hidden by its own property.
    hidden: Option<bool>,
    /// Hidden by its character style.
    style_hidden: bool,
    symbols: Option<SymbolFont>,
}

/// Reads one part.
pub struct Walker<'a, 'c> {
    xml: Xml<'a>,
    limits: &'c Limits,
    context: &'c mut Context,
    /// Index of the part among the source's parts.
    part: u16,
    open: Vec<Element>,
    containers: Vec<Container>,
    tables: Vec<TableBuild>,
    /// How many tables are open, flat ones too, and those of skipped content.
    table_depth: usize,
    flat_depth: usize,
    table_count: u32,
    paragraph_count: u32,
    paragraph: ParagraphBuild,
    run: Run,
    fields: Fields,
    /// Blanks at the ends of the open `w:t` count.
    preserve: bool,
    /// The part preserves blanks unless an element says otherwise.
    preserve_all: bool,
    text_begins: bool,
    /// Counts whatever a person can see, to tell whether a branch or a field result had any.
    seen: u64,
    blocks: Vec<Block>,
    gap: bool,
    /// What the properties of cells and paragraphs came to.
    shapes: Again<'a, CellShape>,
    properties: Again<'a, Properties>,
    pending_notes: Vec<(NoteKind, i64)>,
    note_count: [u32; 2],
}

/// What a pass yields.
pub struct Walked {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Where fields begin that never end; to be ignored in another pass.
    pub unclosed: Vec<usize>,
}

impl<'a, 'c> Walker<'a, 'c> {
    /// A walker over a part.
    pub fn new(text: &'a str, part: u16, context: &'c mut Context, limits: &'c Limits) -> Walker<'a, 'c> {
        Walker {
            xml: Xml::new(text, limits),
            limits,
            context,
            part,
            open: Vec::with_capacity(64),
            containers: vec![Container::Body],
            tables: Vec::new(),
            table_depth: 0,
            flat_depth: 0,
            table_count: 0,
            paragraph_count: 0,
            paragraph: ParagraphBuild::default(),
            run: Run::default(),
            fields: Fields::default(),
            preserve: false,
            preserve_all: false,
            text_begins: false,
            seen: 0,
            blocks: Vec::new(),
            gap: false,
            shapes: Again::default(),
            properties: Again::default(),
            pending_notes: Vec::new(),
            note_count: [0; 2],
        }
    }

    /// Passes over the begin marks of fields that never end.
    pub fn ignore_fields(mut self, begins: Vec<usize>) -> Self {
        self.fields.ignored = begins.into_iter().collect();
        self
    }

    /// Reads the part.
    ///
    /// # Errors
    /// When it is damaged or beyond the limits.
    pub fn walk(mut self) -> Result<Walked> {
        loop {
            match self.xml.next()? {
                Token::Open(tag) => {
                    if let Some(element) = self.open_element(&tag)? {
                        if tag.empty {
                            self.close_element(element)?;
                        } else {
                            self.open.push(element);
                        }
                    }
                }
                Token::Close => {
                    if let Some(element) = self.open.pop() {
                        self.close_element(element)?;
                    }
                }
                Token::Text(text) => match self.open.last() {
                    Some(Element::Text) => self.text(text)?,
                    Some(Element::Instruction) => self.fields.add_instruction(text),
                    _ => {}
                },
                Token::Data(text) => match self.open.last() {
                    // One atomic run: a patch replaces the section, markers and all.
                    Some(Element::Text) => self.atom(text)?,
                    Some(Element::Instruction) => self.fields.add_instruction(text),
                    _ => {}
                },
                Token::Reference(ch) => {
                    let mut buffer = [0; 4];
                    match self.open.last() {
                        Some(Element::Text) => {
                            let blank = matches!(ch, '\n' | '\r');
                            self.atom(if blank { " " } else { ch.encode_utf8(&mut buffer) })?;
                        }
                        Some(Element::Instruction) => self.fields.add_instruction(ch.encode_utf8(&mut buffer)),
                        _ => {}
                    }
                }
                Token::End => break,
            }
        }
        self.end_paragraph();
        self.flush_carried();
        self.flush_notes();
        Ok(Walked { blocks: self.blocks, unclosed: self.fields.unclosed() })
    }

    // Text.

    fn text(&mut self, text: &'a str) -> Result<()> {
        let blanks = [' ', '\t', '\n', '\r'];
        let (mut text, mut start) = (text, self.xml.start);
        if !self.preserve {
            if std::mem::take(&mut self.text_begins) {
                let trimmed = text.trim_start_matches(blanks);
                start += text.len() - trimmed.len();
                text = trimmed;
            }
            if self.xml.source()[self.xml.end..].starts_with("</") {
                text = text.trim_end_matches(blanks);
            }
        }
        // A line break in the XML is a blank in the document.
        if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some() {
            let blank: String = text.chars().map(|ch| if matches!(ch, '\n' | '\r') { ' ' } else { ch }).collect();
            self.shown(&blank, start);
        } else {
            self.shown(text, start);
        }
        check_runs(&self.paragraph.text)
    }

    /// Characters written as something longer.
    fn atom(&mut self, value: &str) -> Result<()> {
        self.text_begins = false;
        if self.shows(value) {
            self.begin_text(value);
            self.paragraph.write_break();
            let span = Span::new(self.xml.start, self.xml.end);
            self.paragraph.text.push_source(value, span);
        }
        check_runs(&self.paragraph.text)
    }

    fn check_cell(&mut self) -> Result<()> {
        let cell = self.tables.last_mut().and_then(TableBuild::cell);
        cell.map_or(Ok(()), |cell| check_runs(&cell.text))
    }

    fn shown(&mut self, value: &str, start: usize) {
        if self.shows(value) {
            self.begin_text(value);
            self.paragraph.write(value, start, self.run.symbols);
        }
    }

    /// Characters that the part does not spell out: tabs, breaks, symbols, results we make.
    fn made(&mut self, value: &str) {
        if self.shows(value) {
            self.begin_text(value);
            self.paragraph.write_break();
            self.paragraph.text.push_str(value);
        }
    }

    /// Whether text at this point shows; what does not is counted.
    fn shows(&mut self, value: &str) -> bool {
        if self.fields.in_instruction() {
            self.fields.add_typed(value);
            return false;
        }
        if value.is_empty() {
            return false;
        }
        self.seen += 1;
        if self.is_hidden() {
            if !value.chars().all(is_blank) {
                let place = self.place();
                self.context.left_out.hidden.add(place, value);
            }
            return false;
        }
        true
    }

    fn begin_text(&mut self, value: &str) {
        if !self.paragraph.open {
            self.paragraph.start(self.paragraph_count);
        }
        if !self.paragraph.resolved {
            self.resolve_paragraph();
            self.paragraph.write_start(value.chars().next());
        }
        if self.paragraph.page_number != Some(false) {
            let mark = |ch: char| {
                ch.is_ascii_punctuation() || matches!(ch, '—' | '－' | '·' | '第' | '页' | '共') || is_blank(ch)
            };
            if self.fields.in_page_number() {
                self.paragraph.page_number = Some(true);
            } else if !value.chars().all(mark) {
                self.paragraph.page_number = Some(false);
            }
        }
    }

    fn is_hidden(&self) -> bool {
        if let Some(hidden) = self.run.hidden {
            return hidden;
        }
        if !self.context.styles.any_hidden {
            return false;
        }
        let style = self.paragraph.properties.style.or(self.context.styles.default);
        // Toggle properties of the style hierarchy cancel each other (17.7.3).
        self.run.style_hidden ^ self.context.styles.get(style).hidden
    }

    fn is_shown(&self) -> bool {
        !self.fields.in_instruction() && !self.is_hidden()
    }

    fn end_field(&mut self) {
        let floor = self.field_floor();
        let shown = self.fields.end(floor, self.seen);
        self.show_field(shown);
    }

    fn show_field(&mut self, shown: Shown) {
        match shown {
            Shown::Result => {}
            Shown::Hidden(text) => {
                let place = self.place();
                self.context.left_out.typed.add(place, &text);
            }
            Shown::Text(text) => self.made(&text),
            Shown::Unknown(instruction) => {
                let place = self.place();
                self.context.left_out.fields.add(place, &instruction);
            }
        }
    }

    fn field_floor(&self) -> usize {
        let floors = self.containers.iter().rev().map(|container| match container {
            Container::TextBox { field_floor, .. } => Some(*field_floor),
            _ => None,
        });
        floors.flatten().next().unwrap_or(0)
    }

    // Passing over.

    /// Passes over an element and all it holds; its tables and paragraphs are counted all the same,
    /// so that places count what stands in the part.
    fn pass_over(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        self.pass(tag, None)
    }

    /// Passes over an element whose text someone should know of.
    fn pass_over_text(&mut self, tag: &Tag<'a>, told: fn(&mut LeftOut) -> &mut Tally) -> Result<Option<Element>> {
        let mut text = String::new();
        self.pass(tag, Some(&mut text))?;
        if !text.trim().is_empty() {
            let place = self.place();
            told(&mut self.context.left_out).add(place, &text);
        }
        Ok(None)
    }

    fn pass(&mut self, tag: &Tag<'a>, mut keep: Option<&mut String>) -> Result<Option<Element>> {
        if tag.empty {
            return Ok(None);
        }
        if keep.is_none() {
            self.jump_to_close(tag, |name| ["p", "tr", "tbl"].into_iter().any(|counted| is_named(name, counted)));
        }
        let outside = self.xml.depth() - 1;
        let mut table: Option<usize> = None;
        let mut text = false;
        while self.xml.depth() > outside {
            match self.xml.next()? {
                Token::Open(tag) if tag.ns == Ns::Word => {
                    text = matches!(tag.name, "t" | "delText");
                    match tag.name {
                        "tbl" => {
                            self.table_count += 1;
                            if !tag.empty && table.is_none() {
                                table = Some(self.xml.depth());
                            }
                        }
                        "tr" if table.is_none() && self.flat_depth == 0 => {
                            if let Some(table) = self.tables.last_mut() {
                                table.row_number += 1;
                            }
                        }
                        "p" if table.is_none() && self.table_depth == 0 => self.paragraph_count += 1,
                        _ => {}
                    }
                }
                Token::Open(_) => text = false,
                Token::Close => {
                    text = false;
                    if table.is_some_and(|depth| self.xml.depth() < depth) {
                        table = None;
                    }
                }
                Token::Text(found) if text => {
                    if let Some(kept) = keep.as_deref_mut().filter(|kept| kept.len() < 200) {
                        kept.extend(found.chars().take(60));
                    }
                }
                Token::End => break,
                _ => {}
            }
        }
        Ok(None)
    }

    /// Passes over the content of an element where none of it matters; its end tag is still to come.
    fn jump_to_close(&mut self, tag: &Tag<'a>, matters: impl Fn(&[u8]) -> bool) {
        if !tag.empty {
            self.xml.jump_to_close(tag, matters);
        }
    }

    // Places and attributes.

    fn place(&self) -> Place {
        match self.tables.last() {
            Some(table) => Place::TableCell {
                part: self.part,
                table: table.number,
                row: table.row_number.max(1),
                column: table.column(),
            },
            None => Place::Paragraph { part: self.part, paragraph: self.paragraph.number_in_part.max(1) },
        }
    }

    fn number(&mut self, tag: &Tag<'a>, name: &str) -> Option<i64> {
        self.xml.attribute(tag, name)?.trim().parse().ok()
    }

    /// A width in twips: `w:type` is `dxa`, or absent.
    fn twips(&mut self, tag: &Tag<'a>) -> Option<u32> {
        let kind = self.xml.attribute(tag, "type");
        if kind.is_some_and(|kind| kind != "dxa") {
            return None;
        }
        crate::read::docx::shape::twips(&self.xml.attribute(tag, "w")?)
    }
}

/// Refuses a text of more runs than any person typed.
fn check_runs(text: &Text) -> Result<()> {
    if text.pieces().len() > RUNS {
        return Err(broken("一段文字过长", "has a paragraph or cell of absurd length"));
    }
    Ok(())
}

/// Whether a start tag, given from its local name on, has this name.
fn is_named(tag: &[u8], name: &str) -> bool {
    tag.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|next| !next.is_ascii_alphanumeric()))
}

/// Whether a property of a paragraph or its mark changes how it is read; text among them is none.
fn paragraph_matters(tag: &[u8]) -> bool {
    match tag.first() {
        Some(b'p') => is_named(tag, "pStyle") || is_named(tag, "p") || tag.starts_with(b"pPr"),
        Some(b'r') => is_named(tag, "r"),
        Some(b't') => is_named(tag, "t"),
        Some(b'n') => tag.starts_with(b"num"),
        Some(b'o') => is_named(tag, "outlineLvl"),
        Some(b'f') => is_named(tag, "framePr"),
        Some(b'v') => is_named(tag, "vanish"),
        Some(b's') => is_named(tag, "specVanish") || is_named(tag, "sectPr"),
        Some(b'd') => is_named(tag, "del"),
        Some(b'm') => is_named(tag, "moveFrom"),
        _ => false,
    }
}

/// Whether a property of a run changes how it is read; its style does where styles hide text.
fn look_matters(tag: &[u8], styles: bool) -> bool {
    match tag.first() {
        Some(b'v') => is_named(tag, "vanish"),
        Some(b't') => is_named(tag, "t"),
        Some(b'r') if is_named(tag, "rStyle") => styles,
        Some(b'r') if is_named(tag, "rFonts") => {
            let tag = &tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())];
            // Symbol, Wingdings and the like: few other names have these letters.
            memchr::memchr2(b'y', b'g', tag).is_some()
        }
        _ => false,
    }
}
