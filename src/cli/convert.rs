//! `yusuan convert`: filings of any kind to another.

use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use yusuan::Error;
use yusuan::check;
use yusuan::filing::{Filing, unit};
use yusuan::finding::render::{Checked, Style, text};
use yusuan::finding::{Finding, Lang, Severity};
use yusuan::limits::Limits;

use super::atomic::{self, Existing};
use super::console::{Console, print_line, shown};
use super::formats::{Format, Options};
use super::inputs::{self, Input};
use super::outputs;
use super::pool::{self, Claim, Event, Failure};
use super::progress::Progress;
use super::report::{self, Counts, Record, Row, Status};
use super::settings::Settings;
use super::state::{self, Standing, State};
use super::{Outcome, args};

/// Findings of a single input that are printed before they are only counted.
const PRINTED: usize = 20;

/// How every input of a run is converted.
struct Run {
    format: Format,
    options: Options,
    limits: Limits,
    force: bool,
    /// What the outputs depend on besides the inputs.
    fingerprint: String,
}

/// A filing that was read and written to memory.
struct Made {
    filing: Filing,
    findings: Vec<Finding>,
    bytes: Vec<u8>,
}

/// Runs the command.
pub fn run(args: args::Convert, console: &Console) -> Result<Outcome, Error> {
    let settings = Settings::load()?;
    let several = args.inputs.inputs.len() > 1 || args.inputs.inputs.iter().any(|path| path.is_dir());
    let format = format(&args, several)?;
    let forms = settings.forms(args.inputs.templates.as_deref())?;
    let options = Options {
        forms,
        rules: settings.rules(&[], &[])?,
        lang: console.lang,
        template: args.template.clone().or_else(|| settings.config.template.clone()),
        unit: args.unit.clone().or_else(|| settings.config.unit.map(|unit| unit.name().to_owned())),
    };
    let own_forms = args.inputs.templates.is_some() || settings.config.templates.is_some();
    let run = Run {
        fingerprint: fingerprint(format, &options, own_forms),
        format,
        options,
        limits: Limits::default(),
        force: args.force,
    };
    let report = args.report.as_deref().map(|path| report::Target::new(path, args.force)).transpose()?;
    if several {
        convert_all(&args, &settings, run, report, console)
    } else {
        convert_one(&args, &run, report, console)
    }
}

fn format(args: &args::Convert, several: bool) -> Result<Format, Error> {
    if let Some(format) = args.to {
        return Ok(format);
    }
    match &args.output {
        Some(output) if !several && output.as_os_str() != "-" && !is_folder(output) => {
            Format::of(output).ok_or_else(|| {
                let (shown, names) = (shown(output), Format::names());
                Error::new(
                    format!("从扩展名看不出 {shown} 的格式；请用 --to 指明（{names}）"),
                    format!("the extension of {shown} names no format; say --to ({names})"),
                )
            })
        }
        _ => Ok(Format::Xlsx),
    }
}

/// A folder, or what is written like one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

fn fingerprint(format: Format, options: &Options, own_forms: bool) -> String {
    let forms = if own_forms { format!("{:?}", options.forms) } else { String::new() };
    let options = format!("{:?} {:?} {:?} {:?}", options.rules, options.lang, options.template, options.unit);
    state::digest([env!("CARGO_PKG_VERSION"), format.extension(), &options, &forms].map(str::as_bytes))
}

impl Run {
    fn make(&self, input: &Input, bytes: &[u8]) -> Result<Made, Error> {
        let within = |error: Error| error.within(&input.shown());
        let name = if input.is_stdin() { "stdin".to_owned() } else { input.name() };
        let mut filing = yusuan::read_filing(&name, bytes, self.options.forms, &self.limits).map_err(within)?;
        // Judged as printed: after a conversion amounts look more exact than they are.
        let mut findings = check::report(&filing, self.options.forms, &self.options.rules);
        if let Some(unit) = &self.options.unit {
            findings.extend(unit::convert(&mut filing, self.options.forms, unit).map_err(within)?);
        }
        let bytes = self.format.write(&filing, &mut findings, &self.options).map_err(within)?;
        Ok(Made { filing, findings, bytes })
    }
}

// One input.

fn convert_one(
    args: &args::Convert,
    run: &Run,
    report: Option<report::Target>,
    console: &Console,
) -> Result<Outcome, Error> {
    let path = args.inputs.inputs[0].clone();
    let below = PathBuf::from(path.file_name().unwrap_or(path.as_os_str()));
    let input = Input { path, below, trouble: None };
    let since = std::time::Instant::now();
    let to_stdout = match &args.output {
        Some(output) => output.as_os_str() == "-",
        None => input.is_stdin(),
    };
    let mut row = Row::of(&input);
    let result = if to_stdout {
        one_to_stdout(&input, run, console)
    } else {
        let extension = run.format.extension();
        let output = match &args.output {
            Some(output) if is_folder(output) => outputs::plan(from_ref(&input), Some(output), extension).remove(0),
            Some(output) => output.clone(),
            None => outputs::plan(from_ref(&input), None, extension).remove(0),
        };
        row.output = Some(output.clone());
        one_to_file(&input, &output, run, console)
    };
    row.time = since.elapsed();
    match &result {
        Ok(record) => (row.status, row.record) = (Status::Done, Some(record.clone())),
        Err(error) => (row.output, row.error) = (None, Some(error.clone())),
    }
    let reported = write_report(report, &[row], console);
    result.map(|_| if reported { Outcome::Done } else { Outcome::DoneBut })
}

/// `false` when the report could not be written; what was done stays done.
fn write_report(report: Option<report::Target>, rows: &[Row], console: &Console) -> bool {
    match report.map(|report| report.write(rows, console)) {
        Some(Err(error)) => {
            console.error(&error);
            false
        }
        _ => true,
    }
}

fn one_to_stdout(input: &Input, run: &Run, console: &Console) -> Result<Record, Error> {
    let made = run.make(input, &inputs::read(input, &run.limits)?)?;
    match run.format {
        Format::Xlsx => console.workbook(&made.bytes)?,
        _ => console.result(&made.bytes)?,
    }
    tell(input, &made, None, console);
    Ok(Record::new(&made.filing, &made.findings))
}

fn one_to_file(input: &Input, output: &Path, run: &Run, console: &Console) -> Result<Record, Error> {
    // Refusing comes before work, and reading before both: a missing input is the likelier slip.
    let bytes = inputs::read(input, &run.limits)?;
    not_the_input(input, output)?;
    if atomic::exists(output)? && !run.force {
        return Err(atomic::already_there(output));
    }
    let made = run.make(input, &bytes)?;
    atomic::write(output, &made.bytes, existing(run.force))?;
    tell(input, &made, Some(output), console);
    Ok(Record::new(&made.filing, &made.findings))
}

fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

fn not_the_input(input: &Input, output: &Path) -> Result<(), Error> {
    let same = match (std::fs::canonicalize(&input.path), std::fs::canonicalize(output)) {
        (Ok(input), Ok(output)) => input == output,
        _ => false,
    };
    if !same {
        return Ok(());
    }
    let shown = input.shown();
    Err(Error::new(
        format!("{shown} 的输出就是它自己；请用 -o 另指位置"),
        format!("{shown} would be written over itself; -o writes elsewhere"),
    ))
}

/// Prints what a person should know about one filing, and where it went.
fn tell(input: &Input, made: &Made, output: Option<&Path>, console: &Console) {
    if console.quiet {
        return;
    }
    let worth: Vec<Finding> =
        made.findings.iter().filter(|finding| finding.severity > Severity::Note).take(PRINTED).cloned().collect();
    let shown_path = input.shown();
    let checked = Checked { path: &shown_path, source: &made.filing.source, filing: &made.filing, findings: &worth };
    let style = Style { color: console.color_err(), lang: console.lang, ..Style::default() };
    for line in text(&checked, style).lines() {
        print_line(line);
    }
    let counts = Counts::of(&made.findings);
    let more = counts.error + counts.inconsistency + counts.warning - worth.len();
    if more > 0 {
        console.say(
            &format!("另有 {more} 处未列出；用 yusuan check 查看全部"),
            &format!("{more} more; yusuan check lists all"),
        );
    }
    let line = said(input, output, Some(&Record::new(&made.filing, &made.findings)), Status::Done, console.lang);
    print_line(&line);
}

/// What became of an input, in one line.
fn said(input: &Input, output: Option<&Path>, record: Option<&Record>, status: Status, lang: Lang) -> String {
    let mut line = input.shown();
    if let Some(output) = output {
        line.push_str(&format!(" → {}", shown(output)));
    }
    let mut details = Vec::new();
    match (status, lang) {
        (Status::UpToDate, Lang::Zh) => details.push("已是最新".to_owned()),
        (Status::UpToDate, Lang::En) => details.push("up to date".to_owned()),
        (Status::Kept, Lang::Zh) => details.push("输出已被人修改，保留".to_owned()),
        (Status::Kept, Lang::En) => details.push("edited since, kept".to_owned()),
        _ => {}
    }
    if let Some(record) = record {
        let tables = record.forms.values().sum::<usize>();
        details.push(match lang {
            Lang::Zh => format!("识别表格 {tables} 张"),
            Lang::En if tables == 1 => "1 table".to_owned(),
            Lang::En => format!("{tables} tables"),
        });
        if record.unrecognised > 0 {
            details.push(match lang {
                Lang::Zh => format!("未识别 {} 张", record.unrecognised),
                Lang::En => format!("{} unrecognised", record.unrecognised),
            });
        }
        details.push(record.findings.words(lang));
    }
    details.retain(|detail| !detail.is_empty());
    match (details.is_empty(), lang) {
        (true, _) => line,
        (false, Lang::Zh) => format!("{line}（{}）", details.join("，")),
        (false, Lang::En) => format!("{line} ({})", details.join(", ")),
    }
}

// Several inputs.

struct Task {
    input: Input,
    output: PathBuf,
}

fn convert_all(
    args: &args::Convert,
    settings: &Settings,
    run: Run,
    report: Option<report::Target>,
    console: &Console,
) -> Result<Outcome, Error> {
    let folder = args.output.as_deref().map(output_folder).transpose()?;
    let mut choice = settings.choice(&args.inputs)?;
    choice.skip.extend(folder.map(Path::to_owned));
    choice.skip.extend(report.as_ref().map(|report| report.path().to_owned()));
    let mut found = inputs::gather(&args.inputs.inputs, &choice);
    if folder.is_none() {
        leave_out_own_outputs(&mut found, &args.inputs.inputs, run.format);
    }
    if found.is_empty() {
        return Err(Error::new("没有可处理的文件", "no files to convert"));
    }
    let state = folder
        .map(|folder| {
            std::fs::create_dir_all(folder).map_err(|error| Error::from(error).within(&shown(folder)))?;
            State::open(folder)
        })
        .transpose()?
        .map(Arc::new);
    let planned = outputs::plan(&found, folder, run.format.extension());
    let tasks: Vec<Task> =
        found.iter().cloned().zip(planned.iter().cloned()).map(|(input, output)| Task { input, output }).collect();

    let mut rows: Vec<Row> = found.iter().map(Row::of).collect();
    let mut progress = Progress::new(rows.len(), console);
    let work = {
        let state = state.clone();
        move |task: &Task, claim: &Claim| convert_task(task, &run, state.as_deref(), claim)
    };
    pool::run(tasks, settings.plan(&args.inputs), work, |event| match event {
        Event::Started(index) => progress.started(index, &found[index].shown()),
        Event::Ended(index, result, time) => {
            let row = &mut rows[index];
            row.end(&planned[index], result, time);
            let line = match &row.error {
                Some(error) => console.error_line(error),
                None => said(&found[index], row.output.as_deref(), row.record.as_ref(), row.status, console.lang),
            };
            progress.ended(index, row.status.is_failure(), &line);
        }
    });
    progress.finish();
    if let Some(state) = state.and_then(Arc::into_inner) {
        state.close();
    }
    let reported = write_report(report, &rows, console);
    summary(&rows, console);
    let failed = rows.iter().filter(|row| row.status.is_failure()).count();
    Ok(match failed {
        0 if reported => Outcome::Done,
        _ if failed == rows.len() => Outcome::Nothing,
        _ => Outcome::DoneBut,
    })
}

fn output_folder(path: &Path) -> Result<&Path, Error> {
    let shown = shown(path);
    if path.as_os_str() == "-" {
        return Err(Error::new(
            "有多个输入时不能写到标准输出；请用 -o 指明文件夹",
            "several inputs cannot go to standard output; name a folder with -o",
        ));
    }
    if !path.is_dir() && (path.exists() || (Format::of(path).is_some() && !is_folder(path))) {
        return Err(Error::new(
            format!("有多个输入时 -o 应为文件夹，而 {shown} 是文件"),
            format!("of several inputs -o is a folder, and {shown} is a file"),
        ));
    }
    Ok(path)
}

/// Without `-o`, what an earlier run wrote beside its input is no input of the next.
fn leave_out_own_outputs(found: &mut Vec<Input>, named: &[PathBuf], format: Format) {
    let extension = format.extension();
    let outputs: std::collections::HashSet<PathBuf> = found
        .iter()
        .map(|input| (outputs::wish(&input.path, extension), &input.path))
        .filter(|(output, input)| output != *input)
        .map(|(output, _)| output)
        .collect();
    found.retain(|input| named.contains(&input.path) || !outputs.contains(&input.path));
}

/// What became of one input among several.
struct Converted {
    status: Status,
    record: Record,
}

fn convert_task(task: &Task, run: &Run, state: Option<&State>, claim: &Claim) -> Result<Converted, Error> {
    let (input, output) = (&task.input, task.output.as_path());
    inputs::must_be_file(input)?;
    let bytes = inputs::read(input, &run.limits)?;
    not_the_input(input, output)?;
    let there = atomic::exists(output)?;
    atomic::sweep(output);
    let name = input.name();
    let made_from = state::digest([bytes.as_slice(), name.as_bytes(), run.fingerprint.as_bytes()]);
    let mut replace = run.force;
    if let (true, false, Some(state)) = (there, run.force, state) {
        match state.standing(output, &made_from)? {
            Standing::UpToDate(record) => return Ok(Converted { status: Status::UpToDate, record }),
            Standing::Edited(record) => return Ok(Converted { status: Status::Kept, record }),
            Standing::Outdated => replace = true,
            Standing::Foreign => {}
        }
    }
    let made = run.make(input, &bytes)?;
    let record = Record::new(&made.filing, &made.findings);
    if there && !replace {
        // The journal may be lost; the same bytes are up to date without it.
        let old = std::fs::read(output).map_err(|error| Error::from(error).within(&shown(output)))?;
        return match old == made.bytes {
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
    if let Some(state) = state {
        state.note(output, &made_from, &made.bytes, &record)?;
    }
    atomic::write(output, &made.bytes, existing(replace))?;
    Ok(Converted { status: Status::Done, record })
}

impl Row {
    fn of(input: &Input) -> Row {
        Row {
            input: input.path.clone(),
            output: None,
            status: Status::Failed,
            error: None,
            record: None,
            time: Duration::ZERO,
        }
    }

    fn end(&mut self, output: &Path, result: Result<Converted, Failure>, time: Duration) {
        self.time = time;
        match result {
            Ok(converted) => {
                self.status = converted.status;
                self.record = Some(converted.record);
                self.output = Some(output.to_owned());
            }
            Err(Failure::Error(error)) => self.error = Some(error),
            Err(Failure::TimedOut) => {
                self.status = Status::TimedOut;
                self.error = Some(timed_out(&self.input));
            }
        }
    }
}

/// The error of an input whose time is up.
pub fn timed_out(input: &Path) -> Error {
    let shown = shown(input);
    Error::new(
        format!("{shown} 超过每个文件的时限（--time-limit）"),
        format!("{shown} took longer than the time limit (--time-limit)"),
    )
}

fn summary(rows: &[Row], console: &Console) {
    let counts = report::tally(rows);
    let words = |zh: bool| -> String {
        let all = [
            ("done", "完成", "done"),
            ("up-to-date", "已是最新", "up to date"),
            ("kept", "保留修改", "kept as edited"),
            ("failed", "失败", "failed"),
            ("timed-out", "超时", "timed out"),
        ];
        all.iter()
            .filter(|(status, ..)| counts[status] > 0)
            .map(|(status, chinese, english)| match zh {
                true => format!("{chinese} {}", counts[status]),
                false => format!("{} {english}", counts[status]),
            })
            .collect::<Vec<_>>()
            .join(if zh { "，" } else { ", " })
    };
    let total = rows.len();
    console.say(&format!("共 {total} 份：{}", words(true)), &format!("{total} inputs: {}", words(false)));
}
