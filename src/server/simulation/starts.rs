//! Single starts in unusual situations: after years of downtime, with a clock set back, under a
//! suspended server, canceled while running.

use crate::server::simulation::*;

#[test]
fn ten_years_of_downtime_are_one_late_run_and_one_row() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":1}"#, "", Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + 3_650 * DAY);
    (0..2).for_each(|which| simulation.start_server(which));
    simulation.step();
    let rows = simulation.history(job_id);
    let seen: Vec<_> = rows.iter().map(|row| (row.outcome, row.scheduled_at, row.starts)).collect();
    let (executing, missed) = (HistoryOutcome::Executing, HistoryOutcome::NoServer);
    assert_eq!(seen, [(executing, simulation.now, 1), (missed, FROM, 3_650 * 24 * 60)]);
    // Set back, the clock makes it wait, and nothing runs twice.
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
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, "", Missed::RunOnce, 0);
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
fn a_server_that_was_suspended_says_so_of_the_starts_that_it_did_not_make() {
    let simulation = Simulation::new();
    let began = simulation.office.now().expect("now");
    let rule = Rule::from_words("every 1 min", began, chrono_tz::Tz::UTC).expect("a rule");
    let settings = JobSettings { recurrence: Some(rule), ..JobSettings::new(began) };
    let job_id = simulation.office.submit_job(&settings, "tester").expect("submitted");
    let woke = Timestamp(began.0 + 10 * MINUTE);
    let check = claim_due(&simulation.office, NAMES[0], &simulation.incarnations[0], woke, Some(began), false);
    assert_eq!(check.expect("it looks").started.len(), 1);
    let rows = simulation.history(job_id);
    let missed = rows.iter().find(|row| row.outcome == HistoryOutcome::NoServer).expect("a row");
    let reason = missed.reason.as_deref().unwrap_or_default();
    assert!(reason.starts_with("the batch server was suspended or could not reach head office from"), "{reason}");
    assert_eq!(missed.starts, 9);
}

#[test]
fn a_job_canceled_while_it_finds_the_lease_taken_is_canceled_and_does_not_wait_again() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, "", Missed::RunOnce, 2);
    simulation.step();
    let office = &simulation.office;
    let job = || office.job(job_id).expect("it reads").expect("it is there");
    let claim = job().claim.expect("it is claimed");
    office.change_job_status(job_id, BatchStatus::Canceling, "r.vermeer", None).expect("it may be");
    office
        .return_claim(job_id, &claim, "head office's lease is held by another run", simulation.now)
        .expect("it is returned");
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
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, "", Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + MINUTE);
    simulation.step();
    let started: Vec<_> = simulation.executing.iter().map(|(job, _)| job.job_id).collect();
    assert_eq!(started, [job_id]);
}

/// The reasons of starts without a run, in order of time, without instants and without repetitions.
fn reasons_of(simulation: &Simulation, job_id: i64) -> Vec<(String, i64)> {
    let mut rows = simulation.history(job_id);
    rows.retain(|row| matches!(row.outcome, HistoryOutcome::NoServer | HistoryOutcome::Blocked));
    rows.sort_by_key(|row| row.scheduled_at);
    let words = |reason: &str| reason.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim().to_owned();
    rows.iter().map(|row| (row.reason.as_deref().map(words).unwrap_or_default(), row.starts)).collect()
}

#[test]
fn without_a_server_no_job_s_starts_are_booked_as_waiting_for_the_first_one() {
    let mut simulation = Simulation::new();
    let jobs = [0; 3].map(|_| simulation.submit(r#"{"unit":"minutes","every":15}"#, "", Missed::RunOnce, 0));
    // Both servers were down for an hour.
    simulation.now = Timestamp(FROM.0 + 60 * MINUTE);
    (0..2).for_each(|which| simulation.start_server(which));
    for _ in jobs {
        let check = claim_due(&simulation.office, NAMES[0], &simulation.incarnations[0], simulation.now, None, false);
        let mut check = check.expect("it looks");
        let started = check.started.pop().expect("one at a time");
        simulation.now = Timestamp(simulation.now.0 + MINUTE);
        simulation.end(&started.job, HistoryOutcome::Ended, simulation.now);
    }
    for job_id in jobs {
        assert_eq!(reasons_of(&simulation, job_id), [("no batch server was running before".to_owned(), 4)], "{job_id}");
    }
    let waited = simulation.history(jobs[2]);
    let log = simulation.office.batch_log(waited[0].history_id, 10).expect("it reads");
    assert!(log.iter().any(|line| line.text.contains("It was due and waited: head office's lease")), "{log:?}");
}

#[test]
fn starts_outside_the_window_are_booked_as_that_and_withheld_ones_as_withheld() {
    let mut simulation = Simulation::new();
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, "NIGHT", Missed::RunOnce, 0);
    simulation.step();
    let job = simulation.executing.pop().expect("the window is open").0;
    // 06:00 there, when the window has been closed for two hours; it opens again at 22:00, which is
    // 21:00 UTC.
    let hour = |hours: i64| Timestamp(FROM.0 + hours * 60 * MINUTE);
    simulation.end(&job, HistoryOutcome::Ended, hour(5));
    simulation.now = hour(6);
    simulation.step();
    simulation.now = hour(9);
    assert!(simulation.withhold(job_id, 60));
    simulation.step();
    simulation.now = hour(21);
    simulation.step();
    let outside = || "outside the server's window (aos-".to_owned();
    let expected = [(outside(), 15), ("withheld from".to_owned(), 4), (outside(), 44)];
    assert_eq!(reasons_of(&simulation, job_id), expected);
}

#[test]
fn a_late_start_says_why_in_its_log() {
    let mut simulation = Simulation::new();
    let once = JobSettings::new(FROM);
    let job_id = simulation.office.submit_job(&once, "tester").expect("submitted");
    simulation.now = Timestamp(FROM.0 + 34_000);
    (0..2).for_each(|which| simulation.start_server(which));
    simulation.step();
    let log = simulation.office.batch_log(simulation.history(job_id)[0].history_id, 10).expect("it reads");
    let says = |line: &str| line.starts_with("It starts 34 s late: no batch server was running before");
    assert!(log.iter().any(|line| says(&line.text)), "{log:?}");
}

#[test]
fn due_jobs_of_a_group_without_a_server_delay_no_other_job() {
    let mut simulation = Simulation::new();
    simulation.office.save_group("UNSERVED", "By no server", "tester").expect("a group");
    let unserved = JobSettings { batch_group: "UNSERVED".to_owned(), ..JobSettings::new(FROM) };
    for _ in 0..600 {
        simulation.office.submit_job(&unserved, "tester").expect("submitted");
    }
    let job_id = simulation.submit(r#"{"unit":"minutes","every":15}"#, "", Missed::RunOnce, 0);
    simulation.now = Timestamp(FROM.0 + MINUTE);
    let check = claim_due(&simulation.office, NAMES[0], &simulation.incarnations[0], simulation.now, None, false);
    let started: Vec<_> = check.expect("it looks").started.iter().map(|started| started.job.job_id).collect();
    assert_eq!(started, [job_id]);
}

#[test]
fn every_server_notes_the_same_reason_of_a_job_that_waits_and_notes_it_once() {
    let simulation = Simulation::new();
    let office = &simulation.office;
    for (server, from) in office.servers().expect("they are listed").into_iter().zip([120, 60]) {
        let windows = vec![Window { from, to: 180, max_threads: 1 }];
        let server = BatchServer { groups: vec![String::new()], windows, zone: "UTC".to_owned(), ..server };
        office.change_server(&server, "tester").expect("changed");
    }
    let job_id = office.submit_job(&JobSettings::new(FROM), "tester").expect("submitted");
    let job = || office.job(job_id).expect("it reads").expect("it is there");
    let mut noted = Vec::new();
    for (round, which) in [0, 1, 0, 1].into_iter().enumerate() {
        let now = Timestamp(FROM.0 + i64::try_from(round).expect("small") * 1_000);
        let check = claim_due(office, NAMES[which], &simulation.incarnations[which], now, None, false);
        assert!(check.expect("it looks").blocked);
        noted.push((job().waits_for, job().waits_since));
    }
    let first = (Some("the window of aos-2 is closed until 2026-03-01 01:00:00 UTC".to_owned()), Some(FROM));
    assert_eq!(noted, [0; 4].map(|_| first.clone()));
}
