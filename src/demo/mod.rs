//! A realistic exchange to explore: two databases with the history of a fictional retail chain.

mod generator;

pub use generator::DemoPlan;

use crate::batch::{BatchStatus, JobSettings};
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{HOUR_MS, MINUTE_MS, Timestamp};
use crate::engine::{self, Databases, EventSink, ProcessError, ProcessOptions};
use crate::recurrence::{Rule, RuleError};
use crate::store::head_office::Refusal;
use crate::store::message_database::NewMessage;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};
use std::path::{Path, PathBuf};

/// Marks a folder whose databases a demo may replace.
const MARK: &str = "cdx-demo";
/// The operator who withheld the job.
const COLLEAGUE: &str = "m.jansen";
/// Messages stored in one transaction.
const MESSAGES_PER_BATCH: usize = 5_000;
/// Milliseconds between the last transfer and the demo's now: 4 h 29 min.
const SINCE_LAST_TRANSFER_MS: i64 = 4 * HOUR_MS + 29 * MINUTE_MS;
/// Milliseconds between two starts of the withheld job.
const QUARTER_HOUR_MS: i64 = 15 * MINUTE_MS;

/// Why the demo exchange could not be created.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder cannot be created or emptied.
    #[error("cannot create the folder {folder}: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder contains databases that were not created by a demo.
    #[error("{0} contains databases that are not a demo; choose another folder with --dir")]
    NotADemo(PathBuf),
    /// An operation on a database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The transfer of the history failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Head office refused the batch job.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The rule of the batch job is invalid.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

/// Creates the folder, or deletes an earlier demo in it, and returns the databases to fill.
///
/// Keeps other files. Refuses a folder whose databases were not created by a demo.
pub fn prepare(folder: &Path) -> Result<Databases, DemoError> {
    let failed = |source| DemoError::Folder { folder: folder.to_owned(), source };
    let databases = Databases::in_folder(folder);
    // Links are not followed: only files in this folder are deleted.
    let files: Vec<PathBuf> = [databases.message_database.file(), databases.head_office.file()]
        .into_iter()
        .flatten()
        .flat_map(|file| {
            ["", "-wal", "-shm", ".lock", ".migrate.lock"].map(|suffix| {
                let mut path = file.as_os_str().to_owned();
                path.push(suffix);
                PathBuf::from(path)
            })
        })
        .collect();
    let mark = folder.join(MARK);
    let occupied = files.iter().any(|file| file.exists());
    if occupied && !mark.exists() {
        return Err(DemoError::NotADemo(folder.to_owned()));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    for file in files.iter().filter(|file| file.exists()) {
        std::fs::remove_file(file).map_err(failed)?;
    }
    std::fs::write(mark, "cdx demo may replace the databases in this folder.\n").map_err(failed)?;
    Ok(databases)
}

/// Fills the databases: a transferred history, a job that was then withheld, and the messages
/// posted since the last transfer.
///
/// The transfer runs with `options`, without a purge. A tripped `cancel` ends it early and leaves
/// an incomplete exchange.
pub fn fill(
    databases: &Databases,
    plan: &DemoPlan,
    options: ProcessOptions,
    clock: &dyn Clock,
    cancel: &Cancel,
    events: &dyn EventSink,
) -> Result<(), DemoError> {
    let mut messages = generator::messages(plan).peekable();
    let last = Timestamp(plan.now.0 - SINCE_LAST_TRANSFER_MS);
    let history = std::iter::from_fn(|| messages.next_if(|(_, posted_at)| *posted_at <= last));
    import(databases, history, cancel)?;
    engine::process(databases, &ProcessOptions { purge: false, ..options }, clock, cancel, events)?;
    withhold(databases, last)?;
    import(databases, messages, cancel)
}

/// Submits the job that would have transferred the messages after `last` and withholds it. Then
/// moves the instants that head office recorded back, so that the last transfer ended at `last`.
fn withhold(databases: &Databases, last: Timestamp) -> Result<(), DemoError> {
    let office = HeadOffice::open(&databases.head_office, Access::Existing)?;
    let start = Timestamp(last.0 - last.0.rem_euclid(QUARTER_HOUR_MS) + QUARTER_HOUR_MS);
    let at = start.to_rfc3339();
    let rule = format!(
        r#"{{"start":"{}","time_zone":"UTC","pattern":{{"unit":"minutes","every":15}},"end":{{"never":true}}}}"#,
        &at[..16]
    );
    let settings = JobSettings { recurrence: Some(Rule::parse_json(&rule)?), ..JobSettings::new(start) };
    let job_id = office.submit_job(&settings, COLLEAGUE)?;
    let reason = Some("AOS patch, release after");
    office.change_job_status(job_id, BatchStatus::Withhold, COLLEAGUE, reason)?;
    Ok(office.backdate(SINCE_LAST_TRANSFER_MS)?)
}

fn import(
    databases: &Databases,
    messages: impl Iterator<Item = (NewMessage, Timestamp)>,
    cancel: &Cancel,
) -> Result<(), DemoError> {
    let database = MessageDatabase::open(&databases.message_database, Access::Create)?;
    let mut batch = Vec::with_capacity(MESSAGES_PER_BATCH);
    let mut messages = messages.peekable();
    while messages.peek().is_some() && !cancel.is_tripped() {
        batch.clear();
        batch.extend(messages.by_ref().take(MESSAGES_PER_BATCH));
        database.import(&batch)?;
    }
    Ok(())
}
