//! What stands above the tables of one filing: the same year, unit of money and department (R41).

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::Context;
use super::sums::table_title;
use crate::filing::{FormKey, Table};
use crate::finding::Finding;
use crate::form::Form;
use crate::form::label::{Pattern, fold};
use crate::form::preamble::parts;
use crate::form::tables::tables;
use crate::text::{Place, Text};

/// Something that is said above a table.
struct Said {
    block: usize,
    value: String,
    place: Place,
}

/// The rule: the year, the unit and the department that the tables of a filing print agree.
pub fn agree(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let (mut years, mut units) = (Vec::new(), Vec::new());
    let mut lines = Lines::new();
    let mut departments: Vec<(String, Said)> = Vec::new();
    for (block, table) in filing.tables() {
        let Some(form) = table.form.as_ref().and_then(|key| context.forms.get(key)) else { continue };
        let said = said(form, table, &mut lines);
        let of = |slot: &str| said.iter().find(|(name, ..)| name == slot).map(|(_, value, place)| (value, *place));
        let one = |(value, place): (&String, Place)| Said { block, value: value.clone(), place };
        if !form.many && !tables().other_year.contains(&form.key.form.as_str()) {
            let title = year_of_title(&table.title).map(|(value, place)| Said { block, value, place });
            years.extend(of("fiscal_year").map(one).or(title));
        }
        if tables().one_unit.contains(&form.key.form.as_str()) {
            units.extend(of("unit").map(one));
        }
        if let (Some((code, _)), Some(name)) = (of("department_code"), of("department"))
            && !code.is_empty()
            // What ran together with a name is none.
            && !name.0.contains(':')
        {
            departments.push((code.clone(), one(name)));
        }
    }
    let title = |said: &Said| table_title(filing, said.block);
    let fiscal = filing.fiscal_year.map(|year| year.to_string());
    for (said, usual) in unlike(&years, fiscal.as_deref()) {
        let (stated, title) = (&said.value, title(said));
        let zh = format!("{title}的年度为 {stated}，其他表为 {usual}");
        let en = format!("{title} is of {stated}, the other tables of {usual}");
        findings.push(report("table-year", said, zh, en).numbers(stated.as_str(), usual));
    }
    for (said, usual) in unlike(&units, filing.unit.as_deref()) {
        let (stated, title) = (&said.value, title(said));
        let zh = format!("{title}的单位为{stated}，其他表为{usual}；单位不同，没有与其他表核对");
        let en = format!("the unit of {title} is {stated}, of the other tables {usual}; they were not compared");
        findings.push(report("table-unit", said, zh, en).numbers(stated.as_str(), usual));
    }
    // Units of a department print their own codes with their own names.
    let mut reported = Vec::new();
    for (said, usual) in unlike_in_groups(departments.iter().map(|(code, name)| (code.clone(), name))) {
        let (stated, title) = (&said.value, title(said));
        let zh = format!("{title}的部门名称为“{stated}”，同一编码的其他表为“{usual}”");
        let en = format!("{title} names “{stated}”, other tables of that code “{usual}”");
        reported.push(said.block);
        findings.push(report("table-department", said, zh, en).numbers(stated.as_str(), usual));
    }
    let codes: Vec<(String, Said)> =
        departments.iter().map(|(code, name)| (name.value.clone(), Said { value: code.clone(), ..*name })).collect();
    for (said, usual) in unlike_in_groups(codes.iter().map(|(name, code)| (name.clone(), code))) {
        let stated = &said.value;
        // The department as a unit of its own has its code with more digits.
        if reported.contains(&said.block) || stated.starts_with(usual) || usual.starts_with(stated.as_str()) {
            continue;
        }
        let title = title(said);
        let zh = format!("{title}的部门编码为 {stated}，同名部门在其他表中为 {usual}");
        let en = format!("{title} has the department code {stated}, other tables of that department {usual}");
        findings.push(report("table-department", said, zh, en).numbers(stated.as_str(), usual));
    }
}

fn report(rule: &'static str, said: &Said, zh: String, en: String) -> Finding {
    Finding { table: Some(said.block), ..Finding::of(rule, said.place, zh, en) }
}

/// Slots and where their values stand, by form and printed line: most tables of a filing print the same lines.
type Lines<'f> = HashMap<(&'f FormKey, &'f str), Vec<(String, Range<usize>)>>;

/// What the lines above a table say: slot, value, and where it stands.
fn said<'f>(form: &'f Form, table: &'f Table, lines: &mut Lines<'f>) -> Vec<(String, String, Place)> {
    let mut said = Vec::new();
    for label in &table.labels {
        let text = label.as_str();
        let slots = lines.entry((&form.key, text)).or_insert_with(|| slots(form, text));
        let of_table = slots
            .iter()
            .map(|(slot, range)| (slot.clone(), fold(&text[range.clone()]), label.slice(range.clone()).place()));
        said.extend(of_table);
    }
    said
}

fn slots(form: &Form, text: &str) -> Vec<(String, Range<usize>)> {
    let mut slots = Vec::new();
    for part in parts(text) {
        let captures = form.preamble_line(&text[part.clone()]).map(|line| line.captures).unwrap_or_default();
        slots
            .extend(captures.into_iter().map(|(slot, range)| (slot, part.start + range.start..part.start + range.end)));
    }
    slots
}

/// The one year that a title speaks of.
fn year_of_title(title: &Text) -> Option<(String, Place)> {
    let mut years = title.as_str().match_indices('年').filter_map(|(at, _)| {
        let start = at.checked_sub(4)?;
        let year = title.as_str().get(start..at).filter(|year| Pattern::new("{year}").is_match(year))?;
        Some((year.to_owned(), title.slice(start..at).place()))
    });
    let first = years.next()?;
    years.all(|(year, _)| year == first.0).then_some(first)
}

/// Those that differ from what most say, with what most say; `hint` decides between as many.
fn unlike<'s>(all: &'s [Said], hint: Option<&str>) -> Vec<(&'s Said, &'s str)> {
    unlike_of(&all.iter().collect::<Vec<_>>(), hint)
}

fn unlike_of<'s>(all: &[&'s Said], hint: Option<&str>) -> Vec<(&'s Said, &'s str)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for said in all {
        *counts.entry(said.value.as_str()).or_default() += 1;
    }
    let Some((usual, _)) = counts.into_iter().max_by_key(|(value, count)| (*count, Some(*value) == hint)) else {
        return Vec::new();
    };
    all.iter().filter(|said| said.value != usual).map(|said| (*said, usual)).collect()
}

/// As [`unlike`], within each group.
fn unlike_in_groups<'s>(all: impl Iterator<Item = (String, &'s Said)>) -> Vec<(&'s Said, &'s str)> {
    let mut groups: BTreeMap<String, Vec<&Said>> = BTreeMap::new();
    for (group, said) in all {
        groups.entry(group).or_default().push(said);
    }
    let mut found: Vec<_> = groups.values().flat_map(|group| unlike_of(group, None)).collect();
    found.sort_by_key(|(said, _)| said.block);
    found
}
