//! Runs, fields, tracked changes, notes, text boxes.

use yusuan::filing::Filing;
use yusuan::form::built_in;

use crate::common;
use crate::make::*;

#[test]
fn runs_split_anywhere_are_one_text() {
    check(
        r#"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>预</w:t></w:r><w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0" w:name="a"/>
        <w:r><w:t>算</w:t></w:r><w:bookmarkEnd w:id="0"/><w:hyperlink r:id="x"><w:r><w:t xml:space="preserve"> 8.</w:t></w:r></w:hyperlink>
        <w:smartTag w:uri="u" w:element="e"><w:smartTagPr><w:attr w:name="n" w:val="v"/></w:smartTagPr><w:r><w:t>00</w:t></w:r></w:smartTag>
        <w:customXml w:element="x"><w:customXmlPr><w:placeholder w:val="p"/></w:customXmlPr><w:r><w:t>元</w:t></w:r></w:customXml></w:p>"#,
        &["P 预算 8.00元"],
    );
}

#[test]
fn blanks_at_the_ends_of_a_run_count_only_when_preserved() {
    check(
        "<w:p><w:r><w:t> 一 </w:t></w:r><w:r><w:t xml:space=\"preserve\"> 二\n三 </w:t></w:r><w:r><w:t>\n &lt; 四 &gt; \n</w:t></w:r></w:p>",
        &["P 一 二 三 < 四 >"],
    );
}

#[test]
fn characters_that_are_elements() {
    check(
        r#"<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="1"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/><w:t>d</w:t>
        <w:noBreakHyphen/><w:t>e</w:t><w:softHyphen/><w:t>f</w:t><w:ptab w:relativeTo="margin" w:alignment="right" w:leader="none"/><w:t>g</w:t>
        <w:sym w:font="Symbol" w:char="F0B3"/><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="宋体" w:char="5E74"/></w:r></w:p>"#,
        &["P a→b⏎c⏎d-ef→g≥☑年"],
    );
}

#[test]
fn text_set_in_a_symbol_font_shows_its_signs() {
    check(
        "<w:p><w:r><w:rPr><w:rFonts w:ascii=\"Symbol\" w:hAnsi=\"Symbol\"/></w:rPr><w:t>\u{f0b3}</w:t></w:r><w:r><w:t>95%\u{f0b3}</w:t></w:r></w:p>",
        &["P ≥95%\u{f0b3}"],
    );
}

#[test]
fn ruby_shows_its_base_text() {
    check(
        "<w:p><w:r><w:ruby><w:rubyPr><w:lid w:val=\"zh-CN\"/></w:rubyPr><w:rt><w:r><w:t>yún</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>云</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>岭</w:t></w:r></w:p>",
        &["P 云岭"],
    );
}

#[test]
fn cdata_and_character_references_are_text() {
    check("<w:p><w:r><w:t><![CDATA[a<b]]>&#x9884;&#31639;&amp;</w:t></w:r></w:p>", &["P a<b预算&"]);
}

#[test]
fn tracked_changes_are_read_as_accepted() {
    let body = r#"<w:p><w:r><w:t>预算</w:t></w:r><w:del w:id="1"><w:r><w:delText>8.00</w:delText></w:r></w:del><w:ins w:id="2"><w:r><w:t>9.00</w:t></w:r><w:del w:id="3"><w:r><w:delText>x</w:delText></w:r></w:del></w:ins>
        <w:moveFrom w:id="4"><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:moveTo w:id="5"><w:r><w:t>新处</w:t></w:r></w:moveTo></w:p>
        <w:p><w:pPr><w:rPr><w:del w:id="6"/></w:rPr></w:pPr><w:r><w:t>上半</w:t></w:r></w:p><w:p><w:pPr><w:outlineLvl w:val="1"/><w:pPrChange w:id="7"><w:pPr><w:outlineLvl w:val="5"/></w:pPr></w:pPrChange></w:pPr><w:r><w:rPr><w:rPrChange w:id="8"><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>下半</w:t></w:r></w:p>"#;
    let document = of_body(body);
    assert_eq!(lines(&document), ["P 预算9.00新处", "P2 上半下半"]);
    assert_eq!(codes(&document), ["docx-deleted-text"]);
    assert!(
        document.findings[0].zh.contains("3 处") && document.findings[0].zh.contains("8.00x旧处"),
        "{:?}",
        document.findings
    );
}

#[test]
fn a_deleted_mark_before_an_empty_paragraph_loses_nothing() {
    let deleted = r#"<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>前</w:t></w:r></w:p>"#;
    check(
        &format!(r#"{deleted}<w:p><w:pPr><w:rPr><w:ins w:id="2"/></w:rPr></w:pPr></w:p>{}"#, p("后")),
        &["P 前", "P 后"],
    );
}

#[test]
fn a_deleted_mark_before_a_table_ends_the_paragraph_all_the_same() {
    let body = format!(
        "<w:p><w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t>前</w:t></w:r></w:p>{}<w:p><w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t>后</w:t></w:r></w:p>",
        tbl(1, &[tr(&["<w:tc><w:p><w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t>一</w:t></w:r></w:p><w:p><w:r><w:t>二</w:t></w:r></w:p></w:tc>".into()])])
    );
    check(&body, &["P 前", "T 一二", "P 后"]);
}

#[test]
fn hidden_text_is_left_out_with_a_finding() {
    let styles = r#"<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>"#;
    let body = r#"<w:p><w:r><w:t>看见</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏一</w:t></w:r><w:r><w:rPr><w:rStyle w:val="h"/></w:rPr><w:t>藏二</w:t></w:r>
        <w:r><w:rPr><w:rStyle w:val="h"/><w:vanish w:val="0"/></w:rPr><w:t>又见</w:t></w:r><w:r><w:rPr><w:webHidden/></w:rPr><w:t>网页</w:t></w:r></w:p>
        <w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr></w:p><w:p><w:r><w:t>尾</w:t></w:r></w:p>"#;
    let document = document(&Package::new(body).related("styles", styles).build());
    assert_eq!(lines(&document), ["P 看见又见网页", "P 尾"]);
    assert_eq!(codes(&document), ["docx-hidden-text"]);
    assert!(document.findings[0].zh.contains("2 处") && document.findings[0].zh.contains("藏一藏二"));
}

#[test]
fn a_reading_above_a_word_is_left_out_with_a_finding() {
    let document = of_body(
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>yún</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>云</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
    );
    assert_eq!(codes(&document), ["docx-ruby"]);
    assert!(document.findings[0].zh.contains("1 处") && document.findings[0].zh.contains("yún"));
}

#[test]
fn lines_of_marks_are_text_in_a_document() {
    let printed = ["----------", "# ls -l", "| - |", "终", "粗"];
    let body: String = printed[..4].iter().copied().chain(["<HTML>", "<b>粗</b>"]).map(p).collect();
    let texts = |filing: &Filing| -> Vec<String> {
        filing.blocks.iter().filter_map(yusuan::filing::Block::prose).map(|text| text.as_str().to_owned()).collect()
    };
    let filing = common::filing("a.docx", &Package::new(&body).build());
    assert_eq!(texts(&filing), printed);
    let told = filing.findings.iter().find(|finding| finding.rule == "markup-removed").expect("a note");
    assert!(told.zh.contains("2 个") && told.zh.contains("<HTML>"), "{}", told.zh);
    let text = yusuan::write::text::write(&filing, built_in::forms());
    assert_eq!(texts(&common::filing("a.txt", text.as_bytes())), printed, "{text}");
    let docx = yusuan::write::docx::write(&filing, built_in::forms()).expect("written");
    assert_eq!(texts(&common::filing("b.docx", &docx)), printed);
    assert_eq!(texts(&common::filing("a.xlsx", &common::workbook_of(&filing))), printed);
}

#[test]
fn properties_that_matter_are_found_among_those_that_do_not() {
    check(
        r#"<w:p><w:pPr><w:spacing w:line="1"/><w:rPr><w:b/><!-- </w:rPr></w:pPr> --></w:rPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="仿宋_GB2312"/><w:b/><w14:glow><w14:x/></w14:glow></w:rPr><w:t>甲</w:t></w:r>
        <w:r><w:rPr><w:sz w:val="21"/><!-- </w:rPr> --><w:vanish/></w:rPr><w:t>乙</w:t></w:r><w:r><w:rPr><w:rPrChange w:id="1"><w:rPr><w:vanish/></w:rPr></w:rPrChange><w:vertAlign w:val="superscript"/></w:rPr><w:t>丙</w:t></w:r>
        <w:r><w:rPr ><w:vertAlign w:val="superscript"></w:vertAlign></w:rPr ><w:t>丁</w:t></w:r></w:p>"#,
        &["P3 甲丙丁"],
    );
}

#[test]
fn a_style_separator_joins_a_heading_with_its_text() {
    check(
        r#"<w:p><w:pPr><w:outlineLvl w:val="0"/><w:rPr><w:vanish/><w:specVanish/></w:rPr></w:pPr><w:r><w:t>职责。</w:t></w:r></w:p><w:p><w:r><w:t>负责林草。</w:t></w:r></w:p>"#,
        &["P1 职责。负责林草。"],
    );
}

#[test]
fn a_dropped_capital_belongs_to_its_paragraph() {
    check(
        r#"<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr><w:r><w:t>云</w:t></w:r></w:p><w:p><w:r><w:t>岭县</w:t></w:r></w:p>
        <w:p><w:pPr><w:framePr w:w="100"/></w:pPr><w:r><w:t>框</w:t></w:r></w:p><w:p><w:r><w:t>文</w:t></w:r></w:p>"#,
        &["P 云岭县", "P 框", "P 文"],
    );
}

fn field(instruction: &str, result: &str) -> String {
    format!(
        r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
    )
}

#[test]
fn the_result_of_a_field_counts_and_its_instruction_does_not() {
    let nested = format!(
        r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>{}<w:r><w:instrText> = 1 "甲" "乙"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>甲</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#,
        field("PAGE", "1")
    );
    let tc_field = r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TC "一、职责" \f C \l 1</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#;
    check(
        &format!(
            r#"<w:p><w:r><w:t>合计</w:t></w:r>{}<w:r><w:t>元</w:t></w:r></w:p><w:p>{nested}</w:p><w:p><w:r><w:t>一、职责</w:t></w:r>{tc_field}</w:p><w:p>{tc_field}</w:p>
            <w:p><w:fldSimple w:instr=" DATE "><w:r><w:t>2023年</w:t></w:r></w:fldSimple></w:p><w:p>{}</w:p>"#,
            field("=SUM(ABOVE)", "198.01"),
            field("HYPERLINK \"http://x\"", "链接")
        ),
        &["P 合计198.01元", "P 甲", "P 一、职责", "P 2023年", "P 链接"],
    );
}

#[test]
fn a_field_result_over_paragraphs_and_cells() {
    let body = format!(
        r#"<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC \o "1-3"</w:instrText><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>一、职责</w:t><w:tab/><w:t>1</w:t></w:r></w:p>
        <w:p><w:r><w:t>二、机构</w:t></w:r></w:p><w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>{}"#,
        tbl(1, &[tr(&[format!("<w:tc><w:p>{}</w:p></w:tc>", field("=SUM(ABOVE)", "9.00"))])])
    );
    check(&body, &["P 一、职责→1", "P 二、机构", "~ 9.00"]);
}

#[test]
fn a_field_that_never_ends_hides_nothing() {
    let body = r#"<w:p><w:r><w:t>前</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>中</w:t></w:r></w:p><w:p><w:r><w:t>后</w:t></w:r></w:p>"#;
    let document = of_body(body);
    assert_eq!(lines(&document), ["P 前中", "P 后"]);
    assert_eq!(codes(&document), ["docx-unclosed-field"]);
    check(
        r#"<w:p><w:r><w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="separate"/><w:t>文</w:t></w:r></w:p>"#,
        &["P 文"],
    );
}

#[test]
fn fields_without_a_result_show_what_word_shows() {
    let plain = |instruction: &str| {
        format!(
            r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
        )
    };
    let form = r#"<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="d"/><w:ddList><w:result w:val="1"/><w:listEntry w:val="元"/><w:listEntry w:val="万元"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>
        <w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#;
    let body =
        format!("<w:p>{}{}{form}{}</w:p>", plain(r"eq \o\ac(○,2)"), plain("MACROBUTTON n 填写"), plain("AUTONUM"));
    let document = of_body(&body);
    assert_eq!(lines(&document), ["P ②填写万元☑"]);
    assert_eq!(codes(&document), ["docx-field-without-result"]);
}

#[test]
fn page_numbers_in_the_text_are_furniture() {
    let body = format!(
        r#"<w:p><w:r><w:t xml:space="preserve">— </w:t></w:r>{}<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p><w:p><w:r><w:t>见第</w:t></w:r>{}<w:r><w:t>页表二</w:t></w:r></w:p>"#,
        field("PAGE", "3"),
        field("PAGE", "4")
    );
    let document = of_body(&body);
    assert_eq!(lines(&document), ["P 见第4页表二"]);
    assert_eq!(codes(&document), ["docx-page-number"]);
}

#[test]
fn one_branch_of_alternate_content_is_read() {
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let alternate = |requires: &str, choice: &str, fallback: &str| {
        format!(
            r#"<mc:AlternateContent><mc:Choice Requires="{requires}">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"#
        )
    };
    check(
        &format!(
            "<w:p>{}{}{}</w:p>",
            alternate("wps", &run("甲"), &run("乙")),
            alternate("unheard", &run("丙"), &run("丁")),
            alternate("w14", "<w:r/>", &run("戊"))
        ),
        &["P 甲丁戊"],
    );
}

#[test]
fn content_controls_are_looked_through_at_every_level() {
    let sdt = |content: &str| {
        format!(
            "<w:sdt><w:sdtPr><w:alias w:val=\"x\"/><w:dropDownList><w:listItem w:value=\"v\"/></w:dropDownList></w:sdtPr><w:sdtEndPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"
        )
    };
    let cell = sdt(&tc("格"));
    let table = sdt(&format!("<w:tbl>{}</w:tbl>", sdt(&tr(&[cell, tc("乙")]))));
    check(
        &format!("{}<w:p>{}</w:p>{table}", sdt(&p("段")), sdt("<w:r><w:t>行内</w:t></w:r>")),
        &["P 段", "P 行内", "T 格 | 乙"],
    );
}

fn box_of(content: &str) -> String {
    format!(
        r#"<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>
        <mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"#
    )
}

#[test]
fn text_boxes_stand_at_their_place_once() {
    let inside = format!("{}{}", p("框一"), tbl(2, &[row(&["a", "b"])]));
    check(
        &format!(
            "{}<w:p>{}<w:r><w:t>后文</w:t></w:r></w:p><w:p><w:r><w:t>前文</w:t></w:r>{}<w:r><w:t>续</w:t></w:r></w:p>",
            p("首"),
            box_of(&inside),
            box_of(&p("框二"))
        ),
        &["P 首", "P 框一", "T a | b", "P 后文", "P 前文续", "P 框二"],
    );
    let cell = format!("<w:tc><w:p><w:r><w:t>格</w:t></w:r>{}</w:p></w:tc>", box_of(&p("框")));
    check(&tbl(2, &[tr(&[cell, tc("乙")])]), &["T 格⏎框 | 乙"]);
}

#[test]
fn notes_follow_the_block_that_refers_to_them() {
    let notes = r#"<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> 含上年结转</w:t></w:r></w:p><w:p><w:r><w:t>第二段</w:t></w:r></w:p></w:footnote><w:footnote w:id="3"><w:p><w:r><w:t>表注</w:t></w:r></w:p></w:footnote><w:footnote w:id="9"><w:p><w:r><w:t>无主</w:t></w:r></w:p></w:footnote>"#;
    let ends = r#"<w:endnote w:id="2"><w:p><w:r><w:t>尾注</w:t></w:r></w:p></w:endnote>"#;
    let body = format!(
        r#"<w:p><w:r><w:t>收入15610.51</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>万元</w:t></w:r><w:r><w:endnoteReference w:id="2"/></w:r></w:p>{}{}"#,
        tbl(
            1,
            &[tr(&[
                "<w:tc><w:p><w:r><w:t>8.00</w:t></w:r><w:r><w:footnoteReference w:id=\"3\"/></w:r></w:p></w:tc>".into()
            ])]
        ),
        p("末")
    );
    let bytes = Package::new(&body).related("footnotes", notes).related("endnotes", ends).build();
    let (source, document) = read(&bytes).unwrap();
    assert_eq!(
        lines(&document),
        ["P 收入15610.51万元", "P [1] 含上年结转", "P 第二段", "P [1] 尾注", "T 8.00", "P [2] 表注", "P 末"]
    );
    assert_eq!(codes(&document), ["docx-unused-note"]);
    let yusuan::document::Block::Paragraph(note) = &document.blocks[1] else { panic!() };
    let at = source.locate(note.text.place()).unwrap();
    assert_eq!(serde_json::to_string(&at).unwrap(), r#"{"part":"word/footnotes.xml","paragraph":2}"#);
}

#[test]
fn notes_that_no_reference_reaches_are_told_with_their_text() {
    let note = |id: u32, inside: &str| format!("<w:footnote w:id=\"{id}\">{inside}</w:footnote>");
    let refers = |id: u32| format!("<w:p><w:r><w:footnoteReference w:id=\"{id}\"/></w:r></w:p>");
    let body = "<w:p><w:r><w:t>正文</w:t></w:r><w:r><w:footnoteReference w:id=\"5\"/></w:r></w:p>";
    let check = |notes: String, lost: &[&str]| {
        let document = document(&Package::new(body).related("footnotes", &notes).build());
        assert_eq!(lines(&document), ["P 正文", "P [1] 留下"], "{notes}");
        let told: Vec<&str> = document.findings.iter().map(|finding| finding.zh.as_str()).collect();
        assert_eq!(told.len(), usize::from(!lost.is_empty()), "{told:?}");
        assert!(lost.iter().all(|lost| told[0].contains(lost)), "{told:?}");
    };
    check(note(5, &p("第一条")) + &note(5, &p("留下")), &["第一条"]);
    check(note(5, &(p("留下") + &refers(6))) + &note(6, &p("注中之注")), &["注中之注"]);
    check(note(5, &(p("留下") + &refers(5))), &[]);
    check(p("散落的文字") + &note(5, &p("留下")), &["散落的文字"]);
    let long = "很长的脚注".repeat(40);
    check(note(5, &p("留下")) + &note(7, &p(&long)) + &note(8, &p("末一条")), &[&long, "末一条"]);
    // Two parts of notes, which Word never writes.
    let second = part("footnotes", &note(6, &p("第二个部件")));
    let bytes = Package::new(body)
        .related("footnotes", &note(5, &p("留下")))
        .with("word/more.xml", second)
        .also_related("footnotes", "more.xml")
        .build();
    let document = document(&bytes);
    assert_eq!(lines(&document), ["P 正文", "P [1] 留下"]);
    assert!(document.findings[0].zh.contains("第二个部件"), "{:?}", document.findings);
}

#[test]
fn text_inside_a_field_code_is_left_out_and_told() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let text = "<w:r><w:t>夹带的文字</w:t></w:r>";
    let body = format!("<w:p>{}{text}{}</w:p>{}", mark("begin"), mark("end"), p("正文"));
    let document = document(&Package::new(&body).build());
    assert_eq!(lines(&document), ["P 正文"]);
    assert_eq!(codes(&document), ["docx-text-in-field-code"]);
    assert!(document.findings[0].zh.contains("夹带的文字"));
}

#[test]
fn headers_comments_objects_and_foreign_parts_are_left_out_and_told() {
    let body = r#"<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>文</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>
        <w:altChunk r:id="c"/><w:p><w:r><w:object><v:shape><v:imagedata r:id="i"/></v:shape><o:OLEObject Type="Embed" ProgID="Excel.Sheet.12" r:id="e"/></w:object></w:r></w:p>
        <w:sectPr><w:headerReference w:type="default" r:id="h"/></w:sectPr>"#;
    let page = format!("<w:p><w:r><w:t>第</w:t></w:r>{}<w:r><w:t>页</w:t></w:r></w:p>", field("PAGE", "1"));
    let bytes = Package::new(body)
        .related("header", &p("单位：万元"))
        .related("footer", &page)
        .related("comments", "<w:comment w:id=\"0\"><w:p><w:r><w:t>批</w:t></w:r></w:p></w:comment>")
        .build();
    let document = document(&bytes);
    assert_eq!(lines(&document), ["P 文"]);
    assert_eq!(
        codes(&document),
        ["docx-comments", "docx-imported-part", "docx-embedded-object", "docx-picture", "docx-header-footer"]
    );
    assert!(
        document.findings.iter().any(|finding| finding.zh.contains("单位：万元") && finding.zh.contains("1 个页眉"))
    );
    assert!(document.findings.iter().any(|finding| finding.zh.contains("Excel.Sheet.12")));
}

#[test]
fn equations_keep_their_characters() {
    check(
        "<w:p><m:oMath><m:r><m:t>≥</m:t></m:r><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></w:p>",
        &["P ≥1/2"],
    );
}

#[test]
fn a_break_inside_a_paragraph_is_a_line_break_and_a_page_break_at_its_end_is_none() {
    check(
        r#"<w:p><w:r><w:t>甲</w:t></w:r><w:r><w:br w:type="page"/></w:r><w:r><w:t>乙</w:t></w:r><w:r><w:br w:type="page"/></w:r></w:p>"#,
        &["P 甲⏎乙"],
    );
}

#[test]
fn text_in_odd_places_is_not_lost() {
    check(
        "<w:p><w:r><w:t>甲</w:t></w:r><w:p><w:r><w:t>乙</w:t></w:r></w:p><w:r><w:t>丙</w:t></w:r></w:p><w:r><w:t>丁</w:t></w:r><w:tc><w:p><w:r><w:t>戊</w:t></w:r></w:p></w:tc>",
        &["P 甲", "P 乙", "P 丙", "P 丁", "P 戊"],
    );
    check("<w:tbl><w:tc><w:p><w:r><w:t>己</w:t></w:r></w:p></w:tc></w:tbl>", &["T 己"]);
}

#[test]
fn drawn_text_that_is_no_text_box_of_word() {
    check(
        "<w:p><w:r><w:drawing><a:txBody><a:p><a:r><a:t>画布</a:t></a:r></a:p></a:txBody></w:drawing></w:r></w:p>",
        &["P 画布"],
    );
}
