//! `文本`: the prose, a row a block, with a row for each table so that the order of the blocks can
//! be read back.
//!
//! Columns: 序号 (of the block, from 1), 类型 (`标题1`…, `段落`, `表`, `续`), 内容, 工作表. A row `续`
//! continues the cell above it, without a separator. A row `表` has the table's title as the source
//! prints it (empty where it prints none and the sheet shows the form's) and a link to its sheet.

use std::borrow::Cow;

use super::look::{Align, Role, Style};
use super::number::{Manner, Shown};
use super::sheet::{Content, Sheet, Tile};
use super::split::pieces;
use crate::filing::{Block, Filing};
use crate::service::PROSE;

/// Plans the sheet; `sheet_of` names the sheet of a table and the anchor to link to.
pub(super) fn plan<'f>(filing: &'f Filing, sheet_of: impl Fn(usize) -> (String, String)) -> Sheet<'f> {
    let mut sheet = Sheet::of_service(&PROSE, PROSE.name);
    sheet.push_heads(&PROSE, 1);
    let cell = Style::of(Role::Screen);
    let middle = cell.aligned(Align::Center);
    let mut row = 2;
    for (block, content) in filing.blocks.iter().enumerate() {
        let (kind, text, style) = match content {
            Block::Heading(heading) => {
                let style = Style { indent: heading.level.saturating_sub(1).min(6), ..Style::of(Role::Heading) };
                (format!("标题{}", heading.level), heading.text.as_str(), style)
            }
            Block::Paragraph(text) => ("段落".to_owned(), text.as_str(), cell),
            Block::Table(table) => ("表".to_owned(), table.title.as_str(), cell),
        };
        for (piece, text) in pieces(text).enumerate() {
            let number = Shown { value: (block as u64 + 1).into(), manner: Manner::default() };
            sheet.tiles.push(Tile::text(row, 0, middle, "").with(Content::Number(number)));
            let kind = if piece == 0 { kind.clone() } else { "续".to_owned() };
            sheet.tiles.push(Tile::text(row, 1, middle, kind));
            sheet.tiles.push(Tile::text(row, 2, style, text));
            let link = match content {
                Block::Table(_) if piece == 0 => {
                    let (name, to) = sheet_of(block);
                    let link = Content::Link { text: Cow::Owned(name), to };
                    Tile::text(row, 3, Style::of(Role::Link), "").with(link)
                }
                _ => Tile::text(row, 3, cell, ""),
            };
            sheet.tiles.push(link);
            row += 1;
        }
    }
    sheet.repeat = 1..2;
    sheet.freeze = 2;
    sheet
}
