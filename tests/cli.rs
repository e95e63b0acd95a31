//! The command on one input: outputs, exit codes, languages, what is refused.

mod cli_common;

use cli_common::{Bench, CONTRADICTING, FILING, is_workbook};

#[test]
fn a_filing_becomes_a_workbook_beside_it() {
    let bench = Bench::new();
    bench.write("林草.txt", FILING);
    bench.run(&["convert", "林草.txt"]).ends(0).says("林草.txt → 林草.xlsx (1 table");
    assert_eq!(bench.files("."), ["林草.txt", "林草.xlsx"]);
    assert!(is_workbook(&bench.read("林草.xlsx")));
}

#[test]
fn the_extension_of_the_output_picks_the_format_and_to_wins() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.run(&["convert", "a.txt", "-o", "b.json"]).ends(0);
    assert!(bench.text("b.json").contains("yusuan/filing@1"));
    bench.run(&["convert", "a.txt", "-o", "c.json", "--to", "xlsx"]).ends(0);
    assert!(is_workbook(&bench.read("c.json")));
    bench.run(&["convert", "a.txt", "-o", "-", "--to", "txt"]).ends(0);
    bench.run(&["convert", "a.txt", "-o", "e.docx"]).ends(0);
    bench.run(&["check", "e.docx"]).ends(0);
    bench.run(&["convert", "a.txt", "-o", "d.odp"]).ends(2).says("--to");
    bench.run(&["convert", "a.txt", "--to", "pdf"]).ends(2);
    assert_eq!(bench.files("."), ["a.txt", "b.json", "c.json", "e.docx"]);
}

#[test]
fn standard_input_and_output() {
    let bench = Bench::new();
    let ran = bench.run_with_input(&["convert", "-", "--to", "json", "-o", "-"], FILING.as_bytes()).ends(0);
    let json = ran.json();
    assert_eq!(json["source"]["name"], "stdin");
    assert_eq!(json["blocks"].as_array().and_then(|blocks| blocks.last()).expect("blocks")["form"], "institutions");
    let ran = bench.run_with_input(&["convert", "-"], FILING.as_bytes()).ends(0);
    assert!(is_workbook(&ran.out));
    assert!(bench.files(".").is_empty());
}

#[test]
fn an_output_into_a_folder_keeps_the_name() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.write("out/other", "");
    bench.run(&["convert", "a.txt", "-o", "out"]).ends(0);
    assert_eq!(bench.files("out"), ["a.xlsx", "other"]);
}

#[test]
fn an_existing_output_is_never_overwritten_without_force() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.write("a.xlsx", "somebody's work");
    bench.run(&["convert", "a.txt"]).ends(2).says("error: a.xlsx exists; --force overwrites it");
    assert_eq!(bench.text("a.xlsx"), "somebody's work");
    bench.run(&["convert", "a.txt", "--force"]).ends(0);
    assert!(is_workbook(&bench.read("a.xlsx")));
}

#[test]
fn an_input_is_never_written_over() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.run(&["convert", "a.txt", "-o", "a.txt", "--to", "json", "--force"]).ends(2).says("over itself");
    assert_eq!(bench.text("a.txt"), FILING);
}

#[test]
fn what_cannot_be_read_is_one_line_with_the_name() {
    let bench = Bench::new();
    bench.write("noise.docx", b"PK\x03\x04 cut short");
    bench.write("folder/a.txt", FILING);
    for (arguments, name) in [(["convert", "none.txt"], "none.txt"), (["convert", "noise.docx"], "noise.docx")] {
        let ran = bench.run(&arguments).ends(2).says(&format!("error: {name}: "));
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(ran.err.trim_end().chars().count() <= 200);
    }
    assert_eq!(bench.files("."), ["folder/a.txt", "noise.docx"]);
}

#[test]
fn messages_follow_the_locale_and_the_option() {
    let bench = Bench::new();
    let said = |arguments: &[&str], locale: &[(&str, &str)]| {
        let output = bench.command(arguments).envs(locale.iter().copied()).output().expect("started");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let convert = ["convert", "none.txt"];
    assert_eq!(said(&convert, &[]), "error: none.txt: no such file\n");
    assert_eq!(said(&convert, &[("LANG", "zh_CN.UTF-8")]), "错误：none.txt：找不到文件\n");
    assert_eq!(said(&convert, &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), "error: none.txt: no such file\n");
    assert_eq!(said(&["convert", "none.txt", "--lang", "zh"], &[]), "错误：none.txt：找不到文件\n");
    assert_eq!(said(&["frob"], &[("LC_ALL", "zh_CN")]), "错误：没有命令“frob”；用法见 yusuan --help\n");
}

#[test]
fn help_speaks_both_languages() {
    let bench = Bench::new();
    let help = |arguments: &[&str]| String::from_utf8(bench.run(arguments).ends(0).out).expect("UTF-8");
    assert!(help(&["--help"]).contains("Usage: yusuan"));
    assert!(help(&["--help", "--lang", "zh"]).contains("用法：yusuan"));
    assert!(help(&["--version"]).starts_with("yusuan "));
}

#[test]
fn quiet_says_nothing_but_errors() {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    assert_eq!(bench.run(&["convert", "a.txt", "--quiet"]).ends(0).err, "");
    bench.run(&["convert", "a.txt", "--quiet"]).ends(2).says("error: a.xlsx exists");
}

#[test]
fn check_prints_contradictions_and_ends_with_one() {
    let bench = Bench::new();
    bench.write("good.txt", FILING);
    bench.write("bad.txt", CONTRADICTING);
    bench.run(&["check", "good.txt"]).ends(0);
    let ran = bench.run(&["check", "bad.txt"]).ends(1);
    let out = String::from_utf8(ran.out).expect("UTF-8");
    assert!(out.contains("99.00") && out.contains("55"), "{out}");
    assert!(!out.contains('\u{1b}'), "no colours into a pipe");
    bench.run(&["check", "none.txt"]).ends(2).says("none.txt: no such file");
    bench.run(&["check", "none.txt", "good.txt"]).ends(1);
    bench.run(&["check", "good.txt", "--deny", "no-such-code"]).ends(2).says("no-such-code");
}

#[test]
fn check_for_programs() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    bench.write("b.txt", CONTRADICTING);
    let json = bench.run(&["check", "b.txt", "a.txt", "--format", "json"]).ends(1).json();
    assert_eq!(json["schema"], "yusuan/findings@1");
    assert_eq!(json["files"][0]["source"]["name"], "b.txt");
    let finding = json["files"][0]["findings"]
        .as_array()
        .and_then(|findings| findings.iter().find(|finding| finding["severity"] == "inconsistency"));
    let finding = finding.expect("an inconsistency");
    assert_eq!(finding["stated"], "99.00");
    assert!(finding["computed"].as_str().is_some_and(|computed| computed.starts_with("55")));
    assert_eq!(json["files"][1]["source"]["name"], "a.txt");

    let sarif = bench.run(&["check", "b.txt", "a.txt", "--format", "sarif"]).ends(1).json();
    let run = &sarif["runs"][0];
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }

    bench.run(&["check", "b.txt", "a.txt", "--format", "xlsx", "-o", "return.xlsx"]).ends(1);
    assert!(is_workbook(&bench.read("return.xlsx")));
    bench.run(&["check", "b.txt", "--format", "xlsx", "-o", "return.xlsx"]).ends(2).says("exists");
}

#[test]
fn findings_are_switched_by_option_and_by_the_offices_file() {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    let json = bench.run(&["check", "a.txt", "--format", "json"]).ends(1).json();
    let rule = json["files"][0]["findings"]
        .as_array()
        .and_then(|findings| findings.iter().find(|finding| finding["severity"] == "inconsistency"))
        .expect("an inconsistency")["rule"]
        .as_str()
        .expect("a code")
        .to_owned();
    bench.run(&["check", "a.txt", "--allow", &rule]).ends(0);
    bench.write("yusuan.toml", format!("[rules]\nallow = [\"{rule}\"]\n"));
    bench.run(&["check", "a.txt"]).ends(0);
    bench.run(&["check", "a.txt", "--deny", &rule]).ends(1);
}

#[test]
fn explain_knows_every_code_and_says_so_of_others() {
    let bench = Bench::new();
    let list = String::from_utf8(bench.run(&["explain"]).ends(0).out).expect("UTF-8");
    assert!(list.contains("sum-mismatch                 inconsistency  "), "{list}");
    let list = String::from_utf8(bench.run(&["explain", "--lang", "zh"]).ends(0).out).expect("UTF-8");
    assert!(list.contains("sum-mismatch                 矛盾  "), "{list}");
    let one = String::from_utf8(bench.run(&["explain", "sum-mismatch", "--lang", "zh"]).ends(0).out).expect("UTF-8");
    assert!(one.contains("怎么办"), "{one}");
    bench.run(&["explain", "no-such-code"]).ends(2).says("no-such-code");
}

#[test]
fn forms_are_listed_shown_and_given_blank() {
    let bench = Bench::new();
    let list = String::from_utf8(bench.run(&["forms"]).ends(0).out).expect("UTF-8");
    assert!(list.contains("hebei-2021") && list.contains("project-performance"), "{list}");
    let shown = String::from_utf8(bench.run(&["forms", "show", "hebei-2023/revenue-summary"]).ends(0).out);
    assert!(shown.expect("UTF-8").contains("function_code"));
    bench.run(&["forms", "blank", "revenue-summary", "-o", "blank.xlsx"]).ends(0);
    assert!(is_workbook(&bench.read("blank.xlsx")));
    bench.run(&["forms", "blank", "revenue-summary", "-o", "blank.xlsx"]).ends(2).says("exists");
    bench.run(&["forms", "show", "no-such-form"]).ends(2).says("no-such-form");
}

#[test]
fn config_shows_what_is_in_force_and_why() {
    let bench = Bench::new();
    bench.write("yusuan.toml", "jobs = 3\n");
    bench.write("below/x", "");
    let output = bench.command(&["config"]).current_dir(bench.path("below")).output().expect("started");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("jobs = 3  # yusuan.toml"), "{text}");
    assert!(text.contains("time_limit = 120  # default"), "{text}");
    bench.write("yusuan.toml", "job = 3\n");
    bench.run(&["config"]).ends(2).says("line 1: unknown field `job`");
}

#[test]
fn completions_for_a_shell() {
    let bench = Bench::new();
    let text = String::from_utf8(bench.run(&["completions", "bash"]).ends(0).out).expect("UTF-8");
    assert!(text.contains("convert"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_went_away_is_no_failure() {
    use std::io::Read;
    use std::process::Stdio;
    let bench = Bench::new();
    bench.write("a.txt", FILING.repeat(400));
    let mut child = bench
        .command(&["convert", "a.txt", "--to", "json", "-o", "-", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut start = [0; 10];
    let mut out = child.stdout.take().expect("piped");
    out.read_exact(&mut start).expect("a few bytes");
    drop(out);
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_no_outputs() {
    let bench = Bench::new();
    bench.write("a.txt", FILING);
    let target = bench.write("target.json", "kept");
    std::os::unix::fs::symlink(&target, bench.path("link.json")).expect("linked");
    bench.run(&["convert", "a.txt", "-o", "link.json", "--force"]).ends(2).says("symbolic link");
    bench.run(&["convert", "a.txt", "--to", "json", "-o", "/dev/null", "--force"]).ends(2).says("special file");
    assert_eq!(bench.text("target.json"), "kept");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    for format in ["xlsx", "json"] {
        let once = bench.run(&["convert", "a.txt", "--to", format, "-o", "-"]).ends(0).out;
        assert_eq!(once, bench.run(&["convert", "a.txt", "--to", format, "-o", "-"]).ends(0).out, "{format}");
    }
}

#[test]
fn amounts_in_another_unit_by_option_and_by_the_offices_file() {
    let bench = Bench::new();
    bench.write("a.txt", CONTRADICTING);
    let first = |arguments: &[&str]| {
        let mut all = vec!["convert", "a.txt", "--to", "json", "-o", "-"];
        all.extend(arguments);
        let json = bench.run(&all).ends(0).json();
        let blocks = json["blocks"].as_array().expect("blocks").clone();
        let table = blocks.iter().find(|block| block["type"] == "table").expect("a table").clone();
        (json["unit"].clone(), table["rows"][0]["cells"][2].clone())
    };
    assert_eq!(first(&[]), ("万元".into(), "99.00".into()));
    assert_eq!(first(&["--unit", "元"]), ("元".into(), "990000.00".into()));
    bench.write("yusuan.toml", "unit = '元'\n");
    assert_eq!(first(&[]), ("元".into(), "990000.00".into()));
    bench.run(&["convert", "a.txt", "--unit", "斤"]).ends(2);
    bench.write("yusuan.toml", "unit = '斤'\n");
    bench.run(&["convert", "a.txt"]).ends(2).says("line 1");
}
