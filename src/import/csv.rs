//! The tables as CSV (RFC 4180) that Excel and WPS open: UTF-8 with a byte order mark.
//!
//! A text that a spreadsheet would take for a formula is written with an apostrophe before it;
//! [`restore`] takes it away again.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::extract::{Datum, Row};
use super::package::{self, Resource};
use super::schema::{Table, Type, schema};
use crate::filing::amount;

/// The byte order mark, by which Excel knows UTF-8.
pub const BOM: &str = "\u{feff}";

/// Name of the description.
pub const PACKAGE: &str = "datapackage.json";

/// Writes a folder of CSV files.
#[derive(Debug)]
pub struct CsvFolder {
    files: Vec<CsvFile>,
    folder: std::path::PathBuf,
}

#[derive(Debug)]
struct CsvFile {
    out: BufWriter<Hashing>,
    rows: u64,
}

/// A file whose length and hash are known when it is written.
#[derive(Debug)]
struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl CsvFolder {
    /// Opens the files of all tables.
    pub fn create(folder: &Path) -> io::Result<CsvFolder> {
        let mut files = Vec::new();
        for table in &schema().tables {
            let file = File::create(folder.join(file_name(table)))?;
            let mut out = BufWriter::new(Hashing { file, hash: Sha256::new(), bytes: 0 });
            out.write_all(BOM.as_bytes())?;
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            out.write_all(names.join(",").as_bytes())?;
            out.write_all(b"\r\n")?;
            files.push(CsvFile { out, rows: 0 });
        }
        Ok(CsvFolder { files, folder: folder.to_owned() })
    }

    /// Adds the rows of a filing.
    pub fn add(&mut self, rows: &[Vec<Row>]) -> io::Result<()> {
        for ((table, file), rows) in schema().tables.iter().zip(&mut self.files).zip(rows) {
            for row in rows {
                let mut line = String::new();
                for (index, (column, datum)) in table.columns.iter().zip(&row.data).enumerate() {
                    if index > 0 {
                        line.push(',');
                    }
                    push_field(&mut line, datum, column.kind);
                }
                line.push_str("\r\n");
                file.out.write_all(line.as_bytes())?;
                file.rows += 1;
            }
        }
        Ok(())
    }

    /// Ends the files and describes them.
    pub fn finish(self) -> io::Result<()> {
        let mut resources = Vec::new();
        for (table, file) in schema().tables.iter().zip(self.files) {
            let written = file.out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let hash = written.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            resources.push(Resource { table, path: file_name(table), bytes: written.bytes, hash, rows: file.rows });
        }
        std::fs::write(self.folder.join(PACKAGE), package::describe(&resources))
    }
}

/// Whether a file name is one that this writes.
pub fn is_ours(name: &str) -> bool {
    name == PACKAGE || schema().tables.iter().any(|table| file_name(table) == name)
}

fn file_name(table: &Table) -> String {
    format!("{}.csv", table.name)
}

fn push_field(line: &mut String, datum: &Datum, kind: Type) {
    let printed = datum.print();
    let safe = if kind == Type::Text { neutralise(&printed) } else { printed.into_owned() };
    let plain = !safe.contains([',', '"', '\r', '\n']) && !safe.starts_with(' ') && !safe.ends_with(' ');
    if plain {
        line.push_str(&safe);
    } else {
        line.push('"');
        line.push_str(&safe.replace('"', "\"\""));
        line.push('"');
    }
}

/// Signs a formula can begin with, full-width ones too, and those that hide one.
fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A text that no spreadsheet takes for a formula. Negative numbers stay as they are.
///
/// ```
/// use yusuan::import::csv::{neutralise, restore};
/// assert_eq!(neutralise("=1+1"), "'=1+1");
/// assert_eq!(neutralise("-12.50"), "-12.50");
/// assert_eq!(restore(&neutralise("=1+1")), "=1+1");
/// ```
pub fn neutralise(text: &str) -> String {
    // What already begins with apostrophes gets one more, so that restoring is sure.
    if begins_formula(text.trim_start_matches('\'')) && amount::parse(text).is_none() {
        return format!("'{text}");
    }
    text.to_owned()
}

/// The text that [`neutralise`] made safe.
pub fn restore(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if begins_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutralised_and_negative_numbers_are_not() {
        for text in ["=1+1", "+86", "-x", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－x", "＠a", "'=1", "--1", "-1+2"]
        {
            assert_eq!(neutralise(text), format!("'{text}"));
            assert_eq!(restore(&neutralise(text)), text);
        }
        for text in ["-1", "-1,234.50", "－5", "-5%", "≥95%", "'引号'", "a=b", "——", ""] {
            assert_eq!(neutralise(text), text);
            assert_eq!(restore(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn restoring_gives_the_text_back(text in "['=+@＝－0-9a,.%\t\r\n-]{0,6}") {
            let safe = neutralise(&text);
            proptest::prop_assert_eq!(restore(&safe), text.as_str());
        }
    }
}
