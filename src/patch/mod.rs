//! Edits carried back: two filings give changes, changes give edits of the source's bytes.

mod align;
mod pair;
