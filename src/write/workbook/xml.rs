//! Texts, cell names and numbers in the XML of a workbook.

use std::fmt::Write;

/// First line of every part.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Adds text between tags. Characters that XML has no place for are written `_x001F_`, as Excel
/// does (ECMA-376 part 1, 22.9.2.19).
pub(super) fn text(xml: &mut String, text: &str) {
    let mut rest = text;
    let special =
        |byte: u8| matches!(byte, b'&' | b'<' | b'>' | 0xef) || (byte < 0x20 && byte != b'\t' && byte != b'\n');
    let mut from = 0;
    while let Some(at) = rest.as_bytes()[from..].iter().position(|byte| special(*byte)) {
        let at = from + at;
        let ch = rest[at..].chars().next().expect("a special byte begins a character");
        let escaped = match ch {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '\u{fffe}' | '\u{ffff}' | '\0'..='\x1f' => None,
            _ => {
                from = at + ch.len_utf8();
                continue;
            }
        };
        xml.push_str(&rest[..at]);
        match escaped {
            Some(escaped) => xml.push_str(escaped),
            None => put(xml, format_args!("_x{:04X}_", ch as u32)),
        }
        rest = &rest[at + ch.len_utf8()..];
        from = 0;
    }
    xml.push_str(rest);
}

/// Adds a text of a cell: what looks like an escaped character is escaped itself.
pub(super) fn cell_text(xml: &mut String, cell: &str) {
    let mut rest = cell;
    while let Some(at) = rest.find("_x") {
        let code = rest.as_bytes().get(at + 2..at + 7);
        let looks = code.is_some_and(|code| code[..4].iter().all(u8::is_ascii_hexdigit) && code[4] == b'_');
        text(xml, &rest[..at]);
        xml.push_str(if looks { "_x005F_x" } else { "_x" });
        rest = &rest[at + 2..];
    }
    text(xml, rest);
}

/// Adds the value of an attribute.
pub(super) fn attribute(xml: &mut String, value: &str) {
    for ch in value.chars() {
        match ch {
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\n' => xml.push_str("&#xA;"),
            ch => xml.push(ch),
        }
    }
}

/// Adds what a format says.
pub(super) fn put(xml: &mut String, what: std::fmt::Arguments<'_>) {
    xml.write_fmt(what).expect("a string takes everything");
}

/// Adds a whole number.
pub(super) fn whole(xml: &mut String, mut number: u32) {
    let mut digits = [0_u8; 10];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits[from..].iter().for_each(|digit| xml.push(char::from(*digit)));
}

/// Adds so many quarters as a decimal.
pub(super) fn quarters(xml: &mut String, quarters: u32) {
    whole(xml, quarters / 4);
    xml.push_str(["", ".25", ".5", ".75"][quarters as usize % 4]);
}

/// Whether a reader would trim the text.
pub(super) fn is_padded(text: &str) -> bool {
    let blank = ['\t', '\n', ' '];
    text.starts_with(blank) || text.ends_with(blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(add: impl Fn(&mut String)) -> String {
        let mut xml = String::new();
        add(&mut xml);
        xml
    }

    #[test]
    fn texts_are_escaped_as_excel_does() {
        assert_eq!(
            made(|xml| text(xml, "甲<&>乙\u{1f}\t\n\r\u{ffff}ｘ，")),
            "甲&lt;&amp;&gt;乙_x001F_\t\n_x000D__xFFFF_ｘ，"
        );
        assert_eq!(made(|xml| cell_text(xml, "_x000D_ _x00 _x000D_")), "_x005F_x000D_ _x00 _x005F_x000D_");
        assert_eq!(made(|xml| attribute(xml, "'甲\"<>&'!A1")), "'甲&quot;&lt;&gt;&amp;'!A1");
        assert_eq!(made(|xml| (52..56).for_each(|n| quarters(xml, n))), "1313.2513.513.75");
        assert_eq!(made(|xml| [0, 7, 10, 1_048_576].iter().for_each(|n| whole(xml, *n))), "07101048576");
    }
}
