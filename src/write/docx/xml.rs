//! Pieces of WordprocessingML.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// The XML of the document, in memory: writing to it cannot fail.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    pub fn new() -> Xml {
        Xml { writer: Writer::new(Vec::new()) }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner()
    }

    fn write(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("a Vec takes every byte");
    }

    /// `<name …>`
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.write(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    /// `<name …/>`
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.write(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    /// `<name w:val="…"/>`
    pub fn value(&mut self, name: &str, value: &str) {
        self.empty(name, &[("w:val", value)]);
    }

    /// `</name>`
    pub fn close(&mut self, name: &str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// XML as it stands.
    pub fn raw(&mut self, xml: &str) {
        self.writer.get_mut().extend_from_slice(xml.as_bytes());
    }

    /// A run with properties: its text with line breaks and tabs as elements. Characters that XML does not allow are
    /// written as character references in the text, which cleaning reads.
    pub fn run(&mut self, text: &str, properties: &str) {
        if text.is_empty() {
            return;
        }
        self.open("w:r", &[]);
        if !properties.is_empty() {
            self.open("w:rPr", &[]);
            self.raw(properties);
            self.close("w:rPr");
        }
        let mut start = 0;
        for (at, ch) in text.char_indices() {
            let allowed = !ch.is_control() || ch == '\u{7f}' || ('\u{80}'..='\u{9f}').contains(&ch);
            if allowed && !matches!(ch, '\u{fffe}' | '\u{ffff}') {
                continue;
            }
            self.text(&text[start..at]);
            start = at + ch.len_utf8();
            match ch {
                '\n' => self.empty("w:br", &[]),
                '\t' => self.empty("w:tab", &[]),
                other => self.text(&format!("&#{};", other as u32)),
            }
        }
        self.text(&text[start..]);
        self.close("w:r");
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.open("w:t", &[("xml:space", "preserve")]);
        self.write(Event::Text(BytesText::new(text)));
        self.close("w:t");
    }
}
