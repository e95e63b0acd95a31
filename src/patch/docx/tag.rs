//! Tags of a part found by name. Parts were read before: they are well-formed.

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    /// One past its `>`.
    pub end: usize,
    /// `<name/>`
    pub empty: bool,
}

/// The first start tag `<prefix:name …>` from `from` on.
pub(super) fn find(text: &str, prefix: &str, name: &str, from: usize) -> Option<Found> {
    let open = format!("<{prefix}{name}");
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find(&open)?;
        let after = start + open.len();
        match text.as_bytes().get(after)? {
            b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r' => {
                let end = end_of(text, after)?;
                return Some(Found { start, end, empty: text[..end].ends_with("/>") });
            }
            _ => at = after,
        }
    }
}

/// One past the `>` that ends a tag; attribute values may hold others.
fn end_of(text: &str, from: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Removes an attribute from every tag of a fragment.
pub(super) fn drop_attribute(text: &mut String, name: &str) {
    let begin = format!(" {name}=\"");
    while let Some(start) = text.find(&begin) {
        let value = start + begin.len();
        let Some(length) = text[value..].find('"') else { return };
        text.replace_range(start..value + length + 1, "");
    }
}

/// Removes every element of a name from a fragment, with its content.
pub(super) fn drop_element(text: &mut String, prefix: &str, name: &str) {
    while let Some(found) = find(text, prefix, name, 0) {
        let close = format!("</{prefix}{name}>");
        let end = match text[found.end..].find(&close) {
            Some(at) if !found.empty => found.end + at + close.len(),
            _ => found.end,
        };
        text.replace_range(found.start..end, "");
    }
}

/// Characters of a fragment outside tags.
pub(super) fn visible(text: &str, prefix: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    let close = format!("</{prefix}t>");
    while let Some(found) = find(text, prefix, "t", at) {
        at = found.end;
        if !found.empty
            && let Some(length) = text[at..].find(&close)
        {
            out.push_str(&text[at..at + length]);
            at += length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_by_name() {
        let text = r#"<w:tbl a=">"><w:t>甲</w:t><w:t xml:space="preserve"> 乙</w:t><w:t/></w:tbl>"#;
        let found = find(text, "w:", "t", 0).expect("a text");
        assert_eq!(&text[found.start..found.end], "<w:t>");
        assert_eq!(&text[find(text, "w:", "tbl", 0).expect("a table").start..][..11], r#"<w:tbl a=">"#);
        assert_eq!(visible(text, "w:"), "甲 乙");
        let mut copy = text.to_owned();
        drop_element(&mut copy, "w:", "t");
        drop_attribute(&mut copy, "a");
        assert_eq!(copy, "<w:tbl></w:tbl>");
    }
}
