//! A workbook that `yusuan` wrote reads back to the same filing: text → json = text → xlsx → json,
//! in content, not in places.

mod common;

use serde_json::Value as Json;
use yusuan::filing::Filing;
use yusuan::finding::Lang;
use yusuan::form::built_in;
use yusuan::write::{json, workbook};

fn workbook_of(filing: &Filing) -> Vec<u8> {
    let equations = yusuan::check::equations(filing, built_in::forms());
    let options = workbook::Options::default();
    workbook::write(filing, built_in::forms(), &equations, &options).expect("a workbook").bytes
}

/// What a filing says, without where it says it.
fn content(filing: &Filing) -> Json {
    let mut json: Json = serde_json::from_slice(&json::write(filing, &[], Lang::En)).expect("json");
    let whole = json.as_object_mut().expect("an object");
    for key in ["source", "findings"] {
        whole.remove(key);
    }
    remove_places(&mut json);
    json
}

fn remove_places(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.remove("at");
            map.values_mut().for_each(remove_places);
        }
        Json::Array(items) => items.iter_mut().for_each(remove_places),
        _ => {}
    }
}

fn assert_reads_back(name: &str, bytes: &[u8]) {
    let before = common::filing(name, bytes);
    let first = workbook_of(&before);
    let after = common::filing("workbook.xlsx", &first);
    let (before, again) = (content(&before), content(&after));
    for key in ["title", "department", "fiscal_year", "unit"] {
        assert_eq!(before[key], again[key], "{name}: {key}");
    }
    let (old, new) = (before["blocks"].as_array().expect("blocks"), again["blocks"].as_array().expect("blocks"));
    for (number, (old, new)) in old.iter().zip(new).enumerate() {
        assert_eq!(old, new, "{name}: block {number}");
    }
    assert_eq!(old.len(), new.len(), "{name}: number of blocks");
    let second = common::filing("workbook.xlsx", &workbook_of(&after));
    assert_eq!(again, content(&second), "{name}: a second pass changes nothing");
}

#[test]
fn workbooks_of_the_examples_read_back() {
    for (name, bytes) in common::example_filings() {
        assert_reads_back(&name, &bytes);
    }
}

#[test]
fn workbooks_of_the_real_filings_read_back() {
    for (name, bytes) in common::real_filings("workbooks_of_the_real_filings_read_back") {
        assert_reads_back(&name, &bytes);
    }
}
