//! Sessions that fail or are resolved, and new causes, by the messages in the order of arrival.

use crate::domain::{Fold, SessionKey, Status};
use crate::engine::watch::{Change, MAX_MESSAGES, MAX_REMEMBERED_CAUSES, Polled, SessionChange, Watcher};
use crate::store::{HeadOffice, StoreError};

/// The newest messages of one session that are folded. A session has a few messages per attempt.
const MAX_FOLDED_MESSAGES: i64 = 20_000;

impl Watcher {
    /// Reports what the next messages changed.
    pub(super) fn follow_messages(&mut self, office: &HeadOffice, polled: &mut Polled) -> Result<(), StoreError> {
        let after = self.position.message;
        let Some(through) = office.arrivals_end(after, MAX_MESSAGES)? else { return Ok(()) };
        // By message; a cause before the session that failed with it.
        let mut found: Vec<(i64, u8, Change)> = Vec::new();
        for key in office.failing_sessions(after, through)? {
            let changes = session_changes(office, &key, after, through)?;
            found.extend(changes.into_iter().map(|(message, change)| (message, 1, change)));
        }
        for arrival in office.cause_arrivals(after, through)? {
            if self.known.contains(&arrival.digest) {
                continue;
            }
            if self.known.len() >= MAX_REMEMBERED_CAUSES {
                self.known.clear();
            }
            self.known.insert(arrival.digest);
            if office.is_first_arrival(&arrival)? {
                let at = office.transferred_at(arrival.message_key)?.unwrap_or(arrival.first_seen_at);
                let change = Change::NewCause { at, digest: arrival.digest, cause: arrival.masked };
                found.push((arrival.message_key, 0, change));
            }
        }
        found.sort_by_key(|(message, order, _)| (*message, *order));
        let last_of_message = |at: usize| found.get(at + 1).is_none_or(|(next, ..)| *next != found[at].0);
        let is_last: Vec<_> = (0..found.len()).map(last_of_message).collect();
        for ((message, _, change), is_last) in found.into_iter().zip(is_last) {
            // A stream that continues between two changes of one message repeats the first.
            self.position.message = if is_last { message } else { message - 1 };
            self.add(polled, change);
        }
        self.position.message = through;
        polled.more |= office.arrivals_end(through, 1)?.is_some();
        Ok(())
    }
}

/// The changes of a session's state by its messages after one and up to another.
fn session_changes(
    office: &HeadOffice,
    key: &SessionKey,
    after: i64,
    through: i64,
) -> Result<Vec<(i64, Change)>, StoreError> {
    let restored_at = office.restored_at(key)?;
    let mut fold: Option<Fold> = None;
    let mut changes = Vec::new();
    for message in office.arrivals_of(key, MAX_FOLDED_MESSAGES)? {
        let (message_key, at) = (message.message_key, message.transferred_at);
        if message_key > through {
            break;
        }
        let Some(message) = message.into_status_message() else { continue };
        let before = fold.as_ref().map(|fold| fold.winner.status);
        match &mut fold {
            None => fold = Some(Fold::of(&message)),
            Some(fold) => fold.absorb(&message),
        }
        let Some(fold) = fold.as_ref().filter(|_| message_key > after) else { continue };
        let (was_failed, is_failed) = (before.is_some_and(Status::is_failed), fold.winner.status.is_failed());
        if was_failed == is_failed {
            continue;
        }
        let change = Box::new(SessionChange {
            at,
            key: key.clone(),
            job_name: fold.job_name.clone(),
            status: fold.winner.status,
            status_before: before,
            try_count: fold.winner.try_count,
            round: fold.round,
            occurred_at: fold.winner.occurred_at,
            message: fold.winner.message.clone(),
            restored: restored_at.is_some_and(|restored_at| at < restored_at),
        });
        let change = if is_failed { Change::SessionFailed(change) } else { Change::SessionResolved(change) };
        changes.push((message_key, change));
    }
    Ok(changes)
}
