//! What stands for an amount of money and cannot be read as one: too many digits ([`amount::decimal`]), two
//! numbers in a cell, letters among the digits, words. No other rule reckons with it, so somebody must be told.

use super::{Context, sums};
use crate::equation::CellRef;
use crate::filing::{Value, amount};
use crate::finding::Finding;
use crate::form::Kind;
use crate::form::label::fold;
use crate::form::tables::tables;
use crate::text::{is_blank, is_chinese};

/// Digits that a spreadsheet keeps of a number.
const KEPT: usize = 15;

/// The rule: what stands for an amount of money can be reckoned with.
pub fn amounts(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut tell = |cell: CellRef, text: &str| {
        let title = || sums::table_title(filing, cell.block);
        if is_too_long(text) {
            let title = title();
            findings.push(sums::at(
                filing,
                &cell,
                "amount-too-long",
                format!("{title}“{text}”的位数太多，没有当作金额核对"),
                format!("{title}“{text}” has too many digits and was not checked as an amount"),
            ));
        } else if is_garbled(text) {
            let (title, text) = (title(), text.replace(['\n', '\t'], " "));
            findings.push(sums::at(
                filing,
                &cell,
                "amount-unreadable",
                format!("{title}“{text}”不成一个数，没有当作金额核对"),
                format!("{title}“{text}” is not one number and was not checked as an amount"),
            ));
        } else if is_words(text) {
            let (title, text) = (title(), text.replace(['\n', '\t'], " "));
            findings.push(sums::at(
                filing,
                &cell,
                "amount-words",
                format!("{title}金额栏里是文字“{text}”，不是金额"),
                format!("{title}the words “{text}” stand where an amount should be"),
            ));
        }
    };
    for (block, table) in filing.tables() {
        let Some(form) = table.form.as_ref().and_then(|key| context.forms.get(key)) else { continue };
        for field in &table.fields {
            let number = |kind| matches!(kind, Kind::Money | Kind::Percent);
            let number = form.field(&field.id).is_some_and(|spec| number(spec.kind));
            if let (true, Value::One(text)) = (number, &field.value) {
                tell(CellRef::field(block, &field.id), text.as_str());
            }
        }
        for (column, own) in table.columns.iter().enumerate() {
            if form.column(&own.id).is_none_or(|spec| spec.kind != Kind::Money) {
                continue;
            }
            for (row, cells) in table.rows.iter().enumerate() {
                // What was filled into merged cells is said once, where it is printed.
                if let Some(cell) = cells.cells.get(column).filter(|cell| !cell.filled) {
                    tell(CellRef::cell(block, row, column), cell.text.as_str());
                }
            }
        }
    }
}

/// Whether a text is a number but for its length.
fn is_too_long(text: &str) -> bool {
    if text.len() <= KEPT || amount::parse(text).is_some() {
        return false;
    }
    let folded = fold(text);
    let digits = folded.bytes().filter(u8::is_ascii_digit).count();
    digits > KEPT && folded.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, ',' | '.' | '-' | '−' | '%'))
}

/// Whether a text is meant as a number and is none: digits, the marks of numbers, and the letters that
/// are read for digits.
fn is_garbled(text: &str) -> bool {
    const MARKS: &str = ".,，．。、'’:：;；-−－—_%％()（）oOlI|";
    let is_digit = |ch: char| ch.is_ascii_digit() || ('０'..='９').contains(&ch);
    text.contains(is_digit)
        && text.chars().all(|ch| is_digit(ch) || is_blank(ch) || ch == '\n' || MARKS.contains(ch))
        && amount::parse(text).is_none()
}

/// Whether a text is words: no amount with its unit, and none of the words for no amount.
fn is_words(text: &str) -> bool {
    let word = |ch: char| is_chinese(ch) && ch.is_alphabetic() && !"元万亿千百".contains(ch);
    text.chars().filter(|ch| word(*ch)).count() >= 2 && !tables().no_amount.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_are_garbled() {
        for text in ["12.00 5.00", "1O.00", "l2.5", "12..5", "1,23.45", "(12.00)", "12.00\n5.00", "12.5.0"] {
            assert!(is_garbled(text), "{text}");
        }
        for text in ["", "——", "12.00", "１２．５", "12%", "850万元", "无", "详见附表1", " 12.00 ", "0"]
        {
            assert!(!is_garbled(text), "{text}");
        }
    }

    #[test]
    fn words_are_no_amounts() {
        for text in ["五、教育支出", "合计", "12.00其他收入", "财政拨款"] {
            assert!(is_words(text), "{text}");
        }
        for text in
            ["", "——", "无", "12.00", "850万元", "详见附表1", "本表无数据", "不涉及", "空", "注：空表列示。", "元"]
        {
            assert!(!is_words(text), "{text}");
        }
    }

    #[test]
    fn only_numbers_are_too_long() {
        assert!(is_too_long("792281625142643375935439"));
        assert!(is_too_long("12,345,678,901,234,567.00"));
        assert!(is_too_long("０．１２３４５６７８９０１２３４５６７８９０１２３"));
        assert!(!is_too_long("999999999999999.99"));
        assert!(!is_too_long("12345678901234567890万元"));
        assert!(!is_too_long("16,839.09"));
    }
}
