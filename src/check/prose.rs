//! The prose against the tables and against itself: totals and their parts, changes recomputed,
//! 元 written for 万元, the reason of a change that says the opposite.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Context;
use super::indicators::project_tables;
use super::relations::{cell_of, unit_of};
use super::sums::{Interval, Verdict, amounts, number, printed_like, table_title, verdict};
use crate::equation::Relation;
use crate::figures::{Meaning, Mention, Role, Sum, known_sums, unit_scale};
use crate::filing::{Block, Filing};
use crate::finding::Finding;
use crate::form::label::fold;

/// An amount in 万元 with its rounding interval.
pub(super) fn interval(mention: &Mention) -> Option<Interval> {
    Some(Interval { value: mention.in_wan()?, slack: mention.slack_in_wan() })
}

/// The rule: amounts of the prose against the tables.
pub fn against_tables(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for mention in &context.mentions {
        let Some(meaning) = &mention.meaning else { continue };
        // Assets are always stated as of the end of the year before.
        if mention.role != Role::Amount || (mention.last_year && *meaning != Meaning::Assets) {
            continue;
        }
        if let (Some(year), Some(fiscal)) = (mention.year, filing.fiscal_year)
            && year != fiscal
            && *meaning != Meaning::Assets
        {
            continue;
        }
        let Some(cell) = cell_of(filing, meaning) else { continue };
        let Some(scale) = unit_of(filing, cell.block).and_then(unit_scale) else { continue };
        let Some(in_table) = number(filing, &cell) else { continue };
        // A table without amounts (not filled in, or not recognised) is no witness.
        let blank = |table| amounts(table, context.forms).next().is_none();
        if in_table.value.is_zero() && filing.table(cell.block).is_none_or(blank) {
            continue;
        }
        let wan = scale / Decimal::from(10_000);
        let table = Interval { value: in_table.value * wan, slack: in_table.slack * wan };
        let Some(mut stated) = interval(mention) else { continue };
        // An amount taken over from a finer unit is cut off as often as rounded.
        if scale != mention.scale {
            stated.slack *= Decimal::TWO;
        }
        if verdict(stated, Relation::Equal, table) != Verdict::Broken {
            continue;
        }
        // The table's own parts say what the prose says: the table is wrong, and that is reported.
        // The product of two cells may be far beyond any printed amount.
        let says = |value: &Decimal| value.checked_mul(wan) == Some(stated.value);
        if context.wrong.get(&cell).is_some_and(|values| values.iter().any(says)) {
            continue;
        }
        let number = text_of(filing, mention);
        let printed = crate::figures::unit_scale(unit_of(filing, cell.block).unwrap_or_default());
        let title = table_title(filing, cell.block);
        let unit = unit_of(filing, cell.block).unwrap_or_default();
        let table_text = format!("{}{unit}", in_table.value);
        let stated_text = format!("{number}{}", unit_text(filing, mention));
        let what = mention.what();
        let slip = printed.is_some_and(|_| mention.value == in_table.value && !in_table.value.is_zero());
        let (rule, zh, en) = if slip {
            (
                "text-unit",
                format!("{what}写作 {stated_text}，{title}为 {table_text}：单位应为{unit}"),
                format!("{what} is written {stated_text}, {title} has {table_text}: the unit should be {unit}"),
            )
        } else {
            (
                "text-table-mismatch",
                format!("文字中{what}为 {stated_text}，{title}为 {table_text}"),
                format!("the text says {what} {stated_text}, {title} says {table_text}"),
            )
        };
        findings.push(at(filing, mention, rule, zh, en).numbers(number, in_table.value.to_string()));
    }
}

/// The rule: the prose states one amount once: income, expenditure and 收支安排 are one total, and no
/// amount is stated twice with different numbers.
pub fn repeated(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    // A year-end carry-over sets income and expenditure apart.
    let carried = LazyCell::new(|| {
        let carries = |text: &str| ["年终结转", "结转下年", "年末结转"].iter().any(|word| text.contains(word));
        filing.blocks.iter().filter_map(Block::prose).any(|text| carries(text.as_str()))
    });
    let mut first: BTreeMap<Meaning, &Mention> = BTreeMap::new();
    for mention in &context.mentions {
        let Some(meaning) = &mention.meaning else { continue };
        if mention.role != Role::Amount
            || mention.last_year
            || matches!(meaning, Meaning::Function(_) | Meaning::Purchases)
        {
            continue;
        }
        let total = matches!(meaning, Meaning::Income | Meaning::Expenditure | Meaning::Budget);
        let key = if total { Meaning::Budget } else { meaning.clone() };
        let Some(earlier) = first.get(&key) else {
            first.insert(key, mention);
            continue;
        };
        let (Some(one), Some(other)) = (interval(earlier), interval(mention)) else { continue };
        if verdict(other, Relation::Equal, one) != Verdict::Broken || (total && *carried) {
            continue;
        }
        // An amount of a part of the department (…中心2024年支出预算) is another amount.
        if mention.block != earlier.block && mention.meaning == earlier.meaning && total {
            continue;
        }
        let (a, b) = (text_of(filing, earlier), text_of(filing, mention));
        let (ua, ub) = (unit_text(filing, earlier), unit_text(filing, mention));
        let slip = earlier.value == mention.value;
        let (rule, zh, en) = if slip {
            (
                "text-unit",
                format!("{}前面为 {a}{ua}，此处为 {b}{ub}：单位不同", mention.what()),
                format!("{} is {a}{ua} before and {b}{ub} here: the units differ", mention.what()),
            )
        } else {
            (
                "text-disagree",
                format!("{}为 {b}{ub}，与前面的{} {a}{ua} 不一致", mention.what(), earlier.what()),
                format!("{} is {b}{ub}, but {} before it is {a}{ua}", mention.what(), earlier.what()),
            )
        };
        findings.push(at(filing, mention, rule, zh, en).numbers(b, a));
    }
}

/// The rule: totals of the prose against their parts, in this year and in the one before.
pub fn sums(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in groups(context) {
        for Sum { total, parts } in known_sums() {
            for last_year in [false, true] {
                sum(context.filing, &group, total, parts, last_year, findings);
            }
        }
    }
}

/// The rule: functional items listed one after the other (`1.“…（项）”… 万元`) are together no more
/// than the appropriation that they spend. A list may leave items out, so less says nothing.
pub fn items(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut total: Option<&Mention> = None;
    let mut list: Vec<&Mention> = Vec::new();
    let judge = |total: Option<&Mention>, list: &[&Mention], findings: &mut Vec<Finding>| {
        let Some(total) = total.filter(|_| list.len() >= 3) else { return };
        let mut seen: Vec<(&str, Decimal)> = Vec::new();
        let mut sum = Interval::exact(Decimal::ZERO);
        for item in list {
            let key = (item.subject.as_str(), item.value);
            if seen.contains(&key) || seen.len() > 200 {
                continue;
            }
            seen.push(key);
            let Some(next) = interval(item).and_then(|part| sum.plus(part)) else { return };
            sum = next;
        }
        let Some(stated) = interval(total) else { return };
        if verdict(sum, Relation::AtMost, stated) == Verdict::Broken {
            let (number, unit) = (text_of(filing, total), unit_text(filing, total));
            let count = seen.len();
            let computed = printed_like(sum.value, total.value);
            findings.push(
                at(
                    filing,
                    total,
                    "text-sum",
                    format!("{}为 {number}{unit}，其后所列 {count} 项合计 {computed}万元", total.what()),
                    format!(
                        "{} is {number}{unit}, the {count} items listed after it add up to {computed}万元",
                        total.what()
                    ),
                )
                .numbers(number, computed),
            );
        }
    };
    for mention in context.mentions.iter().filter(|mention| mention.role == Role::Amount && !mention.last_year) {
        if matches!(mention.meaning, Some(Meaning::Function(_))) {
            list.push(mention);
            continue;
        }
        judge(total, &list, findings);
        list.clear();
        let spends = matches!(mention.meaning, Some(Meaning::Expenditure | Meaning::Budget | Meaning::IncomeFiscal))
            || mention.subject.contains("拨款支出");
        // 0 of a fund that has no items is no total of the list.
        if spends && !mention.value.is_zero() {
            total = Some(mention);
        }
    }
    judge(total, &list, findings);
}

/// Amounts that speak of one thing: those of a paragraph, and those between two section headings
/// for the “三公” amounts, which filings spread over numbered paragraphs.
pub(super) fn groups<'m>(context: &'m Context<'_>) -> Vec<Vec<&'m Mention>> {
    let mut by_block: BTreeMap<usize, Vec<&Mention>> = BTreeMap::new();
    for mention in &context.mentions {
        by_block.entry(mention.block).or_default().push(mention);
    }
    let mut groups: Vec<Vec<&Mention>> = by_block.into_values().collect();
    let three_public = |mention: &Mention| {
        matches!(
            mention.meaning,
            Some(
                Meaning::ThreePublic
                    | Meaning::Abroad
                    | Meaning::Vehicles
                    | Meaning::VehiclePurchase
                    | Meaning::VehicleRunning
                    | Meaning::Reception
            )
        )
    };
    let whole: Vec<&Mention> = context.mentions.iter().filter(|mention| three_public(mention)).collect();
    let spread = whole.iter().any(|mention| mention.block != whole[0].block);
    if spread {
        groups.push(whole);
    }
    groups
}

fn first<'m>(group: &[&'m Mention], meaning: &Meaning, last_year: bool) -> Option<&'m Mention> {
    group.iter().copied().find(|mention| {
        mention.role == Role::Amount && mention.last_year == last_year && mention.meaning.as_ref() == Some(meaning)
    })
}

fn sum(
    filing: &Filing,
    group: &[&Mention],
    total: &Meaning,
    parts: &[Meaning],
    last_year: bool,
    findings: &mut Vec<Finding>,
) {
    let Some(stated) = first(group, total, last_year) else { return };
    let mut found: Vec<&Mention> = parts.iter().filter_map(|part| first(group, part, last_year)).collect();
    // 财政拨款收入 holds general, fund and capital: never both levels.
    if found.iter().any(|mention| mention.meaning == Some(Meaning::IncomeFiscal)) {
        let below = [Meaning::IncomeGeneral, Meaning::IncomeFund, Meaning::IncomeCapital];
        found.retain(|mention| mention.meaning.as_ref().is_none_or(|meaning| !below.contains(meaning)));
    }
    let complete = match total {
        Meaning::Income => found.len() >= 2,
        Meaning::ThreePublic => {
            found.len() == parts.len() || (parts.len() == 4 && found.len() >= 3 && one_list(stated, &found, group))
        }
        Meaning::Procurement => found.len() >= 2,
        _ => found.len() == parts.len(),
    };
    if !complete || (*total == Meaning::Income && !listed(stated, parts, group)) {
        return;
    }
    let Some(target) = interval(stated) else { return };
    let add = |values: &[Interval]| values.iter().try_fold(Interval::exact(Decimal::ZERO), |sum, part| sum.plus(*part));
    let values: Option<Vec<Interval>> = found.iter().map(|mention| interval(mention)).collect();
    let Some(values) = values else { return };
    let Some(computed) = add(&values) else { return };
    let judged = verdict(target, Relation::Equal, computed);
    if judged == Verdict::Holds {
        return;
    }
    // One part in 元 that would fit in 万元 (or the other way) is a slip of the unit word.
    if judged == Verdict::Broken {
        let ten_thousand = Decimal::from(10_000);
        for (index, mention) in found.iter().enumerate() {
            let (factor, right) = if mention.scale == Decimal::ONE {
                (ten_thousand, "万元")
            } else if mention.scale == ten_thousand {
                (Decimal::ONE / ten_thousand, "元")
            } else {
                continue;
            };
            let mut other = values.clone();
            other[index] = Interval { value: other[index].value * factor, slack: other[index].slack * factor };
            if add(&other).is_some_and(|sum| verdict(target, Relation::Equal, sum) == Verdict::Holds) {
                let number = text_of(filing, mention);
                let unit = unit_text(filing, mention);
                let zh = format!(
                    "{}写作 {number}{unit}；按合计 {}{} 推算，单位应为{right}",
                    mention.what(),
                    text_of(filing, stated),
                    unit_text(filing, stated)
                );
                let en = format!(
                    "{} is written {number}{unit}; with the total {}{} the unit should be {right}",
                    mention.what(),
                    text_of(filing, stated),
                    unit_text(filing, stated)
                );
                findings.push(
                    at(filing, mention, "text-unit", zh, en)
                        .numbers(format!("{number}{unit}"), format!("{number}{right}")),
                );
                return;
            }
        }
    }
    let list = found
        .iter()
        .map(|mention| format!("{} {}{}", mention.subject, text_of(filing, mention), unit_text(filing, mention)))
        .collect::<Vec<_>>()
        .join(" + ");
    let computed_text = printed_like(computed.value, stated.value);
    let stated_text = format!("{}{}", text_of(filing, stated), unit_text(filing, stated));
    let rule = if judged == Verdict::Rounding { "sum-rounding" } else { "text-sum" };
    let zh = format!("{}为 {stated_text}，其组成 {list}，合计 {computed_text}万元", stated.what());
    let en = format!("{} is {stated_text}, its parts {list} add up to {computed_text}万元", stated.what());
    findings.push(at(filing, stated, rule, zh, en).numbers(text_of(filing, stated), computed_text));
}

/// Whether the amounts of the sentence after a total are all known as its parts, up to the next total.
fn listed(stated: &Mention, parts: &[Meaning], group: &[&Mention]) -> bool {
    let totals = [Meaning::Income, Meaning::Expenditure, Meaning::Budget];
    let is =
        |list: &[Meaning], mention: &Mention| mention.meaning.as_ref().is_some_and(|meaning| list.contains(meaning));
    let after = group.iter().skip_while(|mention| !std::ptr::eq(**mention, stated)).skip(1);
    after
        .take_while(|mention| mention.sentence == stated.sentence && !is(&totals, mention))
        .filter(|mention| mention.role == Role::Amount && mention.last_year == stated.last_year)
        .all(|mention| is(parts, mention))
}

/// Whether the parts of 三公 that a paragraph lists are all there are: the paragraph says 其中 and
/// names every kind of it, a car cost standing for both.
fn one_list(stated: &Mention, found: &[&Mention], group: &[&Mention]) -> bool {
    let has = |meaning: Meaning| group.iter().any(|mention| mention.meaning.as_ref() == Some(&meaning));
    let same = found.iter().all(|mention| mention.block == stated.block);
    same && has(Meaning::Abroad)
        && has(Meaning::Reception)
        && (has(Meaning::VehicleRunning) || has(Meaning::VehiclePurchase))
        && !has(Meaning::Vehicles)
}

/// The rule: the same number in 元 here and in 万元 elsewhere: the unit word is wrong.
pub fn unit_words(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let wan = Decimal::from(10_000);
    for mention in &context.mentions {
        if mention.scale != Decimal::ONE || mention.value.is_zero() || mention.value.scale() == 0 {
            continue;
        }
        let twin = context.mentions.iter().find(|other| {
            other.scale == wan
                && other.value == mention.value
                && other.role == mention.role
                && other.last_year == mention.last_year
        });
        let Some(twin) = twin else { continue };
        let number = text_of(filing, mention);
        let zh = format!(
            "{}写作 {number}元，而{}为 {}万元：单位应为万元",
            mention.what(),
            twin.what(),
            text_of(filing, twin)
        );
        let en = format!(
            "{} is written {number}元, {} is {}万元: the unit should be 万元",
            mention.what(),
            twin.what(),
            text_of(filing, twin)
        );
        findings.push(at(filing, mention, "text-unit", zh, en).numbers(format!("{number}元"), format!("{number}万元")));
    }
}

/// The rule: the year of the budget in the prose is that of the filing.
pub fn years(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(fiscal) = filing.fiscal_year else { return };
    for mention in &context.mentions {
        let allowed = match (mention.role, mention.year, mention.against) {
            (_, _, Some(against)) if against != fiscal - 1 => Some((against, fiscal - 1)),
            (Role::Amount, Some(year), _) if year < fiscal && is_this_years(context, mention) => Some((year, fiscal)),
            (Role::Amount, Some(year), _) if !mention.last_year && year > fiscal => Some((year, fiscal)),
            (Role::Amount, Some(year), _)
                if mention.last_year && year != fiscal - 1 && !is_history(context, mention, fiscal - 1) =>
            {
                Some((year, fiscal - 1))
            }
            _ => None,
        };
        let Some((stated, expected)) = allowed else { continue };
        if mention.meaning.is_none() || matches!(mention.meaning, Some(Meaning::Assets)) {
            continue;
        }
        let zh = format!("{}写作 {stated} 年，{fiscal} 年预算应与 {expected} 年对应", mention.what());
        let en = format!("{} is said of {stated}; in the budget of {fiscal} it should be {expected}", mention.what());
        findings.push(at(filing, mention, "text-year", zh, en).numbers(stated.to_string(), expected.to_string()));
    }
}

/// Whether a paragraph goes through several years: the same amount is also said of the last one.
fn is_history(context: &Context<'_>, mention: &Mention, last: u16) -> bool {
    context
        .mentions
        .iter()
        .any(|other| other.block == mention.block && other.meaning == mention.meaning && other.year == Some(last))
}

/// Whether an amount said of an earlier year is this year's total, which the prose does not state otherwise.
fn is_this_years(context: &Context<'_>, mention: &Mention) -> bool {
    let is_total = |meaning: &Meaning| matches!(meaning, Meaning::Income | Meaning::Expenditure | Meaning::Budget);
    let Some(meaning) = mention.meaning.as_ref().filter(|meaning| is_total(meaning)) else { return false };
    let filing = context.filing;
    let stated = context.mentions.iter().any(|other| {
        other.meaning.as_ref() == Some(meaning)
            && other.role == Role::Amount
            && !other.last_year
            && other.year.is_none_or(|year| Some(year) == filing.fiscal_year)
    });
    let in_table = cell_of(filing, meaning).and_then(|cell| {
        let scale = unit_of(filing, cell.block).and_then(unit_scale)?;
        Some(number(filing, &cell)?.value * scale / Decimal::from(10_000))
    });
    !stated && in_table.is_some_and(|value| !value.is_zero() && mention.in_wan() == Some(value))
}

/// The rule: an announced purchase of cars against “三公”: a project that buys a car while the
/// purchase cost of official cars is nil.
pub fn car_purchase(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let purchase = context.mentions.iter().find(|mention| {
        mention.role == Role::Amount && !mention.last_year && mention.meaning == Some(Meaning::VehiclePurchase)
    });
    let Some(purchase) = purchase.filter(|mention| mention.value.is_zero()) else { return };
    for (_, table) in project_tables(filing) {
        let Some(name) = table.field_text("project_name") else { continue };
        let folded = fold(name.as_str());
        let buys = (folded.contains("用车") || folded.contains("车辆")) && folded.contains("购置");
        let budget = table.field_text("budget").and_then(|text| crate::filing::amount::parse(text.as_str()));
        if let (true, Some(budget)) = (buys, budget)
            && !budget.value.is_zero()
        {
            let zh = format!("文字中公务用车购置费为 0，而项目“{name}”安排预算 {} 用于购车", budget.value);
            let en = format!("the text plans nothing for buying cars, project “{name}” has {} for it", budget.value);
            findings.push(
                at(filing, purchase, "text-car-purchase", zh, en)
                    .numbers(text_of(filing, purchase), budget.value.to_string()),
            );
        }
    }
}

/// The number as printed.
pub(super) fn text_of<'f>(filing: &'f Filing, mention: &Mention) -> &'f str {
    filing.blocks[mention.block].prose().map_or("", |text| &text.as_str()[mention.number.clone()])
}

pub(super) fn unit_text<'f>(filing: &'f Filing, mention: &Mention) -> &'f str {
    filing.blocks[mention.block].prose().map_or("", |text| &text.as_str()[mention.unit.clone()])
}

pub(super) fn place(filing: &Filing, mention: &Mention) -> crate::text::Place {
    filing.blocks[mention.block].prose().map(|text| text.slice(mention.number.clone()).place()).unwrap_or_default()
}

/// A finding about an amount of the prose.
pub(super) fn at(filing: &Filing, mention: &Mention, rule: &'static str, zh: String, en: String) -> Finding {
    debug_assert!(!matches!(filing.blocks[mention.block], Block::Table(_)));
    Finding::of(rule, place(filing, mention), zh, en)
}
