//! The XML of package parts, token by token: namespaces by URI, byte ranges, no document types,
//! bounded depth. A thin layer over quick-xml that both office readers share.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::part::broken;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// An attribute takes at least this many bytes: ` a=""`.
const SHORTEST_ATTRIBUTE: usize = 5;

/// Elements longer than this are read token by token.
const LONGEST_JUMP: usize = 1 << 16;

/// Longest content that is short, in bytes.
const SHORT: usize = 1 << 10;

/// Namespaces of a start tag that are kept apart; more declarations than this are no office file.
const DECLARATIONS: usize = 256;

/// Declarations that hold at a time; documents have some dozens, all in their root.
const OPEN_DECLARATIONS: usize = 1_024;

macro_rules! namespaces {
    ($($(#[$doc:meta])* $name:ident = $($uri:literal)|*;)*) => {
        /// The namespaces that readers tell apart; transitional and strict ones are the same.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Ns {
            $($(#[$doc])* $name,)*
            /// Another namespace of an office suite.
            Office,
            /// A namespace nobody here knows, or none.
            Unknown,
        }

        fn namespace(uri: &str) -> Ns {
            match uri {
                $($($uri)|* => Ns::$name,)*
                _ if ["http://schemas.microsoft.com/", "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/",
                    "http://www.wps.cn/", "http://schemas.wps.cn/", "http://kso.cn/", "urn:schemas-microsoft-com:"]
                    .iter().any(|known| uri.starts_with(known)) => Ns::Office,
                _ => Ns::Unknown,
            }
        }
    };
}

namespaces! {
    /// WordprocessingML.
    Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main" | "http://purl.oclc.org/ooxml/wordprocessingml/main";
    /// SpreadsheetML.
    Sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main" | "http://purl.oclc.org/ooxml/spreadsheetml/main";
    /// Markup compatibility.
    Compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006";
    /// Relationship ids.
    Relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships" | "http://purl.oclc.org/ooxml/officeDocument/relationships";
    /// Mathematics.
    Math = "http://schemas.openxmlformats.org/officeDocument/2006/math" | "http://purl.oclc.org/ooxml/officeDocument/math";
    /// Drawings.
    Drawing = "http://schemas.openxmlformats.org/drawingml/2006/main" | "http://purl.oclc.org/ooxml/drawingml/main";
    /// Charts in drawings.
    Chart = "http://schemas.openxmlformats.org/drawingml/2006/chart" | "http://purl.oclc.org/ooxml/drawingml/chart";
    /// Diagrams (SmartArt) in drawings.
    Diagram = "http://schemas.openxmlformats.org/drawingml/2006/diagram" | "http://purl.oclc.org/ooxml/drawingml/diagram";
    /// Vector drawings of older Office.
    Vml = "urn:schemas-microsoft-com:vml";
    /// Office's additions to vector drawings, embedded objects among them.
    VmlOffice = "urn:schemas-microsoft-com:office:office";
    /// Relationship parts.
    Relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
    /// The list of content types.
    ContentTypes = "http://schemas.openxmlformats.org/package/2006/content-types";
    /// `xml:space` and its like.
    Xml = "http://www.w3.org/XML/1998/namespace";
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// Namespace of the element.
    pub ns: Ns,
    /// Name without prefix.
    pub name: &'a str,
    /// The attributes as written.
    attributes: &'a str,
    /// Length of the name with its prefix.
    qualified: usize,
    /// `<name/>`: no [`Token::Close`] follows.
    pub empty: bool,
    /// First byte of the tag in the part.
    pub start: usize,
}

impl<'a> Tag<'a> {
    /// The prefix of its name, with the colon.
    pub fn prefix(&self, source: &'a str) -> &'a str {
        &source[self.start + 1..self.start + 1 + self.qualified - self.name.len()]
    }
}

/// What [`Xml::next`] yields. Comments, declarations and processing instructions are passed over.
#[derive(Clone, Copy, Debug)]
pub enum Token<'a> {
    /// A start tag, or an empty element.
    Open(Tag<'a>),
    /// The end tag of the innermost open element.
    Close,
    /// Characters as they stand in the part; the range is [`Xml::start`]..[`Xml::end`].
    Text(&'a str),
    /// One character written as an entity or character reference, or a CDATA section.
    Reference(char),
    /// The characters of a CDATA section.
    Data(&'a str),
    /// The end of the part.
    End,
}

/// A part being read.
pub struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    base: usize,
    /// First byte of the last token.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    depth: usize,
    empty_open: bool,
    /// Elements may nest this deep; a reader that keeps its own account of some may raise it.
    pub depth_limit: usize,
    attribute_limit: usize,
    /// Counts what was declared, and what held no more.
    bindings: u64,
    /// Declarations that hold here, innermost last.
    declared: Vec<Declared<'a>>,
    /// Which of them says what a prefix means.
    meanings: HashMap<&'a str, usize>,
    /// The namespace of the last prefix looked up, which is nearly always that of the next.
    last: Option<(&'a str, Ns)>,
}

/// A prefix that is bound to a namespace.
struct Declared<'a> {
    prefix: &'a str,
    ns: Ns,
    /// Depth of the element that declares it.
    depth: usize,
    /// The declaration of the same prefix that holds again after that element.
    hides: Option<usize>,
}

impl<'a> Xml<'a> {
    /// Starts reading.
    pub fn new(text: &'a str, limits: &Limits) -> Xml<'a> {
        // All of them: quick-xml passes over one of its own accord and counts no byte for it.
        let base = text.len() - text.trim_start_matches('\u{feff}').len();
        let mut xml = Xml {
            reader: Reader::from_str(&text[base..]),
            text,
            base,
            start: base,
            end: base,
            depth: 0,
            empty_open: false,
            depth_limit: limits.xml_depth,
            attribute_limit: limits.attributes,
            bindings: 0,
            declared: Vec::new(),
            meanings: HashMap::new(),
            last: None,
        };
        xml.bind("xml", Ns::Xml, 0);
        xml
    }

    /// The next token.
    ///
    /// # Errors
    /// When the part is no well-formed XML, has a document type (OPC forbids them: ISO/IEC 29500-2,
    /// 8.1.4) or nests deeper than the limit.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Token<'a>> {
        if std::mem::take(&mut self.empty_open) {
            self.forget(self.depth + 1);
        }
        loop {
            self.start = self.end;
            let event = self.reader.read_event().map_err(|error| self.damaged(&error))?;
            self.end = self.base + self.reader.buffer_position() as usize;
            return Ok(match event {
                Event::Start(start) => {
                    let tag = self.open(start.name().as_ref().len(), false)?;
                    self.depth += 1;
                    if self.depth > self.depth_limit {
                        return Err(broken("元素嵌套过深", "nests elements too deeply"));
                    }
                    Token::Open(tag)
                }
                Event::Empty(start) => {
                    // What it declares holds for its own attributes, until the next token.
                    self.empty_open = true;
                    Token::Open(self.open(start.name().as_ref().len(), true)?)
                }
                Event::End(_) => {
                    self.forget(self.depth);
                    self.depth -= 1;
                    Token::Close
                }
                Event::Text(_) => Token::Text(&self.text[self.start..self.end]),
                Event::CData(_) => Token::Data(&self.text[self.start + 9..self.end - 3]),
                Event::GeneralRef(_) => Token::Reference(self.referenced()?),
                Event::DocType(_) => return Err(broken("含有 DOCTYPE", "has a document type, which is forbidden")),
                Event::Eof if self.depth > 0 => return Err(broken("不完整，后半部分缺失", "ends in the middle")),
                Event::Eof => Token::End,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            });
        }
    }

    /// Passes over what is left of the element whose start tag came last (not an empty one).
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub fn skip(&mut self) -> Result<()> {
        let outside = self.depth - 1;
        while self.depth > outside {
            if let Token::End = self.next()? {
                break;
            }
        }
        Ok(())
    }

    /// Goes to the end tag of the element whose start tag came last, which the next token then is,
    /// unless something on the way matters: most of a document is the look of its runs, and
    /// finding `<` is several times faster than making tokens. `matters` is given each start tag
    /// inside from its local name on. `false` when nothing was passed over.
    pub fn jump_to_close(&mut self, tag: &Tag<'a>, matters: impl Fn(&[u8]) -> bool) -> bool {
        let bytes = self.text.as_bytes();
        let name = &bytes[tag.start + 1..tag.start + 1 + tag.qualified];
        let prefix = &name[..name.len() - tag.name.len()];
        let rest = &bytes[self.end..bytes.len().min(self.end + LONGEST_JUMP)];
        for at in memchr::memchr_iter(b'<', rest) {
            let inside = &rest[at + 1..];
            match inside.first() {
                Some(b'/') => {
                    if ends_element(inside, name) {
                        self.advance(at);
                        return true;
                    }
                }
                None | Some(b'!' | b'?') => return false,
                Some(_) => match inside.strip_prefix(prefix) {
                    Some(local) if local.starts_with(tag.name.as_bytes()) || matters(local) => return false,
                    Some(_) => {}
                    // Word's later additions to properties; what else stands there is unheard of.
                    None if inside.starts_with(b"w14:") || inside.starts_with(b"w15:") => {}
                    None => return false,
                },
            }
        }
        false
    }

    /// What stands between a start tag, which came last, and the first end tag of its name; `None` where
    /// that is not short.
    pub fn short_content(&self, tag: &Tag<'a>) -> Option<&'a str> {
        if tag.empty {
            return None;
        }
        let bytes = self.text.as_bytes();
        let name = &bytes[tag.start + 1..tag.start + 1 + tag.qualified];
        let rest = &bytes[self.end..bytes.len().min(self.end + SHORT)];
        let at = memchr::memchr_iter(b'<', rest).find(|at| ends_element(&rest[at + 1..], name))?;
        Some(&self.text[self.end..self.end + at])
    }

    /// Passes over what comes next, which holds whole elements.
    pub fn jump_over(&mut self, content: &str) {
        self.advance(content.len());
    }

    fn advance(&mut self, bytes: usize) {
        std::io::BufRead::consume(&mut self.reader.stream(), bytes);
        self.end += bytes;
    }

    /// Changes wherever a prefix may come to mean another namespace.
    pub fn bindings(&self) -> u64 {
        self.bindings
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The bytes of the part.
    pub fn source(&self) -> &'a str {
        self.text
    }

    /// The value of an attribute, by local name; its prefix must be that of the element's
    /// vocabulary, or absent.
    pub fn attribute(&mut self, tag: &Tag<'a>, name: &str) -> Option<Cow<'a, str>> {
        self.attribute_of(tag, tag.ns, name)
    }

    /// The value of an attribute of a namespace; one without prefix counts as the element's.
    pub fn attribute_of(&mut self, tag: &Tag<'a>, ns: Ns, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = tag.attributes;
        while let Some((key, value, after)) = next_attribute(rest) {
            rest = after;
            let Some(before) = key.strip_suffix(name) else { continue };
            let matches = match before.strip_suffix(':') {
                Some(prefix) => self.resolve(prefix) == ns,
                None => before.is_empty() && ns == tag.ns,
            };
            if matches {
                return unescaped(value);
            }
        }
        None
    }

    /// The attributes without prefix as written, for elements that stand by the million: one pass,
    /// nothing resolved, references not replaced.
    pub fn plain_attributes(&self, tag: &Tag<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = tag.attributes;
        std::iter::from_fn(move || {
            let (key, value, after) = next_attribute(rest)?;
            rest = after;
            Some((key, value))
        })
    }

    /// Whether every prefix of a blank-separated list (`mc:Choice/@Requires`) is bound to a
    /// vocabulary of an office suite.
    pub fn understands(&mut self, prefixes: &str) -> bool {
        prefixes.split_ascii_whitespace().all(|prefix| self.meaning(prefix) != Ns::Unknown)
    }

    /// The start tag from `start` to `end`, whose name has `length` bytes.
    fn open(&mut self, length: usize, empty: bool) -> Result<Tag<'a>> {
        let content = &self.text[self.start + 1..self.end - if empty { 2 } else { 1 }];
        let (qualified, attributes) = content.split_at(length);
        if declares(attributes) || attributes.len() > self.attribute_limit * SHORTEST_ATTRIBUTE {
            self.declare(attributes)?;
        }
        let colon = qualified.bytes().position(|byte| byte == b':');
        let (prefix, name) = colon.map_or(("", qualified), |at| (&qualified[..at], &qualified[at + 1..]));
        Ok(Tag { ns: self.resolve(prefix), name, attributes, qualified: length, empty, start: self.start })
    }

    /// Takes in the namespaces that a tag declares, and counts its attributes.
    fn declare(&mut self, attributes: &'a str) -> Result<()> {
        let (mut count, mut declarations, mut rest) = (0, 0, attributes);
        while let Some((key, value, after)) = next_attribute(rest) {
            rest = after;
            count += 1;
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(prefix) if prefix.starts_with(':') => &prefix[1..],
                _ => continue,
            };
            declarations += 1;
            if declarations > DECLARATIONS {
                return Err(too_many_attributes());
            }
            let ns = namespace(unescaped(value).as_deref().unwrap_or_default().trim());
            if self.declared.len() >= OPEN_DECLARATIONS {
                return Err(broken("命名空间声明过多", "declares too many namespaces"));
            }
            self.bind(prefix, ns, self.depth + 1);
        }
        if count > self.attribute_limit {
            return Err(too_many_attributes());
        }
        Ok(())
    }

    fn bind(&mut self, prefix: &'a str, ns: Ns, depth: usize) {
        let hides = self.meanings.insert(prefix, self.declared.len());
        self.declared.push(Declared { prefix, ns, depth, hides });
        self.bindings += 1;
        self.last = None;
    }

    fn forget(&mut self, depth: usize) {
        while let Some(declared) = self.declared.pop_if(|declared| declared.depth >= depth && declared.depth > 0) {
            match declared.hides {
                Some(outer) => self.meanings.insert(declared.prefix, outer),
                None => self.meanings.remove(declared.prefix),
            };
            self.bindings += 1;
            self.last = None;
        }
    }

    fn meaning(&self, prefix: &str) -> Ns {
        self.meanings.get(prefix).and_then(|index| self.declared.get(*index)).map_or(Ns::Unknown, |found| found.ns)
    }

    fn resolve(&mut self, prefix: &'a str) -> Ns {
        if let Some((last, ns)) = self.last
            && last == prefix
        {
            return ns;
        }
        let ns = self.meaning(prefix);
        self.last = Some((prefix, ns));
        ns
    }

    /// The character that `&…;` stands for.
    fn referenced(&self) -> Result<char> {
        let name = &self.text[self.start + 1..self.end - 1];
        let code = match name.as_bytes() {
            b"lt" => return Ok('<'),
            b"gt" => return Ok('>'),
            b"amp" => return Ok('&'),
            b"quot" => return Ok('"'),
            b"apos" => return Ok('\''),
            [b'#', b'x' | b'X', ..] => u32::from_str_radix(&name[2..], 16).ok(),
            [b'#', ..] => name[1..].parse().ok(),
            _ => None,
        };
        match code.and_then(char::from_u32) {
            Some(ch @ ('\t' | '\n' | '\r')) => Ok(ch),
            // XML 1.0 has no such characters, and no writer after us could print them.
            Some(ch) if ch.is_control() && ch < ' ' => Ok('\u{fffd}'),
            Some('\u{fffe}' | '\u{ffff}') => Ok('\u{fffd}'),
            Some(ch) => Ok(ch),
            None => Err(broken("引用了未定义的实体", "refers to an entity that is not defined")),
        }
    }

    fn damaged(&self, error: &quick_xml::Error) -> Error {
        let at = self.base as u64 + self.reader.error_position();
        Error::new(
            format!("文件内容损坏（XML 在第 {at} 字节处有误）"),
            format!("damaged part: malformed XML at byte {at}: {error}"),
        )
    }
}

fn too_many_attributes() -> Error {
    broken("属性过多", "has an element with too many attributes")
}

/// Whether what follows `<` is the end tag of a name.
fn ends_element(inside: &[u8], name: &[u8]) -> bool {
    inside.strip_prefix(b"/").and_then(|end| end.strip_prefix(name)).is_some_and(|after| after.starts_with(b">"))
}

/// The first attribute of what is left of a tag: key, value as written, what follows. `None` at
/// the end, and where the tag is malformed.
fn next_attribute(rest: &str) -> Option<(&str, &str, &str)> {
    let bytes = rest.as_bytes();
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let equals = start + bytes[start..].iter().position(|byte| *byte == b'=')?;
    let quote = equals + 1 + bytes[equals + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    if !matches!(bytes[quote], b'"' | b'\'') {
        return None;
    }
    let close = quote + 1 + memchr::memchr(bytes[quote], &bytes[quote + 1..])?;
    Some((rest[start..equals].trim_ascii_end(), &rest[quote + 1..close], &rest[close + 1..]))
}

/// Whether the attributes of a tag may declare a namespace; few do, so this is quick.
fn declares(attributes: &str) -> bool {
    let mut rest = attributes.as_bytes();
    while let Some(at) = memchr::memchr(b'x', rest) {
        rest = &rest[at..];
        if rest.starts_with(b"xmlns") {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// The value of an attribute with its references resolved; `None` when one is not defined.
fn unescaped(value: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'&', value.as_bytes()).is_none() {
        return Some(Cow::Borrowed(value));
    }
    quick_xml::escape::unescape(value).ok()
}

/// Reads an on/off property (ST_OnOff): present without value is on.
pub fn is_on(value: Option<Cow<'_, str>>) -> bool {
    !matches!(value.as_deref(), Some("0" | "false" | "off" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    fn tokens(text: &str) -> Result<Vec<String>> {
        let limits = Limits::default();
        let mut xml = Xml::new(text, &limits);
        let mut seen = Vec::new();
        loop {
            let token = xml.next()?;
            seen.push(match token {
                Token::Open(tag) => format!("{:?}:{}", tag.ns, tag.name),
                Token::Close => "/".to_owned(),
                Token::Text(text) | Token::Data(text) => format!("{text} {}-{}", xml.start, xml.end),
                Token::Reference(ch) => format!("&{ch} {}-{}", xml.start, xml.end),
                Token::End => return Ok(seen),
            });
        }
    }

    #[test]
    fn prefixes_mean_what_they_are_bound_to() {
        let text = format!(r#"<x:a xmlns:x="{WORD}"><b xmlns="{WORD}"/><b/><x:c xmlns:x="urn:no"/><x:d/></x:a>"#);
        assert_eq!(tokens(&text).unwrap(), ["Word:a", "Word:b", "Unknown:b", "Unknown:c", "Word:d", "/"]);
    }

    #[test]
    fn ranges_count_the_bytes_of_the_part_with_its_byte_order_mark() {
        let text = "\u{feff}<a>预<!-- --><![CDATA[<]]>&lt;&#x7b97;</a>";
        assert_eq!(tokens(text).unwrap(), ["Unknown:a", "预 6-9", "< 17-30", "&< 30-34", "&算 34-42", "/"]);
    }

    #[test]
    fn a_second_byte_order_mark_shifts_no_range() {
        assert_eq!(tokens("\u{feff}\u{feff}\u{feff}<a>预</a>").unwrap(), ["Unknown:a", "预 12-15", "/"]);
    }

    #[test]
    fn a_prefix_declared_twice_means_what_the_inner_element_says() {
        let text = format!(
            r#"<x:a xmlns:x="{WORD}"><x:b xmlns:x="urn:no" xmlns:x="{WORD}"><x:c xmlns:x="urn:no"/><x:d/></x:b><x:e/></x:a>"#
        );
        assert_eq!(tokens(&text).unwrap(), ["Word:a", "Word:b", "Unknown:c", "Word:d", "/", "Word:e", "/"]);
    }

    #[test]
    fn hostile_parts_are_refused() {
        for text in [
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<a>&b;</a>",
            "<a><b></a>",
            "<a><b>",
            "<a",
            "</a>",
            &"<a>".repeat(100_000),
            &format!("<a {}/>", "b='' ".repeat(2_000)),
            &format!("<a {}/>", (0..300).map(|n| format!("xmlns:n{n}='' ")).collect::<String>()),
            &(0..1_100).map(|n| format!("<a xmlns:n{n}=''>")).collect::<String>(),
        ] {
            assert!(tokens(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }
}
