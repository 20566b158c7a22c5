//! The rows of the window, and what is known of their number in the whole list.

use crate::console::widgets::list::{Keyed, List};

impl<R: Keyed> List<R> {
    /// The rows from one place to another, both included, whichever comes first; `None` if the window does not hold both.
    pub fn between(&self, one: R::Key, other: R::Key) -> Option<impl Iterator<Item = &R>> {
        let at = |key| self.rows.iter().position(|row| row.key() == key);
        let (one, other) = (at(one)?, at(other)?);
        Some(self.rows.range(one.min(other)..=one.max(other)))
    }

    /// Every row of the window.
    pub fn window(&self) -> impl Iterator<Item = &R> {
        self.rows.iter()
    }

    /// Rows of the whole list, if the window holds it whole.
    pub fn known_length(&self) -> Option<usize> {
        (self.loaded && self.at_start && self.at_end).then_some(self.rows.len())
    }

    /// The numbers of the visible rows, from 1, as far as they are known.
    pub fn numbers(&self) -> Option<(usize, usize)> {
        let first = self.first_number? + self.top;
        let shown = self.height.min(self.rows.len().saturating_sub(self.top));
        (shown > 0).then_some((first, first + shown - 1))
    }
}
