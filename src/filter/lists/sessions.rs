//! The fields of sessions.

use crate::domain::Direction;
use crate::filter::field::{Choice, Field, FieldSet, Kind};
use crate::filter::lists::{
    CAUSE, GROUP, JOB, PATH, ROWS, SCHEDULE, SESSION, SINCE, SIZE, STORE, TEXT, TRY, UNTIL, VERSION, YES_NO, one,
};

const DOWNLOAD_STATUSES: Kind = Kind::Choice(&[
    Choice::group("failed", &["create_failed", "download_failed", "apply_failed"]),
    one("started"),
    one("available"),
    one("requested"),
    one("downloaded"),
    one("applied"),
    one("canceled"),
    one("create_failed"),
    one("download_failed"),
    one("apply_failed"),
    one("no_data"),
]);
const UPLOAD_STATUSES: Kind = Kind::Choice(&[
    Choice::group("failed", &["upload_failed", "apply_failed"]),
    one("started"),
    one("available"),
    one("uploaded"),
    one("applied"),
    one("canceled"),
    one("upload_failed"),
    one("apply_failed"),
]);
const AGE_MODIFIED: Field = Field::new("age", Kind::Age("modified"));
const FROM_MODIFIED: Field = Field::new("from", Kind::From("modified")).synonyms(SINCE);
const TO_MODIFIED: Field = Field::new("to", Kind::To("modified")).synonyms(UNTIL);
const MODIFIED: Field = Field::new("modified", Kind::Instant).synonyms(&["date"]);
const CREATED: Field = Field::new("created", Kind::Instant);
const APPLIED: Field = Field::new("applied", Kind::Instant);
const PACKAGES: Field = Field::new("packages", YES_NO);
const REPEATED: Field = Field::new("repeated", YES_NO);
const RUN: Field = Field::new("run", Kind::Number);

const DOWNLOADS: FieldSet = FieldSet {
    fields: &[
        Field::new("status", DOWNLOAD_STATUSES),
        STORE,
        JOB,
        SESSION,
        AGE_MODIFIED,
        FROM_MODIFIED,
        TO_MODIFIED,
        TEXT,
        CAUSE,
        GROUP,
        SCHEDULE,
        TRY,
        ROWS,
        SIZE,
        VERSION,
        PATH,
        MODIFIED,
        CREATED,
        APPLIED,
        Field::new("requested", Kind::Instant),
        Field::new("downloaded", Kind::Instant),
        PACKAGES,
        REPEATED,
        RUN,
    ],
    bare_number: Some("session"),
};
const UPLOADS: FieldSet = FieldSet {
    fields: &[
        Field::new("status", UPLOAD_STATUSES),
        STORE,
        JOB,
        SESSION,
        AGE_MODIFIED,
        FROM_MODIFIED,
        TO_MODIFIED,
        TEXT,
        CAUSE,
        GROUP,
        SCHEDULE,
        TRY,
        ROWS,
        SIZE,
        VERSION,
        PATH,
        MODIFIED,
        CREATED,
        APPLIED,
        Field::new("uploaded", Kind::Instant),
        PACKAGES,
        REPEATED,
        RUN,
    ],
    bare_number: Some("session"),
};

/// The fields of the sessions of a direction.
pub const fn sessions(direction: Direction) -> &'static FieldSet {
    match direction {
        Direction::Download => &DOWNLOADS,
        Direction::Upload => &UPLOADS,
    }
}
