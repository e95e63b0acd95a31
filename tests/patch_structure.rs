//! Rows, projects and paragraphs that come, go and move, over the real filings and the bundled
//! ones; seeds are printed.

mod common;
#[path = "common/edits.rs"]
mod edits;

use edits::{ACTS, act};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing};

/// Filings whose names begin so, as they are or as a docx of ours.
fn sources(begin: &str, docx: bool) -> Vec<(String, Vec<u8>)> {
    let filings = common::real_filings("structure").into_iter().chain(common::example_filings());
    filings
        .filter(|(name, _)| name.starts_with(begin))
        .map(|(name, bytes)| {
            if !docx {
                return (name, bytes);
            }
            let filing = common::filing(&name, &bytes);
            let bytes = yusuan::write::docx::write(&filing, built_in::forms()).expect("a document");
            (format!("{name}.docx"), bytes)
        })
        .collect()
}

/// Every act that succeeds has been read back; undoing it must succeed too.
fn check_acts(sources: &[(String, Vec<u8>)]) {
    let rounds: u32 = std::env::var("YUSUAN_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let number: u8 = std::env::var("YUSUAN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {number} (YUSUAN_SEED)");
    let seed = [number; 32];
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let mut failures = Vec::new();
    let mut tried = 0;
    for (name, bytes) in sources {
        let before = common::filing(name, bytes);
        for what in ACTS {
            for _ in 0..rounds {
                let pick = any::<u16>().new_tree(&mut runner).expect("a number").current();
                let mut after = before.clone();
                let Some(place) = act(&mut after, what, usize::from(pick)) else { continue };
                tried += 1;
                let failed = |how: &str| format!("{name} {what:?} {pick} {place}: {how}");
                match apply_filing(bytes, &before, &after, forms, &limits, &options) {
                    Ok(applied) => {
                        let edited = common::filing(name, &applied.bytes);
                        if let Err(error) = apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options) {
                            failures.push(failed(&format!("undo: {}", error.zh)));
                        }
                    }
                    Err(error) => failures.push(failed(&error.zh)),
                }
            }
        }
    }
    println!("{tried} acts, {} failures", failures.len());
    for failure in failures.iter().take(80) {
        println!("{failure}");
    }
    assert!(failures.is_empty());
}

/// A test for each filing, so that they run side by side.
macro_rules! acts {
    ($($name:ident: $filing:literal $docx:literal;)*) => {
        $(#[test]
        fn $name() {
            check_acts(&sources($filing, $docx));
        })*
    };
}

acts! {
    structure_of_caofeidian: "caofeidian" false;
    structure_of_gaoxin: "gaoxin" false;
    structure_of_linxi: "linxi" false;
    structure_of_pingluo: "pingluo" false;
    structure_of_shenze: "shenze" false;
    structure_of_examples: "20" false;
    structure_of_caofeidian_in_docx: "caofeidian" true;
    structure_of_gaoxin_in_docx: "gaoxin" true;
    structure_of_linxi_in_docx: "linxi" true;
    structure_of_pingluo_in_docx: "pingluo" true;
    structure_of_shenze_in_docx: "shenze" true;
    structure_of_examples_in_docx: "20" true;
}
