//! Which block, row and column of the new filing is which of the old one.
//!
//! Nothing is keyed by position alone: blocks and rows are aligned as sequences, so that what was
//! inserted, deleted or moved is seen as such. Projects repeat both their names and their codes,
//! so tables are paired by all they say, the surest key first.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::align::{equal, increasing, like, likeness};
use crate::filing::{Block, Filing, Row, Table, Value};
use crate::form::label::fold;
use crate::form::{Form, Forms, Kind};
use crate::text::Text;

/// Least likeness of paragraphs and of rows that are one and the same, edited.
const LIKE: f64 = 0.45;
/// The same for tables without a common key.
const LIKE_TABLES: f64 = 0.6;
/// Tables compared all with all when no key tells them apart.
const MOST_TABLES: usize = 2_500;

/// Both directions of a pairing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    /// New index of each old one.
    pub new: Vec<Option<usize>>,
    /// Old index of each new one.
    pub old: Vec<Option<usize>>,
    /// New indices that stand elsewhere in the order than the old ones.
    pub moved: HashSet<usize>,
}

/// How two filings correspond.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairing {
    pub blocks: Map,
    /// For each pair of tables, by new block index.
    pub tables: HashMap<usize, TablePair>,
}

/// How two tables correspond.
#[derive(Clone, Debug, Default)]
pub(crate) struct TablePair {
    pub rows: Map,
    pub columns: Map,
}

impl Map {
    fn unpaired(old: usize, new: usize) -> Map {
        Map { new: vec![None; old], old: vec![None; new], moved: HashSet::new() }
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.new[old] = Some(new);
        self.old[new] = Some(old);
    }

    fn pair_all(&mut self, pairs: &[(usize, usize)]) {
        for (old, new) in pairs {
            self.pair(*old, *new);
        }
    }

    /// Pairs in the order of the new side.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.old.iter().enumerate().filter_map(|(new, old)| Some(((*old)?, new)))
    }

    /// The gaps between pairs that are in order: unpaired indices of both sides that stand between
    /// the same neighbours.
    fn gaps(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut in_order: Vec<(usize, usize)> = self.pairs().collect();
        in_order.sort_unstable();
        let mut gaps = Vec::new();
        let (mut left, mut right) = (0, 0);
        for (old, new) in increasing(&in_order).into_iter().chain([(self.new.len(), self.old.len())]) {
            let olds: Vec<usize> = (left..old).filter(|at| self.new[*at].is_none()).collect();
            let news: Vec<usize> = (right..new).filter(|at| self.old[*at].is_none()).collect();
            if !olds.is_empty() && !news.is_empty() {
                gaps.push((olds, news));
            }
            (left, right) = (old + 1, new + 1);
        }
        gaps
    }

    /// Pairs what is unpaired on both sides and has the same key, once on each.
    fn pair_unique<K: Hash + Eq>(&mut self, old: impl Fn(usize) -> Option<K>, new: impl Fn(usize) -> Option<K>) {
        let mut seen: HashMap<K, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for at in (0..self.new.len()).filter(|at| self.new[*at].is_none()) {
            if let Some(key) = old(at) {
                seen.entry(key).or_default().0.push(at);
            }
        }
        for at in (0..self.old.len()).filter(|at| self.old[*at].is_none()) {
            if let Some(key) = new(at) {
                seen.entry(key).or_default().1.push(at);
            }
        }
        for (olds, news) in seen.into_values() {
            if let ([old], [new]) = (olds.as_slice(), news.as_slice()) {
                self.pair(*old, *new);
            }
        }
    }

    /// Finds which pairs are out of order.
    fn find_moved(&mut self) {
        let mut pairs: Vec<(usize, usize)> = self.pairs().collect();
        pairs.sort_unstable();
        let kept: HashSet<usize> = increasing(&pairs).into_iter().map(|(_, new)| new).collect();
        self.moved = pairs.into_iter().map(|(_, new)| new).filter(|new| !kept.contains(new)).collect();
    }
}

/// Pairs two filings.
pub(crate) fn pair(old: &Filing, new: &Filing, forms: &Forms) -> Pairing {
    let tables = pair_tables(old, new);
    // Paired tables count as equal blocks; prose is equal by its text.
    let number: HashMap<usize, usize> = tables.iter().map(|(old, new)| (*new, *old)).collect();
    let key = |block: &Block, table: Option<usize>| match block {
        Block::Heading(heading) => Key::Text(heading.text.as_str().to_owned()),
        Block::Paragraph(text) => Key::Text(text.as_str().to_owned()),
        Block::Table(_) => table.map_or(Key::Lone, Key::Table),
    };
    let paired: HashSet<usize> = tables.iter().map(|(old, _)| *old).collect();
    let olds: Vec<Key> = (old.blocks.iter().enumerate())
        .map(|(at, block)| key(block, Some(at).filter(|at| paired.contains(at))))
        .collect();
    let news: Vec<Key> =
        new.blocks.iter().enumerate().map(|(at, block)| key(block, number.get(&at).copied())).collect();
    let mut blocks = Map::unpaired(olds.len(), news.len());
    let same: Vec<(usize, usize)> =
        equal(&olds, &news).into_iter().filter(|(old, _)| olds[*old] != Key::Lone).collect();
    blocks.pair_all(&same);
    blocks.pair_all(&tables);
    for (olds, news) in blocks.gaps() {
        let prose = |filing: &Filing, at: &usize| prose_of(&filing.blocks[*at]).is_some();
        let olds: Vec<usize> = olds.into_iter().filter(|at| prose(old, at)).collect();
        let news: Vec<usize> = news.into_iter().filter(|at| prose(new, at)).collect();
        let mut pairs = like(&olds, &news, LIKE, |one, other| {
            let text = |block| prose_of(block).unwrap_or_default();
            likeness(text(&old.blocks[one]), text(&new.blocks[other]))
        });
        // A short line between the same neighbours was rewritten.
        if pairs.is_empty() && olds.len() == 1 && news.len() == 1 {
            pairs.push((olds[0], news[0]));
        }
        blocks.pair_all(&pairs);
    }
    let text = |blocks: &[Block], at: usize| prose_of(&blocks[at]).filter(|text| !text.is_empty()).map(str::to_owned);
    blocks.pair_unique(|at| text(&old.blocks, at), |at| text(&new.blocks, at));
    blocks.find_moved();
    let mut pairing = Pairing { blocks, tables: HashMap::new() };
    for (one, other) in tables {
        if let (Some(one), Some(table)) = (old.table(one), new.table(other)) {
            pairing.tables.insert(other, pair_table(one, table, forms));
        }
    }
    pairing
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Text(String),
    Table(usize),
    Lone,
}

pub(super) fn prose_of(block: &Block) -> Option<&str> {
    block.prose().map(Text::as_str)
}

// ---- tables

/// Pairs of block indices.
fn pair_tables(old: &Filing, new: &Filing) -> Vec<(usize, usize)> {
    let mut groups: HashMap<&str, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (block, table) in old.tables() {
        groups.entry(table.form_id()).or_default().0.push(block);
    }
    for (block, table) in new.tables() {
        groups.entry(table.form_id()).or_default().1.push(block);
    }
    let mut pairs = Vec::new();
    for (form, (olds, news)) in groups {
        if let ([one], [other]) = (olds.as_slice(), news.as_slice())
            && !form.is_empty()
        {
            pairs.push((*one, *other));
            continue;
        }
        pairs.extend(pair_group(old, new, &olds, &news));
    }
    pairs.sort_unstable();
    pairs
}

/// Keys of a table, the surest first.
const KEYS: &[fn(&Table) -> Option<String>] = &[
    |table| {
        Some(format!("{}\n{}\n{}", named(table, "no")?, named(table, "project_code")?, named(table, "project_name")?))
    },
    |table| Some(format!("{}\n{}", named(table, "project_code")?, named(table, "project_name")?)),
    |table| named(table, "project_name"),
    |table| named(table, "project_code"),
    |table| Some(fold(table.title.as_str())).filter(|title| !title.is_empty()),
    // Columns without a label say nothing: a workbook has not those at the end that are empty.
    |table| {
        let labels = table.columns.iter().map(|column| column.label.join("/")).collect::<Vec<_>>().join("|");
        Some(labels.trim_end_matches('|').to_owned())
    },
];

fn named(table: &Table, field: &str) -> Option<String> {
    table.field_text(field).map(|text| fold(text.as_str())).filter(|text| !text.is_empty())
}

fn pair_group(old: &Filing, new: &Filing, olds: &[usize], news: &[usize]) -> Vec<(usize, usize)> {
    let table = |filing: &'_ Filing, block: usize| filing.table(block).map(contents).unwrap_or_default();
    let left: Vec<Vec<u64>> = olds.iter().map(|block| table(old, *block)).collect();
    let right: Vec<Vec<u64>> = news.iter().map(|block| table(new, *block)).collect();
    let mut map = Map::unpaired(olds.len(), news.len());
    let alike = |one: usize, other: usize| shared(&left[one], &right[other]);
    for key in KEYS {
        let mut seen: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (at, block) in olds.iter().enumerate().filter(|(at, _)| map.new[*at].is_none()) {
            if let Some(key) = old.table(*block).and_then(key) {
                seen.entry(key).or_default().0.push(at);
            }
        }
        for (at, block) in news.iter().enumerate().filter(|(at, _)| map.old[*at].is_none()) {
            if let Some(key) = new.table(*block).and_then(key) {
                seen.entry(key).or_default().1.push(at);
            }
        }
        for (olds, news) in seen.into_values() {
            match (olds.as_slice(), news.as_slice()) {
                ([one], [other]) => map.pair(*one, *other),
                // Several of one key: the most like in order; as many as before are the same ones.
                (olds, news) if olds.len() == news.len() => {
                    map.pair_all(&like(olds, news, 0.2, alike));
                }
                (olds, news) => map.pair_all(&like(olds, news, LIKE_TABLES, alike)),
            }
        }
    }
    for (olds, news) in map.gaps() {
        map.pair_all(&like(&olds, &news, LIKE_TABLES, alike));
    }
    // Moved and renamed at once.
    let rest = |side: &[Option<usize>]| (0..side.len()).filter(|at| side[*at].is_none()).collect::<Vec<_>>();
    let (rest_old, rest_new) = (rest(&map.new), rest(&map.old));
    if rest_old.len() * rest_new.len() <= MOST_TABLES {
        for one in rest_old {
            let best =
                rest_new.iter().filter(|other| map.old[**other].is_none()).map(|other| (alike(one, *other), *other));
            if let Some((score, other)) = best.max_by(|left, right| left.0.total_cmp(&right.0))
                && score >= LIKE_TABLES
            {
                map.pair(one, other);
            }
        }
    }
    map.pairs().map(|(one, other)| (olds[one], news[other])).collect()
}

/// Everything a table says, as sorted hashes.
fn contents(table: &Table) -> Vec<u64> {
    use std::hash::{DefaultHasher, Hasher};
    let hash = |text: &str| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    };
    let fields = table.fields.iter().flat_map(|field| match &field.value {
        Value::One(text) => vec![text.as_str()],
        Value::Many(texts) => texts.iter().map(|text| text.as_str()).collect(),
    });
    let cells = table.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str());
    let mut all: Vec<u64> =
        fields.chain(cells).chain([table.title.as_str()]).filter(|text| !text.is_empty()).map(hash).collect();
    all.sort_unstable();
    all
}

/// The part of two sorted lists that they share.
fn shared(one: &[u64], other: &[u64]) -> f64 {
    let (mut at, mut against, mut both) = (0, 0, 0);
    while at < one.len() && against < other.len() {
        match one[at].cmp(&other[against]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => against += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                at += 1;
                against += 1;
            }
        }
    }
    match one.len() + other.len() {
        0 => 1.0,
        all => 2.0 * f64::from(both) / all as f64,
    }
}

/// Pairs two lists of texts: equal ones in order, then like ones between them, then moved ones.
pub(super) fn pair_texts(old: &[&str], new: &[&str]) -> Map {
    let mut map = Map::unpaired(old.len(), new.len());
    map.pair_all(&equal(old, new));
    for (olds, news) in map.gaps() {
        let mut pairs = like(&olds, &news, LIKE, |one, other| likeness(old[one], new[other]));
        if pairs.is_empty() && olds.len() == 1 && news.len() == 1 {
            pairs.push((olds[0], news[0]));
        }
        map.pair_all(&pairs);
    }
    map.pair_unique(|at| Some(old[at]), |at| Some(new[at]));
    map.find_moved();
    map
}

// ---- rows and columns

pub(super) fn pair_table(old: &Table, new: &Table, forms: &Forms) -> TablePair {
    let form = new.form.as_ref().or(old.form.as_ref()).and_then(|key| forms.get(key));
    let columns = pair_columns(old, new);
    let rows = pair_rows(old, new, &columns, form);
    TablePair { rows, columns }
}

fn pair_columns(old: &Table, new: &Table) -> Map {
    let mut map = Map::unpaired(old.columns.len(), new.columns.len());
    // Columns no form knows are numbered as they come: their labels tell more.
    let unknown = |id: &str| matches!(id.as_bytes(), [b'c' | b'x', rest @ ..] if rest.iter().all(u8::is_ascii_digit));
    let label = |table: &Table, at: usize| {
        let column = &table.columns[at];
        Some(column.label.join("/")).filter(|label| unknown(&column.id) && !label.is_empty())
    };
    map.pair_unique(|at| label(old, at), |at| label(new, at));
    map.pair_unique(|at| Some(old.columns[at].id.as_str()), |at| Some(new.columns[at].id.as_str()));
    map.find_moved();
    map
}

fn pair_rows(old: &Table, new: &Table, columns: &Map, form: Option<&Form>) -> Map {
    let shared: Vec<(usize, usize)> = columns.pairs().collect();
    let text =
        |row: &Row, column: usize| row.cells.get(column).map(|cell| cell.text.as_str()).unwrap_or_default().to_owned();
    let all_old: Vec<Vec<String>> =
        old.rows.iter().map(|row| shared.iter().map(|(column, _)| text(row, *column)).collect()).collect();
    let all_new: Vec<Vec<String>> =
        new.rows.iter().map(|row| shared.iter().map(|(_, column)| text(row, *column)).collect()).collect();
    let mut map = Map::unpaired(old.rows.len(), new.rows.len());
    map.pair_all(&equal(&all_old, &all_new));
    // Sorted rows are the same rows.
    let whole =
        |rows: &[Vec<String>], at: usize| Some(rows[at].clone()).filter(|row| row.iter().any(|text| !text.is_empty()));
    map.pair_unique(|at| whole(&all_old, at), |at| whole(&all_new, at));
    let weights: Vec<Weight> = shared.iter().map(|(column, _)| weight(&old.columns[*column].id, form)).collect();
    let alike = |one: usize, other: usize| row_likeness(&all_old[one], &all_new[other], &weights);
    for (olds, news) in map.gaps() {
        let mut pairs = like(&olds, &news, LIKE, alike);
        if pairs.is_empty() && olds.len() == 1 && news.len() == 1 && alike(olds[0], news[0]) > 0.1 {
            pairs.push((olds[0], news[0]));
        }
        map.pair_all(&pairs);
    }
    let key = |rows: &[Vec<String>], at: usize| {
        let key: Vec<String> = (rows[at].iter().zip(&weights))
            .filter(|(text, weight)| **weight == Weight::Key && !text.is_empty())
            .map(|(text, _)| text.clone())
            .collect();
        (!key.is_empty()).then_some(key)
    };
    map.pair_unique(|at| key(&all_old, at), |at| key(&all_new, at));
    map.find_moved();
    map
}

/// What a column says of which row it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Weight {
    Key,
    Words,
    Number,
}

fn weight(id: &str, form: Option<&Form>) -> Weight {
    let Some(form) = form else { return Weight::Words };
    let code = form.tree.as_ref().is_some_and(|tree| tree.code == id);
    match form.column(id) {
        Some(spec) if code || spec.key => {
            if matches!(spec.kind, Kind::Money | Kind::Number) {
                Weight::Number
            } else {
                Weight::Key
            }
        }
        Some(spec) => match spec.kind {
            Kind::Money | Kind::Number | Kind::Percent | Kind::Ordinal | Kind::Year => Weight::Number,
            _ => Weight::Words,
        },
        None => Weight::Words,
    }
}

fn row_likeness(one: &[String], other: &[String], weights: &[Weight]) -> f64 {
    let (mut score, mut most) = (0.0, 0.0);
    for ((left, right), weight) in one.iter().zip(other).zip(weights) {
        if left.is_empty() && right.is_empty() {
            continue;
        }
        let worth = match weight {
            Weight::Key => 4.0,
            Weight::Words => 1.0,
            Weight::Number => 0.4,
        };
        most += worth;
        score += worth
            * if left == right {
                1.0
            } else if *weight == Weight::Number {
                0.0
            } else {
                likeness(left, right)
            };
    }
    if most == 0.0 { 1.0 } else { score / most }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::{Cell, Column};

    fn table(rows: &[&str]) -> Table {
        let columns = (1..=3).map(|number| Column { id: format!("c{number}"), label: Vec::new() }).collect();
        let rows = rows
            .iter()
            .map(|row| Row {
                cells: row.split('|').map(|text| Cell { text: text.into(), filled: false }).collect(),
                ..Row::default()
            })
            .collect();
        Table { columns, rows, ..Table::default() }
    }

    fn rows(old: &[&str], new: &[&str]) -> Map {
        pair_table(&table(old), &table(new), &Forms::default()).rows
    }

    #[test]
    fn an_inserted_row_shifts_nothing() {
        let map = rows(&["甲|一|1", "乙|二|2"], &["甲|一|1", "丙|三|3", "乙|二|5"]);
        assert_eq!(map.old, [Some(0), None, Some(1)]);
        assert!(map.moved.is_empty());
    }

    #[test]
    fn a_moved_row_is_moved_and_not_deleted() {
        let map = rows(&["甲|一|1", "乙|二|2", "丙|三|3"], &["丙|三|3", "甲|一|1", "乙|二|2"]);
        assert_eq!(map.old, [Some(2), Some(0), Some(1)]);
        assert_eq!(map.moved, HashSet::from([0]));
    }

    #[test]
    fn equal_rows_pair_in_order() {
        let map = rows(&["甲|一|1", "甲|一|1", "乙|二|2"], &["甲|一|1", "乙|二|2"]);
        assert_eq!(map.old.iter().flatten().count(), 2);
        assert_eq!(map.old[1], Some(2));
    }
}
