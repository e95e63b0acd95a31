//! Findings for programs: JSON (`yusuan/findings@1`) and SARIF 2.1.0 for editors and CI.

use serde::Serialize;
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

/// The findings of all inputs: `{"schema": "yusuan/findings@1", "files": […]}`.
pub fn json(all: &[Report], lang: Lang) -> Value {
    let finding = |located: &Located| json!(FindingJson::new(&located.finding, located.at.clone(), lang));
    let files: Vec<Value> = all
        .iter()
        .map(|report| {
            json!({
                "source": { "name": report.name, "kind": report.kind.name(), "sha256": report.sha256 },
                "findings": report.findings.iter().map(finding).collect::<Vec<Value>>(),
            })
        })
        .collect();
    json!({ "schema": "yusuan/findings@1", "files": files })
}

/// The findings of all inputs as one SARIF 2.1.0 run (OASIS).
pub fn sarif(all: &[Report], lang: Lang) -> Value {
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
    let results: Vec<Value> = all
        .iter()
        .flat_map(|report| report.findings.iter().map(|located| result(report, located, &codes, lang)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "yusuan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
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
