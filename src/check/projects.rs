//! Project forms as a whole: the plan, the cost against the budget, completeness, codes, names.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::indicators::{Project, project_tables, project_title};
use super::sums::{self, Interval, Verdict, verdict};
use super::target::{Sign, Target};
use super::{Context, relations};
use crate::equation::{CellRef, Relation};
use crate::figures::{Meaning, Role, unit_scale};
use crate::filing::{Filing, Table, Value, amount};
use crate::finding::Finding;
use crate::form::label::fold;

pub(super) fn field<'t>(table: &'t Table, id: &str) -> &'t str {
    table.field_text(id).map_or("", |text| text.as_str())
}

pub(super) fn report(filing: &Filing, block: usize, id: &str, rule: &'static str, zh: &str, en: &str) -> Finding {
    let [title, title_en] = project_title(filing, block);
    sums::at(filing, &CellRef::field(block, id), rule, format!("{title}{zh}"), format!("{title_en}{en}"))
}

/// An amount printed in a field, in 元: its own unit (`850万元`) counts before the table's.
pub(super) fn money_field(filing: &Filing, block: usize, id: &str) -> Option<Interval> {
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
    for (block, table) in project_tables(filing) {
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

/// The rule: a form has an indicator under each first level, a value for each indicator, a budget.
pub fn completeness(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for &Project { block, table, ref indicators } in &context.projects {
        if indicators.is_empty() {
            continue;
        }
        for wanted in ["产出", "效益", "满意度"] {
            if !indicators.iter().any(|indicator| indicator.level1.contains(wanted)) {
                let zh = format!("没有{wanted}指标");
                let en = format!("there is no indicator under {wanted}");
                let [title, title_en] = project_title(filing, block);
                findings.push(
                    Finding::of("project-incomplete", table.place, format!("{title}{zh}"), format!("{title_en}{en}"))
                        .at_cell(block, None, "level1"),
                );
            }
        }
        for indicator in indicators {
            if !indicator.name.is_empty() && indicator.value.is_empty() {
                let [title, title_en] = project_title(filing, block);
                if let Some(cell) = indicator.cell(filing, "value") {
                    findings.push(sums::at(
                        filing,
                        &cell,
                        "indicator-blank",
                        format!("{title}指标“{}”没有指标值", indicator.name),
                        format!("{title_en}the indicator “{}” has no value", indicator.name),
                    ));
                }
            }
        }
        let has_basis = table.column("basis").is_some();
        if has_basis && indicators.iter().all(|indicator| indicator.basis.is_empty()) {
            let [title, title_en] = project_title(filing, block);
            findings.push(
                Finding::of(
                    "indicator-no-basis",
                    table.place,
                    format!("{title}指标值确定依据全部空白"),
                    format!("{title_en}no indicator says what its value rests on"),
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
    for (block, table) in project_tables(filing) {
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

/// The rule: numbered goals count from one without gaps.
pub fn goals(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in project_tables(filing) {
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
            let [title, title_en] = project_title(filing, block);
            findings.push(
                Finding::of(
                    "goal-numbering",
                    place,
                    format!("{title}绩效目标的序号为 {}，应为 {}", show(&found), show(&expected)),
                    format!("{title_en}the goals are numbered {}, expected {}", show(&found), show(&expected)),
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
    let mut forms = BTreeMap::new();
    for (block, table) in project_tables(filing) {
        let Some(budget) = money_field(filing, block, "budget") else { return };
        let key =
            (fold(field(table, "unit_name")), fold(field(table, "project_code")), fold(field(table, "project_name")));
        // The declaration of a project and its published table have one budget.
        let form = *forms.entry((key.0.clone(), key.2.clone())).or_insert(table.form_id());
        if form != table.form_id() || (!key.1.is_empty() && !seen.insert(key)) {
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
        let block = filing.blocks[mention.block].prose().map(|text| text.slice(mention.number.clone()));
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
}
