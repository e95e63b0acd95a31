//! Texts of several lines: which lines below a row, and above it, are its own.

use unicode_width::UnicodeWidthStr;

use super::head::{Head, Leaf};
use crate::document::GridRow;
use crate::form::Kind;
use crate::form::label::fold;
use crate::layout::clean::begins_item;
use crate::recognise::words::words;

/// Columns of a Chinese character.
const HAN: usize = 2;

/// A line of a table, and whether blank lines stand above it.
pub(super) type Printed = (GridRow, bool);

/// The rows that lines are; `rooms` says how wide the texts of each column are at most. `None` where a line
/// may belong to two rows.
pub(super) fn joined(head: &Head, mut lines: Vec<Printed>, rooms: &[usize]) -> Option<Vec<GridRow>> {
    join_around(head, &mut lines);
    let leaves = &head.leaves;
    let of = |kind: Kind| (0..leaves.len()).filter(|at| leaves[*at].kind == kind).collect::<Vec<_>>();
    let marks = [Kind::Ordinal, Kind::Code].into_iter().map(of).find(|columns| !columns.is_empty());
    let begins = |row: &GridRow| {
        let filled = |at: usize| !row.cells[at].text.is_empty();
        marks.as_ref().is_none_or(|marks| marks.iter().any(|at| filled(*at)))
            || (0..leaves.len()).any(|at| leaves[at].kind != Kind::Text && filled(at))
            || row.cells.iter().any(|cell| words().is_total(cell.text.as_str()))
    };
    let mut starts: Vec<usize> = (0..lines.len()).filter(|at| begins(&lines[*at].0)).collect();
    if !lines.is_empty() && starts.first() != Some(&0) {
        return None;
    }
    starts.push(lines.len());
    let mut rows = Vec::with_capacity(starts.len());
    for bounds in starts.windows(2) {
        let (own, below) = (&lines[bounds[0]..bounds[1]], lines.get(bounds[1]));
        let (mut row, rests) = (own[0].0.clone(), &own[1..]);
        if rests.iter().any(|(_, gap)| *gap) {
            return None;
        }
        for (at, leaf) in leaves.iter().enumerate() {
            let texts: Vec<&str> = own.iter().map(|(row, _)| row.cells[at].text.as_str()).collect();
            let below = below.map_or("", |(row, _)| row.cells[at].text.as_str());
            if !is_one(leaf, &texts, below, rooms[at]) {
                return None;
            }
            for (rest, _) in rests {
                row.cells[at].text.push(&rest.cells[at].text);
            }
        }
        rows.push(row);
    }
    Some(rows)
}

/// Whether the lines of a cell are one text, and nothing of them belongs to the cell below: names are set in
/// the middle of their cells, too.
fn is_one(leaf: &Leaf, texts: &[&str], below: &str, room: usize) -> bool {
    let count = texts.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
    let (own, rests) = (&texts[..count], &texts[count.min(1)..count]);
    if rests.is_empty() || leaf.lines.contains(&fold(&own.concat())) {
        return true;
    }
    let is_item = |text: &str| begins_item(text) || text.starts_with("其中");
    // What is full may begin the text below.
    let ends = below.is_empty() || is_item(below) || !is_full(own[count - 1], room);
    ends && own[..count - 1].iter().all(|text| is_full(text, room)) && !rests.iter().any(|text| is_item(text))
}

/// Whether a line has no room for another character, as one that goes on has none.
pub(super) fn is_full(text: &str, room: usize) -> bool {
    !text.is_empty() && text.width() + HAN > room
}

/// Joins names that are wrapped around the line of their numbers: above it, and below.
fn join_around(head: &Head, rows: &mut Vec<Printed>) {
    let lone = |row: &GridRow| {
        let mut filled = (0..row.cells.len()).filter(|at| !row.cells[*at].text.is_empty());
        filled.next().filter(|_| filled.next().is_none())
    };
    let mut at = 1;
    while at + 1 < rows.len() {
        let (above, below) = (lone(&rows[at - 1].0), lone(&rows[at + 1].0));
        if let (Some(column), true) = (above, above == below)
            && head.keys.contains(&column)
            && lone(&rows[at].0).is_none()
            && rows[at].0.cells[column].text.is_empty()
            && !rows[at].1
            && !rows[at + 1].1
        {
            let mut text = rows[at - 1].0.cells[column].text.clone();
            text.push(&rows[at + 1].0.cells[column].text);
            rows[at].0.cells[column].text = text;
            rows.remove(at + 1);
            rows.remove(at - 1);
            continue;
        }
        at += 1;
    }
}
