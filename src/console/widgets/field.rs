//! What all fields of a form have in common: keys they can hold, arrows around the one that has the focus, a ring to go around in.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use chrono::{NaiveDate, NaiveTime};

/// What `t` puts into a date or a time: the wall clock of the form's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Today there.
    pub today: NaiveDate,
    /// The time of day there.
    pub time: NaiveTime,
}

/// One field, or one row of choices.
pub trait Field {
    /// Takes a key that it can hold; `false` leaves it to the form.
    fn key(&mut self, key: &Key, present: &Present) -> bool;

    /// Draws itself from the column of its left arrow on; gives the columns used, both arrows among them.
    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16;

    /// The focus has come.
    fn entered(&mut self) {}
}

/// Draws a text between arrows if it has the focus, else between blanks.
pub fn between(painter: &mut Painter, x: u16, y: u16, focused: bool, text: &str) -> u16 {
    let role = if focused { Role::Title } else { Role::Text };
    let arrow = |arrow: &'static str| if focused { arrow } else { " " };
    painter.text(x, y, 1, arrow("►"), role);
    let used = 1 + painter.text(x + 1, y, painter.width(), text, role);
    used + painter.text(x + used, y, 1, arrow("◄"), role)
}

/// Which field has the focus, in whatever order the form has them just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FocusRing<S> {
    at: S,
}

impl<S: Copy + PartialEq> FocusRing<S> {
    /// A ring with the focus there.
    pub fn new(at: S) -> Self {
        Self { at }
    }

    /// The field that has the focus.
    pub fn at(&self) -> S {
        self.at
    }

    /// Moves the focus there.
    pub fn go(&mut self, to: S) {
        self.at = to;
    }

    /// Moves it one on, or one back; to the first if the field is gone.
    pub fn step(&mut self, order: &[S], back: bool) {
        let Some(first) = order.first() else { return };
        let number = order.len();
        self.at = match order.iter().position(|slot| *slot == self.at) {
            Some(at) => order[(at + if back { number - 1 } else { 1 }) % number],
            None => *first,
        };
    }
}
