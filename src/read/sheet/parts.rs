//! Small readings that the XML formats of workbooks share.

use std::borrow::Cow;

use crate::error::Result;
use crate::read::xml::{Tag, Token, Xml};

/// Whether a boolean attribute is there and set.
pub(super) fn flag<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, name: &str) -> bool {
    xml.attribute(tag, name).is_some_and(|value| matches!(value.trim(), "1" | "true" | "on" | "t"))
}

/// A number attribute.
pub(super) fn number<'a, T: std::str::FromStr>(xml: &mut Xml<'a>, tag: &Tag<'a>, name: &str) -> Option<T> {
    xml.attribute(tag, name)?.trim().parse().ok()
}

/// Calls `take` with every token inside the element just opened; `take` is told about start tags
/// whose content it may consume itself.
pub(super) fn inside<'a>(
    xml: &mut Xml<'a>,
    tag: &Tag<'a>,
    mut take: impl FnMut(&mut Xml<'a>, Token<'a>) -> Result<()>,
) -> Result<()> {
    if tag.empty {
        return Ok(());
    }
    let outside = xml.depth() - 1;
    loop {
        let token = xml.next()?;
        if xml.depth() <= outside || matches!(token, Token::End) {
            return Ok(());
        }
        take(xml, token)?;
    }
}

/// Passes over the content of the element just opened.
pub(super) fn skip<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> Result<()> {
    if tag.empty { Ok(()) } else { xml.skip() }
}

/// All text inside the element just opened.
pub(super) fn text_of<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> Result<String> {
    let mut out = String::new();
    inside(xml, tag, |_, token| {
        push_text(&mut out, &token);
        Ok(())
    })?;
    Ok(out)
}

/// Appends the characters of a token, if it has any.
pub(super) fn push_text(out: &mut String, token: &Token<'_>) {
    match token {
        Token::Text(text) | Token::Data(text) => out.push_str(text),
        Token::Reference(ch) => out.push(*ch),
        _ => {}
    }
}

/// Decodes the `_xHHHH_` that spreadsheets write for characters XML cannot hold (ECMA-376 part 1,
/// 22.9.2.19); `_x005F_` is the underscore that keeps such a text literal.
pub(super) fn unescape(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut units: Vec<u16> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 7).filter(|code| code.ends_with('_')).and_then(|code| {
            let hex = &code[..4];
            hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(hex, 16).ok())?
        });
        if at > 0 {
            flush(&mut units, &mut out);
        }
        out.push_str(&rest[..at]);
        match code {
            Some(unit) => {
                units.push(unit);
                rest = &rest[at + 7..];
            }
            None => {
                flush(&mut units, &mut out);
                out.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    flush(&mut units, &mut out);
    out.push_str(rest);
    out
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).map(|ch| ch.unwrap_or('\u{fffd}')));
}

/// Row and column (from 0) of a cell reference such as `B7` or `$B$7`.
pub(super) fn parse_address(text: &str) -> Option<(u32, u32)> {
    let text: Cow<'_, str> = if text.contains('$') { text.replace('$', "").into() } else { text.into() };
    let split = text.bytes().position(|byte| !byte.is_ascii_alphabetic())?;
    let (letters, digits) = text.split_at(split);
    let column = parse_column(letters)?;
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, column))
}

/// Column (from 0) of letters such as `AB`.
pub(super) fn parse_column(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 6 {
        return None;
    }
    let mut column: u32 = 0;
    for byte in letters.bytes() {
        let digit = byte.to_ascii_uppercase().checked_sub(b'A').filter(|digit| *digit < 26)?;
        column = column * 26 + u32::from(digit) + 1;
    }
    Some(column - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(parse_address("A1"), Some((0, 0)));
        assert_eq!(parse_address("$XFD$1048576"), Some((1_048_575, 16_383)));
        for wrong in ["", "A", "1", "A0", "ABCDEFGHIJ1", "A99999999999", "A-1"] {
            assert_eq!(parse_address(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn escapes_of_characters_that_xml_cannot_hold() {
        for (stored, text) in [
            ("a_x000D__x000A_b", "a\r\nb"),
            ("_x005F_x0041_", "_x0041_"),
            ("_x0041", "_x0041"),
            ("_xD83D__xDE00_", "😀"),
            ("_xD83D_x", "\u{fffd}x"),
            ("预_x算", "预_x算"),
        ] {
            assert_eq!(unescape(stored.to_owned()), text);
        }
    }
}
