//! A cause as a filter sees it.

use crate::filter::{Cell, Subject};
use crate::store::head_office::CauseLine;

impl Subject for CauseLine {
    fn cell(&self, field: &str) -> Cell<'_> {
        let yes_or_no = |yes: bool| Cell::Word(if yes { "yes" } else { "no" });
        match field {
            "open" => Cell::Number(self.open),
            "errors" => Cell::Number(self.errors),
            "stores" => Cell::Number(self.channel_databases),
            "store" => Cell::text(Some(&self.last_channel_database)),
            "job" => Cell::text(Some(&self.last_job_name)),
            "direction" => Cell::Word(self.last_direction.word()),
            "text" => {
                let message = self.last_message.as_deref().unwrap_or_default();
                Cell::Texts(vec![self.masked.as_str().into(), message.into()])
            }
            "note" => Cell::text(self.note.as_deref()),
            "muted" => yes_or_no(self.muted.is_some()),
            "last" => Cell::Number(self.last_at.0),
            "first" => Cell::Number(self.first_seen_at.0),
            _ => Cell::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let texts = [self.note.as_deref(), self.last_message.as_deref()];
        is_wanted(&self.masked) || texts.into_iter().flatten().any(is_wanted)
    }
}
