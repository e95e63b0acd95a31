//! Old documents (`.doc`, `.wps`, `.rtf`, `.odt`, Word as one XML file) through LibreOffice, where
//! it is installed.
//!
//! The only place in the library that touches disk, clock and other programs. The conversion has a
//! private folder with a profile of its own, which goes away with all that is in it, and a time
//! limit; macros, links and updates are switched off in that profile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::docx;
use super::sniff::Format;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::source::Source;
use crate::text::Place;

/// A conversion that takes longer has hung.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Where LibreOffice is when the search path does not know it.
const USUAL_PLACES: [&str; 6] = [
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/snap/bin/libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
];

/// Switches off what a hostile document could use: macros, links to other files and addresses,
/// and every dialog.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"#;

/// Reads a document of an old format by way of docx.
///
/// # Errors
/// When LibreOffice is not installed, cannot convert the file, or takes too long.
pub fn read(bytes: &[u8], format: Format, source: &mut Source, limits: &Limits) -> Result<Document> {
    read_with(find_program(), bytes, format, source, limits)
}

/// Extension and name of a format.
fn names(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Odt => ("odt", " OpenDocument（.odt）"),
        Format::Rtf => ("rtf", " RTF "),
        Format::WordXml => ("xml", " Word XML "),
        _ => ("doc", "旧版 Word 或 WPS（.doc、.wps）"),
    }
}

fn read_with(
    program: Option<PathBuf>,
    bytes: &[u8],
    format: Format,
    source: &mut Source,
    limits: &Limits,
) -> Result<Document> {
    let (extension, name) = names(format);
    if bytes.len() as u64 > limits.input_bytes {
        return Err(Error::new("文件过大", "the file is too large"));
    }
    let program = program.ok_or_else(|| {
        Error::new(
            format!("这是{name}文件，要装有 LibreOffice 才能读；也可以用 Word 或 WPS 打开后另存为 docx"),
            format!(
                "a .{extension} file, which needs LibreOffice to be read; or open it in Word or WPS and save it as docx"
            ),
        )
    })?;
    let converted = convert(&program, bytes, extension, TIME_LIMIT)?;
    let mut document = docx::read(&converted, source, limits)?;
    document.findings.insert(
        0,
        Finding::of(
            "converted-by-libreoffice",
            Place::Nowhere,
            format!("{name} 文件经 LibreOffice 转换后读入；所注位置是转换后文档里的位置"),
            format!("a .{extension} file, converted by LibreOffice; places are those of the converted document"),
        ),
    );
    Ok(document)
}

/// Finds LibreOffice: on the search path, then where it usually is.
pub fn find_program() -> Option<PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["soffice.exe"] } else { &["soffice", "libreoffice"] };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    on_path.chain(USUAL_PLACES.iter().map(PathBuf::from)).find(|program| program.is_file())
}

/// Converts a document to docx.
///
/// # Errors
/// When there is no room for the private folder, or the program fails or takes too long.
pub fn convert(program: &Path, bytes: &[u8], extension: &str, time_limit: Duration) -> Result<Vec<u8>> {
    let folder = tempfile::Builder::new().prefix("yusuan-").tempdir()?;
    let input = folder.path().join(format!("input.{extension}"));
    let profile = folder.path().join("profile");
    std::fs::create_dir_all(profile.join("user"))?;
    std::fs::write(profile.join("user/registrymodifications.xcu"), SETTINGS)?;
    std::fs::write(&input, bytes)?;

    let mut command = Command::new(program);
    command
        .arg(format!("-env:UserInstallation={}", file_url(&profile)))
        .args(["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--convert-to"])
        .arg("docx:MS Word 2007 XML")
        .arg("--outdir")
        .arg(folder.path().join("out"))
        .arg(&input)
        .current_dir(folder.path())
        // Its own temporary files belong to the folder that goes away.
        .env("TMPDIR", folder.path())
        .env("HOME", folder.path())
        .env("PATH", search_path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let start = SystemTime::now();
    let mut child = command.spawn()?;
    let finished = wait(&mut child, time_limit);
    // The program starts others; none of them may outlive the conversion.
    stop(&mut child);
    if !finished {
        remove_socket(start);
        return Err(Error::new(
            format!("LibreOffice 转换超过 {} 秒，已中止；请用 Word 或 WPS 打开后另存为 docx", time_limit.as_secs()),
            format!(
                "LibreOffice took more than {} s and was stopped; open the file in Word or WPS and save it as docx",
                time_limit.as_secs()
            ),
        ));
    }
    std::fs::read(folder.path().join("out/input.docx")).map_err(|_| {
        Error::new(
            "LibreOffice 转换不了这个文件（可能已损坏或设有密码）；请用 Word 或 WPS 打开后另存为 docx",
            "LibreOffice cannot convert the file (damaged, or encrypted); open it in Word or WPS and save it as docx",
        )
    })
}

/// Where the program's start script finds its tools, also when we were started with a bare environment.
fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    if cfg!(unix) {
        path.push(":/usr/bin:/bin");
    }
    path
}

/// Waits for the end of a program; `false` when the time is up.
fn wait(child: &mut Child, time_limit: Duration) -> bool {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) | Err(_) => return true,
            Ok(None) if start.elapsed() >= time_limit => return false,
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Ends a program and what it started.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    {
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Removes the socket that a stopped program leaves in the system's folder, whatever its own is:
/// one made since `start` that nobody listens at, once the program is really gone.
#[cfg(unix)]
fn remove_socket(start: SystemTime) {
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(50));
        for entry in std::fs::read_dir("/tmp").into_iter().flatten().flatten() {
            let made_since = entry.file_name().to_string_lossy().starts_with("OSL_PIPE_")
                && entry.metadata().and_then(|data| data.modified()).is_ok_and(|made| made >= start);
            if made_since && std::os::unix::net::UnixStream::connect(entry.path()).is_err() {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(not(unix))]
fn remove_socket(_start: SystemTime) {}

/// The address of a folder, as the program wants its profile named.
fn file_url(path: &Path) -> String {
    let mut url = String::from(if cfg!(windows) { "file:///" } else { "file://" });
    for byte in path.to_string_lossy().replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b':' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_folders_are_escaped() {
        assert_eq!(file_url(Path::new("/tmp/预 a")), "file:///tmp/%E9%A2%84%20a");
    }

    #[test]
    fn where_the_program_is_missing_the_line_says_what_to_do() {
        for format in [Format::Doc, Format::Rtf, Format::Odt, Format::WordXml] {
            let mut source = Source::new("a", crate::source::Kind::Docx, b"");
            let error = read_with(None, b"{\\rtf1}", format, &mut source, &Limits::default()).unwrap_err();
            let extension = format!("a .{} file", names(format).0);
            for part in [extension.as_str(), "LibreOffice", "Word or WPS", "save it as docx"] {
                assert!(error.en.contains(part), "{error}");
            }
            assert!(error.zh.contains("LibreOffice") && error.zh.contains("另存为 docx"), "{error}");
            assert!(!error.zh.contains('\n') && !error.en.contains('\n'));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_stopped_with_its_children() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("soffice");
        let witness = folder.path().join("child");
        let script = format!("#!/bin/sh\n(sleep 1; echo late > {0}) &\nsleep 30\n", witness.display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let start = Instant::now();
        let error = convert(&program, b"{\\rtf1}", "rtf", Duration::from_millis(200)).unwrap_err();
        assert!(error.en.contains("took more than") && start.elapsed() < Duration::from_secs(10), "{error}");
        std::thread::sleep(Duration::from_millis(1200));
        assert!(!witness.exists(), "a child outlived the conversion");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_converts_nothing_is_an_error() {
        let error = convert(Path::new("/bin/false"), b"", "doc", Duration::from_secs(5)).unwrap_err();
        assert!(error.en.contains("cannot convert"), "{error}");
    }
}
