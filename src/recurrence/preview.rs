//! The next occurrences for an operator to check, with a note where a clock change moves or repeats
//! one.

use crate::domain::Timestamp;
use crate::recurrence::rule::{Pattern, Rule};
use crate::recurrence::words::day_words;
use crate::recurrence::zone::{DAY_SECONDS, Reading, instant, next_change, offset_at, read, wall_at, wall_of};
use chrono::{NaiveDateTime, NaiveTime};

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The instant.
    pub at: Timestamp,
    /// The effect of a clock change on it, in words.
    pub note: Option<String>,
}

impl Rule {
    /// Returns the next occurrences after an instant.
    pub fn preview(&self, after: Timestamp, number: usize) -> Vec<Occurrence> {
        let mut before = after.0.div_euclid(1_000).max(self.starts_at().0 / 1_000 - 1);
        let all = std::iter::successors(self.next_after(after), |at| self.next_after(*at)).take(number);
        all.map(|at| {
            let second = at.0 / 1_000;
            let note = match self.pattern {
                Pattern::Minutes { .. } | Pattern::Hours { .. } => self.elapsed_note(before, second),
                _ => self.wall_note(second),
            };
            before = second;
            Occurrence { at, note }
        })
        .collect()
    }

    /// Returns the next clock change in the rule's zone within two years: its day in words, and
    /// whether clocks go forward.
    pub fn clocks_change_after(&self, at: Timestamp) -> Option<(String, bool)> {
        let at = at.0.div_euclid(1_000);
        let (at, by) = next_change(self.zone, at, at.saturating_add(2 * 366 * DAY_SECONDS))?;
        Some((day_words(wall_at(self.zone, at).date()), by > 0))
    }

    /// Whether the rule occurs on that local day.
    pub fn occurs_on(&self, day: chrono::NaiveDate) -> bool {
        let midnight =
            |day: chrono::NaiveDate| crate::recurrence::zone::instant(self.zone, day.and_time(NaiveTime::MIN));
        let end = midnight(crate::recurrence::zone::day_after(day));
        self.first_from(Timestamp(midnight(day) * 1_000)).is_some_and(|at| at.0 / 1_000 < end)
    }

    /// For days and longer, which keep the wall clock: notes a time that is skipped or shown twice.
    fn wall_note(&self, at: i64) -> Option<String> {
        let shown = wall_at(self.zone, at);
        let times = self.times_of_day();
        if !times.contains(&shown.time()) {
            // The time that the gap moved; it belongs to the day before where a zone skips a whole
            // day.
            let moved = times.into_iter().find(|time| instant(self.zone, shown.date().and_time(*time)) == at);
            let meant = moved.unwrap_or(self.start.time()).format("%H:%M");
            return Some(format!("clocks go forward: {meant} does not exist, it runs at {}", self.shown(at)));
        }
        let twice = read(self.zone, shown).1 == Reading::Twice;
        let shown = shown.format("%H:%M");
        twice.then(|| format!("clocks go back: {shown} occurs twice, it runs the first time"))
    }

    /// For minutes and hours, which keep elapsed time: notes a jump of the wall clock between two
    /// occurrences.
    fn elapsed_note(&self, before: i64, at: i64) -> Option<String> {
        let (change, by) = next_change(self.zone, before, at + 1)?;
        let old = offset_at(self.zone, change - 1);
        let clock = |wall: NaiveDateTime| wall.format("%H:%M").to_string();
        let [first, second] = [wall_of(change + old), wall_of(change + old + by)].map(clock);
        Some(if by > 0 {
            format!("clocks went forward from {first} to {second}, so it is {}", self.shown(at))
        } else {
            format!("clocks went back from {first} to {second}, so it is {}", self.shown(at))
        })
    }

    fn shown(&self, at: i64) -> String {
        self.wall_clock(Timestamp(at * 1_000)).split(' ').skip(2).collect::<Vec<_>>().join(" ")
    }
}
