//! The filter of the groups, and the line in which it is typed.

use crate::console::overlay::groups::GroupList;
use crate::console::overlay::{OverlayOutcome, PromptLine};
use crate::console::protocol::effect::{Effect, Prompt, ScreenChange};
use crate::console::protocol::key::Key;
use crate::filter::{Filter, lists};

impl GroupList {
    pub(super) fn filter(&mut self, filter: Filter) {
        self.shown = filter;
        self.list.take_arranged(self.rows());
    }

    /// Opens the line of the filter.
    pub(super) fn prompt(&mut self) {
        if let Effect::Prompt(prompt) = Prompt::rows(&self.shown.to_string(), lists::TOTALS, self.counted.len()) {
            self.former = self.shown.clone();
            self.line = Some(PromptLine::new(prompt, &[]));
        }
    }

    /// Takes a key of the filter's line.
    pub(super) fn key_of_line(&mut self, mut line: PromptLine, key: &Key) {
        match line.key(key) {
            OverlayOutcome::Close => self.filter(self.former.clone()),
            OverlayOutcome::Typed => match line.entered(self.zone, self.now) {
                Ok(effects) => {
                    for effect in effects {
                        if let Effect::Screen(ScreenChange::FilterRows(filter)) = effect {
                            self.filter(filter);
                        }
                    }
                }
                Err(why) => self.line = Some(line.refused(why)),
            },
            _ => {
                if let Some(ScreenChange::FilterRows(filter)) = line.preview(true, self.zone, self.now) {
                    self.filter(filter);
                }
                self.line = Some(line);
            }
        }
    }

    /// The line of the filter, if it is open.
    pub fn line(&self) -> Option<&PromptLine> {
        self.line.as_ref()
    }
}
