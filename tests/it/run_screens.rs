//! Screens of a run, wherever it executes: how far it is, what it has done, its newest errors.

use crate::screens::{COLOR, NOW, SIZES, TestConsole, look_at, night, rows};
use crate::support::messages::{APPLIED, applied_sessions, download};
use crate::support::{Exchange, foreign};
use cdx_console::batch::JobSettings;
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::console::app::Input;
use cdx_console::console::protocol::batch_query::Watched;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::domain::{Direction, Step, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessOptions, RunEvent};
use cdx_console::store::{Access, HeadOffice};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Mutex;

const SIZE: (u16, u16) = (80, 24);

/// Lets the run of the night execute in another process, which transfers.
fn executing() -> Exchange {
    let exchange = night();
    exchange.script_at_head_office(&format!(
        "update run set outcome = null, ended_at = null, step = 'transfer', progress_done = 96, progress_total = 200,
             progress_rate = 8, started_at = {} where run_id = 1;
         update lease set holder = 'm.jansen on hq-2, process 7', run_id = 1, holds_os_lock = 0,
             expires_at = {never}, acquired_at = 1",
        NOW.0 - 12_000,
        never = i64::MAX / 4,
    ));
    exchange
}

fn watched(exchange: &Exchange) -> TestConsole {
    TestConsole::open(exchange, COLOR, Route::Watch(Watched::Run(1)))
}

#[test]
fn a_run_of_another_process_shows_its_progress_counts_and_newest_errors() {
    let exchange = executing();
    let mut console = watched(&exchange);
    look_at(&mut console, "run_elsewhere");
    let text = console.text(SIZE);
    for part in ["48 %  13 s left", "96 of 200 messages · 8 /s", "5 errors so far", "1084971 × Apply failed"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("run 1: transfer 48 %, 13 s left"), "the freshness line has it too: {text}");
    // Enter opens the session of the error under the cursor.
    console.press(&[Key::Down, Key::Down, Key::Enter]);
    assert!(console.text(SIZE).contains("1084971 on S0133 · job 1040"), "{}", console.text(SIZE));
}

#[test]
fn a_batch_servers_run_shows_the_newest_errors_too() {
    let exchange = crate::batch_screens::night();
    exchange.script_at_head_office("update status_message set run_id = 2, cause = 7, message = 'Disk full'");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Watch(Watched::OfJob(3)));
    let text = console.text(SIZE);
    assert!(text.contains("1 error so far") && text.contains("Disk full") && text.contains("138,240 ="), "{text}");
    // The run, opened by its number, is the same one.
    let by_number = TestConsole::open(&exchange, COLOR, Route::Watch(Watched::Run(2))).text(SIZE);
    assert!(by_number.contains("Status of Houston") && by_number.contains("Disk full"), "{by_number}");
}

#[test]
fn no_time_left_is_shown_where_it_cannot_be_known() {
    let exchange = executing();
    let mut console = watched(&exchange);
    assert!(console.text(SIZE).contains("13 s left"));
    // Its process still has the lease but reports no progress: a server does not answer.
    let later = Timestamp(NOW.0 + 40_000);
    let effects = console.app.update(Input::Tick, later);
    console.settle(effects);
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    console.app.draw(&mut buffer, later);
    let text = rows(&buffer)[2..].join("\n");
    assert!(text.contains("no progress for 40 s") && !text.contains(" left"), "{text}");
    // The rate is not settled.
    exchange.script_at_head_office("update run set progress_rate = 0");
    let text = watched(&exchange).text(SIZE);
    assert!(text.contains("48 %") && !text.contains(" left") && !text.contains("/s"), "{text}");
    // The next step counts first: what the one before had done is not its progress.
    exchange.script_at_head_office("update run set step = 'preview', progress_done = null");
    let text = watched(&exchange).text(SIZE);
    assert!(text.contains("1 Transfer  ████") && text.contains("100 %"), "{text}");
    assert!(text.contains("2 Purge     counting what has expired …") && !text.contains("48 %"), "{text}");
    exchange.script_at_head_office(
        "update run set step = 'purge_head_office', progress_done = 30, progress_total = 90, progress_rate = 10",
    );
    let text = watched(&exchange).text(SIZE);
    assert!(text.contains("2 Purge     █") && text.contains("33 %  6 s left"), "{text}");
    assert!(text.contains("30 of 90 rows, now at head office · 10 /s"), "{text}");
}

#[test]
fn a_gauge_has_eighths_where_the_font_has_them_and_number_signs_in_ascii() {
    let exchange = executing();
    let gauge = |depth, ascii| {
        let mut console = TestConsole::open(&exchange, Theme { depth, ascii }, Route::Watch(Watched::Run(1)));
        for size in SIZES {
            for row in rows(&console.buffer(size)) {
                assert_eq!(unicode_width::UnicodeWidthStr::width(row.as_str()), usize::from(size.0), "{row}");
            }
        }
        rows(&console.buffer(SIZE))[4].clone()
    };
    assert!(gauge(ColorDepth::Rgb, false).contains("██████████████████████░░"), "{}", gauge(ColorDepth::Rgb, false));
    assert!(
        gauge(ColorDepth::Sixteen, true).contains(" ######################--"),
        "{}",
        gauge(ColorDepth::Mono, true)
    );
    exchange.script_at_head_office("update run set progress_done = 93");
    let [rgb, sixteen] = [ColorDepth::Rgb, ColorDepth::Sixteen].map(|depth| gauge(depth, false));
    assert!(rgb.contains("█████████████████████▏░"), "{rgb}");
    assert!(sixteen.contains("█████████████████████░"), "{sixteen}");
}

#[test]
fn a_step_begins_without_the_progress_of_the_one_before() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..50));
    let databases = exchange.databases();
    let seen = Mutex::new(Vec::new());
    let sink = |event: RunEvent| {
        if let RunEvent::Step(step) = event {
            let office = HeadOffice::open(&databases.head_office, Access::ReadOnly).expect("head office");
            let noted = (office.run_step(1).expect("it reads"), office.run_progress(1).expect("it reads"));
            seen.lock().expect("no panic").push((step, noted));
            // As if much had been done already.
            exchange.script_at_head_office("update run set progress_done = 7, progress_total = 7, progress_rate = 7");
        }
    };
    let options = ProcessOptions::new(Trigger::Command, "tester", "here");
    let run = engine::process(&databases, &options, &SystemClock, &Cancel::new(), &sink).expect("a run");
    assert!(run.purged.total() > 0, "{run:?}");
    let steps = [Step::Transfer, Step::Preview, Step::PurgeMessageDatabase, Step::PurgeHeadOffice];
    assert_eq!(seen.into_inner().expect("no panic"), steps.map(|step| (step, (Some(step), None))));
}

#[test]
fn the_errors_of_a_run_are_read_through_an_index() {
    let exchange = night();
    let plan = exchange.at_head_office(
        "explain query plan select * from status_message where run_id = 1 and cause is not null
         order by message_key desc limit 100",
    );
    assert!(plan[0].contains("status_message_run_failed") && plan.len() == 1, "{plan:?}");
    let plan = exchange.at_head_office(
        "explain query plan select * from batch_job_history as h where h.run_id = 1 order by h.history_id desc limit 1",
    );
    assert!(plan[0].contains("batch_job_history_run") && plan.len() == 1, "{plan:?}");
}

/// The night, whose run was one of a batch job's.
fn of_a_job() -> Exchange {
    let exchange = night();
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    for description in ["Purge", "Status of Houston"] {
        let settings = JobSettings { description: description.to_owned(), ..JobSettings::new(NOW) };
        office.submit_job(&settings, "m.jansen").expect("submitted");
    }
    exchange.script_at_head_office(&format!(
        "update run set job_id = 2;
         insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, started_at, ended_at,
             outcome, tries, server, run_id)
             values (2, 'Status of Houston', '', 'm.jansen', {at}, {at}, {at}, 'ended', 1, 'aos-1', 1);",
        at = NOW.0 - 240_000
    ));
    exchange
}

/// Chooses what is related to the row under the cursor.
fn related(console: &mut TestConsole, label: &str) -> String {
    let text = console.press(&[Key::Char('r')]).text(SIZE);
    let offered: Vec<_> = text.lines().filter(|line| line.contains("( ) ")).collect();
    let at = offered.iter().position(|line| line.contains(label)).unwrap_or_else(|| panic!("{label}: {text}"));
    let keys: Vec<_> = std::iter::repeat_n(Key::Down, at).chain([Key::Enter]).collect();
    console.press(&keys).text(SIZE)
}

#[test]
fn related_screens_lead_from_a_message_to_its_job_and_back() {
    let exchange = of_a_job();
    let failed = Route::Messages("session:1084971 store:S0131".to_owned());
    let mut console = TestConsole::open(&exchange, COLOR, failed);
    let shows = |text: String, part: &str| assert!(text.contains(part), "{part}: {text}");
    shows(related(&mut console, "Session 1084971 on S0131"), "1084971 on S0131 · job 1040");
    shows(related(&mut console, "Run 1, which transferred 1 message of it"), "── Run 1 · Status of Houston ──");
    shows(related(&mut console, "Its start in the batch job history"), "Log of run 1");
    shows(related(&mut console, "Batch job 2 Status of Houston"), "► ○ Waiting    Status of Houston");
    shows(related(&mut console, "Its history"), "Batch job history of");
    shows(related(&mut console, "Run 1, which it made"), "── Run 1 · Status of Houston ──");
    shows(related(&mut console, "Upload sessions that it changed"), "Upload sessions · run:1");
    shows(related(&mut console, "Run 1, which changed it last"), "── Run 1 · Status of Houston ──");
    shows(related(&mut console, "Its errors"), "run:1 status:failed");
    shows(related(&mut console, "Run 1, which transferred it"), "── Run 1 · Status of Houston ──");
    shows(related(&mut console, "Its 1 rejected message"), "Rejected messages · run:1");
    // The only related screen opens at once.
    shows(console.press(&[Key::Char('r')]).text(SIZE), "── Run 1 · Status of Houston ──");
    shows(related(&mut console, "Run 1 in the list of runs"), "Runs of Process status messages");
    shows(related(&mut console, "Batch job 2"), "► ○ Waiting    Status of Houston");
    shows(related(&mut console, "Its runs"), "Runs of Process status messages · job:2");
    let text = console.press(&vec![Key::Esc; 17]).text(SIZE);
    shows(text, "Status messages at head office · session:1084971");
}

#[test]
fn related_screens_lead_from_a_session_to_its_store_its_cause_and_back() {
    let exchange = of_a_job();
    let failed = Route::Sessions(Direction::Download, "1084971 store:S0131".to_owned());
    let mut console = TestConsole::open(&exchange, COLOR, failed);
    let shows = |text: String, part: &str| assert!(text.contains(part), "{part}: {text}");
    shows(related(&mut console, "Store S0131"), "Recent sessions, both directions");
    shows(related(&mut console, "Session 1084971"), "1084971 on S0131 · job 1040");
    shows(related(&mut console, "Store S0131"), "Recent sessions, both directions");
    shows(related(&mut console, "Its jobs"), "Status by store and job · store:\"S0131\"");
    // In the matrix the store is all that is related to a cell.
    shows(console.press(&[Key::Char('r')]).text(SIZE), "Recent sessions, both directions");
    shows(related(&mut console, "Its errors"), "store:\"S0131\" status:failed");
    shows(related(&mut console, "Its cause: Failed to run"), "1 of 3");
    // What is related to a cause are its messages.
    shows(console.press(&[Key::Char('r')]).text(SIZE), "Status messages at head office · cause:");
    shows(related(&mut console, "Store S0131"), "Recent sessions, both directions");
    shows(related(&mut console, "Its download sessions"), "Download sessions · store:\"S0131\"");
    shows(related(&mut console, "Its cause: Failed to run"), "1 of 3");
    let text = console.press(&vec![Key::Esc; 14]).text(SIZE);
    shows(text, "Download sessions · 1084971 store:S0131");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Connections);
    let text = console.press(&[Key::Char('r')]).text(SIZE);
    for part in ["Its upload sessions", "Its status messages", "Who changed it: the journal"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_run_lists_every_session_that_it_changed_also_those_changed_again() {
    let exchange = night();
    exchange.post(&[download(9_000, 1_084_971, "S0131", APPLIED), download(9_001, 5, "S0002", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "1084971", "--store", "S0132", "--reason", "x"]).exits(0);
    let of = |filter: &str| {
        let rows = exchange.cdx(&["sessions", "download", "--filter", filter, "--json"]).exits(0).stdout.clone();
        rows.lines().filter(|line| line.contains("1084971") || line.contains("\"session_number\":5,")).count()
    };
    // One was changed again by run 2, one by an operator.
    assert_eq!((of("run:1"), of("run:2"), of("run:3"), of("run>=2"), of("run<2")), (3, 2, 0, 2, 3));
    assert_eq!((of("!run:1"), of("!run:2")), (1, 2));
    let mut console = TestConsole::open(&exchange, COLOR, Route::Run(1));
    let text = related(&mut console, "Download sessions that it changed");
    assert!(text.contains("1084971") && text.contains("S0131") && !text.contains(" S0002 "), "{text}");
}

#[test]
fn a_filter_of_runs_finds_one_that_a_thousand_runs_followed() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let later = "with recursive later(i) as (select 1 union all select i + 1 from later where i < 1000)
        insert into run (fencing, trigger, requested_by, host, process_id, program_version, step, outcome, started_at, ended_at)
        select fencing, trigger, requested_by, host, process_id, program_version, step, outcome, started_at + i, ended_at + i
        from run, later where run_id = 1";
    foreign(&exchange.head_office()).execute_batch(later).expect("inserted");
    let mut console = TestConsole::open(&exchange, COLOR, Route::RunsWith("run:1".to_owned()));
    let text = console.text((120, 40));
    assert!(text.contains("1 of 1,001") && text.contains("15 read = 15 inserted"), "{text}");
}
