//! Tables set with blanks, as `pdftotext -layout` prints them: what stands under what tells the columns.
//!
//! A number under the wrong head would be the worst of all readings. So the labels of a form's header
//! must account for every word above the rows, every column of the rows must stand under one head and
//! no other, and no line may have two texts in one column; else the lines stay lines, with a finding
//! where they print amounts.

mod body;
mod head;
mod wrapped;

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::assemble::{Assembler, is_page_number};
use super::index::Use;
use super::outline::heading_level;
use crate::document::{Block, Grid, GridRow, Paragraph};
use crate::filing::{Dropped, amount};
use crate::finding::Finding;
use crate::form::Kind;
use crate::text::{Place, Text, is_blank};

/// Longest line of a table, in characters; longer ones are prose.
const LONGEST: usize = 400;

/// Longest label of a column, in characters.
const LONGEST_LABEL: usize = 40;

/// Pairs of labels that are compared for each line of a text, and beside; filings take less than 500.
const MOST_PAIRS: (usize, usize) = (1_000, 1_000_000);

/// No header prints a label so often.
const MOST_AGAIN: usize = 8;

/// A label is wrapped to at most so many lines.
const WRAPPED: usize = 3;

/// A page has at most so many lines that print something.
const LONGEST_PAGE: usize = 1_000;

/// A form's header takes at most so many lines: labels are wrapped and centred, with blank lines between.
const HEAD_LINES: usize = 12;

/// The row of column numbers stands in the first lines below the labels.
const NUMBERING_LINES: usize = 3;

/// Amounts in each of so many lines, one after the other, are the rows of a table.
const ROWS_OF_AMOUNTS: usize = 3;

/// How wide a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// As a program counts that knows no widths (`pdftotext`).
    Characters,
    /// As a terminal shows it: Chinese characters take two columns.
    Columns,
}

/// A text between blanks, and the columns it takes.
#[derive(Clone, Debug)]
struct Piece<'t> {
    line: &'t Text,
    bytes: Range<usize>,
    columns: Range<usize>,
}

/// A line of a text, taken apart at its blanks.
#[derive(Clone, Debug)]
struct Line<'t> {
    pieces: Vec<Piece<'t>>,
    measure: Measure,
    /// It is the first of a page.
    page: bool,
    /// Blank lines stand above it.
    gap: bool,
}

impl<'t> Piece<'t> {
    fn as_str(&self) -> &'t str {
        &self.line.as_str()[self.bytes.clone()]
    }

    fn text(&self) -> Text {
        self.line.slice(self.bytes.clone())
    }

    fn is_amount(&self) -> bool {
        let text = self.as_str();
        amount::parse(text).is_some() || matches!(text, "-" | "—" | "——")
    }

    /// A number with decimals or thousands, which no code and no ordinal has.
    fn is_money(&self) -> bool {
        self.as_str().contains(['.', ',', '，']) && self.is_amount()
    }

    fn middle(&self) -> usize {
        self.columns.start + self.columns.end
    }

    /// Its words, parted at any blank.
    fn words(&self, measure: Measure) -> Vec<Piece<'t>> {
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
    fn through(self, last: &Piece<'t>) -> Piece<'t> {
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

    /// With its first number apart from the text after it: `1 合计`.
    fn with_ordinal(&self) -> Line<'t> {
        let mut line = self.clone();
        if let Some(first) = self.pieces.first()
            && let [number, name, rest @ ..] = first.words(self.measure).as_slice()
            && number.as_str().bytes().all(|byte| byte.is_ascii_digit())
        {
            let name = name.clone().through(rest.last().unwrap_or(name));
            line.pieces.splice(..1, [number.clone(), name]);
        }
        line
    }

    /// The one text of a line that has no other.
    fn lone(&self) -> Option<&Piece<'t>> {
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

/// A table found in lines.
struct Found {
    grid: Grid,
    /// Lines it takes.
    lines: usize,
    /// The numbers of pages among them.
    numbers: Vec<Text>,
}

/// The rows under a header.
struct Rows {
    rows: Vec<GridRow>,
    /// Lines they take.
    lines: usize,
    /// The numbers of pages among them.
    numbers: Vec<Text>,
}

impl Found {
    fn says_same(&self, other: &Found) -> bool {
        let cells = |found: &Found| -> Vec<Vec<String>> {
            let texts = |row: &GridRow| row.cells.iter().map(|cell| cell.text.as_str().to_owned()).collect();
            found.grid.rows.iter().map(texts).collect()
        };
        self.lines == other.lines && cells(self) == cells(other)
    }
}

/// The view in which the amounts of lines below each other end in the same columns; `None` where it is not
/// clearly one. How wide characters are is a matter of the program that printed the text.
fn sure_view(views: &[Vec<Line>; 2]) -> Option<usize> {
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

impl Assembler<'_> {
    /// The blocks of a text, with grids where lines set with blanks are the tables of forms.
    pub(super) fn read_aligned(&mut self, blocks: Vec<Block>, source: &str) -> Vec<Block> {
        if memchr::memmem::find(source.as_bytes(), b"   ").is_none() {
            return blocks;
        }
        let mut read = Vec::with_capacity(blocks.len());
        let mut pairs = MOST_PAIRS.0 * blocks.len() + MOST_PAIRS.1;
        let mut run: Vec<Paragraph> = Vec::new();
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) if may_be_line(&paragraph) => run.push(paragraph),
                other => {
                    self.read_run(std::mem::take(&mut run), source, &mut pairs, &mut read);
                    read.push(other);
                }
            }
        }
        self.read_run(run, source, &mut pairs, &mut read);
        read
    }

    fn read_run(&mut self, run: Vec<Paragraph>, source: &str, pairs: &mut usize, read: &mut Vec<Block>) {
        let characters = lines(&run, source, Measure::Characters);
        if characters.iter().all(|line| line.pieces.len() < 2) {
            drop(characters);
            read.extend(run.into_iter().map(Block::Paragraph));
            return;
        }
        let views = [characters, lines(&run, source, Measure::Columns)];
        let (view, width) = (sure_view(&views), wrapped::width(&views[1]));
        let mut left: Vec<usize> = Vec::new();
        let (mut taken, mut next) = (0, 0);
        for at in 0..run.len() {
            if at < taken {
                continue;
            }
            let found = if at < next {
                Err(0)
            } else if let Some(view) = view {
                self.aligned_table(&views[view][at..], pairs)
            } else {
                // Both widths must say the same.
                self.aligned_table(&views[0][at..], pairs).and_then(|found| {
                    let other = self.aligned_table(&views[1][at..], pairs)?;
                    if other.says_same(&found) { Ok(found) } else { Err(found.lines.min(other.lines)) }
                })
            };
            match found {
                Ok(found) => {
                    self.put_unread(&run, &views, width, &mut left, read);
                    taken = at + found.lines;
                    self.findings.push(Finding::of(
                        "columns-by-blanks",
                        run[at].text.place(),
                        "此表各列只用空格隔开，已按上下对齐分列；请与原件核对",
                        "nothing but blanks parts the columns of this table; they were told by what stands under what",
                    ));
                    read.push(Block::Grid(found.grid));
                    self.drop_page_numbers(found.numbers);
                }
                Err(none) => {
                    next = next.max(at + none);
                    left.push(at);
                }
            }
        }
        self.put_unread(&run, &views, width, &mut left, read);
    }

    /// Puts lines back as paragraphs, those that were wrapped joined, and tells where they look like the
    /// rows of a table.
    fn put_unread(
        &mut self,
        run: &[Paragraph],
        views: &[Vec<Line>; 2],
        width: Option<usize>,
        left: &mut Vec<usize>,
        read: &mut Vec<Block>,
    ) {
        let is_row = |at: usize| {
            let pieces = &views[0][at].pieces;
            pieces.len() > 1 && pieces.iter().any(Piece::is_money)
        };
        let mut rows = 0;
        for at in left.iter().copied() {
            rows = if is_row(at) { rows + 1 } else { 0 };
            if rows == ROWS_OF_AMOUNTS {
                self.findings.push(Finding::of(
                    "rows-as-text",
                    run[at].text.place(),
                    "这里像是只用空格分列的表，但分不清各列，已作为正文保留，其中的数没有核对",
                    "these lines look like a table set with blanks whose columns cannot be told; they are kept as \
                     text, and their numbers were not checked",
                ));
            }
        }
        let prose = wrapped::joined(run, &views[1], width, std::mem::take(left));
        for (paragraph, several) in prose.paragraphs {
            if several {
                self.marks.count("paragraph-joined", &paragraph.text);
            }
            read.push(Block::Paragraph(paragraph));
        }
        self.drop_page_numbers(prose.numbers);
    }

    fn drop_page_numbers(&mut self, numbers: Vec<Text>) {
        for number in numbers {
            self.marks.count("page-number-dropped", &number);
            self.dropped.push(Dropped { text: number, rule: "page-number-dropped" });
        }
    }

    /// The table whose header begins with the first of the lines; else how many lines on one may begin.
    fn aligned_table(&self, lines: &[Line], pairs: &mut usize) -> Result<Found, usize> {
        const NEXT: usize = 1;
        let reach = self.head_reach(lines);
        let first = &lines[0].pieces;
        let again = |piece: &Piece| first.iter().filter(|other| other.as_str() == piece.as_str()).count() > MOST_AGAIN;
        if first.iter().any(|piece| piece.columns.len() > LONGEST_LABEL) || first.first().is_some_and(again) {
            return Err(NEXT);
        }
        let mut heads = Vec::new();
        for form in self.forms_of(&lines[..reach]) {
            let most = head::most_pieces(self.form(form));
            let pieces = |end: usize| lines[..end].iter().map(|line| line.pieces.len()).sum::<usize>();
            let head = (1..=reach)
                .rev()
                .filter(|end| pieces(*end) <= most)
                .take_while(|end| {
                    *pairs = pairs.saturating_sub(pieces(*end).pow(2));
                    *pairs > 0
                })
                .find_map(|end| Some((head::Head::read(&self.index, form, &lines[..end])?, end)))
                .filter(|(head, _)| head.columns() >= self.form(form).min_columns);
            heads.extend(head.map(|(head, end)| (head, end, form)));
        }
        // Many forms have the labels of a part of a header.
        heads.sort_by_key(|(head, ..)| std::cmp::Reverse(head.columns()));
        let mut none = NEXT;
        for (mut head, end, form) in heads {
            let (numbering, below) = self.numbering(form, &mut head, &lines[end..]);
            let Some(rows) = self.rows(&head, &lines[end + below..]) else {
                // The rows are in no better place under a part of the header.
                none = none.max(end + below + self.body_lines(&lines[end + below..]));
                continue;
            };
            let mut grid = Grid { exact: true, gap_before: lines[0].gap, ..Grid::default() };
            grid.rows = head.into_rows();
            grid.rows.extend(numbering);
            grid.rows.extend(rows.rows);
            return Ok(Found { grid, lines: end + below + rows.lines, numbers: rows.numbers });
        }
        Err(none)
    }

    /// The row of column numbers under a header, and how many lines it takes. Numbers stand in the middle of
    /// their columns, better than labels.
    fn numbering(&self, form: usize, head: &mut head::Head, lines: &[Line]) -> (Option<GridRow>, usize) {
        let label = self.form(form).numbering_label();
        let is_piece = |piece: &Piece| label.contains(piece.as_str());
        for (at, line) in lines.iter().enumerate().take(NUMBERING_LINES) {
            let labelled = line.pieces.first().is_some_and(is_piece);
            let numbers = &line.pieces[usize::from(labelled)..];
            let counts = |(at, piece): (usize, &Piece)| piece.as_str() == (at + 1).to_string();
            if numbers.len() > 2 && numbers.iter().enumerate().all(counts) {
                let wrapped = lines[at + 1..].iter().take_while(|line| line.lone().is_some_and(is_piece)).count();
                let taken = at + 1 + wrapped;
                let label = lines[..taken].iter().flat_map(|line| line.pieces.iter().filter(|piece| is_piece(piece)));
                let row = head.numbered(label.cloned().collect(), numbers);
                return if row.is_some() { (row, taken) } else { (None, 0) };
            }
            if !line.lone().is_some_and(is_piece) {
                break;
            }
        }
        (None, 0)
    }

    /// The rows under a header, on this page and on those that go on without printing it again.
    fn rows<'t>(&self, head: &head::Head, lines: &[Line<'t>]) -> Option<Rows> {
        let counted = head.leaves.first().is_some_and(|first| first.kind == Kind::Ordinal);
        let page = |lines: &[Line<'t>]| -> Vec<Line<'t>> {
            let line = |line: &Line<'t>| if counted { line.with_ordinal() } else { line.clone() };
            lines.iter().map(line).collect()
        };
        let mut taken = self.body_lines(lines);
        if taken == LONGEST_PAGE {
            return None;
        }
        let mut body = body::Body::read(head, &page(&lines[..taken]))?;
        let mut numbers = Vec::new();
        loop {
            let number = lines.get(taken).and_then(Line::lone).filter(|piece| is_page_number(piece.as_str()));
            let begin = taken + usize::from(number.is_some());
            let Some(next) = lines.get(begin..).filter(|lines| lines.first().is_some_and(|line| line.page)) else {
                break;
            };
            let more = self.body_lines(next);
            let begins = next[0].pieces.len() > 1 && next[0].pieces.iter().any(Piece::is_money);
            if !begins || more == LONGEST_PAGE || !body.goes_on(&page(&next[..more])) {
                break;
            }
            numbers.extend(number.map(Piece::text));
            taken = begin + more;
        }
        Some(Rows { rows: body.rows, lines: taken, numbers })
    }

    /// The forms that have two of the labels and more. Cells of several lines, which field blocks and lists
    /// have, cannot be told from rows.
    fn forms_of(&self, lines: &[Line]) -> Vec<usize> {
        let mut hits = vec![0_usize; self.index.forms.len()];
        for piece in lines.iter().flat_map(|line| &line.pieces) {
            let mut last = None;
            for used in self.index.uses(piece.as_str()).iter() {
                if let Use::Head { form } = used
                    && last.replace(*form) != Some(*form)
                {
                    hits[*form] += 1;
                }
            }
        }
        (0..hits.len()).filter(|form| hits[*form] >= 2 && self.form(*form).layout.is_empty()).collect()
    }

    /// How many lines may be those of a header.
    fn head_reach(&self, lines: &[Line]) -> usize {
        let ends = |at: usize| {
            let line = &lines[at];
            line.page && at > 0 || line.pieces.iter().any(|piece| piece.is_amount() || is_marked(piece.as_str()))
        };
        (0..lines.len().min(HEAD_LINES)).find(|at| ends(*at)).unwrap_or(lines.len().min(HEAD_LINES))
    }

    /// How many lines under a header are rows.
    fn body_lines(&self, lines: &[Line]) -> usize {
        let ends = |at: usize| {
            let line = &lines[at];
            let page = line.page && at > 0;
            let lone = line.lone().map(|piece| piece.as_str());
            page
                || lone.is_some_and(|text| self.is_title(text) || is_prose(text))
                || line.pieces.iter().any(|piece| piece.as_str().chars().count() > body::LONGEST_CELL)
                // A page number, or a number whose row cannot be told.
                || line.lone().is_some_and(Piece::is_amount)
        };
        let most = lines.len().min(LONGEST_PAGE);
        let end = (0..most).find(|at| ends(*at)).unwrap_or(most);
        // Below the last row of several texts a heading begins the text that follows.
        let last = lines[..end].iter().rposition(|line| line.pieces.len() > 1).map_or(0, |at| at + 1);
        let heading = |line: &Line| line.lone().is_some_and(|piece| heading_level(piece.as_str()).is_some());
        lines[last..end].iter().position(heading).map_or(end, |more| last + more)
    }
}

/// Whether a paragraph is a line of a text that may stand in a table.
fn may_be_line(paragraph: &Paragraph) -> bool {
    let text = paragraph.text.as_str();
    text.len() <= LONGEST * 4 && !text.contains('\t') && matches!(paragraph.text.place(), Place::Text(_))
}

fn lines<'t>(run: &'t [Paragraph], source: &str, measure: Measure) -> Vec<Line<'t>> {
    let mut before = None;
    let line = |paragraph: &'t Paragraph| {
        let line = Line::new(&paragraph.text, source, before, measure);
        before = paragraph.text.extent().map(|span| span.end as usize);
        line
    };
    run.iter().map(line).collect()
}

/// Whether a text is a line above a table (`单位：万元`); a label has such a mark in brackets alone.
fn is_marked(text: &str) -> bool {
    text.split(['（', '(']).next().is_some_and(|text| text.contains(['：', ':']))
}

/// Whether a line of one text is a sentence or a note, and no name of a row.
fn is_prose(text: &str) -> bool {
    text.contains(['。', '；', '：', ':', '，'])
}
