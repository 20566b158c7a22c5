//! Batch jobs on real batch servers: due, withheld, canceled, failed, retried and killed; alerts.

use crate::support::child::Running;
use crate::support::mail::{Behavior, MailServer};
use crate::support::messages::applied_sessions;
use crate::support::{Exchange, ran, wait_until};
use ::postgres::fallible_iterator::FallibleIterator;
use cdx_console::server::{EventListener, Options, ServerEnd, ServerError, ServerEvent, Wake, serve};
use cdx_console::store::{Access, HeadOffice};
use serde_json::Value;
use std::sync::mpsc::channel;
use std::time::Instant;

pub fn server(exchange: &Exchange, name: &str) -> Running {
    let server = Running::start(&mut exchange.command(&["batch-server", "--name", name]));
    let sql = format!("select count(*) from batch_server where name = '{name}' and process_id = {}", server.id());
    wait_until("the batch server is registered", || {
        exchange.has_table("batch_server") && exchange.at_head_office(&sql) == ["1"]
    });
    server
}

fn submit(exchange: &Exchange, more: &[&str]) -> i64 {
    let args: Vec<_> = ["batch", "submit", "--json"].iter().chain(more).copied().collect();
    exchange.cdx(&args).exits(0).json()["job_id"].as_i64().expect("a number")
}

fn history(exchange: &Exchange) -> Vec<Value> {
    exchange.cdx(&["batch", "history", "--json"]).exits(0).json_lines()
}

fn outcomes(exchange: &Exchange) -> Vec<String> {
    exchange.at_head_office("select outcome from batch_job_history order by history_id")
}

/// Waits until head office has a chunk of a batch job's run.
fn wait_for_chunk(exchange: &Exchange) {
    wait_until("a chunk of the job is at head office", || {
        exchange.at_head_office("select coalesce(max(read), 0) > 0 from run where outcome is null") == ["1"]
    });
}

#[test]
fn a_due_job_runs_without_any_console_and_is_recorded_in_history_and_log() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..100));
    let server = server(&exchange, "aos-1");
    let job = submit(&exchange, &["--description", "Status \u{1b}[31mof Houston"]);
    wait_until("the job has ended", || outcomes(&exchange) == ["ended"]);
    let row = &history(&exchange)[0];
    assert_eq!(
        (row["job_id"].as_i64(), row["read"].as_i64(), row["server"].as_str()),
        (Some(job), Some(300), Some("aos-1"))
    );
    let listed = exchange.cdx(&["batch", "jobs"]).exits(0).stdout;
    assert!(listed.contains("Ended") && listed.contains("<1B>") && !listed.contains('\u{1b}'), "{listed}");
    let log = exchange.cdx(&["batch", "log", &row["history_id"].to_string()]).exits(0).stdout;
    assert!(log.contains("Try 1 on aos-1") && log.contains("300 read = 300 inserted"), "{log}");
    let doctor = exchange.cdx(&["doctor"]).exits(0).stdout;
    assert!(doctor.contains("aos-1"), "{doctor}");
    server.signal("TERM");
    server.finish().exits(0).says("run=1").says("stopped");
    assert!(exchange.cdx(&["batch", "servers"]).exits(0).stdout.contains("stopped"));
}

#[test]
fn once_runs_due_jobs_and_exits() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    submit(&exchange, &[]);
    submit(&exchange, &["--no-transfer"]);
    submit(&exchange, &["--start", "2099-01-01T00:00:00Z"]);
    exchange.cdx(&["batch-server", "--once"]).exits(0).says("2 batch jobs ran, 0 of them failed");
    assert_eq!(outcomes(&exchange), ["ended", "ended"]);
    assert_eq!(exchange.at_head_office("select status from batch_job order by job_id"), ["4", "4", "1"]);
}

#[test]
fn a_withheld_job_waits_and_runs_once_after_release() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    let rule =
        r#"{"start":"2026-01-01T00:00","time_zone":"UTC","pattern":{"unit":"minutes","every":1},"end":{"never":true}}"#;
    std::fs::write(exchange.path("rule.json"), rule).expect("written");
    let path = exchange.path("rule.json").display().to_string();
    let job = submit(&exchange, &["--rule", &path]).to_string();
    exchange.cdx(&["batch", "change-status", &job, "withhold", "--reason", "AOS patch"]).exits(0);
    // Pretend that it has been withheld for an hour.
    let moved = "update batch_job set next_start = next_start - 3600000, due_at = due_at - 3600000,
        withheld_at = withheld_at - 3600000, changed_at = changed_at - 3600000";
    exchange.change_head_office(moved);
    let server = server(&exchange, "aos-1");
    let why = exchange.cdx(&["batch", "why", &job]).exits(0).stdout;
    assert!(why.starts_with("> x status is Withhold") && why.contains("\"AOS patch\""), "{why}");
    assert!(why.contains("further starts have passed"), "{why}");
    exchange.cdx(&["batch", "change-status", &job, "executing"]).exits(1).says("cannot be set by hand");
    exchange.cdx(&["batch", "change-status", &job, "waiting"]).exits(0);
    wait_until("the late run has ended", || outcomes(&exchange).contains(&"ended".to_owned()));
    let rows = exchange.at_head_office(
        "select outcome, starts, reason like 'withheld from %' from batch_job_history order by history_id limit 1",
    );
    let passed: Vec<_> = rows[0].split('|').collect();
    assert!(passed[0] == "not_made" && passed[2] == "1", "{rows:?}");
    assert!((58..=61).contains(&passed[1].parse::<i64>().expect("a number")), "{rows:?}");
    assert_eq!(
        exchange.at_head_office("select status, next_start > changed_at from batch_job"),
        ["1|1"],
        "the recurrence continues"
    );
    exchange.cdx(&["batch", "delete", &job]).exits(0).says("1 batch job deleted");
    assert_eq!(exchange.count("batch_job_history"), 2, "its history is kept");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn an_unreadable_job_does_not_block_others_and_can_be_deleted() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    let (broken, sound) = (submit(&exchange, &[]), submit(&exchange, &[]));
    // As written by a newer program, or by one with other time zones.
    for job in [broken, sound] {
        exchange.cdx(&["batch", "alerts", &job.to_string(), "--not-started", "1"]).exits(0);
    }
    // The form accepts any number of digits.
    let late = "update batch_alert set not_started_minutes = 9000000000000000000 where job_id";
    exchange.change_head_office(&format!("{late} = {sound}"));
    exchange.change_head_office("update batch_job set next_start = next_start - 600000, due_at = due_at - 600000");
    let newer = r#"{"start":"2026-01-01T00:00","time_zone":"Mars/Olympus","pattern":{"unit":"sols"}}"#;
    exchange.change_head_office(&format!("update batch_job set recurrence = '{newer}' where job_id = {broken}"));
    exchange.cdx(&["batch-server", "--once"]).exits(0);
    let rows = exchange.at_head_office("select job_id, outcome from batch_job_history");
    assert_eq!(rows, [format!("{sound}|ended")]);
    let why = exchange.at_head_office(&format!("select waits_for from batch_job where job_id = {broken}"));
    assert!(why[0].starts_with("it cannot be read: the recurrence"), "{why:?}");
    let alerts = exchange.at_head_office("select job_id, event from notification");
    assert_eq!(alerts, [format!("{broken}|not_started")]);
    exchange.cdx(&["batch", "jobs"]).exits(1).says(&format!("of batch job {broken}"));
    exchange.cdx(&["batch", "delete", &broken.to_string()]).exits(0);
    exchange.cdx(&["batch", "jobs"]).exits(0);
}

#[test]
fn a_second_server_of_the_same_name_is_refused_and_groups_assign_jobs_to_servers() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    let first = server(&exchange, "aos-1");
    exchange.cdx(&["batch-server", "--name", "aos-1"]).exits(4).says("is running already");
    exchange.cdx(&["batch", "submit", "--group", "NIGHT"]).exits(2).says("no batch group");
    exchange.cdx(&["batch", "group", "NIGHT", "--description", "At night"]).exits(0);
    let job = submit(&exchange, &["--group", "NIGHT"]).to_string();
    let why = exchange.cdx(&["batch", "why", &job]).exits(0).stdout;
    assert!(why.contains("> x no batch server serves group NIGHT"), "{why}");
    exchange.cdx(&["batch", "server", "aos-1", "--groups", "NIGHT,DAY"]).exits(2).says("no batch group \"DAY\"");
    exchange
        .cdx(&["batch", "server", "aos-1", "--groups", "NIGHT", "--windows", "bad"])
        .exits(2)
        .says("invalid window");
    exchange.cdx(&["batch", "server", "aos-1", "--groups", "NIGHT"]).exits(0);
    wait_until("the job has ended", || outcomes(&exchange) == ["ended"]);
    exchange.cdx(&["batch", "group", "NIGHT", "--delete"]).exits(1).says("it contains a batch job");
    first.signal("INT");
    first.finish().exits(0);
}

#[test]
fn another_server_on_the_machine_continues_a_killed_servers_job_at_once() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30_000));
    submit(&exchange, &["--no-purge"]);
    let first = server(&exchange, "aos-1");
    wait_for_chunk(&exchange);
    first.signal("KILL");
    assert_eq!(first.finish().code, -1);
    exchange.let_time_pass();
    // The next run does not wait until the lease of the killed run expires.
    exchange.change_head_office("update lease set expires_at = 4070908800000");
    let second = server(&exchange, "aos-2");
    wait_until("the job has ended", || outcomes(&exchange) == ["interrupted", "ended"]);
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted), sum(repeated) from run"), ["90000|90000|0"]);
    let rows = history(&exchange);
    assert_eq!((rows[0]["server"].as_str(), rows[1]["server"].as_str()), (Some("aos-2"), Some("aos-1")));
    assert!(rows[1]["reason"].as_str().is_some_and(|reason| reason.contains("aos-1 is gone")), "{rows:?}");
    second.signal("TERM");
    second.finish().exits(0).says("is gone");
}

#[test]
fn a_stopped_server_ends_its_run_after_a_chunk_and_the_next_continues_it() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30_000));
    // No retries: an orderly stop does not count as a failed try.
    submit(&exchange, &["--no-purge", "--retries", "0"]);
    let first = server(&exchange, "aos-1");
    wait_for_chunk(&exchange);
    first.signal("TERM");
    first.finish().exits(0);
    assert_eq!(outcomes(&exchange), ["interrupted"]);
    assert_eq!(exchange.at_head_office("select status, tries from batch_job"), ["1|0"]);
    exchange.cdx(&["batch-server", "--once"]).exits(0);
    assert_eq!(outcomes(&exchange), ["interrupted", "ended"]);
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted) from run"), ["90000|90000"]);
    assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["interrupted", "ended"]);
}

#[test]
fn a_canceled_job_ends_after_its_chunk_and_stops_its_recurrence() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..120_000));
    let job = submit(&exchange, &["--recurrence", "every 15 min", "--zone", "UTC"]).to_string();
    exchange.change_head_office("update batch_job set due_at = 0, next_start = created_at");
    let server = server(&exchange, "aos-1");
    wait_for_chunk(&exchange);
    exchange.cdx(&["batch", "delete", &job]).exits(1).says("it is executing");
    exchange.cdx(&["batch", "change-status", &job, "canceling", "--reason", "enough"]).exits(0);
    wait_until("the job is canceled", || exchange.at_head_office("select status from batch_job") == ["8"]);
    assert_eq!(exchange.at_head_office("select next_start from batch_job"), ["-"]);
    let sql = "select outcome, case when read < 360000 then 'on the way' else 'at the end' end from run";
    assert_eq!(exchange.at_head_office(sql), ["canceled|on the way"]);
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn a_server_suspended_past_its_lease_finds_its_job_reclaimed_and_changes_nothing() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60_000));
    submit(&exchange, &["--no-purge"]);
    let stopped = server(&exchange, "aos-1");
    wait_for_chunk(&exchange);
    stop_between_transactions(&exchange, &stopped);
    exchange.change_head_office("update batch_server set heartbeat_at = heartbeat_at - 20000 where name = 'aos-1'");
    exchange.change_head_office("update lease set expires_at = expires_at - 20000");
    let second = server(&exchange, "aos-2");
    wait_until("another has ended the job", || outcomes(&exchange) == ["interrupted", "ended"]);
    stopped.signal("CONT");
    wait_until("the late server has detected it", || {
        let sql = "select count(*) from batch_server where name = 'aos-1' and heartbeat_at >";
        exchange.at_head_office(&format!("{sql} {} - 4000", exchange.office_now())) == ["1"]
    });
    stopped.signal("TERM");
    stopped.finish().exits(0);
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted), sum(repeated) from run"), ["180000|180000|0"]);
    assert_eq!(outcomes(&exchange), ["interrupted", "ended"]);
    second.signal("TERM");
    second.finish().exits(0);
}

/// Suspends the server while it holds no write lock, which would block all writers.
fn stop_between_transactions(exchange: &Exchange, running: &Running) {
    wait_until("it is suspended between two transactions", || {
        running.signal("STOP");
        let is_free = exchange.office_is_free();
        let is_running = exchange.at_head_office("select count(*) from run where outcome is null") == ["1"];
        if !is_free || !is_running {
            running.signal("CONT");
        }
        assert!(is_running, "the run ended before it could be suspended");
        is_free
    });
}

#[test]
fn a_failed_job_is_retried_and_then_notified_by_mail_command_and_list() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..1));
    exchange.cdx(&["process"]).exits(0);
    // A message database that was read before and is missing now is an error.
    if exchange.message_url().starts_with("sqlite:") {
        std::fs::rename(exchange.message_database(), exchange.path("elsewhere.db")).expect("moved");
    } else {
        exchange.script_at_messages("alter table exchange rename to elsewhere");
    }
    let mail_server = MailServer::start(Behavior::Accepts { after: 0 });
    let port = mail_server.port;
    let output = exchange.path("output");
    let config = format!(
        "smtp_host = '127.0.0.1'\nsmtp_port = {port}\nsmtp_security = 'none'\nsmtp_from = 'cdx@hq.example'\n\
         alert_command = 'echo \"$CDX_EVENT $CDX_JOB $CDX_TEXT\" > {0}.part && mv {0}.part {0}'\n",
        output.display()
    );
    std::fs::write(exchange.path("config.toml"), config).expect("written");
    let job =
        submit(&exchange, &["--retries", "1", "--retry-pause", "0s", "--description", "Status, nightly"]).to_string();
    exchange
        .cdx(&["batch", "alerts", &job, "--on", "error", "--email", "ops@hq.example", "--command"])
        .exits(0)
        .says("error: pop-up, e-mail, command");
    let path = exchange.path("config.toml").display().to_string();
    let server =
        Running::start(&mut exchange.command(&["--config", &path, "batch-server", "--name", "aos-1", "--log", "json"]));
    let mail = mail_server.mails.recv_timeout(crate::support::TIMEOUT).expect("a mail");
    for part in [
        "To: ops@hq.example",
        "From: cdx@hq.example",
        "Subject: cdx: Batch job",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Message-ID: <",
        "Date: ",
        "Status, nightly",
    ] {
        assert!(mail.contains(part), "{part} is missing: {mail}");
    }
    wait_until("the command has run", || output.exists());
    let words = std::fs::read_to_string(&output).expect("notified");
    assert!(words.starts_with(&format!("error {job} Batch job {job} Status, nightly: Error.")), "{words}");
    assert_eq!(
        exchange.at_head_office("select outcome, tries from batch_job_history"),
        ["error|2"],
        "one row, two tries"
    );
    assert_eq!(exchange.at_head_office("select status from batch_job"), ["3"]);
    assert_eq!(exchange.at_head_office("select count(*) from notification where popup = 1 and read_at is null"), ["1"]);
    wait_until("both are noted as delivered", || {
        exchange.at_head_office("select count(*) from delivery where delivered_at is not null") == ["2"]
    });
    server.signal("TERM");
    let ran = server.finish().exits(0);
    let events: Vec<Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(events.iter().any(|event| event["event"] == "job_ended" && event["job_id"].is_i64()));
}

#[test]
fn repeatedly_killed_servers_run_every_job_exactly_once() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2_000));
    let now = cdx_console::clock::Clock::now(&cdx_console::clock::SystemClock);
    let jobs: Vec<i64> = (0..20)
        .map(|at| {
            let start = cdx_console::domain::Timestamp(now.0 + at * 400).to_rfc3339();
            submit(&exchange, &["--start", &start, "--retries", "50", "--no-purge"])
        })
        .collect();
    let mut random = fastrand::Rng::with_seed(3);
    let mut kills = 0;
    let mut servers = [Some(server(&exchange, "aos-1")), Some(server(&exchange, "aos-2"))];
    wait_until("every job has ended", || {
        let ended = exchange.at_head_office("select count(*) from batch_job where status = 4") == ["20"];
        if !ended && kills < 15 {
            std::thread::park_timeout(std::time::Duration::from_millis(random.u64(50..600)));
            let which = random.usize(0..2);
            servers[which].take().expect("it runs").kill_after(std::time::Duration::ZERO);
            exchange.let_time_pass();
            servers[which] = Some(server(&exchange, ["aos-1", "aos-2"][which]));
            kills += 1;
        }
        ended
    });
    for job in jobs {
        let sql = format!("select outcome from batch_job_history where job_id = {job} and outcome <> 'interrupted'");
        assert_eq!(exchange.at_head_office(&sql), ["ended"], "job {job} after {kills} kills");
    }
    assert_eq!(exchange.at_head_office("select sum(inserted), sum(repeated) from run"), ["6000|0"]);
    let overlap = "select count(*) from run a join run b on a.run_id < b.run_id and a.ended_at > b.started_at";
    assert_eq!(exchange.at_head_office(overlap), ["0"], "no two runs at once");
    assert_eq!(exchange.count("status_message"), 6_000);
    for server in servers.into_iter().flatten() {
        server.signal("TERM");
        server.finish().exits(0);
    }
}

#[test]
fn duplicate_jobs_and_alerts_without_a_receiver_are_pointed_out() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    let later = ["batch", "submit", "--start", "2099-01-01T00:00:00Z"];
    let first = exchange.cdx(&later).exits(0);
    assert!(!first.stderr.contains("does the same"), "{first:?}");
    exchange.cdx(&later).exits(0).says("batch job 1 does the same and is waiting");
    exchange.cdx(&["batch", "change-status", "1", "withhold"]).exits(0);
    exchange.cdx(&later).exits(0).says("batch job 1 does the same and is withheld. Release it instead");
    // A twin of another group is no less a twin.
    exchange.cdx(&["batch", "group", "NIGHT"]).exits(0);
    let of_group = [&later[..], &["--group", "NIGHT"]].concat();
    exchange.cdx(&of_group).exits(0).says("job 1 does the same in the default group and is withheld");
    exchange.cdx(&of_group).exits(0).says("job 4 does the same and is waiting");
    let other = exchange.cdx(&[&later[..], &["--no-purge"]].concat()).exits(0);
    assert!(!other.stderr.contains("does the same"), "{other:?}");
    let quiet = exchange.cdx(&[&later[..], &["--no-purge", "--history", "never", "--json"]].concat()).exits(0);
    let job_id = quiet.json()["job_id"].to_string();
    exchange.cdx(&["batch", "alerts", &job_id, "--on", "error"]).exits(0).says("with Never none are sent");
    exchange.cdx(&["batch", "alerts", &job_id, "--test"]).exits(0).says("test added to the notifications");
    exchange.cdx(&["batch", "alerts", &job_id, "--on", "error", "--email", "ops@hq.example"]).exits(0);
    exchange.cdx(&["batch", "alerts", &job_id, "--test"]).exits(0).says("no batch server is running to send it");
}

#[test]
fn invalid_batch_commands_are_refused_with_an_error() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    for (args, code, sentence) in [
        (&["batch", "submit", "--recurrence", "every fortnigt"][..], 2, "cannot read"),
        (&["batch", "submit", "--start", "soon"], 2, "--start"),
        (&["batch", "submit", "--history", "sometimes"], 2, "always, errors_only or never"),
        (&["batch", "submit", "--after-error", "cry"], 2, "go_on or stop"),
        (&["batch", "submit", "--zone", "Mars/Base", "--recurrence", "daily 6:00"], 2, "is not a time zone"),
        (&["batch", "submit", "--description", " "], 2, "1 to 200 characters"),
        (&["--read-only", "batch", "submit"], 2, "read_only"),
        (&["--read-only", "batch-server"], 2, "read_only"),
        (&["batch-server", "--name", ""], 2, "--name"),
    ] {
        exchange.cdx(args).exits(code).says(sentence);
    }
    submit(&exchange, &[]);
    for (args, code, sentence) in [
        (&["batch", "change-status", "77", "waiting"][..], 1, "no batch job 77"),
        (&["batch", "change-status", "1", "sleeping"], 2, "not a batch job status"),
        (&["batch", "change-status", "1", "canceling"], 1, "only an executing job"),
        (&["batch", "delete", "77"], 1, "no batch job 77"),
        (&["batch", "delete", "--status", "executing"], 2, "cannot be deleted"),
        (&["batch", "alerts", "1", "--on", "birth"], 2, "not an event"),
        (&["batch", "server", "unknown", "--zone", "UTC"], 1, "no batch server"),
        (&["batch", "why", "77"], 1, "no batch job 77"),
    ] {
        exchange.cdx(args).exits(code).says(sentence);
    }
    exchange.cdx(&["batch", "delete", "--status", "waiting"]).exits(0).says("1 batch job deleted");
}

/// A note of the reason must not wake the servers again.
#[test]
fn a_due_job_that_has_to_wait_does_not_keep_batch_servers_busy() {
    crate::support::engines::run_on(crate::support::engines::Engines::Postgres, || {
        let exchange = Exchange::new();
        let servers = ["aos-1", "aos-2"].map(|name| server(&exchange, name));
        exchange.change_head_office("update batch_server_window set max_threads = 0");
        submit(&exchange, &[]);
        let waits = || exchange.at_head_office("select coalesce(waits_for, '') from batch_job");
        wait_until("the reason is noted", || waits() == ["aos-1 has no open window"]);
        let mut client = exchange.served_office().connect();
        client.batch_execute("listen cdx_head_office").expect("it listens");
        let beats = || exchange.at_head_office("select max(heartbeat_at) from batch_server");
        for _ in 0..2 {
            let before = beats();
            wait_until("a heartbeat", || beats() != before);
        }
        client.batch_execute("select 1").expect("it answers");
        let mut notified = 0;
        while FallibleIterator::next(&mut client.notifications().iter()).expect("read").is_some() {
            notified += 1;
        }
        assert_eq!(notified, 0, "nothing changes while it waits");
        for server in servers {
            server.signal("TERM");
            server.finish().exits(0);
        }
    });
}

/// A suspended process may keep the runner's lock while no lease shows it.
#[test]
fn a_start_that_is_refused_is_repeated_at_the_next_poll_and_not_at_once() {
    let exchange = Exchange::new();
    let server = server(&exchange, "aos-1");
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    let lock = office.try_runner_lock().expect("it can be asked for").expect("it is free");
    let began = Instant::now();
    submit(&exchange, &[]);
    let claims = || exchange.at_head_office("select fencing from batch_job")[0].parse::<u64>().expect("a number");
    wait_until("it is claimed several times", || claims() > 5);
    let (claims, seconds) = (claims(), began.elapsed().as_secs());
    assert!(claims <= seconds + 2, "{claims} claims in {seconds} s");
    drop(lock);
    wait_until("the job has ended", || outcomes(&exchange) == ["ended"]);
    server.signal("TERM");
    server.finish().exits(0);
}

crate::support::engines::on_postgres!(
    an_unreadable_job_does_not_block_others_and_can_be_deleted,
    a_due_job_runs_without_any_console_and_is_recorded_in_history_and_log,
    once_runs_due_jobs_and_exits,
    a_withheld_job_waits_and_runs_once_after_release,
    a_second_server_of_the_same_name_is_refused_and_groups_assign_jobs_to_servers,
    another_server_on_the_machine_continues_a_killed_servers_job_at_once,
    a_stopped_server_ends_its_run_after_a_chunk_and_the_next_continues_it,
    a_canceled_job_ends_after_its_chunk_and_stops_its_recurrence,
    a_server_suspended_past_its_lease_finds_its_job_reclaimed_and_changes_nothing,
    a_failed_job_is_retried_and_then_notified_by_mail_command_and_list,
    repeatedly_killed_servers_run_every_job_exactly_once,
    invalid_batch_commands_are_refused_with_an_error,
);

/// A batch server in this process.
struct InProcess {
    stop: std::sync::mpsc::Sender<Wake>,
    events: std::sync::mpsc::Receiver<ServerEvent>,
    thread: std::thread::JoinHandle<Result<ServerEnd, ServerError>>,
}

impl InProcess {
    fn start(exchange: &Exchange, sweep: std::time::Duration) -> Self {
        let options = Options {
            name: "aos-1".to_owned(),
            databases: exchange.databases(),
            clock: std::sync::Arc::new(cdx_console::clock::SystemClock),
            host: "here".to_owned(),
            zone: "UTC".to_owned(),
            once: false,
            delivery: cdx_console::batch::DeliveryConfig::default(),
            sweep,
        };
        let (wake, woken) = channel();
        let stop = wake.clone();
        let (sender, events) = channel();
        let listener: EventListener = std::sync::Arc::new(move |event| drop(sender.send(event)));
        let thread = std::thread::spawn(move || serve(&options, (wake, woken), &listener));
        Self { stop, events, thread }
    }

    fn stop(self) {
        self.stop.send(Wake::Stop).expect("it is there");
        self.thread.join().expect("it ends").expect("it ends well");
    }
}

#[test]
fn an_idle_server_writes_the_log_of_its_heartbeats_back() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    let server = InProcess::start(&exchange, std::time::Duration::from_millis(1));
    wait_until("the server is started", || exchange.has_table("batch_server") && exchange.count("batch_server") == 1);
    exchange.script_at_head_office(
        "pragma wal_autocheckpoint = 0; create table ballast (a blob); insert into ballast values (zeroblob(4000000))",
    );
    let file = exchange.head_office();
    wait_until("the rows are in the database's file", || {
        std::fs::metadata(&file).is_ok_and(|file| file.len() > 4_000_000)
    });
    server.stop();
}

#[test]
fn a_submitted_job_wakes_a_server_that_is_not_polling() {
    let exchange = Exchange::of(crate::support::engines::Engines::Postgres);
    exchange.post(&applied_sessions(1, 0..10));
    let server = InProcess::start(&exchange, std::time::Duration::from_hours(1));
    wait_until("the server listens and has polled", || {
        exchange.at_head_office(
            "select count(*) from pg_stat_activity where query like 'listen %' and datname = current_database()",
        ) == ["1"]
    });
    // After its first heartbeat, notifications from its start have been handled.
    wait_until("it has sent a heartbeat", || server.events.try_iter().any(|event| event == ServerEvent::Alive));
    submit(&exchange, &[]);
    wait_until("the job has ended", || outcomes(&exchange) == ["ended"]);
    // Its LISTEN connection is terminated; it reconnects and polls in the meantime.
    exchange.script_at_head_office(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'
         and datname = current_database()",
    );
    submit(&exchange, &[]);
    wait_until("the second job has ended", || outcomes(&exchange) == ["ended", "ended"]);
    server.stop();
}

#[test]
fn a_recurrence_in_minutes_counts_from_the_start_that_is_given() {
    let exchange = Exchange::new();
    let args = ["batch", "submit", "--start", "2027-01-11T22:10:00Z", "--recurrence", "every 60 min", "--zone", "UTC"];
    exchange.cdx(&args).exits(0).says("first start 2027-01-11 22:10:00 UTC, ");
}

#[test]
fn tz_sets_the_time_zone_of_a_recurrence_in_words() {
    let exchange = Exchange::new();
    let submit = |tz: &str| {
        let mut command = exchange.command(&["batch", "submit", "--recurrence", "daily 6:00", "--json"]);
        ran(command.env("TZ", tz))
    };
    for (tz, zone) in [
        ("America/New_York", "America/New_York"),
        (":America/New_York", "America/New_York"),
        ("UTC", "UTC"),
        ("", "UTC"),
    ] {
        let job = submit(tz).exits(0).json()["job_id"].to_string();
        let recurrence = exchange.at_head_office(&format!("select recurrence from batch_job where job_id = {job}"));
        assert!(recurrence.concat().contains(&format!("\"time_zone\":\"{zone}\"")), "{tz}: {recurrence:?}");
    }
    submit("CET-1CEST,M3.5.0,M10.5.0/3")
        .exits(2)
        .says("is not the name of a time zone; write one such as TZ=Europe/Amsterdam");
}
