//! Number formats (ECMA-376 part 1, 18.8.31): what a number cell prints.
//!
//! A cell is printed as its format says when that loses nothing. Where the format would round, the
//! number keeps all its decimals in the manner of the format; where it would hide it, the plain
//! number is printed. Currency signs, padding and colours belong to the look, not to the text.

use super::dates::{self, DateToken, Moment};
use super::decimal::Decimal;
use crate::filing::amount::with_thousands;

/// A format code, read once and used for many cells.
#[derive(Clone, Debug, Default)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
}

#[derive(Clone, Debug, Default)]
struct Section {
    condition: Option<(Compare, f64)>,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Compare {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, Default)]
enum Body {
    /// Nothing at all.
    #[default]
    Empty,
    /// Shortest decimal between literals.
    General(String, String),
    Number(Picture),
    Date(Vec<DateToken>),
    /// Only literals.
    Literal(String),
    /// Scientific and fractions: looks that a filing never has; printed as plain decimals.
    Plain,
}

/// Digits and what stands between them.
#[derive(Clone, Debug, Default)]
struct Picture {
    before: String,
    /// Placeholders of the whole part, with literals between.
    whole: Vec<Part>,
    /// Placeholders of the fraction.
    fraction: Vec<char>,
    after: String,
    thousands: bool,
    /// Decimal places the point moves to the right before printing (`%`), or left (`,`).
    shift: i32,
}

#[derive(Clone, Debug)]
enum Part {
    Digit(char),
    Literal(String),
}

impl NumberFormat {
    /// Reads a format code.
    pub fn parse(code: &str) -> NumberFormat {
        NumberFormat {
            sections: split_sections(code).into_iter().take(4).map(|section| parse_section(&section)).collect(),
        }
    }

    /// Whether numbers print as dates or times.
    pub fn is_date(&self) -> bool {
        matches!(self.sections.first(), Some(Section { body: Body::Date(_), .. }))
    }

    /// The text of a number cell; `None` for what is no finite number.
    pub fn print(&self, value: f64, date_1904: bool) -> Option<String> {
        let decimal = Decimal::of(value)?;
        let (section, index) = match self.section(value) {
            Some(found) => found,
            None => return Some(decimal.plain()),
        };
        let negative_section = index == 1 && section.condition.is_none() && decimal.negative;
        let digits_first =
            self.sections.first().is_some_and(|first| matches!(first.body, Body::Number(_) | Body::General(..)));
        Some(match &section.body {
            Body::Plain => decimal.plain(),
            Body::Empty if decimal.is_zero() => String::new(),
            Body::Literal(text) if decimal.is_zero() && digits_first => text.trim().to_owned(),
            Body::Empty | Body::Literal(_) => decimal.plain(),
            Body::General(before, after) => {
                let mut plain = decimal;
                let negative = std::mem::take(&mut plain.negative);
                sign(format!("{before}{}{after}", plain.plain()), negative, negative_section)
            }
            Body::Date(tokens) => match Moment::of(value, date_1904) {
                Some(moment) => dates::print(&moment, tokens),
                None => decimal.plain(),
            },
            Body::Number(picture) => {
                let negative = decimal.negative;
                sign(picture.print(decimal), negative, negative_section)
            }
        })
    }

    /// The section that a value selects, and its index.
    fn section(&self, value: f64) -> Option<(&Section, usize)> {
        let count = self.sections.len().min(3);
        let conditional = self.sections.iter().take(2).any(|section| section.condition.is_some());
        let index = if conditional {
            let holds = |index: usize| match self.sections.get(index).and_then(|section| section.condition) {
                Some((compare, bound)) => compare.holds(value, bound),
                None => index == 1 && (count == 2 || value < 0.0),
            };
            (0..count).find(|index| holds(*index)).unwrap_or(count.saturating_sub(1))
        } else {
            match count {
                0 | 1 => 0,
                _ if value < 0.0 => 1,
                3 if value == 0.0 => 2,
                _ => 0,
            }
        };
        self.sections.get(index).map(|section| (section, index))
    }
}

/// Makes sure that a number below zero shows it: brackets and colours become a minus.
fn sign(printed: String, negative: bool, negative_section: bool) -> String {
    let mut printed = printed.trim().to_owned();
    if negative {
        if negative_section && printed.contains(['(', '（']) && printed.contains([')', '）']) {
            printed.retain(|ch| !matches!(ch, '(' | ')' | '（' | '）'));
        }
        if !printed.contains(['-', '－', '−']) {
            printed = format!("-{}", printed.trim());
        }
    }
    printed
}

impl Compare {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Compare::Less => value < bound,
            Compare::LessOrEqual => value <= bound,
            Compare::Equal => value == bound,
            Compare::NotEqual => value != bound,
            Compare::GreaterOrEqual => value >= bound,
            Compare::Greater => value > bound,
        }
    }
}

impl Picture {
    fn print(&self, mut decimal: Decimal) -> String {
        decimal.shift(self.shift);
        let mut fraction = decimal.fraction();
        let required = self.fraction.iter().rposition(|ch| *ch == '0').map_or(0, |last| last + 1);
        while fraction.len() < required {
            fraction.push('0');
        }
        let mut whole = decimal.whole();
        let digits = self.whole.iter().filter(|part| matches!(part, Part::Digit(_)));
        let least = digits.clone().skip_while(|part| !matches!(part, Part::Digit('0'))).count();
        let least = if fraction.is_empty() { least } else { least.max(1) };
        if whole.len() < least {
            whole = format!("{}{whole}", "0".repeat(least - whole.len()));
        }
        let mut out = self.before.clone();
        let mut rest = digits.count();
        let literals = self.whole.iter().any(|part| matches!(part, Part::Literal(_)));
        if literals {
            // Digits fill the places from the right; the first place takes all that are left.
            let mut first = true;
            for part in &self.whole {
                match part {
                    Part::Literal(text) => out.push_str(text),
                    Part::Digit(_) => {
                        rest -= 1;
                        if whole.len() > rest {
                            let take = if first { whole.len() - rest } else { 1 };
                            out.extend(whole.drain(..take));
                            first = false;
                        }
                    }
                }
            }
        } else if self.thousands {
            out.push_str(&with_thousands(&whole));
        } else {
            out.push_str(&whole);
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(&fraction);
        }
        out.push_str(&self.after);
        out
    }
}

/// Splits a code at semicolons that are not quoted.
fn split_sections(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut chars = code.chars();
    let (mut quoted, mut bracket) = (false, false);
    while let Some(ch) = chars.next() {
        let last = sections.len() - 1;
        match ch {
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            '\\' | '!' | '_' | '*' if !quoted && !bracket => {
                sections[last].push(ch);
                sections[last].extend(chars.next());
                continue;
            }
            ';' if !quoted && !bracket => {
                sections.push(String::new());
                continue;
            }
            _ => {}
        }
        sections[last].push(ch);
    }
    sections
}

/// What a section is made of.
enum Token {
    Literal(String),
    Digit(char),
    Point,
    Comma,
    Percent,
    General,
    Text,
    Exponent,
    Slash,
    Date(char, u8),
    Elapsed,
    Noon,
}

fn parse_section(code: &str) -> Section {
    let (tokens, condition) = scan(code);
    let has = |test: fn(&Token) -> bool| tokens.iter().any(test);
    let digits = has(|token| matches!(token, Token::Digit(_)));
    let body = if has(|token| matches!(token, Token::Date(..) | Token::Elapsed | Token::Noon)) {
        Body::Date(date_tokens(&tokens))
    } else if has(|token| matches!(token, Token::General)) {
        let at = tokens.iter().position(|token| matches!(token, Token::General)).unwrap_or(0);
        let (before, after) = tokens.split_at(at);
        Body::General(literals(before), literals(after))
    } else if has(|token| matches!(token, Token::Exponent))
        || (digits && has(|token| matches!(token, Token::Slash)))
        || has(|token| matches!(token, Token::Text))
    {
        Body::Plain
    } else if digits {
        Body::Number(picture(&tokens))
    } else {
        match literals(&tokens) {
            text if text.trim().is_empty() => Body::Empty,
            text => Body::Literal(text),
        }
    };
    Section { condition, body }
}

fn literals(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Literal(text) => Some(text.as_str()),
            Token::Percent => Some("%"),
            Token::Slash => Some("/"),
            _ => None,
        })
        .collect()
}

fn scan(code: &str) -> (Vec<Token>, Option<(Compare, f64)>) {
    let chars: Vec<char> = code.chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut condition = None;
    let mut at = 0;
    let literal = |tokens: &mut Vec<Token>, text: &str| tokens.push(Token::Literal(text.to_owned()));
    while at < chars.len() {
        let ch = chars[at];
        let lower = ch.to_ascii_lowercase();
        if let Some(name) =
            ["General", "G/通用格式", "Standard"].into_iter().find(|name| starts_with(&chars[at..], name))
        {
            tokens.push(Token::General);
            at += name.chars().count();
            continue;
        }
        if let Some(name) = ["AM/PM", "A/P", "上午/下午"].into_iter().find(|name| starts_with(&chars[at..], name)) {
            tokens.push(Token::Noon);
            at += name.chars().count();
            continue;
        }
        at += 1;
        match lower {
            '"' => {
                let end = chars[at..].iter().position(|ch| *ch == '"').map_or(chars.len(), |found| at + found);
                let quoted: String = chars[at..end].iter().filter(|ch| !CURRENCY.contains(ch)).collect();
                literal(&mut tokens, &quoted);
                at = end + 1;
            }
            '\\' | '!' => {
                if let Some(next) = chars.get(at).filter(|next| !CURRENCY.contains(next)) {
                    literal(&mut tokens, &next.to_string());
                }
                at += 1;
            }
            '_' | '*' => at += 1,
            '[' => {
                let end = chars[at..].iter().position(|ch| *ch == ']').map_or(chars.len(), |found| at + found);
                let inside: String = chars[at..end].iter().collect();
                at = end + 1;
                if let Some(found) = parse_condition(&inside) {
                    condition = Some(found);
                } else if !inside.is_empty() && inside.chars().all(|ch| matches!(ch, 'h' | 'H' | 'm' | 'M' | 's' | 'S'))
                {
                    tokens.push(Token::Elapsed);
                }
            }
            '0' | '#' | '?' => tokens.push(Token::Digit(ch)),
            '.' => tokens.push(Token::Point),
            ',' => tokens.push(Token::Comma),
            '%' => tokens.push(Token::Percent),
            '@' => tokens.push(Token::Text),
            '/' => tokens.push(Token::Slash),
            'e' if matches!(chars.get(at), Some('+' | '-')) => {
                tokens.push(Token::Exponent);
                at += 1;
            }
            'y' | 'm' | 'd' | 'h' | 's' | 'a' | 'e' | 'b' | 'g' => {
                let mut width = 1u8;
                while chars.get(at).is_some_and(|next| next.to_ascii_lowercase() == lower) {
                    width = width.saturating_add(1);
                    at += 1;
                }
                if lower != 'a' || width >= 3 {
                    tokens.push(Token::Date(lower, width));
                } else {
                    literal(&mut tokens, &ch.to_string().repeat(usize::from(width)));
                }
            }
            _ if CURRENCY.contains(&ch) => {}
            _ => literal(&mut tokens, &ch.to_string()),
        }
    }
    (tokens, condition)
}

/// Signs that say which money it is; a filing says so above the table.
const CURRENCY: [char; 5] = ['¥', '￥', '$', '€', '£'];

fn starts_with(chars: &[char], name: &str) -> bool {
    let mut chars = chars.iter();
    name.chars().all(|want| chars.next().is_some_and(|ch| ch.eq_ignore_ascii_case(&want)))
}

fn parse_condition(inside: &str) -> Option<(Compare, f64)> {
    for (sign, compare) in [
        ("<=", Compare::LessOrEqual),
        (">=", Compare::GreaterOrEqual),
        ("<>", Compare::NotEqual),
        ("<", Compare::Less),
        (">", Compare::Greater),
        ("=", Compare::Equal),
    ] {
        if let Some(bound) = inside.strip_prefix(sign) {
            return bound.trim().parse().ok().map(|bound| (compare, bound));
        }
    }
    None
}

fn picture(tokens: &[Token]) -> Picture {
    let last_digit = tokens.iter().rposition(|token| matches!(token, Token::Digit(_))).unwrap_or(0);
    let real_point = tokens.iter().any(|token| matches!(token, Token::Point));
    let mut picture = Picture::default();
    let (mut in_fraction, mut faked, mut commas, mut seen) = (false, false, 0, false);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Digit(ch) => {
                seen = true;
                if in_fraction {
                    picture.fraction.push(*ch);
                } else {
                    picture.thousands |= commas > 0;
                    commas = 0;
                    picture.whole.push(Part::Digit(*ch));
                }
            }
            Token::Point => {
                // Commas right before the point scale by thousands.
                picture.shift -= 3 * commas;
                commas = 0;
                in_fraction = true;
                seen = true;
            }
            Token::Comma => commas += i32::from(seen),
            Token::Percent => {
                picture.shift += 2;
                if seen { picture.after.push('%') } else { picture.before.push('%') }
            }
            // `0!.0,` prints 元 in 万元: a quoted point between digits, with the real one gone.
            Token::Literal(text) if text == "." && !real_point && seen && index < last_digit && !faked => {
                picture.shift -= 3 * commas;
                commas = 0;
                in_fraction = true;
                faked = true;
            }
            Token::Literal(text) if !seen => picture.before.push_str(text),
            Token::Literal(text) if index > last_digit || in_fraction => picture.after.push_str(text),
            Token::Literal(text) => picture.whole.push(Part::Literal(text.clone())),
            _ => {}
        }
    }
    picture.shift -= 3 * commas;
    if faked {
        picture.shift -= picture.fraction.len() as i32;
    }
    picture
}

fn date_tokens(tokens: &[Token]) -> Vec<DateToken> {
    let mut out: Vec<DateToken> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        out.push(match token {
            Token::Date('y' | 'e' | 'b', _) => DateToken::Year,
            Token::Date('m', width) => {
                // `m` next to hours or seconds is minutes (ECMA-376 part 1, 18.8.31).
                let near = |mut others: Box<dyn Iterator<Item = &Token> + '_>| {
                    others.find_map(|token| match token {
                        Token::Date(letter, _) => Some(*letter),
                        Token::Elapsed => Some('h'),
                        _ => None,
                    })
                };
                let before = near(Box::new(tokens[..index].iter().rev()));
                let after = near(Box::new(tokens[index + 1..].iter()));
                if *width <= 2 && (before == Some('h') || after == Some('s')) {
                    DateToken::Minute(*width)
                } else {
                    DateToken::Month(*width)
                }
            }
            Token::Date('d', width) if *width <= 2 => DateToken::Day(*width),
            Token::Date('d', _) => DateToken::Weekday(4),
            Token::Date('a', width) => DateToken::Weekday(*width),
            Token::Date('h', width) => DateToken::Hour(*width),
            Token::Date('s', width) => DateToken::Second(*width),
            Token::Elapsed => DateToken::Elapsed,
            Token::Noon => DateToken::Noon,
            Token::Literal(text) => DateToken::Literal(text.clone()),
            Token::Slash => DateToken::Literal("/".to_owned()),
            Token::Point => DateToken::Literal(".".to_owned()),
            _ => continue,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, cases: &[(f64, &str)]) {
        let format = NumberFormat::parse(code);
        for (value, printed) in cases {
            assert_eq!(format.print(*value, false).as_deref(), Some(*printed), "{value} as {code}");
        }
    }

    #[test]
    fn numbers_print_as_the_format_says_when_nothing_is_lost() {
        check("General", &[(8.0, "8"), (2080101.0, "2080101"), (-0.25, "-0.25")]);
        check("0.00", &[(8.0, "8.00"), (-8.0, "-8.00"), (0.0, "0.00"), (0.5, "0.50")]);
        check("0.00%", &[(0.1, "10.00%"), (0.07, "7.00%")]);
        check("0%", &[(0.95, "95%"), (0.955, "95.5%")]);
        check("#,##0.00", &[(2504.1, "2,504.10"), (1234567.0, "1,234,567.00"), (0.0, "0.00")]);
        check("#,##0_ ", &[(2504.0, "2,504"), (2504.1, "2,504.1")]);
        check("#,##0.##", &[(2504.1, "2,504.1"), (2504.0, "2,504")]);
        check("00", &[(5.0, "05"), (125.0, "125")]);
        check("000\\-0000", &[(1234567.0, "123-4567"), (12345678.0, "1234-5678")]);
        check("0\"人\"", &[(8.0, "8人")]);
        check("\"第\"0\"号\"", &[(3.0, "第3号")]);
        check("G/通用格式\"元\"", &[(3.5, "3.5元"), (-3.5, "-3.5元")]);
    }

    #[test]
    fn a_format_that_would_round_does_not() {
        check("0.00", &[(8.125, "8.125"), (0.001, "0.001")]);
        check("0", &[(8.5, "8.5")]);
        check("#,##0", &[(16839.09, "16,839.09")]);
        check("0.00E+00", &[(16839.09, "16839.09")]);
        check("# ?/?", &[(0.25, "0.25")]);
        check(";;;", &[(8.0, "8"), (0.0, "")]);
        check("\"Yes\";\"Yes\";\"No\"", &[(1.0, "1"), (0.0, "0")]);
    }

    #[test]
    fn sections_choose_by_sign_and_condition() {
        check("0.00;-0.00;;@", &[(0.0, ""), (8.0, "8.00"), (-8.0, "-8.00")]);
        check("0.00;[Red]0.00", &[(-8.0, "-8.00")]);
        check("#,##0.00_);(#,##0.00)", &[(-1234.5, "-1,234.50"), (1234.5, "1,234.50")]);
        check(
            "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ",
            &[(0.0, "-"), (-2.5, "-2.50"), (1000.0, "1,000.00")],
        );
        check("_ \"￥\"* #,##0.00_ ;_ \"￥\"* \\-#,##0.00_ ", &[(5.0, "5.00")]);
        check("[=0]\"\";General", &[(0.0, ""), (-5.0, "-5"), (5.5, "5.5")]);
        check("[>=10000]#,##0.00;0.0", &[(20000.0, "20,000.00"), (5.0, "5.0"), (-5.0, "-5.0")]);
        check("[$¥-804]#,##0.00", &[(5.0, "5.00")]);
        check("#", &[(0.0, ""), (7.0, "7")]);
    }

    #[test]
    fn scaled_formats_keep_all_digits() {
        check("0!.0,", &[(10000.0, "1.0"), (12345.0, "1.2345")]);
        check("#,##0.00,", &[(12345.0, "12.345"), (5000000.0, "5,000.00")]);
        check("[>999]#.000,\"K\";#.000", &[(123456.0, "123.456K"), (5.0, "5.000")]);
    }

    #[test]
    fn dates_print_in_chinese_or_iso() {
        check("yyyy\"年\"m\"月\"d\"日\"", &[(44_260.0, "2021年3月5日")]);
        check("yyyy\"年\"m\"月\";@", &[(44_256.0, "2021年3月"), (44_260.0, "2021年3月5日")]);
        check("[$-804]yyyy年mm月", &[(44_256.0, "2021年03月")]);
        check("m\"月\"d\"日\"", &[(44_260.0, "2021年3月5日")]);
        check("m/d/yyyy", &[(44_260.0, "2021-03-05"), (44_260.5, "2021-03-05 12:00")]);
        check("yyyy-mm", &[(44_256.0, "2021-03"), (44_260.0, "2021-03-05")]);
        check("yyyy/m/d h:mm", &[(44_260.75, "2021-03-05 18:00")]);
        check("h:mm:ss", &[(0.5, "12:00:00")]);
        check("h:mm AM/PM", &[(0.75, "18:00")]);
        check("[h]:mm", &[(1.5, "36:00")]);
        check("aaaa", &[(44_260.0, "2021-03-05")]);
        check("yyyy-mm-dd", &[(-5.0, "-5"), (1e9, "1000000000")]);
    }
}
