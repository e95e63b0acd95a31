//! The settings in force: the command line, else `yusuan.toml`, else a built-in default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use yusuan::Error;
use yusuan::check;
use yusuan::form::{Forms, built_in};
use yusuan::import::mof::mapping::Mapping;

use super::args;
use super::console::shown;
use super::inputs::{self, Choice};
use super::pool::Plan;
use crate::config::{self, Config};

/// Seconds one input of several may take.
pub const TIME_LIMIT: u64 = 120;

/// The settings of a run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file they come from.
    pub file: Option<PathBuf>,
    /// What it says.
    pub config: Config,
}

impl Settings {
    /// The settings for the working folder.
    pub fn load() -> Result<Settings, Error> {
        let Some(file) = std::env::current_dir().ok().as_deref().and_then(config::find) else {
            return Ok(Settings::default());
        };
        let config = Config::read(&file)?;
        Ok(Settings { file: Some(file), config })
    }

    /// The forms: the built-in ones, and those of a folder before them. They live as long as the
    /// process does.
    pub fn forms(&self, folder: Option<&Path>) -> Result<&'static Forms, Error> {
        let Some(folder) = folder.or(self.config.templates.as_deref()) else { return Ok(built_in::forms()) };
        let mut forms = built_in::forms().clone();
        forms.add_folder(folder)?;
        Ok(Box::leak(Box::new(forms)))
    }

    /// The import workbook's mapping where an office has its own: the file it names, or
    /// `import/mof.toml` in its folder of forms.
    pub fn mapping(&self, templates: Option<&Path>) -> Result<Option<Mapping>, Error> {
        let beside = templates.or(self.config.templates.as_deref()).map(|folder| folder.join("import/mof.toml"));
        let Some(path) = self.config.mapping.clone().or(beside.filter(|path| path.is_file())) else {
            return Ok(None);
        };
        let shown = shown(&path);
        let text = inputs::text_of(&path).map_err(|error| error.within(&shown))?;
        Mapping::parse(&text).map(Some).map_err(|error| error.within(&shown))
    }

    /// The import workbook's values for the whole run; the command line wins over the file.
    pub fn set(&self, given: &[String]) -> Result<BTreeMap<String, String>, Error> {
        let mut set = self.config.set.clone();
        for text in given {
            let Some((field, value)) = text.split_once('=') else {
                return Err(Error::new(
                    format!("--set 应写作 字段=值，而不是“{text}”"),
                    format!("--set takes FIELD=VALUE, not '{text}'"),
                ));
            };
            set.insert(field.trim().to_owned(), value.trim().to_owned());
        }
        Ok(set)
    }

    /// How a run over several inputs is spread.
    pub fn plan(&self, inputs: &args::Inputs) -> Plan {
        let limit = inputs.time_limit.or(self.config.time_limit).unwrap_or(TIME_LIMIT);
        Plan {
            jobs: inputs.jobs.or(self.config.jobs).map_or_else(cores, usize::from).min(super::confine::most_jobs()),
            limit: (limit > 0).then(|| Duration::from_secs(limit)),
        }
    }

    /// Which files of folders are inputs.
    pub fn choice(&self, inputs: &args::Inputs) -> Result<Choice, Error> {
        let include = if inputs.include.is_empty() { &self.config.include } else { &inputs.include };
        let exclude: Vec<String> = self.config.exclude.iter().chain(&inputs.exclude).cloned().collect();
        Choice::new(include, &exclude)
    }

    /// Which findings are reported; the command line wins over the file.
    pub fn rules(&self, allow: &[String], deny: &[String]) -> Result<check::Options, Error> {
        for code in allow.iter().chain(deny).chain(&self.config.rules.allow).chain(&self.config.rules.deny) {
            known(code)?;
        }
        let mut options = check::Options {
            allow: self.config.rules.allow.iter().cloned().collect(),
            deny: self.config.rules.deny.iter().cloned().collect(),
        };
        for code in allow {
            options.deny.remove(code);
            options.allow.insert(code.clone());
        }
        for code in deny {
            options.allow.remove(code);
            options.deny.insert(code.clone());
        }
        Ok(options)
    }
}

/// Memory that a large filing may need.
const MEMORY: u64 = 2 << 30;

/// One input at a time for each core, and for each share of the memory where the system limits it.
pub fn cores() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    super::confine::limit().map_or(cores, |limit| cores.min((limit / MEMORY).max(1) as usize))
}

/// A mistyped code would silently switch nothing.
pub fn known(code: &str) -> Result<(), Error> {
    match yusuan::finding::explain::entry(code) {
        Some(_) => Ok(()),
        None => Err(Error::new(
            format!("没有问题代码“{code}”；yusuan explain 列出全部代码"),
            format!("no finding has the code '{code}'; yusuan explain lists all"),
        )),
    }
}
