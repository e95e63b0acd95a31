//! `yusuan` (预算): Chinese departmental budget filings to the finance bureau's standard
//! spreadsheets, and the edits made there back into the text.
//!
//! ```text
//! bytes ─► Source ─► reader ─► Document ─► layout ─► recognise ─► Filing ─► check ─► findings
//!                                                       ▲ forms     ├─► write (xlsx, txt, json, docx, tables)
//!                                                   templates/      └─► patch (edits back into the source)
//! ```
//!
//! ```no_run
//! use yusuan::finding::Lang;
//! use yusuan::form::built_in;
//!
//! let filing = yusuan::open("云岭县林草服务局2023年部门预算.txt")?;
//! for (_, table) in filing.tables() {
//!     println!("{}: {} rows as {}", table.title, table.rows.len(), table.form_id());
//! }
//! let findings = yusuan::check::report(&filing, built_in::forms(), &Default::default());
//! std::fs::write("filing.json", yusuan::write::json::write(&filing, &findings, Lang::En))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod check;
pub mod document;
pub mod equation;
pub mod error;
pub mod figures;
pub mod filing;
pub mod finding;
pub mod form;
pub mod import;
pub mod layout;
pub mod limits;
pub mod original;
pub mod patch;
pub mod read;
pub mod recognise;
pub mod source;
mod templates;
pub mod text;
pub mod write;

pub use error::{Error, Result};
pub use filing::Filing;

/// Reads a file with the built-in forms and the usual limits.
///
/// # Errors
/// When the file cannot be read or is no filing; the message names it.
pub fn open(path: impl AsRef<std::path::Path>) -> Result<Filing> {
    let path = path.as_ref();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| Error::from(error).within(&name))?;
    read_filing(&name, &bytes, form::built_in::forms(), &limits::Limits::default()).map_err(|error| error.within(&name))
}

/// Reads the bytes of an input; its kind is decided by content, `name` only says what to call it.
///
/// # Errors
/// When the content is of no readable kind, or beyond the limits.
pub fn read_filing(name: &str, bytes: &[u8], forms: &form::Forms, limits: &limits::Limits) -> Result<Filing> {
    if bytes.len() as u64 > limits.input_bytes {
        return Err(limits::too_large(limits.input_bytes));
    }
    let (source, document) = read::read(name, bytes, limits)?;
    Ok(recognise::recognise(source, document, forms))
}
