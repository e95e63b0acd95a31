//! The command line: arguments to commands, messages, exit codes. The only part of the program
//! that knows the terminal. One file for each command.

mod apply;
mod args;
mod atomic;
mod check;
mod completions;
mod config;
mod confine;
mod console;
mod convert;
mod diff;
mod explain;
mod formats;
mod forms;
mod inputs;
mod language;
mod outputs;
mod pool;
mod progress;
mod report;
mod settings;
mod state;
mod underway;

use std::ffi::OsString;
use std::process::ExitCode;

use yusuan::Error;

use args::Command;
use console::Console;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything done.
    Done,
    /// Done, but there are findings, differences, or inputs of several that failed.
    DoneBut,
    /// Nothing done.
    Nothing,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::DoneBut => 1,
            Outcome::Nothing => 2,
        })
    }
}

/// Runs the command line; errors become one line on standard error.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let lang = language::choose(&arguments);
    let given = arguments.clone();
    let parsed = match args::parse(arguments, lang) {
        Ok(parsed) => parsed,
        Err(stopped) => return stopped.into(),
    };
    let console = Console::new(lang, parsed.quiet);
    if let Some(code) = confine::run(&given, &parsed.command, &console) {
        return code;
    }
    pool::silence_panics();
    atomic::survive_size_limits();
    let outcome = pool::catch(|| dispatch(parsed.command, &console)).unwrap_or_else(Err);
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            console.error(&error);
            Outcome::Nothing.into()
        }
    }
}

fn dispatch(command: Command, console: &Console) -> Result<Outcome, Error> {
    match command {
        Command::Convert(args) => convert::run(args, console),
        Command::Check(args) => check::run(&args, console),
        Command::Apply(args) => apply::run(&args, console),
        Command::Diff(args) => diff::run(&args, console),
        Command::Explain(args) => explain::run(&args, console),
        Command::Forms(args) => forms::run(args, console),
        Command::Config => config::run(console),
        Command::Completions(args) => completions::run(args, console),
    }
}
