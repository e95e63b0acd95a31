//! `yusuan.toml`: an office's defaults, found from the working folder upwards.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use yusuan::Error;

/// Name of the file.
pub const FILE: &str = "yusuan.toml";

/// Longest file of settings, in bytes.
const LARGEST: u64 = 1 << 20;

/// What a `yusuan.toml` says; what it does not say has a built-in default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder with form files, relative to the file.
    pub templates: Option<PathBuf>,
    /// Family of forms to write on.
    pub template: Option<String>,
    /// Money unit to convert the tables to.
    pub unit: Option<Unit>,
    /// Mapping of the import workbook, relative to the file.
    pub mapping: Option<PathBuf>,
    /// Values of the import workbook that are the same for every run, by field.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Inputs at a time.
    pub jobs: Option<u16>,
    /// Seconds for one input of several; 0 is no limit.
    pub time_limit: Option<u64>,
    /// Of folders, only files that match.
    #[serde(default)]
    pub include: Vec<String>,
    /// Of folders, no files that match.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Which findings are reported.
    #[serde(default)]
    pub rules: Rules,
}

/// A money unit of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// One 元.
    #[serde(rename = "元")]
    Yuan,
    /// Ten thousand of them.
    #[serde(rename = "万元")]
    TenThousandYuan,
}

impl Unit {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Yuan => "元",
            Unit::TenThousandYuan => "万元",
        }
    }
}

/// `[rules]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Findings that are not reported.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Findings that count as inconsistencies.
    #[serde(default)]
    pub deny: Vec<String>,
}

/// The nearest `yusuan.toml` in `folder` or above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

impl Config {
    /// Reads a file; paths in it are taken from its folder.
    pub fn read(path: &Path) -> Result<Config, Error> {
        let shown = path.display().to_string();
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
        read.map_err(|error| Error::from(error).within(&shown))?;
        let mut config = Config::parse(&text).map_err(|error| error.within(&shown))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.templates = config.templates.map(|templates| folder.join(templates));
        config.mapping = config.mapping.map(|mapping| folder.join(mapping));
        Ok(config)
    }

    fn parse(text: &str) -> Result<Config, Error> {
        if text.len() as u64 > LARGEST {
            return Err(Error::new("配置文件超过 1 MiB", "the file of settings is over 1 MiB"));
        }
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let what = error.message();
            Error::new(format!("第 {line} 行有误：{what}"), format!("line {line}: {what}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_without_end_is_not_read_whole() {
        let error = Config::read(Path::new("/dev/zero")).expect_err("no settings");
        assert!(error.en.contains("over 1 MiB"), "{error}");
    }

    #[test]
    fn an_error_names_the_line() {
        let error = Config::parse("jobs = 2\n\ntemplate_dir = 'x'\n").expect_err("unknown key");
        assert!(error.en.starts_with("line 3: unknown field `template_dir`"), "{error}");
    }

    #[test]
    fn the_nearest_file_counts_and_paths_are_taken_from_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("局/股");
        std::fs::create_dir_all(&below).expect("made");
        let office = folder.path().join("局").join(FILE);
        std::fs::write(folder.path().join(FILE), "jobs = 1").expect("written");
        std::fs::write(&office, "templates = 'forms'\n[rules]\nallow = ['sum-rounding']").expect("written");
        assert_eq!(find(&below), Some(office.clone()));
        let config = Config::read(&office).expect("good");
        assert_eq!(config.templates, Some(folder.path().join("局/forms")));
        assert_eq!(config.rules.allow, ["sum-rounding"]);
    }
}
