//! `cargo bench`: each stage and whole runs; a filing with 34, 340 and 3,400 project tables, the
//! bundled filings and, where `YUSUAN_FILINGS` leads to them, real ones. `BENCHMARKS.md` has
//! results and how they were measured.

mod common;

use divan::{Bencher, black_box};
use yusuan::Filing;
use yusuan::check::{self, Options};
use yusuan::document::Document;
use yusuan::filing::{Block, Value};
use yusuan::finding::Lang;
use yusuan::form::{Forms, built_in};
use yusuan::limits::Limits;
use yusuan::source::Source;
use yusuan::{patch, read, recognise, write};

use common::{SIZES, floor, input};

fn main() {
    divan::main();
}

fn document(name: &str, bytes: &[u8]) -> (Source, Document) {
    read::read(name, bytes, &Limits::default()).expect("a readable filing")
}

fn workbook(filing: &Filing) -> Vec<u8> {
    let forms = built_in::forms();
    let equations = check::equations(filing, forms);
    write::workbook::write(filing, forms, &equations, &Default::default()).expect("a workbook").bytes
}

/// What `yusuan convert` does: reads, judges, writes.
fn convert(name: &str, bytes: &[u8]) -> Vec<u8> {
    let filing = common::read(name, bytes);
    black_box(check::report(&filing, built_in::forms(), &Options::default()));
    workbook(&filing)
}

#[divan::bench(max_time = 1)]
fn form_files() -> Forms {
    Forms::load(built_in::FILES.iter().copied()).expect("the built-in form files")
}

#[divan::bench_group(max_time = 3)]
mod stage {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn decode(bencher: Bencher, size: usize) {
        let text = String::from_utf8(input(size).text.clone()).expect("our own text");
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        bencher.bench(|| read::text::decode::decode(black_box(&bytes)));
    }

    #[divan::bench(args = SIZES)]
    fn read_text(bencher: Bencher, size: usize) {
        bencher.bench(|| document("large.txt", black_box(&input(size).text)));
    }

    #[divan::bench(args = SIZES)]
    fn read_docx(bencher: Bencher, size: usize) {
        bencher.bench(|| document("large.docx", black_box(&input(size).docx)));
    }

    #[divan::bench(args = SIZES)]
    fn recognise(bencher: Bencher, size: usize) {
        let read = document("large.docx", &input(size).docx);
        bencher
            .with_inputs(|| read.clone())
            .bench_values(|(source, document)| recognise::recognise(source, document, built_in::forms()));
    }

    #[divan::bench(args = SIZES)]
    fn check(bencher: Bencher, size: usize) {
        let filing = &input(size).filing;
        bencher.bench(|| check::report(black_box(filing), built_in::forms(), &Options::default()));
    }

    #[divan::bench(args = SIZES)]
    fn write_xlsx(bencher: Bencher, size: usize) {
        bencher.bench(|| workbook(black_box(&input(size).filing)));
    }

    #[divan::bench(args = SIZES)]
    fn write_json(bencher: Bencher, size: usize) {
        bencher.bench(|| write::json::write(black_box(&input(size).filing), &[], Lang::En));
    }

    #[divan::bench(args = SIZES)]
    fn read_xlsx(bencher: Bencher, size: usize) {
        let bytes = workbook(&input(size).filing);
        bencher.bench(|| document("large.xlsx", black_box(&bytes)));
    }

    #[divan::bench(args = SIZES)]
    fn apply(bencher: Bencher, size: usize) {
        let (before, after) = (&input(size).filing, edited(&input(size).filing));
        bencher.bench(|| {
            let (bytes, forms) = (&input(size).text, built_in::forms());
            patch::apply_filing(bytes, black_box(before), &after, forms, &Limits::default(), &Default::default())
                .expect("an edit that can be carried")
        });
    }

    /// The filing with another purpose of its first project.
    fn edited(filing: &Filing) -> Filing {
        let mut filing = filing.clone();
        let mut tables = filing.blocks.iter_mut().filter_map(|block| match block {
            Block::Table(table) if table.form_id() == "project-performance" => Some(table),
            _ => None,
        });
        let table = tables.next().expect("a project table");
        for field in &mut table.fields {
            if let (Value::Many(goals), "goals") = (&mut field.value, field.id.as_str())
                && let Some(goal) = goals.first_mut()
            {
                *goal = format!("{}另行安排。", goal.as_str()).as_str().into();
            }
        }
        filing
    }
}

#[divan::bench_group(max_time = 5)]
mod whole {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn docx_to_xlsx(bencher: Bencher, size: usize) {
        bencher.bench(|| convert("large.docx", black_box(&input(size).docx)));
    }

    #[divan::bench(args = SIZES)]
    fn text_to_xlsx(bencher: Bencher, size: usize) {
        bencher.bench(|| convert("large.txt", black_box(&input(size).text)));
    }

    #[divan::bench(args = common::files().iter().map(|(name, _)| name.as_str()))]
    fn file_to_xlsx(bencher: Bencher, name: &str) {
        let (_, bytes) = common::files().iter().find(|(known, _)| known == name).expect("listed");
        bencher.bench(|| convert(name, black_box(bytes)));
    }
}

/// The least a converter must do; see `common/floor.rs`.
#[divan::bench_group(max_time = 3)]
mod least {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn inflate_and_tokenise(bencher: Bencher, size: usize) {
        bencher.bench(|| floor::tokenise(&floor::inflate(black_box(&input(size).docx))));
    }

    #[divan::bench(args = SIZES)]
    fn write_xlsx(bencher: Bencher, size: usize) {
        let tables = floor::cells(&floor::inflate(&input(size).docx));
        bencher.bench(|| floor::write(black_box(&tables)));
    }

    #[divan::bench(args = SIZES)]
    fn docx_to_xlsx(bencher: Bencher, size: usize) {
        bencher.bench(|| floor::convert(black_box(&input(size).docx)));
    }
}
