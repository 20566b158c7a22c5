//! Rules about the databases: their clocks, their disks, and a purge that is held.

use crate::batch::{AlertRule, Finding, FoundCondition};
use crate::domain::{ClockFault, LastSeen, check_clocks};
use crate::engine::databases::Databases;
use crate::store::{Access, HeadOffice, Location, MessageDatabase, StoreError};

/// Batch jobs whose purge is held, and the exchange if a run outside of batch jobs held it.
pub(super) fn purge_held(office: &HeadOffice) -> Result<Finding, StoreError> {
    let held = office.held_purges()?.into_iter().map(|(job_id, description, since)| FoundCondition {
        subject: job_id.to_string(),
        job_id: Some(job_id),
        text: format!(
            "the purge of batch job {job_id} {description} has been held since {}: cdx process --dry-run \
             says why, and what allows it",
            since.in_utc()
        ),
        ..FoundCondition::default()
    });
    let since = office.held_purge()?.and_then(|held| held.outside_jobs);
    let of_command = since.map(|since| FoundCondition {
        subject: "exchange".to_owned(),
        text: format!(
            "the purge has been held since {}: cdx process --dry-run says why, and what allows it",
            since.in_utc()
        ),
        ..FoundCondition::default()
    });
    Ok(Finding::new(AlertRule::PurgeHeld, held.chain(of_command)))
}

/// Databases in files whose disk is nearly full; a database server watches its own.
pub(super) fn disk_low(databases: &Databases) -> Finding {
    let each = [("head office", &databases.head_office), ("message database", &databases.message_database)];
    Finding::new(AlertRule::DiskLow, each.into_iter().filter_map(|(what, location)| low(what, location)))
}

fn low(what: &str, location: &Location) -> Option<FoundCondition> {
    let room = location.room()?;
    let bound = location.little_room();
    let (level, text) = if room.no_files {
        (1, "no file can be added on the disk (no free inodes); remove some".to_owned())
    } else if room.is_none() {
        (1, "no space is left on the disk; free some".to_owned())
    } else if room.bytes < bound {
        (0, format!("less than {} MiB are free on the disk; free some", (bound >> 20).max(1)))
    } else {
        return None;
    };
    let text = format!("{what} ({location}): {text}");
    Some(FoundCondition { subject: what.to_owned(), text, level, ..FoundCondition::default() })
}

/// Whether the clocks of the databases disagree with each other or with what happened; `None` if
/// the message database cannot be read now.
pub(super) fn clocks_apart(databases: &Databases, office: &HeadOffice) -> Option<Finding> {
    let fault = clock_fault(databases, office).ok()?;
    let conditions = fault.map(|fault| FoundCondition {
        subject: "clocks".to_owned(),
        text: format!("{}; nothing is purged until it is fixed", words(&fault)),
        ..FoundCondition::default()
    });
    Some(Finding::new(AlertRule::ClocksApart, conditions))
}

fn clock_fault(databases: &Databases, office: &HeadOffice) -> Result<Option<ClockFault>, StoreError> {
    let messages = MessageDatabase::open(&databases.message_database, databases.opening(Access::ReadOnly))?;
    let last = LastSeen {
        run: office.last_run_at(None)?,
        purge: office.last_purge_at()?,
        message: messages.last_posted_at()?,
    };
    // The clock of this machine does not count: two servers would find different conditions.
    let now = office.now()?;
    Ok(check_clocks(now, messages.now()?, now, last).err())
}

/// The fault without the present, so that the text stays the same.
fn words(fault: &ClockFault) -> String {
    match fault {
        ClockFault::Apart { milliseconds } | ClockFault::Own { milliseconds } => {
            format!("the clocks of message database and head office differ by about {} h", milliseconds / 3_600_000)
        }
        ClockFault::BeforeLastRun { last_run, .. } => {
            format!("head office's clock is behind the last run ({})", last_run.in_utc())
        }
        ClockFault::BeforeNewest { newest, .. } => {
            format!("the message database's clock is behind its newest message ({})", newest.in_utc())
        }
        ClockFault::Ahead { what, last, .. } => {
            format!("head office's clock is far ahead: {what} on {}", last.in_utc())
        }
    }
}
