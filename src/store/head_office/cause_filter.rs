//! A cause as a filter sees it.

use crate::filter::{CAUSE_TEXT, FieldValue, Subject};
use crate::store::head_office::CauseLine;

impl Subject for CauseLine {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let yes_or_no = |yes: bool| FieldValue::Choice(if yes { "yes" } else { "no" });
        match field {
            "open" => FieldValue::Number(self.open),
            "errors" => FieldValue::Number(self.errors),
            "stores" => FieldValue::Number(self.channel_databases),
            "store" => FieldValue::text(Some(&self.last_channel_database)),
            "job" => FieldValue::text(Some(&self.last_job_name)),
            "direction" => FieldValue::Choice(self.last_direction.word()),
            "text" => {
                let message = self.last_message.as_deref().unwrap_or_default();
                FieldValue::Texts(vec![self.masked.as_str().into(), message.into()])
            }
            "note" => FieldValue::text(self.note.as_deref()),
            "muted" => yes_or_no(self.muted.is_some()),
            "taken" => yes_or_no(self.taken.is_some()),
            "by" => FieldValue::text(self.taken.as_ref().map(|taken| taken.by.as_str())),
            "last" => FieldValue::Number(self.last_at.0),
            "cause" => FieldValue::Number(self.digest),
            CAUSE_TEXT => FieldValue::text(Some(&self.masked)),
            "first" => FieldValue::Number(self.first_seen_at.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let taken = self.taken.as_ref();
        let (by, remark) = (taken.map(|taken| taken.by.as_str()), taken.and_then(|taken| taken.remark.as_deref()));
        let texts = [self.note.as_deref(), self.last_message.as_deref(), by, remark];
        is_wanted(&self.masked) || texts.into_iter().flatten().any(is_wanted)
    }
}
