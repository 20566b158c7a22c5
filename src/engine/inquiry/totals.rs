//! Counts the rows of a long list by a field, in time slices.

use crate::domain::Seek;
use crate::engine::inquiry::search::TIME_SLICE;
use crate::store::head_office::{
    GroupCount, GroupPiece, HistoryFilter, JournalFilter, MessageFilter, Place, SessionFilter,
};
use crate::store::{HeadOffice, StoreError};
use std::collections::BTreeMap;
use std::time::Instant;

/// The maximum number of rows that a count examines, beginning with the newest.
pub const MAX_COUNTED_ROWS: i64 = 100_000;

/// The list whose rows are counted, with its filter.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupQuery {
    /// Sessions.
    Sessions(SessionFilter),
    /// Status messages.
    Messages(MessageFilter),
    /// Rows of the batch job history.
    History(HistoryFilter),
    /// Rows of the journal.
    Journal(JournalFilter),
}

impl GroupQuery {
    /// The fields that the rows can be counted by.
    pub fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Sessions(_) => &["store", "job", "group", "schedule", "status", "cause"],
            Self::Messages(_) => &["store", "job", "group", "schedule", "status", "cause", "direction", "agent"],
            Self::History(_) => &["job", "status", "group", "server", "by"],
            Self::Journal(_) => &["by", "what", "on", "host", "client", "result"],
        }
    }

    /// The field with the fewest values.
    pub fn status(&self) -> &'static str {
        if let Self::Journal(_) = self { "result" } else { "status" }
    }

    /// Whether rows that do not match are examined, too.
    pub fn is_search(&self) -> bool {
        match self {
            Self::Sessions(filter) => filter.is_search(),
            Self::Messages(filter) => filter.is_search(),
            Self::History(filter) => filter.is_search(),
            Self::Journal(filter) => filter.is_search(),
        }
    }
}
/// Rows that one statement examines.
pub const STRETCH_ROWS: i64 = 5_000;
/// The most groups whose cause is looked up.
const MAX_LABELS: usize = 500;

/// Counts one stretch of the rows from a place on.
pub fn count_stretch(
    office: &HeadOffice,
    query: &GroupQuery,
    field: &str,
    from: Seek<Place>,
) -> Result<GroupPiece, StoreError> {
    match query {
        GroupQuery::Sessions(filter) => office.session_groups(filter, field, from, STRETCH_ROWS),
        GroupQuery::Messages(filter) => office.message_groups(filter, field, from, STRETCH_ROWS),
        GroupQuery::History(filter) => office.history_groups(filter, field, from, STRETCH_ROWS),
        GroupQuery::Journal(filter) => office.journal_groups(filter, field, from, STRETCH_ROWS),
    }
}

/// What one slice counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// The groups of the rows that this slice examined; earlier slices may have counted the same
    /// groups.
    pub groups: Vec<GroupCount>,
    /// The last place examined; `None` at the end of the list.
    pub reached: Option<Place>,
    /// The rows examined so far, rounded up to whole stretches.
    pub examined: i64,
}

/// Adds counts to those that are known.
pub fn merge(into: &mut BTreeMap<String, GroupCount>, counted: Vec<GroupCount>) {
    for group in counted {
        match into.get_mut(&group.value) {
            Some(known) => {
                known.rows += group.rows;
                known.errors += group.errors;
                known.last_at = known.last_at.max(group.last_at);
            }
            None => drop(into.insert(group.value.clone(), group)),
        }
    }
}

/// Counts from `seek` on until the slice is used up, the list ends, or [`MAX_COUNTED_ROWS`] rows
/// were examined.
pub fn totals(
    office: &HeadOffice,
    query: &GroupQuery,
    field: &'static str,
    seek: Seek<Place>,
    examined: i64,
) -> Result<Totals, StoreError> {
    let began = Instant::now();
    let mut groups: BTreeMap<String, GroupCount> = BTreeMap::new();
    let (mut from, mut examined) = (seek, examined);
    loop {
        let (counted, reached) = count_stretch(office, query, field, from)?;
        merge(&mut groups, counted);
        examined += STRETCH_ROWS;
        match reached {
            Some(place) if examined < MAX_COUNTED_ROWS && began.elapsed() < TIME_SLICE => from = Seek::After(place),
            reached => {
                let mut groups: Vec<_> = groups.into_values().collect();
                if field == "cause" {
                    for group in groups.iter_mut().take(MAX_LABELS) {
                        if let Ok(cause) = group.value.parse() {
                            group.label = office.cause_text(cause)?;
                        }
                    }
                }
                return Ok(Totals { groups, reached, examined });
            }
        }
    }
}
