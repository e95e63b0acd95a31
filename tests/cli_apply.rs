//! The commands that compare filings and carry edits back.

mod cli_common;

use cli_common::{Bench, CONTRADICTING};

/// A contradicting filing, its workbook, and the same filing with one amount changed.
fn edited() -> Bench {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    bench.write("b.txt", CONTRADICTING.replace("10.00", "12.50"));
    bench.run(&["convert", "a.txt", "b.txt", "--quiet"]).ends(0);
    bench
}

#[test]
fn diff_ends_with_one_when_filings_differ_whatever_their_kinds() {
    let bench = edited();
    assert!(bench.run(&["diff", "a.txt", "a.xlsx"]).ends(0).out.is_empty());
    let text = String::from_utf8(bench.run(&["diff", "a.txt", "b.xlsx"]).ends(1).out).expect("UTF-8");
    assert!(text.contains("10.00") && text.contains("12.50"), "{text}");
    let json = bench.run(&["diff", "a.txt", "b.txt", "--format", "json"]).ends(1).json();
    assert_eq!(json["schema"], "yusuan/diff@1");
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(1));
    bench.run(&["diff", "a.txt", "none.txt"]).ends(2).says("none.txt: no such file");
}

#[test]
fn a_workbook_nobody_edited_gives_the_original_back() {
    let bench = edited();
    bench.run(&["apply", "a.xlsx", "--to", "a.txt"]).ends(0).says("0 edits");
    assert_eq!(bench.text("a.edited.txt"), CONTRADICTING);
}

#[test]
fn an_edit_goes_back_to_its_place_and_nothing_is_overwritten() {
    let bench = edited();
    let printed = bench.run(&["apply", "b.xlsx", "--to", "a.txt", "--dry-run"]).ends(0).out;
    assert!(String::from_utf8(printed).expect("UTF-8").contains("12.50"));
    assert!(!bench.path("a.edited.txt").exists());
    bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "c.txt"]).ends(0).says("1 edit");
    assert!(bench.text("c.txt").contains("12.50"));
    bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "c.txt"]).ends(2).says("c.txt exists");
    bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "a.txt"]).ends(2).says("a.txt exists");
    assert_eq!(bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "-"]).ends(0).out, bench.read("c.txt"));
}

#[test]
fn the_edited_workbook_is_never_written_over() {
    let bench = edited();
    let workbook = bench.read("b.xlsx");
    bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "b.xlsx", "--force"]).ends(2).says("b.xlsx would be written");
    assert_eq!(bench.read("b.xlsx"), workbook);
}

#[test]
fn edits_go_back_to_texts_and_docx_only() {
    let bench = edited();
    bench.run(&["apply", "b.xlsx", "--to", "a.xlsx", "-o", "c.xlsx"]).ends(2);
    bench.run(&["apply", "none.xlsx", "--to", "a.txt"]).ends(2).says("none.xlsx: no such file");
    assert_eq!(bench.files("."), ["a.txt", "a.xlsx", "b.txt", "b.xlsx"]);
}

#[test]
fn an_edit_taken_back_gives_the_bytes_of_the_original() {
    let bench = Bench::new();
    // Blanks and a blank line that no workbook shows, in a paragraph that the edit deletes.
    let odd = "\u{3000}\u{3000}防火物资储备库 本年检修。 \n\n\n";
    let text = |middle: &str| format!("{CONTRADICTING}\n一、说明\n\n{middle}二、名词解释\n\n基本支出是日常支出。\n");
    bench.write("a.txt", text(odd));
    bench.write("b.txt", text(""));
    bench.run(&["convert", "a.txt", "b.txt", "--quiet"]).ends(0);
    bench.run(&["apply", "b.xlsx", "--to", "a.txt", "-o", "c.txt"]).ends(0).says("1 edit");
    assert!(!bench.text("c.txt").contains("检修"));
    // A workbook made of the workbook hands the original on.
    bench.run(&["convert", "a.xlsx", "-o", "again.xlsx", "--quiet"]).ends(0);
    for workbook in ["a.xlsx", "again.xlsx"] {
        bench.run(&["apply", workbook, "--to", "c.txt", "-o", "d.txt", "--force"]).ends(0).says("1 edit");
        assert_eq!(bench.text("d.txt"), text(odd));
    }
    // A text of other blanks is not the original with an edit: they stay.
    let own = bench.text("c.txt").replace("名词解释\n", "名词解释  \n");
    bench.write("c.txt", &own);
    bench.run(&["apply", "a.xlsx", "--to", "c.txt", "-o", "d.txt", "--force"]).ends(0).says("1 edit");
    let restored = bench.text("d.txt");
    assert!(restored.contains("名词解释  \n") && restored.contains("检修"), "{restored}");
}
