//! Inputs of the benchmarks: the bundled filings, the real ones where they are, and one filing with
//! its project tables repeated to 34, 340 and 3,400 of them.
#![allow(dead_code, reason = "each benchmark uses a part")]

pub mod floor;

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use yusuan::Filing;
use yusuan::filing::Block;
use yusuan::form::built_in;
use yusuan::limits::Limits;

/// Project tables of size ×1.
pub const PROJECTS: usize = 34;

/// The sizes: a large department, ten of them, a hundred.
pub const SIZES: [usize; 3] = [1, 10, 100];

/// A filing in all the kinds that the stages begin with.
pub struct Input {
    pub filing: Filing,
    pub text: Vec<u8>,
    pub docx: Vec<u8>,
}

/// The filing with `factor` × 34 project tables, made once.
pub fn input(factor: usize) -> &'static Input {
    static MADE: Mutex<Vec<(usize, &'static Input)>> = Mutex::new(Vec::new());
    let mut made = MADE.lock().expect("no benchmark panics");
    if let Some((_, input)) = made.iter().find(|(size, _)| *size == factor) {
        return input;
    }
    let filing = enlarged(factor * PROJECTS);
    let text = yusuan::write::text::write(&filing, built_in::forms()).into_bytes();
    let docx = yusuan::write::docx::write(&filing, built_in::forms()).expect("a docx");
    let input: &'static Input = Box::leak(Box::new(Input { filing: read("large.txt", &text), text, docx }));
    made.push((factor, input));
    input
}

/// Reads a filing with the built-in forms.
pub fn read(name: &str, bytes: &[u8]) -> Filing {
    yusuan::read_filing(name, bytes, built_in::forms(), &Limits::default()).expect("a readable filing")
}

/// The bundled filings, then the real ones in `YUSUAN_FILINGS` (default `../shared/filings`).
pub fn files() -> &'static [(String, Vec<u8>)] {
    static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
        let real = std::env::var_os("YUSUAN_FILINGS").map_or_else(|| PathBuf::from("../shared/filings"), PathBuf::from);
        let mut files = texts_in(Path::new("examples/filings"));
        files.extend(texts_in(&real));
        files
    });
    &FILES
}

fn texts_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".txt") || (name.ends_with(".md") && name != "README.md")
    };
    paths
        .into_iter()
        .filter(wanted)
        .filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), std::fs::read(&path).ok()?)))
        .collect()
}

fn projects(filing: &Filing) -> usize {
    filing.tables().filter(|(_, table)| table.form_id() == "project-performance").count()
}

/// The filing with most project tables, these repeated until there are `count`. Numbers, codes and
/// names of the copies differ, as those of projects do.
fn enlarged(count: usize) -> Filing {
    let mut filing = files().iter().map(|(name, bytes)| read(name, bytes)).max_by_key(projects).expect("a filing");
    let is_project = |block: &Block| matches!(block, Block::Table(table) if table.form_id() == "project-performance");
    let first = filing.blocks.iter().position(is_project).expect("a project table");
    let originals: Vec<Block> = filing.blocks.iter().filter(|block| is_project(block)).cloned().collect();
    filing.blocks.retain(|block| !is_project(block));
    let copies = originals.iter().cycle().take(count).cloned().enumerate().map(|(index, block)| {
        let Block::Table(mut table) = block else { return block };
        for field in &mut table.fields {
            if let yusuan::filing::Value::One(text) = &mut field.value {
                match field.id.as_str() {
                    "no" => *text = (index + 1).to_string().as_str().into(),
                    "project_code" | "project_name" if index >= originals.len() => {
                        *text = format!("{}{}", text.as_str(), index / originals.len()).as_str().into();
                    }
                    _ => {}
                }
            }
        }
        Block::Table(table)
    });
    let copies: Vec<Block> = copies.collect();
    filing.blocks.splice(first..first, copies);
    filing
}
