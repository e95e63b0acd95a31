//! What people do to the sheets of a workbook, built on its model: renamed, deleted and reordered
//! service sheets say nothing of the filing.

mod common;

use std::collections::HashMap;

use yusuan::document::{Block, Document, Grid};
use yusuan::filing::Filing;
use yusuan::finding::Finding;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing};
use yusuan::source::Source;
use yusuan::text::{Place, Text};

/// The workbook of a filing.
fn book(bytes: &[u8]) -> Vec<u8> {
    common::workbook_of(&common::filing("a.txt", bytes))
}

/// The workbook of a filing, as read.
fn workbook(bytes: &[u8]) -> (Source, Document) {
    yusuan::read::read("a.xlsx", &book(bytes), &Limits::default()).expect("a workbook")
}

/// The workbook of a filing, as read, and what `edit` did to it; then applied.
fn applied(bytes: &[u8], edit: impl Fn(&mut Document)) -> yusuan::Result<Applied> {
    let (forms, limits) = (built_in::forms(), Limits::default());
    let before = common::filing("a.txt", bytes);
    let (source, mut document) = workbook(bytes);
    edit(&mut document);
    let after = yusuan::recognise::recognise(source, document, forms);
    apply_filing(bytes, &before, &after, forms, &limits, &Options::default())
}

fn rename(document: &mut Document, old: &str, new: &str) {
    for block in &mut document.blocks {
        if let Block::Grid(grid) = block
            && grid.sheet.as_deref() == Some(old)
        {
            grid.sheet = Some(new.to_owned());
        }
    }
}

fn delete(document: &mut Document, name: &str) {
    document.blocks.retain(|block| !matches!(block, Block::Grid(grid) if grid.sheet.as_deref() == Some(name)));
}

#[test]
fn sheets_of_other_names_are_the_same_sheets() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| {
            rename(document, "文本", "正文");
            rename(document, "目录", "总目");
        });
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}

#[test]
fn a_deleted_sheet_of_the_prose_deletes_no_prose() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| delete(document, "文本"));
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}

#[test]
fn a_deleted_list_of_contents_changes_nothing() {
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, |document| delete(document, "目录"));
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
    }
}

/// The cell beside a label of `目录`, or the first header cell of a table with that text.
fn cell_of<'d>(document: &'d mut Document, sheet: &str, label: &str, beside: usize) -> &'d mut Text {
    let grids = document.blocks.iter_mut().filter_map(|block| match block {
        Block::Grid(grid) if grid.sheet.as_deref() == Some(sheet) => Some(grid),
        _ => None,
    });
    for row in grids.flat_map(|grid| &mut grid.rows) {
        if let Some(at) = row.cells.iter().position(|cell| cell.text.as_str() == label) {
            return &mut row.cells[at + beside].text;
        }
    }
    panic!("{sheet} has no {label}");
}

#[test]
fn edits_are_told_alike_when_the_list_of_contents_has_another_name() {
    let bytes = std::fs::read("examples/filings/2021-cell-a-line.txt").expect("a bundled filing");
    for (sheet, label, beside, new) in [("目录", "预算年度", 1, "2030"), ("机构设置", "单位性质", 0, "单位类别")]
    {
        let edit = |document: &mut Document| {
            let text = cell_of(document, sheet, label, beside);
            *text = Text::placed(new, text.place());
        };
        let plain = applied(&bytes, edit).expect_err("an edit that the original cannot hold");
        let renamed = applied(&bytes, |document| {
            edit(document);
            rename(document, "目录", "总目");
        });
        assert_eq!(renamed.expect_err("the same edit").zh, plain.zh);
    }
}

#[test]
fn an_edited_header_is_told_without_the_list_of_contents() {
    let bytes = std::fs::read("examples/filings/2021-cell-a-line.txt").expect("a bundled filing");
    let applied = applied(&bytes, |document| {
        delete(document, "目录");
        let text = cell_of(document, "机构设置", "单位性质", 0);
        *text = Text::placed("单位类别", text.place());
    });
    assert!(applied.expect_err("an edit that the original cannot hold").zh.contains("表头"));
}

/// Totals whose printed amount is wrong, as the workbook has them: cell, printed, computed.
fn wrong_totals(bytes: &[u8]) -> Vec<(Place, String, String)> {
    let forms = built_in::forms();
    let before = common::filing("a.txt", bytes);
    let (_, document) = workbook(bytes);
    let equations = yusuan::check::equations(&before, forms);
    let shown: HashMap<Place, &Text> = texts(&document).map(|text| (text.place(), text)).collect();
    let book = common::filing("a.xlsx", &book(bytes));
    let defined = equations.iter().filter(|equation| equation.defines);
    let mut found = Vec::new();
    for equation in defined {
        let (Some(old), Some(new)) = (equation.target.text(&before), equation.target.text(&book)) else { continue };
        let computed = shown.get(&new.place()).map(|text| text.as_str()).filter(|text| *text != old.as_str());
        if let Some(computed) = computed.filter(|_| document.cells.formulas.contains(&new.place())) {
            found.push((new.place(), old.as_str().to_owned(), computed.to_owned()));
        }
    }
    found
}

fn texts(document: &Document) -> impl Iterator<Item = &Text> {
    let grids = document.blocks.iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(grid),
        Block::Paragraph(_) => None,
    });
    grids.flat_map(|grid| &grid.rows).flat_map(|row| &row.cells).map(|cell| &cell.text)
}

#[test]
fn a_right_total_typed_over_a_formula_is_an_edit() {
    let mut tried = 0;
    for (name, bytes) in common::example_filings() {
        for (place, printed, computed) in wrong_totals(&bytes) {
            tried += 1;
            let applied = applied(&bytes, |document| {
                document.cells.formulas.remove(&place);
            });
            let applied = applied.unwrap_or_else(|error| panic!("{name} {place:?}: {}", error.zh));
            let zero = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
            let typed =
                applied.changes.iter().any(|change| change.old == printed && zero(&change.new) == zero(&computed));
            assert!(typed, "{name} {place:?}: {printed} → {computed}: {:#?}", applied.changes);
        }
    }
    assert!(tried > 0);
}

#[test]
fn a_total_cleared_where_the_formula_stood_is_cleared() {
    for (name, bytes) in common::example_filings() {
        let Some((place, printed, _)) = wrong_totals(&bytes).into_iter().next() else { continue };
        let applied = applied(&bytes, |document| {
            document.cells.formulas.remove(&place);
            set(document, place, "");
        });
        let applied = applied.unwrap_or_else(|error| panic!("{name} {place:?}: {}", error.zh));
        let change = applied.changes.first().expect("an edit");
        assert_eq!((change.old.as_str(), change.new.as_str()), (printed.as_str(), ""), "{name}");
    }
}

fn set(document: &mut Document, place: Place, value: &str) {
    for block in &mut document.blocks {
        let Block::Grid(grid) = block else { continue };
        for cell in grid.rows.iter_mut().flat_map(|row| &mut row.cells).filter(|cell| cell.text.place() == place) {
            cell.text = Text::placed(value, place);
        }
    }
}

#[test]
fn values_pasted_over_all_formulas_are_no_edit_and_wrong_totals_are_named() {
    for (name, bytes) in common::example_filings() {
        let wrong = wrong_totals(&bytes);
        let applied = applied(&bytes, |document| document.cells.formulas.clear());
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
        let named = applied.findings.iter().filter(|finding| finding.rule == "formulas-pasted").count();
        assert_eq!(named > 0, !wrong.is_empty(), "{name}: {wrong:?}");
    }
}

#[test]
fn a_deleted_row_of_a_table_on_the_prose_sheet_leaves_the_table() {
    let cut = |document: &mut Document| {
        for block in &mut document.blocks {
            if let Block::Grid(grid) = block
                && grid.sheet.as_deref() == Some("文本")
            {
                let row = grid.rows.iter().position(|row| row.cells[1].text.as_str() == "表").expect("a table");
                grid.rows.remove(row);
            }
        }
    };
    for (name, bytes) in common::example_filings() {
        let applied = applied(&bytes, cut);
        // The workbook itself reads so.
        let (source, mut document) = workbook(&bytes);
        cut(&mut document);
        let read = yusuan::recognise::recognise(source, document, built_in::forms());
        let kinds = |filing: &Filing| -> Vec<String> {
            let forms = filing.blocks.iter().map(|block| match block {
                yusuan::filing::Block::Table(table) => table.form_id().to_owned(),
                _ => String::new(),
            });
            forms.collect()
        };
        assert_eq!(kinds(&read), kinds(&common::filing("a.txt", &bytes)), "{name}");
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
        assert!(applied.bytes == bytes, "{name}: {:#?}", applied.changes);
        assert!(applied.findings.iter().any(|finding| finding.rule == "table-row-missing"), "{name}");
    }
}

#[test]
fn an_edited_header_is_an_error_that_names_its_cell() {
    let examples = common::example_filings();
    let (name, bytes) = examples.into_iter().find(|(name, _)| name.starts_with("2023-nine")).expect("an example");
    let cell = std::cell::Cell::new(Place::Nowhere);
    let error = applied(&bytes, |document| {
        let header = texts(document).find(|text| text.as_str() == "项目支出").expect("a header").place();
        cell.set(header);
        set(document, header, "项目性支出");
    });
    let error = error.expect_err(&name);
    let Place::SheetCell { row, column, .. } = cell.get() else { panic!("a cell") };
    let cell = format!("!{}{}", yusuan::source::column_name(column), row + 1);
    assert!(error.zh.contains("表头") && error.zh.contains(&cell), "{cell}: {}", error.zh);
}

#[test]
fn a_copied_sheet_is_a_table_behind_the_sheet_before_it() {
    let examples = common::example_filings();
    let (name, bytes) = examples.into_iter().find(|(name, _)| name.starts_with("2023-nine")).expect("an example");
    let applied = applied(&bytes, |document| {
        let title = |grid: &Grid| grid.rows[0].cells[0].text.as_str().to_owned();
        let is_project = |block: &Block| matches!(block, Block::Grid(grid) if title(grid).starts_with("1、"));
        let at = document.blocks.iter().position(is_project).expect("a project");
        let Block::Grid(mut copy) = document.blocks[at].clone() else { panic!("a grid") };
        copy.sheet = Some("新项目".to_owned());
        let first = &mut copy.rows[0].cells[0].text;
        *first = Text::placed("1、护林防火检查站建设绩效目标表", first.place());
        document.blocks.insert(at + 1, Block::Grid(copy));
    });
    let applied = applied.unwrap_or_else(|error| panic!("{name}: {}", error.zh));
    let text = String::from_utf8(applied.bytes).expect("UTF-8");
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {:#?}", applied.changes));
    let [first, new, second] = ["1、古树名木抢救复壮", "1、护林防火检查站建设", "2、森林草原防灭火能力提升"].map(at);
    assert!(first < new && new < second, "{first} {new} {second}");
}

#[test]
fn a_level_of_other_words_belongs_to_the_column_it_stands_under() {
    let mut tried = 0;
    // Indicators set with blanks stay text.
    let examples = common::example_filings().into_iter().filter(|(name, _)| !name.starts_with("layout"));
    for (name, bytes) in examples {
        for (old, new) in [("产出指标", "产出某标"), ("数量指标", "数量（试行）"), ("满意度指标", "满意度2指标")]
        {
            let applied = applied(&bytes, |document| {
                let cells = texts(document).filter(|text| text.as_str() == old);
                if let Some(place) = cells.map(Text::place).last() {
                    set(document, place, new);
                }
            });
            let applied = applied.unwrap_or_else(|error| panic!("{name} {old}: {}", error.zh));
            let read = common::filing("a.txt", &applied.bytes);
            let cells = read.tables().flat_map(|(_, table)| &table.rows).flat_map(|row| &row.cells);
            let found = cells.filter(|cell| cell.text.as_str() == new).count();
            assert_eq!(found > 0, !applied.changes.is_empty(), "{name} {old}: {:#?}", applied.changes);
            tried += usize::from(found > 0);
        }
    }
    assert!(tried > 10, "{tried}");
}

/// A total that rounding moved by a cent.
const ROUNDED: &str = "部门预算收支总表\n\n单位：万元\n\n序号\t收入\t\t支出\t\n\t项目\t预算数\t项目\t预算数\n\
    1\t一、一般公共预算拨款收入\t3.33\t一、一般公共服务支出\t10.00\n\
    2\t二、政府性基金预算拨款收入\t3.33\t二、外交支出\t\n\
    3\t三、国有资本经营预算拨款收入\t3.33\t\t\n\
    4\t本年收入合计\t10.00\t本年支出合计\t10.00\n\
    5\t收入总计\t10.00\t支出总计\t10.00\n";

#[test]
fn a_rounded_total_goes_on_by_as_much_as_its_parts_in_workbook_and_text() {
    // The totals as a spreadsheet shows them after the edit.
    let edit = |document: &mut Document| {
        let first = texts(document).find(|text| text.as_str() == "3.33").expect("a part").place();
        let totals: Vec<Place> = texts(document).filter(|text| text.as_str() == "9.99").map(Text::place).collect();
        let live: Vec<Place> = totals.into_iter().filter(|place| document.cells.formulas.contains(place)).collect();
        assert!(!live.is_empty(), "{:?}", texts(document).map(Text::as_str).collect::<Vec<_>>());
        set(document, first, "4.33");
        for place in live {
            set(document, place, "10.99");
        }
    };
    let applied = applied(ROUNDED.as_bytes(), edit).unwrap_or_else(|error| panic!("{}", error.zh));
    let expected = ROUNDED.replacen("入\t3.33", "入\t4.33", 1).replace("合计\t10.00\t本", "合计\t11.00\t本");
    let expected = expected.replace("总计\t10.00\t支", "总计\t11.00\t支");
    assert_eq!(String::from_utf8(applied.bytes).expect("UTF-8"), expected);
    let (source, mut document) = workbook(ROUNDED.as_bytes());
    edit(&mut document);
    let read = yusuan::recognise::recognise(source, document, built_in::forms());
    let (_, table) = read.tables().next().expect("the table");
    let amount = |row: usize| table.rows[row].cells[table.column("revenue_amount").expect("a column")].text.as_str();
    assert_eq!([amount(3), amount(4)], ["11.00", "11.00"]);
}

/// Workbooks of other versions say on 校验 otherwise what a total adds up.
#[test]
fn a_moved_total_is_known_by_its_name() {
    let edit = |document: &mut Document| {
        let first = texts(document).find(|text| text.as_str() == "3.33").expect("a part").place();
        let totals: Vec<Place> = texts(document).filter(|text| text.as_str() == "9.99").map(Text::place).collect();
        let live: Vec<Place> = totals.into_iter().filter(|place| document.cells.formulas.contains(place)).collect();
        set(document, first, "4.33");
        for place in live {
            set(document, place, "10.99");
        }
        let said: Vec<(Place, String)> = texts(document)
            .filter_map(|text| Some((text.place(), text.as_str().split_once(" = ")?.0.to_owned())))
            .collect();
        assert!(!said.is_empty());
        for (place, target) in said {
            set(document, place, &format!("{target} = 本年收入合计 + 上年结转结余 + 上年结转"));
        }
    };
    let (source, mut document) = workbook(ROUNDED.as_bytes());
    edit(&mut document);
    let read = yusuan::recognise::recognise(source, document, built_in::forms());
    let (_, table) = read.tables().next().expect("the table");
    let amount = |row: usize| table.rows[row].cells[table.column("revenue_amount").expect("a column")].text.as_str();
    assert_eq!([amount(3), amount(4)], ["11.00", "11.00"]);
}

#[test]
fn a_heading_that_loses_its_number_is_told() {
    let bytes = "第一部分 部门概况\n\n云岭县林草服务局负责林木管护。\n\n".to_owned() + ROUNDED;
    let applied = applied(bytes.as_bytes(), |document| {
        // On 文本, not on 目录.
        let heading = texts(document).filter(|text| text.as_str() == "第一部分 部门概况").last();
        set(document, heading.expect("a heading").place(), "部门概况");
    });
    let applied = applied.unwrap_or_else(|error| panic!("{}", error.zh));
    assert!(applied.bytes.starts_with("部门概况\n".as_bytes()));
    assert!(applied.findings.iter().any(|finding| finding.rule == "heading-unmarked"), "{:#?}", applied.findings);
}

#[test]
fn the_goals_of_a_project_may_have_another_label() {
    for (name, bytes) in common::example_filings().into_iter().filter(|(name, _)| name.starts_with("2025")) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let other = text.replace("年度总体目标", "年度目标");
        assert_ne!(text, other, "{name}");
        let (one, two) = (common::filing(&name, text.as_bytes()), common::filing(&name, other.as_bytes()));
        assert!(yusuan::patch::diff(&one, &two, built_in::forms()).is_empty(), "{name}");
    }
}

const BLANK_COLUMN: &str = "部门预算财政拨款“三公”经费支出表\n\n单位：万元\n\n序号\t项目\t资金性质\t\t\n\
    \t\t合计\t一般公共预算财政拨款\t政府性基金财政拨款\n\
    1\t合计\t5.00\t5.00\t\n2\t一、因公出国（境）费\t2.00\t2.00\t\n3\t三、公务接待费\t3.00\t3.00\t\n";

#[test]
fn an_edited_header_over_blank_cells_is_told_at_its_cell() {
    let cell = std::cell::Cell::new(Place::Nowhere);
    let error = applied(BLANK_COLUMN.as_bytes(), |document| {
        let head = texts(document).find(|text| text.as_str() == "政府性基金财政拨款").expect("a header").place();
        cell.set(head);
        set(document, head, "2023年6月30日");
    });
    let error = error.expect_err("the header cannot be carried");
    let Place::SheetCell { row, column, .. } = cell.get() else { panic!("a cell") };
    let cell = format!("!{}{}", yusuan::source::column_name(column), row + 1);
    assert!(error.zh.contains("表头") && error.zh.contains(&cell), "{cell}: {}", error.zh);
}

#[test]
fn a_word_that_a_page_cut_over_two_rows_is_written_whole() {
    let text = "1、林区巡护经费绩效目标表\n\n绩效目标\t\t\t1.按时巡护。\t\t\n\
        一级指标\t二级指标\t三级指标\t绩效指标描述\t指标值\t指标值确定依据\n\
        产出指\t数量指标\t巡护次数\t年度内巡护的总次数\t≥300次\t年度计划\n\
        标\t质量指标\t巡护记录完整率\t完整记录的比率\t≥95%\t年度计划\n";
    let applied = applied(text.as_bytes(), |document| {
        let place = texts(document).find(|text| text.as_str() == "产出指标").expect("a level").place();
        set(document, place, "产出某标");
    });
    let applied = applied.unwrap_or_else(|error| panic!("{}", error.zh));
    let expected = text.replace("产出指\t", "产出某标\t").replace("\n标\t", "\n\t");
    assert_eq!(String::from_utf8(applied.bytes).expect("UTF-8"), expected);
}

/// Two tables of no form and no title; a workbook has not their columns at the end that are empty.
#[test]
fn tables_of_no_form_are_the_same_without_their_empty_columns() {
    let lines = [(556, "收支总表\t"), (1691, "公务用车运行费\t二、公务用车购置及运维费")];
    let text = common::damaged("2023-nine-tables.txt", &lines);
    let applied = applied(text.as_bytes(), |_| ()).unwrap_or_else(|error| panic!("{}", error.zh));
    assert!(applied.bytes == text.as_bytes());
}

/// A workbook as a program saves it that computes nothing: formulas without what they show.
fn clear_formulas(document: &mut Document) {
    let told = ("公式没有保存结果", "a formula without a stored result");
    document.findings.push(Finding::of("formula-without-value", Place::Nowhere, told.0, told.1));
    let formulas = document.cells.formulas.clone();
    for text in cells(document).filter(|text| formulas.contains(&text.place())) {
        *text = Text::placed("", text.place());
    }
}

fn cells(document: &mut Document) -> impl Iterator<Item = &mut Text> {
    let grids = document.blocks.iter_mut().filter_map(|block| match block {
        Block::Grid(grid) => Some(grid),
        Block::Paragraph(_) => None,
    });
    grids.flat_map(|grid| &mut grid.rows).flat_map(|row| &mut row.cells).map(|cell| &mut cell.text)
}

const SUMMARY: &str = "云岭县林草服务局2023年部门预算\n\n部门预算收支总表\n\n407云岭县林草服务局\n\n\
预算年度：2023\n\n单位：万元\n\n\
收入\t\t支出\t\n\
项目\t预算数\t项目\t预算数\n\
一、一般公共预算拨款收入\t900.00\t五、教育支出\t970.00\n\
九、其他收入\t90.00\t十二、城乡社区支出\t50.00\n\
本年收入合计\t990.00\t本年支出合计\t1020.00\n\
上年结转结余\t30.00\t年终结转结余\t\n\
收入总计\t1020.00\t支出总计\t1020.00\n";

#[test]
fn a_row_of_another_name_still_belongs_to_its_total() {
    for (old, new) in
        [("上年结转结余", "年初结转结余资金"), ("本年收入合计", "当年收入小计"), ("五、教育支出", "教育方面")]
    {
        for clear in [false, true] {
            let renamed = applied(SUMMARY.as_bytes(), |document| {
                if clear {
                    clear_formulas(document);
                }
                for text in cells(document).filter(|text| text.as_str() == old) {
                    *text = Text::placed(new, text.place());
                }
            });
            let renamed = renamed.unwrap_or_else(|error| panic!("{old}: {}", error.zh));
            assert_eq!(String::from_utf8_lossy(&renamed.bytes), SUMMARY.replace(old, new));
        }
    }
}

#[test]
fn a_total_goes_on_with_the_amount_of_a_renamed_row() {
    let edited = applied(SUMMARY.as_bytes(), |document| {
        for text in cells(document) {
            let new = match text.as_str() {
                "上年结转结余" => "年初结转结余资金",
                "30.00" => "40.00",
                _ => continue,
            };
            *text = Text::placed(new, text.place());
        }
    });
    let edited = edited.unwrap_or_else(|error| panic!("{}", error.zh));
    let expected = SUMMARY.replace("上年结转结余\t30.00", "年初结转结余资金\t40.00");
    let expected = expected.replace("收入总计\t1020.00", "收入总计\t1030.00");
    assert_eq!(String::from_utf8_lossy(&edited.bytes), expected);
}

#[test]
fn an_edited_word_recomputes_no_total() {
    let is_amount = |text: &str| yusuan::filing::amount::parse(text).is_some();
    let mut wrong = Vec::new();
    for (name, bytes) in common::example_filings() {
        let filing = common::filing("a.xlsx", &book(&bytes));
        let words: Vec<Place> = filing
            .tables()
            .flat_map(|(_, table)| &table.rows)
            .filter(|row| row.cells.iter().any(|cell| is_amount(cell.text.as_str())))
            .flat_map(|row| &row.cells)
            .filter(|cell| cell.text.as_str().chars().filter(|ch| !ch.is_ascii()).count() > 1)
            .map(|cell| cell.text.place())
            .collect();
        // A dozen of each filing.
        for place in words.iter().step_by(words.len() / 12 + 1) {
            let edited = applied(&bytes, |document| set(document, *place, "另行填列的内容"));
            // What the original cannot hold is another matter.
            let Ok(edited) = edited else { continue };
            let amounts = edited.changes.iter().filter(|change| is_amount(&change.old) || is_amount(&change.new));
            wrong.extend(amounts.map(|change| format!("{name} {place:?}: {} → {}", change.old, change.new)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
