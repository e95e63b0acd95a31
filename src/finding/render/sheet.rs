//! The return sheet: findings as a workbook that goes back to the department, with a column for
//! its reply.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::{Report, at_line};
use crate::error::{Error, Result};
use crate::finding::{Lang, Severity};

/// Column heads with their widths.
const COLUMNS: [(&str, &str, f64); 11] = [
    ("序号", "No.", 5.0),
    ("文件", "File", 14.0),
    ("程度", "Severity", 8.0),
    ("表", "Table", 18.0),
    ("位置", "Place", 9.0),
    ("问题", "Finding", 46.0),
    ("表述数", "Stated", 11.0),
    ("核对数", "Computed", 11.0),
    ("处理建议", "What to do", 28.0),
    ("规则", "Rule", 13.0),
    ("部门回复", "Reply", 22.0),
];

/// Cells hold at most 32,767 UTF-16 units; a message is never near that, a title could be.
const CELL_CHARS: usize = 8_000;

/// The findings of all inputs above note level as an xlsx file.
///
/// # Errors
/// When the workbook cannot be made (it would be beyond Excel's limits).
pub fn workbook(all: &[Report], lang: Lang) -> Result<Vec<u8>> {
    build(all, lang).map_err(|error| {
        Error::new(
            format!("反馈单写不成；请改用 --format text（{error}）"),
            format!("the return sheet could not be written; use --format text ({error})"),
        )
    })
}

/// Height that shows the wrapped texts of a row whole: Excel adapts rows only when a person edits
/// them.
fn height(texts: &[String; 11]) -> f64 {
    let lines = texts
        .iter()
        .zip(COLUMNS)
        .map(|(text, (_, _, width))| (text.width() as f64 / (width - 2.5)).ceil())
        .fold(1.0, f64::max);
    (lines * 14.5 + 3.0).min(400.0)
}

fn build(all: &[Report], lang: Lang) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let zh = lang == Lang::Zh;
    // A fixed date: the same findings make the same bytes.
    let when = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&when));
    let sheet = workbook.add_worksheet();
    sheet.set_name(if zh { "审核反馈单" } else { "Findings" })?;
    let bordered = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top).set_text_wrap();
    let head = bordered
        .clone()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xD9E1F2));
    let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    let reply = bordered.clone().set_background_color(Color::RGB(0xFFF9E5)).set_unlocked();
    let last = (COLUMNS.len() - 1) as u16;
    sheet.merge_range(0, 0, 0, last, if zh { "部门预算审核反馈单" } else { "Findings to answer" }, &title)?;
    for (column, (name, english, width)) in COLUMNS.iter().enumerate() {
        let column = column as u16;
        sheet.write_string_with_format(1, column, if zh { *name } else { *english }, &head)?;
        sheet.set_column_width(column, *width)?;
    }
    let mut row = 2u32;
    for report in all {
        // Repairs and choices of ours are nothing that the department could answer.
        for located in report.findings.iter().filter(|located| located.finding.severity > Severity::Note) {
            let finding = &located.finding;
            let color = match finding.severity {
                Severity::Error => Some(0xF8CBAD),
                Severity::Inconsistency => Some(0xFCE4D6),
                Severity::Warning => Some(0xFFF2CC),
                Severity::Note => None,
            };
            let severity = match color {
                Some(color) => bordered.clone().set_background_color(Color::RGB(color)),
                None => bordered.clone(),
            };
            let place = located.at.as_ref().map(at_line).unwrap_or_default();
            let action = super::super::explain::entry(finding.rule).map(|entry| entry.words(lang).action.clone());
            let texts = [
                (row - 1).to_string(),
                report.name.clone(),
                finding.severity.label(lang).to_owned(),
                located.title.clone(),
                place,
                finding.message(lang).to_owned(),
                finding.stated.clone().unwrap_or_default(),
                finding.computed.clone().unwrap_or_default(),
                action.unwrap_or_default(),
                finding.rule.to_owned(),
                String::new(),
            ];
            sheet.set_row_height(row, height(&texts))?;
            for (column, text) in texts.iter().enumerate() {
                let format = match column {
                    2 => &severity,
                    10 => &reply,
                    _ => &bordered,
                };
                let text: String = text.chars().filter(|ch| !ch.is_control() || *ch == '\n').take(CELL_CHARS).collect();
                if column == 0 {
                    sheet.write_number_with_format(row, 0, f64::from(row - 1), format)?;
                } else if text.is_empty() {
                    sheet.write_blank(row, column as u16, format)?;
                } else {
                    sheet.write_string_with_format(row, column as u16, text, format)?;
                }
            }
            row += 1;
        }
    }
    sheet.autofilter(1, 0, row.saturating_sub(1).max(1), last)?;
    sheet.set_freeze_panes(2, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 1)?;
    workbook.save_to_buffer()
}
