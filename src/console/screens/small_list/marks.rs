//! Marked rows of a short list.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;
use crate::console::screens::small_list::{Row, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::Keyed;
use std::collections::BTreeSet;

impl<R: Row> SmallList<R> {
    /// The marked rows; without marks the one under the cursor.
    pub fn chosen(&self) -> Vec<&R> {
        if self.marked.is_empty() {
            return self.current().into_iter().collect();
        }
        self.shown().filter(|row| self.marked.contains(&row.key())).collect()
    }

    /// Toggles the mark of the row under the cursor and moves on.
    pub(super) fn mark(&mut self, view: &ViewContext) -> Option<Vec<Effect>> {
        let key = self.current()?.key();
        if !self.marked.remove(&key) {
            self.marked.insert(key);
        }
        self.perform_command(Command::Down, view)
    }

    /// Marks the rows that match the filter.
    pub(super) fn mark_all(&mut self) -> Vec<Effect> {
        self.marked = self.list.window().map(Keyed::key).collect();
        Vec::new()
    }

    /// Forgets the marks of rows that the filter hides, which must not be acted on. While it is
    /// typed nothing can be, and Esc brings the rows back.
    pub(super) fn forget_hidden(&mut self) {
        if !self.marked.is_empty() && !self.is_preview() {
            let shown: BTreeSet<_> = self.list.window().map(Keyed::key).collect();
            self.marked.retain(|key| shown.contains(key));
        }
    }
}
