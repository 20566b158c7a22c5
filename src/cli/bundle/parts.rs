//! The parts of a bundle. Each is read on its own, so that one that fails leaves the others.

use crate::cli::bundle::contents::{Contents, masked};
use crate::cli::context::Context;
use crate::cli::doctor;
use crate::cli::exit::Failure;
use crate::clock::SystemClock;
use crate::domain::{Cause, Direction, Seek, Status, Timestamp, to_json};
use crate::engine::{self, CauseLabels, inquiry};
use crate::guard::APPROVE;
use crate::store::head_office::{
    HistoryFilter, JobFilter, JournalFilter, MessageFilter, RejectedFilter, SessionFilter,
};
use crate::store::{
    Access, Description, HeadOffice, MAX_COUNTED_ROWS, MessageDatabase, OLDEST_SAFE_SQLITE, StoreError, sqlite_version,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// Newest rows of each list.
const MAX_ROWS: i64 = 200;
const MAX_PAGE_ROWS: usize = 200;
/// Batch jobs that are read.
const MAX_JOBS: i64 = 1_000;
/// Newest starts whose logs are read, and lines of each.
const MAX_LOGS: usize = 50;
const MAX_LOG_LINES: i64 = 200;

/// Actions whose object, detail or values may repeat a text of a store.
const QUOTING: [&str; 12] = [
    "note on cause",
    "mute cause",
    "take cause",
    "undo",
    "retry rejected message",
    "silence alerts",
    "end silence",
    "request approval",
    "withdraw request",
    "save view",
    "delete view",
    APPROVE,
];
/// Stands for a text that is left out.
const MASK: &str = "…";

/// Reads all parts.
pub(super) fn collect(context: &Context, now: Timestamp, contents: &mut Contents) {
    let opening = context.opening(Access::ReadOnly);
    let office = HeadOffice::open(&context.config.head_office.value, opening.clone()).map_err(Failure::from);
    let messages = MessageDatabase::open(&context.config.message_database.value, opening).map_err(Failure::from);
    contents.text("config.txt", "the configuration, and where each value comes from", Ok(configuration(context)));
    let described = [
        office.as_ref().map(HeadOffice::describe).map_err(same_failure).and_then(|found| found.map_err(Failure::from)),
        messages
            .as_ref()
            .map(MessageDatabase::describe)
            .map_err(same_failure)
            .and_then(|found| found.map_err(Failure::from)),
    ];
    contents.text("versions.txt", "program, engines, schemas, system", Ok(versions(&described)));
    let [of_office, of_messages] = described;
    let (schema, counts) = parts_of(of_office);
    contents.text("head-office-schema.sql", "tables and indexes of head office", schema);
    contents.text("head-office-rows.txt", "rows of each table of head office", counts);
    let (schema, counts) = parts_of(of_messages);
    contents.text("message-database-schema.sql", "tables and indexes of the message database", schema);
    contents.text("message-database-rows.txt", "rows of each table of the message database", counts);
    let doctor = doctor::report(context).map(|lines| lines.join("\n"));
    contents.text("doctor.txt", "what cdx doctor finds", doctor);
    let labels = if contents.with_texts() { CauseLabels::Texts } else { CauseLabels::Numbers };
    let metrics = engine::metrics(&context.databases(), &SystemClock, labels).text;
    contents.text("metrics.prom", "the state of the exchange, as cdx metrics prints it", Ok(metrics));
    match &office {
        Ok(office) => of_head_office(office, now, contents),
        Err(failure) => {
            contents.note_missing(
                "runs, batch jobs, history, logs, causes, rejected messages, journal, query plans",
                failure,
            );
        }
    }
}

fn of_head_office(office: &HeadOffice, now: Timestamp, contents: &mut Contents) {
    let runs = inquiry::runs(office, None, MAX_ROWS).map(rows).map_err(Failure::from);
    contents.rows("runs.jsonl", "the newest runs, as cdx runs prints them", runs);
    let trash = office.count_trash_by_run(MAX_COUNTED_ROWS).map(rows).map_err(Failure::from);
    contents.rows("trash.jsonl", "what each run put into the trash, and until when it stays", trash);
    let jobs = office.jobs(&JobFilter { interactive: true, ..JobFilter::default() }, MAX_JOBS).map(rows);
    contents.rows("batch-jobs.jsonl", "batch jobs", jobs.map_err(Failure::from));
    let servers = office.servers().map(rows).map_err(Failure::from);
    contents.rows("batch-servers.jsonl", "batch servers", servers);
    let history = office.history_at(&HistoryFilter::default(), Seek::First, MAX_PAGE_ROWS);
    contents.rows("batch-history.jsonl", "the newest starts of batch jobs", history.map(rows).map_err(Failure::from));
    contents.rows("batch-log.jsonl", "log lines of the newest starts", log(office).map_err(Failure::from));
    let causes = causes(office, now, contents.with_texts()).map_err(Failure::from);
    contents.rows("causes.jsonl", "causes of errors in the last day", causes);
    let rejected = rejected(office, contents.with_texts()).map_err(Failure::from);
    contents.rows("rejected.jsonl", "the newest rejected messages", rejected);
    let journal = journal(office, contents.with_texts()).map_err(Failure::from);
    contents.rows("journal.jsonl", "the newest changes by operators", journal);
    let head = office.verify_newest(MAX_ROWS).map(|proof| vec![to_json(&proof)]).map_err(Failure::from);
    contents.rows("journal-head.jsonl", "the head of the journal, and whether its newest rows are whole", head);
    contents.text("query-plans.txt", "the plans of the lists' queries", plans(office, now).map_err(Failure::from));
}

fn rows<T: serde::Serialize>(rows: Vec<T>) -> Vec<Value> {
    rows.into_iter().map(|row| to_json(&row)).collect()
}

/// Returns a copy of a failure for another part.
fn same_failure(failure: &Failure) -> Failure {
    match failure {
        Failure::Message(exit, sentence) => Failure::Message(*exit, sentence.clone()),
        Failure::ReaderGone => Failure::ReaderGone,
        Failure::Unforeseen(report) => Failure::usage(report.to_string()),
    }
}

fn configuration(context: &Context) -> String {
    let config = &context.config;
    let there = if config.file_found { "" } else { " (not found)" };
    let mut text = format!("file: {}{there}\n", config.path.to_string_lossy());
    for (key, value, origin) in config.entries() {
        // `read_only` is set for the bundle itself.
        if key != "read_only" {
            let _ = writeln!(text, "{key} = {value}  ({origin})");
        }
    }
    text
}

fn versions(described: &[Result<Description, Failure>; 2]) -> String {
    let mut text = format!("cdx {}\n", env!("CARGO_PKG_VERSION"));
    for (what, found) in ["head office", "message database"].into_iter().zip(described) {
        let line = found.as_ref().map_or_else(
            |_| "cannot be read".to_owned(),
            |found| format!("{}, schema version {}", found.engine, found.schema_version),
        );
        let _ = writeln!(text, "{what}: {line}");
    }
    let _ = writeln!(text, "SQLite in the program: {} (agents need {OLDEST_SAFE_SQLITE})", sqlite_version());
    let system = rustix::system::uname();
    let name = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let _ = writeln!(text, "system: {} {} {}", name(system.sysname()), name(system.release()), name(system.machine()));
    text
}

fn parts_of(found: Result<Description, Failure>) -> (Result<String, Failure>, Result<String, Failure>) {
    match found {
        Ok(found) => {
            let schema = found.schema.iter().fold(String::new(), |text, part| text + part + ";\n\n");
            let count = |rows: i64| match rows {
                rows if rows > MAX_COUNTED_ROWS => format!("more than {MAX_COUNTED_ROWS}"),
                rows => rows.to_string(),
            };
            let counts = found.rows.iter().map(|(table, rows)| format!("{table} {}\n", count(*rows)));
            (Ok(schema), Ok(counts.collect()))
        }
        Err(failure) => (Err(same_failure(&failure)), Err(failure)),
    }
}

fn log(office: &HeadOffice) -> Result<Vec<Value>, StoreError> {
    let mut lines = Vec::new();
    for start in office.history_at(&HistoryFilter::default(), Seek::First, MAX_LOGS)? {
        for line in office.batch_log(start.history_id, MAX_LOG_LINES)? {
            lines.push(json!({
                "history_id": start.history_id, "job_id": start.job_id,
                "at": line.at, "severity": line.severity.word(), "text": line.text,
            }));
        }
    }
    Ok(lines)
}

fn causes(office: &HeadOffice, now: Timestamp, with_texts: bool) -> Result<Vec<Value>, StoreError> {
    let mut rows = rows(office.causes(now.minus_days(1), now, MAX_ROWS)?);
    for row in rows.iter_mut().filter_map(Value::as_object_mut).filter(|_| !with_texts) {
        row.remove("cause");
        row.remove("last_message");
    }
    Ok(rows)
}

/// The newest rows of the journal. Without texts, a cause is its number, and what else may repeat a
/// store's words is left out.
fn journal(office: &HeadOffice, with_texts: bool) -> Result<Vec<Value>, StoreError> {
    let mut found = office.journal_at(&JournalFilter::default(), Seek::First, MAX_PAGE_ROWS)?;
    for row in found.iter_mut().filter(|row| !with_texts && QUOTING.contains(&row.action.as_str())) {
        let is_cause = row.action.ends_with(" cause");
        row.object = if is_cause { format!("cause {}", Cause::of(&row.object).digest) } else { MASK.to_owned() };
        MASK.clone_into(&mut row.detail);
        (row.before, row.after) = (None, None);
    }
    Ok(rows(found))
}

fn rejected(office: &HeadOffice, with_texts: bool) -> Result<Vec<Value>, StoreError> {
    let filter = RejectedFilter { limit: MAX_ROWS, ..RejectedFilter::default() };
    let mut rows = rows(office.rejected(&filter)?);
    for row in rows.iter_mut().filter_map(Value::as_object_mut).filter(|_| !with_texts) {
        row.remove("raw");
        if let Some(reason) = row.get_mut("reason") {
            *reason = reason.as_str().map(masked).into();
        }
    }
    Ok(rows)
}

/// The statements of the console's lists, as they are without a filter, and their plans.
fn plans(office: &HeadOffice, now: Timestamp) -> Result<String, StoreError> {
    let sessions = |direction: Direction, failed: bool| {
        let statuses = Status::all(direction).filter(|status| failed && status.is_failed()).collect();
        let filter = SessionFilter { statuses, ..SessionFilter::new(direction) };
        office.plans_of(|office| office.sessions_at(&filter, Seek::First, MAX_PAGE_ROWS).map(drop))
    };
    let messages = |failed: bool| {
        let filter = MessageFilter { failed, ..MessageFilter::default() };
        office.plans_of(|office| office.messages_at(&filter, Seek::First, MAX_PAGE_ROWS).map(drop))
    };
    let lists = [
        ("Download sessions", sessions(Direction::Download, false)?),
        ("Download sessions that failed", sessions(Direction::Download, true)?),
        ("Upload sessions", sessions(Direction::Upload, false)?),
        ("Upload sessions that failed", sessions(Direction::Upload, true)?),
        ("Status messages", messages(false)?),
        ("Status messages of failures", messages(true)?),
        (
            "Recent errors",
            office.plans_of(|office| office.causes_and_open(now.minus_days(1), now, MAX_ROWS).map(drop))?,
        ),
        ("Runs", office.plans_of(|office| office.runs(MAX_ROWS).map(drop))?),
        ("Rejected messages", office.plans_of(|office| office.rejected(&RejectedFilter::default()).map(drop))?),
        ("Distribution schedules", office.plans_of(|office| office.schedules(MAX_ROWS).map(drop))?),
        ("Connections", office.plans_of(|office| office.channel_databases(MAX_ROWS).map(drop))?),
        ("Batch jobs", office.plans_of(|office| office.jobs(&JobFilter::default(), MAX_JOBS).map(drop))?),
        (
            "Batch job history",
            office.plans_of(|office| {
                office.history_at(&HistoryFilter::default(), Seek::First, MAX_PAGE_ROWS).map(drop)
            })?,
        ),
        (
            "Journal",
            office.plans_of(|office| {
                office.journal_at(&JournalFilter::default(), Seek::First, MAX_PAGE_ROWS).map(drop)
            })?,
        ),
        ("Notifications", office.plans_of(|office| office.notifications("", MAX_ROWS).map(drop))?),
    ];
    let mut text = String::new();
    for (list, plans) in lists {
        let _ = writeln!(text, "## {list}\n");
        for plan in plans {
            let _ = writeln!(text, "{}\n", plan.sql);
            for step in plan.steps {
                let _ = writeln!(text, "    {step}");
            }
            text.push('\n');
        }
    }
    Ok(text)
}
