//! Two batch servers and two consoles on one head office, repeatedly killed, suspended,
//! disconnected and locked out while stores post: every due start has exactly one run or one skip
//! reason, no runs overlap, and the totals equal those of an undisturbed exchange.

use crate::batch::server;
use crate::support::child::Running;
use crate::support::messages::applied_sessions;
use crate::support::terminal::Terminal;
use crate::support::{Exchange, foreign, wait_until};
use cdx_console::batch::{BatchJob, HistoryOutcome};
use cdx_console::domain::{Seek, Timestamp};
use cdx_console::store::head_office::{HistoryFilter, HistoryRow, JobFilter};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice, MessageDatabase};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const NAMES: [&str; 2] = ["aos-1", "aos-2"];
/// Messages per post, and the pause between posts.
const PER_POST: usize = 30;
const POST_PAUSE: Duration = Duration::from_millis(40);
/// Longer than the timeouts of lease and heartbeat.
const PAST_THE_LEASE: Duration = Duration::from_secs(17);

/// The duration of the test, from the environment or the default.
fn duration() -> Duration {
    let seconds = std::env::var("CDX_TEST_TURMOIL_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(75))
}

fn pause(milliseconds: u64) {
    std::thread::park_timeout(Duration::from_millis(milliseconds));
}

struct Turmoil<'e> {
    exchange: &'e Exchange,
    servers: [Option<Running>; 2],
    consoles: [Terminal; 2],
    random: fastrand::Rng,
    /// Faults and their counts.
    counts: BTreeMap<&'static str, u32>,
}

fn console(exchange: &Exchange) -> Terminal {
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention");
    console
}

impl Turmoil<'_> {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn restart(&mut self, which: usize, signal: &str) {
        let running = self.servers[which].take().expect("it runs");
        running.signal(signal);
        let ran = running.finish();
        assert_eq!(ran.code, if signal == "KILL" { -1 } else { 0 }, "{ran:?}");
        self.servers[which] = Some(server(self.exchange, NAMES[which]));
    }

    fn stand_still(&mut self, which: usize, time: Duration) {
        let server = self.servers[which].as_ref().expect("it runs");
        server.signal("STOP");
        std::thread::park_timeout(time);
        server.signal("CONT");
    }

    /// Holds the write lock for a while, as another program would.
    fn lock(&mut self, milliseconds: u64) {
        let other = foreign(&self.exchange.head_office());
        other.execute_batch("begin immediate").expect("the lock is free");
        pause(milliseconds);
        other.execute_batch("rollback").expect("it ends");
    }

    /// Starts a run as an operator, on a running batch server or in the console.
    fn run_from(&mut self, which: usize, here: bool) {
        let console = &mut self.consoles[which];
        console.press("\u{1b}").press("\u{1b}").press("1").shows("Needs attention").press("p").shows("What OK will do");
        if here && console.screen().contains("In this console: stops") {
            console.press("\u{1b}[Z").press(" ").shows("►(•)◄In this").press("\r");
        }
        console.shows("►[   OK   ]◄").press("\r");
        // The result is checked elsewhere.
        console.until("the form is gone", |screen| !screen.contains("[ Cancel ]"));
    }

    fn cut_off(&mut self, which: usize) {
        match self.random.u8(0..3) {
            0 => self.consoles[which].hang_up(),
            1 => self.consoles[which].signal("TERM"),
            _ => self.consoles[which].signal("KILL"),
        }
        self.consoles[which].ends();
        self.consoles[which] = console(self.exchange);
    }

    fn inject_fault(&mut self) {
        let which = self.random.usize(0..2);
        match self.random.u8(0..12) {
            0..3 => {
                self.restart(which, "KILL");
                self.count("server killed");
            }
            3 => {
                self.restart(which, "TERM");
                self.count("server stopped");
            }
            4..6 => {
                let time = Duration::from_millis(self.random.u64(50..3_000));
                self.stand_still(which, time);
                self.count("server stood still");
            }
            6..8 => {
                let time = self.random.u64(50..2_500);
                self.lock(time);
                self.count("head office locked");
            }
            8..11 => {
                let here = self.random.bool();
                self.run_from(which, here);
                self.count("run asked for at a console");
            }
            _ => {
                self.cut_off(which);
                self.count("console cut off");
            }
        }
        let time = self.random.u64(20..500);
        pause(time);
    }

    /// Waits until all due starts have run, withholds the jobs and ends all processes.
    fn settle<'j>(mut self, recurring: impl Iterator<Item = &'j i64>) {
        let exchange = self.exchange;
        let waits = |sql: &str| exchange.at_head_office(sql) == ["0"];
        wait_until("everything that was to run once has", || {
            waits("select count(*) from batch_job where recurrence is null and status in (1, 2, 7)")
        });
        for job_id in recurring.map(ToString::to_string) {
            wait_until("it is withheld between two starts", || {
                let retry = format!("select count(*) from batch_job where job_id = {job_id} and retry_at is not null");
                waits(&retry)
                    && exchange.cdx(&["batch", "change-status", &job_id, "withhold", "--reason", "quiet"]).code == 0
            });
        }
        for console in &mut self.consoles {
            console.press("\u{1b}").press("\u{1b}").press("1").shows("Needs attention");
            wait_until("no run is active", || {
                waits("select count(*) from run where outcome is null and ended_at is null")
            });
            console.press("q");
            assert_eq!(console.ends(), 0);
        }
        for server in self.servers.iter_mut().filter_map(Option::take) {
            server.signal("TERM");
            server.finish().exits(0);
        }
    }
}

/// Posts until `ended` is set and returns what it posted.
fn agent(agent: &MessageDatabase, ended: &AtomicBool) -> Vec<NewMessage> {
    let mut posted = Vec::new();
    while !ended.load(Ordering::SeqCst) {
        let first = u64::try_from(posted.len()).expect("small") + 1;
        let session = i64::try_from(posted.len() / 3).expect("small");
        let some = applied_sessions(first, session..session + i64::try_from(PER_POST / 3).expect("small"));
        agent.post(&some).expect("posted");
        posted.extend(some);
        std::thread::park_timeout(POST_PAUSE);
    }
    posted
}

fn submit(exchange: &Exchange, more: &[&str]) -> i64 {
    let args = [&["batch", "submit", "--json", "--no-purge", "--retries", "50", "--retry-pause", "0s"], more].concat();
    exchange.cdx(&args).exits(0).json()["job_id"].as_i64().expect("a number")
}

fn history(office: &HeadOffice, job_id: i64) -> Vec<HistoryRow> {
    let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
    office.history_at(&filter, Seek::First, 1_000_000).expect("it reads")
}

/// Checks that every start from `first` to the job's next one has a run or a skip reason, and
/// returns their number.
fn check_starts(office: &HeadOffice, job: &BatchJob, first: Timestamp) -> u64 {
    let rule = job.settings.recurrence.as_ref().expect("it recurs");
    let rows = history(office, job.job_id);
    let (runs, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.outcome.is_run());
    let made: BTreeSet<_> = runs.iter().map(|row| row.scheduled_at).collect();
    for start in &made {
        assert_eq!(rule.first_from(*start), Some(*start), "no such start: {rows:#?}");
        let finals = |row: &&&HistoryRow| row.scheduled_at == *start && row.outcome != HistoryOutcome::Interrupted;
        let finals: Vec<_> = runs.iter().filter(finals).collect();
        assert_eq!(finals.len(), 1, "job {}, {}: {rows:#?}", job.job_id, start.to_rfc3339());
        assert_eq!(finals[0].outcome, HistoryOutcome::Ended, "{finals:#?}");
    }
    for row in &others {
        assert!(row.reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{row:#?}");
        assert!(!made.contains(&row.scheduled_at), "made and not made: {rows:#?}");
    }
    let mut spans: Vec<_> = runs.iter().map(|row| (row.started_at.expect("started"), row.ended_at)).collect();
    spans.sort();
    for pair in spans.windows(2) {
        assert!(pair[0].1.is_some_and(|ended| ended <= pair[1].0), "job {} overlaps itself: {pair:?}", job.job_id);
    }
    let next = job.next_start.expect("it goes on");
    let due = rule.count_between(Timestamp(first.0 - 1), Timestamp(next.0 - 1));
    let passed: i64 = others.iter().map(|row| row.starts).sum();
    assert_eq!(made.len() as u64 + passed.unsigned_abs(), due, "job {}: {rows:#?}", job.job_id);
    due
}

/// Compares the result with the same messages on an undisturbed exchange.
fn assert_equals_undisturbed(exchange: &Exchange, posted: &[NewMessage]) {
    let quiet = Exchange::new();
    quiet.post(posted);
    quiet.cdx(&["process", "--no-purge"]).exits(0);
    for sql in [
        "select sum(inserted), sum(rejected), sum(read) - sum(inserted) - sum(rejected) - sum(repeated) from run",
        "select message_guid, status, session_number from status_message order by message_guid",
        "select direction, session_number, channel_database, status, try_count, applied_at from session order by 1, 2, 3",
    ] {
        assert!(exchange.at_head_office(sql) == quiet.at_head_office(sql), "{sql}");
    }
    assert_eq!(exchange.at_head_office("select sum(repeated) from run"), ["0"], "nothing was read twice");
}

#[test]
fn under_continuous_failures_every_due_start_has_one_run_or_one_skip_reason() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    let recurring: Vec<i64> = (0..6)
        .map(|_| submit(&exchange, &["--recurrence", "every 1 min", "--zone", "UTC", "--description", "every minute"]))
        .collect();
    let skipping = submit(&exchange, &["--recurrence", "every 1 min", "--zone", "UTC", "--missed", "skip"]);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    let first_of =
        |job_id: i64| office.job(job_id).expect("it reads").expect("it is there").next_start.expect("a start");
    let firsts: BTreeMap<i64, Timestamp> =
        recurring.iter().chain([&skipping]).map(|job_id| (*job_id, first_of(*job_id))).collect();
    let now = office.now().expect("now");
    let time = duration();
    let every = u64::try_from(time.as_millis()).expect("small") / 40;
    let once: Vec<i64> = (0..40)
        .map(|at| {
            let start = Timestamp(now.0 + i64::try_from(at * every).expect("small")).to_rfc3339();
            submit(&exchange, &["--start", &start, "--description", "once"])
        })
        .collect();

    let ended = AtomicBool::new(false);
    let mut turmoil = Turmoil {
        exchange: &exchange,
        servers: NAMES.map(|name| Some(server(&exchange, name))),
        consoles: [console(&exchange), console(&exchange)],
        random: fastrand::Rng::with_seed(11),
        counts: BTreeMap::new(),
    };
    let posted = std::thread::scope(|scope| {
        let agent = scope.spawn(|| agent(&exchange.agent(), &ended));
        let until = Instant::now() + time;
        let mut long = [time / 4, time * 3 / 4].map(|after| Instant::now() + after).to_vec();
        while Instant::now() < until {
            turmoil.inject_fault();
            if long.first().is_some_and(|at| Instant::now() > *at) {
                long.remove(0);
                turmoil.stand_still(long.len(), PAST_THE_LEASE);
                turmoil.count("server stood still past its lease");
            }
        }
        ended.store(true, Ordering::SeqCst);
        agent.join().expect("it posts")
    });
    let counts = &turmoil.counts;
    assert!(counts.len() == 7 && counts.values().all(|count| *count > 0), "too little happened: {counts:?}");

    turmoil.settle(firsts.keys());
    exchange.cdx(&["process", "--no-purge"]).exits(0);

    let mut starts = 0;
    for job in office.jobs(&JobFilter::default(), 1_000).expect("they are listed") {
        if let Some(first) = firsts.get(&job.job_id) {
            starts += check_starts(&office, &job, *first);
        }
    }
    assert!(starts >= 7 * (time.as_secs() / 60), "only {starts} starts recurred");
    for job_id in once {
        let rows = history(&office, job_id);
        let finals: Vec<_> = rows.iter().filter(|row| row.outcome != HistoryOutcome::Interrupted).collect();
        assert!(finals.len() == 1 && finals[0].outcome == HistoryOutcome::Ended, "job {job_id}: {rows:#?}");
    }
    // Runs requested by consoles: each ended once, and its job is deleted.
    let asked = exchange.at_head_office("select object from operator_journal where action = 'request a run'");
    for job in &asked {
        let job_id: i64 = job.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number");
        assert_eq!(office.job(job_id).expect("it reads"), None, "{job}");
        let rows = history(&office, job_id);
        let ends = rows.iter().filter(|row| row.outcome == HistoryOutcome::Ended).count();
        assert_eq!(ends, 1, "{job}: {rows:#?}");
    }
    // No two runs overlap, and no start has two runs that ended.
    let overlap = "select count(*) from run a join run b on a.run_id < b.run_id and a.ended_at > b.started_at";
    assert_eq!(exchange.at_head_office(overlap), ["0"]);
    let twice = "select job_id, count(*) from run where outcome = 'ended' and job_id in
            (select job_id from batch_job where recurrence is null) group by job_id having count(*) > 1";
    assert_eq!(exchange.at_head_office(twice), [""; 0]);
    assert_equals_undisturbed(&exchange, &posted);
}
