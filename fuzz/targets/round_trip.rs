#![no_main]
//! A workbook of ours reads back to the same filing. Of a table that no form knows, columns have only
//! their cells, and one at the end that has not even those is not on a sheet.

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use yusuan::form::built_in;
use yusuan_fuzz::{Edited, content, read, workbook};

fuzz_target!(|edited: Edited| {
    let before = read(edited.text().as_bytes()).expect("a text");
    let after = read(&workbook(&before, built_in::forms())).expect("our own workbook");
    let (old, new) = (content(&before), content(&after));
    for key in ["title", "department", "fiscal_year", "unit", "figures"] {
        assert_eq!(old[key], new[key], "{key}");
    }
    let (old, new) = (blocks(old), blocks(new));
    for (old, new) in old.iter().zip(&new) {
        assert_eq!(old, new);
    }
    assert_eq!(old.len(), new.len());
});

fn blocks(mut content: Json) -> Vec<Json> {
    let mut blocks = content["blocks"].as_array_mut().map(std::mem::take).expect("blocks");
    for block in &mut blocks {
        if let Some(table) = block.as_object_mut()
            && table.get("form").is_some_and(Json::is_null)
            && let Some(rows) = table.get_mut("rows").and_then(Json::as_array_mut)
        {
            drop_empty_end(rows);
            table.remove("columns");
        }
    }
    blocks
}

/// Drops the columns at the end of which no row has a cell with text.
fn drop_empty_end(rows: &mut [Json]) {
    let cells = |row: &Json| row["cells"].as_array().map_or(&[][..], Vec::as_slice).to_vec();
    let used = |row: &Json| cells(row).iter().rposition(|cell| cell != "").map_or(0, |last| last + 1);
    let width = rows.iter().map(used).max().unwrap_or(0);
    for row in rows {
        if let Some(cells) = row["cells"].as_array_mut() {
            cells.truncate(width);
        }
    }
}
