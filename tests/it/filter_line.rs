//! A filter while it is typed: the list follows it, a word that is not understood is marked, and
//! Esc brings back what was shown before.

use crate::screens::{COLOR, NOW, TestConsole, night, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, download};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::mutation::{AfterMutation, MutationResult};
use cdx_console::console::protocol::query::Query;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::domain::{Cause, Direction, SessionKey};
use ratatui::style::{Color, Modifier};

const SIZE: (u16, u16) = (80, 24);

/// Opens a screen and presses keys.
fn open(exchange: &Exchange, target: Route, keys: &str) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console.press(&typed(keys));
    console
}

fn downloads(filter: &str) -> Route {
    Route::Sessions(Direction::Download, filter.to_owned())
}

/// Returns the title, and the rows with cursor and marks.
fn seen(console: &mut TestConsole) -> (String, Vec<String>) {
    let screen = console.text(SIZE);
    let mut lines = screen.lines().skip(2).map(str::to_owned);
    let title = lines.next().expect("a title").trim_matches(['═', '─']).to_owned();
    let rows = lines.skip(1).take_while(|line| !line.starts_with('─') && !line.starts_with('═'));
    (title, rows.filter(|line| !line.trim().is_empty()).collect())
}

/// Returns the last lines: the line that is typed, and what is below it.
fn line(console: &mut TestConsole) -> Vec<String> {
    console.text(SIZE).lines().skip(22).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_short_list_follows_each_key_and_esc_brings_the_former_rows_and_cursor_back() {
    let exchange = night();
    let mut console = open(&exchange, Route::Errors, "j");
    let before = seen(&mut console);
    assert!(before.1.len() == 3 && before.1[1].starts_with('►'), "{before:?}");
    // No pause between the keys.
    console.hurry(&typed("/pk_"));
    let (title, rows) = seen(&mut console);
    assert!(title.contains("pk_") && title.contains("1 of 3"), "{title}");
    assert!(rows.len() == 1 && rows[0].starts_with('►') && rows[0].contains("PRIMARY KEY"), "{rows:?}");
    console.hurry(&typed("nothing like it"));
    assert!(console.text(SIZE).contains("0 of 3"), "{}", console.text(SIZE));
    console.hurry(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
    // Enter keeps it, and the next Esc brings that one back.
    console.hurry(&typed("/store"));
    console.hurry(&[Key::Enter]);
    let kept = seen(&mut console);
    assert!(kept.0.contains("store"), "{kept:?}");
    console.hurry(&typed("/x"));
    console.hurry(&[Key::Ctrl('c')]);
    assert_eq!(seen(&mut console), kept);
}

#[test]
fn batch_jobs_follow_the_filter_that_is_typed() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchJobs(JobScope::All), "jj");
    let before = seen(&mut console);
    assert!(before.1.len() == 6 && before.1[2].starts_with('►'), "{before:?}");
    console.hurry(&typed("/description:nightly"));
    let (title, rows) = seen(&mut console);
    assert!(title.contains("· description:nightly"), "{title}");
    assert!(rows.len() == 1 && rows[0].contains("Purge only, nightly"), "{rows:?}");
    console.hurry(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
}

#[test]
fn marks_of_rows_that_a_typed_filter_hides_come_back_with_esc_and_are_gone_with_enter() {
    let exchange = night();
    let mut console = open(&exchange, Route::Rejected, "*");
    let before = seen(&mut console);
    assert!(before.0.contains("1 marked of 1"), "{before:?}");
    console.hurry(&typed("/elsewhere"));
    assert!(seen(&mut console).0.contains("0 of 1"));
    console.hurry(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
    console.hurry(&typed("/elsewhere"));
    console.hurry(&[Key::Enter, Key::Char('a')]);
    assert!(console.text(SIZE).contains("There is nothing to act on"));
    console.hurry(&[Key::Esc]);
    assert!(!seen(&mut console).0.contains("marked"), "the mark is gone");
}

#[test]
fn a_long_list_follows_after_a_pause_and_esc_brings_rows_cursor_place_and_marks_back() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "jj  jjjjjjjjjj");
    let before = seen(&mut console);
    assert!(before.0.contains("2 marked") && before.1.iter().any(|row| row.starts_with('►')), "{before:?}");
    console.hurry(&typed("/status:failed"));
    assert_eq!(seen(&mut console), before, "while keys are pressed");
    let effects = console.app.update(Input::Debounced, NOW);
    let asks = |effects: &[RuntimeEffect]| {
        effects.iter().filter(|effect| matches!(effect, RuntimeEffect::Ask(_, Query::Sessions(..)))).count()
    };
    assert_eq!(asks(&effects), 1, "{effects:?}");
    assert_eq!(seen(&mut console), before, "until the first rows arrive, under the title of theirs");
    console.settle(effects);
    let (title, rows) = seen(&mut console);
    assert!(title.contains("status:failed") && !title.contains("marked"), "{title}");
    assert!(rows.len() == 3 && rows.iter().all(|row| row.contains("Apply failed")), "{rows:?}");
    console.press(&typed(" store:S0132"));
    assert_eq!(seen(&mut console).1.len(), 1);
    console.hurry(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
    // Typing the former text again is the same.
    console.press(&typed("/status:failed"));
    console.press(&[Key::Ctrl('u')]);
    assert_eq!(seen(&mut console), before);
    console.press(&[Key::Enter]);
    assert_eq!(seen(&mut console), before, "an unchanged filter changes nothing");
}

#[test]
fn a_filter_that_is_shown_already_stays_when_it_is_entered_and_its_marks_are_new() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "*");
    console.press(&typed("/status:failed"));
    let shown = seen(&mut console);
    let effects = console.app.update(Input::Key(Key::Enter), NOW);
    assert!(effects.is_empty(), "nothing is read again: {effects:?}");
    assert_eq!(seen(&mut console), shown);
    console.press(&[Key::Char('a')]);
    assert!(console.text(SIZE).contains("Actions on 1084971 on S0131"), "{}", console.text(SIZE));
    // Entered before the pause, the list is read at once.
    console.press(&[Key::Esc]);
    console.hurry(&typed("/status:applied"));
    console.hurry(&[Key::Enter]);
    let (title, rows) = seen(&mut console);
    assert!(title.contains("status:applied · 1-10 of 30") || title.contains("of 30"), "{title}");
    assert!(rows.iter().all(|row| row.contains("Applied")), "{rows:?}");
}

#[test]
fn a_filter_typed_while_the_answer_to_another_is_awaited_replaces_it() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    let before = seen(&mut console);
    console.hurry(&typed("/status:failed"));
    let first = console.app.update(Input::Debounced, NOW);
    // Back at the text whose rows are shown: the awaited rows are not wanted any more.
    console.hurry(&[Key::Ctrl('u')]);
    let second = console.app.update(Input::Debounced, NOW);
    console.settle(first.into_iter().chain(second).collect());
    assert_eq!(seen(&mut console), before);
    console.press(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
}

#[test]
fn the_history_follows_the_filter_that_is_typed() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchHistory(String::new()), "jjj");
    let before = seen(&mut console);
    assert!(before.1[3].starts_with('►'), "{before:?}");
    console.press(&typed("/status:error"));
    let (title, rows) = seen(&mut console);
    assert!(title.contains("status:error") && rows.len() == 1, "{title} {rows:?}");
    console.press(&typed(" job:9"));
    assert!(seen(&mut console).0.contains("none"), "{:?}", seen(&mut console));
    console.press(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
    console.press(&typed("/status:error")).press(&[Key::Enter]);
    assert_eq!(seen(&mut console), (title, rows));
}

#[test]
fn a_word_that_is_not_understood_is_marked_and_its_reason_follows_when_the_keys_rest_or_the_cursor_leaves_it() {
    let exchange = night();
    let mut console = open(&exchange, downloads("status:failed"), "");
    let before = seen(&mut console);
    console.press(&typed("/stor:"));
    assert!(!seen(&mut console).0.contains("stor"), "a term is not finished: {:?}", seen(&mut console));
    let shown = seen(&mut console);
    console.hurry(&typed("S0132"));
    assert_eq!(seen(&mut console), shown, "the list keeps what it shows");
    let styles = |console: &mut TestConsole| {
        let buffer = console.buffer(SIZE);
        (3..14).map(|x| buffer[(x, 22)].clone()).collect::<Vec<_>>()
    };
    let is_marked =
        |cell: &ratatui::buffer::Cell| cell.fg == Color::Red && cell.modifier.contains(Modifier::UNDERLINED);
    assert_eq!(line(&mut console)[0], "/ stor:S0132█");
    let marked: String =
        styles(&mut console).iter().filter(|cell| is_marked(cell)).map(ratatui::buffer::Cell::symbol).collect();
    assert_eq!(marked, "stor:");
    assert!(line(&mut console)[1].starts_with("Enter apply"), "{:?}", line(&mut console));
    console.press(&typed(" "));
    assert!(line(&mut console)[1].starts_with("! no field \"stor\"; did you mean store?"), "{:?}", line(&mut console));
    console.hurry(&[Key::Left]);
    assert!(line(&mut console)[1].starts_with("Enter apply"), "back in the word: {:?}", line(&mut console));
    console.press(&[Key::Home]);
    assert!(line(&mut console)[1].starts_with("! no field \"stor\""), "after a pause: {:?}", line(&mut console));
    // Enter refuses it with the whole reason.
    console.press(&[Key::Enter]);
    assert!(console.text(SIZE).contains("known: status store job"), "{}", console.text(SIZE));
    console.press(&[Key::Esc]);
    assert_eq!(seen(&mut console), before);
}

#[test]
fn a_screen_that_opens_meanwhile_closes_the_line() {
    let exchange = night();
    let mut console = open(&exchange, Route::Errors, "");
    let done = MutationResult { said: String::new(), leads: AfterMutation::To(Route::Runs) };
    console.press(&typed("/pk_"));
    assert!(line(&mut console)[0].starts_with("/ pk_"));
    // A change that was begun before ends now, and leads to another screen.
    console.settle_input(Input::MutationDone(Ok(done)));
    assert!(
        console.text(SIZE).contains("Runs of Process") && !line(&mut console)[0].starts_with('/'),
        "{:?}",
        line(&mut console)
    );
}

#[test]
fn an_empty_list_says_without_which_term_it_would_have_rows() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    let said = |console: &mut TestConsole, filter: &str| {
        console.press(&typed("/")).press(&typed(filter)).press(&[Key::Enter]);
        seen(console).1[0].trim().to_owned()
    };
    for (filter, text) in [
        ("status:failed 1084900", "0 of 33; without status:failed: 1; without 1084900: 3. Esc clears the filter."),
        // No index has the sessions of a store: they are searched.
        ("status:applied store:S0132", "0 of 33; without status:applied: 1; without store:S0132: 30. Esc clears the"),
        (
            "store:S01* status:failed !text:trunc,key 1040",
            "0 of 33; leaving out one term does not help. Esc clears the filter.",
        ),
        ("status:canceled", "0 of 33. Esc clears the filter."),
        ("status:canceled 77", "0 of 33; leaving out one term does not help. Esc clears the filter."),
    ] {
        assert_eq!(said(&mut console, filter), text, "{filter}");
    }
    // Counts of another filter are not taken for those of this one.
    console.press(&typed("/status:canceled store:S0132"));
    assert_eq!(seen(&mut console).1.join(" ").trim(), "0 of 33; without status:canceled: 1.");
    let mut console = open(&exchange, Route::Errors, "");
    assert_eq!(
        said(&mut console, "pk_ !duplicate"),
        "0 of 3; without pk_: 2; without !duplicate: 1. Esc clears the filter."
    );
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchHistory(String::new()), "");
    assert_eq!(
        said(&mut console, "status:canceled job:1"),
        "0 of 10; without status:canceled: 10. Esc clears the filter."
    );
    let mut console = open(&exchange, Route::BatchJobs(JobScope::All), "");
    assert_eq!(
        said(&mut console, "status:ended nightly"),
        "0 of 7; without status:ended: 1; without nightly: 1. Esc clears the filter."
    );
}

#[test]
fn groups_servers_notifications_and_the_sessions_of_a_store_are_filtered_by_their_fields() {
    let (night, batch) = (night(), crate::batch_screens::night());
    for (exchange, target, filter, found) in [
        (&batch, Route::BatchGroups(None), "group:default", Some("1 of 4")),
        (&batch, Route::BatchGroups(None), "server:\"\"", Some("1 of 4")),
        (&batch, Route::BatchGroups(None), "stores", Some("1 of 4")),
        (&batch, Route::BatchGroups(None), "jobs>90", Some("0 of 4")),
        (&batch, Route::Servers(None), "state:running", None),
        (&batch, Route::Servers(None), "server:aos-1", None),
        (&batch, Route::Servers(None), "group:night", None),
        (&batch, Route::Notifications, "event:late", Some("1 of 1")),
        (&batch, Route::Notifications, "event:ended", Some("0 of 1")),
        (&batch, Route::Notifications, "unread:yes job:1", Some("1 of 1")),
        (&night, Route::Store("S0131".to_owned()), "status:failed", Some("1 of 1")),
        (&night, Route::Store("S0131".to_owned()), "direction:upload", Some("0 of 1")),
    ] {
        let mut console = open(exchange, target.clone(), "");
        let before = console.text(SIZE);
        assert!(before.lines().last().expect("hints").contains("/ filter"), "{target:?}:\n{before}");
        console.press(&typed("/")).press(&typed(filter)).press(&[Key::Enter]);
        let text = console.text(SIZE);
        assert!(text.contains(&format!("Filter: {filter}")), "{target:?} {filter}:\n{text}");
        match found {
            Some(found) => assert!(text.contains(found), "{target:?} {filter}:\n{text}"),
            None => assert!(text.contains(" of 3 "), "{target:?} {filter}:\n{text}"),
        }
        let (title, rows) = (before.lines().nth(2), before.matches('►').count());
        let after = console.press(&[Key::Esc]).text(SIZE);
        assert_eq!((after.lines().nth(2), after.matches('►').count()), (title, rows), "{target:?} {filter}");
    }
    for target in [Route::Overview, Route::Session(the_session())] {
        let mut console = open(&night, target.clone(), "");
        let text = console.press(&typed("/")).text(SIZE);
        assert!(text.contains("This screen has no list to filter."), "{target:?}:\n{text}");
    }
}

fn the_session() -> SessionKey {
    SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".to_owned() }
}

#[test]
fn a_sign_that_changes_nothing_in_a_plain_word_is_explained() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    for (typed_text, below) in [
        ("S013*", "S013* finds S013 in any text; store:S013* whole names  Enter apply"),
        ("-*32", "*32 finds 32 in any text; store:*32 whole names"),
        ("*", "* finds every row"),
        ("store:S013*", "Enter apply  Tab complete"),
        ("\"S013*\"", "Enter apply  Tab complete"),
        ("S0*32", "Enter apply  Tab complete"),
    ] {
        let (_, hint) = after(&mut console, &[vec![Key::Char('/')], typed(typed_text)].concat());
        assert!(hint.starts_with(below), "{typed_text}: {hint}");
        console.press(&[Key::Esc]);
    }
    let found = |console: &mut TestConsole, filter: &str| {
        console.press(&typed("/")).press(&typed(filter)).press(&[Key::Enter]);
        seen(console).1.len()
    };
    assert_eq!((found(&mut console, "S013*"), found(&mut console, "S013")), (3, 3), "the sign changes nothing");
}

/// Presses keys and returns the line and what is below it.
fn after(console: &mut TestConsole, keys: &[Key]) -> (String, String) {
    console.press(keys);
    let mut lines = line(console).into_iter();
    (lines.next().expect("a line").replace('█', ""), lines.next().expect("a row below it"))
}

#[test]
fn tab_completes_fields_and_choices_or_walks_through_them() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    let mut press = |text: &str, tabs: usize| after(&mut console, &[typed(text), vec![Key::Tab; tabs]].concat());
    assert_eq!(press("/sta", 1).0, "/ status:");
    let (text, below) = press("a", 1);
    assert_eq!((text.as_str(), below.as_str()), ("/ status:a", "available  applied  apply_failed"));
    assert_eq!(press("pp", 1), ("/ status:appl".to_owned(), "applied  apply_failed".to_owned()));
    assert_eq!(press("", 1).0, "/ status:applied");
    assert_eq!(press("", 1).0, "/ status:apply_failed");
    let (text, below) = press(",xyz", 1);
    assert_eq!((text.as_str(), below.as_str()), ("/ status:apply_failed,xyz", "nothing known has this in it"));
    assert!(press("", 0).1.starts_with("nothing"), "until the next key");
    assert!(press(" ", 0).1.starts_with("! status cannot be"), "a reason precedes the hints");
    let title = seen(&mut console).0;
    console.press(&[Key::Ctrl('w'), Key::Ctrl('w')]);
    let (text, _) = after(&mut console, &[typed("status:fai"), vec![Key::Tab, Key::BackTab]].concat());
    assert_eq!(text, "/ status:failed");
    assert!(seen(&mut console).0.contains("status:failed"), "the list follows; before: {title}");
}

#[test]
fn the_list_does_not_follow_a_term_that_is_not_finished() {
    let exchange = night();
    let mut console = open(&exchange, Route::Errors, "");
    let before = seen(&mut console);
    for text in ["/open", "/ope", "/muted:y", "/-text:\"trunc", "/not"] {
        console.hurry(&typed(text));
        assert_eq!(seen(&mut console).1, before.1, "{text}");
        console.hurry(&[Key::Esc]);
    }
    console.hurry(&typed("/pk_ status:"));
    assert_eq!(seen(&mut console).1.len(), 1, "the terms before it count");
    console.hurry(&[Key::Esc]);
    console.hurry(&typed("/open"));
    console.hurry(&[Key::Enter]);
    assert!(seen(&mut console).0.contains("· open"), "entered, it is a word");
}

#[test]
fn tab_completes_names_that_head_office_knows() {
    let exchange = night();
    let odd = ["Zug 1", "Zug 2", "a\"b"];
    let odd: Vec<_> = (0..).zip(odd).map(|(at, store)| download(9_000 + at, 1_085_000, store, APPLIED)).collect();
    exchange.post(&odd);
    exchange.cdx(&["process", "--no-purge"]);
    let mut console = open(&exchange, downloads(""), "");
    let mut tab = |text: &str, tabs: usize| {
        console.press(&[Key::Esc]).press(&typed("/"));
        after(&mut console, &[typed(text), vec![Key::Tab; tabs]].concat())
    };
    assert_eq!(tab("store:s02", 1).0, "/ store:S0230", "of which there is one");
    let (text, below) = tab("store:s01", 1);
    assert_eq!((text.as_str(), below.as_str()), ("/ store:S013", "S0131  S0132  S0133"));
    assert_eq!(tab("!store:S0000,S013", 4).0, "/ !store:S0000,S0133");
    assert_eq!(tab("store:zug", 1), ("/ store:\"Zug".to_owned() + " ", "\"Zug 1\"  \"Zug 2\"".to_owned()));
    assert_eq!(tab("store:zug", 2).0, "/ store:\"Zug 1\"");
    assert_eq!(tab("store:a", 1).0, "/ store:\"a\"\"b\"");
    assert_eq!(tab("job:1", 1).0, "/ job:1040");
    assert_eq!(tab("store:132", 1).0, "/ store:S0132", "in the middle of the name");
    assert_eq!(tab("status:load_f", 1).0, "/ status:download_failed", "in the middle of the word");
    assert_eq!(tab("store:nowhere", 1).1, "nothing known has this in it");
    assert!(tab("store:", 1).1.starts_with("S0000  S0001"), "the first of all");
    // A cause is found by a part of its text, and named by the beginning of it.
    let (text, below) = tab("cause:DUPLICATE", 1);
    assert_eq!(text, "/ cause:\"Violation of PRIMARY KEY constraint '…'. Cannot\"", "{below}");
    assert!(below.starts_with("Violation of PRIMARY KEY"), "{below}");
    let (text, below) = tab("cause:", 1);
    assert!(text == "/ cause:" && below.contains("Violation of PRIMARY KEY") && below.contains("Failed to"), "{below}");
    // The list follows without a further key.
    tab("store:s02", 1);
    assert!(seen(&mut console).0.contains("store:S0230"), "{:?}", seen(&mut console));
}

#[test]
fn tab_on_an_empty_line_offers_the_filters_typed_before_or_the_fields() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    assert!(after(&mut console, &[Key::Char('/'), Key::Tab]).1.starts_with("status:  store:  job:"));
    console.press(&[Key::Esc]);
    for filter in ["/status:failed", "/store:S0132"] {
        console.press(&typed(filter)).press(&[Key::Enter]);
    }
    console.press(&[Key::Char('/'), Key::Ctrl('u')]);
    assert_eq!(after(&mut console, &[Key::Tab]).1, "store:S0132  status:failed");
    assert_eq!(after(&mut console, &[Key::Tab, Key::Tab]).0, "/ status:failed");
}

#[test]
fn names_arrive_in_time_or_are_not_taken() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    console.hurry(&typed("/store:s02"));
    let effects = console.app.update(Input::Key(Key::Tab), NOW);
    // Typed before the answer.
    console.app.update(Input::Key(Key::Char('9')), NOW);
    console.settle(effects);
    assert_eq!(line(&mut console)[0], "/ store:s029█");
}

/// Returns the underlined parts of the screen's lines, below the first three.
fn underlined(console: &mut TestConsole) -> Vec<String> {
    let buffer = console.buffer(SIZE);
    let mut found = Vec::new();
    for row in buffer.content().chunks(usize::from(SIZE.0)).skip(3) {
        let runs = row.chunk_by(|one, other| {
            let is = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::UNDERLINED);
            is(one) == is(other)
        });
        let runs = runs.filter(|run| run[0].modifier.contains(Modifier::UNDERLINED));
        found.extend(runs.map(|run| run.iter().map(ratatui::buffer::Cell::symbol).collect::<String>()));
    }
    found
}

#[test]
fn what_matches_is_underlined_in_rows_and_pane() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""), "");
    assert!(underlined(&mut console).is_empty());
    console.press(&typed("/store:S013* trunc -nothing")).press(&[Key::Enter]);
    let found = underlined(&mut console);
    assert_eq!(found.iter().filter(|text| *text == "S013").count(), 3, "the store of each row: {found:?}");
    assert!(found.iter().any(|text| text == "trunc"), "in the pane: {found:?}");
    console.press(&[Key::Esc]);
    assert!(underlined(&mut console).is_empty());
    let mut console = open(&exchange, Route::Errors, "");
    console.press(&typed("/key")).press(&[Key::Enter]);
    let found = underlined(&mut console);
    assert!(found.iter().filter(|text| *text == "KEY").count() >= 2, "in the row and the pane: {found:?}");
    // Every theme underlines, under the cursor as well.
    for depth in [ColorDepth::Mono, ColorDepth::Indexed, ColorDepth::Rgb] {
        let theme = Theme { depth, ascii: false };
        let mut console = TestConsole::open(&exchange, theme, downloads("store:S0131"));
        let found = underlined(&mut console);
        assert!(found.iter().any(|text| text == "S0131"), "{depth:?}: {found:?}");
    }
}

#[test]
fn title_and_notice_have_the_text_of_a_cause_that_the_filter_names_by_its_number() {
    let exchange = night();
    let text = "Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION: String or binary data \
                would be truncated.";
    let filter = format!("cause:{} status:failed", Cause::of(text).digest);
    let routes = [
        Route::Messages(filter.clone()),
        Route::Sessions(Direction::Download, filter),
        Route::ErrorsWith(format!("cause:{}", Cause::of(text).digest)),
    ];
    for route in routes {
        let mut console = TestConsole::open(&exchange, COLOR, route);
        let text = console.text((120, 40));
        assert!(text.contains("· cause:Failed to run SqlWrite"), "{text}");
        assert!(text.contains("Filter: cause:Failed to run SqlWrite") && !text.contains("cause:-"), "{text}");
    }
}
