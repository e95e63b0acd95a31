use yusuan::document::{Block, Cover, Grid};
fn print_grid(grid: &Grid, indent: usize) {
    let pad = " ".repeat(indent);
    println!(
        "{pad}GRID gap={} {}x{}",
        grid.gap_before,
        grid.rows.len(),
        grid.rows.first().map_or(0, |r| r.cells.len())
    );
    for row in &grid.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|c| match c.cover {
                Cover::No => c.text.as_str().replace('\n', "⏎").replace('\t', "→"),
                Cover::Left => format!("<{}", c.text.as_str()),
                Cover::Above => format!("^{}", c.text.as_str()),
            })
            .collect();
        println!("{pad}  {}{}", if row.header { "H " } else { "" }, cells.join(" | "));
    }
    for inner in &grid.inner {
        println!("{pad}  inner at {},{}", inner.row, inner.column);
        print_grid(&inner.grid, indent + 4);
    }
}
fn main() {
    let mode = std::env::args().nth(1).unwrap();
    for name in std::env::args().skip(2) {
        let bytes = std::fs::read(&name).unwrap();
        let start = std::time::Instant::now();
        let result = yusuan::read::read(&name, &bytes, &Default::default());
        let took = start.elapsed();
        match result {
            Err(error) => println!("{name}: ERROR {} / {}", error.zh, error.en),
            Ok((_, document)) => {
                if mode == "text" {
                    for block in &document.blocks {
                        match block {
                            Block::Paragraph(p) => println!("{}", p.text.as_str()),
                            Block::Grid(g) => {
                                for r in &g.rows {
                                    for c in &r.cells {
                                        if !c.text.is_empty() {
                                            println!("{}", c.text.as_str());
                                        }
                                    }
                                }
                            }
                        }
                    }
                    continue;
                }
                println!("{name}: {} blocks, {took:?}", document.blocks.len());
                for f in &document.findings {
                    println!("   {:?} {} {} / {}", f.severity, f.rule, f.zh, f.en);
                }
                if mode == "dump" {
                    for block in &document.blocks {
                        match block {
                            Block::Paragraph(p) => println!(
                                "P{} {}",
                                p.outline.map_or(String::new(), |l| l.to_string()),
                                p.text.as_str().replace('\n', "⏎")
                            ),
                            Block::Grid(g) => print_grid(g, 0),
                        }
                    }
                }
            }
        }
    }
}
