//! The indicators of project forms: signs that make no sense, missing or wrong units, indicators
//! under the wrong heading, printed twice, cut off, or copied into their value.

use super::target::{Sign, Target};
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
        let title = project_title(filing, self.block);
        Some(sums::at(filing, &cell, rule, format!("{title}{zh}"), format!("{title}{en}")))
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

/// The project's name in marks, for messages.
pub fn project_title(filing: &Filing, block: usize) -> String {
    let Some(table) = filing.table(block) else { return String::new() };
    let number = table.field_text("no").map(|text| text.as_str()).filter(|text| !text.is_empty());
    match (number, table.field_text("project_name").map(|text| text.as_str())) {
        (Some(number), Some(name)) if !name.is_empty() => format!("项目{number}“{name}”："),
        (None, Some(name)) if !name.is_empty() => format!("项目“{name}”："),
        _ => sums::table_title(filing, block),
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
    let mut level1 = Again::default();
    let mut level2 = Again::default();
    let rows = table.rows.iter().enumerate().filter_map(|(row, cells)| {
        let [one, two, name, description, value, basis] = columns
            .map(|column| column.and_then(|column| cells.cells.get(column)).map_or("", |cell| cell.text.as_str()));
        if name.is_empty() && value.is_empty() {
            return None;
        }
        let (level1, level2) = (level1.of(one, fold), level2.of(two, bare_level2));
        let (folded, target) = (fold(name), Target::parse(value));
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

/// Words in the name of a rate that is better when it is lower.
const LOWER_IS_BETTER: &[&str] = &[
    "故障", "失业", "差错", "错误", "投诉", "死亡", "发案", "违法", "违规", "空置", "缺勤", "流失", "返贫", "降低",
    "下降", "废", "事故", "超支", "利率", "退", "漏", "误", "闲置", "逾期", "不良", "辍学", "控制", "污染", "能耗",
    "偏差", "损", "病", "成本", "费用", "支出", "占比", "结转", "结余", "增长", "缺口", "撂荒", "减少", "新增",
];

/// Words in the name of a rate that is better when it is higher.
const HIGHER_IS_BETTER: &[&str] = &[
    "完成",
    "到位",
    "及时",
    "合格",
    "覆盖",
    "准确",
    "满意",
    "达标",
    "落实",
    "知晓",
    "办结",
    "结案",
    "发放",
    "参保",
    "按时",
    "优良",
    "提升",
    "正确",
    "有效",
    "执行",
    "达成",
    "到岗",
    "就业率",
    "成功",
    "使用率",
];

/// The rule: comparison signs that make no sense: a cost of at least, a satisfaction of at most.
pub fn signs(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for project in &context.projects {
        for indicator in &project.indicators {
            let Some(target) = &indicator.target else { continue };
            let value = indicator.value;
            let name = indicator.name;
            let rate = is_rate(&indicator.folded);
            let higher = HIGHER_IS_BETTER.iter().any(|word| name.contains(word))
                && !LOWER_IS_BETTER.iter().any(|word| name.contains(word));
            let found = if indicator.is_cost() && target.sign == Sign::AtLeast && target.is_money() {
                indicator.report(
                    filing,
                    "value",
                    "indicator-sign",
                    format!("成本指标“{name}”的指标值为“{value}”：成本应控制在一定数额以内，不应用“不少于”"),
                    format!("cost indicator “{name}” is “{value}”: a cost is kept within a limit, not above one"),
                )
            } else if indicator.is_satisfaction() && target.sign == Sign::AtMost {
                indicator.report(
                    filing,
                    "value",
                    "indicator-sign",
                    format!("满意度指标“{name}”的指标值为“{value}”：满意度应不低于某一水平"),
                    format!("satisfaction indicator “{name}” is “{value}”: satisfaction should be at least something"),
                )
            } else if rate && higher && target.is_percent() && target.sign == Sign::AtMost {
                indicator.report(
                    filing,
                    "value",
                    "indicator-sign",
                    format!("“{name}”越高越好，指标值却为“{value}”"),
                    format!("“{name}” is better when higher, but its value is “{value}”"),
                )
            } else if target.is_percent() && target.sign != Sign::None && opposite_rates(name) {
                indicator.report(
                    filing,
                    "value",
                    "indicator-sign",
                    format!("“{name}”中的比率有高有低才好，不能共用一个指标值“{value}”"),
                    format!("of the rates in “{name}” one is better when higher, one when lower; “{value}” cannot hold for both"),
                )
            } else if indicator.level2.contains("数量") && target.sign == Sign::AtMost && target.counts_things() {
                indicator.report(
                    filing,
                    "value",
                    "indicator-sign-count",
                    format!("数量指标“{name}”的指标值为“{value}”：产出数量一般应不少于某一数量"),
                    format!("quantity indicator “{name}” is “{value}”: an output is usually at least something"),
                )
            } else {
                None
            };
            findings.extend(found);
            if rate || indicator.is_satisfaction() {
                percentages(filing, indicator, target, findings);
            }
        }
    }
}

/// Whether a name joins a rate that is better when higher with one that is better when lower.
fn opposite_rates(name: &str) -> bool {
    let parts: Vec<&str> = name.split(['、', '和', '及']).filter(|part| part.ends_with('率')).collect();
    let lower = |part: &&&str| LOWER_IS_BETTER.iter().any(|word| part.contains(word));
    parts.len() >= 2 && parts.iter().any(|part| lower(&part)) && !parts.iter().all(|part| lower(&part))
}

fn percentages(filing: &Filing, indicator: &Indicator<'_>, target: &Target, findings: &mut Vec<Finding>) {
    let hundred = rust_decimal::Decimal::ONE_HUNDRED;
    if !target.is_percent() {
        return;
    }
    let (name, value) = (indicator.name, indicator.value);
    let may_exceed = ["增长", "增幅", "增加", "提高", "超额"].iter().any(|word| name.contains(word));
    if target.number > hundred && !may_exceed {
        findings.extend(indicator.report(
            filing,
            "value",
            "indicator-percent",
            format!("“{name}”的指标值为“{value}”，超过 100%"),
            format!("“{name}” is “{value}”, more than 100%"),
        ));
    } else if target.number == hundred && target.sign == Sign::AtLeast && !may_exceed {
        findings.extend(indicator.report(
            filing,
            "value",
            "indicator-full",
            format!("“{name}”的指标值为“{value}”：比率不会超过 100%，应写“100%”"),
            format!("“{name}” is “{value}”: a rate cannot be over 100%, write “100%”"),
        ));
    }
}

/// Whether a folded name is that of a rate: it ends in 率, or says so in brackets.
fn is_rate(folded: &str) -> bool {
    let bare = folded.strip_suffix("(%)").unwrap_or(folded);
    let exempt = ["频率", "汇率", "功率", "效率", "利率"].iter().any(|word| bare.ends_with(word));
    (bare.ends_with('率')
        || bare.ends_with("比例")
        || bare.ends_with("比率")
        || bare.ends_with("百分比")
        || folded.ends_with("(%)"))
        && !exempt
}

/// Whether a folded name is that of a count or an amount.
fn is_amount(folded: &str) -> bool {
    const ENDS: &[&str] = &[
        "人数",
        "人次",
        "次数",
        "数量",
        "份数",
        "户数",
        "家数",
        "个数",
        "面积",
        "金额",
        "人均标准",
        "投入水平",
        "资金数",
        "总人数",
        "数额",
        "场次",
        "册数",
        "套数",
    ];
    ENDS.iter().any(|end| folded.ends_with(end)) && !["占", "比", "率"].iter().any(|word| folded.contains(word))
}

/// A unit that a folded name itself gives, `（人）`, `（次）`.
pub(super) fn unit_in_name(folded: &str) -> Option<&str> {
    let rest = folded.strip_suffix(')')?;
    let unit = &rest[rest.rfind('(')? + 1..];
    (!unit.is_empty() && unit.chars().count() <= 4).then_some(unit)
}

/// The rule: values without unit, and units that contradict the name.
pub fn units(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let filing = context.filing;
    for project in &context.projects {
        for indicator in &project.indicators {
            let (name, value, folded) = (indicator.name, indicator.value, indicator.folded.as_str());
            let Some(target) = &indicator.target else {
                // `受理率（%）` with free text; a plain rate may be described in words.
                if unit_in_name(folded).is_some_and(|unit| unit == "%") && !value.is_empty() && !value.contains('%') {
                    findings.extend(indicator.report(
                        filing,
                        "value",
                        "indicator-unit",
                        format!("“{name}”应为百分比，指标值却为“{value}”"),
                        format!("“{name}” is a percentage, but its value is “{value}”"),
                    ));
                } else if folded.ends_with("金额") && !value.is_empty() && !value.chars().any(|ch| ch.is_ascii_digit())
                {
                    findings.extend(indicator.report(
                        filing,
                        "value",
                        "indicator-unit",
                        format!("“{name}”应为金额，指标值却为“{value}”"),
                        format!("“{name}” is an amount, but its value is “{value}”"),
                    ));
                } else if let Some((word, number)) = value.split_once('/')
                    && !word.is_empty()
                    && word.chars().all(crate::text::is_chinese)
                    && number.bytes().all(|byte| byte.is_ascii_digit())
                {
                    findings.extend(indicator.report(
                        filing,
                        "value",
                        "indicator-no-unit",
                        format!("“{name}”的指标值“{value}”不成数值：数在前，单位在后"),
                        format!("“{name}”: the value “{value}” is no number with a unit"),
                    ));
                } else if is_rate(folded) && !value.is_empty() && !value.chars().any(|ch| ch.is_ascii_digit()) {
                    findings.extend(indicator.report(
                        filing,
                        "value",
                        "indicator-not-number",
                        format!("“{name}”是比率，指标值“{value}”没有数值"),
                        format!("“{name}” is a rate, but its value “{value}” has no number"),
                    ));
                }
                continue;
            };
            let finding = if target.unit.is_empty() {
                if unit_in_name(folded).is_some() && target.is_bare() {
                    None
                } else {
                    indicator.report(
                        filing,
                        "value",
                        "indicator-no-unit",
                        format!("“{name}”的指标值“{value}”没有计量单位"),
                        format!("“{name}”: the value “{value}” has no unit"),
                    )
                }
            } else if is_rate(folded)
                && !target.is_percent()
                && (target.is_money() || target.counts_things() || is_date(target))
            {
                indicator.report(
                    filing,
                    "value",
                    "indicator-unit",
                    format!("“{name}”应为百分比，指标值却为“{value}”"),
                    format!("“{name}” is a percentage, but its value is “{value}”"),
                )
            } else if is_amount(folded) && target.is_percent() && !indicator.is_cost() {
                indicator.report(
                    filing,
                    "value",
                    "indicator-unit",
                    format!("“{name}”应为数量或金额，指标值却为百分比“{value}”"),
                    format!("“{name}” is a count or an amount, but its value is a percentage, “{value}”"),
                )
            } else if unit_in_name(folded).is_some_and(|unit| other_unit(unit, target)) {
                indicator.report(
                    filing,
                    "value",
                    "indicator-unit",
                    format!("“{name}”标明的单位与指标值“{value}”的单位不同"),
                    format!("the unit in the name “{name}” is not that of the value “{value}”"),
                )
            } else if matches!(target.unit.as_str(), "万" | "亿") {
                indicator.report(
                    filing,
                    "value",
                    "indicator-no-unit",
                    format!("“{name}”的指标值“{value}”缺“元”字"),
                    format!("“{name}”: the value “{value}” lacks the word 元"),
                )
            } else if target.unit.contains(['，', ',']) {
                indicator.report(
                    filing,
                    "value",
                    "indicator-unit-mark",
                    format!("“{name}”的指标值“{value}”中的“，”应为“/”"),
                    format!("“{name}”: the comma in “{value}” should be a slash"),
                )
            } else if target.unit.starts_with('/') {
                indicator.report(
                    filing,
                    "value",
                    "indicator-no-unit",
                    format!("“{name}”的指标值“{value}”只有“{}”，没有计量单位", target.unit),
                    format!("“{name}”: the value “{value}” has no unit before “{}”", target.unit),
                )
            } else {
                None
            };
            findings.extend(finding);
        }
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
