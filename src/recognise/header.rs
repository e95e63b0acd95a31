//! Headers: which rows of a grid are column heads of a form, and which column is which.

use std::cmp::Ordering;
use std::rc::Rc;

use foldhash::{HashSet, HashSetExt};

use super::grid::Row;
use super::index::Index;
use crate::document::Cover;
use crate::filing::amount;
use crate::form::label::{Folded, Pattern, fold_label};
use crate::form::{ColumnSpec, Form};

/// A printed label and its folded form.
#[derive(Clone, Debug)]
pub(super) struct Label {
    printed: String,
    key: String,
    folded: Folded,
}

impl Label {
    pub fn new(printed: &str) -> Label {
        Label { printed: printed.to_owned(), key: fold_label(printed), folded: Folded::new(printed) }
    }

    fn is(&self, pattern: &Pattern) -> bool {
        match pattern.key() {
            Some(key) => key == self.key,
            None => pattern.matches_folded(&self.folded) || pattern.is_unfilled(&self.folded),
        }
    }
}

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
    /// Columns whose header cells are blank and their own: in an exact grid they are columns
    /// without a name, and no part of the merged cell at their left.
    pub bare: Vec<usize>,
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
        hits += usize::from(index.is_head(form, token.str()));
    }
    hits >= least && hits * 10 >= cells * 7
}

/// Whether a row right under header rows is one too, though it has labels of its own making: merged
/// cells of the header reach into it.
fn is_under_header(index: &Index, form: usize, row: &Row) -> bool {
    row.cells.iter().any(|cell| cell.cover == Cover::Above)
        && row.tokens().any(|token| index.is_head(form, token.str()))
        && row.tokens().all(|token| amount::parse(token.str()).is_none())
}

/// A header stands in the first rows of a grid.
const REACH: usize = 40;

/// Finds the header of a form in the rows from `from` on. On a sheet of our own every label stands in
/// its column, and no other reading is tried.
pub(super) fn find(index: &Index, number: usize, rows: &[Row], from: usize, own: bool) -> Option<Header> {
    let reach = rows.len().min(from + REACH);
    let start = (from..reach).find(|&row| is_header_row(index, number, &rows[row], 2))?;
    read(index, number, rows, start, own)
}

/// Reads the header that stands at `start`.
pub(super) fn read(index: &Index, number: usize, rows: &[Row], start: usize, own: bool) -> Option<Header> {
    let form = index.forms[number];
    let heads = form.columns.iter().flat_map(|column| std::iter::once(&column.head).chain(&column.aliases));
    let deepest = heads.map(Vec::len).max()?;
    let mut end = start + 1;
    // On a sheet of our own a cell of the header that has nothing under it reaches down to the body.
    let goes_on = |end: usize| {
        !own || rows[end].cells.iter().any(|cell| cell.cover == Cover::Above)
            || rows[end - 1].tokens().any(|token| is_group(form, &index.label(token.str())))
    };
    while end < rows.len()
        && end - start < deepest + 1
        && goes_on(end)
        && (is_header_row(index, number, &rows[end], 2) || is_under_header(index, number, &rows[end]))
        && !same_row(&rows[start], &rows[end])
    {
        end += 1;
    }
    let (columns, labels) = assign(index, form, &rows[start..end], rows.get(end).map_or(0, |row| row.cells.len()), own);
    let separate = |column: usize| {
        rows[start..end].iter().all(|row| row.cells.get(column).is_some_and(|cell| cell.cover != Cover::Left))
    };
    let bare = (0..columns.len()).filter(|&column| columns[column] == Assigned::Blank && separate(column)).collect();
    while end < rows.len() && (is_numbering(form, &rows[end]) || same_row(&rows[start], &rows[end])) {
        end += 1;
    }
    Some(Header { start, end, columns, labels, bare })
}

/// Whether two rows print the same labels.
pub(super) fn same_row(one: &Row, other: &Row) -> bool {
    let mut others = other.tokens();
    let all = one.tokens().all(|token| {
        others
            .next()
            .is_some_and(|other| token.str() == other.str() || fold_label(token.str()) == fold_label(other.str()))
    });
    all && others.next().is_none()
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

/// A printed label of each cell of a header, where it has one.
type Printed = Vec<Vec<Option<Rc<Label>>>>;

/// Columns as assigned, and the printed header path of each form column found.
type Assignment = (Vec<Assigned>, Vec<(usize, Vec<String>)>);

/// Assigns physical columns, from a header whose cells stand in their columns or from one that
/// prints merged cells once. Both readings are tried: a table may print merged cells once and
/// still pad its rows.
fn assign(index: &Index, form: &Form, header: &[Row], body_width: usize, own: bool) -> Assignment {
    let width = header.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let aligned = header.iter().all(|row| row.cells.len() == width || row.cells.len() == body_width);
    let printed: Printed = header
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .map(|cell| Some(cell.text.as_str()).filter(|text| !text.is_empty()).map(|text| index.label(text)))
                .collect()
        })
        .collect();
    let by_column = take(form, paths_by_column(form, header, &printed, width, own));
    if own {
        return by_column;
    }
    let collapsed = take(form, paths_collapsed(form, &printed));
    let better = quality(&collapsed).cmp(&quality(&by_column)).then_with(|| match collapsed.1 == by_column.1 {
        true => Ordering::Equal,
        // The groups tell: a padded row puts a label under the group at its right.
        false => whole_paths(form, &collapsed).cmp(&whole_paths(form, &by_column)),
    });
    if better.is_gt() || (!aligned && better.is_eq()) { collapsed } else { by_column }
}

/// Form columns found, less what the form does not know.
fn quality((columns, _): &Assignment) -> i64 {
    columns
        .iter()
        .map(|assigned| match assigned {
            Assigned::Column(_) => 1,
            Assigned::Unknown(_) => -2,
            Assigned::Part(_) | Assigned::Blank => 0,
        })
        .sum()
}

/// Form columns whose printed path is, label by label, one that the form declares.
fn whole_paths(form: &Form, (_, labels): &Assignment) -> usize {
    let is_whole = |(column, printed): &&(usize, Vec<String>)| {
        let printed: Vec<Label> = printed.iter().map(|label| Label::new(label)).collect();
        heads(form).any(|(index, head)| {
            index == *column
                && head.len() == printed.len()
                && head.iter().zip(&printed).all(|(part, label)| label.is(part))
        })
    };
    labels.iter().filter(is_whole).count()
}

fn take(form: &Form, paths: Vec<Vec<&Label>>) -> Assignment {
    let mut used = HashSet::new();
    let mut labels = Vec::new();
    let columns = paths
        .into_iter()
        .map(|path| {
            if path.is_empty() {
                return Assigned::Blank;
            }
            let found = match_column(form, &path, &used);
            let printed: Vec<String> = path.iter().map(|label| label.printed.clone()).collect();
            match found {
                Some((column, true)) => {
                    labels.push((column, printed));
                    Assigned::Part(column)
                }
                Some((column, false)) => {
                    used.insert(column);
                    labels.push((column, printed));
                    Assigned::Column(column)
                }
                None => Assigned::Unknown(printed),
            }
        })
        .collect();
    (columns, labels)
}

/// Header path of each column when every cell stands in its true column.
fn paths_by_column<'p>(
    form: &Form,
    header: &[Row],
    printed: &'p Printed,
    width: usize,
    own: bool,
) -> Vec<Vec<&'p Label>> {
    let mut paths: Vec<Vec<&Label>> = vec![Vec::new(); width];
    for (level, labels) in printed.iter().enumerate() {
        let mut group: Option<(&Label, bool)> = None;
        for (column, path) in paths.iter_mut().enumerate() {
            let cover = header[level].cells.get(column).map_or(Cover::No, |cell| cell.cover);
            let below = || printed[level + 1..].iter().any(|labels| labels.get(column).is_some_and(Option::is_some));
            match (labels.get(column).and_then(Option::as_deref), group) {
                (Some(label), _) => {
                    group = Some((label, is_group(form, label)));
                    push_label(path, label);
                }
                (None, _) if cover == Cover::Above => group = None,
                // A group stands over the columns at its right that have labels of their own below.
                (None, Some((label, true))) if cover == Cover::Left || below() => push_label(path, label),
                (None, Some((label, false))) if cover == Cover::Left && below() => push_label(path, label),
                (None, _) => {}
            }
        }
    }
    // A group over a column without a label of its own is a blank column. We write none.
    for path in &mut paths {
        if !own
            && let [label] = path.as_slice()
            && is_group(form, label)
            && !is_leaf(form, label)
        {
            path.clear();
        }
    }
    paths
}

fn push_label<'p>(path: &mut Vec<&'p Label>, label: &'p Label) {
    if path.last().is_none_or(|last| last.key != label.key) {
        path.push(label);
    }
}

/// Header paths when merged cells are printed once: the last row has a cell for each column,
/// blank under the labels of the row before that reach down.
fn paths_collapsed<'p>(form: &Form, printed: &'p Printed) -> Vec<Vec<&'p Label>> {
    let Some((leaves, upper)) = printed.split_last() else { return Vec::new() };
    let Some(top) = upper.first() else {
        return leaves.iter().map(|leaf| leaf.as_deref().into_iter().collect()).collect();
    };
    let tops: Vec<&Label> = top.iter().flatten().map(Rc::as_ref).collect();
    let mut next = 0;
    let mut group: Option<&Label> = None;
    let mut used: HashSet<usize> = HashSet::new();
    let mut paths = Vec::new();
    for leaf in leaves {
        let Some(leaf) = leaf.as_deref() else {
            group = None;
            paths.push(tops.get(next).copied().into_iter().collect());
            next += 1;
            continue;
        };
        let fits = |group: &Label| match_column(form, &[group, leaf], &used).map(|(column, _)| column);
        // The form says which group a label stands under; an alias without a group is a weaker hint.
        let under = |group: &Label| fits(group).filter(|column| stands_under(form, *column, group, leaf));
        let mut column = group.and_then(under);
        if column.is_none()
            && let Some(label) = tops.get(next).copied()
            && let Some(found) = under(label).or_else(|| fits(label).filter(|_| group.is_none()))
        {
            group = Some(label);
            next += 1;
            column = Some(found);
        }
        if let Some(column) = column.or_else(|| group.and_then(fits)) {
            used.insert(column);
        }
        paths.push(group.into_iter().chain(std::iter::once(leaf)).collect());
    }
    paths
}

/// Whether a head of the column has the label under the group.
fn stands_under(form: &Form, column: usize, group: &Label, leaf: &Label) -> bool {
    heads(form).filter(|(index, _)| *index == column).any(|(_, head)| match head.split_last() {
        Some((last, parents)) => leaf.is(last) && parents.iter().any(|part| group.is(part)),
        None => false,
    })
}

/// Whether a label heads a group of columns.
fn is_group(form: &Form, label: &Label) -> bool {
    heads(form).any(|(_, head)| head[..head.len() - 1].iter().any(|part| label.is(part)))
        || form.columns.iter().any(|column| !column.parts.is_empty() && column.head.iter().any(|part| label.is(part)))
}

fn is_leaf(form: &Form, label: &Label) -> bool {
    heads(form).any(|(_, head)| head.last().is_some_and(|part| label.is(part)))
}

fn heads(form: &Form) -> impl Iterator<Item = (usize, &Vec<Pattern>)> {
    form.columns
        .iter()
        .enumerate()
        .flat_map(|(index, column)| std::iter::once(&column.head).chain(&column.aliases).map(move |head| (index, head)))
}

/// The form column for a header path, and whether it is one of its parts.
fn match_column(form: &Form, path: &[&Label], used: &HashSet<usize>) -> Option<(usize, bool)> {
    let (leaf, groups) = path.split_last()?;
    let mut best: Option<(usize, usize)> = None;
    for (index, head) in heads(form) {
        let Some((last, parents)) = head.split_last() else { continue };
        if !leaf.is(last) || used.contains(&index) {
            continue;
        }
        let shared = parents.iter().filter(|part| groups.iter().any(|label| label.is(part))).count();
        // A leaf under the wrong group is another column; without any group it may be this one.
        if shared == 0 && !parents.is_empty() && !groups.is_empty() {
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
    let part = |column: &ColumnSpec| column.parts.iter().any(|part| leaf.is(part));
    form.columns.iter().position(part).map(|index| (index, true))
}
