//! Lines taken apart at their blanks, in the columns of a page.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::document::Paragraph;
use crate::filing::amount;
use crate::form::Kind;
use crate::text::{Place, Text, is_blank, is_chinese};

/// Digits of the shortest code (`301`).
const SHORTEST_CODE: usize = 3;

/// Longest line of a table, in characters; longer ones are prose.
const LONGEST: usize = 400;

/// How wide a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// As a program counts that knows no widths (`pdftotext`).
    Characters,
    /// As a terminal shows it: Chinese characters take two columns.
    Columns,
}

/// A text between blanks, and the columns it takes.
#[derive(Clone, Debug)]
pub(super) struct Piece<'t> {
    pub line: &'t Text,
    pub bytes: Range<usize>,
    pub columns: Range<usize>,
}

/// A line of a text, taken apart at its blanks.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    pub pieces: Vec<Piece<'t>>,
    pub measure: Measure,
    /// It is the first of a page.
    pub page: bool,
    /// Blank lines stand above it.
    pub gap: bool,
}

impl<'t> Piece<'t> {
    pub fn as_str(&self) -> &'t str {
        &self.line.as_str()[self.bytes.clone()]
    }

    pub fn text(&self) -> Text {
        self.line.slice(self.bytes.clone())
    }

    pub fn is_amount(&self) -> bool {
        let text = self.as_str();
        amount::parse(text).is_some() || matches!(text, "-" | "—" | "——")
    }

    /// A number with decimals or thousands, which no code and no ordinal has.
    pub fn is_money(&self) -> bool {
        self.as_str().contains(['.', ',', '，']) && self.is_amount()
    }

    pub fn middle(&self) -> usize {
        self.columns.start + self.columns.end
    }

    /// Its words, parted at any blank.
    pub fn words(&self, measure: Measure) -> Vec<Piece<'t>> {
        let mut words: Vec<Piece<'t>> = Vec::new();
        let mut at = self.columns.start;
        for (byte, ch) in self.as_str().char_indices() {
            let width = match measure {
                Measure::Characters => 1,
                Measure::Columns => ch.width().unwrap_or(0),
            };
            if !is_blank(ch) {
                let (begin, end) = (self.bytes.start + byte, self.bytes.start + byte + ch.len_utf8());
                match words.last_mut() {
                    Some(word) if word.bytes.end == begin => (word.bytes.end, word.columns.end) = (end, at + width),
                    _ => words.push(Piece { line: self.line, bytes: begin..end, columns: at..at + width }),
                }
            }
            at += width;
        }
        words
    }

    /// Both and what is between them.
    pub fn through(self, last: &Piece<'t>) -> Piece<'t> {
        let (bytes, columns) = (self.bytes.start..last.bytes.end, self.columns.start..last.columns.end);
        Piece { line: self.line, bytes, columns }
    }
}

impl<'t> Line<'t> {
    fn new(text: &'t Text, source: &str, before: Option<usize>, measure: Measure) -> Line<'t> {
        let start = text.extent().map_or(0, |span| span.start as usize);
        let between = before.and_then(|end| source.get(end..start)).unwrap_or("\u{c}");
        let whole = Piece { line: text, bytes: 0..text.as_str().len(), columns: 0..0 };
        let mut pieces: Vec<Piece> = Vec::new();
        // The texts between runs of blanks; an amount ends at a single one.
        for word in whole.words(measure) {
            let beside = |last: &mut Piece| {
                word.columns.start - last.columns.end == 1 && !ends_with_money(last) && !word.is_money()
            };
            match pieces.pop_if(beside) {
                Some(last) => pieces.push(last.through(&word)),
                None => pieces.push(word),
            }
        }
        Line { pieces, measure, page: between.contains('\u{c}'), gap: between.matches('\n').count() > 1 }
    }

    /// With its first number apart from the text after it (`1 合计`), and a code from its name (`301 工资`),
    /// where the first columns hold such.
    pub fn parted(&self, kinds: &[Kind]) -> Line<'t> {
        let mut line = self.clone();
        let counted = kinds.first() == Some(&Kind::Ordinal);
        if counted {
            line.part(0, |number, rest| !number.is_empty() && rest.starts_with(is_blank));
        }
        if kinds.get(usize::from(counted)) == Some(&Kind::Code) {
            line.part(usize::from(counted), |code, rest| {
                code.len() >= SHORTEST_CODE && rest.trim_start_matches(is_blank).starts_with(is_chinese)
            });
        }
        line
    }

    /// Parts a piece after its first digits, where they and what follows are as they should be.
    fn part(&mut self, at: usize, should: impl Fn(&str, &str) -> bool) {
        let Some(piece) = self.pieces.get(at) else { return };
        let text = piece.as_str();
        let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        if !should(digits, rest) {
            return;
        }
        let rest = rest.trim_start_matches(is_blank);
        let width = match self.measure {
            Measure::Characters => rest.chars().count(),
            Measure::Columns => rest.width(),
        };
        let number = Piece {
            line: piece.line,
            bytes: piece.bytes.start..piece.bytes.start + digits.len(),
            columns: piece.columns.start..piece.columns.start + digits.len(),
        };
        let rest = Piece {
            line: piece.line,
            bytes: piece.bytes.end - rest.len()..piece.bytes.end,
            columns: piece.columns.end - width..piece.columns.end,
        };
        self.pieces.splice(at..=at, [number, rest]);
    }

    /// The one text of a line that has no other, as it is written.
    pub fn lone_str(&self) -> Option<&'t str> {
        self.lone().map(Piece::as_str)
    }

    /// The one text of a line that has no other.
    pub fn lone(&self) -> Option<&Piece<'t>> {
        match self.pieces.as_slice() {
            [piece] => Some(piece),
            _ => None,
        }
    }
}

/// Whether the last word of a text is an amount.
fn ends_with_money(piece: &Piece) -> bool {
    let word = piece.as_str().rsplit(is_blank).next().unwrap_or_default();
    word.contains(['.', ',']) && amount::parse(word).is_some()
}

/// The view in which the amounts of lines below each other end in the same columns; `None` where it is not
/// clearly one. How wide characters are is a matter of the program that printed the text.
pub(super) fn sure_view(views: &[Vec<Line>; 2]) -> Option<usize> {
    /// Columns that amounts may be apart by chance.
    const CHANCE: usize = 8;
    let [characters, columns] = views.each_ref().map(|lines| {
        let pairs = lines.windows(2).filter(|pair| !pair[1].page);
        pairs.flat_map(|pair| apart(&pair[0], &pair[1])).fold((0, 0), |(sum, count), apart| (sum + apart, count + 1))
    });
    // A program that knows widths puts amounts right below each other; one that places what a page shows,
    // most of them.
    let clearly = |one: (usize, usize), other: (usize, usize)| {
        one.0 * 2 < other.0 && other.0 - one.0 > CHANCE && one.1 >= other.1
    };
    if characters.0 * 2 <= characters.1 && clearly(characters, columns) {
        Some(0)
    } else if columns.0 == 0 && clearly(columns, characters) {
        Some(1)
    } else {
        None
    }
}

/// How far each amount of a line ends from one above it.
fn apart(above: &Line, below: &Line) -> Vec<usize> {
    /// Amounts that are farther apart stand in different columns.
    const FAR: usize = 5;
    let ends = |line: &Line| -> Vec<usize> {
        line.pieces.iter().filter(|piece| piece.is_money()).map(|piece| piece.columns.end).collect()
    };
    let above = ends(above);
    let nearest = |end: usize| above.iter().map(|other| other.abs_diff(end)).min().filter(|apart| *apart < FAR);
    ends(below).into_iter().filter_map(nearest).collect()
}

/// Whether a paragraph is a line of a text that may stand in a table.
pub(super) fn may_be_line(paragraph: &Paragraph) -> bool {
    let text = paragraph.text.as_str();
    text.len() <= LONGEST * 4 && !text.contains('\t') && matches!(paragraph.text.place(), Place::Text(_))
}

pub(super) fn lines<'t>(run: &'t [Paragraph], source: &str, measure: Measure) -> Vec<Line<'t>> {
    let mut before = None;
    let line = |paragraph: &'t Paragraph| {
        let line = Line::new(&paragraph.text, source, before, measure);
        before = paragraph.text.extent().map(|span| span.end as usize);
        line
    };
    run.iter().map(line).collect()
}

/// Whether a text is a line above a table (`单位：万元`); a label has such a mark in brackets alone, or after 其中.
pub(super) fn is_marked(text: &str) -> bool {
    let text = text.split(['（', '(']).next().unwrap_or_default();
    text.contains(['：', ':']) && !text.starts_with("其中")
}

/// Whether a line of one text is a sentence or a note, and no name of a row.
pub(super) fn is_prose(text: &str) -> bool {
    text.contains(['。', '；', '：', ':', '，'])
}
