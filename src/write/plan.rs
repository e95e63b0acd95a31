//! A table as it is printed on its form: what stands above it, the block of fields, the columns and
//! which cells are merged. The writers of whole documents (txt, docx) print from this plan.

use std::borrow::Cow;

use super::lines::lines;
use crate::filing::{Filing, RowKind, Table, Value};
use crate::form::label::{Folded, Pattern};
use crate::form::{ColumnSpec, Form, Forms, Kind, LayoutCell};
use crate::text::Text;

/// A table to print.
#[derive(Clone, Debug)]
pub(super) struct Plan<'f> {
    pub table: &'f Table,
    pub form: Option<&'f Form>,
    /// Lines between the title and the table, each of one or more cells.
    pub lines: Vec<Vec<Cow<'f, str>>>,
    /// The field block, row by row.
    pub fields: Vec<Vec<FieldCell<'f>>>,
    pub columns: Vec<Column<'f>>,
    /// Label of the row of column numbers, where the form prints one.
    pub numbering: Option<&'f str>,
}

/// A cell of the field block.
#[derive(Clone, Debug)]
pub(super) enum FieldCell<'f> {
    Label {
        text: Cow<'f, str>,
        columns: usize,
    },
    Value {
        value: Option<&'f Value>,
        kind: Kind,
        columns: usize,
    },
    /// Covered by the cell above.
    Above,
}

/// A printed column.
#[derive(Clone, Debug)]
pub(super) struct Column<'f> {
    /// Header path from the group down; empty where the column has no header.
    pub head: Vec<Cow<'f, str>>,
    content: Content<'f>,
    pub kind: Kind,
    /// Width in characters of half width.
    pub width: f64,
    /// Grid columns it covers.
    pub span: usize,
    /// The form merges equal cells downwards.
    pub merge_down: bool,
    /// A row is named by it.
    pub key: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug)]
enum Content<'f> {
    /// Those of a column of the table.
    Of(usize),
    /// A part of the codes in a column of the table: first byte and one past the last.
    Part(usize, usize, usize),
    /// The same text for all rows.
    Fixed(&'f str),
}

/// Plans a table.
pub(super) fn plan<'f>(filing: &'f Filing, forms: &'f Forms, table: &'f Table) -> Plan<'f> {
    let form = table.form.as_ref().and_then(|key| forms.get(key));
    let (lines, fields) = match form {
        Some(form) => (lines(filing, form, table), fields(form, table)),
        None => (Vec::new(), Vec::new()),
    };
    let columns = columns(form, table);
    let numbered = columns.first().is_some_and(|first| first.kind == Kind::Ordinal);
    let numbering = form.and_then(|form| form.numbering.as_deref()).filter(|_| numbered);
    Plan { table, form, lines, fields, columns, numbering }
}

impl<'f> Plan<'f> {
    /// Rows of the header, without the column numbers.
    pub fn head_depth(&self) -> usize {
        self.columns.iter().map(|column| column.head.len()).max().unwrap_or(0)
    }

    /// The text of a body cell.
    pub fn cell(&self, row: usize, column: usize) -> &'f str {
        let of = |source: usize| self.table.rows[row].cells.get(source).map_or("", |cell| cell.text.as_str());
        match self.columns[column].content {
            Content::Of(source) => of(source),
            Content::Part(source, start, end) => {
                let code = of(source);
                let levels = self.form.and_then(|form| form.tree.as_ref()).map_or(&[][..], |tree| &tree.levels);
                // A code of another length stands whole in the first column.
                let whole = !levels.contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit());
                match start {
                    0 if whole => code,
                    _ if whole => "",
                    _ => code.get(start..end.min(code.len())).unwrap_or_default(),
                }
            }
            Content::Fixed(text) => text,
        }
    }

    /// Whether a merged cell that starts in an earlier row covers the cell.
    pub fn is_covered(&self, row: usize, column: usize) -> bool {
        let column = &self.columns[column];
        match column.content {
            Content::Of(source) => {
                let cells = |row: usize| self.table.rows[row].cells.get(source);
                row > 0
                    && cells(row).is_some_and(|cell| cell.filled)
                    && cells(row - 1).map(|cell| cell.text.as_str()) == cells(row).map(|cell| cell.text.as_str())
                    // An amount is never merged: every row of a sum counts it.
                    && !matches!(column.kind, Kind::Money | Kind::Number)
            }
            Content::Part(..) => false,
            Content::Fixed(_) => row > 0,
        }
    }

    /// Body cells as a print without merged cells has them: `None` where the cell above stands for
    /// it, as [`crate::recognise`] fills columns merged downwards.
    pub fn unmerged(&self, row: usize) -> Vec<Option<&'f str>> {
        // Under a new text at its left a blank is a blank.
        let mut fresh = false;
        (0..self.columns.len())
            .map(|column| {
                let text = self.cell(row, column);
                if !self.columns[column].merge_down {
                    return Some(text);
                }
                if self.is_covered(row, column) && !fresh {
                    return None;
                }
                fresh |= row > 0 && !text.is_empty() && text != self.cell(row - 1, column);
                Some(text)
            })
            .collect()
    }

    /// Whether the title before the table is found again: a form's own, or none.
    pub fn title_stands(&self) -> bool {
        let title = self.table.title.as_str();
        title.is_empty() || self.form.is_some_and(|form| form.title_quality(title) > 0)
    }

    pub fn kind(&self, row: usize) -> RowKind {
        self.table.rows[row].kind
    }

    /// Whether the form knows the groups that its columns stand under.
    pub fn groups_known(&self) -> bool {
        let Some(form) = self.form else { return true };
        self.columns.iter().all(|column| {
            let groups = column.head.split_last().map_or(&[][..], |(_, groups)| groups);
            groups.iter().all(|group| is_group(form, group))
        })
    }
}

fn is_group(form: &Form, label: &str) -> bool {
    let folded = Folded::new(label);
    let heads = form.columns.iter().flat_map(|column| std::iter::once(&column.head).chain(&column.aliases));
    heads
        .filter_map(|head| head.split_last())
        .any(|(_, groups)| groups.iter().any(|group| group.matches_folded(&folded)))
        || form
            .columns
            .iter()
            .any(|column| !column.parts.is_empty() && column.head.iter().any(|part| part.matches_folded(&folded)))
}

fn fields<'f>(form: &'f Form, table: &'f Table) -> Vec<Vec<FieldCell<'f>>> {
    let cell = |cell: &'f LayoutCell| match cell {
        LayoutCell::Above => FieldCell::Above,
        LayoutCell::Text { pattern, columns } => match pattern.lone_slot() {
            Some(slot) => FieldCell::Value {
                value: table.field(slot),
                kind: form.field(slot).map_or(Kind::Text, |field| field.kind),
                columns: *columns,
            },
            None => FieldCell::Label { text: label_text(pattern), columns: *columns },
        },
    };
    form.layout.iter().map(|row| row.iter().map(cell).collect()).collect()
}

fn label_text(pattern: &Pattern) -> Cow<'_, str> {
    Cow::Owned(pattern.fill(|_| None))
}

fn columns<'f>(form: Option<&'f Form>, table: &'f Table) -> Vec<Column<'f>> {
    let specs: &[ColumnSpec] = form.map_or(&[], |form| &form.columns);
    let mut columns = Vec::new();
    let mut next = 0;
    for (source, column) in table.columns.iter().enumerate() {
        let position = specs.iter().position(|spec| spec.id == column.id);
        for spec in position.and_then(|position| specs.get(next..position)).unwrap_or_default() {
            if let Some(text) = &spec.fixed {
                columns.push(with_spec(spec, spec.head.iter().map(label_text).collect(), Content::Fixed(text)));
            }
        }
        next = position.map_or(next, |position| next.max(position + 1));
        let head: Vec<Cow<'f, str>> = column.label.iter().map(|label| Cow::Borrowed(label.as_str())).collect();
        match position.map(|position| &specs[position]) {
            Some(spec) => columns.extend(
                code_parts(form, spec, source, &head)
                    .unwrap_or_else(|| vec![with_spec(spec, head.clone(), Content::Of(source))]),
            ),
            None => columns.push(Column {
                head,
                content: Content::Of(source),
                kind: Kind::Text,
                width: content_width(table, source),
                span: 1,
                merge_down: false,
                key: false,
            }),
        }
    }
    columns
}

fn with_spec<'f>(spec: &ColumnSpec, head: Vec<Cow<'f, str>>, content: Content<'f>) -> Column<'f> {
    Column {
        head,
        content,
        kind: spec.kind,
        width: spec.width,
        span: spec.span.max(1),
        merge_down: spec.merge_down,
        key: spec.key,
    }
}

/// Narrowest column for a part of a code.
const PART: f64 = 6.0;

/// The printed columns (类, 款, 项) of a code; `None` where the table prints it in one column.
fn code_parts<'f>(
    form: Option<&'f Form>,
    spec: &'f ColumnSpec,
    source: usize,
    head: &[Cow<'f, str>],
) -> Option<Vec<Column<'f>>> {
    let tree = form?.tree.as_ref().filter(|tree| tree.code == spec.id)?;
    let (leaf, groups) = head.split_last()?;
    if tree.levels.len() != spec.parts.len() || !spec.parts.first()?.is_match(leaf) {
        return None;
    }
    let mut start = 0;
    let parts = spec.parts.iter().zip(&tree.levels).enumerate().map(|(index, (part, end))| {
        let label = if index == 0 { leaf.clone() } else { label_text(part) };
        let head = groups.iter().cloned().chain(std::iter::once(label)).collect();
        let content = Content::Part(source, std::mem::replace(&mut start, *end), *end);
        Column { width: (spec.width / spec.parts.len() as f64).max(PART), ..with_spec(spec, head, content) }
    });
    Some(parts.collect())
}

/// Width of a text in characters of half width.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|ch| if (ch as u32) < 0x250 { 1 } else { 2 }).sum()
}

fn content_width(table: &Table, column: usize) -> f64 {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.text.as_str());
    let labels = table.columns[column].label.iter().map(String::as_str);
    let widest = cells.chain(labels).flat_map(|text| text.split('\n')).map(width).max().unwrap_or(0);
    (widest as f64 + 2.0).clamp(6.0, 42.0)
}

/// The texts of a field's value, at least one.
pub(super) fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::One(text)) => vec![text.as_str()],
        Some(Value::Many(texts)) if !texts.is_empty() => texts.iter().map(Text::as_str).collect(),
        _ => vec![""],
    }
}
