//! Web pages as workbooks: the tables that systems export under the name `.xls`, and the lines
//! between them, on one sheet.

use super::workbook::{Gather, Merge, Value};
use super::xlsx_cells::push_merge;
use crate::error::Result;
use crate::read::text::entity;

/// Reads a page.
pub(super) fn read(text: &str, gather: &mut Gather<'_>) -> Result<()> {
    gather.add_sheet(sheet_name(text).unwrap_or("Sheet1").to_owned(), false)?;
    let mut page =
        Page { row: 0, column: 0, occupied: Vec::new(), depth: 0, in_row: false, cell: None, text: String::new() };
    let mut rest = text;
    while !rest.is_empty() {
        let tag_at = rest.find('<').unwrap_or(rest.len());
        page.push_text(&rest[..tag_at]);
        rest = &rest[tag_at..];
        if rest.is_empty() {
            break;
        }
        let Some(tag) = read_tag(rest) else {
            // A `<` that opens no tag is text: `<80%`.
            let next = rest.chars().next().map_or(0, char::len_utf8);
            page.push_text(&rest[..next]);
            rest = &rest[next..];
            continue;
        };
        rest = &rest[tag.length..];
        match (tag.name.as_str(), tag.closing) {
            ("script" | "style" | "title" | "xml", false) => rest = skip_raw(rest, &tag.name),
            _ => page.take(&tag, gather)?,
        }
    }
    page.end_cell(gather)?;
    gather.end_sheet();
    Ok(())
}

/// The name that Excel writes into a comment of the head.
fn sheet_name(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<x:Name>")?;
    let (name, _) = rest.split_once("</x:Name>")?;
    (!name.trim().is_empty() && name.chars().count() <= 31).then_some(name.trim())
}

struct Tag<'a> {
    name: String,
    closing: bool,
    attributes: &'a str,
    length: usize,
}

/// The tag or comment that `text` begins with.
fn read_tag(text: &str) -> Option<Tag<'_>> {
    let comment = |length| Some(Tag { name: "!".to_owned(), closing: false, attributes: "", length });
    if text.starts_with("<!--") {
        return comment(text.find("-->").map_or(text.len(), |end| end + 3));
    }
    if text.starts_with("<!") || text.starts_with("<?") {
        return comment(text.find('>').map_or(text.len(), |end| end + 1));
    }
    let inside = &text[1..];
    let (closing, inside) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
    let name_end =
        inside.find(|ch: char| !ch.is_ascii_alphanumeric() && ch != ':' && ch != '-').unwrap_or(inside.len());
    let name = inside[..name_end].to_ascii_lowercase();
    if !name.starts_with(|ch: char| ch.is_ascii_alphabetic()) {
        return None;
    }
    // A tag that is never closed must not be searched for to the end of the page, tag after tag.
    let (mut quote, mut opened) = (None, 0);
    let end = inside.bytes().enumerate().skip(name_end).find_map(|(at, byte)| {
        match (quote, byte) {
            (None, b'>') => return Some(Some(at)),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'<') => return Some(None),
            (Some(_), b'<') if opened == 4 => return Some(None),
            (Some(_), b'<') => opened += 1,
            _ => {}
        }
        None
    })??;
    let length = text.len() - inside.len() + end + 1;
    Some(Tag { name, closing, attributes: &inside[name_end..end], length })
}

/// What follows the end tag of an element whose content is no text.
fn skip_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = &rest[at..];
        if let Some(tag) = read_tag(rest)
            && tag.name == name
        {
            return &rest[tag.length..];
        }
        rest = &rest[2..];
    }
    ""
}

struct Page {
    row: u32,
    column: u32,
    /// For how many rows from the current one a cell above still covers each column.
    occupied: Vec<u32>,
    /// Open tables; text of an inner one belongs to the cell that holds it.
    depth: usize,
    in_row: bool,
    /// Columns and rows of the open cell.
    cell: Option<(u32, u32)>,
    text: String,
}

impl Page {
    /// Adds characters; white space is one blank, entities are what they stand for.
    fn push_text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(ch) = rest.chars().next() {
            if ch == '&'
                && let Some((value, length)) = entity(rest)
            {
                self.text.push_str(&value);
                rest = &rest[length..];
                continue;
            }
            if !matches!(ch, ' ' | '\t' | '\r' | '\n') {
                self.text.push(ch);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
            rest = &rest[ch.len_utf8()..];
        }
    }

    fn break_line(&mut self) {
        if !self.text.trim_end_matches(' ').is_empty() {
            let kept = self.text.trim_end_matches(' ').len();
            self.text.truncate(kept);
            self.text.push('\n');
        }
    }

    fn take(&mut self, tag: &Tag<'_>, gather: &mut Gather<'_>) -> Result<()> {
        match (tag.name.as_str(), tag.closing) {
            ("table", false) => {
                if self.depth == 0 {
                    self.end_cell(gather)?;
                }
                self.depth += 1;
            }
            ("table", true) => {
                if self.depth == 1 {
                    self.end_cell(gather)?;
                    self.end_row();
                    self.occupied.clear();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            ("tr", closing) if self.depth == 1 => {
                self.end_cell(gather)?;
                self.end_row();
                self.in_row = !closing;
            }
            ("td" | "th", false) if self.depth == 1 => {
                self.end_cell(gather)?;
                self.text.clear();
                let span = |name| attribute(tag.attributes, name).and_then(|value| value.parse::<u32>().ok());
                let widest = u32::try_from(gather.limits.columns).unwrap_or(u32::MAX);
                let columns = span("colspan").unwrap_or(1).clamp(1, widest);
                let rows = span("rowspan").unwrap_or(1).clamp(1, 65_534);
                self.cell = Some((columns, rows));
                self.in_row = true;
            }
            ("td" | "th", true) if self.depth == 1 => self.end_cell(gather)?,
            ("br" | "p" | "div" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "tr" | "caption" | "hr", _) => {
                if self.depth == 0 {
                    self.end_cell(gather)?;
                } else {
                    self.break_line();
                }
            }
            ("td" | "th", false) if !self.text.is_empty() => self.text.push(' '),
            _ => {}
        }
        Ok(())
    }

    /// Ends the open cell, or outside tables the open line, which is a row of its own.
    fn end_cell(&mut self, gather: &mut Gather<'_>) -> Result<()> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim_matches([' ', '\n']).to_owned();
        if let Some((columns, rows)) = self.cell.take() {
            while self.occupied.get(self.column as usize).is_some_and(|rows| *rows > 0) {
                self.column += 1;
            }
            let end = self.column.saturating_add(columns).min(u32::try_from(gather.limits.columns).unwrap_or(u32::MAX));
            if self.occupied.len() < end as usize {
                self.occupied.resize(end as usize, 0);
            }
            for column in self.column..end {
                self.occupied[column as usize] = rows;
            }
            let (top, left) = (self.row, self.column);
            let (bottom, right) = (top.saturating_add(rows - 1), left.saturating_add(columns - 1));
            push_merge(gather, Merge { top, left, bottom, right });
            gather.push(top, left, Value::Text(text), 0, false)?;
            self.column = self.column.saturating_add(columns);
        } else if !text.is_empty() {
            gather.push(self.row, self.column, Value::Text(text), 0, false)?;
            if self.depth == 0 {
                gather.sheet().prose.insert(self.row);
                self.row = self.row.saturating_add(1);
            }
        }
        Ok(())
    }

    fn end_row(&mut self) {
        if std::mem::take(&mut self.in_row) {
            self.row = self.row.saturating_add(1);
            self.column = 0;
            for rows in &mut self.occupied {
                *rows = rows.saturating_sub(1);
            }
        }
    }
}

/// The value of an attribute, quoted or not.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower[from..].find(name)?;
        from = at + name.len();
        let alone = lower[..at].ends_with(|ch: char| ch.is_ascii_whitespace() || matches!(ch, '"' | '\''));
        let Some(value) = attributes[from..].trim_start().strip_prefix('=') else { continue };
        if alone {
            let value = value.trim_start();
            return match value.strip_prefix(['"', '\'']) {
                Some(quoted) => quoted.split(['"', '\'']).next(),
                None => value.split_ascii_whitespace().next(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn cells(page: &str) -> (Vec<(u32, u32, String)>, Vec<Merge>) {
        let limits = Limits::default();
        let mut gather = Gather::new(&limits);
        read(page, &mut gather).expect("under the limits");
        let sheet = gather.sheet();
        let cells = sheet.cells.iter().map(|cell| (cell.row, cell.column, cell.text.clone())).collect();
        (cells, sheet.merges.clone())
    }

    #[test]
    fn spans_place_the_cells_after_them() {
        let (found, merges) = cells(
            "<html><head><style>td{}</style></head><body><p>云岭县&nbsp;预算</p><table border=1>\
             <tr><td rowspan=2>编码<td colspan='2' >收入<br>支出</td></tr><tr><th>合计</th><th> &lt;80% </th></tr>\
             <tr><td>201</td><td style=\"x:num\">8.00</td><td>a <table><tr><td>b</td><td>c</td></tr></table></td></tr></table>注：无</body>",
        );
        let text =
            |row, column| found.iter().find(|cell| (cell.0, cell.1) == (row, column)).map(|cell| cell.2.as_str());
        assert_eq!(text(0, 0), Some("云岭县\u{a0}预算"));
        assert_eq!(text(1, 0), Some("编码"));
        assert_eq!(text(1, 1), Some("收入\n支出"));
        assert_eq!(text(2, 1), Some("合计"));
        assert_eq!(text(2, 2), Some("<80%"));
        assert_eq!(text(3, 1), Some("8.00"));
        assert_eq!(text(3, 2).map(|text| text.replace(['\n', ' '], "")), Some("abc".to_owned()));
        assert_eq!(text(4, 0), Some("注：无"));
        assert_eq!(merges.len(), 2);
    }

    #[test]
    fn absurd_spans_and_open_tags_end() {
        let (found, _) = cells("<table><tr><td colspan=4294967295 rowspan=4294967295>a<td>b</table><td x=\"");
        assert_eq!(found.len(), 2);
    }
}
