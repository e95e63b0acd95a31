//! Reads filings and prints what the rules find: `cargo run --example findings -- a.txt b.docx`.

use std::process::ExitCode;

use yusuan::check::{self, Options};
use yusuan::finding::render::{self, Checked, Style};
use yusuan::finding::{Lang, Severity};
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() -> ExitCode {
    let forms = built_in::forms();
    let style = Style { lang: Lang::Zh, width: 120, ..Style::default() };
    let mut failed = false;
    for path in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("{path}: cannot be read");
            return ExitCode::from(2);
        };
        let (source, document) = match yusuan::read::read(&path, &bytes, &Limits::default()) {
            Ok(read) => read,
            Err(error) => {
                eprintln!("{path}: {}", error.message(Lang::Zh));
                return ExitCode::from(2);
            }
        };
        let filing = yusuan::recognise::recognise(source, document, forms);
        let findings = check::report(&filing, forms, &Options::default());
        failed |= findings.iter().any(|finding| finding.severity >= Severity::Inconsistency);
        let checked = Checked { path: &path, source: &filing.source, filing: &filing, findings: &findings };
        print!("{}{}", render::text(&checked, style), render::summary(&[checked.report()], style));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
