//! The department's units, and its projects by name.

use super::{Datum, Extractor, Parts};
use crate::filing::{Filing, RowKind, Table};
use crate::import::key;
use crate::text::is_blank;

/// The projects of a filing with their natural keys, in order.
pub(super) struct Projects {
    list: Vec<Project>,
    /// Whether the filing has a procurement table, and the project names in it.
    procured: Option<Vec<String>>,
}

/// A project form.
pub(super) struct Project {
    /// Index of its block.
    pub block: usize,
    /// Key within the filing, unique.
    pub natural: String,
    unit: String,
    name: String,
}

/// The projects of a filing. The key is unit and project code: one code stands under several units
/// (one real filing has it four times); without a code it is a hash of unit and name.
pub(super) fn projects(filing: &Filing) -> Projects {
    let mut unique = key::Unique::default();
    let list = filing
        .tables()
        .filter(|(_, table)| table.is_project())
        .map(|(block, table)| {
            let field = |id: &str| table.field_text(id).map_or("", |text| text.as_str());
            let unit = [field("unit_name"), field("implementing_unit")].into_iter().find(|name| !name.is_empty());
            let unit = unit.unwrap_or_default();
            let natural = match (field("project_code"), field("unit_code")) {
                ("", code) => key::natural(&["", code, unit, field("project_name")]),
                (code, "") if unit.is_empty() => key::natural(&[code]),
                (code, "") => key::natural(&[code, &key::hash(&[unit])]),
                (code, unit) => key::natural(&[unit, code]),
            };
            Project {
                block,
                natural: unique.key(0, natural),
                unit: squeezed(unit),
                name: squeezed(field("project_name")),
            }
        })
        .collect();
    let mut procured: Option<Vec<String>> = None;
    for (_, table) in filing.tables().filter(|(_, table)| table.form_id() == "procurement") {
        let names = procured.get_or_insert_with(Vec::new);
        names.extend((0..table.rows.len()).map(|row| squeezed(table.cell(row, "project"))));
    }
    Projects { list, procured }
}

impl Projects {
    /// The project of a block.
    pub(super) fn at(&self, block: usize) -> Option<&Project> {
        self.list.iter().find(|project| project.block == block)
    }

    /// The natural key of the one project of this name, of this unit if it has several.
    pub(super) fn find(&self, unit: &str, name: &str) -> Option<&str> {
        let (unit, name) = (squeezed(unit), squeezed(name));
        let named: Vec<&Project> =
            self.list.iter().filter(|project| !name.is_empty() && project.name == name).collect();
        let of_unit: Vec<&&Project> = named.iter().filter(|project| project.unit == unit).collect();
        match (of_unit.as_slice(), named.as_slice()) {
            ([one], _) => Some(&one.natural),
            (_, [one]) => Some(&one.natural),
            _ => None,
        }
    }

    /// Whether a project stands in the procurement table; `Null` where there is none.
    pub(super) fn in_procurement(&self, project: &Project) -> Datum {
        match &self.procured {
            Some(names) => Datum::Flag(names.contains(&project.name)),
            None => Datum::Null,
        }
    }
}

/// A unit of the department.
struct Unit<'f> {
    name: &'f str,
    code: &'f str,
    /// Where it is listed, if it is.
    listed: Option<(usize, &'f Table, usize)>,
    /// Where it was first seen.
    block: Option<(usize, &'f Table)>,
}

impl Extractor<'_> {
    /// Adds the department, the listed units, and those that only project forms name.
    pub(super) fn institutions(&mut self, index: usize) {
        let filing = self.filing;
        let department = &filing.department;
        let mut units: Vec<Unit<'_>> = Vec::new();
        for (block, table) in filing.tables().filter(|(_, table)| table.form_id() == "institutions") {
            for row in (0..table.rows.len()).filter(|row| table.rows[*row].kind == RowKind::Detail) {
                let name = table.cell(row, "name");
                if !name.is_empty() {
                    units.push(Unit { name, code: "", listed: Some((block, table, row)), block: None });
                }
            }
        }
        for (block, table) in filing.tables() {
            let field = |id: &str| table.field_text(id).map_or("", |text| text.as_str());
            let (name, code) = match field("unit_name") {
                "" => (field("implementing_unit"), ""),
                name => (name, field("unit_code")),
            };
            if name.is_empty() {
                continue;
            }
            // Two codes under one name are two units.
            let same = |unit: &&mut Unit<'_>| {
                squeezed(unit.name) == squeezed(name) && (code.is_empty() || unit.code.is_empty() || unit.code == code)
            };
            match units.iter_mut().find(same) {
                Some(unit) if unit.code.is_empty() => unit.code = code,
                Some(_) => {}
                None => units.push(Unit { name, code, listed: None, block: Some((block, table)) }),
            }
        }
        let own = units.iter().position(|unit| squeezed(unit.name) == squeezed(&department.name));
        if own.is_none() && !(department.name.is_empty() && department.code.is_empty()) {
            units.insert(0, Unit { name: &department.name, code: &department.code, listed: None, block: None });
        }
        let own = own.or(Some(0)).filter(|_| !department.name.is_empty() || !department.code.is_empty());
        for (number, unit) in units.iter().enumerate() {
            let is_department = own == Some(number);
            let code = if is_department && unit.code.is_empty() { &department.code } else { unit.code };
            let parts = match (unit.listed, unit.block) {
                (Some((block, table, row)), _) => Parts::of(block, table, Some(row)),
                (None, Some((block, table))) => Parts::of(block, table, None),
                (None, None) => Parts { place: filing.title.place(), ..Parts::default() },
            };
            // Fields of a project form are not those of its unit.
            let parts = if unit.listed.is_none() {
                parts.with("nature", "").with("grade", "").with("funding", "")
            } else {
                parts
            };
            let parts = parts
                .with("@level", if is_department { "department" } else { "unit" })
                .with("@name", unit.name.to_owned())
                .with("@code", code.to_owned())
                .with("@parent_code", parent_code(code, &department.code).to_owned());
            self.push_by_key(index, &parts);
        }
    }
}

/// Codes grow by three digits a level: department 3, unit 6, sub-unit 9.
fn parent_code<'c>(code: &'c str, department: &'c str) -> &'c str {
    match code.len() {
        6 | 9 if code.is_ascii() => &code[..code.len() - 3],
        _ if code.len() > department.len() && code.starts_with(department) => department,
        _ => "",
    }
}

/// Without blanks: names are compared so.
fn squeezed(text: &str) -> String {
    text.chars().filter(|ch| !is_blank(*ch)).collect()
}
