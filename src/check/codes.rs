//! Codes and names against 政府收支分类科目 and the procurement catalogue of the filing's year. The
//! code leads: a name is judged by its code, never the other way.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};

use super::{Context, sums};
use crate::filing::{Filing, RowKind, Table, amount};
use crate::finding::Finding;
use crate::form::label::fold;
use crate::form::{Form, Kind};
use crate::text::is_blank;

/// A list of codes: each code's names with the years they were printed in.
#[derive(Debug)]
pub struct CodeList {
    /// The lines of the list in the order of their codes; most are never asked for, so none is
    /// taken apart before it is.
    lines: Vec<&'static str>,
    /// The names that surely belong to a code, as [`plain`] gives them, with their codes.
    codes: OnceLock<HashMap<String, BTreeSet<&'static str>>>,
}

#[derive(Debug)]
struct Name {
    text: String,
    years: BTreeSet<u16>,
    /// Strong enough to say that another name is wrong.
    strong: bool,
}

impl CodeList {
    fn load(texts: &[&'static str]) -> CodeList {
        let mut lines: Vec<&str> = texts.iter().flat_map(|text| text.lines().skip(1)).collect();
        lines.sort_by_key(|line| code_in(line));
        CodeList { lines, codes: OnceLock::new() }
    }

    /// Whether the list has a code.
    pub fn has(&self, code: &str) -> bool {
        !self.lines_of(code).is_empty()
    }

    /// The one code that the list surely has for a name.
    pub fn code_of(&self, name: &str) -> Option<&'static str> {
        let codes = self.codes.get_or_init(|| {
            let mut codes: HashMap<String, BTreeSet<&str>> = HashMap::new();
            for line in &self.lines {
                if let Some(name) = Name::read(line).filter(|name| name.strong) {
                    codes.entry(plain(&name.text)).or_default().insert(code_in(line));
                }
            }
            codes
        });
        let mut codes = codes.get(&plain(name))?.iter();
        let code = codes.next()?;
        codes.next().is_none().then_some(code)
    }

    /// The name of a code in a year: of that year, else of the nearest.
    pub fn name(&self, code: &str, year: u16) -> Option<String> {
        let distance = |name: &Name| name.years.iter().map(|known| known.abs_diff(year)).min().unwrap_or(u16::MAX);
        self.names(code).into_iter().min_by_key(distance).map(|name| name.text)
    }

    fn names(&self, code: &str) -> Vec<Name> {
        self.lines_of(code).iter().filter_map(|line| Name::read(line)).collect()
    }

    fn lines_of(&self, code: &str) -> &[&'static str] {
        let start = self.lines.partition_point(|line| code_in(line) < code);
        let count = self.lines[start..].iter().take_while(|line| code_in(line) == code).count();
        &self.lines[start..start + count]
    }
}

/// The code that a line of a list begins with.
fn code_in(line: &str) -> &str {
    line.split_once(',').map_or(line, |(code, _)| code)
}

impl Name {
    fn read(line: &str) -> Option<Name> {
        let [_, text, _, version] = <[String; 4]>::try_from(split_csv(line)).ok()?;
        let weak = ["inferred", "sample", "seed"].iter().any(|word| version.contains(word));
        let only_printed = version.contains("printed") && !version.contains(';');
        let years = version.split_whitespace().filter_map(|word| word.trim_end_matches(';').parse().ok()).collect();
        Some(Name { text, years, strong: !weak && !only_printed })
    }
}

/// Splits a CSV line; quoted fields may hold commas.
fn split_csv(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for ch in line.chars() {
        match ch {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => {
                if let Some(field) = fields.last_mut() {
                    field.push(ch);
                }
            }
        }
    }
    fields
}

macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $($file:literal),+) => {
        $(#[$doc])*
        pub fn $name() -> &'static CodeList {
            static LIST: OnceLock<CodeList> = OnceLock::new();
            LIST.get_or_init(|| CodeList::load(&[$(include_str!(concat!("../../templates/codes/", $file))),+]))
        }
    };
}

list!(
    /// 支出功能分类科目 of all three budgets.
    functions, "function-general.csv", "function-fund.csv", "function-state-capital.csv"
);
list!(
    /// 部门预算支出经济分类科目.
    economics, "economic-department.csv"
);
list!(
    /// 政府采购品目分类目录 2013.
    catalogue_2013, "procurement-2013.csv"
);
list!(
    /// 政府采购品目分类目录 2022, for budgets from 2023 on.
    catalogue_2022, "procurement-2022.csv"
);

fn is_number(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name as the lists have it: folded, without （类）, （款）, （项）.
fn plain(name: &str) -> String {
    let folded = fold(name);
    for suffix in ["(类)", "(款)", "(项)"] {
        if let Some(bare) = folded.strip_suffix(suffix) {
            return bare.to_owned();
        }
    }
    folded
}

/// A name without the code that is printed before it too: `205-教育支出`.
fn without_code<'n>(name: &'n str, code: &str) -> &'n str {
    let after = name.trim_start_matches(is_blank).strip_prefix(code);
    after.map_or(name, |rest| rest.trim_start_matches(|ch| is_blank(ch) || "-－—_".contains(ch)))
}

const TREES: [(&str, &str); 2] = [("function_code", "function_name"), ("economic_code", "economic_name")];

/// The rule: codes and names of the classifications.
pub fn names(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(year) = filing.fiscal_year else { return };
    // The same pair stands in many tables: the first one is reported.
    let mut reported: BTreeSet<(String, String)> = BTreeSet::new();
    for (block, table) in filing.tables() {
        for (code_id, name_id) in TREES {
            if table.column(code_id).is_none() {
                continue;
            }
            let list = if code_id == "function_code" { functions() } else { economics() };
            for row in 0..table.rows.len() {
                let code = fold(table.cell(row, code_id));
                let name = table.cell(row, name_id);
                if !is_number(&code) || name.is_empty() {
                    continue;
                }
                judge_name(filing, list, (block, row), (code_id, name_id), &code, name, year, &mut reported, findings);
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one cell with all that names it")]
fn judge_name(
    filing: &Filing,
    list: &CodeList,
    (block, row): (usize, usize),
    (code_id, name_id): (&str, &str),
    code: &str,
    name: &str,
    year: u16,
    reported: &mut BTreeSet<(String, String)>,
    findings: &mut Vec<Finding>,
) {
    let known = list.names(code);
    if known.is_empty() {
        let lengths: &[usize] = if code_id == "function_code" { &[3, 5, 7] } else { &[3, 5] };
        if lengths.contains(&code.len()) && reported.insert((code.to_owned(), String::new())) {
            findings.extend(sums::at_column(
                filing,
                (block, row, code_id),
                "code-unknown",
                format!("科目编码 {code}“{name}”不在已收录的科目表中，请核对"),
                format!("the code {code} “{name}” is in none of the known lists"),
            ));
        }
        return;
    }
    let printed = plain(without_code(name, code));
    if let Some(same) = known.iter().find(|candidate| plain(&candidate.text) == printed) {
        // A name of another year counts only when the list has one for this year.
        let of_year = known.iter().find(|candidate| candidate.years.contains(&year));
        if let Some(right) = of_year
            && !same.years.contains(&year)
            && !same.years.is_empty()
            && right.strong
            && reported.insert((code.to_owned(), printed))
        {
            findings.extend(
                sums::at_column(
                    filing,
                    (block, row, name_id),
                    "code-name-year",
                    format!("科目 {code} 在 {year} 年名为“{}”，“{name}”是其他年度的名称", right.text),
                    format!("code {code} is “{}” in {year}; “{name}” is its name of another year", right.text),
                )
                .map(|finding| finding.numbers(name, right.text.as_str())),
            );
        }
        return;
    }
    let Some(right) = known
        .iter()
        .filter(|candidate| candidate.strong)
        .min_by_key(|candidate| candidate.years.iter().map(|known| known.abs_diff(year)).min().unwrap_or(u16::MAX))
    else {
        return;
    };
    // 政府性基金 uses class numbers of the general list with names of its own.
    if reported.insert((code.to_owned(), printed)) {
        findings.extend(
            sums::at_column(
                filing,
                (block, row, name_id),
                "code-name",
                format!("科目编码 {code} 的名称应为“{}”，表中为“{name}”", right.text),
                format!("code {code} is “{}”, the table says “{name}”", right.text),
            )
            .map(|finding| finding.numbers(name, right.text.as_str())),
        );
    }
}

/// The rule: codes ascend, none stands twice, every parent is printed.
pub fn order(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in filing.tables() {
        for (code_id, name_id) in TREES {
            let form = table.form.as_ref().and_then(|key| context.forms.get(key));
            let Some(form) = form.filter(|form| form.tree.is_some() && table.column(code_id).is_some()) else {
                continue;
            };
            tree(filing, form, (block, table), (code_id, name_id), findings);
        }
    }
}

/// What tells rows with one code apart: the unit or the project that other columns of the row name.
fn owner<'t>(form: &Form, table: &'t Table, row: usize, tree: (&str, &str)) -> Vec<&'t str> {
    let names = |id: &str, text: &str| match form.column(id) {
        Some(spec) => matches!(spec.kind, Kind::Text | Kind::Code) && id != tree.0 && id != tree.1,
        None => !text.is_empty() && !text.contains('.'),
    };
    let cells = table.columns.iter().zip(&table.rows[row].cells).map(|(column, cell)| (column, cell.text.as_str()));
    cells.filter(|(column, text)| names(&column.id, text)).map(|(_, text)| text).collect()
}

fn tree(
    filing: &Filing,
    form: &Form,
    (block, table): (usize, &Table),
    (code_id, name_id): (&str, &str),
    findings: &mut Vec<Finding>,
) {
    let list = if code_id == "function_code" { functions() } else { economics() };
    // A row of a unit: its name alone, or with a code that is none of the classification.
    let is_unit = |code: &str| !matches!(code.len(), 3 | 5 | 7) || (code.len() == 3 && !list.has(code));
    let codes: Vec<String> = (0..table.rows.len()).map(|row| fold(table.cell(row, code_id))).collect();
    let mut last: Option<&String> = None;
    let mut seen: BTreeSet<(&String, Vec<&str>)> = BTreeSet::new();
    let title = sums::table_title(filing, block);
    let all: BTreeSet<&str> = codes.iter().map(String::as_str).collect();
    let any_parent = codes.iter().any(|code| code.len() == 3 && list.has(code));
    for (row, code) in codes.iter().enumerate() {
        let names_unit = code.is_empty() && !table.cell(row, name_id).is_empty();
        if (names_unit && table.rows[row].kind == RowKind::Detail) || (is_number(code) && is_unit(code)) {
            // Every unit has its own list of codes.
            seen.clear();
            last = None;
            continue;
        }
        if !is_number(code) {
            continue;
        }
        let name = table.cell(row, name_id);
        if !seen.insert((code, owner(form, table, row, (code_id, name_id)))) {
            findings.extend(sums::at_column(
                filing,
                (block, row, code_id),
                "code-duplicate",
                format!("{title}科目编码 {code}“{name}”重复"),
                format!("{title}the code {code} “{name}” stands twice"),
            ));
        } else if last.is_some_and(|last| last > code) {
            let before = last.cloned().unwrap_or_default();
            findings.extend(
                sums::at_column(
                    filing,
                    (block, row, code_id),
                    "code-order",
                    format!("{title}科目编码 {code} 排在 {before} 之后，顺序不对"),
                    format!("{title}the code {code} stands after {before}"),
                )
                .map(|finding| finding.numbers(code.as_str(), before)),
            );
        }
        if any_parent && code.len() > 3 && matches!(code.len(), 5 | 7) {
            let parent = &code[..code.len() - 2];
            if !all.contains(parent) {
                findings.extend(sums::at_column(
                    filing,
                    (block, row, code_id),
                    "code-parent",
                    format!("{title}科目 {code}“{name}”没有列出上级科目 {parent}"),
                    format!("{title}the parent {parent} of {code} “{name}” is not printed"),
                ));
            }
        }
        last = Some(code);
    }
}

/// The rule: items of 301 and 303 are 人员经费, those of 302, 309 and 310 公用经费.
pub fn basic_columns(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for (block, table) in filing.tables().filter(|(_, table)| table.form_id() == "basic-expenditure") {
        for row in 0..table.rows.len() {
            let code = fold(table.cell(row, "economic_code"));
            let wrong = match code.get(..3) {
                Some("301" | "303") => ("public", "人员经费"),
                Some("302" | "309" | "310") => ("personnel", "公用经费"),
                _ => continue,
            };
            let text = table.cell(row, wrong.0);
            if amount::parse(text).is_some_and(|amount| !amount.value.is_zero()) {
                let name = table.cell(row, "economic_name");
                findings.extend(
                    sums::at_column(
                        filing,
                        (block, row, wrong.0),
                        "basic-column",
                        format!("科目 {code}“{name}”通常列入{}，表中 {text} 列在另一栏", wrong.1),
                        format!("code {code} “{name}” usually belongs to {}; {text} is in the other column", wrong.1),
                    )
                    .map(|finding| finding.numbers(text, "")),
                );
            }
        }
    }
}

/// Whether the budget of a year is made by the 政府采购品目分类目录（2022年印发）, 财库〔2022〕31号; earlier
/// ones are by the 试用 one of 2013, 财库〔2013〕189号.
pub(super) fn is_catalogue_2022(year: u16) -> bool {
    year >= 2023
}

/// The rule: procurement codes by the catalogue of the year.
pub fn catalogue(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    let Some(year) = filing.fiscal_year else { return };
    let new = is_catalogue_2022(year);
    let list = if new { catalogue_2022() } else { catalogue_2013() };
    let edition = if new { "2022" } else { "2013" };
    for (block, table) in filing.tables().filter(|(_, table)| table.form_id() == "procurement") {
        for row in 0..table.rows.len() {
            let code = fold(table.cell(row, "catalogue_code"));
            if code.is_empty() {
                continue;
            }
            let goods = table.cell(row, "goods");
            let digits = code.get(1..).unwrap_or("");
            let shape = code.starts_with(['A', 'B', 'C'])
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && if new {
                    digits.len() == 8
                } else {
                    (2..=10).contains(&digits.len()) && digits.len().is_multiple_of(2)
                };
            if !shape {
                let wanted = if new { "A、B、C 加 8 位数字" } else { "A、B、C 加 2 至 10 位数字" };
                findings.extend(sums::at_column(
                    filing,
                    (block, row, "catalogue_code"),
                    "catalogue-format",
                    format!("“{goods}”的目录序号“{code}”不符合 {edition} 年版目录（{wanted}）"),
                    format!("the code “{code}” of “{goods}” is not one of the catalogue of {edition}"),
                ));
                continue;
            }
            let known = list.names(&code);
            // The name is in the catalogue, but under one other code.
            if !known.iter().any(|name| name.strong)
                && let Some(right) = list.code_of(goods)
                && right != code
            {
                findings.extend(
                    sums::at_column(
                        filing,
                        (block, row, "catalogue_code"),
                        "catalogue-name",
                        format!("“{goods}”在 {edition} 年版目录中的序号是 {right}，表中为 {code}"),
                        format!("“{goods}” is {right} in the catalogue of {edition}, the table says {code}"),
                    )
                    .map(|finding| finding.numbers(code.as_str(), right)),
                );
                continue;
            }
            if known.iter().any(|name| plain(&name.text) == plain(goods)) {
                continue;
            }
            if let Some(right) = known.iter().find(|name| name.strong) {
                findings.extend(
                    sums::at_column(
                        filing,
                        (block, row, "goods"),
                        "catalogue-name",
                        format!("目录序号 {code} 在 {edition} 年版目录中是“{}”，表中为“{goods}”", right.text),
                        format!("{code} is “{}” in the catalogue of {edition}, the table says “{goods}”", right.text),
                    )
                    .map(|finding| finding.numbers(goods, right.text.as_str())),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_load() {
        assert!(functions().lines.len() > 1_400);
        for list in [functions(), economics(), catalogue_2013(), catalogue_2022()] {
            assert!(list.lines.iter().all(|line| Name::read(line).is_some()));
        }
        assert!(economics().has("30231"));
        assert_eq!(functions().name("2130201", 2024), Some("行政运行".to_owned()));
    }

    #[test]
    fn the_two_catalogues_reuse_codes() {
        assert_eq!(catalogue_2022().name("A02010105", 2023), Some("台式计算机".to_owned()));
        assert_eq!(catalogue_2013().name("A02010105", 2021), Some("便携式计算机".to_owned()));
    }
}
