//! Edits of filings for tests: every value by turns; rows, tables and paragraphs that come, go and move.

#![allow(dead_code)]

use yusuan::filing::{Block, Cell, Filing, Value};
use yusuan::text::Text;

/// How many values [`change_nth`] knows, blank ones too.
pub fn values(filing: &Filing) -> usize {
    let cells: usize =
        filing.tables().map(|(_, table)| table.fields.len() + table.rows.len() * table.columns.len()).sum();
    filing.blocks.len() + cells
}

/// How many values lie between two that are tried: `YUSUAN_STRIDE`, else so that about `most` are.
pub fn stride(filing: &Filing, most: usize) -> usize {
    let set = std::env::var("YUSUAN_STRIDE").ok().and_then(|text| text.parse().ok());
    set.unwrap_or(values(filing) / most.max(1)).max(1)
}

/// Every value of a filing, by turns: `at(n)` changes the nth and tells what it did.
pub fn change_nth(filing: &mut Filing, nth: usize) -> Option<(String, String)> {
    let mut left = nth;
    let mut change = |text: &mut Text, what: String| -> Option<(String, String)> {
        if text.is_empty() {
            return None;
        }
        if left > 0 {
            left -= 1;
            return None;
        }
        let new = changed(text.as_str());
        let told = (what, format!("{text} → {new}"));
        *text = Text::placed(new, text.place());
        Some(told)
    };
    for (index, block) in filing.blocks.iter_mut().enumerate() {
        match block {
            Block::Heading(heading) => {
                if let Some(told) = change(&mut heading.text, format!("block {index}")) {
                    return Some(told);
                }
            }
            Block::Paragraph(text) => {
                if let Some(told) = change(text, format!("block {index}")) {
                    return Some(told);
                }
            }
            Block::Table(table) => {
                // What a plan infers is not printed; printed once it stays printed.
                let inferred =
                    table.field_text("plan_12").is_some_and(|text| !text.is_empty() && text.pieces().is_empty());
                for field in &mut table.fields {
                    let id = field.id.clone();
                    if inferred && id.starts_with("plan_1") {
                        continue;
                    }
                    let told = match &mut field.value {
                        Value::One(text) => change(text, format!("block {index} {id}")),
                        Value::Many(texts) => {
                            texts.iter_mut().find_map(|text| change(text, format!("block {index} {id}[]")))
                        }
                    };
                    if told.is_some() {
                        return told;
                    }
                }
                for row in 0..table.rows.len() {
                    for column in 0..table.columns.len() {
                        // Of the merged columns of an activity some are printed in every row; what
                        // one of those rows then has to print more stays when it is edited back.
                        let merged = table.form_id() == "activity-performance" && column < 5 && row > 0;
                        if table.rows[row].cells[column].filled || merged {
                            continue;
                        }
                        let what = format!("block {index} row {row} {}", table.columns[column].id);
                        let before = table.rows[row].cells[column].text.as_str().to_owned();
                        if let Some(told) = change(&mut table.rows[row].cells[column].text, what) {
                            // What a merged cell covers changes with it.
                            let after = table.rows[row].cells[column].text.clone();
                            for below in row + 1..table.rows.len() {
                                let cell = &mut table.rows[below].cells[column];
                                if !cell.filled || cell.text.as_str() != before {
                                    break;
                                }
                                cell.text = after.clone();
                            }
                            return Some(told);
                        }
                    }
                }
            }
        }
    }
    None
}

/// Another value of the same kind.
fn changed(text: &str) -> String {
    // Levels are words of a closed list.
    for (one, other) in
        [("产出", "效益"), ("满意度", "产出"), ("数量", "质量"), ("时效", "成本"), ("经济效益", "社会效益")]
    {
        for (old, new) in [(one, other), (other, one)] {
            if text.contains("指标") && text.contains(old) && text.chars().count() < 16 {
                return text.replacen(old, new, 1);
            }
        }
    }
    if let Some(at) = text.rfind(|ch: char| ch.is_ascii_digit()) {
        let digit = text.as_bytes()[at] - b'0';
        let new = char::from(b'0' + if digit == 9 { 1 } else { digit + 1 });
        return format!("{}{new}{}", &text[..at], &text[at + 1..]);
    }
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    format!("{}改{}", &text[..middle], &text[middle..])
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    DeleteRow,
    AddRow,
    MoveRow,
    DeleteTable,
    AddTable,
    MoveTable,
    DeleteProse,
    AddProse,
    MoveProse,
    AddGoal,
    DeleteGoal,
}

pub const ACTS: [Act; 11] = [
    Act::DeleteRow,
    Act::AddRow,
    Act::MoveRow,
    Act::DeleteTable,
    Act::AddTable,
    Act::MoveTable,
    Act::DeleteProse,
    Act::AddProse,
    Act::MoveProse,
    Act::AddGoal,
    Act::DeleteGoal,
];

/// Does an act at a place that `pick` chooses; `None` where there is none.
pub fn act(filing: &mut Filing, act: Act, pick: usize) -> Option<String> {
    let tables = |filing: &Filing, fits: &dyn Fn(&yusuan::filing::Table) -> bool| -> Vec<usize> {
        filing.tables().filter(|(_, table)| fits(table)).map(|(block, _)| block).collect()
    };
    let prose: Vec<usize> =
        (0..filing.blocks.len()).filter(|at| matches!(filing.blocks[*at], Block::Paragraph(_))).collect();
    let choose = |from: &[usize]| (!from.is_empty()).then(|| from[pick % from.len()]);
    let fresh = |text: &str| -> Text { Text::from(text) };
    match act {
        Act::DeleteRow | Act::AddRow | Act::MoveRow => {
            let block = choose(&tables(filing, &|table| table.rows.len() > 2))?;
            let Block::Table(table) = &mut filing.blocks[block] else { return None };
            let row = (pick / 7) % table.rows.len();
            match act {
                Act::DeleteRow => drop(table.rows.remove(row)),
                Act::AddRow => {
                    let mut new = table.rows[row].clone();
                    let words =
                        new.cells.iter().rposition(|cell| cell.text.as_str().chars().any(|ch| ch > '\u{4e00}'))?;
                    for (column, cell) in new.cells.iter_mut().enumerate() {
                        let text =
                            if column == words { format!("{}新", cell.text) } else { cell.text.as_str().to_owned() };
                        *cell = Cell { text: fresh(&text), filled: false };
                    }
                    table.rows.insert(row + 1, new);
                }
                _ => {
                    let moved = table.rows.remove(row);
                    let to = (row + 2) % (table.rows.len() + 1);
                    table.rows.insert(to, moved);
                }
            }
            Some(format!("block {block} row {row}"))
        }
        Act::DeleteTable | Act::AddTable | Act::MoveTable => {
            let block = choose(&tables(filing, &|table| table.form_id() == "project-performance"))?;
            match act {
                Act::DeleteTable => drop(filing.blocks.remove(block)),
                Act::AddTable => {
                    let mut new = filing.blocks[block].clone();
                    let Block::Table(table) = &mut new else { return None };
                    let mut name = String::new();
                    for field in &mut table.fields {
                        if let Value::One(text) = &mut field.value {
                            if field.id == "project_name" {
                                name = text.as_str().to_owned();
                                *text = fresh(&format!("{name}续建"));
                            } else {
                                *text = fresh(&text.as_str().replace("8", "6"));
                            }
                        }
                    }
                    table.title = fresh(&table.title.as_str().replace(&name, &format!("{name}续建")));
                    table.rows.truncate(3);
                    filing.blocks.insert(block + 1, new);
                }
                _ => {
                    let moved = filing.blocks.remove(block);
                    let others = tables(filing, &|table| table.form_id() == "project-performance");
                    let to = choose(&others)?;
                    filing.blocks.insert(to, moved);
                }
            }
            Some(format!("block {block}"))
        }
        Act::DeleteProse | Act::AddProse | Act::MoveProse => {
            let block = choose(&prose)?;
            match act {
                Act::DeleteProse => drop(filing.blocks.remove(block)),
                Act::AddProse => {
                    filing.blocks.insert(block + 1, Block::Paragraph(fresh("另外，防火物资储备库本年安排检修维护。")));
                }
                _ => {
                    let moved = filing.blocks.remove(block);
                    filing.blocks.insert((block + 3).min(filing.blocks.len()), moved);
                }
            }
            Some(format!("block {block}"))
        }
        Act::AddGoal | Act::DeleteGoal => {
            let has = |table: &yusuan::filing::Table| matches!(table.field("goals"), Some(Value::Many(goals)) if goals.len() > 1);
            let block = choose(&tables(filing, &has))?;
            let Block::Table(table) = &mut filing.blocks[block] else { return None };
            let goals = table.fields.iter_mut().find(|field| field.id == "goals")?;
            let Value::Many(goals) = &mut goals.value else { return None };
            if act == Act::AddGoal {
                let number = goals.len() + 1;
                goals.push(fresh(&format!("{number}.保障防火物资储备。")));
            } else {
                goals.remove(pick % goals.len());
            }
            Some(format!("block {block}"))
        }
    }
}
