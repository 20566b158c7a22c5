//! Patterns of minutes and hours: points on a grid of elapsed time, counted by arithmetic rather
//! than iterated.

use crate::recurrence::rule::Open;
use crate::recurrence::weekdays::WEEK;
use crate::recurrence::zone::{DAY_SECONDS, HORIZON, Stretch, Stretches};
use chrono::{NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;

const WEEK_SECONDS: i64 = 7 * DAY_SECONDS;
/// From the Monday before 1970, which began on a Thursday.
const MONDAY_TO_1970_SECONDS: i64 = 3 * DAY_SECONDS;

/// The points of a rule of minutes or hours.
pub(super) struct Grid {
    zone: Tz,
    origin: i64,
    step: i64,
    /// Openings of the wall-clock week: start (seconds since Monday 00:00) and length. Empty means
    /// always open.
    open: Option<Vec<(i64, i64)>>,
    /// Wall clock, in seconds, at which the rule ends; later points do not count.
    wall_end: Option<i64>,
}

impl Grid {
    pub(super) fn new(zone: Tz, origin: i64, step: i64, open: &Open, by: Option<NaiveDate>) -> Self {
        let wall_end = by.map(|by| {
            crate::recurrence::zone::wall_seconds(crate::recurrence::zone::day_after(by).and_time(NaiveTime::MIN))
        });
        Self { zone, origin, step, open: openings(open), wall_end }
    }

    /// Returns the first point at or after `from`.
    pub(super) fn first(&self, from: i64) -> Option<i64> {
        self.stretches(from.max(self.origin), HORIZON).find_map(|stretch| {
            let points = self.points(stretch);
            if self.count_open(points, 1) == 1 {
                return Some(self.at(points.first));
            }
            // Bisects for the first open point: none is open among `closed`, one among `open`.
            let (mut closed, mut open) = (0, points.number);
            if self.count_open(points, open) == 0 {
                return None;
            }
            while open - closed > 1 {
                let middle = closed.midpoint(open);
                if self.count_open(points, middle) == 0 { closed = middle } else { open = middle }
            }
            Some(self.at(points.first + open - 1))
        })
    }

    /// Counts the points in `from..until`.
    pub(super) fn count(&self, from: i64, until: i64) -> u64 {
        let from = from.max(self.origin);
        let counts = self.stretches(from, until.min(HORIZON)).map(|stretch| {
            let points = self.points(stretch);
            self.count_open(points, points.number)
        });
        u64::try_from(counts.sum::<i64>()).unwrap_or(0)
    }

    fn at(&self, index: i64) -> i64 {
        self.origin + index * self.step
    }

    /// Splits the span at changes of the zone's offset; a single stretch where no wall clock
    /// matters.
    fn stretches(&self, from: i64, until: i64) -> impl Iterator<Item = Stretch> {
        let matters = self.open.is_some() || self.wall_end.is_some();
        // Offsets are always below 36 hours.
        let until = self.wall_end.map_or(until, |end| until.min(end.saturating_add(DAY_SECONDS + DAY_SECONDS / 2)));
        let whole = (!matters && from < until).then_some(Stretch { from, until, offset: 0 });
        let parts = matters.then(|| Stretches::new(self.zone, from, until));
        whole.into_iter().chain(parts.into_iter().flatten())
    }

    /// Returns the points of a stretch that lie before the rule's end.
    fn points(&self, stretch: Stretch) -> Points {
        let until = self.wall_end.map_or(stretch.until, |end| stretch.until.min(end - stretch.offset));
        let index = |at: i64| (at - self.origin + self.step - 1).div_euclid(self.step);
        let first = index(stretch.from);
        let wall = (self.at(first) + stretch.offset + MONDAY_TO_1970_SECONDS).rem_euclid(WEEK_SECONDS);
        Points { first, number: (index(until) - first).max(0), wall }
    }

    /// Counts how many of the first `number` points fall into an opening.
    fn count_open(&self, points: Points, number: i64) -> i64 {
        let number = number.min(points.number);
        let Some(open) = &self.open else { return number };
        open.iter()
            .map(|(start, length)| {
                let past = points.wall - start + 2 * WEEK_SECONDS;
                floor_sum(number, WEEK_SECONDS, self.step, past)
                    - floor_sum(number, WEEK_SECONDS, self.step, past - length)
            })
            .sum()
    }
}

/// Points of one stretch: the index of the first, how many, and the first one's place in the
/// wall-clock week.
#[derive(Clone, Copy)]
struct Points {
    first: i64,
    number: i64,
    wall: i64,
}

fn openings(open: &Open) -> Option<Vec<(i64, i64)>> {
    if open.on.is_none() && open.window.is_none() {
        return None;
    }
    let (start, length) = open.window.map_or((0, DAY_SECONDS), |window| {
        let [from, to] = [window.from, window.to].map(|time| i64::from(time.num_seconds_from_midnight()));
        (from, (to - from).rem_euclid(DAY_SECONDS))
    });
    let days = (0..).zip(WEEK).filter(|(_, day)| open.on.is_none_or(|on| on.contains(*day)));
    Some(days.map(|(number, _)| (number * DAY_SECONDS + start, length)).collect())
}

/// Returns the sum of floor((step × k + first) / modulus) for k in `0..number` (the number of
/// lattice points below a line, by Euclid's algorithm) in logarithmic time. All arguments must be
/// non-negative.
fn floor_sum(number: i64, modulus: i64, step: i64, first: i64) -> i64 {
    let [mut number, mut modulus, mut step, mut first] = [number, modulus, step, first].map(i128::from);
    let mut sum = 0_i128;
    loop {
        sum += number * (number - 1) / 2 * (step / modulus) + number * (first / modulus);
        (step, first) = (step % modulus, first % modulus);
        let most = step * number + first;
        if most < modulus {
            return i64::try_from(sum).unwrap_or(i64::MAX);
        }
        (number, first, modulus, step) = (most / modulus, most % modulus, step, modulus);
    }
}
