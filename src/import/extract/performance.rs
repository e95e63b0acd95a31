//! Projects, indicators, activities.

use super::units::Projects;
use super::{Datum, Extractor, Parts, fitting};
use crate::filing::Table;
use crate::filing::target::{Target, parse};
use crate::import::codes;
use crate::import::key;
use crate::import::schema::Rows;
use crate::text::is_blank;

/// Columns of an indicator for each term of the form.
const TERMS: [(&str, [&str; 3]); 2] =
    [("annual", ["level2", "level3", "value"]), ("midterm", ["midterm_level2", "midterm_level3", "midterm_value"])];

impl Extractor<'_> {
    /// Adds a row for each project form.
    pub(super) fn projects(&mut self, index: usize, projects: &Projects) {
        let target = &self.schema.tables[index];
        for (block, table) in self.tables_of(target).collect::<Vec<_>>() {
            let Some(project) = projects.at(block) else { continue };
            let parts = Parts::of(block, table, None).with("@in_procurement", projects.in_procurement(project));
            self.push(index, &project.natural, &parts);
        }
    }

    /// Adds a row for each indicator of each term.
    pub(super) fn indicators(&mut self, index: usize, projects: &Projects) {
        let target = &self.schema.tables[index];
        for (block, table) in self.tables_of(target).collect::<Vec<_>>() {
            let project = projects.at(block).map(|project| project.natural.as_str());
            for row in 0..table.rows.len() {
                for (term, ids) in TERMS {
                    let [level2, level3, value] = ids.map(|id| table.cell(row, id));
                    if level3.is_empty() && value.is_empty() {
                        continue;
                    }
                    self.indicator(index, block, table, row, project, term, [level2, level3, value]);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one row")]
    fn indicator(
        &mut self,
        index: usize,
        block: usize,
        table: &Table,
        row: usize,
        project: Option<&str>,
        term: &'static str,
        [level2, level3, value]: [&str; 3],
    ) {
        let level1 = table.cell(row, "level1");
        let code = |list: &str, printed: &str| {
            let entry = codes::list(list).and_then(|list| list.find(printed));
            entry.map_or(Datum::Null, |entry| Datum::Text(entry.code.clone()))
        };
        let project_id = project.map(|natural| format!("{}/{natural}", self.key));
        let mut parts = Parts::of(block, table, Some(row))
            .with("@project_id", project_id.map_or(Datum::Null, Datum::Text))
            .with("@term", term)
            .with("@level1_code", code("indicator-level1", level1))
            .with("@level2", level2)
            .with("@level2_code", code("indicator-level2", level2))
            .with("@level3", level3)
            .with("@value", value);
        for (name, datum) in target_of(value) {
            parts = parts.with(name, datum);
        }
        let natural = key::hash(&[term, level1, level2, level3]);
        self.push(index, &format!("{}/h{natural}", project.unwrap_or("department")), &parts);
    }

    /// Adds the activities and, in their table, the indicators of each.
    pub(super) fn activities(&mut self, index: usize) {
        let target = &self.schema.tables[index];
        let indicators = self.schema.tables.iter().position(|table| table.rows == Rows::ActivityIndicator);
        for (block, table) in self.tables_of(target).collect::<Vec<_>>() {
            let mut above: Option<(Vec<&str>, String)> = None;
            for row in 0..table.rows.len() {
                let own: Vec<&str> =
                    ["code", "name", "description", "year", "goal"].iter().map(|id| table.cell(row, id)).collect();
                let id = match &above {
                    Some((activity, id)) if *activity == own => id.clone(),
                    _ => self.push_by_key(index, &Parts::of(block, table, Some(row))),
                };
                let filled = |id: &&str| !table.cell(row, id).chars().all(is_blank);
                let Some(indicators) = indicators else { continue };
                if ["indicator", "indicator_description", "excellent", "good", "fair", "poor"].iter().any(filled) {
                    let activity = id.strip_prefix(self.key.as_str()).unwrap_or(&id).trim_start_matches('/').to_owned();
                    let natural = format!("{activity}/h{}", key::hash(&[table.cell(row, "indicator")]));
                    let parts = Parts::of(block, table, Some(row)).with("@activity_id", Datum::Text(id.clone()));
                    self.push(indicators, &natural, &parts);
                }
                above = Some((own, id));
            }
        }
    }
}

/// The columns that 指标值 is taken apart into.
fn target_of(value: &str) -> Vec<(&'static str, Datum)> {
    let number = |value| fitting(value).map_or(Datum::Null, Datum::Decimal);
    match parse(value) {
        Target::Blank => Vec::new(),
        Target::Quantity(quantity) => vec![
            ("@value_kind", Datum::text("quantity")),
            ("@comparison", quantity.sign.map_or(Datum::Null, |sign| Datum::text(sign.symbol()))),
            ("@number", number(quantity.number)),
            ("@measure", Datum::text(quantity.unit)),
        ],
        Target::Range { low, high, unit } => vec![
            ("@value_kind", Datum::text("range")),
            ("@number", number(low)),
            ("@number_to", number(high)),
            ("@measure", Datum::text(unit)),
        ],
        // A sign without a number beside it says nothing to budget software.
        Target::Date(_) => vec![("@value_kind", Datum::text("date"))],
        Target::Text => vec![("@value_kind", Datum::text("text"))],
    }
}
