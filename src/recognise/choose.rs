//! Choosing the form of a table: by its labels, its columns, and the title before it.

use std::cell::OnceCell;

use super::assemble::{Assembler, Out};
use super::fields;
use super::grid::{Row, first_place};
use super::header::{self, Assigned, Header};
use super::index::Use;
use super::outline::heading_level;
use super::title::{capture_texts, captures_of_title, contradicts, joins_as_title, match_preamble};
use crate::document::{Cover, Paragraph};
use crate::form::label::names_row;
use crate::form::preamble::parts;
use crate::form::title::TitleLine;
use crate::form::{Addends, Form, Kind, LayoutCell};
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
    /// Most of the labels of the field block are there: they need no title.
    pub(super) labelled: bool,
    /// Its header alone may be another form's: only the title tells.
    pub(super) common: bool,
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
    /// Those of them, counted from the end, that are neither title nor preamble and stay paragraphs.
    pub(super) passed: Vec<usize>,
    pub(super) joined: bool,
    pub(super) captures: Vec<(String, Text)>,
    pub(super) preamble: Vec<Text>,
    /// Every line of the preamble is one that the form itself prints.
    pub(super) own: bool,
}

/// A paragraph before a table, looked at once for all forms.
struct Above<'a> {
    paragraph: &'a Paragraph,
    title: OnceCell<Option<TitleLine>>,
    /// Whether it may stand between a title and its table.
    between: OnceCell<bool>,
}

impl Above<'_> {
    fn text(&self) -> &Text {
        &self.paragraph.text
    }

    /// How well it fits as the title of one of the forms.
    fn title_quality(&self, forms: &[&Form]) -> u8 {
        let title = self.title.get_or_init(|| TitleLine::new(self.text().as_str()));
        title.as_ref().and_then(|title| forms.iter().map(|form| title.quality(form)).max()).unwrap_or_default()
    }
}

/// Paragraphs before a table that may be its title and preamble.
const REACH: usize = 6;

/// The heads of a list stand in its first rows.
const HEADS: usize = 6;

/// Unknown lines between title and table to look past.
const UNKNOWN: usize = 3;

/// Whether the rows below a header have columns of their own before its first one, as where projects are
/// listed beside their indicators.
fn has_columns_before(header: &Header, rows: &[Row]) -> bool {
    let first = header.columns.iter().position(|assigned| !matches!(assigned, Assigned::Blank)).unwrap_or(0);
    let filled = |column: &usize| rows[header.end..].iter().any(|row| !row.str(*column).is_empty());
    (0..first).filter(filled).nth(1).is_some()
}

/// Whether the column without which a form has no rows was found.
fn has_key(form: &Form, header: &Header) -> bool {
    let found = header.found();
    let mut keys = (0..form.columns.len()).filter(|at| form.columns[*at].key).peekable();
    keys.peek().is_none() || keys.any(|key| found.contains(&key))
}

/// Whether labels tell a form from others: two columns (项目, 预算数) many tables have, and only the rows
/// say whose they are.
fn is_told(form: &Form, header: &Header, rows: &[Row]) -> bool {
    /// Columns that many tables have.
    const COMMON: usize = 2;
    let named = || {
        form.sums.iter().flat_map(|sum| match &sum.of {
            Addends::Rows(names) => names.as_slice(),
            _ => &[],
        })
    };
    let is_named =
        |row: &Row| row.tokens().any(|token| named().any(|name| names_row(token.str(), std::slice::from_ref(name))));
    header.found().len() > COMMON || named().next().is_none() || rows[header.end..].iter().any(is_named)
}

impl Assembler<'_> {
    /// Forms that the labels of a fragment may belong to.
    pub(super) fn fits(&self, rows: &[Row]) -> Vec<Fit> {
        const ROWS: usize = 30;
        const LINES: usize = 6;
        /// Labels of a field block, and columns, by which a form is known.
        const FIELDS: usize = 4;
        const COLUMNS: usize = 3;
        /// Labels by which a form is known without its title.
        const MOST: usize = 6;
        let count = self.index.forms.len();
        let mut fields: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
        let mut has_header = vec![false; count];
        // Tables that list projects, a row each, have the labels of a field block for heads.
        let mut lists = vec![false; count];
        let mut above: Vec<&str> = Vec::new();
        for row in rows.iter().filter(|row| !row.is_blank()).take(ROWS) {
            let mut heads = vec![0usize; count];
            let mut asking = vec![false; count];
            // The forms of which the cell at the left is a label that asks for a value.
            let mut beside: Vec<usize> = Vec::new();
            above.resize(above.len().max(row.cells.len()), "");
            for (cell, above) in row.cells.iter().zip(&mut above) {
                // Heads of a list are merged down beside those of its indicators.
                let from_above = cell.cover == Cover::Above && cell.text.is_empty();
                if !from_above {
                    *above = cell.text.as_str();
                }
                let left = std::mem::take(&mut beside);
                if above.is_empty() {
                    continue;
                }
                // A label that a form prints twice stands in one of its places.
                let mut placed: Vec<usize> = Vec::new();
                for used in self.index.uses(above).iter() {
                    match *used {
                        Use::Head { .. } if from_above => {}
                        Use::Head { form } => {
                            heads[form] += 1;
                            lists[form] |= left.contains(&form);
                        }
                        Use::Field { form, row, cell } => {
                            let slot = fields::slot_right_of(self.form(form), row, cell);
                            asking[form] |= slot.is_some_and(|field| field.kind != Kind::List);
                            if slot.is_some() {
                                beside.push(form);
                            }
                            if !from_above && !placed.contains(&form) && !fields[form].contains(&(row, cell)) {
                                fields[form].push((row, cell));
                                placed.push(form);
                            }
                        }
                    }
                }
            }
            for (form, hits) in heads.iter().enumerate() {
                lists[form] |= *hits >= 2 && asking[form];
                has_header[form] = has_header[form] || (*hits >= 2 && header::is_header_row(&self.index, form, row, 2));
            }
        }
        let most = fields.iter().map(Vec::len).max().unwrap_or(0);
        let preambles: [OnceCell<bool>; LINES] = Default::default();
        (0..count)
            .filter(|&form| (has_header[form] || !fields[form].is_empty()) && !lists[form])
            .filter_map(|number| {
                let form = self.form(number);
                let matched = fields[number].len();
                // Beside the labels of its field block a form may have columns that another county names otherwise.
                let sure = matched >= FIELDS && matched == most;
                let least = if sure { form.min_columns.min(COLUMNS) } else { form.min_columns };
                let header = has_header[number]
                    .then(|| header::find(&self.index, number, rows, 0, self.only.is_some()))
                    .flatten()
                    .filter(|header| header.found().len() >= least)
                    .filter(|header| form.layout.is_empty() || !has_columns_before(header, rows))
                    .filter(|header| !form.layout.is_empty() || has_key(form, header));
                let labels = form
                    .layout
                    .iter()
                    .flatten()
                    .filter(|cell| matches!(cell, LayoutCell::Text { pattern, .. } if pattern.slots().next().is_none()))
                    .count();
                let weak = header.is_none();
                if weak && (matched == 0 || self.has_levels_for_heads(form, rows)) {
                    return None;
                }
                let common = header.as_ref().is_some_and(|header| !is_told(form, header, rows));
                let labelled = matched >= MOST.max(labels.div_ceil(2));
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
                Some(Fit { form: number, header, layout: None, score, weak, labelled, common, foreign })
            })
            .collect()
    }

    /// Whether the levels of indicators stand side by side, as the heads of a list of projects: in the form
    /// they stand below each other.
    fn has_levels_for_heads(&self, form: &Form, rows: &[Row]) -> bool {
        /// More than a level and the one below it, which may have its name.
        const MANY: usize = 3;
        let list = form.columns.iter().find_map(|column| column.list.as_deref());
        let Some(levels) = list.and_then(|list| self.forms.lists.get(list)) else { return false };
        let is_level = |text: &str| levels.iter().any(|level| level.is_match(text));
        let heads = rows.iter().take(HEADS).map(|row| row.tokens().filter(|token| is_level(token.str())).count());
        levels.len() >= MANY && heads.into_iter().any(|count| count >= MANY)
    }

    pub(super) fn strong_fits(&self, rows: &[Row]) -> usize {
        self.fits(rows).iter().filter(|fit| !fit.weak).count()
    }

    /// The best fit, and the title found before it.
    pub(super) fn choose(&self, fits: &[Fit], title: Option<&Text>, rows: &[Row]) -> Option<(usize, Before)> {
        if let Some(only) = &self.only
            && let Some(index) = fits.iter().position(|fit| self.form(fit.form).key == *only)
        {
            return Some((index, Before::default()));
        }
        /// A title not of another form, how well it fits, the form's own preamble and nothing else, and the
        /// labels.
        type Rank = (bool, u8, bool, f64);
        let mut best: Option<(usize, Before, Rank)> = None;
        let mut rivals: Vec<(f64, u8, &str)> = Vec::new();
        // Whose title it is does not matter where another form has all the columns.
        let headed = |fit: &Fit| fit.header.as_ref().is_some_and(|header| header.score(self.form(fit.form)) > 0.0);
        let any_headed = fits.iter().any(headed);
        let mut titled: Vec<&Form> = Vec::new();
        let above = self.above(title.map_or_else(|| first_place(rows), Text::place).sheet());
        for (index, fit) in fits.iter().enumerate() {
            let form = self.form(fit.form);
            let mut before = self.before(&above, form, &[form], title.is_none());
            let lines = before.preamble.iter().map(Text::as_str);
            before.own = lines
                .flat_map(|line| parts(line).into_iter().map(move |part| &line[part]))
                .all(|part| form.prints_line(part));
            if let Some(title) = title {
                before.quality = form.title_quality(title.as_str());
            }
            if fit.common && before.quality == 0 {
                continue;
            }
            if fit.weak && ((before.quality < 2 && !fit.labelled) || any_headed) {
                titled.extend((before.quality > 0).then_some(form));
                continue;
            }
            rivals.push((fit.score, before.quality, &form.key.form));
            let own = before.own && before.passed.is_empty();
            let rank = (before.quality > 0 && !fit.foreign, before.quality, own, fit.score);
            if best.as_ref().is_none_or(|(.., other)| rank > *other) {
                best = Some((index, before, rank));
            }
        }
        let (mut index, mut before, (.., mut score)) = best?;
        let first = self.form(fits[index].form);
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
        // The title is one of another form: what stands under it is still this form's preamble.
        titled.retain(|other| other.key != form.key);
        if first.key != form.key && before.quality > 0 {
            titled.push(first);
        }
        if !titled.is_empty() && (before.quality == 0 || first.key != form.key) {
            titled.push(form);
            let mut again = self.before(&above, form, &titled, title.is_none());
            if let Some(title) = title {
                again.quality = titled.iter().map(|form| form.title_quality(title.as_str())).max().unwrap_or_default();
            }
            if again.quality > 0 && (before.quality == 0 || again.passed.len() <= before.passed.len()) {
                again.own = before.own;
                before = again;
            }
        }
        Some((index, before))
    }

    /// The last paragraphs, the nearest first; where the table stands on a sheet, those of the sheet.
    fn above(&self, sheet: Option<u16>) -> Vec<Above<'_>> {
        let last = self.out.iter().rev().take(if self.alone { 0 } else { REACH + UNKNOWN });
        last.map_while(|out| match out {
            Out::Paragraph(paragraph) if paragraph.text.place().sheet() == sheet => {
                Some(Above { paragraph, title: OnceCell::new(), between: OnceCell::new() })
            }
            _ => None,
        })
        .collect()
    }

    /// Looks back over the last paragraphs for the form's preamble and a title of one of the forms. To
    /// find one it may look past lines that say neither (`公开03表`, `- 3 -`).
    fn before(&self, above: &[Above<'_>], form: &Form, titled: &[&Form], look_past: bool) -> Before {
        let mut before = Before::default();
        let mut captures: Vec<(String, Text)> = Vec::new();
        let mut preamble: Vec<Text> = Vec::new();
        let mut passed: Vec<usize> = Vec::new();
        for (taken, line) in above.iter().enumerate() {
            let text = line.text();
            if taken >= REACH + passed.len() {
                break;
            }
            let quality = line.title_quality(titled);
            if quality > 0 {
                let title = text.clone();
                let taken = taken + 1;
                before = Before { quality, title, taken, passed, joined: false, captures, preamble, own: false };
                break;
            }
            // gaoxin-2021:668: a title over two lines.
            if let Some(first) = above.get(taken + 1)
                && joins_as_title(form, first.text(), text)
            {
                let mut title = first.text().clone();
                title.push(text);
                let taken = taken + 2;
                before = Before { quality: 2, title, taken, passed, joined: true, captures, preamble, own: false };
                break;
            }
            let known = match_preamble(form, text.as_str()).or_else(|| {
                let title = above.get(taken + 1)?;
                // The department's name alone, right below the title.
                (title.title_quality(titled) > 0).then(|| form.bare_name(text.as_str())).flatten()
            });
            let known = known.map(|found| capture_texts(text, found)).filter(|said| !contradicts(&captures, said));
            match known {
                Some(said) => {
                    captures.extend(said);
                    preamble.push(text.clone());
                    // Above a line that says neither, only the title tells what it belongs to.
                    if passed.is_empty() {
                        before.taken = taken + 1;
                        before.captures.clone_from(&captures);
                        before.preamble.clone_from(&preamble);
                    }
                }
                None if look_past
                    && passed.len() < UNKNOWN
                    && *line.between.get_or_init(|| self.may_stand_below_title(line.paragraph)) =>
                {
                    passed.push(taken);
                }
                None => break,
            }
        }
        // The title itself may name the form too early: `…绩效目标表` of the line before the last one.
        if before.quality > 0
            && !before.joined
            && let Some(text) = above.get(before.taken - 1).map(Above::text)
            && let Some(first) = above.get(before.taken).map(Above::text)
            && form.many
            && captures_of_title(form, text.as_str()).iter().all(|(name, _)| name != "no")
            && joins_as_title(form, first, text)
        {
            let mut title = first.clone();
            title.push(text);
            before.title = title;
            before.taken += 1;
            before.joined = true;
        }
        before
    }

    /// Whether a line may stand between a title and its table though no form knows it: a short one that
    /// is neither a heading nor a sentence, and no title of a table that no form knows either.
    fn may_stand_below_title(&self, Paragraph { text, outline, .. }: &Paragraph) -> bool {
        /// Longest such line, in characters.
        const LONGEST: usize = 30;
        let text = text.as_str();
        let numbered = |ch: char| ch.is_ascii_digit() || "一二三四五六七八九十".contains(ch);
        // The number of the table, or the place for it: `公开03表`, `部门公开表`.
        let mark = text.chars().count() <= 8 && (text.contains(numbered) || text.contains("公开"));
        outline.is_none()
            && text.chars().count() <= LONGEST
            && heading_level(text).is_none()
            && !text.ends_with(['。', '；', ';', '，', ',', '：'])
            && (mark || !(text.ends_with(['表', '况']) || text.contains("预算")))
            && !self.is_title(text)
    }
}
