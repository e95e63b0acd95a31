//! Markdown pipe tables.

use super::{Line, is_rule, source_text};
use crate::document::{Grid, GridCell, GridRow};

/// Reads a run of pipe rows at the start of `lines`; yields the grid and the lines used.
pub(super) fn read(lines: &[Line]) -> Option<(Grid, usize)> {
    let used = lines.iter().take_while(|line| is_row(line.text)).count();
    // One line with bars is a sentence with bars; a table has at least two.
    if used < 2 {
        return None;
    }
    let rows = lines[..used].iter().filter(|line| !is_rule(line.text)).map(row).collect();
    Some((Grid { rows, ..Grid::default() }, used))
}

fn is_row(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('|') && text.len() > 1 && text[1..].contains('|')
}

fn row(line: &Line) -> GridRow {
    let mut cells = Vec::new();
    let lead = line.text.len() - line.text.trim_start().len() + 1;
    let body = line.text.trim_end();
    let body = body.strip_suffix('|').filter(|body| !body.ends_with('\\')).unwrap_or(body);
    let mut start = lead;
    let mut escaped = false;
    for (index, ch) in body.char_indices().filter(|(index, _)| *index >= lead) {
        if ch == '|' && !escaped {
            cells.push(cell(&body[start..index], line.start + start));
            start = index + 1;
        }
        escaped = ch == '\\' && !escaped;
    }
    cells.push(cell(body.get(start..).unwrap_or_default(), line.start + start));
    GridRow { cells, header: false }
}

/// A cell, its escaped bars unescaped.
fn cell(text: &str, start: usize) -> GridCell {
    let mut value = source_text(text, start);
    while let Some(at) = value.as_str().find("\\|") {
        value.remove(at..at + 1);
    }
    value.into()
}
