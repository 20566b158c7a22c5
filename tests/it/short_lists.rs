//! Lists that are loaded whole: sorting, text filter, columns, pane and export work the same on
//! each; and commands on the row under the cursor.

use crate::screens::{COLOR, NOW, TestConsole, typed};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, download};
use cdx_console::console::ExportSource;
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Cause, Direction, SessionKey, Timestamp};
use cdx_console::store::message_database::NewMessage;

const SIZE: (u16, u16) = (120, 40);

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

/// Returns the rows of the list below its headings.
fn listed(screen: &str) -> Vec<String> {
    let rows = screen.lines().skip(4).take_while(|line| !line.contains("──") && !line.contains("══"));
    rows.filter(|line| !line.trim().is_empty()).map(|line| line[3..].to_owned()).collect()
}

fn exported(console: &mut TestConsole) -> Vec<serde_json::Value> {
    let Some(RuntimeEffect::Export(ExportSource::Rows(_, rows), name, false)) = console.effects.pop() else {
        panic!("{:?}", console.effects)
    };
    assert_eq!(name, "/tmp/nowhere.csv");
    rows
}

#[test]
fn recent_errors_can_be_sorted_filtered_exported_and_shown_without_a_column() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Errors);
    let before = listed(&console.text(SIZE));
    assert!(before.len() == 3 && before[0].contains("SqlWriteRequestRunner"), "{before:?}");
    // Sorted by the cause's text, ascending.
    let to_last = vec![Key::Char('G'); 1];
    console.press(&typed("s")).press(&to_last).press(&typed("\r"));
    let sorted = listed(&console.text(SIZE));
    let at = |rows: &[String], text: &str| rows.iter().position(|row| row.contains(text));
    assert!(at(&sorted, "Failed to run") < at(&sorted, "Violation") && at(&sorted, "Violation") < at(&sorted, "磁盘"));
    assert!(console.text(SIZE).contains("masked ▲"), "{}", console.text(SIZE));
    // The text filter searches the columns and the full text.
    console.press(&typed("/")).press(&typed("pk_retail duplicate\r"));
    let narrowed = console.text(SIZE);
    assert!(narrowed.contains("1 of 3") && narrowed.contains("Filter: pk_retail duplicate"), "{narrowed}");
    console.press(&typed("x")).press(&[Key::Ctrl('u')]).press(&typed("/tmp/nowhere.csv\r"));
    let rows = exported(&mut console);
    assert!(rows.len() == 1 && rows[0]["cause"].as_str().expect("text").contains("PRIMARY KEY"), "{rows:?}");
    console.press(&typed("c")).press(&typed("jjjj \r"));
    assert!(!console.text(SIZE).contains("Trend, 24 h"), "{}", console.text(SIZE));
    // The next console restores the list state; Esc clears the text filter first.
    let memory = console.app.memory().clone();
    let mut console = TestConsole::open_with(&exchange, COLOR, Route::Errors, memory);
    let again = console.text(SIZE);
    assert!(again.contains("1 of 3") && again.contains("masked ▲") && !again.contains("Trend, 24 h"), "{again}");
    assert!(console.press(&[Key::Esc]).text(SIZE).contains("3 causes in 24 h"));
    console.press(&typed("/")).press(&typed("nowhere to be found\r"));
    let none = "0 of 3; leaving out one term does not help. Esc clears the filter.";
    assert!(console.text(SIZE).contains(none), "{}", console.text(SIZE));
}

#[test]
fn the_pane_of_a_cause_shows_where_it_is_open_and_what_to_do() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Errors);
    console.press(&typed("jk"));
    let screen = console.text(SIZE);
    for text in [
        "Open in    S0131 1, S0132 1, S0133 1",
        "Jobs       1040 3",
        "new since yesterday",
        "In AX      The data could not be applied to the channel database.",
        "a actions",
    ] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
    // On a small screen the pane scrolls.
    console.press(&typed("\t"));
    console.text((60, 15));
    console.app.update(cdx_console::console::app::Input::Key(Key::Char('G')), crate::screens::NOW);
    assert!(console.text((60, 15)).contains("(a)."), "{}", console.text((60, 15)));
}

#[test]
fn runs_and_rejected_messages_can_be_sorted_filtered_and_exported() {
    let exchange = crate::screens::night();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.script_at_head_office("update run set ended_at = started_at + 1000");
    let mut console = open(&exchange, Route::Runs);
    // Without the chart.
    console.text(SIZE);
    console.press(&typed("i"));
    assert!(listed(&console.text(SIZE))[0].contains(" 2 √ Ended"), "{}", console.text(SIZE));
    // Sorted by the number of messages read, descending.
    console.press(&typed("s")).press(&typed("jjjjjjjjjjj\r"));
    let sorted = console.text(SIZE);
    assert!(listed(&sorted)[0].contains(" 1 √ Ended") && sorted.contains("Read ▼"), "{sorted}");
    console.press(&typed("x")).press(&[Key::Ctrl('u')]).press(&typed("/tmp/nowhere.csv\r"));
    let rows = exported(&mut console);
    assert_eq!(rows.iter().map(|row| row["read"].as_i64()).collect::<Vec<_>>(), [Some(96), Some(0)]);
    let mut console = open(&exchange, Route::Rejected);
    let screen = console.text(SIZE);
    assert!(screen.contains("session_number         1084980") && !screen.contains("null"), "{screen}");
    // Marked rows outside the filter are not acted on.
    console.press(&typed("*"));
    assert!(console.text(SIZE).contains("1 marked of 1"));
    console.press(&typed("/")).press(&typed("1084980\r"));
    assert!(console.text(SIZE).contains("1 of 1"));
    console.press(&typed("/")).press(&[Key::Ctrl('u')]).press(&typed("elsewhere\r"));
    assert!(console.press(&typed("a")).text(SIZE).contains("There is nothing to act on"));
}

#[test]
fn a_session_can_be_canceled_from_its_own_screen() {
    let exchange = crate::screens::night();
    let key =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".to_owned() };
    let mut console = open(&exchange, Route::Session(key));
    assert!(console.text(SIZE).contains("a actions"));
    console.press(&typed("a"));
    assert!(console.text(SIZE).contains("Cancel…") && console.text(SIZE).contains("Mute the cause until…"));
    console.press(&typed("c")).press(&typed("ticket 4711\r")).press(&typed("y"));
    let effects = format!("{:?}", console.effects);
    assert!(console.effects.len() == 1 && effects.contains("Cancel") && effects.contains("ticket 4711"), "{effects}");
}

#[test]
fn the_dialog_shows_the_filter_of_the_marked_rows_and_how_many_match() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, "status:failed".to_owned()));
    console.press(&typed("*")).press(&typed("ac"));
    let asked = console.text(SIZE);
    assert!(asked.contains("All that match the filter status:failed: 3"), "{asked}");
    // After unmarking one row, no longer all matching rows are marked.
    console.press(&[Key::Esc]).press(&typed(" ")).press(&typed("ac"));
    let asked = console.text(SIZE);
    assert!(asked.contains("Cancel 2 sessions") && !asked.contains("All that match"), "{asked}");
}

#[test]
fn times_are_shown_in_utc_or_in_the_zone_of_the_store_or_the_operator() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    let first = |console: &mut TestConsole| console.text(SIZE).lines().nth(4).expect("a row")[3..].trim().to_owned();
    assert!(first(&mut console).starts_with("02:05:21"));
    // The console starts in UTC; the zone of S0131 is not set.
    console.press(&typed("z"));
    assert!(console.text(SIZE).contains("The zone of S0131 is unknown; set it with 9, a."), "{}", console.text(SIZE));
    exchange.change_head_office("update channel_database set zone = 'Asia/Kolkata' where name = 'S0131'");
    console.press(&typed("z"));
    assert!(console.text(SIZE).contains("Times are shown in UTC."), "{}", console.text(SIZE));
    console.press(&typed("z"));
    let screen = console.text(SIZE);
    assert!(
        screen.contains("UTC+5:30. It is the time of S0131, Asia/Kolkata.") && screen.contains("07:40:21 UTC+5:30")
    );
    assert!(first(&mut console).starts_with("07:35:21"), "{screen}");
    // Typed times are in the zone that is shown.
    console.press(&typed("d")).press(&typed("2026-11-24\r"));
    assert!(console.text(SIZE).contains("of 33"), "midnight there is 18:30 UTC");
    console.press(&typed("z"));
    assert!(console.text(SIZE).contains("Times are shown in"));
}

#[test]
fn the_time_zone_of_a_store_is_set_from_its_row_unless_read_only() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Connections);
    console.press(&typed("a"));
    assert!(console.text(SIZE).contains("Zone of the store…"));
    console.press(&typed("z")).press(&typed("europe/amsterdm\r"));
    assert!(console.text(SIZE).contains("the nearest name is Europe/Amsterdam"), "{}", console.text(SIZE));
    console.press(&[Key::Backspace]).press(&typed("am\r"));
    let effects = format!("{:?}", console.effects);
    assert!(effects.contains("DatabaseZone(\"S0000\", Some(\"Europe/Amsterdam\"), Some(0))"), "{effects}");
    let mut console = TestConsole::read_only(&exchange, Route::Connections);
    console.text(SIZE);
    console.press(&typed("a"));
    assert!(console.text(SIZE).matches("this console is read-only").count() >= 2, "{}", console.text(SIZE));
    console.press(&typed("z"));
    assert_eq!(console.effects, []);
}

#[test]
fn a_histogram_counts_the_rows_of_the_list_and_filters_by_column() {
    // Its columns are of 20 minutes.
    const NARROW: (u16, u16) = (100, 40);
    let exchange = crate::screens::night();
    for (target, what) in [
        (Route::Messages(String::new()), "messages"),
        (Route::Sessions(Direction::Download, String::new()), "sessions"),
    ] {
        let mut console = open(&exchange, target);
        console.buffer(NARROW);
        console.press(&typed("i"));
        let screen = console.text(NARROW);
        assert!(screen.contains(&format!("02:00:00: 3 {what}, 3 errors (100 %) · Enter shows them")), "{screen}");
        assert!(screen.contains("1-") && screen.contains("S0131"), "the list stays below:\n{screen}");
        // Download sessions only: the uploads at 01:43 and 01:19 do not count.
        console.press(&[Key::Left]);
        let column =
            if what == "messages" { "01:40:00: 1 message, 1 error " } else { "01:40:00: 0 sessions, 0 errors" };
        assert!(console.text(NARROW).contains(column), "{}", console.text(NARROW));
        console.press(&[Key::Right, Key::Enter]);
        let narrowed = console.text(NARROW);
        assert!(narrowed.contains("1-3 of 3") && narrowed.contains("to:\"11-24 02:20\""), "{narrowed}");
        // The histogram counts the filtered rows.
        console.press(&[Key::Esc]).press(&typed("/")).press(&[Key::Ctrl('u')]).press(&typed("status:applied\r"));
        assert!(
            console.text(NARROW).contains("30 ") || console.text(NARROW).contains("counting"),
            "{}",
            console.text(NARROW)
        );
        console.press(&typed("i"));
        assert!(console.text(NARROW).contains(&format!("02:00:00: 0 {what}, 0 errors")), "{}", console.text(NARROW));
        console.press(&typed("i"));
        assert!(!console.text(NARROW).contains("Last 24 hours"), "a third i closes it");
        // On a small screen a notice says that it does not fit.
        console.text((60, 15));
        let effects = console.app.update(cdx_console::console::app::Input::Key(Key::Char('i')), crate::screens::NOW);
        assert!(effects.is_empty() && console.text((60, 15)).contains("needs a terminal of 22 rows"));
    }
}

#[test]
fn the_pane_of_a_session_loads_after_a_debounce() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    let screen = console.text(SIZE);
    assert!(
        screen.contains("Next: it is retried at the interval"),
        "the details of the first row are loaded:\n{screen}"
    );
    console.press(&[Key::Down, Key::Down, Key::Down]);
    let screen = console.text(SIZE);
    assert!(screen.contains("Requested 11-23 23:23, +10 min Downloaded, +10 min Applied"), "{screen}");
    // Keys in quick succession load no details of the rows in between.
    let hurried: Vec<_> = (0..5)
        .flat_map(|_| console.app.update(cdx_console::console::app::Input::Key(Key::Down), crate::screens::NOW))
        .collect();
    assert!(hurried.iter().all(|effect| !matches!(effect, RuntimeEffect::Ask(..))), "{hurried:?}");
}

/// Returns what a key copies.
fn copied(console: &mut TestConsole, key: char) -> String {
    console.press(&[Key::Char(key)]);
    match &std::mem::take(&mut console.effects)[..] {
        [RuntimeEffect::Copy(text)] => text.clone(),
        effects => panic!("{key}: {effects:?}"),
    }
}

#[test]
fn related_messages_are_those_of_the_session_whatever_its_channel_database_is_named() {
    let exchange = Exchange::new();
    let names = ["S0001", "a \"b\"", "\"", "bell\u{7}\u{1b}[2J", "100%_*", &"\"".repeat(1_000)];
    for (number, name) in (1..).zip(names) {
        let message = download(number, 7, "S0001", APPLIED);
        exchange.post(&[NewMessage { channel_database: name.to_owned(), ..message }]);
    }
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for name in names {
        let key = SessionKey { direction: Direction::Download, session_number: 7, channel_database: name.to_owned() };
        let mut console = open(&exchange, Route::Session(key));
        let messages = console.press(&[Key::Char('r'), Key::Enter]).text(SIZE);
        assert!(messages.contains("Status messages") && messages.contains("1-1 of 1 "), "{name:?}:\n{messages}");
    }
}

/// Returns the command that the pane of a long list copies for its row.
fn row_command(console: &mut TestConsole) -> String {
    console.press(&[Key::Tab]);
    let command = copied(console, 'Y');
    console.press(&[Key::Tab]);
    command
}

#[test]
fn a_list_is_copied_as_a_command_that_prints_the_same_rows() {
    let exchange = crate::screens::night();
    let downloads = Route::Sessions(Direction::Download, String::new());
    for (filter, all) in [("", false), ("", true), ("status:failed", false), ("-store:S0001 text:\"it's\"", false)] {
        let mut console = TestConsole::open(&exchange, crate::screens::COLOR, downloads.clone());
        console.buffer((120, 40));
        console.press(&[Key::Char('/')]).press(&filter.chars().map(Key::Char).collect::<Vec<_>>()).press(&[Key::Enter]);
        if all {
            console.press(&[Key::Char('.')]);
        }
        let screen = console.text((120, 40));
        let command = copied(&mut console, 'Y');
        let bare = exchange.command(&[]);
        let program = bare.get_program().to_str().expect("a plain path");
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("{} --json", command.replacen("cdx", program, 1)));
        shell.envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let listed = crate::support::ran(&mut shell).exits(0).stdout.lines().count();
        let title = screen.lines().nth(2).expect("a title").to_owned();
        let expected = if listed == 0 { "none".to_owned() } else { format!("of {listed} ") };
        assert!(title.contains(&expected), "{command} lists {listed}:\n{screen}");
    }
}

/// Runs a copied command and returns the rows that it lists.
fn rows_listed(exchange: &Exchange, command: &str) -> usize {
    let bare = exchange.command(&[]);
    let program = bare.get_program().to_str().expect("a plain path");
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(format!("{} --json", command.replacen("cdx", program, 1)));
    shell.envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?))));
    crate::support::ran(&mut shell).exits(0).stdout.lines().count()
}

#[test]
fn every_list_is_copied_as_a_command_that_prints_it_and_never_as_a_change() {
    let (exchange, batch) = (crate::screens::night(), crate::batch_screens::night());
    let cause = exchange.at_head_office("select digest from cause where masked like '%truncated%'").remove(0);
    let of_cause = Route::SessionsOfCause(Direction::Download, cause.parse().expect("a number"), "cause".to_owned());
    for (is_batch, target, filter, command, rows) in [
        (false, Route::Runs, "status:ended", "cdx runs --filter status:ended", 1),
        (false, Route::Rejected, "text:status", "cdx rejected --filter text:status", 1),
        (false, Route::Rejected, "store:S0001", "cdx rejected --filter store:S0001", 1),
        (false, Route::Schedules, "", "cdx schedules", 1),
        (false, Route::Schedules, "open:0", "cdx schedules --filter open:0", 0),
        (false, Route::Connections, "store:S0000", "cdx connections --filter store:S0000", 1),
        (false, of_cause, "", "cdx sessions download --filter cause:N", 3),
        (false, Route::Journal(String::new()), "", "cdx journal", 0),
        (false, Route::Trash(None), "", "cdx trash", 0),
        (true, Route::BatchJobs(JobScope::All), "group:CDX", "cdx batch jobs --filter group:CDX", 4),
        (true, Route::BatchHistory(String::new()), "job:1", "cdx batch history --filter job:1", 10),
        (true, Route::BatchGroups(None), "", "cdx batch groups", 4),
        (true, Route::Servers(None), "", "cdx batch servers", 3),
        (true, Route::Silences, "", "cdx silences --all", 0),
        (true, Route::Approvals, "", "cdx approvals --all", 0),
        (true, Route::Deadlines, "", "cdx deadlines", 0),
        (true, Route::Alerts, "", "cdx alerts", 0),
    ] {
        let exchange = if is_batch { &batch } else { &exchange };
        let mut console = open(exchange, target.clone());
        if !filter.is_empty() {
            console.press(&typed("/")).press(&typed(filter)).press(&[Key::Enter]);
        }
        let copied = copied(&mut console, 'Y');
        let plain = copied.replace(&cause, "N").replace('\'', "");
        assert_eq!(plain, command, "{target:?}");
        assert!(console.text((120, 40)).contains(&copied), "the notice shows it");
        assert_eq!(rows_listed(exchange, &copied), rows, "{copied}");
    }
    let mut console = open(&exchange, Route::Errors);
    console.press(&typed("/pk_")).press(&[Key::Enter]);
    assert_eq!(copied(&mut console, 'Y'), "cdx errors --since 24h --filter pk_");
    let mut console = open(&batch, Route::Views(None));
    console.press(&typed("/failed")).press(&[Key::Enter]).press(&typed("Y"));
    assert!(console.text((120, 40)).contains("cdx views has no --filter"), "{}", console.text((120, 40)));
}

#[test]
fn a_row_is_copied_as_a_command_that_prints_it() {
    let exchange = crate::screens::night();
    let key =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0132".to_owned() };
    let downloads = Route::Sessions(Direction::Download, String::new());
    for (target, keys, command, shows) in [
        (downloads.clone(), "j", "cdx messages --direction download --session 1084971 --store S0132", "1084971"),
        (Route::Session(key), "", "cdx messages --direction download --session 1084971 --store S0132", "1084971"),
        (
            Route::Messages(String::new()),
            "",
            "cdx messages --direction download --session 1084971 --store S0131",
            "S0131",
        ),
        (Route::Store("S0000".to_owned()), "", "cdx store S0000", "S0000"),
    ] {
        let mut console = open(&exchange, target.clone());
        console.press(&typed(keys));
        if matches!(target, Route::Sessions(..) | Route::Messages(_)) {
            // The pane is about the row.
            console.press(&[Key::Tab]);
        }
        assert_eq!(copied(&mut console, 'Y'), command, "{target:?}");
        let args: Vec<_> = command.split(' ').skip(1).collect();
        let ran = exchange.cdx(&args);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(shows), "{command}: {ran:?}");
    }
    // A value with special characters is quoted as one argument.
    exchange.change_head_office("update channel_database set name = 'it''s S 1' where name = 'S0000'");
    let mut console = open(&exchange, Route::Store("it's S 1".to_owned()));
    assert_eq!(copied(&mut console, 'Y'), r"cdx store 'it'\''s S 1'");
}

#[test]
fn the_next_and_previous_failure_are_found_from_any_row() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    let mut at = |keys: &str| {
        console.press(&typed(keys));
        let command = row_command(&mut console);
        command.rsplit(' ').next().expect("a store").to_owned()
    };
    // Three failed rows precede thirty applied ones.
    assert_eq!(at(""), "S0131");
    assert_eq!(at("e"), "S0132");
    assert_eq!(at("E"), "S0131");
    assert_eq!(at("E"), "S0133", "E wraps from the first to the last");
    let last = at("G");
    assert!(!["S0131", "S0132", "S0133"].contains(&last.as_str()), "{last}");
    assert_eq!(at("e"), "S0131", "e wraps from the last to the first");
    assert_eq!(at("E"), "S0133");
    assert_eq!(at("E"), "S0132");
    assert_eq!(at("e"), "S0133");
    console.press(&typed("e"));
    assert!(console.text(SIZE).contains("No further failure below: on from the top"), "{}", console.text(SIZE));
}

#[test]
fn a_followed_list_shows_new_rows() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    let mut posted = 0;
    let mut arrives = |session: i64| {
        posted += 1;
        let at = Timestamp(NOW.0 - 60_000 + posted);
        let message = download(9_000 + session.unsigned_abs(), session, "S0007", APPLIED);
        exchange.agent().import(&[(NewMessage { occurred_at: at, ..message }, at)]).expect("stored");
        exchange.cdx(&["process", "--no-purge"]).exits(0);
    };
    let on =
        |console: &mut TestConsole, session: &str| row_command(console).contains(&format!(" --session {session} "));
    console.press(&typed("jjf"));
    assert!(console.text(SIZE).contains("following · "), "{}", console.text(SIZE));
    arrives(2_000_001);
    console.settle_input(Input::Tick);
    assert!(listed(&console.text(SIZE))[0].contains("2000001"), "{}", console.text(SIZE));
    assert!(on(&mut console, "2000001"), "the cursor is on the newest");
    arrives(2_000_002);
    console.settle_input(Input::Tick);
    assert!(on(&mut console, "2000002"));
    // Any cursor movement ends following.
    console.press(&typed("j"));
    arrives(2_000_003);
    console.settle_input(Input::Tick);
    assert!(on(&mut console, "2000001") && !console.text(SIZE).contains("following"), "{}", console.text(SIZE));
    // f ends it as well, and a list in another order cannot be followed.
    console.press(&typed("f"));
    assert!(on(&mut console, "2000003"));
    console.press(&typed("f"));
    assert!(console.text(SIZE).contains("Follow is off."), "{}", console.text(SIZE));
    console.press(&typed("s")).press(&[Key::Down, Key::Enter]).press(&typed("f"));
    let ordered = console.text(SIZE);
    assert!(ordered.contains("f follows a list sorted newest first") && !ordered.contains("following"), "{ordered}");
}

#[test]
fn notifications_list_the_unread_ones_when_there_are_some() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.change_head_office(
        "insert into notification (at, operator, event, text, popup, read_at) values
            (1, 'r.vermeer', 'error', 'an old one', 1, 5), (2, 'r.vermeer', 'error', 'a new one', 1, null),
            (3, 'r.vermeer', 'error', 'read already', 1, 5), (4, 'm.jansen', 'error', 'of another', 1, null)",
    );
    let mut console = open(&exchange, Route::Notifications);
    let text = console.text((80, 24));
    assert!(text.contains("1 unread ") && text.contains("a new one") && !text.contains("read already"), "{text}");
    console.press(&[Key::Char('.')]);
    let text = console.text((80, 24));
    assert!(text.contains("1 unread of 3") && text.contains("an old one") && text.contains("read already"), "{text}");
    exchange.change_head_office("update notification set read_at = 6 where read_at is null");
    let mut console = open(&exchange, Route::Notifications);
    let text = console.text((80, 24));
    assert!(text.contains("0 unread of 3") && text.contains("an old one"), "{text}");
}

#[test]
fn the_sort_menu_lists_every_column_and_says_where_rows_are_sorted_in_memory() {
    let exchange = crate::screens::night();
    let size = (200, 60);
    for (target, headings) in [
        (Route::Errors, "Last|Open|24 h|DBs|Trend, 24 h|First|Note|Cause, numbers and names masked"),
        (Route::Runs, "Started|Run|Outcome|Took|By|Read|Rejected|Purged|Remark"),
        (Route::Rejected, "Rejected|Id|Message|Run|Reason"),
        (Route::Schedules, "Last heard|Schedule|Open|Session|Job|Status"),
        (Route::Connections, "Database|Last message|Silent for|Usual gap|Agent|Last seen|Note"),
    ] {
        let mut console = open(&exchange, target.clone());
        console.text(size);
        let menu = console.press(&typed("s")).text(size);
        for heading in headings.split('|') {
            for shape in ["▼", "▲"] {
                assert!(menu.contains(&format!("{heading} {shape}")), "{target:?} {heading}:\n{menu}");
            }
        }
    }
    let mut console = open(&exchange, Route::Connections);
    console.press(&typed("sjjjjj\r"));
    let screen = console.text(SIZE);
    assert!(screen.contains("Silent for▼"), "{screen}");
    let mut console = open(&exchange, Route::Sessions(Direction::Download, String::new()));
    let menu = console.press(&typed("s")).text(size);
    assert!(menu.contains("Session number, highest first") && menu.contains("( ) Status "), "{menu}");
    assert_eq!(menu.matches("Columns: of lists with at most 10,000 rows").count(), 1, "{menu}");
}

#[test]
fn what_an_alert_is_about_is_offered() {
    let exchange = crate::screens::night();
    let cause = Cause::of("Violation of PRIMARY KEY constraint 'PK_RETAIL'. Cannot insert duplicate key.").digest;
    exchange.change_head_office(&format!(
        "insert into alert_condition (rule, subject, store, job_id, cause, text, since) values
         ('store_silent', 'S0131', 'S0131', null, null, 'S0131 has sent no message', 3),
         ('unusual_volume', 'x', null, 12, {cause}, 'unusual', 2),
         ('deadline', 'y', null, null, null, 'late', 1)"
    ));
    let mut console = open(&exchange, Route::Alerts);
    let related = console.press(&typed("r")).text(SIZE);
    for item in ["Store S0131", "Its download sessions", "Its errors", "Who changed it"] {
        assert!(related.contains(item), "{item}:\n{related}");
    }
    let related = console.press(&typed("\u{1b}jr")).text(SIZE);
    for item in ["Batch job 12", "Its history", "Its runs", "Its cause"] {
        assert!(related.contains(item), "{item}:\n{related}");
    }
    let errors = console.press(&[Key::Down, Key::Down, Key::Down, Key::Enter]).text(SIZE);
    assert!(errors.contains("Recent errors") && errors.contains("Filter: cause:Violation of PRIMARY KEY"), "{errors}");
    // One thing is opened at once.
    let deadlines = console.press(&typed("\u{1b}\u{1b}jr")).text(SIZE);
    assert!(deadlines.contains("› Deadlines"), "{deadlines}");
    // The box is as wide as the texts in it.
    let mut console = open(&exchange, Route::Sessions(Direction::Download, "status:failed".to_owned()));
    let related = console.press(&typed("r")).text(SIZE);
    let cause = "Its cause: Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION: String";
    assert!(related.contains(cause), "{related}");
}

#[test]
fn a_batch_server_that_is_not_running_is_called_so_in_the_batch_tab() {
    let exchange = crate::batch_screens::night();
    exchange.change_head_office("update batch_server set heartbeat_at = 0");
    let mut console = open(&exchange, Route::Process);
    let screen = console.press(&[Key::PageDown, Key::Char(' ')]).text(SIZE);
    assert!(screen.contains("served by aos-1 (not running)"), "{screen}");
}
