//! Word documents (docx, docm, dotx, dotm; transitional and strict) as a person reads them.
//!
//! One streaming pass over the main part, without a tree. What counts is what the page shows:
//! results of fields and not their instructions, insertions and not deletions, one branch of each
//! alternative, no hidden text; automatic numbers are printed before their paragraphs. What is left
//! out is told in a finding.
//!
//! * **Places**: paragraphs outside tables and tables are counted from 1 in their part, in order of
//!   their start tags, whatever else they stand in (deleted ones count too). Columns are those of
//!   the true grid. [`places::Places`] finds the bytes of a row, cell or paragraph again.
//! * **Origins**: the pieces of a [`crate::text::Text`] are byte ranges inside the contents of
//!   `w:t`, `m:t` or `a:t` of the part. An entity, or a whole CDATA section, is one atomic piece.
//!   Automatic numbers, tabs, line breaks, symbols (`w:sym`) and what fields without result show
//!   have no origin. A part that is not UTF-8 is transcoded, and ranges count the bytes of the
//!   transcoded text: see [`crate::read::part::Part::transcoded`].
//! * **Paragraphs** without text are no blocks; before a table they make a gap, as page breaks do.
//!   A line break inside a paragraph is `\n`.
//! * **Footnotes and endnotes** follow the block that refers to them as paragraphs, with their
//!   number in brackets; the text has no number where they are referred to, because it would run
//!   into the figure it stands at.
//! * **Text boxes** stand before the paragraph they are anchored in when that has no text yet, else
//!   after it; in a table cell they are part of the cell.
//! * **Tables in tables**: see [`crate::document::Grid::inner`]. A table that only frames other
//!   tables is taken apart into blocks.
//! * Bullets are decoration and are left out; so are headers, footers and paragraphs that only show
//!   the page number.

mod field;
mod left_out;
mod number_format;
mod numbering;
mod paragraph;
pub mod places;
mod shape;
mod style;
mod symbol;
mod table;
mod walk;

use std::collections::{BTreeMap, HashSet};

use self::left_out::LeftOut;
use self::numbering::Numbering;
use self::style::Styles;
use self::walk::{Context, Walked, Walker};
use crate::document::{Block, Document};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::read::package::{Package, Relationship};
use crate::read::part::Part;
use crate::read::xml::{Ns, Token, Xml};
use crate::source::{Kind, Source};
use crate::text::Place;

/// Headers and footers looked at; a document with more has the same few again and again.
const HEADERS: usize = 60;

/// Reads a document.
///
/// # Errors
/// When the package cannot be opened, has no main part, or that part is damaged or beyond the
/// limits. Damage in other parts is a finding.
pub fn read(bytes: &[u8], source: &mut Source, limits: &Limits) -> Result<Document> {
    let mut package = Package::open(bytes, limits)?;
    let name = main_part(&mut package)?;
    let mut findings = Vec::new();
    let main = package.part(&name)?.ok_or_else(no_main_part)?;
    check_root(&main, limits).map_err(|error| error.within(&name))?;
    if let Some(encoding) = main.transcoded {
        findings.push(Finding::of(
            "docx-transcoded",
            Place::Nowhere,
            format!("{name} 的编码是 {encoding}，已转换后读入"),
            format!("{name} is encoded in {encoding}; it was transcoded"),
        ));
    }
    let parts = Parts::open(&mut package, &name, &mut findings);
    source.kind = Kind::Docx;
    source.parts = vec![name.clone()];
    source.parts.extend(parts.notes.iter().map(|(name, _)| name.clone()));

    let (mut context, mut walked) =
        parts.walk(&main, Vec::new(), limits, &mut findings).map_err(|error| error.within(&name))?;
    if !walked.unclosed.is_empty() {
        // What follows a field that never ends is no instruction.
        let unclosed = walked.unclosed;
        let count = unclosed.len();
        findings.retain(|finding| finding.rule != UNREADABLE);
        (context, walked) = parts.walk(&main, unclosed, limits, &mut findings).map_err(|error| error.within(&name))?;
        for _ in 0..count {
            context.left_out.unclosed.add(Place::Nowhere, "");
        }
    }
    let mut left_out = std::mem::take(&mut context.left_out);
    for blocks in context.notes.values() {
        left_out.add_note(blocks);
    }
    for header in &parts.headers {
        let walked = Walker::new(&header.text, 0, &mut context, limits).walk();
        let text = walked.map(|walked| sample(&walked.blocks)).unwrap_or_default();
        if !is_page_number(&text) {
            left_out.headers.add(Place::Nowhere, &text);
        }
    }
    findings.extend(left_out.findings());
    Ok(Document { blocks: walked.blocks, findings, ..Document::default() })
}

/// The name of the part that holds a document's text.
///
/// # Errors
/// When the package has none.
pub fn main_part(package: &mut Package<'_>) -> Result<String> {
    let (name, _) = package.main_part()?.ok_or_else(no_main_part)?;
    Ok(name)
}

fn no_main_part() -> Error {
    Error::new(
        "文件里没有 Word 文档的正文；请用 Word 或 WPS 打开后另存为 docx",
        "the file has no main document part; open it in Word or WPS and save it as docx",
    )
}

fn check_root(part: &Part, limits: &Limits) -> Result<()> {
    let mut xml = Xml::new(&part.text, limits);
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.ns == Ns::Word && tag.name == "document" => return Ok(()),
            Token::Open(_) | Token::End => return Err(no_main_part()),
            _ => {}
        }
    }
}

/// The texts of blocks, for a finding.
fn texts(blocks: &[Block]) -> impl Iterator<Item = &str> {
    let texts = blocks.iter().flat_map(|block| match block {
        Block::Paragraph(paragraph) => vec![paragraph.text.as_str()],
        Block::Grid(grid) => grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect(),
    });
    texts.map(str::trim).filter(|text| !text.is_empty())
}

/// The text of the first blocks.
fn sample(blocks: &[Block]) -> String {
    texts(blocks).take(5).collect::<Vec<_>>().join(" ")
}

impl LeftOut {
    /// Tells the text of a note that stands in no block of the document.
    fn add_note(&mut self, blocks: &[Block]) {
        let text = texts(blocks).collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.notes.add_whole(Place::Nowhere, &text);
        }
    }
}

/// Whether a header or footer only numbers pages.
fn is_page_number(text: &str) -> bool {
    let words = text.split(|ch: char| !ch.is_alphabetic() || matches!(ch, '第' | '共' | '页'));
    words
        .filter(|word| !word.is_empty())
        .all(|word| matches!(word.to_lowercase().as_str(), "page" | "of" | "p" | "pageof"))
}

const UNREADABLE: &str = "docx-part-unreadable";

/// The parts beside the main one.
struct Parts {
    styles: Option<(String, Part)>,
    numbering: Option<(String, Part)>,
    notes: Vec<(String, Part)>,
    headers: Vec<Part>,
}

impl Parts {
    fn open(package: &mut Package<'_>, main: &str, findings: &mut Vec<Finding>) -> Parts {
        let relationships = package.relationships(main).unwrap_or_else(|error| {
            findings.push(unreadable(&error));
            Vec::new()
        });
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut open = |kind: &str| {
            let related = relationships.iter().find(|one| one.kind == kind && !one.external);
            let name = related.map_or_else(|| format!("{folder}/{kind}.xml"), |one| one.target.clone());
            let part = package.part(&name).unwrap_or_else(|error| {
                findings.push(unreadable(&error));
                None
            });
            part.map(|part| (name, part))
        };
        let (styles, numbering) = (open("styles"), open("numbering"));
        let commented = open("comments").is_some();
        let mut notes = Vec::new();
        let mut seen = HashSet::from([main.to_ascii_lowercase()]);
        for kind in ["footnotes", "endnotes"] {
            // One part of a kind is all that Word writes; what a second one says is not lost either.
            let mut names: Vec<String> = relationships
                .iter()
                .filter(|one| one.kind == kind && !one.external)
                .map(|one| one.target.clone())
                .collect();
            if names.is_empty() {
                names.push(format!("{folder}/{kind}.xml"));
            }
            names.retain(|name| seen.insert(name.to_ascii_lowercase()));
            for name in names {
                match package.part(&name) {
                    Ok(part) => notes.extend(part.map(|part| (name, part))),
                    Err(error) => findings.push(unreadable(&error)),
                }
            }
        }
        if commented {
            findings.push(Finding::of(
                "docx-comments",
                Place::Nowhere,
                "文档带有批注，批注没有读入",
                "the document has comments; they were left out",
            ));
        }
        let furniture = |one: &&Relationship| matches!(one.kind.as_str(), "header" | "footer") && !one.external;
        let headers = relationships.iter().filter(furniture).take(HEADERS);
        let headers = headers.filter_map(|one| package.part(&one.target).ok().flatten()).collect();
        Parts { styles, numbering, notes, headers }
    }

    /// Reads notes and main part with fresh counters.
    fn walk(
        &self,
        main: &Part,
        ignored_fields: Vec<usize>,
        limits: &Limits,
        findings: &mut Vec<Finding>,
    ) -> Result<(Context, Walked)> {
        let mut damaged = |name: &str, error: Error| findings.push(unreadable(&error.within(name)));
        let mut context = Context {
            styles: Styles::default(),
            numbering: Numbering::default(),
            left_out: LeftOut::default(),
            notes: BTreeMap::new(),
            cells: (0, 0),
            inner_text: 0,
        };
        if let Some((name, part)) = &self.styles {
            context.styles = Styles::read(&part.text, limits).unwrap_or_else(|error| {
                damaged(name, error);
                Styles::default()
            });
        }
        if let Some((name, part)) = &self.numbering {
            context.numbering = Numbering::read(&part.text, limits).unwrap_or_else(|error| {
                damaged(name, error);
                Numbering::default()
            });
            context.numbering.follow_style_links(&context.styles);
        }
        for (index, (name, part)) in self.notes.iter().enumerate() {
            match Walker::new(&part.text, index as u16 + 1, &mut context, limits).walk() {
                // Text outside any note, to which nothing can refer.
                Ok(walked) => context.left_out.add_note(&walked.blocks),
                Err(error) => damaged(name, error),
            }
        }
        let walker = Walker::new(&main.text, 0, &mut context, limits).ignore_fields(ignored_fields);
        let walked = walker.walk()?;
        Ok((context, walked))
    }
}

fn unreadable(error: &Error) -> Finding {
    Finding::of(
        UNREADABLE,
        Place::Nowhere,
        format!("有一部分读不出来，按没有处理：{}", error.zh),
        format!("a part could not be read and was taken as missing: {}", error.en),
    )
}
