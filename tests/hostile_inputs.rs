//! Inputs that are no files, names that are no names, and too little memory: one line, nothing left.
#![cfg(unix)]

mod cli_common;

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cli_common::{Bench, FILING, Ran, is_workbook};

/// A command line of the shell, with `$YUSUAN` the command.
fn shell(bench: &Bench, script: &str) -> Ran {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(bench.path(".")).stdin(Stdio::null());
    command.env("YUSUAN", env!("CARGO_BIN_EXE_yusuan")).env("LC_ALL", "C");
    Ran::of(command.output().expect("a shell"))
}

#[track_caller]
fn refused_in_one_line(ran: &Ran) {
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.trim_end_matches('\n').chars().count() <= 200, "{}", ran.err);
    assert!(!ran.err.contains("internal error"), "{}", ran.err);
}

#[test]
fn a_pipe_that_nobody_writes_to_and_devices_are_refused_at_once() {
    let bench = Bench::new();
    shell(&bench, "mkfifo pipe").ends(0);
    symlink("/dev/zero", bench.path("zero")).expect("linked");
    symlink("ring", bench.path("ring")).expect("linked");
    bench.write("a.txt", FILING);
    let start = Instant::now();
    for input in ["pipe", "zero", "ring", "/dev/zero", "."] {
        for command in ["convert", "check"] {
            let ran = shell(&bench, &format!("exec timeout 20 \"$YUSUAN\" {command} {input} a.txt -o out.xlsx"));
            assert_ne!(ran.code, 124, "{command} {input} hangs");
            if input != "." {
                let ran = shell(&bench, &format!("exec timeout 20 \"$YUSUAN\" {command} {input}"));
                refused_in_one_line(&ran);
            }
        }
    }
    refused_in_one_line(&shell(&bench, "exec timeout 20 \"$YUSUAN\" apply a.txt --to pipe"));
    refused_in_one_line(&shell(&bench, "exec timeout 20 \"$YUSUAN\" diff pipe a.txt"));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_shells_own_pipes_are_inputs() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    shell(&bench, "exec \"$YUSUAN\" convert <(cat a.txt) -o a.xlsx").ends(0);
    assert!(is_workbook(&bench.read("a.xlsx")));
}

#[test]
fn a_name_that_turns_the_writing_direction_stays_in_its_line() {
    let bench = Bench::new();
    let ran = bench.run(&["convert", "a\u{202e}txt.\u{2028}x\n\u{1b}[31my"]);
    refused_in_one_line(&ran);
    assert!(ran.err.contains("a?txt.?x??[31my"), "{}", ran.err);
}

#[test]
fn help_that_cannot_be_printed_is_no_success() {
    let bench = Bench::new();
    let ran = shell(&bench, "exec \"$YUSUAN\" --help > /dev/full");
    refused_in_one_line(&ran);
    assert!(ran.err.contains("the disk is full"), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_is_an_error_of_one_line() {
    let bench = Bench::new();
    bench.write("many.txt", "a\r\n".repeat(400_000));
    bench.write("a.txt", FILING);
    let ran = shell(&bench, "ulimit -v 150000; exec \"$YUSUAN\" convert many.txt -o out.xlsx");
    refused_in_one_line(&ran);
    assert!(ran.err.contains("many.txt") && ran.err.contains("not enough memory"), "{}", ran.err);
    assert_eq!(bench.files("."), ["a.txt", "many.txt"]);
    // What fits is done as ever: same bytes, same words, same code.
    shell(&bench, "exec \"$YUSUAN\" convert a.txt -o free.xlsx").ends(0);
    let ran = shell(&bench, "ulimit -v 500000; exec \"$YUSUAN\" convert - -o limited.xlsx < a.txt").ends(0);
    assert!(ran.err.contains("limited.xlsx"), "{}", ran.err);
    assert!(is_workbook(&bench.read("limited.xlsx")));
    let json = shell(&bench, "ulimit -v 500000; exec \"$YUSUAN\" convert a.txt --to json -o -").ends(0);
    assert_eq!(json.out, shell(&bench, "exec \"$YUSUAN\" convert a.txt --to json -o -").ends(0).out);
    shell(&bench, "ulimit -v 500000; exec \"$YUSUAN\" check nowhere.txt").ends(2);
}

#[cfg(target_os = "linux")]
#[test]
fn an_input_that_needs_too_much_memory_leaves_the_others_alone() {
    let bench = Bench::new();
    bench.write("in/b.txt", "a\r\n".repeat(400_000));
    for name in ["in/a.txt", "in/c.txt", "in/d.txt"] {
        bench.write(name, FILING);
    }
    for jobs in [1, 3] {
        let script =
            format!("ulimit -v 150000; exec \"$YUSUAN\" convert in -o out{jobs} --jobs {jobs} --report r.json --force");
        let ran = shell(&bench, &script).ends(1);
        assert!(
            ran.err.lines().any(|line| line.contains("b.txt") && line.contains("not enough memory")),
            "{}",
            ran.err
        );
        assert_eq!(bench.files(&format!("out{jobs}")), [".yusuan-state.jsonl", "a.xlsx", "c.xlsx", "d.xlsx"]);
        assert_eq!(bench.text("r.json").matches("not enough memory").count(), 1);
        for name in ["in/a.txt", "in/b.txt", "in/c.txt", "in/d.txt"] {
            assert_eq!(ran.err.lines().filter(|line| line.contains(name)).count(), 1, "{name}: {}", ran.err);
        }
    }
    let free = bench.run(&["check", "in/a.txt", "in/c.txt", "in/d.txt"]);
    let ran = shell(&bench, "ulimit -v 150000; exec \"$YUSUAN\" check in --jobs 1").ends(1);
    let printed = |ran: &Ran| String::from_utf8_lossy(&ran.out).matches("in/a.txt").count();
    assert_eq!(printed(&ran), printed(&free));
    assert_eq!(ran.err.matches("not enough memory").count(), 1, "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn of_two_files_those_that_may_need_too_much_memory_are_named() {
    let bench = Bench::new();
    bench.write("many.txt", "a\r\n".repeat(400_000));
    bench.write("a.txt", FILING);
    for (command, named) in [
        ("diff many.txt a.txt", "many.txt"),
        ("diff a.txt many.txt", "a.txt, many.txt"),
        ("apply many.txt --to a.txt", "a.txt, many.txt"),
        ("apply a.txt --to many.txt", "many.txt"),
    ] {
        let ran = shell(&bench, &format!("ulimit -v 150000; exec \"$YUSUAN\" {command}"));
        refused_in_one_line(&ran);
        assert!(ran.err.starts_with(&format!("error: {named}: not enough memory")), "{command}: {}", ran.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn only_want_of_memory_is_called_so() {
    let bench = Bench::new();
    for (signal, said) in [
        ("SEGV", "error: -: internal error (signal 11); please report it"),
        ("ABRT", "error: -: internal error (signal 6); please report it"),
        ("XCPU", "error: -: not enough processor time: the system allows 600 s (ulimit -t)"),
        ("KILL", "error: -: not enough memory"),
    ] {
        // The child waits for its input, and is given a signal instead. Of a fault the first one ends only
        // the handler that tells overflows of the stack.
        let script = format!(
            "ulimit -c 0; ulimit -v 4000000; ulimit -t 600
            rm -f pipe; mkfifo pipe; sleep 20 > pipe 2> null & writer=$!
            \"$YUSUAN\" convert - -o out.json < pipe & run=$!
            until child=$(cat /proc/$run/task/$run/children) && [ -n \"$child\" ]; do sleep 0.05; done
            sleep 1; kill -{signal} $child; sleep 0.5; kill -{signal} $child 2> null
            wait $run; code=$?; kill $writer; exit $code"
        );
        let ran = shell(&bench, &script);
        assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{signal}: {}", ran.err);
        assert!(ran.err.starts_with(said), "{signal}: {}", ran.err);
    }
}

#[test]
fn form_files_are_regular_files_of_a_few_mebibytes() {
    let bench = Bench::new();
    bench.write("forms/fam/family.toml", "name = 'x'\n");
    bench.write("a.txt", FILING);
    shell(&bench, "mkfifo forms/fam/pipe.toml").ends(0);
    let refused = |command: &str, said: &str| {
        let ran = shell(&bench, &format!("exec timeout 20 \"$YUSUAN\" {command} --templates forms"));
        refused_in_one_line(&ran);
        assert!(ran.err.contains(said), "{}", ran.err);
    };
    refused("check a.txt", "forms/fam/pipe.toml: no regular file");
    shell(&bench, "rm forms/fam/pipe.toml; ln -s /dev/zero forms/fam/zero.toml").ends(0);
    refused("check a.txt", "forms/fam/zero.toml: no regular file");
    shell(&bench, "rm forms/fam/zero.toml; truncate -s 5M forms/fam/long.toml").ends(0);
    refused("check a.txt", "forms/fam/long.toml: larger than the limit of 4 MiB");
    shell(&bench, "rm forms/fam/long.toml; mkdir forms/import; mkfifo forms/import/mof.toml").ends(0);
    refused("convert a.txt --to mof -o out.xlsx", "forms/import/mof.toml: no regular file");
    // The mapping may be named in the settings, too.
    shell(&bench, "rm -r forms/import; mkfifo pipe; echo \"mapping = 'pipe'\" > yusuan.toml").ends(0);
    refused("convert a.txt --to mof -o out.xlsx", "pipe: is a device or a pipe");
}

#[cfg(target_os = "linux")]
#[test]
fn a_confined_run_that_is_killed_takes_its_child_along() {
    let bench = Bench::new();
    bench.write("many.txt", "预算123.45万元，其中：\n".repeat(60_000));
    let script =
        "ulimit -v 2000000; \"$YUSUAN\" convert many.txt -o out.xlsx --quiet & sleep 0.3; kill -9 $!; wait; sleep 0.5";
    shell(&bench, script);
    // A child that went on would have written by then.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(bench.files("."), ["many.txt"]);
}
