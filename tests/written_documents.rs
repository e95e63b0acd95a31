//! Laws of the writers of whole documents: a filing of any origin reads back from its canonical text,
//! and from a docx, with the same content, and a second pass gives the same bytes.

mod common;
#[path = "common/content.rs"]
mod content;

use std::path::{Path, PathBuf};

use content::{content, differences};
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn check_law(name: &str, bytes: &[u8]) -> Vec<String> {
    let before = common::filing(name, bytes);
    let expected = content(&before);
    let mut wrong = Vec::new();

    let text = yusuan::write::text::write(&before, built_in::forms());
    let after = common::filing("canonical.txt", text.as_bytes());
    wrong.extend(differences(&expected, &content(&after)).into_iter().map(|what| format!("{name} → txt: {what}")));
    let again = yusuan::write::text::write(&after, built_in::forms());
    if text != again {
        let line = text.lines().zip(again.lines()).position(|(one, other)| one != other);
        wrong.push(format!("{name} → txt: a second pass differs from line {line:?} on"));
    }

    let docx = yusuan::write::docx::write(&before, built_in::forms()).expect("a document small enough");
    let after = common::filing("written.docx", &docx);
    wrong.extend(differences(&expected, &content(&after)).into_iter().map(|what| format!("{name} → docx: {what}")));
    let again = yusuan::write::docx::write(&after, built_in::forms()).expect("a document small enough");
    if docx != again {
        wrong.push(format!("{name} → docx: a second pass differs"));
    }
    wrong
}

#[test]
fn bundled_filings_read_back() {
    let wrong: Vec<String> =
        common::example_filings().iter().flat_map(|(name, bytes)| check_law(name, bytes)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn real_filings_read_back() {
    let filings = common::real_filings("real_filings_read_back");
    let wrong: Vec<String> = filings.iter().flat_map(|(name, bytes)| check_law(name, bytes)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Documents of other makes, from the folder `YUSUAN_SAMPLES` (default `../shared/samples`); those
/// that cannot be read are another test's matter.
#[test]
fn documents_from_elsewhere_read_back() {
    let folder = std::env::var_os("YUSUAN_SAMPLES").map_or_else(|| "../shared/samples".into(), PathBuf::from);
    let mut paths = Vec::new();
    walk(&folder, &mut paths);
    if paths.is_empty() {
        eprintln!("SKIPPED documents_from_elsewhere…: no files in {} (set YUSUAN_SAMPLES)", folder.display());
    }
    let mut wrong = Vec::new();
    let mut read = 0;
    for path in paths {
        let bytes = std::fs::read(&path).expect("a readable file");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if yusuan::read::read(&name, &bytes, &Limits::default()).is_ok() {
            read += 1;
            wrong.extend(check_law(&name, &bytes));
        }
    }
    eprintln!("{read} documents read");
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, found);
        } else if path.metadata().is_ok_and(|file| file.len() < 2_000_000) {
            found.push(path);
        }
    }
}

/// Things that a plain row of tabs cannot say, as small documents.
#[test]
fn odd_content_reads_back() {
    let long = "长".repeat(100_000);
    let cases = [
        // One column; a blank corner; rows that look like a table of contents or like a rule.
        "<table><tr><td>甲</td></tr><tr><td>乙</td></tr></table>",
        "<table><tr><td></td><td>甲</td></tr><tr><td>乙</td><td>丙</td></tr></table>",
        "<table><tr><td>第一章</td><td>12</td></tr><tr><td>第二章</td><td>13</td></tr></table>",
        "<table><tr><td>---</td><td>----</td></tr><tr><td>甲</td><td>乙</td></tr></table>",
        "<table><tr><td>|甲|</td><td>1</td></tr><tr><td>|乙|</td><td>2</td></tr></table>",
        // Line breaks, tabs, marks.
        "<table><tr><td>1.甲<br>2.乙</td><td>a\tb</td></tr><tr><td>&lt;80%</td><td>&amp;lt;b&gt;</td></tr></table>",
        "<table><tr><td>a<br>b</td><td>乙</td></tr></table>",
        "第一项 a\nb",
        "正文中的 | 与 || 号\n\n| 一行竖线 | 不是表 |\n",
        "&lt;b&gt;不是标记&lt;/b&gt;",
        "正文 [bookmark: 甲]与 [1]",
        // Two tables side by side that no form knows, trailing blanks, a blank row, merged cells.
        "甲\t乙\t\n丙\t丁\t\n\n戊\t己\n庚\t辛\n",
        "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>丙</td><td></td></tr><tr><td></td><td></td><td></td></tr></table>",
        "<table><caption>附表一</caption><tr><td>甲</td><td>乙</td></tr></table>",
        "<table><caption>部门收入总表</caption><tr><td>甲</td><td>乙</td></tr></table>",
        // Headings with and without numbers.
        "# 标题\n\n### （一）第二级的编号在第三级\n\n一、第一级\n\n###### 六级\n",
        // A form with a column and a text it does not know.
        "部门机构设置情况\n\n<table><tr><td>单位名称</td><td>单位性质</td><td>单位规格</td><td>经费保障形式</td><td></td></tr>\
         <tr><td>甲局</td><td>行政</td><td></td><td>财政拨款</td><td>备查</td></tr></table>",
        "部门机构设置情况\n\n<table><tr><td>单位名称</td><td>单位性质</td><td>单位规格</td><td>经费保障形式</td><td>编制人数</td></tr>\
         <tr><td>甲局</td><td>行政</td><td></td><td>财政拨款</td><td>12</td></tr></table>",
        "1、甲项目绩效目标表\n\n负责人\t张某\n绩效目标\t1.一。\n\t2.二。\n一级指标\t二级指标\t三级指标\t绩效指标描述\t指标值\t指标值确定依据\n\
         产出指标\t数量指标\t面积\t完成的面积\t≥1亩\t计划\n",
        // A paragraph that the page seems to have cut, but that says it is whole.
        "本段文字故意写得很长，超过四十个字，末尾又没有标点，看上去像是被分页切断了的样子，其实到这里就完了\n\n\
         <p>下一段是另一段，也以句号结束。</p>\n",
    ];
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        wrong.extend(check_law(&format!("case {number}"), case.as_bytes()));
        wrong.extend(check_law(&format!("case {number} after prose"), format!("正文\n\n{case}").as_bytes()));
    }
    let case = format!("名称\t内容\n甲\t{long}\n");
    wrong.extend(check_law("long cell", case.as_bytes()));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
