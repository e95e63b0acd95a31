//! Automatic numbers, outline levels.

use crate::make::*;

fn level(at: usize, format: &str, text: &str, more: &str) -> String {
    format!(
        r#"<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{format}"/>{more}<w:lvlText w:val="{text}"/><w:pPr><w:ind w:left="1"/></w:pPr></w:lvl>"#
    )
}

fn outline() -> String {
    format!(
        r#"<w:abstractNum w:abstractNumId="4">{}{}{}</w:abstractNum><w:abstractNum w:abstractNumId="5">{}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="5"/></w:num>"#,
        level(0, "chineseCountingThousand", "%1、", r#"<w:pStyle w:val="biaoti1"/>"#),
        level(1, "chineseCounting", "（%2）", r#"<w:pStyle w:val="biaoti2"/>"#),
        level(2, "decimal", "%3.", ""),
        level(0, "decimalFullWidth", "%1", r#"<w:suff w:val="nothing"/>"#)
    )
}

const STYLES: &str = r#"<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
    <w:style w:type="paragraph" w:styleId="biaoti1"><w:name w:val="标题 1"/><w:basedOn w:val="a"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="biaoti2"><w:name w:val="二级标题"/><w:basedOn w:val="biaoti1"/></w:style>
    <w:style w:type="paragraph" w:styleId="own"><w:name w:val="部门标题"/><w:basedOn w:val="biaoti1"/></w:style>"#;

fn numbered(id: u32, level: u32, text: &str) -> String {
    styled(&format!(r#"<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{id}"/></w:numPr>"#), text)
}

#[test]
fn headings_get_their_printed_numbers() {
    let heading = |style: &str, text: &str| styled(&format!(r#"<w:pStyle w:val="{style}"/>"#), text);
    let body = [
        heading("biaoti1", "部门职责"),
        heading("biaoti2", "主要职责"),
        heading("biaoti2", "机构设置"),
        numbered(1, 2, "办公室"),
        numbered(1, 2, "2023年新设"),
        heading("own", "预算安排"),
        heading("biaoti2", "收入"),
        styled(
            r#"<w:pStyle w:val="biaoti1"/><w:numPr><w:numId w:val="0"/></w:numPr><w:outlineLvl w:val="9"/>"#,
            "无号",
        ),
        heading("biaoti1", "其他"),
    ];
    let bytes = Package::new(&body.concat()).related("styles", STYLES).related("numbering", &outline()).build();
    assert_eq!(
        lines(&document(&bytes)),
        [
            "P1 一、部门职责",
            "P2 （一）主要职责",
            "P2 （二）机构设置",
            "P 1.办公室",
            "P 2. 2023年新设",
            "P1 二、预算安排",
            "P2 （一）收入",
            "P 无号",
            "P1 三、其他"
        ]
    );
}

#[test]
fn serial_numbers_of_a_table_are_automatic_too() {
    let number =
        "<w:tc><w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"2\"/></w:numPr></w:pPr></w:p></w:tc>";
    let rows: Vec<String> = ["甲", "乙"].iter().map(|text| tr(&[number.to_owned(), tc(text)])).collect();
    let body =
        tbl(2, &rows) + "<w:p><w:pPr><w:numPr><w:numId w:val=\"2\"/></w:numPr></w:pPr></w:p>" + &numbered(2, 0, "丙");
    let bytes = Package::new(&body).related("numbering", &outline()).build();
    assert_eq!(lines(&document(&bytes)), ["T １ | 甲", "+ ２ | 乙", "P ４丙"]);
}

#[test]
fn the_number_of_a_joined_paragraph_is_that_of_its_last_mark() {
    let body = format!(
        r#"<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>上</w:t></w:r></w:p>{}"#,
        numbered(1, 0, "下")
    );
    let bytes = Package::new(&body).related("numbering", &outline()).build();
    // Word counts one paragraph, since there is one.
    assert_eq!(lines(&document(&bytes)), ["P 一、上下"]);
}

#[test]
fn a_number_has_no_origin_and_the_text_keeps_its_own() {
    let bytes = Package::new(&numbered(1, 0, "部门职责")).related("numbering", &outline()).build();
    let document = document(&bytes);
    let yusuan::document::Block::Paragraph(paragraph) = &document.blocks[0] else { panic!() };
    assert_eq!(paragraph.text.source_of(0.."一、".len()), None);
    assert_eq!(paragraph.text.pieces().len(), 1);
}

#[test]
fn damaged_numbering_or_styles_cost_only_what_they_hold() {
    let bytes =
        Package::new(&numbered(1, 0, "文")).related("numbering", "<w:abstractNum>").related("styles", "<").build();
    let document = document(&bytes);
    assert_eq!(lines(&document), ["P 文"]);
    assert_eq!(codes(&document), ["docx-part-unreadable", "docx-part-unreadable"]);
}
