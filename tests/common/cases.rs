//! Small documents named by the phenomenon they show, in Markdown: each case is a `#` heading after the first,
//! a sentence or two, an `input` block and an `expect` block. Tabs are written ⇥, ideographic blanks ␣.

use std::path::{Path, PathBuf};

use yusuan::filing::Filing;

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
                let start = section.find(&open).unwrap_or_else(|| panic!("case {name} has no {kind} block"));
                // With its last line feed, so that a block of nothing ends as others do.
                let body = &section[start + open.len() - 1..];
                let end = body.find("\n```").map_or(body.len(), |at| at + 1);
                body[1..end].to_owned()
            };
            let input = block("input").replace('⇥', "\t").replace('␣', "\u{3000}");
            Case { input, expect: block("expect"), name }
        })
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of cases");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

/// Compares what `print` says of the input of each case of a folder with what is expected;
/// `YUSUAN_CASES=print` prints it instead.
pub fn hold(folder: &str, print: impl Fn(&Filing) -> String) {
    let only_print = std::env::var_os("YUSUAN_CASES").is_some();
    let mut failed = Vec::new();
    let mut count = 0;
    for path in files(Path::new(folder)) {
        for Case { name, input, expect } in cases(&std::fs::read_to_string(&path).expect("a readable case")) {
            count += 1;
            let found = print(&super::filing("case.txt", input.as_bytes()));
            if only_print {
                println!("## {name}\n{found}");
            } else if found != expect {
                failed.push(format!("{name} in {}\n--- expected\n{expect}--- found\n{found}", path.display()));
            }
        }
    }
    assert!(count > 20, "the cases were found");
    assert!(failed.is_empty(), "{} cases differ:\n{}", failed.len(), failed.join("\n"));
}
