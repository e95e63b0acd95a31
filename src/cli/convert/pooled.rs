//! All filings of a run in one output: import tables, SQLite, Parquet, the
//! import workbook of the integrated budget system.

use std::ops::ControlFlow;
use std::path::Path;

use yusuan::Error;
use yusuan::import::{self, Extract, Kind, Pool};
use yusuan::limits::Limits;

use super::{judge, outcome, words, write_report};
use crate::cli::atomic;
use crate::cli::console::{Console, shown};
use crate::cli::formats::Options;
use crate::cli::inputs::{self, Input};
use crate::cli::pool::{self, Event, Failure};
use crate::cli::progress::Progress;
use crate::cli::report::{self, Counts, Record, Row, Status};
use crate::cli::settings::Settings;
use crate::cli::{Outcome, args};

/// What is pooled of one filing.
type Part = (Extract, Record);

/// Pools all inputs.
pub fn convert(
    args: &args::Convert,
    settings: &Settings,
    kind: Kind,
    mut options: Options,
    report: Option<report::Target>,
    console: &Console,
) -> Result<Outcome, Error> {
    let output = output(args, kind)?;
    // Pooled amounts are in 元 and as filed anyway.
    options.unit = None;
    let mut choice = settings.choice(&args.inputs)?;
    choice.skip.push(output.to_owned());
    choice.skip.extend(report.as_ref().map(|report| report.path().to_owned()));
    let found = inputs::gather(&args.inputs.inputs, &choice);
    if found.is_empty() {
        return Err(inputs::none());
    }
    let how = import::Options {
        mapping: settings.mapping(args.inputs.templates.as_deref())?,
        set: settings.set(&args.set)?,
        lang: console.lang,
        force: args.force,
    };
    let mut pool = Pool::create(kind, output, &how)?;
    let _listed = atomic::list(pool.temporary());

    let mut rows: Vec<Row> = found.iter().map(|input| Row::of(&input.path)).collect();
    let mut progress = Progress::new(rows.len(), console);
    let mut ended: Vec<Option<Result<Part, Failure>>> = found.iter().map(|_| None).collect();
    let mut next = 0;
    let mut broken = None;
    let alone = found.len() == 1;
    let work = move |input: &Input, _: &pool::Claim| extract(input, alone, &options);
    pool::run(found.clone(), settings.plan(&args.inputs), work, |event| {
        match event {
            Event::Started(index) => progress.started(index, &found[index].shown()),
            Event::Ended(index, result, time) => {
                rows[index].time = time;
                ended[index] = Some(result);
                // Filings are pooled in the order of the inputs, whichever is ready first.
                while let Some(result) = ended.get_mut(next).and_then(Option::take) {
                    let row = &mut rows[next];
                    if let Err(error) = add(&mut pool, result, row) {
                        broken = Some(error);
                        return ControlFlow::Break(());
                    }
                    let line = words::line(&found[next], row, console);
                    progress.ended(next, &found[next].path, row.status.is_failure(), &line);
                    next += 1;
                }
            }
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    if let Some(error) = broken {
        return Err(error);
    }
    if outcome(&rows, true) != Outcome::Nothing {
        let summary = pool.finish()?;
        // Only now is anything written to the output.
        rows.iter_mut().filter(|row| row.status == Status::Done).for_each(|row| row.output = Some(output.to_owned()));
        let total: u64 = summary.rows.values().sum();
        let (shown, filings) = (shown(output), summary.filings);
        console.say(
            &format!("{filings} 份文件，{total} 行 → {shown}"),
            &format!("{filings} filings, {total} rows → {shown}"),
        );
        for (field, name) in &summary.missing {
            console.say(
                &format!("缺少 {field}（{name}）：列留空；可用 --set {field}=… 或 yusuan.toml 的 [set] 给出"),
                &format!(
                    "{field} ({name}) is not given, its columns are empty: --set {field}=… or [set] in yusuan.toml"
                ),
            );
        }
    }
    let reported = write_report(report, &rows, console);
    words::summary(&rows, console);
    Ok(outcome(&rows, reported))
}

fn output(args: &args::Convert, kind: Kind) -> Result<&Path, Error> {
    let name = kind.name();
    let output = args.output.as_deref().filter(|output| output.as_os_str() != "-").ok_or_else(|| {
        Error::new(
            format!("--to {name} 需要用 -o 指明输出位置"),
            format!("--to {name} needs a place to write to: name it with -o"),
        )
    })?;
    for (given, option) in [(args.unit.is_some(), "--unit"), (args.template.is_some(), "--template")] {
        if given {
            return Err(Error::new(
                format!("{option} 不能与 --to {name} 同时使用"),
                format!("{option} has no meaning with --to {name}"),
            ));
        }
    }
    Ok(output)
}

fn extract(input: &Input, alone: bool, options: &Options) -> Result<Part, Error> {
    if !alone {
        inputs::must_be_file(input)?;
    }
    let bytes = inputs::read(input, &Limits::default())?;
    let judged = judge(input, &input.below.to_string_lossy(), &bytes, options)?;
    let extract = import::extract(&judged.filing, &judged.findings, options.forms, options.lang);
    Ok((extract, judged.record()))
}

/// Adds what came of an input; fails when the output cannot be written.
fn add(pool: &mut Pool, result: Result<Part, Failure>, row: &mut Row) -> Result<(), Error> {
    match result {
        Ok((extract, mut record)) => {
            record.findings.add(Counts::of(&pool.add(extract)?));
            (row.status, row.record) = (Status::Done, Some(record));
        }
        Err(failure) => row.fail(failure),
    }
    Ok(())
}
