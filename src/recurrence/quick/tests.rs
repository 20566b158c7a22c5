//! What operators type, and what it becomes.

use crate::domain::Timestamp;
use crate::domain::hostile::hostile_text;
use crate::recurrence::quick::Rule;
use chrono_tz::Tz;
use proptest::prelude::*;

/// Tuesday 24 November 2026, 02:19:02 in Amsterdam; Monday 19:19 in Chicago.
const NOW: Timestamp = Timestamp(1_795_483_142_000);

fn sentence(text: &str) -> String {
    match Rule::from_words(text, NOW, Tz::Europe__Amsterdam) {
        Ok(rule) => {
            assert_eq!(Rule::parse_json(&rule.to_json()), Ok(rule.clone()), "{text}");
            rule.sentence()
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_time_alone_is_daily() {
    assert_eq!(sentence("06:00"), sentence("daily 06:00"));
    assert!(sentence("25:00").contains("25:00"));
}

#[test]
fn words_become_the_rule_they_say() {
    for (text, expected) in [
        ("every 15 min", "Every 15 minutes, from 24 Nov 2026 at 02:30 Amsterdam time, without end."),
        ("15m wd", "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end."),
        ("weekdays 02:00", "Every week on weekdays at 02:00 Amsterdam time, from 25 Nov 2026, without end."),
        (
            "last friday monthly 23:30",
            "Every month on the last Friday at 23:30 Amsterdam time, from 27 Nov 2026, without end.",
        ),
        ("daily 6:00 until 2026-12-31", "Every day at 06:00 Amsterdam time, from 24 Nov 2026, until 31 Dec 2026."),
        ("daily 02:00 10 times", "Every day at 02:00 Amsterdam time, from 25 Nov 2026, 10 times."),
        (
            "every 2 weeks on sunday 02:30 chicago",
            "Every 2 weeks on Sunday at 02:30 Chicago time, from 6 Dec 2026, without end.",
        ),
        (
            "hourly 18:00-08:00",
            "Every hour between 18:00 and 08:00 Amsterdam time, from 24 Nov 2026 at 03:00, without end.",
        ),
        (
            "every 5 min between 06:00 and 22:00 on weekdays",
            "Every 5 minutes on weekdays between 06:00 and 22:00 Amsterdam time, from 24 Nov 2026 at 02:20, without end.",
        ),
        (
            "Every Other Monday at 6pm New York time",
            "Every 2 weeks on Monday at 18:00 New York time, from 7 Dec 2026, without end.",
        ),
        (
            "mon, wed and fri noon utc",
            "Every week on Monday, Wednesday and Friday at 12:00 UTC, from 25 Nov 2026, without end.",
        ),
        (
            "every 3 months on the 31st at 23:00 5 times",
            "Every 3 months on day 31 at 23:00 Amsterdam time, from 31 May 2027, 5 times.",
        ),
        ("24 december 6:00", "Every year on 24 December at 06:00 Amsterdam time, from 24 Dec 2026, without end."),
        (
            "first weekend day of january",
            "Every year on the first weekend day of January at 00:00 Amsterdam time, from 2 Jan 2027, without end.",
        ),
        (
            "last day of every month",
            "Every month on the last day at 00:00 Amsterdam time, from 30 Nov 2026, without end.",
        ),
        ("every 90 min from 2027-01-01", "Every 90 minutes, from 1 Jan 2027 at 00:00 Amsterdam time, without end."),
        ("every hour at 06:00 tomorrow", "Every hour, from 25 Nov 2026 at 06:00 Amsterdam time, without end."),
        (
            "daily weekends 7:00",
            "Every week on Saturday and Sunday at 07:00 Amsterdam time, from 28 Nov 2026, without end.",
        ),
        ("every weekday at 6", "Every week on weekdays at 06:00 Amsterdam time, from 24 Nov 2026, without end."),
        (
            "mon-fri from 8 to 18 every 30m",
            "Every 30 minutes on weekdays between 08:00 and 18:00 Amsterdam time, from 24 Nov 2026 at 02:30, without end.",
        ),
        (
            "every 20 min between 20 and 24",
            "Every 20 minutes between 20:00 and 00:00 Amsterdam time, from 24 Nov 2026 at 02:20, without end.",
        ),
        (
            "every 15 min starting 06:00 ends after 8 runs",
            "Every 15 minutes, from 24 Nov 2026 at 06:00 Amsterdam time, 8 times.",
        ),
        (
            "first of the month 4am",
            "Every month on the first day at 04:00 Amsterdam time, from 1 Dec 2026, without end.",
        ),
        ("end of every month", "Every month on the last day at 00:00 Amsterdam time, from 30 Nov 2026, without end."),
        ("1st of the month", "Every month on the first day at 00:00 Amsterdam time, from 1 Dec 2026, without end."),
        (
            "quarterly on the last weekday",
            "Every 3 months on the last weekday at 00:00 Amsterdam time, from 30 Nov 2026, without end.",
        ),
        (
            "every 15 minutes monday to friday",
            "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end.",
        ),
        ("daily 6:00 pm", "Every day at 18:00 Amsterdam time, from 24 Nov 2026, without end."),
        (
            "hourly between 8 am and 6 pm",
            "Every hour between 08:00 and 18:00 Amsterdam time, from 24 Nov 2026 at 03:00, without end.",
        ),
        ("every night at 2", "Every day at 02:00 Amsterdam time, from 25 Nov 2026, without end."),
        ("fortnightly tue 9:00", "Every 2 weeks on Tuesday at 09:00 Amsterdam time, from 24 Nov 2026, without end."),
        (
            "hourly from 2026-12-01 08:00 ends by 2026-12-24",
            "Every hour, from 1 Dec 2026 at 08:00 Amsterdam time, until 24 Dec 2026.",
        ),
    ] {
        assert_eq!(sentence(text), expected, "{text}");
    }
}

#[test]
fn minutes_and_hours_elapse_from_a_given_start_unless_the_words_name_a_time() {
    let start = |text: &str, at: &str| {
        let at = Timestamp::parse_rfc3339(at).expect("an instant");
        Rule::from_words_at(text, NOW, Some(at), Tz::UTC).expect("a rule").start.to_string()
    };
    let at = "2026-11-24T22:10:00Z";
    assert_eq!(start("every 60 min", at), "2026-11-24 22:10:00");
    assert_eq!(start("every 2 hours on weekdays", at), "2026-11-24 22:10:00");
    assert_eq!(start("every 60 min", "2026-11-24T22:10:01Z"), "2026-11-24 22:11:00");
    assert_eq!(start("every hour at 23:30", at), "2026-11-24 23:30:00");
    for words in ["every 90 min from 2027-01-01", "10 * * * *", "*/15 * * * *", "daily"] {
        assert_eq!(start(words, at), Rule::from_words(words, NOW, Tz::UTC).expect("a rule").start.to_string());
    }
}

#[test]
fn a_cron_line_is_read_where_one_rule_can_say_it() {
    for (text, expected) in [
        ("*/15 * * * 1-5", "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end."),
        ("30 2 * * sun", "Every week on Sunday at 02:30 Amsterdam time, from 29 Nov 2026, without end."),
        ("0 6 * * *", "Every day at 06:00 Amsterdam time, from 24 Nov 2026, without end."),
        (
            "*/5 6-21 * * *",
            "Every 5 minutes between 06:00 and 22:00 Amsterdam time, from 24 Nov 2026 at 02:20, without end.",
        ),
        ("0 0 1 1 *", "Every year on 1 January at 00:00 Amsterdam time, from 1 Jan 2027, without end."),
        ("15 3 l * *", "Every month on the last day at 03:15 Amsterdam time, from 30 Nov 2026, without end."),
        (
            "*/7 1 * * *",
            "Every day at 01:00, then every 7 minutes to 01:56 Amsterdam time, from 25 Nov 2026, without end.",
        ),
        ("0,30 * * * *", "Every 30 minutes, from 24 Nov 2026 at 02:30 Amsterdam time, without end."),
        (
            "5,10 8-11 * * 1-5",
            "Every week on weekdays at :05 :10 of hours 8 to 11 Amsterdam time, from 24 Nov 2026, without end.",
        ),
        ("0 6,18 1 * *", "Every month on day 1 at 06:00 and 18:00 Amsterdam time, from 1 Dec 2026, without end."),
        ("0 0 13 * 5", "cron: days of week go with neither days of month nor months; use two jobs"),
        ("0 0 1 */2 *", "cron: a rule has every month or one; submit a job for each"),
        ("0 0 1-5 * *", "cron: a rule has one day of the month; submit a job for each"),
        ("61 1 * * *", "cron: cannot read the minutes '61'; write them as */15 or 0,30"),
        ("0 1 31 feb *", "that never occurs; check its day and its times"),
    ] {
        assert_eq!(sentence(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_named() {
    for (text, expected) in [
        ("", "nothing typed yet"),
        ("every fortnigt on sunday", "cannot read \"fortnigt\"; try 15m, daily 06:00, weekdays 02:00"),
        ("every 2 fortnigts on sunday", "cannot read \"fortnigts\"; try 15m, daily 06:00, weekdays 02:00"),
        ("daily 6:00 10 tims", "cannot read \"tims\"; try 15m, daily 06:00, weekdays 02:00"),
        ("daily 02:00 04:00", "cannot read \"04:00\"; try 15m, daily 06:00, weekdays 02:00"),
        ("daily 25:00", "cannot read \"25:00\"; try 15m, daily 06:00, weekdays 02:00"),
        ("at 02:00", "say how often, such as daily, hourly or every 15 min"),
        ("every 0 min", "cannot read \"0\"; try 15m, daily 06:00, weekdays 02:00"),
        ("every 3 days on monday", "days of the week go with weeks, such as every 2 weeks on monday"),
        ("2x daily", "cannot read \"2x\"; try 15m, daily 06:00, weekdays 02:00"),
        ("weekly on the 31st", "a day of the month goes with months or years only"),
        ("daily 18:00-20:00", "a span of time goes with minutes or hours only"),
        ("monthly fridays", "say which of these days, such as last friday"),
        ("31 feb", "that never occurs; check its day and its times"),
        ("every 24 hours at 03:00 between 5 and 6 utc", "that never occurs; check its day and its times"),
        ("daily until 2026-02-30", "cannot read \"2026-02-30\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m ends by 2026-13-31", "cannot read \"2026-13-31\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m from 2026-13-31", "cannot read \"2026-13-31\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m 0 times", "cannot read \"0\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m ends after 0 runs", "cannot read \"0\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m between 8 and 88", "cannot read \"88\"; try 15m, daily 06:00, weekdays 02:00"),
        ("15m until 2020-01-01", "the end 2020-01-01 is before the start 2026-11-24"),
    ] {
        assert_eq!(sentence(text), expected, "{text}");
    }
}

#[test]
fn the_word_that_is_not_understood_is_found_in_the_line() {
    let place = |text: &str| Rule::from_words(text, NOW, Tz::UTC).err().and_then(|error| error.place(text));
    assert_eq!(place("Every 2 Fortnigts on sunday"), Some((8, 9)));
    assert_eq!(place("daily,  25:00"), Some((8, 5)));
    assert_eq!(place("daily 磁盘"), Some((6, 2)));
    assert_eq!(place("15m until 2020-01-01"), Some((10, 10)));
    assert_eq!(place("15m 0 times"), Some((4, 1)));
    assert_eq!(place("at 02:00"), None, "nothing is wrong with any word");
    let cron = [
        "60 * * * *",
        "0 */0 * * *",
        "0 0 13 * 5",
        "0 0 1 */2 *",
        "61 1 * * *",
        "0 0 1-5 * *",
        "0 0 1 foo *",
        "0 1,24 * * *",
        "0 1 * * 1/2",
        "0 1 31 feb *",
    ];
    for line in cron {
        assert!(Rule::from_words(line, NOW, Tz::UTC).is_err(), "{line}");
        assert!(sentence(line).chars().count() < 77, "it fits the notice row: {}", sentence(line));
    }
}

proptest! {
    #[test]
    fn no_line_however_odd_makes_it_fail(
        text in hostile_text(0..64),
        words in proptest::collection::vec("[a-z0-9:*/-]{1,6}", 0..6),
        known in proptest::sample::select(&["every ", "daily 6:00 ", "*/15 * * * ", "last friday monthly ", "every 15 min until "][..]),
    ) {
        for line in [text.clone(), words.join(" "), format!("{known}{text}"), format!("{known}{}{text}", words.join(" "))] {
            sentence(&line);
            let place = Rule::from_words(&line, NOW, Tz::UTC).err().and_then(|error| error.place(&line));
            prop_assert!(place.is_none_or(|(at, long)| at + long <= line.chars().count()), "{place:?} of {line:?}");
        }
    }
}
