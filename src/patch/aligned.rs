//! Edits in tables set with blanks: what stands at the right stays where it was, for nothing else
//! says of which column it is.

use std::ops::Range;

use super::edit::Edit;
use super::prints::Prints;
use crate::filing::{Filing, amount};

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
        let old = source[edit.range.clone()].chars().count();
        let new = edit.new.chars().count();
        let (from, least) = match amount::parse(&source[cell.clone()]) {
            Some(_) => (&source[..cell.start], 1),
            None => (&source[cell.end..], 2),
        };
        let run = if least == 1 {
            let spaces = from.len() - from.trim_end_matches(' ').len();
            cell.start - spaces..cell.start
        } else {
            let spaces = from.len() - from.trim_start_matches(' ').len();
            // Nothing stands at its right.
            if from[spaces..].starts_with(['\n', '\r', '\u{c}']) || from.len() == spaces {
                continue;
            }
            cell.end..cell.end + spaces
        };
        if new > old {
            let spare = run.len().saturating_sub(least).min(new - old);
            let taken = if least == 1 { run.end - spare..run.end } else { run.start..run.start + spare };
            blanks.push(Edit::new(taken, ""));
        } else {
            let at = if least == 1 { run.end } else { run.start };
            blanks.push(Edit::new(at..at, " ".repeat(old - new)));
        }
    }
    edits.append(&mut blanks);
}

/// Where the cells stand that no mark sets apart, in order.
fn cells(source: &str, before: &Filing, prints: &Prints) -> Vec<Range<usize>> {
    let cells = before.tables().flat_map(|(_, table)| &table.rows).flat_map(|row| &row.cells);
    let mut found: Vec<Range<usize>> = cells
        .filter_map(|cell| cell.text.extent())
        .map(|span| span.range())
        .filter(|range| prints.at(range.start).is_none() && !source[range.clone()].contains(['\n', '\r']))
        .collect();
    found.sort_by_key(|range| range.start);
    found
}
