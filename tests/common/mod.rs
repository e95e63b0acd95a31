//! What integration tests share.

use std::path::PathBuf;

use yusuan::filing::{Block, Filing, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::text::Text;

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

/// Every text of a filing: prose, titles, labels, fields, cells, notes, and what was dropped.
pub fn all_texts(filing: &Filing) -> Vec<&Text> {
    let mut texts = Vec::new();
    for block in &filing.blocks {
        match block {
            Block::Heading(heading) => texts.push(&heading.text),
            Block::Paragraph(text) => texts.push(text),
            Block::Table(table) => {
                texts.extend([&table.title, &table.note]);
                texts.extend(&table.labels);
                for field in &table.fields {
                    match &field.value {
                        Value::One(text) => texts.push(text),
                        Value::Many(list) => texts.extend(list),
                    }
                }
                texts.extend(table.rows.iter().flat_map(|row| &row.cells).map(|cell| &cell.text));
            }
        }
    }
    texts.extend(filing.dropped.iter().map(|dropped| &dropped.text));
    texts
}
