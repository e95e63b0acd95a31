//! Texts that are no filings: their cost grows with their size and not with its square, formulas
//! stay text, and whatever a check makes of them it does not panic.

mod common;

use std::time::{Duration, Instant};

use yusuan::check::{Options, equations, report};
use yusuan::filing::{Filing, Value};
use yusuan::form::built_in;

/// Reads, checks and writes a text as every run does.
fn run(text: &str) -> Vec<u8> {
    let forms = built_in::forms();
    let filing = common::filing("a.txt", text.as_bytes());
    report(&filing, forms, &Options::default());
    let equations = equations(&filing, forms);
    yusuan::write::workbook::write(&filing, forms, &equations, &Default::default()).expect("a workbook").bytes
}

#[test]
fn texts_full_of_marks() {
    let marks = [
        "$",
        "$a$ ",
        "$\\geq",
        "<",
        "<b",
        "<b>",
        "<br>字",
        "&amp;",
        "**",
        "**a",
        "[bookmark: ",
        "[bookmark: _Toc1]",
        " TC a \\f C \\l 1",
        "字 ",
        "\" ",
        "＂字",
        "（",
        "1）",
        "管理",
        "=1+1\n",
        "12月45日",
        "财预〔2023〕1号",
    ];
    for mark in marks {
        let start = Instant::now();
        run(&mark.repeat(120_000 / mark.len()));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?} for {mark:?}", start.elapsed());
    }
}

/// Tags that nothing ends, with their one `>` at the end of the text; spans that make long rows of
/// short ones.
#[test]
fn html_that_never_ends() {
    let cells = "<td colspan=1000>x".repeat(16);
    for text in [
        format!("标题\n{}>", "<a".repeat(2_000_000)),
        format!("标题\n{}>", "<a<a‹a".repeat(200_000)),
        format!("<table><tr>{cells}{}</table>", "<tr>".repeat(30_000)),
    ] {
        yusuan::read::read("a.txt", text.as_bytes(), &yusuan::limits::Limits::default()).expect("a text");
    }
}

/// A spreadsheet keeps 15 digits and a decimal 28: longer numbers are text to the rules, and stand in
/// the workbook as printed.
#[test]
fn numbers_that_no_budget_has() {
    let long = "792281625142643375935439";
    let example = std::fs::read_to_string("examples/filings/2021-cell-a-line.txt").expect("a bundled filing");
    let longest = "12345678901234567890123456789";
    let yi = format!(
        "云岭县林草服务局2024年部门预算\n\n一、收支情况\n\n2024年，本部门预算支出{longest}亿元，其中：基本支出{longest}亿元，比2023年\
         增加{longest}亿元，增长0.{longest}%；项目支出0.0000000000000000000000000001亿元。\n\n部门预算一般公共预算财政拨款支出表\n\n\
         407云岭县林草服务局\t预算年度：2024\t单位：亿元\n\n序号\t功能分类科目\t\t合计\t基本支出\t项目支出\n\t科目编码\t科目名称\t\t\t\n\
         栏次\t1\t2\t3\t4\t5\n1\t\t合计\t{longest}\t{longest}\t0.00\n2\t213\t农林水支出\t{longest}\t999999999999999\t0.00\n"
    );
    for (text, number) in [(example.replace("18.50", long).replace("18.5", long), long), (yi, longest)] {
        let filing = common::filing("a.txt", text.as_bytes());
        let book = common::filing("a.xlsx", &run(&text));
        let printed = |filing: &Filing| {
            let cells = filing.tables().flat_map(|(_, table)| &table.rows).flat_map(|row| &row.cells);
            let fields = filing.tables().flat_map(|(_, table)| &table.fields).filter_map(|field| match &field.value {
                Value::One(text) => Some(text),
                Value::Many(_) => None,
            });
            let texts = cells.map(|cell| &cell.text).chain(fields);
            texts.filter(|text| text.as_str().contains(number)).map(|text| text.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert!(printed(&filing).len() > 2);
        assert_eq!(printed(&book), printed(&filing));
    }
}

/// Were these read again from every line on, the test would not end.
#[test]
fn lines_that_begin_no_table_are_read_once() {
    let totals = "部门支出总表\n\n科目编码\t科目名称\t合计\t基本支出\t项目支出\n".to_owned();
    for text in [
        "章\t3\n".repeat(60_000),
        "--\t-----\n".repeat(60_000),
        format!("\t甲\n{}\t末\n", "下一行\n".repeat(100_000)),
        totals.clone() + &"213\t合计\t1.00\t1.00\t\n".repeat(3_000),
        totals + &"213\t农林水支出\t1.00\t1.00\t\n21302\t林业\t1.00\t1.00\t\n".repeat(1_500),
    ] {
        run(&text);
    }
}

#[test]
fn a_full_width_quotation_mark_without_partner() {
    let filing = common::filing("a.txt", "抽检＂组织开展适生树种的引种试验。\n".as_bytes());
    let findings = report(&filing, built_in::forms(), &Options::default());
    assert!(findings.iter().any(|finding| finding.rule == "quotes-unbalanced"));
}

#[test]
fn hundreds_of_tables_of_every_form() {
    let table = "部门预算收入总表\n\n| 序号 | 功能分类科目编码 | 功能分类科目名称 | 合计 |\n| --- | --- | --- | --- |\n| 1 | 208 | 社会保障和就业支出 | 1.00 |\n\n\
        2021年预算收入总计486.30万元，其中：一般公共预算收入466.30万元。\n\n";
    let start = Instant::now();
    run(&table.repeat(600));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn a_word_printed_a_thousand_times_in_a_row_is_one_finding() {
    let filing = common::filing("a.txt", "预算".repeat(1_000).as_bytes());
    let findings = report(&filing, built_in::forms(), &Options::default());
    assert_eq!(findings.iter().filter(|finding| finding.rule == "word-doubled").count(), 1);
}

#[test]
fn findings_all_along_one_line_are_printed_in_time() {
    use yusuan::finding::render::{Checked, Style, text};
    let filing = common::filing("a.txt", "预算".repeat(500_000).as_bytes());
    let findings: Vec<_> = (0..6_000)
        .map(|at| yusuan::finding::Finding::note("markup-removed", yusuan::text::Place::Text(at * 83 * 6), "", ""))
        .collect();
    let start = Instant::now();
    let checked = Checked { path: "a.txt", source: &filing.source, filing: &filing, findings: &findings };
    assert!(text(&checked, Style::default()).contains("a.txt:1:995835"));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn a_text_of_very_many_lines_gets_the_workbook_of_another_filing() {
    use yusuan::patch::{Options, apply_filing};
    let limits = yusuan::limits::Limits::default();
    let before = common::filing("a.txt", "a\n".repeat(40_000).as_bytes());
    let after = common::filing("b.txt", "一、说明\n\n甲。\n\n".repeat(60).as_bytes());
    let bytes = before.source.text.as_bytes();
    let start = Instant::now();
    let applied =
        apply_filing(bytes, &before, &after, built_in::forms(), &limits, &Options::default()).expect("another text");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let read = common::filing("a.txt", &applied.bytes);
    assert_eq!((read.blocks.len(), after.blocks.len()), (120, 120));
}

#[test]
fn a_table_wider_than_every_sheet_is_not_edited() {
    use yusuan::patch::{Options, apply_filing};
    let limits = yusuan::limits::Limits::default();
    let text = "\tx\n".repeat(limits.columns + 1);
    let before = common::filing("a.txt", text.as_bytes());
    let edited = apply_filing(text.as_bytes(), &before, &before, built_in::forms(), &limits, &Options::default());
    assert!(edited.is_err_and(|error| error.en.contains("16385 columns")));
}
