//! Numbers with a unit of money after them.
//!
//! Every character of the prose is looked at for them, so they are found by hand, from the unit
//! backwards; the test holds this against the pattern that says the same.

use std::ops::Range;

/// Units of money as prose prints them, the longer ones first.
const UNITS: [&str; 9] = ["亿元", "千万元", "百万元", "万元", "千元", "百元", "元", "亿", "万"];

/// The numbers (`12`, `-1,234.50`, `１０．４`) that a unit of money follows, and these units.
pub(super) fn amounts(text: &str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = text[at..].find(['亿', '千', '百', '万', '元']) {
            let start = at + found;
            at = start + '元'.len_utf8();
            let Some(unit) = UNITS.iter().find(|unit| text[start..].starts_with(**unit)) else { continue };
            let Some(number) = number_before(&text[..start]) else { continue };
            at = start + unit.len();
            return Some((number, start..at));
        }
        None
    })
}

/// The longest number that a text ends with, blanks after it aside.
fn number_before(text: &str) -> Option<Range<usize>> {
    let text = text.trim_end_matches([' ', '\u{3000}']);
    let mut whole = without_digits(text)?;
    // What is right of a point may be any digits; between commas stand three.
    if let Some(left) = whole.strip_suffix(['.', '．']).and_then(without_digits) {
        whole = left;
    }
    let mut group = &text[whole.len()..];
    while group.chars().take_while(|ch| is_digit(*ch)).count() == 3
        && let Some(left) = whole.strip_suffix([',', '，']).and_then(without_digits)
    {
        group = &whole[left.len()..];
        whole = left;
    }
    let whole = whole.strip_suffix(['-', '－', '−']).unwrap_or(whole);
    Some(whole.len()..text.len())
}

/// A text without the digits at its end; `None` when there are none.
fn without_digits(text: &str) -> Option<&str> {
    let rest = text.trim_end_matches(is_digit);
    (rest.len() < text.len()).then_some(rest)
}

fn is_digit(ch: char) -> bool {
    matches!(ch, '0'..='9' | '０'..='９')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn by_pattern(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
        let pattern = Regex::new(
            r"(?P<number>[-－−]?[0-9０-９]+(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]+)?)[ \u{3000}]*(?P<unit>亿元|千万元|百万元|万元|千元|百元|元|亿|万)",
        )
        .expect("a constant pattern");
        let range = |found: &regex::Captures<'_>, name: &str| found.name(name).expect("always there").range();
        pattern.captures_iter(text).map(|found| (range(&found, "number"), range(&found, "unit"))).collect()
    }

    proptest! {
        #[test]
        fn amounts_are_those_of_the_pattern(text in "([0-9]{1,4}|[0２９]|[,，.．]|[-－−]|[ \u{3000}]|千|百|万|亿|元|万元|亿元|较){0,12}") {
            prop_assert_eq!(amounts(&text).collect::<Vec<_>>(), by_pattern(&text));
        }
    }
}
