//! Inputs: files, folders and standard input, found and read.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use yusuan::Error;
use yusuan::limits::{Limits, too_large};

use super::confine;
use super::console::shown;

/// One input.
#[derive(Clone, Debug)]
pub struct Input {
    /// As the user named it, or as it was found; `-` is standard input.
    pub path: PathBuf,
    /// Its path below the folder it was found in; its name when it was named itself.
    pub below: PathBuf,
    /// Why it cannot even be tried.
    pub trouble: Option<Error>,
}

impl Input {
    /// An input that was named itself.
    pub fn named(path: &Path) -> Input {
        Input {
            path: path.to_owned(),
            below: PathBuf::from(path.file_name().unwrap_or(path.as_os_str())),
            trouble: None,
        }
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The name for messages.
    pub fn shown(&self) -> String {
        shown(&self.path)
    }

    /// The file name, for the filing's source.
    pub fn source_name(&self) -> String {
        if self.is_stdin() {
            return "stdin".to_owned();
        }
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

/// Which files of folders are inputs.
#[derive(Debug, Default)]
pub struct Choice {
    include: Vec<Glob>,
    exclude: Vec<Glob>,
    /// Files and folders of our own that lie in an input folder.
    pub skip: Vec<PathBuf>,
}

/// A pattern without `/` is for the name, with `/` for the path below the folder.
#[derive(Debug)]
struct Glob {
    matcher: GlobMatcher,
    name_only: bool,
}

impl Glob {
    fn new(pattern: &str) -> Result<Glob, Error> {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| {
            Error::new(
                format!("匹配式“{pattern}”有误：{}", error.kind()),
                format!("glob '{pattern}': {}", error.kind()),
            )
        })?;
        Ok(Glob { matcher: glob.compile_matcher(), name_only: !pattern.contains('/') })
    }

    fn matches(&self, below: &Path) -> bool {
        match below.file_name() {
            Some(name) if self.name_only => self.matcher.is_match(name),
            _ => self.matcher.is_match(below),
        }
    }
}

impl Choice {
    /// A choice by patterns.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Choice, Error> {
        let globs = |patterns: &[String]| -> Result<Vec<Glob>, Error> {
            patterns.iter().map(|pattern| Glob::new(pattern)).collect()
        };
        Ok(Choice { include: globs(include)?, exclude: globs(exclude)?, skip: Vec::new() })
    }

    fn takes_file(&self, below: &Path) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|glob| glob.matches(below));
        included && !self.excludes(below)
    }

    fn excludes(&self, below: &Path) -> bool {
        self.exclude.iter().any(|glob| glob.matches(below))
    }
}

/// All inputs, folders opened; sorted within each folder, each file once. What cannot be tried is
/// among them with its trouble.
pub fn gather(named: &[PathBuf], choice: &Choice) -> Vec<Input> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() {
            walk(path, choice, &mut found);
        } else {
            found.push(Input::named(path));
        }
    }
    let mut seen = HashSet::new();
    found.retain(|input| input.is_stdin() || seen.insert(fs::canonicalize(&input.path).unwrap_or(input.path.clone())));
    found
}

/// The error of a run without inputs.
pub fn none() -> Error {
    Error::new("没有可处理的文件", "no files to read")
}

/// Folders are walked with a list of our own: nesting costs no stack. Links to folders are not
/// followed, so that no ring is walked.
fn walk(root: &Path, choice: &Choice, found: &mut Vec<Input>) {
    let start = found.len();
    let skip: Vec<PathBuf> = choice.skip.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let is_skipped = |path: &Path| {
        let name = path.file_name();
        skip.iter()
            .any(|skipped| skipped.file_name() == name && fs::canonicalize(path).is_ok_and(|path| path == *skipped))
    };
    // Files of the working folder are called by their names alone.
    let root = if root == Path::new(".") { Path::new("") } else { root };
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let trouble = |error: io::Error| Input {
            path: path.clone(),
            below: folder.clone(),
            trouble: Some(Error::from(error).within(&shown(&path))),
        };
        let here = if path.as_os_str().is_empty() { Path::new(".") } else { &path };
        let entries = match fs::read_dir(here) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(trouble(error));
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.push(trouble(error));
                    break;
                }
            };
            let (path, below) = (root.join(folder.join(entry.file_name())), folder.join(entry.file_name()));
            if is_furniture(&entry.file_name().to_string_lossy()) || is_skipped(&path) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !choice.excludes(&below) => folders.push(below),
                Ok(kind) if kind.is_dir() => {}
                Ok(kind) if kind.is_symlink() && path.is_dir() => {}
                _ if choice.takes_file(&below) => found.push(Input { path, below, trouble: None }),
                _ => {}
            }
        }
    }
    found[start..].sort_by(|a, b| a.below.cmp(&b.below));
}

/// What desktops, office programs and we ourselves leave in folders.
fn is_furniture(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || matches!(name, "Thumbs.db" | "desktop.ini")
}

/// The bytes of an input that is at most as large as the limits say.
pub fn read(input: &Input, limits: &Limits) -> Result<Vec<u8>, Error> {
    if let Some(trouble) = &input.trouble {
        return Err(trouble.clone());
    }
    confine::begun(&input.path)?;
    let bytes =
        if input.is_stdin() { read_to_limit(io::stdin().lock(), limits) } else { read_file(&input.path, limits) };
    bytes.map_err(|error| error.within(&input.shown()))
}

/// The text of a file of settings: no pipe that would be waited for, and no device that has no end.
pub fn text_of(path: &Path) -> Result<String, Error> {
    let limits = Limits { input_bytes: 4 << 20, ..Limits::default() };
    let text = String::from_utf8(read_file(path, &limits)?);
    text.map_err(|_| Error::new("不是 UTF-8 文本；请另存为 UTF-8", "is no UTF-8 text; save it as UTF-8"))
}

fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, Error> {
    read_while(path, limits, || ())
}

/// Reads a file while `meanwhile` happens to it.
fn read_while(path: &Path, limits: &Limits, mut meanwhile: impl FnMut()) -> Result<Vec<u8>, Error> {
    // Someone may be saving the file right now: what was read counts only if it held still.
    for _ in 0..3 {
        // Asked before opening: opening a pipe nobody writes to waits for ever.
        let metadata = fs::metadata(path)?;
        refuse_special(path, &metadata)?;
        let mut file = open(path, &metadata)?;
        let before = file.metadata()?;
        refuse_special(path, &before)?;
        if before.len() > limits.input_bytes {
            return Err(too_large(limits.input_bytes));
        }
        let bytes = read_to_limit(&mut file, limits)?;
        meanwhile();
        if !before.is_file() || same(&before, &fs::metadata(path)?, bytes.len()) {
            return Ok(bytes);
        }
    }
    Err(Error::new("读取时文件正在被改写；请等保存完成后再试", "changed while it was read; try again when it is saved"))
}

/// Opens a file. Some of the system's own are regular files of no length that wait for more without
/// end (`/proc/kmsg`): opened like this they fail instead, and nothing changes for an empty file.
#[cfg(target_os = "linux")]
fn open(path: &Path, metadata: &Metadata) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    if metadata.is_file() && metadata.len() == 0 {
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.read(true).open(path)
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path, _metadata: &Metadata) -> io::Result<File> {
    File::open(path)
}

/// Folders, devices and named pipes are no inputs. The shell's own pipes (`<(…)`) are: they stand
/// below `/dev/fd`, and somebody writes to them.
fn refuse_special(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    if metadata.is_dir() {
        return Err(Error::new("是文件夹，不是文件", "is a folder, not a file"));
    }
    if metadata.is_file() || is_pipe(metadata) && path.starts_with("/dev/fd") {
        return Ok(());
    }
    Err(Error::new(
        "是设备或管道，不是文件；要从管道读，请用 - 代替文件名",
        "is a device or a pipe, not a file; - reads from standard input",
    ))
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_metadata: &Metadata) -> bool {
    false
}

fn same(before: &Metadata, after: &Metadata, read: usize) -> bool {
    before.len() == after.len() && after.len() == read as u64 && before.modified().ok() == after.modified().ok()
}

fn read_to_limit(mut from: impl Read, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.by_ref().take(limits.input_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits.input_bytes {
        return Err(too_large(limits.input_bytes));
    }
    Ok(bytes)
}

/// Fails for what would be waited for (a pipe, a terminal) among many files.
pub fn must_be_file(input: &Input) -> Result<(), Error> {
    match fs::metadata(&input.path) {
        Ok(metadata) if !metadata.is_file() && !input.is_stdin() && input.trouble.is_none() => {
            let shown = input.shown();
            Err(Error::new(format!("{shown} 不是普通文件"), format!("{shown} is no regular file")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(root: &Path, include: &[&str], exclude: &[&str]) -> Vec<String> {
        let owned = |patterns: &[&str]| patterns.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let choice = Choice::new(&owned(include), &owned(exclude)).expect("good globs");
        let found = gather(&[root.to_owned()], &choice);
        found.iter().map(|input| input.below.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn folders_are_walked_in_order_without_furniture() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.txt", "a.docx", "乡镇/c.txt", "乡镇/旧/d.txt", ".hidden", "~$a.docx", ".git/x"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
            fs::write(path, "").expect("written");
        }
        let root = folder.path();
        assert_eq!(below(root, &[], &[]), ["a.docx", "b.txt", "乡镇/c.txt", "乡镇/旧/d.txt"]);
        assert_eq!(below(root, &["*.txt"], &["旧"]), ["b.txt", "乡镇/c.txt"]);
        assert_eq!(below(root, &["乡镇/*"], &[]), ["乡镇/c.txt"]);
        assert_eq!(below(root, &[], &["**/d.txt", "*.docx"]), ["b.txt", "乡镇/c.txt"]);
    }

    #[test]
    fn a_file_named_twice_is_one_input() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        fs::write(&path, "").expect("written");
        assert_eq!(gather(&[path.clone(), folder.path().to_owned(), path], &Choice::default()).len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("ring")).expect("linked");
        assert!(gather(&[folder.path().to_owned()], &Choice::default()).is_empty());
    }

    #[test]
    fn an_input_beyond_the_limit_is_refused() {
        let limits = Limits { input_bytes: 4, ..Limits::default() };
        assert_eq!(read_to_limit(&b"1234"[..], &limits), Ok(b"1234".to_vec()));
        assert!(read_to_limit(&b"12345"[..], &limits).is_err());
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        fs::write(&path, "x").expect("written");
        let mut changes = vec!["xy", "xyz"].into_iter();
        let read = read_while(&path, &Limits::default(), || {
            if let Some(text) = changes.next() {
                fs::write(&path, text).expect("written");
            }
        });
        assert_eq!(read, Ok(b"xyz".to_vec()));
        let mut text = String::new();
        let read = read_while(&path, &Limits::default(), || {
            text.push('x');
            fs::write(&path, &text).expect("written");
        });
        assert!(read.expect_err("it never held still").en.contains("changed while it was read"));
    }
}
