//! Choosing the form of a table: by its labels, its columns, and the title before it.

use std::cell::OnceCell;

use super::assemble::{Assembler, Out};
use super::fields;
use super::grid::Row;
use super::header::{self, Header};
use super::index::Use;
use super::title::{capture_texts, captures_of_title, joins_as_title, match_preamble};
use crate::form::preamble::parts;
use crate::form::{Form, LayoutCell};
use crate::text::Text;

/// How well a form fits the rows of a fragment.
pub(super) struct Fit {
    pub(super) form: usize,
    pub(super) header: Option<Header>,
    /// Where the field block stands on a sheet of our own.
    pub(super) layout: Option<usize>,
    pub(super) score: f64,
    /// No header was found: labels alone need the form's title to be believed.
    pub(super) weak: bool,
    /// A line above the header is another form's (编制部门：…): the title before it is, too.
    pub(super) foreign: bool,
}

/// A title and preamble found before a table.
#[derive(Default)]
pub(super) struct Before {
    pub(super) quality: u8,
    pub(super) title: Text,
    /// Blocks taken from the end of the output.
    pub(super) taken: usize,
    pub(super) joined: bool,
    pub(super) captures: Vec<(String, Text)>,
    pub(super) preamble: Vec<Text>,
    /// Every line of the preamble is one that the form itself prints.
    pub(super) own: bool,
}

impl Assembler<'_> {
    /// Forms that the labels of a fragment may belong to.
    pub(super) fn fits(&self, rows: &[Row]) -> Vec<Fit> {
        const REACH: usize = 30;
        const LINES: usize = 6;
        let count = self.index.forms.len();
        let mut fields: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
        let mut has_header = vec![false; count];
        for row in rows.iter().filter(|row| !row.is_blank()).take(REACH) {
            let mut heads = vec![0usize; count];
            for token in row.tokens() {
                for used in self.index.uses(token.str()).iter() {
                    match *used {
                        Use::Head { form } => heads[form] += 1,
                        Use::Field { form, row, cell } => {
                            if !fields[form].contains(&(row, cell)) {
                                fields[form].push((row, cell));
                            }
                        }
                    }
                }
            }
            for (form, hits) in heads.iter().enumerate() {
                has_header[form] = has_header[form] || (*hits >= 2 && header::is_header_row(&self.index, form, row, 2));
            }
        }
        let preambles: [OnceCell<bool>; LINES] = Default::default();
        (0..count)
            .filter(|&form| has_header[form] || !fields[form].is_empty())
            .filter_map(|number| {
                let form = self.form(number);
                let header = has_header[number]
                    .then(|| header::find(&self.index, number, rows, 0, self.only.is_some()))
                    .flatten()
                    .filter(|header| header.found().len() >= form.min_columns);
                let labels = form
                    .layout
                    .iter()
                    .flatten()
                    .filter(|cell| matches!(cell, LayoutCell::Text { pattern, .. } if pattern.slots().next().is_none()))
                    .count();
                let matched = fields[number].len();
                if header.is_none() && matched == 0 {
                    return None;
                }
                let weak = header.is_none();
                let field_score =
                    if labels == 0 { 0.0 } else { matched as f64 - 0.5 * (labels - matched.min(labels)) as f64 };
                let score = header.as_ref().map_or(0.0, |header| header.score(form)) + field_score;
                let this_year = self.year.is_some_and(|year| form.key.family.ends_with(&year.to_string()));
                let above = header.as_ref().map_or(rows.len(), |header| header.start).min(LINES);
                let foreign = rows[..above].iter().zip(&preambles).any(|(row, is_preamble)| {
                    *is_preamble.get_or_init(|| self.is_preamble(std::slice::from_ref(row)))
                        && !row.tokens().all(|token| form.prints_line(token.str()))
                        && fields::labels_in(form, row) == 0
                });
                let score = score + if this_year { 0.05 } else { 0.0 };
                Some(Fit { form: number, header, layout: None, score, weak, foreign })
            })
            .collect()
    }

    pub(super) fn strong_fits(&self, rows: &[Row]) -> usize {
        self.fits(rows).iter().filter(|fit| !fit.weak).count()
    }

    /// The best fit, and the title found before it.
    pub(super) fn choose(&self, fits: &[Fit], title: Option<&Text>) -> Option<(usize, Before)> {
        if let Some(only) = &self.only
            && let Some(index) = fits.iter().position(|fit| self.form(fit.form).key == *only)
        {
            return Some((index, Before::default()));
        }
        /// A title not of another form, how well it fits, the form's own preamble, and the labels.
        type Rank = (bool, u8, bool, f64);
        let mut best: Option<(usize, Before, Rank)> = None;
        let mut rivals: Vec<(f64, u8, &str)> = Vec::new();
        for (index, fit) in fits.iter().enumerate() {
            let form = self.form(fit.form);
            let mut before = self.before(form);
            let lines = before.preamble.iter().map(Text::as_str);
            before.own = lines
                .flat_map(|line| parts(line).into_iter().map(move |part| &line[part]))
                .all(|part| form.prints_line(part));
            if let Some(title) = title {
                before.quality = form.title_quality(title.as_str());
            }
            if fit.weak && before.quality < 2 {
                continue;
            }
            rivals.push((fit.score, before.quality, &form.key.form));
            let rank = (before.quality > 0 && !fit.foreign, before.quality, before.own, fit.score);
            if best.as_ref().is_none_or(|(.., other)| rank > *other) {
                best = Some((index, before, rank));
            }
        }
        let (mut index, before, (.., mut score)) = best?;
        // Titles vary from county to county: a form that knows more than twice the labels is the right one.
        let most =
            (0..fits.len()).filter(|at| !fits[*at].weak).max_by(|a, b| fits[*a].score.total_cmp(&fits[*b].score));
        if let Some(most) = most
            && fits[most].score >= (2.0 * score).max(score + 5.0)
        {
            (index, score) = (most, fits[most].score);
        }
        // The title says which form it is, the labels which family's.
        let named = &self.form(fits[index].form).key.form;
        let sibling = (0..fits.len())
            .filter(|at| !fits[*at].weak && self.form(fits[*at].form).key.form == *named)
            .max_by(|a, b| fits[*a].score.total_cmp(&fits[*b].score));
        if let Some(sibling) = sibling
            && fits[sibling].score >= score + 1.0
        {
            (index, score) = (sibling, fits[sibling].score);
        }
        let form = self.form(fits[index].form);
        if score <= 0.0 && before.quality == 0 {
            return None;
        }
        // Without a title, forms with the same columns cannot be told apart.
        if before.quality == 0
            && rivals.iter().any(|(other, _, id)| *id != form.key.form && (score - other).abs() < 0.5)
        {
            return None;
        }
        Some((index, before))
    }

    /// Looks back over the last paragraphs for the form's preamble and title.
    pub(super) fn before(&self, form: &Form) -> Before {
        const REACH: usize = 6;
        let mut before = Before::default();
        if self.alone {
            return before;
        }
        let paragraphs: Vec<&Text> = self
            .out
            .iter()
            .rev()
            .take(REACH)
            .map_while(|out| match out {
                Out::Paragraph(paragraph) => Some(&paragraph.text),
                Out::Table(_) => None,
            })
            .collect();
        let mut captures: Vec<(String, Text)> = Vec::new();
        let mut preamble: Vec<Text> = Vec::new();
        for (taken, text) in paragraphs.iter().enumerate() {
            let quality = form.title_quality(text.as_str());
            if quality > 0 {
                before = Before {
                    quality,
                    title: (*text).clone(),
                    taken: taken + 1,
                    joined: false,
                    captures,
                    preamble,
                    own: false,
                };
                break;
            }
            // gaoxin-2021:668: a title over two lines.
            if let Some(first) = paragraphs.get(taken + 1)
                && joins_as_title(form, first, text)
            {
                let mut title = (*first).clone();
                title.push(text);
                before = Before { quality: 2, title, taken: taken + 2, joined: true, captures, preamble, own: false };
                break;
            }
            let known = match_preamble(form, text.as_str()).or_else(|| {
                let above = paragraphs.get(taken + 1)?;
                // The department's name alone, right below the title.
                (form.title_quality(above.as_str()) > 0).then(|| form.bare_name(text.as_str())).flatten()
            });
            match known {
                Some(found) => {
                    captures.extend(capture_texts(text, found));
                    preamble.push((*text).clone());
                    before.taken = taken + 1;
                    before.captures.clone_from(&captures);
                    before.preamble.clone_from(&preamble);
                }
                None => break,
            }
        }
        // The title itself may name the form too early: `…绩效目标表` of the line before the last one.
        if before.quality > 0
            && let Some(text) = paragraphs.get(before.taken - 1 - usize::from(before.joined))
            && !before.joined
            && let Some(first) = paragraphs.get(before.taken)
            && form.many
            && captures_of_title(form, text.as_str()).iter().all(|(name, _)| name != "no")
            && joins_as_title(form, first, text)
        {
            let mut title = (*first).clone();
            title.push(text);
            before.title = title;
            before.taken += 1;
            before.joined = true;
        }
        before
    }
}
