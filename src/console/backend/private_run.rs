//! Runs a private batch job in its creator's console. It is claimed and ended as by a batch server.

use crate::batch::{BatchJob, ClaimHolder, SkipReason};
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::Run;
use crate::engine::{BatchRun, BatchRunOutcome, Databases, EventSink, run_batch_job};
use crate::store::head_office::Claimed;
use crate::store::{Access, HeadOffice, StoreError};
use std::time::Duration;

/// A private job to run.
#[derive(Clone, Copy)]
pub struct PrivateRun<'a> {
    /// The two databases.
    pub databases: &'a Databases,
    /// The operator, who created the job.
    pub operator: &'a str,
    /// The name of this machine.
    pub host: &'a str,
    /// The private job that is run.
    pub job_id: i64,
    /// The clock that cutoffs go by.
    pub clock: &'a dyn Clock,
    /// Cancels the run.
    pub cancel: &'a Cancel,
}

/// Claims the job, runs it and writes its end. An error says why there was no run; the job then
/// stays due.
pub fn run(private: &PrivateRun, events: &dyn EventSink) -> Result<Run, String> {
    run_with(private, events, &std::thread::sleep)
}

fn run_with(private: &PrivateRun, events: &dyn EventSink, pause: &(dyn Fn(Duration) + Sync)) -> Result<Run, String> {
    let PrivateRun { databases, operator, host, job_id, clock, cancel } = *private;
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening).map_err(to_sentence)?;
    let job = claim(&office, operator, job_id)?;
    drop(office);
    let Some(claim) = &job.claim else { return Err(format!("batch job {job_id} was not claimed")) };
    let end = run_batch_job(&BatchRun { databases, job: &job, claim, host, clock, cancel, pause }, events);
    match (end.unwritten, end.outcome) {
        (Some(error), outcome) => Err(format!("{}; but its end could not be written: {error}", outcome.reason())),
        (None, BatchRunOutcome::Ended { run: Some(run), .. }) => Ok(*run),
        (None, BatchRunOutcome::Ended { reason, .. } | BatchRunOutcome::NotStarted { reason }) => Err(reason),
    }
}

fn claim(office: &HeadOffice, operator: &str, job_id: i64) -> Result<BatchJob, String> {
    let job = office.job(job_id).map_err(to_sentence)?.ok_or_else(|| format!("batch job {job_id} no longer exists"))?;
    if !job.settings.private || job.created_by != operator {
        return Err(format!("batch job {job_id} is not one of your private jobs"));
    }
    let job = reclaim(office, job)?;
    let holder = ClaimHolder::console(operator, &uuid::Uuid::new_v4());
    let now = office.now().map_err(to_sentence)?;
    let claimed = office.claim_job(&job, &holder, SkipReason::Blocked, now).map_err(to_sentence)?;
    match claimed {
        Claimed::Mine(job) => Ok(*job),
        Claimed::Skipped => {
            Err(format!("batch job {job_id} was late and skips missed starts; it runs at its next start"))
        }
        Claimed::Gone => Err(format!("batch job {job_id} is not due, or has changed since; nothing was run")),
    }
}

/// Reclaims the job from a console that crashed. If that console is only slow, the fencing token
/// keeps it from beginning or continuing a run.
fn reclaim(office: &HeadOffice, job: BatchJob) -> Result<BatchJob, String> {
    let Some(claim) = job.claim.as_ref().filter(|_| job.status.is_executing()) else { return Ok(job) };
    let now = office.now().map_err(to_sentence)?;
    let is_by_console = matches!(claim.holder, ClaimHolder::Console { .. });
    if !is_by_console || office.scheduling_state(now).map_err(to_sentence)?.is_active(claim) {
        return Err(format!("batch job {} is already running on {}", job.job_id, claim.holder.name()));
    }
    let reason = "the console that ran it is gone; the run continues where it stopped";
    office.end_abandoned_claim(job.job_id, claim, reason, true, now).map_err(to_sentence)?;
    let job_id = job.job_id;
    office.job(job_id).map_err(to_sentence)?.ok_or_else(|| format!("batch job {job_id} no longer exists"))
}

#[allow(clippy::needless_pass_by_value)] // as map_err hands it over
fn to_sentence(error: StoreError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{BatchStatus, HistoryOutcome, JobSettings};
    use crate::clock::SystemClock;
    use crate::domain::{Outcome, Timestamp};
    use crate::engine::RunEvent;

    /// Head office with one private batch job.
    struct Exchange {
        _folder: tempfile::TempDir,
        databases: Databases,
        job_id: i64,
    }

    impl Exchange {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let databases = Databases::in_folder(folder.path());
            let office = HeadOffice::open(&databases.head_office, Access::Create).expect("head office");
            let settings = JobSettings { private: true, ..JobSettings::new(Timestamp(0)) };
            let job_id = office.submit_job(&settings, "r.vermeer").expect("submitted");
            Self { _folder: folder, databases, job_id }
        }

        fn office(&self) -> HeadOffice {
            HeadOffice::open(&self.databases.head_office, Access::Existing).expect("head office")
        }

        fn execute(&self, sql: &str) {
            let file = self.databases.head_office.file().expect("a file");
            rusqlite::Connection::open(file).expect("it opens").execute_batch(sql).expect("it is executed");
        }

        fn run(&self, pause: &(dyn Fn(Duration) + Sync)) -> Result<Run, String> {
            let private = PrivateRun {
                databases: &self.databases,
                operator: "r.vermeer",
                host: "here",
                job_id: self.job_id,
                clock: &SystemClock,
                cancel: &Cancel::new(),
            };
            run_with(&private, &|_: RunEvent| {}, pause)
        }
    }

    #[test]
    fn a_private_job_whose_console_crashed_before_its_run_began_can_be_run_again() {
        let exchange = Exchange::new();
        let office = exchange.office();
        let job = office.job(exchange.job_id).expect("it reads").expect("it is there");
        let since = SystemClock.now();
        let claimed = office.claim_job(&job, &ClaimHolder::console("r.vermeer", &1), SkipReason::Blocked, since);
        assert!(matches!(claimed, Ok(Claimed::Mine(_))), "{claimed:?}");
        let run = || exchange.run(&|_| {});
        assert!(run().expect_err("its run is about to begin").contains("is already running"));
        exchange.execute("update batch_job set claim_since = claim_since - 3600000");
        assert_eq!(run().expect("it runs").outcome, Some(Outcome::Ended));
    }

    #[test]
    fn the_end_of_a_private_run_is_written_as_soon_as_head_office_takes_it() {
        let exchange = Exchange::new();
        exchange.execute(
            "create trigger no_end before update of ended_at on batch_job_history when new.ended_at is not null
             begin select raise(abort, 'no end is written'); end",
        );
        let pauses = std::sync::atomic::AtomicU32::new(0);
        let run = exchange.run(&|_| {
            if pauses.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2 {
                exchange.execute("drop trigger no_end");
            }
        });
        assert_eq!(run.expect("its end is written").outcome, Some(Outcome::Ended));
        assert_eq!(pauses.into_inner(), 3);
        let job = exchange.office().job(exchange.job_id).expect("it reads").expect("it is there");
        assert_eq!(job.status, BatchStatus::Ended);
        let last = job.last.expect("it ran");
        assert_eq!(last.outcome, HistoryOutcome::Ended);
    }
}
