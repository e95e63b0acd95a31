//! One input: to a file, into a folder or to standard output.

use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::time::Instant;

use yusuan::Error;
use yusuan::finding::render::{Checked, Style, text};
use yusuan::finding::{Finding, Severity};
use yusuan::limits::Limits;

use super::{Judged, is_folder, judge, not_the_input, words, write, write_report};
use crate::cli::atomic::{self, Existing};
use crate::cli::console::{Console, print_line};
use crate::cli::formats::{Format, Options};
use crate::cli::inputs::{self, Input};
use crate::cli::report::{self, Counts, Row, Status};
use crate::cli::{Outcome, args, outputs};

/// Findings that are printed before they are only counted.
const PRINTED: usize = 20;

/// Converts the one input.
pub fn convert(
    args: &args::Convert,
    format: Format,
    options: &Options,
    report: Option<report::Target>,
    console: &Console,
) -> Result<Outcome, Error> {
    let input = Input::named(&args.inputs.inputs[0]);
    let to_stdout = match &args.output {
        Some(output) => output.as_os_str() == "-",
        None => input.is_stdin(),
    };
    let output = (!to_stdout).then(|| output(args, &input, format));
    let since = Instant::now();
    let result = match &output {
        Some(output) => to_file(&input, output, args.force, format, options),
        None => to_standard_output(&input, format, options, console),
    };
    let mut row = Row::of(&input.path);
    row.time = since.elapsed();
    match &result {
        Ok(judged) => {
            tell(&input, judged, output.as_deref(), console);
            (row.status, row.record, row.output) = (Status::Done, Some(judged.record()), output);
        }
        Err(error) => row.error = Some(error.clone()),
    }
    let reported = write_report(report, &[row], console);
    result.map(|_| if reported { Outcome::Done } else { Outcome::DoneBut })
}

fn output(args: &args::Convert, input: &Input, format: Format) -> PathBuf {
    let folder = match &args.output {
        Some(output) if !is_folder(output) => return output.clone(),
        folder => folder.as_deref(),
    };
    outputs::plan(from_ref(input), folder, format.extension()).remove(0)
}

fn to_standard_output(input: &Input, format: Format, options: &Options, console: &Console) -> Result<Judged, Error> {
    let bytes = inputs::read(input, &Limits::default())?;
    let mut judged = judge(input, &input.source_name(), &bytes, options)?;
    let bytes = write(input, &bytes, &mut judged, format, options)?;
    if format.is_text() {
        console.result(&bytes)?
    } else {
        console.workbook(&bytes)?
    }
    Ok(judged)
}

fn to_file(input: &Input, output: &Path, force: bool, format: Format, options: &Options) -> Result<Judged, Error> {
    // Refusing comes before work, and reading before both: a missing input is the likelier slip.
    let bytes = inputs::read(input, &Limits::default())?;
    not_the_input(input, output)?;
    if atomic::exists(output)? && !force {
        return Err(atomic::already_there(output));
    }
    let mut judged = judge(input, &input.source_name(), &bytes, options)?;
    let bytes = write(input, &bytes, &mut judged, format, options)?;
    atomic::write(output, &bytes, if force { Existing::Replace } else { Existing::Keep })?;
    Ok(judged)
}

/// Prints what a person should know about one filing, and where it went.
fn tell(input: &Input, judged: &Judged, output: Option<&Path>, console: &Console) {
    if console.quiet {
        return;
    }
    let worth: Vec<Finding> =
        judged.findings.iter().filter(|finding| finding.severity > Severity::Note).take(PRINTED).cloned().collect();
    let shown = input.shown();
    let checked = Checked { path: &shown, source: &judged.filing.source, filing: &judged.filing, findings: &worth };
    let style = Style { color: console.color_err(), lang: console.lang, ..Style::default() };
    for line in text(&checked, style).lines() {
        print_line(line);
    }
    let counts = Counts::of(&judged.findings);
    let more = counts.error + counts.inconsistency + counts.warning - worth.len();
    if more > 0 {
        console.say(
            &format!("另有 {more} 处未列出；用 yusuan check 查看全部"),
            &format!("{more} more; yusuan check lists all"),
        );
    }
    print_line(&words::said(input, output, Some(&judged.record()), Status::Done, console.lang));
}
