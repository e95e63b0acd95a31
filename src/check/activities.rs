//! Activities (职责活动): codes, names, and the grades 优 良 中 差, each stricter than the next.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Context;
use super::sums::at_column;
use super::target::{Sign, Target};
use crate::filing::{Filing, Table};
use crate::finding::Finding;
use crate::form::label::fold;

const GRADES: [(&str, &str); 4] = [("excellent", "优"), ("good", "良"), ("fair", "中"), ("poor", "差")];

fn activities(filing: &Filing) -> impl Iterator<Item = (usize, &Table)> {
    filing.tables().filter(|(_, table)| table.form_id() == "activity-performance")
}

/// The rule: 优 is stricter than 良, 良 than 中, 中 than 差; none is missing.
pub fn grades(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in activities(filing) {
        for row in 0..table.rows.len() {
            let name = table.cell(row, "indicator");
            let texts: Vec<&str> = GRADES.iter().map(|(id, _)| table.cell(row, id)).collect();
            let printed = texts.iter().filter(|text| !text.is_empty()).count();
            if name.is_empty() || printed == 0 {
                continue;
            }
            let list = texts.join(" / ");
            if printed < texts.len() {
                let missing: Vec<&str> = GRADES
                    .iter()
                    .zip(&texts)
                    .filter(|(_, text)| text.is_empty())
                    .map(|((_, grade), _)| *grade)
                    .collect();
                let first =
                    GRADES.iter().zip(&texts).find(|(_, text)| text.is_empty()).map_or("poor", |((id, _), _)| id);
                let missing = missing.join("、");
                findings.extend(at_column(
                    filing,
                    (block, row, first),
                    "activity-grade-missing",
                    format!("活动指标“{name}”没有填写评价标准 {missing}"),
                    format!("activity indicator “{name}” has no standard for {missing}"),
                ));
            }
            if let Some((index, zh, en)) = disorder(&texts) {
                findings.extend(
                    at_column(
                        filing,
                        (block, row, GRADES[index].0),
                        "activity-grades",
                        format!("活动指标“{name}”的评价标准 {list}：{zh}"),
                        format!("activity indicator “{name}”, standards {list}: {en}"),
                    )
                    .map(|finding| finding.numbers(texts[index], texts[index - 1])),
                );
            }
        }
    }
}

/// The first grade that is not less strict than the one before it.
fn disorder(texts: &[&str]) -> Option<(usize, String, String)> {
    let targets: Vec<Option<Target>> = texts.iter().map(|text| Target::parse(text)).collect();
    // Two grades with the same words cannot be told apart.
    for index in 1..texts.len() {
        if !texts[index].is_empty() && fold(texts[index]) == fold(texts[index - 1]) {
            let (one, other) = (GRADES[index - 1].1, GRADES[index].1);
            return Some((index, format!("{one}与{other}相同"), format!("{one} and {other} are the same")));
        }
    }
    let numbers: Vec<Option<Decimal>> =
        targets.iter().map(|target| target.as_ref().map(|target| target.number)).collect();
    // ≥ asks for much, ≤ for little; without a sign the ends of the row decide.
    let printed: Vec<Decimal> = numbers.iter().flatten().copied().collect();
    let falling = match (targets[0].as_ref().map(|target| target.sign), printed.first(), printed.last()) {
        _ if numbers[0].is_some() && numbers[0] == numbers[1] => None,
        (Some(Sign::AtLeast), ..) => Some(true),
        (Some(Sign::AtMost), ..) => Some(false),
        (_, Some(first), Some(last)) if first != last => Some(first > last),
        _ => None,
    };
    for index in 1..3 {
        let (Some(before), Some(this)) = (numbers[index - 1], numbers[index]) else { continue };
        let wrong = match falling {
            Some(true) => this >= before,
            Some(false) => this <= before,
            // 优 and 良 share a number: only the signs tell them apart (>2, <2).
            None => index == 1,
        };
        if wrong {
            let (one, other) = (GRADES[index - 1].1, GRADES[index].1);
            let gap = falling.is_none() && strict_apart(&targets[index - 1], &targets[index]);
            return Some(if gap {
                (index, format!("{one}与{other}之间缺 {this}"), format!("{this} belongs to neither {one} nor {other}"))
            } else {
                (index, format!("{one}应严于{other}"), format!("{one} should be stricter than {other}"))
            });
        }
    }
    // 差 begins where 中 ends: ≥80% then <80%.
    if let (Some(fair), Some(poor), Some(falling)) = (targets[2].as_ref(), targets[3].as_ref(), falling)
        && poor.sign != Sign::None
    {
        let wrong = if falling { poor.number > fair.number } else { poor.number < fair.number };
        let gap = if falling { poor.number < fair.number } else { poor.number > fair.number };
        if wrong {
            return Some((3, "差与中重叠".to_owned(), "差 and 中 overlap".to_owned()));
        }
        if gap {
            return Some((3, "中与差之间有空档".to_owned(), "there is a gap between 中 and 差".to_owned()));
        }
    }
    None
}

fn strict_apart(one: &Option<Target>, other: &Option<Target>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.strict && other.strict && one.sign != other.sign)
}

/// The rule: activity codes have four digits, names are not repeated, the year is the budget's.
pub fn codes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in activities(filing) {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut last = String::new();
        for row in 0..table.rows.len() {
            let code = fold(table.cell(row, "code"));
            if code.is_empty() || code == last {
                continue;
            }
            last.clone_from(&code);
            if code.len() != 4 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
                findings.extend(at_column(
                    filing,
                    (block, row, "code"),
                    "activity-code",
                    format!("活动编码“{code}”应为 4 位数字"),
                    format!("the activity code “{code}” should have 4 digits"),
                ));
            }
            let name = fold(table.cell(row, "name"));
            let goal = table.cell(row, "goal");
            if goal.is_empty() {
                findings.extend(at_column(
                    filing,
                    (block, row, "goal"),
                    "activity-goal-missing",
                    format!("活动 {code}“{name}”没有绩效目标"),
                    format!("activity {code} “{name}” has no goal"),
                ));
            }
            match names.get(&name) {
                Some(earlier) if !name.is_empty() => findings.extend(
                    at_column(
                        filing,
                        (block, row, "name"),
                        "activity-duplicate",
                        format!("活动 {code} 与 {earlier} 同名：“{name}”"),
                        format!("activity {code} has the name of {earlier}: “{name}”"),
                    )
                    .map(|finding| finding.numbers(code.as_str(), earlier.as_str())),
                ),
                _ => {
                    names.insert(name, code.clone());
                }
            }
            if let (Some(fiscal), Ok(year)) = (filing.fiscal_year, table.cell(row, "year").trim().parse::<u16>())
                && year != fiscal
            {
                findings.extend(
                    at_column(
                        filing,
                        (block, row, "year"),
                        "form-year",
                        format!("活动 {code} 的预算年度为 {year}，本部门预算年度为 {fiscal}"),
                        format!("activity {code} is of {year}, the budget of {fiscal}"),
                    )
                    .map(|finding| finding.numbers(year.to_string(), fiscal.to_string())),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_in_order_are_silent() {
        assert!(disorder(&["100%", "≥90%", "≥80%", "<80%"]).is_none());
        assert!(disorder(&["≤3%", "≤5%", "≤8%", ">8%"]).is_none());
        assert!(disorder(&["400人以上", "360-400人", "320-360人", "320人以下"]).is_none());
        assert!(disorder(&["3", "2", "1", "0"]).is_none());
    }

    #[test]
    fn grades_out_of_order_are_named() {
        assert_eq!(disorder(&["≥90%", "≥95%", "≥80%", "<80%"]).map(|found| found.0), Some(1));
        assert_eq!(disorder(&["是", "基本达到", "否", "否"]).map(|found| found.0), Some(3));
        assert_eq!(disorder(&[">5", "<5", "", ""]).map(|found| found.0), Some(1));
        assert_eq!(disorder(&["≥95%", "≥90%", "≥80%", "<70%"]).map(|found| found.0), Some(3));
    }
}
