//! Totals of our workbook: formulas that show another amount than the filing prints, values pasted
//! over formulas, and formulas whose values some program did not save.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::Restated;
use crate::check::sums::Interval;
use crate::equation::{Equation, Slot};
use crate::filing::amount::{self, Amount};
use crate::filing::{Table, Value};
use crate::finding::Finding;
use crate::form::{Form, Forms, sums};
use crate::source::column_name;
use crate::text::{Place, Text};

/// Whether the totals of a table are all values: somebody pasted values over its formulas. Of a
/// single total nobody knows; while other sheets have formulas, somebody typed that one.
pub(super) fn is_pasted(table: &Table, forms: &Forms, formulas: &HashSet<Place>) -> bool {
    if formulas.is_empty() {
        return true;
    }
    let Some(form) = table.form.as_ref().and_then(|key| forms.get(key)) else { return false };
    let totals: HashSet<Slot> = (sums::equations(form, table, 0).into_iter())
        .filter(|equation| equation.defines)
        .map(|equation| equation.target.slot)
        .collect();
    let live = |slot: &Slot| text_at(table, slot).is_some_and(|text| formulas.contains(&text.place()));
    totals.len() > 1 && !totals.iter().any(live)
}

/// An amount that is printed otherwise than the workbook shows it.
pub(super) struct Restored {
    place: Place,
    shown: String,
    printed: String,
}

/// Puts the printed amount back where a formula shows another one and still holds what it held.
/// `live` are the cells with formulas; `None` where values were pasted over all of them.
pub(super) fn restore_printed(
    table: &mut Table,
    form: Option<&Form>,
    sheet: &str,
    restated: &HashMap<(String, String), Restated>,
    live: Option<&HashSet<Place>>,
) -> Vec<Restored> {
    let by_cell: HashMap<(u32, u32), &Restated> = restated
        .iter()
        .filter(|((known, _), _)| known == sheet)
        .filter_map(|((_, name), value)| Some((cell_position(name)?, value)))
        .collect();
    let of_sheet: Vec<(u32, &Restated)> = by_cell.iter().map(|((_, column), one)| (*column, *one)).collect();
    let moved = live.map(|live| moved_totals(table, form, &of_sheet, live)).unwrap_or_default();
    let mut restored = Vec::new();
    let mut restore = |text: &mut Text| {
        let Place::SheetCell { row, column, .. } = text.place() else { return };
        let Some(Restated { computed, printed, .. }) = by_cell.get(&(row, column)) else { return };
        // A value typed over the formula is an edit, even the one that the formula showed.
        if live.is_some_and(|live| !live.contains(&text.place())) {
            return;
        }
        let number = |text: &str| amount::parse(text).map(|amount| amount.value);
        let same = number(text.as_str()).is_some_and(|value| number(computed) == Some(value))
            || (text.is_empty() && number(computed).is_some_and(|value| value.is_zero()));
        if same {
            if number(text.as_str()) != number(printed.as_str()) && !(text.is_empty() && printed.is_empty()) {
                let (shown, printed) = (text.as_str().to_owned(), printed.as_str().to_owned());
                restored.push(Restored { place: text.place(), shown, printed });
            }
            *text = Text::placed(printed.as_str(), text.place());
        }
    };
    for field in &mut table.fields {
        if let Value::One(text) = &mut field.value {
            restore(text);
        }
    }
    table.rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| restore(&mut cell.text));
    move_on(table, moved);
    restored
}

/// A printed total that its parts do not add up to exactly, after an edit of them.
struct Moved {
    equation: Equation,
    printed: String,
    /// What was printed, less what its printed parts came to.
    remainder: Decimal,
    /// The remainder is no more than rounding explains.
    rounding: bool,
}

/// The totals whose formulas do not show any more what they showed when the workbook was made. They
/// are told by their column and by the name of their row, for rows may have been inserted above them
/// and among what they add up.
fn moved_totals(
    table: &Table,
    form: Option<&Form>,
    restated: &[(u32, &Restated)],
    live: &HashSet<Place>,
) -> Vec<Moved> {
    let equations = form.map(|form| sums::equations(form, table, 0)).unwrap_or_default();
    let equations: Vec<Equation> = equations.into_iter().filter(|equation| equation.defines).collect();
    let mut says: HashMap<(u32, &str), Vec<&Slot>> = HashMap::new();
    for equation in &equations {
        let slot = &equation.target.slot;
        let place = text_at(table, slot).map(Text::place).filter(|place| live.contains(place));
        if let Some(Place::SheetCell { column, .. }) = place {
            says.entry((column, sums::target_of(&equation.says))).or_default().push(slot);
        }
    }
    let mut known: HashMap<&Slot, &Restated> = HashMap::new();
    for (column, one) in restated {
        let target = sums::target_of(&one.says);
        let same = |(at, other): &&(u32, &Restated)| at == column && sums::target_of(&other.says) == target;
        let alone = restated.iter().filter(same).count() == 1;
        if let (true, Some([slot])) = (alone, says.get(&(*column, target)).map(Vec::as_slice)) {
            known.insert(slot, one);
        }
    }
    let number = |text: &str| if text.is_empty() { Some(Decimal::ZERO) } else { Some(amount::parse(text)?.value) };
    let offset = |slot: &Slot| {
        let one = known.get(slot)?;
        Some(number(one.printed.as_str())? - number(&one.computed)?)
    };
    let half = |text: &str| amount::parse(text).map_or(Decimal::ZERO, |amount| Interval::printed(amount.value).slack);
    let mut moved = Vec::new();
    for equation in &equations {
        let slot = &equation.target.slot;
        let (Some(one), Some(own)) = (known.get(slot), offset(slot)) else { continue };
        let shown = text_at(table, slot).and_then(|text| number(text.as_str()));
        if shown.is_none() || shown == number(&one.computed) {
            continue;
        }
        let parts = || equation.terms.iter().flat_map(|term| &term.factors).map(|part| &part.slot);
        let of_parts: Decimal = parts().filter_map(offset).sum();
        let slack = parts().filter_map(|slot| text_at(table, slot)).map(|text| half(text.as_str())).sum::<Decimal>();
        let (printed, remainder) = (one.printed.as_str().to_owned(), own - of_parts);
        let rounding = remainder.abs() <= slack + half(&printed);
        moved.push(Moved { equation: equation.clone(), printed, remainder, rounding });
    }
    moved
}

/// A total that rounding moved goes on by as much as its parts; one that never agreed with them stays.
fn move_on(table: &mut Table, mut moved: Vec<Moved>) {
    while !moved.is_empty() {
        let waiting: HashSet<Slot> = moved.iter().map(|total| total.equation.target.slot.clone()).collect();
        let before = moved.len();
        moved.retain(|total| {
            let parts = || total.equation.terms.iter().flat_map(|term| &term.factors).map(|part| &part.slot);
            if parts().any(|slot| waiting.contains(slot)) {
                return true;
            }
            let slot = &total.equation.target.slot;
            let sum: Decimal = parts().filter_map(|slot| amount_at(table, slot)).map(|amount| amount.value).sum();
            match amount::parse(&total.printed).filter(|_| total.rounding) {
                Some(like) => put(table, slot, &amount::print_like(sum + total.remainder, &like)),
                None => put(table, slot, &total.printed),
            }
            false
        });
        if moved.len() == before {
            return;
        }
    }
}

/// What was kept as printed where values stand instead of formulas.
pub(super) fn tell_pasted(sheet: &str, restored: &[Restored]) -> Finding {
    let name = |place: Place| match place {
        Place::SheetCell { row, column, .. } => format!("{}{}", column_name(column), row + 1),
        _ => String::new(),
    };
    let list = |separator: &str, arrow: &str| -> String {
        let told = restored.iter().take(10).map(|one| {
            let printed = if one.printed.is_empty() { "“”" } else { &one.printed };
            let shown = if one.shown.is_empty() { "“”" } else { &one.shown };
            format!("{} {shown}{arrow}{printed}", name(one.place))
        });
        told.collect::<Vec<_>>().join(separator)
    };
    let count = restored.len();
    Finding::of(
        "formulas-pasted",
        restored.first().map(|one| one.place).unwrap_or_default(),
        format!(
            "工作表“{sheet}”的公式都被粘贴成了数值，分不清其中 {count} 处是公式的结果还是有意改正；仍按原文：{}",
            list("、", "，原文 ")
        ),
        format!(
            "all formulas of the sheet \"{sheet}\" are values now; whether {count} of them are corrections cannot be told, so the original's amounts stay: {}",
            list("; ", ", printed ")
        ),
    )
}

/// Computes the totals of a workbook that some program saved without the values of its formulas, as
/// the form defines them; a total is printed with the decimals of its parts.
pub(super) fn compute_totals(table: &mut Table, forms: &Forms) {
    let Some(form) = table.form.as_ref().and_then(|key| forms.get(key)) else { return };
    let mut open: Vec<Equation> =
        sums::equations(form, table, 0).into_iter().filter(|equation| equation.defines).collect();
    open.retain(|equation| amount_at(table, &equation.target.slot).is_none());
    // A blank field has no equation: it is no sum of the filing, only of this workbook.
    open.extend(sums::field_sums(form).filter(|sum| match &sum.target.slot {
        Slot::Field(id) => table.field_text(id).is_some_and(Text::is_empty),
        Slot::Cell { .. } => false,
    }));
    let waiting: HashSet<Slot> = open.iter().map(|equation| equation.target.slot.clone()).collect();
    let mut done: HashSet<Slot> = HashSet::new();
    // Totals of totals wait until their parts are computed.
    while !open.is_empty() {
        let before = open.len();
        open.retain(|equation| {
            let parts = || equation.terms.iter().flat_map(|term| &term.factors).map(|part| &part.slot);
            if parts().any(|slot| waiting.contains(slot) && !done.contains(slot)) {
                return true;
            }
            let amounts: Vec<Amount> = parts().filter_map(|slot| amount_at(table, slot)).collect();
            if let Some(widest) = amounts.iter().max_by_key(|amount| amount.value.scale()) {
                let sum: Decimal = amounts.iter().map(|amount| amount.value).sum();
                let like = Amount { thousands: amounts.iter().any(|amount| amount.thousands), ..widest.clone() };
                put(table, &equation.target.slot, &amount::print_like(sum, &like));
            }
            done.insert(equation.target.slot.clone());
            false
        });
        if open.len() == before {
            return;
        }
    }
}

fn text_at<'t>(table: &'t Table, slot: &Slot) -> Option<&'t Text> {
    match slot {
        Slot::Cell { row, column } => Some(&table.rows.get(*row)?.cells.get(*column)?.text),
        Slot::Field(id) => table.field_text(id),
    }
}

fn amount_at(table: &Table, slot: &Slot) -> Option<Amount> {
    amount::parse(text_at(table, slot)?.as_str())
}

/// Writes a value at a slot.
fn put(table: &mut Table, slot: &Slot, value: &str) {
    match slot {
        Slot::Cell { row, column } => {
            let place = place_of(table, &sheet_columns(table), *row, *column);
            table.rows[*row].cells[*column].text = Text::placed(value, place);
        }
        Slot::Field(id) => {
            if let Some(field) = table.fields.iter_mut().find(|field| field.id == *id) {
                let place = if let Value::One(text) = &field.value { text.place() } else { Place::Nowhere };
                field.value = Value::One(Text::placed(value, place));
            }
        }
    }
}

/// Sheet, row and column of a cell.
fn sheet_cell(text: &Text) -> Option<(u16, u32, u32)> {
    match text.place() {
        Place::SheetCell { sheet, row, column } => Some((sheet, row, column)),
        _ => None,
    }
}

/// The sheet's column of each column of a table, where some cell of it has a place.
fn sheet_columns(table: &Table) -> Vec<Option<u32>> {
    let place = |column: usize| {
        table.rows.iter().find_map(|row| sheet_cell(&row.cells.get(column)?.text)).map(|(_, _, column)| column)
    };
    (0..table.columns.len()).map(place).collect()
}

/// Where a cell of a sheet stands: in the row and the column of its neighbours, for blank cells have
/// no place of their own.
fn place_of(table: &Table, columns: &[Option<u32>], row: usize, column: usize) -> Place {
    let beside = table.rows[row].cells.iter().find_map(|cell| sheet_cell(&cell.text));
    // The nearest column of which some cell has a place; columns of sums stand beside it.
    let known = columns.iter().enumerate().filter_map(|(other, at)| Some((other, (*at)?)));
    let nearest = known.min_by_key(|(other, _)| other.abs_diff(column));
    let column = nearest.and_then(|(other, at)| (at + column as u32).checked_sub(other as u32));
    match (beside, column) {
        (Some((sheet, row, _)), Some(column)) => Place::SheetCell { sheet, row, column },
        _ => Place::Nowhere,
    }
}

/// Gives formulas that show nothing their places, so that they are known as formulas: under another
/// label the form does not say what they add up.
pub(super) fn place_formulas(table: &mut Table, formulas: &HashSet<Place>) {
    let columns = sheet_columns(table);
    for row in 0..table.rows.len() {
        for column in 0..table.rows[row].cells.len() {
            if table.rows[row].cells[column].text.is_empty() {
                let place = place_of(table, &columns, row, column);
                if formulas.contains(&place) {
                    table.rows[row].cells[column].text = Text::placed("", place);
                }
            }
        }
    }
}

/// Row and column, from 0, of a cell's name (`H6`).
fn cell_position(name: &str) -> Option<(u32, u32)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = name[..letters].bytes().fold(0u32, |column, letter| {
        column.wrapping_mul(26).wrapping_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    let row: u32 = name[letters..].parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}
