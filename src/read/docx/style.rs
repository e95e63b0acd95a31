//! Paragraph and character styles (`word/styles.xml`): what of them changes how a text is read.

use foldhash::HashMap;

use crate::error::Result;
use crate::limits::Limits;
use crate::read::xml::{Ns, Tag, Token, Xml, is_on};

/// Styles based on styles based on … no longer than this; a longer chain is a loop.
const CHAIN: usize = 64;

/// Number of a style, an index into its [`Styles`].
pub type StyleIndex = u16;

/// What a style says after everything it is based on has been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Outline level, 1 is the highest.
    pub outline: Option<u8>,
    /// Numbering instance; the level, where the style names one.
    pub numbering: Option<(u32, Option<u8>)>,
    /// Its text is hidden.
    pub hidden: bool,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub struct Styles {
    index: HashMap<String, StyleIndex>,
    styles: Vec<Style>,
    ids: Vec<String>,
    /// The paragraph style of paragraphs that name none.
    pub default: Option<StyleIndex>,
    /// Some style hides text.
    pub any_hidden: bool,
}

#[derive(Debug, Default)]
struct Written {
    based_on: Option<String>,
    name: String,
    paragraph: bool,
    /// `Some(None)`: the style says body text.
    outline: Option<Option<u8>>,
    number: Option<u32>,
    level: Option<u8>,
    hidden: Option<bool>,
}

impl Styles {
    /// Reads the styles part.
    ///
    /// # Errors
    /// When the part is damaged.
    pub fn read(text: &str, limits: &Limits) -> Result<Styles> {
        let mut xml = Xml::new(text, limits);
        let mut styles = Styles::default();
        let mut written: Vec<Written> = Vec::new();
        let mut inside_style = 0;
        loop {
            match xml.next()? {
                Token::Open(tag) if tag.ns != Ns::Word => {}
                Token::Open(tag) if tag.name == "style" => {
                    let kind = xml.attribute(&tag, "type");
                    let style = Written {
                        paragraph: kind.as_deref().is_none_or(|kind| kind == "paragraph"),
                        ..Written::default()
                    };
                    let Ok(index) = StyleIndex::try_from(written.len()) else { break };
                    if style.paragraph && xml.attribute(&tag, "default").is_some_and(|value| is_on(Some(value))) {
                        styles.default = Some(index);
                    }
                    if let Some(id) = xml.attribute(&tag, "styleId") {
                        styles.ids.resize(written.len(), String::new());
                        styles.ids.push(id.clone().into_owned());
                        styles.index.insert(id.into_owned(), index);
                    }
                    written.push(style);
                    inside_style = if tag.empty { 0 } else { xml.depth() };
                }
                // Formats of table regions and what the style said before a tracked change.
                Token::Open(tag) if matches!(tag.name, "tblStylePr" | "pPrChange" | "rPrChange") && !tag.empty => {
                    xml.skip()?;
                }
                Token::Open(tag) if inside_style > 0 => {
                    if let Some(style) = written.last_mut() {
                        read_property(&mut xml, &tag, style);
                    }
                }
                Token::Close if xml.depth() < inside_style => inside_style = 0,
                Token::End => break,
                _ => {}
            }
        }
        styles.styles = (0..written.len()).map(|index| styles.settle(&written, index)).collect();
        styles.any_hidden = styles.styles.iter().any(|style| style.hidden);
        Ok(styles)
    }

    /// A style by its id.
    pub fn find(&self, id: &str) -> Option<StyleIndex> {
        self.index.get(id).copied()
    }

    /// The id of a style.
    pub fn id(&self, index: StyleIndex) -> &str {
        self.ids.get(usize::from(index)).map_or("", String::as_str)
    }

    /// What a style says; nothing for none.
    pub fn get(&self, index: Option<StyleIndex>) -> Style {
        index.and_then(|index| self.styles.get(usize::from(index))).copied().unwrap_or_default()
    }

    /// Looks at a style and those it is based on: the nearest that says a thing is right.
    fn settle(&self, written: &[Written], index: usize) -> Style {
        let (mut outline, mut number, mut level, mut hidden) = (None, None, None, None);
        let mut next = written.get(index);
        for _ in 0..CHAIN {
            let Some(style) = next else { break };
            outline = outline.or(style.outline).or_else(|| heading_level(&style.name).map(Some));
            if number.is_none() {
                level = level.or(style.level);
                number = style.number;
            }
            hidden = hidden.or(style.hidden);
            next = style.based_on.as_ref().and_then(|id| written.get(usize::from(*self.index.get(id)?)));
        }
        let paragraph = written[index].paragraph;
        Style {
            outline: outline.flatten().filter(|_| paragraph),
            numbering: number.map(|number| (number, level)),
            hidden: hidden.unwrap_or(false),
        }
    }
}

fn read_property<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, style: &mut Written) {
    match tag.name {
        "name" => style.name = xml.attribute(tag, "val").unwrap_or_default().into_owned(),
        "basedOn" => style.based_on = xml.attribute(tag, "val").map(|id| id.into_owned()),
        "outlineLvl" => style.outline = Some(outline_level(xml.attribute(tag, "val").as_deref())),
        "numId" => style.number = xml.attribute(tag, "val").and_then(|value| value.trim().parse().ok()),
        "ilvl" => style.level = xml.attribute(tag, "val").and_then(|value| value.trim().parse().ok()),
        "vanish" => style.hidden = Some(is_on(xml.attribute(tag, "val"))),
        _ => {}
    }
}

/// The level that `w:outlineLvl` gives: 0–8 are levels, 9 is body text.
pub fn outline_level(value: Option<&str>) -> Option<u8> {
    value?.trim().parse::<u8>().ok().filter(|level| *level < 9).map(|level| level + 1)
}

/// The level of a heading style by its name, as Word, WPS and their users name them: `heading 1`,
/// `标题 1`, `一级标题`, `标题一`.
fn heading_level(name: &str) -> Option<u8> {
    let name: String = name.to_lowercase().chars().filter(|ch| !ch.is_whitespace()).collect();
    // Several names of one style stand in one attribute: `heading 1,章`.
    name.split([',', '，', ';']).find_map(|name| {
        let digit = if let Some(level) = name.strip_suffix("级标题") {
            level.trim_start_matches('第')
        } else {
            ["heading", "标题", "標題", "überschrift", "titre", "título"]
                .iter()
                .find_map(|word| name.strip_prefix(word))?
        };
        let mut chars = digit.chars();
        let (first, rest) = (chars.next()?, chars.next());
        let level = first
            .to_digit(10)
            .or_else(|| "一二三四五六七八九".chars().position(|ch| ch == first).map(|at| at as u32 + 1))?;
        u8::try_from(level).ok().filter(|level| rest.is_none() && (1..=9).contains(level))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles(body: &str) -> Styles {
        let text = format!(
            r#"<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{body}</w:styles>"#
        );
        Styles::read(&text, &Limits::default()).unwrap()
    }

    fn outline(styles: &Styles, id: &str) -> Option<u8> {
        styles.get(styles.find(id)).outline
    }

    #[test]
    fn levels_come_from_the_style_its_name_or_what_it_is_based_on() {
        let styles = styles(
            r#"<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
            <w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/></w:style>
            <w:style w:type="paragraph" w:styleId="x"><w:name w:val="部门标题"/><w:basedOn w:val="1"/></w:style>
            <w:style w:type="paragraph" w:styleId="toc"><w:name w:val="TOC Heading"/><w:basedOn w:val="1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="y"><w:name w:val="二级标题"/></w:style>
            <w:style w:type="paragraph" w:styleId="z"><w:name w:val="标题 3"/></w:style>
            <w:style w:type="paragraph" w:styleId="loop"><w:name w:val="p"/><w:basedOn w:val="loop"/></w:style>
            <w:style w:type="character" w:styleId="c"><w:name w:val="标题 1"/></w:style>"#,
        );
        let seen = ["a", "1", "x", "toc", "y", "z", "loop", "c", "none"].map(|id| outline(&styles, id));
        assert_eq!(seen, [None, Some(1), Some(1), None, Some(2), Some(3), None, None, None]);
        assert_eq!(styles.default, styles.find("a"));
    }

    #[test]
    fn names_of_headings() {
        assert_eq!(heading_level("Heading 2"), Some(2));
        assert_eq!(heading_level("标题一"), Some(1));
        assert_eq!(heading_level("第三级标题"), Some(3));
        assert_eq!(heading_level("heading 1,章标题"), Some(1));
        assert_eq!(heading_level("标题"), None);
        assert_eq!(heading_level("heading 10"), None);
        assert_eq!(heading_level("副标题"), None);
    }

    #[test]
    fn numbering_is_inherited_with_its_level() {
        let styles = styles(
            r#"<w:style w:type="paragraph" w:styleId="h1"><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="h2"><w:basedOn w:val="h1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>"#,
        );
        assert_eq!(styles.get(styles.find("h2")).numbering, Some((7, Some(1))));
        assert_eq!(styles.get(styles.find("h1")).numbering, Some((7, None)));
    }
}
