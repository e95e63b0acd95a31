//! Workbooks of any make.
//!
//! Each format has its own reader; all of them push cells into one [`Workbook`], of which the
//! [`Document`] is a view: a grid for each sheet.

mod biff;
mod biff_cells;
mod dates;
mod decimal;
mod delimited;
mod format;
mod formats;
mod grid;
mod html;
mod ods;
mod parts;
mod workbook;
mod xlsb;
mod xlsx;
mod xlsx_cells;
mod xml2003;

pub use workbook::{Cell, CellKind, Merge, Sheet, Workbook};

use std::borrow::Cow;

use crate::document::Document;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::read::compound::Compound;
use crate::read::package::Package;
use crate::read::part::Part;
use crate::read::sniff::{self, Format};
use crate::read::text::decode::decode;
use crate::source::{Kind, Source};
use workbook::Gather;

/// Reads a workbook as a document; the source's parts become the names of the sheets.
///
/// # Errors
/// As [`read_workbook`].
pub fn read(bytes: &[u8], source: &mut Source, limits: &Limits) -> Result<Document> {
    let book = read_workbook(bytes, limits)?;
    source.kind = Kind::Spreadsheet;
    source.parts = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    Ok(grid::lay_out(book, limits))
}

/// Reads a workbook with all that an edit needs to know: which cells are formulas, their number
/// formats, comments.
///
/// # Errors
/// When the bytes are no workbook, a damaged or encrypted one, or one beyond the limits.
pub fn read_workbook(bytes: &[u8], limits: &Limits) -> Result<Workbook> {
    if bytes.len() as u64 > limits.input_bytes {
        let most = limits.input_bytes >> 20;
        return Err(Error::new(format!("文件过大，超过 {most} MB"), format!("the file is larger than {most} MB")));
    }
    let mut gather = Gather::new(limits);
    match sniff::sniff(bytes, limits)? {
        Format::Xlsx => read_package(bytes, &mut gather, xlsx::read)?,
        Format::Xlsb => read_package(bytes, &mut gather, xlsb::read)?,
        Format::Ods => {
            let text = Package::open(bytes, limits)?.part("content.xml")?.ok_or_else(no_workbook)?.text;
            ods::read(&text, &mut gather).map_err(|error| error.within("content.xml"))?;
        }
        Format::Xls => biff::read(&workbook_stream(bytes)?, &mut gather)?,
        Format::SheetXml => {
            let text = Part::decode(bytes.to_vec())?.text;
            if text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
                xml2003::read(&text, &mut gather)?;
            } else {
                ods::read(&text, &mut gather)?;
            }
        }
        Format::Html => html::read(&decode(bytes)?.text, &mut gather)?,
        Format::Text => {
            let text = decode(bytes)?.text;
            delimited::read(&text, delimited::separator(&text).ok_or_else(no_workbook)?, &mut gather)?;
        }
        _ => return Err(no_workbook()),
    }
    Ok(gather.book)
}

fn no_workbook() -> Error {
    Error::new("不是工作簿", "not a workbook")
}

fn read_package(
    bytes: &[u8],
    gather: &mut Gather<'_>,
    read: fn(&mut Package<'_>, &str, &mut Gather<'_>) -> Result<()>,
) -> Result<()> {
    let mut package = Package::open(bytes, gather.limits)?;
    let (main, _) = package.main_part()?.ok_or_else(no_workbook)?;
    read(&mut package, &main, gather)
}

/// The workbook stream of an xls file; before Excel 5 the file is the stream.
fn workbook_stream(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    if biff::version(bytes).is_some() {
        return Ok(Cow::Borrowed(bytes));
    }
    let file = Compound::open(bytes).ok_or_else(no_workbook)?;
    file.stream("Workbook").or_else(|| file.stream("Book")).map(Cow::Owned).ok_or_else(no_workbook)
}

/// Whether bytes without any container are a workbook of Excel 2 to 4.
pub(crate) fn is_bare_xls(bytes: &[u8]) -> bool {
    biff::version(bytes).is_some()
}

/// Whether a text is a table with commas or semicolons between its fields (CSV). Tables with tabs
/// are a manner of plain text, which [`crate::read::text`] reads.
pub(crate) fn is_delimited(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let whole_lines = head.iter().rposition(|byte| *byte == b'\n').map_or(head, |end| &head[..=end]);
    decode(whole_lines).is_ok_and(|decoded| matches!(delimited::separator(&decoded.text), Some(',' | ';')))
}
