//! `cdx overview`: what the Overview of the console shows.

use crate::batch::AlertRule;
use crate::cli::args::JsonArgs;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::freshness::{FreshnessRow, facts, row};
use crate::cli::output::{Cell, print_json, print_table};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Run, Timestamp, grouped};
use crate::engine::delivery_fault;
use crate::engine::inquiry::{self, Attention};
use crate::store::head_office::{Approval, CauseLine, FastClock, HeldPurge, QuietDatabase, SessionFigures, Silence};
use crate::store::{Access, MessageDatabase};
use serde::Serialize;

/// Causes that are printed.
const MAX_CAUSES: i64 = 20;

/// A channel whose alerts fail.
#[derive(Serialize)]
struct AlertFault {
    channel: &'static str,
    fault: String,
}

/// An alert rule with conditions that fire.
#[derive(Serialize)]
struct FiringRule {
    rule: AlertRule,
    conditions: i64,
}

/// The overview, as JSON.
#[derive(Serialize)]
struct OverviewRow<'a> {
    freshness: FreshnessRow<'a>,
    last_run: Option<&'a Run>,
    uploads_not_applied: &'a SessionFigures,
    downloads_failed: &'a SessionFigures,
    downloads_not_requested: &'a SessionFigures,
    quiet_databases: i64,
    quiet: &'a [QuietDatabase],
    fast_clocks: &'a [FastClock],
    held_purge: Option<&'a HeldPurge>,
    alert_faults: Vec<AlertFault>,
    firing: Vec<FiringRule>,
    silences: &'a [Silence],
    approvals: &'a [Approval],
    causes: &'a [CauseLine],
}

/// Prints what needs attention, the last run and the recent causes.
pub fn run(context: &Context, args: &JsonArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let now = SystemClock.now();
    let opening = context.opening(Access::ReadOnly);
    let messages = MessageDatabase::open(&context.config.message_database.value, opening);
    let freshness = inquiry::freshness(&office, messages, &operator())?;
    let attention = inquiry::attention(&office, now)?;
    let runs = inquiry::runs(&office, None, 1)?;
    let causes = office.causes_and_open(now.minus_days(1), now, MAX_CAUSES)?;
    if args.json {
        let faults = attention.alert_faults.iter().map(|(channel, fault)| AlertFault {
            channel: channel.word(),
            fault: delivery_fault(*channel, fault, Timestamp::in_utc),
        });
        let firing = attention.firing.iter();
        print_json(&OverviewRow {
            freshness: row(&freshness, now),
            last_run: runs.first(),
            uploads_not_applied: &attention.uploads,
            downloads_failed: &attention.downloads,
            downloads_not_requested: &attention.available,
            quiet_databases: attention.quiet.1,
            quiet: &attention.quiet.0,
            fast_clocks: &attention.fast_clocks.0,
            held_purge: attention.held_purge.as_ref(),
            alert_faults: faults.collect(),
            firing: firing.map(|(rule, conditions)| FiringRule { rule: *rule, conditions: *conditions }).collect(),
            silences: &attention.silences,
            approvals: &attention.approvals,
            causes: &causes,
        })?;
        return Ok(Exit::Done);
    }
    let last_run = runs.first().map_or_else(|| "none".to_owned(), Run::summary);
    let counts = counts(&attention).into_iter().map(|(name, count)| (name, grouped(count)));
    let facts = facts(&freshness, now).into_iter().chain([("Last run", last_run)]).chain(counts);
    let rows: Vec<Vec<Cell>> = facts.map(|(name, value)| vec![name.into(), value.into()]).collect();
    print_table(&["", "Value"], rows, context.style())?;
    Ok(Exit::Done)
}

/// What needs attention, each with its number.
pub(super) fn counts(attention: &Attention) -> [(&'static str, i64); 9] {
    let length = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    [
        ("Uploads not applied", attention.uploads.sessions),
        ("Downloads failed", attention.downloads.sessions),
        ("Downloads not requested for an hour", attention.available.sessions),
        ("Quiet channel databases", attention.quiet.1),
        ("Clocks that run ahead", attention.fast_clocks.1),
        ("Held purges", i64::from(attention.held_purge.is_some())),
        ("Conditions of alert rules that fire", attention.firing.iter().map(|(_, count)| count).sum()),
        ("Open silences", length(attention.silences.len())),
        ("Changes that wait for approval", length(attention.approvals.len())),
    ]
}
