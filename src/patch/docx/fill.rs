//! Text for a cell that has none: a run in its first paragraph.

use std::ops::Range;

use super::lay::cell_at;
use super::tag;
use crate::patch::dialect::Why;
use crate::patch::edit::Edit;
use crate::patch::prints::{Prints, Spot};
use crate::read::docx::places::{CellPlace, ParagraphPlace};

/// Edits that put text, printed for a part, in a blank cell; a cell that a merged one covers starts
/// a merged cell of its own.
pub(in crate::patch) fn fill(source: &str, prints: &Prints, spot: Spot, printed: &str) -> Result<Vec<Edit>, Why> {
    let nowhere = ("原文中没有这个单元格", "the original has no such cell");
    let (cell, start) = cell_at(&prints.places, spot).ok_or(nowhere)?;
    let w = &prints.places.prefix;
    let mut edits = Vec::new();
    let covered = prints.cell(spot).is_some_and(|cell| cell.content.is_none());
    if covered {
        match &cell.vertical {
            Some(vertical) if !vertical.starts => {
                edits.push(Edit::new(vertical.range.clone(), format!(r#"<{w}vMerge {w}val="restart"/>"#)));
            }
            _ => {
                return Err((
                    "它在原文的合并单元格之内，只能改合并单元格的第一格",
                    "a merged cell of the original covers it; only its first cell can be edited",
                ));
            }
        }
    }
    // The cell that showed its value lends its looks.
    let model = if covered { start.paragraphs.first() } else { None };
    let Some(paragraph) = cell.paragraphs.first() else {
        let at = cell.range.end.saturating_sub(format!("</{w}tc>").len());
        let run = run(source, w, model, printed);
        edits.push(Edit::new(at..at, format!("<{w}p>{run}</{w}p>")));
        return Ok(edits);
    };
    if let Some(text) = blank_text(source, w, paragraph) {
        edits.push(text.filled(w, printed));
        return Ok(edits);
    }
    let looks = |paragraph: &ParagraphPlace| first_run_looks(source, w, paragraph);
    let own = paragraph.mark_properties.clone().map(|range| plain_looks(&source[range], w));
    let own = model.and_then(looks).or(own).or_else(|| looks(paragraph)).unwrap_or_default();
    let run = format!("<{w}r>{own}<{w}t xml:space=\"preserve\">{printed}</{w}t></{w}r>");
    edits.push(match paragraph.insert_at {
        Some(at) => Edit::new(at..at, run),
        None => {
            let open = source[paragraph.range.clone()].trim_end_matches("/>").trim_end();
            Edit::new(paragraph.range.clone(), format!("{open}>{run}</{w}p>"))
        }
    });
    Ok(edits)
}

/// Whether a cell is a part of a vertically merged one.
pub(in crate::patch) fn is_merged(prints: &Prints, spot: Spot) -> bool {
    cell_at(&prints.places, spot).is_some_and(|(cell, _)| cell.vertical.is_some())
}

/// Makes a cell go on in the merged one above it.
pub(in crate::patch) fn go_on(source: &str, prints: &Prints, spot: Spot) -> Option<Edit> {
    let (cell, _) = cell_at(&prints.places, spot)?;
    let merge = format!("<{}vMerge/>", prints.places.prefix);
    Some(match &cell.vertical {
        Some(vertical) => Edit::new(vertical.range.clone(), merge),
        None => property(source, &prints.places.prefix, cell, &merge),
    })
}

/// Makes a cell the first of a merged one; `None` where it is part of one.
pub(in crate::patch) fn start(source: &str, prints: &Prints, spot: Spot) -> Option<Edit> {
    let (cell, _) = cell_at(&prints.places, spot)?;
    let w = &prints.places.prefix;
    cell.vertical.is_none().then(|| property(source, w, cell, &format!("<{w}vMerge {w}val=\"restart\"/>")))
}

/// Adds a vertical merge to the properties of a cell, in the order of the schema (CT_TcPr).
fn property(source: &str, w: &str, cell: &CellPlace, merge: &str) -> Edit {
    let text = &source[cell.range.clone()];
    let open = tag::find(text, w, "tc", 0).map_or(0, |found| found.end);
    let head = tag::find(text, w, "p", open).map_or(text.len(), |found| found.start);
    let Some(found) = tag::find(&text[..head], w, "tcPr", open) else {
        let at = cell.range.start + open;
        return Edit::new(at..at, format!("<{w}tcPr>{merge}</{w}tcPr>"));
    };
    if found.empty {
        let range = cell.range.start + found.start..cell.range.start + found.end;
        return Edit::new(range, format!("<{w}tcPr>{merge}</{w}tcPr>"));
    }
    let before = ["cnfStyle", "tcW", "gridSpan", "hMerge"];
    let last = before.iter().filter_map(|name| tag::find(&text[..head], w, name, found.end)).map(|one| one.end).max();
    let at = cell.range.start + last.unwrap_or(found.end);
    Edit::new(at..at, merge)
}

fn run(source: &str, w: &str, model: Option<&ParagraphPlace>, printed: &str) -> String {
    let looks = model.and_then(|paragraph| first_run_looks(source, w, paragraph)).unwrap_or_default();
    format!("<{w}r>{looks}<{w}t xml:space=\"preserve\">{printed}</{w}t></{w}r>")
}

/// `<w:rPr>` of a paragraph's first run.
fn first_run_looks(source: &str, w: &str, paragraph: &ParagraphPlace) -> Option<String> {
    let text = &source[paragraph.range.clone()];
    let run = tag::find(text, w, "r", 0)?;
    let after = &text[run.end..];
    let looks = tag::find(after, w, "rPr", 0).filter(|looks| looks.start == 0)?;
    if looks.empty {
        return None;
    }
    let end = after.find(&format!("</{w}rPr>"))? + format!("</{w}rPr>").len();
    Some(plain_looks(&after[..end], w))
}

/// Run properties without what tracks a change of the paragraph's mark.
fn plain_looks(looks: &str, w: &str) -> String {
    let mut looks = looks.to_owned();
    for name in ["ins", "del", "moveFrom", "moveTo"] {
        while let Some(found) = tag::find(&looks, w, name, 0).filter(|found| found.empty) {
            looks.replace_range(found.start..found.end, "");
        }
    }
    if let Some(found) = tag::find(&looks, w, "rPrChange", 0) {
        let close = format!("</{w}rPrChange>");
        let end = looks[found.start..].find(&close).map_or(found.end, |at| found.start + at + close.len());
        looks.replace_range(found.start..end, "");
    }
    looks
}

/// A `w:t` without characters.
struct BlankText {
    open: Range<usize>,
    content: Option<Range<usize>>,
}

impl BlankText {
    fn filled(&self, w: &str, printed: &str) -> Edit {
        match &self.content {
            Some(content) => Edit::new(content.clone(), printed),
            None => Edit::new(self.open.clone(), format!("<{w}t xml:space=\"preserve\">{printed}</{w}t>")),
        }
    }
}

/// A text of the paragraph that an edit may fill: its first, when it has no characters.
fn blank_text(source: &str, w: &str, paragraph: &ParagraphPlace) -> Option<BlankText> {
    let base = paragraph.range.start;
    let text = &source[paragraph.range.clone()];
    let found = tag::find(text, w, "t", 0)?;
    let open = base + found.start..base + found.end;
    if found.empty {
        return Some(BlankText { open, content: None });
    }
    let length = text[found.end..].find('<')?;
    let content = open.end..open.end + length;
    source[content.clone()].trim().is_empty().then_some(BlankText { open, content: Some(content) })
}
