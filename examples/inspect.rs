//! Prints what the library makes of a filing: `cargo run --example inspect -- FILE`.

use yusuan::filing::{Block, Value};
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: inspect FILE");
        std::process::exit(2);
    };
    let bytes = std::fs::read(&path).expect("a readable file");
    let (source, document) = yusuan::read::read(&path, &bytes, &Limits::default()).expect("a readable filing");
    let filing = yusuan::recognise::recognise(source, document, built_in::forms());
    println!("{:?} {:?} {:?} {:?}", filing.title, filing.department, filing.fiscal_year, filing.unit);
    for (index, block) in filing.blocks.iter().enumerate() {
        match block {
            Block::Heading(heading) => println!("{index} H{} {}", heading.level, heading.text),
            Block::Paragraph(text) => println!("{index} P {}", text.as_str().chars().take(60).collect::<String>()),
            Block::Table(table) => {
                let form = table.form.as_ref().map(|key| format!("{}/{}", key.family, key.form));
                println!("{index} T {form:?} {:?} {} rows {:?}", table.title, table.rows.len(), table.unit);
                for field in &table.fields {
                    match &field.value {
                        Value::One(text) => println!("    {} = {text}", field.id),
                        Value::Many(texts) => println!("    {} = {texts:?}", field.id),
                    }
                }
                println!(
                    "    # {}",
                    table.columns.iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(" | ")
                );
                for row in &table.rows {
                    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                    println!("    {:?} {}", row.kind, cells.join(" | "));
                }
                if !table.note.is_empty() {
                    println!("    note {}", table.note);
                }
            }
        }
    }
    for finding in &filing.findings {
        println!(
            "{:?} {} table {:?} row {:?} {:?}: {}",
            finding.severity,
            finding.rule,
            finding.table,
            finding.row,
            filing.source.locate(finding.place),
            finding.zh
        );
    }
}
