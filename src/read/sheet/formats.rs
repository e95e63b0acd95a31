//! The number formats of a workbook, by the numbers that its cells give them.

use std::collections::HashMap;

use super::format::NumberFormat;

/// Format codes by number, each read once; the built-in ones (ECMA-376 part 1, 18.8.30, with the
/// Chinese ones for 27–36 and 50–58) are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Formats {
    custom: HashMap<u32, String>,
    parsed: HashMap<u32, NumberFormat>,
}

impl Formats {
    /// Declares a format code.
    pub fn declare(&mut self, number: u32, code: String) {
        self.custom.insert(number, code);
    }

    /// The code of a format number; `General` where nothing is known of it.
    pub fn code(&self, number: u32) -> &str {
        self.custom.get(&number).map_or_else(|| built_in(number), String::as_str)
    }

    /// The format of a number.
    pub fn get(&mut self, number: u32) -> &NumberFormat {
        if !self.parsed.contains_key(&number) {
            let parsed = NumberFormat::parse(self.code(number));
            self.parsed.insert(number, parsed);
        }
        &self.parsed[&number]
    }
}

fn built_in(number: u32) -> &'static str {
    match number {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 | 6 => "#,##0;-#,##0",
        7 | 8 => "#,##0.00;-#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 | 48 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 | 30 => "yyyy-mm-dd",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy-mm-dd h:mm",
        27 | 36 | 50 | 52 | 57 => "yyyy\"年\"m\"月\"",
        28 | 29 | 51 | 53 | 54 | 58 => "m\"月\"d\"日\"",
        31 => "yyyy\"年\"m\"月\"d\"日\"",
        32 => "h\"时\"mm\"分\"",
        33 => "h\"时\"mm\"分\"ss\"秒\"",
        34 | 55 => "h\"时\"mm\"分\"",
        35 | 56 => "h\"时\"mm\"分\"ss\"秒\"",
        37 | 38 => "#,##0;-#,##0",
        39 | 40 => "#,##0.00;-#,##0.00",
        41 | 42 => "#,##0;-#,##0;\"-\"",
        43 | 44 => "#,##0.00;-#,##0.00;\"-\"??",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        49 => "@",
        _ => "General",
    }
}
