//! The header of a form in lines set with blanks: labels that are wrapped, centred and printed once.

use std::ops::Range;
use std::rc::Rc;

use super::WRAPPED;
use super::lines::{Line, Piece};
use crate::document::{Cover, GridCell, GridRow};
use crate::form::label::{Pattern, fold};
use crate::form::{Form, Kind};
use crate::recognise::header::{Label, heads};
use crate::recognise::index::Index;
use crate::text::Text;

/// The rest of a wrapped label stands at most so many lines below.
const BELOW: usize = 4;

/// A label above the rows.
#[derive(Clone, Debug)]
struct Printed {
    text: Text,
    label: Rc<Label>,
    columns: Range<usize>,
    lines: Range<usize>,
    /// The form has it; else it may be a piece of one.
    known: bool,
}

/// The lowest label of a column.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    text: Text,
    /// Where it stands.
    pub columns: Range<usize>,
    /// That is where the number of the column stands.
    pub numbered: bool,
    /// The column of the form, but for that of another year.
    column: Option<usize>,
    /// What the column holds.
    pub kind: Kind,
    /// What the form prints in it, folded.
    pub lines: Vec<String>,
    /// The leaves that add up to it: where they have amounts, it has.
    pub parts: Vec<usize>,
    /// The labels over it, from the top.
    groups: Vec<Text>,
}

/// More texts than the header of a form has, each label wrapped and 合 计 apart.
pub(super) fn most_pieces(form: &Form) -> usize {
    let labels = heads(form).map(|(_, head)| head.len()).sum::<usize>();
    let parts = form.columns.iter().map(|column| column.parts.len()).sum::<usize>();
    WRAPPED * (labels + parts)
}

/// The header of a form.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Its columns from the left.
    pub leaves: Vec<Leaf>,
    /// Columns that no row can be without.
    pub keys: Vec<usize>,
}

impl Head {
    /// Reads lines as the header of a form: every word of them is part of a label, and every label has its place.
    pub fn read(index: &Index, number: usize, lines: &[Line]) -> Option<Head> {
        let form = index.forms[number];
        let labels = labels(index, number, lines)?;
        if labels.iter().any(|label| is_printed_too_often(form, label, &labels)) {
            return None;
        }
        let (groups, mut leaves): (Vec<Printed>, Vec<Printed>) =
            labels.iter().cloned().partition(|label| is_over(form, label, &labels));
        leaves.sort_by_key(|leaf| leaf.columns.start + leaf.columns.end);
        let overlap = |pair: &[Printed]| pair[0].columns.end > pair[1].columns.start;
        if leaves.windows(2).any(overlap) {
            return None;
        }
        let columns = columns(form, &leaves, &groups)?;
        let mut found: Vec<Leaf> = Vec::with_capacity(leaves.len());
        for (leaf, column) in leaves.into_iter().zip(columns) {
            let groups = match column {
                Some(column) => groups_of(form, column, &leaf.label, &groups),
                None => Vec::new(),
            };
            found.push(Leaf {
                text: leaf.text,
                columns: leaf.columns,
                numbered: false,
                column,
                kind: column.map_or(Kind::Money, |column| form.columns[column].kind),
                lines: column
                    .and_then(|column| form.lines.get(&form.columns[column].id))
                    .map_or_else(Vec::new, |lines| lines.iter().map(|line| fold(line)).collect()),
                parts: Vec::new(),
                groups: groups.into_iter().map(|group| group.text.clone()).collect(),
            });
        }
        for at in 0..found.len() {
            let sum = found[at].column.map_or(&[][..], |column| &form.columns[column].sum);
            let is_part = |leaf: &Leaf| leaf.column.is_some_and(|column| sum.contains(&form.columns[column].id));
            found[at].parts = (0..found.len()).filter(|part| is_part(&found[*part])).collect();
        }
        let spans = |group: &Printed| {
            let has = |leaf: &Leaf| leaf.groups.iter().any(|text| text.place() == group.text.place());
            let runs = found.chunk_by(|one, other| has(one) == has(other)).filter(|run| has(&run[0])).count();
            runs == 1
        };
        if !groups.iter().all(spans) {
            return None;
        }
        let keys = (0..found.len()).filter(|at| found[*at].column.is_some_and(|column| form.columns[column].key));
        let keys = keys.collect();
        Some(Head { leaves: found, keys })
    }

    /// How many columns of the form it has.
    pub fn columns(&self) -> usize {
        let mut columns: Vec<usize> = self.leaves.iter().filter_map(|leaf| leaf.column).collect();
        columns.dedup();
        columns.len()
    }

    /// Puts the numbers of the columns under them: one for each, or for each but the first, under which
    /// the label stands. `None` where there are more or fewer.
    pub fn numbered(&mut self, label: Vec<Piece>, numbers: &[Piece]) -> Option<GridRow> {
        let first = self.leaves.len().checked_sub(numbers.len()).filter(|first| *first <= 1)?;
        if first == 0 && !label.is_empty() {
            return None;
        }
        let mut cells = vec![GridCell::default(); self.leaves.len()];
        for piece in &label {
            cells[0].text.push(&piece.text());
        }
        for (at, number) in numbers.iter().enumerate() {
            self.leaves[first + at].columns = number.columns.clone();
            self.leaves[first + at].numbered = true;
            cells[first + at].text = number.text();
        }
        Some(GridRow { cells, header: false })
    }

    /// The header with every label in its columns.
    pub fn into_rows(self) -> Vec<GridRow> {
        let depth = self.leaves.iter().map(|leaf| leaf.groups.len()).max().unwrap_or(0) + 1;
        let row = |level: usize| {
            let mut before: Option<&Text> = None;
            let cells = self.leaves.iter().map(|leaf| {
                let group = leaf.groups.get(level);
                let again = group.is_some_and(|group| before.is_some_and(|before| before.place() == group.place()));
                before = group;
                match (group, level.cmp(&leaf.groups.len())) {
                    (Some(_), _) if again => GridCell { cover: Cover::Left, ..GridCell::default() },
                    (Some(group), _) => GridCell::from(group.clone()),
                    (None, std::cmp::Ordering::Equal) => GridCell::from(leaf.text.clone()),
                    (None, _) => GridCell { cover: Cover::Above, ..GridCell::default() },
                }
            });
            GridRow { cells: cells.collect(), header: false }
        };
        (0..depth).map(row).collect()
    }
}

/// The labels of a form that the lines print; `None` where something on them is none.
fn labels(index: &Index, form: usize, lines: &[Line]) -> Option<Vec<Printed>> {
    let printed = |text: Text, columns: Range<usize>, lines: Range<usize>| {
        let label = index.label(text.as_str());
        let known = index.is_head(form, text.as_str()) || label.is_neutral();
        Printed { text, label, columns, lines, known }
    };
    let mut found: Vec<Printed> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut row: Vec<Printed> = Vec::new();
        for piece in &line.pieces {
            let whole = printed(piece.text(), piece.columns.clone(), number..number + 1);
            if whole.known {
                row.push(whole);
                continue;
            }
            // Columns that are close have one blank between them.
            let words = piece.words(line.measure);
            row.extend(words.into_iter().map(|word| printed(word.text(), word.columns.clone(), number..number + 1)));
        }
        // `项  目`, `合  计`
        let mut at = 0;
        while at + 1 < row.len() {
            let (one, other) = (&row[at], &row[at + 1]);
            // 项 is a label of its own too.
            let may_be_piece = |label: &Printed| !label.known || label.text.as_str().chars().count() == 1;
            if may_be_piece(one) && may_be_piece(other) && !(one.known && other.known) {
                let both =
                    printed(joined(&one.text, &other.text), one.columns.start..other.columns.end, one.lines.clone());
                if both.known {
                    row.splice(at..at + 2, [both]);
                    continue;
                }
            }
            at += 1;
        }
        found.append(&mut row);
    }
    while let Some(loose) = found.iter().position(|label| !label.known) {
        let (pieces, whole) = stacks(&found, loose).into_iter().find_map(|pieces| {
            let mut text = found[pieces[0]].text.clone();
            pieces[1..].iter().for_each(|at| text.push(&found[*at].text));
            let all = || pieces.iter().map(|at| &found[*at]);
            let columns = all().map(|label| label.columns.start).min()?..all().map(|label| label.columns.end).max()?;
            let lines = found[pieces[0]].lines.start..found[*pieces.last()?].lines.end;
            Some((pieces.clone(), printed(text, columns, lines))).filter(|(_, whole)| whole.known)
        })?;
        let mut at = 0;
        found.retain(|_| {
            at += 1;
            !pieces.contains(&(at - 1))
        });
        found.push(whole);
    }
    Some(found)
}

fn joined(one: &Text, other: &Text) -> Text {
    let mut both = one.clone();
    both.push(other);
    both
}

/// The labels above and below one that it may be a piece of, from the top; those of two pieces first.
fn stacks(labels: &[Printed], loose: usize) -> Vec<Vec<usize>> {
    let is_near = |one: &Printed, other: &Printed| {
        one.lines.end <= other.lines.start
            && other.lines.start - one.lines.end < BELOW
            && one.columns.start < other.columns.end + 1
            && other.columns.start < one.columns.end + 1
    };
    let mut stacks: Vec<Vec<usize>> = vec![vec![loose]];
    let mut all: Vec<Vec<usize>> = Vec::new();
    for _ in 1..WRAPPED {
        let mut longer: Vec<Vec<usize>> = Vec::new();
        for stack in &stacks {
            for at in 0..labels.len() {
                if is_near(&labels[stack[stack.len() - 1]], &labels[at]) {
                    longer.push(stack.iter().copied().chain([at]).collect());
                }
                if is_near(&labels[at], &labels[stack[0]]) {
                    longer.push(std::iter::once(at).chain(stack.iter().copied()).collect());
                }
            }
        }
        longer.sort();
        longer.dedup();
        all.extend(longer.iter().cloned());
        stacks = longer;
    }
    all
}

/// Whether a label is printed more often than columns of the form have it.
fn is_printed_too_often(form: &Form, label: &Printed, labels: &[Printed]) -> bool {
    let often = labels.iter().filter(|other| other.label.key == label.label.key).count();
    often > 1 && often > heads(form).filter(|(_, head)| head.iter().any(|part| label.label.is(part))).count()
}

/// Whether a label stands over another one of the form that is printed below it.
fn is_over(form: &Form, label: &Printed, labels: &[Printed]) -> bool {
    let below = |other: &Printed| {
        other.lines.start >= label.lines.start && other.text.place() != label.text.place() && leads(form, label, other)
    };
    labels.iter().any(below)
}

/// Whether the form has a label over another.
fn leads(form: &Form, group: &Printed, leaf: &Printed) -> bool {
    let in_head = heads(form).any(|(_, head)| {
        let over = head.iter().position(|part| group.label.is(part));
        over.is_some_and(|over| head[over + 1..].iter().any(|part| leaf.label.is(part)))
    });
    in_head
        || form.columns.iter().any(|column| {
            let mut paths = std::iter::once(&column.head).chain(&column.aliases);
            column.parts.iter().any(|part| leaf.label.is(part))
                && paths.any(|path| path.iter().any(|part| group.label.is(part)))
        })
}

/// The column of the form that each leaf is, `None` for one of another year; `None` where that cannot be told.
fn columns(form: &Form, leaves: &[Printed], groups: &[Printed]) -> Option<Vec<Option<usize>>> {
    let mut columns: Vec<Option<usize>> = vec![None; leaves.len()];
    let mut done = vec![false; leaves.len()];
    for at in 0..leaves.len() {
        if done[at] {
            continue;
        }
        let leaf = &leaves[at].label;
        let same: Vec<usize> = (at..leaves.len()).filter(|other| leaves[*other].label.key == leaf.key).collect();
        same.iter().for_each(|other| done[*other] = true);
        let mut candidates: Vec<usize> = Vec::new();
        for (column, head) in heads(form) {
            let is_last = head.last().is_some_and(|last| leaf.is(last));
            let taken = columns.contains(&Some(column));
            if is_last && !taken && !candidates.contains(&column) {
                candidates.push(column);
            }
        }
        if candidates.is_empty() {
            let part = |spec: &crate::form::ColumnSpec| spec.parts.iter().any(|part| leaf.is(part));
            match form.columns.iter().position(part) {
                Some(column) if same.len() == 1 => columns[at] = Some(column),
                // The amounts of another year stand beside the form's own.
                None if leaf.is_neutral() => {}
                _ => return None,
            }
            continue;
        }
        if candidates.len() > same.len() {
            // A column whose group is printed, or that has none.
            let fits = |column: &usize| {
                heads(form).filter(|(number, _)| number == column).any(|(_, head)| match head.split_last() {
                    Some((last, [])) => leaf.is(last),
                    Some((last, parents)) => leaf.is(last) && parents.iter().any(|part| is_printed(part, groups)),
                    None => false,
                })
            };
            candidates.retain(fits);
        }
        if candidates.len() != same.len() {
            return None;
        }
        candidates.sort_unstable();
        for (leaf, column) in same.into_iter().zip(candidates) {
            columns[leaf] = Some(column);
        }
    }
    Some(columns)
}

fn is_printed(part: &Pattern, groups: &[Printed]) -> bool {
    groups.iter().any(|group| group.label.is(part))
}

/// The printed groups over a leaf that the form has over it in some print, from the top.
fn groups_of<'g>(form: &Form, column: usize, leaf: &Label, groups: &'g [Printed]) -> Vec<&'g Printed> {
    let spec = &form.columns[column];
    let part = spec.parts.iter().any(|part| leaf.is(part));
    let over = |group: &Label| {
        std::iter::once(&spec.head).chain(&spec.aliases).any(|head| {
            let parents =
                if part { head.as_slice() } else { head.split_last().map_or(&[][..], |(_, parents)| parents) };
            parents.iter().any(|part| group.is(part))
        })
    };
    let mut found: Vec<&Printed> = groups.iter().filter(|group| over(&group.label)).collect();
    found.sort_by_key(|group| group.lines.start);
    found
}
