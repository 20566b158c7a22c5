//! Screens on wide terminals: panes beside lists, widths of columns, and which pane the keys reach.

use crate::screens::{COLOR, NOW, TestConsole, night, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, REQUESTED, download};
use cdx_console::console::app::Input;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::store::message_database::NewMessage;

const WIDE: (u16, u16) = (200, 60);
/// Wide enough for a list of sessions with all its columns, and two panes.
const WIDEST: (u16, u16) = (330, 60);

fn downloads(exchange: &Exchange) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    console.buffer(WIDE);
    console
}

/// Returns the columns of a screen as texts, split at their vertical lines.
fn columns(screen: &str) -> Vec<String> {
    let heading = screen.lines().nth(2).expect("a heading");
    let ends = heading.chars().enumerate().filter(|(_, c)| *c == '┬').map(|(x, _)| x);
    let ends: Vec<_> = ends.chain([heading.chars().count()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().map(|x| x + 1));
    let part = |(start, end): (usize, &usize)| {
        let row = |line: &str| line.chars().skip(start).take(end - start).collect::<String>();
        screen.lines().skip(2).take(56).map(row).collect::<Vec<_>>().join("\n")
    };
    starts.zip(&ends).map(part).collect()
}

/// One session of three messages whose error is long.
fn failure() -> Exchange {
    let exchange = Exchange::new();
    let text = (0..120).map(|line| format!("line {line} of a long error")).collect::<Vec<_>>().join("\n");
    let at = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
    let long = NewMessage { message: Some(text), ..download(12, 7, "HOUSTON-STORE-0131", APPLY_FAILED) };
    let other = NewMessage {
        message: Some("short".to_owned()),
        ..download(13, 8, "HOUSTON-WAREHOUSE-STORE-0132", APPLY_FAILED)
    };
    let messages = [
        (download(10, 7, "HOUSTON-STORE-0131", REQUESTED), at(20)),
        (download(11, 7, "HOUSTON-STORE-0131", DOWNLOADED), at(10)),
        (long, at(1)),
        (other, at(2)),
    ];
    let messages: Vec<_> =
        messages.into_iter().map(|(message, at)| (NewMessage { occurred_at: at, ..message }, at)).collect();
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

#[test]
fn the_messages_of_a_session_are_in_a_third_column_and_the_list_keeps_its_own() {
    let exchange = failure();
    let mut console = downloads(&exchange);
    console.press(&typed("jk"));
    let screen = console.text(WIDEST);
    let parts = columns(&screen);
    assert_eq!(parts.len(), 3, "{screen}");
    assert!(parts[1].contains("7 on HOUSTON-STORE-0131 · job 1040"), "{}", parts[1]);
    for text in ["What happened: 3 messages", "→ Requested", "10 min later", "× Apply failed", "9 min later"] {
        assert!(parts[2].contains(text), "{text}:\n{}", parts[2]);
    }
    assert!(!parts[1].contains("+10 min"), "{}", parts[1]);
    let parts = columns(&console.press(&typed("j")).text(WIDEST));
    assert!(parts[1].contains("Next:") && parts[2].contains("1 message"), "{parts:?}");
    console.press(&typed("k"));
    // Where the columns of the list need the whole width, the panes are side by side below it.
    for size in [(160, 40), (200, 60)] {
        let screen = console.text(size);
        assert!(columns(&screen).len() == 1 && screen.contains("── 7 on HOUSTON"), "{screen}");
        let rule = screen.lines().find(|line| line.contains("── 7 on HOUSTON")).expect("a rule");
        assert!(rule.contains('┬') && rule.contains("What happened: 3 messages"), "{screen}");
        assert!(screen.contains("Created") && screen.contains("Requested"), "all columns: {screen}");
    }
    // On a narrower screen, the details have the same facts.
    for size in [(159, 60), (120, 40), (80, 24)] {
        let screen = console.text(size);
        assert!(columns(&screen).len() == 1 && screen.contains("── 7 on HOUSTON"), "{screen}");
    }
}

#[test]
fn a_wider_screen_shows_no_fewer_columns_of_a_list() {
    let exchange = failure();
    for route in [
        Route::Sessions(Direction::Download, String::new()),
        Route::Messages(String::new()),
        Route::Errors,
        Route::Connections,
        Route::Rejected,
        Route::Runs,
    ] {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        let mut before = 0;
        for width in (60..=240).step_by(4) {
            let screen = console.text((width, 40));
            let row = screen.lines().nth(3).expect("the headings");
            let list = row.split(['│', '┤', '├']).next().unwrap_or(row);
            let headings = list.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            assert!(headings >= before, "{route:?} at {width}: {headings} after {before}\n{screen}");
            before = before.max(headings);
        }
    }
}

#[test]
fn tab_reaches_each_column_which_scrolls_by_itself_and_finds_text() {
    let exchange = failure();
    let mut console = downloads(&exchange);
    let mut press = |keys: &[Key]| {
        for key in keys {
            console.buffer(WIDEST);
            let effects = console.app.update(Input::Key(key.clone()), NOW);
            console.settle(effects);
        }
        let effects = console.app.update(Input::Debounced, NOW);
        console.settle(effects);
        columns(&console.text(WIDEST))
    };
    let focused = |parts: &[String]| parts.iter().map(|part| part.contains('═')).collect::<Vec<_>>();
    assert_eq!(focused(&press(&[])), [true, false, false]);
    assert_eq!(focused(&press(&[Key::Tab])), [false, true, false]);
    let parts = press(&[Key::Tab]);
    assert_eq!(focused(&parts), [false, false, true]);
    assert!(parts[2].contains("→ Requested") && !parts[2].contains("line 119 of"), "{}", parts[2]);
    let parts = press(&[Key::Char('G')]);
    assert!(parts[2].contains("line 119 of") && !parts[2].contains("→ Requested"), "{}", parts[2]);
    assert!(parts[1].contains("line 0 of"), "the details stay: {}", parts[1]);
    assert!(parts[0].contains("►") || parts[0].contains("›"), "the cursor stays: {}", parts[0]);
    let parts = press(&[typed("/line 60 of"), vec![Key::Enter]].concat());
    assert!(parts[2].contains("line 60 of") && !parts[2].contains("line 119 of"), "{}", parts[2]);
    assert_eq!(focused(&press(&[Key::BackTab])), [false, true, false]);
    assert_eq!(focused(&press(&[Key::BackTab, Key::BackTab])), [false, false, true]);
    assert_eq!(focused(&press(&[Key::Esc])), [true, false, false]);
    // Another row begins at the top.
    let parts = press(&typed("j"));
    assert!(parts[2].contains("What happened: 1 message") && parts[2].contains("short"), "{}", parts[2]);
}

#[test]
fn plus_and_minus_change_the_width_of_panes_beside_a_list_and_it_is_saved() {
    let exchange = failure();
    let mut console = downloads(&exchange);
    let width =
        |console: &mut TestConsole| columns(&console.text(WIDEST))[1].lines().next().map(|row| row.chars().count());
    assert_eq!(width(&mut console), Some(49));
    for (key, expected) in [('+', 53), ('+', 57), ('-', 53)] {
        console.text(WIDEST);
        console.app.update(Input::Key(Key::Char(key)), NOW);
        assert_eq!(width(&mut console), Some(expected));
    }
    console.press(&typed("3"));
    let memory = console.app.memory().clone();
    assert_eq!(memory.lists["download sessions"].wider, 4);
    let mut console =
        TestConsole::open_with(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()), memory);
    assert_eq!(width(&mut console), Some(53));
    // Below the list, the keys change the height.
    let rows = |screen: &str| screen.lines().position(|line| line.starts_with("──"));
    let before = rows(&console.text((80, 24)));
    console.app.update(Input::Key(Key::Char('+')), NOW);
    assert_eq!(rows(&console.text((80, 24))), before.map(|row| row - 1));
}

#[test]
fn no_cell_is_cut_while_its_row_has_blank_space() {
    let exchange = failure();
    let mut console = downloads(&exchange);
    let row = |console: &mut TestConsole, size, what: &str| {
        let screen = console.text(size);
        let line = screen.lines().find(|line| line.contains(what));
        line.map_or_else(|| panic!("{what}: {screen}"), str::to_owned)
    };
    // The store's name is longer than its column, which takes what wider columns do not need.
    let line = row(&mut console, (120, 40), "02:12:21");
    assert!(line.contains("HOUSTON-WAREHOUSE-STORE-0132") && line.contains("short"), "{line}");
    let line = row(&mut console, (80, 24), "02:13:21");
    assert!(line.contains("HOUSTON-STORE-0131"), "{line}");
    // Without room, what distinguishes names stays.
    let line = row(&mut console, (80, 24), "02:12:21");
    assert!(line.contains("HOUSTON-") && line.contains("…") && line.contains("-0132"), "{line}");
    // A name before blank cells continues over them.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages(String::new()));
    let line = row(&mut console, (200, 40), "→ Requested");
    assert!(line.contains("AsyncClient-HOUSTON-STORE-0131"), "{line}");
}

#[test]
fn columns_do_not_shrink_again_while_a_list_stays_open() {
    let exchange = failure();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Connections);
    let size = (130, 40);
    let at = |screen: &str| screen.lines().nth(3).and_then(|line| line.find("Last message"));
    let before = at(&console.text(size));
    assert!(before > Some(30), "the longer name: {before:?}");
    console.press(&[typed("/store:houston-s*"), vec![Key::Enter]].concat());
    let screen = console.text(size);
    assert!(screen.contains("1 of 2") && at(&screen) == before, "{screen}");
}

#[test]
fn a_short_list_has_its_pane_beside_it_where_both_fit_without_cut_cells() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Rejected);
    for (width, parts) in [(109, 1), (120, 1), (200, 2)] {
        let screen = console.text((width, 40));
        assert_eq!(columns(&screen).len(), parts, "{screen}");
        assert!(screen.contains("session_number"), "{screen}");
    }
    console.press(&[Key::Tab]);
    let parts = columns(&console.text(WIDE));
    assert!(parts[1].starts_with("══") && parts[0].starts_with("──"), "{}", parts[0]);
}

#[test]
fn a_session_has_its_facts_beside_what_happened() {
    let exchange = failure();
    let key = cdx_console::domain::SessionKey {
        direction: Direction::Download,
        session_number: 7,
        channel_database: "HOUSTON-STORE-0131".to_owned(),
    };
    let mut console = TestConsole::open(&exchange, COLOR, Route::Session(key));
    let size = (120, 40);
    let parts = columns(&console.text(size));
    assert!(parts.len() == 2 && parts[0].contains("try ") && parts[1].contains("What happened"), "{parts:?}");
    assert!(!parts[1].contains("line 119"));
    console.app.update(Input::Key(Key::Char('G')), NOW);
    let parts = columns(&console.text(size));
    assert!(parts[1].contains("line 119") && parts[0].contains("line 0 of"), "{}", parts[0]);
    console.app.update(Input::Key(Key::Tab), NOW);
    console.app.update(Input::Key(Key::Char('G')), NOW);
    let parts = columns(&console.text(size));
    assert!(parts[0].contains("line 119") && !parts[0].contains("line 0 of"), "{}", parts[0]);
    let narrow = console.text((109, 40));
    assert!(columns(&narrow).len() == 1 && narrow.contains("line 119"), "{narrow}");
}

#[test]
fn the_overview_has_two_columns_then_three_and_a_chart_over_the_whole_width() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    for (width, parts) in [(80, 1), (109, 1), (110, 2), (159, 2), (160, 3), (200, 3)] {
        let screen = console.text((width, 40));
        assert_eq!(columns(&screen).len(), parts, "{screen}");
    }
    let screen = console.text(WIDE);
    let parts = columns(&screen);
    assert!(parts[0].contains("Needs attention") && parts[1].contains("Recent errors by cause"), "{screen}");
    assert!(parts[2].contains("Process status messages") && parts[2].contains("96 read"), "{screen}");
    // What is cut elsewhere is whole, on further rows.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&parts[1]).contains("ECORESPRODUCTTRANSLATION"), "{}", parts[1]);
    // Each stretch of the chart is two cells wide, as are the marks of the chosen one.
    console.press(&[Key::BackTab]);
    let buffer = console.buffer(WIDE);
    let chosen =
        |y: u16| (0..200).filter(|x| buffer[(*x, y)].modifier.contains(ratatui::style::Modifier::REVERSED)).count();
    assert_eq!((50..57).map(chosen).max(), Some(2));
}

#[test]
fn the_card_of_a_store_shows_what_is_known_of_it_and_leads_to_its_sessions() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Connections);
    console.press(&[typed("/store:S0131"), vec![Key::Enter, Key::Enter]].concat());
    for size in [(80, 24), (120, 40), WIDE] {
        let screen = console.text(size);
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "S0131",
            "1 session failed",
            "Failed to run SqlWriteRequestRunner",
            "Sessions none in progress",
            "both directions",
        ] {
            assert!(words.contains(text), "{text} at {size:?}:\n{screen}");
        }
        assert!(screen.contains("► 02:05:21    Download  × Apply failed"), "{screen}");
    }
    assert!(console.text(WIDE).contains("Agent      AsyncClient-S0131"), "{}", console.text(WIDE));
    // Enter opens the session, r leads to the messages among others, a edits the note.
    assert!(console.press(&[Key::Enter]).text(WIDE).contains("1084971 on S0131 · job 1040"));
    console.press(&[Key::Esc]);
    assert!(console.press(&typed("rjjjj\r")).text(WIDE).contains("Status messages at head office · store:"));
    console.press(&[Key::Esc]);
    assert!(console.press(&typed("a")).text(WIDE).contains("Zone of the store…"));
    console.press(&[Key::Esc, Key::Esc]);
    assert!(console.text(WIDE).contains("Async Server connection status · store:"), "{}", console.text(WIDE));
    // The list of connections still leads to the messages.
    assert!(console.press(&typed("rjjjj\r")).text(WIDE).contains("Status messages at head office · store:"));
}

#[test]
fn the_card_of_a_store_says_what_is_in_progress_and_since_when() {
    let exchange = Exchange::new();
    let at = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
    let messages = [
        (download(10, 7, "S0001", APPLIED), at(300)),
        (download(11, 8, "S0001", REQUESTED), at(200)),
        (download(12, 9, "S0001", DOWNLOADED), at(100)),
        (download(13, 9, "S0002", DOWNLOADED), at(50)),
    ];
    let messages: Vec<_> =
        messages.into_iter().map(|(message, at)| (NewMessage { occurred_at: at, ..message }, at)).collect();
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let screen = TestConsole::open(&exchange, COLOR, Route::Store("S0001".to_owned())).text(WIDE);
    for text in [
        "Open       no session has failed",
        "Sessions   2 downloads in progress, the oldest of 3 h 20 min ago",
        "Backlog    0 rows to apply: 1 Requested, 1 Downloaded",
        "; silent for 1 h 40 min",
        "Apply      11-23 21:14, 5 h 0 min ago: session 7, job 1040",
        "Upload     none among the recent sessions",
        "Recent sessions, both directions",
    ] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
    assert!(!screen.contains("S0002"), "{screen}");
    let screen = TestConsole::open(&exchange, COLOR, Route::Store("nowhere".to_owned())).text(WIDE);
    assert!(screen.contains("No message names it") && screen.contains("No session among those"), "{screen}");
}

/// The rule of the histogram.
fn histogram_rule(console: &mut TestConsole, size: (u16, u16)) -> String {
    let text = console.text(size);
    text.lines().find(|line| line.contains("Last 24 hours")).expect("a histogram").to_owned()
}

#[test]
fn the_histogram_of_the_overview_is_finer_where_there_is_room() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    assert!(histogram_rule(&mut console, (120, 40)).contains("15 minutes a column"));
    for (width, minutes) in [(160, 10), (200, 15), (300, 5), (80, 20)] {
        let rule = histogram_rule(&mut console, (width, 40));
        assert!(rule.contains(&format!("{minutes} minutes a column")), "{rule}");
        assert!(rule.contains("95 messages") || rule.contains("96 messages"), "{rule}");
    }
}

#[test]
fn the_histogram_of_a_list_is_finer_where_there_is_room() {
    let exchange = night();
    for route in [Route::Messages(String::new()), Route::Sessions(Direction::Download, String::new())] {
        let mut console = TestConsole::open(&exchange, COLOR, route);
        console.press_at(&typed("i"), (160, 40));
        assert!(histogram_rule(&mut console, (160, 40)).contains("counting"), "other columns are drawn now");
        let counted = |console: &mut TestConsole, width| {
            console.buffer((width, 40));
            let effects = console.app.update(Input::Debounced, NOW);
            console.settle(effects);
            histogram_rule(console, (width, 40))
        };
        assert!(counted(&mut console, 160).contains(" 02:00:00: "), "the newest column with rows");
        console.press_at(&[Key::End], (160, 40));
        assert!(histogram_rule(&mut console, (160, 40)).contains(" 02:10:00: "), "the present column");
        console.press_at(&[Key::Right], (160, 40));
        assert!(histogram_rule(&mut console, (160, 40)).contains(" 02:10:00: "), "none is in the future");
        console.press_at(&[Key::Tab], (120, 40));
        for (width, minutes) in [(120, 15), (160, 10), (300, 5), (80, 20)] {
            let rule = counted(&mut console, width);
            assert!(rule.contains(&format!("{minutes} minutes a column")), "{rule}");
        }
    }
}

#[test]
fn a_range_of_the_histogram_is_summed_and_listed() {
    let exchange = night();
    let size = (100, 40);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    console.buffer(size);
    console.press(&typed("i")).press(&typed("v"));
    console.press(&vec![Key::Left; 3]);
    let rule = histogram_rule(&mut console, size);
    assert!(rule.contains("01:00:00 to 02:20:00: 5 messages, 5 errors (100 %)"), "{rule}");
    console.press(&[Key::Enter]);
    let text = console.text(size);
    assert!(text.contains("from:01:00 to:\"11-24 02:20\""), "{text}");
    assert!(text.contains("1-5 of 5"), "{text}");
    // Esc returns to the range, once more ends it.
    console.press(&[Key::Esc]);
    assert!(histogram_rule(&mut console, size).contains("01:00:00 to 02:20:00"));
    console.press(&[Key::Esc]);
    assert!(histogram_rule(&mut console, size).contains("01:00:00: 1 message, 1 error"));
    // The same in a list.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages(String::new()));
    console.press(&typed("iv")).press(&vec![Key::Left; 3]);
    assert!(histogram_rule(&mut console, size).contains("01:00:00 to 02:20:00: 5 messages, 5 errors (100 %)"));
    console.press(&[Key::Enter]);
    assert!(console.text(size).contains("1-5 of 5"), "{}", console.text(size));
}
