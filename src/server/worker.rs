//! A worker: one claimed job from its claim to its end, on a thread of its own.

use crate::batch::{BatchJob, HistoryOutcome};
use crate::cancel::Cancel;
use crate::domain::clean_line;
use crate::engine::{BatchRun, BatchRunOutcome, RunEvent, run_batch_job};
use crate::server::{EventListener, Options, ServerEvent, Wake};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

/// The handle of a worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) cancel: Cancel,
    thread: JoinHandle<bool>,
}

impl Worker {
    /// Starts a worker, which sends [`Wake::Finished`] when the job's end is written.
    pub(super) fn start(
        options: &Options,
        job: BatchJob,
        wake: Sender<Wake>,
        notify: &EventListener,
    ) -> std::io::Result<Self> {
        let cancel = Cancel::new();
        let (options, notify, flag) = (options.clone(), Arc::clone(notify), cancel.clone());
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let failed = run(&options, &job, &flag, &notify);
            let _ = wake.send(Wake::Finished(job.job_id));
            failed
        })?;
        Ok(Self { cancel, thread })
    }

    /// Joins its thread, which has finished; returns whether the job failed.
    pub(super) fn join(self) -> bool {
        self.thread.join().unwrap_or(true)
    }
}

/// Runs the job and reports its run and its end; returns whether it failed.
fn run(options: &Options, job: &BatchJob, cancel: &Cancel, notify: &EventListener) -> bool {
    let Some(claim) = &job.claim else { return true };
    let job_id = job.job_id;
    let sink = |event: RunEvent| {
        if let RunEvent::Started { run_id, .. } = event {
            notify(ServerEvent::RunBegun { job_id, run_id });
        }
    };
    let batch_run = BatchRun {
        databases: &options.databases,
        job,
        claim,
        host: &options.host,
        clock: &*options.clock,
        cancel,
        pause: &std::thread::sleep,
    };
    // If the end could not be written, the server finds a claim without a worker.
    let ended = run_batch_job(&batch_run, &sink).outcome;
    let (outcome, run_id) = match &ended {
        BatchRunOutcome::NotStarted { .. } => ("waits", None),
        BatchRunOutcome::Ended { outcome, run, .. } => (outcome.word(), run.as_ref().map(|run| run.run_id)),
    };
    notify(ServerEvent::JobEnded { job_id, run_id, outcome, reason: clean_line(ended.reason()).into_owned() });
    matches!(ended, BatchRunOutcome::Ended { outcome: HistoryOutcome::Error, .. })
}
