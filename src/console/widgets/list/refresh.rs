//! Refreshing a list after its table has changed: rows stay in place under the cursor, and rows
//! added above the window are counted.

use crate::console::protocol::query::{Keyed, MAX_NEWER, PAGE_ROWS};
use crate::console::widgets::list::List;
use crate::domain::Seek;
use std::collections::HashSet;

/// Returns `▲ 12 newer, g` while there are unseen rows above the visible ones; `above` instead of
/// `newer` in an order that an operator has chosen.
pub fn newer_words<R: Keyed>(list: &List<R>, is_chosen_order: bool) -> Option<String> {
    let word = if is_chosen_order { "above" } else { "newer" };
    match list.newer_count() {
        0 => None,
        newer if newer > MAX_NEWER => Some(format!("▲ {MAX_NEWER}+ {word}, g")),
        newer => Some(format!("▲ {newer} {word}, g")),
    }
}

impl<R: Keyed> List<R> {
    /// Returns the page to request for refreshing the visible rows in place. `including` returns
    /// the position just before a key, so that the row of that key is read as well.
    pub fn refresh(&mut self, including: impl Fn(R::Key) -> R::Key) -> Seek<R::Key> {
        let Some(first) = self.rows.get(self.top).map(Keyed::key).filter(|_| self.loaded) else {
            return self.restart(Seek::First);
        };
        self.note_head();
        self.anchor_index = self.cursor - self.top;
        self.anchor_number = self.first_number.map(|number| number + self.top);
        let seek = self.restart(Seek::After(including(first)));
        self.refreshing = true;
        self.rereading = true;
        seek
    }

    /// Returns the page to request for reading the window again; visible rows and cursor stay in
    /// place.
    pub fn reread(&mut self) -> Seek<R::Key> {
        let before = self.top.checked_sub(1).and_then(|at| self.rows.get(at)).map(Keyed::key);
        let seek = match before {
            Some(key) if self.cursor >= PAGE_ROWS || !self.at_start => Seek::After(key),
            _ => Seek::First,
        };
        let number = self.first_number.map(|number| number + self.top);
        let seek = self.restart(seek);
        self.rereading = self.loaded;
        self.anchor_number = number.filter(|_| seek != Seek::First);
        seek
    }

    /// Returns the row after which a refreshed search still shows rows found before; `None` if all
    /// were read again.
    pub fn unconfirmed(&self) -> Option<R::Key> {
        self.unconfirmed
    }

    /// Takes the rows beyond `reached` out of the window: a search that is being refreshed has not
    /// reached them again.
    pub(super) fn take_beyond(&mut self, reached: Option<R::Key>) -> Vec<R> {
        let Some(reached) = reached.filter(|_| std::mem::take(&mut self.refreshing)) else { return Vec::new() };
        let ends = self.rows.front().map(Keyed::key).zip(self.rows.back().map(Keyed::key));
        let ascending = ends.is_some_and(|(first, last)| first < last);
        let is_beyond = |row: &R| if ascending { row.key() > reached } else { row.key() < reached };
        std::mem::take(&mut self.rows).into_iter().filter(is_beyond).collect()
    }

    /// Returns the first row that the operator has seen; newer rows are counted before it.
    pub fn head(&self) -> Option<R::Key> {
        self.head
    }

    /// Sets how many rows have been added before [`Self::head`].
    pub fn take_newer(&mut self, newer: usize) {
        if !self.at_start {
            let more = newer.saturating_sub(self.newer);
            self.first_number = self.first_number.filter(|_| newer <= MAX_NEWER).map(|number| number + more);
        }
        self.newer = newer;
        self.note_head();
    }

    /// Returns the number of unseen rows above the visible ones.
    pub fn newer_count(&self) -> usize {
        self.newer
    }

    /// Notes that no row is unseen once the first row of the list is visible.
    pub(super) fn note_head(&mut self) {
        if self.loaded && self.at_start && self.top == 0 {
            self.head = self.rows.front().map(Keyed::key);
            self.newer = 0;
        }
    }

    /// Replaces a list that is loaded whole. The cursor stays on its row, and the row in its place
    /// on the screen.
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

    /// Moves to the first row of a list that is loaded whole.
    pub fn to_top(&mut self) {
        (self.cursor, self.top) = (0, 0);
        self.note_head();
    }

    /// Whether the page that replaced the window begins after the last row of the list.
    pub fn is_past_end(&self) -> bool {
        self.loaded && self.rows.is_empty() && self.at_end && !self.at_start
    }

    /// Replaces the list after sorting or filtering; the cursor stays on its row.
    pub fn take_arranged(&mut self, rows: Vec<R>) {
        let key = self.current().map(Keyed::key);
        let cursor = self.cursor;
        self.requested = None;
        self.replace(rows, true, true);
        self.first_number = Some(1);
        self.newer = 0;
        self.cursor = key.and_then(|key| self.rows.iter().position(|row| row.key() == key)).unwrap_or(cursor);
        self.scroll();
    }

    /// Moves the cursor to the next row for which `wanted` holds in a list that is loaded whole,
    /// wrapping at its end. Returns the notice to show: that it wrapped, or `none` if no row
    /// matches.
    pub fn find_wrapping(&mut self, forward: bool, none: &str, wanted: impl Fn(&R) -> bool) -> Option<String> {
        if self.find(forward, &wanted) {
            return None;
        }
        let found = if forward { self.rows.iter().position(wanted) } else { self.rows.iter().rposition(wanted) };
        let notice = match (found, forward) {
            (None, _) => none,
            (Some(_), true) => "no more below: continued from the top",
            (Some(_), false) => "no more above: continued from the end",
        };
        self.cursor = found.unwrap_or(self.cursor);
        self.scroll();
        Some(notice.to_owned())
    }
}
