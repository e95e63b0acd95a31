//! What a filing is written in: formats of single filings, and kinds of output that pool all
//! filings of a run. Both are flat lists.

use std::path::Path;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use yusuan::Error;
use yusuan::check;
use yusuan::equation::Equation;
use yusuan::filing::Filing;
use yusuan::finding::{Finding, Lang};
use yusuan::form::Forms;
use yusuan::import::Kind;
use yusuan::write;

/// A format of single filings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The finance bureau's workbook.
    Xlsx,
    /// Clean text that reads back to the same filing.
    Txt,
    /// Schema `yusuan/filing@1`.
    Json,
    /// A clean document for Word and WPS.
    Docx,
}

/// What `--to` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Each filing in a file of its own.
    Each(Format),
    /// All filings of the run together.
    Pooled(Kind),
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
            Format::Txt => "txt",
            Format::Json => "json",
            Format::Docx => "docx",
        }
    }

    /// Whether it can be shown on a terminal.
    pub fn is_text(self) -> bool {
        matches!(self, Format::Txt | Format::Json)
    }

    /// Writes a filing, its equations and what is to be reported about it; adds what was found while
    /// writing. A workbook carries the original.
    pub fn write(
        self,
        filing: &Filing,
        equations: &[Equation],
        original: Option<Vec<u8>>,
        findings: &mut Vec<Finding>,
        options: &Options,
    ) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Format::Xlsx => {
                let how = write::workbook::Options { template: options.template.clone(), original };
                let written = write::workbook::write(filing, options.forms, equations, &how)?;
                findings.extend(options.rules.switch(written.findings));
                written.bytes
            }
            Format::Txt => write::text::write(filing, options.forms).into_bytes(),
            Format::Json => write::json::write(filing, findings, options.lang),
            Format::Docx => write::docx::write(filing, options.forms)?,
        })
    }
}

/// All names of `--to`, single formats first.
const ALL: &[To] = &[
    To::Each(Format::Xlsx),
    To::Each(Format::Txt),
    To::Each(Format::Json),
    To::Each(Format::Docx),
    To::Pooled(Kind::Tables),
    To::Pooled(Kind::Sqlite),
    To::Pooled(Kind::Parquet),
    To::Pooled(Kind::Mof),
];

impl To {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            To::Each(format) => format.extension(),
            To::Pooled(kind) => kind.name(),
        }
    }

    /// What a file is by its extension; of two with one extension the first.
    pub fn of(path: &Path) -> Option<To> {
        let extension = path.extension()?.to_string_lossy().to_ascii_lowercase();
        let has = |to: &To| match to {
            To::Each(format) => format.extension() == extension,
            To::Pooled(kind) => kind.extension() == Some(&extension),
        };
        ALL.iter().copied().find(has)
    }

    /// All names.
    pub fn names() -> String {
        ALL.iter().map(|to| to.name()).collect::<Vec<_>>().join(", ")
    }
}

impl ValueEnum for To {
    fn value_variants<'v>() -> &'v [To] {
        ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pooled_kind_can_be_named() {
        for kind in Kind::ALL {
            assert!(ALL.contains(&To::Pooled(kind)), "{}", kind.name());
        }
    }

    #[test]
    fn extensions_name_what_is_written() {
        assert_eq!(To::of(Path::new("a.XLSX")), Some(To::Each(Format::Xlsx)));
        assert_eq!(To::of(Path::new("a.sqlite")), Some(To::Pooled(Kind::Sqlite)));
        assert_eq!(To::of(Path::new("a.odp")), None);
    }
}
