//! What the words before an amount say it is: the subject, without ordinals, connectives, year,
//! department and verbs.
//!
//! This is done for every amount of every filing, so it is done by hand; the tests hold it against
//! the patterns that say the same.

use std::ops::Range;

use crate::text::is_blank;

/// Words that lead up to a subject, longer ones first where one begins another.
const LEADING: [&str; 25] = [
    "其中",
    "包括",
    "主要",
    "分别",
    "和",
    "及",
    "与",
    "以及",
    "即",
    "各",
    "的",
    "、",
    " ",
    "\u{3000}",
    "安排",
    "共计",
    "共",
    "当年",
    "本年度",
    "本年",
    "全年",
    "较",
    "比",
    "为",
    "是",
];

/// Whoever has the money, and the endings of a department's name.
const OWNERS: [&str; 6] = ["我部门", "本部门", "我局", "本局", "我单位", "本单位"];
const OFFICES: [&str; 7] = ["局", "委", "办", "中心", "院", "部", "处"];

/// What follows the owner, where the subject begins.
const SUBJECTS: [&str; 12] = [
    "安排",
    "“三公”",
    "三公",
    "机关运行",
    "政府采购",
    "预算",
    "部门",
    "收入",
    "支出",
    "上年末",
    "固定资产",
    "财政拨款",
];

/// The verb before an amount, around 安排: what may stand before it and after it.
const BEFORE_PLAN: [&str; 6] = ["", "共计", "合计", "总计", "总共", "共"];
const AFTER_PLAN: [&str; 4] = ["", "预算", "支出", "资金"];

/// Other words that end a subject.
const TRAILING: [&str; 13] =
    ["拟安排", "分别为", "共计", "总共", "为", "是", "达到", "达", "约", " ", "\u{3000}", "、", "："];

/// Bytes of the longest of them.
const LONGEST_TRAILING: usize = 18;

/// The years that words name (`2023年度`, `2022年末`), with their places.
pub(super) fn years(words: &str) -> impl DoubleEndedIterator<Item = (Range<usize>, u16)> {
    let places: Vec<usize> = words.match_indices('年').map(|(at, _)| at).collect();
    places.into_iter().filter_map(move |at| {
        let before = words[..at].trim_end_matches([' ', '\u{3000}']);
        let start = before.len().checked_sub(4)?;
        let digits = before.get(start..).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let year = digits.parse().ok().filter(|year| (2000..2100).contains(year))?;
        let after = &words[at + '年'.len_utf8()..];
        let after = after.strip_prefix('度').unwrap_or(after);
        let after = after.strip_prefix(['初', '末']).unwrap_or(after);
        Some((start..words.len() - after.len(), year))
    })
}

/// The subject in the words before an amount.
pub(super) fn subject(words: &str, department: &str) -> String {
    let mut rest = words.trim_matches(is_blank);
    if let Some((year, _)) = years(rest).next_back() {
        let after = rest[year.end..].trim_matches(is_blank);
        rest = if after.is_empty() { &rest[..year.start] } else { after };
    }
    if !department.is_empty()
        && let Some(at) = rest.find(department)
    {
        rest = &rest[at + department.len()..];
    }
    rest = without_leading(rest);
    rest = without_leading(without_owner(rest).unwrap_or(rest));
    let bare = without_trailing(rest);
    // `部门预算收支安排15610.51万元`: the verb is all the name there is.
    let bare = if bare.ends_with("收支") { format!("{bare}安排") } else { bare.to_owned() };
    bare.trim_matches(is_blank).to_owned()
}

/// The words before what an amount is: who has it, and of which year.
pub(super) fn owner<'w>(words: &'w str, subject: &str) -> &'w str {
    if subject.is_empty() { words } else { words.rfind(subject).map_or(words, |at| &words[..at]) }
}

/// Whether words name the department itself.
pub(super) fn is_department(words: &str, department: &str) -> bool {
    (!department.is_empty() && words.contains(department)) || OWNERS.iter().any(|owner| words.contains(owner))
}

fn without_leading(mut words: &str) -> &str {
    while let Some(rest) = after_ordinal(words).or_else(|| after_any(words, &LEADING)) {
        words = rest;
    }
    words
}

fn after_any<'w>(words: &'w str, any: &[&str]) -> Option<&'w str> {
    any.iter().find_map(|word| words.strip_prefix(word))
}

/// What follows `1.`, `一、`, `（二）` or `（含……）`.
fn after_ordinal(words: &str) -> Option<&str> {
    let is_digit = |ch: char| matches!(ch, '0'..='9' | '０'..='９');
    let is_numeral = |ch: char| "一二三四五六七八九十".contains(ch);
    let after = words.trim_start_matches(is_digit);
    if after.len() < words.len() {
        return after.strip_prefix(['、', '.', '．', '）', ')']);
    }
    let after = words.trim_start_matches(is_numeral);
    if after.len() < words.len() {
        return after.strip_prefix('、');
    }
    let inside = words.strip_prefix(['（', '('])?;
    if inside.starts_with('含') {
        return inside.split_once(['）', ')']).map(|(_, rest)| rest);
    }
    let after = inside.trim_start_matches(|ch: char| ch.is_ascii_digit() || is_numeral(ch));
    (after.len() < inside.len()).then(|| after.strip_prefix(['）', ')'])).flatten()
}

/// What follows the first owner after which a subject begins.
fn without_owner(words: &str) -> Option<&str> {
    let begins = |rest: &&str| {
        rest.starts_with(|ch: char| matches!(ch, '0'..='9' | '０'..='９'))
            || SUBJECTS.iter().any(|subject| rest.starts_with(subject))
    };
    words.char_indices().find_map(|(at, _)| {
        let owner = OWNERS.iter().find_map(|owner| words[at..].strip_prefix(owner).filter(begins));
        owner.or_else(|| {
            let after = after_any(&words[at..], &OFFICES)?;
            let with_parts = ["（含", "(含"].iter().zip(['）', ')']).find_map(|(open, close)| {
                after.strip_prefix(open)?.split_once(close).map(|(_, rest)| rest).filter(begins)
            });
            with_parts.or_else(|| Some(after).filter(begins))
        })
    })
}

/// What stands before the verbs that the words end with.
fn without_trailing(words: &str) -> &str {
    let mut ends = vec![words.len()];
    for (at, _) in words.char_indices().rev() {
        let last = *ends.last().expect("the end of the words is one");
        if at + LONGEST_TRAILING < last {
            break;
        }
        let rest = &words[at..];
        let reaches = |word: &str, from: usize| rest[from..].starts_with(word).then_some(from + word.len());
        let plans = BEFORE_PLAN.iter().filter_map(|before| reaches(before, 0)).filter_map(|from| reaches("安排", from));
        let plans = plans.flat_map(|from| AFTER_PLAN.iter().filter_map(move |after| reaches(after, from)));
        let others = TRAILING.iter().filter_map(|word| reaches(word, 0));
        if plans.chain(others).any(|length| ends.contains(&(at + length))) {
            ends.push(at);
        }
    }
    &words[..*ends.last().expect("the end of the words is one")]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_lite::Regex;

    use super::*;

    const LEADING_PATTERN: &str = r"^(?:[0-9０-９]+[、.．）)]|[（(]含[^）)]*[）)]|[一二三四五六七八九十]+、|[（(][0-9一二三四五六七八九十]+[）)]|其中|包括|主要|分别|和|及|与|以及|即|各|的|、|[ \u{3000}]|安排|共计|共|当年|本年度?|全年|较|比|为|是)+";
    const OWNER_PATTERN: &str = r"^.*?(?:我部门|本部门|我局|本局|我单位|本单位|(?:局|委|办|中心|院|部|处)(?:（含[^）]*）|\(含[^)]*\))?)(?P<rest>(?:[0-9０-９]|安排|“三公”|三公|机关运行|政府采购|预算|部门|收入|支出|上年末|固定资产|财政拨款).*)$";
    const TRAILING_PATTERN: &str = r"(?:(?:共计|合计|总计|总共|共)?安排(?:预算|支出|资金)?|拟?安排|分别为|共计|总共|为|是|达到|达|约|[ \u{3000}、：])+$";
    const YEAR_PATTERN: &str = r"(20[0-9]{2})[ \u{3000}]*年度?(?:初|末)?";
    const WORDS: &str = "([0-9０一十、.（)）(]|含|其中|以及|和|较|为|是|本年度?|共计?|合计|总共|拟?安排|预算|支出|资金|收入|我?部门|本局|中心|处|（含二级单位）|分别为|达到?|约|[ \u{3000}：]|20[0-9]{2}|年|度|末|护林|三公){0,10}";

    fn pattern(text: &str) -> Regex {
        Regex::new(text).expect("a constant pattern")
    }

    proptest! {
        #[test]
        fn words_are_taken_away_as_the_patterns_say(words in WORDS) {
            prop_assert_eq!(without_leading(&words), pattern(LEADING_PATTERN).replace(&words, ""));
            prop_assert_eq!(without_trailing(&words), pattern(TRAILING_PATTERN).replace(&words, ""));
            let owner = pattern(OWNER_PATTERN).captures(&words).map(|found| found["rest"].to_owned());
            prop_assert_eq!(without_owner(&words).map(str::to_owned), owner);
            let found: Vec<_> = pattern(YEAR_PATTERN).find_iter(&words).map(|found| found.range()).collect();
            prop_assert_eq!(years(&words).map(|(place, _)| place).collect::<Vec<_>>(), found);
        }
    }

    #[test]
    fn subjects_of_usual_sentences() {
        for (words, wanted) in [
            ("2024年支出预算为", "支出预算"),
            ("（一）我局2023年安排“三公”经费预算共计", "“三公”经费预算"),
            ("云岭县林草服务局（含所属单位）政府采购预算总共安排", "政府采购预算"),
            ("部门预算收支安排", "部门预算收支安排"),
            ("截至2022年末", "截至"),
        ] {
            assert_eq!(subject(words, "云岭县林草服务局"), wanted, "{words}");
        }
    }
}
