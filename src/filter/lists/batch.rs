//! The fields of batch jobs, their history, batch groups and batch servers.

use crate::filter::field::{Choice, Field, FieldSet, Kind, Names};
use crate::filter::lists::{SINCE, UNTIL, YES_NO, one};

/// The fields of the batch job history.
pub const HISTORY: &FieldSet = &FieldSet {
    fields: &[
        Field::new(
            "status",
            Kind::Choice(&[
                Choice::group("failed", &["ended_purge_held", "error", "interrupted", "missed", "not_made", "skipped"]),
                one("executing"),
                one("ended"),
                one("ended_purge_held"),
                one("error"),
                one("canceled"),
                one("interrupted"),
                one("skipped"),
                one("missed"),
                one("not_made"),
            ]),
        )
        .synonyms(&["outcome"]),
        Field::new("job", Kind::Number),
        Field::new("age", Kind::Age("scheduled")),
        Field::new("from", Kind::From("scheduled")).synonyms(SINCE),
        Field::new("to", Kind::To("scheduled")).synonyms(UNTIL),
        Field::new("description", Kind::Text),
        Field::new("group", Kind::Name).synonyms(&["batch_group"]).completed_from(Names::BatchGroups),
        Field::new("by", Kind::Name).synonyms(&["created_by"]),
        Field::new("server", Kind::Name).completed_from(Names::BatchServers),
        Field::new("text", Kind::Text).synonyms(&["reason", "what_happened", "error"]),
        Field::new("took", Kind::Duration),
        Field::new("late", Kind::Duration),
        Field::new("tries", Kind::Number).synonyms(&["try"]),
        Field::new("run", Kind::Number),
        Field::new("read", Kind::Number),
        Field::new("rejected", Kind::Number),
        Field::new("repeated", Kind::Number),
        Field::new("purged", Kind::Number),
        Field::new("scheduled", Kind::Instant).synonyms(&["date"]),
        Field::new("started", Kind::Instant),
        Field::new("ended", Kind::Instant),
    ],
    bare_number: Some("job"),
};

/// The fields of batch jobs.
pub const JOBS: &FieldSet = &FieldSet {
    fields: &[
        Field::new(
            "status",
            Kind::Choice(&[
                one("withhold"),
                Choice::group("withheld", &["withhold"]),
                one("waiting"),
                one("executing"),
                one("error"),
                one("ended"),
                one("ready"),
                one("didnt_run"),
                one("canceling"),
                one("canceled"),
            ]),
        ),
        Field::new("job", Kind::Name),
        Field::new("description", Kind::Text).synonyms(&["job_description"]),
        Field::new("group", Kind::Name).synonyms(&["batch_group"]).completed_from(Names::BatchGroups),
        Field::new("by", Kind::Name).synonyms(&["created_by"]),
        Field::new("next", Kind::Ahead("next")).synonyms(&["next_start"]),
        Field::new("due", Kind::Ahead("due")),
        Field::new("took", Kind::Duration).synonyms(&["last_run"]),
        Field::new("ended", Kind::Past("ended")).synonyms(&["last"]),
        Field::new("recurrence", Kind::Text),
        Field::new("private", YES_NO),
    ],
    bare_number: None,
};

/// The fields of batch groups.
pub const BATCH_GROUPS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("group", Kind::Name).synonyms(&["batch_group", "name"]).completed_from(Names::BatchGroups),
        Field::new("description", Kind::Text),
        Field::new("server", Kind::Name)
            .synonyms(&["batch_server", "batch_servers"])
            .completed_from(Names::BatchServers),
        Field::new("jobs", Kind::Number),
        Field::new("waiting", Kind::Number),
    ],
    bare_number: None,
};

/// The fields of batch servers.
pub const BATCH_SERVERS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("server", Kind::Name).synonyms(&["batch_server", "name"]).completed_from(Names::BatchServers),
        Field::new("state", Kind::Choice(&[one("running"), one("stopped"), one("silent"), one("off")])),
        Field::new("silent", Kind::Duration).synonyms(&["heartbeat"]),
        Field::new("threads", Kind::Number).synonyms(&["executing"]),
        Field::new("open", YES_NO).synonyms(&["window", "window_now"]),
        Field::new("group", Kind::Name).synonyms(&["groups", "batch_group"]).completed_from(Names::BatchGroups),
        Field::new("version", Kind::Name),
    ],
    bare_number: None,
};
