//! Rows that come, go or move.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::{Print, TableEdits, cannot};
use crate::error::Result;
use crate::filing::Cell;
use crate::patch::change::{column_name, row_name};
use crate::patch::dialect::{Dialect, is_soft};
use crate::patch::docx;
use crate::patch::edit::Edit;
use crate::patch::lay::RowSpot;
use crate::patch::prints::{Spot, after_break};
use crate::text::Text;

impl TableEdits<'_> {
    pub(super) fn rows(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let rows = &self.pair.rows;
        let stays = |new: usize| rows.old[new].is_some() && !rows.moved.contains(&new);
        let mut own: HashMap<usize, Vec<Edit>> = HashMap::new();
        for (old, new) in rows.pairs() {
            let cells = self.row_cells(old, new)?;
            if stays(new) {
                edits.extend(cells);
            } else {
                own.insert(new, cells);
            }
        }
        let mut gone: BTreeSet<RowSpot> = BTreeSet::new();
        for (old, new) in rows.new.iter().enumerate() {
            if new.is_none_or(|new| !stays(new)) {
                let lay = &self.lay.rows[old];
                if lay.all.is_empty() {
                    let why = ("找不到这一行在原文中的位置", "the row was not found in the original");
                    let name = row_name(self.form, self.old, old);
                    return Err(cannot(self.goal.title.as_str(), &name, "", "", why));
                }
                gone.extend(&lay.all);
                gone.extend(&lay.again);
            }
        }
        self.delete(&gone, edits);
        // Rows that come or move, after the last row before them that stays.
        let mut anchor: Option<usize> = None;
        let mut waiting: Vec<usize> = Vec::new();
        for new in 0..rows.old.len() {
            if stays(new) {
                self.insert(anchor, &std::mem::take(&mut waiting), Some(new), &own, edits)?;
                anchor = Some(new);
            } else {
                waiting.push(new);
            }
        }
        self.insert(anchor, &waiting, None, &own, edits)
    }

    /// Deletes printed rows with what separates them from others.
    fn delete(&self, gone: &BTreeSet<RowSpot>, edits: &mut Vec<Edit>) {
        let source = self.site.source;
        let mut at = gone.iter().copied().peekable();
        while let Some((grid, first)) = at.next() {
            let mut last = first;
            while let Some(next) = at.next_if(|next| *next == (grid, last + 1)) {
                last = next.1;
            }
            let (Some(start), Some(end)) = (self.range((grid, first)), self.range((grid, last))) else { continue };
            let after = self.range((grid, last + 1));
            let before = first.checked_sub(1).and_then(|before| self.range((grid, before)));
            let soft = |range: Range<usize>| range.start <= range.end && is_soft(&source[range]);
            let range = match (before, after) {
                (_, Some(after)) if soft(end.end..after.start) => start.start..after.start,
                (Some(before), _) if soft(before.end..start.start) => before.end..end.end,
                _ => start.start..after_break(source, end.end),
            };
            edits.push(Edit::new(range, ""));
        }
    }

    /// Puts rows of the goal between two that stay.
    fn insert(
        &self,
        anchor: Option<usize>,
        rows: &[usize],
        next: Option<usize>,
        own: &HashMap<usize, Vec<Edit>>,
        edits: &mut Vec<Edit>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut texts = Vec::new();
        for &row in rows {
            texts.push(match self.pair.rows.old[row] {
                Some(old) => self.moved_row(old, row, own)?,
                None => self.new_row(row, edits)?,
            });
        }
        let old_of = |new: Option<usize>| new.and_then(|new| self.pair.rows.old[new]);
        let last_of = |old: usize| self.lay.rows[old].all.iter().max().copied();
        let first_of = |old: usize| self.lay.rows[old].all.iter().min().copied();
        if let Some(at) = old_of(anchor).and_then(last_of)
            && let Some(range) = self.range(at)
        {
            let gap = self.between_rows(at);
            let text: String = texts.iter().flat_map(|text| [gap.as_str(), text]).collect();
            edits.push(Edit::new(range.end..range.end, text));
            return Ok(());
        }
        if let Some(at) = old_of(next).and_then(first_of)
            && let Some(range) = self.range(at)
        {
            let gap = self.between_rows(at);
            let text: String = texts.iter().flat_map(|text| [text, gap.as_str()]).collect();
            edits.push(Edit::new(range.start..range.start, text));
            return Ok(());
        }
        // Every row of the table is new: under its header.
        // Labels beside the rows are no header.
        let first = self.lay.rows.iter().flat_map(|row| &row.all).min().copied();
        let above = |spot: &Spot| first.is_none_or(|first| (spot.grid, spot.row) < first);
        let head = self.old.labels.iter().flat_map(|label| self.site.prints.of(label)).filter(above).max();
        let failed = || {
            let why = ("找不到表头在原文中的位置", "the header was not found in the original");
            self.cannot(rows.first().copied(), "", "", why)
        };
        let head = head.ok_or_else(failed)?;
        let mut end = self.range((head.grid, head.row)).ok_or_else(failed)?.end;
        if self.site.prints.dialect(head) == Dialect::Pipe {
            // Under the rule.
            let line = after_break(self.site.source, end);
            let rule = self.site.source[line..].lines().next().unwrap_or_default();
            if crate::read::text::is_rule(rule) {
                end = line + rule.len();
            }
        }
        let gap = self.between_rows((head.grid, head.row));
        let text: String = texts.iter().flat_map(|text| [gap.as_str(), text]).collect();
        edits.push(Edit::new(end..end, text));
        Ok(())
    }

    /// What separates rows near a printed row.
    pub(in crate::patch) fn between_rows(&self, (grid, row): RowSpot) -> String {
        let printed = &self.site.prints.grids[grid];
        let gap = |row: usize| {
            let (one, other) = (self.range((grid, row))?, self.range((grid, row + 1))?);
            let gap = self.site.source.get(one.end..other.start)?;
            (is_soft(gap)
                && (printed.dialect != Dialect::CellLines || gap.matches('\n').count() + gap.matches('\r').count() > 1))
                .then(|| gap.to_owned())
        };
        let around = (0..printed.rows.len()).filter_map(|step| row.checked_sub(step));
        around
            .chain(row + 1..printed.rows.len())
            .find_map(gap)
            .unwrap_or_else(|| printed.dialect.between_rows(self.site.eol))
    }

    /// A row that moves, as it was printed but for its edits.
    fn moved_row(&self, old: usize, new: usize, own: &HashMap<usize, Vec<Edit>>) -> Result<String> {
        let lay = &self.lay.rows[old];
        let why = (
            "原文中这一行被分页切开或在合并单元格之内，不能移动",
            "a page cut the row in the original or a merged cell covers it; it cannot be moved",
        );
        let failed = || self.cannot(Some(new), "", "", why);
        let [only] = lay.all.as_slice() else { return Err(failed()) };
        let range = self.range(*only).ok_or_else(failed)?;
        self.site.rewritten(range, own.get(&new).cloned().unwrap_or_default(), false).map_err(|_| failed())
    }

    /// A row that comes, printed like its neighbour.
    fn new_row(&self, row: usize, around: &mut Vec<Edit>) -> Result<String> {
        let why = ("原文的表中没有可以照着印的行", "the original's table has no row to print it like");
        let like = self.like_row(row).ok_or_else(|| self.cannot(Some(row), "", "", why))?;
        let spot = self.lay.rows[like].main.ok_or_else(|| self.cannot(Some(row), "", "", why))?;
        let range = self.range(spot).ok_or_else(|| self.cannot(Some(row), "", "", why))?;
        let mut edits = Vec::new();
        for (old_column, column) in self.pair.columns.pairs() {
            let cell = &self.old.rows[like].cells[old_column];
            let fills = self.fills(old_column);
            let value = match self.print(
                row,
                column,
                Some(&Cell { filled: fills && self.prints_fills(old_column), ..cell.clone() }),
                fills,
            ) {
                Print::Above => "",
                Print::Value(value) => value,
            };
            let above =
                value.is_empty() && self.goal.rows[row].cells.get(column).is_some_and(|cell| !cell.text.is_empty());
            let failed = |why| self.cannot(Some(row), &column_name(self.goal, column), value, why);
            let before = if cell.filled { &Text::default() } else { &cell.text };
            let home = self.lay.cell(like, old_column);
            edits.extend(self.site.put(before, home, value).map_err(failed)?);
            if above && self.is_docx() {
                edits.extend(home.and_then(|home| docx::go_on(self.site.source, self.site.prints, home)));
                let start = self.start_merge(row, old_column).filter(|edit| !around.contains(edit));
                around.extend(start);
            }
        }
        self.site.rewritten(range, edits, true)
    }

    /// Makes the cell above a new row the start of a merged one.
    fn start_merge(&self, row: usize, old_column: usize) -> Option<Edit> {
        let (spot, _) = self.home_above(row, old_column).filter(|(_, stands)| *stands)?;
        docx::start(self.site.source, self.site.prints, spot)
    }

    /// Whether the table leaves repeated values of a column blank.
    pub(super) fn prints_fills(&self, old_column: usize) -> bool {
        self.old.rows.iter().any(|row| row.cells.get(old_column).is_some_and(|cell| cell.filled))
    }

    /// The old row that a new one is printed like: a near one of its kind, in one piece.
    pub(super) fn like_row(&self, row: usize) -> Option<usize> {
        let before = (0..row).rev().find_map(|new| self.pair.rows.old[new]);
        let after = (row + 1..self.pair.rows.old.len()).find_map(|new| self.pair.rows.old[new]);
        let at = before.or(after).unwrap_or(0);
        let fit = |old: &usize| {
            let lay = &self.lay.rows[*old];
            let whole = lay.all.len() == 1 && lay.main.is_some_and(|spot| self.range(spot).is_some());
            let kind = self.old.rows[*old].kind == self.goal.rows[row].kind;
            whole && kind && self.carries(*old, row)
        };
        let mut order: Vec<usize> = (0..self.old.rows.len()).collect();
        order.sort_by_key(|old| old.abs_diff(at));
        order.iter().copied().find(fit).or_else(|| order.into_iter().find(|old| self.lay.rows[*old].all.len() == 1))
    }

    /// Whether an old row has a printed cell for each value of a new one.
    fn carries(&self, old: usize, row: usize) -> bool {
        let Some(spot) = self.lay.rows[old].main else { return false };
        self.pair.columns.pairs().all(|(old_column, column)| {
            let cell = &self.old.rows[old].cells[old_column];
            let spots = self.site.prints.of(&cell.text);
            let here = cell.filled || spots.is_empty() || spots.iter().all(|at| (at.grid, at.row) == spot);
            let home = self.lay.cell(old, old_column).and_then(|spot| self.site.prints.cell(spot));
            let value = self.goal.rows[row].cells.get(column).is_some_and(|cell| !cell.text.is_empty());
            here && (!value || home.is_some_and(|cell| cell.content.is_some()) || !cell.text.is_empty() && !cell.filled)
        })
    }
}
