//! Counts the rows of a long list by a field, in time slices.

use crate::console::protocol::groups::{COUNTED, GroupCount, GroupQuery, merge};
use crate::console::protocol::query::{Answer, Place};
use crate::domain::Seek;
use crate::store::{HeadOffice, StoreError};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Rows that one statement examines.
const STRETCH: i64 = 5_000;
/// Time after which an answer says what was counted, so that other queries get their turn.
const TIME_SLICE: Duration = Duration::from_millis(120);
/// The most groups whose cause is looked up.
const MOST_LABELS: usize = 500;

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
        let (counted, reached) = match query {
            GroupQuery::Sessions(filter) => office.session_groups(filter, field, from, STRETCH)?,
            GroupQuery::Messages(filter) => office.message_groups(filter, field, from, STRETCH)?,
            GroupQuery::History(filter) => office.history_groups(filter, field, from, STRETCH)?,
            GroupQuery::Journal(filter) => office.journal_groups(filter, field, from, STRETCH)?,
        };
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
