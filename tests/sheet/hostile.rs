//! Files made to cost memory or time, or merely broken: read with a finding, or refused in a line.

use std::time::{Duration, Instant};

use yusuan::finding::Lang;
use yusuan::limits::Limits;

use crate::build::{Xlsx, book, document, grids, ods, one_sheet, record, relations, rules, xls, xlsx};

/// The file is refused with one short line.
fn refused(bytes: &[u8]) -> String {
    let Err(error) = yusuan::read::sheet::read_workbook(bytes, &Limits::default()) else { panic!("it was read") };
    for lang in [Lang::En, Lang::Zh] {
        let line = error.message(lang);
        assert!(line.chars().count() <= 200 && !line.chars().any(char::is_control), "{line:?}");
    }
    error.en
}

fn soon<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    done
}

#[test]
fn cells_in_opposite_corners() {
    let bytes =
        one_sheet("<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>2</v></c></row>");
    let (_, document) = document("a", &bytes);
    let cells: usize = grids(&document)[0].rows.iter().map(|row| row.cells.len()).sum();
    assert!(cells < 400_000, "{cells} cells");
}

#[test]
fn claims_that_are_lies() {
    // `uniqueCount` of the builder is 4,294,967,295.
    let sheet = "<dimension ref='A1:XFD1048576'/><sheetData><row r='1' spans='1:16384'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>7</v></c><c r='C1' t='s'><v>-1</v></c></row></sheetData>";
    let bytes = xlsx(Xlsx { sheets: vec![("表", sheet)], strings: "<si><t>一</t></si><si/>", ..Xlsx::default() });
    let book = book(&bytes);
    assert_eq!(book.sheets[0].cells.len(), 1);
    assert_eq!(rules(&book.findings), ["string-missing"]);
}

#[test]
fn one_string_a_hundred_thousand_times() {
    let strings = format!("<si><t>{}</t></si>", "预算".repeat(2_000));
    let sheet = format!("<sheetData><row>{}</row></sheetData>", "<c t='s'><v>0</v></c>".repeat(16_000));
    let error = soon(|| refused(&xlsx(Xlsx { sheets: vec![("表", &sheet)], strings: &strings, ..Xlsx::default() })));
    assert!(error.contains("MiB"), "{error}");
}

#[test]
fn repeated_cells_and_blanks_of_open_document() {
    let cell = "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'><text:p>x<text:s text:c='4000000000'/></text:p></table:table-cell>";
    let row = format!("<table:table-row table:number-rows-repeated='4000000000'>{cell}</table:table-row>");
    let error = soon(|| refused(&ods(&format!("<table:table table:name='a'>{row}</table:table>"))));
    assert!(error.contains("MiB") || error.contains("cells"), "{error}");
}

#[test]
fn two_thousand_sheets_are_read_and_one_part_is_read_once() {
    let sheets: Vec<(String, String)> = (0..2_000)
        .map(|index| (format!("s{index}"), format!("<sheetData><row><c><v>{index}</v></c></row></sheetData>")))
        .collect();
    let sheets = sheets.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    let book = soon(|| book(&xlsx(Xlsx { sheets, ..Xlsx::default() })));
    assert_eq!(book.sheets.len(), 2_000);
    assert_eq!(book.sheets[1_999].cells[0].text, "1999");
}

#[test]
fn addresses_beyond_the_sheet_are_told() {
    let cells: String = ["A0", "XFE1", "A1048577", "ZZZZZZZZZ1", "A99999999999"]
        .iter()
        .map(|at| format!("<c r='{at}'><v>1</v></c>"))
        .collect();
    let book = book(&one_sheet(&format!("<row r='0'>{cells}</row><row r='4294967295'><c><v>1</v></c></row>")));
    assert!(rules(&book.findings).contains(&"cell-beyond-limits"));
}

#[test]
fn a_cell_given_twice_keeps_both() {
    let book = book(&one_sheet("<row r='1'><c r='A1'><v>8</v></c><c r='A1'><v>9</v></c></row>"));
    assert_eq!(book.sheets[0].cells[0].text, "8\n9");
    assert_eq!(rules(&book.findings), ["cell-given-twice"]);
}

#[test]
fn what_no_workbook_has_is_refused() {
    let doctype = "<!DOCTYPE a [<!ENTITY b 'c'>]>";
    let sheet = format!("<sheetData>{}</sheetData>", "<x>".repeat(10_000));
    refused(&xlsx(Xlsx { sheets: vec![("表", &sheet)], ..Xlsx::default() }));
    refused(&xlsx(Xlsx { sheets: vec![("表", doctype)], ..Xlsx::default() }));
    refused(&xlsx(Xlsx { sheets: vec![("表", "<sheetData><row>")], ..Xlsx::default() }));
    let whole = one_sheet("<row><c><v>1</v></c></row>");
    for length in [0, 4, 30, whole.len() / 2, whole.len() - 4] {
        refused(&whole[..length]);
    }
    let mut encrypted = xls(&[record(0x002f, &[0; 6])], &[]);
    assert!(refused(&encrypted).contains("encrypted"));
    encrypted.truncate(3);
    refused(&encrypted);
}

#[test]
fn a_zip_bomb_is_refused() {
    let bomb = format!("<row><c t='inlineStr'><is><t>{}</t></is></c></row>", "A".repeat(40 << 20));
    assert!(soon(|| refused(&one_sheet(&bomb))).contains("bomb"));
}

#[test]
fn nothing_outside_the_file_is_opened() {
    let external = relations(&[("c", "comments", "../../../../etc/passwd"), ("d", "drawing", "file:///etc/passwd")]);
    let sheet = "<sheetData><row><c><f>[1]Sheet1!A1</f><v>5</v></c></row></sheetData>";
    let book = book(&xlsx(Xlsx {
        sheets: vec![("表", sheet)],
        more: vec![("xl/worksheets/_rels/sheet0.xml.rels", external)],
        ..Xlsx::default()
    }));
    assert_eq!(book.sheets[0].cells[0].text, "5");
    assert!(book.sheets[0].notes.is_empty());
}

#[test]
fn sheets_of_an_xls_that_share_their_records() {
    // One substream that ten thousand sheets begin at.
    let one = xls(&[], &vec![record(0x0200, &[0; 14]); 20_000]);
    let listed = record(0x0085, &[0, 0, 0, 0, 0, 0, 1, 0, b'x']);
    let offset = (20 + listed.len() * 5_000 + 14 + 4) as u32;
    let mut listed = listed;
    listed[4..8].copy_from_slice(&offset.to_le_bytes());
    let bytes = [&one[..20], &listed.repeat(5_000), &one[20..]].concat();
    assert!(soon(|| refused(&bytes)).contains("overlap"));
}

#[test]
fn damage_anywhere_never_panics() {
    let samples = [
        one_sheet("<row><c t='s'><v>0</v></c><c><f>1</f><v>8</v></c></row>"),
        ods(
            "<table:table table:name='a'><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>",
        ),
        xls(
            &[record(0x00fc, &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, b'a'])],
            &[record(0x00fd, &[0; 10]), record(0x0006, &[0; 20])],
        ),
        b"<html><table><tr><td colspan=9>a<td rowspan=\"2\">b</table>".to_vec(),
        "甲,乙\n\"丙\n\",丁\n戊,己\n".into(),
    ];
    for sample in &samples {
        for at in (0..sample.len()).step_by(2) {
            for value in [0x00, 0x3c, 0xff] {
                let mut bytes = sample.clone();
                bytes[at] = value;
                let _ = yusuan::read::read("a.xls", &bytes, &Limits::default());
            }
            let _ = yusuan::read::read("a.xls", &sample[..at], &Limits::default());
        }
    }
}

#[test]
fn comments_that_share_a_cell_or_have_none_are_all_told() {
    let comments = "<comments xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><commentList><comment ref='A1'><text><t>甲</t></text></comment><comment ref='A1'><text><t>乙</t></text></comment><comment ref='ZZZ0'><text><t>丙</t></text></comment><comment ref='B2:C3'><text><t>丁</t></text></comment></commentList></comments>";
    let more = vec![
        ("xl/worksheets/_rels/sheet0.xml.rels", relations(&[("c", "comments", "../comments1.xml")])),
        ("xl/comments1.xml", comments.into()),
    ];
    let sheet = "<sheetData><row><c><v>1</v></c></row></sheetData>";
    let book = book(&xlsx(Xlsx { sheets: vec![("表", sheet)], more, ..Xlsx::default() }));
    assert_eq!(book.sheets[0].notes[&(0, 0)], "甲\n乙");
    assert_eq!(book.sheets[0].notes[&(1, 1)], "丁");
    assert!(book.findings.iter().any(|finding| finding.rule == "cell-comment" && finding.zh.contains('丙')));
}

#[test]
fn one_part_of_comments_with_very_many_relationships_is_read_once() {
    let comment = "<comment ref='A1'><text><t>批注</t></text></comment>".repeat(50_000);
    let comments = format!("<comments><commentList>{comment}</commentList></comments>");
    let links: Vec<(&str, &str, &str)> = vec![("c", "comments", "../comments1.xml"); 10_000];
    let more = vec![
        ("xl/worksheets/_rels/sheet0.xml.rels", relations(&links)),
        ("xl/worksheets/_rels/sheet1.xml.rels", relations(&links)),
        ("xl/comments1.xml", comments.into_bytes()),
    ];
    let sheet = "<sheetData><row><c><v>1</v></c></row></sheetData>";
    let bytes = xlsx(Xlsx { sheets: vec![("一", sheet), ("二", sheet)], more, ..Xlsx::default() });
    let book = soon(|| book(&bytes));
    assert!(book.sheets[0].notes[&(0, 0)].contains("批注") && book.sheets[1].notes.is_empty());
}
