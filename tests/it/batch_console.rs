//! The batch forms of the real program in a pseudo-terminal, with a real batch server.

use crate::batch::server;
use crate::support::child::Running;
use crate::support::mail::{Behavior, MailServer};
use crate::support::messages::applied_sessions;
use crate::support::terminal::Terminal;
use crate::support::{Exchange, Ran, TIMEOUT, foreign, ran, wait_until};

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
    console.press(" ").shows("Creates a batch job").press("\t").shows("Enter opens the form");
    console.press(ENTER).shows("Quick entry").press("15m wd").shows("√ understood");
    console.press(ENTER).press(ENTER).shows("every 15 minutes on weekdays").shows("on aos-1: window open, 8 threads");
    console.shows("Scheduled start: the day").press(ENTER).shows("OK submits the job").press(ENTER);
    console.shows("Batch job 1 submitted, first start").press("7").shows("○ Waiting").shows("Not due before");
    // Make it due.
    let due = "update batch_job set next_start = changed_at - 1000, due_at = changed_at - 1000";
    foreign(&exchange.head_office()).execute(due, []).expect("it is due");
    wait_until("the job has run", || exchange.at_head_office("select last_outcome from batch_job") == ["ended"]);
    console.press("\u{12}").shows("Its last run: Ended").press("r").shows("Its history");
    console.press(ENTER).shows("Batch job history of").shows("√ Ended");
    console.shows("Try 1 on aos-1").press("\u{1b}").shows("Why is it not running?");
    console.press("a").shows("Change status").press("s").shows("New status of job 1").press("w").shows("Reason");
    console.press("AOS patch\r").shows("to Withhold?").press("y").shows("■ Withhold").shows("\"AOS patch\"");
    console.press("a").shows("Change status").press("s").shows("New status of job 1").press("r").shows("Reason");
    console.press(ENTER).shows("to Waiting?").press("y").shows("○ Waiting");
    console.press("a").shows("Delete…").press("d").shows("Delete job 1").press("y").shows("There is no batch job.");
    console.press("q");
    assert_eq!(console.ends(), 0);
    assert!(is_transferred(&exchange));
    let journal = exchange.at_head_office("select operator, action from operator_journal order by entry_id");
    let expected = ["submit batch job", "change status", "change status", "delete batch job"];
    assert_eq!(journal, expected.map(|action| format!("r.vermeer|{action}")));
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn a_job_of_a_named_group_every_15_minutes_on_weekdays_takes_twelve_keys() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["batch", "group", "NIGHT"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention");
    let pressed = [
        ("m", "Process status messages"),
        (ENTER, "What OK will do"),
        (PAGE_DOWN, "Runs once, now"),
        (" ", "Batch group: which batch servers"),
        (" ", "[NIGHT"),
        ("\t", "Recurrence: how often"),
        (ENTER, "Space offers common ones"),
        (" ", "√ understood"),
        (ENTER, "Enter: use this recurrence"),
        (ENTER, "Scheduled start: the day"),
        (ENTER, "OK submits the job"),
        (ENTER, "Batch job 1 submitted"),
    ];
    assert!(pressed.len() <= 12);
    for (key, shown) in pressed {
        console.press(key).shows(shown);
    }
    console.press("q");
    assert_eq!(console.ends(), 0);
    let jobs = exchange.cdx(&["batch", "jobs"]).exits(0).stdout;
    assert!(jobs.contains("NIGHT") && jobs.contains("every 15 minutes on weekdays"), "{jobs}");
}

#[test]
fn ok_runs_on_the_running_batch_server_and_shows_its_progress() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let server = server(&exchange, "aos-1");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("p").shows("On aos-1").press(ENTER).shows("√ Ended").shows("150 read");
    console.press("\u{1b}").shows("Needs attention").press("q");
    assert_eq!(console.ends(), 0);
    let runs = exchange.at_head_office("select trigger, requested_by, outcome from run");
    assert_eq!(runs, ["console|r.vermeer|ended"]);
    assert_eq!(exchange.at_head_office("select server, outcome from batch_job_history"), ["aos-1|ended"]);
    assert_eq!(exchange.count("batch_job"), 0, "a requested run is deleted when it ends");
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn quitting_or_disconnecting_hands_the_run_to_the_batch_server() {
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
fn a_private_job_runs_only_in_its_creators_console_and_is_reclaimed_from_a_crashed_one() {
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
        .shows("Run job 1 Mine in this console?")
        .press("y")
        .shows("√ Ended");
    let runs = "select trigger, requested_by, outcome, job_id from run";
    assert_eq!(exchange.at_head_office(runs), ["batch_job|r.vermeer|ended|1"]);
    let history = "select server, outcome from batch_job_history";
    wait_until("its end is written", || exchange.at_head_office(history) == ["console of r.vermeer|ended"]);
    assert_eq!(exchange.at_head_office("select status from batch_job"), ["4"], "it runs once");
    // As if the console had crashed during its run.
    let killed = "update batch_job set status = 2, claim_server = 'console of r.vermeer', claim_login = 'r.vermeer', claim_incarnation = 'x', claim_since = 1,
        claim_run_id = null, claim_history_id = 1, next_start = changed_at, tries = 1";
    foreign(&exchange.head_office()).execute(killed, []).expect("it is so");
    console.press("\u{1b}").shows("● Executing").press("a").shows("Run here now");
    console.press("g").shows("Run job 1 Mine in this console?").press("y");
    wait_until("it ran again", || exchange.at_head_office(&format!("{runs} where run_id = 2")).len() == 1);
    wait_until("its end is written", || exchange.at_head_office("select status from batch_job") == ["4"]);
    console.press("q");
    assert_eq!(console.ends(), 0);
    server.signal("TERM");
    server.finish().exits(0);
}

/// Runs a command as the console's operator.
fn as_operator(exchange: &Exchange, args: &[&str]) -> Ran {
    ran(exchange.command(args).env("USER", "r.vermeer"))
}

/// Presses Tab until the screen shows `wanted`.
fn tab_to(console: &mut Terminal, wanted: &str) {
    for _ in 0..20 {
        let before = console.screen();
        if before.contains(wanted) {
            return;
        }
        console.press("\t").until("the focus has moved", |screen| screen != before);
    }
    panic!("no field shows {wanted}:\n{}", console.screen());
}

#[test]
fn without_a_batch_server_a_console_notifies_of_an_overdue_start_and_rings() {
    let exchange = Exchange::new();
    exchange.cdx(&["post", "-"]).exits(0);
    as_operator(&exchange, &["batch", "submit", "--description", "Status, hourly"]).exits(0);
    as_operator(&exchange, &["batch", "alerts", "1", "--not-started", "5"]).exits(0);
    let late = "update batch_job set next_start = next_start - 600000, due_at = due_at - 600000";
    exchange.change_head_office(late);
    std::fs::create_dir_all(exchange.path(".config/cdx")).expect("a folder");
    std::fs::write(exchange.path(".config/cdx/config.toml"), "bell = true\n").expect("written");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").shows("no server");
    console.shows("Batch job 1 Status, hourly: did not start").shows("1 new (!)");
    wait_until("it rings", || console.bytes().contains(&7));
    console.press("!").shows("Not started").shows("no batch server serves the default group");
    console.press("\u{1b}").shows("Needs attention").until("it is read", |screen| !screen.contains("new (!)"));
    assert_eq!(exchange.at_head_office("select count(*) from notification"), ["1"], "it is notified once");
    console.press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn alerts_are_set_and_tested_in_their_form_which_says_when_one_last_arrived() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let mail = MailServer::start(Behavior::Accepts { after: 0 });
    let text = format!(
        "smtp_host = '127.0.0.1'\nsmtp_port = {}\nsmtp_security = 'none'\nsmtp_from = 'cdx@hq.example'\n",
        mail.port
    );
    std::fs::write(exchange.path("server.toml"), text).expect("written");
    as_operator(&exchange, &["batch", "submit", "--start", "2099-01-01T00:00:00Z"]).exits(0);
    let config = exchange.path("server.toml").display().to_string();
    let server = Running::start(&mut exchange.command(&["--config", &config, "batch-server", "--name", "aos-1"]));
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("7").shows("○ Waiting").press("a").shows("Alerts").press("t");
    console.shows("Whether it works");
    tab_to(&mut console, "►[ ]◄ Error");
    console.press(" ").shows("►[x]◄ Error");
    tab_to(&mut console, "►[ ]◄ E-mail");
    console
        .press(" ")
        .shows("►[x]◄ E-mail")
        .shows("nothing delivered yet")
        .press("\t")
        .press("ops@hq.example")
        .shows("ops@hq.example");
    tab_to(&mut console, "►[ Send a test ]◄");
    console.press(ENTER).shows("A test is being sent");
    let sent = mail.mails.recv_timeout(TIMEOUT).expect("a mail");
    assert!(sent.contains("To: ops@hq.example") && sent.contains("Test of the alerts of batch job 1"), "{sent}");
    console.until("the form says when it arrived", |screen| {
        screen.lines().any(|line| line.starts_with(" E-mail") && line.contains("last delivered"))
    });
    tab_to(&mut console, "►[   OK   ]◄");
    console.press(ENTER).shows("Alerts of batch job 1: error: pop-up, e-mail");
    assert_eq!(
        exchange.at_head_office("select operator, on_error, email from batch_alert"),
        ["r.vermeer|1|ops@hq.example"]
    );
    console.press("q");
    assert_eq!(console.ends(), 0);
    server.signal("TERM");
    server.finish().exits(0);
}

#[test]
fn history_shows_the_log_of_a_run_and_the_reason_of_a_skipped_start() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    // Rare enough that no further run starts during the test.
    let rule = r#"{"start":"2026-01-01T00:00","time_zone":"UTC","pattern":{"unit":"minutes","every":30},"end":{"never":true}}"#;
    std::fs::write(exchange.path("rule.json"), rule).expect("written");
    let path = exchange.path("rule.json").display().to_string();
    as_operator(&exchange, &["batch", "submit", "--rule", &path, "--no-purge"]).exits(0);
    // As if no server had been running for an hour.
    exchange.change_head_office("update batch_job set next_start = next_start - 3600000, due_at = due_at - 3600000");
    let server = server(&exchange, "aos-1");
    wait_until("the late run has ended", || {
        exchange.at_head_office("select count(*) from batch_job_history where outcome = 'ended'") == ["1"]
    });
    server.signal("TERM");
    server.finish().exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("8").shows("√ Ended").shows("missed");
    console.shows("Infolog for job 1").shows("Try 1 on aos-1").shows("150 read = 150 inserted");
    console.press(ENTER).until("the log has the screen", |screen| !screen.contains("Scheduled"));
    console.press("\u{1b}").shows("Scheduled").press("j").shows("No run: no batch server was running before");
    console.press("w").shows("missed: no batch server was running before");
    console.press("q");
    assert_eq!(console.ends(), 0);
}

/// The screens of docs/batch-server.md, with digits normalized.
fn documented_screens() -> Vec<Vec<String>> {
    let page = include_str!("../../docs/batch-server.md");
    // Blocks with a language are commands.
    let blocks = page.split("```").skip(1).step_by(2).filter(|block| block.starts_with('\n'));
    blocks.map(|block| block.lines().skip(1).map(normalized).collect()).collect()
}

/// Removes trailing blanks and normalizes digits.
fn normalized(line: &str) -> String {
    let mut text = String::new();
    for c in line.trim_end().chars() {
        match c {
            c if c.is_ascii_digit() && text.ends_with('#') => {}
            c if c.is_ascii_digit() => text.push('#'),
            c => text.push(c),
        }
    }
    text
}

#[test]
fn the_documented_screens_match_the_console() {
    let screens = documented_screens();
    assert_eq!(screens.len(), 3, "the form, the jobs, the history");
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..50));
    let server = server(&exchange, "aos-1");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    let same = |console: &mut Terminal, lines: &[&String]| {
        assert!(lines.len() > 3, "{lines:?}");
        for line in lines {
            console.until(line, |screen| screen.lines().any(|shown| normalized(shown) == **line));
        }
    };
    // Every line of the form except the preview, which depends on the day.
    console.shows("Needs attention").press("p").shows("On aos-1").press(PAGE_DOWN).shows("Runs once, now").press(" ");
    console.shows("Batch group: which").press("\t").shows("Enter opens the form").press(ENTER).shows("Quick entry");
    console.press("15m wd").shows("√ understood").press(ENTER).press(ENTER).shows("every 15 minutes on weekdays");
    console.press(ENTER).shows("OK submits the job");
    let form: Vec<_> = screens[0][2..].iter().take_while(|line| !line.starts_with(" First start")).collect();
    same(&mut console, &form);
    console.press(ENTER).shows("Batch job 1 submitted");
    let due = "update batch_job set next_start = changed_at - 1000, due_at = changed_at - 1000";
    foreign(&exchange.head_office()).execute(due, []).expect("it is due");
    wait_until("the job has run", || exchange.at_head_office("select last_outcome from batch_job") == ["ended"]);
    console.press("7").shows("Its last run: Ended");
    let why: Vec<_> = screens[1].iter().filter(|line| line.contains('√') && !line.contains("Waiting  ")).collect();
    let why: Vec<_> = why.into_iter().filter(|line| !line.contains("Its last run") && !line.starts_with('►')).collect();
    same(&mut console, &why);
    console.press("8").shows("√ Ended");
    let log = screens[2]
        .iter()
        .skip_while(|line| !line.starts_with(" Infolog"))
        .take_while(|line| !line.contains(" ended: "));
    same(&mut console, &log.collect::<Vec<_>>());
    console.press("q");
    assert_eq!(console.ends(), 0);
    server.signal("TERM");
    server.finish().exits(0);
}
