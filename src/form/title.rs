//! Titles: how well a printed line fits as a form's title.

use super::Form;
use super::label::{Folded, fold, without_ordinal};
use crate::text::is_blank;

/// A line folded once, to be compared with the titles of every form.
pub(crate) struct TitleLine {
    whole: Folded,
    plain: String,
    /// Without its number, where it has one.
    bare: Option<Folded>,
    /// Without the remark of a revision behind it, where it has one.
    unremarked: Option<Folded>,
    short: bool,
}

impl TitleLine {
    /// `None` when the line cannot be a title.
    pub fn new(text: &str) -> Option<TitleLine> {
        let text = unbracketed(text);
        if text.len() > 120 * 3
            || text.ends_with('。')
            || text.starts_with(|ch: char| ch.is_ascii_digit()) && text.len() < 6
        {
            return None;
        }
        let plain = fold(text);
        let bare = without_number(&plain);
        let bare = (bare.len() < plain.len()).then(|| Folded::new(bare));
        let ends = ["表", "情况", "预算", "绩效指标", ")"];
        let short = plain.chars().count() <= 40 && ends.iter().any(|end| plain.ends_with(end));
        let title = without_remark(text);
        let unremarked = (title.len() < text.len()).then(|| Folded::new(title));
        Some(TitleLine { whole: Folded::new(text), plain, bare, unremarked, short })
    }

    /// 2 for a printed title of the form, 1 for a line with its title words, 0 for anything else.
    pub fn quality(&self, form: &Form) -> u8 {
        let titles = || std::iter::once(&form.title).chain(&form.aliases);
        let bare = self.bare.as_ref().filter(|_| !form.many);
        let lines = || [Some(&self.whole), bare, self.unremarked.as_ref()].into_iter().flatten();
        if titles().any(|title| lines().any(|line| title.matches_folded(line))) {
            return 2;
        }
        if !self.short {
            return 0;
        }
        let words = form.title_words.iter().any(|group| group.iter().all(|word| self.plain.contains(word.as_str())));
        let other = form.title_not.iter().any(|word| self.plain.contains(word.as_str()));
        u8::from(words && !other)
    }
}

/// A title without the number before it: `一、`, `附表1-`, `表二：`, `公开03表`.
pub(crate) fn without_number(text: &str) -> &str {
    let blank_or_mark = |ch| is_blank(ch) || ":：-－—、.．".contains(ch);
    let numeral = |ch: &char| ch.is_ascii_digit() || "一二三四五六七八九十".contains(*ch);
    let Some(rest) = ["附表", "附件", "公开", "表"].iter().find_map(|word| text.strip_prefix(word)) else {
        return without_ordinal(text);
    };
    let rest = rest.trim_start_matches(is_blank);
    // Folded, a year may touch the number: `表12024年部门收支总表`.
    let year = |rest: &str| rest.starts_with("20") && rest.chars().nth(4) == Some('年');
    let digits = rest.chars().take(3).take_while(numeral).count();
    let ends = (1..=digits).rev().filter_map(|count| rest.char_indices().nth(count)).map(|(at, _)| &rest[at..]);
    let title = ends
        .filter(|rest| year(rest) || !rest.starts_with(|ch| numeral(&ch)))
        .map(|rest| rest.strip_prefix('表').unwrap_or(rest).trim_start_matches(blank_or_mark))
        .find(|title| !title.is_empty());
    title.map_or(text, without_ordinal)
}

/// A title without the remark of a revision in brackets behind it: `（修订）`, `（调整后）`, `（二）`.
pub(crate) fn without_remark(text: &str) -> &str {
    let Some(inner) = text.strip_suffix(['）', ')']) else { return text };
    let Some(open) = inner.rfind(['（', '(']) else { return text };
    let remark = inner[open..].trim_start_matches(['（', '(']).trim();
    let revision = remark.contains(['修', '调', '更', '补', '续', '稿', '版']);
    let number =
        !remark.is_empty() && remark.chars().all(|ch| ch.is_ascii_digit() || "一二三四五六七八九十".contains(ch));
    if remark.chars().count() <= 8 && (revision || number) { text[..open].trim_end() } else { text }
}

/// A title without the brackets around all of it: `《部门支出总表》`, `【部门支出总表】`.
pub(crate) fn unbracketed(text: &str) -> &str {
    let inner = [('《', '》'), ('【', '】'), ('〖', '〗')]
        .into_iter()
        .find_map(|(open, close)| text.trim().strip_prefix(open)?.strip_suffix(close));
    inner.filter(|inner| !inner.contains(['《', '》', '【', '】', '〖', '〗'])).unwrap_or(text)
}

/// Words that say that a table goes on from the page before.
const GOES_ON: [&str; 6] = ["续表", "续上表", "接上表", "续前表", "上接", "续"];

/// Whether a line says nothing but that the table goes on: `续表：`, `（续上表）`.
pub(crate) fn is_continued_mark(text: &str) -> bool {
    let bare = text.trim_matches(|ch| is_blank(ch) || "（）()：:".contains(ch));
    GOES_ON.contains(&bare)
}

/// The title without the mark that the table goes on, where it has one: `部门支出总表（续表）`, `续表：部门支出总表`.
pub(crate) fn without_continued(text: &str) -> Option<&str> {
    let text = text.trim_matches(is_blank);
    if let Some(inner) = text.strip_suffix(['）', ')'])
        && let Some(open) = inner.rfind(['（', '('])
    {
        let mark = inner[open..].trim_start_matches(['（', '(']).trim_start_matches(is_blank);
        let number = |ch: char| is_blank(ch) || ch.is_ascii_digit() || "一二三四五六七八九十".contains(ch);
        if GOES_ON.contains(&mark.trim_end_matches(number)) {
            return Some(text[..open].trim_end_matches(is_blank));
        }
    }
    let after = |mark: &str| text.strip_prefix(mark)?.trim_start_matches(is_blank).strip_prefix(['：', ':']);
    let before = |mark: &str| text.strip_suffix(mark)?.strip_suffix(|ch| is_blank(ch) || "-—－".contains(ch));
    GOES_ON
        .iter()
        .find_map(|mark| after(mark).or_else(|| before(mark)))
        .map(|title| title.trim_matches(is_blank))
        .filter(|title| !title.is_empty())
}

impl Form {
    /// How well a line fits as the form's title; see [`TitleLine::quality`].
    pub(crate) fn title_quality(&self, text: &str) -> u8 {
        TitleLine::new(text).map_or(0, |line| line.quality(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_a_table_goes_on() {
        for text in [
            "部门支出总表（续表）",
            "部门支出总表(续)",
            "部门支出总表（续表 2）",
            "续表：部门支出总表",
            "部门支出总表 续表",
        ] {
            assert_eq!(without_continued(text), Some("部门支出总表"), "{text}");
        }
        for text in ["部门支出总表", "手续费", "部门支出总表（后续管护）", "后续"] {
            assert_eq!(without_continued(text), None, "{text}");
        }
        assert!(["续表", "续表：", "（续上表）"].into_iter().all(is_continued_mark));
        assert!(!is_continued_mark("手续"));
    }

    #[test]
    fn numbers_before_a_title() {
        for text in [
            "一、部门支出总表",
            "附表1-部门支出总表",
            "附表1部门支出总表",
            "附件2：部门支出总表",
            "表二 部门支出总表",
            "公开03表 部门支出总表",
            "部门支出总表",
        ] {
            assert_eq!(without_number(text), "部门支出总表", "{text}");
        }
        assert_eq!(without_number("表12024年部门支出总表"), "2024年部门支出总表");
        for text in ["附表", "附表1", "公开03表", "表决权"] {
            assert_eq!(without_number(text), text);
        }
    }

    #[test]
    fn brackets_around_a_title() {
        assert_eq!(unbracketed("《部门支出总表》"), "部门支出总表");
        assert_eq!(unbracketed("《甲》和《乙》"), "《甲》和《乙》");
    }
}
