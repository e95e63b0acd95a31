//! Readers: bytes of any supported kind to a [`Document`]. They know no forms.

pub mod text;

use crate::document::Document;
use crate::error::Result;
use crate::limits::Limits;
use crate::source::{Kind, Source};

/// What a reader yields: the source with its text or part names filled in, and the document.
pub type Read = (Source, Document);

/// Reads an input; its kind is decided by content, never by name.
///
/// # Errors
/// When the content is of no readable kind, or beyond the limits.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Read> {
    let mut source = Source::new(name, Kind::Text, bytes);
    let document = text::read(bytes, &mut source, limits)?;
    Ok((source, document))
}
