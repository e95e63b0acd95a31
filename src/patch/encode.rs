//! Edits of a decoded text carried to its bytes, in the encoding they are in.
//!
//! Everything that no edit touches is copied byte for byte, damaged bytes too: decoding and
//! encoding again would not give them back.

use encoding_rs::GB18030;

use super::edit::Edit;
use crate::error::{Error, Result};
use crate::read::text::decode::{Decoded, Encoding};

/// The bytes after settled edits of the decoded text.
///
/// # Errors
/// When the encoding cannot hold a new character.
pub(super) fn splice(bytes: &[u8], decoded: &Decoded, edits: &[Edit]) -> Result<Vec<u8>> {
    if edits.is_empty() {
        return Ok(bytes.to_vec());
    }
    let wanted: Vec<usize> = edits.iter().flat_map(|edit| [edit.range.start, edit.range.end]).collect();
    let offsets = offsets(bytes, decoded, &wanted)?;
    let mut out = Vec::with_capacity(bytes.len() + edits.iter().map(|edit| edit.new.len()).sum::<usize>());
    let mut at = 0;
    for (edit, range) in edits.iter().zip(offsets.chunks_exact(2)) {
        out.extend_from_slice(&bytes[at..range[0]]);
        encode(&edit.new, decoded.encoding, &mut out)?;
        at = range[1];
    }
    out.extend_from_slice(&bytes[at..]);
    Ok(out)
}

fn encode(text: &str, encoding: Encoding, out: &mut Vec<u8>) -> Result<()> {
    match encoding {
        Encoding::Utf8 => out.extend_from_slice(text.as_bytes()),
        Encoding::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Encoding::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Encoding::Gb18030 => {
            let (encoded, _, damaged) = GB18030.encode(text);
            if damaged {
                let ch = text.chars().find(|ch| GB18030.encode(&ch.to_string()).2).unwrap_or('\u{fffd}');
                return Err(Error::new(
                    format!(
                        "原文件的编码 GB18030 写不出“{ch}”（U+{:04X}）；请换一个字，或先把原文另存为 UTF-8",
                        u32::from(ch)
                    ),
                    format!(
                        "the original's encoding GB18030 has no “{ch}” (U+{:04X}); use another character or save the original as UTF-8 first",
                        u32::from(ch)
                    ),
                ));
            }
            out.extend_from_slice(&encoded);
        }
    }
    Ok(())
}

/// Byte offsets in the source of offsets in the decoded text, given in order.
fn offsets(bytes: &[u8], decoded: &Decoded, wanted: &[usize]) -> Result<Vec<usize>> {
    let body = &bytes[decoded.mark..];
    let mut found = Vec::with_capacity(wanted.len());
    if decoded.encoding == Encoding::Utf8 && !decoded.damaged {
        found.extend(wanted.iter().map(|at| at + decoded.mark));
        return Ok(found);
    }
    let mut steps = Steps { body, at: 0, encoding: decoded.encoding };
    let mut text_at = 0;
    for ch in decoded.text.chars() {
        while found.len() < wanted.len() && wanted[found.len()] <= text_at {
            found.push(steps.at + decoded.mark);
        }
        steps.skip(ch);
        text_at += ch.len_utf8();
    }
    while found.len() < wanted.len() {
        found.push(steps.at + decoded.mark);
    }
    // Both must end together: else the damage was read otherwise than we walked over it.
    if steps.at != body.len() {
        return Err(Error::new(
            "原文件中有损坏的字节，无法确定修改的位置；请先修复原文件",
            "damaged bytes in the original make the place of the edits uncertain; repair the original first",
        ));
    }
    Ok(found)
}

/// A walk over the bytes, a decoded character at a time.
struct Steps<'b> {
    body: &'b [u8],
    at: usize,
    encoding: Encoding,
}

impl Steps<'_> {
    /// Steps over the bytes that were decoded as `ch`.
    fn skip(&mut self, ch: char) {
        let rest = &self.body[self.at.min(self.body.len())..];
        self.at += match self.encoding {
            Encoding::Utf8 => utf8(rest, ch),
            Encoding::Utf16Le | Encoding::Utf16Be => (2 * ch.len_utf16()).min(rest.len()),
            Encoding::Gb18030 => gb18030(rest, ch),
        };
    }
}

fn utf8(rest: &[u8], ch: char) -> usize {
    let mut buffer = [0; 4];
    if rest.starts_with(ch.encode_utf8(&mut buffer).as_bytes()) {
        return ch.len_utf8();
    }
    // A replaced sequence: the longest beginning of a character, as `from_utf8_lossy` counts it.
    let invalid =
        rest.utf8_chunks().next().map_or(0, |chunk| if chunk.valid().is_empty() { chunk.invalid().len() } else { 0 });
    invalid.max(1).min(rest.len())
}

/// The WHATWG decoder: after an error it goes on with the first byte that may begin a character.
fn gb18030(rest: &[u8], ch: char) -> usize {
    for length in [1, 2, 4] {
        let Some(unit) = rest.get(..length) else { break };
        let (text, damaged) = GB18030.decode_without_bom_handling(unit);
        if !damaged && text.chars().eq([ch]) {
            return length;
        }
    }
    match rest {
        [_, second, ..] if (0x80..=0xff).contains(second) && rest[0] > 0x80 && rest[0] < 0xff => 2,
        [] => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::text::decode::decode;

    fn check(bytes: &[u8], old: &str, new: &str, expected: &[u8]) {
        let decoded = decode(bytes).expect("text");
        let at = decoded.text.find(old).expect("the old text");
        let edit = Edit::new(at..at + old.len(), new);
        assert_eq!(splice(bytes, &decoded, &[edit]).expect("encodable"), expected);
    }

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn an_edit_in_gb18030_changes_its_bytes_only() {
        check(&gb("云岭县\t8.00\r\n㐂𠮷€\t9.00"), "9.00", "≥19.50", &gb("云岭县\t8.00\r\n㐂𠮷€\t≥19.50"));
        check(&gb("云岭县8.00"), "8.00", "𠀀", &gb("云岭县𠀀"));
    }

    #[test]
    fn damaged_bytes_survive() {
        let with = |damage: &[u8], number: &str| {
            let mut bytes = gb("云岭县林草服务局二〇二四年部门预算");
            bytes.extend_from_slice(damage);
            bytes.extend(gb("收入合计"));
            bytes.extend_from_slice(number.as_bytes());
            bytes
        };
        for damage in [b"\xff".as_slice(), b"\x81\x20", b"\x81\x30\x20", b"\x81\x30\x81\x20", b"\xfe\xff", b"\x81\x7f"]
        {
            check(&with(damage, "8.00"), "8.00", "9.50", &with(damage, "9.50"));
        }
        let utf = |damage: &[u8], number: &str| {
            [&"云岭县林草服务局部门预算".repeat(9).into_bytes(), damage, "合计".as_bytes(), number.as_bytes()].concat()
        };
        for damage in [b"\xff".as_slice(), b"\xe4\xb8", b"\xe4\xb8\xe4", b"\xf0\x9f\x98\x41"] {
            check(&utf(damage, "8.00"), "8.00", "9.50", &utf(damage, "9.50"));
        }
    }

    #[test]
    fn marks_and_surrogates_survive() {
        let wide = |text: &str| -> Vec<u8> {
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
        };
        check(&wide("𠮷\t8.00\r\n末"), "8.00", "𠀀", &wide("𠮷\t𠀀\r\n末"));
        check("\u{feff}甲8.00".as_bytes(), "8.00", "9", "\u{feff}甲9".as_bytes());
    }
}
