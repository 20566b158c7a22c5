//! Simulates a month of a busy schedule by a clock that the test sets, with a clock change,
//! crashing servers, a window over midnight, withheld jobs and retries: every due start has exactly
//! one run or one row with a reason.

mod starts;

use crate::batch::{BatchJob, BatchServer, BatchStatus, HistoryOutcome, JobSettings, Missed, Window};
use crate::domain::{Seek, Timestamp};
use crate::recurrence::Rule;
use crate::server::due::claim_due;
use crate::store::head_office::{EndOfRun, HistoryFilter, HistoryRow, JobFilter, ServerStart};
use crate::store::{Access, HeadOffice, Location};
use std::collections::BTreeSet;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The reason of a run that an orderly stop handed over.
const HANDED_OVER: &str = "its server was stopped";
/// 2026-03-01T00:00:00Z: a month with a clock change.
const FROM: Timestamp = Timestamp(1_772_323_200_000);

struct Simulation {
    office: HeadOffice,
    now: Timestamp,
    random: fastrand::Rng,
    /// The present incarnation of each server.
    incarnations: [String; 2],
    executing: Vec<(BatchJob, Timestamp)>,
    _folder: tempfile::TempDir,
}

const NAMES: [&str; 2] = ["aos-1", "aos-2"];
const ZONE: &str = "Europe/Amsterdam";

impl Simulation {
    /// One server that is always open, and one for the nights, whose window spans midnight and the
    /// clock change.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let mut simulation = Self {
            office,
            now: FROM,
            random: fastrand::Rng::with_seed(7),
            incarnations: [String::new(), String::new()],
            executing: Vec::new(),
            _folder: folder,
        };
        (0..2).for_each(|which| simulation.start_server(which));
        simulation.office.save_group("NIGHT", "At night", "tester").expect("a group");
        let servers = simulation.office.servers().expect("they are listed");
        let night = servers.into_iter().find(|server| server.name == NAMES[1]).expect("it is there");
        let windows = vec![Window { from: 22 * 60, to: 4 * 60, max_threads: 1 }];
        let night = BatchServer { groups: vec!["NIGHT".to_owned()], windows, ..night };
        simulation.office.change_server(&night, "tester").expect("changed");
        simulation
    }

    fn start_server(&mut self, which: usize) {
        self.incarnations[which] = format!("{}", self.random.u64(..));
        let start = ServerStart {
            name: NAMES[which].to_owned(),
            incarnation: self.incarnations[which].clone(),
            host: "here".to_owned(),
            zone: ZONE.to_owned(),
        };
        self.office.register_server_at(&start, self.now).expect("registered");
    }

    fn submit(&self, pattern: &str, group: &str, missed: Missed, max_retries: i64) -> i64 {
        let rule = format!(
            r#"{{"start":"2026-03-01T00:00","time_zone":"{ZONE}","pattern":{pattern},"end":{{"never":true}}}}"#
        );
        let settings = JobSettings {
            description: pattern.to_owned(),
            batch_group: group.to_owned(),
            recurrence: Some(Rule::parse_json(&rule).expect("a rule")),
            missed,
            max_retries,
            ..JobSettings::new(FROM)
        };
        self.office.submit_job(&settings, "tester").expect("submitted")
    }

    /// Ends the finished runs, and starts what is due on either server.
    fn step(&mut self) {
        let ended: Vec<_> = self.executing.extract_if(.., |(_, until)| *until <= self.now).collect();
        for (job, until) in ended {
            let outcome = if self.random.u8(..) < 20 { HistoryOutcome::Error } else { HistoryOutcome::Ended };
            self.end(&job, outcome, until);
        }
        let first = self.random.usize(0..2);
        for which in [first, 1 - first] {
            let (server, life) = (NAMES[which], &self.incarnations[which]);
            let check = claim_due(&self.office, server, life, self.now, None, false).expect("it looks");
            for started in check.started {
                let minutes = if self.random.u8(..) < 10 { self.random.i64(10..90) } else { self.random.i64(0..3) };
                let until = Timestamp(self.now.0 + minutes * MINUTE + 1);
                self.executing.push((*started.job, until));
            }
        }
    }

    fn end(&self, job: &BatchJob, outcome: HistoryOutcome, at: Timestamp) {
        let claim = job.claim.as_ref().expect("it is claimed");
        let end = EndOfRun { outcome, reason: "as the dice fell", to_be_continued: false };
        self.office.end_job(job.job_id, claim, &end, at).expect("it ends").expect("it is still the claim");
    }

    /// Both servers are stopped in order and restarted: their runs are handed over.
    fn hand_over(&mut self) -> usize {
        let runs = std::mem::take(&mut self.executing);
        for (job, _) in &runs {
            let claim = job.claim.as_ref().expect("it is claimed");
            let end = EndOfRun { outcome: HistoryOutcome::Interrupted, reason: HANDED_OVER, to_be_continued: true };
            self.office.end_job(job.job_id, claim, &end, self.now).expect("it ends").expect("it is still the claim");
        }
        runs.len()
    }

    /// Another runner takes the lease before the runs of jobs begin that were claimed just now, and
    /// holds it for a while.
    fn lose_lease(&mut self, minutes: i64) -> usize {
        let is_new = |job: &BatchJob, now| job.claim.as_ref().is_some_and(|claim| claim.since == now);
        let returned: Vec<_> = self.executing.extract_if(.., |(job, _)| is_new(job, self.now)).collect();
        for (job, _) in &returned {
            let claim = job.claim.as_ref().expect("it is claimed");
            let reason = "the lease is held by another runner";
            self.office.return_claim(job.job_id, claim, reason, self.now).expect("returned");
        }
        self.now.0 += minutes * MINUTE;
        returned.len()
    }

    /// Crashes a server; later it restarts and continues what it left.
    fn crash_for(&mut self, which: usize, minutes: i64) {
        self.now.0 += minutes * MINUTE;
        self.start_server(which);
        let of_it = |job: &BatchJob| job.claim.as_ref().is_some_and(|claim| claim.holder.is_of_server(NAMES[which]));
        let left: Vec<_> = self.executing.extract_if(.., |(job, _)| of_it(job)).collect();
        for (job, _) in left {
            self.end(&job, HistoryOutcome::Interrupted, self.now);
        }
    }

    /// An operator withholds a waiting job and releases it later, perhaps after missed starts.
    fn withhold(&mut self, job_id: i64, minutes: i64) -> bool {
        let change = |to, now| self.office.change_job_status_at(job_id, to, "tester".into(), Some("a patch"), now);
        if change(BatchStatus::Withhold, self.now).is_err() {
            return false;
        }
        self.now.0 += minutes * MINUTE;
        change(BatchStatus::Waiting, self.now).expect("it is released");
        true
    }

    /// The next instant at which anything happens.
    fn next(&self) -> Timestamp {
        let due = self.office.next_due(self.now).expect("it reads");
        let ends = self.executing.iter().map(|(_, until)| *until).min();
        // A job that waits for the lease of another is checked again when that one ends.
        [due, ends].into_iter().flatten().min().unwrap_or(Timestamp(self.now.0 + MINUTE)).max(Timestamp(self.now.0 + 1))
    }

    fn history(&self, job_id: i64) -> Vec<HistoryRow> {
        let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
        self.office.history_at(&filter, Seek::First, 1_000_000).expect("it reads")
    }
}

/// What must hold of one job's history in any case.
fn check(simulation: &Simulation, job: &BatchJob) {
    let name = &job.settings.description;
    let rule = job.settings.recurrence.as_ref().expect("it recurs");
    let rows = simulation.history(job.job_id);
    let (runs, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.outcome.is_run());
    let made: BTreeSet<_> = runs.iter().map(|row| row.scheduled_at).collect();
    let is_open = job.status.is_executing() || job.retry_at.is_some();
    for scheduled in &made {
        assert_eq!(rule.first_from(*scheduled), Some(*scheduled), "{name}: no such start");
        let of_it: Vec<_> = runs.iter().filter(|row| row.scheduled_at == *scheduled).collect();
        let finals = of_it.iter().filter(|row| row.outcome != HistoryOutcome::Interrupted).count();
        assert!(finals <= 1, "{name}: {of_it:#?}");
        // Without an end of its own it is running now, or its server crashed too often.
        let counted = of_it.iter().filter(|row| row.reason.as_deref() != Some(HANDED_OVER));
        let used_up = counted.map(|row| row.tries).sum::<i64>() > job.settings.max_retries;
        let goes_on = is_open && job.next_start == Some(*scheduled);
        assert!(finals == 1 || used_up || goes_on, "{name} lost {}: {of_it:#?}", scheduled.to_rfc3339());
    }
    for row in &others {
        assert!(row.reason.as_ref().is_some_and(|reason| reason.len() > 10), "{name}: {row:?}");
        assert!(!made.contains(&row.scheduled_at), "{name}: made and not made: {row:?}");
    }
    // A due start that is not yet taken has no row yet: every one before the next start has.
    let until = job.next_start.map_or(simulation.now, |next| Timestamp(next.0 - 1));
    let due = rule.count_between(Timestamp(FROM.0 - 1), until);
    let passed: i64 = others.iter().map(|row| row.starts).sum();
    let counted = i64::try_from(made.len()).expect("not so many") + passed - i64::from(is_open);
    assert_eq!(counted, i64::try_from(due).expect("not so many"), "{name}: {} made, {passed} passed", made.len());
    // Retries of one start share its row, so the rows of a job do not overlap.
    let mut spans: Vec<_> = runs.iter().map(|row| (row.started_at.expect("it started"), row.ended_at)).collect();
    spans.sort();
    for pair in spans.windows(2) {
        assert!(pair[0].1.is_some_and(|ended| ended <= pair[1].0), "{name}: {pair:?} overlap");
    }
}

/// The reasons of rows without a run, without their instants.
fn reasons(simulation: &Simulation) -> BTreeSet<String> {
    let rows = simulation.office.history_at(&HistoryFilter::default(), Seek::First, 1_000_000).expect("it reads");
    let words =
        |reason: String| reason.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim().to_owned();
    rows.into_iter().filter(|row| !row.outcome.is_run()).filter_map(|row| row.reason.map(words)).collect()
}

#[test]
fn in_a_month_of_a_busy_schedule_every_due_start_has_one_run_or_one_reasoned_row() {
    let mut simulation = Simulation::new();
    let day_only =
        r#"{"unit":"minutes","every":20,"on":["monday","tuesday","friday","sunday"],"from":"18:00","to":"02:00"}"#;
    simulation.submit(r#"{"unit":"minutes","every":30}"#, "", Missed::RunOnce, 2);
    simulation.submit(day_only, "", Missed::Skip, 0);
    simulation.submit(r#"{"unit":"hours","every":3}"#, "", Missed::RunOnce, 0);
    // In the hour that the clock change skips, and in one for the night server only.
    let nights = simulation.submit(r#"{"unit":"minutes","every":45}"#, "NIGHT", Missed::RunOnce, 1);
    simulation.submit(r#"{"unit":"days","every":1}"#, "NIGHT", Missed::Skip, 1);
    simulation.submit(r#"{"unit":"weeks","every":1,"on":["sunday"]}"#, "", Missed::RunOnce, 3);
    let end = Timestamp(FROM.0 + 31 * DAY);
    let (mut downs, mut withheld, mut returned, mut handed_over) = (0, 0, 0, 0);
    while simulation.now < end {
        simulation.step();
        (0..2).for_each(|which| {
            simulation.office.heartbeat(NAMES[which], &simulation.incarnations[which]).expect("a heartbeat");
        });
        match simulation.random.u16(..) {
            0..600 => {
                let (which, minutes) = (simulation.random.usize(0..2), simulation.random.i64(1..600));
                simulation.crash_for(which, minutes);
                downs += 1;
            }
            600..1_500 => {
                let (job_id, minutes) = (simulation.random.i64(1..=6), simulation.random.i64(1..300));
                withheld += u32::from(simulation.withhold(job_id, minutes));
            }
            1_500..6_000 => {
                let minutes = simulation.random.i64(1..30);
                returned += simulation.lose_lease(minutes);
            }
            6_000..9_000 => handed_over += simulation.hand_over(),
            _ => simulation.now = simulation.next(),
        }
    }
    assert!(
        downs > 10 && withheld > 10 && returned > 10 && handed_over > 10,
        "{downs} times down, {withheld} withheld, {returned} returned, {handed_over} handed over"
    );
    let jobs = simulation.office.jobs(&JobFilter::default(), 100).expect("they are listed");
    assert_eq!(jobs.len(), 6);
    for job in &jobs {
        check(&simulation, job);
    }
    // Each possible reason has occurred.
    let seen = reasons(&simulation);
    for wanted in
        ["the start of", "withheld from", "no batch server was running before", "outside the server's window (aos-"]
    {
        assert!(seen.iter().any(|reason| reason.starts_with(wanted)), "{wanted}: {seen:?}");
    }
    // The night server starts nothing by day, before and after the clock change; its runs may end
    // then.
    let zone: chrono_tz::Tz = ZONE.parse().expect("a zone");
    let hour = |at: Timestamp| {
        let at = chrono::DateTime::from_timestamp_millis(at.0).expect("an instant").with_timezone(&zone);
        chrono::Timelike::hour(&at)
    };
    let rows = simulation.history(nights);
    let began: Vec<_> = rows.iter().filter(|row| row.tries == 1).filter_map(|row| row.started_at).map(hour).collect();
    assert!(began.len() > 100 && began.iter().all(|hour| *hour >= 22 || *hour < 4), "{began:?}");
}
