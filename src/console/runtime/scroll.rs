//! Finds rows that moved by a few lines and lets the terminal scroll them, which takes far fewer
//! bytes than drawing them again.

use ratatui::buffer::{Buffer, Cell};
use std::fmt::Write as _;

/// Regions with no more changed rows than this are drawn again, at about the same cost.
const MIN_ROWS: u16 = 4;
/// Maximum lines that a region moves by. One frame may show the effect of several keys.
const MAX_LINES: u16 = 8;

/// A region of rows that scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    top: u16,
    /// The last row of the region.
    bottom: u16,
    /// The number of lines.
    by: u16,
    up: bool,
}

impl Scroll {
    /// Finds the region of `shown` that, scrolled, saves the most rows of `next`.
    pub fn find(shown: &Buffer, next: &Buffer) -> Option<Self> {
        let height = shown.area.height;
        if shown.area != next.area || height <= MIN_ROWS {
            return None;
        }
        let found = |by: u16, up: bool| {
            let mut best: Option<(usize, u16, u16)> = None;
            let (mut start, mut differing) = (0, 0);
            for y in 0..height {
                // Only rows that would have to be drawn count: blank rows and rules match anywhere.
                differing += usize::from(row(shown, y) != row(next, y));
                let moved = y + by < height && {
                    let (from, to) = if up { (y + by, y) } else { (y, y + by) };
                    row(shown, from) == row(next, to)
                };
                if !moved {
                    if y > start && best.is_none_or(|(most, ..)| differing > most) {
                        best = Some((differing, start, (y + by - 1).min(height - 1)));
                    }
                    (start, differing) = (y + 1, 0);
                }
            }
            let (differing, top, bottom) = best?;
            (differing > usize::from(MIN_ROWS)).then_some(Self { top, bottom, by, up })
        };
        (1..=MAX_LINES.min(height - 1)).find_map(|by| found(by, true).or_else(|| found(by, false)))
    }

    /// Returns the control sequence: sets a scrolling region, scrolls it, and resets the region.
    pub fn sequence(self) -> String {
        let (top, bottom) = (self.top + 1, self.bottom + 1);
        let mut text = format!("\x1b[0m\x1b[{top};{bottom}r");
        // Writing to a String cannot fail.
        let _ = write!(text, "\x1b[{};1H", if self.up { bottom } else { top });
        text.push_str(&if self.up { "\n" } else { "\x1bM" }.repeat(usize::from(self.by)));
        text.push_str("\x1b[r");
        text
    }

    /// Scrolls the buffer as the terminal scrolls the screen.
    pub fn apply(self, shown: &mut Buffer) {
        let width = usize::from(shown.area.width);
        let (start, end) = (usize::from(self.top) * width, (usize::from(self.bottom) + 1) * width);
        let region = &mut shown.content[start..end];
        let moved = (width * usize::from(self.by)).min(region.len());
        if self.up {
            region.rotate_left(moved);
            region[end - start - moved..].fill(Cell::default());
        } else {
            region.rotate_right(moved);
            region[..moved].fill(Cell::default());
        }
    }
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let start = usize::from(y) * width;
    &buffer.content[start..start + width]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Buffer {
        Buffer::with_lines(lines.iter().copied())
    }

    #[test]
    fn a_list_that_moved_by_a_line_is_scrolled_without_the_rows_around_it() {
        let before = lines(&["head", "a", "b", "c", "d", "e", "f", "foot"]);
        let after = lines(&["head", "b", "c", "d", "e", "f", "g", "foot"]);
        let scroll = Scroll::find(&before, &after).expect("it moved");
        assert_eq!(scroll, Scroll { top: 1, bottom: 6, by: 1, up: true });
        assert_eq!(scroll.sequence(), "\x1b[0m\x1b[2;7r\x1b[7;1H\n\x1b[r");
        let mut shown = before.clone();
        scroll.apply(&mut shown);
        assert_eq!(shown.diff(&after).len(), 1);
        let back = Scroll::find(&after, &before).expect("it moved back");
        let mut shown = after.clone();
        back.apply(&mut shown);
        assert_eq!(shown.diff(&before).len(), 1);
    }

    #[test]
    fn a_list_that_moved_by_several_lines_is_scrolled() {
        let before = lines(&["head", "a", "b", "c", "d", "e", "f", "g", "foot"]);
        let after = lines(&["head", "c", "d", "e", "f", "g", "h", "i", "foot"]);
        for (from, to) in [(&before, &after), (&after, &before)] {
            let scroll = Scroll::find(from, to).expect("it moved");
            assert_eq!((scroll.top, scroll.bottom, scroll.by), (1, 7, 2));
            let mut shown = from.clone();
            scroll.apply(&mut shown);
            assert_eq!(shown.diff(to).len(), 2);
        }
    }

    #[test]
    fn unmoved_rows_are_not_scrolled() {
        let before = lines(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(Scroll::find(&before, &before), None);
        assert_eq!(Scroll::find(&before, &lines(&["x", "b", "c", "d", "e", "f", "g", "y"])), None);
        assert_eq!(Scroll::find(&before, &lines(&["a"])), None);
    }
}
