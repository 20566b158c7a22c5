//! Concurrent edits: the later one is refused with what changed instead of overwriting it. And
//! changes of batch jobs can be undone until the job has run.

use crate::screens::{COLOR, TestConsole, typed};
use crate::support::messages::{APPLY_FAILED, download};
use crate::support::{Exchange, foreign};
use cdx_console::batch::{
    AlertSettings, BatchJob, BatchServer, BatchStatus, ClaimHolder, HistoryOutcome, JobSettings, SkipReason, Window,
};
use cdx_console::cancel::Cancel;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, Parameter, SessionKey, Timestamp};
use cdx_console::engine::undo_entry;
use cdx_console::recurrence::Rule;
use cdx_console::store::head_office::{Claimed, Edit, EndOfRun, ServerStart};
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (80, 24);

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

fn serve(office: &HeadOffice) {
    let [name, incarnation, host, zone] = ["aos-1", "a", "hq", "UTC"].map(str::to_owned);
    office.register_server(&ServerStart { name, incarnation, host, zone }).expect("a server");
}

fn job(office: &HeadOffice) -> BatchJob {
    office.job(1).expect("it reads").expect("it is there")
}

/// Submits a recurring job whose first start is in an hour.
fn submit(office: &HeadOffice) -> BatchJob {
    let start = Timestamp(office.now().expect("now").0 + 3_600_000);
    let rule = Rule::from_words("every 15 min", start, chrono_tz::Tz::UTC).expect("a rule");
    let settings = JobSettings { recurrence: Some(rule), ..JobSettings::new(start) };
    office.submit_job(&settings, "m.jansen").expect("submitted");
    job(office)
}

#[test]
fn an_edit_of_an_outdated_version_is_refused_with_what_changed() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let office = office(&exchange);
    serve(&office);
    let seen = submit(&office);
    office.save_group("NIGHT", "At night", "m.jansen").expect("saved");
    let group =
        || office.groups().expect("groups").into_iter().find(|group| group.name == "NIGHT").expect("it is there");
    let server = || office.servers().expect("servers").remove(0);
    let cause = || office.causes(Timestamp(0), Timestamp(0), 1).expect("causes").remove(0);
    let database = || office.channel_databases(1).expect("databases").remove(0);
    let (seen_group, seen_server, seen_cause, seen_database) = (group(), server(), cause(), database());
    let of = |version| Edit::of_version("r.vermeer", Some(version));
    // A colleague changes each object, then the operator who read it before.
    let first = JobSettings { max_retries: 5, ..seen.settings.clone() };
    office.change_job(1, &first, "m.jansen").expect("changed");
    office.save_group("NIGHT", "After closing", "m.jansen").expect("saved");
    let wider = BatchServer { windows: vec![Window::all_day(2)], ..seen_server.clone() };
    office.change_server(&wider, "m.jansen").expect("changed");
    office.set_parameter(Parameter::TryCount, 9, "m.jansen").expect("set");
    office.set_cause_note(seen_cause.digest, "ticket 4711", "m.jansen").expect("noted");
    office.set_database_note("S0001", "closed on Sundays", "m.jansen").expect("noted");
    let second = JobSettings { description: "Nightly".to_owned(), ..seen.settings.clone() };
    let refusals = [
        office.change_job(1, &second, of(seen.version)).expect_err("stale").to_string(),
        office.change_job_status(1, BatchStatus::Withhold, of(seen.version), None).expect_err("stale").to_string(),
        office.delete_jobs(&[(1, Some(seen.version))], "r.vermeer").expect_err("stale").to_string(),
        office.save_group("NIGHT", "Mine", of(seen_group.version)).expect_err("stale").to_string(),
        office.delete_group("NIGHT", of(seen_group.version)).expect_err("stale").to_string(),
        office.change_server(&seen_server, of(seen_server.settings_version)).expect_err("stale").to_string(),
        office.set_parameter(Parameter::TryCount, 4, of(0)).expect_err("stale").to_string(),
        office.set_cause_note(seen_cause.digest, "mine", of(seen_cause.version)).expect_err("stale").to_string(),
        office.mute_cause(seen_cause.digest, None, of(seen_cause.version)).expect_err("stale").to_string(),
        office.set_database_note("S0001", "mine", of(seen_database.version)).expect_err("stale").to_string(),
        office.set_database_zone("S0001", None, of(seen_database.version)).expect_err("stale").to_string(),
    ];
    let expected = [
        "retries: 2 -> 5",
        "retries: 2 -> 5",
        "retries: 2 -> 5",
        "After closing",
        "After closing",
        "windows: 00:00-24:00=8 -> 00:00-24:00=2",
        "3 -> 9",
        "ticket 4711",
        "ticket 4711",
        "closed on Sundays",
        "closed on Sundays",
    ];
    for (refusal, expected) in refusals.iter().zip(expected) {
        assert!(refusal.contains("was changed after you read it: m.jansen at 20"), "{refusal}");
        assert!(refusal.contains(expected) && refusal.contains("nothing was saved"), "{expected}: {refusal}");
    }
    // The refused edits changed nothing; after a new read they succeed.
    assert_eq!((job(&office).settings, group().description.as_str()), (first, "After closing"));
    assert_eq!(office.parameters().expect("parameters").try_count, 9);
    assert_eq!((server().windows, cause().note), (wider.windows, Some("ticket 4711".to_owned())));
    office.change_job(1, &second, of(job(&office).version)).expect("changed");
    office.save_group("NIGHT", "Mine", of(group().version)).expect("saved");
    office.change_server(&seen_server, of(server().settings_version)).expect("changed");
    let version = office.parameters().expect("parameters").version(Parameter::TryCount);
    office.set_parameter(Parameter::TryCount, 4, of(version)).expect("set");
    office.mute_cause(seen_cause.digest, None, of(cause().version)).expect("muted");
    office.set_database_zone("S0001", None, of(database().version)).expect("set");
}

#[test]
fn actions_of_a_batch_server_do_not_outdate_edits() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    let settings = JobSettings { recurrence: submit(&office).settings.recurrence, ..JobSettings::new(Timestamp(0)) };
    office.change_job(1, &settings, "m.jansen").expect("changed");
    exchange.change_head_office("update batch_job set next_start = 0, due_at = 0");
    let (seen, server) = (job(&office), office.servers().expect("servers").remove(0));
    let now = office.now().expect("now");
    let claimed =
        office.claim_job(&seen, &ClaimHolder::batch_server("aos-1", "a"), SkipReason::Blocked, now).expect("claimed");
    let Claimed::Mine(mine) = claimed else { panic!("{claimed:?}") };
    let outcome = cdx_console::batch::HistoryOutcome::Ended;
    let end = EndOfRun { outcome, reason: "0 read", to_be_continued: false };
    office.end_job(1, &mine.claim.expect("a claim"), &end, now).expect("it ends");
    office.heartbeat("aos-1", "a").expect("it is running");
    let of = |version| Edit::of_version("r.vermeer", Some(version));
    office.change_job(1, &settings, of(seen.version)).expect("not stale");
    office.change_server(&server, of(server.settings_version)).expect("not stale");
}

#[test]
fn commands_refuse_an_outdated_version_and_lists_show_the_version() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    submit(&office);
    let version = |args: &[&str], key: &str| exchange.cdx(args).exits(0).json_lines()[0][key].to_string();
    let jobs = ["batch", "jobs", "--json"];
    assert_eq!(version(&jobs, "version"), "0");
    let withhold = ["batch", "change-status", "1", "withhold", "--if-version", "0"];
    exchange.cdx(&withhold).exits(0);
    let now = version(&jobs, "version");
    assert_ne!(now, "0");
    exchange.cdx(&["batch", "change-status", "1", "waiting", "--if-version", "0"]).exits(1).says("Waiting -> Withhold");
    exchange.cdx(&["batch", "delete", "1", "--if-version", "0"]).exits(1).says("was changed after you read it");
    exchange.cdx(&["batch", "change-status", "1", "waiting"]).exits(0);
    let servers = ["batch", "servers", "--json"];
    assert_eq!(version(&servers, "settings_version"), "0");
    exchange.cdx(&["batch", "server", "aos-1", "--zone", "Europe/Amsterdam", "--if-version", "0"]).exits(0);
    exchange
        .cdx(&["batch", "server", "aos-1", "--zone", "UTC", "--if-version", "0"])
        .exits(1)
        .says("zone: UTC -> Europe");
    exchange.cdx(&["batch", "group", "NIGHT", "--description", "At night"]).exits(0);
    exchange.cdx(&["batch", "group", "NIGHT", "--delete", "--if-version", "0"]).exits(1).says("At night");
    exchange.cdx(&["parameters", "set", "try-count", "5", "--if-version", "0"]).exits(0);
    exchange.cdx(&["parameters", "set", "try-count", "6", "--if-version", "0"]).exits(1).says("3 -> 5");
    let parameters = exchange.cdx(&["parameters", "--json"]).exits(0).json();
    assert!(parameters["versions"]["try-count"].as_i64() > Some(0), "{parameters}");
    exchange.cdx(&["batch", "delete", "1"]).exits(0);
}

#[test]
fn a_form_whose_change_is_refused_stays_open_with_its_input() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    submit(&office);
    let mut console = TestConsole::open(&exchange, COLOR, Route::JobRecurrence(1));
    office.change_job_status(1, BatchStatus::Withhold, "m.jansen", Some("AOS patch")).expect("withheld");
    console.press(&typed("daily 06:00")).press(&[Key::Enter]).press(&[Key::Enter]);
    console.perform_mutation(&exchange);
    let refusal = console.text((110, 32));
    console.press(&[Key::Esc]);
    let text = console.text((110, 32));
    assert!(refusal.contains("m.jansen at") && text.contains("06:00") && text.contains("Quick entry"), "{text}");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Parameters);
    office.set_parameter(Parameter::RetentionDays, 60, "m.jansen").expect("set");
    console.press(&typed("309")).press(&[Key::Enter]).press(&[Key::Enter]);
    console.perform_mutation(&exchange);
    let refusal = console.text((110, 32));
    console.press(&[Key::Esc]);
    let text = console.text((110, 32));
    assert!(refusal.contains("30 -> 60") && text.contains("309"), "{refusal}{text}");
    // The prompt opens again with the typed line.
    office.save_group("NIGHT", "At night", "m.jansen").expect("saved");
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchGroups(Some("NIGHT".to_owned())));
    office.save_group("NIGHT", "After closing", "m.jansen").expect("saved");
    console.press(&typed("ae")).press(&typed(" in winter")).press(&[Key::Enter]);
    console.perform_mutation(&exchange);
    let refusal = console.text((110, 32));
    console.press(&[Key::Esc]);
    let text = console.text((110, 32));
    assert!(refusal.contains("m.jansen") && text.contains("At night in winter"), "{refusal}{text}");
}

#[test]
fn the_note_on_a_cause_is_edited_as_it_is_now_from_every_screen_that_shows_it() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let office = office(&exchange);
    let cause = || office.causes(Timestamp(0), Timestamp(0), 1).expect("causes").remove(0);
    let key = SessionKey { direction: Direction::Download, session_number: 7, channel_database: "S0001".to_owned() };
    let screens = [Route::Errors, Route::Session(key), Route::Sessions(Direction::Download, String::new())];
    for (number, route) in screens.into_iter().enumerate() {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        // Set after the screen was read.
        office.set_cause_note(cause().digest, &format!("ask the DBA {number}"), "m.jansen").expect("set");
        console.press(&typed("an"));
        let asked = console.text((110, 32));
        assert!(asked.contains(&format!("Note: ask the DBA {number}█")), "{route:?}: {asked}");
        console.press(&typed(", then me")).press(&[Key::Enter]);
        console.perform_mutation(&exchange);
        assert_eq!(cause().note, Some(format!("ask the DBA {number}, then me")), "{}", console.text((110, 32)));
        console.press(&typed("am3d")).press(&[Key::Enter]);
        console.perform_mutation(&exchange);
        assert!(cause().muted.is_some(), "{route:?}: {}", console.text((110, 32)));
        office.mute_cause(cause().digest, None, "m.jansen").expect("unmuted");
    }
}

#[test]
fn an_edit_whose_present_value_cannot_be_read_leaves_the_screen_as_it_is() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Errors);
    let sql = "alter table cause rename column edit_version to renamed";
    foreign(&exchange.head_office()).execute_batch(sql).expect("renamed");
    let text = console.press(&typed("an")).text((110, 32));
    assert!(
        text.contains("! sqlite:") && text.contains("no such column") && text.contains("Open in    S0001"),
        "{text}"
    );
}

/// A screen, one's own keys before and after the change of another operator, what is shown of each.
type Case<'a> = (Route, Vec<Key>, Box<dyn Fn() + 'a>, Vec<Key>, &'a str, &'a str);

#[test]
fn the_refusal_of_an_outdated_change_offers_the_current_values() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let office = office(&exchange);
    serve(&office);
    submit(&office);
    office.save_group("NIGHT", "At night", "m.jansen").expect("saved");
    let groups = Route::BatchGroups(Some("NIGHT".to_owned()));
    let server_changed_by_another = || {
        let mut server = office.servers().expect("servers").remove(0);
        server.windows = vec![Window { from: 0, to: 0, max_threads: 3 }];
        office.change_server(&server, "m.jansen").expect("changed");
    };
    let job_changed_by_another = || {
        let rule = Rule::from_words("every 7 min", office.now().expect("now"), chrono_tz::Tz::UTC).expect("a rule");
        let settings = JobSettings { recurrence: Some(rule), ..job(&office).settings };
        office.change_job(1, &settings, "m.jansen").expect("changed");
    };
    let cause = office.causes(Timestamp(0), Timestamp(0), 1).expect("causes").remove(0).digest;
    let save = [Key::Enter, Key::Enter];
    let cases: Vec<Case> = vec![
        (
            Route::JobRecurrence(1),
            Vec::new(),
            Box::new(job_changed_by_another),
            [typed("daily 06:00"), save.to_vec()].concat(),
            "daily 06:00",
            "Every 7 minutes",
        ),
        (
            Route::Parameters,
            Vec::new(),
            Box::new(|| {
                let _old = office.set_parameter(Parameter::RetentionDays, 60, "m.jansen").expect("set");
            }),
            [typed("309"), save.to_vec()].concat(),
            "309",
            "[60",
        ),
        (
            groups,
            Vec::new(),
            Box::new(|| office.save_group("NIGHT", "After closing", "m.jansen").expect("saved")),
            [typed("ae"), typed(" in winter"), vec![Key::Enter]].concat(),
            "At night in winter",
            "After closing",
        ),
        (
            Route::Servers(None),
            Vec::new(),
            Box::new(server_changed_by_another),
            [vec![Key::Enter], typed(" "), save.to_vec(), typed("aos-1"), vec![Key::Enter]].concat(),
            "[ ]",
            "3",
        ),
        (
            Route::Errors,
            typed("an"),
            Box::new(|| office.set_cause_note(cause, "ask the DBA", "m.jansen").expect("set")),
            [typed("mine"), vec![Key::Enter]].concat(),
            "mine",
            "ask the DBA",
        ),
    ];
    for (route, keys_before, change_by_another, keys, own, current) in cases {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        console.press(&keys_before);
        change_by_another();
        console.press(&keys);
        console.perform_mutation(&exchange);
        let refusal = console.text((110, 32));
        assert!(refusal.contains("Load the current values?") && refusal.contains("m.jansen"), "{route:?}: {refusal}");
        // Keys that arrived before the question was seen do not answer it; any other key keeps the
        // form.
        console.press(&[Key::Char('n')]);
        let kept = console.text((110, 32));
        assert!(kept.contains(own), "{route:?}: {kept}");
        console.press(&[Key::Enter]);
        if route == Route::Servers(None) {
            console.press(&typed("aos-1")).press(&[Key::Enter]);
        }
        console.perform_mutation(&exchange);
        console.press(&[Key::Char('y')]);
        let loaded = console.text((110, 32));
        assert!(loaded.contains(current) && !loaded.contains(own), "{route:?}: {loaded}");
    }
}

fn newest(exchange: &Exchange) -> i64 {
    exchange.at_head_office("select max(entry_id) from operator_journal")[0].parse().expect("a number")
}

#[test]
fn a_change_of_a_batch_job_can_be_undone_until_the_job_has_run() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    let submitted = submit(&office);
    let alerts =
        AlertSettings { operator: "r.vermeer".to_owned(), on_error: true, popup: true, ..AlertSettings::default() };
    office.set_alerts(1, &alerts).expect("set");
    let undo = || undo_entry(&exchange.databases(), newest(&exchange), "r.vermeer", &Cancel::new());
    let is_as_before = |before: &BatchJob| {
        let now = job(&office);
        assert_eq!(now, BatchJob { version: now.version, ..before.clone() });
    };
    office.change_job_status(1, BatchStatus::Withhold, "m.jansen", Some("AOS patch")).expect("withheld");
    undo().expect("undone");
    is_as_before(&submitted);
    let other = JobSettings { recurrence: None, max_retries: 9, ..submitted.settings.clone() };
    office.change_job(1, &other, "m.jansen").expect("changed");
    let changed = job(&office);
    let held = || exchange.at_head_office("select purge_held_since from batch_job");
    exchange.change_head_office("update batch_job set purge_held_since = 1700000000000");
    office.delete_jobs(&[(1, None)], "m.jansen").expect("deleted");
    undo().expect("undone");
    is_as_before(&changed);
    assert_eq!(held(), ["1700000000000"]);
    assert_eq!(office.alerts(1).expect("alerts"), [alerts]);
    // An older change is no longer the newest of the job.
    let change = newest(&exchange) - 2;
    let refused = undo_entry(&exchange.databases(), change, "r.vermeer", &Cancel::new()).expect_err("changed since");
    assert!(refused.to_string().contains("was changed after"), "{refused}");
    office.change_job_status(1, BatchStatus::Canceled, "m.jansen", None).expect("canceled");
    undo().expect("undone");
    is_as_before(&changed);
    // Another run's purge has ended it since the change.
    office.change_job_status(1, BatchStatus::Withhold, "m.jansen", None).expect("withheld");
    exchange.change_head_office("update batch_job set purge_held_since = null");
    undo().expect("undone");
    is_as_before(&changed);
    assert_eq!(held(), exchange.at_head_office("select cast(null as integer)"));
    // After a run the change cannot be undone.
    exchange.change_head_office("update batch_job set next_start = 0, due_at = 0");
    office.change_job(1, &JobSettings { max_retries: 3, ..other }, "m.jansen").expect("changed");
    let now = office.now().expect("now");
    let claimed = office
        .claim_job(&job(&office), &ClaimHolder::batch_server("aos-1", "a"), SkipReason::Blocked, now)
        .expect("claimed");
    assert!(matches!(claimed, Claimed::Mine(_)), "{claimed:?}");
    let refused = undo().expect_err("it has run").to_string();
    assert!(refused.contains("it has run since then"), "{refused}");
}

/// The screen without edges of boxes and breaks of lines.
fn plain(console: &mut TestConsole) -> String {
    console.text(SIZE).replace('║', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_job_is_edited_in_place_its_former_versions_are_listed_and_one_is_restored() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    let seen = submit(&office);
    let mut console =
        TestConsole::open_at(exchange.databases(), Route::BatchJobs(JobScope::All), office.now().expect("now"));
    console.text(SIZE);
    // The description, then the retries; the scheduled start and the recurrence stay as they are.
    console.press(&typed("am"));
    let form = console.text(SIZE);
    assert!(
        form.contains("Edit job 1 Process status messages") && form.contains("Changes      nothing changed"),
        "{form}"
    );
    assert!(!form.contains("Alerts  ") && !form.contains("General"), "{form}");
    console.press(&[Key::Ctrl('u')]).press(&typed("Every quarter")).press(&vec![Key::Tab; 6]).press(&typed("7"));
    let form = plain(&mut console);
    assert!(form.contains("description: Process status messages -> Every quarter; retries: 2 -> 7"), "{form}");
    console.press(&[Key::Enter, Key::Enter]);
    console.perform_mutation(&exchange);
    let changed = job(&office);
    assert_eq!((changed.settings.description.as_str(), changed.settings.max_retries), ("Every quarter", 7));
    assert_eq!((changed.next_start, &changed.settings.recurrence), (seen.next_start, &seen.settings.recurrence));
    assert!(console.text(SIZE).contains("Every quarter"), "{}", console.text(SIZE));
    // Back to the version before; a colleague's change in between refuses that.
    console.press(&typed("av"));
    let versions = plain(&mut console);
    assert!(versions.contains("Former versions") && versions.contains("retries: 2 -> 7"), "{versions}");
    console.press(&[Key::Enter]);
    let asked = plain(&mut console);
    assert!(
        asked.contains("Revert job 1 Every quarter to this version?") && asked.contains("retries: 7 -> 2"),
        "{asked}"
    );
    assert_eq!(console.effects, [], "nothing is changed before y");
    console.press(&typed("y"));
    console.perform_mutation(&exchange);
    assert_eq!(job(&office).settings, seen.settings);
    assert_eq!(office.job_versions(1, 10).expect("versions").len(), 2, "the way back is a version, too");
    // An unchanged form changes nothing.
    console.press(&typed("am")).press(&[Key::Enter, Key::Enter]);
    assert!(
        console.text(SIZE).contains("Nothing was changed.") && console.effects.is_empty(),
        "{}",
        console.text(SIZE)
    );
}

#[test]
fn the_preview_of_an_edit_shows_the_start_that_the_server_will_make() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    let seen = submit(&office);
    // The server that is listed first never opens, the other one later than the job starts.
    let [name, incarnation, host, zone] = ["aos-2", "a", "hq", "UTC"].map(str::to_owned);
    office.register_server(&ServerStart { name, incarnation, host, zone }).expect("a server");
    let start = seen.next_start.expect("a start");
    let minute = u16::try_from(start.0 / 60_000 % 1_440).expect("small");
    let from = if minute < 720 { 1_200 } else { 300 };
    for (server, max_threads) in office.servers().expect("servers").into_iter().zip([0, 3]) {
        let windows = vec![Window { from, to: from + 60, max_threads }];
        office.change_server(&BatchServer { windows, ..server }, "m.jansen").expect("changed");
    }
    let mut console =
        TestConsole::open_at(exchange.databases(), Route::BatchJobs(JobScope::All), office.now().expect("now"));
    console.text(SIZE);
    console.press(&typed("am"));
    let form = console.text((120, 50));
    let next = form.lines().find(|line| line.contains("Next start  ")).unwrap_or_else(|| panic!("{form}"));
    let shown = format!("{}, when its window opens", start.to_table());
    assert!(next.contains(&shown), "{shown}: {next}");
    let opens = format!(" {:02}:00", from / 60);
    assert!(
        form.lines().any(|line| line.contains("the window of aos-2 is closed until") && line.contains(&opens)),
        "{form}"
    );
    // An edit that keeps the recurrence does not restart a job whose starts are over.
    console.press(&[Key::Esc]);
    exchange.change_head_office("update batch_job set next_start = null, due_at = null, status = 4");
    console.press(&typed("am"));
    let form = console.text((120, 50));
    assert!(form.contains("Next start   none: ended"), "{form}");
}

#[test]
fn a_waiting_job_is_run_now_in_place_and_its_recurrence_continues() {
    let exchange = Exchange::new();
    let office = office(&exchange);
    serve(&office);
    let seen = submit(&office);
    let now = office.now().expect("now");
    let mut console = TestConsole::open_at(exchange.databases(), Route::BatchJobs(JobScope::All), now);
    console.text(SIZE);
    console.press(&typed("an"));
    assert!(console.text(SIZE).contains("Run job 1 Process status messages now?"), "{}", console.text(SIZE));
    console.press(&typed("y"));
    console.perform_mutation(&exchange);
    assert!(console.text(SIZE).contains("Batch jobs"), "{}", console.text(SIZE));
    let due = job(&office);
    assert!(due.next_start < seen.next_start && due.version > seen.version, "{due:?}");
    assert_eq!(due.settings, seen.settings);
    // After that run the recurrence continues with the start it had.
    let begun = BatchJob { next_start: due.next_start, ..due.clone() };
    let next = cdx_console::batch::after_end(&begun, HistoryOutcome::Ended, 1, Timestamp(now.0 + 5_000)).next;
    assert_eq!(next.next_start, seen.next_start);
    office.change_job_status(1, BatchStatus::Withhold, "m.jansen", None).expect("withheld");
    let refused = office.start_job_now(1, "m.jansen").expect_err("it is withheld").to_string();
    assert!(refused.contains("only a waiting job can be started"), "{refused}");
    let stale =
        office.start_job_now(1, Edit::of_version("m.jansen", Some(seen.version))).expect_err("stale").to_string();
    assert!(stale.contains("was changed after you read it"), "{stale}");
}
