//! `word/styles.xml`: what the paragraphs of a filing look like, after the manner of official
//! documents (GB/T 9704): body in 仿宋 16 pt, headings in 黑体, 楷体 and bold 仿宋, tables in 宋体.

/// A paragraph style.
struct Style {
    id: &'static str,
    name: &'static str,
    /// East Asian font.
    font: &'static str,
    /// Half points.
    size: u32,
    bold: bool,
    /// Paragraph properties in the order of the schema.
    paragraph: &'static str,
}

/// Paragraphs of prose.
pub(super) const BODY: &str = "Body";
/// The filing's title.
pub(super) const TITLE: &str = "Title";
/// A table's title.
pub(super) const TABLE_TITLE: &str = "TableTitle";
/// Cells of a table.
pub(super) const CELL: &str = "Cell";
/// Cells of a table with many columns.
pub(super) const NARROW_CELL: &str = "NarrowCell";
/// The note under a table.
pub(super) const NOTE: &str = "TableNote";
/// Nothing but a place for a section's end, or between two tables.
pub(super) const GAP: &str = "Gap";

#[rustfmt::skip]
const STYLES: &[Style] = &[
    Style { id: BODY, name: "正文段落", font: "仿宋", size: 32, bold: false,
        paragraph: r#"<w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/>"# },
    Style { id: TITLE, name: "Title", font: "宋体", size: 44, bold: true,
        paragraph: r#"<w:keepNext/><w:spacing w:before="240" w:after="240" w:line="700" w:lineRule="exact"/><w:jc w:val="center"/>"# },
    Style { id: TABLE_TITLE, name: "表题", font: "宋体", size: 32, bold: true,
        paragraph: r#"<w:keepNext/><w:keepLines/><w:spacing w:before="240" w:after="120" w:line="480" w:lineRule="atLeast"/><w:jc w:val="center"/><w:outlineLvl w:val="3"/>"# },
    Style { id: CELL, name: "表内文字", font: "宋体", size: 21, bold: false,
        paragraph: r#"<w:spacing w:before="0" w:after="0" w:line="300" w:lineRule="atLeast"/>"# },
    Style { id: NARROW_CELL, name: "表内小字", font: "宋体", size: 17, bold: false,
        paragraph: r#"<w:spacing w:before="0" w:after="0" w:line="250" w:lineRule="atLeast"/>"# },
    Style { id: NOTE, name: "表注", font: "宋体", size: 21, bold: false,
        paragraph: r#"<w:spacing w:before="60" w:after="240" w:line="320" w:lineRule="atLeast"/>"# },
    Style { id: GAP, name: "间隔", font: "宋体", size: 2, bold: false,
        paragraph: r#"<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>"# },
];

/// Fonts of the heading levels; deeper ones look like the last.
const HEADINGS: [(&str, bool); 4] = [("黑体", false), ("楷体", true), ("仿宋", true), ("仿宋", false)];

/// Deepest heading level of the format.
pub(super) const DEEPEST: u8 = 9;

/// The style of a heading.
pub(super) fn heading(level: u8) -> String {
    format!("Heading{}", level.clamp(1, DEEPEST))
}

/// Properties of a heading's paragraph and run that make it look like the title. The style stays the
/// heading's own: of a level in any other place LibreOffice keeps nothing in Rich Text, or in `.doc`.
pub(super) fn title_look() -> (String, String) {
    let title = STYLES.iter().find(|style| style.id == TITLE).expect("the title is one of the styles");
    let paragraph = title.paragraph.replace("<w:jc", r#"<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc"#);
    (paragraph, run(title.font, title.bold, title.size))
}

/// The part.
pub(super) fn part() -> String {
    let mut out = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:eastAsia="仿宋" w:hAnsi="Times New Roman" w:cs="Times New Roman"/><w:kern w:val="2"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:line="560" w:lineRule="exact"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style><w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"#,
    );
    for level in 1..=DEEPEST {
        let (font, bold) = HEADINGS[usize::from(level - 1).min(HEADINGS.len() - 1)];
        out.push_str(&format!(
            r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="heading {level}"/><w:basedOn w:val="Normal"/><w:next w:val="{BODY}"/><w:uiPriority w:val="9"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:ind w:firstLineChars="200" w:firstLine="640"/><w:outlineLvl w:val="{outline}"/></w:pPr><w:rPr>{run}</w:rPr></w:style>"#,
            id = heading(level),
            outline = level - 1,
            run = run(font, bold, 32),
        ));
    }
    for style in STYLES {
        out.push_str(&format!(
            r#"<w:style w:type="paragraph" w:styleId="{}"><w:name w:val="{}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{}</w:pPr><w:rPr>{}</w:rPr></w:style>"#,
            style.id,
            style.name,
            style.paragraph,
            run(style.font, style.bold, style.size),
        ));
    }
    out.push_str("</w:styles>");
    out
}

fn run(font: &str, bold: bool, size: u32) -> String {
    let bold = if bold { "<w:b/><w:bCs/>" } else { "" };
    format!(r#"<w:rFonts w:eastAsia="{font}"/>{bold}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>"#)
}
