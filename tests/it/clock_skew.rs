//! Stores whose clock is ahead: their messages are shown and do not hide later ones.

use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, download, now};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, rows};
use cdx_console::domain::Timestamp;
use cdx_console::store::message_database::NewMessage;

const DAY: i64 = 86_400_000;

/// Dates a message `ahead` milliseconds from now.
fn dated(ahead: i64, message: NewMessage) -> NewMessage {
    NewMessage { occurred_at: Timestamp(now().0 + ahead), ..message }
}

/// Messages of a store whose clock is a year and a month ahead, then behind, and one of another
/// store.
fn reports() -> Vec<NewMessage> {
    vec![
        dated(365 * DAY, download(1, 1, "S0001", DOWNLOADED)),
        dated(30 * DAY, download(2, 2, "S0001", APPLY_FAILED)),
        dated(-20 * DAY, download(3, 3, "S0001", APPLIED)),
        dated(-60_000, download(4, 4, "S0002", APPLIED)),
    ]
}

#[test]
fn a_store_clock_a_year_ahead_does_not_hide_later_failures() {
    let exchange = Exchange::new();
    exchange.post(&reports());
    exchange.cdx(&["process"]).exits(0);
    let failure = NewMessage { message: Some("boom".to_owned()), ..download(5, 1, "S0001", APPLY_FAILED) };
    exchange.post(&[dated(60_000, failure)]);
    exchange.cdx(&["process"]).exits(0);
    let sessions = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json_lines();
    let first = sessions.iter().find(|session| session["session_number"] == 1).expect("it is there");
    assert_eq!((&first["status"], &first["message"]), (&"apply_failed".into(), &"boom".into()));
    let far = Timestamp(now().0 + 3_600_000).to_rfc3339();
    assert!(sessions.iter().all(|session| session["modified_at"].as_str() < Some(far.as_str())), "{sessions:?}");
    let messages = exchange.cdx(&["messages", "--json"]).exits(0).json_lines();
    assert!(messages.iter().any(|message| message["reported_at"].as_str() > Some(far.as_str())), "{messages:?}");
}

#[test]
fn a_store_clock_ahead_is_reported_until_a_message_with_the_right_time_arrives() {
    let exchange = Exchange::new();
    exchange.post(&reports());
    exchange.cdx(&["process"]).exits(0);
    let said = exchange.cdx(&["doctor"]);
    assert!(said.stdout.contains("ahead: S0001 by 36"), "{said:?}");
    let mut console = Terminal::open(exchange.folder(), (120, 30), &[]);
    console.shows("Clocks ahead").shows("S0001 by");
    console.press("9").shows("clock ahead: S0001");
    console.press("q").ends();
    exchange.post(&[dated(-1_000, download(9, 9, "S0001", APPLIED))]);
    exchange.cdx(&["process"]).exits(0);
    let said = exchange.cdx(&["doctor"]);
    assert!(said.stdout.contains("none is ahead"), "{said:?}");
}

#[test]
fn sessions_of_an_older_head_office_are_folded_again() {
    let exchange = Exchange::new();
    exchange.post(&reports());
    exchange.post(&[dated(-30_000, download(5, 1, "S0001", APPLY_FAILED))]);
    exchange.cdx(&["process"]).exits(0);
    let table = "select session_number, status, winner_guid, created_at, modified_at from session order by 1";
    let expected = exchange.at_head_office(table);
    // The schema of version 10: reported times, and sessions computed from them.
    exchange.downgrade_head_office(
        10,
        "update status_message set occurred_at = reported_at where reported_at is not null;
         update session set status = 3, winner_at = winner_at + 31536000000, modified_at = modified_at + 31536000000
            where session_number in (1, 2);
         drop index channel_database_clock; drop table stale_session;
         alter table status_message drop column reported_at;
         alter table channel_database drop column clock_ahead_ms;
         alter table channel_database drop column clock_ahead_at;
         alter table channel_database drop column clock_right_at;",
    );
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.at_head_office(table), expected);
    assert_eq!(exchange.count("stale_session"), 0);
    let clocks = exchange.at_head_office("select name from channel_database where clock_ahead_at is not null");
    assert_eq!(clocks, ["S0001"]);
}

/// A recorded stream of one store whose clock drifted.
#[test]
fn a_recorded_stream_of_a_wandering_clock_is_transferred() {
    let exchange = Exchange::new();
    let lines = include_str!("../fixtures/lines/clock1.jsonl");
    exchange.cdx_with_input(&["post", "-"], lines.as_bytes()).exits(0);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], lines.lines().count());
    let newest = rows(&exchange.head_office(), "select max(modified_at) from session");
    let newest: i64 = newest[0].parse().expect("an instant");
    assert!(newest <= now().0 + 300_000, "nothing is dated in the future");
}

crate::support::engines::on_postgres!(
    a_store_clock_a_year_ahead_does_not_hide_later_failures,
    sessions_of_an_older_head_office_are_folded_again,
);
