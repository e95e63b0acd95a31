//! Sheet names: legal, unique, stable, and still telling apart sixty projects of one long name.

use std::collections::{HashMap, HashSet};

/// Longest sheet name in UTF-16 units.
const LONGEST: usize = 31;

/// Names already given in a workbook.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The last number that a wish was given with: thousands of sheets may wish for one name.
    numbered: HashMap<String, usize>,
}

impl Names {
    /// A name like `wish` that no sheet has yet; `fallback` where nothing legal is left of it.
    pub fn give(&mut self, wish: &str, fallback: &str) -> String {
        let mut wish = legal(wish);
        if wish.is_empty() {
            wish = legal(fallback);
        }
        let number = self.numbered.entry(wish.clone()).or_default();
        loop {
            *number += 1;
            let tail = if *number == 1 { String::new() } else { format!("({number})") };
            let name = format!("{}{tail}", shorten(&wish, LONGEST - tail.len()));
            // Excel keeps "History" for its own sheet of tracked changes.
            if !name.eq_ignore_ascii_case("history") && self.taken.insert(fold(&name)) {
                return name;
            }
        }
    }
}

/// Replaces what a sheet name may not hold by the full-width sign that looks like it.
fn legal(wish: &str) -> String {
    let name: String = wish
        .chars()
        .filter_map(|ch| match ch {
            '[' => Some('［'),
            ']' => Some('］'),
            ':' => Some('：'),
            '*' => Some('＊'),
            '?' => Some('？'),
            '/' => Some('／'),
            '\\' => Some('＼'),
            '\n' | '\r' | '\t' => Some(' '),
            ch if ch.is_control() || matches!(ch, '\u{fffe}' | '\u{ffff}') => None,
            ch => Some(ch),
        })
        .collect();
    name.trim_matches(|ch: char| crate::text::is_blank(ch) || ch == '\'').to_owned()
}

/// Cuts the middle out of a name: what tells long names apart stands at either end
/// (the number before them, 第一批 and 第二批 after).
fn shorten(name: &str, longest: usize) -> String {
    if utf16(name) <= longest {
        return name.to_owned();
    }
    let chars: Vec<char> = name.chars().collect();
    let end = longest / 3;
    let mut tail = Vec::new();
    let mut units = 0;
    for ch in chars.iter().rev() {
        if units + ch.len_utf16() > end {
            break;
        }
        units += ch.len_utf16();
        tail.push(*ch);
    }
    let mut head = String::new();
    let mut left = longest - 1 - units;
    for ch in &chars {
        if ch.len_utf16() > left {
            break;
        }
        left -= ch.len_utf16();
        head.push(*ch);
    }
    let tail: String = tail.into_iter().rev().collect();
    format!("{head}…{}", tail.trim_end_matches('\''))
}

/// Length as Excel counts it.
pub(super) fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Names that Excel takes for the same.
fn fold(name: &str) -> String {
    name.chars()
        .map(|ch| match ch {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xff01 + 0x21).unwrap_or(ch),
            ch => ch,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A sheet name as it stands in a formula.
pub(super) fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_projects_of_one_long_name() {
        let mut names = Names::default();
        let project = "云岭县林草服务局二〇二三年度森林草原湿地荒漠化普查与防火隔离带建设维护补助资金（第一批）";
        let mut seen = HashSet::new();
        for _ in 0..60 {
            let name = names.give(project, "表");
            assert!(utf16(&name) <= 31, "{name}");
            assert!(seen.insert(name.to_lowercase()));
        }
        assert!(seen.iter().all(|name| name.starts_with("云岭县林草服务局")));
        let other = names.give(&project.replace("第一批", "第二批"), "表");
        assert!(other.ends_with("第二批）"), "{other}");
    }

    #[test]
    fn illegal_names() {
        let mut names = Names::default();
        assert_eq!(names.give("a[b]:c*d?e/f\\g", "表"), "a［b］：c＊d？e／f＼g");
        assert_eq!(names.give("'quoted'", "表"), "quoted");
        assert_eq!(names.give("History", "表"), "History(2)");
        assert_eq!(names.give(" \u{3000}\n", "表1"), "表1");
        assert_eq!(names.give("Ａ", "表"), "Ａ");
        assert_eq!(names.give("a", "表"), "a(2)");
        let wide = names.give(&"😀".repeat(40), "表");
        assert!(utf16(&wide) <= 31);
    }
}
