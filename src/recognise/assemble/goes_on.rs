//! Whether what stands on the next page goes on the open table: a header printed again, a title printed
//! again or with 续表, numbers that go on.

use super::*;
use crate::form::title::{is_continued_mark, without_continued};
use crate::text::is_chinese;

impl Assembler<'_> {
    /// Whether a fragment goes on the open table.
    pub(super) fn continues(&self, fragment: &Fragment) -> bool {
        let Some(open) = &self.open else { return false };
        let form = self.form(open.form);
        let rows = &fragment.rows;
        let again = self.held.iter().filter_map(|held| title_again(form, open, held.text.as_str())).max();
        let other_sheet = !on_one_sheet(open, rows);
        if other_sheet && again.is_none() && !may_go_on_from(open, fragment) {
            return false;
        }
        let leading = |until: usize| &rows[..until];
        let fields_before = |until: usize| leading(until).iter().map(|row| fields::labels_in(form, row)).sum::<usize>();
        if let Some(header) = header::find(&self.index, open.form, rows, 0, self.only.is_some())
            && header.found().len() * 10 >= form.min_columns * 7
        {
            return match &open.header {
                None => self.held.is_empty() && !self.restarts(form, open, leading(header.start)),
                Some((first, _)) => {
                    let again = again.or(other_sheet.then_some(Again::Printed));
                    header.found() == first.found()
                        && fields_before(header.start) == 0
                        && again.is_none_or(|again| self.rows_go_on(open, Some(&header), rows, again))
                }
            };
        }
        let titled = again.is_some_and(|again| self.rows_go_on(open, None, rows, again));
        if !self.held.is_empty() && !titled {
            return false;
        }
        let labels: usize = rows.iter().map(|row| fields::labels_in(form, row)).sum();
        match &open.header {
            None => {
                !form.layout.is_empty()
                    && (labels > 0 || self.strong_fits(rows) == 0)
                    && !self.restarts(form, open, rows)
            }
            Some((header, _)) => {
                let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
                let similar = width.abs_diff(header.columns.len()) <= 1 || form.repairs("levels-by-vocabulary");
                similar && labels == 0 && self.strong_fits(rows) == 0 && open.note.is_empty()
            }
        }
    }

    /// Whether the rows under a title printed again are the rest of the open table: its pages print the
    /// same preamble, and numbers go on, or there is a total in one of the two parts at most. Two tables
    /// of one title have a total each.
    pub(super) fn rows_go_on(&self, open: &Open, header: Option<&Header>, rows: &[Row], again: Again) -> bool {
        let form = self.form(open.form);
        let Some((first, _)) = &open.header else { return false };
        let (start, end) = header.map_or((0, 0), |header| (header.start, header.end));
        let held = self
            .held
            .iter()
            .flat_map(|held| capture_texts(&held.text, match_preamble(form, held.text.as_str()).unwrap_or_default()));
        let above = rows[..start].iter().filter_map(|row| preamble_row(form, row)).flatten();
        let other = |(name, value): (String, Text)| {
            let known = open.captures.iter().find(|(slot, _)| *slot == name);
            known.is_some_and(|(_, known)| fold(known.as_str()) != fold(value.as_str()))
        };
        if held.chain(above).any(other) {
            return false;
        }
        if again == Again::Marked {
            return true;
        }
        let body: Vec<&Row> = rows[end..].iter().filter(|row| !row.is_blank()).collect();
        let (Some(last), Some(next)) = (open.data.last(), body.first()) else { return false };
        let number = |header: &Header, row: &Row| -> Option<u32> {
            let is_number = |assigned: &Assigned| matches!(assigned, Assigned::Column(column) if form.columns[*column].kind == ColumnKind::Ordinal);
            row.str(header.columns.iter().position(is_number)?).parse().ok()
        };
        if let (Some(last), Some(next)) = (number(first, last), number(header.unwrap_or(first), next)) {
            return next == last + 1;
        }
        let ended = is_total_row(last) || (open.has_total && body.iter().any(|row| is_total_row(row)));
        !ended && !is_total_row(next)
    }

    /// Whether a title in the first row of a grid is the open table's, printed again. Each sheet has a
    /// table of its own, unless it says that the table goes on.
    pub(super) fn goes_on_under(&self, title: &Text, fragment: &Fragment) -> bool {
        let Some(open) = &self.open else { return false };
        let again = title_again(self.form(open.form), open, title.as_str());
        let same_sheet = || on_one_sheet(open, &fragment.rows);
        open.header.is_some() && again.is_some_and(|again| again == Again::Marked || same_sheet())
    }

    /// Whether rows print the first labels of the form again: another table of the same form.
    pub(super) fn restarts(&self, form: &Form, open: &Open, rows: &[Row]) -> bool {
        let first = form.layout.first().and_then(|row| row.first());
        let Some(LayoutCell::Text { pattern, .. }) = first else { return false };
        let prints = |rows: &[Row]| rows.iter().any(|row| row.tokens().any(|token| pattern.is_match(token.str())));
        prints(rows) && prints(&open.field_rows)
    }
}

/// Whether rows stand on the sheet on which the open table ends, if it stands on a sheet.
fn on_one_sheet(open: &Open, rows: &[Row]) -> bool {
    open.end.sheet() == first_place(rows).sheet()
}

/// Whether the open table may go on at the top of another sheet, as where a program made one of each
/// page: neither the name of the sheet nor lines over a table of its own say otherwise.
fn may_go_on_from(open: &Open, fragment: &Fragment) -> bool {
    let (Some(first), Some(next)) = (&open.sheet, &fragment.sheet) else { return true };
    let named = next.contains(is_chinese) && !next.starts_with("工作表");
    let of_first = next.strip_prefix(first.as_str()).is_some_and(|rest| {
        let rest = rest.trim_matches(|ch| is_blank(ch) || "（）()-_".contains(ch));
        rest == "续" || rest.chars().all(|ch| ch.is_ascii_digit())
    });
    (!named || of_first) && fragment.rows.iter().any(|row| row.tokens().nth(1).is_some())
}

/// How a line says that the open table's title stands there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Again {
    /// It is the title.
    Printed,
    /// It says that the table goes on (`续表`).
    Marked,
}

/// Whether a line is the open table's title printed again. The tables of many projects may have the same
/// title: there it must have the project's number, or say that the table goes on.
pub(super) fn title_again(form: &Form, open: &Open, line: &str) -> Option<Again> {
    if is_continued_mark(line) {
        return Some(Again::Marked);
    }
    let title = open.title.as_str();
    let title = fold(without_continued(title).unwrap_or(title));
    match without_continued(line) {
        Some(bare) => (fold(bare) == title).then_some(Again::Marked),
        None => {
            let one = !form.many || captures_of_title(form, line).iter().any(|(slot, _)| slot == "no");
            (!title.is_empty() && fold(line) == title && one).then_some(Again::Printed)
        }
    }
}

/// Whether a row is the total of its table.
pub(super) fn is_total_row(row: &Row) -> bool {
    row.tokens().take(3).any(|token| {
        let label = fold(token.str());
        ["合计", "总计", "总额"].iter().any(|end| label.ends_with(end)) && label.chars().count() <= 8
    })
}
