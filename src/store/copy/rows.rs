//! Copies the rows of one table in order of the key, chunk by chunk, and compares them.

use crate::cancel::Cancel;
use crate::domain::hex;
use crate::store::StoreError;
use crate::store::connection::{Connection, Row};
use crate::store::copy::CopyError;
use crate::store::copy::conversion::Conversion;
use crate::store::copy::schema::Columns;
use crate::store::dialect::INSERT_ROWS;
use crate::store::row::At;
use crate::store::value::{Value, placeholders};
use sha2::{Digest, Sha256};

/// Rows in one transaction of the target.
const CHUNK_ROWS: usize = 10_000;
/// Approximate bytes in one transaction of the target.
const CHUNK_BYTES: usize = 4_000_000;
/// The one large table. It only grows, so an interrupted copy continues after its greatest key; any
/// other table is copied again.
const LARGE: &str = "status_message";

enum Cell {
    Null,
    Int(i64),
    Text(String),
}

/// The cells of a row as the target stores them.
fn cells(conversion: Conversion, row: &Row, columns: &Columns) -> Result<Vec<Cell>, StoreError> {
    let cell = |(at, (_, is_text)): (usize, &(String, bool))| {
        if !is_text {
            return Ok(row.opt_int(At(at))?.map_or(Cell::Null, Cell::Int));
        }
        let Some(text) = row.opt_text(At(at))? else { return Ok(Cell::Null) };
        // As a server stores it; see `Value::to_sql`.
        Ok(Cell::Text(if conversion.touches_server && text.contains('\0') {
            text.replace('\0', "\u{FFFD}")
        } else {
            text
        }))
    };
    columns.all.iter().enumerate().map(cell).collect()
}

impl Cell {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
        }
    }

    fn bytes(&self) -> usize {
        if let Self::Text(text) = self { text.len() + 4 } else { 12 }
    }

    /// Adds it to a digest, unambiguously.
    fn digest(&self, digest: &mut Sha256) {
        match self {
            Self::Null => digest.update([0]),
            Self::Int(number) => {
                digest.update([1]);
                digest.update(number.to_be_bytes());
            }
            Self::Text(text) => {
                digest.update([2]);
                digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(text.as_bytes());
            }
        }
    }
}

/// Copies the rows that the target lacks.
pub(super) fn copy_rows(
    source: &Connection,
    target: &Connection,
    table: &str,
    columns: &Columns,
    conversion: Conversion,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(i64),
) -> Result<(), CopyError> {
    let greatest = if table == LARGE { greatest(target, table, columns, conversion)? } else { None };
    let mut done = 0;
    if greatest.is_some() {
        done = target.integer(&format!("select count(*) from {table}"), &[])?;
    } else {
        target.execute(&format!("delete from {table}"), &[])?;
    }
    let after: Vec<Value> = greatest.iter().flatten().map(Cell::value).collect();
    let beyond = if after.is_empty() {
        String::new()
    } else {
        format!("where ({}) > {}", columns.key_names(), placeholders(0, after.len()))
    };
    let sql = format!("select {} from {table} {beyond} order by {}", columns.names(), columns.key_names());
    let mut rows = Vec::new();
    let mut bytes = 0;
    let mut stopped = false;
    source.prepare(&sql)?.each(&after, |row| {
        let cells = cells(conversion, row, columns)?;
        bytes += cells.iter().map(Cell::bytes).sum::<usize>();
        rows.push(cells);
        if rows.len() >= CHUNK_ROWS || bytes >= CHUNK_BYTES {
            write(target, table, columns, &rows)?;
            done += i64::try_from(rows.len()).unwrap_or_default();
            on_progress(done);
            rows.clear();
            bytes = 0;
            stopped = cancel.is_tripped();
        }
        Ok(!stopped)
    })?;
    if stopped || cancel.is_tripped() {
        return Err(CopyError::Stopped);
    }
    write(target, table, columns, &rows)?;
    Ok(())
}

/// Writes a chunk; durable when it returns.
fn write(target: &Connection, table: &str, columns: &Columns, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let transaction = target.begin()?;
    if let Some(session) = target.session() {
        let copied = session.copy(&format!("{table} ({})", columns.names()), rows, |lines, row| {
            lines.row(&row.iter().map(Cell::value).collect::<Vec<_>>());
        })?;
        if copied.is_none() {
            return Err(StoreError::Server {
                location: target.location.clone(),
                reason: format!("table {table} holds rows already that the copy would bring"),
            });
        }
    } else {
        let values = placeholders(0, columns.all.len());
        let mut insert = target.prepare(&format!("{INSERT_ROWS} {table} ({}) values {values}", columns.names()))?;
        for row in rows {
            insert.execute(&row.iter().map(Cell::value).collect::<Vec<_>>())?;
        }
    }
    transaction.commit()
}

/// The greatest key in the target.
fn greatest(
    target: &Connection,
    table: &str,
    columns: &Columns,
    conversion: Conversion,
) -> Result<Option<Vec<Cell>>, StoreError> {
    let order: Vec<_> = columns.key.iter().map(|at| format!("{} desc", columns.all[*at].0)).collect();
    let only = Columns { all: columns.key.iter().map(|at| columns.all[*at].clone()).collect(), key: Vec::new() };
    let sql = format!("select {} from {table} order by {} limit 1", columns.key_names(), order.join(", "));
    target.first(&sql, &[], |row| cells(conversion, row, &only))
}

/// The number of rows, and SHA-256 over all of them in order of the key.
pub(super) fn digest(
    connection: &Connection,
    table: &str,
    columns: &Columns,
    conversion: Conversion,
) -> Result<(i64, String), StoreError> {
    let sql = format!("select {} from {table} order by {}", columns.names(), columns.key_names());
    let (mut rows, mut digest) = (0, Sha256::new());
    connection.prepare(&sql)?.each(&[], |row| {
        for cell in cells(conversion, row, columns)? {
            cell.digest(&mut digest);
        }
        rows += 1;
        Ok(true)
    })?;
    Ok((rows, hex(&digest.finalize())))
}
