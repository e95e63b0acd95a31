//! Lists the projects of a filing: `cargo run --example list_projects -- FILE`.

use yusuan::filing::Value;
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "examples/filings/2021-cell-a-line.txt".to_owned());
    let bytes = std::fs::read(&path)?;
    let (source, document) = yusuan::read::read(&path, &bytes, &Limits::default())?;
    let filing = yusuan::recognise::recognise(source, document, built_in::forms());
    println!("{}", filing.title);
    for (_, table) in filing.tables().filter(|(_, table)| table.form_id() == "project-performance") {
        let name = table.field_text("project_name").map_or("", |name| name.as_str());
        let budget = table.field_text("budget").map_or("", |budget| budget.as_str());
        println!("{name}\t{budget}\t{} indicators", table.rows.len());
        if let Some(Value::Many(goals)) = table.field("goals") {
            for goal in goals {
                println!("\t{goal}");
            }
        }
    }
    Ok(())
}
