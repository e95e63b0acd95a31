//! Page cuts in prose.

use super::clean::begins_item;

/// Shortest paragraph that a page can have cut, in characters.
const LONG: usize = 40;

/// Whether a paragraph goes on in the next one: a long line that ends inside a sentence, and a line
/// that ends one.
pub fn cut_by_page(before: &str, after: &str) -> bool {
    let ideograph = |ch: char| matches!(ch, '\u{4e00}'..='\u{9fff}' | '+' | '、' | '，');
    before.ends_with(ideograph)
        && before.chars().count() >= LONG
        && after.starts_with(|ch: char| matches!(ch, '\u{4e00}'..='\u{9fff}'))
        && after.ends_with(['。', '；', '！', '）', '”'])
        && !begins_item(after)
        && !["注", "第", "附", "目标", "绩效"].iter().any(|mark| after.starts_with(mark))
}
