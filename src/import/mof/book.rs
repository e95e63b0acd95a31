//! The workbook itself, written row by row in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    Color, ConditionalFormatBlank, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties,
    ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

use super::guide::{self, Tally};
use super::look::Look;
use super::mapping::{Column, Kind, ListOf, Mapping, Sheet};
use crate::error::{Error, Result};
use crate::filing::amount;
use crate::finding::Finding;

/// Rows of a sheet, the header among them.
const SHEET_ROWS: u32 = 1_048_576;

/// Empty rows below the data that have drop-downs too.
const SPARE_ROWS: u32 = 1_000;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// An amount of money.
    Amount(Decimal),
    /// Any other number.
    Number(Decimal),
}

/// A workbook in the making.
pub struct Book {
    workbook: Workbook,
    look: Look,
    sheets: Vec<Written>,
    problems: Written,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

/// What was written of a sheet so far.
#[derive(Debug, Default)]
pub struct Written {
    name: String,
    heads: Vec<Head>,
    /// Worksheets with the last row of each: a full one goes on in the next.
    parts: Vec<(usize, u32)>,
    tally: Tally,
}

/// The head of a column.
#[derive(Debug)]
struct Head {
    text: String,
    /// Nothing fills the column.
    open: bool,
    width: f64,
}

impl Book {
    /// A workbook with the headers of all sheets; `folder` takes its temporary files.
    pub fn create(mapping: &Mapping, set: &BTreeMap<String, String>, folder: &Path) -> Result<Book> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder).map_err(failed)?;
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        workbook.set_properties(
            &DocProperties::new()
                .set_title("预算管理一体化系统导入工作簿")
                .set_author("yusuan")
                .set_creation_datetime(&created),
        );
        workbook.add_worksheet().set_name(guide::SHEET).map_err(failed)?;
        let mut book = Book { workbook, look: Look::new(), sheets: Vec::new(), problems: Written::default() };
        for sheet in &mapping.sheets {
            let heads = sheet.columns.iter().enumerate().map(|(index, column)| Head {
                text: heading(column),
                open: sheet.is_open(index, set),
                width: width(column),
            });
            let mut written = Written::new(&sheet.name, heads.collect());
            book.add_part(&mut written)?;
            book.sheets.push(written);
        }
        let heads =
            guide::PROBLEMS.iter().map(|(title, width)| Head { text: (*title).to_owned(), open: false, width: *width });
        let mut problems = Written::new(guide::PROBLEM_SHEET, heads.collect());
        book.add_part(&mut problems)?;
        book.problems = problems;
        Ok(book)
    }

    /// Begins a worksheet; what is full goes on in another with the same header.
    fn add_part(&mut self, written: &mut Written) -> Result<()> {
        let index = self.workbook.worksheets().len();
        let name = match written.parts.len() {
            0 => written.name.clone(),
            count => format!("{}({})", written.name, count + 1),
        };
        let look = &self.look;
        let worksheet = self.workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        let mut header = || -> std::result::Result<(), XlsxError> {
            worksheet.set_name(&name)?.set_freeze_panes(1, 0)?.set_row_height(0, 33)?;
            for (head, number) in written.heads.iter().zip(0_u16..) {
                let format = if head.open { &look.header_open } else { &look.header };
                worksheet.set_column_width(number, head.width)?;
                worksheet.write_string_with_format(0, number, &head.text, format)?;
            }
            Ok(())
        };
        header().map_err(failed)?;
        written.parts.push((index, 0));
        Ok(())
    }

    /// The worksheet and row that the next row goes to.
    fn next_row(&mut self, written: &mut Written) -> Result<(usize, u32)> {
        if written.parts.last().is_none_or(|(_, row)| row + 1 >= SHEET_ROWS) {
            self.add_part(written)?;
        }
        let last = written.parts.last_mut().expect("a part was just made sure of");
        last.1 += 1;
        written.tally.rows += 1;
        Ok(*last)
    }

    /// Adds a row to a sheet.
    pub fn row(&mut self, sheet: usize, cells: &[Content]) -> Result<()> {
        to_disk(|| self.write_row(sheet, cells))
    }

    fn write_row(&mut self, sheet: usize, cells: &[Content]) -> Result<()> {
        let mut written = std::mem::take(&mut self.sheets[sheet]);
        let (index, row) = self.next_row(&mut written)?;
        let worksheet = self.workbook.worksheet_from_index(index).map_err(failed)?;
        for ((cell, filled), column) in cells.iter().zip(&mut written.tally.filled).zip(0_u16..) {
            match cell {
                Content::Empty => continue,
                Content::Text(text) => {
                    worksheet.write_string_with_format(row, column, text, &self.look.text).map_err(failed)?;
                }
                Content::Number(value) => {
                    write_number(worksheet, row, column, *value, &self.look.number, &self.look).map_err(failed)?;
                }
                Content::Amount(value) => {
                    write_number(worksheet, row, column, *value, &self.look.money, &self.look).map_err(failed)?;
                }
            }
            *filled += 1;
        }
        self.sheets[sheet] = written;
        Ok(())
    }

    /// Adds a finding about a filing to the sheet of findings.
    pub fn problem(&mut self, source: &str, place: &str, finding: &Finding) -> Result<()> {
        to_disk(|| {
            let mut written = std::mem::take(&mut self.problems);
            let (index, row) = self.next_row(&mut written)?;
            let worksheet = self.workbook.worksheet_from_index(index).map_err(failed)?;
            for (text, column) in [source, place, finding.rule, &finding.zh].into_iter().zip(0_u16..) {
                worksheet.write_string_with_format(row, column, text, &self.look.text).map_err(failed)?;
            }
            self.problems = written;
            Ok(())
        })
    }

    /// Writes lists, drop-downs and instructions, and saves.
    pub fn finish(
        self,
        mapping: &Mapping,
        set: &BTreeMap<String, String>,
        agencies: &BTreeSet<(String, String)>,
        path: &Path,
    ) -> Result<()> {
        to_disk(|| self.save(mapping, set, agencies, path))
    }

    fn save(
        mut self,
        mapping: &Mapping,
        set: &BTreeMap<String, String>,
        agencies: &BTreeSet<(String, String)>,
        path: &Path,
    ) -> Result<()> {
        let ranges = self.add_lists(mapping, agencies).map_err(failed)?;
        for (sheet, written) in mapping.sheets.iter().zip(&self.sheets) {
            for (index, last) in &written.parts {
                let worksheet = self.workbook.worksheet_from_index(*index).map_err(failed)?;
                validate(worksheet, sheet, *last, &ranges).map_err(failed)?;
            }
        }
        let worksheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        let tallies: Vec<&Tally> = self.sheets.iter().map(|written| &written.tally).collect();
        guide::write(worksheet, &self.look, mapping, set, &tallies, self.problems.tally.rows).map_err(failed)?;
        self.workbook.save(path).map_err(failed)
    }

    /// A helper sheet for each list that a sheet uses; yields the range of each.
    fn add_lists(
        &mut self,
        mapping: &Mapping,
        agencies: &BTreeSet<(String, String)>,
    ) -> std::result::Result<Vec<(ListOf, String)>, XlsxError> {
        let mut used: Vec<ListOf> = Vec::new();
        for column in mapping.sheets.iter().flat_map(|sheet| &sheet.columns) {
            if let Some(list) = column.list
                && !used.contains(&list)
            {
                used.push(list);
            }
        }
        let mut ranges = Vec::new();
        for list in used {
            let (title, entries): (&str, Vec<(&str, &str)>) = match list {
                ListOf::Agencies => {
                    ("单位", agencies.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect())
                }
                ListOf::Codes(index) => {
                    let list = &mapping.lists[index];
                    let entries = list.entry.iter().map(|entry| (entry.code.as_str(), entry.name.as_str()));
                    (list.title.as_str(), entries.collect())
                }
            };
            let name: String = format!("码表-{title}").chars().take(31).collect();
            let worksheet = self.workbook.add_worksheet();
            worksheet.set_name(&name)?.set_freeze_panes(1, 0)?;
            for ((heading, width), number) in [("代码", 12), ("名称", 34), ("合并选项", 44)].into_iter().zip(0_u16..)
            {
                worksheet.set_column_width(number, width)?;
                worksheet.write_string_with_format(0, number, heading, &self.look.header)?;
            }
            let entries = entries.iter().take(SHEET_ROWS as usize - 1);
            let mut last = 0;
            for ((code, title), row) in entries.zip(1_u32..) {
                worksheet.write_string_with_format(row, 0, *code, &self.look.text)?;
                worksheet.write_string_with_format(row, 1, *title, &self.look.text)?;
                worksheet.write_string_with_format(row, 2, format!("{code}-{title}"), &self.look.text)?;
                last = row;
            }
            if last > 0 {
                ranges.push((list, format!("='{name}'!$C$2:$C${}", last + 1)));
            }
        }
        Ok(ranges)
    }
}

impl Written {
    fn new(name: &str, heads: Vec<Head>) -> Written {
        let tally = Tally { rows: 0, filled: vec![0; heads.len()] };
        Written { name: name.to_owned(), heads, parts: Vec::new(), tally }
    }
}

/// `*项目代码` over `PRO_CODE`.
fn heading(column: &Column) -> String {
    let star = if column.required { "*" } else { "" };
    match column.label.as_str() {
        "" => format!("{star}{}", column.field),
        label => format!("{star}{label}\n{}", column.field),
    }
}

fn width(column: &Column) -> f64 {
    match column.kind {
        Kind::Number(_) => 16.0,
        Kind::Date => 12.0,
        Kind::Text(Some(length)) if length >= 1_000 => 40.0,
        Kind::Text(Some(length)) if length >= 100 => 28.0,
        Kind::Text(_) => 22.0,
    }
}

/// Drop-downs, exact lengths, and a colour for required cells that are empty.
fn validate(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    last: u32,
    ranges: &[(ListOf, String)],
) -> std::result::Result<(), XlsxError> {
    let end = (last + SPARE_ROWS).min(SHEET_ROWS - 1);
    for (column, number) in sheet.columns.iter().zip(0_u16..) {
        let range = column.list.and_then(|list| ranges.iter().find(|(one, _)| *one == list));
        if let Some((_, range)) = range {
            // A warning, not a stop: an office may use codes of its own.
            let list = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Warning)
                .set_error_title("不在码表中")?
                .set_error_message("请从下拉列表中选择，或先在码表中补充。")?;
            worksheet.add_data_validation(1, number, end, number, &list)?;
        } else if let Some(length) = column.length {
            let exact = DataValidation::new()
                .allow_text_length(DataValidationRule::EqualTo(length))
                .set_error_title("长度不对")?
                .set_error_message(format!("应为 {length} 个字符。"))?;
            worksheet.add_data_validation(1, number, end, number, &exact)?;
        }
        if column.required && last > 0 {
            let empty =
                ConditionalFormatBlank::new().set_format(Format::new().set_background_color(Color::RGB(0x00FF_E699)));
            worksheet.add_conditional_format(1, number, last, number, &empty)?;
        }
    }
    Ok(())
}

fn write_number(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: Decimal,
    format: &Format,
    look: &Look,
) -> std::result::Result<(), XlsxError> {
    match value.to_f64() {
        Some(number) if amount::digits(value) <= amount::KEPT_DIGITS => {
            worksheet.write_number_with_format(row, column, number, format)?;
        }
        // A spreadsheet would round it.
        _ => {
            worksheet.write_string_with_format(row, column, value.to_string(), &look.text)?;
        }
    }
    Ok(())
}

/// Runs what writes to temporary files: the library of workbooks panics when the disk is full.
fn to_disk<T>(write: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| {
        Err(Error::new("临时文件写不下，磁盘可能已满", "a temporary file could not be written; the disk may be full"))
    })
}

pub fn failed(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::from(error),
        error => Error::new(
            format!("导入表写不成；请确认磁盘有空间，再试一次（{error}）"),
            format!("the import workbook could not be written; see that the disk has room and try again ({error})"),
        ),
    }
}
