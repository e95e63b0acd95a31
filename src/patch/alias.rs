//! Fields that are printed as a part of the table's title: an edit of either is one of both.

use super::pair::Pairing;
use super::table::is_part_of;
use crate::filing::{Block, Filing, Table, Value};
use crate::form::{Form, Forms};
use crate::text::Text;

/// Brings titles of the goal and the fields printed in them to say the same.
pub(super) fn align(before: &Filing, goal: &mut Filing, pairing: &Pairing, forms: &Forms) {
    for (new_block, block) in goal.blocks.iter_mut().enumerate() {
        let Block::Table(table) = block else { continue };
        let Some(old) = pairing.blocks.old[new_block].and_then(|old| before.table(old)) else {
            // Of a new table the title is what its sheet shows.
            let sibling = before.tables().map(|(_, table)| table).find(|old| old.form == table.form);
            let form = table.form.as_ref().and_then(|key| forms.get(key));
            if let (Some(sibling), Some(form)) = (sibling, form) {
                title_into_fields(sibling, table, form);
            }
            continue;
        };
        let form = old.form.as_ref().and_then(|key| forms.get(key));
        if old.title.as_str() == table.title.as_str() {
            fields_into_title(old, table);
        } else if let Some(form) = form {
            title_into_fields(old, table, form);
        }
    }
}

fn fields_into_title(old: &Table, goal: &mut Table) {
    let mut title = old.title.as_str().to_owned();
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for field in &goal.fields {
        let (Some(before), Value::One(after)) = (old.field_text(&field.id), &field.value) else { continue };
        if before.as_str() == after.as_str() || !is_part_of(before, &old.title) {
            continue;
        }
        if let Some(at) = position(before, &old.title) {
            edits.push((at..at + before.as_str().len(), after.as_str().to_owned()));
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, new) in edits {
        if title.get(range.clone()).is_some() {
            title.replace_range(range, &new);
        }
    }
    if title != goal.title.as_str() {
        goal.title = Text::placed(title, goal.title.place());
    }
}

/// Where in the title a field stands.
fn position(field: &Text, title: &Text) -> Option<usize> {
    let first = field.pieces().first()?.source.start;
    let piece = title.pieces().iter().find(|piece| piece.source.start <= first && first < piece.source.end)?;
    let at = (piece.at + (first - piece.source.start)) as usize;
    (title.as_str().get(at..at + field.as_str().len()) == Some(field.as_str())).then_some(at)
}

fn title_into_fields(old: &Table, goal: &mut Table, form: &Form) {
    let title = goal.title.clone();
    let captures =
        std::iter::once(&form.title).chain(&form.aliases).find_map(|pattern| pattern.captures(title.as_str()));
    for (name, range) in captures.unwrap_or_default() {
        let printed_there = old.field_text(&name).is_some_and(|before| is_part_of(before, &old.title));
        if !printed_there {
            continue;
        }
        if let Some(field) = goal.fields.iter_mut().find(|field| field.id == name) {
            field.value = Value::One(title.slice(range));
        }
    }
}
