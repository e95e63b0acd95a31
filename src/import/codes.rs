//! Code lists of the integrated budget system: names as printed to codes.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::text::is_blank;

/// A list of codes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// Name in mapping files.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// Values outside the list are allowed.
    #[serde(default)]
    pub open: bool,
    /// The codes.
    pub entry: Vec<Entry>,
    /// Names and aliases without their 指标, to the entry; made when a name is first looked up.
    #[serde(skip)]
    names: OnceLock<HashMap<String, usize>>,
}

/// One code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the level above.
    #[serde(default)]
    pub parent: String,
    /// Other printed names.
    #[serde(default)]
    pub alias: Vec<String>,
}

impl Entry {
    /// `11-数量指标`, as import files have it.
    pub fn code_and_name(&self) -> String {
        format!("{}-{}", self.code, self.name)
    }
}

impl CodeList {
    /// The entry for a printed name or code.
    pub fn find(&self, printed: &str) -> Option<&Entry> {
        let text = bare(printed);
        if text.is_empty() {
            return None;
        }
        // 14-成本指标: the printed code decides, when the list has it.
        let (code, name) = match text.split_once(['-', '－', '—', '–']) {
            Some((code, name)) if code.bytes().all(|byte| byte.is_ascii_digit()) => (code, name),
            _ => ("", text.as_str()),
        };
        let by_code = self.entry.iter().find(|entry| entry.code == if code.is_empty() { name } else { code });
        by_code.or_else(|| self.by_name(name))
    }

    fn by_name(&self, name: &str) -> Option<&Entry> {
        let names = self.names.get_or_init(|| {
            let mut names = HashMap::new();
            // A name wins over an alias of another entry.
            let own = self.entry.iter().enumerate().map(|(index, entry)| (index, &entry.name));
            let aliases = self.entry.iter().enumerate();
            let aliases = aliases.flat_map(|(index, entry)| entry.alias.iter().map(move |alias| (index, alias)));
            for (index, name) in own.chain(aliases) {
                names.entry(short(&bare(name)).to_owned()).or_insert(index);
            }
            names
        });
        self.entry.get(*names.get(short(name))?)
    }
}

/// 社会效益 and 社会效益指标 are one.
fn short(name: &str) -> &str {
    name.strip_suffix("指标").unwrap_or(name)
}

/// Without blanks and a remark in brackets at the end (`成本指标（必填硬性指标）`).
fn bare(text: &str) -> String {
    let text: String = text.chars().filter(|ch| !is_blank(*ch)).collect();
    let remark = text.find(['（', '(']).filter(|at| *at > 0 && text.ends_with(['）', ')']));
    match remark {
        Some(at) if text[at..].contains('填') => text[..at].to_owned(),
        _ => text.replace('(', "（").replace(')', "）"),
    }
}

/// The built-in lists (`templates/import/lists.toml`).
pub fn built_in() -> &'static [CodeList] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        list: Vec<CodeList>,
    }
    static LISTS: OnceLock<Vec<CodeList>> = OnceLock::new();
    LISTS.get_or_init(|| {
        let file: File = crate::templates::read!("import/lists");
        file.list
    })
}

/// A built-in list by name.
pub fn list(name: &str) -> Option<&'static CodeList> {
    built_in().iter().find(|list| list.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level2(printed: &str) -> Option<&'static str> {
        list("indicator-level2").expect("a list").find(printed).map(|entry| entry.code.as_str())
    }

    #[test]
    fn level_2_names_in_every_spelling_have_their_code() {
        for (printed, code) in [
            ("数量指标", "11"),
            ("14-成本指标", "14"),
            ("成本指标（必填硬性指标）", "14"),
            ("质量指标(必填)", "12"),
            ("22-社会效益", "22"),
            ("社会效益指标", "22"),
            ("可持续影响指标", "24"),
            ("可持续发展指标", "24"),
            ("服务对象满意度指标", "31"),
            ("满意度指标", "31"),
            ("经济成本指标", "140001"),
            ("时 效 指 标", "13"),
        ] {
            assert_eq!(level2(printed), Some(code), "{printed}");
        }
        assert_eq!(level2("护林指标"), None);
        assert_eq!(level2(""), None);
    }

    #[test]
    fn every_list_has_unique_codes() {
        for list in built_in() {
            let codes: std::collections::BTreeSet<&str> = list.entry.iter().map(|entry| entry.code.as_str()).collect();
            assert_eq!(codes.len(), list.entry.len(), "{}", list.name);
        }
    }
}
