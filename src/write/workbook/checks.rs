//! `校验`: every equation as a row with live formulas over the sheets.
//!
//! 原文数 is what the filing prints and never changes. 填报数 is what the workbook states: the cell
//! itself, or 原文数 as long as a cell that shows another amount than printed still holds what it
//! held when the workbook was made (转换时计算数). So the sheet judges the filing as printed, and
//! follows every edit.

use std::borrow::Cow;

use foldhash::HashMap;
use rust_decimal::Decimal;

use super::look::{Align, Role, Style};
use super::number::{Manner, Shown};
use super::sheet::{Content, Sheet, Tile};
use super::sums::{Operand, Printed, Spot, Sums};
use crate::check::sums::{Interval, Verdict, verdict};
use crate::equation::{CellRef, Equation, Relation};
use crate::filing::Filing;
use crate::form::Kind;
use crate::service::CHECKS;

/// What a line comes to: it holds, holds within rounding, is broken.
pub(super) const VERDICTS: [&str; 3] = ["✓", "≈", "✗"];

/// Row of the header, from 0.
const HEAD_ROW: u32 = 3;
/// Rows the sheet takes; beyond that only what holds is left out.
const MOST: usize = 1_000_000;

/// An equation with what it comes to on the printed amounts.
struct Line<'f, 's> {
    equation: &'f Equation,
    spot: Spot,
    stated: &'s Printed,
    computed: Interval,
    verdict: Verdict,
}

/// Plans the sheet; `None` where no equation says anything.
pub(super) fn plan<'f>(filing: &'f Filing, equations: &'f [Equation], sums: &Sums<'f>) -> Option<Sheet<'f>> {
    let mut lines: Vec<Line<'_, '_>> = equations.iter().filter_map(|equation| line(equation, sums)).collect();
    if lines.is_empty() {
        return None;
    }
    // What needs attention comes first; within each verdict the order is the filing's.
    lines.sort_by_key(|line| match line.verdict {
        Verdict::Broken => 0,
        Verdict::Rounding => 1,
        Verdict::Holds => 2,
    });
    lines.truncate(MOST);
    let first = HEAD_ROW + 1;
    let restated: HashMap<&CellRef, u32> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.equation.defines)
        .filter(|(_, line)| sums.formula(&line.equation.target).is_some_and(|sum| sum.restated()))
        .map(|(index, line)| (&line.equation.target, first + index as u32))
        .collect();
    let last = first + lines.len() as u32 - 1;
    let mut sheet = Sheet::of_service(&CHECKS, CHECKS.name);
    let columns = CHECKS.columns.len() as u16;
    sheet.tiles.push(
        Tile::text(1, 0, Style { bold: true, ..Style::of(Role::Line) }, "").wide(columns).with(summary(&lines, last)),
    );
    let legend =
        "填报数、计算数、差额、结果随各表重新计算。✓ 相符；≈ 差额在四舍五入误差之内；✗ 不符。各数均为空白的算式不列。";
    sheet.tiles.push(Tile::text(2, 0, Style::of(Role::Line), legend).wide(columns));
    sheet.push_heads(&CHECKS, HEAD_ROW);
    sheet.tiles.reserve(lines.len() * CHECKS.columns.len());
    for (index, line) in lines.iter().enumerate() {
        draw_line(filing, &mut sheet, line, first + index as u32, sums, &restated);
    }
    sheet.repeat = HEAD_ROW..first;
    sheet.freeze = first;
    sheet.landscape = true;
    sheet.filter = Some((HEAD_ROW, last));
    sheet.verdicts = Some((first..last + 1, 8));
    Some(sheet)
}

fn line<'f, 's>(equation: &'f Equation, sums: &'s Sums<'_>) -> Option<Line<'f, 's>> {
    let spot = *sums.places.spots.get(&equation.target)?;
    let target = sums.printed(&equation.target)?;
    if target.text && target.shown.is_none() {
        return None;
    }
    let mut computed = Interval::exact(Decimal::ZERO);
    let mut any = false;
    for term in &equation.terms {
        let mut product: Option<Interval> = None;
        for factor in &term.factors {
            let part = sums.printed(factor)?;
            any |= part.shown.is_some();
            product = Some(match product {
                None => part.interval,
                Some(product) => product.times(part.interval)?,
            });
        }
        let product = product?;
        computed = computed.plus(if term.minus { product.negated() } else { product })?;
    }
    let restated = equation.defines && sums.formula(&equation.target).is_some_and(|sum| sum.restated());
    // As in `check`: a column that nobody filled in is not a sum that is wrong.
    let silent = !any || (target.blank && computed.value.is_zero());
    if silent && !restated {
        return None;
    }
    let verdict = if silent { Verdict::Holds } else { verdict(target.interval, equation.relation, computed) };
    Some(Line { equation, spot, stated: target, computed, verdict })
}

fn draw_line<'f>(
    filing: &'f Filing,
    sheet: &mut Sheet<'f>,
    line: &Line<'f, '_>,
    row: u32,
    sums: &Sums<'f>,
    restated: &HashMap<&CellRef, u32>,
) {
    let Line { equation, spot, .. } = line;
    let cell = Style::of(Role::Screen);
    let middle = cell.aligned(Align::Center);
    let here = row + 1;
    let reference = sums.places.reference(spot, None);
    let stated = line.stated;
    let percent = stated.shown.map_or(spot.kind == Kind::Percent, |shown| shown.manner.percent);
    let scale = stated.interval.value.scale().max(line.computed.value.normalize().scale());
    let decimals = (if percent { scale.saturating_sub(2) } else { scale }).clamp(2, 8) as u8;
    let manner = Manner { decimals, percent, ..Manner::default() };
    let number = cell.aligned(Align::Right);
    let live = Style { manner: Some(manner), ..number };
    let result = |value: Decimal| value.normalize().to_string();
    let sum = sums.formula(&equation.target);

    let count = Shown { value: (row - HEAD_ROW).into(), manner: Manner::default() };
    sheet.tiles.push(Tile::text(row, 0, middle, "").with(Content::Number(count)));
    let rule = if equation.reference.is_empty() { equation.rule } else { &equation.reference };
    sheet.tiles.push(Tile::text(row, 1, middle, rule.to_owned()));
    let shown_place = format!("{}!{}", sums.places.sheets[spot.sheet], spot.cell());
    let link = Content::Link { text: Cow::Owned(shown_place), to: reference.clone() };
    sheet.tiles.push(Tile::text(row, 2, Style::of(Role::Link), "").with(link));
    sheet.tiles.push(Tile::text(row, 3, cell, equation.says.as_str()));

    let text = equation.target.text(filing).map_or("", |text| text.as_str());
    // What the cell keeps as text is text here, too.
    let shown = stated.shown.filter(|_| !stated.text);
    sheet.tiles.push(match shown {
        Some(shown) => Tile::text(row, 4, number, "").with(Content::Number(shown)),
        None => Tile::text(row, 4, Style { plain: true, ..number }, text),
    });

    let constant = result(stated.interval.value);
    let live_stated = match sum {
        Some(sum) if sum.restated() => {
            let printed = if shown.is_some() || text.is_empty() { format!("E{here}") } else { constant.clone() };
            // A second equation of the same cell has the amount of the first one's row.
            let kept = restated.get(&equation.target).map_or(here, |row| row + 1);
            format!("IF(ROUND({reference}-K{kept},6)=0,{printed},{reference})")
        }
        Some(_) => reference,
        None if shown.is_none() && !text.is_empty() => constant.clone(),
        None => reference,
    };
    let formula = Content::Formula { formula: live_stated, result: constant };
    sheet.tiles.push(Tile::text(row, 5, live, "").with(formula));

    let built = sums.build(&equation.terms, None, |cell| match restated.get(cell) {
        Some(row) => Some(Operand::Here(format!("F{}", row + 1))),
        None => sums.operand(cell),
    });
    let computed = line.computed.value;
    sheet.tiles.push(Tile::text(row, 6, live, "").with(match built {
        Some(formula) => Content::Formula { formula, result: result(computed) },
        None => {
            let hundred = if percent { Decimal::ONE_HUNDRED } else { Decimal::ONE };
            let value = computed.checked_mul(hundred).unwrap_or(computed);
            Content::Number(Shown { value, manner })
        }
    }));
    let difference = stated.interval.value.checked_sub(computed).unwrap_or_default().round_dp(6);
    let formula = Content::Formula { formula: format!("ROUND(F{here}-G{here},6)"), result: result(difference) };
    sheet.tiles.push(Tile::text(row, 7, live, "").with(formula));

    let (holds, off) = match equation.relation {
        Relation::Equal => (format!("H{here}=0"), format!("ABS(H{here})")),
        Relation::AtMost => (format!("H{here}<=0"), format!("H{here}")),
        Relation::AtLeast => (format!("H{here}>=0"), format!("-H{here}")),
    };
    let judged = format!(r#"IF({holds},"✓",IF({off}<=J{here}+0.0000001,"≈","✗"))"#);
    let mark = Content::Formula { formula: judged, result: sign(line.verdict).to_owned() };
    sheet.tiles.push(Tile::text(row, 8, Style { bold: true, ..middle }, "").with(mark));

    let slack = stated.interval.slack.checked_add(line.computed.slack).unwrap_or_default().normalize();
    let slack = Shown { value: slack, manner: Manner { decimals: slack.scale().min(12) as u8, ..Manner::default() } };
    sheet.tiles.push(Tile::text(row, 9, number, "").with(Content::Number(slack)));
    let kept = match sum {
        Some(sum) if sum.restated() && restated.contains_key(&equation.target) => Content::Number(sum.shown),
        _ => Content::Text(Cow::Borrowed("")),
    };
    sheet.tiles.push(Tile::text(row, 10, number, "").with(kept));
}

fn sign(verdict: Verdict) -> &'static str {
    VERDICTS[match verdict {
        Verdict::Holds => 0,
        Verdict::Rounding => 1,
        Verdict::Broken => 2,
    }]
}

/// The live line that counts the verdicts.
fn summary(lines: &[Line<'_, '_>], last: u32) -> Content<'static> {
    let range = format!("I{}:I{}", HEAD_ROW + 2, last + 1);
    let count = |wanted| lines.iter().filter(|line| line.verdict == wanted).count();
    let formula = format!(
        r#""共 "&COUNTA({range})&" 项：✓ 相符 "&COUNTIF({range},"✓")&" 项，≈ 尾差 "&COUNTIF({range},"≈")&" 项，✗ 不符 "&COUNTIF({range},"✗")&" 项""#
    );
    let result = format!(
        "共 {} 项：✓ 相符 {} 项，≈ 尾差 {} 项，✗ 不符 {} 项",
        lines.len(),
        count(Verdict::Holds),
        count(Verdict::Rounding),
        count(Verdict::Broken)
    );
    Content::Formula { formula, result }
}
