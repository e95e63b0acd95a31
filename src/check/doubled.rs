//! Words printed twice in a row.

use std::ops::Range;

use super::Context;
use super::wording::around;
use crate::finding::Finding;

/// Characters of a run that are looked at together.
const LONGEST_RUN: usize = 4_096;

/// Bytes of a Chinese character.
const HAN: usize = 3;

/// The rule: a word printed twice in a row.
pub fn words(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for piece in &context.pieces {
        let text = piece.text.as_str();
        let mut last = 0..0;
        for range in doubled_words(text) {
            if range.start < last.end {
                continue;
            }
            // A word printed many times in a row is one finding.
            let goes_on = range.start == last.end && text[range.clone()] == text[last];
            last = range.clone();
            if goes_on {
                continue;
            }
            let words = around(text, &range);
            findings.push(piece.at(
                range.clone(),
                "word-doubled",
                format!("“{words}”中的“{}”重复", &text[range.clone()]),
                format!("a word is doubled in “{words}”: “{}”", &text[range.clone()]),
            ));
        }
    }
}

/// Ranges of words of two to eight Chinese characters printed twice in a row, also in a list
/// (`规范化、规范化`).
fn doubled_words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Vec<(usize, char)> = Vec::with_capacity((text.len() / HAN).min(LONGEST_RUN));
    for (at, ch) in text.char_indices().chain([(text.len(), '\n')]) {
        if is_han(ch) || ch == '、' {
            run.push((at, ch));
        }
        // A very long run goes piece by piece, so that its characters need not all be held.
        if !(is_han(ch) || ch == '、') || run.len() == LONGEST_RUN {
            doubled_in_run(&run, &mut found);
            run.clear();
        }
    }
    found
}

fn is_han(ch: char) -> bool {
    matches!(ch, '\u{4e00}'..='\u{9fff}')
}

fn doubled_in_run(run: &[(usize, char)], found: &mut Vec<Range<usize>>) {
    let end = |index: usize| run[index].0 + run[index].1.len_utf8();
    // The word begins again two to nine characters on.
    let begins_again = |start: usize| {
        let last = run.len().min(start + 10);
        let first = run[start].1;
        run.get(start + 2..last).is_some_and(|rest| rest.iter().any(|(_, ch)| *ch == first))
    };
    for start in (0..run.len()).filter(|start| begins_again(*start)) {
        for length in 2..=8usize {
            for gap in [0usize, 1] {
                let second = start + length + gap;
                if second + length > run.len() {
                    continue;
                }
                if run[start].1 != run[second].1 {
                    continue;
                }
                let one = &run[start..start + length];
                let other = &run[second..second + length];
                if !one.iter().zip(other).all(|((_, a), (_, b))| a == b && is_han(*a)) {
                    continue;
                }
                if gap == 1 && run[start + length].1 != '、' {
                    continue;
                }
                // In a list the whole items must be equal.
                let item_before = start == 0 || !is_han(run[start - 1].1) || gap == 0;
                let next = run.get(second + length).map(|(_, ch)| *ch);
                let item_after = gap == 0 || next.is_none_or(|ch| !is_han(ch)) || length >= 3;
                if !(item_before && item_after) {
                    continue;
                }
                if gap == 0 && reduplicates(one.iter().map(|(_, ch)| *ch), next) {
                    continue;
                }
                found.push(run[start].0..end(second + length - 1));
            }
        }
    }
}

/// Doubling that is Chinese, not a slip: 人人, 一步一步, 管理管理员, 就业创业创新.
fn reduplicates(word: impl Iterator<Item = char>, next: Option<char>) -> bool {
    let word: Vec<char> = word.collect();
    let same = word.windows(2).all(|pair| pair[0] == pair[1]);
    let numerals = word.iter().all(|ch| "一二三四五六七八九十百千万零〇".contains(*ch));
    let counts = word[0] == '一';
    let verbs: &[&str] = &["研究", "讨论", "商量", "学习", "了解", "考虑", "休息", "交流", "沟通", "业创"];
    let text: String = word.iter().collect();
    same || numerals
        || counts
        || verbs.contains(&text.as_str())
        || (word.len() == 2 && next.is_some_and(|ch| "员者".contains(ch)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_words_but_no_reduplication() {
        let doubled = |text: &str| doubled_words(text).first().map(|range| text[range.clone()].to_owned());
        assert_eq!(doubled("提出意见意见和建议").as_deref(), Some("意见意见"));
        assert_eq!(doubled("标准化、规范化、规范化的工作").as_deref(), Some("规范化、规范化"));
        assert_eq!(doubled("一步一步推进，人人人人参与，档案管理管理员"), None);
        assert_eq!(doubled("社会保险、社会救助"), None);
    }
}
