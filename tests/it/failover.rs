//! Failover to a standby without the last commits: nothing is duplicated, and nothing is lost that
//! agents or head office still have.

use crate::support::cluster::Cluster;
use crate::support::engines::Engines;
use crate::support::messages::{applied_sessions, line};
use crate::support::{Exchange, Ran, wait_until};
use cdx_console::store::message_database::NewMessage;

/// Creates a standby that has all commits so far and receives no more.
fn cut_off_standby(cluster: &Cluster) -> Cluster {
    let standby = cluster.standby();
    let end = cluster.connect("postgres").query_one("select pg_current_wal_lsn()::text", &[]).expect("a row");
    let end: String = end.get(0);
    let mut connection = standby.connect("postgres");
    let there = format!("select pg_last_wal_replay_lsn() >= '{end}'::pg_lsn");
    wait_until("the standby has repeated everything", || {
        connection.query_one(&there, &[]).is_ok_and(|row| row.get::<_, Option<bool>>(0) == Some(true))
    });
    connection.batch_execute("alter system set primary_conninfo = ''").expect("set");
    connection.batch_execute("select pg_reload_conf()").expect("reloaded");
    let receivers = "select count(*) from pg_stat_wal_receiver where pid is not null";
    wait_until("it is cut off", || connection.query_one(receivers, &[]).expect("a row").get::<_, i64>(0) == 0);
    standby
}

/// Stops the primary and promotes the standby.
fn take_over(cluster: &Cluster, standby: &Cluster) {
    assert!(cluster.control(&["stop", "--mode=immediate"]));
    standby.connect("postgres").batch_execute("select pg_promote()").expect("promoted");
    wait_until("it takes changes", || {
        let asked = standby.connect("postgres").query_one("select pg_is_in_recovery()", &[]);
        asked.is_ok_and(|row| !row.get::<_, bool>(0))
    });
}

fn lines(messages: &[NewMessage]) -> String {
    messages.iter().map(|message| line(message) + "\n").collect()
}

#[test]
fn after_failover_a_message_database_without_the_last_commits_is_reread_without_duplicates() {
    let cluster = Cluster::own();
    let exchange = Exchange::with_messages_at(&cluster, Engines::PostgresToSqlite);
    let (kept, lost) = (applied_sessions(1, 0..50), applied_sessions(5_001, 100..120));
    exchange.post(&kept);
    exchange.cdx(&["process"]).exits(0);
    let standby = cut_off_standby(&cluster);
    exchange.post(&lost);
    exchange.cdx(&["process"]).exits(0);
    take_over(&cluster, &standby);
    let url = standby.url("postgres", exchange.served_messages().name());
    let cdx = |args: &[&str]| -> Ran { exchange.cdx(&[&["--message-database", &url], args].concat()) };
    let post = |messages: &[NewMessage]| {
        let args = ["--message-database", &url, "post"];
        exchange.cdx_with_input(&args, lines(messages).as_bytes()).exits(0);
    };
    let new = applied_sessions(10_001, 200..230);
    post(&new);
    let run = cdx(&["process", "--json"]).exits(0).says("not as it was read").json();
    assert_eq!((&run["inserted"], &run["repeated"]), (&90.into(), &150.into()), "{run}");
    // Agents whose posts were not acknowledged post again.
    post(&lost);
    let run = cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["inserted"], &run["repeated"], &run["notices"]), (&0.into(), &60.into(), &serde_json::json!([])));
    assert_eq!(exchange.count("status_message"), 300);
    assert_eq!(
        exchange.at_head_office("select count(*), count(distinct message_guid) from status_message"),
        ["300|300"]
    );
}

#[test]
fn after_failover_a_head_office_rereads_lost_commits_and_purges_only_known_messages() {
    let cluster = Cluster::own();
    let exchange = Exchange::with_office_at(&cluster);
    exchange.post_days_ago(40, &applied_sessions(1, 0..50));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let standby = cut_off_standby(&cluster);
    exchange.post_days_ago(40, &applied_sessions(5_001, 100..120));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    take_over(&cluster, &standby);
    let url = standby.url("postgres", exchange.served_office().name());
    let cdx = |args: &[&str]| -> Ran { exchange.cdx(&[&["--head-office", &url], args].concat()) };
    let run = cdx(&["process", "--no-purge", "--json"]).exits(0).json();
    assert_eq!((&run["inserted"], &run["repeated"]), (&60.into(), &0.into()), "{run}");
    let sessions = cdx(&["sessions", "download", "--json"]).exits(0).json_lines();
    assert_eq!(sessions.len(), 70);
    // If a purge had followed the lost commits, the run would report the missing messages and purge
    // no more.
    exchange.change_messages("update exchange set purged_through_id = 100000");
    let run = cdx(&["process", "--json"]).exits(0).says("restored from a backup").json();
    assert_eq!(run["purged"], serde_json::json!({"message_database": {}, "head_office": {}, "trash": {}}), "{run}");
}
