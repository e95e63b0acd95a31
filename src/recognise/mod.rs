//! The recogniser: a document and the forms give a filing.
//!
//! Nothing is dropped silently: every grid cell is a label, bound to a slot, or kept in an
//! unrecognised table; every other character stands in a block or in [`Filing::dropped`] with the
//! code of the finding that reports it.

mod assemble;
mod body;
mod choose;
mod fields;
mod finish;
mod grid;
mod header;
mod index;
mod outline;
mod plan;
mod title;

use std::collections::BTreeMap;
use std::sync::Arc;

use assemble::{Assembler, Out};
pub(crate) use outline::heading_level;

use crate::document::{Block as Read, Document};
use crate::filing::{Block, Filing};
use crate::form::Forms;
use crate::source::Source;

/// Recognises a filing. Never fails: what it cannot make out it keeps, with a finding.
pub fn recognise(source: Source, document: Document, forms: &Forms) -> Filing {
    let year = year_of(&document);
    let mut assembler = Assembler::new(forms, year);
    for block in document.blocks {
        assembler.block(block);
    }
    assembler.finish();
    let blocks: Vec<Block> = assembler
        .out
        .into_iter()
        .map(|out| match out {
            Out::Paragraph(paragraph) => outline::block_of(paragraph.text, paragraph.outline),
            Out::Table(table) => Block::Table(table),
        })
        .collect();
    let title = outline::title(&blocks);
    let department = outline::department(&assembler.info, title.as_str());
    let fiscal_year = assembler.info.fiscal_year.or_else(|| outline::year_in(title.as_str())).or(year);
    let unit = assembler.info.units.iter().max_by_key(|(_, count)| **count).map(|(unit, _)| unit.clone());
    let mut findings = document.findings;
    findings.extend(assembler.findings);
    let mut filing = Filing {
        source: Arc::new(source),
        title,
        department,
        fiscal_year,
        unit,
        blocks,
        figures: Vec::new(),
        findings,
        dropped: assembler.dropped,
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

/// A line of dashes and bars that a Markdown table left.
fn is_rule_line(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|ch| matches!(ch, '-' | '|' | ':' | '+' | '=' | ' ' | '\t'))
}
