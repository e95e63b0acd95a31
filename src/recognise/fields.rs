//! The field block of a form: each value is found by its label, never by its position.

use std::collections::{BTreeMap, HashSet};

use super::grid::{Cell, Row, Token};
use super::{laid, plan};
use crate::filing::{Field, Value};
use crate::form::label::{Pattern, fold, fold_label};
use crate::form::{FieldSpec, Form, Kind, LayoutCell};
use crate::layout::clean::{Context, begins_item, clean};
use crate::text::{SAME_ITEM, Text, is_blank};

/// What was bound from the rows of a field block.
#[derive(Debug, Default)]
pub(super) struct Bound {
    /// Values by field id.
    pub values: BTreeMap<String, Value>,
    /// Labels found.
    pub labels: Vec<Text>,
    /// Number of labels found.
    pub matched: usize,
    /// Cells that no label explains.
    pub rest: Vec<Text>,
    /// Repairs made: the code of the finding, what to say in Chinese and in English.
    pub repairs: Vec<(&'static str, String, String)>,
}

/// A label of the layout: where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    row: usize,
    cell: usize,
}

struct Binder<'f> {
    form: &'f Form,
    bound: Bound,
    /// Labels of the last layout row matched, with the physical columns they stand in.
    above: Vec<(At, usize)>,
    cursor: Option<usize>,
    /// A row without any label, waiting for a label whose value it may be.
    loose: Vec<Text>,
}

/// Binds the rows of a field block.
pub(super) fn bind(form: &Form, rows: &[Row]) -> Bound {
    let mut binder = Binder { form, bound: Bound::default(), above: Vec::new(), cursor: None, loose: Vec::new() };
    let mut at = 0;
    while at < rows.len() {
        at += binder.row(rows, at);
    }
    let loose = std::mem::take(&mut binder.loose);
    binder.bound.rest.extend(loose);
    binder.bound
}

/// Binds the rows of a field block whose cells stand as the form lays them ([`super::laid`]).
pub(super) fn bind_laid(form: &Form, rows: &[Row]) -> Bound {
    let mut binder = Binder { form, bound: Bound::default(), above: Vec::new(), cursor: None, loose: Vec::new() };
    let cells = laid::cells(form);
    for (row, column, pattern) in &cells {
        let Some(cell) = rows.get(*row).and_then(|row| row.cells.get(*column)) else { continue };
        match pattern.lone_slot() {
            Some(slot) if cell.text.is_empty() => binder.missing(slot),
            Some(slot) => binder.set(slot, cell),
            None => binder.bound.labels.push(cell.text.clone()),
        }
    }
    let places: HashSet<(usize, usize)> = cells.iter().map(|(row, column, _)| (*row, *column)).collect();
    for (number, row) in rows.iter().enumerate() {
        let beside = row.tokens().filter(|token| !places.contains(&(number, token.column)));
        binder.bound.rest.extend(beside.map(|token| token.cell.text.clone()));
    }
    binder.bound
}

/// Number of labels of the form's field block that a row prints.
pub(super) fn labels_in(form: &Form, row: &Row) -> usize {
    row.tokens().filter(|token| !find_label(form, token.str()).is_empty()).count()
}

/// The field whose value stands at the right of a label of the layout.
pub(super) fn slot_right_of(form: &Form, row: usize, cell: usize) -> Option<&FieldSpec> {
    match form.layout[row].get(cell + 1)? {
        LayoutCell::Text { pattern, .. } => form.field(pattern.lone_slot()?),
        LayoutCell::Above => None,
    }
}

fn find_label(form: &Form, text: &str) -> Vec<At> {
    if text.is_empty() || text.chars().count() > 40 {
        return Vec::new();
    }
    let folded = fold_label(text);
    let printed = |label: &Pattern| label.key() == Some(folded.as_str());
    form.labels().filter(|(.., label)| printed(label)).map(|(row, cell, _)| At { row, cell }).collect()
}

impl<'f> Binder<'f> {
    /// Binds the row at `at`; yields the number of rows used.
    fn row(&mut self, rows: &[Row], at: usize) -> usize {
        let row = &rows[at];
        let tokens: Vec<Token> = row.tokens().collect();
        if tokens.is_empty() {
            return 1;
        }
        let found: Vec<(usize, Vec<At>)> =
            tokens.iter().enumerate().map(|(index, token)| (index, find_label(self.form, token.str()))).collect();
        let Some(layout_row) = self.best_row(&found) else {
            self.unlabelled(&tokens);
            return 1;
        };
        if let Some(used) = self.plan(rows, at, layout_row) {
            return used;
        }
        self.cursor = Some(layout_row);
        self.above.clear();
        // A label printed twice in a row (其中：财政拨款 of two funds) stands in its places in order.
        let mut positions: Vec<(usize, At)> = Vec::new();
        for (index, places) in &found {
            let free = |place: &&At| place.row == layout_row && positions.iter().all(|(_, taken)| taken != *place);
            if let Some(place) = places.iter().find(free) {
                positions.push((*index, *place));
            }
        }
        // A label printed in the row but belonging to another layout row still bounds a value.
        let is_label: Vec<bool> = found.iter().map(|(_, places)| !places.is_empty()).collect();
        let first = positions.first().map_or(0, |(index, _)| *index);
        for token in &tokens[..first] {
            self.piece_of_label(token);
        }
        for (order, (index, place)) in positions.iter().enumerate() {
            self.bound.matched += 1;
            self.bound.labels.push(tokens[*index].cell.text.clone());
            self.above.push((*place, tokens[*index].column));
            let slots = self.slots_right_of(*place);
            let until = positions.get(order + 1).map_or(tokens.len(), |(next, _)| *next);
            let values: Vec<&Token> =
                (index + 1..until).filter(|index| !is_label[*index]).map(|index| &tokens[index]).collect();
            for index in (index + 1..until).filter(|index| is_label[*index]) {
                self.bound.labels.push(tokens[index].cell.text.clone());
            }
            if slots.is_empty() {
                for value in values {
                    self.piece_of_label(value);
                }
                continue;
            }
            for (number, slot) in slots.iter().enumerate() {
                match values.get(number) {
                    Some(value) => self.set(slot, value.cell),
                    None if number == 0 => self.missing(slot),
                    None => {}
                }
            }
            for value in values.iter().skip(slots.len()) {
                self.bound.rest.push(value.cell.text.clone());
            }
        }
        1
    }

    /// The layout row with the most labels in the row; the next after the last one wins a tie.
    fn best_row(&self, found: &[(usize, Vec<At>)]) -> Option<usize> {
        let mut hits: BTreeMap<usize, usize> = BTreeMap::new();
        for (_, places) in found {
            for place in places {
                *hits.entry(place.row).or_default() += 1;
            }
        }
        let after = self.cursor.map_or(0, |cursor| cursor + 1);
        hits.into_iter()
            .max_by_key(|(row, count)| (*count, *row >= after, std::cmp::Reverse(row.abs_diff(after))))
            .map(|(row, _)| row)
    }

    fn slots_right_of(&self, place: At) -> Vec<String> {
        self.form.layout[place.row][place.cell + 1..]
            .iter()
            .map_while(|cell| match cell {
                LayoutCell::Text { pattern, .. } => pattern.lone_slot().map(str::to_owned),
                LayoutCell::Above => None,
            })
            .collect()
    }

    fn kind(&self, field: &str) -> Kind {
        self.form.field(field).map_or(Kind::Text, |field| field.kind)
    }

    fn set(&mut self, field: &str, cell: &Cell) {
        if self.kind(field) == Kind::List {
            let items = split_items(cell);
            match self.bound.values.get_mut(field) {
                Some(Value::Many(known)) => known.extend(items),
                _ => {
                    self.bound.values.insert(field.to_owned(), Value::Many(items));
                }
            }
            return;
        }
        let mut text = cell.text.clone();
        tidy_value(&mut text, self.kind(field));
        match self.bound.values.get(field) {
            Some(Value::One(known)) if !known.is_empty() => {
                // A row printed again says the same; anything else is kept for a finding.
                if fold(known.as_str()) != fold(text.as_str()) {
                    self.bound.rest.push(text);
                } else {
                    self.bound.labels.push(text);
                }
            }
            _ => {
                self.bound.values.insert(field.to_owned(), Value::One(text));
            }
        }
    }

    /// The label of a slot is printed without a value.
    fn missing(&mut self, slot: &str) {
        // pingluo-2023:238: the name stands on the row above its label.
        if self.form.repairs("value-above-label") && self.loose.len() == 1 {
            let value = self.loose.remove(0);
            self.bound.repairs.push((
                "value-moved",
                format!("“{}”的值印在标签上一行，已归位", self.form.field_name(slot)),
                format!("the value of {} stood above its label and was moved to it", self.form.field_name(slot)),
            ));
            self.bound.values.insert(slot.to_owned(), Value::One(value));
            return;
        }
        let empty = if self.kind(slot) == Kind::List { Value::Many(Vec::new()) } else { Value::One(Text::default()) };
        self.bound.values.entry(slot.to_owned()).or_insert(empty);
    }

    /// A cell beside the labels that may be a part of one (`项目资金` / `（万元）` on two rows).
    fn piece_of_label(&mut self, token: &Token) {
        let folded = fold_label(token.str());
        let part = folded.chars().count() >= 2
            && self.form.layout.iter().flatten().any(|cell| match cell {
                LayoutCell::Text { pattern, .. } if pattern.slots().next().is_none() => {
                    let label = fold_label(pattern.printed());
                    label.starts_with(&folded) || label.ends_with(&folded)
                }
                _ => false,
            });
        if part {
            self.bound.labels.push(token.cell.text.clone());
        } else {
            self.bound.rest.push(token.cell.text.clone());
        }
    }

    /// A row without labels: values under the labels above, more of a list, or a loose value.
    fn unlabelled(&mut self, tokens: &[Token]) {
        if let Some(cursor) = self.cursor {
            if let Some(slots) = self.unlabelled_slots(cursor + 1) {
                self.under(cursor, &slots, tokens);
                self.cursor = Some(cursor + 1);
                return;
            }
            let lists: Vec<String> = self.form.layout[cursor]
                .iter()
                .filter_map(|cell| match cell {
                    LayoutCell::Text { pattern, .. } => pattern.lone_slot().map(str::to_owned),
                    LayoutCell::Above => None,
                })
                .filter(|slot| self.kind(slot) == Kind::List)
                .collect();
            if let ([list], [item]) = (lists.as_slice(), tokens) {
                self.set(list, item.cell);
                return;
            }
        }
        if tokens.iter().all(|token| self.is_label_piece(token.str())) {
            for token in tokens {
                self.bound.labels.push(token.cell.text.clone());
            }
            return;
        }
        let loose = std::mem::take(&mut self.loose);
        self.bound.rest.extend(loose);
        self.loose = tokens.iter().map(|token| token.cell.text.clone()).collect();
    }

    fn is_label_piece(&self, text: &str) -> bool {
        let folded = fold_label(text);
        folded.chars().count() >= 2
            && self.form.layout.iter().flatten().any(|cell| {
                matches!(cell, LayoutCell::Text { pattern, .. }
                    if pattern.slots().next().is_none() && fold_label(pattern.printed()).ends_with(&folded))
            })
    }

    /// The slots of a layout row that prints no label of its own.
    fn unlabelled_slots(&self, row: usize) -> Option<Vec<String>> {
        let cells = self.form.layout.get(row)?;
        let mut slots = Vec::new();
        for cell in cells {
            if let LayoutCell::Text { pattern, .. } = cell {
                slots.push(pattern.lone_slot()?.to_owned());
            }
        }
        Some(slots)
    }

    /// Binds values that stand under their labels.
    fn under(&mut self, cursor: usize, slots: &[String], tokens: &[Token]) {
        if let [slot] = slots {
            let (first, rest) = tokens.split_first().expect("the row has a token");
            self.set(slot, first.cell);
            self.bound.rest.extend(rest.iter().map(|token| token.cell.text.clone()));
            return;
        }
        let columns: Vec<usize> =
            self.above.iter().filter(|(place, _)| place.row == cursor).map(|(_, column)| *column).collect();
        let skipped = columns.len().saturating_sub(slots.len());
        let by_column = |token: &Token| columns.iter().skip(skipped).position(|column| *column == token.column);
        let under: Vec<Option<usize>> = match tokens.len() == slots.len() {
            true => (0..slots.len()).map(Some).collect(),
            false => tokens.iter().map(by_column).collect(),
        };
        // A row with more than the form asks for is one of a table that it does not know.
        let known = tokens.len() <= slots.len() || under.iter().all(Option::is_some);
        for (token, slot) in tokens.iter().zip(under) {
            match slot.and_then(|index| slots.get(index)).filter(|_| known) {
                Some(slot) => self.set(slot, token.cell),
                None => self.bound.rest.push(token.cell.text.clone()),
            }
        }
        for slot in slots {
            self.missing(slot);
        }
    }

    /// Reads a funding plan when the form allows its repair and the row is its label row.
    fn plan(&mut self, rows: &[Row], at: usize, layout_row: usize) -> Option<usize> {
        if !self.form.repairs("plan-shifted") {
            return None;
        }
        let slots = self.unlabelled_slots(layout_row + 1).filter(|slots| slots.len() > 1)?;
        let labels: Vec<&Pattern> = self.form.layout[layout_row]
            .iter()
            .filter_map(|cell| match cell {
                LayoutCell::Text { pattern, .. } => Some(pattern),
                LayoutCell::Above => None,
            })
            .collect();
        let (name, labels) = labels.split_first()?;
        if labels.len() != slots.len() {
            return None;
        }
        let which = |text: &str| {
            let folded = fold_label(text);
            labels.iter().position(|label| label.key() == Some(folded.as_str()))
        };
        let is_name = |text: &str| fold_label(text) == fold_label(name.printed());
        // gaoxin-2021:1133: the plan may be printed again under the label of the next block.
        let next_name = self.form.layout.get(layout_row + 2).and_then(|row| match row.first() {
            Some(LayoutCell::Text { pattern, .. }) => Some(fold_label(pattern.printed())),
            _ => None,
        });
        let is_next = |text: &str| next_name.as_deref() == Some(fold_label(text).as_str());
        let of_plan = |row: &Row| {
            row.tokens().all(|token| {
                which(token.str()).is_some()
                    || is_name(token.str())
                    || is_next(token.str())
                    || plan::is_value(token.str())
            }) && row.tokens().any(|token| !is_next(token.str()))
        };
        let used = rows[at..].iter().take_while(|row| row.is_blank() || of_plan(row)).count();
        if used == 0 {
            return None;
        }
        for token in rows[at..at + used].iter().flat_map(Row::tokens) {
            if which(token.str()).is_some() || is_name(token.str()) || is_next(token.str()) {
                self.bound.matched += 1;
                self.bound.labels.push(token.cell.text.clone());
            }
        }
        let names = |text: &str| is_name(text) || is_next(text);
        let mut plan = plan::read(&rows[at..at + used], slots.len(), which, names);
        self.bound.rest.append(&mut plan.rest);
        self.bound.labels.append(&mut plan.again);
        self.report_plan(&plan);
        // In a workbook of ours a value that is not there is none.
        if !rows[at..at + used].iter().flat_map(|row| &row.cells).any(|cell| cell.lines) {
            self.fill_last(&mut plan, labels);
        }
        for (slot, value) in slots.iter().zip(plan.values) {
            self.bound.values.insert(slot.clone(), Value::One(value.unwrap_or_default()));
        }
        self.cursor = Some(layout_row + 1);
        Some(used)
    }

    fn report_plan(&mut self, plan: &plan::Plan) {
        if plan.moved {
            self.bound.repairs.push((
                "plan-shifted",
                "资金支出计划的比例不在各自标签之下，已按顺序归位".to_owned(),
                "percentages of the funding plan stood beside their labels and were put under them".to_owned(),
            ));
        }
        if plan.repeated {
            self.bound.repairs.push((
                "plan-repeated",
                "资金支出计划重复印了一次，已去掉重复".to_owned(),
                "the funding plan was printed twice; the repeat was dropped".to_owned(),
            ));
        }
    }

    /// 12月底 is lost: where the value before is already 100 % it can only be 100 %.
    fn fill_last(&mut self, plan: &mut plan::Plan, labels: &[&Pattern]) {
        let last = plan.values.len() - 1;
        if plan.values[last].is_some() || plan.values.iter().all(Option::is_none) {
            return;
        }
        let name = labels[last].printed();
        let before = plan.values[..last].iter().rev().flatten().next();
        let full = before
            .and_then(|text| crate::filing::amount::parse(text.as_str()))
            .is_some_and(|amount| amount.value == rust_decimal::Decimal::ONE_HUNDRED);
        if let (true, Some(before)) = (full && plan.values[last - 1].is_some(), before) {
            let value = Text::placed(before.as_str(), before.place());
            self.bound.repairs.push((
                "plan-filled",
                format!("{name}的比例在文本中丢失；上一期已是 {value}，只能是 {value}，已补上"),
                format!(
                    "the value of {name} is lost; the one before is {value} already, so it was filled with {value}"
                ),
            ));
            plan.values[last] = Some(value);
        } else {
            self.bound.repairs.push((
                "plan-missing",
                format!("{name}的比例在文本中丢失，无法推断，留空；请对照原件补上"),
                format!("the value of {name} is lost and cannot be inferred; it is left empty: look at the original"),
            ));
        }
    }
}

/// Removes what is wrong in any value of a kind: blanks inside numbers and codes.
pub(super) fn tidy_value(text: &mut Text, kind: Kind) {
    match kind {
        Kind::Money | Kind::Number | Kind::Percent => {
            let joined: String = text.as_str().chars().filter(|ch| !is_blank(*ch)).collect();
            // Whole numbers with a blank between them may be two (120 / 100), which together are another.
            let whole = |piece: &str| piece.bytes().all(|byte| byte.is_ascii_digit());
            let several = kind != Kind::Percent && text.as_str().split(is_blank).all(whole);
            if joined.len() != text.as_str().len() && !several && crate::filing::amount::parse(&joined).is_some() {
                text.retain(|_, ch| !is_blank(ch));
            }
        }
        Kind::Code | Kind::Ordinal | Kind::Year if text.as_str().is_ascii() => text.retain(|_, ch| !is_blank(ch)),
        _ => {}
    }
}

/// Splits numbered items that extraction ran together: at line breaks, and before `2.` after a
/// blank or the end of a sentence.
pub(super) fn split_items(cell: &Cell) -> Vec<Text> {
    if cell.lines {
        let value = cell.text.as_str();
        let (mut items, mut start) = (Vec::new(), 0);
        for end in value.match_indices('\n').map(|(at, _)| at).chain([value.len()]) {
            if end < value.len() && value[..end].ends_with(SAME_ITEM) {
                continue;
            }
            let mut item = cell.text.slice(start..end);
            let line = value[start..end].to_owned();
            item.retain(|at, ch| ch != SAME_ITEM || !line[at + ch.len_utf8()..].starts_with('\n'));
            items.push(item);
            start = end + 1;
        }
        items.retain(|item| !item.is_blank());
        return items;
    }
    let raw: &Text = cell.raw.as_deref().unwrap_or(&cell.text);
    let mut raw = raw.clone();
    // Tags become line breaks first, so that they can split items; wraps go item by item.
    if raw.as_str().contains('<') {
        raw = cell.text.clone();
    }
    let value = raw.as_str();
    let mut cuts = vec![0];
    let mut previous: Option<char> = None;
    for (index, ch) in value.char_indices() {
        // `目标 1：` is one number.
        let boundary = previous
            .is_some_and(|before| is_blank(before) || matches!(before, '。' | '；' | ';' | '！' | '>'))
            && !value[..index].trim_end_matches(is_blank).ends_with("目标");
        if boundary && !is_blank(ch) && begins_item(&value[index..]) {
            cuts.push(index);
        } else if previous == Some('\n')
            && !is_blank(ch)
            && !begins_item(&value[index..])
            && cuts.last() == Some(&0)
            && !begins_item(value)
        {
            // Unnumbered goals in lines of their own.
            cuts.push(index);
        }
        previous = Some(ch);
    }
    cuts.push(value.len());
    cuts.windows(2)
        .map(|range| {
            let mut item = raw.slice(range[0]..range[1]);
            clean(&mut item, Context::Cell);
            item
        })
        .filter(|item| !item.is_empty())
        .collect()
}

/// The fields of a form in its order; those without a value are empty.
pub(super) fn in_order(form: &Form, mut values: BTreeMap<String, Value>) -> Vec<Field> {
    form.fields
        .iter()
        .map(|field| {
            let empty = || if field.kind == Kind::List { Value::Many(Vec::new()) } else { Value::One(Text::default()) };
            Field { id: field.id.clone(), value: values.remove(&field.id).unwrap_or_else(empty) }
        })
        .collect()
}
