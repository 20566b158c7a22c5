//! Many rows at once: binary COPY into a table, and statements with arrays of keys.

use crate::store::StoreError;
use crate::store::postgres::session::Session;
use crate::store::postgres::{Row, Value};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use std::io::Write;

/// Bytes sent to the server at once.
const FLUSH_BYTES: usize = 32 << 10;

/// Rows in PostgreSQL's binary COPY format. Each column must have the type of its values: `bigint`,
/// `text` or `bytea`.
pub(in crate::store) struct CopyRows {
    bytes: Vec<u8>,
}

impl CopyRows {
    fn new() -> Self {
        // The signature; then flags and the length of the header extension, both 0.
        let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes }
    }

    /// Sends the buffered rows; returns whether that succeeded.
    fn send(&mut self, writer: &mut impl Write) -> bool {
        let sent = writer.write_all(&self.bytes).and_then(|()| writer.flush());
        self.bytes.clear();
        sent.is_ok()
    }

    pub(in crate::store) fn row(&mut self, values: &[Value]) {
        let columns = i16::try_from(values.len()).unwrap_or(i16::MAX);
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        for value in values {
            match value {
                Value::Null => self.bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
                Value::Int(number) => self.field(&number.to_be_bytes()),
                // See `Value::to_sql`.
                Value::Text(text) if text.contains('\0') => self.field(text.replace('\0', "\u{FFFD}").as_bytes()),
                Value::Text(text) => self.field(text.as_bytes()),
                Value::Blob(bytes) => self.field(bytes),
            }
        }
    }

    fn field(&mut self, bytes: &[u8]) {
        // Callers limit texts to far less than 2 GiB.
        self.bytes.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    fn end(&mut self) {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    }
}

impl Session {
    /// Streams rows into `target`, a table and its columns; `put` encodes each row. Returns `None`
    /// if a key exists already; the caller must then roll back to a savepoint.
    pub(in crate::store) fn copy<T>(
        &self,
        target: &str,
        rows: impl IntoIterator<Item = T>,
        mut put: impl FnMut(&mut CopyRows, T),
    ) -> Result<Option<u64>, StoreError> {
        let mut client = self.client()?;
        let statement = self.statement(&mut client, &format!("copy {target} from stdin with (format binary)"))?;
        let copied = client.copy_in(&statement).and_then(|mut writer| {
            let mut buffer = CopyRows::new();
            for row in rows {
                put(&mut buffer, row);
                // `finish` returns the error.
                if buffer.bytes.len() >= FLUSH_BYTES && !buffer.send(&mut writer) {
                    break;
                }
            }
            buffer.end();
            buffer.send(&mut writer);
            writer.finish()
        });
        match copied {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Returns every row of a query with array parameters.
    pub(in crate::store) fn query_arrays(
        &self,
        sql: &str,
        arrays: &[&(dyn ToSql + Sync)],
        take: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut client = self.client()?;
        let statement = self.statement(&mut client, sql)?;
        let mut rows = client.query_raw(&statement, arrays.iter().copied()).map_err(|error| self.failed(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(&error))? {
            take(&row)?;
        }
        Ok(())
    }

    /// Executes a statement with array parameters; returns the changed rows.
    pub(in crate::store) fn execute_arrays(
        &self,
        sql: &str,
        arrays: &[&(dyn ToSql + Sync)],
    ) -> Result<i64, StoreError> {
        let mut client = self.client()?;
        let statement = self.statement(&mut client, sql)?;
        let changed = client.execute(&statement, arrays).map_err(|error| self.failed(&error))?;
        Ok(i64::try_from(changed).unwrap_or(i64::MAX))
    }
}
