//! Titles as they stand in a paragraph or in the rows of a grid, and the tables that they part.

use super::Assembler;
use crate::finding::Finding;
use crate::form::label::Folded;
use crate::form::preamble::parts;
use crate::form::title::TitleLine;
use crate::recognise::grid::{Cell, Fragment, Row, first_place};
use crate::recognise::words::words;
use crate::text::Text;

impl Assembler<'_> {
    /// Whether a line is a title of some form.
    pub(in crate::recognise) fn is_title(&self, text: &str) -> bool {
        TitleLine::new(text).is_some_and(|line| self.index.forms.iter().any(|form| line.quality(form) > 0))
    }

    /// Whether a line is the title of a form of which nobody has filled anything in, as it stands on
    /// top of a sheet; elsewhere such a line (`绩效目标表`) is a heading.
    fn is_unfilled_title(&self, text: &str) -> bool {
        let folded = Folded::new(text);
        self.index.forms.iter().any(|form| form.title.is_unfilled(&folded))
    }

    /// The lines of a paragraph that holds a title and its preamble with line breaks between them.
    pub(super) fn title_lines(&self, text: &Text) -> Option<Vec<Text>> {
        let value = text.as_str();
        if value.lines().count() > 6 {
            return None;
        }
        if !value.contains('\n') {
            return self.title_and_preamble(text);
        }
        let mut lines = Vec::new();
        let mut start = 0;
        for line in value.split('\n') {
            lines.push(text.slice(start..start + line.len()));
            start += line.len() + 1;
        }
        lines.retain(|line| !line.is_blank());
        (lines.len() > 1 && lines.iter().any(|line| self.is_title(line.as_str().trim()))).then_some(lines)
    }

    /// A title and the lines of the preamble that stand on its line: `部门支出总表 单位：万元`.
    fn title_and_preamble(&self, text: &Text) -> Option<Vec<Text>> {
        let value = text.as_str();
        // What has no label, as a year, is part of the title.
        let is_line = |line: &str| line.contains(['：', ':']) && !self.index.preambles_of(line).sure.is_empty();
        let lines = match value.rfind(['（', '(']) {
            Some(open) if is_line(&value[open..]) => vec![0..open, open..value.len()],
            _ => parts(value),
        };
        let (title, preamble) = lines.split_first()?;
        let parted = !preamble.is_empty()
            && preamble.iter().all(|line| is_line(&value[line.clone()]))
            && self.is_title(value[title.clone()].trim());
        parted.then(|| lines.into_iter().map(|line| text.slice(line)).collect())
    }

    /// Splits a fragment at rows that print a form's title, and where another form's header stands.
    pub(super) fn sections(&mut self, fragment: Fragment) -> Vec<(Option<Text>, Fragment)> {
        let mut sections: Vec<(Option<Text>, Fragment)> = Vec::new();
        let Fragment { rows, exact, sheet, caption, removed, .. } = fragment;
        let empty = || Fragment { exact, sheet: sheet.clone(), removed, ..Fragment::default() };
        // A caption that is no form's title is the name of a table that no form knows.
        let (title, caption) = match caption {
            Some(caption) if self.is_title(caption.as_str()) => (Some(caption), None),
            other => (None, other),
        };
        let mut current = (title, Fragment { caption, ..empty() });
        // Whether the current one has a row that is not blank.
        let mut filled = false;
        let mut gap = false;
        let prose = if sheet.is_some() && exact && !self.alone { self.prose_rows(&rows) } else { Vec::new() };
        for (at, mut row) in rows.into_iter().enumerate() {
            if row.is_blank() && exact {
                gap = true;
            }
            row.after_gap |= gap && !row.is_blank();
            gap &= row.is_blank();
            // A sheet of our own has one table, and its title is on top: what looks like one below is a value.
            let below = self.only.is_some() && filled;
            let top = sheet.is_some() && current.0.is_none() && !filled;
            let number = sheet.as_ref().filter(|_| !below).and_then(|_| self.take_table_number(&mut row));
            let mut title = row.lone().map(|cell| cell.text.clone()).filter(|text| !below && !text.is_empty());
            let mut under: Vec<Text> = Vec::new();
            if let Some(lines) = title.as_ref().and_then(|text| self.title_and_preamble(text)) {
                under = lines;
                title = Some(under.remove(0));
            }
            let is_title = |text: &Text| self.is_title(text.as_str()) || (top && self.is_unfilled_title(text.as_str()));
            if let Some(title) = title.filter(is_title) {
                let mut above = if sheet.is_some() { table_numbers(&mut current.1.rows) } else { Vec::new() };
                filled &= above.is_empty() || current.1.rows.iter().any(|row| !row.is_blank());
                above.extend(number);
                if current.0.is_some() || filled {
                    sections.push(std::mem::replace(&mut current, (None, empty())));
                }
                if !above.is_empty() {
                    sections.push((None, Fragment { rows: above, prose: true, ..empty() }));
                }
                current.0 = Some(title);
                filled = !under.is_empty();
                let cell = |text| Cell { text, ..Cell::default() };
                if !under.is_empty() {
                    let cells = under.into_iter().map(cell).collect();
                    current.1.rows.push(Row { cells, after_gap: false });
                }
                continue;
            }
            let between = prose.binary_search(&at).is_ok();
            if between != current.1.prose {
                let begun = current.0.is_some() || filled;
                let next = (None, Fragment { prose: between, ..empty() });
                let ended = std::mem::replace(&mut current, next);
                sections.extend(begun.then_some(ended));
                filled = false;
            }
            filled |= !row.is_blank();
            current.1.rows.push(row);
        }
        if current.0.is_some() || !current.1.rows.is_empty() {
            sections.push(current);
        }
        let mut parts = Vec::with_capacity(sections.len());
        for (title, fragment) in sections {
            let mut title = Some(title);
            let touching = if self.only.is_some() { vec![fragment] } else { self.split_touching(fragment) };
            for part in touching {
                if title.is_none() {
                    self.findings.push(Finding::of(
                        "tables-parted",
                        first_place(&part.rows),
                        "这里与上面一张表连在一起，是另一张表，已分开",
                        "another table begins here, run together with the one above; they were parted",
                    ));
                }
                parts.push((title.take().flatten(), part));
            }
        }
        if parts.iter().filter(|(_, part)| !part.prose).count() > 1 {
            parts.iter_mut().for_each(|(_, part)| part.drop_covered_columns());
        }
        // A sheet with one table and no title has its name for one.
        let mut tables = parts.iter_mut().filter(|(_, part)| !part.prose);
        if let (Some((title @ None, part)), None) = (tables.next(), tables.next())
            && let Some(name) = sheet.as_deref().filter(|name| !self.alone && self.is_title(name))
            && part.rows.iter().any(|row| row.tokens().nth(1).is_some())
        {
            *title = Some(Text::from(name));
        }
        parts
    }

    /// Takes the number of a table out of the row that prints its title.
    fn take_table_number(&self, row: &mut Row) -> Option<Row> {
        let mut tokens = row.tokens();
        let (one, other) = (tokens.next()?, tokens.next()?);
        let (number, title) = if words().is_table_number(one.str()) { (one, other) } else { (other, one) };
        if tokens.next().is_some() || !words().is_table_number(number.str()) || !self.is_title(title.str()) {
            return None;
        }
        let column = number.column;
        drop(tokens);
        Some(Row { cells: vec![std::mem::take(&mut row.cells[column])], after_gap: false })
    }
}

/// Takes the last rows that print nothing but the number of the table below.
fn table_numbers(rows: &mut Vec<Row>) -> Vec<Row> {
    let is_number = |row: &Row| row.lone().is_some_and(|cell| words().is_table_number(cell.text.as_str()));
    let from = rows.iter().rposition(|row| !row.is_blank() && !is_number(row)).map_or(0, |last| last + 1);
    let mut numbers = rows.split_off(from);
    numbers.retain(is_number);
    numbers
}
