//! A paragraph being read: its text, its number, what joins it to the next.

use super::numbering::Number;
use super::style::StyleIndex;
use super::symbol::{SymbolFont, symbol_char};
use crate::document::Block;
use crate::text::{Span, Text};

/// A paragraph being read.
#[derive(Debug, Default)]
pub struct ParagraphBuild {
    /// A paragraph is open (or text has stood outside any, which opens one).
    pub open: bool,
    /// Number in the part, from 1, where it is outside tables.
    pub number_in_part: u32,
    /// Its text so far.
    pub text: Text,
    /// What its `w:pPr` says.
    pub properties: Properties,
    /// Its outline level.
    pub outline: Option<u8>,
    /// Style and numbering have been looked at.
    pub resolved: bool,
    /// Its automatic number, until the first character is written.
    pub number: Option<Number>,
    /// What an earlier paragraph left for this one.
    pub carried: Option<Carried>,
    /// A page or column break since the last character.
    pub broken: bool,
    /// Has page numbers, and nothing else but marks around them.
    pub page_number: Option<bool>,
    /// Text boxes anchored after its first character.
    pub after: Vec<Block>,
}

/// What `w:pPr` says of a paragraph, as far as it changes how it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// Named by `w:pStyle`; the name is needed again where lists link styles.
    pub style: Option<StyleIndex>,
    /// `w:numId` of its own.
    pub instance: Option<u32>,
    /// `w:ilvl` of its own.
    pub level: Option<u8>,
    /// `w:outlineLvl` of its own; `Some(None)` is body text.
    pub own_outline: Option<Option<u8>>,
    /// How it goes on in the next paragraph.
    pub joins: Joins,
    /// A section ends with it.
    pub ends_section: bool,
}

/// Whether a paragraph's end is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joins {
    /// It is.
    #[default]
    No,
    /// The mark is deleted, or it is a dropped capital: the text belongs to the next paragraph,
    /// whose properties count.
    Next,
    /// The mark is hidden (a style separator): the next goes on in this one.
    Hidden,
}

/// The text of a paragraph whose end is none.
#[derive(Debug)]
pub struct Carried {
    text: Text,
    outline: Option<u8>,
    /// Its own number and outline count, not those of the paragraph it goes on in.
    keeps: bool,
}

impl ParagraphBuild {
    /// Starts a paragraph; the buffers are used again.
    pub fn start(&mut self, number_in_part: u32) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        *self = ParagraphBuild {
            open: true,
            number_in_part,
            text,
            carried: self.carried.take(),
            after: std::mem::take(&mut self.after),
            ..ParagraphBuild::default()
        };
    }

    /// Whether anything has been written that shows.
    pub fn is_blank(&self) -> bool {
        self.text.is_blank() && self.carried.as_ref().is_none_or(|carried| carried.text.is_blank())
    }

    /// Writes what stands before the first character: number and carried text. `next` is that
    /// character.
    pub fn write_start(&mut self, next: Option<char>) {
        let mut next = next;
        if let Some(carried) = self.carried.take() {
            if carried.keeps {
                self.number = None;
                self.outline = carried.outline;
            }
            next = carried.text.as_str().chars().next().or(next);
            self.write_number(next);
            if self.text.is_empty() {
                // Not copied: a hostile file carries text through every paragraph.
                self.text = carried.text;
            } else {
                self.text.push(&carried.text);
            }
        } else {
            self.write_number(next);
        }
    }

    fn write_number(&mut self, next: Option<char>) {
        if let Some(number) = self.number.take() {
            self.text.push_str(&number.text);
            if number.spaced && next.is_some_and(|next| needs_blank(&number.text, next)) {
                self.text.push_str(" ");
            }
        }
    }

    /// Writes characters of the source.
    pub fn write(&mut self, value: &str, start: usize, symbols: Option<SymbolFont>) {
        self.write_break();
        match symbols {
            // Private code points have this first byte in UTF-8.
            Some(font) if value.bytes().any(|byte| byte == 0xef) => {
                let mut buffer = [0; 4];
                for (at, ch) in value.char_indices() {
                    let shown = if ('\u{f000}'..='\u{f0ff}').contains(&ch) { symbol_char(font, ch) } else { ch };
                    let span = Span::new(start + at, start + at + ch.len_utf8());
                    self.text.push_source(shown.encode_utf8(&mut buffer), span);
                }
            }
            _ => self.text.push_source(value, Span::new(start, start + value.len())),
        }
    }

    /// Writes the break that has been waiting for a character after it.
    pub fn write_break(&mut self) {
        if std::mem::take(&mut self.broken) && !self.text.is_empty() {
            self.text.push_str("\n");
        }
    }

    /// Takes the paragraph's text for the next one.
    pub fn carry(&mut self, keeps: bool) -> Carried {
        Carried { text: std::mem::take(&mut self.text), outline: self.outline, keeps }
    }
}

impl Carried {
    /// Ends the paragraph after all: nothing follows it to go on in.
    pub fn into_parts(self) -> (Text, Option<u8>) {
        (self.text, self.outline)
    }
}

/// Whether number and text run into each other when they touch: `1` and `本年`, `1.` and `2021`.
fn needs_blank(number: &str, next: char) -> bool {
    match number.chars().next_back() {
        Some(last) if last.is_alphanumeric() => !next.is_whitespace(),
        Some('.' | '．') => next.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_touches_its_text_unless_that_changes_it() {
        for (number, next, blank) in [
            ("一、", '部', false),
            ("（一）", '2', false),
            ("1.", '购', false),
            ("1.", '2', true),
            ("1", '购', true),
            ("第一章", '总', true),
            ("①", '购', true),
        ] {
            assert_eq!(needs_blank(number, next), blank, "{number}{next}");
        }
    }
}
