#![no_main]
//! A filing applied to its own source changes no byte, of a text and of a docx.

use libfuzzer_sys::fuzz_target;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::apply_filing;
use yusuan_fuzz::{Edited, read};

fuzz_target!(|edited: Edited| {
    let text = edited.text().into_bytes();
    let filing = read(&text).expect("a text");
    unchanged(&text);
    unchanged(&yusuan::write::docx::write(&filing, built_in::forms()).expect("a docx"));
});

fn unchanged(bytes: &[u8]) {
    let filing = read(bytes).expect("a filing");
    let applied = apply_filing(bytes, &filing, &filing, built_in::forms(), &Limits::default(), &Default::default());
    assert!(applied.expect("no edits").bytes == bytes);
}
