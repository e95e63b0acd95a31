//! Changes against the year before, as the prose states them: recomputed from both years, from the
//! changes of the parts, their percentages and their reasons.

use std::sync::OnceLock;

use regex_lite::Regex;
use rust_decimal::Decimal;

use super::Context;
use super::prose::{at, groups, interval, place, text_of, unit_text};
use super::relations::{cell_of, unit_of};
use super::sums::{Interval, Verdict, number, printed_like, verdict};
use crate::equation::Relation;
use crate::figures::{Meaning, Mention, Role, Sum, known_sums, unit_scale};
use crate::filing::{Filing, amount};
use crate::finding::Finding;

/// The rule: a change against the year before, recomputed from the amounts of both years, and the
/// change of a total from the changes of its parts.
pub fn changes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for change in context.mentions.iter().filter(|mention| mention.role != Role::Amount) {
        let Some(meaning) = &change.meaning else { continue };
        let this = year_amount(context, change, meaning, false);
        let last = year_amount(context, change, meaning, true);
        if let (Some((this, this_text)), Some((last, last_text))) = (this, last) {
            let Some(difference) = this.plus(last.negated()) else { continue };
            if judge_change(filing, change, difference, &format!("{this_text} − {last_text}"), findings) {
                continue;
            }
        }
    }
    for group in groups(context) {
        for Sum { total, parts } in known_sums() {
            change_sum(filing, &group, total, parts, findings);
        }
    }
}

/// The amount of a year for a meaning: the nearest one in the prose, else, for this year, the cell
/// of the tables.
fn year_amount(
    context: &Context<'_>,
    change: &Mention,
    meaning: &Meaning,
    last_year: bool,
) -> Option<(Interval, String)> {
    let filing = context.filing;
    let alike: &[Meaning] = match meaning {
        Meaning::Budget => &[Meaning::Budget, Meaning::Expenditure, Meaning::Income],
        _ => std::slice::from_ref(meaning),
    };
    let candidates = alike.iter().flat_map(|meaning| {
        context.mentions.iter().filter(move |mention| {
            mention.role == Role::Amount && mention.last_year == last_year && mention.meaning.as_ref() == Some(meaning)
        })
    });
    // Last year's amount counts only in the same paragraph.
    let nearest = candidates
        .filter(|mention| !last_year || mention.block == change.block)
        .min_by_key(|mention| mention.block.abs_diff(change.block));
    if let Some(mention) = nearest {
        let text = format!("{}{}", text_of(filing, mention), unit_text(filing, mention));
        return Some((interval(mention)?, text));
    }
    if last_year {
        return None;
    }
    let cell = cell_of(filing, meaning)?;
    let scale = unit_of(filing, cell.block).and_then(unit_scale)? / Decimal::from(10_000);
    let printed = number(filing, &cell)?;
    Some((
        Interval { value: printed.value * scale, slack: printed.slack * scale },
        format!("{}{}", printed.value, unit_of(filing, cell.block).unwrap_or_default()),
    ))
}

fn signed(change: &Mention) -> Option<Interval> {
    let amount = interval(change)?;
    Some(if change.role == Role::Decrease { amount.negated() } else { amount })
}

/// Reports a stated change that is not the computed one; whether it did.
fn judge_change(
    filing: &Filing,
    change: &Mention,
    computed: Interval,
    from: &str,
    findings: &mut Vec<Finding>,
) -> bool {
    let Some(stated) = signed(change) else { return false };
    let judged = verdict(stated, Relation::Equal, computed);
    if judged == Verdict::Holds {
        return false;
    }
    let word = |value: Decimal| {
        if value.is_sign_negative() && !value.is_zero() {
            format!("减少 {}万元", printed_like(value.abs(), change.value))
        } else {
            format!("增加 {}万元", printed_like(value, change.value))
        }
    };
    let rule = if judged == Verdict::Rounding { "sum-rounding" } else { "text-change" };
    let stated_text = format!("{}{}", text_of(filing, change), unit_text(filing, change));
    let zh = format!("{} {stated_text}，按 {from} 计算应为{}", change.what(), word(computed.value));
    let en =
        format!("{} {stated_text}; from {from} it is {}", change.what(), printed_like(computed.value, change.value));
    findings.push(
        at(filing, change, rule, zh, en)
            .numbers(text_of(filing, change), printed_like(computed.value.abs(), change.value)),
    );
    true
}

fn change_sum(filing: &Filing, group: &[&Mention], total: &Meaning, parts: &[Meaning], findings: &mut Vec<Finding>) {
    let change = |meaning: &Meaning| {
        group.iter().copied().find(|mention| mention.role != Role::Amount && mention.meaning.as_ref() == Some(meaning))
    };
    let same = |meaning: &Meaning| {
        group.iter().copied().find(|mention| mention.unchanged && mention.meaning.as_ref() == Some(meaning))
    };
    let Some(stated) = change(total) else { return };
    let mut computed = Interval::exact(Decimal::ZERO);
    let mut found: Vec<&Mention> = Vec::new();
    for part in parts {
        let Some(mention) = change(part) else {
            if same(part).is_some() {
                continue;
            }
            return;
        };
        let Some(sum) = signed(mention).and_then(|part| computed.plus(part)) else { return };
        computed = sum;
        found.push(mention);
    }
    if found.is_empty() {
        return;
    }
    let from = found
        .iter()
        .map(|mention| {
            let sign = if mention.role == Role::Decrease { "−" } else { "+" };
            format!("{} {sign}{}{}", mention.subject, text_of(filing, mention), unit_text(filing, mention))
        })
        .collect::<Vec<_>>()
        .join("，");
    // A part already reported from its own two years explains the total.
    let explained = found.iter().any(|mention| {
        findings.iter().any(|finding| finding.rule == "text-change" && finding.place == place(filing, mention))
    });
    if !explained {
        judge_change(filing, stated, computed, &from, findings);
    }
}

/// The rule: the percentage after a change (`增加 20.00万元，增长 4.17%`), recomputed.
pub fn percentages(context: &Context<'_>, findings: &mut Vec<Finding>) {
    static PERCENT: OnceLock<Regex> = OnceLock::new();
    let pattern = PERCENT.get_or_init(|| {
        Regex::new(r"^[，,（( ]*(?:同比|约|同比约)?(?P<verb>增长|上升|增加|下降|降低|减少|增幅|降幅|减幅)(?:率|幅度)?(?:约|为|达|了)*[ ]*(?P<number>[0-9]+(?:\.[0-9]+)?)[ ]*[%％]")
            .expect("a constant pattern")
    });
    let filing = context.filing;
    let hundred = Decimal::ONE_HUNDRED;
    for change in context.mentions.iter().filter(|mention| mention.role != Role::Amount) {
        let Some(found) = pattern.captures(&change.after) else { continue };
        let Some(meaning) = &change.meaning else { continue };
        let Some(stated) = amount::decimal(&found["number"]) else { continue };
        let Some((this, this_text)) = year_amount(context, change, meaning, false) else { continue };
        let Some(difference) = signed(change) else { continue };
        let Some(last) = this.plus(difference.negated()).filter(|last| last.value > Decimal::ZERO) else { continue };
        // A share of next to nothing is beyond any number; it says nothing.
        let share = |part: Decimal, of: Decimal| part.checked_mul(of)?.checked_div(last.value);
        let Some(computed) = share(difference.value.abs(), hundred) else { continue };
        // The rounding of both amounts moves the quotient, too.
        let by_difference = share(difference.slack, hundred);
        let by_last = share(computed, last.slack);
        let moved = by_difference.zip(by_last).and_then(|(one, other)| one.checked_add(other));
        let half = Decimal::new(5, stated.scale() + 1);
        let Some(moved) = moved.and_then(|moved| moved.checked_add(half)) else { continue };
        if (stated - computed).abs() <= moved {
            continue;
        }
        let printed = computed.round_dp(stated.scale().max(2)).normalize();
        let zh = format!(
            "{} {}{}，{}{stated}%；按 {this_text} 推算应为 {printed}%",
            change.what(),
            text_of(filing, change),
            unit_text(filing, change),
            &found["verb"]
        );
        let en = format!("{} is said to be {stated}%; from {this_text} it is {printed}%", change.what());
        findings.push(at(filing, change, "text-percent", zh, en).numbers(format!("{stated}%"), format!("{printed}%")));
    }
}

/// The rule: the reason given for a change says the opposite (增加…，主要由…减少导致).
pub fn reasons(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &context.mentions {
        let (opposite, same) = match change.role {
            Role::Increase => (["减少", "压减", "下降"], ["增加", "增长", "提高"]),
            Role::Decrease => (["增加", "增长", "提高"], ["减少", "压减", "下降"]),
            Role::Amount => continue,
        };
        let after = change.after.trim_start_matches(['，', ',']);
        let reason = ["主要", "原因", "由于"].iter().any(|word| after.starts_with(word));
        // Only the clause of the reason; a further clause may speak of something else.
        let clause = after.split(['；', '。']).next().unwrap_or_default();
        if !reason
            || !opposite.iter().any(|word| clause.contains(word))
            || same.iter().any(|word| clause.contains(word))
        {
            continue;
        }
        // 压减…导致减少 and the like: the last verb decides.
        let filing = context.filing;
        let stated = format!("{}{}", text_of(filing, change), unit_text(filing, change));
        let zh = format!("{} {stated}，但所述原因是相反方向的变化：“{clause}”", change.what());
        let en = format!("{} {stated}, but the reason given is a change the other way: “{clause}”", change.what());
        findings.push(at(filing, change, "text-reason", zh, en));
    }
}
