//! A new family is a folder of files and no Rust.

mod common;

use std::path::Path;

use yusuan::finding::Severity;
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

/// A form with one of everything that can name something.
const FORM: &str = r#"form = "x"
sheet = "甲"
title = "甲表"
repair = ["plan-shifted"]
field_sum = { budget = ["fiscal"] }
tree = { code = "code", levels = [3] }
layout = [["预算", "{budget}", "财政", "{fiscal}"]]
[[field]]
id = "budget"
[[field]]
id = "fiscal"
[[column]]
id = "code"
head = ["编码"]
merge = "down"
list = "level1"
[[column]]
id = "total"
head = ["合计"]
sum = ["total"]
[[sum]]
label = "code"
row = ["合计"]
columns = ["total"]
of = "above"
[lines]
code = ["201"]
"#;

/// The line of [`FORM`] that a slip stands in, with the slip.
#[rustfmt::skip]
const SLIPS: &[(&str, &str, usize, &str)] = &[
    ("sheet = \"甲\"", "sheeet = \"甲\"", 2, "`sheeet`"),
    ("repair = [\"plan-shifted\"]", "repair = [\"plan-shiftet\"]", 4, "`plan-shiftet`"),
    ("merge = \"down\"", "merge = \"dwon\"", 15, "`dwon`"),
    ("list = \"level1\"", "list = \"level9\"", 16, "level9"),
    ("of = \"above\"", "of = \"abvoe\"", 25, "`abvoe`"),
    ("of = \"above\"", "of = [\"abvoe\"]", 25, "`abvoe`"),
    ("columns = [\"total\"]", "columns = [\"code\", \"totl\"]", 24, "totl"),
    ("label = \"code\"", "label = \"budget\"", 22, "budget"),
    ("label = \"code\"", "", 23, "label"),
    ("sum = [\"total\"]", "sum = [\"fiscal\"]", 20, "fiscal"),
    ("code = \"code\",", "code = \"kode\",", 6, "kode"),
    ("budget = [\"fiscal\"]", "budget = [\"total\"]", 5, "total"),
    ("budget = [", "budgett = [", 5, "budgett"),
    ("{fiscal}", "{fiskal}", 7, "fiskal"),
    ("id = \"fiscal\"", "id = \"budget\"", 11, "two fields budget"),
    ("id = \"total\"", "id = \"code\"", 18, "two columns code"),
    ("code = [\"201\"]", "kode = [\"201\"]", 27, "kode"),
];

fn loaded(form: &str) -> Result<Forms, yusuan::Error> {
    let mut forms = built_in::forms().clone();
    forms.add([("yunling-2026/x.toml", form)])?;
    Ok(forms)
}

#[test]
fn a_slip_in_a_form_file_is_named_with_its_line() {
    loaded(FORM).expect("nothing is wrong with it");
    for (right, wrong, line, named) in SLIPS {
        assert!(FORM.contains(right), "{right}");
        let error = loaded(&FORM.replacen(right, wrong, 1)).expect_err(wrong);
        let begins = format!("form file yunling-2026/x.toml, line {line}: ");
        assert!(error.en.starts_with(&begins) && error.en.contains(named), "{wrong}: {}", error.en);
        assert!(error.zh.starts_with(&format!("模板 yunling-2026/x.toml 第 {line} 行：")), "{wrong}: {}", error.zh);
    }
}

#[test]
fn sums_over_a_tree_need_the_column_with_the_codes() {
    let form = FORM.replace("tree = { code = \"code\", levels = [3] }\n", "").replace("\"above\"", "\"roots\"");
    let error = loaded(&form).expect_err("no tree");
    assert!(error.en.contains("line 24") && error.en.contains("tree"), "{}", error.en);
}

#[test]
fn a_family_that_inherits_from_none_is_named_with_its_line() {
    let files = |parent: &str| format!("name = \"云岭县\"\n\ninherits = \"{parent}\"\n");
    let mut forms = built_in::forms().clone();
    forms.add([("yunling-2026/family.toml", files("hebei-2023").as_str())]).expect("a built-in family");
    let error = forms.add([("yunling-2026/family.toml", files("hebei-2032").as_str())]).expect_err("no family");
    assert_eq!(error.en, "form file yunling-2026/family.toml, line 3: there is no family hebei-2032");
}

#[test]
fn a_family_file_orders_its_forms_and_names_no_others() {
    let form = |id: &str| FORM.replace("form = \"x\"", &format!("form = \"{id}\""));
    let load = |forms: &str| {
        let family = format!("name = \"云岭县\"\nforms = [{forms}]\n");
        let mut all = built_in::forms().clone();
        all.add([
            ("yunling-2026/family.toml", family.as_str()),
            ("yunling-2026/a.toml", form("a").as_str()),
            ("yunling-2026/b.toml", form("b").as_str()),
            ("yunling-2026/c.toml", form("c").as_str()),
        ])?;
        let ids: Vec<String> = all.families[0].forms.iter().map(|form| form.key.form.clone()).collect();
        Ok::<_, yusuan::Error>(ids)
    };
    assert_eq!(load("\"c\", \"a\"").expect("forms of the folder"), ["c", "a", "b"]);
    let error = load("\n  \"c\",\n  \"d\"").expect_err("no such form");
    assert_eq!(error.en, "form file yunling-2026/family.toml, line 4: the folder has no form d");
}

#[test]
fn a_file_without_effect_in_a_folder_of_forms_is_named() {
    let family = "name = \"云岭县\"\n";
    let with = |file: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, text) in [("yunling-2026/family.toml", family), ("yunling-2026/说明.md", "甲"), (file, family)] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        built_in::forms().clone().add_folder(folder.path()).map_err(|error| error.en)
    };
    for file in [".DS_Store", "README.md", "yunling-2026/x.toml.bak", "yunling-2026/~$x.toml", "import/mof.toml"] {
        assert_eq!(with(file), Ok(()), "{file}");
    }
    for file in [
        "preamble.toml",
        "findings.toml",
        "lists/measures.toml",
        "codes/revenue.csv",
        "import/tables.toml",
        "yunling-2026/x.toml.txt",
        "yunling-2026/forms/x.toml",
    ] {
        let error = with(file).expect_err(file);
        let named = if file.ends_with("forms/x.toml") { "yunling-2026/forms" } else { file };
        assert!(error.contains(&format!("{named}: not read")), "{file}: {error}");
    }
}

#[test]
fn every_blank_form_is_read_back_as_itself() {
    let forms = built_in::forms();
    let mut wrong = String::new();
    for form in forms.all() {
        let name = format!("{}/{}", form.key.family, form.key.form);
        let workbook = yusuan::write::workbook::blank(form, forms).expect("a workbook");
        let filing = common::filing("空表.xlsx", &workbook);
        let read: Vec<Option<&str>> =
            filing.tables().map(|(_, table)| table.form.as_ref().map(|key| key.form.as_str())).collect();
        if read != [Some(form.key.form.as_str())] || filing.blocks.len() != 1 {
            wrong.push_str(&format!("{name}: {read:?} in {} blocks\n", filing.blocks.len()));
        }
        for finding in &filing.findings {
            if finding.severity > Severity::Note || finding.rule == "column-unknown" {
                wrong.push_str(&format!("{name}: {} {}\n", finding.rule, finding.en));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_word_department_in_a_title_names_none() {
    let text = "云岭县林草服务局2021年部门预算信息公开情况说明\n\n部门固定资产占用情况表\n\n截止时间：2020年12月31日\n\n\
                项目\t数量\t价值（金额单位：万元）\n资产总额\t——\t100.00\n1、房屋（平方米）\t\t60.00\n\
                2、车辆（台、辆）\t4\t40.00\n";
    assert_eq!(common::filing("a.txt", text.as_bytes()).department.name, "云岭县林草服务局");
}
