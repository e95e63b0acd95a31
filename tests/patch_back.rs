//! Edits and their way back, case by case: what was taken away by one workbook is put back by the
//! other, byte for byte.

mod common;

use yusuan::filing::{Block, Filing, Table, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing};
use yusuan::text::Text;

const PROJECTS: &str = "云岭县林草服务局2021年部门预算信息公开情况说明\n\n\
1、防火物资购置绩效目标表\n\
407001云岭县林草服务局本级\t\t\t\t单位：万元\t\n\
项目编码\t13990021M0001\t项目名称\t防火物资购置\n\
预算规模及资金用途\t预算数\t30\t其中：财政资金\t30\t其他资金\t0\n\
\t用于购置防火物资。\n\
绩效目标\t1.购置防火物资。\n\
一级指标\t二级指标\t三级指标\t绩效指标描述\t指标值\t指标值确定依据\n\
产出指标\t数量指标\t购置数量\t购置防火物资的数量\t≥100件\t工作计划\n\
\t质量指标\t合格率\t物资验收合格的比例\t100%\t工作计划\n\
\t时效指标\t购置及时性\t在防火期之前购置\t3月底前\t工作计划\n\
效益指标\t社会效益指标\t火灾受害率\t受害森林面积的比例\t≤0.9‰\t工作计划\n\
满意度指标\t服务对象满意度指标\t护林员满意度\t护林员对物资的满意度\t≥95%\t工作计划\n\n\n\
八、名词解释\n\n\
1、一般公共预算拨款收入：指县级财政当年拨付的资金。\n";

fn apply(bytes: &[u8], before: &Filing, after: &Filing) -> yusuan::Result<Applied> {
    apply_filing(bytes, before, after, built_in::forms(), &Limits::default(), &Options::default())
}

/// The workbook of a filing, read.
fn workbook(filing: &Filing) -> Filing {
    let forms = built_in::forms();
    let equations = yusuan::check::equations(filing, forms);
    let book = yusuan::write::workbook::write(filing, forms, &equations, &Default::default()).expect("a workbook");
    common::filing("a.xlsx", &book.bytes)
}

fn table(filing: &mut Filing) -> &mut Table {
    let table = filing.blocks.iter_mut().find_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    table.expect("a table")
}

/// Carries an edit of the workbook, then the workbook of before; the result of the first.
fn there_and_back(name: &str, bytes: &[u8], edit: impl Fn(&mut Filing)) -> Vec<u8> {
    let before = common::filing(name, bytes);
    let base = workbook(&before);
    let mut after = base.clone();
    edit(&mut after);
    let applied = apply(bytes, &before, &after).unwrap_or_else(|error| panic!("{}", error.zh));
    assert!(applied.bytes != bytes, "no edit");
    let edited = common::filing(name, &applied.bytes);
    let back = apply(&applied.bytes, &edited, &base).unwrap_or_else(|error| panic!("back: {}", error.zh));
    if name.ends_with(".docx") {
        let part =
            |bytes: &[u8]| yusuan::read::read(name, bytes, &Limits::default()).map(|read| format!("{:?}", read.1));
        assert_eq!(part(&back.bytes).ok(), part(bytes).ok());
    } else {
        assert_eq!(String::from_utf8_lossy(&back.bytes), String::from_utf8_lossy(bytes));
    }
    applied.bytes
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

fn docx(bytes: &[u8]) -> Vec<u8> {
    yusuan::write::docx::write(&common::filing("a.txt", bytes), built_in::forms()).expect("a document")
}

#[test]
fn a_title_with_a_remark_behind_it_is_still_the_title() {
    let remark = |filing: &mut Filing| {
        let title = &mut table(filing).title;
        *title = Text::placed(format!("{title}（修订）"), title.place());
    };
    let edited = text(there_and_back("a.txt", PROJECTS.as_bytes(), remark));
    assert!(edited.contains("1、防火物资购置绩效目标表（修订）\n"), "{edited}");
}

#[test]
fn the_first_row_of_a_merged_level_goes_and_comes_back() {
    let edited = text(there_and_back("a.txt", PROJECTS.as_bytes(), |filing| drop(table(filing).rows.remove(0))));
    assert!(edited.contains("产出指标\t质量指标\t合格率") && !edited.contains("购置数量"), "{edited}");
}

#[test]
fn a_note_under_a_table_comes_and_goes() {
    let note = |filing: &mut Filing| table(filing).note = Text::from("注：不含结转资金。");
    let edited = text(there_and_back("a.txt", PROJECTS.as_bytes(), note));
    assert!(edited.contains("注：不含结转资金。\n\n\n八、名词解释"), "{edited}");
    there_and_back("a.docx", &docx(PROJECTS.as_bytes()), note);
}

#[test]
fn an_amount_without_decimals_gets_and_loses_them() {
    let field = |id: &'static str, value: &'static str| {
        move |filing: &mut Filing| {
            let field = table(filing).fields.iter_mut().find(|field| field.id == id).expect("a field");
            let Value::One(text) = &mut field.value else { panic!("one value") };
            *text = Text::placed(value, text.place());
        }
    };
    let edited = text(there_and_back("a.txt", PROJECTS.as_bytes(), field("other", "1.5")));
    assert!(edited.contains("预算数\t31.5\t其中：财政资金\t30\t其他资金\t1.5\n"), "{edited}");
}

#[test]
fn a_typed_total_is_an_edit_and_its_formula_takes_it_back() {
    let typed = |filing: &mut Filing| {
        let field = table(filing).fields.iter_mut().find(|field| field.id == "budget").expect("a field");
        let Value::One(text) = &mut field.value else { panic!("one value") };
        let place = text.place();
        *text = Text::placed("88", place);
        filing.cells.formulas.remove(&place);
    };
    let edited = text(there_and_back("a.txt", PROJECTS.as_bytes(), typed));
    assert!(edited.contains("预算数\t88\t"), "{edited}");
}
