//! Workbooks as other bureaus make them: the shape of a sheet says which cells are header and which
//! tables stand on it.

mod common;

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use yusuan::filing::{Block, Filing, Table, Value};

const FUNCTIONS: [(&str, &str); 3] = [("213", "农林水支出"), ("21302", "林业和草原"), ("2130204", "事业机构")];

fn read(draw: impl Fn(&mut Worksheet)) -> Filing {
    let mut book = Workbook::new();
    draw(book.add_worksheet());
    common::filing("a.xlsx", &book.save_to_buffer().expect("a workbook"))
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, cells: &[&str]) {
    for (cell, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        sheet.write_string(row, column + cell as u16, *text).expect("a cell");
    }
}

fn merge(sheet: &mut Worksheet, rows: (u32, u32), columns: (u16, u16), text: &str) {
    sheet.merge_range(rows.0, columns.0, rows.1, columns.1, text, &Format::new()).expect("a merged cell");
}

fn prose(filing: &Filing) -> Vec<&str> {
    filing.blocks.iter().filter_map(Block::prose).map(|text| text.as_str()).collect()
}

fn tables(filing: &Filing) -> Vec<&Table> {
    filing.tables().map(|(_, table)| table).collect()
}

#[test]
fn a_header_of_three_levels_with_a_group_no_form_knows() {
    let filing = read(|sheet| {
        merge(sheet, (0, 0), (0, 9), "部门收入总表");
        put(sheet, 1, 9, &["单位：万元"]);
        merge(sheet, (2, 2), (0, 1), "科目");
        for (column, text) in
            [(0, "科目编码"), (1, "科目名称"), (3, "小计"), (4, "财政拨款收入"), (5, "财政专户管理资金收入")]
        {
            merge(sheet, (3, 4), (column, column), text);
        }
        merge(sheet, (2, 4), (2, 2), "合计");
        merge(sheet, (2, 2), (3, 8), "本年收入");
        merge(sheet, (2, 4), (9, 9), "上年结转");
        merge(sheet, (3, 3), (6, 8), "单位资金");
        put(sheet, 4, 6, &["事业收入", "经营收入", "其他收入"]);
        put(sheet, 5, 1, &["合计", "300.00", "290.00", "280.00", "", "10.00", "", "", "10.00"]);
        for (row, (code, name)) in (6..).zip(FUNCTIONS) {
            put(sheet, row, 0, &[code, name, "300.00", "290.00", "280.00", "", "10.00", "", "", "10.00"]);
        }
    });
    let found = tables(&filing);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].form_id(), found[0].rows.len()), ("revenue-summary", 4));
    let cells = |id: &str| found[0].cell(3, id).to_owned();
    assert_eq!(
        ["total", "fiscal", "operating_income", "carry_over"].map(cells),
        ["300.00", "280.00", "10.00", "10.00"]
    );
}

#[test]
fn two_tables_side_by_side_are_two_tables() {
    let filing = read(|sheet| {
        for (column, title) in [(0, "部门支出总表"), (7, "一般公共预算支出表")] {
            put(sheet, 0, column, &[title]);
            put(sheet, 1, column, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
            put(sheet, 2, column, &["", "合计", "300.00", "200.00", "100.00"]);
            for (row, (code, name)) in (3..).zip(FUNCTIONS) {
                put(sheet, row, column, &[code, name, "300.00", "200.00", "100.00"]);
            }
        }
    });
    let found: Vec<(&str, usize)> = tables(&filing).iter().map(|table| (table.form_id(), table.rows.len())).collect();
    assert_eq!(found, [("expenditure-summary", 4), ("general-expenditure", 4)]);
}

#[test]
fn the_name_of_a_sheet_is_the_title_of_its_table() {
    let filing = read(|sheet| {
        sheet.set_name("部门支出总表").expect("a name");
        put(sheet, 0, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
        for (row, (code, name)) in (1..).zip(FUNCTIONS) {
            put(sheet, row, 0, &[code, name, "300.00", "200.00", "100.00"]);
        }
    });
    let found = tables(&filing);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].form_id(), found[0].title.as_str(), found[0].rows.len()),
        ("expenditure-summary", "部门支出总表", 3)
    );
}

#[test]
fn text_between_the_tables_of_a_sheet_is_text() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["云岭县林草服务局2025年部门预算"]);
        put(sheet, 1, 0, &["一、机构设置"]);
        merge(sheet, (3, 3), (0, 3), "部门机构设置情况");
        put(sheet, 4, 0, &["单位名称", "单位性质", "单位规格", "经费保障形式"]);
        put(sheet, 5, 0, &["云岭县林草服务局", "行政", "正科级", "财政拨款"]);
        put(sheet, 7, 0, &["二、部门预算安排的总体情况"]);
        put(sheet, 8, 0, &["2025年预算收入总计300.00万元。"]);
        put(sheet, 10, 0, &["部门支出总表"]);
        put(sheet, 11, 0, &["单位：万元"]);
        put(sheet, 12, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
        for (row, (code, name)) in (13..).zip(FUNCTIONS) {
            put(sheet, row, 0, &[code, name, "300.00", "200.00", "100.00"]);
        }
        // A name alone below a blank row is a value as long as it is no heading and no sentence.
        put(sheet, 17, 0, &["2130205"]);
        put(sheet, 18, 0, &["2130206", "技术推广", "1.00", "1.00", ""]);
        put(sheet, 20, 0, &["三、其他说明"]);
    });
    let found: Vec<(&str, usize)> = tables(&filing).iter().map(|table| (table.form_id(), table.rows.len())).collect();
    assert_eq!(found, [("institutions", 1), ("expenditure-summary", 5)]);
    let expected = [
        "云岭县林草服务局2025年部门预算",
        "一、机构设置",
        "二、部门预算安排的总体情况",
        "2025年预算收入总计300.00万元。",
        "三、其他说明",
    ];
    assert_eq!(prose(&filing), expected);
}

/// Three rows of 支出总表, and the title of prose right below them.
fn put_expenditure_and_a_title(sheet: &mut Worksheet) {
    put(sheet, 0, 0, &["部门支出总表"]);
    put(sheet, 1, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
    for (row, (code, name)) in (2..).zip(FUNCTIONS) {
        put(sheet, row, 0, &[code, name, "300.00", "200.00", "100.00"]);
    }
    put(sheet, 5, 0, &["云岭县林草服务局信息公开说明"]);
}

#[test]
fn text_right_below_rows_that_begin_with_a_number_is_text() {
    let filing = read(|sheet| {
        put_expenditure_and_a_title(sheet);
        put(sheet, 6, 0, &["2025年预算收入总计300.00万元。"]);
    });
    assert_eq!(tables(&filing).iter().map(|table| table.rows.len()).collect::<Vec<_>>(), [3]);
    assert_eq!(prose(&filing), ["云岭县林草服务局信息公开说明", "2025年预算收入总计300.00万元。"]);
}

#[test]
fn the_title_of_the_prose_between_a_table_and_the_first_heading_is_text() {
    let filing = read(|sheet| {
        put_expenditure_and_a_title(sheet);
        put(sheet, 6, 0, &["一、部门职责及机构设置情况"]);
        put(sheet, 7, 0, &["部门职责："]);
        put(sheet, 8, 0, &["（一）管护全县林木。"]);
    });
    assert_eq!(tables(&filing).iter().map(|table| table.rows.len()).collect::<Vec<_>>(), [3]);
    assert_eq!(prose(&filing)[..2], ["云岭县林草服务局信息公开说明", "一、部门职责及机构设置情况"]);
}

#[test]
fn a_department_alone_below_the_title_is_no_row() {
    let filing = read(|sheet| {
        merge(sheet, (0, 0), (0, 8), "2022年政府采购预算表");
        put(sheet, 1, 0, &["云岭县林草服务局"]);
        merge(sheet, (2, 2), (0, 1), "政府采购项目来源");
        put(sheet, 2, 2, &["采购物品名称", "政府采购目录序号", "计量单位", "数量", "单价"]);
        merge(sheet, (2, 2), (7, 8), "政府采购金额（当年部门预算安排资金）");
        put(sheet, 3, 0, &["项目名称", "预算资金", "", "", "", "", "", "合计", "一般公共预算拨款"]);
        put(sheet, 4, 0, &["造林补助", "10.00", "台式计算机", "A02010105", "台", "4", "0.50", "2.00", "2.00"]);
    });
    let found = tables(&filing);
    assert_eq!((found.len(), filing.blocks.len()), (1, 1));
    assert_eq!((found[0].form_id(), found[0].rows.len()), ("procurement", 1));
    assert_eq!(filing.department.name, "云岭县林草服务局");
}

#[test]
fn the_value_of_a_preamble_stands_in_the_cell_beside_its_label() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["部门收入总表"]);
        put(sheet, 1, 0, &["编制部门：", "云岭县林草服务局", "", "", "单位：", "万元"]);
        put(sheet, 2, 0, &["科目编码", "科目名称", "合计", "财政拨款收入", "事业收入", "其他收入"]);
        for (row, (code, name)) in (3..).zip(FUNCTIONS) {
            put(sheet, row, 0, &[code, name, "300.00", "200.00", "100.00"]);
        }
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!((table.rows.len(), filing.blocks.len()), (3, 1));
    assert_eq!((filing.unit.as_deref(), filing.department.name.as_str()), (Some("万元"), "云岭县林草服务局"));
    assert!(filing.findings.is_empty(), "{:?}", filing.findings);

    // In a text the value is edited where it stands.
    let text = "部门固定资产占用情况表\n\t407云岭县林草服务局\n\t截止时间：\n\t2022-12-31\n\n\t项目\n\t数量\n\t价值（金额单位：万元）\n\n\t资产总额\n\t——\n\t1,248.36\n\n";
    let before = common::filing("a.txt", text.as_bytes());
    let mut after = before.clone();
    let Some(Block::Table(table)) = after.blocks.first_mut() else { panic!("{:?}", before.findings) };
    let date = table.fields.iter_mut().find(|field| field.id == "date").expect("a field");
    assert!(matches!(&date.value, Value::One(date) if date.as_str() == "2022-12-31"), "{:?}", date.value);
    date.value = Value::One("2023-06-30".into());
    let (forms, limits) = (yusuan::form::built_in::forms(), yusuan::limits::Limits::default());
    let applied = yusuan::patch::apply_filing(text.as_bytes(), &before, &after, forms, &limits, &Default::default());
    assert_eq!(applied.expect("carried").bytes, text.replace("2022-12-31", "2023-06-30").as_bytes());
}
