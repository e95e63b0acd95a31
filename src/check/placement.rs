//! Indicators under a heading they do not belong to, printed twice, or with a standard of their own.

use std::collections::BTreeMap;

use super::Context;
use super::indicators::bare_level2;
use super::target::Target;
use super::words::{has, words};
use crate::finding::Finding;
use crate::form::label::fold;

/// The rule: indicators under a heading they do not belong to.
pub fn levels(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for project in &context.projects {
        for indicator in &project.indicators {
            let (name, value, level2) = (indicator.name, indicator.value, indicator.level2.as_str());
            let target = indicator.target.as_ref();
            let folded = indicator.folded.as_str();
            let money = target.is_some_and(Target::is_money);
            let percent = target.is_some_and(Target::is_percent);
            let things = target.is_some_and(Target::counts_things);
            let satisfied = |text: &str| has(&words().satisfaction, text);
            let finding = if indicator.is_cost() && percent && !has(&words().cost_rate, name) {
                Some((
                    "value",
                    "indicator-level",
                    format!("成本指标“{name}”的指标值“{value}”不是金额"),
                    format!("cost indicator “{name}”: “{value}” is no amount"),
                ))
            } else if (level2.contains("时效") && (money || things) && !name.contains("次数"))
                || (level2.contains("质量") && money)
            {
                Some((
                    "value",
                    "indicator-level",
                    format!("{level2}指标“{name}”的指标值“{value}”与二级指标不符"),
                    format!("“{name}” with the value “{value}” does not belong under {level2}"),
                ))
            } else if indicator.is_satisfaction()
                && percent
                && !satisfied(name)
                && !satisfied(indicator.description)
                && !name.is_empty()
            {
                Some((
                    "level3",
                    "indicator-level",
                    format!("满意度指标下的“{name}”不是满意度"),
                    format!("“{name}” stands under satisfaction but is none"),
                ))
            } else if level2.contains("数量") && money {
                Some((
                    "value",
                    "indicator-level-money",
                    format!("数量指标“{name}”的指标值“{value}”是金额"),
                    format!("quantity indicator “{name}”: “{value}” is an amount of money"),
                ))
            } else if (indicator.level1.contains("效益") || indicator.level1.contains("产出"))
                && (folded.ends_with("满意度") || folded.ends_with("满意率"))
                && !indicator.is_satisfaction()
            {
                Some((
                    "level3",
                    "indicator-level-satisfaction",
                    format!("“{name}”是满意度，却列在{}下", indicator.level1),
                    format!("“{name}” is a satisfaction but stands under {}", indicator.level1),
                ))
            } else if folded.ends_with("指标") && (bare_level2(name) == indicator.level2 || folded == indicator.level1)
            {
                Some((
                    "level3",
                    "indicator-name",
                    format!("三级指标“{name}”只是重复了上级指标的名称"),
                    format!("the third level “{name}” only repeats the level above"),
                ))
            } else {
                None
            };
            if let Some((column, rule, zh, en)) = finding {
                findings.extend(indicator.report(filing, column, rule, zh, en));
            }
        }
    }
}

/// The rule: an indicator printed twice in one form, with the same value or with another.
pub fn duplicates(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for project in &context.projects {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, indicator) in project.indicators.iter().enumerate() {
            let key = indicator.folded.clone();
            // `…覆盖率，调查达到` is the indicator before the comma.
            let head = key.split(',').next().unwrap_or(&key).to_owned();
            let key = if head.chars().count() >= 6 && seen.contains_key(&head) { head } else { key };
            if key.is_empty() {
                continue;
            }
            let Some(&earlier) = seen.get(&key) else {
                seen.insert(key, index);
                continue;
            };
            let other = &project.indicators[earlier];
            let name = indicator.name;
            let same_value = fold(other.value) == fold(indicator.value);
            let same_text = fold(other.description) == fold(indicator.description);
            let same_level = other.level2 == indicator.level2;
            let finding = if same_value && same_text && same_level {
                indicator.report(
                    filing,
                    "level3",
                    "indicator-duplicate",
                    format!("指标“{name}”在同一张表中重复出现"),
                    format!("the indicator “{name}” stands twice in the form"),
                )
            } else if !same_value && (same_text || indicator.description.is_empty()) {
                indicator.report(
                    filing,
                    "value",
                    "indicator-conflict",
                    format!("同一指标“{name}”前后两个指标值不同：“{}”与“{}”", other.value, indicator.value),
                    format!("the indicator “{name}” has two values: “{}” and “{}”", other.value, indicator.value),
                )
            } else {
                indicator.report(
                    filing,
                    "level3",
                    "indicator-duplicate",
                    format!("两个指标同名“{name}”（{}、{}）", other.level2, indicator.level2),
                    format!("two indicators have the name “{name}” (under {} and {})", other.level2, indicator.level2),
                )
            };
            findings.extend(finding.map(|finding| finding.numbers(other.value, indicator.value)));
        }
    }
}

/// The rule: a standard for each person or thing that one form states otherwise than all others of
/// the same indicator.
pub fn varying(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    // Project, row and value of each indicator, by its name and what it rests on.
    type Members = Vec<(usize, usize, String)>;
    let mut groups: BTreeMap<(String, String), Members> = BTreeMap::new();
    for (index, project) in context.projects.iter().enumerate() {
        for (row, indicator) in project.indicators.iter().enumerate() {
            let standard = has(&words().standard, indicator.name) || has(&words().standard, indicator.description);
            if indicator.is_cost() && standard && indicator.target.as_ref().is_some_and(Target::is_money) {
                let key =
                    (indicator.folded.clone(), format!("{}|{}", fold(indicator.description), fold(indicator.basis)));
                groups.entry(key).or_default().push((index, row, fold(indicator.value)));
            }
        }
    }
    for members in groups.into_values() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, _, value) in &members {
            *counts.entry(value).or_default() += 1;
        }
        let Some((usual, most)) = counts.iter().max_by_key(|(_, count)| **count).map(|(value, count)| (*value, *count))
        else {
            continue;
        };
        if counts.len() != 2 || most < 3 || members.len() - most != 1 {
            continue;
        }
        for (index, row, value) in &members {
            if value != usual {
                let indicator = &context.projects[*index].indicators[*row];
                findings.extend(
                    indicator
                        .report(
                            filing,
                            "value",
                            "indicator-varies",
                            format!(
                                "“{}”为“{}”，其他 {most} 个项目的同一指标都是“{usual}”",
                                indicator.name, indicator.value
                            ),
                            format!(
                                "“{}” is “{}”; the same indicator of {most} other projects is “{usual}”",
                                indicator.name, indicator.value
                            ),
                        )
                        .map(|finding| finding.numbers(indicator.value, usual)),
                );
            }
        }
    }
}
