//! The workbook writer: a filing as the finance bureau's standard xlsx.
//!
//! Every sheet is planned as tiles (cells and merged cells with a content and a style) before
//! anything is drawn, so that a formula on one sheet can name a cell on another. The sheets, in
//! order: `目录`, `文本`, one for each table, `其他信息`, `校验`. What a reader needs to bring the
//! filing back stands on them in plain sight: `目录` has the department, the year, the unit and
//! the form of each table; `文本` has the order of the blocks; the defined name of a table (`表_1`
//! is the filing's first) finds its sheet after it was renamed or moved; `校验` has the printed
//! amounts of the cells that show another one.

mod arrange;
mod blank;
mod book;
mod cells;
mod checks;
mod contents;
mod look;
mod name;
mod notes;
mod number;
mod other;
mod prose;
mod sheet;
mod split;
mod strings;
mod sums;
mod table;
mod xml;

use std::collections::HashMap;
use std::ops::Range;

pub use blank::blank;

use crate::equation::Equation;
use crate::error::{Error, Result};
use crate::filing::{Filing, Table};
use crate::finding::Finding;
use crate::form::Forms;
use crate::form::tables::tables;
use crate::service::{CHECKS, CONTENTS, OTHER, PROSE};
use book::Book;
use look::Look;
use name::{Names, quoted};
use sheet::Sheet;
use sums::{Places, Sums};
use table::{Job, Print};

/// What to write.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Family whose forms the tables are printed on; `None`: each on the form it was recognised with.
    pub template: Option<String>,
    /// What the filing was read from, for the workbook to carry ([`crate::original`]).
    pub original: Option<Vec<u8>>,
}

/// A workbook and what was found while writing it.
#[derive(Clone, Debug)]
pub struct Written {
    /// The xlsx file. The same filing gives the same bytes.
    pub bytes: Vec<u8>,
    /// What the forms have no place for, and what does not fit a cell.
    pub findings: Vec<Finding>,
}

/// Body rows of one sheet, below Excel's 1,048,576 by room for title, header and note.
const ROWS: usize = 1_048_000;

/// Writes a filing as a workbook, with the formulas that `equations` define.
///
/// # Errors
/// When `options` name a family that is not known, or a table has more columns than a sheet.
pub fn write(filing: &Filing, forms: &Forms, equations: &[Equation], options: &Options) -> Result<Written> {
    if let Some(family) = &options.template
        && !forms.families.iter().any(|known| known.id == *family)
    {
        let known = forms.families.iter().map(|family| family.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Error::new(
            format!("没有模板族“{family}”；已有：{known}"),
            format!("no family “{family}”; known: {known}"),
        ));
    }
    let look = look::look();
    let jobs = jobs(filing, forms, options.template.as_deref(), look);
    let mut names = Names::default();
    names.give(CONTENTS.name, "");
    names.give(PROSE.name, "");
    names.give(OTHER.name, "");
    names.give(CHECKS.name, "");

    let mut places = Places::default();
    let mut leftovers = Vec::new();
    let mut sheets: Vec<Sheet<'_>> = Vec::new();
    let mut first_sheet: HashMap<usize, usize> = HashMap::new();
    let mut entries = vec![entry(PROSE.name, PROSE.name)];
    for job in &jobs {
        for (part, rows) in parts(job.table.rows.len()).enumerate() {
            let number = sheets.len();
            let name = names.give(&wish(job), &format!("表{}", job.ordinal));
            places.add(&name);
            let mut sheet = table::plan(&job.job, rows, number, &mut places, &mut leftovers);
            sheet.name = name.clone();
            if part == 0 {
                sheet.anchor = Some(anchor(job.ordinal));
                first_sheet.insert(job.job.block, number);
            }
            entries.push(contents::Entry {
                sheet: name.clone(),
                to: if part == 0 { anchor(job.ordinal) } else { format!("{}!A1", quoted(&name)) },
                title: sheet.title().to_owned(),
                rows: Some(job.table.rows.len()),
                form: job
                    .job
                    .form
                    .map(|form| form.key.clone())
                    .map_or_else(String::new, |key| format!("{}/{}", key.family, key.form)),
            });
            sheets.push(sheet);
        }
    }
    let ordinals: HashMap<usize, usize> = jobs.iter().map(|job| (job.job.block, job.ordinal)).collect();
    let table_names: Vec<String> = places.sheets.clone();
    let sheet_of = |block: usize| {
        let name = first_sheet.get(&block).map_or_else(String::new, |number| table_names[*number].clone());
        (name, anchor(ordinals.get(&block).copied().unwrap_or_default()))
    };
    places.add(OTHER.name);
    let others = other::plan(&leftovers, sheets.len(), sheet_of, &mut places);
    let findings = other::findings(&leftovers, filing);
    let sums = Sums::new(filing, equations, &places);
    let checks = checks::plan(filing, equations, &sums);
    let prose = prose::plan(filing, sheet_of);
    for sheet in others.iter().chain(checks.iter()) {
        entries.push(entry(&sheet.name, &sheet.name));
    }
    let contents = contents::plan(filing, entries);

    let mut book = Book::new(look, filing.title.as_str());
    // The plan of a sheet goes as soon as it is drawn: plans are the most that a run ever holds.
    for sheet in std::iter::once(contents).chain(Some(prose)).chain(sheets).chain(others).chain(checks) {
        book.draw(&sheet, &sums)?;
    }
    Ok(Written { bytes: book.finish(options.original.as_deref())?, findings })
}

fn entry(sheet: &str, title: &str) -> contents::Entry {
    contents::Entry {
        sheet: sheet.to_owned(),
        to: format!("{}!A1", quoted(sheet)),
        title: title.to_owned(),
        rows: None,
        form: String::new(),
    }
}

/// The name links and readers find a table's sheet by.
fn anchor(ordinal: usize) -> String {
    format!("表_{ordinal}")
}

/// A table to write, with its number in the filing and among those of its form.
struct Numbered<'f> {
    job: Job<'f>,
    table: &'f Table,
    /// From 1, over all tables of the filing.
    ordinal: usize,
    /// From 1, over the tables of its form.
    among: usize,
}

/// The tables in the order of their sheets.
fn jobs<'f>(filing: &'f Filing, forms: &'f Forms, template: Option<&str>, look: &'f Look) -> Vec<Numbered<'f>> {
    let mut among: HashMap<&str, usize> = HashMap::new();
    let mut jobs: Vec<Numbered<'f>> = Vec::new();
    for (index, (block, table)) in filing.tables().enumerate() {
        let own = table.form.as_ref().and_then(|key| forms.get(key));
        let target = own.and_then(|own| forms.in_family(template?, &own.key.form));
        let form = target.or(own);
        let foreign = target.is_some_and(|target| own.is_some_and(|own| own.key != target.key));
        let print = if foreign { Print::Form } else { Print::Source };
        let count = among.entry(form.map_or("", |form| form.key.form.as_str())).or_default();
        *count += 1;
        let job = Job { filing, forms, form, print, block, table, look };
        jobs.push(Numbered { job, table, ordinal: index + 1, among: *count });
    }
    let order = &tables().order;
    let place_of = |id: &str| order.iter().position(|known| *known == id);
    let place = |job: &Numbered<'_>| {
        let place = job
            .job
            .form
            .and_then(|form| place_of(&form.key.form).or_else(|| form.many.then(|| place_of("*")).flatten()));
        place.unwrap_or(order.len())
    };
    jobs.sort_by_key(place);
    jobs
}

/// The name a table's sheet should have: the form's short title, for one of many with its number
/// before it.
fn wish(job: &Numbered<'_>) -> String {
    let Some(form) = job.job.form else { return job.table.title.as_str().to_owned() };
    let no = table::slot_text(&job.job, "no").unwrap_or_else(|| job.among.to_string());
    let number = format!("{no}.");
    let mut numbered = false;
    let name = crate::form::label::Pattern::new(&form.sheet).fill(|slot| {
        if slot == "no" {
            numbered = true;
            return Some(number.clone());
        }
        table::slot_text(&job.job, slot)
    });
    let name = if name == number { format!("{number}{}", job.table.title.as_str()) } else { name };
    if form.many && !numbered { format!("{number}{name}") } else { name }
}

/// The rows of each sheet of a table; an empty table has one sheet.
fn parts(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows.div_ceil(ROWS).max(1)).map(move |part| part * ROWS..((part + 1) * ROWS).min(rows))
}
