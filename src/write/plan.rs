//! A table as it is printed on its form: what stands above it, the block of fields, the columns and
//! which cells are merged. The writers of whole documents (txt, docx) print from this plan.

use std::borrow::Cow;

use crate::filing::{Filing, RowKind, Table, Value};
use crate::form::label::{Folded, Pattern, fold};
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
                code.get(start..end.min(code.len())).unwrap_or_default()
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

/// The lines above the table: those the source prints, fields among them filled in again, and those
/// of the form whose fields would stand nowhere else.
fn lines<'f>(filing: &Filing, form: &'f Form, table: &'f Table) -> Vec<Vec<Cow<'f, str>>> {
    let heads: Vec<String> = table.columns.iter().flat_map(|column| &column.label).map(|label| fold(label)).collect();
    let mut seen: Vec<String> = Vec::new();
    // Slots that are printed somewhere.
    let mut slots: Vec<String> = form.layout.iter().flatten().flat_map(layout_slots).map(str::to_owned).collect();
    slots.extend(title_slots(form, table.title.as_str()));
    slots.retain(|slot| form.field(slot).is_some());
    // Rows of the form's preamble with such a line, and the line.
    let mut lines: Vec<(Vec<usize>, Cow<'f, str>)> = Vec::new();
    for label in &table.labels {
        let folded = fold(label.as_str());
        if seen.contains(&folded) || heads.contains(&folded) {
            continue;
        }
        let Some(line) = form.preamble_line(label.as_str()) else { continue };
        if !line.captures.is_empty() && line.captures.iter().all(|(slot, _)| slots.contains(slot)) {
            continue;
        }
        let fields = line.captures.iter().any(|(slot, _)| form.field(slot).is_some());
        let text = match (fields, line.pattern) {
            (true, Some(pattern)) => Cow::Owned(pattern.fill(|slot| slot_text(filing, form, table, slot))),
            _ => Cow::Borrowed(label.as_str()),
        };
        slots.extend(line.captures.into_iter().map(|(slot, _)| slot));
        seen.push(folded);
        lines.push((line.rows, text));
    }
    for (row, line) in form.preamble.iter().enumerate() {
        for pattern in line {
            let unprinted = |slot: &str| {
                !slots.iter().any(|printed| printed == slot)
                    && matches!(table.field_text(slot), Some(text) if !text.is_empty())
            };
            if pattern.slots().any(unprinted) {
                slots.extend(pattern.slots().map(str::to_owned));
                lines.push((vec![row], Cow::Owned(pattern.fill(|slot| slot_text(filing, form, table, slot)))));
            }
        }
    }
    if let Some(unit) = &table.unit
        && form.unit.as_ref() != Some(unit)
        && !slots.iter().any(|slot| slot == "unit")
        && !heads.iter().any(|head| head.contains(unit.as_str()))
    {
        lines.push((Vec::new(), Cow::Owned(format!("单位：{unit}"))));
    }
    // As the form has them; a unit line of no form comes last.
    lines.sort_by_key(|(rows, line)| {
        let row = rows.first().copied().unwrap_or(usize::MAX);
        let cells = form.preamble.get(row).map_or(&[][..], Vec::as_slice);
        (row, cells.iter().position(|cell| cell.is_match(line)))
    });
    let mut rows: Vec<(Vec<usize>, Vec<Cow<'f, str>>)> = Vec::new();
    for (of, line) in lines {
        if let Some((last, cells)) = rows.last_mut() {
            let both: Vec<usize> = last.iter().copied().filter(|row| of.contains(row)).collect();
            // A unit line of no form stands at the right of the line before.
            if !both.is_empty() || (of.is_empty() && cells.len() == 1) {
                cells.push(line);
                *last = both;
                continue;
            }
        }
        rows.push((of, vec![line]));
    }
    rows.into_iter().map(|(_, cells)| cells).collect()
}

fn layout_slots(cell: &LayoutCell) -> Vec<&str> {
    match cell {
        LayoutCell::Text { pattern, .. } => pattern.slots().collect(),
        LayoutCell::Above => Vec::new(),
    }
}

/// Fields that a printed title says.
fn title_slots(form: &Form, title: &str) -> Vec<String> {
    let captures = std::iter::once(&form.title).chain(&form.aliases).find_map(|pattern| pattern.captures(title));
    captures.unwrap_or_default().into_iter().map(|(slot, _)| slot).collect()
}

/// Text that a slot of a form prints: a field of the table, or what the filing says of itself.
fn slot_text(filing: &Filing, form: &Form, table: &Table, slot: &str) -> Option<String> {
    if let Some(value) = table.field_text(slot) {
        return Some(value.as_str().to_owned());
    }
    match slot {
        "department_code" => Some(filing.department.code.clone()),
        "department" => Some(filing.department.name.clone()),
        "fiscal_year" | "year" => filing.fiscal_year.map(|year| year.to_string()),
        "unit" => table.unit.clone().or_else(|| form.unit.clone()).or_else(|| filing.unit.clone()),
        _ => None,
    }
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
                code_parts(form, spec, table, source, &head)
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

/// The printed columns (类, 款, 项) of a code; `None` where the table prints it in one column, or a
/// code has other lengths than those of the tree.
fn code_parts<'f>(
    form: Option<&'f Form>,
    spec: &'f ColumnSpec,
    table: &'f Table,
    source: usize,
    head: &[Cow<'f, str>],
) -> Option<Vec<Column<'f>>> {
    let tree = form?.tree.as_ref().filter(|tree| tree.code == spec.id)?;
    let (leaf, groups) = head.split_last()?;
    if tree.levels.len() != spec.parts.len() || !spec.parts.first()?.is_match(leaf) {
        return None;
    }
    let fits = |code: &str| {
        code.is_empty() || (tree.levels.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !table.rows.iter().all(|row| row.cells.get(source).is_none_or(|cell| fits(cell.text.as_str()))) {
        return None;
    }
    let mut start = 0;
    let parts = spec.parts.iter().zip(&tree.levels).enumerate().map(|(index, (part, end))| {
        let label = if index == 0 { leaf.clone() } else { label_text(part) };
        let head = groups.iter().cloned().chain(std::iter::once(label)).collect();
        let content = Content::Part(source, std::mem::replace(&mut start, *end), *end);
        Column { width: spec.width / spec.parts.len() as f64, ..with_spec(spec, head, content) }
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
