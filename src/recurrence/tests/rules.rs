//! The cases, random rules against the naive model, and what holds for every rule.

use crate::domain::Timestamp;
use crate::recurrence::rule::{DayOfMonth, End, Kind, Open, Ordinal, Pattern, Rule, Window};
use crate::recurrence::tests::{after, first, naive, rule};
use crate::recurrence::weekdays::{WEEK, Weekdays};
use crate::recurrence::zone;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::Value;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../tests/fixtures/recurrence-cases.json")).expect("JSON")
}

#[test]
fn every_case_has_its_first_occurrences() {
    let cases = cases();
    assert_eq!(cases.len(), 400);
    for case in cases {
        let rule = rule(&case["rule"].to_string());
        let expected: Vec<_> =
            case["expected"].as_array().expect("a list").iter().map(|at| at.as_str().expect("text")).collect();
        let number = if expected.len() == 12 { 12 } else { 13 };
        assert_eq!(first(&rule, number), expected, "case {}: {}", case["id"], case["rule"]);
        assert_eq!(crate::recurrence::tests::rule(&rule.to_json()), rule);
        let text = serde_json::to_string(&rule).expect("JSON");
        assert_eq!(text, rule.to_json());
        assert_eq!(serde_json::from_str::<Rule>(&text).expect("a rule"), rule);
    }
}

#[test]
fn a_fault_names_its_field() {
    let with = |pattern: &str, end: &str| {
        let start = r#""start":"2026-11-24T02:30","time_zone":"UTC""#;
        Rule::parse_json(&format!(r#"{{{start},"pattern":{pattern},"end":{end}}}"#)).unwrap_err().to_string()
    };
    let never = r#"{"never":true}"#;
    for (pattern, fault) in [
        (r#"{"unit":"minutes","every":0}"#, "pattern.every: 0 is no whole number from 1 to 1000000"),
        (r#"{"unit":"minutes","every":1.5}"#, "pattern.every: 1.5 is no whole number from 1 to 1000000"),
        (r#"{"unit":"minutes"}"#, "pattern.every: it is missing"),
        (r#"{"unit":"minutes","every":5,"from":"18:00"}"#, "pattern.to: it is missing, but there is a from"),
        (r#"{"unit":"days","every":5,"on":["monday"]}"#, "pattern.on: unknown field"),
        (r#"{"unit":"weeks","every":1,"on":[]}"#, r#"pattern.on: name at least one day, such as ["monday"]"#),
        (r#"{"unit":"weeks","every":1,"on":["mond"]}"#, r#"pattern.on: "mond" is no weekday"#),
        (r#"{"unit":"months","every":1}"#, "pattern.day: it is missing; name a day (1 to 31), or ordinal and kind"),
        (
            r#"{"unit":"fortnights","every":1}"#,
            r#"pattern.unit: "fortnights" is none of minutes, hours, days, weeks, months, years"#,
        ),
        ("7", "pattern: 7 is no JSON object"),
    ] {
        assert_eq!(with(pattern, never), fault);
    }
    let days = r#"{"unit":"days","every":1}"#;
    assert_eq!(with(days, r#"{"by":"2026-02-30"}"#).split(';').next(), Some(r#"end.by: "2026-02-30" is no date"#));
    assert_eq!(with(days, r#"{"after":3,"never":true}"#), "end: name one of never, after, by");
    assert!(Rule::parse_json("{").unwrap_err().to_string().starts_with("rule: this is no JSON"));
    let far = "x".repeat(10_000);
    assert!(with(&format!(r#"{{"unit":"{far}","every":1}}"#), never).len() < 200);
}

#[test]
fn a_rule_that_never_occurs_says_so_after_a_bounded_search() {
    for pattern in [
        r#"{"unit":"years","every":1,"month":2,"day":30}"#,
        r#"{"unit":"months","every":12,"day":31}"#,
        r#"{"unit":"years","every":1000000,"month":2,"day":30}"#,
        r#"{"unit":"minutes","every":10080,"on":["monday"]}"#,
        r#"{"unit":"hours","every":24,"from":"05:00","to":"06:00"}"#,
    ] {
        let rule = rule(&format!(
            r#"{{"start":"2024-02-06T00:00","time_zone":"Asia/Kolkata","pattern":{pattern},"end":{{"never":true}}}}"#
        ));
        zone::LOOKS.set(0);
        assert_eq!(rule.first_from(Timestamp(0)), None, "{pattern}");
        assert_eq!(rule.count_between(Timestamp(0), Timestamp(i64::MAX)), 0);
        assert!(zone::LOOKS.get() < 40_000, "{} looks for {pattern}", zone::LOOKS.get());
    }
}

#[test]
fn a_rule_of_2015_costs_what_one_of_today_costs() {
    let now = Timestamp(1_795_487_542_000);
    let work = |start: &str, pattern: &str, end: &str, work: &dyn Fn(&Rule)| {
        let rule = rule(&format!(
            r#"{{"start":"{start}T00:00","time_zone":"Europe/Copenhagen","pattern":{pattern},"end":{end}}}"#
        ));
        zone::LOOKS.set(0);
        work(&rule);
        zone::LOOKS.get()
    };
    let never = r#"{"never":true}"#;
    for pattern in [
        r#"{"unit":"minutes","every":1}"#,
        r#"{"unit":"minutes","every":1,"on":["saturday"],"from":"03:00","to":"03:01"}"#,
        r#"{"unit":"hours","every":7,"on":["monday","friday"]}"#,
        r#"{"unit":"days","every":3}"#,
        r#"{"unit":"weeks","every":2,"on":["sunday"]}"#,
        r#"{"unit":"months","every":1,"ordinal":"last","kind":"friday"}"#,
    ] {
        let next = |rule: &Rule| assert!(rule.next_after(now) > Some(now));
        let [old, new] = ["2015-01-01", "2026-11-20"].map(|start| work(start, pattern, never, &next));
        assert!(old < 40 && old <= new + 10, "{old} looks instead of {new} for {pattern}");
    }
    let minutes = r#"{"unit":"minutes","every":1,"on":["saturday"]}"#;
    let count = |rule: &Rule| assert!(rule.count_between(Timestamp(0), now) > 800_000);
    assert!(work("2015-01-01", minutes, never, &count) < 3_000);
    let last = |rule: &Rule| assert!(rule.next_after(now).is_some());
    assert!(work("2015-01-01", minutes, r#"{"after":1000000}"#, &last) < 3_000);
    let jump = |rule: &Rule| assert!(rule.next_after(Timestamp(now.0 + 315_576_000_000)).is_some());
    assert!(work("2015-01-01", minutes, never, &jump) < 40);
}

#[test]
fn no_clock_however_wrong_makes_it_loop_or_fail() {
    for case in cases().iter().step_by(7) {
        let rule = rule(&case["rule"].to_string());
        for at in [i64::MIN, -1, 0, 1, 253_402_300_799_999, 8_000_000_000_000_000, i64::MAX] {
            if let Some(next) = rule.next_after(Timestamp(at)) {
                assert!(next.0 > at && next >= rule.starts_at());
            }
            assert_eq!(rule.count_between(Timestamp(i64::MAX), Timestamp(at)), 0);
        }
        assert_eq!(rule.next_after(Timestamp(i64::MAX)), None);
    }
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    (1_u8..128).prop_map(|bits| WEEK.into_iter().filter(|day| bits & (1 << day.num_days_from_monday()) != 0).collect())
}

fn open() -> impl Strategy<Value = Open> {
    let window = (0_u32..1_440, 1_u32..1_440)
        .prop_map(|(from, long)| Window { from: naive::time(from), to: naive::time((from + long) % 1_440) });
    (proptest::option::of(weekdays()), proptest::option::of(window)).prop_map(|(on, window)| Open { on, window })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let day = prop_oneof![
        (1_u32..=31).prop_map(DayOfMonth::Day),
        (0_usize..5, 0_usize..10).prop_map(|(ordinal, kind)| DayOfMonth::The(Ordinal::ALL[ordinal], Kind::ALL[kind])),
    ];
    prop_oneof![
        (1_u32..3_000, open()).prop_map(|(every, open)| Pattern::Minutes { every, open }),
        (1_u32..60, open()).prop_map(|(every, open)| Pattern::Hours { every, open }),
        (1_u32..40).prop_map(|every| Pattern::Days { every }),
        (1_u32..6, weekdays()).prop_map(|(every, on)| Pattern::Weeks { every, on }),
        (1_u32..14, day.clone()).prop_map(|(every, day)| Pattern::Months { every, day }),
        (1_u32..4, 1_u32..=12, day).prop_map(|(every, month, day)| Pattern::Years { every, month, day }),
    ]
}

fn rules() -> impl Strategy<Value = Rule> {
    let start = (0_u64..18_000, 0_u32..1_440);
    let end = prop_oneof![
        3 => Just(None),
        1 => (1_u32..30).prop_map(|number| Some(Ok(number))),
        1 => (0_u64..700).prop_map(|days| Some(Err(days))),
    ];
    let times = proptest::collection::btree_set(0_u32..1_440, 0..4);
    (start, 0..crate::recurrence::tests::zones::ZONES.len(), pattern(), end, times).prop_map(
        |((day, time), zone, pattern, end, times)| {
            let date = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a date") + Days::new(day);
            let end = match end {
                None => End::Never,
                Some(Ok(number)) => End::After(number),
                Some(Err(days)) => End::By(date + Days::new(days)),
            };
            let zone: Tz = crate::recurrence::tests::zones::ZONES[zone].parse().expect("a zone");
            let elapsed = matches!(pattern, Pattern::Minutes { .. } | Pattern::Hours { .. });
            let times = if elapsed { Vec::new() } else { times.into_iter().map(naive::time).collect() };
            Rule { start: date.and_time(naive::time(time)), zone, pattern, end, times }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_rule_occurs_when_the_naive_model_says(rule in rules()) {
        let until = rule.starts_at().0 / 1_000 + 3 * 366 * 86_400;
        let expected = naive::occurrences(&rule, until, 40);
        let before = |at: &Timestamp| at.0 / 1_000 < until;
        let found: Vec<_> = after(&rule, Timestamp(i64::MIN), 40).into_iter().take_while(before).collect();
        let seconds: Vec<_> = found.iter().map(|at| at.0 / 1_000).collect();
        prop_assert_eq!(&seconds, &expected);
        // From anywhere in the course the same follows, and counting is stepping.
        for (index, at) in found.iter().enumerate() {
            prop_assert_eq!(rule.first_from(*at), Some(*at));
            prop_assert_eq!(rule.next_after(Timestamp(at.0 - 1)), Some(*at));
            prop_assert_eq!(rule.first_from(Timestamp(at.0 - 999)), Some(*at));
            prop_assert_eq!(rule.count_between(Timestamp(i64::MIN), *at), index as u64 + 1);
            prop_assert_eq!(rule.count_between(found[0], *at), index as u64);
            prop_assert_eq!(rule.count_between(*at, found[found.len() - 1]), (found.len() - index) as u64 - 1);
        }
        prop_assert_eq!(crate::recurrence::tests::rule(&rule.to_json()), rule);
    }
}
