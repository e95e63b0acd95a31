//! What differs between two filings, in the domain's terms.

use rust_decimal::Decimal;

use super::pair::{Map, Pairing, TablePair, pair, prose_of};
use crate::filing::{Block, Filing, Row, Table, Value, amount};
use crate::form::label::fold;
use crate::form::{Form, Forms, Kind, sums};
use crate::text::{Place, Text};

/// How a thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// It says something else.
    Changed,
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It stands elsewhere in the order.
    Moved,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Something the filing says of itself: `title`, `department`, `department_code`,
    /// `fiscal_year`, `unit`.
    About(&'static str),
    /// A heading or paragraph of the prose.
    Prose,
    /// A whole table.
    Table,
    /// The title of a table.
    Title,
    /// The money unit of a table.
    Unit,
    /// The note under a table.
    Note,
    /// A column of a table, by its id.
    Column(String),
    /// A field of a table, by its id.
    Field(String),
    /// An item of a list, by the field's id.
    Item(String),
    /// A body row.
    Row,
    /// A cell, by its column's id.
    Cell(String),
}

/// Where a thing stands in one of the two filings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct At {
    /// Index of the block.
    pub block: usize,
    /// Row of the table, from 0.
    pub row: Option<usize>,
    /// Item of a list, from 0.
    pub item: Option<usize>,
    /// The place in the source.
    pub place: Place,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// How it differs.
    pub how: How,
    /// What differs.
    pub what: What,
    /// Id of the table's form; empty for prose and unrecognised tables.
    pub form: String,
    /// Title of the table.
    pub table: String,
    /// Code and name of the project a table is about; empty for other tables.
    pub project: (String, String),
    /// Name of the row for people.
    pub row: String,
    /// Name of the field or column for people.
    pub label: String,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
    /// Where it stood.
    pub old_at: Option<At>,
    /// Where it stands.
    pub new_at: Option<At>,
    /// It was not edited: it follows from other changes (a total).
    pub follows: bool,
}

/// What differs between two filings of any kind, also of two years or families.
///
/// Amounts are compared as amounts (`8` is `8.00`), in the unit of the table; everything else as
/// text.
pub fn diff(old: &Filing, new: &Filing, forms: &Forms) -> Vec<Change> {
    changes(old, new, forms, &pair(old, new, forms))
}

/// The differences of two filings already paired.
pub(super) fn changes(old: &Filing, new: &Filing, forms: &Forms, pairing: &Pairing) -> Vec<Change> {
    let mut found = Vec::new();
    about(old, new, &mut found);
    let mut gone = deleted_before(&pairing.blocks);
    let last = gone.pop().unwrap_or_default();
    for (new_block, gone) in gone.into_iter().enumerate() {
        found.extend(gone.into_iter().map(|block| whole(old, block, How::Deleted)));
        let Some(old_block) = pairing.blocks.old[new_block] else {
            found.push(whole(new, new_block, How::Added));
            continue;
        };
        if pairing.blocks.moved.contains(&new_block) {
            let mut moved = whole(new, new_block, How::Moved);
            moved.old_at = Some(At { block: old_block, place: old.blocks[old_block].place(), ..At::default() });
            moved.old.clone_from(&moved.new);
            found.push(moved);
        }
        match (&old.blocks[old_block], &new.blocks[new_block]) {
            (Block::Table(one), Block::Table(other)) => {
                if let Some(pair) = pairing.tables.get(&new_block) {
                    let form = other.form.as_ref().or(one.form.as_ref()).and_then(|key| forms.get(key));
                    let units = (unit_of(old, one), unit_of(new, other));
                    let scale = scale(units.0, units.1);
                    Tables { old: one, new: other, old_block, new_block, form, units, scale, pair }.changes(&mut found);
                }
            }
            (one, other) => {
                let (before, after) = (prose_of(one).unwrap_or_default(), prose_of(other).unwrap_or_default());
                if before != after {
                    let mut change = whole(new, new_block, How::Changed);
                    change.old = before.to_owned();
                    change.old_at = Some(At { block: old_block, place: one.place(), ..At::default() });
                    found.push(change);
                }
            }
        }
    }
    found.extend(last.into_iter().map(|block| whole(old, block, How::Deleted)));
    found
}

/// For each new index (and the end) the old ones deleted before it.
fn deleted_before(map: &Map) -> Vec<Vec<usize>> {
    let mut gone: Vec<Vec<usize>> = vec![Vec::new(); map.old.len() + 1];
    let mut next = 0;
    for (old, new) in map.new.iter().enumerate() {
        match new {
            Some(new) if !map.moved.contains(new) => next = new + 1,
            Some(_) => {}
            None => gone[next].push(old),
        }
    }
    gone
}

fn about(old: &Filing, new: &Filing, found: &mut Vec<Change>) {
    let year = |filing: &Filing| filing.fiscal_year.map(|year| year.to_string()).unwrap_or_default();
    let facts: [(&'static str, &str, String, String); 5] = [
        ("title", "标题", old.title.as_str().to_owned(), new.title.as_str().to_owned()),
        ("department_code", "部门代码", old.department.code.clone(), new.department.code.clone()),
        ("department", "部门名称", old.department.name.clone(), new.department.name.clone()),
        ("fiscal_year", "预算年度", year(old), year(new)),
        ("unit", "金额单位", old.unit.clone().unwrap_or_default(), new.unit.clone().unwrap_or_default()),
    ];
    for (id, label, before, after) in facts {
        if before != after {
            let mut change = Change::new(How::Changed, What::About(id));
            change.label = label.to_owned();
            (change.old, change.new) = (before, after);
            found.push(change);
        }
    }
}

fn whole(filing: &Filing, block: usize, how: How) -> Change {
    let content = &filing.blocks[block];
    let mut change = Change::new(how, What::Prose);
    let text = match content {
        Block::Table(table) => {
            change.what = What::Table;
            change.name(table);
            table.title.as_str().to_owned()
        }
        prose => prose_of(prose).unwrap_or_default().to_owned(),
    };
    let at = Some(At { block, place: content.place(), ..At::default() });
    if how == How::Deleted {
        (change.old, change.old_at) = (text, at);
    } else {
        (change.new, change.new_at) = (text, at);
    }
    change
}

impl Change {
    fn new(how: How, what: What) -> Change {
        Change {
            how,
            what,
            form: String::new(),
            table: String::new(),
            project: Default::default(),
            row: String::new(),
            label: String::new(),
            old: String::new(),
            new: String::new(),
            old_at: None,
            new_at: None,
            follows: false,
        }
    }

    fn name(&mut self, table: &Table) {
        table.form_id().clone_into(&mut self.form);
        table.title.as_str().clone_into(&mut self.table);
        let field = |id: &str| table.field_text(id).map(|text| text.as_str().to_owned()).unwrap_or_default();
        self.project = (field("project_code"), field("project_name"));
    }
}

/// The money unit of a table.
pub(super) fn unit_of<'f>(filing: &'f Filing, table: &'f Table) -> &'f str {
    table.unit.as_deref().or(filing.unit.as_deref()).unwrap_or_default()
}

/// What an old amount is multiplied with to stand in the new unit.
fn scale(old: &str, new: &str) -> Decimal {
    match (amount::yuan_in(old), amount::yuan_in(new)) {
        (Some(old), Some(new)) => old / new,
        _ => Decimal::ONE,
    }
}

/// Whether two values of a kind are the same; `kind` is `None` where no form says.
pub(super) fn same(old: &str, new: &str, kind: Option<Kind>) -> bool {
    same_scaled(old, new, kind, Decimal::ONE)
}

fn same_scaled(old: &str, new: &str, kind: Option<Kind>, scale: Decimal) -> bool {
    let scale = if kind == Some(Kind::Money) { scale } else { Decimal::ONE };
    if old == new && scale == Decimal::ONE {
        return true;
    }
    let number = match kind {
        Some(Kind::Money | Kind::Number | Kind::Percent | Kind::Ordinal) => true,
        Some(Kind::Year) => return fold(old) == fold(new),
        Some(_) => false,
        // 0101 and 101 are codes, not numbers.
        None => !old.starts_with('0') || old.starts_with("0.") || old == "0",
    };
    if number && let (Some(one), Some(other)) = (amount::parse(old), amount::parse(new)) {
        let value = if one.percent { Some(one.value) } else { one.value.checked_mul(scale) };
        return one.percent == other.percent && value == Some(other.value);
    }
    old == new
}

struct Tables<'f> {
    old: &'f Table,
    new: &'f Table,
    old_block: usize,
    new_block: usize,
    form: Option<&'f Form>,
    units: (&'f str, &'f str),
    scale: Decimal,
    pair: &'f TablePair,
}

impl Tables<'_> {
    fn change(&self, how: How, what: What) -> Change {
        let mut change = Change::new(how, what);
        change.name(if how == How::Deleted { self.old } else { self.new });
        change
    }

    fn old_at(&self, text: Option<&Text>) -> Option<At> {
        let place = text.map(Text::place).filter(|place| *place != Place::Nowhere).unwrap_or(self.old.place);
        Some(At { block: self.old_block, place, ..At::default() })
    }

    fn new_at(&self, text: Option<&Text>) -> Option<At> {
        let place = text.map(Text::place).filter(|place| *place != Place::Nowhere).unwrap_or(self.new.place);
        Some(At { block: self.new_block, place, ..At::default() })
    }

    fn text(&self, what: What, label: &str, old: &Text, new: &Text) -> Change {
        let mut change = self.change(How::Changed, what);
        label.clone_into(&mut change.label);
        old.as_str().clone_into(&mut change.old);
        new.as_str().clone_into(&mut change.new);
        change.old_at = self.old_at(Some(old));
        change.new_at = self.new_at(Some(new));
        change
    }

    fn changes(&self, found: &mut Vec<Change>) {
        if self.old.title.as_str() != self.new.title.as_str() {
            found.push(self.text(What::Title, "表名", &self.old.title, &self.new.title));
        }
        // A workbook prints the filing's unit on a table that the original prints none above.
        if self.units.0 != self.units.1 {
            let mut change = self.change(How::Changed, What::Unit);
            "单位".clone_into(&mut change.label);
            (change.old, change.new) = (self.units.0.to_owned(), self.units.1.to_owned());
            (change.old_at, change.new_at) = (self.old_at(None), self.new_at(None));
            found.push(change);
        }
        self.fields(found);
        self.columns(found);
        self.rows(found);
        if self.old.note.as_str() != self.new.note.as_str() {
            found.push(self.text(What::Note, "表注", &self.old.note, &self.new.note));
        }
    }

    fn fields(&self, found: &mut Vec<Change>) {
        let blank = Value::One(Text::default());
        let mut ids: Vec<&str> = self.new.fields.iter().map(|field| field.id.as_str()).collect();
        let known: Vec<&str> =
            self.old.fields.iter().map(|field| field.id.as_str()).filter(|id| !ids.contains(id)).collect();
        ids.extend(known);
        for id in ids {
            let label = self.form.map_or_else(|| id.to_owned(), |form| form.field_name(id));
            let kind = self.form.and_then(|form| form.field(id)).map(|field| field.kind);
            let (old, new) = (self.old.field(id).unwrap_or(&blank), self.new.field(id).unwrap_or(&blank));
            match (old, new) {
                (Value::One(old), Value::One(new)) => {
                    if !same_scaled(old.as_str(), new.as_str(), kind, self.scale) {
                        found.push(self.text(What::Field(id.to_owned()), &label, old, new));
                    }
                }
                (old, new) => self.items(id, &label, &items(old), &items(new), found),
            }
        }
    }

    fn items(&self, id: &str, label: &str, old: &[&Text], new: &[&Text], found: &mut Vec<Change>) {
        let map = pair_items(old, new);
        let mut gone = deleted_before(&map);
        let delete = |number: usize, found: &mut Vec<Change>| {
            let mut change = self.text(What::Item(id.to_owned()), label, old[number], &Text::default());
            change.how = How::Deleted;
            change.old_at = self.old_at(Some(old[number])).map(|at| At { item: Some(number), ..at });
            change.new_at = None;
            found.push(change);
        };
        for (number, text) in new.iter().enumerate() {
            for index in std::mem::take(&mut gone[number]) {
                delete(index, found);
            }
            let new_at = self.new_at(Some(text)).map(|at| At { item: Some(number), ..at });
            match map.old[number] {
                None => {
                    let mut change = self.text(What::Item(id.to_owned()), label, &Text::default(), text);
                    change.how = How::Added;
                    (change.old_at, change.new_at) = (None, new_at);
                    found.push(change);
                }
                Some(before) if old[before].as_str() != text.as_str() || map.moved.contains(&number) => {
                    let mut change = self.text(What::Item(id.to_owned()), label, old[before], text);
                    if old[before].as_str() == text.as_str() {
                        change.how = How::Moved;
                    }
                    change.old_at = change.old_at.map(|at| At { item: Some(before), ..at });
                    change.new_at = new_at;
                    found.push(change);
                }
                Some(_) => {}
            }
        }
        for index in gone.pop().unwrap_or_default() {
            delete(index, found);
        }
    }

    fn columns(&self, found: &mut Vec<Change>) {
        let sides = [(How::Deleted, self.old, &self.pair.columns.new), (How::Added, self.new, &self.pair.columns.old)];
        for (how, table, pairs) in sides {
            for (column, _) in pairs.iter().enumerate().filter(|(_, pair)| pair.is_none()) {
                // A column of blanks that one print has and the other leaves out says nothing.
                if table.rows.iter().all(|row| row.cells.get(column).is_none_or(|cell| cell.text.is_empty())) {
                    continue;
                }
                let id = &table.columns[column].id;
                let mut change = self.change(how, What::Column(id.clone()));
                change.label = column_name(table, column);
                if how == How::Deleted {
                    change.old.clone_from(&change.label);
                    change.old_at = self.old_at(None);
                } else {
                    change.new.clone_from(&change.label);
                    change.new_at = self.new_at(None);
                }
                found.push(change);
            }
        }
    }

    fn row(&self, how: How, old: Option<usize>, new: Option<usize>) -> Change {
        let mut change = self.change(how, What::Row);
        let (table, row) = match (old, new) {
            (_, Some(new)) => (self.new, new),
            (Some(old), None) => (self.old, old),
            (None, None) => return change,
        };
        change.row = row_name(self.form, table, row);
        if let Some(old) = old {
            change.old = printed(&self.old.rows[old]);
            change.old_at = self.old_at(first(&self.old.rows[old])).map(|at| At { row: Some(old), ..at });
        }
        if let Some(new) = new {
            change.new = printed(&self.new.rows[new]);
            change.new_at = self.new_at(first(&self.new.rows[new])).map(|at| At { row: Some(new), ..at });
        }
        change
    }

    fn rows(&self, found: &mut Vec<Change>) {
        let rows = &self.pair.rows;
        let mut gone = deleted_before(rows);
        let last = gone.pop().unwrap_or_default();
        for (number, gone) in gone.into_iter().enumerate() {
            found.extend(gone.into_iter().map(|old| self.row(How::Deleted, Some(old), None)));
            let Some(old) = rows.old[number] else {
                found.push(self.row(How::Added, None, Some(number)));
                continue;
            };
            if rows.moved.contains(&number) {
                found.push(self.row(How::Moved, Some(old), Some(number)));
            }
            self.cells(old, number, found);
        }
        found.extend(last.into_iter().map(|old| self.row(How::Deleted, Some(old), None)));
    }

    fn cells(&self, old: usize, new: usize, found: &mut Vec<Change>) {
        let blank = crate::filing::Cell::default();
        for (old_column, new_column) in self.pair.columns.pairs() {
            let before = self.old.rows[old].cells.get(old_column).unwrap_or(&blank);
            let after = self.new.rows[new].cells.get(new_column).unwrap_or(&blank);
            let id = &self.new.columns[new_column].id;
            let kind = self.form.and_then(|form| form.column(id)).map(|column| column.kind);
            if same_scaled(before.text.as_str(), after.text.as_str(), kind, self.scale)
                || self.follows_above(old, new, old_column, new_column)
            {
                continue;
            }
            let label = column_name(self.new, new_column);
            let mut change = self.text(What::Cell(id.clone()), &label, &before.text, &after.text);
            change.row = row_name(self.form, self.new, new);
            change.old_at = change.old_at.map(|at| At { row: Some(old), ..at });
            change.new_at = change.new_at.map(|at| At { row: Some(new), ..at });
            found.push(change);
        }
    }

    /// Whether a cell only repeats a merged cell above it, on both sides: the change is that cell's.
    fn follows_above(&self, old: usize, new: usize, old_column: usize, new_column: usize) -> bool {
        let (Some(before_old), Some(before_new)) = (old.checked_sub(1), new.checked_sub(1)) else { return false };
        let same = |table: &Table, row: usize, column: usize| {
            let text = |row: usize| table.rows[row].cells.get(column).map(|cell| cell.text.as_str());
            text(row) == text(row + 1)
        };
        let filled = self.old.rows[old].cells.get(old_column).is_some_and(|cell| cell.filled);
        filled
            && self.pair.rows.old[before_new] == Some(before_old)
            && same(self.old, before_old, old_column)
            && same(self.new, before_new, new_column)
    }
}

/// The items of a field.
pub(super) fn items(value: &Value) -> Vec<&Text> {
    match value {
        Value::One(text) if text.is_empty() => Vec::new(),
        Value::One(text) => vec![text],
        Value::Many(texts) => texts.iter().collect(),
    }
}

/// Pairs the items of two lists.
pub(super) fn pair_items(old: &[&Text], new: &[&Text]) -> Map {
    super::pair::pair_texts(
        &old.iter().map(|text| text.as_str()).collect::<Vec<_>>(),
        &new.iter().map(|text| text.as_str()).collect::<Vec<_>>(),
    )
}

/// The name of a column for people.
pub(super) fn column_name(table: &Table, column: usize) -> String {
    let column = &table.columns[column];
    let label: Vec<&str> = column.label.iter().map(String::as_str).filter(|label| !label.is_empty()).collect();
    if label.is_empty() { column.id.clone() } else { label.join("·") }
}

/// The name of a row for people.
pub(super) fn row_name(form: Option<&Form>, table: &Table, row: usize) -> String {
    let name = form.map(|form| sums::row_name(form, table, row)).unwrap_or_default();
    if !name.is_empty() {
        return name;
    }
    let texts = table.rows[row].cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
    texts.clone().find(|text| amount::parse(text).is_none()).or(texts.clone().next()).unwrap_or_default().to_owned()
}

fn first(row: &Row) -> Option<&Text> {
    row.cells.iter().filter(|cell| !cell.filled).map(|cell| &cell.text).find(|text| !text.is_empty())
}

/// A row as one line.
fn printed(row: &Row) -> String {
    row.cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_by_their_kind() {
        assert!(same("8", "8.00", Some(Kind::Money)));
        assert!(same("16839.09", "16,839.09", Some(Kind::Money)));
        assert!(!same("8", "8.00", Some(Kind::Text)));
        assert!(!same("0101", "101", None) && same("8", "8.0", None));
        assert!(!same("", "0.00", Some(Kind::Money)));
        assert!(!same("30", "30%", Some(Kind::Percent)));
        assert!(same_scaled("8.4", "84,000", Some(Kind::Money), scale("万元", "元")));
    }
}
