//! What each finding means: `templates/findings.toml`, the one list of codes, with the severity a
//! code has by default and its explanation in both languages.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Lang, Severity};

/// The explanation of one code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Stable kebab-case code.
    #[serde(skip)]
    pub code: String,
    /// How much it matters unless switched by an option.
    pub severity: Severity,
    /// In Chinese.
    pub zh: Words,
    /// In English.
    pub en: Words,
    /// The regulation or rule it rests on.
    #[serde(default)]
    pub source: Option<String>,
}

/// An explanation in one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What was found.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// A short made-up example.
    pub example: String,
    /// What to do.
    pub action: String,
}

impl Entry {
    /// The explanation in a language.
    pub fn words(&self, lang: Lang) -> &Words {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Every code with its explanation, by code.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    list().values()
}

/// The explanation of a code; `None` for a code that does not exist.
pub fn entry(code: &str) -> Option<&'static Entry> {
    list().get(code)
}

/// The severity a code has by default; a code without an entry is a warning.
pub fn severity(code: &str) -> Severity {
    // Every run asks for this, and few for an explanation: the list is not read for it.
    static SEVERITIES: OnceLock<HashMap<&'static str, Severity>> = OnceLock::new();
    SEVERITIES.get_or_init(|| severities().collect()).get(code).copied().unwrap_or(Severity::Warning)
}

/// The codes and their severities, which stand under the head of each entry.
fn severities() -> impl Iterator<Item = (&'static str, Severity)> {
    FILE.split("\n[").filter_map(|entry| {
        let (code, rest) = entry.split_once("]\n")?;
        let severity = rest.lines().find_map(|line| line.strip_prefix("severity = "))?;
        let severity = match severity.trim_matches('"') {
            "error" => Severity::Error,
            "inconsistency" => Severity::Inconsistency,
            "note" => Severity::Note,
            _ => Severity::Warning,
        };
        Some((code, severity))
    })
}

const FILE: &str = include_str!("../../templates/findings.toml");

fn list() -> &'static BTreeMap<String, Entry> {
    static LIST: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut list: BTreeMap<String, Entry> = toml::from_str(FILE).expect("the list of findings is tested");
        for (code, entry) in &mut list {
            entry.code.clone_from(code);
        }
        list
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_those_of_the_entries() {
        let of_entries: BTreeMap<&str, Severity> =
            entries().map(|entry| (entry.code.as_str(), entry.severity)).collect();
        assert_eq!(severities().collect::<BTreeMap<_, _>>(), of_entries);
    }

    #[test]
    fn the_list_of_findings_loads_and_says_something_everywhere() {
        assert!(entries().count() > 0);
        for entry in entries() {
            for lang in [Lang::Zh, Lang::En] {
                let words = entry.words(lang);
                for text in [&words.what, &words.why, &words.example, &words.action] {
                    assert!(!text.trim().is_empty(), "{}: an empty explanation", entry.code);
                }
            }
            assert!(
                entry.code.chars().all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-'),
                "{}: not kebab-case",
                entry.code
            );
        }
    }
}
