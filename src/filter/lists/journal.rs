//! The fields of the journal.

use crate::filter::field::{Field, FieldSet, Kind};
use crate::filter::lists::{CAUSE_NUMBER, SESSION, SINCE, STORE, UNTIL};

/// The fields of the journal.
pub const JOURNAL: &FieldSet = &FieldSet {
    fields: &[
        Field::new("by", Kind::Name).or(&["operator", "login"]),
        Field::new("what", Kind::Text).or(&["action"]),
        Field::new("on", Kind::Text).or(&["object"]),
        Field::new("age", Kind::Age("at")),
        Field::new("from", Kind::From("at")).or(SINCE),
        Field::new("to", Kind::To("at")).or(UNTIL),
        SESSION,
        STORE,
        Field::new("job", Kind::Name),
        CAUSE_NUMBER,
        Field::new("text", Kind::Text).or(&["detail"]),
        Field::new("before", Kind::Text),
        Field::new("after", Kind::Text),
        Field::new("reason", Kind::Text),
        Field::new("result", Kind::Text),
        Field::new("client", Kind::Name),
        Field::new("host", Kind::Name),
        Field::new("row", Kind::Number),
        Field::new("at", Kind::Instant).or(&["date"]),
        Field::new("undone", Kind::Instant),
    ],
    bare_number: None,
};
