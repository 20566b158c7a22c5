//! Interaction with the console as a state machine: decoding, quitting, saved list state, searches,
//! exports, palette.

use crate::screens::{COLOR, NOW, TestConsole, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, download};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::key_table::TABLE;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::runtime::input::{Decoded, Decoder};
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::store::message_database::NewMessage;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (80, 24);

fn downloads() -> Route {
    Route::Sessions(Direction::Download, String::new())
}

/// The bytes that a terminal sends for a key.
fn sent(key: &Key) -> Vec<u8> {
    let named = match key {
        Key::Char(c) => return c.to_string().into_bytes(),
        Key::Ctrl(c) => return vec![*c as u8 - b'a' + 1],
        Key::Enter => "\r",
        Key::Esc => "\u{1b}",
        Key::Tab => "\t",
        Key::BackTab => "\u{1b}[Z",
        Key::Backspace => "\u{7f}",
        Key::Up => "\u{1b}[A",
        Key::Down => "\u{1b}OB",
        Key::Left => "\u{1b}[D",
        Key::Right => "\u{1b}OC",
        Key::PageUp => "\u{1b}[5~",
        Key::PageDown => "\u{1b}[6~",
        Key::Home => "\u{1b}[1~",
        Key::End => "\u{1b}[F",
        Key::F(1) => "\u{1b}OP",
        Key::F(5) => "\u{1b}[15~",
        Key::F(10) => "\u{1b}[21~",
        other => panic!("no bytes are defined for {other:?}"),
    };
    named.as_bytes().to_vec()
}

#[test]
fn every_key_decodes_the_same_when_split_after_any_byte() {
    for key in TABLE.iter().flat_map(|binding| binding.keys) {
        let bytes = sent(key);
        for split in 0..bytes.len() {
            let mut decoder = Decoder::new(Duration::from_millis(50));
            let start = Instant::now();
            let (first, rest) = bytes.split_at(split);
            let mut keys = decoder.feed(first, start);
            let later = start + Duration::from_millis(30);
            keys.extend(decoder.expire(later));
            keys.extend(decoder.feed(rest, later));
            keys.extend(decoder.expire(later + Duration::from_millis(60)));
            assert_eq!(keys, [Decoded::Key(key.clone())], "split after {split} of {bytes:?}");
        }
        // One byte at a time.
        let mut decoder = Decoder::new(Duration::from_millis(50));
        let mut at = Instant::now();
        let mut keys = Vec::new();
        for byte in &bytes {
            keys.extend(decoder.feed(&[*byte], at));
            at += Duration::from_millis(30);
            keys.extend(decoder.expire(at));
        }
        keys.extend(decoder.expire(at + Duration::from_millis(60)));
        assert_eq!(keys, [Decoded::Key(key.clone())], "byte by byte: {bytes:?}");
    }
}

#[test]
fn ctrl_c_quits_only_when_pressed_twice_in_a_row() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    assert!(console.press(&[Key::Ctrl('c')]).text(SIZE).contains("q quits, y copies"));
    assert_eq!(console.effects, []);
    let later = Timestamp(NOW.0 + 3_000);
    let effects = console.app.update(Input::Key(Key::Ctrl('c')), later);
    assert_eq!(effects, [], "after three seconds it counts as the first again");
    let effects = console.app.update(Input::Key(Key::Ctrl('c')), Timestamp(later.0 + 500));
    assert_eq!(effects, [RuntimeEffect::Quit]);
    // Ctrl-C that closes a prompt does not count.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages(String::new()));
    console.press(&[Key::Char('/'), Key::Ctrl('c'), Key::Ctrl('c')]);
    assert_eq!(console.effects, []);
}

#[test]
fn a_terminal_that_is_too_small_ignores_keys_and_keeps_the_state() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.press(&[Key::Char('/'), Key::Char('j')]);
    let before = console.text(SIZE);
    console.buffer((40, 10));
    for key in typed("pay*Gx1m") {
        let effects = console.app.update(Input::Key(key), NOW);
        assert_eq!(effects, []);
    }
    assert!(console.text((44, 10)).contains("cdx needs 60×15, this is 44×10."));
    assert!(console.text((24, 5)).contains("cdx needs 60×15") && console.text((24, 5)).contains("q quits"));
    assert_eq!(console.text(SIZE), before, "the prompt is unchanged");
    console.buffer((40, 10));
    assert_eq!(console.app.update(Input::Key(Key::Char('q')), NOW), [RuntimeEffect::Quit]);
}

#[test]
fn list_state_is_restored_and_filters_set_by_other_screens_are_not_saved() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.buffer(SIZE);
    // Filter, order by session number, no column Job, a larger pane, third row.
    console.press(&[vec![Key::Char('/')], typed("status:applied"), vec![Key::Enter]].concat());
    console.press(&[Key::Char('s'), Key::Down, Key::Down, Key::Down, Key::Enter]);
    console.press(&[Key::Char('c'), Key::Down, Key::Down, Key::Char(' '), Key::Enter, Key::Char('+')]);
    console.press(&[Key::Down, Key::Down]);
    let before = console.text(SIZE);
    assert!(before.contains("Session▲") && !before.contains(" Job "), "{before}");
    let memory = console.app.memory().clone();
    let mut console = TestConsole::open_with(&exchange, COLOR, downloads(), memory.clone());
    let after = console.text(SIZE);
    let cursor = |text: &str| text.lines().find(|line| line.starts_with('►')).map(str::to_owned);
    assert_eq!(cursor(&after), cursor(&before));
    assert!(after.contains("Session▲") && after.contains("Filter: status:applied"), "{after}");
    assert!(!after.contains(" Job "));
    // A list opened by another screen has that screen's filter and the operator's order; the saved
    // filter is kept.
    let mut console = TestConsole::open_with(
        &exchange,
        COLOR,
        Route::Sessions(Direction::Download, "status:apply_failed".to_owned()),
        memory,
    );
    let visit = console.text(SIZE);
    assert!(visit.contains("1-3 of 3") && visit.contains("Session▲"), "{visit}");
    assert_eq!(console.app.memory().lists["download sessions"].filter, "status:applied");
    let mut console =
        TestConsole::open_with(&exchange, COLOR, Route::Messages(String::new()), console.app.memory().clone());
    let filters = console.press(&[Key::Char('/'), Key::Up]).text(SIZE);
    assert!(filters.contains("/ status:applied█"), "the filter typed before is in the history: {filters}");
}

/// Many sessions, three of which failed with a rare word in their text.
fn haystack() -> Exchange {
    let exchange = Exchange::new();
    let mut messages = Vec::new();
    for number in 0..9_000_i64 {
        let at = Timestamp(NOW.0 - number * 60_000);
        let id = u64::try_from(number).expect("positive");
        let needle = [100, 5_000, 8_900].contains(&number);
        let message = download(10 + id, 1_000_000 + number, "S0001", if needle { APPLY_FAILED } else { APPLIED });
        let text = needle.then(|| "the Needle in it".to_owned());
        messages.push((NewMessage { message: text, occurred_at: at, ..message }, at));
    }
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

#[test]
fn a_rare_text_is_found_in_either_order_and_from_either_end() {
    let exchange = haystack();
    let search = [vec![Key::Char('/')], typed("text:needle"), vec![Key::Enter]].concat();
    let found = ["1000100", "1005000", "1008900"];
    for target in [downloads(), Route::Messages(String::new())] {
        let mut console = TestConsole::open(&exchange, COLOR, target.clone());
        console.buffer(SIZE);
        let newest_first = console.press(&search).text(SIZE);
        assert!(newest_first.contains("1-3 of 3"), "{newest_first}");
        let rows = |text: &str| -> Vec<usize> { found.iter().filter_map(|number| text.find(number)).collect() };
        assert_eq!(rows(&newest_first).len(), 3);
        assert!(rows(&newest_first).is_sorted());
        let oldest_first = console.press(&[Key::Char('s'), Key::Down, Key::Enter]).text(SIZE);
        let mut places = rows(&oldest_first);
        places.reverse();
        assert!(places.len() == 3 && places.is_sorted(), "{oldest_first}");
        // Every row of the list is a hit.
        assert!(console.press(&[Key::Char('n')]).text(SIZE).lines().nth(5).expect("a row").starts_with('►'));
    }
    // Sorted without a search, first and last row are found from both ends.
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.buffer(SIZE);
    console.press(&[Key::Char('s'), Key::Down, Key::Down, Key::Enter]);
    assert!(console.text(SIZE).lines().nth(4).expect("a row").contains("1008999"), "{}", console.text(SIZE));
    console.press(&[Key::Char('G')]);
    let last = console.text(SIZE);
    let cursor = last.lines().find(|line| line.starts_with('►')).expect("a cursor");
    assert!(cursor.contains("1000000"), "{last}");
}

#[test]
fn date_ranges_dates_and_text_in_the_pane_are_found() {
    let exchange = haystack();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.buffer(SIZE);
    console.press(&[vec![Key::Char('d')], typed("2h"), vec![Key::Enter]].concat());
    assert!(console.text(SIZE).contains("of 120"), "{}", console.text(SIZE));
    console.press(&[vec![Key::Char('d')], typed("2026-11-20..2026-11-20"), vec![Key::Enter]].concat());
    let text = console.text(SIZE);
    assert!(text.contains("of 1,440") && text.contains("from:2026-11-20 to:2026-11-20"), "{text}");
    console.press(
        &[vec![Key::Char('d'), Key::Enter], vec![Key::Tab, Key::Char('/')], typed("APPLIED"), vec![Key::Enter]]
            .concat(),
    );
    assert!(!console.text(SIZE).contains("o further"), "{}", console.text(SIZE));
    assert!(console.press(&[Key::Char('N')]).text(SIZE).contains("No further APPLIED in the pane"));
}

#[test]
fn an_export_contains_the_filtered_list_and_asks_before_overwriting() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.buffer(SIZE);
    console.press(&[Key::Char('x'), Key::Ctrl('u')]);
    console.press(&[typed("/tmp/nowhere.csv"), vec![Key::Enter]].concat());
    let Some(RuntimeEffect::Export(query, name, false)) = console.effects.pop() else {
        panic!("{:?}", console.effects)
    };
    assert_eq!(name, "/tmp/nowhere.csv");
    let there = cdx_console::console::ExportProgress::IsThere(Box::new(query), name);
    console.app.update(Input::ExportProgress(there), NOW);
    assert!(console.text(SIZE).contains("Overwrite the existing file?"));
    console.press(&[Key::Enter]);
    assert_eq!(console.effects, [], "Enter keeps the file");
}

#[test]
fn the_palette_runs_commands_and_shows_their_keys() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.buffer(SIZE);
    let text = console.press(&typed(":date ran")).text(SIZE);
    assert!(
        text.contains("► Date range") && text.lines().any(|line| line.trim_end_matches('║').trim_end().ends_with(" d"))
    );
    assert!(console.press(&[Key::Enter]).text(SIZE).contains("Dates (7d"));
    console.press(&[Key::Esc]);
    let text = console.press(&[typed(":run 1"), vec![Key::Enter]].concat()).text(SIZE);
    assert!(text.contains("Runs of Process status messages"), "{text}");
    console.press(&[typed(":q"), vec![Key::Enter]].concat());
    assert_eq!(console.effects, [RuntimeEffect::Quit]);
}

/// Opens the palette, types a text and returns the lines found.
fn found(console: &mut TestConsole, text: &str) -> String {
    let screen = console.press(&[vec![Key::Char(':')], typed(text)].concat()).text(SIZE);
    console.press(&[Key::Esc]);
    let lines = screen.lines().skip_while(|line| !line.contains('█')).skip(1).take_while(|line| !line.contains('╚'));
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_palette_finds_stores_and_sessions_of_either_direction_but_none_that_does_not_exist() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    console.buffer(SIZE);
    let stores = found(&mut console, "s23");
    assert!(stores.contains("S0230: download sessions") && stores.contains("S0230: upload sessions"), "{stores}");
    let none = found(&mut console, "zzz9");
    assert!(none.contains("No match."), "{none}");
    // A session number opens the list of the direction that has it.
    let upload = found(&mut console, "77001");
    assert!(upload.contains("Upload sessions 77001") && !upload.contains("Download sessions 77001"), "{upload}");
    let download = found(&mut console, "1084971");
    assert!(download.contains("Download sessions 1084971") && download.contains("3 sessions"), "{download}");
    let none = found(&mut console, "run 99");
    assert!(!none.contains("Run 99"), "{none}");
    // Enter before the answer waits for it.
    console.hurry(&[typed(":77001"), vec![Key::Enter]].concat());
    let text = console.text(SIZE);
    assert!(text.contains("Upload sessions") && text.contains("session:77001"), "{text}");
    let here = found(&mut console, "");
    assert!(!here.contains("visited"), "the screen itself is not offered:\n{here}");
    console.press(&[Key::Char('1')]);
    let recent = found(&mut console, "");
    assert!(recent.contains("Upload sessions · session:77001"), "{recent}");
}

#[test]
fn the_palette_offers_actions_that_are_possible_by_any_word_and_asks_as_their_keys_do() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    console.buffer(SIZE);
    let release = found(&mut console, "release");
    assert!(release.contains("Release: status Waiting") && release.contains("job 1 "), "{release}");
    let hold = found(&mut console, "withhold job 1");
    let offers = |line: &str| line.contains("Withhold") && line.contains("job 1 ");
    assert!(!hold.lines().any(offers), "it is withheld already:\n{hold}");
    for (text, wanted) in [("retention", "Retail scheduler parameters"), ("run now", "Process status messages")] {
        let places = found(&mut console, text);
        assert!(places.contains(wanted), "{text}:\n{places}");
    }
    console.press(&[typed(":release job 1"), vec![Key::Enter]].concat());
    assert!(console.text(SIZE).contains("Reason, for the journal"), "{}", console.text(SIZE));
    console.press(&[Key::Enter]);
    assert!(console.text(SIZE).contains("to Waiting?"), "{}", console.text(SIZE));
    console.press(&[Key::Char('n')]);
    assert_eq!(console.effects, []);
}

#[test]
fn the_matrix_opens_from_every_screen_and_an_unused_key_says_so() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    console.buffer(SIZE);
    console.press(&[Key::Char('t')]);
    assert!(console.text(SIZE).contains("t (go to a time) does nothing on this screen."), "{}", console.text(SIZE));
    for route in [Route::Overview, downloads()] {
        let mut console = TestConsole::open(&exchange, COLOR, route);
        console.buffer(SIZE);
        console.press(&[Key::Char('M')]);
        assert!(console.text(SIZE).contains("Status by store and job"), "{}", console.text(SIZE));
    }
}

#[test]
fn the_palette_changes_nothing_in_a_read_only_console() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::read_only(&exchange, Route::Overview);
    console.buffer(SIZE);
    for text in [":release", ":delete job", ":new batch"] {
        let screen = console.press(&[typed(text), vec![]].concat()).text(SIZE);
        for action in ["status Waiting", "Delete", "New batch job"] {
            assert!(!screen.contains(action), "{text}:\n{screen}");
        }
        console.press(&[Key::Esc]);
    }
}

#[test]
fn a_missing_answer_is_reported_unless_a_preview_is_being_counted() {
    let exchange = crate::screens::night();
    for (key, is_reported) in [(Key::F(5), true), (Key::Char('p'), false)] {
        let mut console = TestConsole::open(&exchange, COLOR, downloads());
        assert!(!console.text(SIZE).contains("no answer"));
        // From here on no query is answered.
        let later = |seconds: i64| Timestamp(NOW.0 + seconds * 1_000);
        let effects =
            [console.app.update(Input::Key(key), later(1)), console.app.update(Input::Tick, later(1))].concat();
        assert!(effects.iter().any(|effect| matches!(effect, RuntimeEffect::Ask(..))), "{effects:?}");
        let drawn = |console: &mut TestConsole, seconds: i64| {
            let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
            console.app.draw(&mut buffer, later(seconds));
            crate::screens::rows(&buffer).join("\n")
        };
        assert!(!drawn(&mut console, 5).contains("no answer"), "four seconds are below the limit");
        let screen = drawn(&mut console, 15);
        assert_eq!(
            screen.contains("! no answer from the databases for 14 s; the keys still work"),
            is_reported,
            "{screen}"
        );
        assert_eq!(screen.contains("! STALE: as of"), is_reported, "{screen}");
    }
}

#[test]
fn help_is_about_the_form_or_the_screen_and_is_searched() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchJobs(JobScope::All));
    console.buffer(SIZE);
    // The keys of the screen come first, under its name.
    let help = console.press(&typed("?")).text(SIZE);
    assert!(help.contains("Batch jobs  ") && help.contains("Every list"), "{help}");
    // On a low terminal a mark says that there is more.
    let low = console.text((60, 15));
    assert!(low.contains("more lines below"), "{low}");
    // The search stays while one scrolls; Esc ends it before it closes the help.
    let found = console.press(&typed("/undo")).press(&[Key::Enter]).text(SIZE);
    assert!(found.contains("undo…") && !found.contains("repaint") && found.contains("Esc shows all"), "{found}");
    let none = console.press(&typed("/zzz")).text(SIZE);
    assert!(none.contains("No line of the help contains"), "{none}");
    console.press(&[Key::Esc, Key::Esc]);
    assert!(!console.text(SIZE).contains("Help"), "{}", console.text(SIZE));
    // In a form, its own keys and fields.
    let form = console.press(&typed("p")).press(&[Key::PageDown, Key::Char(' '), Key::F(1)]).text((80, 40));
    assert!(form.contains("Help: this form") && form.contains("next field"), "{form}");
    assert!(form.contains("Batch group: which batch servers take it.") && !form.contains("row up"), "{form}");
    let recurrence = console.press(&[Key::Esc, Key::Tab, Key::Enter, Key::F(1)]).text((80, 40));
    assert!(
        recurrence.contains("Space offers common ones.") && recurrence.contains("Unit of the interval"),
        "{recurrence}"
    );
    assert_eq!(console.effects, []);
}

#[test]
fn the_way_back_is_bounded_and_leads_to_the_first_screen() {
    let exchange = Exchange::new();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    for _ in 0..40 {
        console.press(&typed("41"));
    }
    let mut steps = 0;
    while !console.text(SIZE).contains("This is the first screen") {
        console.press(&[Key::Esc]);
        steps += 1;
        assert!(steps <= 20, "{}", console.text(SIZE));
    }
    assert!(steps > 10, "{steps}");
    assert!(console.text(SIZE).contains("Overview"), "{}", console.text(SIZE));
}
