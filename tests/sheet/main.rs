//! Workbooks of every make: what they say, and that none of them takes the process down.

mod build;
mod cases;
mod hostile;
mod laws;
