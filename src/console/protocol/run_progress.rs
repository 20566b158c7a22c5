//! The run in this console, built from its events.

pub use crate::console::protocol::step_progress::{Measured, StepProgress, StepState};

use crate::domain::{Run, Step, Timestamp};
use crate::engine::{ChunkFigures, Failed, Progress, RunEvent};
use std::collections::VecDeque;

/// Maximum number of failures kept.
pub const MAX_FAILURES: usize = 100;
/// Maximum number of log lines kept.
const MAX_LOG_LINES: usize = 200;

/// The state of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveRun {
    /// Its number; `None` until its row exists.
    pub run_id: Option<i64>,
    /// When OK was pressed.
    pub started_at: Timestamp,
    /// The latest progress of each step, in the order they began.
    steps: Vec<(Step, Option<Progress>)>,
    /// When the last progress arrived.
    progress_at: Timestamp,
    /// Its log, newest last.
    pub log: Vec<(Timestamp, String)>,
    /// Failures among the messages it transferred.
    pub failures: i64,
    /// The newest of them by arrival, newest first, up to [`MAX_FAILURES`].
    pub newest_failures: VecDeque<Failed>,
    /// Whether a cancel was requested.
    pub canceling: bool,
    /// Its result; `None` while it is active.
    pub result: Option<Result<Run, String>>,
}

impl LiveRun {
    /// A run that is starting.
    pub fn new(started_at: Timestamp) -> Self {
        Self {
            run_id: None,
            started_at,
            steps: Vec::new(),
            progress_at: started_at,
            log: Vec::new(),
            failures: 0,
            newest_failures: VecDeque::new(),
            canceling: false,
            result: None,
        }
    }

    /// Whether it is active.
    pub fn is_active(&self) -> bool {
        self.result.is_none()
    }

    /// Applies an event of the run.
    pub fn apply(&mut self, event: RunEvent, now: Timestamp) {
        match event {
            RunEvent::Started { run_id, interrupted } => {
                self.run_id = Some(run_id);
                self.log(now, format!("Took the lease of head office as run {run_id}"));
                for run_id in interrupted {
                    self.log(
                        now,
                        format!("Run {run_id} did not finish; it is marked Interrupted and this run continues after its last chunk"),
                    );
                }
            }
            RunEvent::Step(step) => {
                let is_purge = |step| !matches!(step, Step::Transfer | Step::Done);
                // The steps of the purge share one total.
                match self.steps.last_mut() {
                    Some((last, _)) if is_purge(*last) && is_purge(step) => *last = step,
                    // The transfer begins again after an outage.
                    Some((last, _)) if *last == step => {}
                    _ => self.steps.push((step, None)),
                }
                self.log(now, step.label().to_owned());
            }
            RunEvent::Progress(progress) => {
                self.progress_at = now;
                match self.steps.iter_mut().find(|(step, _)| *step == progress.step) {
                    Some((_, last)) => *last = Some(progress),
                    None => self.steps.push((progress.step, Some(progress))),
                }
            }
            RunEvent::Failures(count, newest) => {
                self.failures += count;
                for failed in newest {
                    self.newest_failures.push_front(failed);
                }
                self.newest_failures.truncate(MAX_FAILURES);
            }
            RunEvent::Notice(text) => self.log(now, text),
        }
    }

    /// Records its result.
    pub fn finish(&mut self, result: Result<Run, String>, now: Timestamp) {
        match &result {
            Ok(run) => self.log(now, run.summary()),
            Err(sentence) => self.log(now, sentence.clone()),
        }
        self.result = Some(result);
    }

    /// How far its steps are, in the order they began.
    pub fn steps(&self, now: Timestamp) -> Vec<StepProgress> {
        let last = self.steps.len().saturating_sub(1);
        let steps = self.steps.iter().enumerate().map(|(at, (step, progress))| {
            let state = match progress {
                _ if at < last => StepState::Finished(progress.as_ref().map(|progress| progress.done)),
                Some(progress) => {
                    StepState::Measured(Measured::from(progress).with_silence(now.since(self.progress_at)))
                }
                None => StepState::Counting,
            };
            StepProgress { step: *step, state }
        });
        steps.collect()
    }

    /// The figures of the step that is executing.
    pub fn measured(&self, now: Timestamp) -> Option<Measured> {
        match self.steps(now).pop()?.state {
            StepState::Measured(measured) => Some(measured),
            StepState::Counting | StepState::Finished(_) => None,
        }
    }

    /// The instant up to which messages are transferred.
    pub fn transferred_until(&self) -> Option<Timestamp> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.reached)
    }

    /// The transfer's latest totals.
    pub fn transfer_totals(&self) -> Option<ChunkFigures> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.chunk)
    }

    /// One short line: `Run 813: 61 %, 9 s left`.
    pub fn summary(&self, now: Timestamp) -> String {
        let name = self.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
        if self.canceling && self.is_active() {
            return format!("{name}: stops after this chunk");
        }
        match (&self.result, self.steps(now).pop()) {
            (Some(Ok(run)), _) => run.summary(),
            (Some(Err(sentence)), _) => sentence.clone(),
            (None, Some(step)) => format!("{name}: {}", step.words()),
            (None, None) => match self.log.last().filter(|_| self.run_id.is_none()) {
                // A notice before the run has a number says what its start waits for.
                Some((_, notice)) => format!("{name}: {notice}"),
                None => format!("{name}: starting"),
            },
        }
    }

    fn log(&mut self, now: Timestamp, text: String) {
        self.log.push((now, text));
        if self.log.len() > MAX_LOG_LINES {
            self.log.remove(0);
        }
    }
}
