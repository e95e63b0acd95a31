//! Changed values in the manner of the old ones: decimals, commas, width, sign and unit.

use std::ops::Range;

use rust_decimal::Decimal;

use crate::filing::amount::{self, Amount};
use crate::form::Kind;
use crate::form::label::fold;

/// A value that was edited to `new`, printed as the old one was. `like` is a value of the same
/// column, for cells that were blank.
///
/// Text stays as typed. A bare number typed for a value with sign and unit (`98` for `≥95%`) keeps
/// both.
pub(super) fn print(old: &str, new: &str, kind: Option<Kind>, like: Option<&str>) -> String {
    let old = if old.is_empty() { like.unwrap_or_default() } else { old };
    let measured = matches!(kind, None | Some(Kind::Money | Kind::Number | Kind::Percent | Kind::Target));
    if !measured || old.is_empty() || new.is_empty() {
        return new.to_owned();
    }
    let (Some(before), Some(after)) = (Parts::of(old), Parts::of(new)) else { return new.to_owned() };
    let bare = after.prefix.is_empty() && after.suffix.is_empty();
    let alike = fold(before.prefix) == fold(after.prefix) && fold(before.suffix) == fold(after.suffix);
    let suits = match kind {
        // A column that no form knows: only plain numbers are taken for numbers.
        None => bare && before.prefix.is_empty() && before.suffix.is_empty() && !old.starts_with('0'),
        Some(Kind::Target) if bare && !alike => {
            // 0.98 for ≥95% may be 98% that a spreadsheet took for a number: it stays as typed.
            !(before.suffix.starts_with(['%', '％']) && after.amount.value <= Decimal::ONE)
        }
        _ => alike || bare,
    };
    if !suits {
        return new.to_owned();
    }
    let mut like = before.amount.clone();
    if kind == Some(Kind::Target) {
        // Targets have the decimals that they need: 100% after 98.5%.
        like.value = Decimal::new(0, after.amount.value.scale());
    }
    format!("{}{}{}", before.prefix, in_manner(after.amount.value, before.number, &like), before.suffix)
}

/// A computed amount in the manner of the old text.
pub(super) fn print_amount(value: Decimal, old: &str) -> Option<String> {
    let parts = Parts::of(old)?;
    Some(format!("{}{}{}", parts.prefix, in_manner(value, parts.number, &parts.amount), parts.suffix))
}

/// Digits of `value` with the decimals, commas and marks of a printed number.
fn in_manner(value: Decimal, printed: &str, like: &Amount) -> String {
    let text = amount::print_like(value, &Amount { percent: false, full_width: false, ..like.clone() });
    let mark = |plain: char, wide: char| if printed.contains(wide) { wide } else { plain };
    text.chars()
        .map(|ch| match ch {
            '0'..='9' if like.full_width => char::from_u32('０' as u32 + (ch as u32 - '0' as u32)).unwrap_or(ch),
            '.' => mark('.', '．'),
            ',' => mark(',', '，'),
            '-' => mark('-', if printed.contains('－') { '－' } else { '−' }),
            other => other,
        })
        .collect()
}

/// A text with exactly one number.
struct Parts<'t> {
    prefix: &'t str,
    number: &'t str,
    suffix: &'t str,
    amount: Amount,
}

impl Parts<'_> {
    fn of(text: &str) -> Option<Parts<'_>> {
        let mut numbers = numbers(text).into_iter();
        let (range, None) = (numbers.next()?, numbers.next()) else { return None };
        let number = &text[range.clone()];
        Some(Parts { prefix: &text[..range.start], number, suffix: &text[range.end..], amount: amount::parse(number)? })
    }
}

/// Runs of digits with points and commas inside.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let digit = |ch: char| ch.is_ascii_digit() || ('０'..='９').contains(&ch);
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let sign = matches!(chars[at].1, '-' | '－' | '−') && at == 0;
        let start = if sign { at + 1 } else { at };
        if !chars.get(start).is_some_and(|(_, ch)| digit(*ch)) {
            at += 1;
            continue;
        }
        let mut end = start;
        while let Some((_, ch)) = chars.get(end) {
            let inner =
                matches!(ch, '.' | ',' | '．' | '，') && chars.get(end + 1).is_some_and(|(_, next)| digit(*next));
            if !digit(*ch) && !inner {
                break;
            }
            end += 1;
        }
        found.push(chars[at].0..chars.get(end).map_or(text.len(), |(at, _)| *at));
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(old: &str, new: &str) -> String {
        print(old, new, Some(Kind::Money), None)
    }

    fn target(old: &str, new: &str) -> String {
        print(old, new, Some(Kind::Target), None)
    }

    #[test]
    fn amounts_keep_their_manner() {
        assert_eq!(money("8.00", "9.5"), "9.50");
        assert_eq!(money("16,839.09", "1234567.8"), "1,234,567.80");
        assert_eq!(money("8.00万元", "9"), "9.00万元");
        assert_eq!(money("８．００", "12.5"), "１２．５０");
        assert_eq!(money("8.00", "9.125"), "9.125");
        assert_eq!(money("8.00", "待定"), "待定");
        assert_eq!(money("-3.50", "-4"), "-4.00");
        assert_eq!(print("", "9.5", Some(Kind::Money), Some("1,000.00")), "9.50");
        assert_eq!(print("30.00%", "35%", Some(Kind::Percent), None), "35.00%");
        assert_eq!(print("5", "7.50", None, None), "7.5");
    }

    #[test]
    fn targets_keep_sign_unit_and_width() {
        assert_eq!(target("≥95%", "≥98%"), "≥98%");
        assert_eq!(target("≥95%", "98"), "≥98%");
        assert_eq!(target("≥95%", "0.98"), "0.98");
        assert_eq!(target("≥９５％", "≥98%"), "≥９８％");
        assert_eq!(target("100人", "120"), "120人");
        assert_eq!(target("98.5%", "100%"), "100%");
        assert_eq!(target("≥95%", "≤98%"), "≤98%");
        assert_eq!(target("显著提升", "98%"), "98%");
        assert_eq!(target("360-400人", "380-420人"), "380-420人");
    }

    #[test]
    fn text_stays_as_typed() {
        assert_eq!(print("8.00", "9", Some(Kind::Text), None), "9");
        assert_eq!(print("0101", "102", None, None), "102");
    }
}
