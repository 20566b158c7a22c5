//! The filter of the batch job history: typed terms such as `status:error job:12 age<7d`.

use crate::batch::HistoryOutcome;
use crate::console::protocol::batch_query::HistoryFilter;
use crate::domain::{Timestamp, parse_age};

/// Reads the terms; a sentence names the one that is not understood.
pub fn parse(typed: &str, now: Timestamp) -> Result<HistoryFilter, String> {
    let mut filter = HistoryFilter::default();
    for term in typed.split_whitespace() {
        if let Some(age) = term.strip_prefix("age<") {
            let age =
                parse_age(age).ok_or_else(|| format!("not understood: age<{age}; write age<90m, age<24h or age<7d"))?;
            filter.since = Some(Timestamp(now.0.saturating_sub(age)));
            continue;
        }
        // A bare number is a job.
        let (field, value) = term.split_once(':').unwrap_or(("job", term));
        match field {
            "job" => {
                let number = value.parse().map_err(|_| format!("job:{value} is no number of a job"))?;
                filter.job_id = Some(number);
            }
            "status" => {
                let outcome = HistoryOutcome::from_word(value).ok_or_else(|| {
                    let words: Vec<_> = HistoryOutcome::ALL.iter().map(|outcome| outcome.word()).collect();
                    format!("status:{value} is none of {}", words.join(", "))
                })?;
                filter.outcome = Some(outcome);
            }
            _ => return Err(format!("not understood: {field}:; there are status: job: age<")),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_become_conditions_and_what_is_not_understood_is_named() {
        let filter = parse(" status:not_made 12 age<2h", Timestamp(7_200_000)).expect("understood");
        assert_eq!(filter.outcome, Some(HistoryOutcome::NotMade));
        assert_eq!((filter.job_id, filter.since), (Some(12), Some(Timestamp(0))));
        for (typed, word) in
            [("state:4", "state:"), ("job:x", "job:x"), ("status:late", "status:late"), ("age<1", "age<1")]
        {
            assert!(parse(typed, Timestamp(0)).expect_err(typed).contains(word));
        }
    }
}
