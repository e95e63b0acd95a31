//! Writers: a filing to the bytes of a format. They know no sources.

pub mod json;
pub mod workbook;
