//! The texts of a workbook, each once (ECMA-376 part 1, 18.4).

use std::borrow::Cow;

use foldhash::HashMap;

use super::xml::{self, DECLARATION};

/// The shared strings.
#[derive(Default)]
pub(super) struct Strings<'f> {
    numbers: HashMap<Cow<'f, str>, u32>,
    /// How often they are used.
    used: usize,
    items: String,
}

impl<'f> Strings<'f> {
    /// The number of a text of the filing.
    pub fn lent(&mut self, text: &'f str) -> u32 {
        self.number(text, || Cow::Borrowed(text))
    }

    /// The number of a text of our own.
    pub fn copied(&mut self, text: &str) -> u32 {
        self.number(text, || Cow::Owned(text.to_owned()))
    }

    fn number(&mut self, text: &str, keep: impl FnOnce() -> Cow<'f, str>) -> u32 {
        self.used += 1;
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(keep(), number);
        self.items.push_str(if xml::is_padded(text) { "<si><t xml:space=\"preserve\">" } else { "<si><t>" });
        xml::cell_text(&mut self.items, text);
        self.items.push_str("</t></si>");
        number
    }

    /// The part; `None` where there is no text.
    pub fn part(self) -> Option<String> {
        if self.used == 0 {
            return None;
        }
        let mut part = String::with_capacity(self.items.len() + 256);
        part.push_str(DECLARATION);
        let (used, unique) = (self.used, self.numbers.len());
        xml::put(
            &mut part,
            format_args!(
                r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="{used}" uniqueCount="{unique}">"#
            ),
        );
        part.push_str(&self.items);
        part.push_str("</sst>");
        Some(part)
    }
}
