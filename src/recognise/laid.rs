//! A sheet of our own whose parts stand as the form lays them: every value of the field block is in its
//! cell, whatever it says, and the header is right below.

use std::collections::BTreeMap;

use super::assemble::{Assembler, note_row};
use super::choose::Fit;
use super::grid::Row;
use super::header;
use super::title::preamble_row;
use crate::form::label::{Pattern, fold};
use crate::form::{Form, LayoutCell};

/// More lines than stand above any field block.
const LINES_ABOVE: usize = 12;

impl Assembler<'_> {
    /// The form of a sheet of our own, where its field block and its header stand as the form lays them.
    pub(super) fn own_fit(&self, rows: &[Row]) -> Option<Fit> {
        let only = self.only.as_ref()?;
        let number = self.index.forms.iter().position(|form| form.key == *only)?;
        let form = self.form(number);
        let layout = if form.layout.is_empty() { None } else { Some(laid_at(form, rows)?) };
        let below = layout.map_or(0, |top| top + form.layout.len());
        let blank_or_line = |row: &Row| row.is_blank() || (layout.is_none() && preamble_row(form, row).is_some());
        let next = (below..rows.len()).find(|row| !blank_or_line(&rows[*row]));
        // Some of its labels may be damaged.
        let hits = |row: usize| rows[row].tokens().filter(|token| self.index.is_head(number, token.str())).count();
        let header = match next.filter(|next| hits(*next) >= 2) {
            Some(start) => header::read(&self.index, number, rows, start, true),
            None => header::find(&self.index, number, rows, below, true),
        };
        // As few columns as a table needs to go on under its fields ([`Self::continues`]).
        let header = header.filter(|header| header.found().len() * 10 >= form.min_columns * 7);
        // Rows that somebody put between the two are found by their labels. Without columns only the note
        // is below.
        let stands = match (&header, layout, next) {
            (Some(header), Some(_), next) => next == Some(header.start),
            (None, Some(_), Some(next)) => {
                note_row(&rows[next], true).is_some() && rows[next + 1..].iter().all(Row::is_blank)
            }
            (None, Some(_), None) => true,
            (header, None, _) => header.is_some(),
        };
        stands.then_some(Fit {
            form: number,
            header,
            layout,
            score: 0.0,
            weak: false,
            labelled: true,
            common: false,
            foreign: false,
        })
    }
}

/// The row at which the field block stands, every label in its cell. `None` where somebody moved one:
/// then values are found by their labels.
fn laid_at(form: &Form, rows: &[Row]) -> Option<usize> {
    let cells = cells(form);
    let labels = || cells.iter().filter(|(.., pattern)| pattern.slots().next().is_none());
    labels().next()?;
    let text = |row: usize, column: usize| rows.get(row).map_or("", |row| row.str(column));
    let last = rows.len().checked_sub(form.layout.len())?;
    (0..=last.min(LINES_ABOVE))
        .find(|top| labels().all(|(row, column, label)| fold(text(top + row, *column)) == fold(label.printed())))
}

/// Row, column and pattern of each cell of the field block, as a workbook lays it.
pub(super) fn cells(form: &Form) -> Vec<(usize, usize, &Pattern)> {
    let mut cells = Vec::new();
    // Width of the cell that begins in each column of the rows above.
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, line) in form.layout.iter().enumerate() {
        let mut column = 0;
        for cell in line {
            match cell {
                LayoutCell::Above => column += widths.get(&column).copied().unwrap_or(1),
                LayoutCell::Text { pattern, columns } => {
                    let width = (*columns).max(1);
                    cells.push((row, column, pattern));
                    widths.insert(column, width);
                    column += width;
                }
            }
        }
    }
    cells
}
