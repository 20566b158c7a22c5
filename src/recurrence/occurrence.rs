//! Occurrences of a rule: the next one, and how many in a span, without iterating over the past.

use crate::domain::Timestamp;
use crate::recurrence::dates::Dates;
use crate::recurrence::grid::Grid;
use crate::recurrence::rule::{End, Open, Pattern, Rule};
use crate::recurrence::zone::{DAY_SECONDS, HORIZON, instant, plus_days, wall_at};
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeSet;

impl Rule {
    /// Returns the first occurrence strictly after the instant, or `None` if the rule has ended or
    /// never occurs.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.first(after.0.div_euclid(1_000).saturating_add(1))
    }

    /// Returns the first occurrence at or after the instant.
    pub fn first_from(&self, from: Timestamp) -> Option<Timestamp> {
        self.first(first_second(from))
    }

    /// Returns the last occurrence up to and including the instant, or `None` if there is none yet.
    pub fn last_until(&self, until: Timestamp) -> Option<Timestamp> {
        let occurs_after = |second: i64| self.first(second + 1).filter(|at| *at <= until);
        // The first occurrence after `low` is at or before `until`, the first one after `high` is
        // later.
        let mut low = instant(self.zone, self.start) - 1;
        let mut high = until.0.div_euclid(1_000).max(low);
        occurs_after(low)?;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if occurs_after(middle).is_some() {
                low = middle;
            } else {
                high = middle;
            }
        }
        occurs_after(low)
    }

    /// Returns the rule as if it had begun at least this many days earlier, by whole intervals and
    /// without a limit of occurrences. Months and years are not moved.
    #[must_use]
    pub fn begun_earlier(&self, days: i64) -> Self {
        let every = i64::from(self.pattern.every().max(1));
        let seconds = match self.pattern {
            Pattern::Minutes { .. } => every * 60,
            Pattern::Hours { .. } => every * 3_600,
            Pattern::Days { .. } => every * DAY_SECONDS,
            Pattern::Weeks { .. } => every * 7 * DAY_SECONDS,
            Pattern::Months { .. } | Pattern::Years { .. } => return self.clone(),
        };
        let back = (days * DAY_SECONDS + seconds - 1) / seconds * seconds;
        let start = match self.pattern {
            // Steps of elapsed time, not of wall clocks.
            Pattern::Minutes { .. } | Pattern::Hours { .. } => {
                Some(wall_at(self.zone, instant(self.zone, self.start) - back))
            }
            _ => plus_days(self.start.date(), -(back / DAY_SECONDS)).map(|date| date.and_time(self.start.time())),
        };
        let end = if matches!(self.end, End::After(_)) { End::Never } else { self.end };
        Self { start: start.unwrap_or(self.start), end, ..self.clone() }
    }

    /// Counts the occurrences after `after`, up to and including `through`. For minutes and hours
    /// the cost depends only on the number of clock changes in the span; for days and longer it
    /// grows with the number of occurrences.
    pub fn count_between(&self, after: Timestamp, through: Timestamp) -> u64 {
        let [from, until] = [after, through].map(|at| at.0.div_euclid(1_000).saturating_add(1));
        let start = instant(self.zone, self.start);
        match self.end {
            End::After(most) => {
                let most = u64::from(most);
                let [before, all] = [from, until].map(|until| self.count(start, until, most).min(most));
                all.saturating_sub(before)
            }
            End::Never | End::By(_) => self.count(from, until, u64::MAX),
        }
    }

    /// Returns the start as an instant, whether or not the rule occurs then.
    pub fn starts_at(&self) -> Timestamp {
        Timestamp(instant(self.zone, self.start) * 1_000)
    }

    fn first(&self, from: i64) -> Option<Timestamp> {
        let start = instant(self.zone, self.start);
        let from = from.max(start);
        if let End::After(most) = self.end
            && self.count(start, from, most.into()) >= most.into()
        {
            return None;
        }
        let first = match self.grid() {
            Some(grid) => grid.first(from),
            None => self.instants(from).next(),
        };
        first.filter(|at| *at < HORIZON).map(|at| Timestamp(at * 1_000))
    }

    /// Counts the occurrences in `from..until`, ignoring *End after*. Patterns of days and longer
    /// stop counting at `enough`.
    fn count(&self, from: i64, until: i64, enough: u64) -> u64 {
        let until = until.min(HORIZON);
        match self.grid() {
            Some(grid) => grid.count(from, until),
            None => (1..=enough).zip(self.instants(from).take_while(|at| *at < until)).last().map_or(0, |(n, _)| n),
        }
    }

    fn by(&self) -> Option<NaiveDate> {
        match self.end {
            End::By(day) => Some(day),
            End::Never | End::After(_) => None,
        }
    }

    fn grid(&self) -> Option<Grid> {
        let (step, open): (i64, Open) = match self.pattern {
            Pattern::Minutes { every, open } => (i64::from(every) * 60, open),
            Pattern::Hours { every, open } => (i64::from(every) * 3_600, open),
            _ => return None,
        };
        Some(Grid::new(self.zone, instant(self.zone, self.start), step, &open, self.by()))
    }

    /// Iterates the instants of patterns of days and longer from `from` on, without duplicates.
    pub(super) fn instants(&self, from: i64) -> impl Iterator<Item = i64> {
        let (zone, times, by) = (self.zone, self.times_of_day(), self.by());
        let from = from.max(instant(zone, self.start)).min(HORIZON);
        // Where a zone skips a whole day, occurrences of that day move by a day.
        let date = plus_days(wall_at(zone, from).date(), -2).unwrap_or(NaiveDate::MIN);
        let dates = Dates::of(self).into_iter().flat_map(move |dates| dates.from(date));
        let mut dates = dates.take_while(move |date| by.is_none_or(|by| *date <= by)).fuse();
        // Where clocks skip a time, it can move past later ones, by at most a day. So an instant is
        // returned only after a date has been read that begins later.
        let mut ahead = BTreeSet::new();
        let mut settled = i64::MIN;
        std::iter::from_fn(move || {
            loop {
                if ahead.first().is_some_and(|at| *at < settled) {
                    return ahead.pop_first();
                }
                let Some(date) = dates.next() else { return ahead.pop_first() };
                let instants = times.iter().map(|time| instant(zone, date.and_time(*time)));
                let within = |at: &i64| *at >= from && by.is_none_or(|by| wall_at(zone, *at).date() <= by);
                ahead.extend(instants.filter(within));
                settled = instant(zone, date.and_time(NaiveTime::MIN)).max(settled);
            }
        })
    }
}

/// Rounds up to a whole second; occurrences are whole seconds.
fn first_second(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000).saturating_add(i64::from(at.0.rem_euclid(1_000) != 0))
}
