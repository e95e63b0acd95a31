//! Adds up the budgets of all projects of several filings, exactly: amounts are decimals made from
//! the printed text, never floating point. `cargo run --example sum_budgets -- FILE...`

use rust_decimal::Decimal;
use yusuan::filing::amount;
use yusuan::form::built_in;
use yusuan::limits::Limits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        paths.push("examples/filings/2021-cell-a-line.txt".to_owned());
    }
    let mut total = Decimal::ZERO;
    for path in paths {
        let bytes = std::fs::read(&path)?;
        let (source, document) = yusuan::read::read(&path, &bytes, &Limits::default())?;
        let filing = yusuan::recognise::recognise(source, document, built_in::forms());
        let budgets: Vec<Decimal> = filing
            .tables()
            .filter_map(|(_, table)| table.field_text("budget"))
            .filter_map(|text| amount::parse(text.as_str()))
            .map(|amount| amount.value)
            .collect();
        let sum: Decimal = budgets.iter().sum();
        println!("{path}: {} projects, {sum} {}", budgets.len(), filing.unit.as_deref().unwrap_or_default());
        total += sum;
    }
    println!("{total}");
    Ok(())
}
