//! The width of a box: as its text needs, at most what the screen has.

use crate::console::view::painter::cells;

/// The least columns of a box with a text.
pub const MIN_TEXT_BOX_WIDTH: u16 = 48;
/// The most cells of a line in a box that shows a text; longer ones are wrapped.
pub const MAX_LINE_CELLS: usize = 110;
/// Cells of a box's edges, and of the blanks beside its title.
const EDGE_CELLS: usize = 4;
const TITLE_EDGE_CELLS: usize = 6;

/// Returns the columns of a box with this title over lines of `widest` cells, at least `least` and
/// at most `room`.
pub fn columns(title: &str, widest: usize, least: u16, room: u16) -> u16 {
    let needed = (widest + EDGE_CELLS).max(cells(title) + TITLE_EDGE_CELLS);
    u16::try_from(needed).unwrap_or(u16::MAX).max(least).min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_as_wide_as_its_text_or_its_title_and_no_wider_than_the_screen() {
        assert_eq!(columns("Sort by", 30, 20, 70), 34);
        assert_eq!(columns("Actions on job 12 Status of Houston", 10, 20, 70), 41);
        assert_eq!((columns("Sort by", 4, 20, 70), columns("Sort by", 400, 20, 70)), (20, 70));
    }
}
