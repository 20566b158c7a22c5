//! PostgreSQL only: concurrent transactions, databases that are moved or restored, and query plans.

use crate::support::cluster::{Cluster, Database};
use crate::support::engines::Engines;
use crate::support::messages::{APPLIED, applied_sessions, download, guid, upload};
use crate::support::{Exchange, foreign};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, MessageDatabase};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Returns tables and columns, with whether each is nullable.
fn columns_of_file(path: &std::path::Path) -> BTreeSet<String> {
    let connection = foreign(path);
    let sql = "select t.name || '.' || c.name || case when c.\"notnull\" or c.pk then '' else ' null' end
               from sqlite_master as t join pragma_table_info(t.name) as c where t.type = 'table' and t.name not like 'sqlite_%'";
    let mut statement = connection.prepare(sql).expect("valid SQL");
    let rows = statement.query_map([], |row| row.get(0)).expect("it runs");
    rows.collect::<Result<_, _>>().expect("texts")
}

fn columns_of_server(database: &Database) -> BTreeSet<String> {
    let sql = "select table_name || '.' || column_name || case is_nullable when 'YES' then ' null' else '' end
               from information_schema.columns where table_schema = 'cdx'";
    database.rows(sql).into_iter().collect()
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let (file, served) = (Exchange::of(Engines::Sqlite), Exchange::of(Engines::Postgres));
    for exchange in [&file, &served] {
        exchange.cdx(&["process"]).exits(0);
    }
    assert_eq!(columns_of_file(&file.message_database()), columns_of_server(served.served_messages()));
    let mut columns = columns_of_file(&file.head_office());
    // At a server an index keeps the GUIDs unique.
    assert!(columns.remove("message_guid.guid"));
    assert_eq!(columns, columns_of_server(served.served_office()));
    let version = "select schema_version from head_office";
    assert_eq!(file.at_head_office(version), served.at_head_office(version));
    // Integers have 64 bits and text sorts by bytes, whatever the server's locale.
    for database in [served.served_messages(), served.served_office()] {
        let sql = "select table_name || '.' || column_name from information_schema.columns where table_schema = 'cdx'
                   and not (data_type = 'bigint' or (data_type = 'text' and collation_name = 'C'))";
        assert_eq!(database.rows(sql), Vec::<String>::new());
    }
}

/// Messages of the test with many agents, and messages per transaction.
const MESSAGES: u64 = 1_000_000;
const PER_TRANSACTION: u64 = 200;

/// Posts in transactions that overlap and commit out of order; some are rolled back, fully or to a
/// savepoint.
fn agent(database: &Database, number: u64, next: &AtomicU64) {
    let mut connection = database.connect();
    let sql = "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at)
               select guid, 0, session, store, '1040', 4, 1764000000000
               from unnest($1::text[], $2::bigint[], $3::text[]) as given (guid, session, store)";
    let insert = connection.prepare(sql).expect("valid SQL");
    let mut random = fastrand::Rng::with_seed(number);
    loop {
        let first = next.fetch_add(PER_TRANSACTION, Ordering::SeqCst);
        if first >= MESSAGES {
            return;
        }
        // Messages that were rolled back are posted again with the same GUIDs, as agents do.
        for gives_up in [random.u8(..20) == 0, false] {
            let mut transaction = connection.transaction().expect("it begins");
            for part in 0..4 {
                let messages = first + part * PER_TRANSACTION / 4..first + (part + 1) * PER_TRANSACTION / 4;
                let guids: Vec<_> = messages.clone().map(guid).collect();
                let sessions: Vec<_> =
                    messages.clone().map(|message| i64::try_from(message / 3).expect("small")).collect();
                let stores: Vec<_> = messages.map(|message| format!("S{:03}", message % 97)).collect();
                for undone in [random.u8(..20) == 0, false] {
                    let mut savepoint = transaction.savepoint("part").expect("it begins");
                    savepoint.execute(&insert, &[&guids, &sessions, &stores]).expect("stored");
                    if !undone {
                        savepoint.commit().expect("kept");
                        break;
                    }
                    savepoint.rollback().expect("undone");
                }
                std::thread::park_timeout(std::time::Duration::from_micros(random.u64(..3_000)));
            }
            if !gives_up {
                transaction.commit().expect("committed");
                break;
            }
            transaction.rollback().expect("undone");
        }
    }
}

fn no_message_is_skipped(engines: Engines) {
    // A separate cluster, since long transactions would delay the transfers of other tests.
    let cluster = Cluster::own();
    let exchange = Exchange::with_messages_at(&cluster, engines);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    let (next, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut runs = 0;
    std::thread::scope(|scope| {
        let agents: Vec<_> = (0..36)
            .map(|number| {
                let database = exchange.served_messages();
                let next = &next;
                scope.spawn(move || agent(database, number, next))
            })
            .collect();
        let ended = &ended;
        scope.spawn(move || {
            for agent in agents {
                agent.join().expect("no agent fails");
            }
            ended.store(true, Ordering::SeqCst);
        });
        while !ended.load(Ordering::SeqCst) {
            let run = exchange.cdx(&["process", "--json"]).exits(0).json();
            assert_eq!(run["repeated"], 0, "{run}");
            runs += usize::from(run["read"] != 0);
        }
    });
    exchange.cdx(&["process", "--json"]).exits(0);
    let mut expected: Vec<String> = (0..MESSAGES).map(guid).collect();
    let mut found = exchange.at_head_office("select message_guid from status_message");
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found.len(), expected.len(), "after {runs} runs");
    assert!(found == expected, "not the same messages");
    assert!(runs > 0, "no run overlapped with the agents");
    assert_eq!(exchange.at_head_office("select sum(inserted) from run"), [MESSAGES.to_string()]);
}

#[test]
fn no_message_of_many_agents_is_skipped_when_head_office_is_a_file() {
    no_message_is_skipped(Engines::PostgresToSqlite);
}

#[test]
fn no_message_of_many_agents_is_skipped_when_head_office_is_on_the_same_server() {
    no_message_is_skipped(Engines::Postgres);
}

#[test]
fn an_open_transaction_delays_the_transfer_and_is_named() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    // A transaction in another database of the cluster, then a prepared one.
    let other = cluster.create_database();
    let mut open = other.connect();
    open.batch_execute(
        "set application_name = 'nightly report'; create table t (n bigint); begin; insert into t values (1)",
    )
    .expect("it is open");
    exchange.post(&[download(2, 2, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("nightly report").json();
    assert_eq!((&run["read"], &run["outcome"]), (&0.into(), &"ended".into()), "{run}");
    let doctor = exchange.cdx(&["doctor"]);
    assert!(doctor.stdout.contains("nightly report"), "{doctor:?}");
    open.batch_execute("prepare transaction 'left over'").expect("prepared");
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("'left over'").json();
    assert_eq!(run["read"], 0);
    open.batch_execute("rollback prepared 'left over'").expect("ended");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&1.into(), &serde_json::json!([])));
}

fn guids_at_head_office(exchange: &Exchange) -> BTreeSet<String> {
    exchange.at_head_office("select message_guid from status_message").into_iter().collect()
}

fn guids_of(messages: &[NewMessage]) -> BTreeSet<String> {
    messages.iter().map(|message| message.message_guid.clone()).collect()
}

#[test]
fn a_database_moved_to_another_cluster_is_read_again_without_duplicates() {
    let exchange = Exchange::of(Engines::Postgres);
    let old = applied_sessions(1, 0..50);
    exchange.post(&old);
    exchange.post(&[download(900, 900, "S0001", 77)]);
    exchange.cdx(&["process"]).exits(3);
    // As after dump and restore: the same rows, but transaction ids start again.
    exchange.change_messages("update status_message set origin_tx = origin_tx + 1000000000");
    exchange.change_head_office("update transfer_cursor set position_tx = position_tx + 1000000000");
    exchange.change_messages("update exchange set system_identifier = '1'");
    let before = exchange.posted("select database_id from exchange");
    let new = applied_sessions(10_001, 200..230);
    exchange.post(&new);
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("restored or moved").json();
    assert_eq!((&run["inserted"], &run["rejected"], &run["repeated"]), (&90.into(), &0.into(), &151.into()), "{run}");
    assert_ne!(exchange.posted("select database_id from exchange"), before);
    assert_eq!(guids_at_head_office(&exchange), guids_of(&[old, new].concat()));
    assert_eq!(exchange.count("rejected_message"), 1);
    assert_eq!(exchange.count("transfer_cursor"), 1);
    exchange.post(&[download(950, 950, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&1.into(), &serde_json::json!([])));
}

/// As a run that is killed after its first commit, before head office records the new identity.
fn renew_only(exchange: &Exchange) {
    let location = &exchange.databases().message_database;
    let messages = MessageDatabase::open_to_purge(location, Access::Existing).expect("it opens");
    assert!(messages.renew(&|| Ok(())).expect("it is renewed"));
}

#[test]
fn a_kill_after_the_new_identity_is_given_loses_neither_dismissals_nor_the_dates_of_purges() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.post_days_ago(40, &[download(1, 30, "S0001", APPLIED)]);
    exchange.post(&[download(2, 1, "S0001", 77), upload(3, 9, "S0001", 5)]);
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["rejected", "dismiss", "1"]).exits(0);
    exchange.cdx(&["session", "rerun", "upload", "9", "--reason", "x"]).exits(0);
    assert_eq!(exchange.count("session_tombstone"), 1);
    exchange.post(&[download(4, 30, "S0001", APPLIED)]);
    exchange.change_messages("update status_message set occurred_at = occurred_at - 4000000000 where message_id = 4");
    renew_only(&exchange);
    // Moved once more before the next run.
    exchange.change_messages("update exchange set system_identifier = '1'");
    let run = exchange.cdx(&["process", "--json"]).exits(3).says("restored or moved").json();
    assert_eq!((&run["inserted"], &run["rejected"]), (&0.into(), &1.into()), "arrived after its session was purged");
    assert_eq!(exchange.count("transfer_cursor"), 1);
    assert_eq!(exchange.at_head_office("select count(*) from rejected_message where dismissed_at is null"), ["1"]);
    assert_eq!(exchange.count("rejected_message"), 2);
    for table in ["transfer_cursor", "session_rerun"] {
        let ids = format!("select database_id from {table}");
        assert_eq!(exchange.at_head_office(&ids), exchange.posted("select database_id from exchange"), "{table}");
    }
    renew_only(&exchange);
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("was given a new identity").json();
    assert_eq!((&run["inserted"], &run["rejected"]), (&0.into(), &0.into()), "{run}");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&0.into(), &serde_json::json!([])));
}

#[test]
fn a_database_moved_before_or_right_after_its_first_read_loses_nothing() {
    let exchange = Exchange::of(Engines::Postgres);
    let old = applied_sessions(1, 0..50);
    exchange.post(&old);
    // Transaction ids far ahead of this cluster's, which the transfer would wait for.
    exchange.change_messages("update status_message set origin_tx = origin_tx + 1000000000");
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("restored or moved").json();
    assert_eq!(run["inserted"], 150);
    let noted =
        "select system_identifier = (select cast(system_identifier as text) from pg_control_system()) from exchange";
    assert_eq!(exchange.posted(noted), ["1"], "recorded by the first read");
    exchange.change_messages("update exchange set system_identifier = '1'");
    let new = applied_sessions(10_001, 200..230);
    exchange.post(&new);
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("restored or moved").json();
    assert_eq!((&run["inserted"], &run["repeated"]), (&90.into(), &150.into()));
    assert_eq!(guids_at_head_office(&exchange), guids_of(&[old, new].concat()));
    let untouched = Exchange::of(Engines::Postgres);
    untouched.cdx(&["process"]).exits(0);
    assert_eq!(untouched.posted(noted), ["1"]);
}

#[test]
fn a_restored_database_without_its_anchor_is_read_again_without_duplicates() {
    let exchange = Exchange::of(Engines::Postgres);
    let (kept, lost) = (applied_sessions(1, 0..50), applied_sessions(5_001, 100..120));
    exchange.post(&kept);
    exchange.post(&lost);
    exchange.cdx(&["process"]).exits(0);
    // The restore lost the last messages, and new ones have lower transaction ids than those
    // already read.
    let guids: Vec<_> = lost.iter().map(|message| format!("'{}'", message.message_guid)).collect();
    exchange.change_messages(&format!("delete from status_message where message_guid in ({})", guids.join(", ")));
    let new = applied_sessions(10_001, 200..230);
    exchange.post(&new);
    exchange.change_messages("update status_message set origin_tx = 3 where session_number >= 200");
    let run = exchange.cdx(&["process", "--json"]).exits(0).says("not as it was read").json();
    assert_eq!((&run["inserted"], &run["repeated"]), (&90.into(), &150.into()), "{run}");
    assert_eq!(guids_at_head_office(&exchange), guids_of(&[kept, lost, new].concat()));
}

#[test]
fn queries_of_a_chunk_use_the_right_index_while_tables_grow() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.post(&applied_sessions(5_000_000, 5_000_000..5_000_010));
    exchange.cdx(&["process"]).exits(0);
    // The statistics stay at a few rows until the run is over.
    exchange.script_at_head_office("alter table session set (autovacuum_enabled = off); analyze session");
    let sessions = 15_000;
    exchange.script_at_messages(&format!(
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at)
         select gen_random_uuid()::text, 0, n / 12, 'S' || n / 12 % 300, '1040', 2 + n % 3, 1764000000000
         from generate_series(0, {sessions} * 12 - 1) as n"
    ));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let rows_read = "select coalesce(sum(seq_tup_read), 0) + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'session')
                     from pg_stat_user_tables where relname = 'session'";
    let rows_read: i64 = exchange.at_head_office(rows_read)[0].parse().expect("a number");
    assert!(rows_read < sessions * 10, "{rows_read} rows of sessions were read");
    assert!(rows_read > 0, "the server counts nothing");
}

#[test]
fn a_purge_reads_each_index_page_a_few_times_even_if_one_transaction_posted_all() {
    let exchange = Exchange::of(Engines::Postgres);
    exchange.cdx(&["process"]).exits(0);
    // As in a copied database, where all messages belong to one transaction.
    let messages = 60_000;
    exchange.script_at_messages(&format!(
        "alter table status_message set (autovacuum_enabled = off);
         insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at, posted_at)
         select gen_random_uuid()::text, 0, n, 'S001', '1040', 4, 1764000000000, 1764000000000 - 5000000000 from generate_series(1, {messages}) as n"
    ));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let rows_read = || -> i64 {
        let sql = "select idx_blks_hit + idx_blks_read from pg_statio_user_indexes where indexrelname = 'status_message_pkey'";
        exchange.posted(sql)[0].parse().expect("a number")
    };
    let before = rows_read();
    exchange.cdx(&["process", "--no-transfer", "--confirm-purge", "1000000"]).exits(0);
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
    // Each page of the index contains hundreds of messages.
    let rows_read = rows_read() - before;
    assert!(rows_read < messages / 20, "{rows_read} pages of the index were read for {messages} messages");
    assert!(rows_read > 0, "the server counts nothing");
}
