//! Answers queries about the journal.

use crate::console::backend::activity_query::{count_columns, intersection};
use crate::console::protocol::journal::{JournalFilter, JournalQuery, SESSIONS_OF_CHANGE, SHIFT};
use crate::console::protocol::query::{Answer, COUNT_LIMIT, MessageCounts, NEWER, PAGE_ROWS, Piece};
use crate::domain::{Seek, Timestamp};
use crate::engine;
use crate::engine::inquiry::search::{SEARCH_ROWS, search};
use crate::store::head_office::COLUMN_LIMIT;
use crate::store::{HeadOffice, StoreError};

/// Answers a query.
pub fn answer(office: &HeadOffice, query: JournalQuery, now: Timestamp) -> Result<Answer, StoreError> {
    Ok(match query {
        JournalQuery::Rows(filter, seek) if filter.is_search() => {
            Answer::Journal(search(seek, |seek, rows| office.journal_searched(&filter, seek, rows, SEARCH_ROWS))?)
        }
        JournalQuery::Rows(filter, seek) => {
            Answer::Journal(Piece { seek, rows: office.journal_at(&filter, seek, PAGE_ROWS)?, reached: None })
        }
        JournalQuery::Newer(filter, place) => {
            let before = Seek::Before(place);
            let (newer, _) = office.journal_searched(&filter, before, NEWER + 1, SEARCH_ROWS)?;
            Answer::Newer(newer.len())
        }
        JournalQuery::Count(filter) => Answer::Count(office.count_journal(&filter, COUNT_LIMIT + 1)?),
        JournalQuery::Histogram(filter, from) => histogram(office, &filter, from)?,
        JournalQuery::Sessions(entry_id) => {
            Answer::JournalSessions(entry_id, office.journal_sessions(entry_id, SESSIONS_OF_CHANGE)?)
        }
        JournalQuery::Handover => {
            let from = Timestamp(now.0.saturating_sub(SHIFT));
            Answer::Handover(Box::new(engine::handover(office, from, now)?))
        }
    })
}

fn histogram(office: &HeadOffice, filter: &JournalFilter, from: Timestamp) -> Result<Answer, StoreError> {
    count_columns(from, |start, end| {
        let (since, until) = intersection((filter.since, filter.until), (start, end));
        let filter = JournalFilter { since, until, ..filter.clone() };
        Ok(MessageCounts { messages: office.count_journal(&filter, COLUMN_LIMIT)?, errors: 0 })
    })
}
