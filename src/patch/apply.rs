//! Edits carried into the source they were made for.

use super::aligned::keep_columns;
use super::blocks::Plan;
use super::change::{At, Change, How, What, changes, diff};
use super::dialect::{Dialect, line_break};
use super::edit;
use super::encode::splice;
use super::pair::{Pairing, pair};
use super::prints::Prints;
use super::settle::{self, Goal};
use super::site::Site;
use crate::equation::{CellRef, Slot};
use crate::error::{Error, Result};
use crate::filing::{Block, Filing, Table};
use crate::finding::Finding;
use crate::form::Forms;
use crate::limits::Limits;
use crate::read::text::decode::decode;
use crate::source::Kind;
use crate::text::{Place, is_blank};

/// How to carry edits.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Amounts in the prose that repeat a changed amount are changed with it.
    pub sync_prose: bool,
    /// What the edited workbook was made from, as [`crate::original::carried`] has it. Where all that
    /// was edited in it is taken back, its bytes are the result.
    pub original: Option<Vec<u8>>,
}

/// A source with edits carried into it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The source's new bytes; the old ones where nothing was edited.
    pub bytes: Vec<u8>,
    /// What was changed, the totals that follow among it.
    pub changes: Vec<Change>,
    /// What someone should know about it.
    pub findings: Vec<Finding>,
}

/// Carries the difference of two filings into the bytes that the first was read from.
///
/// All or nothing: the result is read again and must say what the edited filing says.
///
/// # Errors
/// When an edit cannot be carried; the message names the cell.
pub fn apply_filing(
    bytes: &[u8],
    before: &Filing,
    after: &Filing,
    forms: &Forms,
    limits: &Limits,
    options: &Options,
) -> Result<Applied> {
    if let Some(original) = &options.original
        && is_taken_back(original, bytes, before, after, forms, limits)
    {
        return Ok(Applied { bytes: original.clone(), changes: diff(before, after, forms), findings: Vec::new() });
    }
    let mut tables = before.tables().chain(after.tables()).map(|(_, table)| table);
    if let Some(table) = tables.find(|table| table.columns.len() > limits.columns) {
        return Err(too_wide(table, limits.columns));
    }
    let kept = super::keep::prose(before, after, forms);
    let after = kept.as_ref().map_or(after, |(kept, _)| kept);
    let unlisted = super::keep::tables(before, after, forms);
    let after = unlisted.as_ref().map_or(after, |(kept, _)| kept);
    let pairing = pair(before, after, forms);
    let mut goal = settle::settle(before, after, forms, &pairing);
    super::alias::align(before, &mut goal.filing, &pairing, forms);
    let mut changes = changes(before, &goal.filing, forms, &pairing);
    let synced = super::sync::sync(&mut goal.filing, &changes, forms, options.sync_prose, &mut goal.findings);
    if !synced.is_empty() {
        let edited: Vec<usize> = prose_blocks(&changes);
        changes = super::change::changes(before, &goal.filing, forms, &pairing);
        // A paragraph that nobody edited follows its table.
        for change in changes.iter_mut().filter(|change| change.what == What::Prose) {
            let block = change.new_at.map(|at| at.block);
            change.follows = block.is_some_and(|block| synced.contains(&block) && !edited.contains(&block));
        }
    }
    mark_totals(&mut changes, &goal);
    goal.findings.extend(kept.as_ref().map(|(_, finding)| finding.clone()));
    goal.findings.extend(unlisted.iter().flat_map(|(_, findings)| findings.clone()));
    let pasted = after.findings.iter().filter(|finding| finding.rule == "formulas-pasted");
    goal.findings.extend(pasted.cloned());
    // An edited header over blank cells changes nothing that a filing says; it is told all the same.
    let header = after.cells.own
        && pairing.tables.iter().any(|(new, pair)| {
            let old = pairing.blocks.old[*new].and_then(|old| before.table(old));
            let tables = old.zip(goal.filing.table(*new));
            tables.is_some_and(|(old, goal)| super::table::edited_header(old, goal, pair).is_some())
        });
    let new = if changes.is_empty() && !header {
        bytes.to_vec()
    } else {
        let new = match before.source.kind {
            Kind::Text => patch_text(bytes, before, &goal.filing, &pairing, forms, limits)?,
            Kind::Docx => super::docx::patch(bytes, before, &goal.filing, &pairing, forms, limits)?,
            Kind::Spreadsheet => {
                return Err(Error::new(
                    "改动只能写回文本或 docx，不能写回表格文件",
                    "edits are carried back to a text or a docx, not to a spreadsheet",
                ));
            }
        };
        let read = read_back(&new, before, &goal.filing, &changes, &pairing, forms, limits)?;
        goal.findings.extend(read.findings);
        let lost = |change: &Change| matches!(change.what, What::About(id) if read.about.contains(&id));
        if let Some(change) = changes.iter().find(|change| lost(change))
            && after.cells.contents
        {
            return Err(about_error(change));
        }
        // A workbook of another make, or without 目录, does not say everything about the filing.
        changes.retain(|change| !lost(change));
        new
    };
    Ok(Applied { bytes: new, changes, findings: goal.findings })
}

fn too_wide(table: &Table, most: usize) -> Error {
    let (title, columns) = (table.title.as_str(), table.columns.len());
    Error::new(
        format!("表“{title}”有 {columns} 列，超过 {most} 列，不能写回；请检查原文的分隔符"),
        format!("table “{title}” has {columns} columns, more than {most}, and cannot be edited; check its separators"),
    )
}

/// Whether the workbook says what its original says, and the source is that original with edits
/// carried into it and nothing else: then all of them are taken back.
fn is_taken_back(
    original: &[u8],
    bytes: &[u8],
    edited: &Filing,
    after: &Filing,
    forms: &Forms,
    limits: &Limits,
) -> bool {
    if original == bytes {
        return false;
    }
    let Ok(before) = crate::read_filing(&edited.source.name, original, forms, limits) else { return false };
    let carried = || apply_filing(original, &before, edited, forms, limits, &Options::default());
    before.source.kind == edited.source.kind
        && diff(&before, after, forms).is_empty()
        && carried().is_ok_and(|carried| carried.bytes == bytes)
}

/// The paragraphs that changes are about.
fn prose_blocks(changes: &[Change]) -> Vec<usize> {
    changes.iter().filter(|change| change.what == What::Prose).filter_map(|change| Some(change.new_at?.block)).collect()
}

/// Marks the changes that are totals recomputed.
fn mark_totals(changes: &mut [Change], goal: &Goal) {
    for change in changes {
        let Some(at) = change.new_at else { continue };
        let slot = match &change.what {
            What::Field(id) => Slot::Field(id.clone()),
            What::Cell(id) => {
                let column = goal.filing.table(at.block).and_then(|table| table.column(id));
                match (at.row, column) {
                    (Some(row), Some(column)) => Slot::Cell { row, column },
                    _ => continue,
                }
            }
            _ => continue,
        };
        change.follows = goal.recomputed.contains(&CellRef { block: at.block, slot });
    }
}

fn patch_text(
    bytes: &[u8],
    before: &Filing,
    goal: &Filing,
    pairing: &Pairing,
    forms: &Forms,
    limits: &Limits,
) -> Result<Vec<u8>> {
    let decoded = decode(bytes)?;
    let prints = Prints::of_text(&decoded.text, limits);
    let site = Site {
        source: &decoded.text,
        eol: line_break(&decoded.text),
        prints: &prints,
        dropped: &before.dropped,
        forms,
        prose: Dialect::Prose,
        edited: &goal.source,
        own: goal.cells.own,
    };
    let mut edits = edit::settle(Plan { site, before, goal, pairing }.edits()?)?;
    keep_columns(&decoded.text, before, &prints, &mut edits);
    let edits = edit::settle(edits)?;
    splice(bytes, &decoded, &edits)
}

/// Whether a text differs in blanks only, which stand as they were typed and are no text to a reader.
fn is_respaced(change: &Change) -> bool {
    let plain = |text: &str| text.chars().filter(|ch| !is_blank(*ch)).collect::<String>();
    change.how == How::Changed && plain(&change.old) == plain(&change.new)
}

/// What `目录` repeats of the prose is edited there.
fn about_error(change: &Change) -> Error {
    let (label, old, new) = (&change.label, &change.old, &change.new);
    Error::new(
        format!("“目录”里的“{label}”由“{old}”改为“{new}”，但原文里它印在正文或表头中；请改“文本”或相应表中的字样"),
        format!(
            "目录: “{label}” was changed from “{old}” to “{new}”, but the original prints it in its text; edit it on 文本 or in the tables"
        ),
    )
}

/// What reading the result again showed.
struct ReadBack {
    findings: Vec<Finding>,
    /// What the filing says of itself otherwise than it should.
    about: Vec<&'static str>,
}

fn in_workbook(at: &At) -> bool {
    matches!(at.place, Place::SheetCell { .. })
}

/// The edit nearest to a block that reads otherwise: what does need not stand in the workbook itself.
fn nearest(edited: impl Iterator<Item = At>, block: usize) -> Option<At> {
    edited.filter(in_workbook).min_by_key(|at| at.block.abs_diff(block))
}

/// Edited headings that the original's print does not tell from paragraphs any more: nothing but
/// their words marked them.
fn lost_headings(before: &Filing, goal: &Filing, read: &Filing, pairing: &Pairing, again: &Pairing) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (new, block) in read.blocks.iter().enumerate() {
        let (Block::Paragraph(_), Some(at)) = (block, again.blocks.old[new]) else { continue };
        let old = pairing.blocks.old[at].and_then(|old| before.blocks.get(old));
        if let (Block::Heading(heading), Some(Block::Heading(_))) = (&goal.blocks[at], old) {
            let text = heading.text.as_str();
            findings.push(Finding::of(
                "heading-unmarked",
                heading.text.place(),
                format!("标题改成了“{text}”：原文只凭编号（第一部分、一、（一））认标题，这一行今后读作普通段落"),
                format!("the heading is now “{text}”: in the original only its number (第一部分, 一、) tells a heading, so the line reads as a paragraph from now on"),
            ));
        }
    }
    findings
}

/// Reads the result again: it must say what the goal says, or nothing is written.
fn read_back(
    bytes: &[u8],
    before: &Filing,
    goal: &Filing,
    changes: &[Change],
    pairing: &Pairing,
    forms: &Forms,
    limits: &Limits,
) -> Result<ReadBack> {
    let (source, document) = crate::read::read(&before.source.name, bytes, limits)?;
    let read = crate::recognise::recognise(source, document, forms);
    let mut found = ReadBack { findings: Vec::new(), about: Vec::new() };
    let mut left = Vec::new();
    let again = pair(goal, &read, forms);
    found.findings.extend(lost_headings(before, goal, &read, pairing, &again));
    for change in super::change::changes(goal, &read, forms, &again) {
        if let What::About(id) = change.what {
            found.about.push(id);
        } else if let Some(finding) = super::docx::renumbered(&change, before, &read, pairing) {
            found.findings.push(finding);
        } else if !is_respaced(&change) {
            left.push(change);
        }
    }
    let Some(first) = left.first() else { return Ok(found) };
    let place = [&first.table, &first.row, &first.label];
    let place: Vec<&str> = place.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let short = |text: &str| -> String { text.chars().take(24).collect() };
    let (old, new) = (short(&first.old), short(&first.new));
    let place = if place.is_empty() { "文本".to_owned() } else { place.join(" · ") };
    let at = first.old_at.filter(in_workbook).or_else(|| {
        let block = first.old_at.or(first.new_at)?.block;
        nearest(changes.iter().filter_map(|change| change.new_at), block)
    });
    let at = at.and_then(|at| goal.source.locate(at.place)).map(|at| crate::finding::render::at_line(&at));
    let error = Error::new(
        format!("“{place}”的改动在原文的印法里无法保留：应为“{old}”，写回后再读是“{new}”；没有写入任何改动"),
        format!(
            "“{place}”: the original's print cannot hold the edit: “{old}” would read as “{new}”; nothing was written"
        ),
    );
    Err(match at {
        Some(at) => error.within(&at),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_no_cell_has_is_told_at_the_edit_beside_it() {
        let at = |block: usize, row: u32| At {
            block,
            place: Place::SheetCell { sheet: 1, row, column: 0 },
            ..At::default()
        };
        let edited = [at(3, 7), at(9, 4), At { block: 10, ..At::default() }];
        assert_eq!(nearest(edited.into_iter(), 10), Some(at(9, 4)));
        assert_eq!(nearest(std::iter::empty(), 10), None);
    }
}
