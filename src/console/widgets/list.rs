//! A list over a table of any size: a window of rows around the cursor, brought by the database piece by piece.

mod refresh;
mod rows;
#[cfg(test)]
mod tests;

pub use crate::console::protocol::query::{Keyed, NEWER};

use crate::console::protocol::query::PAGE_ROWS;
pub use crate::console::widgets::step::Move;
pub use refresh::newer;

use crate::domain::Seek;
use std::collections::VecDeque;

/// Rows kept in memory; what is far from the cursor is forgotten.
const KEPT: usize = 800;

/// The window and the cursor in it.
#[allow(clippy::struct_excessive_bools)] // what is known of either edge
#[derive(Debug)]
pub struct List<R: Keyed> {
    rows: VecDeque<R>,
    cursor: usize,
    top: usize,
    height: usize,
    at_start: bool,
    at_end: bool,
    /// The number of the first row of the window, from 1, as long as it is known.
    first_number: Option<usize>,
    /// How far a search has looked at either edge of the window, beyond its outermost row.
    looked: [Option<R::Key>; 2],
    /// Whether a search that has not come to its end rests until somebody goes on at its edge.
    resting: bool,
    /// The row on which the cursor is to stay, and the number of the first row, when the window is read again.
    stays: Option<R::Key>,
    stays_at: Option<usize>,
    /// The rows below which the cursor is to stay within the window, when that is read again.
    stays_below: usize,
    /// The first row of the whole list as it was when the operator last saw it, and how many have come before it since.
    head: Option<R::Key>,
    newer: usize,
    /// Whether the question on its way reads the visible rows again, and from where on a search has left rows as they were found before.
    refreshing: bool,
    unconfirmed: Option<R::Key>,
    /// What was asked for last, and whether its answer begins the window anew.
    asked: Option<(Seek<R::Key>, bool)>,
    loaded: bool,
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
            looked: [None; 2],
            resting: false,
            stays: None,
            stays_at: None,
            stays_below: 0,
            head: None,
            newer: 0,
            refreshing: false,
            unconfirmed: None,
            asked: None,
            loaded: false,
        }
    }
}

impl<R: Keyed> List<R> {
    /// Forgets what is there and begins again; the piece to ask for.
    pub fn restart(&mut self, seek: Seek<R::Key>) -> Seek<R::Key> {
        self.asked = Some((seek, true));
        self.refreshing = false;
        seek
    }

    /// Begins again where one is: the rows on the screen and the cursor stay where they are.
    pub fn reread(&mut self) -> Seek<R::Key> {
        let before = self.top.checked_sub(1).and_then(|at| self.rows.get(at)).map(Keyed::key);
        let seek = match before {
            Some(key) if self.cursor >= PAGE_ROWS || !self.at_start => Seek::After(key),
            _ => Seek::First,
        };
        self.stays = self.current().map(Keyed::key).filter(|_| self.loaded && self.cursor > 0);
        let number = self.first_number.map(|number| number + self.top);
        let seek = self.restart(seek);
        self.stays_at = number.filter(|_| seek != Seek::First);
        seek
    }

    /// Takes the answer to the question that was asked last; any other is ignored. An answer from a fresh start replaces all.
    /// `reached`: up to where was looked, if there may be more beyond.
    pub fn take(&mut self, seek: Seek<R::Key>, rows: Vec<R>, reached: Option<R::Key>) {
        let Some((_, fresh)) = self.asked.take_if(|(asked, _)| *asked == seek) else { return };
        let mut whole = rows.len() >= PAGE_ROWS || reached.is_some();
        let (mut rows, mut reached) = (rows, reached);
        if fresh {
            let kept = self.beyond(reached);
            self.unconfirmed = reached.filter(|_| !kept.is_empty());
            if self.unconfirmed.is_some() {
                // The search goes on where it had got to.
                (reached, whole) = (self.looked[1], !self.at_end);
                rows.extend(kept);
            } else {
                self.resting = false;
            }
            self.looked = [None; 2];
        }
        self.looked[usize::from(!seek.is_backward())] = reached;
        match seek {
            Seek::After(_) if fresh => {
                self.replace(rows, false, !whole);
                self.first_number = self.stays_at.take();
                self.cursor = std::mem::take(&mut self.stays_below);
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
                while self.rows.len() > KEPT && self.top > PAGE_ROWS {
                    let spare = (self.rows.len() - KEPT).min(self.top - PAGE_ROWS).max(1);
                    self.rows.drain(..spare);
                    self.looked[0] = None;
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
                if self.rows.len() > KEPT {
                    self.rows.truncate(KEPT.max(self.top + self.height + 1));
                    self.at_end = false;
                    self.looked[1] = None;
                }
            }
        }
        // Read again in place: the cursor stays on its row as long as that is there.
        if let Some(at) = self.stays.take().and_then(|key| self.rows.iter().position(|row| row.key() == key)) {
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
    }

    /// Moves the cursor; what is to be asked for when the window's edge comes near.
    pub fn step(&mut self, step: Move) -> Option<Seek<R::Key>> {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1);
        let rows = step.rows(page);
        let last = self.rows.len().saturating_sub(1);
        // A search that rests goes on when somebody wants to go beyond what it found.
        self.resting &= self.cursor != last || rows < 0;
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
        self.scroll();
        self.need()
    }

    /// Puts the cursor on the next row, in this direction, for which `wanted` holds; false if the window has none.
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

    /// The piece that should be asked for now, if any.
    pub fn need(&mut self) -> Option<Seek<R::Key>> {
        if self.asked.is_some() || self.resting {
            return None;
        }
        let margin = self.height * 2;
        let seek = if !self.at_end && self.cursor + margin >= self.rows.len() {
            Seek::After(self.looked[1].or_else(|| self.rows.back().map(Keyed::key))?)
        } else if !self.at_start && self.cursor < margin {
            Seek::Before(self.looked[0].or_else(|| self.rows.front().map(Keyed::key))?)
        } else {
            return None;
        };
        self.asked = Some((seek, false));
        Some(seek)
    }

    /// Up to where a search has looked that goes on now, or rests.
    pub fn searching(&self) -> Option<(R::Key, bool)> {
        let key = if self.at_end { self.looked[0].filter(|_| !self.at_start) } else { self.looked[1] };
        key.filter(|_| self.resting || self.asked.is_some()).map(|key| (key, self.resting))
    }

    /// Lets a search rest; whether there was one.
    pub fn rest(&mut self) -> bool {
        let searches = self.searching().is_some_and(|(_, resting)| !resting);
        if searches {
            self.asked = None;
            self.resting = true;
        }
        searches
    }

    /// Whether the cursor is on the first row of the whole list.
    pub fn is_at_top(&self) -> bool {
        self.at_start && self.cursor == 0
    }

    /// Rows in the window.
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// Tells the height in which it is drawn.
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

    /// The row under the cursor.
    pub fn current(&self) -> Option<&R> {
        self.rows.get(self.cursor)
    }

    /// The visible rows, and whether each is under the cursor.
    pub fn visible(&self) -> impl Iterator<Item = (&R, bool)> {
        self.rows.iter().enumerate().skip(self.top).take(self.height).map(|(at, row)| (row, at == self.cursor))
    }

    /// Whether the first answer has come.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }
}
