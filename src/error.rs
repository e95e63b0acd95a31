//! What stops the work: an input that cannot be opened, an option that makes no sense.

use std::fmt;

/// An error: we could not work. One line, in two languages, that names the file or part, what is
/// wrong, and what to do when there is a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with its sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error { zh: zh.into(), en: en.into() }
    }

    /// Puts a context before the message, as in "word/document.xml: …".
    pub fn within(self, context: &str) -> Error {
        Error { zh: format!("{context}：{}", self.zh), en: format!("{context}: {}", self.en) }
    }

    /// The message in a language: one line, at most 200 characters, no control characters.
    pub fn message(&self, lang: crate::finding::Lang) -> String {
        let text = match lang {
            crate::finding::Lang::Zh => &self.zh,
            crate::finding::Lang::En => &self.en,
        };
        let line: String = text.chars().map(|ch| if breaks_line(ch) { ' ' } else { ch }).collect();
        if line.chars().count() <= 200 {
            return line;
        }
        line.chars().take(199).chain(std::iter::once('…')).collect()
    }
}

/// Characters that move the cursor, end the line or turn the writing direction of what follows.
pub fn breaks_line(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        use std::io::ErrorKind;
        let (zh, en) = match error.kind() {
            ErrorKind::NotFound => ("找不到文件", "no such file"),
            ErrorKind::PermissionDenied => ("没有权限", "permission denied"),
            ErrorKind::StorageFull => ("磁盘已满", "the disk is full"),
            ErrorKind::FileTooLarge => ("文件超过系统允许的大小", "larger than the system allows a file to be"),
            ErrorKind::QuotaExceeded => ("磁盘配额已用完", "the disk quota is used up"),
            ErrorKind::ReadOnlyFilesystem => ("磁盘是只读的", "the disk is read-only"),
            ErrorKind::AlreadyExists => ("文件已存在", "the file exists"),
            ErrorKind::IsADirectory => ("这是文件夹，不是文件", "a folder, not a file"),
            ErrorKind::NotADirectory => ("路径中有一段不是文件夹", "a part of the path is no folder"),
            ErrorKind::OutOfMemory => (
                "内存不够；请关闭其他程序，或把文件分成几份",
                "not enough memory; close other programs or split the file",
            ),
            ErrorKind::InvalidFilename => ("文件名过长或不合法", "the file name is too long or not allowed"),
            _ => {
                return Error::new(
                    format!("读写失败；请检查磁盘或网络连接后再试（{error}）"),
                    format!("reading or writing failed; check the disk or the network and try again ({error})"),
                );
            }
        };
        Error::new(zh, en)
    }
}
