//! The decimal number that a binary one stands for.
//!
//! Spreadsheets store numbers as binary floats with up to 17 digits; people typed and see at most
//! 15 of them. Nothing is computed here: digits are taken over, the point is moved.

/// A finite decimal number: `0.digits × 10^point`. Zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Decimal {
    /// Below zero.
    pub negative: bool,
    /// Significant digits, without zeros at either end.
    pub digits: String,
    /// How many of the digits stand before the decimal point.
    pub point: i32,
}

impl Decimal {
    /// The decimal that a stored number stands for; `None` for what is no finite number.
    ///
    /// The shortest decimal that reads back as the same float is what was typed. Where even that
    /// has more than 15 digits, nobody typed it: digits beyond the fifteenth go, as in Excel's own
    /// cells, and so does the residue of binary arithmetic (`100.1 - 100` stores
    /// `0.09999999999999432`).
    pub fn of(value: f64) -> Option<Decimal> {
        if !value.is_finite() {
            return None;
        }
        // Nearly all amounts are whole hundredths; dividing gives back the same float only then.
        let hundredths = (value * 100.0).round();
        if hundredths.abs() < 1e14 && hundredths / 100.0 == value {
            let mut digits = (hundredths.abs() as u64).to_string();
            let point = digits.len() as i32 - 2;
            digits.truncate(digits.trim_end_matches('0').len());
            if digits.is_empty() {
                return Some(Decimal::default());
            }
            return Some(Decimal { negative: value < 0.0, digits, point });
        }
        let decimal = Decimal::from_exponential(&format!("{value:e}"));
        if decimal.digits.len() < 15 {
            return Some(decimal);
        }
        let cut = Decimal::from_exponential(&format!("{value:.14e}"));
        // 分 in 万元 needs six decimals; what stands after three zeros or nines more is residue.
        let near = Decimal::from_plain(&format!("{value:.6}"));
        if cut.decimals() > 9
            && let Ok(rounded) = near.plain().parse::<f64>()
            && rounded != 0.0
            && (value - rounded).abs() < 1e-9
        {
            return Some(near);
        }
        Some(cut)
    }

    fn from_exponential(text: &str) -> Decimal {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut decimal = Decimal::from_plain(mantissa);
        if !decimal.digits.is_empty() {
            decimal.point += exponent.parse::<i32>().unwrap_or(0);
        }
        decimal
    }

    fn from_plain(text: &str) -> Decimal {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all: String = [whole, fraction].concat();
        let led = all.trim_start_matches('0');
        let digits = led.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Decimal::default();
        }
        let point = whole.len() as i32 - (all.len() - led.len()) as i32;
        Decimal { negative, digits, point }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Moves the decimal point to the right (or left, when negative).
    pub fn shift(&mut self, places: i32) {
        if !self.is_zero() {
            self.point += places;
        }
    }

    /// Number of decimals it needs.
    pub fn decimals(&self) -> usize {
        (self.digits.len() as i32 - self.point).max(0) as usize
    }

    /// Digits before the point; empty where there are none.
    pub fn whole(&self) -> String {
        let point = self.point.max(0) as usize;
        if point >= self.digits.len() && !self.is_zero() {
            format!("{}{}", self.digits, "0".repeat(point - self.digits.len()))
        } else {
            self.digits[..point.min(self.digits.len())].to_owned()
        }
    }

    /// Digits after the point; empty where there are none.
    pub fn fraction(&self) -> String {
        if self.point < 0 {
            format!("{}{}", "0".repeat(self.point.unsigned_abs() as usize), self.digits)
        } else {
            self.digits.get(self.point as usize..).unwrap_or("").to_owned()
        }
    }

    /// The number in plain digits, never with an exponent.
    pub fn plain(&self) -> String {
        let (mut whole, fraction) = (self.whole(), self.fraction());
        if whole.is_empty() {
            whole.push('0');
        }
        let sign = if self.negative { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: f64) -> String {
        Decimal::of(value).expect("finite").plain()
    }

    #[test]
    fn what_was_typed_is_printed_without_exponent() {
        for (value, printed) in [
            (8.0, "8"),
            (2080101.0, "2080101"),
            (16839.09, "16839.09"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (1.3e-7, "0.00000013"),
            (123456789012345.0, "123456789012345"),
            (1e21, "1000000000000000000000"),
        ] {
            assert_eq!(plain(value), printed);
        }
        assert_eq!(Decimal::of(f64::NAN), None);
    }

    #[test]
    fn hundredths_are_the_shortest_decimals() {
        for cents in (0..3_000_000u64).step_by(37).chain([1, 5, 10, 99, 100, 1_683_909, 99_999_999_999_999]) {
            let value = cents as f64 / 100.0;
            let shortest = Decimal::from_exponential(&format!("{value:e}"));
            assert_eq!(Decimal::of(value), Some(shortest), "{value}");
        }
    }

    #[test]
    fn residue_of_binary_arithmetic_goes() {
        assert_eq!(plain(0.1 + 0.2), "0.3");
        assert_eq!(plain(100.1 - 100.0), "0.1");
        assert_eq!(plain(198.01000000000002), "198.01");
        assert_eq!(plain(-198.01000000000002), "-198.01");
        assert_eq!(plain((0..10_000).map(|_| 0.1).sum()), "1000");
    }

    #[test]
    fn a_quotient_keeps_its_digits() {
        assert_eq!(plain(2.0 / 3.0), "0.666666666666667");
        assert_eq!(plain(1234567.0 / 7.0), "176366.714285714");
    }
}
