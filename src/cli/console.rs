//! What a run says: results to standard output, everything else to standard error.
//!
//! A reader that went away (`yusuan … | head`) has seen enough: that is no failure.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use unicode_width::UnicodeWidthStr;
use yusuan::Error;
use yusuan::error::breaks_line;
use yusuan::finding::Lang;

/// Where a run speaks, and in which language.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Language of the messages.
    pub lang: Lang,
    /// Nothing but errors.
    pub quiet: bool,
}

/// Longest line of an error.
const LINE: usize = 200;

impl Console {
    /// A console for a run.
    pub fn new(lang: Lang, quiet: bool) -> Console {
        Console { lang, quiet }
    }

    /// The text in the language of the run.
    pub fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Prints a message, unless the run is quiet.
    pub fn say(&self, zh: &str, en: &str) {
        if !self.quiet {
            print_line(self.pick(zh, en));
        }
    }

    /// Prints an error as one line.
    pub fn error(&self, error: &Error) {
        print_line(&self.error_line(error));
    }

    /// An error as one line.
    pub fn error_line(&self, error: &Error) -> String {
        let line = format!("{}{}", self.pick("错误：", "error: "), error.message(self.lang));
        if line.chars().count() <= LINE {
            return line;
        }
        line.chars().take(LINE - 1).chain(std::iter::once('…')).collect()
    }

    /// Writes a result to standard output.
    pub fn result(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::from(error).within(self.pick("标准输出", "standard output")))
            }
            _ => Ok(()),
        }
    }

    /// Writes a workbook or document to standard output, which must not be a terminal.
    pub fn workbook(&self, bytes: &[u8]) -> Result<(), Error> {
        if io::stdout().is_terminal() {
            return Err(no_workbook_on_a_terminal());
        }
        self.result(bytes)
    }

    /// Whether to colour what goes to standard output.
    pub fn color_out(&self) -> bool {
        io::stdout().is_terminal() && colors_wanted()
    }

    /// Whether to colour what goes to standard error.
    pub fn color_err(&self) -> bool {
        io::stderr().is_terminal() && colors_wanted()
    }

    /// Whether to show progress as it goes.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// <https://no-color.org>: any value that is not empty.
fn colors_wanted() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn no_workbook_on_a_terminal() -> Error {
    Error::new(
        "不向终端输出表格或文档；请用 -o 指明文件",
        "no workbook or document is written to a terminal; name a file with -o",
    )
}

/// Prints a line to standard error; one that goes nowhere is no failure.
pub fn print_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A path as it stands in a message: one line, and short enough to leave room for what is said.
pub fn shown(path: &Path) -> String {
    shown_within(path, 90)
}

/// A path as [`shown`], of at most so many characters.
pub fn shown_within(path: &Path, longest: usize) -> String {
    let text: Vec<char> = path.to_string_lossy().chars().map(|ch| if breaks_line(ch) { '?' } else { ch }).collect();
    if text.len() <= longest {
        return text.into_iter().collect();
    }
    let half = longest / 2;
    text[..half - 1].iter().chain(&['…']).chain(&text[text.len() - half..]).collect()
}

/// The text with blanks after it up to a width; Chinese characters are two columns wide.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_of_at_most_200_characters() {
        let path = Path::new("a\nb").join("很长".repeat(100)).join("云岭.txt");
        let error = Error::new("读不出".repeat(80), "bad").within(&shown(&path));
        let line = Console::new(Lang::Zh, false).error_line(&error);
        assert_eq!(line.chars().count(), 200);
        assert!(line.starts_with("错误：a?b/很长"), "{line}");
        assert!(line.contains("云岭.txt：读不出"), "{line}");
    }
}
