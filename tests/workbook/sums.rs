//! Cells that a form defines as sums.

use crate::build::*;
use crate::open::{Book, written};
use yusuan::filing::Table;

const SHEET: &str = "支出总表";

fn expenditure(rows: &[&str]) -> Table {
    let columns = all_columns("hebei-2023", "expenditure-summary");
    table("hebei-2023", "expenditure-summary", &columns, rows)
}

fn book(rows: &[&str]) -> Book {
    written(&filing(vec![block(expenditure(rows))]))
}

/// The line of 校验 about a cell.
fn check_line(book: &Book, place: &str) -> Vec<String> {
    let cell = book.find("校验", place).unwrap_or_else(|| panic!("校验 has no line about {place}"));
    book.row("校验", cell[1..].parse().expect("a row"))
}

#[test]
fn a_sum_is_a_formula_over_ranges_with_its_result() {
    let book = book(&[
        "1||合计|0.3|0.3||||",
        "2|213|农林水支出|0.3|0.3||||",
        "3|21302|林业和草原|0.3|0.3||||",
        "4|2130201|行政运行|0.1|0.1||||",
        "5|2130202|一般行政管理事务|0.2|0.2||||",
    ]);
    assert_eq!(book.formula(SHEET, "E8"), Some("ROUND(SUM(E9:E10),6)"));
    assert_eq!(book.cell(SHEET, "E8"), "0.3");
    // Over columns where no row defines the cell.
    assert_eq!(book.formula(SHEET, "D9"), Some("ROUND(SUM(E9:I9),6)"));
    assert!(book.formula(SHEET, "E9").is_none());
}

#[test]
fn a_blank_sum_of_blanks_shows_nothing() {
    let book = book(&["1||合计|8.00|8.00||||", "2|213|农林水支出|8.00|8.00||||"]);
    assert_eq!(book.formula(SHEET, "F6"), Some("ROUND(SUM(F7),6)"));
    assert_eq!(book.cell(SHEET, "F6"), "0");
    assert!(book.part("xl/styles.xml").contains("0.00;-0.00;;@"));
    assert!(book.find("校验", "支出总表!F6").is_none());
}

#[test]
fn a_total_of_parts_nobody_filled_in_stays_as_printed() {
    let book = book(&["1||合计|8.00|||||", "2|213|农林水支出||||||"]);
    assert_eq!(book.formula(SHEET, "D6"), None);
    assert_eq!(book.cell(SHEET, "D6"), "8");
    assert!(book.find("校验", "支出总表!D6").is_none());
}

#[test]
fn a_total_that_does_not_add_up_shows_both() {
    let book =
        book(&["1||合计|198.00|198.00||||", "2|208|社会保障|98.00|98.00||||", "3|210|卫生健康|100.01|100.01||||"]);
    assert_eq!(book.cell(SHEET, "E6"), "198.01");
    assert!(book.formula(SHEET, "E6").is_some());
    assert!(book.part("xl/comments1.xml").contains("原文为 198.00"));
    let line = check_line(&book, "支出总表!E6");
    assert_eq!(line[4..9], ["198", "198", "198.01", "-0.01", "≈"]);
    assert_eq!(line[10], "198.01");
}

#[test]
fn a_contradiction_is_blamed_where_it_stands() {
    // 20805 is wrong; 208 and 合计 are the sums of what is printed below them.
    let book = book(&[
        "1||合计|10.00|10.00||||",
        "2|208|社会保障|10.00|10.00||||",
        "3|20805|养老|10.00|10.00||||",
        "4|2080505|缴费|12.00|12.00||||",
    ]);
    assert_eq!(book.cell(SHEET, "E6"), "12");
    assert_eq!(check_line(&book, "支出总表!E8")[8], "✗");
    for place in ["支出总表!E7", "支出总表!E6"] {
        let line = check_line(&book, place);
        assert_eq!((line[4].as_str(), line[6].as_str(), line[8].as_str()), ("10", "10", "✓"), "{place}");
        assert_eq!(line[10], "12");
    }
    // In 合计 and in 基本支出.
    assert!(book.cell("校验", "A2").contains("✗ 不符 2 项"), "{}", book.cell("校验", "A2"));
}

#[test]
fn a_blank_total_of_amounts_is_told() {
    let book = book(
        &["1||合计|||||", "2|208|社会保障|98.00|98.00||||"]
            .map(|row| if row.ends_with("合计|||||") { "1||合计||||||" } else { row }),
    );
    assert_eq!(book.cell(SHEET, "E6"), "98");
    assert!(book.part("xl/comments1.xml").contains("原文为 空白"));
    assert_eq!(check_line(&book, "支出总表!E6")[4], "");
}

#[test]
fn words_among_the_parts_leave_the_total_as_printed() {
    let book = book(&["1||合计|850.00|850.00||||", "2|208|社会保障|850万元|850万元||||"]);
    assert!(book.formula(SHEET, "E6").is_none());
    assert_eq!(book.cell(SHEET, "E6"), "850");
    assert_eq!(book.cell(SHEET, "E7"), "850万元");
}

#[test]
fn a_dash_counts_as_nothing() {
    let book = book(&["1||合计|8.00|8.00||||", "2|208|社会保障|8.00|8.00|——|||"]);
    assert_eq!(book.formula(SHEET, "D7"), Some("ROUND(SUM(E7:I7),6)"));
    assert_eq!(book.cell(SHEET, "F7"), "——");
}

#[test]
fn a_number_kept_as_text_counts_with_its_value() {
    let book = book(&["1||合计|12.50|12.50||||", "2|208|社会保障|12.50|１２.５０||||"]);
    assert_eq!(book.cell(SHEET, "E7"), "１２.５０");
    assert_eq!(book.formula(SHEET, "E6"), Some("ROUND(SUM(12.5),6)"));
    assert_eq!(book.cell(SHEET, "E6"), "12.5");
}

#[test]
fn fields_add_up_across_a_form() {
    let book = written(&filing(vec![block(project_2021("1", "护林", "103.20", "100.00", "3.20"))]));
    assert_eq!(book.formula("1.护林", "C4"), Some("ROUND(SUM(E4,G4),6)"));
    assert_eq!(book.cell("1.护林", "C4"), "103.2");
}

#[test]
fn hundreds_of_scattered_parts_stay_one_formula() {
    let mut rows = vec!["1||合计|400.00|400.00||||".to_owned()];
    for index in 0..400 {
        rows.push(format!("|{}|某类|1.00|1.00||||", 201 + index));
        rows.push(format!("|{}01|某款|1.00|1.00||||", 201 + index));
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let book = book(&rows);
    let formula = book.formula(SHEET, "E6").expect("a formula");
    assert!(formula.contains(")+SUM("), "{formula}");
    assert_eq!(book.cell(SHEET, "E6"), "400");
}

/// Forms without 本年支出合计: the total is of all items; where it is printed, of it alone.
#[test]
fn a_total_without_its_subtotal_adds_the_items() {
    let formula = |subtotal: &str| {
        let text = format!(
            "2025年部门财务收支预算总表\n\n单位：元\n\n<table><tr><td colspan=2>本年收入</td><td colspan=2>本年支出</td></tr>\
            <tr><td>项目</td><td>预算数</td><td>项目</td><td>预算数</td></tr>\
            <tr><td>一、财政拨款收入</td><td>80</td><td>一、农林水支出</td><td>50</td></tr>\
            <tr><td>二、事业收入</td><td></td><td>二、住房保障支出</td><td>30</td></tr>{subtotal}\
            <tr><td>收入总计</td><td>80</td><td>支出总计</td><td>80</td></tr></table>\n"
        );
        let book = written(&crate::common::filing("a.txt", text.as_bytes()));
        let total = book.find("收支总表", "支出总计").expect("a total");
        book.formula("收支总表", &total.replace('C', "D")).unwrap_or_default().to_owned()
    };
    let subtotal = "<tr><td></td><td></td><td>本年支出合计</td><td>80</td></tr>";
    assert_eq!([formula(""), formula(subtotal)], ["ROUND(SUM(D5:D6),6)", "ROUND(SUM(D7),6)"]);
}
