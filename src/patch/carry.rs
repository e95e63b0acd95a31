//! The equations of the original at their new places.
//!
//! Which rows a total adds up is told by labels and codes. An edit of one of those adds and takes
//! away nothing: only rows that really came or went may change what a total is made of.

use std::collections::{HashMap, HashSet};

use super::pair::Pairing;
use crate::equation::{CellRef, Equation, Slot, Term};
use crate::filing::Filing;

/// Totals within totals that are looked through.
const DEPTH: usize = 64;

/// Equations by what they define.
pub(super) type Defined<'e> = HashMap<&'e CellRef, &'e Equation>;

/// Both filings, what they define, and how they correspond.
pub(super) struct Carrier<'e> {
    pub before: &'e Filing,
    pub after: &'e Filing,
    pub pairing: &'e Pairing,
    pub old: Defined<'e>,
    pub new: Defined<'e>,
}

impl Pairing {
    /// Where a cell of the edited filing stood.
    pub fn old_cell(&self, cell: &CellRef) -> Option<CellRef> {
        let block = self.blocks.old.get(cell.block).copied()??;
        match &cell.slot {
            Slot::Field(id) => Some(CellRef::field(block, id)),
            Slot::Cell { row, column } => {
                let pair = self.tables.get(&cell.block)?;
                Some(CellRef::cell(block, pair.rows.old[*row]?, pair.columns.old[*column]?))
            }
        }
    }

    /// Where a cell of the original stands now.
    fn new_cell(&self, cell: &CellRef) -> Option<CellRef> {
        let block = self.blocks.new.get(cell.block).copied()??;
        match &cell.slot {
            Slot::Field(id) => Some(CellRef::field(block, id)),
            Slot::Cell { row, column } => {
                let pair = self.tables.get(&block)?;
                Some(CellRef::cell(block, pair.rows.new[*row]?, pair.columns.new[*column]?))
            }
        }
    }
}

impl Carrier<'_> {
    /// Where a cell of the original stands now, if the edited filing has it.
    pub fn new_of(&self, cell: &CellRef) -> Option<CellRef> {
        self.pairing.new_cell(cell).filter(|cell| cell.text(self.after).is_some())
    }

    /// The equation of a total that was there: its terms of before, without those that are gone, with
    /// those that are new.
    pub fn carry(&self, old: &Equation, target: CellRef) -> Equation {
        let mut terms = Vec::new();
        self.stay(old, false, 0, &mut terms);
        let added = self.new.get(&target).into_iter().flat_map(|equation| &equation.terms);
        let added: Vec<&Term> = added.filter(|term| self.is_added(term)).collect();
        let mut covered = HashSet::new();
        for term in &added {
            self.cover(term, 0, &mut covered);
        }
        terms.retain(|term| !covered.contains(term.factors.as_slice()));
        terms.extend(added.into_iter().cloned());
        Equation { target, terms, ..old.clone() }
    }

    /// The terms of an equation that are still there. A subtotal that is gone leaves what it added up.
    fn stay(&self, equation: &Equation, minus: bool, depth: usize, terms: &mut Vec<Term>) {
        for term in &equation.terms {
            let minus = minus != term.minus;
            let factors: Option<Vec<CellRef>> = term.factors.iter().map(|factor| self.new_of(factor)).collect();
            match (factors, term.factors.as_slice()) {
                (Some(factors), _) => terms.push(Term { minus, factors }),
                (None, [gone]) if depth < DEPTH => {
                    if let Some(equation) = self.old.get(gone) {
                        self.stay(equation, minus, depth + 1, terms);
                    }
                }
                (None, _) => {}
            }
        }
    }

    /// Finds the terms that an added subtotal adds up.
    fn cover<'c>(&'c self, term: &Term, depth: usize, covered: &mut HashSet<&'c [CellRef]>) {
        let [factor] = term.factors.as_slice() else { return };
        let Some(equation) = self.new.get(factor).filter(|_| depth < DEPTH) else { return };
        for inner in &equation.terms {
            if self.is_added(inner) {
                self.cover(inner, depth + 1, covered);
            } else {
                covered.insert(&inner.factors);
            }
        }
    }

    fn is_added(&self, term: &Term) -> bool {
        let was = |factor: &CellRef| self.pairing.old_cell(factor).is_some_and(|old| old.text(self.before).is_some());
        !term.factors.iter().all(was)
    }
}
