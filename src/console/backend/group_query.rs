//! Counts the rows that the filters of an empty list find, in time slices.

use crate::console::protocol::query::{Answer, COUNT_LIMIT, CountState, FilterCount, Query};
use crate::domain::Seek;
use crate::engine::inquiry::search::TIME_SLICE;
use crate::engine::inquiry::{MAX_COUNTED_ROWS, STRETCH_ROWS, stretch};
use crate::store::{HeadOffice, StoreError};
use std::time::Instant;

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
                let examined = examined + STRETCH_ROWS;
                count.state = match reached {
                    None => CountState::Complete,
                    Some(_) if examined >= MAX_COUNTED_ROWS => CountState::Capped,
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
