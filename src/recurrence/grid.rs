//! Minutes and hours: points at even steps of elapsed time, counted by arithmetic however many there are.

use crate::recurrence::rule::Open;
use crate::recurrence::weekdays::WEEK;
use crate::recurrence::zone::{DAY, HORIZON, Stretch, Stretches};
use chrono::{NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;

const WEEK_LONG: i64 = 7 * DAY;
/// 1970 began on a Thursday; seconds from the Monday before.
const TO_MONDAY: i64 = 3 * DAY;

/// The points of a rule of minutes or hours.
pub(super) struct Grid {
    zone: Tz,
    origin: i64,
    step: i64,
    /// Openings in seconds of a wall-clock week from Monday, start and length; none is always open.
    open: Option<Vec<(i64, i64)>>,
    /// The wall clock in seconds from which on no point counts.
    wall_end: Option<i64>,
}

impl Grid {
    pub(super) fn new(zone: Tz, origin: i64, step: i64, open: &Open, by: Option<NaiveDate>) -> Self {
        let wall_end = by.map(|by| {
            crate::recurrence::zone::wall_seconds(crate::recurrence::zone::day_after(by).and_time(NaiveTime::MIN))
        });
        Self { zone, origin, step, open: openings(open), wall_end }
    }

    /// The first point at or after `from`.
    pub(super) fn first(&self, from: i64) -> Option<i64> {
        self.stretches(from.max(self.origin), HORIZON).find_map(|stretch| {
            let points = self.points(stretch);
            if self.count_open(points, 1) == 1 {
                return Some(self.at(points.first));
            }
            let (mut none, mut some) = (0, points.number);
            if self.count_open(points, some) == 0 {
                return None;
            }
            while some - none > 1 {
                let middle = none.midpoint(some);
                if self.count_open(points, middle) == 0 { none = middle } else { some = middle }
            }
            Some(self.at(points.first + some - 1))
        })
    }

    /// Points from `from` up to but without `until`.
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

    /// Stretches in which a wall clock is the instant plus an offset; one of any length where no wall clock matters.
    fn stretches(&self, from: i64, until: i64) -> impl Iterator<Item = Stretch> {
        let matters = self.open.is_some() || self.wall_end.is_some();
        // No offset is as much as a day and a half.
        let until = self.wall_end.map_or(until, |end| until.min(end.saturating_add(DAY + DAY / 2)));
        let whole = (!matters && from < until).then_some(Stretch { from, until, offset: 0 });
        let parts = matters.then(|| Stretches::new(self.zone, from, until));
        whole.into_iter().chain(parts.into_iter().flatten())
    }

    /// The points of a stretch before the end of the rule.
    fn points(&self, stretch: Stretch) -> Points {
        let until = self.wall_end.map_or(stretch.until, |end| stretch.until.min(end - stretch.offset));
        let index = |at: i64| (at - self.origin + self.step - 1).div_euclid(self.step);
        let first = index(stretch.from);
        let wall = (self.at(first) + stretch.offset + TO_MONDAY).rem_euclid(WEEK_LONG);
        Points { first, number: (index(until) - first).max(0), wall }
    }

    /// How many of the first `number` points fall into an opening.
    fn count_open(&self, points: Points, number: i64) -> i64 {
        let number = number.min(points.number);
        let Some(open) = &self.open else { return number };
        open.iter()
            .map(|(start, length)| {
                let past = points.wall - start + 2 * WEEK_LONG;
                floor_sum(number, WEEK_LONG, self.step, past) - floor_sum(number, WEEK_LONG, self.step, past - length)
            })
            .sum()
    }
}

/// Points of one stretch: the index of the first, how many, and the first one's place in the wall-clock week.
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
    let (start, length) = open.window.map_or((0, DAY), |window| {
        let [from, to] = [window.from, window.to].map(|time| i64::from(time.num_seconds_from_midnight()));
        (from, (to - from).rem_euclid(DAY))
    });
    let days = (0..).zip(WEEK).filter(|(_, day)| open.on.is_none_or(|on| on.contains(*day)));
    Some(days.map(|(number, _)| (number * DAY + start, length)).collect())
}

/// The sum of floor((step × k + first) / modulus) for k from 0 up to but without `number`, in logarithmic time; nothing
/// negative goes in. (The number of grid points below a line, by Euclid's algorithm.)
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
