//! How fresh the status is.

use crate::batch::BatchServer;
use crate::domain::{MINUTE_MS, Outcome, Position, Run, Timestamp};
use crate::store::head_office::{ChangeVersion, RunProgress, Withheld};
use crate::store::{HeadOffice, MessageDatabase, StoreError};

/// Beyond this a count says "more than".
pub const COUNT_LIMIT: i64 = 100_000;

/// The facts of the freshness line, which every screen shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Freshness {
    /// The identity of head office.
    pub head_office_id: String,
    /// The version of head office; when it changes, screens are re-queried.
    pub version: ChangeVersion,
    /// When the last transfer that reached the end began its last read; `None` before the first.
    pub as_of: Option<Timestamp>,
    /// Whether a transfer has read anything, even if none has reached the end yet.
    pub begun: bool,
    /// Waiting messages, counted up to [`COUNT_LIMIT`] and one; `None` if the message database
    /// cannot be read.
    pub waiting: Option<i64>,
    /// Why it cannot be read.
    pub messages_fault: Option<String>,
    /// Sessions in a failed state.
    pub open: i64,
    /// Rejected messages that are not dismissed.
    pub rejected: i64,
    /// The active run, its holder, and since when.
    pub running: Option<(i64, String)>,
    /// The progress of that run.
    pub progress: Option<RunProgress>,
    /// Scheduled starts.
    pub coming: Coming,
    /// How often agents try a failed stage, 0 for no limit; `None` before the first answer.
    pub try_count: Option<i64>,
}

/// The age in milliseconds beyond which the status is stale if no run is scheduled.
const STALE_AFTER_MS: i64 = 30 * MINUTE_MS;
/// Lateness and clock differences up to this many milliseconds are tolerated.
pub const CLOCK_TOLERANCE_MS: i64 = MINUTE_MS;

impl Freshness {
    /// Returns why the status is stale, or `None` if it is fresh.
    pub fn why_stale(&self, now: Timestamp) -> Option<String> {
        if self.running.is_some() {
            return None;
        }
        let Some(as_of) = self.as_of else {
            // A transfer that was interrupted has read only some of the messages.
            let why = if self.begun { "no transfer has reached the end yet" } else { "nothing was ever transferred" };
            return Some(why.to_owned());
        };
        // The age is negative and would count as fresh until the clock has caught up.
        if as_of.since(now) > CLOCK_TOLERANCE_MS {
            return Some("its date is in the future: a clock is wrong".to_owned());
        }
        let coming = &self.coming;
        let (limit, why) = match (coming.next_start, coming.shortest_interval) {
            (Some(_), _) if coming.servers.is_empty() => (STALE_AFTER_MS, "no batch server runs"),
            (Some(_), Some(shortest_interval)) => {
                (shortest_interval.saturating_mul(2).saturating_add(CLOCK_TOLERANCE_MS), "the job is late")
            }
            // The next run is a purge only, or runs once.
            (Some(at), None) if at > now => (STALE_AFTER_MS, "no transfer is scheduled"),
            (Some(_), None) => (STALE_AFTER_MS, "the job is late"),
            (None, _) if coming.withheld.is_some() => (STALE_AFTER_MS, "job withheld"),
            (None, _) => (STALE_AFTER_MS, "no run is scheduled"),
        };
        (now.since(as_of) > limit).then(|| why.to_owned())
    }

    /// Whether nothing that screens show has changed between the two.
    pub fn is_as_new_as(&self, other: &Self) -> bool {
        let shown = |of: &Self| (of.open, of.rejected);
        (&self.version, &self.head_office_id) == (&other.version, &other.head_office_id) && shown(self) == shown(other)
    }
}

/// Scheduled starts, and notifications.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coming {
    /// When a batch job starts next.
    pub next_start: Option<Timestamp>,
    /// Of the withheld jobs that would start, the one withheld last.
    pub withheld: Option<Withheld>,
    /// Running batch servers, by name.
    pub servers: Vec<String>,
    /// Milliseconds between two starts of the job that transfers most often; `None` if none is
    /// scheduled.
    pub shortest_interval: Option<i64>,
    /// Notifications that the operator has not read.
    pub unread: i64,
    /// The newest of them, with its number.
    pub newest: Option<(i64, String)>,
    /// Whether a missing start or a long run has not been reported yet.
    pub overdue: bool,
}

/// Reads how fresh the status is.
pub fn freshness(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
    operator: &str,
) -> Result<Freshness, StoreError> {
    let cursor = office.last_cursor()?;
    // Each message database has its own cursor: a new one is read from its start.
    let waiting = messages.and_then(|messages| {
        let cursor = office.cursor(&messages.exchange()?.database_id)?;
        messages.count_waiting(cursor.as_ref(), COUNT_LIMIT + 1)
    });
    let messages_fault = waiting.as_ref().err().map(ToString::to_string);
    let (open, rejected) = (office.count_open()?, office.count_rejected()?);
    let running = office.running_lease()?.and_then(|held| Some((held.run_id?, held.holder)));
    let progress = running.as_ref().map(|(run_id, _)| office.run_progress(*run_id)).transpose()?.flatten();
    Ok(Freshness {
        head_office_id: office.id()?,
        // Read after the counts above: the screens then query again for any change in between.
        version: office.version()?,
        begun: cursor.as_ref().is_some_and(|cursor| cursor.position != Position::default()),
        as_of: cursor.and_then(|cursor| cursor.as_of),
        waiting: waiting.ok(),
        messages_fault,
        open,
        rejected,
        running,
        progress,
        coming: coming(office, operator)?,
        try_count: Some(office.parameters()?.try_count),
    })
}

/// Reads the batch part of the freshness line.
fn coming(office: &HeadOffice, operator: &str) -> Result<Coming, StoreError> {
    let (next_start, withheld) = office.next_start()?;
    let servers = office.servers()?.into_iter().filter(BatchServer::is_alive);
    Ok(Coming {
        next_start,
        withheld,
        servers: servers.map(|server| server.name).collect(),
        shortest_interval: office.shortest_interval()?,
        unread: office.count_unread(operator, 1_000)?,
        newest: office.newest_unread(operator)?,
        overdue: office.has_overdue(office.now()?)?,
    })
}

/// Reads the newest runs, only those started since an instant if one is given. One that has no end
/// and no longer holds the lease is shown as Interrupted, which is how the next run will mark it.
pub fn runs(office: &HeadOffice, since: Option<Timestamp>, limit: i64) -> Result<Vec<Run>, StoreError> {
    let holds = || -> Result<Option<i64>, StoreError> { Ok(office.running_lease()?.and_then(|held| held.run_id)) };
    // The lease is read before and after the runs, since a run may begin or end in between.
    let before = holds()?;
    let mut runs = office.runs_since(since.unwrap_or(Timestamp(i64::MIN)), limit)?;
    let holders = [before, holds()?];
    for run in runs.iter_mut().filter(|run| run.outcome.is_none() && !holders.contains(&Some(run.run_id))) {
        run.outcome = Some(Outcome::Interrupted);
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::clock::SystemClock;
    use crate::domain::Trigger;
    use crate::engine::{self, Databases, ProcessOptions, RunEvent};
    use crate::store::message_database::NewMessage;
    use crate::store::{Access, Location};

    #[test]
    fn waiting_messages_count_from_the_cursor_of_their_database_and_killed_runs_show_as_interrupted() {
        let folder = tempfile::tempdir().expect("a folder");
        let databases = Databases::in_folder(folder.path());
        let post = |location: &Location, messages: u128| {
            let database = MessageDatabase::open(location, Access::Create).expect("a message database");
            let of = |number| NewMessage {
                message_guid: uuid::Uuid::from_u128(number).to_string(),
                ..NewMessage::default()
            };
            database.post(&(1..=messages).map(of).collect::<Vec<_>>()).expect("stored");
        };
        post(&databases.message_database, 30);
        let options = ProcessOptions { purge: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
        engine::process(&databases, &options, &SystemClock, &Cancel::new(), &|_: RunEvent| {}).expect("a run");
        let office = HeadOffice::open(&databases.head_office, Access::ReadOnly).expect("head office");
        let waiting = |location: &Location| {
            let messages = MessageDatabase::open(location, Access::ReadOnly);
            freshness(&office, messages, "r.vermeer").expect("it answers").waiting
        };
        assert_eq!(waiting(&databases.message_database), Some(0));
        let other = Location::Sqlite(folder.path().join("other.db"));
        post(&other, 12);
        assert_eq!(waiting(&other), Some(12));
        let restored = rusqlite::Connection::open(folder.path().join("message.db")).expect("it opens");
        restored.execute("delete from status_message where message_id > 20", []).expect("restored");
        assert_eq!(waiting(&databases.message_database), Some(20), "all of it will be read again");
        assert_eq!(waiting(&Location::Sqlite(folder.path().join("not there.db"))), None);
        // A run that is killed writes no outcome, and holds the lease until it expires.
        let outcome = || runs(&office, None, 1).expect("it answers").first().and_then(|run| run.outcome);
        assert_eq!(outcome(), Some(Outcome::Ended));
        let killed = rusqlite::Connection::open(folder.path().join("head-office.db")).expect("it opens");
        killed.execute("update run set outcome = null, ended_at = null", []).expect("killed");
        assert_eq!(outcome(), Some(Outcome::Interrupted), "it does not show as executing");
        assert_eq!(office.runs(1).expect("runs")[0].outcome, None, "the row itself is unchanged");
    }
}
