//! SpreadsheetML packages (ECMA-376 part 1, clause 18): xlsx, xlsm, xltx, xltm.
//!
//! Everything a part claims about sizes (`dimension`, `uniqueCount`, `spans`) is passed over.

use std::collections::HashSet;

use super::parts::{flag, inside, number, parse_address, push_text, skip, text_of, unescape};
use super::workbook::{COMMENTS_TOLD, Gather, comment_line, place};
use super::xlsx_cells;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::read::package::{Package, Relationship};
use crate::read::xml::{Ns, Tag, Token, Xml};

/// What cells refer to.
#[derive(Default)]
pub(super) struct Shared {
    /// Shared strings.
    pub strings: Vec<Box<str>>,
    /// Number format of each cell style.
    pub styles: Vec<u32>,
}

/// A sheet as the workbook part lists it.
pub(super) struct Listed {
    pub name: String,
    pub id: String,
    pub hidden: bool,
    pub header_rows: Option<(u32, u32)>,
}

/// Reads the package whose workbook part is `main`.
pub(super) fn read(package: &mut Package<'_>, main: &str, gather: &mut Gather<'_>) -> Result<()> {
    let missing =
        || Error::new(format!("缺少 {main}，不是完整的工作簿"), format!("no {main}: not a complete workbook"));
    let text = package.part(main)?.ok_or_else(missing)?.text;
    let listed = read_workbook_part(&text, gather).map_err(|error| error.within(main))?;
    let relations = package.relationships(main)?;
    let mut shared = Shared::default();
    if let Some(part) = related(&relations, "sharedStrings")
        && let Some(text) = package.part(part)?
    {
        shared.strings = read_strings(&text.text, gather).map_err(|error| error.within(part))?;
    }
    if let Some(part) = related(&relations, "styles")
        && let Some(text) = package.part(part)?
    {
        shared.styles = read_styles(&text.text, gather).map_err(|error| error.within(part))?;
    }
    let mut read = HashSet::new();
    for sheet in listed {
        gather.add_sheet(sheet.name, sheet.hidden)?;
        gather.sheet().header_rows = sheet.header_rows;
        let relation = relations.iter().find(|relation| relation.id == sheet.id && !relation.external);
        match relation {
            // A part named twice costs its reading twice; a workbook never does that.
            Some(relation)
                if relation.kind == "worksheet" && package.has(&relation.target) && read.insert(&relation.target) =>
            {
                let part = relation.target.as_str();
                if let Some(text) = package.part(part)? {
                    xlsx_cells::read(&text.text, &shared, gather).map_err(|error| error.within(part))?;
                }
                read_beside(package, part, gather)?;
            }
            Some(relation) if relation.kind != "worksheet" => gather.find(tell_no_cells(gather)),
            _ => gather.find(tell_missing(gather)),
        }
        gather.end_sheet();
    }
    Ok(())
}

/// The target of the first relationship of a kind.
pub(super) fn related<'r>(relations: &'r [Relationship], kind: &str) -> Option<&'r str> {
    relations
        .iter()
        .find(|relation| relation.kind == kind && !relation.external)
        .map(|relation| relation.target.as_str())
}

/// The sheet being read is a chart or macro sheet.
pub(super) fn tell_no_cells(gather: &Gather<'_>) -> Finding {
    let name = gather.book.sheets.last().map_or("", |sheet| sheet.name.as_str());
    Finding::of(
        "sheet-without-cells",
        place(gather.index(), 0, 0),
        format!("“{name}”是图表或宏表，没有单元格，未读取"),
        format!("\"{name}\" is a chart or macro sheet without cells and was not read"),
    )
}

/// The part of the sheet being read is not in the package.
pub(super) fn tell_missing(gather: &Gather<'_>) -> Finding {
    let name = gather.book.sheets.last().map_or("", |sheet| sheet.name.as_str());
    Finding::of(
        "sheet-missing",
        place(gather.index(), 0, 0),
        format!("文件中没有工作表“{name}”的内容，文件可能已损坏"),
        format!("the content of the sheet \"{name}\" is not in the file, which may be damaged"),
    )
}

fn read_workbook_part(text: &str, gather: &mut Gather<'_>) -> Result<Vec<Listed>> {
    let mut xml = Xml::new(text, gather.limits);
    let mut listed: Vec<Listed> = Vec::new();
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name {
                // Extensions repeat the element without the attribute.
                "workbookPr" => gather.book.date_1904 |= flag(&mut xml, &tag, "date1904"),
                "sheet" => {
                    let hidden = xml.attribute(&tag, "state").is_some_and(|state| state.contains("idden"));
                    let name = xml.attribute(&tag, "name").unwrap_or_default().into_owned();
                    let id = xml.attribute_of(&tag, Ns::Relation, "id").unwrap_or_default().into_owned();
                    listed.push(Listed { name, id, hidden, header_rows: None });
                }
                "definedName" => {
                    let titles = xml.attribute(&tag, "name").is_some_and(|name| name.ends_with("Print_Titles"));
                    let sheet: Option<usize> = number(&mut xml, &tag, "localSheetId");
                    let formula = text_of(&mut xml, &tag)?;
                    if let (true, Some(sheet)) = (titles, sheet.and_then(|sheet| listed.get_mut(sheet))) {
                        sheet.header_rows = parse_titles(&formula);
                    }
                }
                _ => {}
            },
            Token::End => return Ok(listed),
            _ => {}
        }
    }
}

/// The rows of a print-titles formula such as `'表 1'!$A:$B,'表 1'!$3:$5`.
fn parse_titles(formula: &str) -> Option<(u32, u32)> {
    let rows = |part: &str| {
        let (from, to) = part.rsplit('!').next()?.split_once(':')?;
        let row = |text: &str| text.trim().trim_start_matches('$').parse::<u32>().ok()?.checked_sub(1);
        Some((row(from)?, row(to)?))
    };
    formula.split(',').find_map(rows)
}

/// Shared strings (18.4.8).
fn read_strings(text: &str, gather: &mut Gather<'_>) -> Result<Vec<Box<str>>> {
    let mut xml = Xml::new(text, gather.limits);
    let mut strings = Vec::new();
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name == "si" => {
                strings.push(read_rich(&mut xml, &tag)?.into_boxed_str());
            }
            Token::End => return Ok(strings),
            _ => {}
        }
    }
}

/// The text of a rich string (CT_Rst, 18.4.8): its runs, without the phonetic guides.
pub(super) fn read_rich<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> Result<String> {
    let mut out = String::new();
    inside(xml, tag, |xml, token| {
        if let Token::Open(inner) = token {
            match inner.name {
                "t" => inside(xml, &inner, |_, token| {
                    push_text(&mut out, &token);
                    Ok(())
                })?,
                "rPh" | "rPr" | "extLst" => skip(xml, &inner)?,
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(unescape(out))
}

/// Number formats and which cell style has which (18.8).
fn read_styles(text: &str, gather: &mut Gather<'_>) -> Result<Vec<u32>> {
    let mut xml = Xml::new(text, gather.limits);
    let mut styles = Vec::new();
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name {
                // Differential formats have number formats of their own.
                "dxfs" => skip(&mut xml, &tag)?,
                "numFmt" => {
                    if let Some(id) = number(&mut xml, &tag, "numFmtId") {
                        let code = xml.attribute(&tag, "formatCode").unwrap_or_default().into_owned();
                        gather.book.formats.declare(id, code);
                    }
                }
                "cellXfs" => in_cells = true,
                "cellStyles" | "cellStyleXfs" => in_cells = false,
                "xf" if in_cells => styles.push(number(&mut xml, &tag, "numFmtId").unwrap_or(0)),
                _ => {}
            },
            Token::End => return Ok(styles),
            _ => {}
        }
    }
}

/// Comments and drawn boxes, which stand in parts of their own.
pub(super) fn read_beside(package: &mut Package<'_>, part: &str, gather: &mut Gather<'_>) -> Result<()> {
    for relation in package.relationships(part)? {
        if relation.external {
            continue;
        }
        let read = match relation.kind.as_str() {
            "comments" => read_comments,
            "drawing" => read_drawing,
            _ => continue,
        };
        // Each belongs to one sheet; hostile relationships lead to one part again and again.
        if !relation.target.ends_with(".bin")
            && gather.beside.insert(relation.target.to_ascii_lowercase())
            && let Some(text) = package.part(&relation.target)?
        {
            read(&text.text, gather).map_err(|error| error.within(&relation.target))?;
        }
    }
    Ok(())
}

fn read_comments(text: &str, gather: &mut Gather<'_>) -> Result<()> {
    let mut xml = Xml::new(text, gather.limits);
    let mut nowhere: Vec<String> = Vec::new();
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name == "comment" => {
                let at = xml.attribute(&tag, "ref").and_then(|at| parse_address(at.split(':').next()?));
                let text = read_rich(&mut xml, &tag)?;
                gather.spend_text(text.len())?;
                match at {
                    Some(at) => gather.sheet().add_note(at, &text),
                    None => nowhere.push(text),
                }
            }
            Token::End => break,
            _ => {}
        }
    }
    if !nowhere.is_empty() {
        gather.find(tell_nowhere(gather, &nowhere));
    }
    Ok(())
}

/// Comments whose cell is not known.
fn tell_nowhere(gather: &Gather<'_>, notes: &[String]) -> Finding {
    let (count, name) = (notes.len(), gather.book.sheets.last().map_or("", |sheet| sheet.name.as_str()));
    let lines: Vec<String> = notes.iter().take(COMMENTS_TOLD).map(|note| comment_line(note)).collect();
    let lines = lines.join("；");
    Finding::of(
        "cell-comment",
        place(gather.index(), 0, 0),
        format!("工作表“{name}”有 {count} 条批注没有写明是哪个单元格：{lines}"),
        format!("{count} comments of the sheet \"{name}\" do not say which cell they are on: {lines}"),
    )
}

/// Texts of the shapes of a drawing (20.5), each with the cell its anchor begins in.
fn read_drawing(text: &str, gather: &mut Gather<'_>) -> Result<()> {
    let mut xml = Xml::new(text, gather.limits);
    let (mut row, mut column) = (0, 0);
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name {
                "from" => {
                    (row, column) = (0, 0);
                    inside(&mut xml, &tag, |xml, token| {
                        if let Token::Open(inner) = token {
                            let target = match inner.name {
                                "row" => &mut row,
                                "col" => &mut column,
                                _ => return Ok(()),
                            };
                            *target = text_of(xml, &inner)?.trim().parse().unwrap_or(0);
                        }
                        Ok(())
                    })?;
                }
                // The same drawing once more, for readers without the newer vocabulary.
                "Fallback" => skip(&mut xml, &tag)?,
                "txBody" => {
                    let text = read_body(&mut xml, &tag)?;
                    if !text.trim().is_empty() {
                        gather.spend_text(text.len())?;
                        gather.sheet().drawn.push(((row, column), text));
                    }
                }
                _ => {}
            },
            Token::End => return Ok(()),
            _ => {}
        }
    }
}

/// The paragraphs of a DrawingML text body, a line each.
fn read_body<'a>(xml: &mut Xml<'a>, tag: &Tag<'a>) -> Result<String> {
    let mut out = String::new();
    inside(xml, tag, |xml, token| {
        if let Token::Open(inner) = token {
            match inner.name {
                "p" if !out.is_empty() => out.push('\n'),
                "br" => out.push('\n'),
                "t" => out.push_str(&text_of(xml, &inner)?),
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(out)
}
