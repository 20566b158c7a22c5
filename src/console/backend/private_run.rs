//! A private batch job, run in a console of its creator: claimed as a batch server does it, and its end written the same way.

use crate::batch::{BatchJob, Claim, HistoryOutcome, SkipReason};
use crate::clock::Clock;
use crate::domain::{Outcome, Run};
use crate::engine::{Databases, ProcessError, RunEvent};
use crate::store::head_office::{Claimed, EndOfRun, Severity};
use crate::store::{Access, HeadOffice, Opening, StoreError};

/// Claims the job, lets `work` run it under that claim, and writes down what it came to. `work` gets where to tell what happens. The
/// sentence of an error says why there was no run; a job that could not begin stays due.
pub fn run(
    databases: &Databases,
    operator: &str,
    job_id: i64,
    clock: &dyn Clock,
    work: impl FnOnce(&Claim, &(dyn Fn(&RunEvent) + Sync)) -> Result<Run, ProcessError>,
) -> Result<Run, String> {
    let open = || {
        let opening =
            Opening { access: Access::Existing, allow_network_file_system: databases.allow_network_file_system };
        HeadOffice::open(&databases.head_office, opening)
    };
    let job = claim(&open().map_err(told)?, operator, job_id, clock)?;
    let Some(claim) = &job.claim else { return Err(format!("batch job {job_id} was not claimed")) };
    let tell = |event: &RunEvent| {
        let RunEvent::Begun { run_id, .. } = event else { return };
        // The log is for people; a run goes on without it.
        let text = format!("Run {run_id} took head office's lease");
        let _ = open().and_then(|office| office.log(claim.history_id, Severity::Information, &text));
    };
    let result = match work(claim, &tell) {
        Err(error @ (ProcessError::Held(_) | ProcessError::NotTheirs)) => {
            let sentence = error.to_string();
            open().and_then(|office| office.return_claim(job_id, claim, &sentence)).map_err(told)?;
            return Err(sentence);
        }
        result => result.map_err(|error| error.to_string()),
    };
    let (outcome, reason) = match &result {
        Ok(run) => {
            let outcome = HistoryOutcome::of(run.outcome.unwrap_or(Outcome::Error), run.purge_held);
            (outcome, run.error.clone().unwrap_or_else(|| run.account()))
        }
        Err(sentence) => (HistoryOutcome::Error, sentence.clone()),
    };
    let to_be_continued = outcome == HistoryOutcome::Interrupted;
    let end = EndOfRun { outcome, reason: &reason, to_be_continued };
    let ended = open().and_then(|office| office.end_job(job_id, claim, &end, office.now()?));
    match ended {
        Ok(_) => result,
        Err(error) => Err(format!("{reason}; but its end could not be written: {error}")),
    }
}

fn claim(office: &HeadOffice, operator: &str, job_id: i64, clock: &dyn Clock) -> Result<BatchJob, String> {
    let job = office.job(job_id).map_err(told)?.ok_or_else(|| format!("there is no batch job {job_id} any more"))?;
    if !job.settings.private || job.created_by != operator {
        return Err(format!("batch job {job_id} is not a private one of yours"));
    }
    let job = free(office, job)?;
    let server = format!("console of {operator}");
    let incarnation = format!("console {}", uuid::Uuid::new_v4());
    let claimed = office.claim_job(&job, &server, &incarnation, SkipReason::InTheWay, clock.now()).map_err(told)?;
    match claimed {
        Claimed::Mine(job) => Ok(*job),
        Claimed::PassedOver => Err(format!("the start of batch job {job_id} was late and is skipped, as it is set")),
        Claimed::Gone => Err(format!("batch job {job_id} is not due, or changed meanwhile")),
    }
}

/// Takes a job back from a console that died while it ran it, or before its run began. Should that one only be slow, it finds its claim
/// gone and begins no run.
fn free(office: &HeadOffice, job: BatchJob) -> Result<BatchJob, String> {
    let Some(claim) = job.claim.as_ref().filter(|_| job.status.is_alive()) else { return Ok(job) };
    let now = office.now().map_err(told)?;
    if office.world(now).map_err(told)?.lives(claim) || !claim.incarnation.starts_with("console") {
        return Err(format!("batch job {} runs already, on {}", job.job_id, claim.server));
    }
    let reason = "the console that ran it is gone; the run is taken up again where it was";
    office.end_orphan(job.job_id, claim, reason, true, now).map_err(told)?;
    let job_id = job.job_id;
    office.job(job_id).map_err(told)?.ok_or_else(|| format!("there is no batch job {job_id} any more"))
}

#[allow(clippy::needless_pass_by_value)] // as map_err hands it over
fn told(error: StoreError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::JobSettings;
    use crate::clock::SystemClock;
    use crate::domain::Timestamp;

    #[test]
    fn a_private_job_of_a_console_that_died_before_its_run_began_can_be_run_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let databases = Databases::in_folder(folder.path());
        let office = HeadOffice::open(&databases.head_office, Access::Create).expect("head office");
        let settings = JobSettings { private: true, ..JobSettings::new(Timestamp(0)) };
        let job_id = office.submit_job(&settings, "r.vermeer").expect("submitted");
        let run = || run(&databases, "r.vermeer", job_id, &SystemClock, |_, _| Err(ProcessError::NotTheirs));
        let claim = |since: Timestamp| {
            let job = office.job(job_id).expect("it reads").expect("it is there");
            let claimed = office.claim_job(&job, "console of r.vermeer", "console 1", SkipReason::InTheWay, since);
            assert!(matches!(claimed, Ok(Claimed::Mine(_))), "{claimed:?}");
        };
        claim(SystemClock.now());
        assert!(run().expect_err("it is about to begin").contains("runs already"));
        let sql = "update batch_job set claim_since = claim_since - 3600000";
        let file = databases.head_office.file().expect("a file");
        rusqlite::Connection::open(file).expect("it opens").execute(sql, []).expect("an hour passes");
        assert_eq!(run().expect_err("it was let run"), ProcessError::NotTheirs.to_string());
    }
}
