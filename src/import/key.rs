//! Stable keys: the same filing gives the same keys in every run, whatever else is pooled with it.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::filing::Filing;
use crate::text::is_blank;

/// Longest code that stands in a key as it is.
const LONGEST: usize = 48;

/// The key of a filing: its year and department, not its file name or content, so that a corrected
/// filing keeps it. A filing that names neither is known by its content.
pub fn filing(filing: &Filing) -> String {
    let department = &filing.department;
    let who = match (department.code.as_str(), department.name.as_str()) {
        ("", "") => format!("s{}", &filing.source.sha256.get(..12).unwrap_or_default()),
        ("", name) => format!("d{}", hash(&[name])),
        (code, name) => plain(code).unwrap_or_else(|| format!("d{}", hash(&[code, name]))),
    };
    match filing.fiscal_year {
        Some(year) => format!("{year}-{who}"),
        None => format!("x-{who}"),
    }
}

/// What tells rows of one table of a filing apart: their codes, else a hash of their texts.
pub fn natural(parts: &[&str]) -> String {
    let codes: Option<Vec<String>> = parts.iter().map(|part| plain(part)).collect();
    match codes {
        Some(codes) if !codes.is_empty() => codes.join("-"),
        _ => format!("h{}", hash(parts)),
    }
}

/// A code made of Latin letters and digits, without blanks.
fn plain(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|ch| !is_blank(*ch)).collect();
    let fits = !code.is_empty() && code.len() <= LONGEST;
    (fits && code.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '-' || ch == '_')).then_some(code)
}

/// Twelve hexadecimal digits of SHA-256; blanks do not count.
pub fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        let text: String = part.chars().filter(|ch| !is_blank(*ch)).collect();
        digest.update(text.as_bytes());
        digest.update([0x1f]);
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Numbers the keys that occur again: `k`, `k.2`, `k.3`.
#[derive(Debug, Default)]
pub struct Unique {
    seen: HashMap<(usize, String), u32>,
}

impl Unique {
    /// The key, made unique within a table.
    pub fn key(&mut self, table: usize, key: String) -> String {
        let count = self.seen.entry((table, key.clone())).or_default();
        *count += 1;
        if *count == 1 { key } else { format!("{key}.{count}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_keys_and_words_are_hashed() {
        assert_eq!(natural(&["407001", "530999240000001"]), "407001-530999240000001");
        assert_eq!(natural(&["", "护林补助"]), natural(&["", "护林 补助"]));
        assert_ne!(natural(&["护林", "补助"]), natural(&["护林补", "助"]));
        assert!(natural(&["其他（项）"]).starts_with('h'));
    }

    #[test]
    fn repeated_keys_are_numbered() {
        let mut unique = Unique::default();
        let keys: Vec<String> = (0..3).map(|_| unique.key(0, "a".to_owned())).collect();
        assert_eq!(keys, ["a", "a.2", "a.3"]);
        assert_eq!(unique.key(1, "a".to_owned()), "a");
    }
}
