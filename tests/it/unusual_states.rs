//! Regression tests of what screens show in unusual states.

use crate::screens::{COLOR, TestConsole, night, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, download};
use cdx_console::batch::{BatchStatus, JobSettings};
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::recurrence::Rule;
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (100, 30);

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

#[test]
fn messages_of_packages_and_operators_show_no_missing_store_or_run() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 9, "", 6), download(2, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    let text = TestConsole::open(&exchange, COLOR, Route::Messages("session:9".to_owned())).text(SIZE);
    assert!(text.contains("on the package, job") && text.contains("run 1"), "{text}");
    let text = TestConsole::open(&exchange, COLOR, Route::Messages("session:7 status:canceled".to_owned())).text(SIZE);
    assert!(text.contains("written by an operator's action") && !text.contains("run 0"), "{text}");
}

#[test]
fn a_wrong_count_keeps_the_dialog_open_with_an_error() {
    let exchange = night();
    let failed = Route::Sessions(Direction::Download, "status:failed".to_owned());
    let mut console = TestConsole::open(&exchange, COLOR, failed);
    console.press(&typed("*acticket\n99999\n"));
    assert_eq!(console.effects, []);
    let text = console.text(SIZE);
    assert!(text.contains("That is not the number;") && text.contains("Type "), "{text}");
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchJobs(JobScope::All));
    let before = console.text(SIZE);
    assert!(before.contains("Withhold"), "{before}");
    console.press(&typed("ae0\n"));
    assert_eq!(console.effects, []);
    let text = console.text(SIZE);
    assert!(text.contains("\"0\" is not 1") && text.contains("Delete the only batch job"), "{text}");
}

#[test]
fn a_withheld_job_stays_listed() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    exchange.cdx(&["process"]).exits(0);
    let office = office(&exchange);
    let start = Timestamp(office.now().expect("now").0 + 3_600_000);
    let rule = |words| Some(Rule::from_words(words, start, chrono_tz::Tz::UTC).expect("a rule"));
    for (description, words) in [("Nightly", "daily 02:00"), ("Often", "every 15 min")] {
        let settings =
            JobSettings { description: description.to_owned(), recurrence: rule(words), ..JobSettings::new(start) };
        office.submit_job(&settings, "m.jansen").expect("submitted");
    }
    office.change_job_status(1, BatchStatus::Withhold, "m.jansen", Some("AOS patch")).expect("withheld");
    let text = TestConsole::open(&exchange, COLOR, Route::Overview).text(SIZE);
    assert!(text.contains("Job withheld") && text.contains("Nightly"), "{text}");
    // A failed alert needs attention.
    exchange.script_at_head_office(
        "insert into notification (at, operator, event, text, popup) values (1, 'r.vermeer', 'error', 'x', 0);
         insert into delivery (notification_id, way, target, tries, error) values (1, 'email', 'a@b', 10, 'no route to mail.hq')",
    );
    let text = TestConsole::open(&exchange, COLOR, Route::Overview).text(SIZE);
    assert!(text.contains("Alerts not sent") && text.contains("E-mail: no route to mail.hq"), "{text}");
}

#[test]
fn a_start_in_the_past_is_accepted_with_a_notice() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    let submit = |args: &[&str]| exchange.cdx(&[&["batch", "submit"], args].concat()).exits(0);
    submit(&["--start", "2020-01-01T00:00:00Z"]).says("that start has passed; it runs as soon as");
    let ran = submit(&[]);
    assert!(!ran.stderr.contains("has passed"), "{ran:?}");
}
