//! Several inputs, each to an output of its own; what is up to date is skipped.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use yusuan::Error;
use yusuan::limits::Limits;

use super::{is_folder, judge, not_the_input, outcome, words, write, write_report};
use crate::cli::atomic::{self, Existing};
use crate::cli::console::{Console, shown};
use crate::cli::formats::{Format, Options, To};
use crate::cli::inputs::{self, Input};
use crate::cli::pool::{self, Claim, Event};
use crate::cli::progress::Progress;
use crate::cli::report::{self, Record, Row, Status};
use crate::cli::settings::Settings;
use crate::cli::state::{self, Standing, State};
use crate::cli::{Outcome, args, outputs};

/// How every input of the run is converted.
struct Run {
    format: Format,
    options: Options,
    force: bool,
    /// What the outputs depend on besides the inputs.
    fingerprint: String,
    state: Option<Arc<State>>,
}

struct Task {
    input: Input,
    output: PathBuf,
}

/// What became of one input.
struct Converted {
    status: Status,
    record: Record,
}

/// Converts all inputs.
pub fn convert(
    args: &args::Convert,
    settings: &Settings,
    format: Format,
    options: Options,
    report: Option<report::Target>,
    console: &Console,
) -> Result<Outcome, Error> {
    let folder = args.output.as_deref().map(output_folder).transpose()?;
    let mut choice = settings.choice(&args.inputs)?;
    choice.skip.extend(folder.map(Path::to_owned));
    choice.skip.extend(report.as_ref().map(|report| report.path().to_owned()));
    let mut found = inputs::gather(&args.inputs.inputs, &choice);
    if folder.is_none() {
        leave_out_own_outputs(&mut found, &args.inputs.inputs, format);
    }
    if found.is_empty() {
        return Err(inputs::none());
    }
    let state = folder.map(open_state).transpose()?;
    let planned = outputs::plan(&found, folder, format.extension());
    let tasks: Vec<Task> =
        found.iter().cloned().zip(planned.iter().cloned()).map(|(input, output)| Task { input, output }).collect();
    let own_forms = args.inputs.templates.is_some() || settings.config.templates.is_some();
    let fingerprint = fingerprint(format, &options, own_forms);
    let run = Run { format, options, force: args.force, fingerprint, state: state.clone() };

    let mut rows: Vec<Row> = found.iter().map(|input| Row::of(&input.path)).collect();
    let mut progress = Progress::new(rows.len(), console);
    let work = move |task: &Task, claim: &Claim| run.convert(task, claim);
    pool::run(tasks, settings.plan(&args.inputs), work, |event| {
        match event {
            Event::Started(index) => progress.started(index, &found[index].shown()),
            Event::Ended(index, result, time) => {
                let row = &mut rows[index];
                row.time = time;
                match result {
                    Ok(converted) => {
                        row.status = converted.status;
                        row.record = Some(converted.record);
                        row.output = Some(planned[index].clone());
                    }
                    Err(failure) => row.fail(failure),
                }
                let line = words::line(&found[index], row, console);
                progress.ended(index, &found[index].path, row.status.is_failure(), &line);
            }
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    if let Some(state) = state.and_then(Arc::into_inner) {
        state.close();
    }
    let reported = write_report(report, &rows, console);
    words::summary(&rows, console);
    Ok(outcome(&rows, reported))
}

fn output_folder(path: &Path) -> Result<&Path, Error> {
    let shown = shown(path);
    if path.as_os_str() == "-" {
        return Err(Error::new(
            "有多个输入时不能写到标准输出；请用 -o 指明文件夹",
            "several inputs cannot go to standard output; name a folder with -o",
        ));
    }
    if !path.is_dir() && (path.exists() || (To::of(path).is_some() && !is_folder(path))) {
        return Err(Error::new(
            format!("有多个输入时 -o 应为文件夹，而 {shown} 是文件"),
            format!("of several inputs -o is a folder, and {shown} is a file"),
        ));
    }
    Ok(path)
}

fn open_state(folder: &Path) -> Result<Arc<State>, Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::from(error).within(&shown(folder)))?;
    State::open(folder).map(Arc::new)
}

fn fingerprint(format: Format, options: &Options, own_forms: bool) -> String {
    let forms = if own_forms { format!("{:?}", options.forms) } else { String::new() };
    let options = format!("{:?} {:?} {:?} {:?}", options.rules, options.lang, options.template, options.unit);
    state::digest([env!("CARGO_PKG_VERSION"), format.extension(), &options, &forms].map(str::as_bytes))
}

/// Without `-o`, what an earlier run wrote beside its input is no input of the next.
fn leave_out_own_outputs(found: &mut Vec<Input>, named: &[PathBuf], format: Format) {
    let extension = format.extension();
    let outputs: HashSet<PathBuf> = found
        .iter()
        .map(|input| (outputs::wish(&input.path, extension), &input.path))
        .filter(|(output, input)| output != *input)
        .map(|(output, _)| output)
        .collect();
    found.retain(|input| named.contains(&input.path) || !outputs.contains(&input.path));
}

impl Run {
    fn convert(&self, task: &Task, claim: &Claim) -> Result<Converted, Error> {
        let (input, output) = (&task.input, task.output.as_path());
        inputs::must_be_file(input)?;
        let bytes = inputs::read(input, &Limits::default())?;
        not_the_input(input, output)?;
        let there = atomic::exists(output)?;
        atomic::sweep(output);
        let name = input.source_name();
        let made_from = state::digest([bytes.as_slice(), name.as_bytes(), self.fingerprint.as_bytes()]);
        let mut replace = self.force;
        if let (true, false, Some(state)) = (there, self.force, &self.state) {
            match state.standing(output, &made_from)? {
                Standing::UpToDate(record) => return Ok(Converted { status: Status::UpToDate, record }),
                Standing::Edited(record) => return Ok(Converted { status: Status::Kept, record }),
                Standing::Outdated => replace = true,
                Standing::Foreign => {}
            }
        }
        let mut judged = judge(input, &name, &bytes, &self.options)?;
        let bytes = write(input, &bytes, &mut judged, self.format, &self.options)?;
        let record = judged.record();
        if there && !replace {
            // The journal may be lost; the same bytes are up to date without it.
            let old = std::fs::read(output).map_err(|error| Error::from(error).within(&shown(output)))?;
            return match old == bytes {
                true => Ok(Converted { status: Status::UpToDate, record }),
                false => Err(atomic::already_there(output)),
            };
        }
        if !claim.take() {
            return Ok(Converted { status: Status::TimedOut, record });
        }
        if let Some(parent) = output.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Error::from(error).within(&shown(parent)))?;
        }
        if let Some(state) = &self.state {
            state.note(output, &made_from, &bytes, &record)?;
        }
        atomic::write(output, &bytes, if replace { Existing::Replace } else { Existing::Keep })?;
        Ok(Converted { status: Status::Done, record })
    }
}
