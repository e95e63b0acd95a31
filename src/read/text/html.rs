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
            let end = start + text[start..].find('>')? + 1;
            if text[start + 1..end].contains('<') {
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

/// Reads one table; `None` when it has no rows.
pub(super) fn read_table(text: &str, range: Range<usize>, limits: &Limits) -> Option<Grid> {
    let mut rows: Vec<GridRow> = Vec::new();
    // Cells of earlier rows that reach down: column → (rows left, first column of the span).
    let mut reaching: Vec<usize> = Vec::new();
    let mut column = 0;
    let mut cell: Option<(Text, usize, usize)> = None;
    let mut caption: Option<Text> = None;
    let mut in_caption = false;
    let mut depth = 0;
    let mut last = range.start;
    let close = |cell: &mut Option<(Text, usize, usize)>,
                 rows: &mut Vec<GridRow>,
                 reaching: &mut Vec<usize>,
                 column: &mut usize| {
        let Some((content, width, height)) = cell.take() else { return };
        if rows.is_empty() {
            rows.push(GridRow::default());
        }
        let row = rows.last_mut().expect("a row was just made sure of");
        while reaching.get(*column).is_some_and(|left| *left > 0) {
            reaching[*column] -= 1;
            row.cells.push(GridCell { text: Text::default(), cover: Cover::Above });
            *column += 1;
        }
        let width = width.min(limits.columns.saturating_sub(*column)).max(1);
        for offset in 0..width {
            if reaching.len() <= *column {
                reaching.resize(*column + 1, 0);
            }
            reaching[*column] = height - 1;
            let cover = if offset == 0 { Cover::No } else { Cover::Left };
            let text = if offset == 0 { content.clone() } else { Text::default() };
            row.cells.push(GridCell { text, cover });
            *column += 1;
        }
    };
    let finish_row = |rows: &mut Vec<GridRow>, reaching: &mut Vec<usize>, column: usize| {
        let Some(row) = rows.last_mut() else { return };
        for left in reaching.iter_mut().skip(column) {
            let covered = *left > 0;
            if covered {
                *left -= 1;
            }
            let cover = if covered { Cover::Above } else { Cover::No };
            row.cells.push(GridCell { text: Text::default(), cover });
        }
    };
    for tag in tags(&text[range.clone()]) {
        let tag = Tag { range: tag.range.start + range.start..tag.range.end + range.start, ..tag };
        if let Some((content, _, _)) = &mut cell {
            append_entities(content, &text[last..tag.range.start], last);
        } else if let (Some(caption), true) = (&mut caption, in_caption) {
            append_entities(caption, &text[last..tag.range.start], last);
        }
        last = tag.range.end;
        match (tag.name.as_str(), tag.closing) {
            ("table", false) => depth += 1,
            ("table", true) => {
                depth -= 1;
                if depth == 0 {
                    close(&mut cell, &mut rows, &mut reaching, &mut column);
                    finish_row(&mut rows, &mut reaching, column);
                }
            }
            // An inner table's text stays in the outer cell.
            ("tr" | "td" | "th", _) if depth > 1 => {
                if let (Some((content, _, _)), true) = (&mut cell, tag.closing) {
                    content.push_str("\n");
                }
            }
            ("caption", closing) if cell.is_none() => {
                in_caption = !closing;
                if in_caption {
                    caption.get_or_insert_with(|| Text::placed("", Place::Text(tag.range.end as u32)));
                }
            }
            ("tr", false) => {
                in_caption = false;
                close(&mut cell, &mut rows, &mut reaching, &mut column);
                finish_row(&mut rows, &mut reaching, column);
                rows.push(GridRow::default());
                column = 0;
            }
            ("tr", true) => close(&mut cell, &mut rows, &mut reaching, &mut column),
            ("td" | "th", false) => {
                close(&mut cell, &mut rows, &mut reaching, &mut column);
                let mark = &text[tag.range.clone()];
                let place = Place::Text(tag.range.end as u32);
                let content = Text::placed("", place);
                cell = Some((content, span_of(mark, "colspan").min(1_000), span_of(mark, "rowspan").min(10_000)));
            }
            ("td" | "th", true) => close(&mut cell, &mut rows, &mut reaching, &mut column),
            ("br" | "p" | "div" | "li", _) => {
                if let Some((content, _, _)) = &mut cell
                    && !content.is_empty()
                    && !content.as_str().ends_with('\n')
                {
                    content.push_str("\n");
                }
            }
            _ => {}
        }
    }
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    for row in &mut rows {
        row.cells.resize_with(width, GridCell::default);
    }
    rows.retain(|row| !row.cells.is_empty());
    (!rows.is_empty()).then_some(Grid { rows, exact: true, caption, ..Grid::default() })
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
