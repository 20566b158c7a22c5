//! The fields of the journal's filter.

use crate::filter::field::{Field, FieldSet, Kind};
use crate::filter::lists::{CAUSE, SESSION, SINCE, STORE, UNTIL};

/// The journal: changes by operators.
pub const JOURNAL: &FieldSet = &FieldSet {
    fields: &[
        Field::new("by", Kind::Name).synonyms(&["operator", "login"]),
        Field::new("what", Kind::Text).synonyms(&["action"]),
        Field::new("on", Kind::Text).synonyms(&["object"]),
        Field::new("age", Kind::Age("at")),
        Field::new("from", Kind::From("at")).synonyms(SINCE),
        Field::new("to", Kind::To("at")).synonyms(UNTIL),
        SESSION,
        STORE,
        Field::new("job", Kind::Name),
        CAUSE,
        Field::new("text", Kind::Text).synonyms(&["detail"]),
        Field::new("before", Kind::Text),
        Field::new("after", Kind::Text),
        Field::new("reason", Kind::Text),
        Field::new("result", Kind::Text),
        Field::new("client", Kind::Name),
        Field::new("host", Kind::Name),
        Field::new("row", Kind::Number),
        Field::new("at", Kind::Instant).synonyms(&["date"]),
        Field::new("undone", Kind::Instant),
    ],
    bare_number: None,
};
