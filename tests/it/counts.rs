//! Every count on a screen opens exactly the rows that it counts.

use crate::screens::{COLOR, NOW, TestConsole};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, REQUESTED, applied_sessions, download, now, upload};
use cdx_console::console::app::Input;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{Concern, Route};
use cdx_console::console::protocol::saved_state::{ListState, SavedState};
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::engine::Databases;
use cdx_console::store::message_database::NewMessage;

/// One column of panes.
const SIZE: (u16, u16) = (108, 50);
/// A heading fits a whole cause.
const WIDE: (u16, u16) = (240, 50);
const AVAILABLE: i64 = 1;

/// Items under Needs attention without a count of the rows they open.
const WITHOUT_NUMBER: [&str; 6] =
    ["Status is stale", "Job withheld", "Message database", "Purge held", "Last run failed", "Alerts not sent"];

fn figure(text: &str) -> Option<i64> {
    text.replace(',', "").parse().ok()
}

/// Returns the number at the end of a heading such as `1-20 of 696` or `3`; 0 for none.
fn total(screen: &str) -> i64 {
    let heading = screen.lines().find(|line| line.starts_with(['─', '═'])).unwrap_or_else(|| panic!("{screen}"));
    // Panes stand beside the list on a wide screen.
    let heading = heading.split('┬').next().unwrap_or(heading);
    let remark = heading.trim_end_matches(['─', '═', ' ']);
    if remark.ends_with("none") {
        return 0;
    }
    remark.rsplit(' ').next().and_then(figure).unwrap_or_else(|| panic!("{heading}\n{screen}"))
}

/// Presses a key that opens rows, counts them, in both directions if a dialog offers them, and
/// returns.
fn opened(console: &mut TestConsole, key: &Key) -> i64 {
    console.press(std::slice::from_ref(key));
    let screen = console.text(WIDE);
    if !screen.contains("Which open sessions?") {
        let total = total(&screen);
        console.press(&[Key::Esc]);
        return total;
    }
    // The dialog starts on the direction that failed last.
    console.press(&[Key::Esc]);
    let of = |console: &mut TestConsole, step: Key| {
        console.press(&[key.clone(), Key::Up, Key::Up, step, Key::Enter]);
        let found = total(&console.text(WIDE));
        console.press(&[Key::Esc]);
        found
    };
    of(console, Key::Up) + of(console, Key::Down)
}

/// Returns the row under the cursor.
fn current(screen: &str) -> Option<&str> {
    screen.lines().find(|line| line.starts_with('►'))
}

/// Checks each item under Needs attention and returns the names of those with a count.
fn check_items(databases: &Databases, now: Timestamp) -> Vec<String> {
    let mut console = TestConsole::open_at(databases.clone(), Route::Overview, now);
    let screen = console.text(SIZE);
    let items: Vec<_> = screen
        .lines()
        .skip_while(|line| !line.contains("Needs attention"))
        .skip(1)
        .take_while(|line| !line.starts_with(['─', '═']))
        .map(|line| line.chars().skip(3).collect::<String>())
        .collect();
    let mut checked = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let (what, detail) = item.split_at(item.char_indices().nth(20).map_or(item.len(), |(at, _)| at));
        let what = what.trim();
        if WITHOUT_NUMBER.contains(&what) {
            continue;
        }
        let count = match what {
            // Two are named; the others are counted.
            "Quiet databases" => {
                let more = detail.split_once("and ").and_then(|(_, more)| figure(more.split(' ').next()?));
                i64::try_from(detail.matches(" for ").count()).expect("few") + more.unwrap_or(0)
            }
            "Clocks ahead" => {
                let more = detail.split_once("and ").and_then(|(_, more)| figure(more.split(' ').next()?));
                1 + more.unwrap_or(0)
            }
            _ => figure(detail.split(' ').next().unwrap_or("")).unwrap_or_else(|| panic!("{item}")),
        };
        let mut console = TestConsole::open_at(databases.clone(), Route::Overview, now);
        console.press(&vec![Key::Down; at]);
        assert_eq!(opened(&mut console, &Key::Enter), count, "{item}\n{}", console.press(&[Key::Enter]).text(SIZE));
        checked.push(what.to_owned());
    }
    checked
}

/// Checks the causes and the histogram of the Overview.
fn check_panes(databases: &Databases, now: Timestamp) {
    let mut console = TestConsole::open_at(databases.clone(), Route::Overview, now);
    console.press(&[Key::Tab]);
    let mut before = String::new();
    loop {
        let screen = console.text(SIZE);
        let row = current(&screen).expect("a cause").to_owned();
        if row == before {
            break;
        }
        let open = row.chars().skip(12).take(5).collect::<String>();
        assert_eq!(opened(&mut console, &Key::Enter), figure(open.trim()).expect(&row), "{row}");
        before = row;
        console.press(&[Key::Down]);
    }
    let mut console = TestConsole::open_at(databases.clone(), Route::Overview, now);
    console.press(&[Key::Tab, Key::Tab, Key::Tab]);
    for _ in 0..20 {
        let screen = console.text(SIZE);
        let heading = screen.lines().find(|line| line.contains("Enter shows them")).expect(&screen).to_owned();
        let count = heading.split(" message").next().and_then(|text| figure(text.rsplit(' ').next()?));
        assert_eq!(opened(&mut console, &Key::Enter), count.expect(&heading), "{heading}");
        console.press(&[Key::Left]);
    }
}

/// Checks each cause of Recent errors: its open sessions, its failures, and the sum in the
/// freshness line.
fn check_causes(databases: &Databases, now: Timestamp) {
    let mut console = TestConsole::open_at(databases.clone(), Route::Errors, now);
    console.press(&[Key::Home]);
    let (mut before, mut sum) = (String::new(), 0);
    loop {
        let screen = console.text(SIZE);
        let row = current(&screen).expect("a cause").to_owned();
        if row == before {
            let header = screen.lines().nth(1).expect("a header");
            assert!(header.contains(&format!("· {sum} error")), "{sum} in the list\n{screen}");
            return;
        }
        let cells: String = row.chars().skip(13).collect();
        let mut cells = cells.split_whitespace().map(|cell| figure(cell).unwrap_or(-1));
        let (open, errors) = (cells.next().expect("open"), cells.next().expect("24 h"));
        assert_eq!(opened(&mut console, &Key::Enter), open, "{row}");
        if errors > 0 {
            assert_eq!(opened(&mut console, &Key::Char('r')), errors, "{row}");
        }
        sum += open;
        before = row;
        console.press(&[Key::Down]);
    }
}

/// Checks the open sessions of each schedule and the number of quiet channel databases.
fn check_lists(databases: &Databases, now: Timestamp) {
    let mut console = TestConsole::open_at(databases.clone(), Route::Schedules, now);
    let mut before = String::new();
    loop {
        let screen = console.text(SIZE);
        let row = current(&screen).expect("a schedule").to_owned();
        if row == before {
            break;
        }
        let open = row.chars().skip(14).collect::<String>();
        let open = open.split_whitespace().find_map(figure).expect(&row);
        assert_eq!(opened(&mut console, &Key::Char('r')), open, "{row}");
        before = row;
        console.press(&[Key::Down]);
    }
    let mut all = TestConsole::open_at(databases.clone(), Route::Connections, now);
    let quiet = total(&TestConsole::open_at(databases.clone(), Route::ConnectionsOf(Concern::Quiet), now).text(SIZE));
    assert!(all.text(SIZE).contains(&format!(" {quiet} quiet, first")), "{quiet}\n{}", all.text(SIZE));
}

fn check(databases: &Databases, now: Timestamp) -> Vec<String> {
    check_panes(databases, now);
    check_causes(databases, now);
    check_lists(databases, now);
    check_items(databases, now)
}

#[test]
fn every_count_opens_exactly_the_rows_it_counts_in_the_demo() {
    let exchange = Exchange::new();
    let folder = exchange.path("demo");
    let args = ["demo", "--dir", folder.to_str().expect("a plain path"), "--messages", "20000", "--seed", "7"];
    exchange.cdx(&args).exits(0);
    let checked = check(&Databases::in_folder(&folder), now());
    for item in ["Uploads not applied", "Downloads failed", "Clocks ahead", "Rejected messages"] {
        assert!(checked.iter().any(|known| known == item), "{item}: {checked:?}");
    }
}

#[test]
fn every_count_opens_exactly_the_rows_it_counts_in_edge_cases() {
    let exchange = Exchange::new();
    let minute = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
    let mut messages = Vec::new();
    let mut add = |message: NewMessage, minutes: i64| {
        messages.push((NewMessage { occurred_at: minute(minutes), ..message }, minute(minutes)));
    };
    let of = |text: &str, message| NewMessage { message: Some(text.to_owned()), ..message };
    // One cause in both directions, one that failed two days ago and is still open, and one that
    // was resolved.
    add(of("The network path was not found.", download(1, 101, "S0001", APPLY_FAILED)), 50);
    add(of("The network path was not found.", download(2, 102, "S0002", APPLY_FAILED)), 49);
    add(of("The network path was not found.", upload(3, 201, "S0001", 6)), 48);
    add(of("Disk full.", upload(4, 202, "S0003", 5)), 2 * 1440);
    add(of("Deadlock victim.", download(5, 103, "S0004", APPLY_FAILED)), 40);
    add(download(6, 103, "S0004", APPLIED), 39);
    // Available packages need no attention; available channel sessions do after an hour.
    for package in 0..30 {
        add(download(100 + package, 300 + i64::try_from(package).expect("small"), "", AVAILABLE), 300);
    }
    add(download(7, 300, "S0005", AVAILABLE), 299);
    add(download(8, 301, "S0005", AVAILABLE), 2);
    // A failed upload that another session repeats is not counted.
    add(of("Time-out.", upload(9, 203, "S0006", 6)), 30);
    add(NewMessage { rerun_for: Some(203), ..upload(10, 204, "S0006", 3) }, 29);
    add(download(11, 999, "S0001", 77), 3);
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(3);
    exchange.script_at_head_office(&format!("update transfer_cursor set as_of = {}", NOW.0));
    let checked = check(&exchange.databases(), NOW);
    let items =
        ["Uploads not applied", "Downloads failed", "Available over 1 h", "Quiet databases", "Rejected messages"];
    assert_eq!(checked, items);
    let mut console = TestConsole::open_at(exchange.databases(), Route::Overview, NOW);
    let screen = console.text(SIZE);
    let line = |what: &str| screen.lines().find(|line| line.contains(what)).expect(what);
    assert!(line("Uploads not applied").contains("2 sessions"), "{screen}");
    assert!(line("Available over 1 h").contains("1 session,"), "{screen}");
    // A cause with both directions opens a choice.
    let mut console = TestConsole::open_at(exchange.databases(), Route::Errors, NOW);
    console.press(&[Key::Home, Key::Down, Key::Down]);
    while !current(&console.text(SIZE)).expect("a cause").contains("network") {
        console.press(&[Key::Up]);
    }
    let screen = console.press(&[Key::Enter]).text(SIZE);
    assert!(screen.contains("Download sessions: 2") && screen.contains("Upload sessions: 1"), "{screen}");
}

#[test]
fn the_cursor_of_recent_errors_starts_on_the_cause_that_failed_last_in_any_order() {
    let exchange = Exchange::new();
    let minute = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
    let of = |number: u64, text: &str, minutes: i64| {
        let failed = download(number, 100 + i64::try_from(number).expect("small"), "S0001", APPLY_FAILED);
        (NewMessage { occurred_at: minute(minutes), message: Some(text.to_owned()), ..failed }, minute(minutes))
    };
    // One cause known for days with a new failure, and a newer cause with an older failure.
    let messages = [of(1, "Old acquaintance", 3 * 1440), of(2, "Brand new", 60), of(3, "Old acquaintance", 5)];
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = TestConsole::open_at(exchange.databases(), Route::Errors, NOW);
    let on = |console: &mut TestConsole| current(&console.text(SIZE)).unwrap_or_default().to_owned();
    assert!(on(&mut console).contains("acquaintance"), "{}", console.text(SIZE));
    // Sorted by New, another row comes first; the cursor still starts on the newest failure.
    let mut saved = SavedState::default();
    let by_new = ListState { order: "New".to_owned(), ..Default::default() };
    saved.lists.insert("recent errors".to_owned(), by_new);
    let mut console = TestConsole::open_with(&exchange, COLOR, Route::Errors, saved);
    let screen = console.text(SIZE);
    let row_of = |text: &str| screen.lines().position(|line| line.contains(text) && !line.contains("──"));
    assert!(row_of("Brand new") < row_of("acquaintance"), "{screen}");
    assert!(on(&mut console).contains("acquaintance"), "{screen}");
    // Once moved, the cursor stays where the operator put it.
    console.press(&[Key::Home]);
    assert!(on(&mut console).contains("Brand new"), "{}", console.text(SIZE));
    exchange.post(&[NewMessage { occurred_at: minute(0), ..of(4, "Old acquaintance", 0).0 }]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    console.settle_input(Input::Tick);
    assert!(on(&mut console).contains("Brand new"), "{}", console.text(SIZE));
}

#[test]
fn wide_session_lists_have_the_columns_of_the_original_product() {
    let exchange = Exchange::new();
    let at = |minutes: i64, message: NewMessage| {
        let at = Timestamp(NOW.0 - minutes * 60_000);
        (NewMessage { occurred_at: at, ..message }, at)
    };
    let path = || Some("\\\\hq\\share\\1.zip".to_owned());
    let messages = [
        at(30, NewMessage { data_path: path(), ..download(1, 101, "S0001", REQUESTED) }),
        at(20, download(2, 101, "S0001", DOWNLOADED)),
        at(10, NewMessage { file_size: Some(123_456), data_path: path(), ..upload(3, 201, "S0002", 2) }),
    ];
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for (direction, columns, values) in [
        (Direction::Download, &["Requested", "Downloaded", "Path"][..], &["01:44:21", "01:54:21", "share\\1.zip"][..]),
        (Direction::Upload, &["Uploaded", "File size"], &["123,456", "02:04:21"]),
    ] {
        for route in
            [Route::Sessions(direction, String::new()), Route::History(direction, "Prices".to_owned(), String::new())]
        {
            let screen = TestConsole::open_at(exchange.databases(), route.clone(), NOW).text((420, 24));
            let mut lines = screen.lines().skip_while(|line| !line.contains("Modified"));
            let (heading, row) = (lines.next().expect("a heading"), lines.next().expect("a row"));
            assert!(columns.iter().all(|column| heading.contains(column)), "{route:?}\n{screen}");
            assert!(values.iter().all(|value| row.contains(value)), "{route:?}\n{screen}");
        }
    }
}

#[test]
fn a_list_left_before_its_first_answer_keeps_its_place() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..1));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for (target, name) in [
        (Route::Messages(String::new()), "status messages"),
        (Route::Sessions(Direction::Download, String::new()), "download sessions"),
    ] {
        let mut saved = SavedState::default();
        let list = ListState { place: Some((NOW.0, 7)), left_at: NOW.0 - 1, ..ListState::default() };
        saved.lists.insert(name.to_owned(), list.clone());
        let mut app = TestConsole::unanswered(target, saved);
        assert_eq!(app.memory().lists[name], list);
    }
}

#[test]
fn rejected_messages_beyond_the_newest_are_counted() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..1));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let add = |count: i64, from: i64| {
        exchange.change_head_office(&format!(
            "insert into rejected_message (source_id, database_id, message_id, raw, raw_digest, reason, run_id, rejected_at)
             with recursive numbers(n) as (select {from} union all select n + 1 from numbers where n < {from} + {count} - 1)
             select 1, 'x', n, '{{}}', cast(n as text), 'unknown status', 1, n from numbers"
        ));
    };
    add(1_000, 1);
    let shown = || TestConsole::open(&exchange, COLOR, Route::Rejected).text((80, 24));
    let text = shown();
    assert!(text.contains(" 1,000 ") && !text.contains("newest"), "{text}");
    add(234, 2_000);
    let text = shown();
    assert!(text.contains(" newest 1,000 of 1,234 "), "{text}");
}

#[test]
fn a_list_opened_in_its_middle_shows_its_total_length() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..900));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let middle =
        exchange.at_head_office("select occurred_at, message_key from status_message where message_key = 1400");
    let (at, key) = middle[0].split_once('|').expect("two columns");
    let place = [at, key].map(|number| number.parse().expect("a number"));
    let mut saved = SavedState::default();
    let look = ListState { place: Some((place[0], place[1])), left_at: NOW.0, ..ListState::default() };
    saved.lists.insert("status messages".to_owned(), look);
    let mut console = TestConsole::open_with(&exchange, COLOR, Route::Messages(String::new()), saved);
    let screen = console.text((80, 24));
    assert!(screen.contains("2,700 in all"), "{screen}");
}
