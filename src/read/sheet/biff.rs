//! xls: the workbook stream of Excel 2 to 2003 (MS-XLS; the older ones as OpenOffice documented
//! them). This file reads what holds for the whole workbook; [`super::biff_cells`] the sheets.

use encoding_rs::Encoding;

use super::biff_cells;
use super::workbook::Gather;
use super::xlsx::tell_no_cells;
use crate::error::{Error, Result};
use crate::read::compound::{u16_at, u32_at};

/// A record of the stream.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub id: u16,
    pub data: &'a [u8],
}

/// The records of a stream from a position on. A cut-off record is the last one.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    pub at: usize,
}

impl<'a> Records<'a> {
    pub fn new(stream: &'a [u8], at: usize) -> Records<'a> {
        Records { stream, at }
    }

    /// The next record if it is of this kind.
    pub fn next_if(&mut self, id: u16) -> Option<Record<'a>> {
        if u16_at(self.stream, self.at) == Some(id) { self.next() } else { None }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let id = u16_at(self.stream, self.at)?;
        let length = usize::from(u16_at(self.stream, self.at + 2)?);
        let start = self.at + 4;
        let end = (start + length).min(self.stream.len());
        self.at = end;
        Some(Record { id, data: &self.stream[start..end] })
    }
}

pub(super) const CONTINUE: u16 = 0x003c;
pub(super) const EOF: u16 = 0x000a;

/// What the cells of a stream refer to.
pub(super) struct Globals {
    /// 2, 3, 4, 5 (also Excel 95) or 8.
    pub biff: u8,
    pub encoding: &'static Encoding,
    pub strings: Vec<Box<str>>,
    /// Number format of each cell style.
    pub styles: Vec<u32>,
    sheets: Vec<Listed>,
    formats: u32,
}

struct Listed {
    offset: usize,
    hidden: bool,
    has_cells: bool,
    name: String,
    header_rows: Option<(u32, u32)>,
}

/// The version of a stream by its first record.
pub(super) fn version(stream: &[u8]) -> Option<u8> {
    match (u16_at(stream, 0)?, u16_at(stream, 2)?) {
        (0x0009, 4..=16) => Some(2),
        (0x0209, 4..=16) => Some(3),
        (0x0409, 4..=16) => Some(4),
        (0x0809, 4..=16) => Some(if u16_at(stream, 4)? == 0x0600 { 8 } else { 5 }),
        _ => None,
    }
}

/// Reads a workbook stream.
pub(super) fn read(stream: &[u8], gather: &mut Gather<'_>) -> Result<()> {
    let biff = version(stream).ok_or_else(|| Error::new("xls 内容已损坏", "damaged xls: no workbook stream"))?;
    let mut globals = Globals {
        biff,
        encoding: encoding_rs::WINDOWS_1252,
        strings: Vec::new(),
        styles: Vec::new(),
        sheets: Vec::new(),
        formats: 0,
    };
    read_globals(stream, &mut globals, gather)?;
    if biff < 5 {
        // One sheet, whose formats stand in the same stream.
        gather.add_sheet("Sheet1".to_owned(), false)?;
        biff_cells::read(stream, 0, &globals, gather)?;
        gather.end_sheet();
        return Ok(());
    }
    let mut scanned = 0;
    for sheet in std::mem::take(&mut globals.sheets) {
        // Sheets stand one after the other; a file whose sheets share records is made to cost time.
        if scanned > 2 * stream.len() {
            return Err(Error::new("xls 内容已损坏：工作表互相重叠", "damaged xls: its sheets overlap"));
        }
        gather.add_sheet(sheet.name, sheet.hidden)?;
        gather.sheet().header_rows = sheet.header_rows;
        if !sheet.has_cells {
            gather.find(tell_no_cells(gather));
        } else if version(stream.get(sheet.offset..).unwrap_or_default()).is_some() {
            scanned += biff_cells::read(stream, sheet.offset, &globals, gather)?;
        } else {
            gather.find(super::xlsx::tell_missing(gather));
        }
        gather.end_sheet();
    }
    Ok(())
}

fn read_globals(stream: &[u8], globals: &mut Globals, gather: &mut Gather<'_>) -> Result<()> {
    let mut records = Records::new(stream, 0);
    let mut depth = 0;
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
            0x0022 => gather.book.date_1904 = u16_at(data, 0) == Some(1),
            0x002f => {
                return Err(Error::new(
                    "xls 文件已加密；请先用密码打开，另存为不加密的文件",
                    "the xls file is encrypted; open it with its password and save it without",
                ));
            }
            0x0042 => globals.encoding = encoding_of(u16_at(data, 0).unwrap_or(1252)),
            0x0085 => globals.sheets.extend(read_listed(data, globals)),
            0x0018 => read_name(data, globals),
            0x001e | 0x041e => read_format(data, globals, gather),
            0x0043 => globals.styles.push(u32::from(data.get(2).copied().unwrap_or(0) & 0x3f)),
            0x0243 | 0x0443 => globals.styles.push(u32::from(data.get(1).copied().unwrap_or(0))),
            0x00e0 => globals.styles.push(u32::from(u16_at(data, 2).unwrap_or(0))),
            0x00fc => {
                let mut parts = vec![data];
                while let Some(more) = records.next_if(CONTINUE) {
                    parts.push(more.data);
                }
                globals.strings = read_strings(parts);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The encoding of a Windows or Macintosh code page.
fn encoding_of(page: u16) -> &'static Encoding {
    match page {
        936 | 10_008 | 54_936 => encoding_rs::GB18030,
        950 | 10_002 => encoding_rs::BIG5,
        932 | 10_001 => encoding_rs::SHIFT_JIS,
        949 | 10_003 => encoding_rs::EUC_KR,
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        1200 => encoding_rs::UTF_16LE,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 | 32_768 => encoding_rs::MACINTOSH,
        10_007 => encoding_rs::X_MAC_CYRILLIC,
        65_001 => encoding_rs::UTF_8,
        _ => encoding_rs::WINDOWS_1252,
    }
}

impl Globals {
    /// Text of one byte a character, or two in the code pages of East Asia.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let encoding = if self.encoding == encoding_rs::UTF_16LE { encoding_rs::WINDOWS_1252 } else { self.encoding };
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    }

    /// A string with a 16-bit length: Unicode with a flag byte, or bytes of the code page.
    pub fn string(&self, data: &[u8]) -> String {
        let count = usize::from(u16_at(data, 0).unwrap_or(0));
        let rest = data.get(2..).unwrap_or_default();
        if self.biff < 8 { self.decode(&rest[..count.min(rest.len())]) } else { unicode(rest, count) }
    }

    /// A string with an 8-bit length.
    pub fn short_string(&self, data: &[u8]) -> String {
        let count = usize::from(data.first().copied().unwrap_or(0));
        let rest = data.get(1..).unwrap_or_default();
        if self.biff < 8 { self.decode(&rest[..count.min(rest.len())]) } else { unicode(rest, count) }
    }

    /// The text of a LABEL record of Excel 97 and later. Excel itself never writes one; libraries
    /// that do may leave out the flag byte, or put code page bytes behind it.
    pub fn label(&self, data: &[u8]) -> String {
        let count = usize::from(u16_at(data, 0).unwrap_or(0));
        let rest = data.get(2..).unwrap_or_default();
        let bytes = match rest.split_first() {
            _ if rest.len() == count => rest,
            Some((0, bytes)) if bytes.len() >= count => &bytes[..count],
            _ => return unicode(rest, count),
        };
        let double_byte = [encoding_rs::GB18030, encoding_rs::BIG5, encoding_rs::SHIFT_JIS, encoding_rs::EUC_KR];
        if bytes.is_ascii() || !(double_byte.contains(&self.encoding) || self.encoding == encoding_rs::UTF_8) {
            return latin(bytes);
        }
        match self.encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => text.into_owned(),
            None => latin(bytes),
        }
    }
}

/// Characters behind a flag byte: 16 bits each, or their low halves.
pub(super) fn unicode(data: &[u8], count: usize) -> String {
    let Some((flags, mut rest)) = data.split_first() else { return String::new() };
    if flags & 8 != 0 {
        rest = rest.get(2..).unwrap_or_default();
    }
    if flags & 4 != 0 {
        rest = rest.get(4..).unwrap_or_default();
    }
    if flags & 1 != 0 { utf16(&rest[..(count * 2).min(rest.len())]) } else { latin(&rest[..count.min(rest.len())]) }
}

pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    char::decode_utf16(units).map(|ch| ch.unwrap_or('\u{fffd}')).collect()
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn read_listed(data: &[u8], globals: &Globals) -> Option<Listed> {
    let flags = u16_at(data, 4)?;
    Some(Listed {
        offset: u32_at(data, 0)? as usize,
        hidden: flags & 3 != 0,
        has_cells: flags >> 8 == 0,
        name: globals.short_string(data.get(6..)?),
        header_rows: None,
    })
}

/// A number format; before Excel 5 they are numbered by order.
fn read_format(data: &[u8], globals: &mut Globals, gather: &mut Gather<'_>) {
    let number = globals.formats;
    globals.formats += 1;
    let (number, code) = match globals.biff {
        2 | 3 => (number, globals.short_string(data)),
        4 => (number, globals.short_string(data.get(2..).unwrap_or_default())),
        5 => (u32::from(u16_at(data, 0).unwrap_or(0)), globals.short_string(data.get(2..).unwrap_or_default())),
        _ => (u32::from(u16_at(data, 0).unwrap_or(0)), globals.string(data.get(2..).unwrap_or_default())),
    };
    gather.book.formats.declare(number, code);
}

/// The built-in name of the print titles: its formula names the rows (2.4.150, 2.5.198.27).
fn read_name(data: &[u8], globals: &mut Globals) {
    const PRINT_TITLES: u8 = 7;
    let named = globals.biff == 8 && data.get(3) == Some(&1) && data.get(14..16) == Some(&[0, PRINT_TITLES]);
    let sheet = usize::from(u16_at(data, 8).unwrap_or(0)).checked_sub(1);
    let (true, Some(sheet)) = (named, sheet.and_then(|sheet| globals.sheets.get_mut(sheet))) else { return };
    let mut formula = data.get(16..).unwrap_or_default();
    loop {
        match formula.first() {
            Some(0x29) => formula = formula.get(3..).unwrap_or_default(),
            Some(0x3b) => {
                let number = |at| u16_at(formula, at).map(u32::from);
                if let (Some(from), Some(to), Some(0), Some(255)) = (number(3), number(5), number(7), number(9)) {
                    sheet.header_rows = Some((from, to));
                }
                formula = formula.get(11..).unwrap_or_default();
            }
            _ => return,
        }
    }
}

/// The shared strings (2.4.265). A string may go on in the next record, which then begins with a
/// flag byte of its own; what follows the characters (runs, phonetics) goes on without one.
fn read_strings(parts: Vec<&[u8]>) -> Vec<Box<str>> {
    let mut reader = Pieces { parts, part: 0, at: 8 };
    let mut strings = Vec::new();
    while let Some(text) = reader.string() {
        strings.push(text.into_boxed_str());
    }
    strings
}

struct Pieces<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl Pieces<'_> {
    fn rest(&self) -> &[u8] {
        self.parts.get(self.part).and_then(|part| part.get(self.at..)).unwrap_or_default()
    }

    fn next_part(&mut self) -> bool {
        self.part += 1;
        self.at = 0;
        self.part < self.parts.len()
    }

    fn byte(&mut self) -> Option<u8> {
        while self.rest().is_empty() {
            if !self.next_part() {
                return None;
            }
        }
        let byte = self.rest()[0];
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        (0..bytes).try_fold(0, |number, index| Some(number | usize::from(self.byte()?) << (8 * index)))
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 {
            let step = bytes.min(self.rest().len());
            self.at += step;
            bytes -= step;
            if bytes > 0 && !self.next_part() {
                return;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut count = self.number(2)?;
        let mut flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let phonetic = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let mut units: Vec<u16> = Vec::new();
        while count > 0 {
            let width = if flags & 1 != 0 { 2 } else { 1 };
            let rest = self.rest();
            let take = (rest.len() / width).min(count);
            if width == 2 {
                units.extend(rest[..take * 2].chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])));
            } else {
                units.extend(rest[..take].iter().map(|byte| u16::from(*byte)));
            }
            self.at += take * width;
            count -= take;
            if count > 0 {
                if !self.next_part() {
                    break;
                }
                flags = self.byte()?;
            }
        }
        self.skip(runs * 4 + phonetic);
        Some(char::decode_utf16(units).map(|ch| ch.unwrap_or('\u{fffd}')).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(page: u16) -> Globals {
        Globals {
            biff: 8,
            encoding: encoding_of(page),
            strings: Vec::new(),
            styles: Vec::new(),
            sheets: Vec::new(),
            formats: 0,
        }
    }

    #[test]
    fn strings_go_on_in_the_next_record_in_another_width() {
        let first: &[u8] = &[1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, b'a', b'b'];
        let second: &[u8] = &[1, 0x84, 0x98, 0x97, 0x7b, 1, 0, 0, b'z'];
        let strings = read_strings(vec![first, second]);
        assert_eq!(strings.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["ab预算", "z"]);
    }

    #[test]
    fn labels_of_java_libraries_are_code_page_bytes() {
        let gbk = encoding_rs::GBK.encode("预算").0.into_owned();
        let flagged = [&[4, 0, 0], gbk.as_slice()].concat();
        let bare = [&[4, 0], gbk.as_slice()].concat();
        assert_eq!(globals(936).label(&flagged), "预算");
        assert_eq!(globals(936).label(&bare), "预算");
        assert_eq!(globals(1200).label(&[2, 0, 0, 0xe9, 0xe8]), "éè");
        assert_eq!(globals(936).label(&[2, 0, 1, 0x84, 0x98, 0x97, 0x7b]), "预算");
    }
}
