//! The READMEs say the truth: their commands run, and print what the READMEs say they print.
//!
//! A block marked `console` is a session in one folder, which begins with the bundled filings.
//! A line after `$ ` is a command; the lines up to the next one are what it prints, standard error
//! among it. A line that is only `…` stands for any lines, a `…` in a line for any characters.

mod cli_common;

use std::path::Path;
use std::process::Command;

use cli_common::Bench;

#[test]
fn the_readmes_commands_print_what_they_say() {
    for name in ["README.md", "README.zh-CN.md", "examples/filings/README.md"] {
        let Ok(text) = std::fs::read_to_string(name) else { continue };
        let bench = with_examples();
        let mut wrong = String::new();
        for (command, expected) in commands(&text) {
            let printed = run(&bench, &command);
            if !matches(&expected, &printed.lines().collect::<Vec<_>>()) {
                wrong.push_str(&format!(
                    "$ {command}\n--- {name} says\n{}\n--- it prints\n{printed}\n",
                    expected.join("\n")
                ));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

fn with_examples() -> Bench {
    let bench = Bench::new();
    for entry in std::fs::read_dir("examples/filings").expect("the bundled filings") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name != "README.md" {
            bench.write(&name, std::fs::read(&path).expect("readable"));
        }
    }
    bench
}

/// The commands of the console blocks that call `yusuan`, each with what it prints.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    let mut counts = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```console";
            counts = false;
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            counts = command.starts_with("yusuan ");
            if counts {
                found.push((command.to_owned(), Vec::new()));
            }
        } else if let (true, Some((_, printed))) = (inside && counts, found.last_mut()) {
            printed.push(line.to_owned());
        }
    }
    found
}

fn run(bench: &Bench, command: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_yusuan")).parent().expect("a folder").to_owned();
    let mut paths = vec![folder];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command} ; }} 2>&1")])
        .current_dir(bench.path("."))
        .env("PATH", std::env::join_paths(paths).expect("paths"))
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "en_US.UTF-8")
        .output()
        .expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn matches(expected: &[String], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((any, rest)) if any == "…" => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        Some((line, rest)) => {
            printed.first().is_some_and(|first| line_matches(line, first)) && matches(rest, &printed[1..])
        }
    }
}

fn line_matches(expected: &str, printed: &str) -> bool {
    let mut parts = expected.trim_end().split('…');
    let mut rest = printed.trim_end();
    let first = parts.next().unwrap_or_default();
    match rest.strip_prefix(first) {
        Some(after) => rest = after,
        None => return false,
    }
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn console_blocks_are_found_and_compared() {
    let text =
        "```console\n$ cargo install yusuan\n$ yusuan forms\nhebei-2021  …\n…\nend\n```\n\n```sh\n$ yusuan x\n```\n";
    let found = commands(text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "yusuan forms");
    assert!(matches(&found[0].1, &["hebei-2021  河北", "a", "b", "end"]));
    assert!(!matches(&found[0].1, &["hebei-2023  河北", "end"]));
    assert!(line_matches("a…b…c", "a1b2c") && !line_matches("a…b…c", "a1c2b"));
}
