//! Writing a file so that whatever happens there is the old one or the new one, whole.
//!
//! The bytes go to a temporary file in the same folder, to the disk, and only then under their
//! name; the folder's entry goes to the disk too. The temporary file has no name where the system
//! knows such files. Else its name follows from the output's, so one that a killed run left behind
//! is taken away by the next run.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};
use yusuan::Error;

use super::console::shown;

/// What to do about an output that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and fail.
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Whether an output exists; fails for what is no plain file (a link, a folder, a device), which
/// is never written to.
pub fn exists(path: &Path) -> Result<bool, Error> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::from(error).within(&shown(path))),
    };
    if kind.is_file() {
        return Ok(true);
    }
    let (zh, en) = if kind.is_symlink() {
        ("是符号链接，不能作为输出", "is a symbolic link, not written to")
    } else if kind.is_dir() {
        ("是文件夹，不能作为输出文件", "is a folder, not a file to write")
    } else {
        ("是特殊文件，不能作为输出", "is a special file, not written to")
    };
    let shown = shown(path);
    Err(Error::new(format!("{shown} {zh}"), format!("{shown} {en}")))
}

/// The error for an output that exists.
pub fn already_there(path: &Path) -> Error {
    let shown = shown(path);
    Error::new(
        format!("{shown} 已存在；要覆盖请加 --force，或用 -o 另指位置"),
        format!("{shown} exists; --force overwrites it, -o writes elsewhere"),
    )
}

/// Whether two paths are of one file that is there.
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// An input that is to be written over.
pub fn over_itself(shown: &str) -> Error {
    Error::new(
        format!("{shown} 的输出就是它自己；请用 -o 另指位置"),
        format!("{shown} would be written over itself; -o writes elsewhere"),
    )
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Error> {
    let there = exists(path)?;
    if there && existing == Existing::Keep {
        return Err(already_there(path));
    }
    clean_up_on_signals();
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => already_there(path),
        ErrorKind::NotFound => no_folder(folder),
        _ => Error::from(error).within(&shown(path)),
    };
    let name = temporary_name(path);
    let temporary_path = folder.join(&name);
    remove_left_over(&temporary_path)?;
    match write_nameless(path, bytes, existing, there, folder, &temporary_path) {
        Nameless::Ended(result) => return result.map_err(failed).map(|()| synchronise(folder)),
        Nameless::Unable => {}
    }
    let mut builder = Builder::new();
    builder.prefix(&name).suffix("").rand_bytes(0);
    if let Some(permissions) = permissions(path, there) {
        builder.permissions(permissions);
    }
    let (_listed, mut temporary) = create(&builder, folder, temporary_path).map_err(failed)?;
    // Held while we live: tells other runs that the file is no left-over.
    let _ = temporary.as_file().try_lock();
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(failed)?;
    match existing {
        Existing::Keep => temporary.persist_noclobber(path).map(drop),
        Existing::Replace => temporary.persist(path).map(drop),
    }
    .map_err(|error| failed(error.error))?;
    synchronise(folder);
    Ok(())
}

/// Not all file systems let a folder be synchronised; the file itself is safe by now.
fn synchronise(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// What became of writing to a file without a name.
enum Nameless {
    /// It was written, or cannot be.
    Ended(std::io::Result<()>),
    /// This system or folder has no such files.
    Unable,
}

/// Writes to a file that has no name until it is whole: of a killed run nothing is left at all. To
/// replace a file it must have a second name for the moment in which the two are exchanged.
#[cfg(target_os = "linux")]
fn write_nameless(
    path: &Path,
    bytes: &[u8],
    existing: Existing,
    there: bool,
    folder: &Path,
    temporary_path: &Path,
) -> Nameless {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let Ok(file) = open(folder, flags, Mode::from_raw_mode(0o666)) else { return Nameless::Unable };
    let mut file = File::from(file);
    let filled = (|| {
        if there {
            file.set_permissions(fs::metadata(path)?.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()
    })();
    if filled.is_err() {
        return Nameless::Ended(filled);
    }
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    let name = |path: &Path| linkat(CWD, own.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW);
    if existing == Existing::Keep {
        return match name(path) {
            Ok(()) => Nameless::Ended(Ok(())),
            Err(rustix::io::Errno::EXIST) => Nameless::Ended(Err(ErrorKind::AlreadyExists.into())),
            Err(_) => Nameless::Unable,
        };
    }
    let mut list = temporary();
    if name(temporary_path).is_err() {
        return Nameless::Unable;
    }
    list.insert(temporary_path.to_owned());
    drop(list);
    let _listed = Listed(temporary_path.to_owned());
    let renamed = fs::rename(temporary_path, path);
    if renamed.is_err() {
        let _ = fs::remove_file(temporary_path);
    }
    Nameless::Ended(renamed)
}

/// Other systems have no such files.
#[cfg(not(target_os = "linux"))]
fn write_nameless(_: &Path, _: &[u8], _: Existing, _: bool, _: &Path, _: &Path) -> Nameless {
    Nameless::Unable
}

fn no_folder(folder: &Path) -> Error {
    let shown = shown(folder);
    Error::new(format!("没有文件夹 {shown}"), format!("no folder {shown}"))
}

/// A name of fixed length: the output's own may be as long as names can be.
fn temporary_name(path: &Path) -> String {
    let digest = Sha256::digest(path.file_name().unwrap_or_default().as_encoded_bytes());
    let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!(".yusuan-{digits}.tmp")
}

/// Takes away what a killed run left; fails when another run is writing the same output.
fn remove_left_over(path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if !metadata.is_file() => {}
        Ok(_) => {
            if let Ok(file) = File::open(path)
                && let Err(TryLockError::WouldBlock) = file.try_lock()
            {
                let shown = shown(path);
                return Err(Error::new(
                    format!("{shown} 正由另一个 yusuan 写入"),
                    format!("{shown} is being written by another yusuan"),
                ));
            }
        }
    }
    fs::remove_file(path).map_err(|error| Error::from(error).within(&shown(path)))
}

/// Takes away what a killed run left of an output that is not written again.
pub fn sweep(path: &Path) {
    let _ = remove_left_over(&path.with_file_name(temporary_name(path)));
}

/// A new file gets what the system gives new files, a replaced one keeps what it had.
#[cfg(unix)]
fn permissions(path: &Path, there: bool) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let old = fs::metadata(path).ok().filter(|_| there).map(|metadata| metadata.permissions());
    Some(old.unwrap_or_else(|| fs::Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn permissions(_path: &Path, _there: bool) -> Option<fs::Permissions> {
    None
}

/// Temporary files that exist now.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn temporary() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a temporary file or folder on the list while it exists.
#[derive(Debug)]
pub struct Listed(PathBuf);

/// Puts a temporary folder that someone else made on the list.
pub fn list(path: &Path) -> Listed {
    clean_up_on_signals();
    temporary().insert(path.to_owned());
    Listed(path.to_owned())
}

/// The list is locked meanwhile: no file may exist that is not on it.
fn create(builder: &Builder<'_, '_>, folder: &Path, path: PathBuf) -> std::io::Result<(Listed, NamedTempFile)> {
    let mut list = temporary();
    let file = builder.tempfile_in(folder)?;
    list.insert(path.clone());
    Ok((Listed(path), file))
}

impl Drop for Listed {
    fn drop(&mut self) {
        temporary().remove(&self.0);
    }
}

/// On Ctrl-C and on a polite request to end, temporary files are removed before the process ends.
#[cfg(unix)]
fn clean_up_on_signals() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
        let cleaner = std::thread::Builder::new().spawn(move || {
            for signal in signals.forever() {
                // The list stays locked, so that no file is begun between here and the end.
                let files = temporary();
                for path in files.iter() {
                    // A folder that is being written to may fill again while it is emptied.
                    let _ = fs::remove_file(path).is_ok() || (0..5).any(|_| fs::remove_dir_all(path).is_ok());
                }
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        if cleaner.is_err() {
            // Without a thread the process ends at once, as if nobody had asked for the signals.
            for signal in [SIGINT, SIGTERM] {
                let always = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
                let _ = signal_hook::flag::register_conditional_default(signal, always);
            }
        }
    });
}

/// A file that grows beyond what the system allows it is an error of the write, as a full disk is;
/// by default it ends the process.
#[cfg(unix)]
pub fn survive_size_limits() {
    use signal_hook::consts::SIGXFSZ;
    let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub fn survive_size_limits() {}

/// Elsewhere the next run of the same output takes the left-over away.
#[cfg(not(unix))]
fn clean_up_on_signals() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn an_output_that_exists_stays_without_force() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("云岭.xlsx");
        write(&path, b"old", Existing::Keep).expect("written");
        let error = write(&path, b"new", Existing::Keep).expect_err("exists");
        assert!(error.en.contains("--force"), "{error}");
        assert_eq!(fs::read(&path).expect("there"), b"old");
        write(&path, b"new", Existing::Replace).expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(names(folder.path()), ["云岭.xlsx"]);
    }

    #[test]
    fn what_a_killed_run_left_is_taken_away_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.xlsx");
        let left = folder.path().join(temporary_name(&path));
        fs::write(&left, b"half").expect("written");
        let living = File::open(&left).expect("there");
        living.try_lock().expect("free");
        assert!(write(&path, b"whole", Existing::Keep).expect_err("in use").en.contains("another yusuan"));
        drop(living);
        write(&path, b"whole", Existing::Keep).expect("written");
        assert_eq!(names(folder.path()), ["a.xlsx"]);
    }

    #[test]
    fn no_folder_is_named_as_such() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = write(&folder.path().join("none/a.xlsx"), b"", Existing::Keep).expect_err("no folder");
        assert!(error.en.starts_with("no folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_folders_and_devices_are_no_outputs() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("target");
        fs::write(&target, b"old").expect("written");
        let link = folder.path().join("link.xlsx");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        for path in [link.as_path(), folder.path(), Path::new("/dev/null")] {
            write(path, b"new", Existing::Replace).expect_err("refused");
        }
        assert_eq!(fs::read(&target).expect("there"), b"old");
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.xlsx");
        write(&path, b"old", Existing::Keep).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        write(&path, b"new", Existing::Replace).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
    }
}
