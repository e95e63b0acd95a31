//! Texts that look like markup: printed so that cleaning gives them back.

use std::borrow::Cow;

use crate::layout::clean::{Context, clean};
use crate::recognise::is_rule_line;
use crate::text::Text;

/// Whether cleaning turns `printed` into `text`.
pub(super) fn cleans_to(printed: &str, text: &str, context: Context) -> bool {
    let mut cleaned = Text::from(printed);
    clean(&mut cleaned, context);
    cleaned.as_str() == text
}

/// The text, with character references where cleaning would take a part of it for markup.
pub(super) fn protect(text: &str, context: Context) -> Cow<'_, str> {
    if context == Context::Paragraph && is_rule_line(text) {
        return Cow::Owned(format!("&#{};{}", u32::from(text.as_bytes()[0]), &text[1..]));
    }
    let heading = context == Context::Paragraph && text.starts_with('#');
    let plain = !heading && (!text.contains(['<', '&', '[', '\\', '$', '*']) || cleans_to(text, text, context));
    if plain { Cow::Borrowed(text) } else { Cow::Owned(escape(text)) }
}

/// Marks that mean something to HTML, Markdown or cleaning, as character references.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '[' => out.push_str("&#91;"),
            '\\' => out.push_str("&#92;"),
            '#' if out.is_empty() => out.push_str("&#35;"),
            other => out.push(other),
        }
    }
    out
}
