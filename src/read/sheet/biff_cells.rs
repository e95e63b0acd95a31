//! The cells of one sheet of an xls stream.

use std::collections::HashMap;

use super::biff::{CONTINUE, EOF, Globals, Records, unicode};
use super::workbook::{Gather, Merge, Odd, Value};
use super::xlsx_cells::{extend_run, push_merge};
use crate::error::Result;
use crate::read::compound::{f64_at, u16_at, u32_at};

/// A formula whose string result stands in a later record.
type Waiting = (u32, u32, u32);

/// Reads the substream at `offset` into the sheet that was begun; returns how many bytes it has.
pub(super) fn read(stream: &[u8], offset: usize, globals: &Globals, gather: &mut Gather<'_>) -> Result<usize> {
    let mut records = Records::new(stream, offset);
    let mut depth = 0;
    let mut waiting: Option<Waiting> = None;
    let mut boxes = Boxes::default();
    while let Some(record) = records.next() {
        let data = record.data;
        match record.id {
            0x0009 | 0x0209 | 0x0409 | 0x0809 => depth += 1,
            EOF => {
                depth -= 1;
                if depth <= 0 {
                    break;
                }
            }
            // A chart inside the sheet has cells of its own, copies of what it shows.
            _ if depth > 1 => {}
            0x0207 | 0x0007 => {
                if let Some((row, column, format)) = waiting.take() {
                    let mut whole = data.to_vec();
                    while let Some(more) = records.next_if(CONTINUE) {
                        // A width flag begins each piece; strings of formulas keep one width.
                        whole.extend_from_slice(more.data.get(1..).unwrap_or_default());
                    }
                    let text = if globals.biff == 2 { globals.short_string(&whole) } else { globals.string(&whole) };
                    gather.push(row, column, Value::Text(text), format, true)?;
                }
            }
            0x0208 => {
                if u16_at(data, 12).unwrap_or(0) & 0x20 != 0
                    && let Some(row) = u16_at(data, 0).map(u32::from)
                {
                    extend_run(&mut gather.sheet().hidden_rows, row, row);
                }
            }
            0x007d => {
                if let (Some(from), Some(to), Some(flags)) = (u16_at(data, 0), u16_at(data, 2), u16_at(data, 8))
                    && flags & 1 != 0
                {
                    extend_run(&mut gather.sheet().hidden_columns, u32::from(from), u32::from(to));
                }
            }
            0x023e => gather.hide_zeros = u16_at(data, 0).is_some_and(|flags| flags & 0x10 == 0),
            0x00e5 => {
                for four in data.get(2..).unwrap_or_default().chunks_exact(8) {
                    let number = |at| u32::from(u16_at(four, at).unwrap_or(0));
                    push_merge(gather, Merge { top: number(0), bottom: number(2), left: number(4), right: number(6) });
                }
            }
            0x0014 | 0x0015 if !data.is_empty() => {
                let text = if globals.biff == 8 { globals.string(data) } else { globals.short_string(data) };
                gather.tell_page_text(&text);
            }
            0x00ec => boxes.anchor(data),
            0x005d => boxes.object(data),
            0x01b6 => {
                let count = usize::from(u16_at(data, 10).unwrap_or(0));
                boxes.text(&mut records, count);
            }
            0x001c => boxes.note(data, globals),
            id => {
                if let Some(cell) = read_cell(id, data, globals, gather)?
                    && let Some((row, column, _)) = waiting.replace(cell)
                {
                    gather.note_odd(Odd::FormulaWithoutValue, row, column);
                }
            }
        }
    }
    if let Some((row, column, _)) = waiting {
        gather.note_odd(Odd::FormulaWithoutValue, row, column);
    }
    boxes.finish(gather)?;
    Ok(records.at - offset)
}

/// Reads a record if it is a cell; a formula with a string result is handed back.
fn read_cell(id: u16, data: &[u8], globals: &Globals, gather: &mut Gather<'_>) -> Result<Option<Waiting>> {
    let (Some(row), Some(column)) = (u16_at(data, 0).map(u32::from), u16_at(data, 2).map(u32::from)) else {
        return Ok(None);
    };
    // Excel 2 has three bytes of attributes where later ones have the number of a style.
    let (format, rest) = if globals.biff == 2 {
        let style = usize::from(data.get(4).copied().unwrap_or(0) & 0x3f);
        let format = u32::from(data.get(5).copied().unwrap_or(0) & 0x3f);
        (globals.styles.get(style).copied().filter(|_| style > 0).unwrap_or(format), data.get(7..))
    } else {
        let style = usize::from(u16_at(data, 4).unwrap_or(0));
        (globals.styles.get(style).copied().unwrap_or(0), data.get(6..))
    };
    let rest = rest.unwrap_or_default();
    let value = match id {
        0x00fd => {
            let text = u32_at(rest, 0).and_then(|index| globals.strings.get(index as usize));
            match text {
                Some(text) => Value::Text(text.to_string()),
                None => {
                    gather.note_odd(Odd::StringMissing, row, column);
                    return Ok(None);
                }
            }
        }
        0x0004 => Value::Text(globals.short_string(rest)),
        0x0204 | 0x00d6 if globals.biff == 8 => Value::Text(globals.label(rest)),
        0x0204 | 0x00d6 => Value::Text(globals.string(rest)),
        0x0002 => Value::Number(f64::from(u16_at(rest, 0).unwrap_or(0))),
        0x0003 | 0x0203 => match f64_at(rest, 0) {
            Some(number) => Value::Number(number),
            None => return Ok(None),
        },
        0x027e => match u32_at(rest, 0) {
            Some(packed) => Value::Number(unpack(packed)),
            None => return Ok(None),
        },
        0x00bd => {
            for (index, six) in data.get(4..).unwrap_or_default().chunks_exact(6).enumerate() {
                let style = usize::from(u16_at(six, 0).unwrap_or(0));
                let format = globals.styles.get(style).copied().unwrap_or(0);
                let number = unpack(u32_at(six, 2).unwrap_or(0));
                gather.push(row, column + index as u32, Value::Number(number), format, false)?;
            }
            return Ok(None);
        }
        0x0005 | 0x0205 => boolean_or_error(rest.first().copied().unwrap_or(0), rest.get(1) == Some(&1)),
        0x0006 | 0x0206 | 0x0406 => {
            let Some(result) = rest.get(..8) else { return Ok(None) };
            let value = match (result[6..8] == [0xff, 0xff], result[0]) {
                (true, 0) => return Ok(Some((row, column, format))),
                (true, 1) => boolean_or_error(result[2], false),
                (true, 2) => boolean_or_error(result[2], true),
                (true, _) => Value::Text(String::new()),
                (false, _) => Value::Number(f64_at(result, 0).unwrap_or(0.0)),
            };
            gather.push(row, column, value, format, true)?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    gather.push(row, column, value, format, false)?;
    Ok(None)
}

/// A number packed into 30 bits (2.5.218): an integer or the upper part of a double, perhaps of a
/// hundredfold.
pub(super) fn unpack(packed: u32) -> f64 {
    let number =
        if packed & 2 != 0 { f64::from(packed as i32 >> 2) } else { f64::from_bits(u64::from(packed & !3) << 32) };
    if packed & 1 != 0 { number / 100.0 } else { number }
}

fn boolean_or_error(byte: u8, error: bool) -> Value {
    if error { Value::Error(error_name(byte).to_owned()) } else { Value::Bool(byte != 0) }
}

/// The name of an error value (2.5.10).
pub(super) fn error_name(byte: u8) -> &'static str {
    match byte {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2b => "#GETTING_DATA",
        _ => "#N/A",
    }
}

/// Drawn boxes and comments, whose records name each other by object numbers.
#[derive(Default)]
struct Boxes {
    /// Cell over which the next object stands.
    anchor: (u32, u32),
    /// Number of the last object.
    last: u16,
    texts: Vec<(u16, (u32, u32), String)>,
    /// Comments: cell and object.
    notes: Vec<((u32, u32), u16)>,
    /// Comments of Excel 5 and before, which have their text with them.
    plain: Vec<((u32, u32), String)>,
}

impl Boxes {
    /// Finds the client anchor in a piece of drawing (2.5.193): record type F010, 18 bytes.
    fn anchor(&mut self, data: &[u8]) {
        let found = data.windows(8).rposition(|eight| eight[2..] == [0x10, 0xf0, 0x12, 0, 0, 0]);
        if let Some(at) = found
            && let (Some(column), Some(row)) = (u16_at(data, at + 10), u16_at(data, at + 14))
        {
            self.anchor = (u32::from(row), u32::from(column));
        }
    }

    fn object(&mut self, data: &[u8]) {
        if u16_at(data, 0) == Some(0x15) {
            self.last = u16_at(data, 6).unwrap_or(0);
        }
    }

    /// The characters of a text object stand in the continuations, each with a width flag.
    fn text(&mut self, records: &mut Records<'_>, count: usize) {
        let mut text = String::new();
        let mut left = count;
        while let Some(more) = records.next_if(CONTINUE) {
            if left > 0
                && let Some(flags) = more.data.first()
            {
                let width = if flags & 1 != 0 { 2 } else { 1 };
                let take = ((more.data.len() - 1) / width).min(left);
                text.push_str(&unicode(more.data, take));
                left -= take;
            }
        }
        if !text.trim().is_empty() {
            self.texts.push((self.last, self.anchor, text.replace('\r', "\n")));
        }
    }

    fn note(&mut self, data: &[u8], globals: &Globals) {
        let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        let at = (u32::from(row), u32::from(column));
        if globals.biff == 8 {
            self.notes.push((at, u16_at(data, 6).unwrap_or(0)));
            return;
        }
        let text = globals.decode(data.get(6..).unwrap_or_default());
        // A long comment goes on in records with row 65535.
        match self.plain.last_mut() {
            Some((_, before)) if row == 0xffff => before.push_str(&text),
            _ => self.plain.push((at, text)),
        }
    }

    fn finish(self, gather: &mut Gather<'_>) -> Result<()> {
        let owners: HashMap<u16, (u32, u32)> = self.notes.iter().map(|(at, object)| (*object, *at)).collect();
        for (object, anchor, text) in self.texts {
            gather.spend_text(text.len())?;
            match owners.get(&object) {
                Some(at) => gather.sheet().add_note(*at, &text),
                None => gather.sheet().drawn.push((anchor, text)),
            }
        }
        for (at, text) in self.plain {
            gather.spend_text(text.len())?;
            gather.sheet().add_note(at, &text.replace('\r', "\n"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers() {
        // From Excel: 1, 1.23, 12345.67 stored as hundredfold integers or doubles.
        assert_eq!(unpack(0x3ff0_0000), 1.0);
        assert_eq!(unpack((123 << 2) | 3), 1.23);
        assert_eq!(unpack((1_234_567 << 2) | 3), 12_345.67);
        assert_eq!(unpack(((-5i32 << 2) | 2) as u32), -5.0);
    }
}
