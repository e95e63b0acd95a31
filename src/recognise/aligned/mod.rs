//! Tables set with blanks, as `pdftotext -layout` prints them: what stands under what tells the columns.
//!
//! A number under the wrong head would be the worst of all readings. So the labels of a form's header
//! must account for every word above the rows, every column of the rows must stand under one head and
//! no other, and no line may have two texts in one column; else the lines stay lines, with a finding
//! where they print amounts.

mod body;
mod head;
mod lines;
mod rests;
mod wrapped;

use self::lines::{Line, Measure, Piece, is_marked, is_prose, lines, may_be_line, sure_view};
use super::assemble::{Assembler, is_page_number};
use super::index::Use;
use super::outline::heading_level;
use crate::document::{Block, Grid, GridRow, Paragraph};
use crate::filing::Dropped;
use crate::finding::Finding;
use crate::form::Kind;
use crate::form::label::fold;
use crate::form::title::without_continued;
use crate::text::Text;

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

/// The title of a table stands at most so many lines above its header.
const PREAMBLE_LINES: usize = 6;

/// The row of column numbers stands in the first lines below the labels.
const NUMBERING_LINES: usize = 3;

/// Amounts in each of so many lines, one after the other, are the rows of a table.
const ROWS_OF_AMOUNTS: usize = 3;

/// A table found in lines.
struct Found {
    grid: Grid,
    form: usize,
    /// Lines it takes.
    lines: usize,
    /// The numbers of pages among them.
    numbers: Vec<Text>,
}

/// No table is found where lines begin.
#[derive(Clone, Copy)]
struct Unread {
    /// On how many lines none begins.
    lines: usize,
    /// The form whose header stands there over rows that cannot be told.
    form: Option<usize>,
}

/// A header, and the table under it where that could be read.
struct Seen {
    at: usize,
    form: usize,
    found: Option<Found>,
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
        let mut seen = self.seen(&views, view, pairs);
        self.leave_halves(&views[0], &mut seen);
        let mut left: Vec<usize> = Vec::new();
        let mut next = 0;
        for Seen { at, found, .. } in seen {
            let Some(found) = found else { continue };
            left.extend(next..at);
            next = at + found.lines;
            self.put_unread(&run, &views, width, &mut left, read);
            self.findings.push(Finding::of(
                "columns-by-blanks",
                run[at].text.place(),
                "此表各列只用空格隔开，已按上下对齐分列；请与原件核对",
                "nothing but blanks parts the columns of this table; they were told by what stands under what",
            ));
            read.push(Block::Grid(found.grid));
            self.drop_page_numbers(found.numbers);
        }
        left.extend(next..run.len());
        self.put_unread(&run, &views, width, &mut left, read);
    }

    /// The headers among lines.
    fn seen(&self, views: &[Vec<Line>; 2], view: Option<usize>, pairs: &mut usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut at = 0;
        while at < views[0].len() {
            let table = if let Some(view) = view {
                self.aligned_table(&views[view][at..], pairs)
            } else {
                // Both widths must say the same.
                self.aligned_table(&views[0][at..], pairs).and_then(|found| {
                    let other = self.aligned_table(&views[1][at..], pairs)?;
                    let unread = Unread { lines: found.lines.min(other.lines), form: Some(found.form) };
                    if other.says_same(&found) { Ok(found) } else { Err(unread) }
                })
            };
            let (lines, form) = match &table {
                Ok(found) => (found.lines, Some(found.form)),
                Err(unread) => (unread.lines, unread.form),
            };
            seen.extend(form.map(|form| Seen { at, form, found: table.ok() }));
            at += lines.max(1);
        }
        seen
    }

    /// Leaves a table text where a page of it could not be read: a page prints the title and the header again,
    /// or the header at its top.
    fn leave_halves(&self, lines: &[Line], seen: &mut [Seen]) {
        let above: Vec<Option<String>> = seen.iter().map(|seen| self.words_above(lines, seen.at)).collect();
        let mut begin = 0;
        while begin < seen.len() {
            let goes_on = |at: &usize| {
                let again = above[*at].is_none() || above[*at] == above[begin];
                again && seen[*at].form == seen[begin].form
            };
            let end = (begin + 1..seen.len()).take_while(goes_on).last().map_or(begin + 1, |last| last + 1);
            let pages = &mut seen[begin..end];
            if pages.iter().any(|page| page.found.is_none()) {
                pages.iter_mut().for_each(|page| page.found = None);
            }
            begin = end;
        }
    }

    /// What is printed from the title of a table to its header; `None` where no title stands above it, as where
    /// a page goes on with the header.
    fn words_above(&self, lines: &[Line], at: usize) -> Option<String> {
        let above = &lines[at.saturating_sub(PREAMBLE_LINES)..at];
        let is_title = |line: &Line| line.lone_str().is_some_and(|text| self.is_title(text));
        let title = above.iter().rposition(is_title).filter(|_| !lines[at].page)?;
        let pieces = above[title..].iter().flat_map(|line| &line.pieces).map(Piece::as_str);
        Some(pieces.map(|text| fold(without_continued(text).unwrap_or(text))).collect())
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
        // Names go on in lines between the rows.
        let (mut rows, mut others) = (0, 0);
        for at in left.iter().copied() {
            others = if is_row(at) { 0 } else { others + 1 };
            rows = match others {
                0 => rows + 1,
                1..=WRAPPED => rows,
                _ => 0,
            };
            if others == 0 && rows == ROWS_OF_AMOUNTS {
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

    /// The table whose header begins with the first of the lines.
    fn aligned_table(&self, lines: &[Line], pairs: &mut usize) -> Result<Found, Unread> {
        let reach = self.head_reach(lines);
        let first = &lines[0].pieces;
        let again = |piece: &Piece| first.iter().filter(|other| other.as_str() == piece.as_str()).count() > MOST_AGAIN;
        if first.iter().any(|piece| piece.columns.len() > LONGEST_LABEL) || first.first().is_some_and(again) {
            return Err(Unread { lines: 1, form: None });
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
        let mut unread = Unread { lines: 1, form: heads.first().map(|(.., form)| *form) };
        for (mut head, end, form) in heads {
            let (numbering, below) = self.numbering(form, &mut head, &lines[end..]);
            let Some(rows) = self.rows(&head, &lines[end + below..]) else {
                // The rows are in no better place under a part of the header.
                unread.lines = unread.lines.max(end + below + self.body_lines(&lines[end + below..]));
                continue;
            };
            let mut grid = Grid { exact: true, gap_before: lines[0].gap, ..Grid::default() };
            grid.rows = head.into_rows();
            grid.rows.extend(numbering);
            grid.rows.extend(rows.rows);
            return Ok(Found { grid, form, lines: end + below + rows.lines, numbers: rows.numbers });
        }
        Err(unread)
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
        let kinds: Vec<Kind> = head.leaves.iter().map(|leaf| leaf.kind).collect();
        let page = |lines: &[Line<'t>]| -> Vec<Line<'t>> { lines.iter().map(|line| line.parted(&kinds)).collect() };
        let mut taken = self.body_lines(lines);
        if taken == LONGEST_PAGE {
            return None;
        }
        let mut body = body::Body::read(head, &page(&lines[..taken]))?;
        let mut numbers = Vec::new();
        loop {
            let number = lines
                .get(taken)
                .and_then(Line::lone)
                .filter(|piece| piece.is_amount() || is_page_number(piece.as_str()));
            let begin = taken + usize::from(number.is_some());
            let next = &lines[begin..];
            // A number within a page is one whose row cannot be told.
            let ends_page = |piece: &Piece| is_page_number(piece.as_str()) && next.first().is_none_or(|line| line.page);
            if !number.is_none_or(ends_page) {
                return None;
            }
            let is_rest = |line: &Line| line.page && body.open && self.may_be_rest(line);
            if next.first().is_some_and(is_rest) {
                return None;
            }
            if !self.begins_with_row(next) {
                break;
            }
            let more = self.body_lines(next);
            // Half of a table would be one whose sums do not hold.
            if !next[0].page || more == LONGEST_PAGE || !body.goes_on(&page(&next[..more])) {
                return None;
            }
            numbers.extend(number.map(Piece::text));
            taken = begin + more;
        }
        Some(Rows { rows: body.rows, lines: taken, numbers })
    }

    /// Whether lines begin with a row, or with the rest of one.
    fn begins_with_row(&self, lines: &[Line]) -> bool {
        let is_row = |line: &Line| {
            let marked = line.pieces.iter().any(|piece| is_marked(piece.as_str()));
            let number = |piece: &Piece| piece.is_amount() && !is_page_number(piece.as_str());
            !marked && line.lone().map_or_else(|| line.pieces.iter().any(Piece::is_amount), number)
        };
        let rests = lines.iter().take(WRAPPED).take_while(|line| self.may_be_rest(line)).count();
        lines.get(rests).is_some_and(is_row)
    }

    /// Whether a line may be the rest of a row.
    fn may_be_rest(&self, line: &Line) -> bool {
        let Some(piece) = line.lone() else { return false };
        let text = piece.as_str();
        let is_name = text.starts_with("其中") || !is_prose(text);
        is_name && !piece.is_amount() && !self.is_title(text) && heading_level(text).is_none()
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
            let lone = line.lone_str();
            page
                || lone.is_some_and(|text| self.is_title(text) || is_prose(text))
                || line.pieces.iter().any(|piece| piece.as_str().chars().count() > body::LONGEST_CELL)
                // A page number, or a number whose row cannot be told.
                || line.lone().is_some_and(|piece| piece.is_amount() || is_page_number(piece.as_str()))
        };
        let most = lines.len().min(LONGEST_PAGE);
        let end = (0..most).find(|at| ends(*at)).unwrap_or(most);
        // Below the last row of several texts a heading begins the text that follows.
        let last = lines[..end].iter().rposition(|line| line.pieces.len() > 1).map_or(0, |at| at + 1);
        let heading = |line: &Line| line.lone().is_some_and(|piece| heading_level(piece.as_str()).is_some());
        lines[last..end].iter().position(heading).map_or(end, |more| last + more)
    }
}
