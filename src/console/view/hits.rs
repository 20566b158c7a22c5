//! What was drawn where, so that a click finds it.

use crate::console::protocol::key::Key;
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
    /// A part of a form that a click presses.
    Press(Press),
}

/// What a click on a part of a form does, as keys would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Ticks a box, chooses a radio button, or opens the field's list.
    Space,
    /// Presses a button.
    Enter,
    /// Chooses one of a field's radio buttons, by its number.
    Choose(usize),
    /// Opens the first or the second tab.
    Tab(usize),
}

impl Press {
    /// The keys that do the same once the field has the focus.
    pub fn keys(self) -> Vec<Key> {
        match self {
            Self::Space => vec![Key::Char(' ')],
            Self::Enter => vec![Key::Enter],
            Self::Choose(number) => {
                let right = std::iter::repeat_n(Key::Right, number);
                std::iter::once(Key::Home).chain(right).chain([Key::Char(' ')]).collect()
            }
            Self::Tab(0) => vec![Key::PageUp],
            Self::Tab(_) => vec![Key::PageDown],
        }
    }

    /// Whether it is pressed on the field that has the focus.
    pub fn needs_field(self) -> bool {
        !matches!(self, Self::Tab(_))
    }
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

    /// What was drawn at a place, apart from panes and what forms press.
    pub fn at(&self, x: u16, y: u16) -> Option<Hit> {
        self.under(x, y).find(|hit| !matches!(hit, Hit::Pane(_) | Hit::Press(_)))
    }

    /// Returns what is at a cell and forgets everything: a second click before the next frame would
    /// hit what has moved.
    pub fn take(&mut self, x: u16, y: u16) -> Option<Hit> {
        let hit = self.at(x, y);
        self.clear();
        hit
    }

    /// The number of the field of a form at a place, and what a click presses there. Forgets
    /// everything.
    pub fn take_field(&mut self, x: u16, y: u16) -> (Option<usize>, Option<Press>) {
        let field = self.under(x, y).find_map(|hit| if let Hit::Focus(number) = hit { Some(number) } else { None });
        let press = self.under(x, y).find_map(|hit| if let Hit::Press(press) = hit { Some(press) } else { None });
        self.clear();
        (field, press.filter(|press| field.is_some() || !press.needs_field()))
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
        hits.add(Rect::new(2, 5, 9, 1), Hit::Press(Press::Space));
        assert_eq!((hits.at(3, 5), hits.pane(3, 5)), (None, Some(0)), "a press needs its field");
        hits.keep_panes();
        assert_eq!((hits.at(3, 3), hits.pane(3, 3)), (None, Some(0)));
        hits.add(Rect::new(2, 5, 9, 1), Hit::Press(Press::Choose(2)));
        hits.add(Rect::new(0, 5, 20, 1), Hit::Focus(4));
        assert_eq!(hits.take_field(3, 5), (Some(4), Some(Press::Choose(2))));
        hits.add(Rect::new(2, 5, 9, 1), Hit::Press(Press::Enter));
        assert_eq!(hits.take_field(3, 5), (None, None));
        hits.clear();
        assert_eq!((hits.at(3, 3), hits.pane(3, 3)), (None, None));
    }
}
