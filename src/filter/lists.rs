//! The fields of each list.

mod batch;
mod guard;
mod journal;
mod operators;
mod sessions;

pub use batch::{BATCH_GROUPS, BATCH_SERVERS, HISTORY, JOBS};
pub use guard::{GUARDED_DATABASES, GUARDED_JOBS, GUARDED_SESSIONS};
pub use journal::JOURNAL;
pub use operators::{ALERTS, APPROVALS, CONDITIONS, DEADLINES, NOTIFICATIONS, SILENCES, STORES, VIEWS};
pub use sessions::sessions;

use crate::domain::Direction;
use crate::filter::field::{Choice, Field, FieldSet, Kind, Names};

pub(super) const fn one(word: &'static str) -> Choice {
    Choice::one(word)
}

pub(super) const YES_NO: Kind = Kind::Choice(&[one("no"), one("yes")]);
const DIRECTIONS: Kind = Kind::Choice(&[one("download"), one("upload")]);
const STATUSES: Kind = Kind::Choice(&[
    Choice::group("failed", &["create_failed", "download_failed", "upload_failed", "apply_failed"]),
    one("started"),
    one("available"),
    one("requested"),
    one("downloaded"),
    one("uploaded"),
    one("applied"),
    one("canceled"),
    one("create_failed"),
    one("download_failed"),
    one("upload_failed"),
    one("apply_failed"),
    one("no_data"),
]);

const STORE: Field = Field::new("store", Kind::Name)
    .synonyms(&["channel_database", "database", "channel_db", "db", "channel"])
    .completed_from(Names::Stores);
const JOB: Field = Field::new("job", Kind::Name).synonyms(&["job_name"]).completed_from(Names::Jobs);
const SESSION: Field = Field::new("session", Kind::Number).synonyms(&["session_number", "number"]);
const GROUP: Field = Field::new("group", Kind::Name).synonyms(&["channel_data_group"]).completed_from(Names::Groups);
const SCHEDULE: Field =
    Field::new("schedule", Kind::Name).synonyms(&["distribution_schedule"]).completed_from(Names::Schedules);
const PATH: Field = Field::new("path", Kind::Text).synonyms(&["data_path"]);
const TEXT: Field = Field::new("text", Kind::Text).synonyms(&["message", "error"]);
const CAUSE: Field = Field::new("cause", Kind::Cause).completed_from(Names::Causes);
/// A cause of which rows have only the number.
const CAUSE_NUMBER: Field = Field::new("cause", Kind::Number).completed_from(Names::CauseNumbers);
const TRY: Field = Field::new("try", Kind::Number).synonyms(&["try_count", "tries"]);
const ROWS: Field = Field::new("rows", Kind::Number).synonyms(&["rows_affected"]);
const SIZE: Field = Field::new("size", Kind::Number).synonyms(&["file_size"]);
const VERSION: Field = Field::new("version", Kind::Number).synonyms(&["row_version"]);
/// Other names of `from` and `to`.
const SINCE: &[&str] = &["since"];
const UNTIL: &[&str] = &["until"];

/// The fields of status messages.
pub const MESSAGES: &FieldSet = &FieldSet {
    fields: &[
        Field::new("status", STATUSES),
        Field::new("direction", DIRECTIONS),
        STORE,
        JOB,
        SESSION,
        Field::new("age", Kind::Age("occurred")),
        Field::new("from", Kind::From("occurred")).synonyms(SINCE),
        Field::new("to", Kind::To("occurred")).synonyms(UNTIL),
        TEXT,
        CAUSE,
        GROUP,
        SCHEDULE,
        TRY,
        ROWS,
        SIZE,
        VERSION,
        PATH,
        Field::new("occurred", Kind::Instant).synonyms(&["date"]),
        Field::new("arrived", Kind::Instant).synonyms(&["transferred"]),
        Field::new("agent", Kind::Name).synonyms(&["by", "posted_by"]),
        Field::new("run", Kind::Number),
    ],
    bare_number: Some("session"),
};

/// The fields of runs.
pub const RUNS: &FieldSet = &FieldSet {
    fields: &[
        Field::new(
            "status",
            Kind::Choice(&[
                Choice::group("failed", &["error", "interrupted"]),
                one("running"),
                one("ended"),
                one("error"),
                one("canceled"),
                one("interrupted"),
            ]),
        )
        .synonyms(&["outcome"]),
        Field::new("run", Kind::Number),
        Field::new("age", Kind::Age("started")),
        Field::new("from", Kind::From("started")).synonyms(SINCE),
        Field::new("to", Kind::To("started")).synonyms(UNTIL),
        Field::new("text", Kind::Text).synonyms(&["remark", "error"]),
        Field::new("by", Kind::Choice(&[one("command"), one("console"), one("batch_job")])),
        Field::new("job", Kind::Number),
        Field::new("took", Kind::Duration),
        Field::new("read", Kind::Number),
        Field::new("rejected", Kind::Number),
        Field::new("purged", Kind::Number),
        Field::new("started", Kind::Instant).synonyms(&["date"]),
        Field::new("ended", Kind::Instant),
    ],
    bare_number: None,
};

/// The fields of rejected messages.
pub const REJECTED: &FieldSet = &FieldSet {
    fields: &[
        Field::new("id", Kind::Number),
        Field::new("message", Kind::Number),
        Field::new("run", Kind::Number),
        Field::new("age", Kind::Age("rejected")),
        Field::new("from", Kind::From("rejected")).synonyms(SINCE),
        Field::new("to", Kind::To("rejected")).synonyms(UNTIL),
        Field::new("text", Kind::Text).synonyms(&["reason", "error"]),
        Field::new("raw", Kind::Text),
        STORE,
        SESSION,
        JOB,
        Field::new("rejected", Kind::Instant).synonyms(&["date"]),
    ],
    bare_number: None,
};

/// The fields of sessions in the trash.
pub const TRASH: &FieldSet = &FieldSet {
    fields: &[
        Field::new("status", STATUSES),
        Field::new("direction", DIRECTIONS),
        STORE,
        JOB,
        SESSION,
        Field::new("age", Kind::Age("purged")),
        Field::new("from", Kind::From("purged")),
        Field::new("to", Kind::To("purged")),
        TEXT,
        GROUP,
        SCHEDULE,
        Field::new("rows", Kind::Number),
        Field::new("run", Kind::Number),
        Field::new("modified", Kind::Instant),
        Field::new("purged", Kind::Instant),
        Field::new("gone", Kind::Instant),
    ],
    bare_number: Some("session"),
};

/// The fields of the sessions of one store, of both directions.
pub const STATES: &FieldSet = &FieldSet {
    fields: &[
        Field::new("status", STATUSES),
        Field::new("direction", DIRECTIONS),
        STORE,
        JOB,
        SESSION,
        Field::new("age", Kind::Age("modified")),
        Field::new("from", Kind::From("modified")).synonyms(SINCE),
        Field::new("to", Kind::To("modified")).synonyms(UNTIL),
        TEXT,
        ROWS,
        Field::new("modified", Kind::Instant).synonyms(&["date"]),
    ],
    bare_number: Some("session"),
};

/// The fields of the matrix of stores and jobs, which has no texts and no rows.
pub const MATRIX: &FieldSet = &FieldSet {
    fields: &[
        Field::new("status", STATUSES),
        Field::new("direction", DIRECTIONS),
        STORE,
        JOB,
        SESSION,
        Field::new("age", Kind::Age("modified")),
        Field::new("from", Kind::From("modified")).synonyms(SINCE),
        Field::new("to", Kind::To("modified")).synonyms(UNTIL),
        Field::new("modified", Kind::Instant).synonyms(&["date"]),
    ],
    bare_number: Some("session"),
};

/// The fields of a list counted by a field.
pub const TOTALS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("value", Kind::Text),
        ROWS,
        Field::new("errors", Kind::Number),
        Field::new("last", Kind::Past("last")).synonyms(&["last_seen", "date"]),
    ],
    bare_number: None,
};

/// The fields of requests to agents.
pub const REQUESTS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("action", Kind::Choice(&[one("cancel"), one("rerun")])),
        Field::new("direction", DIRECTIONS),
        STORE,
        SESSION,
        Field::new("by", Kind::Name).synonyms(&["requested_by"]),
        Field::new("text", Kind::Text).synonyms(&["reason"]),
        Field::new("agent", Kind::Name),
        Field::new("age", Kind::Age("requested")),
        Field::new("from", Kind::From("requested")).synonyms(SINCE),
        Field::new("to", Kind::To("requested")).synonyms(UNTIL),
        Field::new("requested", Kind::Instant).synonyms(&["date"]),
    ],
    bare_number: Some("session"),
};

/// The fields of the causes of errors.
pub const CAUSES: &FieldSet = &FieldSet {
    fields: &[
        Field::new("open", Kind::Number),
        Field::new("errors", Kind::Number).synonyms(&["24h", "24_h"]),
        Field::new("stores", Kind::Number).synonyms(&["databases", "dbs"]),
        STORE,
        JOB,
        Field::new("direction", DIRECTIONS),
        Field::new("age", Kind::Age("last")),
        Field::new("from", Kind::From("last")).synonyms(SINCE),
        Field::new("to", Kind::To("last")).synonyms(UNTIL),
        TEXT,
        Field::new("note", Kind::Text),
        Field::new("muted", YES_NO),
        Field::new("taken", YES_NO),
        Field::new("by", Kind::Name).synonyms(&["taken_by", "on_it"]),
        Field::new("last", Kind::Past("last")).synonyms(&["date"]),
        Field::new("first", Kind::Past("first")).synonyms(&["first_seen"]),
        Field::new("new", Kind::Recent("first")),
        CAUSE,
    ],
    bare_number: None,
};

/// The fields of distribution schedules.
pub const SCHEDULES: &FieldSet = &FieldSet {
    fields: &[
        SCHEDULE,
        Field::new("open", Kind::Number),
        Field::new("status", STATUSES),
        JOB,
        SESSION,
        Field::new("age", Kind::Age("last")),
        Field::new("from", Kind::From("last")).synonyms(SINCE),
        Field::new("to", Kind::To("last")).synonyms(UNTIL),
        Field::new("last", Kind::Past("last")).synonyms(&["last_heard", "heard", "date"]),
        Field::new("first", Kind::Instant),
    ],
    bare_number: None,
};

/// The fields of channel databases and their agents.
pub const CONNECTIONS: &FieldSet = &FieldSet {
    fields: &[
        STORE,
        Field::new("agent", Kind::Name),
        Field::new("quiet", YES_NO),
        Field::new("silent", Kind::Age("last")).synonyms(&["age", "silent_for"]),
        Field::new("from", Kind::From("last")).synonyms(SINCE),
        Field::new("to", Kind::To("last")).synonyms(UNTIL),
        Field::new("gap", Kind::Duration).synonyms(&["usual_gap"]),
        Field::new("note", Kind::Text),
        Field::new("zone", Kind::Name),
        Field::new("last", Kind::Past("last")).synonyms(&["last_message", "date"]),
        Field::new("seen", Kind::Past("seen")).synonyms(&["last_seen"]),
    ],
    bare_number: None,
};

/// Every list's fields, with a name for it.
pub const ALL: [(&str, &FieldSet); 12] = [
    ("download sessions", sessions(Direction::Download)),
    ("upload sessions", sessions(Direction::Upload)),
    ("status messages", MESSAGES),
    ("batch job history", HISTORY),
    ("batch jobs", JOBS),
    ("runs", RUNS),
    ("rejected messages", REJECTED),
    ("trash", TRASH),
    ("journal", JOURNAL),
    ("recent errors", CAUSES),
    ("distribution schedules", SCHEDULES),
    ("connections", CONNECTIONS),
];
