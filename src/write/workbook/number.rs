//! Amounts as spreadsheet numbers that look exactly as they are printed.

use rust_decimal::Decimal;

use crate::filing::amount;
use crate::form::Kind;

/// How a number is shown: enough to print it again exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Manner {
    /// Digits after the point.
    pub decimals: u8,
    /// Commas between thousands.
    pub thousands: bool,
    /// A percentage: the cell holds a hundredth of the printed number.
    pub percent: bool,
    /// Zero is shown as nothing.
    pub blank_zero: bool,
}

/// A number and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The printed number; of a percentage the number before the sign.
    pub value: Decimal,
    /// How it is shown.
    pub manner: Manner,
}

/// The number a text is, if a spreadsheet number shows it exactly as it is printed.
///
/// `None` for anything that would look different: full-width digits, leading zeros, blanks inside,
/// more than 15 significant digits, and everything that is no number.
pub fn shown(text: &str) -> Option<Shown> {
    let first = text.as_bytes().first()?;
    if !first.is_ascii_digit() && *first != b'-' {
        return None;
    }
    let amount = amount::parse(text)?;
    let shown = Shown {
        value: amount.value,
        manner: Manner {
            decimals: u8::try_from(amount.value.scale()).ok()?,
            thousands: amount.thousands,
            percent: amount.percent,
            blank_zero: false,
        },
    };
    if amount::digits(amount.value) > amount::KEPT_DIGITS || (amount.value.is_zero() && text.starts_with('-')) {
        return None;
    }
    (shown.print() == text).then_some(shown)
}

/// The number a cell of a kind holds; `None` where it holds text.
///
/// A percentage among amounts of money is no amount: added up it would count a hundredth.
pub fn held(text: &str, kind: Kind) -> Option<Shown> {
    let number = match kind {
        Kind::Money | Kind::Number | Kind::Percent | Kind::Ordinal | Kind::Year => shown(text)?,
        Kind::Text | Kind::Code | Kind::Target | Kind::List | Kind::Date => return None,
    };
    (kind == Kind::Percent || !number.manner.percent).then_some(number)
}

impl Shown {
    /// The text the cell shows.
    pub fn print(&self) -> String {
        let mut value = self.value;
        value.rescale(u32::from(self.manner.decimals));
        if self.manner.blank_zero && value.is_zero() {
            return String::new();
        }
        let mut text = value.to_string();
        if self.manner.thousands {
            text = amount::with_thousands(&text);
        }
        if self.manner.percent {
            text.push('%');
        }
        text
    }

    /// The number as the cell holds it, in decimal digits.
    pub fn stored(&self) -> Decimal {
        let stored = if self.manner.percent { self.value / Decimal::ONE_HUNDRED } else { self.value };
        stored.normalize()
    }
}

impl Manner {
    /// The number format (ECMA-376 part 1, 18.8.30).
    pub fn format(&self) -> String {
        let mut format = String::from(if self.thousands { "#,##0" } else { "0" });
        if self.decimals > 0 {
            format.push('.');
            format.extend(std::iter::repeat_n('0', usize::from(self.decimals)));
        }
        if self.percent {
            format.push('%');
        }
        if self.blank_zero {
            return format!("{format};-{format};;@");
        }
        format
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Option<String> {
        shown(text).map(|shown| format!("{} as {}", shown.stored(), shown.manner.format()))
    }

    #[test]
    fn numbers_look_as_printed() {
        assert_eq!(format("8.00").as_deref(), Some("8 as 0.00"));
        assert_eq!(format("16,839.09").as_deref(), Some("16839.09 as #,##0.00"));
        assert_eq!(format("30").as_deref(), Some("30 as 0"));
        assert_eq!(format("0.7416").as_deref(), Some("0.7416 as 0.0000"));
        assert_eq!(format("10.00%").as_deref(), Some("0.1 as 0.00%"));
        assert_eq!(format("-3.50").as_deref(), Some("-3.5 as 0.00"));
        assert_eq!(format("123,456").as_deref(), Some("123456 as #,##0"));
    }

    #[test]
    fn what_would_look_different_stays_text() {
        for text in [
            "",
            " 1 ",
            "1 ",
            "０.５",
            "——",
            "850万元",
            "0101",
            "08",
            "-0.00",
            "+5",
            "1e3",
            "1.",
            ".5",
            "≥95%",
            "5％",
            "1234567890123456",
            "12345678901234.567",
            "1,2",
            "−5",
            "=1+1",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn blank_zero_shows_nothing() {
        let manner = Manner { decimals: 2, blank_zero: true, ..Manner::default() };
        assert_eq!(manner.format(), "0.00;-0.00;;@");
        assert_eq!(Shown { value: Decimal::ZERO, manner }.print(), "");
    }
}
