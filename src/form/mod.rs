//! Form definitions: what a finance clerk could explain about a table, as data.
//!
//! A form file (`templates/<family>/<form>.toml`) is a picture of the printed form plus its sums.
//! The recogniser reads it as a pattern, the workbook writer as a plan with formulas, the text
//! writer as a layout. `templates/README.md` explains the files to a clerk.

pub mod built_in;
pub(crate) mod department;
pub mod label;
mod load;
mod outline;
pub(crate) mod preamble;
mod slips;
pub mod sums;
pub(crate) mod tables;
pub(crate) mod title;

use std::collections::BTreeMap;

use crate::filing::FormKey;
use label::Pattern;

/// All forms known in a run: the built-in families and those of `--templates`.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    /// Families in order of preference.
    pub families: Vec<Family>,
    /// Closed lists by name (level-1 indicators, …).
    pub lists: BTreeMap<String, Vec<Pattern>>,
}

/// The forms of one region and year.
#[derive(Clone, Debug)]
pub struct Family {
    /// Id, such as `hebei-2021`: the folder's name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The family whose forms are taken where this one has none.
    pub inherits: Option<String>,
    /// Its own forms.
    pub forms: Vec<Form>,
}

/// One form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Form id and family.
    pub key: FormKey,
    /// Short title: the sheet's name. May have slots for forms of which a filing has many.
    pub sheet: String,
    /// The title as printed.
    pub title: Pattern,
    /// Other printed titles.
    pub aliases: Vec<Pattern>,
    /// Loose recognition of a title: groups of words, each with all its words in the title.
    pub title_words: Vec<Vec<String>>,
    /// Words that must not be in a loosely recognised title.
    pub title_not: Vec<String>,
    /// Lines between title and table; each is a row of cells.
    pub preamble: Vec<Vec<Pattern>>,
    /// The block of fields above the columns, as printed: rows of cells.
    pub layout: Vec<Vec<LayoutCell>>,
    /// Fields in order, with their kinds.
    pub fields: Vec<FieldSpec>,
    /// Columns in order.
    pub columns: Vec<ColumnSpec>,
    /// A row of column numbers stands under the header (栏次), with this label.
    pub numbering: Option<String>,
    /// The code column that makes the rows a tree, and the lengths of its levels.
    pub tree: Option<Tree>,
    /// Sums over rows.
    pub sums: Vec<SumSpec>,
    /// Sums over fields: target and addends.
    pub field_sums: Vec<(String, Vec<String>)>,
    /// Fixed lines of the form by column id (收支总表), for empty workbooks.
    pub lines: BTreeMap<String, Vec<String>>,
    /// Named repairs of damaged text that this form allows.
    pub repairs: Vec<Repair>,
    /// A filing has many of them, one sheet each.
    pub many: bool,
    /// Money unit when the table prints none.
    pub unit: Option<String>,
    /// Printed across (landscape) rather than upright.
    pub landscape: bool,
    /// Fewest columns that must be found for a table to be this form.
    pub min_columns: usize,
}

/// A repair of damaged text that a form may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Values of 资金支出计划 that stand in other rows or places than their labels.
    PlanShifted,
    /// Levels of indicators told by their names, not by their columns.
    LevelsByVocabulary,
    /// A value printed in the row above its label.
    ValueAboveLabel,
}

impl Repair {
    /// The name in form files.
    pub fn name(self) -> &'static str {
        match self {
            Repair::PlanShifted => "plan-shifted",
            Repair::LevelsByVocabulary => "levels-by-vocabulary",
            Repair::ValueAboveLabel => "value-above-label",
        }
    }
}

/// One cell of the field block.
#[derive(Clone, Debug)]
pub enum LayoutCell {
    /// Text with or without slots; spans `columns` grid columns.
    Text {
        /// What is printed.
        pattern: Pattern,
        /// Grid columns it covers.
        columns: usize,
    },
    /// Covered by the cell above.
    Above,
}

impl LayoutCell {
    /// A label: text that is printed in every such table.
    fn label(&self) -> Option<&Pattern> {
        match self {
            LayoutCell::Text { pattern, .. } => pattern.slots().next().is_none().then_some(pattern),
            LayoutCell::Above => None,
        }
    }

    /// The field whose value the cell is.
    fn slot(&self) -> Option<&str> {
        match self {
            LayoutCell::Text { pattern, .. } => pattern.lone_slot(),
            LayoutCell::Above => None,
        }
    }
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldSpec {
    /// Field id.
    pub id: String,
    /// How to read and write its value.
    pub kind: Kind,
    /// Name for people where the form prints no label of its own.
    pub name: String,
    /// Other printings of its label.
    pub aliases: Vec<Pattern>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct ColumnSpec {
    /// Column id.
    pub id: String,
    /// Header path, from the group down to the leaf.
    pub head: Vec<Pattern>,
    /// Other header paths.
    pub aliases: Vec<Vec<Pattern>>,
    /// How to read and write its cells.
    pub kind: Kind,
    /// Width in characters of half width.
    pub width: f64,
    /// Grid columns it covers in the workbook.
    pub span: usize,
    /// Column ids that add up to it in every row.
    pub sum: Vec<String>,
    /// A blank cell repeats the one above (merged downwards).
    pub merge_down: bool,
    /// The printed table may lack it.
    pub optional: bool,
    /// Closed list of values.
    pub list: Option<String>,
    /// The one column is printed as several (类, 款, 项): their leaf labels.
    pub parts: Vec<Pattern>,
    /// The row cannot be without it: a row where it is blank continues the row above.
    pub key: bool,
    /// Printed with this text in every row and no part of the model (名称: 绩效指标).
    pub fixed: Option<String>,
}

/// How a value is read, compared and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Any text.
    #[default]
    Text,
    /// An amount of money in the unit of the table.
    Money,
    /// A number that is no money (a quantity).
    Number,
    /// A percentage.
    Percent,
    /// A code: text that keeps its zeros.
    Code,
    /// A running number.
    Ordinal,
    /// The value of an indicator: sign, number, unit, or free text.
    Target,
    /// A list of texts, such as numbered goals.
    List,
    /// A date.
    Date,
    /// A year.
    Year,
}

/// A tree of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Column with the codes.
    pub code: String,
    /// Code lengths from the root down, `[3, 5, 7]`.
    pub levels: Vec<usize>,
}

/// A sum over rows.
#[derive(Clone, Debug)]
pub struct SumSpec {
    /// Column whose text names the row.
    pub label: String,
    /// The rows it defines; empty: every row of the tree with children.
    pub row: Vec<Pattern>,
    /// Columns it holds for; empty: every money column.
    pub columns: Vec<String>,
    /// What is added.
    pub of: Addends,
    /// Rows that only some filings add too: they count where the printed sum has them.
    pub perhaps: Vec<Pattern>,
    /// Where a table prints none of the rows that are added: all rows above, up to the sum before.
    pub or_above: bool,
    /// What the row is.
    pub kind: crate::filing::RowKind,
    /// Number of the rule in the standard list.
    pub reference: String,
}

/// What a sum over rows adds.
#[derive(Clone, Debug)]
pub enum Addends {
    /// The lines above, up to the sum before.
    Above,
    /// The sum before and the lines after it; all lines above where there is none.
    Running,
    /// The parts of the line among the rows under it.
    Parts,
    /// The rows below, down to the next sum row.
    Below,
    /// The roots of the tree.
    Roots,
    /// The children in the tree.
    Children,
    /// The subtotal rows; all detail rows when there is none.
    Subtotals,
    /// The rows with these names.
    Rows(Vec<Pattern>),
}

impl Forms {
    /// The form for a key, looked up through `inherits`.
    pub fn get(&self, key: &FormKey) -> Option<&Form> {
        self.in_family(&key.family, &key.form)
    }

    /// The form a family uses for a form id: its own, or the one it inherits.
    pub fn in_family(&self, family: &str, form: &str) -> Option<&Form> {
        let mut family = self.families.iter().find(|candidate| candidate.id == family)?;
        for _ in 0..=self.families.len() {
            if let Some(found) = family.forms.iter().find(|candidate| candidate.key.form == form) {
                return Some(found);
            }
            let parent = family.inherits.as_deref()?;
            family = self.families.iter().find(|candidate| candidate.id == parent)?;
        }
        None
    }

    /// Every form of every family, each once.
    pub fn all(&self) -> impl Iterator<Item = &Form> {
        self.families.iter().flat_map(|family| family.forms.iter())
    }
}

impl ColumnSpec {
    /// The unit that a printed head of the column says: `价值（万元）`.
    pub(crate) fn unit_in_head(&self, printed: &str) -> Option<String> {
        std::iter::once(&self.head).chain(&self.aliases).filter_map(|head| head.last()).find_map(|pattern| {
            let captures = pattern.captures(printed)?;
            captures.into_iter().find(|(name, _)| name == "unit").map(|(_, range)| label::fold(&printed[range]))
        })
    }
}

impl Form {
    /// The label of the row of column numbers.
    pub(crate) fn numbering_label(&self) -> &str {
        self.numbering.as_deref().unwrap_or("栏次")
    }

    /// The column spec with an id.
    pub fn column(&self, id: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// The field spec with an id.
    pub fn field(&self, id: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The labels of the field block with their layout row and cell, in every printing.
    pub fn labels(&self) -> impl Iterator<Item = (usize, usize, &Pattern)> {
        let rows = self.layout.iter().enumerate();
        rows.flat_map(|(row, cells)| (0..cells.len()).map(move |cell| (row, cell))).flat_map(|(row, cell)| {
            let cells = &self.layout[row];
            let label = cells[cell].label();
            // The value of a label that stands in the cell before it may have others.
            let slot = label.and(cells.get(cell + 1)).and_then(LayoutCell::slot);
            let field = slot.and_then(|slot| self.field(slot));
            let others = field.map_or(&[] as &[Pattern], |field| &field.aliases);
            label.into_iter().chain(others).map(move |label| (row, cell, label))
        })
    }

    /// Whether a named repair is allowed.
    pub fn repairs(&self, name: &str) -> bool {
        self.repairs.iter().any(|repair| repair.name() == name)
    }
}
