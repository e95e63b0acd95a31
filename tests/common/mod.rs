//! What integration tests share; each of them uses a part.

#![allow(dead_code)]

use std::path::PathBuf;

use yusuan::filing::Filing;
use yusuan::form::built_in;
use yusuan::limits::Limits;

/// Reads a filing with the built-in forms.
pub fn filing(name: &str, bytes: &[u8]) -> Filing {
    let (source, document) = yusuan::read::read(name, bytes, &Limits::default()).expect("a readable filing");
    yusuan::recognise::recognise(source, document, built_in::forms())
}

/// The real filings in the folder `YUSUAN_FILINGS` (default `../shared/filings`); says so when the
/// folder is missing.
pub fn real_filings(test: &str) -> Vec<(String, Vec<u8>)> {
    let folder = std::env::var_os("YUSUAN_FILINGS").map_or_else(|| PathBuf::from("../shared/filings"), PathBuf::from);
    texts_in(&folder).unwrap_or_else(|| {
        eprintln!("SKIPPED {test}: no folder {} (set YUSUAN_FILINGS)", folder.display());
        Vec::new()
    })
}

/// The bundled example filings.
pub fn example_filings() -> Vec<(String, Vec<u8>)> {
    texts_in(&PathBuf::from("examples/filings")).unwrap_or_default()
}

fn texts_in(folder: &std::path::Path) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt" || extension == "md"))
        .filter(|path| path.file_stem().is_none_or(|stem| stem != "README"))
        .collect();
    files.sort();
    Some(
        files
            .into_iter()
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (name, std::fs::read(&path).expect("a readable file"))
            })
            .collect(),
    )
}
