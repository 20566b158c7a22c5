//! `cdx metrics`: valid Prometheus metrics that agree with the databases.

use crate::support::child::Running;
use crate::support::messages::{APPLY_FAILED, applied_sessions, download, upload};
use crate::support::{Exchange, foreign, wait_until};
use cdx_console::store::message_database::NewMessage;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

fn sample<'a>(text: &'a str, series: &str) -> &'a str {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no sample of {series} in\n{text}"))
}

#[test]
fn promtool_accepts_the_metrics_and_they_agree_with_the_databases() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 1..30));
    let failed = download(901, 901, "S0001", APPLY_FAILED);
    let text = "Cannot open \"C:\\packages\\7\"\nof S0001".to_owned();
    exchange.post(&[NewMessage { message: Some(text), ..failed }, upload(902, 902, "S0002", 2)]);
    // Two causes that differ only beyond the part that is exported.
    for (number, end) in [(903, "one"), (904, "two")] {
        let message = Some(format!("{} {end}", "long ".repeat(60)));
        exchange.post(&[NewMessage { message, ..download(number, 903, "S0003", APPLY_FAILED) }]);
    }
    exchange.cdx(&["process"]).exits(0);
    exchange.post(&applied_sessions(1_000, 1_000..1_002));

    let text = exchange.cdx(&["metrics"]).exits(0).stdout;
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed (tests/run installs it)");
    promtool.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
    let checked = promtool.wait_with_output().expect("it ends");
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}\n{text}");

    let applied = exchange.at_head_office("select count(*) from session where direction = 0 and status = 4")[0].clone();
    let series = "cdx_sessions{direction=\"download\",status=\"applied\"}";
    assert_eq!(sample(&text, series), applied);
    assert_eq!(sample(&text, "cdx_sessions_failed{direction=\"download\"}"), "2");
    assert_eq!(sample(&text, "cdx_sessions_failed{direction=\"upload\"}"), "0");
    assert_eq!(sample(&text, "cdx_messages_waiting"), "6");
    assert_eq!(sample(&text, "cdx_last_run_success"), "1");
    assert_eq!(sample(&text, "cdx_recent_runs{outcome=\"ended\"}"), "1");
    assert_eq!(sample(&text, "cdx_recent_runs{outcome=\"error\"}"), "0");
    let last = sample(&text, "cdx_last_run_duration_seconds");
    assert_eq!(sample(&text, "cdx_recent_run_duration_seconds{figure=\"longest\"}"), last);
    assert_eq!(sample(&text, "cdx_last_run_messages{result=\"rejected\"}"), "0");
    let causes: Vec<_> = text.lines().filter(|line| line.starts_with("cdx_cause_open_sessions{")).collect();
    let labels: std::collections::HashSet<_> =
        causes.iter().map(|line| line.rsplit_once(' ').expect("a value").0).collect();
    assert!(causes.len() == 3 && labels.len() == 3, "{causes:?}");
    assert!(sample(&text, "cdx_status_age_seconds").parse::<f64>().is_ok_and(|age| age >= 0.0));
}

#[test]
fn a_database_that_is_missing_is_named_and_not_created() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.cdx(&["metrics"]).exits(1).says("head-office.db");
    assert!(!exchange.head_office().exists());
}

#[test]
fn the_samples_of_head_office_stay_when_the_message_database_cannot_be_read() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 1..30));
    exchange.cdx(&["process"]).exits(0);
    let up = exchange.cdx(&["metrics"]).exits(0).stdout;
    assert_eq!((sample(&up, "cdx_head_office_up"), sample(&up, "cdx_message_database_up")), ("1", "1"));
    let down = exchange.cdx(&["metrics", "--message-database", "sqlite:/nowhere/messages.db"]).exits(1);
    assert!(down.stderr.contains("/nowhere/messages.db"), "{down:?}");
    let down = down.stdout;
    assert_eq!((sample(&down, "cdx_head_office_up"), sample(&down, "cdx_message_database_up")), ("1", "0"));
    for series in ["cdx_sessions{direction=\"download\",status=\"applied\"}", "cdx_last_run_success"] {
        assert_eq!(sample(&down, series), sample(&up, series));
    }
    assert!(sample(&down, "cdx_status_age_seconds").parse::<f64>().is_ok());
    assert!(!down.contains("\ncdx_messages_waiting "), "{down}");
    let types = |text: &str| text.lines().filter(|line| line.starts_with("# TYPE")).count();
    assert_eq!(types(&down), types(&up));
}

fn get(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let mut answer = String::new();
    // The endpoint may reset the connection of a client that it refuses.
    let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
    answer
}

#[test]
fn a_batch_server_serves_metrics_and_says_why_it_is_not_ready() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&applied_sessions(1, 1..3));
    exchange.cdx(&["process"]).exits(0);
    let server =
        Running::start(&mut exchange.command(&["batch-server", "--name", "aos-1", "--metrics", "127.0.0.1:0"]));
    let address = server.line_with("metrics at http://").trim().trim_start_matches("metrics at http://").to_owned();
    let address = address.trim_end_matches("/metrics");
    let ready = || get(address, "GET /readyz HTTP/1.1\r\n\r\n");
    wait_until("it is ready", || ready().starts_with("HTTP/1.1 200"));
    let metrics = get(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(metrics.contains("cdx_batch_server_heartbeat_age_seconds{server=\"aos-1\"}"), "{metrics}");
    assert!(get(address, "HEAD /healthz HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
    assert!(get(address, "POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    assert!(get(address, "GET /../etc/passwd HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    assert_eq!(get(address, &"x".repeat(20_000)), "", "an endless head is cut off");

    // Clients that do not finish their requests do not keep others out.
    let half_open: Vec<_> = (0..8).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    assert!(get(address, "GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
    drop(half_open);

    // A locked head office: alive, but not ready, with the reason.
    let lock = foreign(&exchange.head_office());
    lock.execute_batch("begin immediate").expect("locked");
    wait_until("it is not ready", || ready().starts_with("HTTP/1.1 503"));
    let answer = ready();
    assert!(answer.contains("lock"), "{answer}");
    assert!(get(address, "GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
    lock.execute_batch("rollback").expect("released");
    wait_until("it is ready again", || ready().starts_with("HTTP/1.1 200"));

    // A locked message database is named with the program that holds it, after three seconds.
    let lock = foreign(&exchange.message_database());
    lock.execute_batch("pragma locking_mode = exclusive; begin exclusive").expect("locked");
    let asked_at = std::time::Instant::now();
    let answer = ready();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("message.db has been locked by process"), "{answer}");
    assert!(asked_at.elapsed() < std::time::Duration::from_secs(5), "before the wait for the lock ends");
    drop(lock);
    wait_until("it is ready again", || ready().starts_with("HTTP/1.1 200"));

    // Head office is missing; the main loop has not noticed it yet.
    let (here, away) = (exchange.head_office(), exchange.path("away.db"));
    std::fs::rename(&here, &away).expect("it is moved");
    let answer = ready();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("head-office.db"), "{answer}");
    std::fs::rename(&away, &here).expect("it is moved back");
    wait_until("it is ready again", || ready().starts_with("HTTP/1.1 200"));

    // Nothing can be transferred.
    let (here, away) = (exchange.message_database(), exchange.path("away.db"));
    std::fs::rename(&here, &away).expect("it is moved");
    let answer = ready();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("does not exist"), "{answer}");
    let metrics = get(address, "GET /metrics HTTP/1.1\r\n\r\n");
    assert!(metrics.starts_with("HTTP/1.1 200") && metrics.contains("\ncdx_message_database_up 0\n"), "{metrics}");
    std::fs::rename(&away, &here).expect("it is moved back");
    assert!(ready().starts_with("HTTP/1.1 200"));

    let taken = exchange.cdx(&["batch-server", "--name", "aos-2", "--metrics", address]);
    taken.exits(1).says("choose another with --metrics");
    for wrong in ["localhost:9464", "127.0.0.1", "127.0.0.1:99999"] {
        exchange.cdx(&["batch-server", "--metrics", wrong]).exits(2).says("such as 127.0.0.1:9464");
    }
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn the_alert_rules_are_valid_and_every_metric_of_rules_and_dashboard_exists() {
    let exchange = Exchange::new();
    exchange.post(&[download(901, 901, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let text = exchange.cdx(&["metrics"]).exits(0).stdout;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/monitoring");
    let rules = format!("{folder}/prometheus-rules.yml");
    let checked = Command::new("promtool").args(["check", "rules", &rules]).output().expect("promtool is installed");
    assert!(checked.status.success(), "{checked:?}");
    let dashboard = std::fs::read_to_string(format!("{folder}/grafana-dashboard.json")).expect("it is there");
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).expect("valid JSON");
    assert!(parsed["panels"].as_array().is_some_and(|panels| panels.len() > 5));
    let used = std::fs::read_to_string(&rules).expect("it is there") + &dashboard;
    let names: std::collections::BTreeSet<_> = used
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .filter(|word| word.starts_with("cdx_") && *word != "cdx_")
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(text.contains(&format!("# TYPE {name} gauge\n")), "no metric {name}");
    }
}

crate::support::engines::on_postgres!(
    promtool_accepts_the_metrics_and_they_agree_with_the_databases,
    the_samples_of_head_office_stay_when_the_message_database_cannot_be_read,
);
