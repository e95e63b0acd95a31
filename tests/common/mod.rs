//! What integration tests share; each of them uses a part.

#![allow(dead_code)]

pub mod cases;

use std::path::PathBuf;

use serde_json::Value as Json;
use yusuan::filing::Filing;
use yusuan::finding::Lang;
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

/// The workbook of a filing.
pub fn workbook_of(filing: &Filing) -> Vec<u8> {
    let equations = yusuan::check::equations(filing, built_in::forms());
    yusuan::write::workbook::write(filing, built_in::forms(), &equations, &Default::default())
        .expect("a workbook")
        .bytes
}

/// What a filing says, without where it says it.
pub fn content(filing: &Filing) -> Json {
    let mut json: Json = serde_json::from_slice(&yusuan::write::json::write(filing, &[], Lang::En)).expect("json");
    let whole = json.as_object_mut().expect("an object");
    for key in ["source", "findings"] {
        whole.remove(key);
    }
    remove_places(&mut json);
    json
}

fn remove_places(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.remove("at");
            map.values_mut().for_each(remove_places);
        }
        Json::Array(items) => items.iter_mut().for_each(remove_places),
        _ => {}
    }
}

/// A bundled filing whose last cells on some lines (from 1) were replaced, as damage replaces them; by
/// words with a tab the whole line.
pub fn damaged(example: &str, lines: &[(usize, &str)]) -> String {
    let text = std::fs::read_to_string(format!("examples/filings/{example}")).expect("an example");
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    for (number, new) in lines {
        let line = &mut all[number - 1];
        if new.contains('\t') {
            *line = (*new).to_owned();
            continue;
        }
        let end = line.trim_end_matches(['|', ' ']).len();
        let from = line[..end].rfind(['|', '\t']).map_or(0, |before| before + 1);
        line.replace_range(from..end.max(from), new);
    }
    all.join("\n")
}
