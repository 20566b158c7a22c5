//! The fold: computes a session's state from its messages, which may arrive late, twice and in any
//! order.
//!
//! Every part is a maximum or a minimum (the round first), so order, repetition and chunking cannot
//! change the result.
//!
//! Instants are the reporters', but a clock that runs ahead must not decide: its message would win
//! over every later one and hide a failure. A message dated more than [`CLOCK_AHEAD_MS`] after its
//! arrival counts from its arrival, by the message database's clock. That depends on the message
//! alone, so the order of arrival still does not matter.

use crate::domain::{Direction, MINUTE_MS, Status, StatusMessage, Timestamp};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// How far a reporter's clock may be ahead of the message database's, in milliseconds, before it is
/// ignored.
pub const CLOCK_AHEAD_MS: i64 = 5 * MINUTE_MS;

/// Returns the instant that a message counts from: the reporter's, or its arrival if the reporter's
/// clock runs ahead. A clock that is behind looks like a late report and is not corrected.
pub fn effective_instant(reported_at: Timestamp, posted_at: Timestamp) -> Timestamp {
    if reported_at.since(posted_at) > CLOCK_AHEAD_MS { posted_at } else { reported_at }
}

/// The message that decides status, error text and attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Winner {
    /// The session's status.
    pub status: Status,
    /// Its error text.
    pub message: Option<String>,
    /// Attempts as of this message.
    pub try_count: i64,
    /// When it happened, by the reporter's clock.
    #[serde(skip)]
    pub occurred_at: Timestamp,
    /// The message's identifier.
    #[serde(skip)]
    pub message_guid: Uuid,
}

/// The latest failure reported; kept after a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    /// The round it happened in.
    pub round: i64,
    /// The failed message.
    pub failure: Winner,
}

impl Serialize for LastError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            status: Status,
            message: Option<&'a str>,
            at: Timestamp,
        }
        let Winner { status, message, occurred_at, .. } = &self.failure;
        Row { status: *status, message: message.as_deref(), at: *occurred_at }.serialize(serializer)
    }
}

/// The combined state of all messages of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the columns of the session table, one for one
pub struct Fold {
    #[serde(skip)]
    pub direction: Direction,
    pub job_name: String,
    pub channel_data_group: Option<String>,
    pub distribution_schedule: Option<String>,
    #[serde(flatten)]
    pub winner: Winner,
    /// The highest round seen; `winner`, the dates of statuses and the numbers are of this round
    /// alone.
    pub round: i64,
    pub rows_affected: Option<i64>,
    pub file_size: Option<i64>,
    pub row_version: Option<i64>,
    pub data_path: Option<String>,
    /// Least `occurred_at` of all rounds.
    pub created_at: Timestamp,
    /// Greatest `occurred_at` of all rounds.
    pub modified_at: Timestamp,
    pub requested_at: Option<Timestamp>,
    pub downloaded_at: Option<Timestamp>,
    pub uploaded_at: Option<Timestamp>,
    pub applied_at: Option<Timestamp>,
    /// Greatest `posted_at` of all rounds: what "last changed" means to the purge.
    pub last_posted_at: Timestamp,
    pub last_error: Option<LastError>,
    #[serde(skip)]
    pub rerun_for: Option<i64>,
}

impl Winner {
    fn of(message: &StatusMessage) -> Self {
        Self {
            status: message.status,
            try_count: message.try_count,
            occurred_at: message.occurred_at,
            message_guid: message.message_guid,
            message: message.message.clone(),
        }
    }

    /// The order that decides between messages of one round: finality, try count, instant, stage,
    /// GUID.
    fn rank(&self, direction: Direction) -> (i64, i64, Timestamp, i64, Uuid) {
        let (tries, at, stage, guid) = self.failure_rank(direction);
        (self.status.finality(), tries, at, stage, guid)
    }

    /// The order of failures of one round: try count, instant, stage, GUID.
    fn failure_rank(&self, direction: Direction) -> (i64, Timestamp, i64, Uuid) {
        (self.try_count, self.occurred_at, self.status.stage(direction), self.message_guid)
    }
}

impl Fold {
    /// The state after one message.
    pub fn of(message: &StatusMessage) -> Self {
        let mut fold = Self {
            direction: message.key.direction,
            round: message.round,
            winner: Winner::of(message),
            requested_at: None,
            downloaded_at: None,
            uploaded_at: None,
            applied_at: None,
            rows_affected: None,
            file_size: None,
            row_version: None,
            created_at: message.occurred_at,
            modified_at: message.occurred_at,
            last_posted_at: message.posted_at,
            job_name: String::new(),
            channel_data_group: None,
            distribution_schedule: None,
            data_path: None,
            rerun_for: None,
            last_error: None,
        };
        fold.absorb(message);
        fold
    }

    /// Adds one more message of the same session; adding a message twice changes nothing.
    pub fn absorb(&mut self, message: &StatusMessage) {
        if message.round > self.round {
            self.begin_round(message);
        }
        if message.round == self.round {
            self.absorb_into_round(message);
        }
        self.created_at = self.created_at.min(message.occurred_at);
        self.modified_at = self.modified_at.max(message.occurred_at);
        self.last_posted_at = self.last_posted_at.max(message.posted_at);
        if self.job_name < message.job_name {
            self.job_name.clone_from(&message.job_name);
        }
        raise_text(&mut self.channel_data_group, message.channel_data_group.as_deref());
        raise_text(&mut self.distribution_schedule, message.distribution_schedule.as_deref());
        raise_text(&mut self.data_path, message.data_path.as_deref());
        self.rerun_for = self.rerun_for.max(message.rerun_for);
        self.absorb_failure(message);
    }

    /// Discards the winner, dates and numbers of a lower round.
    fn begin_round(&mut self, message: &StatusMessage) {
        self.round = message.round;
        self.winner = Winner::of(message);
        self.requested_at = None;
        self.downloaded_at = None;
        self.uploaded_at = None;
        self.applied_at = None;
        self.rows_affected = None;
        self.file_size = None;
        self.row_version = None;
    }

    fn absorb_into_round(&mut self, message: &StatusMessage) {
        let rank = (
            message.status.finality(),
            message.try_count,
            message.occurred_at,
            message.status.stage(self.direction),
            message.message_guid,
        );
        if rank > self.winner.rank(self.direction) {
            self.winner = Winner::of(message);
        }
        let date = match message.status {
            Status::Requested => Some(&mut self.requested_at),
            Status::Downloaded => Some(&mut self.downloaded_at),
            Status::Uploaded => Some(&mut self.uploaded_at),
            Status::Applied => Some(&mut self.applied_at),
            _ => None,
        };
        if let Some(date) = date {
            *date = (*date).max(Some(message.occurred_at));
        }
        self.rows_affected = self.rows_affected.max(message.rows_affected);
        self.file_size = self.file_size.max(message.file_size);
        self.row_version = self.row_version.max(message.row_version);
    }

    fn absorb_failure(&mut self, message: &StatusMessage) {
        if !message.status.is_failed() {
            return;
        }
        let failure = Winner::of(message);
        let newer = self.last_error.as_ref().is_none_or(|last| {
            (message.round, failure.failure_rank(self.direction))
                > (last.round, last.failure.failure_rank(self.direction))
        });
        if newer {
            self.last_error = Some(LastError { round: message.round, failure });
        }
    }

    /// Bytes of text held; limits a chunk's memory.
    pub fn text_bytes(&self) -> usize {
        let error = self.last_error.as_ref().and_then(|last| last.failure.message.as_ref());
        [&self.channel_data_group, &self.distribution_schedule, &self.data_path, &self.winner.message]
            .into_iter()
            .flatten()
            .chain(error)
            .map(String::len)
            .sum::<usize>()
            + self.job_name.len()
    }
}

/// Replaces the value by the greater one, compared by bytes; empty text is ignored.
fn raise_text(held: &mut Option<String>, seen: Option<&str>) {
    if let Some(seen) = seen.filter(|text| !text.is_empty())
        && held.as_deref().is_none_or(|held| held < seen)
    {
        *held = Some(seen.to_owned());
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::SessionKey;
    use proptest::prelude::*;

    fn any_text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(prop_oneof![Just(String::new()), "[ab]{1,2}"])
    }

    fn any_number() -> impl Strategy<Value = Option<i64>> {
        proptest::option::of(-1i64..3)
    }

    prop_compose! {
        /// Messages of one session from small ranges, so that ties of every kind happen.
        fn any_message(direction: Direction)(
            (guid, status, round, try_count) in (0u128..40, 0usize..10, 0i64..3, 0i64..3),
            (occurred_at, posted_at) in (0i64..4, 0i64..4),
            (group, schedule, path, error, job_name) in (any_text(), any_text(), any_text(), any_text(), "[ab]{0,2}"),
            (rows, size, version, rerun_for) in (any_number(), any_number(), any_number(), any_number()),
        ) -> StatusMessage {
            let statuses: Vec<_> = Status::all(direction).collect();
            StatusMessage {
                message_guid: Uuid::from_u128(guid),
                key: SessionKey { direction, session_number: 1, channel_database: "S".into() },
                job_name,
                channel_data_group: group,
                distribution_schedule: schedule,
                status: statuses[status % statuses.len()],
                occurred_at: Timestamp(occurred_at),
                reported_at: None,
                posted_at: Timestamp(posted_at),
                posted_by: None,
                round,
                rerun_for,
                try_count,
                rows_affected: rows,
                file_size: size,
                row_version: version,
                data_path: path,
                message: error,
                extra: None,
            }
        }
    }

    /// Any messages of one session; one GUID is one message, as the databases see to it.
    pub fn any_messages() -> impl Strategy<Value = Vec<StatusMessage>> {
        prop_oneof![Just(Direction::Download), Just(Direction::Upload)].prop_flat_map(|direction| {
            prop::collection::vec(any_message(direction), 1..14).prop_map(|mut messages| {
                let mut seen = std::collections::HashSet::new();
                messages.retain(|message| seen.insert(message.message_guid));
                messages
            })
        })
    }

    pub fn fold<'a>(messages: impl IntoIterator<Item = &'a StatusMessage>) -> Fold {
        let mut messages = messages.into_iter();
        let mut fold = Fold::of(messages.next().expect("at least one message"));
        messages.for_each(|message| fold.absorb(message));
        fold
    }

    /// The rule of the fold, spelled out over the whole set at once.
    fn model(messages: &[StatusMessage]) -> Fold {
        let direction = messages[0].key.direction;
        let round = messages.iter().map(|m| m.round).max().expect("not empty");
        let top: Vec<_> = messages.iter().filter(|m| m.round == round).collect();
        let rank = |m: &StatusMessage| (m.try_count, m.occurred_at, m.status.stage(direction), m.message_guid);
        let date = |status| top.iter().filter(|m| m.status == status).map(|m| m.occurred_at).max();
        let text = |pick: fn(&StatusMessage) -> Option<String>| {
            messages.iter().filter_map(pick).filter(|text| !text.is_empty()).max()
        };
        Fold {
            direction,
            round,
            winner: Winner::of(top.iter().max_by_key(|m| (m.status.finality(), rank(m))).expect("not empty")),
            requested_at: date(Status::Requested),
            downloaded_at: date(Status::Downloaded),
            uploaded_at: date(Status::Uploaded),
            applied_at: date(Status::Applied),
            rows_affected: top.iter().filter_map(|m| m.rows_affected).max(),
            file_size: top.iter().filter_map(|m| m.file_size).max(),
            row_version: top.iter().filter_map(|m| m.row_version).max(),
            created_at: messages.iter().map(|m| m.occurred_at).min().expect("not empty"),
            modified_at: messages.iter().map(|m| m.occurred_at).max().expect("not empty"),
            last_posted_at: messages.iter().map(|m| m.posted_at).max().expect("not empty"),
            job_name: messages.iter().map(|m| m.job_name.clone()).max().expect("not empty"),
            channel_data_group: text(|m| m.channel_data_group.clone()),
            distribution_schedule: text(|m| m.distribution_schedule.clone()),
            data_path: text(|m| m.data_path.clone()),
            rerun_for: messages.iter().filter_map(|m| m.rerun_for).max(),
            last_error: messages
                .iter()
                .filter(|m| m.status.is_failed())
                .max_by_key(|m| (m.round, rank(m)))
                .map(|m| LastError { round: m.round, failure: Winner::of(m) }),
        }
    }

    proptest! {
        #[test]
        fn the_fold_is_the_rule_over_the_whole_set(messages in any_messages()) {
            prop_assert_eq!(fold(&messages), model(&messages));
        }

        #[test]
        fn order_and_repetition_do_not_matter(
            (messages, shuffled) in any_messages().prop_flat_map(|messages| {
                let twice = [messages.clone(), messages.clone()].concat();
                (Just(messages), Just(twice).prop_shuffle())
            })
        ) {
            prop_assert_eq!(fold(&messages), fold(&shuffled));
        }

        /// Whatever the clocks of earlier messages said, a failure that arrives after them with a
        /// clock that is right decides.
        #[test]
        fn a_clock_that_runs_ahead_hides_no_later_failure(
            messages in any_messages(),
            ahead in prop::collection::vec(CLOCK_AHEAD_MS + 1..400_000_000_000, 14),
        ) {
            let mut messages = messages;
            for (message, ahead) in messages.iter_mut().zip(ahead) {
                (message.round, message.try_count, message.posted_at) = (0, 0, Timestamp(1_000));
                message.occurred_at = effective_instant(Timestamp(1_000 + ahead), message.posted_at);
            }
            messages.retain(|message| message.status.finality() == 0);
            let failed = Status::all(messages.first().map_or(Direction::Download, |message| message.key.direction))
                .find(|status| status.is_failed()).expect("each direction has a failure");
            if let Some(first) = messages.first().cloned() {
                let now = Timestamp(2_000);
                let occurred_at = effective_instant(Timestamp(1_500), now);
                let guid = Uuid::from_u128(1_000);
                messages.push(StatusMessage { status: failed, occurred_at, posted_at: now, message_guid: guid, ..first });
                prop_assert_eq!(fold(&messages).winner.status, failed);
                messages.reverse();
                prop_assert_eq!(fold(&messages).winner.message_guid, guid);
            }
        }
    }
}
