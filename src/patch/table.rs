//! Edits of one table: title, unit, note, cells; [`rows`] has those of whole rows.

mod rows;

use std::ops::Range;

use super::change::{column_name, items, row_name};
use super::dialect::{Dialect, Why, is_soft};
use super::edit::Edit;
use super::lay::{Lay, RowSpot};
use super::pair::TablePair;
use super::prints::{Spot, element, line_end, line_start};
use super::site::Site;
use crate::error::{Error, Result};
use crate::filing::{Cell, Column, Row, Table, Value};
use crate::form::label::fold;
use crate::form::{Form, Kind};
use crate::text::{Place, Text, is_blank};

/// One table before and after.
pub(super) struct TableEdits<'a> {
    pub(super) site: Site<'a>,
    pub(super) old: &'a Table,
    pub(super) goal: &'a Table,
    pair: &'a TablePair,
    pub(super) form: Option<&'a Form>,
    lay: Lay<'a>,
}

/// What a goal row's cell prints.
enum Print<'a> {
    /// A merged cell above, or a blank that repeats it, shows the value.
    Above,
    Value(&'a str),
}

impl<'a> TableEdits<'a> {
    pub fn new(site: Site<'a>, old: &'a Table, goal: &'a Table, pair: &'a TablePair) -> TableEdits<'a> {
        let form = old.form.as_ref().or(goal.form.as_ref()).and_then(|key| site.forms.get(key));
        TableEdits { site, old, goal, pair, form, lay: Lay::new(old, site.prints, site.dropped) }
    }

    /// The edits that make the printed table say what the goal says.
    ///
    /// # Errors
    /// When the source cannot hold one of the changes; it names the cell.
    pub fn edits(&self) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        self.title(&mut edits)?;
        self.unit(&mut edits)?;
        self.fields(&mut edits)?;
        self.columns()?;
        self.rows(&mut edits)?;
        self.note(&mut edits)?;
        Ok(edits)
    }

    /// An error that names the cell.
    pub(super) fn cannot(&self, row: Option<usize>, label: &str, new: &str, why: Why) -> Error {
        let place = self.place_of(row, label);
        let row = row.map(|row| row_name(self.form, self.goal, row)).unwrap_or_default();
        let error = cannot(self.goal.title.as_str(), &row, label, new, why);
        self.site.within_cell(error, place)
    }

    /// Where the edited workbook has the cell or field of a name; of a row, its first cell.
    fn place_of(&self, row: Option<usize>, label: &str) -> Place {
        if label == "表名" && matches!(self.goal.title.place(), Place::SheetCell { .. }) {
            return self.goal.title.place();
        }
        let known = |place: &Place| *place != Place::Nowhere;
        if let Some(row) = row.and_then(|row| self.goal.rows.get(row)) {
            let column = (0..self.goal.columns.len()).find(|column| column_name(self.goal, *column) == label);
            let cell = column.and_then(|column| row.cells.get(column)).map(|cell| cell.text.place());
            let first = || row.cells.iter().map(|cell| cell.text.place()).find(known);
            return cell.filter(known).or_else(first).unwrap_or_default();
        }
        if let Some(head) = self.head_of(label) {
            return head;
        }
        let field = self.goal.fields.iter().find(|field| self.label(&field.id) == label);
        let field = field.and_then(|field| items(&field.value).first().map(|text| text.place()));
        field.filter(known).unwrap_or(self.goal.place)
    }

    /// The last header cell of a column, above the column numbers; one of fewer levels than others
    /// is merged down from its own.
    fn head_of(&self, label: &str) -> Option<Place> {
        let levels = |column: &Column| column.label.len();
        let deepest = self.goal.columns.iter().map(levels).max()?;
        let column = (0..self.goal.columns.len()).find(|column| column_name(self.goal, *column) == label)?;
        let leaf = self.goal.columns[column].label.last().map(|leaf| fold(leaf))?;
        let mut printed = self.goal.labels.iter().filter(|text| fold(text.as_str()) == leaf).map(Text::place);
        if let (Some(place @ Place::SheetCell { .. }), None) = (printed.next(), printed.next()) {
            return Some(place);
        }
        let own = levels(&self.goal.columns[column]);
        let first = self.goal.rows.first()?.cells.get(column)?.text.place();
        let Place::SheetCell { sheet, row, column } = first else { return None };
        let ordinal = |form: &Form| form.columns.first().is_some_and(|spec| spec.kind == Kind::Ordinal);
        let numbered = self.form.is_some_and(|form| form.numbering.is_some() && ordinal(form));
        let above = deepest + 1 - own.clamp(1, deepest.max(1)) + usize::from(numbered);
        Some(Place::SheetCell { sheet, row: row.checked_sub(u32::try_from(above).ok()?)?, column })
    }

    fn title(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let (old, new) = (&self.old.title, self.goal.title.as_str());
        if old.as_str() == new {
            return Ok(());
        }
        let failed = |why| self.cannot(None, "表名", new, why);
        edits.extend(self.site.set(old, None, new).map_err(failed)?);
        // A title printed twice.
        for label in self.old.labels.iter().filter(|label| label.as_str() == old.as_str()) {
            edits.extend(self.site.set(label, None, new).map_err(failed)?);
        }
        Ok(())
    }

    fn unit(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let (Some(old), Some(new)) = (&self.old.unit, &self.goal.unit) else { return Ok(()) };
        if old == new {
            return Ok(());
        }
        let mut any = false;
        for label in self.old.labels.iter().filter(|label| label.as_str().contains("单位")) {
            if let Some(at) = label.as_str().rfind(old.as_str()) {
                let word = label.slice(at..at + old.len());
                edits.extend(self.site.set(&word, None, new).map_err(|why| self.cannot(None, "单位", new, why))?);
                any = true;
            }
        }
        if any {
            return Ok(());
        }
        let why = (
            "原文没有单独印出单位；请恢复单位，按原来的单位填金额",
            "the original prints no unit of its own; restore the unit and state the amounts in it",
        );
        let error = cannot(self.goal.title.as_str(), "", "单位", new, why);
        let label = self.goal.labels.iter().find(|label| label.as_str().contains("单位"));
        Err(self.site.within_cell(error, label.map_or(self.goal.place, Text::place)))
    }

    fn note(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let (old, new) = (&self.old.note, self.goal.note.as_str());
        let failed = |why| self.cannot(None, "表注", new, why);
        if old.is_empty() && !new.is_empty() {
            let last = self.lay.rows.iter().rev().find_map(|row| row.all.last());
            let Some(range) = last.and_then(|(grid, row)| self.site.prints.grids[*grid].rows[*row].range.clone())
            else {
                return Err(failed(("原文中没有放表注的位置", "the original has no place for a note")));
            };
            let dialect = last.map_or(Dialect::Prose, |(grid, _)| self.site.prints.grids[*grid].dialect);
            let printed = self.site.prose.print(new, self.site.eol).map_err(failed)?;
            let (at, printed) = match dialect {
                Dialect::CellLines => (range.end, format!("{}{printed}", self.site.eol.repeat(3))),
                Dialect::RowLines | Dialect::Pipe | Dialect::Prose => {
                    (range.end, format!("{}{printed}", self.site.eol.repeat(2)))
                }
                Dialect::Html => {
                    let table = element(self.site.source, range, "table");
                    (table.end, format!("{}{printed}", self.site.eol))
                }
                Dialect::Docx => {
                    let nowhere = ("原文中没有放表注的位置", "the original has no place for a note");
                    let tables = &self.site.prints.places.tables;
                    let table = last.and_then(|(grid, _)| tables.get(*grid)).ok_or_else(|| failed(nowhere))?;
                    (table.range.end, super::docx::plain_paragraph(self.site.prints, &printed))
                }
            };
            edits.push(Edit::new(at..at, printed));
            return Ok(());
        }
        if new.is_empty()
            && self.site.prints.of(old).is_empty()
            && let Some(extent) = old.extent()
        {
            let range = extent.range();
            if self.is_docx() {
                let places = &self.site.prints.places;
                let gone = super::docx::paragraphs(places, range)
                    .and_then(|range| super::docx::remove(self.site.source, places, range));
                if let Some(gone) = gone {
                    edits.extend(gone);
                    return Ok(());
                }
            } else {
                // The blank lines between table and note go with it.
                let start = line_start(self.site.source, range.start);
                let gap = self.site.source[..start].trim_end_matches(|ch: char| is_soft(ch.encode_utf8(&mut [0; 4])));
                let end = line_end(self.site.source, range.end);
                edits.push(Edit::new(line_end(self.site.source, gap.len()).min(start)..end, ""));
                return Ok(());
            }
        }
        edits.extend(self.site.set(old, None, new).map_err(failed)?);
        Ok(())
    }

    // ---- columns and rows

    fn columns(&self) -> Result<()> {
        // A workbook of ours has the headers as they are printed.
        if self.site.own
            && let Some(column) = edited_header(self.old, self.goal, self.pair)
        {
            let why = (
                "表头改动或增加了列，不能写回；请恢复表头，或在原文里改",
                "its header was changed or a column was added, which cannot be carried back; restore the header, or edit the original",
            );
            return Err(self.cannot(None, &column_name(self.goal, column), "", why));
        }
        let sides = [(self.goal, &self.pair.columns.old, true), (self.old, &self.pair.columns.new, false)];
        for (table, pairs, added) in sides {
            for (column, _) in pairs.iter().enumerate().filter(|(_, pair)| pair.is_none()) {
                let filled =
                    table.rows.iter().any(|row| row.cells.get(column).is_some_and(|cell| !cell.text.is_empty()));
                // A deleted column must be blank; the blanks are printed as edits of its cells.
                if filled {
                    let why = if added {
                        (
                            "原文的表没有这一列，不能增加列",
                            "the original's table has no such column; columns cannot be added",
                        )
                    } else {
                        ("不能删除原文的列", "columns of the original cannot be deleted")
                    };
                    return Err(self.cannot(None, &column_name(table, column), "", why));
                }
            }
        }
        Ok(())
    }

    /// Whether blanks of a column repeat the cell above.
    fn fills(&self, old_column: usize) -> bool {
        let merged = self
            .form
            .and_then(|form| form.column(&self.old.columns[old_column].id))
            .is_some_and(|spec| spec.merge_down);
        merged || self.old.rows.iter().any(|row| row.cells.get(old_column).is_some_and(|cell| cell.filled))
    }

    /// What a cell of the goal prints, given how the row it is printed like does it.
    fn print(&self, row: usize, column: usize, like: Option<&Cell>, fills: bool) -> Print<'a> {
        let text = |row: usize| self.goal.rows[row].cells.get(column).map_or("", |cell| cell.text.as_str());
        let value = text(row);
        let repeats = fills && row > 0 && !value.is_empty() && text(row - 1) == value;
        if repeats && like.is_some_and(|cell| cell.filled || cell.text.is_empty()) {
            Print::Above
        } else {
            Print::Value(value)
        }
    }

    /// Edits of the cells of a row that stays or moves.
    fn row_cells(&self, old: usize, new: usize) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        let renewed = self.renews(new, self.goal, |column| self.pair.columns.old[column]);
        let was_new = self.renews(old, self.old, Some);
        for (old_column, column) in self.pair.columns.pairs() {
            let Some(cell) = self.old.rows[old].cells.get(old_column) else { continue };
            // Blanks right of a value that begins anew no longer repeat the row above.
            let shown = renewed.is_none_or(|first| column <= first) || was_new.is_some_and(|first| old_column > first);
            // A cell of a docx goes on only in a merged cell above it.
            let lonely = cell.filled && self.is_docx() && !self.merged_above(new, old_column);
            let shown = shown && !lonely;
            let printed = match self.print(new, column, Some(cell), self.fills(old_column)) {
                _ if shown && self.hands_over(old, new, old_column, column) => "",
                Print::Above if shown && !self.stood_blank(old, old_column) => continue,
                Print::Above => self.goal.rows[new].cells.get(column).map_or("", |cell| cell.text.as_str()),
                Print::Value(value) => value,
            };
            let same = cell.text.as_str() == printed;
            if same && (!cell.filled || shown && self.is_covered(old, new, old_column, column)) {
                continue;
            }
            let failed = |why| self.cannot(Some(new), &column_name(self.goal, column), printed, why);
            let before = if cell.filled { &Text::default() } else { &cell.text };
            let home = self.lay.cell(old, old_column);
            let set = match self.is_word_cut(before, old_column, printed) {
                true => self.site.put(before, home, printed),
                false => self.site.set(before, home, printed),
            };
            edits.extend(set.map_err(failed)?);
            for again in &self.lay.rows[old].again {
                if let Some(spot) = self.lay.cell_at(*again, old_column) {
                    edits.extend(self.set_again(spot, before, printed).map_err(failed)?);
                }
            }
        }
        Ok(edits)
    }

    /// Whether a text stands in two cells that only make one because a list has the word, and the new
    /// text is none of the list.
    fn is_word_cut(&self, before: &Text, old_column: usize, new: &str) -> bool {
        let spec = self.form.and_then(|form| form.column(&self.old.columns[old_column].id));
        let list = spec.and_then(|spec| spec.list.as_ref()).and_then(|list| self.site.forms.lists.get(list));
        list.is_some_and(|list| {
            self.site.prints.of(before).len() > 1 && !list.iter().any(|pattern| pattern.is_match(new))
        })
    }

    /// Whether a blank cell under a value was read as blank and not as that value.
    fn stood_blank(&self, old: usize, old_column: usize) -> bool {
        let cell = |row: usize| self.old.rows[row].cells.get(old_column);
        let above = old.checked_sub(1).and_then(cell).is_some_and(|above| !above.text.is_empty());
        above && cell(old).is_some_and(|cell| cell.text.is_empty() && !cell.filled)
    }

    /// Whether a value printed once for several rows is now that of a new row above them.
    fn hands_over(&self, old: usize, new: usize, old_column: usize, column: usize) -> bool {
        let (Some(above), Some(cell)) = (new.checked_sub(1), self.old.rows[old].cells.get(old_column)) else {
            return false;
        };
        let says = |table: &Table, row: usize, column: usize| {
            table.rows[row].cells.get(column).is_some_and(|other| other.text.as_str() == cell.text.as_str())
        };
        let spot = self.lay.cell(old, old_column).map(|spot| self.site.prints.dialect(spot));
        matches!(spot, Some(Dialect::CellLines | Dialect::RowLines | Dialect::Pipe))
            && !cell.filled
            && !cell.text.is_empty()
            && self.pair.rows.old[above].is_none()
            && self.prints_fills(old_column)
            && says(self.goal, above, column)
            && says(self.goal, new, column)
            && old.checked_sub(1).is_none_or(|before| !says(self.old, before, old_column))
    }

    /// The first column of a row that is merged downwards and yet says other than the row above.
    fn renews(&self, row: usize, table: &Table, old_column: impl Fn(usize) -> Option<usize>) -> Option<usize> {
        let above = row.checked_sub(1)?;
        let text = |row: usize, column: usize| table.rows[row].cells.get(column).map(|cell| cell.text.as_str());
        (0..table.columns.len())
            .filter(|column| old_column(*column).is_some_and(|old| self.fills(old)))
            .find(|column| text(row, *column) != text(above, *column) && text(row, *column) != Some(""))
    }

    /// Whether a filled cell still shows what the cell above it shows.
    fn is_covered(&self, old: usize, new: usize, old_column: usize, column: usize) -> bool {
        let (Some(above_old), Some(above_new)) = (old.checked_sub(1), new.checked_sub(1)) else { return false };
        let shows = |table: &Table, row: usize, column: usize| {
            table.rows[row].cells.get(column).map(|cell| cell.text.as_str().to_owned())
        };
        shows(self.old, above_old, old_column) == shows(self.old, old, old_column)
            && shows(self.goal, above_new, column) == shows(self.goal, new, column)
    }

    /// The same edit in a row that is printed again.
    fn set_again(&self, spot: Spot, old: &Text, new: &str) -> std::result::Result<Vec<Edit>, Why> {
        let texts = self.site.dropped.iter().map(|dropped| &dropped.text);
        let printed = texts.clone().find(|text| self.site.prints.of(text).contains(&spot));
        match printed {
            Some(text) => self.site.set(text, None, new),
            None if old.is_empty() => self.site.set(old, Some(spot), new),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn range(&self, (grid, row): RowSpot) -> Option<Range<usize>> {
        self.site.prints.grids.get(grid)?.rows.get(row)?.range.clone()
    }

    fn is_docx(&self) -> bool {
        self.site.prose == Dialect::Docx
    }

    /// The printed cell of the row above a goal row: its own, or that of the row it is printed like.
    fn home_above(&self, row: usize, old_column: usize) -> Option<(Spot, bool)> {
        let above = row.checked_sub(1)?;
        let old = self.pair.rows.old[above];
        let spot = self.lay.cell(old.or_else(|| self.like_row(above))?, old_column)?;
        Some((spot, old.is_some() && !self.pair.rows.moved.contains(&above)))
    }

    /// Whether a cell of a docx can go on from the one above it.
    fn merged_above(&self, row: usize, old_column: usize) -> bool {
        self.home_above(row, old_column).is_some_and(|(spot, _)| super::docx::is_merged(self.site.prints, spot))
    }
}

/// The source from the first to the last character of a table, in whole lines or elements.
pub(super) fn bounds(site: Site<'_>, table: &Table) -> Option<Range<usize>> {
    let values = table.fields.iter().flat_map(|field| match &field.value {
        Value::One(text) => std::slice::from_ref(text),
        Value::Many(texts) => texts.as_slice(),
    });
    let cells = table.rows.iter().flat_map(|row: &Row| &row.cells).map(|cell| &cell.text);
    let texts: Vec<&Text> =
        [&table.title, &table.note].into_iter().chain(&table.labels).chain(values).chain(cells).collect();
    if site.prose == Dialect::Docx {
        return super::docx::bounds(site, &texts);
    }
    let extents = texts.iter().filter_map(|text| text.extent());
    let (start, end) =
        extents.fold((u32::MAX, 0), |(start, end), extent| (start.min(extent.start), end.max(extent.end)));
    if start > end {
        return None;
    }
    let mut range = start as usize..end as usize;
    // Blank cells at either end belong to it too.
    for text in texts {
        for spot in site.prints.of(text) {
            if let Some(row) = &site.prints.row(spot).range {
                range = range.start.min(row.start)..range.end.max(row.end);
            }
            if site.prints.dialect(spot) == Dialect::Html {
                let whole = super::prints::element(site.source, row_of(site, spot), "table");
                range = range.start.min(whole.start)..range.end.max(whole.end);
            }
        }
    }
    Some(line_start(site.source, range.start)..super::prints::line_end(site.source, range.end))
}

fn row_of(site: Site<'_>, spot: Spot) -> Range<usize> {
    site.prints.row(spot).range.clone().unwrap_or_default()
}

/// Whether all source bytes of a text are bytes of another.
pub(super) fn is_part_of(text: &Text, whole: &Text) -> bool {
    !text.pieces().is_empty()
        && text.pieces().iter().all(|piece| {
            whole
                .pieces()
                .iter()
                .any(|other| other.source.start <= piece.source.start && piece.source.end <= other.source.end)
        })
}

/// A column of the goal whose header is none of the old table's.
pub(super) fn edited_header(old: &Table, goal: &Table, pair: &TablePair) -> Option<usize> {
    let label = |table: &Table, column: usize| fold(&table.columns[column].label.join("/"));
    let paired = pair.columns.pairs().map(|(one, new)| (label(old, one) != label(goal, new), new));
    let added = pair.columns.old.iter().enumerate().map(|(new, old)| (old.is_none(), new));
    let edited = |(changed, new): &(bool, usize)| *changed && !goal.columns[*new].label.is_empty();
    paired.chain(added).find(edited).map(|(_, column)| column)
}

/// An error that names the cell an edit of which cannot be carried.
pub(super) fn cannot(table: &str, row: &str, label: &str, new: &str, why: Why) -> Error {
    let short = |text: &str, most: usize| {
        let text = text.trim_matches(is_blank);
        if text.chars().count() <= most {
            text.to_owned()
        } else {
            text.chars().take(most - 1).chain(['…']).collect()
        }
    };
    let (table, row, label, new) = (short(table, 30), short(row, 20), short(label, 20), short(new, 24));
    let mut zh = format!("《{table}》");
    let mut en = format!("“{table}”");
    for (name, left, right) in [(&row, "“", "”一行"), (&label, "“", "”")] {
        if !name.is_empty() {
            zh.push_str(&format!("{left}{name}{right}"));
            en.push_str(&format!(" › {name}"));
        }
    }
    if !new.is_empty() {
        zh.push_str(&format!("改为“{new}”"));
        en.push_str(&format!(" → “{new}”"));
    }
    Error::new(format!("{zh}无法写回：{}", why.0), format!("{en} cannot be carried back: {}", why.1))
}
