//! `cdx --plain`: transcripts of the journeys through pipes, on the real program.

use crate::support::messages::{APPLY_FAILED, download};
use crate::support::{Exchange, Ran};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

/// Runs the plain mode with these lines as input.
fn plain(exchange: &Exchange, lines: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = exchange.command(&["--plain"]);
    command.env("TZ", "UTC").env("USER", "r.vermeer").envs(environment.iter().copied());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input: String = lines.iter().flat_map(|line| [*line, "\n"]).collect();
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the input is read");
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("it is UTF-8");
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("it is UTF-8");
    let code = child.wait().expect("it ends").code().unwrap_or(-1);
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
    assert!(is_plain(&stdout) && is_plain(&stderr), "control characters: {stdout:?} {stderr:?}");
    Ran { code, stdout, stderr }
}

/// Fails unless these texts are in the transcript, in this order.
#[track_caller]
fn reads(ran: &Ran, texts: &[&str]) {
    let mut rest = ran.stdout.as_str();
    for text in texts {
        let (_, after) = rest.split_once(text).unwrap_or_else(|| panic!("{text:?} is not in\n{rest}"));
        rest = after;
    }
}

fn failed() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "LON1", APPLY_FAILED), download(2, 8, "AMS1", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange
}

#[test]
fn an_error_leads_to_its_session_which_is_canceled_and_undone() {
    let exchange = failed();
    let lines = ["1", "1", "1", "2", "", "ticket 4711", "maybe", "yes", "u", "1", "yes", "q"];
    let ran = plain(&exchange, &lines, &[("TERM", "dumb")]).exits(0);
    reads(
        &ran,
        &[
            "Exchange console in plain mode: r.vermeer on ",
            "Main menu.\n1. Recent errors\n2. State, and process status messages\n3. Set up a batch job\n0. Quit\n",
            "Type a number, u to undo a change, or q to quit:\n",
            "Recent errors: 1 cause.\n1. ",
            "2 open sessions, 2 databases, last at ",
            "Open sessions: 2.\n1. download session ",
            "Apply failed since ",
            "What is to be done?\n1. Rerun\n2. Cancel\n0. Back\n",
            "Reason, for the agents and the journal. 0 goes back:\nThis must not be empty.\nReason, for the agents and the journal. 0 goes back:\n",
            "Cancel download session ",
            "\"maybe\" is neither. Type yes or no:\n",
            "1 session canceled, journal row 1; u undoes 1 until an agent takes them\n",
            "Undo which change?\n1. cancel session, download ",
            "1 session undone",
            "Main menu.",
        ],
    );
    let journal = exchange.at_head_office("select action, operator, reason from operator_journal order by entry_id");
    assert_eq!(journal[0], "cancel session|r.vermeer|ticket 4711");
    assert!(journal[1].starts_with("undo session|r.vermeer"), "{journal:?}");
}

#[test]
fn a_change_is_undone_from_the_main_menu_too() {
    let exchange = failed();
    let lines = [
        "u",
        "1",
        "1",
        "1",
        "2",
        "0",
        "2",
        "ticket 4711",
        "yes",
        "0",
        "0",
        "0",
        "u",
        "1",
        "yes",
        "3",
        "0",
        "3",
        "Night",
        "q",
    ];
    let ran = plain(&exchange, &lines, &[("TERM", "dumb")]).exits(0);
    let first = "There is nothing to undo.\nMain menu.";
    reads(&ran, &[first, "1 session canceled", "Undo which change?", "1 session undone", "Main menu."]);
}

#[test]
fn the_state_is_read_out_and_a_run_made_with_its_progress() {
    let exchange = failed();
    exchange.post(&[download(3, 9, "LON1", APPLY_FAILED)]);
    let ran = plain(&exchange, &["2", "2", "yes", "0", "0"], &[]).exits(0);
    reads(
        &ran,
        &[
            "Status as of: ",
            "Messages waiting: 1\n",
            "Open sessions: 2\n",
            "Downloads failed: 2\n",
            "1. Process status messages now: transfer, then purge\n2. Only transfer\n3. Only purge\n0. Back\n",
            "Only transfer? Type yes or no:\n",
            "Run 2 has started. Control C stops it.\nTransfer.\n",
            "Run 2 ended: 1 read = 1 inserted",
            "Messages waiting: 0\n",
            "Main menu.",
        ],
    );
}

#[test]
fn the_first_transfer_of_messages_of_another_head_office_is_asked_for() {
    let (exchange, other) = (failed(), failed());
    let messages = other.message_url();
    let environment = [("CDX_MESSAGE_DATABASE", messages.as_str())];
    let asked = "What is transferred stays here. Type transfer to go on, anything else to go back:\n";
    let ran = plain(&exchange, &["2", "2", "yes", "yes", "2", "yes", "transfer", "0", "0"], &environment).exits(0);
    reads(&ran, &["which has never read it.\n", asked, "Nothing was transferred.\n", asked, "Run 2 ended: 2 read"]);
    // A head office that would be created is most likely a mistyped name.
    let new = format!("sqlite:{}", exchange.path("new.db").display());
    let environment = [("CDX_MESSAGE_DATABASE", messages.as_str()), ("CDX_HEAD_OFFICE", new.as_str())];
    let ran = plain(&exchange, &["2", "2", "yes", "no", "0", "0"], &environment).exits(0);
    reads(&ran, &["This head office does not exist yet.\n", asked, "Nothing was transferred.\n"]);
    assert!(!exchange.path("new.db").exists());
}

#[test]
fn a_head_office_moved_away_meanwhile_is_not_created_again() {
    let exchange = failed();
    let mut command = exchange.command(&["--plain"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while !line.starts_with("Main menu.") {
        line.clear();
        assert!(output.read_line(&mut line).expect("it is UTF-8") > 0, "no menu");
    }
    std::fs::rename(exchange.head_office(), exchange.path("elsewhere.db")).expect("moved");
    child.stdin.take().expect("a pipe").write_all(b"2\n2\nyes\n0\n0\n").expect("the input is read");
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("it is UTF-8");
    assert!(rest.contains("Not run: head office does not exist; put it back"), "{rest}");
    assert!(child.wait().expect("it ends").success() && !exchange.head_office().exists());
}

#[test]
fn a_batch_job_is_set_up_with_group_and_recurrence() {
    let exchange = failed();
    exchange.cdx(&["batch", "group", "NIGHT", "--description", "At night"]).exits(0);
    let lines = ["3", "Night", "yes", "1", "2", "dayly", "daily 06:00", "yes", "q"];
    let ran = plain(&exchange, &lines, &[]).exits(0);
    reads(
        &ran,
        &[
            "Description, or Enter for Process status messages. 0 goes back:\n",
            "Batch processing, by a batch server? Type yes or no:\n",
            "What does the job do?\n1. Transfer, then purge\n",
            "Batch group.\n1. Default group\n2. NIGHT: At night\n0. Back\n",
            "Recurrence, such as 15m, daily 06:00 or weekdays 02:00. Enter for none. 0 goes back:\n",
            "Type it again, or Enter for none. 0 goes back:\n",
            "Night: Transfer, then purge, in NIGHT, ",
            "Next start: ",
            "OK? Type yes or no:\n",
            "The batch job was submitted, first start ",
        ],
    );
    let jobs = exchange.at_head_office("select description, batch_group, transfer, purge from batch_job");
    assert_eq!(jobs, ["Night|NIGHT|1|1"]);
}

#[test]
fn wrong_input_is_asked_again_and_the_end_of_input_ends_it() {
    let exchange = failed();
    let ran = plain(&exchange, &["7", "\u{1b}[31m", "1"], &[]).exits(0);
    reads(
        &ran,
        &[
            "\"7\" is not a choice. Type a number from 0 to 3, u or q:\n",
            "is not a choice",
            "Recent errors",
            "End of input.\n",
        ],
    );
    let ran = plain(&exchange, &["3", "x", "yes", "0", "0"], &[]).exits(0);
    assert_eq!(exchange.at_head_office("select count(*) from batch_job"), ["0"], "{ran:?}");
}

#[test]
fn a_guardrail_asks_and_refuses_in_plain_mode_too() {
    let exchange = failed();
    let rules = "[[guardrail]]\naction = 'cancel session'\nconfirm = 'typed count'\nsentence = 'Call the store'\n\
                 [[guardrail]]\naction = 'process status messages'\ndeny = true\nsentence = 'The servers do it'\n";
    std::fs::write(exchange.path("config.toml"), rules).expect("written");
    let config = exchange.path("config.toml").display().to_string();
    let lines = ["1", "1", "1", "2", "ticket", "yes", "one", "1", "0", "0", "0", "2", "1", "yes", "q"];
    let ran = plain(&exchange, &lines, &[("CDX_CONFIG", &config)]).exits(0);
    reads(
        &ran,
        &[
            "A guardrail is about this: Call the store.\nHow many rows does this change? Type the number. 0 goes back:\n",
            "That is no number.",
            "1 session canceled",
            "Not run: process status messages refused: The servers do it",
        ],
    );
}

#[test]
fn plain_mode_only_reads_if_the_console_is_read_only() {
    let exchange = failed();
    let mut command = exchange.command(&["--plain", "--read-only"]);
    let input = exchange.path("input");
    std::fs::write(&input, "3\n2\n1\nq\n").expect("written");
    command.stdin(std::fs::File::open(input).expect("a file"));
    let ran = crate::support::ran(&mut command).exits(0);
    reads(&ran, &["This is read-only: read_only is set.", "This is read-only"]);
}
