//! An approval permits the change that was approved, and no other; its request says what that is.

use crate::guardrails::{by, configure, failed};
use crate::support::{Exchange, Ran};
use crate::takings::two_causes;

fn two_persons(exchange: &Exchange, action: &str) {
    let text = format!("[[guardrail]]\naction = '{action}'\napprove = 'two persons'\nsentence = 'Two see more'\n");
    configure(exchange, &text);
}

/// Requests a change, and approves it with this number.
fn approved(exchange: &Exchange, change: &[&str], number: &str) -> Ran {
    by(exchange, "m.jansen", change).exits(1).says(&format!("cdx approvals approve {number}"));
    by(exchange, "r.vermeer", &["approvals", "approve", number]).exits(0)
}

#[test]
fn an_approval_of_alerts_is_for_these_addresses_and_minutes() {
    let exchange = failed();
    two_persons(&exchange, "set alerts");
    by(&exchange, "m.jansen", &["batch", "submit", "--description", "x"]).exits(0);
    let alerts = |more: &[&'static str]| [&["batch", "alerts", "1", "--on", "error"], more].concat();
    let wanted = alerts(&["--email", "ops@hq.example", "--not-started", "10"]);
    approved(&exchange, &wanted, "1").says(
        "request 1 approved: m.jansen may make this change once, within an hour: set alerts: batch job 1: error, \
         not started after 10 min: pop-up, e-mail to ops@hq.example",
    );
    let others = [
        alerts(&["--email", "eve@evil.example", "--not-started", "10"]),
        alerts(&["--email", "ops@hq.example", "--not-started", "99"]),
    ];
    for (other, number) in others.iter().zip([2, 3]) {
        by(&exchange, "m.jansen", other).exits(1).says(&format!("approve {number}"));
    }
    by(&exchange, "m.jansen", &wanted).exits(0);
    let row = exchange.at_head_office("select value_after from operator_journal where action = 'set alerts'");
    assert_eq!(row, ["error, not started after 10 min: pop-up, e-mail to ops@hq.example"]);
}

#[test]
fn an_approval_to_unmute_or_give_back_is_about_one_cause() {
    let exchange = two_causes();
    configure(&exchange, "");
    let (cause, another) = ("Timeout expired; the disk is full", "Timeout expired at table A");
    for cause in [cause, another] {
        by(&exchange, "m.jansen", &["errors", "mute", cause, "--until", "2h"]).exits(0);
        by(&exchange, "m.jansen", &["errors", "take", cause, "--until", "2h"]).exits(0);
    }
    two_persons(&exchange, "mute cause");
    approved(&exchange, &["errors", "unmute", cause], "1");
    by(&exchange, "m.jansen", &["errors", "unmute", another]).exits(1).says("approve 2");
    by(&exchange, "m.jansen", &["errors", "unmute", cause]).exits(0);
    two_persons(&exchange, "take cause");
    approved(&exchange, &["errors", "give-back", cause], "3");
    by(&exchange, "m.jansen", &["errors", "take", cause, "--until", "9d"]).exits(1).says("approve 4");
    by(&exchange, "m.jansen", &["errors", "give-back", cause]).exits(0);
}

#[test]
fn a_request_names_no_number_that_is_not_assigned() {
    let exchange = failed();
    let rails = ["submit batch job", "add deadline", "silence alerts"]
        .map(|action| format!("[[guardrail]]\naction = '{action}'\napprove = 'two persons'\nsentence = 'x'\n"));
    configure(&exchange, &rails.concat());
    let submit = ["batch", "submit", "--description", "x", "--retries", "9"];
    approved(&exchange, &submit, "1").says("submit batch job: a new batch job: x: transfer and purge, once at ");
    let deadline = ["deadlines", "add", "1040", "--by", "weekdays 06:30"];
    approved(&exchange, &deadline, "2").says("add deadline: a new deadline: job 1040 in all stores");
    approved(&exchange, &["silences", "add", "failing", "--until", "2h", "--reason", "x"], "3").says("a new silence");
    let requests = by(&exchange, "r.vermeer", &["approvals", "--all", "--json"]).exits(0).json_lines();
    assert!(requests[2]["detail"].as_str().is_some_and(|detail| detail.ends_with(", retries 9")), "{requests:?}");
    // Another one is added meanwhile; the approval still holds.
    configure(&exchange, "");
    by(&exchange, "k.bos", &["deadlines", "add", "1070", "--by", "daily 08:00"]).exits(0);
    by(&exchange, "k.bos", &["batch", "submit", "--description", "y"]).exits(0);
    configure(&exchange, &rails.concat());
    by(&exchange, "m.jansen", &["deadlines", "add", "1040", "--by", "weekdays 07:30"]).exits(1).says("approve 4");
    by(&exchange, "m.jansen", &deadline).exits(0);
    by(&exchange, "m.jansen", &submit).exits(0);
    exchange.cdx(&["journal", "verify"]).exits(0);
}

crate::support::engines::on_postgres!(
    an_approval_of_alerts_is_for_these_addresses_and_minutes,
    a_request_names_no_number_that_is_not_assigned,
);
