//! Writers: a filing to the bytes of a format. They know no sources.

pub mod json;
mod plan;
pub mod text;
mod tiles;
pub mod workbook;
