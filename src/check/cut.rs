//! Names and descriptions that end in the middle, values that only repeat the indicator.

use std::collections::BTreeMap;

use super::Context;
use super::indicators::{Indicator, Project, unit_in_name};
use super::words::{ends, words};
use crate::filing::target;
use crate::finding::Finding;
use crate::form::label::fold;

/// The longest name that the entry form of one filing took, learned from names that are cut where
/// their description goes on.
fn cut_length(projects: &[Project<'_>]) -> Option<usize> {
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for project in projects {
        for indicator in project.indicators.iter().filter(|indicator| goes_on(indicator)) {
            *lengths.entry(indicator.name.chars().count()).or_default() += 1;
        }
    }
    lengths.into_iter().filter(|(_, count)| *count >= 2).max_by_key(|(_, count)| *count).map(|(length, _)| length)
}

/// Whether the description begins with the name and goes on in the middle of a word.
fn goes_on(indicator: &Indicator<'_>) -> bool {
    let name = indicator.folded.as_str();
    if name.chars().count() < 12 {
        return false;
    }
    let description = fold(indicator.description);
    let Some(rest) = description.strip_prefix(name) else { return false };
    let Some(next) = rest.chars().next() else { return false };
    ends_open(name) || (!is_complete(name) && !",.。;；、(=:".contains(next))
}

/// Whether a folded name ends as names of indicators do.
fn is_complete(folded: &str) -> bool {
    match unit_in_name(folded) {
        Some(unit) => unit == "%" || target::is_unit(unit),
        None => folded.ends_with(|ch| words().last_characters.contains(ch)),
    }
}

/// Whether a text ends with a word that needs another after it.
fn ends_open(text: &str) -> bool {
    ends(&words().open_end, text) && !ends(&words().complete, text)
}

/// The rule: names and descriptions that end in the middle.
pub fn cut(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let length = cut_length(&context.projects);
    for project in &context.projects {
        for indicator in &project.indicators {
            let name = indicator.name;
            let count = name.chars().count();
            let learned = length.is_some_and(|length| count == length && !is_complete(&indicator.folded));
            if goes_on(indicator) || learned || (count >= 12 && ends_open(name)) {
                findings.extend(indicator.report(
                    filing,
                    "level3",
                    "text-cut",
                    format!("三级指标“{name}”在第 {count} 个字处被截断"),
                    format!("the name “{name}” is cut off after {count} characters"),
                ));
            }
            let description = indicator.description.trim_end_matches('。');
            let ratio_cut = description.rfind('占').is_some_and(|at| {
                let rest = &description[at..];
                rest.ends_with("计划发") || rest.ends_with("应发") || rest.ends_with("实际发")
            });
            if !description.is_empty() && (ends_open(description) || ratio_cut) {
                findings.extend(indicator.report(
                    filing,
                    "description",
                    "text-cut",
                    format!("绩效指标描述“{description}”没有写完"),
                    format!("the description “{description}” ends in the middle"),
                ));
            }
        }
    }
}

/// The rule: a value that only repeats the name or the description.
pub fn copied(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for project in &context.projects {
        for indicator in &project.indicators {
            let value = fold(indicator.value);
            if value.chars().count() < 6 || indicator.target.is_some() {
                continue;
            }
            if value == fold(indicator.description) || value == indicator.folded {
                findings.extend(indicator.report(
                    filing,
                    "value",
                    "indicator-copied",
                    format!("“{}”的指标值只是重复了指标本身，没有给出标准", indicator.name),
                    format!("the value of “{}” only repeats the indicator and sets no standard", indicator.name),
                ));
            }
        }
    }
}
