//! The value of an indicator as the rules look at it: which way it is compared, and what its unit
//! says about it. [`crate::filing::target`] takes the text apart.

use rust_decimal::Decimal;

use super::words::words;
use crate::figures::unit_scale;
use crate::filing::target;

/// Which way a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// No sign, `=`, 左右.
    None,
    /// `≥`, `>`, 不少于, …以上.
    AtLeast,
    /// `≤`, `<`, 不超过, …以内.
    AtMost,
}

/// A value that is a number, with or without unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its sign.
    pub sign: Sign,
    /// Whether the sign excludes the number itself (`>`, `<`).
    pub strict: bool,
    /// The number.
    pub number: Decimal,
    /// Its unit; empty where none is printed.
    pub unit: String,
    /// What follows that is no unit.
    pub rest: String,
}

impl Target {
    /// Reads a value; `None` for free text, dates and ranges.
    pub fn parse(text: &str) -> Option<Target> {
        let target::Target::Quantity(quantity) = target::parse(text) else { return None };
        let (sign, strict) = match quantity.sign {
            Some(target::Sign::AtLeast) => (Sign::AtLeast, false),
            Some(target::Sign::Above) => (Sign::AtLeast, true),
            Some(target::Sign::AtMost) => (Sign::AtMost, false),
            Some(target::Sign::Below) => (Sign::AtMost, true),
            Some(target::Sign::Equal | target::Sign::About) | None => (Sign::None, false),
        };
        Some(Target { sign, strict, number: quantity.number, unit: quantity.unit, rest: quantity.rest })
    }

    /// Whether it is a percentage.
    pub fn is_percent(&self) -> bool {
        self.unit.starts_with('%')
    }

    /// Whether nothing but the number is printed.
    pub fn is_bare(&self) -> bool {
        self.unit.is_empty() && self.rest.is_empty()
    }

    /// The amount in 元, when it is a plain amount of money (no price for each).
    pub fn money(&self) -> Option<Decimal> {
        self.number.checked_mul(unit_scale(&self.unit)?)
    }

    /// The price in 元 and what it is for (`人`, `月`), when it is a price for each.
    pub fn price(&self) -> Option<(Decimal, &str)> {
        let at = self.unit.find(['/', '每'])?;
        let (unit, per) = self.unit.split_at(at);
        Some((self.number.checked_mul(unit_scale(unit)?)?, per.trim_start_matches(['/', '每'])))
    }

    /// Whether it speaks of money at all.
    pub fn is_money(&self) -> bool {
        self.money().is_some() || self.price().is_some()
    }

    /// Whether the unit counts or measures things: no money, no percentage, no time.
    pub fn counts_things(&self) -> bool {
        let bare = self.unit.trim_start_matches(['万', '亿', '千', '百']);
        let begins = |list: &[&str]| list.iter().any(|unit| bare.starts_with(unit));
        begins(&words().thing) && !begins(&words().no_thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Target {
        Target::parse(text).expect("a value")
    }

    #[test]
    fn signs_and_units() {
        assert_eq!(parse("≥ 95 %").sign, Sign::AtLeast);
        assert!(parse("‹1710元").strict);
        assert_eq!(parse("400人以上").sign, Sign::AtLeast);
        assert!(parse("≤350元/人").money().is_none());
        assert_eq!(parse("≤350元/人").price(), Some((Decimal::from(350), "人")));
        assert_eq!(parse("4.5万元").money(), Some(Decimal::from(45_000)));
        assert_eq!(parse("21万").money(), Some(Decimal::from(210_000)));
        assert!(Target::parse("及时").is_none());
        assert!(parse("0.3万册").counts_things());
        assert!(!parse("≤15个工作日").counts_things());
    }

    #[test]
    fn a_sentence_after_the_number_is_no_unit() {
        assert!(parse("≥95对全县护林员开展巡查").unit.is_empty());
        assert!(!parse("30%以上").unit.is_empty());
        assert!(parse("801").is_bare());
    }
}
