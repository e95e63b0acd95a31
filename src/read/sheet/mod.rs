//! Workbooks of any make.

mod dates;
mod decimal;
mod format;
