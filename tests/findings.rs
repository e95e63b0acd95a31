//! Codes of findings: every code the program uses is explained, every explanation is of a code
//! that is used.

use std::collections::BTreeSet;
use std::path::Path;

use yusuan::figures::Meaning;
use yusuan::finding::explain;
use yusuan::form::built_in;

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            // The vocabulary of OpenDocument is kebab-case too.
            let vocabulary = path.ends_with("sheet/ods.rs");
            texts.push(if vocabulary { "\"external-copy\"".to_owned() } else { text });
        }
    }
}

/// Kebab-case string literals of the source.
fn literals() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    texts.push(include_str!("../templates/relations.toml").to_owned());
    let kebab = regex::Regex::new("\"([a-z][a-z0-9]*(?:-[a-z0-9]+)+)\"").expect("a constant pattern");
    let codes = texts.iter().flat_map(|text| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        kebab.captures_iter(code).map(|found| found[1].to_owned())
    });
    codes.collect()
}

/// Kebab-case words that are no codes.
const OTHERS: [&str; 20] = [
    "at-most",
    "at-least",
    // Of other programs and their formats.
    "encryption-data",
    "ms-excel",
    "ms-word",
    "yyyy-mm-dd",
    "d-mmm",
    "d-mmm-yy",
    "mmm-yy",
    "utf-8",
    "kebab-case",
    "tabular-data-package",
    "tabular-data-resource",
    // Of what is written: a package, lists of codes, what became of an input.
    "budget-filings",
    "indicator-level1",
    "indicator-level2",
    "indicator-words",
    "timed-out",
    "up-to-date",
    "external-copy",
];

#[test]
fn every_code_is_explained() {
    let forms = built_in::forms();
    let mut other: BTreeSet<String> = forms
        .all()
        .flat_map(|form| form.repairs.iter().map(|repair| repair.name().to_owned()).chain([form.key.form.clone()]))
        .collect();
    other.extend(Meaning::STANDARD.iter().map(|meaning| meaning.id().to_owned()));
    other.extend(forms.families.iter().map(|family| family.id.clone()));
    other.extend(OTHERS.map(str::to_owned));
    let unexplained: Vec<String> = literals()
        .into_iter()
        .filter(|literal| explain::entry(literal).is_none() && !other.contains(literal))
        .collect();
    assert!(unexplained.is_empty(), "no entry in templates/findings.toml: {unexplained:?}");
}

#[test]
fn rules_without_code_are_not_explained() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    texts.push(include_str!("../templates/relations.toml").to_owned());
    let unused: Vec<&str> = explain::entries()
        .map(|entry| entry.code.as_str())
        .filter(|code| !texts.iter().any(|text| text.contains(&format!("\"{code}\""))))
        .collect();
    assert!(unused.is_empty(), "explained but never used: {unused:?}");
}

/// What a code weighs stands in `templates/findings.toml` alone.
#[test]
fn reading_takes_severities_from_the_list() {
    for module in ["read", "recognise"] {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module), &mut texts);
        for text in texts {
            for own in ["Severity::", "Finding::new(", "Finding::note(", "Finding::warning("] {
                assert!(!text.contains(own), "src/{module} has `{own}`");
            }
        }
    }
}

/// `templates/RULES.md` says what each number means that `校验` and `forms show` print.
#[test]
fn every_rule_number_in_use_is_listed() {
    let mut texts = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "templates"] {
        files(&root.join(folder), &mut texts);
    }
    let is_number = |text: &&str| text.len() == 3 && text.starts_with('R') && text[1..].parse::<u8>().is_ok();
    let used: BTreeSet<&str> =
        texts.iter().flat_map(|text| text.split('"').skip(1).step_by(2)).filter(is_number).collect();
    let list = std::fs::read_to_string(root.join("templates/RULES.md")).expect("the list");
    let listed: BTreeSet<&str> =
        list.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).filter(is_number).collect();
    assert!(used.len() > 20);
    assert_eq!(used, listed);
}

fn files(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            // Line by line: quotes in comments need not come in pairs.
            texts.extend(std::fs::read_to_string(&path).expect("a text").lines().map(str::to_owned));
        }
    }
}
