//! Alignment of two sequences: what stayed, in order, whatever was inserted or deleted between.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Comparisons that the exact alignment of one gap may cost before it makes do with less.
const MOST: usize = 4_000_000;
/// Comparisons by likeness, which cost more each.
const MOST_LIKE: usize = 40_000;

/// Pairs of equal items in order: the longest common subsequence, or nearly so for long gaps.
pub(super) fn equal<K: Hash + Eq>(old: &[K], new: &[K]) -> Vec<(usize, usize)> {
    let mut ids: HashMap<&K, u32> = HashMap::new();
    let mut number = |key| {
        let next = ids.len() as u32;
        *ids.entry(key).or_insert(next)
    };
    let old: Vec<u32> = old.iter().map(&mut number).collect();
    let new: Vec<u32> = new.iter().map(&mut number).collect();
    let mut pairs = Vec::new();
    let mut gaps = vec![(0..old.len(), 0..new.len())];
    while let Some((mut left, mut right)) = gaps.pop() {
        while !left.is_empty() && !right.is_empty() && old[left.start] == new[right.start] {
            pairs.push((left.start, right.start));
            left.start += 1;
            right.start += 1;
        }
        while !left.is_empty() && !right.is_empty() && old[left.end - 1] == new[right.end - 1] {
            left.end -= 1;
            right.end -= 1;
            pairs.push((left.end, right.end));
        }
        if left.is_empty() || right.is_empty() {
            continue;
        }
        if left.len() * right.len() <= MOST {
            pairs.extend(longest(&old, &new, left, right));
            continue;
        }
        let anchors = anchors(&old, &new, &left, &right);
        let (mut before, mut above) = (left.start, right.start);
        for &(one, other) in &anchors {
            gaps.push((before..one, above..other));
            pairs.push((one, other));
            (before, above) = (one + 1, other + 1);
        }
        if !anchors.is_empty() {
            gaps.push((before..left.end, above..right.end));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The longest common subsequence of two ranges, by dynamic programming.
fn longest(old: &[u32], new: &[u32], left: Range<usize>, right: Range<usize>) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut lengths = vec![0u32; (left.len() + 1) * width];
    for row in (0..left.len()).rev() {
        for column in (0..right.len()).rev() {
            lengths[row * width + column] = if old[left.start + row] == new[right.start + column] {
                lengths[(row + 1) * width + column + 1] + 1
            } else {
                lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < left.len() && column < right.len() {
        if old[left.start + row] == new[right.start + column] {
            pairs.push((left.start + row, right.start + column));
            row += 1;
            column += 1;
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// Items that stand once on each side, in the longest run of the same order.
fn anchors(old: &[u32], new: &[u32], left: &Range<usize>, right: &Range<usize>) -> Vec<(usize, usize)> {
    let mut seen: HashMap<u32, (usize, usize, usize, usize)> = HashMap::new();
    for at in left.clone() {
        let entry = seen.entry(old[at]).or_default();
        (entry.0, entry.1) = (entry.0 + 1, at);
    }
    for at in right.clone() {
        let entry = seen.entry(new[at]).or_default();
        (entry.2, entry.3) = (entry.2 + 1, at);
    }
    let mut unique: Vec<(usize, usize)> =
        seen.values().filter(|entry| entry.0 == 1 && entry.2 == 1).map(|entry| (entry.1, entry.3)).collect();
    unique.sort_unstable();
    increasing(&unique)
}

/// The longest subsequence of pairs, sorted by their first number, whose second numbers rise.
pub(super) fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Patience sorting: `piles` holds the last pair of the best run of each length.
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let pile = piles.partition_point(|&top| pairs[top].1 < pair.1);
        before.push(pile.checked_sub(1).map(|under| piles[under]));
        match piles.get_mut(pile) {
            Some(top) => *top = index,
            None => piles.push(index),
        }
    }
    let mut run = Vec::new();
    let mut at = piles.last().copied();
    while let Some(index) = at {
        run.push(pairs[index]);
        at = before[index];
    }
    run.reverse();
    run
}

/// Pairs of like items in order: the alignment whose likenesses add up to most. Items less like
/// than `least` are not paired. Of long sequences only items at about the same place are compared.
pub(super) fn like(
    old: &[usize],
    new: &[usize],
    least: f64,
    mut likeness: impl FnMut(usize, usize) -> f64,
) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    if old.len() * new.len() > MOST_LIKE {
        // In step, with a look ahead on either side.
        let mut pairs = Vec::new();
        let (mut left, mut right) = (0, 0);
        while left < old.len() && right < new.len() {
            let ahead = (0..16).flat_map(|sum| (0..=sum).map(move |skip| (skip, sum - skip))).find(|(skip, jump)| {
                let pair = old.get(left + skip).zip(new.get(right + jump));
                pair.is_some_and(|(one, other)| likeness(*one, *other) >= least)
            });
            let (skip, jump) = ahead.unwrap_or((16, 16));
            (left, right) = (left + skip, right + jump);
            if ahead.is_some() {
                pairs.push((old[left], new[right]));
                (left, right) = (left + 1, right + 1);
            }
        }
        return pairs;
    }
    let width = new.len() + 1;
    let mut best = vec![0f64; (old.len() + 1) * width];
    let mut scores = vec![0f64; old.len() * new.len()];
    for row in (0..old.len()).rev() {
        for column in (0..new.len()).rev() {
            let score = likeness(old[row], new[column]);
            scores[row * new.len() + column] = score;
            let skip = best[(row + 1) * width + column].max(best[row * width + column + 1]);
            let pair = if score >= least { score + best[(row + 1) * width + column + 1] } else { 0.0 };
            best[row * width + column] = skip.max(pair);
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < old.len() && column < new.len() {
        let score = scores[row * new.len() + column];
        let here = best[row * width + column];
        if score >= least && here <= score + best[(row + 1) * width + column + 1] {
            pairs.push((old[row], new[column]));
            row += 1;
            column += 1;
        } else if here <= best[(row + 1) * width + column] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// How like two texts are, from 0 to 1, by the pairs of characters they share.
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    // Long texts are as like as their beginnings.
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().take(400).collect();
        let mut pairs: Vec<(char, char)> = chars.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        pairs
    };
    let (left, right) = (pairs(one), pairs(other));
    if left.is_empty() || right.is_empty() {
        return 0.0;
    }
    let (mut shared, mut at, mut against) = (0, 0, 0);
    while at < left.len() && against < right.len() {
        match left[at].cmp(&right[against]) {
            std::cmp::Ordering::Equal => {
                shared += 1;
                at += 1;
                against += 1;
            }
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => against += 1,
        }
    }
    2.0 * shared as f64 / (left.len() + right.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn kept(old: &str, new: &str) -> String {
        let letters = chars(old);
        equal(&letters, &chars(new)).into_iter().map(|(at, _)| letters[at]).collect()
    }

    #[test]
    fn insertions_and_deletions_leave_the_rest_paired() {
        assert_eq!(kept("甲乙丙丁", "甲丙丁戊"), "甲丙丁");
        assert_eq!(kept("甲甲甲", "甲甲"), "甲甲");
        assert_eq!(kept("", "甲"), "");
        assert_eq!(kept("甲乙", "乙甲").chars().count(), 1);
    }

    #[test]
    fn long_sequences_are_aligned_by_what_is_unique() {
        let old: Vec<usize> = (0..6_000).collect();
        let new: Vec<usize> =
            (0..6_000).filter(|number| number % 7 != 0).map(|number| number ^ usize::from(number == 5)).collect();
        let pairs = equal(&old, &new);
        assert!(pairs.len() >= 5_140, "{}", pairs.len());
        assert!(pairs.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    }

    #[test]
    fn like_items_are_paired_in_order() {
        let old = ["培训人数达标", "设备采购完成率", "资金到位率"];
        let new = ["培训人数完成", "新增指标", "资金到位比率"];
        let pairs = like(&[0, 1, 2], &[0, 1, 2], 0.4, |one, other| likeness(old[one], new[other]));
        assert_eq!(pairs, [(0, 0), (2, 2)]);
    }
}
