//! Parses `--filter`, in the language of the console's lists.

use crate::cli::exit::Failure;
use crate::clock::{Clock, SystemClock};
use crate::filter::{FieldSet, Filter, Subject, parse as parse_filter};
use crate::text::time::Zone;

/// Parses the terms; without any, all rows match. Dates and times are UTC.
pub fn parse(typed: Option<&str>, fields: &FieldSet) -> Result<Filter, Failure> {
    let parsed = parse_filter(typed.unwrap_or_default(), fields, Zone::Utc, SystemClock.now());
    parsed.map_err(|fault| Failure::usage(format!("--filter: {fault}")))
}

/// Parses the terms and keeps the rows that match, at most `limit`.
pub fn keep<T: Subject>(
    typed: Option<&str>,
    fields: &FieldSet,
    limit: i64,
    rows: impl FnOnce(i64) -> Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let filter = parse(typed, fields)?;
    let mut rows = rows(if filter.is_empty() { limit } else { i64::MAX })?;
    rows.retain(|row| filter.matches(row));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}
