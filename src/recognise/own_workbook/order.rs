//! Where the tables of sheets stand that `文本` has no row for: sheets that somebody added, and those
//! whose row somebody deleted.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::assemble::Out;

/// A row of `文本` that was read.
pub(super) struct Spot {
    /// Its running number, and that of the last row that continues it.
    pub numbers: (u32, u32),
    /// The block that it is, or that follows it where its sheet is gone.
    pub block: usize,
}

/// The sheets of a workbook that are tables.
pub(super) struct Sheets {
    /// Their names in their order.
    pub order: Vec<String>,
    /// The blocks of those that `文本` names.
    pub standing: HashMap<String, usize>,
}

/// Blocks, and the block behind which they stand; `None` is the beginning.
type Home = (Option<usize>, Range<usize>);

impl Sheets {
    /// Where sheets stand whose rows somebody deleted: where a running number is missing between the
    /// sheets beside them, or else behind the sheet before.
    pub fn homes(&self, unlisted: Vec<(String, Range<usize>)>, spots: &[Spot]) -> Vec<Home> {
        let mut gaps: Vec<(usize, u32)> = Vec::new();
        let mut last = 0;
        for spot in spots {
            gaps.extend((spot.numbers.0 > last + 1).then(|| (spot.block, spot.numbers.0 - last - 1)));
            last = spot.numbers.1;
        }
        let mut homes = Vec::new();
        for (name, range) in unlisted {
            let sheet = self.order.iter().position(|other| *other == name).unwrap_or(self.order.len());
            let before = self.before(sheet);
            let after = self.order[sheet..].iter().find_map(|name| self.standing.get(name).copied());
            let between = |(at, free): &(usize, u32)| {
                *free > 0 && before.is_none_or(|before| before < *at) && after.is_none_or(|after| *at <= after)
            };
            // Sheets may stand in another order than their rows.
            let gap = gaps.iter().position(between).or_else(|| gaps.iter().position(|(_, free)| *free > 0));
            let home = match gap.and_then(|gap| gaps.get_mut(gap)) {
                Some((at, free)) => {
                    *free -= 1;
                    at.checked_sub(1)
                }
                None => before,
            };
            homes.push((home, range));
        }
        homes
    }

    /// Where added sheets stand: behind the sheet before, or behind the last one of their form.
    pub fn beside(&self, out: &[Out], added: Vec<(String, Range<usize>)>) -> Vec<Home> {
        let form = |at: usize| match out.get(at) {
            Some(Out::Table(table)) => table.form.as_ref().map(|key| key.form.as_str()),
            _ => None,
        };
        let mut homes = Vec::new();
        for (name, range) in added {
            let own = range.clone().find_map(form);
            let like = |at: &usize| own.is_some() && form(*at) == own;
            let before = self.before(self.order.iter().position(|other| *other == name).unwrap_or(self.order.len()));
            let last = self.standing.values().copied().filter(like).max();
            if let Some(anchor) = before.filter(like).or(last).or(before) {
                homes.push((Some(anchor), range));
            }
        }
        homes
    }

    fn before(&self, sheet: usize) -> Option<usize> {
        self.order[..sheet].iter().rev().find_map(|name| self.standing.get(name).copied())
    }
}

/// The order of `count` blocks after some are put behind others.
pub(super) fn put_behind(count: usize, homes: impl Iterator<Item = Home>) -> Vec<usize> {
    let mut behind: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    let mut moved: HashSet<usize> = HashSet::new();
    for (home, range) in homes {
        moved.extend(range.clone());
        behind.entry(home).or_default().extend(range);
    }
    let places = std::iter::once(None).chain((0..count).filter(|at| !moved.contains(at)).map(Some));
    places.flat_map(|at| at.into_iter().chain(behind.remove(&at).unwrap_or_default())).collect()
}
