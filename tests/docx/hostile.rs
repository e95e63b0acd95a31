//! Bad and hostile files: one clear line, or a finding; never a panic, little time and memory.

use std::time::{Duration, Instant};

use yusuan::Error;
use yusuan::limits::Limits;

use crate::make::*;

/// Reads what must be refused, in time, and checks the line.
#[track_caller]
fn refused(bytes: &[u8], word: &str) -> Error {
    let start = Instant::now();
    let error = read(bytes).map(|(_, document)| lines(&document)).expect_err("must be refused");
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
    let line = error.message(yusuan::finding::Lang::En);
    assert!(line.contains(word), "{line}");
    assert!(error.message(yusuan::finding::Lang::Zh).chars().count() <= 200 && !error.zh.is_empty());
    error
}

#[test]
fn files_that_are_no_packages() {
    refused(b"PK\x03\x04", "damaged");
    let whole = Package::new(&p("文")).build();
    for cut in [5, 30, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..cut], "damaged");
    }
    refused(&zip(&[("a.txt".into(), "文".into())]), "zip file without");
    refused(&zip(&[]), "zip file without");
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing", "damaged");
}

#[test]
fn packages_without_a_document() {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    refused(&zip(&[("[Content_Types].xml".into(), types.into())]), "zip file without");
    refused(&Package::of_main("<html/>").build(), "no main document part");
    refused(&Package::of_main("").build(), "no main document part");
    refused(&Package::of_main(vec![0xff, 0x00, 0x9f]).build(), "UTF-8");
    refused(
        &Package::of_main("<w:document xmlns:w=\"urn:other\"><w:body/></w:document>").build(),
        "no main document part",
    );
}

#[test]
fn any_damage_to_a_package_is_an_error_or_a_document() {
    let whole = Package::new(&(p("文") + &tbl(1, &[row(&["格"])]))).related("styles", "").build();
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let _ = read(&bytes);
        }
    }
}

#[test]
fn malformed_parts() {
    for main in [
        part("document", "<w:body><w:p>"),
        part("document", "<w:body></w:p></w:body>"),
        part("document", "<w:body><w:p><w:r><w:t>a & b</w:t></w:r></w:p></w:body>"),
        part("document", "<w:body><w:p><w:r><w:t>&nbsp;</w:t></w:r></w:p></w:body>"),
    ] {
        refused(&Package::of_main(main).build(), "word/document.xml: damaged part");
    }
    let whole = part("document", &format!("<w:body>{}</w:body>", p("文")));
    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)) {
        let cut = &whole[..cut];
        assert!(read(&Package::of_main(cut).build()).is_err(), "{cut}");
    }
}

#[test]
fn entities_are_never_declared() {
    let bomb = r#"<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#;
    let main = part("document", "<w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body>")
        .replace("?>\n", &format!("?>\n{bomb}"));
    refused(&Package::of_main(main).build(), "document type");
    let external = r#"<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>"#;
    let main = part("document", "<w:body/>").replace("?>\n", &format!("?>\n{external}"));
    refused(&Package::of_main(main).build(), "document type");
}

#[test]
fn text_merged_over_many_rows_is_not_repeated_without_end() {
    let first =
        "<w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>".to_owned() + &p(&"长".repeat(300_000)) + "</w:tc>";
    let below = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>".to_owned();
    let mut rows = vec![tr(&[first, tc("首")])];
    rows.extend((0..20_000).map(|_| tr(&[below.clone(), tc("乙")])));
    let start = Instant::now();
    let bytes = Package::new(&tbl(2, &rows)).build();
    let forms = yusuan::form::built_in::forms();
    let filing = yusuan::read_filing("a.docx", &bytes, forms, &Limits::default()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(60), "took {:?}", start.elapsed());
    assert!(filing.findings.iter().any(|finding| finding.rule == "merged-text-not-repeated"));
    let yusuan::filing::Block::Table(table) = &filing.blocks[0] else { panic!("a table") };
    let filled = table.rows.iter().filter(|row| !row.cells[0].text.is_empty()).count();
    assert_eq!((table.rows.len(), filled), (20_001, 75));
}

#[test]
fn zip_bombs() {
    let blank = |size: usize| part("document", &format!("<w:body>{}</w:body>", " ".repeat(size)));
    refused(&Package::of_main(blank(40 << 20)).build(), "zip bomb");
    // Honest files compress well too.
    assert!(read(&Package::of_main(blank(7 << 20)).build()).is_ok());
    let limits = Limits { part_bytes: 1 << 20, ..Limits::default() };
    let error = yusuan::read::read("a", &Package::of_main(blank(2 << 20)).build(), &limits).unwrap_err();
    assert!(error.en.contains("more than 1 MB"), "{error}");
    let limits = Limits { package_bytes: 1 << 20, ..Limits::default() };
    let error = yusuan::read::read("a", &Package::of_main(blank(2 << 20)).build(), &limits).unwrap_err();
    assert!(error.en.contains("the package inflates to more than 1 MB"), "{error}");
    let limits = Limits { input_bytes: 100, ..Limits::default() };
    assert!(yusuan::read::read("a", &Package::new("").build(), &limits).is_err());
}

#[test]
fn a_size_field_that_lies_is_not_believed() {
    let mut bytes = Package::new(&p("文")).build();
    // The inflated size of every entry, in the central directory: 24 bytes into each header.
    let headers: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, four)| four == b"PK\x01\x02").map(|(at, _)| at).collect();
    for at in headers {
        bytes[at + 24..at + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    }
    let _ = read(&bytes);
}

#[test]
fn names_in_packages() {
    let entry = |name: &str| (name.to_owned(), part("document", &format!("<w:body>{}</w:body>", p("文"))).into_bytes());
    refused(&zip(&[entry("word/document.xml"), entry("../../etc/passwd")]), "leaves the package");
    refused(&zip(&[entry("word/document.xml"), entry("..\\..\\x")]), "leaves the package");
    refused(&zip(&[entry("word/document.xml"), entry("WORD/document.XML")]), "one name");
    refused(&zip(&[entry("word/document.xml"), entry("/word/document.xml")]), "one name");
    // Two entries of exactly one name, as no zip writer makes them: change one afterwards.
    let mut twice = zip(&[entry("word/document.xml"), entry("word/documenu.xml")]);
    let found: Vec<usize> =
        twice.windows(9).enumerate().filter(|(_, name)| name == b"documenu.").map(|(at, _)| at).collect();
    found.into_iter().for_each(|at| twice[at + 7] = b't');
    refused(&twice, "one name");
    // Careless writers use backslashes.
    assert_eq!(lines(&document(&zip(&[entry("word\\document.xml")]))), ["P 文"]);
}

#[test]
fn too_many_entries() {
    let entries: Vec<(String, Vec<u8>)> = (0..10_001).map(|at| (format!("{at}"), Vec::new())).collect();
    refused(&zip(&entries), "more than 10000 entries");
    let flood = [b"PK\x03\x04".as_slice(), &b"PK\x01\x02".repeat(200_000), &b"PK\x05\x06".repeat(200_000)].concat();
    assert!(read(&flood).is_err());
}

#[test]
fn directories_that_end_everywhere_are_searched_in_time() {
    let flood =
        [b"PK\x03\x04".as_slice(), &b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\0\0\0\0\0\0".repeat(500_000)].concat();
    let start = Instant::now();
    assert!(read(&flood).is_err());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn encrypted_entries() {
    let mut bytes = Package::new(&p("文")).build();
    for (signature, flags) in [(b"PK\x01\x02", 8), (b"PK\x03\x04", 6)] {
        let headers: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, four)| four == signature).map(|(at, _)| at).collect();
        headers.into_iter().for_each(|at| bytes[at + flags] |= 1);
    }
    refused(&bytes, "encrypted");
}

#[test]
fn deep_nesting_is_refused_and_never_recursed_into() {
    let nest =
        |open: &str, close: &str, depth: usize| Package::new(&(open.repeat(depth) + &close.repeat(depth))).build();
    refused(&nest("<w:sdt>", "</w:sdt>", 100_000), "nests elements too deeply");
    refused(&nest("<w:p>", "</w:p>", 100_000), "nests elements too deeply");
    refused(&nest("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>", 20_000), "nests tables too deeply");
    let boxes = nest("<w:p><w:r><w:txbxContent>", "</w:txbxContent></w:r></w:p>", 80);
    assert!(read(&boxes).is_ok());
}

#[test]
fn elements_with_absurd_attributes() {
    let attributes: String = (0..5_000).map(|at| format!(" w:a{at}=\"\"")).collect();
    refused(&Package::new(&format!("<w:p{attributes}/>")).build(), "too many attributes");
    let declarations: String = (0..5_000).map(|at| format!(" xmlns:a{at}=\"urn:a\"")).collect();
    refused(&Package::new(&format!("<w:p{declarations}/>")).build(), "too many attributes");
}

#[test]
fn tables_beyond_any_budget() {
    let wide = tc_with("<w:gridSpan w:val=\"16384\"/>", "");
    let grid = "<w:gridCol/>".repeat(20_000);
    let rows = format!("<w:tr>{wide}</w:tr>").repeat(2_000);
    refused(&Package::new(&format!("<w:tbl><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>")).build(), "too large");
    let narrow = "<w:tr><w:tc/></w:tr>".repeat(5_000);
    refused(
        &Package::new(&format!("<w:tbl><w:tblGrid>{grid}</w:tblGrid>{narrow}<w:tr>{wide}</w:tr></w:tbl>")).build(),
        "too large",
    );
    refused(
        &Package::new(&format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", "<w:tc/>".repeat(1_100_000))).build(),
        "too large",
    );
}

#[test]
fn texts_of_absurdly_many_runs() {
    let entities = "&lt;".repeat(2_050_000);
    let error = refused(&Package::new(&format!("<w:p><w:r><w:t>{entities}</w:t></w:r></w:p>")).build(), "damaged");
    assert!(error.en.contains("absurd length") || error.en.contains("bomb"), "{error}");
    let paragraph = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "&lt;a".repeat(1_000));
    refused(
        &Package::new(&tbl(1, &[tr(&[format!("<w:tc>{}</w:tc>", paragraph.repeat(1_100))])])).build(),
        "absurd length",
    );
}

/// Files whose cost must grow with their size and not with its square.
#[test]
fn quadratic_bombs() {
    let count = 60_000;
    let bodies = [
        // Fields that never end, each within the last.
        format!("<w:p>{}</w:p>", r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r>"#.repeat(count)),
        // Merged cells that go on in every column.
        tbl(1, &vec![tr(&vec![tc_with("<w:hMerge/><w:vMerge/>", "a"); 60]); 300]),
        // One paragraph of many runs, and many paragraphs whose marks are deleted.
        format!("<w:p>{}</w:p>", "<w:r><w:t>a&amp;</w:t></w:r>".repeat(count)),
        r#"<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>"#.repeat(count),
        // A cell of very many paragraphs, a row of very many cells.
        tbl(1, &[tr(&[format!("<w:tc>{}</w:tc>", p("a").repeat(count))])]),
        tbl(1, &[tr(&vec![tc("a"); count])]),
        // Hidden runs, text boxes in one paragraph.
        format!("<w:p>{}</w:p>", "<w:r><w:rPr><w:vanish/></w:rPr><w:t>a</w:t></w:r>".repeat(count)),
        format!(
            "<w:p><w:r><w:t>a</w:t>{}</w:r></w:p>",
            format!("<w:txbxContent>{}</w:txbxContent>", p("b")).repeat(count)
        ),
    ];
    for body in bodies {
        let bytes = Package::new(&body).build();
        let start = Instant::now();
        let _ = read(&bytes);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?} for {}", start.elapsed(), &body[..80]);
    }
}

#[test]
fn numbers_beyond_their_types() {
    let huge = "99999999999999999999";
    let body = format!(
        r#"<w:p><w:pPr><w:outlineLvl w:val="{huge}"/><w:numPr><w:ilvl w:val="300"/><w:numId w:val="{huge}"/></w:numPr></w:pPr><w:r><w:t>文</w:t><w:sym w:font="Symbol" w:char="FFFFFFFF"/><w:footnoteReference w:id="{huge}"/></w:r></w:p>{}"#,
        tbl(
            1,
            &[format!(
                r#"<w:tr><w:trPr><w:gridBefore w:val="{huge}"/><w:gridAfter w:val="-5"/></w:trPr>{}</w:tr>"#,
                tc_with(&format!(r#"<w:gridSpan w:val="-1"/><w:tcW w:w="{huge}" w:type="dxa"/>"#), "格")
            )]
        )
    );
    assert_eq!(lines(&of_body(&body)), ["P 文", "T 格"]);
}

#[test]
fn numbers_of_absurd_length() {
    let level = format!(
        r#"<w:lvl w:ilvl="0"><w:start w:val="2147483647"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="{}"/></w:lvl>"#,
        "%1".repeat(20_000)
    );
    let numbering = format!(
        r#"<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#
    );
    let body = styled(r#"<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>"#, "文").repeat(5_000);
    let start = Instant::now();
    let document = document(&Package::new(&body).related("numbering", &numbering).build());
    assert!(lines(&document).iter().all(|line| line.ends_with('文') && line.len() < 1_000));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn nothing_outside_the_package_is_touched() {
    let relationships = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="file:///etc/passwd" TargetMode="External"/>
        <Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="../../../../etc/passwd"/>
        <Relationship Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="http://192.0.2.1/a.dotm" TargetMode="External"/></Relationships>"#;
    let bytes = Package::new(&p("文")).with("word/_rels/document.xml.rels", relationships).build();
    assert_eq!(lines(&document(&bytes)), ["P 文"]);
    let package = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="http://192.0.2.1/document.xml" TargetMode="External"/></Relationships>"#;
    let bytes = Package::new(&p("文")).with("_rels/.rels", package).build();
    assert_eq!(lines(&document(&bytes)), ["P 文"]);
}
