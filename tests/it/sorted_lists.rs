//! Lists sorted in memory: their rows are as new as the freshness line says, whatever happens while
//! they are read.

use crate::list_columns::{choose_order, sort_by};
use crate::screens::{COLOR, NOW, TestConsole, rows, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, download};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::backend::query_worker::Reply;
use cdx_console::console::protocol::batch_query::BatchQuery;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::query::Query;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::store::message_database::NewMessage;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::VecDeque;

const SIZE: (u16, u16) = (120, 40);

/// An exchange with more sessions than a piece has rows.
fn many() -> Exchange {
    let exchange = crate::screens::night();
    exchange.script_at_head_office(&format!(
        "insert into session (direction, session_number, channel_database, round, status, try_count, winner_at,
             winner_guid, created_at, modified_at, last_posted_at, job_name, distribution_schedule, run_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 450)
         select 0, 2000000 + i, 'X', 0, 4, 0, {at} + i, '00000000-0000-7000-8000-000000000001', {at} + i, {at} + i, {at} + i,
             '1040', 'Prices', 1 from n",
        at = NOW.0 - 500_000
    ));
    exchange
}

/// Adds a session at head office.
fn add(exchange: &Exchange, number: u64, store: &str) {
    let small = i64::try_from(number).expect("small");
    let occurred_at = Timestamp(NOW.0 - 200_000 + small);
    exchange.post(&[NewMessage { occurred_at, ..download(number, 1_000_000 + small, store, APPLIED) }]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // The freshness line says which minute it was.
    let minute = NOW.0 - 180_000 + (small - 99_000) * 60_000;
    exchange.script_at_head_office(&format!("update transfer_cursor set as_of = {minute}"));
}

fn open(exchange: &Exchange) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    console.text(SIZE);
    console
}

fn is_channel_db(item: &str) -> bool {
    item.starts_with("Channel DB")
}

/// The list sorted by channel database, ascending, from its first row on.
fn sorted(exchange: &Exchange) -> TestConsole {
    let mut console = open(exchange);
    assert!(sort_by(&mut console, is_channel_db));
    console.press(&typed("g"));
    assert!(headings(&mut console).contains("Channel DB▲"), "{}", console.text(SIZE));
    console
}

fn headings(console: &mut TestConsole) -> String {
    console.text(SIZE).lines().nth(3).expect("a line").to_owned()
}

fn key(console: &mut TestConsole, key: Key) -> Vec<RuntimeEffect> {
    console.app.update(Input::Key(key), NOW)
}

fn tick(console: &mut TestConsole) -> Vec<RuntimeEffect> {
    console.app.update(Input::Tick, NOW)
}

/// Answers queries in order up to the first one `wanted`; returns what is still to be done.
fn answer_until(
    console: &mut TestConsole,
    effects: Vec<RuntimeEffect>,
    wanted: impl Fn(&Query) -> bool,
) -> Vec<RuntimeEffect> {
    let mut waiting = VecDeque::from(effects);
    loop {
        let RuntimeEffect::Ask(number, query) = waiting.pop_front().expect("the query") else { continue };
        let is_last = wanted(&query);
        waiting.extend(console.answer(number, query));
        if is_last {
            return waiting.into();
        }
    }
}

fn is_freshness(query: &Query) -> bool {
    matches!(query, Query::Freshness(_))
}

fn is_to_sort(query: &Query) -> bool {
    matches!(query, Query::ToSort(_))
}

/// Answers all queries; returns them.
fn answer_all(console: &mut TestConsole, effects: Vec<RuntimeEffect>) -> Vec<Query> {
    let mut waiting = VecDeque::from(effects);
    let mut answered = Vec::new();
    while let Some(effect) = waiting.pop_front() {
        if let RuntimeEffect::Ask(number, query) = effect {
            waiting.extend(console.answer(number, query.clone()));
            answered.push(query);
        }
    }
    answered
}

/// Fails the query for the rows to sort, and answers the others.
fn fail_to_sort(console: &mut TestConsole, effects: Vec<RuntimeEffect>) {
    let is_failing = |effect: &RuntimeEffect| matches!(effect, RuntimeEffect::Ask(_, Query::ToSort(_)));
    let (failing, others): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_failing);
    let [RuntimeEffect::Ask(number, _)] = failing[..] else { panic!("one query: {failing:?}") };
    let reply = Reply { number, result: Some(Err("the disk is full".to_owned())) };
    let mut effects = console.app.update(Input::Reply(reply), NOW);
    effects.extend(others);
    console.settle(effects);
}

/// Answers all queries, and expects each text on the screen once the freshness line has changed.
fn settles_with(console: &mut TestConsole, effects: Vec<RuntimeEffect>, texts: &[&str]) {
    let line = |screen: &str| screen.lines().nth(1).unwrap_or_default().to_owned();
    let old = line(&console.text(SIZE));
    let mut wrong = Vec::new();
    console.settle_seen(effects, |app| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        app.draw(&mut buffer, Timestamp(NOW.0 + 1_000));
        let screen = rows(&buffer).join("\n");
        if line(&screen) != old && texts.iter().any(|text| !screen.contains(text)) {
            wrong.push(screen);
        }
    });
    assert!(wrong.is_empty(), "{texts:?} in {}", wrong[0]);
    let after = console.text(SIZE);
    assert!(texts.iter().all(|text| after.contains(text)) && line(&after) != old, "{texts:?} in {after}");
}

#[test]
fn the_new_freshness_is_shown_when_all_pieces_are_sorted() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    settles_with(&mut console, effects, &["S0007a"]);
}

#[test]
fn a_change_while_rows_are_read_has_them_read_once_more() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let mut effects = answer_until(&mut console, effects, is_to_sort);
    add(&exchange, 99_001, "S0007b");
    effects.splice(..0, tick(&mut console));
    let effects = answer_until(&mut console, effects, is_freshness);
    console.settle(effects);
    let text = console.text(SIZE);
    assert!(text.contains("S0007a") && text.contains("S0007b"), "{text}");
    // The same while they are read for the first time.
    let mut console = open(&exchange);
    choose_order(&mut console, is_channel_db);
    let effects = key(&mut console, Key::Enter);
    let mut effects = answer_until(&mut console, effects, is_to_sort);
    add(&exchange, 99_002, "S0007c");
    effects.splice(..0, tick(&mut console));
    console.settle(effects);
    assert!(console.press(&typed("g")).text(SIZE).contains("S0007c"), "{}", console.text(SIZE));
}

#[test]
fn unchanged_rows_are_read_once_however_long_that_takes() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let mut effects = answer_until(&mut console, effects, is_to_sort);
    effects.splice(..0, tick(&mut console));
    let pieces = answer_all(&mut console, effects).into_iter().filter(is_to_sort).count();
    assert_eq!(pieces, 2, "the rest of three");
    let effects = tick(&mut console);
    assert!(answer_all(&mut console, effects).iter().all(is_freshness));
}

#[test]
fn a_row_opened_while_rows_are_read_does_not_freeze_the_list() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let mut effects = answer_until(&mut console, effects, is_freshness);
    effects.extend(key(&mut console, Key::Enter));
    console.settle(effects);
    add(&exchange, 99_001, "S0007b");
    let text = console.press(&[Key::Esc]).text(SIZE);
    assert!(text.contains("S0007a") && text.contains("S0007b"), "{text}");
    add(&exchange, 99_002, "S0007c");
    let effects = tick(&mut console);
    settles_with(&mut console, effects, &["S0007c"]);
}

#[test]
fn a_list_left_while_its_rows_are_counted_is_read_again_after_the_return() {
    let exchange = many();
    let mut console = open(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let mut effects = answer_until(&mut console, effects, is_freshness);
    effects.extend(key(&mut console, Key::Enter));
    console.settle(effects);
    console.press(&[Key::Esc, Key::Char('g')]);
    add(&exchange, 99_001, "S0007b");
    let effects = tick(&mut console);
    settles_with(&mut console, effects, &["1 newer, g"]);
}

#[test]
fn a_failed_query_for_rows_to_sort_does_not_freeze_the_list() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let effects = answer_until(&mut console, effects, is_freshness);
    fail_to_sort(&mut console, effects);
    add(&exchange, 99_001, "S0007b");
    let effects = tick(&mut console);
    settles_with(&mut console, effects, &["S0007a", "S0007b"]);
    assert!(!console.text(SIZE).contains("the disk is full"), "{}", console.text(SIZE));
    // Rows that were never sorted are not being read any more.
    let mut console = open(&exchange);
    choose_order(&mut console, is_channel_db);
    let effects = key(&mut console, Key::Enter);
    assert!(console.text(SIZE).contains("Reading the rows to sort by Channel DB, 0 so far"));
    fail_to_sort(&mut console, effects);
    assert!(!console.text(SIZE).contains("Reading the rows"), "{}", console.text(SIZE));
}

#[test]
fn a_filter_typed_while_rows_are_read_does_not_freeze_the_list() {
    let exchange = many();
    let mut console = sorted(&exchange);
    add(&exchange, 99_000, "S0007a");
    let effects = tick(&mut console);
    let effects = answer_until(&mut console, effects, is_freshness);
    console.press(&typed("/status:failed"));
    assert!(headings(&mut console).contains("Modified ▼"));
    console.settle(effects);
    let text = console.press(&[Key::Esc]).text(SIZE);
    assert!(text.contains("S0007a") && headings(&mut console).contains("Channel DB▲"), "{text}");
}

#[test]
fn no_row_is_listed_by_an_index_under_the_heading_of_a_sorted_list() {
    let exchange = many();
    let mut console = open(&exchange);
    choose_order(&mut console, is_channel_db);
    let sorting = key(&mut console, Key::Enter);
    // The next failure is beyond the rows read.
    let looking = key(&mut console, Key::Char('e'));
    console.settle(sorting);
    assert!(headings(&mut console).contains("Channel DB▲"), "{}", console.text(SIZE));
    let asked = answer_all(&mut console, looking);
    assert!(matches!(asked[..], [Query::NextSession(..), ..]), "{asked:?}");
    assert!(!asked.iter().any(|query| matches!(query, Query::Sessions(..))), "{asked:?}");
    // A time is gone to in the order of time.
    let mut console = open(&exchange);
    choose_order(&mut console, is_channel_db);
    let sorting = key(&mut console, Key::Enter);
    console.hurry(&typed("t1h"));
    console.settle(sorting);
    console.press(&[Key::Enter]);
    assert!(headings(&mut console).contains("Modified ▼"), "{}", console.text(SIZE));
}

#[test]
fn a_sorted_history_is_read_again_only_when_head_office_changes() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchHistory(String::new()));
    assert!(sort_by(&mut console, |item| item.starts_with("Outcome")));
    let effects = tick(&mut console);
    let asked = answer_all(&mut console, effects);
    assert!(asked.iter().all(is_freshness), "{asked:?}");
    exchange.cdx(&["parameters", "set", "retention-days", "45"]).exits(0);
    let effects = tick(&mut console);
    assert!(answer_all(&mut console, effects).iter().any(is_to_sort));
}

#[test]
fn why_a_list_is_empty_is_counted_again_only_when_head_office_changes() {
    let exchange = crate::batch_screens::night();
    let history = (Route::BatchHistory("job:424242".to_owned()), "");
    let followed = (Route::Sessions(Direction::Download, "store:nowhere".to_owned()), "f");
    for (route, keys) in [history, followed] {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        console.press(&typed(keys));
        let shown = console.text(SIZE);
        assert!(shown.contains("0 of "), "{shown}");
        let effects = tick(&mut console);
        let asked = answer_all(&mut console, effects);
        let is_page = |query: &Query| matches!(query, Query::Batch(BatchQuery::History(..)) | Query::Sessions(..));
        let is_counted = |query: &Query| matches!(query, Query::Counts(..));
        assert!(asked.iter().any(is_page) && !asked.iter().any(is_counted), "{route:?}: {asked:?}");
        assert_eq!(console.text(SIZE), shown);
        exchange.cdx(&["parameters", "set", "retention-days", if keys.is_empty() { "45" } else { "46" }]).exits(0);
        let counting = [0; 3].map(|_| {
            let effects = tick(&mut console);
            answer_all(&mut console, effects).iter().any(is_counted)
        });
        assert_eq!(counting.iter().filter(|counts| **counts).count(), 1, "{route:?}: {counting:?}");
    }
}
