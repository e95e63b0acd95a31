//! Excel 2003 XML (SpreadsheetML as one file), which many systems export under the name `.xls`.

use std::collections::HashMap;

use super::parts::{inside, push_text, skip, text_of};
use super::workbook::{Gather, Merge, Value};
use super::xlsx_cells::{extend_run, push_merge};
use crate::error::Result;
use crate::read::xml::{Tag, Token, Xml};

/// Format numbers that stand for the styles of the file; above the ones any workbook declares.
const FIRST_FORMAT: u32 = 1 << 16;

/// Reads the file.
pub(super) fn read(text: &str, gather: &mut Gather<'_>) -> Result<()> {
    let mut xml = Xml::new(text, gather.limits);
    let mut styles: HashMap<String, u32> = HashMap::new();
    let mut style = String::new();
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name {
                "Style" => style = attribute(&mut xml, &tag, "ID"),
                "NumberFormat" => {
                    let format = FIRST_FORMAT + styles.len() as u32;
                    let code = attribute(&mut xml, &tag, "Format");
                    gather.book.formats.declare(format, named_format(&code).to_owned());
                    styles.insert(style.clone(), format);
                }
                "Worksheet" => {
                    gather.add_sheet(attribute(&mut xml, &tag, "Name"), false)?;
                    read_sheet(&mut xml, &tag, &styles, gather)?;
                    gather.end_sheet();
                }
                _ => {}
            },
            Token::End => return Ok(()),
            _ => {}
        }
    }
}

fn attribute<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, name: &str) -> String {
    xml.attribute(tag, name).unwrap_or_default().into_owned()
}

/// Formats that the vocabulary names.
fn named_format(code: &str) -> &str {
    match code {
        "Fixed" => "0.00",
        "Standard" => "#,##0.00",
        "Percent" => "0.00%",
        "Scientific" => "0.00E+00",
        "Short Date" | "General Date" | "Medium Date" => "yyyy-mm-dd",
        "Long Date" => "yyyy\"年\"m\"月\"d\"日\"",
        "Short Time" | "Medium Time" => "h:mm",
        "Long Time" => "h:mm:ss",
        "Currency" | "Euro Currency" => "#,##0.00",
        "Yes/No" | "True/False" | "On/Off" | "" => "General",
        other => other,
    }
}

fn read_sheet<'a>(
    xml: &mut Xml<'a>,
    sheet: &Tag<'a>,
    styles: &HashMap<String, u32>,
    gather: &mut Gather<'_>,
) -> Result<()> {
    let (mut row, mut column) = (0u32, 0u32);
    let (mut next_row, mut next_column) = (0u32, 0u32);
    inside(xml, sheet, |xml, token| {
        let Token::Open(tag) = token else { return Ok(()) };
        match tag.name {
            "Column" => {
                let from = index(xml, &tag).unwrap_or(next_column);
                let to = from.saturating_add(span(xml, &tag, "Span"));
                if attribute(xml, &tag, "Hidden") == "1" {
                    extend_run(&mut gather.sheet().hidden_columns, from, to);
                }
                next_column = to.saturating_add(1);
            }
            "Row" => {
                row = index(xml, &tag).unwrap_or(next_row);
                let last = row.saturating_add(span(xml, &tag, "Span"));
                if attribute(xml, &tag, "Hidden") == "1" {
                    extend_run(&mut gather.sheet().hidden_rows, row, last);
                }
                next_row = last.saturating_add(1);
                column = 0;
            }
            "Cell" => {
                column = index(xml, &tag).unwrap_or(column);
                let right = column.saturating_add(span(xml, &tag, "MergeAcross"));
                let bottom = row.saturating_add(span(xml, &tag, "MergeDown"));
                push_merge(gather, Merge { top: row, left: column, bottom, right });
                let format = styles.get(&attribute(xml, &tag, "StyleID")).copied().unwrap_or(0);
                read_cell(xml, &tag, (row, column), format, gather)?;
                column = right.saturating_add(1);
            }
            "Visible" => {
                let state = text_of(xml, &tag)?;
                gather.sheet().hidden = state.contains("Hidden");
            }
            "DoNotDisplayZeros" => gather.hide_zeros = true,
            _ => {}
        }
        Ok(())
    })
}

fn index<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> Option<u32> {
    attribute(xml, tag, "Index").trim().parse::<u32>().ok()?.checked_sub(1)
}

fn span<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, name: &str) -> u32 {
    attribute(xml, tag, name).trim().parse().unwrap_or(0)
}

fn read_cell<'a>(
    xml: &mut Xml<'a>,
    cell: &Tag<'a>,
    at: (u32, u32),
    format: u32,
    gather: &mut Gather<'_>,
) -> Result<()> {
    let formula = !attribute(xml, cell, "Formula").is_empty();
    let mut value = None;
    let mut note = None;
    inside(xml, cell, |xml, token| {
        let Token::Open(tag) = token else { return Ok(()) };
        match tag.name {
            "Data" => {
                let kind = attribute(xml, &tag, "Type");
                let mut text = String::new();
                inside(xml, &tag, |_, token| {
                    push_text(&mut text, &token);
                    Ok(())
                })?;
                value = Some(stored(&kind, text));
            }
            "Comment" => note = Some(text_of(xml, &tag)?),
            "PhoneticText" => skip(xml, &tag)?,
            _ => {}
        }
        Ok(())
    })?;
    if let Some(note) = note {
        gather.spend_text(note.len())?;
        gather.sheet().add_note(at, &note);
    }
    match value {
        Some(value) => gather.push(at.0, at.1, value, format, formula),
        None if formula => gather.push(at.0, at.1, Value::Missing, format, true),
        None => Ok(()),
    }
}

fn stored(kind: &str, text: String) -> Value {
    match kind {
        "Number" => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(text),
        },
        "Boolean" => Value::Bool(text.trim() == "1"),
        "Error" => Value::Error(text),
        "DateTime" => Value::Text(text.trim().trim_end_matches(".000").trim_end_matches("T00:00:00").replace('T', " ")),
        _ => Value::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn cells_with_positions_spans_formats_and_comments() {
        let text = r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:h="http://www.w3.org/TR/REC-html40">
            <Styles><Style ss:ID="m"><NumberFormat ss:Format="Fixed"/></Style></Styles>
            <Worksheet ss:Name="收入"><Table><Row><Cell ss:MergeAcross="2"><Data ss:Type="String">收入总表</Data></Cell><Cell><Data ss:Type="String">右</Data></Cell></Row>
            <Row ss:Index="4"><Cell ss:Index="2" ss:StyleID="m" ss:Formula="=1+7"><Data ss:Type="Number">8</Data><Comment><ss:Data><h:B>核</h:B>对</ss:Data></Comment></Cell></Row></Table>
            <WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"#;
        let limits = Limits::default();
        let mut gather = Gather::new(&limits);
        read(text, &mut gather).expect("well-formed");
        let sheet = gather.sheet();
        let text = |row, column| sheet.cell(row, column).map(|cell| (cell.text.as_str(), cell.formula));
        assert_eq!(text(0, 0), Some(("收入总表", false)));
        assert_eq!(text(0, 3), Some(("右", false)));
        assert_eq!(text(3, 1), Some(("8.00", true)));
        assert_eq!(sheet.merges, [Merge { top: 0, left: 0, bottom: 0, right: 2 }]);
        assert_eq!(sheet.notes.get(&(3, 1)).map(String::as_str), Some("核对"));
        assert!(sheet.hidden);
    }
}
