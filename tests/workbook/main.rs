//! The workbook writer: what stands in which cell, and that other programs read it alike.

mod build;
#[path = "../common/mod.rs"]
mod common;
mod everything;
mod libreoffice;
mod limits;
mod open;
mod package;
mod sheets;
mod sums;
mod template;
