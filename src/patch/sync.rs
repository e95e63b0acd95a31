//! Amounts in the prose that repeat an amount of a table: when that is edited they follow it, or
//! are named.

use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::change::{Change, How, What, unit_of};
use super::manner;
use super::pair::prose_of;
use crate::check::relations::cells_of;
use crate::equation::{CellRef, Slot};
use crate::figures::{Meaning, Mention, Role, mentions};
use crate::filing::{Block, Filing, amount};
use crate::finding::Finding;
use crate::form::label::fold;
use crate::form::{Forms, Kind};
use crate::text::Text;

/// Digits that make an amount one that nothing else has by chance.
const TELLING: usize = 4;
/// Characters of a name that tell what an amount is of.
const NAME: usize = 4;

/// An amount of a table that was edited, or follows, in 元.
struct Moved<'c> {
    change: &'c Change,
    cell: CellRef,
    old: Decimal,
    new: Decimal,
}

/// What an amount of the prose should become.
enum Wish {
    /// Another number.
    Number(String),
    /// Several tables say different things.
    Torn,
}

/// Carries changed amounts into the prose of the goal where `write` says so, else names them.
/// Returns the blocks that were written.
pub(super) fn sync(
    goal: &mut Filing,
    changes: &[Change],
    forms: &Forms,
    write: bool,
    findings: &mut Vec<Finding>,
) -> Vec<usize> {
    let moved: Vec<Moved<'_>> = changes.iter().filter_map(|change| moved(goal, change, forms)).collect();
    if moved.is_empty() {
        return Vec::new();
    }
    let mut edits: HashMap<usize, Vec<(std::ops::Range<usize>, String)>> = HashMap::new();
    let all = mentions(goal);
    for (number, mention) in all.iter().enumerate() {
        let Some(wish) = wish(goal, mention, &moved) else { continue };
        let Some(text) = prose_of(&goal.blocks[mention.block]) else { continue };
        let printed = &text[mention.number.start..mention.unit.end];
        let unit = &text[mention.unit.clone()];
        let place = goal.blocks[mention.block].place();
        let what = mention.what();
        match wish {
            Wish::Torn => findings.push(Finding::of(
                "prose-not-synced",
                place,
                format!("文字中{what} {printed}：与它相同的几个表内金额改成了不同的数，不知随哪一个，没有改"),
                format!("the text says {what} {printed}: amounts of tables equal to it were set to different numbers; not changed"),
            )),
            Wish::Number(new) if !write => findings.push(Finding::of(
                "prose-not-synced",
                place,
                format!("文字中{what} {printed} 没有改；加上 --sync-prose 会改为 {new}{unit}"),
                format!("the text still says {what} {printed}; with --sync-prose it becomes {new}{unit}"),
            )),
            Wish::Number(new) => {
                // What the sentence says of its growth is a number of its own.
                let growth = all[number + 1..].iter().take_while(|next| {
                    next.block == mention.block && next.sentence == mention.sentence && next.role != Role::Amount
                });
                for next in growth {
                    let printed = &text[next.number.start..next.unit.end];
                    let what = next.what();
                    findings.push(Finding::of(
                        "prose-not-synced",
                        place,
                        format!("{what} {printed} 没有改：它所说的金额已随表改动，请核对增减数"),
                        format!("{what} {printed} was not changed, but the amount it speaks of was; please check it"),
                    ));
                }
                edits.entry(mention.block).or_default().push((mention.number.clone(), new));
            }
        }
    }
    let mut written: Vec<usize> = edits.keys().copied().collect();
    written.sort_unstable();
    for (block, mut edits) in edits {
        let Some(text) = prose_of(&goal.blocks[block]) else { continue };
        let mut new = text.to_owned();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, number) in edits {
            new.replace_range(range, &number);
        }
        let new = Text::placed(new, goal.blocks[block].place());
        match &mut goal.blocks[block] {
            Block::Heading(heading) => heading.text = new,
            Block::Paragraph(text) => *text = new,
            Block::Table(_) => {}
        }
    }
    written
}

fn moved<'c>(goal: &Filing, change: &'c Change, forms: &Forms) -> Option<Moved<'c>> {
    let at = change.new_at.filter(|_| change.how == How::Changed)?;
    let table = goal.table(at.block)?;
    let form = table.form.as_ref().and_then(|key| forms.get(key));
    let (kind, slot) = match &change.what {
        What::Cell(id) => (
            form.and_then(|form| form.column(id)).map(|column| column.kind),
            Slot::Cell { row: at.row?, column: table.column(id)? },
        ),
        What::Field(id) => (form.and_then(|form| form.field(id)).map(|field| field.kind), Slot::Field(id.clone())),
        _ => return None,
    };
    if kind != Some(Kind::Money) {
        return None;
    }
    let scale = amount::yuan_in(unit_of(goal, table))?;
    let value = |text: &str| amount::parse(text)?.value.checked_mul(scale);
    let (old, new) = (value(&change.old)?, value(&change.new)?);
    Some(Moved { change, cell: CellRef { block: at.block, slot }, old, new })
}

/// What a mention becomes; `None` where it repeats no amount that changed.
fn wish(goal: &Filing, mention: &Mention, moved: &[Moved<'_>]) -> Option<Wish> {
    let other_year = mention.year.zip(goal.fiscal_year).is_some_and(|(year, fiscal)| year != fiscal);
    if mention.role != Role::Amount || mention.last_year || other_year || mention.value.is_zero() {
        return None;
    }
    let rounded = |yuan: Decimal| -> Option<Decimal> {
        let value = yuan.checked_div(mention.scale)?;
        Some(value.round_dp_with_strategy(mention.value.scale(), RoundingStrategy::MidpointAwayFromZero))
    };
    let equal: Vec<&Moved<'_>> = moved.iter().filter(|one| rounded(one.old) == Some(mention.value)).collect();
    let stated = mention.meaning.as_ref().map(|meaning| cells_of(goal, meaning)).unwrap_or_default();
    let by_meaning: Vec<&Moved<'_>> = equal.iter().copied().filter(|one| stated.contains(&one.cell)).collect();
    if !stated.is_empty() && by_meaning.is_empty() {
        // What it repeats was not edited.
        return None;
    }
    let by_name: Vec<&Moved<'_>> = equal.iter().copied().filter(|one| is_named(mention, one.change)).collect();
    let chosen = if !by_meaning.is_empty() {
        by_meaning
    } else if !by_name.is_empty() {
        by_name
    } else if digits(mention.value) >= TELLING {
        equal
    } else {
        return None;
    };
    let text = prose_of(&goal.blocks[mention.block])?;
    let printed = &text[mention.number.clone()];
    let mut wishes: Vec<String> = Vec::new();
    for one in chosen {
        // What was exact stays exact, what was rounded is rounded to as many places.
        let exact = one.old.checked_div(mention.scale)? == mention.value;
        let new = if exact { one.new.checked_div(mention.scale)? } else { rounded(one.new)? };
        let new = manner::print_amount(new, printed)?;
        if new != printed && !wishes.contains(&new) {
            wishes.push(new);
        }
    }
    match wishes.len() {
        0 => None,
        1 => wishes.pop().map(Wish::Number),
        _ => Some(Wish::Torn),
    }
}

/// Whether the words before an amount name the row, field or project of a change.
fn is_named(mention: &Mention, change: &Change) -> bool {
    let subject = fold(&mention.subject);
    let row = fold(&change.row);
    let name = row.trim_start_matches(|ch: char| ch.is_ascii_digit());
    if let Some(Meaning::Function(item)) = &mention.meaning {
        return name == item;
    }
    let long = |text: &str| text.chars().count() >= NAME;
    [name, &fold(&change.project.1)]
        .into_iter()
        .any(|name| long(name) && long(&subject) && (subject.contains(name) || name.contains(&subject)))
}

/// Digits of a number without zeros at its ends.
fn digits(value: Decimal) -> usize {
    value.normalize().mantissa().unsigned_abs().to_string().trim_end_matches('0').len()
}
