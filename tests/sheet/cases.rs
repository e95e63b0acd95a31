//! What workbooks say, make by make.

use yusuan::document::{Block, Cover};
use yusuan::finding::Lang;
use yusuan::read::sheet::CellKind;
use yusuan::source::Kind;

use crate::build::{Xlsx, book, document, grids, ods, one_sheet, package, record, relations, rules, texts, xls, xlsx};

/// A bureau's 收入总表 with what such sheets have: a merged title, a unit line, formats, a formula,
/// a hidden row, a comment, a text box, rows that repeat on each page.
fn revenue() -> Vec<u8> {
    let sheet = r#"<sheetViews><sheetView showZeros="1"/></sheetViews><cols><col min="3" max="3" hidden="1"/></cols>
        <sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="D1" s="1"/><c r="XFD1" s="1"/></row>
        <row r="2"><c r="D2" t="inlineStr"><is><t>单位：万元</t></is></c></row>
        <row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4" t="s"><v>2</v></c></row>
        <row r="5" hidden="1"><c r="A5"><v>2130201.0</v></c><c r="B5" s="1"><v>8</v></c><c r="C5" s="2"><v>2504.1</v></c><c r="D5" s="3"><v>0</v></c></row>
        <row r="6"><c r="A6" t="str"><f>"合"&amp;"计"</f><v>合计</v></c><c r="B6" s="1"><f>SUM(B5)</f><v>8.125</v></c><c r="C6" s="4"><v>0.95</v></c><c r="D6"><f>C6</f></c></row>
        <row r="900" spans="1:16384"><c r="A900" s="1"/></row></sheetData>
        <mergeCells count="4294967295"><mergeCell ref="A1:D1"/><mergeCell ref="A2:A3"/></mergeCells>
        <headerFooter><oddFooter>&amp;C第 &amp;P 页，云岭县林草服务局</oddFooter></headerFooter>"#;
    xlsx(Xlsx {
        sheets: vec![("收入 总表", sheet), ("隐藏底稿", "<sheetData><row><c><v>5</v></c></row></sheetData>"), ("空", "")],
        strings: "<si><t>云岭县林草服务局收入总表</t></si><si><r><t xml:space=\"preserve\">  科目</t></r><rPh><t>kemu</t></rPh><r><t>_x000D_\n编码</t></r></si><si><t>&lt;金额&gt;</t></si>",
        styles: r#"<numFmts><numFmt numFmtId="176" formatCode="0.00;-0.00;;@"/></numFmts><dxfs><dxf><numFmt numFmtId="176" formatCode="0"/></dxf></dxfs>
            <cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="2"/><xf numFmtId="4"/><xf numFmtId="176"/><xf numFmtId="10"/></cellXfs>"#,
        workbook: "<definedNames><definedName name=\"_xlnm.Print_Titles\" localSheetId=\"0\">'收入 总表'!$A:$A,'收入 总表'!$1:$4</definedName></definedNames>",
        more: vec![
            (
                "xl/worksheets/_rels/sheet0.xml.rels",
                relations(&[("c", "comments", "../comments1.xml"), ("d", "drawing", "/xl/drawings/drawing1.xml")]),
            ),
            (
                "xl/comments1.xml",
                b"<comments xmlns='x'><commentList><comment ref=\"B6\"><text><r><t>8.12</t></r></text></comment></commentList></comments>"
                    .to_vec(),
            ),
            (
                "xl/drawings/drawing1.xml",
                "<d xmlns='x'><twoCellAnchor><from><col>1</col><row>7</row></from><sp><txBody><p><r><t>注：</t></r></p><p><r><t>无</t></r></p></txBody></sp></twoCellAnchor></d>"
                    .into(),
            ),
        ],
    })
}

#[test]
fn a_bureau_workbook_is_grids_with_everything_in_place() {
    // The name lies, as on many government sites.
    let (source, document) = document("收入.xls", &revenue());
    assert_eq!(source.kind, Kind::Spreadsheet);
    assert_eq!(source.parts, ["收入 总表", "隐藏底稿", "空"]);
    let grids = grids(&document);
    assert_eq!(grids.len(), 2);
    let grid = grids[0];
    assert_eq!(grid.sheet.as_deref(), Some("收入 总表"));
    assert!(grid.exact);
    assert_eq!(
        texts(grid),
        [
            vec!["云岭县林草服务局收入总表", "", "", ""],
            vec!["", "", "", "单位：万元"],
            vec!["", "", "", ""],
            vec!["  科目\n编码", "<金额>", "", ""],
            vec!["2130201", "8.00", "2,504.10", ""],
            vec!["合计", "8.125", "95.00%", ""],
        ]
    );
    assert_eq!(grid.rows[0].cells[3].cover, Cover::Left);
    assert_eq!(grid.rows[2].cells[0].cover, Cover::Above);
    assert_eq!(grid.rows.iter().map(|row| row.header).collect::<Vec<_>>(), [true, true, true, true, false, false]);
    let at = source.locate(grid.rows[5].cells[2].text.place()).expect("stands in the source");
    assert_eq!(serde_json::to_value(at).expect("plain"), serde_json::json!({"sheet": "收入 总表", "cell": "C6"}));
    assert!(
        document.blocks.iter().any(|block| matches!(block, Block::Paragraph(text) if text.text.as_str() == "注：\n无"))
    );
    let rules = rules(&document.findings);
    for rule in ["hidden-sheet", "hidden-cells", "cell-comment", "formula-without-value", "page-text"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    let missing = document.findings.iter().find(|finding| finding.rule == "formula-without-value").expect("told");
    assert!(missing.message(Lang::Zh).contains("D6"), "{}", missing.zh);
}

#[test]
fn what_an_edit_needs_is_beside_the_text() {
    let book = book(&revenue());
    let sheet = book.sheet("收入 总表").expect("there");
    let sum = sheet.cell(5, 1).expect("B6");
    assert!(sum.formula && sum.kind == CellKind::Number);
    assert_eq!(book.format_code(sum), "0.00");
    assert_eq!(sheet.notes.get(&(5, 1)).map(String::as_str), Some("8.12"));
    let zero = sheet.cell(4, 3);
    assert!(zero.is_none(), "a zero that prints as nothing is no text: {zero:?}");
    assert!(sheet.cell(5, 3).is_some_and(|cell| cell.formula && cell.text.is_empty()));
}

#[test]
fn any_prefix_and_any_edition_of_the_vocabulary() {
    let rows = "<x:sheetData xmlns:x='http://purl.oclc.org/ooxml/spreadsheetml/main'><x:row><x:c t='str'><x:v>预算</x:v></x:c></x:row></x:sheetData>";
    let bytes = xlsx(Xlsx { sheets: vec![("表", rows)], ..Xlsx::default() });
    assert_eq!(book(&bytes).sheets[0].cells[0].text, "预算");
}

#[test]
fn dates_of_1904_and_errors() {
    let rows = "<sheetData><row><c s='1'><v>42735</v></c><c t='e'><f>1/0</f><v>#DIV/0!</v></c><c t='b'><v>0</v></c></row></sheetData>";
    let bytes = xlsx(Xlsx {
        sheets: vec![("表", rows)],
        styles: "<cellXfs><xf numFmtId='0'/><xf numFmtId='31'/></cellXfs>",
        workbook: "<workbookPr date1904='1'/><extLst><workbookPr xmlns='x15'/></extLst>",
        ..Xlsx::default()
    });
    let book = book(&bytes);
    let texts: Vec<&str> = book.sheets[0].cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(texts, ["2021年1月1日", "#DIV/0!", "FALSE"]);
    assert_eq!(rules(&book.findings), ["error-value"]);
}

#[test]
fn xls_of_excel_and_of_java_libraries() {
    let gbk = encoding_rs::GBK.encode("云岭县").0.into_owned();
    let cell = |row: u8, column: u8, style: u8, value: &[u8]| [&[row, 0, column, 0, style, 0], value].concat();
    let style = |format: u8| record(0x00e0, &[&[0, 0, format, 0][..], &[0; 16]].concat());
    let string = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&[(units.len() / 2) as u8, 0, 1][..], &units].concat()
    };
    let bytes = xls(
        &[
            record(0x0042, &936u16.to_le_bytes()),
            style(0),
            style(4),
            record(0x00fc, &[&[1, 0, 0, 0, 1, 0, 0, 0][..], &string("预算")].concat()),
        ],
        &[
            record(0x00fd, &cell(0, 0, 0, &[0, 0, 0, 0])),
            record(0x0204, &cell(0, 1, 0, &[&[6, 0, 0][..], &gbk].concat())),
            record(0x0203, &cell(1, 0, 1, &2504.1f64.to_le_bytes())),
            record(
                0x00bd,
                &[&[1, 0, 1, 0, 1, 0][..], &((800 << 2) | 3u32).to_le_bytes(), &[0, 0, 0x16, 0, 0, 0, 2, 0]].concat(),
            ),
            record(0x0006, &cell(2, 0, 0, &[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0])),
            record(0x0207, &string("合计")),
            record(0x00e5, &[1, 0, 0, 0, 0, 0, 1, 0, 3, 0]),
        ],
    );
    let book = book(&bytes);
    let sheet = &book.sheets[0];
    assert_eq!(sheet.name, "表");
    let texts: Vec<(u32, u32, &str)> =
        sheet.cells.iter().map(|cell| (cell.row, cell.column, cell.text.as_str())).collect();
    assert_eq!(
        texts,
        [(0, 0, "预算"), (0, 1, "云岭县"), (1, 0, "2,504.10"), (1, 1, "8.00"), (1, 2, "5"), (2, 0, "合计")]
    );
    assert_eq!(sheet.merges.len(), 1);
    assert!(sheet.cells[5].formula);
}

#[test]
fn binary_workbooks() {
    let wide = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&((units.len() / 2) as u32).to_le_bytes()[..], &units].concat()
    };
    let record = |id: u16, data: &[u8]| {
        let mut out = if id < 128 { vec![id as u8] } else { vec![(id & 0x7f) as u8 | 0x80, (id >> 7) as u8] };
        out.push(data.len() as u8);
        out.extend_from_slice(data);
        out
    };
    let cell = |column: u8, style: u8, value: &[u8]| [&[column, 0, 0, 0, style, 0, 0, 0], value].concat();
    let types = b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/xl/workbook.bin\" ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/></Types>";
    let bytes = package(&[
        ("[Content_Types].xml", types.to_vec()),
        ("_rels/.rels", relations(&[("a", "officeDocument", "xl/workbook.bin")])),
        ("xl/workbook.bin", record(156, &[&[0, 0, 0, 0, 1, 0, 0, 0][..], &wide("rId1"), &wide("收入")].concat())),
        (
            "xl/_rels/workbook.bin.rels",
            relations(&[
                ("rId1", "worksheet", "worksheets/sheet1.bin"),
                ("s", "sharedStrings", "sharedStrings.bin"),
                ("t", "styles", "styles.bin"),
            ]),
        ),
        ("xl/sharedStrings.bin", record(19, &[&[0][..], &wide("预算")].concat())),
        (
            "xl/styles.bin",
            [record(617, &[]), record(47, &[0, 0, 0, 0]), record(47, &[0, 0, 2, 0]), record(618, &[])].concat(),
        ),
        (
            "xl/worksheets/sheet1.bin",
            [
                record(0, &[&[4, 0, 0, 0][..], &[0; 13]].concat()),
                record(7, &cell(0, 0, &[0, 0, 0, 0])),
                record(5, &cell(1, 1, &8f64.to_le_bytes())),
                record(8, &cell(2, 0, &wide("合计"))),
                record(2, &cell(3, 0, &((1234u32 << 2) | 3).to_le_bytes())),
                record(176, &[4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
            ]
            .concat(),
        ),
    ]);
    let book = book(&bytes);
    let sheet = book.sheet("收入").expect("there");
    let texts: Vec<(u32, u32, &str, bool)> =
        sheet.cells.iter().map(|cell| (cell.row, cell.column, cell.text.as_str(), cell.formula)).collect();
    assert_eq!(texts, [(4, 0, "预算", false), (4, 1, "8.00", false), (4, 2, "合计", true), (4, 3, "12.34", false)]);
    assert_eq!((sheet.merges[0].top, sheet.merges[0].bottom, sheet.merges[0].right), (4, 5, 1));
}

#[test]
fn open_document_spreadsheets() {
    let bytes = ods(
        "<table:table table:name='收入'><table:table-column table:number-columns-repeated='2' table:visibility='collapse'/>\
         <table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned='2' office:value-type='string'><text:p>收入<text:s text:c='2'/>总表</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table-header-rows>\
         <table:table-row><table:table-cell office:value-type='float' office:value='2504.1'><text:p>2,504.10</text:p></table:table-cell><table:table-cell office:value-type='float' office:value='8.125' table:formula='of:=1'><text:p>8.13</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated='1048574'><table:table-cell table:number-columns-repeated='16384'/></table:table-row></table:table>",
    );
    let (source, document) = document("a.xlsx", &bytes);
    assert_eq!(source.parts, ["收入"]);
    let grid = grids(&document)[0];
    assert_eq!(texts(grid), [vec!["收入  总表", ""], vec!["2,504.10", "8.125"]]);
    assert_eq!(grid.rows[0].cells[1].cover, Cover::Left);
    assert!(grid.rows[0].header && !grid.rows[1].header);
}

#[test]
fn tables_of_web_pages_and_csv_under_the_name_of_xls() {
    let page = "<html><head><meta charset=gb2312><style>td{}</style></head><body>云岭县<table><tr><th>科目<th>金额<tr><td>201<td>8.00</table>注：无</body></html>";
    let (source, html) = document("a.xls", &encoding_rs::GBK.encode(page).0);
    assert_eq!(source.kind, Kind::Spreadsheet);
    assert_eq!(texts(grids(&html)[0]), [vec!["科目", "金额"], vec!["201", "8.00"]]);
    assert!(matches!(&html.blocks[0], Block::Paragraph(text) if text.text.as_str() == "云岭县"));
    assert!(matches!(&html.blocks[2], Block::Paragraph(text) if text.text.as_str() == "注：无"));

    let csv = "科目编码,科目名称,合计\r\n=\"05\",\"一般,公共\",8.00\r\n203,国防,\r\n";
    let (source, table) = document("a.xls", &encoding_rs::GBK.encode(csv).0);
    assert_eq!(source.kind, Kind::Spreadsheet);
    assert_eq!(
        texts(grids(&table)[0]),
        [vec!["科目编码", "科目名称", "合计"], vec!["05", "一般,公共", "8.00"], vec!["203", "国防", ""]]
    );
}

#[test]
fn formulas_are_never_made_of_text() {
    let bytes = one_sheet("<row><c t='inlineStr'><is><t>=1+1</t></is></c><c t='str'><v>@x</v></c></row>");
    let book = book(&bytes);
    assert_eq!(
        book.sheets[0].cells.iter().map(|cell| (cell.text.as_str(), cell.formula)).collect::<Vec<_>>(),
        [("=1+1", false), ("@x", false)]
    );
}
