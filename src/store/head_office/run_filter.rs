//! A run as a filter sees it.

use crate::domain::{Outcome, Run};
use crate::filter::{FieldValue, Subject};
use std::borrow::Cow;

impl Subject for Run {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "status" => FieldValue::Choice(self.outcome.map_or("running", Outcome::word)),
            "run" => FieldValue::Number(self.run_id),
            "by" => FieldValue::Choice(self.trigger.word()),
            "text" => FieldValue::Texts(self.remarks().map(Cow::Borrowed).collect()),
            "took" => FieldValue::number(self.ended_at.map(|at| at.since(self.started_at))),
            "job" => FieldValue::number(self.job_id),
            "read" => FieldValue::Number(self.counts.read),
            "rejected" => FieldValue::Number(self.counts.rejected),
            "purged" => FieldValue::Number(self.purged.total()),
            "started" => FieldValue::Number(self.started_at.0),
            "ended" => FieldValue::number(self.ended_at.map(|at| at.0)),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        self.remarks().any(is_wanted)
    }
}
