//! Markdown pipe tables.

use super::{Line, is_rule, source_text};
use crate::document::{Grid, GridCell, GridRow};

/// Reads a run of pipe rows at the start of `lines`; yields the grid and the lines used.
pub(super) fn read(lines: &[Line]) -> Option<(Grid, usize)> {
    let step = if is_spaced(lines) { 2 } else { 1 };
    let head: Vec<Line> = lines.iter().step_by(step).take(2).copied().collect();
    let bare = bare_width(&head);
    let is_part = |text: &str| if bare.is_some() { text.contains('|') } else { is_row(text) };
    let mut taken = vec![*lines.first()?];
    if !is_part(taken[0].text) {
        return None;
    }
    let mut used = 1;
    while let Some(line) = lines.get(used + step - 1)
        && lines[used..used + step - 1].iter().all(Line::is_blank)
        && is_part(line.text)
    {
        taken.push(*line);
        used += step;
    }
    // One line with bars is a sentence with bars; a table has at least two.
    if taken.len() < 2 {
        return None;
    }
    let rows = taken.iter().filter(|line| !is_rule(line.text)).map(|line| match bare {
        Some(width) => bare_row(line, width),
        None => row(line, (true, true)),
    });
    Some((Grid { rows: rows.collect(), ..Grid::default() }, used))
}

/// Whether an empty line stands between the header of a table and the rule under it, as some programs
/// put one after every line: then one stands between all rows.
fn is_spaced(lines: &[Line]) -> bool {
    let [header, blank, rule, ..] = lines else { return false };
    blank.text.is_empty() && header.text.contains('|') && rule.text.contains('|') && is_rule(rule.text)
}

fn is_row(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('|') && text.len() > 1 && text[1..].contains('|')
}

/// The columns of a table without bars at the ends of its rows, where one begins. Nothing but the rule
/// under its header (`---|---`), with as many cells, tells it from sentences with bars.
fn bare_width(lines: &[Line]) -> Option<usize> {
    let [header, rule, ..] = lines else { return None };
    let ruled = rule.text.contains('|') && is_rule(rule.text) && !rule.text.contains(['+', '=', '\t']);
    if !ruled || is_row(header.text) || !header.text.contains('|') {
        return None;
    }
    let width = |line: &Line| row(line, (true, true)).cells.len();
    (width(header) == width(rule)).then(|| width(header))
}

/// A row of such a table: a bar at its end may be that of a blank cell.
fn bare_row(line: &Line, width: usize) -> GridRow {
    let ends = [(true, true), (false, true), (true, false), (false, false)];
    let whole = ends.into_iter().map(|ends| row(line, ends)).find(|row| row.cells.len() == width);
    whole.unwrap_or_else(|| row(line, (true, true)))
}

/// The cells of a row; the bars at its ends are no part of it where `ends` says so.
fn row(line: &Line, ends: (bool, bool)) -> GridRow {
    let mut cells = Vec::new();
    let indent = line.text.len() - line.text.trim_start().len();
    let lead = indent + usize::from(ends.0 && line.text[indent..].starts_with('|'));
    let body = line.text.trim_end();
    let stripped = body.strip_suffix('|').filter(|body| ends.1 && !body.ends_with('\\'));
    let body = stripped.unwrap_or(body);
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
