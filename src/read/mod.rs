//! Readers: bytes of any supported kind to a [`Document`]. They know no forms.

pub mod compound;
pub mod docx;
mod merged;
pub mod office;
pub mod package;
pub mod part;
pub mod sheet;
pub mod sniff;
pub mod text;
pub mod xml;

use crate::document::Document;
use crate::error::Result;
use crate::limits::Limits;
use crate::source::{Kind, Source};

use self::sniff::Format;

/// What a reader yields: the source with its text or part names filled in, and the document.
pub type Read = (Source, Document);

/// Reads an input; its kind is decided by content, never by name.
///
/// # Errors
/// When the content is of no readable kind, or beyond the limits.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Read> {
    let mut source = Source::new(name, Kind::Text, bytes);
    let mut document = match sniff::sniff(bytes, limits)? {
        Format::Docx => docx::read(bytes, &mut source, limits)?,
        format @ (Format::Doc | Format::Odt | Format::Rtf | Format::WordXml) => {
            office::read(bytes, format, &mut source, limits)?
        }
        Format::Xlsx | Format::Xlsb | Format::Ods | Format::Xls | Format::SheetXml | Format::Html => {
            sheet::read(bytes, &mut source, limits)?
        }
        Format::Text if sheet::is_delimited(bytes) => sheet::read(bytes, &mut source, limits)?,
        Format::Text => text::read(bytes, &mut source, limits)?,
    };
    merged::limit(&mut document, limits);
    Ok((source, document))
}
