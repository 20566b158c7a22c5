//! The batch server as a service: signals, systemd notifications, log, e-mail and alert commands.

use crate::batch::server;
use crate::support::child::Running;
use crate::support::mail::{Behavior, MailServer};
use crate::support::messages::applied_sessions;
use crate::support::{Exchange, TIMEOUT, foreign, wait_until};
use serde_json::Value;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Far below the timeouts of locks and mail servers, far above what a busy machine needs.
const SOON: Duration = Duration::from_secs(15);

fn configure(exchange: &Exchange, text: &str) -> String {
    std::fs::write(exchange.path("config.toml"), text).expect("written");
    exchange.path("config.toml").display().to_string()
}

fn smtp(port: u16, more: &str) -> String {
    format!("smtp_host = '127.0.0.1'\nsmtp_port = {port}\nsmtp_security = 'none'\nsmtp_from = 'cdx@hq.example'\n{more}")
}

fn start(exchange: &Exchange, config: &str) -> Running {
    let args = ["--config", config, "batch-server", "--name", "aos-1", "--log", "json"];
    let server = Running::start(&mut exchange.command(&args));
    let sql = format!("select count(*) from batch_server where process_id = {}", server.id());
    wait_until("it is registered", || exchange.has_table("batch_server") && exchange.at_head_office(&sql) == ["1"]);
    server
}

fn events(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Submits a job for later with alerts by these channels and returns its number.
fn job(exchange: &Exchange, description: &str, channels: &[&str]) -> String {
    let args = ["batch", "submit", "--start", "2099-01-01T00:00:00Z", "--json", "--description", description];
    let job_id = exchange.cdx(&args).exits(0).json()["job_id"].to_string();
    exchange.cdx(&[&["batch", "alerts", &job_id, "--on", "error"], channels].concat()).exits(0);
    job_id
}

fn test_alerts(exchange: &Exchange, job_id: &str) {
    exchange.cdx(&["batch", "alerts", job_id, "--test"]).exits(0).says("test queued");
}

#[test]
fn the_supervisor_is_notified_of_ready_watchdog_and_stopping() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    let path = exchange.path("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(TIMEOUT)).expect("a setting");
    let server = Running::start(exchange.command(&["batch-server", "--name", "aos-1"]).env("NOTIFY_SOCKET", &path));
    let hears = |wanted: &str| {
        let mut buffer = [0; 256];
        loop {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{wanted} never came: {error}"));
            if String::from_utf8_lossy(&buffer[..length]).lines().any(|line| line == wanted) {
                return;
            }
        }
    };
    hears("READY=1");
    assert_eq!(
        exchange.at_head_office("select name from batch_server"),
        ["aos-1"],
        "READY is not sent before the server is registered"
    );
    hears("WATCHDOG=1");
    hears("WATCHDOG=1");
    // Being killed by its supervisor would not unlock head office.
    let other = foreign(&exchange.head_office());
    other.execute_batch("begin immediate").expect("the lock is free");
    while socket.set_nonblocking(true).is_ok() && socket.recv(&mut [0; 256]).is_ok() {}
    socket.set_nonblocking(false).expect("a setting");
    hears("WATCHDOG=1");
    hears("WATCHDOG=1");
    other.execute_batch("rollback").expect("it ends");
    server.signal("TERM");
    hears("STOPPING=1");
    server.finish().exits(0);
}

#[test]
fn the_systemd_unit_is_valid() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/systemd/cdx-batch-server.service");
    let text = std::fs::read_to_string(unit).expect("it is there");
    for line in ["Type=notify", "ExecReload=/bin/kill -HUP $MAINPID", "Restart=on-failure", "NoNewPrivileges=yes"] {
        assert!(text.lines().any(|found| found == line), "{line} is missing");
    }
    let watchdog = text.lines().find_map(|line| line.strip_prefix("WatchdogSec=")).and_then(|text| text.parse().ok());
    assert!(watchdog.is_some_and(|seconds: u64| seconds > 10), "at least two heartbeats");
    // If systemd is available, it verifies the unit; the program need not be installed.
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("cdx-batch-server.service");
    std::fs::write(&copy, text.replace("/usr/local/bin/cdx", env!("CARGO_BIN_EXE_cdx"))).expect("written");
    let Ok(verified) = std::process::Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&copy).output()
    else {
        return;
    };
    let words = String::from_utf8_lossy(&verified.stderr);
    let faults: Vec<_> = words.lines().filter(|line| line.contains("cdx-batch-server")).collect();
    assert!(verified.status.success() && faults.is_empty(), "{words}");
}

#[test]
fn a_claimed_job_runs_even_if_reading_the_next_one_fails() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&applied_sessions(1, 0..10));
    // Without retries, a lost claim would be a lost start.
    for _ in 0..2 {
        exchange.cdx(&["batch", "submit", "--no-purge", "--retries", "0"]).exits(0);
    }
    exchange.script_at_head_office(
        "create trigger faulty before update of waits_for on batch_job when new.waits_for is not null
         begin select raise(abort, 'the disk is at its end'); end",
    );
    let server = start(&exchange, &configure(&exchange, ""));
    let outcomes = || exchange.at_head_office("select outcome from batch_job_history order by history_id");
    wait_until("both have ended", || outcomes() == ["ended", "ended"]);
    server.signal("TERM");
    let ran = server.finish().exits(0);
    assert!(ran.stderr.contains("the disk is at its end"), "{ran:?}");
    assert_eq!(exchange.count("run"), 2);
}

#[test]
fn sighup_reloads_the_configuration_and_keeps_the_old_one_if_invalid() {
    let exchange = Exchange::new();
    let command = |name: &str| {
        let output = exchange.path(name).display().to_string();
        format!("alert_command = 'echo \"$CDX_TEXT\" > {output}.part && mv {output}.part {output}'\n")
    };
    let config = configure(&exchange, &command("before"));
    let server = start(&exchange, &config);
    let job_id = job(&exchange, "Status", &["--command"]);
    test_alerts(&exchange, &job_id);
    wait_until("the command has run", || exchange.path("before").exists());
    configure(&exchange, "smtp_port = 'none'\n");
    server.signal("HUP");
    // It keeps the old configuration and logs that the new one is invalid.
    std::fs::remove_file(exchange.path("before")).expect("removed");
    test_alerts(&exchange, &job_id);
    wait_until("the old command has run", || exchange.path("before").exists());
    configure(&exchange, &command("after"));
    server.signal("HUP");
    wait_until("the new command has run", || {
        test_alerts(&exchange, &job_id);
        exchange.path("after").exists()
    });
    server.signal("TERM");
    let ran = server.finish().exits(0);
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(lines.iter().any(|line| line.contains("was not reloaded") && line.contains("smtp_port")), "{ran:?}");
    assert!(lines.iter().any(|line| line.contains("\"reloaded\"")), "{ran:?}");
}

#[test]
fn sigterm_ends_the_server_while_a_mail_server_does_not_answer() {
    let exchange = Exchange::new();
    let mail = MailServer::start(Behavior::Silent);
    let config = configure(&exchange, &smtp(mail.port, ""));
    let server = start(&exchange, &config);
    let job_id = job(&exchange, "Status", &["--email", "ops@hq.example"]);
    test_alerts(&exchange, &job_id);
    wait_until("it waits for the mail server", || mail.connections.load(Ordering::SeqCst) > 0);
    let since = Instant::now();
    server.signal("TERM");
    let ran = server.finish().exits(0);
    assert!(since.elapsed() < SOON, "it took {:?}", since.elapsed());
    let names: Vec<_> = events(&ran.stderr).iter().map(|event| event["event"].clone()).collect();
    assert!(!names.contains(&"delivered".into()) && names.contains(&"stopped".into()), "{names:?}");
    let waiting = "select count(*) from delivery where delivered_at is null and next_try_at is not null";
    assert_eq!(exchange.at_head_office(waiting), ["1"], "the next server delivers it");
}

#[test]
fn sigterm_ends_the_server_while_head_office_is_locked_and_its_run_continues_later() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&applied_sessions(1, 0..30_000));
    exchange.cdx(&["batch", "submit", "--no-purge", "--retries", "0"]).exits(0);
    let first = server(&exchange, "aos-1");
    exchange.wait_for_a_chunk();
    let other = foreign(&exchange.head_office());
    other.execute_batch("begin immediate").expect("the lock is free");
    let since = Instant::now();
    first.signal("TERM");
    let ran = first.finish().exits(0);
    assert!(since.elapsed() < SOON, "it took {:?}: {ran:?}", since.elapsed());
    other.execute_batch("rollback").expect("it ends");
    // As if it had been silent for long: its claim is abandoned. A job without retries is then
    // notified as an error.
    let second = server(&exchange, "aos-2");
    wait_until("its job has been taken from it", || {
        exchange.at_head_office("select count(*) from batch_job where status in (2, 7)") == ["0"]
    });
    second.signal("TERM");
    second.finish().exits(0);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    assert_eq!(exchange.at_head_office("select sum(read), sum(repeated) from run"), ["90000|0"]);
}

#[test]
fn hostile_job_names_add_no_log_lines_and_no_mail_headers() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    let mail = MailServer::start(Behavior::Accepts { after: 0 });
    let config = configure(&exchange, &smtp(mail.port, ""));
    let hostile =
        "Status\r\nBcc: all@hq.example\r\n\r\n{\"event\":\"stopped\"}\u{1b}]0;owned\u{7}\u{202e}\u{2028}磁盘 \"'";
    let args = ["batch", "submit", "--json", "--description", hostile];
    let job_id = exchange.cdx(&args).exits(0).json()["job_id"].to_string();
    for address in ["ops@hq.example\r\nBcc: all@hq.example", "ops@hq.example, all@hq.example", "ops"] {
        exchange.cdx(&["batch", "alerts", &job_id, "--on", "ended", "--email", address]).exits(2).says("e-mail");
    }
    exchange.cdx(&["batch", "alerts", &job_id, "--on", "ended", "--email", "ops@hq.example"]).exits(0);
    let server = start(&exchange, &config);
    let text = mail.mails.recv_timeout(TIMEOUT).expect("a mail");
    let (headers, _) = text.split_once("\n\n").expect("headers, then a text");
    let names: Vec<_> = headers
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap_or_default().to_lowercase())
        .collect();
    assert!(!names.contains(&"bcc".to_owned()) && names.iter().filter(|name| *name == "to").count() == 1, "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    let recipients: Vec<_> =
        mail.commands.lock().expect("no panic").iter().filter(|line| line.starts_with("RCPT")).cloned().collect();
    assert_eq!(recipients, ["RCPT TO:<ops@hq.example>"]);
    // An address written by another program.
    exchange.change_head_office(
        "update batch_alert set email = 'ops@hq.example' || char(13) || char(10) || 'RCPT TO:<x@y.z>'",
    );
    test_alerts(&exchange, &job_id);
    wait_until("it is refused", || {
        exchange.at_head_office("select count(*) from delivery where error like '%is not an e-mail address%'") == ["1"]
    });
    server.signal("TERM");
    let ran = server.finish().exits(0);
    assert!(ran.stderr.chars().all(|c| c == '\n' || !c.is_control()), "{ran:?}");
    let said = events(&ran.stderr);
    assert_eq!(said.iter().filter(|event| event["event"] == "stopped").count(), 1, "{ran:?}");
    assert!(said.iter().all(|event| event["at"].is_string() && event["text"].is_string()), "{ran:?}");
    assert!(said.iter().any(|event| event["event"] == "job_ended" && event["run_id"].is_i64()), "{ran:?}");
}

#[test]
fn a_refused_mail_is_reported_and_retried_until_delivered() {
    let exchange = Exchange::new();
    let mail = MailServer::start(Behavior::Accepts { after: 1 });
    let config = configure(&exchange, &smtp(mail.port, ""));
    let server = start(&exchange, &config);
    let job_id = job(&exchange, "Status", &["--email", "ops@hq.example"]);
    test_alerts(&exchange, &job_id);
    wait_until("it was refused", || {
        exchange.at_head_office("select count(*) from delivery where error is not null") == ["1"]
    });
    let doctor = exchange.cdx(&["doctor"]);
    assert!(doctor.stdout.contains("alerts by email are not delivered") && doctor.stdout.contains("451"), "{doctor:?}");
    let shown = exchange.cdx(&["batch", "alerts", &job_id]).exits(0).says("email does not work").says("451");
    assert!(
        !format!("{}{}{}", doctor.stdout, shown.stdout, shown.stderr).contains('\u{1b}'),
        "a mail server's words are hostile, too"
    );
    // Pretend that half a minute has passed.
    exchange.change_head_office("update delivery set next_try_at = 1 where next_try_at is not null");
    let identity =
        |mail: &str| mail.lines().find(|line| line.starts_with("Message-ID: ")).expect("it has one").to_owned();
    let sent = identity(&mail.mails.recv_timeout(TIMEOUT).expect("a mail"));
    wait_until("it is noted", || {
        exchange.at_head_office("select count(*) from delivery where delivered_at is not null") == ["1"]
    });
    // A server that was killed before it noted that sends it again.
    exchange.change_head_office("update delivery set next_try_at = 1, delivered_at = null");
    assert_eq!(identity(&mail.mails.recv_timeout(TIMEOUT).expect("the same mail")), sent);
    wait_until("it is noted", || {
        exchange.at_head_office("select count(*) from delivery where delivered_at is not null") == ["1"]
    });
    exchange.cdx(&["batch", "alerts", &job_id]).exits(0).says("last email delivered");
    let doctor = exchange.cdx(&["doctor"]);
    assert!(!doctor.stdout.contains("was not delivered"), "{doctor:?}");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn a_server_whose_file_is_replaced_exits_with_an_error_but_waits_while_it_is_missing() {
    let exchange = Exchange::new();
    let config = configure(&exchange, "");
    let server = start(&exchange, &config);
    let moved = |suffix: &str| exchange.path(&format!("away.db{suffix}"));
    let there = |suffix: &str| std::path::PathBuf::from(format!("{}{suffix}", exchange.head_office().display()));
    for suffix in ["", "-wal", "-shm"].into_iter().filter(|suffix| there(suffix).exists()) {
        std::fs::rename(there(suffix), moved(suffix)).expect("moved");
    }
    server.wait_until_it_says("was moved, removed or replaced");
    std::fs::copy(moved(""), there("")).expect("copied");
    let ran = server.finish().exits(1);
    assert!(ran.stderr.contains("restart cdx"), "{ran:?}");
}

#[test]
fn doctor_fails_when_no_server_runs_due_jobs_or_sends_alerts() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["batch", "submit"]).exits(0);
    exchange.cdx(&["batch", "alerts", "1", "--not-started", "5"]).exits(0);
    assert!(exchange.cdx(&["doctor"]).exits(0).stdout.contains("none has ever run here"), "it is due just now");
    exchange.change_head_office("update batch_job set next_start = next_start - 600000, due_at = due_at - 600000");
    let ill = exchange.cdx(&["doctor"]).exits(1).stdout;
    let faults: Vec<_> = ill.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(faults.len() == 2 && faults[0].contains("no batch server serves the default group"), "{ill}");
    exchange.cdx(&["batch-server", "--once"]).exits(0);
    exchange.cdx(&["doctor"]).exits(0);
    assert_eq!(
        exchange.at_head_office("select event from notification"),
        ["not_started"],
        "alerted before it was started"
    );
}

#[test]
fn no_password_is_sent_to_a_mail_server_without_encryption() {
    let exchange = Exchange::new();
    let mail = MailServer::start(Behavior::Accepts { after: 0 });
    std::fs::write(exchange.path("password"), "secret\n").expect("written");
    let more = format!("smtp_user = 'cdx'\nsmtp_password_file = '{}'\n", exchange.path("password").display());
    let text = smtp(mail.port, &more).replace("'none'", "'starttls'");
    let server = start(&exchange, &configure(&exchange, &text));
    let job_id = job(&exchange, "Status", &["--email", "ops@hq.example"]);
    test_alerts(&exchange, &job_id);
    wait_until("it is refused", || {
        exchange.at_head_office("select count(*) from delivery where error is not null") == ["1"]
    });
    let commands = mail.commands.lock().expect("no panic").join("\n");
    assert!(!commands.contains("AUTH") && commands.contains("EHLO"), "{commands}");
    server.signal("TERM");
    let ran = server.finish().exits(0);
    assert!(!ran.stderr.contains("secret"), "{ran:?}");
}

crate::support::engines::on_postgres!(
    sighup_reloads_the_configuration_and_keeps_the_old_one_if_invalid,
    a_refused_mail_is_reported_and_retried_until_delivered,
);
