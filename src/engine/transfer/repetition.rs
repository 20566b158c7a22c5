//! When the chunks of a run look for each message whether head office has it already, and when for
//! any at their end alone.

use crate::domain::Cursor;
use crate::store::head_office::FindRepeated;

/// Chunks without a repeated message after which the next one looks at its end alone.
const CLEAN_CHUNKS: u32 = 4;

/// How the next chunk of a run finds repeated messages.
#[derive(Debug)]
pub(super) struct Repetition {
    /// Chunks that have to be without a repeated message first.
    clean_chunks_needed: u32,
}

impl Repetition {
    /// Before the first chunk: messages of a database that is read again are at head office
    /// already.
    pub(super) fn expected_by(cursor: &Cursor) -> Self {
        let is_reread = cursor.reread_until.is_some_and(|until| cursor.position < until);
        Self { clean_chunks_needed: u32::from(is_reread) }
    }

    /// How the next chunk finds them.
    pub(super) fn find(&self) -> FindRepeated {
        if self.clean_chunks_needed > 0 { FindRepeated::Each } else { FindRepeated::AnyAtEnd }
    }

    /// After a chunk with a number of repeated messages.
    pub(super) fn note(&mut self, repeated: i64) {
        self.clean_chunks_needed = if repeated > 0 { CLEAN_CHUNKS } else { self.clean_chunks_needed.saturating_sub(1) };
    }

    /// After a chunk that could not be committed, because it had repeated messages.
    pub(super) fn note_found(&mut self) {
        self.clean_chunks_needed = CLEAN_CHUNKS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_message_makes_later_chunks_look_each_up_until_several_have_none() {
        let mut repetition = Repetition { clean_chunks_needed: 0 };
        assert_eq!(repetition.find(), FindRepeated::AnyAtEnd);
        repetition.note_found();
        for _ in 0..CLEAN_CHUNKS {
            assert_eq!(repetition.find(), FindRepeated::Each);
            repetition.note(0);
        }
        assert_eq!(repetition.find(), FindRepeated::AnyAtEnd);
        repetition.note(1);
        assert_eq!(repetition.find(), FindRepeated::Each);
    }
}
