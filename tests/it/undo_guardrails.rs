//! An undo has to pass the guardrails of the action that it reverses, and those of `undo`.

use crate::guardrails::{by, configure, failed, guarded, journal};
use crate::support::Exchange;
use cdx_console::batch::JobSettings;
use cdx_console::cancel::Cancel;
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::mutation::Mutation;
use cdx_console::guard::Consent;
use cdx_console::store::{Access, HeadOffice};

fn rail(action: &str, demand: &str) -> String {
    format!("[[guardrail]]\naction = '{action}'\n{demand}\nsentence = 'Stocktaking'\n")
}

/// The number of the newest journal row of an action.
fn newest(exchange: &Exchange, action: &str) -> i64 {
    let sql = format!("select max(entry_id) from operator_journal where action = '{action}' and result = 'done'");
    exchange.at_head_office(&sql)[0].parse().expect("a number")
}

/// Undoes the newest change of an action by another operator, in a console.
fn undo(exchange: &Exchange, action: &str, consent: Consent) -> Result<(), String> {
    let databases = guarded(exchange).with_consent(consent);
    let undo = Mutation::Undo(newest(exchange, action));
    let done = perform(&databases, "k.bos", &undo, &Keymap::default(), &Cancel::new());
    done.map(|_| ()).map_err(|error| error.said)
}

fn is_refused(exchange: &Exchange, action: &str) {
    let refused = undo(exchange, action, Consent::default()).expect_err("refused");
    assert!(refused.contains("refused: Stocktaking"), "{action}: {refused}");
}

#[test]
fn an_undo_makes_no_job_run_that_a_guardrail_forbids() {
    let exchange = failed();
    configure(&exchange, "");
    let batch = |args: &[&str]| by(&exchange, "r.vermeer", &[&["batch"], args].concat());
    batch(&["submit", "--description", "x"]).exits(0);
    batch(&["change-status", "1", "withhold"]).exits(0);
    configure(&exchange, &rail("process status messages", "deny = true"));
    batch(&["change-status", "1", "waiting"]).exits(1).says("Stocktaking");
    is_refused(&exchange, "change status");
    batch(&["delete", "1"]).exits(0);
    undo(&exchange, "delete batch job", Consent::default()).expect("it stays withheld");
    let of_job = || exchange.at_head_office("select status from batch_job");
    let withheld = of_job();
    // A waiting job is restored only by an operator who may run it.
    configure(&exchange, "");
    batch(&["change-status", "1", "waiting"]).exits(0);
    batch(&["delete", "1"]).exits(0);
    configure(&exchange, &rail("process status messages", "deny = true"));
    is_refused(&exchange, "delete batch job");
    assert!(of_job().is_empty());
    configure(&exchange, &rail("process status messages", "reason = 'required'"));
    let refused = undo(&exchange, "delete batch job", Consent::default()).expect_err("a reason is missing");
    assert!(refused.contains("needs a reason: Stocktaking"), "{refused}");
    let consent = Consent { reason: Some("audit".to_owned()), ..Consent::default() };
    undo(&exchange, "delete batch job", consent).expect("with a reason");
    assert_ne!(of_job(), withheld);
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn an_undo_is_decided_as_the_action_that_it_reverses() {
    let exchange = failed();
    configure(&exchange, "");
    let cause = exchange.cdx(&["errors", "--json"]).exits(0).json_lines()[0]["cause"].as_str().expect("one").to_owned();
    let changes: [(&str, &[&str]); 8] = [
        ("change status", &["batch", "change-status", "1", "withhold"]),
        ("delete batch job", &["batch", "delete", "1"]),
        ("set parameter", &["parameters", "set", "retention-days", "29"]),
        ("note on cause", &["errors", "note", &cause, "a ticket"]),
        ("mute cause", &["errors", "mute", &cause, "--until", "2h"]),
        ("take cause", &["errors", "take", &cause, "--until", "2h"]),
        ("note on channel database", &["connections", "note", "LON1", "closed"]),
        ("zone of channel database", &["connections", "zone", "LON1", "Europe/London"]),
    ];
    by(&exchange, "r.vermeer", &["batch", "submit", "--description", "x", "--recurrence", "daily 06:00"]).exits(0);
    let is_decided_twice = |action: &str| {
        let rows = journal(&exchange).len();
        for denied in [action, "undo"] {
            configure(&exchange, &rail(denied, "deny = true"));
            is_refused(&exchange, action);
        }
        assert_eq!(journal(&exchange).len(), rows + 2, "{action}: each refusal is journaled");
        configure(&exchange, "");
        undo(&exchange, action, Consent::default()).unwrap_or_else(|error| panic!("{action}: {error}"));
    };
    let databases = exchange.databases();
    let office = HeadOffice::open(&databases.head_office, Access::Existing).expect("head office");
    let settings =
        JobSettings { description: "y".to_owned(), ..office.job(1).expect("read").expect("it is there").settings };
    office.change_job(1, &settings, "r.vermeer").expect("changed");
    is_decided_twice("change batch job");
    for (action, change) in changes {
        by(&exchange, "r.vermeer", change).exits(0);
        is_decided_twice(action);
    }
    // The undo of a session's action is an action of its own.
    by(&exchange, "r.vermeer", &["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    for denied in ["undo session", "undo"] {
        configure(&exchange, &rail(denied, "deny = true"));
        is_refused(&exchange, "cancel session");
    }
}

#[test]
fn the_undo_of_a_session_action_is_decided_as_that_action() {
    let exchange = failed();
    configure(&exchange, "");
    let session = |action: &str, number: &str| {
        by(&exchange, "r.vermeer", &["session", action, "download", number, "--reason", "ticket 1"])
    };
    session("cancel", "7").exits(0);
    configure(&exchange, &rail("cancel session", "deny = true"));
    session("undo", "7").exits(1).says("Stocktaking");
    configure(&exchange, &rail("rerun session", "deny = true"));
    session("undo", "7").exits(0);
}

#[test]
fn the_scope_of_an_undo_is_the_job_that_was_deleted() {
    let exchange = failed();
    configure(&exchange, "");
    let batch = |args: &[&str]| by(&exchange, "r.vermeer", &[&["batch"], args].concat()).exits(0);
    batch(&["group", "NIGHT"]);
    for group in ["NIGHT", ""] {
        batch(&["submit", "--description", "x", "--group", group]);
    }
    batch(&["delete", "1"]);
    configure(&exchange, &rail("delete batch job", "scope = 'group:NIGHT'\ndeny = true"));
    is_refused(&exchange, "delete batch job");
    batch(&["delete", "2"]);
    undo(&exchange, "delete batch job", Consent::default()).expect("another group");
}

crate::support::engines::on_postgres!(
    an_undo_makes_no_job_run_that_a_guardrail_forbids,
    an_undo_is_decided_as_the_action_that_it_reverses,
    the_scope_of_an_undo_is_the_job_that_was_deleted,
);
