//! Titles and preambles: which form a line before a table belongs to.

use std::borrow::Cow;
use std::ops::Range;

use super::grid::Row;
use super::index::Index;
use crate::form::Form;
use crate::form::label::{Capture, fold};
use crate::form::preamble::{AnyLine, Preambles, parts};
use crate::form::title::{unbracketed, without_number, without_remark};
use crate::layout::clean::begins_item;
use crate::text::{Text, is_blank, is_chinese};

/// Slots of the title pattern that matches.
pub(super) fn captures_of_title(form: &Form, text: &str) -> Vec<Capture> {
    let titles = || std::iter::once(&form.title).chain(&form.aliases);
    let within = |part: &str| {
        let at = part.as_ptr() as usize - text.as_ptr() as usize;
        let found = titles().find_map(|title| title.captures(part))?;
        let moved = found.into_iter().map(|(name, range)| (name, range.start + at..range.end + at));
        Some(moved.collect::<Vec<Capture>>())
    };
    let captures =
        |part: &str| within(part).or_else(|| within(without_remark(part))).or_else(|| within(without_number(part)));
    if form.title.slots().any(|slot| slot == "no") {
        match numbered(text) {
            Numbered::By(number, name) => {
                if let Some(mut found) =
                    captures(&text[name..]).filter(|found| found.iter().all(|(slot, _)| slot != "no"))
                {
                    found.insert(0, ("no".to_owned(), number));
                    return found;
                }
            }
            // An amount begins the name: only a title without a number fits.
            Numbered::Not => {
                let plain = titles().filter(|title| title.slots().all(|slot| slot != "no"));
                if let Some(found) = plain.filter_map(|title| title.captures(text)).next() {
                    return found;
                }
            }
            Numbered::AsPrinted => {}
        }
    }
    captures(unbracketed(text)).unwrap_or_default()
}

/// How a title is numbered, where its pattern alone cannot tell.
enum Numbered {
    /// By the number at the first range; the name begins at the second.
    By(Range<usize>, usize),
    /// Its first digits are an amount: `3.6亿元化债利息绩效目标表`.
    Not,
    AsPrinted,
}

/// `（1）治超经费`, `（一）治超经费` and `1.1治超经费` begin with a number, `3.6亿元化债利息` does not, and of
/// `10.2021年租车费` and `20.12333宣传` the pattern knows what the number is.
fn numbered(text: &str) -> Numbered {
    let numeral = |ch: char| ch.is_ascii_digit() || "一二三四五六七八九十".contains(ch);
    if let Some(inner) = text.strip_prefix(['（', '('])
        && let Some(close) = inner.find(['）', ')'])
    {
        let (number, open) = (inner[..close].trim_matches(is_blank), text.len() - inner.len());
        let name = inner[close..].trim_start_matches(['）', ')', '、', '.']).trim_start_matches(is_blank);
        if !number.is_empty() && number.chars().count() <= 3 && number.chars().all(numeral) && !name.is_empty() {
            let start = open + inner.find(number).unwrap_or_default();
            return Numbered::By(start..start + number.len(), text.len() - name.len());
        }
    }
    let digits = |text: &str| text.len() - text.trim_start_matches(|ch: char| ch.is_ascii_digit()).len();
    let whole = digits(text);
    let Some(rest) = text[whole..].strip_prefix(['.', '-']).filter(|_| (1..=2).contains(&whole)) else {
        return Numbered::AsPrinted;
    };
    let part = digits(rest);
    let name = &rest[part..];
    let Some(next) = name.trim_start_matches(is_blank).chars().next().filter(|_| (1..=2).contains(&part)) else {
        return Numbered::AsPrinted;
    };
    let end = text.len() - name.len();
    if text[whole..].starts_with('.') && "亿万千百元％%亩吨米公平".contains(next) {
        return Numbered::Not;
    }
    // What is counted belongs to the name: `10.8个村道路`.
    let counted = "个名人次年月日台辆村户所条项届期处座栋场家岁级类大号+".contains(next);
    if is_chinese(next) && !counted {
        return Numbered::By(0..end, text.len() - name.trim_start_matches(is_blank).len());
    }
    Numbered::AsPrinted
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
        && (form.title.is_match(&both) || form.title.is_match(without_remark(&both)))
        && captures_of_title(form, &both).iter().any(|(name, _)| name == "no")
}

/// What a line of the form's preamble says; `None` when it is no such line. Several may stand on one
/// line with tabs or runs of blanks between them.
pub(super) fn match_preamble(form: &Form, text: &str) -> Option<Vec<Capture>> {
    let whole = || form.preamble_line(text).map(|line| line.captures);
    let parts = parts(text);
    if parts.len() == 1 {
        return whole();
    }
    let Some(found) = beside(form, parts.iter().map(|part| &text[part.clone()])) else { return whole() };
    let shift = |at: usize, range: Range<usize>| range.start + parts[at].start..range.end + parts[at].start;
    Some(
        found
            .into_iter()
            .enumerate()
            .flat_map(|(at, captures)| captures.into_iter().map(move |(name, range)| (name, at, range)))
            .map(|(name, at, range)| (name, shift(at, range)))
            .collect(),
    )
}

/// A cell of a preamble, and the next one where it has the value that the label waits for: `截止时间：`
/// beside `2022-12-31`.
struct Printed<'r> {
    whole: Cow<'r, str>,
    label: &'r Text,
    value: Option<&'r Text>,
}

impl Printed<'_> {
    /// What was captured, where it stands.
    fn captured(&self, captures: Vec<Capture>) -> Vec<(String, Text)> {
        let from = self.label.as_str().len();
        let text = |range: Range<usize>| match self.value {
            Some(value) if range.start >= from => value.slice(range.start - from..range.end - from),
            _ => self.label.slice(range.start..range.end.min(from)),
        };
        captures.into_iter().map(|(name, range)| (name, text(range))).collect()
    }
}

/// The texts of a row; `is_line` says which are lines of a preamble.
fn printed(row: &Row, is_line: impl Fn(&str) -> bool) -> Vec<Printed<'_>> {
    let mut all: Vec<Printed<'_>> = Vec::new();
    for token in row.tokens() {
        let text = &token.cell.text;
        if let Some(last) = all.last_mut()
            && last.value.is_none()
            && last.whole.ends_with(['：', ':'])
            && !is_line(text.as_str())
        {
            let whole = [last.whole.as_ref(), text.as_str()].concat();
            if is_line(&whole) {
                (last.whole, last.value) = (Cow::Owned(whole), Some(text));
                continue;
            }
        }
        all.push(Printed { whole: Cow::Borrowed(text.as_str()), label: text, value: None });
    }
    all
}

/// Captures of a row all of whose cells are lines of the preamble.
pub(super) fn preamble_row(form: &Form, row: &Row) -> Option<Vec<(String, Text)>> {
    let printed = printed(row, |text| form.preamble_line(text).is_some());
    Some(match printed.as_slice() {
        [] => return None,
        [line] => line.captured(match_preamble(form, &line.whole)?),
        _ => {
            let found = beside(form, printed.iter().map(|line| line.whole.as_ref()))?;
            printed.iter().zip(found).flat_map(|(line, captures)| line.captured(captures)).collect()
        }
    })
}

/// The cells of a row above a header that are lines of the preamble, where others are not: what they
/// say. They are taken out of the row.
pub(super) fn take_preamble_cells(
    form: &Form,
    row: &mut Row,
    known: &[(String, Text)],
) -> Vec<(Text, Vec<(String, Text)>)> {
    let mut found = Vec::new();
    for cell in &mut row.cells {
        if let Some(captures) = match_preamble(form, cell.text.as_str()) {
            let said = capture_texts(&cell.text, captures);
            if !contradicts(known, &said) {
                found.push((std::mem::take(&mut cell.text), said));
            }
        }
    }
    found
}

/// Whether a line says something else than was said before: it is no line of the same preamble.
pub(super) fn contradicts(known: &[(String, Text)], said: &[(String, Text)]) -> bool {
    said.iter().any(|(slot, value)| {
        let other = |(name, before): &(String, Text)| name == slot && fold(before.as_str()) != fold(value.as_str());
        !value.is_empty() && known.iter().any(|before| !before.1.is_empty() && other(before))
    })
}

/// The forms in whose preamble a text may stand: a line of it, or several on one line.
pub(super) fn preambles_of(forms: &[&Form], any: &AnyLine, text: &str) -> Preambles {
    if parts(text).len() <= 1 {
        return any.forms_of(text);
    }
    let sure = (0..forms.len()).filter(|form| match_preamble(forms[*form], text).is_some()).collect();
    Preambles { sure, beside: Vec::new() }
}

/// Whether a row may be the preamble of one of the forms, or of the one given; the forms decide.
pub(super) fn may_be_preamble(index: &Index<'_>, row: &Row, only: Option<usize>) -> bool {
    let mut forms: Option<Vec<(usize, bool)>> = only.map(|form| vec![(form, false)]);
    for line in printed(row, |text| !index.preambles_of(text).sure.is_empty()) {
        let found = index.preambles_of(&line.whole);
        let all = || found.sure.iter().map(|form| (*form, true)).chain(found.beside.iter().map(|form| (*form, false)));
        match &mut forms {
            None => forms = Some(all().collect()),
            Some(forms) => forms.retain_mut(|(form, sure)| {
                *sure |= found.sure.contains(form);
                all().any(|(other, _)| other == *form)
            }),
        }
        if forms.as_ref().is_some_and(Vec::is_empty) {
            return false;
        }
    }
    forms.into_iter().flatten().any(|(_, sure)| sure)
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
