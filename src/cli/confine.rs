//! Work in a process of its own where the system limits memory (`ulimit -v`, a batch system).
//!
//! When an allocation fails, Rust ends the process, and nothing inside it can prevent that. So the
//! work is done by a child, and its end for want of memory becomes an error of one line. The child
//! is also told to be thrifty: the workbook library starts a thread for every sheet, and each
//! thread reserves megabytes of addresses for its stack and tens of them for its allocations.
//! Without a limit there is no child.

use std::ffi::OsString;
use std::process::ExitCode;

use super::args::Command;
use super::console::Console;

/// Tells the child that it is one.
const MARK: &str = "YUSUAN_CONFINED";

/// Stack of a thread that asks for none in particular.
const STACK: &str = "524288";

/// Does the work of this run in a child process; `None` when it is to be done in this one.
#[cfg(target_os = "linux")]
pub fn run(arguments: &[OsString], command: &Command, console: &Console) -> Option<ExitCode> {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Command as Process, Stdio};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};

    if std::env::var_os(MARK).is_some() {
        // When the parent ends, however it does, so do we, and take our temporary files along.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
        return None;
    }
    let limit = limit()?;
    let mut child = Process::new("/proc/self/exe");
    child.args(arguments.get(1..).unwrap_or_default()).env(MARK, "1");
    child.env("MALLOC_ARENA_MAX", "1").env("RUST_MIN_STACK", STACK).stderr(Stdio::piped());
    if let Some(name) = arguments.first() {
        child.arg0(name);
    }
    let mut child = child.spawn().ok()?;
    let mut said = BufReader::new(child.stderr.take()?);
    let mut line = Vec::new();
    let mut last_words = false;
    while said.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // What the language's runtime says of its end is not for a clerk.
        last_words |= [&b"memory allocation of"[..], b"fatal runtime error", b"thread '", b"terminate called"]
            .iter()
            .any(|words| line.starts_with(words));
        if !last_words && line != b"\n" {
            let _ = std::io::stderr().write_all(&line);
        }
        line.clear();
    }
    let status = child.wait().ok()?;
    Some(match (status.code(), status.signal()) {
        (Some(code), _) => ExitCode::from(u8::try_from(code).unwrap_or(2)),
        (None, Some(signal @ (SIGHUP | SIGINT | SIGPIPE | SIGTERM))) => {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            ExitCode::from(2)
        }
        (None, _) => {
            console.error(&out_of_memory(limit, command));
            ExitCode::from(2)
        }
    })
}

/// Elsewhere the work is done where it is.
#[cfg(not(target_os = "linux"))]
pub fn run(_: &[OsString], _: &Command, _: &Console) -> Option<ExitCode> {
    None
}

/// Bytes of memory that the system allows this process, where it allows less than any amount.
#[cfg(target_os = "linux")]
pub fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    [Resource::As, Resource::Data].into_iter().filter_map(|resource| getrlimit(resource).current).min()
}

/// Elsewhere it is not asked for.
#[cfg(not(target_os = "linux"))]
pub fn limit() -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
fn out_of_memory(limit: u64, command: &Command) -> yusuan::Error {
    let mebibytes = limit >> 20;
    let error = yusuan::Error::new(
        format!("内存不够：系统只允许 {mebibytes} MiB（ulimit -v）；请放宽限制或把文件分成几份"),
        format!("not enough memory: the system allows {mebibytes} MiB (ulimit -v); raise the limit or split the file"),
    );
    let inputs = match command {
        Command::Convert(args) => args.inputs.inputs.as_slice(),
        Command::Check(args) => args.inputs.inputs.as_slice(),
        Command::Apply(args) => std::slice::from_ref(&args.to),
        _ => &[],
    };
    match inputs {
        [input] => error.within(&super::console::shown(input)),
        _ => error,
    }
}
