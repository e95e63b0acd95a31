//! Plain text in every dialect seen: a cell a line after a tab, a row a line with tabs, Markdown
//! pipe tables, HTML tables, with prose between them. The dialect is decided for each region.

pub mod decode;
mod html;
pub(crate) use html::entity;
mod pipe;
mod tabs;

use crate::document::{Block, Document, Paragraph};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::source::Source;
use crate::text::{Place, Text, is_blank};

/// One line of the decoded text, without its line break.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'t> {
    /// Byte offset of its first character.
    pub start: usize,
    /// Its characters.
    pub text: &'t str,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.chars().all(is_blank)
    }

    fn to_text(self) -> Text {
        source_text(self.text, self.start)
    }
}

/// A text at an offset of the decoded source.
pub(crate) fn source_text(value: &str, start: usize) -> Text {
    Text::from_source(value, start, Place::Text(start as u32))
}

/// Reads a text.
///
/// # Errors
/// When the bytes are no text in a known encoding, or tables are beyond the limits.
pub fn read(bytes: &[u8], source: &mut Source, limits: &Limits) -> Result<Document> {
    let decoded = decode::decode(bytes)?;
    let mut document = Document::default();
    if decoded.damaged {
        document.findings.push(Finding::of(
            "undecodable-bytes",
            Place::Text(0),
            format!("有字节不是 {} 编码，读作“\u{fffd}”；请核对原文", decoded.encoding.name()),
            format!("some bytes are not {} and read as \u{fffd}; compare with the original", decoded.encoding.name()),
        ));
    }
    let separators = memchr::memchr2_iter(b'\t', b'|', decoded.text.as_bytes()).count();
    if separators > limits.cells {
        return Err(Error::new(
            format!("表格过大：超过 {} 个单元格", limits.cells),
            format!("the tables are too large: more than {} cells", limits.cells),
        ));
    }
    document.blocks = blocks(&decoded.text, limits);
    source.text = decoded.text;
    Ok(document)
}

/// Splits a text into lines at `\r\n`, `\n`, `\r` and form feeds.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' | 0x0c => {
                lines.push(Line { start, text: &text[start..at] });
                at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
                start = at;
            }
            _ => at += 1,
        }
    }
    if start < bytes.len() {
        lines.push(Line { start, text: &text[start..] });
    }
    lines
}

/// The paragraphs and tables of a decoded text.
pub(crate) fn blocks(text: &str, limits: &Limits) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = 0;
    // HTML tables may stand anywhere, also inside a line: they are cut out first.
    for table in html::tables(text) {
        line_blocks(&text[rest..table.start], rest, &mut blocks);
        match html::read_table(text, table.clone(), limits) {
            Some(table) => {
                blocks.extend(table.outside.into_iter().map(line_of));
                blocks.push(Block::Grid(table.grid));
            }
            None => line_blocks(&text[table.clone()], table.start, &mut blocks),
        }
        rest = table.end;
    }
    line_blocks(&text[rest..], rest, &mut blocks);
    blocks
}

/// A line as a paragraph.
fn line_of(text: Text) -> Block {
    Block::Paragraph(Paragraph { text, outline: None, whole: false })
}

/// Blocks of a stretch of text without HTML tables.
fn line_blocks(text: &str, offset: usize, blocks: &mut Vec<Block>) {
    let mut lines: Vec<Line> =
        lines(text).into_iter().map(|line| Line { start: line.start + offset, text: line.text }).collect();
    if let Some(odd) = double_spaced(&lines) {
        let mut number = 0;
        lines.retain(|_| {
            number += 1;
            number % 2 != usize::from(odd)
        });
    }
    let mut at = 0;
    // Where lines end on which no table with tabs begins.
    let mut plain = 0;
    let mut gap = true;
    while at < lines.len() {
        if lines[at].is_blank() && !lines[at].text.contains('\t') {
            gap = true;
            at += 1;
            continue;
        }
        let taken = pipe::read(&lines[at..]).or_else(|| {
            let lines = lines.get(at..).filter(|_| at >= plain)?;
            tabs::read(lines).map_err(|count| plain = at + count.max(1)).ok()
        });
        match taken {
            Some((mut grid, used)) => {
                grid.gap_before = gap;
                blocks.push(Block::Grid(grid));
                at += used;
            }
            None => {
                blocks.push(line_of(lines[at].to_text()));
                at += 1;
            }
        }
        gap = false;
    }
}

/// Whether an empty line was put after every line, as some programs do with paragraphs (and as line
/// ends `\r\r\n` read): then it separates no rows. `true` when the first, third, … line are those.
fn double_spaced(lines: &[Line]) -> Option<bool> {
    let rows = lines.iter().filter(|line| line.text.contains('\t')).count();
    let empty = |first: usize| lines[first..].iter().step_by(2).all(|line| line.text.is_empty());
    match rows {
        0..4 => None,
        _ if empty(1) => Some(false),
        _ if empty(0) => Some(true),
        _ => None,
    }
}

/// Whether a line is nothing but the rule of a table that lost its marks (`--\t-----`).
pub(crate) fn is_rule(text: &str) -> bool {
    text.matches('-').count() >= 3 && text.chars().all(|ch| is_blank(ch) || matches!(ch, '-' | '|' | ':' | '+' | '='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_cells_than_the_limit_are_refused() {
        let limits = Limits { cells: 100, ..Limits::default() };
        let read = |text: String| read(text.as_bytes(), &mut Source::new("a", crate::source::Kind::Text, b""), &limits);
        assert!(read("甲\t".repeat(90)).is_ok());
        assert!(read("\t".repeat(200)).is_err_and(|error| error.en.contains("too large")));
    }

    fn shape(text: &str) -> Vec<String> {
        blocks(text, &Limits::default())
            .iter()
            .map(|block| match block {
                Block::Paragraph(paragraph) => format!("P {}", paragraph.text),
                Block::Grid(grid) => format!(
                    "G {}",
                    grid.rows
                        .iter()
                        .map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("|"))
                        .collect::<Vec<_>>()
                        .join(" / ")
                ),
            })
            .collect()
    }

    #[test]
    fn a_cell_a_line_after_a_tab() {
        assert_eq!(shape("标题\n\t甲\n\t乙\n\n\t丙\n\t\n\n\n正文\n"), ["P 标题", "G 甲|乙 / 丙|", "P 正文"]);
    }

    #[test]
    fn a_cell_goes_on_in_lines_without_a_tab() {
        assert_eq!(shape("\t目标\n\t1.一\n2.二\n\n\n\t一级\n\t二级\n"), ["G 目标|1.一\n2.二", "G 一级|二级"]);
    }

    #[test]
    fn a_row_a_line_with_tabs() {
        assert_eq!(shape("单位\t性质\n甲局\t行政\n\n乙局\t事业\n"), ["G 单位|性质 / 甲局|行政", "G 乙局|事业"]);
    }

    #[test]
    fn an_empty_line_after_every_line_separates_nothing() {
        let text = "标题\n\t甲\n\t乙\n\n\t丙\n\t丁\n\n\n正文\n";
        assert_eq!(shape(&text.replace('\n', "\n\n")), shape(text));
        assert_eq!(shape(&text.replace('\n', "\r\r\n")), shape(text));
    }

    #[test]
    fn blanks_before_the_tab_of_a_cell() {
        assert_eq!(shape("\t甲\n \u{a0}\t乙\n\n \t丙\n\t\n"), ["G 甲|乙 / 丙|"]);
    }

    #[test]
    fn markdown_pipe_table() {
        assert_eq!(shape("|单位|性质|\n|---|:-:|\n|甲局|行\\|政|\n正文"), ["G 单位|性质 / 甲局|行|政", "P 正文"]);
    }

    #[test]
    fn pipe_rows_with_an_empty_line_after_each() {
        let table = ["G 单位|性质 / 甲局|行政 / 乙局|事业", "P 正文"];
        assert_eq!(shape("|单位|性质|\n\n|---|---|\n\n|甲局|行政|\n\n|乙局|事业|\n\n正文\n"), table);
        assert_eq!(shape("单位|性质\n\n---|---\n\n甲局|行政\n\n乙局|事业\n\n正文\n"), table);
    }

    #[test]
    fn html_table_with_spans() {
        assert_eq!(
            shape(
                "前\n<table><tr><td rowspan=\"2\">甲</td><td colspan=2>乙</td></tr><tr><td>丙</td><td>&lt;80%</td></tr></table>\n后"
            ),
            ["P 前", "G 甲|乙| / |丙|<80%", "P 后"]
        );
    }

    #[test]
    fn an_html_caption_names_the_table() {
        let blocks = blocks("<table><caption>附表&lt;一&gt;</caption><tr><td>甲</td></tr></table>", &Limits::default());
        let [Block::Grid(grid)] = blocks.as_slice() else { panic!("a grid") };
        assert_eq!(grid.caption.as_ref().map(Text::as_str), Some("附表<一>"));
        assert_eq!(grid.rows.len(), 1);
    }

    /// Browsers show it before the table.
    #[test]
    fn text_between_the_rows_and_cells_of_an_html_table_is_kept() {
        assert_eq!(
            shape(
                "前<table>游离&lt;文字\n第二行<tr>行游<td>甲</td>间游<td>乙</tr>\n</tr><table>无格<tr><td>内</td></tr></table>尾游</table>后"
            ),
            ["P 前", "P 游离<文字", "P 第二行", "P 行游", "P 间游", "P 无格", "P 内", "P 尾游", "G 甲|乙", "P 后"]
        );
    }

    #[test]
    fn an_indented_paragraph_is_no_table() {
        assert_eq!(shape("一、说明\n\t本年预算按照规定编制，全部收支都在其中。\n二、其他\n").len(), 3);
    }
}
