//! Automatic numbers: Word prints them, nobody types them, and no edit writes them as text.

use crate::text::{Text, is_blank};

/// Bytes at the start of a text that the part does not spell out: an automatic number.
pub(in crate::patch) fn automatic(text: &Text) -> usize {
    match text.pieces().first() {
        Some(first) if !text.as_str()[..first.at as usize].chars().all(is_blank) => first.at as usize,
        _ => 0,
    }
}

/// Bytes at the start of `text` that are a number of the same kind: `二、` for `一、`.
pub(in crate::patch) fn same_kind(number: &str, text: &str) -> Option<usize> {
    let mut rest = text;
    let mut pattern = number;
    while let Some(first) = pattern.chars().next() {
        let class = class_of(first);
        if class == Class::Blank {
            pattern = pattern.trim_start_matches(is_blank);
            rest = rest.trim_start_matches(is_blank);
            continue;
        }
        if class == Class::Mark {
            pattern = &pattern[first.len_utf8()..];
            rest = rest.strip_prefix(first)?;
            continue;
        }
        let of_class = |ch: char| class_of(ch) == class;
        pattern = pattern.trim_start_matches(of_class);
        let after = rest.trim_start_matches(of_class);
        if after.len() == rest.len() {
            return None;
        }
        rest = after;
    }
    Some(text.len() - rest.len())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Chinese,
    Circled,
    Letter,
    Blank,
    Mark,
}

fn class_of(ch: char) -> Class {
    match ch {
        '0'..='9' | '０'..='９' => Class::Digit,
        '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千' => {
            Class::Chinese
        }
        '①'..='⒛' | '㈠'..='㈩' | '㉑'..='㉟' | '㊀'..='㊉' | '㊱'..='㊿' => Class::Circled,
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => Class::Letter,
        _ if is_blank(ch) => Class::Blank,
        _ => Class::Mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_same_kind() {
        assert_eq!(same_kind("一、", "十二、收入"), Some("十二、".len()));
        assert_eq!(same_kind("（一）", "（二）收入"), Some("（二）".len()));
        assert_eq!(same_kind("1.", "12. 收入"), Some("12.".len()));
        assert_eq!(same_kind("1. ", "12.收入"), Some("12.".len()));
        assert_eq!(same_kind("①", "②收入"), Some("②".len()));
        assert_eq!(same_kind("一、", "收入"), None);
        assert_eq!(same_kind("1.", "1、收入"), None);
    }
}
