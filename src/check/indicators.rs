//! The indicators of project forms: signs that make no sense, missing or wrong units, indicators
//! under the wrong heading, printed twice, cut off, or copied into their value.

use super::target::{Sign, Target};
use super::words::{ends, has, words};
use super::{Context, sums};
use crate::equation::CellRef;
use crate::filing::{Filing, Table};
use crate::finding::Finding;
use crate::form::label::fold;

/// One indicator of a project form.
pub struct Indicator<'f> {
    /// Block of the form.
    pub block: usize,
    /// Row in the form.
    pub row: usize,
    /// 一级指标, folded.
    pub level1: String,
    /// 二级指标, folded, without code and remark: `成本`, `服务对象满意度`.
    pub level2: String,
    /// 三级指标.
    pub name: &'f str,
    /// The same, folded.
    pub folded: String,
    /// 绩效指标描述, empty where the form has none.
    pub description: &'f str,
    /// 指标值.
    pub value: &'f str,
    /// The same as a number, where it is one.
    pub target: Option<Target>,
    /// 指标值确定依据.
    pub basis: &'f str,
}

impl Indicator<'_> {
    /// A cell of the indicator's row.
    pub fn cell(&self, filing: &Filing, id: &str) -> Option<CellRef> {
        let column = filing.table(self.block)?.column(id)?;
        Some(CellRef::cell(self.block, self.row, column))
    }

    pub(super) fn report(
        &self,
        filing: &Filing,
        id: &str,
        rule: &'static str,
        zh: String,
        en: String,
    ) -> Option<Finding> {
        let cell = self.cell(filing, id)?;
        let [title, title_en] = project_title(filing, self.block);
        Some(sums::at(filing, &cell, rule, format!("{title}{zh}"), format!("{title_en}{en}")))
    }

    /// Whether the second level is one of cost.
    pub fn is_cost(&self) -> bool {
        self.level2.contains("成本")
    }

    /// Whether the second level is one of satisfaction.
    pub fn is_satisfaction(&self) -> bool {
        self.level2.contains("满意")
    }
}

/// What messages about a project form begin with, in Chinese and in English.
pub fn project_title(filing: &Filing, block: usize) -> [String; 2] {
    let Some(table) = filing.table(block) else { return Default::default() };
    let number = table.field_text("no").map(|text| text.as_str()).filter(|text| !text.is_empty());
    match (number, table.field_text("project_name").map(|text| text.as_str())) {
        (Some(number), Some(name)) if !name.is_empty() => {
            [format!("项目{number}“{name}”："), format!("project {number} “{name}”: ")]
        }
        (None, Some(name)) if !name.is_empty() => [format!("项目“{name}”："), format!("project “{name}”: ")],
        _ => [sums::table_title(filing, block), sums::table_title(filing, block)],
    }
}

/// A second level without its code (`14-`), remark (`（必填…）`) and the word 指标.
pub(super) fn bare_level2(text: &str) -> String {
    let folded = fold(text);
    let mut rest = folded.as_str();
    if let Some((code, name)) = rest.split_once('-')
        && !code.is_empty()
        && code.bytes().all(|byte| byte.is_ascii_digit())
    {
        rest = name.trim_start_matches('-');
    }
    let rest = rest.split('(').next().unwrap_or(rest);
    rest.strip_suffix("指标").filter(|bare| !bare.is_empty()).unwrap_or(rest).to_owned()
}

/// The indicators of a project form, without rows that are all blank.
pub fn of_table(block: usize, table: &Table) -> Vec<Indicator<'_>> {
    let columns = ["level1", "level2", "level3", "description", "value", "basis"].map(|id| table.column(id));
    // Some forms print the unit of the value in a column of its own.
    let unit = (table.columns.iter())
        .position(|column| column.label.last().is_some_and(|head| words().unit_heads.contains(&fold(head).as_str())));
    let mut level1 = Again::default();
    let mut level2 = Again::default();
    let rows = table.rows.iter().enumerate().filter_map(|(row, cells)| {
        let [one, two, name, description, value, basis] = columns
            .map(|column| column.and_then(|column| cells.cells.get(column)).map_or("", |cell| cell.text.as_str()));
        if name.is_empty() && value.is_empty() {
            return None;
        }
        let (level1, level2) = (level1.of(one, fold), level2.of(two, bare_level2));
        let unit = unit.and_then(|column| cells.cells.get(column)).map_or("", |cell| cell.text.as_str());
        let bare = |target: &Target| target.is_bare() && !unit.is_empty();
        let target = Target::parse(value);
        let target = if target.as_ref().is_some_and(bare) { Target::parse(&format!("{value}{unit}")) } else { target };
        let folded = fold(name);
        Some(Indicator { block, row, level1, level2, name, folded, description, value, target, basis })
    });
    rows.collect()
}

/// A text and what was made of it: a merged cell gives many rows the same.
#[derive(Default)]
struct Again<'t> {
    text: &'t str,
    made: String,
}

impl<'t> Again<'t> {
    fn of(&mut self, text: &'t str, make: fn(&str) -> String) -> String {
        if self.text != text {
            *self = Again { text, made: make(text) };
        }
        self.made.clone()
    }
}

/// Every project form.
pub fn project_tables(filing: &Filing) -> impl Iterator<Item = (usize, &Table)> {
    filing.tables().filter(|(_, table)| table.is_project())
}

/// A project form with its indicators.
pub struct Project<'f> {
    /// Block of the form.
    pub block: usize,
    /// The form.
    pub table: &'f Table,
    /// Its indicators.
    pub indicators: Vec<Indicator<'f>>,
}

/// Every project form with its indicators.
pub fn projects(filing: &Filing) -> Vec<Project<'_>> {
    project_tables(filing).map(|(block, table)| Project { block, table, indicators: of_table(block, table) }).collect()
}

/// What is wrong with a value: the finding's code, the message in Chinese, the message in English.
type Slip = (&'static str, String, String);

/// The rule: comparison signs that make no sense: a cost of at least, a satisfaction of at most.
pub fn signs(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let of_value =
        |indicator: &Indicator<'_>, (rule, zh, en): Slip| indicator.report(context.filing, "value", rule, zh, en);
    for indicator in context.projects.iter().flat_map(|project| &project.indicators) {
        let Some(target) = &indicator.target else { continue };
        findings.extend(sign(indicator, target).and_then(|slip| of_value(indicator, slip)));
        if is_rate(&indicator.folded) || indicator.is_satisfaction() {
            findings.extend(percentage(indicator, target).and_then(|slip| of_value(indicator, slip)));
        }
    }
}

fn sign(indicator: &Indicator<'_>, target: &Target) -> Option<Slip> {
    let Indicator { name, value, .. } = indicator;
    let better_high = || has(&words().higher_is_better, name) && !has(&words().lower_is_better, name);
    if indicator.is_cost() && target.sign == Sign::AtLeast && target.is_money() {
        Some((
            "indicator-sign",
            format!("成本指标“{name}”的指标值为“{value}”：成本应控制在一定数额以内，不应用“不少于”"),
            format!("cost indicator “{name}” is “{value}”: a cost is kept within a limit, not above one"),
        ))
    } else if indicator.is_satisfaction() && target.sign == Sign::AtMost {
        Some((
            "indicator-sign",
            format!("满意度指标“{name}”的指标值为“{value}”：满意度应不低于某一水平"),
            format!("satisfaction indicator “{name}” is “{value}”: satisfaction should be at least something"),
        ))
    } else if target.is_percent() && target.sign == Sign::AtMost && is_rate(&indicator.folded) && better_high() {
        Some((
            "indicator-sign",
            format!("“{name}”越高越好，指标值却为“{value}”"),
            format!("“{name}” is better when higher, but its value is “{value}”"),
        ))
    } else if target.is_percent() && target.sign != Sign::None && opposite_rates(name) {
        Some((
            "indicator-sign",
            format!("“{name}”中的比率有高有低才好，不能共用一个指标值“{value}”"),
            format!(
                "of the rates in “{name}” one is better when higher, one when lower; “{value}” cannot hold for both"
            ),
        ))
    } else if indicator.level2.contains("数量") && target.sign == Sign::AtMost && target.counts_things() {
        Some((
            "indicator-sign-count",
            format!("数量指标“{name}”的指标值为“{value}”：产出数量一般应不少于某一数量"),
            format!("quantity indicator “{name}” is “{value}”: an output is usually at least something"),
        ))
    } else {
        None
    }
}

/// Whether a name joins a rate that is better when higher with one that is better when lower.
fn opposite_rates(name: &str) -> bool {
    let parts: Vec<&str> = name.split(['、', '和', '及']).filter(|part| part.ends_with('率')).collect();
    let lower = |part: &&str| has(&words().lower_is_better, part);
    parts.len() >= 2 && parts.iter().any(lower) && !parts.iter().all(lower)
}

/// A rate over 100 %, or of at least 100 %.
fn percentage(indicator: &Indicator<'_>, target: &Target) -> Option<Slip> {
    let hundred = rust_decimal::Decimal::ONE_HUNDRED;
    let Indicator { name, value, .. } = indicator;
    if !target.is_percent() || target.number < hundred || has(&words().over_100, name) {
        None
    } else if target.number > hundred {
        Some((
            "indicator-percent",
            format!("“{name}”的指标值为“{value}”，超过 100%"),
            format!("“{name}” is “{value}”, more than 100%"),
        ))
    } else {
        (target.sign == Sign::AtLeast).then(|| {
            (
                "indicator-full",
                format!("“{name}”的指标值为“{value}”：比率不会超过 100%，应写“100%”"),
                format!("“{name}” is “{value}”: a rate cannot be over 100%, write “100%”"),
            )
        })
    }
}

/// Whether a folded name is that of a rate: it ends in 率, or says so in brackets.
fn is_rate(folded: &str) -> bool {
    let bare = folded.strip_suffix("(%)").unwrap_or(folded);
    (ends(&words().rate, bare) || folded.ends_with("(%)")) && !ends(&words().no_rate, bare)
}

/// Whether a folded name is that of a count or an amount.
fn is_amount(folded: &str) -> bool {
    ends(&words().count, folded) && !has(&words().no_count, folded)
}

/// A unit that a folded name itself gives, `（人）`, `（次）`.
pub(super) fn unit_in_name(folded: &str) -> Option<&str> {
    let rest = folded.strip_suffix(')')?;
    let unit = &rest[rest.rfind('(')? + 1..];
    (!unit.is_empty() && unit.chars().count() <= 4).then_some(unit)
}

/// The rule: values without unit, and units that contradict the name.
pub fn units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for indicator in context.projects.iter().flat_map(|project| &project.indicators) {
        let slip = match &indicator.target {
            Some(target) => unit(indicator, target),
            None => words_for_number(indicator),
        };
        findings.extend(slip.and_then(|(rule, zh, en)| indicator.report(context.filing, "value", rule, zh, en)));
    }
}

/// A value in words where the name wants a number.
fn words_for_number(indicator: &Indicator<'_>) -> Option<Slip> {
    let Indicator { name, value, .. } = indicator;
    let folded = indicator.folded.as_str();
    let has_digit = value.chars().any(|ch| ch.is_ascii_digit());
    if value.is_empty() {
        None
    } else if unit_in_name(folded) == Some("%") && !value.contains('%') {
        // `受理率（%）` with free text; a plain rate may be described in words.
        Some(percentage_wanted(indicator))
    } else if folded.ends_with("金额") && !has_digit {
        Some((
            "indicator-unit",
            format!("“{name}”应为金额，指标值却为“{value}”"),
            format!("“{name}” is an amount, but its value is “{value}”"),
        ))
    } else if let Some((word, number)) = value.split_once('/')
        && !word.is_empty()
        && word.chars().all(crate::text::is_chinese)
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        Some((
            "indicator-no-unit",
            format!("“{name}”的指标值“{value}”不成数值：数在前，单位在后"),
            format!("“{name}”: the value “{value}” is no number with a unit"),
        ))
    } else if is_rate(folded) && !has_digit {
        Some((
            "indicator-not-number",
            format!("“{name}”是比率，指标值“{value}”没有数值"),
            format!("“{name}” is a rate, but its value “{value}” has no number"),
        ))
    } else {
        None
    }
}

fn percentage_wanted(Indicator { name, value, .. }: &Indicator<'_>) -> Slip {
    (
        "indicator-unit",
        format!("“{name}”应为百分比，指标值却为“{value}”"),
        format!("“{name}” is a percentage, but its value is “{value}”"),
    )
}

/// A number without unit, or with one that contradicts the name.
fn unit(indicator: &Indicator<'_>, target: &Target) -> Option<Slip> {
    let Indicator { name, value, .. } = indicator;
    let folded = indicator.folded.as_str();
    let unit = target.unit.as_str();
    if unit.is_empty() {
        let in_name = target.is_bare() && unit_in_name(folded).is_some();
        (!in_name).then(|| {
            (
                "indicator-no-unit",
                format!("“{name}”的指标值“{value}”没有计量单位"),
                format!("“{name}”: the value “{value}” has no unit"),
            )
        })
    } else if is_rate(folded)
        && !target.is_percent()
        && (target.is_money() || target.counts_things() || is_date(target))
    {
        Some(percentage_wanted(indicator))
    } else if is_amount(folded) && target.is_percent() && !indicator.is_cost() {
        Some((
            "indicator-unit",
            format!("“{name}”应为数量或金额，指标值却为百分比“{value}”"),
            format!("“{name}” is a count or an amount, but its value is a percentage, “{value}”"),
        ))
    } else if unit_in_name(folded).is_some_and(|named| other_unit(named, target)) {
        Some((
            "indicator-unit",
            format!("“{name}”标明的单位与指标值“{value}”的单位不同"),
            format!("the unit in the name “{name}” is not that of the value “{value}”"),
        ))
    } else if matches!(unit, "万" | "亿") {
        Some((
            "indicator-no-unit",
            format!("“{name}”的指标值“{value}”缺“元”字"),
            format!("“{name}”: the value “{value}” lacks the word 元"),
        ))
    } else if unit.contains(['，', ',']) {
        Some((
            "indicator-unit-mark",
            format!("“{name}”的指标值“{value}”中的“，”应为“/”"),
            format!("“{name}”: the comma in “{value}” should be a slash"),
        ))
    } else if unit.starts_with('/') {
        Some((
            "indicator-no-unit",
            format!("“{name}”的指标值“{value}”只有“{unit}”，没有计量单位"),
            format!("“{name}”: the value “{value}” has no unit before “{unit}”"),
        ))
    } else {
        None
    }
}

/// Whether a unit that a name gives in brackets is another than the value's; both must count
/// things, and one may say more (人, 人次).
fn other_unit(unit: &str, target: &Target) -> bool {
    let named = Target::parse(&format!("1{unit}")).is_some_and(|named| named.counts_things());
    named && target.counts_things() && !target.unit.contains(unit) && !unit.contains(target.unit.as_str())
}

/// Whether a value is a day, a month or a year.
fn is_date(target: &Target) -> bool {
    ["日", "号", "月"].iter().any(|unit| target.unit.starts_with(unit))
}
