//! `yusuan explain`: what a finding means and what to do about it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;
use yusuan::Error;
use yusuan::finding::Lang;
use yusuan::finding::explain::{Entry, entries, entry};

use super::console::{Console, pad};
use super::{Outcome, args, settings};

/// Runs the command.
pub fn run(args: &args::Explain, console: &Console) -> Result<Outcome, Error> {
    let mut out = String::new();
    match args.code.as_deref() {
        Some(code) => {
            settings::known(code)?;
            if let Some(entry) = entry(code) {
                push_entry(&mut out, entry, console);
            }
        }
        None => {
            let width = console.pick("矛盾", "inconsistency").width() + 1;
            for entry in entries() {
                let what = &entry.words(console.lang).what;
                let severity = pad(entry.severity.label(console.lang), width);
                let _ = writeln!(out, "{:<28} {severity} {what}", entry.code);
            }
        }
    }
    console.result(out.as_bytes())?;
    Ok(Outcome::Done)
}

fn push_entry(out: &mut String, entry: &Entry, console: &Console) {
    let words = entry.words(console.lang);
    let severity = entry.severity.label(console.lang);
    let _ = match console.lang {
        Lang::Zh => writeln!(
            out,
            "{}（{severity}）\n\n是什么    {}\n为什么    {}\n例子      {}\n怎么办    {}",
            entry.code, words.what, words.why, words.example, words.action
        ),
        Lang::En => writeln!(
            out,
            "{} ({severity})\n\nWhat     {}\nWhy      {}\nExample  {}\nTo do    {}",
            entry.code, words.what, words.why, words.example, words.action
        ),
    };
    if let Some(source) = &entry.source {
        let _ = writeln!(out, "{}{source}", console.pick("依据      ", "Source   "));
    }
}
