//! The console: the real program in a pseudo-terminal.

use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download, now};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, foreign, wait_until};
use cdx_console::store::message_database::NewMessage;

const SIZE: (u16, u16) = (80, 24);
const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";

/// A failure that happened just now.
fn failure(guid: u64, session: i64, store: &str, text: &str) -> NewMessage {
    let failed = download(guid, session, store, APPLY_FAILED);
    NewMessage { message: Some(text.to_owned()), occurred_at: now(), try_count: 2, ..failed }
}

#[test]
fn the_newest_failure_and_its_reason_are_one_key_away() {
    let exchange = Exchange::new();
    let text = "Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION: truncated.";
    exchange.post(&[failure(1, 1_084_971, "S0131", text)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").shows("Downloads failed").press("e").shows("Newest of 1: on S0131");
    console.shows("Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION:");
    console.press(ENTER).shows("Download sessions still in").shows("1084971").press(ENTER).shows("What happened");
    console.press("q");
    assert_eq!(console.ends(), 0);
    wait_until("the terminal is restored", || !console.is_taken());
}

#[test]
fn two_keys_update_the_status() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    // Without databases the console says so, and the first run creates them.
    console.shows("does not exist").press("p").shows("messages waiting").press(ENTER);
    console.shows("√ Ended").shows("= ").shows("inserted + 0 repeated + 0 rejected");
    console.press(ESCAPE).shows("Needs attention");
    console.press("4").shows("1-10 of 50").press("q");
    assert_eq!(console.ends(), 0);
    assert_eq!(exchange.count("session"), 50);
    assert_eq!(exchange.at_head_office("select trigger, requested_by, outcome from run"), ["console|r.vermeer|ended"]);
}

#[test]
fn the_menu_opens_the_job_and_the_filter_names_invalid_terms() {
    let exchange = Exchange::new();
    exchange.post(&[failure(1, 7, "S0001", "one"), download(2, 8, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("m").shows("Data distribution").shows(":psm").press(ENTER);
    console.shows("What OK will do").press(ESCAPE).press("m").press("jjjjj").shows(":sm").press(ENTER);
    console.shows("Status messages at head office").shows("1-2 of 2");
    console
        .press("/state:4\r")
        .shows("no field \"state\"; did you mean status?")
        .press("\u{15}store:S0002\r")
        .shows("1-1 of 1");
    // An arrow key split by the network moves the cursor and does not act as Esc.
    console.press("\u{1b}").press("[B").shows("store:S0002").press(ESCAPE).shows("1-2 of 2");
    console.press(":ds\r").shows("Download sessions").press("?").shows("Help: keys").press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_read_only_console_starts_no_run() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &["--read-only"]);
    console.shows("read-only").press("p").shows("What OK will do").press(ENTER).shows("this console is read-only");
    console.press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
    // The role of the login is named as the cause.
    let config = exchange.path("config.toml");
    std::fs::write(&config, "[roles]\ndefault = 'viewer'\n").expect("written");
    let mut console = Terminal::open(exchange.folder(), SIZE, &["--config", config.to_str().expect("a plain path")]);
    console.shows("read-only").press("p").shows("What OK will do").press(ENTER);
    console.shows("is viewer; an administrator can change [roles]").press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
    assert_eq!(exchange.count("run"), 1);
}

#[test]
fn a_hang_up_or_sigterm_ends_the_console_and_its_run_after_a_chunk() {
    for end in ["hang up", "TERM", "HUP"] {
        let exchange = Exchange::new();
        exchange.post_days_ago(1, &applied_sessions(1, 0..40_000));
        let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
        console.shows("does not exist").press("p").shows("messages waiting").press(ENTER).shows("1 Transfer");
        if end == "hang up" {
            console.hang_up();
        } else {
            console.signal(end);
        }
        assert_eq!(console.ends(), 130, "{end}");
        let outcome = exchange.at_head_office("select outcome from run").concat();
        assert!(["canceled", "ended"].contains(&outcome.as_str()), "{end}: {outcome}");
        let run = exchange.cdx(&["process", "--json"]).exits(0).json();
        assert_eq!(run["outcome"], "ended");
        assert_eq!(
            exchange.count("status_message"),
            exchange.posted("select count(*) from status_message")[0].parse::<i64>().expect("a number")
        );
    }
}

#[test]
fn a_terminal_that_cannot_be_written_ends_the_console_and_its_run_after_a_chunk() {
    let exchange = Exchange::new();
    exchange.post_days_ago(1, &applied_sessions(1, 0..60_000));
    // Keys come from one terminal and frames go to another; only a failed write shows that the
    // latter is gone.
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut screen = Terminal::run(exchange.folder(), SIZE, &words(&["cat"]));
    let name = std::fs::read_link(format!("/proc/{}/fd/1", screen.id())).expect("it has a terminal");
    let line = format!("exec {} > {}", env!("CARGO_BIN_EXE_cdx"), name.display());
    let mut keys = Terminal::run(exchange.folder(), SIZE, &words(&["sh", "-c", &line]));
    screen.shows("does not exist");
    keys.press("p");
    screen.shows("messages waiting");
    keys.press(ENTER);
    screen.shows("1 Transfer");
    wait_until("a chunk is durable", || exchange.at_head_office("select count(*) from run where read > 0") == ["1"]);
    screen.hang_up();
    assert_eq!(keys.ends(), 130, "{}", keys.screen());
    assert_eq!(exchange.at_head_office("select outcome from run"), ["canceled"]);
}

#[test]
fn a_run_continues_on_other_screens_and_quitting_asks_first() {
    let exchange = Exchange::new();
    exchange.post_days_ago(1, &applied_sessions(1, 0..60_000));
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("does not exist").press("p").shows("messages waiting").press(ENTER).shows("1 Transfer").press(ESCAPE);
    console.shows("Needs attention").press("q").shows("is running in this console").press("w");
    assert_eq!(console.ends(), 0);
    assert_eq!(exchange.at_head_office("select outcome from run"), ["ended"]);
}

#[test]
fn canceling_a_run_takes_two_keys_and_a_confirmation() {
    let exchange = Exchange::new();
    exchange.post_days_ago(1, &applied_sessions(1, 0..60_000));
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("does not exist").press("p").shows("messages waiting").press(ENTER).shows("1 Transfer");
    console.press("a").shows("Cancel the run").press("c").shows("Cancel this run?").press("y").shows("– Canceled");
    console.press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["canceled", "ended"]);
}

#[test]
fn two_hundred_resizes_and_a_tiny_terminal_are_handled() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("4").shows("of 50");
    console.resize_often((0..200_u16).map(|step| (1 + step * 7 % 130, 1 + step * 3 % 45)));
    // Wait for each resize; faster ones would be merged into one frame.
    for size in (0..200_u16).map(|step| (10 + step * 7 % 130, 4 + step * 3 % 45)) {
        let before = console.bytes().len();
        console.resize(size);
        wait_until("it is drawn again", || console.bytes().len() > before);
    }
    console.resize((44, 10)).shows("cdx needs 60×15, this is 44×10.");
    console.resize((120, 40)).shows("Download sessions").shows("1-26 of 50").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn text_of_stores_reaches_the_terminal_without_control_characters() {
    let exchange = Exchange::new();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}abc\u{200b}=cmd|' /C calc'!A0";
    let message = failure(1, 7, "S\u{1b}[31m1", hostile);
    exchange.post(&[NewMessage { job_name: "\u{1b}[5m".to_owned(), data_path: Some(hostile.to_owned()), ..message }]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), (120, 40), &[]);
    console.shows("<1B>").press("e").shows("Newest of 1").shows("<1B>]0;owned<07>").press(ENTER).shows("1-1 of 1");
    console.press(ENTER).shows("What happened");
    console.press("6").shows("Status messages at head office").shows("<1B>[5m").press("q");
    assert_eq!(console.ends(), 0);
    let bytes = String::from_utf8_lossy(&console.bytes()).into_owned();
    for raw in ["\u{1b}]0;", "\u{1b}[5m", "\u{202e}", "\u{200b}", "\u{9b}"] {
        assert!(!bytes.contains(raw), "{raw:?} came through");
    }
}

#[test]
fn moving_the_cursor_writes_few_bytes() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..500));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), (120, 40), &[]);
    console.shows("Needs attention").press("4").shows("1-26 of 500").press("j");
    console.quiet();
    // Wait for the frame of each key: the cursor on the next row.
    let row_of_cursor = |screen: &str| screen.lines().position(|line| line.starts_with('►'));
    for _ in 0..5 {
        let before = row_of_cursor(&console.screen());
        let bytes = console.bytes().len();
        console.press("j");
        wait_until("the cursor moves", || row_of_cursor(&console.screen()) != before);
        let cost = console.bytes().len() - bytes;
        assert!(cost < 400, "a step cost {cost} bytes");
    }
}

#[test]
fn a_step_writes_few_bytes_in_every_theme() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..500));
    exchange.cdx(&["process"]).exits(0);
    let cdx = env!("CARGO_BIN_EXE_cdx");
    for (variables, most, start) in [
        (&["COLORTERM=truecolor", "TERM=xterm-256color"][..], 600, "48;2;"),
        (&["TERM=xterm-256color"], 600, "48;5;"),
        (&["CDX_THEME=16"], 400, "\u{1b}[7m"),
        (&["CDX_THEME=mono"], 400, "\u{1b}[7m"),
        (&["NO_COLOR=1", "TERM=xterm-256color"], 400, "\u{1b}[7m"),
    ] {
        let words = ["env"].iter().chain(variables).chain([&cdx]).map(|word| (*word).to_owned());
        let mut console = Terminal::run(exchange.folder(), (80, 24), &words.collect::<Vec<_>>());
        console.shows("Needs attention").press("4").shows("of 500").press("j");
        console.quiet();
        let row_of_cursor = |screen: &str| screen.lines().position(|line| line.starts_with('►'));
        let (before, bytes) = (row_of_cursor(&console.screen()), console.bytes().len());
        console.press("j");
        wait_until("the cursor moves", || row_of_cursor(&console.screen()) != before);
        let frame = String::from_utf8_lossy(&console.bytes()[bytes..]).into_owned();
        assert!(frame.len() < most, "{variables:?}: a step cost {} bytes", frame.len());
        assert!(frame.contains(start), "{variables:?}: {frame:?}");
        console.press("q");
        assert_eq!(console.ends(), 0);
    }
}

#[test]
fn a_missing_database_is_reported_until_it_returns() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    // Another program locks the file exclusively.
    let greedy = foreign(&exchange.head_office());
    greedy.execute_batch("pragma locking_mode = exclusive; begin exclusive; commit;").expect("locked");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("has been locked by process");
    drop(greedy);
    console.press("\u{12}").shows("As of").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_rejected_message_is_dismissed_after_a_confirmation() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", 77), download(2, 8, "S0002", 78)]);
    exchange.cdx(&["process"]).exits(3);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Rejected messages").press(":rm\r").shows("status 78").press("a").shows("Dismiss").press("d");
    console.shows("y = yes").press("n");
    console.until("no question", |screen| !screen.contains("y = yes"));
    console.press("ad").shows("y = yes").press("y").shows("1 dismissed");
    // For many rows, the dialog asks for their count.
    exchange.post(&[download(3, 9, "S0002", 79)]);
    exchange.cdx(&["process"]).exits(3);
    console
        .press("\u{12}")
        .shows("status 79")
        .press("g  ")
        .shows("2 marked of 2")
        .press("ar")
        .shows("Type 2 and Enter");
    console.press("2\r").shows("2 still rejected").press("q");
    assert_eq!(console.ends(), 0);
    let sql = "select operator, action, object, result from operator_journal order by entry_id";
    assert_eq!(
        exchange.at_head_office(sql),
        [
            "r.vermeer|dismiss rejected message|2|done",
            "r.vermeer|retry rejected message|3|still rejected",
            "r.vermeer|retry rejected message|1|still rejected",
        ]
    );
}

#[test]
fn changing_the_retention_previews_what_it_would_purge() {
    let exchange = Exchange::new();
    exchange.post_days_ago(20, &applied_sessions(1, 0..40));
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press(":rsp\r").shows("in force 30").press("\u{15}14").shows("0    40    40");
    console.press(ENTER).press(ENTER).shows("Keep session history 14 days?").press(ESCAPE);
    console.until("no question", |screen| !screen.contains("Type "));
    // The dialog asks for the number of additional rows that the next purge deletes.
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(would["would_purge"]["head_office"].as_object().map(serde_json::Map::len), Some(0));
    console.press(ENTER).shows("Type ");
    let screen = console.screen();
    let (_, rest) = screen.split_once("Type ").expect("it asks");
    let count = rest.split(' ').next().expect("a number").to_owned();
    console.press(&format!("{count}\r")).shows("is kept 14 days").press("q");
    assert_eq!(console.ends(), 0);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    let purged: i64 = ["message_database", "head_office"]
        .iter()
        .flat_map(|database| run["purged"][database].as_object().expect("a map").values())
        .map(|rows| rows.as_i64().expect("a number"))
        .sum();
    assert_eq!(purged.to_string(), count);
}

#[test]
fn a_session_is_canceled_after_a_reason_and_a_confirmation() {
    let exchange = Exchange::new();
    exchange.post(&[failure(1, 7, "S0001", "no room"), download(2, 8, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console
        .shows("Needs attention")
        .press("4/status:apply_failed\r")
        .shows("1-1 of 1")
        .press("a")
        .shows("Cancel")
        .press("c");
    console
        .shows("Cancel session 7 of S0001?")
        .press("\r")
        .shows("Type a reason")
        .press("ticket 4711\r")
        .shows("y yes");
    console.press("y").shows("1 session canceled").press(ESCAPE).shows("– Canceled");
    console.press("u").shows("What can be undone").press("\r").shows("y = yes").press("y").shows("1 session undone");
    console.shows("× Apply failed").press("a").shows("Cancel…").press("c").shows("Cancel session 7 of S0001?");
    console.press("wrong package\r").shows("y yes").press("y").shows("1 session canceled").press("q");
    assert_eq!(console.ends(), 0);
    let requests = exchange.cdx(&["requests", "--json"]).exits(0).json_lines();
    let asked: Vec<_> =
        requests.iter().map(|request| (request["action"].as_str(), request["round"].as_i64())).collect();
    assert_eq!(asked, [(Some("rerun"), Some(1)), (Some("cancel"), Some(1))]);
    assert_eq!((&requests[1]["requested_by"], &requests[1]["reason"]), (&"r.vermeer".into(), &"wrong package".into()));
}

#[test]
fn a_list_jumps_to_a_time() {
    let exchange = Exchange::new();
    exchange.post(&[failure(1, 7, "S0001", "new"), download(2, 8, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("6").shows("1-2 of 2").press("tsoon\r").shows("invalid time; try 14:30");
    // The second message occurred an hour before the first.
    let at_second = |screen: &str| screen.lines().any(|line| line.starts_with('►') && line.contains("S0002"));
    console.press("\u{15}10m\r").until("the cursor on S0002", at_second).press("q");
    assert_eq!(console.ends(), 0);
}
