//! `yusuan` (预算): Chinese departmental budget filings to the finance bureau's standard
//! spreadsheets, and the edits made there back into the text.
//!
//! ```text
//! bytes ─► Source ─► reader ─► Document ─► layout ─► recognise ─► Filing ─► check ─► findings
//!                                                       ▲ forms     ├─► write (xlsx, txt, json, docx, tables)
//!                                                   templates/      └─► patch (edits back into the source)
//! ```
//!
//! ```no_run
//! use yusuan::finding::Lang;
//! use yusuan::form::built_in;
//!
//! let filing = yusuan::open("云岭县林草服务局2023年部门预算.txt")?;
//! for (_, table) in filing.tables() {
//!     println!("{}: {} rows as {}", table.title, table.rows.len(), table.form_id());
//! }
//! let findings = yusuan::check::report(&filing, built_in::forms(), &Default::default());
//! std::fs::write("filing.json", yusuan::write::json::write(&filing, &findings, Lang::En))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What always holds
//!
//! 1. Reading never fails on content: a reader yields a value and findings. [`Error`] is for "cannot
//!    open, not a zip, bad option".
//! 2. Nothing is dropped silently: every non-blank character of a source belongs to a block, or to
//!    what a finding reports; every cell is a label, bound to a slot, or kept in an unrecognised table.
//! 3. Text is the truth, numbers are derived: a [`text::Text`] keeps what is printed and its source
//!    bytes; amounts are decimals made from it. No arithmetic on `f64`.
//! 4. Readers know no forms; forms know no dialects; writers know no sources; only [`patch`] knows
//!    origins and changes.
//! 5. What a finance clerk could explain stands in `templates/`, not in Rust.
//! 6. The filing's own contradictions are findings of severity inconsistency, never our failure and
//!    never corrected.
//!
//! # Terms
//!
//! | term | 中文 | here |
//! |---|---|---|
//! | filing | 部门预算文本 | what a department files or publishes for a year: prose and tables ([`Filing`]) |
//! | source | 原文 | one input, whatever its kind ([`source::Source`]) |
//! | dialect | 排版方式 | how a text sets tables: a cell a line, a row a line, pipes, HTML |
//! | grid, cell | 表格、单元格 | a table before a form has recognised it ([`document`]) |
//! | form | 表样 | what a standard table prints and means ([`form::Form`]) |
//! | family | 模板族 | the forms of one region and year |
//! | field, slot | 填写项、填写处 | a value with its label; the place a form has for it |
//! | preamble | 表头行 | the lines between a title and its table: department, year, unit |
//! | header path | 表头 | the labels over a column, from the group down |
//! | detail, subtotal, total | 明细行、小计、合计 | kinds of rows |
//! | institution | 机构 | a unit of the department |
//! | activity | 职责活动 | what a duty is split into, with indicators of its own |
//! | project | 项目 | what a 项目绩效目标表 describes |
//! | goal | 绩效目标 | what a project is to achieve, in words |
//! | indicator, target | 绩效指标、指标值 | what is measured, and the value to reach ([`filing::target`]) |
//! | funding plan | 资金支出计划 | the shares of a project's money spent by month |
//! | economic classification | 支出经济分类 | what money is spent on; codes of 3 and 5 digits |
//! | functional classification | 支出功能分类 | what money is spent for (类、款、项); codes of 3, 5 and 7 digits |
//! | figure | 文中金额 | an amount in the prose with its meaning ([`figures`]) |
//! | equation | 勾稽关系 | a sum or relation that formulas, `校验` and checks share ([`equation`]) |
//! | finding | 问题 | what was seen in a filing: a place, a code, a sentence ([`finding`]) |
//! | origin, place | 出处、位置 | source bytes of a text; where a person finds it |
//! | carry back | 写回 | edits of a workbook put into its source ([`patch`]) |

pub mod check;
pub mod document;
pub mod equation;
pub mod error;
pub mod figures;
pub mod filing;
pub mod finding;
pub mod form;
pub mod import;
pub mod layout;
pub mod limits;
pub mod original;
pub mod patch;
pub mod read;
pub mod recognise;
mod service;
pub mod source;
mod templates;
pub mod text;
pub mod write;

pub use error::{Error, Result};
pub use filing::Filing;

/// Reads a file with the built-in forms and the usual limits.
///
/// # Errors
/// When the file cannot be read or is no filing; the message names it.
pub fn open(path: impl AsRef<std::path::Path>) -> Result<Filing> {
    let path = path.as_ref();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| Error::from(error).within(&name))?;
    read_filing(&name, &bytes, form::built_in::forms(), &limits::Limits::default()).map_err(|error| error.within(&name))
}

/// Reads the bytes of an input; its kind is decided by content, `name` only says what to call it.
///
/// # Errors
/// When the content is of no readable kind, or beyond the limits.
pub fn read_filing(name: &str, bytes: &[u8], forms: &form::Forms, limits: &limits::Limits) -> Result<Filing> {
    if bytes.len() as u64 > limits.input_bytes {
        return Err(limits::too_large(limits.input_bytes));
    }
    let (source, document) = read::read(name, bytes, limits)?;
    Ok(recognise::recognise(source, document, forms))
}
