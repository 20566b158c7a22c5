//! The batch forms through the real program in a pseudo-terminal, beside a real batch server.

use crate::batch::server;
use crate::support::messages::applied_sessions;
use crate::support::terminal::Terminal;
use crate::support::{Exchange, foreign, wait_until};

const SIZE: (u16, u16) = (80, 24);
const ENTER: &str = "\r";
const PAGE_DOWN: &str = "\u{1b}[6~";
const BACK_TAB: &str = "\u{1b}[Z";

fn is_transferred(exchange: &Exchange) -> bool {
    let posted = exchange.posted("select count(*) from status_message");
    exchange.at_head_office("select count(*) from status_message") == posted
}

#[test]
fn every_15_minutes_on_weekdays_is_submitted_runs_is_withheld_released_and_deleted() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let server = server(&exchange, "aos-1");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("p").shows("On aos-1").press(PAGE_DOWN).shows("Runs once, now");
    // Thirteen keys from the prompt: p PgDn Space Enter, six letters, Enter Enter Enter.
    console.press(" ").shows("Submits one batch job").shows("Enter opens the form");
    console.press(ENTER).shows("Quick entry").press("15m wd").shows("√ understood");
    console.press(ENTER).press(ENTER).shows("every 15 minutes on weekdays").shows("on aos-1: window open, 8 threads");
    console.shows("OK submits the job").press(ENTER);
    console.shows("Batch job 1 submitted, first start").press("7").shows("○ Waiting").shows("Not due before");
    // As if its time had come.
    let due = "update batch_job set next_start = changed_at - 1000, due_at = changed_at - 1000";
    foreign(&exchange.head_office()).execute(due, []).expect("it is due");
    wait_until("the job has run", || exchange.at_head_office("select last_outcome from batch_job") == ["ended"]);
    console.press("\u{12}").shows("Its last run: Ended").press("r").shows("Batch job history of").shows("√ Ended");
    console.shows("Try 1 on aos-1").press("\u{1b}").shows("Why is it not running?");
    console.press("a").shows("Change status").press("s").shows("New status of 1").press("w").shows("Reason");
    console.press("AOS patch\r").shows("to Withhold?").press("y").shows("■ Withhold").shows("\"AOS patch\"");
    console.press("a").shows("Change status").press("s").shows("New status of 1").press("r").shows("Reason");
    console.press(ENTER).shows("to Waiting?").press("y").shows("○ Waiting");
    console.press("a").shows("Delete…").press("d").shows("Delete 1").press("y").shows("There is no batch job.");
    console.press("q");
    assert_eq!(console.ends().0, 0);
    assert!(is_transferred(&exchange));
    let journal = exchange.at_head_office("select operator, action from operator_journal order by entry_id");
    let expected = ["submit batch job", "change status", "change status", "delete batch job"];
    assert_eq!(journal, expected.map(|action| format!("r.vermeer|{action}")));
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn ok_runs_on_the_batch_server_that_lives_and_is_watched_from_here() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let server = server(&exchange, "aos-1");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("p").shows("On aos-1").press(ENTER).shows("√ Ended").shows("150 read");
    console.press("\u{1b}").shows("Needs attention").press("q");
    assert_eq!(console.ends().0, 0);
    let runs = exchange.at_head_office("select trigger, requested_by, outcome from run");
    assert_eq!(runs, ["console|r.vermeer|ended"]);
    assert_eq!(exchange.at_head_office("select server, outcome from batch_job_history"), ["aos-1|ended"]);
    assert_eq!(exchange.count("batch_job"), 0, "a run that was asked for goes with its end");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn whoever_quits_or_is_cut_off_hands_the_run_to_the_batch_server() {
    for end in ["b", "TERM", "hang up"] {
        let exchange = Exchange::new();
        exchange.post_days_ago(1, &applied_sessions(1, 0..60_000));
        let server = server(&exchange, "aos-1");
        let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
        console.shows("Needs attention").press("p").shows("On aos-1").press(BACK_TAB).press(" ").shows("►(•)◄In this");
        console.press(ENTER).press(ENTER).shows("1 Transfer");
        match end {
            "b" => drop(console.press("q").shows("Hand it to batch server aos-1").press("b")),
            "TERM" => console.signal("TERM"),
            _ => console.hang_up(),
        }
        console.ends();
        wait_until("the batch server has brought the rest", || is_transferred(&exchange));
        let outcomes = "select outcome from run order by run_id";
        wait_until("its run has ended", || exchange.at_head_office(outcomes) == ["interrupted", "ended"]);
        server.signal("TERM");
        server.finish().exits(0);
    }
}

#[test]
fn a_private_job_runs_only_here_by_its_creator_and_is_taken_back_from_a_console_that_died() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let server = server(&exchange, "aos-1");
    let submit = ["batch", "submit", "--private", "--description", "Mine"];
    let submitted = exchange.command(&submit).env("USER", "r.vermeer").output().expect("it runs");
    assert!(submitted.status.success(), "{submitted:?}");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press(":mbj\r").shows("× Private: it runs only from My batch jobs");
    console
        .press("a")
        .shows("Run here now")
        .press("g")
        .shows("Run 1 Mine in this console?")
        .press("y")
        .shows("√ Ended");
    let runs = "select trigger, requested_by, outcome, job_id from run";
    assert_eq!(exchange.at_head_office(runs), ["batch_job|r.vermeer|ended|1"]);
    let history = "select server, outcome from batch_job_history";
    wait_until("its end is written", || exchange.at_head_office(history) == ["console of r.vermeer|ended"]);
    assert_eq!(exchange.at_head_office("select status from batch_job"), ["4"], "it was for once");
    // As if the console had died in the middle of it.
    let died = "update batch_job set status = 2, claim_server = 'console of r.vermeer', claim_incarnation = 'console x', claim_since = 1,
        claim_run_id = null, claim_history_id = 1, next_start = changed_at, tries = 1";
    foreign(&exchange.head_office()).execute(died, []).expect("it is so");
    console.press("\u{1b}").shows("● Executing").press("a").shows("Run here now");
    console.press("g").shows("Run 1 Mine in this console?").press("y");
    wait_until("it ran again", || exchange.at_head_office(&format!("{runs} where run_id = 2")).len() == 1);
    wait_until("its end is written", || exchange.at_head_office("select status from batch_job") == ["4"]);
    console.press("q");
    assert_eq!(console.ends().0, 0);
    server.signal("TERM");
    server.finish().exits(0);
}
