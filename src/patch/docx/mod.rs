//! Edits of WordprocessingML: the bytes of runs in one part; every other part of the package stays
//! byte for byte.

mod fallback;
mod fill;
mod lay;
mod number;
mod package;
mod tag;
mod tidy;

pub(super) use fill::{fill, go_on, is_merged, start};
pub(super) use lay::paragraphs;
pub(super) use number::{automatic, renumbered, same_kind};
pub(super) use tidy::{copied, tidy};

use std::ops::Range;

use super::blocks::Plan;
use super::dialect::Dialect;
use super::edit::{self, Edit};
use super::pair::{Pairing, prose_of};
use super::prints::Prints;
use super::site::Site;
use crate::error::{Error, Result};
use crate::filing::{Block, Filing, Table, Value};
use crate::form::Forms;
use crate::limits::Limits;
use crate::read::docx::main_part;
use crate::read::docx::places::Places;
use crate::read::package::Package;
use crate::read::part::Part;
use crate::read::sniff::{Format, sniff};
use crate::text::{Place, Text};

/// The package after the edits.
///
/// # Errors
/// When an edit cannot be carried; it names the place.
pub(super) fn patch(
    bytes: &[u8],
    before: &Filing,
    goal: &Filing,
    pairing: &Pairing,
    forms: &Forms,
    limits: &Limits,
) -> Result<Vec<u8>> {
    if sniff(bytes, limits)? != Format::Docx {
        return Err(Error::new(
            "改动只能写回文本或 docx；请先用 Word 或 WPS 把原文另存为 docx，再写回",
            "edits are carried back to a text or a docx only; save the original as docx in Word or WPS first",
        ));
    }
    let mut opened = Package::open(bytes, limits)?;
    let name = main_part(&mut opened)?;
    let main = Stored::read(&mut opened, &name, limits)?;
    let source = main.part.text.as_str();
    let own = of_main_part(before);
    let site = Site {
        source,
        eol: "\n",
        prints: &main.prints,
        dropped: &own.dropped,
        forms,
        prose: Dialect::Docx,
        edited: &goal.source,
        own: goal.cells.own,
    };
    let edits = edit::settle(Plan { site, before: &own, goal, pairing }.edits()?)?;
    let edits = edit::settle(tidy(source, &main.prints.places, edits))?;
    let edits = edit::settle(fallback::mirrored(source, &main.prints.places.prefix, edits))?;
    let mut new = bytes.to_vec();
    if !edits.is_empty() {
        let text = part_tables(source, &edits, &main.prints.places.prefix);
        new = package::replace_part(&new, &name, &main.encoded(&text)?)?;
    }
    for (number, name) in before.source.parts.iter().enumerate().skip(1) {
        let noted = edited_notes(before, goal, pairing, number);
        if noted.is_empty() {
            continue;
        }
        let notes = Stored::read(&mut opened, name, limits)?;
        let source = notes.part.text.as_str();
        let site = Site { source, prints: &notes.prints, ..site };
        let mut edits = Vec::new();
        for (old, new) in noted {
            edits.extend(Plan { site, before, goal, pairing }.prose(old, new)?);
        }
        let edits = edit::settle(tidy(source, &notes.prints.places, edit::settle(edits)?))?;
        let text = edit::apply(source, &edits);
        new = package::replace_part(&new, name, &notes.encoded(&text)?)?;
    }
    Ok(new)
}

/// Paragraphs of the notes in a part that an edit is about, as blocks before and after.
fn edited_notes(before: &Filing, goal: &Filing, pairing: &Pairing, number: usize) -> Vec<(usize, usize)> {
    let here = |block: &Block| matches!(block.place(), Place::Paragraph { part, .. } if usize::from(part) == number);
    let pairs = pairing.blocks.pairs().filter(|(old, _)| here(&before.blocks[*old]));
    pairs.filter(|(old, new)| prose_of(&before.blocks[*old]) != prose_of(&goal.blocks[*new])).collect()
}

/// A part of the package as it is stored.
struct Stored {
    name: String,
    bytes: Vec<u8>,
    part: Part,
    prints: Prints,
}

impl Stored {
    fn read(package: &mut Package<'_>, name: &str, limits: &Limits) -> Result<Stored> {
        let bytes = package.read(name)?.unwrap_or_default();
        let part = Part::decode(bytes.clone()).map_err(|error| error.within(name))?;
        let places = Places::read(&part.text, limits).map_err(|error| error.within(name))?;
        Ok(Stored { name: name.to_owned(), bytes, part, prints: lay::prints(places) })
    }

    /// A new text of the part in the encoding of the old.
    fn encoded(&self, text: &str) -> Result<Vec<u8>> {
        let Some(encoding) = self.part.transcoded else { return Ok(text.as_bytes().to_vec()) };
        let marked = self.bytes.starts_with(&[0xff, 0xfe]) || self.bytes.starts_with(&[0xfe, 0xff]);
        let encode = |text: &str| -> Option<Vec<u8>> {
            let marked = if marked { "\u{feff}" } else { "" };
            let units = || marked.encode_utf16().chain(text.encode_utf16());
            match encoding {
                "UTF-16LE" => Some(units().flat_map(u16::to_le_bytes).collect()),
                "UTF-16BE" => Some(units().flat_map(u16::to_be_bytes).collect()),
                other => {
                    let (bytes, _, lossy) = encoding_rs::Encoding::for_label(other.as_bytes())?.encode(text);
                    (!lossy).then(|| bytes.into_owned())
                }
            }
        };
        // What does not come back as it is stored would not be left as it was.
        let same = encode(&self.part.text).is_some_and(|bytes| bytes == self.bytes);
        encode(text).filter(|_| same).ok_or_else(|| {
            let name = &self.name;
            Error::new(
                format!("{name} 的编码是 {encoding}，不能原样改写；请用 Word 或 WPS 打开后另存为 docx"),
                format!(
                    "{name} is encoded in {encoding} and cannot be edited in place; open it in Word or WPS and save it as docx"
                ),
            )
        })
    }
}

/// The filing without the origins of what stands in other parts (notes): those count other bytes.
fn of_main_part(filing: &Filing) -> Filing {
    let mut filing = filing.clone();
    let elsewhere = |text: &Text| match text.place() {
        Place::Paragraph { part, .. } | Place::TableCell { part, .. } => part != 0,
        _ => false,
    };
    let unmap = |text: &mut Text| {
        if elsewhere(text) {
            *text = Text::placed(text.as_str(), text.place());
        }
    };
    for block in &mut filing.blocks {
        match block {
            Block::Heading(heading) => unmap(&mut heading.text),
            Block::Paragraph(text) => unmap(text),
            Block::Table(table) => texts_of(table, unmap),
        }
    }
    filing.dropped.retain(|dropped| !elsewhere(&dropped.text));
    filing
}

fn texts_of(table: &mut Table, visit: impl Fn(&mut Text)) {
    let Table { title, fields, rows, note, labels, .. } = table;
    visit(title);
    visit(note);
    labels.iter_mut().for_each(&visit);
    for field in fields {
        match &mut field.value {
            Value::One(text) => visit(text),
            Value::Many(texts) => texts.iter_mut().for_each(&visit),
        }
    }
    rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| visit(&mut cell.text));
}

/// The part after settled edits; tables that now touch get a paragraph between them, since Word
/// takes them for one.
fn part_tables(source: &str, edits: &[Edit], w: &str) -> String {
    let (open, close) = (format!("<{w}tbl>"), format!("</{w}tbl>"));
    let apart = format!("<{w}p/>");
    let mut out = String::with_capacity(source.len() + 256);
    let mut at = 0;
    let add = |out: &mut String, text: &str| {
        if text.starts_with(&open) && out.ends_with(&close) {
            out.push_str(&apart);
        }
        out.push_str(text);
    };
    for edit in edits {
        add(&mut out, &source[at..edit.range.start]);
        add(&mut out, &edit.new);
        at = edit.range.end;
    }
    add(&mut out, &source[at..]);
    out
}

/// The properties of the paragraph that a text stands in.
pub(super) fn properties<'s>(source: &'s str, places: &Places, text: &Text) -> Option<&'s str> {
    let paragraph = lay::body_paragraph(places, text.extent()?.start as usize)?;
    Some(paragraph.properties.clone().map_or("", |range| &source[range]))
}

/// A paragraph without properties, of text printed for a part.
pub(super) fn plain_paragraph(prints: &Prints, printed: &str) -> String {
    let w = &prints.places.prefix;
    format!("<{w}p><{w}r><{w}t xml:space=\"preserve\">{printed}</{w}t></{w}r></{w}p>")
}

/// A stretch of whole elements of the body, to be deleted: what must stay of it stays.
pub(super) fn remove(source: &str, places: &Places, range: Range<usize>) -> Option<Vec<Edit>> {
    let w = places.prefix.as_str();
    let text = &source[range.clone()];
    let count = |kind: &str| text.matches(&format!("{w}fldCharType=\"{kind}\"")).count();
    if count("begin") != count("end") {
        return None;
    }
    if tag::find(text, w, "sectPr", 0).is_none() {
        return Some(vec![Edit::new(range, "")]);
    }
    // A section ends here: its paragraph stays, without text.
    let mut edits = Vec::new();
    let mut at = range.start;
    let inside = |start: usize| range.start <= start && start < range.end;
    for paragraph in places.paragraphs.iter().filter(|paragraph| inside(paragraph.range.start)) {
        let Some(properties) = &paragraph.properties else { continue };
        if tag::find(&source[properties.clone()], w, "sectPr", 0).is_some() {
            let end = paragraph.range.end - format!("</{w}p>").len();
            edits.push(Edit::new(at..paragraph.range.start, ""));
            edits.push(Edit::new(properties.end..end, ""));
            at = paragraph.range.end;
        }
    }
    edits.push(Edit::new(at..range.end, ""));
    Some(edits)
}

/// The whole elements that a table of the filing stands in: paragraphs above and under it, and its
/// `w:tbl`, or rows of it where others stand in the same one.
pub(super) fn bounds(site: Site<'_>, texts: &[&Text]) -> Option<Range<usize>> {
    let places = &site.prints.places;
    let mut range: Option<Range<usize>> = None;
    let mut rows: std::collections::BTreeMap<usize, (usize, usize)> = std::collections::BTreeMap::new();
    let mut include = |add: Range<usize>| {
        range = Some(match range.take() {
            Some(range) => range.start.min(add.start)..range.end.max(add.end),
            None => add,
        });
    };
    for text in texts {
        for piece in text.pieces() {
            match site.prints.at(piece.source.start as usize) {
                Some(spot) => {
                    let (first, last) = rows.entry(spot.grid).or_insert((spot.row, spot.row));
                    (*first, *last) = ((*first).min(spot.row), (*last).max(spot.row));
                }
                None => include(lay::paragraphs(places, piece.source.range())?),
            }
        }
    }
    let lone = rows.len() == 1;
    let mut parts = Vec::new();
    for (grid, (first, last)) in rows {
        let table = places.tables.get(grid)?;
        let nested = places
            .tables
            .iter()
            .any(|other| other.range.start < table.range.start && table.range.end < other.range.end);
        let others = table.rows.iter().enumerate().filter(|(row, _)| *row < first || *row > last);
        let blank = |text: &str| tag::visible(text, &places.prefix).trim().is_empty();
        if others.into_iter().all(|(_, row)| blank(&site.source[row.range.clone()])) && !nested {
            parts.push((table.range.clone(), true));
        } else {
            parts.push((table.rows.get(first)?.range.start..table.rows.get(last)?.range.end, false));
        }
    }
    for (part, whole) in parts {
        // Rows of a table are no whole elements together with anything outside it.
        if !whole && (!lone || range.is_some()) {
            return None;
        }
        range = Some(match range.take() {
            Some(range) => range.start.min(part.start)..range.end.max(part.end),
            None => part,
        });
    }
    range
}
