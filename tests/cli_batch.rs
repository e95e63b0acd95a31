//! The command on a season's filings: names, re-runs, failures, reports, kills, a full disk.

mod cli_common;

use std::collections::BTreeMap;
use std::time::Duration;

use cli_common::{Bench, CONTRADICTING, FILING, is_workbook};

fn mixed() -> Bench {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.write("in/乡镇/b.txt", CONTRADICTING);
    bench.write("in/bad.docx", b"PK\x03\x04 cut short");
    bench
}

#[test]
fn a_bad_file_never_stops_the_rest() {
    let bench = mixed();
    let ran = bench.run(&["convert", "in", "-o", "out"]).ends(1).says("3 inputs: 2 done, 1 failed");
    assert!(ran.err.contains("error: in/bad.docx: "), "{}", ran.err);
    assert!(ran.out.is_empty());
    assert_eq!(bench.outputs("out"), ["a.xlsx", "乡镇/b.xlsx"]);
    assert!(bench.outputs("out").iter().all(|name| is_workbook(&bench.read(&format!("out/{name}")))));
}

#[test]
fn nothing_done_at_all_ends_with_two() {
    let bench = mixed();
    bench.run(&["convert", "in", "-o", "out", "--include", "*.docx"]).ends(2);
    bench.run(&["convert", "in", "-o", "out", "--include", "*.nothing"]).ends(2).says("no files to read");
    bench.run(&["convert", "none.txt", "nil.txt", "-o", "out"]).ends(2).says("none.txt: no such file");
    assert!(bench.outputs("out").is_empty());
}

#[test]
fn globs_choose_among_the_files_of_folders() {
    let bench = mixed();
    bench.run(&["convert", "in", "-o", "one", "--exclude", "*.docx", "--exclude", "乡镇"]).ends(0);
    assert_eq!(bench.outputs("one"), ["a.xlsx"]);
    bench.run(&["convert", "in", "-o", "two", "--include", "乡镇/*"]).ends(0);
    assert_eq!(bench.outputs("two"), ["乡镇/b.xlsx"]);
    bench.run(&["convert", "in", "-o", "three", "--include", "["]).ends(2);
}

#[test]
fn names_that_clash_keep_their_own_extension() {
    let bench = Bench::new();
    for name in ["in/a.txt", "in/a.md", "in/b.txt", "more/b.txt"] {
        bench.write(name, FILING);
    }
    bench.run(&["convert", "in", "more", "-o", "out", "--jobs", "1"]).ends(0);
    assert_eq!(bench.outputs("out"), ["a.md.xlsx", "a.txt.xlsx", "b.txt (2).xlsx", "b.txt.xlsx"]);
}

#[test]
fn a_second_run_skips_what_is_up_to_date_by_content() {
    let bench = mixed();
    bench.run(&["convert", "in", "-o", "out"]).ends(1);
    // The same content at a later time is no change; another content is.
    bench.write("in/a.txt", FILING);
    bench.write("in/乡镇/b.txt", CONTRADICTING.replace("99.00", "55.00"));
    bench.run(&["convert", "in", "-o", "out"]).ends(1).says("3 inputs: 1 done, 1 up to date, 1 failed");
    bench.run(&["convert", "in", "-o", "out"]).ends(1).says("3 inputs: 2 up to date, 1 failed");
    bench.run(&["convert", "in", "-o", "out", "--force"]).ends(1).says("3 inputs: 2 done, 1 failed");
    bench.run(&["convert", "in", "-o", "out", "--to", "json"]).ends(1).says("3 inputs: 2 done, 1 failed");
}

#[test]
fn what_a_person_edited_stays() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.run(&["convert", "in", "-o", "out"]).ends(0);
    bench.write("out/a.xlsx", "edited");
    bench.run(&["convert", "in", "-o", "out"]).ends(0).says("edited since, kept");
    bench.write("in/a.txt", CONTRADICTING);
    bench.run(&["convert", "in", "-o", "out"]).ends(2).says("out/a.xlsx exists");
    assert_eq!(bench.text("out/a.xlsx"), "edited");
    bench.run(&["convert", "in", "-o", "out", "--force"]).ends(0);
    assert!(is_workbook(&bench.read("out/a.xlsx")));
}

#[test]
fn a_lost_journal_costs_time_but_no_file() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.run(&["convert", "in", "-o", "out"]).ends(0);
    bench.write("out/.yusuan-state.jsonl", "{\"cut short");
    bench.run(&["convert", "in", "-o", "out"]).ends(0).says("1 up to date");
    bench.run(&["convert", "in", "-o", "out"]).ends(0).says("1 up to date");
}

#[test]
fn without_o_outputs_stand_beside_and_are_no_inputs_of_the_next_run() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.write("in/b.txt", FILING);
    bench.run(&["convert", "in"]).ends(0);
    bench.run(&["convert", "in"]).ends(0).says("2 inputs: 2 up to date");
    assert_eq!(bench.files("in"), ["a.txt", "a.xlsx", "b.txt", "b.xlsx"]);
}

#[test]
fn an_output_folder_inside_the_input_folder_is_no_input() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.run(&["convert", ".", "-o", "out", "--report", "report.json"]).ends(0);
    bench.run(&["convert", ".", "-o", "out", "--report", "report.json"]).ends(0).says("1 input: 1 up to date");
}

#[test]
fn several_inputs_need_a_folder() {
    let bench = mixed();
    bench.run(&["convert", "in", "-o", "-"]).ends(2).says("name a folder");
    bench.run(&["convert", "in", "-o", "all.xlsx"]).ends(2).says("is a folder");
    bench.run(&["convert", "in", "-o", "in/a.txt"]).ends(2).says("is a folder");
    assert_eq!(bench.files("."), ["in/a.txt", "in/bad.docx", "in/乡镇/b.txt"]);
}

#[test]
fn reports_say_what_became_of_each_input() {
    let bench = mixed();
    bench.run(&["convert", "in", "-o", "out", "--report", "report.json"]).ends(1);
    let report: serde_json::Value = serde_json::from_slice(&bench.read("report.json")).expect("JSON");
    assert_eq!(report["schema"], "yusuan/report@1");
    assert_eq!((&report["summary"]["done"], &report["summary"]["failed"]), (&2.into(), &1.into()));
    let files: BTreeMap<&str, &serde_json::Value> = report["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| (file["input"].as_str().expect("a path"), file))
        .collect();
    assert_eq!(files["in/a.txt"]["forms"]["institutions"], 1);
    assert_eq!(files["in/a.txt"]["output"], "out/a.xlsx");
    assert_eq!(files["in/乡镇/b.txt"]["findings"]["inconsistency"], 1);
    assert_eq!(files["in/bad.docx"]["status"], "failed");
    assert!(files["in/bad.docx"]["message"].as_str().is_some_and(|message| message.contains("bad.docx")));
    assert!(files["in/a.txt"]["seconds"].as_f64().is_some());

    bench.run(&["convert", "in", "-o", "out", "--report", "report.csv"]).ends(1);
    let csv = bench.text("report.csv");
    assert!(csv.starts_with("\u{feff}input,output,status,"));
    assert!(csv.contains("in/a.txt,out/a.xlsx,up-to-date,,institutions 1,0,0,0,0,0,"), "{csv}");

    bench.write("mine.json", "{}");
    bench.run(&["convert", "in", "-o", "out", "--report", "mine.json"]).ends(2).says("exists");
    assert_eq!(bench.text("mine.json"), "{}");
}

#[test]
fn an_input_that_takes_too_long_is_given_up() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.write("in/slow.txt", FILING.repeat(20_000));
    bench
        .run(&["convert", "in", "-o", "out", "--time-limit", "1"])
        .ends(1)
        .says("slow.txt took longer than the time limit")
        .says("2 inputs: 1 done, 1 timed out");
    assert_eq!(bench.outputs("out"), ["a.xlsx"]);
}

#[cfg(unix)]
#[test]
fn pipes_among_the_inputs_are_not_waited_for() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    let made = std::process::Command::new("mkfifo").arg(bench.path("in/pipe.txt")).status().expect("mkfifo");
    assert!(made.success());
    bench.run(&["convert", "in", "-o", "out"]).ends(1).says("in/pipe.txt is no regular file");
}

#[cfg(unix)]
#[test]
fn unreadable_inputs_and_folders_that_cannot_be_written_are_said() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let locked = bench.write("in/locked.txt", FILING);
    bench.write("in/a.txt", FILING);
    bench.write("shut/x", "");
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    mode(&locked, 0o000);
    mode(&bench.path("shut"), 0o555);
    if std::fs::read(&locked).is_ok() {
        eprintln!("SKIPPED: root reads everything");
        return;
    }
    bench.run(&["convert", "in", "-o", "out"]).ends(1).says("in/locked.txt: permission denied");
    bench.run(&["convert", "in", "-o", "shut"]).ends(2).says("shut/.yusuan-state.jsonl: permission denied");
    bench.run(&["convert", "in/a.txt", "-o", "shut/a.xlsx"]).ends(2).says("permission denied");
    mode(&bench.path("shut"), 0o755);
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_whole_files_and_the_next_one_finishes() {
    let bench = Bench::new();
    for index in 0..40 {
        bench.write(&format!("in/{index:02}.txt"), FILING.replace("苗圃站", &format!("苗圃{index}站")));
    }
    for round in 0..12u64 {
        let mut child = bench
            .command(&["convert", "in", "-o", "out", "--force", "--quiet", "--jobs", "2"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if !bench.path("out").exists() {
            continue;
        }
        for name in bench.outputs("out").into_iter().filter(|name| name.ends_with(".xlsx")) {
            assert!(is_workbook(&bench.read(&format!("out/{name}"))), "{name} after {round}");
        }
    }
    bench.run(&["convert", "in", "-o", "out"]).ends(0);
    let expected: Vec<String> = (0..40).map(|index| format!("{index:02}.xlsx")).collect();
    assert_eq!(bench.outputs("out"), expected);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing_half_written() {
    let bench = Bench::new();
    for index in 0..40 {
        bench.write(&format!("in/{index:02}.txt"), FILING);
    }
    for round in 0..6u64 {
        let mut child = bench
            .command(&["convert", "in", "-o", "out", "--force", "--quiet"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(Duration::from_millis(15 * round));
        let signalled = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(signalled.expect("kill").success());
        child.wait().expect("ended");
        if bench.path("out").exists() {
            let files = bench.outputs("out");
            assert!(files.iter().all(|name| name.ends_with(".xlsx")), "{files:?}");
        }
    }
}

/// Needs the right to mount; elsewhere it says that it was skipped.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_old_file_and_leaves_nothing_behind() {
    let bench = Bench::new();
    bench.write("a.txt", FILING.repeat(60));
    bench.write("disk/x", "");
    std::fs::remove_file(bench.path("disk/x")).expect("removed");
    let mount = |arguments: &[&str]| {
        std::process::Command::new(arguments[0])
            .args(&arguments[1..])
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let disk = bench.path("disk").to_string_lossy().into_owned();
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", &disk]) {
        eprintln!("SKIPPED: no right to mount");
        return;
    }
    let tried = std::panic::catch_unwind(|| {
        bench.write("disk/a.xlsx", "old");
        bench.run(&["convert", "a.txt", "-o", "disk/a.xlsx", "--force"]).ends(2).says("the disk is full");
        assert_eq!(bench.text("disk/a.xlsx"), "old");
        assert_eq!(bench.files("disk"), ["a.xlsx"]);
        bench.run(&["convert", "a.txt", "a.txt", ".", "-o", "disk", "--exclude", "disk"]).ends(2);
        assert_eq!(bench.outputs("disk"), ["a.xlsx"]);
    });
    assert!(mount(&["umount", &disk]));
    if let Err(panic) = tried {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn filings_are_pooled_in_one_output() {
    let bench = mixed();
    bench.run(&["convert", "in", "--to", "tables"]).ends(2).says("-o");
    bench.run(&["convert", "in", "--to", "tables", "-o", "-"]).ends(2).says("-o");
    bench
        .run(&["convert", "in", "--to", "tables", "-o", "season", "--report", "report.json"])
        .ends(1)
        .says("2 filings")
        .says("3 inputs: 2 done, 1 failed");
    assert!(bench.files("season").contains(&"datapackage.json".to_owned()), "{:?}", bench.files("season"));
    let report: serde_json::Value = serde_json::from_slice(&bench.read("report.json")).expect("JSON");
    assert_eq!(report["files"][0]["output"], "season");
    let first: Vec<Vec<u8>> = bench.files("season").iter().map(|name| bench.read(&format!("season/{name}"))).collect();
    bench.run(&["convert", "in", "--to", "tables", "-o", "season"]).ends(2);
    bench.run(&["convert", "in", "--to", "tables", "-o", "season", "--force", "--jobs", "1"]).ends(1);
    let again: Vec<Vec<u8>> = bench.files("season").iter().map(|name| bench.read(&format!("season/{name}"))).collect();
    assert!(first == again, "the same filings give the same tables");

    bench.run(&["convert", "in", "-o", "season.sqlite"]).ends(1);
    assert!(bench.read("season.sqlite").starts_with(b"SQLite format 3"));
    bench.run(&["convert", "in/bad.docx", "in/none.txt", "--to", "sqlite", "-o", "nothing.sqlite"]).ends(2);
    let names: Vec<String> = bench.files(".").into_iter().filter(|name| !name.contains('/')).collect();
    assert_eq!(names, ["report.json", "season.sqlite"]);
}

#[test]
fn the_import_workbook_asks_once_for_what_a_filing_cannot_say() {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    bench.run(&["convert", "a.txt", "--to", "mof", "-o", "import.xlsx"]).ends(0).says("--set MOF_DIV_CODE=…");
    assert!(is_workbook(&bench.read("import.xlsx")));
    let set = ["convert", "a.txt", "--to", "mof", "-o", "import.xlsx", "--force"];
    let ran = bench.run(&[&set[..], &["--set", "MOF_DIV_CODE=139999000"]].concat()).ends(0);
    assert!(!ran.err.contains("MOF_DIV_CODE"), "{}", ran.err);
    bench.write("yusuan.toml", "[set]\nMOF_DIV_CODE = \"139999000\"\n");
    let ran = bench.run(&set).ends(0);
    assert!(!ran.err.contains("MOF_DIV_CODE"), "{}", ran.err);
    bench.run(&[&set[..], &["--set", "NO_SUCH_FIELD=1"]].concat()).ends(2).says("NO_SUCH_FIELD");
    bench.run(&[&set[..], &["--set", "MOF_DIV_CODE"]].concat()).ends(2).says("FIELD=VALUE");
    bench.write("forms/import/mof.toml", "no mapping");
    bench.run(&[&set[..], &["--templates", "forms"]].concat()).ends(2).says("forms/import/mof.toml");
}

#[test]
fn a_file_without_text_is_said_to_be_one() {
    let bench = Bench::new();
    bench.write("in/a.txt", FILING);
    bench.write("in/empty.txt", " \n\u{3000}\n");
    bench.run(&["convert", "in", "-o", "out"]).ends(1).says("in/empty.txt: the file holds no text");
    assert!(!bench.files("out").iter().any(|name| name.starts_with("empty")));
    let ran = bench.run(&["check", "in/empty.txt"]).ends(1);
    assert!(String::from_utf8_lossy(&ran.out).contains("no-text"));
    bench.write("in/prose.txt", "没有表的一段话。\n");
    let ran = bench.run(&["check", "in/prose.txt"]).ends(0);
    assert!(String::from_utf8_lossy(&ran.out).contains("no-known-table"));
}
