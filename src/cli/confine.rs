//! Work in a process of its own where the system limits memory (`ulimit -v`, a batch system).
//!
//! When an allocation fails, Rust ends the process, and nothing inside it can prevent that. So the
//! work is done by a child, and its end for want of memory becomes an error of one line. The child
//! is also told to be thrifty: each thread reserves megabytes of addresses for its stack and tens
//! of them for its allocations. Without a limit there is no child.
//!
//! Of several inputs one that is too large shall not take the others along. The child tells which
//! inputs it has begun; after its end another one goes over them all, refuses that input at once
//! and finds done what is done. Where several were begun at a time, it takes one after another
//! first, to see which of them it was.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use yusuan::Error;

use super::args::Command;
use super::console::{Console, shown};

/// Tells the child that it is one; the inputs that are too large, a line each, after the number of
/// inputs it may take at a time.
const MARK: &str = "YUSUAN_CONFINED";

/// Begins a line that is for the parent: `begun THREAD INPUT` or `ended THREAD`.
const ASIDE: &str = "\u{1e}yusuan ";

/// jemalloc's options: addresses no longer needed are given back, and threads share what there is.
const THRIFTY: &str = "retain:false,narenas:1";

/// Stack of a thread that asks for none in particular.
const STACK: &str = "524288";

/// What a child was told.
struct Told {
    jobs: usize,
    too_large: Vec<String>,
}

fn told() -> Option<&'static Told> {
    static TOLD: OnceLock<Option<Told>> = OnceLock::new();
    let read = || {
        let mark = std::env::var(MARK).ok()?;
        let mut lines = mark.lines();
        let jobs = lines.next()?.parse().ok()?;
        Some(Told { jobs, too_large: lines.map(str::to_owned).collect() })
    };
    TOLD.get_or_init(read).as_ref()
}

/// Inputs that may be worked on at a time.
pub fn most_jobs() -> usize {
    told().map_or(usize::MAX, |told| told.jobs)
}

/// Tells the parent that an input is begun.
///
/// # Errors
/// When an earlier child ended for want of memory over it.
pub fn begun(input: &Path) -> Result<(), Error> {
    let Some(told) = told() else { return Ok(()) };
    // As it is in Rust's own notation: one line, whatever the name.
    let name = format!("{input:?}");
    if told.too_large.contains(&name) {
        return Err(out_of_memory(limit().unwrap_or_default()).within(&shown(input)));
    }
    tell(&format!("begun {:?} {name}", std::thread::current().id()));
    Ok(())
}

/// Tells the parent that this thread's input is done.
pub fn ended() {
    if told().is_some() {
        tell(&format!("ended {:?}", std::thread::current().id()));
    }
}

/// A line for the parent; without one nobody needs it.
fn tell(aside: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{ASIDE}{aside}");
}

/// Does the work of this run in child processes; `None` when it is to be done in this one.
#[cfg(target_os = "linux")]
pub fn run(arguments: &[OsString], command: &Command, console: &Console) -> Option<ExitCode> {
    use std::os::unix::process::ExitStatusExt;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};

    if told().is_some() {
        // When the parent ends, however it does, so do we, and take our temporary files along.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
        return None;
    }
    let limit = limit()?;
    let inputs = inputs(command);
    let several = inputs.len() > 1 || inputs.iter().any(|input| input.is_dir());
    let mut told = Told { jobs: usize::MAX, too_large: Vec::new() };
    loop {
        let mut child = Child::run(arguments, &told, several && matches!(command, Command::Check(_)))?;
        match (child.status.code(), child.status.signal()) {
            (Some(code), _) => {
                child.print();
                return Some(ExitCode::from(u8::try_from(code).unwrap_or(2)));
            }
            (None, Some(signal @ (SIGHUP | SIGINT | SIGPIPE | SIGTERM))) => {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                return Some(ExitCode::from(2));
            }
            (None, _) => {}
        }
        // Again, if that brings us further.
        match child.open.as_slice() {
            [input] if several && !told.too_large.contains(input) => told.too_large.push(input.clone()),
            [_, _, ..] if several && told.jobs > 1 => told.jobs = 1,
            _ => {
                let error = out_of_memory(limit);
                console.error(&match inputs {
                    [input] => error.within(&shown(input)),
                    _ => error,
                });
                return Some(ExitCode::from(2));
            }
        }
    }
}

/// A child that has ended.
#[cfg(target_os = "linux")]
struct Child {
    status: std::process::ExitStatus,
    /// Inputs that were begun and not ended.
    open: Vec<String>,
    /// What it printed, where that is held back: its work may have to be done again.
    output: Option<std::fs::File>,
    errors: Vec<u8>,
}

#[cfg(target_os = "linux")]
impl Child {
    fn run(arguments: &[OsString], told: &Told, hold: bool) -> Option<Child> {
        use std::io::{BufRead, BufReader, Write};
        use std::os::unix::process::CommandExt;
        use std::process::{Command as Process, Stdio};

        let mut child = Process::new("/proc/self/exe");
        let mark = std::iter::once(told.jobs.to_string()).chain(told.too_large.iter().cloned());
        child.args(arguments.get(1..).unwrap_or_default()).env(MARK, mark.collect::<Vec<_>>().join("\n"));
        child.env("MALLOC_ARENA_MAX", "1").env("_RJEM_MALLOC_CONF", THRIFTY).env("RUST_MIN_STACK", STACK);
        child.stderr(Stdio::piped());
        if let Some(name) = arguments.first() {
            child.arg0(name);
        }
        let output = hold.then(tempfile::tempfile).and_then(Result::ok);
        if let Some(file) = output.as_ref().and_then(|file| file.try_clone().ok()) {
            child.stdout(file);
        }
        let mut child = child.spawn().ok()?;
        let mut said = BufReader::new(child.stderr.take()?);
        let (mut line, mut errors, mut open) = (Vec::new(), Vec::new(), Vec::<(String, String)>::new());
        let mut last_words = false;
        while said.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if let Some(aside) = line.strip_prefix(ASIDE.as_bytes()) {
                let aside = String::from_utf8_lossy(aside);
                let mut words = aside.trim_end().splitn(3, ' ');
                let (_, thread, input) = (words.next(), words.next().unwrap_or_default(), words.next());
                open.retain(|(of, _)| of != thread);
                open.extend(input.map(|input| (thread.to_owned(), input.to_owned())));
                line.clear();
                continue;
            }
            // What the language's runtime says of its end is not for a clerk.
            last_words |= [&b"memory allocation of"[..], b"fatal runtime error", b"thread '", b"terminate called"]
                .iter()
                .any(|words| line.starts_with(words));
            if !last_words && line != b"\n" {
                match &output {
                    Some(_) => errors.extend_from_slice(&line),
                    None => drop(std::io::stderr().write_all(&line)),
                }
            }
            line.clear();
        }
        let status = child.wait().ok()?;
        Some(Child { status, open: open.into_iter().map(|(_, input)| input).collect(), output, errors })
    }

    /// Prints what was held back.
    fn print(&mut self) {
        use std::io::{Seek, Write};
        if let Some(output) = &mut self.output {
            let _ = output.rewind().and_then(|()| std::io::copy(output, &mut std::io::stdout().lock()));
            let _ = std::io::stderr().write_all(&self.errors);
        }
    }
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
fn inputs(command: &Command) -> &[std::path::PathBuf] {
    match command {
        Command::Convert(args) => args.inputs.inputs.as_slice(),
        Command::Check(args) => args.inputs.inputs.as_slice(),
        Command::Apply(args) => std::slice::from_ref(&args.to),
        _ => &[],
    }
}

fn out_of_memory(limit: u64) -> Error {
    let mebibytes = limit >> 20;
    Error::new(
        format!("内存不够：系统只允许 {mebibytes} MiB（ulimit -v）；请放宽限制或把文件分成几份"),
        format!("not enough memory: the system allows {mebibytes} MiB (ulimit -v); raise the limit or split the file"),
    )
}
