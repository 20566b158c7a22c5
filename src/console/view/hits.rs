//! What was drawn where, so that a click finds it.

use crate::console::protocol::key_table::Command;
use ratatui::layout::{Position, Rect};

/// Something that a click can land on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A pane of the screen, by its number; the list is 0.
    Pane(u8),
    /// A row of a list: how many rows below the cursor it is, and whether the list has the focus.
    #[allow(missing_docs)]
    Row { below: i16, focused: bool },
    /// The heading of a column that sorts its list.
    Heading(&'static str),
    /// A row of a box, or a field or button of a form: its number there.
    Focus(usize),
    /// A hint for a command that changes nothing.
    Hint(Command),
}

/// The areas of one frame.
#[derive(Debug, Default)]
pub struct Hits(Vec<(Rect, Hit)>);

impl Hits {
    /// Notes that something was drawn.
    pub fn add(&mut self, area: Rect, hit: Hit) {
        self.0.push((area, hit));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets all but the panes, which stay where they are when their rows move.
    pub fn keep_panes(&mut self) {
        self.0.retain(|(_, hit)| matches!(hit, Hit::Pane(_)));
    }

    fn under(&self, x: u16, y: u16) -> impl Iterator<Item = Hit> {
        self.0.iter().rev().filter(move |(area, _)| area.contains(Position::new(x, y))).map(|(_, hit)| *hit)
    }

    /// What was drawn at a place, apart from panes.
    pub fn at(&self, x: u16, y: u16) -> Option<Hit> {
        self.under(x, y).find(|hit| !matches!(hit, Hit::Pane(_)))
    }

    /// The same, and forgets everything: a second click before the next frame would hit what has
    /// moved.
    pub fn take(&mut self, x: u16, y: u16) -> Option<Hit> {
        let hit = self.at(x, y);
        self.clear();
        hit
    }

    /// The number of the pane at a place.
    pub fn pane(&self, x: u16, y: u16) -> Option<u8> {
        self.under(x, y).find_map(|hit| if let Hit::Pane(pane) = hit { Some(pane) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_last_at_a_place_is_hit() {
        let mut hits = Hits::default();
        hits.add(Rect::new(0, 2, 80, 10), Hit::Pane(0));
        hits.add(Rect::new(0, 3, 80, 1), Hit::Row { below: 0, focused: true });
        hits.add(Rect::new(2, 3, 5, 1), Hit::Heading("Job"));
        assert_eq!((hits.at(3, 3), hits.pane(3, 3)), (Some(Hit::Heading("Job")), Some(0)));
        assert_eq!(hits.at(7, 3), Some(Hit::Row { below: 0, focused: true }));
        assert_eq!((hits.at(7, 4), hits.at(80, 3), hits.pane(0, 12)), (None, None, None));
        hits.keep_panes();
        assert_eq!((hits.at(3, 3), hits.pane(3, 3)), (None, Some(0)));
        hits.clear();
        assert_eq!((hits.at(3, 3), hits.pane(3, 3)), (None, None));
    }
}
