//! A filing of one family on another family's forms, and empty forms.

use yusuan::write::workbook::{Options, blank, write};

use crate::build::*;
use crate::open::{Book, write_with};

#[test]
fn what_the_other_form_lacks_stands_on_a_sheet_of_its_own() {
    let filing = filing(vec![block(project_2021("1", "护林", "103.20", "100.00", "3.20"))]);
    let options = Options { template: Some("hebei-2023".to_owned()), ..Options::default() };
    let written = write_with(&filing, &options);
    let fields: Vec<&str> = written.findings.iter().filter_map(|finding| finding.column.as_deref()).collect();
    assert!(written.findings.iter().all(|finding| finding.rule == "no-place-on-form"));
    assert_eq!(
        fields,
        [
            "unit_code",
            "unit_name",
            "project_code",
            "budget",
            "fiscal",
            "other",
            "purpose",
            "plan_03",
            "plan_06",
            "plan_10",
            "plan_12"
        ]
    );
    let book = Book::open(written.bytes);
    assert_eq!(book.row("其他信息", 6)[1..], ["1.护林", "", "budget", "预算数", "103.2", "模板无此栏"]);
    assert_eq!(book.formula("其他信息", "F6"), Some("ROUND(SUM(F7:F8),6)"));
    assert_eq!(book.row("1.护林", 2)[0], "绩效目标");
    assert_eq!(book.row("1.护林", 3)[..3], ["一级指标", "二级指标", "三级指标"]);
}

#[test]
fn columns_the_other_form_has_are_printed_empty() {
    let filing = filing(vec![block(
        table(
            "hebei-2023",
            "project-performance",
            &["level1", "level2", "level3", "value"],
            &["产出指标|数量指标|里程|≥1公里"],
        )
        .field("no", "1")
        .field("project_name", "护林")
        .goals(&["1.甲"]),
    )]);
    let options = Options { template: Some("ningxia-2023".to_owned()), ..Options::default() };
    let book = Book::open(write_with(&filing, &options).bytes);
    assert_eq!(book.row("1.护林", 11), ["绩效指标", "产出指标", "数量指标", "里程", "≥1公里"]);
    assert_eq!(book.row("1.护林", 3)[..2], ["项目名称", "护林"]);
}

#[test]
fn an_unknown_family_is_an_error() {
    let options = Options { template: Some("atlantis".to_owned()), ..Options::default() };
    let error = write(&filing(Vec::new()), forms(), &[], &options).expect_err("no such family");
    assert!(error.en.contains("atlantis") && error.en.contains("hebei-2021"));
}

#[test]
fn an_empty_form_carries_its_formulas() {
    let open = |family: &str, id: &str| Book::open(blank(form(family, id), forms()).expect("a blank form"));
    let summary = open("hebei-2023", "revenue-expenditure-summary");
    assert_eq!(summary.cell("收支总表", "B6"), "一、一般公共预算拨款收入");
    assert_eq!(summary.formula("收支总表", "C37"), Some("ROUND(SUM(C6:C36),6)"));
    let tree = open("hebei-2023", "expenditure-summary");
    assert_eq!(tree.formula("支出总表", "E6"), Some("ROUND(SUMPRODUCT((LEN(B7:B26)=3)*1,E7:E26),6)"));
    assert_eq!(tree.formula("支出总表", "D7"), Some("ROUND(SUM(E7:I7),6)"));
    let project = open("hebei-2021", "project-performance");
    assert!(project.formulas().any(|(_, formula, _)| formula == "ROUND(SUM(E4,G4),6)"));
    assert!(project.sheet_part(&project.names[0]).contains("<dataValidation "));
}

#[test]
fn a_code_printed_in_parts_is_printed_in_parts_again() {
    let mut table = table(
        "national",
        "general-expenditure",
        &["function_code", "function_name", "total"],
        &["213|农林水支出|8.00", "21302|林业和草原|8.00", "2130201|行政运行|8.00", "|合计|8.00"],
    );
    table.columns[0].label = vec!["功能分类科目编码".to_owned(), "类".to_owned()];
    let book = Book::open(write_with(&filing(vec![block(table)]), &Options::default()).bytes);
    let sheet = &book.names[2];
    let first = book.find(sheet, "2130201").is_none().then(|| book.find(sheet, "行政运行")).flatten().expect("the row");
    let row = book.row(sheet, first[1..].parse().expect("a row"));
    assert_eq!(row, ["213", "02", "01", "行政运行", "8"]);
    assert!(book.find(sheet, "款").is_some());
    let blank = Book::open(blank(form("national", "general-expenditure"), forms()).expect("a blank form"));
    assert!(blank.find(&blank.names[0], "款").is_some());
    assert!(blank.formulas().any(|(_, formula, _)| formula.contains("<>\"\")*(")));
}

#[test]
fn a_blank_form_leaves_room_for_the_year() {
    let blank = |family, form| {
        let form = forms().in_family(family, form).expect("a form");
        Book::open(blank(form, forms()).expect("a blank form")).part("xl/sharedStrings.xml")
    };
    assert!(blank("hebei-2023", "procurement").contains("　　年预留中小微企业份额"));
    assert!(blank("national", "three-public").contains("　　年部门“三公”经费"));
}
