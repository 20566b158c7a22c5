//! Parses `--since`, an instant, a date, or an age; and `--until`, which is in the future.

use crate::cli::exit::Failure;
use crate::domain::{Timestamp, parse_age};
use crate::text::time::Zone;

/// Parses RFC 3339, a date (midnight UTC), or an age such as `90m`, `24h`, `7d` before `now`.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    parse_age(text)
        .map(|age| Timestamp(now.0.saturating_sub(age)))
        .or_else(|| Timestamp::parse_rfc3339(text).ok())
        .or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")).ok())
        .ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Failure::usage(format!(
                "--since {shown:?} is no instant; write 2026-11-13T03:43:28Z, 2026-11-13, or an age such as 90m, 24h, 7d"
            ))
        })
}

/// Parses a future time: an age from `now` on, a time of day, a date (both UTC), or RFC 3339.
pub fn parse_until(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    Zone::Utc.parse_future(text, now).map_err(|error| {
        let shown: String = text.chars().take(40).collect();
        Failure::usage(format!("--until {shown:?}: {error}; write 2h, tomorrow, 06:00 (UTC), a date or RFC 3339"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_dates_and_instants_are_read_and_anything_else_is_refused() {
        let now = Timestamp(1_794_541_408_000);
        for (text, at) in [
            ("90m", now.0 - 5_400_000),
            ("24h", now.0 - 86_400_000),
            ("7d", now.0 - 604_800_000),
            ("2026-11-13", 1_794_528_000_000),
            ("2026-11-13T04:43:28+01:00", now.0),
            ("99999999999999999d", now.0.saturating_sub(i64::MAX)),
        ] {
            assert_eq!(parse(text, now).ok(), Some(Timestamp(at)), "{text}");
        }
        for text in ["", "d", "-1d", "yesterday", "1.5h", "é"] {
            assert!(parse(text, now).is_err(), "{text}");
        }
    }
}
