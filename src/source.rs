//! A source: the bytes of one input, what kind they are, and how to name places in them.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::text::Place;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Plain text in any dialect.
    Text,
    /// WordprocessingML package (ECMA-376 part 1, clause 11).
    Docx,
    /// Workbook of any make.
    Spreadsheet,
}

impl Kind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Docx => "docx",
            Kind::Spreadsheet => "spreadsheet",
        }
    }
}

/// One input.
#[derive(Clone, Debug)]
pub struct Source {
    /// File name, without folders.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// For text: the decoded text that spans and places refer to. Empty otherwise.
    pub text: String,
    /// Names of package parts or sheets, indexed by places.
    pub parts: Vec<String>,
    /// Where the lines of `text` begin, found when the first place is named.
    line_starts: OnceLock<Vec<u32>>,
    /// Characters of `text` before each stretch of [`STRETCH`] bytes: lines may be very long.
    characters: OnceLock<Vec<u32>>,
}

/// A place as people read it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum At {
    /// Line and column of a text, both from 1; the column counts characters.
    Line {
        /// Line.
        line: usize,
        /// Column.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
        /// Last line of a range.
        #[serde(skip_serializing_if = "Option::is_none")]
        end_line: Option<usize>,
    },
    /// Paragraph of a package part.
    Paragraph {
        /// Part name.
        part: String,
        /// From 1.
        paragraph: u32,
    },
    /// Table cell of a package part.
    TableCell {
        /// Part name.
        part: String,
        /// From 1.
        table: u32,
        /// From 1.
        row: u32,
        /// From 1.
        column: u32,
    },
    /// Cell of a sheet.
    Cell {
        /// Sheet name.
        sheet: String,
        /// `B7`.
        cell: String,
    },
}

impl Source {
    /// A source without text or parts yet.
    pub fn new(name: impl Into<String>, kind: Kind, bytes: &[u8]) -> Source {
        Source {
            name: name.into(),
            kind,
            sha256: hex_sha256(bytes),
            text: String::new(),
            parts: Vec::new(),
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// Names a place; `None` for what stands nowhere.
    pub fn locate(&self, place: Place) -> Option<At> {
        let part = |index: u16| self.parts.get(usize::from(index)).cloned().unwrap_or_default();
        Some(match place {
            Place::Nowhere => return None,
            Place::Text(offset) => {
                let (line, column) = self.line_column(offset as usize);
                At::Line { line, column: Some(column), end_line: None }
            }
            Place::Paragraph { part: index, paragraph } => At::Paragraph { part: part(index), paragraph },
            Place::TableCell { part: index, table, row, column } => {
                At::TableCell { part: part(index), table, row, column }
            }
            Place::SheetCell { sheet, row, column } => At::Cell { sheet: part(sheet), cell: cell_name(row, column) },
        })
    }

    /// Names a range: the first and last line of a text, else the place where it begins.
    pub fn locate_range(&self, from: Place, to: Place) -> Option<At> {
        if let (Place::Text(from), Place::Text(to)) = (from, to) {
            let (line, _) = self.line_column(from as usize);
            let (end_line, _) = self.line_column(to as usize);
            return Some(At::Line { line, column: None, end_line: Some(end_line.max(line)) });
        }
        self.locate(from)
    }

    /// Line and column (from 1; columns count characters) of a byte offset in the text. `\r\n`,
    /// `\r` and `\n` each end one line. The text must be complete before the first call.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts.get_or_init(|| line_starts(&self.text));
        let line = starts.partition_point(|start| *start as usize <= offset);
        let start = starts[line - 1] as usize;
        let column = match offset - start {
            0..STRETCH => count(&self.text.as_bytes()[start..offset]),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        (line, column + 1)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let before = self.characters.get_or_init(|| {
            let counts = bytes.chunks(STRETCH).map(|stretch| count(stretch) as u32);
            std::iter::once(0)
                .chain(counts.scan(0, |sum, count| {
                    *sum += count;
                    Some(*sum)
                }))
                .collect()
        });
        let stretch = offset / STRETCH;
        before[stretch] as usize + count(&bytes[stretch * STRETCH..offset])
    }
}

/// Bytes of text whose characters are counted at a time.
const STRETCH: usize = 4096;

/// Characters that begin in some bytes of UTF-8.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let ends = |index: usize| match bytes[index] {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(|index| ends(*index)).map(|index| index as u32 + 1)).collect()
}

/// Column letters of a spreadsheet: 0 → `A`, 26 → `AA`.
pub fn column_name(column: u32) -> String {
    let mut name = String::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        let digit = ((rest - 1) % 26) as u8;
        name.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    name
}

/// The name of a spreadsheet cell, rows and columns counted from 0: `D5`.
pub fn cell_name(row: u32, column: u32) -> String {
    let mut name = column_name(column);
    name.push_str(&(u64::from(row) + 1).to_string());
    name
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_any_break_and_columns_count_characters() {
        let mut source = Source::new("a.txt", Kind::Text, b"");
        source.text = "一\r\n二三\r四\n五".to_owned();
        let at = |ch| source.line_column(source.text.find(ch).expect("there"));
        assert_eq!(at('三'), (2, 2));
        assert_eq!(at('四'), (3, 1));
        assert_eq!(at('五'), (4, 1));
    }

    #[test]
    fn column_names() {
        assert_eq!(column_name(0), "A");
        assert_eq!(column_name(25), "Z");
        assert_eq!(column_name(26), "AA");
        assert_eq!(column_name(16_383), "XFD");
        assert_eq!(cell_name(4, 3), "D5");
        // Damaged files have such rows.
        assert_eq!(cell_name(u32::MAX, 0), "A4294967296");
    }
}
