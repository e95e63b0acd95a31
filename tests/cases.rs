//! Small documents and what is recognised in them, `tests/cases/layout/*.md`: `expect` has a line for each
//! heading, paragraph, field and row, and the codes of the findings.

mod common;

use yusuan::filing::{Block, Filing, Value};

/// The filing as the cases print it: a line a heading, paragraph, field, row or finding.
fn print(filing: &Filing) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.replace('\n', "⏎").trim_end());
        out.push('\n');
    };
    for block in &filing.blocks {
        match block {
            Block::Heading(heading) => line(format!("H{} {}", heading.level, heading.text)),
            Block::Paragraph(text) => line(format!("P {text}")),
            Block::Table(table) => {
                let form = table.form.as_ref().map_or("?".to_owned(), |key| format!("{}/{}", key.family, key.form));
                line(format!("T {form} {}", table.title));
                for field in &table.fields {
                    match &field.value {
                        Value::One(text) if text.is_empty() => {}
                        Value::One(text) => line(format!("  {} = {text}", field.id)),
                        Value::Many(list) if list.is_empty() => {}
                        Value::Many(list) => {
                            line(format!(
                                "  {} = {}",
                                field.id,
                                list.iter().map(|text| text.as_str()).collect::<Vec<_>>().join(" ; ")
                            ));
                        }
                    }
                }
                for row in &table.rows {
                    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                    line(format!("  {} | {}", format!("{:?}", row.kind).to_lowercase(), cells.join(" | ")));
                }
                if !table.note.is_empty() {
                    line(format!("  note {}", table.note));
                }
            }
        }
    }
    let mut rules: Vec<&str> = filing.findings.iter().map(|finding| finding.rule).collect();
    rules.retain(|rule| !matches!(*rule, "merged-filled" | "blanks-removed"));
    rules.dedup();
    line(format!("findings: {}", rules.join(" ")));
    out
}

#[test]
fn every_case_reads_as_expected() {
    common::cases::hold("tests/cases/layout", print);
}
