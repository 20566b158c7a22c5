//! Rules as operators and calendars read them.

use crate::recurrence::tests::rule;

fn rule_of(start: &str, zone: &str, pattern: &str, end: &str) -> crate::recurrence::Rule {
    rule(&format!(r#"{{"start":"{start}","time_zone":"{zone}","pattern":{pattern},"end":{end}}}"#))
}

const NEVER: &str = r#"{"never":true}"#;
const WORKING: &str = r#"["monday","tuesday","wednesday","thursday","friday"]"#;

#[test]
fn a_rule_reads_as_an_operator_would_say_it() {
    let words = |pattern: &str| rule_of("2026-11-24T02:30", "America/Chicago", pattern, NEVER).words();
    assert_eq!(words(&format!(r#"{{"unit":"minutes","every":15,"on":{WORKING}}}"#)), "every 15 minutes on weekdays");
    for (pattern, expected) in [
        (r#"{"unit":"minutes","every":1}"#, "every minute"),
        (
            r#"{"unit":"hours","every":1,"from":"18:00","to":"08:00"}"#,
            "every hour between 18:00 and 08:00 Chicago time",
        ),
        (r#"{"unit":"days","every":1}"#, "every day at 02:30 Chicago time"),
        (r#"{"unit":"weeks","every":2,"on":["sunday"]}"#, "every 2 weeks on Sunday at 02:30 Chicago time"),
        (
            r#"{"unit":"weeks","every":2,"on":["sunday","saturday","monday"]}"#,
            "every 2 weeks on Monday, Saturday and Sunday at 02:30 Chicago time (weeks begin on Sunday)",
        ),
        (
            r#"{"unit":"months","every":1,"ordinal":"last","kind":"weekend_day"}"#,
            "every month on the last weekend day at 02:30 Chicago time",
        ),
        (r#"{"unit":"months","every":3,"day":31}"#, "every 3 months on day 31 at 02:30 Chicago time"),
        (
            r#"{"unit":"years","every":1,"month":12,"ordinal":"first","kind":"monday"}"#,
            "every year on the first Monday of December at 02:30 Chicago time",
        ),
        (r#"{"unit":"years","every":4,"month":2,"day":29}"#, "every 4 years on 29 February at 02:30 Chicago time"),
    ] {
        assert_eq!(words(pattern), expected);
    }
}

#[test]
fn the_sentence_says_from_when_and_until_when() {
    let weeks = r#"{"unit":"weeks","every":2,"on":["sunday"]}"#;
    let sentence = |start: &str, zone: &str, pattern: &str, end: &str| rule_of(start, zone, pattern, end).sentence();
    assert_eq!(
        sentence("2026-12-06T02:30", "America/Chicago", weeks, NEVER),
        "Every 2 weeks on Sunday at 02:30 Chicago time, from 6 Dec 2026, without end."
    );
    assert_eq!(
        sentence("2026-12-06T02:30", "UTC", r#"{"unit":"minutes","every":5}"#, r#"{"after":10}"#),
        "Every 5 minutes, from 6 Dec 2026 at 02:30 UTC, 10 times."
    );
    assert_eq!(
        sentence("2026-12-06T02:30", "UTC", r#"{"unit":"days","every":1}"#, r#"{"by":"2026-12-31"}"#),
        "Every day at 02:30 UTC, from 6 Dec 2026, until 31 Dec 2026."
    );
}

#[test]
fn a_calendar_gets_what_it_can_say_and_nothing_else() {
    let rrule = |zone: &str, pattern: &str, end: &str| {
        rule_of("2026-12-02T02:30", zone, pattern, end).rrule().unwrap_or_default()
    };
    let chicago = "America/Chicago";
    assert_eq!(
        rrule(chicago, r#"{"unit":"weeks","every":2,"on":["sunday"]}"#, NEVER),
        "DTSTART;TZID=America/Chicago:20261213T023000\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU"
    );
    assert_eq!(
        rrule(chicago, r#"{"unit":"minutes","every":15}"#, r#"{"after":3}"#),
        "DTSTART:20261202T083000Z\nRRULE:FREQ=MINUTELY;INTERVAL=15;COUNT=3"
    );
    assert_eq!(
        rrule("Asia/Kolkata", r#"{"unit":"hours","every":1,"from":"22:00","to":"02:00"}"#, NEVER),
        "DTSTART;TZID=Asia/Kolkata:20261202T223000\nRRULE:FREQ=HOURLY;INTERVAL=1;BYHOUR=22,23,0,1"
    );
    assert_eq!(
        rrule(chicago, r#"{"unit":"months","every":1,"ordinal":"last","kind":"weekday"}"#, r#"{"by":"2027-01-31"}"#),
        "DTSTART;TZID=America/Chicago:20261231T023000\nRRULE:FREQ=MONTHLY;INTERVAL=1;UNTIL=20270201T055959Z;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    );
    assert_eq!(
        rrule(chicago, r#"{"unit":"years","every":1,"month":5,"ordinal":"second","kind":"tuesday"}"#, NEVER),
        "DTSTART;TZID=America/Chicago:20270511T023000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=5;BYDAY=2TU"
    );
    // On its first day the clocks leave the time out; on the others they do not.
    let gap = rule_of("2027-03-14T02:30", chicago, r#"{"unit":"days","every":1}"#, NEVER).rrule();
    assert_eq!(gap.as_deref(), Some("DTSTART;TZID=America/Chicago:20270314T023000\nRRULE:FREQ=DAILY;INTERVAL=1"));
    for pattern in [
        format!(r#"{{"unit":"minutes","every":15,"on":{WORKING}}}"#),
        r#"{"unit":"minutes","every":15,"from":"06:30","to":"08:00"}"#.to_owned(),
        r#"{"unit":"years","every":1,"month":2,"day":30}"#.to_owned(),
    ] {
        assert_eq!(rrule(chicago, &pattern, NEVER), "");
    }
}
