//! Tables that touch: one grid in which the rows of another table begin.
//!
//! A converter that finds no text between two tables makes one of them (LibreOffice does so in Rich
//! Text), and a clerk's editor joins two tables when the line between them is deleted.

use super::assemble::{Assembler, note_row};
use super::fields;
use super::grid::{Fragment, Row};
use super::header::{self, Header};
use super::index::Use;
use super::outline::heading_level;
use super::title::{may_be_preamble, preamble_row};

impl Assembler<'_> {
    /// Splits a fragment where the header of another table stands under the rows of the first.
    pub(super) fn split_touching(&self, fragment: Fragment) -> Vec<Fragment> {
        let cuts = if fragment.prose { Vec::new() } else { self.cuts(&fragment.rows) };
        if cuts.is_empty() {
            return vec![fragment];
        }
        let Fragment { rows, exact, sheet, caption, removed, .. } = fragment;
        let mut parts = vec![Fragment { exact, sheet: sheet.clone(), caption, removed, ..Fragment::default() }];
        for (number, row) in rows.into_iter().enumerate() {
            if cuts.contains(&number) {
                parts.push(Fragment { exact, sheet: sheet.clone(), removed, ..Fragment::default() });
            }
            parts.last_mut().expect("the first part is there").rows.push(row);
        }
        parts
    }

    /// Rows of a sheet that are text between its tables, as a document made into a sheet has it: below a
    /// blank row, or a row that begins with a number, in the first column alone, with another table under
    /// it or nothing.
    pub(super) fn prose_rows(&self, rows: &[Row]) -> Vec<usize> {
        let is_wide = |row: &Row| row.tokens().nth(1).is_some();
        let mut prose = Vec::new();
        // A sheet of nothing but text has no table to part it from.
        if !rows.iter().any(is_wide) {
            return prose;
        }
        let is_title = |row: &Row| row.lone().is_some_and(|cell| self.is_title(cell.text.as_str()));
        let titles: Vec<bool> = rows.iter().map(is_title).collect();
        // The next row from each on that is no text, and the next that is a sentence or a heading.
        let (mut ends, mut sentences) = (vec![rows.len(); rows.len() + 1], vec![rows.len(); rows.len() + 1]);
        for at in (0..rows.len()).rev() {
            ends[at] = if is_wide(&rows[at]) || titles[at] { at } else { ends[at + 1] };
            sentences[at] = if is_prose(rows[at].str(0)) { at } else { sentences[at + 1] };
        }
        let (mut gap, mut below_number) = (true, false);
        let mut at = 0;
        while at < rows.len() {
            let row = &rows[at];
            let may_begin = gap && is_prose(row.str(0)) || below_number && !is_number(row.str(0));
            if may_begin && !row.str(0).is_empty() && row.lone().is_some() && !titles[at] {
                let end = ends[at];
                let begins = |end: usize| {
                    titles[end]
                        || !self.headed(&rows[end]).is_empty()
                        || self.is_preamble(std::slice::from_ref(&rows[end]))
                };
                // The title of the prose itself may stand right above its first heading.
                let to_heading = end + usize::from(end < rows.len() && titles[end]);
                if sentences[at] < to_heading && !is_note(row.str(0)) && (end == rows.len() || begins(end)) {
                    prose.extend(at..end);
                    at = end;
                    continue;
                }
            }
            gap = row.is_blank() || note_row(row, false).is_some();
            if !row.is_blank() {
                below_number = is_wide(row) && is_number(row.str(0));
            }
            at += 1;
        }
        prose
    }

    /// Rows at which another table begins.
    fn cuts(&self, rows: &[Row]) -> Vec<usize> {
        let mut cuts = Vec::new();
        // Nearly every table has one header row, and nothing to part.
        if rows.iter().filter(|row| !self.headed(row).is_empty()).nth(1).is_none() {
            return cuts;
        }
        let mut open: Option<(usize, Header)> = None;
        let mut at = 0;
        while at < rows.len() {
            let Some((form, header)) = self.header_at(rows, at) else {
                at += 1;
                continue;
            };
            let end = header.end;
            if let Some((known, first)) = &open
                && !header::same_row(&rows[first.start], &rows[at])
            {
                let begins = self.begins(rows, form, first.end, at);
                let again = header::find(&self.index, *known, &rows[..end], at, false)
                    .is_some_and(|again| again.start == at && again.found().len() * 10 >= first.found().len() * 7);
                if !again && begins > first.end {
                    cuts.push(begins);
                    open = Some((form, header));
                }
            } else if let Some((_, first)) = &open {
                // The same header: another table where the fields of a form stand above it.
                let forms = self.headed(&rows[at]);
                let begins = forms.into_iter().map(|form| self.begins(rows, form, first.end, at)).min().unwrap_or(at);
                if begins < at && begins > first.end {
                    cuts.push(begins);
                    open = Some((form, header));
                }
            } else {
                open = Some((form, header));
            }
            at = end;
        }
        cuts
    }

    /// The header that begins at a row, and the form that it fits best.
    fn header_at(&self, rows: &[Row], at: usize) -> Option<(usize, Header)> {
        self.headed(&rows[at])
            .into_iter()
            .filter_map(|form| Some((form, header::find(&self.index, form, rows, at, false)?)))
            .filter(|(form, header)| header.found().len() >= self.form(*form).min_columns)
            .map(|(form, header)| (header.score(self.form(form)), form, header))
            .filter(|(score, ..)| *score > 0.0)
            .max_by(|(one, ..), (other, ..)| one.total_cmp(other))
            .map(|(_, form, header)| (form, header))
    }

    /// The forms that a row may be a header of.
    fn headed(&self, row: &Row) -> Vec<usize> {
        let mut tokens = row.tokens();
        let (Some(first), Some(second)) = (tokens.next(), tokens.next()) else { return Vec::new() };
        let (first, second) = (self.index.uses(first.str()), self.index.uses(second.str()));
        let heads = first.iter().chain(second.iter()).filter_map(|used| match used {
            Use::Head { form } => Some(*form),
            Use::Field { .. } => None,
        });
        let mut forms: Vec<usize> = heads.collect();
        forms.sort_unstable();
        forms.dedup();
        forms.retain(|form| header::is_header_row(&self.index, *form, row, 2));
        forms
    }

    /// Where the table begins whose header stands at a row: its fields and preamble are above it.
    fn begins(&self, rows: &[Row], form: usize, after: usize, header: usize) -> usize {
        /// Rows of values between rows with labels.
        const BETWEEN: usize = 2;
        let mut begins = header;
        for at in (after..header).rev() {
            let row = &rows[at];
            let above = fields::labels_in(self.form(form), row) > 0
                || (may_be_preamble(&self.index, row, Some(form)) && preamble_row(self.form(form), row).is_some());
            if above {
                begins = at;
            } else if begins - at > BETWEEN {
                break;
            }
        }
        begins
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|ch| ch.is_ascii_digit() || ",.".contains(ch))
}

/// Whether a text is a heading or a sentence, and no value of a table.
fn is_prose(text: &str) -> bool {
    /// A text with a comma in it that is too long for a value, in characters.
    const LONG: usize = 15;
    let sentence = text.ends_with(['。', '；', '：']) || (text.contains(['，', '。']) && text.chars().count() >= LONG);
    !is_note(text) && (sentence || heading_level(text).is_some())
}

fn is_note(text: &str) -> bool {
    ["注：", "注:", "备注：", "备注:"].iter().any(|mark| text.starts_with(mark))
}
