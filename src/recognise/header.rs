//! Headers: which rows of a grid are column heads of a form, and which column is which.

use std::cmp::Ordering;
use std::rc::Rc;

use foldhash::{HashSet, HashSetExt};

use super::grid::{Cell, Row};
use super::index::Index;
use super::printed_once::{paths_collapsed, stands_under};
use super::words::{self, Year};
use crate::document::Cover;
use crate::filing::amount;
use crate::form::label::{Folded, Pattern, bare_label, fold_label};
use crate::form::{ColumnSpec, Form, Kind};
use crate::text::is_blank;

/// A printed label and its folded form.
#[derive(Clone, Debug)]
pub(super) struct Label {
    printed: String,
    pub key: String,
    /// The key without what numbers it and its unit, where it has such.
    bare: Option<String>,
    folded: Folded,
    /// The year it says that the amounts under it are of.
    pub year: Option<Year>,
    /// It heads a comparison of two years (增减%).
    compares: bool,
}

impl Label {
    pub fn new(printed: &str) -> Label {
        let (key, folded) = (fold_label(printed), Folded::new(printed));
        let words = words::words();
        let compares = words.compare.iter().any(|pattern| pattern.matches_folded(&folded));
        let bare = bare_label(&key).map(str::to_owned);
        Label { printed: printed.to_owned(), year: words.year_of(&key), compares, key, bare, folded }
    }

    /// Any form's table may have it beside the form's own columns.
    pub fn is_neutral(&self) -> bool {
        self.year.is_some() || self.compares
    }

    /// Whether it is the leaf of a header path.
    fn is_last(&self, head: &[Pattern]) -> bool {
        head.last().is_some_and(|leaf| self.is(leaf))
    }

    pub fn is(&self, pattern: &Pattern) -> bool {
        match pattern.key() {
            Some(key) => key == self.key || self.bare.as_deref() == Some(key),
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
    Unknown {
        path: Vec<String>,
        /// Any form's table may have it beside the form's own columns.
        neutral: bool,
    },
    /// No header: part of a merged cell.
    Blank,
}

impl Assigned {
    /// A column that says nothing for the form: neither one of its own, nor another year's.
    fn is_foreign(&self) -> bool {
        matches!(self, Assigned::Unknown { neutral: false, .. })
    }
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
        let unknown = self.columns.iter().filter(|assigned| assigned.is_foreign()).count();
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
        let hit = index.is_head(form, token.str());
        hits += usize::from(hit);
        cells += usize::from(hit || !index.label(token.str()).is_neutral());
    }
    // Below a field block a table of indicators stands, whatever else it says of them.
    let enough = if index.forms[form].layout.is_empty() { 7 } else { 6 };
    hits >= least && (hits * 10 >= cells * enough || (hits * 2 >= cells && prints_all(index, form, row)))
}

/// Whether a row prints every column that the form cannot be without: it is its header, whatever
/// else it prints.
fn prints_all(index: &Index, number: usize, row: &Row) -> bool {
    let labels: Vec<Rc<Label>> = row.tokens().map(|token| index.label(token.str())).collect();
    let printed = |column: &ColumnSpec| {
        let leaves = std::iter::once(&column.head).chain(&column.aliases).filter_map(|head| head.last());
        leaves.chain(&column.parts).any(|leaf| labels.iter().any(|label| label.is(leaf)))
    };
    let mut needed = index.forms[number].columns.iter().filter(|column| !column.optional).peekable();
    needed.peek().is_some() && needed.all(printed)
}

/// Whether a row over a header says of which years the columns under it are.
fn is_year_row(index: &Index, form: usize, row: &Row) -> bool {
    let labels: Vec<Rc<Label>> = row.tokens().map(|token| index.label(token.str())).collect();
    labels.len() > 1
        && labels.iter().any(|label| label.year.is_some())
        && row.tokens().zip(&labels).all(|(token, label)| label.is_neutral() || index.is_head(form, token.str()))
}

/// Whether a row right under header rows parts columns further, into what the form does not know:
/// its texts stand under a head of amounts and the blank cells at its right.
fn parts_columns(index: &Index, number: usize, above: &Row, row: &Row) -> bool {
    let form = index.forms[number];
    let tokens: Vec<_> = row.tokens().collect();
    let first = row.cells.first().is_none_or(|cell| cell.text.is_empty());
    if tokens.len() < 2 || !first || tokens.iter().any(|token| amount::parse(token.str()).is_some()) {
        return false;
    }
    let is_group = |text: &str| is_parted(form, &index.label(text));
    if row.cells.len() > above.cells.len() {
        // Merged cells are printed once: a blank stands under each label but those that are parted.
        let blanks = row.cells.iter().filter(|cell| cell.text.is_empty()).count();
        let groups: Vec<_> = above.tokens().collect();
        return tokens[0].column + tokens.len() - 1 == tokens[tokens.len() - 1].column
            && groups.len() == blanks + 1
            && groups.get(tokens[0].column).is_some_and(|token| is_group(token.str()));
    }
    // Cells of the header reach into the row.
    let merged = row.cells.iter().any(|cell| cell.cover == Cover::Above);
    tokens.iter().all(|token| {
        let is_blank = |column: usize| above.str(column).is_empty();
        let next = token.column + 1;
        let parted = merged
            || is_blank(token.column)
            || words::words().is_subtotal(token.str())
            || (next < above.cells.len() && is_blank(next) && !row.str(next).is_empty());
        let group = (0..=token.column).rev().map(|column| above.str(column)).find(|text| !text.is_empty());
        parted && group.is_some_and(is_group)
    })
}

/// Whether a row right under header rows is one too, though it has labels of its own making: merged
/// cells of the header reach into it. The name of a field block's indicators reaches into their rows.
fn is_under_header(index: &Index, form: usize, row: &Row) -> bool {
    row.cells.iter().any(|cell| cell.cover == Cover::Above)
        && (index.forms[form].layout.is_empty() || row.tokens().any(|token| index.is_head(form, token.str())))
        && row.tokens().all(|token| amount::parse(token.str()).is_none())
}

/// A header stands in the first rows of a grid.
const REACH: usize = 40;

/// Finds the header of a form in the rows from `from` on. On a sheet of our own every label stands in
/// its column, and no other reading is tried.
pub(super) fn find(index: &Index, number: usize, rows: &[Row], from: usize, own: bool) -> Option<Header> {
    let reach = rows.len().min(from + REACH);
    let mut start = (from..reach).find(|&row| is_header_row(index, number, &rows[row], 2))?;
    if start > from && is_year_row(index, number, &rows[start - 1]) {
        start -= 1;
    }
    let top = if own { start } else { top_of(index.forms[number], rows, from, start) };
    read_below(index, number, rows, top, start, own)
}

/// Reads the header that stands at `start`.
pub(super) fn read(index: &Index, number: usize, rows: &[Row], start: usize, own: bool) -> Option<Header> {
    read_below(index, number, rows, start, start, own)
}

/// Reads the header of which `start` is the first row with labels of the form, and `top` the first.
fn read_below(index: &Index, number: usize, rows: &[Row], top: usize, start: usize, own: bool) -> Option<Header> {
    let form = index.forms[number];
    /// Rows of labels that no form knows between those that it does.
    const FOREIGN: usize = 2;
    let heads = form.columns.iter().flat_map(|column| std::iter::once(&column.head).chain(&column.aliases));
    let years = is_year_row(index, number, &rows[start]);
    let deepest = heads.map(Vec::len).max()? + usize::from(years);
    let hangs = |end: usize| rows[end].cells.iter().any(|cell| cell.cover == Cover::Above);
    let mut end = start + 1;
    // On a sheet of our own a cell of the header that has nothing under it reaches down to the body.
    let goes_on = |end: usize| {
        !own || rows[end].cells.iter().any(|cell| cell.cover == Cover::Above)
            || rows[end - 1].tokens().any(|token| {
                let label = index.label(token.str());
                label.year.is_some() || is_group(form, &label)
            })
    };
    while end < rows.len()
        && end - start < deepest + if hangs(end) { 1 + FOREIGN } else { 1 }
        && goes_on(end)
        && (is_header_row(index, number, &rows[end], 2)
            || is_under_header(index, number, &rows[end])
            || parts_columns(index, number, &rows[end - 1], &rows[end]))
        && !same_row(&rows[start], &rows[end])
    {
        end += 1;
    }
    let body_width = rows.get(end).map_or(0, |row| row.cells.len());
    let (columns, labels) = assigned_once(index, number, &rows[top..end], body_width, own);
    let separate = |column: usize| {
        rows[top..end].iter().all(|row| row.cells.get(column).is_some_and(|cell| cell.cover != Cover::Left))
    };
    let bare = (0..columns.len()).filter(|&column| columns[column] == Assigned::Blank && separate(column)).collect();
    while end < rows.len().min(start + REACH) && (is_numbering(form, &rows[end]) || same_row(&rows[start], &rows[end]))
    {
        end += 1;
    }
    Some(Header { start: top, end, columns, labels, bare })
}

/// The first row of a header found at `start`: cells of the rows above may reach down into it. Beside a
/// field block they are its labels.
fn top_of(form: &Form, rows: &[Row], from: usize, start: usize) -> usize {
    let hangs = |row: usize| {
        let from_above = |(column, cell): (usize, &Cell)| {
            let above = rows[row - 1].cells.get(column);
            cell.cover == Cover::Above
                && above.is_some_and(|above| !above.text.is_empty() || above.cover == Cover::Above)
        };
        row > from && rows[row].cells.iter().enumerate().any(from_above)
    };
    // Groups merged over the labels, from the first column on, that no form knows.
    let is_group = |text: &str| amount::parse(text).is_none() && !text.contains(['：', ':']);
    let over = |row: usize| {
        let above = || rows[row - 1].cells.iter();
        row > from
            && above().any(|cell| cell.cover == Cover::Left)
            && rows[row - 1].tokens().nth(1).is_some()
            && rows[row - 1].tokens().next().is_some_and(|token| token.column == 0)
            && rows[row - 1].tokens().all(|token| is_group(token.str()))
    };
    let mut top = start;
    while form.layout.is_empty() && (hangs(top) || over(top)) {
        top -= 1;
    }
    top
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
    let label = form.numbering_label();
    let is_label = |text: &str| {
        let key = fold_label(text);
        key == fold_label(label) || words::words().is_numbering(&key) || key.trim_matches('*').is_empty()
    };
    let (mut labels, mut numbers, mut letters) = (0, 0, 0);
    for token in &tokens {
        // `3=1+2` says what it is the sum of, too.
        let (number, sum) = token.str().split_once(['=', '＝']).unwrap_or((token.str(), ""));
        let number = number.trim_matches(is_blank);
        let of_columns = |ch: char| ch.is_ascii_alphanumeric() || is_blank(ch) || "+-＋－—*×/÷()（）".contains(ch);
        let letter = char::from(b'A' + letters.min(25)).to_string();
        match number {
            _ if !sum.chars().all(of_columns) => return false,
            _ if number == (numbers + 1).to_string() => numbers += 1,
            _ if number == letter => letters += 1,
            _ if sum.is_empty() && is_label(number) => labels += 1,
            _ => return false,
        }
    }
    (numbers == 0 || letters == 0) && (numbers + usize::from(letters) >= 3 || (labels > 0 && numbers > 1))
}

/// A printed label of each cell of a header, where it has one.
pub(super) type Printed = [Vec<Option<Rc<Label>>>];

/// Columns as assigned, and the printed header path of each form column found.
pub(super) type Assignment = (Vec<Assigned>, Vec<(usize, Vec<String>)>);

/// As [`assign`], from memory where the same header came before: dozens of tables of a filing have it.
fn assigned_once(index: &Index, number: usize, header: &[Row], body_width: usize, own: bool) -> Assignment {
    /// Keys longer than this are not remembered, in bytes.
    const LONGEST: usize = 2_048;
    let mut key = format!("{number} {body_width} {own}");
    for row in header {
        key.push('\n');
        for Cell { text, cover, .. } in &row.cells {
            if key.len() + text.as_str().len() > LONGEST {
                return assign(index, index.forms[number], header, body_width, own);
            }
            let mark = match cover {
                Cover::No => ' ',
                Cover::Left => '<',
                Cover::Above => '^',
            };
            // With its length no text can pass for the end of another.
            key.push(mark);
            key.push_str(&text.as_str().len().to_string());
            key.push(':');
            key.push_str(text.as_str());
        }
    }
    index.assigned(key, || assign(index, index.forms[number], header, body_width, own))
}

/// Assigns physical columns, from a header whose cells stand in their columns or from one that
/// prints merged cells once. Both readings are tried: a table may print merged cells once and
/// still pad its rows.
fn assign(index: &Index, form: &Form, header: &[Row], body_width: usize, own: bool) -> Assignment {
    let width = header.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let aligned = header.iter().all(|row| row.cells.len() == width || row.cells.len() == body_width);
    let printed: Vec<Vec<Option<Rc<Label>>>> = header
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .map(|cell| Some(cell.text.as_str()).filter(|text| !text.is_empty()).map(|text| index.label(text)))
                .collect()
        })
        .collect();
    let by_column = take(index, form, paths_by_column(form, header, &printed, width, own), own);
    // Where cells are merged every label stands in its column.
    let placed = header.iter().flat_map(|row| &row.cells).any(|cell| cell.cover != Cover::No);
    if own || placed {
        return by_column;
    }
    let collapsed = take(index, form, paths_collapsed(form, &printed), own);
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
            unknown if unknown.is_foreign() => -2,
            Assigned::Unknown { .. } | Assigned::Part(_) | Assigned::Blank => 0,
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

fn take(index: &Index, form: &Form, paths: Vec<Vec<&Label>>, own: bool) -> Assignment {
    let mut used = HashSet::new();
    let mut parts: HashSet<(usize, &str)> = HashSet::new();
    let mut labels = Vec::new();
    let current = current_year(form, &paths, index.year, own);
    let over_all = over_all(form, &paths);
    let columns = paths
        .into_iter()
        .map(|path| {
            if path.is_empty() {
                return Assigned::Blank;
            }
            let printed: Vec<String> = path.iter().map(|label| label.printed.clone()).collect();
            if let (Some(current), Some(year)) = (current, year_of(&path))
                && year != current
            {
                return Assigned::Unknown { path: printed, neutral: true };
            }
            // The year says nothing of which column it is, unless the rest does not tell.
            let plain: Vec<&Label> = path.iter().copied().filter(|label| label.year.is_none()).collect();
            let found = (!plain.is_empty()).then(|| match_path(form, &plain, &used)).flatten();
            let found = found.or_else(|| match_path(form, &path, &used));
            let below =
                || path.split_first().filter(|(top, rest)| !rest.is_empty() && over_all == Some(top.key.as_str()));
            let found = found.or_else(|| match_path(form, below()?.1, &used));
            // Each part of a code is printed once; what comes again is another code.
            let found = found.filter(|(column, part)| {
                !part || path.last().is_some_and(|leaf| parts.insert((*column, leaf.key.as_str())))
            });
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
                None => Assigned::Unknown { path: printed, neutral: path.iter().any(|label| label.is_neutral()) },
            }
        })
        .collect();
    (columns, labels)
}

/// A label that the form does not know, over all columns but those that reach up beside it: it says nothing
/// of which column is which (`2024年政府性基金预算支出` over 合计, 基本支出, 项目支出).
fn over_all<'p>(form: &Form, paths: &[Vec<&'p Label>]) -> Option<&'p str> {
    let mut tops = paths.iter().filter(|path| path.len() > 1).map(|path| path[0]);
    let top = tops.next()?;
    let all = tops.clone().next().is_some() && tops.all(|other| other.key == top.key);
    (all && !is_group(form, top)).then_some(top.key.as_str())
}

fn year_of(path: &[&Label]) -> Option<Year> {
    path.iter().find_map(|label| label.year)
}

/// The group of columns that a column stands in, where it is none of a year.
fn group_of<'p>(path: &[&'p Label]) -> Option<&'p str> {
    path.first().filter(|top| top.year.is_none() && path.len() > 1).map(|top| top.key.as_str())
}

/// The year whose columns are the form's: the one of the filing, or the last. `None` where the header
/// says none. On a sheet of our own the form's columns stand first.
fn current_year(form: &Form, paths: &[Vec<&Label>], fiscal: Option<u16>, own: bool) -> Option<Year> {
    /// No column is of it.
    const OTHER: Year = Year::Of(0);
    let years = || paths.iter().filter_map(|path| year_of(path));
    let last = years().max()?;
    // Columns of another group say nothing of those that have a year.
    let dated: Vec<_> = paths.iter().filter(|path| year_of(path).is_some()).map(|path| group_of(path)).collect();
    let is_amount = |path: &&Vec<&Label>| {
        !path.is_empty()
            && year_of(path).is_none()
            && dated.contains(&group_of(path))
            && match_path(form, path, &HashSet::new()).is_some_and(|(column, _)| is_money(form, column))
    };
    if own {
        let first = paths.iter().find(|path| year_of(path).is_some() || is_amount(path))?;
        return Some(year_of(first).unwrap_or(OTHER));
    }
    let fiscal = fiscal.map(Year::Of);
    if let Some(year) = years().find(|year| Some(*year) == fiscal || *year == Year::This) {
        return Some(year);
    }
    // Amounts without a year beside those of one other year are the filing's own.
    let beside = fiscal.is_some() || years().all(|year| year == last);
    Some(if beside && paths.iter().any(|path| is_amount(&path)) { OTHER } else { last })
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
        // The label at the left, whether it heads a group, and whether it has a label of its own below.
        let mut group: Option<(&Label, bool, bool)> = None;
        for (column, path) in paths.iter_mut().enumerate() {
            let cover = header[level].cells.get(column).map_or(Cover::No, |cell| cell.cover);
            let below = || printed[level + 1..].iter().any(|labels| labels.get(column).is_some_and(Option::is_some));
            match (labels.get(column).and_then(Option::as_deref), group) {
                (Some(label), _) => {
                    group = Some((label, label.year.is_some() || is_group(form, label), below()));
                    push_label(path, label);
                }
                (None, _) if cover == Cover::Above => group = None,
                // A group stands over the columns at its right that have labels of their own below.
                (None, Some((label, true, _))) if cover == Cover::Left || below() => push_label(path, label),
                (None, Some((label, false, parted))) if (cover == Cover::Left || parted) && below() => {
                    push_label(path, label);
                }
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

/// Whether a label heads a group of columns.
pub(super) fn is_group(form: &Form, label: &Label) -> bool {
    heads(form).any(|(_, head)| head[..head.len() - 1].iter().any(|part| label.is(part)))
        || form.columns.iter().any(|column| !column.parts.is_empty() && column.head.iter().any(|part| label.is(part)))
}

fn is_leaf(form: &Form, label: &Label) -> bool {
    heads(form).any(|(_, head)| label.is_last(head))
}

pub(super) fn heads(form: &Form) -> impl Iterator<Item = (usize, &Vec<Pattern>)> {
    form.columns
        .iter()
        .enumerate()
        .flat_map(|(index, column)| std::iter::once(&column.head).chain(&column.aliases).map(move |head| (index, head)))
}

/// Whether a label heads amounts that a header may part into columns the form does not know.
pub(super) fn is_parted(form: &Form, label: &Label) -> bool {
    label.year.is_some() || heads(form).any(|(column, head)| is_money(form, column) && label.is_last(head))
}

fn is_money(form: &Form, column: usize) -> bool {
    form.columns[column].kind == Kind::Money
}

/// As [`match_column`]; the subtotal of a group that is a column of the form is that column
/// (基本支出 parted into 小计, 人员经费, 公用经费).
fn match_path(form: &Form, path: &[&Label], used: &HashSet<usize>) -> Option<(usize, bool)> {
    let found = match_column(form, path, used);
    if let [groups @ .., group, leaf] = path
        && words::words().is_subtotal(&leaf.printed)
        && found.is_none_or(|(column, part)| !part && !stands_under(form, column, group, leaf))
    {
        let whole: Vec<&Label> = groups.iter().copied().chain([*group]).collect();
        return match_column(form, &whole, used).filter(|(column, _)| is_money(form, *column)).or(found);
    }
    found
}

/// The form column for a header path, and whether it is one of its parts.
pub(super) fn match_column(form: &Form, path: &[&Label], used: &HashSet<usize>) -> Option<(usize, bool)> {
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
