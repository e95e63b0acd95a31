//! The formats a filing is written in: a flat list.

use std::path::Path;

use clap::ValueEnum;
use yusuan::Error;
use yusuan::check;
use yusuan::filing::Filing;
use yusuan::finding::{Finding, Lang};
use yusuan::form::Forms;
use yusuan::write;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The finance bureau's workbook
    Xlsx,
    /// Schema yusuan/filing@1
    Json,
}

/// What a writer needs besides the filing.
#[derive(Clone, Debug)]
pub struct Options {
    /// The forms of the run.
    pub forms: &'static Forms,
    /// Which findings are reported.
    pub rules: check::Options,
    /// Language of messages.
    pub lang: Lang,
    /// Family to write on.
    pub template: Option<String>,
    /// Money unit to convert the tables to.
    pub unit: Option<String>,
}

impl Format {
    /// The extension of its files, which is also its name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Xlsx => "xlsx",
            Format::Json => "json",
        }
    }

    /// The format of a file by its extension.
    pub fn of(path: &Path) -> Option<Format> {
        let extension = path.extension()?.to_string_lossy().to_ascii_lowercase();
        Format::value_variants().iter().copied().find(|format| format.extension() == extension)
    }

    /// The names of all formats.
    pub fn names() -> String {
        Format::value_variants().iter().map(|format| format.extension()).collect::<Vec<_>>().join(", ")
    }

    /// Writes a filing and what is to be reported about it; adds what was found while writing.
    pub fn write(self, filing: &Filing, findings: &mut Vec<Finding>, options: &Options) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Format::Xlsx => {
                let equations = check::equations(filing, options.forms);
                let how = write::workbook::Options { template: options.template.clone() };
                let written = write::workbook::write(filing, options.forms, &equations, &how)?;
                findings.extend(options.rules.switch(written.findings));
                written.bytes
            }
            Format::Json => write::json::write(filing, findings, options.lang),
        })
    }
}
