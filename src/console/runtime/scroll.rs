//! Rows that only moved by a few lines: the terminal moves them itself, for a few bytes instead of a screen of them.

use ratatui::buffer::{Buffer, Cell};
use std::fmt::Write as _;

/// Fewer rows are drawn anew as cheaply.
const WORTH: u16 = 4;
/// Lines that a region may move by: several keys may be drawn at once.
const FARTHEST: u16 = 8;

/// A region that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    top: u16,
    /// The last row of the region, itself included.
    bottom: u16,
    /// By how many lines.
    by: u16,
    up: bool,
}

impl Scroll {
    /// The region of `shown` that moves to become that of `next`, if one does.
    pub fn find(shown: &Buffer, next: &Buffer) -> Option<Self> {
        let height = shown.area.height;
        if shown.area != next.area || height <= WORTH {
            return None;
        }
        let found = |by: u16, up: bool| {
            let mut best: Option<(usize, u16, u16)> = None;
            let (mut start, mut differing) = (0, 0);
            for y in 0..height {
                // Blank rows and rules are alike wherever they stand; only rows that would have to be drawn count.
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
            (differing > usize::from(WORTH)).then_some(Self { top, bottom, by, up })
        };
        (1..=FARTHEST.min(height - 1)).find_map(|by| found(by, true).or_else(|| found(by, false)))
    }

    /// What makes the terminal do it: a scrolling region, a line feed at its end, the whole screen again.
    pub fn sequence(self) -> String {
        let (top, bottom) = (self.top + 1, self.bottom + 1);
        let mut text = format!("\x1b[0m\x1b[{top};{bottom}r");
        // Writing to a String cannot fail.
        let _ = write!(text, "\x1b[{};1H", if self.up { bottom } else { top });
        text.push_str(&if self.up { "\n" } else { "\x1bM" }.repeat(usize::from(self.by)));
        text.push_str("\x1b[r");
        text
    }

    /// Does to the buffer what the terminal does to the screen.
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
    fn a_list_that_moved_by_a_line_is_scrolled_and_nothing_around_it() {
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
    fn several_lines_are_scrolled_as_well() {
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
    fn what_did_not_move_is_not_scrolled() {
        let before = lines(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(Scroll::find(&before, &before), None);
        assert_eq!(Scroll::find(&before, &lines(&["x", "b", "c", "d", "e", "f", "g", "y"])), None);
        assert_eq!(Scroll::find(&before, &lines(&["a"])), None);
    }
}
