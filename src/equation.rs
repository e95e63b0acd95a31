//! Equations: what a form or a relation between forms says must hold.
//!
//! One list serves four engines: the workbook writer turns equations into formulas and into rows
//! of `校验`, the checks judge them, `apply` recomputes what follows from an edit.

use crate::filing::{Filing, Value};

/// A cell or a field of a table of the filing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellRef {
    /// Index into [`Filing::blocks`].
    pub block: usize,
    /// Which cell of the table.
    pub slot: Slot,
}

/// A place in a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Row and column index of the body.
    Cell {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// A field, by its id.
    Field(String),
}

/// One addend: the product of its factors, added or subtracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Subtracted instead of added.
    pub minus: bool,
    /// Usually one cell; two for quantity × price.
    pub factors: Vec<CellRef>,
}

/// How the target stands to the sum of the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The target is the sum.
    Equal,
    /// The target is not more than the sum.
    AtMost,
    /// The target is not less than the sum.
    AtLeast,
}

/// An equation between a stated cell and other cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// Code of the finding when it does not hold.
    pub rule: &'static str,
    /// Number of the rule in the standard list (`R08`), or `""`.
    pub reference: String,
    /// What it says, for a clerk, in Chinese (`合计 = 各类之和`).
    pub says: String,
    /// The stated cell.
    pub target: CellRef,
    /// How it stands to the terms.
    pub relation: Relation,
    /// What it is made of.
    pub terms: Vec<Term>,
    /// The form defines the target by this equation: the workbook has it as the cell's formula.
    /// At most one equation of a target is.
    pub defines: bool,
}

impl Term {
    /// A plain addend.
    pub fn plus(cell: CellRef) -> Term {
        Term { minus: false, factors: vec![cell] }
    }
}

impl CellRef {
    /// A body cell.
    pub fn cell(block: usize, row: usize, column: usize) -> CellRef {
        CellRef { block, slot: Slot::Cell { row, column } }
    }

    /// A field.
    pub fn field(block: usize, id: &str) -> CellRef {
        CellRef { block, slot: Slot::Field(id.to_owned()) }
    }

    /// The text printed there; `None` where the filing has no such cell.
    pub fn text<'f>(&self, filing: &'f Filing) -> Option<&'f crate::text::Text> {
        let table = filing.table(self.block)?;
        match &self.slot {
            Slot::Cell { row, column } => Some(&table.rows.get(*row)?.cells.get(*column)?.text),
            Slot::Field(id) => match table.field(id)? {
                Value::One(text) => Some(text),
                Value::Many(_) => None,
            },
        }
    }
}
