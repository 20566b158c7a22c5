//! The filter language means the same in memory and in SQL, on both database engines.

use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, REQUESTED, download, guid};
use cdx_console::domain::{By, Cause, Direction, Order, Rerun, Seek, Session, Timestamp};
use cdx_console::filter::{CAUSE_TEXT, FieldSet, FieldValue, Filter, Names, Subject, lists, parse};
use cdx_console::store::head_office::{HistoryFilter, HistoryRow, MessageFilter, SessionFilter, TransferredMessage};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use cdx_console::text::time::Zone;

/// 2026-11-13 03:43:28 UTC.
const NOW: Timestamp = Timestamp(1_794_541_408_000);
const HOUR: i64 = 3_600_000;

struct OfSession<'a>(&'a Session);
struct OfMessage<'a>(&'a TransferredMessage);
struct OfHistory<'a>(&'a HistoryRow);

fn yes_or_no(yes: bool) -> FieldValue<'static> {
    FieldValue::Choice(if yes { "yes" } else { "no" })
}

fn at(at: Option<Timestamp>) -> FieldValue<'static> {
    FieldValue::number(at.map(|at| at.0))
}

fn any<'a>(texts: impl IntoIterator<Item = Option<&'a str>>, is_wanted: &dyn Fn(&str) -> bool) -> bool {
    texts.into_iter().flatten().any(is_wanted)
}

impl Subject for OfSession<'_> {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let Session { key, fold, rerun } = self.0;
        match field {
            "status" => FieldValue::Choice(fold.winner.status.word()),
            "store" => FieldValue::text(Some(&key.channel_database)),
            "job" => FieldValue::text(Some(&fold.job_name)),
            "session" => FieldValue::Number(key.session_number),
            "group" => FieldValue::text(fold.channel_data_group.as_deref()),
            "schedule" => FieldValue::text(fold.distribution_schedule.as_deref()),
            "path" => FieldValue::text(fold.data_path.as_deref()),
            "text" => FieldValue::text(fold.winner.message.as_deref()),
            "try" => FieldValue::Number(fold.winner.try_count),
            "rows" => FieldValue::number(fold.rows_affected),
            "size" => FieldValue::number(fold.file_size),
            "version" => FieldValue::number(fold.row_version),
            "modified" => FieldValue::Number(fold.modified_at.0),
            "created" => FieldValue::Number(fold.created_at.0),
            "applied" => at(fold.applied_at),
            "requested" => at(fold.requested_at),
            "downloaded" => at(fold.downloaded_at),
            "cause" => {
                let text = fold.winner.message.as_deref().unwrap_or("");
                FieldValue::number(fold.winner.status.is_failed().then(|| Cause::of(text).digest))
            }
            CAUSE_TEXT if fold.winner.status.is_failed() => {
                FieldValue::Text(Cause::of(fold.winner.message.as_deref().unwrap_or("")).masked.into())
            }
            CAUSE_TEXT => FieldValue::Empty,
            "packages" => yes_or_no(key.channel_database.is_empty()),
            "repeated" => yes_or_no(*rerun == Rerun::Executed),
            other => panic!("the test lacks the field {other}"),
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let Session { key, fold, .. } = self.0;
        let number = key.session_number.to_string();
        let texts = [
            Some(fold.winner.status.label()),
            Some(&*fold.job_name),
            fold.channel_data_group.as_deref(),
            Some(&*key.channel_database),
            Some(&*number),
            fold.data_path.as_deref(),
            fold.winner.message.as_deref(),
        ];
        any(texts, is_wanted)
    }
}

impl Subject for OfMessage<'_> {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let row = self.0;
        let text = row.message.as_deref().unwrap_or("");
        match field {
            "status" => FieldValue::Choice(row.status.word()),
            "direction" => FieldValue::Choice(row.direction.word()),
            "store" => FieldValue::text(Some(&row.channel_database)),
            "job" => FieldValue::text(Some(&row.job_name)),
            "session" => FieldValue::Number(row.session_number),
            "group" => FieldValue::text(row.channel_data_group.as_deref()),
            "schedule" => FieldValue::text(row.distribution_schedule.as_deref()),
            "path" => FieldValue::text(row.data_path.as_deref()),
            "text" => FieldValue::text(row.message.as_deref()),
            "try" => FieldValue::Number(row.try_count),
            "rows" => FieldValue::number(row.rows_affected),
            "size" => FieldValue::number(row.file_size),
            "version" => FieldValue::number(row.row_version),
            "agent" => FieldValue::text(row.posted_by.as_deref()),
            "run" => FieldValue::Number(row.run_id),
            "occurred" => FieldValue::Number(row.occurred_at.0),
            "arrived" => FieldValue::Number(row.transferred_at.0),
            "cause" => FieldValue::number(row.status.is_failed().then(|| Cause::of(text).digest)),
            CAUSE_TEXT if row.status.is_failed() => FieldValue::Text(Cause::of(text).masked.into()),
            CAUSE_TEXT => FieldValue::Empty,
            other => panic!("the test lacks the field {other}"),
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let row = self.0;
        let number = row.session_number.to_string();
        let texts = [
            Some(row.status.label()),
            Some(row.direction.word()),
            Some(&*row.job_name),
            row.channel_data_group.as_deref(),
            Some(&*row.channel_database),
            Some(&*number),
            row.posted_by.as_deref(),
            row.data_path.as_deref(),
            row.message.as_deref(),
        ];
        any(texts, is_wanted)
    }
}

impl Subject for OfHistory<'_> {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let row = self.0;
        let counts = row.counts;
        match field {
            "status" => FieldValue::Choice(row.outcome.word()),
            "job" => FieldValue::Number(row.job_id),
            "description" => FieldValue::text(Some(&row.description)),
            "group" => FieldValue::text(Some(&row.batch_group)),
            "by" => FieldValue::text(Some(&row.created_by)),
            "server" => FieldValue::text(row.server.as_deref()),
            "text" => FieldValue::text(row.reason.as_deref()),
            "took" => FieldValue::number(row.started_at.zip(row.ended_at).map(|(from, to)| to.since(from))),
            "tries" => FieldValue::Number(row.tries),
            "run" => FieldValue::number(row.run_id),
            "read" => FieldValue::number(counts.map(|counts| counts.read)),
            "rejected" => FieldValue::number(counts.map(|counts| counts.rejected)),
            "purged" => FieldValue::number(counts.map(|counts| counts.purged_rows)),
            "scheduled" => FieldValue::Number(row.scheduled_at.0),
            "started" => at(row.started_at),
            "ended" => at(row.ended_at),
            other => panic!("the test lacks the field {other}"),
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let row = self.0;
        let number = row.job_id.to_string();
        let texts = [
            Some(row.outcome.label()),
            Some(&*row.description),
            Some(&*row.batch_group),
            Some(&*row.created_by),
            row.server.as_deref(),
            row.reason.as_deref(),
            Some(&*number),
        ];
        any(texts, is_wanted)
    }
}

/// Sessions that differ in every field, with texts that `like` could misread.
fn exchange() -> Exchange {
    let exchange = Exchange::new();
    let stores = ["S0001", "LON-01", "lon-02", "É-7", "100%_a\\b", ""];
    let texts = [
        None,
        Some("Timeout after 30 s"),
        Some("TIMEOUT: É"),
        Some("100% of 5_000 rows\nnext line"),
        Some("C:\\temp"),
        Some("time out"),
    ];
    let statuses = [REQUESTED, DOWNLOADED, APPLIED, APPLY_FAILED];
    let message = |number: i64| {
        let index = usize::try_from(number).expect("small");
        NewMessage {
            occurred_at: Timestamp(NOW.0 - number * 3 * HOUR),
            channel_data_group: (number % 3 > 0).then(|| ["Houston", "houston", "Paris"][index % 3].to_owned()),
            distribution_schedule: (number % 4 > 0).then(|| format!("Prices {}", number % 2)),
            message: texts[index / 2 % texts.len()].map(str::to_owned),
            try_count: number % 5,
            rows_affected: (number % 2 > 0).then_some(number * 500),
            file_size: (number % 5 > 0).then_some(number * 100_000),
            row_version: (number % 7 > 0).then_some(number),
            data_path: (number % 3 > 0).then(|| format!("\\\\hq\\out\\{number}_a.zip")),
            job_name: ["1040", "1041", "P-0001"][index % 3].to_owned(),
            posted_by: (number % 4 > 0).then(|| format!("Agent {}", number % 3)),
            rerun_for: (number == 21).then_some(15),
            ..download(
                1 + number.unsigned_abs(),
                1_000 + number,
                stores[index % stores.len()],
                statuses[index % statuses.len()],
            )
        }
    };
    let mut messages: Vec<_> = (0..30).map(message).collect();
    // The same session in an earlier status, so that instants of several statuses are set.
    messages.push(NewMessage { message_guid: guid(900), occurred_at: Timestamp(NOW.0 - 100 * HOUR), ..message(2) });
    exchange.post(&messages);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

/// Each term, negated, and with the one after it.
fn combinations(terms: &[&str]) -> Vec<String> {
    let next = |at: usize| terms[(at + 1) % terms.len()];
    // A negation cannot be negated.
    let negated = |term: &str| if term.contains("!=") { term.to_owned() } else { format!("-{term}") };
    let all = terms.iter().enumerate();
    all.flat_map(|(at, term)| [(*term).to_owned(), negated(term), format!("{} {term}", negated(next(at)))]).collect()
}

/// Checks that SQL finds the rows of `all` that match in memory. Returns how often some but not all
/// rows match.
fn check<R: std::fmt::Debug + PartialEq>(
    fields: &FieldSet,
    terms: &[&str],
    all: &[R],
    matches: impl Fn(&Filter, &R) -> bool,
    found: impl Fn(&Filter) -> Vec<Vec<R>>,
) -> usize {
    let mut some = 0;
    for typed in combinations(terms) {
        let filter = parse(&typed, fields, Zone::Utc, NOW).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
        let expected: Vec<_> = all.iter().filter(|row| matches(&filter, row)).collect();
        for found in found(&filter) {
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{typed}");
        }
        some += usize::from(!expected.is_empty() && expected.len() < all.len());
    }
    some
}

const TERMS: [&str; 38] = [
    "timeout",
    "É",
    "é",
    "100%",
    "_",
    "\\",
    "temp*",
    "applied",
    "\"100\"",
    "1003",
    "store:lon*",
    "store:LON-01,s0001",
    "store:*%_*",
    "store:É-7",
    "store:é-7",
    "job:1040",
    "job:p-*",
    "group:HOUSTON",
    "schedule:*1",
    "path:_A",
    "text:timeout",
    "text:\"% of 5_\"",
    "text:\"time out\",next*line",
    "status:failed",
    "status:applied,downloaded",
    "rows>2k",
    "rows:500,1500",
    "size<=1.1M",
    "version<3",
    "try>=2",
    "session<1010",
    "age<30h",
    "age>=1d",
    "from:yesterday",
    "to:2026-11-11",
    "from:2026-11-10 to:\"2026-11-12 14:30\"",
    "session:1001,1002",
    "1,001",
];

#[test]
fn a_filter_of_sessions_and_messages_finds_in_sql_what_it_finds_in_memory() {
    let exchange = exchange();
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let cause = |text: &str| Cause::of(text).digest;
    let causes: [&str; 9] = [
        &format!("cause:{}", cause("Timeout after 30 s")),
        &format!("cause:{},{}", cause("C:\\temp"), cause("")),
        &format!("cause:rows,{}", cause("C:\\temp")),
        "cause>0",
        "cause<0",
        "cause:\"\"",
        "cause:\"timeout after 31 s\"",
        "cause:time*s",
        "cause:rows,temp status:failed",
    ];
    let session_terms = [
        "packages:no",
        "packages:yes",
        "repeated:yes",
        "repeated:no",
        "applied>2026-11-12",
        "requested<2026-11-11",
        "modified:2026-11-12",
        "created!=2026-11-12",
    ];
    for (by, ascending) in [(By::Time, false), (By::Time, true), (By::Number, false)] {
        let order = Order { by, ascending };
        let base = || SessionFilter { no_data: true, order, ..SessionFilter::new(Direction::Download) };
        let all = |filter: &SessionFilter| {
            let found = office.sessions_at(filter, Seek::First, 100).expect("it reads");
            found.into_iter().map(|placed| placed.session).collect::<Vec<_>>()
        };
        let searched = |filter: &SessionFilter| {
            let (mut seek, mut rows) = (Seek::First, Vec::new());
            loop {
                let (found, reached) = office.sessions_searched(filter, seek, 100, 7).expect("it reads");
                rows.extend(found.into_iter().map(|placed| placed.session));
                match reached {
                    Some(place) => seek = Seek::After(place),
                    None => return rows,
                }
            }
        };
        let some = check(
            lists::sessions(Direction::Download),
            &[&TERMS[..], &session_terms, &causes].concat(),
            &all(&base()),
            |filter, row| filter.matches(&OfSession(row)),
            |filter| {
                let filter = base().with_terms(filter);
                let counted = office.count_sessions(&filter, 100).expect("it counts");
                let found = all(&filter);
                assert_eq!(usize::try_from(counted).ok(), Some(found.len()), "{filter:?}");
                vec![found, searched(&filter)]
            },
        );
        assert!(some > 110, "only {some} filters tell rows apart");
    }
    let all = |filter: &MessageFilter| office.messages_at(filter, Seek::First, 100).expect("it reads");
    let message_terms = ["direction:download", "agent:\"agent 1\"", "agent:*2", "run:1", "arrived>today", "download"];
    let some = check(
        lists::MESSAGES,
        &[&TERMS[..], &message_terms, &causes].concat(),
        &all(&MessageFilter::default()),
        |filter, row| filter.matches(&OfMessage(row)),
        |filter| {
            let filter = MessageFilter::default().with_terms(filter);
            vec![all(&filter), office.messages_searched(&filter, Seek::First, 100, 1_000).expect("it reads").0]
        },
    );
    assert!(some > 90, "only {some} filters tell rows apart");
}

#[test]
fn a_filter_of_the_batch_job_history_finds_in_sql_what_it_finds_in_memory() {
    let exchange = exchange();
    for number in 0..24_u8 {
        let scheduled = NOW.0 - i64::from(number) * 5 * HOUR;
        let outcome = ["ended", "error", "missed", "ended_purge_held"][usize::from(number % 4)];
        let (started, ended, run) = match number % 4 {
            2 => ("null".to_owned(), "null".to_owned(), "null"),
            _ => (scheduled.to_string(), (scheduled + i64::from(number) * 60_000).to_string(), "1"),
        };
        let server = if number % 3 == 0 { "null" } else { "'HQ-1'" };
        let reason = if number % 5 == 0 { "null" } else { "'100% Busy_'" };
        exchange.script_at_head_office(&format!(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, started_at,
                ended_at, outcome, starts, tries, server, run_id, reason)
             values ({}, 'Nightly {number}', '{}', 'Anna', {scheduled}, {started}, {ended}, '{outcome}', 1, {}, {server},
                {run}, {reason})",
            number % 3 + 1,
            if number % 2 == 0 { "night" } else { "" },
            number % 3,
        ));
    }
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let all = |filter: &HistoryFilter| office.history_at(filter, Seek::First, 100).expect("it reads");
    let terms = [
        "nightly*7",
        "night",
        "purge",
        "2",
        "job:1,3",
        "status:failed",
        "status:missed",
        "description:\"NIGHTLY 1\"",
        "group:night",
        "by:anna",
        "server:hq*",
        "text:%",
        "text:_",
        "took>5m",
        "took<=1h",
        "tries>=1",
        "run:1",
        "read>0",
        "rejected:0",
        "purged<1",
        "age<1d",
        "from:yesterday",
        "to:2026-11-11",
        "scheduled>2026-11-12",
        "started<2026-11-11",
        "ended:yesterday",
    ];
    let some = check(
        lists::HISTORY,
        &terms,
        &all(&HistoryFilter::default()),
        |filter, row| filter.matches(&OfHistory(row)),
        |filter| {
            let filter = HistoryFilter::default().with_terms(filter);
            let counted = office.count_history(&filter, 100).expect("it counts");
            let found = all(&filter);
            assert_eq!(usize::try_from(counted).ok(), Some(found.len()), "{filter:?}");
            vec![found, office.history_searched(&filter, Seek::First, 100, 1_000).expect("it reads").0]
        },
    );
    assert!(some > 60, "only {some} filters tell rows apart");
}

#[test]
fn names_are_found_by_their_beginning_ignoring_case() {
    let exchange = exchange();
    exchange.script_at_head_office("insert into distribution_schedule values ('Prices LONDON', 1, 1)");
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let cause = |text: &str| Cause::of(text).digest.to_string();
    let (timeout, deadlock) = (cause("Timeout after 30 s"), cause("deadlock"));
    for (text, seen) in [("deadlock", 2), ("deadlock victim", 1)] {
        exchange.script_at_head_office(&format!(
            "insert into cause (digest, masked, first_seen_at, last_seen_at) values ({}, '{text}', {seen}, {seen})",
            cause(text)
        ));
    }
    let found = |names, text: &str, limit| {
        let known = office.names_beginning(names, text, limit).expect("they are read");
        (known.names.join(" "), known.has_more, known.common)
    };
    for (names, text, limit, expected) in [
        (Names::Stores, "lOn", 9, ("LON-01 lon-02", false, "")),
        (Names::Stores, "É", 9, ("É-7", false, "É-7")),
        (Names::Stores, "100%_", 9, ("100%_a\\b", false, "100%_a\\b")),
        (Names::Stores, "é", 9, ("", false, "")),
        (Names::Stores, "", 2, ("100%_a\\b LON-01", true, "")),
        (Names::Schedules, "p", 1, ("Prices 0", true, "Prices ")),
        // In none of the usual spellings.
        (Names::Schedules, "prices lon", 9, ("Prices LONDON", false, "Prices LONDON")),
        (Names::Jobs, "p", 9, ("P-0001", false, "P-0001")),
        (Names::Jobs, "10", 9, ("1040 1041", false, "104")),
        (Names::Groups, "h", 9, ("houston", false, "houston")),
        (Names::Causes, "AFTER", 9, ("Timeout after # s", false, "")),
        (Names::Causes, &timeout[..9], 9, ("Timeout after # s", false, "")),
        (Names::Causes, "%", 9, ("#% of #_# rows next line", false, "")),
        (Names::Causes, "nothing", 9, ("", false, "")),
        // Another text continues the first one, and has it in it.
        (Names::Causes, "dead", 9, (&*format!("{deadlock} deadlock victim"), false, "")),
        (Names::CauseNumbers, "AFTER", 9, (&*timeout, false, "")),
        (Names::BatchGroups, "", 9, ("", false, "")),
        (Names::BatchServers, "a", 9, ("", false, "")),
    ] {
        assert_eq!(
            found(names, text, limit),
            (expected.0.to_owned(), expected.1, expected.2.to_owned()),
            "{names:?} {text}"
        );
    }
}

#[test]
fn commands_take_the_filter_and_refuse_what_they_do_not_understand() {
    let exchange = exchange();
    let count = |args: &[&str]| exchange.cdx(&[args, &["--json"]].concat()).exits(0).json_lines().len();
    assert_eq!(count(&["sessions", "download", "--filter", "status:failed"]), 7);
    assert_eq!(count(&["sessions", "download", "--filter", "status:failed rows>10k"]), 2);
    assert_eq!(count(&["messages", "--filter", "text:timeout -store:lon*"]), 9);
    assert_eq!(count(&["errors", "--filter", "timeout"]), 1);
    assert_eq!(count(&["rejected", "--filter", "nothing"]), 0);
    assert_eq!(count(&["batch", "jobs", "--filter", "status:waiting"]), 0);
    assert_eq!(count(&["batch", "history", "--filter", "status:failed job:3"]), 0);
    exchange
        .cdx(&["sessions", "upload", "--filter", "stor:S0001"])
        .exits(2)
        .says("--filter: no field \"stor\"; did you mean store?");
}

crate::support::engines::on_postgres!(
    a_filter_of_sessions_and_messages_finds_in_sql_what_it_finds_in_memory,
    a_filter_of_the_batch_job_history_finds_in_sql_what_it_finds_in_memory,
    names_are_found_by_their_beginning_ignoring_case,
    commands_take_the_filter_and_refuse_what_they_do_not_understand,
);

#[test]
fn the_example_in_the_help_of_each_command_with_a_filter_is_understood() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    let commands: [&[&str]; 7] = [
        &["sessions", "download"],
        &["sessions", "upload"],
        &["messages"],
        &["errors"],
        &["rejected"],
        &["batch", "jobs"],
        &["batch", "history"],
    ];
    for command in commands {
        let help = exchange.cdx(&[command, &["--help"]].concat()).exits(0).stdout.replace('\n', " ");
        let words: Vec<_> = help.split_whitespace().collect();
        let help = words.join(" ");
        let (_, example) = help.split_once("as in the console: \"").expect("an example");
        let (example, _) = example.split_once('"').expect("its end");
        exchange.cdx(&[command, &["--filter", example]].concat()).exits(0);
    }
}
