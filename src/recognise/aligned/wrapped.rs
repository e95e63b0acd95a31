//! Prose as a page prints it: a paragraph is indented and goes on in lines that are not.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lines::Line;
use crate::document::Paragraph;
use crate::recognise::assemble::is_page_number;
use crate::recognise::outline::heading_level;
use crate::text::{Text, is_blank};

/// A line that is shorter is no line of a paragraph that goes on, in columns.
const SHORTEST: usize = 30;

/// A full line ends at most so many columns before the others: no punctuation begins a line.
const SHORT_BY: usize = 4;

/// What the lines of pages say.
#[derive(Default)]
pub(super) struct Prose {
    /// Each with whether it stood on several lines.
    pub paragraphs: Vec<(Paragraph, bool)>,
    /// The numbers of pages between them.
    pub numbers: Vec<Text>,
}

/// Joins what is left of a run of lines, whose columns are those of a terminal; `width` is where they end.
pub(super) fn joined(run: &[Paragraph], lines: &[Line], width: Option<usize>, left: Vec<usize>) -> Prose {
    let mut prose = Prose::default();
    // The first and the last line of the paragraph that was put last.
    let mut open: Option<(usize, usize)> = None;
    for at in left {
        let paragraph = &run[at];
        let ends_page = lines.get(at + 1).is_some_and(|next| next.page);
        if ends_page && is_page_number(paragraph.text.as_str().trim_matches(is_blank)) {
            prose.numbers.push(paragraph.text.clone());
            open = open.filter(|(_, last)| last + 1 == at).map(|(begin, _)| (begin, at));
            continue;
        }
        let is_rest = |(begin, last): (usize, usize), width: usize| {
            let before = if is_number_line(&lines[last]) { last.saturating_sub(1) } else { last };
            last + 1 == at && is_rest(&lines[begin], &lines[before], &lines[at], width)
        };
        let goes_on = open.zip(width).is_some_and(|(open, width)| is_rest(open, width));
        match (prose.paragraphs.last_mut(), open) {
            (Some((whole, several)), Some((begin, _))) if goes_on => {
                whole.text = join(&whole.text, &paragraph.text);
                *several = true;
                open = Some((begin, at));
            }
            _ => {
                prose.paragraphs.push((paragraph.clone(), false));
                open = Some((at, at));
            }
        }
    }
    prose
}

fn is_number_line(line: &Line) -> bool {
    line.lone().is_some_and(|piece| is_page_number(piece.as_str()))
}

/// Where most lines of prose end; `None` where too few are long.
pub(super) fn width(lines: &[Line]) -> Option<usize> {
    let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
    for line in lines {
        if let Some(columns) = columns(line).filter(|columns| columns.len() >= SHORTEST) {
            *ends.entry(columns.end / 2 * 2).or_default() += 1;
        }
    }
    ends.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 1).map(|(end, _)| end)
}

/// Whether a line is the rest of a paragraph that begins with another line and fills its last one.
fn is_rest(begin: &Line, last: &Line, line: &Line, width: usize) -> bool {
    let ended = last.pieces.last().is_some_and(|piece| ends_sentence(piece.as_str()));
    let heading = line.pieces.first().is_some_and(|piece| heading_level(piece.as_str()).is_some());
    let (Some(begin), Some(last), Some(rest)) = (columns(begin), columns(last), columns(line)) else { return false };
    // The next page begins with another paragraph where a sentence ends this one; so does a heading.
    let begins = if line.page { ended } else { line.gap || (ended && heading) };
    !begins && rest.start < begin.start && last.end + SHORT_BY >= width && last.len() >= SHORTEST
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['。', '；', '：', '！', '”', '）'])
}

/// From where to where a line of prose goes; `None` where runs of blanks part it.
fn columns(line: &Line) -> Option<Range<usize>> {
    let parted = line.pieces.windows(2).any(|pair| pair[1].columns.start > pair[0].columns.end + 1);
    let (first, last) = (line.pieces.first()?, line.pieces.last()?);
    (!parted).then_some(first.columns.start..last.columns.end)
}

/// Two lines as one text; a blank stays between Latin letters and numbers.
fn join(one: &Text, other: &Text) -> Text {
    let (before, after) = (one.as_str().trim_end_matches(is_blank), other.as_str().trim_start_matches(is_blank));
    let mut whole = one.slice(0..before.len());
    if before.ends_with(|ch: char| ch.is_ascii_alphanumeric())
        && after.starts_with(|ch: char| ch.is_ascii_alphanumeric())
    {
        whole.push_str(" ");
    }
    whole.push(&other.slice(other.as_str().len() - after.len()..other.as_str().len()));
    whole
}
