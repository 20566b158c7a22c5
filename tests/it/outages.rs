//! PostgreSQL servers that are unreachable, restart, terminate sessions, refuse logins, or are
//! standbys.

use crate::support::child::Running;
use crate::support::cluster::Cluster;
use crate::support::engines::Engines;
use crate::support::messages::{APPLIED, applied_sessions, download};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, wait_until};
use cdx_console::cancel::Cancel;
use cdx_console::store::{Access, HeadOffice};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

/// Posts sessions of three messages each by one statement, dated `days_ago`.
fn post_sessions(exchange: &Exchange, sessions: u32, days_ago: u32) {
    exchange.cdx(&["post"]).exits(0);
    let posted = exchange.change_messages(&format!(
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at, posted_at)
         select '0190aaaa-0000-7000-8000-' || lpad(to_hex(n), 12, '0'), 0, n / 3, 'S' || n / 3 % 300, '1040',
            case n % 3 when 0 then 2 when 1 then 3 else 4 end,
            cast(extract(epoch from now()) * 1000 as bigint) - {days_ago} * cast(86400000 as bigint) + n % 1000,
            cast(extract(epoch from now()) * 1000 as bigint) - {days_ago} * cast(86400000 as bigint)
         from generate_series(0, {sessions} * 3 - 1) as n"
    ));
    assert_eq!(posted, usize::try_from(sessions * 3).expect("small"));
}

fn assert_whole(exchange: &Exchange, messages: i64) {
    assert_eq!(exchange.count("status_message"), messages);
    assert_eq!(exchange.count("session"), messages / 3);
    assert_eq!(
        exchange.at_head_office("select sum(read), sum(inserted), sum(sessions_changed) from run"),
        [format!("{messages}|{messages}|{}", messages / 3)]
    );
}

#[test]
fn an_unreachable_server_exits_with_1_and_an_error() {
    let exchange = Exchange::of(Engines::Sqlite);
    let nowhere = "postgres://op@127.0.0.1:1/cdx?sslmode=disable";
    for args in [&["--head-office", nowhere, "process"][..], &["--message-database", nowhere, "post"]] {
        exchange.cdx(args).exits(1).says("cannot reach postgres://op@127.0.0.1:1/cdx").says("refused");
    }
    let served = Exchange::of(Engines::Postgres);
    let url = served.office_url().replace(served.served_office().name(), "no_such_database");
    served.cdx(&["--head-office", &url, "process"]).exits(1).says("does not exist").says("createdb");
    served.cdx(&["sessions", "download"]).exits(1).says("cdx process creates it");
    served.cdx(&["--read-only", "sessions", "download"]).exits(1).says("cdx process creates it");
}

#[test]
fn a_server_that_only_speaks_the_protocol_is_refused_with_the_missing_feature() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.cdx(&["process"]).exits(0);
    exchange.script_at_head_office(
        "create or replace function pg_catalog.version() returns text language sql stable as
            $$ select 'CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)' $$",
    );
    for args in [&["process"][..], &["sessions", "download"], &["batch-server"]] {
        exchange.cdx(args).exits(1).says("CockroachDB").says("cdx needs PostgreSQL itself");
    }
    let doctor = exchange.cdx(&["doctor"]);
    assert!(doctor.code != 0 && format!("{doctor:?}").contains("cdx needs PostgreSQL itself"), "{doctor:?}");
}

/// Kills the backend of one of the program's sessions. The server then terminates all sessions and
/// recovers as after a crash.
fn kill_a_session(cluster: &Cluster) {
    let sql = "select pid from pg_stat_activity where application_name = 'cdx' order by backend_xid is null limit 1";
    let process: i32 = cluster.connect("postgres").query_one(sql, &[]).expect("one is running").get(0);
    let killed = std::process::Command::new("kill").args(["-s", "KILL", &process.to_string()]).status();
    assert!(killed.expect("kill runs").success());
}

#[test]
fn a_server_restart_during_a_transfer_loses_and_duplicates_nothing() {
    for mode in ["--mode=immediate", "--mode=fast", "kill"] {
        let cluster = Cluster::own();
        let exchange = Exchange::at(&cluster);
        post_sessions(&exchange, 40_000, 1);
        let running = Running::start(&mut exchange.command(&["process"]));
        exchange.wait_for_a_chunk();
        if mode == "kill" {
            kill_a_session(&cluster);
        } else {
            assert!(cluster.control(&["restart", mode]));
        }
        // Either an open session is terminated first or a new one is refused.
        running.finish().exits(0).says("is back");
        assert_whole(&exchange, 120_000);
        assert_eq!(exchange.at_head_office("select outcome from run"), ["ended"]);
    }
}

/// Terminates every session of the program and returns their number.
fn end_all(connection: &mut postgres::Client) -> i64 {
    let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'cdx'";
    connection.query_one(sql, &[]).expect("it may").get(0)
}

/// Terminates every session of the program repeatedly until `stop` is tripped and returns their
/// number. The pauses grow, so that runs progress on machines where connecting is slow.
fn end_sessions(cluster: &Cluster, stop: &Cancel) -> i64 {
    let mut connection = cluster.connect("postgres");
    let (mut ended, mut pause) = (0, Duration::from_millis(500));
    while !stop.sleep(pause) {
        pause += Duration::from_millis(20);
        ended += end_all(&mut connection);
    }
    ended
}

#[test]
fn repeatedly_terminated_sessions_do_not_change_the_result() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    post_sessions(&exchange, 40_000, 40);
    let stop = Cancel::new();
    let (ran, purged, ended) = std::thread::scope(|scope| {
        let (stop, cluster) = (&stop, &cluster);
        let ender = scope.spawn(move || end_sessions(cluster, stop));
        let again = |args: &[&str]| {
            // Before it has the lease, a run simply fails.
            loop {
                let ran = exchange.cdx(args);
                if ran.code != 1 || !ran.stderr.starts_with("cdx:") {
                    return ran;
                }
            }
        };
        let ran = again(&["process", "--no-purge"]);
        let purged = again(&["process", "--no-transfer", "--confirm-purge", "1000000"]);
        stop.trip();
        (ran, purged, ender.join().expect("it ends"))
    });
    assert!(ended > 0, "no session was terminated");
    // Sessions were terminated in the transfer and in the purge.
    ran.exits(0).says("is back");
    purged.exits(0).says("is back");
    assert_eq!(exchange.at_head_office("select sum(inserted) from run"), ["120000"]);
    assert_eq!(exchange.count("session"), 0);
    assert_eq!(exchange.count("status_message"), 0);
    assert_eq!(exchange.count("session_tombstone"), 40_000);
    // The anchor is kept.
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
    exchange.post(&[download(1, 1_000_000, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&1.into(), &serde_json::json!([])));
}

#[test]
fn a_run_whose_sessions_were_terminated_continues_as_the_only_runner() {
    // The lock session is terminated together with the others, or alone.
    for only_the_lock in [false, true] {
        let cluster = Cluster::own();
        let exchange = Exchange::at(&cluster);
        post_sessions(&exchange, 80_000, 1);
        let running = Running::start(&mut exchange.command(&["process"]));
        exchange.wait_for_a_chunk();
        let locks = "from pg_locks where locktype = 'advisory' and classid = 6513784 and objid = 1";
        let holder = || exchange.at_head_office(&format!("select pid {locks}"));
        let before = holder();
        assert_eq!(before.len(), 1);
        if only_the_lock {
            exchange.at_head_office(&format!("select pg_terminate_backend(pid) {locks}"));
        } else {
            assert!(end_all(&mut cluster.connect("postgres")) > 0);
        }
        wait_until("it holds the runner lock again", || holder().first().is_some_and(|now| *now != before[0]));
        // Otherwise it would count as crashed, and another runner would start.
        exchange.cdx(&["process"]).exits(4).says("another runner holds the lease").says("run 1");
        running.finish().exits(0);
        assert_whole(&exchange, 240_000);
    }
}

#[test]
fn a_password_comes_from_the_environment_or_a_file_and_is_never_shown() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.cdx(&["process"]).exits(0);
    let database = exchange.served_office();
    let role = format!("op_{}", database.name());
    database
        .connect()
        .batch_execute(&format!("create role {role} login superuser password 'sw0rdf1sh'"))
        .expect("made");
    let place = format!("127.0.0.1:{}/{}?sslmode=disable", database.cluster().port(), database.name());
    let list = |user: &str, set: &dyn Fn(&mut std::process::Command)| {
        let url = format!("postgres://{user}@{place}");
        let mut command = exchange.command(&["--head-office", &url, "parameters"]);
        set(&mut command);
        let ran = crate::support::ran(&mut command);
        assert!(!ran.stderr.contains("sw0rdf1sh") && !ran.stdout.contains("sw0rdf1sh"), "{ran:?}");
        ran
    };
    list(&role, &|_| {}).exits(1).says("PGPASSFILE");
    list(&role, &|command| _ = command.env("PGPASSWORD", "wrong")).exits(1).says("password authentication failed");
    list(&role, &|command| _ = command.env("PGPASSWORD", "sw0rdf1sh")).exits(0);
    let file = exchange.path("passwords");
    std::fs::write(&file, format!("*:*:*:{role}:sw0rdf1sh\n")).expect("written");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
    mode(0o644);
    list(&role, &|command| _ = command.env("PGPASSFILE", &file)).exits(1).says("chmod 600");
    mode(0o600);
    list(&role, &|command| _ = command.env("PGPASSFILE", &file)).exits(0);
    // Every user of the machine can read a command line.
    let ran = list(&format!("{role}:sw0rdf1sh"), &|_| {}).exits(0);
    assert!(ran.stderr.contains("others can read"), "{ran:?}");
    let url = format!("postgres://{role}:sw0rdf1sh@{place}");
    let shown = exchange.cdx(&["--head-office", &url, "config", "show", "--json"]).exits(0);
    assert!(shown.stdout.contains(":***@") && !shown.stdout.contains("sw0rdf1sh"), "{shown:?}");
    database.connect().batch_execute(&format!("drop role {role}")).expect("gone");
}

#[test]
fn a_certificate_is_checked_as_sslmode_says() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.cdx(&["process"]).exits(0);
    let database = exchange.served_office();
    let role = format!("tls_{}", database.name());
    database.connect().batch_execute(&format!("create role {role} login superuser password 'p'")).expect("made");
    let cluster = database.cluster();
    let authority = cluster.folder().join("ca.crt");
    let list = |host: &str, mode: &str| {
        let (port, name) = (cluster.port(), database.name());
        let url = format!("postgres://{role}:p@{host}:{port}/{name}?{mode}");
        crate::support::ran(exchange.command(&["parameters"]).env("CDX_HEAD_OFFICE", url))
    };
    let root = format!("sslrootcert={}", authority.display());
    for (host, mode) in [
        ("127.0.0.1", "sslmode=disable".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&{root}")),
        ("localhost", format!("sslmode=verify-full&{root}")),
    ] {
        list(host, &mode).exits(0);
    }
    list("127.0.0.1", &format!("sslmode=verify-full&{root}")).exits(1).says("certificate");
    list("localhost", "sslmode=verify-full&sslrootcert=system").exits(1);
    list("localhost", "sslmode=verify-full").exits(1).says("sslrootcert");
    database.connect().batch_execute(&format!("drop role {role}")).expect("gone");
}

#[test]
fn a_standby_can_be_read_but_not_transferred_to_or_purged() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let standby = cluster.standby();
    let at_standby = |url: String| {
        let there = url.replace(&cluster.folder().display().to_string(), &standby.folder().display().to_string());
        there.replace(&format!("port={}", cluster.port()), &format!("port={}", standby.port()))
    };
    let (messages, office) = (at_standby(exchange.message_url()), at_standby(exchange.office_url()));
    exchange.cdx(&["--message-database", &messages, "process"]).exits(1).says("is a standby");
    exchange.cdx(&["--head-office", &office, "process"]).exits(1).says("is a standby");
    exchange.cdx(&["--message-database", &messages, "post"]).exits(1).says("is a standby");
    let read = exchange.cdx(&["--head-office", &office, "--read-only", "sessions", "download", "--json"]).exits(0);
    assert_eq!(read.json_lines().len(), 1);
}

/// With `idle_session_timeout` the server terminates idle sessions, such as the one that holds the
/// runner lock.
#[test]
fn idle_session_timeout_does_not_make_a_running_runner_look_crashed() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.cdx(&["process"]).exits(0);
    let mut admin = exchange.served_office().connect();
    let name = exchange.served_office().name();
    admin.batch_execute(&format!("alter database {name} set idle_session_timeout = '200ms'")).expect("set");
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    let _lock = office.try_runner_lock().expect("it can be asked for").expect("it is free");
    // A new connection of the administrator's would be ended as well; this one waits where the
    // server counts it as busy.
    admin.batch_execute("select pg_sleep(1)").expect("a second passes at the server");
    assert!(office.is_runner_running().expect("it answers"));
}

/// Listens, accepts connections and never answers; returns a URL of it.
fn silent_server() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    (listener, format!("postgres://operator@127.0.0.1:{port}/cdx?connect_timeout=1"))
}

#[test]
fn a_server_that_accepts_a_connection_and_never_answers_is_reported_and_not_waited_for() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&applied_sessions(1, 0..2));
    exchange.cdx(&["process"]).exits(0);
    let (_silent, url) = silent_server();
    let said = "the server did not answer within 1 s";
    for args in [&["process"][..], &["sessions", "download"], &["parameters", "set", "try-count", "4"]] {
        exchange.cdx(&[&["--head-office", &url], args].concat()).exits(1).says(said);
    }
    exchange.cdx(&["--message-database", &url, "process"]).exits(1).says(said);
    // A console says so and keeps working.
    let mut console = Terminal::open(exchange.folder(), (120, 40), &["--message-database", &url]);
    console.shows("not answer within 1 s").press("4").shows("Download sessions").press("q");
    assert_eq!(console.ends(), 0);
    // Monitoring gets an answer.
    let arguments = ["--message-database", &url, "batch-server", "--name", "aos-1", "--metrics", "127.0.0.1:0"];
    let server = Running::start(&mut exchange.command(&arguments));
    let address = server.line_with("metrics at http://").trim().trim_start_matches("metrics at http://").to_owned();
    wait_until("it is not ready", || {
        let mut stream = std::net::TcpStream::connect(address.trim_end_matches("/metrics")).expect("it listens");
        std::io::Write::write_all(&mut stream, b"GET /readyz HTTP/1.1\r\n\r\n").expect("asked");
        let answer = std::io::read_to_string(stream).expect("an answer");
        answer.starts_with("HTTP/1.1 503") && answer.contains(said)
    });
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn the_session_that_holds_a_lock_at_a_server_is_named() {
    let exchange = Exchange::of(crate::support::engines::Engines::Postgres);
    exchange.post(&applied_sessions(1, 0..2));
    exchange.cdx(&["process"]).exits(0);
    exchange.post(&applied_sessions(100, 0..2));
    for (database, table) in [("message", "status_message"), ("office", "batch_group")] {
        let mut connection = if database == "message" {
            exchange.served_messages().connect()
        } else {
            exchange.served_office().connect()
        };
        let mut lock = connection.transaction().expect("a transaction");
        lock.batch_execute(&format!(
            "set application_name = 'nightly export'; lock table {table} in access exclusive mode"
        ))
        .expect("locked");
        let args = if database == "message" { &["process"][..] } else { &["batch", "group", "NEW"] };
        exchange
            .cdx(args)
            .exits(1)
            .says("has been locked by nightly export of login postgres (server process ")
            .says("transaction open for ");
        lock.rollback().expect("released");
    }
    exchange.cdx(&["process"]).exits(0);
}
