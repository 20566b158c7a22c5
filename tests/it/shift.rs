//! A night shift of eight hours on the demo, by a clock that the test moves: something of each kind
//! goes wrong, and the real batch server sends each alert once and in time to a real mail server.

use crate::support::child::Running;
use crate::support::clock::MovedClock;
use crate::support::cluster::Cluster;
use crate::support::engines::{self, Engines};
use crate::support::mail::{Behavior, MailServer};
use crate::support::messages::{APPLIED, download};
use crate::support::{Exchange, Ran, foreign, ran, wait_until};
use cdx_console::domain::Timestamp;
use cdx_console::store::message_database::NewMessage;
use std::process::{Command, Stdio};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Monday, 2027-01-11 00:00 UTC.
const MONDAY: i64 = 1_799_625_600_000;

struct Shift {
    exchange: Exchange,
    clock: MovedClock,
    now: i64,
    mail_server: MailServer,
    /// When each mail arrived, such as `01:30`, and its subject.
    mails: Vec<(String, String)>,
    /// The number of messages posted so far.
    posted: u64,
}

/// The instant of a time of this night; before noon it is Tuesday.
fn instant(time: &str) -> i64 {
    let number = |text: &str| text.parse::<i64>().expect("a number");
    let (hours, minutes) = time.split_once(':').expect("a time");
    let day = if number(hours) < 12 { DAY } else { 0 };
    MONDAY + day + number(hours) * HOUR + number(minutes) * MINUTE
}

fn clock_time(at: i64) -> String {
    format!("{:02}:{:02}", at / HOUR % 24, at / MINUTE % 60)
}

impl Shift {
    fn begin(time: &str) -> Self {
        let now = instant(time);
        let clock = MovedClock::at(Timestamp(now));
        let exchange = match engines::current() {
            Engines::Sqlite => Exchange::new(),
            // Head office's clock is its server's.
            _ => Exchange::with_office_at(&Cluster::own_by(&clock)),
        };
        let mail_server = MailServer::start(Behavior::Accepts { after: 0 });
        let config = format!(
            "smtp_host = '127.0.0.1'\nsmtp_port = {}\nsmtp_security = 'none'\nsmtp_from = 'cdx@hq.example'\n",
            mail_server.port
        );
        std::fs::write(exchange.path("config.toml"), config).expect("written");
        Self { exchange, clock, now, mail_server, mails: Vec::new(), posted: 0 }
    }

    fn at(&mut self, time: &str) {
        self.now = instant(time);
        self.clock.set(Timestamp(self.now));
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.exchange.command(args);
        command.env("CDX_CONFIG", self.exchange.path("config.toml")).env("USER", "r.vermeer").env("TZ", "UTC");
        self.clock.moves(&mut command);
        command
    }

    fn cdx(&self, args: &[&str]) -> Ran {
        ran(self.command(args).stdin(Stdio::null())).exits(0)
    }

    /// Runs what is due and checks the alert rules; then no mail is left to send.
    fn serve(&mut self, server: &str) {
        // It fails if a run did.
        ran(self.command(&["batch-server", "--once", "--name", server]).stdin(Stdio::null()));
        wait_until("every mail is sent", || {
            self.exchange.at_head_office("select count(*) from delivery where next_try_at is not null") == ["0"]
        });
        let at = clock_time(self.now);
        let subject = |mail: &str| {
            let (headers, _) = mail.split_once("\n\n").unwrap_or((mail, ""));
            let line = headers.replace("\n ", " ");
            line.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
        };
        let arrived: Vec<_> = self.mail_server.mails.try_iter().map(|mail| (at.clone(), subject(&mail))).collect();
        self.mails.extend(arrived);
    }

    /// Posts one message of each of these sessions.
    fn post(
        &mut self,
        direction: &str,
        (store, job): (&str, &str),
        status: &str,
        sessions: std::ops::Range<i64>,
        occurred_at: i64,
    ) {
        let mut lines = String::new();
        for session_number in sessions {
            self.posted += 1;
            let line = serde_json::json!({
                "message_guid": crate::support::messages::guid(self.posted),
                "direction": direction,
                "session_number": session_number,
                "channel_database": store,
                "job_name": job,
                "status": status,
                "occurred_at": occurred_at,
            });
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        let file = self.exchange.path("lines");
        std::fs::write(&file, lines).expect("written");
        self.cdx(&["post", &file.display().to_string()]);
    }

    /// Posts an applied session of each of `count` packages.
    fn applied(&mut self, store: &str, count: i64) {
        let first = 9_100_000 + i64::try_from(self.posted).expect("small");
        self.post("download", (store, "1040"), "applied", first..first + count, self.now - MINUTE);
    }

    /// Posts enough messages for several chunks.
    fn prices_again(&mut self) {
        let at = Timestamp(self.now - MINUTE);
        let messages = (0..60_000).map(|number| {
            let message = download(1_000_000 + number, 9_500_000 + number.cast_signed() / 3, "KIOSK2", APPLIED);
            (NewMessage { occurred_at: at, ..message }, Timestamp(self.now))
        });
        self.exchange.agent().import(&messages.collect::<Vec<_>>()).expect("posted");
    }

    /// What the stores report in ten minutes of a usual night.
    fn usual_messages(&mut self) {
        (2..7).for_each(|store| self.applied(&format!("KIOSK{store}"), 2));
        let session = 9_900_000 + i64::try_from(self.posted).expect("small");
        self.post("upload", ("KIOSK6", "P-0001"), "applied", session..session + 1, self.now - MINUTE);
    }

    /// What happens at a time, and what is due then.
    fn happens(&mut self, time: &str) {
        let now = self.now;
        let message_database = self.exchange.message_database();
        let away = self.exchange.path("away.db");
        match time {
            // The lines of all stores are down.
            "02:30" | "02:40" | "02:50" | "03:00" | "03:10" | "03:20" | "03:30" | "03:40" | "03:50" => {}
            _ => self.usual_messages(),
        }
        if ["22:00", "22:20", "00:50", "02:00"].contains(&time) {
            self.applied("KIOSK1", 1);
        }
        match time {
            // Prices are sent again, and the operator cancels the run that reads them.
            "23:20" => self.prices_again(),
            "23:30" => {
                let server = Running::start(&mut self.command(&["batch-server", "--name", "aos-1"]));
                wait_until("the run has begun", || {
                    self.exchange.at_head_office("select count(*) from run where outcome is null") == ["1"]
                });
                self.suspend(&server);
                self.cdx(&["batch", "change-status", "2", "canceling"]);
                server.signal("HUP");
                server.signal("CONT");
                server.wait_until_it_says("job 2: canceled");
                server.signal("TERM");
                server.finish();
                self.cdx(&["batch", "change-status", "2", "waiting"]);
                self.cdx(&["process", "--no-purge"]);
            }
            // No server runs.
            "00:30" | "00:40" => return,
            // A server is suspended in its run, and its machine goes down.
            "01:00" => {
                let (server, agent) = self.server_with_blocked_run(2);
                self.suspend(&server);
                drop(server);
                drop(agent);
                self.at("01:25");
            }
            // A run that is suspended for a quarter of an hour, and goes on.
            "02:10" => {
                let (server, agent) = self.server_with_blocked_run(3);
                self.suspend(&server);
                self.at("02:28");
                drop(agent);
                server.signal("CONT");
                server.wait_until_it_says("job 3: ended");
                server.signal("TERM");
                server.finish();
            }
            "03:50" => drop(self.cdx(&["parameters", "set", "retention-days", "3"])),
            "04:10" => {
                self.cdx(&["process", "--confirm-purge", "1000000"]);
            }
            "05:00" => {
                std::fs::rename(&message_database, &away).expect("moved");
                self.serve("aos-2");
                std::fs::rename(&away, &message_database).expect("moved back");
                self.post("download", ("KIOSK1", "9001"), "started", 9_000_003..9_000_004, now - 100 * MINUTE);
                self.post("download", ("KIOSK1", "9001"), "applied", 9_000_003..9_000_004, now);
            }
            "05:20" => {
                let size = std::fs::metadata(&message_database).expect("it is there").len();
                let resize = |size| {
                    std::fs::OpenOptions::new()
                        .write(true)
                        .open(&message_database)
                        .expect("it opens")
                        .set_len(size)
                        .expect("sparse");
                };
                resize(8 << 40);
                self.serve("aos-2");
                resize(size);
                self.at("05:25");
            }
            "05:40" => self.at("02:40"),
            _ => {}
        }
        self.serve("aos-2");
    }

    /// Starts a server whose run of a job waits for the message database's lock, and returns both.
    fn server_with_blocked_run(&self, job: i64) -> (Running, rusqlite::Connection) {
        let agent = foreign(&self.exchange.message_database());
        agent.execute_batch("begin immediate").expect("the lock");
        let server = Running::start(&mut self.command(&["batch-server", "--name", "aos-1"]));
        let waits = format!(
            "select count(*) from batch_job as j join run as r on r.run_id = j.claim_run_id
             where j.job_id = {job} and j.status = 2 and r.step = 'purge_message_database'"
        );
        wait_until("the run waits", || self.exchange.at_head_office(&waits) == ["1"]);
        (server, agent)
    }

    /// Suspends a server between two of its changes of head office.
    fn suspend(&self, server: &Running) {
        wait_until("it is suspended and holds no lock of head office", || {
            server.signal("STOP");
            let is_free = self.exchange.office_is_free();
            if !is_free {
                server.signal("CONT");
            }
            is_free
        });
    }
}

/// The statements after which a run, a job's start or a store is usual, as weeks of work would have
/// left them.
fn earlier_weeks() -> String {
    let mut statements = Vec::new();
    for week in 1..=4 {
        for hour in ["21:00", "22:00", "23:00", "0:00", "1:00", "2:00", "3:00", "4:00", "5:00"] {
            let at = instant(hour) - week * 7 * DAY + 10 * MINUTE;
            statements.push(format!(
                "insert into run (fencing, trigger, requested_by, host, process_id, program_version, step, outcome, read,
                    inserted, started_at, ended_at)
                 values (1, 'batch_job', 'x', 'x', 1, '1', 'transfer', 'Ended', 60, 60, {at}, {});",
                at + MINUTE
            ));
        }
        let at = instant("2:10") - week * 7 * DAY;
        statements.push(format!(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, started_at, ended_at,
                outcome)
             values (3, 'Hourly', '', 'x', {at}, {at}, {}, 'ended');",
            at + 2 * MINUTE
        ));
    }
    statements.push(format!("update channel_database set usual_gap = {} where name = 'KIOSK1';", 30 * MINUTE));
    statements.concat()
}

fn prepare(shift: &mut Shift) {
    let folder = shift.exchange.folder().display().to_string();
    shift.cdx(&["demo", "--dir", &folder, "--messages", "20000", "--no-console"]);
    if shift.exchange.is_office_served() {
        let file = format!("sqlite:{}", shift.exchange.head_office().display());
        shift.cdx(&["copy", "--from", &file, "--to", &shift.exchange.office_url()]);
    }
    // A job that takes an hour and a half until it is applied.
    for night in 1..3 {
        let (session, applied) = (9_000_000 + night, instant("2:30") - night * DAY);
        shift.post("download", ("KIOSK1", "9001"), "started", session..session + 1, applied - 90 * MINUTE);
        shift.post("download", ("KIOSK1", "9001"), "applied", session..session + 1, applied);
    }
    shift.usual_messages();
    shift.cdx(&[
        "batch",
        "submit",
        "--description",
        "Half-hourly",
        "--recurrence",
        "every 30 min",
        "--zone",
        "UTC",
        "--start",
        "2027-01-11T22:00:00Z",
        "--retries",
        "0",
    ]);
    shift.cdx(&[
        "batch",
        "submit",
        "--description",
        "Hourly",
        "--recurrence",
        "10 * * * *",
        "--zone",
        "UTC",
        "--start",
        "2027-01-11T22:10:00Z",
    ]);
    let mail = ["--email", "night@hq.example"];
    let half_hourly = ["batch", "alerts", "2", "--on", "error,canceled", "--not-started", "10", "--runs-long", "20"];
    shift.cdx(&[&half_hourly[..], &mail].concat());
    shift.cdx(&[&["batch", "alerts", "3", "--on", "ended"][..], &mail].concat());
    shift.cdx(&[&["alerts", "set", "--rules", "all"][..], &mail].concat());
    shift.cdx(&["deadlines", "add", "9001", "--by", "daily 05:00", "--zone", "UTC", "--stores", "store:KIOSK1"]);
    shift.cdx(&["process", "--no-purge"]);
    shift.exchange.script_at_head_office(&earlier_weeks());
    shift.at("21:30");
    shift.usual_messages();
    shift.applied("KIOSK1", 1);
    shift.cdx(&["process", "--no-purge"]);
}

/// When each mail arrives, and how its subject begins. What was wrong before the shift comes first.
const EXPECTED: [(&str, &str); 25] = [
    ("22:00", "Nothing happened: no message about job 1110 (download) has arrived since "),
    ("23:30", "Batch job 2 Half-hourly: Canceled. "),
    ("23:30", "Store silent: KIOSK1 has sent no message since "),
    ("00:00", "Unusual volume: runs that began from 2027-01-11 23:00 to "),
    ("00:50", "Batch job 2 Half-hourly: did not start, due since 2027-01-12 00:30:00 UTC; "),
    ("00:50", "Resolved: Store silent: KIOSK1 "),
    ("01:25", "Batch job 2 Half-hourly: runs for 2"),
    ("01:25", "Batch job 2 Half-hourly: Interrupted. "),
    ("01:25", "Resolved: Unusual volume: runs that began from 2027-01-11 23:00 to "),
    ("02:28", "Unusual duration: the run of batch job 3 Hourly that began at "),
    ("03:10", "Resolved: Unusual duration: the run of batch job 3 Hourly that "),
    ("03:30", "Deadline: job 9001 by Tue 2027-01-12 05:00 UTC at risk: not applied in 1 of 1 store: KIOSK1"),
    ("04:00", "Batch job 2 Half-hourly: Ended, purge held. "),
    ("04:00", "Nothing happened: runs read nothing from 2027-01-12 03:00 to 04:00 "),
    ("04:00", "Purge held: the purge of batch job 2 Half-hourly "),
    ("04:10", "Batch job 2 Half-hourly: resolved: the purge held since 2027-01-12 04:00:0"),
    ("04:10", "Resolved: Nothing happened: runs read nothing from 2027-01-12 03:00 to 04:00 "),
    ("04:10", "Resolved: Purge held: the purge of batch job 2 Half-hourly "),
    ("05:00", "Batch job 2 Half-hourly: Error. message database "),
    ("05:00", "Deadline: job 9001 by Tue 2027-01-12 05:00 UTC missed: not applied in 1 of 1 store: KIOSK1"),
    ("05:10", "Resolved: Deadline: job 9001 by Tue 2027-01-12 05:00 UTC "),
    ("05:20", "Disk low: message database "),
    ("05:25", "Resolved: Disk low: message database "),
    ("02:40", "Clocks apart: head office's clock is behind the last run "),
    ("05:50", "Resolved: Clocks apart: head office's clock is behind the last run "),
];

#[test]
fn each_alert_of_a_night_is_sent_once_in_time_and_resolved() {
    let mut shift = Shift::begin("21:00");
    prepare(&mut shift);
    for step in 0..=48 {
        let time = clock_time(instant("22:00") + step * 10 * MINUTE);
        // What happened at the last step may have taken longer.
        if instant(&time) > shift.now {
            shift.at(&time);
            shift.happens(&time);
        }
    }
    let (ended, mails): (Vec<_>, Vec<_>) =
        shift.mails.iter().partition(|(_, subject)| subject.starts_with("cdx: Batch job 3 Hourly: Ended. Run "));
    let times: Vec<_> = ended.iter().map(|(time, _)| time.as_str()).collect();
    assert_eq!(times, ["22:10", "23:10", "00:10", "01:25", "02:28", "03:10", "04:10", "05:10"]);
    for ((time, subject), (expected_at, expected)) in mails.iter().zip(EXPECTED) {
        let is_expected = subject.strip_prefix("cdx: ").is_some_and(|subject| subject.starts_with(expected));
        assert!(is_expected && time == expected_at, "expected {expected_at} {expected:?} in {mails:#?}");
    }
    assert_eq!(mails.len(), EXPECTED.len(), "{mails:#?}");

    let sheet = shift.cdx(&["handover", "--since", "8h", "--text"]).stdout;
    for (_, expected) in EXPECTED {
        let of_a_job = ["Batch job 2 Half-hourly: did not start", "Batch job 2 Half-hourly: runs for"];
        let by_rule =
            !expected.starts_with("Batch job") && !expected.contains(" at risk") && !expected.contains("Resolved");
        if by_rule || of_a_job.iter().any(|text| expected.starts_with(text)) {
            assert!(sheet.contains(expected), "{expected:?} is not in {sheet}");
        }
    }
    for line in [
        "1 failed",
        "05:00:00 UTC job 2 Half-hourly: error: message database ",
        "04:00:00 UTC job 2 Half-hourly: ended purge held: ",
        "01:00:00 UTC job 2 Half-hourly: interrupted: batch server aos-1 is gone",
        "03:50:00 UTC r.vermeer: set parameter, retention-days (30 -> 3)",
        "23:30 UTC r.vermeer: change status, batch job 2 (Executing -> Canceling)",
    ] {
        assert!(sheet.contains(line), "{line:?} is not in {sheet}");
    }
    let firing = shift.cdx(&["alerts", "--json"]).json_lines();
    let firing: Vec<_> = firing.iter().filter(|row| row["resolved_at"].is_null()).collect();
    assert_eq!(firing.len(), 1, "only what was wrong before the shift: {firing:#?}");
    shift.cdx(&["journal", "verify"]);
}

engines::on!(sqlite_to_postgres, SqliteToPostgres, each_alert_of_a_night_is_sent_once_in_time_and_resolved);
