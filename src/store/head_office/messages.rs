//! Lists of status messages at head office.

use crate::domain::{Direction, Seek, SessionKey, Status, StatusMessage, Timestamp, json_or_text};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::keyset::Place;
use crate::store::head_office::message_filter::MessageFilter;
use crate::store::row::columns;
use crate::store::value::values;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// A message at head office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct TransferredMessage {
    #[serde(skip)]
    pub message_key: i64,
    pub message_guid: String,
    pub direction: Direction,
    pub session_number: i64,
    pub channel_database: String,
    pub job_name: String,
    pub channel_data_group: Option<String>,
    pub distribution_schedule: Option<String>,
    pub status: Status,
    pub occurred_at: Timestamp,
    pub reported_at: Option<Timestamp>,
    pub posted_at: Timestamp,
    pub posted_by: Option<String>,
    pub round: i64,
    pub rerun_for: Option<i64>,
    pub try_count: i64,
    pub rows_affected: Option<i64>,
    pub file_size: Option<i64>,
    pub row_version: Option<i64>,
    pub data_path: Option<String>,
    pub message: Option<String>,
    /// An object, or text if it is none.
    #[serde(serialize_with = "json_or_none")]
    pub extra: Option<String>,
    pub message_id: i64,
    pub run_id: i64,
    pub transferred_at: Timestamp,
}

#[allow(clippy::ref_option)] // serde passes the field
fn json_or_none<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => json_or_text(text, serializer),
        None => serializer.serialize_none(),
    }
}

columns!(mod column:
    message_key, message_guid, direction, session_number, channel_database, job_name, channel_data_group,
    distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count,
    rows_affected, file_size, row_version, data_path, message, extra, message_id, run_id, transferred_at,
    reported_at,
);
use column::LIST as COLUMNS;

impl HeadOffice {
    /// The newest messages by `occurred_at`, then by arrival.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<TransferredMessage>, StoreError> {
        let rows = usize::try_from(filter.limit).unwrap_or(0);
        self.messages_at(filter, Seek::First, rows)
    }

    /// Reads at most `rows` messages from `seek` on; the cost does not depend on the length of the
    /// list, unless the filter is a search.
    pub fn messages_at(
        &self,
        filter: &MessageFilter,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<TransferredMessage>, StoreError> {
        self.messages_before(filter, (seek, None), rows)
    }

    /// Like [`Self::messages_at`], but examines at most `stretch` rows; also returns the place
    /// reached, if that was neither the end nor enough.
    pub fn messages_searched(
        &self,
        filter: &MessageFilter,
        seek: Seek<Place>,
        rows: usize,
        stretch: i64,
    ) -> Result<(Vec<TransferredMessage>, Option<Place>), StoreError> {
        let edge = filter.keyset().edge(&self.connection, filter.indexed(), seek, stretch)?;
        let found = self.messages_before(filter, (seek, edge), rows)?;
        let reached = edge.filter(|_| found.len() < rows);
        Ok((found, reached))
    }

    fn messages_before(
        &self,
        filter: &MessageFilter,
        stretch: (Seek<Place>, Option<Place>),
        rows: usize,
    ) -> Result<Vec<TransferredMessage>, StoreError> {
        let select = format!("select {COLUMNS} from status_message");
        filter.keyset().piece(&self.connection, &select, filter.conditions(), stretch, rows, message)
    }

    /// The failures that a run transferred, the last to arrive first.
    pub fn failures_of_run(&self, run_id: i64, limit: i64) -> Result<Vec<TransferredMessage>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from status_message where run_id = $1 and cause is not null
             order by message_key desc limit $2"
        );
        self.connection.query(&sql, values![run_id, limit], message)
    }

    /// Their number, counted up to `most`.
    pub fn count_failures_of_run(&self, run_id: i64, most: i64) -> Result<i64, StoreError> {
        let sql = "select count(*) from (select 1 from status_message where run_id = $1 and cause is not null limit $2) as counted";
        self.connection.integer(sql, values![run_id, most])
    }

    /// The number of messages that match, counted up to `most`.
    pub fn count_messages(&self, filter: &MessageFilter, most: i64) -> Result<i64, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(most.into());
        let sql = format!(
            "select count(*) from (select 1 from status_message where {} limit ${}) as counted",
            wheres.join(" and "),
            values.len()
        );
        self.connection.integer(&sql, &values)
    }
}

impl TransferredMessage {
    /// The message to fold; `None` if its GUID is damaged.
    pub fn into_status_message(self) -> Option<StatusMessage> {
        Some(StatusMessage {
            message_guid: Uuid::try_parse(&self.message_guid).ok()?,
            key: self.session_key(),
            job_name: self.job_name,
            channel_data_group: self.channel_data_group,
            distribution_schedule: self.distribution_schedule,
            status: self.status,
            occurred_at: self.occurred_at,
            reported_at: self.reported_at,
            posted_at: self.posted_at,
            posted_by: self.posted_by,
            round: self.round,
            rerun_for: self.rerun_for,
            try_count: self.try_count,
            rows_affected: self.rows_affected,
            file_size: self.file_size,
            row_version: self.row_version,
            data_path: self.data_path,
            message: self.message,
            extra: self.extra,
        })
    }

    /// The session that it is about.
    pub fn session_key(&self) -> SessionKey {
        SessionKey {
            direction: self.direction,
            session_number: self.session_number,
            channel_database: self.channel_database.clone(),
        }
    }
}

fn message(row: &Row) -> Result<TransferredMessage, StoreError> {
    let direction = Direction::from_number(row.int(column::direction)?)
        .ok_or_else(|| row.damaged("a message without direction"))?;
    let number = row.int(column::status)?;
    let status = Status::from_number(direction, number)
        .ok_or_else(|| row.damaged(format!("a {direction} message with status {number}")))?;
    Ok(TransferredMessage {
        message_key: row.int(column::message_key)?,
        message_guid: row.text(column::message_guid)?,
        direction,
        session_number: row.int(column::session_number)?,
        channel_database: row.text(column::channel_database)?,
        job_name: row.text(column::job_name)?,
        channel_data_group: row.opt_text(column::channel_data_group)?,
        distribution_schedule: row.opt_text(column::distribution_schedule)?,
        status,
        occurred_at: row.time(column::occurred_at)?,
        posted_at: row.time(column::posted_at)?,
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
        message_id: row.int(column::message_id)?,
        run_id: row.int(column::run_id)?,
        transferred_at: row.time(column::transferred_at)?,
        reported_at: row.opt_time(column::reported_at)?,
    })
}
