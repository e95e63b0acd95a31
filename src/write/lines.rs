//! The lines between a table's title and the table: department, year, unit, date.

use std::borrow::Cow;

use crate::filing::{Filing, Table};
use crate::form::label::{Capture, fold};
use crate::form::preamble::parts;
use crate::form::{Form, LayoutCell};
use crate::text::Text;

/// The lines above the table: those the source prints, fields among them filled in again, and those
/// of the form whose fields would stand nowhere else.
pub(super) fn lines<'f>(filing: &Filing, form: &'f Form, table: &'f Table) -> Vec<Vec<Cow<'f, str>>> {
    let heads: Vec<String> = table.columns.iter().flat_map(|column| &column.label).map(|label| fold(label)).collect();
    let mut seen: Vec<String> = Vec::new();
    // Slots that are printed somewhere.
    let mut slots: Vec<String> = form.layout.iter().flatten().flat_map(layout_slots).map(str::to_owned).collect();
    slots.extend(title_slots(form, table.title.as_str()));
    slots.retain(|slot| form.field(slot).is_some());
    let mut lines: Vec<Line<'f>> = Vec::new();
    let printed = table.labels.iter().map(Text::as_str);
    for label in printed.flat_map(|label| parts(label).into_iter().map(move |part| &label[part])) {
        let folded = fold(label);
        if seen.contains(&folded) || heads.contains(&folded) {
            continue;
        }
        let Some(line) = form.preamble_line(label) else { continue };
        if !line.captures.is_empty() && line.captures.iter().all(|(slot, _)| slots.contains(slot)) {
            continue;
        }
        let text = with_fields(label, &line.captures, table);
        slots.extend(line.captures.into_iter().map(|(slot, _)| slot));
        seen.push(folded);
        lines.push(Line { at: line.at, text });
    }
    for (row, line) in form.preamble.iter().enumerate() {
        for (position, pattern) in line.iter().enumerate() {
            let unprinted = |slot: &str| {
                !slots.iter().any(|printed| printed == slot)
                    && matches!(table.field_text(slot), Some(text) if !text.is_empty())
            };
            if pattern.slots().any(unprinted) {
                slots.extend(pattern.slots().map(str::to_owned));
                let text = Cow::Owned(pattern.fill(|slot| slot_text(filing, form, table, slot)));
                lines.push(Line { at: vec![(row, position)], text });
            }
        }
    }
    if let Some(unit) = &table.unit
        && form.unit.as_ref() != Some(unit)
        && !slots.iter().any(|slot| slot == "unit")
        && !heads.iter().any(|head| head.contains(unit.as_str()))
    {
        lines.push(Line { at: Vec::new(), text: Cow::Owned(format!("单位：{unit}")) });
    }
    in_rows(lines)
}

/// A printed line with the fields it states as the table has them now.
fn with_fields<'t>(label: &'t str, captures: &[Capture], table: &Table) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(label);
    for (slot, range) in captures.iter().rev() {
        if let Some(value) = table.field_text(slot) {
            text.to_mut().replace_range(range.clone(), value.as_str());
        }
    }
    text
}

/// A line, and the rows and positions at which the form's preamble has it.
struct Line<'f> {
    at: Vec<(usize, usize)>,
    text: Cow<'f, str>,
}

/// Puts lines into rows as the form has them; a unit line of no form comes last.
fn in_rows(mut lines: Vec<Line<'_>>) -> Vec<Vec<Cow<'_, str>>> {
    lines.sort_by_key(|line| line.at.first().copied().unwrap_or((usize::MAX, 0)));
    // Rows of the preamble that all cells of a row stand in, and the cells.
    let mut rows: Vec<(Vec<usize>, Vec<Cow<'_, str>>)> = Vec::new();
    for Line { at, text } in lines {
        let of: Vec<usize> = at.iter().map(|(row, _)| *row).collect();
        if let Some((last, cells)) = rows.last_mut() {
            let both: Vec<usize> = last.iter().copied().filter(|row| of.contains(row)).collect();
            // A unit line of no form, or the end of a line printed otherwise, stands at the right of the
            // line before.
            let ends = at.iter().all(|(_, position)| *position > 0);
            if !both.is_empty() || (ends && cells.len() == 1) {
                cells.push(text);
                *last = both;
                continue;
            }
        }
        rows.push((of, vec![text]));
    }
    rows.into_iter().map(|(_, cells)| cells).collect()
}

fn layout_slots(cell: &LayoutCell) -> Vec<&str> {
    match cell {
        LayoutCell::Text { pattern, .. } => pattern.slots().collect(),
        LayoutCell::Above => Vec::new(),
    }
}

/// Fields that a printed title says.
fn title_slots(form: &Form, title: &str) -> Vec<String> {
    let captures = std::iter::once(&form.title).chain(&form.aliases).find_map(|pattern| pattern.captures(title));
    captures.unwrap_or_default().into_iter().map(|(slot, _)| slot).collect()
}

/// Text that a slot of a form prints: a field of the table, or what the filing says of itself.
fn slot_text(filing: &Filing, form: &Form, table: &Table, slot: &str) -> Option<String> {
    if let Some(value) = table.field_text(slot) {
        return Some(value.as_str().to_owned());
    }
    match slot {
        "department_code" => Some(filing.department.code.clone()),
        "department" => Some(filing.department.name.clone()),
        "fiscal_year" | "year" => filing.fiscal_year.map(|year| year.to_string()),
        "unit" => table.unit.clone().or_else(|| form.unit.clone()).or_else(|| filing.unit.clone()),
        _ => None,
    }
}
