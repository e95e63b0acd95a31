//! Text that remembers where it came from.
//!
//! Every word of a filing can be edited in a spreadsheet and carried back into the original, so a
//! [`Text`] is the cleaned value a careful reader would copy *and* the source bytes each part of it
//! was printed with. Cleaning only removes or replaces; what it keeps stays mapped byte by byte.

use std::fmt;
use std::ops::Range;

/// A range of bytes in the decoded source text, or in the XML part, that a [`Text`] came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    ///
    /// Offsets fit in 32 bits because inputs are limited to 256 MiB (see [`crate::limits`]).
    pub fn new(start: usize, end: usize) -> Span {
        debug_assert!(start <= end);
        Span { start: start as u32, end: end as u32 }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span as a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where in the source a thing stands; turned into line/column or part/cell names by
/// [`crate::source::Source::locate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Place {
    /// Made by us; stands nowhere in the source.
    #[default]
    Nowhere,
    /// Byte offset in the decoded text of a text source.
    Text(u32),
    /// A paragraph outside tables, counted from 1 in its part.
    Paragraph {
        /// Index into [`crate::source::Source::parts`].
        part: u16,
        /// Counted from 1.
        paragraph: u32,
    },
    /// A cell of a table of a document part; all counted from 1, columns by the true grid.
    TableCell {
        /// Index into [`crate::source::Source::parts`].
        part: u16,
        /// Table number in the part, in order of its start tag.
        table: u32,
        /// Row number.
        row: u32,
        /// True grid column.
        column: u32,
    },
    /// A cell of a sheet, counted from 0 as spreadsheets store them.
    SheetCell {
        /// Index into [`crate::source::Source::parts`] (the sheet's name).
        sheet: u16,
        /// Row, from 0.
        row: u32,
        /// Column, from 0.
        column: u32,
    },
}

impl Place {
    /// The sheet it stands on, as an index into [`crate::source::Source::parts`].
    pub fn sheet(self) -> Option<u16> {
        match self {
            Place::SheetCell { sheet, .. } => Some(sheet),
            _ => None,
        }
    }
}

/// A run of the value and the source bytes it was printed with.
///
/// When both have the same length they map byte by byte; otherwise (an XML entity, a repaired
/// formula) the run is atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Start in the value, in bytes.
    pub at: u32,
    /// Length in the value, in bytes.
    pub len: u32,
    /// The source bytes.
    pub source: Span,
}

impl Piece {
    fn end(&self) -> u32 {
        self.at + self.len
    }

    fn maps_bytewise(&self) -> bool {
        self.len as usize == self.source.len()
    }
}

/// A value with its origin. See the module documentation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    value: String,
    pieces: Vec<Piece>,
    place: Place,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.value)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Text {
        Text { value: value.to_owned(), pieces: Vec::new(), place: Place::Nowhere }
    }
}

impl Text {
    /// A text that stands at `start` of the source, byte for byte.
    pub fn from_source(value: &str, start: usize, place: Place) -> Text {
        let mut text = Text { value: String::new(), pieces: Vec::new(), place };
        text.push_source(value, Span::new(start, start + value.len()));
        text
    }

    /// A text without source bytes (a spreadsheet cell, a value we made) that stands at `place`.
    pub fn placed(value: impl Into<String>, place: Place) -> Text {
        Text { value: value.into(), pieces: Vec::new(), place }
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The place of its first character.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Says where the text stands.
    pub fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// Whether nothing but blanks (also U+3000) is there.
    pub fn is_blank(&self) -> bool {
        self.value.chars().all(is_blank)
    }

    /// Whether the value is the empty string.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The pieces that map the value to the source, in order of the value.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Appends `value`, printed in the source as `source` (whose length may differ: an entity).
    pub fn push_source(&mut self, value: &str, source: Span) {
        if value.is_empty() {
            return;
        }
        let at = self.value.len() as u32;
        self.value.push_str(value);
        let piece = Piece { at, len: value.len() as u32, source };
        if let Some(last) = self.pieces.last_mut()
            && last.end() == at
            && last.source.end == source.start
            && last.maps_bytewise()
            && piece.maps_bytewise()
        {
            last.len += piece.len;
            last.source.end = source.end;
            return;
        }
        self.pieces.push(piece);
    }

    /// Appends characters that the source does not print (a line break between paragraphs).
    pub fn push_str(&mut self, value: &str) {
        self.value.push_str(value);
    }

    /// Empties the text; the memory is kept for the next one.
    pub fn clear(&mut self) {
        self.value.clear();
        self.pieces.clear();
        self.place = Place::Nowhere;
    }

    /// Appends another text with its origin; the place stays that of the first non-empty one.
    pub fn push(&mut self, other: &Text) {
        if self.value.is_empty() && self.pieces.is_empty() {
            self.place = if other.place == Place::Nowhere { self.place } else { other.place };
        }
        let offset = self.value.len() as u32;
        self.value.push_str(&other.value);
        self.pieces.extend(other.pieces.iter().map(|piece| Piece { at: piece.at + offset, ..*piece }));
    }

    /// The part of the text in `range` of its value.
    ///
    /// # Panics
    /// When the range does not lie on character boundaries.
    pub fn slice(&self, range: Range<usize>) -> Text {
        let mut text = Text { value: self.value[range.clone()].to_owned(), pieces: Vec::new(), place: self.place };
        // Pieces stand in order: cutting a long text into its lines must not look at all of it each time.
        let (start, end) = (range.start as u32, range.end as u32);
        let first = self.pieces.partition_point(|piece| piece.end() <= start);
        for piece in self.pieces[first..].iter().take_while(|piece| piece.at < end) {
            if let Some(mut cut) = clip(piece, start, end) {
                cut.at -= start;
                text.pieces.push(cut);
            }
        }
        if let (Place::Text(_), Some(first)) = (self.place, text.pieces.first()) {
            text.place = Place::Text(first.source.start);
        }
        text
    }

    /// Removes `range` of the value; what it came from is no longer mapped.
    pub fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    /// Replaces `range` of the value by `with`, which is mapped as one run to the source bytes of
    /// what it replaces.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        let (start, end) = (range.start as u32, range.end as u32);
        let source = self.source_of(range.clone());
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
        let shift = |at: u32| at - (end - start) + with.len() as u32;
        for piece in &self.pieces {
            if let Some(before) = clip(piece, 0, start) {
                pieces.push(before);
            }
        }
        if let (false, Some(source)) = (with.is_empty(), source) {
            pieces.push(Piece { at: start, len: with.len() as u32, source });
        }
        for piece in &self.pieces {
            if let Some(mut after) = clip(piece, end, u32::MAX) {
                after.at = shift(after.at);
                pieces.push(after);
            }
        }
        self.value.replace_range(range, with);
        self.pieces = pieces;
    }

    /// Replaces several ranges, given in order and disjoint, each as [`Text::replace`] does; the time
    /// grows with the text and the number of ranges, not with their product.
    pub fn replace_all<R: AsRef<str>>(&mut self, edits: &[(Range<usize>, R)]) {
        if edits.is_empty() {
            return;
        }
        let mut value = String::with_capacity(self.value.len());
        let mut pieces = Vec::with_capacity(self.pieces.len() + edits.len());
        // Pieces from here on may reach beyond what is done.
        let mut next = 0;
        let mut clips = |from: usize, to: usize, take: &mut dyn FnMut(Piece)| {
            let (from, to) = (from as u32, to as u32);
            while self.pieces.get(next).is_some_and(|piece| piece.end() <= from) {
                next += 1;
            }
            let within = self.pieces[next..].iter().take_while(|piece| piece.at < to);
            within.filter_map(|piece| clip(piece, from, to)).for_each(take);
        };
        let mut done = 0;
        for (range, with) in edits {
            let with = with.as_ref();
            let (from, shift) = (done, value.len());
            clips(from, range.start, &mut |piece| {
                pieces.push(Piece { at: piece.at - from as u32 + shift as u32, ..piece });
            });
            value.push_str(&self.value[from..range.start]);
            let mut source: Option<Span> = None;
            clips(range.start, range.end, &mut |piece| {
                let span = source.get_or_insert(piece.source);
                span.start = span.start.min(piece.source.start);
                span.end = span.end.max(piece.source.end);
            });
            if let (false, Some(source)) = (with.is_empty(), source) {
                pieces.push(Piece { at: value.len() as u32, len: with.len() as u32, source });
            }
            value.push_str(with);
            done = range.end;
        }
        let (from, shift) = (done, value.len());
        clips(from, self.value.len(), &mut |piece| {
            pieces.push(Piece { at: piece.at - from as u32 + shift as u32, ..piece });
        });
        value.push_str(&self.value[from..]);
        self.value = value;
        self.pieces = pieces;
    }

    /// Keeps only the characters of the value for which `keep(index in bytes, char)` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, char) -> bool) {
        let mut cut: Vec<(Range<usize>, &str)> = Vec::new();
        for (index, ch) in self.value.char_indices() {
            if !keep(index, ch) {
                let end = index + ch.len_utf8();
                match cut.last_mut() {
                    Some((last, _)) if last.end == index => last.end = end,
                    _ => cut.push((index..end, "")),
                }
            }
        }
        self.replace_all(&cut);
    }

    /// Removes blanks (also U+3000 and line breaks) at both ends.
    pub fn trim(&mut self) {
        let end = self.value.trim_end_matches(is_blank).len();
        if end < self.value.len() {
            self.remove(end..self.value.len());
        }
        let start = self.value.len() - self.value.trim_start_matches(is_blank).len();
        if start > 0 {
            self.remove(0..start);
        }
    }

    /// The smallest source span that covers `range` of the value, if any of it came from there.
    pub fn source_of(&self, range: Range<usize>) -> Option<Span> {
        let mut found: Option<Span> = None;
        for piece in &self.pieces {
            if let Some(cut) = clip(piece, range.start as u32, range.end as u32) {
                let span = found.get_or_insert(cut.source);
                span.start = span.start.min(cut.source.start);
                span.end = span.end.max(cut.source.end);
            }
        }
        found
    }

    /// The smallest source span that covers the whole text.
    pub fn extent(&self) -> Option<Span> {
        self.source_of(0..self.value.len())
    }
}

/// The part of a piece between two offsets of the value; atomic runs are kept whole.
fn clip(piece: &Piece, start: u32, end: u32) -> Option<Piece> {
    let (from, to) = (piece.at.max(start), piece.end().min(end));
    if from >= to {
        return None;
    }
    if !piece.maps_bytewise() {
        return Some(Piece { at: from, len: to - from, source: piece.source });
    }
    let source_start = piece.source.start + (from - piece.at);
    Some(Piece { at: from, len: to - from, source: Span { start: source_start, end: source_start + (to - from) } })
}

/// Blanks of Chinese office text: white space, U+3000, no-break and zero-width ones, BOM.
pub fn is_blank(ch: char) -> bool {
    ch.is_whitespace() || matches!(ch, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Stands, in a cell of our workbooks that holds a list, before a line break inside one of its texts: a
/// blank of no width, with which no text of a filing ends.
pub(crate) const SAME_ITEM: char = '\u{200b}';

/// Chinese characters and the full-width punctuation printed among them.
pub fn is_chinese(ch: char) -> bool {
    matches!(ch,
        '\u{2e80}'..='\u{2fdf}' | '\u{3001}'..='\u{303f}' | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3134f}' | '“' | '”' | '‘' | '’' | '—' | '…' | '·')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_from_the_middle_keeps_both_ends_mapped() {
        let mut text = Text::from_source("136.4 1", 100, Place::Text(100));
        text.remove(5..6);
        assert_eq!(text.as_str(), "136.41");
        assert_eq!(text.source_of(0..5), Some(Span::new(100, 105)));
        assert_eq!(text.source_of(5..6), Some(Span::new(106, 107)));
        assert_eq!(text.extent(), Some(Span::new(100, 107)));
    }

    #[test]
    fn a_replaced_run_is_atomic() {
        let mut text = Text::from_source(r"$\geq 10\%$", 0, Place::Text(0));
        text.replace(0..11, "≥10%");
        assert_eq!(text.source_of(0..3), Some(Span::new(0, 11)));
    }

    #[test]
    fn replacing_all_at_once_is_replacing_one_by_one() {
        let mut text = Text::from_source("甲&lt;乙&gt;", 10, Place::Text(10));
        text.push_str("\n");
        text.push(&Text::from_source("丙 丁&amp;", 90, Place::Text(90)));
        text.replace(3..7, "<");
        let value = text.as_str().to_owned();
        let range = |part: &str| value.find(part).map(|at| at..at + part.len()).expect("there");
        let edits = [(range("甲<"), "子"), (range("&gt;\n"), ""), (range(" "), ""), (range("&amp;"), "&")];
        let mut one_by_one = text.clone();
        for (range, with) in edits.iter().rev() {
            one_by_one.replace(range.clone(), with);
        }
        text.replace_all(&edits);
        assert_eq!(text.as_str(), "子乙丙丁&");
        assert_eq!(text, one_by_one);
    }

    #[test]
    fn joined_texts_keep_their_origins() {
        let mut text = Text::from_source("创业资", 10, Place::Text(10));
        text.push(&Text::from_source("金管理", 90, Place::Text(90)));
        assert_eq!(text.as_str(), "创业资金管理");
        assert_eq!(text.source_of(9..12), Some(Span::new(90, 93)));
        assert_eq!(text.place(), Place::Text(10));
    }

    #[test]
    fn trim_takes_ideographic_blanks() {
        let mut text = Text::from_source("\u{3000}6.30 ", 0, Place::Text(0));
        text.trim();
        assert_eq!(text.as_str(), "6.30");
        assert_eq!(text.extent(), Some(Span::new(3, 7)));
    }
}
