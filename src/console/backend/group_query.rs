//! Counts the rows of a long list by a field, in time slices.

use crate::console::backend::search::TIME_SLICE;
use crate::console::protocol::groups::{COUNTED, GroupCount, GroupQuery, merge};
use crate::console::protocol::query::{Answer, COUNT_LIMIT, CountState, FilterCount, Place, Query};
use crate::domain::Seek;
use crate::store::head_office::GroupPiece;
use crate::store::{HeadOffice, StoreError};
use std::collections::BTreeMap;
use std::time::Instant;

/// Rows that one statement examines.
const STRETCH: i64 = 5_000;
/// The most groups whose cause is looked up.
const MOST_LABELS: usize = 500;

fn stretch(office: &HeadOffice, query: &GroupQuery, field: &str, from: Seek<Place>) -> Result<GroupPiece, StoreError> {
    match query {
        GroupQuery::Sessions(filter) => office.session_groups(filter, field, from, STRETCH),
        GroupQuery::Messages(filter) => office.message_groups(filter, field, from, STRETCH),
        GroupQuery::History(filter) => office.history_groups(filter, field, from, STRETCH),
        GroupQuery::Journal(filter) => office.journal_groups(filter, field, from, STRETCH),
    }
}

/// Counts the rows of the filters of an empty list until the slice is used up. `answer` answers the
/// queries that an index serves.
pub fn count_on(
    office: &HeadOffice,
    mut counts: Vec<FilterCount>,
    answer: impl Fn(Query) -> Result<Answer, StoreError>,
) -> Result<Vec<FilterCount>, StoreError> {
    let began = Instant::now();
    while let Some(count) = counts.iter_mut().find(|count| count.is_pending()) {
        match std::mem::replace(&mut count.state, CountState::Complete) {
            CountState::Indexed(query) => {
                if let Answer::Count(rows) = answer(*query)? {
                    count.rows = rows.min(COUNT_LIMIT);
                    count.state = if rows > COUNT_LIMIT { CountState::Capped } else { CountState::Complete };
                }
            }
            CountState::Searched(query, seek, examined) => {
                let (counted, reached) = stretch(office, &query, query.status(), seek)?;
                count.rows += counted.iter().map(|group| group.rows).sum::<i64>();
                let examined = examined + STRETCH;
                count.state = match reached {
                    None => CountState::Complete,
                    Some(_) if examined >= COUNTED => CountState::Capped,
                    Some(place) => CountState::Searched(query, Seek::After(place), examined),
                };
            }
            CountState::Complete | CountState::Capped => {}
        }
        if began.elapsed() >= TIME_SLICE {
            break;
        }
    }
    Ok(counts)
}

/// Counts from `seek` on until the slice is used up, the list ends, or [`COUNTED`] rows were
/// examined.
pub fn count(
    office: &HeadOffice,
    query: &GroupQuery,
    field: &'static str,
    seek: Seek<Place>,
    examined: i64,
) -> Result<Answer, StoreError> {
    let began = Instant::now();
    let mut groups: BTreeMap<String, GroupCount> = BTreeMap::new();
    let (mut from, mut examined) = (seek, examined);
    loop {
        let (counted, reached) = stretch(office, query, field, from)?;
        merge(&mut groups, counted);
        examined += STRETCH;
        match reached {
            Some(place) if examined < COUNTED && began.elapsed() < TIME_SLICE => from = Seek::After(place),
            reached => {
                let mut groups: Vec<_> = groups.into_values().collect();
                if field == "cause" {
                    for group in groups.iter_mut().take(MOST_LABELS) {
                        if let Ok(cause) = group.value.parse() {
                            group.label = office.cause_text(cause)?;
                        }
                    }
                }
                return Ok(Answer::Groups { groups, reached, examined });
            }
        }
    }
}
