//! Marks: brackets and quotation marks come in pairs, punctuation is printed once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use regex::Regex;

use super::Context;
use super::wording::around;
use crate::finding::Finding;
use crate::text::is_blank;

/// The rule: brackets and quotation marks come in pairs.
pub fn brackets(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A reference that stands in every row of a table is reported once for the table.
    let mut seen: BTreeSet<(Option<usize>, String)> = BTreeSet::new();
    let pieces = &context.pieces;
    let mut problems: Vec<Vec<(usize, char, &'static str)>> =
        pieces.iter().map(|piece| unbalanced(piece.text.as_str())).collect();
    // A bracket that closes in the next paragraph was cut by a line or a page.
    for index in 1..pieces.len() {
        if pieces[index - 1].cell.is_some() || pieces[index].cell.is_some() {
            continue;
        }
        while let (Some(&(_, opened, _)), Some(&(_, closed, _))) = (problems[index - 1].last(), problems[index].first())
            && matches!((kind(opened), kind(closed)), (Some((one, true)), Some((other, false))) if one == other)
        {
            problems[index - 1].pop();
            problems[index].remove(0);
        }
    }
    for (piece, problems) in pieces.iter().zip(problems) {
        let text = piece.text.as_str();
        let mut by_rule: BTreeMap<&'static str, Vec<(usize, char)>> = BTreeMap::new();
        for (at, ch, rule) in problems {
            by_rule.entry(rule).or_default().push((at, ch));
        }
        for (rule, marks) in by_rule {
            if !seen.insert((piece.cell.as_ref().map(|cell| cell.0), format!("{rule}{text}"))) {
                continue;
            }
            let (at, ch) = marks[0];
            let range = at..at + ch.len_utf8();
            let words = around(text, &range);
            let list = marks.iter().map(|(_, ch)| ch.to_string()).collect::<Vec<_>>().join(" ");
            let (zh, en) = match rule {
                "brackets-width" => (
                    format!("“{words}”中的括号一半全角一半半角"),
                    format!("a bracket in “{words}” is full-width on one side only"),
                ),
                "quotes-unbalanced" => (
                    format!("“{words}”中的引号没有配对：{list}"),
                    format!("a quotation mark in “{words}” has no partner: {list}"),
                ),
                _ => (
                    format!("“{words}”中的括号没有配对：{list}"),
                    format!("a bracket in “{words}” has no partner: {list}"),
                ),
            };
            findings.push(piece.at(range, rule, zh, en));
        }
    }
}

/// Kinds of brackets: full-width and half-width round brackets close each other, and so do the
/// square ones that document numbers are printed with.
fn kind(ch: char) -> Option<(u8, bool)> {
    Some(match ch {
        '（' | '(' => (0, true),
        '）' | ')' => (0, false),
        '【' | '[' | '〔' | '［' => (1, true),
        '】' | ']' | '〕' | '］' => (1, false),
        '{' | '｛' => (2, true),
        '}' | '｝' => (2, false),
        '《' => (3, true),
        '》' => (3, false),
        '“' => (4, true),
        '”' => (4, false),
        '‘' => (5, true),
        '’' => (5, false),
        '「' => (6, true),
        '」' => (6, false),
        _ => return None,
    })
}

fn is_wide(ch: char) -> bool {
    matches!(ch, '（' | '）' | '［' | '］' | '｛' | '｝' | '【' | '】' | '〔' | '〕')
}

/// Marks without a partner, each with its rule.
fn unbalanced(text: &str) -> Vec<(usize, char, &'static str)> {
    let mut open: Vec<(usize, char, u8)> = Vec::new();
    let mut problems = Vec::new();
    let mut straight: Vec<(usize, char)> = Vec::new();
    for (at, ch) in text.char_indices() {
        if ch == '"' || ch == '＂' {
            straight.push((at, ch));
            continue;
        }
        let Some((which, opens)) = kind(ch) else { continue };
        let quote = which == 4 || which == 5;
        let rule = if quote { "quotes-unbalanced" } else { "brackets-unbalanced" };
        if opens {
            // Deeper nesting is no text; without a limit it would cost squares.
            if open.len() == 64 {
                open.remove(0);
            }
            open.push((at, ch, which));
            continue;
        }
        if which == 0 && is_list_mark(text, at) {
            continue;
        }
        // ’ is an apostrophe, too.
        if ch == '’' && !open.iter().any(|(_, _, kind)| *kind == 5) {
            continue;
        }
        match open.last() {
            Some(&(from, opened, kind)) if kind == which => {
                open.pop();
                if which == 0 && is_wide(opened) != is_wide(ch) {
                    problems.push((from, opened, "brackets-width"));
                }
            }
            // Another kind is open: if the right one is further out, the inner ones are lone.
            Some(_) if open.iter().any(|(_, _, kind)| *kind == which) => {
                while let Some((from, opened, kind)) = open.pop() {
                    if kind == which {
                        break;
                    }
                    let quote = kind == 4 || kind == 5;
                    problems.push((from, opened, if quote { "quotes-unbalanced" } else { "brackets-unbalanced" }));
                }
            }
            _ => problems.push((at, ch, rule)),
        }
    }
    for (at, ch, which) in open {
        let quote = which == 4 || which == 5;
        problems.push((at, ch, if quote { "quotes-unbalanced" } else { "brackets-unbalanced" }));
    }
    // Inches and minutes aside, straight quotation marks come in pairs.
    if straight.len() % 2 == 1
        && let Some(&(at, ch)) = straight.last()
        && !text[..at].ends_with(|ch: char| ch.is_ascii_digit())
    {
        problems.push((at, ch, "quotes-unbalanced"));
    }
    problems.sort_by_key(|problem| problem.0);
    problems
}

/// Whether a closing bracket ends the number of a list item: `1）`, `a)`.
fn is_list_mark(text: &str, at: usize) -> bool {
    let number =
        text[..at].trim_end_matches(|ch: char| ch.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(ch));
    let digits = &text[number.len()..at];
    !digits.is_empty()
        && digits.chars().count() <= 2
        && (number.is_empty() || number.ends_with(['。', '；', ';', '\n', '，', '：', ':', ' ', '、']))
}

/// The rule: punctuation printed twice.
pub fn punctuation(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static DOUBLED: OnceLock<Regex> = OnceLock::new();
    let doubled = || {
        DOUBLED.get_or_init(|| {
        Regex::new(r"。[ \u{3000}]*[。，、；：]+|，[ \u{3000}]*[，。、；：]+|、[、，。；：]+|；[；，。、：]+|：[：，。、；]+|？？+|！！+|,,+|;;+|[0-9]--[\u{4e00}-\u{9fff}]")
            .expect("a constant pattern")
    })
    };
    for piece in &context.pieces {
        let text = piece.text.as_str();
        for found in may_be_doubled(text).then(|| doubled().find_iter(text)).into_iter().flatten() {
            let words = around(text, &found.range());
            findings.push(piece.at(
                found.range(),
                "punctuation-doubled",
                format!("“{words}”中的标点重复：{}", found.as_str()),
                format!("punctuation is doubled in “{words}”: {}", found.as_str()),
            ));
        }
    }
}

/// Whether two marks stand side by side, blanks aside: in few texts they do.
fn may_be_doubled(text: &str) -> bool {
    let mut last = ' ';
    text.chars().filter(|ch| !is_blank(*ch)).any(|ch| {
        let doubled = match ch {
            '。' | '，' | '、' | '；' | '：' => matches!(last, '。' | '，' | '、' | '；' | '：'),
            '？' | '！' | ',' | ';' | '-' => last == ch,
            _ => false,
        };
        last = ch;
        doubled
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(char, &'static str)> {
        unbalanced(text).into_iter().map(|(_, ch, rule)| (ch, rule)).collect()
    }

    #[test]
    fn brackets_in_pairs_are_silent() {
        assert!(problems("《云岭县公益林管理办法（试行）》（云林发〔2023〕8号）。1）巡护 2）补助").is_empty());
        assert!(problems("\"应补尽补\"").is_empty());
    }

    #[test]
    fn lone_brackets_and_quotes() {
        assert_eq!(problems("云林费{2023】48号"), [('{', "brackets-unbalanced"), ('】', "brackets-unbalanced")]);
        assert_eq!(problems("“护林”宣传”活动"), [('”', "quotes-unbalanced")]);
        assert_eq!(problems("）95%"), [('）', "brackets-unbalanced")]);
        assert_eq!(problems("办法（试行)"), [('（', "brackets-width")]);
        assert_eq!(problems("按时发放。\""), [('"', "quotes-unbalanced")]);
        assert_eq!(problems("按时发放＂补助"), [('＂', "quotes-unbalanced")]);
    }
}
