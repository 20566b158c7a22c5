//! Rows in the order of their arrival at head office, for programs that follow the changes.
//!
//! Each transaction that adds messages, runs or notifications holds the writers' lock before it
//! takes a number, so that numbers become visible in their order.

use crate::batch::AlertEvent;
use crate::domain::{Direction, Run, SessionKey, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::causes::failed_statuses;
use crate::store::head_office::runs::{RUN_COLUMNS, run};
use crate::store::head_office::{HeadOffice, MessageFilter, NoticedConditions, TransferredMessage};
use crate::store::value::values;

/// The most failures that are examined to decide whether a cause is new.
const MAX_EXAMINED_FAILURES: i64 = 100_000;

/// The first message of a cause in a span of arrivals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseArrival {
    /// The key of the cause.
    pub digest: i64,
    /// The masked text.
    pub masked: String,
    /// The number of its first message in the span.
    pub message_key: i64,
    /// When the cause was first seen, by the reporters' clocks.
    pub first_seen_at: Timestamp,
}

/// A notification of any operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct SentNotification {
    pub notification_id: i64,
    pub at: Timestamp,
    pub operator: String,
    pub event: Option<AlertEvent>,
    pub job_id: Option<i64>,
    pub history_id: Option<i64>,
    pub text: String,
    pub rule: Option<String>,
    pub about: NoticedConditions,
}

impl HeadOffice {
    /// The number of the last message to arrive; 0 without messages.
    pub fn last_message_key(&self) -> Result<i64, StoreError> {
        self.connection.integer("select coalesce(max(message_key), 0) from status_message", &[])
    }

    /// The number of the last of at most `rows` messages that arrived after another; `None` if none
    /// did.
    pub fn arrivals_end(&self, after: i64, rows: i64) -> Result<Option<i64>, StoreError> {
        let sql = "select max(message_key) from
            (select message_key from status_message where message_key > $1 order by message_key limit $2) as arrived";
        Ok(self.connection.scalar::<Option<i64>>(sql, values![after, rows])?.flatten())
    }

    /// The sessions of the messages that arrived after one and up to another, if any message of the
    /// session reports a failure.
    pub fn failing_sessions(&self, after: i64, through: i64) -> Result<Vec<SessionKey>, StoreError> {
        let failed = failed_statuses("message");
        let sql = format!(
            "select direction, session_number, channel_database from
                (select distinct direction, session_number, channel_database from status_message
                 where message_key > $1 and message_key <= $2) as arrived
             where exists (select 1 from status_message as message
                where message.session_number = arrived.session_number and message.direction = arrived.direction
                    and message.channel_database = arrived.channel_database and {failed})"
        );
        self.connection.query(&sql, values![after, through], |row| {
            let direction = Direction::from_number(row.int("direction")?)
                .ok_or_else(|| row.damaged("a message without direction"))?;
            Ok(SessionKey {
                direction,
                session_number: row.int("session_number")?,
                channel_database: row.text("channel_database")?,
            })
        })
    }

    /// The newest messages of a session, at most `limit`, in the order of their arrival.
    pub fn arrivals_of(&self, key: &SessionKey, limit: i64) -> Result<Vec<TransferredMessage>, StoreError> {
        let filter = MessageFilter {
            direction: Some(key.direction),
            session_number: Some(key.session_number),
            channel_database: Some(key.channel_database.clone()),
            limit,
            ..MessageFilter::default()
        };
        let mut messages = self.messages(&filter)?;
        messages.sort_unstable_by_key(|message| message.message_key);
        Ok(messages)
    }

    /// The causes of the messages that arrived after one and up to another.
    pub fn cause_arrivals(&self, after: i64, through: i64) -> Result<Vec<CauseArrival>, StoreError> {
        let sql = "select cause.digest, cause.masked, cause.first_seen_at, arrived.message_key from
                (select cause, min(message_key) as message_key from status_message
                 where message_key > $1 and message_key <= $2 and cause is not null group by cause) as arrived
             join cause on cause.digest = arrived.cause order by arrived.message_key";
        self.connection.query(sql, values![after, through], |row| {
            Ok(CauseArrival {
                digest: row.int("digest")?,
                masked: row.text("masked")?,
                message_key: row.int("message_key")?,
                first_seen_at: row.time("first_seen_at")?,
            })
        })
    }

    /// Whether no message of a cause arrived before its first one in a span. A cause whose first
    /// message was purged is not new.
    pub fn is_first_arrival(&self, arrival: &CauseArrival) -> Result<bool, StoreError> {
        let CauseArrival { digest, message_key, first_seen_at, .. } = *arrival;
        let sql = "select 1 from
                (select cause, message_key from status_message where cause is not null and occurred_at >= $1
                 order by occurred_at limit $2) as failure
             where cause = $3 and message_key < $4 limit 1";
        if self.connection.exists(sql, values![first_seen_at, MAX_EXAMINED_FAILURES, digest, message_key])? {
            return Ok(false);
        }
        let sql = "select 1 from status_message where cause = $1 and cause is not null and occurred_at = $2 limit 1";
        self.connection.exists(sql, values![digest, first_seen_at])
    }

    /// When a message was transferred; `None` if it was purged.
    pub fn transferred_at(&self, message_key: i64) -> Result<Option<Timestamp>, StoreError> {
        self.connection.scalar("select transferred_at from status_message where message_key = $1", values![message_key])
    }

    /// The runs from a number on, oldest first.
    pub fn runs_from(&self, run_id: i64, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql = format!("select {RUN_COLUMNS} from run where run_id >= $1 order by run_id limit $2");
        self.connection.query(&sql, values![run_id, limit], run)
    }

    /// The number of the last notification; 0 without any.
    pub fn last_notification_id(&self) -> Result<i64, StoreError> {
        self.connection.integer("select coalesce(max(notification_id), 0) from notification", &[])
    }

    /// The notifications of all operators after a number, oldest first.
    pub fn notifications_after(&self, id: i64, limit: i64) -> Result<Vec<SentNotification>, StoreError> {
        let sql = "select notification_id, at, operator, event, job_id, history_id, text, rule from notification
            where notification_id > $1 order by notification_id limit $2";
        let mut sent = self.connection.query(sql, values![id, limit], |row| {
            Ok(SentNotification {
                notification_id: row.int("notification_id")?,
                at: row.time("at")?,
                operator: row.text("operator")?,
                event: AlertEvent::from_word(&row.text("event")?),
                job_id: row.opt_int("job_id")?,
                history_id: row.opt_int("history_id")?,
                text: row.text("text")?,
                rule: row.opt_text("rule")?,
                about: NoticedConditions::default(),
            })
        })?;
        for row in sent.iter_mut().filter(|row| row.rule.is_some()) {
            row.about = self.noticed_conditions(row.notification_id)?;
        }
        Ok(sent)
    }
}
