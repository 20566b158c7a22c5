//! A month of a busy schedule by a clock that the test turns: every due start has exactly one run or one reasoned row.

use super::due::claim_due;
use crate::batch::{BatchJob, BatchStatus, HistoryOutcome, JobSettings, Missed};
use crate::domain::{Seek, Timestamp};
use crate::recurrence::Rule;
use crate::store::head_office::{EndOfRun, HistoryFilter, HistoryRow, JobFilter, ServerStart};
use crate::store::{Access, HeadOffice, Location};
use std::collections::BTreeSet;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// 2026-03-01T00:00:00Z: a month with a change of clocks in it.
const FROM: Timestamp = Timestamp(1_772_323_200_000);

struct Simulation {
    office: HeadOffice,
    now: Timestamp,
    random: fastrand::Rng,
    incarnation: String,
    executing: Vec<(BatchJob, Timestamp)>,
    _folder: tempfile::TempDir,
}

impl Simulation {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let mut simulation = Self {
            office,
            now: FROM,
            random: fastrand::Rng::with_seed(7),
            incarnation: String::new(),
            executing: Vec::new(),
            _folder: folder,
        };
        simulation.start_server();
        simulation
    }

    fn start_server(&mut self) {
        self.incarnation = format!("{}", self.random.u64(..));
        let start = ServerStart {
            name: "aos-1".to_owned(),
            incarnation: self.incarnation.clone(),
            host: "here".to_owned(),
            zone: "UTC".to_owned(),
        };
        self.office.register_server(&start).expect("registered");
    }

    fn submit(&self, pattern: &str, missed: Missed, max_retries: i64) -> i64 {
        let zone = "Europe/Amsterdam";
        let rule = format!(
            r#"{{"start":"2026-03-01T00:00","time_zone":"{zone}","pattern":{pattern},"end":{{"never":true}}}}"#
        );
        let settings = JobSettings {
            description: pattern.to_owned(),
            recurrence: Some(Rule::parse_json(&rule).expect("a rule")),
            missed,
            max_retries,
            ..JobSettings::new(FROM)
        };
        self.office.submit_job(&settings, "tester").expect("submitted")
    }

    /// Ends what is at its end, and starts what is due.
    fn step(&mut self) {
        let ended: Vec<_> = self.executing.extract_if(.., |(_, until)| *until <= self.now).collect();
        for (job, until) in ended {
            let outcome = if self.random.u8(..) < 20 { HistoryOutcome::Error } else { HistoryOutcome::Ended };
            self.end(&job, outcome, until);
        }
        let looked = claim_due(&self.office, "aos-1", &self.incarnation, self.now, false).expect("it looks");
        for started in looked.started {
            let minutes = if self.random.u8(..) < 10 { self.random.i64(10..90) } else { self.random.i64(0..3) };
            let until = Timestamp(self.now.0 + minutes * MINUTE + 1);
            self.executing.push((*started.job, until));
        }
    }

    fn end(&self, job: &BatchJob, outcome: HistoryOutcome, at: Timestamp) {
        let claim = job.claim.as_ref().expect("it is claimed");
        let end = EndOfRun { outcome, reason: "as the dice fell", to_be_continued: false };
        self.office.end_job(job.job_id, claim, &end, at).expect("it ends").expect("it is still the claim");
    }

    /// The server dies; after a while another life of it begins and takes up what it left.
    fn die_for(&mut self, minutes: i64) {
        self.now.0 += minutes * MINUTE;
        self.start_server();
        for (job, _) in std::mem::take(&mut self.executing) {
            self.end(&job, HistoryOutcome::Interrupted, self.now);
        }
    }

    /// The next instant at which anything happens.
    fn next(&self) -> Timestamp {
        let due = self.office.next_due(self.now).expect("it reads");
        let ends = self.executing.iter().map(|(_, until)| *until).min();
        // What waits for the lease of another looks again with that one's end.
        [due, ends].into_iter().flatten().min().unwrap_or(Timestamp(self.now.0 + MINUTE)).max(Timestamp(self.now.0 + 1))
    }

    fn history(&self, job_id: i64) -> Vec<HistoryRow> {
        let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
        self.office.history_at(&filter, Seek::First, 1_000_000).expect("it reads")
    }
}

/// What must hold of one job's history, whatever happened.
fn check(simulation: &Simulation, job: &BatchJob) {
    let rule = job.settings.recurrence.as_ref().expect("it recurs");
    let rows = simulation.history(job.job_id);
    let runs: Vec<_> = rows.iter().filter(|row| row.outcome.is_run()).collect();
    let made: BTreeSet<_> = runs.iter().map(|row| row.scheduled_at).collect();
    for scheduled in &made {
        assert_eq!(rule.first_from(*scheduled), Some(*scheduled), "{}: no such start", job.settings.description);
        let of_it: Vec<_> = runs.iter().filter(|row| row.scheduled_at == *scheduled).collect();
        let finals = of_it.iter().filter(|row| row.outcome != HistoryOutcome::Interrupted).count();
        assert!(finals <= 1, "{}: {of_it:#?}", job.settings.description);
    }
    let passed: i64 = rows.iter().filter(|row| !row.outcome.is_run()).map(|row| row.starts).sum();
    assert!(
        rows.iter().filter(|row| !row.outcome.is_run()).all(|row| row.reason.is_some()),
        "every row has its reason"
    );
    let before = Timestamp(FROM.0 - 1);
    // What is due and not yet taken is no row yet: everything before the next start is.
    let until = job.next_start.map_or(simulation.now, |next| Timestamp(next.0 - 1));
    let due = i64::try_from(rule.count_between(before, until)).expect("not so many");
    let executing = i64::from(job.status.is_alive() || job.retry_at.is_some());
    let counted = i64::try_from(made.len()).expect("not so many") + passed;
    assert_eq!(counted - executing, due, "{}: {} made, {passed} passed", job.settings.description, made.len());
    // Retries of one start share its row, so within a job rows lie one after the other.
    let mut spans: Vec<_> = runs.iter().map(|row| (row.started_at.expect("it started"), row.ended_at)).collect();
    spans.sort();
    for pair in spans.windows(2) {
        assert!(pair[0].1.is_some_and(|ended| ended <= pair[1].0), "{}: {pair:?} overlap", job.settings.description);
    }
}

#[test]
fn in_a_month_of_a_busy_schedule_every_due_start_has_one_run_or_one_reasoned_row() {
    let mut simulation = Simulation::new();
    simulation.submit(r#"{"unit":"minutes","every":30}"#, Missed::RunOnce, 2);
    simulation.submit(
        r#"{"unit":"minutes","every":20,"on":["monday","tuesday","friday"],"from":"18:00","to":"02:00"}"#,
        Missed::Skip,
        0,
    );
    simulation.submit(r#"{"unit":"hours","every":3}"#, Missed::RunOnce, 0);
    simulation.submit(r#"{"unit":"days","every":1}"#, Missed::Skip, 1);
    simulation.submit(r#"{"unit":"weeks","every":1,"on":["sunday"]}"#, Missed::RunOnce, 3);
    let end = Timestamp(FROM.0 + 31 * DAY);
    let mut downs = 0;
    while simulation.now < end {
        simulation.step();
        simulation.office.heartbeat("aos-1", &simulation.incarnation).expect("it lives");
        if simulation.random.u16(..) < 500 {
            let minutes = simulation.random.i64(1..600);
            simulation.die_for(minutes);
            downs += 1;
        } else {
            simulation.now = simulation.next();
        }
    }
    assert!(downs > 3, "the server went down {downs} times");
    let jobs = simulation.office.jobs(&JobFilter::default(), 100).expect("they are listed");
    assert_eq!(jobs.len(), 5);
    for job in &jobs {
        check(&simulation, job);
    }
}

#[test]
fn ten_years_of_downtime_are_one_late_run_and_one_row() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":1}"#, Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + 3_650 * DAY);
    simulation.step();
    let rows = simulation.history(job_id);
    let seen: Vec<_> = rows.iter().map(|row| (row.outcome, row.scheduled_at, row.starts)).collect();
    let (executing, missed) = (HistoryOutcome::Executing, HistoryOutcome::Missed);
    assert_eq!(seen, [(executing, simulation.now, 1), (missed, FROM, 3_650 * 24 * 60)]);
    // Back again, the clock makes it wait and nothing runs twice.
    let job = simulation.office.job(job_id).expect("it reads").expect("it is there");
    simulation.executing.clear();
    simulation.end(&job, HistoryOutcome::Ended, FROM);
    simulation.now = Timestamp(FROM.0 + 1);
    simulation.step();
    assert_eq!(simulation.history(job_id).len(), 2);
}

#[test]
fn a_clock_set_back_while_a_start_runs_does_not_make_that_start_again() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + 60 * MINUTE);
    simulation.step();
    let job = simulation.office.job(job_id).expect("it reads").expect("it is there");
    simulation.executing.clear();
    simulation.end(&job, HistoryOutcome::Ended, Timestamp(FROM.0 + 31 * MINUTE));
    simulation.now = Timestamp(FROM.0 + 31 * MINUTE);
    while simulation.now < Timestamp(FROM.0 + 180 * MINUTE) {
        simulation.step();
        simulation.now = simulation.next();
    }
    let runs = simulation.history(job_id);
    let mut starts: Vec<_> = runs.iter().filter(|row| row.outcome.is_run()).map(|row| row.scheduled_at).collect();
    let made = starts.len();
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), made, "{runs:#?}");
    let job = simulation.office.job(job_id).expect("it reads").expect("it is there");
    check(&simulation, &job);
}

#[test]
fn a_job_canceled_while_it_finds_the_lease_taken_is_canceled_and_does_not_wait_again() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, Missed::RunOnce, 2);
    simulation.step();
    let office = &simulation.office;
    let job = || office.job(job_id).expect("it reads").expect("it is there");
    let claim = job().claim.expect("it is claimed");
    office.change_job_status(job_id, BatchStatus::Canceling, "r.vermeer", None).expect("it may be");
    office.return_claim(job_id, &claim, "head office's lease is held by somebody").expect("it is returned");
    assert_eq!((job().status, job().claim), (BatchStatus::Canceled, None));
    assert_eq!(simulation.history(job_id)[0].outcome, HistoryOutcome::Canceled);
}

#[test]
fn private_jobs_that_are_due_stand_in_no_other_job_s_way() {
    let mut simulation = Simulation::new();
    let private = JobSettings { private: true, ..JobSettings::new(FROM) };
    for _ in 0..600 {
        simulation.office.submit_job(&private, "tester").expect("submitted");
    }
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + MINUTE);
    simulation.step();
    let started: Vec<_> = simulation.executing.iter().map(|(job, _)| job.job_id).collect();
    assert_eq!(started, [job_id]);
}
