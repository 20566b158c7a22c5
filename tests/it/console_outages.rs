//! Databases that disappear, return, are replaced or locked while the console is open: it stays
//! responsive, reports the cause and recovers.

use crate::support::cluster::Cluster;
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, foreign};
use std::path::Path;

const SIZE: (u16, u16) = (100, 30);
const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const READ_AGAIN: &str = "\u{12}";

/// Moves a database with its write-ahead log and lock files.
fn move_database(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let named = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            std::path::PathBuf::from(name)
        };
        if named(from).exists() {
            std::fs::rename(named(from), named(to)).expect("it is moved");
        }
    }
}

#[test]
fn a_head_office_moved_away_is_reported_until_it_returns() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting").press("4").shows("1-5 of 5");
    let elsewhere = exchange.path("elsewhere.db");
    move_database(&exchange.head_office(), &elsewhere);
    // The notice appears without a key press, although the open file could still be read.
    console.shows("! STALE: as of").shows("head office cannot be read").shows("does not exist");
    // Every key still works, and a mutation reports why it fails.
    console.press("6").shows("Status messages at head office").shows("does not exist; put it back");
    console.press("m").shows("Data distribution").press(ESCAPE).press("?").shows("Help: keys").press(ESCAPE);
    move_database(&elsewhere, &exchange.head_office());
    console.press(READ_AGAIN).shows("1-15 of 15").until("fresh again", |screen| !screen.contains("STALE"));
    console.press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_replaced_head_office_is_reopened() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting").press("4").shows("1-5 of 5");
    move_database(&exchange.head_office(), &exchange.path("before.db"));
    exchange.post(&applied_sessions(1_000, 100..103));
    exchange.cdx(&["process"]).exits(0);
    console.press(READ_AGAIN).shows("1-8 of 8").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_head_office_moved_away_is_not_created_again_by_a_run_or_a_change() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting");
    move_database(&exchange.head_office(), &exchange.path("elsewhere.db"));
    console.shows("head office cannot be read");
    console.press("p").until("the preview is refused", |screen| {
        screen.contains("What OK will do") && screen.contains("put it back") && !screen.contains("counting …")
    });
    console.press(ENTER).shows("nothing was started");
    assert!(!exchange.head_office().exists(), "OK creates no new head office");
    // A job is submitted without a preview.
    console.press("\u{1b}[6~").press(" ").press(ENTER).press(ENTER).shows("head office does not exist; put it back");
    assert!(!exchange.head_office().exists(), "a change creates no new head office");
    move_database(&exchange.path("elsewhere.db"), &exchange.head_office());
    console.press(ESCAPE).press("y").shows("0 waiting").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_form_opened_before_head_office_was_replaced_is_refused() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting").press("p").shows("0 messages waiting");
    move_database(&exchange.head_office(), &exchange.path("before.db"));
    exchange.cdx(&["process"]).exits(0);
    console
        .shows("this is another head office than before")
        .press(ENTER)
        .shows("another head office than the one shown");
    // The second line names it for an hour.
    console.press(ESCAPE).shows("another head office since").press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn the_first_transfer_of_messages_of_another_head_office_is_asked_for() {
    let (exchange, other) = (Exchange::new(), Exchange::new());
    for exchange in [&exchange, &other] {
        exchange.post(&applied_sessions(1, 0..5));
        exchange.cdx(&["process"]).exits(0);
    }
    let messages = other.message_url();
    let mut console = Terminal::open(exchange.folder(), SIZE, &["--message-database", &messages]);
    console
        .shows("15 waiting")
        .press("p")
        .shows("! OK asks first: the message database belongs to another head office");
    // The reason is shown whole.
    console
        .shows("which alone may")
        .shows("purge it")
        .press(ENTER)
        .shows("Transfer 15 messages of another head office?");
    console.press("y\r").shows("is not transfer").press(ESCAPE);
    assert_eq!(exchange.cdx(&["runs", "--json"]).exits(0).json_lines().len(), 1, "no run was started");
    console.press(ENTER).shows("Type transfer").press("transfer\r").shows("√ Ended");
    // From then on it is known.
    console.press(ESCAPE).press("1").shows("0 waiting").press("p").shows("0 messages waiting").press(ENTER);
    console.shows("√ Ended").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_preview_without_the_message_database_shows_no_numbers_and_starts_nothing() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting");
    move_database(&exchange.message_database(), &exchange.path("elsewhere.db"));
    console.press(READ_AGAIN).shows("the message database cannot be read").press("p");
    console.shows("! message database does not exist").press(ENTER).shows("nothing was started: message database");
    assert_eq!(exchange.cdx(&["runs", "--json"]).exits(0).json_lines().len(), 1, "no run was started");
    console.press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_message_database_moved_away_is_reported_with_the_cause() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting");
    let elsewhere = exchange.path("elsewhere.db");
    move_database(&exchange.message_database(), &elsewhere);
    console.press(READ_AGAIN).shows("the message database cannot be read");
    console
        .shows("! Messages unreadable message database does not exist")
        .press("9")
        .shows("! Agents are not shown: message");
    move_database(&elsewhere, &exchange.message_database());
    console.press(READ_AGAIN).shows("0 waiting").shows("AsyncClient").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn while_head_office_is_locked_the_console_responds_and_a_change_names_the_holder() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED), download(2, 8, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("0 waiting").press("4").shows("1-2 of 2");
    let greedy = foreign(&exchange.head_office());
    greedy.execute_batch("begin immediate").expect("the lock is free");
    console.press("/status:failed\r").shows("1-1 of 1").press("ac").shows("Cancel session 7 of S0001?");
    console.press("why\r").shows("y yes").press("y");
    // The mutation waits for the lock on a thread of its own.
    console.press("6").shows("Status messages at head office").press("4").shows("Download sessions");
    console.shows("! the agents have the requests, but head office shows");
    greedy.execute_batch("rollback").expect("it was held");
    console.press("ac").shows("Cancel session 7 of S0001?").press("why\r").shows("y yes").press("y");
    // The second try completes what the first one started.
    console.shows("1 session canceled").press("p").shows("1 message waiting").press(ENTER).shows("√ Ended");
    // If the lock is held from the start, nothing is requested, and the notice names the holder.
    greedy.execute_batch("begin immediate").expect("the lock is free");
    console.press(":er\r").shows("Newest of").press("an").shows("Note: ").press("ticket\r");
    console.shows(&format!("has been locked by process {} (", std::process::id()));
    greedy.execute_batch("rollback").expect("it was held");
    // The typed line is kept for another try.
    console.press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
    assert_eq!(exchange.at_head_office("select status from session where session_number = 7"), ["5"]);
}

#[test]
fn a_console_run_that_finds_a_locked_database_reports_it_and_the_next_one_finishes() {
    for which in ["head office", "message database"] {
        let exchange = Exchange::new();
        exchange.post_days_ago(40, &applied_sessions(1, 0..50));
        exchange.cdx(&["process", "--no-purge"]).exits(0);
        exchange.post(&[download(9_001, 900, "S0001", APPLIED)]);
        let path = if which == "head office" { exchange.head_office() } else { exchange.message_database() };
        let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
        console.shows("1 waiting").press("p").shows("1 message waiting");
        let greedy = foreign(&path);
        greedy.execute_batch("begin immediate").expect("the lock is free");
        console.press(ENTER).shows("Process status messages ══");
        if which == "head office" {
            console.shows(&format!("Run: waiting for head office: locked by process {} (", std::process::id()));
        }
        // Other screens still work.
        console.press(ESCAPE).shows("Needs attention").press("4").shows("Download sessions").press("p");
        console.shows(&format!("has been locked by process {} (", std::process::id()));
        greedy.execute_batch("rollback").expect("it was held");
        console.press(ESCAPE).press("1").shows("Needs attention").press("p").shows("What OK will do").press(ENTER);
        console.shows("√ Ended").press("q");
        assert_eq!(console.ends(), 0, "{which}");
        assert_eq!((exchange.count("session"), exchange.count("session_tombstone")), (1, 50), "{which}");
    }
}

#[test]
fn a_suspended_or_stopped_server_is_reported_without_freezing_the_console() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let (office, messages) = (exchange.office_url(), exchange.message_url());
    let args = ["--head-office", &office, "--message-database", &messages];
    let mut console = Terminal::open(exchange.folder(), SIZE, &args);
    console.shows("0 waiting").press("4").shows("1-5 of 5");
    let backends = "select pid::text from pg_stat_activity where application_name = 'cdx'";
    let processes: Vec<String> =
        cluster.connect("postgres").query(backends, &[]).expect("it may").iter().map(|row| row.get(0)).collect();
    let signal = |name: &str| {
        for process in &processes {
            // A process that has ended in the meantime cannot be signaled.
            let _ = std::process::Command::new("kill").args(["-s", name, process]).status();
        }
    };
    signal("STOP");
    console.press(READ_AGAIN).shows("no answer from the databases for").shows("! STALE: as of");
    console.press("m").shows("Data distribution").press(ESCAPE).press("?").shows("Help: keys").press(ESCAPE);
    signal("CONT");
    console.until("an answer", |screen| !screen.contains("no answer")).shows("As of").shows("1-5 of 5");
    assert!(cluster.control(&["stop", "--mode=immediate"]));
    console.press(READ_AGAIN).shows("! STALE: as of").shows("head office cannot be read");
    assert!(cluster.control(&["start"]));
    console.press(READ_AGAIN).until("fresh again", |screen| screen.contains("As of") && !screen.contains("STALE"));
    console.press(READ_AGAIN).shows("1-5 of 5").press("q");
    assert_eq!(console.ends(), 0);
}
