//! What edits of characters leave behind in a part: blanks that would be lost, lines and paragraphs
//! without text, breaks where a cell has paragraphs.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::lay::{body_paragraph, cell_of};
use super::tag;
use crate::patch::dialect::BREAK;
use crate::patch::edit::{self, Edit};
use crate::read::docx::places::{CellPlace, ParagraphPlace, Places};

/// Elements that say something without characters.
const OBJECTS: [&str; 10] = [
    "drawing",
    "pict",
    "object",
    "fldChar",
    "fldSimple",
    "footnoteReference",
    "endnoteReference",
    "sectPr",
    "sym",
    "sdt",
];

/// Elements between a paragraph and its runs.
const AROUND_RUNS: [&str; 7] = ["hyperlink", "ins", "del", "sdt", "smartTag", "fldSimple", "fldChar"];

/// Settled edits made good for the part.
pub(in crate::patch) fn tidy(source: &str, places: &Places, mut edits: Vec<Edit>) -> Vec<Edit> {
    let w = places.prefix.as_str();
    if w != "w:" {
        for edit in &mut edits {
            edit.new = edit.new.replace("<w:", &format!("<{w}")).replace("</w:", &format!("</{w}"));
        }
    }
    let breaks = BREAK.replace("w:", w);
    let part = Part { source, places, w };
    for edit in edits.iter_mut().filter(|edit| edit.new.contains(&breaks)) {
        if let Some(split) = part.paragraph_break(edit.range.start) {
            edit.new = edit.new.replace(&breaks, &split);
        }
    }
    part.remove_vanished(&mut edits);
    part.preserve_blanks(&mut edits);
    edits
}

/// A copy of a stretch of the part, without what may be there only once.
pub(in crate::patch) fn copied(mut fragment: String, w: &str) -> String {
    for name in ["w14:paraId", "w14:textId"] {
        tag::drop_attribute(&mut fragment, name);
    }
    for name in [
        "bookmarkStart",
        "bookmarkEnd",
        "commentRangeStart",
        "commentRangeEnd",
        "commentReference",
        "footnoteReference",
        "endnoteReference",
        "sectPr",
    ] {
        tag::drop_element(&mut fragment, w, name);
    }
    fragment
}

struct Part<'a> {
    source: &'a str,
    places: &'a Places,
    w: &'a str,
}

/// A `w:t`: its start tag and its characters.
struct TextElement {
    open: Range<usize>,
    content: Range<usize>,
}

/// What stands in a paragraph, in order.
enum Item {
    Text(Range<usize>),
    Break(Range<usize>),
}

impl Part<'_> {
    /// The text element whose characters a byte stands in.
    fn text_at(&self, at: usize) -> Option<TextElement> {
        let start = self.source[..at].rfind('<')?;
        let found = tag::find(self.source, self.w, "t", start).filter(|found| found.start == start && !found.empty)?;
        let end = found.end + self.source[found.end..].find('<')?;
        (found.end <= at && at <= end).then_some(TextElement { open: found.start..found.end, content: found.end..end })
    }

    /// The paragraph at a byte, and the cell whose own it is.
    fn paragraph_at(&self, at: usize) -> Option<(&ParagraphPlace, Option<&CellPlace>)> {
        match cell_of(self.places, at) {
            Some(cell) => {
                let paragraph = cell.paragraphs.iter().rev().find(|paragraph| paragraph.range.contains(&at))?;
                Some((paragraph, Some(cell)))
            }
            None => body_paragraph(self.places, at).map(|paragraph| (paragraph, None)),
        }
    }

    /// What ends a paragraph inside a text and begins one of the same looks, where a cell has
    /// paragraphs and not line breaks.
    fn paragraph_break(&self, at: usize) -> Option<String> {
        let (paragraph, cell) = self.paragraph_at(at)?;
        let filled = |paragraph: &&ParagraphPlace| {
            !tag::visible(&self.source[paragraph.range.clone()], self.w).trim().is_empty()
        };
        if cell?.paragraphs.iter().filter(filled).count() < 2 {
            return None;
        }
        let text = self.text_at(at)?;
        let before = &self.source[paragraph.insert_at?..text.open.start];
        if AROUND_RUNS.iter().any(|name| tag::find(before, self.w, name, 0).is_some()) {
            return None;
        }
        let mut run = None;
        let mut from = 0;
        while let Some(found) = tag::find(before, self.w, "r", from) {
            (run, from) = (Some(found), found.end);
        }
        let inside = &before[run?.end..];
        let w = self.w;
        let close = format!("</{w}rPr>");
        let looks = match tag::find(inside, w, "rPr", 0) {
            Some(found) if found.start == 0 && !found.empty => {
                &inside[..inside.find(&close).map_or(0, |at| at + close.len())]
            }
            _ => "",
        };
        let properties = paragraph.properties.clone().map_or("", |range| &self.source[range]);
        Some(format!("</{w}t></{w}r></{w}p><{w}p>{properties}<{w}r>{looks}<{w}t xml:space=\"preserve\">"))
    }

    /// Takes away lines and paragraphs of cells all of whose characters were deleted.
    fn remove_vanished(&self, edits: &mut Vec<Edit>) {
        let mut paragraphs: BTreeMap<usize, (&ParagraphPlace, Option<&CellPlace>)> = BTreeMap::new();
        for edit in edits.iter().filter(|edit| !edit.range.is_empty()) {
            if self.text_at(edit.range.start).is_some()
                && let Some(found) = self.paragraph_at(edit.range.start)
            {
                paragraphs.insert(found.0.range.start, found);
            }
        }
        let vanished: HashSet<usize> = (paragraphs.iter())
            .filter(|(_, (paragraph, _))| self.lines(paragraph, edits).iter().all(|line| line.is_blank_now()))
            .map(|(start, _)| *start)
            .collect();
        let mut removed = HashSet::new();
        for (start, (paragraph, cell)) in &paragraphs {
            let whole = vanished.contains(start)
                && cell.is_some_and(|cell| {
                    let stays =
                        |other: &ParagraphPlace| other.range.start != *start && !removed.contains(&other.range.start);
                    let kept =
                        cell.paragraphs.iter().any(|other| stays(other) && !vanished.contains(&other.range.start))
                            || cell
                                .paragraphs
                                .iter()
                                .find(|other| vanished.contains(&other.range.start))
                                .is_some_and(|first| first.range.start != *start);
                    let inner = &self.source[cell.range.clone()];
                    let text = &self.source[paragraph.range.clone()];
                    kept && tag::find(inner, self.w, "tbl", 0).is_none()
                        && OBJECTS.iter().all(|name| tag::find(text, self.w, name, 0).is_none())
                });
            if whole {
                removed.insert(*start);
                edits.retain(|edit| {
                    !(paragraph.range.start <= edit.range.start && edit.range.end <= paragraph.range.end)
                });
                edits.push(Edit::new(paragraph.range.clone(), ""));
                continue;
            }
            let lines = self.lines(paragraph, edits);
            let mut used = HashSet::new();
            for line in lines.iter().filter(|line| line.had && !line.has) {
                let before = line.before.clone().filter(|range| !used.contains(&range.start));
                if let Some(range) = before.or_else(|| line.after.clone().filter(|range| !used.contains(&range.start)))
                {
                    used.insert(range.start);
                    edits.push(Edit::new(range, ""));
                }
            }
        }
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    }

    /// The lines of a paragraph before and after the edits.
    fn lines(&self, paragraph: &ParagraphPlace, edits: &[Edit]) -> Vec<Line> {
        let mut lines = vec![Line::default()];
        for item in self.items(paragraph) {
            match item {
                Item::Break(range) => {
                    if let Some(last) = lines.last_mut() {
                        last.after = Some(range.clone());
                    }
                    lines.push(Line { before: Some(range), ..Line::default() });
                }
                Item::Text(range) => {
                    let Some(last) = lines.last_mut() else { continue };
                    last.had |= !self.source[range.clone()].trim().is_empty();
                    let inside: Vec<Edit> = edits
                        .iter()
                        .filter(|edit| range.start <= edit.range.start && edit.range.end <= range.end)
                        .map(|edit| {
                            Edit::new(edit.range.start - range.start..edit.range.end - range.start, edit.new.as_str())
                        })
                        .collect();
                    last.has |= !edit::apply(&self.source[range], &inside).trim().is_empty();
                }
            }
        }
        lines
    }

    fn items(&self, paragraph: &ParagraphPlace) -> Vec<Item> {
        let mut items = Vec::new();
        let text = &self.source[..paragraph.range.end];
        let mut at = paragraph.range.start;
        let next = |name: &str, at: usize| tag::find(text, self.w, name, at);
        let (mut texts, mut breaks) = (next("t", at), next("br", at));
        loop {
            match (texts, breaks) {
                (Some(found), other) if other.is_none_or(|other| found.start < other.start) => {
                    at = found.end;
                    if !found.empty {
                        let end = text[at..].find(&format!("</{}t>", self.w)).map_or(at, |length| at + length);
                        items.push(Item::Text(at..end));
                        at = end;
                    }
                    texts = next("t", at);
                }
                (_, Some(found)) => {
                    at = found.end;
                    // Page and column breaks are no line breaks.
                    if found.empty && !text[found.start..found.end].contains("type=") {
                        items.push(Item::Break(found.start..found.end));
                    }
                    breaks = next("br", at);
                }
                _ => return items,
            }
        }
    }

    /// Blanks at the ends of a text count only where it says so.
    fn preserve_blanks(&self, edits: &mut Vec<Edit>) {
        let mut texts: BTreeMap<usize, (TextElement, Vec<Edit>)> = BTreeMap::new();
        for edit in edits.iter() {
            if let Some(text) = self.text_at(edit.range.start).filter(|text| edit.range.end <= text.content.end) {
                let start = text.content.start;
                let moved = Edit::new(edit.range.start - start..edit.range.end - start, edit.new.as_str());
                texts.entry(start).or_insert_with(|| (text, Vec::new())).1.push(moved);
            }
        }
        let blank = |text: &str| text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
        for (text, inside) in texts.into_values() {
            let old = &self.source[text.content];
            let new = edit::apply(old, &inside);
            let first = new.split('<').next().unwrap_or_default();
            if blank(first) && !blank(old) && !self.source[text.open.clone()].contains("xml:space") {
                let at = text.open.end - 1;
                edits.push(Edit::new(at..at, " xml:space=\"preserve\""));
            }
        }
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    }
}

/// A line of a paragraph.
#[derive(Default)]
struct Line {
    had: bool,
    has: bool,
    before: Option<Range<usize>>,
    after: Option<Range<usize>>,
}

impl Line {
    fn is_blank_now(&self) -> bool {
        !self.has
    }
}
