//! Findings for people and programs: on a terminal, as JSON, as SARIF, as a return sheet.

mod data;
mod sheet;
mod terminal;

pub use data::{json, json_finding, sarif};
pub use sheet::workbook;
pub use terminal::{Style, summary, text};

use super::{Finding, Severity};
use crate::filing::Filing;
use crate::source::{At, Source};

/// The findings of one input.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The input as the user named it.
    pub path: &'a str,
    /// The source, for places and excerpts.
    pub source: &'a Source,
    /// The filing, for table titles.
    pub filing: &'a Filing,
    /// What to report, in order.
    pub findings: &'a [Finding],
}

impl Checked<'_> {
    /// How many findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn title(&self, finding: &Finding) -> Option<&str> {
        let table = self.filing.table(finding.table?)?;
        Some(table.title.as_str())
    }
}

/// A place in one short line: `3507:12`, `Sheet1!B7`, `word/document.xml paragraph 12`.
pub(crate) fn at_line(at: &At) -> String {
    match at {
        At::Line { line, column: Some(column), .. } => format!("{line}:{column}"),
        At::Line { line, .. } => line.to_string(),
        At::Paragraph { part, paragraph } => format!("{part}#p{paragraph}"),
        At::TableCell { part, table, row, column } => format!("{part}#t{table}r{row}c{column}"),
        At::Cell { sheet, cell } => format!("{sheet}!{cell}"),
    }
}
