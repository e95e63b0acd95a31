#![no_main]
//! Form files of an office: whatever they say, loading ends, and so does reading a filing with them.

use libfuzzer_sys::fuzz_target;
use yusuan::form::built_in;
use yusuan::limits::Limits;

const FAMILY: &str = include_str!("../../tests/forms/yunling-2026/family.toml");
const FILING: &str = include_str!("../../examples/filings/2021-row-a-line.txt");

fuzz_target!(|text: &str| {
    let mut forms = built_in::forms().clone();
    if forms.add([("fuzz/family.toml", FAMILY), ("fuzz/project-performance.toml", text)]).is_ok() {
        let filing = yusuan::read_filing("input", FILING.as_bytes(), &forms, &Limits::default()).expect("a text");
        yusuan_fuzz::judge(&filing, &forms);
    }
});
