//! `yusuan diff`: what differs between two filings of any kind, in the domain's terms.

use std::path::Path;

use yusuan::Error;
use yusuan::filing::Filing;
use yusuan::finding::render::Style;
use yusuan::form::Forms;
use yusuan::limits::Limits;
use yusuan::patch::{self, render};

use super::args::DiffFormat;
use super::console::Console;
use super::inputs::{self, Input};
use super::settings::Settings;
use super::{Outcome, args};

/// Runs the command.
pub fn run(args: &args::Diff, console: &Console) -> Result<Outcome, Error> {
    let forms = Settings::load()?.forms(args.templates.as_deref())?;
    let (_, old) = read(&args.old, forms)?;
    let (_, new) = read(&args.new, forms)?;
    let changes = patch::diff(&old, &new, forms);
    let text = match args.format {
        DiffFormat::Text => {
            let style = Style { color: console.color_out(), lang: console.lang, ..Style::default() };
            render::text(&changes, &old.source, &new.source, style)
        }
        DiffFormat::Json => format!("{:#}\n", render::json(&changes, &old.source, &new.source)),
    };
    console.result(text.as_bytes())?;
    Ok(if changes.is_empty() { Outcome::Done } else { Outcome::DoneBut })
}

/// Reads one filing; yields its bytes too.
pub fn read(path: &Path, forms: &Forms) -> Result<(Vec<u8>, Filing), Error> {
    let input = Input::named(path);
    let limits = Limits::default();
    let bytes = inputs::read(&input, &limits)?;
    let filing = yusuan::read_filing(&input.source_name(), &bytes, forms, &limits)
        .map_err(|error| error.within(&input.shown()))?;
    Ok((bytes, filing))
}
