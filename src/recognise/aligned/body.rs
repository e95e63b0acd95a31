//! The rows under a header set with blanks: which column each text stands in.

use std::ops::Range;

use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::head::{Head, Leaf};
use super::lines::{Line, Piece};
use super::rests::{self, Printed};
use crate::document::{GridCell, GridRow};
use crate::filing::amount;
use crate::form::Kind;
use crate::layout::clean::begins_item;
use crate::recognise::words::words;

/// Longest text of a cell on a line, in characters; longer ones are prose.
pub(super) const LONGEST_CELL: usize = 60;

/// Another way to put texts under heads must be worse by so many columns; to put amounts, by one.
const CLEARLY: u64 = 3;

/// What the texts that stand under each other are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Amounts,
    Texts,
}

/// Texts of the rows that stand under each other.
#[derive(Clone, Debug)]
struct Stack {
    sort: Sort,
    columns: Range<usize>,
}

/// The rows under a header.
pub(super) struct Body<'h> {
    head: &'h Head,
    /// What stands under each other on the last page, and under which head.
    stacks: Vec<(Stack, usize)>,
    /// How wide the texts of each column are at most.
    rooms: Vec<usize>,
    /// The last line of the page may go on in one on the next.
    pub open: bool,
    pub rows: Vec<GridRow>,
}

impl<'h> Body<'h> {
    /// The rows with each text in the column of its head; `None` where one may stand under two.
    pub fn read(head: &'h Head, lines: &[Line]) -> Option<Body<'h>> {
        let mut stacks = straight_stacks(lines)?;
        let under = loop {
            match under(&head.leaves, &stacks) {
                Some(under) => break under,
                None => join_texts(&mut stacks, lines)?,
            }
        };
        let stacks = stacks.into_iter().zip(under).collect();
        let mut body = Body { head, stacks, rooms: vec![0; head.leaves.len()], open: false, rows: Vec::new() };
        body.rows = body.sorted(lines)?;
        Some(body)
    }

    /// Adds the rows of another page, which prints no header and may be set otherwise. `false` where it
    /// cannot be told what stands under which head.
    pub fn goes_on(&mut self, lines: &[Line]) -> bool {
        let Some(stacks) = straight_stacks(lines) else { return false };
        let Some(under) = self.again(&stacks) else { return false };
        let stacks = stacks.into_iter().zip(under).collect();
        let mut page = Body { head: self.head, stacks, rooms: self.rooms.clone(), open: false, rows: Vec::new() };
        let Some(mut rows) = page.sorted(lines).filter(|rows| rows.iter().all(|row| self.adds_up(row))) else {
            return false;
        };
        self.rows.append(&mut rows);
        (self.stacks, self.rooms, self.open) = (page.stacks, page.rooms, page.open);
        true
    }

    /// The heads of stacks on another page. The total, which is printed wherever its parts are, tells how
    /// far the page is moved.
    fn again(&self, stacks: &[Stack]) -> Option<Vec<usize>> {
        let amounts = |stack: &Stack| stack.sort == Sort::Amounts;
        let first = self.stacks.iter().find(|(stack, _)| amounts(stack));
        let moved = match (first, stacks.iter().find(|stack| amounts(stack))) {
            (Some((known, leaf)), Some(stack)) if !self.head.leaves[*leaf].parts.is_empty() => {
                stack.edge() as i64 - known.edge() as i64
            }
            (Some(_), None) => 0,
            _ => return None,
        };
        let nearest = |stack: &Stack| {
            let moved = if amounts(stack) { moved } else { 0 };
            let mut known: Vec<(u64, usize)> = self
                .stacks
                .iter()
                .filter(|(known, _)| known.sort == stack.sort)
                .map(|(known, leaf)| ((known.edge() as i64 + moved).abs_diff(stack.edge() as i64), *leaf))
                .collect();
            known.sort_unstable();
            let (nearest, leaf) = *known.first()?;
            let clearly = known.get(1).is_none_or(|(next, _)| nearest * 2 <= *next);
            (clearly && (!amounts(stack) || nearest <= CLEARLY)).then_some(leaf)
        };
        let under: Vec<usize> = stacks.iter().map(nearest).collect::<Option<_>>()?;
        under.windows(2).all(|pair| pair[0] < pair[1]).then_some(under)
    }

    /// Whether the totals of a row are those of their parts, to the last place.
    fn adds_up(&self, row: &GridRow) -> bool {
        let value =
            |leaf: usize| amount::parse(row.cells[leaf].text.as_str()).map_or(Decimal::ZERO, |amount| amount.value);
        let leaves = self.head.leaves.iter().enumerate();
        leaves.filter(|(_, leaf)| !leaf.parts.is_empty()).all(|(at, leaf)| {
            let parts: Option<Decimal> =
                leaf.parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(value(*part)));
            parts == Some(value(at))
        })
    }

    /// Whether a row is no rest of another that is printed on several lines.
    fn is_whole(&self, row: &GridRow) -> bool {
        let leaves = &self.head.leaves;
        let filled = |at: &usize| !row.cells[*at].text.is_empty();
        let of = |kind: Kind| (0..leaves.len()).filter(move |at| leaves[*at].kind == kind);
        let total = || (0..leaves.len()).any(|at| words().is_total(row.cells[at].text.as_str()));
        let keyed = self.head.keys.is_empty() || self.head.keys.iter().any(filled);
        let coded = of(Kind::Code).next().is_none() || of(Kind::Code).any(|at| filled(&at)) || total();
        let ordered = of(Kind::Ordinal).all(|at| filled(&at)) || total();
        let has_amounts = of(Kind::Money).next().is_some();
        let texts = || (0..leaves.len()).filter(filled).map(|at| row.cells[at].text.as_str());
        let listed = has_amounts || texts().count() > 1;
        // A name without amounts says by its number, or by 其中, that it is no rest of the one above.
        let marked = of(Kind::Code).chain(of(Kind::Ordinal)).next().is_some();
        let begins = |text: &str| begins_item(text) || text.starts_with("其中") || words().is_total(text);
        let named = marked || !has_amounts || of(Kind::Money).any(|at| filled(&at)) || texts().all(begins);
        keyed && coded && ordered && listed && named
    }

    fn sorted(&mut self, lines: &[Line]) -> Option<Vec<GridRow>> {
        let leaves = &self.head.leaves;
        let mut rows: Vec<Printed> = Vec::new();
        for line in lines {
            let mut cells = vec![GridCell::default(); leaves.len()];
            for piece in &line.pieces {
                let stacked = || self.stacks.iter().find(|(stack, _)| stack.takes(piece)).map(|(_, leaf)| *leaf);
                let named = is_total(piece) || (line.lone().is_some() && stacked().is_none());
                let column = if named { near(leaves, piece) } else { stacked() }?;
                if !cells[column].text.is_empty() {
                    return None;
                }
                cells[column].text = piece.text();
            }
            rows.push((GridRow { cells, header: false }, line.gap));
        }
        for (at, room) in self.rooms.iter_mut().enumerate() {
            *room = rows.iter().map(|(row, _)| row.cells[at].text.as_str().width()).fold(*room, usize::max);
        }
        let last = rows.last().map(|(row, _)| row);
        let full = |at: usize| last.is_some_and(|row| rests::is_full(row.cells[at].text.as_str(), self.rooms[at]));
        self.open = (0..leaves.len()).any(|at| leaves[at].kind == Kind::Text && full(at));
        let rows = rests::joined(self.head, rows, &self.rooms)?;
        rows.iter().all(|row| self.is_whole(row)).then_some(rows)
    }
}

impl Stack {
    fn takes(&self, piece: &Piece) -> bool {
        let sort = self.sort == sort(piece) || (self.sort == Sort::Amounts && piece.is_amount());
        sort && piece.columns.start < self.columns.end && self.columns.start < piece.columns.end
    }

    /// Where it is flush: amounts at the right, texts at the left.
    fn edge(&self) -> usize {
        match self.sort {
            Sort::Amounts => self.columns.end,
            Sort::Texts => self.columns.start,
        }
    }
}

fn sort(piece: &Piece) -> Sort {
    if piece.is_money() || piece.as_str().starts_with(['-', '—']) && piece.is_amount() {
        Sort::Amounts
    } else {
        Sort::Texts
    }
}

/// Names of rows of totals stand between the columns of a code and a name.
fn is_total(piece: &Piece) -> bool {
    words().is_total(piece.as_str())
}

/// The texts of rows that stand under each other, from the left.
fn stacks(lines: &[Line]) -> Vec<Stack> {
    let wide = lines.iter().filter(|line| line.pieces.len() > 1);
    let mut pieces: Vec<&Piece> = wide.flat_map(|line| &line.pieces).filter(|piece| !is_total(piece)).collect();
    pieces.sort_by_key(|piece| piece.columns.start);
    let mut stacks: Vec<Stack> = Vec::new();
    for piece in pieces {
        match stacks.iter_mut().find(|stack| stack.takes(piece)) {
            Some(stack) => stack.columns.end = stack.columns.end.max(piece.columns.end),
            None => stacks.push(Stack { sort: sort(piece), columns: piece.columns.clone() }),
        }
    }
    stacks.sort_by_key(|stack| stack.columns.start + stack.columns.end);
    stacks
}

/// The texts that stand under each other; `None` where amounts that do are neither flush right nor centred:
/// a long one may reach under a short one of the column before.
fn straight_stacks(lines: &[Line]) -> Option<Vec<Stack>> {
    /// Amounts of a column end, or have their middles, at most so many columns apart.
    const APART: usize = 6;
    let stacks = stacks(lines);
    let is_straight = |stack: &Stack| {
        let pieces = || lines.iter().flat_map(|line| &line.pieces).filter(|piece| stack.takes(piece));
        let spread = |at: fn(&Piece) -> usize| {
            let (least, most) =
                pieces().map(at).fold((usize::MAX, 0), |(least, most), at| (least.min(at), most.max(at)));
            most.saturating_sub(least)
        };
        spread(|piece| piece.columns.end) <= APART || spread(|piece| piece.middle() / 2) <= APART / 2
    };
    stacks.iter().all(|stack| stack.sort == Sort::Texts || is_straight(stack)).then_some(stacks)
}

/// Joins two texts beside each other that no line prints both of: a name that is centred (收入总计) stands
/// beside those that are flush left. `None` where there are none.
fn join_texts(stacks: &mut Vec<Stack>, lines: &[Line]) -> Option<()> {
    let both = |one: &Stack, other: &Stack| {
        let has = |line: &Line, stack: &Stack| line.pieces.iter().any(|piece| !is_total(piece) && stack.takes(piece));
        lines.iter().any(|line| has(line, one) && has(line, other))
    };
    let texts = |pair: &[Stack]| pair.iter().all(|stack| stack.sort == Sort::Texts);
    let at = stacks.windows(2).position(|pair| texts(pair) && !both(&pair[0], &pair[1]))?;
    let end = stacks.remove(at + 1).columns.end;
    stacks[at].columns.end = stacks[at].columns.end.max(end);
    Some(())
}

fn holds(leaf: &Leaf, stack: &Stack) -> bool {
    let amounts = matches!(leaf.kind, Kind::Money | Kind::Number | Kind::Percent);
    match stack.sort {
        Sort::Amounts => amounts,
        Sort::Texts => leaf.kind != Kind::Money,
    }
}

/// The head of each stack: in order, each its own, and clearly so.
fn under(leaves: &[Leaf], stacks: &[Stack]) -> Option<Vec<usize>> {
    let best = place(leaves, stacks, None)?;
    let unsure = |at: usize| {
        let other = place(leaves, stacks, Some((at, best.1[at])));
        // Middles are counted in half columns.
        let clearly = 2 * if stacks[at].sort == Sort::Amounts { 1 } else { CLEARLY };
        other.is_some_and(|(cost, _)| cost < best.0 + clearly)
    };
    let beside = |at: usize| stacks[at].sort == Sort::Amounts && !is_beneath(leaves, best.1[at], &stacks[at]);
    // As many stacks as heads leave no choice.
    let chosen = stacks.len() < leaves.len();
    if chosen && (0..stacks.len()).any(|at| unsure(at) || beside(at)) {
        return None;
    }
    Some(best.1)
}

/// Numbers are flush right, and labels are centred: a number ends no further left than its own label, no
/// further right than where the next one begins, give or take a column, and not where it might be one of
/// the next that is off its place.
fn is_beneath(leaves: &[Leaf], leaf: usize, stack: &Stack) -> bool {
    // A number and its label may be off by so many columns, both together. Numbers of columns are where
    // the amounts are.
    let off = if leaves[leaf].numbered { 1 } else { 4 };
    let end = stack.columns.end;
    let next = leaves[leaf + 1..].iter().find(|next| holds(next, stack));
    let before_next = |next: &Leaf| end <= next.columns.start + 1 && end + off < next.columns.end;
    end + 1 >= leaves[leaf].columns.end && next.is_none_or(before_next)
}

/// Puts stacks under heads in order, so that they are nearest; `but` says what not to do.
fn place(leaves: &[Leaf], stacks: &[Stack], but: Option<(usize, usize)>) -> Option<(u64, Vec<usize>)> {
    let middle = |columns: &Range<usize>| (columns.start + columns.end) as u64;
    // Least cost of the stacks from the first when the last of them stands under a head.
    let mut costs: Vec<Vec<Option<(u64, usize)>>> = Vec::new();
    for (at, stack) in stacks.iter().enumerate() {
        let mut row = vec![None; leaves.len()];
        for (leaf, head) in leaves.iter().enumerate() {
            if !holds(head, stack) || but == Some((at, leaf)) {
                continue;
            }
            let before = match at.checked_sub(1) {
                None => Some((0, 0)),
                Some(before) => (0..leaf)
                    .filter_map(|left| costs[before][left].map(|(cost, _)| (cost, left)))
                    .min_by_key(|(cost, _)| *cost),
            };
            let cost = middle(&head.columns).abs_diff(middle(&stack.columns));
            row[leaf] = before.map(|(so_far, left)| (so_far + cost, left));
        }
        costs.push(row);
    }
    let Some(last) = costs.last() else { return Some((0, Vec::new())) };
    let (mut leaf, cost) =
        (0..leaves.len()).filter_map(|leaf| last[leaf].map(|(cost, _)| (leaf, cost))).min_by_key(|(_, cost)| *cost)?;
    let mut heads = vec![0; stacks.len()];
    for at in (0..stacks.len()).rev() {
        heads[at] = leaf;
        leaf = costs[at][leaf]?.1;
    }
    Some((cost, heads))
}

/// The column of texts whose head is nearest.
fn near(leaves: &[Leaf], piece: &Piece) -> Option<usize> {
    (0..leaves.len())
        .filter(|leaf| leaves[*leaf].kind == Kind::Text)
        .min_by_key(|leaf| (leaves[*leaf].columns.start + leaves[*leaf].columns.end).abs_diff(piece.middle()))
}
