//! OpenDocument spreadsheets (ODF 1.3 part 3), in a package or as one flat XML file.
//!
//! Repeated cells and rows are counted out only where they hold something, and under the limits.

use std::collections::HashSet;

use super::decimal::Decimal;
use super::parts::{flag, inside, number, push_text, skip};
use super::workbook::{Cell, CellKind, Gather, Merge, ROWS, place};
use super::xlsx_cells::{extend_run, push_merge};
use crate::error::Result;
use crate::finding::Finding;
use crate::read::xml::{Tag, Token, Xml};

/// Blanks that one `text:s` may stand for.
const BLANKS: usize = 10_000;

/// Reads the content part, or a flat file.
pub(super) fn read(text: &str, gather: &mut Gather<'_>) -> Result<()> {
    let mut xml = Xml::new(text, gather.limits);
    let mut hidden_styles: HashSet<String> = HashSet::new();
    let mut style = String::new();
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name {
                "style" => style = attribute(&mut xml, &tag, "name"),
                "table-properties" if attribute(&mut xml, &tag, "display") == "false" => {
                    hidden_styles.insert(style.clone());
                }
                "tracked-changes" | "forms" | "scripts" | "settings" | "master-styles" => skip(&mut xml, &tag)?,
                "table" => {
                    let name = attribute(&mut xml, &tag, "name");
                    if name.starts_with("'file:") {
                        // LibreOffice keeps copies of the cells that formulas take from other files.
                        tell_copy(&name, gather);
                        skip(&mut xml, &tag)?;
                        continue;
                    }
                    let hidden = hidden_styles.contains(&attribute(&mut xml, &tag, "style-name"));
                    gather.add_sheet(name, hidden)?;
                    read_table(&mut xml, &tag, gather)?;
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

fn tell_copy(name: &str, gather: &mut Gather<'_>) {
    let shown: String = name.chars().take(80).collect();
    gather.find(Finding::of(
        "external-copy",
        place(gather.index(), 0, 0),
        format!("文件里存有其他文件单元格的副本（{shown}），没有读取"),
        format!("the file holds copies of cells of another file ({shown}), which were not read"),
    ));
}

/// A cell of the row being read, and how many columns it fills.
struct Filled {
    column: u32,
    columns: u32,
    text: String,
    kind: CellKind,
    formula: bool,
}

fn read_table<'a>(xml: &mut Xml<'a>, table: &Tag<'a>, gather: &mut Gather<'_>) -> Result<()> {
    let (mut row, mut column) = (0u32, 0u32);
    let mut header: Option<usize> = None;
    inside(xml, table, |xml, token| {
        let Token::Open(tag) = token else {
            if matches!(token, Token::Close) && header.is_some_and(|depth| xml.depth() < depth) {
                header = None;
            }
            return Ok(());
        };
        match tag.name {
            "table-header-rows" if !tag.empty => header = Some(xml.depth()),
            "table-column" => {
                let count = repeated(xml, &tag, "number-columns-repeated").min(ROWS);
                if is_hidden(xml, &tag) {
                    extend_run(&mut gather.sheet().hidden_columns, column, column.saturating_add(count - 1));
                }
                column = column.saturating_add(count);
            }
            "table-row" => {
                let count = repeated(xml, &tag, "number-rows-repeated").min(ROWS);
                let last = row.saturating_add(count - 1);
                if is_hidden(xml, &tag) {
                    extend_run(&mut gather.sheet().hidden_rows, row, last);
                }
                if header.is_some() {
                    let rows = gather.sheet().header_rows.get_or_insert((row, last));
                    rows.1 = last;
                }
                let cells = read_row(xml, &tag, row, gather)?;
                // Of what repeats beyond the sheet the first row tells of the rest.
                for row in (row..=last.min(ROWS.max(row))).filter(|_| !cells.is_empty()) {
                    push_row(row, &cells, gather)?;
                }
                row = last.saturating_add(1);
            }
            "shapes" => {
                let mut text = String::new();
                read_paragraphs(xml, &tag, &mut text, (0, 0), gather)?;
                push_drawn(text, (0, 0), gather)?;
            }
            "table-source" | "scenario" | "named-expressions" | "desc" | "title" | "forms" => skip(xml, &tag)?,
            _ => {}
        }
        Ok(())
    })
}

fn push_row(row: u32, cells: &[Filled], gather: &mut Gather<'_>) -> Result<()> {
    for cell in cells {
        for column in cell.column..cell.column.saturating_add(cell.columns) {
            let beyond = column as usize >= gather.limits.columns;
            let (text, kind, formula) = (cell.text.clone(), cell.kind, cell.formula);
            gather.push_printed(Cell { row, column, text, kind, formula, format: 0 })?;
            if beyond {
                break;
            }
        }
    }
    Ok(())
}

fn repeated<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, name: &str) -> u32 {
    number::<u64>(xml, tag, name).unwrap_or(1).clamp(1, u64::from(u32::MAX)) as u32
}

fn is_hidden<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> bool {
    xml.attribute(tag, "visibility").is_some_and(|shown| matches!(&*shown, "collapse" | "filter"))
}

fn read_row<'a>(xml: &mut Xml<'a>, row_tag: &Tag<'a>, row: u32, gather: &mut Gather<'_>) -> Result<Vec<Filled>> {
    let mut cells = Vec::new();
    let mut column = 0u32;
    inside(xml, row_tag, |xml, token| {
        let Token::Open(tag) = token else { return Ok(()) };
        if !matches!(tag.name, "table-cell" | "covered-table-cell") {
            return Ok(());
        }
        let columns = repeated(xml, &tag, "number-columns-repeated");
        let (width, height) =
            (repeated(xml, &tag, "number-columns-spanned"), repeated(xml, &tag, "number-rows-spanned"));
        if width > 1 || height > 1 {
            let (bottom, right) = (row.saturating_add(height - 1), column.saturating_add(width - 1));
            push_merge(gather, Merge { top: row, left: column, bottom, right });
        }
        if let Some((text, kind, formula)) = read_cell(xml, &tag, (row, column), gather)? {
            cells.push(Filled { column, columns, text, kind, formula });
        }
        column = column.saturating_add(columns);
        Ok(())
    })?;
    Ok(cells)
}

/// The printed text of a cell, what it holds, and whether it is a formula.
fn read_cell<'a>(
    xml: &mut Xml<'a>,
    tag: &Tag<'a>,
    at: (u32, u32),
    gather: &mut Gather<'_>,
) -> Result<Option<(String, CellKind, bool)>> {
    let formula = xml.attribute(tag, "formula").is_some();
    let kind = attribute(xml, tag, "value-type");
    let value: Option<f64> = number(xml, tag, "value");
    let date = xml.attribute(tag, "date-value").map(|date| date.into_owned());
    let time = xml.attribute(tag, "time-value").map(|time| time.into_owned());
    let string = xml.attribute(tag, "string-value").map(|string| string.into_owned());
    let truth = flag(xml, tag, "boolean-value");
    let mut printed = String::new();
    read_paragraphs(xml, tag, &mut printed, at, gather)?;
    let (text, kind) = match (kind.as_str(), value) {
        ("float" | "currency" | "percentage", Some(value)) => {
            (reconcile(&printed, value, kind == "percentage"), CellKind::Number)
        }
        ("date", _) => (print_date(&printed, &date.unwrap_or_default()), CellKind::Date),
        ("time", _) => (if printed.contains(':') { printed } else { time.unwrap_or(printed) }, CellKind::Date),
        ("boolean", _) => (if truth { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Bool),
        _ if formula && is_error(&printed) => (printed, CellKind::Error),
        _ => (if printed.is_empty() { string.clone().unwrap_or_default() } else { printed }, CellKind::Text),
    };
    if kind == CellKind::Error {
        gather.note_odd(super::workbook::Odd::ErrorValue, at.0, at.1);
    }
    if formula && text.is_empty() && kind == CellKind::Text && string.is_none() && !has_value_type(xml, tag) {
        gather.note_odd(super::workbook::Odd::FormulaWithoutValue, at.0, at.1);
    }
    Ok(if text.is_empty() && !formula { None } else { Some((text, kind, formula)) })
}

fn has_value_type<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> bool {
    xml.attribute(tag, "value-type").is_some()
}

fn is_error(text: &str) -> bool {
    text.strip_prefix("Err:").is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
        || (text.starts_with('#') && text.ends_with(['!', '?', 'A']) && text.len() <= 8)
}

/// The printed number, if it is the stored one; else the stored one in full.
fn reconcile(printed: &str, value: f64, percent: bool) -> String {
    let mut stored = Decimal::of(value).unwrap_or_default();
    if stored.is_zero() && !printed.contains(|ch: char| ch.is_ascii_digit()) {
        return printed.trim().to_owned();
    }
    if percent || printed.contains('%') {
        stored.shift(2);
    }
    let negative = std::mem::take(&mut stored.negative);
    let mut shown: String = printed.chars().filter(|ch| !matches!(ch, '¥' | '￥' | '$' | '€' | '£')).collect();
    let digits: String = shown.chars().filter(|ch| ch.is_ascii_digit() || *ch == '.').collect();
    let same = digits.parse::<f64>().ok().and_then(Decimal::of) == Some(stored.clone());
    if same {
        if negative {
            shown.retain(|ch| !matches!(ch, '(' | ')'));
            if !shown.contains(['-', '−', '－']) {
                shown = format!("-{}", shown.trim());
            }
        }
        return shown.trim().to_owned();
    }
    stored.negative = negative;
    let suffix = if percent { "%" } else { "" };
    format!("{}{suffix}", stored.plain())
}

/// The printed date where it is in Chinese and names the day, else the stored one (ISO 8601).
fn print_date(printed: &str, stored: &str) -> String {
    let first_of_month = stored.get(7..10) == Some("-01") && stored.trim_end_matches("T00:00:00").len() == 10;
    if stored.is_empty() || (printed.contains('年') && (printed.contains('日') || first_of_month)) {
        return printed.to_owned();
    }
    stored.trim_end_matches("T00:00:00").replace('T', " ")
}

/// The paragraphs of a cell as lines. Comments and drawings that stand in the cell go where they
/// belong.
fn read_paragraphs<'a>(
    xml: &mut Xml<'a>,
    tag: &Tag<'a>,
    out: &mut String,
    at: (u32, u32),
    gather: &mut Gather<'_>,
) -> Result<()> {
    let mut paragraphs = 0;
    inside(xml, tag, |xml, token| {
        let Token::Open(inner) = token else { return Ok(()) };
        match inner.name {
            "p" | "h" => {
                if paragraphs > 0 {
                    out.push('\n');
                }
                paragraphs += 1;
                read_paragraph(xml, &inner, out, gather)?;
            }
            "annotation" => {
                let mut note = String::new();
                read_note(xml, &inner, &mut note, gather)?;
                gather.spend_text(note.len())?;
                gather.sheet().add_note(at, &note);
            }
            // Below a shape its paragraphs follow; they are no text of the cell.
            "frame" | "custom-shape" | "rect" | "text-box" | "g" if tag.name != inner.name && tag.name != "shapes" => {
                let mut text = String::new();
                read_note(xml, &inner, &mut text, gather)?;
                push_drawn(text, at, gather)?;
            }
            _ => {}
        }
        Ok(())
    })
}

/// The paragraphs of a comment or drawing, at whatever depth.
fn read_note<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, out: &mut String, gather: &mut Gather<'_>) -> Result<()> {
    inside(xml, tag, |xml, token| {
        if let Token::Open(inner) = token {
            match inner.name {
                "p" | "h" => {
                    if !out.is_empty() {
                        out.push('\n');
                    }
                    read_paragraph(xml, &inner, out, gather)?;
                }
                "creator" | "date" | "desc" | "title" | "binary-data" => skip(xml, &inner)?,
                _ => {}
            }
        }
        Ok(())
    })
}

fn push_drawn(text: String, at: (u32, u32), gather: &mut Gather<'_>) -> Result<()> {
    if !text.trim().is_empty() {
        gather.spend_text(text.len())?;
        gather.sheet().drawn.push((at, text));
    }
    Ok(())
}

/// Characters of a paragraph. Runs of blanks are kept, as LibreOffice writes them into spans,
/// though they should count as one (part 3, 6.1.2).
fn read_paragraph<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>, out: &mut String, gather: &mut Gather<'_>) -> Result<()> {
    let start = out.len();
    inside(xml, tag, |xml, token| {
        match token {
            Token::Open(inner) => match inner.name {
                "s" => {
                    let count = number::<u64>(xml, &inner, "c").unwrap_or(1).min(BLANKS as u64) as usize;
                    gather.spend_text(count)?;
                    out.extend(std::iter::repeat_n(' ', count));
                }
                "tab" => out.push('\t'),
                "line-break" => out.push('\n'),
                "ruby-text" | "annotation" | "note" => skip(xml, &inner)?,
                _ => {}
            },
            // The XML was set in lines by someone: a break with what blanks stand around it.
            Token::Text(text) if text.contains(['\t', '\r', '\n']) => {
                for line in text.split(['\t', '\r', '\n']).map(|line| line.trim_matches(' ')) {
                    if !line.is_empty() && out.len() > start && !out.ends_with([' ', '\n', '\t']) {
                        out.push(' ');
                    }
                    out.push_str(line);
                }
            }
            other => push_text(out, &other),
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn cells(table: &str) -> Result<Vec<(u32, u32, String)>> {
        let limits = Limits { cells: 1_000, ..Limits::default() };
        let mut gather = Gather::new(&limits);
        read(&format!("<a><table name='表'>{table}</table></a>"), &mut gather)?;
        Ok(gather.sheet().cells.iter().map(|cell| (cell.row, cell.column, cell.text.clone())).collect())
    }

    #[test]
    fn printed_numbers_are_kept_unless_rounded() {
        for (printed, value, percent, text) in [
            ("8.00", 8.0, false, "8.00"),
            ("2,504.10", 2504.1, false, "2,504.10"),
            ("8.13", 8.125, false, "8.125"),
            ("10.00%", 0.1, true, "10.00%"),
            ("33%", 0.333, true, "33.3%"),
            ("¥5.00", 5.0, false, "5.00"),
            ("(5.00)", -5.0, false, "-5.00"),
            ("5.00", -5.0, false, "-5.00"),
            ("8人", 8.0, false, "8人"),
            ("", 0.0, false, ""),
            ("-", 0.0, false, "-"),
            ("0.3", 0.30000000000000004, false, "0.3"),
        ] {
            assert_eq!(reconcile(printed, value, percent), text, "{printed}");
        }
    }

    #[test]
    fn repeated_emptiness_costs_nothing_and_repeated_text_is_limited() {
        let blank =
            "<table-row number-rows-repeated='99999999999'><table-cell number-columns-repeated='16384'/></table-row>";
        assert_eq!(cells(blank), Ok(Vec::new()));
        let twice = "<table-row number-rows-repeated='2'><table-cell number-columns-repeated='2'><p>a</p></table-cell></table-row>";
        assert_eq!(cells(twice).map(|cells| cells.len()), Ok(4));
        let many = "<table-row number-rows-repeated='1048576'><table-cell number-columns-repeated='16384'><p>a</p></table-cell></table-row>";
        assert!(cells(many).is_err());
    }

    #[test]
    fn blanks_breaks_and_comments() {
        let row = "<table-row><table-cell><annotation><creator>x</creator><p>注</p></annotation><p> a <s c='2'/>b\n c</p><p>d<line-break/>e</p></table-cell><table-cell/><table-cell><p><span>&lt;1&amp;</span></p></table-cell></table-row>";
        assert_eq!(cells(row), Ok(vec![(0, 0, " a   b c\nd\ne".to_owned()), (0, 2, "<1&".to_owned())]));
    }
}
