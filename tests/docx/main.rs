//! The docx reader, against documents made here: cases named by what Word users do, hostile files,
//! and laws over generated documents.

mod make;

mod hostile;
mod kinds;
mod laws;
mod numbering;
mod tables;
mod text;
