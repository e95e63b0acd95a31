//! Titles: how well a printed line fits as a form's title.

use super::Form;
use super::label::{Folded, fold, without_ordinal};

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
        if text.len() > 120 * 3
            || text.ends_with('。')
            || text.starts_with(|ch: char| ch.is_ascii_digit()) && text.len() < 6
        {
            return None;
        }
        let plain = fold(text);
        let bare = without_ordinal(&plain);
        let bare = (bare.len() < plain.len()).then(|| Folded::new(bare));
        let short = plain.chars().count() <= 40
            && (plain.ends_with('表') || plain.ends_with("情况") || plain.ends_with("预算") || plain.ends_with(')'));
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

impl Form {
    /// How well a line fits as the form's title; see [`TitleLine::quality`].
    pub(crate) fn title_quality(&self, text: &str) -> u8 {
        TitleLine::new(text).map_or(0, |line| line.quality(self))
    }
}
