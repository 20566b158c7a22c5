//! A list over a table of any size: keeps a window of rows around the cursor and loads it page by
//! page (keyset pagination).

mod former_place;
mod refresh;
mod rows;
#[cfg(test)]
mod tests;

pub use crate::console::protocol::query::{Keyed, MAX_NEWER};

use crate::console::protocol::query::PAGE_ROWS;
pub use crate::console::widgets::step::Move;
pub use refresh::newer_words;
pub use rows::place_words;

use crate::domain::Seek;
use std::collections::VecDeque;

/// Rows kept in memory; those far from the cursor are dropped.
const MAX_ROWS: usize = 800;

/// The window of rows, the cursor in it, and the query that is running for it.
#[allow(clippy::struct_excessive_bools)] // independent facts about the two edges
#[derive(Debug)]
pub struct List<R: Keyed> {
    rows: VecDeque<R>,
    cursor: usize,
    top: usize,
    height: usize,
    at_start: bool,
    at_end: bool,
    /// The number of the window's first row in the whole list, from 1, if known.
    first_number: Option<usize>,
    /// Up to where a search has examined the table beyond the first and the last row of the window.
    searched: [Option<R::Key>; 2],
    /// Whether an unfinished search is paused until the operator moves on at its edge.
    paused: bool,
    /// When the window is read again: the row on which the cursor stays, the number of the window's
    /// first row, and the cursor's index in the window if its row is gone.
    anchor: Option<R::Key>,
    anchor_number: Option<usize>,
    anchor_index: usize,
    /// The first row of the whole list when the operator last saw it, and how many rows have been
    /// added before it since.
    head: Option<R::Key>,
    newer: usize,
    /// Whether the running query refreshes the visible rows, and the row after which a refreshed
    /// search still shows the rows found before.
    refreshing: bool,
    /// Whether the page that was requested replaces rows among which the cursor stays on its row.
    rereading: bool,
    unconfirmed: Option<R::Key>,
    /// The page that was requested last, and whether it replaces the window.
    requested: Option<(Seek<R::Key>, bool)>,
    loaded: bool,
    /// The longest cell of each column so far, and whether the window has changed since.
    widths: Vec<u16>,
    is_measured: bool,
    /// The columns that were drawn last, with their widths.
    drawn: Vec<(&'static str, u16)>,
    /// Where the cursor was before a filter was typed.
    former: Option<former_place::FormerPlace<R::Key>>,
}

impl<R: Keyed> Default for List<R> {
    fn default() -> Self {
        Self {
            rows: VecDeque::new(),
            cursor: 0,
            top: 0,
            height: 1,
            at_start: true,
            at_end: false,
            first_number: Some(1),
            searched: [None; 2],
            paused: false,
            anchor: None,
            anchor_number: None,
            anchor_index: 0,
            head: None,
            newer: 0,
            refreshing: false,
            rereading: false,
            unconfirmed: None,
            requested: None,
            loaded: false,
            widths: Vec::new(),
            is_measured: false,
            drawn: Vec::new(),
            former: None,
        }
    }
}

impl<R: Keyed> List<R> {
    /// Returns the page to request for a new window. The old rows stay until it arrives.
    pub fn restart(&mut self, seek: Seek<R::Key>) -> Seek<R::Key> {
        self.requested = Some((seek, true));
        self.refreshing = false;
        self.rereading = false;
        seek
    }

    /// Inserts the page that was requested last; any other is ignored. `reached` is the position
    /// where a search stopped, if there may be more rows beyond it.
    pub fn take(&mut self, seek: Seek<R::Key>, rows: Vec<R>, reached: Option<R::Key>) {
        let Some((_, fresh)) = self.requested.take_if(|(requested, _)| *requested == seek) else { return };
        self.is_measured = false;
        if fresh && std::mem::take(&mut self.rereading) {
            // The operator may have moved it since the page was requested.
            self.anchor = self.current().map(Keyed::key).filter(|_| self.refreshing || self.cursor > 0);
        }
        let mut whole = rows.len() >= PAGE_ROWS || reached.is_some();
        let (mut rows, mut reached) = (rows, reached);
        if fresh {
            let kept = self.take_beyond(reached);
            self.unconfirmed = reached.filter(|_| !kept.is_empty());
            if self.unconfirmed.is_some() {
                // The search continues from where it had stopped before.
                (reached, whole) = (self.searched[1], !self.at_end);
                rows.extend(kept);
            } else {
                self.paused = false;
            }
            self.searched = [None; 2];
        }
        self.searched[usize::from(!seek.is_backward())] = reached;
        match seek {
            Seek::After(_) if fresh => {
                self.replace(rows, false, !whole);
                self.first_number = self.anchor_number.take();
                self.cursor = std::mem::take(&mut self.anchor_index);
            }
            Seek::First => {
                self.replace(rows, true, !whole);
                self.first_number = Some(1);
            }
            Seek::Last => {
                self.replace(rows, !whole, true);
                self.first_number = (!whole).then_some(1);
                self.cursor = self.rows.len().saturating_sub(1);
            }
            Seek::After(_) => {
                self.at_end = !whole;
                self.rows.extend(rows);
                while self.rows.len() > MAX_ROWS && self.top > PAGE_ROWS {
                    let spare = (self.rows.len() - MAX_ROWS).min(self.top - PAGE_ROWS).max(1);
                    self.rows.drain(..spare);
                    self.searched[0] = None;
                    self.cursor = self.cursor.saturating_sub(spare);
                    self.top = self.top.saturating_sub(spare);
                    self.first_number = self.first_number.map(|number| number + spare);
                    self.at_start = false;
                }
            }
            Seek::Before(_) => {
                self.at_start = !whole;
                let count = rows.len();
                for row in rows.into_iter().rev() {
                    self.rows.push_front(row);
                }
                self.cursor += count;
                self.top += count;
                self.first_number =
                    if self.at_start { Some(1) } else { self.first_number.map(|number| number.saturating_sub(count)) };
                if self.rows.len() > MAX_ROWS {
                    self.rows.truncate(MAX_ROWS.max(self.top + self.height + 1));
                    self.at_end = false;
                    self.searched[1] = None;
                }
            }
        }
        // After a refresh the cursor stays on its row, if that still exists.
        if let Some(at) = self.anchor.take().and_then(|key| self.rows.iter().position(|row| row.key() == key)) {
            self.cursor = at;
        }
        self.scroll();
        if seek == Seek::First {
            self.newer = 0;
        }
    }

    fn replace(&mut self, rows: Vec<R>, at_start: bool, at_end: bool) {
        self.rows = rows.into();
        self.cursor = 0;
        self.top = 0;
        self.at_start = at_start;
        self.at_end = at_end;
        self.loaded = true;
        self.is_measured = false;
    }

    /// Moves the cursor and returns the page to request if it is near the edge of the window.
    pub fn step(&mut self, step: Move) -> Option<Seek<R::Key>> {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1);
        let rows = step.rows(page);
        let last = self.rows.len().saturating_sub(1);
        if let Move::Scroll(rows) = step {
            return self.scroll_by(rows);
        }
        // A paused search continues when the operator moves beyond the last row found.
        self.paused &= self.cursor != last || rows < 0;
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
        self.scroll();
        self.need()
    }

    /// Moves the cursor to the next row in one direction for which `wanted` holds; `false` if the
    /// window has none.
    pub fn find(&mut self, forward: bool, wanted: impl Fn(&R) -> bool) -> bool {
        let found = if forward {
            (self.cursor + 1..self.rows.len()).find(|at| wanted(&self.rows[*at]))
        } else {
            (0..self.cursor).rev().find(|at| wanted(&self.rows[*at]))
        };
        if let Some(at) = found {
            self.cursor = at;
            self.scroll();
        }
        found.is_some()
    }

    /// Returns the page to request now, if any.
    pub fn need(&mut self) -> Option<Seek<R::Key>> {
        if self.requested.is_some() || self.paused {
            return None;
        }
        let margin = self.height * 2;
        let seek = if !self.at_end && self.cursor + margin >= self.rows.len() {
            Seek::After(self.searched[1].or_else(|| self.rows.back().map(Keyed::key))?)
        } else if !self.at_start && self.cursor < margin {
            Seek::Before(self.searched[0].or_else(|| self.rows.front().map(Keyed::key))?)
        } else {
            return None;
        };
        self.requested = Some((seek, false));
        Some(seek)
    }

    /// Returns up to where an unfinished search has examined the table, and whether it is paused.
    pub fn searching(&self) -> Option<(R::Key, bool)> {
        let key = if self.at_end { self.searched[0].filter(|_| !self.at_start) } else { self.searched[1] };
        key.filter(|_| self.paused || self.requested.is_some()).map(|key| (key, self.paused))
    }

    /// Pauses a search; `false` if none was running.
    pub fn pause_search(&mut self) -> bool {
        let is_searching = self.searching().is_some_and(|(_, paused)| !paused);
        if is_searching {
            self.requested = None;
            self.paused = true;
        }
        is_searching
    }

    /// Whether the cursor is on the first row of the whole list.
    pub fn is_at_top(&self) -> bool {
        self.at_start && self.cursor == 0
    }

    /// Returns the number of rows in the window.
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// Sets the number of rows that are visible.
    pub fn set_height(&mut self, height: usize) {
        self.height = height.max(1);
        self.scroll();
    }

    fn scroll(&mut self) {
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(self.height));
        self.top = self.top.min(self.rows.len().saturating_sub(self.height));
        self.note_head();
    }

    /// Returns the row under the cursor.
    pub fn current(&self) -> Option<&R> {
        self.rows.get(self.cursor)
    }

    /// Returns the visible rows, and whether each is under the cursor.
    pub fn visible(&self) -> impl Iterator<Item = (&R, bool)> {
        self.rows.iter().enumerate().skip(self.top).take(self.height).map(|(at, row)| (row, at == self.cursor))
    }

    /// Whether the first page has arrived.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }
}
