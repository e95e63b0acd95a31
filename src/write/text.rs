//! The text writer: a filing in one clean dialect that reads back to the same filing.
//!
//! Paragraphs stand between blank lines, tables a row a line with tabs, each with its title, the
//! lines above it, its field block and its header as its form prints them. What that cannot hold is
//! said as Markdown says it: `#` before a heading whose level its number does not show, `<br>` for
//! a line break inside a cell, `<p>` for a paragraph that would be taken for the rest of the one
//! before, `<table>` for a table that tabs would blur (one column, a name that is no form's title,
//! headers of several levels that the form does not know).

use std::borrow::Cow;

use super::plan::{FieldCell, Plan, plan, texts};
use super::protect::{cleans_to, escape, protect};
use super::tiles::{Tile, tiles};
use crate::document::{self, Cover};
use crate::filing::{Block, Filing};
use crate::form::{Forms, Kind, LayoutCell};
use crate::layout::clean::Context;
use crate::layout::join::cut_by_page;
use crate::limits::Limits;
use crate::recognise::heading_level;

/// Writes a filing as text.
///
/// ```
/// # use yusuan::{form::built_in, limits::Limits};
/// let (source, document) = yusuan::read::read("a.txt", "一、说明\n\n\t单位\n\t性质\n".as_bytes(), &Limits::default())?;
/// let filing = yusuan::recognise::recognise(source, document, built_in::forms());
/// assert_eq!(yusuan::write::text::write(&filing, built_in::forms()), "一、说明\n\n单位\t性质\n");
/// # Ok::<(), yusuan::Error>(())
/// ```
pub fn write(filing: &Filing, forms: &Forms) -> String {
    let mut out = String::new();
    let mut before: Option<&str> = None;
    for block in &filing.blocks {
        if !out.is_empty() {
            out.push('\n');
        }
        match block {
            Block::Heading(heading) => {
                let text = heading.text.as_str();
                if heading_level(text) != Some(heading.level) {
                    out.push_str(&"#".repeat(usize::from(heading.level.max(1))));
                    out.push(' ');
                    out.push_str(&inline(text, Context::Paragraph));
                    before = None;
                } else {
                    line(&mut out, text, before);
                    before = Some(text);
                }
                out.push('\n');
            }
            Block::Paragraph(text) => {
                line(&mut out, text.as_str(), before);
                out.push('\n');
                before = Some(text.as_str());
            }
            Block::Table(table) => {
                write_table(&mut out, &plan(filing, forms, table), before);
                before = None;
            }
        }
    }
    // A file that is nothing but HTML would be taken for a spreadsheet's export.
    if out.starts_with("<table>") {
        out.insert_str(0, "<p></p>\n\n");
    }
    out
}

/// A paragraph, marked where its line would say something else.
fn line(out: &mut String, text: &str, before: Option<&str>) {
    let inner = inline(text, Context::Paragraph);
    let marked = text.starts_with('|') || before.is_some_and(|before| cut_by_page(before, text));
    if marked {
        out.push_str("<p>");
    }
    out.push_str(&inner);
    if marked {
        out.push_str("</p>");
    }
}

/// A text without line breaks and tabs that cleaning turns into `text`.
fn inline(text: &str, context: Context) -> Cow<'_, str> {
    if !text.contains(['\n', '\t']) {
        return protect(text, context);
    }
    let breaks = |text: &str| text.replace('\t', "&#9;").replace('\n', "<br>");
    let printed = breaks(text);
    Cow::Owned(if cleans_to(&printed, text, context) { printed } else { breaks(&escape(text)) })
}

fn write_table(out: &mut String, plan: &Plan<'_>, before: Option<&str>) {
    let title = plan.table.title.as_str();
    let rows = in_tabs(plan).filter(|rows| plan.title_stands() && reads_back(rows));
    match rows {
        Some(rows) => {
            if !title.is_empty() {
                line(out, title, before);
                out.push_str("\n\n");
            }
            write_lines(out, plan);
            out.push_str(&print_rows(&rows));
        }
        None => write_html(out, plan),
    }
    if !plan.table.note.is_empty() {
        out.push('\n');
        line(out, plan.table.note.as_str(), None);
        out.push('\n');
    }
}

/// Lines of one cell each above the table; those of several cells are rows of it.
fn write_lines(out: &mut String, plan: &Plan<'_>) {
    for cells in plan.lines.iter().take_while(|cells| cells.len() == 1) {
        line(out, &cells[0], None);
        out.push_str("\n\n");
    }
}

type Rows<'f> = Vec<Vec<Cow<'f, str>>>;

/// The table a row a line; `None` where that cannot hold it.
fn in_tabs<'f>(plan: &Plan<'f>) -> Option<Rows<'f>> {
    let mut rows: Rows<'f> = plan.lines.iter().skip_while(|cells| cells.len() == 1).cloned().collect();
    for (index, cells) in plan.fields.iter().enumerate() {
        field_rows(plan, index, cells, &mut rows)?;
    }
    let width = plan.columns.len();
    if width == 1
        || !plan.groups_known()
        || plan.columns.iter().any(|column| column.head.is_empty() != (plan.head_depth() == 0))
    {
        return None;
    }
    head_rows(plan, &mut rows);
    for row in 0..plan.table.rows.len() {
        let cells: Vec<Cow<'f, str>> =
            plan.unmerged(row).into_iter().map(|text| Cow::Borrowed(text.unwrap_or_default())).collect();
        debug_assert_eq!(cells.len(), width);
        rows.push(cells);
    }
    Some(rows)
}

/// The rows of a row of the field block: the items of a list stand below each other.
fn field_rows<'f>(plan: &Plan<'f>, index: usize, cells: &[FieldCell<'f>], rows: &mut Rows<'f>) -> Option<()> {
    let mut row: Vec<Cow<'f, str>> = Vec::new();
    let mut more: Vec<Vec<Cow<'f, str>>> = Vec::new();
    for cell in cells {
        match cell {
            FieldCell::Above => row.push(Cow::Borrowed("")),
            FieldCell::Label { text, .. } => row.push(text.clone()),
            FieldCell::Value { value, kind, .. } => {
                let texts = texts(*value);
                if *kind == Kind::List && texts.len() > 1 {
                    if !list_may_go_on(plan, index) {
                        return None;
                    }
                    let lead = vec![Cow::Borrowed(""); row.len()];
                    more.extend(
                        texts[1..]
                            .iter()
                            .map(|text| lead.iter().cloned().chain(std::iter::once(Cow::Borrowed(*text))).collect()),
                    );
                }
                row.push(Cow::Borrowed(texts[0]));
            }
        }
    }
    rows.push(row);
    rows.extend(more);
    Some(())
}

/// Whether rows without a label under a row of the field block can only be more of its list.
fn list_may_go_on(plan: &Plan<'_>, index: usize) -> bool {
    let slots = |row: &[LayoutCell]| {
        row.iter()
            .filter(|cell| matches!(cell, LayoutCell::Text { pattern, .. } if pattern.lone_slot().is_some()))
            .count()
    };
    let labels = |row: &[LayoutCell]| {
        row.iter()
            .filter(|cell| matches!(cell, LayoutCell::Text { pattern, .. } if pattern.lone_slot().is_none()))
            .count()
    };
    let Some(form) = plan.form else { return false };
    slots(&form.layout[index]) == 1
        && labels(&form.layout[index]) == 1
        && form.layout.get(index + 1).is_none_or(|next| labels(next) > 0)
}

fn head_rows<'f>(plan: &Plan<'f>, rows: &mut Rows<'f>) {
    for level in 0..plan.head_depth() {
        let mut row: Vec<Cow<'f, str>> = Vec::with_capacity(plan.columns.len());
        for (index, column) in plan.columns.iter().enumerate() {
            let in_group = index > 0 && column.head.len() > level + 1 && {
                let before = &plan.columns[index - 1].head;
                before.len() > level + 1 && before[..=level] == column.head[..=level]
            };
            row.push(match column.head.get(level) {
                Some(label) if !in_group => label.clone(),
                _ => Cow::Borrowed(""),
            });
        }
        rows.push(row);
    }
    if let (Some(label), true) = (plan.numbering, plan.head_depth() > 0) {
        let numbers = (1..plan.columns.len()).map(|number| Cow::Owned(number.to_string()));
        rows.push(std::iter::once(Cow::Borrowed(label)).chain(numbers).collect());
    }
}

fn print_rows(rows: &Rows<'_>) -> String {
    let mut out = String::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                out.push('\t');
            }
            out.push_str(&inline(cell, Context::Cell));
        }
        // A row of one cell needs a tab to be a row.
        if row.len() == 1 {
            out.push('\t');
        }
        out.push('\n');
    }
    out
}

/// Whether the reader sees one table with these cells.
fn reads_back(rows: &Rows<'_>) -> bool {
    let printed = print_rows(rows);
    let blocks = crate::read::text::blocks(&printed, &Limits::default());
    let [document::Block::Grid(grid)] = blocks.as_slice() else { return rows.is_empty() && blocks.is_empty() };
    grid.rows.len() == rows.len()
        && grid.rows.iter().zip(rows).all(|(read, row)| {
            let least = row.len().max(2);
            read.cells.len() == least
                && read.cells.iter().enumerate().all(|(index, cell)| {
                    let expected = row.get(index).map_or("", |cell| cell.as_ref());
                    cell.cover == Cover::No && cell.text.as_str() == inline(expected, Context::Cell)
                })
        })
}

/// The table in HTML, merged cells as they are on the form.
fn write_html(out: &mut String, plan: &Plan<'_>) {
    out.push_str("<table>\n");
    if !plan.table.title.is_empty() {
        out.push_str("<caption>");
        out.push_str(&html(plan.table.title.as_str()));
        out.push_str("</caption>\n");
    }
    for row in tiles(plan, true).rows {
        out.push_str("<tr>");
        for Tile { texts, columns, rows, .. } in row {
            out.push_str("<td");
            if rows > 1 {
                out.push_str(&format!(" rowspan=\"{rows}\""));
            }
            if columns > 1 {
                out.push_str(&format!(" colspan=\"{columns}\""));
            }
            out.push('>');
            for (index, text) in texts.iter().enumerate() {
                if index > 0 {
                    out.push_str("<br>");
                }
                out.push_str(&html(text));
            }
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

/// A text of an HTML cell: line breaks are the cell's own, so they need no cleaning.
fn html(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| escape(&inline(line, Context::Cell))).collect();
    lines.join("<br>")
}
