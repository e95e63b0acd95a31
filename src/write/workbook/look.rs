//! How sheets look: `templates/look.toml` as types, and the one small table of cell styles.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};
use serde::Deserialize;

use super::number::Manner;

/// Fonts, sizes, colours and margins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    pub font: Fonts,
    pub size: Sizes,
    pub colour: Colours,
    pub page: Page,
    pub row: Rows,
    pub form: FormLook,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fonts {
    pub title: String,
    pub body: String,
    pub heading: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sizes {
    pub title: f64,
    pub body: f64,
    pub head: f64,
    pub note: f64,
    pub prose: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Colours {
    pub border: String,
    pub head: String,
    pub link: String,
    pub differs: String,
    pub holds: String,
    pub rounding: String,
    pub broken: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub paper: u8,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub header: f64,
    pub footer: f64,
    pub text: String,
    pub portrait: f64,
    pub landscape: f64,
    pub give: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    pub line: f64,
    pub free: f64,
    pub title: f64,
    pub lowest: f64,
    pub highest: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormLook {
    pub blank_rows: usize,
    pub widest: f64,
    pub narrowest: f64,
}

/// The built-in look.
pub(super) fn look() -> &'static Look {
    static LOOK: OnceLock<Look> = OnceLock::new();
    LOOK.get_or_init(|| crate::templates::read!("look"))
}

/// What part of a sheet a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// The sheet's title.
    Title,
    /// A line between title and table.
    Line,
    /// A column header of a form.
    Head,
    /// A label in the field block.
    Label,
    /// A cell of the table.
    Cell,
    /// The note under the table.
    Note,
    /// A column header of a sheet that is no form.
    ScreenHead,
    /// A cell of a sheet that is no form.
    Screen,
    /// A heading of the prose.
    Heading,
    /// A link to another sheet.
    Link,
}

/// Horizontal place of a cell's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

/// What a cell looks like: a small key, so that the workbook has one short table of styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Style {
    pub role: Role,
    pub align: Align,
    pub bold: bool,
    pub indent: u8,
    /// Number format; text cells that look like numbers are `None` with `plain`.
    pub manner: Option<Manner>,
    /// The cell holds text whatever is typed into it (codes keep their zeros).
    pub plain: bool,
    /// The amount differs from the printed one.
    pub differs: bool,
}

impl Style {
    /// A style of a role with its usual alignment.
    pub fn of(role: Role) -> Style {
        let align = match role {
            Role::Title | Role::Head | Role::Label | Role::ScreenHead => Align::Center,
            _ => Align::Left,
        };
        let bold = matches!(role, Role::Title | Role::Head | Role::ScreenHead | Role::Heading);
        Style { role, align, bold, indent: 0, manner: None, plain: false, differs: false }
    }

    /// The same with another alignment.
    pub fn aligned(self, align: Align) -> Style {
        Style { align, ..self }
    }

    /// The style as one number.
    fn key(self) -> u32 {
        let manner = self.manner.map_or(0, |manner| {
            let flags = [manner.thousands, manner.percent, manner.blank_zero, true];
            flags.iter().fold(u32::from(manner.decimals), |key, flag| key << 1 | u32::from(*flag))
        });
        let flags = [self.bold, self.plain, self.differs];
        let key = flags.iter().fold(manner, |key, flag| key << 1 | u32::from(*flag));
        ((key << 2 | self.align as u32) << 4 | self.role as u32) << 8 | u32::from(self.indent)
    }

    /// Size of its font in points.
    pub fn size(&self, look: &Look) -> f64 {
        match self.role {
            Role::Title => look.size.title,
            Role::Head | Role::Label | Role::ScreenHead => look.size.head,
            Role::Note => look.size.note,
            Role::Heading => look.size.prose,
            _ => look.size.body,
        }
    }
}

/// Height of a row and width of a column that have none of their own, in pixels.
pub(super) const HEIGHT: u32 = 18;
pub(super) const WIDTH: u32 = 64;

/// The styles of a workbook, each made once and numbered in the order of their first use.
pub(super) struct Styles<'l> {
    look: &'l Look,
    /// By [`Style::key`]: thousands of cells ask, and one number is hashed sooner than ten.
    numbers: HashMap<u32, u32>,
    /// Number 0 is the default format.
    formats: Vec<Format>,
}

impl<'l> Styles<'l> {
    pub fn new(look: &'l Look) -> Styles<'l> {
        Styles { look, numbers: HashMap::new(), formats: vec![default_format(look)] }
    }

    /// The number of a style.
    pub fn get(&mut self, style: Style) -> u32 {
        if let Some(number) = self.numbers.get(&style.key()) {
            return *number;
        }
        // Roles may look alike.
        let format = make(self.look, style);
        let number = self.formats.iter().position(|known| *known == format).unwrap_or(self.formats.len());
        if number == self.formats.len() {
            self.formats.push(format);
        }
        self.numbers.insert(style.key(), number as u32);
        number as u32
    }

    /// The formats by their numbers.
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }
}

/// The workbook's default format: what cells without a style look like.
pub(super) fn default_format(look: &Look) -> Format {
    Format::new().set_font_name(&look.font.body).set_font_size(look.size.body)
}

fn make(look: &Look, style: Style) -> Format {
    let font = match style.role {
        Role::Title => &look.font.title,
        Role::Heading => &look.font.heading,
        _ => &look.font.body,
    };
    let mut format = Format::new()
        .set_font_name(font)
        .set_font_size(style.size(look))
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_align(match style.align {
            Align::Left => FormatAlign::Left,
            Align::Center => FormatAlign::Center,
            Align::Right => FormatAlign::Right,
        });
    if style.bold {
        format = format.set_bold();
    }
    if style.indent > 0 {
        format = format.set_indent(style.indent);
    }
    if let Some(manner) = style.manner {
        format = format.set_num_format(manner.format());
    } else if style.plain {
        format = format.set_num_format("@");
    }
    match style.role {
        Role::Title | Role::Line | Role::Note => {}
        _ => format = format.set_border(FormatBorder::Thin).set_border_color(colour(&look.colour.border)),
    }
    match style.role {
        Role::ScreenHead if !look.colour.head.is_empty() => {
            format = format.set_background_color(colour(&look.colour.head));
        }
        Role::Link => format = format.set_font_color(colour(&look.colour.link)),
        _ => {}
    }
    if style.differs {
        format = format.set_background_color(colour(&look.colour.differs));
    }
    format
}

/// A colour of the look.
pub(super) fn colour(hex: &str) -> Color {
    Color::from(hex)
}

#[cfg(test)]
mod tests {
    #[test]
    fn built_in_look_loads() {
        assert_eq!(super::look().page.paper, 9);
    }
}
