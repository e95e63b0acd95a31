//! Headers: which rows of a grid are column heads of a form, and which column is which.

use std::collections::HashSet;

use super::grid::Row;
use super::index::{Index, Use, fold_label};
use crate::document::Cover;
use crate::form::label::Pattern;
use crate::form::{ColumnSpec, Form};

/// What a physical column of a grid is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// A column of the form, by its index.
    Column(usize),
    /// One of several printed columns (类, 款, 项) of a form's column.
    Part(usize),
    /// A column the form does not know, with its header path.
    Unknown(Vec<String>),
    /// No header: part of a merged cell.
    Blank,
}

/// A header found in a grid.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// First header row.
    pub start: usize,
    /// One past the last header row, the row of column numbers included.
    pub end: usize,
    /// What each physical column is.
    pub columns: Vec<Assigned>,
    /// Printed header path of each form column found.
    pub labels: Vec<(usize, Vec<String>)>,
}

impl Header {
    /// Form columns found.
    pub fn found(&self) -> HashSet<usize> {
        self.columns
            .iter()
            .filter_map(|assigned| match assigned {
                Assigned::Column(column) | Assigned::Part(column) => Some(*column),
                _ => None,
            })
            .collect()
    }

    /// How well the header fits the form: columns found, less what is missing or unknown.
    pub fn score(&self, form: &Form) -> f64 {
        let found = self.found();
        let unknown = self.columns.iter().filter(|assigned| matches!(assigned, Assigned::Unknown(_))).count();
        let missing: f64 = form
            .columns
            .iter()
            .enumerate()
            .filter(|(index, _)| !found.contains(index))
            .map(|(_, column)| if column.optional { 0.1 } else { 1.0 })
            .sum();
        found.len() as f64 - 2.0 * unknown as f64 - missing
    }
}

/// Whether a row may be a header row of a form: its labels are the form's.
pub(super) fn is_header_row(index: &Index, form: usize, row: &Row, least: usize) -> bool {
    let (mut cells, mut hits) = (0, 0);
    for token in row.tokens() {
        cells += 1;
        hits += usize::from(index.uses(token.str()).contains(&Use::Head { form }));
    }
    hits >= least && hits * 10 >= cells * 7
}

/// Finds the header of a form in the rows from `from` on.
pub(super) fn find(index: &Index, number: usize, rows: &[Row], from: usize) -> Option<Header> {
    let form = index.forms[number];
    let deepest = form
        .columns
        .iter()
        .flat_map(|column| std::iter::once(&column.head).chain(&column.aliases))
        .map(Vec::len)
        .max()?;
    let start = (from..rows.len()).find(|&row| is_header_row(index, number, &rows[row], 2))?;
    let mut end = start + 1;
    while end < rows.len()
        && end - start < deepest + 1
        && is_header_row(index, number, &rows[end], 1)
        && !same_row(&rows[start], &rows[end])
    {
        end += 1;
    }
    let (columns, labels) = assign(form, &rows[start..end], rows.get(end).map_or(0, |row| row.cells.len()));
    while end < rows.len() && (is_numbering(form, &rows[end]) || same_row(&rows[start], &rows[end])) {
        end += 1;
    }
    Some(Header { start, end, columns, labels })
}

/// Whether two rows print the same labels.
pub(super) fn same_row(one: &Row, other: &Row) -> bool {
    let labels = |row: &Row| row.tokens().map(|token| fold_label(token.str())).collect::<Vec<_>>();
    labels(one) == labels(other)
}

/// The row of column numbers (栏次 1 2 3 …, or 1 2 3 … alone).
fn is_numbering(form: &Form, row: &Row) -> bool {
    let tokens: Vec<_> = row.tokens().collect();
    let label = form.numbering.as_deref().unwrap_or("栏次");
    let numbers = match tokens.split_first() {
        Some((first, rest)) if fold_label(first.str()) == fold_label(label) => rest,
        Some(_) => tokens.as_slice(),
        None => return false,
    };
    numbers.len() >= 3 && numbers.iter().enumerate().all(|(index, token)| token.str() == (index + 1).to_string())
}

/// Assigns physical columns, from a header whose cells stand in their columns or from one that
/// prints merged cells once.
fn assign(form: &Form, header: &[Row], body_width: usize) -> (Vec<Assigned>, Vec<(usize, Vec<String>)>) {
    let width = header.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let aligned = header.iter().all(|row| row.cells.len() == width || row.cells.len() == body_width);
    let quality = |(columns, _): &(Vec<Assigned>, Vec<(usize, Vec<String>)>)| {
        let count = |wanted: fn(&Assigned) -> bool| columns.iter().filter(|assigned| wanted(assigned)).count() as i64;
        count(|assigned| matches!(assigned, Assigned::Column(_)))
            - 2 * count(|assigned| matches!(assigned, Assigned::Unknown(_)))
    };
    let take = |paths: Vec<Vec<String>>| {
        let mut used = HashSet::new();
        let mut labels = Vec::new();
        let columns: Vec<Assigned> = paths
            .into_iter()
            .map(|path| {
                if path.is_empty() {
                    return Assigned::Blank;
                }
                match match_column(form, &path, &used) {
                    Some((column, true)) => {
                        labels.push((column, path));
                        Assigned::Part(column)
                    }
                    Some((column, false)) => {
                        used.insert(column);
                        labels.push((column, path));
                        Assigned::Column(column)
                    }
                    None => Assigned::Unknown(path),
                }
            })
            .collect();
        (columns, labels)
    };
    let by_column = take(paths_by_column(form, header, width));
    let collapsed = take(paths_collapsed(form, header));
    // Both readings are tried: a table may print merged cells once and still pad its rows.
    if quality(&collapsed) > quality(&by_column) || (!aligned && quality(&collapsed) == quality(&by_column)) {
        collapsed
    } else {
        by_column
    }
}

/// Header path of each column when every cell stands in its true column.
fn paths_by_column(form: &Form, header: &[Row], width: usize) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = vec![Vec::new(); width];
    for (level, row) in header.iter().enumerate() {
        let mut group: Option<&str> = None;
        for (column, path) in paths.iter_mut().enumerate() {
            let text = row.str(column);
            let cover = row.cells.get(column).map_or(Cover::No, |cell| cell.cover);
            if !text.is_empty() {
                group = Some(text);
                push_label(path, text);
            } else if cover == Cover::Above {
                group = None;
            } else if let Some(label) = group.filter(|label| is_group(form, label)) {
                // A group stands over the columns at its right that have labels of their own below.
                let below = header[level + 1..].iter().any(|row| !row.str(column).is_empty());
                if below || cover == Cover::Left {
                    push_label(path, label);
                }
            } else if cover == Cover::Left
                && let Some(label) = group
                && header[level + 1..].iter().any(|row| !row.str(column).is_empty())
            {
                push_label(path, label);
            }
        }
    }
    // A group over a column without a label of its own is a blank column.
    for path in &mut paths {
        if path.len() == 1 && is_group(form, &path[0]) && !is_leaf(form, &path[0]) {
            path.clear();
        }
    }
    paths
}

fn push_label(path: &mut Vec<String>, label: &str) {
    if path.last().is_none_or(|last| last != label) {
        path.push(label.to_owned());
    }
}

/// Header paths when merged cells are printed once: the last row has a cell for each column,
/// blank under the labels of the row before that reach down.
fn paths_collapsed(form: &Form, header: &[Row]) -> Vec<Vec<String>> {
    let Some((leaf, upper)) = header.split_last() else { return Vec::new() };
    let Some(top) = upper.first() else {
        return leaf.cells.iter().map(|cell| vec![cell.text.as_str().to_owned()]).collect();
    };
    let tops: Vec<&str> = top.tokens().map(|token| token.cell.text.as_str()).collect();
    let mut next = 0;
    let mut group: Option<&str> = None;
    let mut used: HashSet<usize> = HashSet::new();
    let mut paths = Vec::new();
    for cell in &leaf.cells {
        let text = cell.text.as_str();
        if text.is_empty() {
            group = None;
            paths.push(tops.get(next).map_or_else(Vec::new, |label| vec![(*label).to_owned()]));
            next += 1;
            continue;
        }
        let fits =
            |group: &str| match_column(form, &[group.to_owned(), text.to_owned()], &used).map(|(column, _)| column);
        // The form says which group a label stands under; an alias without a group is a weaker hint.
        let under = |group: &str| fits(group).filter(|column| stands_under(form, *column, group, text));
        let following = tops.get(next).copied();
        let mut column = group.and_then(under);
        if column.is_none()
            && let Some((label, found)) = following
                .and_then(|label| Some((label, under(label).or_else(|| fits(label).filter(|_| group.is_none()))?)))
        {
            group = Some(label);
            next += 1;
            column = Some(found);
        }
        let column = column.or_else(|| group.and_then(fits));
        if let Some(column) = column {
            used.insert(column);
        }
        let mut path: Vec<String> = group.map(str::to_owned).into_iter().collect();
        path.push(text.to_owned());
        paths.push(path);
    }
    paths
}

/// Whether a head of the column has the label under the group.
fn stands_under(form: &Form, column: usize, group: &str, leaf: &str) -> bool {
    heads(form).filter(|(index, _)| *index == column).any(|(_, head)| match head.split_last() {
        Some((last, parents)) => label_is(last, leaf) && parents.iter().any(|part| label_is(part, group)),
        None => false,
    })
}

/// Whether a label heads a group of columns.
fn is_group(form: &Form, label: &str) -> bool {
    heads(form).any(|(_, head)| head.len() > 1 && head[..head.len() - 1].iter().any(|part| label_is(part, label)))
        || form
            .columns
            .iter()
            .any(|column| !column.parts.is_empty() && column.head.iter().any(|part| label_is(part, label)))
}

fn is_leaf(form: &Form, label: &str) -> bool {
    heads(form).any(|(_, head)| head.last().is_some_and(|part| label_is(part, label)))
}

fn heads(form: &Form) -> impl Iterator<Item = (usize, &Vec<Pattern>)> {
    form.columns
        .iter()
        .enumerate()
        .flat_map(|(index, column)| std::iter::once(&column.head).chain(&column.aliases).map(move |head| (index, head)))
}

pub(super) fn label_is(pattern: &Pattern, label: &str) -> bool {
    pattern.is_match(label) || fold_label(pattern.printed()) == fold_label(label)
}

/// The form column for a header path, and whether it is one of its parts.
fn match_column(form: &Form, path: &[String], used: &HashSet<usize>) -> Option<(usize, bool)> {
    let leaf = path.last()?;
    let mut best: Option<(usize, usize)> = None;
    for (index, head) in heads(form) {
        if used.contains(&index) || !head.last().is_some_and(|part| label_is(part, leaf)) {
            continue;
        }
        let parents = &head[..head.len() - 1];
        let shared =
            parents.iter().filter(|part| path[..path.len() - 1].iter().any(|label| label_is(part, label))).count();
        // A leaf under the wrong group is another column; without any group it may be this one.
        if shared < parents.len() && path.len() > 1 && !parents.is_empty() && shared == 0 {
            continue;
        }
        let score = 2 * shared + usize::from(head.len() == path.len());
        if best.is_none_or(|(_, most)| score > most) {
            best = Some((index, score));
        }
    }
    if let Some((index, _)) = best {
        return Some((index, false));
    }
    let part = |column: &ColumnSpec| column.parts.iter().any(|part| label_is(part, leaf));
    form.columns.iter().position(part).map(|index| (index, true))
}
