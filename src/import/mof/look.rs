//! How the cells of the import workbook look.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// How cells look.
#[derive(Debug)]
pub struct Look {
    pub header: Format,
    /// Header of a column that nothing fills.
    pub header_open: Format,
    pub text: Format,
    pub money: Format,
    pub number: Format,
    pub title: Format,
    pub bold: Format,
    pub wrapped: Format,
}

impl Look {
    /// The formats.
    pub fn new() -> Look {
        let font = || Format::new().set_font_name("宋体").set_font_size(10);
        let header = || {
            font()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_border(FormatBorder::Thin)
                .set_num_format("@")
        };
        Look {
            header: header().set_background_color(Color::RGB(0x00DD_EBF7)),
            header_open: header().set_background_color(Color::RGB(0x00FF_E699)),
            text: font().set_num_format("@"),
            // Amounts show their decimals, a number of anything else (3000人) shows what it has.
            money: font().set_num_format("0.00####"),
            number: font(),
            title: font().set_bold().set_font_size(14),
            bold: font().set_bold(),
            wrapped: font().set_text_wrap().set_align(FormatAlign::Top),
        }
    }
}
