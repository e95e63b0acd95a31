//! `yusuan check`: every finding of filings, each with its place in the source.

use std::io::IsTerminal;
use std::ops::ControlFlow;

use serde::Serialize;
use yusuan::Error;
use yusuan::check;
use yusuan::finding::render::{self, Checked, Report, Style};
use yusuan::finding::{Finding, Severity};
use yusuan::form::Forms;
use yusuan::limits::Limits;
use yusuan::text::Place;

use super::args::CheckFormat;
use super::atomic::{self, Existing};
use super::console::Console;
use super::inputs::{self, Input};
use super::pool::{self, Event};
use super::progress::Progress;
use super::settings::Settings;
use super::{Outcome, args};

/// What is kept of an input once it was checked.
struct Kept {
    /// What is printed as soon as it is the input's turn.
    text: String,
    report: Report,
}

/// Runs the command.
pub fn run(args: &args::Check, console: &Console) -> Result<Outcome, Error> {
    let settings = Settings::load()?;
    let forms = settings.forms(args.inputs.templates.as_deref())?;
    let rules = settings.rules(&args.allow, &args.deny)?;
    let mut choice = settings.choice(&args.inputs)?;
    if let Some(output) = &args.output {
        choice.skip.push(output.clone());
        if atomic::exists(output)? && !args.force {
            return Err(atomic::already_there(output));
        }
    }
    let found = inputs::gather(&args.inputs.inputs, &choice);
    if found.is_empty() {
        return Err(inputs::none());
    }
    let style = Style { color: args.output.is_none() && console.color_out(), lang: console.lang, ..Style::default() };
    let checker = Checker { forms, rules, format: args.format, style, alone: found.len() == 1 };
    let mut plan = settings.plan(&args.inputs);
    if found.len() == 1 {
        plan.limit = None;
    }
    let mut progress = (found.len() > 1 && !std::io::stdout().is_terminal() && console.shows_progress())
        .then(|| Progress::new(found.len(), console));
    let mut results: Vec<Option<Result<Kept, Error>>> = found.iter().map(|_| None).collect();
    let mut printed = 0;
    let mut text = Vec::new();
    let mut broken = None;
    pool::run(
        found.clone(),
        plan,
        move |input, _| checker.check(input),
        |event| {
            match event {
                Event::Started(index) => {
                    if let Some(progress) = &mut progress {
                        progress.started(index, &found[index].shown());
                    }
                }
                Event::Ended(index, result, _) => {
                    let result = result.map_err(|failure| failure.into_error(&found[index].path));
                    let path = &found[index].path;
                    match (&mut progress, &result) {
                        (Some(progress), Ok(_)) => progress.ended(index, path, false, ""),
                        (Some(progress), Err(error)) => progress.ended(index, path, true, &console.error_line(error)),
                        (None, Err(error)) => console.error(error),
                        (None, Ok(_)) => {}
                    }
                    results[index] = Some(result);
                    // Findings come in the order of the inputs, whichever is ready first.
                    while let Some(Some(result)) = results.get_mut(printed) {
                        let part = result.as_mut().map(|kept| std::mem::take(&mut kept.text)).unwrap_or_default();
                        if args.output.is_some() {
                            text.extend_from_slice(part.as_bytes());
                        } else if let Err(error) = console.result(part.as_bytes()) {
                            broken = Some(error);
                            return ControlFlow::Break(());
                        }
                        printed += 1;
                    }
                }
            }
            ControlFlow::Continue(())
        },
    );
    if let Some(progress) = progress {
        progress.finish();
    }
    if let Some(error) = broken {
        return Err(error);
    }
    let total = results.len();
    let reports: Vec<Report> = results.into_iter().flatten().flatten().map(|kept| kept.report).collect();
    if reports.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let severe =
        |report: &Report| report.findings.iter().any(|located| located.finding.severity >= Severity::Inconsistency);
    let outcome = if reports.len() < total || reports.iter().any(severe) { Outcome::DoneBut } else { Outcome::Done };
    text.extend(closing(&reports, args.format, style)?);
    match &args.output {
        Some(output) => {
            let existing = if args.force { Existing::Replace } else { Existing::Keep };
            atomic::write(output, &text, existing)?;
        }
        None if args.format == CheckFormat::Xlsx => console.workbook(&text)?,
        None => console.result(&text)?,
    }
    Ok(outcome)
}

struct Checker {
    forms: &'static Forms,
    rules: check::Options,
    format: CheckFormat,
    style: Style,
    alone: bool,
}

impl Checker {
    fn check(&self, input: &Input) -> Result<Kept, Error> {
        if !self.alone {
            inputs::must_be_file(input)?;
        }
        let limits = Limits::default();
        let bytes = inputs::read(input, &limits)?;
        let path = input.shown();
        let filing = yusuan::read_filing(&input.source_name(), &bytes, self.forms, &limits)
            .map_err(|error| error.within(&path))?;
        let findings = check::report(&filing, self.forms, &self.rules);
        let checked = Checked { path: &path, source: &filing.source, filing: &filing, findings: &findings };
        if self.format != CheckFormat::Text {
            return Ok(Kept { text: String::new(), report: checked.report() });
        }
        // Once printed, only the counts are of interest.
        let counted: Vec<Finding> = findings
            .iter()
            .map(|finding| Finding::new(finding.severity, finding.rule, Place::Nowhere, "", ""))
            .collect();
        let report = Checked { findings: &counted, ..checked }.report();
        Ok(Kept { text: render::text(&checked, self.style), report })
    }
}

/// What is printed when all inputs were checked.
fn closing(reports: &[Report], format: CheckFormat, style: Style) -> Result<Vec<u8>, Error> {
    Ok(match format {
        CheckFormat::Text => render::summary(reports, style).into_bytes(),
        CheckFormat::Json => lines(&render::json(reports, style.lang)),
        CheckFormat::Sarif => lines(&render::sarif(reports, style.lang)),
        CheckFormat::Xlsx => render::workbook(reports, style.lang)?,
    })
}

fn lines(data: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(data).expect("all keys are strings");
    bytes.push(b'\n');
    bytes
}
