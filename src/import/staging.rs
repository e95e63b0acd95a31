//! Output that is there whole or not at all.
//!
//! Everything is written into a temporary folder beside the target and takes its name at the end.
//! The folder's name follows from the target's, so that what a killed run left behind is taken
//! away by the next one; a lock in it tells a running one.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::import::key;

const LOCK: &str = "lock";
const CONTENT: &str = "content";

/// An output in the making. Dropped before [`Staging::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    target: PathBuf,
    shape: Shape,
    force: bool,
    /// Held while we live.
    _lock: File,
}

/// What the output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One file.
    File,
    /// A folder of files.
    Folder,
}

impl Staging {
    /// Begins an output. `ours` tells which file names an earlier run may have left in the target
    /// folder: one that holds anything else is never replaced, not even with `force`.
    pub fn begin(target: &Path, shape: Shape, force: bool, ours: impl Fn(&str) -> bool) -> Result<Staging> {
        check_target(target, shape, force, ours)?;
        let name = target.file_name().ok_or_else(|| {
            Error::new(
                format!("{} 不能作为输出", target.display()),
                format!("{} cannot be written to", target.display()),
            )
        })?;
        let parent = parent_of(target);
        fs::create_dir_all(parent).map_err(|error| within(error, parent))?;
        let folder = parent.join(format!(".yusuan-{}.tmp", key::hash(&[&name.to_string_lossy()])));
        remove_left_over(&folder)?;
        fs::create_dir(&folder).map_err(|error| within(error, target))?;
        let begun = File::create(folder.join(LOCK))
            .and_then(|lock| {
                lock.try_lock()?;
                if shape == Shape::Folder {
                    fs::create_dir(folder.join(CONTENT))?;
                }
                Ok(lock)
            })
            .map_err(|error| within(error, target));
        match begun {
            Ok(lock) => Ok(Staging { folder, target: target.to_owned(), shape, force, _lock: lock }),
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// The file, or the folder, that will take the target's name.
    pub fn content(&self) -> PathBuf {
        self.folder.join(CONTENT)
    }

    /// The temporary folder; it goes when this is dropped.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What an error of writing says.
    pub fn failed(&self, error: std::io::Error) -> Error {
        within(error, &self.target)
    }

    /// Puts the output in its place.
    pub fn commit(self) -> Result<()> {
        self.put().map_err(|error| within(error, &self.target))
    }

    fn put(&self) -> std::io::Result<()> {
        let content = self.content();
        sync(&content, self.shape)?;
        match self.shape {
            Shape::File if self.force => fs::rename(&content, &self.target)?,
            // A link never replaces a file that came into being meanwhile.
            Shape::File => match fs::hard_link(&content, &self.target) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists && !self.target.exists() => {
                    fs::rename(&content, &self.target)?;
                }
                result => result?,
            },
            Shape::Folder => {
                let old = self.folder.join("old");
                match fs::rename(&self.target, &old) {
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    result => result?,
                }
                if let Err(error) = fs::rename(&content, &self.target) {
                    let _ = fs::rename(&old, &self.target);
                    return Err(error);
                }
            }
        }
        // Not all file systems let a folder be synchronised; the files themselves are safe by now.
        if let Ok(folder) = File::open(parent_of(&self.target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn sync(content: &Path, shape: Shape) -> std::io::Result<()> {
    if shape == Shape::File {
        return File::open(content)?.sync_all();
    }
    for entry in fs::read_dir(content)? {
        File::open(entry?.path())?.sync_all()?;
    }
    Ok(())
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn within(error: std::io::Error, path: &Path) -> Error {
    Error::from(error).within(&path.display().to_string())
}

fn check_target(target: &Path, shape: Shape, force: bool, ours: impl Fn(&str) -> bool) -> Result<()> {
    let shown = target.display();
    let kind = match fs::symlink_metadata(target) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(within(error, target)),
    };
    let fits = match shape {
        Shape::File => kind.is_file(),
        Shape::Folder => kind.is_dir(),
    };
    if !fits {
        let (zh, en) = match shape {
            Shape::File => ("这种输出是一个文件，而它不是普通文件", "is no plain file, and this output is one file"),
            Shape::Folder => ("这种输出是一个文件夹，而它不是文件夹", "is no folder, and this output is a folder"),
        };
        return Err(Error::new(format!("{shown}：{zh}"), format!("{shown} {en}")));
    }
    let mut empty = shape == Shape::Folder;
    if shape == Shape::Folder {
        for entry in fs::read_dir(target).map_err(|error| within(error, target))? {
            let entry = entry.map_err(|error| within(error, target))?;
            empty = false;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !is_file || !ours(&name) {
                return Err(Error::new(
                    format!("文件夹 {shown} 中有别的文件（{name}）；请用 -o 另指一个文件夹"),
                    format!("folder {shown} holds other files ({name}); name another folder with -o"),
                ));
            }
        }
    }
    if force || empty {
        return Ok(());
    }
    Err(Error::new(
        format!("{shown} 已存在；要覆盖请加 --force，或用 -o 另指位置"),
        format!("{shown} exists; --force overwrites it, -o writes elsewhere"),
    ))
}

fn remove_left_over(folder: &Path) -> Result<()> {
    match fs::symlink_metadata(folder) {
        Err(_) => return Ok(()),
        Ok(metadata) if !metadata.is_dir() => {
            return fs::remove_file(folder).map_err(|error| within(error, folder));
        }
        Ok(_) => {}
    }
    if let Ok(lock) = File::open(folder.join(LOCK))
        && let Err(TryLockError::WouldBlock) = lock.try_lock()
    {
        let shown = folder.display();
        return Err(Error::new(
            format!("另一个 yusuan 正在写同一输出（{shown}）"),
            format!("another yusuan is writing the same output ({shown})"),
        ));
    }
    fs::remove_dir_all(folder).map_err(|error| within(error, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(staging: &Staging, name: &str) {
        fs::write(staging.content().join(name), name).expect("a file");
    }

    #[test]
    fn nothing_is_left_of_an_output_that_was_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("out");
        drop(Staging::begin(&target, Shape::Folder, false, |_| true).expect("begun"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_folder_takes_its_name_at_the_end_and_replaces_only_our_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("out");
        let ours = |name: &str| name.ends_with(".csv");
        let staging = Staging::begin(&target, Shape::Folder, false, ours).expect("begun");
        write(&staging, "a.csv");
        assert!(!target.exists());
        staging.commit().expect("done");
        assert!(target.join("a.csv").exists());
        assert!(Staging::begin(&target, Shape::Folder, false, ours).is_err());
        let staging = Staging::begin(&target, Shape::Folder, true, ours).expect("begun");
        write(&staging, "b.csv");
        staging.commit().expect("done");
        assert!(target.join("b.csv").exists() && !target.join("a.csv").exists());
        fs::write(target.join("信.docx"), "").expect("a file");
        assert!(Staging::begin(&target, Shape::Folder, true, ours).is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_taken_away_but_not_a_running_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("out.sqlite");
        let staging = Staging::begin(&target, Shape::File, false, |_| true).expect("begun");
        assert!(Staging::begin(&target, Shape::File, false, |_| true).is_err());
        let left_over = staging.folder().to_owned();
        drop(staging);
        fs::create_dir(&left_over).expect("a folder");
        fs::write(left_over.join(LOCK), "").expect("a file");
        assert!(Staging::begin(&target, Shape::File, false, |_| true).is_ok());
    }

    #[test]
    fn a_file_that_came_meanwhile_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("out.sqlite");
        let staging = Staging::begin(&target, Shape::File, false, |_| true).expect("begun");
        fs::write(staging.content(), "new").expect("a file");
        fs::write(&target, "old").expect("a file");
        assert!(staging.commit().is_err());
        assert_eq!(fs::read(&target).expect("a file"), b"old");
    }
}
