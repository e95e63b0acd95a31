//! Edits outside the running text of a docx: notes, text boxes, parts in other encodings.

mod common;

use std::io::{Cursor, Read, Write};

use yusuan::filing::{Block, Filing};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing};
use yusuan::text::Text;

const W: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main""#;
const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

type Parts = Vec<(&'static str, Vec<u8>)>;

fn docx(parts: &Parts) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let fixed = [("[Content_Types].xml", TYPES.as_bytes()), ("_rels/.rels", RELS.as_bytes())];
    for (name, content) in fixed.into_iter().chain(parts.iter().map(|(name, content)| (*name, content.as_slice()))) {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        writer.write_all(content).expect("content");
    }
    writer.finish().expect("a package").into_inner()
}

fn body(content: &str) -> Vec<u8> {
    let mc = r#"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml""#;
    format!(r#"<?xml version="1.0"?><w:document {W} {mc}><w:body>{content}<w:sectPr/></w:body></w:document>"#)
        .into_bytes()
}

fn notes(kind: &str, text: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0"?><w:{kind}s {W}><w:{kind} w:id="2"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:{kind}></w:{kind}s>"#
    )
    .into_bytes()
}

fn part(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut content = Vec::new();
    archive.by_name(name).expect("the part").read_to_end(&mut content).expect("content");
    content
}

/// Replaces words of a paragraph, and back; the package between.
fn edited(parts: &Parts, old: &str, new: &str) -> Vec<u8> {
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let bytes = docx(parts);
    let before = common::filing("a.docx", &bytes);
    let mut after = before.clone();
    replace(&mut after, old, new);
    let applied = apply_filing(&bytes, &before, &after, forms, &limits, &options);
    let applied = applied.unwrap_or_else(|error| panic!("{}", error.zh));
    let now = common::filing("a.docx", &applied.bytes);
    let undone = apply_filing(&applied.bytes, &now, &before, forms, &limits, &options);
    let undone = undone.unwrap_or_else(|error| panic!("undo: {}", error.zh));
    for (name, content) in parts {
        assert_eq!(part(&undone.bytes, name), *content, "{name}");
    }
    applied.bytes
}

fn replace(filing: &mut Filing, old: &str, new: &str) {
    let mut found = false;
    for block in &mut filing.blocks {
        if let Block::Paragraph(text) = block
            && text.as_str().contains(old)
        {
            *text = Text::placed(text.as_str().replace(old, new), text.place());
            found = true;
        }
    }
    assert!(found, "{old}: {:?}", filing.blocks);
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn the_text_of_notes_is_edited_in_their_parts() {
    let text = r#"<w:p><w:r><w:t>公用经费按定员定额标准核定。</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r></w:p>"#;
    let parts = vec![
        ("word/document.xml", body(text)),
        ("word/footnotes.xml", notes("footnote", "标准见县财政局2021年通知。")),
        ("word/endnotes.xml", notes("endnote", "不含林场。")),
    ];
    let bytes = edited(&parts, "2021年通知", "2022年通知");
    let notes = String::from_utf8(part(&bytes, "word/footnotes.xml")).expect("UTF-8");
    assert!(notes.contains("> 标准见县财政局2022年通知。<"), "{notes}");
    assert_eq!(part(&bytes, "word/document.xml"), parts[0].1);
    let bytes = edited(&parts, "不含林场", "不含国有林场");
    assert!(String::from_utf8(part(&bytes, "word/endnotes.xml")).expect("UTF-8").contains("不含国有林场。"));
}

#[test]
fn a_note_cannot_be_deleted_and_the_error_says_so() {
    let text = r#"<w:p><w:r><w:t>公用经费按标准核定。</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>"#;
    let parts = vec![("word/document.xml", body(text)), ("word/footnotes.xml", notes("footnote", "标准见通知。"))];
    let bytes = docx(&parts);
    let before = common::filing("a.docx", &bytes);
    let mut after = before.clone();
    after.blocks.retain(|block| !matches!(block, Block::Paragraph(text) if text.as_str().contains("通知")));
    assert_eq!(after.blocks.len() + 1, before.blocks.len());
    let (forms, limits) = (built_in::forms(), Limits::default());
    let error = apply_filing(&bytes, &before, &after, forms, &limits, &Options::default()).expect_err("a note");
    assert!(error.zh.contains("脚注或尾注"), "{}", error.zh);
}

#[test]
fn a_text_box_and_its_copy_for_older_programs_say_the_same() {
    let shown = |inner: &str| format!("<w:txbxContent>{inner}</w:txbxContent>");
    let inside = p("本表由云岭县林草服务局填报。");
    let text = format!(
        r#"{}<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"#,
        p("一、部门职责"),
        shown(&inside),
        shown(&inside)
    );
    let bytes = edited(&vec![("word/document.xml", body(&text))], "填报", "编制");
    let document = String::from_utf8(part(&bytes, "word/document.xml")).expect("UTF-8");
    assert_eq!(document.matches("本表由云岭县林草服务局编制。").count(), 2, "{document}");
}

#[test]
fn a_part_in_utf_16_stays_in_it() {
    let text = String::from_utf8(body(&p("公用经费按标准核定。"))).expect("UTF-8");
    let text = text.replace(r#"version="1.0""#, r#"version="1.0" encoding="UTF-16""#);
    let encoded: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let bytes = edited(&vec![("word/document.xml", encoded)], "标准", "定额");
    let document = part(&bytes, "word/document.xml");
    assert!(document.starts_with(&[0xff, 0xfe]));
    let units: Vec<u16> = document.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    assert!(String::from_utf16(&units).expect("UTF-16").contains("公用经费按定额核定。"));
}
