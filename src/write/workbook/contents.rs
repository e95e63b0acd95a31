//! `目录`: what the filing says of itself, and a link to every sheet.

use std::borrow::Cow;

use super::look::{Align, Role, Style};
use super::number::{Manner, Shown, shown};
use super::sheet::{Content, Sheet, Tile};
use crate::filing::Filing;

/// Name of the sheet.
pub(super) const NAME: &str = "目录";

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
    let mut sheet = Sheet { name: NAME.to_owned(), widths: vec![10.0, 46.0, 56.0, 7.0, 30.0], ..Sheet::default() };
    let tiles = &mut sheet.tiles;
    tiles.push(Tile::text(0, 0, Style::of(Role::Title), "目　　录").wide(5));
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
    for (col, head) in ["序号", "工作表", "表名", "行数", "模板"].into_iter().enumerate() {
        tiles.push(Tile::text(row, col as u16, Style::of(Role::ScreenHead), head));
    }
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
