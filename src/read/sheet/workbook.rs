//! A workbook as stored: sheets of sparse cells, with what an edit needs to know about them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::formats::Formats;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::source::column_name;
use crate::text::Place;

/// A workbook of any make.
#[derive(Clone, Debug, Default)]
pub struct Workbook {
    /// Its sheets in order, hidden ones too.
    pub sheets: Vec<Sheet>,
    /// What the reader saw that someone should know.
    pub findings: Vec<Finding>,
    pub(super) formats: Formats,
    pub(super) date_1904: bool,
}

/// A sheet. Rows and columns are counted from 0.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// It is hidden.
    pub hidden: bool,
    /// Cells with text, by row and column, each place once.
    pub cells: Vec<Cell>,
    /// Merged cells.
    pub merges: Vec<Merge>,
    /// First and last row of each hidden run.
    pub hidden_rows: Vec<(u32, u32)>,
    /// First and last column of each hidden run.
    pub hidden_columns: Vec<(u32, u32)>,
    /// First and last of the rows that repeat on each printed page.
    pub header_rows: Option<(u32, u32)>,
    /// Comments (批注) by row and column.
    pub notes: BTreeMap<(u32, u32), String>,
    /// Rows that are paragraphs between tables (web pages).
    pub(super) prose: BTreeSet<u32>,
    /// Texts of drawn boxes, with the cell they stand over.
    pub drawn: Vec<((u32, u32), String)>,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CellKind {
    /// Text.
    #[default]
    Text,
    /// A number, printed by its format.
    Number,
    /// A number that its format prints as a date or time.
    Date,
    /// `TRUE` or `FALSE`.
    Bool,
    /// An error value such as `#REF!`.
    Error,
}

/// A cell with text or a formula.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// What it prints, line breaks as `\n`; empty for a formula without a stored value and for a
    /// zero that the format leaves blank.
    pub text: String,
    /// What it holds.
    pub kind: CellKind,
    /// The value is the stored result of a formula.
    pub formula: bool,
    pub(super) format: u32,
}

/// A merged cell: its first and last row and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

impl Workbook {
    /// The number format code of a cell, `General` where it has none.
    pub fn format_code(&self, cell: &Cell) -> &str {
        self.formats.code(cell.format)
    }

    /// The sheet of a name.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }
}

impl Sheet {
    /// Adds a comment on a cell; several on one are kept in order.
    pub(super) fn add_note(&mut self, at: (u32, u32), note: &str) {
        let kept = self.notes.entry(at).or_default();
        if !kept.is_empty() {
            kept.push('\n');
        }
        kept.push_str(note);
    }

    /// The cell at a row and column, if it has text or a formula.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let found = self.cells.binary_search_by_key(&(row, column), |cell| (cell.row, cell.column)).ok()?;
        self.cells.get(found)
    }
}

/// `B7`.
pub(super) fn address(row: u32, column: u32) -> String {
    format!("{}{}", column_name(column), u64::from(row) + 1)
}

/// The place of a cell; sheets beyond 65,535 do not exist (see [`Gather::add_sheet`]).
pub(super) fn place(sheet: usize, row: u32, column: u32) -> Place {
    Place::SheetCell { sheet: sheet as u16, row, column }
}

/// A stored value on its way to a cell.
pub(super) enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    Error(String),
    /// A formula that was never calculated.
    Missing,
}

/// Builds a workbook under limits; all readers of this folder write into one.
pub(super) struct Gather<'a> {
    pub book: Workbook,
    pub limits: &'a Limits,
    cells: usize,
    text: u64,
    /// Zero prints as nothing on the sheet being read.
    pub hide_zeros: bool,
    /// Parts beside sheets that have been read, in lower case.
    pub beside: HashSet<String>,
    /// Cells of the sheet being read that deserve a finding: which, how many, the first few.
    odd: Vec<OddCells>,
}

/// Cells that share an oddity: how many, and the first few.
type OddCells = (Odd, usize, Vec<(u32, u32)>);

/// What can be odd about cells; one finding a sheet tells of all that share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    FormulaWithoutValue,
    ErrorValue,
    BeyondLimits,
    StringMissing,
    GivenTwice,
    TextUnderMerge,
    Undecodable,
}

impl Odd {
    /// One finding for all cells of a sheet that share the oddity; names the first few.
    pub fn tell(self, name: &str, index: usize, count: usize, first: &[(u32, u32)]) -> Finding {
        let (rule, zh, en) = self.describe();
        let named: Vec<String> = first.iter().map(|(row, column)| address(*row, *column)).collect();
        let (zh_list, en_list) = (named.join("、"), named.join(", "));
        let (zh_more, en_more) = if count > first.len() {
            (format!("等 {count} 个单元格"), format!(" and {} more cells", count - first.len()))
        } else {
            (String::new(), String::new())
        };
        let (row, column) = first.first().copied().unwrap_or_default();
        Finding::of(
            rule,
            place(index, row, column),
            format!("工作表“{name}”的 {zh_list}{zh_more}：{zh}"),
            format!("{en_list}{en_more} of the sheet \"{name}\": {en}"),
        )
    }

    fn describe(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Odd::FormulaWithoutValue => (
                "formula-without-value",
                "公式没有保存计算结果，按空白读取；请用 Excel 或 WPS 打开、保存后再试",
                "formula without a stored result, read as blank; open and save the workbook in Excel or WPS, then try again",
            ),
            Odd::ErrorValue => (
                "error-value",
                "单元格是错误值（如 #REF!），请改正公式",
                "the cell holds an error value such as #REF!; correct its formula",
            ),
            Odd::BeyondLimits => (
                "cell-beyond-limits",
                "单元格超出表格的最大行列，没有读取",
                "the cell lies beyond the largest row or column and was left out",
            ),
            Odd::StringMissing => (
                "string-missing",
                "单元格引用的文字在文件中不存在，按空白读取；文件可能已损坏",
                "the text that the cell refers to is not in the file, read as blank; the file may be damaged",
            ),
            Odd::GivenTwice => (
                "cell-given-twice",
                "同一单元格在文件中出现两次，两次的内容都保留",
                "the cell stands twice in the file; both contents are kept",
            ),
            Odd::TextUnderMerge => (
                "text-under-merge",
                "合并单元格遮住了有文字的单元格，文字照样读取",
                "a merged cell covers a cell with text of its own, which is read all the same",
            ),
            Odd::Undecodable => (
                "undecodable-bytes",
                "有无法识别的字符，以 � 代替；请核对原件",
                "some characters could not be decoded and read as �; compare with the original",
            ),
        }
    }
}

impl<'a> Gather<'a> {
    pub fn new(limits: &'a Limits) -> Gather<'a> {
        Gather {
            book: Workbook::default(),
            limits,
            cells: 0,
            text: 0,
            hide_zeros: false,
            beside: HashSet::new(),
            odd: Vec::new(),
        }
    }

    /// Begins a sheet; what is pushed from now on belongs to it.
    pub fn add_sheet(&mut self, name: String, hidden: bool) -> Result<()> {
        if self.book.sheets.len() >= self.limits.entries.min(usize::from(u16::MAX)) {
            return Err(Error::new("工作表太多", "too many sheets"));
        }
        self.hide_zeros = false;
        self.book.sheets.push(Sheet { name, hidden, ..Sheet::default() });
        Ok(())
    }

    /// Index of the sheet being read.
    pub fn index(&self) -> usize {
        self.book.sheets.len().saturating_sub(1)
    }

    /// The sheet being read; the readers begin one before they push.
    pub fn sheet(&mut self) -> &mut Sheet {
        if self.book.sheets.is_empty() {
            self.book.sheets.push(Sheet::default());
        }
        let last = self.book.sheets.len() - 1;
        &mut self.book.sheets[last]
    }

    /// Adds a cell to the sheet being read; blank cells without a formula leave no trace.
    ///
    /// # Errors
    /// When the workbook has more cells or text than the limits allow.
    pub fn push(&mut self, row: u32, column: u32, value: Value, format: u32, formula: bool) -> Result<()> {
        let (text, kind) = match value {
            Value::Text(text) => (text, CellKind::Text),
            Value::Number(number) => self.print_number(number, format),
            Value::Bool(truth) => (if truth { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Bool),
            Value::Error(text) => {
                self.note_odd(Odd::ErrorValue, row, column);
                (text, CellKind::Error)
            }
            Value::Missing => {
                self.note_odd(Odd::FormulaWithoutValue, row, column);
                (String::new(), CellKind::Text)
            }
        };
        if text.is_empty() && !formula {
            return Ok(());
        }
        self.push_printed(Cell { row, column, text, kind, formula, format })
    }

    /// Adds a cell whose text is made already.
    pub fn push_printed(&mut self, mut cell: Cell) -> Result<()> {
        cell.text = unify_breaks(cell.text);
        if cell.column as usize >= self.limits.columns || cell.row >= ROWS {
            self.note_odd(Odd::BeyondLimits, cell.row, cell.column);
            return Ok(());
        }
        if cell.text.contains('\u{fffd}') {
            self.note_odd(Odd::Undecodable, cell.row, cell.column);
        }
        self.cells += 1;
        self.spend_text(cell.text.len())?;
        if self.cells > self.limits.cells {
            let (most, zh) = (self.limits.cells, "单元格太多");
            return Err(Error::new(format!("{zh}，超过 {most} 个"), format!("more than {most} cells with text")));
        }
        self.sheet().cells.push(cell);
        Ok(())
    }

    /// Counts text that is kept; a short string that a million cells share must not fill the
    /// memory.
    pub fn spend_text(&mut self, bytes: usize) -> Result<()> {
        self.text += bytes as u64;
        if self.text > self.limits.part_bytes / 2 {
            let most = self.limits.part_bytes >> 21;
            return Err(Error::new(
                format!("单元格文字太多，展开后超过 {most} MiB"),
                format!("the text of the cells grows beyond {most} MiB"),
            ));
        }
        Ok(())
    }

    /// The text of a number under a format, on the sheet being read.
    pub fn print_number(&mut self, number: f64, format: u32) -> (String, CellKind) {
        if self.hide_zeros && number == 0.0 {
            return (String::new(), CellKind::Number);
        }
        let date_1904 = self.book.date_1904;
        let format = self.book.formats.get(format);
        let kind = if format.is_date() { CellKind::Date } else { CellKind::Number };
        (format.print(number, date_1904).unwrap_or_else(|| number.to_string()), kind)
    }

    /// Remembers an odd cell for the finding of its sheet.
    pub fn note_odd(&mut self, odd: Odd, row: u32, column: u32) {
        match self.odd.iter_mut().find(|(kind, ..)| *kind == odd) {
            Some((_, count, first)) => {
                *count += 1;
                if first.len() < 10 {
                    first.push((row, column));
                }
            }
            None => self.odd.push((odd, 1, vec![(row, column)])),
        }
    }

    /// Tells the text of a page header or footer, if it has more than codes (ECMA-376 part 1,
    /// 18.3.1.46).
    pub fn tell_page_text(&mut self, stored: &str) {
        let mut text = String::new();
        let mut chars = stored.chars().peekable();
        while let Some(ch) = chars.next() {
            match (ch, chars.peek().copied()) {
                ('&', Some('"')) => {
                    chars.next();
                    chars.by_ref().find(|ch| *ch == '"');
                }
                ('&', Some('K')) => {
                    chars.next();
                    for _ in 0..6 {
                        chars.next_if(char::is_ascii_hexdigit);
                    }
                }
                ('&', Some(digit)) if digit.is_ascii_digit() => while chars.next_if(char::is_ascii_digit).is_some() {},
                ('&', Some('&')) => text.extend(chars.next()),
                ('&', Some(_)) => {
                    chars.next();
                }
                _ => text.push(ch),
            }
        }
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // 第 页 共 页 is a page number's dress.
        if words.chars().all(|ch| !ch.is_alphanumeric() || "第页共頁总Pageof".contains(ch)) {
            return;
        }
        let (index, name) = (self.index(), self.sheet().name.clone());
        self.find(Finding::of(
            "page-text",
            place(index, 0, 0),
            format!("工作表“{name}”的页眉页脚有文字，不属于表格：{words}"),
            format!("the page header or footer of the sheet \"{name}\" has text that is no part of the table: {words}"),
        ));
    }

    /// Adds a finding.
    pub fn find(&mut self, finding: Finding) {
        self.book.findings.push(finding);
    }

    /// Ends the sheet being read: orders its cells and tells what was odd about it.
    pub fn end_sheet(&mut self) {
        let index = self.index();
        let sheet = self.sheet();
        let key = |cell: &Cell| (cell.row, cell.column);
        let mut twice = Vec::new();
        if !sheet.cells.is_sorted_by(|one, two| key(one) < key(two)) {
            sheet.cells.sort_by_key(key);
            sheet.cells.dedup_by(|later, kept| {
                let same = key(later) == key(kept);
                if same && later.text != kept.text {
                    if !kept.text.is_empty() && !later.text.is_empty() {
                        twice.push(key(kept));
                        kept.text.push('\n');
                    }
                    kept.text.push_str(&later.text);
                }
                same
            });
        }
        sheet.cells.shrink_to_fit();
        for (row, column) in twice {
            self.note_odd(Odd::GivenTwice, row, column);
        }
        self.tell_odd(index);
        self.tell_hidden(index);
        self.tell_notes(index);
    }

    fn tell_odd(&mut self, index: usize) {
        for (odd, count, first) in std::mem::take(&mut self.odd) {
            let finding = odd.tell(&self.book.sheets[index].name, index, count, &first);
            self.find(finding);
        }
    }

    fn tell_hidden(&mut self, index: usize) {
        let Some(sheet) = self.book.sheets.get(index) else { return };
        let name = &sheet.name;
        let mut found = Vec::new();
        if sheet.hidden && !sheet.cells.is_empty() {
            found.push(Finding::of(
                "hidden-sheet",
                place(index, 0, 0),
                format!("工作表“{name}”是隐藏的，照样读取"),
                format!("the sheet \"{name}\" is hidden and was read all the same"),
            ));
        }
        let (rows, columns) = (disjoint(&sheet.hidden_rows), disjoint(&sheet.hidden_columns));
        let is_hidden = |cell: &&Cell| lies_within(&rows, cell.row) || lies_within(&columns, cell.column);
        if let Some(cell) = sheet.cells.iter().find(is_hidden) {
            let at = address(cell.row, cell.column);
            found.push(Finding::of(
                "hidden-cells",
                place(index, cell.row, cell.column),
                format!("工作表“{name}”有隐藏的行或列（自 {at}），其中的内容照样读取"),
                format!(
                    "the sheet \"{name}\" has hidden rows or columns (from {at}); what they hold was read all the same"
                ),
            ));
        }
        self.book.findings.extend(found);
    }

    fn tell_notes(&mut self, index: usize) {
        let Some(sheet) = self.book.sheets.get(index) else { return };
        let mut found = Vec::new();
        let notes = sheet.notes.iter().filter(|(_, note)| !note.chars().all(crate::text::is_blank));
        for (index_of_note, ((row, column), note)) in notes.enumerate() {
            if index_of_note == COMMENTS_TOLD {
                let (name, more) = (&sheet.name, sheet.notes.len() - COMMENTS_TOLD);
                found.push(Finding::of(
                    "cell-comment",
                    place(index, *row, *column),
                    format!("工作表“{name}”还有约 {more} 条批注"),
                    format!("the sheet \"{name}\" has about {more} more comments"),
                ));
                break;
            }
            let (name, at) = (&sheet.name, address(*row, *column));
            let note = comment_line(note);
            found.push(Finding::of(
                "cell-comment",
                place(index, *row, *column),
                format!("工作表“{name}”的 {at} 有批注：{note}"),
                format!("a comment on {at} of the sheet \"{name}\": {note}"),
            ));
        }
        self.book.findings.extend(found);
    }
}

/// Runs in order, joined where they overlap.
fn disjoint(runs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut sorted = runs.to_vec();
    sorted.sort_unstable();
    sorted.dedup_by(|later, kept| {
        let joined = later.0 <= kept.1;
        if joined {
            kept.1 = kept.1.max(later.1);
        }
        joined
    });
    sorted
}

/// Whether a row or column lies within one of the runs, which are in order and do not overlap.
fn lies_within(runs: &[(u32, u32)], at: u32) -> bool {
    let before = runs.partition_point(|(from, _)| *from <= at);
    runs[..before].last().is_some_and(|(_, to)| at <= *to)
}

/// Comments of a sheet that are told one by one.
pub(super) const COMMENTS_TOLD: usize = 100;

/// Rows of a sheet (Excel 2007 and later).
pub(super) const ROWS: u32 = 1_048_576;

/// A comment as one line. Newer Excel keeps threads beside, with advice for older versions before
/// the words.
pub(super) fn comment_line(note: &str) -> String {
    let threaded = ["[线程批注]", "[Threaded comment]"].iter().any(|mark| note.starts_with(mark));
    let words = ["注释:", "批注:", "Comment:"].iter().find_map(|mark| note.split_once(mark)).filter(|_| threaded);
    let words = words.map_or(note, |(_, words)| words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Line breaks of any kind as `\n`.
fn unify_breaks(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}
