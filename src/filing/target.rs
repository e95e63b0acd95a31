//! 指标值, the target of an indicator, taken apart: sign, number, unit of measure.
//!
//! Targets are typed by many hands: `≥95%`, `不低于95%`, `400人以上`, `6000元/人`, `2023年底前`,
//! `360-400人`, or words (`显著提升`). What is not clearly a number with its unit stays
//! [`Target::Text`]: the printed value is always kept beside what is parsed here.
//!
//! ```
//! use yusuan::filing::target::{Sign, Target, parse};
//! let Target::Quantity(quantity) = parse("≥95%") else { panic!("a quantity") };
//! assert_eq!((quantity.sign, quantity.number.to_string().as_str(), quantity.unit.as_str()),
//!            (Some(Sign::AtLeast), "95", "%"));
//! assert_eq!(parse("显著提升"), Target::Text);
//! ```

use std::sync::OnceLock;

use rust_decimal::Decimal;

use crate::text::is_blank;

/// What a target says.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Nothing is printed.
    Blank,
    /// A number, compared or not.
    Quantity(Quantity),
    /// From one number to another (`360-400人`).
    Range {
        /// The first number.
        low: Decimal,
        /// The second number.
        high: Decimal,
        /// Unit of both.
        unit: String,
    },
    /// A day, month or year (`2023年底前`).
    Date(Date),
    /// Words.
    Text,
}

/// A number with its sign and unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// How the result shall stand to the number; `None` where nothing is printed (`100%`).
    pub sign: Option<Sign>,
    /// The number as printed; its scale is the number of printed decimals.
    pub number: Decimal,
    /// Unit of measure as printed, in half width; empty where there is none.
    pub unit: String,
    /// What is printed after the unit and says more (`（含税）`).
    pub rest: String,
}

/// A point in time by which, or at which, something is done.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Date {
    /// `AtMost` for "before" or "until" (前, 之前), else `None`.
    pub sign: Option<Sign>,
    /// Year, where one is printed.
    pub year: Option<u16>,
    /// Month; 12 for 年底.
    pub month: Option<u8>,
    /// Day; `None` also for the end of a month.
    pub day: Option<u8>,
}

/// How a result shall stand to the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// ≥, 不低于, 以上
    AtLeast,
    /// ≤, 不超过, 以下, 以内
    AtMost,
    /// >, 超过
    Above,
    /// <, 低于
    Below,
    /// ＝
    Equal,
    /// 左右, 约
    About,
}

impl Sign {
    /// The sign as budget software prints it.
    pub fn symbol(self) -> &'static str {
        match self {
            Sign::AtLeast => "≥",
            Sign::AtMost => "≤",
            Sign::Above => ">",
            Sign::Below => "<",
            Sign::Equal => "=",
            Sign::About => "≈",
        }
    }
}

impl Quantity {
    /// The number in 元, where the unit is money and nothing else (not `元/人`).
    pub fn in_yuan(&self) -> Option<Decimal> {
        self.number.checked_mul(super::amount::yuan_in(&self.unit)?)
    }
}

/// Signs before the number; longer ones first, so that `>=` is not taken for `>`.
const BEFORE: &[(&str, Option<Sign>)] = &[
    (">=", Some(Sign::AtLeast)),
    ("=>", Some(Sign::AtLeast)),
    ("<=", Some(Sign::AtMost)),
    ("=<", Some(Sign::AtMost)),
    ("≥", Some(Sign::AtLeast)),
    ("≧", Some(Sign::AtLeast)),
    ("⩾", Some(Sign::AtLeast)),
    ("≤", Some(Sign::AtMost)),
    ("≦", Some(Sign::AtMost)),
    ("⩽", Some(Sign::AtMost)),
    (">", Some(Sign::Above)),
    // Typed for the sign that the keyboard does not have.
    ("›", Some(Sign::Above)),
    ("〉", Some(Sign::Above)),
    ("》", Some(Sign::Above)),
    ("<", Some(Sign::Below)),
    ("‹", Some(Sign::Below)),
    ("〈", Some(Sign::Below)),
    ("《", Some(Sign::Below)),
    ("=", Some(Sign::Equal)),
    ("≈", Some(Sign::About)),
    ("不低于", Some(Sign::AtLeast)),
    ("不少于", Some(Sign::AtLeast)),
    ("不小于", Some(Sign::AtLeast)),
    ("大于等于", Some(Sign::AtLeast)),
    ("大于或等于", Some(Sign::AtLeast)),
    ("至少", Some(Sign::AtLeast)),
    ("不高于", Some(Sign::AtMost)),
    ("不超过", Some(Sign::AtMost)),
    ("不大于", Some(Sign::AtMost)),
    ("不多于", Some(Sign::AtMost)),
    ("小于等于", Some(Sign::AtMost)),
    ("小于或等于", Some(Sign::AtMost)),
    ("至多", Some(Sign::AtMost)),
    ("高于", Some(Sign::Above)),
    ("大于", Some(Sign::Above)),
    ("多于", Some(Sign::Above)),
    ("超过", Some(Sign::Above)),
    ("低于", Some(Sign::Below)),
    ("小于", Some(Sign::Below)),
    ("少于", Some(Sign::Below)),
    ("不足", Some(Sign::Below)),
    ("等于", Some(Sign::Equal)),
    ("大约", Some(Sign::About)),
    ("约", Some(Sign::About)),
    ("控制在", None),
    ("达到", None),
    ("达", None),
];

/// Words after the number. 以上, 以下, 以内 include the number (民法典 art. 1259).
const AFTER: &[(&str, Sign)] = &[
    ("及以上", Sign::AtLeast),
    ("(含)以上", Sign::AtLeast),
    ("以上", Sign::AtLeast),
    ("及以下", Sign::AtMost),
    ("(含)以下", Sign::AtMost),
    ("以下", Sign::AtMost),
    ("以内", Sign::AtMost),
    ("之内", Sign::AtMost),
    ("内", Sign::AtMost),
    ("左右", Sign::About),
    ("上下", Sign::About),
];

/// Between the two numbers of a range.
const BETWEEN: [char; 10] = ['-', '–', '—', '―', '~', '～', '至', '到', '∼', '－'];

/// Longest unit that is looked at, in characters.
const LONGEST_UNIT: usize = 24;

/// Takes a target apart.
pub fn parse(printed: &str) -> Target {
    let text = half_width(printed);
    if text.is_empty() {
        return Target::Blank;
    }
    if let Some(date) = date(&text) {
        return Target::Date(date);
    }
    let (before, after_sign) = sign_before(&text);
    let Some((low, tail)) = number(after_sign) else { return Target::Text };
    if before.is_none()
        && let Some(range) = range(low, tail)
    {
        return range;
    }
    let quantity = |sign, unit: &str, rest: &str| {
        Target::Quantity(Quantity { sign, number: low, unit: unit.to_owned(), rest: rest.to_owned() })
    };
    if tail.is_empty() || is_unit(tail) {
        return quantity(before, tail, "");
    }
    for (word, sign) in AFTER {
        let Some(at) = tail.find(word) else { continue };
        // 元左右/年: what stands around the word is the unit.
        let around = format!("{}{}", &tail[..at], &tail[at + word.len()..]);
        if around.is_empty() || is_unit(&around) {
            return quantity(before.or(Some(*sign)), &around, "");
        }
    }
    let (unit, rest) = unit_before_mark(tail);
    if !unit.is_empty() {
        return quantity(before, unit, rest);
    }
    // ≥95为我县…服务: the sign makes the number sure, the rest is kept beside it.
    if before.is_some() { quantity(before, "", tail) } else { Target::Text }
}

/// Half-width digits, letters and marks, no blanks.
fn half_width(text: &str) -> String {
    text.chars()
        .filter(|ch| !is_blank(*ch))
        .map(|ch| match ch {
            '！'..='～' if !matches!(ch, '～' | '－') => char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch),
            '．' => '.',
            other => other,
        })
        .collect()
}

fn sign_before(text: &str) -> (Option<Sign>, &str) {
    let rest_of = |text: &'_ str| -> Option<(Option<Sign>, usize)> {
        BEFORE.iter().find(|(word, _)| text.starts_with(word)).map(|(word, sign)| (*sign, word.len()))
    };
    let Some((sign, cut)) = rest_of(text) else { return (None, text) };
    let rest = &text[cut..];
    // 达到≥95%, 控制在不超过5万元
    match (sign, rest_of(rest)) {
        (None, Some((second, cut))) => (second, &rest[cut..]),
        _ => (sign, rest),
    }
}

/// The number at the start and what follows it.
fn number(text: &str) -> Option<(Decimal, &str)> {
    let negative = text.starts_with(['-', '－', '−']);
    let body = if negative { &text[text.chars().next().map_or(0, char::len_utf8)..] } else { text };
    let mut plain = String::new();
    let mut end = 0;
    let mut dot = false;
    while let Some(ch) = body[end..].chars().next() {
        let rest = &body[end + ch.len_utf8()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        match ch {
            '0'..='9' => plain.push(ch),
            // A comma stands between groups of three digits or is no part of the number.
            ',' if !dot && digits == 3 && (1..=3).contains(&first_group(&body[..end])) => {}
            '.' if !dot && !plain.is_empty() && digits > 0 => {
                dot = true;
                plain.push('.');
            }
            _ => break,
        }
        end += ch.len_utf8();
    }
    if !plain.starts_with(|ch: char| ch.is_ascii_digit()) {
        return None;
    }
    let mut value = super::amount::decimal(&plain)?;
    if negative {
        value.set_sign_negative(true);
    }
    Some((value, &body[end..]))
}

/// Digits before the first comma.
fn first_group(text: &str) -> usize {
    text.split(',').next().map_or(0, str::len)
}

fn range(low: Decimal, tail: &str) -> Option<Target> {
    let at = tail.find(BETWEEN)?;
    let (first_unit, rest) = tail.split_at(at);
    let mut rest = rest.trim_start_matches(BETWEEN);
    let (high, second) = number(rest)?;
    rest = second;
    let same = first_unit.is_empty() || first_unit == rest;
    (same && (rest.is_empty() || is_unit(rest)) && !is_calendar(rest)).then(|| Target::Range {
        low,
        high,
        unit: rest.to_owned(),
    })
}

/// 1—12月 are months of the calendar, no twelve months.
fn is_calendar(unit: &str) -> bool {
    matches!(unit, "月" | "日" | "号" | "年" | "年度")
}

/// Marks that end a unit when more is said after it.
const MARKS: [char; 10] = ['(', '（', '[', '【', ',', '，', ';', '；', '。', '、'];

/// The unit before the first mark, and the rest from the mark on.
fn unit_before_mark(tail: &str) -> (&str, &str) {
    match tail.find(MARKS) {
        Some(at) if is_unit(&tail[..at]) => tail.split_at(at),
        _ => ("", tail),
    }
}

struct Words {
    magnitudes: Vec<String>,
    words: Vec<String>,
}

fn words() -> &'static Words {
    #[derive(serde::Deserialize)]
    struct File {
        measure_magnitude: Vec<String>,
        measure_word: Vec<String>,
    }
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: File = crate::templates::read!("lists/measures");
        Words { magnitudes: file.measure_magnitude, words: file.measure_word }
    })
}

/// Whether a text is a unit of measure and nothing else: `万元`, `人次`, `元/人·月`, `/年`.
pub fn is_unit(text: &str) -> bool {
    if text.chars().count() > LONGEST_UNIT {
        return false;
    }
    let parts: Vec<&str> = text.split(['/', '每', '·', '，', ',']).collect();
    let last = parts.len() - 1;
    parts.iter().enumerate().all(|(index, part)| match part.is_empty() {
        // 10000/年: only the first part may be missing, and only before another.
        true => index == 0 && last > 0,
        false => is_part(part, index == 0),
    })
}

/// One part of a unit: up to three words in a row (台套, 人次), the first with a magnitude.
fn is_part(part: &str, first: bool) -> bool {
    let words = words();
    let bare = words.magnitudes.iter().find_map(|magnitude| part.strip_prefix(magnitude.as_str()));
    match bare {
        Some("") if first => return true,
        Some(rest) if is_words(rest, 3) => return true,
        _ => {}
    }
    is_words(part, 3)
}

fn is_words(text: &str, most: usize) -> bool {
    if text.is_empty() {
        return false;
    }
    words().words.iter().any(|word| {
        text.strip_prefix(word.as_str()).is_some_and(|rest| rest.is_empty() || (most > 1 && is_words(rest, most - 1)))
    })
}

/// A date: a year of four digits, a month, or the end of a year, and what may stand around them.
fn date(text: &str) -> Option<Date> {
    let mut date = Date::default();
    let mut rest = text.strip_prefix('于').or_else(|| text.strip_prefix('在')).unwrap_or(text);
    let mut ends = false;
    if let Some((year, tail)) = digits(rest, 4)
        && (1949..=2199).contains(&year)
        && let Some(cut) = ["年度", "年", "-", ".", "/"].iter().find(|mark| tail.starts_with(**mark))
    {
        date.year = u16::try_from(year).ok();
        rest = &tail[cut.len()..];
        let spelled = cut.starts_with('年');
        if !spelled && digits(rest, 2).is_none() && digits(rest, 1).is_none() {
            return None;
        }
        if spelled && (rest.starts_with('底') || rest.starts_with('末')) {
            date.month = Some(12);
            date.day = Some(31);
            ends = true;
            rest = &rest['底'.len_utf8()..];
        }
    } else if let Some(tail) = rest.strip_prefix("年底").or_else(|| rest.strip_prefix("年末")) {
        (date.month, date.day, ends, rest) = (Some(12), Some(31), true, tail);
    }
    if date.month.is_none()
        && let Some((month, tail)) = digits(rest, 2).or_else(|| digits(rest, 1))
        && (1..=12).contains(&month)
    {
        // 12底前: the 月 is often forgotten.
        let cut =
            ["月份", "月", "-", ".", "/"].iter().find(|mark| tail.starts_with(**mark)).map_or(0, |mark| mark.len());
        let after = &tail[cut..];
        let end = after.starts_with('底') || after.starts_with('末');
        let marked = tail.starts_with('月');
        let numeric = cut == 1 && date.year.is_some();
        if marked || end || numeric {
            date.month = u8::try_from(month).ok();
            rest = after;
            if end {
                ends = true;
                rest = &after['底'.len_utf8()..];
            } else if let Some((day, tail)) = digits(after, 2).or_else(|| digits(after, 1))
                && (1..=31).contains(&day)
                && (numeric || tail.starts_with(['日', '号']))
            {
                date.day = u8::try_from(day).ok();
                rest = tail.strip_prefix('日').or_else(|| tail.strip_prefix('号')).unwrap_or(tail);
            }
        }
    }
    if date.year.is_none() && date.month.is_none() {
        return None;
    }
    let before = ["之前", "以前", "前"].iter().find_map(|word| rest.strip_prefix(word));
    if let Some(tail) = before {
        date.sign = Some(Sign::AtMost);
        rest = tail;
    }
    // Words may follow a deadline (12月底前支付到位); after a bare year or month they make it prose,
    // and another date makes it a period.
    let sure = before.is_some() || ends || date.day.is_some();
    let more_numbers = rest.bytes().any(|byte| byte.is_ascii_digit());
    (rest.is_empty() || rest == "完成" || (sure && !more_numbers)).then_some(date)
}

/// Exactly `count` digits at the start, not followed by another digit.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let run = text.bytes().take_while(u8::is_ascii_digit).count();
    if run != count {
        return None;
    }
    Some((text[..run].parse().ok()?, &text[run..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(printed: &str) -> (Option<Sign>, String, String, String) {
        match parse(printed) {
            Target::Quantity(quantity) => (quantity.sign, quantity.number.to_string(), quantity.unit, quantity.rest),
            other => panic!("{printed}: {other:?}"),
        }
    }

    fn check(printed: &str, sign: Option<Sign>, number: &str, unit: &str) {
        assert_eq!(quantity(printed), (sign, number.to_owned(), unit.to_owned(), String::new()), "{printed}");
    }

    #[test]
    fn signs_before_the_number() {
        for (printed, sign) in [
            ("≥95%", Sign::AtLeast),
            ("≧95%", Sign::AtLeast),
            (">=95%", Sign::AtLeast),
            ("＞＝９５％", Sign::AtLeast),
            ("不低于95%", Sign::AtLeast),
            ("达到≥95%", Sign::AtLeast),
            ("≤95%", Sign::AtMost),
            ("≦ 95 %", Sign::AtMost),
            ("控制在不超过95%", Sign::AtMost),
            (">95%", Sign::Above),
            ("＞95%", Sign::Above),
            ("›95%", Sign::Above),
            ("<95%", Sign::Below),
            ("‹95%", Sign::Below),
            ("低于95%", Sign::Below),
            ("＝95%", Sign::Equal),
            ("约95%", Sign::About),
        ] {
            check(printed, Some(sign), "95", "%");
        }
    }

    #[test]
    fn words_after_the_number_include_it() {
        check("400人以上", Some(Sign::AtLeast), "400", "人");
        check("90%及以上", Some(Sign::AtLeast), "90", "%");
        check("320以下", Some(Sign::AtMost), "320", "");
        check("5个工作日内", Some(Sign::AtMost), "5", "个工作日");
        check("控制在5万元以内", Some(Sign::AtMost), "5", "万元");
        check("5200元左右", Some(Sign::About), "5200", "元");
        check("5000元左右/年", Some(Sign::About), "5000", "元/年");
        check("达到95%以上", Some(Sign::AtLeast), "95", "%");
    }

    #[test]
    fn units_of_measure_are_kept_as_printed() {
        check("≤8万元", Some(Sign::AtMost), "8", "万元");
        check("6000元/人", None, "6000", "元/人");
        check("50元/人/年", None, "50", "元/人/年");
        check("≤625元，人次", Some(Sign::AtMost), "625", "元,人次");
        check("≤1.1元/平方米", Some(Sign::AtMost), "1.1", "元/平方米");
        check("3.03亿元", None, "3.03", "亿元");
        check("80万", None, "80", "万");
        check("10000/年", None, "10000", "/年");
        check("0.2万册", None, "0.2", "万册");
        check("≥200人次", Some(Sign::AtLeast), "200", "人次");
        check("30台套", None, "30", "台套");
        check("801", None, "801", "");
        check("-3.5%", None, "-3.5", "%");
        check("8.00万元", None, "8.00", "万元");
        check("12,500元", None, "12500", "元");
        check("1年", None, "1", "年");
        check("≥1年", Some(Sign::AtLeast), "1", "年");
        check("3个月", None, "3", "个月");
    }

    #[test]
    fn what_follows_the_unit_is_kept_beside_it() {
        let (sign, number, unit, rest) = quantity("≤5万元（含税）");
        assert_eq!((sign, number.as_str(), unit.as_str(), rest.as_str()), (Some(Sign::AtMost), "5", "万元", "(含税)"));
        let (sign, number, unit, rest) = quantity("≥95对护林员一年的工作进行考核");
        assert_eq!((sign, number.as_str(), unit.as_str()), (Some(Sign::AtLeast), "95", ""));
        assert_eq!(rest, "对护林员一年的工作进行考核");
    }

    #[test]
    fn ranges() {
        let range = |low: i64, high: i64, unit: &str| Target::Range {
            low: Decimal::from(low),
            high: Decimal::from(high),
            unit: unit.to_owned(),
        };
        assert_eq!(parse("360-400人"), range(360, 400, "人"));
        assert_eq!(parse("90%～95%"), range(90, 95, "%"));
        assert_eq!(parse("3至5次"), range(3, 5, "次"));
        assert_eq!(parse("1—12月"), Target::Text);
        assert_eq!(parse("1月—12月"), Target::Text);
    }

    #[test]
    fn dates_and_deadlines() {
        let date = |sign, year, month, day| Target::Date(Date { sign, year, month, day });
        let by = Some(Sign::AtMost);
        assert_eq!(parse("2023年底前"), date(by, Some(2023), Some(12), Some(31)));
        assert_eq!(parse("2023年"), date(None, Some(2023), None, None));
        assert_eq!(parse("2023年度"), date(None, Some(2023), None, None));
        assert_eq!(parse("2021年10月31日之前"), date(by, Some(2021), Some(10), Some(31)));
        assert_eq!(parse("2021-10-31"), date(None, Some(2021), Some(10), Some(31)));
        assert_eq!(parse("2021.10.31前"), date(by, Some(2021), Some(10), Some(31)));
        assert_eq!(parse("12月前"), date(by, None, Some(12), None));
        assert_eq!(parse("12月底前支付全部到位"), date(by, None, Some(12), None));
        assert_eq!(parse("12底前完成任务"), date(by, None, Some(12), None));
        assert_eq!(parse("2023年12底前完成"), date(by, Some(2023), Some(12), None));
        assert_eq!(parse("年底前完成当年任务"), date(by, None, Some(12), Some(31)));
        assert_eq!(parse("11月15号前完成任务指标"), date(by, None, Some(11), Some(15)));
        assert_eq!(parse("6月前完成"), date(by, None, Some(6), None));
    }

    #[test]
    fn words_are_no_numbers() {
        for printed in [
            "显著提升",
            "一次性办理完成",
            "1年内持续发挥作用",
            "2023年专项工作按计划推进",
            "上半年：2021年6月30日前，下半年：2021年12月31日前",
            "站牌/13",
            "）95%",
            "——",
            "《条例》要求",
            "按当年实际空编数核定",
            "3级以上地震",
            "12345热线",
            "1.2.3",
        ] {
            assert_eq!(parse(printed), Target::Text, "{printed}");
        }
        assert_eq!(parse(" \u{3000}"), Target::Blank);
    }

    #[test]
    fn money_is_counted_in_yuan() {
        let yuan = |printed: &str| match parse(printed) {
            Target::Quantity(quantity) => quantity.in_yuan().map(|value| value.normalize().to_string()),
            _ => None,
        };
        assert_eq!(yuan("≤78.71万元").as_deref(), Some("787100"));
        assert_eq!(yuan("0.7416万元").as_deref(), Some("7416"));
        assert_eq!(yuan("800元").as_deref(), Some("800"));
        assert_eq!(yuan("800元/人"), None);
    }

    #[test]
    fn hostile_targets_end_quickly() {
        for unit in ["人", "，", "/", "1", "-", "每", "元/"] {
            parse(&format!("≥1{}", unit.repeat(20_000)));
        }
        assert_eq!(parse(&"9".repeat(60)), Target::Text);
        assert_eq!(parse("≤792281625142643375935439万元"), Target::Text);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_taken_apart(text in "[≥≤<>0-9.,%万元人年月日底前/每左右以上 -]{0,24}") {
            parse(&text);
        }
    }
}
