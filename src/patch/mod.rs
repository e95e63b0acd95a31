//! Edits carried back: two filings give changes, changes give edits of the source's bytes.

mod alias;
mod align;
mod aligned;
mod apply;
mod blocks;
mod carry;
mod change;
mod dialect;
mod docx;
mod edit;
mod encode;
mod fields;
mod keep;
mod lay;
mod manner;
mod pair;
mod prints;
pub mod render;
mod settle;
mod site;
mod sync;
mod table;
mod value;

pub use apply::{Applied, Options, apply_filing};
pub use change::{At, Change, How, What, diff};
