//! Outputs that cannot be finished: old file or new file, never less, and nothing left behind.
#![cfg(unix)]

mod cli_common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cli_common::{Bench, FILING, Ran, is_workbook};

/// A command line of the shell, with `$YUSUAN` the command.
fn shell(bench: &Bench, script: &str) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(bench.path(".")).stdin(Stdio::null());
    command.env("YUSUAN", env!("CARGO_BIN_EXE_yusuan")).env("LC_ALL", "C");
    Ran::of(command.output().expect("a shell"))
}

#[test]
fn a_file_that_may_not_grow_leaves_the_old_one() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.write("a.xlsx", "old");
    // Blocks of 512 bytes: the limit strikes at the first byte, and then later and later.
    let mut refused = 0;
    for blocks in 0..40 {
        let ran = shell(&bench, &format!("ulimit -f {blocks}; exec \"$YUSUAN\" convert a.txt --force"));
        if ran.code == 0 {
            break;
        }
        assert_eq!(ran.code, 2, "{blocks}: {}", ran.err);
        assert!(ran.err.contains("larger than the system allows") && ran.err.lines().count() == 1, "{}", ran.err);
        assert_eq!(bench.text("a.xlsx"), "old");
        assert_eq!(bench.files("."), ["a.txt", "a.xlsx"]);
        refused += 1;
    }
    assert!(refused > 10);
    assert!(is_workbook(&bench.read("a.xlsx")));
}

#[test]
fn every_format_and_report_gives_up_cleanly() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    for to in ["json", "docx", "txt", "tables", "sqlite", "parquet"] {
        let ran = shell(&bench, &format!("ulimit -f 0; exec \"$YUSUAN\" convert a.txt --quiet --to {to} -o out.{to}"));
        assert_eq!(ran.code, 2, "{to}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{to}: {}", ran.err);
        assert_eq!(bench.files("."), ["a.txt"], "{to}");
    }
}

#[test]
fn nothing_is_said_to_be_written_that_is_not() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    for to in ["tables", "sqlite", "parquet"] {
        let ran = shell(&bench, &format!("ulimit -f 2; exec \"$YUSUAN\" convert a.txt --to {to} -o out.{to}"));
        assert_eq!(ran.code, 2, "{to}: {}", ran.err);
        assert!(!ran.err.contains(&format!("→ out.{to}")), "{to}: {}", ran.err);
        assert_eq!(bench.files("."), ["a.txt"], "{to}");
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    let whole = Instant::now();
    bench.run(&["convert", "a.txt"]).ends(0);
    let whole = whole.elapsed();
    let new = bench.read("a.xlsx");
    for moment in 0..50u32 {
        bench.write("a.xlsx", "old");
        let mut child = bench.command(&["convert", "a.txt", "--force", "--quiet"]).spawn().expect("started");
        std::thread::sleep(whole * moment / 45 + Duration::from_micros(50));
        let _ = child.kill();
        child.wait().expect("ended");
        let left = bench.read("a.xlsx");
        assert!(left == b"old" || left == new, "{moment}: neither the old file nor the new one");
    }
    bench.run(&["convert", "a.txt", "--force", "--quiet"]).ends(0);
    assert_eq!(bench.files("."), ["a.txt", "a.xlsx"], "what killed runs left is taken away");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    for arguments in ["convert a.txt -o -", "convert a.txt -o - --to json", "check a.txt", "explain", "forms list"] {
        let script = format!("{{ \"$YUSUAN\" {arguments} --quiet; echo ended $? >&2; }} | head -c 1 >/dev/null");
        let ran = shell(&bench, &script);
        assert_eq!(ran.err, "ended 0\n", "{arguments}");
    }
    assert_eq!(bench.files("."), ["a.txt"]);
}

#[test]
fn a_full_device_is_said_in_one_line() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    for arguments in ["convert a.txt -o -", "check a.txt --format json", "forms list"] {
        let ran = shell(&bench, &format!("exec \"$YUSUAN\" {arguments} --quiet > /dev/full"));
        assert_eq!(ran.code, 2, "{arguments}: {}", ran.err);
        assert!(ran.err.contains("the disk is full") && ran.err.lines().count() == 1, "{}", ran.err);
    }
}
