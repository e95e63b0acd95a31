//! Edits carried back: two filings give changes, changes give edits of the source's bytes.

mod align;
mod change;
mod dialect;
mod edit;
mod encode;
mod pair;
mod prints;

pub use change::{At, Change, How, What, diff};
