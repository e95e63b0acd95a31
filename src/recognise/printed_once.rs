//! Headers that print merged cells once, as the text of a Word table does a cell a line: which label
//! stands over which column has to be found out.

use std::rc::Rc;

use foldhash::{HashSet, HashSetExt};

use super::header::{Label, Printed, heads, is_group, is_parted, match_column};
use crate::form::Form;
use crate::form::label::Pattern;

/// Header paths when merged cells are printed once: the last row has a cell for each column,
/// blank under the labels of the row before that reach down.
pub(super) fn paths_collapsed<'p>(form: &Form, printed: &'p Printed) -> Vec<Vec<&'p Label>> {
    if let [years, rest @ ..] = printed
        && !rest.is_empty()
        && years.iter().flatten().all(|label| label.is_neutral())
    {
        let mut paths = paths_collapsed(form, rest);
        put_under_years(years.iter().flatten().map(Rc::as_ref).collect(), &mut paths);
        return paths;
    }
    if printed.len() > 2
        && let Some(paths) = paths_of_levels(form, printed)
    {
        return paths;
    }
    let Some((leaves, upper)) = printed.split_last() else { return Vec::new() };
    let Some(top) = upper.first() else {
        return leaves.iter().map(|leaf| leaf.as_deref().into_iter().collect()).collect();
    };
    let tops: Vec<&Label> = top.iter().flatten().map(Rc::as_ref).collect();
    let mut next = 0;
    let mut group: Option<&Label> = None;
    let mut under_group: Vec<&Label> = Vec::new();
    let mut used: HashSet<usize> = HashSet::new();
    let mut paths = Vec::new();
    for leaf in leaves {
        let Some(leaf) = leaf.as_deref() else {
            group = None;
            paths.push(tops.get(next).copied().into_iter().collect());
            next += 1;
            continue;
        };
        // The columns of each year begin anew.
        let again = under_group.iter().any(|label| label.key == leaf.key);
        if again
            && group.is_some_and(|label| label.year.is_some())
            && tops.get(next).is_some_and(|top| top.year.is_some())
        {
            group = None;
            used.clear();
        }
        let fits = |group: &Label| match_column(form, &[group, leaf], &used).map(|(column, _)| column);
        // The form says which group a label stands under; an alias without a group is a weaker hint.
        let under = |group: &Label| fits(group).filter(|column| stands_under(form, *column, group, leaf));
        let mut column = group.and_then(under);
        let before = next;
        if column.is_none()
            && let Some(label) = tops.get(next).copied()
        {
            let found = under(label).or_else(|| fits(label).filter(|_| group.is_none()));
            // A label that the form does not know parts a column of amounts.
            if found.is_some() || (group.is_none() && (is_group(form, label) || is_parted(form, label))) {
                group = Some(label);
                next += 1;
                column = found;
            }
        }
        if next > before {
            under_group.clear();
        }
        under_group.push(leaf);
        if let Some(column) = column.or_else(|| group.and_then(fits)) {
            used.insert(column);
        }
        paths.push(group.into_iter().chain(std::iter::once(leaf)).collect());
    }
    paths
}

/// Puts the years of a row of their own over the columns: each year has the same ones.
fn put_under_years<'p>(years: Vec<&'p Label>, paths: &mut [Vec<&'p Label>]) {
    let same =
        |one: &[&Label], other: &[&Label]| one.iter().map(|label| &label.key).eq(other.iter().map(|label| &label.key));
    let most = if years.is_empty() { 0 } else { paths.len() / years.len() };
    let run = |width: usize| {
        let from = paths.len() - width * years.len();
        (from..paths.len() - width).all(|at| same(&paths[at], &paths[at + width])).then_some((from, width))
    };
    let Some((from, width)) = (1..=most).rev().find_map(run) else { return };
    for (year, group) in years.into_iter().zip(paths[from..].chunks_mut(width)) {
        group.iter_mut().for_each(|path| path.insert(0, year));
    }
}

/// Header paths of three or more rows: each cell of a row stands under one of the row above, and a
/// blank is the rest of the one above it. The form says where a group ends that is beside another.
fn paths_of_levels<'p>(form: &Form, printed: &'p Printed) -> Option<Vec<Vec<&'p Label>>> {
    let mut paths: Vec<Vec<&Label>> =
        printed.first()?.iter().map(|label| label.as_deref().into_iter().collect()).collect();
    for row in &printed[1..] {
        let row: Vec<Option<&Label>> = row.iter().map(Option::as_deref).collect();
        let parents = parents(form, &paths, &row)?;
        let under = |(child, parent): (&Option<&'p Label>, usize)| -> Vec<&'p Label> {
            paths[parent].iter().copied().chain(*child).collect()
        };
        paths = row.iter().zip(parents).map(under).collect();
    }
    Some(paths)
}

/// The cell of the row above for each cell of a row, in order, so that most stand where the form has
/// them; `None` where the rows do not fit together.
fn parents(form: &Form, above: &[Vec<&Label>], row: &[Option<&Label>]) -> Option<Vec<usize>> {
    /// More columns than any form has.
    const MOST: usize = 60;
    if row.len() > MOST || above.len() > row.len() {
        return None;
    }
    // Best score of the cells from the start when cell `at` stands under `parent`, and how many cells that
    // parent has before it.
    let mut best: Vec<Vec<Option<(i32, usize)>>> = vec![vec![None; above.len()]; row.len()];
    for (at, child) in row.iter().enumerate() {
        for (parent, path) in above.iter().enumerate() {
            let fit = match (child, path.last()) {
                (None, _) => 0,
                (Some(_), None) => continue,
                (Some(child), Some(group)) => follows(form, group, child),
            };
            let first = match (at.checked_sub(1), parent.checked_sub(1)) {
                (None, None) => Some(0),
                (Some(before), Some(left)) => best[before][left].map(|(score, _)| score),
                _ => None,
            };
            // A cell whose rest is below has nothing else below.
            let more = at.checked_sub(1).filter(|before| child.is_some() && row[*before].is_some());
            let more = more.and_then(|before| best[before][parent]);
            let begins = first.map(|score| (score + fit, 0));
            let goes_on = more.map(|(score, count)| (score + fit, count + 1));
            best[at][parent] = begins.into_iter().chain(goes_on).max_by_key(|(score, _)| *score);
        }
    }
    let mut parents = vec![0; row.len()];
    let (mut at, mut parent) = (row.len().checked_sub(1)?, above.len().checked_sub(1)?);
    loop {
        let (_, count) = best[at][parent]?;
        parents[at - count..=at].fill(parent);
        match (at.checked_sub(count + 1), parent.checked_sub(1)) {
            (Some(before), Some(left)) => (at, parent) = (before, left),
            (None, None) => return Some(parents),
            _ => return None,
        }
    }
}

/// How sure it is that a label stands under another: it does in the form, or the other heads no group.
fn follows(form: &Form, group: &Label, child: &Label) -> i32 {
    let pair = |head: &[Pattern]| head.windows(2).any(|pair| group.is(&pair[0]) && child.is(&pair[1]));
    match heads(form).any(|(_, head)| pair(head)) {
        true => 2,
        false if group.year.is_some() || is_group(form, group) => 0,
        false => -1,
    }
}

/// Whether a head of the column has the label under the group.
pub(super) fn stands_under(form: &Form, column: usize, group: &Label, leaf: &Label) -> bool {
    heads(form).filter(|(index, _)| *index == column).any(|(_, head)| match head.split_last() {
        Some((last, parents)) => leaf.is(last) && parents.iter().any(|part| group.is(part)),
        None => false,
    })
}
