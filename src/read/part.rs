//! The text of package parts, whatever their encoding.

use crate::error::{Error, Result};

/// The text of a part.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The part as UTF-8.
    pub text: String,
    /// The encoding the part is stored in when that is not UTF-8. Byte ranges then count the bytes
    /// of `text`, not those of the package: a patch must encode the whole part anew.
    pub transcoded: Option<&'static str>,
}

impl Part {
    /// Decodes the bytes of a part: UTF-8, or UTF-16 as OPC allows, or what its declaration names.
    ///
    /// # Errors
    /// When the bytes are no text of that encoding.
    pub fn decode(bytes: Vec<u8>) -> Result<Part> {
        let utf16 = match bytes.get(..4) {
            Some([0xff, 0xfe, ..] | [b'<', 0, _, 0]) => Some(encoding_rs::UTF_16LE),
            Some([0xfe, 0xff, ..] | [0, b'<', 0, _]) => Some(encoding_rs::UTF_16BE),
            _ => None,
        };
        if let Some(encoding) = utf16 {
            return transcode(&bytes, encoding);
        }
        String::from_utf8(bytes).map(|text| Part { text, transcoded: None }).or_else(|error| {
            let bytes = error.into_bytes();
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
            let label = head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
            match label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes())) {
                Some(encoding) if encoding != encoding_rs::UTF_8 => transcode(&bytes, encoding),
                _ => Err(broken("不是 UTF-8 文本", "is not valid UTF-8")),
            }
        })
    }
}

fn transcode(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Result<Part> {
    let (text, _, lossy) = encoding.decode(bytes);
    if lossy {
        return Err(broken("文字编码有误", "has bytes that its encoding does not allow"));
    }
    Ok(Part { text: text.into_owned(), transcoded: Some(encoding.name()) })
}

/// An error about a damaged part.
pub fn broken(zh: &str, en: &str) -> Error {
    Error::new(format!("文件内容损坏（{zh}）"), format!("damaged part: it {en}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_parts_are_transcoded_and_say_so() {
        let bytes = "\u{feff}<a>预算</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let part = Part::decode(bytes).unwrap();
        assert_eq!((part.text.as_str(), part.transcoded), ("<a>预算</a>", Some("UTF-16LE")));
    }
}
