//! Equations as formulas: the cells a form defines as sums, with their results.
//!
//! A result is computed on decimals from what the cells of the workbook hold. Where that differs
//! from the printed amount the cell keeps the formula, and the printed amount stands in a note and
//! on `校验`.

use foldhash::{HashMap, HashMapExt};
use rust_decimal::Decimal;

use super::name::quoted;
use super::number::{Manner, Shown, held};
use crate::check::sums::Interval;
use crate::equation::{CellRef, Equation, Relation, Term};
use crate::filing::{Filing, amount};
use crate::form::Kind;
use crate::source::cell_name;

/// Where a value of the filing stands in the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Index into [`Places::sheets`].
    pub sheet: usize,
    pub row: u32,
    pub col: u16,
    /// Columns it covers.
    pub cols: u16,
    pub kind: Kind,
}

/// Where the values that can be numbers stand.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Names of the sheets.
    pub sheets: Vec<String>,
    /// The names as references have them.
    quoted: Vec<String>,
    pub spots: HashMap<CellRef, Spot>,
}

impl Spot {
    /// `D5`.
    pub fn cell(&self) -> String {
        cell_name(self.row, u32::from(self.col))
    }
}

impl Places {
    /// Adds a sheet.
    pub fn add(&mut self, name: &str) {
        self.sheets.push(name.to_owned());
        self.quoted.push(quoted(name));
    }

    /// `D5`, or `'收支总表'!D5` from another sheet.
    pub fn reference(&self, spot: &Spot, home: Option<usize>) -> String {
        if home == Some(spot.sheet) {
            return spot.cell();
        }
        [&self.quoted[spot.sheet], "!", &spot.cell()].concat()
    }
}

/// A cell that a form defines as a sum.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    /// Without the sign `=`.
    pub formula: String,
    /// The result and how the cell shows it.
    pub shown: Shown,
    /// What the filing prints.
    pub printed: String,
    /// The printed amount is another number.
    differs: bool,
}

impl Sum {
    /// Whether the printed amount is another number than the parts add up to.
    pub fn differs(&self) -> bool {
        self.differs
    }

    /// Whether the cell shows something else than the filing prints.
    pub fn restated(&self) -> bool {
        self.shown.print() != self.printed
    }

    /// The note on a cell that shows something else than the filing prints.
    pub fn note(&self) -> Option<String> {
        let printed = if self.printed.is_empty() { "空白" } else { &self.printed };
        self.restated().then(|| format!("原文为 {printed}；按本表各数计算为 {}。见“校验”表。", self.shown.print()))
    }
}

/// An addend of a formula.
pub(super) enum Operand {
    /// A cell of the workbook.
    Cell(Spot),
    /// A cell of the sheet the formula stands on.
    Here(String),
    /// A number that the workbook keeps as text.
    Constant(Decimal),
}

/// Formulas of all cells that forms define.
pub(super) struct Sums<'f> {
    filing: &'f Filing,
    pub places: &'f Places,
    /// What is printed in the cells of the equations, where that is no words.
    printed: HashMap<&'f CellRef, Printed>,
    made: HashMap<&'f CellRef, Option<Sum>>,
}

/// What is printed in a cell, as the workbook computes with it.
pub(super) struct Printed {
    /// Number, in the unit the cell holds (a percentage as its hundredth).
    pub interval: Interval,
    /// `None` where nothing or only a dash is printed.
    pub shown: Option<Shown>,
    /// The cell holds text.
    pub text: bool,
    pub blank: bool,
}

/// Dashes that say "does not apply".
fn is_dash(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|ch| matches!(ch, '—' | '-' | '–' | '－' | '―' | '/' | '／'))
}

/// The number printed in a cell; `None` where it is words.
fn printed(filing: &Filing, cell: &CellRef, kind: Kind) -> Option<Printed> {
    let text = cell.text(filing)?.as_str();
    let nothing = Interval::exact(Decimal::ZERO);
    if text.is_empty() {
        return Some(Printed { interval: nothing, shown: None, text: false, blank: true });
    }
    if is_dash(text) {
        return Some(Printed { interval: nothing, shown: None, text: true, blank: false });
    }
    let amount = amount::parse(text)?;
    if amount.percent && kind != Kind::Percent {
        return None;
    }
    let shown = held(text, kind);
    let manner = Manner {
        decimals: u8::try_from(amount.value.scale()).ok()?,
        thousands: amount.thousands,
        percent: amount.percent,
        blank_zero: false,
    };
    let mut interval = Interval::printed(amount.value);
    if amount.percent {
        interval =
            Interval { value: interval.value / Decimal::ONE_HUNDRED, slack: interval.slack / Decimal::ONE_HUNDRED };
    }
    Some(Printed { interval, shown: Some(Shown { value: amount.value, manner }), text: shown.is_none(), blank: false })
}

impl<'f> Sums<'f> {
    /// Makes the formulas of every cell that an equation defines.
    pub fn new(filing: &'f Filing, equations: &'f [Equation], places: &'f Places) -> Sums<'f> {
        let defined: HashMap<&CellRef, &Equation> = equations
            .iter()
            .filter(|equation| equation.defines && equation.relation == Relation::Equal)
            .map(|equation| (&equation.target, equation))
            .collect();
        let mut sums = Sums { filing, places, printed: HashMap::new(), made: HashMap::with_capacity(defined.len()) };
        let factors = |equation: &'f Equation| equation.terms.iter().flat_map(|term| &term.factors);
        for cell in equations.iter().flat_map(|equation| factors(equation).chain([&equation.target])) {
            if !sums.printed.contains_key(cell)
                && let Some(spot) = places.spots.get(cell)
                && let Some(printed) = printed(filing, cell, spot.kind)
            {
                sums.printed.insert(cell, printed);
            }
        }
        for equation in equations.iter().filter(|equation| equation.defines) {
            sums.make(&defined, &equation.target, 0);
        }
        sums
    }

    /// What is printed in a cell of the equations; `None` where it is words, or stands on no sheet.
    pub fn printed(&self, cell: &CellRef) -> Option<&Printed> {
        self.printed.get(cell)
    }

    /// The formula of a cell, if a form defines it and its parts are numbers.
    pub fn formula(&self, cell: &CellRef) -> Option<&Sum> {
        self.made.get(cell)?.as_ref()
    }

    /// Adds a formula that no equation states (a total over rows still to be filled in).
    pub fn add(&mut self, cell: &'f CellRef, formula: String, decimals: u8) {
        let manner = Manner { decimals, blank_zero: true, ..Manner::default() };
        let shown = Shown { value: Decimal::ZERO, manner };
        self.made.insert(cell, Some(Sum { formula, shown, printed: String::new(), differs: false }));
    }

    fn make(&mut self, defined: &HashMap<&'f CellRef, &'f Equation>, cell: &CellRef, depth: usize) {
        let Some((&target, &equation)) = defined.get_key_value(cell) else { return };
        if self.made.contains_key(target) {
            return;
        }
        // A cell that is its own part, in a form file that says so, gets no formula.
        self.made.insert(target, None);
        if depth > 64 {
            return;
        }
        for factor in equation.terms.iter().flat_map(|term| &term.factors) {
            self.make(defined, factor, depth + 1);
        }
        let sum = self.sum(equation);
        self.made.insert(target, sum);
    }

    fn sum(&self, equation: &Equation) -> Option<Sum> {
        let spot = self.places.spots.get(&equation.target)?;
        let target = self.printed(&equation.target)?;
        if target.text && target.shown.is_none() {
            return None;
        }
        let mut value = Decimal::ZERO;
        let mut like = Manner::default();
        for term in &equation.terms {
            let mut product = Decimal::ONE;
            for factor in &term.factors {
                let part = self.part(factor)?;
                if term.factors.len() > 1 && part.1.is_none_or(|manner| manner.percent) && !part.2 {
                    return None;
                }
                product = product.checked_mul(part.0)?;
                if let Some(manner) = part.1 {
                    like.decimals = like.decimals.max(manner.decimals);
                    like.thousands |= manner.thousands;
                    like.percent |= manner.percent;
                }
            }
            value = if term.minus { value.checked_sub(product)? } else { value.checked_add(product)? };
        }
        let value = value.normalize();
        let formula = self.build(&equation.terms, Some(spot.sheet), |cell| self.operand(cell))?;
        let stated = target.shown;
        let mut manner = stated.map_or(Manner { blank_zero: true, ..like }, |shown| shown.manner);
        if value.is_zero() && equation.terms.iter().all(|term| self.is_blank(term)) {
            // Parts that nobody filled in say nothing against the total: it stays as printed.
            if !target.interval.value.is_zero() {
                return None;
            }
            if stated.is_none() {
                manner.decimals = 2;
            }
        }
        let shown_value = if manner.percent { value.checked_mul(Decimal::ONE_HUNDRED)?.normalize() } else { value };
        manner.decimals = manner.decimals.max(u8::try_from(shown_value.scale()).ok()?);
        if manner.decimals > 12 || amount::digits(value) > amount::KEPT_DIGITS {
            return None;
        }
        Some(Sum {
            formula,
            shown: Shown { value: shown_value, manner },
            printed: equation.target.text(self.filing)?.as_str().to_owned(),
            differs: target.interval.value != value,
        })
    }

    fn is_blank(&self, term: &Term) -> bool {
        term.factors.iter().all(|factor| factor.text(self.filing).is_none_or(|text| text.is_empty()))
    }

    /// What the workbook holds in a cell, how it is shown, and whether it is blank.
    fn part(&self, cell: &CellRef) -> Option<(Decimal, Option<Manner>, bool)> {
        if let Some(sum) = self.formula(cell) {
            return Some((sum.shown.stored(), Some(sum.shown.manner), false));
        }
        let printed = self.printed(cell)?;
        Some((printed.interval.value, printed.shown.map(|shown| shown.manner), printed.blank))
    }

    /// A part of a formula: its cell, or its number where the cell holds text.
    pub fn operand(&self, cell: &CellRef) -> Option<Operand> {
        let spot = self.places.spots.get(cell)?;
        if self.formula(cell).is_none() {
            let printed = self.printed(cell)?;
            if printed.text && printed.shown.is_some() {
                return Some(Operand::Constant(printed.interval.value));
            }
        }
        Some(Operand::Cell(*spot))
    }

    /// The formula for a sum of terms, as seen from sheet `home`. `None` where a part has no cell
    /// or the formula would be longer than Excel allows.
    pub fn build(
        &self,
        terms: &[Term],
        home: Option<usize>,
        mut operand: impl FnMut(&CellRef) -> Option<Operand>,
    ) -> Option<String> {
        let (mut plus, mut minus, mut products) = (Vec::new(), Vec::new(), String::new());
        let mut decimals = 6;
        for term in terms {
            if let [factor] = term.factors.as_slice() {
                if term.minus { &mut minus } else { &mut plus }.push(operand(factor)?);
                continue;
            }
            products.push(if term.minus { '-' } else { '+' });
            for (index, factor) in term.factors.iter().enumerate() {
                let printed = match operand(factor)? {
                    Operand::Cell(spot) => self.places.reference(&spot, home),
                    Operand::Here(cell) => cell,
                    Operand::Constant(value) => value.normalize().to_string(),
                };
                products.push_str(if index == 0 { "" } else { "*" });
                products.push_str(&printed);
            }
            decimals = 8;
        }
        let mut inner = String::new();
        if !plus.is_empty() {
            inner.push_str(&self.sum_of(plus, home));
        }
        if !minus.is_empty() {
            inner.push('-');
            inner.push_str(&self.sum_of(minus, home));
        }
        let products = if inner.is_empty() { products.trim_start_matches('+') } else { &products };
        inner.push_str(products);
        // Excel: 8,192 characters.
        (!inner.is_empty() && inner.chars().map(char::len_utf16).sum::<usize>() < 8_000)
            .then(|| format!("ROUND({inner},{decimals})"))
    }

    /// `SUM(…)` with neighbouring cells as ranges.
    fn sum_of(&self, operands: Vec<Operand>, home: Option<usize>) -> String {
        let mut arguments: Vec<String> = Vec::new();
        let mut run: Option<(Spot, Spot)> = None;
        let close = |run: &mut Option<(Spot, Spot)>, arguments: &mut Vec<String>| {
            if let Some((first, last)) = run.take() {
                let start = self.places.reference(&first, home);
                arguments.push(if first == last { start } else { format!("{start}:{}", last.cell()) });
            }
        };
        for operand in operands {
            match operand {
                Operand::Cell(spot) => match &mut run {
                    Some((first, last)) if follows(first, last, &spot) => *last = spot,
                    _ => {
                        close(&mut run, &mut arguments);
                        run = Some((spot, spot));
                    }
                },
                Operand::Here(cell) => {
                    close(&mut run, &mut arguments);
                    arguments.push(cell);
                }
                Operand::Constant(value) => {
                    close(&mut run, &mut arguments);
                    arguments.push(value.normalize().to_string());
                }
            }
        }
        close(&mut run, &mut arguments);
        // Excel: 255 arguments.
        if arguments.len() <= 255 {
            return format!("SUM({})", arguments.join(","));
        }
        let parts: Vec<String> = arguments.chunks(255).map(|part| format!("SUM({})", part.join(","))).collect();
        format!("({})", parts.join("+"))
    }
}

/// Whether `next` makes the run from `first` to `last` longer.
fn follows(first: &Spot, last: &Spot, next: &Spot) -> bool {
    if next.sheet != last.sheet {
        return false;
    }
    let down = first.col == last.col && next.col == last.col && next.row == last.row + 1;
    let right = first.row == last.row && next.row == last.row && next.col == last.col + last.cols;
    (down && next.cols == first.cols) || right
}
