//! The original that a workbook was made from, carried in the workbook's package.
//!
//! A row, a paragraph or a table that an edit deleted has its blanks, line breaks and formatting in
//! the original alone. The workbook that was made from it carries it as a part that no spreadsheet
//! program shows, so that edits taken back give its bytes again. Spreadsheet programs leave the
//! part out when they save, so that no workbook that somebody edited carries what was deleted in it.

use crate::limits::Limits;
use crate::read::package::Package;

/// Name of the part (ISO/IEC 29500-2, clause 6.2). No relationship leads to it: LibreOffice keeps
/// parts that one leads to.
pub(crate) const PART: &str = "yusuan/original.bin";

/// Bytes of the largest original that is carried: scanned pages have no text to take back.
pub const MOST: usize = 2 << 20;

/// The original that a workbook (xlsx) carries; `None` where it carries none.
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
    use crate::form::built_in::forms;
    use crate::write::workbook::{Options, write};

    fn workbook(original: Option<&[u8]>) -> Vec<u8> {
        let filing = crate::read_filing("a.txt", "一、说明\n".as_bytes(), forms(), &Limits::default()).expect("a text");
        let options = Options { original: original.map(<[u8]>::to_vec), ..Options::default() };
        write(&filing, forms(), &[], &options).expect("a workbook").bytes
    }

    #[test]
    fn a_workbook_carries_its_original() {
        let plain = workbook(None);
        assert_eq!(carried(&plain, &Limits::default()), None);
        for original in [b"\xff\xfe\x00".as_slice(), "甲乙丙\r\n".repeat(9_000).as_bytes(), b"PK\x03\x04", b""] {
            let carrying = workbook(Some(original));
            assert_eq!(carried(&carrying, &Limits::default()).as_deref(), Some(original));
            let read =
                |bytes: &[u8]| crate::read_filing("a.xlsx", bytes, forms(), &Limits::default()).expect("a filing");
            assert!(crate::patch::diff(&read(&carrying), &read(&plain), forms()).is_empty());
        }
    }

    #[test]
    fn what_is_too_long_is_not_carried() {
        assert_eq!(workbook(Some(&vec![b'a'; MOST + 1])), workbook(None));
    }
}
