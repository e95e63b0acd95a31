//! A workbook that `yusuan` wrote reads back to the same filing: text → json = text → xlsx → json,
//! in content, not in places.

mod common;

use common::{content, damaged, workbook_of};
use yusuan::filing::Filing;

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
fn shares_of_the_funding_plan_that_are_no_numbers_stay_in_their_cells() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(122, "其中：办公用房（平方米）"), (129, "项目支出")]));
    let lines = [(294, "\t年度"), (299, "部门（单位）整体支出绩效目标表")];
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &lines));
}

#[test]
fn a_value_that_reads_as_a_line_above_the_table_stays_a_value() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(115, "截止日期：2021年12月31日\t用于补播")]));
}

/// Fewer labels are left than the form asks of a header that stands alone.
#[test]
fn a_header_under_the_fields_with_damaged_labels_is_the_header() {
    for (number, label) in [(138, "机构性质\t指标值"), (224, "政府采购项目来源\t"), (404, "\t三级指标财政拨款收支总表")]
    {
        assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(number, label)]));
    }
}

#[test]
fn a_header_under_the_title_with_damaged_labels_is_the_header() {
    assert_blocks_read_back(&damaged("2023-nine-tables.txt", &[(10, "项目周期"), (12, "附属单位上缴收入")]));
}

/// Of a group only the label is left, over a column that it is the name of now.
#[test]
fn a_group_without_columns_is_the_label_of_its_column() {
    assert_reads_back("a.txt", damaged("2023-nine-tables.txt", &[(843, "")]).as_bytes());
}

#[test]
fn a_row_that_says_labels_of_columns_is_no_header() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(405, "指标内容\t指标值")]));
}

/// A note in place of the header of a project's indicators, which are no table any more.
#[test]
fn a_note_under_a_table_without_columns_stays_its_note() {
    let text = std::fs::read_to_string("examples/filings/2025-markdown.md").expect("an example");
    let header = "| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 分值权重 |";
    let changed = text.replacen(header, "注：本表为空表。", 1);
    assert_ne!(text, changed);
    assert_blocks_read_back(&changed);
}

#[test]
fn a_goal_of_two_lines_stays_one_goal() {
    let lines = [(304, "2022年部门项目支出预算绩效目标\t")];
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &lines));
}

/// A row of which only cells are left that are merged with those above.
#[test]
fn a_row_that_merged_cells_cover_whole_stays_a_row() {
    assert_blocks_read_back(&damaged("2021-cell-a-line.txt", &[(322, "设备\t宣传次数")]));
}

/// Above the table 单位：万元, then another line with 元, which is taken.
#[test]
fn of_two_units_above_a_table_the_one_taken_is_kept() {
    assert_blocks_read_back(&damaged("2021-row-a-line.txt", &[(129, "金额单位：元")]));
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
