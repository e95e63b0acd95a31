//! Notes on cells: their texts, and the boxes in which old and new programs show them
//! (ECMA-376 part 1, 18.7, and part 4, 19).

use super::cells::{Drawn, Note};
use super::look::{HEIGHT, WIDTH};
use super::xml::{self, DECLARATION, put};
use crate::source::column_name;

/// Size of a note in pixels, and how far from its cell it is shown.
const BOX: (u32, u32) = (220, 90);
const BESIDE: (u32, u32) = (15, 10);

/// Numbers of shapes that one sheet may use.
const SHAPES: usize = 1024;

/// The texts of the notes of a sheet.
pub(super) fn comments(notes: &[Note]) -> String {
    let mut xml = String::from(DECLARATION);
    xml.push_str(r#"<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>Author</author><author>yusuan</author></authors><commentList>"#);
    for note in notes {
        let cell = column_name(u32::from(note.col));
        put(
            &mut xml,
            format_args!(
                r#"<comment ref="{cell}{}" authorId="1"><text><r><rPr><sz val="8"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr><t>"#,
                note.row + 1
            ),
        );
        xml::text(&mut xml, &note.text);
        xml.push_str("</t></r></text></comment>");
    }
    xml.push_str("</commentList></comments>");
    xml
}

/// Blocks of shape numbers that the notes of a sheet take.
pub(super) fn blocks(notes: usize) -> usize {
    (SHAPES + notes) / SHAPES
}

/// The boxes of the notes of a sheet; `block` is its first block of shape numbers, from 1.
pub(super) fn boxes(drawn: &Drawn, block: usize) -> String {
    let mut xml = String::from(
        r#"<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""#,
    );
    let data: Vec<String> = (block..block + blocks(drawn.notes.len())).map(|block| block.to_string()).collect();
    xml.push_str(&data.join(","));
    xml.push_str(r#""/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"#);
    for (index, note) in drawn.notes.iter().enumerate() {
        let (col, col_offset) = (u32::from(note.col) + 1, BESIDE.0);
        let (row, row_offset) = if note.row == 0 { (0, 2) } else { (note.row - 1, BESIDE.1) };
        let (left, col, from_x) = place(&drawn.widths, WIDTH, col, col_offset);
        let (top, row, from_y) = place(&drawn.heights, HEIGHT, row, row_offset);
        let (_, to_col, to_x) = place(&drawn.widths, WIDTH, col, from_x + BOX.0);
        let (_, to_row, to_y) = place(&drawn.heights, HEIGHT, row, from_y + BOX.1);
        put(
            &mut xml,
            format_args!(
                r##"<v:shape id="_x0000_s{}" type="#_x0000_t202" style="position:absolute;margin-left:{}pt;margin-top:{}pt;width:{}pt;height:{}pt;z-index:{};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{col}, {from_x}, {row}, {from_y}, {to_col}, {to_x}, {to_row}, {to_y}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{}</x:Row><x:Column>{}</x:Column></x:ClientData></v:shape>"##,
                block * SHAPES + index + 1,
                points(left),
                points(top),
                points(u64::from(BOX.0)),
                points(u64::from(BOX.1)),
                index + 1,
                note.row,
                note.col
            ),
        );
    }
    xml.push_str("</xml>");
    xml
}

fn points(pixels: u64) -> f64 {
    pixels as f64 * 0.75
}

/// Pixels from the sheet's edge, the row or column that is there, and how far into it.
fn place(sizes: &[u32], usual: u32, first: u32, offset: u32) -> (u64, u32, u32) {
    let size = |index: u32| sizes.get(index as usize).copied().unwrap_or(usual).max(1);
    let before: u64 = (0..first).map(|index| u64::from(size(index))).sum();
    let (mut index, mut rest) = (first, offset);
    while rest >= size(index) {
        rest -= size(index);
        index += 1;
    }
    (before + u64::from(offset), index, rest)
}
