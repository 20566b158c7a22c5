//! Mutations from screens: keys in, dialog and mutation out, and the result in the databases.

use crate::screens::{COLOR, NOW, TestConsole, fits, look, look_at, night, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, applied_sessions, download};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::mutation::Mutation;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{
    Counts, Direction, Notice, Outcome, Purged, Run, SessionAction, SessionKey, Status, Step, Timestamp, Trigger,
};
use cdx_console::engine::{ChunkFigures, Failed, Progress, RunEvent};
use cdx_console::store::message_database::NewMessage;
use std::time::Duration;

const SIZE: (u16, u16) = (80, 24);

fn downloads(filter: &str) -> Route {
    Route::Sessions(Direction::Download, filter.to_owned())
}

#[test]
fn action_dialogs_match_their_snapshots() {
    let exchange = night();
    let scenes = [
        ("session_actions", downloads("status:failed"), typed("a")),
        ("cancel_one", downloads("status:failed"), typed("acticket 4711\n")),
        ("cancel_many", downloads(""), typed("*acticket 4711, column too short in three stores\n3")),
        ("rerun_upload", Route::Sessions(Direction::Upload, String::new()), typed("ar")),
        ("cause_actions", Route::Errors, typed("a")),
        ("mute", Route::Errors, typed("am2026-11-2")),
    ];
    for (name, target, keys) in scenes {
        look(&exchange, name, &target, &keys);
        fits(&exchange, name, &target, &keys);
    }
}

#[test]
fn a_session_is_canceled_with_a_reason_and_undone_from_the_undo_list() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads("status:failed"));
    console.press(&typed("ac\n"));
    assert!(console.text(SIZE).contains("Type a reason"), "a reason is required");
    console.press(&typed("ticket 4711\nn"));
    assert_eq!(console.effects, [], "any other key cancels");
    console.press(&typed("acticket 4711\ny"));
    assert_eq!(
        console.perform_mutation(&exchange),
        "1 session canceled, journal row 1; u undoes 1 until an agent takes them"
    );
    assert_eq!(exchange.at_head_office("select count(*) from session where direction = 0 and status = 5"), ["1"]);
    let dated = format!("update operator_journal set at = {}", NOW.0 - 60_000);
    exchange.script_at_head_office(&dated);
    look(&exchange, "undo_list", &Route::Overview, &typed("u"));
    fits(&exchange, "undo_list", &Route::Overview, &typed("u"));
    console.press(&typed("u\ny"));
    assert_eq!(console.effects, [RuntimeEffect::Mutation(Mutation::Undo(1))]);
    assert_eq!(console.perform_mutation(&exchange), "1 session undone, journal row 2");
    assert_eq!(exchange.at_head_office("select count(*) from session where direction = 0 and status = 5"), ["0"]);
    assert!(console.press(&typed("u")).text(SIZE).contains("nothing to undo"));
}

#[test]
fn marked_sessions_are_canceled_after_typing_their_count_and_ineligible_ones_are_left_out() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads(""));
    console.press(&typed("*ac"));
    let box_ = console.text(SIZE);
    assert!(box_.contains("Cancel 3 of 33 sessions") && box_.contains("3 databases"), "{box_}");
    assert!(box_.contains("left out: it is applied"), "{box_}");
    // A wrong number changes nothing.
    console.press(&typed("ticket 4711\n33\n"));
    assert_eq!(console.effects, []);
    // An agent retries one of them while the dialog is open.
    console.press(&typed("*acticket 4711\n"));
    let again = NewMessage { try_count: 3, ..download(9_000, 1_084_971, "S0131", APPLY_FAILED) };
    exchange.post(&[again]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    console.press(&typed("3\n"));
    assert!(
        matches!(console.effects.as_slice(), [RuntimeEffect::Mutation(Mutation::Sessions(SessionAction::Cancel, chosen, _))] if chosen.len() == 3)
    );
    let said = console.perform_mutation(&exchange);
    assert_eq!(
        said,
        "2 sessions canceled, 1 left out (changed since it was shown), journal row 1; u undoes 2 until an agent takes them"
    );
    assert_eq!(exchange.posted("select count(*) from session_request"), ["2"]);
}

#[test]
fn keys_typed_before_a_dialog_is_drawn_do_not_answer_it() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads("status:failed"));
    // All keys arrive at once: after c the dialog has not been drawn yet.
    console.hurry(&typed("acticket\ny"));
    assert_eq!(console.effects, []);
    assert!(console.text(SIZE).contains("Reason ►[█"), "keys before the dialog is drawn are not taken as the reason");
    console.press(&[Key::Paste("ticket\n".to_owned())]);
    console.press(&[Key::Enter, Key::Paste("y".to_owned())]);
    assert_eq!(console.effects, [], "a paste does not confirm");
}

#[test]
fn a_cause_can_be_noted_and_muted_and_its_open_sessions_canceled() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Errors);
    let first = |console: &mut TestConsole| console.text(SIZE).lines().nth(4).expect("a row").to_owned();
    assert!(
        first(&mut console).contains("! ") && first(&mut console).contains("Failed to run"),
        "{}",
        first(&mut console)
    );
    console.press(&typed("anticket \u{7f}4711\n"));
    console.perform_mutation(&exchange);
    assert!(console.text(SIZE).contains("Note       ticket"), "{}", console.text(SIZE));
    console.press(&typed("amyesterday\n"));
    assert_eq!(console.effects, []);
    assert!(console.text(SIZE).contains("that time has passed"));
    console.press(&[Key::Esc]);
    console.press(&typed("am3d\n"));
    console.perform_mutation(&exchange);
    assert!(!first(&mut console).contains("Failed to run"));
    let last = console.press(&typed("G")).text(SIZE);
    assert!(last.contains("►z") && last.contains("Muted      until 2026-11-27"), "{last}");
    look(&exchange, "errors_muted", &Route::Errors, &typed("G"));
    console.press(&typed("accolumn too short\n3\n"));
    let said = console.perform_mutation(&exchange);
    assert!(said.starts_with("3 sessions canceled, journal row 3"), "{said}");
}

#[test]
fn undoing_a_change_beside_an_active_run_leaves_the_run_alone() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Errors);
    console.press(&typed("anticket 4711\n"));
    console.perform_mutation(&exchange);
    console.press(&typed("p\n"));
    assert!(matches!(console.effects.pop(), Some(RuntimeEffect::Start(_))));
    console.press(&typed("u\ny"));
    assert_eq!(console.effects, [RuntimeEffect::Mutation(Mutation::Undo(1))]);
}

#[test]
fn a_read_only_console_can_only_copy_commands() {
    let exchange = night();
    let mut console = TestConsole::read_only(&exchange, downloads("status:failed"));
    console.press(&typed("ac"));
    console.press(&typed("n"));
    assert!(console.text(SIZE).contains("read-only"));
    console.press(&typed("y"));
    let copied = "cdx session cancel download 1084971 --store S0131 --reason ''";
    assert_eq!(console.effects, [RuntimeEffect::Copy(copied.to_owned())]);
    console.press(&typed("u"));
    assert!(console.text(SIZE).contains("this console is read-only"));
}

#[test]
fn control_characters_in_journal_rows_are_replaced() {
    let exchange = night();
    let sql = format!(
        "insert into operator_journal (at, operator, action, object, detail, undo, digest)
         values ({}, 'evil\u{1b}[31m', 'cancel session', 'S\u{202e}1', 'x\u{7}', '{{\"sessions\": true}}', '')",
        NOW.0
    );
    exchange.script_at_head_office(&sql);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    let shown = console.press(&typed("u")).text(SIZE);
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}') && !shown.contains('\u{7}'), "{shown}");
    assert!(shown.contains("<07>") && shown.contains("<U+202E>"), "{shown}");
}

#[test]
fn schedules_history_and_connections_match_their_snapshots() {
    let exchange = night();
    let quiet = format!(
        "update channel_database set usual_gap = 600000, last_seen_at = {} where name = 'S0007'",
        NOW.0 - 33_000_000
    );
    exchange.script_at_head_office(&quiet);
    let hostile = "insert into agent values ('evil\u{1b}]0;x\u{7}', 'S\u{202e}9', 'v\u{9b}1', 1795486000000)";
    exchange.script_at_messages(hostile);
    let scenes = [
        ("schedules", Route::Schedules, vec![]),
        ("schedule_actions", Route::Schedules, typed("a")),
        ("history", Route::Schedules, typed("\n")),
        ("connections", Route::Connections, typed("j")),
        ("connections_hostile", Route::Connections, typed("G")),
    ];
    for (name, target, keys) in scenes {
        look(&exchange, name, &target, &keys);
        fits(&exchange, name, &target, &keys);
    }
}

#[test]
fn the_open_sessions_of_a_schedule_are_rerun_from_its_row() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Schedules);
    console.press(&typed("ar"));
    let shown = console.text(SIZE);
    assert!(shown.contains("Rerun 5 sessions"), "{shown}");
    console.press(&typed("column is wider now\n5\n"));
    let said = console.perform_mutation(&exchange);
    assert_eq!(said, "5 sessions to be run again, journal row 1");
    let states = exchange
        .at_head_office("select direction, status, round, count(*) from session where round > 0 group by 1, 2, 3");
    assert_eq!(states, ["0|1|1|3"]);
    assert_eq!(exchange.count("session_rerun"), 2);
    let history = console.press(&[Key::Enter]).text(SIZE);
    assert!(history.contains("History of Prices") && history.contains("○ Available"), "{history}");
    console.press(&typed("a"));
    assert!(!console.text(SIZE).contains("Cancel…"), "the original product has no Cancel there");
}

#[test]
fn a_note_on_a_channel_database_survives_runs_and_can_be_undone() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Connections);
    console.press(&typed("anclosed on Sundays\n"));
    console.perform_mutation(&exchange);
    let noted = || exchange.at_head_office("select count(*) from channel_database where note = 'closed on Sundays'");
    assert_eq!(noted(), ["1"]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(noted(), ["1"]);
    console.press(&typed("u\ny"));
    console.perform_mutation(&exchange);
    assert_eq!(noted(), ["0"]);
}

#[test]
fn the_missing_head_office_notice_ends_when_a_run_creates_it() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    console.press(&typed("\n"));
    let before = console.text((80, 24));
    assert!(before.contains("Head office cannot be read") && before.contains("? help"), "{before}");
    exchange.cdx(&["process"]).exits(0);
    console.settle_input(Input::Run(RunEvent::Started { run_id: 1, interrupted: Vec::new() }));
    let after = console.text((80, 24));
    assert!(after.contains(" Run 1") && !after.contains("cannot be read"), "{after}");
}

/// The events of an executing run.
fn run_events() -> Vec<RunEvent> {
    let counts = Counts { read: 138_240, inserted: 136_902, repeated: 1_335, rejected: 3, sessions_changed: 24_718 };
    let failed = |number: i64, store: &str, status, message: &str| Failed {
        key: SessionKey { direction: Direction::Download, session_number: number, channel_database: store.to_owned() },
        job_name: "1040".to_owned(),
        status,
        occurred_at: Timestamp(NOW.0 - number % 1_000 * 1_000),
        message: Some(message.to_owned()),
    };
    vec![
        RunEvent::Started { run_id: 813, interrupted: vec![812] },
        RunEvent::Step(Step::Transfer),
        RunEvent::Progress(Progress {
            step: Step::Transfer,
            done: counts.read,
            total: 226_418,
            rate: 9_380.0,
            rejected: 3,
            seconds_left: Some(9.4),
            reached: Some(Timestamp(NOW.0 - 6_161_000)),
            chunk: Some(ChunkFigures { counts, rows: 4_000, took: Duration::from_millis(420) }),
        }),
        RunEvent::Failures(
            61,
            vec![
                failed(1_084_533, "S0230", Status::DownloadFailed, "Unable to communicate with server for download"),
                failed(1_084_571, "S0196", Status::ApplyFailed, "evil \u{1b}]0;x\u{7}\u{202e}"),
                failed(1_084_971, "S0131", Status::ApplyFailed, "Failed to run SqlWriteRequestRunner for table AX."),
            ],
        ),
    ]
}

#[test]
fn a_running_run_shows_figures_and_newest_errors_and_enter_opens_one() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    console.press(&typed("\n"));
    assert!(matches!(console.effects.as_slice(), [RuntimeEffect::Start(_)]));
    look_at(&mut console, "run_starting");
    for event in run_events() {
        console.settle_input(Input::Run(event));
    }
    look_at(&mut console, "run_lives");
    // The errors have the focus first, then the log.
    assert!(console.press(&typed("j\t")).text(SIZE).contains("› "));
    console.press(&typed("\tk\n"));
    assert!(console.text(SIZE).contains("1084971 on S0131 · job 1040"), "{}", console.text(SIZE));
    console.press(&[Key::Esc]);
    let counts = Counts { read: 226_418, inserted: 224_203, repeated: 2_211, rejected: 4, sessions_changed: 40_105 };
    let run = Run {
        run_id: 813,
        trigger: Trigger::Console,
        job_id: None,
        outcome: Some(Outcome::Ended),
        counts,
        purged: Purged::default(),
        kept_unresolved: 5,
        started_at: Timestamp(NOW.0 - 36_000),
        ended_at: Some(NOW),
        notices: vec![Notice("the message database is another one".to_owned())],
        error: None,
        purge_held: false,
        preview: None,
    };
    console.settle_input(Input::RunEnded(Ok(run)));
    look_at(&mut console, "run_ended");
}

crate::support::engines::on_postgres!(
    action_dialogs_match_their_snapshots,
    a_session_is_canceled_with_a_reason_and_undone_from_the_undo_list,
    marked_sessions_are_canceled_after_typing_their_count_and_ineligible_ones_are_left_out,
    a_cause_can_be_noted_and_muted_and_its_open_sessions_canceled,
    control_characters_in_journal_rows_are_replaced,
    schedules_history_and_connections_match_their_snapshots,
    the_open_sessions_of_a_schedule_are_rerun_from_its_row,
    a_note_on_a_channel_database_survives_runs_and_can_be_undone,
);
