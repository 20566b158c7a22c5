//! The result of one part of a session action in the message database.

use crate::domain::{Position, SessionKey, StatusMessage};
use crate::engine::session_actions::LeftOut;
use crate::store::message_database::Requested;

/// The result of a part in the message database, to be applied at head office.
#[derive(Default)]
pub(super) struct PartResult {
    pub(super) messages: Vec<(Position, StatusMessage)>,
    pub(super) sessions: Vec<(SessionKey, i64)>,
    pub(super) marks: Vec<(SessionKey, i64)>,
    pub(super) unmarks: Vec<SessionKey>,
}

impl PartResult {
    /// Adds the result of the change of one session.
    pub(super) fn take(
        &mut self,
        key: SessionKey,
        round: i64,
        became: Requested,
        left_out: &mut Vec<(SessionKey, LeftOut)>,
    ) {
        match became {
            Requested::Written { request_id, incoming } => {
                match (request_id, incoming) {
                    // A message that was just written is valid.
                    (_, Some(incoming)) => {
                        self.messages.extend(incoming.content.ok().map(|message| (incoming.position, message)));
                    }
                    (Some(request_id), None) => self.marks.push((key.clone(), request_id)),
                    (None, None) => {}
                }
                self.sessions.push((key, round));
            }
            Requested::Already => left_out.push((key, LeftOut::AlreadyRequested)),
            Requested::Nothing => left_out.push((key, LeftOut::NoRequest)),
            Requested::Taken { by, at } => left_out.push((key, LeftOut::Taken { by, at })),
        }
    }
}
