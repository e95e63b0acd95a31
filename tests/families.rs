//! A new family is a folder of files and no Rust.

mod common;

use std::path::Path;

use yusuan::form::{Forms, built_in};
use yusuan::limits::Limits;

const COMMITMENT: &str = "云岭县林草服务局2026年部门预算\n\n云岭县项目绩效承诺书（2026年）\n\
承诺项目\t义务植树\t\t\t\n承办股室\t造林股\t\t申请金额\t18.50\n承诺事项\t1.植树三万株。 2.成活率九成以上。\t\t\t\n\
类别\t承诺内容\t目标值\t完成时限\n数量\t植树株数\t≥3万株\t4月底\n\t抚育面积\t≥200亩\t9月底\n质量\t成活率\t≥90%\t12月底\n";

fn with_county() -> Forms {
    let mut forms = built_in::forms().clone();
    forms.add_folder(Path::new("tests/forms")).expect("a folder of form files");
    forms
}

#[test]
fn a_made_up_countys_form_is_read_from_a_folder() {
    let forms = with_county();
    let (source, document) =
        yusuan::read::read("承诺书.txt", COMMITMENT.as_bytes(), &Limits::default()).expect("a readable filing");
    let filing = yusuan::recognise::recognise(source, document, &forms);
    let (_, table) = filing.tables().next().expect("the table");
    let key = table.form.as_ref().expect("a form");
    assert_eq!((key.family.as_str(), key.form.as_str()), ("yunling-2026", "project-performance"));
    assert_eq!(table.field_text("budget").map(|text| text.as_str()), Some("18.50"));
    assert_eq!(table.rows.len(), 3);
    assert_eq!(table.cell(1, "level1"), "数量");
    assert_eq!(table.cell(1, "deadline"), "9月底");
}

#[test]
fn without_the_folder_the_same_text_is_kept_whole() {
    let filing = common::filing("承诺书.txt", COMMITMENT.as_bytes());
    let (_, table) = filing.tables().next().expect("the table");
    assert!(table.form.is_none());
    assert_eq!(table.rows.len(), 7);
}

#[test]
fn a_wrong_form_file_is_named_with_its_line() {
    let files = [("yunling-2026/x.toml", "form = \"x\"\nsheet = \"x\"\ntitel = \"x\"\n")];
    let error = Forms::load(files).expect_err("a misspelt key");
    assert!(error.en.contains("yunling-2026/x.toml, line 3"), "{}", error.en);
}
