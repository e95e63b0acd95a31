//! `yusuan apply`: the edits made in a workbook, carried back into the original.

use std::path::{Path, PathBuf};

use yusuan::Error;
use yusuan::finding::render::{Checked, Style, text};
use yusuan::limits::Limits;
use yusuan::original::carried;
use yusuan::patch::{self, Applied, render};

use super::atomic::{self, Existing};
use super::console::{Console, print_line, shown};
use super::diff::read;
use super::settings::Settings;
use super::{Outcome, args};

/// Runs the command.
pub fn run(args: &args::Apply, console: &Console) -> Result<Outcome, Error> {
    let forms = Settings::load()?.forms(args.templates.as_deref())?;
    let output = args.output.clone().unwrap_or_else(|| beside(&args.to));
    let to_stdout = output.as_os_str() == "-";
    if !args.dry_run && !to_stdout && atomic::exists(&output)? && !args.force {
        return Err(atomic::already_there(&output));
    }
    // The edits would be gone; the original may be written over by who asks for it.
    if !args.dry_run && atomic::is_same(&args.edited, &output) {
        return Err(atomic::over_itself(&shown(&args.edited)));
    }
    let (bytes, before) = read(&args.to, forms)?;
    let (edited, after) = read(&args.edited, forms)?;
    let limits = Limits::default();
    let options = patch::Options { sync_prose: args.sync_prose, original: carried(&edited, &limits) };
    let applied = patch::apply_filing(&bytes, &before, &after, forms, &limits, &options)
        .map_err(|error| error.within(&shown(&args.edited)))?;

    let changes = |color| {
        let style = Style { color, lang: console.lang, ..Style::default() };
        render::text(&applied.changes, &before.source, &after.source, style)
    };
    if args.dry_run {
        console.result(changes(console.color_out()).as_bytes())?;
    } else if to_stdout {
        console.result(&applied.bytes)?;
    } else {
        atomic::write(&output, &applied.bytes, if args.force { Existing::Replace } else { Existing::Keep })?;
    }
    if !console.quiet {
        if !args.dry_run {
            changes(console.color_err()).lines().for_each(print_line);
        }
        let path = shown(&args.edited);
        let checked = Checked { path: &path, source: &after.source, filing: &after, findings: &applied.findings };
        let style = Style { color: console.color_err(), lang: console.lang, ..Style::default() };
        text(&checked, style).lines().for_each(print_line);
    }
    conclude(&applied, (!args.dry_run && !to_stdout).then_some(output.as_path()), console);
    Ok(Outcome::Done)
}

/// `a.txt` becomes `a.edited.txt`: the original is never what is written to unless asked for.
fn beside(original: &Path) -> PathBuf {
    let mut name = original.file_stem().unwrap_or_default().to_owned();
    name.push(".edited");
    if let Some(extension) = original.extension() {
        name.push(".");
        name.push(extension);
    }
    original.with_file_name(name)
}

fn conclude(applied: &Applied, output: Option<&Path>, console: &Console) {
    let follows = applied.changes.iter().filter(|change| change.follows).count();
    let edits = applied.changes.len() - follows;
    let to = output.map_or_else(String::new, |output| format!(" → {}", shown(output)));
    console.say(
        &format!("{edits} 处修改，{follows} 处随之变化的合计{to}"),
        &format!(
            "{edits} {}, {follows} {} that {}{to}",
            if edits == 1 { "edit" } else { "edits" },
            if follows == 1 { "total" } else { "totals" },
            if follows == 1 { "follows" } else { "follow" },
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_not_the_output() {
        assert_eq!(beside(Path::new("in/a.txt")), Path::new("in/a.edited.txt"));
        assert_eq!(beside(Path::new("a")), Path::new("a.edited"));
    }
}
