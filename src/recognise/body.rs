//! The body rows of a table: cells to columns, cut rows joined, merged cells filled.

use std::borrow::Cow;

use super::cut_rows::{join_cut_levels, join_cut_rows};
use super::fields::tidy_value;
use super::grid::Row as GridRow;
use super::header::{Assigned, Header};
use super::words::words as foot;
use crate::document::Cover;
use crate::filing::{Cell, Column, Row, amount};
use crate::form::label::{Folded, Pattern, fold};
use crate::form::{Form, Forms, Kind};
use crate::text::Text;

/// The body under construction.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Printed constants and other text without a value.
    pub labels: Vec<Text>,
    /// The row of signatures under the table.
    pub note: Text,
    /// Repairs: code, row, Chinese, English.
    pub repairs: Vec<(&'static str, usize, String, String)>,
    /// Table columns of physical columns without a name.
    nameless: Vec<(usize, usize)>,
}

/// Column layout of the table: form columns found in the order of the form, then unknown ones.
pub(super) struct Plan {
    pub columns: Vec<Column>,
    /// Form column of each table column; `None` for an unknown one.
    pub form_column: Vec<Option<usize>>,
    /// Table column of each physical column.
    target: Vec<Option<usize>>,
}

fn plan_columns(form: &Form, header: &Header) -> Plan {
    let found = header.found();
    let mut columns = Vec::new();
    let mut form_column = Vec::new();
    for (index, spec) in form.columns.iter().enumerate() {
        if found.contains(&index) && spec.fixed.is_none() {
            let label = header.labels.iter().find(|(column, _)| *column == index).map(|(_, path)| path.clone());
            columns.push(Column { id: spec.id.clone(), label: label.unwrap_or_default() });
            form_column.push(Some(index));
        }
    }
    let mut target = Vec::new();
    for assigned in &header.columns {
        target.push(match assigned {
            Assigned::Column(index) | Assigned::Part(index) => {
                form_column.iter().position(|column| *column == Some(*index))
            }
            Assigned::Unknown { path, .. } => {
                let number = form_column.iter().filter(|column| column.is_none()).count() + 1;
                columns.push(Column { id: format!("x{number}"), label: path.clone() });
                form_column.push(None);
                Some(columns.len() - 1)
            }
            Assigned::Blank => None,
        });
    }
    Plan { columns, form_column, target }
}

/// Vocabulary of a form's listed columns.
pub(super) struct Words<'f> {
    pub level1: (usize, &'f [Pattern]),
    pub level2: (usize, &'f [Pattern]),
}

impl Words<'_> {
    pub fn is(list: &[Pattern], text: &str) -> bool {
        if text.is_empty() || text.chars().count() > 30 {
            return false;
        }
        let folded = Folded::new(text);
        list.iter().any(|pattern| pattern.matches_folded(&folded))
    }
}

/// Builds the body of a table from its data rows. On a sheet of our own every cell belongs to the column
/// it stands under, whatever its words, and no row is a part of another.
pub(super) fn build(forms: &Forms, form: &Form, header: &Header, rows: &[GridRow], own: bool) -> Body {
    let plan = plan_columns(form, header);
    let mut body = Body { columns: plan.columns.clone(), ..Body::default() };
    for (column, _) in plan.columns.iter().zip(&plan.form_column).filter(|(_, index)| index.is_none()) {
        let name = column.label.join("·");
        body.repairs.push((
            "column-unknown",
            0,
            format!("表样中没有“{name}”一列，按原样保留（{}）", column.id),
            format!("the form has no column “{name}”; it is kept as {}", column.id),
        ));
    }
    let words = (form.repairs("levels-by-vocabulary") && !own).then(|| words(forms, form, &plan)).flatten();
    let mut gaps: Vec<bool> = Vec::new();
    let mut code_above: Vec<Text> = Vec::new();
    let (rows, signed) = rows.split_at(if own { rows.len() } else { signed_from(rows) });
    signed.iter().for_each(|row| add_signature(&mut body.note, row));
    for (number, row) in rows.iter().enumerate() {
        if row.is_blank() {
            continue;
        }
        let row = &*if own || words.is_some() { Cow::Borrowed(row) } else { aligned(form, header, row) };
        let mut built = match &words {
            Some(words)
                if levels_shifted(words, form, header, &plan, (body.rows.last(), row, rows.get(number + 1))) =>
            {
                place_by_vocabulary(&mut body, words, form, header, &plan, row)
            }
            _ => place_by_column(&mut body, form, header, &plan, row),
        };
        join_code_parts(&mut body, header, &plan, row, &mut built, &mut code_above);
        tidy(form, &plan, &mut built);
        if built.cells.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        fill_covered(&mut built, &body, &plan, row);
        built.cells.resize_with(body.columns.len(), Cell::default);
        body.rows.push(built);
        gaps.push(row.after_gap);
    }
    if !own {
        join_cut_rows(&mut body, form, &plan, &mut gaps, words.as_ref());
    }
    if let Some(words) = &words {
        join_cut_levels(&mut body, words);
    }
    fill_down(&mut body, form, &plan);
    body
}

fn words<'f>(forms: &'f Forms, form: &Form, plan: &Plan) -> Option<Words<'f>> {
    let mut listed = plan.form_column.iter().enumerate().filter_map(|(column, index)| {
        let list = form.columns[(*index)?].list.as_deref()?;
        Some((column, forms.lists.get(list)?.as_slice()))
    });
    Some(Words { level1: listed.next()?, level2: listed.next()? })
}

fn empty_row(plan: &Plan) -> Row {
    Row { cells: vec![Cell::default(); plan.columns.len()], ..Row::default() }
}

/// The first of the rows of signatures (填表人, 审核人) under a table; without one, the end of the rows.
fn signed_from(rows: &[GridRow]) -> usize {
    let is_signed = |row: &&GridRow| {
        let mut label_before = false;
        row.is_blank()
            || row.tokens().enumerate().all(|(at, token)| {
                let is_value = at > 0 && label_before;
                let is_signature = foot().is_signature(token.str());
                label_before = is_signature && token.str().ends_with(['：', ':']);
                is_signature || is_value
            })
    };
    let foot = rows.iter().rev().take_while(is_signed).count();
    if rows[rows.len() - foot..].iter().all(GridRow::is_blank) { rows.len() } else { rows.len() - foot }
}

fn add_signature(note: &mut Text, row: &GridRow) {
    for token in row.tokens() {
        if !note.is_empty() && !note.as_str().ends_with(['：', ':']) {
            note.push_str("  ");
        }
        note.push(&token.cell.text);
    }
}

/// A row of totals whose name is merged over the columns of a code and its name, printed once: the
/// cells after it are moved to the columns of amounts.
fn aligned<'r>(form: &Form, header: &Header, row: &'r GridRow) -> Cow<'r, GridRow> {
    let unmoved = Cow::Borrowed(row);
    let spec = |column: usize| match header.columns.get(column) {
        Some(Assigned::Column(index)) => Some(&form.columns[*index]),
        _ => None,
    };
    let is_ordinal = |column: usize| spec(column).is_some_and(|spec| spec.kind == Kind::Ordinal);
    let named = row.tokens().find(|token| !is_ordinal(token.column) || foot().is_total(token.str()));
    let Some(name) = named.filter(|token| foot().is_total(token.str())).map(|token| token.column) else {
        return unmoved;
    };
    let takes_text = |column: usize| match header.columns.get(column) {
        Some(Assigned::Column(index)) => {
            matches!(form.columns[*index].kind, Kind::Text | Kind::Code | Kind::Ordinal)
        }
        Some(Assigned::Part(_)) | None => true,
        Some(Assigned::Unknown { .. } | Assigned::Blank) => false,
    };
    let amounts = || row.tokens().filter(|token| token.column > name && amount::parse(token.str()).is_some());
    let wrong = |shift: usize| amounts().any(|token| takes_text(token.column + shift));
    if !wrong(0) {
        return unmoved;
    }
    let key = (name..header.columns.len()).find(|column| spec(*column).is_some_and(|spec| spec.key));
    let short = header.columns.len().saturating_sub(row.cells.len());
    let shift = match key {
        Some(key) if short > 0 => short.min(key - name),
        // The row is padded: an amount right after the name is that of the column right after its.
        Some(key) if amounts().next().is_some_and(|token| token.column == name + 1) => key - name,
        Some(_) => 0,
        None => short,
    };
    if shift == 0 || wrong(shift) {
        return unmoved;
    }
    let mut moved = row.clone();
    // The name goes to its column, or stands in the first of those that it is merged over.
    let at = if key.is_some() { name } else { name + 1 };
    moved.cells.splice(at..at, std::iter::repeat_with(super::grid::Cell::default).take(shift));
    while moved.cells.len() > header.columns.len() && moved.cells.last().is_some_and(|cell| cell.text.is_empty()) {
        moved.cells.pop();
    }
    Cow::Owned(moved)
}

/// Whether a text may go on what a cell holds. Two numbers never make one: it would be another number.
pub(super) fn may_join(cell: &Cell, text: &Text) -> bool {
    let is_number = |text: &Text| amount::parse(text.as_str()).is_some();
    !is_number(&cell.text) || !is_number(text)
}

/// Whether a text is one more part of a code printed in several columns.
fn is_code_part(cell: &Cell, text: &Text) -> bool {
    let digits = |text: &Text| text.as_str().bytes().all(|byte| byte.is_ascii_digit());
    digits(&cell.text) && digits(text) && text.as_str().len() <= 3
}

pub(super) fn add(cell: &mut Cell, text: &Text) {
    if cell.text.is_empty() {
        cell.text = text.clone();
    } else {
        cell.text.push(text);
    }
}

fn place_by_column(body: &mut Body, form: &Form, header: &Header, plan: &Plan, row: &GridRow) -> Row {
    let mut built = empty_row(plan);
    for token in row.tokens() {
        let assigned = header.columns.get(token.column);
        if let Some(Assigned::Column(index)) = assigned
            && form.columns[*index].fixed.is_some()
        {
            body.labels.push(token.cell.text.clone());
            continue;
        }
        match plan.target.get(token.column).copied().flatten() {
            // Only the parts of a code share a column.
            Some(column)
                if built.cells[column].text.is_empty() || is_code_part(&built.cells[column], &token.cell.text) =>
            {
                add(&mut built.cells[column], &token.cell.text);
            }
            Some(_) => extra(body, &mut built, token.cell.text.clone()),
            None if header.bare.contains(&token.column) => {
                let column = nameless_column(body, token.column);
                built.cells.resize_with(body.columns.len(), Cell::default);
                add(&mut built.cells[column], &token.cell.text);
            }
            None => {
                // A blank column belongs to the merged header at its left.
                let beside = (0..token.column.min(plan.target.len())).rev().find_map(|column| plan.target[column]);
                match beside.filter(|column| built.cells[*column].text.is_empty()) {
                    Some(column) => add(&mut built.cells[column], &token.cell.text),
                    None => extra(body, &mut built, token.cell.text.clone()),
                }
            }
        }
    }
    // 合计 merged over the code columns names the row.
    if let Some(tree) = &form.tree {
        let code = body.columns.iter().position(|column| column.id == tree.code);
        let name = form
            .columns
            .iter()
            .find(|column| column.key)
            .and_then(|key| body.columns.iter().position(|column| column.id == key.id));
        if let (Some(code), Some(name)) = (code, name)
            && built.cells[name].text.is_empty()
            && !built.cells[code].text.is_empty()
            && !built.cells[code].text.as_str().starts_with(|ch: char| ch.is_ascii_digit())
        {
            built.cells[name] = std::mem::take(&mut built.cells[code]);
        }
    }
    built
}

/// Joins a code printed in several columns (类, 款, 项): parts left blank are those of the row
/// above, and a zero that a spreadsheet took (`5` for `05`) is put back.
fn join_code_parts(
    body: &mut Body,
    header: &Header,
    plan: &Plan,
    row: &GridRow,
    built: &mut Row,
    above: &mut Vec<Text>,
) {
    let parts: Vec<usize> =
        (0..header.columns.len()).filter(|column| matches!(header.columns[*column], Assigned::Part(_))).collect();
    let Some(target) = parts.first().and_then(|column| plan.target[*column]) else { return };
    let mut texts: Vec<Text> = parts
        .iter()
        .map(|column| row.cells.get(*column).map_or_else(Text::default, |cell| cell.text.clone()))
        .collect();
    let digits = |text: &Text| text.as_str().bytes().all(|byte| byte.is_ascii_digit());
    if texts.iter().all(Text::is_empty) || !texts.iter().all(digits) {
        return;
    }
    let last = texts.iter().rposition(|text| !text.is_empty()).unwrap_or(0);
    for (index, text) in texts.iter_mut().enumerate() {
        if text.is_empty() && index < last {
            *text = above.get(index).cloned().unwrap_or_default();
        }
        if index > 0 && text.as_str().len() == 1 {
            let padded = format!("0{}", text.as_str());
            let whole = 0..1;
            text.replace(whole, &padded);
            body.repairs.push((
                "code-zero-restored",
                body.rows.len(),
                format!("科目编码的“{padded}”在表中成了一位数，已补上前面的 0"),
                format!("part “{padded}” of the code had lost its zero; it was put back"),
            ));
        }
    }
    let mut code = Text::default();
    for text in &texts {
        code.push(text);
    }
    *above = texts;
    built.cells[target].text = code;
}

/// The table column of a physical column without a name.
fn nameless_column(body: &mut Body, physical: usize) -> usize {
    if let Some((_, column)) = body.nameless.iter().find(|(known, _)| *known == physical) {
        return *column;
    }
    let column = add_column(body);
    body.nameless.push((physical, column));
    body.repairs.push((
        "cell-without-column",
        body.rows.len(),
        format!("第 {} 列没有表头，另列一栏保留", physical + 1),
        format!("column {} has no header; it is kept in a column of its own", physical + 1),
    ));
    column
}

/// Adds a column that the form does not know and the header does not name.
fn add_column(body: &mut Body) -> usize {
    let number = body.columns.iter().filter(|column| column.id.starts_with('x')).count() + 1;
    body.columns.push(Column { id: format!("x{number}"), label: Vec::new() });
    for row in &mut body.rows {
        row.cells.push(Cell::default());
    }
    body.columns.len() - 1
}

/// Text that no column can take: kept in a column of its own.
fn extra(body: &mut Body, built: &mut Row, text: Text) {
    let nameless = |column: usize| body.columns[column].id.starts_with('x') && body.columns[column].label.is_empty();
    let free = |column: &usize| built.cells.get(*column).is_none_or(|cell| cell.text.is_empty());
    let column = (0..body.columns.len()).filter(|column| nameless(*column)).find(free);
    let column = column.unwrap_or_else(|| add_column(body));
    built.cells.resize_with(body.columns.len(), Cell::default);
    body.repairs.push((
        "cell-without-column",
        body.rows.len(),
        format!("“{text}”不在任何一列之下，另列一栏保留"),
        format!("“{text}” stands under no column; it is kept in a column of its own"),
    ));
    add(&mut built.cells[column], &text);
}

/// Whether the levels of an indicator row, with the one built before it and the one after it, stand in the
/// wrong columns.
fn levels_shifted(
    words: &Words,
    form: &Form,
    header: &Header,
    plan: &Plan,
    (before, row, next): (Option<&Row>, &GridRow, Option<&GridRow>),
) -> bool {
    let at = |column: usize| {
        plan.target.iter().position(|target| *target == Some(column)).map_or("", |physical| row.str(physical))
    };
    let below = |column: usize| {
        let physical = plan.target.iter().position(|target| *target == Some(column));
        physical.and_then(|physical| next.map(|next| next.str(physical).to_owned())).unwrap_or_default()
    };
    let (level1, list1) = words.level1;
    let (level2, list2) = words.level2;
    // The level of the row before may go on in this one: 数量指标（必填 / 硬性指标）.
    let goes_on = |(column, list): (usize, &[Pattern]), tail: &str| {
        before.is_some_and(|before| is_cut(list, before.cells[column].text.as_str(), tail))
    };
    let fixed_wrong = header.columns.iter().enumerate().any(|(physical, assigned)| match assigned {
        Assigned::Column(index) => form.columns[*index]
            .fixed
            .as_deref()
            .is_some_and(|fixed| !row.str(physical).is_empty() && fold(row.str(physical)) != fold(fixed)),
        Assigned::Blank => !row.str(physical).is_empty(),
        _ => false,
    });
    if fixed_wrong || row.tokens().any(|token| token.column >= plan.target.len()) {
        return true;
    }
    let text1 = at(level1);
    // In a row with a text in every column none was lost, and one before a known second level is the first.
    let full = (0..plan.columns.len()).all(|column| !at(column).is_empty());
    let certain = !Words::is(list2, text1) && (full || Words::is(list2, at(level2)));
    if !text1.is_empty() && !Words::is(list1, text1) && !certain {
        // The level may be cut in two by a page: 产出指 / 标.
        return !is_cut(list1, text1, &below(level1)) && !is_tail(list1, text1) && !goes_on(words.level1, text1);
    }
    let text2 = at(level2);
    let after: Vec<&str> = (level2 + 1..plan.columns.len()).map(at).collect();
    if !text2.is_empty() && !Words::is(list2, text2) {
        let gaps = after.iter().any(|text| text.is_empty());
        return gaps
            && !is_cut(list2, text2, &below(level2))
            && !is_tail(list2, text2)
            && !goes_on(words.level2, text2)
            && after.iter().filter(|text| !text.is_empty()).count() < 2;
    }
    text2.is_empty() && after.first().is_some_and(|text| Words::is(list2, text)) && after.len() == 2
}

/// Whether two texts are a listed word cut in two: none of them is one alone.
pub(super) fn is_cut(list: &[Pattern], head: &str, tail: &str) -> bool {
    !tail.is_empty() && !Words::is(list, tail) && Words::is(list, &format!("{head}{tail}"))
}

/// Whether a text is the end of a listed word that a page cut (`标`, `标)`).
fn is_tail(list: &[Pattern], text: &str) -> bool {
    let folded = fold(text);
    folded.chars().count() <= 4
        && list.iter().any(|pattern| fold(&pattern.printed().replace('*', "")).ends_with(&folded))
}

/// Puts the cells of a row in columns by what they say: the levels by their words, the rest in
/// order after them.
fn place_by_vocabulary(
    body: &mut Body,
    words: &Words,
    form: &Form,
    header: &Header,
    plan: &Plan,
    row: &GridRow,
) -> Row {
    let mut built = empty_row(plan);
    let fixed: Vec<&str> = form.columns.iter().filter_map(|column| column.fixed.as_deref()).collect();
    let mut tokens: Vec<_> = row.tokens().collect();
    tokens.retain(|token| {
        let is_fixed = fixed.iter().any(|fixed| fold(fixed) == fold(token.str()));
        if is_fixed {
            body.labels.push(token.cell.text.clone());
        }
        !is_fixed
    });
    let mut rest = tokens.as_slice();
    for (column, list) in [words.level1, words.level2] {
        if let Some((first, others)) = rest.split_first()
            && Words::is(list, first.str())
        {
            built.cells[column].text = first.cell.text.clone();
            rest = others;
        }
    }
    let free: Vec<usize> = (words.level2.0 + 1..plan.columns.len()).collect();
    // Texts of which there are more than columns after the levels begin with levels of other words.
    let excess = rest.len().saturating_sub(free.len());
    let levels = [words.level1.0, words.level2.0];
    let open: Vec<usize> = levels.into_iter().filter(|column| built.cells[*column].text.is_empty()).collect();
    let after_first = if built.cells[words.level2.0].text.is_empty() { open.as_slice() } else { &[] };
    if (1..=after_first.len()).contains(&excess) {
        for column in &after_first[after_first.len() - excess..] {
            if let Some((first, others)) = rest.split_first() {
                built.cells[*column].text = first.cell.text.clone();
                rest = others;
            }
        }
    }
    let number = body.rows.len();
    for (index, token) in rest.iter().enumerate() {
        match free.get(index) {
            Some(column) => built.cells[*column].text = token.cell.text.clone(),
            None => extra(body, &mut built, token.cell.text.clone()),
        }
    }
    let what = built.cells[words.level2.0 + 1..].iter().map(|cell| cell.text.as_str()).find(|text| !text.is_empty());
    let what = what.unwrap_or_default().to_owned();
    body.repairs.push((
        "columns-shifted",
        number,
        format!("“{what}”一行的单元格错了列（合并单元格丢失），已按指标名称归位"),
        format!("the cells of row “{what}” stood in wrong columns (a merged cell was lost) and were placed by the names of the levels"),
    ));
    if rest.len() < free.len() && free.len() == 2 {
        body.repairs.push((
            "value-missing",
            number,
            format!(
                "“{what}”一行的{}在文本中丢失，留空",
                body.columns[free[rest.len()]].label.last().cloned().unwrap_or_default()
            ),
            format!("row “{what}” lost its last cell; it is left empty"),
        ));
    }
    let _ = header;
    built
}

fn tidy(form: &Form, plan: &Plan, row: &mut Row) {
    for (cell, index) in row.cells.iter_mut().zip(&plan.form_column) {
        if let Some(index) = index {
            tidy_value(&mut cell.text, form.columns[*index].kind);
        }
    }
}

/// A merged cell's text stands in every row it covers.
fn fill_covered(built: &mut Row, body: &Body, plan: &Plan, row: &GridRow) {
    let Some(above) = body.rows.last() else { return };
    for (physical, cell) in row.cells.iter().enumerate() {
        if cell.cover == Cover::Above
            && let Some(column) = plan.target.get(physical).copied().flatten()
            && built.cells[column].text.is_empty()
            && let Some(from) = above.cells.get(column)
            && !from.text.is_empty()
        {
            built.cells[column] = Cell { text: from.text.clone(), filled: true };
        }
    }
}

/// Fills columns merged downwards; a level is not filled under a new level at its left.
fn fill_down(body: &mut Body, form: &Form, plan: &Plan) {
    let merged: Vec<usize> = (0..plan.columns.len())
        .filter(|column| plan.form_column[*column].is_some_and(|index| form.columns[index].merge_down))
        .collect();
    let mut filled = 0;
    for at in 1..body.rows.len() {
        let mut fresh = false;
        // A row belongs to the merged cells above until one of them is printed anew with another text.
        for &column in &merged {
            let (before, after) = body.rows.split_at_mut(at);
            let (above, cell) = (&before[at - 1].cells[column], &mut after[0].cells[column]);
            if cell.text.is_empty() && !fresh && !above.text.is_empty() {
                *cell = Cell { text: above.text.clone(), filled: true };
                filled += 1;
            } else if !cell.text.is_empty() && !cell.filled && cell.text.as_str() != above.text.as_str() {
                fresh = true;
            }
        }
    }
    if filled > 0 {
        body.repairs.push((
            "merged-filled",
            0,
            format!("合并单元格的内容已填入它覆盖的 {filled} 个单元格"),
            format!("the text of merged cells was filled into the {filled} cells they cover"),
        ));
    }
}
