//! Findings for programs: JSON (`yusuan/findings@1`) and SARIF 2.1.0 for editors and CI.

use serde_json::{Map, Value, json};

use super::{Checked, at_line};
use crate::finding::{Finding, Lang, Severity, explain};
use crate::source::{At, Source};

/// One finding as it stands in the JSON of a filing and of `check`.
pub fn json_finding(finding: &Finding, source: &Source, lang: Lang) -> Value {
    json!({
        "severity": finding.severity.name(),
        "rule": finding.rule,
        "message": finding.message(lang),
        "table": finding.table,
        "row": finding.row,
        "column": finding.column,
        "stated": finding.stated,
        "computed": finding.computed,
        "at": source.locate(finding.place),
    })
}

/// The findings of all inputs: `{"schema": "yusuan/findings@1", "files": […]}`.
pub fn json(all: &[Checked<'_>], lang: Lang) -> Value {
    let files: Vec<Value> = all
        .iter()
        .map(|checked| {
            let findings: Vec<Value> =
                checked.findings.iter().map(|finding| json_finding(finding, checked.source, lang)).collect();
            json!({
                "source": {
                    "name": checked.source.name,
                    "kind": checked.source.kind.name(),
                    "sha256": checked.source.sha256,
                },
                "findings": findings,
            })
        })
        .collect();
    json!({ "schema": "yusuan/findings@1", "files": files })
}

/// The findings of all inputs as one SARIF 2.1.0 run (OASIS).
pub fn sarif(all: &[Checked<'_>], lang: Lang) -> Value {
    let mut codes: Vec<&str> =
        all.iter().flat_map(|checked| checked.findings.iter().map(|finding| finding.rule)).collect();
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
        .flat_map(|checked| checked.findings.iter().map(|finding| result(checked, finding, &codes, lang)))
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

fn result(checked: &Checked<'_>, finding: &Finding, codes: &[&str], lang: Lang) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), json!({ "uri": uri(checked.path) }));
    let mut location = Map::new();
    match checked.source.locate(finding.place) {
        Some(At::Line { line, column, .. }) => {
            let mut region = Map::new();
            region.insert("startLine".into(), json!(line));
            if let Some(column) = column {
                region.insert("startColumn".into(), json!(column));
            }
            physical.insert("region".into(), Value::Object(region));
        }
        Some(at) => {
            location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": at_line(&at) }]));
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
