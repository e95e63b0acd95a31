//! One edit at a time, over every value of the real filings and the bundled ones: the result reads
//! as the edited filing, and taking the edit back gives the original bytes.
//!
//! `YUSUAN_STRIDE=1` tries every value; by default one of 97 is tried.

use std::path::{Path, PathBuf};

use yusuan::filing::{Block, Filing, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing, diff};
use yusuan::text::Text;

fn read(name: &str, bytes: &[u8]) -> Filing {
    let (source, document) = yusuan::read::read(name, bytes, &Limits::default()).expect("a filing");
    yusuan::recognise::recognise(source, document, built_in::forms())
}

/// Real filings from `YUSUAN_FILINGS` and the bundled examples.
fn filings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = std::env::var_os("YUSUAN_FILINGS").map_or_else(|| root.join("../shared/filings"), PathBuf::from);
    let mut found = Vec::new();
    for folder in [real, root.join("examples/filings")] {
        match std::fs::read_dir(&folder) {
            Ok(entries) => found.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => eprintln!("skipped: no folder {} (set YUSUAN_FILINGS)", folder.display()),
        }
    }
    found.retain(|path| path.file_name().is_none_or(|name| name != "README.md"));
    found.sort();
    found
}

/// Every value of a filing, by turns: `at(n)` changes the nth and tells what it did.
fn change_nth(filing: &mut Filing, nth: usize) -> Option<(String, String)> {
    let mut left = nth;
    let mut change = |text: &mut Text, what: String| -> Option<(String, String)> {
        if text.is_empty() {
            return None;
        }
        if left > 0 {
            left -= 1;
            return None;
        }
        let new = changed(text.as_str());
        let told = (what, format!("{text} → {new}"));
        *text = Text::placed(new, text.place());
        Some(told)
    };
    for (index, block) in filing.blocks.iter_mut().enumerate() {
        match block {
            Block::Heading(heading) => {
                if let Some(told) = change(&mut heading.text, format!("block {index}")) {
                    return Some(told);
                }
            }
            Block::Paragraph(text) => {
                if let Some(told) = change(text, format!("block {index}")) {
                    return Some(told);
                }
            }
            Block::Table(table) => {
                // What a plan infers is not printed; printed once it stays printed.
                let inferred =
                    table.field_text("plan_12").is_some_and(|text| !text.is_empty() && text.pieces().is_empty());
                for field in &mut table.fields {
                    let id = field.id.clone();
                    if inferred && id.starts_with("plan_1") {
                        continue;
                    }
                    let told = match &mut field.value {
                        Value::One(text) => change(text, format!("block {index} {id}")),
                        Value::Many(texts) => {
                            texts.iter_mut().find_map(|text| change(text, format!("block {index} {id}[]")))
                        }
                    };
                    if told.is_some() {
                        return told;
                    }
                }
                for row in 0..table.rows.len() {
                    for column in 0..table.columns.len() {
                        // Of the merged columns of an activity some are printed in every row; what
                        // one of those rows then has to print more stays when it is edited back.
                        let merged = table.form_id() == "activity-performance" && column < 5 && row > 0;
                        if table.rows[row].cells[column].filled || merged {
                            continue;
                        }
                        let what = format!("block {index} row {row} {}", table.columns[column].id);
                        let before = table.rows[row].cells[column].text.as_str().to_owned();
                        if let Some(told) = change(&mut table.rows[row].cells[column].text, what) {
                            // What a merged cell covers changes with it.
                            let after = table.rows[row].cells[column].text.clone();
                            for below in row + 1..table.rows.len() {
                                let cell = &mut table.rows[below].cells[column];
                                if !cell.filled || cell.text.as_str() != before {
                                    break;
                                }
                                cell.text = after.clone();
                            }
                            return Some(told);
                        }
                    }
                }
            }
        }
    }
    None
}

/// Another value of the same kind.
fn changed(text: &str) -> String {
    // Levels are words of a closed list.
    for (one, other) in
        [("产出", "效益"), ("满意度", "产出"), ("数量", "质量"), ("时效", "成本"), ("经济效益", "社会效益")]
    {
        for (old, new) in [(one, other), (other, one)] {
            if text.contains("指标") && text.contains(old) && text.chars().count() < 16 {
                return text.replacen(old, new, 1);
            }
        }
    }
    if let Some(at) = text.rfind(|ch: char| ch.is_ascii_digit()) {
        let digit = text.as_bytes()[at] - b'0';
        let new = char::from(b'0' + if digit == 9 { 1 } else { digit + 1 });
        return format!("{}{new}{}", &text[..at], &text[at + 1..]);
    }
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    format!("{}改{}", &text[..middle], &text[middle..])
}

#[test]
fn one_edit_and_back() {
    let stride: usize = std::env::var("YUSUAN_STRIDE").ok().and_then(|text| text.parse().ok()).unwrap_or(97);
    let only = std::env::var("YUSUAN_ONLY").unwrap_or_default();
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let mut failures = Vec::new();
    let mut tried = 0;
    for path in filings() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.contains(&only) {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a readable file");
        let before = read(&name, &bytes);
        let same = apply_filing(&bytes, &before, &before, forms, &limits, &options).expect("nothing to do");
        assert_eq!((same.bytes, same.changes.len()), (bytes.clone(), 0), "{name}");
        let mut nth = 0;
        loop {
            let mut after = before.clone();
            let Some((what, told)) = change_nth(&mut after, nth) else { break };
            nth += stride;
            tried += 1;
            let applied = match apply_filing(&bytes, &before, &after, forms, &limits, &options) {
                Ok(applied) => applied,
                Err(error) => {
                    failures.push(format!("{name} {what} {told}: {}", error.zh));
                    continue;
                }
            };
            let edited = read(&name, &applied.bytes);
            let undone = apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options);
            match undone {
                Ok(undone) if undone.bytes == bytes => {}
                Ok(undone) => {
                    let left = diff(&before, &read(&name, &undone.bytes), forms);
                    let first = left.first().map(|change| format!("{change:?}"));
                    failures.push(format!("{name} {what} {told}: not undone: {} {first:?}", left.len()));
                }
                Err(error) => failures.push(format!("{name} {what} {told}: undo: {}", error.zh)),
            }
            let _ = diff(&before, &edited, forms);
        }
    }
    eprintln!("{tried} edits, {} failures", failures.len());
    for failure in failures.iter().take(60) {
        eprintln!("{failure}");
    }
    assert!(failures.is_empty());
}
