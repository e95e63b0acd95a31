//! Checks: what a careful budget officer would find in a filing.
//!
//! [`RULES`] is the flat list. A rule that lacks its data says nothing. What a form or a relation
//! between forms can state as an equation is in [`equations()`]; those are judged in [`sums`].

pub mod activities;
pub mod amounts;
pub mod assets;
pub mod changes;
pub mod codes;
pub mod costs;
pub mod cut;
pub mod doubled;
pub mod heads;
pub mod identity;
pub mod indicators;
pub mod marks;
pub mod names;
pub mod numbering;
pub mod placement;
pub mod procurement;
pub mod projects;
pub mod prose;
pub mod relations;
pub mod sums;
pub mod target;
pub mod wording;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use indicators::Project;
use sums::Outcome;
use wording::Piece;

use crate::equation::{CellRef, Equation};
use crate::figures::Mention;
use crate::filing::Filing;
use crate::finding::{Finding, Severity};
use crate::form::Forms;
use crate::text::Place;

/// Which findings a run wants.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Codes that are not reported.
    pub allow: BTreeSet<String>,
    /// Codes that are reported as inconsistencies at least, whatever their severity.
    pub deny: BTreeSet<String>,
}

/// Amounts of the prose that the rules look at.
const MOST_MENTIONS: usize = 4_000;

/// A rule: everything it finds in a filing.
pub type Rule = fn(&Context<'_>, &mut Vec<Finding>);

/// All rules, one function for each family of findings.
pub const RULES: &[Rule] = &[
    sums::judge,
    heads::agree,
    amounts::amounts,
    prose::against_tables,
    prose::sums,
    prose::items,
    prose::repeated,
    changes::changes,
    changes::percentages,
    prose::unit_words,
    changes::reasons,
    prose::years,
    prose::car_purchase,
    procurement::funds,
    procurement::units,
    procurement::purchases,
    assets::date,
    projects::plan,
    costs::costs,
    costs::purposes,
    projects::completeness,
    projects::field_units,
    identity::duplicates,
    identity::codes,
    identity::departments,
    projects::goals,
    projects::total,
    identity::years,
    indicators::signs,
    indicators::units,
    placement::levels,
    placement::duplicates,
    cut::cut,
    cut::copied,
    placement::varying,
    activities::grades,
    activities::codes,
    codes::names,
    codes::order,
    codes::basic_columns,
    codes::catalogue,
    names::department,
    names::documents,
    names::empty_tables,
    numbering::sections,
    numbering::forms,
    marks::brackets,
    wording::units,
    marks::punctuation,
    doubled::words,
    wording::terms,
    wording::placeholders,
    wording::dates,
];

/// What rules look at.
pub struct Context<'f> {
    /// The filing.
    pub filing: &'f Filing,
    /// The forms known in this run.
    pub forms: &'f Forms,
    /// Everything that [`equations()`] yields for the filing.
    pub equations: Vec<Equation>,
    /// What each of them comes to; `None` where it has no data.
    pub outcomes: Vec<Option<Outcome>>,
    /// Cells that their own parts contradict, and what they should be.
    pub wrong: BTreeMap<CellRef, Vec<Decimal>>,
    /// Amounts of the department's money in the prose.
    pub mentions: Vec<Mention>,
    /// Every text that is no plain number.
    pub pieces: Vec<Piece<'f>>,
    /// The project forms.
    pub projects: Vec<Project<'f>>,
}

impl<'f> Context<'f> {
    /// Works out what the rules look at.
    pub fn new(filing: &'f Filing, forms: &'f Forms) -> Context<'f> {
        let mut mentions = crate::figures::mentions(filing);
        // Amounts are held against each other: a real filing has some hundreds.
        mentions.truncate(MOST_MENTIONS);
        let equations = equations(filing, forms);
        let outcomes: Vec<Option<Outcome>> = equations.iter().map(|equation| sums::outcome(filing, equation)).collect();
        let wrong = sums::wrong(&equations, &outcomes);
        let (pieces, projects) = (wording::pieces(filing), indicators::projects(filing));
        Context { filing, forms, equations, outcomes, wrong, mentions, pieces, projects }
    }
}

/// All equations of a filing: the sums its forms define and the relations between its tables.
pub fn equations(filing: &Filing, forms: &Forms) -> Vec<Equation> {
    let mut equations = Vec::new();
    for (block, table) in filing.tables() {
        if let Some(form) = table.form.as_ref().and_then(|key| forms.get(key)) {
            equations.extend(crate::form::sums::equations(form, table, block));
        }
    }
    equations.extend(procurement::equations(filing));
    equations.extend(assets::equations(filing));
    equations.extend(relations::equations(filing));
    equations
}

/// What the rules find, in the order of the filing; reading findings
/// ([`Filing::findings`]) are not among them, see [`report`].
pub fn check(filing: &Filing, forms: &Forms, options: &Options) -> Vec<Finding> {
    judge(filing, forms, options).0
}

/// What the rules find, and the equations they judged.
fn judge(filing: &Filing, forms: &Forms, options: &Options) -> (Vec<Finding>, Vec<Equation>) {
    let context = Context::new(filing, forms);
    let mut findings = Vec::new();
    for rule in RULES {
        rule(&context, &mut findings);
    }
    let mut findings = options.switch(findings);
    sort(&mut findings);
    // Two ways to the same conclusion about an amount of the prose are one finding.
    findings.dedup_by(|next, earlier| {
        next.rule == earlier.rule
            && next.place == earlier.place
            && next.table.is_none()
            && next.rule.starts_with("text-")
            || next.place == earlier.place && next.zh == earlier.zh
    });
    (findings, context.equations)
}

/// Everything to report about a filing: what was found while reading and what the rules find.
pub fn report(filing: &Filing, forms: &Forms, options: &Options) -> Vec<Finding> {
    report_and_equations(filing, forms, options).0
}

/// The same, and the equations that were judged ([`equations()`]), for who writes them next.
pub fn report_and_equations(filing: &Filing, forms: &Forms, options: &Options) -> (Vec<Finding>, Vec<Equation>) {
    let mut findings = options.switch(filing.findings.clone());
    findings.extend(options.switch(nothing_known(filing)));
    let (found, equations) = judge(filing, forms, options);
    findings.extend(found);
    sort(&mut findings);
    (findings, equations)
}

/// Silence would say that all is well: where there was nothing to check, that is the finding.
fn nothing_known(filing: &Filing) -> Vec<Finding> {
    if filing.blocks.is_empty() {
        return vec![Finding::new(
            Severity::Error,
            "no-text",
            Place::Nowhere,
            "文件里没有文字（空文件，或只有图片），无从检查；扫描件请先识别成文字",
            "the file holds no text (it is empty, or has pictures only), so there is nothing to check; put scanned pages through OCR first",
        )];
    }
    if filing.tables().any(|(_, table)| table.form.is_some()) {
        return Vec::new();
    }
    vec![Finding::warning(
        "no-known-table",
        Place::Nowhere,
        "没有认出任何一张标准表，表内和表间的数都没有检查；请看是不是部门预算文本，表格是否还是表格",
        "no table of a known form was found, so no numbers of tables were checked; see whether this is a budget filing and whether its tables are tables still",
    )]
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.place, finding.rule));
}

impl Options {
    /// Drops the findings that are allowed and raises those that are denied.
    pub fn switch(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings
            .into_iter()
            .filter(|finding| !self.allow.contains(finding.rule))
            .map(|mut finding| {
                if self.deny.contains(finding.rule) {
                    finding.severity = finding.severity.max(Severity::Inconsistency);
                }
                finding
            })
            .collect()
    }
}
