//! Runs a claimed batch job and writes its end, for the batch server and for a private run in a
//! console alike.

use crate::batch::{BatchJob, Claim, HistoryOutcome, JobClaim};
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Outcome, Run, Step, Trigger, clean_line};
use crate::engine::context::ProcessOptions;
use crate::engine::databases::Databases;
use crate::engine::event::{EventSink, RunEvent};
use crate::engine::process::{ProcessError, process};
use crate::store::head_office::{EndOfRun, Severity};
use crate::store::{Access, HeadOffice, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Attempts to write a job's end, and the pause between them: a minute in all.
const END_ATTEMPTS: u32 = 120;
const END_RETRY_PAUSE: Duration = Duration::from_millis(500);

/// One start of a batch job under its claim.
#[derive(Clone, Copy)]
pub struct BatchRun<'a> {
    /// The two databases.
    pub databases: &'a Databases,
    /// The claimed job.
    pub job: &'a BatchJob,
    /// The claim that the job runs under.
    pub claim: &'a Claim,
    /// The name of this machine, for the run's row.
    pub host: &'a str,
    /// The clock that cutoffs go by.
    pub clock: &'a dyn Clock,
    /// Cancels the run, or hands it over to another process.
    pub cancel: &'a Cancel,
    /// Pauses between two attempts to write the end, such as [`std::thread::sleep`].
    pub pause: &'a (dyn Fn(Duration) + Sync),
}

/// The result of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchRunOutcome {
    /// The job ended.
    Ended {
        /// How it ended.
        outcome: HistoryOutcome,
        /// What it did, or why it failed.
        reason: String,
        /// The run, unless it failed before it had a number.
        run: Option<Box<Run>>,
    },
    /// There was no run: another runner holds the lease, or the claim is no longer the job's. The
    /// job stays due.
    NotStarted {
        /// The sentence of the runner, for the history and the log.
        reason: String,
    },
}

impl BatchRunOutcome {
    /// Why it ended so, or why it did not start.
    pub fn reason(&self) -> &str {
        match self {
            Self::Ended { reason, .. } | Self::NotStarted { reason } => reason,
        }
    }
}

/// The end of a start.
#[derive(Debug)]
pub struct BatchRunEnd {
    /// Whether it ran, and how it ended.
    pub outcome: BatchRunOutcome,
    /// Why head office does not have it: every attempt to write it failed. The claim is then found
    /// abandoned later.
    pub unwritten: Option<StoreError>,
}

/// Runs the job, logs its steps in its history and writes its end, retrying that for a minute.
pub fn run_batch_job(batch_run: &BatchRun, events: &dyn EventSink) -> BatchRunEnd {
    // The log has a thread and a connection of its own, so that the run never waits for it.
    let (log, entries) = channel::<String>();
    let outcome = std::thread::scope(|scope| {
        let logger = scope.spawn(move || {
            let office = batch_run.open_head_office().ok();
            for text in entries {
                if let Some(office) = &office {
                    // The run goes on if its log cannot be written.
                    let _ = office.log(batch_run.claim.history_id, Severity::Information, &text);
                }
            }
        });
        // Owns the sender, whose end ends the logger.
        let sink = move |event: RunEvent| {
            if let Some(text) = log_line(&event) {
                let _ = log.send(text);
            }
            events.send(event);
        };
        let outcome = batch_run.process(&sink);
        drop(sink);
        let _ = logger.join();
        outcome
    });
    let unwritten = batch_run.write_end(&outcome).err();
    BatchRunEnd { outcome, unwritten }
}

impl BatchRun<'_> {
    fn open_head_office(&self) -> Result<HeadOffice, StoreError> {
        HeadOffice::open(&self.databases.head_office, self.databases.opening(Access::Existing))
    }

    fn process(&self, events: &dyn EventSink) -> BatchRunOutcome {
        let job = self.job;
        let trigger = if job.interactive { Trigger::Console } else { Trigger::BatchJob };
        let options = ProcessOptions {
            transfer: job.settings.task.transfer,
            purge: job.settings.task.purge,
            confirm_purge: job.purge_consent.rows,
            preview: job.purge_consent.preview,
            for_job: Some(JobClaim { job_id: job.job_id, claim: self.claim.clone() }),
            ..ProcessOptions::new(trigger, &job.created_by, self.host)
        };
        let run = || process(self.databases, &options, self.clock, self.cancel, events);
        let failed = |reason| BatchRunOutcome::Ended { outcome: HistoryOutcome::Error, reason, run: None };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(run)) => BatchRunOutcome::Ended {
                outcome: HistoryOutcome::of(run.outcome.unwrap_or(Outcome::Error), run.purge_held),
                reason: run.error.clone().unwrap_or_else(|| run.summary()),
                run: Some(Box::new(run)),
            },
            Ok(Err(error @ (ProcessError::Held(_) | ProcessError::ClaimLost))) => {
                BatchRunOutcome::NotStarted { reason: error.to_string() }
            }
            Ok(Err(error)) => failed(error.to_string()),
            Err(panic) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
                failed(format!("cdx failed: {}; committed chunks are kept. Please report it", clean_line(&text)))
            }
        }
    }

    /// Writes the end, retrying for a minute; durable when it succeeds.
    fn write_end(&self, outcome: &BatchRunOutcome) -> Result<(), StoreError> {
        let is_handed_over = self.cancel.is_hand_over();
        let write = || {
            let office = self.open_head_office()?;
            match outcome {
                BatchRunOutcome::NotStarted { reason } => {
                    office.return_claim(self.job.job_id, self.claim, reason, office.now()?)
                }
                BatchRunOutcome::Ended { outcome, reason, .. } => {
                    let to_be_continued = is_handed_over && *outcome == HistoryOutcome::Interrupted;
                    let end = EndOfRun { outcome: *outcome, reason, to_be_continued };
                    office.end_job(self.job.job_id, self.claim, &end, office.now()?).map(drop)
                }
            }
        };
        for _ in 1..END_ATTEMPTS {
            match write() {
                Ok(()) => return Ok(()),
                Err(_) => (self.pause)(END_RETRY_PAUSE),
            }
        }
        write()
    }
}

/// The line of an event in the job's log, if it has one.
fn log_line(event: &RunEvent) -> Option<String> {
    Some(match event {
        RunEvent::Started { run_id, interrupted } if interrupted.is_empty() => {
            format!("Run {run_id} took head office's lease")
        }
        RunEvent::Started { run_id, interrupted } => {
            let interrupted: Vec<_> = interrupted.iter().map(i64::to_string).collect();
            format!("Run {run_id} took head office's lease; never ended: run {}", interrupted.join(", "))
        }
        RunEvent::Notice(text) => text.clone(),
        RunEvent::Step(Step::Done) | RunEvent::Progress(_) | RunEvent::Failures(..) => return None,
        RunEvent::Step(step) => step.label().to_owned(),
    })
}
