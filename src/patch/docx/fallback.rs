//! Drawings that stand twice in a document, for newer and for older programs: what changes in the
//! text of one changes in the other.

use std::ops::Range;

use super::tag;
use crate::patch::edit::Edit;

const COMPATIBILITY: &str = "mc:";

/// Settled edits with those of the copies (`mc:Fallback` beside `mc:Choice`; ECMA-376 part 3, 7.6).
pub(super) fn mirrored(source: &str, w: &str, mut edits: Vec<Edit>) -> Vec<Edit> {
    let mut from = 0;
    let mut copies = Vec::new();
    while let Some((choice, fallback)) = branches(source, from) {
        from = choice.end;
        let inside =
            |edit: &&Edit| choice.start <= edit.range.start && edit.range.end <= choice.end && !edit.new.contains('<');
        let here: Vec<&Edit> = edits.iter().filter(inside).collect();
        if here.is_empty() {
            continue;
        }
        let (left, right) = (texts(source, w, choice.clone()), texts(source, w, fallback.clone()));
        let same = left.len() == right.len()
            && left.iter().zip(&right).all(|(one, other)| source[one.clone()] == source[other.clone()]);
        if !same {
            continue;
        }
        for edit in here {
            let holds = |text: &&(&Range<usize>, &Range<usize>)| {
                text.0.start <= edit.range.start && edit.range.end <= text.0.end
            };
            let pairs: Vec<(&Range<usize>, &Range<usize>)> = left.iter().zip(&right).collect();
            if let Some((one, other)) = pairs.iter().find(holds) {
                let moved = |at: usize| at - one.start + other.start;
                copies.push(Edit::new(moved(edit.range.start)..moved(edit.range.end), edit.new.as_str()));
            }
        }
    }
    edits.extend(copies);
    edits
}

/// The next choice and its fallback.
fn branches(source: &str, from: usize) -> Option<(Range<usize>, Range<usize>)> {
    let mut from = from;
    loop {
        let choice = tag::find(source, COMPATIBILITY, "Choice", from)?;
        let choice_end = choice.end + source[choice.end..].find("</mc:Choice>")?;
        let rest = &source[choice_end + "</mc:Choice>".len()..];
        let start = source.len() - rest.trim_start().len();
        match tag::find(source, COMPATIBILITY, "Fallback", start).filter(|found| found.start == start && !found.empty) {
            Some(fallback) => {
                let end = fallback.end + source[fallback.end..].find("</mc:Fallback>")?;
                return Some((choice.end..choice_end, fallback.end..end));
            }
            None => from = choice_end,
        }
    }
}

/// The characters of the text elements in a stretch.
fn texts(source: &str, w: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let text = &source[..within.end];
    let mut found = Vec::new();
    let mut at = within.start;
    while let Some(open) = tag::find(text, w, "t", at) {
        at = open.end;
        if !open.empty {
            let end = text[at..].find('<').map_or(text.len(), |length| at + length);
            found.push(at..end);
            at = end;
        }
    }
    found
}
