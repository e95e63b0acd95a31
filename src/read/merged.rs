//! Cells merged downwards, whose text belongs to each row they cover.
//!
//! The recogniser fills it into the rows, so a small file can ask for very much: long texts over
//! many rows. Beyond a limit the covered cells are taken for blank ones of their own.

use crate::document::{Block, Cover, Document, Grid};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::text::{Piece, Place, Text};

/// Uncovers the cells that the limit does not allow to be filled, and tells of them.
pub(super) fn limit(document: &mut Document, limits: &Limits) {
    let mut budget = Budget { left: limits.merged_bytes, blank: 0, place: Place::Nowhere };
    for block in &mut document.blocks {
        if let Block::Grid(grid) = block {
            budget.spend(grid);
        }
    }
    let Budget { blank, place, .. } = budget;
    if blank > 0 {
        document.findings.push(Finding::of(
            "merged-text-not-repeated",
            place,
            format!("合并单元格的文字太长、覆盖的行太多，有 {blank} 个被覆盖的单元格没有填上文字，留空；文字保留在合并单元格的第一行"),
            format!(
                "the texts of merged cells are too long for the rows they cover; {blank} covered cells were left blank, and the text is kept in the first row"
            ),
        ));
    }
}

struct Budget {
    left: u64,
    /// Cells that are not filled, and the merged cell of the first.
    blank: usize,
    place: Place,
}

impl Budget {
    fn spend(&mut self, grid: &mut Grid) {
        // What each column's last cell that is not covered costs every row below.
        let mut above: Vec<(u64, Place)> = Vec::new();
        for row in &mut grid.rows {
            if above.len() < row.cells.len() {
                above.resize(row.cells.len(), (0, Place::Nowhere));
            }
            for (cell, (cost, place)) in row.cells.iter_mut().zip(&mut above) {
                if cell.cover != Cover::Above {
                    (*cost, *place) = (cost_of(&cell.text), cell.text.place());
                } else if *cost <= self.left {
                    self.left -= *cost;
                } else {
                    if self.blank == 0 {
                        self.place = *place;
                    }
                    self.blank += 1;
                    cell.cover = Cover::No;
                }
            }
        }
        for inner in &mut grid.inner {
            self.spend(&mut inner.grid);
        }
    }
}

fn cost_of(text: &Text) -> u64 {
    (text.as_str().len() + std::mem::size_of_val::<[Piece]>(text.pieces())) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{GridCell, GridRow};

    /// A column of merged cells: texts, and `^` for what the text above covers.
    fn column(cells: &[&str]) -> Document {
        let cell = |text: &&str| match *text {
            "^" => GridCell { text: Text::default(), cover: Cover::Above },
            text => GridCell { text: Text::from(text), cover: Cover::No },
        };
        let rows = cells.iter().map(|text| GridRow { cells: vec![cell(text)], header: false });
        Document { blocks: vec![Block::Grid(Grid { rows: rows.collect(), ..Grid::default() })], ..Document::default() }
    }

    fn covered(document: &Document) -> Vec<bool> {
        let Block::Grid(grid) = &document.blocks[0] else { panic!("a grid") };
        grid.rows.iter().map(|row| row.cells[0].cover == Cover::Above).collect()
    }

    #[test]
    fn long_merged_text_is_not_repeated_without_end() {
        let limits = Limits { merged_bytes: 10, ..Limits::default() };
        let mut document = column(&["预算", "^", "^", "1", "^"]);
        limit(&mut document, &limits);
        assert_eq!(covered(&document), [false, true, false, false, true]);
        let [finding] = document.findings.as_slice() else { panic!("one finding") };
        assert_eq!(finding.rule, "merged-text-not-repeated");
        assert!(finding.en.contains("1 covered cells"), "{}", finding.en);
    }

    #[test]
    fn usual_merged_cells_stay_as_they_are() {
        let mut document = column(&["预算", "^", "", "^"]);
        limit(&mut document, &Limits::default());
        assert_eq!(covered(&document), [false, true, false, true]);
        assert!(document.findings.is_empty());
    }
}
