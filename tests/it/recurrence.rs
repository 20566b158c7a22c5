//! `cdx recurrence` for scripts.

use crate::support::Exchange;

const NIGHTLY: &str = r#"{"start":"2026-12-06T02:30","time_zone":"America/Chicago",
    "pattern":{"unit":"weeks","every":2,"on":["sunday"]},"end":{"never":true}}"#;

#[test]
fn next_occurrences_are_printed_as_json_or_as_a_table() {
    let exchange = Exchange::new();
    let args = ["recurrence", "next", "--after", "2027-02-28T08:30:00Z", "--count", "2"];
    let json = exchange.cdx_with_input(&[&args[..], &["--json"]].concat(), NIGHTLY.as_bytes()).exits(0);
    assert_eq!(json.stdout, "{\"next\":[\"2027-03-14T08:30:00.000Z\",\"2027-03-28T07:30:00.000Z\"]}\n");
    std::fs::write(exchange.path("rule.json"), NIGHTLY).expect("written");
    let file = exchange.path("rule.json").display().to_string();
    let table = exchange.cdx(&[&args[..], &["--rule", &file]].concat()).exits(0);
    assert_eq!(
        table.stdout,
        "In Chicago                UTC\n\
         Sun 2027-03-14 03:30 CDT  2027-03-14 08:30:00\n\
         Sun 2027-03-28 02:30 CDT  2027-03-28 07:30:00\n"
    );
    table.says("Every 2 weeks on Sunday at 02:30 Chicago time, from 6 Dec 2026, without end.");
}

#[test]
fn a_rule_is_given_in_words_or_as_a_cron_line_too() {
    let exchange = Exchange::new();
    let args = ["recurrence", "next", "--after", "2026-12-05", "--count", "2", "--json"];
    let next = |words: &str, zone: &str| {
        exchange.cdx(&[&args[..], &["--recurrence", words, "--zone", zone]].concat()).exits(0).stdout
    };
    let weekdays = "{\"next\":[\"2026-12-07T02:00:00.000Z\",\"2026-12-08T02:00:00.000Z\"]}\n";
    assert_eq!(next("weekdays 02:00", "UTC"), weekdays);
    assert_eq!(next("0 2 * * 1-5", "UTC"), weekdays);
    assert_eq!(next("weekdays 03:00", "Europe/Amsterdam"), weekdays);
    let refused = |more: &[&str]| exchange.cdx(&[&args[..], more].concat()).exits(2);
    refused(&["--recurrence", "soon", "--zone", "UTC"]).says("--recurrence: ");
    refused(&["--recurrence", "weekdays 02:00", "--zone", "Mars"]).says("--zone \"Mars\" is not a time zone");
    refused(&["--recurrence", "weekdays 02:00", "--rule", "rule.json"]).says("--rule");
}

#[test]
fn a_rule_without_further_occurrences_exits_with_0() {
    let exchange = Exchange::new();
    let ended = NIGHTLY.replace(r#""never":true"#, r#""after":3"#);
    let args = ["recurrence", "next", "--after", "2030-01-01", "--json"];
    assert_eq!(exchange.cdx_with_input(&args, ended.as_bytes()).exits(0).stdout, "{\"next\":[]}\n");
    let words = exchange.cdx_with_input(&args[..4], ended.as_bytes()).exits(0);
    assert_eq!(words.stdout, "");
    words.says("No occurrence after 2030-01-01T00:00:00.000Z.");
}

#[test]
fn the_equivalent_rrule_is_printed_if_there_is_one() {
    let exchange = Exchange::new();
    let args = ["recurrence", "next", "--rrule"];
    assert_eq!(
        exchange.cdx_with_input(&args, NIGHTLY.as_bytes()).exits(0).stdout,
        "DTSTART;TZID=America/Chicago:20261206T023000\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU\n"
    );
    let minutes = NIGHTLY.replace("weeks", "minutes");
    exchange.cdx_with_input(&args, minutes.as_bytes()).exits(1).says("iCalendar cannot express this rule");
}

#[test]
fn an_invalid_rule_is_refused_with_its_field() {
    let exchange = Exchange::new();
    let refused = |input: &[u8]| exchange.cdx_with_input(&["recurrence", "next", "--json"], input).exits(2);
    refused(b"").says("no rule in the standard input: rule: this is no JSON");
    refused(b"\xff").says("cannot read the rule");
    refused(NIGHTLY.replace('2', "0").as_bytes()).says("start: \"0006-10-06T00:30\" is no wall clock");
    refused(NIGHTLY.replace("sunday", "s\\u001b[2Jday").as_bytes())
        .says("pattern.on: \"s\\u001b[2Jday\" is no weekday");
    let colour = NIGHTLY.replace("\"end\"", "\"colour\":1,\"end\"");
    assert_eq!(refused(colour.as_bytes()).says("colour: unknown field").stdout, "");
    exchange.cdx(&["recurrence", "next", "--rule", "/nowhere/rule.json"]).exits(2).says("/nowhere/rule.json");
    exchange.cdx(&["recurrence", "next", "--count", "0"]).exits(2);
    exchange.cdx(&["recurrence", "next", "--count", "1001"]).exits(2);
    exchange.cdx(&["recurrence", "next", "--after", "soon"]).exits(2).says("--after \"soon\" is no instant");
}

#[test]
fn the_documented_example_prints_the_documented_output() {
    let page = include_str!("../../docs/recurrence.md");
    let (before, after) = page.split_once("  cdx recurrence next").expect("the example");
    let script = &before[before.rfind("```sh\n").expect("its beginning") + 6..];
    let (rest, after) = after.split_once("```\n").expect("its end");
    let printed = after.trim_start().trim_start_matches("```\n").split("```").next().expect("what it prints");
    let exchange = Exchange::new();
    let script = format!("{script}  {} recurrence next{rest}", env!("CARGO_BIN_EXE_cdx"));
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", &format!("({script}) 2>&1")])
        .env_clear()
        .env("HOME", exchange.folder())
        .env("PATH", "/usr/bin:/bin");
    assert_eq!(crate::support::ran(&mut command).exits(0).stdout, printed);
}

#[test]
fn every_documented_rule_is_valid() {
    let exchange = Exchange::new();
    for pattern in [
        r#""unit":"minutes","every":15,"on":["monday"],"from":"18:00","to":"08:00""#,
        r#""unit":"hours","every":1"#,
        r#""unit":"days","every":1"#,
        r#""unit":"weeks","every":1,"on":["monday"]"#,
        r#""unit":"months","every":1,"day":31"#,
        r#""unit":"months","every":1,"ordinal":"last","kind":"weekend_day""#,
        r#""unit":"years","every":1,"month":12,"ordinal":"first","kind":"monday""#,
    ] {
        for end in [r#""never":true"#, r#""after":3"#, r#""by":"2036-12-31""#] {
            let rule =
                format!(r#"{{"start":"2026-12-06T02:30","time_zone":"UTC","pattern":{{{pattern}}},"end":{{{end}}}}}"#);
            let args = ["recurrence", "next", "--after", "2026-12-01", "--count", "1", "--json"];
            let next = exchange.cdx_with_input(&args, rule.as_bytes()).exits(0).json();
            assert_eq!(next["next"].as_array().map(Vec::len), Some(1), "{rule}");
        }
    }
}
