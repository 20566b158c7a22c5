//! The batch screens: jobs and why they do not run, history and log, forms; snapshots and keys.

use crate::portraits::portrait;
use crate::screens::{COLOR, GLYPHS, NOW, SIZES, TestConsole, rows, typed};
use crate::support::messages::{APPLIED, download};
use crate::support::{Exchange, foreign};
use cdx_console::batch::{AfterError, AlertSettings, JobSettings, Missed, SaveHistory, Task, Window};
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::console::{BatchMutation, Mutation};
use cdx_console::domain::Timestamp;
use cdx_console::recurrence::Rule;
use cdx_console::store::head_office::ServerStart;
use cdx_console::store::{Access, HeadOffice, Location};

fn minute(minutes: i64) -> Timestamp {
    Timestamp(NOW.0 + minutes * 60_000)
}

/// Batch jobs of every kind: withheld, outside the server's window, executing, failed; with
/// history.
pub fn night() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let office = HeadOffice::open(&Location::Sqlite(exchange.head_office()), Access::Existing).expect("head office");
    for (name, groups, windows) in [
        ("aos-1", vec!["", "CDX"], vec![Window::all_day(8)]),
        ("aos-2", vec!["CDX", "NIGHT"], vec![Window { from: 20 * 60, to: 2 * 60, max_threads: 4 }]),
        ("aos-3", vec!["CDX"], vec![Window::all_day(8)]),
    ] {
        let start = ServerStart {
            name: name.to_owned(),
            incarnation: "a".to_owned(),
            host: "hq-app-02".to_owned(),
            zone: "UTC".to_owned(),
        };
        office.register_server(&start).expect("a server");
        for group in groups.iter().filter(|group| !group.is_empty()) {
            office.save_group(group, "Commerce Data Exchange", "batch").expect("a group");
        }
        let mut server = office.servers().expect("servers").into_iter().find(|server| server.name == name).expect("it");
        server.groups = groups.into_iter().map(str::to_owned).collect();
        server.windows = windows;
        office.change_server(&server, "batch").expect("changed");
    }
    office.save_group("FRANCHISE", "Stores of others", "batch").expect("a group");
    let rule = |words: &str| Rule::from_words(words, minute(-3_000), chrono_tz::Tz::UTC).expect(words);
    let mut jobs = Vec::new();
    for (description, group, words, by) in [
        ("Process status messages", "CDX", Some("every 15 min"), "batch"),
        ("Purge only, nightly", "NIGHT", Some("daily 02:00"), "batch"),
        ("Status of Houston", "CDX", Some("every 60 min"), "r.vermeer"),
        ("Status before opening", "CDX", Some("weekdays 06:30"), "batch"),
        ("Status of the franchise", "", Some("every 30 min"), "batch"),
        ("Test after the \u{1b}[31m\u{202e}patch 磁盘", "", None, "r.vermeer"),
        ("Status every minute", "CDX", Some("every 1 min"), "m.jansen"),
    ] {
        let settings = JobSettings {
            description: description.to_owned(),
            batch_group: group.to_owned(),
            recurrence: words.map(rule),
            ..JobSettings::new(minute(-3_000))
        };
        jobs.push(office.submit_job(&settings, by).expect("submitted"));
    }
    let alerts = AlertSettings {
        operator: "r.vermeer".to_owned(),
        on_error: true,
        not_started_minutes: Some(10),
        popup: true,
        email: Some("r.vermeer@hq.example".to_owned()),
        ..AlertSettings::default()
    };
    office.set_alerts(jobs[0], &alerts).expect("alerts");
    drop(office);
    let at = |minutes: i64| minute(minutes).0;
    foreign(&exchange.head_office())
        .execute_batch(&format!(
            "update batch_server set heartbeat_at = heartbeat_at + 3600000, started_at = {started} where name <> 'aos-3';
             update batch_server set heartbeat_at = heartbeat_at - 180000000, started_at = {started} where name = 'aos-3';
             update batch_server set process_id = 41877, version = '1.0.0';
             update transfer_cursor set as_of = {as_of};
             update run set started_at = {started}, ended_at = {started} + 6100;
             update batch_job set created_at = {started}, changed_at = {started};
             update batch_job set status = 0, changed_at = {withheld}, changed_by = 'm.jansen', changed_reason = 'AOS patch, release after',
                next_start = {due}, due_at = {due}, last_outcome = 'ended', last_took_ms = 6140, last_ended_at = {withheld} where job_id = 1;
             update batch_job set next_start = {purge}, due_at = {purge}, last_outcome = 'ended', last_took_ms = 480000, last_ended_at = {started}
                where job_id = 2;
             update batch_job set status = 2, next_start = {hour}, claim_server = 'aos-1', claim_incarnation = 'a', claim_since = {hour}, fencing = 1,
                claim_history_id = 9, claim_run_id = 2, tries = 1 where job_id = 3;
             insert into run (run_id, fencing, trigger, requested_by, host, process_id, started_at, step, read, inserted, repeated, rejected,
                sessions_changed, program_version, progress_done, progress_total, progress_rate, job_id)
                values (2, 2, 'batch_job', 'r.vermeer', 'hq', 1, {hour}, 'transfer', 138240, 136902, 1335, 3, 24718, '1.0.0', 138240, 226418, 9380, 3);
             update batch_job set next_start = {opening}, due_at = {opening} where job_id = 4;
             update batch_job set status = 3, next_start = null, due_at = null, last_outcome = 'error', last_took_ms = 30000,
                last_ended_at = {withheld} where job_id = 5;
             update batch_job set status = 4, next_start = null, due_at = null, last_outcome = 'ended', last_took_ms = 5200,
                last_ended_at = {withheld} where job_id = 6;
             update batch_job set status = 8, next_start = null, due_at = null, last_outcome = 'canceled', last_took_ms = 300,
                last_ended_at = {withheld} where job_id = 7;",
            started = at(-1_700),
            as_of = at(-3),
            withheld = at(-267),
            due = at(-254),
            purge = at(-14),
            hour = at(-1),
            opening = at(256),
        ))
        .expect("the night is set");
    history(&exchange);
    exchange
}

/// Adds history rows of every kind to the first job.
fn history(exchange: &Exchange) {
    let head_office = foreign(&exchange.head_office());
    let mut row = 10;
    let mut add = |scheduled: i64,
                   started: Option<i64>,
                   took: i64,
                   outcome: &str,
                   starts: i64,
                   tries: i64,
                   reason: &str| {
        row += 1;
        let scheduled = minute(scheduled).0;
        let started = started.map_or_else(|| "null".to_owned(), |late| (scheduled + late).to_string());
        let server = if tries > 0 { "'aos-1'" } else { "null" };
        let run = if tries > 0 { "1" } else { "null" };
        head_office
            .execute_batch(&format!(
                "insert into batch_job_history (history_id, job_id, description, batch_group, created_by, scheduled_at, started_at, ended_at,
                    outcome, starts, tries, server, run_id, reason)
                 values ({row}, 1, 'Process status messages', 'CDX', 'batch', {scheduled}, {started}, {started} + {took}, '{outcome}', {starts},
                    {tries}, {server}, {run}, '{reason}')"
            ))
            .expect("a row");
    };
    add(-254, None, 0, "not_made", 17, 0, "withheld from 21:47 to 02:19 UTC");
    add(-269, Some(4_000), 6_140, "ended", 1, 1, "12,733 read, 2 rejected");
    add(-299, None, 0, "skipped", 1, 0, "the start of 21:00 was still running or being tried");
    add(-314, Some(0), 1_021_000, "ended", 1, 3, "12,690 read");
    add(-329, Some(1_000), 38_000, "interrupted", 1, 1, "aos-1 is gone; aos-2 went on");
    add(-344, Some(240_000), 31_000, "error", 1, 3, "message database: Login failed for \u{1b}]0;x\u{7} user");
    add(-400, None, 0, "missed", 2, 0, "no batch server was there before 19:40 UTC");
    for (scheduled, took) in [(-500, 5_900), (-515, 6_100), (-530, 6_000)] {
        add(scheduled, Some(0), took, "ended", 1, 1, "12,600 read");
    }
    let at = |seconds: i64| minute(-314).0 + seconds * 1_000;
    head_office
        .execute_batch(&format!(
            "insert into batch_log (history_id, at, severity, text) values (14, {}, 0, 'Try 1 on aos-1'),
                (14, {}, 2, 'Head office is locked by another program for 30 s; the chunk was undone, nothing is lost. Next try in 30 s.'),
                (14, {}, 2, 'Try 2: the same. Next try in 15 min.'), (14, {}, 0, 'Try 3 on aos-1'),
                (14, {}, 0, 'Run 809 ended: 12,690 read = 12,655 inserted + 35 repeated + 0 rejected');",
            at(0),
            at(31),
            at(92),
            at(992),
            at(1_021)
        ))
        .expect("a log");
    head_office
        .execute_batch(&format!(
            "insert into notification (at, operator, event, job_id, history_id, text, popup, read_at) values
                ({0}, 'r.vermeer', 'error', 1, 16, 'Batch job 1 Process status messages: Error. Login failed for \u{1b}[31muser', 1, {0}),
                ({1}, 'r.vermeer', 'not_started', 1, null, 'Batch job 1 Process status messages: did not start, due since 22:00 UTC.', 1, null),
                ({1}, 'm.jansen', 'not_started', 1, null, 'not yours', 1, null);",
            minute(-340).0,
            minute(-244).0
        ))
        .expect("notifications");
}

/// Keys that fill in the form: every 15 minutes on weekdays, with pop-up alerts of errors.
fn filled() -> Vec<Key> {
    let recurrence = [vec![Key::PageDown, Key::Char(' '), Key::Enter], typed("15m wd"), vec![Key::Enter; 2]].concat();
    let alerts = [vec![Key::BackTab; 5], vec![Key::Enter, Key::Tab, Key::Char(' '), Key::Enter, Key::Enter]].concat();
    [recurrence, alerts].concat()
}

/// Every screen by name, with the keys that lead there.
pub fn scenes() -> Vec<(&'static str, Route, Vec<Key>)> {
    let jobs = || Route::BatchJobs(JobScope::All);
    vec![
        ("batch_jobs", jobs(), vec![]),
        ("batch_jobs_closed_window", jobs(), vec![Key::Down, Key::Tab]),
        ("batch_jobs_executing", jobs(), vec![Key::Down, Key::Down]),
        ("batch_jobs_error", jobs(), vec![Key::Char('e'), Key::Enter]),
        ("batch_jobs_actions", jobs(), vec![Key::Char('a')]),
        ("batch_jobs_status", jobs(), typed("as")),
        ("my_batch_jobs", Route::BatchJobs(JobScope::Own), vec![]),
        ("batch_job_history", Route::BatchHistory("job:1".to_owned()), vec![Key::Down, Key::Down, Key::Down]),
        ("batch_job_history_of_all", Route::BatchHistory(String::new()), vec![]),
        ("process_general", Route::Process, vec![]),
        ("process_batch_tab", Route::Process, vec![Key::PageDown, Key::Char(' ')]),
        ("process_batch_tab_filled", Route::Process, filled()),
        ("process_recurrence", Route::Process, filled()[..6].to_vec()),
        ("alerts_form", Route::JobAlerts(1), vec![Key::Tab, Key::Tab]),
        ("job_recurrence_form", Route::JobRecurrence(4), vec![]),
        ("notifications", Route::Notifications, vec![]),
        ("server_configuration", Route::Servers(Some("aos-2".to_owned())), vec![]),
        ("server_configuration_form", Route::Servers(Some("aos-2".to_owned())), vec![Key::Enter, Key::Tab, Key::Tab]),
        ("batch_groups", Route::BatchGroups(Some("FRANCHISE".to_owned())), vec![]),
        ("batch_groups_actions", Route::BatchGroups(Some("FRANCHISE".to_owned())), vec![Key::Char('a')]),
        ("batch_run_watched", Route::Watch(cdx_console::console::protocol::batch_query::Watched::OfJob(3)), vec![]),
    ]
}

fn shown(exchange: &Exchange, theme: Theme, target: Route, keys: &[Key]) -> TestConsole {
    let mut console = TestConsole::open(exchange, theme, target);
    console.buffer((80, 24));
    console.press(keys);
    console
}

#[test]
fn every_batch_screen_matches_its_snapshot() {
    let exchange = night();
    for (name, target, keys) in scenes() {
        let text = portrait(&format!("batch_screens__{name}"), exchange.folder(), |theme| {
            shown(&exchange, theme, target.clone(), &keys)
        });
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn batch_screens_use_only_allowed_glyphs_and_fit_the_screen() {
    let exchange = night();
    for (name, target, keys) in scenes() {
        for ascii in [false, true] {
            let mut console = shown(&exchange, Theme { depth: ColorDepth::Sixteen, ascii }, target.clone(), &keys);
            for size in SIZES.into_iter().chain([(250, 80), (59, 15), (24, 5), (3, 1)]) {
                for row in rows(&console.buffer(size)) {
                    let width = unicode_width::UnicodeWidthStr::width(row.as_str());
                    assert_eq!(width, usize::from(size.0), "{name}: {row}");
                    let foreign = |c: char| "磁盘".contains(c);
                    let allowed = |c: char| c.is_ascii() || (!ascii && (GLYPHS.contains(c) || foreign(c)));
                    assert!(row.chars().all(allowed), "{name}, {size:?}: {row}");
                }
            }
        }
    }
}

#[test]
fn a_seventh_window_is_refused_and_a_removal_moves_the_focus_to_a_window() {
    let exchange = night();
    let mut form = shown(&exchange, COLOR, Route::Servers(Some("aos-2".to_owned())), &[Key::Enter]);
    form.press(&[const { Key::Tab }; 5]);
    for _ in 2..=6 {
        form.press(&[Key::Enter, Key::Tab, Key::Tab, Key::Tab]);
    }
    assert!(form.text((80, 24)).contains("Adds a window."), "{}", form.text((80, 24)));
    form.press(&[Key::Enter]);
    assert!(form.text((80, 24)).contains("Six windows are the maximum; remove one first"), "{}", form.text((80, 24)));
    form.press(&[Key::Tab, Key::Enter]);
    assert!(form.text((80, 24)).contains("Running ones continue after the window."), "{}", form.text((80, 24)));
}

#[test]
fn enter_on_a_last_run_opens_the_history_at_its_row() {
    let exchange = night();
    let mut console = shown(&exchange, COLOR, Route::BatchJobs(JobScope::All), &[]);
    // The last runs are shown beside the reasons only if they fit.
    console.buffer((120, 40));
    console.hurry(&[vec![Key::Tab; 2], vec![Key::Down; 3], vec![Key::Enter]].concat());
    let text = console.text((120, 40));
    assert!(text.contains("► 11-23 21:00 ") && text.contains("Log of run 1, 11-23 21:00"), "{text}");
    assert!(text.contains("  11-23 20:45 ") && text.contains("  11-23 21:15 "), "{text}");
    console.press(&[Key::Up]);
    let text = console.text((120, 40));
    assert!(text.contains("► 11-23 21:15 "), "{text}");
}

#[test]
fn a_job_of_a_crashed_server_is_not_shown_as_executing() {
    let exchange = night();
    exchange.change_head_office("update batch_server set heartbeat_at = 0 where name = 'aos-1'");
    let mut jobs = shown(&exchange, COLOR, Route::BatchJobs(JobScope::All), &[Key::Down, Key::Down]);
    let text = jobs.text((80, 24));
    assert!(text.contains("◊ No heartbeat from aos-1; it began as run 2 02:13:21"), "{text}");
    assert!(
        text.contains("silent") && text.contains("it continues where it stopped") && !text.contains("It runs"),
        "{text}"
    );
    let watched = Route::Watch(cdx_console::console::protocol::batch_query::Watched::OfJob(3));
    let text = shown(&exchange, COLOR, watched, &[]).text((80, 24));
    assert!(text.contains("◊ No heartbeat any more") && text.contains("138,240 of 226,418"), "{text}");
    assert!(!text.contains("/s") && !text.contains(" left"), "{text}");
}

#[test]
fn a_job_is_released_after_a_reason_and_a_confirmation() {
    let exchange = night();
    let mut console = shown(&exchange, COLOR, Route::BatchJobs(JobScope::All), &[]);
    assert!(console.text((80, 24)).contains("1 Process status messages"));
    console.press(&typed("as")).press(&typed("rpatch is in"));
    assert_eq!(console.effects, [], "nothing is changed before the confirmation");
    console.press(&[Key::Enter]).press(&[Key::Enter]);
    assert_eq!(console.effects, [], "Enter confirms nothing");
    console.press(&typed("asr")).press(&[Key::Enter]).press(&typed("y"));
    let office = HeadOffice::open(&Location::Sqlite(exchange.head_office()), Access::Existing).expect("head office");
    let version = office.job(1).expect("it reads").expect("it is there").version;
    let waiting = cdx_console::batch::BatchStatus::Waiting;
    let released = BatchMutation::ChangeStatus(1, waiting, String::new(), Some(version));
    assert_eq!(console.effects, [RuntimeEffect::Mutation(Mutation::Batch(released))]);
}

#[test]
fn a_copied_job_keeps_its_settings_in_the_dialog_and_is_submitted_again() {
    let exchange = night();
    let office = HeadOffice::open(&Location::Sqlite(exchange.head_office()), Access::Existing).expect("head office");
    let job = || office.job(4).expect("it reads").expect("it is there");
    let unusual = JobSettings {
        task: Task { transfer: false, purge: true },
        max_retries: 7,
        after_error: AfterError::Stop,
        missed: Missed::Skip,
        save_history: SaveHistory::ErrorsOnly,
        ..job().settings
    };
    office.change_job(4, &unusual, "batch").expect("changed");
    let mut console = shown(&exchange, COLOR, Route::BatchJobs(JobScope::All), &[]);
    console.press(&typed("/job:4")).press(&[Key::Enter]);
    console.press(&typed("ao")).press(&[Key::Enter, Key::Enter]);
    let [RuntimeEffect::Mutation(Mutation::Batch(BatchMutation::Submit(settings, None, _)))] = &console.effects[..]
    else {
        panic!("{:?}", console.effects)
    };
    // The copy starts now; the original is unchanged.
    let rule = |settings: &JobSettings| {
        let sentence = settings.recurrence.as_ref().expect("it recurs").sentence();
        sentence.split(", from ").next().expect("how often").to_owned()
    };
    assert_eq!(rule(&unusual), "Every week on weekdays at 06:30 UTC");
    assert_eq!(rule(settings), rule(&unusual));
    assert!(settings.first_start.0 > NOW.0 - 60_000, "{settings:?}");
    let (recurrence, first_start) = (settings.recurrence.clone(), settings.first_start);
    assert_eq!(**settings, JobSettings { recurrence, first_start, ..unusual.clone() });
    assert_eq!(job().settings, unusual);
}
