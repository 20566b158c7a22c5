//! Recognizes a failure that is reported again. Undoing a cancel repeats the session's last failure
//! in the next round, so that its status, text and cause are shown again; it happened only once.

use crate::domain::{Fold, Position, StatusMessage};

/// Whether a failed message repeats a failure of an earlier round: of its session's state as it was
/// read, or of the messages before it in the batch.
pub(super) fn is_repeated(message: &StatusMessage, before: &[(Position, StatusMessage)], fold: Option<&Fold>) -> bool {
    // Most failures are of the first round, which repeats nothing.
    if message.round == 0 {
        return false;
    }
    let last = fold.and_then(|fold| fold.last_error.as_ref()).is_some_and(|last| {
        let failure = &last.failure;
        last.round < message.round
            && failure.status == message.status
            && failure.occurred_at == message.occurred_at
            && failure.message == message.message
    });
    last || before.iter().any(|(_, earlier)| {
        earlier.key == message.key
            && earlier.round < message.round
            && earlier.status == message.status
            && earlier.occurred_at == message.occurred_at
            && earlier.message == message.message
    })
}
