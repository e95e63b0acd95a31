//! The edits that make one text of a source say something else: as few bytes as will do.

use std::ops::Range;

use super::align::equal;
use super::dialect::{Dialect, Why, is_soft};
use super::docx;
use super::edit::Edit;
use crate::layout::clean::{Context, clean};
use crate::text::{Piece, Text};

/// The source a text stands in and how it is printed there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground<'s> {
    /// The decoded text or XML part.
    pub source: &'s str,
    /// How the stretch with the text is printed.
    pub dialect: Dialect,
    /// The source's line break.
    pub eol: &'s str,
}

const NOWHERE: Why = ("原文中没有印出这个值的位置", "the original has no place where this value is printed");
const UNMAPPED: Why = ("这里的原文印法无法对应到修改", "the edit cannot be matched with how the original prints this");

/// Edits that turn `old`, as printed, into `new`.
///
/// What stays keeps its bytes. Of a value printed in several pieces the first takes the new text.
pub(super) fn edits(ground: Ground<'_>, old: &Text, new: &str) -> Result<Vec<Edit>, Why> {
    if old.as_str() == new {
        return Ok(Vec::new());
    }
    if old.pieces().is_empty() {
        return Err(NOWHERE);
    }
    let numbered = as_numbered(ground, old, new)?;
    let new = numbered.as_deref().unwrap_or(new);
    let hunks = whole_runs(old, hunks(old.as_str(), new));
    let edits = edits_of(ground, old, new, &hunks);
    if edits.is_err() && ground.dialect == Dialect::Docx {
        // Where lines are joined no characters stand for the break: the lines are written anew.
        return edits_of(ground, old, new, &whole_lines(old.as_str(), new, hunks));
    }
    edits
}

fn edits_of(ground: Ground<'_>, old: &Text, new: &str, hunks: &[Hunk]) -> Result<Vec<Edit>, Why> {
    let mut edits = Vec::new();
    for hunk in hunks {
        hunk_edits(ground, old, hunk.old.clone(), &new[hunk.new.clone()], &mut edits)?;
    }
    Ok(edits)
}

/// The new text with the automatic number that the old one has; `None` where it has none.
fn as_numbered(ground: Ground<'_>, old: &Text, new: &str) -> Result<Option<String>, Why> {
    let number = if ground.dialect == Dialect::Docx { docx::automatic(old) } else { 0 };
    if number == 0 {
        return Ok(None);
    }
    let printed = &old.as_str()[..number];
    let typed = docx::same_kind(printed, new).ok_or((
        "这里的编号是 Word 自动编号，不是打上去的字；请保留编号，或在 Word 里修改",
        "its number is an automatic one of Word, not typed text; keep the number, or edit it in Word",
    ))?;
    Ok(Some(format!("{printed}{}", &new[typed..])))
}

/// Hunks widened to whole lines of both sides.
fn whole_lines(old: &str, new: &str, hunks: Vec<Hunk>) -> Vec<Hunk> {
    let start = |text: &str, at: usize| text[..at].rfind('\n').map_or(0, |before| before + 1);
    let end = |text: &str, at: usize| text[at..].find('\n').map_or(text.len(), |after| at + after);
    let mut out: Vec<Hunk> = Vec::new();
    for hunk in hunks {
        let wide = Hunk {
            old: start(old, hunk.old.start)..end(old, hunk.old.end),
            new: start(new, hunk.new.start)..end(new, hunk.new.end),
        };
        match out.last_mut() {
            Some(last) if wide.old.start < last.old.end || wide.new.start < last.new.end => {
                last.old.end = last.old.end.max(wide.old.end);
                last.new.end = last.new.end.max(wide.new.end);
            }
            _ => out.push(wide),
        }
    }
    out
}

/// Edits that put `new` in the place of all of `old`.
pub(super) fn replace(ground: Ground<'_>, old: &Text, new: &str) -> Result<Vec<Edit>, Why> {
    let mut edits = Vec::new();
    let numbered = as_numbered(ground, old, new)?;
    let new = numbered.as_deref().unwrap_or(new);
    if old.as_str() != new {
        let number = if numbered.is_some() { docx::automatic(old) } else { 0 };
        hunk_edits(ground, old, number..old.as_str().len(), &new[number..], &mut edits)?;
    }
    Ok(edits)
}

/// A stretch that differs, in bytes of the old and the new value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// What differs between two values, by words and whole numbers.
fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (left, right) = (tokens(old), tokens(new));
    let texts = |text, tokens: &[Range<usize>]| -> Vec<String> {
        let text: &str = text;
        tokens.iter().map(|token| text[token.clone()].to_owned()).collect()
    };
    let pairs = equal(&texts(old, &left), &texts(new, &right));
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut at, mut against) = (0, 0);
    let ends = [(left.len(), right.len())];
    for (one, other) in pairs.into_iter().chain(ends) {
        if at < one || against < other {
            let bound =
                |tokens: &[Range<usize>], at: usize, len: usize| tokens.get(at).map_or(len, |token| token.start);
            let hunk = Hunk {
                old: bound(&left, at, old.len())..bound(&left, one, old.len()),
                new: bound(&right, against, new.len())..bound(&right, other, new.len()),
            };
            hunks.push(trim_common(old, new, hunk));
        }
        (at, against) = (one + 1, other + 1);
    }
    hunks
}

/// Numbers and words as one token each, every other character by itself.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let class = |ch: char| match ch {
        '0'..='9' | '０'..='９' => 1,
        _ if ch.is_ascii_alphabetic() => 2,
        _ => 0,
    };
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut last = 0;
    for (index, &(at, ch)) in chars.iter().enumerate() {
        let mut this = class(ch);
        // A point or comma between digits belongs to the number.
        if matches!(ch, '.' | ',' | '．' | '，')
            && last == 1
            && chars.get(index + 1).is_some_and(|(_, next)| class(*next) == 1)
        {
            this = 1;
        }
        match tokens.last_mut() {
            Some(token) if this != 0 && this == last => token.end = at + ch.len_utf8(),
            _ => tokens.push(at..at + ch.len_utf8()),
        }
        last = this;
    }
    tokens
}

/// Takes off what both sides of a hunk begin and end with.
fn trim_common(old: &str, new: &str, mut hunk: Hunk) -> Hunk {
    let (left, right) = (&old[hunk.old.clone()], &new[hunk.new.clone()]);
    let head: usize =
        left.chars().zip(right.chars()).take_while(|(one, other)| one == other).map(|(ch, _)| ch.len_utf8()).sum();
    let tail: usize = left[head..]
        .chars()
        .rev()
        .zip(right[head..].chars().rev())
        .take_while(|(one, other)| one == other)
        .map(|(ch, _)| ch.len_utf8())
        .sum();
    hunk.old = hunk.old.start + head..hunk.old.end - tail;
    hunk.new = hunk.new.start + head..hunk.new.end - tail;
    hunk
}

fn is_atomic(piece: &Piece) -> bool {
    piece.len as usize != piece.source.len()
}

/// Widens hunks to whole runs where the value and the source do not map byte by byte, and joins
/// hunks that then touch.
fn whole_runs(old: &Text, hunks: Vec<Hunk>) -> Vec<Hunk> {
    let mut out: Vec<Hunk> = Vec::new();
    for mut hunk in hunks {
        for piece in old.pieces().iter().filter(|piece| is_atomic(piece)) {
            let (start, end) = (piece.at as usize, (piece.at + piece.len) as usize);
            let inside = hunk.old.start < end && start < hunk.old.end
                || hunk.old.is_empty() && start < hunk.old.start && hunk.old.start < end;
            if inside {
                let (before, after) = (hunk.old.start.saturating_sub(start), end.saturating_sub(hunk.old.end));
                hunk.old = hunk.old.start - before..hunk.old.end + after;
                hunk.new = hunk.new.start - before..hunk.new.end + after;
            }
        }
        match out.last_mut() {
            Some(last) if hunk.old.start < last.old.end => {
                last.old.end = last.old.end.max(hunk.old.end);
                last.new.end = last.new.end.max(hunk.new.end);
            }
            _ => out.push(hunk),
        }
    }
    out
}

fn hunk_edits(
    ground: Ground<'_>,
    old: &Text,
    range: Range<usize>,
    new: &str,
    edits: &mut Vec<Edit>,
) -> Result<(), Why> {
    let printed = ground.dialect.print(new, ground.eol)?;
    let segments: Vec<Range<usize>> = (old.pieces().iter())
        .filter_map(|piece| {
            let at = (piece.at as usize).max(range.start)..((piece.at + piece.len) as usize).min(range.end);
            (at.start < at.end).then(|| source_of(piece, at))
        })
        .collect();
    let Some(first) = segments.first() else {
        return between(ground, old, range, printed, edits);
    };
    if let [only] = segments.as_slice()
        && only.len() != range.len()
        && let Some(kept) = inside_run(ground, only.clone(), &old.as_str()[range.clone()], new)
    {
        edits.push(kept);
        return Ok(());
    }
    // Pieces with nothing but blanks between them are one stretch.
    let mut current = first.clone();
    let mut stretches = Vec::new();
    for segment in &segments[1..] {
        let soft = current.end <= segment.start && is_soft(&ground.source[current.end..segment.start]);
        if soft {
            current.end = segment.end;
        } else {
            stretches.push(std::mem::replace(&mut current, segment.clone()));
        }
    }
    stretches.push(current);
    let mut printed = Some(printed);
    for stretch in stretches {
        edits.push(Edit::new(stretch, printed.take().unwrap_or_default()));
    }
    Ok(())
}

/// The source bytes of a part of a piece.
fn source_of(piece: &Piece, at: Range<usize>) -> Range<usize> {
    if is_atomic(piece) {
        return piece.source.range();
    }
    let offset = piece.source.start as usize;
    let start = piece.at as usize;
    offset + at.start - start..offset + at.end - start
}

/// An edit where the value shows no source bytes: between two characters, or at a line break that
/// the source prints otherwise.
fn between(
    ground: Ground<'_>,
    old: &Text,
    range: Range<usize>,
    printed: String,
    edits: &mut Vec<Edit>,
) -> Result<(), Why> {
    let before = old.pieces().iter().rev().find(|piece| (piece.at as usize) < range.start).map(|piece| {
        let end = ((piece.at + piece.len) as usize).min(range.start);
        (end, source_of(piece, piece.at as usize..end).end)
    });
    let after = old.pieces().iter().find(|piece| (piece.at + piece.len) as usize > range.end).map(|piece| {
        let start = (piece.at as usize).max(range.end);
        (start, source_of(piece, start..(piece.at + piece.len) as usize).start)
    });
    if !range.is_empty() {
        // Unprinted characters go: the source between their neighbours goes with them.
        let (Some((_, from)), Some((_, to))) = (before, after) else { return Err(UNMAPPED) };
        if from > to || !is_soft(&ground.source[from..to]) {
            return Err(UNMAPPED);
        }
        edits.push(Edit::new(from..to, printed));
        return Ok(());
    }
    let at = match (before, after) {
        (Some((end, at)), _) if end == range.start => at,
        (_, Some((start, at))) if start == range.start => at,
        (Some((_, at)), _) | (None, Some((_, at))) => at,
        (None, None) => return Err(NOWHERE),
    };
    edits.push(Edit::new(at..at, printed));
    Ok(())
}

/// An edit inside a run that cleaning made of other characters (`$\geq 10\%$` for `≥10%`): what
/// changes is replaced in the run as printed, if that then reads as it should.
fn inside_run(ground: Ground<'_>, run: Range<usize>, old: &str, new: &str) -> Option<Edit> {
    let source = &ground.source[run.clone()];
    if let Some(date) = date_like(source, old, new) {
        return Some(Edit::new(run, date));
    }
    let hunk = trim_common(old, new, Hunk { old: 0..old.len(), new: 0..new.len() });
    let (gone, put) = (&old[hunk.old.clone()], &new[hunk.new]);
    // Whole digits around what changes make the spot unique.
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let tail = digits(&old[hunk.old.end..]);
    let head = old[..hunk.old.start].chars().rev().take_while(char::is_ascii_digit).count();
    let wide = &old[hunk.old.start - head..hunk.old.end + tail];
    if wide.is_empty() || source.matches(wide).count() != 1 {
        return None;
    }
    let at = run.start + source.find(wide)? + head;
    let after = format!("{}{put}{}", &ground.source[run.start..at], &ground.source[at + gone.len()..run.end]);
    let mut read = Text::from(after.as_str());
    clean(&mut read, Context::Cell);
    (read.as_str() == new).then(|| Edit::new(at..at + gone.len(), put))
}

/// A date in the words of the old one: `2020年12月31日` was read as `2020-12-31`.
fn date_like(source: &str, old: &str, new: &str) -> Option<String> {
    let parts = |text: &str| -> Option<Vec<u32>> {
        let parts: Vec<u32> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        (parts.len() == 3 && text.len() == 10).then_some(parts)
    };
    let (before, after) = (parts(old)?, parts(new)?);
    let mut out = String::new();
    let mut rest = source;
    for (before, after) in before.into_iter().zip(after) {
        let start = rest.find(|ch: char| ch.is_ascii_digit())?;
        let digits = rest[start..].chars().take_while(char::is_ascii_digit).count();
        let printed = &rest[start..start + digits];
        if printed.parse() != Ok(before) {
            return None;
        }
        out.push_str(&rest[..start]);
        let width = if printed.starts_with('0') { digits } else { 1 };
        out.push_str(&format!("{after:0width$}"));
        rest = &rest[start + digits..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::edit;
    use super::*;
    use crate::text::Place;

    fn ground(source: &str) -> Ground<'_> {
        Ground { source, dialect: Dialect::CellLines, eol: "\n" }
    }

    /// The source after editing the cleaned text of all of it.
    fn edited(source: &str, new: &str) -> String {
        let mut text = Text::from_source(source, 0, Place::Text(0));
        clean(&mut text, Context::Cell);
        let edits = edits(ground(source), &text, new).expect("an edit");
        edit::apply(source, &edit::settle(edits).expect("disjoint"))
    }

    #[test]
    fn only_what_changes_is_touched() {
        assert_eq!(edited(" 8.00 ", "9.00"), " 9.00 ");
        assert_eq!(edited("收入 8.00万元，支出7.00万元", "收入8.50万元，支出7.25万元"), "收入 8.50万元，支出7.25万元");
        assert_eq!(edited("资 金8.00 万元", "资金8.00亿元"), "资 金8.00 亿元");
        assert_eq!(edited("人力资\n源管理", "人力资源的管理"), "人力资\n源的管理");
        assert_eq!(edited("甲乙", "甲丙乙"), "甲丙乙");
        assert_eq!(edited("甲乙", ""), "");
    }

    #[test]
    fn of_several_pieces_the_first_takes_the_new_text() {
        assert_eq!(edited("136.4 1", "250.00"), "250.00");
        assert_eq!(edited("人力\n资源", "财政"), "财政");
    }

    #[test]
    fn a_run_that_cleaning_made_keeps_its_marks() {
        assert_eq!(edited(r"$\geq 10\%$", "≥20%"), r"$\geq 20\%$");
        assert_eq!(edited("<b>≥ 10%</b>", "≥15%"), "<b>≥ 15%</b>");
        assert_eq!(edited("甲&lt;80%", "甲≤80%"), "甲≤80%");
    }

    #[test]
    fn dates_keep_their_words() {
        assert_eq!(date_like("2020年12月31日", "2020-12-31", "2021-06-05").as_deref(), Some("2021年6月5日"));
        assert_eq!(date_like("2020年01月05日", "2020-01-05", "2020-02-15").as_deref(), Some("2020年02月15日"));
        assert_eq!(date_like("二〇二〇年", "2020-12-31", "2021-06-05"), None);
    }

    #[test]
    fn a_value_without_bytes_cannot_be_edited() {
        assert!(edits(ground("甲"), &Text::from("100%"), "90%").is_err());
    }
}
