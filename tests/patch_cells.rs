//! One edit at a time, over every value of the real filings and the bundled ones: the result reads
//! as the edited filing, and taking the edit back gives the original bytes.
//!
//! `YUSUAN_STRIDE=1` tries every value; by default one of 97 is tried.

mod common;
#[path = "common/edits.rs"]
mod edits;

use std::path::{Path, PathBuf};

use edits::change_nth;
use yusuan::filing::Filing;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing, diff};

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
