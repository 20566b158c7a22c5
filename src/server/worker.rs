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
    thread: JoinHandle<Option<HistoryOutcome>>,
}

impl Worker {
    /// Starts a worker, which sends [`Wake::Finished`] when the job's end is written.
    pub(super) fn start(
        options: &Options,
        job: BatchJob,
        wake: Sender<Wake>,
        emit: &EventListener,
    ) -> std::io::Result<Self> {
        let cancel = Cancel::new();
        let (options, emit, flag) = (options.clone(), Arc::clone(emit), cancel.clone());
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let outcome = run(&options, &job, &flag, &emit);
            let _ = wake.send(Wake::Finished(job.job_id));
            outcome
        })?;
        Ok(Self { cancel, thread })
    }

    /// Joins its thread, which has finished; returns how the job ended, `None` if it did not start.
    pub(super) fn join(self) -> Option<HistoryOutcome> {
        self.thread.join().unwrap_or(Some(HistoryOutcome::Error))
    }
}

/// Runs the job and reports its run and its end; returns how it ended, `None` if it did not start.
fn run(options: &Options, job: &BatchJob, cancel: &Cancel, emit: &EventListener) -> Option<HistoryOutcome> {
    let Some(claim) = &job.claim else { return Some(HistoryOutcome::Error) };
    let job_id = job.job_id;
    let sink = |event: RunEvent| {
        if let RunEvent::Started { run_id, .. } = event {
            emit(ServerEvent::RunBegun { job_id, run_id });
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
        BatchRunOutcome::NotStarted { .. } => (None, None),
        BatchRunOutcome::Ended { outcome, run, .. } => (Some(*outcome), run.as_ref().map(|run| run.run_id)),
    };
    let word = outcome.map_or("waits", HistoryOutcome::word);
    emit(ServerEvent::JobEnded { job_id, run_id, outcome: word, reason: clean_line(ended.reason()).into_owned() });
    outcome
}
