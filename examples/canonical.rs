//! Writes a filing as canonical text, or as a docx when a second name is given:
//! `cargo run --example canonical -- FILE [OUT.docx]`.

use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "examples/filings/2021-row-a-line.txt".to_owned());
    let bytes = std::fs::read(&path)?;
    let (source, document) = yusuan::read::read(&path, &bytes, &Limits::default())?;
    let filing = yusuan::recognise::recognise(source, document, built_in::forms());
    match std::env::args().nth(2) {
        Some(out) => std::fs::write(out, yusuan::write::docx::write(&filing, built_in::forms())?)?,
        None => print!("{}", yusuan::write::text::write(&filing, built_in::forms())),
    }
    Ok(())
}
