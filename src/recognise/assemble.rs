//! Assembling tables from paragraphs and grids: titles and preambles found, page cuts joined.

use std::collections::BTreeMap;

use super::body;
use super::fields;
use super::grid::{Fragment, Row};
use super::header::{self, Assigned, Header};
use super::index::{Index, Use};
use crate::document::{Block, Paragraph};
use crate::filing::{self, Dropped, RowKind, Table, Value};
use crate::finding::{Finding, Severity};
use crate::form::label::{Capture, fold};
use crate::form::title::TitleLine;
use crate::form::{Form, Forms, LayoutCell, sums};
use crate::layout::clean::{Context, Removed, begins_item, clean};
use crate::text::{Place, Text};

/// A block of the result before headings are told from paragraphs.
pub(super) enum Out {
    Paragraph(Paragraph),
    Table(Box<Table>),
}

/// What titles and preambles say of the whole filing; the first mention wins.
#[derive(Debug, Default)]
pub(super) struct Info {
    /// Code and name of departments and units, as printed together; the code may be empty.
    pub departments: Vec<(String, String)>,
    pub unit_name: Option<String>,
    pub fiscal_year: Option<u16>,
    pub units: BTreeMap<String, usize>,
}

pub(super) struct Assembler<'f> {
    forms: &'f Forms,
    index: Index<'f>,
    year: Option<u16>,
    pub out: Vec<Out>,
    pub findings: Vec<Finding>,
    pub dropped: Vec<Dropped>,
    pub info: Info,
    open: Option<Open>,
    /// Paragraphs that look like the open table's preamble printed again on a new page.
    held: Vec<Text>,
}

/// A table being read.
struct Open {
    form: usize,
    title: Text,
    captures: Vec<(String, Text)>,
    labels: Vec<Text>,
    field_rows: Vec<Row>,
    header: Option<(Header, Vec<Row>)>,
    data: Vec<Row>,
    note: Text,
    removed: Removed,
    place: Place,
    end: Place,
    notes: Vec<(&'static str, Place, String, String)>,
}

/// How well a form fits the rows of a fragment.
struct Fit {
    form: usize,
    header: Option<Header>,
    score: f64,
    /// Only a few labels of the field block are there: the form needs its title to be believed.
    weak: bool,
}

/// A title and preamble found before a table.
struct Before {
    quality: u8,
    title: Text,
    /// Blocks taken from the end of the output.
    taken: usize,
    joined: bool,
    captures: Vec<(String, Text)>,
    preamble: Vec<Text>,
}

impl<'f> Assembler<'f> {
    pub fn new(forms: &'f Forms, year: Option<u16>) -> Assembler<'f> {
        Assembler {
            forms,
            index: Index::new(forms),
            year,
            out: Vec::new(),
            findings: Vec::new(),
            dropped: Vec::new(),
            info: Info::default(),
            open: None,
            held: Vec::new(),
        }
    }

    pub fn block(&mut self, block: Block) {
        match block {
            Block::Paragraph(paragraph) => self.paragraph(paragraph),
            Block::Grid(grid) => {
                for fragment in self.sections(Fragment::new(grid)) {
                    self.fragment(fragment);
                }
            }
        }
    }

    pub fn finish(&mut self) {
        self.close();
    }

    fn form(&self, number: usize) -> &'f Form {
        self.index.forms[number]
    }

    // ---- paragraphs

    fn paragraph(&mut self, mut paragraph: Paragraph) {
        let level = markdown_heading(&mut paragraph.text);
        paragraph.outline = paragraph.outline.or(level);
        let before = paragraph.text.clone();
        let removed = clean(&mut paragraph.text, Context::Paragraph);
        if paragraph.text.is_empty() {
            if !before.is_blank() {
                let rule = if removed.fields { "field-code-removed" } else { "markup-removed" };
                self.dropped.push(Dropped { text: before, rule });
            }
            return;
        }
        let text = paragraph.text.as_str();
        if super::is_rule_line(text) {
            self.dropped.push(Dropped { text: paragraph.text, rule: "markup-removed" });
            return;
        }
        if let Some(open) = &mut self.open {
            let note = ["注：", "注:", "备注：", "备注:"].iter().any(|mark| text.starts_with(mark));
            if note && open.note.is_empty() && self.held.is_empty() {
                open.end = end_of(&paragraph.text);
                open.note = paragraph.text;
                return;
            }
            let form = self.index.forms[open.form];
            if open.header.is_some() && match_preamble(form, text).is_some() {
                self.held.push(paragraph.text);
                return;
            }
            self.close();
        }
        self.push_paragraph(paragraph);
    }

    /// Adds a paragraph; one that a page cut in two is joined.
    fn push_paragraph(&mut self, paragraph: Paragraph) {
        if let Some(Out::Paragraph(last)) = self.out.last_mut()
            && cut_by_page(last, &paragraph)
        {
            let place = paragraph.text.place();
            last.text.push(&paragraph.text);
            self.findings.push(Finding::note(
                "paragraph-joined",
                place,
                "一段文字被分页切成两段，已合并",
                "a paragraph cut in two by a page was joined",
            ));
            return;
        }
        self.out.push(Out::Paragraph(paragraph));
    }

    // ---- grids

    /// Splits a fragment at rows that print a form's title.
    fn sections(&self, fragment: Fragment) -> Vec<(Option<Text>, Fragment)> {
        let mut sections: Vec<(Option<Text>, Fragment)> = Vec::new();
        let Fragment { rows, exact, sheet, removed } = fragment;
        let empty = || Fragment { rows: Vec::new(), exact, sheet: sheet.clone(), removed };
        let mut current = (None, empty());
        let mut gap = false;
        for mut row in rows {
            if row.is_blank() && exact {
                gap = true;
            }
            row.after_gap |= gap && !row.is_blank();
            gap &= row.is_blank();
            let title = row.lone().filter(|cell| self.is_title(cell.text.as_str())).map(|cell| cell.text.clone());
            if let Some(title) = title {
                if current.0.is_some() || current.1.rows.iter().any(|row| !row.is_blank()) {
                    sections.push(std::mem::replace(&mut current, (None, empty())));
                }
                current.0 = Some(title);
                continue;
            }
            current.1.rows.push(row);
        }
        if current.0.is_some() || !current.1.rows.is_empty() {
            sections.push(current);
        }
        sections
    }

    fn is_title(&self, text: &str) -> bool {
        TitleLine::new(text).is_some_and(|line| self.index.forms.iter().any(|form| line.quality(form) > 0))
    }

    fn fragment(&mut self, (title, fragment): (Option<Text>, Fragment)) {
        if title.is_none() && fragment.rows.iter().all(Row::is_blank) {
            return;
        }
        if title.is_none() && self.continues(&fragment) {
            self.join(fragment);
            return;
        }
        if title.is_none() && self.is_preamble(&fragment.rows) {
            // A preamble set as a table of its own: its cells wait as lines before the table.
            for token in fragment.rows.iter().flat_map(Row::tokens) {
                self.paragraph(Paragraph { text: token.cell.text.clone(), outline: None });
            }
            return;
        }
        self.close();
        let fits = self.fits(&fragment.rows);
        match self.choose(&fits, title.as_ref()) {
            Some((choice, before)) => self.start(fits, choice, before, title, fragment),
            None => self.unrecognised(title, fragment),
        }
    }

    /// Whether every row is a line of some form's preamble.
    fn is_preamble(&self, rows: &[Row]) -> bool {
        let mut rows = rows.iter().filter(|row| !row.is_blank()).peekable();
        rows.peek().is_some() && rows.all(|row| self.index.forms.iter().any(|form| preamble_row(form, row).is_some()))
    }

    /// Forms that the labels of a fragment may belong to.
    fn fits(&self, rows: &[Row]) -> Vec<Fit> {
        const REACH: usize = 30;
        let count = self.index.forms.len();
        let mut fields: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
        let mut has_header = vec![false; count];
        for row in rows.iter().filter(|row| !row.is_blank()).take(REACH) {
            let mut heads = vec![0usize; count];
            let mut cells = 0;
            for token in row.tokens() {
                cells += 1;
                for used in self.index.uses(token.str()) {
                    match used {
                        Use::Head { form } => heads[form] += 1,
                        Use::Field { form, row, cell } => {
                            if !fields[form].contains(&(row, cell)) {
                                fields[form].push((row, cell));
                            }
                        }
                    }
                }
            }
            for (form, hits) in heads.iter().enumerate() {
                has_header[form] |= *hits >= 2 && hits * 10 >= cells * 7;
            }
        }
        (0..count)
            .filter(|&form| has_header[form] || !fields[form].is_empty())
            .filter_map(|number| {
                let form = self.form(number);
                let header = has_header[number]
                    .then(|| header::find(&self.index, number, rows, 0))
                    .flatten()
                    .filter(|header| header.found().len() >= form.min_columns);
                let labels = form
                    .layout
                    .iter()
                    .flatten()
                    .filter(|cell| matches!(cell, LayoutCell::Text { pattern, .. } if pattern.slots().next().is_none()))
                    .count();
                let matched = fields[number].len();
                if header.is_none() && matched == 0 {
                    return None;
                }
                let weak = header.is_none() && matched * 3 < labels;
                let field_score =
                    if labels == 0 { 0.0 } else { matched as f64 - 0.5 * (labels - matched.min(labels)) as f64 };
                let score = header.as_ref().map_or(0.0, |header| header.score(form)) + field_score;
                let this_year = self.year.is_some_and(|year| form.key.family.ends_with(&year.to_string()));
                Some(Fit { form: number, header, score: score + if this_year { 0.05 } else { 0.0 }, weak })
            })
            .collect()
    }

    fn strong_fits(&self, rows: &[Row]) -> usize {
        self.fits(rows).iter().filter(|fit| !fit.weak).count()
    }

    /// The best fit, and the title found before it.
    fn choose(&self, fits: &[Fit], title: Option<&Text>) -> Option<(usize, Before)> {
        let mut best: Option<(usize, Before, f64)> = None;
        let mut rivals: Vec<(f64, u8, &str)> = Vec::new();
        for (index, fit) in fits.iter().enumerate() {
            let form = self.form(fit.form);
            let mut before = self.before(form);
            if let Some(title) = title {
                before.quality = form.title_quality(title.as_str());
            }
            if fit.weak && before.quality < 2 {
                continue;
            }
            rivals.push((fit.score, before.quality, &form.key.form));
            let better =
                best.as_ref().is_none_or(|(_, other, score)| (before.quality, fit.score) > (other.quality, *score));
            if better {
                best = Some((index, before, fit.score));
            }
        }
        let (index, before, score) = best?;
        let form = self.form(fits[index].form);
        if score <= 0.0 && before.quality == 0 {
            return None;
        }
        // Without a title, forms with the same columns cannot be told apart.
        if before.quality == 0
            && rivals.iter().any(|(other, _, id)| *id != form.key.form && (score - other).abs() < 0.5)
        {
            return None;
        }
        Some((index, before))
    }

    /// Looks back over the last paragraphs for the form's preamble and title.
    fn before(&self, form: &Form) -> Before {
        const REACH: usize = 6;
        let mut before = Before {
            quality: 0,
            title: Text::default(),
            taken: 0,
            joined: false,
            captures: Vec::new(),
            preamble: Vec::new(),
        };
        let paragraphs: Vec<&Text> = self
            .out
            .iter()
            .rev()
            .take(REACH)
            .map_while(|out| match out {
                Out::Paragraph(paragraph) => Some(&paragraph.text),
                Out::Table(_) => None,
            })
            .collect();
        let mut captures: Vec<(String, Text)> = Vec::new();
        let mut preamble: Vec<Text> = Vec::new();
        for (taken, text) in paragraphs.iter().enumerate() {
            let quality = form.title_quality(text.as_str());
            if quality > 0 {
                before =
                    Before { quality, title: (*text).clone(), taken: taken + 1, joined: false, captures, preamble };
                break;
            }
            // gaoxin-2021:668: a title over two lines.
            if let Some(first) = paragraphs.get(taken + 1)
                && joins_as_title(form, first, text)
            {
                let mut title = (*first).clone();
                title.push(text);
                before = Before { quality: 2, title, taken: taken + 2, joined: true, captures, preamble };
                break;
            }
            match match_preamble(form, text.as_str()) {
                Some(found) => {
                    captures.extend(capture_texts(text, found));
                    preamble.push((*text).clone());
                    before.taken = taken + 1;
                    before.captures.clone_from(&captures);
                    before.preamble.clone_from(&preamble);
                }
                None => break,
            }
        }
        // The title itself may name the form too early: `…绩效目标表` of the line before the last one.
        if before.quality > 0
            && let Some(text) = paragraphs.get(before.taken - 1 - usize::from(before.joined))
            && !before.joined
            && let Some(first) = paragraphs.get(before.taken)
            && form.many
            && captures_of_title(form, text.as_str()).iter().all(|(name, _)| name != "no")
            && joins_as_title(form, first, text)
        {
            let mut title = (*first).clone();
            title.push(text);
            before.title = title;
            before.taken += 1;
            before.joined = true;
        }
        before
    }

    fn start(&mut self, fits: Vec<Fit>, choice: usize, before: Before, title_row: Option<Text>, fragment: Fragment) {
        let Some(fit) = fits.into_iter().nth(choice) else { return };
        let form = self.form(fit.form);
        let mut labels = before.preamble;
        let mut notes = Vec::new();
        let kept = self.out.len() - before.taken;
        self.out.truncate(kept);
        if before.joined {
            notes.push((
                "title-joined",
                before.title.place(),
                "表名印成两行，已合并".to_owned(),
                "the title was printed on two lines and was joined".to_owned(),
            ));
        }
        let title = match title_row {
            Some(row) => {
                if !before.title.is_empty() {
                    notes.push((
                        "title-repeated",
                        before.title.place(),
                        "表名印了两次，已去掉一次".to_owned(),
                        "the title was printed twice; one was dropped".to_owned(),
                    ));
                    labels.push(before.title);
                }
                row
            }
            None => before.title,
        };
        let mut captures = before.captures;
        captures.extend(capture_texts(&title, captures_of_title(form, title.as_str())));
        let place =
            [title.place(), labels.iter().map(Text::place).min().unwrap_or_default(), first_place(&fragment.rows)]
                .into_iter()
                .filter(|place| *place != Place::Nowhere)
                .min()
                .unwrap_or_default();
        self.open = Some(Open {
            form: fit.form,
            title,
            captures,
            labels,
            field_rows: Vec::new(),
            header: None,
            data: Vec::new(),
            note: Text::default(),
            removed: Removed::default(),
            place,
            end: place,
            notes,
        });
        self.take_rows(fragment, fit.header);
    }

    /// Whether a fragment goes on the open table.
    fn continues(&self, fragment: &Fragment) -> bool {
        let Some(open) = &self.open else { return false };
        let form = self.form(open.form);
        let rows = &fragment.rows;
        let leading = |until: usize| &rows[..until];
        let fields_before = |until: usize| leading(until).iter().map(|row| fields::labels_in(form, row)).sum::<usize>();
        if let Some(header) = header::find(&self.index, open.form, rows, 0)
            && header.found().len() * 10 >= form.min_columns * 7
        {
            return match &open.header {
                None => self.held.is_empty() && !self.restarts(form, open, leading(header.start)),
                Some((first, _)) => header.found() == first.found() && fields_before(header.start) == 0,
            };
        }
        if !self.held.is_empty() {
            return false;
        }
        let labels: usize = rows.iter().map(|row| fields::labels_in(form, row)).sum();
        match &open.header {
            None => {
                !form.layout.is_empty()
                    && (labels > 0 || self.strong_fits(rows) == 0)
                    && !self.restarts(form, open, rows)
            }
            Some((header, _)) => {
                let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
                let similar = width.abs_diff(header.columns.len()) <= 1 || form.repairs("levels-by-vocabulary");
                similar && labels == 0 && self.strong_fits(rows) == 0 && open.note.is_empty()
            }
        }
    }

    /// Whether rows print the first labels of the form again: another table of the same form.
    fn restarts(&self, form: &Form, open: &Open, rows: &[Row]) -> bool {
        let first = form.layout.first().and_then(|row| row.first());
        let Some(LayoutCell::Text { pattern, .. }) = first else { return false };
        let prints = |rows: &[Row]| rows.iter().any(|row| row.tokens().any(|token| pattern.is_match(token.str())));
        prints(rows) && prints(&open.field_rows)
    }

    fn join(&mut self, fragment: Fragment) {
        let held = std::mem::take(&mut self.held);
        let place = first_place(&fragment.rows);
        let Some(open) = &mut self.open else { return };
        let form = self.index.forms[open.form];
        let header = header::find(&self.index, open.form, &fragment.rows, 0)
            .filter(|header| header.found().len() * 10 >= form.min_columns * 7);
        let repeated = header.is_some() && open.header.is_some();
        if !held.is_empty() || repeated {
            open.notes.push((
                "header-repeated",
                held.first().map_or(place, Text::place),
                "分页重复的表头已去掉".to_owned(),
                "a header repeated after a page cut was dropped".to_owned(),
            ));
        } else if open.header.is_some() || header.is_none() {
            open.notes.push((
                "table-joined",
                place,
                "被分页切开的表已合并".to_owned(),
                "a table cut by a page was joined".to_owned(),
            ));
        }
        for text in &held {
            for (name, value) in capture_texts(text, match_preamble(form, text.as_str()).unwrap_or_default()) {
                if !open.captures.iter().any(|(known, _)| *known == name) {
                    open.captures.push((name, value));
                }
            }
        }
        open.labels.extend(held);
        self.take_rows(fragment, header);
    }

    /// Sorts the rows of a fragment into fields, header and data of the open table.
    fn take_rows(&mut self, fragment: Fragment, header: Option<Header>) {
        let Some(open) = &mut self.open else { return };
        let form = self.index.forms[open.form];
        open.removed |= fragment.removed;
        open.end = last_place(&fragment.rows).max(open.end);
        let (start, end) = header.as_ref().map_or((0, 0), |header| (header.start, header.end));
        let mut remap: Option<Vec<Option<usize>>> = None;
        for (number, mut row) in fragment.rows.into_iter().enumerate() {
            if row.is_blank() {
                continue;
            }
            let in_header = number >= start && number < end;
            if !in_header
                && (open.header.is_none() || number < start)
                && let Some(found) = preamble_row(form, &row)
            {
                open.captures.extend(found);
                open.labels.extend(row.tokens().map(|token| token.cell.text.clone()));
                continue;
            }
            if in_header {
                open.labels.extend(row.tokens().map(|token| token.cell.text.clone()));
                if number == start
                    && let Some(header) = &header
                {
                    match &open.header {
                        None => open.header = Some((header.clone(), vec![row])),
                        Some((first, _)) => remap = columns_to(first, header),
                    }
                } else if let Some((_, rows)) = &mut open.header
                    && rows.len() < end - start
                    && remap.is_none()
                {
                    rows.push(row);
                }
                continue;
            }
            if open.header.is_none() || number < start {
                open.field_rows.push(row);
                continue;
            }
            // A header printed again inside the fragment.
            if let Some((first, rows)) = &open.header
                && rows.iter().any(|known| header::same_row(known, &row))
                && header::is_header_row(&self.index, open.form, &row, 2)
                && first.end > first.start
            {
                open.notes.push((
                    "header-repeated",
                    first_place(std::slice::from_ref(&row)),
                    "分页重复的表头已去掉".to_owned(),
                    "a header repeated after a page cut was dropped".to_owned(),
                ));
                open.labels.extend(row.tokens().map(|token| token.cell.text.clone()));
                continue;
            }
            row.after_gap |= number == end || (header.is_none() && number == 0);
            if let Some(remap) = &remap {
                row = move_columns(row, remap);
            }
            open.data.push(row);
        }
    }

    // ---- closing a table

    fn close(&mut self) {
        let held = std::mem::take(&mut self.held);
        if let Some(open) = self.open.take() {
            self.finish_table(open);
        }
        for text in held {
            self.push_paragraph(Paragraph { text, outline: None });
        }
    }

    fn finish_table(&mut self, open: Open) {
        let form = self.form(open.form);
        let block = self.out.len();
        let mut bound = fields::bind(form, &open.field_rows);
        let mut labels = open.labels;
        labels.append(&mut bound.labels);
        let place = open.place;
        let mut findings: Vec<Finding> = Vec::new();
        for (rule, place, zh, en) in open.notes {
            findings.push(Finding::note(rule, place, zh, en));
        }
        for (rule, zh, en) in bound.repairs {
            let severity = if rule == "plan-missing" { Severity::Warning } else { Severity::Note };
            findings.push(Finding::new(severity, rule, place, zh, en));
        }
        let body = match &open.header {
            Some((header, _)) => body::build(self.forms, form, header, &open.data),
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
                if field.kind == crate::form::Kind::Date {
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
        let mut table = Table {
            form: Some(form.key.clone()),
            title: open.title,
            unit,
            fields: fields::in_order(form, values),
            columns: body.columns,
            rows: body.rows,
            note: open.note,
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
            let severity = if matches!(rule, "value-missing" | "cell-without-column") {
                Severity::Warning
            } else {
                Severity::Note
            };
            findings.push(Finding { row: Some(row), ..Finding::new(severity, rule, at.unwrap_or(place), zh, en) });
        }
        self.drop_repeats(form, &mut table, &mut findings);
        for (row, kind) in sums::row_kinds(form, &table).into_iter().enumerate() {
            table.rows[row].kind = kind;
        }
        for text in bound.rest {
            // What no slot can take is kept in the note and reported.
            findings.push(Finding::warning(
                "text-without-label",
                text.place(),
                format!("“{text}”不在任何标签之下，记在表注中"),
                format!("“{text}” stands beside no label; it is kept in the table's note"),
            ));
            if !table.note.is_empty() {
                table.note.push_str("\n");
            }
            table.note.push(&text);
        }
        note_removed(&mut findings, open.removed, place);
        for finding in &mut findings {
            finding.table = Some(block);
        }
        self.findings.append(&mut findings);
        self.out.push(Out::Table(Box::new(table)));
    }

    fn note_department(&mut self, captures: &[(String, Text)]) {
        let mut code = String::new();
        for (name, text) in captures {
            match name.as_str() {
                "department_code" => code = text.as_str().to_owned(),
                "department" if !text.is_empty() => {
                    self.info.departments.push((std::mem::take(&mut code), text.as_str().to_owned()));
                }
                _ => {}
            }
        }
    }

    fn note_info(&mut self, name: &str, text: &str) {
        let text = text.to_owned();
        match name {
            "unit_name" if !text.is_empty() => drop(self.info.unit_name.get_or_insert(text)),
            "fiscal_year" | "form_year" => {
                if let Ok(year) = fold(&text).parse() {
                    self.info.fiscal_year.get_or_insert(year);
                }
            }
            _ => {}
        }
    }

    /// gaoxin-2021: the pages of a table come twice, and a third time in part. From the second
    /// total row on, rows that repeat the first print in its order are dropped.
    fn drop_repeats(&mut self, form: &Form, table: &mut Table, findings: &mut Vec<Finding>) {
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
        findings.push(Finding::note(
            "table-repeated",
            table.place,
            format!("表格重复印出，去掉了与前文相同的 {dropped} 行"),
            format!("the table was printed again; {dropped} rows equal to earlier ones were dropped"),
        ));
    }

    /// Keeps a grid that no form knows.
    fn unrecognised(&mut self, title_row: Option<Text>, fragment: Fragment) {
        let width = fragment.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let place = title_row.as_ref().map_or_else(|| first_place(&fragment.rows), Text::place);
        let end = last_place(&fragment.rows).max(place);
        let title = title_row.or_else(|| fragment.sheet.as_deref().map(Text::from)).unwrap_or_default();
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
                        (crate::document::Cover::Above, Some(text)) => {
                            filing::Cell { text: text.clone(), filled: true }
                        }
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
                self.push_paragraph(Paragraph { text: title, outline: None });
            }
            return;
        }
        let block = self.out.len();
        let mut finding = Finding::note(
            "table-unrecognised",
            place,
            "没有模板认得这张表，按原样保留（列号 c1…）",
            "no form knows this table; it is kept as it is (columns c1…)",
        );
        finding.table = Some(block);
        self.findings.push(finding);
        let columns =
            (1..=width).map(|number| filing::Column { id: format!("c{number}"), label: Vec::new() }).collect();
        self.out.push(Out::Table(Box::new(Table { title, columns, rows, place, end, ..Table::default() })));
    }
}

/// Blanks and markup removed from a table's cells, one note each.
fn note_removed(findings: &mut Vec<Finding>, removed: Removed, place: Place) {
    if removed.blanks {
        findings.push(Finding::note(
            "blanks-removed",
            place,
            "单元格中换行留下的空格已去掉",
            "blanks that line wraps left inside cells were removed",
        ));
    }
    if removed.markup {
        findings.push(Finding::note(
            "markup-removed",
            place,
            "单元格中的 HTML、Markdown 或 LaTeX 标记已去掉",
            "HTML, Markdown or LaTeX marks were removed from cells",
        ));
    }
}

/// Slots of the title pattern that matches.
fn captures_of_title(form: &Form, text: &str) -> Vec<Capture> {
    std::iter::once(&form.title).chain(&form.aliases).find_map(|title| title.captures(text)).unwrap_or_default()
}

fn capture_texts(text: &Text, captures: Vec<Capture>) -> Vec<(String, Text)> {
    captures.into_iter().map(|(name, range)| (name, text.slice(range))).collect()
}

/// Whether a numbered line and the line after it are one title.
fn joins_as_title(form: &Form, first: &Text, second: &Text) -> bool {
    if !begins_item(first.as_str()) || begins_item(second.as_str()) || first.as_str().ends_with(['。', '：', '；', ':'])
    {
        return false;
    }
    let both = format!("{}{}", first.as_str(), second.as_str());
    form.title_quality(first.as_str()) == 0
        && form.many
        && form.title.is_match(&both)
        && captures_of_title(form, &both).iter().any(|(name, _)| name == "no")
}

/// What a line of the form's preamble says; `None` when it is no such line.
fn match_preamble(form: &Form, text: &str) -> Option<Vec<Capture>> {
    form.preamble_line(text).map(|line| line.captures)
}

/// Captures of a row all of whose cells are lines of the preamble.
fn preamble_row(form: &Form, row: &Row) -> Option<Vec<(String, Text)>> {
    let mut found = Vec::new();
    for token in row.tokens() {
        found.extend(capture_texts(&token.cell.text, match_preamble(form, token.str())?));
    }
    (!found.is_empty()).then_some(found)
}

/// For each physical column of a later header, the column of the first one; `None` when they are
/// the same.
fn columns_to(first: &Header, later: &Header) -> Option<Vec<Option<usize>>> {
    if first.columns == later.columns {
        return None;
    }
    Some(
        later
            .columns
            .iter()
            .map(|assigned| match assigned {
                Assigned::Blank => None,
                other => first.columns.iter().position(|column| column == other),
            })
            .collect(),
    )
}

fn move_columns(row: Row, remap: &[Option<usize>]) -> Row {
    let width = remap.iter().flatten().max().map_or(0, |last| last + 1);
    let mut cells = vec![super::grid::Cell::default(); width];
    for (column, cell) in row.cells.into_iter().enumerate() {
        match remap.get(column).copied().flatten() {
            Some(target) => cells[target] = cell,
            None if cell.text.is_empty() => {}
            None => cells.push(cell),
        }
    }
    Row { cells, after_gap: row.after_gap }
}

fn first_place(rows: &[Row]) -> Place {
    rows.iter()
        .flat_map(Row::tokens)
        .map(|token| token.cell.text.place())
        .find(|place| *place != Place::Nowhere)
        .unwrap_or_default()
}

fn last_place(rows: &[Row]) -> Place {
    rows.iter()
        .rev()
        .find(|row| !row.is_blank())
        .and_then(|row| row.tokens().last())
        .map_or(Place::Nowhere, |token| end_of(&token.cell.text))
}

/// The place of a text's last byte.
fn end_of(text: &Text) -> Place {
    match (text.place(), text.extent()) {
        (Place::Text(_), Some(extent)) => Place::Text(extent.end.saturating_sub(1)),
        (place, _) => place,
    }
}

/// `## title`: removes the marks and yields the level.
fn markdown_heading(text: &mut Text) -> Option<u8> {
    let value = text.as_str().trim_start();
    let marks = value.chars().take_while(|ch| *ch == '#').count();
    if marks == 0 || marks > 6 || !value[marks..].starts_with(' ') {
        return None;
    }
    let start = text.as_str().len() - value.len();
    text.remove(0..start + marks);
    u8::try_from(marks).ok()
}

/// Whether a paragraph goes on in the next one: a long line that ends inside a sentence.
fn cut_by_page(last: &Paragraph, next: &Paragraph) -> bool {
    const LONG: usize = 40;
    let (before, after) = (last.text.as_str(), next.text.as_str());
    let ideograph = |ch: char| matches!(ch, '\u{4e00}'..='\u{9fff}' | '+' | '、' | '，');
    last.outline.is_none()
        && next.outline.is_none()
        && matches!(last.text.place(), Place::Text(_))
        && before.chars().count() >= LONG
        && before.ends_with(ideograph)
        && !begins_item(after)
        && after.starts_with(|ch: char| matches!(ch, '\u{4e00}'..='\u{9fff}'))
        && !["注", "第", "附", "目标", "绩效"].iter().any(|mark| after.starts_with(mark))
        && after.ends_with(['。', '；', '！', '）', '”'])
}

/// The unit printed in a column head (`价值（金额单位：万元）`).
fn unit_in_heads(form: &Form, header: &Header) -> Option<String> {
    header.labels.iter().find_map(|(column, path)| {
        let spec = &form.columns[*column];
        let leaf = path.last()?;
        std::iter::once(&spec.head).chain(&spec.aliases).filter_map(|head| head.last()).find_map(|pattern| {
            let captures = pattern.captures(leaf)?;
            captures.into_iter().find(|(name, _)| name == "unit").map(|(_, range)| fold(&leaf[range]))
        })
    })
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
