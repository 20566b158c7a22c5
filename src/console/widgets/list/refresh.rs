//! A list that is read again because what it shows has changed: nothing moves under the cursor, and what has come above is counted.

use crate::console::protocol::query::{Keyed, NEWER};
use crate::console::widgets::list::List;
use crate::domain::Seek;
use std::collections::HashSet;

/// `▲ 12 newer, g`, while rows have come above the visible ones that the operator has not seen.
pub fn newer<R: Keyed>(list: &List<R>) -> Option<String> {
    match list.newer() {
        0 => None,
        newer if newer > NEWER => Some(format!("▲ {NEWER}+ newer, g")),
        newer => Some(format!("▲ {newer} newer, g")),
    }
}

impl<R: Keyed> List<R> {
    /// Reads the visible rows again, from the first of them on, after the list has changed: nothing moves under the cursor. `including` is
    /// the place just before a key, so that its row is read, too.
    pub fn refresh(&mut self, including: impl Fn(R::Key) -> R::Key) -> Seek<R::Key> {
        let Some(first) = self.rows.get(self.top).map(Keyed::key).filter(|_| self.loaded) else {
            return self.restart(Seek::First);
        };
        self.note_head();
        self.stays = self.current().map(Keyed::key);
        self.stays_below = self.cursor - self.top;
        self.stays_at = self.first_number.map(|number| number + self.top);
        let seek = self.restart(Seek::After(including(first)));
        self.refreshing = true;
        seek
    }

    /// From where on the rows are as a search found them before the list was last read again; `None` if all were read again.
    pub fn unconfirmed(&self) -> Option<R::Key> {
        self.unconfirmed
    }

    /// The rows beyond `reached` in the order of the list: a search that reads the visible rows again has not come so far.
    pub(super) fn beyond(&mut self, reached: Option<R::Key>) -> Vec<R> {
        let Some(reached) = reached.filter(|_| std::mem::take(&mut self.refreshing)) else { return Vec::new() };
        let ends = self.rows.front().map(Keyed::key).zip(self.rows.back().map(Keyed::key));
        let rising = ends.is_some_and(|(first, last)| first < last);
        let is_beyond = |row: &R| if rising { row.key() > reached } else { row.key() < reached };
        std::mem::take(&mut self.rows).into_iter().filter(is_beyond).collect()
    }

    /// Before which row those that have come since are to be counted.
    pub fn head(&self) -> Option<R::Key> {
        self.head
    }

    /// Takes how many rows have come before [`Self::head`].
    pub fn take_newer(&mut self, newer: usize) {
        if !self.at_start {
            let more = newer.saturating_sub(self.newer);
            self.first_number = self.first_number.filter(|_| newer <= NEWER).map(|number| number + more);
        }
        self.newer = newer;
        self.note_head();
    }

    /// How many rows have come above the visible ones, unseen as yet.
    pub fn newer(&self) -> usize {
        self.newer
    }

    /// Once the first row of all is visible, nothing above it is unseen.
    pub(super) fn note_head(&mut self) {
        if self.loaded && self.at_start && self.top == 0 {
            self.head = self.rows.front().map(Keyed::key);
            self.newer = 0;
        }
    }

    /// Takes a list that is short enough to come whole, as it is now: the cursor stays on its row, and that where it is on the screen.
    pub fn take_whole(&mut self, rows: Vec<R>) {
        let known: HashSet<_> = self.rows.iter().map(Keyed::key).collect();
        let (was_loaded, above, newer) = (self.loaded, self.cursor - self.top, self.newer);
        self.take_arranged(rows);
        if was_loaded {
            self.top = self.cursor.saturating_sub(above);
            self.scroll();
            self.newer = newer + self.rows.iter().take(self.top).filter(|row| !known.contains(&row.key())).count();
            self.note_head();
        }
    }

    /// Takes the same list in another order, or another part of it; the cursor stays on its row.
    pub fn take_arranged(&mut self, rows: Vec<R>) {
        let key = self.current().map(Keyed::key);
        let cursor = self.cursor;
        self.asked = None;
        self.replace(rows, true, true);
        self.first_number = Some(1);
        self.newer = 0;
        self.cursor = key.and_then(|key| self.rows.iter().position(|row| row.key() == key)).unwrap_or(cursor);
        self.scroll();
    }

    /// Puts the cursor on the next wanted row of a list that is there whole, going on at its other end; what is to be said of that, which is
    /// `none` if no row is wanted.
    pub fn find_said(&mut self, forward: bool, none: &str, wanted: impl Fn(&R) -> bool) -> Option<String> {
        if self.find(forward, &wanted) {
            return None;
        }
        let found = if forward { self.rows.iter().position(wanted) } else { self.rows.iter().rposition(wanted) };
        let said = match (found, forward) {
            (None, _) => none,
            (Some(_), true) => "no more below: continued from the top",
            (Some(_), false) => "no more above: continued from the end",
        };
        self.cursor = found.unwrap_or(self.cursor);
        self.scroll();
        Some(said.to_owned())
    }
}
