//! Automatic numbers: Word prints them, nobody types them, and no edit writes them as text.

use crate::filing::{Block, Filing, Value};
use crate::finding::Finding;
use crate::patch::change::{Change, How, What};
use crate::patch::pair::{Pairing, prose_of};
use crate::text::{Place, Text, is_blank};

/// Bytes at the start of a text that the part does not spell out: an automatic number.
pub(in crate::patch) fn automatic(text: &Text) -> usize {
    match text.pieces().first() {
        Some(first) if !text.as_str()[..first.at as usize].chars().all(is_blank) => first.at as usize,
        _ => 0,
    }
}

/// Bytes at the start of `text` that are a number of the same kind: `二、` for `一、`.
pub(in crate::patch) fn same_kind(number: &str, text: &str) -> Option<usize> {
    let mut rest = text;
    let mut pattern = number;
    while let Some(first) = pattern.chars().next() {
        let class = class_of(first);
        if class == Class::Blank {
            pattern = pattern.trim_start_matches(is_blank);
            rest = rest.trim_start_matches(is_blank);
            continue;
        }
        if class == Class::Mark {
            pattern = &pattern[first.len_utf8()..];
            rest = rest.strip_prefix(first)?;
            continue;
        }
        let of_class = |ch: char| class_of(ch) == class;
        pattern = pattern.trim_start_matches(of_class);
        let after = rest.trim_start_matches(of_class);
        if after.len() == rest.len() {
            return None;
        }
        rest = after;
    }
    Some(text.len() - rest.len())
}

/// A difference of what was read again that is only Word's counting: blocks came, went or moved, and
/// those after them have other numbers. An edit of the number itself is none.
pub(in crate::patch) fn renumbered(
    change: &Change,
    before: &Filing,
    read: &Filing,
    pairing: &Pairing,
) -> Option<Finding> {
    let at = change.new_at.filter(|_| change.how == How::Changed)?;
    let (goal_at, block) = (change.old_at?, read.blocks.get(at.block)?);
    let number = match (&change.what, block) {
        (What::Prose, Block::Heading(heading)) => automatic(&heading.text),
        (What::Prose, Block::Paragraph(text)) => automatic(text),
        (What::Title, Block::Table(table)) => automatic(&table.title),
        (What::Item(id), Block::Table(table)) => match (table.field(id), at.item) {
            (Some(Value::Many(items)), Some(item)) => automatic(items.get(item)?),
            _ => 0,
        },
        // The number of a table is part of its title.
        (What::Field(id), Block::Table(table)) => {
            let title = &table.title.as_str()[..automatic(&table.title)];
            let field = table.field_text(id)?;
            let inside = field.pieces().is_empty() && !field.is_empty() && title.contains(field.as_str());
            return (inside && same_kind(&change.new, &change.old).is_some_and(|length| length == change.old.len()))
                .then(|| finding(change));
        }
        _ => 0,
    };
    if number == 0 {
        return None;
    }
    let printed = change.new.get(..number)?;
    let stated = same_kind(printed, &change.old)?;
    if change.old[stated..].trim_start_matches(is_blank) != change.new[number..].trim_start_matches(is_blank) {
        return None;
    }
    // What the edited filing says of the number must be what the original said.
    if let Some(old) = pairing.blocks.old.get(goal_at.block).copied().flatten() {
        let was = match (&change.what, &before.blocks[old]) {
            (What::Title, Block::Table(table)) => table.title.as_str(),
            (What::Item(_), _) => &change.old,
            (_, block) => prose_of(block)?,
        };
        let of_old = same_kind(printed, was)?;
        if was[..of_old] != change.old[..stated] {
            return None;
        }
    }
    Some(finding(change))
}

fn finding(change: &Change) -> Finding {
    let short = |text: &str| text.chars().take(20).collect::<String>();
    let (old, new) = (short(&change.old), short(&change.new));
    Finding::of(
        "docx-renumbered",
        Place::Nowhere,
        format!("“{old}”的编号由 Word 自动生成，增删或移动后显示为“{new}”"),
        format!("Word numbers “{old}”; after what was added, deleted or moved it shows “{new}”"),
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Chinese,
    Circled,
    Letter,
    Blank,
    Mark,
}

fn class_of(ch: char) -> Class {
    match ch {
        '0'..='9' | '０'..='９' => Class::Digit,
        '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千' => {
            Class::Chinese
        }
        '①'..='⒛' | '㈠'..='㈩' | '㉑'..='㉟' | '㊀'..='㊉' | '㊱'..='㊿' => Class::Circled,
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => Class::Letter,
        _ if is_blank(ch) => Class::Blank,
        _ => Class::Mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_same_kind() {
        assert_eq!(same_kind("一、", "十二、收入"), Some("十二、".len()));
        assert_eq!(same_kind("（一）", "（二）收入"), Some("（二）".len()));
        assert_eq!(same_kind("1.", "12. 收入"), Some("12.".len()));
        assert_eq!(same_kind("1. ", "12.收入"), Some("12.".len()));
        assert_eq!(same_kind("①", "②收入"), Some("②".len()));
        assert_eq!(same_kind("一、", "收入"), None);
        assert_eq!(same_kind("1.", "1、收入"), None);
    }
}
