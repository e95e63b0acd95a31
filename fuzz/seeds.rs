//! Fills `fuzz/corpus/` from the bundled filings: `cargo run --example fuzz_seeds`.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let forms = built_in::forms();
    for entry in fs::read_dir("examples/filings")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path)?;
        let filing = yusuan::read_filing(&name, &bytes, forms, &Limits::default())?;
        seed("text", &name, &bytes)?;
        let docx = yusuan::write::docx::write(&filing, forms)?;
        seed("zip", &format!("{name}.docx"), &docx)?;
        seed("docx", &name, &parts(&docx, &["word/document.xml", "word/styles.xml", "word/numbering.xml"])?)?;
        let equations = yusuan::check::equations(&filing, forms);
        let xlsx = yusuan::write::workbook::write(&filing, forms, &equations, &Default::default())?.bytes;
        seed("containers", &format!("{name}.xlsx"), &xlsx)?;
        seed("zip", &format!("{name}.xlsx"), &xlsx)?;
        let sheet = ["xl/worksheets/sheet3.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"];
        seed("sheet", &name, &parts(&xlsx, &sheet)?)?;
    }
    for (path, text) in built_in::FILES {
        seed("forms", &path.replace('/', "-"), text.as_bytes())?;
    }
    for target in ["round_trip", "apply"] {
        for example in 0..4u8 {
            seed(target, &example.to_string(), &[&[example], "甲、=1+1\u{3000}12.50万元".as_bytes()].concat())?;
        }
    }
    Ok(())
}

fn seed(target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = Path::new("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}

/// Parts of a package with zero bytes between them; one that is missing is empty.
fn parts(package: &[u8], names: &[&str]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(package))?;
    let mut all = Vec::new();
    for name in names {
        if let Ok(mut part) = zip.by_name(name) {
            part.read_to_end(&mut all)?;
        }
        all.push(0);
    }
    Ok(all)
}
