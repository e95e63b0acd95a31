//! Which lines are the rows of a table with a row a line: rows that lost their tabs, rows broken in two.

use super::Line;
use crate::filing::amount;
use crate::text::is_blank;

/// Most characters of a row that has only its label.
const LONGEST_LABEL: usize = 30;
/// Fewest cells of rows, and whole rows of a table, that tell a broken one.
const LEAST: usize = 3;

/// How many of the lines are the table's. An editor that takes away blanks at the ends of lines takes
/// the tabs of a row that has but its label: such a line stands directly between rows.
pub(super) fn table_lines(lines: &[Line]) -> usize {
    let run = lines.iter().take_while(|line| !line.is_blank() || line.text.contains('\t')).count();
    let run = &lines[..run];
    let tabbed = |from: usize| run[from..].iter().take_while(|line| line.text.contains('\t')).count();
    let mut used = tabbed(0);
    // A table that still has tabs at the ends of lines has them all.
    if run.iter().any(|line| line.text.ends_with('\t')) {
        return used;
    }
    let mut above = Above::default();
    let mut seen = 0;
    loop {
        run[seen..used].iter().for_each(|line| above.see(line));
        seen = used;
        let group = run[used..].iter().take_while(|line| !line.text.contains('\t')).count();
        let lines = &run[used..used + group];
        if !above.goes_on(lines, run.get(used + group)) {
            return used + above.counted(lines);
        }
        used += group + tabbed(used + group);
    }
}

/// What the rows above a line without tabs say.
#[derive(Default)]
struct Above {
    /// The last number in each manner.
    numbers: Vec<(Style, u32)>,
    /// The number of the last row.
    last: Option<(Style, u32)>,
    /// Some row has an amount.
    amounts: bool,
}

impl Above {
    fn see(&mut self, line: &Line) {
        self.amounts |= has_amount(line);
        self.last = ordinal(line.text);
        if let Some((style, number)) = self.last {
            self.numbers.retain(|(own, _)| *own != style);
            self.numbers.push((style, number));
        }
    }

    /// Whether lines without tabs before a row are all rows.
    fn goes_on(&self, lines: &[Line], next: Option<&Line>) -> bool {
        // Without an amount the next row may be the header of another table.
        let Some(next) = next.filter(|next| has_amount(next) || !self.amounts) else { return false };
        let next = ordinal(next.text);
        let in_order = |line: &Line| {
            let Some((style, number)) = ordinal(line.text) else { return true };
            let last = self.numbers.iter().find(|(own, _)| *own == style);
            match next {
                Some((own, next)) if own == style => number < next,
                _ => last.is_some_and(|(_, last)| *last < number),
            }
        };
        !lines.is_empty() && lines.iter().all(|line| may_be_label(line.text) && in_order(line))
    }

    /// How many lines below the last row are rows still: their numbers go on.
    fn counted(&self, lines: &[Line]) -> usize {
        let mut last = self.last;
        let counts = |line: &&Line| {
            let next = last.map(|(style, number)| (style, number + 1));
            last = ordinal(line.text);
            last.is_some() && last == next && may_be_label(line.text)
        };
        lines.iter().take_while(counts).count()
    }
}

fn has_amount(line: &Line) -> bool {
    line.text.split('\t').any(|cell| amount::parse(cell).is_some())
}

/// Whether a line may be the label of a row: no sentence, title, preamble, heading or page.
fn may_be_label(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let says = text.contains(['。', '；', ';', '！', '？']) || text.ends_with(['：', ':', '，', ',']);
    let named = text.contains(['：', ':'])
        && !["其中：", "其中:", "其中", "减：", "加："].iter().any(|mark| text.starts_with(mark));
    let title =
        ["表", "表）", "表)", "情况", "说明", "信息", "部分", "清单", "附件"].iter().any(|end| text.ends_with(end));
    let heading =
        text.starts_with(['#', '<', '|', '注']) || (text.starts_with('第') && text.contains(['部', '章', '页', '节']));
    text.chars().any(|ch| ch.is_alphabetic())
        && text.chars().count() <= LONGEST_LABEL
        && !(says || named || title || heading || text.contains('页') || has_year(text))
}

/// Whether a text names a year, as titles and running heads do.
fn has_year(text: &str) -> bool {
    text.match_indices('年').any(|(at, _)| {
        let digits = text[..at].chars().rev().take_while(|ch| ch.is_ascii_digit() || ('０'..='９').contains(ch));
        digits.count() == 4
    })
}

/// The manner in which a line is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `一、`
    Chinese,
    /// `（一）`
    InBrackets,
    /// `1、`
    Digits,
}

/// The number before a label.
fn ordinal(text: &str) -> Option<(Style, u32)> {
    let text = text.trim_start_matches(is_blank);
    let (style, text) = match text.strip_prefix(['（', '(']) {
        Some(text) => (Style::InBrackets, text),
        None if text.starts_with(|ch: char| ch.is_ascii_digit()) => (Style::Digits, text),
        None => (Style::Chinese, text),
    };
    let ends: &[char] = if style == Style::InBrackets { &['）', ')'] } else { &['、', '.', '．'] };
    let (number, _) = text.split_once(ends)?;
    let number = match style {
        Style::Digits => number.parse().ok().filter(|number| *number < 100),
        _ => chinese(number),
    };
    number.map(|number| (style, number))
}

/// A Chinese number below a hundred.
fn chinese(text: &str) -> Option<u32> {
    let digit = |ch: char| "一二三四五六七八九".chars().position(|one| one == ch).map(|at| at as u32 + 1);
    let one = |text: &str| {
        let mut chars = text.chars();
        chars.next().and_then(digit).filter(|_| chars.next().is_none())
    };
    match text.split_once('十') {
        None => one(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { one(tens)? };
            Some(tens * 10 + if ones.is_empty() { 0 } else { one(ones)? })
        }
    }
}

/// The lines of each row: one, or those over which a line break within a cell broke it. Only where
/// all other rows have as many cells, and blank ones at their ends, do two short ones make a whole.
pub(super) fn broken_rows<'l, 't>(lines: &'l [Line<'t>]) -> Vec<&'l [Line<'t>]> {
    let width = |line: &Line| line.text.matches('\t').count() + 1;
    let whole = lines.iter().map(width).max().unwrap_or(0);
    let mut rows = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let broken = (at + 1..lines.len()).take_while(|next| parts_of_cell(&lines[next - 1], &lines[*next]));
        let mut cells = width(&lines[at]);
        let mut end = at + 1;
        for next in broken {
            if cells >= whole {
                break;
            }
            cells += width(&lines[next]) - 1;
            end = next + 1;
        }
        if cells != whole {
            return lines.chunks(1).collect();
        }
        rows.push(&lines[at..end]);
        at = end;
    }
    let unbroken = rows.iter().filter(|row| row.len() == 1).count();
    let sure = whole >= LEAST && unbroken >= LEAST && lines.iter().any(|line| line.text.ends_with('\t'));
    if sure { rows } else { lines.chunks(1).collect() }
}

/// Whether the last cell of a line may go on in the first of the next: both say something, and they
/// are not two numbers.
fn parts_of_cell(line: &Line, next: &Line) -> bool {
    let last = line.text.rsplit('\t').next().unwrap_or_default().trim_matches(is_blank);
    let first = next.text.split('\t').next().unwrap_or_default().trim_matches(is_blank);
    let number = |text: &str| amount::parse(text).is_some();
    !(last.is_empty() || first.is_empty() || number(last) || number(first))
}
