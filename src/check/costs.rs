//! What a project costs by its indicators, its purpose and its goals, against its budget.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Context;
use super::indicators::{Indicator, Project, project_tables, project_title};
use super::projects::{field, money_field, report};
use super::sums::{self, Interval, Verdict, verdict};
use super::target::{Sign, Target};
use super::words::{has, words};
use crate::equation::Relation;
use crate::figures::scan;
use crate::filing::{Filing, Value};
use crate::finding::Finding;
use crate::text::Text;

/// A cost indicator that names an amount for the whole project, not for each person or thing.
pub fn whole_cost<'i>(indicator: &'i Indicator<'_>) -> Option<(&'i Indicator<'i>, Decimal)> {
    if !indicator.is_cost() {
        return None;
    }
    let each = has(&words().each, indicator.name) || has(&words().each, indicator.description);
    let money = indicator.target.as_ref()?.money()?;
    (!each).then_some((indicator, money))
}

/// The rule: cost indicators against the budget of their project.
pub fn costs(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let wan = Decimal::from(10_000);
    let mut budgets: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
    for (block, _) in project_tables(filing) {
        if let Some(budget) = money_field(filing, block, "budget") {
            budgets.entry(budget.value).or_default().push(block);
        }
    }
    for &Project { block, table, ref indicators } in &context.projects {
        let Some(budget) = money_field(filing, block, "budget") else { continue };
        let printed_budget = field(table, "budget");
        let whole: Vec<(&Indicator<'_>, Decimal)> = indicators.iter().filter_map(whole_cost).collect();
        // Forms that print one cost indicator for each part of the budget (Ningxia): their sum is it.
        let added = cost_sum(filing, block, budget, printed_budget, indicators, findings);
        unit_cost(filing, budget, printed_budget, indicators, findings);
        scale(filing, budget, printed_budget, indicators, findings);
        if added {
            continue;
        }
        for (indicator, cost) in &whole {
            let stated = Interval::exact(*cost);
            let at_least = indicator.target.as_ref().is_some_and(|target| target.sign == Sign::AtLeast);
            if *cost == budget.value * wan || *cost * wan == budget.value {
                findings.extend(cost_finding(
                    filing,
                    indicator,
                    "project-cost-yuan",
                    format!(
                        "成本指标“{}”为“{}”，与预算数 {printed_budget} 数字相同而单位相差一万倍",
                        indicator.name, indicator.value
                    ),
                    format!(
                        "cost indicator “{}” is “{}”: the number of the budget {printed_budget} in another unit",
                        indicator.name, indicator.value
                    ),
                    printed_budget,
                ));
            } else if *cost > budget.value && !at_least && verdict(stated, Relation::AtMost, budget) == Verdict::Broken
            {
                let twin = budgets.get(cost).and_then(|blocks| blocks.iter().find(|other| **other != block));
                let twin = twin.map(|other| project_title(filing, *other));
                let [hint, hint_en] = twin.map_or_else(Default::default, |[title, title_en]| {
                    [
                        format!("；与{}预算数相同，疑为误填", title.trim_end_matches('：')),
                        format!("; it is the budget of {}", title_en.trim_end_matches(": ")),
                    ]
                });
                findings.extend(cost_finding(
                    filing,
                    indicator,
                    "project-cost-over",
                    format!("成本指标“{}”为“{}”，超过预算数 {printed_budget}{hint}", indicator.name, indicator.value),
                    format!(
                        "cost indicator “{}” is “{}”, more than the budget {printed_budget}{hint_en}",
                        indicator.name, indicator.value
                    ),
                    printed_budget,
                ));
            } else if *cost != budget.value
                && whole.len() == 1
                && (budget.value - cost).abs() * Decimal::ONE_HUNDRED <= budget.value * Decimal::TWO
                && verdict(stated, Relation::Equal, budget) == Verdict::Broken
            {
                let cost_wan = (*cost / wan).normalize();
                findings.extend(cost_finding(
                    filing,
                    indicator,
                    "project-cost-near",
                    format!("成本指标“{}”为“{}”（{cost_wan}万元），与预算数 {printed_budget} 相近而不等", indicator.name, indicator.value),
                    format!("cost indicator “{}” is “{}” ({cost_wan}万元), close to the budget {printed_budget} but not equal", indicator.name, indicator.value),
                    printed_budget,
                ));
            }
        }
    }
}

fn cost_finding(
    filing: &Filing,
    indicator: &Indicator<'_>,
    rule: &'static str,
    zh: String,
    en: String,
    budget: &str,
) -> Option<Finding> {
    let cell = indicator.cell(filing, "value")?;
    let [title, title_en] = project_title(filing, indicator.block);
    Some(
        sums::at(filing, &cell, rule, format!("{title}{zh}"), format!("{title_en}{en}"))
            .numbers(indicator.value, budget),
    )
}

/// The parts of a budget listed as cost indicators add up to it; whether they are such a list that
/// does not.
fn cost_sum(
    filing: &Filing,
    block: usize,
    budget: Interval,
    printed_budget: &str,
    indicators: &[Indicator<'_>],
    findings: &mut Vec<Finding>,
) -> bool {
    let wan = Decimal::from(10_000);
    let costs: Vec<&Indicator<'_>> = indicators.iter().filter(|indicator| indicator.is_cost()).collect();
    if costs.len() < 2 {
        return false;
    }
    let mut total = Decimal::ZERO;
    let mut alone = false;
    for indicator in &costs {
        let Some(target) = &indicator.target else { return false };
        if target.sign != Sign::None {
            return false;
        }
        // `10000/年` in a form whose costs all lack their unit can only be 元.
        let bare = target.unit.starts_with("/年") || target.unit.is_empty();
        let money =
            target.money().or_else(|| (bare && target.number >= Decimal::ONE_THOUSAND).then_some(target.number));
        let Some(money) = money else { return false };
        alone |= money == budget.value;
        let Some(sum) = total.checked_add(money) else { return false };
        total = sum;
    }
    if verdict(budget, Relation::Equal, Interval::exact(total)) == Verdict::Broken {
        let total_wan = (total / wan).normalize();
        let list = costs.iter().map(|indicator| indicator.value).collect::<Vec<_>>().join(" + ");
        let rule = if alone { "project-cost-extra" } else { "project-cost-sum" };
        findings.push(
            report(
                filing,
                block,
                "budget",
                rule,
                &format!("年度资金总额为 {printed_budget}，各成本指标合计 {total_wan}万元（{list}）"),
                &format!("the budget is {printed_budget}, the cost indicators add up to {total_wan}万元 ({list})"),
            )
            .numbers(printed_budget, total_wan.to_string()),
        );
        return true;
    }
    false
}

/// The one head count times the one yearly standard is not more than the budget.
fn unit_cost(
    filing: &Filing,
    budget: Interval,
    printed_budget: &str,
    indicators: &[Indicator<'_>],
    findings: &mut Vec<Finding>,
) {
    let wan = Decimal::from(10_000);
    let heads: Vec<(&Indicator<'_>, Decimal)> = indicators
        .iter()
        .filter(|indicator| indicator.level2.contains("数量"))
        .filter_map(|indicator| {
            let target = indicator.target.as_ref()?;
            let of_people = target.unit.starts_with('人') && !target.unit.starts_with("人次")
                || target.unit.starts_with('名')
                || (target.is_bare() && indicator.name.contains("（人）"))
                || (target.is_bare() && indicator.name.contains("(人)"));
            (of_people && target.sign == Sign::None).then_some((indicator, target.number))
        })
        .collect();
    let standards: Vec<(&Indicator<'_>, Decimal)> = indicators
        .iter()
        .filter(|indicator| indicator.is_cost() && ["人均", "每人"].iter().any(|word| indicator.name.contains(word)))
        .filter_map(|indicator| {
            let target = indicator.target.as_ref()?;
            if target.sign != Sign::None {
                return None;
            }
            let (price, per) = target.price()?;
            let per = per.replace("人", "").replace(['/', '·', '每'], "");
            let yearly = match per.as_str() {
                "年" => price,
                "月" => price.checked_mul(Decimal::from(12))?,
                _ => return None,
            };
            Some((indicator, yearly))
        })
        .collect();
    if let ([(head, count)], [(standard, yearly)]) = (heads.as_slice(), standards.as_slice())
        && let Some(total) = count.checked_mul(*yearly)
        // A budget is rounded to tens of thousands now and then: two percent decide nothing.
        && total > budget.value * Decimal::new(102, 2)
    {
        let total_wan = (total / wan).normalize();
        let zh = format!(
            "“{}”{} × “{}”{}，一年需 {total_wan}万元，超过预算数 {printed_budget}",
            head.name, head.value, standard.name, standard.value
        );
        let en = format!(
            "“{}” {} × “{}” {} makes {total_wan}万元 a year, more than the budget {printed_budget}",
            head.name, head.value, standard.name, standard.value
        );
        findings.extend(
            cost_finding(filing, standard, "project-cost-unit", zh, en, printed_budget)
                .map(|finding| finding.numbers(printed_budget, total_wan.to_string())),
        );
    }
}

/// The one quantity times the one price for the same unit is of the budget's size: a yearly rent of
/// 1.1元/平方米 for 250 平方米 does not make a budget of ten thousands.
fn scale(
    filing: &Filing,
    budget: Interval,
    printed_budget: &str,
    indicators: &[Indicator<'_>],
    findings: &mut Vec<Finding>,
) {
    let costs: Vec<&Indicator<'_>> = indicators.iter().filter(|indicator| indicator.is_cost()).collect();
    let [cost] = costs.as_slice() else { return };
    let Some(target) = Target::parse(cost.value) else { return };
    let Some((price, per)) = target.price() else { return };
    let quantities: Vec<(&Indicator<'_>, Decimal)> = indicators
        .iter()
        .filter(|indicator| indicator.level2.contains("数量"))
        .filter_map(|indicator| {
            let target = indicator.target.as_ref()?;
            (target.unit == per && target.counts_things()).then_some((indicator, target.number))
        })
        .collect();
    let [(quantity, count)] = quantities.as_slice() else { return };
    let Some(total) = count.checked_mul(price) else { return };
    let twenty = Decimal::from(20);
    if total.is_zero() || total.checked_mul(twenty).is_none_or(|least| least >= budget.value) {
        return;
    }
    let zh = format!(
        "“{}”{} × “{}”{} = {}元，与预算数 {printed_budget} 相差悬殊，请核对单价的计量单位",
        quantity.name,
        quantity.value,
        cost.name,
        cost.value,
        total.normalize()
    );
    let en = format!(
        "“{}” {} × “{}” {} makes {}元, far from the budget {printed_budget}: check the unit of the price",
        quantity.name,
        quantity.value,
        cost.name,
        cost.value,
        total.normalize()
    );
    findings.extend(
        cost_finding(filing, cost, "project-cost-scale", zh, en, printed_budget)
            .map(|finding| finding.numbers(printed_budget, format!("{}元", total.normalize()))),
    );
}

/// The rule: an amount named in the purpose or in a goal is not more than the budget, nor close to
/// it without being it.
pub fn purposes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in project_tables(filing) {
        let Some(budget) = money_field(filing, block, "budget").filter(|budget| !budget.value.is_zero()) else {
            continue;
        };
        let mut texts: Vec<(&str, &Text)> =
            table.field_text("purpose").map(|text| ("purpose", text)).into_iter().collect();
        if let Some(Value::Many(goals)) = table.field("goals") {
            texts.extend(goals.iter().map(|goal| ("goals", goal)));
        }
        for (id, text) in texts {
            let amounts = scan(text.as_str(), "");
            let [amount] = amounts.as_slice() else { continue };
            let words = text.as_str();
            let before = &words[..amount.number.start];
            // A standard for each, a product, an amount of another year.
            let other = ["每", "人均", "标准", "单价", "以上", "上年", "亿"].iter().any(|word| before.contains(word))
                || before.ends_with(['*', '×', '=', '约'])
                || words[amount.unit.end..].starts_with(['*', '×', '/', '以', '左', '*']);
            let Some(value) = amount.in_wan().map(|value| value * Decimal::from(10_000)) else { continue };
            let stated = Interval { value, slack: amount.slack_in_wan() * Decimal::from(10_000) };
            let near = (budget.value - value).abs() * Decimal::ONE_HUNDRED <= budget.value * Decimal::TWO;
            let names_budget = before.contains(field(table, "project_name")) || id == "purpose";
            if other
                || verdict(stated, Relation::Equal, budget) != Verdict::Broken
                || !(near || (value > budget.value && names_budget))
            {
                continue;
            }
            let printed = format!("{}{}", &words[amount.number.clone()], &words[amount.unit.clone()]);
            let budget_text = field(table, "budget");
            let [title, title_en] = project_title(filing, block);
            let place = text.slice(amount.number.clone()).place();
            findings.push(
                Finding::of(
                    "project-purpose",
                    place,
                    format!("{title}文字中的金额 {printed} 与预算数 {budget_text} 不符"),
                    format!("{title_en}the text names {printed}, the budget is {budget_text}"),
                )
                .at_cell(block, None, id)
                .numbers(printed, budget_text),
            );
        }
    }
}
