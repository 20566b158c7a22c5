//! Configured keys are shown in footers, hints, dialogs and sentences.

use crate::screens::{TestConsole, typed};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;

const SIZE: (u16, u16) = (120, 40);

fn rebound() -> Keymap {
    let given = [
        ("process", "F6"),
        ("place_7", "F7"),
        ("menu", "F8"),
        ("help", "F9"),
        ("quit", "F11"),
        ("back", "F12"),
        ("undo", "F3"),
        ("open", "F4"),
        ("filter", "="),
        ("actions", "&"),
        ("mark_range", "U"),
        ("sort", "$"),
    ];
    Keymap::new(&given.map(|(name, key)| (name.to_owned(), key.to_owned(), 1))).expect("valid")
}

/// Presses keys and expects texts on the screen.
fn shows(console: &mut TestConsole, pressed: &[Key], texts: &[&str]) {
    console.press(pressed);
    let screen = console.text(SIZE);
    for text in texts {
        assert!(screen.contains(text), "{text} after {pressed:?}:\n{screen}");
    }
}

#[test]
fn footers_hints_and_sentences_show_rebound_keys() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open_with_keys(&exchange, rebound(), Route::Overview);
    shows(&mut console, &[], &["F6 updates the status, F8 opens the menu, F9 helps", "F6 runs it now", "F7 shows"]);
    shows(&mut console, &[], &["F4 open", "F9 help", "F11 quit"]);
    shows(&mut console, &[Key::F(8)], &["F4 open", "= find", "F12 close"]);
    shows(&mut console, &[Key::F(12), Key::F(9)], &["= find", "F12 close"]);
    shows(&mut console, &[Key::F(12), Key::F(12)], &["This is the first screen; F11 quits."]);
    shows(&mut console, &[Key::Ctrl('c')], &["F11 quits, y copies"]);
}

#[test]
fn sentences_and_dialogs_of_lists_show_rebound_keys() {
    let exchange = crate::screens::night();
    let downloads = Route::Sessions(Direction::Download, String::new());
    let mut console = TestConsole::open_with_keys(&exchange, rebound(), downloads);
    shows(&mut console, &typed("=status:failed\n"), &["Filter: status:failed  (F12 clears it)"]);
    shows(&mut console, &typed("U"), &["U at its other end marks it, F12 cancels it."]);
    shows(&mut console, &[Key::F(12)], &["Filter: status:failed"]);
    shows(&mut console, &typed("$"), &["F4 choose  F12 cancel"]);
    shows(&mut console, &[Key::F(12)], &[]);
    shows(&mut console, &typed("&c"), &["while no agent has taken the request (F3)."]);
    let mut console = TestConsole::open_with_keys(&exchange, rebound(), Route::Runs);
    shows(&mut console, &typed("=nowhere\n"), &["0 of 1. F12 clears the filter."]);
}

#[test]
fn a_dialog_shows_and_takes_the_rebound_help_key_only() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open_with_keys(&exchange, rebound(), Route::Process);
    shows(&mut console, &typed("?"), &["F9 help", "What OK will do"]);
    shows(&mut console, &[Key::F(9)], &["Help: this form"]);
}
