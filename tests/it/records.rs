//! The whole row as fields and as JSON, in a box with find, and in the operator's pager.

use crate::screens::{COLOR, NOW, TestConsole, night};
use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, download};
use crate::support::terminal::Terminal;
use cdx_console::batch::JobSettings;
use cdx_console::console::protocol::batch_query::Watched;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, SessionKey};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use std::os::unix::fs::PermissionsExt;

const SIZE: (u16, u16) = (100, 60);

#[test]
fn every_list_shows_the_whole_row_as_fields_and_as_json() {
    let exchange = night();
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    office.submit_job(&JobSettings::new(NOW), "m.jansen").expect("submitted");
    exchange.script_at_head_office(
        "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, outcome, run_id)
         values (1, 'Nightly', '', 'm.jansen', 1, 'ended', 1)",
    );
    let key =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".into() };
    let screens = [
        (Route::Sessions(Direction::Download, "session:1084971".into()), "session_number", "1084971"),
        (Route::Session(key), "messages.1.status", "apply_failed"),
        (Route::Messages("session:1084971".into()), "message_guid", "00000000"),
        (Route::Errors, "channel_databases", "3"),
        (Route::Runs, "purged.message_database", "–"),
        (Route::Watch(Watched::Run(1)), "read", "96"),
        (Route::Rejected, "rejected_id", "1"),
        (Route::Connections, "usual_gap_ms", ""),
        (Route::BatchJobs(JobScope::All), "job_id", "1"),
        (Route::BatchHistory(String::new()), "history_id", "1"),
    ];
    let mut faults = Vec::new();
    for (route, field, value) in screens {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        let before = console.text(SIZE);
        let fields = console.press(&[Key::Char('o')]).text(SIZE);
        let has = |line: &str| line.contains(&format!("║ {field} ")) && line.contains(value);
        let json = console.press(&[Key::Tab]).text(SIZE);
        let name = field.rsplit('.').next().expect("a name");
        let closed = console.press(&[Key::Esc]).text(SIZE);
        if !fields.lines().any(has) || !json.contains(&format!("\"{name}\": ")) || closed != before {
            faults.push(format!("{route:?}\n{fields}\n{json}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn find_marks_a_line_of_the_record() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Messages("session:1084971".into()));
    let typed: Vec<_> = "o/data_path".chars().map(Key::Char).chain([Key::Enter]).collect();
    let text = console.press(&typed).text((80, 24));
    assert!(text.contains("Find: data_path") && text.contains("║ data_path"), "{text}");
    assert!(text.contains("n next  | pager  Esc close"), "{text}");
    let text = console.press(&"/zebra".chars().map(Key::Char).chain([Key::Enter]).collect::<Vec<_>>()).text((80, 24));
    assert!(text.contains("no line contains \"zebra\""), "{text}");
}

/// An exchange with a hostile error text, and a configuration with this pager.
fn with_pager(pager: &str) -> Exchange {
    let exchange = Exchange::new();
    let evil = "evil \u{1b}[31m\u{202e}\u{9b}1m".to_owned();
    exchange.post(&[NewMessage { message: Some(evil), ..download(1, 7, "S0001", APPLY_FAILED) }]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let folder = exchange.folder().join(".config/cdx");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("config.toml"), format!("pager = '{pager}'\n")).expect("written");
    exchange
}

#[test]
fn the_pager_has_the_terminal_and_its_keys_until_it_ends() {
    let exchange = with_pager("~/pager.sh --of-mine");
    let script = exchange.folder().join("pager.sh");
    // An interrupt may end a read of the shell. A pager that ends at once would leave a question.
    let text = "#!/bin/sh\ncd ~\ntrap 'echo INTERRUPTED' INT\ncat > paged.txt\necho THE PAGER $1\n\
                until read line < /dev/tty && [ \"$line\" ]; do :; done\nsleep 1\necho \"$line\" > line.txt\n";
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention").press("6").shows("Apply failed").press("o").shows("message_guid");
    console.press("|").shows("THE PAGER --of-mine");
    assert!(!console.is_taken() && !console.is_raw(), "{}", console.screen());
    let paged = std::fs::read_to_string(exchange.folder().join("paged.txt")).expect("the text");
    assert!(paged.contains("channel_database") && paged.contains("evil <1B>[31m<U+202E><9B>1m"), "{paged}");
    assert!(paged.chars().all(|c| c == '\n' || !c.is_control()), "{paged:?}");
    // A quit key is the pager's, and so is an interrupt.
    console.press("q\u{3}").shows("INTERRUPTED").press("quit\r");
    console.until("the console is back", |screen| screen.contains("message_guid"));
    assert!(console.is_taken() && console.is_raw(), "{}", console.screen());
    let line = std::fs::read_to_string(exchange.folder().join("line.txt")).expect("the line");
    assert_eq!(line, "quit\n");
    console.press("\u{1b}").until("the box is closed", |screen| !screen.contains("message_guid")).press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_pager_that_ends_at_once_leaves_its_text_until_a_key_is_pressed() {
    let exchange = with_pager("cat");
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention").press("6").shows("Apply failed").press("o").shows("message_guid");
    console.press("|").shows("[Enter returns to cdx]");
    assert!(!console.is_taken(), "{}", console.screen());
    console.press("\r").until("the console is back", |screen| screen.contains("| pager"));
    console.press("q").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_pager_can_be_missing_or_turned_off() {
    let exchange = with_pager("no-such-pager");
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention").press("6").shows("Apply failed").press("o").shows("message_guid");
    console.press("|").shows("the pager could not be run: its command ended with code 127");
    console.press("q").press("q");
    assert_eq!(console.ends(), 0);
    let exchange = with_pager("none");
    let mut console = Terminal::open(exchange.folder(), (80, 24), &[]);
    console.shows("Needs attention").press("6").shows("Apply failed").press("o").shows("message_guid");
    console.press("|").shows("There is no pager: the configuration has pager = \"none\".");
    console.press("q").press("q");
    assert_eq!(console.ends(), 0);
}
