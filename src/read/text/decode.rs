//! Bytes to text: UTF-8 with and without BOM, UTF-16 either way, GB18030 (and so GBK, GB2312).

use encoding_rs::{Encoding as Codec, GB18030, UTF_16BE, UTF_16LE};

use crate::error::{Error, Result};

/// How a text source is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// GB18030 (GBK and GB2312 are parts of it).
    Gb18030,
}

impl Encoding {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Gb18030 => "GB18030",
        }
    }

    fn codec(self) -> Option<&'static Codec> {
        match self {
            Encoding::Utf8 => None,
            Encoding::Utf16Le => Some(UTF_16LE),
            Encoding::Utf16Be => Some(UTF_16BE),
            Encoding::Gb18030 => Some(GB18030),
        }
    }
}

/// A decoded text.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// How it was encoded.
    pub encoding: Encoding,
    /// Bytes of the byte order mark before it.
    pub mark: usize,
    /// Some bytes could not be decoded.
    pub damaged: bool,
}

/// Decodes a text.
///
/// # Errors
/// When the bytes hold NULs after decoding: no text file does.
pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    let (encoding, mark) = detect(bytes);
    let body = &bytes[mark..];
    let (text, damaged) = match encoding.codec() {
        None => match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (String::from_utf8_lossy(body).into_owned(), true),
        },
        Some(codec) => {
            let (text, damaged) = codec.decode_without_bom_handling(body);
            (text.into_owned(), damaged)
        }
    };
    if text.contains('\0') {
        return Err(Error::new(
            "不是文本文件（含有二进制内容）；请提供 txt、docx 或 xlsx",
            "not a text file (binary content); give txt, docx or xlsx",
        ));
    }
    Ok(Decoded { text, encoding, mark, damaged })
}

/// The encoding and the length of the byte order mark.
fn detect(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => return (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => return (Encoding::Utf16Be, 2),
        _ => {}
    }
    // UTF-16 is no UTF-8 but where all of it is ASCII.
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0') || !text.is_ascii()) {
        return (Encoding::Utf8, 0);
    }
    // Without a mark, UTF-16 shows by the NULs beside line breaks, digits and tabs.
    let pairs = bytes.len() / 2;
    let nul_high = bytes.chunks_exact(2).filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let nul_low = bytes.chunks_exact(2).filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    if pairs > 0 && nul_high * 50 > pairs && nul_low * 10 < nul_high {
        return (Encoding::Utf16Le, 0);
    }
    if pairs > 0 && nul_low * 50 > pairs && nul_high * 10 < nul_low {
        return (Encoding::Utf16Be, 0);
    }
    // A mostly valid UTF-8 text with a few broken bytes stays UTF-8: GB18030 would garble all of it.
    let broken = String::from_utf8_lossy(bytes).matches('\u{fffd}').count();
    let (_, gb_damaged) = GB18030.decode_without_bom_handling(bytes);
    if gb_damaged && broken * 20 < bytes.len().max(1) {
        return (Encoding::Utf8, 0);
    }
    (Encoding::Gb18030, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "云岭县林草服务局\t2024年\r\n一、收入1,234.50万元\n";

    fn encoded(codec: &'static Codec) -> Vec<u8> {
        codec.encode(TEXT).0.into_owned()
    }

    fn utf16(big: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(TEXT.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn a_nul_in_a_text_makes_no_other_encoding_of_it() {
        for text in ["甲\0乙\n".to_owned(), format!("{}\0", TEXT.repeat(3))] {
            let error = decode(text.as_bytes()).expect_err("binary content");
            assert!(error.en.contains("not a text file"), "{}", error.en);
        }
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let with_mark = [b"\xef\xbb\xbf".as_slice(), TEXT.as_bytes()].concat();
        let cases = [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (with_mark, Encoding::Utf8),
            (encoded(GB18030), Encoding::Gb18030),
            (utf16(false, true), Encoding::Utf16Le),
            (utf16(true, true), Encoding::Utf16Be),
            (utf16(false, false), Encoding::Utf16Le),
            (utf16(true, false), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in cases {
            let decoded = decode(&bytes).expect("text");
            assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.damaged), (TEXT, encoding, false));
        }
    }

    #[test]
    fn one_broken_byte_does_not_make_utf_8_gbk() {
        let mut bytes = TEXT.repeat(20).into_bytes();
        bytes.insert(24, 0xff);
        let decoded = decode(&bytes).expect("text");
        assert!(decoded.damaged && decoded.text.contains("林草"));
    }
}
