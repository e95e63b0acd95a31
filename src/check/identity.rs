//! What tells projects apart: codes, names, departments, years.

use std::collections::BTreeMap;

use super::indicators::{Project, project_tables, project_title};
use super::projects::{field, report};
use super::{Context, sums};
use crate::filing::{Block, Filing, Table};
use crate::finding::Finding;
use crate::form::label::fold;

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
            Block::Table(table) if table.is_project() => {
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
            // The declaration of a project and its published table are no two projects.
            let unit = fold(&format!(
                "{} {}{}{}",
                table.form_id(),
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
                && a.cells.iter().zip(&b.cells).all(|(a, b)| {
                    let (a, b) = (a.text.as_str(), b.text.as_str());
                    a == b || fold(a) == fold(b)
                })
        })
}

/// The rule: project codes have 21 characters, the division of the others, a year not to come.
pub fn codes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let mut divisions: BTreeMap<String, usize> = BTreeMap::new();
    let code_of = |table: &Table| fold(field(table, "project_code"));
    for (_, table) in project_tables(filing) {
        let code = code_of(table);
        if code.len() == 21 {
            *divisions.entry(code.chars().take(6).collect()).or_default() += 1;
        }
    }
    let usual = divisions.iter().max_by_key(|(_, count)| **count).map(|(division, count)| (division.clone(), *count));
    for (block, table) in project_tables(filing) {
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
    let all: Vec<(usize, String)> = project_tables(filing)
        .filter(|(_, table)| table.field("department_and_code").is_some())
        .map(|(block, table)| (block, fold(field(table, "department_and_code"))))
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
    for (block, table) in project_tables(filing) {
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

/// The rule: years of projects and forms against the budget year.
pub fn years(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(fiscal) = filing.fiscal_year else { return };
    for &Project { block, table, ref indicators } in &context.projects {
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
        for indicator in indicators {
            if let Some(year) = year_in(indicator.value)
                && year < fiscal
            {
                let [title, title_en] = project_title(filing, block);
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
                                "{title_en}the value “{}” of “{}” is before the budget year {fiscal}",
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
    fn years_in_names() {
        assert_eq!(year_in("2022 年护林员补助"), Some(2022));
        assert_eq!(year_in("云财农〔2022〕14号提前下达2024年资金"), Some(2024));
    }
}
