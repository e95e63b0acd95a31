//! Edits of WordprocessingML.

use std::ops::Range;

use super::dialect::Why;
use super::edit::Edit;

/// Puts text in a blank cell.
pub(super) fn fill_blank(source: &str, content: Range<usize>, printed: &str) -> Result<Edit, Why> {
    let _ = (source, content, printed);
    Err(("尚不支持", "not supported"))
}

/// The paragraphs that a range of the part stands in.
pub(super) fn paragraphs(source: &str, range: Range<usize>) -> Range<usize> {
    let _ = source;
    range
}

/// The package after the edits.
pub(super) fn patch(
    bytes: &[u8],
    before: &crate::filing::Filing,
    goal: &crate::filing::Filing,
    pairing: &super::pair::Pairing,
    forms: &crate::form::Forms,
    limits: &crate::limits::Limits,
) -> crate::error::Result<Vec<u8>> {
    let _ = (bytes, before, goal, pairing, forms, limits);
    Err(crate::error::Error::new("尚不支持 docx", "docx is not supported yet"))
}
