//! What all edits of a source share: the source, where its texts are printed, how they are printed.

use std::ops::Range;

use super::dialect::{Dialect, Why, is_soft};
use super::edit::{self, Edit};
use super::prints::{Prints, Spot};
use super::value::{self, Ground};
use crate::error::{Error, Result};
use crate::filing::Dropped;
use crate::form::Forms;
use crate::source::Source;
use crate::text::{Place, Text};

/// What all edits of a source share.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    /// The decoded text or the XML part.
    pub source: &'a str,
    pub eol: &'a str,
    pub prints: &'a Prints,
    pub dropped: &'a [Dropped],
    pub forms: &'a Forms,
    /// How prose is printed.
    pub prose: Dialect,
    /// Where the edits were made.
    pub edited: &'a Source,
    /// They were made in a workbook that `yusuan` wrote.
    pub own: bool,
}

impl<'a> Site<'a> {
    /// The ground a text stands on.
    pub fn ground(&self, text: &Text) -> Ground<'a> {
        let spot = self.prints.of(text).first().copied();
        let dialect = spot.map_or(self.prose, |spot| self.prints.dialect(spot));
        Ground { source: self.source, dialect, eol: self.eol }
    }

    /// The same for a copy: the whole of the old text goes, with what its print left inside it.
    pub fn put(&self, old: &Text, home: Option<Spot>, new: &str) -> std::result::Result<Vec<Edit>, Why> {
        if old.is_empty() || old.pieces().is_empty() {
            return self.set(old, home, new);
        }
        value::replace(self.ground(old), old, new)
    }

    /// Edits that put a text where another stands, or in a blank cell.
    pub fn set(&self, old: &Text, home: Option<Spot>, new: &str) -> std::result::Result<Vec<Edit>, Why> {
        if old.as_str() == new {
            return Ok(Vec::new());
        }
        if !old.is_empty() && !old.pieces().is_empty() {
            return value::edits(self.ground(old), old, new);
        }
        let nowhere = ("原文中没有印出这个值的位置", "the original has no place where this value is printed");
        let home = home.ok_or(nowhere)?;
        if self.prints.dialect(home) == Dialect::Docx {
            let printed = Dialect::Docx.print(new, self.eol)?;
            return super::docx::fill(self.source, self.prints, home, &printed);
        }
        let content = self.prints.cell(home).and_then(|cell| cell.content.clone());
        let content = content.ok_or((
            "它在原文的合并单元格之内，只能改合并单元格的第一行",
            "a merged cell of the original covers it; only its first row can be edited",
        ))?;
        let dialect = self.prints.dialect(home);
        let printed = dialect.print(new, self.eol)?;
        let raw = &self.source[content.clone()];
        if !is_soft(raw) {
            return Err(nowhere);
        }
        // The blanks of a blank cell stay around its new text.
        let first = raw.chars().next().map_or(0, char::len_utf8);
        if dialect == Dialect::Pipe && raw == " " {
            return Ok(vec![Edit::new(content, format!(" {printed} "))]);
        }
        let at = content.start + if raw.len() > first { first } else { 0 };
        Ok(vec![Edit::new(at..at, printed)])
    }

    /// An error with the workbook cell it is about.
    pub fn within_cell(&self, error: Error, place: Place) -> Error {
        match (place, self.edited.locate(place)) {
            (Place::SheetCell { .. }, Some(at)) => error.within(&crate::finding::render::at_line(&at)),
            _ => error,
        }
    }

    /// A stretch of the source with the edits that fall inside it; a copy stands beside its
    /// original.
    pub fn rewritten(&self, range: Range<usize>, edits: Vec<Edit>, copy: bool) -> Result<String> {
        let inside = edits.into_iter().filter(|edit| range.start <= edit.range.start && edit.range.end <= range.end);
        let mut edits = edit::settle(inside.collect())?;
        if self.prose == Dialect::Docx {
            edits = super::docx::tidy(self.source, &self.prints.places, edits);
        }
        for edit in &mut edits {
            edit.range = edit.range.start - range.start..edit.range.end - range.start;
        }
        let text = edit::apply(&self.source[range], &edit::settle(edits)?);
        Ok(match (copy, self.prose) {
            (false, _) => text,
            (true, Dialect::Docx) => super::docx::copied(text, &self.prints.places.prefix),
            (true, _) => without_field_codes(&text),
        })
    }
}

/// A copied text without the entries of a table of contents that Word left behind its titles
/// (` TC 2、… \f C \l 1`): they name what was copied.
fn without_field_codes(text: &str) -> String {
    let code = |line: &str| line.find(" TC ").filter(|at| line[*at..].contains("\\f "));
    text.split_inclusive(['\n', '\r'])
        .map(|line| match code(line) {
            Some(at) => format!("{}{}", line[..at].trim_end(), &line[line.trim_end_matches(['\n', '\r']).len()..]),
            None => line.to_owned(),
        })
        .collect()
}
