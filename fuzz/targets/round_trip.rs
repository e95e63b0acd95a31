#![no_main]
//! A workbook of ours reads back to the same filing.

use libfuzzer_sys::fuzz_target;
use yusuan::form::built_in;
use yusuan_fuzz::{Edited, content, read, workbook};

fuzz_target!(|edited: Edited| {
    let before = read(edited.text().as_bytes()).expect("a text");
    let after = read(&workbook(&before, built_in::forms())).expect("our own workbook");
    let (before, after) = (content(&before), content(&after));
    let (old, new) = (before["blocks"].as_array().expect("blocks"), after["blocks"].as_array().expect("blocks"));
    for (old, new) in old.iter().zip(new) {
        assert_eq!(old, new);
    }
    assert_eq!(old.len(), new.len());
});
