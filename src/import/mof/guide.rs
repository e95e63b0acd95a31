//! 填报说明: the sheet that tells a clerk what each column is, where it came from and what is left.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::look::Look;
use super::mapping::{Counts, Mapping, Part, Path, Segment, Sheet, Source, Value};
use crate::import::schema::schema;

/// Name of the sheet.
pub const SHEET: &str = "填报说明";

/// Name of the sheet of findings.
pub const PROBLEM_SHEET: &str = "导入检查";

/// Its columns and their widths.
pub const PROBLEMS: [(&str, f64); 4] = [("来源文件", 30.0), ("位置", 20.0), ("代码", 20.0), ("说明", 80.0)];

const COLUMNS: [(&str, f64); 9] = [
    ("工作表", 22.0),
    ("字段", 24.0),
    ("名称", 24.0),
    ("类型", 16.0),
    ("必填", 6.0),
    ("已填/行数", 14.0),
    ("状态", 18.0),
    ("来源", 46.0),
    ("说明", 40.0),
];

/// What was written of a sheet.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rows of data.
    pub rows: u64,
    /// Cells with content by column.
    pub filled: Vec<u64>,
}

/// Writes the sheet.
pub fn write(
    worksheet: &mut Worksheet,
    look: &Look,
    mapping: &Mapping,
    set: &BTreeMap<String, String>,
    tallies: &[&Tally],
    problems: u64,
) -> Result<(), XlsxError> {
    for ((_, width), column) in COLUMNS.iter().zip(0_u16..) {
        worksheet.set_column_width(column, *width)?;
    }
    worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    worksheet.write_string_with_format(0, 0, "预算管理一体化系统导入工作簿 填报说明", &look.title)?;
    let mut row = 2;
    for line in lines(mapping, set, problems) {
        worksheet.write_string(row, 0, line)?;
        row += 1;
    }
    row += 1;
    for ((title, _), column) in COLUMNS.iter().zip(0_u16..) {
        worksheet.write_string_with_format(row, column, *title, &look.bold)?;
    }
    for (sheet, tally) in mapping.sheets.iter().zip(tallies) {
        for (index, column) in sheet.columns.iter().enumerate() {
            row += 1;
            let filled = tally.filled[index];
            let state = if sheet.is_open(index, set) {
                if column.required { "待填（必填）" } else { "待填" }
            } else if filled == tally.rows {
                "已填"
            } else if filled == 0 {
                "本批文件中没有"
            } else {
                "部分已填"
            };
            let cells = [
                sheet.name.as_str(),
                &column.field,
                &column.label,
                &column.printed_type,
                if column.required { "是" } else { "" },
                &format!("{filled}/{}", tally.rows),
                state,
                &origin(sheet, index, set),
                &column.why,
            ];
            for (text, number) in cells.into_iter().zip(0_u16..) {
                worksheet.write_string_with_format(row, number, text, &look.wrapped)?;
            }
        }
    }
    Ok(())
}

fn lines(mapping: &Mapping, set: &BTreeMap<String, String>, problems: u64) -> Vec<String> {
    let counts = match mapping.counts {
        Counts::Bytes => "UTF-8 字节",
        Counts::Gbk => "GBK 字节",
        Counts::Chars => "字符",
    };
    let mut lines = vec![
        "1. 表头第一行是中文名称，第二行是字段名；带 * 的为必填列。".to_owned(),
        "2. 黄色表头的列，预算公开文件中没有，未作任何填写，请按本单位实际填写；必填而空着的单元格也为黄色。"
            .to_owned(),
        "3. 代码列均为文本格式；“代码-名称”列有下拉列表，选项在“码表”各表中，可以补充。".to_owned(),
        format!(
            "4. 金额单位：{}。VARCHAR2 长度按{counts}检查，超长的内容没有截断，列在“{PROBLEM_SHEET}”表中。",
            mapping.money_unit
        ),
        "5. 指标值：KPI_VAL 为原文；COMPUTESIGN、INDEXVAL、METERUNIT 由原文拆出，拆不出的留空。".to_owned(),
        format!("6. 本批有 {problems} 处需要核对，见“{PROBLEM_SHEET}”。"),
    ];
    for sheet in mapping.sheets.iter().filter(|sheet| !sheet.about.is_empty()) {
        lines.push(format!("　 {}（{}）：{}。", sheet.name, sheet.title, sheet.about));
    }
    for (field, value) in set {
        lines.push(format!("　 本批统一填写：{field} = {value}"));
    }
    let missing = super::missing(mapping, set);
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|(field, label)| format!("{field}（{label}）")).collect();
        lines.push(format!(
            "　 全批一个值而尚未给出：{}。可用 --set 字段=值 或 yusuan.toml 给出后重新转换。",
            names.join("、")
        ));
    }
    lines
}

/// Where a column comes from, in the words of the tables.
fn origin(sheet: &Sheet, column: usize, set: &BTreeMap<String, String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for source in &sheet.sources {
        let text = match &source.values[column] {
            Value::Nothing => continue,
            Value::Fixed(text) => format!("固定值 {text}"),
            Value::First(parts) => {
                parts.iter().map(|part| part_name(part, source)).collect::<Vec<_>>().join("，没有时取")
            }
        };
        if !all.contains(&text) {
            all.push(text);
        }
    }
    if sheet.given(set, &sheet.columns[column]).is_some() {
        all.push("本批统一填写".to_owned());
    }
    all.join("；")
}

fn part_name(part: &Part, source: &Source) -> String {
    match part {
        Part::Column(path) => path_name(*path, source),
        Part::Text(pieces) => {
            let piece = |segments: &Vec<Segment>| -> String {
                let names = segments.iter().map(|segment| match segment {
                    Segment::Plain(text) => text.clone(),
                    Segment::Column(path) => format!("〔{}〕", path_name(*path, source)),
                });
                names.collect()
            };
            pieces.iter().map(piece).collect::<Vec<_>>().join("；")
        }
    }
}

fn path_name(path: Path, source: &Source) -> String {
    let table = &schema().tables[path.through.map_or(source.table, |(_, table)| table)];
    format!("{}·{}", table.title, table.columns[path.column].title)
}
