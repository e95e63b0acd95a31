//! The report of a run: what became of each input, for people (a line) and programs (JSON, CSV).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use yusuan::Error;
use yusuan::filing::Filing;
use yusuan::finding::{Finding, Lang, Severity};

use super::atomic::{self, Existing};
use super::console::{Console, shown};
use super::pool::Failure;

/// What is worth saying about a filing that was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// How many tables of each form.
    pub forms: BTreeMap<String, usize>,
    /// Tables no form knows.
    pub unrecognised: usize,
    /// Findings by severity.
    pub findings: Counts,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Something could not be read or written.
    pub error: usize,
    /// The filing contradicts itself.
    pub inconsistency: usize,
    /// Doubtful.
    pub warning: usize,
    /// Repairs and choices.
    pub note: usize,
}

impl Record {
    /// The record of a filing.
    pub fn new(filing: &Filing, findings: &[Finding]) -> Record {
        let mut record = Record { findings: Counts::of(findings), ..Record::default() };
        for (_, table) in filing.tables() {
            match table.form_id() {
                "" => record.unrecognised += 1,
                form => *record.forms.entry(form.to_owned()).or_default() += 1,
            }
        }
        record
    }
}

impl Counts {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Counts {
        let mut counts = Counts::default();
        for finding in findings {
            *match finding.severity {
                Severity::Error => &mut counts.error,
                Severity::Inconsistency => &mut counts.inconsistency,
                Severity::Warning => &mut counts.warning,
                Severity::Note => &mut counts.note,
            } += 1;
        }
        counts
    }

    /// Adds those found later.
    pub fn add(&mut self, more: Counts) {
        self.error += more.error;
        self.inconsistency += more.inconsistency;
        self.warning += more.warning;
        self.note += more.note;
    }

    /// In words; empty when there are none.
    pub fn words(self, lang: Lang) -> String {
        let all = match lang {
            Lang::Zh => [
                (self.error, "处错误"),
                (self.inconsistency, "处矛盾"),
                (self.warning, "处存疑"),
                (self.note, "条说明"),
            ],
            Lang::En => [
                (self.error, "errors"),
                (self.inconsistency, "inconsistencies"),
                (self.warning, "warnings"),
                (self.note, "notes"),
            ],
        };
        let said: Vec<String> = all
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| match lang {
                Lang::Zh => format!("{count} {what}"),
                Lang::En if count == 1 => format!("1 {}", what.replace("cies", "cy").trim_end_matches('s')),
                Lang::En => format!("{count} {what}"),
            })
            .collect();
        said.join(match lang {
            Lang::Zh => "，",
            Lang::En => ", ",
        })
    }
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its output was written.
    Done,
    /// Its output is what the input gives.
    UpToDate,
    /// Its output was edited since and stays.
    Kept,
    /// It could not be read, or its output not written.
    Failed,
    /// It took longer than the limit.
    TimedOut,
}

impl Status {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::UpToDate => "up-to-date",
            Status::Kept => "kept",
            Status::Failed => "failed",
            Status::TimedOut => "timed-out",
        }
    }

    /// Whether nothing came of the input.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut)
    }
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Row {
    /// The input as it was named or found.
    pub input: PathBuf,
    /// Its output; `None` when nothing came of it.
    pub output: Option<PathBuf>,
    /// What became of it.
    pub status: Status,
    /// Why it failed.
    pub error: Option<Error>,
    /// What is in it, when it was read.
    pub record: Option<Record>,
    /// Time it took.
    pub time: Duration,
}

impl Row {
    /// The row of an input nothing is known of yet.
    pub fn of(input: &Path) -> Row {
        Row {
            input: input.to_owned(),
            output: None,
            status: Status::Failed,
            error: None,
            record: None,
            time: Duration::ZERO,
        }
    }

    /// Notes why nothing came of the input.
    pub fn fail(&mut self, failure: Failure) {
        if failure == Failure::TimedOut {
            self.status = Status::TimedOut;
        }
        self.error = Some(failure.into_error(&self.input));
    }
}

/// Schema of the JSON report.
const SCHEMA: &str = "yusuan/report@1";

/// Columns of the CSV report.
const COLUMNS: &str = "input,output,status,message,forms,unrecognised,error,inconsistency,warning,note,seconds";

/// A file a report is written to at the end of a run.
#[derive(Clone, Debug)]
pub struct Target {
    path: PathBuf,
    csv: bool,
}

impl Target {
    /// Checks at the start of a run that the report can be written at its end. A report of ours
    /// may be replaced; any other file needs `--force`.
    pub fn new(path: &Path, force: bool) -> Result<Target, Error> {
        let csv = match path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).as_deref() {
            Some("json") => false,
            Some("csv") => true,
            _ => {
                return Err(Error::new(
                    format!("报告文件应以 .json 或 .csv 结尾：{}", shown(path)),
                    format!("a report ends in .json or .csv: {}", shown(path)),
                ));
            }
        };
        if atomic::exists(path)? && !force && !is_report(path) {
            return Err(atomic::already_there(path));
        }
        Ok(Target { path: path.to_owned(), csv })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the report.
    pub fn write(&self, rows: &[Row], console: &Console) -> Result<(), Error> {
        let text = if self.csv { csv(rows, console.lang) } else { json(rows, console.lang) };
        atomic::write(&self.path, text.as_bytes(), Existing::Replace)
    }
}

fn is_report(path: &Path) -> bool {
    use std::io::Read;
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(256).read_to_end(&mut start));
    let start = String::from_utf8_lossy(&start);
    read.is_ok() && (start.contains(SCHEMA) || start.trim_start_matches('\u{feff}').starts_with(COLUMNS))
}

/// How many inputs ended in each way.
pub fn tally(rows: &[Row]) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for status in [Status::Done, Status::UpToDate, Status::Kept, Status::Failed, Status::TimedOut] {
        counts.insert(status.name(), rows.iter().filter(|row| row.status == status).count());
    }
    counts
}

fn json(rows: &[Row], lang: Lang) -> String {
    let files: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "input": row.input.to_string_lossy(),
                "output": row.output.as_ref().map(|path| path.to_string_lossy()),
                "status": row.status,
                "message": row.error.as_ref().map(|error| error.message(lang)),
                "forms": row.record.as_ref().map(|record| &record.forms),
                "unrecognised": row.record.as_ref().map(|record| record.unrecognised),
                "findings": row.record.as_ref().map(|record| record.findings),
                "seconds": seconds(row.time),
            })
        })
        .collect();
    let report = serde_json::json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "summary": tally(rows),
        "files": files,
    });
    format!("{report:#}\n")
}

fn csv(rows: &[Row], lang: Lang) -> String {
    // Excel and WPS take a file for UTF-8 only with this mark.
    let mut out = format!("\u{feff}{COLUMNS}\r\n");
    for row in rows {
        let record = row.record.clone().unwrap_or_default();
        let count = |count: usize| if row.record.is_some() { count.to_string() } else { String::new() };
        let forms: Vec<String> = record.forms.iter().map(|(form, count)| format!("{form} {count}")).collect();
        let cells = [
            row.input.to_string_lossy().into_owned(),
            row.output.as_ref().map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
            row.status.name().to_owned(),
            row.error.as_ref().map_or_else(String::new, |error| error.message(lang)),
            forms.join("; "),
            count(record.unrecognised),
            count(record.findings.error),
            count(record.findings.inconsistency),
            count(record.findings.warning),
            count(record.findings.note),
            seconds(row.time).to_string(),
        ];
        out.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
        out.push_str("\r\n");
    }
    out
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// A file may be named `=cmd()`: spreadsheets must not take it for a formula.
fn csv_cell(text: &str) -> String {
    let text = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let record = Record {
            forms: BTreeMap::from([("procurement".to_owned(), 1), ("project-performance".to_owned(), 3)]),
            unrecognised: 0,
            findings: Counts { inconsistency: 2, ..Counts::default() },
        };
        vec![
            Row {
                input: "=a,1.txt".into(),
                output: Some("out/a.xlsx".into()),
                status: Status::Done,
                error: None,
                record: Some(record),
                time: Duration::from_millis(12),
            },
            Row {
                input: "b.docx".into(),
                output: None,
                status: Status::TimedOut,
                error: Some(Error::new("超时", "timed out")),
                record: None,
                time: Duration::from_secs(2),
            },
        ]
    }

    #[test]
    fn csv_is_for_spreadsheets_and_takes_no_formula() {
        assert_eq!(
            csv(&rows(), Lang::Zh),
            format!(
                "\u{feff}{COLUMNS}\r\n\"'=a,1.txt\",out/a.xlsx,done,,procurement 1; project-performance 3,0,0,2,0,0,0.012\r\n\
                 b.docx,,timed-out,超时,,,,,,,2\r\n"
            )
        );
    }

    #[test]
    fn json_has_a_summary_and_each_file() {
        let report: serde_json::Value = serde_json::from_str(&json(&rows(), Lang::En)).expect("valid JSON");
        assert_eq!(report["summary"]["done"], 1);
        assert_eq!(report["summary"]["timed-out"], 1);
        assert_eq!(report["files"][0]["findings"]["inconsistency"], 2);
        assert_eq!(report["files"][1]["message"], "timed out");
    }

    #[test]
    fn counts_in_words() {
        let counts = Counts { error: 0, inconsistency: 1, warning: 2, note: 1 };
        assert_eq!(counts.words(Lang::En), "1 inconsistency, 2 warnings, 1 note");
        assert_eq!(counts.words(Lang::Zh), "1 处矛盾，2 处存疑，1 条说明");
    }
}
