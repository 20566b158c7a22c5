//! The filter of the batch job history: typed terms such as `status:error job:12 age<7d`.

use crate::console::protocol::batch_query::HistoryFilter;
use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt, ScreenChange};
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::time::Zone;
use crate::domain::Timestamp;
use crate::filter::{self, Fault, lists};

/// Asks for the filter.
pub fn prompt(typed: &str) -> Effect {
    Prompt::filter(typed, lists::HISTORY, |typed| {
        let filter = parse(typed.text, typed.zone, typed.now)?;
        Ok(ScreenChange::FilterHistory(typed.text.trim().to_owned(), filter))
    })
}

/// Offers the fields that the history can be counted by.
pub fn pick_groups(typed: &str, filter: &HistoryFilter) -> Effect {
    let query = GroupQuery::History(filter.clone());
    let sources: Vec<_> = query.fields().iter().map(|field| (*field, GroupSource::Query(query.clone()))).collect();
    let typed = typed.to_owned();
    Groups::pick("batch job history", sources, move || prompt(&typed))
}

/// Parses the terms.
pub fn parse(typed: &str, zone: Zone, now: Timestamp) -> Result<HistoryFilter, Fault> {
    let filter = filter::parse(typed, lists::HISTORY, zone, now)?;
    Ok(HistoryFilter::default().with_terms(&filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_become_conditions_and_what_is_not_understood_is_named() {
        let filter = parse(" status:not_made 12 age<2h", Zone::Utc, Timestamp(7_200_000)).expect("understood");
        assert_eq!(filter.terms.len(), 1, "{filter:?}");
        assert_eq!((filter.job_id, filter.since), (Some(12), Some(Timestamp(1))));
        for (typed, word) in [
            ("state:4", "state"),
            ("job:x", "job cannot be \"x\""),
            ("status:late", "late"),
            ("age<1", "age cannot be"),
        ] {
            let fault = parse(typed, Zone::Utc, Timestamp(0)).expect_err(typed);
            assert!(fault.text.contains(word), "{fault}");
        }
    }
}
