//! The run that lives in this console, as its events tell it.

use crate::domain::{Run, Step, Timestamp};
use crate::engine::{ChunkFigures, Failed, Progress, RunEvent};
use std::collections::VecDeque;

/// Failures that are kept to be looked at.
pub const FAILURES: usize = 100;
/// Lines of the log that are kept.
const LOG: usize = 200;

/// What is known of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveRun {
    /// Its number, once it has its row.
    pub run_id: Option<i64>,
    /// When OK was pressed.
    pub started_at: Timestamp,
    /// The last word of each step, in the order they began.
    pub steps: Vec<(Step, Option<Progress>)>,
    /// What it told, newest last.
    pub log: Vec<(Timestamp, String)>,
    /// Failures among the messages that it brought.
    pub failures: i64,
    /// The newest of them by arrival, newest first, up to [`FAILURES`].
    pub newest_failures: VecDeque<Failed>,
    /// Whether its end was asked for.
    pub canceling: bool,
    /// What became of it.
    pub result: Option<Result<Run, String>>,
}

impl LiveRun {
    /// A run that was just asked for.
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

    /// Whether it has not ended yet.
    pub fn lives(&self) -> bool {
        self.result.is_none()
    }

    /// Takes what it tells.
    pub fn event(&mut self, event: RunEvent, now: Timestamp) {
        match event {
            RunEvent::Begun { run_id, interrupted } => {
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
                // Counting and the two databases are one purge with one sum of rows.
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

    /// Takes its end.
    pub fn ended(&mut self, result: Result<Run, String>, now: Timestamp) {
        match &result {
            Ok(run) => self.say(now, run.account()),
            Err(sentence) => self.say(now, sentence.clone()),
        }
        self.result = Some(result);
    }

    /// The newest progress of all.
    pub fn progress(&self) -> Option<&Progress> {
        self.steps.iter().rev().find_map(|(_, progress)| progress.as_ref())
    }

    /// Up to which instant the status is brought.
    pub fn reached(&self) -> Option<Timestamp> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.reached)
    }

    /// What the transfer's chunks came to, as last told.
    pub fn chunks(&self) -> Option<ChunkFigures> {
        self.steps.iter().find_map(|(_, progress)| progress.as_ref()?.chunk)
    }

    /// One short line: `Run 813: 61 %, 9 s left`.
    pub fn line(&self) -> String {
        let name = self.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
        if self.canceling && self.lives() {
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

/// How much of a step is done, in percent.
pub fn percent(progress: &Progress) -> i64 {
    if progress.total <= 0 { 100 } else { (progress.done.saturating_mul(100) / progress.total).clamp(0, 100) }
}

/// Milliseconds left at the present rate.
#[allow(clippy::cast_possible_truncation)] // a figure for people; saturates
pub fn left(progress: &Progress) -> i64 {
    (progress.seconds_left * 1_000.0) as i64
}
