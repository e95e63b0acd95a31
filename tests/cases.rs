//! Small documents named by the phenomenon they show: `tests/cases/**/*.md`.
//!
//! Each case is a `#` heading after the first, a sentence or two, an `input` block and an `expect` block that
//! prints what was recognised. `YUSUAN_CASES=print` prints what is found instead of comparing.

mod common;

use std::path::{Path, PathBuf};

use yusuan::filing::{Block, Filing, Value};

/// The filing as the cases print it: a line a heading, paragraph, field, row or finding.
fn print(filing: &Filing) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.replace('\n', "⏎").trim_end());
        out.push('\n');
    };
    for block in &filing.blocks {
        match block {
            Block::Heading(heading) => line(format!("H{} {}", heading.level, heading.text)),
            Block::Paragraph(text) => line(format!("P {text}")),
            Block::Table(table) => {
                let form = table.form.as_ref().map_or("?".to_owned(), |key| format!("{}/{}", key.family, key.form));
                line(format!("T {form} {}", table.title));
                for field in &table.fields {
                    match &field.value {
                        Value::One(text) if text.is_empty() => {}
                        Value::One(text) => line(format!("  {} = {text}", field.id)),
                        Value::Many(list) if list.is_empty() => {}
                        Value::Many(list) => {
                            line(format!(
                                "  {} = {}",
                                field.id,
                                list.iter().map(|text| text.as_str()).collect::<Vec<_>>().join(" ; ")
                            ));
                        }
                    }
                }
                for row in &table.rows {
                    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                    line(format!("  {} | {}", format!("{:?}", row.kind).to_lowercase(), cells.join(" | ")));
                }
                if !table.note.is_empty() {
                    line(format!("  note {}", table.note));
                }
            }
        }
    }
    let mut rules: Vec<&str> = filing.findings.iter().map(|finding| finding.rule).collect();
    rules.retain(|rule| !matches!(*rule, "merged-filled" | "blanks-removed"));
    rules.dedup();
    line(format!("findings: {}", rules.join(" ")));
    out
}

struct Case {
    name: String,
    input: String,
    expect: String,
}

fn cases(text: &str) -> Vec<Case> {
    text.split("\n# ")
        .skip(1)
        .map(|section| {
            let name = section.lines().next().unwrap_or_default().to_owned();
            let block = |kind: &str| {
                let open = format!("```{kind}\n");
                let start =
                    section.find(&open).unwrap_or_else(|| panic!("case {name} has no {kind} block")) + open.len();
                let end = section[start..].find("\n```").map_or(section.len(), |at| start + at + 1);
                section[start..end].to_owned()
            };
            Case {
                input: block("input").replace('⇥', "\t").replace("␣", "\u{3000}"), expect: block("expect"), name
            }
        })
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_case_reads_as_expected() {
    let only_print = std::env::var_os("YUSUAN_CASES").is_some();
    let mut failed = Vec::new();
    let mut count = 0;
    for path in files(Path::new("tests/cases/layout")) {
        for case in cases(&std::fs::read_to_string(&path).expect("a readable case")) {
            count += 1;
            let found = print(&common::filing("case.txt", case.input.as_bytes()));
            if only_print {
                println!("## {}\n{found}", case.name);
            } else if found != case.expect {
                failed.push(format!(
                    "{} in {}\n--- expected\n{}--- found\n{found}",
                    case.name,
                    path.display(),
                    case.expect
                ));
            }
        }
    }
    assert!(count > 20, "the cases were found");
    assert!(failed.is_empty(), "{} cases differ:\n{}", failed.len(), failed.join("\n"));
}
