//! Properties that come again: the cells of a column and the paragraphs of a table have the same ones,
//! byte for byte. What they come to is remembered, and their elements are passed over.

use foldhash::{HashMap, HashMapExt};

use crate::read::xml::{Tag, Xml};

/// Properties of one kind that are remembered; a document of an office has some dozens.
const MOST: usize = 512;

/// Elements of properties that do nothing but say how a cell or paragraph is placed and looks.
const PROPERTIES: &[&str] = &[
    "adjustRightInd",
    "autoSpaceDE",
    "autoSpaceDN",
    "b",
    "bCs",
    "between",
    "bottom",
    "color",
    "contextualSpacing",
    "end",
    "gridSpan",
    "hMerge",
    "hideMark",
    "i",
    "iCs",
    "ilvl",
    "ind",
    "insideH",
    "insideV",
    "jc",
    "keepLines",
    "keepNext",
    "kern",
    "kinsoku",
    "lang",
    "left",
    "noProof",
    "noWrap",
    "numId",
    "numPr",
    "outlineLvl",
    "overflowPunct",
    "pBdr",
    "pStyle",
    "pageBreakBefore",
    "rFonts",
    "rPr",
    "right",
    "shd",
    "snapToGrid",
    "spacing",
    "start",
    "suppressAutoHyphens",
    "suppressLineNumbers",
    "sz",
    "szCs",
    "tcBorders",
    "tcMar",
    "tcW",
    "textAlignment",
    "textDirection",
    "top",
    "topLinePunct",
    "u",
    "vAlign",
    "vMerge",
    "widowControl",
    "wordWrap",
];

/// Properties by the bytes that say them.
pub(super) struct Again<'a, P> {
    known: HashMap<&'a str, P>,
    /// Those that are being read for the first time, and where they end.
    fresh: Option<(&'a str, usize)>,
    /// The state of the namespaces in which all this was read.
    bindings: u64,
}

impl<P> Default for Again<'_, P> {
    fn default() -> Self {
        Again { known: HashMap::new(), fresh: None, bindings: 0 }
    }
}

impl<'a, P: Copy> Again<'a, P> {
    /// What the properties of a start tag just read came to before; they are passed over, up to their end tag.
    pub fn recall(&mut self, xml: &mut Xml<'a>, tag: &Tag<'a>) -> Option<P> {
        self.fresh = None;
        let content = xml.short_content(tag)?;
        if self.bindings != xml.bindings() {
            self.known.clear();
            self.bindings = xml.bindings();
        }
        if let Some(properties) = self.known.get(content) {
            xml.jump_over(content);
            return Some(*properties);
        }
        if self.known.len() < MOST && are_properties(content, tag.prefix(xml.source())) {
            self.fresh = Some((content, xml.end + content.len()));
        }
        None
    }

    /// Remembers what properties come to, at the end tag just read.
    pub fn learn(&mut self, xml: &Xml<'a>, properties: P) {
        if let Some((content, end)) = self.fresh
            && end == xml.start
            && self.bindings == xml.bindings()
        {
            self.known.insert(content, properties);
            self.fresh = None;
        }
    }
}

/// Whether there is nothing but elements that are properties, and no text.
fn are_properties(content: &str, prefix: &str) -> bool {
    let mut rest = content;
    while let Some(tag) = rest.strip_prefix('<') {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let Some(local) = tag.strip_prefix(prefix) else { return false };
        let end = local.find(|ch: char| !ch.is_ascii_alphanumeric()).unwrap_or(local.len());
        let Some(close) = local.find('>') else { return false };
        if !PROPERTIES.contains(&&local[..end]) {
            return false;
        }
        rest = local[close + 1..].trim_ascii_start();
    }
    rest.is_empty()
}
