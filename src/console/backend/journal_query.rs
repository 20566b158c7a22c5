//! Answers queries about the journal.

use crate::console::protocol::journal::{JournalQuery, MAX_SESSIONS_OF_CHANGE, SHIFT_MS};
use crate::console::protocol::query::{Answer, COUNT_LIMIT, MAX_NEWER, PAGE_ROWS, Piece};
use crate::domain::{Seek, Timestamp};
use crate::engine;
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, search};
use crate::store::{HeadOffice, StoreError};

/// Answers a query.
pub fn answer(office: &HeadOffice, query: JournalQuery, now: Timestamp) -> Result<Answer, StoreError> {
    Ok(match query {
        JournalQuery::Rows(filter, seek) if filter.is_search() => Answer::Journal(search(seek, |seek, rows| {
            office.journal_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT)
        })?),
        JournalQuery::Rows(filter, seek) => {
            Answer::Journal(Piece { seek, rows: office.journal_at(&filter, seek, PAGE_ROWS)?, reached: None })
        }
        JournalQuery::Newer(filter, place) => {
            let before = Seek::Before(place);
            let (newer, _) = office.journal_searched(&filter, before, MAX_NEWER + 1, EXAMINED_PER_STATEMENT)?;
            Answer::Newer(newer.len())
        }
        JournalQuery::Count(filter) => Answer::Count(office.count_journal(&filter, COUNT_LIMIT + 1)?),
        JournalQuery::Histogram(filter, columns) => {
            Answer::Histogram(columns, office.journal_histogram(&filter, columns)?)
        }
        JournalQuery::Sessions(entry_id) => {
            Answer::JournalSessions(entry_id, office.journal_sessions(entry_id, MAX_SESSIONS_OF_CHANGE)?)
        }
        JournalQuery::Handover => {
            let from = Timestamp(now.0.saturating_sub(SHIFT_MS));
            Answer::Handover(Box::new(engine::handover(office, from, now)?))
        }
    })
}
