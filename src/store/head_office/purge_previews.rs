//! Previews of purges: what a run was expected to delete, under a number that the run quotes.

use crate::domain::{Expired, HOUR_MS, Timestamp, counted, grouped};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;
use serde::Serialize;

/// How long a preview with the same rows keeps its number.
const SAME_PREVIEW_MS: i64 = HOUR_MS;

/// A preview of a purge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgeReceipt {
    /// Its number; 0 before it has one.
    pub preview_id: i64,
    /// When it was counted.
    pub at: Timestamp,
    /// The tables that would lose rows.
    pub tables: Vec<PreviewedTable>,
    /// Rows of all of them.
    pub rows: i64,
    /// The date of the oldest row.
    pub oldest: Option<Timestamp>,
    /// The date of the newest row.
    pub newest: Option<Timestamp>,
    /// Bytes of these rows, estimated by their share.
    pub bytes: i64,
    /// Milliseconds that the purge takes at the rate of earlier ones; `None` before the first.
    pub expected_ms: Option<i64>,
}

/// A table in a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewedTable {
    /// `message database` or `head office`.
    pub database: String,
    /// Its name.
    pub table: String,
    /// The rows that would be deleted.
    pub rows: i64,
}

impl PurgeReceipt {
    /// A preview without a number.
    pub fn new<'t>(at: Timestamp, expired: impl Iterator<Item = (&'t str, &'t str, Expired)>) -> Self {
        let (tables, rows, bytes) = (Vec::new(), 0, 0);
        let mut receipt =
            Self { preview_id: 0, at, tables, rows, oldest: None, newest: None, bytes, expected_ms: None };
        for (database, table, expired) in expired.filter(|(_, _, expired)| expired.rows > 0) {
            let (database, table) = (database.to_owned(), table.to_owned());
            receipt.tables.push(PreviewedTable { database, table, rows: expired.rows });
            receipt.rows += expired.rows;
            receipt.oldest = [receipt.oldest, expired.oldest].into_iter().flatten().min();
            receipt.newest = receipt.newest.max(expired.newest);
        }
        receipt
    }

    /// `3.4 MB`.
    pub fn size_in_words(&self) -> String {
        match self.bytes {
            bytes @ ..1_000_000 => format!("{} kB", grouped((bytes + 999) / 1_000)),
            bytes => format!("{}.{} MB", grouped(bytes / 1_000_000), bytes % 1_000_000 / 100_000),
        }
    }

    /// `3 minutes expected`.
    pub fn time_in_words(&self) -> String {
        match self.expected_ms {
            None => "time unknown before the first purge".to_owned(),
            Some(..60_000) => "less than a minute expected".to_owned(),
            Some(ms) => format!("{} expected", counted((ms + 59_999) / 60_000, "minute")),
        }
    }
}

impl HeadOffice {
    /// Stores a preview and returns its number; durable when it returns. The last one keeps its
    /// number if it is new enough and has the same rows.
    pub fn number_preview(&self, receipt: &PurgeReceipt) -> Result<i64, StoreError> {
        let tables: Vec<_> = receipt.tables.iter().map(|of| (&of.database, &of.table, of.rows)).collect();
        let tables = serde_json::json!(tables).to_string();
        let last = self.connection.first(
            "select preview_id, at, tables, oldest, newest from purge_preview order by preview_id desc limit 1",
            &[],
            |row| {
                let range = (row.opt_time("oldest")?, row.opt_time("newest")?);
                let is_same = row.text("tables")? == tables && range == (receipt.oldest, receipt.newest);
                Ok((row.int("preview_id")?, is_same && receipt.at.since(row.time("at")?).abs() < SAME_PREVIEW_MS))
            },
        )?;
        if let Some((preview_id, true)) = last {
            return Ok(preview_id);
        }
        let transaction = self.connection.begin()?;
        let sql = "insert into purge_preview (at, tables, row_count, oldest, newest, bytes, expected_ms)
                   values ($1, $2, $3, $4, $5, $6, $7) returning preview_id";
        let PurgeReceipt { at, rows, oldest, newest, bytes, expected_ms, .. } = *receipt;
        let preview_id =
            self.connection.integer(sql, values![at, &tables, rows, oldest, newest, bytes, expected_ms])?;
        transaction.commit()?;
        Ok(preview_id)
    }

    /// A preview by its number; `None` if it does not exist or has expired.
    pub fn purge_preview(&self, preview_id: i64) -> Result<Option<PurgeReceipt>, StoreError> {
        let sql = "select preview_id, at, tables, row_count, oldest, newest, bytes, expected_ms from purge_preview
                   where preview_id = $1";
        self.connection.first(sql, values![preview_id], receipt)
    }

    /// Rows and milliseconds of the last ten finished purges that deleted any.
    pub fn purge_pace(&self) -> Result<(i64, i64), StoreError> {
        let sql = "select cast(coalesce(sum(purged_rows), 0) as bigint) as rows,
                cast(coalesce(sum(took), 0) as bigint) as took
             from (select purged_rows, ended_at - purge_started_at as took from run
                   where purge_finished = 1 and purged_rows > 0 and purge_started_at is not null
                   order by run_id desc limit 10) as last_ten";
        let pace = self.connection.first(sql, &[], |row| Ok((row.int("rows")?, row.int("took")?)))?;
        Ok(pace.unwrap_or_default())
    }

    /// Bytes of the tables of messages and sessions; of a file, all that it uses.
    pub fn used_bytes(&self) -> Result<i64, StoreError> {
        self.connection.used_bytes(&["status_message", "session"])
    }
}

fn receipt(row: &Row) -> Result<PurgeReceipt, StoreError> {
    let tables: Vec<(String, String, i64)> = serde_json::from_str(&row.text("tables")?).unwrap_or_default();
    Ok(PurgeReceipt {
        preview_id: row.int("preview_id")?,
        at: row.time("at")?,
        tables: tables.into_iter().map(|(database, table, rows)| PreviewedTable { database, table, rows }).collect(),
        rows: row.int("row_count")?,
        oldest: row.opt_time("oldest")?,
        newest: row.opt_time("newest")?,
        bytes: row.int("bytes")?,
        expected_ms: row.opt_int("expected_ms")?,
    })
}
