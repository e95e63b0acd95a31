//! Differences for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::change::{At, Change, How, What};
use crate::finding::Lang;
use crate::finding::render::Style;
use crate::source::Source;

/// Characters of context shown on either side of what differs in a long text.
const CONTEXT: usize = 12;

/// The differences as text, a line each under the table or project they belong to.
pub fn text(changes: &[Change], old: &Source, new: &Source, style: Style) -> String {
    let mut out = String::new();
    let mut last: Option<String> = None;
    for change in changes {
        let heading = heading(change, style.lang);
        if last.as_ref() != Some(&heading) {
            if last.is_some() {
                out.push('\n');
            }
            let _ = writeln!(out, "{}", paint(&heading, "1", style));
            last = Some(heading);
        }
        line(&mut out, change, old, new, style);
    }
    out
}

fn paint(text: &str, code: &str, style: Style) -> String {
    if style.color && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn say(lang: Lang, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn heading(change: &Change, lang: Lang) -> String {
    match &change.what {
        What::About(_) => say(lang, "文件", "filing").to_owned(),
        What::Prose => say(lang, "文本", "prose").to_owned(),
        _ => {
            let (code, name) = &change.project;
            let title = if change.table.is_empty() { name } else { &change.table };
            let title =
                if title.is_empty() { say(lang, "（无名表）", "(untitled table)") } else { title.as_str() };
            if code.is_empty() { clean(title) } else { format!("{} [{}]", clean(title), clean(code)) }
        }
    }
}

fn line(out: &mut String, change: &Change, old: &Source, new: &Source, style: Style) {
    let (sign, color) = match change.how {
        How::Changed => ("~", "33"),
        How::Added => ("+", "32"),
        How::Deleted => ("-", "31"),
        How::Moved => ("↕", "36"),
    };
    let _ = write!(out, "  {} ", paint(sign, color, style));
    let name = name(change, style.lang);
    if !name.is_empty() {
        let _ = write!(out, "{name}  ");
    }
    let room = style.width.saturating_sub(4 + UnicodeWidthStr::width(name.as_str())).max(40);
    match change.how {
        How::Changed => {
            let (left, right) = excerpts(&clean(&change.old), &clean(&change.new), room / 2);
            let blank = say(style.lang, "（空）", "(blank)");
            let shown = |text: String| if text.is_empty() { blank.to_owned() } else { text };
            let _ = write!(out, "{} → {}", paint(&shown(left), "31", style), paint(&shown(right), "32", style));
        }
        How::Added => out.push_str(&paint(&short(&clean(&change.new), room), "32", style)),
        How::Deleted => out.push_str(&paint(&short(&clean(&change.old), room), "31", style)),
        How::Moved => out.push_str(&short(&clean(&change.new), room)),
    }
    if change.follows {
        out.push_str(&paint(say(style.lang, "（随之重算）", " (recomputed)"), "2", style));
    }
    let place = place(change, old, new);
    if !place.is_empty() {
        out.push_str(&paint(&format!("  {place}"), "2", style));
    }
    out.push('\n');
}

fn name(change: &Change, lang: Lang) -> String {
    let row = clean(&change.row);
    let label = clean(&change.label);
    match &change.what {
        What::Prose => match change.how {
            How::Added => say(lang, "新增一段", "new paragraph").to_owned(),
            How::Deleted => say(lang, "删去一段", "paragraph deleted").to_owned(),
            How::Moved => say(lang, "移动一段", "paragraph moved").to_owned(),
            How::Changed => String::new(),
        },
        What::Table => match change.how {
            How::Added => say(lang, "新增一表", "new table").to_owned(),
            How::Deleted => say(lang, "删去一表", "table deleted").to_owned(),
            _ => say(lang, "表的位置变动", "table moved").to_owned(),
        },
        What::Row => match change.how {
            How::Added => say(lang, "新增一行", "new row").to_owned(),
            How::Deleted => say(lang, "删去一行", "row deleted").to_owned(),
            _ => say(lang, "移动一行", "row moved").to_owned(),
        },
        What::Column(_) => match change.how {
            How::Added => say(lang, "新增一列", "new column").to_owned(),
            _ => say(lang, "删去一列", "column deleted").to_owned(),
        },
        What::Cell(_) if !row.is_empty() => format!("{} · {label}", short(&row, 40)),
        _ => label,
    }
}

fn place(change: &Change, old: &Source, new: &Source) -> String {
    let at = |source: &Source, at: Option<At>| {
        at.and_then(|at| source.locate(at.place)).map(|at| crate::finding::render::at_line(&at)).unwrap_or_default()
    };
    match change.how {
        How::Added => at(new, change.new_at),
        _ => at(old, change.old_at),
    }
}

/// One line without control characters: what a document says must not move the cursor.
fn clean(text: &str) -> String {
    text.chars()
        .map(|ch| {
            if ch == '\n' {
                '⏎'
            } else if ch.is_control() {
                ' '
            } else {
                ch
            }
        })
        .collect()
}

fn short(text: &str, width: usize) -> String {
    if UnicodeWidthStr::width(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for ch in text.chars() {
        if UnicodeWidthStr::width(out.as_str()) + 3 > width {
            break;
        }
        out.push(ch);
    }
    out.push('…');
    out
}

/// Both texts; of long ones what differs, with some context.
fn excerpts(old: &str, new: &str, width: usize) -> (String, String) {
    if UnicodeWidthStr::width(old).max(UnicodeWidthStr::width(new)) <= width {
        return (old.to_owned(), new.to_owned());
    }
    let (left, right): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let head = left.iter().zip(&right).take_while(|(one, other)| one == other).count();
    let tail =
        left[head..].iter().rev().zip(right[head..].iter().rev()).take_while(|(one, other)| one == other).count();
    let cut = |chars: &[char]| {
        let from = head.saturating_sub(CONTEXT);
        let to = (chars.len() - tail + CONTEXT).min(chars.len());
        let lead = if from > 0 { "…" } else { "" };
        let rest = if to < chars.len() { "…" } else { "" };
        let inner: String = chars[from..to].iter().collect();
        format!("{lead}{}{rest}", short(&inner, width.max(60)))
    };
    (cut(&left), cut(&right))
}

/// The differences as JSON, schema `yusuan/diff@1`.
pub fn json(changes: &[Change], old: &Source, new: &Source) -> Value {
    let source = |source: &Source| json!({ "name": source.name, "kind": source.kind.name(), "sha256": source.sha256 });
    json!({
        "schema": "yusuan/diff@1",
        "old": source(old),
        "new": source(new),
        "changes": changes.iter().map(|change| json_change(change, old, new)).collect::<Vec<_>>(),
    })
}

fn json_change(change: &Change, old: &Source, new: &Source) -> Value {
    let (what, id) = match &change.what {
        What::About(id) => ("filing", Some((*id).to_owned())),
        What::Prose => ("paragraph", None),
        What::Table => ("table", None),
        What::Title => ("title", None),
        What::Unit => ("unit", None),
        What::Note => ("note", None),
        What::Column(id) => ("column", Some(id.clone())),
        What::Field(id) => ("field", Some(id.clone())),
        What::Item(id) => ("item", Some(id.clone())),
        What::Row => ("row", None),
        What::Cell(id) => ("cell", Some(id.clone())),
    };
    let at = |source: &Source, at: Option<At>| {
        at.map(|at| json!({ "block": at.block, "row": at.row, "item": at.item, "at": source.locate(at.place) }))
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let project = (!change.project.1.is_empty() || !change.project.0.is_empty())
        .then(|| json!({ "code": change.project.0, "name": change.project.1 }));
    let (before, after) = match change.how {
        How::Added => (None, Some(&change.new)),
        How::Deleted => (Some(&change.old), None),
        How::Changed | How::Moved => (Some(&change.old), Some(&change.new)),
    };
    json!({
        "how": change.how.name(),
        "what": what,
        "id": id,
        "form": some(&change.form),
        "table": some(&change.table),
        "project": project,
        "row": some(&change.row),
        "label": some(&change.label),
        "old": before,
        "new": after,
        "recomputed": change.follows,
        "old_at": at(old, change.old_at),
        "new_at": at(new, change.new_at),
    })
}

impl How {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            How::Changed => "changed",
            How::Added => "added",
            How::Deleted => "deleted",
            How::Moved => "moved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_show_what_differs() {
        let text =
            |number: &str| format!("{}收入{number}万元，{}", "按照预算管理规定".repeat(9), "支出同口径".repeat(20));
        let (old, new) = excerpts(&text("8.00"), &text("9.50"), 40);
        assert!(old.contains("8.00") && new.contains("9.50"), "{old} {new}");
        assert!(old.starts_with('…') && old.ends_with('…') && old.chars().count() < 60, "{old}");
    }

    #[test]
    fn what_a_document_says_cannot_move_the_cursor() {
        assert_eq!(clean("甲\u{1b}[2J\n乙"), "甲 [2J⏎乙");
    }
}
