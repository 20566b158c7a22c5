//! Conversion between wall clocks and instants: gaps, ambiguous times, and spans of constant
//! offset.

use chrono::{LocalResult, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

/// Upper bound of all occurrences: a day before the year 10000.
pub(super) const HORIZON: i64 = 253_402_214_400;
/// The zone database has no changes of offset from 2100 on.
pub(super) const LAST_CHANGE: i64 = 4_102_444_800;
/// Step of the search for changes of offset. Since 1970 no zone has two changes within it, which a
/// test checks.
pub(super) const PROBE_SECONDS: i64 = 4 * DAY_SECONDS;
pub(super) const DAY_SECONDS: i64 = 86_400;

#[cfg(test)]
thread_local! {
    /// Looks into the zone database, the work that could grow with a rule's age.
    pub(super) static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

fn look() {
    #[cfg(test)]
    LOOKS.with(|looks| looks.set(looks.get() + 1));
}

/// Returns a wall clock as seconds since 1970, read as UTC.
pub(super) fn wall_seconds(wall: NaiveDateTime) -> i64 {
    wall.and_utc().timestamp()
}

/// Returns the wall clock of seconds read as UTC, clamped to the end of the calendar.
pub(super) fn wall_of(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0).map_or(NaiveDateTime::MAX, |at| at.naive_utc())
}

/// Returns the zone's offset at the instant, in seconds ahead of UTC.
pub(super) fn offset_at(zone: Tz, at: i64) -> i64 {
    look();
    i64::from(zone.offset_from_utc_datetime(&wall_of(at)).fix().local_minus_utc())
}

/// Returns the zone's wall clock at an instant.
pub(super) fn wall_at(zone: Tz, at: i64) -> NaiveDateTime {
    wall_of(at.saturating_add(offset_at(zone, at)))
}

/// How a wall clock maps to its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The wall clock occurs once.
    Plain,
    /// The wall clock falls into a gap; the offset before the gap applies.
    Gap,
    /// The wall clock is ambiguous; the first instant applies.
    Twice,
}

/// Returns the instant of a wall clock, in seconds: in a gap by the offset before it, the first of
/// two if ambiguous.
pub(super) fn instant(zone: Tz, wall: NaiveDateTime) -> i64 {
    read(zone, wall).0
}

/// Returns the instant of a wall clock and how it was resolved.
pub(super) fn read(zone: Tz, wall: NaiveDateTime) -> (i64, Reading) {
    look();
    let offset = zone.offset_from_local_datetime(&wall);
    let (offset, reading) = match offset {
        LocalResult::Single(offset) => (offset.fix(), Reading::Plain),
        MappedLocalTime::Ambiguous(one, other) => {
            // The earlier of the two has the larger offset.
            let (one, other) = (one.fix(), other.fix());
            (if one.local_minus_utc() >= other.local_minus_utc() { one } else { other }, Reading::Twice)
        }
        LocalResult::None => {
            let before = GapInfo::new(&wall, &zone).and_then(|gap| gap.begin).map(|(_, offset)| offset.fix());
            (before.unwrap_or_else(|| chrono::Utc.fix()), Reading::Gap)
        }
    };
    (wall_seconds(wall) - i64::from(offset.local_minus_utc()), reading)
}

/// Returns the next day, clamped to the end of the calendar.
pub(super) fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// A span of time with constant offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// First second.
    pub from: i64,
    /// The second after the last.
    pub until: i64,
    /// Seconds ahead of UTC.
    pub offset: i64,
}

/// Iterates the stretches of a span. The first ones are short, so that a caller that needs little
/// does few look-ups.
pub(super) struct Stretches {
    zone: Tz,
    at: i64,
    until: i64,
    longest: i64,
}

impl Stretches {
    /// Covers `from..until`.
    pub(super) fn new(zone: Tz, from: i64, until: i64) -> Self {
        Self { zone, at: from, until, longest: 2 * PROBE_SECONDS }
    }
}

impl Iterator for Stretches {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        let from = self.at;
        if from >= self.until {
            return None;
        }
        let offset = offset_at(self.zone, from);
        let end = if from >= LAST_CHANGE { self.until } else { self.until.min(from.saturating_add(self.longest)) };
        self.longest = self.longest.saturating_mul(2);
        let mut same = from;
        while same < end && same < LAST_CHANGE {
            let probe = (same + PROBE_SECONDS).min(end);
            if offset_at(self.zone, probe) == offset {
                same = probe;
                continue;
            }
            let change = change(self.zone, same, probe, offset);
            self.at = change;
            return Some(Stretch { from, until: change, offset });
        }
        self.at = end;
        Some(Stretch { from, until: end, offset })
    }
}

/// Returns the first second after `same` at which the offset differs.
fn change(zone: Tz, mut same: i64, mut other: i64, offset: i64) -> i64 {
    while other - same > 1 {
        let middle = same.midpoint(other);
        if offset_at(zone, middle) == offset {
            same = middle;
        } else {
            other = middle;
        }
    }
    other
}

/// Returns the zone's next change of offset after `at` and before `until`: its instant and size in
/// seconds.
pub(super) fn next_change(zone: Tz, at: i64, until: i64) -> Option<(i64, i64)> {
    let mut stretches = Stretches::new(zone, at, until.min(LAST_CHANGE)).peekable();
    while let Some(stretch) = stretches.next() {
        let after = stretches.peek()?;
        if after.offset != stretch.offset {
            return Some((after.from, after.offset - stretch.offset));
        }
    }
    None
}

/// Adds to a date, clamped to the calendar.
pub(super) fn plus_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_signed(TimeDelta::try_days(days)?)
}
