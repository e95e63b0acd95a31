//! Edits of a whole source: prose, tables, and blocks that come, go or move.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::change::items;
use super::dialect::{Dialect, is_soft};
use super::edit::Edit;
use super::pair::{Pairing, pair_table, prose_of};
use super::prints::{line_end, line_start};
use super::site::Site;
use super::table::{TableEdits, bounds, cannot};
use crate::error::{Error, Result};
use crate::filing::{Block, Filing, Table, Value};
use crate::limits::Limits;
use crate::text::Place;

/// Tables tried as models of a new one.
const MODELS: usize = 12;
/// Blocks looked at for a paragraph that a new one is printed like.
const NEIGHBOURS: usize = 2_000;

/// Plans the edits that make the source of `before` say what `goal` says.
pub(super) struct Plan<'a> {
    pub site: Site<'a>,
    pub before: &'a Filing,
    pub goal: &'a Filing,
    pub pairing: &'a Pairing,
}

impl Plan<'_> {
    /// The edits, not yet in order.
    ///
    /// # Errors
    /// When the source cannot hold one of the changes; it names the place.
    pub fn edits(&self) -> Result<Vec<Edit>> {
        let blocks = &self.pairing.blocks;
        let stays = |new: usize| blocks.old[new].is_some() && !blocks.moved.contains(&new);
        let mut edits = Vec::new();
        let mut anchor = None;
        let mut waiting = Vec::new();
        for new in 0..self.goal.blocks.len() {
            match blocks.old[new] {
                Some(old) if stays(new) => {
                    edits.extend(self.block(old, new)?);
                    self.insert(anchor, &std::mem::take(&mut waiting), Some(old), &mut edits)?;
                    anchor = Some(old);
                }
                _ => waiting.push(new),
            }
        }
        self.insert(anchor, &waiting, None, &mut edits)?;
        let gone: Vec<usize> =
            (0..blocks.new.len()).filter(|old| blocks.new[*old].is_none_or(|new| !stays(new))).collect();
        self.delete(&gone, &mut edits)?;
        Ok(edits)
    }

    /// The edits inside a block that is in both filings.
    fn block(&self, old: usize, new: usize) -> Result<Vec<Edit>> {
        match (&self.before.blocks[old], &self.goal.blocks[new]) {
            (Block::Table(before), Block::Table(goal)) => match self.pairing.tables.get(&new) {
                Some(pair) => TableEdits::new(self.site, before, goal, pair).edits(),
                None => Ok(Vec::new()),
            },
            // Notes are edited in parts of their own.
            (before, _) if in_notes(before) => Ok(Vec::new()),
            _ => self.prose(old, new),
        }
    }

    /// The edits inside a paragraph or heading that is in both filings.
    pub(super) fn prose(&self, old: usize, new: usize) -> Result<Vec<Edit>> {
        let (Some(before), Some(goal)) = (self.before.blocks[old].prose(), prose_of(&self.goal.blocks[new])) else {
            return Ok(Vec::new());
        };
        let place = self.goal.blocks[new].place();
        self.site
            .set(before, None, goal)
            .map_err(|why| self.site.within_cell(cannot("文本", "", &start_of(before.as_str()), goal, why), place))
    }

    /// Where a block of the old filing stands: whole lines, or whole elements.
    fn unit(&self, block: usize) -> Option<Range<usize>> {
        match &self.before.blocks[block] {
            Block::Table(table) => bounds(self.site, table),
            prose => {
                let extent = prose.prose()?.extent()?.range();
                Some(match self.site.prose {
                    Dialect::Docx => super::docx::paragraphs(&self.site.prints.places, extent)?,
                    _ => line_start(self.site.source, extent.start)..line_end(self.site.source, extent.end),
                })
            }
        }
    }

    fn unit_of(&self, block: usize) -> Result<Range<usize>> {
        if in_notes(&self.before.blocks[block]) {
            let name = name_of(&self.before.blocks[block]);
            return Err(Error::new(
                format!("“{name}”是脚注或尾注：可以改文字，不能增删或移动；请在 Word 里增删"),
                format!(
                    "“{name}” is a footnote or endnote: its text can be edited, but it cannot be added, deleted or moved; do that in Word"
                ),
            ));
        }
        self.unit(block).ok_or_else(|| {
            let name = name_of(&self.before.blocks[block]);
            Error::new(
                format!("找不到“{name}”在原文中的位置，不能增删或移动"),
                format!("“{name}” was not found in the original; it cannot be added, deleted or moved"),
            )
        })
    }

    // ---- blocks that go

    fn delete(&self, gone: &[usize], edits: &mut Vec<Edit>) -> Result<()> {
        let mut units: Vec<(Range<usize>, usize)> = Vec::new();
        for block in gone {
            units.push((self.unit_of(*block)?, *block));
        }
        units.sort_by_key(|(unit, _)| unit.start);
        // Of the units up to each, the one that reaches farthest.
        let mut farthest: Vec<usize> = Vec::with_capacity(units.len());
        for (index, (unit, _)) in units.iter().enumerate() {
            let before = farthest.last().copied().filter(|before| units[*before].0.end > unit.end);
            farthest.push(before.unwrap_or(index));
        }
        let leaves: HashSet<usize> = gone.iter().copied().collect();
        for other in (0..self.before.blocks.len()).filter(|block| !leaves.contains(block)) {
            let Some(extent) = self.unit(other) else { continue };
            let begun = units.partition_point(|(unit, _)| unit.start < extent.end);
            let reaching = begun.checked_sub(1).map(|last| &units[farthest[last]]);
            if let Some((_, block)) = reaching.filter(|(unit, _)| extent.start < unit.end) {
                let (name, other) = (name_of(&self.before.blocks[*block]), name_of(&self.before.blocks[other]));
                return Err(Error::new(
                    format!("“{name}”在原文中与“{other}”交错印在一起，不能删除或移动"),
                    format!("“{name}” and “{other}” are interleaved in the original; it cannot be deleted or moved"),
                ));
            }
        }
        // Neighbours go in one stretch.
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (unit, _) in units {
            match runs.last_mut() {
                Some(last) if last.end >= unit.start || is_soft(&self.site.source[last.end..unit.start]) => {
                    last.end = last.end.max(unit.end);
                }
                _ => runs.push(unit),
            }
        }
        for run in runs {
            if self.site.prose == Dialect::Docx {
                let why = || {
                    Error::new(
                        "要删除或移动的内容里有跨段的 Word 域（如目录），不能删除；请在 Word 里删除",
                        "what goes holds part of a Word field (such as a table of contents); delete it in Word",
                    )
                };
                edits.extend(super::docx::remove(self.site.source, &self.site.prints.places, run).ok_or_else(why)?);
                continue;
            }
            edits.push(Edit::new(self.with_gap(run), ""));
        }
        Ok(())
    }

    /// A stretch with the blank lines after or before it, so that the wider gap stays.
    fn with_gap(&self, run: Range<usize>) -> Range<usize> {
        if self.site.prose == Dialect::Docx {
            return run;
        }
        let (before, after) = (self.gap_before(run.start), self.gap_after(run.end));
        if run.start == before.len() || breaks(after) <= breaks(before) {
            run.start..run.end + after.len()
        } else {
            run.start - before.len()..run.end
        }
    }

    /// Blanks and line breaks before a line.
    fn gap_before(&self, at: usize) -> &str {
        let head = &self.site.source[..at];
        let kept = head.trim_end_matches(|ch: char| is_soft(ch.encode_utf8(&mut [0; 4]))).len();
        // The blanks at the end of the line before are that line's.
        let kept = if kept == 0 { 0 } else { line_end(self.site.source, kept) };
        &head[kept.min(at)..]
    }

    /// Line breaks and blank lines after a line.
    fn gap_after(&self, at: usize) -> &str {
        let tail = &self.site.source[at..];
        let soft = tail.len() - tail.trim_start_matches(|ch: char| is_soft(ch.encode_utf8(&mut [0; 4]))).len();
        // The blanks at the start of the next line are that line's.
        let end = if soft == tail.len() { soft } else { line_start(self.site.source, at + soft).max(at) - at };
        &tail[..end]
    }

    // ---- blocks that come

    /// Puts new and moved blocks between two that stay.
    fn insert(&self, anchor: Option<usize>, news: &[usize], next: Option<usize>, edits: &mut Vec<Edit>) -> Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        let eol = self.site.eol;
        let docx = self.site.prose == Dialect::Docx;
        let mut parts: Vec<Part> = Vec::new();
        for &new in news {
            parts.push(match self.pairing.blocks.old[new] {
                Some(old) => self.moved(old, new)?,
                None => self.fresh(new, anchor.or(next))?,
            });
        }
        let is_table = |block: usize| matches!(self.before.blocks[block], Block::Table(_));
        let anchor_unit = anchor.map(|block| self.unit_of(block)).transpose()?;
        let next_unit = next.map(|block| self.unit_of(block)).transpose()?;
        let text = |first: Option<usize>, last: Option<usize>| -> String {
            let mut out = String::new();
            let mut before = first;
            for part in &parts {
                if let Some(lines) = before {
                    out.push_str(&eol.repeat(lines.max(part.before)));
                }
                out.push_str(&part.text);
                before = Some(part.after);
            }
            if let (Some(lines), Some(before)) = (last, before) {
                out.push_str(&eol.repeat(lines.max(before)));
            }
            out
        };
        if docx {
            let at = anchor_unit.map(|unit| unit.end).or(next_unit.map(|unit| unit.start));
            let at = at.ok_or_else(|| Error::new("原文没有正文", "the original has no text"))?;
            edits.push(Edit::new(at..at, parts.into_iter().map(|part| part.text).collect::<String>()));
            return Ok(());
        }
        match (anchor_unit, next_unit) {
            (Some(unit), _) => {
                // What follows keeps the gap there is; a table that comes may need a wider one.
                let there = breaks(self.gap_after(unit.end));
                let first = if anchor.is_some_and(is_table) {
                    there.max(self.table_gap(anchor))
                } else {
                    self.prose_gap(unit.clone())
                };
                let mut out = text(Some(first), None);
                let wanted = parts.last().map_or(1, |part| part.after);
                let at_end = unit.end + self.gap_after(unit.end).len() == self.site.source.len();
                if there < wanted && !at_end {
                    out.push_str(&eol.repeat(wanted - there));
                }
                edits.push(Edit::new(unit.end..unit.end, out));
            }
            (None, Some(unit)) => edits.push(Edit::new(unit.start..unit.start, text(None, Some(1)))),
            (None, None) => edits.push(Edit::new(0..0, text(None, Some(1)))),
        }
        Ok(())
    }

    /// Line breaks that end a table of a block's dialect.
    fn table_gap(&self, block: Option<usize>) -> usize {
        let dialect = block.and_then(|block| self.before.table(block)).and_then(|table| {
            let cells = table.rows.iter().flat_map(|row| &row.cells).map(|cell| &cell.text);
            cells.chain(&table.labels).find_map(|text| self.site.prints.of(text).first().copied())
        });
        match dialect.map(|spot| self.site.prints.dialect(spot)) {
            Some(Dialect::CellLines) => 3,
            Some(Dialect::RowLines | Dialect::Pipe) => 2,
            _ => 1,
        }
    }

    /// Line breaks between a paragraph and the next, as this one has them.
    fn prose_gap(&self, unit: Range<usize>) -> usize {
        let (before, after) = (breaks(self.gap_before(unit.start)), breaks(self.gap_after(unit.end)));
        let gap = if after == 0 {
            before
        } else if before == 0 {
            after
        } else {
            before.min(after)
        };
        gap.clamp(1, 3)
    }

    fn moved(&self, old: usize, new: usize) -> Result<Part> {
        let unit = self.unit_of(old)?;
        let text = self.site.rewritten(unit.clone(), self.block(old, new)?, false)?;
        let table = matches!(self.before.blocks[old], Block::Table(_));
        let (before, after) = (breaks(self.gap_before(unit.start)), breaks(self.gap_after(unit.end)));
        Ok(if table {
            Part { text, before: before.max(1), after: after.max(self.table_gap(Some(old))) }
        } else {
            Part { text, before: 1, after: self.prose_gap(unit) }
        })
    }

    /// A block that comes, printed like one of its kind near `near`.
    fn fresh(&self, new: usize, near: Option<usize>) -> Result<Part> {
        let nearest = outward(near.unwrap_or(0), self.before.blocks.len());
        let goal = match &self.goal.blocks[new] {
            Block::Table(goal) => goal,
            prose => return self.fresh_prose(prose, nearest.take(NEIGHBOURS)),
        };
        let likes = nearest.filter_map(|block| {
            let table = self.before.table(block)?;
            let same = table.form_id() == goal.form_id() && table.columns.len() >= goal.columns.len().min(1);
            (same && table.form.is_some()).then_some((block, table))
        });
        let why = ("原文中没有同样的表可以照着印", "the original has no table of this form to print it like");
        let mut first = Err(self.site.within_cell(cannot(goal.title.as_str(), "", "", "", why), goal.place));
        for (number, (block, like)) in likes.take(MODELS).enumerate() {
            let part = self.table_like(block, like, goal);
            if part.as_ref().is_ok_and(|part| self.says(&part.text, goal)) {
                return part;
            }
            if number == 0 || first.is_err() && part.is_ok() {
                first = part;
            }
        }
        if self.site.prose != Dialect::Docx {
            let text = self.canonical(new);
            if first.is_err() || self.says(&text, goal) {
                return Ok(Part { text, before: 2, after: 2 });
            }
        }
        first
    }

    /// A table as the text writer prints it.
    fn canonical(&self, new: usize) -> String {
        let goal = self.goal;
        let alone = Filing {
            blocks: vec![goal.blocks[new].clone()],
            department: goal.department.clone(),
            fiscal_year: goal.fiscal_year,
            unit: goal.unit.clone(),
            ..Filing::new(goal.source.clone())
        };
        let text = crate::write::text::write(&alone, self.site.forms);
        text.trim_end_matches('\n').replace('\n', self.site.eol)
    }

    /// A table printed like another of its form.
    fn table_like(&self, block: usize, like: &Table, goal: &Table) -> Result<Part> {
        let unit = self.unit_of(block)?;
        let pair = pair_table(like, goal, self.site.forms);
        let edits = TableEdits::new(self.site, like, goal, &pair).edits()?;
        let text = self.site.rewritten(unit.clone(), edits, true)?;
        let (before, after) = (breaks(self.gap_before(unit.start)), breaks(self.gap_after(unit.end)));
        Ok(Part { text, before: before.max(1), after: after.max(self.table_gap(Some(block))) })
    }

    /// Whether a printed table says what it should when it is read by itself: the print of some is
    /// damaged, and so would be a copy.
    fn says(&self, printed: &str, goal: &Table) -> bool {
        if self.site.prose == Dialect::Docx {
            return true;
        }
        let Ok((source, document)) = crate::read::read("", printed.as_bytes(), &Limits::default()) else {
            return false;
        };
        let read = crate::recognise::recognise(source, document, self.site.forms);
        let mut tables = read.tables();
        let (Some((_, table)), None) = (tables.next(), tables.next()) else { return false };
        let texts = |value: &Value| -> Vec<String> { items(value).into_iter().map(|text| text.to_string()).collect() };
        let rows = |table: &Table| -> Vec<Vec<String>> {
            let text = |cell: &crate::filing::Cell| cell.text.as_str().to_owned();
            table.rows.iter().map(|row| row.cells.iter().map(text).collect()).collect()
        };
        table.form_id() == goal.form_id()
            && rows(table) == rows(goal)
            && goal.fields.iter().all(|field| table.field(&field.id).map(texts) == Some(texts(&field.value)))
    }

    /// The properties that most paragraphs of a docx have: those of its text, not of a cover page.
    fn usual_properties(&self) -> Option<&str> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for block in 0..self.before.blocks.len() {
            if matches!(self.before.blocks[block], Block::Paragraph(_))
                && let Some(properties) = self.properties(block)
            {
                *counts.entry(properties).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(properties, count)| (*count, *properties)).map(|(properties, _)| properties)
    }

    fn properties(&self, block: usize) -> Option<&str> {
        let text = self.before.blocks[block].prose().filter(|_| self.site.prose == Dialect::Docx)?;
        super::docx::properties(self.site.source, &self.site.prints.places, text)
    }

    fn fresh_prose(&self, goal: &Block, nearest: impl Iterator<Item = usize> + Clone) -> Result<Part> {
        let level = |block: &Block| match block {
            Block::Heading(heading) => Some(Some(heading.level)),
            Block::Paragraph(_) => Some(None),
            Block::Table(_) => None,
        };
        let new = prose_of(goal).unwrap_or_default();
        let usable = |block: &usize| {
            self.before.blocks[*block].prose().is_some_and(|text| {
                let docx = self.site.prose == Dialect::Docx;
                // What Word numbers is no model for what has no such number.
                let number = super::docx::automatic(text);
                let numbered = number == 0 || super::docx::same_kind(&text.as_str()[..number], new).is_some();
                self.site.prints.of(text).is_empty()
                    && (!docx || numbered && self.unit(*block).is_some())
                    && text.extent().is_some_and(|extent| {
                        self.site.prose == Dialect::Docx || !self.site.source[extent.range()].contains(['\n', '\r'])
                    })
            })
        };
        let usual = self.usual_properties();
        let is_usual = |block: &usize| usual.is_none() || level(goal) != Some(None) || self.properties(*block) == usual;
        let usable = nearest.filter(usable);
        let mut same = usable.clone().filter(|block| level(&self.before.blocks[*block]) == level(goal));
        let same = same.clone().find(is_usual).or_else(|| same.next());
        let any = same.or_else(|| usable.clone().next());
        let failed = |why| cannot("文本", "", "", new, why);
        let printed = self.site.prose.print(new, self.site.eol).map_err(failed)?;
        let Some(like) = any else {
            if self.site.prose == Dialect::Docx {
                return Ok(Part {
                    text: super::docx::plain_paragraph(self.site.prints, &printed),
                    before: 0,
                    after: 0,
                });
            }
            return Ok(Part { text: printed, before: 1, after: 1 });
        };
        let unit = self.unit_of(like)?;
        let gap = self.prose_gap(unit.clone());
        let Some(text) = self.before.blocks[like].prose() else {
            return Ok(Part { text: printed, before: gap, after: gap });
        };
        if self.site.prose == Dialect::Docx {
            let edits = self.site.put(text, None, new).map_err(failed)?;
            return Ok(Part { text: self.site.rewritten(unit, edits, true)?, before: 0, after: 0 });
        }
        // Blanks and heading marks before the text are the neighbour's.
        let start = text.extent().map_or(unit.start, |extent| extent.start as usize);
        let lead = &self.site.source[unit.start..start];
        let heading = same.is_some() && level(goal) != Some(None);
        let lead = if is_soft(lead) || (heading && lead.trim_matches([' ', '#']).is_empty()) { lead } else { "" };
        Ok(Part { text: format!("{lead}{printed}"), before: gap, after: gap })
    }
}

/// All numbers below `count`, those nearest to `near` first.
fn outward(near: usize, count: usize) -> impl Iterator<Item = usize> + Clone {
    let near = near.min(count);
    let (below, above) = ((0..near).rev(), near..count);
    let steps = 0..near.max(count - near);
    let pairs = steps.map(move |step| (above.clone().nth(step), below.clone().nth(step)));
    pairs.flat_map(|(above, below)| above.into_iter().chain(below))
}

/// Text to insert, with the line breaks it needs around it.
struct Part {
    text: String,
    before: usize,
    after: usize,
}

/// Line breaks in a gap.
fn breaks(gap: &str) -> usize {
    gap.matches('\n').count() + gap.matches('\r').count() - gap.matches("\r\n").count()
}

/// Whether a block stands in another part of a docx than its text: a footnote, an endnote.
fn in_notes(block: &Block) -> bool {
    matches!(block.place(), Place::Paragraph { part, .. } if part != 0)
}

fn start_of(text: &str) -> String {
    text.chars().take(12).collect()
}

fn name_of(block: &Block) -> String {
    match block {
        Block::Table(table) => start_of(table.title.as_str()),
        prose => start_of(prose_of(prose).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nearer_neighbours_come_first() {
        let around = |near, count| super::outward(near, count).collect::<Vec<_>>();
        assert_eq!(around(2, 6), [2, 1, 3, 0, 4, 5]);
        assert_eq!(around(5, 3), [2, 1, 0]);
        assert_eq!(around(0, 0), [] as [usize; 0]);
    }
}
