//! Titles: how well a printed line fits as a form's title.

use super::Form;
use super::label::{Folded, fold, without_ordinal};

/// A line folded once, to be compared with the titles of every form.
pub(crate) struct TitleLine {
    whole: Folded,
    plain: String,
    /// Without its number, where it has one.
    bare: Option<Folded>,
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
        Some(TitleLine { whole: Folded::new(text), plain, bare, short })
    }

    /// 2 for a printed title of the form, 1 for a line with its title words, 0 for anything else.
    pub fn quality(&self, form: &Form) -> u8 {
        let titles = || std::iter::once(&form.title).chain(&form.aliases);
        let bare = self.bare.as_ref().filter(|_| !form.many);
        if titles()
            .any(|title| title.matches_folded(&self.whole) || bare.is_some_and(|bare| title.matches_folded(bare)))
        {
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

impl Form {
    /// How well a line fits as the form's title; see [`TitleLine::quality`].
    pub(crate) fn title_quality(&self, text: &str) -> u8 {
        TitleLine::new(text).map_or(0, |line| line.quality(self))
    }
}
