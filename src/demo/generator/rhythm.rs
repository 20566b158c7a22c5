//! Distribution of work over the hours of the day.

use crate::demo::generator::{DAY, HOUR};

/// Relative amount of work in each hour of the day, UTC.
pub(super) type Hours = [u64; 24];

/// Uploads follow the opening hours, with the day's last sales after closing.
pub(super) const UPLOADS: Hours = [2, 1, 1, 1, 1, 2, 3, 6, 10, 12, 13, 14, 15, 14, 13, 14, 15, 16, 15, 12, 9, 7, 4, 3];

/// Packages are created all day, most of them before the stores open.
pub(super) const DOWNLOADS: Hours = [6, 9, 12, 14, 14, 12, 9, 8, 8, 8, 8, 8, 9, 8, 8, 8, 8, 8, 7, 6, 6, 5, 5, 5];

/// Converts shares of the work into instants. Shares must be requested in ascending order.
pub(super) struct Rhythm {
    now: i64,
    hours: Hours,
    /// Start of the current hour, in which the weight is constant.
    from: i64,
    /// Work before `from`, as weight times milliseconds.
    before: u128,
    total: u128,
}

impl Rhythm {
    /// Creates the distribution of the work between `begin` and `now`.
    pub(super) fn new(begin: i64, now: i64, hours: Hours) -> Self {
        let mut rhythm = Self { now, hours, from: begin, before: 0, total: 0 };
        let mut from = begin;
        while from < now {
            rhythm.total += rhythm.work(from);
            from = rhythm.end(from);
        }
        rhythm
    }

    /// Returns the instant at which `part` of `whole` of the work is done.
    pub(super) fn at(&mut self, part: u64, whole: u64) -> i64 {
        let wanted = self.total * u128::from(part.min(whole)) / u128::from(whole.max(1));
        while self.before + self.work(self.from) <= wanted && self.end(self.from) < self.now {
            self.before += self.work(self.from);
            self.from = self.end(self.from);
        }
        let into = wanted.saturating_sub(self.before) / u128::from(self.weight(self.from));
        self.from.saturating_add(i64::try_from(into).unwrap_or(i64::MAX)).min(self.now)
    }

    fn weight(&self, at: i64) -> u64 {
        let hour = at.rem_euclid(DAY) / HOUR;
        usize::try_from(hour).ok().and_then(|hour| self.hours.get(hour)).map_or(1, |weight| (*weight).max(1))
    }

    /// Returns the end of the hour that contains `at`, but at most `now`.
    fn end(&self, at: i64) -> i64 {
        (at.div_euclid(HOUR) * HOUR + HOUR).min(self.now)
    }

    fn work(&self, from: i64) -> u128 {
        u128::from(self.weight(from)) * u128::from((self.end(from) - from).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_rising_instants_that_follow_the_hours() {
        let now = 100 * DAY + 7 * HOUR + 1;
        let begin = now - 2 * DAY;
        let mut rhythm = Rhythm::new(begin, now, UPLOADS);
        let instants: Vec<i64> = (0..=10_000).map(|part| rhythm.at(part, 10_000)).collect();
        assert!(instants.is_sorted());
        assert_eq!((instants[0], instants[10_000]), (begin, now));
        let of_hour = |hour| instants.iter().filter(|at| at.rem_euclid(DAY) / HOUR == hour).count();
        assert!(of_hour(16) > 10 * of_hour(3), "{} at 16:00, {} at 03:00", of_hour(16), of_hour(3));
    }
}
