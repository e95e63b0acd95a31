//! Laws over random workbooks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use yusuan::source::At;

use crate::build::{document, grids, one_sheet};

/// Cells at random places, near and far.
fn cells() -> impl Strategy<Value = BTreeMap<(u32, u32), String>> {
    let row = prop_oneof![0..40u32, 0..2_000u32, 1_048_570..1_048_576u32];
    let column = prop_oneof![0..12u32, 0..300u32, 16_380..16_384u32];
    proptest::collection::btree_map((row, column), "[一-龥a-c <&>'\"0-9]{1,6}", 0..60)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every cell of the sheet is a cell of the grid, with its text and its address, once.
    #[test]
    fn every_cell_keeps_its_text_and_place(cells in cells()) {
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for ((row, column), text) in &cells {
            let at = format!("{}{}", yusuan::source::column_name(*column), row + 1);
            let cell = format!("<c r='{at}' t='inlineStr'><is><t xml:space='preserve'>{}</t></is></c>", escape(text));
            rows.entry(*row).or_default().push_str(&cell);
        }
        let rows: String = rows.iter().map(|(row, cells)| format!("<row r='{}'>{cells}</row>", row + 1)).collect();
        let (source, document) = document("a", &one_sheet(&rows));
        let mut found = BTreeMap::new();
        for grid in grids(&document) {
            for cell in grid.rows.iter().flat_map(|row| &row.cells) {
                if !cell.text.is_empty()
                    && let Some(At::Cell { cell: at, .. }) = source.locate(cell.text.place())
                {
                    prop_assert!(found.insert(at, cell.text.as_str().to_owned()).is_none());
                }
            }
        }
        let expected: BTreeMap<String, String> = cells
            .into_iter()
            .map(|((row, column), text)| (format!("{}{}", yusuan::source::column_name(column), row + 1), text))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
