//! Values that are typed: a number, a filter or dates that cannot be read are refused where they
//! are typed, and the list keeps what it shows. Every list of batch jobs is exported.

use crate::screens::{COLOR, TestConsole, night, typed};
use crate::support::Exchange;
use crate::support::terminal::Terminal;
use cdx_console::console::ExportSource;
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::protocol::export_columns::export_columns;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::Direction;

const SIZE: (u16, u16) = (80, 24);

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

fn downloads(filter: &str) -> Route {
    Route::Sessions(Direction::Download, filter.to_owned())
}

/// Presses keys one after another; returns the screen.
fn after(console: &mut TestConsole, keys: &str) -> String {
    console.press(&typed(keys)).text(SIZE)
}

fn cleared(text: &str) -> Vec<Key> {
    [vec![Key::Ctrl('u')], typed(text)].concat()
}

#[test]
fn a_retention_with_anything_but_digits_is_not_saved_as_another_number() {
    let exchange = night();
    let mut console = open(&exchange, Route::Parameters);
    for text in ["1.5", "-5", "1e3", "abc"] {
        let screen = console.press(&cleared(text)).text(SIZE);
        let said = "Days to keep session history: only digits, 0 to 36,500";
        assert!(screen.matches(said).count() == 2, "in the pane and in the notice row, after {text}:\n{screen}");
        let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
        assert!(screen.contains(&format!("Not yet: {said}.")) && screen.contains("►["), "{text}:\n{screen}");
        assert_eq!(console.effects, [], "{text}");
        console.press(&[Key::Up]).press(&[Key::Down]);
    }
    // Out of range, it is kept as typed.
    let screen = console.press(&cleared("40000")).text(SIZE);
    assert!(screen.contains("►[40000█]◄") && screen.contains("history: a whole number, 0 to 36,500"), "{screen}");
    assert!(screen.contains("0 = kept forever"), "{screen}");
    let screen = console.press(&cleared("12345678901234567890")).text(SIZE);
    assert!(screen.contains("►[123456█]◄") && screen.contains("a whole number, 0 to 36,500"), "{screen}");
    // A dependent number has its label without the indentation.
    console.press(&cleared("60")).press(&[Key::Down]).press(&cleared("99999"));
    let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
    assert!(screen.contains("Not yet: unresolved sessions: a whole number, 0 to 36,500."), "{screen}");
    let screen = console.press(&cleared("90")).text(SIZE);
    assert!(!screen.contains("a whole number") && screen.contains("Would purge"), "{screen}");
}

#[test]
fn every_number_field_refuses_what_it_cannot_read() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::Process);
    console.press(&[Key::PageDown, Key::Char(' ')]);
    console.press(&vec![Key::Down; 6]);
    let screen = console.press(&cleared("1.5")).text(SIZE);
    assert!(screen.contains("Maximum retries: only digits, 0 to 100"), "{screen}");
    let screen = console.press(&cleared("999")).text(SIZE);
    assert!(screen.contains("[999█") && screen.contains("Maximum retries: a whole number, 0 to 100"), "{screen}");
    let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
    assert!(screen.contains("Not yet: Maximum retries: a whole number, 0 to 100."), "{screen}");
    let screen = console.press(&cleared("-1")).text(SIZE);
    assert!(screen.contains("Maximum retries: only digits"), "{screen}");
    let screen = console.press(&cleared("100")).text(SIZE);
    assert!(screen.contains("[100█") && screen.contains("how often a failed run is tried again"), "{screen}");
    // Of a batch server, of the alerts, of a recurrence.
    let mut console = open(&exchange, Route::Servers(None));
    console.press(&[Key::Enter, Key::Tab, Key::Tab]);
    let screen = console.press(&cleared("2x")).text(SIZE);
    assert!(screen.contains("Maximum batch threads: only digits, 1 to 1,000"), "{screen}");
    let mut console = open(&exchange, Route::JobAlerts(4));
    console.press(&vec![Key::Down; 4]);
    let screen = console.press(&cleared("ten")).text(SIZE);
    assert!(screen.contains("Not started: only digits, 1 to 100,000"), "{screen}");
    let mut console = open(&exchange, Route::JobRecurrence(4));
    console.press(&vec![Key::Down; 8]);
    let screen = console.press(&cleared("1.5")).text(SIZE);
    assert!(screen.contains("Interval: only digits, 1 to 1,000,000"), "{screen}");
    assert!(screen.contains("No rule yet. Interval:"), "{screen}");
    let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
    assert!(screen.contains("Not yet: Interval: only digits"), "{screen}");
    assert_eq!(console.effects, []);
}

#[test]
fn every_date_and_time_refuses_what_it_cannot_read() {
    let exchange = crate::batch_screens::night();
    // The Batch tab: date and time of the scheduled start.
    let mut console = open(&exchange, Route::Process);
    console.press(&[Key::PageDown, Key::Char(' '), Key::Down, Key::Down]);
    for (typed_text, example) in [("noon", "2026-11-24; t is today"), ("1x4:30", "14:30; t is now")] {
        let screen = console.press(&cleared(typed_text)).text(SIZE);
        let said = format!("Scheduled start: only digits, such as {example}");
        assert!(screen.contains(&said), "{typed_text}:\n{screen}");
        let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
        assert!(screen.contains(&format!("Not yet: {said}.")), "{typed_text}:\n{screen}");
        console.press(&[Key::Ctrl('u'), Key::Char('t'), Key::Tab]);
    }
    // A window of a batch server.
    let mut console = open(&exchange, Route::Servers(None));
    console.press(&[Key::Enter, Key::Tab, Key::Tab, Key::Tab]);
    let screen = console.press(&[Key::Paste("eight".to_owned())]).text(SIZE);
    assert!(screen.contains("Start time: only digits, such as 14:30; t is now"), "{screen}");
    let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
    assert!(screen.contains("Not yet: Start time: only digits"), "{screen}");
    // A recurrence.
    let mut console = open(&exchange, Route::JobRecurrence(4));
    console.press(&[Key::Down, Key::Down]);
    let screen = console.press(&cleared("1.x")).text(SIZE);
    assert!(screen.contains("Starts, date: only digits, such as 2026-11-24"), "{screen}");
    let screen = console.press(&[Key::Enter, Key::Enter]).text(SIZE);
    assert!(screen.contains("Not yet: Starts, date: only digits"), "{screen}");
    assert_eq!(console.effects, []);
}

#[test]
fn a_refusal_names_its_field() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::JobAlerts(4));
    console.press(&vec![Key::Down; 9]);
    for (address, said) in [
        ("ops", "Not yet: E-mail \"ops\" is not an e-mail address such as ops@example.org."),
        ("ops@bücher.example", "Not yet: E-mail \"ops@büc…\" needs an ASCII domain like xn--bcher-kva.example."),
        ("", "Not yet: E-mail: fill in an address such as ops@example.org."),
    ] {
        let screen = console.press(&cleared(address)).press(&[Key::Enter, Key::Enter]).text(SIZE);
        assert!(screen.contains(said), "{address}:\n{screen}");
    }
    let mut console = open(&exchange, Route::Process);
    console.press(&[Key::PageDown, Key::Char(' '), Key::Up]).press(&[Key::Ctrl('u'), Key::Enter, Key::Enter]);
    let screen = console.text(SIZE);
    assert!(screen.contains("Not yet: Task description: fill it in."), "{screen}");
}

#[test]
fn a_question_takes_a_paste_as_typed_text_and_enter_only_as_a_key() {
    let exchange = night();
    let mut console = open(&exchange, downloads("status:failed"));
    console.press(&typed(" j ")).press(&typed("ac"));
    console.press(&[Key::Paste("ticket\n4711\r\n".to_owned())]);
    let screen = console.text(SIZE);
    assert!(screen.contains("Reason ►[ticket 4711█"), "{screen}");
    console.press(&[Key::Enter]);
    let screen = console.press(&[Key::Paste("2\r\n".to_owned())]).text(SIZE);
    assert!(screen.contains("Enter ►[2█"), "{screen}");
    assert_eq!(console.effects, [], "a pasted line end is no Enter");
    console.press(&[Key::Enter]);
    assert!(matches!(console.effects[..], [RuntimeEffect::Mutation(_)]), "{:?}", console.effects);
}

#[test]
fn every_list_says_which_of_its_fields_takes_a_time() {
    let exchange = night();
    for (target, says) in [
        (Route::Deadlines, "a time needs a field: write created:14:30"),
        (Route::Errors, "a time needs a field: write "),
        (Route::Journal(String::new()), "a time needs a field: write from:14:30"),
        (Route::Views(None), "no field takes a time here; quote the text to look for it: \"14:30\""),
    ] {
        let mut console = open(&exchange, target.clone());
        let screen = after(&mut console, "/14:30\r");
        assert!(screen.contains(says), "{target:?}:\n{screen}");
    }
}

#[test]
fn a_filter_of_which_nothing_is_understood_keeps_the_list_and_says_why_after_a_pause() {
    let exchange = night();
    let title = |console: &mut TestConsole| console.text(SIZE).lines().nth(2).expect("a title").to_owned();
    for (target, words) in [
        (downloads("store:S013*"), ["rows>many", "\"untermi", "124761..124700"]),
        (Route::ErrorsWith("store:S013*".to_owned()), ["errors>many", "\"untermi", "open:9..7"]),
    ] {
        let mut console = open(&exchange, target.clone());
        let before = title(&mut console);
        assert!(before.contains("store:S013*"), "{before}");
        for word in words {
            let screen = after(&mut console, &format!("/{word}"));
            assert_eq!(title(&mut console), before, "{target:?} {word}");
            let last = screen.lines().last().expect("hints");
            assert!(last.trim().starts_with("! "), "{word}: {screen}");
            console.press(&[Key::Esc]);
        }
        // While a value is not begun, the hints stay: Tab completes it.
        let screen = after(&mut console, "/store:");
        assert!(screen.lines().last().expect("hints").contains("Tab complete"), "{screen}");
        console.press(&[Key::Esc]);
        assert_eq!(title(&mut console), before);
    }
}

#[test]
fn the_dates_of_a_list_are_refused_in_the_words_of_their_line() {
    let exchange = night();
    let mut console = open(&exchange, downloads(""));
    let screen = after(&mut console, "d2026-11-30..2026-11-01\r");
    assert!(screen.contains("no range from 2026-11-30 to 2026-11-01; write 2026-11-01..2026-11-30"), "{screen}");
    console.press(&[Key::Esc]);
    let screen = after(&mut console, "dsoon\r");
    assert!(screen.contains("no date: \"soon\"; write 7d, 2026-11-20 or 2026-11-20..2026-11-23"), "{screen}");
    console.press(&[Key::Esc]);
    let screen = after(&mut console, "/from:2026-11-30 to:2026-11-01\r");
    assert!(screen.contains("to:2026-11-01 is before from:2026-11-30: no row can match both"), "{screen}");
}

#[test]
fn tab_offers_only_earlier_filters_that_the_list_can_read() {
    let exchange = night();
    let mut console = open(&exchange, Route::Errors);
    for filter in ["/muted:no\r", "/store:S0131\r"] {
        console.press(&typed(filter));
    }
    console.press(&typed("\u{1b}4"));
    let screen = after(&mut console, "/status:failed\r/");
    assert!(screen.contains("Download sessions"), "{screen}");
    let screen = console.press(&[Key::Ctrl('u'), Key::Tab]).text(SIZE);
    let offered = screen.lines().last().expect("candidates").trim().to_owned();
    assert_eq!(offered, "status:failed  store:S0131");
}

#[test]
fn all_lists_read_the_same_words() {
    let exchange = night();
    exchange.change_head_office("update run set read = 59699, inserted = 59699, repeated = 0, rejected = 0");
    let mut console = open(&exchange, Route::Runs);
    for text in ["/59699", "/59,699"] {
        let screen = after(&mut console, text);
        assert!(screen.contains("59,699") && !screen.contains("0 of 1"), "{screen}");
        console.press(&[Key::Esc]);
    }
    for (typed, says) in [
        ("3..1", "a range needs a field: write run:3..1, or \"3..1\" for the text"),
        ("14:30", "a time needs a field: write from:14:30"),
        ("read > 1000", "a term has no blanks: write read>1000"),
        ("read >1000", "a term has no blanks: write read>1000"),
        ("!", "\"!\" needs a term after it, such as !timeout"),
        ("not", "not needs a term after it"),
    ] {
        console.press(&[Key::Esc]);
        let screen = after(&mut console, &format!("/{typed}\r"));
        assert!(screen.contains(&format!("! {says}")), "{typed}:\n{screen}");
    }
    let batch = crate::batch_screens::night();
    let mut console = open(&batch, Route::BatchJobs(JobScope::All));
    for typed in ["/withheld", "/status:withheld", "/status:withhold"] {
        let screen = after(&mut console, typed);
        assert!(screen.contains("1-1 of 1") && screen.contains("Process status messages"), "{typed}:\n{screen}");
        console.press(&[Key::Esc]);
    }
    exchange.cdx(&["deadlines", "add", "1020", "--by", "daily 06:00", "--stores", "zone:Europe/Berlin"]).exits(0);
    let mut console = open(&exchange, Route::Deadlines);
    for typed in ["/store:berlin", "/stores:berlin"] {
        let screen = after(&mut console, typed);
        assert!(screen.contains("1 of 1"), "{typed}:\n{screen}");
        console.press(&[Key::Esc]);
    }
}

#[test]
fn the_lists_of_batch_jobs_are_exported_as_they_are_filtered() {
    let exchange = crate::batch_screens::night();
    for (scope, filter, name, rows) in
        [(JobScope::All, "/by:batch\r", "batch-jobs.csv", 4), (JobScope::Own, "", "my-batch-jobs.csv", 2)]
    {
        let mut console = open(&exchange, Route::BatchJobs(scope));
        let screen = after(&mut console, &format!("{filter}x"));
        assert!(screen.contains(&format!("Export to (.csv or .jsonl): {name}")), "{screen}");
        console.press(&cleared("/tmp/nowhere.csv\r"));
        let Some(RuntimeEffect::Export(ExportSource::Rows(columns, exported), _, false)) = console.effects.pop() else {
            panic!("{:?}", console.effects)
        };
        assert_eq!(exported.len(), rows, "{exported:?}");
        assert_eq!(keys(&exported[0]).join(" "), columns);
        assert!(exported[0]["job_id"].is_number(), "{exported:?}");
    }
    // The history is read from the database, a page after another.
    exchange.change_head_office(
        "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, outcome)
         values (1, 'Process status messages', 'CDX', 'batch', 1000, 'missed'),
                (2, 'Purge only, nightly', 'NIGHT', 'batch', 2000, 'missed'),
                (2, 'Purge only, nightly', 'NIGHT', 'batch', 3000, 'missed')",
    );
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    let file = exchange.path("history.jsonl");
    console.shows("Needs attention").press(":bh\r").shows("Batch job history").press("/job:2\r").shows("· job:2");
    console.press("x").shows("Export to").press(&format!("\u{15}{}\r", file.display())).shows("rows written to");
    let written = std::fs::read_to_string(&file).expect("it is there");
    let ids: Vec<_> = written
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["job_id"].clone())
        .collect();
    let all = exchange.at_head_office("select count(*) from batch_job_history where job_id = 2");
    assert_eq!(all, [ids.len().to_string()], "{written}");
    assert!(ids.len() >= 2 && ids.iter().all(|id| *id == 2), "{written}");
    console.press("q");
    assert_eq!(console.ends(), 0);
}

fn keys(row: &serde_json::Value) -> Vec<&str> {
    row.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_headings_of_an_export_without_rows_are_the_keys_of_its_rows() {
    let exchange = night();
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(0);
    let batch = crate::batch_screens::night();
    for (exchange, command, list) in [
        (&exchange, "sessions download", "download sessions"),
        (&exchange, "messages", "status messages"),
        (&exchange, "journal", "journal"),
        (&exchange, "runs", "runs"),
        (&exchange, "errors", "recent errors"),
        (&exchange, "rejected", "rejected messages"),
        (&exchange, "schedules", "distribution schedules"),
        (&exchange, "connections", "connections"),
        (&exchange, "views", "views"),
        (&batch, "batch jobs", "batch jobs"),
        (&batch, "batch history", "batch job history"),
        (&batch, "batch servers", "batch servers"),
    ] {
        let args: Vec<_> = command.split(' ').chain(["--json"]).collect();
        let rows = exchange.cdx(&args).exits(0).json_lines();
        assert_eq!(keys(rows.first().expect(command)).join(" "), export_columns(list), "{list}");
    }
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention");
    for (short, title, list) in [
        ("si", "No silences", "silences"),
        ("de", "No deadlines", "deadlines"),
        ("bh", "Batch job history", "batch job history"),
    ] {
        let file = exchange.path(&format!("{short}.csv"));
        console.press(&format!(":{short}\r")).shows(title).press("x").shows("Export to");
        console.press(&format!("\u{15}{}\r", file.display())).shows("0 rows written to");
        let written = std::fs::read_to_string(&file).expect("it is there");
        assert_eq!(written, format!("{}\r\n", export_columns(list).replace(' ', ",")));
    }
    console.press("q");
    assert_eq!(console.ends(), 0);
}
