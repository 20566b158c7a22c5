//! Totals: a list counted by a field, on every kind of list, in pieces where the list is long.

use crate::screens::{COLOR, TestConsole, look, typed};
use crate::support::Exchange;
use cdx_console::console::protocol::groups::{GroupCount, merge};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, Seek, Timestamp};
use cdx_console::filter::{self, lists};
use cdx_console::store::head_office::{GroupPiece, HistoryFilter, MessageFilter, SessionFilter};
use cdx_console::store::{Access, HeadOffice, StoreError};
use std::collections::BTreeMap;

const SIZE: (u16, u16) = (120, 40);

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

/// The rows shown: value, rows, errors.
fn shown(screen: &str) -> Vec<(String, String, String)> {
    let rows = screen.lines().skip(4).take_while(|line| !line.trim().is_empty() && !line.starts_with(" One row"));
    let row = |line: &str| {
        let words: Vec<_> = line.trim_start_matches('►').split_whitespace().collect();
        let at = words
            .iter()
            .position(|word| word.chars().all(|c| c.is_ascii_digit() || c == ','))
            .unwrap_or_else(|| panic!("{screen}"));
        (words[..at].join(" "), words[at].to_owned(), words[at + 1].to_owned())
    };
    rows.map(row).collect()
}

#[test]
fn sessions_are_counted_by_store_and_enter_filters_by_one() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, "status:failed".to_owned()));
    let total = console.text(SIZE).lines().filter(|line| line.contains("S01")).count();
    console.press(&typed("T"));
    let asked = console.text(SIZE);
    for field in ["Count the list by", "store", "job", "group", "schedule", "status"] {
        assert!(asked.contains(field), "{field}:\n{asked}");
    }
    console.press(&typed("\r"));
    let counted = console.text(SIZE);
    assert!(counted.contains("Download sessions by store · status:failed"), "{counted}");
    let rows = shown(&counted);
    assert!(rows.iter().all(|(store, rows, errors)| store.starts_with("S01") && rows == errors), "{counted}");
    assert!(total >= rows.len() && rows.len() == 3, "{counted}");
    assert!(counted.contains("3 stores · 3 rows"), "{counted}");
    console.press(&typed("j\r"));
    let filtered = console.text(SIZE);
    assert!(filtered.contains("· status:failed store:\"S0132\"") && !filtered.contains("by store"), "{filtered}");
    // Esc closes the totals without a filter.
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    console.press(&typed("T\r\u{1b}"));
    assert!(!console.text(SIZE).contains("store:"), "{}", console.text(SIZE));
}

#[test]
fn each_list_offers_its_fields_and_filters_by_the_value() {
    let (exchange, batch) = (crate::screens::night(), crate::batch_screens::night());
    for (target, keys, title, term) in [
        (Route::Messages(String::new()), "T\r", "Status messages by store", "store:\""),
        (Route::Messages(String::new()), "Tjjjj\r", "Status messages by status", "status:"),
        (Route::Messages("status:failed".to_owned()), "Tjjjjj\r", "Status messages by cause", "cause:"),
        (Route::Sessions(Direction::Download, "status:failed".into()), "Tjjjjj\r", "sessions by cause", "cause:"),
        (Route::BatchHistory(String::new()), "T\r", "Batch job history by job", "job:"),
        (Route::BatchHistory(String::new()), "Tj\r", "Batch job history by status", "status:"),
        (Route::BatchJobs(JobScope::All), "T\r", "Batch jobs by status", "status:"),
        (Route::Runs, "Tj\r", "Runs by origin", "by:"),
        (Route::Errors, "Tj\r", "Recent errors by job", "job:\""),
        (Route::Connections, "T\r", "Connections by store", "store:\""),
    ] {
        let is_batch = matches!(target, Route::BatchHistory(_) | Route::BatchJobs(_));
        let mut console = open(if is_batch { &batch } else { &exchange }, target);
        let before = console.text(SIZE);
        console.press(&typed(keys));
        let counted = console.text(SIZE);
        assert!(counted.contains(title), "{title}:\n{counted}");
        let rows = shown(&counted);
        assert!(!rows.is_empty(), "{title}:\n{counted}");
        console.press(&typed("\r"));
        let filtered = console.text(SIZE);
        assert!(
            filtered.lines().find(|line| line.starts_with('═')).expect("a title").contains(term),
            "{title}:\n{filtered}\n{before}"
        );
        let figure = rows[0].1.replace(',', "").parse::<usize>().expect("a number");
        let cursor = filtered.lines().any(|line| line.starts_with('►'));
        assert!(cursor && figure > 0, "{title}:\n{filtered}");
    }
}

#[test]
fn rejected_messages_are_counted_by_reason_and_totals_can_be_written_to_a_file() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Rejected);
    console.press(&typed("T\r"));
    let counted = console.text(SIZE);
    assert!(counted.contains("Rejected messages by text") && shown(&counted).len() == 1, "{counted}");
    console.press(&typed("x"));
    assert!(console.text(SIZE).contains("rejected-messages-by-text.csv"), "{}", console.text(SIZE));
    console.press(&[Key::Enter]);
    let written = format!("{:?}", console.effects.pop());
    assert!(written.contains("Export") && written.contains("\"rows\": Number(1)"), "{written}");
}

/// Counts in pieces of `stretch` rows until the end.
fn pieces(piece: impl Fn(Seek<(i64, i64)>) -> Result<GroupPiece, StoreError>) -> (BTreeMap<String, GroupCount>, usize) {
    let (mut groups, mut seek, mut count) = (BTreeMap::new(), Seek::First, 0);
    loop {
        let (counted, reached) = piece(seek).expect("it counts");
        merge(&mut groups, counted);
        count += 1;
        match reached {
            Some(place) => seek = Seek::After(place),
            None => return (groups, count),
        }
    }
}

/// The groups as `value|rows|errors|last`.
fn lines(groups: &BTreeMap<String, GroupCount>) -> Vec<String> {
    let line = |group: &GroupCount| {
        let last = group.last_at.map_or(0, |at| at.0);
        format!("{}|{}|{}|{last}", group.value, group.rows, group.errors)
    };
    groups.values().map(line).collect()
}

#[test]
fn counting_in_pieces_gives_what_one_statement_would() {
    let exchange = crate::screens::night();
    for row in 0..12 {
        let (job, outcome) = (row % 3, ["ended", "error", "missed"][row % 2]);
        exchange.script_at_head_office(&format!(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, outcome)
             values ({job}, 'Nightly', '', 'm.jansen', {row}, '{outcome}')"
        ));
    }
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let parse = |typed: &str, set| {
        filter::parse(typed, set, cdx_console::text::time::Zone::Utc, Timestamp(0)).expect("understood")
    };
    for (typed, condition) in [
        ("", "1 = 1"),
        ("status:failed", "status in (6, 7, 8)"),
        ("status:applied,apply_failed store:S013*", "status in (4, 8) and channel_database like 'S013%'"),
        ("rows>5", "rows_affected > 5"),
    ] {
        let set = lists::sessions(Direction::Download);
        let filter = SessionFilter { no_data: true, ..SessionFilter::new(Direction::Download) };
        let filter = filter.with_terms(&parse(typed, set));
        let whole = exchange.at_head_office(&format!(
            "select channel_database, count(*), sum(case when status in (6, 7, 8) then 1 else 0 end), max(modified_at)
             from session where direction = 0 and {condition} group by 1 order by 1"
        ));
        for stretch in [3, 10_000] {
            let (groups, count) = pieces(|seek| office.session_groups(&filter, "store", seek, stretch));
            assert_eq!(lines(&groups), whole, "{typed}, {stretch}");
            assert!(stretch > 3 || count > 1 || !typed.is_empty(), "{count} pieces");
        }
    }
    let filter = MessageFilter::default();
    let whole = exchange.at_head_office(
        "select coalesce(posted_by, ''), count(*), sum(case when cause is not null then 1 else 0 end), max(occurred_at)
         from status_message group by 1 order by 1",
    );
    let (groups, _) = pieces(|seek| office.message_groups(&filter, "agent", seek, 7));
    assert_eq!(lines(&groups), whole);
    // The same word of both directions is one status.
    let (groups, _) = pieces(|seek| office.message_groups(&filter, "status", seek, 7));
    let rows: i64 = groups.values().map(|group| group.rows).sum();
    assert_eq!(rows, exchange.count("status_message"));
    assert!(groups.contains_key("apply_failed") && groups.keys().all(|word| !word.contains(char::is_numeric)));
    let failed = parse("status:failed", lists::MESSAGES);
    let (causes, _) =
        pieces(|seek| office.message_groups(&MessageFilter::default().with_terms(&failed), "cause", seek, 7));
    for cause in causes.keys() {
        let text = office.cause_text(cause.parse().expect("a number")).expect("it reads");
        assert!(text.is_some_and(|text| !text.is_empty()), "{cause}");
    }
    let (jobs, _) = pieces(|seek| office.history_groups(&HistoryFilter::default(), "job", seek, 7));
    assert_eq!(lines(&jobs), ["0|4|2|9", "1|4|2|10", "2|4|2|11"]);
    assert_eq!(jobs["1"].label.as_deref(), Some("job 1 Nightly"));
}

#[test]
fn the_history_is_counted_by_job_with_its_description_and_by_outcome() {
    let exchange = crate::batch_screens::night();
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let (jobs, count) = pieces(|seek| office.history_groups(&HistoryFilter::default(), "job", seek, 5));
    assert!(count > 1 && jobs.values().all(|job| job.label.as_ref().is_some_and(|label| label.starts_with("job "))));
    let well = "('ended', 'executing', 'canceled')";
    let whole = exchange.at_head_office(&format!(
        "select outcome, count(*), sum(case when outcome in {well} then 0 else 1 end), max(scheduled_at)
         from batch_job_history group by 1 order by 1"
    ));
    let (outcomes, _) = pieces(|seek| office.history_groups(&HistoryFilter::default(), "status", seek, 5));
    assert_eq!(lines(&outcomes), whole);
}

#[test]
fn totals_are_filtered_by_value_and_by_figures() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Messages(String::new()));
    console.press(&typed("Tjjjj\r"));
    let all = shown(&console.text(SIZE)).len();
    assert!(console.text(SIZE).contains("/ filter"), "{}", console.text(SIZE));
    console.press(&typed("/errors>0"));
    let text = console.text(SIZE);
    let found = shown(&text);
    assert!(!found.is_empty() && found.len() < all && found.iter().all(|(.., errors)| errors != "0"), "{text}");
    assert!(text.contains(&format!("{} of {all} values", found.len())), "{text}");
    console.press(&typed(" nothing\r"));
    assert!(console.text(SIZE).contains(&format!("0 of {all}: no value matches the filter.")));
    // Esc clears the filter first, then it closes the totals.
    console.press(&[Key::Esc]);
    assert_eq!(shown(&console.text(SIZE)).len(), all);
    console.press(&typed("/errors>0\r"));
    assert!(console.text(SIZE).contains("Filter: errors>0"), "{}", console.text(SIZE));
    console.press(&typed("/rows>many"));
    assert_eq!(shown(&console.text(SIZE)).len(), found.len(), "nothing is understood: the former filter applies");
    console.press(&[Key::Esc]);
    assert_eq!(shown(&console.text(SIZE)).len(), found.len());
    console.press(&[Key::Enter]);
    let text = console.text(SIZE);
    assert!(text.contains("Status messages at head office · status:"), "{text}");
}

crate::support::engines::on_postgres!(counting_in_pieces_gives_what_one_statement_would,);

#[test]
fn totals_match_their_snapshot() {
    let exchange = crate::screens::night();
    look(&exchange, "totals", &Route::Messages(String::new()), &typed("Tj\r"));
    look(&exchange, "totals_menu", &Route::Runs, &typed("T"));
}
