//! Claims on batch jobs when servers crash, jobs are canceled or runs are late: no start is lost or
//! repeated, and every end is notified.

use crate::support::Exchange;
use crate::support::messages::applied_sessions;
use cdx_console::batch::{
    AlertSettings, BatchJob, BatchStatus, Claim, ClaimHolder, HistoryOutcome, JobClaim, JobSettings, Missed, SkipReason,
};
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::domain::{Outcome, Run, Step, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessError, ProcessOptions, RunEvent};
use cdx_console::recurrence::Rule;
use cdx_console::store::head_office::{
    About, Claimed, DeliveryChannel, DeliveryFault, EndOfRun, NewNotification, RunStart, RunStartOutcome, ServerStart,
};
use cdx_console::store::{Access, HeadOffice};

const MINUTE: i64 = 60_000;

fn office(exchange: &Exchange) -> HeadOffice {
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office");
    let start = |name: &str| ServerStart {
        name: name.to_owned(),
        incarnation: "a".to_owned(),
        host: "hq".to_owned(),
        zone: "UTC".to_owned(),
    };
    office.register_server(&start("aos-1")).expect("a server");
    office
}

/// Settings that notify of every event in the list.
fn all(operator: &str) -> AlertSettings {
    AlertSettings {
        operator: operator.to_owned(),
        on_ended: true,
        on_error: true,
        on_canceled: true,
        popup: true,
        ..AlertSettings::default()
    }
}

/// Submits a job that is due now, with alerts.
fn submit(office: &HeadOffice, change: impl FnOnce(&mut JobSettings)) -> i64 {
    let mut settings = JobSettings::new(office.now().expect("now"));
    change(&mut settings);
    let job_id = office.submit_job(&settings, "m.jansen").expect("submitted");
    office.set_alerts(job_id, &all("r.vermeer")).expect("set");
    job_id
}

fn hourly(settings: &mut JobSettings) {
    let start = Timestamp(settings.first_start.0 - 30 * 24 * 60 * MINUTE);
    settings.recurrence = Some(Rule::from_words("every 1 min", start, chrono_tz::Tz::UTC).expect("a rule"));
    settings.first_start = Timestamp(settings.first_start.0 - MINUTE);
}

fn claim(office: &HeadOffice, job_id: i64, server: &str) -> (BatchJob, Claim) {
    let job = office.job(job_id).expect("it reads").expect("it is there");
    let now = office.now().expect("now");
    match office.claim_job(&job, &ClaimHolder::batch_server(server, "a"), SkipReason::Blocked, now).expect("claimed") {
        Claimed::Mine(job) => {
            let claim = job.claim.clone().expect("a claim");
            (*job, claim)
        }
        other => panic!("{other:?}"),
    }
}

/// Options for the run of a claimed job.
fn under(job_id: i64, claim: &Claim) -> ProcessOptions {
    let for_job = Some(JobClaim { job_id, claim: claim.clone() });
    ProcessOptions { for_job, ..ProcessOptions::new(Trigger::BatchJob, "m.jansen", "hq") }
}

fn run_under(exchange: &Exchange, job_id: i64, claim: &Claim) -> Result<Run, ProcessError> {
    let options = ProcessOptions { purge: false, ..under(job_id, claim) };
    let sink = |_: RunEvent| {};
    engine::process(&exchange.databases(), &options, &SystemClock, &Cancel::new(), &sink)
}

fn notifications(exchange: &Exchange) -> Vec<String> {
    exchange.at_head_office("select operator, event from notification order by notification_id")
}

fn failed(reason: &str) -> EndOfRun<'_> {
    EndOfRun { outcome: HistoryOutcome::Error, reason, to_be_continued: false }
}

#[test]
fn a_canceled_job_stays_canceled_when_its_run_finds_the_lease_taken() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, hourly);
    let (_, claim) = claim(&office, job_id, "aos-1");
    office.change_job_status(job_id, BatchStatus::Canceling, "r.vermeer", Some("enough")).expect("canceling");
    office.return_claim(job_id, &claim, "the lease is held", office.now().expect("now")).expect("returned");
    let job = office.job(job_id).expect("it reads").expect("it is there");
    assert_eq!((job.status, job.next_start), (BatchStatus::Canceled, None));
    assert_eq!(notifications(&exchange), ["r.vermeer|canceled"]);
    let outcomes = exchange.at_head_office("select outcome from batch_job_history where starts = 1 and tries > 0");
    assert_eq!(outcomes, ["canceled"]);
}

#[test]
fn a_canceled_job_stays_canceled_when_its_server_crashes() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    for outcome in ["its server", "a fault"] {
        let job_id = submit(&office, hourly);
        let (_, claim) = claim(&office, job_id, "aos-1");
        office.change_job_status(job_id, BatchStatus::Canceling, "r.vermeer", None).expect("canceling");
        let now = office.now().expect("now");
        match outcome {
            "its server" => {
                office.end_abandoned_claim(job_id, &claim, "aos-1 is gone", false, now).expect("ended");
            }
            _ => drop(office.end_job(job_id, &claim, &failed("disk full"), now).expect("ended")),
        }
        let job = office.job(job_id).expect("it reads").expect("it is there");
        assert_eq!((job.status, job.due(), job.claim), (BatchStatus::Canceled, None, None), "{outcome}");
    }
    assert_eq!(notifications(&exchange), ["r.vermeer|canceled", "r.vermeer|error"]);
}

#[test]
fn an_interrupted_last_try_is_notified_as_an_error() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |settings| settings.max_retries = 1);
    let now = office.now().expect("now");
    let (_, first) = claim(&office, job_id, "aos-1");
    office.end_abandoned_claim(job_id, &first, "aos-1 is gone", false, now).expect("ended");
    assert_eq!(notifications(&exchange), [""; 0], "it will be retried");
    let (_, second) = claim(&office, job_id, "aos-1");
    office.end_abandoned_claim(job_id, &second, "aos-1 is gone", false, now).expect("ended");
    assert_eq!(office.job(job_id).expect("it reads").expect("it is there").status, BatchStatus::Error);
    assert_eq!(notifications(&exchange), ["r.vermeer|error"]);
}

#[test]
fn a_run_that_ended_before_its_server_crashed_is_not_repeated() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    let (_, claim) = claim(&office, job_id, "aos-1");
    run_under(&exchange, job_id, &claim).expect("it runs");
    // The server crashes here: the run's end is written, the job's is not.
    let job = office.job(job_id).expect("it reads").expect("it is there");
    let seen = job.claim.expect("a claim");
    assert!(seen.run_id.is_some(), "the claim contains the run's number as soon as the run begins");
    let ended =
        office.end_abandoned_claim(job_id, &seen, "aos-1 is gone", false, office.now().expect("now")).expect("ended");
    assert_eq!(ended, Some(HistoryOutcome::Ended));
    assert_eq!(office.job(job_id).expect("it reads").expect("it is there").status, BatchStatus::Ended);
    assert_eq!(exchange.at_head_office("select outcome, tries from batch_job_history"), ["ended|1"]);
    assert_eq!(exchange.count("run"), 1);
    assert_eq!(notifications(&exchange), ["r.vermeer|ended"]);
}

#[test]
fn a_server_suspended_between_claim_and_run_does_not_run_a_reclaimed_job() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    let (_, late) = claim(&office, job_id, "aos-1");
    let now = office.now().expect("now");
    office.end_abandoned_claim(job_id, &late, "aos-1 is gone", false, now).expect("ended");
    let (_, mine) = claim(&office, job_id, "aos-2");
    assert!(
        matches!(run_under(&exchange, job_id, &late), Err(ProcessError::ClaimLost)),
        "while the other server runs it"
    );
    let run = run_under(&exchange, job_id, &mine).expect("it runs");
    let end = EndOfRun { outcome: HistoryOutcome::Ended, reason: &run.summary(), to_be_continued: false };
    office.end_job(job_id, &mine, &end, now).expect("it ends").expect("it is the claim");
    assert!(matches!(run_under(&exchange, job_id, &late), Err(ProcessError::ClaimLost)), "after it has ended");
    assert_eq!(exchange.at_head_office("select outcome, read from run"), ["ended|30"]);
    assert_eq!(
        exchange.at_head_office("select outcome from batch_job_history order by history_id"),
        ["interrupted", "ended"]
    );
}

#[test]
fn a_run_whose_job_is_reclaimed_stops_before_its_next_write() {
    for (step, read, left) in
        [(Step::Transfer, 0, "30"), (Step::PurgeMessageDatabase, 30, "30"), (Step::PurgeHeadOffice, 30, "1")]
    {
        let exchange = Exchange::new();
        exchange.post_days_ago(40, &applied_sessions(1, 0..10));
        let office = office(&exchange);
        let job_id = submit(&office, |settings| settings.recurrence = None);
        let (_, claim) = claim(&office, job_id, "aos-1");
        let (databases, now) = (exchange.databases(), office.now().expect("now"));
        // The job is reclaimed just as the step begins, and no other run begins.
        let take = |event: RunEvent| {
            if matches!(event, RunEvent::Step(begun) if begun == step) {
                let office = HeadOffice::open(&databases.head_office, Access::Existing).expect("head office");
                let job = office.job(job_id).expect("it reads").expect("it is there");
                let seen = job.claim.expect("a claim");
                office
                    .end_abandoned_claim(job_id, &seen, "aos-1 is gone", false, now)
                    .expect("ended")
                    .expect("the claim was valid");
            }
        };
        let run = engine::process(&databases, &under(job_id, &claim), &SystemClock, &Cancel::new(), &take);
        let run = run.expect("it began");
        assert_eq!(run.outcome, Some(Outcome::Interrupted), "{step:?}: {run:?}");
        assert!(run.error.as_deref().is_some_and(|error| error.contains("was reclaimed")), "{step:?}: {run:?}");
        assert_eq!((run.counts.read, run.purged.head_office.len()), (read, 0), "{step:?}: {run:?}");
        assert_eq!(exchange.posted("select count(*) from status_message"), [left], "{step:?}");
        let kept = exchange.at_head_office("select count(*) from session")[0].parse::<i64>().expect("a number");
        assert_eq!((kept * 3, exchange.count("session_tombstone")), (read, 0), "{step:?}");
        assert_eq!(exchange.at_head_office("select outcome from run"), ["interrupted"], "{step:?}");
        assert_eq!(office.lease_status().expect("it reads"), None, "{step:?}: the lease is free");
    }
}

#[test]
fn a_run_whose_job_is_reclaimed_before_its_end_is_interrupted_and_continued() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    let (_, late) = claim(&office, job_id, "aos-1");
    let start = |claim: &Claim| RunStart {
        stated: String::new(),
        is_journaled: false,
        trigger: Trigger::BatchJob,
        requested_by: "m.jansen".to_owned(),
        host: "hq".to_owned(),
        lock: office.try_runner_lock().expect("a lock"),
        for_job: Some(JobClaim { job_id, claim: claim.clone() }),
    };
    let RunStartOutcome::Granted { claim: run, .. } = office.begin_run(&start(&late)).expect("it begins") else {
        panic!("the lease is free")
    };
    // Its server is suspended after the last step, and the job goes to another one.
    let seen = office.job(job_id).expect("it reads").expect("it is there").claim.expect("a claim");
    let now = office.now().expect("now");
    office.end_abandoned_claim(job_id, &seen, "aos-1 is gone", false, now).expect("ended").expect("it was valid");
    let account = office.run(run.run_id).expect("it reads").expect("it is there");
    let ended = office.end_run(&run, Outcome::Ended, &account, true).expect("it ends");
    assert_eq!(ended.outcome, Some(Outcome::Interrupted));
    assert!(ended.error.is_some_and(|error| error.contains("was reclaimed")));
    let (_, mine) = claim(&office, job_id, "aos-2");
    let run = run_under(&exchange, job_id, &mine).expect("the lease is free");
    let end = EndOfRun { outcome: HistoryOutcome::Ended, reason: &run.summary(), to_be_continued: false };
    office.end_job(job_id, &mine, &end, now).expect("it ends").expect("it is the claim");
    assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["interrupted", "ended"]);
    assert_eq!(
        exchange.at_head_office("select outcome from batch_job_history order by history_id"),
        ["interrupted", "ended"]
    );
}

#[test]
fn a_job_canceled_before_its_run_begins_is_not_run() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    let (_, claim) = claim(&office, job_id, "aos-1");
    office.change_job_status(job_id, BatchStatus::Canceling, "r.vermeer", None).expect("canceling");
    assert!(matches!(run_under(&exchange, job_id, &claim), Err(ProcessError::ClaimLost)));
    assert_eq!(exchange.count("run"), 0);
}

#[test]
fn a_failed_start_whose_retry_is_canceled_keeps_its_history_and_is_notified() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    for way in ["canceled", "another recurrence"] {
        let job_id = submit(&office, hourly);
        let (job, first) = claim(&office, job_id, "aos-1");
        let now = office.now().expect("now");
        office.end_job(job_id, &first, &failed("locked"), now).expect("it ends").expect("it is the claim");
        if way == "canceled" {
            office.change_job_status(job_id, BatchStatus::Canceled, "m.jansen", None).expect("canceled");
            office.change_job_status(job_id, BatchStatus::Waiting, "m.jansen", None).expect("released");
        } else {
            let settings = JobSettings { recurrence: None, first_start: now, ..job.settings };
            office.change_job(job_id, &settings, "m.jansen").expect("changed");
        }
        exchange.change_head_office(&format!(
            "update batch_job set next_start = {0}, due_at = {0} where job_id = {job_id}",
            now.0
        ));
        let (job, second) = claim(&office, job_id, "aos-1");
        assert_ne!(first.history_id, second.history_id, "{way}: each start has its own row");
        assert_eq!(job.tries, 1, "{way}");
        let rows =
            format!("select outcome from batch_job_history where job_id = {job_id} and tries > 0 order by history_id");
        assert_eq!(exchange.at_head_office(&rows), ["error", "executing"], "{way}");
    }
    assert_eq!(notifications(&exchange), ["r.vermeer|error", "r.vermeer|error"]);
}

#[test]
fn a_job_scheduled_by_a_clock_ahead_reports_it_and_continues_after_release() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, hourly);
    let (_, first) = claim(&office, job_id, "aos-1");
    let ahead = Timestamp(office.now().expect("now").0 + 10 * 365 * 24 * 60 * MINUTE);
    let end = EndOfRun { outcome: HistoryOutcome::Ended, reason: "0 read", to_be_continued: false };
    office.end_job(job_id, &first, &end, ahead).expect("it ends").expect("it is the claim");
    let job = office.job(job_id).expect("it reads").expect("it is there");
    assert!(job.next_start > Some(ahead), "starts that were run or skipped are not repeated automatically");
    let why = exchange.cdx(&["batch", "why", &job_id.to_string()]).exits(0).stdout;
    assert!(why.contains("> x not due before 2036") && why.contains("the clock was ahead"), "{why}");
    assert!(exchange.cdx(&["doctor"]).stdout.contains("clock was ahead at its last run"));
    office.change_job_status(job_id, BatchStatus::Withhold, "m.jansen", None).expect("withheld");
    let released = office.change_job_status(job_id, BatchStatus::Waiting, "m.jansen", None).expect("released");
    let next = released.next_start.expect("a start").since(office.now().expect("now"));
    assert!((-MINUTE..=MINUTE).contains(&next), "{released:?}");
}

#[test]
fn each_operator_is_notified_once_after_their_own_overdue_threshold() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    for (operator, late, long) in [("hasty", 5, 10), ("patient", 60, 120)] {
        let settings = AlertSettings {
            not_started_minutes: Some(late),
            runs_long_minutes: Some(long),
            on_ended: false,
            on_error: false,
            on_canceled: false,
            ..all(operator)
        };
        office.set_alerts(job_id, &settings).expect("set");
    }
    let due = office.job(job_id).expect("it reads").expect("it is there").next_start.expect("a start");
    let at = |minutes: i64| Timestamp(due.0 + minutes * MINUTE);
    let tell = |minutes: i64| office.notify_overdue(at(minutes)).expect("notified");
    assert_eq!((tell(4), tell(5), tell(6), tell(59), tell(60), tell(600)), (0, 1, 0, 0, 1, 0));
    assert_eq!(notifications(&exchange), ["hasty|not_started", "patient|not_started"]);
    // A failed try is not an overdue start; an overdue retry is notified.
    let (_, first) = claim(&office, job_id, "aos-1");
    assert_eq!((tell(9), tell(11), tell(12), tell(121)), (0, 1, 0, 1), "it runs long");
    office.end_job(job_id, &first, &failed("locked"), at(130)).expect("it ends").expect("it is the claim");
    assert_eq!((tell(131), tell(136)), (0, 1), "the retry after thirty seconds is overdue");
    let texts = exchange.at_head_office("select text from notification order by notification_id");
    assert!(texts[0].contains("did not start, due since"), "{texts:?}");
    assert!(texts[3].contains("runs for 120 min on aos-1"), "{texts:?}");
    assert!(texts[4].contains("was not tried again, due since"), "{texts:?}");
}

#[test]
fn an_overdue_notification_contains_the_reason_that_why_gives() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    office.set_alerts(job_id, &AlertSettings { not_started_minutes: Some(1), ..all("r.vermeer") }).expect("set");
    exchange.change_head_office("update batch_server set heartbeat_at = heartbeat_at - 20000");
    let later = Timestamp(office.now().expect("now").0 + 5 * MINUTE);
    assert_eq!(office.notify_overdue(later).expect("notified"), 1);
    let texts = exchange.at_head_office("select text from notification");
    assert!(texts[0].ends_with("the default group is served by aos-1, which is not running."), "{texts:?}");
}

#[test]
fn a_delivery_is_claimed_by_one_server_and_retried_with_backoff() {
    let exchange = Exchange::new();
    let (office, other) = (office(&exchange), office(&exchange));
    let mail = AlertSettings { email: Some("ops@hq.example".to_owned()), ..all("r.vermeer") };
    let tell = || {
        let event = cdx_console::batch::AlertEvent::Error;
        let new = NewNotification {
            settings: &mail,
            event,
            about: About::Test,
            job_id: None,
            history_id: None,
            text: "it failed",
        };
        office.notify(&new).expect("notified");
    };
    tell();
    let first = office.take_delivery(&DeliveryChannel::ALL).expect("taken").expect("one");
    assert!(other.take_delivery(&DeliveryChannel::ALL).expect("taken").is_none(), "it is claimed");
    exchange.change_head_office("update delivery set next_try_at = next_try_at - 290000");
    assert!(other.take_delivery(&DeliveryChannel::ALL).expect("taken").is_none(), "even if the mail server is slow");
    office.note_delivery(&first, Some("no route")).expect("noted");
    let failed = Some(DeliveryFault::Failed("no route".to_owned()));
    assert_eq!(office.last_delivery(DeliveryChannel::Email).expect("read").fault, failed);
    let mut pauses = Vec::new();
    while exchange.at_head_office("select next_try_at is null from delivery").concat() == falsehood(&exchange) {
        let pause = format!("select next_try_at - {} from delivery", exchange.office_now());
        pauses.push(exchange.at_head_office(&pause)[0].parse::<f64>().expect("a number") / 1_000.0);
        exchange.change_head_office("update delivery set next_try_at = 1");
        let again = other.take_delivery(&DeliveryChannel::ALL).expect("taken").expect("it is due again");
        other.note_delivery(&again, Some("no route")).expect("noted");
    }
    assert_eq!(pauses.len(), 9, "ten tries: {pauses:?}");
    assert!(pauses.windows(2).all(|pair| pair[0] < pair[1] + 1.0) && pauses[8] > 3_000.0, "{pauses:?}");
    tell();
    let next = office.take_delivery(&DeliveryChannel::ALL).expect("taken").expect("one");
    assert_eq!(
        office.last_delivery(DeliveryChannel::Email).expect("read").fault,
        failed,
        "the last failure stays visible after the last try"
    );
    office.note_delivery(&next, None).expect("noted");
    let last = office.last_delivery(DeliveryChannel::Email).expect("read");
    assert!(last.fault.is_none() && last.arrived_at.is_some(), "the channel works again: {last:?}");
}

#[test]
fn a_late_failure_of_a_delivery_changes_nothing_that_another_server_did_with_it() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let mail = AlertSettings { email: Some("ops@hq.example".to_owned()), ..all("r.vermeer") };
    let job_id = submit(&office, |settings| settings.max_retries = 0);
    office.set_alerts(job_id, &mail).expect("set");
    let (_, claim) = claim(&office, job_id, "aos-1");
    office.end_job(job_id, &claim, &failed("locked"), office.now().expect("now")).expect("it ends").expect("the claim");
    let take = || office.take_delivery(&DeliveryChannel::ALL).expect("taken").expect("one");
    let state = || {
        let sql = "select delivered_at is not null and next_try_at is null, tries, coalesce(error, '') from delivery";
        exchange.at_head_office(sql).concat()
    };
    let suspended = take();
    exchange.change_head_office("update delivery set next_try_at = 1");
    let taken = take();
    let reserved = exchange.at_head_office("select next_try_at from delivery");
    office.note_delivery(&suspended, Some("timeout")).expect("noted");
    assert_eq!(exchange.at_head_office("select next_try_at from delivery"), reserved, "it is being delivered");
    office.note_delivery(&taken, None).expect("noted");
    let delivered = state();
    office.note_delivery(&suspended, Some("timeout")).expect("noted");
    office.note_delivery(&taken, Some("timeout")).expect("noted");
    assert_eq!(state(), delivered);
    assert!(office.take_delivery(&DeliveryChannel::ALL).expect("taken").is_none());
}

#[test]
fn a_returned_continuation_is_still_due_and_runs_the_same_start() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |settings| {
        hourly(settings);
        settings.missed = Missed::Skip;
    });
    let at = |minutes: i64| Timestamp(office.now().expect("now").0 + minutes * MINUTE);
    let claim_at = |now: Timestamp| {
        let job = office.job(job_id).expect("it reads").expect("it is there");
        match office.claim_job(&job, &ClaimHolder::batch_server("aos-1", "a"), SkipReason::Blocked, now) {
            Ok(Claimed::Mine(job)) => (job.next_start, job.claim.clone().expect("a claim")),
            other => panic!("{other:?}"),
        }
    };
    let (start, first) = claim_at(at(0));
    let end = EndOfRun { outcome: HistoryOutcome::Interrupted, reason: "stopped", to_be_continued: true };
    office.end_job(job_id, &first, &end, at(0)).expect("it ends").expect("the claim");
    for minutes in [30, 60] {
        let (again, claim) = claim_at(at(minutes));
        assert_eq!(again, start);
        office.return_claim(job_id, &claim, "the lease is held", at(minutes)).expect("returned");
        let rows = exchange.at_head_office("select outcome from batch_job_history where tries > 0");
        assert_eq!(rows, ["interrupted"], "its own row is gone");
    }
    let (again, claim) = claim_at(at(90));
    let tries = office.job(job_id).expect("it reads").expect("it is there").tries;
    assert_eq!((again, tries), (start, 1));
    let end = EndOfRun { outcome: HistoryOutcome::Ended, reason: "0 read", to_be_continued: false };
    office.end_job(job_id, &claim, &end, at(91)).expect("it ends").expect("the claim");
}

#[test]
fn a_returned_retry_leaves_the_row_of_the_failed_try_as_it_was() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |settings| settings.max_retries = 2);
    let now = office.now().expect("now");
    let row = || {
        let sql = "select outcome, tries, ended_at, reason from batch_job_history";
        exchange.at_head_office(sql)
    };
    let (_, first) = claim(&office, job_id, "aos-1");
    office.end_job(job_id, &first, &failed("disk full"), now).expect("it ends").expect("the claim");
    let before = row();
    for _ in 0..2 {
        exchange.change_head_office("update batch_job set retry_at = next_start, due_at = next_start");
        let (job, retry) = claim(&office, job_id, "aos-2");
        assert_eq!((job.tries, retry.history_id), (2, first.history_id));
        office.return_claim(job_id, &retry, "the lease is held", now).expect("returned");
        assert_eq!(row(), before);
    }
    let job = office.job(job_id).expect("it reads").expect("it is there");
    assert_eq!((job.tries, job.retry_at, job.waits_for.as_deref()), (1, Some(now), Some("the lease is held")));
    office.delete_jobs(&[(job_id, None)], "m.jansen").expect("deleted");
    assert_eq!(row(), before, "nothing remains executing");
}

#[test]
fn a_claim_heeds_an_edit_made_after_the_job_was_read() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, |_| {});
    let seen = office.job(job_id).expect("it reads").expect("it is there");
    let private = JobSettings { private: true, ..seen.settings.clone() };
    office.change_job(job_id, &private, "m.jansen").expect("changed");
    let holder = ClaimHolder::batch_server("aos-1", "a");
    let claimed = office.claim_job(&seen, &holder, SkipReason::Blocked, office.now().expect("now")).expect("it reads");
    assert_eq!(claimed, Claimed::Gone);
}

/// Returns how head office's engine prints `false`.
fn falsehood(exchange: &Exchange) -> String {
    exchange.at_head_office("select 1 = 2").concat()
}

crate::support::engines::on_postgres!(
    a_canceled_job_stays_canceled_when_its_run_finds_the_lease_taken,
    a_canceled_job_stays_canceled_when_its_server_crashes,
    an_interrupted_last_try_is_notified_as_an_error,
    a_run_that_ended_before_its_server_crashed_is_not_repeated,
    a_server_suspended_between_claim_and_run_does_not_run_a_reclaimed_job,
    a_run_whose_job_is_reclaimed_stops_before_its_next_write,
    a_run_whose_job_is_reclaimed_before_its_end_is_interrupted_and_continued,
    a_job_canceled_before_its_run_begins_is_not_run,
    a_failed_start_whose_retry_is_canceled_keeps_its_history_and_is_notified,
    a_job_scheduled_by_a_clock_ahead_reports_it_and_continues_after_release,
    each_operator_is_notified_once_after_their_own_overdue_threshold,
    an_overdue_notification_contains_the_reason_that_why_gives,
    a_delivery_is_claimed_by_one_server_and_retried_with_backoff,
    a_late_failure_of_a_delivery_changes_nothing_that_another_server_did_with_it,
    a_returned_continuation_is_still_due_and_runs_the_same_start,
    a_returned_retry_leaves_the_row_of_the_failed_try_as_it_was,
);

#[test]
fn a_held_purge_is_notified_at_begin_and_end_and_not_counted_in_the_baseline() {
    use HistoryOutcome::{Ended, Error, PurgeHeld};
    let exchange = Exchange::new();
    let office = office(&exchange);
    let job_id = submit(&office, hourly);
    for outcome in [PurgeHeld, PurgeHeld, Error, PurgeHeld, Ended, PurgeHeld] {
        exchange
            .change_head_office("update batch_job set next_start = 0, due_at = 0, retry_at = null, max_retries = 0");
        let (_, claim) = claim(&office, job_id, "aos-1");
        let now = Timestamp(office.now().expect("now").0 + MINUTE);
        let end = EndOfRun { outcome, reason: "as it was", to_be_continued: false };
        office.end_job(job_id, &claim, &end, now).expect("it ends").expect("it is still the claim");
    }
    let mut listed = office.notifications("r.vermeer", 100).expect("they are listed");
    listed.reverse();
    let listed: Vec<_> = listed
        .iter()
        .map(|notification| {
            let says = ["resolved: the purge", "Ended, purge held", "Error", "Ended"];
            says.into_iter().find(|says| notification.text.contains(says)).expect("one of them")
        })
        .collect();
    assert_eq!(listed, ["Ended, purge held", "Error", "resolved: the purge", "Ended", "Ended, purge held"]);
    let baseline = office.recent_runs(Some(job_id), 20).expect("they are read").expect("one ended well");
    assert_eq!(baseline.count, 1);
}
