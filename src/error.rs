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
        let line: String = text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
        if line.chars().count() <= 200 {
            return line;
        }
        line.chars().take(199).chain(std::iter::once('…')).collect()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        let zh = match error.kind() {
            std::io::ErrorKind::NotFound => "找不到文件".to_owned(),
            std::io::ErrorKind::PermissionDenied => "没有权限".to_owned(),
            std::io::ErrorKind::StorageFull => "磁盘已满".to_owned(),
            std::io::ErrorKind::AlreadyExists => "文件已存在".to_owned(),
            std::io::ErrorKind::IsADirectory => "这是文件夹，不是文件".to_owned(),
            _ => format!("读写失败（{error}）"),
        };
        Error::new(zh, error.to_string())
    }
}
