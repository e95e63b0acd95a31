//! Texts longer than a cell.

/// UTF-16 units a cell holds.
const UNITS: usize = 32_767;
/// Line feeds a cell holds.
const LINES: usize = 253;

/// What one cell holds of a text, and the rest.
pub(super) fn split(text: &str) -> (&str, Option<&str>) {
    if text.len() <= LINES {
        return (text, None);
    }
    let (mut units, mut lines) = (0, 0);
    for (index, ch) in text.char_indices() {
        units += ch.len_utf16();
        lines += usize::from(ch == '\n');
        if units > UNITS || lines > LINES {
            let (first, rest) = text.split_at(index);
            return (first, Some(rest));
        }
    }
    (text, None)
}

/// The text in pieces that a cell holds; joined they are the text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (first, after) = split(rest?);
        rest = after;
        Some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_come_in_pieces_that_join_to_the_whole() {
        for text in ["", "字", &"字😀".repeat(30_000), &"行\n".repeat(600)] {
            let parts: Vec<&str> = pieces(text).collect();
            assert_eq!(parts.concat(), text);
            assert!(
                parts.iter().all(|part| part.encode_utf16().count() <= UNITS && part.matches('\n').count() <= LINES)
            );
        }
    }
}
