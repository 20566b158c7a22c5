//! Status by store and job: the newest session of each cell, the cursor, what is not shown.

use crate::screens::{COLOR, NOW, TestConsole, look_at};
use crate::support::Exchange;
use crate::support::engines::on_postgres;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, download, upload};
use cdx_console::console::app::Input;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Timestamp;
use cdx_console::store::message_database::NewMessage;

/// A message, `minutes` before now.
fn ago(message: NewMessage, minutes: i64) -> (NewMessage, Timestamp) {
    let at = Timestamp(NOW.0 - minutes * 60_000);
    (NewMessage { occurred_at: at, ..message }, at)
}

/// 300 stores with a download of job 1040, every third with an upload. Store S0001 failed first and
/// then succeeded, store S0002 the other way round.
fn stores() -> Exchange {
    let exchange = Exchange::new();
    let mut messages = Vec::new();
    for store in 0..300_i64 {
        let (name, number) = (format!("S{store:04}"), 10 * store.unsigned_abs());
        messages.push(ago(download(number, 1_000 + store, &name, DOWNLOADED), 500));
        if store % 3 == 0 {
            messages.push(ago(upload(number + 1, 5_000 + store, &name, 3), 400));
        }
    }
    for (store, at, status) in [(1, 300, APPLY_FAILED), (1, 200, APPLIED), (2, 300, APPLIED), (2, 200, APPLY_FAILED)] {
        let number = 10_000 + u64::try_from(at * 10 + store).expect("small");
        messages.push(ago(download(number, 10_000 - at, &format!("S{store:04}"), status), at));
    }
    exchange.agent().import(&messages).expect("stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

fn open(exchange: &Exchange) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, Route::Matrix);
    console.buffer((80, 24));
    console
}

#[test]
fn each_cell_has_the_newest_session_and_300_stores_fit_on_one_screen() {
    let exchange = stores();
    exchange.script_at_head_office(&format!("update transfer_cursor set as_of = {}", NOW.0 - 240_000));
    let mut console = open(&exchange);
    look_at(&mut console, "matrix");
    let text = console.text((200, 60));
    for store in ["S0000 ●√", "S0001 √ ", "S0002 × ", "S0299 ●"] {
        assert!(text.contains(store), "{store}: {text}");
    }
    assert!(text.contains("Downloads: 1 1040") && text.contains("Uploads: 2 P-0001"), "{text}");
    assert!(text.contains("Examined: all 304 downloads; all 100 uploads."), "{text}");
    assert!(text.contains("● Downloaded") && text.contains("session 1000"), "{text}");
}

#[test]
fn enter_lists_the_sessions_of_the_cell_and_e_goes_to_the_failure() {
    let exchange = stores();
    let mut console = open(&exchange);
    console.press(&[Key::Char('e')]);
    let text = console.text((80, 24));
    assert!(text.contains("S0002 · download job 1040") && text.contains("× Apply failed"), "{text}");
    console.press(&[Key::Enter]);
    let text = console.text((80, 24));
    assert!(text.contains("Download sessions · store:\"S0002\" job:\"1040\""), "{text}");
    assert!(text.contains("1-3 of 3"), "{text}");
    // Esc leads back to the same cell.
    let text = console.press(&[Key::Esc]).text((80, 24));
    assert!(text.contains("S0002 · download job 1040"), "{text}");
    // `w` explains the session of the cell, `r` opens the card of the store.
    assert!(console.press(&[Key::Char('w')]).text((80, 24)).contains("Steps"));
    console.press(&[Key::Esc, Key::Char('r')]);
    assert!(console.text((80, 24)).contains("Recent sessions"), "{}", console.text((80, 24)));
}

#[test]
fn a_key_on_connections_opens_the_matrix_and_esc_leads_back() {
    let exchange = stores();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Connections);
    console.buffer((120, 40));
    console.press(&[Key::Char('M')]);
    let text = console.text((120, 40));
    assert!(text.contains("S0000 · download job 1040"), "{text}");
    let text = console.press(&[Key::Esc]).text((120, 40));
    assert!(text.contains("══ Async Server connection status"), "{text}");
}

#[test]
fn the_cursor_moves_through_jobs_blocks_and_pages() {
    let exchange = stores();
    let mut console = open(&exchange);
    let at = |console: &mut TestConsole| {
        let text = console.text((80, 24));
        let rule = text.lines().find(|line| line.contains(" job ") && line.starts_with('─')).expect("a rule");
        rule.trim_matches(['─', ' ']).to_owned()
    };
    assert_eq!(at(&mut console), "S0000 · download job 1040");
    console.press(&[Key::Right]);
    assert_eq!(at(&mut console), "S0000 · upload job P-0001");
    console.press(&[Key::Right]);
    let beside = at(&mut console);
    assert!(beside.ends_with("download job 1040") && !beside.starts_with("S0000"), "{beside}");
    console.press(&[Key::Left]);
    assert_eq!(at(&mut console), "S0000 · upload job P-0001");
    console.press(&[Key::End]);
    assert_eq!(at(&mut console), "S0299 · upload job P-0001");
    console.press(&[Key::PageUp]);
    assert_ne!(at(&mut console), "S0299 · upload job P-0001");
}

#[test]
fn a_filter_leaves_the_stores_and_jobs_with_a_cell_that_matches() {
    let exchange = stores();
    let mut console = open(&exchange);
    let mut filtered = |filter: &str| {
        let keys: Vec<_> = format!("/{filter}").chars().map(Key::Char).collect();
        let text = console.press(&keys).text((80, 24));
        console.press(&[Key::Esc]);
        text
    };
    let text = filtered("store:S000*");
    assert!(text.contains("store:S000* ") && text.contains("10 of 300 stores"), "{text}");
    assert!(text.contains("S0009") && !text.contains("S0010"), "{text}");
    let text = filtered("job:P-0001 store:S000*");
    assert!(text.contains("4 of 300 stores") && !text.contains("Downloads:"), "{text}");
    assert!(text.contains("Uploads: 1 P-0001"), "{text}");
    let text = filtered("status:failed");
    assert!(text.contains("1 of 300 stores") && text.contains("S0002 × "), "{text}");
    assert!(!text.contains("Uploads:"), "{text}");
    assert!(filtered("s0150").contains("1 of 300 stores"));
    let text = filtered("status:failed store:S0001");
    assert!(text.contains("0 of 300; without status:failed: 1; without store:S0001: 1."), "{text}");
    let text = filtered("nothing:1");
    assert!(text.contains("300 stores") && !text.contains(" of 300"), "not understood: {text}");
    // Entered, it stays until Esc; the cursor stays on its store.
    console.press(&[Key::Char('e')]);
    let keys: Vec<_> = "/s000".chars().map(Key::Char).chain([Key::Enter]).collect();
    let text = console.press(&keys).text((80, 24));
    assert!(text.contains("Filter: s000") && text.contains("S0002 · download job 1040"), "{text}");
    let text = console.press(&[Key::Esc]).text((80, 24));
    assert!(text.contains("S0002 · download job 1040") && !text.contains("Filter:"), "{text}");
}

#[test]
fn the_matrix_follows_changes_at_head_office_and_keeps_the_cursor_on_its_store() {
    let exchange = stores();
    let mut console = open(&exchange);
    console.press(&[Key::Char('e')]);
    exchange.agent().import(&[ago(download(90_000, 9_900, "S0002", APPLIED), 1)]).expect("stored");
    exchange.agent().import(&[ago(download(90_001, 9_901, "A0000", DOWNLOADED), 1)]).expect("stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    console.settle_input(Input::Tick);
    let text = console.text((80, 24));
    assert!(text.contains("S0002 √") && text.contains("S0002 · download job 1040"), "{text}");
    assert!(text.contains("A0000 ●") && text.contains("301 stores"), "{text}");
}

#[test]
fn stores_without_a_session_are_listed_and_counted() {
    let exchange = stores();
    exchange.script_at_head_office(
        "insert into channel_database (name, first_seen_at, last_seen_at) values ('S9999', 1, 1)",
    );
    let mut console = open(&exchange);
    let text = console.press(&[Key::End]).text((120, 40));
    assert!(text.contains("S9999") && text.contains("no session among those examined"), "{text}");
    assert!(text.contains("1 store without a session among them."), "{text}");
}

#[test]
fn without_sessions_the_screen_says_so() {
    let exchange = Exchange::new();
    exchange.agent();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    assert!(open(&exchange).text((80, 24)).contains("No session of a store is at head office."));
}

#[test]
fn the_legend_of_many_jobs_leaves_room_for_the_stores() {
    let exchange = Exchange::new();
    let jobs = (0..35_u64).map(|job| NewMessage {
        job_name: format!("1040 Prices of\nassortment {job:02}"),
        ..ago(download(job, 1_000 + job.cast_signed(), "S0001", APPLIED), 100).0
    });
    exchange.post(&jobs.collect::<Vec<_>>());
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let text = open(&exchange).text((80, 24));
    assert!(text.contains(" is download job 1040 Prices of¶assortment "), "{text}");
    assert!(text.contains("; ← → name the other columns."), "{text}");
    let legend = text.lines().position(|line| line.contains(" is download job")).expect("a legend");
    assert!(legend > 15, "{text}");
}

on_postgres!(
    each_cell_has_the_newest_session_and_300_stores_fit_on_one_screen,
    the_matrix_follows_changes_at_head_office_and_keeps_the_cursor_on_its_store,
);
