//! The sheet of one table: title, lines above, field block, header, body and note, as printed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::arrange::{Arranged, Column, arrange};
use super::look::{Align, Look, Role, Style};
use super::other::Leftover;
use super::sheet::{Content, Sheet, Tile};
use super::split::split;
use super::sums::{Places, Spot};
use crate::equation::CellRef;
use crate::filing::{Cell, Filing, RowKind, Table, Value};
use crate::form::label::{Pattern, fold};
use crate::form::{Form, Forms, Kind, LayoutCell};
use crate::text::SAME_ITEM;

/// What the sheet of a table is planned from.
#[derive(Clone, Copy)]
pub(super) struct Job<'f> {
    pub filing: &'f Filing,
    pub forms: &'f Forms,
    /// The form it is printed on.
    pub form: Option<&'f Form>,
    pub print: Print,
    pub block: usize,
    pub table: &'f Table,
    pub look: &'f Look,
}

/// Which of source and form decides how a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Print {
    /// As the source prints it.
    Source,
    /// As the form has it: the table was recognised with another family's.
    Form,
    /// As the form has it, with nothing filled in.
    Blank,
}

/// Text a slot of a form prints: a field of the table, or what the filing says of itself.
pub(super) fn slot_text(job: &Job<'_>, slot: &str) -> Option<String> {
    let Job { filing, table, form, .. } = job;
    match table.field(slot) {
        Some(Value::One(text)) => return Some(text.as_str().to_owned()).filter(|text| !text.is_empty()),
        Some(Value::Many(texts)) => return Some(joined(texts).into_owned()),
        None => {}
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match slot {
        "department_code" => some(&filing.department.code),
        "department" => some(&filing.department.name),
        "fiscal_year" | "year" => filing.fiscal_year.map(|year| year.to_string()),
        "unit" => {
            table.unit.clone().or_else(|| form.and_then(|form| form.unit.clone())).or_else(|| filing.unit.clone())
        }
        "sep" => table.field_text("no").filter(|no| !no.is_empty()).map(|_| "、".to_owned()),
        _ => None,
    }
}

/// The texts of a list, a line each. A line break inside one of them is marked ([`SAME_ITEM`]).
fn joined(texts: &[crate::text::Text]) -> Cow<'_, str> {
    let marked = |text: &str| text.replace('\n', &format!("{SAME_ITEM}\n"));
    match texts {
        [one] if !one.as_str().contains('\n') => Cow::Borrowed(one.as_str()),
        many => Cow::Owned(many.iter().map(|text| marked(text.as_str())).collect::<Vec<_>>().join("\n")),
    }
}

/// Plans rows `rows` of a table as sheet number `number`.
pub(super) fn plan<'f>(
    job: &Job<'f>,
    rows: Range<usize>,
    number: usize,
    places: &mut Places,
    leftovers: &mut Vec<Leftover<'f>>,
) -> Sheet<'f> {
    let fill = |slot: &str| slot_text(job, slot);
    let mut arranged = arrange(job.table, job.form, job.print != Print::Source, &job.look.form, &fill);
    let layout = job.form.map_or(&[][..], |form| form.layout.as_slice());
    let needed = layout.iter().map(|row| row_width(row)).max().unwrap_or(0);
    if arranged.columns.is_empty() && needed == 0 {
        arranged.widths = vec![60.0];
    }
    arranged.widen(needed);
    let grid = arranged.widths.len() as u16;
    let tiles = Vec::with_capacity(rows.len() * arranged.columns.len() + 4 * layout.len() + 2 * arranged.columns.len());
    let mut drawing = Drawing { job, number, places, leftovers, grid, row: 0, tiles, printed: HashSet::new() };
    drawing.title();
    drawing.preamble(&arranged.widths);
    drawing.layout(layout);
    let head = drawing.head(&arranged.columns);
    let body = drawing.row;
    drawing.body(&arranged, rows.clone());
    let end = drawing.row;
    if rows.end == job.table.rows.len() {
        drawing.note();
    }
    if rows.start == 0 {
        drawing.unprinted(&arranged.moved);
    }
    let lists = if body < end { lists(job, &arranged, body..end) } else { Vec::new() };
    let mut sheet = Sheet {
        tiles: drawing.tiles,
        widths: arranged.widths,
        lists,
        // Without a field block the title fits on every page.
        repeat: if layout.is_empty() { 0..head.end } else { head.clone() },
        freeze: if head.end <= 7 { head.end } else { 0 },
        landscape: job.form.is_some_and(|form| form.landscape),
        ..Sheet::default()
    };
    sheet.fit(job.look);
    sheet
}

fn row_width(row: &[LayoutCell]) -> usize {
    // A covered cell is as wide as the label above it; those are one column wide in known forms.
    row.iter().map(|cell| if let LayoutCell::Text { columns, .. } = cell { *columns } else { 1 }).sum()
}

struct Drawing<'p, 'f> {
    job: &'p Job<'f>,
    number: usize,
    places: &'p mut Places,
    leftovers: &'p mut Vec<Leftover<'f>>,
    grid: u16,
    row: u32,
    tiles: Vec<Tile<'f>>,
    /// Slots that stand somewhere on the sheet.
    printed: HashSet<&'f str>,
}

impl<'f> Drawing<'_, 'f> {
    fn push(&mut self, tile: Tile<'f>) {
        self.tiles.push(tile);
    }

    fn title(&mut self) {
        let title: Cow<'f, str> = match self.job.form {
            _ if !self.job.table.title.is_empty() => Cow::Borrowed(self.job.table.title.as_str()),
            Some(form) => Cow::Owned(form.title.fill(|slot| match slot_text(self.job, slot) {
                // Room for a year to be written in.
                None if slot.contains("year") => Some("　　".to_owned()),
                text => text,
            })),
            None => Cow::Borrowed(""),
        };
        if title.is_empty() {
            return;
        }
        if let Some(form) = self.job.form {
            for slot in form.title.slots() {
                let value = slot_text(self.job, slot);
                if value.is_none_or(|value| title.contains(&value)) {
                    self.printed.insert(slot);
                }
            }
        }
        self.push(Tile::text(0, 0, Style::of(Role::Title), title).wide(self.grid));
        self.row = 1;
    }

    /// Lines above the table. A form lists every way they are printed; of lines with the same
    /// slots the first is printed.
    fn preamble(&mut self, widths: &[f64]) {
        let Some(form) = self.job.form else { return };
        let mut lines: Vec<&'f Vec<Pattern>> = Vec::new();
        for line in &form.preamble {
            let slots: HashSet<&str> = line.iter().flat_map(Pattern::slots).collect();
            let same = lines.iter().any(|other| {
                let others: HashSet<&str> = other.iter().flat_map(Pattern::slots).collect();
                !slots.is_empty() && slots.is_subset(&others)
            });
            if !same {
                lines.push(line);
            }
        }
        for line in lines {
            let texts: Vec<Option<Cow<'f, str>>> = line.iter().map(|cell| self.line_text(form, cell)).collect();
            if texts.iter().all(Option::is_none) {
                continue;
            }
            self.printed.extend(line.iter().flat_map(Pattern::slots));
            let bounds = line_bounds(widths, texts.len());
            let count = texts.len();
            for (index, text) in texts.into_iter().enumerate() {
                let align = match (index, count) {
                    (0, 1) if line[0].printed().contains("单位") => Align::Right,
                    (0, 1) if line[0].slots().any(|slot| slot.contains("year")) => Align::Center,
                    (0, _) => Align::Left,
                    (index, count) if index + 1 == count => Align::Right,
                    _ => Align::Center,
                };
                let (from, to) = (bounds[index], bounds[index + 1]);
                if from < to {
                    let style = Style::of(Role::Line).aligned(align);
                    self.push(Tile::text(self.row, from, style, text.unwrap_or_default()).wide(to - from));
                }
            }
            self.row += 1;
        }
    }

    /// A cell of a line: as the source prints it where it holds no field, else filled in.
    fn line_text(&self, form: &Form, cell: &Pattern) -> Option<Cow<'f, str>> {
        if cell.slots().all(|slot| form.field(slot).is_none())
            && let Some(label) = self.printed_line(form, cell)
        {
            return Some(Cow::Borrowed(label));
        }
        let known = cell.slots().any(|slot| slot_text(self.job, slot).is_some());
        (known || cell.slots().next().is_none() || self.job.print == Print::Blank)
            .then(|| Cow::Owned(cell.fill(|slot| slot_text(self.job, slot))))
    }

    /// What the source prints for a cell of a line: a label that is one of the ways the form knows
    /// to print its slots, and no second cell beside it.
    fn printed_line(&self, form: &Form, cell: &Pattern) -> Option<&'f str> {
        let colons = |text: &str| text.matches([':', '：']).count();
        let Job { filing, table, .. } = self.job;
        let department = &filing.department;
        // Of two units above a table the line with the one it is read in is printed.
        let other_unit = |way: &Pattern, label: &str| {
            let captures = way.captures(label).unwrap_or_default();
            captures
                .into_iter()
                .any(|(slot, range)| slot == "unit" && table.unit.as_deref() != Some(&fold(&label[range])))
        };
        let ways = form.preamble.iter().flatten().filter(|way| way.slots().eq(cell.slots()));
        ways.flat_map(|way| table.labels.iter().map(move |label| (way, label.as_str())))
            .find(|(way, label)| {
                // A line that is nothing but the department would take any label for it.
                let named = !department.name.is_empty() && label.contains(&department.name);
                let words = !way.printed().starts_with('{') || named;
                let fits = words && colons(way.printed()) == colons(label) && way.is_match(label);
                fits && !other_unit(way, label)
            })
            .map(|(_, label)| label)
    }

    fn layout(&mut self, layout: &'f [Vec<LayoutCell>]) {
        // Tile above each grid column.
        let mut above: Vec<Option<usize>> = vec![None; usize::from(self.grid)];
        for row in layout {
            let mut col = 0u16;
            for (index, cell) in row.iter().enumerate() {
                if col >= self.grid {
                    break;
                }
                match cell {
                    LayoutCell::Above => match above[usize::from(col)] {
                        Some(tile) => {
                            self.tiles[tile].rows = self.row - self.tiles[tile].row + 1;
                            col += self.tiles[tile].cols;
                        }
                        None => col += 1,
                    },
                    LayoutCell::Text { pattern, columns } => {
                        let mut cols = (*columns as u16).clamp(1, self.grid - col);
                        if index + 1 == row.len() {
                            cols = self.grid - col;
                        }
                        let tile = self.layout_tile(pattern, col, cols);
                        let position = self.tiles.len();
                        self.push(tile);
                        above[usize::from(col)..usize::from(col + cols)].fill(Some(position));
                        col += cols;
                    }
                }
            }
            self.row += 1;
        }
    }

    fn layout_tile(&mut self, pattern: &'f Pattern, col: u16, cols: u16) -> Tile<'f> {
        let label = Style::of(Role::Label);
        self.printed.extend(pattern.slots());
        let tile = Tile::text(self.row, col, label, "").wide(cols);
        let Some(slot) = pattern.lone_slot() else {
            return tile.with(Content::Text(Cow::Owned(pattern.fill(|slot| slot_text(self.job, slot)))));
        };
        let kind = self.job.form.and_then(|form| form.field(slot)).map_or(Kind::Text, |field| field.kind);
        let align = match kind {
            Kind::Text | Kind::List | Kind::Target => Align::Left,
            _ => Align::Center,
        };
        let style = Style { plain: kind == Kind::Code, ..Style::of(Role::Cell) }.aligned(align);
        let tile = Tile { style, ..tile };
        match self.job.table.field(slot) {
            Some(Value::One(text)) => {
                let cell = CellRef::field(self.job.block, slot);
                self.value(tile, cell, text.as_str(), kind)
            }
            Some(Value::Many(texts)) => {
                let cell = CellRef::field(self.job.block, slot);
                match joined(texts) {
                    Cow::Borrowed(text) => self.value(tile, cell, text, kind),
                    Cow::Owned(text) => {
                        let (first, rest) = split(&text);
                        self.leftovers.extend(rest.map(|rest| Leftover::rest(self.job, &cell, rest.to_owned())));
                        tile.with(Content::Text(Cow::Owned(first.to_owned())))
                    }
                }
            }
            None => tile,
        }
    }

    /// A tile with a value of the filing; what a cell cannot hold goes on on `其他信息`.
    fn value(&mut self, tile: Tile<'f>, cell: CellRef, text: &'f str, kind: Kind) -> Tile<'f> {
        let (text, rest) = split(text);
        self.leftovers.extend(rest.map(|rest| Leftover::rest(self.job, &cell, rest.to_owned())));
        if matches!(kind, Kind::Money | Kind::Number | Kind::Percent) {
            let spot = Spot { sheet: self.number, row: tile.row, col: tile.col, cols: tile.cols, kind };
            self.places.spots.insert(cell.clone(), spot);
        }
        tile.with(Content::Value { cell, text, kind })
    }

    fn head(&mut self, columns: &[Column<'f>]) -> Range<u32> {
        let start = self.row;
        let mut depth = columns.iter().map(|column| column.head.len()).max().unwrap_or(0) as u32;
        if columns.iter().all(|column| column.head.iter().all(|label| label.is_empty())) {
            depth = 0;
        }
        if depth > 0 {
            self.head_level(columns, 0, depth);
        }
        self.row += depth;
        let numbering = self.job.form.and_then(|form| form.numbering.as_deref());
        if let (Some(label), true, Some(first)) = (numbering, depth > 0, columns.first()) {
            // A table without running numbers has no cell for the label.
            if first.kind == Kind::Ordinal {
                for (index, column) in columns.iter().enumerate() {
                    let text = if index == 0 { label.to_owned() } else { index.to_string() };
                    let style = Style { bold: false, ..Style::of(Role::Head) };
                    self.push(Tile::text(self.row, column.from, style, text).wide(column.cols));
                }
                self.row += 1;
            }
        }
        start..self.row
    }

    fn head_level(&mut self, columns: &[Column<'f>], level: usize, depth: u32) {
        let mut at = 0;
        while at < columns.len() {
            let column = &columns[at];
            let label = column.head.get(level).cloned().unwrap_or_default();
            let row = self.row + level as u32;
            let style = Style::of(Role::Head);
            if column.head.len() <= level + 1 {
                let tile = Tile::text(row, column.from, style, label).wide(column.cols);
                self.push(Tile { rows: depth - level as u32, ..tile });
                at += 1;
                continue;
            }
            let group = columns[at..]
                .iter()
                .take_while(|other| other.head.len() > level + 1 && other.head[level] == label)
                .count();
            let cols = columns[at..at + group].iter().map(|column| column.cols).sum();
            self.push(Tile::text(row, column.from, style, label).wide(cols));
            self.head_level(&columns[at..at + group], level + 1, depth);
            at += group;
        }
    }

    fn body(&mut self, arranged: &Arranged<'f>, rows: Range<usize>) {
        let (start, count) = (self.row, rows.len().max(1) as u32);
        let stated: Vec<Option<usize>> = rows.clone().map(|row| self.stated(row)).collect();
        for column in &arranged.columns {
            let style = cell_style(self.job, column);
            if let Some(text) = column.spec.and_then(|spec| spec.fixed.as_deref())
                && column.source.is_none()
            {
                let tile = Tile::text(start, column.from, style.aligned(Align::Center), text).wide(column.cols);
                self.push(Tile { rows: count, ..tile });
                continue;
            }
            if rows.is_empty() {
                self.push(Tile::text(start, column.from, style, "").wide(column.cols));
            }
            let mut before: Option<usize> = None;
            for (offset, index) in rows.clone().enumerate() {
                let row = &self.job.table.rows[index];
                let cell = column.source.and_then(|source| row.cells.get(source));
                let text = cell.map_or("", |cell| cell.text.as_str());
                // An amount is never merged: every row of a sum counts it.
                let merges = column.source.is_some_and(|source| self.merges(source, index));
                let covered = (merges || cell.is_some_and(|cell| cell.filled))
                    && (column.source.is_none() || column.source != stated[offset])
                    && !matches!(column.kind, Kind::Money | Kind::Number);
                if covered
                    && let Some(tile) = before.map(|before| &mut self.tiles[before])
                    && matches!(&tile.content, Content::Value { text: above, .. } if *above == text)
                {
                    tile.rows += 1;
                    continue;
                }
                let mut style = style;
                style.bold = row.kind != RowKind::Detail;
                style.indent = indent(self.job, column, index);
                let tile = Tile::text(start + offset as u32, column.from, style, "").wide(column.cols);
                before = Some(self.tiles.len());
                let tile = match column.source {
                    Some(_) if column.part.is_some() => tile.with(Content::Text(part(self.job, column, text).into())),
                    Some(source) => self.value(tile, CellRef::cell(self.job.block, index, source), text, column.kind),
                    None => tile,
                };
                self.push(tile);
            }
        }
        self.row += if arranged.columns.is_empty() { 0 } else { count };
    }

    /// The column that a row says again where merged cells cover all it has: else it were blank, which
    /// is no row.
    fn stated(&self, row: usize) -> Option<usize> {
        let cells = &self.job.table.rows[row].cells;
        let first = cells.iter().position(|cell| !cell.text.is_empty())?;
        let covered = |(column, cell): (usize, &Cell)| cell.text.is_empty() || cell.filled || self.merges(column, row);
        cells.iter().enumerate().all(covered).then_some(first)
    }

    /// Whether a cell that repeats the one above may be merged with it: its row continues the row
    /// above (the first column that is merged downwards is covered), and the column stands among
    /// those that are. Sources print some of them again in every row: the year of an activity.
    fn merges(&self, column: usize, row: usize) -> bool {
        let Some(form) = self.job.form else { return false };
        let columns = &self.job.table.columns;
        let down = |column: &crate::filing::Column| form.column(&column.id).is_some_and(|spec| spec.merge_down);
        let first = columns.iter().position(down);
        let last = columns.iter().rposition(down);
        let covered = |first: usize| self.job.table.rows[row].cells.get(first).is_some_and(|cell| cell.filled);
        first.is_some_and(covered) && last.is_some_and(|last| column <= last)
    }

    fn note(&mut self) {
        let note = self.job.table.note.as_str();
        if !note.is_empty() {
            self.push(Tile::text(self.row, 0, Style::of(Role::Note), note).wide(self.grid));
            self.row += 1;
        }
    }

    /// Values that stand nowhere on the form.
    fn unprinted(&mut self, moved: &[usize]) {
        let job = self.job;
        for field in &job.table.fields {
            if self.printed.contains(field.id.as_str()) {
                continue;
            }
            let text = match &field.value {
                Value::One(text) => Cow::Borrowed(text.as_str()),
                Value::Many(texts) => joined(texts),
            };
            if !text.is_empty() {
                self.leftovers.push(Leftover::field(job, &field.id, text));
            }
        }
        if let Some(unit) = self.unprinted_unit() {
            self.leftovers.push(Leftover::field(job, "unit", Cow::Borrowed(unit)));
        }
        for &column in moved {
            for (row, cells) in job.table.rows.iter().enumerate() {
                if let Some(cell) = cells.cells.get(column)
                    && !cell.text.is_empty()
                {
                    self.leftovers.push(Leftover::cell(job, row, column, cell.text.as_str()));
                }
            }
        }
    }

    /// The table's unit where nothing on the sheet says it: a line that the form does not print.
    fn unprinted_unit(&self) -> Option<&'f str> {
        let (unit, form) = (self.job.table.unit.as_deref()?, self.job.form?);
        if self.printed.contains("unit") {
            return None;
        }
        let of_head = |column: &crate::filing::Column| form.column(&column.id)?.unit_in_head(column.label.last()?);
        let implied = self.job.table.columns.iter().find_map(of_head).or_else(|| form.unit.clone());
        (implied.as_deref() != Some(unit)).then_some(unit)
    }
}

/// What a column shows of a code printed in parts; a text that is no such code stands in the first.
fn part<'t>(job: &Job<'_>, column: &Column<'_>, text: &'t str) -> &'t str {
    let (Some(range), Some(tree)) = (&column.part, job.form.and_then(|form| form.tree.as_ref())) else { return text };
    let regular = tree.levels.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match (regular, range.start) {
        (true, _) => text.get(range.clone()).unwrap_or_default(),
        (false, 0) => text,
        (false, _) => "",
    }
}

/// Grid columns at which the cells of a line begin and end: the first cell takes what the others
/// leave, so that a long name has room.
fn line_bounds(widths: &[f64], cells: usize) -> Vec<u16> {
    let grid = widths.len();
    let total: f64 = widths.iter().sum();
    let mut bounds = vec![0u16; cells + 1];
    bounds[cells] = grid as u16;
    let mut used = 0.0;
    let mut at = grid;
    for cell in (1..cells).rev() {
        let wanted = total * if cells == 2 { 0.35 } else { 0.32 };
        let start = at;
        while at > cell && (start == at || used + widths[at - 1] <= wanted * (cells - cell) as f64) {
            at -= 1;
            used += widths[at];
        }
        bounds[cell] = at as u16;
    }
    bounds
}

fn cell_style(job: &Job<'_>, column: &Column<'_>) -> Style {
    let tree_code = job.form.and_then(|form| form.tree.as_ref()).map(|tree| tree.code.as_str());
    let align = match column.kind {
        Kind::Money | Kind::Number | Kind::Percent => Align::Right,
        Kind::Code if column.spec.is_some_and(|spec| Some(spec.id.as_str()) == tree_code) => Align::Left,
        Kind::Ordinal | Kind::Code | Kind::Date | Kind::Year | Kind::Target => Align::Center,
        Kind::List => Align::Left,
        // Narrow words stand in the middle, sentences begin at the left.
        Kind::Text if column.spec.is_some_and(|spec| spec.width <= 18.0 && !spec.key) => Align::Center,
        Kind::Text => Align::Left,
    };
    Style { plain: column.kind == Kind::Code, ..Style::of(Role::Cell) }.aligned(align)
}

/// How far the name of a code is set in: by its level in the tree.
fn indent(job: &Job<'_>, column: &Column<'_>, row: usize) -> u8 {
    let Some(tree) = job.form.and_then(|form| form.tree.as_ref()) else { return 0 };
    if column.kind != Kind::Text || !column.spec.is_some_and(|spec| spec.key) {
        return 0;
    }
    let code = job.table.cell(row, &tree.code);
    tree.levels.iter().position(|level| *level == code.len()).map_or(0, |level| level.min(6) as u8)
}

fn lists(job: &Job<'_>, arranged: &Arranged<'_>, rows: Range<u32>) -> Vec<(Range<u32>, u16, Vec<String>)> {
    arranged
        .columns
        .iter()
        .filter_map(|column| {
            let list = job.forms.lists.get(column.spec?.list.as_deref()?)?;
            let mut values: Vec<String> = Vec::new();
            // Excel: 255 characters with the commas.
            let mut length = 0;
            for pattern in list.iter().map(Pattern::printed) {
                length += super::name::utf16(pattern) + 1;
                if !pattern.contains(['{', '*', ',']) && length <= 255 {
                    values.push(pattern.to_owned());
                }
            }
            (!values.is_empty()).then(|| (rows.clone(), column.from, values))
        })
        .collect()
}
