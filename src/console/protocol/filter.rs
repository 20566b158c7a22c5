//! The filter's language: typed terms such as `status:apply_failed store:S0042 age<2h text:timeout`.

use crate::console::protocol::query::{Contains, MessageFilter, SessionFilter};
use crate::console::protocol::time::Zone;
use crate::domain::{Direction, Order, Status, Timestamp, parse_age};

/// Parsed terms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms {
    /// The text as typed.
    pub typed: String,
    statuses: Vec<Status>,
    direction: Option<Direction>,
    store: Option<String>,
    job: Option<String>,
    session: Option<i64>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    text: Option<String>,
    cause: Option<i64>,
    no_packages: bool,
    no_repeated: bool,
}

/// How the help screen and the prompt explain it.
pub const HELP: &str = "status:failed or status:applied,no_data  store:S0042  job:1040  session:1084971  age<2h  from:2026-11-20  to:2026-11-23  text:timeout";

impl Terms {
    /// Parses the terms; the error names the one that is invalid. Without a `direction`, terms of both are accepted. Dates are
    /// those of `zone`.
    pub fn parse(typed: &str, direction: Option<Direction>, zone: Zone, now: Timestamp) -> Result<Self, String> {
        let mut terms = Self { typed: typed.trim().to_owned(), ..Self::default() };
        let no_time =
            |value: &str| format!("not understood: {value}; write 2026-11-23, \"2026-11-23 14:30\", 14:30 or 2h");
        for term in words(typed) {
            if let Some(age) = term.strip_prefix("age<") {
                let age = parse_age(age)
                    .ok_or_else(|| format!("not understood: age<{age}; write age<90m, age<24h or age<7d"))?;
                terms.since = Some(Timestamp(now.0.saturating_sub(age)));
                continue;
            }
            let (field, value) = match term.split_once(':') {
                Some((field, value)) => (field, value),
                // A bare number is a session, a bare word a store.
                None if term.parse::<i64>().is_ok() => ("session", term.as_str()),
                None => ("store", term.as_str()),
            };
            if value.is_empty() {
                return Err(format!("{field}: needs a value"));
            }
            match field {
                "status" => terms.statuses = statuses(value, direction)?,
                "store" => terms.store = Some(value.to_owned()),
                "job" => terms.job = Some(value.to_owned()),
                "from" => terms.since = Some(zone.parse(value, now).ok_or_else(|| no_time(value))?),
                "to" => terms.until = Some(zone.parse_end(value, now).ok_or_else(|| no_time(value))?),
                "text" => terms.text = Some(value.to_owned()),
                "session" => {
                    let number = value.parse().map_err(|_| format!("session:{value} is no number"))?;
                    terms.session = Some(number);
                }
                // The two kinds of sessions that a list can leave out.
                "packages" | "repeated" if direction.is_some() => {
                    if value != "no" {
                        return Err(format!("{field}:{value} is not understood; write {field}:no"));
                    }
                    if field == "packages" { terms.no_packages = true } else { terms.no_repeated = true }
                }
                "cause" if direction.is_none() => {
                    let number = value.parse().map_err(|_| format!("cause:{value} is no number"))?;
                    terms.cause = Some(number);
                }
                "direction" if direction.is_none() => {
                    let found = Direction::ALL.into_iter().find(|direction| direction.word() == value);
                    terms.direction =
                        Some(found.ok_or_else(|| format!("direction:{value} is neither download nor upload"))?);
                }
                _ => {
                    let more = if direction.is_some() { "packages: repeated:" } else { "direction: cause:" };
                    return Err(format!(
                        "not understood: {field}:; there are status: store: job: session: age< from: to: text: {more}"
                    ));
                }
            }
        }
        Ok(terms)
    }

    /// The terms with another range of dates, as it was typed: nothing, an age, a day or instant, or two of them.
    pub fn with_dates(&self, dates: &str) -> String {
        let is_date = |word: &str| ["age<", "from:", "to:"].iter().any(|start| word.starts_with(start));
        let mut words: Vec<String> = words(&self.typed).into_iter().filter(|word| !is_date(word)).map(quoted).collect();
        let dates = dates.trim();
        let (from, to) = dates.split_once("..").or_else(|| dates.split_once(" to ")).unwrap_or((dates, ""));
        let (from, to) = (from.trim(), to.trim());
        if parse_age(from).is_some() && to.is_empty() {
            words.push(format!("age<{from}"));
        } else if !from.is_empty() {
            words.push(quoted(format!("from:{from}")));
        }
        if !to.is_empty() {
            words.push(quoted(format!("to:{to}")));
        }
        words.join(" ")
    }

    /// The text that is searched for.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The sessions that the terms ask for, in this order.
    pub fn sessions(&self, direction: Direction, no_data: bool, order: Order) -> SessionFilter {
        SessionFilter {
            statuses: self.statuses.clone(),
            session_number: self.session,
            channel_database: self.store.clone(),
            job_name: self.job.clone(),
            since: self.since,
            until: self.until,
            order,
            text: self.text.as_deref().map(Contains::new),
            no_data,
            packages: !self.no_packages,
            repeated: !self.no_repeated,
            ..SessionFilter::new(direction)
        }
    }

    /// The messages that the terms ask for, in this order.
    pub fn messages(&self, order: Order) -> MessageFilter {
        MessageFilter {
            direction: self.direction,
            statuses: self.statuses.clone(),
            session_number: self.session,
            channel_database: self.store.clone(),
            job_name: self.job.clone(),
            since: self.since,
            until: self.until,
            order,
            text: self.text.as_deref().map(Contains::new),
            cause: self.cause,
            // The index of failures serves this query.
            failed: self.cause.is_some()
                || (!self.statuses.is_empty() && self.statuses.iter().all(|status| status.is_failed())),
            ..MessageFilter::default()
        }
    }
}

/// The terms; a value in double quotes may hold blanks.
fn words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in typed.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A term as it would have to be typed.
fn quoted(term: String) -> String {
    match term.split_once(':') {
        Some((field, value)) if value.contains(char::is_whitespace) => format!("{field}:\"{value}\""),
        _ if term.contains(char::is_whitespace) => format!("\"{term}\""),
        _ => term,
    }
}

fn statuses(value: &str, direction: Option<Direction>) -> Result<Vec<Status>, String> {
    let known: Vec<Status> = match direction {
        Some(direction) => Status::all(direction).collect(),
        None => Direction::ALL.into_iter().flat_map(Status::all).collect(),
    };
    let mut statuses = Vec::new();
    for word in value.split(',') {
        let before = statuses.len();
        if word == "failed" {
            statuses.extend(known.iter().filter(|status| status.is_failed()));
        } else {
            statuses.extend(known.iter().filter(|status| status.word() == word));
        }
        if statuses.len() == before {
            let words: Vec<_> = known.iter().map(|status| status.word()).collect();
            return Err(format!("status:{word} is none of failed, {}", words.join(", ")));
        }
    }
    statuses.dedup();
    Ok(statuses)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_794_541_408_000);

    #[test]
    fn terms_become_conditions() {
        let typed = "status:failed S0042 job:1040 1084971 age<2h text:\"time out\"";
        let filter = Terms::parse(typed, Some(Direction::Upload), Zone::Utc, NOW).expect("understood").sessions(
            Direction::Upload,
            false,
            Order::default(),
        );
        assert_eq!(filter.statuses, [Status::UploadFailed, Status::ApplyFailed]);
        assert_eq!(filter.channel_database.as_deref(), Some("S0042"));
        assert_eq!(filter.session_number, Some(1_084_971));
        assert_eq!(filter.since, Some(Timestamp(NOW.0 - 7_200_000)));
        assert_eq!(filter.text, Some(Contains::new("time out")));
    }

    #[test]
    fn sessions_can_be_asked_for_without_packages_and_repeated_ones_and_messages_of_one_cause() {
        let sessions = |typed: &str| {
            let terms = Terms::parse(typed, Some(Direction::Upload), Zone::Utc, NOW).expect("understood");
            let filter = terms.sessions(Direction::Upload, false, Order::default());
            (filter.packages, filter.repeated, filter.is_search(), filter.is_countable())
        };
        assert_eq!(sessions("status:failed"), (true, true, false, true));
        assert_eq!(sessions("packages:no"), (false, true, true, true));
        assert_eq!(sessions("status:failed repeated:no"), (true, false, true, true));
        let messages = Terms::parse("cause:-7", None, Zone::Utc, NOW).expect("understood").messages(Order::default());
        assert_eq!((messages.cause, messages.failed), (Some(-7), true));
        assert!(Terms::parse("cause:-7", Some(Direction::Upload), Zone::Utc, NOW).is_err());
        assert!(Terms::parse("repeated:no", None, Zone::Utc, NOW).is_err());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (typed, word) in [
            ("packages:some", "packages:no"),
            ("state:4", "state:"),
            ("status:uploaded", "status:uploaded"),
            ("age<soon", "age<soon"),
            ("store:", "store:"),
            ("session:x", "session:x"),
        ] {
            let error = Terms::parse(typed, Some(Direction::Download), Zone::Utc, NOW).expect_err(typed);
            assert!(error.contains(word), "{error}");
        }
        assert!(Terms::parse("status:uploaded", None, Zone::Utc, NOW).is_ok());
    }

    #[test]
    fn a_range_of_dates_takes_the_place_of_the_one_before_and_includes_its_last_day() {
        let parse = |typed: &str| Terms::parse(typed, None, Zone::Utc, NOW);
        let terms = parse("age<2h store:\"S 42\" from:2026-01-01").expect("understood");
        for (dates, typed) in [
            ("", "store:\"S 42\""),
            ("7d", "store:\"S 42\" age<7d"),
            ("2026-11-01 .. 2026-11-03", "store:\"S 42\" from:2026-11-01 to:2026-11-03"),
            ("2026-11-01 08:30 to 14:00", "store:\"S 42\" from:\"2026-11-01 08:30\" to:14:00"),
        ] {
            assert_eq!(terms.with_dates(dates), typed);
            parse(typed).expect("what it makes is understood");
        }
        let range = parse("from:2026-11-01 to:2026-11-03").expect("understood").messages(Order::default());
        let day = 86_400_000;
        assert_eq!(range.until.expect("an end").since(range.since.expect("a start")), 3 * day);
        assert!(parse("to:soon").expect_err("no time").contains("soon"));
    }
}
