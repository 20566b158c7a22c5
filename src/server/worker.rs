//! A worker: one claimed job from its claim to its end, on a thread of its own.

use crate::batch::{BatchJob, Claim, HistoryOutcome};
use crate::cancel::Cancel;
use crate::domain::{Outcome, Run, Step, Trigger, clean_line};
use crate::engine::{self, ProcessError, ProcessOptions, RunEvent};
use crate::server::{Options, OverdueNotifier, ServerEvent, Wake};
use crate::store::head_office::{EndOfRun, Severity};
use crate::store::{Access, HeadOffice, Opening, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the end of a job is tried to be written when head office cannot be reached, and the pause between.
const END_TRIES: u32 = 120;
const END_PAUSE: Duration = Duration::from_millis(500);

/// A worker as the server sees it.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) cancel: Cancel,
    thread: JoinHandle<bool>,
}

impl Worker {
    /// Starts one; it says [`Wake::Finished`] when the job's end is written.
    pub(super) fn start(
        options: &Options,
        job: BatchJob,
        wake: Sender<Wake>,
        tell: &OverdueNotifier,
    ) -> std::io::Result<Self> {
        let cancel = Cancel::new();
        let work = Work { options: options.clone(), job, cancel: cancel.clone(), tell: Arc::clone(tell) };
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let failed = work.run();
            let _ = wake.send(Wake::Finished(work.job.job_id));
            failed
        })?;
        Ok(Self { cancel, thread })
    }

    /// Waits for its thread, which is at its end; whether the job failed.
    pub(super) fn join(self) -> bool {
        self.thread.join().unwrap_or(true)
    }
}

struct Work {
    options: Options,
    job: BatchJob,
    cancel: Cancel,
    tell: OverdueNotifier,
}

/// What a run came to, before it is written down.
enum Came {
    /// A run, if it got so far, ended like this, for this reason.
    To(HistoryOutcome, String, Option<i64>),
    /// Somebody else was faster to head office's lease, or the claim was taken away; there was no run.
    NoRun(String),
}

impl Work {
    /// Whether the job failed.
    fn run(&self) -> bool {
        let Some(claim) = &self.job.claim else { return true };
        let (events, told) = channel();
        // What the run tells is written down on a connection of its own, so that the run never waits for its own log.
        let came = std::thread::scope(|scope| {
            let log = scope.spawn(|| {
                let office = self.office().ok();
                for event in told {
                    self.write_down(office.as_ref(), claim, event);
                }
            });
            let came = self.process(events);
            let _ = log.join();
            came
        });
        self.end(claim, &came)
    }

    fn office(&self) -> Result<HeadOffice, StoreError> {
        let allow_network_file_system = self.options.databases.allow_network_file_system;
        let opening = Opening { access: Access::Existing, allow_network_file_system };
        HeadOffice::open(&self.options.databases.head_office, opening)
    }

    fn process(&self, events: Sender<RunEvent>) -> Came {
        let job = &self.job;
        let trigger = if job.interactive { Trigger::Console } else { Trigger::BatchJob };
        let options = ProcessOptions {
            transfer: job.settings.task.transfer,
            purge: job.settings.task.purge,
            confirm_purge: job.confirm_purge,
            for_job: job.claim.clone().map(|claim| (job.job_id, claim)),
            ..ProcessOptions::new(trigger, &job.created_by, &self.options.host)
        };
        // Dropped with the sink, which ends the log.
        let sink = move |event: RunEvent| {
            if !matches!(event, RunEvent::Progress(_) | RunEvent::Failures(..)) {
                let _ = events.send(event);
            }
        };
        let run = AssertUnwindSafe(|| {
            let clock = &*self.options.clock;
            engine::process(&self.options.databases, &options, clock, &self.cancel, &sink)
        });
        match catch_unwind(run) {
            Ok(Ok(run)) => came_to(&run),
            Ok(Err(error @ (ProcessError::Held(_) | ProcessError::NotTheirs))) => Came::NoRun(error.to_string()),
            Ok(Err(error)) => Came::To(HistoryOutcome::Error, error.to_string(), None),
            Err(_) => {
                let reason = "the program failed; nothing is lost, its log tells more".to_owned();
                Came::To(HistoryOutcome::Error, reason, None)
            }
        }
    }

    fn write_down(&self, office: Option<&HeadOffice>, claim: &Claim, event: RunEvent) {
        let text = match event {
            RunEvent::Begun { run_id, interrupted } => {
                (self.tell)(ServerEvent::RunBegun { job_id: self.job.job_id, run_id });
                let gone: Vec<_> = interrupted.iter().map(i64::to_string).collect();
                let gone =
                    if gone.is_empty() { String::new() } else { format!("; never ended: run {}", gone.join(", ")) };
                format!("Run {run_id} took head office's lease{gone}")
            }
            RunEvent::Step(step) => match step {
                Step::Transfer => "Transfer".to_owned(),
                Step::Preview => "Counting what has expired".to_owned(),
                Step::PurgeMessageDatabase => "Purge of the message database".to_owned(),
                Step::PurgeHeadOffice => "Purge of head office".to_owned(),
                Step::Done => return,
            },
            RunEvent::Notice(text) => text,
            RunEvent::Progress(_) | RunEvent::Failures(..) => return,
        };
        if let Some(office) = office {
            // The log is for people; a run goes on without it.
            let _ = office.log(claim.history_id, Severity::Information, &text);
        }
    }

    /// Writes the end down, as often as it takes for a minute. Should it never be, the server finds a claim without a worker.
    fn end(&self, claim: &Claim, came: &Came) -> bool {
        let job_id = self.job.job_id;
        let handed_over = self.cancel.is_hand_over();
        for _ in 0..END_TRIES {
            let written = self.office().and_then(|office| match came {
                Came::NoRun(why) => office.return_claim(job_id, claim, why),
                Came::To(outcome, reason, _) => {
                    let to_be_continued = handed_over && *outcome == HistoryOutcome::Interrupted;
                    let end = EndOfRun { outcome: *outcome, reason, to_be_continued };
                    office.end_job(job_id, claim, &end, office.now()?).map(drop)
                }
            });
            if written.is_ok() {
                break;
            }
            std::thread::sleep(END_PAUSE);
        }
        let (outcome, reason, run_id) = match came {
            Came::NoRun(why) => ("waits", why, None),
            Came::To(outcome, reason, run_id) => (outcome.word(), reason, *run_id),
        };
        let reason = clean_line(reason).into_owned();
        (self.tell)(ServerEvent::JobEnded { job_id, run_id, outcome, reason });
        matches!(came, Came::To(HistoryOutcome::Error, ..))
    }
}

fn came_to(run: &Run) -> Came {
    let outcome = HistoryOutcome::of(run.outcome.unwrap_or(Outcome::Error), run.purge_held);
    let reason = match &run.error {
        Some(error) => error.clone(),
        None => run.account(),
    };
    Came::To(outcome, reason, Some(run.run_id))
}
