//! The recogniser: a document and the forms give a filing.
//!
//! Nothing is dropped silently: every grid cell is a label, bound to a slot, or kept in an
//! unrecognised table; every other character stands in a block or in [`Filing::dropped`] with the
//! code of the finding that reports it.

mod aligned;
mod assemble;
mod body;
mod choose;
mod cut_rows;
mod fields;
mod finish;
mod grid;
mod header;
mod index;
mod laid;
mod marks;
mod outline;
mod own_workbook;
mod plan;
mod printed_once;
mod side_by_side;
mod title;
mod touching;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use assemble::{Assembler, Out};
pub(crate) use marks::is_rule_line;
pub(crate) use outline::heading_level;

use crate::document::{Block as Read, Document};
use crate::filing::{Block, Filing};
use crate::form::Forms;
use crate::source::{Kind, Source};

/// Recognises a filing. Never fails: what it cannot make out it keeps, with a finding.
pub fn recognise(source: Source, document: Document, forms: &Forms) -> Filing {
    let year = year_of(&document);
    let mut assembler = Assembler::new(forms, year, source.kind);
    let mut document = document;
    let mut findings = document.findings.clone();
    let mut cells = std::mem::take(&mut document.cells);
    let about = if own_workbook::is_own(&document) {
        findings.retain(own_workbook::keeps);
        own_workbook::assemble(document, &mut cells, forms, &mut assembler)
    } else {
        // In what way others format their numbers says nothing of how the filing prints them.
        cells.whole.clear();
        let blocks = match source.kind {
            Kind::Text => assembler.read_aligned(document.blocks, &source.text),
            _ => document.blocks,
        };
        assembler.find_running(&blocks);
        for block in blocks {
            match side_by_side::split(&block, forms, year) {
                Some(tables) => tables.into_iter().for_each(|table| assembler.block(table)),
                None => assembler.block(block),
            }
        }
        assembler.finish();
        None
    };
    let blocks: Vec<Block> = assembler
        .out
        .into_iter()
        .map(|out| match out {
            Out::Paragraph(paragraph) => outline::block_of(paragraph.text, paragraph.outline),
            Out::Table(table) => Block::Table(table),
        })
        .collect();
    findings.append(&mut assembler.findings);
    let about = about.unwrap_or_else(|| {
        let title = outline::title(&blocks);
        let info = &assembler.info;
        own_workbook::About {
            department: outline::department(info, title.as_str(), &blocks),
            fiscal_year: info
                .fiscal_year
                .or_else(|| outline::year_in(title.as_str()))
                .or(year)
                .or_else(|| outline::year_in_tables(&blocks)),
            unit: info.units.iter().max_by_key(|(_, count)| **count).map(|(unit, _)| unit.clone()),
            title,
        }
    });
    let mut filing = Filing {
        source: Arc::new(source),
        title: about.title,
        department: about.department,
        fiscal_year: about.fiscal_year,
        unit: about.unit,
        blocks,
        figures: Vec::new(),
        findings,
        dropped: assembler.dropped,
        cells,
    };
    settle_family(&mut filing, forms);
    filing.figures = crate::figures::figures(&filing);
    filing
}

/// The year the first lines speak of most.
fn year_of(document: &Document) -> Option<u16> {
    let mut years: BTreeMap<u16, usize> = BTreeMap::new();
    for block in document.blocks.iter().take(200) {
        if let Read::Paragraph(paragraph) = block
            && paragraph.text.as_str().contains("预算")
            && let Some(year) = outline::year_in(paragraph.text.as_str())
        {
            *years.entry(year).or_default() += 1;
        }
    }
    years.into_iter().max_by_key(|(_, count)| *count).map(|(year, _)| year)
}

/// Tables whose form the filing's main family inherits belong to that family.
fn settle_family(filing: &mut Filing, forms: &Forms) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, table) in filing.tables() {
        if let Some(key) = &table.form {
            *counts.entry(key.family.as_str()).or_default() += 1;
        }
    }
    let Some(main) = counts.into_iter().max_by_key(|(_, count)| *count).map(|(family, _)| family.to_owned()) else {
        return;
    };
    for block in &mut filing.blocks {
        let Block::Table(table) = block else { continue };
        if let Some(key) = &mut table.form
            && key.family != main
            && forms.in_family(&main, &key.form).is_some_and(|form| form.key == *key)
        {
            key.family.clone_from(&main);
        }
    }
}
