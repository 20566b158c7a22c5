//! `cdx store`: everything of one channel database.

use crate::cli::args::StoreArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{Cell, print_json, print_table};
use crate::domain::{Session, Timestamp};
use crate::engine::inquiry::{DatabaseFacts, Found, StoreCard, store_card};
use crate::store::message_database::Agent;
use crate::store::{Access, MessageDatabase};
use serde::Serialize;

/// Sessions of a card, as JSON.
#[derive(Serialize)]
struct FoundRow<'a> {
    sessions: Vec<&'a Session>,
    /// Whether there may be more.
    more: bool,
    /// Back to when they were searched; null if to the first.
    searched_to: Option<Timestamp>,
}

/// A card, as JSON.
#[derive(Serialize)]
struct StoreRow<'a> {
    channel_database: &'a str,
    quiet: bool,
    #[serde(flatten)]
    facts: DatabaseFacts<'a>,
    version: Option<i64>,
    agents: &'a [Agent],
    agents_fault: Option<&'a str>,
    recent: FoundRow<'a>,
    failed: FoundRow<'a>,
    in_progress: FoundRow<'a>,
}

/// Prints the card.
pub fn run(context: &Context, args: &StoreArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let opening = context.opening(Access::ReadOnly);
    let messages = MessageDatabase::open(&context.config.message_database.value, opening);
    let card = store_card(&office, messages, &args.name)?;
    if card.database.is_none() && card.recent.rows.is_empty() {
        let shown: String = args.name.chars().take(40).collect();
        let text = format!("no message has named channel database {shown:?}; cdx connections lists them");
        return Err(Failure::Message(Exit::Failed, text));
    }
    let row = row(&args.name, &card);
    if args.json {
        print_json(&row)?;
        return Ok(Exit::Done);
    }
    let at = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), Timestamp::in_utc);
    let agents: Vec<_> = card.agents.iter().map(|agent| agent.name.as_str()).collect();
    let count = |found: &FoundRow| format!("{}{}", found.sessions.len(), if found.more { " or more" } else { "" });
    let rows = [
        ("Channel database", row.channel_database.to_owned()),
        ("Quiet", if row.quiet { "yes" } else { "no" }.to_owned()),
        ("First message", at(row.facts.first_seen_at)),
        ("Last message", at(row.facts.last_seen_at)),
        ("Zone", row.facts.zone.unwrap_or_default().to_owned()),
        ("Note", row.facts.note.unwrap_or_default().to_owned()),
        ("Agents", row.agents_fault.map_or_else(|| agents.join(", "), str::to_owned)),
        ("Failed sessions", count(&row.failed)),
        ("Sessions in progress", count(&row.in_progress)),
    ];
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|(name, value)| vec![name.into(), value.into()]).collect();
    print_table(&["", "Value"], rows, context.style())?;
    Ok(Exit::Done)
}

fn row<'a>(name: &'a str, card: &'a StoreCard) -> StoreRow<'a> {
    let found = |found: &'a Found| FoundRow {
        sessions: found.sessions().collect(),
        more: found.is_more,
        searched_to: found.reached,
    };
    let database = card.database.as_ref();
    StoreRow {
        channel_database: name,
        quiet: card.quiet,
        facts: DatabaseFacts::of(database),
        version: database.map(|known| known.version),
        agents: &card.agents,
        agents_fault: card.agents_fault.as_deref(),
        recent: found(&card.recent),
        failed: found(&card.failed),
        in_progress: found(&card.in_progress),
    }
}
