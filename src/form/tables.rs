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
}

/// The lists.
pub fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| templates::read!("tables"))
}
