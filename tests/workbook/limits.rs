//! Excel's limits: nothing is lost and nothing needs a repair.

use yusuan::text::Text;

use crate::build::*;
use crate::open::{Book, write_with, written};

#[test]
fn a_paragraph_longer_than_a_cell_goes_on_in_the_next_row() {
    let long = "林草".repeat(20_000);
    let lines = "一行\n".repeat(300);
    let book = written(&filing(vec![paragraph(&long), paragraph(&lines)]));
    assert_eq!(book.row("文本", 3)[1], "段落");
    assert_eq!(book.row("文本", 4)[1], "续");
    assert_eq!(book.cell("文本", "C3") + &book.cell("文本", "C4"), long);
    assert_eq!(book.cell("文本", "C5") + &book.cell("文本", "C6"), lines);
}

#[test]
fn a_cell_too_long_goes_on_on_another_sheet_with_a_finding() {
    let long = "绩".repeat(40_000);
    let mut table = project_2021("1", "护林", "1.00", "1.00", "");
    table.rows[0].cells[3].text = Text::from(long.as_str());
    let written = write_with(&filing(vec![block(table)]), &Default::default());
    assert_eq!(written.findings.len(), 1);
    assert_eq!(written.findings[0].rule, "text-longer-than-cell");
    let book = Book::open(written.bytes);
    assert_eq!(book.cell("1.护林", "D10") + &book.cell("其他信息", "F3"), long);
    assert_eq!(book.row("其他信息", 3)[1..5], ["1.护林", "1", "description", "绩效指标描述"]);
    assert_eq!(book.cell("其他信息", "G3"), "续");
}

#[test]
fn characters_that_xml_cannot_hold_survive() {
    let text = "甲\u{1}乙\u{b}丙\u{ffff}丁_x0041_戊\r己\u{0}";
    let book = written(&filing(vec![paragraph(text)]));
    let part = book.part("xl/sharedStrings.xml");
    assert!(part.contains("甲_x0001_乙_x000B_丙_xFFFF_丁_x005F_x0041_戊_x000D_己_x0000_"), "{part}");
}

#[test]
fn hostile_names_give_legal_sheets() {
    let titles = [
        "History",
        "a:b",
        "'",
        "[x]",
        &"长".repeat(200),
        &"长".repeat(200),
        "目录",
        "校验",
        "文本",
        "\u{1}\n",
        "/\\?*",
    ];
    let blocks = titles.iter().map(|title| block(unknown(title, &["a"], &["1"]))).collect();
    let book = written(&filing(blocks));
    assert_eq!(book.names.len(), titles.len() + 2);
    for name in &book.names {
        assert!(name.encode_utf16().count() <= 31 && !name.contains(['[', ']', ':', '*', '?', '/', '\\']), "{name}");
    }
}

#[test]
fn sixty_projects_of_one_name_have_sixty_sheets() {
    let name = "林业草原防灾减灾与森林草原防火隔离带建设维护及装备更新改造专项资金（第一批）";
    let blocks = (1..=60).map(|no| block(project_2021(&no.to_string(), name, "1.00", "1.00", ""))).collect();
    let book = written(&filing(blocks));
    assert_eq!(book.names.iter().filter(|sheet| sheet.contains("防灾减灾")).count(), 60);
    assert!(book.names.iter().any(|sheet| sheet.starts_with("60.林业草原") && sheet.ends_with("（第一批）")));
}

#[test]
fn wide_and_deep_headers() {
    let mut table = unknown("宽表", &[], &[]);
    for index in 0..300 {
        let label = vec![format!("组{}", index / 7), format!("列{index}"), String::new()];
        table.columns.push(yusuan::filing::Column { id: format!("c{}", index + 1), label });
    }
    let book = written(&filing(vec![block(table)]));
    assert_eq!(book.cell("宽表", "A2"), "组0");
}

#[test]
fn amounts_beyond_every_decimal_are_written_as_printed() {
    let huge = "79228162514264337593543950335";
    let tiny = "0.0000000000000000000000000001";
    let columns = all_columns("hebei-2023", "expenditure-summary");
    let rows = [
        format!("1||合计|{huge}|-{huge}|{tiny}|||"),
        format!("2|208|甲|{huge}|{huge}|{tiny}|||"),
        format!("3|210|乙|{huge}|{huge}|{tiny}|||"),
        "4|211|丙|12345678901234.5|12345678901234.6|9.99%|||".to_owned(),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let filing = filing(vec![block(table("hebei-2023", "expenditure-summary", &columns, &rows))]);
    // Nor do the checks stumble over them.
    yusuan::check::check(&filing, forms(), &Default::default());
    let book = written(&filing);
    assert_eq!(book.row("支出总表", 6)[3..6], [huge, &format!("-{huge}"), tiny]);
    assert_eq!(book.row("支出总表", 9)[5], "9.99%");
}
