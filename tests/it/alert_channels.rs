//! Alerts by webhook and by the system log, and the ping after a good run.

use crate::support::child::Running;
use crate::support::messages::applied_sessions;
use crate::support::web::WebServer;
use crate::support::{Exchange, TIMEOUT, wait_until};
use serde_json::Value;
use std::os::unix::net::UnixDatagram;

/// The path of each address, which must not be printed.
const SECRET_PATH: &str = "hook/s3cretpath";

fn configure(exchange: &Exchange, text: &str) -> String {
    std::fs::write(exchange.path("config.toml"), text).expect("written");
    exchange.path("config.toml").display().to_string()
}

/// A web server with its files in a folder of the exchange.
fn web(exchange: &Exchange, answers: &'static [&'static str]) -> WebServer {
    let folder = exchange.path("web");
    std::fs::create_dir(&folder).expect("a folder");
    WebServer::start(&folder, answers)
}

fn start(exchange: &Exchange, config: &str, web: Option<&WebServer>) -> Running {
    let mut command = exchange.command(&["--config", config, "batch-server", "--name", "aos-1", "--log", "json"]);
    if let Some(web) = web {
        command.env("SSL_CERT_FILE", &web.authority);
    }
    let server = Running::start(&mut command);
    let sql = format!("select count(*) from batch_server where process_id = {}", server.id());
    wait_until("it is registered", || exchange.has_table("batch_server") && exchange.at_head_office(&sql) == ["1"]);
    server
}

/// Submits a job for later with alerts by this channel, sends a test and returns the job's number.
fn test_alert(exchange: &Exchange, channel: &str) -> String {
    let args = ["batch", "submit", "--start", "2099-01-01T00:00:00Z", "--json", "--description", "Status"];
    let job_id = exchange.cdx(&args).exits(0).json()["job_id"].to_string();
    exchange.cdx(&["batch", "alerts", &job_id, "--on", "error", channel]).exits(0);
    exchange.cdx(&["batch", "alerts", &job_id, "--test"]).exits(0).says("test queued");
    job_id
}

fn is_refused(exchange: &Exchange, text: &str) {
    let sql = format!("select count(*) from delivery where error like '%{text}%'");
    wait_until(&format!("refused: {text}"), || exchange.at_head_office(&sql) == ["1"]);
}

#[test]
fn a_webhook_gets_the_alert_as_json_and_again_after_an_error() {
    let exchange = Exchange::new();
    let web = web(&exchange, &["503 Busy", "204 No Content"]);
    std::fs::write(exchange.path("token"), "s3cret-token\n").expect("written");
    let config = configure(
        &exchange,
        &format!(
            "webhook_url = 'https://localhost:{}/{SECRET_PATH}'\nwebhook_secret_file = '{}'\n",
            web.port,
            exchange.path("token").display()
        ),
    );
    let server = start(&exchange, &config, Some(&web));
    let job_id = test_alert(&exchange, "--webhook");
    let first = web.requests.recv_timeout(TIMEOUT).expect("a request");
    is_refused(&exchange, "answered with status 503");
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("alerts by webhook are not delivered"), "{doctor}");
    // Pretend that half a minute has passed.
    exchange.change_head_office("update delivery set next_try_at = 1 where next_try_at is not null");
    let second = web.requests.recv_timeout(TIMEOUT).expect("another request");
    assert!(second.head.starts_with(&format!("POST /{SECRET_PATH} HTTP/1.1\r\n")), "{second:?}");
    let head = second.head.to_lowercase();
    assert!(head.contains("authorization: bearer s3cret-token\r\n"), "{second:?}");
    assert!(head.contains("content-type: application/json\r\n"), "{second:?}");
    assert_eq!(first.body, second.body, "one identifier for both tries");
    let alert: Value = serde_json::from_str(&second.body).expect("JSON");
    assert_eq!((alert["job_id"].to_string(), &alert["event"]), (job_id.clone(), &"self_test".into()));
    assert_eq!(alert["text"], "This is a test of the alerts of a batch job.");
    assert!(alert["delivery_id"].is_i64() && alert["at"].is_string() && alert["operator"].is_string(), "{alert}");
    wait_until("it is noted", || {
        exchange.at_head_office("select count(*) from delivery where delivered_at is not null") == ["1"]
    });
    exchange.cdx(&["batch", "alerts", &job_id]).exits(0).says("last webhook delivered");
    exchange.cdx(&["alerts", "set", "--webhook"]).exits(0);
    let delivered = exchange.cdx(&["alerts", "settings", "--json"]).exits(0).json()["last_delivered"].clone();
    assert!(delivered["webhook"].is_string() && delivered["email"].is_null(), "{delivered}");
    let metrics = exchange.cdx(&["metrics"]).stdout;
    assert!(metrics.contains("cdx_alert_last_delivered_timestamp_seconds{channel=\"webhook\"}"), "{metrics}");
    server.signal("TERM");
    let ran = server.finish().exits(0);
    let shown = exchange.cdx(&["--config", &config, "config", "show"]).exits(0);
    assert!(shown.stdout.contains("https://localhost"), "{shown:?}");
    for text in [&ran.stderr, &shown.stdout, &exchange.at_head_office("select error from delivery").join("")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_server_takes_only_deliveries_of_its_channels_and_doctor_says_when_none_has_one() {
    let exchange = Exchange::new();
    let web = web(&exchange, &["204 No Content"]);
    let without = configure(&exchange, "");
    let server = start(&exchange, &without, None);
    let job_id = test_alert(&exchange, "--webhook");
    exchange.cdx(&["batch", "alerts", &job_id, "--no-webhook", "--syslog"]).exits(0);
    let path = exchange.path("log");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(TIMEOUT)).expect("a setting");
    configure(&exchange, &format!("syslog_socket = '{}'\n", path.display()));
    server.signal("HUP");
    server.wait_until_it_says("configuration reloaded");
    exchange.cdx(&["batch", "alerts", &job_id, "--test"]).exits(0);
    socket.recv(&mut [0; 4_096]).expect("the later one, which it can deliver");
    let rows = "select tries, error is null from delivery where way = 'webhook'";
    assert!(exchange.at_head_office(rows)[0].starts_with("0|"), "no try of the other is used up");
    exchange.change_head_office("update delivery set next_try_at = next_try_at - 120000 where way = 'webhook'");
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("start a batch server with webhook_url"), "{doctor}");
    server.signal("TERM");
    let log = server.finish().exits(0).stderr;
    assert!(log.contains("by syslog (This is a test of the alerts of a batch job.): delivered"), "{log}");
    configure(&exchange, &format!("webhook_url = 'https://localhost:{}/{SECRET_PATH}'\n", web.port));
    let server = start(&exchange, &without, Some(&web));
    web.requests.recv_timeout(TIMEOUT).expect("a request");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn a_receiver_that_never_answers_delays_no_other_channel() {
    let exchange = Exchange::new();
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = hanging.local_addr().expect("an address").port();
    let path = exchange.path("log");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(TIMEOUT)).expect("a setting");
    let config = configure(
        &exchange,
        &format!("webhook_url = 'https://localhost:{port}/{SECRET_PATH}'\nsyslog_socket = '{}'\n", path.display()),
    );
    let server = start(&exchange, &config, None);
    let job_id = test_alert(&exchange, "--webhook");
    // It is connected, and waits for an answer that never arrives.
    let connection = hanging.accept().expect("a connection");
    exchange.cdx(&["batch", "alerts", &job_id, "--syslog"]).exits(0);
    for _ in 0..2 {
        exchange.cdx(&["batch", "alerts", &job_id, "--test"]).exits(0);
        socket.recv(&mut [0; 4_096]).expect("the other channel is not delayed");
    }
    let webhooks =
        "select tries, error is null, delivered_at is null from delivery where way = 'webhook' order by 1 desc";
    let is_true = if exchange.is_office_served() { "true" } else { "1" };
    let hangs = |tries: &str| format!("{tries}|{is_true}|{is_true}");
    assert_eq!(exchange.at_head_office(webhooks), [hangs("1"), hangs("0"), hangs("0")], "the first one still hangs");
    drop(connection);
    drop(hanging);
    is_refused(&exchange, "did not answer");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn a_webhook_is_sent_neither_to_a_stranger_nor_along_a_redirect() {
    let exchange = Exchange::new();
    let web = web(&exchange, &["302 Found\r\nLocation: https://localhost:1/elsewhere"]);
    let config = configure(&exchange, &format!("webhook_url = 'https://localhost:{}/{SECRET_PATH}'\n", web.port));
    let server = start(&exchange, &config, None);
    test_alert(&exchange, "--webhook");
    is_refused(&exchange, "did not answer%ertificate");
    assert!(web.requests.try_recv().is_err(), "nothing is sent to an unknown authority's server");
    server.signal("TERM");
    server.finish().exits(0);
    let server = start(&exchange, &config, Some(&web));
    exchange.change_head_office("update delivery set next_try_at = 1 where next_try_at is not null");
    is_refused(&exchange, "answered with status 302");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn the_system_log_gets_alerts_as_rfc_5424_messages() {
    let exchange = Exchange::new();
    let path = exchange.path("log");
    let config = configure(&exchange, &format!("syslog_socket = '{}'\n", path.display()));
    let server = start(&exchange, &config, None);
    let job_id = test_alert(&exchange, "--syslog");
    is_refused(&exchange, "did not take the message");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(TIMEOUT)).expect("a setting");
    exchange.change_head_office("update delivery set next_try_at = 1 where next_try_at is not null");
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).expect("a message");
    let text = String::from_utf8_lossy(&buffer[..length]);
    assert!(
        text.starts_with("<30>1 20") && text.contains(&format!(" self_test [cdx@32473 job=\"{job_id}\"")),
        "{text}"
    );
    assert!(text.ends_with("] This is a test of the alerts of a batch job."), "{text}");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn what_is_not_named_stays_as_it_is_and_a_test_uses_the_channels_of_the_exchange() {
    let exchange = Exchange::new();
    exchange.cdx(&["batch", "submit", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    let of_job = |args: &[&str]| {
        exchange.cdx(&[&["batch", "alerts", "1"], args].concat()).exits(0);
        exchange.cdx(&["batch", "alerts", "1", "--json"]).exits(0).json()
    };
    of_job(&["--on", "error", "--email", "ops@hq.example"]);
    let row = of_job(&["--not-started", "5", "--webhook"]);
    assert_eq!((&row["on_error"], &row["email"]), (&true.into(), &"ops@hq.example".into()), "{row}");
    let row = of_job(&["--no-email", "--not-started", "0"]);
    assert_eq!((&row["email"], &row["not_started_minutes"]), (&Value::Null, &Value::Null), "{row}");
    assert_eq!((&row["webhook"], &row["on_error"]), (&true.into(), &true.into()), "{row}");
    exchange.cdx(&["alerts", "test"]).exits(2).says("cdx alerts set");
    exchange.cdx(&["alerts", "set", "--rules", "disk_low", "--email", "ops@hq.example"]).exits(0);
    let row = exchange.cdx(&["alerts", "set", "--syslog", "--json"]).exits(0).json();
    assert_eq!((&row["rules"], &row["email"]), (&serde_json::json!(["disk_low"]), &"ops@hq.example".into()), "{row}");
    exchange.cdx(&["alerts", "set", "--no-email"]).exits(0);
    exchange.cdx(&["alerts", "test"]).exits(0).says("no batch server is running to send it");
    assert_eq!(exchange.at_head_office("select way from delivery"), ["syslog"]);
    assert_eq!(exchange.at_head_office("select event from notification"), ["self_test"]);
    exchange.cdx(&["batch", "group", "A,B"]).exits(2).says("no comma");
    exchange.cdx(&["batch", "group", ""]).exits(2).says("1 to");
    exchange
        .cdx(&["deadlines", "add", "77", "--by", "daily 06:00", "--stores", "store:X"])
        .exits(0)
        .says("no message has named job 77 yet")
        .says("no channel database matches");
    exchange.cdx(&["batch", "delete", "1"]).exits(0).says("1 batch job deleted");
}

#[test]
fn a_good_run_pings_and_another_does_not() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    let web = web(&exchange, &["200 OK", "200 OK", "500 Down"]);
    let config = configure(&exchange, &format!("ping_url = 'https://localhost:{}/{SECRET_PATH}'\n", web.port));
    let process = |more: &[&str]| {
        let mut command = exchange.command(&[&["--config", config.as_str(), "process"], more].concat());
        crate::support::ran(command.env("SSL_CERT_FILE", &web.authority))
    };
    process(&[]).exits(0);
    let request = web.requests.recv_timeout(TIMEOUT).expect("a ping");
    assert!(request.head.starts_with(&format!("GET /{SECRET_PATH} HTTP/1.1\r\n")), "{request:?}");
    // A run that cannot start, then a dry run.
    crate::support::ran(exchange.command(&["--config", &config, "process"]).env("CDX_HEAD_OFFICE", "sqlite:/"))
        .exits(2);
    process(&["--dry-run"]).exits(0);
    exchange.cdx(&["batch", "submit"]).exits(0);
    let server = start(&exchange, &config, Some(&web));
    web.requests.recv_timeout(TIMEOUT).expect("the server's ping");
    server.signal("TERM");
    server.finish().exits(0);
    // A failed ping leaves the run as it is.
    let ran = process(&[]).exits(0).says("the ping to https://localhost");
    assert!(ran.stderr.contains("status 500") && !ran.stderr.contains("s3cret"), "{ran:?}");
    web.requests.recv_timeout(TIMEOUT).expect("the third ping");
    assert!(web.requests.try_recv().is_err(), "one ping for each good run");
}

#[test]
fn addresses_that_would_leak_are_refused_without_repeating_them() {
    let exchange = Exchange::new();
    for (address, why) in [
        ("http://hooks.example.org/s3cret", "https://"),
        ("https://user:s3cret@hooks.example.org/", "webhook_secret_file"),
        ("hooks.example.org/s3cret", "is not an address"),
    ] {
        let config = configure(&exchange, &format!("webhook_url = '{address}'\n"));
        let ran = exchange.cdx(&["--config", &config, "config", "show"]).exits(2);
        assert!(ran.stderr.contains(why) && !ran.stderr.contains("s3cret"), "{ran:?}");
    }
}

crate::support::engines::on_postgres!(a_webhook_gets_the_alert_as_json_and_again_after_an_error);
