//! Which sheets there are, and what stands on them.

use yusuan::filing::{Cell, RowKind, Value};
use yusuan::text::Text;

use crate::build::*;
use crate::everything::everything;
use crate::open::{write_with, written};

#[test]
fn sheets_stand_in_the_standard_order() {
    let book = written(&everything());
    let names: Vec<&str> = book.names.iter().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "目录",
            "文本",
            "收支总表",
            "收入总表",
            "支出总表",
            "财政拨款收支总表",
            "一般公共预算支出表",
            "政府性基金支出表",
            "基本支出表",
            "三公经费表",
            "机构设置",
            "职责活动绩效指标",
            "1.护林员补助及巡护经费",
            "2.森林草原防火物资储备与防火隔离带建设…政补助资金（第一批）",
            "3.湿地保护与恢复",
            "政府采购",
            "国有资产",
            "预算项目明细表",
            "校验",
        ]
    );
}

#[test]
fn the_same_filing_gives_the_same_bytes() {
    let filing = everything();
    let once = write_with(&filing, &Default::default()).bytes;
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(once == write_with(&filing, &Default::default()).bytes);
}

#[test]
fn no_text_is_taken_for_a_formula_a_link_or_a_number() {
    let rows = ["=SUM(A1)|+1|@x|https://example.com|0101|1301902106E8|-"];
    let labels = ["甲", "乙", "丙", "丁", "戊", "己", "庚"];
    let table = unknown("=1+1", &labels, &rows);
    let mut filing = filing(vec![paragraph("=HYPERLINK(\"x\")"), heading(1, "{=1}"), block(table)]);
    filing.department.code = "0407".to_owned();
    filing.title = Text::from("=A1");
    let book = written(&filing);
    assert_eq!(book.formulas().count(), 0);
    assert_eq!(book.row("=1+1", 3), rows[0].split('|').collect::<Vec<_>>());
    assert!(!book.sheet_part("=1+1").contains("<hyperlink"));
    assert_eq!(book.cell("目录", "B3"), "0407");
    assert_eq!(book.cell("文本", "C3"), "=HYPERLINK(\"x\")");
}

#[test]
fn the_prose_keeps_the_order_of_the_blocks() {
    let book = written(&filing(vec![
        heading(2, "一、职责"),
        block(unknown("甲表", &["a"], &["1"])),
        paragraph("此后"),
        block(unknown("", &["a"], &["1"])),
    ]));
    assert_eq!(book.row("文本", 3), ["1", "标题2", "一、职责", ""]);
    assert_eq!(book.row("文本", 4), ["2", "表", "甲表", "甲表"]);
    assert_eq!(book.row("文本", 5), ["3", "段落", "此后", ""]);
    assert_eq!(book.row("文本", 6), ["4", "表", "", "表2"]);
    assert!(book.defined.iter().any(|(name, to)| name == "表_2" && to == "'表2'!$A$1"), "{:?}", book.defined);
    assert!(book.sheet_part("文本").contains("location=\"表_2\""));
}

#[test]
fn headers_are_merged_by_their_paths() {
    let book = written(&everything());
    let part = book.sheet_part("支出总表");
    // 序号 down, 功能分类科目 across, 合计 down.
    for range in ["A3:A4", "B3:C3", "D3:D4", "A1:I1"] {
        assert!(part.contains(&format!("<mergeCell ref=\"{range}\"/>")), "{range}");
    }
    assert_eq!(book.row("支出总表", 5)[..4], ["栏次", "1", "2", "3"]);
}

#[test]
fn columns_the_table_lacks_are_left_out_and_unknown_ones_stay() {
    let mut table = table(
        "hebei-2023",
        "expenditure-summary",
        &["function_code", "function_name", "total", "basic"],
        &["|合计|8.00|8.00|1.50", "213|农林水支出|8.00|8.00|1.50"],
    );
    table.columns.push(yusuan::filing::Column { id: "x1".to_owned(), label: vec!["其中：人员".to_owned()] });
    let book = written(&filing(vec![block(table)]));
    assert_eq!(book.row("支出总表", 3), ["功能分类科目", "", "合计", "基本支出", "其中：人员"]);
    assert_eq!(book.row("支出总表", 5), ["", "合计", "8", "8", "1.5"]);
    assert!(book.is_number("支出总表", "E6"));
}

#[test]
fn merged_cells_are_merged_again() {
    let book = written(&filing(vec![block(project_2021("1", "护林", "3.20", "", "3.20"))]));
    let part = book.sheet_part("1.护林");
    for range in ["A4:A5", "B5:G5", "C3:D3", "A10:A14", "B10:B11", "D9:E9"] {
        let found = part.contains(&format!("<mergeCell ref=\"{range}\"/>"));
        assert_eq!(found, range != "C3:D3", "{range}");
    }
}

#[test]
fn a_field_block_is_as_wide_as_the_table() {
    let book = written(&everything());
    assert_eq!(book.row("3.湿地保护与恢复", 4), ["项目名称", "湿地保护与恢复", "", "", ""]);
    assert_eq!(book.row("3.湿地保护与恢复", 7)[..2], ["项目资金（万元）", "年度资金总额："]);
    assert_eq!(book.row("3.湿地保护与恢复", 2)[0], "（2023年度）");
    assert_eq!(book.row("3.湿地保护与恢复", 12)[..3], ["绩效指标", "产出指标", "10-数量指标"]);
    assert!(book.sheet_part("3.湿地保护与恢复").contains("<mergeCell ref=\"A12:A16\"/>"));
}

#[test]
fn amounts_and_codes_are_of_their_kind() {
    let book = written(&everything());
    assert!(book.is_number("国有资产", "C5"));
    assert_eq!(book.cell("国有资产", "B4"), "——");
    assert_eq!(book.row("预算项目明细表", 3), ["防火", "16839.09", "0101", "甲"]);
    assert!(book.is_number("预算项目明细表", "B3") && !book.is_number("预算项目明细表", "C3"));
    assert!(!book.is_number("支出总表", "B7"));
    assert!(book.is_number("1.护林员补助及巡护经费", "B7"));
    assert_eq!(book.cell("1.护林员补助及巡护经费", "B7"), "0.25");
}

#[test]
fn notes_titles_and_lines_above_stand_on_the_sheet() {
    let book = written(&everything());
    assert_eq!(book.row("政府性基金支出表", 2)[0], "407云岭县林草服务局");
    assert!(book.find("政府性基金支出表", "注：无政府性基金预算财政拨款预算，空表列示。").is_some());
    assert!(book.find("国有资产", "截止时间：2022-12-31").is_some());
}

#[test]
fn a_printed_line_is_kept_as_printed() {
    let mut assets = table("hebei-2023", "state-assets", &["item", "quantity", "value"], &["资产总额|——|1.00"]);
    assets.labels.push(Text::from("编制部门：407999云岭县林草服务局机关"));
    assets.labels.push(Text::from("截止日期：2022年12月31日"));
    let assets = assets.field("date", "2022-12-31");
    let book = written(&filing(vec![block(assets)]));
    assert_eq!(book.cell("国有资产", "A2"), "编制部门：407999云岭县林草服务局机关");
}

#[test]
fn covered_amounts_stand_in_every_row() {
    let mut table = table(
        "hebei-2023",
        "procurement",
        &["project", "project_funds", "goods", "total"],
        &["合计|||3.00", "防火|5.00|水枪|1.00", "^|^|水泵|2.00"],
    );
    table.rows[0].kind = RowKind::Total;
    let book = written(&filing(vec![block(table)]));
    assert_eq!(book.cell("政府采购", "B6"), "5");
    assert_eq!(book.cell("政府采购", "B7"), "5");
    assert!(book.sheet_part("政府采购").contains("<mergeCell ref=\"A6:A7\"/>"));
}

#[test]
fn ragged_rows_and_empty_tables_are_written() {
    let mut table = unknown("残表", &["甲", "乙"], &["1|2"]);
    table.rows[0].cells.push(Cell::default());
    table.rows[0].cells.truncate(1);
    let empty = yusuan::filing::Table::default();
    let goals = table_with_goals();
    let book = written(&filing(vec![block(table), block(empty), block(goals)]));
    assert_eq!(book.names[2..4], ["1.防火".to_owned(), "残表".to_owned()]);
}

fn table_with_goals() -> yusuan::filing::Table {
    let mut table = table("hebei-2023", "project-performance", &[], &[]).goals(&["1.甲", "2.乙"]);
    table.title = Text::default();
    table.fields.push(yusuan::filing::Field { id: "no".to_owned(), value: Value::One(Text::from("1")) });
    table.field("project_name", "防火")
}

#[test]
fn a_label_is_no_department() {
    let mut procurement = table("hebei-2023", "procurement", &["project", "total"], &["合计|1.00"]);
    procurement.labels.extend(["单位：万元", "项目名称", "政府采购金额"].map(Text::from));
    let book = written(&filing(vec![block(procurement)]));
    assert_eq!(book.cell("政府采购", "A2"), "407云岭县林草服务局");
}

#[test]
fn a_year_printed_again_in_a_continued_row_is_merged() {
    let all = all_columns("hebei-2023", "activity-performance");
    let activities = table(
        "hebei-2023",
        "activity-performance",
        &all,
        &[
            "0101|防火|描述|2023|目标|甲率|甲|1|2|3|4",
            "^|^|^|2023|^|乙率|乙|1|2|3|4",
            "0102|绿化|描述|2023|目标|丙率|丙|1|2|3|4",
        ],
    );
    let part = written(&filing(vec![block(activities)])).sheet_part("职责活动绩效指标");
    assert!(part.contains("<mergeCell ref=\"D4:D5\"/>"), "{part}");
}
