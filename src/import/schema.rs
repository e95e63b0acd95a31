//! The tables filings are pooled into, as `templates/import/tables.toml` describes them.

use std::sync::OnceLock;

use serde::Deserialize;

/// All tables, in order.
#[derive(Debug)]
pub struct Schema {
    /// The tables; a table comes after those it refers to.
    pub tables: Vec<Table>,
}

/// One table.
#[derive(Debug)]
pub struct Table {
    /// Lower-case Latin name.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// What its rows are.
    pub about: String,
    /// How rows are made of a filing.
    pub rows: Rows,
    /// Forms they are made of.
    pub forms: Vec<String>,
    /// Direction of the money.
    pub direction: Option<Direction>,
    /// Columns that make the stable key within the filing.
    pub key: Vec<String>,
    /// What is taken from the forms.
    pub items: Vec<Item>,
    /// The columns as written: the common ones, then one or two for each item.
    pub columns: Vec<Column>,
}

/// How rows of a table are made of a filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// One for each filing.
    Filing,
    /// The department and its units.
    Institution,
    /// The rows no sum of the form adds up to.
    Leaf,
    /// As `Leaf`; forms with one row of many columns are turned.
    ThreePublic,
    /// One for each project form.
    Project,
    /// One for each indicator of a performance form.
    Indicator,
    /// One for each activity.
    Activity,
    /// One for each indicator of an activity.
    ActivityIndicator,
    /// As `Leaf`, under the unit of the subtotal above.
    Procurement,
    /// Rows that are part of another row.
    OfWhich,
    /// One for each finding.
    Finding,
}

/// Where money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the department.
    Revenue,
    /// From the department.
    Expenditure,
}

/// What is taken from a form, or computed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Lower-case Latin name.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// How it is written.
    #[serde(default)]
    pub kind: ItemKind,
    /// Id of a column or field of the form, or `@…`; empty: the name.
    #[serde(default)]
    pub from: String,
    /// What a reader should know.
    #[serde(default)]
    pub about: String,
    /// Table whose id it holds.
    #[serde(default)]
    pub refers: Option<String>,
    /// For amounts: the amount it is part of.
    #[serde(default)]
    pub part_of: Option<String>,
    /// For amounts: may be added up over rows.
    #[serde(default = "yes")]
    pub measure: bool,
    /// For amounts: phase of the budget.
    #[serde(default = "approved")]
    pub phase: String,
}

fn yes() -> bool {
    true
}

fn approved() -> String {
    "approved".to_owned()
}

/// How an item is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// As printed.
    #[default]
    Text,
    /// Text that keeps its zeros.
    Code,
    /// A year.
    Year,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// An exact number that was computed.
    Decimal,
    /// An exact number and the text it was printed as.
    Number,
    /// An exact number of 元 and the text it was printed as.
    Amount,
}

/// A column as written.
#[derive(Debug)]
pub struct Column {
    /// Lower-case Latin name.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// What a reader should know.
    pub about: String,
    /// Its type.
    pub kind: Type,
    /// Table whose id it holds.
    pub refers: Option<String>,
    /// The item it is the amount of, in 元, where amounts may be added up.
    pub measure: Option<usize>,
    /// Holds an amount in 元.
    pub amount: bool,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// 64-bit whole number.
    Integer,
    /// Exact number with [`SCALE`] decimals at most.
    Decimal,
    /// Yes or no.
    Flag,
}

/// Digits of a decimal.
pub const PRECISION: u32 = 28;
/// Decimals of a decimal.
pub const SCALE: u32 = 6;

/// Columns before those of the table.
const BEFORE: [(&str, &str, Type); 5] = [
    ("id", "编号", Type::Text),
    ("filing_id", "预算文件编号", Type::Text),
    ("fiscal_year", "预算年度", Type::Integer),
    ("department_code", "部门代码", Type::Text),
    ("department_name", "部门名称", Type::Text),
];

/// Name and title of the column for what stands in columns the form does not know.
const UNKNOWN: (&str, &str) = ("other_columns", "模板外各列");

/// Columns after those of the table.
const AFTER: [(&str, &str, Type); 2] =
    [("source_file", "来源文件", Type::Text), ("source_place", "来源位置", Type::Text)];

/// Name and title of the column that holds the money unit of a table with amounts.
const UNIT: (&str, &str) = ("money_unit", "金额单位");

impl Schema {
    /// The index of a table.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name == name)
    }
}

impl Table {
    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether rows are rows of a printed table, which may have columns that its form does not know.
    pub fn has_unknown(&self) -> bool {
        use Rows::{Activity, ActivityIndicator, Indicator, Leaf, Procurement, ThreePublic};
        matches!(self.rows, Leaf | ThreePublic | Procurement | Indicator | Activity | ActivityIndicator)
    }

    /// Whether rows have their money unit beside the amounts.
    pub fn has_unit(&self) -> bool {
        self.rows != Rows::Filing && self.items.iter().any(|item| item.kind == ItemKind::Amount)
    }
}

impl Item {
    /// Where its value comes from.
    pub fn source(&self) -> &str {
        if self.from.is_empty() { &self.name } else { &self.from }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Vec<Spec>,
    /// See [`super::package`].
    #[serde(rename = "dimension")]
    _dimension: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    name: String,
    title: String,
    about: String,
    rows: Rows,
    #[serde(default)]
    forms: Vec<String>,
    #[serde(default)]
    direction: Option<Direction>,
    #[serde(default)]
    key: Vec<String>,
    column: Vec<Item>,
}

/// The tables, loaded once.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let file: File = crate::templates::read!("import/tables");
        Schema { tables: file.table.into_iter().map(table).collect() }
    })
}

fn table(spec: Spec) -> Table {
    let mut table = Table {
        name: spec.name,
        title: spec.title,
        about: spec.about,
        rows: spec.rows,
        forms: spec.forms,
        direction: spec.direction,
        key: spec.key,
        items: spec.column,
        columns: Vec::new(),
    };
    let common = |(name, title, kind): &(&str, &str, Type)| Column {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
        about: String::new(),
        kind: *kind,
        refers: (*name == "filing_id").then(|| "filings".to_owned()),
        measure: None,
        amount: false,
    };
    // The table of filings is what filing_id refers to.
    let own = table.rows == Rows::Filing;
    table.columns.extend(BEFORE.iter().filter(|(name, ..)| !(own && *name == "filing_id")).map(common));
    for (index, item) in table.items.iter().enumerate() {
        let kind = match item.kind {
            ItemKind::Text | ItemKind::Code => Type::Text,
            ItemKind::Year | ItemKind::Integer => Type::Integer,
            ItemKind::Flag => Type::Flag,
            ItemKind::Decimal | ItemKind::Number | ItemKind::Amount => Type::Decimal,
        };
        let amount = item.kind == ItemKind::Amount;
        let about = match (amount, item.about.is_empty()) {
            (false, _) => item.about.clone(),
            (true, true) => "单位：元".to_owned(),
            (true, false) => format!("单位：元。{}", item.about),
        };
        table.columns.push(Column {
            name: item.name.clone(),
            title: item.title.clone(),
            about,
            kind,
            refers: item.refers.clone(),
            measure: (amount && item.measure).then_some(index),
            amount,
        });
        if matches!(item.kind, ItemKind::Number | ItemKind::Amount) {
            table.columns.push(Column {
                name: format!("{}_filed", item.name),
                title: format!("{}（原样）", item.title),
                about: String::new(),
                kind: Type::Text,
                refers: None,
                measure: None,
                amount: false,
            });
        }
    }
    if table.has_unit() {
        table.columns.push(common(&(UNIT.0, UNIT.1, Type::Text)));
    }
    if table.has_unknown() {
        let mut column = common(&(UNKNOWN.0, UNKNOWN.1, Type::Text));
        column.about = "表中有而模板没有的列，写作“列名：内容”，以换行分隔".to_owned();
        table.columns.push(column);
    }
    table.columns.extend(AFTER.iter().map(common));
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tables_refer_to_tables_before_them_and_names_are_unique() {
        let mut known = BTreeSet::new();
        for table in &schema().tables {
            let mut columns = BTreeSet::new();
            known.insert(table.name.as_str());
            for column in &table.columns {
                assert!(columns.insert(column.name.as_str()), "{}.{} twice", table.name, column.name);
                let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_';
                assert!(column.name.chars().all(plain), "{}", column.name);
                assert!(!column.title.is_ascii(), "{}.{} has no Chinese title", table.name, column.name);
                if let Some(other) = &column.refers {
                    assert!(known.contains(other.as_str()), "{} refers to {other}", table.name);
                }
            }
            for key in &table.key {
                assert!(columns.contains(key.as_str()), "{}: key {key}", table.name);
            }
            for item in &table.items {
                let part_of = item.part_of.as_ref();
                assert!(part_of.is_none_or(|whole| table.items.iter().any(|item| item.name == *whole)));
            }
        }
    }

    /// The title that a table gives a column of a form is none that the form prints over another.
    #[test]
    fn no_column_has_the_title_of_another() {
        let forms = crate::form::built_in::forms();
        for table in &schema().tables {
            let of_table = |form: &&crate::form::Form| table.forms.contains(&form.key.form);
            for form in forms.all().filter(of_table) {
                for item in &table.items {
                    let prints = |column: &crate::form::ColumnSpec| {
                        let mut heads = std::iter::once(&column.head).chain(&column.aliases);
                        heads.any(|head| head.len() == 1 && head[0].is_match(&item.title))
                            || column.head.last().is_some_and(|leaf| leaf.is_match(&item.title))
                    };
                    let own = form.columns.iter().find(|column| column.id == item.source());
                    let other = form.columns.iter().find(|column| column.id != item.source() && prints(column));
                    if let (Some(own), Some(other)) = (own, other) {
                        assert!(prints(own), "{} {}: {} is {}", table.name, form.key.form, item.title, other.id);
                    }
                }
            }
        }
    }

    /// What a form has a column for is in one of the tables that are made of its rows: the column for what
    /// a form does not know would not have it.
    #[test]
    fn every_column_of_a_form_is_in_a_table() {
        let tables = || schema().tables.iter().filter(|table| matches!(table.rows, Rows::Leaf | Rows::Procurement));
        for form in crate::form::built_in::forms().all() {
            let made: Vec<&Table> = tables().filter(|table| table.forms.contains(&form.key.form)).collect();
            let columns = form.columns.iter().filter(|column| column.kind != crate::form::Kind::Ordinal);
            for column in columns.filter(|_| !made.is_empty()) {
                let mut items = made.iter().flat_map(|table| &table.items);
                let taken = items.any(|item| item.source().trim_start_matches('@') == column.id);
                assert!(taken, "no table has {} of {:?}", column.id, form.key);
            }
        }
    }
}
