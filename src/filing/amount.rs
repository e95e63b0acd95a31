//! Amounts as decimals made from printed text, and printed again in the manner of the old text.

use rust_decimal::Decimal;

/// A number as printed: its value and the manner it was printed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// Exact value; the scale is the number of printed decimals.
    pub value: Decimal,
    /// Printed with thousands commas.
    pub thousands: bool,
    /// Printed with a percent sign (the value is the printed number, not a hundredth of it).
    pub percent: bool,
    /// Printed in full-width digits.
    pub full_width: bool,
}

/// Digits before the point of the largest number: a spreadsheet keeps no more of any.
const WHOLE: u32 = 15;
/// Decimals of the finest number.
const DECIMALS: u32 = 20;

/// The number of plain digits (`-16839.09`), exactly as many as are printed.
///
/// `None` beyond what the rules can reckon with: 15 digits before the point and 20 after it. In that
/// range no conversion between units and no percentage leaves the range of [`Decimal`], whose operators
/// panic there. What is beyond it is text to everything in this crate.
pub fn decimal(plain: &str) -> Option<Decimal> {
    let value = Decimal::from_str_exact(plain).ok()?;
    let limit = Decimal::from(10_u64.pow(WHOLE));
    (value.scale() <= DECIMALS && value.abs() < limit).then_some(value)
}

/// Reads a text that is one number and nothing else: digits with an optional sign, thousands
/// commas, decimal point and percent sign, half or full width. `None` for anything else, also for
/// the empty text, for `——` and for numbers beyond the range of [`decimal`].
///
/// ```
/// use yusuan::filing::amount::parse;
/// assert_eq!(parse("16,839.09").map(|amount| amount.value.to_string()).as_deref(), Some("16839.09"));
/// assert_eq!(parse("8.00").map(|amount| amount.value.scale()), Some(2));
/// assert!(parse("≤8万元").is_none());
/// ```
pub fn parse(text: &str) -> Option<Amount> {
    let text = text.trim_matches(crate::text::is_blank);
    let mut plain = String::with_capacity(text.len());
    let (mut full_width, mut percent, mut commas) = (false, false, Vec::new());
    for ch in text.chars() {
        if percent {
            return None;
        }
        match ch {
            '0'..='9' | '.' => plain.push(ch),
            '０'..='９' => {
                full_width = true;
                plain.push(char::from(b'0' + (ch as u32 - '０' as u32) as u8));
            }
            '．' => plain.push('.'),
            ',' | '，' => commas.push(plain.len()),
            '-' | '－' | '−' if plain.is_empty() => plain.push('-'),
            '%' | '％' => percent = true,
            _ => return None,
        }
    }
    let digits = plain.trim_start_matches('-');
    let whole = digits.find('.').unwrap_or(digits.len());
    let sign = plain.len() - digits.len();
    if whole == 0 || digits.ends_with('.') || digits.matches('.').count() > 1 {
        return None;
    }
    if !commas.is_empty() {
        let expected: Vec<usize> =
            (1..whole).filter(|index| (whole - index).is_multiple_of(3)).map(|index| index + sign).collect();
        if commas != expected {
            return None;
        }
    }
    let value = decimal(&plain)?;
    Some(Amount { value, thousands: !commas.is_empty(), percent, full_width })
}

/// How many 元 a money unit is; `None` for what is no money unit.
///
/// ```
/// use yusuan::filing::amount::yuan_in;
/// assert_eq!(yuan_in("万元").map(|factor| factor.to_string()).as_deref(), Some("10000"));
/// assert_eq!(yuan_in("元/人"), None);
/// ```
pub fn yuan_in(unit: &str) -> Option<Decimal> {
    let factor: i64 = match unit.trim_matches(crate::text::is_blank) {
        "元" | "人民币元" => 1,
        "百元" => 100,
        "千元" => 1_000,
        "万元" | "人民币万元" => 10_000,
        "百万元" => 1_000_000,
        "千万元" => 10_000_000,
        "亿元" => 100_000_000,
        _ => return None,
    };
    Some(Decimal::from(factor))
}

/// Prints `value` in the manner of `like`: at least its decimals, its commas, width and sign.
pub fn print_like(value: Decimal, like: &Amount) -> String {
    let mut value = value;
    if value.scale() < like.value.scale() {
        value.rescale(like.value.scale());
    } else {
        let shortest = value.normalize();
        value = shortest;
        if value.scale() < like.value.scale() {
            value.rescale(like.value.scale());
        }
    }
    let mut text = value.to_string();
    if like.thousands {
        text = with_thousands(&text);
    }
    if like.percent {
        text.push('%');
    }
    if like.full_width {
        text = text
            .chars()
            .map(|ch| match ch {
                '0'..='9' => char::from_u32('０' as u32 + (ch as u32 - '0' as u32)).unwrap_or(ch),
                other => other,
            })
            .collect();
    }
    text
}

/// Digits that a spreadsheet keeps of a number (IEEE 754 doubles, shown with 15).
pub const KEPT_DIGITS: u32 = 15;

/// How many digits a number prints, without the zeros before the first.
pub fn digits(value: Decimal) -> u32 {
    value.mantissa().unsigned_abs().checked_ilog10().map_or(1, |log| log + 1)
}

/// Puts commas between groups of three digits of the whole part.
pub fn with_thousands(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let whole = rest.find('.').unwrap_or(rest.len());
    let mut out = String::from(sign);
    for (index, ch) in rest.char_indices() {
        if index > 0 && index < whole && (whole - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(ch);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misplaced_commas_are_no_number() {
        assert!(parse("1,68,39").is_none());
        assert!(parse("16839,09").is_none());
        assert!(parse("2,504.10").is_some());
    }

    #[test]
    fn numbers_beyond_any_budget_are_text() {
        assert!(parse("999999999999999").is_some());
        assert!(parse("1,000,000,000,000,000").is_none());
        assert!(parse("792281625142643375935439").is_none());
        assert!(parse("0.12345678901234567890").is_some());
        assert!(parse("0.123456789012345678901").is_none());
        // No digit is rounded away.
        assert!(parse("123456789012345.12345678901234567").is_none());
    }

    /// What the rules do with numbers, done with the largest, the finest and the longest one.
    #[test]
    fn the_extremes_stay_in_the_range_of_decimals() {
        let (wan, yi) = (Decimal::from(10_000), Decimal::from(100_000_000));
        for text in ["999999999999999", "-999999999999999", "0.00000000000000000001", "12345678.12345678901234567890"] {
            let value = parse(text).expect("in the range").value;
            let half = Decimal::new(5, value.scale() + 1);
            // Units: 亿元 in 元, in 万元, and taken for 万元 once more.
            let yuan = value * yi;
            assert_eq!(value * (yi / wan), yuan / wan, "{text}");
            assert!((yuan * wan).abs() > yuan.abs() && half * yi * wan > Decimal::ZERO, "{text}");
            // Percentages and differences of amounts in 元.
            let doubled = (yuan + yuan).abs() * Decimal::ONE_HUNDRED;
            assert_eq!(doubled / Decimal::from(200), yuan.abs(), "{text}");
            assert!((yuan * Decimal::new(102, 2)).abs() > yuan.abs(), "{text}");
            assert!((-yuan - yuan - half * yi).abs() > yuan.abs(), "{text}");
        }
    }

    #[test]
    fn manner_is_kept() {
        let like = parse("16,839.09").expect("a number");
        assert_eq!(print_like("1234567.8".parse().expect("a number"), &like), "1,234,567.80");
        let like = parse("10.00%").expect("a number");
        assert_eq!(print_like("12.5".parse().expect("a number"), &like), "12.50%");
        let like = parse("30").expect("a number");
        assert_eq!(print_like("30.25".parse().expect("a number"), &like), "30.25");
    }
}
