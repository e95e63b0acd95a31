#![no_main]
//! Whole files of any kind as a disk may hold them: xls, xlsb, ods, HTML, CSV, SpreadsheetML 2003.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| yusuan_fuzz::run(bytes));
