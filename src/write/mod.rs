//! Writers: a filing to bytes of any supported kind. They know no sources.

pub mod json;
pub mod workbook;
