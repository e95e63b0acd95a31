//! The table of state-owned assets: its date, and the part of a line that is more than the line.

use super::{Context, sums};
use crate::equation::{CellRef, Equation, Relation, Term};
use crate::filing::{Filing, Table};
use crate::finding::Finding;
use crate::form::label::fold;

fn tables(filing: &Filing) -> impl Iterator<Item = (usize, &Table)> {
    filing.tables().filter(|(_, table)| table.form_id() == "state-assets")
}

fn row_of(table: &Table, word: &str, not: &str) -> Option<usize> {
    (0..table.rows.len()).find(|&row| {
        let item = fold(table.cell(row, "item"));
        item.contains(word) && (not.is_empty() || !item.contains(not))
    })
}

/// 其中：办公用房 is at most 房屋, in quantity and value, where both are printed.
pub fn equations(filing: &Filing) -> Vec<Equation> {
    let mut equations = Vec::new();
    for (block, table) in tables(filing) {
        let (Some(whole), Some(part)) = (row_of(table, "房屋", "办公用房"), row_of(table, "办公用房", ""))
        else {
            continue;
        };
        for (id, name) in [("quantity", "数量"), ("value", "价值")] {
            let Some(column) = table.column(id) else { continue };
            if table.cell(whole, id).is_empty() || table.cell(part, id).is_empty() {
                continue;
            }
            equations.push(Equation {
                rule: "assets-part",
                reference: "R71".to_owned(),
                says: format!("其中：办公用房{name} ≤ 房屋{name}"),
                target: CellRef::cell(block, part, column),
                relation: Relation::AtMost,
                terms: vec![Term::plus(CellRef::cell(block, whole, column))],
                defines: false,
            });
        }
    }
    equations
}

/// The rule: assets are stated as of the last day of the year before the budget.
pub fn date(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(fiscal) = filing.fiscal_year else { return };
    for (block, table) in tables(filing) {
        let Some(text) = table.field_text("date") else { continue };
        let numbers: Vec<u32> = text
            .as_str()
            .split(|ch: char| !ch.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .filter_map(|part| part.parse().ok())
            .collect();
        let [year, month, day] = numbers.as_slice() else { continue };
        let expected = u32::from(fiscal) - 1;
        if (*year, *month, *day) != (expected, 12, 31) {
            let zh = format!("资产截止时间为“{}”，{fiscal} 年预算应为 {expected} 年 12 月 31 日", text.as_str());
            let en =
                format!("the assets are as of “{}”; for the budget of {fiscal} it is {expected}-12-31", text.as_str());
            findings.push(
                sums::at(filing, &CellRef::field(block, "date"), "assets-date", zh, en)
                    .numbers(text.as_str(), format!("{expected}-12-31")),
            );
        }
    }
}
