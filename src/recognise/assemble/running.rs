//! Lines that every page prints above or below its text: the name of the filing, the number of the
//! page. A conversion makes paragraphs of them, which stand between the halves of tables.

use std::collections::{HashMap, HashSet};

use super::goes_on::Again;
use super::{Assembler, is_page_number};
use crate::document::Block;
use crate::recognise::grid::Fragment;
use crate::recognise::header;
use crate::text::is_blank;

/// Fewest pages that show that a line runs through the filing.
const FEWEST: usize = 3;
/// Of these, fewest between two tables.
const FEWEST_BETWEEN: usize = 2;
/// Most characters of such a line.
const LONGEST: usize = 60;
/// Fewest characters beside a number that tell a running line from the number of a thing (`附件1`).
const BESIDE_NUMBER: usize = 6;

/// A line without the number of the page at its ends.
fn beside_page(line: &str) -> &str {
    line.trim_matches(|ch: char| ch.is_ascii_digit() || is_blank(ch) || "第页共，/-—–－·".contains(ch))
}

/// A line up to its numbers and blanks, as it comes again on every page.
pub(super) fn key_of(line: &str) -> String {
    let mut key = String::new();
    for ch in beside_page(line).chars().filter(|ch| !is_blank(*ch)) {
        let digit = ch.is_ascii_digit();
        if !(digit && key.ends_with('0')) {
            key.push(if digit { '0' } else { ch });
        }
    }
    key
}

impl Assembler<'_> {
    /// Finds the running lines of a document.
    pub(in crate::recognise) fn find_running(&mut self, blocks: &[Block]) {
        let line = |block: &Block| match block {
            Block::Paragraph(paragraph) => Some(paragraph.text.as_str().trim_matches(is_blank).to_owned()),
            Block::Grid(_) => None,
        };
        let mut seen: HashMap<String, Seen> = HashMap::new();
        let lines: Vec<Option<String>> = blocks.iter().map(line).collect();
        for line in lines.iter().flatten().filter(|line| may_run(line)) {
            let seen = seen.entry(key_of(line)).or_default();
            seen.count += 1;
            seen.prints.insert(line.clone());
        }
        seen.retain(|_, seen| seen.count >= FEWEST);
        if seen.is_empty() {
            return;
        }
        // Beside such a line there may be another one, and the number of the page.
        let of_page = |line: &String| is_page_number(line) || seen.contains_key(&key_of(line));
        let mut between: HashMap<String, usize> = HashMap::new();
        let mut at = 0;
        while at < lines.len() {
            let run = lines[at..].iter().take_while(|line| line.as_ref().is_some_and(&of_page)).count();
            let parts = at > 0 && lines[at - 1].is_none() && lines.get(at + run).is_some_and(Option::is_none);
            for line in lines[at..at + run].iter().flatten().filter(|_| parts) {
                *between.entry(key_of(line)).or_default() += 1;
            }
            at += run.max(1);
        }
        seen.retain(|key, _| between.get(key).is_some_and(|count| *count >= FEWEST_BETWEEN));
        let is_text = |line: &String| !self.is_title(line) && self.index.preambles_of(line).sure.is_empty();
        seen.retain(|_, seen| seen.prints.iter().all(is_text) && is_numbered_by_page(&seen.prints));
        self.running = seen.into_keys().collect();
    }

    /// Whether rows go on the open table over a running line: the line might name another table of the
    /// same columns.
    pub(super) fn goes_on_over(&self, fragment: &Fragment) -> bool {
        let Some(open) = self.open.as_ref().filter(|open| open.header.is_some()) else { return true };
        if self.pages.iter().all(|line| is_page_number(line.as_str())) {
            return true;
        }
        let header = header::find(&self.index, open.form, &fragment.rows, 0, self.only.is_some());
        self.rows_go_on(open, header.as_ref(), &fragment.rows, Again::Printed)
    }
}

/// How often a line comes, and with which numbers.
#[derive(Default)]
struct Seen {
    count: usize,
    prints: HashSet<String>,
}

/// Whether a line is short enough and no sentence, heading or label.
fn may_run(line: &str) -> bool {
    let ends = ['。', '；', ';', '：', ':', '，', '、', '表'];
    line.chars().count() <= LONGEST
        && line.chars().any(char::is_alphabetic)
        && !line.starts_with(['#', '<', '|', '（', '('])
        && !line.contains('。')
        && !line.trim_end_matches(['）', ')']).ends_with(ends)
}

/// Whether a line differs by nothing but the number of the page, at its ends.
fn is_numbered_by_page(prints: &HashSet<String>) -> bool {
    let rest: HashSet<&str> = prints.iter().map(|line| beside_page(line)).collect();
    let tells = |rest: &str| {
        let named = ["附件", "附表", "表", "项目", "目标"].iter().any(|word| rest.contains(word));
        !named && rest.chars().count() >= BESIDE_NUMBER
    };
    let says = prints.iter().all(|line| line.contains('页'));
    prints.len() == 1 || (rest.len() == 1 && (says || rest.into_iter().all(tells)))
}
