//! Refreshing: every screen is as new as its freshness line says, and rows stay in place under the
//! cursor.

use crate::screens::{COLOR, NOW, TestConsole, night, rows};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download, now, upload};
use crate::support::terminal::Terminal;
use cdx_console::console::app::Input;
use cdx_console::console::protocol::batch_query::Watched;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, SessionKey, Timestamp};
use cdx_console::store::message_database::NewMessage;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const SIZE: (u16, u16) = (120, 40);

/// Changes something on every screen, including by a run of another process.
fn change(exchange: &Exchange) {
    let at = |message: NewMessage| NewMessage { occurred_at: Timestamp(NOW.0 - 30_000), ..message };
    let with_text = |text: &str, message| NewMessage { message: Some(text.to_owned()), ..message };
    let schedule = |message| NewMessage { distribution_schedule: Some("Christmas prices".to_owned()), ..message };
    let failed =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".into() };
    exchange.post(&[
        at(schedule(download(9_000, 1_090_000, "S0777", APPLIED))),
        at(with_text("Zebra crossing failed", upload(9_001, 77_999, "S0778", 6))),
        at(with_text("Healed now", download(9_002, failed.session_number, &failed.channel_database, APPLIED))),
        at(download(9_003, 1_090_001, "S0001", 77)),
    ]);
    exchange.cdx(&["process", "--no-purge"]).exits(3);
    exchange.cdx(&["parameters", "set", "retention-days", "45"]).exits(0);
    exchange.cdx(&["batch", "submit", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    exchange.script_at_head_office(&format!(
        "insert into batch_group (batch_group, description) values ('NIGHT', 'At night');
         insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, outcome, reason)
             values (99, 'Nightly', '', 'r.vermeer', {at}, 'ended', null);
         insert into batch_server (name, host, process_id, version, incarnation, started_at, heartbeat_at)
             values ('aos-9', 'hq', 1, '1', 'x', {at}, {at});
         update run set read = read - repeated + 4321, repeated = 4321 where run_id = 1;
         insert into notification (at, operator, event, text, popup) values ({at}, 'r.vermeer', 'error', 'The lights went out', 1);",
        at = NOW.0
    ));
}

#[test]
fn every_screen_refreshes_and_the_freshness_line_is_never_newer_than_the_rows() {
    let key =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".into() };
    let screens: Vec<(Route, &str, &[Key])> = vec![
        (Route::Overview, "Zebra crossing", &[]),
        (Route::Errors, "Zebra crossing", &[]),
        (Route::Sessions(Direction::Download, String::new()), "newer, g", &[Key::Char('g')]),
        (Route::Sessions(Direction::Upload, String::new()), "77999", &[]),
        (Route::Sessions(Direction::Upload, "store:S0778".into()), "77999", &[]),
        (Route::Schedules, "Christmas prices", &[]),
        (Route::Connections, "· 37", &[]),
        (Route::Session(key), "2 messages", &[]),
        (Route::Messages(String::new()), "newer, g", &[Key::Char('g')]),
        (Route::Runs, "2 runs", &[]),
        (Route::Rejected, " 100      2 unknown", &[]),
        (Route::Process, "(45 days)", &[]),
        (Route::BatchJobs(JobScope::All), "○ Waiting", &[]),
        (Route::BatchHistory(String::new()), "Nightly", &[]),
        (Route::BatchGroups(None), "NIGHT", &[]),
        (Route::Notifications, "The lights went out", &[]),
        (Route::Servers(None), "aos-9", &[]),
        (Route::Watch(Watched::Run(1)), "4,321 +", &[]),
    ];
    let mut faults = Vec::new();
    let untouched = night();
    let mut stages: Vec<_> = screens
        .iter()
        .map(|(target, ..)| {
            let mut console = TestConsole::open(&untouched, COLOR, target.clone());
            let before = console.text(SIZE);
            (console, before)
        })
        .collect();
    change(&untouched);
    for ((console, before), (target, new, keys)) in stages.iter_mut().zip(&screens) {
        let line = |screen: &str| screen.lines().nth(1).unwrap_or_default().to_owned();
        let old = line(before);
        let mut wrong = Vec::new();
        let effects = console.app.update(Input::Tick, NOW);
        console.settle_seen(effects, |app| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
            app.draw(&mut buffer, Timestamp(NOW.0 + 1_000));
            let screen = rows(&buffer).join("\n");
            let is_new = line(&screen) != old;
            if is_new && !screen.contains(new) && !screen.contains("newer, g") {
                wrong.push(screen);
            }
        });
        let after = console.text(SIZE);
        if before.contains(new) || !after.contains(new) || line(&after) == old {
            faults.push(format!("{target:?}: {new:?}\n{before}\n{after}"));
        }
        faults.extend(
            wrong.into_iter().map(|screen| format!("{target:?}: the freshness line is newer than the rows\n{screen}")),
        );
        if !keys.is_empty() {
            let all = console.press(keys).text(SIZE);
            if !all.contains("S0777") || all.contains("newer, g") {
                faults.push(format!("{target:?} after g\n{all}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_page_that_overtakes_the_freshness_query_is_read_again_after_a_change() {
    use cdx_console::console::app::RuntimeEffect;
    use cdx_console::console::protocol::query::Query;
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Upload, String::new()));
    let old = console.text(SIZE).lines().nth(1).map(str::to_owned);
    let mut effects = console.app.update(Input::Tick, NOW);
    effects.extend(console.app.update(Input::Key(Key::Char('4')), NOW));
    let is_page = |effect: &RuntimeEffect| matches!(effect, RuntimeEffect::Ask(_, Query::Sessions(..)));
    let at = effects.iter().position(is_page).expect("the first page");
    assert!(effects[..at].iter().any(|effect| matches!(effect, RuntimeEffect::Ask(_, Query::Freshness(_)))));
    let RuntimeEffect::Ask(number, query) = effects.remove(at) else { panic!("it is a query") };
    effects.extend(console.answer(number, query));
    change(&exchange);
    console.settle(effects);
    let screen = console.text(SIZE);
    assert_ne!(screen.lines().nth(1).map(str::to_owned), old);
    assert!(screen.contains("S0777") || screen.contains("newer, g"), "{screen}");
}

#[test]
fn rows_that_could_not_be_read_again_stay_old_under_the_line_until_they_are() {
    use cdx_console::console::app::RuntimeEffect;
    use cdx_console::console::backend::query_worker::Reply;
    use cdx_console::console::protocol::query::Query;
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    let line = |console: &mut TestConsole| console.text(SIZE).lines().nth(1).map(str::to_owned);
    let old = line(&mut console);
    change(&exchange);
    let mut effects = console.app.update(Input::Tick, NOW);
    let mut has_failed = false;
    while !effects.is_empty() {
        let RuntimeEffect::Ask(number, query) = effects.remove(0) else { continue };
        if matches!(query, Query::Sessions(..)) {
            has_failed = true;
            let reply = Reply { number, result: Some(Err("the disk does not answer".to_owned())) };
            effects.extend(console.app.update(Input::Reply(reply), NOW));
        } else {
            effects.extend(console.answer(number, query));
        }
    }
    assert!(has_failed);
    assert!(console.text(SIZE).contains("the disk does not answer"));
    assert_eq!(line(&mut console), old);
    console.press(&[Key::Down]);
    assert_eq!(line(&mut console), old);
    let effects = console.app.update(Input::Tick, NOW);
    console.settle(effects);
    assert_ne!(line(&mut console), old);
    let screen = console.text(SIZE);
    assert!(screen.contains("S0777") || screen.contains("newer, g"), "{screen}");
}

#[test]
fn lists_are_queried_again_only_when_head_office_has_changed() {
    use cdx_console::console::app::RuntimeEffect;
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages(String::new()));
    for changed in [false, true, false] {
        if changed {
            change(&exchange);
        }
        let effects = console.app.update(Input::Tick, NOW);
        let asked = effects.iter().filter(|effect| matches!(effect, RuntimeEffect::Ask(..))).count();
        assert_eq!(asked, 1, "only the freshness query: {effects:?}");
        let mut answers = 0;
        console.settle_seen(effects, |_| answers += 1);
        assert!(if changed { (3..=8).contains(&answers) } else { answers == 1 }, "{changed}: {answers}");
    }
}

#[test]
fn a_refresh_keeps_cursor_marks_scroll_filter_and_open_dialogs() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages("direction:download".into()));
    console.text((80, 24));
    let mut keys = vec![Key::Down; 9];
    keys.extend([Key::Char(' '), Key::Down, Key::Down]);
    console.press(&keys);
    let rows_of = |screen: &str| {
        let rows = screen.lines().skip(4).take_while(|line| !line.contains("──"));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = rows_of(&console.text((80, 24)));
    assert!(before.iter().any(|row| row.starts_with('►')) && before.iter().any(|row| row.contains('*')), "{before:#?}");
    change(&exchange);
    // An alert would cover the line that shows the filter.
    exchange.script_at_head_office("delete from notification");
    console.settle_input(Input::Tick);
    let after = console.text((80, 24));
    assert_eq!(rows_of(&after), before, "{after}");
    assert!(after.contains("▲ 2 newer, g") && after.contains("1 marked"), "{after}");
    // Without marks, the line shows the filter.
    let after = console.press(&[Key::Esc]).text((80, 24));
    assert!(after.contains("Filter: direction:download"), "{after}");
    // An open dialog keeps the row for which it was opened.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Upload, String::new()));
    console.press(&[Key::Char('a')]);
    let before = console.text((80, 24));
    exchange.post(&[upload(9_100, 78_000, "S0779", 6)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    console.settle_input(Input::Tick);
    assert_eq!(console.text((80, 24)), before);
    console.press(&[Key::Esc]).settle_input(Input::Tick);
    assert!(console.text((80, 24)).contains("78000"));
}

#[test]
fn a_refresh_updates_parameters_that_are_not_being_edited() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Parameters);
    let mut edited = TestConsole::open(&exchange, COLOR, Route::Parameters);
    edited.press(&[Key::Char('+')]);
    let before = edited.text((80, 24));
    exchange.cdx(&["parameters", "set", "retention-days", "45"]).exits(0);
    edited.settle_input(Input::Tick);
    assert_eq!(edited.text((80, 24)), before);
    console.settle_input(Input::Tick);
    let after = console.text((80, 24));
    assert!(after.contains("[45█]") && after.contains("in force 45"), "{after}");
}

#[test]
fn a_console_in_a_terminal_shows_changes_by_another_run() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention").press("4").shows("Download sessions");
    let failed = NewMessage { occurred_at: now(), ..download(5_000, 9_999, "S0555", APPLY_FAILED) };
    exchange.post(&[failed]);
    exchange.cdx(&["process"]).exits(0);
    console.shows("▲ 1 newer, g").press("g").shows("S0555");
    console.press("q");
    assert_eq!(console.ends(), 0);
}
