//! Binary workbook packages (MS-XLSB): the parts of xlsx as records.

use super::biff_cells::{error_name, unpack};
use super::parts;
use super::workbook::{Gather, Merge, Odd, Value};
use super::xlsx::{Shared, read_beside, related, tell_missing, tell_no_cells};
use super::xlsx_cells::{extend_run, push_merge};
use crate::error::{Error, Result};
use crate::read::compound::{f64_at, u32_at};
use crate::read::package::Package;

/// The records of a part: a number of one or two bytes, a size of one to four, the data.
struct Records<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (first, mut rest) = self.bytes.split_first()?;
        let mut id = u16::from(*first);
        if first & 0x80 != 0 {
            let (second, after) = rest.split_first()?;
            id = (id & 0x7f) | u16::from(second & 0x7f) << 7;
            rest = after;
        }
        let mut size = 0usize;
        for index in 0..4 {
            let (byte, after) = rest.split_first()?;
            size |= usize::from(byte & 0x7f) << (7 * index);
            rest = after;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (data, after) = rest.split_at(size.min(rest.len()));
        self.bytes = after;
        Some((id, data))
    }
}

const ROW_HEADER: u16 = 0;
const CELL_RK: u16 = 2;
const CELL_ERROR: u16 = 3;
const CELL_BOOL: u16 = 4;
const CELL_REAL: u16 = 5;
const CELL_STRING: u16 = 6;
const CELL_SHARED: u16 = 7;
const FORMULA_STRING: u16 = 8;
const FORMULA_REAL: u16 = 9;
const FORMULA_BOOL: u16 = 10;
const FORMULA_ERROR: u16 = 11;
const SHARED_ITEM: u16 = 19;
const FORMAT: u16 = 44;
const STYLE: u16 = 47;
const COLUMN: u16 = 60;
const CELL_RICH: u16 = 62;
const BEGIN_VIEW: u16 = 137;
const WORKBOOK_PROPERTIES: u16 = 153;
const BUNDLED_SHEET: u16 = 156;
const MERGED_CELL: u16 = 176;
const BEGIN_CELL_STYLES: u16 = 617;
const END_CELL_STYLES: u16 = 618;
const COMMENT_CELL: u16 = 635;
const COMMENT_TEXT: u16 = 637;

/// Reads the package whose workbook part is `main`.
pub(super) fn read(package: &mut Package<'_>, main: &str, gather: &mut Gather<'_>) -> Result<()> {
    let missing =
        || Error::new(format!("缺少 {main}，不是完整的工作簿"), format!("no {main}: not a complete workbook"));
    let bytes = package.read(main)?.ok_or_else(missing)?;
    let relations = package.relationships(main)?;
    let mut shared = Shared::default();
    if let Some(part) = related(&relations, "sharedStrings")
        && let Some(bytes) = package.read(part)?
    {
        let items = Records { bytes: &bytes }.filter(|(id, _)| *id == SHARED_ITEM);
        shared.strings = items.map(|(_, data)| string(data, 1).unwrap_or_default().0.into_boxed_str()).collect();
    }
    if let Some(part) = related(&relations, "styles")
        && let Some(bytes) = package.read(part)?
    {
        shared.styles = read_styles(&bytes, gather);
    }
    let mut read = std::collections::HashSet::new();
    for (id, data) in (Records { bytes: &bytes }) {
        match id {
            WORKBOOK_PROPERTIES => gather.book.date_1904 = data.first().is_some_and(|flags| flags & 1 != 0),
            BUNDLED_SHEET => {
                let Some((relation, name)) = read_listed(data) else { continue };
                gather.add_sheet(name, u32_at(data, 0) != Some(0))?;
                match relations.iter().find(|one| one.id == relation && !one.external) {
                    Some(one) if one.kind == "worksheet" && package.has(&one.target) && read.insert(&one.target) => {
                        let bytes = package.read(&one.target)?.unwrap_or_default();
                        read_sheet(&bytes, &shared, gather)?;
                        read_comments(package, &one.target, gather)?;
                        read_beside(package, &one.target, gather)?;
                    }
                    Some(one) if one.kind != "worksheet" => gather.find(tell_no_cells(gather)),
                    _ => gather.find(tell_missing(gather)),
                }
                gather.end_sheet();
            }
            _ => {}
        }
    }
    Ok(())
}

/// A string with a 32-bit length, and how many bytes it takes.
fn string(data: &[u8], at: usize) -> Option<(String, usize)> {
    let count = u32_at(data, at)? as usize;
    if count == u32::MAX as usize {
        return Some((String::new(), 4));
    }
    let bytes = data.get(at + 4..)?;
    let size = count.saturating_mul(2).min(bytes.len());
    Some((super::biff::utf16(&bytes[..size]), 4 + size))
}

/// Relationship and name of a sheet.
fn read_listed(data: &[u8]) -> Option<(String, String)> {
    let (relation, size) = string(data, 8)?;
    Some((relation, string(data, 8 + size)?.0))
}

fn read_styles(bytes: &[u8], gather: &mut Gather<'_>) -> Vec<u32> {
    let mut styles = Vec::new();
    let mut in_cells = false;
    for (id, data) in (Records { bytes }) {
        let number = |at: usize| data.get(at..at + 2).map(|two| u32::from(u16::from_le_bytes([two[0], two[1]])));
        match id {
            FORMAT => {
                if let (Some(number), Some((code, _))) = (number(0), string(data, 2)) {
                    gather.book.formats.declare(number, code);
                }
            }
            BEGIN_CELL_STYLES => in_cells = true,
            END_CELL_STYLES => in_cells = false,
            STYLE if in_cells => styles.push(number(2).unwrap_or(0)),
            _ => {}
        }
    }
    styles
}

fn read_sheet(bytes: &[u8], shared: &Shared, gather: &mut Gather<'_>) -> Result<()> {
    let mut row = 0;
    for (id, data) in (Records { bytes }) {
        match id {
            ROW_HEADER => {
                row = u32_at(data, 0).unwrap_or(0);
                // Byte 11: collapsed and hidden among the flags (2.4.741).
                if data.get(11).is_some_and(|flags| flags & 0x10 != 0) {
                    extend_run(&mut gather.sheet().hidden_rows, row, row);
                }
            }
            COLUMN => {
                if let (Some(from), Some(to)) = (u32_at(data, 0), u32_at(data, 4))
                    && data.get(16).is_some_and(|flags| flags & 1 != 0)
                {
                    extend_run(&mut gather.sheet().hidden_columns, from, to);
                }
            }
            BEGIN_VIEW => gather.hide_zeros |= data.first().is_some_and(|flags| flags & 0x10 == 0),
            MERGED_CELL => {
                let number = |at| u32_at(data, at).unwrap_or(0);
                push_merge(gather, Merge { top: number(0), bottom: number(4), left: number(8), right: number(12) });
            }
            CELL_RK..=FORMULA_ERROR | CELL_RICH => read_cell(id, row, data, shared, gather)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_cell(id: u16, row: u32, data: &[u8], shared: &Shared, gather: &mut Gather<'_>) -> Result<()> {
    let (Some(column), Some(style)) = (u32_at(data, 0), u32_at(data, 4)) else { return Ok(()) };
    let format = shared.styles.get((style & 0x00ff_ffff) as usize).copied().unwrap_or(0);
    let byte = data.get(8).copied().unwrap_or(0);
    let value = match id {
        CELL_RK => u32_at(data, 8).map(|packed| Value::Number(unpack(packed))),
        CELL_REAL | FORMULA_REAL => f64_at(data, 8).map(Value::Number),
        CELL_BOOL | FORMULA_BOOL => Some(Value::Bool(byte != 0)),
        CELL_ERROR | FORMULA_ERROR => Some(Value::Error(error_name(byte).to_owned())),
        CELL_STRING | FORMULA_STRING => string(data, 8).map(|(text, _)| Value::Text(text)),
        CELL_RICH => string(data, 9).map(|(text, _)| Value::Text(text)),
        CELL_SHARED => match u32_at(data, 8).and_then(|index| shared.strings.get(index as usize)) {
            Some(text) => Some(Value::Text(text.to_string())),
            None => {
                gather.note_odd(Odd::StringMissing, row, column);
                None
            }
        },
        _ => None,
    };
    match value {
        Some(value) => gather.push(row, column, value, format, (FORMULA_STRING..=FORMULA_ERROR).contains(&id)),
        None => Ok(()),
    }
}

fn read_comments(package: &mut Package<'_>, part: &str, gather: &mut Gather<'_>) -> Result<()> {
    let relations = package.relationships(part)?;
    let Some(bytes) = related(&relations, "comments").filter(|part| part.ends_with(".bin")) else { return Ok(()) };
    let bytes = package.read(bytes)?.unwrap_or_default();
    let mut at = (0, 0);
    for (id, data) in (Records { bytes: &bytes }) {
        match id {
            COMMENT_CELL => at = (u32_at(data, 4).unwrap_or(0), u32_at(data, 12).unwrap_or(0)),
            COMMENT_TEXT => {
                let text = parts::unescape(string(data, 1).unwrap_or_default().0);
                gather.spend_text(text.len())?;
                gather.sheet().add_note(at, &text);
            }
            _ => {}
        }
    }
    Ok(())
}
