//! Checks of `cdx doctor` across both databases: owner, transfer, agents, clocks.

use crate::cli::doctor::Checks;
use crate::cli::exit::Failure;
use crate::clock::{Clock, SystemClock};
use crate::domain::{
    Cursor, DAY_MS, HOUR_MS, LastSeen, MINUTE_MS, Timestamp, check_clocks, clean_line, counted, grouped,
};
use crate::store::{HeadOffice, Location, MessageDatabase, OLDEST_SAFE_SQLITE};

/// Maximum number of agents checked.
const MAX_AGENTS: i64 = 10_000;
/// Milliseconds without a message after which an agent is reported.
const SILENT_AFTER_MS: i64 = DAY_MS;
/// Milliseconds after which a request that no agent has taken is reported.
const UNTAKEN_AFTER_MS: i64 = HOUR_MS;

/// Maximum number of fast clocks named.
const MAX_FAST_CLOCKS: i64 = 10;
/// Newest messages searched for ones that no transfer has read; `--full` searches all.
const SEARCHED_ARRIVALS: i64 = 50_000;

pub(super) fn check(
    office: &HeadOffice,
    messages: &MessageDatabase,
    full: bool,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let exchange = messages.exchange()?;
    match exchange.head_office_id {
        None => checks.ok("owner", "no head office has read the message database yet"),
        Some(owner) if owner == office.id()? => {
            checks.ok("owner", "this head office may purge the message database");
        }
        Some(owner) => checks.warn("owner", format!("another head office ({owner}) purges the message database")),
    }
    let cursor = office.cursor(&exchange.database_id)?;
    let waiting = messages.count_waiting(cursor.as_ref(), i64::MAX)?;
    let as_of = cursor.as_ref().and_then(|cursor| cursor.as_of).map_or("never".to_owned(), Timestamp::to_rfc3339);
    checks.ok("transfer", format!("as of {as_of}, {} waiting", counted(waiting, "message")));
    if let Some(cursor) = &cursor {
        if !messages.is_as_read(cursor)? {
            checks.warn(
                "position",
                "the message database is not the one read before; the next run reads it from the start",
            );
        }
        if cursor.position < exchange.purged_through {
            checks.warn(
                "position",
                "messages were purged that this head office has not read; it was restored, or is new",
            );
        }
    }
    if let Some(cursor) = &cursor
        && messages.is_as_read(cursor)?
    {
        skipped(office, messages, cursor, if full { i64::MAX } else { SEARCHED_ARRIVALS }, checks)?;
    }
    agents(office, messages, checks)?;
    if let Some(held_back) = messages.held_back()? {
        let since = held_back.since.map(|since| format!(" since {}", since.to_rfc3339())).unwrap_or_default();
        let text = format!("{} is open{since}; later messages are not read until it ends", held_back.by);
        checks.warn("open transactions", text);
    }
    let now = SystemClock.now();
    let last = LastSeen {
        run: office.last_run_at(None)?,
        purge: office.last_purge_at()?,
        message: messages.last_posted_at()?,
    };
    match check_clocks(now, messages.now()?, office.now()?, last) {
        Ok(()) => checks.ok("clocks", now.to_rfc3339()),
        Err(fault) => checks.fail("clocks", format!("{fault}; nothing is purged until it is fixed")),
    }
    Ok(())
}

/// Checks for messages below the transfer's position that no transfer has read.
fn skipped(
    office: &HeadOffice,
    messages: &MessageDatabase,
    cursor: &Cursor,
    newest: i64,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    messages.each_passed(cursor.position, newest, |passed| {
        missing.extend(office.never_read(&cursor.database_id, passed)?);
        Ok(())
    })?;
    match missing.first() {
        None => checks.ok("read messages", "all below the transfer's position are at head office"),
        Some(first) => checks.fail(
            "read messages",
            format!(
                "{} below the transfer's position never reached head office, such as message_id {} ({}): a program set \
                 message_id itself; post them again with cdx post under new GUIDs",
                counted(missing.len(), "message"),
                first.message_id,
                clean_line(&first.message_guid),
            ),
        ),
    }
    Ok(())
}

/// Checks for silent agents and channel databases, fast clocks, and requests that no agent takes.
fn agents(office: &HeadOffice, messages: &MessageDatabase, checks: &mut Checks) -> Result<(), Failure> {
    let now = messages.now()?;
    let agents = messages.agents(MAX_AGENTS)?;
    if !agents.is_empty() && matches!(messages.location(), Location::Sqlite(_)) {
        checks.warn(
            "other programs",
            format!(
                "agents that write with an SQLite before {OLDEST_SAFE_SQLITE} can lose rows at a checkpoint: \
                 they should use cdx post, or set wal_autocheckpoint = 0"
            ),
        );
    }
    let silent: Vec<_> = agents.iter().filter(|agent| now.since(agent.last_seen_at) > SILENT_AFTER_MS).collect();
    match silent.first() {
        None if agents.is_empty() => checks.ok("agents", "none yet".to_owned()),
        None => checks.ok("agents", format!("all {} reported within the last day", grouped(agents.len()))),
        Some(newest) => checks.warn(
            "agents",
            format!(
                "{} of {} have not reported for a day; {} last reported {}",
                grouped(silent.len()),
                grouped(agents.len()),
                newest.name,
                newest.last_seen_at.to_rfc3339()
            ),
        ),
    }
    if let Some(as_of) = office.last_cursor()?.and_then(|cursor| cursor.as_of) {
        let (quiet, total) = office.quiet_databases(as_of, 1)?;
        match quiet.first() {
            None => checks.ok("channel databases", "none is silent longer than usual"),
            Some(last) => checks.warn(
                "channel databases",
                format!(
                    "{} silent longer than usual; {} last reported {}",
                    grouped(total),
                    last.name,
                    last.last_seen_at.to_rfc3339()
                ),
            ),
        }
    }
    let (fast, total) = office.fast_clocks(MAX_FAST_CLOCKS)?;
    if fast.is_empty() {
        checks.ok("stores' clocks", "none is ahead");
    } else {
        let named: Vec<_> =
            fast.iter().map(|clock| format!("{} by {}", clock.name, duration_words(clock.ahead_ms))).collect();
        let more = total - i64::try_from(fast.len()).unwrap_or(total);
        let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        checks.warn(
            "stores' clocks",
            format!("ahead: {}{more}; correct them. Their messages are ordered by arrival", named.join(", ")),
        );
    }
    match messages.count_waiting_requests()? {
        (0, _) => checks.ok("requests", "none waiting"),
        (count, Some(oldest)) if now.since(oldest) > UNTAKEN_AFTER_MS => checks.warn(
            "requests",
            format!(
                "{} waiting, the oldest since {}: no agent takes them; agents must poll (cdx requests --take)",
                grouped(count),
                oldest.to_rfc3339()
            ),
        ),
        (count, _) => checks.ok("requests", format!("{} waiting, none for an hour", grouped(count))),
    }
    Ok(())
}

/// Formats a duration: `25 h`, `12 min`.
fn duration_words(milliseconds: i64) -> String {
    let minutes = milliseconds / MINUTE_MS;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
