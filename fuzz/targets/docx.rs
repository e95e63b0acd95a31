#![no_main]
//! Parts of Word documents in a sound package: the main part, styles, numbering, footnotes.

const PARTS: [&str; 4] = ["word/document.xml", "word/styles.xml", "word/numbering.xml", "word/footnotes.xml"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| yusuan_fuzz::run(&yusuan_fuzz::package(&PARTS, bytes, &[])));
