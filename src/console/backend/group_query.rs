//! Counts rows that filters find, in time slices.

use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{Answer, COUNT_LIMIT, CountState, FilterCount, Place, Query};
use crate::domain::Seek;
use crate::engine::inquiry::search::TIME_SLICE;
use crate::engine::inquiry::{MAX_COUNTED_ROWS, STRETCH_ROWS, count_stretch};
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
            CountState::Searched(query, seek, examined) => search(office, count, (query, seek, examined))?,
            CountState::Complete | CountState::Capped => {}
        }
        if began.elapsed() >= TIME_SLICE {
            break;
        }
    }
    Ok(counts)
}

/// Counts on the rows that a filter finds, until the slice is used up.
pub fn search_on(office: &HeadOffice, mut count: FilterCount) -> Result<FilterCount, StoreError> {
    let began = Instant::now();
    while count.is_pending() {
        let CountState::Searched(query, seek, examined) = std::mem::replace(&mut count.state, CountState::Complete)
        else {
            break;
        };
        search(office, &mut count, (query, seek, examined))?;
        if began.elapsed() >= TIME_SLICE {
            break;
        }
    }
    Ok(count)
}

/// Examines the next stretch of rows, which begins at `seek`; `examined` rows came before it.
fn search(
    office: &HeadOffice,
    count: &mut FilterCount,
    (query, seek, examined): (Box<GroupQuery>, Seek<Place>, i64),
) -> Result<(), StoreError> {
    let (counted, reached) = count_stretch(office, &query, query.status(), seek)?;
    count.rows += counted.iter().map(|group| group.rows).sum::<i64>();
    let examined = examined + STRETCH_ROWS;
    count.state = match reached {
        None => CountState::Complete,
        Some(_) if examined >= MAX_COUNTED_ROWS => CountState::Capped,
        Some(place) => CountState::Searched(query, Seek::After(place), examined),
    };
    Ok(())
}
