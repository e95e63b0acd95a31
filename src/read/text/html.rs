//! HTML tables in text, as OCR tools write them: `<table>` with `rowspan` and `colspan`.

use std::ops::Range;

use super::source_text;
use crate::document::{Cover, Grid, GridCell, GridRow};
use crate::limits::Limits;
use crate::text::{Place, Span, Text};

/// Byte ranges of the outermost `<table>…</table>` of a text.
pub(super) fn tables(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for tag in tags(text) {
        match (tag.name.as_str(), tag.closing) {
            ("table", false) => {
                if depth == 0 {
                    start = tag.range.start;
                }
                depth += 1;
            }
            ("table", true) if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    found.push(start..tag.range.end);
                }
            }
            _ => {}
        }
    }
    found
}

struct Tag {
    range: Range<usize>,
    name: String,
    closing: bool,
}

/// Tags with an ASCII name; `<80%` and `‹1710元` are none.
fn tags(text: &str) -> impl Iterator<Item = Tag> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find('<')?;
            at = start + 1;
            let rest = &text[at..];
            let closing = rest.starts_with('/');
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            if !name.starts_with(|ch: char| ch.is_ascii_alphabetic()) {
                continue;
            }
            // A tag ends before the next one begins, so that no text is searched twice.
            let end = at + memchr::memchr2(b'<', b'>', &text.as_bytes()[at..])? + 1;
            if text.as_bytes()[end - 1] == b'<' {
                continue;
            }
            at = end;
            return Some(Tag { range: start..end, name: name.to_ascii_lowercase(), closing });
        }
    })
}

/// The number in `rowspan="2"` of a tag; 1 when absent.
fn span_of(tag: &str, name: &str) -> usize {
    let lower = tag.to_ascii_lowercase();
    let Some(at) = lower.find(name) else { return 1 };
    let value = lower[at + name.len()..].trim_start_matches([' ', '=', '"', '\'']);
    value.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(1).max(1)
}

/// Cells that spans may add to a table beside those it has: columns that many short rows share.
const SPANNED: usize = 1_000_000;

/// A table, and the lines that stand in it outside of cells: browsers show them before it.
pub(super) struct Table {
    pub outside: Vec<Text>,
    pub grid: Grid,
}

/// Reads one table; `None` when it has no rows, or spans that make it far larger than its text.
pub(super) fn read_table(text: &str, range: Range<usize>, limits: &Limits) -> Option<Table> {
    let mut reader = Reader::default();
    let mut caption: Option<Text> = None;
    let mut in_caption = false;
    let mut outside = Vec::new();
    let mut depth = 0;
    let mut last = range.start;
    for tag in tags(&text[range.clone()]) {
        let tag = Tag { range: tag.range.start + range.start..tag.range.end + range.start, ..tag };
        let before = &text[last..tag.range.start];
        if let Some(open) = &mut reader.cell {
            append_entities(&mut open.content, before, last);
        } else if let (Some(caption), true) = (&mut caption, in_caption) {
            append_entities(caption, before, last);
        } else {
            push_lines(&mut outside, before, last);
        }
        last = tag.range.end;
        match (tag.name.as_str(), tag.closing) {
            ("table", false) => depth += 1,
            ("table", true) => {
                depth -= 1;
                if depth == 0 {
                    reader.end_row(limits);
                }
            }
            // An inner table's text stays in the outer cell.
            ("tr" | "td" | "th", _) if depth > 1 => {
                if let (Some(open), true) = (&mut reader.cell, tag.closing) {
                    open.content.push_str("\n");
                }
            }
            ("caption", closing) if reader.cell.is_none() => {
                in_caption = !closing;
                if in_caption {
                    caption.get_or_insert_with(|| Text::placed("", Place::Text(tag.range.end as u32)));
                }
            }
            ("tr", false) => {
                in_caption = false;
                reader.end_row(limits);
                reader.begin_row();
            }
            ("tr", true) => reader.end_cell(limits),
            ("td" | "th", false) => {
                in_caption = false;
                reader.end_cell(limits);
                let mark = &text[tag.range.clone()];
                reader.cell = Some(OpenCell {
                    content: Text::placed("", Place::Text(tag.range.end as u32)),
                    columns: span_of(mark, "colspan").min(1_000),
                    rows: span_of(mark, "rowspan").min(10_000),
                });
            }
            ("td" | "th", true) => reader.end_cell(limits),
            ("br" | "p" | "div" | "li", _) => {
                if let Some(open) = &mut reader.cell
                    && !open.content.is_empty()
                    && !open.content.as_str().ends_with('\n')
                {
                    open.content.push_str("\n");
                }
            }
            _ => {}
        }
        if reader.spanned > SPANNED {
            return None;
        }
    }
    let mut rows = reader.rows;
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    if width.saturating_mul(rows.len()) > SPANNED + 4 * rows.iter().map(|row| row.cells.len()).sum::<usize>() {
        return None;
    }
    for row in &mut rows {
        row.cells.resize_with(width, GridCell::default);
    }
    rows.retain(|row| !row.cells.is_empty());
    let grid = Grid { rows, exact: true, caption, ..Grid::default() };
    (!grid.rows.is_empty()).then_some(Table { outside, grid })
}

/// A cell whose end was not seen yet.
struct OpenCell {
    content: Text,
    columns: usize,
    rows: usize,
}

/// The rows of a table as they are read.
#[derive(Default)]
struct Reader {
    rows: Vec<GridRow>,
    cell: Option<OpenCell>,
    /// Column of the next cell.
    column: usize,
    /// For how many more rows a cell above reaches down into each column.
    reaching: Vec<usize>,
    /// Cells that spans made.
    spanned: usize,
}

impl Reader {
    fn begin_row(&mut self) {
        self.rows.push(GridRow::default());
        self.column = 0;
    }

    fn end_cell(&mut self, limits: &Limits) {
        let Some(OpenCell { content, columns, rows }) = self.cell.take() else { return };
        if self.rows.is_empty() {
            self.begin_row();
        }
        while self.reaching.get(self.column).is_some_and(|left| *left > 0) {
            self.reaching[self.column] -= 1;
            self.push_covered(Cover::Above);
        }
        let columns = columns.min(limits.columns.saturating_sub(self.column)).max(1);
        let end = self.column + columns;
        if self.reaching.len() < end {
            self.reaching.resize(end, 0);
        }
        self.reaching[self.column..end].fill(rows - 1);
        self.push(GridCell { text: content, cover: Cover::No });
        for _ in 1..columns {
            self.push_covered(Cover::Left);
        }
    }

    /// Ends the open cell and the row: cells from above reach into the columns that are left.
    fn end_row(&mut self, limits: &Limits) {
        self.end_cell(limits);
        if self.rows.is_empty() {
            return;
        }
        for column in self.column..self.reaching.len() {
            let covered = self.reaching[column] > 0;
            self.reaching[column] -= usize::from(covered);
            self.push_covered(if covered { Cover::Above } else { Cover::No });
        }
    }

    fn push_covered(&mut self, cover: Cover) {
        self.spanned += 1;
        self.push(GridCell { text: Text::default(), cover });
    }

    fn push(&mut self, cell: GridCell) {
        if let Some(row) = self.rows.last_mut() {
            row.cells.push(cell);
        }
        self.column += 1;
    }
}

/// The lines of a stretch of source text that are not blank.
fn push_lines(out: &mut Vec<Text>, source: &str, start: usize) {
    for line in super::lines(source).into_iter().filter(|line| !line.is_blank()) {
        let at = start + line.start;
        let mut text = Text::placed("", Place::Text(at as u32));
        append_entities(&mut text, line.text, at);
        out.push(text);
    }
}

/// Appends source text, its character references decoded.
fn append_entities(text: &mut Text, source: &str, start: usize) {
    let mut rest = 0;
    while let Some(at) = source[rest..].find('&').map(|at| at + rest) {
        let Some((value, length)) = entity(&source[at..]) else {
            text.push(&source_text(&source[rest..=at], start + rest));
            rest = at + 1;
            continue;
        };
        text.push(&source_text(&source[rest..at], start + rest));
        text.push_source(&value, Span::new(start + at, start + at + length));
        rest = at + length;
    }
    text.push(&source_text(&source[rest..], start + rest));
}

/// The character reference at the start of a text: its value and its length in bytes.
pub(crate) fn entity(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let value = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ge" | "geq" => '≥',
        "le" | "leq" => '≤',
        "ldquo" => '“',
        "rdquo" => '”',
        "times" => '×',
        "mdash" => '—',
        "middot" => '·',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|ch| !ch.is_control() || *ch == '\t')?
        }
    };
    Some((value.to_string(), end + 1))
}
