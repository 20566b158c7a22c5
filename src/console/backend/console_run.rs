//! Runs Process status messages in this console: once, or as the run of a private batch job.

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::console::backend::private_run::{self, PrivateRun};
use crate::console::protocol::effect::{RunFault, RunRequest};
use crate::domain::{Run, Trigger};
use crate::engine::{self, Databases, EventSink, ProcessError, ProcessOptions};
use crate::store::StoreError;

/// What a run in this console uses.
#[derive(Clone, Copy)]
pub struct ConsoleRun<'a> {
    /// The two databases.
    pub databases: &'a Databases,
    /// The operator.
    pub operator: &'a str,
    /// The name of this machine.
    pub host: &'a str,
    /// The clock that cutoffs go by.
    pub clock: &'a dyn Clock,
    /// Cancels the run.
    pub cancel: &'a Cancel,
}

impl ConsoleRun<'_> {
    /// Runs what was requested. An error says why there was no run, and what a guardrail asks.
    pub fn perform(&self, request: &RunRequest, events: &dyn EventSink) -> Result<Run, RunFault> {
        let Self { databases, operator, host, clock, cancel } = *self;
        if let Some(job_id) = request.job {
            return Ok(private_run::run(&PrivateRun { databases, operator, host, job_id, clock, cancel }, events)?);
        }
        let options = ProcessOptions {
            transfer: request.transfer,
            purge: request.purge,
            confirm_purge: request.purge_consent.rows,
            preview: request.purge_consent.preview,
            ..ProcessOptions::new(Trigger::Console, operator, host)
        };
        let databases = databases.with_consent(request.consent.clone());
        engine::process(&databases, &options, clock, cancel, events).map_err(|error| {
            let said = error.to_string();
            match error {
                ProcessError::Store(StoreError::Refused(refusal)) if refusal.is_question() => {
                    RunFault { said, asks: Some(Box::new((*refusal, request.clone()))) }
                }
                _ => RunFault { said, asks: None },
            }
        })
    }
}
