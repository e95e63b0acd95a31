//! CSV and TSV, as exported under any name (RFC 4180; semicolons where a comma is a decimal mark).

use super::workbook::{Gather, Value};
use crate::error::Result;

/// Rows looked at to decide.
const SAMPLE: usize = 50;

/// The separator of a text that is a delimited table: the same number of fields in nearly every
/// row. A filing in plain text has lines of prose, which no separator divides alike.
pub(crate) fn separator(text: &str) -> Option<char> {
    [',', '\t', ';'].into_iter().find(|separator| {
        let mut widths: Vec<usize> = Vec::new();
        for row in (Rows { rest: text, separator: *separator }).take(20 * SAMPLE) {
            if widths.len() == SAMPLE {
                break;
            }
            if row.iter().any(|field| !field.trim().is_empty()) {
                widths.push(row.len());
            }
        }
        let most = widths.iter().copied().max().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == most).count();
        most >= 2 && widths.len() >= 3 && alike * 10 >= widths.len() * 9
    })
}

/// Reads a text as one sheet. Fields are taken as they are printed: `05` stays `05`.
pub(super) fn read(text: &str, separator: char, gather: &mut Gather<'_>) -> Result<()> {
    gather.add_sheet("Sheet1".to_owned(), false)?;
    for (row, fields) in (Rows { rest: text, separator }).enumerate() {
        for (column, field) in fields.into_iter().enumerate() {
            let (row, column) = (u32::try_from(row).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
            gather.push(row, column, Value::Text(plain(field)), 0, false)?;
        }
    }
    gather.end_sheet();
    Ok(())
}

/// A field that systems wrap as `="05"` to keep its zero; a tab that keeps Excel from guessing.
fn plain(field: String) -> String {
    if let Some(inner) = field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.to_owned();
    }
    match field.strip_suffix('\t').or_else(|| field.strip_prefix('\t')) {
        Some(rest) => rest.to_owned(),
        None => field,
    }
}

struct Rows<'a> {
    rest: &'a str,
    separator: char,
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        if self.rest.is_empty() {
            return None;
        }
        let mut fields = vec![String::new()];
        let mut quoted = false;
        let mut chars = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, ch)) = chars.next() {
            let last = fields.len() - 1;
            match ch {
                '"' if quoted && chars.next_if(|(_, next)| *next == '"').is_some() => fields[last].push('"'),
                '"' if quoted => quoted = false,
                // A quote inside a field is a mark of inches; one that never ends is a character.
                '"' if fields[last].is_empty() && self.rest[at + 1..].contains('"') => quoted = true,
                _ if quoted => fields[last].push(ch),
                _ if ch == self.separator => fields.push(String::new()),
                '\r' | '\n' => {
                    end = at + 1;
                    if ch == '\r' && chars.next_if(|(_, next)| *next == '\n').is_some() {
                        end += 1;
                    }
                    break;
                }
                _ => fields[last].push(ch),
            }
        }
        self.rest = &self.rest[end..];
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Rows { rest: text, separator: ',' }.collect()
    }

    #[test]
    fn quotes_breaks_and_line_ends() {
        assert_eq!(rows("a,\"b,\"\"c\"\"\nd\",e\r\n,f\r"), [vec!["a", "b,\"c\"\nd", "e"], vec!["", "f"]]);
        assert_eq!(rows("5\",6\n\"x"), [vec!["5\"", "6"], vec!["\"x"]]);
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(separator("科目编码,科目名称,合计\n201,一般公共服务,8.00\n203,国防,0\n"), Some(','));
        assert_eq!(separator("科目编码\t合计\n201\t8.00\n203\t0\n"), Some('\t'));
        assert_eq!(separator("一、部门职责\n负责林草资源保护,组织实施。\n二、机构设置\n科目\t金额\n"), None);
        assert_eq!(separator("云岭县2023年部门预算"), None);
    }
}
