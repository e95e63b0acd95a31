//! Equations judged by rounding intervals.
//!
//! Every printed number stands for an interval of half a unit in its last place to either side.
//! Equal numbers are silent; unequal ones whose intervals meet are a rounding remainder (a note);
//! anything else is a contradiction. There is no other tolerance.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::Context;
use crate::equation::{CellRef, Equation, Relation, Slot};
use crate::filing::{Filing, Table, amount};
use crate::finding::Finding;
use crate::form::sums::SUM_MISMATCH;
use crate::form::{Forms, Kind};
use crate::text::Place;

/// A sum made of printed numbers: its value and half the width of its rounding interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The number.
    pub value: Decimal,
    /// How far rounding may have moved it.
    pub slack: Decimal,
}

impl Interval {
    /// The interval of a printed number; a plain 0 is nothing, not a rounded number.
    pub fn printed(value: Decimal) -> Interval {
        // A decimal has 28 places at most: the half unit of a 28th cannot be written.
        if (value.is_zero() && value.scale() == 0) || value.scale() >= Decimal::MAX_SCALE {
            return Interval::exact(value);
        }
        Interval { value, slack: Decimal::new(5, value.scale() + 1) }
    }

    /// An exact number, such as zero for a blank cell.
    pub fn exact(value: Decimal) -> Interval {
        Interval { value, slack: Decimal::ZERO }
    }

    /// The sum of two.
    pub fn plus(self, other: Interval) -> Option<Interval> {
        Some(Interval { value: self.value.checked_add(other.value)?, slack: self.slack.checked_add(other.slack)? })
    }

    /// The number with its sign turned.
    pub fn negated(self) -> Interval {
        Interval { value: -self.value, slack: self.slack }
    }

    /// The product of two.
    pub fn times(self, other: Interval) -> Option<Interval> {
        let value = self.value.checked_mul(other.value)?;
        let slack = self
            .value
            .abs()
            .checked_mul(other.slack)?
            .checked_add(other.value.abs().checked_mul(self.slack)?)?
            .checked_add(self.slack.checked_mul(other.slack)?)?;
        Some(Interval { value, slack })
    }

    /// Whether the two intervals meet.
    pub fn meets(self, other: Interval) -> bool {
        let (distance, slack) = (self.value.checked_sub(other.value), self.slack.checked_add(other.slack));
        distance.zip(slack).is_some_and(|(distance, slack)| distance.abs() <= slack)
    }
}

/// How a stated number stands to a computed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds exactly.
    Holds,
    /// It holds within rounding.
    Rounding,
    /// It does not hold.
    Broken,
}

/// Judges a stated number against a computed one.
pub fn verdict(stated: Interval, relation: Relation, computed: Interval) -> Verdict {
    let holds = match relation {
        Relation::Equal => stated.value == computed.value,
        Relation::AtMost => stated.value <= computed.value,
        Relation::AtLeast => stated.value >= computed.value,
    };
    if holds {
        Verdict::Holds
    } else if stated.meets(computed) {
        Verdict::Rounding
    } else {
        Verdict::Broken
    }
}

/// What an equation comes to: the stated number and the computed one.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The number printed in the target.
    pub stated: Interval,
    /// What the terms add up to.
    pub computed: Interval,
    /// How they stand to each other.
    pub verdict: Verdict,
}

/// Works an equation out. `None` where it has no data: a target that is no number, or not one
/// printed addend.
pub fn outcome(filing: &Filing, equation: &Equation) -> Option<Outcome> {
    let mut computed = Interval::exact(Decimal::ZERO);
    let mut printed = false;
    for term in &equation.terms {
        let mut product: Option<Interval> = None;
        for factor in &term.factors {
            let mut number = number(filing, factor)?;
            printed |= is_printed(filing, factor);
            // A whole number in a product is a count: seven chairs are not 6.5 to 7.5 chairs.
            if term.factors.len() > 1 && number.value.scale() == 0 {
                number.slack = Decimal::ZERO;
            }
            product = Some(match product {
                None => number,
                Some(product) => product.times(number)?,
            });
        }
        if let Some(product) = product {
            computed = computed.plus(if term.minus { product.negated() } else { product })?;
        }
    }
    let stated = number(filing, &equation.target)?;
    // A column that nobody filled in is not a sum that is wrong.
    if !printed || (!is_printed(filing, &equation.target) && computed.value.is_zero()) {
        return None;
    }
    Some(Outcome { stated, computed, verdict: verdict(stated, equation.relation, computed) })
}

/// Whether anything is printed in a cell.
fn is_printed(filing: &Filing, cell: &CellRef) -> bool {
    cell.text(filing).is_some_and(|text| !text.is_blank())
}

/// The number in a cell: zero where it is blank, `None` where it is text or absent.
pub fn number(filing: &Filing, cell: &CellRef) -> Option<Interval> {
    let text = cell.text(filing)?;
    if text.is_blank() {
        return Some(Interval::exact(Decimal::ZERO));
    }
    amount::parse(text.as_str()).map(|amount| Interval::printed(amount.value))
}

/// The numbers in the money columns of a table; running numbers, codes and quantities are none.
pub fn amounts<'t>(table: &'t Table, forms: &'t Forms) -> impl Iterator<Item = Decimal> + 't {
    let form = table.form.as_ref().and_then(|key| forms.get(key));
    let is_money = move |id: &str| form?.column(id).map(|spec| spec.kind == Kind::Money);
    let columns = table.columns.iter().enumerate().filter(move |(_, column)| is_money(&column.id) == Some(true));
    let cells = columns.flat_map(|(column, _)| table.rows.iter().filter_map(move |row| row.cells.get(column)));
    cells.filter_map(|cell| Some(amount::parse(cell.text.as_str())?.value))
}

/// The rule: every equation that does not hold. What only follows from another wrong cell is not
/// said again: a total over a subtotal that is itself wrong, a second equation with the same result.
pub fn judge(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut said: BTreeSet<(&CellRef, Decimal)> = BTreeSet::new();
    for (equation, outcome) in context.equations.iter().zip(&context.outcomes) {
        let Some(outcome) = *outcome else { continue };
        let rule = match outcome.verdict {
            Verdict::Holds => continue,
            Verdict::Rounding => "sum-rounding",
            Verdict::Broken if !is_printed(filing, &equation.target) && equation.rule == SUM_MISMATCH => "sum-missing",
            Verdict::Broken => equation.rule,
        };
        if outcome.verdict == Verdict::Broken && follows(filing, equation, outcome, &context.wrong) {
            continue;
        }
        if said.insert((&equation.target, outcome.computed.value)) {
            findings.push(report(context, equation, outcome, rule));
        }
    }
}

/// What each cell that its own parts contradict should be.
pub fn wrong(equations: &[Equation], outcomes: &[Option<Outcome>]) -> BTreeMap<CellRef, Vec<Decimal>> {
    let mut wrong: BTreeMap<CellRef, Vec<Decimal>> = BTreeMap::new();
    for (equation, outcome) in equations.iter().zip(outcomes) {
        if let Some(outcome) = outcome
            && outcome.verdict == Verdict::Broken
            && equation.relation == Relation::Equal
        {
            wrong.entry(equation.target.clone()).or_default().push(outcome.computed.value);
        }
    }
    wrong
}

/// Whether an equation would hold if one of its addends were what that addend's own parts say.
fn follows(filing: &Filing, equation: &Equation, outcome: Outcome, wrong: &BTreeMap<CellRef, Vec<Decimal>>) -> bool {
    equation.terms.iter().any(|term| {
        let [cell] = term.factors.as_slice() else { return false };
        let (Some(values), Some(stated)) = (wrong.get(cell), number(filing, cell)) else { return false };
        values.iter().any(|value| {
            let change = if term.minus { stated.value.checked_sub(*value) } else { value.checked_sub(stated.value) };
            let changed = change.and_then(|change| outcome.computed.value.checked_add(change));
            let Some(value) = changed else { return false };
            let computed = Interval { value, slack: outcome.computed.slack };
            verdict(outcome.stated, equation.relation, computed) != Verdict::Broken
        })
    })
}

fn report(context: &Context<'_>, equation: &Equation, outcome: Outcome, rule: &'static str) -> Finding {
    let filing = context.filing;
    let stated = outcome.stated.value.to_string();
    let computed = printed_like(outcome.computed.value, outcome.stated.value);
    let difference = outcome.stated.value.checked_sub(outcome.computed.value).unwrap_or_default().normalize();
    let title = table_title(filing, equation.target.block);
    let (zh, en) = if !is_printed(filing, &equation.target) {
        (
            format!("{title}{}：表中空白，计算为 {computed}", equation.says),
            format!("{title}{}: blank, computed {computed}", equation.says),
        )
    } else {
        (
            format!("{title}{}：表中为 {stated}，计算为 {computed}，相差 {difference}", equation.says),
            format!("{title}{}: stated {stated}, computed {computed}, difference {difference}", equation.says),
        )
    };
    at(filing, &equation.target, rule, zh, en).numbers(stated, computed)
}

/// A computed number with at least the decimals of the stated one.
pub fn printed_like(computed: Decimal, stated: Decimal) -> String {
    let mut shown = computed.normalize();
    if shown.scale() < stated.scale() {
        shown.rescale(stated.scale());
    }
    shown.to_string()
}

/// A table's title in marks, or nothing where it has none.
pub fn table_title(filing: &Filing, block: usize) -> String {
    match filing.table(block).map(|table| table.title.as_str()) {
        Some(title) if !title.is_empty() => format!("《{title}》"),
        _ => String::new(),
    }
}

/// A finding about a cell; a blank cell stands where the nearest printed cell of its row does.
pub fn at(filing: &Filing, cell: &CellRef, rule: &'static str, zh: String, en: String) -> Finding {
    let table = filing.table(cell.block);
    let mut place = cell.text(filing).map(crate::text::Text::place).unwrap_or_default();
    match &cell.slot {
        Slot::Cell { row, column } => {
            if place == Place::Nowhere
                && let Some(row) = table.and_then(|table| table.rows.get(*row))
            {
                let printed = |index: &usize| row.cells[*index].text.place() != Place::Nowhere;
                let nearest = (0..row.cells.len()).filter(printed).min_by_key(|index| index.abs_diff(*column));
                place = nearest.map(|index| row.cells[index].text.place()).unwrap_or_default();
            }
            place = or_table(place, table);
            let id = table.and_then(|table| table.columns.get(*column)).map(|column| column.id.clone());
            Finding::of(rule, place, zh, en).at_cell(cell.block, Some(*row), id.unwrap_or_default())
        }
        Slot::Field(id) => Finding::of(rule, or_table(place, table), zh, en).at_cell(cell.block, None, id.clone()),
    }
}

/// The same about a cell in a column of a table; `None` where the table has no such column.
pub fn at_column(
    filing: &Filing,
    (block, row, id): (usize, usize, &str),
    rule: &'static str,
    zh: String,
    en: String,
) -> Option<Finding> {
    let column = filing.table(block)?.column(id)?;
    Some(at(filing, &CellRef::cell(block, row, column), rule, zh, en))
}

fn or_table(place: Place, table: Option<&Table>) -> Place {
    if place == Place::Nowhere { table.map(|table| table.place).unwrap_or_default() } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Interval {
        Interval::printed(amount::parse(text).expect("a number").value)
    }

    #[test]
    fn intervals_decide_between_rounding_and_contradiction() {
        let sum = [printed("3.33"), printed("3.33"), printed("3.33")]
            .into_iter()
            .fold(Interval::exact(Decimal::ZERO), |sum, part| sum.plus(part).expect("small"));
        assert_eq!(verdict(printed("9.99"), Relation::Equal, sum), Verdict::Holds);
        assert_eq!(verdict(printed("10.00"), Relation::Equal, sum), Verdict::Rounding);
        assert_eq!(verdict(printed("10.02"), Relation::Equal, sum), Verdict::Broken);
    }

    #[test]
    fn inequalities() {
        assert_eq!(verdict(printed("5.00"), Relation::AtMost, printed("6.00")), Verdict::Holds);
        assert_eq!(verdict(printed("7.00"), Relation::AtMost, printed("6.00")), Verdict::Broken);
    }
}
