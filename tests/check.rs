//! What the rules find in small documents, `tests/cases/check/*.md`, and laws over whole filings.
//!
//! A case is a `#` heading after the first, a sentence, an `input` block and an `expect` block with
//! a line for each finding: severity, code, line of the input, what is stated, what is computed.
//! `YUSUAN_CASES=print` prints what is found instead of comparing.

mod common;

use yusuan::check::{self, Options};
use yusuan::filing::Filing;
use yusuan::finding::render::{self, Checked, Style};
use yusuan::finding::{Finding, Lang, Severity, explain};
use yusuan::form::built_in;
use yusuan::source::At;

fn found(filing: &Filing) -> Vec<Finding> {
    check::check(filing, built_in::forms(), &Options::default())
}

fn line(filing: &Filing, finding: &Finding) -> usize {
    match filing.source.locate(finding.place) {
        Some(At::Line { line, .. }) => line,
        _ => 0,
    }
}

fn print(filing: &Filing) -> String {
    let mut out = String::new();
    for finding in found(filing) {
        let numbers = match (&finding.stated, &finding.computed) {
            (Some(stated), Some(computed)) => format!(" {stated} → {computed}"),
            _ => String::new(),
        };
        out.push_str(&format!("{} {} {}{numbers}\n", finding.severity.name(), finding.rule, line(filing, &finding)));
    }
    out
}

#[test]
fn every_case_finds_what_it_says_and_nothing_else() {
    common::cases::hold("tests/cases/check", print);
}

fn example(name: &str) -> Filing {
    let path = format!("examples/filings/{name}");
    common::filing(name, &std::fs::read(path).expect("a bundled filing"))
}

#[test]
fn filings_that_agree_are_silent() {
    for name in ["2021-cell-a-line.txt", "2021-gb18030-crlf.txt", "2021-row-a-line.txt", "2023-nine-tables.txt"] {
        let filing = example(name);
        let loud: Vec<String> = found(&filing)
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .map(|finding| format!("{} {}: {}", line(&filing, finding), finding.rule, finding.zh))
            .collect();
        assert!(loud.is_empty(), "{name}: {loud:#?}");
    }
}

/// Every planted mistake of the bundled filing is found once, at its place, with both numbers.
#[test]
fn planted_contradictions_are_found() {
    let filing = example("2023-contradictions.txt");
    let found: Vec<(String, usize, String, String)> = found(&filing)
        .into_iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| {
            let line = line(&filing, &finding);
            let text = |number: Option<String>| number.unwrap_or_default();
            (finding.rule.to_owned(), line, text(finding.stated), text(finding.computed))
        })
        .collect();
    let expect = [
        ("sum-mismatch", 270, "671.00", "670.00"),
        ("sum-mismatch", 745, "136.90", "137.90"),
        ("sum-mismatch", 773, "29.52", "30.52"),
        ("sum-mismatch", 1290, "522.98", "522.88"),
        ("sum-mismatch", 1454, "33.85", "33.13"),
        ("sum-mismatch", 1456, "33.85", "33.13"),
        ("sum-mismatch", 1678, "5.60", "5.40"),
        ("text-sum", 1755, "670.00", "677.20"),
        ("text-table-mismatch", 1755, "179.10", "171.90"),
        ("text-unit", 1759, "36.35元", "36.35万元"),
        ("text-change", 1761, "0.50", "0.30"),
        ("activity-grades", 1821, "≥96%", "≥95%"),
        ("indicator-blank", 1954, "", ""),
        ("sum-mismatch", 2161, "31.50", "32.50"),
        ("sum-mismatch", 2187, "28.80", "28.00"),
        ("procurement-share", 2212, "3.50", "2.50"),
        ("text-table-mismatch", 2252, "1284.36", "1248.63"),
        ("sum-mismatch", 2263, "1248.63", "1248.36"),
    ];
    let expect: Vec<(String, usize, String, String)> = expect
        .into_iter()
        .map(|(rule, line, stated, computed)| (rule.to_owned(), line, stated.to_owned(), computed.to_owned()))
        .collect();
    assert_eq!(found, expect);
}

#[test]
fn findings_are_the_same_from_run_to_run_and_say_something_in_both_languages() {
    for (name, bytes) in common::example_filings() {
        let filing = common::filing(&name, &bytes);
        let (one, two) = (found(&filing), found(&filing));
        assert_eq!(one, two, "{name}");
        for finding in one {
            assert!(!finding.zh.trim().is_empty() && !finding.en.trim().is_empty(), "{name}: {finding:?}");
            assert!(explain::entry(finding.rule).is_some(), "{name}: {} is not explained", finding.rule);
            assert!(filing.source.locate(finding.place).is_some(), "{name}: {} stands nowhere", finding.rule);
        }
    }
}

#[test]
fn allowed_codes_are_silent_and_denied_ones_count() {
    let filing = example("2023-contradictions.txt");
    let options = Options { allow: ["sum-mismatch".to_owned()].into(), deny: ["indicator-blank".to_owned()].into() };
    let findings = check::check(&filing, built_in::forms(), &options);
    assert!(findings.iter().all(|finding| finding.rule != "sum-mismatch"));
    let blank = findings.iter().find(|finding| finding.rule == "indicator-blank").expect("still found");
    assert_eq!(blank.severity, Severity::Inconsistency);
}

#[test]
fn one_filing_renders_in_every_format() {
    let filing = example("2023-contradictions.txt");
    let findings = found(&filing);
    let checked = Checked { path: "审核/2023.txt", source: &filing.source, filing: &filing, findings: &findings };
    let style = Style { lang: Lang::Zh, ..Style::default() };
    let text = render::text(&checked, style);
    assert!(text.contains("审核/2023.txt:1755:65: 矛盾[text-table-mismatch]"), "{text}");
    assert!(render::summary(&[checked.report(), checked.report()], style).contains("sum-mismatch"));

    let reports = [checked.report()];
    let json = serde_json::to_value(render::json(&reports, Lang::En)).expect("string keys");
    assert_eq!(json["schema"], "yusuan/findings@1");
    assert_eq!(json["files"][0]["findings"].as_array().map(Vec::len), Some(findings.len()));
    assert_eq!(json["files"][0]["findings"][0]["at"]["line"], 270);

    let sarif = serde_json::to_value(render::sarif(&reports, Lang::En)).expect("string keys");
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), findings.len());
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 270);

    let sheet = render::workbook(&[checked.report()], Lang::Zh).expect("a workbook");
    assert!(sheet.starts_with(b"PK"));
    assert_eq!(sheet, render::workbook(&[checked.report()], Lang::Zh).expect("a workbook"), "the same bytes again");
}

/// Rules look at every character: a hostile text must not cost squares.
#[test]
fn hostile_texts_take_bounded_time() {
    let started = std::time::Instant::now();
    let many = |unit: &str, times: usize| unit.repeat(times);
    for text in [
        many("（", 50_000),
        many("“{", 50_000),
        many("一、\n", 20_000),
        many("（五）。\n三、\n", 10_000),
        format!("2024年预算{}", many("收入1.00万元，比上年增加1.00万元，", 5_000)),
        many("比上年增加", 30_000),
        many("云林发〔2024〕1号", 20_000),
        many("重复", 50_000),
        many("1月", 100_000),
        format!("预算（{}）", many("1.00万元（", 5_000)),
    ] {
        let filing = common::filing("hostile.txt", text.as_bytes());
        let _ = found(&filing);
    }
    assert!(started.elapsed().as_secs() < 60, "took {:?}", started.elapsed());
}
