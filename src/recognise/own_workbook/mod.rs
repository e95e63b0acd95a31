//! Workbooks that `yusuan` wrote: `文本` says in which order the blocks stand, `目录` what the filing
//! says of itself and which form each sheet is, `校验` what was printed where a formula shows
//! another amount, `其他信息` what a form had no place for.
//!
//! The sheets are read as any others are, so a person may insert, delete or sort rows, and rename,
//! reorder, hide or delete sheets; only the order of the blocks and printed totals come from here.

mod order;
mod totals;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::assemble::{Assembler, Out};
use super::grid::Fragment;
use crate::document::{Block, CellFacts, Document, Grid, GridRow, Paragraph};
use crate::filing::{Department, FormKey, Table, Value, budget_year};
use crate::finding::Finding;
use crate::form::Forms;
use crate::form::label::fold;
use crate::service::{CHECKS, CONTENTS, OTHER, PROSE, SERVICES, Service};
use crate::text::{Place, Text};
use order::{Sheets, Spot, put_behind};
use totals::{compute_totals, is_pasted, place_formulas, restore_printed, tell_pasted};

/// What `目录` says of the whole filing.
#[derive(Debug, Default)]
pub(super) struct About {
    pub title: Text,
    pub department: Department,
    pub fiscal_year: Option<u16>,
    pub unit: Option<String>,
}

/// A row of `文本`.
struct Entry {
    /// Its running number, and that of the last row that continues it.
    numbers: Option<(u32, u32)>,
    kind: String,
    text: Text,
    sheet: String,
}

/// Whether a document is such a workbook.
pub(super) fn is_own(document: &Document) -> bool {
    grid(document, &PROSE).is_some() || grid(document, &CONTENTS).is_some()
}

fn cell(row: &GridRow, column: usize) -> &str {
    row.cells.get(column).map_or("", |cell| cell.text.as_str().trim())
}

fn text(row: &GridRow, column: usize) -> Text {
    row.cells.get(column).map(|cell| cell.text.clone()).unwrap_or_default()
}

/// The grid of a service sheet, which may have been renamed.
fn grid<'d>(document: &'d Document, service: &Service) -> Option<&'d Grid> {
    let headed = |grid: &&Grid| {
        grid.rows
            .iter()
            .take(15)
            .any(|row| service.telling().enumerate().all(|(column, head)| cell(row, column) == head))
    };
    let grids = || {
        let grids = document.blocks.iter().filter_map(|block| match block {
            Block::Grid(grid) => Some(grid),
            Block::Paragraph(_) => None,
        });
        grids.filter(headed)
    };
    grids().find(|grid| grid.sheet.as_deref() == Some(service.name)).or_else(|| grids().next())
}

/// Reads the blocks of the workbook into the assembler's output. `None` where somebody deleted the
/// sheet that says what the filing says of itself.
pub(super) fn assemble(
    document: Document,
    facts: &mut CellFacts,
    forms: &Forms,
    assembler: &mut Assembler<'_>,
) -> Option<About> {
    let document_findings = document.findings.clone();
    let (about, forms_of, titles) = contents(&document);
    let service: HashSet<String> = (SERVICES.iter())
        .flat_map(|service| {
            [Some(service.name.to_owned()), grid(&document, service).and_then(|grid| grid.sheet.clone())]
        })
        .flatten()
        .collect();
    let listing = grid(&document, &CONTENTS).is_some();
    let entries = entries(&document);
    let restated = restated(&document);
    let prose = grid(&document, &PROSE).is_some();
    let checks = grid(&document, &CHECKS).is_some();
    let leftovers = leftovers(&document);
    let mut sheets: Vec<(String, Grid)> = Vec::new();
    for block in document.blocks {
        if let Block::Grid(grid) = block {
            let name = grid.sheet.clone().unwrap_or_default();
            if !service.contains(&name) {
                sheets.push((name, grid));
            }
        }
    }
    let listed: HashSet<&str> =
        entries.iter().filter(|entry| entry.kind == "表").map(|entry| entry.sheet.as_str()).collect();
    // A renamed sheet stands where none of its name is left: the unlisted sheets, in their order.
    let mut renamed: Vec<String> =
        sheets.iter().map(|(name, _)| name.clone()).filter(|name| !listed.contains(name.as_str())).collect();
    renamed.reverse();
    let order: Vec<String> = sheets.iter().map(|(name, _)| name.clone()).collect();
    let mut standing: HashMap<String, usize> = HashMap::new();
    let mut added: Vec<(String, Range<usize>)> = Vec::new();
    let mut unlisted: Vec<(String, Range<usize>)> = Vec::new();
    let mut blocks: HashMap<String, usize> = HashMap::new();
    let mut spots: Vec<Spot> = Vec::new();
    for entry in entries {
        spots.extend(entry.numbers.map(|numbers| Spot { numbers, block: assembler.out.len() }));
        if entry.kind != "表" {
            let outline = entry.kind.strip_prefix("标题").and_then(|level| level.parse().ok());
            assembler.out.push(Out::Paragraph(Paragraph { text: entry.text, outline, whole: false }));
            continue;
        }
        let position = sheets.iter().position(|(name, _)| *name == entry.sheet);
        let position = position.or_else(|| {
            let form = forms_of.get(&entry.sheet);
            let candidate = renamed.iter().rposition(|name| form.is_none() || !forms_of.contains_key(name))?;
            let name = renamed.remove(candidate);
            sheets.iter().position(|(known, _)| *known == name)
        });
        // A deleted sheet is a deleted table.
        let Some(position) = position else { continue };
        let (name, grid) = sheets.remove(position);
        let block = assembler.out.len();
        standing.insert(name, block);
        blocks.insert(entry.sheet.clone(), block);
        let title = title_of(&grid, titles.get(&entry.sheet), entry.text);
        sheet_table(assembler, forms, grid, forms_of.get(&entry.sheet), listing, title, titles.get(&entry.sheet));
    }
    let listed_blocks = assembler.out.len();
    // Sheets that somebody added.
    for (name, grid) in sheets {
        match (forms_of.get(&name), titles.get(&name)) {
            // No row of the prose names it any more.
            (key, Some(title)) if key.is_some() || prose => {
                let title = match key {
                    Some(_) => title_of(&grid, Some(title), title.clone()),
                    // A table of no form that prints no title is listed by its sheet.
                    None if top_of(&grid).is_none_or(|top| top.as_str() != title.as_str()) => Text::default(),
                    None => title.clone(),
                };
                if prose {
                    assembler.findings.push(tell_unlisted(&grid, &name));
                }
                let start = assembler.out.len();
                blocks.insert(name.clone(), start);
                sheet_table(assembler, forms, grid, key, listing, title, None);
                if prose {
                    unlisted.push((name, start..assembler.out.len()));
                }
            }
            _ => {
                let start = assembler.out.len();
                assembler.block(Block::Grid(grid));
                assembler.finish();
                added.push((name, start..assembler.out.len()));
            }
        }
    }
    if document_findings.iter().any(|finding| finding.rule == "formula-without-value") {
        for out in &mut assembler.out {
            if let Out::Table(table) = out {
                compute_totals(table, forms);
                place_formulas(table, &facts.formulas);
            }
        }
    }
    let mut kept: HashSet<(u16, String)> = HashSet::new();
    for ((sheet, _), Restated { printed, .. }) in &restated {
        let table = blocks.get(sheet).and_then(|block| assembler.out.get(*block));
        if let Some(Out::Table(table)) = table
            && let Place::SheetCell { sheet, .. } = table.place
        {
            kept.insert((sheet, printed.as_str().to_owned()));
        }
    }
    facts.restated = checks.then_some(kept);
    (facts.own, facts.contents) = (true, listing);
    let sheets_restated: BTreeSet<&str> = restated.keys().map(|(sheet, _)| sheet.as_str()).collect();
    for sheet in sheets_restated {
        if let Some(block) = blocks.get(sheet)
            && let Some(Out::Table(table)) = assembler.out.get_mut(*block)
        {
            let pasted = is_pasted(table, forms, &facts.formulas);
            let form = table.form.as_ref().and_then(|key| forms.get(key));
            let restored = restore_printed(table, form, sheet, &restated, (!pasted).then_some(&facts.formulas));
            if pasted && !restored.is_empty() {
                assembler.findings.push(tell_pasted(sheet, &restored));
            }
        }
    }
    for leftover in leftovers {
        if let Some(block) = blocks.get(&leftover.sheet)
            && let Some(Out::Table(table)) = assembler.out.get_mut(*block)
        {
            leftover.restore(table);
        }
    }
    let last = spots.last().map_or(0, |spot| spot.numbers.1);
    spots.push(Spot { numbers: (last.saturating_add(1), 0), block: listed_blocks });
    let sheets = Sheets { order, standing };
    let homes = sheets.homes(unlisted, &spots).into_iter().chain(sheets.beside(&assembler.out, added));
    let order = put_behind(assembler.out.len(), homes);
    assembler.reorder(&order);
    assembler.findings.retain(|finding| !REPAIRS.contains(&finding.rule));
    listing.then_some(about)
}

/// A sheet whose row on `文本` somebody deleted: only a deleted sheet is a deleted table.
fn tell_unlisted(grid: &Grid, name: &str) -> Finding {
    let place = grid.rows.first().and_then(|row| row.cells.first()).map(|cell| cell.text.place());
    Finding::of(
        "table-row-missing",
        place.unwrap_or_default(),
        format!("“文本”里没有工作表“{name}”的那一行，这张表留在原处；要删除这张表，请删除它的工作表"),
        format!(
            "文本 has no row for the sheet \"{name}\"; its table stays where it was; to delete the table, delete its sheet"
        ),
    )
}

/// Repairs that a workbook of ours does not need: what looks like one is its layout.
const REPAIRS: [&str; 4] = ["merged-filled", "table-joined", "header-repeated", "blanks-removed"];

/// Reads one sheet as the table `title` of the form `key`; without a listing no form is known.
fn sheet_table(
    assembler: &mut Assembler<'_>,
    forms: &Forms,
    mut grid: Grid,
    key: Option<&FormKey>,
    listing: bool,
    title: Text,
    listed: Option<&Text>,
) {
    // A table that prints no title has what is left of its form's on the sheet.
    if key.is_some()
        && title.is_blank()
        && let Some(top) = grid.rows.iter().position(|row| !row.is_blank())
        && let Some(listed) = listed
        && grid.rows[top].cells.iter().all(|cell| cell.text.is_blank() || cell.text.as_str() == listed.as_str())
    {
        grid.rows.remove(top);
    }
    // A title that is no form's is no line of the table either.
    if !title.is_blank()
        && !assembler.is_title(title.as_str())
        && let Some(top) = grid.rows.iter().position(|row| !row.is_blank())
        && grid.rows[top].cells.iter().all(|cell| cell.text.is_blank() || cell.text.as_str() == title.as_str())
        && key.is_some()
    {
        grid.rows.remove(top);
    }
    let start = assembler.out.len();
    let form = key.and_then(|key| forms.get(key)).map(|form| form.key.clone());
    assembler.isolated(Fragment::verbatim(grid), form.as_ref(), listing && key.is_none(), !title.is_blank());
    let mut tables = assembler.out[start..].iter_mut().filter_map(|out| match out {
        Out::Table(table) => Some(table),
        Out::Paragraph(_) => None,
    });
    if let Some(table) = tables.next() {
        table.title = title;
        if let (Some(found), Some(key)) = (&mut table.form, key)
            && found.form == key.form
        {
            found.clone_from(key);
        }
    }
}

/// The title of a table: what `文本` says, unless somebody edited the one above the table itself.
fn title_of(grid: &Grid, listed: Option<&Text>, stated: Text) -> Text {
    let same = |one: &Text, other: &Text| fold(one.as_str()) == fold(other.as_str());
    let Some(listed) = listed.filter(|listed| !listed.is_blank()) else { return stated };
    let edited_there = !stated.is_blank() && !same(&stated, listed);
    let mut lines = grid.rows.iter().take(3).flat_map(|row| &row.cells).filter(|cell| !cell.text.is_blank());
    if edited_there || lines.any(|cell| same(&cell.text, listed)) {
        return stated;
    }
    top_of(grid).cloned().unwrap_or(stated)
}

/// The text that stands alone in the first row of a sheet.
fn top_of(grid: &Grid) -> Option<&Text> {
    let row = grid.rows.iter().find(|row| !row.is_blank())?;
    let mut texts = row.cells.iter().map(|cell| &cell.text).filter(|text| !text.is_blank());
    texts.next().filter(|_| texts.next().is_none())
}

/// What `目录` says: of the filing itself, the form of each sheet, and the title on it.
type Contents = (About, HashMap<String, FormKey>, HashMap<String, Text>);

fn contents(document: &Document) -> Contents {
    let mut about = About::default();
    let (mut forms, mut titles) = (HashMap::new(), HashMap::new());
    let Some(grid) = grid(document, &CONTENTS) else { return (about, forms, titles) };
    let mut listing = false;
    for row in &grid.rows {
        if listing {
            if let Some((family, form)) = cell(row, 4).split_once('/') {
                forms.insert(cell(row, 1).to_owned(), FormKey { form: form.to_owned(), family: family.to_owned() });
            }
            titles.insert(cell(row, 1).to_owned(), text(row, 2));
            continue;
        }
        match cell(row, 0) {
            "标题" => about.title = text(row, 1),
            "部门代码" => about.department.code = cell(row, 1).to_owned(),
            "部门名称" => about.department.name = cell(row, 1).to_owned(),
            "预算年度" => about.fiscal_year = budget_year(cell(row, 1)),
            "金额单位" => about.unit = Some(cell(row, 1).to_owned()).filter(|unit| !unit.is_empty()),
            "序号" => listing = true,
            _ => {}
        }
    }
    (about, forms, titles)
}

/// The rows of `文本`, continued ones joined.
fn entries(document: &Document) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let Some(grid) = grid(document, &PROSE) else { return entries };
    for row in grid.rows.iter().skip_while(|row| cell(row, 1) != "类型").skip(1) {
        let (kind, content) = (cell(row, 1), text(row, 2));
        let number: Option<u32> = cell(row, 0).parse().ok();
        match entries.last_mut() {
            Some(last) if kind == "续" => {
                last.text.push(&content);
                last.numbers = last.numbers.zip(number).map(|((first, _), number)| (first, number));
            }
            _ if kind.is_empty() && content.is_blank() => {}
            // A line somebody added without a kind is a paragraph.
            _ => entries.push(Entry {
                numbers: number.map(|number| (number, number)),
                kind: kind.to_owned(),
                text: content,
                sheet: cell(row, 3).to_owned(),
            }),
        }
    }
    entries
}

/// A cell of `校验` that shows another amount than printed.
struct Restated {
    /// What the formula came to when the workbook was made.
    computed: String,
    printed: Text,
    /// The sum in words, which tells it where rows have moved.
    says: String,
}

/// Cells that show another amount than printed, by sheet and cell name.
fn restated(document: &Document) -> HashMap<(String, String), Restated> {
    let mut found = HashMap::new();
    let Some(grid) = grid(document, &CHECKS) else { return found };
    for row in grid.rows.iter().skip_while(|row| cell(row, 0) != "序号").skip(1) {
        let computed = cell(row, 10);
        if let (false, Some((sheet, name))) = (computed.is_empty(), cell(row, 2).rsplit_once('!')) {
            let sheet = sheet.trim_matches('\'').replace("''", "'");
            found.entry((sheet, name.to_owned())).or_insert_with(|| Restated {
                computed: computed.to_owned(),
                printed: text(row, 4),
                says: cell(row, 3).to_owned(),
            });
        }
    }
    found
}

/// A value that stands on `其他信息`.
struct Leftover {
    sheet: String,
    row: Option<usize>,
    id: String,
    text: Text,
    rest: bool,
}

fn leftovers(document: &Document) -> Vec<Leftover> {
    let Some(grid) = grid(document, &OTHER) else { return Vec::new() };
    grid.rows
        .iter()
        .skip_while(|row| cell(row, 0) != "序号")
        .skip(1)
        .map(|row| Leftover {
            sheet: cell(row, 1).to_owned(),
            row: cell(row, 2).parse::<usize>().ok().and_then(|row| row.checked_sub(1)),
            id: cell(row, 3).to_owned(),
            text: text(row, 5),
            rest: cell(row, 6) == "续",
        })
        .collect()
}

impl Leftover {
    fn restore(self, table: &mut Table) {
        let target = match self.row {
            None => match table.fields.iter_mut().find(|field| field.id == self.id).map(|field| &mut field.value) {
                Some(Value::One(text)) => text,
                Some(Value::Many(list)) => {
                    if self.rest
                        && let Some(last) = list.last_mut()
                    {
                        last.push(&self.text);
                    } else {
                        list.push(self.text);
                    }
                    return;
                }
                // What the table says of itself, and no field of its form.
                None if self.id == "unit" => {
                    table.unit = Some(self.text.as_str().to_owned());
                    return;
                }
                None => {
                    table.fields.push(crate::filing::Field { id: self.id, value: Value::One(self.text) });
                    return;
                }
            },
            Some(row) => {
                let column = match table.column(&self.id) {
                    Some(column) => column,
                    None => {
                        table.columns.push(crate::filing::Column { id: self.id, label: Vec::new() });
                        for row in &mut table.rows {
                            row.cells.push(crate::filing::Cell::default());
                        }
                        table.columns.len() - 1
                    }
                };
                match table.rows.get_mut(row) {
                    Some(row) => &mut row.cells[column].text,
                    None => return,
                }
            }
        };
        if self.rest {
            target.push(&self.text);
        } else {
            *target = self.text;
        }
    }
}

/// Findings about the workbook as a spreadsheet that say nothing of the filing.
pub(super) fn keeps(finding: &Finding) -> bool {
    !matches!(finding.rule, "cell-comment" | "hidden-sheet" | "page-text" | "formula-without-value")
}
