//! Assembling tables from paragraphs and grids: titles and preambles found, page cuts joined.

mod goes_on;
mod running;
mod sections;

use std::collections::{BTreeMap, HashSet};

use self::goes_on::{is_total_row, title_again};
use self::running::key_of;
use super::choose::{Before, Fit};
use super::fields;
use super::grid::{Cell, Fragment, Row, end_of, first_place, last_place};
use super::header::{self, Assigned, Header};
use super::index::Index;
use super::marks::{Marks, is_rule_line, markdown_heading, note_removed};
use super::title::{
    capture_texts, captures_of_title, contradicts, match_preamble, may_be_preamble, preamble_row, take_preamble_cells,
};
use super::words::words;
use crate::document::{Block, Cover, Grid, Paragraph};
use crate::filing::{Dropped, FormKey, Table};
use crate::finding::Finding;
use crate::form::label::fold;
use crate::form::{Form, Forms, Kind as ColumnKind, LayoutCell};
use crate::layout;
use crate::layout::clean::{Context, Removed, clean};
use crate::source::Kind;
use crate::text::{Place, Text, is_blank};

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
    pub(super) forms: &'f Forms,
    pub(super) index: Index<'f>,
    pub(super) year: Option<u16>,
    /// Lines may be marks of HTML or Markdown: what Word or a workbook holds is its text.
    marked_up: bool,
    pub(super) out: Vec<Out>,
    pub(super) findings: Vec<Finding>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) info: Info,
    pub(super) open: Option<Open>,
    /// The table read stands alone: no paragraph before it is its title, no table goes on.
    pub(super) alone: bool,
    /// The form the table is known to be.
    pub(super) only: Option<FormKey>,
    /// Paragraphs that look like the open table's title or preamble printed again on a new page.
    pub(super) held: Vec<Paragraph>,
    pub(super) marks: Marks,
    /// Page numbers after the open table: none of the filing's text where the table goes on.
    pub(super) pages: Vec<Text>,
    /// What pages print above or below their text, up to its numbers.
    pub(super) running: HashSet<String>,
}

/// A table being read.
pub(super) struct Open {
    pub(super) form: usize,
    pub(super) title: Text,
    pub(super) captures: Vec<(String, Text)>,
    pub(super) labels: Vec<Text>,
    pub(super) field_rows: Vec<Row>,
    /// The field block of a sheet of our own, where it stands as the form lays it.
    pub(super) laid_rows: Vec<Row>,
    pub(super) header: Option<(Header, Vec<Row>)>,
    pub(super) data: Vec<Row>,
    /// One of the data rows is a total.
    pub(super) has_total: bool,
    pub(super) note: Text,
    pub(super) removed: Removed,
    pub(super) place: Place,
    pub(super) end: Place,
    /// The name of the sheet on which it ends.
    pub(super) sheet: Option<String>,
    pub(super) notes: Vec<(&'static str, Place, String, String)>,
}

impl<'f> Assembler<'f> {
    pub fn new(forms: &'f Forms, year: Option<u16>, kind: Kind) -> Assembler<'f> {
        Assembler {
            forms,
            index: Index::new(forms, year),
            year,
            marked_up: kind == Kind::Text,
            out: Vec::new(),
            findings: Vec::new(),
            dropped: Vec::new(),
            info: Info::default(),
            open: None,
            alone: false,
            only: None,
            held: Vec::new(),
            pages: Vec::new(),
            running: HashSet::new(),
            marks: Marks::default(),
        }
    }

    pub fn block(&mut self, block: Block) {
        match block {
            Block::Paragraph(paragraph) => self.paragraph(paragraph),
            Block::Grid(mut grid) => {
                self.take_printed_caption(&mut grid);
                let fragment = Fragment::new(grid, |line| self.is_title(line));
                for fragment in self.sections(fragment) {
                    self.fragment(fragment);
                }
            }
        }
    }

    /// Reads rows as one table that stands alone: of a known form, or of none when `plain`. The title
    /// of one of no form stands in the first row, if it is `titled`.
    pub fn isolated(&mut self, mut fragment: Fragment, form: Option<&FormKey>, plain: bool, titled: bool) {
        self.close();
        self.alone = true;
        self.only = form.cloned();
        if plain {
            let width = fragment.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
            for row in &mut fragment.rows {
                row.cells.resize_with(width, Cell::default);
            }
            if titled && fragment.rows.len() > 1 && fragment.rows[0].lone().is_some() {
                fragment.rows.remove(0);
            }
            fragment.sheet = None;
            self.unrecognised(None, fragment);
        } else {
            for section in self.sections(fragment) {
                self.fragment(section);
            }
        }
        self.close();
        self.alone = false;
        self.only = None;
    }

    pub fn finish(&mut self) {
        self.close();
        self.findings.extend(std::mem::take(&mut self.marks).notes());
    }

    pub(super) fn form(&self, number: usize) -> &'f Form {
        self.index.forms[number]
    }

    fn paragraph(&mut self, mut paragraph: Paragraph) {
        let level = markdown_heading(&mut paragraph.text, self.marked_up);
        paragraph.outline = paragraph.outline.or(level);
        if let Some(lines) = self.title_lines(&paragraph.text) {
            for text in lines {
                self.paragraph(Paragraph { text, outline: None, whole: false });
            }
            return;
        }
        let before = paragraph.text.clone();
        let removed = clean(&mut paragraph.text, Context::Paragraph);
        if before.is_blank() {
            return;
        }
        let ruled = self.marked_up && is_rule_line(before.as_str().trim());
        let rule = if removed.fields { "field-code-removed" } else { "markup-removed" };
        // What Word or a workbook shows may have been meant.
        if !self.marked_up && !paragraph.text.is_empty() && (removed.fields || removed.markup) {
            self.marks.count(rule, &before);
        }
        if paragraph.text.is_empty() || ruled {
            self.marks.count(rule, &before);
            self.dropped.push(Dropped { text: before, rule });
            return;
        }
        let text = paragraph.text.as_str();
        if let Some(open) = &mut self.open {
            let marked = ["注：", "注:", "备注：", "备注:"].iter().any(|mark| text.starts_with(mark));
            let note = marked || words().is_signature(text);
            if note && open.note.is_empty() && self.held.is_empty() && self.pages.is_empty() {
                open.end = end_of(&paragraph.text);
                open.note = paragraph.text;
                return;
            }
            if self.held.is_empty() && (is_page_number(text) || self.running.contains(&key_of(text))) {
                self.pages.push(paragraph.text);
                return;
            }
            let form = self.index.forms[open.form];
            let again = || match_preamble(form, text).is_some() || title_again(form, open, text).is_some();
            if open.header.is_some() && again() {
                self.held.push(paragraph);
                return;
            }
            self.close();
        }
        // A paragraph marked as one is no rest of the one before.
        if paragraph.whole || before.as_str().trim_start().starts_with("<p>") {
            self.out.push(Out::Paragraph(paragraph));
        } else {
            self.push_paragraph(paragraph);
        }
    }

    /// Adds a paragraph; one that a page cut in two is joined.
    pub(super) fn push_paragraph(&mut self, paragraph: Paragraph) {
        if let Some(Out::Paragraph(last)) = self.out.last_mut()
            && cut_by_page(last, &paragraph)
        {
            let place = paragraph.text.place();
            last.text.push(&paragraph.text);
            self.findings.push(Finding::of(
                "paragraph-joined",
                place,
                "一段文字被分页切成两段，已合并",
                "a paragraph cut in two by a page was joined",
            ));
            return;
        }
        self.out.push(Out::Paragraph(paragraph));
    }

    /// A caption that the line before the table prints is one with it.
    fn take_printed_caption(&mut self, grid: &mut Grid) {
        if let (None, Some(caption), Some(Out::Paragraph(printed))) = (&self.open, &grid.caption, self.out.last())
            && fold(caption.as_str()) == fold(printed.text.as_str())
        {
            grid.caption = Some(printed.text.clone());
            self.out.pop();
        }
    }

    /// Puts the blocks read in another order; the findings about them follow.
    pub(super) fn reorder(&mut self, order: &[usize]) {
        let mut blocks: Vec<Option<Out>> = self.out.drain(..).map(Some).collect();
        self.out.extend(order.iter().filter_map(|at| blocks[*at].take()));
        for finding in &mut self.findings {
            finding.table = finding.table.map(|old| order.iter().position(|at| *at == old).unwrap_or(old));
        }
    }

    fn fragment(&mut self, (title, fragment): (Option<Text>, Fragment)) {
        if title.is_none() && fragment.rows.iter().all(Row::is_blank) {
            return;
        }
        if fragment.prose {
            let marks = Removed { blanks: false, ..fragment.removed };
            note_removed(&mut self.findings, marks, first_place(&fragment.rows));
            for token in fragment.rows.iter().flat_map(Row::tokens) {
                self.paragraph(Paragraph { text: token.cell.text.clone(), outline: None, whole: false });
            }
            return;
        }
        if let Some(title) = &title
            && self.goes_on_under(title, &fragment)
        {
            self.held.push(Paragraph { text: title.clone(), outline: None, whole: false });
            if self.continues(&fragment) {
                self.join(fragment);
                return;
            }
            self.held.pop();
        }
        if title.is_none() && self.continues(&fragment) && self.goes_on_over(&fragment) {
            self.join(fragment);
            return;
        }
        if title.is_none() && self.is_preamble(&fragment.rows) {
            // A preamble set as a table of its own: its cells wait as lines before the table.
            for token in fragment.rows.iter().flat_map(Row::tokens) {
                self.paragraph(Paragraph { text: token.cell.text.clone(), outline: None, whole: false });
            }
            return;
        }
        self.close();
        if let Some(fit) = self.own_fit(&fragment.rows) {
            self.start(vec![fit], 0, Before::default(), title, fragment);
            return;
        }
        let fits = self.fits(&fragment.rows);
        match self.choose(&fits, title.as_ref(), &fragment.rows) {
            Some((choice, before)) => self.start(fits, choice, before, title, fragment),
            None => self.unrecognised(title, fragment),
        }
    }

    /// Whether every row is a line of some form's preamble.
    pub(super) fn is_preamble(&self, rows: &[Row]) -> bool {
        let mut rows = rows.iter().filter(|row| !row.is_blank()).peekable();
        rows.peek().is_some()
            && rows.all(|row| {
                may_be_preamble(&self.index, row, None)
                    && self.index.forms.iter().any(|form| preamble_row(form, row).is_some())
            })
    }

    fn start(&mut self, fits: Vec<Fit>, choice: usize, before: Before, title_row: Option<Text>, fragment: Fragment) {
        let Some(mut fit) = fits.into_iter().nth(choice) else { return };
        if let Some(header) = fit.header.as_mut().filter(|_| !fragment.exact) {
            header.bare.clear();
        }
        let form = self.form(fit.form);
        let mut labels = before.preamble;
        let mut notes = Vec::new();
        let taken = self.out.split_off(self.out.len() - before.taken);
        // A heading in other words than the title in the first row is no print of it.
        let heading = title_row.as_ref().is_some_and(|row| fold(row.as_str()) != fold(before.title.as_str()));
        let heading = heading && !before.title.is_empty();
        let last = taken.len();
        let title_lines = last - if heading { 1 + usize::from(before.joined) } else { 0 };
        for (at, out) in taken.into_iter().enumerate() {
            let from_end = last - 1 - at;
            if from_end >= title_lines || before.passed.contains(&from_end) {
                self.out.push(out);
            }
        }
        if before.joined && !heading {
            notes.push((
                "title-joined",
                before.title.place(),
                "表名印成两行，已合并".to_owned(),
                "the title was printed on two lines and was joined".to_owned(),
            ));
        }
        let title = match title_row {
            Some(row) => {
                if !before.title.is_empty() && !heading {
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
            laid_rows: Vec::new(),
            header: None,
            data: Vec::new(),
            has_total: false,
            note: Text::default(),
            removed: Removed::default(),
            place,
            end: place,
            sheet: None,
            notes,
        });
        self.take_rows(fragment, fit.header, fit.layout);
    }

    fn join(&mut self, fragment: Fragment) {
        let held = std::mem::take(&mut self.held);
        let pages = std::mem::take(&mut self.pages);
        let place = first_place(&fragment.rows);
        let Some(open) = &mut self.open else { return };
        let (numbers, running): (Vec<Text>, Vec<Text>) =
            pages.into_iter().partition(|text| is_page_number(text.as_str()));
        if let Some(first) = numbers.first() {
            open.notes.push((
                "page-number-dropped",
                first.place(),
                "夹在表中间的页码已去掉".to_owned(),
                "a page number between the rows of a table was dropped".to_owned(),
            ));
        }
        if let Some(first) = running.first() {
            open.notes.push((
                "running-line-dropped",
                first.place(),
                format!("夹在表中间的页眉或页脚“{first}”已去掉"),
                format!("the head or foot of a page “{first}” between the rows of a table was dropped"),
            ));
        }
        self.dropped.extend(numbers.into_iter().map(|text| Dropped { text, rule: "page-number-dropped" }));
        self.dropped.extend(running.into_iter().map(|text| Dropped { text, rule: "running-line-dropped" }));
        let form = self.index.forms[open.form];
        let header = header::find(&self.index, open.form, &fragment.rows, 0, self.only.is_some())
            .filter(|header| header.found().len() * 10 >= form.min_columns * 7);
        let repeated = header.is_some() && open.header.is_some();
        if held.iter().any(|held| title_again(form, open, held.text.as_str()).is_some()) {
            open.notes.push((
                "table-joined",
                held.first().map_or(place, |held| held.text.place()),
                "续页重印了表名，两部分已合并为一张表".to_owned(),
                "the title was printed again on another page; the two parts were joined".to_owned(),
            ));
        } else if !held.is_empty() || repeated {
            open.notes.push((
                "header-repeated",
                held.first().map_or(place, |held| held.text.place()),
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
        for Paragraph { text, .. } in &held {
            for (name, value) in capture_texts(text, match_preamble(form, text.as_str()).unwrap_or_default()) {
                if !open.captures.iter().any(|(known, _)| *known == name) {
                    open.captures.push((name, value));
                }
            }
        }
        open.labels.extend(held.into_iter().map(|held| held.text));
        self.take_rows(fragment, header, None);
    }

    /// Sorts the rows of a fragment into fields, header and data of the open table. `layout` is the row
    /// at which a field block stands as the form lays it.
    fn take_rows(&mut self, fragment: Fragment, header: Option<Header>, layout: Option<usize>) {
        let Some(open) = &mut self.open else { return };
        let form = self.index.forms[open.form];
        open.removed |= fragment.removed;
        open.labels.extend(fragment.caption);
        open.end = last_place(&fragment.rows).max(open.end);
        open.sheet = fragment.sheet;
        let (start, end) = header.as_ref().map_or((0, 0), |header| (header.start, header.end));
        let mut remap: Option<Vec<Option<usize>>> = None;
        let laid = layout.map_or(0..0, |top| top..top + form.layout.len());
        for (number, mut row) in fragment.rows.into_iter().enumerate() {
            if laid.contains(&number) {
                open.laid_rows.push(row);
                continue;
            }
            if row.is_blank() {
                continue;
            }
            let in_header = number >= start && number < end;
            if !in_header
                && (open.header.is_none() || number < start)
                && (form.layout.is_empty() || open.field_rows.is_empty())
                && may_be_preamble(&self.index, &row, Some(open.form))
                && let Some(found) = preamble_row(form, &row).filter(|found| !contradicts(&open.captures, found))
            {
                open.captures.extend(found);
                open.labels.extend(row.tokens().map(|token| token.cell.text.clone()));
                continue;
            }
            // What stands beside a line of the preamble is none of it.
            if number < start && open.field_rows.is_empty() && fields::labels_in(form, &row) == 0 {
                for (line, said) in take_preamble_cells(form, &mut row, &open.captures) {
                    open.captures.extend(said);
                    open.labels.push(line);
                }
                if row.is_blank() {
                    continue;
                }
            }
            // The department's name alone, right below the title of a table without fields.
            if number < start
                && form.layout.is_empty()
                && open.field_rows.is_empty()
                && form.title_quality(open.title.as_str()) > 0
                && let Some(cell) = row.lone()
                && let Some(found) = form.bare_name(cell.text.as_str())
            {
                open.captures.extend(capture_texts(&cell.text, found));
                open.labels.push(cell.text.clone());
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
            // Under a field block of our own without columns stands the note.
            let under_fields = layout.is_some() && header.is_none() && number >= laid.end;
            if !under_fields && (open.header.is_none() || number < start) {
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
            if let Some(note) = note_row(&row, self.alone)
                && open.note.is_empty()
            {
                open.note = note;
                continue;
            }
            row.after_gap |= number == end || (header.is_none() && number == 0);
            if let Some(remap) = &remap {
                row = move_columns(row, remap);
            }
            open.has_total = open.has_total || is_total_row(&row);
            open.data.push(row);
        }
    }

    fn close(&mut self) {
        let pages = std::mem::take(&mut self.pages);
        let held = std::mem::take(&mut self.held);
        if let Some(open) = self.open.take() {
            self.finish_table(open);
        }
        for text in pages {
            self.push_paragraph(Paragraph { text, outline: None, whole: false });
        }
        for paragraph in held {
            self.push_paragraph(paragraph);
        }
    }
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
    let mut cells = vec![Cell::default(); width];
    for (column, cell) in row.cells.into_iter().enumerate() {
        match remap.get(column).copied().flatten() {
            Some(target) => cells[target] = cell,
            None if cell.text.is_empty() => {}
            None => cells.push(cell),
        }
    }
    Row { cells, after_gap: row.after_gap }
}

/// Whether a line is a page's number: `12`, `- 12 -`, `12/60`, `第12页，共60页`.
pub(super) fn is_page_number(text: &str) -> bool {
    let digits = |ch: char| ch.is_ascii_digit();
    text.chars().count() <= 16
        && text.contains(digits)
        && text.split(|ch| !digits(ch)).all(|number| number.len() <= 3)
        && text.chars().all(|ch| digits(ch) || is_blank(ch) || "第页共，/-—–－·".contains(ch))
}

/// The note in a row of its own under a table.
pub(super) fn note_row(row: &Row, alone: bool) -> Option<Text> {
    let lone = row.lone()?;
    let text = lone.text.as_str();
    let marked = ["注：", "注:", "备注：", "备注:"].iter().any(|mark| text.starts_with(mark));
    let across = row.cells.len() > 2 && row.cells[1..].iter().all(|cell| cell.cover == Cover::Left);
    (marked || (alone && across)).then(|| lone.text.clone())
}

/// Whether a paragraph goes on in the next one.
fn cut_by_page(last: &Paragraph, next: &Paragraph) -> bool {
    last.outline.is_none()
        && next.outline.is_none()
        && matches!(last.text.place(), Place::Text(_) | Place::Paragraph { .. })
        && layout::join::cut_by_page(last.text.as_str(), next.text.as_str())
}
