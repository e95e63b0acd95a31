//! `yusuan check`: every finding of filings, each with its place in the source.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Value, json};
use yusuan::Error;
use yusuan::check;
use yusuan::filing::Filing;
use yusuan::finding::render::{self, Checked, Style};
use yusuan::finding::{Finding, Severity};
use yusuan::form::Forms;
use yusuan::limits::Limits;
use yusuan::source::{Kind, Source};
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
struct Report {
    path: String,
    /// Severity and code of each finding, for the counts.
    findings: Vec<Finding>,
    part: Part,
}

/// The input's part of the result.
enum Part {
    Text(String),
    Json(Value),
    /// A return sheet needs everything at once.
    Whole(Box<(Filing, Vec<Finding>)>),
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
    let mut results: Vec<Option<Result<Report, Error>>> = found.iter().map(|_| None).collect();
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
                    match (&mut progress, &result) {
                        (Some(progress), Ok(_)) => progress.ended(index, false, ""),
                        (Some(progress), Err(error)) => progress.ended(index, true, &console.error_line(error)),
                        (None, Err(error)) => console.error(error),
                        (None, Ok(_)) => {}
                    }
                    results[index] = Some(result);
                    // Findings come in the order of the inputs, whichever is ready first.
                    while let Some(Some(result)) = results.get_mut(printed) {
                        if let Ok(Report { part: Part::Text(part), .. }) = result {
                            if args.output.is_some() {
                                text.extend_from_slice(part.as_bytes());
                            } else if let Err(error) = console.result(part.as_bytes()) {
                                broken = Some(error);
                                return ControlFlow::Break(());
                            }
                            part.clear();
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
    let reports: Vec<Report> = results.into_iter().flatten().flatten().collect();
    if reports.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let severe = |report: &Report| report.findings.iter().any(|finding| finding.severity >= Severity::Inconsistency);
    let outcome = if reports.len() < total || reports.iter().any(severe) { Outcome::DoneBut } else { Outcome::Done };
    text.extend(closing(reports, args.format, style)?);
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
    fn check(&self, input: &Input) -> Result<Report, Error> {
        if !self.alone {
            inputs::must_be_file(input)?;
        }
        let limits = Limits::default();
        let bytes = inputs::read(input, &limits)?;
        let path = input.shown();
        let filing =
            yusuan::read_filing(&input.name(), &bytes, self.forms, &limits).map_err(|error| error.within(&path))?;
        let findings = check::report(&filing, self.forms, &self.rules);
        let counted = findings
            .iter()
            .map(|finding| Finding::new(finding.severity, finding.rule, Place::Nowhere, "", ""))
            .collect();
        let checked = [Checked { path: &path, source: &filing.source, filing: &filing, findings: &findings }];
        let part = match self.format {
            CheckFormat::Text => Part::Text(render::text(&checked[0], self.style)),
            CheckFormat::Json => Part::Json(render::json(&checked, self.style.lang)["files"][0].take()),
            CheckFormat::Sarif => Part::Json(render::sarif(&checked, self.style.lang)),
            CheckFormat::Xlsx => Part::Whole(Box::new((filing, findings))),
        };
        Ok(Report { path, findings: counted, part })
    }
}

/// What is printed when all inputs were checked.
fn closing(reports: Vec<Report>, format: CheckFormat, style: Style) -> Result<Vec<u8>, Error> {
    let nothing = Filing::new(Arc::new(Source::new("", Kind::Text, b"")));
    match format {
        CheckFormat::Text => {
            let all: Vec<Checked<'_>> = reports
                .iter()
                .map(|report| Checked {
                    path: &report.path,
                    source: &nothing.source,
                    filing: &nothing,
                    findings: &report.findings,
                })
                .collect();
            Ok(render::summary(&all, style).into_bytes())
        }
        CheckFormat::Json => {
            let empty: &[Checked<'_>] = &[];
            let mut whole = render::json(empty, style.lang);
            whole["files"] = parts(reports).collect();
            Ok(format!("{whole:#}\n").into_bytes())
        }
        CheckFormat::Sarif => Ok(format!("{:#}\n", one_run(parts(reports))).into_bytes()),
        CheckFormat::Xlsx => {
            let all: Vec<Checked<'_>> = reports
                .iter()
                .filter_map(|report| match &report.part {
                    Part::Whole(whole) => Some(Checked {
                        path: &report.path,
                        source: &whole.0.source,
                        filing: &whole.0,
                        findings: &whole.1,
                    }),
                    _ => None,
                })
                .collect();
            render::workbook(&all, style.lang)
        }
    }
}

fn parts(reports: Vec<Report>) -> impl Iterator<Item = Value> {
    reports.into_iter().filter_map(|report| match report.part {
        Part::Json(value) => Some(value),
        _ => None,
    })
}

/// Joins the SARIF of each input to one run with one list of rules.
fn one_run(parts: impl Iterator<Item = Value>) -> Value {
    let mut rules: BTreeMap<String, Value> = BTreeMap::new();
    let mut results: Vec<Value> = Vec::new();
    let mut whole = Value::Null;
    for mut part in parts {
        let run = &mut part["runs"][0];
        for rule in run["tool"]["driver"]["rules"].take().as_array().into_iter().flatten() {
            rules.insert(rule["id"].as_str().unwrap_or_default().to_owned(), rule.clone());
        }
        if let Value::Array(own) = run["results"].take() {
            results.extend(own);
        }
        whole = part;
    }
    let order: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(index, id)| (id.as_str(), index)).collect();
    for result in &mut results {
        result["ruleIndex"] = json!(order.get(result["ruleId"].as_str().unwrap_or_default()));
    }
    whole["runs"][0]["tool"]["driver"]["rules"] = rules.values().cloned().collect();
    whole["runs"][0]["results"] = Value::Array(results);
    whole
}
