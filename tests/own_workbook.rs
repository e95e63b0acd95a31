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

/// A table that is printed again, once without an amount: the formula of the workbook shows it.
#[test]
fn a_table_printed_again_with_a_gap_reads_back() {
    let text = std::fs::read_to_string("examples/filings/2021-row-a-line.txt").expect("an example");
    let total = "合 计\t\t\t\t\t\t\t24.60\t16.60\t\t\t\t8.00";
    assert_eq!(text.matches(total).count(), 2);
    let last = text.rfind(total).expect("printed twice") + total.len();
    let gap = format!("{}{}", &text[..last - 4], &text[last..]);
    let rows = |text: &str| {
        let filing = common::filing("a.txt", text.as_bytes());
        filing.tables().find(|(_, table)| table.form_id() == "procurement").map(|(_, table)| table.rows.len())
    };
    assert_eq!((rows(&text), rows(&gap)), (Some(7), Some(14)));
    assert_reads_back("a.txt", gap.as_bytes());
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

/// A bundled filing whose last cells on some lines (from 1) were replaced, as damage replaces them.
fn damaged(example: &str, lines: &[(usize, &str)]) -> String {
    let text = std::fs::read_to_string(format!("examples/filings/{example}")).expect("an example");
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    for (number, new) in lines {
        let line = &mut all[number - 1];
        let end = line.trim_end_matches(['|', ' ']).len();
        let from = line[..end].rfind(['|', '\t']).map_or(0, |before| before + 1);
        line.replace_range(from..end.max(from), new);
    }
    all.join("\n")
}

/// As [`assert_reads_back`], without the printed labels: a column that no form knows has its cells.
#[track_caller]
fn assert_blocks_read_back(text: &str) {
    let before = common::filing("a.txt", text.as_bytes());
    let after = common::filing("workbook.xlsx", &workbook_of(&before));
    let (mut before, mut after) = (content(&before), content(&after));
    for blocks in [&mut before["blocks"], &mut after["blocks"]] {
        for block in blocks.as_array_mut().expect("blocks") {
            block.as_object_mut().expect("a block").remove("columns");
        }
    }
    let (old, new) = (before["blocks"].as_array().expect("blocks"), after["blocks"].as_array().expect("blocks"));
    for (number, (old, new)) in old.iter().zip(new).enumerate() {
        assert_eq!(old, new, "block {number}");
    }
    assert_eq!(old.len(), new.len(), "number of blocks");
}

#[test]
fn a_header_with_a_damaged_label_is_read_by_its_columns() {
    assert_blocks_read_back(&damaged("2023-nine-tables.txt", &[(242, "=0")]));
}

#[test]
fn a_table_without_its_title_gets_no_line_of_prose() {
    assert_blocks_read_back(&damaged("2023-nine-tables.txt", &[(1868, "%")]));
}

#[test]
fn a_value_that_reads_as_a_title_stays_a_value() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(201, "1.甲项目绩效目标表")]));
}

#[test]
fn a_table_without_a_title_keeps_its_first_row() {
    let lines = [(589, "20"), (584, "经验收合格的面积占改良面积的比例")];
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &lines));
}

#[test]
fn an_empty_share_of_the_funding_plan_stays_empty() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(203, "问卷调查"), (208, "35.80")]));
}

#[test]
fn a_unit_that_the_form_prints_nowhere_is_kept() {
    let text = std::fs::read_to_string("examples/filings/2021-row-a-line.txt").expect("an example");
    // The head of the column says 万元, the line above the table 元.
    let changed = text.replacen("截止时间：2020年12月31日", "截止时间：2020年12月31日\n\n单位：元", 1);
    assert_ne!(text, changed);
    let filing = common::filing("unit.txt", changed.as_bytes());
    let unit = |filing: &Filing| {
        let assets = filing.tables().find(|(_, table)| table.form_id() == "state-assets").expect("the table");
        assets.1.unit.clone()
    };
    assert_eq!(unit(&filing).as_deref(), Some("元"));
    assert_reads_back("unit.txt", changed.as_bytes());
}
