//! What a run wrote into an output folder, so that the next one skips what is up to date.
//!
//! A journal of JSON lines: before a file gets its name, a line says what will stand there. A run
//! that is killed at any moment leaves at most a line too many or a line cut short, and both are
//! harmless: a line counts only when the file's content is what it says.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use yusuan::Error;

use super::console::shown;
use super::report::Record;

/// Name of the journal in the output folder.
pub const FILE: &str = ".yusuan-state.jsonl";

/// One line: this output is what came of that input.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Path below the output folder.
    output: String,
    /// Digest of the input, the program's version and the options.
    made_from: String,
    /// Digest of the output.
    sha256: String,
    /// What the report says about it.
    record: Record,
}

/// The journal of an output folder.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    known: HashMap<String, Vec<Entry>>,
    journal: Mutex<File>,
    fresh: Mutex<BTreeMap<String, Entry>>,
    lines: usize,
}

/// How an output that exists stands to its input.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It is what the input gives.
    UpToDate(Record),
    /// We wrote it, from another input or with other options; nobody changed it since.
    Outdated,
    /// It was changed after we wrote it from this same input.
    Edited(Record),
    /// We know nothing about it, or both it and its input changed.
    Foreign,
}

impl State {
    /// Opens the journal of a folder, which must exist.
    pub fn open(folder: &Path) -> Result<State, Error> {
        let path = folder.join(FILE);
        let failed = |error: std::io::Error| Error::from(error).within(&shown(&path));
        super::atomic::exists(&path)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed)?;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut text)).map_err(failed)?;
        let mut known: HashMap<String, Vec<Entry>> = HashMap::new();
        let mut lines = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
                lines += 1;
                known.entry(entry.output.clone()).or_default().push(entry);
            }
        }
        if text.last().is_some_and(|last| *last != b'\n') {
            // The last run was cut short in the middle of a line.
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(State {
            folder: folder.to_owned(),
            known,
            journal: Mutex::new(file),
            fresh: Mutex::new(BTreeMap::new()),
            lines,
        })
    }

    /// How an output that exists stands to what it would be made from.
    pub fn standing(&self, output: &Path, made_from: &str) -> Result<Standing, Error> {
        let Some(entries) = self.known.get(&self.key(output)) else { return Ok(Standing::Foreign) };
        let bytes = fs::read(output).map_err(|error| Error::from(error).within(&shown(output)))?;
        let content = digest([bytes.as_slice()]);
        let same_input = entries.iter().rev().find(|entry| entry.made_from == made_from);
        let ours = entries.iter().any(|entry| entry.sha256 == content);
        Ok(match same_input {
            Some(entry) if entry.sha256 == content => Standing::UpToDate(entry.record.clone()),
            _ if ours => Standing::Outdated,
            Some(entry) => Standing::Edited(entry.record.clone()),
            None => Standing::Foreign,
        })
    }

    /// Notes what will stand at `output`; to be called before it is written.
    pub fn note(&self, output: &Path, made_from: &str, bytes: &[u8], record: &Record) -> Result<(), Error> {
        let entry = Entry {
            output: self.key(output),
            made_from: made_from.to_owned(),
            sha256: digest([bytes]),
            record: record.clone(),
        };
        let mut line = serde_json::to_vec(&entry).expect("an entry has string keys only");
        line.push(b'\n');
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.write_all(&line).map_err(|error| Error::from(error).within(&shown(&self.folder.join(FILE))))?;
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.output.clone(), entry);
        Ok(())
    }

    /// At the end of a run: rewrites the journal when most of its lines are outdated. The long
    /// one serves as well, so a failure is none of the run's.
    pub fn close(mut self) {
        let fresh = self.fresh.into_inner().unwrap_or_else(PoisonError::into_inner);
        let lines = self.lines + fresh.len();
        for (output, entry) in fresh {
            self.known.insert(output, vec![entry]);
        }
        if lines <= 2 * self.known.len() + 16 {
            return;
        }
        let mut outputs: Vec<(String, Vec<Entry>)> = self.known.into_iter().collect();
        outputs.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut text = Vec::new();
        for entry in outputs.iter().filter_map(|(_, entries)| entries.last()) {
            serde_json::to_writer(&mut text, entry).expect("a Vec takes every byte");
            text.push(b'\n');
        }
        let _ = super::atomic::write(&self.folder.join(FILE), &text, super::atomic::Existing::Replace);
    }

    fn key(&self, output: &Path) -> String {
        output.strip_prefix(&self.folder).unwrap_or(output).to_string_lossy().into_owned()
    }
}

/// SHA-256 of some parts, each set apart from the next.
pub fn digest<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_by_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("a.xlsx");
        let standing = |made_from: &str| {
            let state = State::open(folder.path()).expect("opened");
            state.standing(&output, made_from).expect("read")
        };
        State::open(folder.path())
            .and_then(|state| state.note(&output, "one", b"1", &Record::default()))
            .expect("noted");
        fs::write(&output, b"1").expect("written");
        assert_eq!(standing("one"), Standing::UpToDate(Record::default()));
        assert_eq!(standing("two"), Standing::Outdated);
        fs::write(&output, b"edited").expect("written");
        assert_eq!(standing("one"), Standing::Edited(Record::default()));
        assert_eq!(standing("two"), Standing::Foreign);
    }

    #[test]
    fn a_line_cut_short_costs_only_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let note = |output: &Path| {
            State::open(folder.path()).and_then(|state| state.note(output, "x", b"1", &Record::default()))
        };
        note(&a).expect("noted");
        let journal = folder.path().join(FILE);
        let mut text = fs::read(&journal).expect("there");
        text.extend_from_slice(b"{\"output\":\"c");
        fs::write(&journal, text).expect("written");
        note(&b).expect("noted");
        for output in [&a, &b] {
            fs::write(output, b"1").expect("written");
            let state = State::open(folder.path()).expect("opened");
            assert_eq!(state.standing(output, "x").expect("read"), Standing::UpToDate(Record::default()));
        }
    }

    #[test]
    fn a_journal_of_old_lines_is_rewritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("a");
        for round in 0..40 {
            let state = State::open(folder.path()).expect("opened");
            state.note(&output, &format!("{round}"), b"1", &Record::default()).expect("noted");
            state.close();
        }
        let lines = fs::read_to_string(folder.path().join(FILE)).expect("there").lines().count();
        assert!(lines < 20, "{lines}");
    }
}
