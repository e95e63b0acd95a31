//! Which columns a table's sheet has, in the order they are printed: those of the table, those a
//! form prints without a value, and for another family's form those that family has.

use std::borrow::Cow;
use std::ops::Range;

use super::look::FormLook;
use super::number::shown;
use super::sheet::width;
use crate::filing::Table;
use crate::form::{ColumnSpec, Form, Kind};

/// A printed column.
#[derive(Clone, Debug)]
pub(super) struct Column<'f> {
    /// What the form says about it.
    pub spec: Option<&'f ColumnSpec>,
    /// Index of the table's column; `None` where the table has none.
    pub source: Option<usize>,
    /// Header path.
    pub head: Vec<Cow<'f, str>>,
    pub kind: Kind,
    /// First grid column.
    pub from: u16,
    /// Grid columns it covers.
    pub cols: u16,
    /// Where in the text its part stands, of a code printed in several columns (类, 款, 项).
    pub part: Option<Range<usize>>,
}

/// The columns of a sheet and the widths of its grid.
#[derive(Clone, Debug, Default)]
pub(super) struct Arranged<'f> {
    pub columns: Vec<Column<'f>>,
    pub widths: Vec<f64>,
    /// Columns of the table that the form has no place for.
    pub moved: Vec<usize>,
}

/// Arranges the columns of a table on a form: as the source prints them, or, with `standard`, as
/// the form has them.
pub(super) fn arrange<'f>(
    table: &'f Table,
    form: Option<&'f Form>,
    standard: bool,
    look: &FormLook,
    fill: &dyn Fn(&str) -> Option<String>,
) -> Arranged<'f> {
    let mut arranged = Arranged::default();
    let specs: &[ColumnSpec] = form.map_or(&[], |form| &form.columns);
    let mut next_spec = 0;
    let mut order: Vec<(Option<&ColumnSpec>, Option<usize>)> = Vec::new();
    if standard {
        for spec in specs {
            let source = table.column(&spec.id);
            if source.is_some() || !spec.optional {
                order.push((Some(spec), source));
            }
        }
        for (index, column) in table.columns.iter().enumerate() {
            if specs.iter().any(|spec| spec.id == column.id) {
                continue;
            }
            // Columns that no form knows stay at the table's side.
            if column.id.starts_with('x') && column.id[1..].parse::<u32>().is_ok() {
                order.push((None, Some(index)));
            } else {
                arranged.moved.push(index);
            }
        }
    } else {
        for (index, column) in table.columns.iter().enumerate() {
            let position = specs.iter().position(|spec| spec.id == column.id);
            if let Some(position) = position {
                for spec in specs.get(next_spec..position).unwrap_or_default() {
                    if spec.fixed.is_some() && table.column(&spec.id).is_none() {
                        order.push((Some(spec), None));
                    }
                }
                next_spec = next_spec.max(position + 1);
            }
            order.push((position.map(|position| &specs[position]), Some(index)));
        }
    }
    for (spec, source) in order {
        let printed = source.map(|index| table.columns[index].label.as_slice()).unwrap_or_default();
        let head: Vec<Cow<'_, str>> = match spec {
            Some(spec) if standard || printed.iter().all(|label| label.is_empty()) => {
                spec.head.iter().map(|pattern| Cow::Owned(pattern.fill(fill))).collect()
            }
            _ => printed.iter().map(|label| Cow::Borrowed(label.as_str())).collect(),
        };
        let kind = spec.map_or_else(|| source.map_or(Kind::Text, |index| kind_of(table, index)), |spec| spec.kind);
        let from = arranged.widths.len() as u16;
        let cols = spec.map_or(1, |spec| spec.span.max(1)) as u16;
        let whole = match (spec, source) {
            (Some(spec), _) => spec.width,
            (None, Some(index)) => content_width(table, index, look),
            (None, None) => look.narrowest,
        };
        if let Some((base, parts)) = spec.and_then(|spec| parts_of(form?, spec, &head, standard)) {
            for (index, part) in parts.into_iter().enumerate() {
                let head = base.iter().cloned().chain([Cow::Borrowed(part.0)]).collect();
                arranged.widths.push(whole);
                let from = from + index as u16;
                arranged.columns.push(Column { spec, source, head, kind, from, cols: 1, part: Some(part.1) });
            }
            continue;
        }
        arranged.widths.extend(std::iter::repeat_n(whole / f64::from(cols), usize::from(cols)));
        arranged.columns.push(Column { spec, source, head, kind, from, cols, part: None });
    }
    arranged
}

/// A part's label, and where in the code it stands.
type Part<'f> = (&'f str, Range<usize>);

/// The parts a code is printed in, under the header they share: where the source prints the first
/// part's label, or the form's column is too narrow for a whole code.
fn parts_of<'f>(
    form: &'f Form,
    spec: &'f ColumnSpec,
    head: &[Cow<'f, str>],
    standard: bool,
) -> Option<(Vec<Cow<'f, str>>, Vec<Part<'f>>)> {
    let tree = form.tree.as_ref().filter(|tree| tree.code == spec.id)?;
    let first = spec.parts.first()?;
    let leaf = head.last().filter(|leaf| first.is_match(leaf));
    let narrow = standard && tree.levels.last().is_some_and(|level| spec.width <= *level as f64);
    if leaf.is_none() && !narrow {
        return None;
    }
    let base = head[..head.len() - usize::from(leaf.is_some())].to_vec();
    let starts = std::iter::once(0).chain(tree.levels.iter().copied());
    let parts = spec.parts.iter().zip(starts.zip(tree.levels.iter().copied()));
    Some((base, parts.map(|(part, (start, end))| (part.printed(), start..end)).collect()))
}

impl Arranged<'_> {
    /// Makes the grid at least `columns` wide: the last column covers what is added.
    pub fn widen(&mut self, columns: usize) {
        let missing = columns.saturating_sub(self.widths.len());
        if let Some(last) = self.columns.last_mut() {
            last.cols += missing as u16;
        }
        self.widths.extend(std::iter::repeat_n(10.0, missing));
    }
}

/// The kind of a column that no form describes: money where its cells are numbers and one of them
/// is printed with a decimal point or commas, else text. Codes have neither.
fn kind_of(table: &Table, column: usize) -> Kind {
    let mut decimals = false;
    for row in &table.rows {
        let Some(text) = row.cells.get(column).map(|cell| cell.text.as_str()) else { continue };
        match shown(text) {
            Some(number) => decimals |= number.manner.decimals > 0 || number.manner.thousands,
            None if text.chars().any(char::is_alphanumeric) => return Kind::Text,
            None => {}
        }
    }
    if decimals { Kind::Money } else { Kind::Text }
}

fn content_width(table: &Table, column: usize, look: &FormLook) -> f64 {
    let label = table.columns[column].label.last().map_or(0, |label| width(label));
    let widest = table
        .rows
        .iter()
        .filter_map(|row| row.cells.get(column))
        .flat_map(|cell| cell.text.as_str().split('\n'))
        .map(width)
        .max()
        .unwrap_or(0);
    (widest.max(label) as f64 + 2.0).clamp(look.narrowest, look.widest)
}
