//! Finds rows that moved by a few lines and lets the terminal scroll them, which takes far fewer
//! bytes than drawing them again.

use ratatui::buffer::{Buffer, Cell};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Cells that are compared as one: a scroll also pays where only a part of each row moves with it,
/// such as a list beside a pane.
const CHUNK_CELLS: usize = 8;
/// Chunks that a scroll has to save at least: fewer are drawn again at about the same cost.
const MIN_CHUNKS: usize = 4;
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
    /// Finds the region of `shown` that, scrolled, saves the most cells of `next`.
    pub fn find(shown: &Buffer, next: &Buffer) -> Option<Self> {
        let height = shown.area.height;
        if shown.area != next.area || usize::from(height) <= MIN_CHUNKS {
            return None;
        }
        let least = MIN_CHUNKS.max(usize::from(shown.area.width).div_ceil(CHUNK_CELLS) * 3 / 2);
        let (shown, next) = (Chunks::of(shown), Chunks::of(next));
        let costs: Vec<usize> = (0..height).map(|y| differing(shown.row(y), next.row(y))).collect();
        if costs.iter().sum::<usize>() <= least {
            return None;
        }
        let found = |by: u16, up: bool| {
            // The rows of a region, from the edge that rows leave to the one where blank rows
            // enter.
            let at = |step: u16| if up { step } else { height - 1 - step };
            let cost = |step: u16| i64::try_from(costs[usize::from(at(step))]).unwrap_or(i64::MAX);
            let count = |chunks: usize| i64::try_from(chunks).unwrap_or(i64::MAX);
            let saved = |step: u16| {
                let from = at(step + by);
                cost(step) - count(differing(shown.row(from), next.row(at(step))))
            };
            // What drawing the last rows of a region costs more, once they are blank.
            let blank =
                |step: u16| (step..step + by).map(|step| count(next.filled(at(step))) - cost(step)).sum::<i64>();
            let (mut best, mut start, mut sum): (Option<(i64, u16, u16)>, _, _) = (None, 0, 0);
            for step in 0..height - by {
                if sum <= 0 {
                    (start, sum) = (step, 0);
                }
                sum += saved(step);
                let saves = sum - blank(step + 1);
                if best.is_none_or(|(most, ..)| saves > most) {
                    best = Some((saves, start, step + by));
                }
            }
            let (saves, start, end) = best?;
            let (top, bottom) = if up { (at(start), at(end)) } else { (at(end), at(start)) };
            (saves > count(least)).then_some(Self { top, bottom, by, up })
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

/// The chunks of a screen: of each its hash, and whether it is not blank.
struct Chunks {
    width: usize,
    chunks: Vec<(u64, bool)>,
}

impl Chunks {
    fn of(buffer: &Buffer) -> Self {
        let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        let blank = Cell::default();
        let chunk = |cells: &[Cell]| {
            let mut hasher = DefaultHasher::new();
            cells.hash(&mut hasher);
            (hasher.finish(), cells.iter().any(|cell| *cell != blank))
        };
        let width = usize::from(buffer.area.width).div_ceil(CHUNK_CELLS);
        Self { width, chunks: rows.flat_map(|row| row.chunks(CHUNK_CELLS).map(chunk)).collect() }
    }

    fn row(&self, y: u16) -> &[(u64, bool)] {
        let start = usize::from(y) * self.width;
        &self.chunks[start..start + self.width]
    }

    /// How many chunks of a row are not blank.
    fn filled(&self, y: u16) -> usize {
        self.row(y).iter().filter(|(_, is_filled)| *is_filled).count()
    }
}

fn differing(one: &[(u64, bool)], other: &[(u64, bool)]) -> usize {
    one.iter().zip(other).filter(|(one, other)| one != other).count()
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
    fn a_list_beside_a_pane_that_stays_is_scrolled() {
        let row = |list: u8, pane: &str| format!("{:<32}{pane:<16}", char::from(b'A' + list).to_string().repeat(30));
        let rows =
            |from: u8| (0..20).map(|y| row(from + y, if y < 4 { "a pane's text" } else { "" })).collect::<Vec<_>>();
        let (before, after) = (Buffer::with_lines(rows(10)), Buffer::with_lines(rows(11)));
        for (from, to, up) in [(&before, &after, true), (&after, &before, false)] {
            let scroll = Scroll::find(from, to).expect("the list moved");
            assert_eq!(scroll, Scroll { top: 0, bottom: 19, by: 1, up });
            let mut shown = from.clone();
            scroll.apply(&mut shown);
            assert!(shown.diff(to).len() < from.diff(to).len());
        }
        // The pane's text moves as well, but costs more than two rows of the list.
        let rows = |from: u8| (0..3).map(|y| row(from + y, "a pane's text")).collect::<Vec<_>>();
        assert_eq!(Scroll::find(&Buffer::with_lines(rows(10)), &Buffer::with_lines(rows(11))), None);
    }

    #[test]
    fn unmoved_rows_are_not_scrolled() {
        let before = lines(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(Scroll::find(&before, &before), None);
        assert_eq!(Scroll::find(&before, &lines(&["x", "b", "c", "d", "e", "f", "g", "y"])), None);
        assert_eq!(Scroll::find(&before, &lines(&["a"])), None);
    }
}
