//! The words that the rules about indicators look for, `templates/indicator-words.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::templates;

/// Lists of words, named as in the file, which says what each is for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file says it, in the words of those who keep it")]
pub struct Words {
    #[serde(borrow)]
    pub lower_is_better: Vec<&'static str>,
    pub higher_is_better: Vec<&'static str>,
    pub rate: Vec<&'static str>,
    pub no_rate: Vec<&'static str>,
    pub over_100: Vec<&'static str>,
    pub count: Vec<&'static str>,
    pub no_count: Vec<&'static str>,
    pub each: Vec<&'static str>,
    pub standard: Vec<&'static str>,
    pub cost_rate: Vec<&'static str>,
    pub satisfaction: Vec<&'static str>,
    pub thing: Vec<&'static str>,
    pub no_thing: Vec<&'static str>,
    pub last_characters: &'static str,
    pub open_end: Vec<&'static str>,
    pub complete: Vec<&'static str>,
    pub unit_heads: Vec<&'static str>,
}

/// The lists.
pub fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| templates::read!("indicator-words"))
}

/// Whether one of the words stands in a text.
pub fn has(list: &[&str], text: &str) -> bool {
    list.iter().any(|word| text.contains(word))
}

/// Whether a text ends with one of the words.
pub fn ends(list: &[&str], text: &str) -> bool {
    list.iter().any(|word| text.ends_with(word))
}
