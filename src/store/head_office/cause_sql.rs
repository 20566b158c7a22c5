//! The failures of sessions and their causes in SQL.

use crate::domain::{Direction, Status};
use crate::store::head_office::message_row::IS_WINNER;

/// The cause of the failure that a session's state reports, by the message `winner` that decides
/// the state. A message that repeats an earlier failure, as undoing a cancel does, has no cause of
/// its own.
pub(super) fn cause_of_state(winner: &str) -> String {
    format!(
        "coalesce({winner}.cause, (select original.cause from status_message as original
            where original.session_number = {winner}.session_number and original.channel_database = {winner}.channel_database
                and original.direction = {winner}.direction and original.status = {winner}.status
                and original.occurred_at = {winner}.occurred_at and original.cause is not null limit 1))"
    )
}

/// The cause of a session's failure; null for a session that has not failed.
pub(super) fn cause_of_session() -> String {
    format!(
        "case when {} then (select {} from status_message as message where {IS_WINNER} limit 1) end",
        failed_statuses("session"),
        cause_of_state("message")
    )
}

/// The condition that the text of a cause matches the pattern of a value.
pub(super) fn cause_is_like(cause: &str, value: usize) -> String {
    format!("({cause} in (select known.digest from cause as known where known.masked like ${value} escape '\\'))")
}

/// The condition that a row of `table` is in a failed status of its direction.
pub(super) fn failed_statuses(table: &str) -> String {
    let of = |direction: Direction| {
        let numbers: Vec<_> = Status::all(direction)
            .filter(|status| status.is_failed())
            .filter_map(|status| status.number(direction))
            .map(|number| number.to_string())
            .collect();
        format!("({table}.direction = {} and {table}.status in ({}))", direction.number(), numbers.join(", "))
    };
    format!("({})", Direction::ALL.map(of).join(" or "))
}
