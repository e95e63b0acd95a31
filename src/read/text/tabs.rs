//! The two tab dialects: a cell a line after a tab, and a row a line with tabs.
//!
//! Word's own text export prints each cell as a tab and its text on a line, a blank line after each
//! row and another after each table. Other extractions print a row a line. Both may stand in one
//! file; which it is shows in each run of lines.

mod rows;

use super::{Line, is_rule, source_text};
use crate::document::{Grid, GridCell, GridRow};
use crate::text::{Text, is_blank};

/// Reads a table at the start of `lines`; yields the grid and the lines used, or on how many lines no
/// table begins.
pub(super) fn read(lines: &[Line]) -> Result<(Grid, usize), usize> {
    match lines.first() {
        Some(first) if is_cell_line(first.text) => cell_lines(lines),
        Some(first) if first.text.contains('\t') => row_lines(lines),
        // A rule under a heading line belongs to a table whose marks were lost; see `is_rule`.
        _ => Err(1),
    }
}

/// A tab, then a cell without tabs. Blanks before the tab are no cell.
fn is_cell_line(text: &str) -> bool {
    text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).strip_prefix('\t').is_some_and(|cell| !cell.contains('\t'))
}

fn cell_lines(lines: &[Line]) -> Result<(Grid, usize), usize> {
    let mut rows: Vec<GridRow> = Vec::new();
    // Up to which line it is known whether another cell follows.
    let (mut known, mut follows) = (0, false);
    let mut at = 0;
    while at < lines.len() && is_cell_line(lines[at].text) {
        let mut cells: Vec<GridCell> = Vec::new();
        while at < lines.len() {
            let line = &lines[at];
            if is_cell_line(line.text) {
                let cell = line.text.find('\t').map_or(0, |tab| tab + 1);
                cells.push(source_text(&line.text[cell..], line.start + cell).into());
                at += 1;
                continue;
            }
            if line.text.contains('\t') || line.is_blank() {
                break;
            }
            if at >= known {
                known =
                    at + lines[at..].iter().take_while(|line| !line.is_blank() && !line.text.contains('\t')).count();
                follows = lines.get(known).is_some_and(|line| is_cell_line(line.text));
            }
            if cells.len() > 1 || follows {
                // shenze-2021: a cell of several paragraphs goes on without a tab.
                if let Some(last) = cells.last_mut() {
                    append_line(&mut last.text, line);
                }
            } else {
                break;
            }
            at += 1;
        }
        rows.push(GridRow { cells, header: false });
        // One blank line ends a row, two end the table.
        match lines.get(at..) {
            Some([blank, next, ..]) if is_empty(blank) && is_cell_line(next.text) => at += 1,
            _ => break,
        }
    }
    let lone = rows.len() == 1 && rows[0].cells.len() == 1;
    if lone && is_sentence(rows[0].cells[0].text.as_str()) {
        return Err(at);
    }
    Ok((Grid { rows, ..Grid::default() }, at))
}

fn append_line(cell: &mut Text, line: &Line) {
    cell.push_str("\n");
    cell.push(&line.to_text());
}

fn is_empty(line: &Line) -> bool {
    line.is_blank() && !line.text.contains('\t')
}

/// A tab-indented paragraph of prose rather than a table of one cell.
fn is_sentence(text: &str) -> bool {
    text.trim_end_matches(is_blank).ends_with(['。', '；', '：', ':', ';']) || text.chars().count() > 60
}

fn row_lines(lines: &[Line]) -> Result<(Grid, usize), usize> {
    let used = rows::table_lines(lines);
    let cells_of = |line: &Line| -> Vec<GridCell> {
        let mut start = line.start;
        let cells = line.text.split('\t').map(|cell| {
            let text = source_text(cell, start);
            start += cell.len() + 1;
            text.into()
        });
        cells.collect()
    };
    let mut rows: Vec<GridRow> = Vec::new();
    for lines in rows::broken_rows(&lines[..used]) {
        let mut cells: Vec<GridCell> = Vec::new();
        for line in lines.iter().filter(|line| !is_rule(line.text)) {
            let mut more = cells_of(line).into_iter();
            if let Some(last) = cells.last_mut()
                && let Some(first) = more.next()
            {
                last.text.push_str("\n");
                last.text.push(&first.text);
            }
            cells.extend(more);
        }
        if !cells.is_empty() {
            rows.push(GridRow { cells, header: false });
        }
    }
    // Lines of a table of contents: a heading, a tab, a page number.
    let contents = |row: &GridRow| match row.cells.as_slice() {
        [heading, page] => {
            !heading.text.is_blank()
                && !heading.text.as_str().is_ascii()
                && page.text.as_str().trim().len() <= 4
                && !page.text.is_blank()
                && page.text.as_str().trim().chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | '—'))
        }
        _ => false,
    };
    if rows.is_empty() || rows.iter().all(contents) {
        return Err(used);
    }
    Ok((Grid { rows, ..Grid::default() }, used))
}
