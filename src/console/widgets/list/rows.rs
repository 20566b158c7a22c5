//! Access to the rows of the window and to their numbers in the whole list.

use crate::console::widgets::list::{Keyed, List};
use crate::domain::{Seek, grouped};

/// Returns which of its rows a list shows: `1-40 of 17,820`. `count`: how many there are, once
/// they are counted.
pub fn place_words<R: Keyed>(list: &List<R>, count: impl Fn(usize) -> Option<String>) -> String {
    let numbers = list.numbers();
    let read = numbers.map_or_else(|| list.length(), |(_, last)| last);
    let total = list.known_length().map(grouped).or_else(|| count(read)).unwrap_or("…".to_owned());
    match numbers {
        _ if !list.is_loaded() => "reading …".to_owned(),
        _ if list.searching().is_some() => format!("{} found so far", grouped(list.length())),
        Some((first, last)) if total == "…" => format!("{first}-{last}, counting …"),
        Some((first, last)) => format!("{first}-{last} of {total}"),
        None if list.current().is_none() => "none".to_owned(),
        None => format!("{total} in all"),
    }
}

impl<R: Keyed> List<R> {
    /// Returns the rows between two keys, both included, in either order; `None` if one is not in
    /// the window.
    pub fn between(&self, one: R::Key, other: R::Key) -> Option<impl Iterator<Item = &R>> {
        let at = |key| self.rows.iter().position(|row| row.key() == key);
        let (one, other) = (at(one)?, at(other)?);
        Some(self.rows.range(one.min(other)..=one.max(other)))
    }

    /// Returns all rows of the window.
    pub fn window(&self) -> impl Iterator<Item = &R> {
        self.rows.iter()
    }

    /// Returns the longest cell of each column. They only grow while the list stays open, so that
    /// scrolling seldom moves the columns; `longest` measures one cell.
    pub fn measured(&mut self, columns: usize, longest: impl Fn(&R, usize) -> u16) -> &[u16] {
        if !std::mem::replace(&mut self.is_measured, true) {
            self.widths.resize(columns, 0);
            for (at, width) in self.widths.iter_mut().enumerate() {
                *width = self.rows.iter().map(|row| longest(row, at)).fold(*width, u16::max);
            }
        }
        &self.widths
    }

    /// Sets the columns that were drawn, left to right, with their widths.
    pub fn set_drawn(&mut self, drawn: Vec<(&'static str, u16)>) {
        self.drawn = drawn;
    }

    /// Returns the columns that were drawn last, left to right, with their widths.
    pub fn drawn(&self) -> &[(&'static str, u16)] {
        &self.drawn
    }

    /// Scrolls; the cursor stays on its row while that is visible.
    pub(super) fn scroll_by(&mut self, rows: isize) -> Option<Seek<R::Key>> {
        let most = self.rows.len().saturating_sub(self.height);
        self.top = self.top.saturating_add_signed(rows).min(most);
        let bottom = (self.top + self.height.max(1) - 1).min(self.rows.len().saturating_sub(1));
        self.cursor = self.cursor.clamp(self.top.min(bottom), bottom);
        self.need()
    }

    /// Returns the length of the whole list if the window contains it.
    pub fn known_length(&self) -> Option<usize> {
        (self.loaded && self.at_start && self.at_end).then_some(self.rows.len())
    }

    /// Returns the numbers of the first and the last visible row, from 1, if known.
    pub fn numbers(&self) -> Option<(usize, usize)> {
        let first = self.first_number? + self.top;
        let shown = self.height.min(self.rows.len().saturating_sub(self.top));
        (shown > 0).then_some((first, first + shown - 1))
    }
}
