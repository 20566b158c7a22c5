//! Taking a cause: an operator takes a cause until a time, which all operators see, and gives it
//! back.

use crate::screens::{COLOR, NOW, TestConsole, fits, look, night, typed};
use crate::support::messages::{APPLY_FAILED, download};
use crate::support::{Exchange, Ran, ran};
use cdx_console::cancel::Cancel;
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Timestamp;
use cdx_console::engine::undo_entry;
use cdx_console::store::head_office::{Edit, Taking};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (80, 24);

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office")
}

/// Runs a command by this login.
fn by(exchange: &Exchange, login: &str, args: &[&str]) -> Ran {
    ran(exchange.command(args).env("USER", login).stdin(std::process::Stdio::null()))
}

/// Two failures of different causes.
pub fn two_causes() -> Exchange {
    let exchange = Exchange::new();
    let failed = |guid, number, text: &str| NewMessage {
        message: Some(text.to_owned()),
        ..download(guid, number, "S0001", APPLY_FAILED)
    };
    exchange.post(&[failed(1, 7, "Timeout expired at table A"), failed(2, 8, "Timeout expired; the disk is full")]);
    exchange.cdx(&["process"]).exits(0);
    exchange
}

#[test]
fn a_cause_is_taken_by_command_seen_by_all_operators_and_given_back() {
    let exchange = two_causes();
    let take = ["errors", "take", "the disk", "--until", "2h", "--remark", "waits for the DBA"];
    by(&exchange, "m.jansen", &take).exits(0).says("m.jansen until ").says("Timeout expired; the disk is full");
    for (filter, count) in [("cause:disk", 1), ("cause:\"timeout expired\"", 1), ("cause:deadlock", 0)] {
        let changes = exchange.cdx(&["journal", "--json", "--filter", filter]).exits(0).json_lines();
        assert_eq!(changes.len(), count, "{filter}");
    }
    let listed = exchange.cdx(&["errors", "--json", "--filter", "taken:yes by:m.jansen"]).exits(0).json();
    assert_eq!(listed["taken"]["by"], "m.jansen", "{listed}");
    assert_eq!(listed["taken"]["remark"], "waits for the DBA", "{listed}");
    assert!(exchange.cdx(&["errors"]).exits(0).stdout.contains("m.jansen"));
    let sheet = exchange.cdx(&["handover", "--json"]).exits(0).json();
    assert_eq!(sheet["taken"][0]["by"], "m.jansen", "{sheet}");
    assert_eq!(sheet["taken"][0]["cause"], "Timeout expired; the disk is full", "{sheet}");
    let words = exchange.cdx(&["handover", "--text"]).exits(0).stdout;
    assert!(words.contains("Taken causes\n  m.jansen until "), "{words}");
    assert!(words.contains(": Timeout expired; the disk is full (waits for the DBA)"), "{words}");

    // Another operator learns that, and may replace it.
    let take = ["errors", "take", "Timeout expired; the disk is full", "--until", "06:00"];
    by(&exchange, "r.vermeer", &take).exits(1).says("another operator has taken it, m.jansen until ").says("--replace");
    by(&exchange, "r.vermeer", &[&take[..], &["--replace"]].concat()).exits(0);
    by(&exchange, "r.vermeer", &take).exits(0);
    by(&exchange, "m.jansen", &["errors", "give-back", "the disk"]).exits(0).says("given back, was r.vermeer until ");
    by(&exchange, "m.jansen", &["errors", "give-back", "the disk"]).exits(1).says("the cause is not taken");
    assert_eq!(exchange.cdx(&["errors", "--json", "--filter", "taken:yes"]).exits(0).stdout, "");

    // Every change is a row of the journal, with the value before and after.
    let rows = exchange.cdx(&["journal", "--json", "--filter", "what:take"]).exits(0).stdout;
    assert_eq!(rows.lines().count(), 4, "{rows}");
    let newest: serde_json::Value = serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    assert_eq!((newest["operator"].as_str(), newest["after"].as_str()), (Some("m.jansen"), None), "{newest}");
    assert!(newest["before"].as_str().is_some_and(|before| before.starts_with("r.vermeer until ")), "{newest}");
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn it_ends_by_itself_at_its_time() {
    let exchange = two_causes();
    by(&exchange, "m.jansen", &["errors", "take", "the disk", "--until", "2h"]).exits(0);
    let office = office(&exchange);
    let now = office.now().expect("now");
    let later = Timestamp(now.0 + 2 * 3_600_000 + 60_000);
    let taken = |at| office.causes(Timestamp(0), at, 9).expect("causes").iter().filter(|c| c.taken.is_some()).count();
    assert_eq!((taken(now), taken(later)), (1, 0));
    assert_eq!(office.taken_causes(now, 9).expect("taken").len(), 1);
    assert_eq!(office.taken_causes(later, 9).expect("taken"), []);
    // Then another operator takes it without being asked.
    exchange.change_head_office(&format!("update cause set taken_until = {} where taken_by is not null", now.0 - 1));
    by(&exchange, "r.vermeer", &["errors", "take", "the disk", "--until", "2h"]).exits(0);
}

#[test]
fn a_text_that_names_no_cause_or_several_is_refused() {
    let exchange = two_causes();
    let take = |text: &str, until: &str| exchange.cdx(&["errors", "take", text, "--until", until]);
    take("timeout", "2h").exits(1).says("several causes contain \"timeout\"").says("the disk is full\"");
    take("deadlock", "2h").exits(1).says("no cause contains \"deadlock\"; cdx errors lists them");
    take("the disk", "yesterday").exits(2).says("--until").says("that time has passed");
    take("the disk", "2020-01-01").exits(2).says("that time has passed");
    exchange.cdx(&["errors", "take", "the disk"]).exits(2).says("--until");
    exchange.cdx(&["--read-only", "errors", "take", "the disk", "--until", "2h"]).exits(2).says("read-only");
    assert_eq!(exchange.count("operator_journal"), 0);
}

#[test]
fn a_taking_based_on_an_outdated_version_is_refused_and_undo_restores_the_one_before() {
    let exchange = two_causes();
    let office = office(&exchange);
    let cause = || office.causes(Timestamp(0), Timestamp(0), 1).expect("causes").remove(0);
    let (digest, seen) = (cause().digest, cause().version);
    let taking = |by: &str| Taking::of(by, Timestamp(9), "");
    office.take_cause(digest, Some(&taking("m.jansen")), "m.jansen").expect("taken");
    let stale = office.take_cause(digest, Some(&taking("r.vermeer")), Edit::of_version("r.vermeer", Some(seen)));
    let stale = stale.expect_err("stale").to_string();
    assert!(stale.contains("was changed after you read it: m.jansen at 20") && stale.contains("until 1970"), "{stale}");
    assert_eq!(cause().taken, Some(taking("m.jansen")));
    office.take_cause(digest, Some(&taking("r.vermeer")), "r.vermeer").expect("taken");
    let newest = office.undoable(1).expect("the journal").remove(0);
    undo_entry(&exchange.databases(), newest.entry_id, "r.vermeer", &Cancel::new()).expect("undone");
    assert_eq!(cause().taken, Some(taking("m.jansen")));
}

#[test]
fn a_cause_is_taken_in_the_console_and_that_of_another_only_after_a_question() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Errors);
    console.press(&typed("aisoon\n"));
    assert!(console.text(SIZE).contains("not a time; begin with 2h"), "{}", console.text(SIZE));
    assert_eq!(console.effects, []);
    console.press(&[Key::Esc]).press(&typed("ai2h waits for the DBA\n"));
    let said = console.perform_mutation(&exchange);
    assert_eq!(said, "All operators see that you have taken it; u undoes it.");
    let shown = console.text(SIZE);
    assert!(
        shown.contains("►@") && shown.contains("Taken by   r.vermeer until 04:14:21: waits for the DBA"),
        "{shown}"
    );
    look(&exchange, "errors_taken", &Route::Errors, &[]);
    fits(&exchange, "errors_taken", &Route::Errors, &[]);
    let undone = console.press(&typed("u\ny"));
    assert!(matches!(undone.effects.as_slice(), [RuntimeEffect::Mutation(_)]), "{:?}", undone.effects);
    assert!(console.perform_mutation(&exchange).starts_with("Undone: take cause"));

    let office = office(&exchange);
    let digest = office.causes(Timestamp(0), NOW, 1).expect("causes").remove(0).digest;
    let taking = Taking::of("m.jansen", Timestamp(NOW.0 + 3_600_000), "on the phone");
    office.take_cause(digest, Some(&taking), "m.jansen").expect("taken");
    console.press(&typed("ai3h\n"));
    assert_eq!(console.effects, []);
    let asked = console.text(SIZE);
    assert!(asked.contains("m.jansen has taken it") && asked.contains("Until 03:14:21: on the phone"), "{asked}");
    console.press(&typed("n"));
    assert_eq!(console.effects, [], "any other key cancels");
    console.press(&typed("ai\n")).press(&typed("y"));
    assert_eq!(console.perform_mutation(&exchange), "The cause was given back.");
    assert!(!console.text(SIZE).contains("Taken by "));
}

crate::support::engines::on_postgres!(
    a_cause_is_taken_by_command_seen_by_all_operators_and_given_back,
    it_ends_by_itself_at_its_time,
    a_taking_based_on_an_outdated_version_is_refused_and_undo_restores_the_one_before,
    a_cause_is_taken_in_the_console_and_that_of_another_only_after_a_question,
);
