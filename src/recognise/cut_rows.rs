//! Rows that a page cut in two, and words cut over two rows.

use super::body::{Body, Plan, Words, add, is_cut, may_join};
use crate::filing::Row;
use crate::form::label::{Pattern, fold, without_ordinal};
use crate::form::{Form, Kind};

/// Joins rows that a page cut in two: a row without its key column goes on the row above.
pub(super) fn join_cut_rows(body: &mut Body, form: &Form, plan: &Plan, gaps: &mut Vec<bool>, words: Option<&Words>) {
    let key = plan.form_column.iter().position(|index| index.is_some_and(|index| form.columns[index].key));
    let value = body.columns.iter().position(|column| column.id == "value");
    let code = form.tree.as_ref().and_then(|tree| body.columns.iter().position(|column| column.id == tree.code));
    let mut at = 1;
    while at < body.rows.len() {
        let row = &body.rows[at];
        let text = |column: usize| row.cells[column].text.as_str();
        let own = |column: usize| !row.cells[column].filled && !text(column).is_empty();
        // A level is the row's own unless it is the rest of the one above.
        let begins = |(column, list): (usize, &[Pattern])| {
            own(column) && !is_cut(list, body.rows[at - 1].cells[column].text.as_str(), text(column))
        };
        let levels = words.is_some_and(|words| begins(words.level1) || begins(words.level2));
        let has_code = code.is_some_and(|code| !text(code).is_empty());
        let amounts = has_amounts(form, plan, row);
        let after_gap = gaps.get(at).copied().unwrap_or(false);
        let rest = match key {
            Some(key) => {
                let headless = text(key).is_empty() && !levels && !has_code && !amounts;
                // pingluo-2023:61: the first row of a page with nothing but the rest of a name.
                let tail = after_gap
                    && !levels
                    && words.is_some()
                    && !text(key).is_empty()
                    && value
                        .is_some_and(|value| text(value).is_empty() && !body.rows[at - 1].cells[value].text.is_empty());
                let name_tail = form.tree.is_some()
                    && after_gap
                    && !amounts
                    && code.is_none_or(|code| {
                        text(code).is_empty()
                            || is_code_tail(form, body.rows[at - 1].cells[code].text.as_str(), text(code))
                    })
                    && without_ordinal(&fold(text(key))) != "合计";
                headless || tail || name_tail
            }
            None => after_gap && !amounts && goes_on(form, plan, &body.rows[at - 1], row),
        };
        let is_code = |column: usize| is_code_column(form, plan, column);
        // Of two values with numbers neither is the rest of the other: two rows have one name.
        let two_values = value.is_some_and(|value| {
            let has_number = |row: &Row| row.cells[value].text.as_str().contains(|ch: char| ch.is_ascii_digit());
            own(value) && has_number(row) && has_number(&body.rows[at - 1])
        });
        let clash = two_values
            || (0..row.cells.len()).any(|column| {
                own(column) && !is_code(column) && !may_join(&body.rows[at - 1].cells[column], &row.cells[column].text)
            });
        if !rest || clash {
            at += 1;
            continue;
        }
        let cut = body.rows.remove(at);
        gaps.remove(at);
        for (column, cell) in cut.cells.iter().enumerate() {
            if !cell.text.is_empty() && !cell.filled {
                add(&mut body.rows[at - 1].cells[column], &cell.text);
                body.rows[at - 1].cells[column].filled = false;
            }
        }
        let named = &body.rows[at - 1].cells[key.unwrap_or_default()];
        let what = named.text.as_str().to_owned();
        body.repairs.push((
            "row-joined",
            at - 1,
            format!("“{what}”一行被分页切成两行，已合并"),
            format!("row “{what}” was cut in two by a page and was joined"),
        ));
    }
}

fn is_code_column(form: &Form, plan: &Plan, column: usize) -> bool {
    plan.form_column.get(column).copied().flatten().is_some_and(|index| form.columns[index].kind == Kind::Code)
}

fn has_amounts(form: &Form, plan: &Plan, row: &Row) -> bool {
    plan.form_column.iter().zip(&row.cells).any(|(index, cell)| {
        index.is_some_and(|index| matches!(form.columns[index].kind, Kind::Money | Kind::Number | Kind::Ordinal))
            && !cell.text.is_empty()
    })
}

/// Whether digits that are no code themselves make one with those of the row above (`20502` / `02`).
fn is_code_tail(form: &Form, above: &str, tail: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    form.tree.as_ref().is_some_and(|tree| {
        digits(above)
            && digits(tail)
            && !tree.levels.contains(&tail.len())
            && tree.levels.contains(&(above.len() + tail.len()))
    })
}

/// Whether each text of a row goes on one of the row above, which has the amounts: the rest of a row
/// of a form whose rows have no name that is always there.
fn goes_on(form: &Form, plan: &Plan, above: &Row, row: &Row) -> bool {
    let printed: Vec<usize> = (0..row.cells.len()).filter(|column| !row.cells[*column].text.is_empty()).collect();
    let is_code = |column: usize| is_code_column(form, plan, column);
    has_amounts(form, plan, above)
        && printed.len() > 1
        && printed.iter().all(|column| {
            let text = row.cells[*column].text.as_str();
            // A code of its own begins with a letter.
            !above.cells[*column].text.is_empty()
                && (!is_code(*column) || text.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

/// Joins level names that a page cut in two over two rows.
pub(super) fn join_cut_levels(body: &mut Body, words: &Words) {
    for (column, list) in [words.level1, words.level2] {
        for at in 0..body.rows.len().saturating_sub(1) {
            let head = body.rows[at].cells[column].text.as_str();
            let tail = body.rows[at + 1].cells[column].text.as_str();
            if head.is_empty() || tail.is_empty() || Words::is(list, head) || !is_cut(list, head, tail) {
                continue;
            }
            let tail = std::mem::take(&mut body.rows[at + 1].cells[column].text);
            body.rows[at].cells[column].text.push(&tail);
            let whole = body.rows[at].cells[column].text.as_str().to_owned();
            body.repairs.push((
                "cell-joined",
                at,
                format!("“{whole}”被切成上下两行，已合并"),
                format!("“{whole}” was cut over two rows and was joined"),
            ));
        }
    }
}
