//! The one model: a departmental budget filing as blocks of prose and recognised tables.
//!
//! Readers of every kind converge here and all writers start from here. Cell contents are text
//! exactly as a careful reader would copy them; amounts are made from that text when needed
//! (see [`amount`]), never stored instead of it.

pub mod amount;
pub mod target;
pub mod unit;

use std::sync::Arc;

use crate::document::CellFacts;
use crate::finding::Finding;
use crate::source::Source;
use crate::text::{Place, Text};

/// A filing.
#[derive(Clone, Debug)]
pub struct Filing {
    /// Where it was read from.
    pub source: Arc<Source>,
    /// Its title as printed.
    pub title: Text,
    /// The department that files it.
    pub department: Department,
    /// The budget year (预算年度).
    pub fiscal_year: Option<u16>,
    /// The money unit its tables are in, `万元` or `元`.
    pub unit: Option<String>,
    /// Headings, paragraphs and tables in reading order.
    pub blocks: Vec<Block>,
    /// Amounts of the department's money in the prose.
    pub figures: Vec<Figure>,
    /// What was found while reading.
    pub findings: Vec<Finding>,
    /// Source text that belongs to no block: what was dropped, and why.
    pub dropped: Vec<Dropped>,
    /// Of a workbook, what its cells hold.
    pub cells: CellFacts,
}

/// The year a budget is of, where a text is one and nothing else.
///
/// ```
/// use yusuan::filing::budget_year;
/// assert_eq!(budget_year("2024"), Some(2024));
/// assert_eq!(budget_year("0000"), None);
/// ```
pub fn budget_year(text: &str) -> Option<u16> {
    text.trim_matches(crate::text::is_blank).parse().ok().filter(|year| (1990..=2199).contains(year))
}

/// The department that files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Department {
    /// Budget code (预算代码), such as `323`; empty where none is printed.
    pub code: String,
    /// Name as printed.
    pub name: String,
}

/// A block of a filing.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of the prose.
    Heading(Heading),
    /// A paragraph of the prose.
    Paragraph(Text),
    /// A table, recognised or not. Boxed: a table is much larger than a paragraph.
    Table(Box<Table>),
}

/// A heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// 1 is the highest.
    pub level: u8,
    /// As printed, with its number.
    pub text: Text,
}

/// Names the form definition a table was recognised with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormKey {
    /// Form id, such as `project-performance`.
    pub form: String,
    /// Family, such as `hebei-2021`.
    pub family: String,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The form it was recognised as; `None` keeps the table with columns `c1…`.
    pub form: Option<FormKey>,
    /// Title as printed (a heading line, or the table's first row); may be empty.
    pub title: Text,
    /// The money unit printed above the table.
    pub unit: Option<String>,
    /// Fields of the form in the order of its definition.
    pub fields: Vec<Field>,
    /// Columns, in the order of the form.
    pub columns: Vec<Column>,
    /// Body rows.
    pub rows: Vec<Row>,
    /// Note under the table.
    pub note: Text,
    /// Labels, header cells and other printed text of the form that carries no value.
    pub labels: Vec<Text>,
    /// Where it begins.
    pub place: Place,
    /// Where it ends.
    pub end: Place,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Field id, such as `project_name`.
    pub id: String,
    /// Its value.
    pub value: Value,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One text; empty where the form leaves it blank.
    One(Text),
    /// A list, such as numbered goals.
    Many(Vec<Text>),
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// Column id: of the form, `x1…` for columns the form does not know, `c1…` without a form.
    pub id: String,
    /// Header path as printed, from the group down to the leaf.
    pub label: Vec<String>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RowKind {
    /// An ordinary row.
    #[default]
    Detail,
    /// A sum of some rows.
    Subtotal,
    /// The sum of all.
    Total,
}

/// A body row; `cells` has one entry for each column.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A body cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Cleaned text.
    pub text: Text,
    /// The text was printed in a merged cell that starts in an earlier row.
    pub filled: bool,
}

/// An amount of the department's money in the prose.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it is, such as `预算收入总计`.
    pub what: String,
    /// The number as printed.
    pub value: Text,
    /// Its unit as printed.
    pub unit: String,
    /// Index of the block it stands in.
    pub block: usize,
}

/// Source text that was left out of the blocks.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The text.
    pub text: Text,
    /// Code of the finding that reports it.
    pub rule: &'static str,
}

impl Filing {
    /// A filing with nothing in it yet.
    pub fn new(source: Arc<Source>) -> Filing {
        Filing {
            source,
            title: Text::default(),
            department: Department::default(),
            fiscal_year: None,
            unit: None,
            blocks: Vec::new(),
            figures: Vec::new(),
            findings: Vec::new(),
            dropped: Vec::new(),
            cells: CellFacts::default(),
        }
    }

    /// The tables with their block index.
    pub fn tables(&self) -> impl Iterator<Item = (usize, &Table)> {
        self.blocks.iter().enumerate().filter_map(|(index, block)| match block {
            Block::Table(table) => Some((index, table.as_ref())),
            _ => None,
        })
    }

    /// The table at a block index.
    pub fn table(&self, block: usize) -> Option<&Table> {
        match self.blocks.get(block) {
            Some(Block::Table(table)) => Some(table),
            _ => None,
        }
    }
}

impl Table {
    /// Form id, or `""` for an unrecognised table.
    pub fn form_id(&self) -> &str {
        self.form.as_ref().map_or("", |key| key.form.as_str())
    }

    /// Whether it is the performance form of one project: the table that is published, or the ministry's
    /// declaration (申报表), which has the goals and indicators of the whole term beside those of the year.
    pub fn is_project(&self) -> bool {
        matches!(self.form_id(), "project-performance" | "project-declaration")
    }

    /// Index of a column by id.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// A field by id.
    pub fn field(&self, id: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.id == id).map(|field| &field.value)
    }

    /// The text of a single-valued field; `None` where the form has no such field.
    pub fn field_text(&self, id: &str) -> Option<&Text> {
        match self.field(id) {
            Some(Value::One(text)) => Some(text),
            _ => None,
        }
    }

    /// The cell text at a row and a column id; `""` where the table has no such column.
    pub fn cell(&self, row: usize, id: &str) -> &str {
        self.column(id).and_then(|column| self.rows.get(row)?.cells.get(column)).map_or("", |cell| cell.text.as_str())
    }
}

impl Block {
    /// The place where the block begins.
    pub fn place(&self) -> Place {
        match self {
            Block::Heading(heading) => heading.text.place(),
            Block::Paragraph(text) => text.place(),
            Block::Table(table) => table.place,
        }
    }

    /// The text of a heading or paragraph.
    pub fn prose(&self) -> Option<&Text> {
        match self {
            Block::Heading(heading) => Some(&heading.text),
            Block::Paragraph(text) => Some(text),
            Block::Table(_) => None,
        }
    }
}
