//! Retries a rejected message: after a newer program has learned its status, or after a purge was
//! undone.

use crate::domain::{RawMessage, Reason};
use crate::engine::transfer::{Applied, Chunk};
use crate::store::head_office::{Rejected, Retry};
use crate::store::{HeadOffice, StoreError};

/// The result of a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is valid now and is at head office.
    Inserted,
    /// Its GUID was already at head office; it is no longer listed as rejected.
    Known,
    /// It is still rejected, for this reason.
    Still(String),
}

/// Retries rejected messages one by one, and returns the result of each; an error keeps those
/// before it.
pub fn retry_rejected(
    office: &HeadOffice,
    chosen: &[Rejected],
    operator: &str,
) -> Result<Vec<RetryOutcome>, StoreError> {
    let ids: Vec<_> = chosen.iter().map(|rejected| rejected.rejected_id).collect();
    let retry = office.permit_retry(operator, &ids)?;
    chosen.iter().map(|rejected| retry_one(office, rejected, &retry)).collect()
}

/// Retries one rejected message in a transaction of its own; durable when it returns. Needs no
/// lease: the write lock separates it from a run's chunks.
fn retry_one(office: &HeadOffice, rejected: &Rejected, retry: &Retry) -> Result<RetryOutcome, StoreError> {
    let Some(raw) = RawMessage::from_json(&rejected.raw) else {
        return Ok(RetryOutcome::Still("its stored copy cannot be read; run cdx doctor".to_owned()));
    };
    let message = match raw.check() {
        Ok(message) => message,
        Err(reason) => return still(office, rejected, &reason, retry),
    };
    let mut chunk = Chunk::of(office.begin_outside_run(rejected.source_id, rejected.run_id)?);
    let outcome = match chunk.apply(&[(raw.position(), message)])?.pop() {
        Some(Applied::New) => RetryOutcome::Inserted,
        Some(Applied::Known) | None => RetryOutcome::Known,
        Some(Applied::SessionPurged(at)) => {
            drop(chunk);
            return still(office, rejected, &Reason::Purged(at), retry);
        }
    };
    let result = if outcome == RetryOutcome::Inserted { "inserted" } else { "already known" };
    chunk.commit_retry(rejected.rejected_id, retry, result)?;
    Ok(outcome)
}

fn still(office: &HeadOffice, rejected: &Rejected, reason: &Reason, retry: &Retry) -> Result<RetryOutcome, StoreError> {
    office.note_rejected_again(rejected.rejected_id, &reason.to_string(), retry)?;
    Ok(RetryOutcome::Still(reason.to_string()))
}
