//! The run in this console, built from its events.

use crate::domain::{Run, Step, Timestamp};
use crate::engine::{ChunkFigures, Failed, Progress, RunEvent};
use std::collections::VecDeque;

/// Failures kept at most.
pub const FAILURES: usize = 100;
/// Lines of the log kept at most.
const LOG: usize = 200;

/// The state of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveRun {
    /// Its number; `None` until its row exists.
    pub run_id: Option<i64>,
    /// When OK was pressed.
    pub started_at: Timestamp,
    /// The latest progress of each step, in the order they began.
    pub steps: Vec<(Step, Option<Progress>)>,
    /// Its log, newest last.
    pub log: Vec<(Timestamp, String)>,
    /// Failures among the messages it transferred.
    pub failures: i64,
    /// The newest of them by arrival, newest first, up to [`FAILURES`].
    pub newest_failures: VecDeque<Failed>,
    /// Whether it was canceled.
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

    /// Applies an event.
    pub fn event(&mut self, event: RunEvent, now: Timestamp) {
        match event {
            RunEvent::Started { run_id, interrupted } => {
                self.run_id = Some(run_id);
                self.say(now, format!("Took the lease of head office as run {run_id}"));
                for run_id in interrupted {
                    self.say(
                        now,
                        format!("Run {run_id} had never ended; it is marked Interrupted, this one goes on there"),
                    );
                }
            }
            RunEvent::Step(step) => {
                let is_purge =
                    |step| matches!(step, Step::Preview | Step::PurgeMessageDatabase | Step::PurgeHeadOffice);
                // The steps of the purge share one total.
                match self.steps.last_mut() {
                    Some((last, _)) if is_purge(*last) && is_purge(step) => *last = step,
                    _ => self.steps.push((step, None)),
                }
                self.say(now, step_words(step).to_owned());
            }
            RunEvent::Progress(progress) => match self.steps.iter_mut().find(|(step, _)| *step == progress.step) {
                Some((_, last)) => *last = Some(progress),
                None => self.steps.push((progress.step, Some(progress))),
            },
            RunEvent::Failures(count, newest) => {
                self.failures += count;
                for failed in newest {
                    self.newest_failures.push_front(failed);
                }
                self.newest_failures.truncate(FAILURES);
            }
            RunEvent::Notice(text) => self.say(now, text),
        }
    }

    /// Applies its result.
    pub fn ended(&mut self, result: Result<Run, String>, now: Timestamp) {
        match &result {
            Ok(run) => self.say(now, run.account()),
            Err(sentence) => self.say(now, sentence.clone()),
        }
        self.result = Some(result);
    }

    /// The latest progress of any step.
    pub fn progress(&self) -> Option<&Progress> {
        self.steps.iter().rev().find_map(|(_, progress)| progress.as_ref())
    }

    /// The instant up to which messages are transferred.
    pub fn reached(&self) -> Option<Timestamp> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.reached)
    }

    /// The transfer's latest totals.
    pub fn chunks(&self) -> Option<ChunkFigures> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.chunk)
    }

    /// One short line: `Run 813: 61 %, 9 s left`.
    pub fn line(&self) -> String {
        let name = self.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
        if self.canceling && self.is_active() {
            return format!("{name}: ends at this chunk");
        }
        match (&self.result, self.progress()) {
            (Some(Ok(run)), _) => run.account(),
            (Some(Err(sentence)), _) => sentence.clone(),
            (None, Some(progress)) => {
                let what = step_words(progress.step).to_lowercase();
                format!(
                    "{name}: {what} {} %, {} left",
                    percent(progress),
                    crate::console::protocol::time::age(left(progress))
                )
            }
            (None, None) => format!("{name}: starting"),
        }
    }

    fn say(&mut self, now: Timestamp, text: String) {
        self.log.push((now, text));
        if self.log.len() > LOG {
            self.log.remove(0);
        }
    }
}

/// A step in words.
pub fn step_words(step: Step) -> &'static str {
    match step {
        Step::Transfer => "Transfer",
        Step::Preview => "Counting what has expired",
        Step::PurgeMessageDatabase => "Purge of the message database",
        Step::PurgeHeadOffice => "Purge of head office",
        Step::Done => "Done",
    }
}

/// The finished part of a step, in percent.
pub fn percent(progress: &Progress) -> i64 {
    if progress.total <= 0 { 100 } else { (progress.done.saturating_mul(100) / progress.total).clamp(0, 100) }
}

/// Milliseconds left at the present rate.
#[allow(clippy::cast_possible_truncation)] // a figure for people; saturates
pub fn left(progress: &Progress) -> i64 {
    (progress.seconds_left * 1_000.0) as i64
}
