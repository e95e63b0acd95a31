//! The value of an indicator (指标值): sign, number, unit, or free text.

use std::sync::OnceLock;

use regex::Regex;
use rust_decimal::Decimal;

use crate::figures::unit_scale;
use crate::text::is_blank;

/// Comparison sign before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// No sign, or `=`.
    None,
    /// `≥`, `>`, 不少于, …以上.
    AtLeast,
    /// `≤`, `<`, 不超过, …以内.
    AtMost,
}

/// A value that begins with a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its sign.
    pub sign: Sign,
    /// Whether the sign excludes the number itself (`>`, `<`).
    pub strict: bool,
    /// The number.
    pub number: Decimal,
    /// What is printed after it, without blanks.
    pub unit: String,
}

impl Target {
    /// Reads a value; `None` for free text.
    pub fn parse(text: &str) -> Option<Target> {
        static PATTERN: OnceLock<Regex> = OnceLock::new();
        let pattern = PATTERN.get_or_init(|| {
            Regex::new(
                r"^(?P<sign>≥|≤|≧|≦|⩾|⩽|>=|<=|＞=|＜=|>|<|＞|＜|›|‹|﹥|﹤|=|＝|不少于|不低于|大于等于|大于|高于|超过|达到|不超过|不高于|不大于|小于等于|小于|低于|控制在|约)?(?P<number>[0-9０-９]+(?:[,，][0-9]{3})*(?:[.．][0-9０-９]+)?)(?P<unit>.*)$",
            )
            .expect("a constant pattern")
        });
        let plain: String = text.chars().filter(|ch| !is_blank(*ch)).collect();
        let found = pattern.captures(&plain)?;
        let number = crate::filing::amount::parse(&found["number"])?.value;
        let unit = found["unit"].to_owned();
        let sign = found.name("sign").map_or("", |sign| sign.as_str());
        let mut target = match sign {
            "≥" | "≧" | "⩾" | ">=" | "＞=" | "不少于" | "不低于" | "大于等于" | "达到" => {
                Target { sign: Sign::AtLeast, strict: false, number, unit }
            }
            ">" | "＞" | "›" | "﹥" | "大于" | "高于" | "超过" => {
                Target { sign: Sign::AtLeast, strict: true, number, unit }
            }
            "≤" | "≦" | "⩽" | "<=" | "＜=" | "不超过" | "不高于" | "不大于" | "小于等于" | "控制在" => {
                Target { sign: Sign::AtMost, strict: false, number, unit }
            }
            "<" | "＜" | "‹" | "﹤" | "小于" | "低于" => {
                Target { sign: Sign::AtMost, strict: true, number, unit }
            }
            _ => Target { sign: Sign::None, strict: false, number, unit },
        };
        if target.sign == Sign::None {
            if target.unit.ends_with("以上") {
                target.sign = Sign::AtLeast;
            } else if target.unit.ends_with("以内") || target.unit.ends_with("以下") {
                target.sign = Sign::AtMost;
            }
        }
        Some(target)
    }

    /// Whether it is a percentage.
    pub fn is_percent(&self) -> bool {
        self.unit.starts_with(['%', '％'])
    }

    /// Whether nothing but the number is printed.
    pub fn is_bare(&self) -> bool {
        self.unit.is_empty()
    }

    /// The amount in 元, when it is a plain amount of money (no price for each).
    pub fn money(&self) -> Option<Decimal> {
        let unit = self.unit.trim_end_matches(['。', '；', '以', '内', '上', '下', '左', '右']);
        let unit = unit.trim_end_matches("人民币");
        self.number.checked_mul(unit_scale(unit)?)
    }

    /// The price in 元 and what it is for (`/人`, `/月`), when it is a price for each.
    pub fn price(&self) -> Option<(Decimal, String)> {
        let at = self.unit.find(['/', '／', '每'])?;
        let (unit, per) = self.unit.split_at(at);
        let unit = unit.trim_end_matches(['左', '右']);
        Some((self.number.checked_mul(unit_scale(unit)?)?, per.trim_start_matches(['/', '／', '每']).to_owned()))
    }

    /// Whether it speaks of money at all.
    pub fn is_money(&self) -> bool {
        let unit = self.unit.as_str();
        ["元", "万元", "千元", "亿元", "百元"].iter().any(|word| unit.starts_with(word))
            || (unit == "万" || unit == "亿")
    }

    /// Whether a unit of measure follows the number, not a sentence.
    pub fn has_unit(&self) -> bool {
        let bare = self.unit.trim_start_matches(['万', '亿', '多', '余', '个', '左', '右']);
        if bare.len() < self.unit.len() && bare.is_empty() {
            return true;
        }
        UNITS.iter().any(|unit| bare.starts_with(unit)) && self.unit.chars().count() <= 12
    }

    /// Whether the unit counts things or measures them: no money, no percentage, no time.
    pub fn counts_things(&self) -> bool {
        let bare = self.unit.trim_start_matches(['万', '亿', '多', '余']);
        THINGS.iter().any(|unit| bare.starts_with(unit)) && self.unit.chars().count() <= 8
    }
}

/// Units that count or measure things.
const THINGS: &[&str] = &[
    "人",
    "名",
    "户",
    "家",
    "个",
    "次",
    "项",
    "件",
    "套",
    "台",
    "辆",
    "张",
    "份",
    "册",
    "本",
    "条",
    "场",
    "期",
    "所",
    "处",
    "篇",
    "部",
    "批",
    "种",
    "类",
    "例",
    "起",
    "宗",
    "座",
    "株",
    "棵",
    "头",
    "只",
    "班",
    "块",
    "把",
    "组",
    "架",
    "平方米",
    "平方公里",
    "平米",
    "㎡",
    "亩",
    "公里",
    "千米",
    "米",
    "吨",
    "公斤",
    "立方米",
    "公顷",
    "盒",
    "支",
    "枚",
    "卷",
    "堂",
    "课",
    "幅",
    "眼",
    "盏",
    "根",
    "副",
];

/// Units of any kind.
const UNITS: &[&str] = &[
    "%",
    "％",
    "‰",
    "元",
    "万元",
    "千元",
    "亿元",
    "人",
    "名",
    "户",
    "家",
    "个",
    "次",
    "项",
    "件",
    "套",
    "台",
    "辆",
    "张",
    "份",
    "册",
    "本",
    "条",
    "场",
    "期",
    "所",
    "处",
    "篇",
    "部",
    "批",
    "种",
    "类",
    "例",
    "起",
    "宗",
    "座",
    "株",
    "棵",
    "头",
    "只",
    "班",
    "块",
    "把",
    "组",
    "架",
    "平方米",
    "平方公里",
    "平米",
    "㎡",
    "亩",
    "公里",
    "千米",
    "米",
    "吨",
    "公斤",
    "立方米",
    "公顷",
    "盒",
    "支",
    "枚",
    "卷",
    "堂",
    "课",
    "幅",
    "眼",
    "盏",
    "根",
    "副",
    "天",
    "日",
    "月",
    "年",
    "小时",
    "分",
    "秒",
    "周",
    "季",
    "倍",
    "度",
    "岁",
    "工作日",
    "批次",
    "人次",
    "km",
    "kg",
    "m",
    "t",
    "MB",
    "GB",
    "M",
    "G",
    "万",
    "亿",
    "千瓦",
    "度电",
    "吋",
    "寸",
    "℃",
    "分贝",
    "点",
    "号",
    "级",
    "星",
    "-",
    "~",
    "～",
    "至",
    "—",
    "/",
    "月份",
    "底",
];

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
        assert_eq!(parse("≤350元/人").price(), Some((Decimal::from(350), "人".to_owned())));
        assert_eq!(parse("4.5万元").money(), Some(Decimal::from(45_000)));
        assert_eq!(parse("21万").money(), Some(Decimal::from(210_000)));
        assert!(Target::parse("及时").is_none());
    }

    #[test]
    fn a_sentence_after_the_number_is_no_unit() {
        assert!(!parse("≥95对全县护林员开展巡查").has_unit());
        assert!(parse("0.3万册").has_unit());
        assert!(parse("30%以上").has_unit());
        assert!(!parse("801").has_unit());
    }
}
