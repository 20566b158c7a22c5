//! Exports all rows of a list to a CSV or JSON Lines file, page by page on a connection of its own.

use crate::cancel::Cancel;
use crate::console::protocol::batch_query::{BatchQuery, HistoryFilter};
use crate::console::protocol::export::{ExportProgress, ExportSource};
use crate::console::protocol::export_columns::export_columns;
use crate::console::protocol::journal::JournalQuery;
use crate::console::protocol::query::{Databases, Query};
use crate::domain::{Seek, clean_line, to_json};
use crate::store::head_office::{JournalFilter, MessageFilter, SessionFilter};
use crate::store::{Access, HeadOffice, StoreError};
use crate::text::{CsvWriter, Field};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Rows per page, and rows that one statement of a search examines.
const EXPORT_PAGE_ROWS: usize = 1_000;
const EXAMINED_PER_STATEMENT: i64 = 20_000;
/// Interval between progress reports.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

enum Fault {
    Store(StoreError),
    File(io::Error),
    Stopped,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// Writes all rows of `source` to the file `name`. The rows go to a temporary file, which is
/// renamed when it is complete and durable.
pub fn write(
    databases: &Databases,
    source: ExportSource,
    name: &str,
    overwrite: bool,
    cancel: &Cancel,
    report: &dyn Fn(ExportProgress),
) -> ExportProgress {
    let shown = clean_line(name).into_owned();
    let path = expand_home(name);
    let is_lines = match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => false,
        Some("jsonl" | "ndjson") => true,
        _ => return ExportProgress::Fault(format!("cannot write {shown}: its name must end in .csv or .jsonl")),
    };
    let existing = path.symlink_metadata().ok();
    if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
        return ExportProgress::Fault(format!(
            "cannot write {shown}: it exists and is not a regular file; choose another name"
        ));
    }
    if !overwrite && existing.is_some() {
        return ExportProgress::IsThere(Box::new(source), name.to_owned());
    }
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    let written = write_rows(databases, &source, &temporary, is_lines, cancel, report).and_then(|rows| {
        std::fs::rename(&temporary, &path)?;
        Ok(rows)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    match written {
        Ok(rows) => ExportProgress::Ended(rows, shown),
        Err(Fault::Stopped) => ExportProgress::Stopped,
        Err(Fault::Store(error)) => ExportProgress::Fault(format!("{shown} was not written: {error}")),
        Err(Fault::File(error)) => ExportProgress::Fault(format!("cannot write {shown}: {error}")),
    }
}

/// Expands a leading `~/` to the home folder, as a shell does.
fn expand_home(name: &str) -> PathBuf {
    match (name.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(name),
    }
}

fn write_rows(
    databases: &Databases,
    source: &ExportSource,
    path: &Path,
    is_lines: bool,
    cancel: &Cancel,
    report: &dyn Fn(ExportProgress),
) -> Result<i64, Fault> {
    let opening = databases.opening(Access::ReadOnly);
    let office = match source {
        ExportSource::List(_) => Some(HeadOffice::open_for_queries(&databases.head_office, opening)?),
        ExportSource::Rows(..) => None,
    };
    let mut out = BufWriter::new(File::options().write(true).create_new(true).open(path)?);
    let (mut rows, mut reported_at, mut seek) = (0, Instant::now(), Seek::First);
    loop {
        if cancel.is_tripped() {
            return Err(Fault::Stopped);
        }
        let (page, next) = match (source, &office) {
            (ExportSource::List(query), Some(office)) => read(office, query, seek)?,
            (ExportSource::Rows(_, rows), _) => (rows.clone(), None),
            (ExportSource::List(_), None) => (Vec::new(), None),
        };
        for row in page {
            if is_lines {
                writeln!(out, "{row}")?;
            } else {
                write_csv(&mut out, &row, rows == 0)?;
            }
            rows += 1;
        }
        let Some(place) = next else { break };
        seek = Seek::After(place);
        if reported_at.elapsed() >= PROGRESS_INTERVAL {
            reported_at = Instant::now();
            report(ExportProgress::SoFar(rows));
        }
    }
    if rows == 0 && !is_lines {
        write_headings(&mut out, columns(source))?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(rows)
}

/// The keys of the rows of a source.
fn columns(source: &ExportSource) -> &'static str {
    match source {
        ExportSource::Rows(columns, _) => columns,
        ExportSource::List(Query::Sessions(..)) => export_columns("sessions"),
        ExportSource::List(Query::Messages(..)) => export_columns("status messages"),
        ExportSource::List(Query::Journal(_)) => export_columns("journal"),
        ExportSource::List(_) => export_columns("batch job history"),
    }
}

fn write_headings(out: &mut impl Write, columns: &str) -> io::Result<()> {
    if columns.is_empty() {
        return Ok(());
    }
    let mut writer = CsvWriter::new(out);
    writer.row(columns.split(' ').map(Field::Text))?;
    writer.flush()
}

type Page = (Vec<Value>, Option<(i64, i64)>);

/// Reads one page; the place is where the next page begins, `None` after the last one.
fn read(office: &HeadOffice, query: &Query, seek: Seek<(i64, i64)>) -> Result<Page, StoreError> {
    match query {
        Query::Sessions(filter, _) => sessions(office, filter, seek),
        Query::Messages(filter, _) => messages(office, filter, seek),
        Query::Journal(JournalQuery::Rows(filter, _)) => journal(office, filter, seek),
        Query::Batch(BatchQuery::History(filter, _)) => history(office, filter, seek),
        _ => Ok((Vec::new(), None)),
    }
}

fn sessions(office: &HeadOffice, filter: &SessionFilter, seek: Seek<(i64, i64)>) -> Result<Page, StoreError> {
    let (rows, reached) = if filter.is_search() {
        office.sessions_searched(filter, seek, EXPORT_PAGE_ROWS, EXAMINED_PER_STATEMENT)?
    } else {
        (office.sessions_at(filter, seek, EXPORT_PAGE_ROWS)?, None)
    };
    let next = reached.or_else(|| rows.last().filter(|_| rows.len() >= EXPORT_PAGE_ROWS).map(|row| row.place));
    Ok((rows.iter().map(|row| to_json(&row.session)).collect(), next))
}

fn messages(office: &HeadOffice, filter: &MessageFilter, seek: Seek<(i64, i64)>) -> Result<Page, StoreError> {
    let (rows, reached) = if filter.is_search() {
        office.messages_searched(filter, seek, EXPORT_PAGE_ROWS, EXAMINED_PER_STATEMENT)?
    } else {
        (office.messages_at(filter, seek, EXPORT_PAGE_ROWS)?, None)
    };
    let place = rows.last().filter(|_| rows.len() >= EXPORT_PAGE_ROWS).map(|row| (row.occurred_at.0, row.message_key));
    Ok((rows.iter().map(to_json).collect(), reached.or(place)))
}

fn journal(office: &HeadOffice, filter: &JournalFilter, seek: Seek<(i64, i64)>) -> Result<Page, StoreError> {
    let (rows, reached) = if filter.is_search() {
        office.journal_searched(filter, seek, EXPORT_PAGE_ROWS, EXAMINED_PER_STATEMENT)?
    } else {
        (office.journal_at(filter, seek, EXPORT_PAGE_ROWS)?, None)
    };
    let place = rows.last().filter(|_| rows.len() >= EXPORT_PAGE_ROWS).map(|row| (row.at.0, row.entry_id));
    Ok((rows.iter().map(to_json).collect(), reached.or(place)))
}

fn history(office: &HeadOffice, filter: &HistoryFilter, seek: Seek<(i64, i64)>) -> Result<Page, StoreError> {
    let (rows, reached) = office.history_searched(filter, seek, EXPORT_PAGE_ROWS, EXAMINED_PER_STATEMENT)?;
    let place = rows.last().filter(|_| rows.len() >= EXPORT_PAGE_ROWS).map(|row| (row.scheduled_at.0, row.history_id));
    Ok((rows.iter().map(to_json).collect(), reached.or(place)))
}

/// Writes one row as CSV, after the headings if it is the first.
fn write_csv(out: &mut impl Write, row: &Value, is_first: bool) -> io::Result<()> {
    let Value::Object(row) = row else { return Ok(()) };
    let mut writer = CsvWriter::new(out);
    if is_first {
        writer.row(row.keys().map(|key| Field::Text(key)))?;
    }
    let nested: Vec<String> = row
        .values()
        .map(|value| if value.is_object() || value.is_array() { value.to_string() } else { String::new() })
        .collect();
    writer.row(row.values().zip(&nested).map(|(value, nested)| match value {
        Value::Bool(value) => Field::Number(value.to_string()),
        Value::Null => Field::Empty,
        Value::String(text) => Field::Text(text),
        Value::Number(number) => Field::Number(number.to_string()),
        Value::Array(_) | Value::Object(_) => Field::Text(nested),
    }))?;
    writer.flush()
}
