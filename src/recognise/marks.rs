//! Marks that extraction left in a text (HTML, Markdown, LaTeX, Word field codes, what pages put between
//! lines): what of them is taken out is told.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::layout::clean::Removed;
use crate::text::{Place, Text, is_blank, is_chinese};

/// Paragraphs whose marks someone should know of: those of nothing but marks, any that Word or a workbook
/// shows, and what pages cut. By rule, the first of them and how many there are.
#[derive(Default)]
pub(super) struct Marks {
    taken: BTreeMap<&'static str, (Place, String, usize)>,
}

impl Marks {
    /// Counts a paragraph.
    pub fn count(&mut self, rule: &'static str, text: &Text) {
        let taken = self.taken.entry(rule).or_insert_with(|| (text.place(), text.as_str().trim().to_owned(), 0));
        taken.2 += 1;
    }

    /// A note for each rule.
    pub fn notes(self) -> impl Iterator<Item = Finding> {
        self.taken.into_iter().map(|(rule, (place, sample, count))| {
            let sample: String = sample.chars().take(30).collect();
            let (zh, en) = match rule {
                "page-number-dropped" => (
                    format!("每页末尾的页码已去掉，共 {count} 处（如“{sample}”）"),
                    format!("{count} numbers of pages were dropped (such as “{sample}”)"),
                ),
                "paragraph-joined" => (
                    format!("按页宽折行的文字已连成段，共 {count} 段（如“{sample}”）"),
                    format!("{count} paragraphs wrapped at the width of the page were joined (such as “{sample}”)"),
                ),
                rule => {
                    let (zh, en) = match rule {
                        "field-code-removed" => ("Word 域代码或书签", "Word field codes or bookmarks"),
                        _ => ("HTML、Markdown 或 LaTeX 标记", "HTML, Markdown or LaTeX marks"),
                    };
                    (
                        format!("{count} 个段落去掉了{zh}（如“{sample}”）"),
                        format!("{en} were removed from {count} paragraphs (such as “{sample}”)"),
                    )
                }
            };
            Finding::of(rule, place, zh, en)
        })
    }
}

/// Blanks and markup removed from a table's cells, one note each.
pub(super) fn note_removed(findings: &mut Vec<Finding>, removed: Removed, place: Place) {
    if removed.blanks {
        findings.push(Finding::of(
            "blanks-removed",
            place,
            "单元格中换行留下的空格已去掉",
            "blanks that line wraps left inside cells were removed",
        ));
    }
    if removed.markup {
        findings.push(Finding::of(
            "markup-removed",
            place,
            "单元格中的 HTML、Markdown 或 LaTeX 标记已去掉",
            "HTML, Markdown or LaTeX marks were removed from cells",
        ));
    }
}

/// `## title`, also `##标题`: removes the marks and yields the level. What is not `marked_up` has
/// such marks where extraction left them; a single one before other than Chinese is its text.
pub(super) fn markdown_heading(text: &mut Text, marked_up: bool) -> Option<u8> {
    let value = text.as_str().trim_start();
    let marks = value.chars().take_while(|ch| *ch == '#').count();
    let after = &value[marks..];
    let heads = after.starts_with(is_blank) || (marks > 1 && after.starts_with(is_chinese));
    let titles = marked_up || marks > 1 || after.trim_start().starts_with(is_chinese);
    if marks == 0 || marks > 9 || !heads || !titles {
        return None;
    }
    let start = text.as_str().len() - value.len();
    text.remove(0..start + marks);
    u8::try_from(marks).ok()
}

/// A line of dashes and bars that a Markdown table left.
pub(crate) fn is_rule_line(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|ch| matches!(ch, '-' | '|' | ':' | '+' | '=' | ' ' | '\t'))
}
