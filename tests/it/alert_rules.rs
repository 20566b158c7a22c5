//! Alert rules: a condition is notified once when it begins and once when it is resolved, across
//! servers; many stores of one cause share a notice; silences hold notices back.

use crate::screens::{COLOR, NOW, TestConsole, fits, look, night, typed};
use crate::support::messages::{APPLY_FAILED, applied_sessions, download};
use crate::support::{Exchange, Ran, ran};
use cdx_console::batch::{AlertEvent, AlertRule, AlertSettings};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Timestamp;
use cdx_console::engine::check_alert_rules;
use cdx_console::recurrence::Rule;
use cdx_console::store::head_office::{CheckedRules, DeliveryChannel};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

/// Notifies a login of these rules by e-mail.
fn subscribe(exchange: &Exchange, rules: &[AlertRule]) {
    let settings = AlertSettings {
        operator: "r.vermeer".to_owned(),
        rules: rules.to_vec(),
        popup: true,
        email: Some("ops@hq.example".to_owned()),
        ..AlertSettings::default()
    };
    office(exchange).set_exchange_alerts(&settings).expect("set");
}

/// A processed exchange whose login is notified of a rule.
fn subscribed(rule: AlertRule, messages: &[NewMessage]) -> Exchange {
    let exchange = Exchange::new();
    exchange.post(messages);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    subscribe(&exchange, &[rule]);
    exchange
}

fn check_at(exchange: &Exchange, now: Timestamp) -> CheckedRules {
    let checked = check_alert_rules(&exchange.databases(), &office(exchange), now, Tz::UTC);
    checked.expect("checked").expect("no other server checked it within a minute")
}

/// Checks the rules some minutes after now.
fn check_after(exchange: &Exchange, minutes: i64) -> CheckedRules {
    check_at(exchange, Timestamp(office(exchange).now().expect("now").0 + minutes * MINUTE))
}

fn changed(fired: usize, resolved: usize, notices: usize) -> CheckedRules {
    CheckedRules { fired, resolved, notices }
}

/// The texts of all notices, oldest first.
fn notices(exchange: &Exchange) -> Vec<String> {
    exchange.at_head_office("select text from notification order by notification_id")
}

/// Checks that a rule fires once and is resolved once: `begin` and `end` change head office.
fn fires_and_is_resolved_once(exchange: &Exchange, begin: &str, end: &str) {
    assert_eq!(check_after(exchange, 0), changed(0, 0, 0));
    exchange.script_at_head_office(begin);
    assert_eq!(check_after(exchange, 1), changed(1, 0, 1));
    assert_eq!(check_after(exchange, 2), changed(0, 0, 0), "it goes on");
    exchange.script_at_head_office(end);
    assert_eq!(check_after(exchange, 3), changed(0, 1, 1));
    assert_eq!(check_after(exchange, 4), changed(0, 0, 0));
    let notices = notices(exchange);
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert_eq!(format!("Resolved: {}", notices[0]), notices[1]);
    assert_eq!(exchange.count("delivery"), 2);
}

fn silence_of_three_days(end: bool) -> String {
    let sign = if end { "+" } else { "-" };
    format!(
        "update channel_database set last_seen_at = last_seen_at {sign} {shift}, usual_gap = {HOUR};
         update status_message set posted_at = posted_at {sign} {shift}",
        shift = 3 * DAY
    )
}

#[test]
fn forty_silent_stores_of_one_cause_are_one_notice_and_one_when_they_report_again() {
    let failed = |number: u64| NewMessage {
        message: Some("disk quota exceeded".to_owned()),
        ..download(number, i64::try_from(number).expect("small"), &format!("S{number:04}"), APPLY_FAILED)
    };
    let exchange = subscribed(AlertRule::StoreSilent, &(1..=40).map(failed).collect::<Vec<_>>());
    assert_eq!(check_after(&exchange, 0), changed(0, 0, 0));
    exchange.script_at_head_office(&silence_of_three_days(false));
    assert_eq!(check_after(&exchange, 1), changed(40, 0, 1));
    assert_eq!(check_after(&exchange, 2), changed(0, 0, 0));
    let begun = notices(&exchange).concat();
    assert!(begun.starts_with("Store silent: 40 stores, disk quota exceeded: S00"), "{begun}");
    assert!(begun.ends_with(" and 35 more"), "{begun}");
    let listed = exchange.cdx(&["alerts", "--json"]).exits(0).json_lines();
    assert_eq!(listed.len(), 40);
    assert_eq!((&listed[0]["rule"], &listed[0]["resolved_at"]), (&"store_silent".into(), &serde_json::Value::Null));
    assert!(listed[0]["notified_at"].is_string() && listed[0]["store"].is_string(), "{}", listed[0]);
    for form in [&["handover", "--text"][..], &["handover"]] {
        let sheet = exchange.cdx(form).exits(0).stdout;
        let lines: Vec<_> = sheet.lines().filter(|line| line.contains("Store silent")).collect();
        assert_eq!(lines.len(), 1, "{sheet}");
        assert!(
            lines[0].contains(" Store silent: 40 stores, disk quota exceeded: S0001, ") && lines[0].ends_with("S0040")
        );
    }
    let sheet = exchange.cdx(&["handover", "--json"]).exits(0).json();
    assert_eq!(sheet["firing"].as_array().map(Vec::len), Some(40));
    let group = &sheet["firing_groups"][0];
    assert_eq!((&sheet["firing_groups"][1], &group["conditions"]), (&serde_json::Value::Null, &40.into()), "{sheet}");
    assert_eq!(group["stores"].as_array().map(Vec::len), Some(40), "{group}");
    exchange.script_at_head_office(&silence_of_three_days(true));
    assert_eq!(check_after(&exchange, 3), changed(0, 40, 1));
    assert!(notices(&exchange)[1].starts_with("Resolved: Store silent: 40 stores, disk quota exceeded: "));
    let sheet = exchange.cdx(&["handover", "--json"]).exits(0).json();
    assert_eq!(
        (&sheet["firing_groups"], &sheet["resolved_groups"][0]["conditions"]),
        (&serde_json::json!([]), &40.into())
    );
    let table = exchange.cdx(&["alerts"]).exits(0).says("the rules were last checked").stdout;
    assert!(table.contains("resolved") && !table.contains("firing"), "{table}");
}

#[test]
fn a_silenced_condition_fires_and_is_notified_when_the_silence_ends() {
    let exchange = subscribed(AlertRule::StoreSilent, &applied_sessions(1, 1..3));
    let add = ["silences", "add", "rule:store_silent store:S0001", "--until", "2h", "--reason", "rebuilt"];
    exchange.cdx(&add).exits(0);
    exchange.script_at_head_office(&silence_of_three_days(false));
    assert_eq!(check_after(&exchange, 1), changed(2, 0, 1));
    assert_eq!(check_after(&exchange, 2), changed(0, 0, 0));
    assert!(notices(&exchange).concat().starts_with("Store silent: S0002 has sent no message since "));
    assert_eq!(exchange.at_head_office("select held_back from silence"), ["1"], "counted once");
    let states = "select store, silence_id from alert_condition where notified_at is null";
    assert_eq!(exchange.at_head_office(states), ["S0001|1"]);
    exchange.cdx(&["silences", "end", "1"]).exits(0);
    assert_eq!(check_after(&exchange, 3), changed(0, 0, 1));
    assert!(notices(&exchange)[1].starts_with("Store silent: S0001 has sent no message since "));
}

#[test]
fn each_login_notified_of_the_beginning_is_notified_of_the_end() {
    let exchange = subscribed(AlertRule::StoreSilent, &applied_sessions(1, 1..3));
    exchange.script_at_head_office(&silence_of_three_days(false));
    assert_eq!(check_after(&exchange, 1), changed(2, 0, 1));
    // A silence that begins later, and a rule that is turned off, hold back no end.
    let add = ["silences", "add", "rule:store_silent", "--until", "2h", "--reason", "rebuilt"];
    exchange.cdx(&add).exits(0);
    subscribe(&exchange, &[AlertRule::DiskLow]);
    // One of them is notified again at a higher level, which the silence holds back.
    exchange.change_head_office("update alert_condition set notified_at = null where store = 'S0001'");
    exchange.script_at_head_office(&silence_of_three_days(true));
    assert_eq!(check_after(&exchange, 2), changed(0, 2, 1));
    assert!(notices(&exchange)[1].starts_with("Resolved: Store silent: 2 stores: S0001, S0002"));
}

#[test]
fn alerts_are_found_by_the_text_of_their_cause() {
    let exchange = Exchange::new();
    let text = Some("The disk of 4711 is full".to_owned());
    exchange.post(&[NewMessage { message: text, ..download(1, 7, "S0001", APPLY_FAILED) }]);
    exchange.cdx(&["process"]).exits(0);
    exchange.change_head_office(
        "insert into alert_condition (rule, subject, store, cause, text, since, level)
         select 'store_silent', 'S0001', 'S0001', digest, 'S0001 is silent', 1, 0 from cause",
    );
    for (filter, count) in [("cause:disk", 1), ("cause:\"of 12 is\"", 1), ("cause:deadlock", 0), ("-cause:disk", 0)] {
        let found = exchange.cdx(&["alerts", "--json", "--filter", filter]).exits(0).json_lines();
        assert_eq!(found.len(), count, "{filter}");
    }
    let screen = TestConsole::open(&exchange, COLOR, Route::Alerts).text((120, 40));
    assert!(screen.contains("Cause     The disk of # is full"), "{screen}");
}

#[test]
fn the_end_of_a_condition_does_not_overtake_its_beginning() {
    let exchange = subscribed(AlertRule::StoreSilent, &applied_sessions(1, 1..3));
    let office = office(&exchange);
    let take = || office.take_delivery(&DeliveryChannel::ALL).expect("taken");
    exchange.script_at_head_office(&silence_of_three_days(false));
    assert_eq!(check_after(&exchange, 1), changed(2, 0, 1));
    let firing = take().expect("one");
    let conditions = exchange.at_head_office("select condition_id from alert_condition order by condition_id");
    assert_eq!(firing.about.condition_ids.iter().map(i64::to_string).collect::<Vec<_>>(), conditions);
    assert_eq!(
        (firing.about.stores.join(","), firing.rule.as_deref()),
        ("S0001,S0002".to_owned(), Some("store_silent"))
    );
    office.note_delivery(&firing, Some("503")).expect("noted");
    exchange.script_at_head_office(&silence_of_three_days(true));
    assert_eq!(check_after(&exchange, 2), changed(0, 2, 1));
    assert!(take().is_none(), "the end waits for the beginning");
    exchange.change_head_office("update delivery set next_try_at = 1 where error is not null");
    let again = take().expect("the beginning");
    assert_eq!(again.delivery_id, firing.delivery_id);
    assert!(take().is_none(), "also while it is being delivered");
    office.note_delivery(&again, None).expect("noted");
    let end = take().expect("the end");
    assert_eq!((end.event, &end.about), (Some(AlertEvent::Resolved), &firing.about));
}

#[test]
fn a_condition_that_was_not_notified_is_not_reported_as_resolved() {
    let exchange = subscribed(AlertRule::DiskLow, &applied_sessions(1, 1..3));
    exchange.script_at_head_office(&silence_of_three_days(false));
    assert_eq!(check_after(&exchange, 1), changed(2, 0, 0), "this login has another rule");
    exchange.script_at_head_office(&silence_of_three_days(true));
    assert_eq!(check_after(&exchange, 2), changed(0, 2, 0));
}

#[test]
fn a_held_purge_is_notified_once() {
    let exchange = subscribed(AlertRule::PurgeHeld, &applied_sessions(1, 1..3));
    exchange.cdx(&["batch", "submit", "--description", "Night", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    fires_and_is_resolved_once(
        &exchange,
        "update batch_job set purge_held_since = 1700000000000",
        "update batch_job set purge_held_since = null",
    );
    assert!(notices(&exchange)[0].starts_with("Purge held: the purge of batch job 1 Night has been held since 2023-"));
}

#[test]
fn a_purge_held_outside_of_jobs_is_reported_until_any_run_has_purged() {
    let exchange = subscribed(AlertRule::PurgeHeld, &applied_sessions(1, 1..3));
    exchange.cdx(&["batch", "submit", "--description", "Night", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    exchange.cdx(&["batch", "alerts", "1", "--on", "error"]).exits(0);
    let config = exchange.path("config.toml");
    std::fs::write(&config, "[[guardrail]]\naction = 'purge'\nconfirm = 'typed count'\nsentence = 'Count first'\n")
        .expect("written");
    let config = config.display().to_string();
    let process = |more: &[&str]| exchange.cdx(&[&["--config", &config, "process"], more].concat());
    exchange.post_days_ago(60, &applied_sessions(100, 100..102));
    process(&[]).exits(0);
    process(&["--no-purge"]).exits(0);
    exchange.change_head_office("update batch_job set purge_held_since = 1700000000000");
    assert_eq!(check_after(&exchange, 1).notices, 1);
    let firing = "select subject from alert_condition where rule = 'purge_held' and resolved_at is null order by 1";
    assert_eq!(exchange.at_head_office(firing), ["1", "exchange"]);
    assert!(notices(&exchange)[0].contains("the purge has been held since "), "{:?}", notices(&exchange));
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("purge held: purge needs a confirmation: Count first"), "{doctor}");
    let overview = exchange.cdx(&["overview"]).exits(0).stdout;
    assert!(overview.contains("Held purges"), "{overview}");
    let held = exchange.cdx(&["overview", "--json"]).exits(0).json();
    assert_eq!(held["held_purge"]["run_id"], 2, "{held}");
    let metric = || exchange.cdx(&["metrics"]).exits(0).stdout;
    assert!(metric().contains("\ncdx_purge_held 1\n"), "{}", metric());
    process(&["--confirm-purge", "13"]).exits(0);
    assert!(metric().contains("\ncdx_purge_held 0\n"), "{}", metric());
    assert_eq!(exchange.at_head_office("select count(*) from batch_job where purge_held_since is null"), ["1"]);
    check_after(&exchange, 2);
    assert_eq!(exchange.at_head_office(firing), [] as [&str; 0]);
    let texts = notices(&exchange);
    assert!(
        texts.iter().any(|text| text.starts_with("Batch job 1 Night: resolved: the purge held since")),
        "{texts:?}"
    );
    assert_eq!(exchange.cdx(&["overview", "--json"]).exits(0).json()["held_purge"], serde_json::Value::Null);
}

#[test]
fn clocks_apart_are_notified_once_and_stay_while_the_message_database_cannot_be_read() {
    let exchange = subscribed(AlertRule::ClocksApart, &applied_sessions(1, 1..3));
    assert_eq!(check_after(&exchange, 0), changed(0, 0, 0));
    exchange.change_messages(&format!("update status_message set posted_at = posted_at + {DAY}"));
    assert_eq!(check_after(&exchange, 1), changed(1, 0, 1));
    assert_eq!(check_after(&exchange, 2), changed(0, 0, 0));
    if !crate::support::engines::current().serves_messages() {
        let away = exchange.path("away.db");
        std::fs::rename(exchange.message_database(), &away).expect("moved");
        assert_eq!(check_after(&exchange, 3), changed(0, 0, 0), "nothing is known of the clocks");
        std::fs::rename(&away, exchange.message_database()).expect("moved back");
    }
    exchange.change_messages(&format!("update status_message set posted_at = posted_at - {DAY}"));
    assert_eq!(check_after(&exchange, 4), changed(0, 1, 1));
    assert!(notices(&exchange)[0].contains("the message database's clock is behind its newest message"));
}

#[test]
fn a_disk_with_little_room_is_notified_once() {
    let exchange = subscribed(AlertRule::DiskLow, &applied_sessions(1, 1..3));
    assert_eq!(check_after(&exchange, 0), changed(0, 0, 0));
    // A tenth of a sparse file is more than any disk has.
    let path = exchange.message_database();
    let resize = |size: u64| {
        let file = std::fs::OpenOptions::new().write(true).open(&path).expect("it opens");
        file.set_len(size).expect("it is sparse");
    };
    let size = std::fs::metadata(&path).expect("it is there").len();
    resize(8 << 40);
    assert_eq!(check_after(&exchange, 1), changed(1, 0, 1));
    assert_eq!(check_after(&exchange, 2), changed(0, 0, 0));
    resize(size);
    assert_eq!(check_after(&exchange, 3), changed(0, 1, 1));
    assert!(notices(&exchange)[0].starts_with("Disk low: message database (sqlite:"), "{:?}", notices(&exchange));
}

#[test]
fn a_silent_job_and_a_silent_direction_are_noticed() {
    let exchange = subscribed(AlertRule::NothingHappened, &applied_sessions(1, 1..3));
    let shift =
        |sign: &str| format!("update known_job set usual_gap = {HOUR}, last_seen_at = last_seen_at {sign} {DAY}");
    exchange.script_at_head_office(&format!(
        "insert into known_job (name, direction, first_seen_at, last_seen_at, usual_gap)
         select '1010', 0, first_seen_at, last_seen_at + {}, {HOUR} from known_job where name = '1040'",
        2 * DAY
    ));
    fires_and_is_resolved_once(&exchange, &shift("-"), &shift("+"));
    assert!(notices(&exchange)[0].contains("no message about job 1040 (download) has arrived since "));
    exchange.script_at_head_office(&shift("- 3 *"));
    assert_eq!(check_after(&exchange, 5), changed(1, 0, 1));
    assert!(notices(&exchange)[2].contains("no message about downloads has arrived since "), "one for all its jobs");
}

/// Inserts a run that began at an instant and read this many new messages.
fn run_at(exchange: &Exchange, began: i64, inserted: i64) {
    exchange.change_head_office(&format!(
        "insert into run (fencing, trigger, requested_by, host, process_id, program_version, step, outcome, read, inserted,
            started_at, ended_at)
         values (1, 'batch_job', 'x', 'x', 1, '1', 'transfer', 'Ended', {inserted}, {inserted}, {began}, {})",
        began + MINUTE
    ));
}

/// Checks the rules some minutes after an hour, which runs have read.
fn check_hour(exchange: &Exchange, hour: i64) -> CheckedRules {
    let at = hour + HOUR + 5 * MINUTE;
    exchange.change_head_office(&format!("update transfer_cursor set as_of = {at}"));
    check_at(exchange, Timestamp(at))
}

#[test]
fn an_hour_with_nothing_or_an_unusual_volume_is_compared_with_earlier_weeks() {
    let exchange = subscribed(AlertRule::NothingHappened, &applied_sessions(1, 1..3));
    subscribe(&exchange, &[AlertRule::NothingHappened, AlertRule::UnusualVolume]);
    let now = office(&exchange).now().expect("now").0;
    let first = (now / HOUR - 12) * HOUR;
    for (at, messages) in [0, 4_500, 100_000, 300, 4_800].into_iter().enumerate() {
        let hour = first + i64::try_from(at).expect("small") * HOUR;
        for week in 1..=4 {
            run_at(&exchange, hour - week * 7 * DAY + 10 * MINUTE, 4_000 + week * 300);
        }
        run_at(&exchange, hour + 10 * MINUTE, messages);
    }
    assert_eq!(check_hour(&exchange, first), changed(1, 0, 1), "nothing");
    assert_eq!(check_hour(&exchange, first + HOUR), changed(0, 1, 1), "as usual");
    assert_eq!(check_hour(&exchange, first + 2 * HOUR), changed(1, 0, 1), "much");
    assert_eq!(check_hour(&exchange, first + 3 * HOUR), changed(0, 0, 0), "little: unusual still");
    assert_eq!(check_hour(&exchange, first + 4 * HOUR), changed(0, 1, 1), "as usual");
    // Nothing is known of an hour that no run read.
    assert_eq!(check_hour(&exchange, first + 5 * HOUR), changed(0, 0, 0));
    let notices = notices(&exchange);
    assert!(notices[0].starts_with("Nothing happened: runs read nothing from "), "{notices:?}");
    assert!(notices[0].ends_with("in UTC, usually 4,300 to 5,200 at that hour"), "{notices:?}");
    assert!(notices[2].starts_with("Unusual volume: runs that began from "), "{notices:?}");
}

#[test]
fn a_run_that_takes_far_longer_than_in_earlier_weeks_is_notified_once() {
    let exchange = subscribed(AlertRule::UnusualDuration, &applied_sessions(1, 1..3));
    exchange.cdx(&["batch", "submit", "--description", "Night", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    let began = office(&exchange).now().expect("now").0 - 3 * HOUR;
    for week in 1..=3 {
        let at = began - week * 7 * DAY;
        exchange.change_head_office(&format!(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, started_at, ended_at, outcome)
             values (1, 'Night', '', 'x', {at}, {at}, {}, 'ended')",
            at + 5 * MINUTE
        ));
    }
    let last = |took: i64| {
        format!("update batch_job set last_outcome = 'ended', last_took_ms = {took}, last_ended_at = {}", began + took)
    };
    exchange.script_at_head_office(&last(14 * MINUTE));
    fires_and_is_resolved_once(&exchange, &last(40 * MINUTE), &last(6 * MINUTE));
    assert!(notices(&exchange)[0].contains("the run of batch job 1 Night that began at "));
}

#[test]
fn a_deadline_is_at_risk_then_missed_then_met() {
    let exchange = subscribed(AlertRule::Deadline, &applied_sessions(1, 1..11));
    // Sessions of this job take two hours.
    exchange.change_head_office(&format!("update session set created_at = applied_at - {}", 2 * HOUR));
    let office = office(&exchange);
    let now = office.now().expect("now");
    let rule = Rule::from_words("daily 06:00", now, Tz::UTC).expect("a rule");
    office.add_deadline("1040", "store:S000*", &rule, "r.vermeer").expect("added");
    office.add_deadline("1040", "store:NONE", &rule, "r.vermeer").expect("added");
    let due = rule.next_after(now).expect("tomorrow at the latest").0 + 2 * DAY;
    assert_eq!(check_at(&exchange, Timestamp(due - 3 * HOUR)), changed(0, 0, 0), "there is time left");
    assert_eq!(check_at(&exchange, Timestamp(due - HOUR)), changed(1, 0, 1), "at risk");
    assert_eq!(check_at(&exchange, Timestamp(due - 10 * MINUTE)), changed(0, 0, 0));
    assert_eq!(check_at(&exchange, Timestamp(due + MINUTE)), changed(0, 0, 1), "missed");
    let applied = format!(
        "update session set created_at = {created}, modified_at = {due} where channel_database = ",
        created = due - 2 * HOUR
    );
    exchange.change_head_office(&format!("{applied}'S0001'"));
    assert_eq!(check_at(&exchange, Timestamp(due + 2 * HOUR)), changed(0, 0, 0), "fewer stores");
    exchange.change_head_office(&format!("{applied}channel_database"));
    assert_eq!(check_at(&exchange, Timestamp(due + 3 * HOUR)), changed(0, 1, 1), "met late");
    let notices = notices(&exchange);
    assert!(notices[0].contains("at risk: not applied in 9 of 9 stores: S0001, S0002, S0003, S0004, S0005 and 4 more"));
    assert!(notices[1].contains(" missed: not applied in 9 of 9 stores"), "{notices:?}");
    assert!(notices[2].starts_with("Resolved: Deadline: job 1040 by "), "{notices:?}");
}

#[test]
fn a_deadline_every_five_minutes_and_the_first_of_a_new_one_are_missed() {
    let exchange = subscribed(AlertRule::Deadline, &applied_sessions(1, 1..3));
    let office = office(&exchange);
    let now = office.now().expect("now");
    // Applied last week, and not since.
    let before = now.0 - 2 * DAY;
    exchange.change_head_office(&format!("update session set created_at = {before}, modified_at = {before}"));
    let often = Rule::from_words("every 5 minutes", now, Tz::UTC).expect("a rule");
    office.add_deadline("1040", "", &often, "r.vermeer").expect("added");
    let at = often.next_after(Timestamp(now.0 + 9 * DAY)).expect("it goes on").0;
    assert_eq!(check_at(&exchange, Timestamp(at + MINUTE)).fired, 2, "this one is missed, the next one at risk");
    office.remove_deadline(1, "r.vermeer").expect("removed");
    let daily = Rule::from_words("daily 06:00", now, Tz::UTC).expect("a rule");
    office.add_deadline("1040", "", &daily, "r.vermeer").expect("added");
    let first = daily.next_after(now).expect("today or tomorrow").0;
    check_at(&exchange, Timestamp(first + MINUTE));
    assert!(notices(&exchange).last().expect("one").contains("missed: not applied in 2 of 2 stores"));
}

#[test]
fn a_deadline_that_was_not_met_ends_without_being_resolved() {
    let exchange = subscribed(AlertRule::Deadline, &applied_sessions(1, 1..3));
    let office = office(&exchange);
    let now = office.now().expect("now");
    let before = now.0 - 2 * DAY;
    exchange.change_head_office(&format!("update session set created_at = {before}, modified_at = {before}"));
    let rule = Rule::from_words("daily 06:00", now, Tz::UTC).expect("a rule");
    office.add_deadline("1040", "", &rule, "r.vermeer").expect("added");
    let first = rule.next_after(now).expect("today or tomorrow").0;
    check_at(&exchange, Timestamp(first + MINUTE));
    check_at(&exchange, Timestamp(first + DAY + MINUTE));
    let ended = || notices(&exchange).into_iter().filter(|text| text.starts_with("Ended")).collect::<Vec<_>>();
    let begins = "Ended, not resolved (not applied in 2 of 2 stores when the next one was due): Deadline: job 1040 by ";
    assert!(ended()[0].starts_with(begins), "{:?}", notices(&exchange));
    office.remove_deadline(1, "r.vermeer").expect("removed");
    check_at(&exchange, Timestamp(first + DAY + 3 * MINUTE));
    assert!(ended()[1].starts_with("Ended, not resolved (the deadline was removed): "), "{:?}", notices(&exchange));
    assert!(!notices(&exchange).iter().any(|text| text.starts_with("Resolved")), "{:?}", notices(&exchange));
    let listed = exchange.cdx(&["alerts", "--json", "--since", "2020-01-01"]).exits(0).json_lines();
    assert!(listed.iter().all(|row| row["ended"].is_string()), "{listed:?}");
    let table = exchange.cdx(&["alerts", "--since", "2020-01-01"]).exits(0).stdout;
    assert!(table.contains("ended") && !table.contains("resolved "), "{table}");
}

#[test]
fn two_servers_that_check_at_once_notify_once() {
    let exchange = subscribed(AlertRule::StoreSilent, &applied_sessions(1, 1..31));
    exchange.script_at_head_office(&silence_of_three_days(false));
    let now = office(&exchange).now().expect("now");
    let at_once = |minutes: i64| {
        let now = Timestamp(now.0 + minutes * MINUTE);
        let check = || check_alert_rules(&exchange.databases(), &office(&exchange), now, Tz::UTC).expect("checked");
        std::thread::scope(|scope| {
            let others = [scope.spawn(check), scope.spawn(check)];
            others.map(|other| other.join().expect("no panic"))
        })
    };
    let checked = at_once(1);
    assert_eq!(checked.iter().flatten().collect::<Vec<_>>(), [&changed(30, 0, 1)], "one of them checks");
    // A server that was interrupted between its claim and its findings does not send again either.
    exchange.change_head_office("update alert_check set checked_at = null");
    assert_eq!(at_once(2).iter().flatten().collect::<Vec<_>>(), [&changed(0, 0, 0)]);
    exchange.script_at_head_office(&silence_of_three_days(true));
    assert_eq!(at_once(4).iter().flatten().collect::<Vec<_>>(), [&changed(0, 30, 1)]);
    assert_eq!((notices(&exchange).len(), exchange.count("delivery")), (2, 2));
}

#[test]
fn a_batch_server_checks_the_rules() {
    let exchange = Exchange::new();
    exchange.cdx(&["batch", "submit", "--description", "Night", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    exchange.cdx(&["alerts"]).exits(0).says("no batch server has checked the rules yet");
    exchange.cdx(&["alerts", "set", "--rules", "purge_held", "--syslog"]).exits(0);
    exchange.change_head_office("update batch_job set purge_held_since = 1700000000000");
    let server = |name: &str| exchange.cdx(&["batch-server", "--once", "--name", name]).exits(0);
    server("aos-1").says("alert rules: 1 condition fired, 0 resolved");
    exchange.change_head_office("update alert_check set checked_at = 1");
    server("aos-2");
    let row = "select event, rule from notification";
    assert_eq!(exchange.at_head_office(row), ["firing|purge_held"], "another server does not repeat it");
}

/// Runs a command by this login.
fn by(exchange: &Exchange, login: &str, args: &[&str]) -> Ran {
    ran(exchange.command(args).env("USER", login).stdin(std::process::Stdio::null()))
}

#[test]
fn rules_and_deadlines_are_set_by_commands_and_recorded_in_the_journal() {
    let exchange = Exchange::new();
    drop(office(&exchange));
    let set = |more: &[&str]| by(&exchange, "m.jansen", &[&["alerts", "set"], more].concat());
    set(&["--rules", "disk"]).exits(2).says("\"disk\" is not a rule; use all, none, or some of store_silent");
    set(&["--email", "x"]).exits(2).says("is not an e-mail address");
    set(&["--webhook"]).exits(0).says("store_silent, nothing_happened, deadline, purge_held, clocks_apart, disk_low");
    let settings = exchange.cdx(&["alerts", "settings", "--json"]).exits(0).json();
    assert_eq!((&settings["operator"], settings["rules"][0].as_str()), (&"m.jansen".into(), Some("store_silent")));
    exchange.cdx(&["alerts", "settings"]).exits(0);
    set(&["--rules", "none"]).exits(0);
    assert_eq!(exchange.count("batch_alert"), 0);
    let deadline = |more: &[&str]| exchange.cdx(&[&["deadlines", "add"], more].concat());
    deadline(&["1020", "--by", "sometimes"]).exits(2).says("--by: cannot read \"sometimes\"");
    deadline(&["1020", "--by", "daily 06:00", "--stores", "shop:1"]).exits(2).says("shop");
    deadline(&[" ", "--by", "daily 06:00"]).exits(2).says("JOB must not be empty");
    let add = ["1020", "--by", "weekdays 06:00", "--stores", "zone:Europe/Berlin", "--zone", "Europe/Berlin"];
    deadline(&add).exits(0).says("deadline 1: job 1020 by ");
    let listed = exchange.cdx(&["deadlines", "--json"]).exits(0).json();
    assert_eq!((&listed["job_name"], &listed["stores"]), (&"1020".into(), &"zone:Europe/Berlin".into()));
    assert!(exchange.cdx(&["deadlines"]).exits(0).stdout.contains("zone:Europe/Berlin"));
    exchange.cdx(&["--read-only", "deadlines", "remove", "1"]).exits(2);
    exchange.cdx(&["deadlines", "remove", "1"]).exits(0);
    exchange.cdx(&["deadlines", "remove", "1"]).exits(1).says("there is no deadline 1");
    let rows = exchange.cdx(&["journal", "--json"]).exits(0).json_lines();
    let actions: Vec<_> = rows.iter().map(|row| row["action"].as_str().expect("text")).collect();
    assert_eq!(actions, ["remove deadline", "add deadline", "set alerts", "set alerts"]);
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn each_way_of_delivery_is_tested_once_a_week() {
    let exchange = Exchange::new();
    exchange.cdx(&["batch", "submit", "--description", "Night", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    let alerts = ["batch", "alerts", "1", "--on", "error", "--email", "m.jansen@hq.example", "--syslog"];
    by(&exchange, "m.jansen", &alerts).exits(0);
    by(&exchange, "m.jansen", &["alerts", "set", "--email", "night@hq.example", "--syslog"]).exits(0);
    by(&exchange, "r.vermeer", &["alerts", "set"]).exits(0);
    let office = office(&exchange);
    let now = office.now().expect("now");
    let tests = |days: i64| office.test_deliveries(Timestamp(now.0 + days * DAY + MINUTE), 7).expect("tested");
    assert_eq!((tests(0), tests(6), tests(7)), (0, 0, 2), "the first round after a week");
    assert_eq!((tests(8), tests(14), tests(14)), (0, 2, 0));
    assert_eq!(office.test_deliveries(Timestamp(now.0 + 99 * DAY), 0).expect("off"), 0);
    let sent = exchange.at_head_office(
        "select n.operator, d.way, d.target from delivery as d join notification as n on n.notification_id = d.notification_id
         where n.event = 'self_test' and n.popup = 0 and n.notification_id <= 2 order by 1, 2, 3",
    );
    assert_eq!(
        sent,
        ["m.jansen|email|m.jansen@hq.example", "m.jansen|email|night@hq.example", "m.jansen|syslog|m.jansen"]
    );
    exchange.change_head_office(&format!("update delivery set next_try_at = null, delivered_at = {}", now.0));
    let settings = by(&exchange, "m.jansen", &["alerts", "settings"]).exits(0);
    assert!(settings.stderr.contains("last email delivered") && settings.stderr.contains("last syslog delivered"));
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("the last alert by syslog was delivered"), "{doctor}");
}

#[test]
fn what_fires_is_in_metrics_doctor_and_the_handover_sheet() {
    let exchange = subscribed(AlertRule::StoreSilent, &applied_sessions(1, 1..3));
    exchange.script_at_head_office(&silence_of_three_days(false));
    check_after(&exchange, 1);
    let metrics = exchange.cdx(&["metrics"]).exits(0).stdout;
    assert!(metrics.contains("\ncdx_alert_firing{rule=\"store_silent\"} 2\n"), "{metrics}");
    assert!(metrics.contains("\ncdx_alert_firing{rule=\"disk_low\"} 0\n"), "{metrics}");
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("2 firing, such as: S000"), "{doctor}");
    let sheet = exchange.cdx(&["handover", "--json"]).exits(0).json();
    assert_eq!(sheet["firing"].as_array().map(Vec::len), Some(2), "{sheet}");
    let words = exchange.cdx(&["handover", "--text"]).exits(0).stdout;
    assert!(words.contains("Firing alerts\n  since "), "{words}");
}

#[test]
fn conditions_are_listed_in_the_console_and_stand_on_overview() {
    let exchange = night();
    assert!(
        TestConsole::open(&exchange, COLOR, Route::Alerts).text((80, 24)).contains("No alert rule found anything.")
    );
    exchange.script_at_head_office(&format!(
        "insert into alert_condition (rule, subject, store, text, since, notified_at, resolved_at, silence_id) values
            ('store_silent', 'S0001', 'S0001', 'S0001 has sent no message since Friday', {0}, {0}, null, null),
            ('store_silent', 'S0002', 'S0002', 'S0002 has sent no message since Friday', {0}, null, null, 3),
            ('disk_low', 'head office', null, 'head office: less than 256 MiB are free on the disk; free some', {1}, {1}, {2}, null);
         update alert_check set checked_at = {2};",
        NOW.0 - HOUR,
        NOW.0 - 3 * HOUR,
        NOW.0 - MINUTE
    ));
    look(&exchange, "alert_conditions", &Route::Alerts, &[]);
    fits(&exchange, "alert_conditions", &Route::Alerts, &[]);
    let overview = TestConsole::open(&exchange, COLOR, Route::Overview).text((120, 40));
    assert!(overview.contains("Alerts firing") && overview.contains("Store silent 2"), "{overview}");
    let asks = TestConsole::open(&exchange, COLOR, Route::Alerts).press(&typed("as")).text((120, 40));
    assert!(asks.contains("rule:store_silent store:\"S000"), "{asks}");
    let filtered =
        TestConsole::open(&exchange, COLOR, Route::Alerts).press(&typed("/state:resolved\n")).text((120, 40));
    assert!(filtered.contains("Disk low") && !filtered.contains("S0001"), "{filtered}");
}

#[test]
fn rules_and_deadlines_are_set_in_the_console() {
    let exchange = night();
    look(&exchange, "alert_rules_form", &Route::AlertRules, &[]);
    fits(&exchange, "alert_rules_form", &Route::AlertRules, &[]);
    let mut console = TestConsole::open(&exchange, COLOR, Route::AlertRules);
    // Store silent off, unusual volume on.
    console.press(&typed(" \n")).press(&[Key::BackTab, Key::BackTab]).press(&[Key::Tab, Key::Tab, Key::Enter]);
    let said = console.perform_mutation(&exchange);
    assert!(said.starts_with("Alerts of the exchange: nothing_happened, deadline, purge_held,"), "{said}");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Deadlines);
    console.press(&typed("an1020\n")).press(&typed("weekdays 06:00\n")).press(&typed("store:BER*\n"));
    assert!(console.perform_mutation(&exchange).starts_with("Deadline 1: job 1020 by "));
    exchange.change_head_office(&format!("update deadline set created_at = {}", NOW.0 - HOUR));
    look(&exchange, "deadlines", &Route::Deadlines, &[]);
    fits(&exchange, "deadlines", &Route::Deadlines, &[]);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Deadlines);
    console.press(&typed("ady"));
    assert_eq!(console.perform_mutation(&exchange), "Deadline 1 was removed.");
    let read_only = TestConsole::read_only(&exchange, Route::Deadlines).press(&typed("an")).text((80, 24));
    assert!(read_only.contains("read-only"), "{read_only}");
}

crate::support::engines::on_postgres!(
    each_way_of_delivery_is_tested_once_a_week,
    what_fires_is_in_metrics_doctor_and_the_handover_sheet,
    forty_silent_stores_of_one_cause_are_one_notice_and_one_when_they_report_again,
    a_silenced_condition_fires_and_is_notified_when_the_silence_ends,
    a_held_purge_is_notified_once,
    clocks_apart_are_notified_once_and_stay_while_the_message_database_cannot_be_read,
    a_silent_job_and_a_silent_direction_are_noticed,
    an_hour_with_nothing_or_an_unusual_volume_is_compared_with_earlier_weeks,
    a_run_that_takes_far_longer_than_in_earlier_weeks_is_notified_once,
    a_deadline_is_at_risk_then_missed_then_met,
    two_servers_that_check_at_once_notify_once,
    a_batch_server_checks_the_rules,
);
