//! Findings: what we saw in a document that a person should know.
//!
//! An [`crate::Error`] means that we could not work. A finding is about the document: a place, a
//! stable kebab-case code, and one sentence with both numbers. Codes are explained in
//! `templates/findings.toml`.

pub mod explain;
pub mod render;

use crate::text::Place;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A repair or a choice we made.
    Note,
    /// Doubtful.
    Warning,
    /// The filing contradicts itself: its matter, not ours.
    Inconsistency,
    /// Something could not be read or written.
    Error,
}

/// Languages of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable kebab-case code.
    pub rule: &'static str,
    /// One sentence in Chinese.
    pub zh: String,
    /// The same sentence in English.
    pub en: String,
    /// Index of the block (a table) in [`crate::filing::Filing::blocks`].
    pub table: Option<usize>,
    /// Row of the table, from 0.
    pub row: Option<usize>,
    /// Column id or field name.
    pub column: Option<String>,
    /// What the filing says.
    pub stated: Option<String>,
    /// What its parts say.
    pub computed: Option<String>,
    /// Where it stands.
    pub place: Place,
}

impl Severity {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Inconsistency => "inconsistency",
            Severity::Error => "error",
        }
    }

    /// The name for people.
    pub fn label(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Zh, Severity::Note) => "说明",
            (Lang::Zh, Severity::Warning) => "存疑",
            (Lang::Zh, Severity::Inconsistency) => "矛盾",
            (Lang::Zh, Severity::Error) => "错误",
            (Lang::En, _) => self.name(),
        }
    }
}

impl Finding {
    /// A finding at a place, with its sentence in both languages.
    pub fn new(
        severity: Severity,
        rule: &'static str,
        place: Place,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Finding {
        Finding {
            severity,
            rule,
            zh: zh.into(),
            en: en.into(),
            table: None,
            row: None,
            column: None,
            stated: None,
            computed: None,
            place,
        }
    }

    /// A finding with the severity its code has by default (see [`explain`]).
    pub fn of(rule: &'static str, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding::new(explain::severity(rule), rule, place, zh, en)
    }

    /// Shorthand for a repair or choice we made.
    pub fn note(rule: &'static str, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding::new(Severity::Note, rule, place, zh, en)
    }

    /// Shorthand for something doubtful.
    pub fn warning(rule: &'static str, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding::new(Severity::Warning, rule, place, zh, en)
    }

    /// Names the table, row and column it is about.
    pub fn at_cell(mut self, table: usize, row: Option<usize>, column: impl Into<String>) -> Finding {
        self.table = Some(table);
        self.row = row;
        self.column = Some(column.into());
        self
    }

    /// Names both numbers.
    pub fn numbers(mut self, stated: impl Into<String>, computed: impl Into<String>) -> Finding {
        self.stated = Some(stated.into());
        self.computed = Some(computed.into());
        self
    }

    /// The sentence in a language.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}
