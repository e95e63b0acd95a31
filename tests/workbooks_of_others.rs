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

/// What is drawn on a sheet.
type Draw<'a> = &'a dyn Fn(&mut Worksheet);

/// A workbook of several sheets with these names.
fn read_sheets(sheets: &[(&str, Draw<'_>)]) -> Filing {
    let mut book = Workbook::new();
    for (name, draw) in sheets {
        draw(book.add_worksheet().set_name(*name).expect("a name"));
    }
    common::filing("a.xlsx", &book.save_to_buffer().expect("a workbook"))
}

/// Rows of a table by function, from the row of labels on.
fn put_functions(sheet: &mut Worksheet, row: u32, amount: &str) {
    put(sheet, row, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
    put(sheet, row + 1, 1, &["合计", amount, amount]);
    for (row, (code, name)) in (row + 2..).zip(FUNCTIONS) {
        put(sheet, row, 0, &[code, name, amount, amount]);
    }
}

fn names(table: &Table) -> Vec<&str> {
    (0..table.rows.len()).map(|row| table.cell(row, "function_name")).collect()
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

#[test]
fn the_number_of_a_table_above_its_title_is_no_row_of_the_table_before() {
    let first = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["表5"]);
        put(sheet, 1, 0, &["一般公共预算支出表"]);
        put_functions(sheet, 2, "300.00");
        put(sheet, 8, 0, &["附件6-1"]);
        put(sheet, 9, 0, &["国有资本经营预算支出表"]);
        put_functions(sheet, 10, "20.00");
    };
    let second = |sheet: &mut Worksheet| {
        put(sheet, 0, 4, &["公开07表"]);
        put(sheet, 1, 0, &["政府性基金预算支出表"]);
        put_functions(sheet, 2, "10.00");
    };
    let third = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["部门支出总表", "", "", "", "公开08表"]);
        put_functions(sheet, 1, "330.00");
    };
    let filing = read_sheets(&[("5", &first), ("7", &second), ("8", &third)]);
    let found = tables(&filing);
    let forms: Vec<&str> = found.iter().map(|table| table.form_id()).collect();
    assert_eq!(forms, ["general-expenditure", "state-capital-expenditure", "fund-expenditure", "expenditure-summary"]);
    for table in found {
        assert_eq!(names(table), ["合计", "农林水支出", "林业和草原", "事业机构"], "{}", table.title);
    }
    assert_eq!(prose(&filing), ["表5", "附件6-1", "公开07表", "公开08表"]);
    assert!(filing.findings.is_empty() && filing.title.is_empty(), "{:?}", filing.findings);
}

#[test]
fn what_stands_above_a_table_is_of_its_own_sheet() {
    let sheet = |title: &'static str, unit: &'static str| {
        move |sheet: &mut Worksheet| {
            put(sheet, 0, 0, &[title]);
            put(sheet, 1, 0, &["单位：云岭县林草服务局", "", "内部资料", "", unit]);
            put_functions(sheet, 2, "10.00");
        }
    };
    let (first, second) = (sheet("一般公共预算支出表", "单位：万元"), sheet("政府性基金预算支出表", "单位：元"));
    let filing = read_sheets(&[("表5", &first), ("表6", &second)]);
    let units: Vec<_> = tables(&filing).iter().map(|table| table.unit.as_deref()).collect();
    assert_eq!(units, [Some("万元"), Some("元")]);
    assert_eq!(filing.department.name, "云岭县林草服务局");
    // A line that no form knows does not take the others with it.
    assert_eq!(prose(&filing), ["内部资料", "内部资料"]);
}

#[test]
fn a_table_of_a_sheet_with_another_name_is_another_table() {
    let unknown = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["财政专户管理资金预算支出表"]);
        put_functions(sheet, 1, "7.00");
    };
    let untitled = |sheet: &mut Worksheet| put_functions(sheet, 0, "10.00");
    let first = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["国有资本经营预算支出表"]);
        put_functions(sheet, 1, "10.00");
    };
    for (name, next) in [("财政专户", &unknown as Draw<'_>), ("其他", &untitled), ("Sheet2", &untitled)] {
        let filing = read_sheets(&[("国资", &first), (name, next)]);
        let rows: Vec<usize> = tables(&filing).iter().map(|table| table.rows.len()).collect();
        assert_eq!(rows[0], 4, "{name}: {rows:?}");
        assert_eq!(rows.len(), 2, "{name}");
    }
    // Where a program made a sheet of each page the table goes on.
    let rest = |sheet: &mut Worksheet| put(sheet, 0, 0, &["2130205", "森林资源培育", "0.00", "0.00"]);
    for name in ["Sheet2", "国资（2）"] {
        let filing = read_sheets(&[("国资", &first), (name, &rest)]);
        assert_eq!(tables(&filing).iter().map(|table| table.rows.len()).collect::<Vec<_>>(), [5], "{name}");
    }
    let filing = read_sheets(&[("国资", &first), ("其他", &rest)]);
    assert_eq!(tables(&filing)[0].rows.len(), 4);
}

#[test]
fn labels_stand_in_their_columns_where_cells_are_merged() {
    let filing = read(|sheet| {
        merge(sheet, (0, 0), (0, 7), "部门支出总表");
        put(sheet, 1, 7, &["单位：万元"]);
        merge(sheet, (2, 2), (0, 2), "科目编码");
        put(sheet, 3, 0, &["类", "款", "项"]);
        for (column, text) in [(3, "单位代码"), (4, "单位名称（科目）"), (5, "合计"), (6, "基本支出"), (7, "项目支出")]
        {
            merge(sheet, (2, 3), (column, column), text);
        }
        put(sheet, 4, 4, &["合计", "10.00", "6.00", "4.00"]);
        put(sheet, 5, 0, &["213", "02", "04", "306001", "事业机构", "10.00", "6.00", "4.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    let cells = ["function_code", "function_name", "total", "basic", "project", "x1"].map(|id| table.cell(1, id));
    assert_eq!(cells, ["2130204", "事业机构", "10.00", "6.00", "4.00", "306001"]);

    // The funds of this year are none of those carried over.
    let filing = read(|sheet| {
        merge(sheet, (0, 0), (0, 6), "收入总表");
        for (column, text) in [(0, "部门（单位）代码"), (1, "部门（单位）名称"), (2, "合计"), (6, "上年结转结余")]
        {
            merge(sheet, (1, 2), (column, column), text);
        }
        merge(sheet, (1, 1), (3, 5), "本年收入");
        put(sheet, 2, 3, &["小计", "一般公共预算", "单位资金"]);
        put(sheet, 3, 0, &["306001", "云岭县林草服务局", "13.00", "12.00", "10.00", "2.00", "1.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(
        ["total", "current_subtotal", "general", "x1", "carry_over"].map(|id| table.cell(0, id)),
        ["13.00", "12.00", "10.00", "2.00", "1.00"]
    );
}

#[test]
fn the_parts_of_another_code_are_no_parts_of_the_first() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["一般公共预算基本支出表"]);
        merge(sheet, (1, 1), (0, 1), "科目编码");
        merge(sheet, (1, 2), (2, 2), "科目名称");
        merge(sheet, (1, 1), (3, 4), "科目编码");
        for (column, text) in [(5, "合计"), (6, "人员经费"), (7, "公用经费")] {
            merge(sheet, (1, 2), (column, column), text);
        }
        put(sheet, 2, 0, &["类", "款", "", "类", "款"]);
        put(sheet, 3, 0, &["301", "01", "基本工资", "501", "01", "6.00", "6.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(["economic_code", "x1", "x2", "personnel"].map(|id| table.cell(0, id)), ["30101", "501", "01", "6.00"]);
}

#[test]
fn a_header_begins_where_its_cells_reach_up_to() {
    let filing = read(|sheet| {
        merge(sheet, (0, 0), (0, 4), "政府性基金预算支出表");
        merge(sheet, (1, 2), (0, 0), "科目编码");
        merge(sheet, (1, 2), (1, 1), "科目名称");
        merge(sheet, (1, 1), (2, 4), "本年政府性基金预算支出");
        put(sheet, 2, 2, &["合计", "基本支出", "项目支出"]);
        put(sheet, 3, 0, &["", "合计", "10.00", "", "10.00"]);
        put(sheet, 4, 0, &["2120804", "农村基础设施建设支出", "10.00", "", "10.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!((table.form_id(), names(table)), ("fund-expenditure", vec!["合计", "农村基础设施建设支出"]));
    assert_eq!(table.cell(1, "total"), "10.00");
    assert!(prose(&filing).is_empty());
}

#[test]
fn rows_that_number_the_columns_are_no_data() {
    for numbers in [
        ["**", "**", "1", "2", "3"],
        ["*", "", "1", "2", "3"],
        ["栏次", "栏次", "1", "2", "3"],
        ["", "栏次", "1=2+3", "2", "3"],
        ["A", "B", "C=D+E", "D", "E"],
    ] {
        let filing = read(|sheet| {
            put(sheet, 0, 0, &["部门支出总表"]);
            put(sheet, 1, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
            put(sheet, 2, 0, &numbers);
            put(sheet, 3, 0, &["", "合计", "10.00", "6.00", "4.00"]);
            put(sheet, 4, 0, &["2130204", "事业机构", "10.00", "6.00", "4.00"]);
        });
        assert_eq!(names(tables(&filing)[0]), ["合计", "事业机构"], "{numbers:?}");
    }
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["收支总表"]);
        put(sheet, 1, 0, &["收入", "", "支出"]);
        put(sheet, 2, 0, &["项目", "预算数", "项目", "预算数"]);
        put(sheet, 3, 0, &["栏次", "1", "栏次", "2"]);
        put(sheet, 4, 0, &["一、一般公共预算拨款收入", "10.00", "一、农林水支出", "10.00"]);
    });
    assert_eq!(tables(&filing)[0].rows.len(), 1);
}

#[test]
fn the_year_of_the_income_says_nothing_of_the_expenditure() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["财政拨款收支预算总表"]);
        merge(sheet, (1, 1), (0, 1), "收入");
        merge(sheet, (1, 1), (2, 5), "支出");
        put(sheet, 2, 0, &["项目", "2024年预算数", "项目", "合计", "一般公共预算", "政府性基金预算"]);
        put(sheet, 3, 0, &["一、一般公共预算", "10.00", "一、农林水支出", "10.00", "10.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(["revenue_amount", "total", "general"].map(|id| table.cell(0, id)), ["10.00", "10.00", "10.00"]);
}

/// Projects in a list have the labels of a form for heads; what stands beside a label is no value.
#[test]
fn a_list_of_projects_is_no_project() {
    let plain = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["2024年部门项目支出绩效目标表"]);
        put(sheet, 1, 0, &["单位：元"]);
        put(sheet, 2, 0, &["项目名称", "项目年度绩效目标", "一级指标", "二级指标", "三级指标", "指标性质", "指标值"]);
        put(sheet, 3, 0, &["春季造林", "完成造林", "产出指标", "数量指标", "造林面积", ">=", "2000"]);
        put(sheet, 4, 0, &["防火", "完成防火", "产出指标", "数量指标", "巡护里程", ">=", "300"]);
    };
    let merged = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["项目支出绩效目标表"]);
        for (column, text) in [(0, "单位编码"), (1, "单位（专项）名称"), (2, "资金总额"), (3, "实施期绩效目标")]
        {
            merge(sheet, (1, 2), (column, column), text);
        }
        merge(sheet, (1, 1), (4, 7), "绩效指标");
        put(sheet, 2, 4, &["一级指标", "二级指标", "三级指标", "指标值"]);
        put(sheet, 3, 0, &["306001", "造林补助", "15.00", "造林", "产出指标", "数量指标", "造林面积", "2000"]);
        put(sheet, 4, 0, &["306001", "防火经费", "5.00", "防火", "产出指标", "数量指标", "巡护里程", "300"]);
    };
    let levels = |sheet: &mut Worksheet| {
        put(sheet, 0, 0, &["2024年项目支出绩效目标表"]);
        put(sheet, 1, 0, &["单位编码", "项目名称", "资金总额", "财政性资金", "产出指标", "效益指标", "满意度指标"]);
        put(sheet, 2, 0, &["306001", "造林补助", "15.00", "15.00", "造林面积≥2000亩", "生态效益明显", "≥90%"]);
    };
    for (name, draw) in [("1", &plain as Draw<'_>), ("2", &merged), ("3", &levels)] {
        let filing = read_sheets(&[(name, draw)]);
        let [table] = tables(&filing)[..] else { panic!("{name}: {:?}", prose(&filing)) };
        assert!(table.form.is_none() && prose(&filing).is_empty(), "{name}: {:?}", prose(&filing));
    }
}

/// Rows of one text each, and rows printed again and again, cost no more than others.
#[test]
fn rows_without_end_are_read_once() {
    let texts = |sheet: &mut Worksheet| {
        (0..40_000).for_each(|row| put(sheet, row * 2, 0, &[if row % 3 == 0 { "一、总则" } else { "造林" }]));
        put(sheet, 80_000, 0, &["甲", "乙"]);
    };
    let blanks = |sheet: &mut Worksheet| (0..200_000).for_each(|row| put(sheet, row, 0, &[" "]));
    let headers =
        |sheet: &mut Worksheet| (0..4_000).for_each(|row| put(sheet, row, 0, &["科目编码", "科目名称", "合计"]));
    // One cell far out does not make every row as long.
    let far = |sheet: &mut Worksheet| {
        put(sheet, 0, 16_383, &["远"]);
        (0..60_000).for_each(|row| put(sheet, row, 0, &["甲"]));
    };
    for draw in [&texts as Draw<'_>, &blanks, &headers, &far] {
        let filing = read_sheets(&[("甲", draw)]);
        assert!(filing.tables().count() <= 1);
    }
}

#[test]
fn labels_in_the_words_of_other_counties() {
    let labels: [[&str; 5]; 5] = [
        ["科目编码", "科目名称", "总计", "基本支出", "项目支出"],
        ["预算科目编码", "预算科目名称", "合计（万元）", "基本支出（万元）", "项目支出（万元）"],
        ["支出功能科目编码", "支出功能科目名称", "合计", "1.基本支出", "2.项目支出"],
        ["功能分类编码", "功能分类名称", "本年合计", "基本支出", "项目支出"],
        ["科目编码", "单位名称（科目）", "合计", "其中：基本支出", "项目支出"],
    ];
    for labels in labels {
        let filing = read(|sheet| {
            put(sheet, 0, 0, &["部门支出预算表"]);
            put(sheet, 1, 0, &labels);
            put(sheet, 2, 0, &["2130204", "事业机构", "10.00", "6.00", "4.00"]);
        });
        let [table] = tables(&filing)[..] else { panic!("{labels:?}") };
        let cells = ["function_code", "function_name", "total", "basic", "project"].map(|id| table.cell(0, id));
        assert_eq!(cells, ["2130204", "事业机构", "10.00", "6.00", "4.00"], "{labels:?}");
        assert_eq!((table.form_id(), table.title.as_str()), ("expenditure-summary", "部门支出预算表"));
        if labels[2].contains("万元") {
            assert_eq!(filing.unit.as_deref(), Some("万元"));
        }
    }
    // Groups over the labels that no form knows.
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["一般公共预算支出表"]);
        merge(sheet, (1, 1), (0, 1), "功能分类科目");
        merge(sheet, (1, 1), (2, 4), "2024年预算数");
        put(sheet, 2, 0, &["科目编码", "科目名称", "合计", "基本支出", "项目支出"]);
        put(sheet, 3, 0, &["2130204", "事业机构", "10.00", "6.00", "4.00"]);
    });
    assert_eq!((tables(&filing)[0].cell(0, "basic"), prose(&filing).len()), ("6.00", 0));
}

#[test]
fn income_and_expenditure_in_three_groups() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["收支总表"]);
        put(sheet, 1, 5, &["单位：万元"]);
        merge(sheet, (2, 2), (0, 1), "收入");
        merge(sheet, (2, 2), (2, 5), "支出");
        put(
            sheet,
            3,
            0,
            &["项目", "本年预算", "项目（按功能分类）", "本年预算", "项目（按部门预算经济分类）", "本年预算"],
        );
        put(sheet, 4, 0, &["一、一般公共预算拨款收入", "10.00", "一、农林水支出", "10.00", "一、工资福利支出", "6.00"]);
        put(sheet, 5, 4, &["二、商品和服务支出", "4.00"]);
        put(sheet, 6, 0, &["收入总计", "10.00", "支出总计", "10.00", "支出总计", "10.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(table.form_id(), "revenue-expenditure-summary");
    let cells =
        ["revenue_amount", "expenditure_amount", "economic_item", "economic_amount"].map(|id| table.cell(0, id));
    assert_eq!(cells, ["10.00", "10.00", "一、工资福利支出", "6.00"]);
    assert!(filing.findings.is_empty(), "{:?}", filing.findings);
}

/// 项目 and 预算数 are columns of many tables: their rows or their title say whose they are.
#[test]
fn two_common_columns_alone_are_no_form() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["部门收入总体情况"]);
        put(sheet, 1, 0, &["项目", "预算数"]);
        put(sheet, 2, 0, &["一、一般公共预算财政拨款收入", "10.00"]);
        put(sheet, 3, 0, &["本年收入合计", "10.00"]);
    });
    assert!(tables(&filing)[0].form.is_none());
}

#[test]
fn a_header_ends_where_its_cells_reach_down_to() {
    let filing = read(|sheet| {
        put(sheet, 0, 0, &["部门收支总体情况表"]);
        merge(sheet, (1, 1), (0, 1), "收入");
        merge(sheet, (1, 1), (2, 5), "支出");
        for (column, text) in [(0, "项目"), (1, "金额"), (2, "项目"), (3, "合计")] {
            merge(sheet, (2, 3), (column, column), text);
        }
        merge(sheet, (2, 2), (4, 5), "本年支出");
        put(sheet, 3, 4, &["当年安排", "专户资金"]);
        put(sheet, 4, 0, &["一、一般公共预算拨款收入", "10.00", "一、农林水支出", "10.00", "8.00", "2.00"]);
    });
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!((table.form_id(), table.rows.len()), ("revenue-expenditure-summary", 1));
    assert_eq!(["expenditure_amount", "x1", "x2"].map(|id| table.cell(0, id)), ["10.00", "8.00", "2.00"]);
}
