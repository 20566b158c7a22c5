//! Posts messages in one short transaction; a repeated GUID is stored once.

use crate::domain::{RawMessage, Reason, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{Row, Statement};
use crate::store::message_database::MessageDatabase;
use crate::store::row::columns;
use crate::store::value::{Value, placeholders, values};
use std::borrow::Cow;
use std::collections::HashSet;

/// A message to post, parsed but not checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)] // the columns of the public table, one for one
pub struct NewMessage {
    pub message_guid: String,
    pub direction: i64,
    pub session_number: i64,
    pub channel_database: String,
    pub job_name: String,
    pub channel_data_group: Option<String>,
    pub distribution_schedule: Option<String>,
    pub status: i64,
    pub occurred_at: Timestamp,
    pub posted_by: Option<String>,
    pub round: i64,
    pub rerun_for: Option<i64>,
    pub try_count: i64,
    pub rows_affected: Option<i64>,
    pub file_size: Option<i64>,
    pub row_version: Option<i64>,
    pub data_path: Option<String>,
    pub message: Option<String>,
    pub extra: Option<String>,
}

impl NewMessage {
    /// Why head office would reject it; `None` if it would not. The time of arrival is not known
    /// yet.
    pub fn fault(&self) -> Option<Reason> {
        let bytes = |text: &str| Cow::Owned(text.as_bytes().to_vec());
        let raw = RawMessage {
            message_guid: bytes(&self.message_guid),
            direction: self.direction,
            session_number: self.session_number,
            channel_database: bytes(&self.channel_database),
            status: self.status,
            occurred_at: self.occurred_at.0,
            posted_at: Timestamp::EARLIEST.0,
            ..RawMessage::default()
        };
        raw.check().err()
    }
}

/// The result for a posted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is new and stored.
    Stored,
    /// An equal message was posted before.
    Repeated,
    /// Its GUID was posted before with other content; the first stays.
    Conflict,
}

/// Messages in one statement, if a statement inserts many.
const MESSAGES_PER_STATEMENT: usize = 100;

columns!(mod column:
    message_guid, direction, session_number, channel_database, job_name, channel_data_group,
    distribution_schedule, status, occurred_at, posted_by, round, rerun_for, try_count, rows_affected,
    file_size, row_version, data_path, message, extra,
);
use column::{COUNT as COLUMN_COUNT, LIST as COLUMNS};

impl MessageDatabase {
    /// Posts all messages in one transaction; when it returns they survive a power cut. The results
    /// are in their order.
    pub fn post(&self, messages: &[NewMessage]) -> Result<Vec<Posted>, StoreError> {
        self.post_if(messages, |_| true)
    }

    /// Like [`MessageDatabase::post`], but `keep` sees the results before the commit and may have
    /// everything undone.
    pub fn post_if(
        &self,
        messages: &[NewMessage],
        keep: impl FnOnce(&[Posted]) -> bool,
    ) -> Result<Vec<Posted>, StoreError> {
        self.post_within(messages, keep).map_err(|error| self.used_up(error))
    }

    fn post_within(
        &self,
        messages: &[NewMessage],
        keep: impl FnOnce(&[Posted]) -> bool,
    ) -> Result<Vec<Posted>, StoreError> {
        let storable =
            if self.connection.session().is_some() { without_nul(messages) } else { Cow::Borrowed(messages) };
        let messages = &*storable;
        let transaction = self.connection.begin()?;
        let posted = {
            let mut insert = self.connection.prepare(&format!(
                "insert into status_message ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
                 $14, $15, $16, $17, $18, $19) on conflict (message_guid) do nothing"
            ))?;
            let mut find =
                self.connection.prepare(&format!("select {COLUMNS} from status_message where message_guid = $1"))?;
            let mut posted = Vec::with_capacity(messages.len());
            let mut groups = messages.chunks_exact(MESSAGES_PER_STATEMENT);
            // A server answers each statement, so there one statement inserts many messages.
            if self.connection.session().is_some() {
                for group in groups.by_ref() {
                    posted.extend(self.post_group(&mut find, group)?);
                }
            }
            for message in &messages[posted.len()..] {
                posted.push(post_one(&mut insert, &mut find, message)?);
            }
            posted
        };
        if keep(&posted) {
            self.note_agents(messages)?;
            transaction.commit()?;
        }
        Ok(posted)
    }

    /// Stores the messages of a group by one statement.
    fn post_group(&self, find: &mut Statement, group: &[NewMessage]) -> Result<Vec<Posted>, StoreError> {
        let rows: Vec<_> = (0..group.len()).map(|row| placeholders(row * COLUMN_COUNT, COLUMN_COUNT)).collect();
        let sql = format!(
            "insert into status_message ({COLUMNS}) values {} on conflict (message_guid) do nothing returning message_guid",
            rows.join(", ")
        );
        let values: Vec<_> = group.iter().flat_map(columns).collect();
        let mut stored: HashSet<String> = self.connection.scalars::<String>(&sql, &values)?.into_iter().collect();
        // Of two messages with one GUID, the first was stored.
        group
            .iter()
            .map(|message| if stored.remove(&message.message_guid) { Ok(Posted::Stored) } else { again(find, message) })
            .collect()
    }

    /// Stores one message in the caller's transaction.
    pub(super) fn insert_one(&self, message: &NewMessage) -> Result<(), StoreError> {
        let sql = format!("insert into status_message ({COLUMNS}) values {}", placeholders(0, COLUMN_COUNT));
        self.connection.execute(&sql, &columns(message)).map_err(|error| self.used_up(error))?;
        Ok(())
    }

    /// SQLite reports a full disk when no id is left.
    fn used_up(&self, error: StoreError) -> StoreError {
        let greatest = "select max(seq) from sqlite_sequence where name = 'status_message'";
        match error {
            StoreError::Full { location } if self.connection.session().is_none() => {
                if self.connection.integer(greatest, &[]).is_ok_and(|number| number == i64::MAX) {
                    StoreError::NumbersUsedUp { location }
                } else {
                    StoreError::Full { location }
                }
            }
            other => other,
        }
    }

    /// Stores messages with given instants of arrival, for generated history.
    pub fn import(&self, messages: &[(NewMessage, Timestamp)]) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        {
            let mut insert = self.connection.prepare(&format!(
                "insert into status_message ({COLUMNS}, posted_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
                 $12, $13, $14, $15, $16, $17, $18, $19, $20) on conflict (message_guid) do nothing"
            ))?;
            for (message, posted_at) in messages {
                let columns: Vec<_> = columns(message).into_iter().chain([Value::from(*posted_at)]).collect();
                insert.execute(&columns)?;
            }
        }
        self.import_agents(messages)?;
        self.note_served(messages.iter().map(|(message, _)| message))?;
        transaction.commit()
    }
}

/// The messages as a server can store them: U+FFFD replaces each NUL.
fn without_nul(messages: &[NewMessage]) -> Cow<'_, [NewMessage]> {
    fn replace_nul(text: &mut String) {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{FFFD}");
        }
    }
    let has_nul = |message: &NewMessage| {
        columns(message).iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0')))
    };
    if !messages.iter().any(has_nul) {
        return Cow::Borrowed(messages);
    }
    let mut cleaned = messages.to_vec();
    for message in &mut cleaned {
        let NewMessage { message_guid, channel_database, job_name, .. } = message;
        [message_guid, channel_database, job_name].into_iter().for_each(replace_nul);
        let NewMessage { channel_data_group, distribution_schedule, posted_by, data_path, message, extra, .. } =
            message;
        let optional = [channel_data_group, distribution_schedule, posted_by, data_path, message, extra];
        optional.into_iter().flatten().for_each(replace_nul);
    }
    Cow::Owned(cleaned)
}

fn post_one(insert: &mut Statement, find: &mut Statement, message: &NewMessage) -> Result<Posted, StoreError> {
    if insert.execute(&columns(message))? > 0 {
        return Ok(Posted::Stored);
    }
    again(find, message)
}

/// Whether the stored message with the same GUID is the same.
fn again(find: &mut Statement, message: &NewMessage) -> Result<Posted, StoreError> {
    let same = find.first(values![&message.message_guid], |row| Ok(new_message(row)? == *message))?;
    Ok(if same == Some(true) { Posted::Repeated } else { Posted::Conflict })
}

fn columns(message: &NewMessage) -> [Value<'_>; COLUMN_COUNT] {
    [
        (&message.message_guid).into(),
        message.direction.into(),
        message.session_number.into(),
        (&message.channel_database).into(),
        (&message.job_name).into(),
        (&message.channel_data_group).into(),
        (&message.distribution_schedule).into(),
        message.status.into(),
        message.occurred_at.into(),
        (&message.posted_by).into(),
        message.round.into(),
        message.rerun_for.into(),
        message.try_count.into(),
        message.rows_affected.into(),
        message.file_size.into(),
        message.row_version.into(),
        (&message.data_path).into(),
        (&message.message).into(),
        (&message.extra).into(),
    ]
}

fn new_message(row: &Row) -> Result<NewMessage, StoreError> {
    Ok(NewMessage {
        message_guid: row.text(column::message_guid)?,
        direction: row.int(column::direction)?,
        session_number: row.int(column::session_number)?,
        channel_database: row.text(column::channel_database)?,
        job_name: row.text(column::job_name)?,
        channel_data_group: row.opt_text(column::channel_data_group)?,
        distribution_schedule: row.opt_text(column::distribution_schedule)?,
        status: row.int(column::status)?,
        occurred_at: row.time(column::occurred_at)?,
        posted_by: row.opt_text(column::posted_by)?,
        round: row.int(column::round)?,
        rerun_for: row.opt_int(column::rerun_for)?,
        try_count: row.int(column::try_count)?,
        rows_affected: row.opt_int(column::rows_affected)?,
        file_size: row.opt_int(column::file_size)?,
        row_version: row.opt_int(column::row_version)?,
        data_path: row.opt_text(column::data_path)?,
        message: row.opt_text(column::message)?,
        extra: row.opt_text(column::extra)?,
    })
}
