//! Which grid columns the cells of a row stand in. Shared by reading and by finding the bytes of a
//! row or cell again, so both count alike.

/// Word's own limit is 63 columns; a span beyond both it and the table's grid is absurd.
const COLUMNS: usize = 63;

/// A column this narrow, in twips, is none: a third of a millimetre between two lines that were
/// meant to be one. LibreOffice rounds widths so, and hands slip.
const SLIVER: u32 = 20;

/// How a merged cell goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Merge {
    /// Not merged.
    #[default]
    No,
    /// Starts a merged cell.
    Start,
    /// Belongs to the cell above, or at the left.
    Continue,
}

/// What of a cell decides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellShape {
    /// `w:gridSpan`.
    pub span: usize,
    /// `w:tcW` in twips, where it is given so.
    pub width: Option<u32>,
    /// `w:vMerge`.
    pub vertical: Merge,
    /// `w:hMerge`.
    pub horizontal: Merge,
    /// Deleted by a tracked change.
    pub deleted: bool,
}

impl Default for CellShape {
    fn default() -> CellShape {
        CellShape { span: 1, width: None, vertical: Merge::No, horizontal: Merge::No, deleted: false }
    }
}

/// What of a row decides the places of its cells.
#[derive(Clone, Debug, Default)]
pub struct RowShape {
    /// `w:gridBefore`.
    pub before: usize,
    /// `w:gridAfter`.
    pub after: usize,
    /// A span had to be cut.
    pub cut: bool,
}

/// The widest a row may be, given the table's grid.
pub fn width_limit(grid: usize, columns: usize) -> usize {
    grid.max(COLUMNS).min(columns)
}

/// A length in twips: twentieths of a point, or a number with its unit as strict documents have it
/// (ECMA-376 part 1, 22.9.2.14).
pub fn twips(length: &str) -> Option<u32> {
    const UNITS: [(&str, f64); 6] =
        [("pt", 20.0), ("mm", 1440.0 / 25.4), ("cm", 1440.0 / 2.54), ("in", 1440.0), ("pc", 240.0), ("pi", 240.0)];
    let length = length.trim();
    match UNITS.iter().find_map(|(unit, twips)| Some((length.strip_suffix(unit)?, twips))) {
        Some((number, twips)) => {
            let length = (number.parse::<f64>().ok()? * twips).round();
            (0.0..=f64::from(u32::MAX)).contains(&length).then_some(length as u32)
        }
        None => length.parse().ok(),
    }
}

/// Corrects the spans of a row so that it fits into the grid, and finds the spans that only the
/// widths tell.
pub fn settle(row: &mut RowShape, cells: &mut [CellShape], grid: &[u32], limit: usize) {
    if let Some(spans) = spans_by_width(row, cells, grid) {
        for (cell, span) in cells.iter_mut().filter(|cell| !cell.deleted).zip(spans) {
            cell.span = span;
        }
    }
    let count = cells.len();
    let mut left = limit;
    let mut take = |wanted: usize, least: usize, reserve: usize| {
        let given = wanted.min(left.saturating_sub(reserve).max(least.min(left)));
        row.cut |= given < wanted;
        left -= given;
        given
    };
    row.before = take(row.before, 0, count);
    for (index, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| !cell.deleted) {
        // Each of the cells after it keeps one column.
        cell.span = take(cell.span.max(1), 1, count - index - 1);
    }
    row.after = take(row.after, 0, 0);
    pass_over_slivers(row, cells, grid);
}

/// Takes slivers of columns out of the spans.
fn pass_over_slivers(row: &mut RowShape, cells: &mut [CellShape], grid: &[u32]) {
    let is_sliver = |width: &u32| (1..=SLIVER).contains(width);
    let slivers = grid.iter().filter(|width| is_sliver(width)).count();
    // A grid of nothing else says nothing.
    if slivers == 0 || slivers * 2 >= grid.len() {
        return;
    }
    let mut column = 0;
    let mut seen = |span: usize| {
        let slivers = grid.iter().skip(column).take(span).filter(|width| is_sliver(width)).count();
        column += span;
        span - slivers
    };
    row.before = seen(row.before);
    let mut first = row.before == 0;
    for cell in cells.iter_mut().filter(|cell| !cell.deleted) {
        let span = seen(cell.span);
        // A cell of its own that says it is wide, whatever the grid says, or that nothing else could cover.
        let own = first || cell.width.is_none_or(|width| width > SLIVER);
        cell.span = if cell.span > 0 && own { span.max(1) } else { span };
        first = false;
    }
    row.after = seen(row.after);
}

/// A row with fewer columns than the grid whose cells are as wide as several of them: some
/// programs leave `w:gridSpan` out, and Word goes by the widths.
fn spans_by_width(row: &RowShape, cells: &[CellShape], grid: &[u32]) -> Option<Vec<usize>> {
    let written = cells.iter().filter(|cell| !cell.deleted).fold(0, |sum: usize, cell| sum.saturating_add(cell.span));
    if written >= grid.len() || row.before > 0 || row.after > 0 {
        return None;
    }
    let total: u64 = grid.iter().map(|width| u64::from(*width)).sum();
    let widths: u64 = cells.iter().filter(|cell| !cell.deleted).map(|cell| u64::from(cell.width.unwrap_or(0))).sum();
    // The row must be as wide as the table, or it really has fewer cells.
    if total == 0 || widths.abs_diff(total) * 50 > total {
        return None;
    }
    let (mut spans, mut reached, mut boundary, mut column) = (Vec::new(), 0_u64, 0_u64, 0);
    for cell in cells.iter().filter(|cell| !cell.deleted) {
        reached += u64::from(cell.width?);
        let first = column;
        while column < grid.len()
            && (boundary + u64::from(grid[column])).abs_diff(reached) <= boundary.abs_diff(reached)
        {
            boundary += u64::from(grid[column]);
            column += 1;
        }
        // Half a millimetre and more beside every grid line: no answer is better than a guess.
        if column == first || boundary.abs_diff(reached) > 40 {
            return None;
        }
        spans.push(column - first);
    }
    (column == grid.len()).then_some(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(before: usize, cells: &[(usize, u32)], grid: &[u32], limit: usize) -> (Vec<usize>, bool) {
        let mut row = RowShape { before, ..RowShape::default() };
        let mut cells: Vec<CellShape> = cells
            .iter()
            .map(|(span, width)| CellShape {
                span: *span,
                width: (*width > 0).then_some(*width),
                ..CellShape::default()
            })
            .collect();
        settle(&mut row, &mut cells, grid, limit);
        (cells.iter().map(|cell| cell.span).collect(), row.cut)
    }

    #[test]
    fn lengths_may_have_units() {
        let lengths = ["1440", "72pt", "1in", "25.4mm", "2.54cm", "6pc", "-1pt", "50%", "x", "1e99pt"];
        let twips: Vec<Option<u32>> = lengths.iter().map(|length| super::twips(length)).collect();
        assert_eq!(twips[..6], [Some(1440); 6]);
        assert_eq!(twips[6..], [None; 4]);
    }

    #[test]
    fn widths_tell_spans_that_were_left_out() {
        let grid = [1000, 1000, 2000, 500];
        assert_eq!(spans(0, &[(1, 2000), (1, 2510)], &grid, 63), (vec![2, 2], false));
        // As wide as its own columns: the row just ends early.
        assert_eq!(spans(0, &[(1, 1000), (1, 1000)], &grid, 63), (vec![1, 1], false));
        // Off every grid line: left as written.
        assert_eq!(spans(0, &[(1, 1500), (1, 3000)], &grid, 63), (vec![1, 1], false));
        assert_eq!(spans(0, &[(2, 0), (2, 0)], &grid, 63), (vec![2, 2], false));
    }

    #[test]
    fn grid_lines_that_were_meant_to_be_one() {
        let grid = [2000, 1999, 1, 2001, 1, 2000];
        assert_eq!(spans(0, &[(1, 2000), (2, 2000), (3, 4002)], &grid, 63).0, [1, 1, 2]);
        assert_eq!(spans(0, &[(2, 3999), (2, 2002), (2, 2001)], &grid, 63).0, [2, 1, 1]);
        assert_eq!(spans(2, &[(1, 1), (3, 4002)], &grid, 63).0, [0, 2]);
        // A cell that the grid has no room for keeps its column, and a grid of slivers says nothing.
        assert_eq!(spans(0, &[(2, 3999), (1, 900), (3, 4000)], &grid, 63).0, [2, 1, 2]);
        assert_eq!(spans(0, &[(1, 1), (1, 1)], &[1, 1], 63).0, [1, 1]);
        assert_eq!(spans(0, &[(1, 1), (2, 4000)], &[1, 2000, 2000], 63).0, [1, 2]);
    }

    #[test]
    fn absurd_spans_are_cut_but_every_cell_keeps_a_column() {
        assert_eq!(spans(0, &[(usize::MAX, 0), (1, 0)], &[], 63), (vec![62, 1], true));
        assert_eq!(spans(usize::MAX, &[(1, 0)], &[], 63), (vec![1], true));
        assert_eq!(spans(0, &[(0, 0)], &[], 63), (vec![1], false));
        assert_eq!(spans(0, &[(1, 0), (1, 0), (1, 0)], &[], 2).0, [1, 1, 0]);
    }
}
