//! Titles and preambles: which form a line before a table belongs to.

use std::ops::Range;

use super::grid::Row;
use super::index::Index;
use crate::form::Form;
use crate::form::label::Capture;
use crate::form::preamble::{Printed, parts};
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

/// A text before a table, taken apart and folded once for many forms: several lines of a preamble
/// may stand on one line with tabs or runs of blanks between them.
pub(super) struct PreambleText<'t>(Vec<(usize, Printed<'t>)>);

impl<'t> PreambleText<'t> {
    /// `None` when the text cannot be a preamble.
    pub fn new(text: &'t str) -> Option<PreambleText<'t>> {
        let parts = parts(text);
        if parts.len() == 1 {
            return Some(PreambleText(vec![(0, Printed::new(text)?)]));
        }
        let printed = |part: Range<usize>| Some((part.start, Printed::new(&text[part])?));
        parts.into_iter().map(printed).collect::<Option<_>>().map(PreambleText)
    }

    /// What the form's preamble says with it; `None` when it is no such text.
    pub fn of(&self, form: &Form) -> Option<Vec<Capture>> {
        let mut captures = Vec::new();
        for (start, part) in &self.0 {
            let line = form.preamble_line_of(part)?;
            let shift = |range: Range<usize>| range.start + start..range.end + start;
            captures.extend(line.captures.into_iter().map(|(name, range)| (name, shift(range))));
        }
        Some(captures)
    }
}

/// What a line of the form's preamble says; `None` when it is no such line.
pub(super) fn match_preamble(form: &Form, text: &str) -> Option<Vec<Capture>> {
    PreambleText::new(text)?.of(form)
}

/// Whether a row is a preamble of one of the forms.
pub(super) fn is_preamble_row(index: &Index<'_>, row: &Row) -> bool {
    let mut forms: Option<Vec<usize>> = None;
    for token in row.tokens() {
        let of = index.preamble_of(token.str());
        let forms = forms.get_or_insert_with(|| of.to_vec());
        forms.retain(|form| of.contains(form));
        if forms.is_empty() {
            return false;
        }
    }
    forms.into_iter().flatten().any(|form| preamble_row(index.forms[form], row).is_some())
}

/// Captures of a row all of whose cells are lines of the preamble.
pub(super) fn preamble_row(form: &Form, row: &Row) -> Option<Vec<(String, Text)>> {
    let tokens: Vec<&Text> = row.tokens().map(|token| &token.cell.text).collect();
    let found: Vec<(String, Text)> = match tokens.as_slice() {
        [text] => capture_texts(text, match_preamble(form, text.as_str())?),
        _ => {
            let found = beside(form, tokens.iter().map(|text| text.as_str()))?;
            tokens.iter().zip(found).flat_map(|(text, captures)| capture_texts(text, captures)).collect()
        }
    };
    (!found.is_empty()).then_some(found)
}

/// Captures of texts side by side all of which are lines of the preamble. A name alone is one when
/// another line of the preamble stands beside it.
fn beside<'t>(form: &Form, texts: impl Iterator<Item = &'t str>) -> Option<Vec<Vec<Capture>>> {
    let mut sure = 0;
    let found: Option<Vec<Vec<Capture>>> = texts
        .map(|text| match parts(text).len() {
            0 | 1 => match form.preamble_line(text) {
                Some(line) => {
                    sure += 1;
                    Some(line.captures)
                }
                None => form.bare_name(text),
            },
            _ => match_preamble(form, text).inspect(|_| sure += 1),
        })
        .collect();
    found.filter(|_| sure > 0)
}
