//! How automatic numbers are printed: the number formats of ST_NumberFormat (ISO/IEC 29500-1,
//! 17.18.59) that Chinese documents use, and those of their neighbours that are one table more.

/// A letter repeated more often than this is no number; such values are printed in decimals.
const REPEATS: u32 = 30;

/// Prints a number; formats that are not known here are decimal, as Word prints them when its
/// language lacks them.
pub fn print_number(number: u32, format: &str) -> String {
    let decimal = || number.to_string();
    let listed = |list: &str| number.checked_sub(1).and_then(|at| list.chars().nth(at as usize)).map(String::from);
    match format {
        "none" | "bullet" => String::new(),
        _ if number == 0 && format != "decimalZero" => decimal(),
        "decimalZero" => format!("{number:02}"),
        "upperRoman" => roman(number).unwrap_or_else(decimal),
        "lowerRoman" => roman(number).map_or_else(decimal, |text| text.to_lowercase()),
        "upperLetter" => letter(number, b'A').unwrap_or_else(decimal),
        "lowerLetter" => letter(number, b'a').unwrap_or_else(decimal),
        "ordinal" => format!("{number}{}", ordinal_suffix(number)),
        "hex" => format!("{number:X}"),
        "numberInDash" => format!("- {number} -"),
        "decimalFullWidth" | "decimalFullWidth2" => digits(number, "０１２３４５６７８９"),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => enclosed(number, '①').unwrap_or_else(decimal),
        "decimalEnclosedParen" => enclosed(number, '⑴').unwrap_or_else(|| format!("({number})")),
        "decimalEnclosedFullstop" => enclosed(number, '⒈').unwrap_or_else(|| format!("{number}.")),
        "chineseCounting" => counting(number, "○一二三四五六七八九"),
        "taiwaneseCounting" => counting(number, "○一二三四五六七八九"),
        "chineseCountingThousand" => grouped(number, "零一二三四五六七八九", ["十", "百", "千"], "万", false),
        "taiwaneseCountingThousand" => grouped(number, "零一二三四五六七八九", ["十", "百", "千"], "萬", false),
        "japaneseCounting" => grouped(number, "〇一二三四五六七八九", ["十", "百", "千"], "万", false),
        "chineseLegalSimplified" => grouped(number, "零壹贰叁肆伍陆柒捌玖", ["拾", "佰", "仟"], "万", true),
        "ideographLegalTraditional" => grouped(number, "零壹貳參肆伍陸柒捌玖", ["拾", "佰", "仟"], "萬", true),
        "ideographDigital" | "japaneseDigitalTenThousand" => digits(number, "〇一二三四五六七八九"),
        "taiwaneseDigital" => digits(number, "○一二三四五六七八九"),
        "ideographTraditional" => listed("甲乙丙丁戊己庚辛壬癸").unwrap_or_else(decimal),
        "ideographZodiac" => listed("子丑寅卯辰巳午未申酉戌亥").unwrap_or_else(decimal),
        "ideographZodiacTraditional" => sexagenary(number),
        "ideographEnclosedCircle" => listed("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉").unwrap_or_else(decimal),
        "aiueoFullWidth" => listed("アイウエオカキクケコサシスセソタチツテトナニヌネノ").unwrap_or_else(decimal),
        "ganada" => listed("가나다라마바사아자차카타파하").unwrap_or_else(decimal),
        // `001, 002, 003, ...` of a custom format ([MS-DOCX] 2.4): as wide as its first item.
        _ if format.starts_with('0') => {
            let width = format.chars().take_while(char::is_ascii_digit).count();
            format!("{number:0width$}", width = width.min(10))
        }
        _ => decimal(),
    }
}

fn digits(number: u32, set: &str) -> String {
    number.to_string().bytes().filter_map(|digit| set.chars().nth(usize::from(digit - b'0'))).collect()
}

/// 一 … 十 十一 … 九十九, then digit by digit: 一○○.
fn counting(number: u32, set: &str) -> String {
    if number >= 100 {
        return digits(number, set);
    }
    grouped(number, set, ["十", "百", "千"], "万", false)
}

/// 一百零一, 二千三百万; `full` writes the one of 壹拾.
fn grouped(number: u32, set: &str, tens: [&str; 3], myriad: &str, full: bool) -> String {
    let set: Vec<char> = set.chars().collect();
    let mut text = String::new();
    // Numbers have 32 bits: at most 42 亿.
    for (unit, divisor) in [("亿", 100_000_000), (myriad, 10_000), ("", 1)] {
        let group = number / divisor % 10_000;
        if group == 0 {
            continue;
        }
        let mut pending = !text.is_empty() && group < 1_000;
        for place in (0..4).rev() {
            let digit = (group / 10_u32.pow(place) % 10) as usize;
            let written = group % 10_u32.pow(place + 1) != group || digit > 0;
            if digit == 0 {
                pending |= written && !group.is_multiple_of(10_u32.pow(place));
                continue;
            }
            if std::mem::take(&mut pending) {
                text.push(set[0]);
            }
            if !(digit == 1 && place == 1 && text.is_empty() && !full) {
                text.push(set[digit]);
            }
            if place > 0 {
                text.push_str(tens[place as usize - 1]);
            }
        }
        text.push_str(unit);
    }
    text
}

fn enclosed(number: u32, first: char) -> Option<String> {
    (1..=20).contains(&number).then(|| char::from_u32(first as u32 + number - 1).map(String::from)).flatten()
}

/// A … Z, AA, BB …: the letter is repeated.
fn letter(number: u32, first: u8) -> Option<String> {
    let repeats = (number - 1) / 26 + 1;
    let letter = char::from(first + ((number - 1) % 26) as u8);
    (repeats <= REPEATS).then(|| std::iter::repeat_n(letter, repeats as usize).collect())
}

fn roman(number: u32) -> Option<String> {
    const PARTS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut rest, mut text) = (number, String::new());
    for (value, sign) in PARTS {
        while rest >= value && rest <= REPEATS * 1000 {
            text.push_str(sign);
            rest -= value;
        }
    }
    (rest == 0).then_some(text)
}

fn ordinal_suffix(number: u32) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

fn sexagenary(number: u32) -> String {
    let at = number as usize - 1;
    let sign = |set: &str, size: usize| set.chars().nth(at % size);
    [sign("甲乙丙丁戊己庚辛壬癸", 10), sign("子丑寅卯辰巳午未申酉戌亥", 12)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_printed_as_word_prints_them() {
        let cases = [
            ("chineseCounting", [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (100, "一○○")]),
            (
                "chineseCountingThousand",
                [
                    (10, "十"),
                    (15, "十五"),
                    (110, "一百一十"),
                    (101, "一百零一"),
                    (1001, "一千零一"),
                    (10010, "一万零一十"),
                ],
            ),
            (
                "chineseLegalSimplified",
                [(1, "壹"), (10, "壹拾"), (21, "贰拾壹"), (100, "壹佰"), (305, "叁佰零伍"), (20000, "贰万")],
            ),
            ("ideographDigital", [(1, "一"), (10, "一〇"), (23, "二三"), (100, "一〇〇"), (0, "0"), (7, "七")]),
            ("decimalFullWidth", [(1, "１"), (10, "１０"), (23, "２３"), (4, "４"), (5, "５"), (6, "６")]),
            ("decimalEnclosedCircleChinese", [(1, "①"), (10, "⑩"), (20, "⑳"), (21, "21"), (2, "②"), (3, "③")]),
            ("decimalEnclosedParen", [(1, "⑴"), (20, "⒇"), (21, "(21)"), (2, "⑵"), (3, "⑶"), (4, "⑷")]),
            ("ideographTraditional", [(1, "甲"), (10, "癸"), (11, "11"), (2, "乙"), (3, "丙"), (4, "丁")]),
            ("upperRoman", [(4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (1990, "MCMXC"), (u32::MAX, "4294967295")]),
            ("lowerLetter", [(1, "a"), (26, "z"), (27, "aa"), (28, "bb"), (53, "aaa"), (u32::MAX, "4294967295")]),
            ("decimalZero", [(0, "00"), (1, "01"), (9, "09"), (10, "10"), (100, "100"), (2, "02")]),
            ("001, 002, 003, ...", [(0, "0"), (1, "001"), (10, "010"), (1000, "1000"), (2, "002"), (3, "003")]),
        ];
        for (format, pairs) in cases {
            for (number, text) in pairs {
                assert_eq!(print_number(number, format), text, "{format} {number}");
            }
        }
    }

    #[test]
    fn every_number_has_a_form_of_bounded_length() {
        for format in
            ["chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "upperRoman", "upperLetter"]
        {
            for number in [0, 1, 19, 1_000_000, 100_000_000, 100_000_001, u32::MAX] {
                let text = print_number(number, format);
                assert!(!text.is_empty() && text.len() < 200, "{format} {number} {text}");
            }
        }
    }
}
