//! Instants and ages as screens show them.

use crate::domain::{Timestamp, parse_age};
use chrono::{
    DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike, Utc,
    Weekday,
};
use chrono_tz::Tz;

/// How far from now an instant may be that an operator sets, in days: ten years.
pub const LATEST_DAYS: i64 = 3_653;
const WEEK: Days = Days::new(7);

/// Why a text is no future time that an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FutureError {
    /// It names no instant.
    #[error("not a time")]
    NotATime,
    /// It has passed.
    #[error("that time has passed")]
    Passed,
    /// It is more than ten years ahead.
    #[error("more than ten years from now")]
    TooFar,
}

/// The zone in which times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The operator's.
    Local(Tz),
    /// Coordinated universal time.
    Utc,
    /// A store's.
    Store(Tz),
}

impl Zone {
    fn at(self, at: Timestamp) -> Option<DateTime<FixedOffset>> {
        let utc = DateTime::<Utc>::from_timestamp_millis(at.0)?;
        Some(match self {
            Self::Utc => utc.fixed_offset(),
            Self::Local(zone) | Self::Store(zone) => utc.with_timezone(&zone).fixed_offset(),
        })
    }

    /// The name of the zone at an instant.
    pub fn name(self, at: Timestamp) -> String {
        let seconds = self.at(at).map_or(0, |at| at.offset().fix().local_minus_utc());
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
        match (minutes / 60, minutes % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// `HH:MM:SS` today, `MM-DD HH:MM` on other days of this year or the last, else the date.
    pub fn short(self, at: Timestamp, now: Timestamp) -> String {
        let (Some(at), Some(now)) = (self.at(at), self.at(now)) else { return at.0.to_string() };
        let format = if at.date_naive() == now.date_naive() {
            "%H:%M:%S"
        } else if (now - at).num_days().abs() < 300 {
            "%m-%d %H:%M"
        } else {
            "%Y-%m-%d"
        };
        at.format(format).to_string()
    }

    /// Reads `14:30` (the latest one), `2026-11-23`, `2026-11-23 14:30`, `11-23 14:30`,
    /// `Mon 14:30`, `today`, `yesterday`, an age such as `2h`, or RFC 3339. A day begins at
    /// midnight in this zone.
    pub fn parse(self, text: &str, now: Timestamp) -> Option<Timestamp> {
        let text = text.trim();
        if let Some(age) = parse_age(text) {
            return Some(Timestamp(now.0.saturating_sub(age)));
        }
        if let Ok(at) = Timestamp::parse_rfc3339(text) {
            return Some(at);
        }
        let today = self.at(now)?.date_naive();
        let at = |day: NaiveDate, time: NaiveTime| self.instant(day.and_time(time));
        let formats = ["%H:%M", "%H:%M:%S"];
        let time = |text: &str| formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok());
        if let Some(time) = time(text) {
            return at(today, time).filter(|at| *at <= now).or_else(|| at(today.pred_opt()?, time));
        }
        let (day, rest) = text.split_once(' ').unwrap_or((text, "00:00"));
        let (day, time) = (self.day_of(day, now)?, time(rest)?);
        let found = at(day, time)?;
        // Today's weekday, with a time that is still to come.
        if found > now && weekday(text.split(' ').next()?).is_some() { at(day - WEEK, time) } else { Some(found) }
    }

    /// The shortest text of an instant that [`Self::parse`] reads as it: a time of today, a day and
    /// time, or RFC 3339.
    pub fn typed(self, at: Timestamp, now: Timestamp) -> String {
        let formats = ["%H:%M", "%m-%d %H:%M", "%Y-%m-%d %H:%M"];
        let wall = self.at(at);
        let is_today = wall.zip(self.at(now)).is_some_and(|(at, now)| at.date_naive() == now.date_naive());
        let texts =
            formats.iter().skip(usize::from(!is_today)).filter_map(|format| Some(wall?.format(format).to_string()));
        let read = |text: &String| self.parse(text, now) == Some(at) && self.parse_end(text, now) == Some(at);
        texts.into_iter().find(read).unwrap_or_else(|| at.to_rfc3339())
    }

    /// Reads a future instant: an age as the time from now on, `06:00` as the next one, or what
    /// [`Self::parse`] reads; refused if it has passed or is more than ten years ahead.
    pub fn parse_future(self, text: &str, now: Timestamp) -> Result<Timestamp, FutureError> {
        let at = self.future(text.trim(), now).ok_or(FutureError::NotATime)?;
        if at <= now {
            return Err(FutureError::Passed);
        }
        if at > now.minus_days(-LATEST_DAYS) { Err(FutureError::TooFar) } else { Ok(at) }
    }

    /// The instant that a text names, in the future if it may mean that.
    fn future(self, text: &str, now: Timestamp) -> Option<Timestamp> {
        if let Some(age) = parse_age(text) {
            return Some(Timestamp(now.0.saturating_add(age)));
        }
        let is_time = text.contains(':') && !text.contains(['-', ' ']);
        let next_day = || {
            let tomorrow = self.at(now)?.date_naive().succ_opt()?;
            self.parse(&format!("{tomorrow} {text}"), now)
        };
        let today = || {
            let today = self.at(now)?.date_naive();
            self.parse(&format!("{today} {text}"), now)
        };
        let at = if is_time { today().filter(|at| *at > now).or_else(next_day) } else { self.parse(text, now) };
        at.filter(|at| *at > now).or_else(|| self.next_of(text, now)).or(at)
    }

    /// The next instant on a weekday, or on a day of a month, that a text names.
    fn next_of(self, text: &str, now: Timestamp) -> Option<Timestamp> {
        let (day, time) = text.split_once(' ').unwrap_or((text, "00:00"));
        let last = self.day_of(day, now)?;
        let next = match weekday(day) {
            Some(_) => last + WEEK,
            None if day.len() == 5 && day.contains('-') => last.with_year(last.year() + 1)?,
            None => return None,
        };
        let at = |day: NaiveDate| self.parse(&format!("{day} {time}"), now).filter(|at| *at > now);
        at(last).or_else(|| at(next))
    }

    /// Reads a future instant from the first word or two of a text; returns it with the rest, or
    /// why neither is one.
    pub fn split_future(self, text: &str, now: Timestamp) -> Result<(Timestamp, &str), FutureError> {
        let text = text.trim();
        let ends = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
        let first: Vec<_> = ends.take(2).collect();
        // The longer one first: `2026-11-23 06:00` is one instant.
        let read = |end: usize| self.parse_future(&text[..end], now).map(|at| (at, text[end..].trim()));
        let mut tried = first.into_iter().rev().map(read);
        let refused = |error| error != FutureError::NotATime;
        let longest = tried.next().unwrap_or(Err(FutureError::NotATime));
        if longest.is_ok() || longest.is_err_and(refused) {
            return longest;
        }
        tried.next().unwrap_or(longest)
    }

    /// Parses a typed time as the exclusive end of a range; a day includes the whole day.
    pub fn parse_end(self, text: &str, now: Timestamp) -> Option<Timestamp> {
        match self.day_of(text.trim(), now) {
            Some(day) => self.instant(day.succ_opt()?.and_time(NaiveTime::MIN)),
            None => self.parse(text, now),
        }
    }

    /// The range of instants that a day, a minute or a second covers, its end exclusive; `None` for
    /// an age, which names none.
    pub fn parse_range(self, text: &str, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let text = text.trim();
        if parse_age(text).is_some() {
            return None;
        }
        let start = self.parse(text, now)?;
        if self.day_of(text, now).is_some() {
            return Some((start, self.parse_end(text, now)?));
        }
        let length = match text {
            text if text.contains('.') => 1,
            text if text.matches(':').count() == 1 => 60_000,
            _ => 1_000,
        };
        Some((start, Timestamp(start.0.saturating_add(length))))
    }

    /// The day that a text names: `today`, `tomorrow`, `yesterday`, a date, or the month and day of
    /// the last such one.
    fn day_of(self, text: &str, now: Timestamp) -> Option<NaiveDate> {
        let today = self.at(now)?.date_naive();
        match text {
            "today" => Some(today),
            "tomorrow" => today.succ_opt(),
            "yesterday" => today.pred_opt(),
            text if weekday(text).is_some() => {
                let (today_is, wanted) = (today.weekday(), weekday(text)?);
                Some(today - Days::new(u64::from(today_is.days_since(wanted))))
            }
            text if text.len() == 5 => {
                // The last one, as columns show it.
                let of = |year: i32| NaiveDate::parse_from_str(&format!("{year}-{text}"), "%Y-%m-%d").ok();
                of(today.year()).filter(|day| *day <= today).or_else(|| of(today.year() - 1))
            }
            text => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
        }
    }

    /// The instant of a wall clock in this zone: the earlier of two, none in a gap.
    fn instant(self, wall: NaiveDateTime) -> Option<Timestamp> {
        let at = match self {
            Self::Utc => wall.and_utc().timestamp_millis(),
            Self::Local(zone) | Self::Store(zone) => zone.from_local_datetime(&wall).earliest()?.timestamp_millis(),
        };
        Some(Timestamp(at))
    }

    /// `Mon 17:02` within a week, else the date and time.
    pub fn day(self, at: Timestamp, now: Timestamp) -> String {
        let (Some(at), Some(now)) = (self.at(at), self.at(now)) else { return at.0.to_string() };
        let format = if (now - at).num_days().abs() < 7 { "%a %H:%M" } else { "%Y-%m-%d %H:%M" };
        at.format(format).to_string()
    }

    /// The hour of the day, if it is a full one.
    pub fn full_hour(self, at: Timestamp) -> Option<u32> {
        let at = self.at(at)?;
        (at.minute() < 20).then(|| at.hour())
    }

    /// Date and time in full, for panes.
    pub fn long(self, at: Timestamp) -> String {
        self.at(at).map_or_else(|| at.0.to_string(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
    }
}

/// The day of the week that a word of three letters names, as columns show it.
fn weekday(word: &str) -> Option<Weekday> {
    Some(word).filter(|word| word.len() == 3)?.parse().ok()
}

/// An age in the two greatest of its units: `40 s`, `4 min`, `4 h 29 min`, `3 d 4 h`.
pub fn age(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days} d {} h", hours % 24)
    } else if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

/// How long something took: `0.4 s`, `2 s`, `37 s`, `17 min`.
pub fn took(milliseconds: i64) -> String {
    if (0..10_000).contains(&milliseconds) && milliseconds % 1_000 >= 100 {
        return format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100);
    }
    age(milliseconds)
}

/// A time span in one unit, for narrow columns: `45 s`, `18 m`, `4 h`, `6 d`.
pub fn short_span(ms: i64) -> String {
    let seconds = ms.abs() / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_shows_seconds_and_other_days_show_the_day() {
        let now = Timestamp(1_794_541_408_000);
        assert_eq!(Zone::Utc.short(now, now), "03:43:28");
        assert_eq!(Zone::Utc.short(now.minus_days(1), now), "11-12 03:43");
        assert_eq!(Zone::Utc.short(now.minus_days(900), now), "2024-05-27");
        assert_eq!(Zone::Utc.short(Timestamp(i64::MAX), now), i64::MAX.to_string());
        assert_eq!(Zone::Utc.name(now), "UTC");
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        let now = Timestamp(1_794_541_408_000);
        let shown = |text: &str| Zone::Utc.parse(text, now).map(|at| Zone::Utc.long(at));
        for (text, at) in [
            ("03:00", "2026-11-13 03:00:00"),
            ("04:00", "2026-11-12 04:00:00"),
            ("2h", "2026-11-13 01:43:28"),
            ("2026-11-01", "2026-11-01 00:00:00"),
            ("2026-11-01 14:30", "2026-11-01 14:30:00"),
            ("2026-11-13T04:43:28+01:00", "2026-11-13 03:43:28"),
            ("today", "2026-11-13 00:00:00"),
            ("yesterday", "2026-11-12 00:00:00"),
            ("yesterday 14:30:05", "2026-11-12 14:30:05"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(at), "{text}");
        }
        assert_eq!(["", "soon", "25:00", "2026-02-30"].map(shown), [None, None, None, None]);
        let length = |text: &str| Zone::Utc.parse_range(text, now).map(|(start, end)| end.since(start));
        let lengths =
            ["yesterday", "2026-11-01", "03:00", "2026-11-01 14:30", "03:00:07", "2026-11-13T04:43:28.5Z", "2h"];
        let day = Some(86_400_000);
        assert_eq!(lengths.map(length), [day, day, Some(60_000), Some(60_000), Some(1_000), Some(1), None]);
    }

    #[test]
    fn what_screens_show_of_an_instant_is_read_as_that_instant() {
        let now = Timestamp(1_794_541_408_000);
        let Ok(berlin) = "Europe/Berlin".parse() else { panic!("a zone") };
        for zone in [Zone::Utc, Zone::Local(berlin)] {
            for minutes in (-200 * 24 * 60..200 * 24 * 60).step_by(397) {
                let at = Timestamp(now.0 + minutes * 60_000);
                for shown in [zone.short(at, now), zone.day(at, now), zone.long(at)] {
                    let read = if at > now { zone.parse_future(&shown, now).ok() } else { zone.parse(&shown, now) };
                    let off = read.map(|read| at.since(read));
                    assert!(off.is_some_and(|off| (0..60_000).contains(&off)), "{shown}: {read:?}, not {at:?}");
                }
            }
        }
    }

    #[test]
    fn the_text_of_an_instant_is_short_and_read_as_that_instant() {
        let now = Timestamp(1_794_541_408_000);
        let minute = |minutes: i64| Timestamp((now.0 / 60_000 + minutes) * 60_000);
        assert_eq!(Zone::Utc.typed(minute(-3), now), "03:40");
        assert_eq!(Zone::Utc.typed(minute(7), now), "11-13 03:50", "still to come");
        assert_eq!(Zone::Utc.typed(minute(-300), now), "11-12 22:43");
        assert_eq!(Zone::Utc.typed(Timestamp(now.0 + 1), now), "2026-11-13T03:43:28.001Z");
        let Ok(berlin) = "Europe/Berlin".parse() else { panic!("a zone") };
        for minutes in (-400 * 24 * 60..24 * 60).step_by(397) {
            let text = Zone::Local(berlin).typed(minute(minutes), now);
            assert_eq!(Zone::Local(berlin).parse(&text, now), Some(minute(minutes)), "{text}");
        }
    }

    #[test]
    fn a_future_time_is_read_with_the_words_behind_it() {
        let now = Timestamp(1_794_541_408_000);
        let split = |text| Zone::Utc.split_future(text, now).ok().map(|(at, rest)| (Zone::Utc.long(at), rest));
        for (text, at, rest) in [
            ("2h", "2026-11-13 05:43:28", ""),
            ("06:00 waits for the DBA", "2026-11-13 06:00:00", "waits for the DBA"),
            ("03:00", "2026-11-14 03:00:00", ""),
            ("2026-11-14 06:00 on call", "2026-11-14 06:00:00", "on call"),
            ("2026-11-14 on call", "2026-11-14 00:00:00", "on call"),
            ("2026-11-14T06:00:00+01:00 é", "2026-11-14 05:00:00", "é"),
            ("tomorrow 06:00 on call", "2026-11-14 06:00:00", "on call"),
            ("tomorrow", "2026-11-14 00:00:00", ""),
            (" 1d  two  words", "2026-11-14 03:43:28", "two  words"),
        ] {
            assert_eq!(split(text), Some((at.to_owned(), rest)), "{text}");
        }
        assert_eq!(
            ["", "0s", "today", "2026-11-13", "waits 2h", "25:00"].map(split),
            [None, None, None, None, None, None]
        );
    }

    #[test]
    fn a_time_that_is_no_future_one_is_refused_with_the_reason() {
        let now = Timestamp(1_794_541_408_000);
        let refused = |text| Zone::Utc.split_future(text, now).err();
        for text in ["", "soon", "soon after", "25:00"] {
            assert_eq!(refused(text), Some(FutureError::NotATime), "{text}");
        }
        for text in ["0s", "today", "2026-11-13", "2026-11-12 06:00 on call", "yesterday on call"] {
            assert_eq!(refused(text), Some(FutureError::Passed), "{text}");
        }
        for text in ["3000-01-01", "99999999d", "3000-01-01 on call"] {
            assert_eq!(refused(text), Some(FutureError::TooFar), "{text}");
        }
    }

    #[test]
    fn ages_have_two_units_at_the_most() {
        let ages = [59_000, 240_000, 16_140_000, 273_600_000, -5].map(age);
        assert_eq!(ages, ["59 s", "4 min", "4 h 29 min", "3 d 4 h", "0 s"]);
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([400, 6_140, 37_000, 1_020_000].map(took), ["0.4 s", "6.1 s", "37 s", "17 min"]);
        assert_eq!([5_000, -1_080_000, 15_000_000, 600_000_000].map(short_span), ["5 s", "18 m", "4 h", "6 d"]);
    }
}
