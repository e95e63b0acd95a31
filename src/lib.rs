//! `yusuan` (预算): Chinese departmental budget filings to the finance bureau's standard
//! spreadsheets, and the edits made there back into the text.
//!
//! ```text
//! bytes ─► Source ─► reader ─► Document ─► layout ─► recognise ─► Filing ─► check ─► findings
//!                                                       ▲ forms     ├─► write (xlsx, txt, json, docx, tables)
//!                                                   templates/      └─► patch (edits back into the source)
//! ```

pub mod check;
pub mod document;
pub mod equation;
pub mod error;
pub mod filing;
pub mod finding;
pub mod form;
pub mod layout;
pub mod limits;
pub mod read;
pub mod recognise;
pub mod source;
pub mod text;
pub mod write;

pub use error::{Error, Result};
pub use filing::Filing;
