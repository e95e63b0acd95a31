//! The command `yusuan`.

mod cli;
mod config;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os().collect())
}
