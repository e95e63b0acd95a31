//! Which printed rows and cells a table's rows, columns and fields are.

use std::collections::HashMap;

use super::prints::{Prints, Spot};
use crate::document::Cover;
use crate::filing::{Dropped, Table, Value};
use crate::form::label::fold;
use crate::form::{Form, LayoutCell};
use crate::text::Text;

/// A printed row: its grid and its number there.
pub(super) type RowSpot = (usize, usize);

/// A row of a table as printed.
#[derive(Clone, Debug, Default)]
pub(super) struct RowLay {
    /// Where most of it stands.
    pub main: Option<RowSpot>,
    /// All printed rows it stands in: a page may have cut it.
    pub all: Vec<RowSpot>,
    /// Rows that print it once more.
    pub again: Vec<RowSpot>,
}

/// A table as printed.
#[derive(Clone, Debug)]
pub(super) struct Lay<'p> {
    prints: &'p Prints,
    pub rows: Vec<RowLay>,
    /// For each grid, the printed cell of each column.
    columns: HashMap<usize, Vec<Option<usize>>>,
}

impl<'p> Lay<'p> {
    /// Lays a table over the prints; `dropped` is what the filing left out because it was printed
    /// before.
    pub fn new(table: &Table, prints: &'p Prints, dropped: &[Dropped]) -> Lay<'p> {
        let mut votes: HashMap<usize, Vec<HashMap<usize, usize>>> = HashMap::new();
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut lay = RowLay::default();
            let mut counts: HashMap<RowSpot, usize> = HashMap::new();
            for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.filled) {
                for (index, spot) in prints.of(&cell.text).into_iter().enumerate() {
                    let at = (spot.grid, spot.row);
                    *counts.entry(at).or_default() += 1;
                    if !lay.all.contains(&at) {
                        lay.all.push(at);
                    }
                    if index == 0 {
                        let columns =
                            votes.entry(spot.grid).or_insert_with(|| vec![HashMap::new(); table.columns.len()]);
                        *columns[column].entry(spot.cell).or_default() += 1;
                    }
                }
            }
            lay.all.sort_unstable();
            lay.main = counts.into_iter().max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at))).map(|(at, _)| at);
            rows.push(lay);
        }
        let best = |votes: &HashMap<usize, usize>| {
            votes.iter().max_by_key(|(cell, count)| (**count, std::cmp::Reverse(**cell))).map(|(cell, _)| *cell)
        };
        let columns: HashMap<usize, Vec<Option<usize>>> =
            votes.iter().map(|(grid, votes)| (*grid, votes.iter().map(best).collect())).collect();
        let mut lay = Lay { prints, rows, columns };
        lay.fill_columns(table);
        lay.fill_rows();
        lay.find_again(table, dropped);
        lay
    }

    /// Columns that are blank wherever they stand in a grid: as in the table's other grids, as the
    /// header has them, or between their neighbours.
    fn fill_columns(&mut self, table: &Table) {
        let known: Vec<Vec<Option<usize>>> = self.columns.values().cloned().collect();
        let heads: Vec<Spot> = table.labels.iter().flat_map(|label| self.prints.of(label)).collect();
        for (grid, columns) in &mut self.columns {
            let width = self.prints.grids[*grid].rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
            for column in 0..columns.len() {
                if columns[column].is_some() {
                    continue;
                }
                let taken = |cell: usize, columns: &[Option<usize>]| columns.contains(&Some(cell));
                let elsewhere = known.iter().filter_map(|other| other[column]).find(|cell| !taken(*cell, columns));
                let label = table.columns[column].label.last().map(|label| fold(label)).unwrap_or_default();
                let head = || {
                    let texts = table.labels.iter().filter(|text| !label.is_empty() && fold(text.as_str()) == label);
                    let spots: Vec<Spot> =
                        texts.flat_map(|text| self.prints.of(text)).filter(|spot| heads.contains(spot)).collect();
                    spots.iter().map(|spot| spot.cell).find(|cell| *cell < width && !taken(*cell, columns))
                };
                let between = || {
                    let before = column.checked_sub(1).map(|before| columns[before]);
                    let after = columns.get(column + 1).copied().flatten();
                    match (before, after) {
                        (Some(Some(before)), Some(after)) if after > before + 1 => Some(before + 1),
                        (Some(Some(before)), None) => Some(before + 1).filter(|cell| *cell < width),
                        (None, Some(after)) => after.checked_sub(1),
                        _ => None,
                    }
                };
                let same = (width == columns.len() && !taken(column, columns)).then_some(column);
                let found = same.or(elsewhere).or_else(between).or_else(head);
                columns[column] = found.filter(|cell| !taken(*cell, columns));
            }
        }
    }

    /// Rows all of whose cells are covered by cells above stand between their neighbours.
    fn fill_rows(&mut self) {
        for row in 1..self.rows.len() {
            if self.rows[row].main.is_some() {
                continue;
            }
            let Some((grid, before)) = self.rows[row - 1].main else { continue };
            let next = self.rows.get(row + 1).and_then(|row| row.main);
            let free = next.is_none_or(|(other, after)| other != grid || after > before + 1);
            if free && self.prints.grids[grid].rows.len() > before + 1 {
                self.rows[row].main = Some((grid, before + 1));
                self.rows[row].all = vec![(grid, before + 1)];
            }
        }
    }

    /// Rows printed again after the table was complete.
    fn find_again(&mut self, table: &Table, dropped: &[Dropped]) {
        let mut repeats: Vec<RowSpot> = Vec::new();
        for text in dropped.iter().filter(|dropped| dropped.rule == "table-repeated") {
            for spot in self.prints.of(&text.text) {
                if !repeats.contains(&(spot.grid, spot.row)) {
                    repeats.push((spot.grid, spot.row));
                }
            }
        }
        if repeats.is_empty() {
            return;
        }
        // A repeat says, cell by cell, what the row says.
        let mut said: HashMap<RowSpot, Vec<String>> = HashMap::new();
        for text in dropped.iter().filter(|dropped| dropped.rule == "table-repeated") {
            if let Some(spot) = self.prints.of(&text.text).first() {
                said.entry((spot.grid, spot.row)).or_default().push(fold(text.text.as_str()));
            }
        }
        let whole: Vec<Vec<String>> = (table.rows.iter())
            .map(|row| row.cells.iter().map(|cell| fold(cell.text.as_str())).filter(|text| !text.is_empty()).collect())
            .collect();
        for at in repeats {
            let said = said.get(&at).cloned().unwrap_or_default();
            let row = whole.iter().position(|texts| *texts == said);
            if let Some(row) = row {
                self.rows[row].again.push(at);
            }
        }
    }

    /// The printed cell of a row and column, blank or not; `None` where nothing is printed for it.
    pub fn cell(&self, row: usize, column: usize) -> Option<Spot> {
        let (grid, number) = self.rows.get(row)?.main?;
        self.cell_at((grid, number), column)
    }

    /// The printed cell of a column in a printed row.
    pub fn cell_at(&self, (grid, row): RowSpot, column: usize) -> Option<Spot> {
        let cell = match self.columns.get(&grid) {
            Some(columns) => columns[column]?,
            None => self.columns.values().find_map(|columns| columns[column])?,
        };
        let spot = Spot { grid, row, cell };
        self.prints.cell(spot).map(|_| spot)
    }
}

/// The blank printed cell of a field, found by its label.
pub(super) fn field_home(table: &Table, form: &Form, id: &str, prints: &Prints) -> Option<Spot> {
    let taken = |spot: Spot| {
        let texts = table.fields.iter().flat_map(|field| match &field.value {
            Value::One(text) => std::slice::from_ref(text),
            Value::Many(texts) => texts.as_slice(),
        });
        texts.chain(&table.labels).any(|text| !text.is_empty() && prints.of(text).contains(&spot))
    };
    let label_spots = |pattern: &crate::form::label::Pattern| -> Vec<Spot> {
        let printed = fold(pattern.printed());
        let same = |text: &&Text| fold(text.as_str()).trim_end_matches(':') == printed.trim_end_matches(':');
        table.labels.iter().filter(same).flat_map(|text| prints.of(text)).collect()
    };
    for (number, row) in form.layout.iter().enumerate() {
        for (position, cell) in row.iter().enumerate() {
            let LayoutCell::Text { pattern, .. } = cell else { continue };
            if pattern.lone_slot() != Some(id) {
                continue;
            }
            // Beside its label, after other values of the same label.
            for back in 1..=position {
                let LayoutCell::Text { pattern, .. } = &row[position - back] else { break };
                if pattern.lone_slot().is_some() {
                    continue;
                }
                for label in label_spots(pattern) {
                    let mut cells = prints.row(label).cells.iter().enumerate().skip(label.cell + 1);
                    let value = cells.by_ref().filter(|(_, cell)| cell.cover != Cover::Left).nth(back - 1);
                    if let Some((cell, _)) = value.filter(|(cell, _)| !taken(Spot { cell: *cell, ..label })) {
                        return Some(Spot { cell, ..label });
                    }
                }
                break;
            }
            // Under its label.
            if let Some(LayoutCell::Text { pattern, .. }) =
                number.checked_sub(1).and_then(|above| form.layout[above].get(position))
                && pattern.lone_slot().is_none()
            {
                for label in label_spots(pattern) {
                    let under = Spot { row: label.row + 1, ..label };
                    if prints.cell(under).is_some() && !taken(under) {
                        return Some(under);
                    }
                }
            }
        }
    }
    None
}
