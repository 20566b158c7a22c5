//! PostgreSQL servers that are stopped, restarted or out of disk space during runs.

use crate::support::child::Running;
use crate::support::cluster::Cluster;
use crate::support::messages::{APPLY_FAILED, download};
use crate::support::{Exchange, wait_until};
use crate::watch::Stream;
use cdx_console::store::message_database::NewMessage;

/// Posts sessions of three messages each by one statement, dated `days_ago`.
fn post_sessions(exchange: &Exchange, first: i64, sessions: i64, days_ago: i64) {
    exchange.cdx(&["post"]).exits(0);
    exchange.change_messages(&format!(
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at, posted_at)
         select gen_random_uuid()::text, 0, {first} + n / 3, 'S' || n / 3 % 300, '1040', case n % 3 when 0 then 2 when 1 then 3 else 4 end,
            cast(extract(epoch from now()) * 1000 as bigint) - {days_ago} * cast(86400000 as bigint) + n % 1000,
            cast(extract(epoch from now()) * 1000 as bigint) - {days_ago} * cast(86400000 as bigint)
         from generate_series(0, {sessions} * 3 - 1) as n"
    ));
}

#[test]
fn a_server_restart_during_a_purge_does_not_change_the_result() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    for (round, mode) in [(0, "--mode=immediate"), (1, "--mode=fast")] {
        post_sessions(&exchange, round * 40_000, 40_000, 40);
        exchange.cdx(&["process", "--no-purge"]).exits(0);
        let args = ["process", "--no-transfer", "--confirm-purge", "1000000"];
        let running = Running::start(&mut exchange.command(&args));
        wait_until("the purge has begun", || {
            if round == 0 {
                exchange.posted("select count(*) from exchange where purged_through_tx > 0") == ["1"]
            } else {
                exchange.at_head_office("select count(*) / 41000 from session_tombstone") == ["1"]
            }
        });
        assert!(cluster.control(&["restart", mode]));
        running.finish().exits(0).says("is back");
    }
    let counts = exchange.at_head_office(
        "select (select count(*) from status_message), (select count(*) from session),
        (select count(*) from session_tombstone), (select count(*) from run where outcome <> 'ended')",
    );
    assert_eq!(counts, ["0|0|80000|0"]);
    // The anchor is kept, and nothing is read twice.
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
    post_sessions(&exchange, 900_000, 1, 0);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&3.into(), &serde_json::json!([])));
}

#[test]
fn a_batch_server_survives_database_server_restarts_and_reports_each_once() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    post_sessions(&exchange, 0, 10, 1);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    assert!(cluster.control(&["stop", "--mode=fast"]));
    let server = Running::start(&mut exchange.command(&["batch-server", "--name", "aos-1"]));
    server.wait_until_it_says("cannot reach");
    assert!(cluster.control(&["start"]));
    let running =
        format!("select count(*) from batch_server where process_id = {} and stopped_at is null", server.id());
    wait_until("the batch server is registered", || exchange.at_head_office(&running) == ["1"]);
    let done = |jobs: usize| {
        exchange.cdx(&["batch", "submit"]).exits(0);
        wait_until("the job has ended", || {
            exchange.at_head_office("select outcome from batch_job_history where outcome = 'ended'").len() == jobs
        });
    };
    done(1);
    let beat = exchange.at_head_office("select heartbeat_at from batch_server");
    assert!(cluster.control(&["stop", "--mode=immediate"]));
    // The message depends on whether an open connection failed first or a new one.
    server.wait_until_it_says_more_often("waiting for head office", 1);
    assert!(cluster.control(&["start"]));
    server.wait_until_it_says("head office can be reached again");
    wait_until("it sends a heartbeat again", || {
        exchange.at_head_office("select heartbeat_at from batch_server") != beat
    });
    done(2);
    server.signal("TERM");
    let ran = server.finish().exits(0);
    let lines = |word: &str| ran.stderr.lines().filter(|line| line.contains(word)).count();
    // The server was away twice, each time in up to two states: unreachable and starting up.
    assert!((2..=4).contains(&lines("waiting for head office")), "too many log lines: {ran:#?}");
    assert_eq!(lines("head office can be reached again"), 1, "{ran:#?}");
}

/// An exchange whose head office is on the small disk.
fn on_the_small_disk(cluster: &Cluster) -> Exchange {
    let exchange = Exchange::at(cluster);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let office = exchange.served_office().name().to_owned();
    cluster
        .connect("postgres")
        .batch_execute(&format!("alter database {office} set tablespace small"))
        .expect("moved to the small disk");
    exchange
}

/// Runs until the disk is full and returns the run's JSON.
fn without_room(exchange: &Exchange, args: &[&str]) -> serde_json::Value {
    let args = [args, &["--json"]].concat();
    let run = exchange
        .cdx(&args)
        .exits(1)
        .says("no space left on the disk of")
        .says("free some space, then run again")
        .json();
    assert_eq!(run["outcome"], "error");
    run
}

#[test]
fn a_full_disk_of_the_server_stops_the_run_and_the_next_one_finishes() {
    let cluster = Cluster::on_a_small_disk(24);
    let exchange = on_the_small_disk(&cluster);
    post_sessions(&exchange, 0, 60_000, 1);
    let read = without_room(&exchange, &["process"])["read"].as_i64().expect("a number");
    assert!(0 < read && read < 180_000, "{read} were read before the disk was full");
    cluster.enlarge_the_small_disk();
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["repeated"]), (&(180_000 - read).into(), &0.into()));
    let counts =
        exchange.at_head_office("select (select count(*) from status_message), sum(read), sum(repeated) from run");
    assert_eq!(counts, ["180000|180000|0"]);
}

#[test]
fn a_full_disk_of_the_server_stops_a_purge_and_the_next_one_finishes() {
    let cluster = Cluster::on_a_small_disk(1_000);
    let exchange = on_the_small_disk(&cluster);
    post_sessions(&exchange, 0, 60_000, 40);
    post_sessions(&exchange, 60_000, 100, 1);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // The trash would need the room before the first session is deleted.
    exchange.cdx(&["parameters", "set", "trash-hours", "0"]).exits(0);
    cluster.fill_the_small_disk();
    without_room(&exchange, &["process", "--no-transfer", "--confirm-purge", "1000000"]);
    let left = exchange.count("session");
    assert!(100 < left && left < 60_100, "{left} sessions were left when the disk was full");
    // Every purged session has a tombstone, and no session is half purged.
    assert_eq!(exchange.count("session_tombstone"), 60_100 - left);
    assert_eq!(exchange.count("status_message"), 3 * left);
    cluster.enlarge_the_small_disk();
    post_sessions(&exchange, 60_100, 1, 0);
    let run = exchange.cdx(&["process", "--confirm-purge", "1000000", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["purged"]["head_office"]["session"]), (&3.into(), &(left - 100).into()));
    let counts = ["session", "session_tombstone", "status_message"].map(|table| exchange.count(table));
    assert_eq!(counts, [101, 60_000, 303]);
}

#[test]
fn a_stream_outlasts_a_server_outage_and_misses_nothing() {
    let failed = |number: u64, text: &str| {
        let message = download(number, number.cast_signed(), "S0001", APPLY_FAILED);
        NewMessage { message: Some(text.to_owned()), ..message }
    };
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&[failed(1, "Old cause")]);
    exchange.cdx(&["process"]).exits(0);
    let stream = Stream::follow(&exchange);
    assert!(cluster.control(&["stop", "--mode=immediate"]));
    stream.watch.wait_until_it_says("(retrying until it is back)");
    assert!(cluster.control(&["start"]));
    stream.watch.wait_until_it_says("head office is back; the stream continues");
    exchange.post(&[failed(2, "After the outage")]);
    exchange.cdx(&["process"]).exits(0);
    stream.wait_for("\"run_ended\"");
    assert_eq!((stream.count("\"session_failed\""), stream.count("Old cause")), (1, 0));
    stream.watch.signal("INT");
    stream.watch.finish().exits(130);
}
