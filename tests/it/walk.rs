//! The whole console by keyboard: every menu line is opened and left, every form is filled in,
//! canceled and confirmed.

use crate::screens::{COLOR, TestConsole};
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use std::collections::BTreeSet;

const SIZE: (u16, u16) = (120, 40);

/// Parses keys: `\r` Enter, `\t` Tab, `\u{1b}` Esc, `\u{8}` Backspace, `>` page down, `<` page up.
fn keys(typed: &str) -> Vec<Key> {
    let key = |c| match c {
        '\r' => Key::Enter,
        '\t' => Key::Tab,
        '\u{1b}' => Key::Esc,
        '\u{8}' => Key::Backspace,
        '>' => Key::PageDown,
        '<' => Key::PageUp,
        c => Key::Char(c),
    };
    typed.chars().map(key).collect()
}

fn notice(screen: &str) -> String {
    screen.lines().rev().nth(1).expect("a notice row").trim().to_owned()
}

#[test]
fn every_menu_line_is_reached_and_left_by_keyboard() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    console.text(SIZE);
    // Find all lines by moving the cursor down.
    let (mut steps, mut last, mut places) = (0, String::new(), Vec::new());
    console.press(&keys("mg"));
    loop {
        let line = notice(&console.text(SIZE));
        if line == last {
            break;
        }
        if let Some((path, short)) = line.rsplit_once(" :") {
            places.push((steps, path.trim().to_owned(), short.to_owned()));
        }
        last = line;
        steps += 1;
        console.press(&keys("j"));
    }
    console.press(&keys("\u{1b}"));
    assert!(places.len() >= 17, "{places:?}");
    let shorts: BTreeSet<_> = places.iter().map(|(.., short)| short.split(' ').next().expect("a word")).collect();
    assert_eq!(shorts.len(), places.len(), "every screen has a unique short name");
    for (steps, path, short) in &places {
        let name = path.rsplit(" › ").next().expect("a name");
        let arrived = |console: &mut TestConsole, by: &str| {
            let screen = console.text(SIZE);
            let breadcrumb = screen.lines().next().expect("a row");
            assert!(breadcrumb.contains(name), "{by} leads to {breadcrumb}");
            assert!(!screen.contains("reading …"), "{name} never comes:\n{screen}");
        };
        console.press(&keys("mg"));
        console.press(&vec![Key::Down; *steps]);
        console.press(&keys("\r"));
        arrived(&mut console, path);
        console.press(&keys("\u{1b}"));
        assert!(console.text(SIZE).contains("Needs attention"), "Esc leads back from {path}");
        let short = short.split(' ').next().expect("a word");
        console.press(&keys(&format!(":{short}\r")));
        arrived(&mut console, short);
        console.press(&keys("\u{1b}"));
        assert!(console.text(SIZE).contains("Needs attention"), "Esc leads back from {short}");
    }
    assert_eq!(console.effects.iter().find(|effect| !is_reading(effect)), None, "navigating changes nothing");
}

#[test]
fn every_palette_entry_and_every_help_leads_somewhere_and_back_without_a_change() {
    let exchange = crate::batch_screens::night();
    for short in ["ov", "us", "bj", "er"] {
        let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
        console.text(SIZE);
        let to_screen = |console: &mut TestConsole| {
            // Esc closes overlays and forms and leaves screens; n answers what they ask.
            for _ in 0..12 {
                if console.text(SIZE).contains("This is the first screen") {
                    break;
                }
                console.press(&keys("\u{1b}"));
                let screen = console.text(SIZE);
                if screen.contains("Discard the changes?") {
                    console.press(&keys("y"));
                }
            }
            console.press(&keys(&format!(":{short}\r")));
        };
        to_screen(&mut console);
        let help = console.press(&keys("?")).text(SIZE);
        assert!(help.contains("Help: keys"), "{short}:\n{help}");
        console.press(&keys("\u{1b}"));
        let here = console.text(SIZE).lines().next().map(str::to_owned);
        // Jobs' own actions are the same for each job: those of the screen, and the first of the
        // jobs.
        for at in 0..70 {
            console.press(&keys(":"));
            console.press(&vec![Key::PageDown; at / 8]);
            console.press(&vec![Key::Down; at % 8]);
            let line = notice(&console.text(SIZE));
            let leaves = line.contains("quit; asks first") || line.starts_with("suspend");
            // In ASCII the screens look otherwise.
            if leaves || line.starts_with("Theme: ASCII") {
                console.press(&keys("\u{1b}"));
                continue;
            }
            let palette = console.text(SIZE);
            console.press(&keys("\r"));
            let screen = console.text(SIZE);
            assert_ne!(screen, palette, "{short}: {line} does something");
            assert!(!screen.contains("reading …"), "{short}: {line} never comes:\n{screen}");
            to_screen(&mut console);
            assert_eq!(console.text(SIZE).lines().next().map(str::to_owned), here, "{short}: back from {line}");
        }
        let change = console
            .effects
            .iter()
            .find(|effect| matches!(effect, RuntimeEffect::Mutation(_)) && !is_reading(effect) && !is_theme(effect));
        assert_eq!(change, None, "{short}: the palette changes nothing by itself");
    }
}

/// Whether an effect only marks notifications as read.
fn is_reading(effect: &RuntimeEffect) -> bool {
    format!("{effect:?}").contains("NoteRead")
}

/// Whether an effect only saves the operator's theme.
fn is_theme(effect: &RuntimeEffect) -> bool {
    format!("{effect:?}").contains("console theme")
}

/// A form: the keys that open it from the Overview, its title, the keys that fill it in, and those
/// that press OK.
struct Form {
    opened: &'static str,
    shows: &'static str,
    filled: &'static str,
    ok: &'static str,
    comes: &'static str,
}

const FORMS: [Form; 8] = [
    // The Batch tab: batch processing, a description.
    Form { opened: "p>", shows: "Runs once, now", filled: " \t\t\t\t\t\t3", ok: "\r\r", comes: "Submit" },
    // The recurrence form opens over it and is applied; then OK of the tab.
    Form { opened: "p> \t\r", shows: "Quick entry", filled: "15m wd", ok: "\r\r\r\r", comes: "Submit" },
    // The alerts form opens over the tab; then OK of the tab.
    Form { opened: "p> \t\t\t\t\t\r", shows: "Alerts", filled: " ", ok: "\r\r\r\r", comes: "Submit" },
    // A job's own recurrence and alerts.
    Form { opened: "7jjjar", shows: "Quick entry", filled: "daily 05:00", ok: "\r\r", comes: "Change(4" },
    Form { opened: "7jjjat", shows: "Alerts", filled: " ", ok: "\r\r", comes: "SetAlerts(4" },
    // Both tabs of the parameters.
    Form {
        opened: ":rsp\r",
        shows: "Days to keep session history",
        filled: "305",
        ok: "\r\r",
        comes: "RetentionDays, 305",
    },
    Form { opened: ":rsp\r<", shows: "Try count", filled: "+", ok: "\r\r", comes: "TryCount, 4" },
    // A server's windows.
    Form { opened: ":sc\rj\r", shows: "Batch server schedule", filled: "\t\t9", ok: "\r\r", comes: "ChangeServer" },
];

/// The lines of a screen without breadcrumb, freshness, notice and hints.
fn form(screen: &str) -> String {
    screen.lines().skip(2).take(usize::from(SIZE.1) - 4).collect::<Vec<_>>().join("\n")
}

/// Leaves the forms one by one and discards what they hold.
fn leave_all(console: &mut TestConsole) {
    for _ in 0..4 {
        if console.press(&keys("\u{1b}")).text(SIZE).contains("Discard the changes?") {
            console.press(&keys("y"));
        }
    }
}

#[test]
fn every_form_can_be_filled_in_canceled_and_confirmed_by_keyboard() {
    let exchange = crate::batch_screens::night();
    for Form { opened, shows, filled, ok, comes } in FORMS {
        let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
        console.text(SIZE);
        let name = format!("{opened:?}");
        console.press(&keys(opened));
        let fresh = console.text(SIZE);
        assert!(fresh.contains(shows), "{name} opens:\n{fresh}");
        // Without a change neither Esc nor Cancel asks; moving and refused keys change nothing.
        for leave in [&[Key::Esc][..], &[Key::BackTab, Key::Enter]] {
            console.press(&[Key::Tab, Key::End, Key::Home, Key::Char('~'), Key::BackTab]).press(leave);
            let left = console.text(SIZE);
            assert!(!left.contains("Discard") && form(&left) != form(&fresh), "{name}: {leave:?} leaves:\n{left}");
            leave_all(&mut console);
            console.press(&keys(opened));
        }
        let before = console.effects.len();
        // After input, Esc asks, and any key but y keeps the input.
        console.press(&keys(filled));
        let full = console.text(SIZE);
        assert_ne!(full, fresh, "{name}: what is typed shows");
        let asked = console.press(&[Key::Esc]).text(SIZE);
        assert!(asked.contains("Discard the changes?"), "{name}: Esc asks:\n{asked}");
        console.press(&keys("n"));
        assert_eq!(form(&console.text(SIZE)), form(&full), "{name} stays as it was");
        let asked = console.press(&[Key::Enter, Key::Right, Key::Enter]).text(SIZE);
        assert!(asked.contains("Discard the changes?"), "{name}: Cancel asks:\n{asked}");
        console.press(&keys("n"));
        // With y the forms close one by one, and nothing is changed.
        leave_all(&mut console);
        assert!(console.text(SIZE).contains("Needs attention"), "{name} is left:\n{}", console.text(SIZE));
        assert_eq!(console.effects.len(), before, "{name}: {:?}", console.effects);
        // Filled in again, OK makes one mutation.
        console.press(&keys(opened)).press(&keys(filled)).press(&keys(ok));
        let changes: Vec<_> = console.effects[before..].iter().map(|effect| format!("{effect:?}")).collect();
        assert!(
            changes.len() == 1 && changes[0].contains(comes),
            "{name} comes to {changes:?}:\n{}",
            console.text(SIZE)
        );
    }
}

#[test]
fn an_unchanged_form_closes_without_a_question() {
    let exchange = crate::batch_screens::night();
    for Form { opened, shows, .. } in FORMS {
        // Two of them are opened by ticking batch processing, which is a change itself.
        if opened.contains(' ') {
            continue;
        }
        let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
        console.text(SIZE);
        console.press(&keys(opened));
        assert!(console.text(SIZE).contains(shows));
        for _ in 0..3 {
            console.press(&keys("\u{1b}"));
            assert!(!console.text(SIZE).contains("hrow"), "{opened:?}: {}", console.text(SIZE));
        }
        assert!(console.text(SIZE).contains("Needs attention"), "{opened:?}");
        assert_eq!(console.effects, []);
    }
}

#[test]
fn the_ticks_of_the_general_tab_decide_what_a_run_does() {
    let exchange = crate::batch_screens::night();
    let run = |typed: &str| {
        let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
        console.text(SIZE);
        console.press(&keys(typed));
        let effects = console.effects.iter().map(|effect| format!("{effect:?}")).collect::<Vec<_>>();
        (effects, console.text(SIZE))
    };
    let (effects, _) = run("p\r");
    assert!(effects.len() == 1 && effects[0].contains("transfer: true, purge: true"), "{effects:?}");
    // OK, Cancel, transfer, purge: without the purge.
    let (effects, screen) = run("p\t\t\t \r\r");
    assert!(effects.len() == 1 && effects[0].contains("transfer: true, purge: false"), "{effects:?}\n{screen}");
    let (effects, screen) = run("p\t\t \t \r\r");
    assert!(effects.is_empty() && screen.contains("Nothing to do"), "{effects:?}\n{screen}");
}
