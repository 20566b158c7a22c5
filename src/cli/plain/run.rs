//! The state of the exchange, and a run of Process status messages with its progress.

use crate::cancel::Cancel;
use crate::cli::freshness::facts;
use crate::cli::overview::counts;
use crate::cli::plain::dialog::{Step, Stop, ask, choose, is_yes, print_line};
use crate::cli::plain::{Plain, consent};
use crate::cli::progress::{figures, label};
use crate::cli::signals;
use crate::clock::SystemClock;
use crate::console::protocol::query::{Answer, Query};
use crate::domain::{Outcome, Trigger, grouped};
use crate::engine::{self, EventSink, ForeignMessages, ProcessError, ProcessOptions, RunEvent};
use crate::store::StoreError;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Interval of lines about the progress.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// What is typed to transfer messages of another head office.
const CONFIRM_TRANSFER: &str = "transfer";

/// Reads the progress of a run out.
struct Progress(Mutex<Instant>);

impl EventSink for Progress {
    fn send(&self, event: RunEvent) {
        // A closed output must not stop the run.
        let _ = match event {
            RunEvent::Started { run_id, .. } => print_line(&format!("Run {run_id} has started. Control C stops it.")),
            RunEvent::Step(step) => print_line(&format!("{}.", label(step))),
            RunEvent::Notice(text) => print_line(&format!("Note: {text}")),
            RunEvent::Progress(progress) => match self.0.lock() {
                Ok(mut last) if last.elapsed() >= LINE_INTERVAL => {
                    *last = Instant::now();
                    print_line(&format!("{}: {}", label(progress.step), figures(&progress)))
                }
                _ => Ok(()),
            },
            RunEvent::Failures(..) => Ok(()),
        };
    }
}

impl Plain<'_> {
    /// Reads the state out and offers a run.
    pub(super) fn state(&self) -> Step<()> {
        loop {
            let freshness = self.query(Query::Freshness(self.operator.clone()))?;
            if let Some(Answer::Freshness(freshness)) = freshness {
                for (name, value) in facts(&freshness, Self::now()) {
                    print_line(&format!("{name}: {value}"))?;
                }
                self.attention()?;
            }
            let runs = ["Process status messages now: transfer, then purge", "Only transfer", "Only purge"];
            let Some(index) = choose("What is to be done?", &runs.map(str::to_owned))? else { return Ok(()) };
            if !self.is_read_only()? && is_yes(&format!("{}?", runs[index]))? {
                self.process(index != 2, index != 1)?;
            }
        }
    }

    /// Reads out what needs attention.
    fn attention(&self) -> Step<()> {
        let Some(Answer::Attention(attention)) = self.query(Query::Attention)? else { return Ok(()) };
        for (name, count) in counts(&attention) {
            if count > 0 {
                print_line(&format!("{name}: {}", grouped(count)))?;
            }
        }
        Ok(())
    }

    fn process(&self, transfer: bool, purge: bool) -> Step<()> {
        let cancel = Cancel::new();
        signals::watch(&cancel).map_err(|error| Stop::Failed(crate::cli::exit::Failure::Unforeseen(error)))?;
        let options =
            ProcessOptions { transfer, purge, ..ProcessOptions::new(Trigger::Console, &self.operator, &self.host) };
        let mut databases = self.databases.clone();
        // A database that cannot be read is reported by the run.
        if let Some(foreign) = ForeignMessages::of(&databases).ok().flatten().filter(|_| transfer) {
            print_line(&format!("The message database belongs to head office {}.", foreign.owner))?;
            print_line(&format!("{}.", foreign.reader_words()))?;
            let question = "What is transferred stays here. Type transfer to go on, anything else to go back:";
            if ask(question)? != CONFIRM_TRANSFER {
                return print_line("Nothing was transferred.");
            }
        }
        let run = loop {
            let progress = Progress(Mutex::new(Instant::now()));
            match engine::process(&databases, &options, &SystemClock, &cancel, &progress) {
                Err(ProcessError::Store(StoreError::Refused(refusal))) if refusal.is_question() => {
                    databases = databases.with_consent(consent(&refusal)?);
                }
                run => break run,
            }
        };
        match run {
            Ok(run) => {
                print_line(&run.summary())?;
                if let Some(error) = &run.error {
                    print_line(&format!("Error: {error}"))?;
                }
                if run.outcome == Some(Outcome::Canceled) { Err(Stop::Interrupted) } else { Ok(()) }
            }
            Err(error) => print_line(&format!("Not run: {error}.")),
        }
    }
}
