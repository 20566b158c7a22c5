//! Status messages at head office, for lists.

use crate::domain::{Direction, Order, Seek, Status, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::contains::Contains;
use crate::store::head_office::keyset::{Conditions, HAS_TEXT, Keyset, Place};
use crate::store::head_office::session_filter::add_conditions;
use crate::store::value::Value;

/// Which messages a list wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only this direction.
    pub direction: Option<Direction>,
    /// Any of these; empty is all.
    pub statuses: Vec<Status>,
    /// Only this session.
    pub session_number: Option<i64>,
    /// Exactly this channel database.
    pub channel_database: Option<String>,
    /// Exactly this job.
    pub job_name: Option<String>,
    /// Happened at or after, by the reporter's clock.
    pub since: Option<Timestamp>,
    /// Happened before, by the reporter's clock.
    pub until: Option<Timestamp>,
    /// Whose error text contains this.
    pub text: Option<Contains>,
    /// Only failures of this cause.
    pub cause: Option<i64>,
    /// Only failures.
    pub failed: bool,
    /// The order of [`HeadOffice::messages_at`] and its kin; by time alone.
    pub order: Order,
    /// How many at most, in [`HeadOffice::messages`].
    pub limit: i64,
}

/// One message as it arrived, with where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct TransferredMessage {
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
    pub extra: Option<String>,
    pub message_id: i64,
    pub run_id: i64,
    pub transferred_at: Timestamp,
    pub reported_at: Option<Timestamp>,
}

const COLUMNS: &str = "message_key, message_guid, direction, session_number, channel_database, job_name, channel_data_group, \
    distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, rows_affected, file_size, \
    row_version, data_path, message, extra, message_id, run_id, transferred_at, reported_at";

impl HeadOffice {
    /// The newest messages by `occurred_at`, then by arrival.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<TransferredMessage>, StoreError> {
        let rows = usize::try_from(filter.limit).unwrap_or(0);
        self.messages_at(filter, Seek::First, rows)
    }

    /// At most `rows` messages from where `seek` says; costs the same however long the list is, if it is no search.
    pub fn messages_at(
        &self,
        filter: &MessageFilter,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<TransferredMessage>, StoreError> {
        self.messages_before(filter, (seek, None), rows)
    }

    /// The same, but looking at no more than `stretch` rows; where it got to, if that was neither the end nor enough.
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

    /// How many messages the filter finds, counted up to `most`.
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

impl MessageFilter {
    /// Whether rows that do not match lie between those that do, without an index to pass over them.
    pub fn is_search(&self) -> bool {
        let rare = self.text.is_some()
            || self.channel_database.is_some()
            || self.job_name.is_some()
            || !self.statuses.is_empty()
            || self.direction.is_some();
        rare && self.session_number.is_none()
    }

    fn keyset(&self) -> Keyset {
        Keyset { table: "status_message", column: "occurred_at", id: "message_key", order: self.order }
    }

    /// The conditions that an index serves, and the values that they number.
    fn indexed(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
        let dates =
            [("occurred_at >= ?", self.since.map(Value::from)), ("occurred_at < ?", self.until.map(Value::from))];
        add_conditions(dates, &mut wheres, &mut values);
        wheres.extend(self.text.as_ref().map(|_| HAS_TEXT.to_owned()));
        if self.failed {
            // An index knows the failures.
            wheres.push("cause is not null".to_owned());
        }
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        let conditions = [
            ("direction = ?", self.direction.map(|direction| direction.number().into())),
            ("session_number = ?", self.session_number.map(Value::from)),
            ("channel_database = ?", self.channel_database.as_deref().map(Value::from)),
            ("job_name = ?", self.job_name.as_deref().map(Value::from)),
            ("message like ? escape '\\'", self.text.as_ref().map(Value::from)),
            ("cause = ?", self.cause.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        if !self.statuses.is_empty() {
            // The same word has another number in each direction.
            let of = |direction: Direction| {
                let numbers = self.statuses.iter().filter_map(move |status| status.number(direction));
                let list: Vec<_> = numbers.map(|number| number.to_string()).collect();
                format!("(direction = {} and status in ({}))", direction.number(), list.join(", "))
            };
            wheres.push(format!("({})", Direction::ALL.map(of).join(" or ")));
        }
        (wheres, values)
    }
}

impl TransferredMessage {
    /// The row as one JSON object; `extra` as the object it is, or as text if it is none.
    pub fn to_json(&self) -> serde_json::Value {
        let extra = self
            .extra
            .as_ref()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text.as_str())));
        serde_json::json!({
            "message_guid": self.message_guid,
            "direction": self.direction.word(),
            "session_number": self.session_number,
            "channel_database": self.channel_database,
            "job_name": self.job_name,
            "channel_data_group": self.channel_data_group,
            "distribution_schedule": self.distribution_schedule,
            "status": self.status.word(),
            "occurred_at": self.occurred_at.to_rfc3339(),
            "reported_at": self.reported_at.map(Timestamp::to_rfc3339),
            "posted_at": self.posted_at.to_rfc3339(),
            "posted_by": self.posted_by,
            "round": self.round,
            "rerun_for": self.rerun_for,
            "try_count": self.try_count,
            "rows_affected": self.rows_affected,
            "file_size": self.file_size,
            "row_version": self.row_version,
            "data_path": self.data_path,
            "message": self.message,
            "extra": extra,
            "message_id": self.message_id,
            "run_id": self.run_id,
            "transferred_at": self.transferred_at.to_rfc3339(),
        })
    }
}

fn message(row: &Row) -> Result<TransferredMessage, StoreError> {
    let direction = Direction::from_number(row.int(2)?).ok_or_else(|| row.damaged("a message without direction"))?;
    let number = row.int(8)?;
    let status = Status::from_number(direction, number)
        .ok_or_else(|| row.damaged(format!("a {direction} message with status {number}")))?;
    Ok(TransferredMessage {
        message_key: row.int(0)?,
        message_guid: row.text(1)?,
        direction,
        session_number: row.int(3)?,
        channel_database: row.text(4)?,
        job_name: row.text(5)?,
        channel_data_group: row.opt_text(6)?,
        distribution_schedule: row.opt_text(7)?,
        status,
        occurred_at: row.time(9)?,
        posted_at: row.time(10)?,
        posted_by: row.opt_text(11)?,
        round: row.int(12)?,
        rerun_for: row.opt_int(13)?,
        try_count: row.int(14)?,
        rows_affected: row.opt_int(15)?,
        file_size: row.opt_int(16)?,
        row_version: row.opt_int(17)?,
        data_path: row.opt_text(18)?,
        message: row.opt_text(19)?,
        extra: row.opt_text(20)?,
        message_id: row.int(21)?,
        run_id: row.int(22)?,
        transferred_at: row.time(23)?,
        reported_at: row.opt_time(24)?,
    })
}
