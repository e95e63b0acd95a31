//! `yusuan convert`: filings of any kind to another.

mod all;
mod one;
mod pooled;
mod words;

use std::path::Path;

use yusuan::Error;
use yusuan::check;
use yusuan::equation::Equation;
use yusuan::filing::{Filing, unit};
use yusuan::finding::Finding;
use yusuan::limits::Limits;
use yusuan::original::{MOST, carried};
use yusuan::source::Kind;

use super::atomic;
use super::console::{Console, shown};
use super::formats::{Format, Options, To};
use super::inputs::Input;
use super::report::{self, Record, Row};
use super::settings::Settings;
use super::{Outcome, args};

/// A filing that was read, and everything to report about it.
struct Judged {
    filing: Filing,
    findings: Vec<Finding>,
    equations: Vec<Equation>,
}

impl Judged {
    fn record(&self) -> Record {
        Record::new(&self.filing, &self.findings)
    }
}

/// Runs the command.
pub fn run(args: args::Convert, console: &Console) -> Result<Outcome, Error> {
    let settings = Settings::load()?;
    let several = args.inputs.inputs.len() > 1 || args.inputs.inputs.iter().any(|path| path.is_dir());
    let to = to(&args, several)?;
    let options = Options {
        forms: settings.forms(args.inputs.templates.as_deref())?,
        rules: settings.rules(&[], &[])?,
        lang: console.lang,
        template: args.template.clone().or_else(|| settings.config.template.clone()),
        unit: args.unit.clone().or_else(|| settings.config.unit.map(|unit| unit.name().to_owned())),
    };
    let report = args.report.as_deref().map(|path| report::Target::new(path, args.force)).transpose()?;
    match to {
        To::Pooled(kind) => pooled::convert(&args, &settings, kind, options, report, console),
        To::Each(format) if several => all::convert(&args, &settings, format, options, report, console),
        To::Each(format) => one::convert(&args, format, &options, report, console),
    }
}

fn to(args: &args::Convert, several: bool) -> Result<To, Error> {
    if let Some(to) = args.to {
        return Ok(to);
    }
    let Some(output) = args.output.as_deref().filter(|output| output.as_os_str() != "-" && !is_folder(output)) else {
        return Ok(To::Each(Format::Xlsx));
    };
    match To::of(output) {
        Some(to) => Ok(to),
        None if several => Ok(To::Each(Format::Xlsx)),
        None => {
            let (shown, names) = (shown(output), To::names());
            Err(Error::new(
                format!("从扩展名看不出 {shown} 的格式；请用 --to 指明（{names}）"),
                format!("the extension of {shown} names no format; say --to ({names})"),
            ))
        }
    }
}

/// A folder, or what is written like one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

/// Reads and judges an input; `name` is what its source is called.
fn judge(input: &Input, name: &str, bytes: &[u8], options: &Options) -> Result<Judged, Error> {
    let within = |error: Error| error.within(&input.shown());
    let mut filing = yusuan::read_filing(name, bytes, options.forms, &Limits::default()).map_err(within)?;
    if filing.blocks.is_empty() {
        return Err(within(Error::new(
            "文件里没有文字（空文件，或只有图片）；扫描件请先识别成文字",
            "the file holds no text (it is empty, or has pictures only); put scanned pages through OCR first",
        )));
    }
    // Judged as printed: after a conversion amounts look more exact than they are.
    let (mut findings, mut equations) = check::report_and_equations(&filing, options.forms, &options.rules);
    if let Some(unit) = &options.unit {
        findings.extend(unit::convert(&mut filing, options.forms, unit).map_err(within)?);
        equations = check::equations(&filing, options.forms);
    }
    Ok(Judged { filing, findings, equations })
}

fn write(
    input: &Input,
    bytes: &[u8],
    judged: &mut Judged,
    format: Format,
    options: &Options,
) -> Result<Vec<u8>, Error> {
    // A workbook hands on the original it was made from; amounts in another unit have none.
    let original = match judged.filing.source.kind {
        _ if options.unit.is_some() => None,
        _ if format != Format::Xlsx => None,
        Kind::Text | Kind::Docx => Some(bytes.to_vec()).filter(|bytes| bytes.len() <= MOST),
        Kind::Spreadsheet => carried(bytes, &Limits::default()),
    };
    let Judged { filing, findings, equations } = judged;
    let written = format.write(filing, equations, original, findings, options);
    written.map_err(|error| error.within(&input.shown()))
}

fn not_the_input(input: &Input, output: &Path) -> Result<(), Error> {
    match atomic::is_same(&input.path, output) {
        true => Err(atomic::over_itself(&input.shown())),
        false => Ok(()),
    }
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

/// How a run over several inputs ended.
fn outcome(rows: &[Row], reported: bool) -> Outcome {
    match rows.iter().filter(|row| row.status.is_failure()).count() {
        0 if reported => Outcome::Done,
        failed if failed == rows.len() => Outcome::Nothing,
        _ => Outcome::DoneBut,
    }
}
