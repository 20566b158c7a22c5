//! Identifies the message database: the one read before, another one, or the same one restored from
//! a backup.

use crate::domain::{Cursor, Position};
use crate::engine::context::{Context, Tally};
use crate::store::StoreError;
use crate::store::message_database::Exchange;

/// Where the transfer begins.
pub(super) struct Source {
    pub(super) cursor: Cursor,
    /// Messages were purged that this head office has never read.
    pub(super) head_office_was_restored: bool,
}

/// Finds the cursor, and returns to the start if the position may be wrong. Known GUIDs count as
/// repeated, so reading again doubles nothing.
pub(super) fn find(context: &Context, tally: &mut Tally) -> Result<Source, StoreError> {
    let office_id = context.office.id()?;
    // The first head office to read a message database is the one that may purge it.
    let owner = match context.message_database.claim(&office_id, &still_mine(context)) {
        Err(StoreError::ReadOnly { .. }) => None,
        owner => Some(owner?),
    };
    let mut exchange = context.message_database.exchange()?;
    let known = match context.office.cursor(&exchange.database_id)? {
        None => adopt_successor(context, tally, &exchange)?,
        known => known,
    };
    // Also before the first reading: the cluster must be known before positions depend on it.
    if context.message_database.has_moved()? {
        if let Some(cursor) = &known {
            return renew_and_adopt(context, tally, cursor);
        }
        notice_renewal(context, tally);
        renew(context)?;
        exchange = context.message_database.exchange()?;
    }
    let Some(cursor) = known else { return first_reading(context, tally, &exchange) };
    let lost = cursor.position < exchange.purged_through;
    if lost {
        let whose = if owner.as_deref() == Some(&office_id) {
            "head office seems to have been restored from a backup"
        } else {
            "another head office purges this message database"
        };
        context.notice(tally, missing_range(whose, cursor.position, exchange.purged_through));
    }
    if context.message_database.is_as_read(&cursor)? {
        let cursor = match exchange.purged_through {
            seen if seen == cursor.purged_seen => cursor,
            purged => context.office.note_purged(&context.claim, &cursor, purged)?,
        };
        return Ok(Source { cursor, head_office_was_restored: lost });
    }
    let found = context.message_database.guid_at(cursor.position)?;
    // Below purged_through the anchor is missing because this head office purged it later than its
    // backup; read again anyway.
    if !lost || found.is_some() {
        let position = cursor.position.message_id;
        let what = match &found {
            _ if found == cursor.anchor_guid => "purged messages are back".to_owned(),
            Some(_) => format!("another message is at position {position}"),
            None => format!("there is no longer a message at position {position}"),
        };
        context.notice(
            tally,
            format!(
                "the message database is not as it was read: {what}; it was restored from a backup or emptied, and is read \
                 again from the start (known messages count as repeated)"
            ),
        );
    }
    if !lost && renew(context)? {
        let cursor = adopt_identity(context, &cursor)?;
        return Ok(Source { cursor, head_office_was_restored: lost });
    }
    let end = context.message_database.end()?;
    let cursor = context.office.reread(&context.claim, &cursor, end, exchange.purged_through)?;
    Ok(Source { cursor, head_office_was_restored: lost })
}

/// Gives a message database whose positions are no longer valid a new identity, and moves the
/// cursor to it.
fn renew_and_adopt(context: &Context, tally: &mut Tally, cursor: &Cursor) -> Result<Source, StoreError> {
    notice_renewal(context, tally);
    renew(context)?;
    Ok(Source { cursor: adopt_identity(context, cursor)?, head_office_was_restored: false })
}

fn notice_renewal(context: &Context, tally: &mut Tally) {
    context.notice(
        tally,
        "the message database was restored or moved: its server is another one than the one that numbered its transactions; it \
         gets a new identity and is read again from the start (known messages count as repeated)",
    );
}

/// A process that was suspended and has lost the lease notices it before it changes anything.
fn still_mine(context: &Context) -> impl Fn() -> Result<(), StoreError> {
    || context.office.check_lease(&context.claim)
}

/// Gives the message database a new identity; `adopt_identity` does the rest at head office.
///
/// The two share no transaction. A run that ends before the first commit has changed nothing. One
/// that ends between the two commits leaves a database that head office does not know, but whose
/// identity shows which one it succeeds, so that the next run follows it before anything else
/// (`adopt_successor`); it may then be renewed again without breaking the succession. Until then
/// nothing is purged, because a purge needs a cursor. After the second commit the identity is
/// known.
fn renew(context: &Context) -> Result<bool, StoreError> {
    context.keeping_lease(|| context.message_database.renew(&still_mine(context)))
}

/// The cursor of the database that this one succeeds, moved to it; `None` if head office has read
/// neither.
fn adopt_successor(context: &Context, tally: &mut Tally, exchange: &Exchange) -> Result<Option<Cursor>, StoreError> {
    let cursors = context.office.cursors()?;
    let Some(former) = cursors.iter().find(|cursor| exchange.succeeds(&cursor.database_id)) else { return Ok(None) };
    context.notice(
        tally,
        "the message database was given a new identity, which this head office had not recorded; it is read again from the \
         start (known messages count as repeated)",
    );
    adopt_identity(context, former).map(Some)
}

/// Moves the cursor to the present identity of the message database, at its start.
fn adopt_identity(context: &Context, cursor: &Cursor) -> Result<Cursor, StoreError> {
    let exchange = context.message_database.exchange()?;
    let end = context.message_database.end()?;
    context.office.adopt_identity(&context.claim, cursor, &exchange.database_id, end, exchange.purged_through)
}

/// A message database that this head office has never read: its first, or one that replaced
/// another.
fn first_reading(context: &Context, tally: &mut Tally, exchange: &Exchange) -> Result<Source, StoreError> {
    let mut reread_until = None;
    if let Some(before) = context.office.last_cursor()? {
        reread_until = Some(context.message_database.end()?);
        context.notice(
            tally,
            format!(
                "the message database is another one ({} instead of {}); it is read from the start \
                 (known messages count as repeated)",
                exchange.database_id, before.database_id
            ),
        );
    }
    let lost = Position::default() < exchange.purged_through;
    if lost {
        context.notice(
            tally,
            missing_range("this head office reads it for the first time", Position::default(), exchange.purged_through),
        );
    }
    let cursor =
        context.office.create_cursor(&context.claim, &exchange.database_id, reread_until, exchange.purged_through)?;
    Ok(Source { cursor, head_office_was_restored: lost })
}

fn missing_range(whose: &str, position: Position, purged_through: Position) -> String {
    format!(
        "{whose}: messages {} to {} may have been purged before it read them and are missing here; this run does not purge",
        position.message_id + 1,
        purged_through.message_id
    )
}
