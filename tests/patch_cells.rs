//! One edit at a time, over every value of the real filings and the bundled ones: the result reads
//! as the edited filing, and taking the edit back gives the original bytes.
//!
//! `YUSUAN_STRIDE=1` tries every value; by default about a dozen of each filing are.

mod common;
#[path = "common/edits.rs"]
mod edits;

use edits::change_nth;
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing, diff};

/// Every edit of filings whose names begin so, and back.
fn check_edits(begin: &str) {
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let mut failures = Vec::new();
    let mut tried = 0;
    let filings = common::real_filings("one_edit_and_back").into_iter().chain(common::example_filings());
    for (name, bytes) in filings.filter(|(name, _)| name.starts_with(begin)) {
        let before = common::filing(&name, &bytes);
        let same = apply_filing(&bytes, &before, &before, forms, &limits, &options).expect("nothing to do");
        assert_eq!((same.bytes, same.changes.len()), (bytes.clone(), 0), "{name}");
        let stride = edits::stride(&before, 12);
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
            let edited = common::filing(&name, &applied.bytes);
            let undone = apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options);
            match undone {
                Ok(undone) if undone.bytes == bytes => {}
                Ok(undone) => {
                    let left = diff(&before, &common::filing(&name, &undone.bytes), forms);
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

/// A test for each filing, so that they run side by side.
macro_rules! one_edit_and_back {
    ($($name:ident: $filing:literal;)*) => {
        $(#[test]
        fn $name() {
            check_edits($filing);
        })*
    };
}

one_edit_and_back! {
    one_edit_and_back_in_caofeidian: "caofeidian";
    one_edit_and_back_in_gaoxin: "gaoxin";
    one_edit_and_back_in_linxi: "linxi";
    one_edit_and_back_in_pingluo: "pingluo";
    one_edit_and_back_in_shenze: "shenze";
    one_edit_and_back_in_examples: "20";
}
