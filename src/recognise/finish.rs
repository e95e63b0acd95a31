//! Finishing a table: fields and body bound, repeats dropped, findings told.

use super::assemble::{Assembler, Open, Out};
use super::body;
use super::fields;
use super::grid::{Fragment, Row, first_place, last_place};
use super::header::Header;
use super::marks::note_removed;
use crate::document::{Cover, Paragraph};
use crate::filing::{self, Dropped, RowKind, Table, Value};
use crate::finding::Finding;
use crate::form::label::{fold, without_unit};
use crate::form::{Form, Kind, sums};
use crate::layout::clean::{Context, Removed, clean};
use crate::text::{Place, Text};

impl Assembler<'_> {
    pub(super) fn finish_table(&mut self, mut open: Open) {
        let form = self.form(open.form);
        // The day on which somebody filled the table in is of no form: its line stays a paragraph.
        for (_, day) in open.captures.iter().filter(|(name, day)| name == "filled_on" && !day.is_empty()) {
            let line = open.labels.iter().position(|line| line.as_str().contains(day.as_str()));
            let text = line.map_or_else(|| day.clone(), |line| open.labels.remove(line));
            self.out.push(Out::Paragraph(Paragraph { text, outline: None, whole: false }));
        }
        let block = self.out.len();
        let mut bound = match open.laid_rows.as_slice() {
            [] => fields::bind(form, &open.field_rows),
            laid => {
                let mut bound = fields::bind_laid(form, laid);
                bound.rest.extend(open.field_rows.iter().flat_map(Row::tokens).map(|token| token.cell.text.clone()));
                bound
            }
        };
        let mut labels = open.labels;
        labels.append(&mut bound.labels);
        let place = open.place;
        let mut findings: Vec<Finding> = Vec::new();
        for (rule, place, zh, en) in open.notes {
            findings.push(Finding::of(rule, place, zh, en));
        }
        for (rule, zh, en) in bound.repairs {
            findings.push(Finding::of(rule, place, zh, en));
        }
        let body = match &open.header {
            Some((header, _)) => body::build(self.forms, form, header, &open.data, self.only.is_some()),
            None => body::Body::default(),
        };
        labels.extend(body.labels);
        let mut values = bound.values;
        let mut unit = None;
        self.note_department(&open.captures);
        for (name, text) in open.captures {
            self.note_info(&name, text.as_str());
            if name == "unit" {
                unit = Some(fold(text.as_str()));
            } else if let Some(field) = form.field(&name) {
                let mut text = text;
                if field.kind == Kind::Date {
                    to_iso_date(&mut text);
                }
                values.entry(name).or_insert(Value::One(text));
            }
        }
        if unit.is_none() {
            unit =
                open.header.as_ref().and_then(|(header, _)| unit_in_heads(form, header)).or_else(|| form.unit.clone());
        }
        if let Some(unit) = &unit {
            *self.info.units.entry(unit.clone()).or_default() += 1;
        }
        let mut note = open.note;
        if !note.is_empty() && !body.note.is_empty() {
            note.push_str("  ");
        }
        note.push(&body.note);
        let mut table = Table {
            form: Some(form.key.clone()),
            title: open.title,
            unit,
            fields: fields::in_order(form, values),
            columns: body.columns,
            rows: body.rows,
            note,
            labels,
            place,
            end: open.end,
        };
        for row in &mut table.rows {
            row.cells.resize_with(table.columns.len(), filing::Cell::default);
        }
        for (rule, row, zh, en) in body.repairs {
            let at = table.rows.get(row).and_then(|row| {
                row.cells
                    .iter()
                    .filter(|cell| !cell.filled)
                    .map(|cell| cell.text.place())
                    .find(|place| *place != Place::Nowhere)
            });
            findings.push(Finding { row: Some(row), ..Finding::of(rule, at.unwrap_or(place), zh, en) });
        }
        // A sheet of ours repeats no page: rows that are alike stand twice in the filing.
        if self.only.is_none() {
            self.drop_repeats(form, &mut table, &mut findings);
        }
        for (row, kind) in sums::row_kinds(form, &table).into_iter().enumerate() {
            table.rows[row].kind = kind;
        }
        for text in &bound.rest {
            findings.push(Finding::of(
                "text-without-label",
                text.place(),
                format!("“{text}”不在任何标签之下，作为段落保留在表后"),
                format!("“{text}” stands beside no label; it is kept as a paragraph after the table"),
            ));
        }
        note_removed(&mut findings, open.removed, place);
        for finding in &mut findings {
            finding.table = Some(block);
        }
        self.findings.append(&mut findings);
        self.out.push(Out::Table(Box::new(table)));
        // What no slot can take is no part of the form.
        self.out
            .extend(bound.rest.into_iter().map(|text| Out::Paragraph(Paragraph { text, outline: None, whole: false })));
    }

    pub(super) fn note_department(&mut self, captures: &[(String, Text)]) {
        let mut code = String::new();
        for (name, text) in captures {
            match name.as_str() {
                "department_code" => code = text.as_str().to_owned(),
                // `部门固定资产占用情况表` names none.
                "department" if !text.is_empty() && !matches!(text.as_str(), "部门" | "本部门" | "单位" | "本单位") =>
                {
                    self.info.departments.push((std::mem::take(&mut code), text.as_str().to_owned()));
                }
                _ => {}
            }
        }
    }

    pub(super) fn note_info(&mut self, name: &str, text: &str) {
        let text = text.to_owned();
        match name {
            "unit_name" if !text.is_empty() => drop(self.info.unit_name.get_or_insert(text)),
            "fiscal_year" | "form_year" => {
                if let Some(year) = filing::budget_year(&fold(&text)) {
                    self.info.fiscal_year.get_or_insert(year);
                }
            }
            _ => {}
        }
    }

    /// gaoxin-2021: the pages of a table come twice, and a third time in part. From the second
    /// total row on, rows that repeat the first print in its order are dropped.
    pub(super) fn drop_repeats(&mut self, form: &Form, table: &mut Table, findings: &mut Vec<Finding>) {
        let same = |one: &filing::Row, other: &filing::Row| {
            one.cells
                .iter()
                .map(|cell| fold(cell.text.as_str()))
                .eq(other.cells.iter().map(|cell| fold(cell.text.as_str())))
        };
        let totals: Vec<usize> = sums::row_kinds(form, table)
            .into_iter()
            .enumerate()
            .filter(|(_, kind)| *kind == RowKind::Total)
            .map(|(row, _)| row)
            .collect();
        let Some(&first) = totals.first() else { return };
        let Some(&second) = totals.iter().skip(1).find(|row| same(&table.rows[first], &table.rows[**row])) else {
            return;
        };
        let mut kept: Vec<filing::Row> = table.rows.drain(..second).collect();
        let mut next = first;
        let mut dropped = 0;
        for row in std::mem::take(&mut table.rows) {
            if same(&row, &kept[first]) {
                next = first;
            }
            match (next..second).find(|known| same(&row, &kept[*known])) {
                Some(known) => {
                    next = known + 1;
                    dropped += 1;
                    for cell in row.cells.into_iter().filter(|cell| !cell.text.is_empty()) {
                        self.dropped.push(Dropped { text: cell.text, rule: "table-repeated" });
                    }
                }
                None => kept.push(row),
            }
        }
        table.rows = kept;
        findings.push(Finding::of(
            "table-repeated",
            table.place,
            format!("表格重复印出，去掉了与前文相同的 {dropped} 行"),
            format!("the table was printed again; {dropped} rows equal to earlier ones were dropped"),
        ));
    }

    /// Keeps a grid that no form knows.
    pub(super) fn unrecognised(&mut self, title_row: Option<Text>, mut fragment: Fragment) {
        /// Cells of a table whose blank columns are kept.
        const MOST: usize = 5_000_000;
        // A sheet with one text a row is prose.
        if fragment.sheet.is_some() && fragment.rows.iter().all(|row| row.is_blank() || row.lone().is_some()) {
            let marks = Removed { blanks: false, ..fragment.removed };
            note_removed(&mut self.findings, marks, first_place(&fragment.rows));
            let texts = fragment.rows.iter().flat_map(Row::tokens).map(|token| token.cell.text.clone());
            for text in title_row.into_iter().chain(texts) {
                self.push_paragraph(Paragraph { text, outline: None, whole: false });
            }
            return;
        }
        let width = |fragment: &Fragment| fragment.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        // One cell far out on a sheet of many rows would make each of them as long.
        if width(&fragment).saturating_mul(fragment.rows.len()) > MOST {
            fragment.drop_blank_columns();
        }
        let width = width(&fragment);
        let title = title_row.or(fragment.caption);
        let place = title.as_ref().map_or_else(|| first_place(&fragment.rows), Text::place);
        let end = last_place(&fragment.rows).max(place);
        let title = title.unwrap_or_else(|| {
            let mut name = Text::from(fragment.sheet.as_deref().unwrap_or_default());
            clean(&mut name, Context::Cell);
            name
        });
        let mut above: Vec<Option<Text>> = vec![None; width];
        let rows: Vec<filing::Row> = fragment
            .rows
            .into_iter()
            .filter(|row| !row.is_blank())
            .map(|row| {
                let mut cells: Vec<filing::Cell> = row
                    .cells
                    .into_iter()
                    .enumerate()
                    .map(|(column, cell)| match (cell.cover, &above[column]) {
                        (Cover::Above, Some(text)) => filing::Cell { text: text.clone(), filled: true },
                        _ => {
                            above[column] = Some(cell.text.clone());
                            filing::Cell { text: cell.text, filled: false }
                        }
                    })
                    .collect();
                cells.resize_with(width, filing::Cell::default);
                filing::Row { kind: RowKind::Detail, cells }
            })
            .collect();
        if rows.is_empty() {
            if !title.is_empty() {
                self.push_paragraph(Paragraph { text: title, outline: None, whole: false });
            }
            return;
        }
        let block = self.out.len();
        let mut finding = Finding::of(
            "table-unrecognised",
            place,
            "没有模板认得这张表，按原样保留（列号 c1…）",
            "no form knows this table; it is kept as it is (columns c1…)",
        );
        finding.table = Some(block);
        self.findings.push(finding);
        note_removed(&mut self.findings, fragment.removed, place);
        let columns =
            (1..=width).map(|number| filing::Column { id: format!("c{number}"), label: Vec::new() }).collect();
        self.out.push(Out::Table(Box::new(Table { title, columns, rows, place, end, ..Table::default() })));
    }
}

/// The unit printed in a column head (`价值（金额单位：万元）`).
fn unit_in_heads(form: &Form, header: &Header) -> Option<String> {
    let of_form = |(column, path): &(usize, Vec<String>)| form.columns[*column].unit_in_head(path.last()?);
    let printed = |(_, path): &(usize, Vec<String>)| without_unit(&fold(path.last()?)).map(|(_, unit)| unit.to_owned());
    header.labels.iter().find_map(of_form).or_else(|| header.labels.iter().find_map(printed))
}

/// `2020年12月31日` becomes `2020-12-31`; anything else stays.
fn to_iso_date(text: &mut Text) {
    let value = fold(text.as_str());
    let numbers: Vec<&str> = value.split(|ch: char| !ch.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    if let [year, month, day] = numbers.as_slice()
        && year.len() == 4
        && month.len() <= 2
        && day.len() <= 2
    {
        let iso = format!("{year}-{month:0>2}-{day:0>2}");
        if iso != text.as_str() {
            let whole = 0..text.as_str().len();
            text.replace(whole, &iso);
        }
    }
}
