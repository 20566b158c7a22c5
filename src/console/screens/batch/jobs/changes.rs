//! Applies changes of filter, order and columns to the list of Batch jobs.

use crate::console::protocol::effect::ScreenChange;
use crate::console::screens::batch::jobs::BatchJobs;
use crate::console::screens::batch::jobs::columns::TABLE;

impl BatchJobs {
    /// Changes what the list shows.
    pub(super) fn apply(&mut self, change: ScreenChange) {
        match change {
            ScreenChange::FilterRows(filter) => {
                self.filter.set(filter);
                self.list.accept_preview();
                self.rearrange();
            }
            ScreenChange::Preview(change) => {
                if let ScreenChange::FilterRows(filter) = *change {
                    self.filter.preview(filter);
                    let shown = self.arranged_rows();
                    self.list.take_preview(shown);
                }
            }
            ScreenChange::FormerFilter => {
                self.filter.restore();
                let shown = self.arranged_rows();
                self.list.take_former(shown);
            }
            change => {
                if self.arrangement.take(change, &TABLE, self.all.first()) {
                    self.rearrange();
                    self.list.to_top();
                }
            }
        }
    }
}
