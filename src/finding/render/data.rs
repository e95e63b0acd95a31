//! Findings for programs: JSON (`yusuan/findings@1`) and SARIF 2.1.0 for editors and CI.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{Located, Report, at_line};
use crate::finding::{Finding, Lang, Severity, explain};
use crate::source::At;

/// One finding as it stands in the JSON of a filing and of `check`.
#[derive(Debug, Serialize)]
pub struct FindingJson<'f> {
    severity: Severity,
    rule: &'f str,
    message: &'f str,
    table: Option<usize>,
    row: Option<usize>,
    column: Option<&'f str>,
    stated: Option<&'f str>,
    computed: Option<&'f str>,
    at: Option<At>,
}

impl FindingJson<'_> {
    /// The JSON of a finding that stands at `at`.
    pub fn new(finding: &Finding, at: Option<At>, lang: Lang) -> FindingJson<'_> {
        FindingJson {
            severity: finding.severity,
            rule: finding.rule,
            message: finding.message(lang),
            table: finding.table,
            row: finding.row,
            column: finding.column.as_deref(),
            stated: finding.stated.as_deref(),
            computed: finding.computed.as_deref(),
            at,
        }
    }
}

/// What is made only when it is written: hundreds of thousands of findings are not held twice.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The findings of all inputs: `{"schema": "yusuan/findings@1", "files": […]}`.
pub fn json(all: &[Report], lang: Lang) -> impl Serialize {
    #[derive(Serialize)]
    struct Findings<F> {
        schema: &'static str,
        files: F,
    }
    #[derive(Serialize)]
    struct File<F> {
        source: Value,
        findings: F,
    }
    fn finding(located: &Located, lang: Lang) -> FindingJson<'_> {
        FindingJson::new(&located.finding, located.at.clone(), lang)
    }
    fn file(report: &Report, lang: Lang) -> impl Serialize {
        File {
            source: json!({ "name": report.name, "kind": report.kind.name(), "sha256": report.sha256 }),
            findings: Each(move || report.findings.iter().map(move |located| finding(located, lang))),
        }
    }
    Findings { schema: "yusuan/findings@1", files: Each(move || all.iter().map(move |report| file(report, lang))) }
}

/// The findings of all inputs as one SARIF 2.1.0 run (OASIS).
pub fn sarif<'r>(all: &'r [Report], lang: Lang) -> impl Serialize + use<'r> {
    #[derive(Serialize)]
    struct Sarif<R> {
        #[serde(rename = "$schema")]
        schema: &'static str,
        version: &'static str,
        runs: [Run<R>; 1],
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Run<R> {
        tool: Value,
        column_kind: &'static str,
        results: R,
    }
    let mut codes: Vec<&str> =
        all.iter().flat_map(|report| report.findings.iter().map(|located| located.finding.rule)).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let mut rule = Map::new();
            rule.insert("id".into(), json!(code));
            if let Some(entry) = explain::entry(code) {
                let words = entry.words(lang);
                rule.insert("shortDescription".into(), json!({ "text": words.what }));
                rule.insert("fullDescription".into(), json!({ "text": words.why }));
                rule.insert("help".into(), json!({ "text": words.action }));
                rule.insert("defaultConfiguration".into(), json!({ "level": level(entry.severity) }));
            }
            Value::Object(rule)
        })
        .collect();
    let results = Each(move || {
        let codes = codes.clone();
        let located = |report: &'r Report| report.findings.iter().map(move |located| (report, located));
        all.iter().flat_map(located).map(move |(report, located)| result(report, located, &codes, lang))
    });
    Sarif {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "yusuan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }}),
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

fn result(report: &Report, located: &Located, codes: &[&str], lang: Lang) -> Value {
    let finding = &located.finding;
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), json!({ "uri": uri(&report.path) }));
    let mut location = Map::new();
    match &located.at {
        Some(At::Line { line, column, .. }) => {
            let mut region = Map::new();
            region.insert("startLine".into(), json!(line));
            if let Some(column) = column {
                region.insert("startColumn".into(), json!(column));
            }
            physical.insert("region".into(), Value::Object(region));
        }
        Some(at) => {
            location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": at_line(at) }]));
        }
        None => {}
    }
    location.insert("physicalLocation".into(), Value::Object(physical));
    json!({
        "ruleId": finding.rule,
        "ruleIndex": codes.iter().position(|code| *code == finding.rule),
        "level": level(finding.severity),
        "message": { "text": finding.message(lang) },
        "locations": [location],
        "properties": {
            "severity": finding.severity.name(),
            "stated": finding.stated,
            "computed": finding.computed,
        },
    })
}

/// SARIF has three levels; a contradiction of the filing is an error there.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Inconsistency => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a relative URI reference (RFC 3986): what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a/林草 局.txt"), "a/%E6%9E%97%E8%8D%89%20%E5%B1%80.txt");
    }
}
