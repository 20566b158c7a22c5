//! The queries of the list besides its rows: their count, and details of the row under the cursor.

use crate::console::protocol::effect::Effect;
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::widgets::list::Keyed;

impl<S: ListSource> PagedList<S> {
    pub(super) fn ask_count(&self) -> Option<Effect> {
        self.source.count(&self.terms, self.all).map(Effect::Ask)
    }

    /// The query for details of the row under the cursor, unless they are loaded.
    pub(super) fn ask_more(&mut self) -> Vec<Effect> {
        let Some(row) = self.list.current() else { return Vec::new() };
        let is_same = self.more.as_ref().is_some_and(|(place, _)| *place == row.key());
        if is_same && !std::mem::take(&mut self.more_is_old) {
            return Vec::new();
        }
        if !is_same {
            self.more = None;
        }
        self.source.ask_more(row).map(Effect::Ask).into_iter().collect()
    }

    pub(super) fn needed(&mut self) -> Vec<Effect> {
        self.list.need().map(|seek| self.piece(seek)).into_iter().collect()
    }
}
