//! Many filings pooled into what other software imports: CSV tables with a description, SQLite,
//! Parquet, and the import workbook of the integrated budget system (预算管理一体化).
//!
//! ```text
//! Filing ─► extract ─► Extract ─► Pool ─► csv + datapackage.json │ sqlite │ parquet │ mof
//!  (on any thread)      (in input order)
//! ```
//!
//! [`extract()`] may run on any thread; [`Pool::add`] is called in the order of the inputs, so that
//! the output does not depend on which thread was first. A pool holds back a bounded part of what
//! it was given. The output is there whole after [`Pool::finish`], or not at all. This module
//! writes files itself, unlike the writers of single filings: a season of filings does not fit in
//! memory.
//!
//! ```no_run
//! use std::path::Path;
//! use yusuan::import::{self, Kind, Options, Pool};
//! # fn filings() -> Vec<yusuan::Filing> { Vec::new() }
//! # fn main() -> yusuan::Result<()> {
//! let forms = yusuan::form::built_in::forms();
//! let options = Options::default();
//! let mut pool = Pool::create(Kind::Tables, Path::new("season"), &options)?;
//! for filing in filings() {
//!     let findings = yusuan::check::report(&filing, forms, &Default::default());
//!     let extract = import::extract(&filing, &findings, forms, options.lang);
//!     for finding in pool.add(extract)? {
//!         eprintln!("{}: {}", filing.source.name, finding.zh);
//!     }
//! }
//! let summary = pool.finish()?;
//! # Ok(())
//! # }
//! ```
//!
//! The tables and their columns are data: `templates/import/tables.toml`.

pub mod codes;
pub mod csv;
pub mod extract;
pub mod key;
pub mod mof;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
pub mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod staging;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

pub use extract::{Datum, Extract, Row, extract};
use staging::{Shape, Staging};

use crate::error::Result;
use crate::finding::{Finding, Lang};
use crate::text::Place;

/// What filings are pooled into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder of CSV files with `datapackage.json`.
    Tables,
    /// One SQLite file.
    Sqlite,
    /// A folder of Parquet files.
    Parquet,
    /// The import workbook of the integrated budget system.
    Mof,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Tables, Kind::Sqlite, Kind::Parquet, Kind::Mof];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tables => "tables",
            Kind::Sqlite => "sqlite",
            Kind::Parquet => "parquet",
            Kind::Mof => "mof",
        }
    }

    /// The extension of its file; `None` for a folder.
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Kind::Tables | Kind::Parquet => None,
            Kind::Sqlite => Some("sqlite"),
            Kind::Mof => Some("xlsx"),
        }
    }

    fn shape(self) -> Shape {
        match self.extension() {
            Some(_) => Shape::File,
            None => Shape::Folder,
        }
    }

    fn is_ours(self, name: &str) -> bool {
        match self {
            Kind::Tables => csv::is_ours(name),
            #[cfg(feature = "parquet")]
            Kind::Parquet => parquet::is_ours(name),
            _ => false,
        }
    }
}

/// How filings are pooled.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For the import workbook: an office's own mapping.
    pub mapping: Option<mof::mapping::Mapping>,
    /// For the import workbook: values of the whole run by field (`MOF_DIV_CODE`), or by sheet and
    /// field (`BGT_PM_ANNUAL.VERSION`).
    pub set: BTreeMap<String, String>,
    /// Language of messages in the table of findings.
    pub lang: Lang,
    /// Replace an output that exists. A folder that holds other files than ours is never replaced.
    pub force: bool,
}

/// What a pool holds at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Filings.
    pub filings: usize,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// For the import workbook: fields that have one value for the run and were not given, with
    /// their Chinese names. Their columns are empty.
    pub missing: Vec<(String, String)>,
}

/// An output that filings are added to.
#[derive(Debug)]
pub struct Pool {
    // Before `staging`: files are closed before their folder goes.
    sink: Sink,
    staging: Staging,
    /// Keys of the filings so far.
    keys: HashSet<String>,
    summary: Summary,
}

#[derive(Debug)]
enum Sink {
    Csv(csv::CsvFolder),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Database),
    #[cfg(feature = "parquet")]
    Parquet(parquet::ParquetFolder),
    Mof(Box<mof::Import>),
}

impl Pool {
    /// Begins an output. Fails when it exists, unless `force`.
    pub fn create(kind: Kind, path: &Path, options: &Options) -> Result<Pool> {
        let staging = Staging::begin(path, kind.shape(), options.force, |name| kind.is_ours(name))?;
        let content = staging.content();
        let sink = match kind {
            Kind::Tables => Sink::Csv(csv::CsvFolder::create(&content).map_err(|error| staging.failed(error))?),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite => Sink::Sqlite(sqlite::Database::create(&content)?),
            #[cfg(feature = "parquet")]
            Kind::Parquet => Sink::Parquet(parquet::ParquetFolder::create(&content)?),
            Kind::Mof => {
                let mapping = options.mapping.as_ref().unwrap_or_else(|| mof::mapping::built_in());
                Sink::Mof(Box::new(mof::Import::create(mapping, &options.set, staging.folder())?))
            }
            #[cfg(not(all(feature = "sqlite", feature = "parquet")))]
            other => {
                return Err(crate::Error::new(
                    format!("这个程序编译时没有带 {} 输出", other.name()),
                    format!("this program was built without {} output", other.name()),
                ));
            }
        };
        Ok(Pool { staging, sink, keys: HashSet::new(), summary: Summary::default() })
    }

    /// The temporary folder the output is made in; for a program that is told to stop at once.
    pub fn temporary(&self) -> &Path {
        self.staging.folder()
    }

    /// Adds a filing; yields what was found about it while extracting and pooling.
    pub fn add(&mut self, mut extract: Extract) -> Result<Vec<Finding>> {
        let mut findings = std::mem::take(&mut extract.findings);
        if let Some(finding) = self.make_unique(&mut extract) {
            findings.push(finding);
        }
        self.summary.filings += 1;
        for (table, rows) in schema::schema().tables.iter().zip(&extract.rows) {
            *self.summary.rows.entry(table.name.clone()).or_default() += rows.len() as u64;
        }
        match &mut self.sink {
            Sink::Csv(csv) => csv.add(&extract.rows).map_err(|error| self.staging.failed(error))?,
            #[cfg(feature = "sqlite")]
            Sink::Sqlite(database) => database.add(&extract.rows)?,
            #[cfg(feature = "parquet")]
            Sink::Parquet(parquet) => parquet.add(extract.rows)?,
            Sink::Mof(import) => findings.extend(import.add(&extract)?),
        }
        Ok(findings)
    }

    /// Ends the output and puts it in its place.
    pub fn finish(mut self) -> Result<Summary> {
        match self.sink {
            Sink::Csv(csv) => csv.finish().map_err(|error| self.staging.failed(error))?,
            #[cfg(feature = "sqlite")]
            Sink::Sqlite(database) => database.finish()?,
            #[cfg(feature = "parquet")]
            Sink::Parquet(parquet) => parquet.finish()?,
            Sink::Mof(import) => {
                self.summary.missing = import.missing();
                import.finish(&self.staging.content())?;
            }
        }
        self.staging.commit()?;
        Ok(self.summary)
    }

    /// A second filing of the same department and year gets keys of its own.
    fn make_unique(&mut self, extract: &mut Extract) -> Option<Finding> {
        if self.keys.insert(extract.key.clone()) {
            return None;
        }
        let by_name = format!("{}~{}", extract.key, key::hash(&[&extract.source_name]));
        let mut new = by_name.clone();
        let mut count = 1;
        while !self.keys.insert(new.clone()) {
            count += 1;
            new = format!("{by_name}.{count}");
        }
        let finding = Finding::of(
            "import-filing-twice",
            Place::Nowhere,
            format!("同一部门同一年度（{}）已有一份文件在本批中；合计时会重复计算", extract.key),
            format!("the run already has a filing of this department and year ({}): sums count it twice", extract.key),
        );
        extract.rekey(new);
        Some(finding)
    }
}
