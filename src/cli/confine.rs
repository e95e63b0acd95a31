//! Work in a process of its own where the system limits memory (`ulimit -v`, a batch system).
//!
//! When an allocation fails, Rust ends the process, and nothing inside it can prevent that. So the
//! work is done by a child, and its end becomes an error of one line: for want of memory or of
//! processor time, or by a mistake of ours (a stack that overflows). The child is also told to be
//! thrifty: each thread reserves megabytes of addresses for its stack and tens of them for its
//! allocations. Without a limit there is no child.
//!
//! Of several inputs one that ends the child shall not take the others along. The child tells which
//! inputs it has begun; after its end another one goes over them all, refuses that input at once
//! and finds done what is done. Where several were begun at a time, it takes one after another
//! first, to see which of them it was.

#[cfg(target_os = "linux")]
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
#[cfg(target_os = "linux")]
use std::time::Duration;

use yusuan::Error;

use super::args::Command;
use super::console::{Console, print_line, shown};
use super::underway;

/// Tells the child that it is one: the number of inputs it may take at a time, then a line for each
/// input that it shall refuse.
const MARK: &str = "YUSUAN_CONFINED";

/// Begins a line that is for the parent: `begun THREAD INPUT`, `ended THREAD` or `said INPUT LINE`.
const ASIDE: &str = "\u{1e}yusuan ";

/// Between the input and the line in `said INPUT LINE`.
const SAYS: char = '\u{1f}';

/// jemalloc's options: addresses no longer needed are given back, and threads share what there is.
const THRIFTY: &str = "retain:false,narenas:1";

/// Stack of a thread that asks for none in particular.
const STACK: &str = "524288";

/// What a child was told.
struct Told {
    jobs: usize,
    refused: Vec<(End, String)>,
}

fn told() -> Option<&'static Told> {
    static TOLD: OnceLock<Option<Told>> = OnceLock::new();
    let read = || {
        let mark = std::env::var(MARK).ok()?;
        let mut lines = mark.lines();
        let jobs = lines.next()?.parse().ok()?;
        let refused = lines.filter_map(|line| {
            let (end, input) = line.split_once(' ')?;
            Some((End::named(end)?, input.to_owned()))
        });
        Some(Told { jobs, refused: refused.collect() })
    };
    TOLD.get_or_init(read).as_ref()
}

/// An input as parent and child name it: in Rust's own notation it is one line, whatever the name.
fn noted(input: &Path) -> String {
    format!("{input:?}")
}

/// Inputs that may be worked on at a time.
pub fn most_jobs() -> usize {
    told().map_or(usize::MAX, |told| told.jobs)
}

/// Tells the parent that an input is begun.
///
/// # Errors
/// When an earlier child ended over it.
pub fn begun(input: &Path) -> Result<(), Error> {
    underway::begun(input);
    let Some(told) = told() else { return Ok(()) };
    let name = noted(input);
    if let Some((end, _)) = told.refused.iter().find(|(_, refused)| *refused == name) {
        return Err(end.error().within(&shown(input)));
    }
    tell(&format!("begun {:?} {name}", std::thread::current().id()));
    Ok(())
}

/// Tells the parent that this thread's inputs are done.
pub fn ended() {
    underway::ended();
    if told().is_some() {
        tell(&format!("ended {:?}", std::thread::current().id()));
    }
}

/// Prints what became of an input of several, once: a child that goes over the inputs of an earlier
/// one comes to the same end.
pub fn say_of(input: &Path, line: &str) {
    match told() {
        Some(_) => tell(&format!("said {}{SAYS}{line}", noted(input))),
        None => print_line(line),
    }
}

/// A line for the parent; without one nobody needs it.
fn tell(aside: &str) {
    use std::io::Write;
    // In one piece, so that threads do not mix theirs.
    let _ = std::io::stderr().lock().write_all(format!("{ASIDE}{aside}\n").as_bytes());
}

/// What ended a child before its work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// There was not enough memory.
    Memory,
    /// The processor time that the system allows was used up.
    Time,
    /// A mistake of ours: too deep a recursion.
    Stack,
    /// A mistake of ours: the signal.
    Signal(i32),
}

impl End {
    /// The name for the child.
    fn name(self) -> String {
        match self {
            End::Memory => "memory".to_owned(),
            End::Time => "time".to_owned(),
            End::Stack => "stack".to_owned(),
            End::Signal(signal) => signal.to_string(),
        }
    }

    fn named(name: &str) -> Option<End> {
        Some(match name {
            "memory" => End::Memory,
            "time" => End::Time,
            "stack" => End::Stack,
            signal => End::Signal(signal.parse().ok()?),
        })
    }

    fn error(self) -> Error {
        let what = match self {
            End::Memory => return out_of_memory(limit().unwrap_or_default()),
            End::Time => return out_of_time(most_seconds().unwrap_or_default()),
            End::Stack => ("栈溢出".to_owned(), "stack overflow".to_owned()),
            End::Signal(signal) => (format!("信号 {signal}"), format!("signal {signal}")),
        };
        underway::internal(&what.0, &what.1)
    }
}

/// What ended a child: its signal, what the language's runtime said of it, and whether its
/// processor time was used up.
#[cfg(target_os = "linux")]
fn what_ended(signal: i32, last_words: &str, no_time_left: bool) -> End {
    use signal_hook::consts::SIGKILL;
    /// `signal-hook` does not know it.
    const SIGXCPU: i32 = rustix::process::Signal::XCPU.as_raw();
    const NO_MEMORY: [&str; 4] =
        ["memory allocation of", "failed to spawn thread", "failed to allocate", "Cannot allocate memory"];
    match signal {
        SIGXCPU => End::Time,
        // Limits of processor time end this way where the soft one is the hard one.
        SIGKILL if no_time_left => End::Time,
        // The system's way to get memory back.
        SIGKILL => End::Memory,
        _ if NO_MEMORY.iter().any(|words| last_words.contains(words)) => End::Memory,
        _ if last_words.contains("stack overflow") => End::Stack,
        signal => End::Signal(signal),
    }
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
    limit()?;
    let inputs = inputs(command);
    let several = inputs.len() > 1 || inputs.iter().any(|input| input.is_dir());
    let mut told = Told { jobs: usize::MAX, refused: Vec::new() };
    let mut printed = HashSet::new();
    let mut tried_again = HashSet::new();
    loop {
        let hold = several && matches!(command, Command::Check(_));
        let mut child = Child::run(arguments, &told, hold, &mut printed)?;
        let signal = match (child.status.code(), child.status.signal()) {
            (Some(code), _) => {
                child.print();
                return Some(ExitCode::from(u8::try_from(code).unwrap_or(2)));
            }
            (None, Some(signal @ (SIGHUP | SIGINT | SIGPIPE | SIGTERM))) => {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                return Some(ExitCode::from(2));
            }
            (None, signal) => signal.unwrap_or_default(),
        };
        let end = what_ended(signal, &child.last_words, child.used_up_its_time());
        // Again, if that brings us further.
        match child.open.as_slice() {
            // The time may have gone into the inputs before it.
            [input] if several && end == End::Time && child.done > 0 && tried_again.insert(input.clone()) => {}
            [input] if several && told.refused.iter().all(|(_, refused)| refused != input) => {
                told.refused.push((end, input.clone()));
            }
            [_, _, ..] if several && told.jobs > 1 => told.jobs = 1,
            open => {
                let named = named(command);
                let open: Vec<&Path> = named.into_iter().filter(|path| open.contains(&noted(path))).collect();
                console.error(&underway::within(end.error(), &open));
                return Some(ExitCode::from(2));
            }
        }
    }
}

/// A child that has ended.
#[cfg(target_os = "linux")]
struct Child {
    status: std::process::ExitStatus,
    /// Processor time it took.
    time: Duration,
    /// Inputs that were begun and not ended.
    open: Vec<String>,
    /// How often inputs were ended.
    done: usize,
    /// What it printed, where that is held back: its work may have to be done again.
    output: Option<std::fs::File>,
    errors: Vec<u8>,
    /// What the language's runtime said of its end, which is not for a clerk.
    last_words: String,
}

#[cfg(target_os = "linux")]
impl Child {
    fn run(arguments: &[OsString], told: &Told, hold: bool, printed: &mut HashSet<String>) -> Option<Child> {
        use std::io::{BufRead, BufReader, Write};
        use std::os::unix::process::CommandExt;
        use std::process::{Command as Process, Stdio};

        let mut child = Process::new("/proc/self/exe");
        let refused = told.refused.iter().map(|(end, input)| format!("{} {input}", end.name()));
        let mark: Vec<String> = std::iter::once(told.jobs.to_string()).chain(refused).collect();
        child.args(arguments.get(1..).unwrap_or_default()).env(MARK, mark.join("\n"));
        child.env("MALLOC_ARENA_MAX", "1").env("_RJEM_MALLOC_CONF", THRIFTY).env("RUST_MIN_STACK", STACK);
        child.stderr(Stdio::piped());
        if let Some(name) = arguments.first() {
            child.arg0(name);
        }
        let output = hold.then(tempfile::tempfile).and_then(Result::ok);
        if let Some(file) = output.as_ref().and_then(|file| file.try_clone().ok()) {
            child.stdout(file);
        }
        let before = time_of_children();
        let mut child = child.spawn().ok()?;
        let mut said = BufReader::new(child.stderr.take()?);
        let (mut line, mut errors, mut last_words) = (Vec::new(), Vec::new(), Vec::new());
        let (mut open, mut done) = (Vec::<(String, String)>::new(), 0);
        let mut print = |line: &[u8]| match &output {
            Some(_) => errors.extend_from_slice(line),
            None => drop(std::io::stderr().write_all(line)),
        };
        while said.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if let Some(aside) = line.strip_prefix(ASIDE.as_bytes()) {
                let aside = String::from_utf8_lossy(aside);
                match aside.split_once(' ') {
                    Some(("said", said)) => {
                        let (input, line) = said.split_once(SAYS).unwrap_or_default();
                        if hold || printed.insert(input.to_owned()) {
                            print(line.as_bytes());
                        }
                    }
                    Some(("begun", begun)) => {
                        let (thread, input) = begun.trim_end().split_once(' ').unwrap_or_default();
                        open.push((thread.to_owned(), input.to_owned()));
                    }
                    Some(("ended", thread)) => {
                        open.retain(|(of, _)| of != thread.trim_end());
                        done += 1;
                    }
                    _ => {}
                }
            } else if !last_words.is_empty() || is_last_word(&line) {
                last_words.extend_from_slice(&line);
            } else if line != b"\n" {
                print(&line);
            }
            line.clear();
        }
        let status = child.wait().ok()?;
        if status.code().is_some() {
            // They were not the last.
            print(&last_words);
        }
        let open = open.into_iter().map(|(_, input)| input).collect();
        let last_words = String::from_utf8_lossy(&last_words).into_owned();
        let time = time_of_children().saturating_sub(before);
        Some(Child { status, time, open, done, output, errors, last_words })
    }

    /// Whether it took all the processor time that the system allows. Where the system counts in
    /// ticks, a little is missing.
    fn used_up_its_time(&self) -> bool {
        most_seconds().is_some_and(|limit| self.time >= Duration::from_millis(limit.saturating_mul(900)))
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

/// Whether what a process says from here on is the language's runtime speaking of its end.
#[cfg(target_os = "linux")]
fn is_last_word(line: &[u8]) -> bool {
    [&b"memory allocation of"[..], b"fatal runtime error", b"thread '", b"terminate called"]
        .iter()
        .any(|words| line.starts_with(words))
}

/// Processor time of the children that have ended (proc_pid_stat(5): cutime and cstime).
#[cfg(target_os = "linux")]
fn time_of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Linux shows them in hundredths of a second whatever it counts in.
    const TICK: u64 = 10;
    // After the name in parentheses, which may hold blanks, the third field is the first.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_ascii_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * TICK)
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

/// Seconds of processor time that the system allows this process, where it allows less than any.
#[cfg(target_os = "linux")]
fn most_seconds() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    let limit = getrlimit(Resource::Cpu);
    limit.current.or(limit.maximum)
}

#[cfg(not(target_os = "linux"))]
fn most_seconds() -> Option<u64> {
    None
}

/// Inputs that are each worked on for themselves.
#[cfg(target_os = "linux")]
fn inputs(command: &Command) -> &[PathBuf] {
    match command {
        Command::Convert(args) => args.inputs.inputs.as_slice(),
        Command::Check(args) => args.inputs.inputs.as_slice(),
        _ => &[],
    }
}

/// Every input that was named.
#[cfg(target_os = "linux")]
fn named(command: &Command) -> Vec<&Path> {
    match command {
        Command::Apply(args) => vec![&args.to, &args.edited],
        Command::Diff(args) => vec![&args.old, &args.new],
        _ => inputs(command).iter().map(PathBuf::as_path).collect(),
    }
}

fn out_of_memory(limit: u64) -> Error {
    let mebibytes = limit >> 20;
    Error::new(
        format!("内存不够：系统只允许 {mebibytes} MiB（ulimit -v）；请放宽限制或把文件分成几份"),
        format!("not enough memory: the system allows {mebibytes} MiB (ulimit -v); raise the limit or split the file"),
    )
}

fn out_of_time(seconds: u64) -> Error {
    Error::new(
        format!("处理器时间不够：系统只允许 {seconds} 秒（ulimit -t）；请放宽限制或把文件分成几份"),
        format!(
            "not enough processor time: the system allows {seconds} s (ulimit -t); raise the limit or split the file"
        ),
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_child_is_told_apart() {
        let (killed, aborted, fault, time) = (9, 6, 11, 24);
        assert_eq!(what_ended(killed, "", false), End::Memory);
        assert_eq!(what_ended(killed, "", true), End::Time);
        assert_eq!(what_ended(time, "", false), End::Time);
        assert_eq!(what_ended(aborted, "memory allocation of 160 bytes failed\n", true), End::Memory);
        let overflow = "thread 'main' (7) has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";
        assert_eq!(what_ended(aborted, overflow, false), End::Stack);
        assert_eq!(what_ended(aborted, "", false), End::Signal(aborted));
        assert_eq!(what_ended(fault, "", false), End::Signal(fault));
        for end in [End::Memory, End::Time, End::Stack, End::Signal(7)] {
            assert_eq!(End::named(&end.name()), Some(end));
        }
    }
}
