//! Purges head office: resolved sessions with their messages, to the trash, leaving tombstones.

use crate::domain::{Cutoffs, Expired, PurgeDecision, Timestamp, judge_session};
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::PurgeMark;
use crate::store::head_office::purge_candidates::{Candidate, SessionPlace};
use crate::store::head_office::purge_rows::{SessionPurger, count_messages};
use crate::store::head_office::{HeadOffice, RunClaim, bulk};
use std::time::{Duration, Instant};

/// The result of one purge transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PurgeSlice {
    /// Rows deleted: status_message.
    pub messages: i64,
    /// Rows deleted: session.
    pub sessions: i64,
    /// Session rows that stay although old enough, because they are unresolved.
    pub kept_unresolved: i64,
    /// Session rows examined.
    pub examined: i64,
    /// The last session examined.
    pub through: SessionPlace,
    /// Whether no more sessions are left to examine.
    pub done: bool,
}

impl PurgeSlice {
    fn add(&mut self, (messages, sessions): (i64, i64)) {
        self.messages += messages;
        self.sessions += sessions;
    }
}

/// What a purge would delete from head office, and what it would keep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PurgePreview {
    /// Tables that would lose rows.
    pub tables: Vec<(&'static str, Expired)>,
    /// Session rows that stay although old enough, because they are unresolved.
    pub kept_unresolved: i64,
    /// The date of the oldest of these.
    pub oldest_unresolved: Option<Timestamp>,
    /// Session rows that stay although old enough, because they are marked for rerun.
    pub kept_for_rerun: i64,
    /// Tables of the trash that would lose rows.
    pub trash: Vec<(&'static str, Expired)>,
}

/// Maximum number of sessions examined and deleted together in a file.
const GROUP_SESSIONS: usize = 128;
/// The first group of a transaction in a file; the following ones grow while they are fast, because
/// a session may have very many messages.
const FIRST_GROUP_SESSIONS: usize = 4;
/// Every group of a transaction at a server, where each statement is a round trip.
const GROUP_SESSIONS_AT_SERVER: usize = 1_024;
/// Sessions that a preview examines at once.
const PREVIEW_GROUP_SESSIONS: usize = 1_024;

impl HeadOffice {
    /// Purges sessions after `after`, oldest first, in one transaction of about `hold`. If the
    /// connection fails during the commit, the rows it deleted are missing from the counts; the
    /// next attempt finds its sessions gone.
    pub fn purge_sessions(
        &self,
        claim: &RunClaim,
        cutoffs: &Cutoffs,
        now: Timestamp,
        after: &SessionPlace,
        hold: Duration,
    ) -> Result<PurgeSlice, StoreError> {
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        if let Some(server) = self.connection.session() {
            server.script(bulk::BY_INDEX)?;
        }
        self.hold_lease(claim)?;
        let mut slice = PurgeSlice { through: *after, ..PurgeSlice::default() };
        let mark = PurgeMark { run_id: claim.run_id, now };
        let mut last_trashed = cutoffs.trash.map(|_| self.last_trash_id()).transpose()?;
        {
            let mut purger = SessionPurger::of(&self.connection, mark)?;
            let mut sessions = self.purge_candidates(cutoffs)?;
            let at_server = self.connection.session().is_some();
            let mut group = if at_server { GROUP_SESSIONS_AT_SERVER } else { FIRST_GROUP_SESSIONS };
            while !slice.done && (slice.examined == 0 || since.elapsed() < hold) {
                let began = Instant::now();
                let candidates = sessions.after(&slice.through, group)?;
                slice.done = candidates.len() < group;
                let (mut going, trashed_before) = (Vec::new(), last_trashed);
                for candidate in candidates {
                    slice.examined += 1;
                    slice.through = Some((candidate.last_posted_at, candidate.session_id));
                    match judge_session(&candidate.facts, cutoffs) {
                        PurgeDecision::Purge => {
                            last_trashed = last_trashed.map(|last| last + 1);
                            self.settle_marks(&candidate, last_trashed)?;
                            going.push(candidate.into_purged());
                        }
                        PurgeDecision::Unresolved => slice.kept_unresolved += 1,
                        PurgeDecision::Young | PurgeDecision::MarkedForRerun => {}
                    }
                }
                if !going.is_empty() {
                    slice.add(purger.purge(&going, trashed_before)?);
                }
                if !at_server {
                    group = next_group(group, began.elapsed(), hold);
                }
            }
        }
        transaction.commit()?;
        Ok(slice)
    }

    /// Removes the mark of a session that is purged, into the trash if that has given the session a
    /// number, and records that it repeated another one.
    fn settle_marks(&self, candidate: &Candidate, trash_id: Option<i64>) -> Result<(), StoreError> {
        let Candidate { key, marked, repeats, .. } = candidate;
        if *marked {
            if let Some(trash_id) = trash_id {
                self.trash_mark(key, trash_id)?;
            }
            self.unmark(key)?;
        }
        repeats.map_or(Ok(()), |repeated| self.keep_repeated(key, repeated))
    }

    /// Counts what a purge would delete and keep; writes nothing.
    pub fn preview_purge(&self, cutoffs: &Cutoffs) -> Result<PurgePreview, StoreError> {
        let mut preview = PurgePreview::default();
        let (mut messages, mut sessions) = (Expired::default(), Expired::default());
        let mut old = self.purge_candidates(cutoffs)?;
        let mut place = None;
        loop {
            let candidates = old.after(&place, PREVIEW_GROUP_SESSIONS)?;
            let Some(last) = candidates.last() else { break };
            place = Some((last.last_posted_at, last.session_id));
            let mut going = Vec::new();
            for candidate in candidates {
                let facts = &candidate.facts;
                match judge_session(facts, cutoffs) {
                    PurgeDecision::Purge => {
                        extend(&mut sessions, 1, Some(facts.changed_at), Some(facts.changed_at));
                        going.push(candidate.into_purged());
                    }
                    PurgeDecision::Unresolved => {
                        preview.kept_unresolved += 1;
                        preview.oldest_unresolved = earliest(preview.oldest_unresolved, Some(facts.changed_at));
                    }
                    PurgeDecision::MarkedForRerun => preview.kept_for_rerun += 1,
                    PurgeDecision::Young => {}
                }
            }
            let found = count_messages(&self.connection, &going)?;
            extend(&mut messages, found.rows, found.oldest, found.newest);
        }
        preview.tables = vec![("status_message", messages), ("session", sessions)];
        preview.tables.extend(self.preview_expired_rows(cutoffs)?);
        preview.tables.retain(|(_, expired)| expired.rows > 0);
        preview.trash = self.count_trash(cutoffs.trash)?;
        Ok(preview)
    }
}

/// The size of the group after one that took so long, of a transaction that may take `hold`.
fn next_group(group: usize, took: Duration, hold: Duration) -> usize {
    if took > hold / 4 { (group / 2).max(1) } else { (group * 2).min(GROUP_SESSIONS) }
}

fn extend(total: &mut Expired, rows: i64, oldest: Option<Timestamp>, newest: Option<Timestamp>) {
    total.rows += rows;
    total.oldest = earliest(total.oldest, oldest);
    total.newest = total.newest.max(newest);
}

fn earliest(held: Option<Timestamp>, seen: Option<Timestamp>) -> Option<Timestamp> {
    match (held, seen) {
        (Some(held), Some(seen)) => Some(held.min(seen)),
        (held, seen) => held.or(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_grow_while_they_are_fast_and_shrink_to_one_session() {
        let hold = Duration::from_millis(80);
        let sizes = |took| {
            let next = |group: &usize| Some(next_group(*group, Duration::from_millis(took), hold));
            std::iter::successors(Some(FIRST_GROUP_SESSIONS), next).take(7).collect::<Vec<_>>()
        };
        assert_eq!(sizes(1), [4, 8, 16, 32, 64, 128, 128]);
        assert_eq!(sizes(400), [4, 2, 1, 1, 1, 1, 1]);
    }
}
