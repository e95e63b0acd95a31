//! Titles and preambles: which form a line before a table belongs to.

use std::ops::Range;

use super::grid::Row;
use crate::form::Form;
use crate::form::label::Capture;
use crate::form::preamble::parts;
use crate::layout::clean::begins_item;
use crate::text::Text;

/// Slots of the title pattern that matches.
pub(super) fn captures_of_title(form: &Form, text: &str) -> Vec<Capture> {
    std::iter::once(&form.title).chain(&form.aliases).find_map(|title| title.captures(text)).unwrap_or_default()
}

pub(super) fn capture_texts(text: &Text, captures: Vec<Capture>) -> Vec<(String, Text)> {
    captures.into_iter().map(|(name, range)| (name, text.slice(range))).collect()
}

/// Whether a numbered line and the line after it are one title.
pub(super) fn joins_as_title(form: &Form, first: &Text, second: &Text) -> bool {
    if !begins_item(first.as_str()) || begins_item(second.as_str()) || first.as_str().ends_with(['。', '：', '；', ':'])
    {
        return false;
    }
    let both = format!("{}{}", first.as_str(), second.as_str());
    form.title_quality(first.as_str()) == 0
        && form.many
        && form.title.is_match(&both)
        && captures_of_title(form, &both).iter().any(|(name, _)| name == "no")
}

/// What a line of the form's preamble says; `None` when it is no such line. Several may stand on one
/// line with tabs or runs of blanks between them.
pub(super) fn match_preamble(form: &Form, text: &str) -> Option<Vec<Capture>> {
    let mut captures = Vec::new();
    let parts = parts(text);
    if parts.len() == 1 {
        return form.preamble_line(text).map(|line| line.captures);
    }
    for part in parts {
        let line = form.preamble_line(&text[part.clone()])?;
        let shift = |range: Range<usize>| range.start + part.start..range.end + part.start;
        captures.extend(line.captures.into_iter().map(|(name, range)| (name, shift(range))));
    }
    Some(captures)
}

/// Captures of a row all of whose cells are lines of the preamble.
pub(super) fn preamble_row(form: &Form, row: &Row) -> Option<Vec<(String, Text)>> {
    let mut found = Vec::new();
    for token in row.tokens() {
        found.extend(capture_texts(&token.cell.text, match_preamble(form, token.str())?));
    }
    (!found.is_empty()).then_some(found)
}
