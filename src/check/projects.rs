//! Project forms as a whole: the plan, the cost against the budget, completeness, codes, names.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::indicators::{Indicator, project_title, projects};
use super::sums::{self, Interval, Verdict, verdict};
use super::target::{Sign, Target};
use super::{Context, relations};
use crate::equation::{CellRef, Relation};
use crate::figures::{Meaning, Role, prose, scan, unit_scale};
use crate::filing::{Block, Filing, Table, Value, amount};
use crate::finding::Finding;
use crate::form::label::fold;
use crate::text::Text;

fn field<'t>(table: &'t Table, id: &str) -> &'t str {
    table.field_text(id).map_or("", |text| text.as_str())
}

fn report(filing: &Filing, block: usize, id: &str, rule: &'static str, zh: &str, en: &str) -> Finding {
    let title = project_title(filing, block);
    sums::at(filing, &CellRef::field(block, id), rule, format!("{title}{zh}"), format!("{title}{en}"))
}

/// An amount printed in a field, in 元: its own unit (`850万元`) counts before the table's.
fn money_field(filing: &Filing, block: usize, id: &str) -> Option<Interval> {
    let text = field(filing.table(block)?, id);
    let scale = |unit: &str| unit_scale(unit);
    if let Some(amount) = amount::parse(text) {
        let scale = relations::unit_of(filing, block).and_then(scale).unwrap_or_else(|| Decimal::from(10_000));
        let slack = Decimal::new(5, amount.value.scale() + 1);
        return Some(Interval { value: amount.value.checked_mul(scale)?, slack: slack * scale });
    }
    let target = Target::parse(text).filter(|target| target.sign == Sign::None)?;
    let scale = scale(&target.unit)?;
    let slack = Decimal::new(5, target.number.scale() + 1);
    Some(Interval { value: target.number.checked_mul(scale)?, slack: slack * scale })
}

/// The rule: the plan never falls and ends at 100 %.
pub fn plan(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    const FIELDS: [(&str, &str); 4] =
        [("plan_03", "3月底"), ("plan_06", "6月底"), ("plan_10", "10月底"), ("plan_12", "12月底")];
    for (block, table, _) in projects(filing) {
        if table.field("plan_12").is_none() {
            continue;
        }
        let read = |id: &str| amount::parse(field(table, id)).map(|amount| amount.value);
        if FIELDS.iter().all(|(id, _)| field(table, id).is_empty()) {
            findings.push(report(
                filing,
                block,
                "plan_12",
                "project-plan-missing",
                "资金支出计划没有填写",
                "the spending plan is not filled in",
            ));
            continue;
        }
        let mut last: Option<(Decimal, &str)> = None;
        for (id, name) in FIELDS {
            let Some(value) = read(id) else { continue };
            if let Some((before, before_name)) = last
                && value < before
            {
                findings.push(
                    report(
                        filing,
                        block,
                        id,
                        "project-plan",
                        &format!("资金支出计划是累计数，{name} {value}% 低于{before_name} {before}%"),
                        &format!("the plan is cumulative, but {value}% by {id} is less than {before}% before it"),
                    )
                    .numbers(value.to_string(), before.to_string()),
                );
            }
            last = Some((value, name));
        }
        if let Some(value) = read("plan_12")
            && value != Decimal::ONE_HUNDRED
        {
            findings.push(
                report(
                    filing,
                    block,
                    "plan_12",
                    "project-plan",
                    &format!("资金支出计划 12月底应为 100%，现为 {value}%"),
                    &format!("the plan should reach 100% by the end of December, not {value}%"),
                )
                .numbers(value.to_string(), "100"),
            );
        }
    }
}

/// A cost indicator that names an amount for the whole project, not for each person or thing.
pub fn whole_cost<'i>(indicator: &'i Indicator<'_>) -> Option<(&'i Indicator<'i>, Decimal)> {
    const EACH: &[&str] = &[
        "人均",
        "平均",
        "每",
        "单价",
        "单位成本",
        "单位面积",
        "月均",
        "年均",
        "补助水平",
        "标准",
        "单套",
        "单次",
        "单个",
        "单本",
        "车辆自身",
        "工本费",
        "展位费",
    ];
    if !indicator.is_cost() {
        return None;
    }
    let each = EACH.iter().any(|word| indicator.name.contains(word) || indicator.description.contains(word));
    let money = Target::parse(indicator.value)?.money()?;
    (!each).then_some((indicator, money))
}

/// The rule: cost indicators against the budget of their project.
pub fn costs(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let wan = Decimal::from(10_000);
    let mut budgets: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
    for (block, _, _) in projects(filing) {
        if let Some(budget) = money_field(filing, block, "budget") {
            budgets.entry(budget.value).or_default().push(block);
        }
    }
    for (block, table, indicators) in projects(filing) {
        let Some(budget) = money_field(filing, block, "budget") else { continue };
        let printed_budget = field(table, "budget");
        let whole: Vec<(&Indicator<'_>, Decimal)> = indicators.iter().filter_map(whole_cost).collect();
        // Forms that print one cost indicator for each part of the budget (Ningxia): their sum is it.
        let added = cost_sum(filing, block, budget, printed_budget, &indicators, findings);
        unit_cost(filing, budget, printed_budget, &indicators, findings);
        scale(filing, budget, printed_budget, &indicators, findings);
        if added {
            continue;
        }
        for (indicator, cost) in &whole {
            let stated = Interval::exact(*cost);
            let target = Target::parse(indicator.value);
            let at_least = target.is_some_and(|target| target.sign == Sign::AtLeast);
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
                let hint = twin.as_deref().map_or_else(String::new, |title| {
                    format!("；与{}预算数相同，疑为误填", title.trim_end_matches('：'))
                });
                let hint_en = twin.as_deref().map_or_else(String::new, |title| {
                    format!("; it is the budget of {}", title.trim_end_matches('：'))
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
    let title = project_title(filing, indicator.block);
    Some(sums::at(filing, &cell, rule, format!("{title}{zh}"), format!("{title}{en}")).numbers(indicator.value, budget))
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
        let Some(target) = Target::parse(indicator.value) else { return false };
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
            let target = Target::parse(indicator.value)?;
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
            let target = Target::parse(indicator.value)?;
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
            let target = Target::parse(indicator.value)?;
            (target.unit == per && target.counts_things()).then_some((indicator, target.number))
        })
        .collect();
    let [(quantity, count)] = quantities.as_slice() else { return };
    let Some(total) = count.checked_mul(price) else { return };
    let twenty = Decimal::from(20);
    if total.is_zero() || total * twenty >= budget.value {
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
    for (block, table, _) in projects(filing) {
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
            let title = project_title(filing, block);
            let place = text.slice(amount.number.clone()).place();
            findings.push(
                Finding::of(
                    "project-purpose",
                    place,
                    format!("{title}文字中的金额 {printed} 与预算数 {budget_text} 不符"),
                    format!("{title}the text names {printed}, the budget is {budget_text}"),
                )
                .at_cell(block, None, id)
                .numbers(printed, budget_text),
            );
        }
    }
}

/// The rule: a form has an indicator under each first level, a value for each indicator, a budget.
pub fn completeness(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table, indicators) in projects(filing) {
        if indicators.is_empty() {
            continue;
        }
        for wanted in ["产出", "效益", "满意度"] {
            if !indicators.iter().any(|indicator| indicator.level1.contains(wanted)) {
                let zh = format!("没有{wanted}指标");
                let en = format!("there is no indicator under {wanted}");
                let title = project_title(filing, block);
                findings.push(
                    Finding::of("project-incomplete", table.place, format!("{title}{zh}"), format!("{title}{en}"))
                        .at_cell(block, None, "level1"),
                );
            }
        }
        for indicator in &indicators {
            if !indicator.name.is_empty() && indicator.value.is_empty() {
                let title = project_title(filing, block);
                if let Some(cell) = indicator.cell(filing, "value") {
                    findings.push(sums::at(
                        filing,
                        &cell,
                        "indicator-blank",
                        format!("{title}指标“{}”没有指标值", indicator.name),
                        format!("{title}the indicator “{}” has no value", indicator.name),
                    ));
                }
            }
        }
        let has_basis = table.column("basis").is_some();
        if has_basis && indicators.iter().all(|indicator| indicator.basis.is_empty()) {
            let title = project_title(filing, block);
            findings.push(
                Finding::of(
                    "indicator-no-basis",
                    table.place,
                    format!("{title}指标值确定依据全部空白"),
                    format!("{title}no indicator says what its value rests on"),
                )
                .at_cell(block, None, "basis"),
            );
        }
        for (id, name) in [("project_name", "项目名称"), ("budget", "预算数")] {
            if table.field(id).is_some() && field(table, id).is_empty() {
                findings.push(report(
                    filing,
                    block,
                    id,
                    "field-blank",
                    &format!("{name}没有填写"),
                    &format!("{name} is blank"),
                ));
            }
        }
    }
}

/// The rule: amounts that carry a unit of their own in a field whose label gives the unit.
pub fn field_units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table, _) in projects(filing) {
        for id in ["budget", "fiscal", "other"] {
            let text = field(table, id);
            if let Some(target) = Target::parse(text)
                && unit_scale(&target.unit).is_some()
            {
                let unit = relations::unit_of(filing, block).unwrap_or("万元");
                let same = unit_scale(unit) == unit_scale(&target.unit);
                let rule = if same { "field-unit" } else { "field-unit-differs" };
                findings.push(report(
                    filing,
                    block,
                    id,
                    rule,
                    &format!("“{text}”自带单位，而表头单位是{unit}，应只填数字"),
                    &format!("“{text}” carries a unit, but the form is in {unit}: only the number belongs there"),
                ));
            }
        }
    }
}

/// Projects of a part of the filing, between two headings that open a part.
fn parts(filing: &Filing) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
    for (index, block) in filing.blocks.iter().enumerate() {
        match block {
            Block::Heading(heading) => {
                let folded = fold(heading.text.as_str());
                if folded.starts_with('第') && folded.contains("部分") {
                    parts.push(Vec::new());
                }
            }
            Block::Table(table) if table.form_id() == "project-performance" => {
                if let Some(part) = parts.last_mut() {
                    part.push(index);
                }
            }
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The rule: the same project twice in one part of the filing; a code twice in one unit.
pub fn duplicates(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut codes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for part in parts(filing) {
        let mut names: BTreeMap<(String, String), usize> = BTreeMap::new();
        for block in part {
            let Some(table) = filing.table(block) else { continue };
            let name = fold(field(table, "project_name"));
            let unit = fold(&format!(
                "{}{}{}",
                field(table, "unit_code"),
                field(table, "unit_name"),
                field(table, "implementing_unit")
            ));
            if !name.is_empty() {
                match names.get(&(unit.clone(), name.clone())) {
                    Some(&earlier) => {
                        let same = filing.table(earlier).is_some_and(|other| same_rows(other, table));
                        let (zh, en) = if same {
                            ("与前面的同名项目指标完全相同", "is the same as the project of that name before it")
                        } else {
                            ("与前面的项目同名", "has the name of a project before it")
                        };
                        findings.push(report(filing, block, "project_name", "project-duplicate", zh, en));
                    }
                    None => {
                        names.insert((unit.clone(), name), block);
                    }
                }
            }
            let code = fold(field(table, "project_code"));
            if !code.is_empty() {
                if codes.contains_key(&(unit.clone(), code.clone())) {
                    findings.push(report(
                        filing,
                        block,
                        "project_code",
                        "project-code-duplicate",
                        &format!("项目编码 {code} 在同一单位重复"),
                        &format!("the project code {code} stands twice in one unit"),
                    ));
                }
                codes.insert((unit, code), block);
            }
        }
    }
}

fn same_rows(one: &Table, other: &Table) -> bool {
    one.rows.len() == other.rows.len()
        && one.rows.iter().zip(&other.rows).all(|(a, b)| {
            a.cells.len() == b.cells.len()
                && a.cells.iter().zip(&b.cells).all(|(a, b)| fold(a.text.as_str()) == fold(b.text.as_str()))
        })
}

/// The rule: project codes have 21 characters, the division of the others, a year not to come.
pub fn codes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut divisions: BTreeMap<String, usize> = BTreeMap::new();
    let code_of = |table: &Table| fold(field(table, "project_code"));
    for (_, table, _) in projects(filing) {
        let code = code_of(table);
        if code.len() == 21 {
            *divisions.entry(code.chars().take(6).collect()).or_default() += 1;
        }
    }
    let usual = divisions.iter().max_by_key(|(_, count)| **count).map(|(division, count)| (division.clone(), *count));
    for (block, table, _) in projects(filing) {
        let code = code_of(table);
        if code.is_empty() {
            continue;
        }
        let digits = code.len() >= 8 && code.bytes().take(8).all(|byte| byte.is_ascii_digit());
        if code.chars().count() != 21 || !digits || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let count = code.chars().count();
            findings.push(report(
                filing,
                block,
                "project_code",
                "project-code",
                &format!("项目编码“{code}”应为 21 位（6 位区划、2 位年份、13 位字母数字），现为 {count} 位"),
                &format!(
                    "the project code “{code}” should have 21 characters (division, year, serial), it has {count}"
                ),
            ));
            continue;
        }
        if let Some((division, count)) = &usual
            && *count >= 3
            && !code.starts_with(division.as_str())
        {
            findings.push(
                report(
                    filing,
                    block,
                    "project_code",
                    "project-code-division",
                    &format!("项目编码“{code}”的区划与其他项目的 {division} 不同"),
                    &format!("the project code “{code}” has another division than the others ({division})"),
                )
                .numbers(&code[..6], division.as_str()),
            );
        }
        if let (Some(fiscal), Ok(year)) = (filing.fiscal_year, code[6..8].parse::<u16>())
            && 2000 + year > fiscal
        {
            findings.push(
                report(
                    filing,
                    block,
                    "project_code",
                    "project-code-year",
                    &format!("项目编码“{code}”的年份 20{year:02} 晚于预算年度 {fiscal}"),
                    &format!("the year of the project code “{code}” is after {fiscal}"),
                )
                .numbers((2000 + year).to_string(), fiscal.to_string()),
            );
        }
    }
}

/// The rule: the department codes of the forms of one filing agree.
pub fn departments(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let all: Vec<(usize, String)> = projects(filing)
        .filter(|(_, table, _)| table.field("department_and_code").is_some())
        .map(|(block, table, _)| (block, fold(field(table, "department_and_code"))))
        .collect();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, text) in &all {
        let code = digits(text);
        if !code.is_empty() {
            *counts.entry(code).or_default() += 1;
        }
    }
    let usual = counts.iter().max_by_key(|(code, count)| (**count, code.len())).map(|(code, _)| code.clone());
    for (block, text) in &all {
        let code = digits(text);
        match &usual {
            _ if text.is_empty() => findings.push(report(
                filing,
                *block,
                "department_and_code",
                "field-blank",
                "主管部门及代码没有填写",
                "the department and its code are blank",
            )),
            Some(usual) if !code.is_empty() && code != *usual => findings.push(
                report(
                    filing,
                    *block,
                    "department_and_code",
                    "department-code",
                    &format!("主管部门代码为“{code}”，其他表为“{usual}”"),
                    &format!("the department code is “{code}”, other forms have “{usual}”"),
                )
                .numbers(code.as_str(), usual.as_str()),
            ),
            Some(usual) if code.is_empty() => findings.push(report(
                filing,
                *block,
                "department_and_code",
                "department-code-missing",
                &format!("主管部门及代码只有名称，其他表有代码“{usual}”"),
                &format!("the department has no code, other forms have “{usual}”"),
            )),
            _ => {}
        }
    }
    for (block, table, _) in projects(filing) {
        let unit = fold(field(table, "unit_code"));
        let code = filing.department.code.as_str();
        if !unit.is_empty() && !code.is_empty() && !unit.starts_with(code) {
            findings.push(
                report(
                    filing,
                    block,
                    "unit_code",
                    "department-code",
                    &format!("单位编码“{unit}”不属于部门“{code}”"),
                    &format!("the unit code “{unit}” is not of department “{code}”"),
                )
                .numbers(unit.as_str(), code),
            );
        }
    }
}

/// The rule: numbered goals count from one without gaps.
pub fn goals(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table, _) in projects(filing) {
        let Some(Value::Many(goals)) = table.field("goals") else { continue };
        let numbers: Vec<Option<u32>> = goals.iter().map(|goal| leading_number(goal.as_str())).collect();
        if numbers.iter().all(Option::is_none) {
            continue;
        }
        let found: Vec<u32> = numbers.iter().flatten().copied().collect();
        let expected: Vec<u32> = (1..=found.len() as u32).collect();
        if found != expected {
            let show = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>().join("、");
            let place = goals.first().map(crate::text::Text::place).unwrap_or_default();
            let title = project_title(filing, block);
            findings.push(
                Finding::of(
                    "goal-numbering",
                    place,
                    format!("{title}绩效目标的序号为 {}，应为 {}", show(&found), show(&expected)),
                    format!("{title}the goals are numbered {}, expected {}", show(&found), show(&expected)),
                )
                .at_cell(block, None, "goals")
                .numbers(show(&found), show(&expected)),
            );
        }
    }
}

/// The number an item begins with: `1.`, `2、`, `（3）`, `目标4：`.
pub fn leading_number(text: &str) -> Option<u32> {
    let folded = fold(text);
    let rest = folded.trim_start_matches(['(', '<', 'p', '>']).trim_start_matches("目标");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > 2 {
        return None;
    }
    let mut after = rest[digits.len()..].chars();
    let mark = after.next()?;
    let next = after.next();
    let item = matches!(mark, '、' | ':' | ')') || (mark == '.' && !next.is_some_and(|ch| ch.is_ascii_digit()));
    item.then(|| digits.parse().ok()).flatten()
}

/// The rule: the budgets of all project forms against 项目支出.
pub fn total(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut sum = Interval::exact(Decimal::ZERO);
    let mut count = 0;
    let mut seen = BTreeSet::new();
    for (block, table, _) in projects(filing) {
        let Some(budget) = money_field(filing, block, "budget") else { return };
        let key =
            (fold(field(table, "unit_name")), fold(field(table, "project_code")), fold(field(table, "project_name")));
        if !key.1.is_empty() && !seen.insert(key) {
            continue;
        }
        let Some(next) = sum.plus(budget) else { return };
        sum = next;
        count += 1;
    }
    if count < 3 {
        return;
    }
    let wan = Decimal::from(10_000);
    let mention = context.mentions.iter().find(|mention| {
        mention.role == Role::Amount && !mention.last_year && mention.meaning == Some(Meaning::Project)
    });
    let (stated, text, place) = if let Some(mention) = mention {
        let Some(value) = mention.in_wan() else { return };
        let block = prose(&filing.blocks[mention.block]).map(|text| text.slice(mention.number.clone()));
        (
            Interval { value: value * wan, slack: mention.slack_in_wan() * wan },
            mention.value.to_string(),
            block.map(|text| text.place()).unwrap_or_default(),
        )
    } else {
        let Some(cell) = relations::cell_of(filing, &Meaning::Project) else { return };
        let Some(scale) = relations::unit_of(filing, cell.block).and_then(unit_scale) else { return };
        let Some(amount) = sums::number(filing, &cell) else { return };
        let place = cell.text(filing).map(crate::text::Text::place).unwrap_or_default();
        (Interval { value: amount.value * scale, slack: amount.slack * scale }, amount.value.to_string(), place)
    };
    let computed = (sum.value / wan).normalize();
    let (rule, zh, en) = match verdict(stated, Relation::Equal, sum) {
        Verdict::Holds => return,
        Verdict::Rounding => ("sum-rounding", "与", "differs from"),
        Verdict::Broken if sum.value > stated.value => ("project-sum", "小于", "is less than"),
        Verdict::Broken => ("project-sum-short", "大于", "is more than"),
    };
    findings.push(
        Finding::of(
            rule,
            place,
            format!("项目支出 {text}，{zh}{count} 个项目绩效目标表的预算数之和 {computed}万元"),
            format!("项目支出 {text} {en} the budgets of the {count} project forms, {computed}万元"),
        )
        .numbers(text, computed.to_string()),
    );
}

/// The rule: years of projects and forms against the budget year.
pub fn years(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(fiscal) = filing.fiscal_year else { return };
    for (block, table, indicators) in projects(filing) {
        if let Ok(year) = field(table, "form_year").trim().parse::<u16>()
            && year != fiscal
        {
            findings.push(
                report(
                    filing,
                    block,
                    "form_year",
                    "form-year",
                    &format!("表中年度为 {year}，预算年度为 {fiscal}"),
                    &format!("the form is of {year}, the budget of {fiscal}"),
                )
                .numbers(year.to_string(), fiscal.to_string()),
            );
        }
        let name = field(table, "project_name");
        if let Some(year) = year_in(name)
            && year != fiscal
            && !name.contains(&format!("{fiscal}年"))
        {
            findings.push(
                report(
                    filing,
                    block,
                    "project_name",
                    "project-year",
                    &format!("项目名称写的是 {year} 年，预算年度为 {fiscal}；如为结转或补发请确认"),
                    &format!(
                        "the project's name says {year}, the budget is of {fiscal}; confirm that it is carried over"
                    ),
                )
                .numbers(year.to_string(), fiscal.to_string()),
            );
        }
        for indicator in &indicators {
            if let Some(year) = year_in(indicator.value)
                && year < fiscal
            {
                let title = project_title(filing, block);
                if let Some(cell) = indicator.cell(filing, "value") {
                    findings.push(
                        sums::at(
                            filing,
                            &cell,
                            "indicator-year",
                            format!(
                                "{title}“{}”的指标值“{}”是预算年度 {fiscal} 之前的年份",
                                indicator.name, indicator.value
                            ),
                            format!(
                                "{title}the value “{}” of “{}” is before the budget year {fiscal}",
                                indicator.value, indicator.name
                            ),
                        )
                        .numbers(year.to_string(), fiscal.to_string()),
                    );
                }
            }
        }
    }
}

/// The first year with the word 年 in a text; document numbers (`〔2020〕`) are none.
fn year_in(text: &str) -> Option<u16> {
    let plain: String = text.chars().filter(|ch| !crate::text::is_blank(*ch)).collect();
    plain.match_indices('年').find_map(|(at, _)| {
        let before = &plain[..at];
        let digits = before.get(before.len().checked_sub(4)?..)?;
        let year: u16 = digits.parse().ok()?;
        let longer = before[..before.len() - 4].ends_with(|ch: char| ch.is_ascii_digit());
        (digits.bytes().all(|byte| byte.is_ascii_digit()) && (1990..2100).contains(&year) && !longer).then_some(year)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_numbers() {
        assert_eq!(leading_number("1.保障运转"), Some(1));
        assert_eq!(leading_number("目标 2：按时发放"), Some(2));
        assert_eq!(leading_number("（3）按时发放"), Some(3));
        assert_eq!(leading_number("2021年完成"), None);
        assert_eq!(leading_number("1.5万元"), None);
    }

    #[test]
    fn years_in_names() {
        assert_eq!(year_in("2022 年护林员补助"), Some(2022));
        assert_eq!(year_in("云财农〔2022〕14号提前下达2024年资金"), Some(2024));
    }
}
