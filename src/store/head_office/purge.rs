//! Purges head office: resolved sessions with their messages, to the trash, leaving tombstones.

use crate::domain::{
    Cutoffs, Direction, Expired, PurgeDecision, SessionFacts, SessionKey, Status, Timestamp, judge_session,
};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::chunk_rows::{Going, PurgeMark, count, expired};
use crate::store::head_office::purge_rows::SessionPurger;
use crate::store::head_office::reruns::{MARKED, REPEATED};
use crate::store::head_office::sessions::key_values;
use crate::store::head_office::{HeadOffice, RunClaim, bulk};
use crate::store::value::values;
use std::time::{Duration, Instant};

/// The place of a walk over the sessions, oldest first; `None` is before the first.
pub type SessionPlace = Option<(Timestamp, i64)>;

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
    pub looked_at: i64,
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

/// Sessions examined at once and deleted together; more at a server, where each statement is a round
/// trip.
const STRIDE: i64 = 32;
const STRIDE_AT_SERVER: i64 = 1_024;

impl HeadOffice {
    fn stride(&self) -> usize {
        let stride = if self.connection.session().is_some() { STRIDE_AT_SERVER } else { STRIDE };
        usize::try_from(stride).unwrap_or(usize::MAX)
    }

    /// Purges what it can within `hold` of the write lock, from the sessions after `after` on,
    /// oldest first. A commit whose answer was lost is not in the result of the next attempt, which
    /// finds its sessions gone.
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
            while !slice.done && (slice.looked_at == 0 || since.elapsed() < hold) {
                let stride = self.facts_after(&slice.through, cutoffs)?;
                slice.done = stride.len() < self.stride();
                let (mut going, trashed_before) = (Vec::new(), last_trashed);
                for candidate in stride {
                    slice.looked_at += 1;
                    slice.through = Some((candidate.last_posted_at, candidate.session_id));
                    match judge_session(&candidate.facts, cutoffs) {
                        PurgeDecision::Purge => {
                            last_trashed = last_trashed.map(|last| last + 1);
                            self.settle_marks(&candidate, last_trashed)?;
                            going.push(candidate.going());
                        }
                        PurgeDecision::Unresolved => slice.kept_unresolved += 1,
                        PurgeDecision::Young | PurgeDecision::MarkedForRerun => {}
                    }
                }
                if !going.is_empty() {
                    slice.add(purger.purge(&going, trashed_before)?);
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
        let mut count_messages = self.connection.prepare(
            "select count(*) as rows, min(posted_at) as oldest, max(posted_at) as newest from status_message
             where direction = $1 and session_number = $2 and channel_database = $3",
        )?;
        let mut place = None;
        loop {
            let stride = self.facts_after(&place, cutoffs)?;
            let Some(last) = stride.last() else { break };
            place = Some((last.last_posted_at, last.session_id));
            let mut going = Vec::new();
            for Candidate { key, facts, .. } in &stride {
                match judge_session(facts, cutoffs) {
                    PurgeDecision::Purge => {
                        extend(&mut sessions, 1, Some(facts.changed_at), Some(facts.changed_at));
                        going.push(key);
                    }
                    PurgeDecision::Unresolved => {
                        preview.kept_unresolved += 1;
                        preview.oldest_unresolved = earliest(preview.oldest_unresolved, Some(facts.changed_at));
                    }
                    PurgeDecision::MarkedForRerun => preview.kept_for_rerun += 1,
                    PurgeDecision::Young => {}
                }
            }
            if let Some(server) = self.connection.session() {
                let _by_index = self.connection.begin_with(server, &format!("; {}", bulk::BY_INDEX))?;
                let found = bulk::count_messages(server, self.location(), &going)?;
                extend(&mut messages, found.rows, found.oldest, found.newest);
            } else {
                for key in going {
                    let found = count_messages.first(&key_values(key), expired)?.unwrap_or_default();
                    extend(&mut messages, found.rows, found.oldest, found.newest);
                }
            }
        }
        preview.tables = vec![("status_message", messages), ("session", sessions)];
        preview.tables.extend(self.preview_expired_rows(cutoffs)?);
        preview.tables.retain(|(_, expired)| expired.rows > 0);
        preview.trash = self.count_trash(cutoffs.trash)?;
        Ok(preview)
    }

    /// The next sessions old enough to purge, oldest first, with what decides about them.
    ///
    /// A package may be examined before or after the rows of its channel databases were purged:
    /// their tombstones count like the rows.
    fn facts_after(&self, after: &SessionPlace, cutoffs: &Cutoffs) -> Result<Vec<Candidate>, StoreError> {
        let Some(cutoff) = cutoffs.latest_of_sessions() else { return Ok(Vec::new()) };
        let (at, session_id) = after.unwrap_or((Timestamp(i64::MIN), 0));
        // Two ranges of the index: SQLite compares pairs only by their first column there, and would
        // read all sessions of one instant for each stride.
        let range = |bounds: &str| {
            format!(
                "select * from (select session_id from session where {bounds} order by last_posted_at, session_id limit $4) as part"
            )
        };
        let ids =
            [range("last_posted_at = $1 and session_id > $2"), range("last_posted_at > $1 and last_posted_at < $3")];
        let mut rows = self.connection.query(
            &format!(
                "select session_id, direction, session_number, channel_database, status, last_posted_at, restored_at,
                    case when {MARKED} then 1 else 0 end as marked,
                    case when {MARKED} and not {REPEATED} then 1 else 0 end as waits_for_rerun, rerun_for
                 from session where session_id in ({}) order by last_posted_at, session_id limit $4",
                ids.join(" union all ")
            ),
            values![at, session_id, cutoff, count(self.stride())],
            candidate,
        )?;
        for Candidate { key, facts, .. } in &mut rows {
            if facts.is_package && !facts.status.is_final() {
                facts.all_channels_final = self.all_channels_final(key)?;
            }
        }
        Ok(rows)
    }

    /// Whether a package has channel rows, purged ones included, and all of them are final.
    fn all_channels_final(&self, package: &SessionKey) -> Result<bool, StoreError> {
        let finals: Vec<_> = Status::all(package.direction)
            .filter(|status| status.is_final())
            .filter_map(|status| status.number(package.direction))
            .map(|number| number.to_string())
            .collect();
        let finals = finals.join(", ");
        let mut found = 0;
        for table in ["session", "session_tombstone"] {
            let sql = format!(
                "select count(*) as rows, coalesce(sum(case when status in ({finals}) then 0 else 1 end), 0) as unresolved from {table}
                 where direction = $1 and session_number = $2 and channel_database > ''"
            );
            let key = values![package.direction.number(), package.session_number];
            let counts = self.connection.first(&sql, key, |row| Ok((row.int("rows")?, row.int("unresolved")?)))?;
            let (rows, unresolved) = counts.unwrap_or_default();
            if unresolved > 0 {
                return Ok(false);
            }
            found += rows;
        }
        Ok(found > 0)
    }
}

/// A session old enough to examine.
struct Candidate {
    session_id: i64,
    last_posted_at: Timestamp,
    key: SessionKey,
    facts: SessionFacts,
    /// Whether it has a mark, executed or not, which is deleted with it.
    marked: bool,
    /// The session that it repeats.
    repeats: Option<i64>,
}

impl Candidate {
    fn going(self) -> Going {
        let status = self.facts.status.number(self.key.direction);
        Going { session_id: self.session_id, key: self.key, status }
    }
}

fn candidate(row: &Row) -> Result<Candidate, StoreError> {
    let direction =
        Direction::from_number(row.int("direction")?).ok_or_else(|| row.damaged("a session without direction"))?;
    let number = row.int("status")?;
    let status = Status::from_number(direction, number)
        .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))?;
    let key = SessionKey {
        direction,
        session_number: row.int("session_number")?,
        channel_database: row.text("channel_database")?,
    };
    let last_posted_at = row.time("last_posted_at")?;
    let facts = SessionFacts {
        direction,
        status,
        changed_at: row.opt_time("restored_at")?.map_or(last_posted_at, |restored| restored.max(last_posted_at)),
        is_package: key.channel_database.is_empty(),
        all_channels_final: false,
        marked_for_rerun: row.flag("waits_for_rerun")?,
    };
    Ok(Candidate {
        session_id: row.int("session_id")?,
        last_posted_at,
        key,
        facts,
        marked: row.flag("marked")?,
        repeats: row.opt_int("rerun_for")?,
    })
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
