//! `cdx freshness`: how old the status is, why it is stale, and what runs next.

use crate::cli::args::JsonArgs;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::output::{Cell, print_json, print_table};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Timestamp, grouped};
use crate::engine::inquiry::{self, COUNT_LIMIT, Freshness};
use crate::store::{Access, MessageDatabase};
use serde::Serialize;

/// The active run, as JSON.
#[derive(Serialize)]
struct RunningRow<'a> {
    run_id: i64,
    holder: &'a str,
    step: Option<&'static str>,
    done: Option<i64>,
    total: Option<i64>,
    rows_per_second: Option<i64>,
}

/// The batch job that was withheld last, as JSON.
#[derive(Serialize)]
struct WithheldRow<'a> {
    description: &'a str,
    by: &'a str,
    at: Timestamp,
}

/// The freshness, as JSON.
#[derive(Serialize)]
pub(super) struct FreshnessRow<'a> {
    as_of: Option<Timestamp>,
    age_ms: Option<i64>,
    stale: bool,
    why_stale: Option<String>,
    waiting: Option<i64>,
    more_waiting: bool,
    message_database_fault: Option<&'a str>,
    open: i64,
    rejected: i64,
    running: Option<RunningRow<'a>>,
    next_start: Option<Timestamp>,
    withheld: Option<WithheldRow<'a>>,
    overdue: bool,
    servers: &'a [String],
    rhythm_ms: Option<i64>,
    unread: i64,
}

/// Prints the facts of the line that every screen of the console shows.
pub fn run(context: &Context, args: &JsonArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let opening = context.opening(Access::ReadOnly);
    let messages = MessageDatabase::open(&context.config.message_database.value, opening);
    let freshness = inquiry::freshness(&office, messages, &operator())?;
    let now = SystemClock.now();
    if args.json {
        print_json(&row(&freshness, now))?;
    } else {
        print_table(&["", "Value"], lines(&freshness, now), context.style())?;
    }
    Ok(Exit::Done)
}

/// The freshness, as JSON.
pub(super) fn row(freshness: &Freshness, now: Timestamp) -> FreshnessRow<'_> {
    let why_stale = freshness.why_stale(now);
    let progress = freshness.progress.as_ref();
    let running = freshness.running.as_ref().map(|(run_id, holder)| RunningRow {
        run_id: *run_id,
        holder,
        step: progress.map(|progress| progress.step.word()),
        done: progress.map(|progress| progress.done),
        total: progress.map(|progress| progress.total),
        rows_per_second: progress.map(|progress| progress.rate),
    });
    let coming = &freshness.coming;
    let withheld = coming.withheld.as_ref();
    FreshnessRow {
        as_of: freshness.as_of,
        age_ms: freshness.as_of.map(|as_of| now.since(as_of)),
        stale: why_stale.is_some(),
        why_stale,
        waiting: freshness.waiting.map(|waiting| waiting.min(COUNT_LIMIT)),
        more_waiting: freshness.waiting.is_some_and(|waiting| waiting > COUNT_LIMIT),
        message_database_fault: freshness.messages_fault.as_deref(),
        open: freshness.open,
        rejected: freshness.rejected,
        running,
        next_start: coming.next_start,
        withheld: withheld.map(|job| WithheldRow { description: &job.description, by: &job.by, at: job.at }),
        overdue: coming.overdue,
        servers: &coming.servers,
        rhythm_ms: coming.shortest_interval,
        unread: coming.unread,
    }
}

fn lines(freshness: &Freshness, now: Timestamp) -> Vec<Vec<Cell>> {
    facts(freshness, now).into_iter().map(|(name, value)| vec![name.into(), value.into()]).collect()
}

/// The facts, each with its name.
pub(super) fn facts(freshness: &Freshness, now: Timestamp) -> [(&'static str, String); 9] {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "none".to_owned(), Timestamp::in_utc);
    let waiting = match (freshness.waiting, &freshness.messages_fault) {
        (Some(waiting), _) if waiting > COUNT_LIMIT => format!("more than {}", grouped(COUNT_LIMIT)),
        (Some(waiting), _) => grouped(waiting),
        (None, fault) => fault.clone().unwrap_or_default(),
    };
    let running = freshness.running.as_ref().map_or_else(
        || "no".to_owned(),
        |(run_id, holder)| match &freshness.progress {
            Some(progress) => {
                let (step, done, total) = (progress.step, grouped(progress.done), grouped(progress.total));
                format!("run {run_id} on {holder}: {}, {done} of {total} rows", step.in_words())
            }
            None => format!("run {run_id} on {holder}"),
        },
    );
    let coming = &freshness.coming;
    let next = match (&coming.withheld, coming.next_start) {
        (Some(job), None) => format!("none: {} is withheld by {}", job.description, job.by),
        (_, start) => at(start),
    };
    let servers = if coming.servers.is_empty() { "none is running".to_owned() } else { coming.servers.join(", ") };
    [
        ("Status as of", at(freshness.as_of)),
        ("Stale", freshness.why_stale(now).map_or_else(|| "no".to_owned(), |why| format!("yes: {why}"))),
        ("Messages waiting", waiting),
        ("Open sessions", grouped(freshness.open)),
        ("Rejected messages", grouped(freshness.rejected)),
        ("Running", running),
        ("Next start", next),
        ("Batch servers", servers),
        ("Unread notifications", grouped(coming.unread)),
    ]
}
