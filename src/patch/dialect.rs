//! How each dialect prints what an edit puts in: marks escaped, line breaks, separators.

use crate::text::is_blank;

/// How a stretch of a source prints its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// Lines of prose.
    Prose,
    /// A tab and a cell on each line, a blank line between rows.
    CellLines,
    /// A row on each line, tabs between cells.
    RowLines,
    /// Markdown rows with bars.
    Pipe,
    /// HTML tables.
    Html,
    /// WordprocessingML.
    Docx,
}

/// A line break inside a text of WordprocessingML.
pub(crate) const BREAK: &str = "</w:t><w:br/><w:t xml:space=\"preserve\">";

/// Why a text cannot be printed, in Chinese and English.
pub(crate) type Why = (&'static str, &'static str);

impl Dialect {
    /// A text as the dialect prints it; `eol` is the source's line break.
    pub fn print(self, text: &str, eol: &str) -> Result<String, Why> {
        if let Some(ch) = text.chars().find(|ch| ch.is_control() && *ch != '\n' && *ch != '\t') {
            let _ = ch;
            return Err(("新内容含有控制字符", "the new text holds a control character"));
        }
        let breaks = text.contains('\n');
        match self {
            Dialect::Prose if breaks => Err(("一段文字不能含有换行", "a paragraph cannot hold a line break")),
            Dialect::RowLines if breaks => Err((
                "原文一行文本就是一行表格，单元格内不能换行",
                "a row is one line there: a cell cannot hold a line break",
            )),
            Dialect::CellLines | Dialect::RowLines if text.contains('\t') => Err((
                "原文用制表符分隔单元格，单元格内不能有制表符",
                "tabs separate cells there: a cell cannot hold one",
            )),
            Dialect::CellLines if text.contains("\n\n") => Err((
                "原文中空行结束一行表格，单元格内不能有空行",
                "a blank line ends a row there: a cell cannot hold one",
            )),
            Dialect::CellLines => Ok(text.replace('\n', eol)),
            Dialect::Prose | Dialect::RowLines => Ok(text.to_owned()),
            Dialect::Pipe => Ok(text.replace('|', "\\|").replace('\n', "<br>")),
            Dialect::Html => Ok(text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>")),
            Dialect::Docx => Ok(text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('\n', BREAK)
                .replace('\t', "</w:t><w:tab/><w:t xml:space=\"preserve\">")),
        }
    }

    /// What stands between two rows.
    pub fn between_rows(self, eol: &str) -> String {
        match self {
            Dialect::CellLines => eol.repeat(2),
            Dialect::Prose | Dialect::RowLines | Dialect::Pipe => eol.to_owned(),
            Dialect::Html | Dialect::Docx => String::new(),
        }
    }

    /// What stands between two items of a list in one cell.
    pub fn between_items(self, eol: &str) -> String {
        match self {
            Dialect::CellLines => eol.to_owned(),
            Dialect::Prose | Dialect::RowLines => " ".to_owned(),
            Dialect::Pipe | Dialect::Html => "<br>".to_owned(),
            Dialect::Docx => BREAK.to_owned(),
        }
    }
}

/// Whether source text between two pieces of a value says nothing and is no structure: blanks and
/// line breaks.
pub(crate) fn is_soft(gap: &str) -> bool {
    gap.chars().all(|ch| is_blank(ch) && ch != '\t')
}

/// The line break a text uses most near its beginning.
pub(crate) fn line_break(text: &str) -> &'static str {
    let head: &[u8] = &text.as_bytes()[..text.len().min(100_000)];
    let pairs = head.windows(2).filter(|pair| pair == b"\r\n").count();
    let feeds = head.iter().filter(|byte| **byte == b'\n').count() - pairs;
    let returns = head.iter().filter(|byte| **byte == b'\r').count() - pairs;
    if pairs > feeds && pairs >= returns {
        "\r\n"
    } else if returns > feeds {
        "\r"
    } else {
        "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dialect_cannot_hold_is_refused() {
        assert!(Dialect::RowLines.print("一\n二", "\n").is_err());
        assert!(Dialect::CellLines.print("一\t二", "\n").is_err());
        assert_eq!(Dialect::CellLines.print("1.一\n2.二", "\r\n").as_deref(), Ok("1.一\r\n2.二"));
        assert_eq!(Dialect::Pipe.print("甲|乙", "\n").as_deref(), Ok("甲\\|乙"));
        assert_eq!(Dialect::Html.print("<80%&", "\n").as_deref(), Ok("&lt;80%&amp;"));
    }

    #[test]
    fn the_line_break_of_a_text() {
        assert_eq!(line_break("甲\r\n乙\r\n丙\n"), "\r\n");
        assert_eq!(line_break("甲\r乙\r"), "\r");
        assert_eq!(line_break("甲"), "\n");
    }
}
