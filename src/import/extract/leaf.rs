//! Rows of budget tables that no sum adds up to.

use std::collections::HashSet;

use super::units::Projects;
use super::{Datum, Extractor, Parts};
use crate::equation::Slot;
use crate::filing::{RowKind, Table};
use crate::form::label::fold;
use crate::form::sums;
use crate::import::schema::{ItemKind, Rows};
use crate::text::is_blank;

/// The sums of a table, as sets of cells (row, column).
struct Sums {
    /// Stated sums of other rows of which at least one is printed.
    targets: HashSet<(usize, usize)>,
    /// Parts of a sum over rows.
    parts: HashSet<(usize, usize)>,
    /// Stated sums of other columns of which at least one is printed.
    across: HashSet<(usize, usize)>,
}

impl Extractor<'_> {
    /// Adds the leaf rows of all tables of the filing that a table is made of.
    pub(super) fn leaves(&mut self, index: usize, projects: &Projects) {
        let target = &self.schema.tables[index];
        for (block, table) in self.tables_of(target).collect::<Vec<_>>() {
            if target.rows == Rows::ThreePublic && table.column("item").is_none() {
                self.turned(index, block, table);
            } else {
                self.leaf_rows(index, block, table, projects);
            }
        }
    }

    fn leaf_rows(&mut self, index: usize, block: usize, table: &Table, projects: &Projects) {
        let target = &self.schema.tables[index];
        let numbers: Vec<(usize, &str)> = target
            .items
            .iter()
            .filter(|item| matches!(item.kind, ItemKind::Amount | ItemKind::Number))
            .filter_map(|item| Some((table.column(item.source())?, item.name.as_str())))
            .collect();
        let columns: Vec<usize> = numbers.iter().map(|(column, _)| *column).collect();
        let sums = self.sums(block, table);
        let kinds = self.kinds(table, &columns);
        let printed = |row: usize| columns.iter().any(|column| !table.rows[row].cells[*column].text.is_blank());
        let is_sum = |row: usize| columns.iter().any(|column| sums.targets.contains(&(row, *column)));
        let mut leaves: Vec<usize> = (0..table.rows.len())
            .filter(|row| printed(*row) && !is_sum(*row) && kinds[*row] != RowKind::Total)
            .collect();
        if leaves.is_empty() {
            // Nothing but the total is printed: it is all there is.
            leaves = (0..table.rows.len()).filter(|row| printed(*row) && !is_sum(*row)).collect();
        }
        let item =
            target.items.iter().find(|item| item.name == "item").map(|item| item.source().trim_start_matches('@'));
        let mut unit_name = String::new();
        let mut whole = String::new();
        let mut next = leaves.iter().copied().peekable();
        for row in 0..table.rows.len() {
            let leaf = next.next_if_eq(&row).is_some();
            if target.rows == Rows::Procurement
                && let Some(name) = subtotal_of(table.cell(row, "project"))
            {
                unit_name = name.to_owned();
            }
            // Some print the unit beside each row.
            let unit = table.cell(row, "unit_name");
            if target.rows == Rows::Procurement && !unit.is_empty() {
                unit_name = unit.to_owned();
            }
            let name = item.map_or("", |item| table.cell(row, item));
            if !is_of_which(name) && !name.is_empty() {
                name.clone_into(&mut whole);
            }
            if !leaf {
                continue;
            }
            let is_part = columns.iter().any(|column| sums.parts.contains(&(row, *column)));
            if is_of_which(name) && !is_part {
                self.of_which(index, block, row, &whole, &numbers);
                continue;
            }
            let mut parts = Parts::of(block, table, Some(row))
                .with("@form", table.form_id())
                .with("@name", without_ordinal(name).to_owned());
            match target.rows {
                Rows::ThreePublic => parts = parts.with("@item", name),
                Rows::Procurement => {
                    let project = projects.find(&unit_name, table.cell(row, "project"));
                    let id = project.map_or(Datum::Null, |natural| Datum::Text(format!("{}/{natural}", self.key)));
                    parts = parts.with("@unit_name", unit_name.clone()).with("@project_id", id);
                }
                _ => parts = parts.with("@fund", fund_of(table.form_id())),
            }
            self.push_by_key(index, &parts);
        }
    }

    /// A table with one row and a column for each item: every printed column that is no sum of
    /// others becomes a row.
    fn turned(&mut self, index: usize, block: usize, table: &Table) {
        let sums = self.sums(block, table);
        let columns: Vec<usize> = ["abroad", "reception", "vehicles", "vehicle_purchase", "vehicle_operation"]
            .iter()
            .filter_map(|id| table.column(id))
            .collect();
        let Some(last) = last_printed_row(table) else { return };
        let mut any = false;
        for &column in &columns {
            let cell = &table.rows[last].cells[column];
            if cell.text.is_blank() || sums.across.contains(&(last, column)) {
                continue;
            }
            any = true;
            self.turned_row(index, block, table, last, column);
        }
        if let (false, Some(total)) = (any, table.column("total")) {
            self.turned_row(index, block, table, last, total);
        }
    }

    fn turned_row(&mut self, index: usize, block: usize, table: &Table, row: usize, column: usize) {
        let mut labels = table.columns[column].label.clone();
        labels.dedup();
        // The outermost head (“三公”经费预算数) stands over all of them.
        let name =
            if labels.len() > 1 && labels[0].contains("三公") { labels[1..].join("·") } else { labels.join("·") };
        let id = table.columns[column].id.clone();
        // The row as it would stand in a form with a row an item: the cell is its total.
        let mut one = Table {
            form: table.form.clone(),
            unit: table.unit.clone(),
            place: table.place,
            columns: vec![table.columns[column].clone()],
            rows: vec![crate::filing::Row {
                kind: RowKind::Detail,
                cells: vec![table.rows[row].cells[column].clone()],
            }],
            ..Table::default()
        };
        if id != "total" {
            "total".clone_into(&mut one.columns[0].id);
        }
        let bare = without_ordinal(&name).to_owned();
        let parts = Parts::of(block, &one, Some(0)).with("@item", name).with("@name", bare);
        self.push_by_key(index, &parts);
    }

    /// Rows that are part of another row: one for each printed number.
    fn of_which(&mut self, index: usize, block: usize, row: usize, whole: &str, numbers: &[(usize, &str)]) {
        let Some(own) = self.schema.tables.iter().position(|table| table.rows == Rows::OfWhich) else { return };
        let target = &self.schema.tables[index];
        let Some(table) = self.filing.table(block) else { return };
        for (column, name) in numbers {
            let Some(item) = target.items.iter().find(|item| item.name == *name) else { continue };
            let cell = &table.rows[row].cells[*column].text;
            if cell.is_blank() {
                continue;
            }
            let parts = Parts::of(block, table, Some(row));
            let unit = self.unit_of(&parts, item.source());
            let value = match item.kind {
                ItemKind::Amount => self.yuan(cell.as_str(), unit.as_deref(), item, &parts, cell.place()),
                _ => self.number(cell.as_str(), item, &parts, cell.place()),
            };
            let label = target.items.iter().find(|item| item.name == "item").map_or("item", |item| item.source());
            let parts = parts
                .with("@table", target.name.as_str())
                .with("@part_of", whole.to_owned())
                .with("@item", table.cell(row, label))
                .with("@name", without_ordinal(table.cell(row, label)).to_owned())
                .with("@column", (*name).to_owned())
                .with("@value", value.map_or(Datum::Null, Datum::Decimal))
                .with("@filed", cell.as_str());
            self.push_by_key(own, &parts);
        }
    }

    fn sums(&self, block: usize, table: &Table) -> Sums {
        let mut sums = Sums { targets: HashSet::new(), parts: HashSet::new(), across: HashSet::new() };
        let Some(form) = table.form.as_ref().and_then(|key| self.forms.get(key)) else { return sums };
        for equation in sums::equations(form, table, block) {
            let Slot::Cell { row, column } = equation.target.slot else { continue };
            let cells: Vec<(usize, usize)> = equation
                .terms
                .iter()
                .flat_map(|term| &term.factors)
                .filter_map(|cell| match cell.slot {
                    Slot::Cell { row, column } => Some((row, column)),
                    Slot::Field(_) => None,
                })
                .collect();
            let printed = cells.iter().any(|(row, column)| !table.rows[*row].cells[*column].text.is_blank());
            if cells.iter().all(|(other, _)| *other == row) {
                if printed {
                    sums.across.insert((row, column));
                }
                continue;
            }
            if printed {
                sums.targets.insert((row, column));
            }
            sums.parts.extend(cells);
        }
        sums
    }

    /// What each row is by the sums over some columns: the two sides of 收支总表 differ.
    fn kinds(&self, table: &Table, columns: &[usize]) -> Vec<RowKind> {
        let mut kinds = match table.form.as_ref().and_then(|key| self.forms.get(key)) {
            Some(form) => sums::row_kinds_over(form, table, columns),
            None => table.rows.iter().map(|row| row.kind).collect(),
        };
        // A total that stands in another column than the form says would be counted again.
        for (kind, row) in kinds.iter_mut().zip(&table.rows) {
            if row.cells.iter().any(|cell| matches!(fold(cell.text.as_str()).as_str(), "合计" | "总计")) {
                *kind = RowKind::Total;
            }
        }
        kinds
    }
}

/// The last row in which a column is printed.
pub(super) fn last_printed(table: &Table, id: &str) -> Option<usize> {
    let column = table.column(id)?;
    (0..table.rows.len()).rev().find(|row| !table.rows[*row].cells[column].text.is_blank())
}

fn last_printed_row(table: &Table) -> Option<usize> {
    (0..table.rows.len()).rev().find(|row| table.rows[*row].cells.iter().any(|cell| !cell.text.is_blank()))
}

/// The unit of a subtotal row, `云岭县林业站小计`.
fn subtotal_of(project: &str) -> Option<&str> {
    let name = project.trim_matches(is_blank).strip_suffix("小计")?;
    let name = name.trim_matches(is_blank);
    (!name.is_empty()).then_some(name)
}

fn is_of_which(item: &str) -> bool {
    item.trim_start_matches(is_blank).starts_with("其中")
}

/// The name of a line without 其中 and its ordinal (`一、`, `（二）`, `3、`), which differs between
/// filings.
fn without_ordinal(item: &str) -> &str {
    let text = item.trim_matches(is_blank);
    let text = text.strip_prefix("其中").map_or(text, |rest| rest.trim_start_matches(['：', ':']));
    let text = text.trim_start_matches(is_blank);
    let open = text.strip_prefix(['（', '(']);
    let numeral = |ch: char| ch.is_ascii_digit() || "一二三四五六七八九十百".contains(ch);
    let from = open.unwrap_or(text);
    let rest = from.trim_start_matches(numeral);
    if rest.len() == from.len() {
        return text;
    }
    let marks: &[char] = if open.is_some() { &['）', ')'] } else { &['、', '.', '．'] };
    match rest.strip_prefix(marks) {
        // 1.5吨车辆 is no first line.
        Some(name) if !name.is_empty() && !name.starts_with(|ch: char| ch.is_ascii_digit()) => {
            name.trim_start_matches(is_blank)
        }
        _ => text,
    }
}

fn fund_of(form: &str) -> &'static str {
    match form {
        "general-expenditure" => "一般公共预算",
        "fund-expenditure" => "政府性基金预算",
        "state-capital-expenditure" => "国有资本经营预算",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_no_part_of_a_name() {
        for (item, name) in [
            ("一、一般公共预算拨款收入", "一般公共预算拨款收入"),
            ("二十一、粮油物资储备支出", "粮油物资储备支出"),
            ("（一）房屋（平方米）", "房屋（平方米）"),
            ("1、房屋（平方米）", "房屋（平方米）"),
            ("1.一般公共预算", "一般公共预算"),
            ("  其中：办公用房（平方米）", "办公用房（平方米）"),
            ("其中： 1、办公用房", "办公用房"),
            ("1.5吨货车", "1.5吨货车"),
            ("20万元以上设备", "20万元以上设备"),
            ("一般公共服务支出", "一般公共服务支出"),
            ("（境）外支出", "（境）外支出"),
            ("", ""),
        ] {
            assert_eq!(without_ordinal(item), name, "{item}");
        }
    }

    #[test]
    fn subtotal_rows_name_their_unit() {
        assert_eq!(subtotal_of(" 云岭县苗圃站 小计"), Some("云岭县苗圃站"));
        assert_eq!(subtotal_of("小计"), None);
        assert_eq!(subtotal_of("小计算机采购"), None);
    }
}
