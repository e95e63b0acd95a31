//! Departments by their name.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::templates;

/// Whether a text ends as the names of departments do (`templates/departments.toml`).
pub fn ends_like_one(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Departments {
        #[serde(borrow)]
        endings: Vec<&'static str>,
    }
    static DEPARTMENTS: OnceLock<Departments> = OnceLock::new();
    let departments = DEPARTMENTS.get_or_init(|| templates::read!("departments"));
    departments.endings.iter().any(|end| text.ends_with(end))
}
