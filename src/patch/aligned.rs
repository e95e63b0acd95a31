//! Edits in tables set with blanks: what stands at the right stays where it was, for nothing else
//! says of which column it is.

use std::ops::Range;

use super::edit::Edit;
use super::prints::Prints;
use crate::filing::{Cell, Filing, amount};

/// Adds edits of the blanks beside edited cells, so that the columns stay: amounts keep their right
/// ends, texts their left ones.
pub(super) fn keep_columns(source: &str, before: &Filing, prints: &Prints, edits: &mut Vec<Edit>) {
    let cells = cells(source, before, prints);
    if cells.is_empty() {
        return;
    }
    let mut blanks = Vec::new();
    for edit in edits.iter() {
        let at = cells.partition_point(|cell| cell.end < edit.range.end);
        let Some(cell) = cells.get(at).filter(|cell| cell.start <= edit.range.start) else { continue };
        let (old, new) = (source[edit.range.clone()].chars().count(), edit.new.chars().count());
        let is_amount = amount::parse(&source[cell.clone()]).is_some();
        let run = if is_amount { blanks_before(source, cell.start) } else { blanks_after(source, cell.end) };
        // The end of the run beside the cell, of which it takes and gives.
        let beside = |length: usize| if is_amount { run.end - length..run.end } else { run.start..run.start + length };
        if new > old {
            // An amount ends at a single blank, a text at two.
            let least = if is_amount { 1 } else { 2 };
            blanks.push(Edit::new(beside(run.len().saturating_sub(least).min(new - old)), ""));
        } else if !run.is_empty() {
            blanks.push(Edit::new(beside(0), " ".repeat(old - new)));
        }
    }
    edits.append(&mut blanks);
}

fn blanks_before(source: &str, end: usize) -> Range<usize> {
    source[..end].trim_end_matches(' ').len()..end
}

/// The blanks up to the next text of the line; none where there is no other.
fn blanks_after(source: &str, start: usize) -> Range<usize> {
    let end = source.len() - source[start..].trim_start_matches(' ').len();
    let ends_line = source[end..].is_empty() || source[end..].starts_with(['\n', '\r', '\u{c}']);
    start..if ends_line { start } else { end }
}

/// Where the cells stand that no mark sets apart, in order.
fn cells(source: &str, before: &Filing, prints: &Prints) -> Vec<Range<usize>> {
    let cells = before.tables().flat_map(|(_, table)| &table.rows).flat_map(|row| &row.cells);
    // A text of several lines stands in a place of its own on each.
    let places = |cell: &Cell| -> Vec<Range<usize>> {
        match cell.text.extent().map(|span| span.range()) {
            Some(range) if source[range.clone()].contains(['\n', '\r']) => {
                cell.text.pieces().iter().map(|piece| piece.source.range()).collect()
            }
            range => range.into_iter().collect(),
        }
    };
    let mut found: Vec<Range<usize>> = cells
        .flat_map(places)
        .filter(|range| prints.at(range.start).is_none() && !source[range.clone()].contains(['\n', '\r']))
        .collect();
    found.sort_by_key(|range| range.start);
    found
}
