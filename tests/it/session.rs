//! Session actions: requested from agents, visible at head office at once, never counted twice.

use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, download, now, upload};
use cdx_console::cancel::Cancel;
use cdx_console::domain::{Direction, SessionAction, SessionKey, Status};
use cdx_console::engine::{ActionRequest, LeftOut, SelectedSession, Undone, perform_session_action, undo_entry};
use cdx_console::store::head_office::SessionFilter;
use cdx_console::store::message_database::{NewMessage, NewRequest, Operation, RequestAction};
use cdx_console::store::{Access, HeadOffice};

const UPLOAD_FAILED: i64 = 5;

#[test]
fn a_canceled_session_is_visible_at_once_and_its_message_counts_once() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED), download(2, 7, "S0002", DOWNLOADED)]);
    exchange.cdx(&["process"]).exits(0);
    let reason = ["--reason", "ticket 4711"];
    // The number is ambiguous: a store is required.
    exchange
        .cdx(&[&["session", "cancel", "download", "7"][..], &reason].concat())
        .exits(2)
        .says("name one with --store");
    let args = [&["session", "cancel", "download", "7", "--store", "S0001", "--json"][..], &reason].concat();
    let session = exchange.cdx(&args).exits(0).json();
    assert_eq!((&session["status"], &session["try_count"]), (&"canceled".into(), &0.into()));
    assert_eq!(session["message"], "Canceled: ticket 4711");
    let sessions = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json_lines();
    let of = |store: &str| sessions.iter().find(|session| session["channel_database"] == store).expect("it is there");
    assert_eq!((&of("S0001")["status"], &of("S0002")["status"]), (&"canceled".into(), &"downloaded".into()));
    // The next transfer also reads its message, which is already known.
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["repeated"], &run["inserted"]), (&1.into(), &1.into(), &0.into()));
    exchange.cdx(&args).exits(1).says("it is canceled already");
    // A late success of the agent still wins.
    exchange.post(&[download(3, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&args).exits(1).says("it is applied");
    let journal = exchange.at_head_office("select action, object, detail from operator_journal");
    assert_eq!(journal, ["cancel session|download 7 S0001|ticket 4711"]);
}

#[test]
fn a_request_is_taken_by_one_agent_once() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "a\u{1b}[31m reason"]).exits(0);
    let table = exchange.cdx(&["requests"]).exits(0);
    assert!(table.stdout.contains("<1B>[31m reason"), "{table:?}");
    let waiting = exchange.cdx(&["requests", "--json"]).exits(0).json();
    assert_eq!((&waiting["action"], &waiting["session_number"]), (&"cancel".into(), &7.into()));
    let taken = exchange.cdx(&["requests", "--take", "AsyncClient-S0001", "--json"]).exits(0).json();
    assert_eq!(taken["taken_by"], "AsyncClient-S0001");
    let ran = exchange.cdx(&["requests", "--take", "AsyncClient-S0002", "--json"]).exits(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(exchange.posted("select name from agent where name = 'AsyncClient-S0002'"), ["AsyncClient-S0002"]);
}

#[test]
fn sessions_that_cannot_be_canceled_are_not_changed() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let before = exchange.posted("select count(*) from status_message");
    let cancel = |args: &[&str]| exchange.cdx(&[&["session", "cancel"], args].concat());
    cancel(&["download", "7", "--reason", "x"]).exits(1).says("it is applied");
    cancel(&["download", "8", "--reason", "x"]).exits(1).says("head office has no download session 8");
    cancel(&["upload", "7", "--store", "S0001", "--reason", "x"]).exits(1).says("head office has no upload session 7");
    cancel(&["download", "7", "--reason", " "]).exits(2).says("--reason must not be empty");
    cancel(&["download", "7", "--reason", "x", "--read-only"]).exits(2).says("session cancel is refused");
    exchange.cdx(&["requests", "--take", "A", "--read-only"]).exits(2).says("requests --take is refused");
    assert_eq!(exchange.posted("select count(*) from status_message"), before);
    assert_eq!(exchange.posted("select count(*) from session_request"), ["0"]);
}

/// Leaves an action half done: in the message database but not at head office, as after a kill.
fn only_half_done(exchange: &Exchange, action: RequestAction, key: &SessionKey, message: Option<NewMessage>) {
    let round = message.as_ref().map_or(0, |message| message.round);
    let request = NewRequest { key: key.clone(), action, round, message, agent: None };
    let act = if action == RequestAction::Cancel { SessionAction::Cancel } else { SessionAction::Rerun };
    let id = uuid::Uuid::now_v7().to_string();
    let operation = Operation { id: &id, act, reason: "ticket", operator: "r.vermeer" };
    exchange.agent().request(&[request], &operation).expect("it is written");
}

fn key(direction: Direction, session_number: i64, store: &str) -> SessionKey {
    SessionKey { direction, session_number, channel_database: store.to_owned() }
}

fn session(exchange: &Exchange, direction: &str, number: i64) -> serde_json::Value {
    let sessions = exchange.cdx(&["sessions", direction, "--json", "--all"]).exits(0).json_lines();
    sessions.into_iter().find(|session| session["session_number"] == number).expect("it is there")
}

#[test]
fn an_action_killed_between_the_databases_is_completed_by_the_next_transfer() {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 7, "S0001", APPLY_FAILED),
        download(2, 8, "S0001", APPLY_FAILED),
        upload(3, 9, "S0001", UPLOAD_FAILED),
    ]);
    exchange.cdx(&["process"]).exits(0);
    let canceled = NewMessage { occurred_at: now(), ..download(9, 7, "S0001", 5) };
    only_half_done(&exchange, RequestAction::Cancel, &key(Direction::Download, 7, "S0001"), Some(canceled));
    let offered = NewMessage { occurred_at: now(), round: 1, ..download(10, 8, "S0001", 1) };
    only_half_done(&exchange, RequestAction::Rerun, &key(Direction::Download, 8, "S0001"), Some(offered));
    only_half_done(&exchange, RequestAction::Rerun, &key(Direction::Upload, 9, "S0001"), None);
    assert_eq!(session(&exchange, "upload", 9)["rerun"], 0);
    // A second request before the transfer completes the first one under its operator's name.
    let again = ["session", "cancel", "download", "7", "--reason", "x"];
    exchange.cdx(&again).exits(1).says("already requested");
    assert_eq!(session(&exchange, "download", 7)["message"], serde_json::Value::Null, "the message of the first");
    exchange.cdx(&again).exits(1).says("it is canceled already");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"]), (&2.into(), &1.into()));
    exchange.cdx(&["process"]).exits(0);
    let journal = "select action, object, detail, operator from operator_journal order by entry_id";
    assert_eq!(
        exchange.at_head_office(journal),
        [
            "cancel session|download 7 S0001|ticket|r.vermeer",
            "rerun session|download 8 S0001|ticket|r.vermeer",
            "rerun session|upload 9 S0001|ticket|r.vermeer",
        ]
    );
    assert_eq!(session(&exchange, "download", 7)["status"], "canceled");
    let rerun = session(&exchange, "download", 8);
    assert_eq!((&rerun["status"], &rerun["round"]), (&"available".into(), &1.into()));
    assert_eq!(session(&exchange, "upload", 9)["rerun"], 1);
    assert_eq!(exchange.posted("select count(*) from session_request"), ["3"]);
}

/// After a kill between the two commits, the journal row is written by the next transfer or by a
/// repeated action.
#[test]
fn an_action_killed_between_its_commits_has_one_journal_row() {
    for (number, completed_by) in [["process"].as_slice(), &["session"]].into_iter().enumerate() {
        let exchange = Exchange::new();
        exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
        exchange.cdx(&["process"]).exits(0);
        let mut asked = 0;
        for act in ["cancel", "undo"] {
            let args = ["session", act, "download", "7", "--reason", "ticket"];
            let office = crate::support::foreign(&exchange.head_office());
            office.execute_batch("begin immediate").expect("the lock of head office");
            let mut child = exchange.command(&args).stderr(std::process::Stdio::null()).spawn().expect("it starts");
            asked += 1;
            let count = asked.to_string();
            crate::support::wait_until("the requests are posted", || {
                exchange.posted("select count(*) from session_request where operation_id is not null")
                    == [count.as_str()]
            });
            child.kill().expect("it is killed");
            child.wait().expect("it ends");
            office.execute_batch("rollback").expect("the lock is released");
            drop(office);
            let before = exchange.at_head_office("select count(*) from operator_journal");
            assert_eq!(before, [(asked - 1).to_string()], "killed before head office");
            let again = if completed_by == ["process"] { exchange.cdx(&["process"]) } else { exchange.cdx(&args) };
            again.exits(0);
            exchange.cdx(&["process"]).exits(0);
            let journal =
                exchange.at_head_office("select action, object, detail from operator_journal where undone_at is null");
            assert_eq!(journal.len(), asked, "{number}: {journal:?}");
            assert_eq!(journal[asked - 1], format!("{act} session|download 7 S0001|ticket"));
        }
        assert_ne!(session(&exchange, "download", 7)["status"], "canceled");
        assert_eq!(exchange.posted("select count(*) from session_request"), ["2"]);
    }
}

#[test]
fn a_rerun_download_starts_a_new_round_and_late_messages_of_the_old_one_are_ignored() {
    let exchange = Exchange::new();
    let failed = NewMessage { rows_affected: Some(412), try_count: 3, ..download(1, 7, "S0001", APPLY_FAILED) };
    exchange.post(&[failed]);
    exchange.cdx(&["process"]).exits(0);
    let args = ["session", "rerun", "download", "7", "--reason", "column is wider now", "--json"];
    let session_now = exchange.cdx(&args).exits(0).json();
    assert_eq!((&session_now["status"], &session_now["round"]), (&"available".into(), &1.into()));
    assert_eq!((&session_now["try_count"], &session_now["rows_affected"]), (&0.into(), &412.into()));
    assert_eq!(session_now["last_error"]["status"], "apply_failed");
    exchange.cdx(&args).exits(1).says("still in progress");
    let request = exchange.cdx(&["requests", "--take", "AsyncClient-S0001", "--json"]).exits(0).json();
    assert_eq!((&request["action"], &request["round"]), (&"rerun".into(), &1.into()));
    // A late message of the old round arrives, then one of the new round.
    exchange.post(&[NewMessage { try_count: 9, ..download(2, 7, "S0001", APPLIED) }]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(session(&exchange, "download", 7)["status"], "available");
    exchange.post(&[NewMessage { round: 1, ..download(3, 7, "S0001", APPLIED) }]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["repeated"]), (&1.into(), &0.into()));
    assert_eq!(session(&exchange, "download", 7)["status"], "applied");
}

#[test]
fn a_rerun_upload_is_marked_until_another_session_repeats_it() {
    let exchange = Exchange::new();
    exchange.post(&[upload(1, 7, "S0001", UPLOAD_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let args = ["session", "rerun", "upload", "7", "--reason", "file is back"];
    exchange.cdx(&args).exits(0).says("marked for rerun");
    let marked = session(&exchange, "upload", 7);
    assert_eq!(
        (&marked["rerun"], &marked["status"], &marked["round"]),
        (&1.into(), &"upload_failed".into(), &0.into())
    );
    exchange.cdx(&args).exits(1).says("marked for rerun already");
    exchange.cdx(&["requests", "--take", "AsyncClient-S0001"]).exits(0);
    exchange.post(&[NewMessage { rerun_for: Some(7), ..upload(2, 8, "S0001", 0) }]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(session(&exchange, "upload", 7)["rerun"], 2);
    exchange.cdx(&args).exits(1).says("a newer session repeats it");
}

#[test]
fn sessions_marked_for_rerun_are_kept_and_repeated_ones_purged() {
    let exchange = Exchange::new();
    let canceled = |number, session| upload(number, session, "S0001", 4);
    exchange.post_days_ago(50, &[canceled(1, 7), canceled(2, 8), canceled(3, 9)]);
    exchange.post_days_ago(50, &[NewMessage { rerun_for: Some(8), ..canceled(4, 10) }]);
    // The repeating session may be purged first.
    exchange.post_days_ago(52, &[canceled(5, 11)]);
    exchange.post_days_ago(55, &[NewMessage { rerun_for: Some(11), ..canceled(6, 12) }]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["session", "rerun", "upload", "7", "--reason", "x"]).exits(0);
    // It was marked before it was repeated.
    for number in [8, 11] {
        only_half_done(&exchange, RequestAction::Rerun, &key(Direction::Upload, number, "S0001"), None);
    }
    exchange.cdx(&["process", "--json"]).exits(0);
    let left = exchange.at_head_office("select session_number from session order by session_number");
    assert_eq!(left, ["7"]);
    assert_eq!(exchange.at_head_office("select session_number from session_rerun"), ["7"]);
}

#[test]
fn a_cancel_can_be_undone_until_an_agent_has_taken_it() {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 7, "S0001", APPLY_FAILED),
        download(2, 8, "S0001", APPLY_FAILED),
        download(3, 9, "", 6),
        upload(4, 10, "S0001", UPLOAD_FAILED),
    ]);
    exchange.cdx(&["process"]).exits(0);
    let act = |act: &str, direction: &str, number: &str| {
        exchange.cdx(&["session", act, direction, number, "--reason", "by mistake"])
    };
    act("undo", "download", "7").exits(1).says("neither canceled nor marked");
    for number in ["7", "8", "9"] {
        act("cancel", "download", number).exits(0);
    }
    act("undo", "download", "7").exits(0);
    let undone = session(&exchange, "download", 7);
    assert_eq!((&undone["status"], &undone["round"]), (&"apply_failed".into(), &1.into()));
    act("undo", "download", "9").exits(0);
    assert_eq!(session(&exchange, "download", 9)["status"], "create_failed");
    exchange.cdx(&["requests", "--take", "AsyncClient-S0001"]).exits(0);
    act("undo", "download", "8").exits(1).says("AsyncClient-S0001 took the request");
    let newest = "select action, object, substr(detail, 1, 60) from operator_journal order by entry_id desc limit 1";
    let noted = "undo session|download 8 S0001|nothing could be undone: AsyncClient-S0001 took the request ";
    assert_eq!(exchange.at_head_office(newest), [noted]);
    assert_eq!(session(&exchange, "download", 8)["status"], "canceled");
    // The mark of an upload can be undone as well.
    act("rerun", "upload", "10").exits(0);
    act("undo", "upload", "10").exits(0);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(session(&exchange, "upload", 10)["rerun"], 0);
    // The package's request waits for the agent that reported for it.
    let waiting = exchange.cdx(&["requests", "--json"]).exits(0).json();
    assert_eq!((&waiting["session_number"], &waiting["agent"]), (&9.into(), &"AsyncClient-".into()));
    let rows = exchange.posted(
        "select session_number, action, round, withdrawn_at is not null from session_request order by request_id",
    );
    assert_eq!(rows, ["7|cancel|0|1", "8|cancel|0|0", "9|cancel|0|1", "7|rerun|1|0", "9|rerun|1|0", "10|rerun|0|1"]);
}

#[test]
fn undoing_a_cancel_restores_status_text_and_cause_also_after_a_reread() {
    let exchange = Exchange::new();
    let failed = NewMessage {
        message: Some("deadlock on RETAILTRANS".to_owned()),
        try_count: 2,
        ..download(1, 7, "S0001", APPLY_FAILED)
    };
    exchange.post(&[failed, download(2, 8, "S0001", DOWNLOADED)]);
    exchange.cdx(&["process"]).exits(0);
    let shown = || {
        let shown = |number| {
            let session = session(&exchange, "download", number);
            let fields = ["status", "message", "last_error", "last_error_at", "cause"];
            fields.map(|field| session[field].clone())
        };
        let causes = exchange.at_head_office("select masked, note from cause order by digest");
        (shown(7), shown(8), causes)
    };
    let listed = || {
        let count = |args: &[&str]| exchange.cdx(args).exits(0).json_lines();
        let causes = count(&["errors", "--json"]);
        let counted: Vec<_> = causes.iter().map(|cause| ["errors", "open"].map(|field| cause[field].clone())).collect();
        let metrics = exchange.cdx(&["metrics"]).exits(0).stdout;
        let errors: Vec<_> = metrics.lines().filter(|line| line.starts_with("cdx_cause")).map(str::to_owned).collect();
        (counted, errors)
    };
    let (before, listed_before) = (shown(), listed());
    for number in ["7", "8"] {
        exchange.cdx(&["session", "cancel", "download", number, "--reason", "ticket 4711"]).exits(0);
    }
    for entry in [1, 2] {
        undo_entry(&exchange.databases(), entry, "r.vermeer", &Cancel::new()).expect("it is undone");
    }
    assert_eq!((shown(), listed()), (before.clone(), listed_before.clone()));
    let journal = exchange.at_head_office("select action, detail from operator_journal order by entry_id");
    assert_eq!(journal[2..], ["undo session|journal row 1", "undo session|journal row 2"]);
    // A second cancel and its undo repeat the failure of the first undo.
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "ticket 4712"]).exits(0);
    undo_entry(&exchange.databases(), 5, "r.vermeer", &Cancel::new()).expect("it is undone");
    assert_eq!((shown(), listed()), (before.clone(), listed_before.clone()));
    // A head office that reads everything again has the same result.
    std::fs::remove_file(exchange.head_office()).expect("it goes");
    exchange.cdx(&["process"]).exits(0);
    assert_eq!((shown(), listed()), (before, listed_before));
}

#[test]
fn an_undo_without_effect_is_recorded_as_such() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    exchange.cdx(&["requests", "--take", "AsyncClient-S0001"]).exits(0);
    let undo = || undo_entry(&exchange.databases(), 1, "r.vermeer", &Cancel::new());
    assert!(matches!(undo().expect("it is tried"), Undone::Sessions(acted) if acted.done == 0));
    undo().expect_err("it is not offered again");
    let rows = exchange.at_head_office(
        "select action, object, undone_at is null, substr(detail, 1, 60) from operator_journal order by entry_id",
    );
    assert_eq!(rows[0], "cancel session|download 7 S0001|1|x");
    assert_eq!(rows[1], "undo|journal row 1|1|nothing could be undone: AsyncClient-S0001 took the request ");
}

#[test]
fn sessions_that_cannot_be_rerun_are_not_changed() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", DOWNLOADED), download(2, 8, "", 6), download(3, 9, "S0001", 9)]);
    exchange.cdx(&["process"]).exits(0);
    let rerun = |number: &str| exchange.cdx(&["session", "rerun", "download", number, "--reason", "x"]);
    rerun("7").exits(1).says("cancel it first");
    rerun("8").exits(1).says("next run of its schedule");
    rerun("9").exits(1).says("no data to carry");
    exchange.cdx(&["session", "rerun", "download", "7", "--reason", "x", "--read-only"]).exits(2).says("session rerun");
    assert_eq!(exchange.posted("select count(*) from session_request"), ["0"]);
}

#[test]
fn sessions_canceled_together_are_undone_by_one_journal_row() {
    let exchange = Exchange::new();
    let failed: Vec<_> = (0..450)
        .map(|number| download(1 + number, 1_000 + i64::try_from(number).expect("small"), "S0001", APPLY_FAILED))
        .collect();
    exchange.post(&failed);
    exchange.cdx(&["process"]).exits(0);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let seen = office.sessions(&SessionFilter::new(Direction::Download)).expect("the sessions");
    drop(office);
    let chosen: Vec<_> = seen
        .iter()
        .map(|session| SelectedSession { key: session.key.clone(), seen: Some(session.fold.winner.message_guid) })
        .collect();
    // An agent retries one of them before the action.
    exchange.post(&[NewMessage { try_count: 1, ..download(9_000, 1_007, "S0001", APPLY_FAILED) }]);
    exchange.cdx(&["process"]).exits(0);
    let request = ActionRequest { action: SessionAction::Cancel, reason: "ticket 4711", operator: "r.vermeer" };
    let acted = perform_session_action(&exchange.databases(), &request, &chosen, &Cancel::new()).expect("it works");
    assert_eq!((acted.done, acted.not_reached), (449, 0));
    assert_eq!(acted.left_out, [(key(Direction::Download, 1_007, "S0001"), LeftOut::Changed(Status::ApplyFailed))]);
    assert_eq!(exchange.count("journal_session"), 449);
    let journal = exchange.at_head_office("select action, object, detail from operator_journal where part_of is null");
    assert_eq!(journal, ["cancel session|449 sessions|ticket 4711"]);
    // Agents have taken some of the requests.
    exchange.cdx(&["requests", "--take", "AsyncClient-S0001", "--limit", "49"]).exits(0);
    let entry = acted.entry_id.expect("there is an entry");
    let undone = undo_entry(&exchange.databases(), entry, "r.vermeer", &Cancel::new()).expect("it works");
    let Undone::Sessions(undone) = undone else { panic!("sessions are undone: {undone:?}") };
    assert_eq!((undone.done, undone.left_out.len()), (400, 49));
    undo_entry(&exchange.databases(), entry, "r.vermeer", &Cancel::new()).expect_err("it is undone already");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"], &run["repeated"]), (&849.into(), &0.into(), &849.into()));
    // Canceled before it begins, the action changes nothing.
    let tripped = Cancel::new();
    tripped.trip();
    let acted = perform_session_action(&exchange.databases(), &request, &chosen, &tripped).expect("it works");
    assert_eq!((acted.done, acted.not_reached, acted.entry_id), (0, 450, None));
}

#[test]
fn a_parameter_change_can_be_undone_until_the_next_run() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let set = |days: &str| exchange.cdx(&["parameters", "set", "retention-days", days]).exits(0);
    set("14");
    set("7");
    let undo = |entry| undo_entry(&exchange.databases(), entry, "r.vermeer", &Cancel::new());
    let days =
        || exchange.at_head_office("select value from retail_scheduler_parameters where name = 'retention-days'");
    assert!(undo(1).expect_err("a newer change stands above it").to_string().contains("journal row 2"));
    undo(2).expect("it is undone");
    assert_eq!(days(), ["14"]);
    set("3");
    exchange.cdx(&["process"]).exits(0);
    let newest = exchange.at_head_office("select max(entry_id) from operator_journal")[0].parse().expect("a number");
    assert!(undo(newest).expect_err("a run has begun").to_string().contains("a run has begun"));
    assert_eq!(days(), ["3"]);
}

#[test]
fn doctor_reports_silent_agents_and_untaken_requests() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED), download(2, 8, "S0002", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let check = |what: &str| {
        let checks = exchange.cdx(&["doctor", "--json"]).exits(0).json_lines();
        let check = checks.into_iter().find(|check| check["check"] == what).expect("it is checked");
        (check["verdict"].as_str().expect("a word").to_owned(), check["text"].as_str().expect("a text").to_owned())
    };
    assert_eq!(check("agents").0, "ok");
    assert_eq!(check("requests"), ("ok".to_owned(), "none waiting".to_owned()));
    assert_eq!(check("channel databases").0, "ok");
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    assert_eq!(check("requests").0, "ok");
    exchange.script_at_messages(
        "update session_request set requested_at = requested_at - 7200000;
             update agent set last_seen_at = last_seen_at - 90000000 where name = 'AsyncClient-S0002'",
    );
    exchange.script_at_head_office(
        "update channel_database set usual_gap = 60000, last_seen_at = last_seen_at - 7200000 where name = 'S0001'",
    );
    let (verdict, text) = check("requests");
    assert!(verdict == "warn" && text.starts_with("1 waiting, the oldest since"), "{text}");
    let (verdict, text) = check("agents");
    assert!(verdict == "warn" && text.contains("1 of 2") && text.contains("AsyncClient-S0002"), "{text}");
    let (verdict, text) = check("channel databases");
    assert!(verdict == "warn" && text.contains("S0001"), "{text}");
}

#[test]
fn concurrent_identical_requests_are_made_once() {
    let exchange = Exchange::new();
    let sessions: Vec<_> =
        (0..200).map(|session| download(1 + session, 7, &format!("S{session}"), APPLY_FAILED)).collect();
    exchange.post(&sessions);
    exchange.cdx(&["process"]).exits(0);
    let chosen: Vec<_> = sessions
        .iter()
        .map(|message| {
            let channel_database = message.channel_database.clone();
            SelectedSession {
                key: SessionKey { direction: Direction::Download, session_number: 7, channel_database },
                seen: None,
            }
        })
        .collect();
    let together = std::sync::Barrier::new(2);
    let ask = |operator: &'static str| {
        together.wait();
        let request = ActionRequest { action: SessionAction::Rerun, reason: "ticket", operator };
        chosen
            .chunks(10)
            .map(|part| {
                perform_session_action(&exchange.databases(), &request, part, &Cancel::new()).expect("it is asked").done
            })
            .sum::<usize>()
    };
    let done: usize = std::thread::scope(|scope| {
        let both = ["r.vermeer", "m.jansen"].map(|operator| scope.spawn(move || ask(operator)));
        both.into_iter().map(|asking| asking.join().expect("it ends")).sum()
    });
    assert_eq!(done, sessions.len());
    assert_eq!(exchange.posted("select count(*) from session_request"), [sessions.len().to_string()]);
    assert_eq!(exchange.posted("select count(*) from status_message"), [(2 * sessions.len()).to_string()]);
}

#[test]
fn no_rerun_is_possible_after_the_greatest_round() {
    let exchange = Exchange::new();
    let last = |number, session| NewMessage { round: i64::MAX, ..download(number, session, "S0001", APPLY_FAILED) };
    exchange.post(&[last(1, 7), NewMessage { round: i64::MAX, ..upload(2, 8, "S0001", UPLOAD_FAILED) }]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "rerun", "download", "7", "--reason", "x"]).exits(1).says("the greatest round number");
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    exchange.cdx(&["session", "undo", "download", "7", "--reason", "x"]).exits(1).says("the greatest round number");
    let requests = exchange.posted("select action, withdrawn_at is null from session_request");
    assert_eq!(requests, ["cancel|1"]);
    exchange.cdx(&["session", "rerun", "upload", "8", "--reason", "x"]).exits(0);
    exchange.cdx(&["session", "undo", "upload", "8", "--reason", "x"]).exits(0);
}

crate::support::engines::on_all_engines!(
    concurrent_identical_requests_are_made_once,
    no_rerun_is_possible_after_the_greatest_round,
    a_canceled_session_is_visible_at_once_and_its_message_counts_once,
    a_request_is_taken_by_one_agent_once,
    sessions_that_cannot_be_canceled_are_not_changed,
    an_action_killed_between_the_databases_is_completed_by_the_next_transfer,
    a_rerun_download_starts_a_new_round_and_late_messages_of_the_old_one_are_ignored,
    a_rerun_upload_is_marked_until_another_session_repeats_it,
    sessions_marked_for_rerun_are_kept_and_repeated_ones_purged,
    a_cancel_can_be_undone_until_an_agent_has_taken_it,
    sessions_that_cannot_be_rerun_are_not_changed,
    sessions_canceled_together_are_undone_by_one_journal_row,
    a_parameter_change_can_be_undone_until_the_next_run,
    doctor_reports_silent_agents_and_untaken_requests,
);
