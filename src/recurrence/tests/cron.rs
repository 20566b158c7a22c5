//! Cron lines against an independent evaluator, around every change of clocks of 2026 and 2027 in
//! twenty zones.
//!
//! `croner` evaluates each line in UTC, which has no clock changes, to find its wall-clock times.
//! Clock changes then follow our documented rule: a skipped time uses the offset before the gap, a
//! repeated time occurs once, at the first. `croner` runs skipped times at the end of the gap, or
//! not at all where a field is a star, so those are not compared. A line that becomes a grid of
//! elapsed time runs whenever the wall clock matches, also in both hours that show the same; for
//! such lines `croner` is asked in the zone itself, minute by minute.

use crate::domain::Timestamp;
use crate::recurrence::rule::{Pattern, Rule};
use crate::recurrence::tests::{after, naive};
use crate::recurrence::zone;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use std::collections::BTreeSet;

const ZONES: [&str; 20] = [
    "UTC",
    "Europe/Amsterdam",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Chisinau",
    "America/New_York",
    "America/Chicago",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Nuuk",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Chatham",
    "Antarctica/Troll",
];

const LINES: [&str; 18] = [
    "0 */6 * * *",
    "0 8-18 * * *",
    "0 * * * *",
    "15 * * * *",
    "*/15 * * * *",
    "*/20 * * * *",
    "*/7 * * * *",
    "0,30 0-5 * * *",
    "30 2 * * *",
    "0 0 * * *",
    "45 1,2,3,23 * * sun",
    "*/30 1-3 * * *",
    "10-50/20 */2 * * 1-5",
    "5,7 0 * * 0,6",
    "0 1-3,22-23 1 * *",
    "30 2 29 3 *",
    "15 0,2 L * *",
    "0 2 28 mar *",
];

/// Every change of a zone's offset in the two years.
fn changes(zone: Tz) -> Vec<i64> {
    let [from, until] = ["2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"].map(str::parse::<DateTime<Utc>>);
    let (from, until) = (from.expect("an instant").timestamp(), until.expect("an instant").timestamp());
    let offset = |at: i64| naive::wall(zone, at).and_utc().timestamp() - at;
    (from..until).step_by(1_800).filter(|at| offset(*at) != offset(at - 1_800)).collect()
}

#[test]
fn a_cron_line_runs_at_the_wall_clocks_that_an_independent_evaluator_names() {
    let mut compared = 0;
    for name in ZONES {
        let zone: Tz = name.parse().expect("a zone");
        let mut around = changes(zone);
        around.push(1_780_000_000);
        for change in around {
            let (from, until) = (change - 12 * 3_600, change + 14 * 3_600);
            for line in LINES {
                let cron: Cron = line.parse().expect("a cron line");
                let rule = Rule::from_words(line, Timestamp((from - 86_400) * 1_000), zone).expect(line);
                let seconds = |at: Timestamp| at.0 / 1_000;
                let (found, expected): (BTreeSet<_>, _) = match rule.pattern {
                    Pattern::Minutes { .. } | Pattern::Hours { .. } => {
                        let found = after(&rule, Timestamp(from * 1_000 - 1), 2_000).into_iter().map(seconds);
                        (found.take_while(|at| *at < until).collect(), whenever_it_matches(&cron, zone, from, until))
                    }
                    _ => {
                        let next = rule.next_after(Timestamp(from * 1_000 - 1)).map(seconds);
                        assert_eq!(next, rule.instants(from).next(), "{name} {line}");
                        let found = rule.instants(from).take_while(|at| *at < until).collect();
                        (found, once_each(&cron, zone, from, until))
                    }
                };
                assert_eq!(found, expected, "{name} {line}: {}", rule.to_json());
                compared += expected.len();
            }
        }
    }
    assert!(compared > 10_000, "only {compared} runs were compared");
}

/// The instants at which the zone's clock shows what the line names.
fn whenever_it_matches(cron: &Cron, zone: Tz, from: i64, until: i64) -> BTreeSet<i64> {
    let first = from + (60 - from.rem_euclid(60)) % 60;
    let at = |at: i64| DateTime::<Utc>::from_timestamp(at, 0).expect("an instant").with_timezone(&zone);
    (first..until).step_by(60).filter(|minute| cron.is_time_matching(&at(*minute)).expect("it is evaluated")).collect()
}

/// Each wall clock that the line names, once.
fn once_each(cron: &Cron, zone: Tz, from: i64, until: i64) -> BTreeSet<i64> {
    let start = (naive::wall(zone, from) - TimeDelta::days(1)).and_utc();
    let end = (naive::wall(zone, until) + TimeDelta::days(1)).and_utc();
    cron.iter_from(start, croner::Direction::Forward)
        .take_while(|wall| *wall < end)
        .map(|wall| zone::instant(zone, wall.naive_utc()))
        .filter(|at| (from..until).contains(at))
        .collect()
}

#[test]
fn every_six_hours_stay_at_their_wall_clock_all_year() {
    let now = Timestamp::parse_rfc3339("2026-11-24T01:19:02Z").expect("an instant");
    let rule = Rule::from_words("0 */6 * * *", now, Tz::Europe__Amsterdam).expect("a rule");
    let days = after(&rule, now, 4 * 400);
    assert!(days.iter().all(|at| {
        [0, 6, 12, 18].contains(&(naive::wall(Tz::Europe__Amsterdam, at.0 / 1_000).and_utc().timestamp() / 3_600 % 24))
    }));
    assert_eq!(
        rule.sentence(),
        "Every day at 00:00, 06:00, 12:00 and 18:00 Amsterdam time, from 24 Nov 2026, without end."
    );
    assert_eq!(
        rule.to_json(),
        r#"{"start":"2026-11-24T00:00","time_zone":"Europe/Amsterdam","pattern":{"unit":"days","every":1,"at":["00:00","06:00","12:00","18:00"]},"end":{"never":true}}"#
    );
    assert_eq!(
        rule.rrule().as_deref(),
        Some("DTSTART;TZID=Europe/Amsterdam:20261124T000000\nRRULE:FREQ=DAILY;INTERVAL=1;BYHOUR=0,6,12,18;BYMINUTE=0")
    );
}

#[test]
fn an_hourly_line_runs_in_this_hour_where_its_minute_is_to_come() {
    let now = Timestamp::parse_rfc3339("2026-11-24T01:19:02Z").expect("an instant");
    for (line, next) in [("30 * * * *", "2026-11-24T01:30:00Z"), ("15 * * * *", "2026-11-24T02:15:00Z")] {
        let rule = Rule::from_words(line, now, Tz::UTC).expect("a rule");
        assert_eq!(rule.next_after(now), Timestamp::parse_rfc3339(next).ok(), "{line}");
    }
}
