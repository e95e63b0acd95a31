//! The docx writer: a filing as a clean document with real heading styles and real tables.
//!
//! Headings have the outline level of the filing, tables the merged cells of their forms and header
//! rows that repeat; forms that print across have landscape sections. The same filing gives the same
//! bytes, and the document reads back to the same filing.

mod parts;
mod styles;
mod table;
mod xml;

use xml::Xml;

use super::plan::{Plan, plan};
use super::protect::protect;
use crate::error::Result;
use crate::filing::{Block, Filing};
use crate::form::Forms;
use crate::layout::clean::Context;
use crate::layout::join::cut_by_page;

/// A page: A4, its sizes in twips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Upright,
    Across,
}

impl Page {
    /// Width of the text.
    fn width(self) -> u32 {
        match self {
            Page::Upright => 9_072,
            Page::Across => 14_004,
        }
    }

    fn section(self) -> String {
        let (width, height, across) = match self {
            Page::Upright => (11_906, 16_838, ""),
            Page::Across => (16_838, 11_906, r#" w:orient="landscape""#),
        };
        format!(
            r#"<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="{width}" w:h="{height}"{across}/><w:pgMar w:top="1418" w:right="1417" w:bottom="1418" w:left="1417" w:header="851" w:footer="992" w:gutter="0"/><w:cols w:space="425"/></w:sectPr>"#
        )
    }
}

/// Writes a filing as a docx.
///
/// # Errors
/// When the document is too large for a zip package.
pub fn write(filing: &Filing, forms: &Forms) -> Result<Vec<u8>> {
    let mut document = Document::new();
    let titles = titles(filing);
    for (index, block) in filing.blocks.iter().enumerate() {
        match block {
            Block::Heading(heading) => {
                document.turn(Page::Upright);
                document.paragraph(&styles::heading(heading.level), heading.text.as_str());
                if titles.contains(&index) {
                    document.look_like_title();
                }
            }
            Block::Paragraph(text) => {
                document.turn(Page::Upright);
                document.paragraph(if titles.contains(&index) { styles::TITLE } else { styles::BODY }, text.as_str());
                // What looks like a paragraph cut by a page says that it is none.
                if let Some(Block::Paragraph(before)) =
                    index.checked_sub(1).and_then(|before| filing.blocks.get(before))
                    && cut_by_page(before.as_str(), text.as_str())
                {
                    document.say_whole();
                }
            }
            Block::Table(table) => document.table(&plan(filing, forms, table)),
        }
    }
    parts::package(filing.title.as_str(), &document.finish())
}

/// Blocks that print the filing's title, which may stand on two lines.
fn titles(filing: &Filing) -> Vec<usize> {
    let title = filing.title.as_str();
    let text = |index: usize| match filing.blocks.get(index) {
        Some(Block::Paragraph(text)) => text.as_str(),
        Some(Block::Heading(heading)) if heading.text.as_str() == title => heading.text.as_str(),
        _ => "",
    };
    let lines = |index: &usize| {
        let rest = title.strip_prefix(text(*index)).filter(|_| !text(*index).is_empty());
        rest.is_some_and(|rest| rest.is_empty() || rest == text(index + 1))
    };
    match (0..filing.blocks.len()).find(lines) {
        Some(first) if text(first) == title => vec![first],
        Some(first) => vec![first, first + 1],
        None => Vec::new(),
    }
}

/// A paragraph that is not written yet: a section may end with it.
struct Waiting {
    style: String,
    /// Whether a heading looks like the filing's title.
    title: bool,
    /// Whether it says that it is body text, and whole.
    whole: bool,
    text: String,
}

/// The document being written.
struct Document {
    xml: Xml,
    page: Page,
    waiting: Option<Waiting>,
    /// Nothing stands on the page yet.
    fresh: bool,
    after_table: bool,
}

impl Document {
    fn new() -> Document {
        let mut xml = Xml::new();
        xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
        xml.open(
            "w:document",
            &[
                ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
                ("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
            ],
        );
        xml.open("w:body", &[]);
        Document { xml, page: Page::Upright, waiting: None, fresh: true, after_table: false }
    }

    fn paragraph(&mut self, style: &str, text: &str) {
        self.flush(false);
        let text = protect(text, Context::Paragraph).into_owned();
        self.waiting = Some(Waiting { style: style.to_owned(), title: false, whole: false, text });
        self.fresh = false;
        self.after_table = false;
    }

    fn look_like_title(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            waiting.title = true;
        }
    }

    fn say_whole(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            waiting.whole = true;
        }
    }

    /// Writes the waiting paragraph, with the section it ends.
    fn flush(&mut self, ends_section: bool) {
        let waiting = match self.waiting.take() {
            Some(waiting) => waiting,
            None if ends_section => {
                Waiting { style: styles::GAP.to_owned(), title: false, whole: false, text: String::new() }
            }
            None => return,
        };
        self.xml.open("w:p", &[]);
        self.xml.open("w:pPr", &[]);
        self.xml.value("w:pStyle", &waiting.style);
        let (paragraph, run) = if waiting.title { styles::title_look() } else { Default::default() };
        self.xml.raw(&paragraph);
        if waiting.whole {
            self.xml.value("w:outlineLvl", "9");
        }
        if ends_section {
            self.xml.raw(&self.page.section());
        }
        self.xml.close("w:pPr");
        self.xml.run(&waiting.text, &run);
        self.xml.close("w:p");
    }

    /// Goes on upright or across.
    fn turn(&mut self, page: Page) {
        if page == self.page {
            return;
        }
        if !self.fresh {
            self.flush(true);
        }
        self.page = page;
        self.fresh = true;
        self.after_table = false;
    }

    fn table(&mut self, plan: &Plan<'_>) {
        let across = plan.form.is_some_and(|form| form.landscape);
        self.turn(if across { Page::Across } else { Page::Upright });
        let title = plan.table.title.as_str();
        if !title.is_empty() {
            self.paragraph(styles::TABLE_TITLE, title);
        } else if self.after_table {
            self.paragraph(styles::GAP, "");
        }
        self.flush(false);
        table::write(&mut self.xml, plan, self.page.width());
        self.fresh = false;
        self.after_table = true;
        if !plan.table.note.is_empty() {
            self.paragraph(styles::NOTE, plan.table.note.as_str());
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.after_table {
            self.paragraph(styles::GAP, "");
        }
        self.flush(false);
        self.xml.raw(&self.page.section());
        self.xml.close("w:body");
        self.xml.close("w:document");
        self.xml.into_bytes()
    }
}
