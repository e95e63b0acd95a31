//! `目录`: what the filing says of itself, and a link to every sheet.

use std::borrow::Cow;

use super::look::{Align, Role, Style};
use super::number::{Manner, Shown, shown};
use super::sheet::{Content, Sheet, Tile};
use crate::filing::Filing;
use crate::service::CONTENTS;

/// A line of the contents.
pub(super) struct Entry {
    /// Name of the sheet.
    pub sheet: String,
    /// What a link to it goes to.
    pub to: String,
    /// Title as printed on it.
    pub title: String,
    /// Rows of its table.
    pub rows: Option<usize>,
    /// `family/form`.
    pub form: String,
}

/// Plans the sheet.
pub(super) fn plan<'f>(filing: &'f Filing, entries: Vec<Entry>) -> Sheet<'f> {
    let mut sheet = Sheet::of_service(&CONTENTS, "目　　录");
    let tiles = &mut sheet.tiles;
    let year = filing.fiscal_year.map(|year| year.to_string()).unwrap_or_default();
    let about: [(&str, Cow<'f, str>); 6] = [
        ("标题", Cow::Borrowed(filing.title.as_str())),
        ("部门代码", Cow::Borrowed(&filing.department.code)),
        ("部门名称", Cow::Borrowed(&filing.department.name)),
        ("预算年度", Cow::Owned(year)),
        ("金额单位", Cow::Borrowed(filing.unit.as_deref().unwrap_or_default())),
        ("来源文件", Cow::Borrowed(&filing.source.name)),
    ];
    let cell = Style::of(Role::Screen);
    let mut row = 1;
    for (label, value) in about {
        tiles.push(Tile::text(row, 0, Style::of(Role::ScreenHead), label));
        let number = (label == "预算年度").then(|| shown(&value)).flatten();
        let code = Style { plain: label == "部门代码", ..cell };
        let tile = Tile::text(row, 1, code, value).wide(4);
        tiles.push(match number {
            Some(number) => tile.with(Content::Number(number)),
            None => tile,
        });
        row += 1;
    }
    row += 1;
    sheet.push_heads(&CONTENTS, row);
    let tiles = &mut sheet.tiles;
    sheet.repeat = row..row + 1;
    sheet.freeze = row + 1;
    let middle = cell.aligned(Align::Center);
    for (index, entry) in entries.into_iter().enumerate() {
        row += 1;
        let whole = |value: usize| Content::Number(Shown { value: value.into(), manner: Manner::default() });
        tiles.push(Tile::text(row, 0, middle, "").with(whole(index + 1)));
        let link = Content::Link { text: Cow::Owned(entry.sheet), to: entry.to };
        tiles.push(Tile::text(row, 1, Style::of(Role::Link), "").with(link));
        tiles.push(Tile::text(row, 2, cell, entry.title));
        let rows = Tile::text(row, 3, middle, "");
        tiles.push(match entry.rows {
            Some(count) => rows.with(whole(count)),
            None => rows,
        });
        tiles.push(Tile::text(row, 4, cell, entry.form));
    }
    sheet
}
