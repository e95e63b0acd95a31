//! The tables of one filing among each other: `templates/tables.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::templates;

/// Lists of forms by their id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// Order of their sheets; performance tables stand where `*` is, forms that are not named last.
    #[serde(borrow)]
    pub order: Vec<&'static str>,
    /// Those that share a unit of money.
    pub one_unit: Vec<&'static str>,
    /// Those whose title may speak of another year than the budget's.
    pub other_year: Vec<&'static str>,
    /// Words in a money cell that say that there is no amount, or that it is a note.
    pub no_amount: Vec<&'static str>,
    /// Words in the heads of columns that are no parts of a sum.
    no_part: Vec<&'static str>,
}

impl Tables {
    /// Whether the head of a column says that it is no part of a sum over the columns.
    pub fn no_part(&self, head: &[String]) -> bool {
        head.iter().any(|label| self.no_part.iter().any(|word| label.contains(word)))
    }
}

/// The lists.
pub fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| templates::read!("tables"))
}
