//! The fields by which a guardrail names what it is about.

use crate::filter::field::{Field, FieldSet, Kind, Names};
use crate::filter::lists::{DIRECTIONS, GROUP, JOB, SCHEDULE, STORE};

/// The fields of sessions in the scope of a guardrail.
pub const GUARDED_SESSIONS: &FieldSet =
    &FieldSet { fields: &[STORE, JOB, GROUP, SCHEDULE, Field::new("direction", DIRECTIONS)], bare_number: None };

/// The fields of batch jobs in the scope of a guardrail.
pub const GUARDED_JOBS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("job", Kind::Number),
        Field::new("description", Kind::Text),
        Field::new("group", Kind::Name).synonyms(&["batch_group"]).completed_from(Names::BatchGroups),
    ],
    bare_number: Some("job"),
};

/// The fields of channel databases in the scope of a guardrail.
pub const GUARDED_DATABASES: &FieldSet = &FieldSet { fields: &[STORE], bare_number: None };
