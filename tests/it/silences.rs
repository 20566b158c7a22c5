//! Silences: alerts that a filter matches are listed and counted, but not sent, until a time.

use crate::screens::{COLOR, NOW, TestConsole, fits, look, night, typed};
use crate::support::{Exchange, Ran, ran};
use cdx_console::batch::{AlertSettings, JobSettings};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Timestamp;
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (80, 24);

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

/// Runs a command by this login.
fn by(exchange: &Exchange, login: &str, args: &[&str]) -> Ran {
    ran(exchange.command(args).env("USER", login).stdin(std::process::Stdio::null()))
}

/// Submits a job that is due since an hour, with an alert by pop-up and e-mail that it is late.
fn late_job(office: &HeadOffice, name: &str) -> i64 {
    let start = Timestamp(office.now().expect("now").0 - 3_600_000);
    let settings = JobSettings { description: name.to_owned(), ..JobSettings::new(start) };
    let job_id = office.submit_job(&settings, "r.vermeer").expect("submitted");
    let alerts = AlertSettings {
        operator: "r.vermeer".to_owned(),
        not_started_minutes: Some(5),
        popup: true,
        email: Some("ops@hq.example".to_owned()),
        ..AlertSettings::default()
    };
    office.set_alerts(job_id, &alerts).expect("set");
    job_id
}

fn notify(office: &HeadOffice) -> usize {
    office.notify_overdue(office.now().expect("now")).expect("notified")
}

#[test]
fn an_alert_that_a_silence_matches_is_listed_and_counted_but_not_sent() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    let (silent, loud) = (late_job(&office, "Status of Houston"), late_job(&office, "Status of Berlin"));
    let terms = format!("job:{silent} event:late");
    let add = ["silences", "add", &terms, "--until", "2h", "--reason", "AOS patch"];
    by(&exchange, "m.jansen", &add).exits(0).says("silence 1: ").says("cdx silences end 1");
    assert_eq!(notify(&office), 2);
    let to = "select n.job_id from delivery d join notification n on n.notification_id = d.notification_id";
    assert_eq!(exchange.at_head_office(to), [loud.to_string()]);
    // It is in the list, and no pop-up opens for it.
    let listed = office.notifications("r.vermeer", 9).expect("the list");
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|row| (row.silence_id == Some(1)) == (row.job_id == Some(silent))), "{listed:?}");
    assert_eq!(office.count_unread("r.vermeer", 9).expect("a number"), 1);
    let popup = office.newest_unread("r.vermeer").expect("it reads").expect("one");
    assert!(popup.1.contains("Berlin"), "{popup:?}");
    // It is counted, and listed in the handover sheet.
    let silence = exchange.cdx(&["silences", "--json"]).exits(0).json();
    assert_eq!((silence["held_back"].as_i64(), silence["created_by"].as_str()), (Some(1), Some("m.jansen")));
    let sheet = exchange.cdx(&["handover", "--text"]).exits(0).stdout;
    assert!(sheet.contains("Silenced alerts\n  until ") && sheet.contains("by m.jansen: job:1 event:late"), "{sheet}");
    assert!(sheet.contains("(AOS patch); 1 alert held back"), "{sheet}");
    // What was held back is not sent later; a new alert is, and a test always.
    by(&exchange, "r.vermeer", &["batch", "alerts", &silent.to_string(), "--test"]).exits(0);
    assert_eq!(exchange.count("delivery"), 2);
    by(&exchange, "r.vermeer", &["silences", "end", "1"]).exits(0).says("silence 1 was ended");
    exchange.change_head_office("update batch_alert set late_told_for = null");
    assert_eq!(notify(&office), 2);
    assert_eq!(exchange.count("delivery"), 4);
}

#[test]
fn a_silence_ends_by_itself_at_its_time() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    late_job(&office, "Status of Houston");
    exchange.cdx(&["silences", "add", "*", "--until", "2h", "--reason", "AOS patch"]).exits(0);
    let now = office.now().expect("now");
    let later = Timestamp(now.0 + 2 * 3_600_000 + 60_000);
    assert_eq!(office.open_silences(now, 9).expect("silences").len(), 1);
    assert_eq!(office.open_silences(later, 9).expect("silences"), []);
    exchange.change_head_office(&format!("update silence set until = {}", now.0 - 1));
    assert_eq!((notify(&office), exchange.count("delivery")), (1, 1));
    assert_eq!(exchange.cdx(&["silences", "--json"]).exits(0).stdout, "");
    assert_eq!(exchange.cdx(&["silences", "--all", "--json"]).exits(0).json()["held_back"], 0);
    exchange.cdx(&["silences", "end", "1"]).exits(1).says("silence 1 is not open");
}

#[test]
fn a_silence_holds_the_end_of_a_run_back_at_a_batch_server() {
    let exchange = Exchange::new();
    exchange.cdx(&["batch", "submit", "--start", "2026-01-01T00:00:00Z", "--description", "Night"]).exits(0);
    exchange.cdx(&["batch", "alerts", "1", "--on", "ended,error", "--syslog"]).exits(0);
    exchange.cdx(&["silences", "add", "night", "--until", "2h", "--reason", "AOS patch"]).exits(0);
    exchange.cdx(&["batch-server", "--once", "--name", "aos-1"]).exits(0);
    assert_eq!(exchange.at_head_office("select event, silence_id from notification"), ["ended|1"]);
    assert_eq!(
        (exchange.count("delivery"), exchange.at_head_office("select held_back from silence")[0].as_str()),
        (0, "1")
    );
}

#[test]
fn what_cannot_be_understood_is_refused_and_changes_are_in_the_journal() {
    let exchange = Exchange::new();
    drop(office(&exchange));
    let add = |terms: &str, until: &str, reason: &str| {
        exchange.cdx(&["silences", "add", terms, "--until", until, "--reason", reason])
    };
    add("evnt:late", "2h", "x").exits(2).says("evnt");
    add(" ", "2h", "x").exits(2).says("silences every alert");
    add("job:3", "2020-01-01", "x").exits(2).says("that time has passed");
    add("job:3", "2h", " ").exits(2).says("--reason must not be empty");
    exchange.cdx(&["--read-only", "silences", "add", "job:3", "--until", "2h", "--reason", "x"]).exits(2);
    assert_eq!(exchange.count("operator_journal"), 0);
    add("job:3", "2h", "AOS patch").exits(0);
    exchange.cdx(&["silences", "end", "1"]).exits(0);
    exchange.cdx(&["silences", "end", "1"]).exits(1);
    let rows = exchange.cdx(&["journal", "--json"]).exits(0).stdout;
    let rows: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    let actions: Vec<_> = rows.iter().map(|row| (row["action"].as_str(), row["object"].as_str())).collect();
    let silence = Some("silence 1");
    assert_eq!(actions, [(Some("end silence"), silence), (Some("silence alerts"), silence)]);
    assert_eq!(rows[1]["reason"], "AOS patch");
    assert!(rows[1]["after"].as_str().is_some_and(|after| after.starts_with("job:3 until ")), "{rows:?}");
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn a_silence_is_started_and_ended_in_the_console_and_stands_on_overview() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Silences);
    assert!(console.text(SIZE).contains("No silences."), "{}", console.text(SIZE));
    console.press(&typed("asevnt:x\n"));
    assert_eq!(console.effects, []);
    console.press(&[Key::Esc]).press(&typed("asjob:3 event:late\n")).press(&typed("2h\n"));
    assert!(console.text(SIZE).contains("type the reason behind the time"), "{}", console.text(SIZE));
    console.press(&[Key::Esc]).press(&typed("asjob:3 event:late\n")).press(&typed("2h AOS patch\n"));
    assert_eq!(console.perform_mutation(&exchange), "Silence 1 holds back alerts that match job:3 event:late.");
    let fixed = format!("update silence set created_at = {}, held_back = 2", NOW.0 - 60_000);
    exchange.change_head_office(&fixed);
    look(&exchange, "silences", &Route::Silences, &[]);
    fits(&exchange, "silences", &Route::Silences, &[]);
    let overview = TestConsole::open(&exchange, COLOR, Route::Overview).text((120, 40));
    assert!(overview.contains("Alerts silenced") && overview.contains("2 alerts held back"), "{overview}");
    console.press(&typed("ae"));
    assert!(console.text(SIZE).contains("End silence 1?"), "{}", console.text(SIZE));
    console.press(&typed("n"));
    assert_eq!(console.effects, [], "any other key cancels");
    // The database's clock, by which it ends, is later than that of this console.
    exchange.change_head_office("update silence set until = 4102444800000");
    console.press(&typed("aey"));
    assert_eq!(console.perform_mutation(&exchange), "Silence 1 was ended; alerts are sent again.");
    let read_only = TestConsole::read_only(&exchange, Route::Silences).press(&typed("as")).text(SIZE);
    assert!(read_only.contains("read-only"), "{read_only}");
}

crate::support::engines::on_postgres!(
    an_alert_that_a_silence_matches_is_listed_and_counted_but_not_sent,
    a_silence_ends_by_itself_at_its_time,
    a_silence_holds_the_end_of_a_run_back_at_a_batch_server,
    what_cannot_be_understood_is_refused_and_changes_are_in_the_journal,
    a_silence_is_started_and_ended_in_the_console_and_stands_on_overview,
);
