//! Amounts of a filing in another money unit, converted exactly.

use rust_decimal::Decimal;

use super::amount::{parse, print_like, yuan_in};
use super::{Block, Filing, Table, Value};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::form::{Form, Forms, Kind, LayoutCell};
use crate::text::{Place, Text};

/// Converts the amounts of all recognised tables to `unit` (`元`, `万元`, …); says what it did and
/// what it left. Prose stays as printed, and so do tables whose unit is not known or is part of a
/// printed label of their form (`项目资金（万元）`).
///
/// # Errors
/// When `unit` is no money unit.
pub fn convert(filing: &mut Filing, forms: &Forms, unit: &str) -> Result<Vec<Finding>> {
    let Some(to) = yuan_in(unit) else {
        return Err(Error::new(
            format!("“{unit}”不是金额单位；可用 元、千元、万元、亿元"),
            format!("'{unit}' is no money unit; use 元, 千元, 万元 or 亿元"),
        ));
    };
    let mut findings = Vec::new();
    let filing_unit = filing.unit.clone();
    for (index, block) in filing.blocks.iter_mut().enumerate() {
        let Block::Table(table) = block else { continue };
        let form = table.form.as_ref().and_then(|key| forms.get(key));
        if form.is_some_and(|form| !has_money(form)) {
            continue;
        }
        let from = table.unit.clone().or_else(|| form?.unit.clone()).or_else(|| filing_unit.clone());
        match (form, from.as_deref().and_then(yuan_in)) {
            (_, Some(from)) if from == to => {}
            (Some(form), Some(factor)) if !prints_its_unit(form) => {
                let mut job = Job { from: factor, to, findings: &mut findings, block: index };
                job.convert(table, form);
                relabel(table, from.as_deref().unwrap_or_default(), unit);
                table.unit = Some(unit.to_owned());
            }
            _ => findings.push(kept(index, table, unit)),
        }
    }
    if let Some(from) = filing_unit.filter(|from| from != unit) {
        let place = Place::Nowhere;
        findings.insert(
            0,
            Finding::of(
                "unit-converted",
                place,
                format!("各表金额由{from}换算为{unit}；正文中的金额照印"),
                format!("the amounts of the tables were converted from {from} to {unit}; prose stays as printed"),
            ),
        );
        filing.unit = Some(unit.to_owned());
    }
    Ok(findings)
}

fn has_money(form: &Form) -> bool {
    form.columns.iter().any(|column| column.kind == Kind::Money)
        || form.fields.iter().any(|field| field.kind == Kind::Money)
}

/// Whether a label of the form names the unit itself, so that another would contradict it.
fn prints_its_unit(form: &Form) -> bool {
    let heads = form.columns.iter().filter(|column| column.kind == Kind::Money).flat_map(|column| &column.head);
    let layout = form.layout.iter().flatten().filter_map(|cell| match cell {
        LayoutCell::Text { pattern, .. } => Some(pattern),
        LayoutCell::Above => None,
    });
    heads.chain(layout).any(|label| label.printed().contains("元）"))
}

fn kept(block: usize, table: &Table, unit: &str) -> Finding {
    let title = table.title.as_str();
    let mut finding = Finding::of(
        "unit-kept",
        table.place,
        format!("“{title}”的金额没有换算为{unit}：没有识别出表样或单位，或表样已印明单位"),
        format!(
            "the amounts of '{title}' were not converted to {unit}: its form or unit is not known, or printed in its labels"
        ),
    );
    finding.table = Some(block);
    finding
}

struct Job<'f> {
    from: Decimal,
    to: Decimal,
    findings: &'f mut Vec<Finding>,
    block: usize,
}

impl Job<'_> {
    fn convert(&mut self, table: &mut Table, form: &Form) {
        for field in &mut table.fields {
            let is_money = form.field(&field.id).is_some_and(|spec| spec.kind == Kind::Money);
            if let (true, Value::One(text)) = (is_money, &mut field.value)
                && !self.text(text)
            {
                self.left(text, None, &field.id);
            }
        }
        for (index, column) in table.columns.iter().enumerate() {
            if form.column(&column.id).is_none_or(|spec| spec.kind != Kind::Money) {
                continue;
            }
            for (row, cells) in table.rows.iter_mut().enumerate() {
                let Some(cell) = cells.cells.get_mut(index) else { continue };
                if !self.text(&mut cell.text) {
                    self.left(&cell.text, Some(row), &column.id);
                }
            }
        }
    }

    /// `false` for a text with digits that is no amount.
    fn text(&self, text: &mut Text) -> bool {
        let Some(old) = parse(text.as_str()).filter(|amount| !amount.percent) else {
            return !text.as_str().chars().any(|ch| ch.is_numeric() && !"一二三四五六七八九十".contains(ch));
        };
        let exact = old.value.checked_mul(self.from).and_then(|yuan| yuan.checked_div(self.to));
        let Some(new) = exact.filter(|new| new.checked_mul(self.to) == old.value.checked_mul(self.from)) else {
            return false;
        };
        *text = Text::placed(print_like(new, &old), text.place());
        true
    }

    fn left(&mut self, text: &Text, row: Option<usize>, column: &str) {
        let printed = text.as_str();
        self.findings.push(
            Finding::of(
                "unit-kept",
                text.place(),
                format!("“{printed}”不是单一的金额，没有换算，照印"),
                format!("'{printed}' is no single amount; it was not converted and stays as printed"),
            )
            .at_cell(self.block, row, column),
        );
    }
}

/// `价值（万元）` becomes `价值（元）`.
fn relabel(table: &mut Table, from: &str, to: &str) {
    for label in table.columns.iter_mut().flat_map(|column| &mut column.label) {
        for bracket in ["）", ")"] {
            for before in ["（", "(", "：", ":"] {
                if let Some(start) = label.strip_suffix(&format!("{before}{from}{bracket}")) {
                    *label = format!("{start}{before}{to}{bracket}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::built_in;

    fn read(text: &str) -> Filing {
        crate::read_filing("a.txt", text.as_bytes(), built_in::forms(), &Default::default()).expect("a filing")
    }

    const ASSETS: &str = "云岭县林草服务局2023年部门预算\n\n部门固定资产占用情况表\n\n截止时间：2022-12-31\n\n\
        | 项目 | 数量 | 价值（金额单位：万元） |\n| --- | --- | --- |\n| 资产总额 | —— | 1,055.5 |\n\
        | 1、房屋（平方米） | 300 | 1,040.5 |\n| 2、车辆（台、辆） | 1 | 约15 |\n| 4、其他固定资产 | —— | —— |\n";

    #[test]
    fn amounts_are_converted_exactly_and_the_rest_stays() {
        let mut filing = read(ASSETS);
        let findings = convert(&mut filing, built_in::forms(), "元").expect("a unit");
        let (index, table) = filing.tables().next().expect("a table");
        assert_eq!(table.form_id(), "state-assets");
        let values: Vec<&str> = (0..4).map(|row| table.cell(row, "value")).collect();
        assert_eq!(values, ["10,555,000.0", "10,405,000.0", "约15", "——"]);
        assert_eq!(table.cell(1, "quantity"), "300");
        assert_eq!(table.columns[2].label, ["价值（金额单位：元）"]);
        let kept: Vec<_> = findings.iter().filter(|finding| finding.rule == "unit-kept").collect();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].table, kept[0].row, kept[0].column.as_deref()), (Some(index), Some(2), Some("value")));
    }

    #[test]
    fn there_and_back_is_the_same_amount() {
        let mut filing = read(ASSETS);
        let before = parse(filing.tables().next().expect("a table").1.cell(0, "value"));
        for unit in ["元", "亿元", "万元"] {
            convert(&mut filing, built_in::forms(), unit).expect("a unit");
        }
        let after = parse(filing.tables().next().expect("a table").1.cell(0, "value"));
        assert_eq!(before.map(|amount| amount.value), after.map(|amount| amount.value));
    }

    #[test]
    fn a_word_that_is_no_unit_is_refused() {
        assert!(convert(&mut read(ASSETS), built_in::forms(), "公斤").is_err());
    }
}
