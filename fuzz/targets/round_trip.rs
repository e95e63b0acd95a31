#![no_main]
//! A workbook of ours reads back to the same filing. Printed labels of columns are left out: the
//! edits also turn headers into columns that no form knows, and such a column has only its cells.

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use yusuan::form::built_in;
use yusuan_fuzz::{Edited, content, read, workbook};

fuzz_target!(|edited: Edited| {
    let before = read(edited.text().as_bytes()).expect("a text");
    let after = read(&workbook(&before, built_in::forms())).expect("our own workbook");
    let (old, new) = (blocks(content(&before)), blocks(content(&after)));
    for (old, new) in old.iter().zip(&new) {
        assert_eq!(old, new);
    }
    assert_eq!(old.len(), new.len());
});

fn blocks(mut content: Json) -> Vec<Json> {
    let mut blocks = content["blocks"].as_array_mut().map(std::mem::take).expect("blocks");
    for block in &mut blocks {
        if let Some(table) = block.as_object_mut() {
            table.remove("columns");
        }
    }
    blocks
}
