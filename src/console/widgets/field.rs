//! Shared by all form fields: the `Field` trait, focus arrows, and the focus order.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use chrono::{NaiveDate, NaiveTime};

/// The wall clock of the form's time zone, which `t` puts into a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalNow {
    /// The date there.
    pub today: NaiveDate,
    /// The time of day there.
    pub time: NaiveTime,
}

/// A field of a form, or a row of choices.
pub trait Field {
    /// Handles a key; `false` leaves it to the form.
    fn key(&mut self, key: &Key, now: &LocalNow) -> bool;

    /// Draws the field from the column of its left focus arrow on. Returns the columns used,
    /// including both arrows.
    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16;

    /// Called when the field gets the focus.
    fn entered(&mut self) {}

    /// Returns why a key or a paste typed nothing, until the operator has deleted something or
    /// moved; it begins with the field's label.
    fn refusal(&self) -> Option<String> {
        None
    }

    /// Returns the refusal, or what is wrong with the value; `None` if the field is empty, half
    /// typed or valid.
    fn fault(&self) -> Option<String> {
        self.refusal()
    }
}

/// Draws text between focus arrows, or between blanks if it has no focus.
pub fn between(painter: &mut Painter, x: u16, y: u16, focused: bool, text: &str) -> u16 {
    let role = if focused { Role::Title } else { Role::Text };
    let arrow = |arrow: &'static str| if focused { arrow } else { " " };
    painter.text(x, y, 1, arrow("►"), role);
    let used = 1 + painter.text(x + 1, y, painter.width(), text, role);
    used + painter.text(x + used, y, 1, arrow("◄"), role)
}

/// The focused field. The order of the fields is passed with each step, since it may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FocusRing<S> {
    focused: S,
}

impl<S: Copy + PartialEq> FocusRing<S> {
    /// Creates a ring that focuses this field.
    pub fn new(focused: S) -> Self {
        Self { focused }
    }

    /// Returns the focused field.
    pub fn focused(&self) -> S {
        self.focused
    }

    /// Moves the focus to a field.
    pub fn go(&mut self, to: S) {
        self.focused = to;
    }

    /// Moves the focus to the next or the previous field, or to the first if the focused field is
    /// gone.
    pub fn step(&mut self, order: &[S], back: bool) {
        let Some(first) = order.first() else { return };
        let number = order.len();
        self.focused = match order.iter().position(|id| *id == self.focused) {
            Some(at) => order[(at + if back { number - 1 } else { 1 }) % number],
            None => *first,
        };
    }
}
