//! How the lines of a summary stand to each other: which of them a total adds up, and which are only
//! parts of the line above them.
//!
//! Filings number their lines (`一、`, `（一）`, `1.`), say `其中：`, or set parts in without any mark.
//! The marks decide where there are marks; where there are not, the amounts may ([`Reading::sure`]).

use super::label::fold;

/// How a line is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Nothing is printed: a blank line of the form.
    Blank,
    /// A name without a number.
    Plain,
    /// `其中：`, a part of the line above.
    Among,
    /// A number: how deep its kind usually is, and whether it is the first of its kind.
    Number { depth: u8, first: bool },
}

/// What a total over some lines may add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The lines that the marks speak for.
    pub rows: Vec<usize>,
    /// The marks leave no other reading.
    pub sure: bool,
    /// Other readings, where they do.
    pub others: Vec<Vec<usize>>,
}

/// A line: its row, its label, and whether an amount stands in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub row: usize,
    pub label: &'t str,
    pub filled: bool,
}

fn mark(label: &str) -> Mark {
    let folded = fold(label);
    if folded.is_empty() {
        return Mark::Blank;
    }
    if folded.starts_with("其中") {
        return Mark::Among;
    }
    let chinese = |ch: char| "一二三四五六七八九十".contains(ch);
    let digit = |ch: char| ch.is_ascii_digit();
    let number = |text: &str, is: fn(char) -> bool| text.len() - text.trim_start_matches(is).len();
    let (bracket, inside) = match folded.strip_prefix('(') {
        Some(inside) => (true, inside),
        None => (false, folded.as_str()),
    };
    for (is, first, depth) in [(chinese as fn(char) -> bool, "一", 0), (digit, "1", 2)] {
        let length = number(inside, is);
        let after = inside[length..].chars().next();
        let ends = |marks: &str| length > 0 && after.is_some_and(|ch| marks.contains(ch));
        if bracket && ends(")") {
            return Mark::Number { depth: depth + 1, first: &inside[..length] == first };
        }
        if !bracket && ends("、.,") {
            return Mark::Number { depth, first: &inside[..length] == first };
        }
        if !bracket && depth == 2 && ends(")") {
            return Mark::Number { depth: 3, first: &inside[..length] == first };
        }
    }
    Mark::Plain
}

/// Whether a line is a name without a number.
pub(super) fn is_plain(label: &str) -> bool {
    mark(label) == Mark::Plain
}

/// The lines that a total under them adds up.
pub(super) fn lines(lines: &[Line<'_>]) -> Reading {
    let marks: Vec<Mark> = lines.iter().map(|line| mark(line.label)).collect();
    let depth = |mark: Mark| match mark {
        Mark::Number { depth, .. } => Some(depth),
        _ => None,
    };
    let top = marks.iter().filter_map(|mark| depth(*mark)).min();
    let is_top = |at: usize| depth(marks[at]).is_some() && depth(marks[at]) == top;
    let last_top = (0..lines.len()).rev().find(|at| is_top(*at));
    let mut sure = true;
    // A name without a number before 一、 is the head of what follows.
    let mut heads = false;
    let mut seen = false;
    let mut among = false;
    let mut rows = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let counts = match marks[at] {
            Mark::Blank => true,
            Mark::Among => {
                among = true;
                false
            }
            Mark::Number { first, .. } if is_top(at) => {
                // The numbers begin again: there are two lists.
                sure &= !(first && seen && !heads);
                seen = true;
                !heads
            }
            Mark::Number { .. } => {
                sure &= seen || !line.filled;
                !seen
            }
            Mark::Plain => {
                let next = (at + 1..lines.len()).find(|next| marks[*next] != Mark::Blank);
                let head =
                    next.is_some_and(|next| is_top(next) && matches!(marks[next], Mark::Number { first: true, .. }));
                heads |= head;
                // Without numbers, what follows 其中 may be among it too.
                sure &= !line.filled || (top.is_none() && !among);
                heads || last_top.is_none_or(|last| at > last)
            }
        };
        if counts {
            rows.push(line.row);
        }
    }
    let pick = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..lines.len()).filter(|at| marks[*at] == Mark::Blank || keep(*at)).map(|at| lines[at].row).collect()
    };
    let others = match sure {
        true => Vec::new(),
        false => {
            let first_among = marks.iter().position(|mark| *mark == Mark::Among).unwrap_or(lines.len());
            vec![
                pick(&is_top),
                pick(&|at| is_top(at) || (marks[at] == Mark::Plain && last_top.is_none_or(|last| at > last))),
                pick(&|at| is_top(at) || marks[at] == Mark::Plain),
                pick(&|at| marks[at] == Mark::Plain),
                pick(&|at| marks[at] == Mark::Plain && at < first_among),
            ]
        }
    };
    Reading { rows, sure, others }
}

/// Whether a line ends the parts of another above it: its number is of the same kind or a higher one.
pub(super) fn ends(head: &str, line: &str) -> bool {
    match (mark(head), mark(line)) {
        (Mark::Number { depth: own, .. }, Mark::Number { depth, .. }) => depth <= own,
        _ => false,
    }
}

/// The parts of a line among those under it, up to the next line that is none.
pub(super) fn parts(head: &str, below: &[Line<'_>]) -> Reading {
    let plain = is_plain(head);
    let mut numbered = false;
    let end = below.iter().position(|line| {
        numbered |= matches!(mark(line.label), Mark::Number { .. });
        ends(head, line.label) || (plain && numbered && is_plain(line.label))
    });
    let below = &below[..end.unwrap_or(below.len())];
    let marked = below.iter().any(|line| matches!(mark(line.label), Mark::Number { .. }));
    let mut reading = lines(below);
    // Names alone say nothing of what they belong to.
    reading.sure &= marked;
    // 其中 may name all of them.
    if below.len() > 1 && below.iter().any(|line| mark(line.label) == Mark::Among) {
        reading.others.push(below.iter().map(|line| line.row).collect());
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[&str]) -> Reading {
        let all: Vec<Line<'_>> =
            labels.iter().enumerate().map(|(row, label)| Line { row, label, filled: !label.is_empty() }).collect();
        lines(&all)
    }

    #[test]
    fn lines_under_a_number_are_its_parts() {
        for labels in [
            ["一、财政拨款收入", "（一）一般公共预算拨款", "（二）政府性基金预算拨款", "二、事业收入"],
            ["一、财政拨款收入", "1.一般公共预算拨款", "2、政府性基金预算拨款", "二、事业收入"],
            ["（一）财政拨款收入", "1、一般公共预算拨款", "（1）补助", "（二）事业收入"],
            ["1.财政拨款收入", "1）一般公共预算拨款", "其中：补助", "2.事业收入"],
        ] {
            let reading = read(&labels);
            assert!(reading.sure, "{labels:?}");
            assert_eq!(reading.rows, [0, 3], "{labels:?}");
        }
    }

    #[test]
    fn lines_without_numbers_all_count() {
        let reading = read(&["财政拨款收入", "事业收入", "", "其他收入"]);
        assert_eq!((reading.rows, reading.sure), (vec![0, 1, 2, 3], true));
    }

    #[test]
    fn numbers_may_leave_lines_out() {
        let reading = read(&["五、教育支出", "十二、城乡社区支出"]);
        assert_eq!((reading.rows, reading.sure), (vec![0, 1], true));
    }

    #[test]
    fn names_between_numbers_are_taken_for_parts_but_not_for_sure() {
        let reading = read(&["一、财政拨款收入", "一般公共预算", "政府性基金", "二、事业收入", "上年结转"]);
        assert_eq!((reading.rows, reading.sure), (vec![0, 3, 4], false));
        assert!(reading.others.contains(&vec![0, 3]));
        let reading = read(&["财政拨款收入", "其中：一般公共预算", "政府性基金", "事业收入"]);
        assert_eq!((reading.rows, reading.sure), (vec![0, 2, 3], false));
        assert!(reading.others.contains(&vec![0]));
    }

    #[test]
    fn a_name_before_the_first_number_is_its_head() {
        let reading =
            read(&["本年收入", "一、一般公共预算拨款", "二、政府性基金预算拨款", "上年结转", "一、一般公共预算拨款"]);
        assert_eq!((reading.rows, reading.sure), (vec![0, 3], false));
    }

    #[test]
    fn parts_end_where_a_line_is_none() {
        let of = |head: &str, labels: &[&str]| {
            let below: Vec<Line<'_>> =
                labels.iter().enumerate().map(|(row, label)| Line { row, label, filled: true }).collect();
            let reading = parts(head, &below);
            (reading.rows, reading.sure)
        };
        assert_eq!(of("一、本年收入", &["（一）甲", "1.乙", "（二）丙", "二、上年结转"]), (vec![0, 2], true));
        assert_eq!(of("上年结转", &["一、甲", "二、乙", "使用结余"]), (vec![0, 1], true));
        assert_eq!(of("上年结转", &["使用结余"]), (vec![0], false));
        assert_eq!(of("上年结转", &["其中：甲"]), (vec![], false));
        let below = ["其中：甲", "乙"].map(|label| Line { row: 0, label, filled: true });
        assert!(parts("一、财政拨款收入", &below).others.contains(&vec![0, 0]));
    }
}
