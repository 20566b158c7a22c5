//! How earlier failures of a cause ended: after an operator's action, and without one.

use crate::domain::{Direction, SessionAction, SessionKey, Status};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;
use std::collections::BTreeSet;

/// Sessions of the journal that are examined, the newest first.
const MAX_SESSIONS: i64 = 2_000;
/// Failures among which those of the cause are searched, the newest first, and those that are used.
const MAX_FAILURES: i64 = 4_000;
const MAX_RETRIED: i64 = 200;

/// How often something was done about a cause, and what followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RemedyTally {
    /// Cases in which it helped.
    pub helped: i64,
    /// Cases in which it did not.
    pub failed: i64,
    /// Cases that are not decided yet.
    pub open: i64,
}

impl RemedyTally {
    fn add(&mut self, ending: Ending) {
        match ending {
            Ending::Helped => self.helped += 1,
            Ending::Failed => self.failed += 1,
            Ending::Open => self.open += 1,
        }
    }

    /// Cases that are decided.
    pub fn decided(self) -> i64 {
        self.helped + self.failed
    }

    /// Whether there was no case.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Helped,
    Failed,
    Open,
}

/// What was done about earlier failures of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remedies {
    /// Sessions that an operator had run again; it helped if the data was applied.
    pub rerun: RemedyTally,
    /// Sessions that an operator canceled; it helped if the session stayed so.
    pub cancel: RemedyTally,
    /// Sessions that no operator acted on; a later try helped if the data was applied.
    pub retry: RemedyTally,
}

/// A session that an operator acted on.
struct Case {
    key: SessionKey,
    action: SessionAction,
    /// The round that the action left it in.
    round: i64,
    /// Its status and round now.
    now: Option<(Status, i64)>,
    /// The status of the newest session that repeats it.
    repeated: Option<Status>,
}

impl HeadOffice {
    /// What was done about earlier failures of a cause. Examines the newest rows of the journal and
    /// the newest failures only; sessions that are purged are not counted.
    pub fn remedies(&self, cause: i64, except: &SessionKey) -> Result<Remedies, StoreError> {
        let mut remedies = Remedies::default();
        let mut acted = BTreeSet::new();
        for case in self.acted(cause)? {
            if let Some(ending) = case.ending() {
                match case.action {
                    SessionAction::Rerun => remedies.rerun.add(ending),
                    SessionAction::Cancel | SessionAction::Undo => remedies.cancel.add(ending),
                }
            }
            acted.insert(case.key);
        }
        for (key, status) in self.failed_before(cause)? {
            if key != *except && acted.insert(key) && status != Status::Canceled {
                remedies.retry.add(ending_of(status));
            }
        }
        Ok(remedies)
    }

    /// The newest sessions of the journal that had failed with the cause.
    fn acted(&self, cause: i64) -> Result<Vec<Case>, StoreError> {
        let (rerun, cancel) = (SessionAction::Rerun.word(), SessionAction::Cancel.word());
        let download = Direction::Download.number();
        // A rerun of a download begins a round; its failures are in those before.
        let sql = format!(
            "select acted.direction, acted.session_number, acted.channel_database, acted.round, entry.action,
                session.status, session.round as round_now,
                (select repeat.status from session as repeat where repeat.rerun_for = acted.session_number
                    and repeat.channel_database = acted.channel_database and repeat.direction = acted.direction
                    and repeat.session_number <> acted.session_number
                    order by repeat.session_number desc limit 1) as repeated
             from (select entry_id, direction, session_number, channel_database, round from journal_session
                 order by entry_id desc limit {MAX_SESSIONS}) as acted
             join operator_journal as entry on entry.entry_id = acted.entry_id
             left join session on session.direction = acted.direction
                 and session.session_number = acted.session_number
                 and session.channel_database = acted.channel_database
             where entry.action in ('{rerun} session', '{cancel} session') and entry.undone_at is null
                 and coalesce(entry.result, '') <> 'refused'
                 and exists (select 1 from status_message as failure
                     where failure.session_number = acted.session_number
                     and failure.channel_database = acted.channel_database
                     and failure.direction = acted.direction and failure.cause = $1
                     and (failure.round < acted.round or (failure.round = acted.round
                         and not (entry.action = '{rerun} session' and acted.direction = {download}))))"
        );
        let word = format!("{rerun} session");
        self.connection.query(&sql, values![cause], |row| {
            let key = key(row)?;
            let status = |number: i64| Status::from_number(key.direction, number);
            let action = if row.text("action")? == word { SessionAction::Rerun } else { SessionAction::Cancel };
            Ok(Case {
                action,
                round: row.int("round")?,
                now: row.opt_int("status")?.and_then(status).zip(row.opt_int("round_now")?),
                repeated: row.opt_int("repeated")?.and_then(status),
                key,
            })
        })
    }

    /// The sessions of the newest failures of the cause, each with its status now.
    fn failed_before(&self, cause: i64) -> Result<Vec<(SessionKey, Status)>, StoreError> {
        let sql = format!(
            "select occurred_at from status_message where cause is not null
             order by occurred_at desc limit 1 offset {MAX_FAILURES}"
        );
        let edge = self.connection.scalar::<i64>(&sql, &[])?.unwrap_or(i64::MIN);
        let sql = format!(
            "select session.direction, session.session_number, session.channel_database, session.status
             from (select direction, session_number, channel_database from status_message
                 where cause = $1 and cause is not null and occurred_at >= $2
                 order by occurred_at desc limit {MAX_RETRIED}) as failure
             join session on session.direction = failure.direction
                 and session.session_number = failure.session_number
                 and session.channel_database = failure.channel_database"
        );
        let found = self.connection.query(&sql, values![cause, edge], |row| {
            let key = key(row)?;
            let status = Status::from_number(key.direction, row.int("status")?);
            Ok(status.map(|status| (key, status)))
        })?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn key(row: &Row) -> Result<SessionKey, StoreError> {
    let direction =
        Direction::from_number(row.int("direction")?).ok_or_else(|| row.damaged("a session without direction"))?;
    let (session_number, channel_database) = (row.int("session_number")?, row.text("channel_database")?);
    Ok(SessionKey { direction, session_number, channel_database })
}

/// How a session in this status ended that was tried again.
fn ending_of(status: Status) -> Ending {
    match status {
        Status::Applied | Status::NoData => Ending::Helped,
        status if status.is_failed() || status == Status::Canceled => Ending::Failed,
        _ => Ending::Open,
    }
}

impl Case {
    /// How it ended; `None` if the session is purged.
    fn ending(&self) -> Option<Ending> {
        let (status, round) = self.now?;
        Some(match (self.action, self.key.direction) {
            // In a later round another action was needed.
            (SessionAction::Rerun, Direction::Download) if round > self.round => Ending::Failed,
            (SessionAction::Rerun, Direction::Download) => ending_of(status),
            (SessionAction::Rerun, Direction::Upload) => self.repeated.map_or(Ending::Open, ending_of),
            (SessionAction::Cancel | SessionAction::Undo, _) if status.is_final() && round == self.round => {
                Ending::Helped
            }
            (SessionAction::Cancel | SessionAction::Undo, _) => Ending::Failed,
        })
    }
}
