//! Edits of a table's fields: values beside labels, lists of goals, the funding plan.

use std::ops::Range;

use super::change::pair_items;
use super::dialect::{Dialect, Why};
use super::docx;
use super::edit::Edit;
use super::lay::field_home;
use super::table::{TableEdits, is_part_of};
use crate::error::Result;
use rust_decimal::Decimal;

use crate::filing::{Value, amount};
use crate::form::LayoutCell;
use crate::layout::clean::{Context, clean};
use crate::text::Text;

impl TableEdits<'_> {
    pub(super) fn fields(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let blank = Text::default();
        for field in &self.goal.fields {
            let Some(old) = self.old.field(&field.id) else {
                let blank = match &field.value {
                    Value::One(text) => text.is_empty(),
                    Value::Many(texts) => texts.is_empty(),
                };
                if !blank {
                    let why = ("原文的表没有这一栏", "the original's table has no such field");
                    return Err(self.cannot(None, &self.label(&field.id), "", why));
                }
                continue;
            };
            let failed = |new: &str, why| self.cannot(None, &self.label(&field.id), new, why);
            let home = || self.form.and_then(|form| field_home(self.old, form, &field.id, self.site.prints));
            match (old, &field.value) {
                (Value::One(old), Value::One(_)) if self.is_of_title(old) => {}
                (Value::One(old), Value::One(new)) if old.as_str() != new.as_str() || self.was_inferred(&field.id) => {
                    let made_up = old.pieces().is_empty();
                    let set = self.site.set(if made_up { &blank } else { old }, home(), new.as_str());
                    match set {
                        Ok(set) => {
                            for edit in &set {
                                self.printed_again(old, edit, edits);
                            }
                            edits.extend(set);
                        }
                        Err(why) if !made_up => return Err(failed(new.as_str(), why)),
                        Err(why) => match self.plan_row(&field.id, new.as_str()) {
                            Some(edit) => edits.push(edit),
                            None => return Err(failed(new.as_str(), why)),
                        },
                    }
                }
                (Value::Many(old), Value::Many(new)) => self.items(&field.id, old, new, edits)?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn label(&self, id: &str) -> String {
        self.form.map_or_else(|| id.to_owned(), |form| form.field_name(id))
    }

    /// Whether a field is printed as a part of the title only.
    fn is_of_title(&self, field: &Text) -> bool {
        is_part_of(field, &self.old.title)
    }

    fn items(&self, id: &str, old: &[Text], new: &[Text], edits: &mut Vec<Edit>) -> Result<()> {
        if old.iter().map(Text::as_str).eq(new.iter().map(Text::as_str)) {
            return Ok(());
        }
        let label = self.label(id);
        let failed = |new: &str, why| self.cannot(None, &label, new, why);
        if old.is_empty() {
            let home = self.form.and_then(|form| field_home(self.old, form, id, self.site.prints));
            let whole = new.iter().map(Text::as_str).collect::<Vec<_>>().join("\n");
            edits.extend(self.site.set(&Text::default(), home, &whole).map_err(|why| failed(&whole, why))?);
            return Ok(());
        }
        let (olds, news): (Vec<&Text>, Vec<&Text>) = (old.iter().collect(), new.iter().collect());
        let mut map = pair_items(&olds, &news);
        if !map.moved.is_empty() {
            // Items that change places are rewritten where they stand.
            let both = olds.len().min(news.len());
            map.new = (0..olds.len()).map(|at| Some(at).filter(|at| *at < both)).collect();
            map.old = (0..news.len()).map(|at| Some(at).filter(|at| *at < both)).collect();
        }
        for (before, after) in map.pairs() {
            let text = news[after].as_str();
            edits.extend(self.site.set(olds[before], None, text).map_err(|why| failed(text, why))?);
        }
        self.delete_items(&olds, &map.new, edits).map_err(|why| failed("", why))?;
        self.add_items(&olds, &news, &map.old, edits).map_err(|(text, why)| failed(&text, why))
    }

    fn delete_items(
        &self,
        old: &[&Text],
        kept: &[Option<usize>],
        edits: &mut Vec<Edit>,
    ) -> std::result::Result<(), Why> {
        let extent = |at: usize| old.get(at)?.extent().map(|extent| extent.range());
        let unmapped = ("原文中没有印出这一条", "the original does not print this item");
        let mut at = 0;
        while at < old.len() {
            let first = at;
            at += 1;
            if kept[first].is_some() {
                continue;
            }
            // A run of them goes with the separator before it, at the start with the one after it.
            while at < old.len()
                && kept[at].is_none()
                && let (Some(one), Some(other)) = (extent(at - 1), extent(at))
                && one.end <= other.start
                && self.is_separator(one.end..other.start)
            {
                at += 1;
            }
            let here = extent(first).ok_or(unmapped)?.start..extent(at - 1).ok_or(unmapped)?.end;
            let before = first.checked_sub(1).and_then(extent).filter(|before| before.end <= here.start);
            let after = extent(at).filter(|after| here.end <= after.start);
            edits.push(Edit::new(
                match (before, after) {
                    (Some(before), _) if self.is_separator(before.end..here.start) => before.end..here.end,
                    (_, Some(after)) if self.is_separator(here.end..after.start) => here.start..after.start,
                    _ => here,
                },
                "",
            ));
        }
        Ok(())
    }

    fn add_items(
        &self,
        old: &[&Text],
        new: &[&Text],
        known: &[Option<usize>],
        edits: &mut Vec<Edit>,
    ) -> std::result::Result<(), (String, Why)> {
        let ends: Vec<Option<Range<usize>>> =
            old.iter().map(|text| text.extent().map(|extent| extent.range())).collect();
        let gap = ends.windows(2).find_map(|pair| {
            let gap = pair[0].as_ref()?.end..pair[1].as_ref()?.start;
            (gap.start < gap.end && self.is_separator(gap.clone())).then(|| self.site.source[gap].to_owned())
        });
        for (number, text) in new.iter().enumerate().filter(|(number, _)| known[*number].is_none()) {
            let before = known[..number].iter().rev().flatten().next().copied();
            let beside = before.or_else(|| known[number..].iter().flatten().next().copied()).unwrap_or(0);
            let ground = self.site.ground(old[beside]);
            let failed = |why| (text.as_str().to_owned(), why);
            // Word numbers the new item as it does the one beside it.
            let number = if ground.dialect == Dialect::Docx { docx::automatic(old[beside]) } else { 0 };
            let number = docx::same_kind(&old[beside].as_str()[..number], text.as_str()).unwrap_or(0);
            let printed = ground.dialect.print(&text.as_str()[number..], ground.eol).map_err(failed)?;
            let gap = gap.clone().unwrap_or_else(|| ground.dialect.between_items(ground.eol));
            let nowhere = ("原文中没有放这一条的位置", "the original has no place for this item");
            let extent = ends[beside].clone().ok_or((text.as_str().to_owned(), nowhere))?;
            edits.push(match before {
                Some(_) => Edit::new(extent.end..extent.end, format!("{gap}{printed}")),
                None => Edit::new(extent.start..extent.start, format!("{printed}{gap}")),
            });
        }
        Ok(())
    }

    /// Blanks, line breaks or tags.
    fn is_separator(&self, range: Range<usize>) -> bool {
        let mut text = Text::from(&self.site.source[range]);
        if text.as_str().contains('\t') || text.as_str().contains("<w:") {
            return false;
        }
        clean(&mut text, Context::Cell);
        text.is_blank()
    }

    /// The slots that stand in one row of the form with a field, a funding plan's, and their labels.
    fn plan_of(&self, id: &str) -> Option<(Vec<String>, Vec<String>)> {
        let form = self.form.filter(|form| form.repairs("plan-shifted"))?;
        let slot = |cell: &LayoutCell| match cell {
            LayoutCell::Text { pattern, .. } => pattern.lone_slot().map(str::to_owned),
            LayoutCell::Above => None,
        };
        let row = form.layout.iter().position(|row| {
            row.iter().filter_map(slot).count() > 1
                && row.iter().all(|cell| slot(cell).is_some() || matches!(cell, LayoutCell::Above))
                && row.iter().filter_map(slot).any(|slot| slot == id)
        })?;
        let labels = form.layout.get(row.checked_sub(1)?)?.iter().filter_map(|cell| match cell {
            LayoutCell::Text { pattern, .. } => Some(pattern.printed().to_owned()),
            LayoutCell::Above => None,
        });
        let slots: Vec<String> = form.layout[row].iter().filter_map(slot).collect();
        let labels: Vec<String> = labels.collect();
        let labels = labels.get(labels.len().checked_sub(slots.len())?..)?.to_vec();
        Some((slots, labels))
    }

    /// Whether the value of a field was inferred from the one before it in the plan and no longer can
    /// be: then it has to be printed.
    fn was_inferred(&self, id: &str) -> bool {
        let inferred =
            |id: &str| self.old.field_text(id).is_some_and(|text| !text.is_empty() && text.pieces().is_empty());
        // The last value is 100 % where the one before it is.
        let full = |id: &String| {
            let amount = self.goal.field_text(id).and_then(|text| amount::parse(text.as_str()));
            amount.is_some_and(|amount| amount.value == Decimal::ONE_HUNDRED)
        };
        let before = |slots: &[String]| slots.iter().rev().nth(1).cloned();
        inferred(id) && self.plan_of(id).and_then(|(slots, _)| before(&slots)).is_some_and(|before| !full(&before))
    }

    /// A plan value that the source does not print, under its label in a row of its own, as other
    /// plans have it (gaoxin-2021 prints 12月底 so).
    fn plan_row(&self, id: &str, new: &str) -> Option<Edit> {
        let (slots, labels) = self.plan_of(id)?;
        let label = slots.iter().position(|slot| slot == id).and_then(|at| labels.get(at))?;
        let last = slots
            .iter()
            .filter_map(|slot| self.old.field_text(slot))
            .flat_map(|text| self.site.prints.of(text))
            .max()?;
        let end = self.range((last.grid, last.row))?.end;
        let dialect = self.site.prints.dialect(last);
        let (label, new) = (dialect.print(label, self.site.eol).ok()?, dialect.print(new, self.site.eol).ok()?);
        let row = match dialect {
            Dialect::CellLines => format!("\t{label}{}\t{new}", self.site.eol),
            Dialect::RowLines => format!("{label}\t{new}"),
            Dialect::Pipe => format!("| {label} | {new} |"),
            Dialect::Prose | Dialect::Html | Dialect::Docx => return None,
        };
        Some(Edit::new(end..end, format!("{}{row}", self.between_rows((last.grid, last.row)))))
    }

    /// The same edit in a row that prints a plan again, just below.
    fn printed_again(&self, old: &Text, edit: &Edit, edits: &mut Vec<Edit>) {
        let Some(spot) = self.site.prints.of(old).first().copied() else { return };
        if self.form.is_none_or(|form| !form.repairs("plan-shifted")) {
            return;
        }
        let rows = &self.site.prints.grids[spot.grid].rows;
        let cells = |row: usize| -> Vec<&str> {
            let contents = rows[row].cells.iter().filter_map(|cell| cell.content.clone());
            contents.map(|content| self.site.source[content].trim()).collect()
        };
        let here = cells(spot.row);
        if here.iter().filter(|text| !text.is_empty()).count() < 2 {
            return;
        }
        for row in (spot.row + 1..rows.len()).take(4).filter(|row| cells(*row) == here) {
            let contents = |row: usize| rows[row].cells.get(spot.cell).and_then(|cell| cell.content.clone());
            if let (Some(first), Some(again)) = (contents(spot.row), contents(row))
                && self.site.source[first.clone()] == self.site.source[again.clone()]
            {
                let moved = |at: usize| at - first.start + again.start;
                edits.push(Edit::new(moved(edit.range.start)..moved(edit.range.end), edit.new.clone()));
            }
        }
    }
}
