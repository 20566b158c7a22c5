//! The commands for the next and the previous error, in every order and within filters.

use crate::screens::{COLOR, TestConsole};
use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, applied_sessions, download};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;

fn current(console: &mut TestConsole) -> String {
    let screen = console.text((80, 24));
    screen.lines().find(|line| line.starts_with('►')).unwrap_or_default().to_owned()
}

#[test]
fn e_finds_the_next_failure_across_pages_and_reports_wrapping() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..900));
    // The oldest and the newest row; messages and sessions are listed newest first.
    let oldest = download(0, 5_001, "S0901", APPLY_FAILED);
    let newest = download(999_000, 5_002, "S0902", APPLY_FAILED);
    exchange.post(&[oldest, newest]);
    exchange.cdx(&["process"]).exits(0);
    for target in [Route::Messages(String::new()), Route::Sessions(Direction::Download, String::new())] {
        let mut console = TestConsole::open(&exchange, COLOR, target.clone());
        console.text((80, 24));
        assert!(current(&mut console).contains("5002"), "{target:?}: {}", console.text((80, 24)));
        console.press(&[Key::Char('e')]);
        assert!(current(&mut console).contains("5001"), "{target:?}: {}", console.text((80, 24)));
        console.press(&[Key::Char('e')]);
        assert!(current(&mut console).contains("5002"), "{target:?}: {}", console.text((80, 24)));
        assert!(console.text((80, 24)).contains("on from the top"), "{target:?}: {}", console.text((80, 24)));
        console.press(&[Key::Char('E')]);
        assert!(current(&mut console).contains("5001"), "{target:?}: {}", console.text((80, 24)));
        assert!(console.text((80, 24)).contains("on from the end"), "{target:?}: {}", console.text((80, 24)));
    }
    // The filter contains only one.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages("store:S0901".to_owned()));
    console.text((80, 24));
    console.press(&[Key::Char('e')]);
    assert!(console.text((80, 24)).contains("the only failure"), "{}", console.text((80, 24)));
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages("store:S0001".to_owned()));
    console.text((80, 24));
    console.press(&[Key::Char('e')]);
    assert!(console.text((80, 24)).contains("No failure in this list"), "{}", console.text((80, 24)));
}
