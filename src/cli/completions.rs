//! `yusuan completions`: completion for a shell.

use yusuan::Error;

use super::console::Console;
use super::{Outcome, args};

/// Runs the command.
pub fn run(args: args::Completions, console: &Console) -> Result<Outcome, Error> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(console.lang), "yusuan", &mut out);
    console.result(&out)?;
    Ok(Outcome::Done)
}
