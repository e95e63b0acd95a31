//! `templates/relations.toml`: relations between the tables of a filing, and the cells that stand
//! for amounts in the prose, as data.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::sums::number;
use crate::equation::{CellRef, Equation, Relation, Term};
use crate::figures::Meaning;
use crate::filing::{Filing, Table};
use crate::form::label::{Pattern, fold, names_row, without_ordinal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    relation: Vec<RelationFile>,
    figure: Vec<FigureFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationFile {
    reference: String,
    says: String,
    target: String,
    terms: Vec<String>,
    relation: Option<String>,
    digits: Option<DigitsFile>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    equal: Vec<String>,
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DigitsFile {
    column: String,
    count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureFile {
    meaning: String,
    cells: Vec<String>,
}

/// A cell named by form, row label and column.
struct Name {
    form: String,
    label: String,
    /// `None` stands for the row of the same label as the target's.
    rows: Option<Vec<Pattern>>,
    column: String,
}

struct Spec {
    reference: String,
    says: String,
    rule: &'static str,
    target: Name,
    relation: Relation,
    terms: Vec<(bool, Name)>,
    digits: Option<(String, usize)>,
    unless: Vec<Name>,
    equal: Vec<Name>,
}

struct Data {
    relations: Vec<Spec>,
    figures: Vec<(String, Vec<Name>)>,
}

fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| load(crate::templates::read!("relations")).expect("the list of relations is tested"))
}

fn load(file: File) -> Result<Data, String> {
    let names = |texts: &[String]| texts.iter().map(|text| name(text)).collect::<Result<Vec<_>, _>>();
    let mut relations = Vec::new();
    for entry in file.relation {
        let terms = entry
            .terms
            .iter()
            .map(|term| match term.strip_prefix('-') {
                Some(rest) => Ok((true, name(rest)?)),
                None => Ok((false, name(term)?)),
            })
            .collect::<Result<Vec<_>, String>>()?;
        relations.push(Spec {
            rule: match entry.rule.as_deref() {
                None | Some("tables-disagree") => "tables-disagree",
                Some("tables-usual") => "tables-usual",
                Some(other) => return Err(format!("no such rule: {other}")),
            },
            relation: match entry.relation.as_deref() {
                None | Some("equal") => Relation::Equal,
                Some("at-most") => Relation::AtMost,
                Some("at-least") => Relation::AtLeast,
                Some(other) => return Err(format!("no such relation: {other}")),
            },
            target: name(&entry.target)?,
            terms,
            digits: entry.digits.map(|digits| (digits.column, digits.count)),
            unless: names(&entry.unless)?,
            equal: names(&entry.equal)?,
            reference: entry.reference,
            says: entry.says,
        });
    }
    let mut figures = Vec::new();
    for entry in file.figure {
        figures.push((entry.meaning, names(&entry.cells)?));
    }
    Ok(Data { relations, figures })
}

/// Parses `form[label = one|other].column`.
fn name(text: &str) -> Result<Name, String> {
    let bad = || format!("not a cell name: {text}");
    let (form, rest) = text.split_once('[').ok_or_else(bad)?;
    let (row, column) = rest.split_once("].").ok_or_else(bad)?;
    let (label, labels) = row.split_once('=').ok_or_else(bad)?;
    let labels = labels.trim();
    Ok(Name {
        form: form.trim().to_owned(),
        label: label.trim().to_owned(),
        rows: (labels != "*").then(|| labels.split('|').map(|label| Pattern::new(label.trim())).collect()),
        column: column.trim().to_owned(),
    })
}

impl Name {
    /// The `nth` table of the form.
    fn table<'f>(&self, tables: &[(usize, &'f Table)], nth: usize) -> Option<(usize, &'f Table)> {
        of_form(tables, &self.form).nth(nth)
    }

    /// The cell in the nth table; `key` is the target's row label.
    fn cell(&self, tables: &[(usize, &Table)], nth: usize, key: &str) -> Option<CellRef> {
        let (block, table) = self.table(tables, nth)?;
        let column = table.column(&self.column)?;
        let row = (0..table.rows.len()).find(|&row| self.is_row(table, row, key))?;
        Some(CellRef::cell(block, row, column))
    }

    fn is_row(&self, table: &Table, row: usize, key: &str) -> bool {
        let text = table.cell(row, &self.label);
        match &self.rows {
            None => bare(text) == key && !key.is_empty(),
            Some(patterns) => names_row(text, patterns),
        }
    }
}

/// A row label without blanks and ordinals.
fn bare(text: &str) -> String {
    let folded = fold(text);
    without_ordinal(&folded).to_owned()
}

/// Money unit of the table a cell is in.
pub fn unit_of(filing: &Filing, block: usize) -> Option<&str> {
    filing.table(block).and_then(|table| table.unit.as_deref()).or(filing.unit.as_deref())
}

/// The relations between the tables of a filing as equations over its cells.
pub fn equations(filing: &Filing) -> Vec<Equation> {
    let mut equations = Vec::new();
    let tables: Vec<(usize, &Table)> = filing.tables().collect();
    for spec in &data().relations {
        for nth in 0..sets(&tables, spec) {
            instances(filing, &tables, spec, nth, &mut equations);
        }
    }
    equations
}

/// Sets of the summary tables in one filing.
const MOST_SETS: usize = 200;

/// How many sets of tables a relation speaks of: with as many of each form, the first goes with
/// the first; otherwise it has no data.
fn sets(tables: &[(usize, &Table)], spec: &Spec) -> usize {
    let count = |name: &Name| of_form(tables, &name.form).count();
    let expected = count(&spec.target);
    let all = spec.terms.iter().map(|(_, name)| name).all(|name| count(name) == expected);
    // No department has this many; and each set is looked for among all tables.
    if all && expected <= MOST_SETS { expected } else { 0 }
}

/// The tables of a form, in the order of the filing.
fn of_form<'a, 'f>(tables: &'a [(usize, &'f Table)], form: &'a str) -> impl Iterator<Item = (usize, &'f Table)> + 'a {
    tables.iter().copied().filter(move |(_, table)| table.form_id() == form)
}

fn instances(filing: &Filing, tables: &[(usize, &Table)], spec: &Spec, nth: usize, equations: &mut Vec<Equation>) {
    let lone = |name: &Name| name.cell(tables, nth, "").and_then(|cell| number(filing, &cell));
    let nothing = spec.unless.iter().all(|name| lone(name).is_none_or(|amount| amount.value.is_zero()));
    let values: Vec<_> = spec.equal.iter().map(|name| lone(name).map(|amount| amount.value)).collect();
    let equal = values.iter().all(|value| value.is_some() && *value == values[0]);
    if !nothing || !equal {
        return;
    }
    let Some((block, table)) = spec.target.table(tables, nth) else { return };
    let Some(column) = table.column(&spec.target.column) else { return };
    let terms: Option<Vec<Finder<'_>>> =
        spec.terms.iter().map(|(minus, name)| Finder::new(tables, name, nth, *minus)).collect();
    let Some(terms) = terms else { return };
    if terms.iter().any(|term| unit_of(filing, term.block) != unit_of(filing, block)) {
        return;
    }
    let every = spec.target.rows.is_none();
    for row in 0..table.rows.len() {
        let label = table.cell(row, &spec.target.label);
        let key = bare(label);
        if every {
            let wanted = !key.is_empty()
                && key != "合计"
                && spec.digits.as_ref().is_none_or(|(column, count)| {
                    let code = table.cell(row, column);
                    code.len() == *count && code.bytes().all(|byte| byte.is_ascii_digit())
                });
            if !wanted {
                continue;
            }
        } else if !spec.target.is_row(table, row, "") {
            continue;
        }
        let found: Option<Vec<Term>> = terms.iter().map(|term| term.find(&key)).collect();
        if let Some(terms) = found {
            equations.push(Equation {
                rule: spec.rule,
                reference: spec.reference.clone(),
                says: if every { format!("{}（{label}）", spec.says) } else { spec.says.clone() },
                target: CellRef::cell(block, row, column),
                relation: spec.relation,
                terms,
                defines: false,
            });
        }
        if !every {
            break;
        }
    }
}

/// Finds the row of a term for each row of the target.
struct Finder<'s> {
    block: usize,
    column: usize,
    minus: bool,
    /// Rows by label, where the term goes row by row.
    rows: HashMap<String, usize>,
    /// The one row otherwise.
    row: Option<usize>,
    name: &'s Name,
}

impl<'s> Finder<'s> {
    fn new(tables: &[(usize, &Table)], name: &'s Name, nth: usize, minus: bool) -> Option<Finder<'s>> {
        let (block, table) = name.table(tables, nth)?;
        let column = table.column(&name.column)?;
        let mut rows = HashMap::new();
        let mut row = None;
        if name.rows.is_none() {
            for row in 0..table.rows.len() {
                rows.entry(bare(table.cell(row, &name.label))).or_insert(row);
            }
        } else {
            row = (0..table.rows.len()).find(|&row| name.is_row(table, row, ""));
        }
        Some(Finder { block, column, minus, rows, row, name })
    }

    fn find(&self, key: &str) -> Option<Term> {
        let row = if self.name.rows.is_none() { *self.rows.get(key)? } else { self.row? };
        Some(Term { minus: self.minus, factors: vec![CellRef::cell(self.block, row, self.column)] })
    }
}

/// The cell that must agree with an amount of the prose, where the filing has one such table.
pub fn cell_of(filing: &Filing, meaning: &Meaning) -> Option<CellRef> {
    cells_of(filing, meaning).into_iter().next()
}

/// All cells that an amount of the prose stands in, the surest first.
pub fn cells_of(filing: &Filing, meaning: &Meaning) -> Vec<CellRef> {
    if let Meaning::Function(name) = meaning {
        return function_cell(filing, name).into_iter().collect();
    }
    let id = meaning.id();
    let Some((_, cells)) = data().figures.iter().find(|(name, _)| name == id) else { return Vec::new() };
    let tables: Vec<(usize, &Table)> = filing.tables().collect();
    let single = |form: &str| of_form(&tables, form).take(2).count() == 1;
    cells.iter().filter(|name| single(&name.form)).filter_map(|name| name.cell(&tables, 0, "")).collect()
}

/// The total of the one functional item with a name, in the table of all expenditure from
/// appropriations.
fn function_cell(filing: &Filing, name: &str) -> Option<CellRef> {
    for form in ["general-expenditure", "expenditure-summary"] {
        let mut tables = filing.tables().filter(|(_, table)| table.form_id() == form);
        let Some((block, table)) = tables.next() else { continue };
        if tables.next().is_some() {
            return None;
        }
        let column = table.column("total")?;
        let rows: Vec<usize> = (0..table.rows.len())
            .filter(|&row| {
                fold(table.cell(row, "function_name")) == name && table.cell(row, "function_code").len() != 3
            })
            .collect();
        // A name that several codes share (行政运行) decides nothing.
        if let [row] = rows.as_slice() {
            return Some(CellRef::cell(block, *row, column));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::built_in;

    #[test]
    fn every_relation_names_forms_and_columns_that_exist() {
        let data = load(crate::templates::read!("relations")).expect("loads");
        let names = data
            .relations
            .iter()
            .flat_map(|spec| {
                std::iter::once(&spec.target)
                    .chain(spec.terms.iter().map(|(_, name)| name))
                    .chain(&spec.unless)
                    .chain(&spec.equal)
            })
            .chain(data.figures.iter().flat_map(|(_, names)| names));
        for name in names {
            let form = built_in::forms().all().find(|form| form.key.form == name.form);
            let form = form.unwrap_or_else(|| panic!("no form {}", name.form));
            for column in [&name.label, &name.column] {
                assert!(form.column(column).is_some(), "{} has no column {column}", name.form);
            }
        }
        for (id, _) in &data.figures {
            assert!(Meaning::STANDARD.iter().any(|meaning| meaning.id() == id), "no meaning {id}");
        }
    }
}
