//! The failures among a chunk's new messages, for display.

use crate::domain::StatusMessage;
use crate::engine::event::Failed;
use std::collections::VecDeque;

/// Failures of a chunk that are reported one by one.
const MAX_REPORTED: usize = 20;
/// Characters of an error text that are reported.
const MAX_TEXT_CHARS: usize = 300;

/// The failures of a chunk.
#[derive(Default)]
pub(super) struct Failures {
    /// Their number.
    pub(super) count: i64,
    /// The last of them, in the order of arrival.
    pub(super) newest: VecDeque<Failed>,
}

impl Failures {
    /// Adds a failure.
    pub(super) fn note(&mut self, message: &StatusMessage) {
        self.count += 1;
        if self.newest.len() >= MAX_REPORTED {
            self.newest.pop_front();
        }
        self.newest.push_back(Failed {
            key: message.key.clone(),
            job_name: message.job_name.clone(),
            status: message.status,
            occurred_at: message.occurred_at,
            message: message.message.as_deref().map(|text| text.chars().take(MAX_TEXT_CHARS).collect()),
        });
    }
}
