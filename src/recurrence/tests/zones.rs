//! Every change of clocks from 1990 to 2037 in twenty zones.

use crate::domain::Timestamp;
use crate::recurrence::rule::{DayOfMonth, End, Open, Pattern, Rule, Window};
use crate::recurrence::tests::{after, naive, rule};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zone::{self, PROBE_SECONDS, Stretches};
use chrono::{Days, TimeDelta, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};

/// Zones with all the oddities: a day left out, half an hour, changes at midnight, stops and
/// starts.
pub const ZONES: [&str; 20] = [
    "UTC",
    "Europe/Copenhagen",
    "Europe/Dublin",
    "Europe/Moscow",
    "America/New_York",
    "America/Chicago",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Caracas",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
];

const FROM: i64 = 631_152_000;
const UNTIL: i64 = 2_145_916_800;

/// Every change of a zone's offset, found by looking every `step` seconds.
fn changes(zone: Tz, step: usize) -> Vec<i64> {
    let offset = |at: i64| (naive::wall(zone, at).and_utc().timestamp()) - at;
    let mut changes = Vec::new();
    let mut before = (FROM, offset(FROM));
    for at in (FROM..UNTIL).step_by(step) {
        let now = offset(at);
        if now != before.1 {
            let (mut old, mut new) = (before.0, at);
            while new - old > 1 {
                let middle = old.midpoint(new);
                if offset(middle) == now { new = middle } else { old = middle }
            }
            changes.push(new);
        }
        before = (at, now);
    }
    changes
}

/// What is tried around a change: everything that looks at a wall clock.
fn patterns(wall: chrono::NaiveDateTime) -> Vec<Pattern> {
    use chrono::Datelike;
    let time = wall.time().with_second(0).expect("a time");
    let window = Window { from: time - TimeDelta::minutes(45), to: time + TimeDelta::minutes(45) };
    let day = Weekdays::from(wall.weekday());
    vec![
        Pattern::Minutes { every: 15, open: Open { on: Some(day), window: Some(window) } },
        Pattern::Minutes { every: 25, open: Open { on: Some(day), window: None } },
        Pattern::Hours { every: 1, open: Open { on: None, window: Some(window) } },
        Pattern::Days { every: 1 },
        Pattern::Weeks { every: 1, on: day.union(wall.weekday().succ().into()) },
        Pattern::Months { every: 1, day: DayOfMonth::Day(wall.day()) },
    ]
}

#[test]
fn around_every_change_of_clocks_in_twenty_zones_the_naive_model_agrees() {
    let mut number = 0;
    for name in ZONES {
        let zone: Tz = name.parse().expect("a zone");
        for change in changes(zone, 1_800) {
            number += 1;
            // The last minute before, and the first after: in the gap or doubled hour, and at its
            // edges.
            let edges = [naive::wall(zone, change - 60), naive::wall(zone, change)];
            for (wall, minutes) in edges.into_iter().flat_map(|wall| [0, 1, 17].map(|minutes| (wall, minutes))) {
                let wall = (wall + TimeDelta::minutes(minutes)).with_second(0).expect("a time");
                assert_eq!(zone::instant(zone, wall), naive::instant(zone, wall), "{name} {wall}");
            }
            // Clocks go forward and back in turn: each pattern meets two changes, all of them from
            // one start, then from the next.
            let pattern = patterns(edges[0]);
            let within = edges[0] + TimeDelta::minutes(17);
            let starts = {
                let before = Days::new(2);
                [edges[0] - before, edges[1] - before, within - before, within]
            };
            let start = starts[number / (2 * pattern.len()) % starts.len()].with_second(0).expect("a time");
            let pattern = pattern[number / 2 % pattern.len()];
            let elapsed = matches!(pattern, Pattern::Minutes { .. } | Pattern::Hours { .. });
            let around = [-30, 0, 17, 45].map(|minutes| (within.time() + TimeDelta::minutes(minutes)).with_second(0));
            let mut around: Vec<_> = around.into_iter().flatten().collect();
            around.sort_unstable();
            for (end, times) in [
                (End::Never, Vec::new()),
                (End::By(edges[0].date()), Vec::new()),
                (End::After(4), Vec::new()),
                (End::Never, around.clone()),
                (End::By(edges[0].date()), around.clone()),
                (End::After(6), around),
            ] {
                let times = if elapsed { Vec::new() } else { times };
                let rule = Rule { start, zone, pattern, end, times };
                let until = change + 3 * 86_400;
                let found = after(&rule, Timestamp(i64::MIN), 400).into_iter().map(|at| at.0 / 1_000);
                let found: Vec<_> = found.take_while(|at| *at < until).collect();
                assert_eq!(found, naive::occurrences(&rule, until, 400), "{name} {}", rule.to_json());
                let count = rule.count_between(Timestamp(i64::MIN), Timestamp(until * 1_000 - 1));
                assert_eq!(count, found.len() as u64, "{name} {}", rule.to_json());
            }
        }
    }
    assert!(number > 900, "only {number} changes");
}

#[test]
fn no_zone_changes_twice_within_what_is_looked_over() {
    for zone in TZ_VARIANTS {
        let changes = changes(zone, 86_400);
        let stretches: Vec<_> =
            Stretches::new(zone, FROM, UNTIL).map(|stretch| (stretch.from, stretch.offset)).collect();
        let found: Vec<_> = stretches.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0).collect();
        assert_eq!(found, changes, "{zone}");
        assert!(changes.windows(2).all(|pair| pair[1] - pair[0] > PROBE_SECONDS), "{zone}");
    }
}

#[test]
fn the_day_that_samoa_left_out_occurs_once() {
    let rule = rule(
        r#"{"start":"2011-12-28T02:30","time_zone":"Pacific/Apia","pattern":{"unit":"days","every":1},"end":{"never":true}}"#,
    );
    let found = crate::recurrence::tests::first(&rule, 5);
    assert_eq!(
        found,
        [
            "2011-12-28T12:30:00Z",
            "2011-12-29T12:30:00Z",
            "2011-12-30T12:30:00Z",
            "2011-12-31T12:30:00Z",
            "2012-01-01T12:30:00Z"
        ]
    );
}
