//! Edits in documents as other programs write them, each case as small as possible.

mod common;

use std::io::{Cursor, Read, Write};

use yusuan::filing::{Block, Cell, Filing, Row, Table, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing, diff};
use yusuan::text::Text;

const NUMBERING: &str = r#"<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="nothing"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>"#;

fn docx(body: &str) -> Vec<u8> {
    let document = format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:body>{body}<w:sectPr/></w:body></w:document>"#
    );
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#,
        ),
        ("word/document.xml", document.as_str()),
        ("word/numbering.xml", NUMBERING),
    ];
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        writer.write_all(content.as_bytes()).expect("content");
    }
    writer.finish().expect("a package").into_inner()
}

fn document(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut text = String::new();
    archive.by_name("word/document.xml").expect("the part").read_to_string(&mut text).expect("text");
    text
}

/// The body after an edit, which must read back and be undone.
fn edited(body: &str, edit: impl Fn(&mut Filing)) -> String {
    let applied = apply(body, edit).unwrap_or_else(|error| panic!("{}", error.zh));
    let text = document(&applied.bytes);
    let start = text.find("<w:body>").expect("a body") + "<w:body>".len();
    text[start..text.find("<w:sectPr/></w:body>").expect("its end")].to_owned()
}

fn apply(body: &str, edit: impl Fn(&mut Filing)) -> yusuan::Result<Applied> {
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let bytes = docx(body);
    let before = common::filing("a.docx", &bytes);
    let mut after = before.clone();
    edit(&mut after);
    let applied = apply_filing(&bytes, &before, &after, forms, &limits, &options)?;
    let now = common::filing("a.docx", &applied.bytes);
    let undone = apply_filing(&applied.bytes, &now, &before, forms, &limits, &options)?;
    let left = diff(&before, &common::filing("a.docx", &undone.bytes), forms);
    assert!(left.is_empty(), "not undone: {left:#?}");
    Ok(applied)
}

fn table(filing: &mut Filing) -> &mut Table {
    let table = filing.blocks.iter_mut().find_map(|block| match block {
        Block::Table(table) => Some(table.as_mut()),
        _ => None,
    });
    table.expect("a table")
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn tc(content: &str) -> String {
    format!("<w:tc>{content}</w:tc>")
}

fn tr(cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| tc(&p(cell))).collect();
    format!("<w:tr>{cells}</w:tr>")
}

/// A table of institutions with some body rows.
fn institutions(rows: &str) -> String {
    let head = tr(&["单位名称", "单位性质", "单位规格", "经费保障形式"]);
    format!("{}<w:tbl><w:tblPr/><w:tblGrid/>{head}{rows}</w:tbl>", p("部门机构设置情况"))
}

#[test]
fn text_split_over_runs_goes_to_the_first_of_them() {
    let cell = tc(
        "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>云岭</w:t></w:r><w:r><w:t>县林</w:t></w:r><w:r><w:t>场</w:t></w:r></w:p>",
    );
    let rest: String = ["事业", "正科级", "财政拨款"].map(|text| tc(&p(text))).concat();
    let body = institutions(&format!("<w:tr>{cell}{rest}</w:tr>"));
    let new = edited(&body, |filing| table(filing).rows[0].cells[0].text = Text::from("青山县苗圃"));
    assert!(
        new.contains("<w:rPr><w:b/></w:rPr><w:t>青山</w:t></w:r><w:r><w:t>县苗圃</w:t></w:r><w:r><w:t></w:t>"),
        "{new}"
    );
    // One run alone.
    let new = edited(&body, |filing| table(filing).rows[0].cells[0].text = Text::from("云岭县苗场"));
    assert!(new.contains("<w:t>云岭</w:t></w:r><w:r><w:t>县苗</w:t></w:r><w:r><w:t>场</w:t>"), "{new}");
}

#[test]
fn a_blank_cell_gets_a_run_that_looks_like_its_mark() {
    for blank in [
        "<w:p><w:pPr><w:jc w:val=\"center\"/><w:rPr><w:sz w:val=\"18\"/></w:rPr></w:pPr></w:p>",
        "<w:p/>",
        "<w:p w14:paraId=\"1\"/>",
        "<w:p><w:r><w:t/></w:r></w:p>",
    ] {
        let row =
            format!("<w:tr>{}{}{}{}</w:tr>", tc(&p("云岭县林场")), tc(blank), tc(&p("正科级")), tc(&p("财政拨款")));
        let new = edited(&institutions(&row), |filing| table(filing).rows[0].cells[1].text = Text::from("事业<单位>"));
        assert!(new.contains("事业&lt;单位&gt;</w:t></w:r></w:p>"), "{new}");
        assert!(!blank.contains("18") || new.contains("<w:r><w:rPr><w:sz w:val=\"18\"/></w:rPr><w:t"), "{new}");
    }
}

#[test]
fn blanks_at_the_ends_of_a_text_are_kept() {
    let body = format!("{}{}", p("一、说明"), p("收入6.00万元"));
    let new = edited(&body, |filing| filing.blocks[1] = Block::Paragraph(Text::from("A B & C")));
    assert!(new.contains("<w:t>A B &amp; C</w:t>"), "{new}");
    let split = "<w:p><w:r><w:t>income</w:t></w:r><w:r><w:t>6.00</w:t></w:r></w:p>";
    let new = edited(&format!("{}{split}", p("一、说明")), |filing| {
        filing.blocks[1] = Block::Paragraph(Text::from("income 6.00"));
    });
    assert!(new.contains("<w:t xml:space=\"preserve\">income </w:t></w:r><w:r><w:t>6.00</w:t>"), "{new}");
}

#[test]
fn automatic_numbers_are_never_written() {
    let numbered = |text: &str, list: u8| {
        format!(
            "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    };
    let body =
        format!("{}{}{}{}", numbered("部门职责", 1), p("负责林草工作。"), numbered("收入情况", 1), p("收入6.00万元。"));
    let new = edited(&body, |filing| {
        let Block::Heading(heading) = &mut filing.blocks[2] else { panic!("a heading") };
        assert_eq!(heading.text.as_str(), "二、收入情况");
        heading.text = Text::from("二、收入预算情况");
    });
    assert!(new.contains("<w:t>收入预算情况</w:t>") && !new.contains("二、"), "{new}");
    // A new heading is numbered by Word, and so is what follows it.
    let add = |filing: &mut Filing| {
        let mut heading = filing.blocks[2].clone();
        let Block::Heading(inner) = &mut heading else { panic!("a heading") };
        inner.text = Text::from("二、机构设置");
        filing.blocks.insert(2, heading);
    };
    let applied = apply(&body, add).unwrap_or_else(|error| panic!("{}", error.zh));
    let text = document(&applied.bytes);
    assert!(text.contains("<w:t>机构设置</w:t>") && !text.contains("二、"), "{text}");
    assert!(applied.findings.iter().any(|finding| finding.rule == "docx-renumbered"), "{:#?}", applied.findings);
    // The number itself cannot be edited.
    let error = apply(&body, |filing| {
        let Block::Heading(heading) = &mut filing.blocks[2] else { panic!("a heading") };
        heading.text = Text::from("收入情况");
    });
    assert!(error.expect_err("an automatic number").zh.contains("自动编号"));
}

#[test]
fn a_deleted_first_row_of_a_merged_cell_leaves_its_text_to_the_next() {
    let level = |merge: &str, text: &str| {
        let content = if text.is_empty() { "<w:p/>".to_owned() } else { p(text) };
        tc(&format!("<w:tcPr><w:tcW w:w=\"900\" w:type=\"dxa\"/>{merge}</w:tcPr>{content}"))
    };
    let (start, go_on) = ("<w:vMerge w:val=\"restart\"/>", "<w:vMerge/>");
    let row = |merge: &str, first: &str, rest: [&str; 5]| {
        format!("<w:tr>{}{}</w:tr>", level(merge, first), rest.map(|text| tc(&p(text))).concat())
    };
    let head = tr(&["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]);
    let rows = [
        row(start, "产出指标", ["数量指标", "界桩数", "更换界桩数", "≥12根", "工作计划"]),
        row(go_on, "", ["质量指标", "合格率", "界桩合格率", "≥95%", "工作计划"]),
        row(go_on, "", ["时效指标", "及时率", "更换及时率", "≥90%", "工作计划"]),
    ]
    .concat();
    let goal = tr(&["绩效目标", "1.更换界桩。", "", "", "", ""]);
    let body = format!("{}<w:tbl><w:tblPr/><w:tblGrid/>{goal}{head}{rows}</w:tbl>", p("1、界桩维护绩效目标表"));
    let new = edited(&body, |filing| drop(table(filing).rows.remove(0)));
    assert_eq!(new.matches(start).count(), 1, "{new}");
    assert!(new.find("产出指标").expect("its text") < new.find("质量指标").expect("the next row"), "{new}");
    // A row in the middle goes on in the merged cell.
    let new = edited(&body, |filing| {
        let table = table(filing);
        let cells = ["产出指标", "质量指标", "完好率", "界桩完好率", "≥92%", "工作计划"];
        let cells = cells.map(|text| Cell { text: Text::from(text), filled: false }).to_vec();
        table.rows.insert(1, Row { cells, ..Row::default() });
    });
    assert_eq!((new.matches(start).count(), new.matches(go_on).count()), (1, 3), "{new}");
    // One of them becomes something else: the cells part.
    let new = edited(&body, |filing| table(filing).rows[1].cells[0].text = Text::from("效益指标"));
    assert_eq!((new.matches(start).count(), new.matches("产出指标").count()), (3, 2), "{new}");
}

#[test]
fn goals_in_paragraphs_come_and_go_as_paragraphs() {
    let goals = tc(&format!("<w:tcPr><w:gridSpan w:val=\"5\"/></w:tcPr>{}{}", p("1.更换界桩。"), p("2.巡查保护地。")));
    let goal = format!("<w:tr>{}{goals}</w:tr>", tc(&p("绩效目标")));
    let head = tr(&["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]);
    let row = tr(&["产出指标", "数量指标", "界桩数", "更换界桩数", "≥12根", "工作计划"]);
    let body = format!("{}<w:tbl><w:tblPr/><w:tblGrid/>{goal}{head}{row}</w:tbl>", p("1、界桩维护绩效目标表"));
    let items = |filing: &mut Filing, edit: &dyn Fn(&mut Vec<Text>)| {
        let field = table(filing).fields.iter_mut().find(|field| field.id == "goals").expect("goals");
        match &mut field.value {
            Value::Many(list) => edit(list),
            Value::One(_) => panic!("a list"),
        }
    };
    let new = edited(&body, |filing| items(filing, &|list| list.push(Text::from("3.检修道路。"))));
    assert!(
        new.contains("<w:t>2.巡查保护地。</w:t></w:r></w:p><w:p><w:r><w:t xml:space=\"preserve\">3.检修道路。</w:t>"),
        "{new}"
    );
    let new = edited(&body, |filing| items(filing, &|list| drop(list.remove(0))));
    assert!(new.contains(&format!("</w:tcPr>{}</w:tc>", p("2.巡查保护地。"))), "{new}");
}

#[test]
fn copies_have_no_ids_of_their_originals() {
    let row = |name: &str| {
        let cell = format!(
            "<w:tc><w:p w14:paraId=\"0A1B2C3D\" w14:textId=\"77777777\"><w:bookmarkStart w:id=\"1\" w:name=\"a\"/><w:r><w:t>{name}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/></w:p></w:tc>"
        );
        let rest: String = ["事业", "正科级", "财政拨款"].map(|text| tc(&p(text))).concat();
        format!("<w:tr w14:paraId=\"11111111\">{cell}{rest}</w:tr>")
    };
    let body = institutions(&row("云岭县林场"));
    let new = edited(&body, |filing| {
        let table = table(filing);
        let mut row = table.rows[0].clone();
        row.cells.iter_mut().for_each(|cell| cell.text = Text::from(cell.text.as_str()));
        row.cells[0].text = Text::from("云岭县苗圃");
        table.rows.push(row);
    });
    for id in ["0A1B2C3D", "11111111", "w:name=\"a\""] {
        assert_eq!(new.matches(id).count(), 1, "{id}: {new}");
    }
}

#[test]
fn a_section_stays_when_its_last_paragraph_is_deleted() {
    let last = "<w:p><w:pPr><w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr></w:pPr><w:r><w:t>特此说明。</w:t></w:r></w:p>";
    let body = format!("{}{last}{}", p("一、说明"), p("二、收入"));
    let new = edited(&body, |filing| drop(filing.blocks.remove(1)));
    assert!(new.contains("<w:sectPr><w:pgSz") && !new.contains("特此"), "{new}");
}
