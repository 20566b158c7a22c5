//! Wall clocks and instants: gaps, doubled hours, and the stretches of time in which a zone keeps its offset.

use chrono::{LocalResult, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

/// The first second past all occurrences, a day before the year 10000; no rule is looked for beyond.
pub(super) const HORIZON: i64 = 253_402_214_400;
/// From 2100 on no zone changes its offset any more, as far as the zone database goes.
pub(super) const LAST_CHANGE: i64 = 4_102_444_800;
/// How far apart changes are looked for; no zone has two within that since 1970, which a test holds.
pub(super) const PROBE: i64 = 4 * DAY;
pub(super) const DAY: i64 = 86_400;

#[cfg(test)]
thread_local! {
    /// Looks into the zone database, the work that could grow with a rule's age.
    pub(super) static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

fn look() {
    #[cfg(test)]
    LOOKS.with(|looks| looks.set(looks.get() + 1));
}

/// Seconds from 1970 of a wall clock as if it were UTC.
pub(super) fn wall_seconds(wall: NaiveDateTime) -> i64 {
    wall.and_utc().timestamp()
}

/// The wall clock of seconds counted as if it were UTC; the calendar's end if it is beyond.
pub(super) fn wall_of(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0).map_or(NaiveDateTime::MAX, |at| at.naive_utc())
}

/// Seconds that the zone's clocks are ahead of UTC at that instant.
pub(super) fn offset_at(zone: Tz, at: i64) -> i64 {
    look();
    i64::from(zone.offset_from_utc_datetime(&wall_of(at)).fix().local_minus_utc())
}

/// The zone's wall clock at an instant.
pub(super) fn wall_at(zone: Tz, at: i64) -> NaiveDateTime {
    wall_of(at.saturating_add(offset_at(zone, at)))
}

/// How a wall clock came to its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It shows once that day.
    Plain,
    /// It is left out by clocks going forward; the offset before the gap was used.
    Gap,
    /// It shows twice; the first was taken.
    Twice,
}

/// The instant of a wall clock, in seconds: within a gap by the offset before it, the first of two.
pub(super) fn instant(zone: Tz, wall: NaiveDateTime) -> i64 {
    read(zone, wall).0
}

/// The instant of a wall clock, and how it came to it.
pub(super) fn read(zone: Tz, wall: NaiveDateTime) -> (i64, Reading) {
    look();
    let offset = zone.offset_from_local_datetime(&wall);
    let (offset, reading) = match offset {
        LocalResult::Single(offset) => (offset.fix(), Reading::Plain),
        MappedLocalTime::Ambiguous(one, other) => {
            // The first of two is the one with the clocks further ahead.
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

/// The day after, or the calendar's last.
pub(super) fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// A stretch of time in which the zone keeps its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its first second.
    pub from: i64,
    /// The second after it.
    pub until: i64,
    /// Seconds ahead of UTC.
    pub offset: i64,
}

/// Stretches that cover a span without gaps; the first are short, so that whoever needs little looks little.
pub(super) struct Stretches {
    zone: Tz,
    at: i64,
    until: i64,
    longest: i64,
}

impl Stretches {
    /// Covers `from` up to but without `until`.
    pub(super) fn new(zone: Tz, from: i64, until: i64) -> Self {
        Self { zone, at: from, until, longest: 2 * PROBE }
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
            let probe = (same + PROBE).min(end);
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

/// The first second after `same` at which the offset is another.
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

/// The instant and the size in seconds of the zone's next change after `at` and before `until`.
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

/// As much of a date as can be added.
pub(super) fn plus_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_signed(TimeDelta::try_days(days)?)
}
