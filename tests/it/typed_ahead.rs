//! Keys typed before a list has its rows wait for them; times outside of a list; a new order; dates
//! of a batch job.

use crate::list_columns::sort_by;
use crate::screens::{COLOR, NOW, TestConsole, night, typed};
use crate::support::Exchange;
use cdx_console::console::app::Input;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;

const SIZE: (u16, u16) = (80, 24);

/// What a screen shows after keys that all arrive before the first answer.
fn burst(console: &mut TestConsole, keys: &[Key]) -> String {
    let effects = keys.iter().flat_map(|key| console.app.update(Input::Key(key.clone()), NOW)).collect();
    console.text(SIZE);
    console.settle(effects);
    console.settle_input(Input::Debounced);
    console.text(SIZE)
}

fn overview(exchange: &Exchange) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, Route::Overview);
    console.text(SIZE);
    console
}

#[test]
fn keys_typed_before_the_first_rows_do_what_they_do_after_them() {
    let exchange = night();
    for keys in ["4jjjjj", "2jjj", "9G", "4jj\r", "4ar", "4 jj "] {
        let slowly = overview(&exchange).press(&typed(keys)).text(SIZE);
        let burst = burst(&mut overview(&exchange), &typed(keys));
        assert_eq!(burst, slowly, "{keys}");
        assert!(!burst.contains("There is no row"), "{keys}: {burst}");
    }
}

#[test]
fn esc_drops_the_keys_that_wait_and_an_empty_list_says_so() {
    let exchange = night();
    let mut console = overview(&exchange);
    let keys = [typed("4jj\r"), vec![Key::Esc]].concat();
    assert!(burst(&mut console, &keys).contains("Needs attention"), "{}", console.text(SIZE));
    let filter = "store:NOWHERE".to_owned();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, filter));
    assert!(burst(&mut console, &typed("\r")).contains("There is no row in this list."), "{}", console.text(SIZE));
}

#[test]
fn a_time_before_the_oldest_row_shows_that_row_and_says_so() {
    let exchange = night();
    for route in [Route::Sessions(Direction::Download, String::new()), Route::Messages(String::new())] {
        let mut console = TestConsole::open(&exchange, COLOR, route);
        console.text(SIZE);
        console.press(&typed("t2020-01-01\r"));
        let text = console.text(SIZE);
        assert!(text.contains("Nothing is of that time; the oldest is of 2026-11-2"), "{text}");
        assert!(text.lines().any(|line| line.starts_with('►')), "{text}");
    }
}

#[test]
fn a_new_order_is_shown_from_the_top() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    console.text(SIZE);
    console.press(&typed("G"));
    assert!(sort_by(&mut console, |item| item.starts_with("Try")));
    let text = console.text(SIZE);
    assert!(text.contains("Try▼") || text.contains("Try ▼"), "{text}");
    assert!(text.lines().nth(2).is_some_and(|rule| rule.contains("1-")), "{text}");
    assert!(text.lines().nth(4).is_some_and(|row| row.starts_with('►')), "{text}");
}

#[test]
fn a_date_that_is_not_one_is_refused_at_its_field() {
    let exchange = night();
    for (keys, fault) in [
        ("2027-02-30\n\n", "Not yet: Scheduled start: no such date; write one such as "),
        ("12-24\n\n", "Not yet: Scheduled start: "),
        ("5\n\n", "Not yet: Scheduled start: "),
        ("2027-02-15\t^\n\n", "Not yet: Scheduled start: "),
        ("2027-02-15\t12\n\n", "submitted"),
        ("^2027-02-15\n\n", "submitted"),
    ] {
        let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
        console.press(&[Key::PageDown, Key::Char(' '), Key::Tab, Key::Tab]);
        let clear = |key| if key == Key::Char('^') { Key::Ctrl('u') } else { key };
        console.press(&typed(keys).into_iter().map(clear).collect::<Vec<_>>());
        let said = match fault {
            "submitted" => console.perform_mutation(&exchange),
            _ => console.text(SIZE),
        };
        assert!(said.contains(fault), "{keys}: {said}");
    }
    let starts = exchange.at_head_office("select first_start from batch_job order by job_id");
    assert!(starts.len() == 2 && starts.iter().all(|start| start.starts_with("18026")), "{starts:?}");
}
