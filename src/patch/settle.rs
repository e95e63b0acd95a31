//! What the filing shall say after the edits: unchanged values as they were printed, changed ones
//! in the manner of the old, totals that follow recomputed.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::carry::{Carrier, Defined};
use super::change::same;
use super::manner;
use super::pair::Pairing;
use crate::check::sums::{Verdict, number, outcome};
use crate::check::{self};
use crate::document::CellFacts;
use crate::equation::{CellRef, Equation, Relation, Slot};
use crate::filing::{Block, Filing, Table, Value, amount};
use crate::finding::Finding;
use crate::form::{Form, Forms, Kind};
use crate::text::{Place, Text};

/// The filing aimed at.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub filing: Filing,
    /// Cells of the goal that were recomputed.
    pub recomputed: HashSet<CellRef>,
    pub findings: Vec<Finding>,
}

/// Settles `after`.
pub(super) fn settle(before: &Filing, after: &Filing, forms: &Forms, pairing: &Pairing) -> Goal {
    let mut filing = after.clone();
    for (new_block, block) in filing.blocks.iter_mut().enumerate() {
        let Block::Table(table) = block else { continue };
        let form = table.form.as_ref().and_then(|key| forms.get(key));
        match (pairing.blocks.old[new_block].and_then(|old| before.table(old)), pairing.tables.get(&new_block)) {
            (Some(old), Some(pair)) => {
                keep_fields(old, table, form, &after.cells);
                let rows: Vec<(usize, Option<usize>)> = pair.rows.old.iter().copied().enumerate().collect();
                keep_cells(old, table, form, &rows, &pair.columns.old, &after.cells);
            }
            _ => {
                // A new table: its amounts as a table of its form prints them.
                let sibling = before.tables().map(|(_, table)| table).find(|old| old.form == table.form);
                if let Some(old) = sibling {
                    let rows: Vec<(usize, Option<usize>)> = (0..table.rows.len()).map(|row| (row, None)).collect();
                    let columns: Vec<Option<usize>> =
                        table.columns.iter().map(|column| old.column(&column.id)).collect();
                    keep_cells(old, table, form, &rows, &columns, &after.cells);
                }
            }
        }
    }
    let mut totals = Totals {
        before,
        after,
        goal: filing,
        pairing,
        pasted: HashSet::new(),
        recomputed: HashSet::new(),
        findings: Vec::new(),
    };
    totals.recompute(forms);
    Goal { filing: totals.goal, recomputed: totals.recomputed, findings: totals.findings }
}

fn keep_fields(old: &Table, new: &mut Table, form: Option<&Form>, facts: &CellFacts) {
    for field in &mut new.fields {
        let kind = form.and_then(|form| form.field(&field.id)).map(|field| field.kind);
        if let (Value::One(text), Some(before)) = (&mut field.value, old.field_text(&field.id)) {
            keep(before, text, kind, None, facts);
        }
    }
}

fn keep_cells(
    old: &Table,
    new: &mut Table,
    form: Option<&Form>,
    rows: &[(usize, Option<usize>)],
    columns: &[Option<usize>],
    facts: &CellFacts,
) {
    for (column, old_column) in columns.iter().enumerate() {
        let Some(old_column) = *old_column else { continue };
        let kind = form.and_then(|form| form.column(&new.columns[column].id)).map(|column| column.kind);
        let text = |row: usize| old.rows[row].cells.get(old_column).map(|cell| &cell.text);
        let mut like: Option<&str> = (0..old.rows.len())
            .filter_map(|row| text(row).map(|text| text.as_str()))
            .find(|text| amount::parse(text).is_some());
        for (row, old_row) in rows {
            let before = old_row.and_then(text);
            if let Some(near) = before.map(|text| text.as_str()).filter(|text| amount::parse(text).is_some()) {
                like = Some(near);
            }
            if let Some(cell) = new.rows[*row].cells.get_mut(column) {
                let blank = Text::default();
                // Of a blank cell nothing tells the manner but its neighbours, and of targets not even they.
                let like = like.filter(|_| matches!(kind, Some(Kind::Money | Kind::Number | Kind::Percent)));
                keep(before.unwrap_or(&blank), &mut cell.text, kind, like, facts);
            }
        }
    }
}

/// A value that says the same stays as it was printed; another is printed in its manner.
fn keep(before: &Text, text: &mut Text, kind: Option<Kind>, like: Option<&str>, facts: &CellFacts) {
    if same(before.as_str(), text.as_str(), kind) {
        *text = before.clone();
        return;
    }
    // The workbook has the decimals of the print; where it has none, none were meant.
    if facts.whole.contains(&text.place()) && text.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
        let old = amount::parse(before.as_str());
        if old.is_some_and(|old| !old.percent && !old.thousands && !old.full_width && old.value.scale() > 0) {
            return;
        }
    }
    let printed = manner::print(before.as_str(), text.as_str(), kind, like);
    if printed != text.as_str() {
        *text = Text::placed(printed, text.place());
    }
}

struct Totals<'f> {
    before: &'f Filing,
    after: &'f Filing,
    goal: Filing,
    pairing: &'f Pairing,
    /// Tables of a workbook all of whose totals are values.
    pasted: HashSet<usize>,
    recomputed: HashSet<CellRef>,
    findings: Vec<Finding>,
}

/// A total of the goal and the one it was.
struct Total<'e> {
    equation: &'e Equation,
    /// What the parts added up to before, by the printed amounts, and how the total stood to it.
    was: Option<(Decimal, Verdict)>,
    /// What a workbook that computes its parts too would show before.
    computed: Option<Decimal>,
    /// And what it shows after the edits.
    shown: Option<Decimal>,
    /// By the labels of the edited filing nothing computes it, or another rule does.
    lapsed: bool,
}

impl Totals<'_> {
    fn recompute(&mut self, forms: &Forms) {
        let old_equations = check::equations(self.before, forms);
        let new_equations = check::equations(&self.goal, forms);
        let goal = self.goal.clone();
        let carrier = Carrier {
            before: self.before,
            after: &goal,
            pairing: self.pairing,
            old: defined(&old_equations),
            new: defined(&new_equations),
        };
        let equations = self.equations(&carrier, &old_equations, &new_equations);
        let equations: Vec<&Equation> = equations.iter().collect();
        let mut shown = Shown { filing: self.before, defined: &carrier.old, known: HashMap::new() };
        let defines = equations.iter().map(|equation| (&equation.target, *equation)).collect();
        let mut shown_after = Shown { filing: &goal, defined: &defines, known: HashMap::new() };
        let mut totals: Vec<Total<'_>> = Vec::new();
        for equation in in_order(&equations) {
            let of_old = self.pairing.old_cell(&equation.target).and_then(|old| carrier.old.get(&old).copied());
            let was = of_old.and_then(|of_old| self.stood(of_old));
            let computed = of_old.and_then(|of_old| shown.value(&of_old.target, 0));
            let shown = shown_after.value(&equation.target, 0);
            let lapsed = of_old.is_some_and(|of_old| !is_kept(of_old, carrier.new.get(&equation.target).copied()));
            totals.push(Total { equation, was, computed, shown, lapsed });
        }
        self.find_pasted(&totals);
        for total in &totals {
            self.settle(total);
        }
    }

    /// What defines the totals of the goal: those of before by what they were made of, new ones by
    /// what the form says.
    fn equations(&self, carrier: &Carrier<'_>, old: &[Equation], new: &[Equation]) -> Vec<Equation> {
        let mut equations = Vec::new();
        for equation in new.iter().filter(|equation| is_definition(equation)) {
            // A cell that only now is a total stays as it was printed.
            if self.pairing.old_cell(&equation.target).is_none() {
                equations.push(equation.clone());
            }
        }
        for equation in old.iter().filter(|equation| is_definition(equation)) {
            let Some(target) = carrier.new_of(&equation.target) else { continue };
            // A cell that another rule computes now is no total that follows; a formula goes on.
            let kept = is_kept(equation, carrier.new.get(&target).copied());
            if kept || self.is_formula(&target) {
                equations.push(carrier.carry(equation, target));
            }
        }
        equations
    }

    /// Finds the tables of a workbook over whose formulas somebody pasted values. Of a single total
    /// nobody knows; while other sheets have formulas, somebody typed that one.
    fn find_pasted(&mut self, totals: &[Total<'_>]) {
        if self.after.source.kind != crate::source::Kind::Spreadsheet {
            return;
        }
        let mut blocks: HashMap<usize, (usize, bool)> = HashMap::new();
        for total in totals {
            let target = &total.equation.target;
            let (count, live) = blocks.entry(target.block).or_default();
            *count += 1;
            *live |= self.is_formula(target);
        }
        let all = self.after.cells.formulas.is_empty();
        let pasted = blocks.into_iter().filter(|(_, (count, live))| all || (!live && *count > 1));
        self.pasted = pasted.map(|(block, _)| block).collect();
    }

    /// Whether the edited workbook computes a cell.
    fn is_formula(&self, cell: &CellRef) -> bool {
        cell.text(self.after).is_some_and(|text| self.after.cells.formulas.contains(&text.place()))
    }

    /// Whether `校验` lists an amount of a cell's sheet that was printed so, while a formula computes
    /// another; `None` without `校验`.
    fn is_restated(&self, cell: &CellRef, printed: &str) -> Option<bool> {
        let restated = self.after.cells.restated.as_ref()?;
        let Place::SheetCell { sheet, .. } = cell.text(self.after)?.place() else { return None };
        let number = |text: &str| amount::parse(text).map(|amount| amount.value);
        Some(restated.iter().any(|(on, listed)| *on == sheet && number(listed) == number(printed)))
    }

    /// Whether a total was printed as it reads: `校验` says so, or its formula shows what its parts
    /// come to, totals among them that were printed otherwise.
    fn is_live(&self, total: &Total<'_>, typed: &str) -> bool {
        let value = amount::parse(typed).map(|amount| amount.value);
        value.is_some() && (value == total.shown || self.is_restated(&total.equation.target, typed) == Some(true))
    }

    /// What an equation of the old filing came to. A blank total of blank parts stood right.
    fn stood(&self, equation: &Equation) -> Option<(Decimal, Verdict)> {
        if let Some(outcome) = outcome(self.before, equation) {
            return Some((outcome.computed.value, outcome.verdict));
        }
        let computed = sum(self.before, equation)?;
        let stated = number(self.before, &equation.target)?;
        (computed.is_zero() && stated.value.is_zero()).then_some((computed, Verdict::Holds))
    }

    fn settle(&mut self, total: &Total<'_>) {
        let target = &total.equation.target;
        let typed = target.text(self.after).map(|text| text.as_str().to_owned()).unwrap_or_default();
        let is_formula = self.is_formula(target);
        let old = self.pairing.old_cell(target);
        let Some(computed) = sum(&self.goal, total.equation) else {
            // A program that computes nothing saves formulas without what they show.
            if let Some(old) = old.filter(|_| is_formula && typed.is_empty()) {
                self.keep(target, &old);
            }
            return;
        };
        let Some(old) = old else {
            // A new total: what is typed stays, what a formula leaves blank is filled in.
            let parts = total.equation.terms.iter().flat_map(|term| &term.factors);
            let blank = parts.filter_map(|part| part.text(&self.goal)).all(|text| text.is_empty());
            if (is_formula || typed.is_empty()) && !blank && !self.is_live(total, &typed) {
                let like = self.manner_of(target, total.equation);
                self.put(target, computed, &like);
            }
            return;
        };
        let before = old.text(self.before).map(|text| text.as_str().to_owned()).unwrap_or_default();
        let shows = |value: Option<Decimal>| {
            let typed = amount::parse(&typed).map(|amount| amount.value);
            typed.is_some() && typed == value.map(|value| value.round_dp(typed.map_or(0, |typed| typed.scale())))
        };
        let kept = same(&typed, &before, Some(Kind::Money));
        // Whose formula shows something else was given another one.
        if total.lapsed && !typed.is_empty() && !kept && !shows(Some(computed)) && !self.is_live(total, &typed) {
            return;
        }
        let edited = if is_formula || kept {
            false
        } else if self.pasted.contains(&target.block) {
            // Values pasted over all formulas of a table show what the formulas showed.
            let was = total.was.map(|(was, _)| was);
            let formula = total.was.is_some() && [Some(computed), total.computed, was].into_iter().any(shows);
            !typed.is_empty() && !formula
        } else {
            // In a workbook with formulas one that is gone was typed over, or cleared.
            !typed.is_empty() || !self.after.cells.formulas.is_empty()
        };
        if edited {
            if amount::parse(&typed).is_some_and(|amount| amount.value == computed) {
                self.recomputed.insert(target.clone());
            }
            return self.report_typed(total.equation, &typed, computed);
        }
        // What a formula shows was printed, or stands on 校验; this is another filing's total.
        if is_formula && !kept && shows(Some(computed)) && self.is_restated(target, &before) == Some(false) {
            let whole = target.text(self.after).is_some_and(|text| self.after.cells.whole.contains(&text.place()));
            let like = match before.is_empty() {
                _ if whole => typed,
                true => self.manner_of(target, total.equation),
                false => before,
            };
            return self.put(target, computed, &like);
        }
        // Only which rows it adds up has changed, not what they come to.
        if is_formula && kept && total.computed == Some(computed) {
            return self.keep(target, &old);
        }
        let Some((was, verdict)) = total.was else { return self.keep(target, &old) };
        let printed = amount::parse(&before).map(|amount| amount.value).unwrap_or_default();
        let value = match verdict {
            Verdict::Holds if is_formula && !kept && self.is_live(total, &typed) => {
                amount::parse(&typed).map(|amount| amount.value)
            }
            Verdict::Holds => Some(computed),
            // A total that rounding moved goes on by as much as its parts.
            Verdict::Rounding => computed.checked_sub(was).and_then(|by| printed.checked_add(by)).map(|value| {
                let scale = amount::parse(&before).map_or(0, |amount| amount.value.scale());
                value.round_dp_with_strategy(scale, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
            }),
            Verdict::Broken => None,
        };
        let Some(value) = value else {
            if was != computed {
                self.report_wrong(total.equation, &before, computed);
            }
            return self.keep(target, &old);
        };
        if value == printed {
            return self.keep(target, &old);
        }
        let parts = total.equation.terms.iter().flat_map(|term| &term.factors);
        if typed.is_empty() && parts.filter_map(|part| part.text(&self.goal)).all(Text::is_empty) {
            // Of blank parts nothing is left to add up.
            self.recomputed.insert(target.clone());
            return;
        }
        let like = if before.is_empty() { self.manner_of(target, total.equation) } else { before };
        self.put(target, value, &like);
    }

    /// The total as it was printed.
    fn keep(&mut self, target: &CellRef, old: &CellRef) {
        if let (Some(old), Some(text)) = (old.text(self.before).cloned(), text_mut(&mut self.goal, target)) {
            *text = old;
        }
    }

    fn put(&mut self, target: &CellRef, value: Decimal, like: &str) {
        let printed = manner::print_amount(value, like).unwrap_or_else(|| value.normalize().to_string());
        if let Some(text) = text_mut(&mut self.goal, target)
            && text.as_str() != printed
        {
            *text = Text::placed(printed, text.place());
        }
        self.recomputed.insert(target.clone());
    }

    /// An amount near a blank total that shows how such amounts are printed.
    fn manner_of(&self, target: &CellRef, equation: &Equation) -> String {
        let parts = equation.terms.iter().flat_map(|term| &term.factors);
        std::iter::once(target)
            .chain(parts)
            .filter_map(|cell| cell.text(&self.goal))
            .map(|text| text.as_str())
            .find(|text| amount::parse(text).is_some_and(|amount| !amount.percent))
            .unwrap_or("0.00")
            .to_owned()
    }

    fn report_typed(&mut self, equation: &Equation, typed: &str, computed: Decimal) {
        if amount::parse(typed).is_some_and(|amount| amount.value == computed) {
            return;
        }
        let place = equation.target.text(self.after).map(Text::place).unwrap_or_default();
        let computed = computed.normalize();
        self.findings.push(
            Finding::of(
                "total-typed",
                place,
                format!("{}：合计改成了 {typed}，但各项之和是 {computed}；已按改动写入，请核对", equation.says),
                format!("{}: the total was set to {typed}, but its parts add up to {computed}; written as set, please check", equation.says),
            )
            .numbers(typed, computed.to_string()),
        );
    }

    fn report_wrong(&mut self, equation: &Equation, before: &str, computed: Decimal) {
        if amount::parse(before).is_some_and(|amount| amount.value == computed) {
            return;
        }
        let place = equation.target.text(self.after).map(Text::place).unwrap_or_default();
        let computed = computed.normalize();
        self.findings.push(
            Finding::of(
                "total-not-recomputed",
                place,
                format!("{}：原文的 {before} 在修改之前就与各项不符，没有重算；现在各项之和是 {computed}", equation.says),
                format!("{}: {before} did not agree with its parts before the edit and was not recomputed; they now add up to {computed}", equation.says),
            )
            .numbers(before, computed.to_string()),
        );
    }
}

/// Whether a form defines a cell by an equation.
fn is_definition(equation: &Equation) -> bool {
    equation.defines && equation.relation == Relation::Equal
}

fn defined(equations: &[Equation]) -> Defined<'_> {
    let definitions = equations.iter().filter(|equation| is_definition(equation));
    definitions.map(|equation| (&equation.target, equation)).collect()
}

/// Whether a total is still computed by the rule that it was computed by.
fn is_kept(old: &Equation, new: Option<&Equation>) -> bool {
    new.is_some_and(|new| kind_of(new) == kind_of(old))
}

/// What tells one way of adding up from another: over rows or over columns, by which rule.
fn kind_of(equation: &Equation) -> (&str, bool) {
    let column = |cell: &CellRef| match &cell.slot {
        Slot::Cell { column, .. } => Some(*column),
        Slot::Field(_) => None,
    };
    let target = column(&equation.target);
    let over_rows = equation.terms.iter().flat_map(|term| &term.factors).all(|cell| column(cell) == target);
    (&equation.reference, over_rows)
}

/// The sum of an equation's terms; blanks count nothing, `None` where a part is no number.
fn sum(filing: &Filing, equation: &Equation) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    for term in &equation.terms {
        let mut product = Decimal::ONE;
        for factor in &term.factors {
            product = product.checked_mul(number(filing, factor)?.value)?;
        }
        total = if term.minus { total.checked_sub(product)? } else { total.checked_add(product)? };
    }
    Some(total)
}

/// Amounts as a workbook shows them, whose totals are computed from computed totals.
struct Shown<'f> {
    filing: &'f Filing,
    defined: &'f Defined<'f>,
    known: HashMap<CellRef, Option<Decimal>>,
}

impl Shown<'_> {
    fn value(&mut self, cell: &CellRef, depth: usize) -> Option<Decimal> {
        if let Some(known) = self.known.get(cell) {
            return *known;
        }
        let equation = if depth < 64 { self.defined.get(cell).copied() } else { None };
        let value = match equation {
            None => number(self.filing, cell).map(|number| number.value),
            Some(equation) => {
                let mut total = Some(Decimal::ZERO);
                for term in &equation.terms {
                    let mut product = Some(Decimal::ONE);
                    for factor in &term.factors {
                        let factor = self.value(factor, depth + 1);
                        product = product.zip(factor).and_then(|(product, factor)| product.checked_mul(factor));
                    }
                    let product = product.map(|product| if term.minus { -product } else { product });
                    total = total.zip(product).and_then(|(total, product)| total.checked_add(product));
                }
                total
            }
        };
        self.known.insert(cell.clone(), value);
        value
    }
}

/// Equations in an order in which every total comes after those it is made of.
fn in_order<'e>(equations: &[&'e Equation]) -> Vec<&'e Equation> {
    let by_target: HashMap<&CellRef, usize> =
        equations.iter().enumerate().map(|(index, equation)| (&equation.target, index)).collect();
    let mut ordered = Vec::with_capacity(equations.len());
    let mut state = vec![0u8; equations.len()];
    for start in 0..equations.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.pop() {
            if state[at] == 2 || (state[at] == 1 && next == 0) {
                continue;
            }
            state[at] = 1;
            let factors: Vec<&CellRef> = equations[at].terms.iter().flat_map(|term| &term.factors).collect();
            let inner = factors[next..].iter().enumerate().find_map(|(skip, cell)| Some((skip, *by_target.get(cell)?)));
            match inner {
                Some((skip, inner)) => {
                    stack.push((at, next + skip + 1));
                    if state[inner] == 0 {
                        stack.push((inner, 0));
                    }
                }
                None => {
                    state[at] = 2;
                    ordered.push(equations[at]);
                }
            }
        }
    }
    ordered
}

/// The text of a cell, to be written.
pub(super) fn text_mut<'f>(filing: &'f mut Filing, cell: &CellRef) -> Option<&'f mut Text> {
    let Some(Block::Table(table)) = filing.blocks.get_mut(cell.block) else { return None };
    match &cell.slot {
        Slot::Cell { row, column } => Some(&mut table.rows.get_mut(*row)?.cells.get_mut(*column)?.text),
        Slot::Field(id) => match table.fields.iter_mut().find(|field| field.id == *id).map(|field| &mut field.value)? {
            Value::One(text) => Some(text),
            Value::Many(_) => None,
        },
    }
}
