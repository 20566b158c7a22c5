//! The place in a list that is loaded whole, kept while a filter is typed.

use crate::console::protocol::query::Keyed;
use crate::console::widgets::list::List;

/// The place that a list returns to.
#[derive(Debug)]
pub(super) struct FormerPlace<K> {
    current: Option<K>,
    top: usize,
    head: Option<K>,
    newer: usize,
}

impl<R: Keyed> List<R> {
    /// Shows the rows of a filter while it is typed: the cursor is on the row where it was before,
    /// or on the first one.
    pub fn take_preview(&mut self, rows: Vec<R>) {
        let (current, top, head, newer) = (self.current().map(Keyed::key), self.top, self.head, self.newer);
        let former = self.former.take().unwrap_or(FormerPlace { current, top, head, newer });
        self.take_arranged(rows);
        self.cursor = self.position(former.current).unwrap_or(0);
        self.top = 0;
        self.former = Some(former);
        self.scroll();
    }

    /// Shows the rows from before a filter was typed, with the cursor where it was.
    pub fn take_former(&mut self, rows: Vec<R>) {
        let former = self.former.take();
        self.take_arranged(rows);
        let Some(former) = former else { return };
        self.cursor = self.position(former.current).unwrap_or(0);
        self.top = former.top;
        self.scroll();
        (self.head, self.newer) = (former.head, former.newer);
        self.note_head();
    }

    /// Keeps the rows of the filter that was typed. Forgets the former place.
    pub fn accept_preview(&mut self) {
        self.former = None;
    }

    fn position(&self, key: Option<R::Key>) -> Option<usize> {
        self.rows.iter().position(|row| Some(row.key()) == key)
    }
}
