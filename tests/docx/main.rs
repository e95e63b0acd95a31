//! The docx reader, against documents made here: cases named by what Word users do, hostile files,
//! and laws over generated documents.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/content.rs"]
mod content;
mod make;
mod manners;
mod tree;

mod hostile;
mod kinds;
mod laws;
mod numbering;
mod producers;
mod programs;
mod tables;
mod text;
