//! `templates/header.toml`: what the header and the foot of any table may print beside the form's own labels.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::form::label::{Pattern, fold, without_ordinal};

/// The year that a label says the amounts under it are of, from the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Year {
    /// 上年.
    Last,
    /// 2025年.
    Of(u16),
    /// 本年.
    This,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<String>,
    compare: Vec<String>,
    subtotal: Vec<String>,
    signature: Vec<String>,
    numbering: Vec<String>,
    number: Vec<String>,
    total: Vec<String>,
}

pub(super) struct Words {
    /// What may follow a year, folded.
    year: Vec<String>,
    /// Heads of comparisons.
    pub compare: Vec<Pattern>,
    /// Subtotals of a group of columns, folded.
    subtotal: Vec<String>,
    /// Cells of a row of signatures.
    signature: Vec<Pattern>,
    /// What a row of column numbers prints beside them, folded.
    numbering: Vec<String>,
    /// What the number of a table is made of beside numerals, folded.
    number: Vec<String>,
    /// Row names printed once over the columns of a code, folded.
    total: Vec<String>,
}

pub(super) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: File = crate::templates::read!("header");
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        let folded = |texts: &[String]| texts.iter().map(|text| fold(text)).collect();
        Words {
            year: folded(&file.year),
            compare: patterns(&file.compare),
            subtotal: folded(&file.subtotal),
            signature: patterns(&file.signature),
            numbering: folded(&file.numbering),
            number: folded(&file.number),
            total: folded(&file.total),
        }
    })
}

impl Words {
    /// The year of a folded label that says nothing else.
    pub fn year_of(&self, key: &str) -> Option<Year> {
        let (year, mut rest) = match key.get(..4).and_then(|digits| digits.parse::<u16>().ok()) {
            Some(year) if (1990..2100).contains(&year) => (Year::Of(year), key[4..].strip_prefix('年')?),
            _ => [("上年", Year::Last), ("本年", Year::This), ("当年", Year::This)]
                .into_iter()
                .find_map(|(word, year)| Some((year, key.strip_prefix(word)?)))?,
        };
        rest = rest.strip_prefix('度').unwrap_or(rest);
        while let Some(shorter) = self.year.iter().find_map(|word| rest.strip_prefix(word.as_str())) {
            rest = shorter;
        }
        rest.is_empty().then_some(year)
    }

    /// Whether a text is the head of a subtotal of a group of columns.
    pub fn is_subtotal(&self, text: &str) -> bool {
        self.subtotal.contains(&fold(text))
    }

    /// Whether a text is a name of a row of totals.
    pub fn is_total(&self, text: &str) -> bool {
        let folded = fold(text);
        self.total.iter().any(|word| word == without_ordinal(&folded))
    }

    /// Whether a folded text stands in a row of column numbers beside them.
    pub fn is_numbering(&self, key: &str) -> bool {
        self.numbering.iter().any(|word| word == key)
    }

    /// Whether a text is the number of a table and nothing else: `附件5`, `公开03表`.
    pub fn is_table_number(&self, text: &str) -> bool {
        /// Longest such number, in bytes.
        const LONGEST: usize = 48;
        let mark = |ch: char| ch.is_ascii_digit() || "一二三四五六七八九十-.():".contains(ch);
        let folded = if text.len() <= LONGEST { fold(text) } else { return false };
        let mut rest = folded.trim_start_matches(mark);
        let mut worded = false;
        while let Some(shorter) = self.number.iter().find_map(|word| rest.strip_prefix(word.as_str())) {
            rest = shorter.trim_start_matches(mark);
            worded = true;
        }
        rest.is_empty()
            && worded
            && folded.contains(|ch: char| ch.is_ascii_digit() || "一二三四五六七八九十".contains(ch))
    }

    /// Whether a cell is one of a row of signatures.
    pub fn is_signature(&self, text: &str) -> bool {
        self.signature.iter().any(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tables() {
        for number in ["附件5", "公开03表", "部门预算公开表6-2", "附表1-1", "表六", "预算03-2表", "附件：6", "（表2）"]
        {
            assert!(words().is_table_number(number), "{number}");
        }
        for text in ["5", "附件", "表", "住房公积金", "一、部门", "预算数", "表2 收入总表", "2023年"]
        {
            assert!(!words().is_table_number(text), "{text}");
        }
    }

    #[test]
    fn years_of_labels() {
        let year = |label: &str| words().year_of(&fold(label));
        assert_eq!(year("2024年执行数"), Some(Year::Of(2024)));
        assert_eq!(year("2025 年度预算数"), Some(Year::Of(2025)));
        assert_eq!(year("2025年"), Some(Year::Of(2025)));
        assert_eq!(year("上年预算执行数"), Some(Year::Last));
        assert_eq!(year("本年预算数"), Some(Year::This));
        for label in ["本年收入", "上年结转", "2023年预留中小微企业份额", "预算数", "2025"] {
            assert_eq!(year(label), None, "{label}");
        }
    }
}
