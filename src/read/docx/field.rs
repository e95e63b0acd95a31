//! Fields: what Word computes. The result counts, the instruction does not; a few fields have no
//! result in the file and show their instruction's argument instead.

use std::collections::HashSet;

use super::symbol::{enclose, symbol_char, symbol_font};

/// No instruction that shows anything is longer.
const INSTRUCTION: usize = 4096;

/// Enough for the sample in a finding.
const TYPED: usize = 100;

/// An open field.
#[derive(Debug, Default)]
struct Field {
    /// Where its begin mark stands in the part.
    begin: usize,
    /// Still before the separator: nothing shows.
    in_instruction: bool,
    instruction: String,
    /// Text of the instruction that is written as text of the document (`w:t`).
    typed: String,
    /// It shows a page number, or how many there are.
    page: bool,
    /// Value of the walker's counter of shown characters when the result began.
    shown_before: u64,
    /// Entries of a drop-down form field, and the chosen one.
    entries: Vec<String>,
    chosen: Option<usize>,
    /// State of a check box form field.
    checked: Option<bool>,
}

/// The fields open at a point of the document.
#[derive(Debug, Default)]
pub struct Fields {
    open: Vec<Field>,
    /// How many of them are in their instruction.
    instructions: usize,
    /// How many of them show page numbers.
    pages: usize,
    /// Begin marks to pass over: a first reading found that their fields never end.
    pub ignored: HashSet<usize>,
}

/// What a field shows when it ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its result, already seen, or nothing at all.
    Result,
    /// This text.
    Text(String),
    /// Nothing, although this text of the document stands in its instruction.
    Hidden(String),
    /// Something that we cannot print: the instruction.
    Unknown(String),
}

impl Fields {
    /// Whether text at this point belongs to an instruction.
    pub fn in_instruction(&self) -> bool {
        self.instructions > 0
    }

    /// Whether text at this point is a page number.
    pub fn in_page_number(&self) -> bool {
        self.pages > 0
    }

    /// How many fields are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Begins a complex field.
    pub fn begin(&mut self, at: usize) {
        if !self.ignored.contains(&at) {
            self.open.push(Field { begin: at, in_instruction: true, ..Field::default() });
            self.instructions += 1;
        }
    }

    /// Begins a simple field, whose instruction is an attribute.
    pub fn begin_simple(&mut self, instruction: &str, shown: u64) {
        self.open.push(Field { shown_before: shown, ..Field::default() });
        self.add_instruction(instruction);
        self.name_page();
    }

    /// From here on stands the result of the innermost field.
    pub fn separate(&mut self, shown: u64) {
        if let Some(field) = self.open.last_mut()
            && field.in_instruction
        {
            field.in_instruction = false;
            field.shown_before = shown;
            self.instructions -= 1;
            self.name_page();
        }
    }

    /// Ends the innermost field, unless none was opened above `floor`.
    pub fn end(&mut self, floor: usize, shown: u64) -> Shown {
        if self.open.len() <= floor {
            return Shown::Result;
        }
        let Some(field) = self.open.pop() else { return Shown::Result };
        self.pages -= usize::from(field.page);
        let without_result = field.in_instruction;
        self.instructions -= usize::from(without_result);
        let silent = self.instructions > 0 || (!without_result && field.shown_before != shown);
        match if silent { Shown::Result } else { show(&field, without_result) } {
            Shown::Result if !field.typed.trim().is_empty() => Shown::Hidden(field.typed),
            shown => shown,
        }
    }

    /// Text of the document inside an instruction.
    pub fn add_typed(&mut self, text: &str) {
        self.add_instruction(text);
        if let Some(field) = self.open.last_mut()
            && field.in_instruction
            && field.typed.len() < TYPED
        {
            field.typed.extend(text.chars().take(TYPED));
        }
    }

    /// Text of an instruction, or of a field in it.
    pub fn add_instruction(&mut self, text: &str) {
        if let Some(field) = self.open.last_mut()
            && field.instruction.len() + text.len() <= INSTRUCTION
        {
            field.instruction.push_str(text);
        }
    }

    /// An entry of a drop-down form field.
    pub fn add_entry(&mut self, entry: &str) {
        if let Some(field) = self.open.last_mut()
            && field.entries.len() < 256
        {
            field.entries.push(entry.to_owned());
        }
    }

    /// The entry that is chosen, or a default for it.
    pub fn choose(&mut self, entry: usize, default: bool) {
        if let Some(field) = self.open.last_mut()
            && (!default || field.chosen.is_none())
        {
            field.chosen = Some(entry);
        }
    }

    /// The state of a check box, or a default for it.
    pub fn check(&mut self, on: bool, default: bool) {
        if let Some(field) = self.open.last_mut()
            && (!default || field.checked.is_none())
        {
            field.checked = Some(on);
        }
    }

    /// Closes the fields opened above `floor`, at the end of a text box; what their instructions
    /// hide of the document.
    pub fn close_above(&mut self, floor: usize) -> Vec<String> {
        let mut hidden = Vec::new();
        while self.open.len() > floor {
            if let Shown::Hidden(text) = self.end(floor, 0) {
                hidden.push(text);
            }
        }
        hidden
    }

    /// Begin marks of fields that are still in their instruction.
    pub fn unclosed(&self) -> Vec<usize> {
        self.open.iter().filter(|field| field.in_instruction).map(|field| field.begin).collect()
    }

    fn name_page(&mut self) {
        if let Some(field) = self.open.last_mut() {
            let name = field.instruction.split_whitespace().next().unwrap_or_default();
            field.page = ["PAGE", "NUMPAGES", "SECTIONPAGES"].iter().any(|page| page.eq_ignore_ascii_case(name));
            self.pages += usize::from(field.page);
        }
    }
}

/// What a field without a result in the file shows.
fn show(field: &Field, without_result: bool) -> Shown {
    let instruction = field.instruction.trim();
    let (name, rest) = instruction.split_once(|ch: char| ch.is_whitespace() || ch == '\\').unwrap_or((instruction, ""));
    let text = |text: Option<String>| text.map_or_else(|| Shown::Unknown(instruction.to_owned()), Shown::Text);
    match name.to_ascii_uppercase().as_str() {
        "FORMDROPDOWN" => {
            let chosen = field.entries.get(field.chosen.unwrap_or(0));
            chosen.map_or(Shown::Result, |entry| Shown::Text(entry.clone()))
        }
        "FORMCHECKBOX" => Shown::Text(if field.checked == Some(true) { "☑" } else { "□" }.to_owned()),
        _ if !without_result => Shown::Result,
        "EQ" => text(equation_text(&instruction[2..])),
        "SYMBOL" => text(symbol_text(rest)),
        "MACROBUTTON" | "GOTOBUTTON" => {
            let shown = rest.trim_start().split_once(char::is_whitespace).map_or("", |(_, shown)| shown.trim());
            Shown::Text(shown.to_owned())
        }
        "LISTNUM" | "AUTONUM" | "AUTONUMLGL" | "AUTONUMOUT" => text(None),
        _ => Shown::Result,
    }
}

/// `EQ \o\ac(○,1)` is ①, `EQ \f(1,2)` is 1/2; an overstrike shows its last argument, which is how
/// Word 97 wrote phonetic guides.
fn equation_text(instruction: &str) -> Option<String> {
    let open = instruction.find('(')?;
    let switches = instruction[..open].to_ascii_lowercase();
    let inner = instruction[open + 1..].trim_end().strip_suffix(')')?;
    let arguments = split_arguments(inner);
    let last = plain_argument(arguments.last()?);
    if switches.contains("\\f") {
        return (arguments.len() == 2).then(|| format!("{}/{last}", plain_argument(arguments[0])));
    }
    if switches.contains("\\o") {
        let frame = plain_argument(arguments[0]);
        return Some(enclose(&frame, &last).map_or(last, String::from));
    }
    None
}

/// Splits at commas (or semicolons, where the system's list separator is one) outside parentheses.
fn split_arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut arguments) = (0_i32, 0, Vec::new());
    for (at, ch) in text.char_indices() {
        match ch {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' | ';' if depth == 0 => {
                arguments.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    arguments.push(&text[start..]);
    arguments
}

/// An argument without the switches that move it: `\s\up 9(一)` is 一.
fn plain_argument(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('\\')
        && let (Some(open), Some(inner)) = (text.find('('), text.strip_suffix(')'))
    {
        return inner[open + 1..].trim().to_owned();
    }
    text.to_owned()
}

/// `SYMBOL 179 \f "Symbol"`.
fn symbol_text(rest: &str) -> Option<String> {
    let code = rest.split_whitespace().next()?;
    let number = match code.strip_prefix("0x").or_else(|| code.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => code.parse().ok()?,
    };
    let ch = char::from_u32(number).filter(|ch| !ch.is_control())?;
    let font = rest.split_once("\\f").map(|(_, font)| font.trim_start().trim_start_matches('"'));
    let font = font.and_then(|font| symbol_font(font.split(['"', '\\']).next()?));
    Some(font.map_or(ch, |font| symbol_char(font, ch)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(instruction: &str) -> Shown {
        let mut fields = Fields::default();
        fields.begin(0);
        fields.add_instruction(instruction);
        fields.end(0, 0)
    }

    #[test]
    fn fields_without_a_result_show_what_word_shows() {
        let text = |text: &str| Shown::Text(text.to_owned());
        assert_eq!(shown(r" eq \o\ac(○,3) "), text("③"));
        assert_eq!(shown(r" EQ \* jc2 \* hps10 \o\ad(\s\up 9(yún),云) "), text("云"));
        assert_eq!(shown(r" EQ \f(1,2)"), text("1/2"));
        assert_eq!(shown(r#" SYMBOL 179 \f "Symbol" \s 12"#), text("≥"));
        assert_eq!(shown(" MACROBUTTON NoMacro [单击填写] "), text("[单击填写]"));
        assert_eq!(shown(r#" TC "一、部门职责" \f C \l 1"#), Shown::Result);
        assert_eq!(shown(" LISTNUM "), Shown::Unknown("LISTNUM".to_owned()));
        assert_eq!(shown(r" EQ \i(a"), Shown::Unknown(r"EQ \i(a".to_owned()));
    }

    #[test]
    fn nested_instructions_hide_the_results_inside_them() {
        let mut fields = Fields::default();
        fields.begin(1);
        fields.begin(2);
        fields.separate(0);
        assert!(fields.in_instruction());
        fields.end(0, 3);
        assert_eq!(fields.unclosed(), [1]);
        fields.separate(3);
        assert!(!fields.in_instruction());
        fields.end(0, 9);
        assert_eq!(fields.end(0, 9), Shown::Result);
        assert_eq!(fields.depth(), 0);
    }

    #[test]
    fn text_of_the_document_in_an_instruction_is_told_unless_it_shows() {
        let ended = |instruction: &str, typed: &str, separate: bool| {
            let mut fields = Fields::default();
            fields.begin(0);
            fields.add_instruction(instruction);
            fields.add_typed(typed);
            if separate {
                fields.separate(0);
            }
            fields.end(0, u64::from(separate))
        };
        assert_eq!(ended("", "预算说明", false), Shown::Hidden("预算说明".to_owned()));
        assert_eq!(ended("", "预算说明", true), Shown::Hidden("预算说明".to_owned()));
        assert_eq!(ended(" TOC ", " ", true), Shown::Result);
        assert_eq!(ended(" EQ ", r"\o\ac(○,3)", false), Shown::Text("③".to_owned()));
    }

    #[test]
    fn page_numbers_are_known_as_such() {
        let mut fields = Fields::default();
        fields.begin_simple(" PAGE \\* MERGEFORMAT", 0);
        assert!(fields.in_page_number());
        fields.end(0, 1);
        assert!(!fields.in_page_number());
    }
}
