//! Instants: milliseconds UTC in memory and in the databases, RFC 3339 wherever people or scripts
//! read them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in milliseconds since 1970-01-01 UTC; any `i64`, because a store may report anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no instant; write RFC 3339 such as 2026-11-13T03:43:28.000Z, or milliseconds since 1970")]
pub struct TimestampError(String);

/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl Timestamp {
    /// 2000-01-01, the first valid instant of a status message.
    pub const EARLIEST: Self = Self(946_684_800_000);
    /// 2100-01-01, the first instant after the valid ones.
    pub const LATEST: Self = Self(4_102_444_800_000);

    /// Whether the instant is in the years 2000 to 2099; any other is malformed.
    pub fn is_plausible(self) -> bool {
        (Self::EARLIEST..Self::LATEST).contains(&self)
    }

    /// The instant `days` of 24 hours earlier; saturates instead of wrapping.
    #[must_use]
    pub fn minus_days(self, days: i64) -> Self {
        Self(self.0.saturating_sub(days.saturating_mul(DAY_MS)))
    }

    /// The instant `hours` later; saturates instead of wrapping.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours.saturating_mul(HOUR_MS)))
    }

    /// Milliseconds from `earlier` to here, negative if that is later; saturates.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Parses RFC 3339 with any offset; digits finer than a millisecond are cut.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.timestamp_millis()))
            .map_err(|_| TimestampError(text.chars().take(60).collect()))
    }

    /// `2026-11-13T03:43:28.000Z`; an instant outside the calendar's range prints as its number of
    /// milliseconds.
    pub fn to_rfc3339(self) -> String {
        match DateTime::<Utc>::from_timestamp_millis(self.0) {
            Some(at) if (0..=9999).contains(&chrono::Datelike::year(&at)) => {
                at.to_rfc3339_opts(SecondsFormat::Millis, true)
            }
            _ => self.0.to_string(),
        }
    }

    /// `2026-11-13 03:43:28 UTC`, for sentences.
    pub fn in_utc(self) -> String {
        format!("{} UTC", self.to_table())
    }

    /// `2026-11-13 03:43:28`, in UTC, for tables.
    pub fn to_table(self) -> String {
        let text = self.to_rfc3339();
        match text.split_once('.') {
            Some((seconds, _)) => seconds.replace('T', " "),
            None => text,
        }
    }
}

/// Parses an age such as `90m`, `24h`, `7d`, `1w` or `1h30m` into milliseconds; `None` if it is
/// none.
pub fn parse_age(text: &str) -> Option<i64> {
    let mut age: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[end..].chars().next()?;
        let milliseconds = match unit {
            's' => 1_000,
            'm' => MINUTE_MS,
            'h' => HOUR_MS,
            'd' => DAY_MS,
            'w' => 7 * DAY_MS,
            _ => return None,
        };
        let number: i64 = rest[..end].parse().ok()?;
        age = age.saturating_add(number.saturating_mul(milliseconds));
        rest = &rest[end + unit.len_utf8()..];
    }
    (!text.is_empty()).then_some(age)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an instant as RFC 3339 text or as milliseconds since 1970")
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(value))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Timestamp, E> {
                i64::try_from(value).map(Timestamp).map_err(|_| E::custom("an instant beyond 64 bits"))
            }
            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Timestamp, E> {
                Timestamp::parse_rfc3339(value).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_with_milliseconds_and_z() {
        assert_eq!(Timestamp(1_794_541_408_000).to_rfc3339(), "2026-11-13T03:43:28.000Z");
        assert_eq!(Timestamp::parse_rfc3339("2026-11-13T04:43:28+01:00"), Ok(Timestamp(1_794_541_408_000)));
        assert_eq!(Timestamp(1_794_541_408_999).to_table(), "2026-11-13 03:43:28");
    }

    #[test]
    fn an_instant_beyond_the_calendar_prints_as_a_number() {
        assert_eq!(Timestamp(i64::MAX).to_rfc3339(), i64::MAX.to_string());
        assert_eq!(Timestamp(i64::MIN).to_rfc3339(), i64::MIN.to_string());
        assert_eq!(Timestamp(i64::MIN).minus_days(i64::MAX), Timestamp(i64::MIN));
    }

    #[test]
    fn plausible_means_2000_to_2099() {
        assert!(Timestamp::EARLIEST.is_plausible());
        assert!(!Timestamp(Timestamp::EARLIEST.0 - 1).is_plausible());
        assert!(!Timestamp::LATEST.is_plausible());
    }
}
