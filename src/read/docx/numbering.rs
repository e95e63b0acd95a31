//! Automatic numbers (`word/numbering.xml`): the text Word prints before a paragraph.
//!
//! A paragraph names an instance (`w:num`) and a level. Instances share the counters of the
//! abstract list they are made from, except where they override a start. ISO/IEC 29500-1, 17.9.

use std::collections::HashMap;

use super::number_format::print_number;
use super::style::Styles;
use crate::error::Result;
use crate::limits::Limits;
use crate::read::xml::{Ns, Tag, Token, Xml, is_on};

/// Levels of a list.
const LEVELS: usize = 9;

#[derive(Clone, Debug)]
struct Level {
    start: u32,
    format: String,
    text: String,
    /// What stands between number and text: a tab, a space or nothing.
    suffix: Suffix,
    /// After which level the counter starts anew: `Some(0)` never, `None` after any higher one.
    restart: Option<u8>,
    /// All parts of the number in decimals.
    legal: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Suffix {
    #[default]
    Tab,
    Space,
    Nothing,
}

impl Default for Level {
    fn default() -> Level {
        Level {
            start: 0,
            format: "decimal".to_owned(),
            text: String::new(),
            suffix: Suffix::Tab,
            restart: None,
            legal: false,
        }
    }
}

#[derive(Debug, Default)]
struct List {
    levels: [Option<Box<Level>>; LEVELS],
    /// The numbering style whose list this one stands for.
    style_link: Option<String>,
    /// Counters; `None` where a level has not been used, or is to start anew.
    counters: [Option<u32>; LEVELS],
}

#[derive(Debug, Default)]
struct Instance {
    list: u32,
    levels: [Option<Box<Level>>; LEVELS],
    starts: [Option<u32>; LEVELS],
    /// A paragraph has used the level, so an override of its start has had its effect.
    started: [bool; LEVELS],
}

/// The numbering definitions of a document and the state of their counters.
#[derive(Debug, Default)]
pub struct Numbering {
    lists: HashMap<u32, List>,
    instances: HashMap<u32, Instance>,
    /// Level of a list that a paragraph style is linked to: (list, style id) → level.
    linked: HashMap<(u32, String), u8>,
}

/// The number of a paragraph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// As printed, such as `（一）`; empty for bullets, which are decoration.
    pub text: String,
    /// Something stands between the number and the text.
    pub spaced: bool,
}

impl Numbering {
    /// Reads the numbering part.
    ///
    /// # Errors
    /// When the part is damaged.
    pub fn read(text: &str, limits: &Limits) -> Result<Numbering> {
        Parser {
            xml: Xml::new(text, limits),
            numbering: Numbering::default(),
            list: None,
            instance: None,
            level: None,
            overriding: 0,
            depth_of_choice: None,
        }
        .run()
    }

    /// Whether there is anything to number with.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Makes lists that stand for the list of a numbering style (`w:numStyleLink`) that list.
    pub fn follow_style_links(&mut self, styles: &Styles) {
        let followed: Vec<(u32, u32)> = self
            .lists
            .iter()
            .filter_map(|(id, list)| {
                let style = styles.get(styles.find(list.style_link.as_ref()?));
                let (number, _) = style.numbering?;
                Some((*id, self.instances.get(&number)?.list)).filter(|(from, to)| from != to)
            })
            .collect();
        for (from, to) in followed {
            for instance in self.instances.values_mut().filter(|instance| instance.list == from) {
                instance.list = to;
            }
        }
    }

    /// The level that a list links a paragraph style to.
    pub fn level_of_style(&self, instance: u32, style_id: &str) -> Option<u8> {
        if self.linked.is_empty() {
            return None;
        }
        let list = self.instances.get(&instance)?.list;
        self.linked.get(&(list, style_id.to_owned())).copied()
    }

    /// Counts a paragraph and prints its number; `None` where the instance or level is not defined.
    pub fn count(&mut self, instance: u32, level: u8) -> Option<Number> {
        let used = usize::from(level).min(LEVELS - 1);
        let instance = self.instances.get_mut(&instance)?;
        let list = self.lists.get_mut(&instance.list)?;
        let first = !std::mem::replace(&mut instance.started[used], true);
        if first && instance.starts[used].is_some() {
            list.counters[used] = None;
        }
        let level_of = |at: usize| instance.levels[at].as_deref().or(list.levels[at].as_deref());
        let own = level_of(used)?;
        let start_of = |at: usize| instance.starts[at].or(level_of(at).map(|level| level.start)).unwrap_or(1);
        let value = list.counters[used].map_or_else(|| start_of(used), |count| count.saturating_add(1));
        let mut counters = list.counters;
        counters[used] = Some(value);
        // A level that was passed over counts as used: after 2 and 2.1.1 comes 2.2.
        for (higher, counter) in counters.iter_mut().enumerate().take(used) {
            counter.get_or_insert_with(|| start_of(higher));
        }
        for (deeper, counter) in counters.iter_mut().enumerate().skip(used + 1) {
            let restart = level_of(deeper).and_then(|level| level.restart);
            if restart.is_none_or(|after| usize::from(after) > used) {
                *counter = None;
            }
        }
        let mut text = String::new();
        if own.format != "bullet" {
            let mut parts = own.text.split('%');
            text.push_str(parts.next().unwrap_or_default());
            for part in parts {
                if text.len() > LONGEST {
                    break;
                }
                let digit = part.chars().next().and_then(|ch| ch.to_digit(10)).filter(|digit| *digit > 0);
                let Some(at) = digit.map(|digit| digit as usize - 1) else {
                    text.push('%');
                    text.push_str(part);
                    continue;
                };
                let number = counters[at].unwrap_or_else(|| start_of(at));
                let format = level_of(at).map_or("decimal", |level| level.format.as_str());
                let format = if own.legal && format != "none" { "decimal" } else { format };
                text.push_str(&print_number(number, format));
                text.push_str(&part[1..]);
            }
        }
        let spaced = own.suffix != Suffix::Nothing;
        list.counters = counters;
        Some(Number { text, spaced })
    }
}

/// Bytes after which the text of a number is absurd: it stands before every paragraph of its list.
const LONGEST: usize = 400;

struct Parser<'a> {
    xml: Xml<'a>,
    numbering: Numbering,
    list: Option<(u32, List)>,
    instance: Option<(u32, Instance)>,
    level: Option<(usize, Level)>,
    /// The level whose override is open.
    overriding: usize,
    /// Inside `mc:Choice`: a custom format stands there, its stand-in in the fallback.
    depth_of_choice: Option<usize>,
}

impl<'a> Parser<'a> {
    fn run(mut self) -> Result<Numbering> {
        // The elements that matter nest in one way only, so names of open ones are enough.
        let mut open: Vec<&'a str> = Vec::new();
        loop {
            match self.xml.next()? {
                Token::Open(tag)
                    if tag.ns == Ns::Compatibility && tag.name == "Fallback" && self.depth_of_choice.is_some() =>
                {
                    self.depth_of_choice = None;
                    if !tag.empty {
                        self.xml.skip()?;
                    }
                }
                Token::Open(tag) => {
                    if tag.ns == Ns::Compatibility && tag.name == "Choice" {
                        self.depth_of_choice = Some(self.xml.depth());
                    }
                    if tag.ns == Ns::Word {
                        if matches!(tag.name, "pPr" | "rPr" | "numPicBullet") && !tag.empty {
                            self.xml.skip()?;
                            continue;
                        }
                        self.open(&tag);
                    }
                    let name = if tag.ns == Ns::Word { tag.name } else { "" };
                    if tag.empty {
                        self.close(name);
                    } else {
                        open.push(name);
                    }
                }
                Token::Close => {
                    if let Some(name) = open.pop() {
                        self.close(name);
                    }
                }
                Token::End => return Ok(self.numbering),
                _ => {}
            }
        }
    }

    fn open(&mut self, tag: &Tag<'a>) {
        let mut number = |name: &str| self.xml.attribute(tag, name).and_then(|value| value.trim().parse::<u32>().ok());
        match tag.name {
            "abstractNum" => self.list = number("abstractNumId").map(|id| (id, List::default())),
            "num" => self.instance = number("numId").map(|id| (id, Instance::default())),
            "abstractNumId" => {
                if let (Some((_, instance)), Some(list)) = (&mut self.instance, number("val")) {
                    instance.list = list;
                }
            }
            "lvl" => {
                let at = number("ilvl").unwrap_or(0) as usize;
                self.level = (at < LEVELS).then(|| (at, Level::default()));
            }
            "lvlOverride" => self.overriding = number("ilvl").unwrap_or(0) as usize,
            "startOverride" => {
                let start = number("val").unwrap_or(0);
                if let Some((_, instance)) = &mut self.instance
                    && let Some(slot) = instance.starts.get_mut(self.overriding)
                {
                    *slot = Some(start);
                }
            }
            "numStyleLink" => {
                let style = self.xml.attribute(tag, "val").map(|id| id.into_owned());
                if let Some((_, list)) = &mut self.list {
                    list.style_link = style;
                }
            }
            "start" | "numFmt" | "lvlText" | "suff" | "lvlRestart" | "isLgl" | "pStyle" => self.read_level(tag),
            _ => {}
        }
    }

    fn read_level(&mut self, tag: &Tag<'a>) {
        let value = self.xml.attribute(tag, "val");
        let format = if tag.name == "numFmt" { self.xml.attribute(tag, "format") } else { None };
        let Some((at, level)) = &mut self.level else { return };
        let parsed = || value.as_deref().and_then(|value| value.trim().parse::<u32>().ok());
        match tag.name {
            "start" => level.start = parsed().unwrap_or(0),
            "numFmt" if value.as_deref() == Some("custom") => level.format = format.unwrap_or_default().into_owned(),
            "numFmt" => level.format = value.unwrap_or_default().into_owned(),
            "lvlText" => level.text = value.unwrap_or_default().chars().take(LONGEST).collect(),
            "lvlRestart" => level.restart = parsed().map(|after| after.min(LEVELS as u32) as u8),
            "isLgl" => level.legal = is_on(value),
            "suff" => {
                level.suffix = match value.as_deref() {
                    Some("nothing") => Suffix::Nothing,
                    Some("space") => Suffix::Space,
                    _ => Suffix::Tab,
                }
            }
            _ => {
                if let (Some((list, _)), Some(style)) = (&self.list, value) {
                    self.numbering.linked.insert((*list, style.into_owned()), *at as u8);
                }
            }
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "lvl" => {
                if let Some((at, level)) = self.level.take() {
                    let levels = match (&mut self.instance, &mut self.list) {
                        (Some((_, instance)), _) => &mut instance.levels,
                        (None, Some((_, list))) => &mut list.levels,
                        (None, None) => return,
                    };
                    levels[at] = Some(Box::new(level));
                }
            }
            "abstractNum" => self.numbering.lists.extend(self.list.take()),
            "num" => self.numbering.instances.extend(self.instance.take()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(body: &str) -> Numbering {
        let text = format!(
            r#"<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
                xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
                xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">{body}</w:numbering>"#
        );
        Numbering::read(&text, &Limits::default()).unwrap()
    }

    fn level(at: u8, format: &str, text: &str, more: &str) -> String {
        format!(
            r#"<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{format}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>"#
        )
    }

    fn print(numbering: &mut Numbering, steps: &[(u32, u8)]) -> Vec<String> {
        steps.iter().map(|(id, level)| numbering.count(*id, *level).unwrap_or_default().text).collect()
    }

    fn outline() -> String {
        let levels = [
            level(0, "chineseCounting", "%1、", ""),
            level(1, "chineseCountingThousand", "（%2）", ""),
            level(2, "decimal", "%3.", ""),
            level(3, "decimal", "%1.%3.%4", "<w:isLgl/>"),
        ];
        format!(r#"<w:abstractNum w:abstractNumId="0">{}</w:abstractNum>"#, levels.concat())
    }

    #[test]
    fn levels_count_and_restart_under_a_new_parent() {
        let mut list = numbering(&(outline() + r#"<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#));
        let steps = [(1, 0), (1, 1), (1, 2), (1, 2), (1, 1), (1, 2), (1, 3), (1, 0), (1, 1)];
        assert_eq!(print(&mut list, &steps), ["一、", "（一）", "1.", "2.", "（二）", "1.", "1.1.1", "二、", "（一）"]);
        assert_eq!(print(&mut list, &[(1, 0), (1, 2), (1, 1)]), ["三、", "1.", "（二）"]);
        assert_eq!(list.count(9, 0), None);
        assert_eq!(list.count(1, 5), None);
    }

    #[test]
    fn instances_of_a_list_count_on_unless_they_override_the_start() {
        let mut list = numbering(
            &(outline()
                + r#"<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
                <w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>
                <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
                <w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1)"/></w:lvl></w:lvlOverride></w:num>"#),
        );
        let steps = [(1, 0), (2, 0), (3, 0), (3, 0), (1, 0), (4, 0)];
        assert_eq!(print(&mut list, &steps), ["一、", "二、", "一、", "二、", "三、", "4)"]);
    }

    #[test]
    fn a_level_that_never_restarts_counts_through() {
        let levels = [level(0, "decimal", "第%1章", ""), level(1, "decimal", "第%2条", r#"<w:lvlRestart w:val="0"/>"#)];
        let mut list = numbering(&format!(
            r#"<w:abstractNum w:abstractNumId="3">{}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="3"/></w:num>"#,
            levels.concat()
        ));
        let steps = [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1)];
        assert_eq!(print(&mut list, &steps), ["第1章", "第1条", "第2条", "第2章", "第3条"]);
    }

    #[test]
    fn custom_formats_are_taken_from_the_choice_and_bullets_are_no_numbers() {
        let mut list = numbering(
            r#"<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="%1"/></w:lvl>
            <w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl></w:abstractNum>
            <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#,
        );
        assert_eq!(print(&mut list, &[(1, 0), (1, 1), (1, 0)]), ["007", "", "008"]);
    }
}
