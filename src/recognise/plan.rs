//! The funding plan (资金支出计划): two printed rows that extraction scatters over as many as four.
//!
//! Seen: the 12月底 pair on a row of its own, under a repeated label, without a label, or lost; the
//! whole plan printed twice; values beside their labels or moved by one column.

use super::grid::{Row, Token};
use crate::text::{Text, is_blank};

/// Most characters of a damaged percentage (`1 0 0 . 0 0 %`).
const LONGEST: usize = 13;

/// The plan as read: one text for each printed label, and which were repaired.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Values in the order of the labels.
    pub values: Vec<Option<Text>>,
    /// A value stood elsewhere than under its label.
    pub moved: bool,
    /// Rows printed again.
    pub repeated: bool,
    /// Values printed again.
    pub again: Vec<Text>,
    /// Cells that are no label, no value.
    pub rest: Vec<Text>,
}

/// Reads the rows of a plan. `label(text)` gives the number of the label a cell prints, and
/// `names(text)` whether a cell is the name of the block.
pub(super) fn read(
    rows: &[Row],
    labels: usize,
    label: impl Fn(&str) -> Option<usize>,
    names: impl Fn(&str) -> bool,
) -> Plan {
    let mut plan = Plan { values: vec![None; labels], ..Plan::default() };
    // Column of each label of the first row that prints them.
    let mut columns: Vec<(usize, usize)> = Vec::new();
    let mut first_values: Option<Vec<String>> = None;
    for (number, row) in rows.iter().enumerate() {
        let mut printed: Vec<(usize, usize)> = Vec::new();
        let mut values: Vec<Token> = Vec::new();
        for token in row.tokens() {
            if let Some(which) = label(token.str()) {
                printed.push((which, token.column));
            } else if is_value(token.str()) {
                values.push(token);
            } else if !names(token.str()) {
                plan.rest.push(token.cell.text.clone());
            }
        }
        match (printed.len(), values.len()) {
            (0, 0) => {}
            // A label and its value on a row of their own.
            (1, 1) => {
                plan.moved = true;
                plan.values[printed[0].0] = Some(values[0].cell.text.clone());
            }
            (_, 0) => {
                if number > 0 && !columns.is_empty() && printed.len() > 1 {
                    plan.repeated = true;
                } else {
                    columns.extend(printed);
                }
            }
            (0, _) => {
                let texts: Vec<String> = values.iter().map(|token| token.str().to_owned()).collect();
                if first_values.as_ref() == Some(&texts) && texts.len() > 1 {
                    plan.repeated = true;
                    plan.again.extend(values.iter().map(|token| token.cell.text.clone()));
                    continue;
                }
                place(&mut plan, &columns, &values, first_values.is_some());
                first_values.get_or_insert(texts);
            }
            // Labels and values mixed on one row: each value follows its label.
            _ => {
                plan.moved = true;
                for (which, column) in &printed {
                    if let Some(value) = values.iter().find(|token| token.column > *column) {
                        plan.values[*which] = Some(value.cell.text.clone());
                    }
                }
            }
        }
    }
    plan
}

fn place(plan: &mut Plan, columns: &[(usize, usize)], values: &[Token], later: bool) {
    let last = plan.values.len() - 1;
    if later && values.len() == 1 && plan.values[last].is_none() {
        // A lone value under the plan is that of the last label.
        plan.moved = true;
        plan.values[last] = Some(values[0].cell.text.clone());
        return;
    }
    if values.len() == columns.len() {
        for (token, (which, column)) in values.iter().zip(columns) {
            plan.moved |= token.column != *column;
            plan.values[*which] = Some(token.cell.text.clone());
        }
        return;
    }
    for token in values {
        if let Some((which, _)) = columns.iter().find(|(_, column)| *column == token.column) {
            plan.values[*which] = Some(token.cell.text.clone());
        } else if columns.iter().all(|(_, column)| *column < token.column) && plan.values[last].is_none() {
            plan.moved = true;
            plan.values[last] = Some(token.cell.text.clone());
        } else {
            plan.rest.push(token.cell.text.clone());
        }
    }
}

/// A percentage, or a number where the percent sign was lost; also one that a conversion damaged
/// (`10. 00%`, `1O.00%`): it keeps its place, and a check says that it is no number.
pub(super) fn is_value(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let damaged = || {
        digits > 0
            && (digits > 1 || text.contains(['%', '％']))
            && text.chars().count() <= LONGEST
            && text.chars().all(|ch| ch.is_ascii_digit() || is_blank(ch) || ".．。,，%％OoIl".contains(ch))
    };
    crate::filing::amount::parse(text).is_some() || damaged()
}
