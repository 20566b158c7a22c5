//! The columns of lists as the operator arranges them, and the orders of lists that hold all their
//! rows.

use crate::screens::{COLOR, SIZES, TestConsole, look};
use crate::support::Exchange;
use cdx_console::cancel::Cancel;
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::protocol::saved_state::SavedState;
use cdx_console::domain::Direction;
use std::collections::BTreeSet;

const SIZE: (u16, u16) = (120, 40);

fn typed(text: &str) -> Vec<Key> {
    let key = |c| match c {
        '\r' => Key::Enter,
        '<' => Key::Left,
        '>' => Key::Right,
        c => Key::Char(c),
    };
    text.chars().map(key).collect()
}

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

fn downloads() -> Route {
    Route::Sessions(Direction::Download, String::new())
}

/// Returns the line of headings.
fn headings(console: &mut TestConsole) -> String {
    console.text(SIZE).lines().nth(3).expect("a line").to_owned()
}

/// Returns the places of headings from left to right.
fn places(line: &str, headings: &[&str]) -> Vec<Option<usize>> {
    headings.iter().map(|heading| line.find(heading)).collect()
}

fn is_rising(places: &[Option<usize>]) -> bool {
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[test]
fn columns_are_moved_and_resized_and_stay_so_in_the_next_console() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    let before = headings(&mut console);
    assert!(is_rising(&places(&before, &["Modified", "Status", "Job", "Channel DB", "Session"])), "{before}");
    // The first column behind the third, the channel database ten cells wider.
    console.press(&typed("c>>\r"));
    let moved = headings(&mut console);
    assert!(is_rising(&places(&moved, &["Status", "Job", "Modified", "Channel DB", "Session"])), "{moved}");
    let gap = |line: &str| line.find("Session").expect("it") - line.find("Channel DB").expect("it");
    console.press(&typed("c"));
    let at = console.text(SIZE).lines().skip(2).position(|line| line.contains("] Channel DB")).expect("a column");
    console.press(&vec![Key::Down; at.saturating_sub(2)]);
    console.press(&typed("++++++++++\r"));
    let wider = headings(&mut console);
    assert_eq!(gap(&wider), gap(&moved) + 10, "{moved}\n{wider}");
    let memory = console.app.memory().clone();
    let mut next = TestConsole::open_with(&exchange, COLOR, downloads(), memory);
    assert_eq!(headings(&mut next), wider);
    // 0 and Enter put all columns back.
    next.press(&typed("c0\r"));
    assert_eq!(headings(&mut next), before);
    // Leaving the form changes nothing.
    next.press(&typed("c>+ ")).press(&[Key::Esc]);
    assert_eq!(headings(&mut next), before);
}

#[test]
fn a_view_keeps_the_arrangement_of_its_columns() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    console.press(&typed("c>>\r"));
    let moved = headings(&mut console);
    console.press(&typed("Vas")).press(&typed("night shift\r"));
    let Some(RuntimeEffect::Mutation(mutation)) = console.effects.pop() else { panic!("no change") };
    let result = perform(&exchange.databases(), "r.vermeer", &mutation, &Keymap::default(), &Cancel::new());
    console.settle_input(Input::MutationDone(result));
    let mut next = open(&exchange, downloads());
    assert!(!is_rising(&places(&headings(&mut next), &["Status", "Job", "Modified"])));
    next.press(&typed(":view night shift\r"));
    assert_eq!(headings(&mut next), moved);
    let pane = next.press(&typed("V")).text(SIZE);
    assert!(pane.contains("Columns  Status, Job, Modified"), "{pane}");
}

/// Lists that hold all their rows.
fn short_lists() -> Vec<Route> {
    vec![
        Route::Errors,
        Route::Runs,
        Route::Rejected,
        Route::Schedules,
        Route::Connections,
        Route::Views(None),
        Route::BatchJobs(JobScope::All),
        Route::BatchGroups(None),
        Route::Servers(None),
        Route::Notifications,
    ]
}

#[test]
fn every_column_of_a_short_list_sorts_in_both_directions() {
    let exchange = crate::batch_screens::night();
    for target in short_lists() {
        let mut console = open(&exchange, target.clone());
        let boxed = |screen: &str, mark: &str| -> BTreeSet<String> {
            let after = |line: &str| {
                line.split_once('║').and_then(|(_, rest)| rest.split_once(mark)).map(|(_, it)| it.to_owned())
            };
            screen.lines().filter_map(after).map(|line| line.split('║').next().unwrap_or("").to_owned()).collect()
        };
        let columns = boxed(&console.press(&typed("c")).text((200, 60)), "[x] ");
        let columns: BTreeSet<_> =
            columns.iter().map(|line| line.split("  ").next().expect("a name").to_owned()).collect();
        assert!(!columns.is_empty() && columns.iter().all(|name| !name.is_empty()), "{target:?}: {columns:?}");
        console.press(&[Key::Esc]);
        let orders = boxed(&console.press(&typed("s")).text((200, 60)), "( ) ");
        let sorts = |way: char| -> BTreeSet<String> {
            orders.iter().filter_map(|line| Some(line.trim().strip_suffix(way)?.trim().to_owned())).collect()
        };
        // Recent errors can be sorted by new causes, too.
        let (up, down) = (sorts('▲'), sorts('▼'));
        assert!(up == down && up.is_superset(&columns), "{target:?}: {up:?} {columns:?}");
    }
}

#[test]
fn the_whole_row_of_each_short_list_is_shown_as_fields_and_as_json() {
    let exchange = crate::batch_screens::night();
    for target in short_lists() {
        let mut console = open(&exchange, target.clone());
        let has_row = console.text(SIZE).lines().any(|line| line.starts_with('►'));
        let shown = console.press(&typed("o")).text(SIZE);
        assert_eq!(shown.contains("╔═ "), has_row, "{target:?}:\n{shown}");
    }
    for (target, fields) in [
        (Route::BatchGroups(None), ["batch_group", "batch_servers", "waiting_jobs"]),
        (Route::Servers(None), ["name", "is_batch_server", "windows"]),
        (Route::Notifications, ["notification_id", "event", "read_at"]),
    ] {
        let mut console = open(&exchange, target.clone());
        let shown = console.press(&typed("o")).text((120, 60));
        for field in fields {
            assert!(shown.contains(field), "{target:?} {field}:\n{shown}");
        }
    }
}

#[test]
fn batch_jobs_are_sorted_by_a_column_and_stay_so() {
    let exchange = crate::batch_screens::night();
    let jobs = Route::BatchJobs(JobScope::All);
    let listed = |console: &mut TestConsole| -> Vec<String> {
        let text = console.text(SIZE);
        let rows = text.lines().skip(4).take_while(|line| !line.contains("──"));
        rows.map(|line| line.chars().skip(15).take(18).collect::<String>().trim().to_owned()).collect()
    };
    let mut console = open(&exchange, jobs.clone());
    // Job description, ascending.
    console.press(&typed("sjjjj\r"));
    assert!(headings(&mut console).contains("Job description ▲"), "{}", headings(&mut console));
    let sorted = listed(&mut console);
    let lower: Vec<_> = sorted.iter().map(|row| row.to_lowercase()).collect();
    assert!(sorted.len() >= 5 && lower.is_sorted(), "{sorted:?}");
    let memory = console.app.memory().clone();
    let mut next = TestConsole::open_with(&exchange, COLOR, jobs, memory);
    assert_eq!(listed(&mut next), sorted);
    // A job opened by its number is under the cursor, in the same order.
    let mut one = TestConsole::open_with(&exchange, COLOR, Route::BatchJob(3), next.app.memory().clone());
    assert_eq!(listed(&mut one), sorted);
    assert!(one.text(SIZE).lines().any(|line| line.starts_with('►') && line.contains("Status of Houston")));
    // The first line is the order of the query.
    next.press(&typed("sg\r"));
    assert!(headings(&mut next).contains("Next start▲"), "{}", headings(&mut next));
}

#[test]
fn the_history_hides_and_moves_columns_and_says_why_it_has_one_order() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchHistory(String::new()));
    console.press(&typed("cj \r"));
    assert!(!headings(&mut console).contains("Started"), "{}", headings(&mut console));
    console.press(&typed("sG\r"));
    assert!(console.text(SIZE).contains("No index at head office has this order"));
    // The columns of one job's history are part of the same choice.
    let memory = console.app.memory().clone();
    let mut one = TestConsole::open_with(&exchange, COLOR, Route::BatchHistory("job:1".to_owned()), memory);
    assert!(!headings(&mut one).contains("Started"));
    one.press(&typed("cG<\r"));
    let memory: SavedState = one.app.memory().clone();
    let mut all = TestConsole::open_with(&exchange, COLOR, Route::BatchHistory(String::new()), memory);
    assert!(!headings(&mut all).contains("Started"), "{}", headings(&mut all));
}

#[test]
fn the_form_matches_its_snapshot() {
    let exchange = crate::batch_screens::night();
    look(&exchange, "columns_arranged", &Route::BatchJobs(JobScope::All), &typed("cj>>++ "));
    let mut console = open(&exchange, Route::BatchJobs(JobScope::All));
    console.press(&typed("c"));
    for size in SIZES {
        let screen = console.text(size);
        let keys = screen.lines().last().expect("keys");
        assert!(keys.contains("Enter apply  Esc cancel  Space show  Left Right move"), "{size:?}: {keys}");
    }
}
