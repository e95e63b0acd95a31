//! Bytes in, bytes out, no file touched: what a web service would do. Reads a filing from standard
//! input and writes it as JSON to standard output, findings to standard error.
//! `cargo run --example convert_in_memory < FILE`

use std::io::{Read, Write};

use yusuan::check::{Options, report};
use yusuan::finding::Lang;
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn convert(bytes: &[u8]) -> yusuan::Result<(Vec<u8>, Vec<String>)> {
    let forms = built_in::forms();
    let (source, document) = yusuan::read::read("input", bytes, &Limits::default())?;
    let filing = yusuan::recognise::recognise(source, document, forms);
    let findings = report(&filing, forms, &Options::default());
    let messages = findings.iter().map(|finding| finding.message(Lang::En).to_owned()).collect();
    Ok((yusuan::write::json::write(&filing, &findings, Lang::En), messages))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let (json, messages) = convert(&bytes)?;
    std::io::stdout().write_all(&json)?;
    for message in messages {
        eprintln!("{message}");
    }
    Ok(())
}
