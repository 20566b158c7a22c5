//! `w` on a session: its steps against what is usual, what happens next, what helped before.

use crate::screens::{NOW, TestConsole};
use crate::support::Exchange;
use crate::support::engines::on_postgres;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, REQUESTED, download, upload};
use cdx_console::console::app::Input;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::mouse::{Mouse, MouseAction};
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{Direction, SessionKey, Timestamp};
use cdx_console::store::message_database::NewMessage;

const AVAILABLE: i64 = 1;
const TEXT: &str = "Deadlock of process 122 at 'S0001'";

/// A message, `seconds` before now.
fn ago(message: NewMessage, seconds: i64) -> (NewMessage, Timestamp) {
    let at = Timestamp(NOW.0 - seconds * 1_000);
    (NewMessage { occurred_at: at, ..message }, at)
}

fn failed(number: u64, session: i64, store: &str, tried: i64) -> NewMessage {
    let text = Some(TEXT.replace("122", &number.to_string()));
    NewMessage { message: text, try_count: tried, ..download(number, session, store, APPLY_FAILED) }
}

/// Sessions 1 to 5 of store S0001, applied after 4 s, one of them after an hour.
fn usual_sessions() -> Vec<(NewMessage, Timestamp)> {
    let of = |session: i64| {
        let first = 10 * u64::try_from(session).expect("positive");
        let (began, applied) = (90_000 - session * 60, if session == 3 { 3_600 } else { 4 });
        let message = |place: u64, status| download(first + place, session, "S0001", status);
        [
            ago(message(0, AVAILABLE), began),
            ago(message(1, REQUESTED), began - 40),
            ago(message(2, DOWNLOADED), began - 42),
            ago(message(3, APPLIED), began - 42 - applied),
        ]
    };
    (1..=5).flat_map(of).collect()
}

fn exchange(messages: &[(NewMessage, Timestamp)]) -> Exchange {
    let exchange = Exchange::new();
    exchange.agent().import(messages).expect("stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

fn open(exchange: &Exchange, session: i64, store: &str) -> TestConsole {
    let key =
        SessionKey { direction: Direction::Download, session_number: session, channel_database: store.to_owned() };
    let mut console = TestConsole::open_at(exchange.databases(), Route::Session(key), NOW);
    console.press(&[Key::Char('w')]);
    console
}

/// The line of the box that contains a text, in single blanks.
fn line(console: &mut TestConsole, text: &str) -> String {
    let screen = console.text((109, 60));
    let found = screen.lines().find(|line| line.contains(text));
    let line = found.unwrap_or_else(|| panic!("no line with {text}:\n{screen}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_step_is_compared_with_what_is_usual_and_the_failing_one_is_marked() {
    let mut messages = usual_sessions();
    messages.extend([
        ago(download(900, 6, "S0001", AVAILABLE), 9_000),
        ago(download(901, 6, "S0001", REQUESTED), 5_400),
        ago(download(902, 6, "S0001", DOWNLOADED), 5_398),
        ago(failed(903, 6, "S0001", 1), 900),
        ago(failed(904, 6, "S0001", 2), 300),
        // Another store and another job do not count.
        ago(download(905, 5, "S0002", REQUESTED), 90_000),
        ago(NewMessage { job_name: "1070".to_owned(), ..download(906, 0, "S0001", REQUESTED) }, 90_000),
    ]);
    let exchange = exchange(&messages);
    let mut console = open(&exchange, 6, "S0001");
    assert!(line(&mut console, "→ Requested").contains("+1 h 0 min SLOW usual 40 s (of 5)"));
    assert!(line(&mut console, "● Downloaded").contains("+2 s usual 2 s (of 5)"));
    let failing = line(&mut console, "usual:");
    assert!(failing.contains("× Apply failed +1 h 14 min try 1 usual: Applied after 4 s (of 5)"), "{failing}");
    assert!(line(&mut console, "Usual:").contains("median of the last 5 sessions of job 1040 on S0001."));
    let next = line(&mut console, "This was try");
    assert!(
        next.contains("try 2 of 3: 1 left. The next one is expected in 5 min: its tries are 10 min apart."),
        "{next}"
    );
    assert!(line(&mut console, "No earlier case").contains("at head office"));
    // Enter on the step opens the run that brought it, on the comparison the sessions.
    console.press(&[Key::Down, Key::Down, Key::Down, Key::Down, Key::Enter]);
    assert!(console.text((109, 60)).contains("Run 1"));
    let mut console = open(&exchange, 6, "S0001");
    while !console.text((109, 60)).lines().any(|line| line.contains('►') && line.contains("Usual:")) {
        console.press(&[Key::Down]);
    }
    console.press(&[Key::Enter]);
    assert!(line(&mut console, "Download sessions ·").contains("job:\"1040\" store:\"S0001\""));
}

#[test]
fn a_session_in_progress_is_compared_with_the_step_that_it_waits_for() {
    let mut messages = usual_sessions();
    messages.push(ago(download(900, 6, "S0001", AVAILABLE), 7_200));
    messages.push(ago(download(901, 7, "S0001", AVAILABLE), 10));
    let exchange = exchange(&messages);
    let mut console = open(&exchange, 6, "S0001");
    assert!(line(&mut console, "+2 h 0 min …").contains("Requested +2 h 0 min … SLOW usual 40 s (of 5)"));
    assert!(line(&mut console, "usually follows").contains("it was expected 00:15:01, 1 h 59 min ago."));
    let mut console = open(&exchange, 7, "S0001");
    assert!(line(&mut console, "usually follows").contains("after 40 s (of 5): expected in 30 s."));
}

#[test]
fn too_little_history_is_said_and_no_figure_is_invented() {
    let mut messages = usual_sessions();
    messages.extend([ago(download(900, 3, "S0009", REQUESTED), 60), ago(failed(901, 3, "S0009", 1), 50)]);
    let exchange = exchange(&messages);
    let mut console = open(&exchange, 3, "S0009");
    let said = line(&mut console, "Too little history");
    assert!(said.contains("0 earlier sessions of job 1040 on S0009."), "{said}");
    let screen = console.text((109, 60));
    assert!(!screen.contains("usual ") || !screen.contains("(of "), "{screen}");
    assert!(line(&mut console, "This was try").contains("not known"));
    // Nothing is before session 1, and 2 has only one.
    assert!(line(&mut open(&exchange, 2, "S0001"), "Too little history").contains("1 earlier session of job 1040"));
}

#[test]
fn what_helped_before_is_counted_from_the_journal_and_from_later_tries() {
    let store = |session: i64| format!("S{session:04}");
    let mut messages: Vec<_> = (11_i64..=16)
        .map(|session| ago(failed(100 + session.unsigned_abs(), session, &store(session), 1), 5_000))
        .collect();
    // Another cause.
    let other = NewMessage { message: Some("The disk is full".to_owned()), ..failed(200, 17, "S0017", 1) };
    messages.push(ago(other, 5_000));
    let exchange = exchange(&messages);
    let act = |action: &str, session: i64| {
        let (number, store) = (session.to_string(), store(session));
        let args = ["session", action, "download", &number, "--store", &store, "--reason", "ticket"];
        exchange.cdx(&args).exits(0);
    };
    for session in [11, 12, 13, 17] {
        act("rerun", session);
    }
    act("cancel", 14);
    // The reruns of 11 and of another cause succeed, that of 12 fails, 13 is open; the agent
    // applies 15 by itself.
    let after = |number, session: i64, status, round| {
        let message = download(number, session, &store(session), status);
        ago(NewMessage { round, try_count: 2, ..message }, 100)
    };
    let failed_again = NewMessage { round: 1, ..failed(302, 12, &store(12), 1) };
    let results =
        [after(301, 11, APPLIED, 1), ago(failed_again, 100), after(303, 17, APPLIED, 1), after(304, 15, APPLIED, 0)];
    exchange.agent().import(&results).expect("stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = open(&exchange, 16, "S0016");
    let rerun = line(&mut console, "Rerun ");
    assert!(rerun.contains("succeeded in 1 of 2 cases; 1 case not decided yet"), "{rerun}");
    assert!(line(&mut console, "Cancel ").contains("ended it in 1 of 1 case"));
    assert!(line(&mut console, "A later try").contains("succeeded in 1 of 1 case"));
    // Enter on the remedy asks for it, and changes nothing by itself.
    while !console.text((109, 60)).lines().any(|line| line.contains('►') && line.contains("Rerun ")) {
        console.press(&[Key::Down]);
    }
    console.press(&[Key::Enter]);
    assert!(console.text((109, 60)).contains("Reason"), "{}", console.text((120, 50)));
    let requests = exchange.posted("select count(*) from session_request where session_number = 16");
    assert_eq!(requests, ["0"]);
}

#[test]
fn a_rerun_of_an_upload_is_judged_by_the_session_that_repeats_it() {
    let failed = |number: u64, session: i64| {
        let text = Some(TEXT.replace("122", &number.to_string()));
        NewMessage { message: text, try_count: 1, ..upload(number, session, "S0001", 6) }
    };
    let exchange = exchange(&[ago(failed(1, 21), 5_000), ago(failed(2, 22), 4_000), ago(failed(3, 23), 3_000)]);
    for session in ["21", "22"] {
        exchange.cdx(&["session", "rerun", "upload", session, "--reason", "ticket"]).exits(0);
    }
    let repeat = NewMessage { rerun_for: Some(21), ..upload(9, 31, "S0001", 3) };
    exchange.agent().import(&[ago(repeat, 60)]).expect("stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let key = SessionKey { direction: Direction::Upload, session_number: 23, channel_database: "S0001".to_owned() };
    let mut console = TestConsole::open_at(exchange.databases(), Route::Session(key), NOW);
    console.press(&[Key::Char('w')]);
    assert!(line(&mut console, "Rerun ").contains("succeeded in 1 of 1 case; 1 case not decided yet"));
}

/// Keys in Download sessions with two failures, each in a frame of this size; returns the frame.
struct Explained(TestConsole, (u16, u16));

impl Explained {
    fn open(exchange: &Exchange, size: (u16, u16)) -> Self {
        let route = Route::Sessions(Direction::Download, String::new());
        let mut console = TestConsole::open_at(exchange.databases(), route, NOW);
        console.buffer(size);
        Self(console, size)
    }

    fn press(&mut self, keys: &[Key]) -> String {
        self.0.press_at(keys, self.1).text(self.1)
    }
}

fn two_failures() -> Exchange {
    exchange(&[ago(failed(1, 21, "S0001", 1), 300), ago(failed(2, 22, "S0002", 1), 400)])
}

#[test]
fn on_a_wide_screen_the_explanation_is_beside_the_list_and_follows_its_cursor() {
    let exchange = two_failures();
    let mut console = Explained::open(&exchange, (120, 40));
    let screen = console.press(&[Key::Char('w')]);
    assert!(screen.contains("S0002") && screen.contains("─┬══ 21 on S0001"), "{screen}");
    assert!(screen.contains("│► × Apply failed, for 5 min") && !screen.contains('╔'), "{screen}");
    // Tab goes to the list, then to its details, then back.
    assert!(console.press(&[Key::Tab]).contains("═┬── 21 on S0001"));
    let screen = console.press(&[Key::Char('j')]);
    assert!(screen.contains("═┬── 22 on S0002") && screen.contains("│› × Apply failed, for 6 min"), "{screen}");
    assert!(console.press(&[Key::Tab]).contains("══ 22 on S0002 · job"));
    assert!(console.press(&[Key::Tab]).contains("─┬══ 22 on S0002"));
    assert!(console.press(&[Key::BackTab]).contains("─┬── 22 on S0002"));
    assert!(console.press(&[Key::BackTab]).contains("═┬── 22 on S0002"));
    assert!(console.press(&[Key::BackTab]).contains("─┬══ 22 on S0002"));
    // A line leads somewhere, and Esc back to the open explanation, whose line leads there again.
    for _ in 0..2 {
        assert!(console.press(&[Key::Enter]).contains("› Status messages"));
        assert!(console.press(&[Key::Esc]).contains("─┬══ 22 on S0002"));
    }
    assert!(!console.press(&[Key::Char('w')]).contains('┬'), "closed");
    // A key that it does not use is for the screen; Esc in the list closes it, too.
    assert!(console.press(&[Key::Char('w'), Key::Char('a')]).contains("Actions on 22"));
    assert!(console.press(&[Key::Esc, Key::Tab]).contains("═┬── 22 on S0002"));
    let screen = console.press(&[Key::Esc]);
    assert!(!screen.contains('┬') && screen.contains("══ Download sessions"), "{screen}");
}

#[test]
fn a_narrow_screen_shows_the_explanation_as_a_box() {
    let exchange = two_failures();
    let mut console = Explained::open(&exchange, (109, 30));
    let screen = console.press(&[Key::Char('w')]);
    assert!(screen.contains("╔═ 21 on S0001") && !screen.contains('┬'), "{screen}");
    // It becomes a pane where there is room, and a box again.
    assert!(console.0.text((110, 30)).contains("─┬══ 21 on S0001"));
    assert!(console.0.text((80, 24)).contains("╔═ 21 on S0001"));
    assert!(!console.press(&[Key::Tab, Key::Esc]).contains('╔'));
}

#[test]
fn a_click_reaches_the_explanation_beside_a_list() {
    let exchange = two_failures();
    let size = (120, 40);
    let mut console = TestConsole::open_with_mouse(&exchange, Route::Sessions(Direction::Download, String::new()));
    console.buffer(size);
    console.press_at(&[Key::Char('w'), Key::Tab], size);
    let mut at = |action, x, y| {
        let effects = console.app.update(Input::Mouse(Mouse { action, x, y }), NOW);
        console.settle(effects);
        console.text(size)
    };
    let screen = at(MouseAction::Click, 70, 8);
    assert!(screen.contains("─┬══ 21 on S0001") && screen.contains("│► × Apply failed  "), "{screen}");
    let screen = at(MouseAction::Click, 10, 5);
    assert!(screen.contains("═┬── ") && screen.contains("│› × Apply failed  "), "{screen}");
    let screen = at(MouseAction::WheelDown, 70, 8);
    assert!(screen.contains("═┬── ") && !screen.contains("│› × Apply failed  "), "{screen}");
}

on_postgres!(
    each_step_is_compared_with_what_is_usual_and_the_failing_one_is_marked,
    what_helped_before_is_counted_from_the_journal_and_from_later_tries,
    a_rerun_of_an_upload_is_judged_by_the_session_that_repeats_it,
);
