//! The sums a form defines, as equations over the cells of one table.

use foldhash::HashSet;
use rust_decimal::Decimal;

use super::label::{Pattern, names_row, without_ordinal};
use super::outline::{self, Line, Reading};
use super::tables::tables;
use super::{Addends, Form, Kind, SumSpec, Tree};
use crate::equation::{CellRef, Equation, Relation, Term};
use crate::filing::{RowKind, Table, amount};

/// Code of the finding for a sum that does not hold.
pub const SUM_MISMATCH: &str = "sum-mismatch";

/// What each row of a table is, by the form's sums.
pub fn row_kinds(form: &Form, table: &Table) -> Vec<RowKind> {
    kinds(form, table, |_| true)
}

/// What each row is by the sums over some columns only: the sides of 收支总表 have their own.
pub fn row_kinds_over(form: &Form, table: &Table, columns: &[usize]) -> Vec<RowKind> {
    kinds(form, table, |over| over.iter().any(|column| columns.contains(column)))
}

fn kinds(form: &Form, table: &Table, counts: impl Fn(&[usize]) -> bool) -> Vec<RowKind> {
    let rows = Rows::new(form, table);
    let sums: Vec<&SumSpec> = form.sums.iter().filter(|sum| counts(&rows.columns_of(sum))).collect();
    (0..table.rows.len())
        .map(|row| {
            let mut kind = RowKind::Detail;
            for sum in &sums {
                if rows.is_target(sum, row) {
                    kind = stronger(kind, sum.kind);
                }
            }
            kind
        })
        .collect()
}

fn stronger(one: RowKind, other: RowKind) -> RowKind {
    let rank = |kind| match kind {
        RowKind::Detail => 0,
        RowKind::Subtotal => 1,
        RowKind::Total => 2,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// Every sum the form defines over the table at index `block` of the filing.
///
/// Where several equations have one target, the one over rows defines the cell and the others are
/// checks.
pub fn equations(form: &Form, table: &Table, block: usize) -> Vec<Equation> {
    /// In a table of a budget a row is added up by few others; where every row adds up all others, no more
    /// sums are made than this many for each row.
    const SUMS_OF_A_ROW: usize = 32;
    let rows = Rows::new(form, table);
    let mut equations = Equations::default();
    for sum in &form.sums {
        let columns = rows.columns_of(sum);
        let mut left = SUMS_OF_A_ROW * table.rows.len();
        for row in 0..table.rows.len() {
            if !rows.is_target(sum, row) {
                continue;
            }
            let mut of = &sum.of;
            let mut addends = rows.addends(sum, of, row);
            if addends.is_empty() && sum.or_above {
                of = &Addends::Above;
                addends = rows.addends(sum, of, row);
            }
            if addends.is_empty() {
                continue;
            }
            if addends.len() > left {
                break;
            }
            left -= addends.len();
            let named = match of {
                Addends::Rows(_) | Addends::Parts => true,
                Addends::Running => addends.iter().any(|&part| rows.is_break(&sum.label, part)),
                _ => false,
            };
            let list = named.then(|| list_rows(form, table, sum, &addends));
            for &column in &columns {
                equations.push(Equation {
                    rule: SUM_MISMATCH,
                    reference: sum.reference.clone(),
                    says: says_rows(table, form, (row, column), &sum.label, list.as_deref().unwrap_or(summary(of))),
                    target: CellRef::cell(block, row, column),
                    relation: Relation::Equal,
                    terms: addends.iter().map(|&part| Term::plus(CellRef::cell(block, part, column))).collect(),
                    defines: true,
                });
            }
        }
    }
    for spec in &form.columns {
        let Some(column) = table.column(&spec.id) else { continue };
        let parts: Vec<usize> = spec.sum.iter().filter_map(|id| table.column(id)).collect();
        if parts.is_empty() {
            continue;
        }
        // Of one part, or beside a column that the form does not know, nobody knows whether it is all.
        let unsure = (parts.len() == 1 && spec.sum.len() > 1) || rows.has_unknown_money();
        let says = format!(
            "{} = {}",
            leaf(table, column),
            parts.iter().map(|&part| leaf(table, part)).collect::<Vec<_>>().join(" + ")
        );
        for row in 0..table.rows.len() {
            let cells: Vec<(usize, usize)> = parts.iter().map(|&part| (row, part)).collect();
            if unsure && !is_blank(table, row, column) && !adds_up(table, (row, column), &cells) {
                continue;
            }
            equations.push(Equation {
                rule: SUM_MISMATCH,
                reference: String::new(),
                says: says.clone(),
                target: CellRef::cell(block, row, column),
                relation: Relation::Equal,
                terms: parts.iter().map(|&part| Term::plus(CellRef::cell(block, row, part))).collect(),
                defines: true,
            });
        }
    }
    for (target, parts) in &form.field_sums {
        if table.field_text(target).is_none_or(|text| text.is_empty()) {
            continue;
        }
        let name = |id: &str| form.field_name(id);
        equations.push(Equation {
            rule: SUM_MISMATCH,
            reference: "R50".to_owned(),
            says: format!("{} = {}", name(target), parts.iter().map(|part| name(part)).collect::<Vec<_>>().join(" + ")),
            target: CellRef::field(block, target),
            relation: Relation::Equal,
            terms: parts.iter().map(|part| Term::plus(CellRef::field(block, part))).collect(),
            defines: true,
        });
    }
    equations.all
}

/// Equations of which the first of a cell defines it.
#[derive(Default)]
struct Equations {
    all: Vec<Equation>,
    defined: HashSet<CellRef>,
}

impl Equations {
    fn push(&mut self, mut equation: Equation) {
        equation.defines = self.defined.insert(equation.target.clone());
        self.all.push(equation);
    }
}

fn leaf(table: &Table, column: usize) -> String {
    table.columns[column].label.last().cloned().unwrap_or_default()
}

/// A sum over rows in words: the row has the name that its own side of the table prints. Before the
/// sign stands the cell ([`target_of`]).
fn says_rows(table: &Table, form: &Form, (row, column): (usize, usize), label: &str, of: &str) -> String {
    let name = match table.cell(row, label) {
        name if !name.is_empty() && form.tree.is_none() => name.to_owned(),
        _ => row_name(form, table, row),
    };
    format!("{name}·{} = {of}", leaf(table, column))
}

fn is_blank(table: &Table, row: usize, column: usize) -> bool {
    table.rows[row].cells[column].text.is_blank()
}

/// Whether a printed amount is the sum of others, within what rounding explains.
fn adds_up(table: &Table, (row, column): (usize, usize), parts: &[(usize, usize)]) -> bool {
    let amount = |(row, column): (usize, usize)| -> Option<Decimal> {
        let text = &table.rows[row].cells[column].text;
        if text.is_blank() { Some(Decimal::ZERO) } else { Some(amount::parse(text.as_str())?.value) }
    };
    let slack = |value: Decimal| {
        if value.is_zero() { Decimal::ZERO } else { Decimal::new(5, (value.scale() + 1).min(Decimal::MAX_SCALE)) }
    };
    let Some(stated) = amount((row, column)) else { return false };
    let mut room = slack(stated);
    let mut sum = Decimal::ZERO;
    for &part in parts {
        let Some(value) = amount(part) else { return false };
        let Some(next) = sum.checked_add(value) else { return false };
        sum = next;
        room += slack(value);
    }
    sum.checked_sub(stated).is_some_and(|distance| distance.abs() <= room)
}

/// The cell of a sum in words, without what is added up: rows may come and go.
pub fn target_of(says: &str) -> &str {
    says.split_once(" = ").map_or(says, |(target, _)| target)
}

/// What is added up, where the form does not name the rows.
fn summary(of: &Addends) -> &'static str {
    match of {
        Addends::Above | Addends::Running => "以上各行之和",
        Addends::Parts => "其下各分项之和",
        Addends::Below => "以下各行之和",
        Addends::Roots => "各类之和",
        Addends::Children => "下级科目之和",
        Addends::Subtotals => "各小计之和",
        Addends::Rows(_) => "所列各行之和",
    }
}

/// Rows that a sum names one by one.
const MOST_NAMED: usize = 6;

/// The rows that are added up, as the table prints their names.
fn list_rows(form: &Form, table: &Table, sum: &SumSpec, addends: &[usize]) -> String {
    let named = addends.iter().take(MOST_NAMED).map(|&row| match table.cell(row, &sum.label) {
        "" => row_name(form, table, row),
        name => without_ordinal(name).to_owned(),
    });
    let list = named.collect::<Vec<_>>().join(" + ");
    match addends.len() {
        0..=MOST_NAMED => list,
        count => format!("{list} 等 {count} 行"),
    }
}

/// The name of a row for people: its code and name, or the first text in it that has words.
pub fn row_name(form: &Form, table: &Table, row: usize) -> String {
    let text = |id: &str| table.cell(row, id).to_owned();
    if let Some(tree) = &form.tree {
        let name = form.sums.first().map_or(String::new(), |sum| text(&sum.label));
        return format!("{}{name}", text(&tree.code));
    }
    let key = form.columns.iter().find(|column| column.key && column.kind == Kind::Text);
    match key.map(|column| text(&column.id)) {
        Some(name) if !name.is_empty() => name,
        _ => table.rows[row]
            .cells
            .iter()
            .map(|cell| cell.text.as_str())
            .find(|text| text.chars().any(char::is_alphabetic))
            .unwrap_or_default()
            .to_owned(),
    }
}

impl Form {
    /// The name of a field for people: its own, else the label printed before it.
    pub fn field_name(&self, id: &str) -> String {
        if let Some(field) = self.field(id)
            && !field.name.is_empty()
        {
            return field.name.clone();
        }
        for (index, row) in self.layout.iter().enumerate() {
            for (position, cell) in row.iter().enumerate() {
                let super::LayoutCell::Text { pattern, .. } = cell else { continue };
                if pattern.slots().any(|slot| slot == id) {
                    let label = |row: &[super::LayoutCell], position: usize| match row.get(position) {
                        Some(super::LayoutCell::Text { pattern, .. }) if pattern.lone_slot().is_none() => {
                            Some(pattern.printed().trim_end_matches(['：', ':']).to_owned())
                        }
                        _ => None,
                    };
                    let beside = position.checked_sub(1).and_then(|before| label(row, before));
                    let above = index.checked_sub(1).and_then(|above| label(&self.layout[above], position));
                    return beside.or(above).unwrap_or_else(|| id.to_owned());
                }
            }
        }
        id.to_owned()
    }
}

/// Row names and tree positions of a table, read once.
struct Rows<'t> {
    form: &'t Form,
    table: &'t Table,
    /// Code of each row, where the form is a tree.
    codes: Vec<&'t str>,
}

impl<'t> Rows<'t> {
    fn new(form: &'t Form, table: &'t Table) -> Rows<'t> {
        let codes = match &form.tree {
            Some(Tree { code, .. }) => (0..table.rows.len()).map(|row| table.cell(row, code)).collect(),
            None => Vec::new(),
        };
        Rows { form, table, codes }
    }

    fn columns_of(&self, sum: &SumSpec) -> Vec<usize> {
        let ids: Vec<&str> = if sum.columns.is_empty() {
            self.form
                .columns
                .iter()
                .filter(|column| column.kind == Kind::Money)
                .map(|column| column.id.as_str())
                .collect()
        } else {
            sum.columns.iter().map(String::as_str).collect()
        };
        ids.into_iter().filter_map(|id| self.table.column(id)).collect()
    }

    fn named(&self, label: &str, row: usize, names: &[Pattern]) -> bool {
        let text = self.table.cell(row, label);
        !text.is_empty() && names_row(text, names)
    }

    fn is_target(&self, sum: &SumSpec, row: usize) -> bool {
        if sum.row.is_empty() {
            return matches!(sum.of, Addends::Children) && !self.children(row).is_empty();
        }
        self.named(&sum.label, row, &sum.row)
    }

    /// Whether any sum with the same label column names this row.
    fn is_sum_row(&self, label: &str, row: usize) -> bool {
        self.form.sums.iter().any(|sum| sum.label == label && !sum.row.is_empty() && self.named(label, row, &sum.row))
    }

    /// Whether a sum with the same label column names this row that ends the lines before it. A line
    /// that is the sum of its own parts is still one of the lines.
    fn is_break(&self, label: &str, row: usize) -> bool {
        let head = |sum: &SumSpec| matches!(sum.of, Addends::Below | Addends::Rows(_) | Addends::Parts);
        self.form.sums.iter().any(|sum| {
            sum.label == label
                && !sum.row.is_empty()
                && (sum.kind == RowKind::Total || !head(sum))
                && self.named(label, row, &sum.row)
        })
    }

    /// Whether a column that the form does not know holds amounts that may be parts of a sum. What is of
    /// another year, a comparison or a code is none.
    fn has_unknown_money(&self) -> bool {
        let unknown =
            self.table.columns.iter().enumerate().filter(|(_, column)| self.form.column(&column.id).is_none());
        unknown.filter(|(_, column)| !tables().no_part(&column.label)).any(|(at, _)| {
            self.table
                .rows
                .iter()
                .filter_map(|row| row.cells.get(at))
                .any(|cell| amount::parse(cell.text.as_str()).is_some_and(|amount| !amount.value.is_zero()))
        })
    }

    /// The lines of a side of the table in some rows.
    fn lines(&self, sum: &SumSpec, rows: impl Iterator<Item = usize>) -> Vec<Line<'t>> {
        let columns = self.columns_of(sum);
        rows.map(|row| Line {
            row,
            label: self.table.cell(row, &sum.label),
            filled: columns.iter().any(|&column| !is_blank(self.table, row, column)),
        })
        .collect()
    }

    /// The rows of a reading; of one that is not sure, the first by which the printed sum holds.
    fn read(&self, sum: &SumSpec, row: usize, reading: Reading) -> Vec<usize> {
        if reading.sure {
            return reading.rows;
        }
        let columns: Vec<usize> = self.columns_of(sum);
        let holds = |rows: &Vec<usize>| {
            columns.iter().any(|&column| !is_blank(self.table, row, column))
                && columns.iter().all(|&column| {
                    let cells: Vec<(usize, usize)> = rows.iter().map(|&part| (part, column)).collect();
                    adds_up(self.table, (row, column), &cells)
                })
        };
        std::iter::once(reading.rows).chain(reading.others).find(holds).unwrap_or_default()
    }

    /// The rows from one that are no sums.
    fn until_sum(&self, label: &str, from: usize) -> impl Iterator<Item = usize> {
        (from..self.table.rows.len()).take_while(move |&other| !self.is_sum_row(label, other))
    }

    /// The lines above a sum, without the parts of those that have parts of their own. They end at the
    /// sum before, which is the first of them where it counts too.
    fn above(&self, sum: &SumSpec, row: usize, with_before: bool) -> Vec<usize> {
        let label = sum.label.as_str();
        let before = (0..row).rev().find(|&other| self.is_break(label, other));
        let from = before.map_or(0, |before| before + 1);
        let mut inner: HashSet<usize> = HashSet::default();
        for head in from..row {
            let specs = self.form.sums.iter().filter(|sum| sum.label == label && !sum.row.is_empty());
            for spec in specs.filter(|spec| self.named(label, head, &spec.row)) {
                inner.extend(self.addends(spec, &spec.of, head));
            }
        }
        let lines = self.lines(sum, (from..row).filter(|other| !inner.contains(other)));
        let mut reading = outline::lines(&lines);
        if let Some(before) = before.filter(|_| with_before) {
            std::iter::once(&mut reading.rows).chain(&mut reading.others).for_each(|rows| rows.insert(0, before));
        }
        self.read(sum, row, reading)
    }

    /// The rows with the shortest codes. Where units stand among the codes, with codes that are no level
    /// of the tree or with names alone, nobody knows which rows are the roots.
    fn roots(&self, label: &str) -> Reading {
        let shortest = self.codes.iter().map(|code| code.len()).filter(|length| *length > 0).min();
        let level = |length: usize| self.form.tree.as_ref().is_some_and(|tree| tree.levels.contains(&length));
        let named = |row: usize| {
            let name = self.table.cell(row, label);
            self.codes[row].is_empty() && !name.is_empty() && !self.is_sum_row(label, row)
        };
        let count = self.codes.len();
        Reading {
            rows: (0..count).filter(|&other| Some(self.codes[other].len()) == shortest).collect(),
            sure: shortest.is_none_or(level) && !(0..count).any(named),
            others: Vec::new(),
        }
    }

    fn children(&self, row: usize) -> Vec<usize> {
        let Some(tree) = &self.form.tree else { return Vec::new() };
        let code = self.codes[row];
        let Some(level) = tree.levels.iter().position(|length| *length == code.len()) else { return Vec::new() };
        // Children are the nearest printed descendants: a level that is left out is skipped.
        for length in &tree.levels[level + 1..] {
            let found: Vec<usize> = (row + 1..self.codes.len())
                .take_while(|&other| self.codes[other].starts_with(code))
                .filter(|&other| self.codes[other].len() == *length)
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// Rows that are added up, and those that only some filings add where the printed sum has them.
    fn with_perhaps(&self, sum: &SumSpec, row: usize, rows: Vec<usize>) -> Vec<usize> {
        let others = (0..self.table.rows.len()).filter(|&other| self.named(&sum.label, other, &sum.perhaps));
        let mut all: Vec<usize> = rows.iter().copied().chain(others).collect();
        all.sort_unstable();
        if all.len() == rows.len() {
            return rows;
        }
        let without = Reading { rows, sure: false, others: vec![all.clone()] };
        match self.read(sum, row, without) {
            none if none.is_empty() => all,
            read => read,
        }
    }

    fn addends(&self, sum: &SumSpec, of: &Addends, row: usize) -> Vec<usize> {
        let count = self.table.rows.len();
        let label = sum.label.as_str();
        match of {
            Addends::Above => self.above(sum, row, false),
            Addends::Running => self.above(sum, row, true),
            Addends::Parts => {
                // A part may have parts of its own, but one without a number is the next line.
                let head = self.table.cell(row, label);
                let next = |other: usize| {
                    let line = self.table.cell(other, label);
                    outline::ends(head, line)
                        || (self.is_sum_row(label, other) && (self.is_break(label, other) || outline::is_plain(line)))
                };
                let below = self.lines(sum, (row + 1..count).take_while(|&other| !next(other)));
                self.read(sum, row, outline::parts(head, &below))
            }
            Addends::Below => self.until_sum(label, row + 1).collect(),
            Addends::Roots => self.read(sum, row, self.roots(label)),
            Addends::Children => self.children(row),
            Addends::Subtotals => {
                let subtotals: Vec<usize> = (0..count)
                    .filter(|&other| other != row && self.is_sum_row(label, other) && !self.is_target(sum, other))
                    .collect();
                if subtotals.is_empty() {
                    (0..count).filter(|&other| other != row && !self.is_sum_row(label, other)).collect()
                } else {
                    subtotals
                }
            }
            Addends::Rows(names) => {
                let mut found: Vec<usize> = Vec::new();
                for name in names {
                    let names = std::slice::from_ref(name);
                    if let Some(other) = (0..count)
                        .find(|&other| other != row && !found.contains(&other) && self.named(label, other, names))
                    {
                        found.push(other);
                    }
                }
                found.sort_unstable();
                self.with_perhaps(sum, row, found)
            }
        }
    }
}

/// The sums of fields as the form has them, whether a table fills them in or not.
pub(crate) fn field_sums(form: &Form) -> impl Iterator<Item = Equation> {
    form.field_sums.iter().map(|(target, parts)| Equation {
        rule: SUM_MISMATCH,
        reference: String::new(),
        says: String::new(),
        target: CellRef::field(0, target),
        relation: Relation::Equal,
        terms: parts.iter().map(|part| Term::plus(CellRef::field(0, part))).collect(),
        defines: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::{Cell, Row};
    use crate::form::built_in;
    use crate::text::Text;

    fn says(text: &str) -> Vec<String> {
        let forms = built_in::forms();
        let filing = crate::read_filing("a.txt", text.as_bytes(), forms, &Default::default()).expect("a filing");
        let (block, table) = filing.tables().next().expect("a table");
        let form = table.form.as_ref().and_then(|key| forms.get(key)).expect("a form");
        equations(form, table, block).into_iter().map(|equation| equation.says).collect()
    }

    #[test]
    fn a_sum_names_the_rows_that_it_adds_up() {
        let assets = "云岭县林草服务局2023年部门预算\n\n部门固定资产占用情况表\n\n截止时间：2022-12-31\n\n\
            | 项目 | 数量 | 价值（万元） |\n| --- | --- | --- |\n| 资产总额 | —— | 30.00 |\n| （一）房屋（平方米） | 300 | 10.00 |\n\
            | 其中：办公用房（平方米） | 100 | 5.00 |\n| 2、车辆（台、辆） | 1 | 8.00 |\n\
            | 3、单价20万元以上设备 | 0 | 2.00 |\n| 4、其他固定资产 | —— | 10.00 |\n";
        let wanted = "资产总额·价值（万元） = 房屋（平方米） + 车辆（台、辆） + 单价20万元以上设备 + 其他固定资产";
        assert!(says(assets).iter().any(|said| said == wanted), "{:?}", says(assets));
        assert_eq!(target_of(wanted), "资产总额·价值（万元）");
    }

    #[test]
    fn a_long_list_of_rows_is_counted() {
        let form = built_in::forms().all().find(|form| !form.sums.is_empty()).expect("a form with sums");
        let label = form.sums[0].label.clone();
        let row = |name: String| Row {
            cells: vec![Cell { text: Text::from(name.as_str()), filled: false }],
            ..Row::default()
        };
        let table = Table {
            columns: vec![crate::filing::Column { id: label, label: Vec::new() }],
            rows: (1..=8).map(|number| row(format!("{number}、项目"))).collect(),
            ..Table::default()
        };
        let all: Vec<usize> = (0..8).collect();
        let list = list_rows(form, &table, &form.sums[0], &all);
        assert_eq!(list, "项目 + 项目 + 项目 + 项目 + 项目 + 项目 等 8 行");
        assert_eq!(list_rows(form, &table, &form.sums[0], &all[..2]), "项目 + 项目");
    }

    #[test]
    fn amounts_and_dashes_are_no_names_of_rows() {
        let named = |form: &&Form| form.columns.iter().any(|column| column.key && column.kind == Kind::Text);
        let form = built_in::forms().all().find(|form| form.tree.is_none() && !named(form)).expect("such a form");
        let name = |cells: &[&str]| {
            let cells = cells.iter().map(|text| Cell { text: Text::from(*text), filled: false }).collect();
            row_name(form, &Table { rows: vec![Row { cells, ..Row::default() }], ..Table::default() }, 0)
        };
        assert_eq!(name(&["1,055.5", "—", "１２", "台式计算机"]), "台式计算机");
        assert_eq!(name(&["≥95%", "A级"]), "A级");
        assert_eq!(name(&["1,055.5", "——"]), "");
    }
}
