//! Layout: what the page did to the text is undone before anyone asks what the text means.

pub mod clean;
pub mod join;
