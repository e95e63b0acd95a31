//! A part as a tree that can be changed: for documents as other programs would have written them.

use crate::make::escape;

/// An element or a text.
#[derive(Clone, Debug)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// An element.
#[derive(Clone, Debug)]
pub struct Element {
    pub name: String,
    /// The attributes as written, with the blank before them.
    pub attributes: String,
    pub children: Vec<Node>,
}

impl Element {
    /// An element of these nodes.
    pub fn new(name: &str, attributes: &str, children: Vec<Node>) -> Element {
        let attributes = if attributes.is_empty() { String::new() } else { format!(" {attributes}") };
        Element { name: name.to_owned(), attributes, children }
    }

    /// The root of a part that our writer made: no comments, no sections of character data.
    pub fn parse(xml: &str) -> Element {
        let mut open: Vec<Element> = vec![Element::new("", "", Vec::new())];
        let mut rest = xml.split_once("?>").map_or(xml, |(_, rest)| rest);
        while let Some(at) = rest.find('<') {
            let top = open.last_mut().expect("the document is open");
            if at > 0 {
                top.children.push(Node::Text(unescape(&rest[..at])));
            }
            let end = at + rest[at..].find('>').expect("a whole tag");
            let tag = &rest[at + 1..end];
            rest = &rest[end + 1..];
            if tag.starts_with('/') {
                let element = open.pop().expect("an element is open");
                open.last_mut().expect("the document is open").children.push(Node::Element(element));
                continue;
            }
            let empty = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let element = Element::new(name, attributes, Vec::new());
            if empty {
                top.children.push(Node::Element(element));
            } else {
                open.push(element);
            }
        }
        let root = open.pop().expect("the document is open");
        root.elements().find(|element| !element.name.is_empty()).expect("a root").clone()
    }

    /// The XML.
    pub fn write(&self) -> String {
        let mut xml = String::new();
        self.write_to(&mut xml);
        xml
    }

    fn write_to(&self, xml: &mut String) {
        xml.extend(["<", &self.name, &self.attributes, ">"]);
        for child in &self.children {
            match child {
                Node::Element(element) => element.write_to(xml),
                Node::Text(text) => xml.push_str(&escape(text)),
            }
        }
        xml.extend(["</", &self.name, ">"]);
    }

    /// The child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// A child element.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// A child element, made as the first where there is none.
    pub fn child_mut(&mut self, name: &str) -> &mut Element {
        let is = |node: &Node| matches!(node, Node::Element(element) if element.name == name);
        if !self.children.iter().any(is) {
            self.children.insert(0, Node::Element(Element::new(name, "", Vec::new())));
        }
        let found = self.children.iter_mut().find(|node| is(node));
        let Some(Node::Element(element)) = found else { unreachable!("just made") };
        element
    }

    /// The value of its `w:val`.
    pub fn value(&self) -> Option<&str> {
        self.attributes.split_once("w:val=\"")?.1.split('"').next()
    }

    /// All its text.
    pub fn text(&self) -> String {
        let text = |node: &Node| match node {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        };
        self.children.iter().map(text).collect()
    }

    /// Changes every element of a name, inner ones first: to any number of nodes.
    pub fn change(&mut self, name: &str, to: &mut impl FnMut(Element) -> Vec<Node>) {
        let children = std::mem::take(&mut self.children);
        for child in children {
            match child {
                Node::Element(mut element) => {
                    element.change(name, to);
                    if element.name == name {
                        self.children.extend(to(element));
                    } else {
                        self.children.push(Node::Element(element));
                    }
                }
                text => self.children.push(text),
            }
        }
    }
}

/// Parses a piece of XML.
pub fn nodes(xml: &str) -> Vec<Node> {
    Element::parse(&format!("<x>{xml}</x>")).children
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}
