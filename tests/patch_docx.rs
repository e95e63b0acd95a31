//! Edits carried into a docx: the result reads as the edited filing, only the edited texts of the
//! document differ, every other part of the package is the same bytes, and undoing gives back the
//! text.

mod common;
#[path = "common/edits.rs"]
mod edits;

use std::io::{Cursor, Read};

use edits::change_nth;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Change, Options, What, apply_filing, diff};

fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            (entry.name().expect("a name").into_owned(), content)
        })
        .collect()
}

/// Differences that are no matter of the original's own (what is printed nowhere follows).
fn content(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| !matches!(change.what, What::About(_))).collect()
}

fn check_edits(name: &str, bytes: &[u8]) -> Vec<String> {
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let before = common::filing(name, bytes);
    let mut failures = Vec::new();
    let same = apply_filing(bytes, &before, &before, forms, &limits, &options).expect("nothing to do");
    assert!(same.bytes == bytes && same.changes.is_empty(), "{name}: unedited, yet changed");
    let others: Vec<_> = parts(bytes);
    let stride = edits::stride(&before, 6);
    let (mut nth, mut tried) = (0, 0);
    loop {
        let mut after = before.clone();
        let Some((what, told)) = change_nth(&mut after, nth) else { break };
        nth += stride;
        tried += 1;
        let applied = match apply_filing(bytes, &before, &after, forms, &limits, &options) {
            Ok(applied) => applied,
            Err(error) => {
                failures.push(format!("{name} {what} {told}: {}", error.zh));
                continue;
            }
        };
        let changed: Vec<String> = (others.iter().zip(parts(&applied.bytes)))
            .filter(|(old, new)| **old != *new)
            .map(|(old, _)| old.0.clone())
            .collect();
        if changed.len() > 1 {
            failures.push(format!("{name} {what}: parts {changed:?}"));
        }
        let edited = common::filing(name, &applied.bytes);
        match apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options) {
            Ok(undone) => {
                let left = content(diff(&before, &common::filing(name, &undone.bytes), forms));
                if let Some(first) = left.first() {
                    failures.push(format!("{name} {what} {told}: not undone: {} {first:?}", left.len()));
                }
            }
            Err(error) => failures.push(format!("{name} {what} {told}: undo: {}", error.zh)),
        }
    }
    eprintln!("{name}: {tried} edits, {} failures", failures.len());
    failures
}

fn written(bytes: &[u8], name: &str) -> Vec<u8> {
    yusuan::write::docx::write(&common::filing(name, bytes), built_in::forms()).expect("a document")
}

/// Filings whose names begin so, written by us.
fn check_own(begin: &str) {
    let mut failures = Vec::new();
    for (name, bytes) in common::real_filings("docx").into_iter().chain(common::example_filings()) {
        if name.starts_with(begin) {
            failures.extend(check_edits(&format!("{name}.docx"), &written(&bytes, &name)));
        }
    }
    assert!(failures.is_empty(), "{} {:#?}", failures.len(), &failures[..failures.len().min(40)]);
}

/// A test for each filing, so that they run side by side.
macro_rules! own_documents {
    ($($name:ident: $filing:literal;)*) => {
        $(#[test]
        fn $name() {
            check_own($filing);
        })*
    };
}

own_documents! {
    one_edit_and_back_in_caofeidian: "caofeidian";
    one_edit_and_back_in_gaoxin: "gaoxin";
    one_edit_and_back_in_linxi: "linxi";
    one_edit_and_back_in_pingluo: "pingluo";
    one_edit_and_back_in_shenze: "shenze";
    one_edit_and_back_in_examples: "20";
}

/// Documents from the folder `YUSUAN_DOCX`, of any make.
#[test]
fn one_edit_and_back_in_documents_of_any_make() {
    let Some(folder) = std::env::var_os("YUSUAN_DOCX") else {
        eprintln!("SKIPPED: set YUSUAN_DOCX to a folder of documents");
        return;
    };
    let mut failures = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).expect("a readable file");
        if name.ends_with(".docx") && yusuan::read::read(&name, &bytes, &Limits::default()).is_ok() {
            failures.extend(check_edits(&name, &bytes));
        }
    }
    assert!(failures.is_empty(), "{} {:#?}", failures.len(), &failures[..failures.len().min(40)]);
}
