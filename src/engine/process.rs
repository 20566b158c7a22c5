//! One run of Process status messages: lease, transfer, purge, and the end of the run in any case.

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Outcome, Run, Timestamp};
use crate::engine::context::{Context, ProcessOptions, Tally};
use crate::engine::databases::Databases;
use crate::engine::event::{EventSink, RunEvent};
use crate::engine::{agent_parameters, purge, retry, slow_start, transfer};
use crate::store::head_office::{LeaseRefusal, RunStart, RunStartOutcome};
use crate::store::{Access, HeadOffice, MessageDatabase, RunnerLock, StoreError};
use std::cell::{Cell, RefCell};
use std::time::Instant;

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Another runner holds the lease.
    #[error("{}", refusal(.0))]
    Held(LeaseRefusal),
    /// The batch job was taken from this claim, or canceled, before the run began.
    #[error("the batch job was reclaimed or canceled before the run started; nothing was run")]
    ClaimLost,
    /// A database could not be opened, or the run's row could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn refusal(refusal: &LeaseRefusal) -> String {
    match refusal {
        LeaseRefusal::Held(held) => format!(
            "another runner holds the lease: {}, run {}, since {}",
            held.holder,
            held.run_id.unwrap_or_default(),
            held.since.map(Timestamp::to_rfc3339).unwrap_or_default()
        ),
        LeaseRefusal::Starting => "another runner is just starting or ending; try again".to_owned(),
    }
}

/// Runs once, now. A run that fails or is canceled still is a run, with its outcome; an error means
/// there was none.
///
/// If the process is killed, committed chunks are kept and the next run continues from there.
pub fn process(
    databases: &Databases,
    options: &ProcessOptions,
    clock: &dyn Clock,
    cancel: &Cancel,
    events: &dyn EventSink,
) -> Result<Run, ProcessError> {
    let begin = || begin(databases, options);
    let (office, message_database, lock, outcome) = slow_start::reported(databases, events, begin)?;
    let (claim, interrupted) = match outcome {
        RunStartOutcome::Granted { claim, interrupted_runs } => (claim, interrupted_runs),
        RunStartOutcome::Refused(refusal) => return Err(ProcessError::Held(refusal)),
        RunStartOutcome::ClaimLost => return Err(ProcessError::ClaimLost),
    };
    events.send(RunEvent::Started { run_id: claim.run_id, interrupted });
    let context = Context {
        databases,
        options,
        office: &office,
        message_database: &message_database,
        claim,
        clock,
        cancel,
        events,
        noted: Cell::new(Some(Instant::now())),
        lock: RefCell::new(lock),
    };
    let mut tally = Tally::default();
    let result = steps(&context, &mut tally);
    let (outcome, error) = match result {
        Ok(Outcome::Canceled) if cancel.is_hand_over() => (Outcome::Interrupted, None),
        Ok(outcome) => (outcome, None),
        Err(taken @ (StoreError::Fenced { .. } | StoreError::ClaimLost)) => {
            (Outcome::Interrupted, Some(taken.to_string()))
        }
        Err(error @ StoreError::Full { .. }) => {
            (Outcome::Error, Some(format!("{error}, then run again: it continues where it stopped")))
        }
        Err(error) => (Outcome::Error, Some(error.to_string())),
    };
    let run = end(&context, outcome, error, tally);
    // Keeps the log short between runs. If it fails, the next run does it.
    let _ = office.checkpoint();
    Ok(run)
}

/// Opens both databases and takes the lease.
fn begin(
    databases: &Databases,
    options: &ProcessOptions,
) -> Result<(HeadOffice, MessageDatabase, Option<RunnerLock>, RunStartOutcome), StoreError> {
    // A batch job is stored at head office, which therefore exists: a missing one is not created.
    let access = if options.for_job.is_some() { Access::Existing } else { Access::Create };
    let office = databases.open_head_office(access)?;
    let message_database = databases.open_message_database(&office)?;
    let start = RunStart {
        trigger: options.trigger,
        requested_by: options.requested_by.clone(),
        host: options.host.clone(),
        lock: office.try_runner_lock()?,
        for_job: options.for_job.clone(),
        stated: options.stated(),
        is_journaled: options.is_journaled(),
    };
    let outcome = office.begin_run(&start)?;
    Ok((office, message_database, start.lock, outcome))
}

/// Sends parameters, transfers, then purges; no purge if the transfer failed or was canceled.
fn steps(context: &Context, tally: &mut Tally) -> Result<Outcome, StoreError> {
    agent_parameters::refresh(context, tally);
    let mut may_purge = true;
    if context.options.transfer {
        let transferred = transfer::transfer(context, tally)?;
        may_purge = !transferred.head_office_was_restored;
        if transferred.canceled {
            return Ok(Outcome::Canceled);
        }
    }
    if context.options.purge && may_purge {
        return purge::purge(context, tally);
    }
    Ok(Outcome::Ended)
}

/// Writes the end of the run. If that fails too, the caller still gets the result, and the next run
/// marks the row Interrupted.
fn end(context: &Context, outcome: Outcome, error: Option<String>, mut tally: Tally) -> Run {
    let purge_finished = tally.purge_finished;
    let claim = &context.claim;
    let run = ended_run(context, outcome, error, std::mem::take(&mut tally));
    match retry::with_reconnect(context, &mut tally, |_| context.office.end_run(claim, outcome, &run, purge_finished)) {
        Ok(ended) if outcome != Outcome::Interrupted => ended,
        Ok(ended) => Run { started_at: ended.started_at, ended_at: ended.ended_at, ..run },
        Err(failed) => {
            let text = format!("the end of run {} could not be written: {failed}", run.run_id);
            let error = Some(run.error.clone().map_or(text.clone(), |first| format!("{first}; {text}")));
            Run { error, outcome: Some(Outcome::Error), started_at: context.clock.now(), ..run }
        }
    }
}

fn ended_run(context: &Context, outcome: Outcome, error: Option<String>, tally: Tally) -> Run {
    Run {
        run_id: context.claim.run_id,
        trigger: context.options.trigger,
        job_id: context.options.for_job.as_ref().map(|job| job.job_id),
        outcome: Some(outcome),
        counts: tally.counts,
        purged: tally.purged,
        kept_unresolved: tally.kept_unresolved,
        started_at: Timestamp::default(),
        ended_at: None,
        notices: tally.notices,
        error,
        purge_held: tally.purge_held,
        preview: tally.preview,
    }
}
