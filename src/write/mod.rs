//! Writers: a filing to the bytes of a format. They know no sources.

pub mod docx;
pub mod json;
mod lines;
mod plan;
mod protect;
pub mod text;
mod tiles;
pub mod workbook;
mod zip;
