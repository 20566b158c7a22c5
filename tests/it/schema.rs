//! Migrations from every earlier schema version: nothing is lost, half finished transfers continue,
//! and the result equals a new database.

use crate::support::engines;
use crate::support::{Exchange, foreign};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The schema versions with dumps: head office's, and the message database's that its dump
/// continues.
pub const VERSIONS: [(u32, u32); 20] = [
    (1, 1),
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 2),
    (9, 3),
    (10, 4),
    (10, 5),
    (11, 6),
    (12, 6),
    (13, 6),
    (14, 6),
    (15, 6),
    (16, 6),
    (17, 6),
    (18, 6),
    (19, 6),
];

fn dump(name: &str, engine: &str) -> String {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/schema", &format!("{name}.{engine}.sql")].iter().collect();
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn load_file(path: &std::path::Path, name: &str) {
    let connection = foreign(path);
    connection.execute_batch("pragma auto_vacuum = incremental; pragma journal_mode = wal").expect("settings");
    connection.execute_batch(&dump(name, "sqlite")).expect("the dump is whole");
}

/// Loads the dump of a version of the message database.
fn load_messages_of(exchange: &Exchange, version: u32) {
    let name = format!("message-database-{version}");
    if engines::current().serves_messages() {
        exchange.served_messages().connect().batch_execute(&dump(&name, "postgres")).expect("the dump is whole");
    } else {
        load_file(&exchange.message_database(), &name);
    }
}

/// An exchange of these versions of head office and message database, transferred in part.
pub fn exchange_of_versions((office, messages): (u32, u32)) -> Exchange {
    let exchange = Exchange::new();
    load_messages_of(&exchange, messages);
    let name = format!("head-office-{office}");
    if engines::current().serves_office() {
        exchange.served_office().connect().batch_execute(&dump(&name, "postgres")).expect("the dump is whole");
    } else {
        load_file(&exchange.head_office(), &name);
    }
    exchange
}

/// Returns the schema objects of both databases.
pub fn objects(exchange: &Exchange) -> Vec<String> {
    if engines::current().serves_office() {
        exchange.at_head_office(
            "select n.nspname, t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
             from pg_attribute a join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
             where a.attnum > 0 and not a.attisdropped and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
             order by 1, 2, 3",
        )
    } else {
        exchange.at_head_office("select type, name, sql from sqlite_master order by 1, 2")
    }
}

/// Returns the resulting rows, without sessions that the message database no longer has.
fn outcome(exchange: &Exchange) -> Vec<Vec<String>> {
    [
        "select message_guid, direction, session_number, channel_database, status, occurred_at, posted_at, round, try_count, message,
            cause is null from status_message where session_number > 10 order by message_guid",
        "select direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message, requested_at,
            downloaded_at, uploaded_at, applied_at, created_at, modified_at, last_posted_at, job_name, distribution_schedule,
            last_error_status, last_error_at, last_error_guid from session where session_number > 10 order by 1, 2, 3",
        "select reason from rejected_message order by 1",
        "select name from channel_database order by 1",
        "select name from distribution_schedule order by 1",
        "select name, direction from known_job order by 1, 2",
        "select name from known_group order by 1",
    ]
    .map(|sql| exchange.at_head_office(sql))
    .to_vec()
}

/// Data entered by operators, each with the version that introduced its table.
const ENTERED: [(u32, &str); 8] = [
    (1, "select name, value, changed_by from retail_scheduler_parameters order by 1"),
    (1, "select note, muted_until from cause where note is not null"),
    (1, "select action, object, operator, detail from operator_journal order by entry_id"),
    (1, "select direction, session_number, channel_database, status from session_tombstone order by 1, 2, 3"),
    (2, "select direction, session_number, channel_database from session_rerun order by 1, 2, 3"),
    (3, "select description, batch_group, recurrence, first_start, created_by, status from batch_job order by job_id"),
    (3, "select server, from_minute, to_minute, max_threads from batch_server_window order by 1, 2"),
    (3, "select way, target, tries, error from delivery order by delivery_id"),
];

/// A new head office of the present version that has read a dump of the message database.
fn new_reader(messages: u32) -> Exchange {
    let new = Exchange::new();
    load_messages_of(&new, messages);
    assert!([0, 3].contains(&new.cdx(&["process", "--no-purge"]).code));
    new
}

#[test]
fn every_former_version_is_migrated_and_continued() {
    let mut readers = BTreeMap::new();
    for version in VERSIONS {
        let (office, messages) = version;
        let new = readers.entry(messages).or_insert_with(|| new_reader(messages));
        let exchange = exchange_of_versions(version);
        let entered = ENTERED.iter().filter(|(since, _)| *since <= office);
        let before: Vec<_> = entered.map(|(_, sql)| (*sql, exchange.at_head_office(sql))).collect();
        let transferred = exchange.count("status_message");

        let ran = exchange.cdx(&["process", "--no-purge", "--json"]);
        assert!([0, 3].contains(&ran.code), "versions {version:?}: {ran:?}");
        let read = ran.json()["read"].as_i64().expect("a number");
        // Transaction ids differ on every server, so the restored database is read again.
        if !engines::current().serves_messages() {
            let all: i64 = exchange.posted("select count(*) from status_message")[0].parse().expect("a number");
            assert!(0 < read && read < all, "versions {version:?} is not continued: {read} of {all}");
        }
        assert!(transferred < exchange.count("status_message"), "versions {version:?}: {ran:?}");
        assert_eq!(objects(&exchange), objects(new), "versions {version:?}");
        for (found, expected) in outcome(&exchange).iter().zip(&outcome(new)) {
            assert_eq!(found, expected, "versions {version:?}");
        }
        for (sql, before) in before {
            assert!(!before.is_empty(), "versions {version:?}: {sql}");
            assert_eq!(exchange.at_head_office(sql), before, "versions {version:?}: {sql}");
        }
        let lists = [
            "sessions download",
            "sessions upload",
            "messages",
            "errors",
            "rejected",
            "requests",
            "batch jobs",
            "batch history",
        ];
        for list in lists {
            let words: Vec<_> = list.split(' ').chain(["--json"]).collect();
            exchange.cdx(&words).exits(0);
        }
        // The dumps have an approval whose request is not in their journal.
        exchange.change_head_office("delete from approval");
        exchange.cdx(&["journal", "verify"]).exits(0);
        let doctor = exchange.cdx(&["doctor"]);
        assert!(!doctor.stderr.contains("panicked"), "versions {version:?}: {doctor:?}");
    }
}

/// A claim of a console had prefixes in the columns of a batch server's claim.
#[test]
fn a_claim_of_a_console_names_its_login_and_that_of_a_server_stays() {
    let claims = [
        ("console of r.vermeer", "console 8a1f-c0", "r.vermeer|8a1f-c0"),
        // Servers with a name or a process like a console's.
        ("console of hq-1", "8a1f-c1", "null|8a1f-c1"),
        ("hq-1", "console 8a1f-c2", "null|console 8a1f-c2"),
        ("hq-1", "8a1f-c3", "null|8a1f-c3"),
    ];
    for (server, incarnation, expected) in claims {
        let exchange = exchange_of_versions((19, 6));
        exchange.change_head_office(&format!(
            "update batch_job set status = 2, claim_server = '{server}', claim_incarnation = '{incarnation}',
             claim_since = 1795938673430, claim_history_id = 1 where job_id = 1"
        ));
        assert!([0, 3].contains(&exchange.cdx(&["process", "--no-purge"]).code));
        let claim = "select coalesce(claim_login, 'null') || '|' || claim_incarnation from batch_job where job_id = 1";
        assert_eq!(exchange.at_head_office(claim), [expected], "{server}, {incarnation}");
        let shown = exchange.cdx(&["batch", "jobs", "--json"]).exits(0).stdout;
        assert!(shown.contains(&format!("\"server\":\"{server}\"")), "{shown}");
    }
}

engines::on!(
    postgres,
    Postgres,
    every_former_version_is_migrated_and_continued,
    a_claim_of_a_console_names_its_login_and_that_of_a_server_stays
);
engines::on!(sqlite_to_postgres, SqliteToPostgres, every_former_version_is_migrated_and_continued);

#[test]
fn every_former_version_has_dumps() {
    let present = |kind: &str| {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "assets/migrations/sqlite", kind].iter().collect();
        u32::try_from(std::fs::read_dir(folder).expect("the migrations").count()).expect("few")
    };
    let covered = |version: fn(&(u32, u32)) -> u32| VERSIONS.iter().map(version).collect::<BTreeSet<_>>();
    let (offices, messages) = (covered(|versions| versions.0), covered(|versions| versions.1));
    assert!((1..present("head_office")).all(|version| offices.contains(&version)), "{offices:?}");
    assert!((1..present("message_database")).all(|version| messages.contains(&version)), "{messages:?}");
}
