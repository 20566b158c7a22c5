//! Copying databases between locations and engines: verified, resumable, and refused where harmful.

use crate::support::child::Running;
use crate::support::cluster::Cluster;
use crate::support::engines::Engines;
use crate::support::fault::{Fault, Kind};
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download};
use crate::support::{Exchange, foreign, wait_until};
use cdx_console::store::{Access, HeadOffice, Location, MessageDatabase, StoreError};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An exchange with rows in most tables.
fn populated(engines: Engines) -> Exchange {
    let exchange = Exchange::of(engines);
    exchange.post_days_ago(40, &applied_sessions(1, 0..50));
    exchange.post(&applied_sessions(1_001, 100..200));
    exchange
        .post(&[download(9_001, 700, "S0001", APPLY_FAILED), download(9_002, 701, "S\u{e9}\u{1f600}", APPLY_FAILED)]);
    exchange.post(&[download(9_003, 1, "S0001", 42)]);
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["session", "cancel", "download", "700", "--reason", "ticket"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "20"]).exits(0);
    exchange
        .cdx(&["batch", "submit", "--start", "2099-01-01T00:00:00Z", "--recurrence", "daily 6:00", "--zone", "UTC"])
        .exits(0);
    exchange
}

/// Copies both databases and returns the messages printed.
fn copy_both(from: &Exchange, to: &Exchange) -> String {
    let mut said = String::new();
    for (from_url, to_url) in [(from.message_url(), to.message_url()), (from.office_url(), to.office_url())] {
        said += &from.cdx(&["copy", "--from", &from_url, "--to", &to_url]).exits(0).stderr;
    }
    said
}

/// Returns the output of every listing command.
fn listings(exchange: &Exchange) -> Vec<String> {
    let lists: [&[&str]; 6] = [
        &["sessions", "download", "--json", "--all"],
        &["messages", "--json"],
        &["errors", "--json"],
        &["rejected", "--json"],
        &["parameters", "--json"],
        &["batch", "jobs", "--json"],
    ];
    lists.iter().map(|args| exchange.cdx(args).exits(0).stdout).collect()
}

fn moved(from: Engines, to: Engines) {
    let (old, new) = (populated(from), Exchange::of(to));
    let said = copy_both(&old, &new);
    assert_eq!(listings(&old), listings(&new));
    assert_eq!(old.posted("select count(*) from session_request"), new.posted("select count(*) from session_request"));
    let ids = "select max(message_id), count(*) from status_message";
    assert_eq!(old.posted(ids), new.posted(ids));
    // The transfer continues: positions are still valid, or everything is read again without
    // duplicates.
    let again = from.serves_messages() && !to.serves_messages();
    assert_eq!(said.contains("without inserting anything twice"), again, "{said}");
    let run = new.cdx(&["process", "--no-purge", "--json"]).json();
    assert_eq!(run["inserted"], 0, "{run}");
    assert_eq!(run["notices"].as_array().expect("a list").is_empty(), !again, "{run}");
    assert!(again || run["read"].as_i64() == Some(1), "the cancel is read: {run}");
    new.post(&[download(20_001, 900, "S0001", APPLIED)]);
    let run = new.cdx(&["process", "--no-purge", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"]), (&1.into(), &1.into()));
    let ids = new.posted("select message_id from status_message where session_number = 900");
    let before = old.posted("select max(message_id) from status_message");
    assert!(ids[0].parse::<i64>().expect("a number") > before[0].parse::<i64>().expect("a number"));
    new.cdx(&["batch", "submit"]).exits(0);
    new.cdx(&["doctor", "--full"]).exits(0);
}

#[test]
fn an_exchange_copied_from_files_to_a_server_continues() {
    moved(Engines::Sqlite, Engines::Postgres);
}

#[test]
fn an_exchange_copied_from_a_server_to_files_continues() {
    moved(Engines::Postgres, Engines::Sqlite);
}

#[test]
fn an_exchange_copied_within_one_engine_continues() {
    moved(Engines::Postgres, Engines::Postgres);
    moved(Engines::Sqlite, Engines::Sqlite);
}

#[test]
fn a_copy_does_not_reuse_numbers_of_purged_rows() {
    for (from, to) in [(Engines::Sqlite, Engines::Postgres), (Engines::Postgres, Engines::Sqlite)] {
        let (old, new) = (Exchange::of(from), Exchange::of(to));
        old.post(&applied_sessions(1, 0..10));
        old.change_messages("delete from status_message where message_id > 20");
        let (from_url, to_url) = (old.message_url(), new.message_url());
        old.cdx(&["copy", "--from", &from_url, "--to", &to_url]).exits(0);
        new.post(&[download(100, 900, "S0001", APPLIED)]);
        assert_eq!(new.posted("select message_id from status_message where session_number = 900"), ["31"]);
    }
}

/// Adds triggers that make the present rows of `status_message` immutable.
fn freeze_rows(exchange: &Exchange, at: Engines, script: &dyn Fn(&Exchange, &str)) {
    script(
        exchange,
        "create table kept as select message_guid from status_message; create unique index kept_guid on kept (message_guid)",
    );
    let events = [("insert", "new"), ("update", "old"), ("delete", "old")];
    for (event, row) in events {
        let is_kept = format!("exists (select 1 from kept where kept.message_guid = {row}.message_guid)");
        let trigger = if at == Engines::Sqlite {
            format!(
                "create trigger keep_{event} before {event} on status_message when {is_kept}
                 begin select raise(abort, 'a row that was there is written again'); end"
            )
        } else {
            format!(
                "create function keep_{event}() returns trigger language plpgsql as $$ begin
                    if {is_kept} then raise exception 'a row that was there is written again'; end if; return {row};
                 end $$;
                 create trigger keep_{event} before {event} on status_message for each row execute function keep_{event}()"
            )
        };
        script(exchange, &trigger);
    }
}

/// An exchange on a server of its own, since long transactions would delay other tests.
fn on_own_server(engines: Engines) -> Exchange {
    if engines == Engines::Postgres { Exchange::at(&Cluster::own()) } else { Exchange::of(engines) }
}

/// Kills a copy twice after its first chunks, then lets it finish.
fn resume_killed_copy(from: Engines, to: Engines) {
    let (old, new) = (on_own_server(from), on_own_server(to));
    old.post(&applied_sessions(1, 0..30_000));
    old.cdx(&["process", "--no-purge"]).exits(0);
    let pairs = [
        (old.message_url(), new.message_url(), "status_message"),
        (old.office_url(), new.office_url(), "status_message"),
    ];
    for (at, (from_url, to_url, table)) in pairs.iter().enumerate() {
        let count = || {
            let sql = format!("select count(*) from {table}");
            let there = if at == 0 { new.has_message_table(table) } else { new.has_table(table) };
            if !there {
                return 0;
            }
            let rows = if at == 0 { new.posted(&sql) } else { new.at_head_office(&sql) };
            rows[0].parse::<i64>().expect("a number")
        };
        let args = ["copy", "--from", from_url, "--to", to_url];
        for _ in 0..2 {
            let before = count();
            let mut running = Some(Running::start(&mut old.command(&args)));
            wait_until("a chunk has arrived", || count() > before);
            running.take().expect("it runs").kill_after(std::time::Duration::ZERO);
        }
        assert!(count() < 90_000, "the copy ended before it could be killed");
        let script: &dyn Fn(&Exchange, &str) =
            if at == 0 { &Exchange::script_at_messages } else { &Exchange::script_at_head_office };
        freeze_rows(&new, to, script);
        let refused = if at == 0 { new.cdx(&["post"]) } else { new.cdx(&["sessions", "download"]) };
        refused.exits(1).says("an unfinished copy");
        let copied = old.cdx(&[&args[..], &["--json"]].concat()).exits(0).json();
        assert_eq!((&copied["resumed"], &copied["tables"][table]["rows"]), (&true.into(), &90_000.into()));
        old.cdx(&args).exits(1).says("copy to an empty database");
    }
    assert_eq!(listings(&old), listings(&new));
}

#[test]
fn a_killed_copy_to_a_server_is_resumed() {
    resume_killed_copy(Engines::Sqlite, Engines::Postgres);
}

#[test]
fn a_killed_copy_to_files_is_resumed() {
    resume_killed_copy(Engines::Postgres, Engines::Sqlite);
}

#[test]
fn resuming_a_copy_is_refused_after_either_side_changed() {
    let changed = "update status_message set status = 3 where message_id = 1";
    let gone = "delete from status_message where message_id = 1";
    for (at_source, change) in [(true, changed), (false, changed), (false, gone)] {
        let (old, new) = (on_own_server(Engines::Sqlite), on_own_server(Engines::Postgres));
        old.post(&applied_sessions(1, 0..30_000));
        let (from_url, to_url) = (old.message_url(), new.message_url());
        let args = ["copy", "--from", &from_url, "--to", &to_url];
        let running = Running::start(&mut old.command(&args));
        wait_until("a chunk has arrived", || {
            new.has_message_table("status_message") && new.posted("select count(*) from status_message") != ["0"]
        });
        running.kill_after(std::time::Duration::ZERO);
        let side = if at_source { &old } else { &new };
        assert_eq!(side.change_messages(change), 1);
        old.cdx(&args).exits(1).says("table status_message is not the same on both sides");
        new.cdx(&["post"]).exits(1).says("an unfinished copy");
    }
}

/// Returns a small exchange and the URLs of its databases.
fn small() -> (Exchange, [String; 2]) {
    let exchange = Exchange::of(Engines::Sqlite);
    exchange.post(&applied_sessions(1, 0..3));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let urls = [exchange.message_url(), exchange.office_url()];
    (exchange, urls)
}

/// Returns why opening the message database or head office for writing is refused; `None` if it is
/// not.
fn refusal(url: &str, is_office: bool) -> Option<StoreError> {
    let location: Location = url.parse().expect("a valid URL");
    if is_office {
        HeadOffice::open(&location, Access::Create).err()
    } else {
        MessageDatabase::open(&location, Access::Create).err()
    }
}

/// Kills a copy to a file at each of its writes.
fn killed_at_any_write(is_office: bool) {
    let (old, urls) = small();
    let from = &urls[usize::from(is_office)];
    let name = if is_office { "office-copy.db" } else { "message-copy.db" };
    let file = old.path(name);
    let to = format!("sqlite:{}", file.display());
    let copy = || old.command(&["copy", "--from", from, "--to", &to]);
    let clear = || {
        ["", "-wal", "-shm", ".migrate.lock"].map(|end| drop(std::fs::remove_file(old.path(&format!("{name}{end}")))))
    };
    let calls = Fault::count(&mut copy()).calls;
    assert!(calls > 20, "{calls}");
    let (mut empty, mut marked, mut whole) = (0, 0, 0);
    for at in 1..=calls {
        clear();
        let faulted = Fault::nth(at, Kind::Kill).run(&mut copy());
        let tables = if file.exists() && std::fs::metadata(&file).expect("it is there").len() > 0 {
            let connection = foreign(&file);
            let mut names =
                connection.prepare("select name from sqlite_master where type = 'table'").expect("valid SQL");
            names
                .query_map([], |row| row.get::<_, String>(0))
                .expect("rows")
                .collect::<Result<Vec<_>, _>>()
                .expect("names")
        } else {
            Vec::new()
        };
        if tables.is_empty() {
            empty += 1;
            continue;
        }
        let refused = refusal(&to, is_office);
        if tables.iter().any(|table| table == "unfinished_copy") {
            marked += 1;
            assert!(matches!(refused, Some(StoreError::Unfinished { .. })), "at {at}, {faulted:?}: {refused:?}");
            if at % 16 == 0 {
                old.cdx(&["copy", "--from", from, "--to", &to]).exits(0);
                assert!(refusal(&to, is_office).is_none());
            }
        } else {
            whole += 1;
            assert!(refused.is_none(), "at {at} of {calls}, {faulted:?}: {refused:?}");
            let count = "select count(*) from status_message";
            let rows: i64 = foreign(&file).query_row(count, [], |row| row.get(0)).expect("a number");
            assert_eq!(rows, 9, "at {at} of {calls}, {faulted:?}");
        }
    }
    assert!(empty > 0 && marked > 20, "{empty} {marked} {whole}");
}

#[test]
fn a_message_database_copy_killed_at_any_write_leaves_nothing_or_a_refused_file() {
    killed_at_any_write(false);
}

#[test]
fn a_head_office_copy_killed_at_any_write_leaves_nothing_or_a_refused_file() {
    killed_at_any_write(true);
}

/// A proxy that cuts the connection after a number of client messages; 0 only counts them. It
/// counts reads: messages that arrive together are one, so the count differs by a few from run to
/// run.
struct Cutter {
    folder: tempfile::TempDir,
    seen: Arc<AtomicU64>,
    cut_after: Arc<AtomicU64>,
}

impl Cutter {
    fn before(cluster: &Cluster) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let server = cluster.folder().join(format!(".s.PGSQL.{}", cluster.port()));
        let (seen, cut_after) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let cutter = Self { folder, seen: Arc::clone(&seen), cut_after: Arc::clone(&cut_after) };
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let Ok(server) = UnixStream::connect(&server) else { return };
                let (seen, cut_after) = (Arc::clone(&seen), Arc::clone(&cut_after));
                let (back, forth) = (server.try_clone().expect("a handle"), client.try_clone().expect("a handle"));
                std::thread::spawn(move || pass(back, forth, || true));
                std::thread::spawn(move || {
                    pass(client, server, || {
                        let at = seen.fetch_add(1, Ordering::SeqCst) + 1;
                        let cut = cut_after.load(Ordering::SeqCst);
                        cut == 0 || at <= cut
                    });
                });
            }
        });
        cutter
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}&port=5432", self.folder.path().display())
    }

    /// Resets the count and cuts after `messages` messages from now on.
    fn cut_after(&self, messages: u64) {
        self.cut_after.store(messages, Ordering::SeqCst);
        self.seen.store(0, Ordering::SeqCst);
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, mut may_pass: impl FnMut() -> bool) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count) = from.read(&mut bytes) {
        if count == 0 || !may_pass() || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn a_copy_to_a_server_cut_off_at_any_message_leaves_nothing_or_a_refused_database() {
    let (old, urls) = small();
    let cluster = Cluster::own();
    let cutter = Cutter::before(&cluster);
    for (is_office, from) in [(false, &urls[0]), (true, &urls[1])] {
        let database = cluster.create_database();
        let (through, direct) = (cutter.url(database.name()), database.url("postgres"));
        let copy = || old.cdx(&["copy", "--from", from, "--to", &through]);
        let clear = || {
            let others =
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
            wait_until("the server has noticed", || database.rows(others) == ["0"]);
            let sql = "drop schema if exists cdx cascade; drop table if exists public.exchange, public.head_office";
            database.connect().batch_execute(sql).expect("emptied");
        };
        cutter.cut_after(0);
        copy().exits(0);
        let messages = cutter.seen.load(Ordering::SeqCst);
        assert!(messages > 40, "{messages}");
        let sample: Vec<u64> = (1..=messages)
            .filter(|at| (*at <= 45 && at % 2 == u64::from(is_office)) || *at + 6 > messages || at % 29 == 0)
            .collect();
        let (mut empty, mut marked) = (0, 0);
        for at in sample {
            clear();
            cutter.cut_after(at);
            let ran = copy();
            let others =
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
            wait_until("the server has noticed", || database.rows(others) == ["0"]);
            let tables = database.rows("select tablename from pg_tables where schemaname = 'cdx'");
            if tables.is_empty() {
                empty += 1;
                continue;
            }
            let refused = refusal(&direct, is_office);
            if tables.iter().any(|table| table == "unfinished_copy") {
                marked += 1;
                assert!(matches!(refused, Some(StoreError::Unfinished { .. })), "at {at}, {ran:?}: {refused:?}");
                if at % 8 == 0 {
                    old.cdx(&["copy", "--from", from, "--to", &direct]).exits(0);
                    assert!(refusal(&direct, is_office).is_none());
                }
            } else {
                assert!(refused.is_none(), "at {at} of {messages}, {ran:?}: {refused:?}");
                assert_eq!(database.rows("select count(*) from status_message"), ["9"], "at {at}, {ran:?}");
            }
        }
        assert!(empty > 0 && marked > 5, "{empty} {marked}");
    }
}

#[test]
fn harmful_copies_are_refused() {
    let exchange = populated(Engines::Sqlite);
    let office = exchange.office_url();
    let elsewhere = format!("sqlite:{}", exchange.path("elsewhere.db").display());
    let copy = |from: &str, to: &str| exchange.cdx(&["copy", "--from", from, "--to", to]);
    copy(&office, &office).exits(2).says("cannot be copied to itself");
    copy("sqlite:/nowhere/at/all.db", &elsewhere).exits(1).says("does not exist");
    copy(&office, "mysql://hq/cdx").exits(2).says("--to");
    copy(&office, &exchange.message_url()).exits(1).says("is not a head office");
    let other = populated(Engines::Sqlite);
    copy(&office, &other.office_url()).exits(1).says("copy to an empty database");
    exchange.cdx(&["--read-only", "copy", "--from", &office, "--to", &elsewhere]).exits(2).says("read_only");
    let server = crate::batch::server(&exchange, "aos-1");
    copy(&office, &elsewhere).exits(4).says("batch server aos-1 is running");
    server.signal("TERM");
    server.finish().exits(0);
    copy(&office, &elsewhere).exits(0);
}
