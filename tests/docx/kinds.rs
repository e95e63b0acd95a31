//! Producers, encodings, kinds of files.

use crate::make::*;

#[test]
fn strict_documents_and_other_prefixes() {
    let strict = "http://purl.oclc.org/ooxml/wordprocessingml/main";
    let body = |prefix: &str, colon: &str| {
        let name = format!("{prefix}{colon}");
        format!(
            r#"<{name}body><{name}p><{name}pPr><{name}outlineLvl {name}val="0"/></{name}pPr><{name}r><{name}t>文</{name}t></{name}r></{name}p><{name}tbl><{name}tr><{name}tc><{name}tcPr><{name}gridSpan {name}val="2"/></{name}tcPr><{name}p><{name}r><{name}t>格</{name}t></{name}r></{name}p></{name}tc></{name}tr></{name}tbl></{name}body>"#
        )
    };
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    for main in [
        format!(r#"<w:document xmlns:w="{strict}">{}</w:document>"#, body("w", ":")),
        format!(r#"<ns0:document xmlns:ns0="{word}">{}</ns0:document>"#, body("ns0", ":")),
        // Attributes without prefix have no namespace, but some programs write them so.
        format!(r#"<document xmlns="{word}">{}</document>"#, body("", "")),
    ] {
        assert_eq!(lines(&document(&Package::of_main(main).build())), ["P1 文", "T 格 | <"]);
    }
}

#[test]
fn parts_in_other_encodings() {
    let main = part("document", &format!("<w:body>{}</w:body>", p("云岭县<1>")));
    let mut utf8 = b"\xef\xbb\xbf".to_vec();
    utf8.extend(main.bytes());
    assert_eq!(lines(&document(&Package::of_main(utf8).build())), ["P 云岭县<1>"]);
    let utf16 = main.replace("UTF-8", "UTF-16");
    let little: Vec<u8> = "\u{feff}".encode_utf16().chain(utf16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        let document = document(&Package::of_main(bytes).build());
        assert_eq!(lines(&document), ["P 云岭县<1>"]);
        assert_eq!(codes(&document), ["docx-transcoded"]);
    }
}

#[test]
fn the_main_part_is_where_the_package_says() {
    let types = |kind: &str| {
        format!(
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document2.xml" ContentType="application/vnd.{kind}.main+xml"/></Types>"#
        )
    };
    let relationships = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/word/document2.xml"/></Relationships>"#;
    for kind in [
        "openxmlformats-officedocument.wordprocessingml.template",
        "ms-word.document.macroEnabled",
        "ms-word.template.macroEnabledTemplate",
    ] {
        let bytes = zip(&[
            ("[Content_Types].xml".into(), types(kind).into()),
            ("_rels/.rels".into(), relationships.into()),
            ("word/document2.xml".into(), part("document", &format!("<w:body>{}</w:body>", p("文"))).into()),
        ]);
        let (source, document) = read(&bytes).unwrap();
        assert_eq!(lines(&document), ["P 文"]);
        assert_eq!(source.parts, ["word/document2.xml"]);
    }
}

#[test]
fn what_wps_writes() {
    let body = r#"<w:p w14:paraId="1"><w:pPr><w:pStyle w:val="2"/><w:keepNext w:val="0"/><w:rPr><w:rFonts w:hint="eastAsia"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:pPr><w:r><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体"/><w:kern w:val="0"/></w:rPr><w:t>一、部门职责</w:t></w:r></w:p>
        <wpsCustomData:bookmark><wpsCustomData:item/></wpsCustomData:bookmark><w:p><w:r><mc:AlternateContent><mc:Choice Requires="wpsCustomData"><w:t>甲</w:t></mc:Choice></mc:AlternateContent></w:r></w:p>"#;
    let styles = r#"<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/></w:style>"#;
    assert_eq!(lines(&document(&Package::new(body).related("styles", styles).build())), ["P1 一、部门职责", "P 甲"]);
}

/// LibreOffice converts where it is installed; where it is not, the line says what to do.
#[test]
fn old_documents_go_through_libreoffice() {
    let rtf = r"{\rtf1\ansi\ansicpg936 {\b budget} \u20803? 8.00\par\trowd\cellx1000\cellx2000\intbl a\cell b\cell\row\pard end\par}";
    match read(rtf.as_bytes()) {
        Ok((_, document)) => {
            assert_eq!(lines(&document), ["P budget 元 8.00", "T a | b", "P end"]);
            assert!(codes(&document).contains(&"converted-by-libreoffice"));
        }
        Err(error) => {
            assert!(yusuan::read::office::find_program().is_none(), "{error}");
            assert!(error.zh.contains("LibreOffice") && error.zh.contains("docx"), "{error}");
        }
    }
}
