//! Documents that other programs really wrote: python-docx, and LibreOffice in all its formats. Each
//! is skipped, and says so, where the program is not installed.

use std::path::Path;
use std::process::Command;

use yusuan::form::built_in;
use yusuan::read::office::find_program;

use crate::common;
use crate::content::{content, differences};

/// The bundled filings, one of each kind, and the real ones.
fn filings(test: &str) -> Vec<(String, Vec<u8>)> {
    let kinds = ["2021-cell-a-line.txt", "2023-nine-tables.txt", "2025-html.md"];
    let bundled = common::example_filings().into_iter().filter(|(name, _)| kinds.contains(&name.as_str()));
    bundled.chain(common::real_filings(test)).collect()
}

/// Writes the documents of the filings into a folder.
fn write_documents(folder: &Path, filings: &[(String, Vec<u8>)]) {
    for (name, bytes) in filings {
        let filing = common::filing(name, bytes);
        let docx = yusuan::write::docx::write(&filing, built_in::forms()).expect("a document small enough");
        std::fs::write(folder.join(name).with_extension("docx"), docx).expect("written");
    }
}

/// What a made document says otherwise than the text of the filing.
fn check(name: &str, bytes: &[u8], made: &Path) -> Vec<String> {
    let Ok(document) = std::fs::read(made) else { return vec![format!("{} was not made", made.display())] };
    let expected = content(&common::filing(name, bytes));
    let found = content(&common::filing("made", &document));
    let wrong = differences(&expected, &found).into_iter().take(4);
    wrong.map(|what| format!("{}: {what}", made.file_name().unwrap_or_default().to_string_lossy())).collect()
}

#[test]
fn documents_of_python_docx() {
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    if !python(&["-c", "import docx"]).is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED documents_of_python_docx: no python3 with python-docx");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut filings = filings("documents_of_python_docx");
    // python-docx takes minutes to merge the cells of the longest.
    filings.retain(|(_, bytes)| bytes.len() < 100_000);
    write_documents(folder.path(), &filings);
    let mut wrong = Vec::new();
    for (name, bytes) in &filings {
        let source = folder.path().join(name).with_extension("docx");
        let made = folder.path().join(name).with_extension("made.docx");
        let paths = [source.to_string_lossy(), made.to_string_lossy()];
        let output = python(&["tests/docx/python_docx.py", &paths[0], &paths[1]]).expect("python3 runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        wrong.extend(check(name, bytes, &made));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn documents_of_libreoffice() {
    let Some(program) = find_program() else {
        eprintln!("SKIPPED documents_of_libreoffice: it is not installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let filings = filings("documents_of_libreoffice");
    write_documents(folder.path(), &filings);
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let sources: Vec<_> = filings.iter().map(|(name, _)| folder.path().join(name).with_extension("docx")).collect();
    let mut wrong = Vec::new();
    for extension in ["docx", "rtf", "odt", "doc"] {
        let made = folder.path().join(extension);
        let run = Command::new(&program)
            .arg(&profile)
            .args(["--headless", "--convert-to", extension, "--outdir"])
            .arg(&made)
            .args(&sources)
            .output()
            .expect("LibreOffice runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        // The old formats are converted again to be read: of most a few are enough, but Rich Text runs
        // tables together that touch.
        let few = if matches!(extension, "docx" | "rtf") { filings.len() } else { 3 };
        for (name, bytes) in filings.iter().take(few) {
            wrong.extend(check(name, bytes, &made.join(name).with_extension(extension)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
