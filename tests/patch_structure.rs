//! Rows, projects and paragraphs that come, go and move, over the real filings and the bundled
//! ones; seeds are printed.

mod common;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use yusuan::filing::{Block, Cell, Filing, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing};
use yusuan::text::Text;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
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

const ACTS: [Act; 11] = [
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
fn act(filing: &mut Filing, act: Act, pick: usize) -> Option<String> {
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

/// How often each act succeeds; every success has been read back.
#[test]
fn structure_comes_and_goes() {
    let rounds: u32 = std::env::var("YUSUAN_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let only = std::env::var("YUSUAN_ONLY").unwrap_or_default();
    let seed = [7u8; 32];
    println!("seed {seed:?}");
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let (forms, limits, options) = (built_in::forms(), Limits::default(), Options::default());
    let mut failures = Vec::new();
    let mut tried = 0;
    for (name, bytes) in common::real_filings("structure").into_iter().chain(common::example_filings()) {
        if !name.contains(&only) {
            continue;
        }
        let before = common::filing(&name, &bytes);
        for what in ACTS {
            for _ in 0..rounds {
                let pick = any::<u16>().new_tree(&mut runner).expect("a number").current();
                let mut after = before.clone();
                let Some(place) = act(&mut after, what, usize::from(pick)) else { continue };
                tried += 1;
                match apply_filing(&bytes, &before, &after, forms, &limits, &options) {
                    Ok(applied) => {
                        let edited = common::filing(&name, &applied.bytes);
                        if let Err(error) = apply_filing(&applied.bytes, &edited, &before, forms, &limits, &options) {
                            failures.push(format!("{name} {what:?} {pick} {place}: undo: {}", error.zh));
                        }
                    }
                    Err(error) => failures.push(format!("{name} {what:?} {pick} {place}: {}", error.zh)),
                }
            }
        }
    }
    println!("{tried} acts, {} failures", failures.len());
    for failure in failures.iter().take(80) {
        println!("{failure}");
    }
    assert!(failures.is_empty());
}
