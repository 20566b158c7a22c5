//! The fields of what operators set up and read: alerts, deadlines, notifications, silences,
//! approvals, saved views.

use crate::filter::field::{Choice, Field, FieldSet, Kind, Names};
use crate::filter::lists::{CAUSE, CAUSE_NUMBER, SINCE, STORE, UNTIL, YES_NO, one};

const RULE: Field = Field::new(
    "rule",
    Kind::Choice(&[
        one("store_silent"),
        one("nothing_happened"),
        one("unusual_volume"),
        one("unusual_duration"),
        one("deadline"),
        one("purge_held"),
        one("clocks_apart"),
        one("disk_low"),
    ]),
);

const EVENT: Field = Field::new(
    "event",
    Kind::Choice(&[
        Choice::group("late", &["not_started", "runs_long"]),
        one("ended"),
        one("error"),
        one("canceled"),
        one("not_started"),
        one("runs_long"),
        one("firing"),
        one("resolved"),
        one("self_test"),
    ]),
);

/// The fields of alerts.
pub const ALERTS: &FieldSet = &FieldSet {
    fields: &[
        EVENT,
        RULE,
        STORE,
        CAUSE_NUMBER,
        Field::new("job", Kind::Number),
        Field::new("description", Kind::Text),
        Field::new("group", Kind::Name).synonyms(&["batch_group"]).completed_from(Names::BatchGroups),
        Field::new("text", Kind::Text),
        Field::new("operator", Kind::Name),
    ],
    bare_number: Some("job"),
};

/// The fields of channel databases, which the filter of a deadline names.
pub const STORES: &FieldSet =
    &FieldSet { fields: &[STORE, Field::new("zone", Kind::Name), Field::new("note", Kind::Text)], bare_number: None };

/// The fields of conditions of alert rules.
pub const CONDITIONS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("state", Kind::Choice(&[one("firing"), one("silenced"), one("resolved"), one("ended")])),
        RULE,
        STORE,
        Field::new("job", Kind::Number),
        CAUSE,
        Field::new("text", Kind::Text).synonyms(&["what"]),
        Field::new("age", Kind::Age("since")),
        Field::new("since", Kind::Instant),
    ],
    bare_number: None,
};

/// The fields of deadlines.
pub const DEADLINES: &FieldSet = &FieldSet {
    fields: &[
        Field::new("job", Kind::Name).synonyms(&["job_name"]).completed_from(Names::Jobs),
        Field::new("store", Kind::Text).synonyms(&["stores"]),
        Field::new("by", Kind::Text),
        Field::new("made_by", Kind::Name).synonyms(&["created_by"]),
        Field::new("deadline", Kind::Number).synonyms(&["no", "no."]),
        Field::new("created", Kind::Instant),
    ],
    bare_number: None,
};

/// The fields of an operator's notifications.
pub const NOTIFICATIONS: &FieldSet = &FieldSet {
    fields: &[
        EVENT.synonyms(&["about"]),
        Field::new("unread", YES_NO),
        Field::new("job", Kind::Number),
        Field::new("silence", Kind::Number),
        Field::new("age", Kind::Age("at")),
        Field::new("from", Kind::From("at")).synonyms(SINCE),
        Field::new("to", Kind::To("at")).synonyms(UNTIL),
        Field::new("text", Kind::Text).synonyms(&["what"]),
        Field::new("at", Kind::Instant).synonyms(&["when", "date"]),
    ],
    bare_number: Some("job"),
};

/// The fields of silences.
pub const SILENCES: &FieldSet = &FieldSet {
    fields: &[
        Field::new("open", YES_NO).synonyms(&["state"]),
        Field::new("by", Kind::Name).synonyms(&["created_by"]),
        Field::new("alerts", Kind::Text).synonyms(&["filter"]),
        Field::new("text", Kind::Text).synonyms(&["reason"]),
        Field::new("held", Kind::Number).synonyms(&["held_back"]),
        Field::new("until", Kind::Instant),
        Field::new("created", Kind::Instant),
    ],
    bare_number: None,
};

/// The fields of changes that were requested.
pub const APPROVALS: &FieldSet = &FieldSet {
    fields: &[
        Field::new(
            "state",
            Kind::Choice(&[one("waiting"), one("approved"), one("used"), one("closed"), one("expired")]),
        ),
        Field::new("approval", Kind::Number),
        Field::new("by", Kind::Name).synonyms(&["requested_by"]),
        Field::new("approved_by", Kind::Name),
        Field::new("change", Kind::Text).synonyms(&["action", "object"]),
        Field::new("text", Kind::Text).synonyms(&["reason"]),
        Field::new("rows", Kind::Number),
        Field::new("requested", Kind::Instant),
    ],
    bare_number: Some("approval"),
};

/// The fields of saved views.
pub const VIEWS: &FieldSet = &FieldSet {
    fields: &[
        Field::new("name", Kind::Text).synonyms(&["view"]),
        Field::new("list", Kind::Text),
        Field::new("filter", Kind::Text),
        Field::new("stored", Kind::Choice(&[one("head_office"), one("this_machine"), one("shipped"), one("not_set")]))
            .synonyms(&["stored_in"]),
    ],
    bare_number: None,
};
