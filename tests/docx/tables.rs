//! Tables: spans, merges, gaps, tables in tables.

use yusuan::document::Block;

use crate::make::*;

fn span(columns: usize) -> String {
    format!("<w:gridSpan w:val=\"{columns}\"/>")
}

const START: &str = "<w:vMerge w:val=\"restart\"/>";
const GO_ON: &str = "<w:vMerge/>";

#[test]
fn cells_stand_in_their_true_grid_columns() {
    let rows = [
        tr(&[tc_with(&span(2), "收入"), tc_with(&span(3), "支出")]),
        row(&["项目", "金额", "项目", "基本", "项目支出"]),
        tr(&[tc_with(&(span(2) + START), "合计"), tc("a"), tc_with(&span(2), "b")]),
        tr(&[tc_with(&(span(2) + GO_ON), ""), tc("c"), tc("d"), tc("e")]),
    ];
    check(
        &tbl(5, &rows),
        &[
            "T 收入 | < | 支出 | < | <",
            "+ 项目 | 金额 | 项目 | 基本 | 项目支出",
            "+ 合计 | < | a | b | <",
            "+ ^ | < | c | d | e",
        ],
    );
}

#[test]
fn rows_may_begin_late_and_end_early() {
    let rows = [
        row(&["一", "二", "三", "四"]),
        "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/><w:gridAfter w:val=\"1\"/></w:trPr>".to_owned()
            + &tc("中")
            + &tc("右")
            + "</w:tr>",
        row(&["短"]),
    ];
    check(&tbl(4, &rows), &["T 一 | 二 | 三 | 四", "+  | 中 | 右 | ", "+ 短 |  |  | "]);
}

#[test]
fn spans_that_only_widths_tell() {
    let wide = |width: u32, text: &str| tc_with(&format!("<w:tcW w:w=\"{width}\" w:type=\"dxa\"/>"), text);
    let rows = [
        row(&["一", "二", "三", "四"]),
        tr(&[wide(2000, "左"), wide(2000, "右")]),
        tr(&[wide(1000, "只"), wide(1000, "有")]),
    ];
    check(&tbl(4, &rows), &["T 一 | 二 | 三 | 四", "+ 左 | < | 右 | <", "+ 只 | 有 |  | "]);
}

#[test]
fn columns_too_narrow_to_see_are_none() {
    // As LibreOffice writes it: every row rounds its lines by itself.
    let cell = |width: u32, columns: u32, merge: &str, text: &str| {
        tc_with(&format!("<w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:gridSpan w:val=\"{columns}\"/>{merge}"), text)
    };
    let rows = [
        tr(&[cell(4000, 3, "", "收入"), cell(2001, 2, START, "支出")]),
        tr(&[cell(2000, 1, "", "金额"), cell(2001, 3, "", "比例"), cell(2000, 1, GO_ON, "")]),
    ];
    let grid = [2000, 1999, 1, 1, 2000].map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).concat();
    check(
        &format!("<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{}</w:tbl>", rows.concat()),
        &["T 收入 | < | 支出", "+ 金额 | 比例 | ^"],
    );
}

#[test]
fn merged_cells_that_go_on_without_a_start() {
    let rows = [
        tr(&[tc_with(GO_ON, "甲"), tc("1")]),
        tr(&[tc_with(GO_ON, ""), tc("2")]),
        tr(&[tc_with("<w:vMerge w:val=\"continue\"/>", ""), tc("3")]),
        tr(&[tc("乙"), tc_with(GO_ON, "4")]),
    ];
    check(&tbl(2, &rows), &["T 甲 | 1", "+ ^ | 2", "+ ^ | 3", "+ 乙 | 4"]);
}

#[test]
fn horizontal_merges_of_old_files() {
    let rows = [
        tr(&[tc_with("<w:hMerge w:val=\"restart\"/>", "宽"), tc_with("<w:hMerge/>", ""), tc("右")]),
        row(&["a", "b", "c"]),
    ];
    check(&tbl(3, &rows), &["T 宽 | < | 右", "+ a | b | c"]);
}

#[test]
fn text_in_covered_cells_is_kept_with_a_finding() {
    let rows = [tr(&[tc_with(START, "上"), tc("1")]), tr(&[tc_with(GO_ON, "下"), tc("2")])];
    let document = of_body(&tbl(2, &rows));
    assert_eq!(lines(&document), ["T 上⏎下 | 1", "+ ^ | 2"]);
    assert_eq!(codes(&document), ["docx-covered-text"]);
}

#[test]
fn paragraphs_of_a_cell_are_lines_and_blank_ones_count_only_between_others() {
    let rows = [tr(&[tc("\n1.到岗\n\n2.培训\n"), tc("\n"), tc("")])];
    check(&tbl(3, &rows), &["T 1.到岗⏎⏎2.培训 |  | "]);
}

#[test]
fn header_rows_are_marked() {
    let header = |on: &str, text: &str| format!("<w:tr><w:trPr><w:tblHeader{on}/></w:trPr>{}</w:tr>", tc(text));
    check(&tbl(1, &[header("", "头"), header(" w:val=\"false\"", "非"), row(&["体"])]), &["T# 头", "+ 非", "+ 体"]);
}

#[test]
fn two_tables_stay_two_and_a_break_between_them_is_a_gap() {
    let table = |text: &str| tbl(1, &[row(&[text])]);
    let page = "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>";
    check(
        &format!("{}{}{page}{}{}{}<w:p/>{}", table("一"), table("二"), table("三"), p("文"), table("四"), table("五")),
        &["T 一", "T 二", "~ 三", "P 文", "T 四", "~ 五"],
    );
}

#[test]
fn deleted_rows_and_cells_are_out() {
    let rows = [
        row(&["一", "二"]),
        format!("<w:tr><w:trPr><w:del w:id=\"1\"/></w:trPr>{}{}</w:tr>", tc(""), tc("")),
        format!("<w:tr><w:trPr><w:ins w:id=\"2\"/></w:trPr>{}{}</w:tr>", tc("三"), tc("四")),
        tr(&[tc_with("<w:cellDel w:id=\"3\"/>", ""), tc("五"), tc("六")]),
    ];
    let document = of_body(&tbl(2, &rows));
    assert_eq!(lines(&document), ["T 一 | 二", "+ 三 | 四", "+ 五 | 六"]);
    // Places count the rows of the part.
    let Block::Grid(grid) = &document.blocks[0] else { panic!() };
    let place = grid.rows[1].cells[0].text.place();
    assert!(format!("{place:?}").contains("row: 3"), "{place:?}");
}

#[test]
fn what_cells_and_rows_were_before_a_tracked_change_counts_no_more() {
    let before = |kind: &str, properties: &str| {
        format!("<w:{kind}Change w:id=\"1\" w:author=\"甲\"><w:{kind}>{properties}</w:{kind}></w:{kind}Change>")
    };
    let rows = [
        row(&["一", "二", "三"]),
        tr(&[tc_with(&(span(2) + &before("tcPr", &(span(1) + GO_ON))), "四"), tc("五")]),
        format!(
            "<w:tr><w:trPr>{}</w:trPr>{}{}{}</w:tr>",
            before("trPr", "<w:gridBefore w:val=\"1\"/><w:tblHeader/>"),
            tc("六"),
            tc("七"),
            tc("八")
        ),
    ];
    check(&tbl(3, &rows), &["T 一 | 二 | 三", "+ 四 | < | 五", "+ 六 | 七 | 八"]);
}

#[test]
fn a_table_in_a_cell_is_text_of_the_cell_and_a_grid_of_its_own() {
    let inner = tbl(2, &[row(&["指标", "值"]), row(&["到岗率", "≥95%"])]);
    let cell = format!("<w:tc>{}{inner}{}</w:tc>", p("绩效"), p("注"));
    let document = of_body(&tbl(2, &[row(&["项目", "名称"]), tr(&[tc("目标"), cell])]));
    assert_eq!(lines(&document), ["T 项目 | 名称", "+ 目标 | 绩效⏎指标→值⏎到岗率→≥95%⏎注"]);
    let Block::Grid(grid) = &document.blocks[0] else { panic!() };
    assert_eq!((grid.inner.len(), grid.inner[0].row, grid.inner[0].column), (1, 1, 1));
    let mut inner = Vec::new();
    grid_lines(&grid.inner[0].grid, &mut inner);
    assert_eq!(inner, ["T 指标 | 值", "+ 到岗率 | ≥95%"]);
    let place = grid.inner[0].grid.rows[1].cells[1].text.place();
    assert!(format!("{place:?}").contains("table: 2, row: 2, column: 2"), "{place:?}");
}

#[test]
fn a_table_that_only_frames_others_is_taken_apart() {
    let inner = |text: &str| tbl(2, &[row(&[text, "1"])]);
    let frame = tbl(
        1,
        &[
            tr(&[format!("<w:tc>{}{}</w:tc>", styled("<w:outlineLvl w:val=\"0\"/>", "标题"), p("单位：万元"))]),
            tr(&[format!("<w:tc>{}{}<w:p/></w:tc>", p("表前"), inner("甲"))]),
            row(&["注：无"]),
        ],
    );
    check(&frame, &["P1 标题", "P 单位：万元", "P 表前", "T 甲 | 1", "P 注：无"]);
    // Side by side, nothing but tables.
    let cell = |text: &str| format!("<w:tc>{}<w:p/></w:tc>", inner(text));
    check(&tbl(2, &[tr(&[cell("左"), cell("右")])]), &["T 左 | 1", "T 右 | 1"]);
}

#[test]
fn five_hundred_nested_tables() {
    let depth = 500;
    let open = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(depth);
    let close = "<w:p/></w:tc></w:tr></w:tbl>".repeat(depth);
    let document = of_body(&format!("{}{open}{close}{}", p("前"), p("后")));
    let text: String = lines(&document).concat();
    assert_eq!(text.matches('a').count(), depth);
    assert!(text.starts_with("P 前") && text.ends_with("P 后"));
    assert_eq!(codes(&document), ["docx-deep-table"]);
}

#[test]
fn rows_in_content_controls_and_tables_in_text_boxes_of_cells() {
    let rows = format!(
        "<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{}<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt><w:customXml>{}</w:customXml></w:tbl>",
        row(&["一", "二"]),
        row(&["三", "四"]),
        row(&["五", "六"])
    );
    check(&rows, &["T 一 | 二", "+ 三 | 四", "+ 五 | 六"]);
}

#[test]
fn absurd_spans_are_cut_with_a_finding() {
    let rows = [row(&["一", "二"]), tr(&[tc_with(&span(2_000_000_000), "宽"), tc("右")])];
    let document = of_body(&tbl(2, &rows));
    let Block::Grid(grid) = &document.blocks[0] else { panic!() };
    assert_eq!(grid.rows[1].cells.len(), 63);
    assert_eq!(grid.rows[1].cells[62].text.as_str(), "右");
    assert_eq!(codes(&document), ["docx-span-cut"]);
}
