//! Serial day numbers to dates, and dates to print.

/// A moment as spreadsheets store it: days since the epoch of the workbook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moment {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    /// Milliseconds of the day.
    pub milliseconds: u32,
    /// Whole days since the epoch of the workbook.
    pub days: i64,
    /// From 0, which is Monday.
    pub weekday: usize,
}

const DAY: f64 = 86_400_000.0;

impl Moment {
    /// The moment of a serial number; `None` outside the years 1900–9999.
    pub fn of(serial: f64, date_1904: bool) -> Option<Moment> {
        if !(0.0..2_958_466.0).contains(&serial) {
            return None;
        }
        let mut days = serial.floor() as i64;
        let mut milliseconds = ((serial - serial.floor()) * DAY).round() as u32;
        if milliseconds >= 86_400_000 {
            milliseconds -= 86_400_000;
            days += 1;
        }
        // Excel believes that 1900 was a leap year, as Lotus 1-2-3 did: its day 60 never was.
        let unix = match (date_1904, days) {
            (true, _) => days + 1_462 - 25_569,
            (false, ..=59) => days + 1 - 25_569,
            (false, _) => days - 25_569,
        };
        let (year, month, day) = match (date_1904, days) {
            (false, 0) => (1900, 1, 0),
            (false, 60) => (1900, 2, 29),
            _ => civil(unix),
        };
        let weekday = (unix + 3).rem_euclid(7) as usize;
        Some(Moment { year, month, day, milliseconds, days, weekday })
    }

    fn hour(&self) -> u32 {
        self.milliseconds / 3_600_000
    }

    fn minute(&self) -> u32 {
        self.milliseconds / 60_000 % 60
    }

    fn second(&self) -> u32 {
        self.milliseconds / 1_000 % 60
    }
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian).
fn civil(days: i64) -> (i32, u32, u32) {
    // Howard Hinnant's algorithm: years begin in March, so the leap day is the last.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    ((yoe + era * 400 + i64::from(month <= 2)) as i32, month, day)
}

/// One element of a date format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DateToken {
    Year,
    Month(u8),
    Day(u8),
    Weekday(u8),
    Hour(u8),
    Minute(u8),
    Second(u8),
    /// Elapsed hours, minutes or seconds (`[h]`).
    Elapsed,
    Noon,
    Literal(String),
}

/// Prints a moment: in Chinese when the format says 年月日, else as ISO 8601 with a blank between
/// date and time. What the format would hide of the value is printed all the same.
pub(super) fn print(moment: &Moment, tokens: &[DateToken]) -> String {
    let any = |test: fn(&DateToken) -> bool| tokens.iter().any(test);
    let year = any(|token| matches!(token, DateToken::Year));
    let month = any(|token| matches!(token, DateToken::Month(_)));
    let day = any(|token| matches!(token, DateToken::Day(_)));
    let hour = any(|token| matches!(token, DateToken::Hour(_)));
    let second = any(|token| matches!(token, DateToken::Second(_)));
    let time = hour || second || any(|token| matches!(token, DateToken::Minute(_)));
    if any(|token| matches!(token, DateToken::Elapsed)) {
        let hours = moment.days * 24 + i64::from(moment.hour());
        return format!("{hours}:{}", minutes(moment, second));
    }
    let midnight = moment.milliseconds == 0;
    let seconds_told = second || moment.milliseconds.is_multiple_of(60_000);
    let whole_seconds = moment.milliseconds.is_multiple_of(1_000);
    let date = year || month || day || any(|token| matches!(token, DateToken::Weekday(_)));
    let chinese = tokens.iter().any(|token| {
        matches!(token, DateToken::Literal(text) if text.contains(['年', '月', '日', '时', '時', '分', '秒', '號', '号']))
    });
    let lossless = if date {
        year && (month || moment.month == 1)
            && (day || moment.day == 1)
            && (midnight || (hour && seconds_told && whole_seconds))
    } else {
        moment.days == 0 && hour && seconds_told && whole_seconds
    };
    if chinese && lossless {
        return tokens.iter().map(|token| print_token(moment, token)).collect::<String>().trim().to_owned();
    }
    if !date && moment.days == 0 {
        return format!("{}:{}", moment.hour(), minutes(moment, second));
    }
    let mut out = if chinese {
        format!("{}年{}月{}日", moment.year, moment.month, moment.day)
    } else if year && !day && moment.day == 1 && (month || moment.month == 1) && midnight {
        if month { format!("{}-{:02}", moment.year, moment.month) } else { moment.year.to_string() }
    } else {
        format!("{:04}-{:02}-{:02}", moment.year, moment.month, moment.day)
    };
    if time || !midnight {
        out.push_str(&format!(" {:02}:{}", moment.hour(), minutes(moment, second)));
    }
    out
}

/// Minutes, and seconds where they are asked for or not zero.
fn minutes(moment: &Moment, second: bool) -> String {
    let mut out = format!("{:02}", moment.minute());
    if second || !moment.milliseconds.is_multiple_of(60_000) {
        out.push_str(&format!(":{:02}", moment.second()));
    }
    if !moment.milliseconds.is_multiple_of(1_000) {
        out.push_str(&format!(".{:03}", moment.milliseconds % 1_000));
    }
    out
}

fn print_token(moment: &Moment, token: &DateToken) -> String {
    let padded = |value: u32, width: u8| if width >= 2 { format!("{value:02}") } else { value.to_string() };
    match token {
        DateToken::Year => moment.year.to_string(),
        DateToken::Month(width) => padded(moment.month, (*width).min(2)),
        DateToken::Day(width) => padded(moment.day, *width),
        DateToken::Weekday(width) => {
            let name = ["一", "二", "三", "四", "五", "六", "日"][moment.weekday];
            if *width == 3 { name.to_owned() } else { format!("星期{name}") }
        }
        DateToken::Hour(width) => padded(moment.hour(), *width),
        DateToken::Minute(width) => padded(moment.minute(), *width),
        DateToken::Second(width) => padded(moment.second(), *width),
        DateToken::Literal(text) => text.clone(),
        // The hour is printed in 24 hours, so the half of the day is told already.
        DateToken::Noon | DateToken::Elapsed => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(serial: f64, date_1904: bool) -> (i32, u32, u32) {
        let moment = Moment::of(serial, date_1904).expect("in range");
        (moment.year, moment.month, moment.day)
    }

    #[test]
    fn serials_count_from_1900_with_its_leap_day_or_from_1904() {
        assert_eq!(day(1.0, false), (1900, 1, 1));
        assert_eq!(day(59.0, false), (1900, 2, 28));
        assert_eq!(day(60.0, false), (1900, 2, 29));
        assert_eq!(day(61.0, false), (1900, 3, 1));
        assert_eq!(day(44_197.0, false), (2021, 1, 1));
        assert_eq!(day(0.0, true), (1904, 1, 1));
        assert_eq!(day(42_735.0, true), (2021, 1, 1));
        assert_eq!(day(2_958_465.0, false), (9999, 12, 31));
        assert_eq!(Moment::of(-1.0, false), None);
    }

    #[test]
    fn weekdays() {
        // 1 January 2021 was a Friday.
        assert_eq!(Moment::of(44_197.0, false).expect("in range").weekday, 4);
    }
}
