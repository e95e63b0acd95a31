//! What an edited workbook does not show is not deleted by that.

use std::collections::{HashMap, HashSet};

use super::pair::{pair, prose_of};
use crate::filing::{Block, Filing};
use crate::finding::Finding;
use crate::form::Forms;
use crate::source::Kind;
use crate::text::{Place, Text};

/// The edited filing with the tables whose rows on `文本` are missing where the original has them;
/// `None` where none is. They were read as tables at the end.
pub(super) fn tables(before: &Filing, after: &Filing, forms: &Forms) -> Option<(Filing, Vec<Finding>)> {
    let findings: Vec<Finding> =
        after.findings.iter().filter(|finding| finding.rule == "table-row-missing").cloned().collect();
    let sheets: HashSet<u16> = findings.iter().filter_map(|finding| finding.place.sheet()).collect();
    if sheets.is_empty() {
        return None;
    }
    let pairing = pair(before, after, forms);
    let unlisted =
        |new: usize| after.table(new).and_then(|table| table.place.sheet()).is_some_and(|at| sheets.contains(&at));
    // Each goes behind the nearest block before it that is still there.
    let mut behind: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    let mut homeless: Vec<usize> = Vec::new();
    let mut unlisted_blocks: Vec<usize> = (0..after.blocks.len()).filter(|new| unlisted(*new)).collect();
    unlisted_blocks.sort_by_key(|new| pairing.blocks.old[*new]);
    for new in unlisted_blocks {
        let Some(old) = pairing.blocks.old[new] else {
            homeless.push(new);
            continue;
        };
        let anchor = (0..old).rev().find_map(|old| pairing.blocks.new[old].filter(|new| !unlisted(*new)));
        behind.entry(anchor).or_default().push(new);
    }
    let listed = (0..after.blocks.len()).filter(|new| !unlisted(*new)).map(Some);
    let order =
        std::iter::once(None).chain(listed).flat_map(|at| at.into_iter().chain(behind.remove(&at).unwrap_or_default()));
    let order: Vec<usize> = order.chain(homeless).collect();
    let kept = |new: usize| {
        let mut block = after.blocks[new].clone();
        let old = pairing.blocks.old[new].and_then(|old| before.table(old));
        if let (Block::Table(table), Some(old), true) = (&mut block, old, unlisted(new))
            && let Some(form) = table.form.as_ref().and_then(|key| forms.get(key))
            && old.title.is_empty()
            && form.title.is_match(table.title.as_str())
        {
            // Its sheet shows the title of the form.
            table.title = Text::default();
        }
        block
    };
    let blocks = order.into_iter().map(kept).collect();
    Some((Filing { blocks, ..after.clone() }, findings))
}

/// The edited filing with the prose of the original, where the workbook has no sheet for it at all;
/// `None` where it has.
pub(super) fn prose(before: &Filing, after: &Filing, forms: &Forms) -> Option<(Filing, Finding)> {
    let is_prose = |block: &&Block| prose_of(block).is_some_and(|text| !text.is_empty());
    let lost = before.blocks.iter().filter(is_prose).count();
    let sheets = after.source.kind == Kind::Spreadsheet;
    if !sheets || lost == 0 || after.blocks.iter().any(|block| is_prose(&block)) {
        return None;
    }
    let pairing = pair(before, after, forms);
    let mut blocks: Vec<Block> = Vec::with_capacity(before.blocks.len());
    let mut rest: Vec<Option<&Block>> = after.blocks.iter().map(Some).collect();
    for (old, block) in before.blocks.iter().enumerate() {
        match (block, pairing.blocks.new[old]) {
            (Block::Table(old), Some(new)) => {
                let Some(Block::Table(mut table)) = rest[new].take().cloned() else { continue };
                if old.title.is_empty() {
                    // Its sheet shows the title of the form.
                    table.title = Text::default();
                }
                blocks.push(Block::Table(table));
                // New tables follow the one they stand behind in the workbook.
                let behind = rest.iter_mut().zip(&pairing.blocks.old).skip(new + 1);
                for (block, _) in behind.take_while(|(_, old)| old.is_none()) {
                    blocks.extend(block.take().cloned());
                }
            }
            (Block::Table(_), None) => {}
            (prose, _) => blocks.push(prose.clone()),
        }
    }
    blocks.extend(rest.into_iter().flatten().cloned());
    let finding = Finding::of(
        "prose-sheet-missing",
        Place::Nowhere,
        format!("编辑后的工作簿里没有“文本”工作表，原文的 {lost} 段文字原样保留"),
        format!("the edited workbook has no sheet 文本; the original's {lost} paragraphs stay as they are"),
    );
    Some((Filing { blocks, ..after.clone() }, finding))
}
