//! Properties that must hold for every input. The fuzzer calls them with its inputs, the tests with
//! seeds and some mutations.

use cdx_console::config::{Config, Environment, Flags, KEYS};
use cdx_console::console::protocol::filter::Terms;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::time::Zone;
use cdx_console::console::runtime::input::{Decoded, Decoder};
use cdx_console::domain::{Direction, Timestamp};
use cdx_console::engine::parse_line;
use cdx_console::filter;
use cdx_console::filter::lists::{JOURNAL, MESSAGES, sessions};
use cdx_console::recurrence::Rule;
use cdx_console::store::Location;
use cdx_console::store::message_database::NewMessage;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// 2026-11-28, a Saturday.
const NOW: Timestamp = Timestamp(1_795_824_000_000);
/// A password, which no message may contain.
const SECRET: &str = "hunter2secret";

/// Decisions drawn from the fuzzer's bytes. When they are used up, every decision is the first
/// option.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % bound
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn number(&mut self, from: u32, to: u32) -> u32 {
        let drawn = (0..4).fold(0u32, |number, _| number << 8 | u32::try_from(self.below(256)).unwrap_or(0));
        from + drawn % (to - from + 1)
    }

    /// Returns true once in `times` calls.
    fn rarely(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A line of `cdx post`: an accepted line can be written, and reading it again gives the same
/// message.
pub fn posted_line(data: &[u8]) {
    let once = parse_line(data);
    match once {
        Ok(message) => {
            let written = written(&message);
            let again = parse_line(written.as_bytes());
            assert_eq!(again.as_ref(), Ok(&message), "{written}");
        }
        Err(fault) => {
            let reason = fault.to_string();
            assert!(!reason.is_empty() && reason.len() < 2_000, "{reason}");
        }
    }
}

fn written(message: &NewMessage) -> String {
    let mut line = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            line.insert(key.to_owned(), value);
        }
    };
    put("message_guid", json!(message.message_guid));
    put("direction", json!(message.direction));
    put("session_number", json!(message.session_number));
    put("channel_database", json!(message.channel_database));
    put("job_name", json!(message.job_name));
    put("channel_data_group", json!(message.channel_data_group));
    put("distribution_schedule", json!(message.distribution_schedule));
    put("status", json!(message.status));
    put("occurred_at", json!(message.occurred_at.0));
    put("posted_by", json!(message.posted_by));
    put("round", json!(message.round));
    put("rerun_for", json!(message.rerun_for));
    put("try_count", json!(message.try_count));
    put("rows_affected", json!(message.rows_affected));
    put("file_size", json!(message.file_size));
    put("row_version", json!(message.row_version));
    put("data_path", json!(message.data_path));
    put("message", json!(message.message));
    let extra = message.extra.as_deref().map(|extra| serde_json::from_str(extra).expect("extra is JSON"));
    put("extra", extra.unwrap_or(Value::Null));
    Value::Object(line).to_string()
}

/// Checks the properties of every rule.
fn check_rule(rule: &Rule) {
    let text = rule.to_json();
    let again = Rule::parse_json(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&again, rule, "{text}");
    assert_eq!(again.to_json(), text);
    assert!(!rule.words().is_empty() && !rule.sentence().is_empty(), "{text}");
    let _ = rule.rrule();
    let mut after = NOW;
    for _ in 0..5 {
        let Some(next) = rule.next_after(after) else { break };
        assert!(next > after, "{text}: {} after {}", next.0, after.0);
        assert_eq!(rule.first_from(next), Some(next), "{text}: an occurrence is the first from itself on");
        assert_eq!(rule.count_between(after, next), 1, "{text}: no occurrence is between one and the next");
        after = next;
    }
}

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Antarctica/Troll",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The JSON of a rule, usually a valid one.
pub fn recurrence_json(data: &[u8]) {
    // Text that begins like JSON is used unchanged.
    if data.first() == Some(&b'{') {
        if let Ok(text) = std::str::from_utf8(data)
            && let Ok(rule) = Rule::parse_json(text)
        {
            check_rule(&rule);
        }
        return;
    }
    let mut choices = Choices(data);
    let value = rule_json(&mut choices);
    match Rule::parse_json(&value.to_string()) {
        Ok(rule) => check_rule(&rule),
        Err(error) => assert!(error.to_string().len() < 500, "{error}"),
    }
}

fn rule_json(choices: &mut Choices) -> Value {
    let odd = choices.rarely(16);
    let unit = choices.one_of(&["minutes", "hours", "days", "weeks", "months", "years"]);
    let mut pattern = Map::new();
    pattern.insert("unit".into(), json!(unit));
    let most = choices.one_of(&[1, 15, 100, 1_000_000]);
    pattern.insert("every".into(), json!(choices.number(u32::from(!odd), most)));
    let time = |choices: &mut Choices| format!("{:02}:{:02}", choices.number(0, 23), choices.number(0, 59));
    let days = |choices: &mut Choices| {
        let count = 1 + choices.below(7);
        (0..count).map(|_| choices.one_of(&WEEKDAYS)).collect::<Vec<_>>()
    };
    let day = |choices: &mut Choices, pattern: &mut Map<String, Value>| {
        if choices.rarely(2) {
            pattern.insert("ordinal".into(), json!(choices.one_of(&["first", "second", "third", "fourth", "last"])));
            let kinds = ["day", "weekday", "weekend_day", "monday", "wednesday", "sunday"];
            pattern.insert("kind".into(), json!(choices.one_of(&kinds)));
        } else {
            pattern.insert("day".into(), json!(choices.number(1, 31)));
        }
    };
    match unit {
        "minutes" | "hours" => {
            if choices.rarely(2) {
                pattern.insert("on".into(), json!(days(choices)));
            }
            if choices.rarely(2) {
                pattern.insert("from".into(), json!(time(choices)));
                pattern.insert("to".into(), json!(time(choices)));
            }
        }
        "weeks" => drop(pattern.insert("on".into(), json!(days(choices)))),
        "months" => day(choices, &mut pattern),
        "years" => {
            pattern.insert("month".into(), json!(choices.number(1, 12)));
            day(choices, &mut pattern);
        }
        _ => {}
    }
    let date = |choices: &mut Choices| {
        let year = choices.one_of(&[1970, 2024, 2025, 2026, 2027, 2028, 2999]);
        format!("{year}-{:02}-{:02}", choices.number(1, 12), choices.number(1, 28))
    };
    let mut rule = Map::new();
    rule.insert("start".into(), json!(format!("{}T{}", date(choices), time(choices))));
    rule.insert("time_zone".into(), json!(choices.one_of(&ZONES)));
    rule.insert("pattern".into(), Value::Object(pattern));
    let end = match choices.below(4) {
        0 => None,
        1 => Some(json!({"after": choices.number(1, 1_000)})),
        2 => Some(json!({"by": date(choices)})),
        _ => Some(json!({"never": true})),
    };
    if let Some(end) = end {
        rule.insert("end".into(), end);
    }
    if odd && choices.rarely(2) {
        rule.insert("color".into(), json!("red"));
    }
    Value::Object(rule)
}

fn zone_of(data: &[u8]) -> Tz {
    let sum: usize = data.iter().map(|byte| usize::from(*byte)).sum();
    ZONES[sum % ZONES.len()].parse().expect("a zone")
}

/// The quick line of the recurrence form.
pub fn quick_line(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Rule::from_words(text, NOW, zone_of(data)) {
        Ok(rule) => check_rule(&rule),
        Err(error) => {
            assert!(!error.to_string().is_empty() && error.to_string().len() < 500, "{error}");
            if let Some((from, length)) = error.place(text) {
                assert!(from + length <= text.chars().count(), "{text:?}: {from} and {length}");
            }
        }
    }
}

/// A cron line: five fields, usually valid ones.
pub fn cron(data: &[u8]) {
    let mut choices = Choices(data);
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    let fields = bounds.map(|(least, most)| match choices.below(7) {
        0 | 1 => "*".to_owned(),
        2 => format!("*/{}", choices.number(1, most)),
        3 | 4 => choices.number(least, most).to_string(),
        5 => {
            let first = choices.number(least, most);
            format!("{first}-{}", choices.number(first, most))
        }
        _ => {
            let beyond = u32::from(choices.rarely(8));
            format!("{},{}", choices.number(least, most), choices.number(least, most + beyond))
        }
    });
    let line = fields.join(" ");
    if let Ok(rule) = Rule::from_words(&line, NOW, zone_of(data)) {
        check_rule(&rule);
        minutes_are_those_of(&line, &rule);
    }
}

/// Checks that a rule runs only at minutes of its cron line.
fn minutes_are_those_of(line: &str, rule: &Rule) {
    let field = line.split(' ').next().unwrap_or_default();
    let is_named = |minute: u32| {
        field.split(',').any(|part| match (part.strip_prefix("*/"), part.split_once('-')) {
            (Some(step), _) => step.parse().is_ok_and(|step: u32| step != 0 && minute.is_multiple_of(step)),
            (None, Some((first, last))) => {
                first.parse().is_ok_and(|first: u32| first <= minute)
                    && last.parse().is_ok_and(|last: u32| minute <= last)
            }
            (None, None) => part == "*" || part.parse() == Ok(minute),
        })
    };
    // In zones whose offset changes by parts of hours, a clock change may move an occurrence to
    // another minute.
    if !["UTC", "Europe/Amsterdam", "America/New_York"].contains(&rule.zone().name()) {
        return;
    }
    let mut after = NOW;
    for _ in 0..5 {
        let Some(next) = rule.next_after(after) else { return };
        let clock = rule.wall_clock(next);
        let minute = clock.split(':').nth(1).and_then(|rest| rest.get(..2)).and_then(|minute| minute.parse().ok());
        assert!(minute.is_some_and(is_named), "{line}: {clock}");
        after = next;
    }
}

/// Filters of every list: the display of one parses to the same filter, a fault names a word of the text, and dates can be removed
/// and replaced.
pub fn filter_line(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for (list, fields) in filter::lists::ALL {
        match filter::parse(text, fields, Zone::Utc, NOW) {
            Ok(parsed) => {
                let again = filter::parse(&parsed.to_string(), fields, Zone::Utc, NOW);
                assert_eq!(again.as_ref(), Ok(&parsed), "{list}: {text:?}");
            }
            Err(fault) => {
                assert!(text.get(fault.at.clone()).is_some_and(|word| !word.is_empty()), "{text:?} {fault:?}");
            }
        }
    }
    for fields in [MESSAGES, JOURNAL, sessions(Direction::Download), sessions(Direction::Upload)] {
        let Ok(terms) = Terms::parse(text, fields, Zone::Utc, NOW) else { continue };
        if terms.typed.len() + 60 > filter::MAX_FILTER_BYTES || terms.filter.terms.len() + 2 > filter::MAX_TERMS {
            continue;
        }
        let dated = |dates: &str| {
            let typed = terms.with_dates(dates);
            let parsed = Terms::parse(&typed, fields, Zone::Utc, NOW);
            parsed.unwrap_or_else(|fault| panic!("{text:?} became {typed:?}: {fault}"))
        };
        assert!(dated("").filter.terms.iter().all(|term| !["age", "from", "to"].contains(&term.field)), "{text:?}");
        let redated = dated("2026-11-20..2026-11-21");
        assert!(
            ["from", "to"].iter().all(|date| redated.filter.terms.iter().any(|term| term.field == *date)),
            "{text:?}"
        );
    }
}

struct Home(PathBuf);

impl Environment for Home {
    fn get(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| self.0.display().to_string())
    }
}

/// A configuration file: reading it twice gives the same result, and no output contains a password.
pub fn configuration(data: &[u8]) {
    let folder = std::env::temp_dir().join(format!("cdx-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("config.toml");
    // Text that begins with a comment is used unchanged.
    let text = if data.first() == Some(&b'#') { data.to_vec() } else { config_text(&mut Choices(data)).into_bytes() };
    std::fs::write(&file, &text).expect("written");
    let flags = Flags { config: Some(file), ..Flags::default() };
    let load = || Config::load(&flags, &Home(folder.clone()));
    let words = match (load(), load()) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first.entries(), second.entries());
            first.entries().into_iter().map(|(key, value, _)| format!("{key} = {value}")).collect::<Vec<_>>().join("\n")
        }
        (Err(first), Err(second)) => {
            assert_eq!(first.to_string(), second.to_string());
            first.to_string()
        }
        (first, second) => panic!("{first:?}, then {second:?}"),
    };
    assert!(!words.contains(SECRET), "{words}");
    let _ = std::fs::remove_dir_all(&folder);
}

fn config_text(choices: &mut Choices) -> String {
    let mut text = String::new();
    let mut left = 8;
    while !choices.is_empty() && left > 0 {
        left -= 1;
        let key = choices.one_of(&KEYS);
        // A location may also be the value of a wrong key.
        let value = match choices.below(12) {
            0 => "true".to_owned(),
            1 => "false".to_owned(),
            2 => choices.number(0, 70_000).to_string(),
            3 => "\"auto\"".to_owned(),
            4 => "\"sqlite:/var/lib/cdx/a.db\"".to_owned(),
            5 => format!("\"postgres://op:{SECRET}@hq/cdx\""),
            6 => format!("\"{}\"", location_text(choices)),
            7 => "\"hq.example.com\"".to_owned(),
            8 => "[]".to_owned(),
            9 => "\"starttls\"".to_owned(),
            10 => "\"/usr/local/bin/notify\"".to_owned(),
            _ => "\"cdx@example.com\"".to_owned(),
        };
        text.extend([key, " = ", &value, "\n"]);
    }
    text
}

/// Returns the text of a location with a password, valid or almost valid.
fn location_text(choices: &mut Choices) -> String {
    let scheme =
        choices.one_of(&["postgres://", "postgresql://", "postgres:", "POSTGRES://", "postgress://", "mysql://"]);
    let user = choices.one_of(&["cdx", "", "a%40b", "r.vermeer", "ü"]);
    let secret =
        choices.one_of(&["hunter2secret", "hunter2secret%21", "a:hunter2secret", "hunter2secret@x", "%hunter2secret"]);
    let host = choices.one_of(&["hq", "hq:5433", "a,b:1", "[::1]:5432", "hq:port", "", "h q"]);
    let database = choices.one_of(&["/cdx", "/", "", "/a/b", "/c%64x"]);
    let query = choices.one_of(&["", "?sslmode=require", "?sslmode=sometimes", "?host=/run/pg&port=1", "?x=1", "?"]);
    match choices.below(8) {
        0..=4 => format!("{scheme}{user}:{secret}@{host}{database}{query}"),
        5 => format!("{scheme}{user}@{host}{database}?password={secret}"),
        6 => format!("{scheme}{host}{database}?user={user}&password={secret}&sslmode=disable"),
        _ => format!("postgres:///cdx?password={secret}&host=/run/pg"),
    }
}

/// A location: its display form can be parsed again, and no display, debug form or error contains
/// its password.
pub fn location(data: &[u8]) {
    let plain = match std::str::from_utf8(data) {
        Ok(text) if text.contains(':') => text.to_owned(),
        _ => String::new(),
    };
    let made = location_text(&mut Choices(data));
    for text in [&plain, &made] {
        let found = text.parse::<Location>();
        let shown = match &found {
            Ok(location) => format!("{location} {location:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        // At another position of the URL the same letters are not a password.
        let login = text.strip_prefix("postgres://").and_then(|rest| rest.split_once(&format!(":{SECRET}@")));
        if text == &made || login.is_some_and(|(user, _)| !user.contains(['/', '?', '#', '@', ','])) {
            assert!(!shown.contains(SECRET), "{text:?}: {shown}");
        }
        if let Ok(location) = found
            && !location.holds_password()
            && location.file().is_none()
        {
            let again = location.to_string().parse::<Location>();
            assert_eq!(again.as_ref().map(ToString::to_string), Ok(location.to_string()), "{text:?}");
        }
    }
}

/// Bytes of a terminal: the keys do not depend on how the bytes are split, nor on delays within a
/// sequence.
pub fn terminal_bytes(data: &[u8]) {
    let now = Instant::now();
    let timeout = Duration::from_millis(50);
    let whole = keys(Decoder::new(timeout).feed(data, now));
    for step in [1, 2, 3, 7] {
        let mut decoder = Decoder::new(timeout);
        let split: Vec<_> = data.chunks(step).flat_map(|some| decoder.feed(some, now)).collect();
        assert_eq!(keys(split), whole, "split into chunks of {step} bytes");
    }

    // Complete sequences with long pauses anywhere except after Esc.
    let mut choices = Choices(data);
    let mut bytes = Vec::new();
    while !choices.is_empty() && bytes.len() < 2_000 {
        bytes.extend(sequence(&mut choices));
    }
    let whole = keys(Decoder::new(timeout).feed(&bytes, now));
    let mut decoder = Decoder::new(timeout);
    let (mut at, mut slow) = (now, Vec::new());
    for byte in &bytes {
        slow.extend(decoder.feed(&[*byte], at));
        if *byte != 0x1b {
            at += Duration::from_secs(20);
            slow.extend(decoder.expire(at));
        }
    }
    assert_eq!(keys(slow), whole, "{}", bytes.escape_ascii());
}

fn keys(decoded: Vec<Decoded>) -> Vec<Key> {
    let key = |one| match one {
        Decoded::Key(key) => Some(key),
        Decoded::Mouse(_) | Decoded::Notice(_) => None,
    };
    decoded.into_iter().filter_map(key).collect()
}

/// Returns a complete sequence of a terminal.
fn sequence(choices: &mut Choices) -> Vec<u8> {
    let inner = choices.one_of(&["pq\r", "Enter", "\x1b[A", "é", "", "\x1b]0;x", "a\nb", "1;2"]);
    match choices.below(10) {
        0 => choices.one_of(&["a", "p", "\r", "é", "漢", "\t"]).into(),
        1 => choices.one_of(&["\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b[3~", "\x1b[15~", "\x1b[Z"]).into(),
        2..=4 => format!("\x1b[200~{inner}\x1b[201~").into(),
        5 => format!("\x1b]11;rgb:{}\x07", inner.replace('\x1b', "")).into(),
        6 => format!("\x1b]0;{}\x1b\\", inner.replace('\x1b', "")).into(),
        7 => format!("\x1bP>|{}\x1b\\", inner.replace('\x1b', "")).into(),
        8 => b"\x1b[M !!".to_vec(),
        _ => b"\x1b[?62;22c".to_vec(),
    }
}
