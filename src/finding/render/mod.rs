//! Findings for people and programs: on a terminal, as JSON, as SARIF, as a return sheet.

mod data;
mod sheet;
mod terminal;

pub use data::{FindingJson, json, sarif};
pub use sheet::workbook;
pub use terminal::{Style, summary, text};

use super::{Finding, Severity};
use crate::filing::Filing;
use crate::source::{At, Kind, Source};

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

/// The findings of one input with their places named: what is left to report of a filing that is
/// no longer in memory.
#[derive(Clone, Debug)]
pub struct Report {
    /// The input as the user named it.
    pub path: String,
    /// File name of the source.
    pub name: String,
    /// What the source is.
    pub kind: Kind,
    /// SHA-256 of the source.
    pub sha256: String,
    /// What to report, in order.
    pub findings: Vec<Located>,
}

/// A finding with its place named.
#[derive(Clone, Debug)]
pub struct Located {
    /// The finding.
    pub finding: Finding,
    /// Where it stands.
    pub at: Option<At>,
    /// Title of the table it is about, or empty.
    pub title: String,
}

impl Report {
    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|located| located.finding.severity == severity).count()
    }
}

impl Checked<'_> {
    /// Names the places, so that the filing can go.
    pub fn report(&self) -> Report {
        let located = |finding: &Finding| Located {
            finding: finding.clone(),
            at: self.source.locate(finding.place),
            title: self.title(finding).unwrap_or_default().to_owned(),
        };
        Report {
            path: self.path.to_owned(),
            name: self.source.name.clone(),
            kind: self.source.kind,
            sha256: self.source.sha256.clone(),
            findings: self.findings.iter().map(located).collect(),
        }
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
