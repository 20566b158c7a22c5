//! The filter of a long list, as it was typed.

use crate::console::protocol::journal::JournalFilter;
use crate::console::protocol::query::{MessageFilter, SessionFilter};
use crate::console::protocol::time::Zone;
use crate::domain::{Direction, Order, Timestamp, parse_age};
use crate::filter::{self, Fault, FieldSet, Filter, Test};

/// Parsed terms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms {
    /// The text as typed.
    pub typed: String,
    /// Its meaning.
    pub filter: Filter,
}

impl Terms {
    /// Parses the terms of a list with these fields. Dates are those of `zone`.
    pub fn parse(typed: &str, fields: &FieldSet, zone: Zone, now: Timestamp) -> Result<Self, Fault> {
        let filter = filter::parse(typed, fields, zone, now)?;
        Ok(Self { typed: filter.to_string(), filter })
    }

    /// The terms with another range of dates, as it was typed: nothing, an age, a day or instant,
    /// or two of them.
    pub fn with_dates(&self, dates: &str) -> String {
        let is_date = |field: &str| ["age", "from", "to"].contains(&field);
        let kept = self.filter.terms.iter().filter(|term| !is_date(term.field));
        let mut words: Vec<String> = kept.map(|term| term.source.clone()).collect();
        let (from, to) = ends(dates);
        if parse_age(from).is_some() && to.is_empty() {
            words.push(format!("age<{from}"));
        } else if !from.is_empty() {
            words.push(format!("from:{}", quoted(from)));
        }
        if !to.is_empty() {
            words.push(format!("to:{}", quoted(to)));
        }
        words.join(" ")
    }

    /// Whether rows are searched for a text, without an index to skip those that lack it.
    pub fn searches_text(&self) -> bool {
        fn searches(test: &Test) -> bool {
            match test {
                Test::Anywhere(_) | Test::Matches("text", _) => true,
                Test::Any(tests) => tests.iter().any(searches),
                _ => false,
            }
        }
        self.filter.terms.iter().any(|term| !term.negated && searches(&term.test))
    }

    /// The sessions that the terms ask for, in this order.
    pub fn sessions(&self, direction: Direction, no_data: bool, order: Order) -> SessionFilter {
        SessionFilter { no_data, order, ..SessionFilter::new(direction) }.with_terms(&self.filter)
    }

    /// The messages that the terms ask for, in this order.
    pub fn messages(&self, order: Order) -> MessageFilter {
        MessageFilter { order, ..MessageFilter::default() }.with_terms(&self.filter)
    }

    /// The rows of the journal that the terms ask for, in this order.
    pub fn journal(&self, order: Order) -> JournalFilter {
        JournalFilter { order, ..JournalFilter::default() }.with_terms(&self.filter)
    }
}

/// The ends of a range of dates; without a separator, all of it is the first.
fn ends(dates: &str) -> (&str, &str) {
    let ends = dates.split_once("..").or_else(|| dates.split_once(" to "));
    let (from, to) = ends.unwrap_or((dates, ""));
    (from.trim(), to.trim())
}

/// Refuses a range of dates of which an end is no date or age, or that ends before it begins.
pub fn check_dates(dates: &str, zone: Zone, now: Timestamp) -> Result<(), String> {
    let (from, to) = ends(dates);
    let no_date = |text: &str| format!("no date: {text:?}; write 7d, 2026-11-20 or 2026-11-20..2026-11-23");
    let start = Some(from).filter(|from| !from.is_empty());
    let start = start.map(|from| zone.parse(from, now).ok_or_else(|| no_date(from))).transpose()?;
    let end = Some(to).filter(|to| !to.is_empty());
    let end = end.map(|to| zone.parse_end(to, now).ok_or_else(|| no_date(to))).transpose()?;
    match (start, end) {
        (Some(start), Some(end)) if start >= end => Err(format!("no range from {from} to {to}; write {to}..{from}")),
        _ => Ok(()),
    }
}

/// A value as it has to be typed.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status;
    use crate::filter::lists;

    const UPLOADS: &FieldSet = lists::sessions(Direction::Upload);

    const NOW: Timestamp = Timestamp(1_794_541_408_000);

    #[test]
    fn terms_that_an_index_serves_become_fields_of_the_query() {
        let typed = "status:failed store:S0042 job:1040 1084971 age<2h text:\"time out\"";
        let filter = Terms::parse(typed, UPLOADS, Zone::Utc, NOW).expect("understood").sessions(
            Direction::Upload,
            false,
            Order::default(),
        );
        assert_eq!(filter.statuses, [Status::ApplyFailed, Status::UploadFailed]);
        assert_eq!(filter.session_number, Some(1_084_971));
        assert_eq!((filter.since, filter.until), (Some(Timestamp(NOW.0 - 7_200_000 + 1)), None));
        let others: Vec<_> = filter.terms.iter().map(|term| term.field).collect();
        assert_eq!(others, ["store", "job", "text"]);
    }

    #[test]
    fn sessions_can_be_asked_for_without_packages_and_repeated_ones_and_messages_of_one_cause() {
        let sessions = |typed: &str| {
            let terms = Terms::parse(typed, UPLOADS, Zone::Utc, NOW).expect("understood");
            let filter = terms.sessions(Direction::Upload, false, Order::default());
            (filter.packages, filter.repeated, filter.is_search(), filter.is_countable())
        };
        assert_eq!(sessions("status:failed"), (true, true, false, true));
        assert_eq!(sessions("packages:no"), (false, true, true, true));
        assert_eq!(sessions("status:failed repeated:no"), (true, false, true, true));
        assert_eq!(sessions("-status:failed"), (true, true, true, false));
        let messages =
            Terms::parse("cause:-7", lists::MESSAGES, Zone::Utc, NOW).expect("understood").messages(Order::default());
        assert_eq!((messages.cause, messages.failed), (Some(-7), true));
        let of_cause = Terms::parse("cause:-7", UPLOADS, Zone::Utc, NOW).expect("understood").sessions(
            Direction::Upload,
            false,
            Order::default(),
        );
        assert_eq!((of_cause.cause, of_cause.is_search()), (Some(-7), true));
        assert_eq!(of_cause.statuses, [Status::UploadFailed, Status::ApplyFailed], "an index has these");
        assert!(Terms::parse("repeated:no", lists::MESSAGES, Zone::Utc, NOW).is_err());
    }

    #[test]
    fn a_range_of_dates_takes_the_place_of_the_one_before_and_includes_its_last_day() {
        let parse = |typed: &str| Terms::parse(typed, lists::MESSAGES, Zone::Utc, NOW);
        let terms = parse("age<2h store:\"S 42\" from:2026-01-01").expect("understood");
        for (dates, typed) in [
            ("", "store:\"S 42\""),
            ("7d", "store:\"S 42\" age<7d"),
            ("2026-11-01 .. 2026-11-03", "store:\"S 42\" from:2026-11-01 to:2026-11-03"),
            ("2026-11-01 08:30 to 14:00", "store:\"S 42\" from:\"2026-11-01 08:30\" to:14:00"),
        ] {
            assert_eq!((terms.with_dates(dates).as_str(), check_dates(dates, Zone::Utc, NOW)), (typed, Ok(())));
            parse(typed).expect("what it makes is understood");
        }
        let range = parse("from:2026-11-01 to:2026-11-03").expect("understood").messages(Order::default());
        let day = 86_400_000;
        assert_eq!(range.until.expect("an end").since(range.since.expect("a start")), 3 * day);
        assert!(parse("to:soon").expect_err("no time").text.contains("soon"));
        for (dates, refusal) in [
            ("soon", "no date: \"soon\"; write 7d, 2026-11-20 or 2026-11-20..2026-11-23"),
            ("2026-11-30..2026-11-01", "no range from 2026-11-30 to 2026-11-01; write 2026-11-01..2026-11-30"),
        ] {
            assert_eq!(check_dates(dates, Zone::Utc, NOW), Err(refusal.to_owned()));
        }
    }
}
