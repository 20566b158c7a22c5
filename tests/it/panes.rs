//! Panes and forms without room for all their lines: what matters is in sight, and a mark counts
//! the rest.

use crate::screens::{COLOR, NOW, TestConsole, night};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, download};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::store::message_database::NewMessage;

const SMALL: (u16, u16) = (80, 24);

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

#[test]
fn lists_without_jobs_say_so_whatever_is_pressed() {
    let exchange = night();
    for route in [Route::BatchJobs(JobScope::Own), Route::BatchJobs(JobScope::All)] {
        let mut console = TestConsole::open(&exchange, COLOR, route);
        console.buffer(SMALL);
        for key in [Key::Enter, Key::Char('w'), Key::Tab, Key::Char('a'), Key::Char('r')] {
            let screen = console.press(&[key]).text(SMALL);
            assert!(screen.matches("batch job. p, PgDn creates one.").count() == 2, "{screen}");
            assert!(screen.contains("══ "), "the list has the focus:\n{screen}");
        }
    }
}

#[test]
fn a_batch_job_is_previewed_from_its_first_line_on() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    console.buffer(SMALL);
    console.press(&[Key::PageDown, Key::Char(' ')]);
    let screen = console.text(SMALL);
    for text in ["Batch processing", "Save to history", "Creates a batch job", "First start", "Then  "] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
    // On a low screen the preview grows while OK has the focus.
    let screen = console.text((60, 15));
    assert!(screen.contains("Creates a batch job") && screen.contains('▼'), "{screen}");
    for _ in 0..11 {
        console.press(&[Key::Tab]);
    }
    let screen = console.text((60, 15));
    assert!(screen.contains("Creates a batch job") && screen.contains("Then  "), "{screen}");
}

#[test]
fn a_pane_or_form_that_hides_lines_has_a_mark() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Rejected);
    let screen = console.text(SMALL);
    assert!(screen.contains("more (Tab) ─"), "{screen}");
    console.press(&[Key::Tab]);
    let screen = console.press(&typed("j")).text(SMALL);
    assert!(screen.contains("▲ 1 ▼ "), "{screen}");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Parameters);
    assert!(console.text((60, 15)).contains('▼'), "{}", console.text((60, 15)));
    assert!(!console.text((80, 30)).contains('▼'), "{}", console.text((80, 30)));
    // Without a row there is no pane.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Silences);
    let screen = console.text(SMALL);
    assert!(screen.lines().filter(|line| line.contains("──") || line.contains("══")).count() == 1, "{screen}");
}

#[test]
fn a_session_without_tries_left_is_not_promised_another() {
    let exchange = Exchange::new();
    let failed = NewMessage {
        try_count: 3,
        message: Some("The remote name could not be resolved.".to_owned()),
        ..download(1, 7, "S0001", APPLY_FAILED)
    };
    exchange.agent().post(&[failed]).expect("the message is stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    console.buffer(SMALL);
    let screen = console.text(SMALL);
    assert!(screen.contains("try 3 of 3: none left") && screen.contains("no tries are left"), "{screen}");
    assert!(!screen.contains("while tries remain"), "{screen}");
    let screen = console.press(&typed("w")).text(SMALL);
    assert!(screen.contains("no tries are left") && !screen.contains("while tries remain"), "{screen}");
}

/// The screens with a list.
fn lists() -> Vec<Route> {
    vec![
        Route::Errors,
        Route::Sessions(Direction::Download, String::new()),
        Route::Messages(String::new()),
        Route::Rejected,
        Route::Runs,
        Route::BatchJobs(JobScope::All),
        Route::BatchHistory(String::new()),
        Route::Connections,
        Route::Silences,
        Route::Deadlines,
        Route::Servers(None),
    ]
}

/// The keys of the hints of a screen that act on its list.
fn hinted(screen: &str) -> Vec<Key> {
    let hints = screen.lines().last().expect("the hints").trim_matches('|');
    let keys = hints.trim().split("  ").filter_map(|hint| hint.split(' ').next());
    let key = |key: &str| match key {
        "Enter" => Some(Key::Enter),
        "Tab" => Some(Key::Tab),
        "p" | "m" | ":" | "?" | "q" => None,
        key => key.chars().next().map(Key::Char),
    };
    keys.filter_map(key).collect()
}

#[test]
fn each_hinted_key_does_something() {
    let filled = night();
    let empty = Exchange::new();
    empty.cdx(&["process", "--no-purge"]).exits(0);
    for (exchange, route) in
        [&filled, &empty].into_iter().flat_map(|exchange| lists().into_iter().map(move |route| (exchange, route)))
    {
        let before = TestConsole::open(exchange, COLOR, route.clone()).text((200, 24));
        for key in hinted(&before) {
            let mut console = TestConsole::open(exchange, COLOR, route.clone());
            console.buffer((200, 24));
            let after = console.press(std::slice::from_ref(&key)).text((200, 24));
            assert!(after != before, "{route:?}: {key:?} does nothing:\n{before}");
        }
    }
}

#[test]
fn a_list_without_rows_hints_at_nothing_that_needs_a_row() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for route in lists().into_iter().filter(|route| !matches!(route, Route::Runs)) {
        let screen = TestConsole::open(&exchange, COLOR, route.clone()).text((200, 24));
        let hints = screen.lines().last().expect("the hints");
        assert!(!hints.contains("Enter open") && !hints.contains("Tab pane"), "{route:?}: {hints}");
    }
    let screen = TestConsole::open(&exchange, COLOR, Route::Parameters).text(SMALL);
    assert!(screen.contains("Enter Save"), "{screen}");
}

#[test]
fn a_card_of_a_store_acts_on_the_session_under_the_cursor() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Store("S0131".to_owned()));
    let screen = console.text((120, 40));
    assert!(screen.contains("Clock      not ahead of head office"), "{screen}");
    let screen = console.press(&typed("a")).text((120, 40));
    for text in ["Actions on 1084971 on S0131", "Rerun", "Cancel", "S0131: Zone of the store"] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
}

#[test]
fn on_a_low_screen_the_lines_of_the_parameters_are_reached_by_tab() {
    const LOW: (u16, u16) = (60, 15);
    let exchange = Exchange::new();
    let at = Timestamp(NOW.0 - 40 * 86_400_000);
    let old = NewMessage { occurred_at: at, ..download(1, 7, "S0001", APPLIED) };
    exchange.agent().import(&[(old, at)]).expect("the message is stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Parameters);
    let screen = console.text(LOW);
    assert!(!screen.contains("Kept ") && screen.contains("more (Tab)"), "{screen}");
    // Down scrolls the pane, then leaves it.
    let down = [vec![Key::Up; 3], vec![Key::Down; 3]].concat();
    let screen = console.press_at(&down, LOW).text(LOW);
    assert!(screen.contains("Kept      0 unresolved") && screen.contains("►[  Save"), "{screen}");
}
