//! The original that a workbook was made from, carried in the workbook's package.
//!
//! A row, a paragraph or a table that an edit deleted has its blanks, line breaks and formatting in
//! the original alone. The workbook that was made from it carries it as a part that no spreadsheet
//! program shows, so that edits taken back give its bytes again. Spreadsheet programs leave the
//! part out when they save, so that no workbook that somebody edited carries what was deleted in it.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::read::package::Package;

/// Name of the part (ISO/IEC 29500-2, clause 6.2).
const PART: &str = "yusuan/original.bin";
/// Lists of the package that name every part.
const TYPES: &str = "[Content_Types].xml";
const RELATIONSHIPS: &str = "_rels/.rels";
/// Type of the relationship from the package to the part.
const RELATIONSHIP: &str = "urn:yusuan:original";

/// Bytes of the largest original that is carried: scanned pages have no text to take back.
pub const MOST: usize = 2 << 20;

/// The workbook (xlsx) with the original in its package; as it is when the original is longer than
/// [`MOST`]. The same bytes give the same bytes.
///
/// # Errors
/// When the workbook is no package, or grows beyond what a zip file holds.
pub fn attach(workbook: Vec<u8>, original: &[u8]) -> Result<Vec<u8>> {
    if original.len() > MOST {
        return Ok(workbook);
    }
    attached(&workbook, original).map_err(|error| {
        Error::new(
            format!("工作簿写不成压缩包：{error}；请把文件分成几份"),
            format!("the workbook cannot be packed: {error}; split the file"),
        )
    })
}

fn attached(workbook: &[u8], original: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut old = ZipArchive::new(Cursor::new(workbook))?;
    let mut new = ZipWriter::new(Cursor::new(Vec::with_capacity(workbook.len() + original.len() + 1024)));
    let plain = SimpleFileOptions::default().last_modified_time(DateTime::default());
    // What is packed already only grows when it is packed again.
    let method = if original.starts_with(b"PK") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    for index in 0..old.len() {
        let entry = old.by_index(index)?;
        let name = entry.name()?.into_owned();
        let added = match name.as_str() {
            TYPES => format!("<Override PartName=\"/{PART}\" ContentType=\"application/octet-stream\"/></Types>"),
            RELATIONSHIPS => {
                format!("<Relationship Id=\"original\" Type=\"{RELATIONSHIP}\" Target=\"{PART}\"/></Relationships>")
            }
            _ => {
                new.raw_copy_file(entry)?;
                continue;
            }
        };
        let list = std::io::read_to_string(entry)?;
        let kept = list.rsplit_once("</").map_or(list.as_str(), |(kept, _)| kept);
        new.start_file(name, plain.compression_method(CompressionMethod::Deflated))?;
        new.write_all(kept.as_bytes())?;
        new.write_all(added.as_bytes())?;
    }
    new.start_file(PART, plain.compression_method(method))?;
    new.write_all(original)?;
    Ok(new.finish()?.into_inner())
}

/// The original that a workbook carries; `None` where it carries none.
pub fn carried(workbook: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    if !workbook.starts_with(b"PK") {
        return None;
    }
    let limits = Limits { part_bytes: limits.part_bytes.min(MOST as u64), ..limits.clone() };
    Package::open(workbook, &limits).ok()?.read(PART).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workbook() -> Vec<u8> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.add_worksheet().write(0, 0, "云岭县").expect("a cell");
        workbook.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn a_workbook_carries_its_original() {
        let plain = workbook();
        assert_eq!(carried(&plain, &Limits::default()), None);
        for original in [b"\xff\xfe\x00".as_slice(), "甲乙丙\r\n".repeat(9_000).as_bytes(), b"PK\x03\x04", b""] {
            let carrying = attach(plain.clone(), original).expect("a workbook");
            assert_eq!(carried(&carrying, &Limits::default()).as_deref(), Some(original));
            assert_eq!(attach(plain.clone(), original).expect("a workbook"), carrying);
            let said = |bytes: &[u8]| crate::read::read("a.xlsx", bytes, &Limits::default()).expect("a workbook").1;
            assert_eq!(format!("{:?}", said(&carrying)), format!("{:?}", said(&plain)));
        }
    }

    #[test]
    fn what_is_too_long_is_not_carried() {
        let plain = workbook();
        let long = vec![b'a'; MOST + 1];
        assert_eq!(attach(plain.clone(), &long).expect("a workbook"), plain);
        // Nor is it believed where somebody else put it there.
        let bomb = attached(&plain, &long).expect("a workbook");
        assert_eq!(carried(&bomb, &Limits::default()), None);
    }
}
