//! What the fuzz targets share. None of them may panic, hang or grow without bound; the structured
//! ones also hold the laws of reading and writing.

use std::io::{Cursor, Write};

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::Value as Json;
use yusuan::check::{self, Options};
use yusuan::finding::Lang;
use yusuan::form::{Forms, built_in};
use yusuan::limits::Limits;
use yusuan::read::sniff::{Format, sniff};
use yusuan::{Filing, write};

/// Everything the program does with an input; kinds that need LibreOffice are left out.
pub fn run(bytes: &[u8]) {
    if let Some(filing) = read(bytes) {
        judge(&filing, built_in::forms());
    }
}

/// Reads an input; `None` when it is refused, with an error of one short line.
pub fn read(bytes: &[u8]) -> Option<Filing> {
    let limits = Limits::default();
    if matches!(sniff(bytes, &limits), Ok(Format::Doc | Format::Odt | Format::Rtf | Format::WordXml)) {
        return None;
    }
    match yusuan::read_filing("input", bytes, built_in::forms(), &limits) {
        Ok(filing) => Some(filing),
        Err(error) => {
            for lang in [Lang::Zh, Lang::En] {
                let message = error.message(lang);
                assert!(message.chars().count() <= 200 && !message.contains(char::is_control), "{message:?}");
            }
            None
        }
    }
}

/// Checks a filing and writes it in every format of one filing.
pub fn judge(filing: &Filing, forms: &Forms) {
    let findings = check::report(filing, forms, &Options::default());
    write::json::write(filing, &findings, Lang::Zh);
    write::text::write(filing, forms);
    write::docx::write(filing, forms).expect("every filing can be written as docx");
    workbook(filing, forms);
}

/// The filing as a workbook.
pub fn workbook(filing: &Filing, forms: &Forms) -> Vec<u8> {
    let equations = check::equations(filing, forms);
    match write::workbook::write(filing, forms, &equations, &Default::default()) {
        Ok(written) => written.bytes,
        Err(error) => {
            let wide = filing.tables().any(|(_, table)| table.columns.len() > 1_000);
            assert!(wide, "{error}");
            Vec::new()
        }
    }
}

/// The content of a filing, without what depends on its source.
pub fn content(filing: &Filing) -> Json {
    let mut json: Json = serde_json::from_slice(&write::json::write(filing, &[], Lang::En)).expect("our own JSON");
    let whole = json.as_object_mut().expect("an object");
    whole.remove("source");
    whole.remove("findings");
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

/// A package of parts; the input's zero bytes separate the contents.
pub fn package(names: &[&str], input: &[u8], fixed: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let parts = names.iter().copied().zip(input.split(|byte| *byte == 0));
    for (name, content) in parts.chain(fixed.iter().map(|(name, text)| (*name, text.as_bytes()))) {
        zip.start_file(name, options).expect("a new entry");
        zip.write_all(content).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

/// A bundled filing with some of its lines replaced: filings of every form, with any cell text.
#[derive(Arbitrary, Debug)]
pub struct Edited {
    example: u8,
    lines: Vec<(u16, String)>,
}

const EXAMPLES: [&str; 4] = [
    include_str!("../../examples/filings/2021-row-a-line.txt"),
    include_str!("../../examples/filings/2021-cell-a-line.txt"),
    include_str!("../../examples/filings/2023-nine-tables.txt"),
    include_str!("../../examples/filings/2025-markdown.md"),
];

impl Edited {
    /// The text.
    pub fn text(&self) -> String {
        let text = EXAMPLES[usize::from(self.example) % EXAMPLES.len()];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, new) in &self.lines {
            let at = usize::from(*at) % lines.len();
            // The new words stand where the last cell of the line stood.
            let line = &mut lines[at];
            let from = line.trim_end_matches(['|', ' ']).rfind(['|', '\t']).map_or(0, |before| before + 1);
            let end = line.trim_end_matches(['|', ' ']).len().max(from);
            line.replace_range(from..end, &new.replace(|ch: char| ch.is_control() || ch == '|', " "));
        }
        lines.join("\n")
    }
}
