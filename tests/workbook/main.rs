//! The workbook writer: what stands in which cell, and that other programs read it alike.

mod build;
mod everything;
mod libreoffice;
mod limits;
mod open;
mod sheets;
mod sums;
mod template;
