//! The cells of a worksheet part (ECMA-376 part 1, 18.3.1).

use super::parts::{flag, inside, number, parse_address, skip, text_of, unescape};
use super::workbook::{Gather, Merge, Odd, Value};
use super::xlsx::{Shared, read_rich};
use crate::error::Result;
use crate::read::xml::{Tag, Token, Xml};

/// Reads a worksheet part into the sheet that was begun.
pub(super) fn read(text: &str, shared: &Shared, gather: &mut Gather<'_>) -> Result<()> {
    let mut xml = Xml::new(text, gather.limits);
    let (mut row, mut column) = (0u32, 0u32);
    let mut first = true;
    loop {
        let tag = match xml.next()? {
            Token::Open(tag) => tag,
            Token::End => return Ok(()),
            _ => continue,
        };
        match tag.name {
            "row" => {
                // Rows and cells without a reference follow the one before (18.3.1.73).
                let given: Option<u32> = number(&mut xml, &tag, "r");
                row = given.map_or(if first { 0 } else { row.saturating_add(1) }, |given| given.saturating_sub(1));
                first = false;
                column = 0;
                if flag(&mut xml, &tag, "hidden") {
                    extend_run(&mut gather.sheet().hidden_rows, row, row);
                }
            }
            "c" => {
                (row, column) = read_cell(&mut xml, &tag, (row, column), shared, gather)?;
                column = column.saturating_add(1);
            }
            "col" if flag(&mut xml, &tag, "hidden") => {
                let from: u32 = number(&mut xml, &tag, "min").unwrap_or(1);
                let to: u32 = number(&mut xml, &tag, "max").unwrap_or(from);
                extend_run(&mut gather.sheet().hidden_columns, from.saturating_sub(1), to.saturating_sub(1));
            }
            "sheetView" => {
                gather.hide_zeros |=
                    xml.attribute(&tag, "showZeros").is_some_and(|show| matches!(&*show, "0" | "false"));
            }
            "mergeCell" => {
                if let Some(merge) = xml.attribute(&tag, "ref").and_then(|range| parse_range(&range)) {
                    push_merge(gather, merge);
                }
            }
            "extLst" | "conditionalFormatting" | "dataValidations" | "controls" | "oleObjects" => skip(&mut xml, &tag)?,
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                let text = text_of(&mut xml, &tag)?;
                gather.tell_page_text(&text);
            }
            _ => {}
        }
    }
}

/// Adds a run of hidden rows or columns, joined to the last where they touch.
pub(super) fn extend_run(runs: &mut Vec<(u32, u32)>, from: u32, to: u32) {
    match runs.last_mut() {
        Some((_, end)) if from == end.saturating_add(1) => *end = to.max(from),
        _ if from <= to => runs.push((from, to)),
        _ => {}
    }
}

/// Adds a merged cell; a single cell is none, and more than there can be cells are not kept.
pub(super) fn push_merge(gather: &mut Gather<'_>, merge: Merge) {
    let most = gather.limits.cells / 4;
    let merges = &mut gather.sheet().merges;
    if merges.len() < most && (merge.top, merge.left) != (merge.bottom, merge.right) {
        merges.push(merge);
    }
}

/// `A1:C2`.
pub(super) fn parse_range(text: &str) -> Option<Merge> {
    let (from, to) = text.split_once(':')?;
    let ((top, left), (bottom, right)) = (parse_address(from)?, parse_address(to)?);
    Some(Merge { top: top.min(bottom), left: left.min(right), bottom: top.max(bottom), right: left.max(right) })
}

/// A value as a cell stores it.
enum Stored {
    /// `<v>`: a number, or an index of the shared strings.
    Value(String),
    /// `<is>`: text.
    Inline(String),
}

/// Reads a cell that stands at `next` unless it says otherwise; where it stands.
fn read_cell<'a>(
    xml: &mut Xml<'a>,
    tag: &Tag<'a>,
    next: (u32, u32),
    shared: &Shared,
    gather: &mut Gather<'_>,
) -> Result<(u32, u32)> {
    let (mut at, mut style, mut kind) = (next, 0, "n");
    for (name, value) in xml.plain_attributes(tag) {
        match name {
            "r" => at = parse_address(value).unwrap_or(at),
            "s" => style = value.trim().parse().unwrap_or(0),
            "t" => kind = value,
            _ => {}
        }
    }
    if tag.empty {
        return Ok(at);
    }
    let format = shared.styles.get(style).copied().unwrap_or(0);
    let mut stored: Option<Stored> = None;
    let mut formula = false;
    inside(xml, tag, |xml, token| {
        let Token::Open(inner) = token else { return Ok(()) };
        match inner.name {
            "v" | "is" => {
                let value = match inner.name {
                    "v" => Stored::Value(text_of(xml, &inner)?),
                    _ => Stored::Inline(read_rich(xml, &inner)?),
                };
                // A cell has one value; of more, as no program should write them, all are kept.
                if let Some(earlier) = stored.replace(value) {
                    push_stored(earlier, at, kind, format, formula, shared, gather)?;
                }
            }
            "f" => {
                formula = true;
                skip(xml, &inner)?;
            }
            // No program should write that either.
            "c" => drop(read_cell(xml, &inner, (at.0, at.1.saturating_add(1)), shared, gather)?),
            _ => skip(xml, &inner)?,
        }
        Ok(())
    })?;
    match stored {
        Some(stored) => push_stored(stored, at, kind, format, formula, shared, gather)?,
        None if formula => gather.push(at.0, at.1, Value::Missing, format, true)?,
        None => {}
    }
    Ok(at)
}

fn push_stored(
    stored: Stored,
    (row, column): (u32, u32),
    kind: &str,
    format: u32,
    formula: bool,
    shared: &Shared,
    gather: &mut Gather<'_>,
) -> Result<()> {
    let value = match (kind, stored) {
        (_, Stored::Inline(text)) => Value::Text(text),
        ("str" | "inlineStr", Stored::Value(text)) => Value::Text(unescape(text)),
        ("s", Stored::Value(index)) => {
            match index.trim().parse::<usize>().ok().and_then(|index| shared.strings.get(index)) {
                Some(text) => Value::Text(text.to_string()),
                None => {
                    gather.note_odd(Odd::StringMissing, row, column);
                    return Ok(());
                }
            }
        }
        ("b", Stored::Value(text)) => match text.trim() {
            "1" | "true" | "TRUE" => Value::Bool(true),
            "0" | "false" | "FALSE" => Value::Bool(false),
            _ => Value::Text(text),
        },
        ("e", Stored::Value(text)) => Value::Error(text),
        ("d", Stored::Value(text)) => Value::Text(text.trim_end_matches("T00:00:00").replace('T', " ")),
        (_, Stored::Value(text)) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            // openpyxl writes an empty value beside a formula it did not calculate.
            _ if text.trim().is_empty() && formula => Value::Missing,
            _ => Value::Text(text),
        },
    };
    gather.push(row, column, value, format, formula)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn texts(sheet: &str) -> Vec<(u32, u32, String)> {
        let limits = Limits::default();
        let mut gather = Gather::new(&limits);
        gather.add_sheet("表".to_owned(), false).expect("one sheet");
        let shared = Shared { strings: vec!["预算".into()], styles: vec![0, 2] };
        read(sheet, &shared, &mut gather).expect("well-formed");
        gather.end_sheet();
        gather.sheet().cells.iter().map(|cell| (cell.row, cell.column, cell.text.clone())).collect()
    }

    #[test]
    fn cells_of_every_type() {
        let found = texts(
            r#"<worksheet><sheetData><row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" s="1"><v>8</v></c><c t="inlineStr"><is><r><t>a&lt;</t></r><rPh><t>x</t></rPh><r><t xml:space="preserve"> b</t></r></is></c>
            <c r="F3" t="str"><f>A1</f><v>文</v></c><c r="G3" t="b"><v>1</v></c><c r="H3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="I3"/><c r="J3" t="s"><v>9</v></c><c r="K3"><f>1+1</f></c></row><row><c><v>2080101.0</v></c></row></sheetData></worksheet>"#,
        );
        let text =
            |row, column| found.iter().find(|cell| (cell.0, cell.1) == (row, column)).map(|cell| cell.2.as_str());
        assert_eq!(text(2, 0), Some("预算"));
        assert_eq!(text(2, 1), Some("8.00"));
        assert_eq!(text(2, 2), Some("a< b"));
        assert_eq!(text(2, 5), Some("文"));
        assert_eq!(text(2, 6), Some("TRUE"));
        assert_eq!(text(2, 7), Some("#DIV/0!"));
        assert_eq!(text(2, 10), Some(""));
        assert_eq!(text(3, 0), Some("2080101"));
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn nothing_that_a_damaged_cell_holds_is_lost() {
        let found = texts(
            r#"<worksheet><sheetData><row r="1"><c r="A1" t="b"><v>文字</v></c><c r="B1" t="inlineStr"><is><t>一</t></is><is><t>二</t></is></c><c r="C1"><v>1</v><v>2</v></c><c r="D1" t="s"><v>0</v><is><t>旁</t></is></c><c r="E1" t="inlineStr"><is><t>外</t></is><c r="G1"><v>3</v></c></c><c t="b"><v>false</v></c></row></sheetData></worksheet>"#,
        );
        let texts: Vec<(u32, &str)> = found.iter().map(|(_, column, text)| (*column, text.as_str())).collect();
        let expected = [(0, "文字"), (1, "一\n二"), (2, "1\n2"), (3, "预算\n旁"), (4, "外"), (5, "FALSE"), (6, "3")];
        assert_eq!(texts, expected);
    }
}
