//! `cdx connections`: lists channel databases and agents, and sets notes and time zones.

use crate::cli::args::{ConnectionsAction, ConnectionsArgs};
use crate::cli::batch::edit_failure;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::cli::terminal::print_message;
use crate::domain::to_json;
use crate::engine::inquiry::{Connection, connections, zone_named};
use crate::filter::lists;
use crate::store::head_office::Edit;
use crate::store::{Access, HeadOffice, MessageDatabase};
use serde_json::json;

const LIST: List<Connection> = List {
    columns: &[
        "Channel database",
        "Silent",
        "Last message (UTC)",
        "Usual gap s",
        "Clock ahead s",
        "Zone",
        "Agent",
        "Agent last seen (UTC)",
        "Note",
    ],
    cells: |row| {
        let (database, agent) = (row.database.as_ref(), row.agent.as_ref());
        vec![
            row.name().into(),
            if row.quiet { "yes" } else { "no" }.into(),
            database.map(|it| it.presence.last_seen_at.to_table()).into(),
            database.and_then(|it| it.presence.usual_gap).map(|gap| gap / 1_000).into(),
            database.and_then(|it| it.clock_ahead_ms).map(|ahead| ahead / 1_000).into(),
            database.and_then(|it| it.zone.clone()).into(),
            agent.map(|it| it.name.clone()).into(),
            agent.map(|it| it.last_seen_at.to_table()).into(),
            database.and_then(|it| it.note.clone()).into(),
        ]
    },
    json: to_json,
};

/// Lists them, or sets a note or a zone.
pub fn run(context: &Context, args: &ConnectionsArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(ConnectionsAction::Note { store, text, if_version, format }) => {
            let (office, operator) = (office_with_store(context, "connections note", store)?, operator());
            let edit = Edit::of_version(&operator, *if_version);
            let text = text.trim();
            office.set_database_note(store, text, edit).map_err(edit_failure)?;
            let done = if text.is_empty() { "removed" } else { "saved" };
            report_store(&office, store, format.json, &format!("the note on channel database {store} was {done}"))
        }
        Some(ConnectionsAction::Zone { store, zone, if_version, format }) => {
            let zone = zone_named(zone.trim()).map_err(Failure::usage)?;
            let (office, operator) = (office_with_store(context, "connections zone", store)?, operator());
            let edit = Edit::of_version(&operator, *if_version);
            office.set_database_zone(store, zone.as_deref(), edit).map_err(edit_failure)?;
            let sentence = match zone {
                Some(zone) => format!("channel database {store} is in {zone}"),
                None => format!("the time zone of channel database {store} was removed"),
            };
            report_store(&office, store, format.json, &sentence)
        }
    }
}

fn list(context: &Context, args: &ConnectionsArgs) -> CommandResult {
    let listing = args.listing.listing();
    let office = context.head_office_to_read()?;
    let messages = MessageDatabase::open(&context.config.message_database.value, context.opening(Access::ReadOnly));
    let connections = connections(&office, messages)?;
    if let Some(fault) = connections.agents_fault {
        print_message(&format!("cdx: the agents are missing: {fault}"));
    }
    let read = |_| Ok(connections.rows);
    let rows = filter::keep(args.filter.as_deref(), lists::CONNECTIONS, one_more(&listing), read)?;
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

/// Reports what operators have set on the channel database now.
fn report_store(office: &HeadOffice, store: &str, json: bool, sentence: &str) -> CommandResult {
    let row = office.channel_database(store)?.map(
        |database| json!({"channel_database": store, "zone": database.zone, "note": database.note, "version": database.version}),
    );
    report(json, &row, sentence)?;
    Ok(Exit::Done)
}

/// Opens head office to change a channel database; refuses a name that no message has had.
fn office_with_store(context: &Context, what: &str, store: &str) -> Result<HeadOffice, Failure> {
    context.refuse_if_read_only(what)?;
    let office = context.head_office_to_change(Access::Existing)?;
    if office.channel_database(store)?.is_none() {
        let sentence = format!("no message has named a channel database {store:?}; cdx connections lists them");
        return Err(Failure::usage(sentence));
    }
    Ok(office)
}
