//! The procurement table: quantity × price, the funds of a project, the share kept for small
//! firms, units, and what the prose announces.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::codes::is_catalogue_2022;
use super::costs::whole_cost;
use super::indicators::Project;
use super::sums::{Interval, Verdict, at_column, printed_like, table_title, verdict};
use super::{Context, relations};
use crate::equation::{CellRef, Equation, Relation, Term};
use crate::figures::{Meaning, Mention, Role, unit_scale};
use crate::filing::{Filing, Table, amount};
use crate::finding::Finding;
use crate::form::label::fold;

fn tables(filing: &Filing) -> impl Iterator<Item = (usize, &Table)> {
    filing.tables().filter(|(_, table)| table.form_id() == "procurement")
}

fn is_sum(table: &Table, row: usize) -> bool {
    let name = fold(table.cell(row, "project"));
    name == "合计" || name == "总计" || name.ends_with("小计")
}

fn items(table: &Table) -> impl Iterator<Item = usize> {
    (0..table.rows.len()).filter(|&row| !is_sum(table, row) && !table.cell(row, "goods").is_empty())
}

/// Quantity × price, and the share kept for small firms, of every item.
pub fn equations(filing: &Filing) -> Vec<Equation> {
    let mut equations = Vec::new();
    for (block, table) in tables(filing) {
        let columns =
            (table.column("quantity"), table.column("price"), table.column("total"), table.column("sme_share"));
        for row in items(table) {
            let goods = table.cell(row, "goods");
            let printed = |id: &str| !table.cell(row, id).is_empty();
            if let (Some(quantity), Some(price), Some(total), _) = columns
                && printed("quantity")
                && printed("price")
                && printed("total")
            {
                let cell = |column| CellRef::cell(block, row, column);
                equations.push(Equation {
                    rule: "procurement-price",
                    reference: "R62".to_owned(),
                    says: format!("{goods}·合计 = 数量 × 单价"),
                    target: cell(total),
                    relation: Relation::Equal,
                    terms: vec![Term { minus: false, factors: vec![cell(quantity), cell(price)] }],
                    defines: false,
                });
            }
            if let (_, _, Some(total), Some(share)) = columns
                && printed("sme_share")
            {
                equations.push(Equation {
                    rule: "procurement-share",
                    reference: "R63".to_owned(),
                    says: format!("{goods}·预留中小微企业份额 ≤ 合计"),
                    target: CellRef::cell(block, row, share),
                    relation: Relation::AtMost,
                    terms: vec![Term::plus(CellRef::cell(block, row, total))],
                    defines: false,
                });
            }
        }
        for (_, rows) in groups(table) {
            let (Some(funds), Some(total)) = (table.column("project_funds"), table.column("total")) else { continue };
            let distinct: BTreeSet<&str> = rows.iter().map(|&row| table.cell(row, "project_funds")).collect();
            // With two different amounts of funds there is no one limit.
            if distinct.len() != 1 || distinct.contains("") {
                continue;
            }
            equations.push(Equation {
                rule: "procurement-funds",
                reference: "R64".to_owned(),
                says: format!("{}·预算资金 ≥ 该项目各采购品目合计", table.cell(rows[0], "project")),
                target: CellRef::cell(block, rows[0], funds),
                relation: Relation::AtLeast,
                terms: rows.iter().map(|&row| Term::plus(CellRef::cell(block, row, total))).collect(),
                defines: false,
            });
        }
    }
    equations
}

/// Items by unit (the subtotal above them) and project.
fn groups(table: &Table) -> Vec<((usize, String), Vec<usize>)> {
    let mut groups: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    let mut unit = 0;
    for row in 0..table.rows.len() {
        if is_sum(table, row) {
            unit = row;
            continue;
        }
        let project = fold(table.cell(row, "project"));
        if !project.is_empty() && !table.cell(row, "goods").is_empty() {
            groups.entry((unit, project)).or_default().push(row);
        }
    }
    groups.into_iter().collect()
}

/// The rule: the funds named for a project are one amount, and the budget of its form.
pub fn funds(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut budgets: BTreeMap<String, Vec<Decimal>> = BTreeMap::new();
    // Short forms print no budget; the one cost indicator of the whole project stands for it.
    let mut costs: BTreeMap<String, Vec<Decimal>> = BTreeMap::new();
    for Project { table, indicators, .. } in &context.projects {
        let text = |id: &str| table.field_text(id).map_or("", |text| text.as_str());
        let name = fold(text("project_name"));
        if let Some(budget) = amount::parse(text("budget")) {
            budgets.entry(name).or_default().push(budget.value);
        } else if let [(_, cost)] = indicators.iter().filter_map(whole_cost).collect::<Vec<_>>().as_slice() {
            costs.entry(name).or_default().push(*cost / Decimal::from(10_000));
        }
    }
    for (block, table) in tables(filing) {
        let title = table_title(filing, block);
        for ((_, project), rows) in groups(table) {
            let mut seen: Vec<(usize, &str)> = Vec::new();
            for &row in &rows {
                let text = table.cell(row, "project_funds");
                if !text.is_empty() && !seen.iter().any(|(_, other)| same_number(other, text)) {
                    seen.push((row, text));
                }
            }
            let name = table.cell(rows[0], "project");
            let budget = budgets.get(&project).filter(|budgets| budgets.len() == 1).map(|budgets| budgets[0]);
            if let Some(budget) = budget {
                for (row, text) in &seen {
                    let Some(stated) = amount::parse(text) else { continue };
                    if verdict(Interval::printed(stated.value), Relation::Equal, Interval::printed(budget))
                        == Verdict::Broken
                    {
                        findings.extend(
                            at_column(
                                filing,
                                (block, *row, "project_funds"),
                                "procurement-funds-form",
                                format!("{title}项目“{name}”的预算资金为 {text}，其绩效目标表的预算数为 {budget}"),
                                format!("{title}the funds of “{name}” are {text}, its performance form has {budget}"),
                            )
                            .map(|finding| finding.numbers(*text, budget.to_string())),
                        );
                    }
                }
            } else if let (Some([cost]), [(row, text)]) = (costs.get(&project).map(Vec::as_slice), seen.as_slice())
                && let Some(stated) = amount::parse(text)
                && stated.value != *cost
            {
                let cost = cost.normalize();
                findings.extend(
                    at_column(
                        filing,
                        (block, *row, "project_funds"),
                        "procurement-funds-cost",
                        format!("{title}项目“{name}”的预算资金为 {text}，其绩效目标表的成本指标为 {cost}万元"),
                        format!(
                            "{title}the funds of “{name}” are {text}, the cost indicator on its form is {cost}万元"
                        ),
                    )
                    .map(|finding| finding.numbers(*text, cost.to_string())),
                );
            } else if seen.len() > 1 {
                let (row, text) = seen[1];
                findings.extend(
                    at_column(
                        filing,
                        (block, row, "project_funds"),
                        "procurement-funds-vary",
                        format!("{title}同一项目“{name}”的预算资金前后不同：{} 与 {text}", seen[0].1),
                        format!("{title}the funds of “{name}” are {} and {text}", seen[0].1),
                    )
                    .map(|finding| finding.numbers(text, seen[0].1)),
                );
            }
        }
    }
}

fn same_number(one: &str, other: &str) -> bool {
    match (amount::parse(one), amount::parse(other)) {
        (Some(one), Some(other)) => one.value == other.value,
        _ => one == other,
    }
}

/// The rule: units of measure are words, prices are not rounded away.
pub fn units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in tables(filing) {
        let title = table_title(filing, block);
        for row in items(table) {
            let goods = table.cell(row, "goods");
            let measure = table.cell(row, "measure");
            if amount::parse(measure).is_some() {
                findings.extend(at_column(
                    filing,
                    (block, row, "measure"),
                    "procurement-measure",
                    format!("{title}“{goods}”的计量单位填的是数字“{measure}”"),
                    format!("{title}the unit of “{goods}” is a number, “{measure}”"),
                ));
            }
            let number = |id: &str| amount::parse(table.cell(row, id)).map(|amount| amount.value);
            if let (Some(price), Some(total)) = (number("price"), number("total"))
                && price.is_zero()
                && !total.is_zero()
            {
                findings.extend(
                    at_column(
                        filing,
                        (block, row, "price"),
                        "procurement-price-zero",
                        format!("{title}“{goods}”的单价为 {price}，合计为 {total}：单价不足 0.01 万元，四舍五入后为零"),
                        format!("{title}the price of “{goods}” is {price} with a total of {total}: rounded to nothing"),
                    )
                    .map(|finding| finding.numbers(price.to_string(), total.to_string())),
                );
            }
        }
    }
}

/// The rule: purchases of fixed assets announced in the prose against the equipment and furniture
/// in the table.
pub fn purchases(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let find = |meaning: &Meaning| -> Option<&Mention> {
        context.mentions.iter().find(|mention| {
            mention.role == Role::Amount && !mention.last_year && mention.meaning.as_ref() == Some(meaning)
        })
    };
    let mut all = tables(filing);
    let (Some((block, table)), None) = (all.next(), all.next()) else { return };
    let Some(scale) = relations::unit_of(filing, block).and_then(unit_scale) else { return };
    let wan = scale / Decimal::from(10_000);
    let sum = |accept: &dyn Fn(&str) -> bool| -> Option<(Interval, usize)> {
        let mut sum = Interval::exact(Decimal::ZERO);
        let mut count = 0;
        for row in items(table) {
            let code = fold(table.cell(row, "catalogue_code"));
            if code.is_empty() {
                return None;
            }
            if accept(&code) {
                let amount = amount::parse(table.cell(row, "total"))?;
                let part = Interval::printed(amount.value);
                sum = sum.plus(Interval { value: part.value * wan, slack: part.slack * wan })?;
                count += 1;
            }
        }
        Some((sum, count))
    };
    let new = filing.fiscal_year.is_some_and(is_catalogue_2022);
    // Fixed assets: 房屋 A01, 设备 A02, 文物 A03 (2022) or 专用设备 A03 (2013), furniture A05 (2022) or A06 (2013).
    let asset = move |code: &str| {
        let furniture = if new { "A05" } else { "A06" };
        ["A01", "A02", "A03", furniture].iter().any(|class| code.starts_with(class))
    };
    let judge = |meaning: &Meaning, accept: &dyn Fn(&str) -> bool, zh: &str, en: &str, findings: &mut Vec<Finding>| {
        let Some(mention) = find(meaning) else { return };
        let Some((computed, _)) = sum(accept) else { return };
        let Some(value) = mention.in_wan() else { return };
        let stated = Interval { value, slack: mention.slack_in_wan() };
        let rule = match verdict(stated, Relation::Equal, computed) {
            Verdict::Holds => return,
            Verdict::Rounding => "sum-rounding",
            Verdict::Broken => "procurement-text",
        };
        let place = filing.blocks[mention.block]
            .prose()
            .map(|text| text.slice(mention.number.clone()).place())
            .unwrap_or_default();
        let title = match table_title(filing, block) {
            title if title.is_empty() => "政府采购预算表".to_owned(),
            title => title,
        };
        let number = printed_like(computed.value, mention.value);
        findings.push(
            Finding::of(
                rule,
                place,
                format!("文字中{}为 {value}万元，{title}中{zh}合计 {number}万元", mention.what()),
                format!("the text says {} {value}万元, {title} has {number}万元 of {en}", mention.what()),
            )
            .numbers(mention.value.to_string(), number),
        );
    };
    judge(&Meaning::Purchases, &asset, "设备、家具等固定资产", "equipment and furniture", findings);
    for (meaning, class, zh, en) in [
        (Meaning::Goods, 'A', "货物", "goods"),
        (Meaning::Works, 'B', "工程", "works"),
        (Meaning::Services, 'C', "服务", "services"),
    ] {
        judge(&meaning, &|code: &str| code.starts_with(class), zh, en, findings);
    }
}
