//! Guardrails and roles: what they refuse is refused in each command and screen, and journaled.

use crate::screens::{COLOR, NOW, TestConsole, fits, look, night};
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download};
use crate::support::{Exchange, Ran, ran};
use cdx_console::batch::{JobSettings, PurgeConsent};
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::config::{Config, Flags, ProcessEnvironment};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::backend::console_run::ConsoleRun;
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::mutation::{BatchMutation, Mutation};
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;
use cdx_console::engine::{Databases, RunEvent, preview};
use cdx_console::guard::{Action, Attempt, Authority, Consent};
use cdx_console::recurrence::Rule;
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (100, 24);

/// An exchange with failed sessions, processed before it got guardrails.
pub fn failed() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "LON1", APPLY_FAILED), download(2, 8, "AMS1", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange
}

pub fn configure(exchange: &Exchange, text: &str) {
    std::fs::write(exchange.path("config.toml"), text).expect("written");
}

/// Runs a command of this operator with the configuration; at a server, by a login of its own.
pub fn by(exchange: &Exchange, operator: &str, args: &[&str]) -> Ran {
    let mut command = exchange.command(args);
    if exchange.is_office_served() && ["m.jansen", "r.vermeer"].contains(&operator) {
        let create = format!("create role \"{operator}\" superuser login");
        // Another test may have created it.
        let script = format!("do $$ begin {create}; exception when others then null; end $$");
        exchange.script_at_head_office(&script);
        command.env("CDX_HEAD_OFFICE", exchange.served_office().url(operator));
    }
    ran(command.env("USER", operator).env("CDX_CONFIG", exchange.path("config.toml")))
}

pub fn journal(exchange: &Exchange) -> Vec<String> {
    exchange.at_head_office("select action || ', ' || object || ', ' || result from operator_journal order by entry_id")
}

/// The databases with the rules of the configuration, as the console has them.
pub fn guarded(exchange: &Exchange) -> Databases {
    let flags = Flags { config: Some(exchange.path("config.toml")), ..Flags::default() };
    let rules = Config::load(&flags, &ProcessEnvironment).expect("a valid configuration").rules;
    Databases { authority: Authority { rules, consent: Consent::default() }, ..exchange.databases() }
}

#[test]
fn a_denied_action_is_refused_within_its_scope_and_journaled() {
    let exchange = failed();
    configure(
        &exchange,
        "[[guardrail]]\naction = 'cancel session'\nscope = 'store:LON*'\ndeny = true\nsentence = 'London is being audited.'\n",
    );
    let cancel =
        |number| by(&exchange, "r.vermeer", &["session", "cancel", "download", number, "--reason", "ticket 1"]);
    cancel("7").exits(1).says("cancel session refused: London is being audited; only a change of the guardrail");
    cancel("8").exits(0);
    assert_eq!(
        journal(&exchange),
        ["cancel session, download 7 LON1, refused", "cancel session, download 8 AMS1, done"]
    );
    assert_eq!(exchange.posted("select count(*) from session_request"), ["1"], "no agent was asked");
    for filter in ["store:LON1", "what:\"cancel session\" result:refused", "session:7"] {
        let found = exchange.cdx(&["journal", "--json", "--filter", filter]).exits(0).json_lines();
        assert_eq!((found.len(), &found[0]["result"]), (1, &"refused".into()), "{filter}");
    }
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn a_change_in_a_transaction_is_rolled_back_and_journaled() {
    let exchange = failed();
    configure(
        &exchange,
        "[[guardrail]]\naction = 'set parameter'\ndeny = true\nsentence = 'Legal sets the retention'\n\
         [[guardrail]]\naction = 'delete batch job'\nmax_rows = 1\nsentence = 'One by one'\n\
         [[guardrail]]\naction = 'change status'\nscope = 'group:NIGHT'\nreason = 'required'\nsentence = 'Say why'\n",
    );
    by(&exchange, "r.vermeer", &["parameters", "set", "retention-days", "3"]).exits(1).says("Legal sets the retention");
    assert_eq!(exchange.cdx(&["parameters", "--json"]).json()["retention-days"], 30);
    by(&exchange, "r.vermeer", &["batch", "group", "NIGHT"]).exits(0);
    for group in ["NIGHT", "NIGHT", ""] {
        by(&exchange, "r.vermeer", &["batch", "submit", "--description", "x", "--group", group]).exits(0);
    }
    by(&exchange, "r.vermeer", &["batch", "delete", "1", "2"]).exits(1).says("at most 1 at once, and these are 2");
    assert_eq!(exchange.at_head_office("select count(*) from batch_job"), ["3"]);
    by(&exchange, "r.vermeer", &["batch", "change-status", "1", "withhold"])
        .exits(2)
        .says("Say why; give it with --reason");
    by(&exchange, "r.vermeer", &["batch", "change-status", "1", "withhold", "--reason", "AOS patch"]).exits(0);
    by(&exchange, "r.vermeer", &["batch", "change-status", "3", "withhold"]).exits(0);
    let refused: Vec<_> = journal(&exchange).into_iter().filter(|row| row.ends_with(", refused")).collect();
    assert_eq!(
        refused,
        [
            "set parameter, retention-days, refused",
            "delete batch job, batch jobs 1, 2, refused",
            "change status, batch job 1, refused"
        ]
    );
}

#[test]
fn a_typed_count_must_be_the_number_of_rows() {
    let exchange = failed();
    configure(
        &exchange,
        "[[guardrail]]\naction = 'rerun session'\nconfirm = 'typed count'\nsentence = 'Reruns load the stores'\n",
    );
    let rerun = |more: &[&str]| {
        let args = [&["session", "rerun", "download", "7", "--reason", "disk"], more].concat();
        by(&exchange, "r.vermeer", &args)
    };
    rerun(&[]).exits(2).says("Reruns load the stores; it changes 1: --confirm 1");
    rerun(&["--confirm", "2"]).exits(1).says("2 confirmed, but it changes 1");
    assert_eq!(journal(&exchange), ["rerun session, download 7 LON1, refused"; 2]);
    rerun(&["--confirm", "1"]).exits(0);
}

#[test]
fn a_purge_is_held_by_a_guardrail() {
    let exchange = Exchange::new();
    exchange.post_days_ago(60, &[download(1, 7, "LON1", APPLIED)]);
    configure(&exchange, "[[guardrail]]\naction = 'purge'\nconfirm = 'typed count'\nsentence = 'Count first'\n");
    let run = by(&exchange, "r.vermeer", &["process", "--json"]).exits(0).json();
    assert_eq!(run["purge_held"], true, "{run}");
    assert!(run.to_string().contains("purge held: purge needs a confirmation: Count first"), "{run}");
    by(&exchange, "r.vermeer", &["process", "--confirm-purge", "0"]).exits(1);
    // The count is typed, not guessed.
    let run = by(&exchange, "r.vermeer", &["process", "--json", "--confirm-purge", "999999999999"]).exits(1).json();
    assert_eq!(run["purge_held"], true, "{run}");
    assert!(run.to_string().contains("999,999,999,999 confirmed, but it changes 2: --confirm-purge 2"), "{run}");
    let run = by(&exchange, "r.vermeer", &["process", "--json", "--confirm-purge", "2"]).exits(0).json();
    assert_eq!(run["purge_held"], false, "{run}");
}

/// A confirmation that a guardrail forbids is not advised.
#[test]
fn a_held_purge_says_the_guardrail_before_the_limit() {
    let exchange = Exchange::new();
    exchange.post_days_ago(60, &[download(1, 1, "LON1", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.post_days_ago(60, &applied_sessions(10, 10..610));
    let process = |demand: &str, args: &[&str]| {
        configure(&exchange, &format!("[[guardrail]]\naction = 'purge'\n{demand}\nsentence = 'Stocktaking'\n"));
        by(&exchange, "r.vermeer", &[&["process", "--json"], args].concat()).exits(0).json()
    };
    let run = process("deny = true", &[]).to_string();
    assert!(run.contains("purge held: purge refused: Stocktaking") && !run.contains("--confirm-purge"), "{run}");
    let run = process("max_rows = 10", &[]).to_string();
    assert!(run.contains("have expired: lengthen the retention"), "{run}");
    // Without a guardrail, at most so many are confirmed.
    let run = process("max_rows = 10000", &[]).to_string();
    assert!(run.contains("confirm with --confirm-purge 4200"), "{run}");
    assert_eq!(process("max_rows = 10000", &["--confirm-purge", "5000"])["purge_held"], false);
}

#[test]
fn a_dry_run_names_the_guardrail_that_would_hold_the_purge() {
    let exchange = Exchange::new();
    exchange.post_days_ago(60, &[download(1, 7, "LON1", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let dry_run = |demand: &str| {
        configure(&exchange, &format!("[[guardrail]]\naction = 'purge'\n{demand}\nsentence = 'Stocktaking'\n"));
        by(&exchange, "r.vermeer", &["process", "--dry-run"]).exits(0).stdout
    };
    let denied = dry_run("deny = true");
    assert!(denied.contains("The purge would be held: purge refused: Stocktaking"), "{denied}");
    assert!(!denied.contains("--confirm-purge"), "{denied}");
    let preview = preview(&guarded(&exchange), &SystemClock, None).expect("it counts");
    assert!(preview.asks().is_none() && preview.forbidding().is_some(), "{preview:?}");
    let counted = dry_run("confirm = 'typed count'");
    assert!(counted.contains("The purge would be held: Stocktaking; allow it with --confirm-purge 2"), "{counted}");
}

#[test]
fn a_schedule_that_a_guardrail_refuses_each_time_is_journaled_once() {
    let exchange = failed();
    configure(&exchange, "[[guardrail]]\naction = 'purge'\nmax_rows = 3\nsentence = 'Slowly'\n");
    let databases = guarded(&exchange);
    let office = HeadOffice::open(&databases.head_office, databases.opening(Access::Existing)).expect("it opens");
    let purge = |job: &str, rows: i64| {
        let attempt = Attempt { rows, is_scheduled: true, ..Attempt::new("r.vermeer", "purge", job) };
        assert_eq!(office.permit(&attempt).is_err(), rows > 3);
    };
    for rows in [4, 5, 3, 6] {
        purge("batch job 1", rows);
    }
    purge("batch job 2", 4);
    assert_eq!(journal(&exchange), ["purge, batch job 1, refused", "purge, batch job 2, refused"]);
}

#[test]
fn a_reason_of_invisible_characters_is_none_and_a_value_that_stays_needs_nothing() {
    let exchange = failed();
    configure(&exchange, "[[guardrail]]\naction = 'set parameter'\nreason = 'required'\nsentence = 'Say why'\n");
    let set = |value: &str, more: &[&str]| {
        by(&exchange, "r.vermeer", &[&["parameters", "set", "retention-days", value], more].concat())
    };
    set("31", &["--reason", "\u{200b}\u{2060} "]).exits(2).says("Say why");
    set("30", &[]).exits(0);
    set("31", &["--reason", "audit"]).exits(0);
}

#[test]
fn a_login_has_a_name_of_limited_length_even_without_an_environment() {
    let exchange = failed();
    configure(&exchange, "");
    let set = |login: &str| by(&exchange, login, &["parameters", "set", "retention-days", "30"]).exits(0);
    set(&"x".repeat(500));
    set("");
    let account = String::from_utf8(std::process::Command::new("id").arg("-un").output().expect("it runs").stdout);
    let names = exchange.at_head_office("select operator from operator_journal order by entry_id");
    assert_eq!(names, ["x".repeat(64), account.expect("text").trim().to_owned()]);
}

/// The form refuses what the run would be refused.
#[test]
fn a_run_that_a_guardrail_denies_is_not_started_in_the_console() {
    let exchange = night();
    configure(&exchange, "[[guardrail]]\naction = 'process status messages'\ndeny = true\nsentence = 'Stocktaking'\n");
    let mut console = TestConsole::open_at(guarded(&exchange), Route::Process, NOW);
    let text = console.text(SIZE);
    assert!(text.contains("! Nothing would run: process status messages refused: Stocktaking"), "{text}");
    console.press(&[Key::Enter]);
    let text = console.text(SIZE);
    assert!(text.contains("nothing was started: process status messages refused: Stocktaking"), "{text}");
    assert!(!console.effects.iter().any(|effect| matches!(effect, RuntimeEffect::Start(_))));
    let dry_run = by(&exchange, "r.vermeer", &["process", "--dry-run"]).exits(0).stdout;
    assert!(dry_run.contains("Nothing would run: process status messages refused: Stocktaking"), "{dry_run}");
}

#[test]
fn a_dry_run_of_a_viewer_writes_nothing() {
    let exchange = failed();
    configure(&exchange, "[roles]\noperator = ['r.vermeer']\n");
    let dry_run = |login: &str| by(&exchange, login, &["process", "--dry-run"]).exits(0).stdout;
    let text = dry_run("ann");
    assert!(text.contains("Without a preview number (ann is viewer; an administrator can change [roles])"), "{text}");
    assert_eq!(exchange.at_head_office("select count(*) from purge_preview"), ["0"]);
    assert!(dry_run("r.vermeer").contains("Preview 1: "));
}

#[test]
fn roles_are_by_login() {
    let exchange = failed();
    configure(&exchange, "[roles]\nadmin = ['m.jansen']\noperator = ['r.vermeer']\n");
    let cancel = ["session", "cancel", "download", "7", "--reason", "ticket 1"];
    let set = ["parameters", "set", "retention-days", "31"];
    by(&exchange, "guest", &cancel).exits(1).says("cancel session refused: guest is viewer, and it needs operator");
    by(&exchange, "guest", &["process"]).exits(1).says("process status messages refused: guest is viewer");
    by(&exchange, "guest", &["sessions", "download"]).exits(0);
    by(&exchange, "guest", &["requests"]).exits(0);
    by(&exchange, "guest", &["requests", "--take", "agent-1"]).exits(1).says("guest is viewer, and it needs operator");
    by(&exchange, "guest", &["post", "/dev/null"]).exits(1).says("post refused: guest is viewer");
    by(&exchange, "r.vermeer", &["post", "/dev/null"]).exits(0);
    by(&exchange, "r.vermeer", &cancel).exits(0);
    by(&exchange, "r.vermeer", &set).exits(1).says("r.vermeer is operator, and it needs admin");
    by(&exchange, "m.jansen", &set).exits(0);
    let shown = by(&exchange, "guest", &["config", "show", "--json"]).exits(0).json();
    assert_eq!(shown["roles"]["value"], "m.jansen admin, r.vermeer operator, others viewer");
}

#[test]
fn the_console_asks_for_what_a_guardrail_demands() {
    let exchange = night();
    configure(
        &exchange,
        "[[guardrail]]\naction = 'mute cause'\nreason = 'required'\nconfirm = 'typed count'\nsentence = 'Mutes hide work'\n",
    );
    // The console asks: what was not answered yet is no refusal.
    let databases = guarded(&exchange).with_consent(Consent { can_ask: true, ..Consent::default() });
    let mut console = TestConsole::open(&exchange, COLOR, Route::Errors);
    let settle = |console: &mut TestConsole| {
        let effects = std::mem::take(&mut console.effects);
        let mutation = effects.into_iter().find_map(|effect| match effect {
            RuntimeEffect::Mutation(mutation) => Some(mutation),
            _ => None,
        });
        let mutation = mutation.expect("a mutation");
        let result = perform(&databases, "r.vermeer", &mutation, &Keymap::default(), &Cancel::new());
        console.settle_input(Input::MutationDone(result));
    };
    let press = |console: &mut TestConsole, text: &str| {
        let keys: Vec<_> = text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect();
        console.press(&keys);
    };
    press(&mut console, "am2036-11-20\n");
    settle(&mut console);
    let text = console.text(SIZE);
    assert!(text.contains("Reason:") && text.contains("Mutes hide work"), "{text}");
    press(&mut console, "vendor patch\n");
    settle(&mut console);
    let text = console.text(SIZE);
    assert!(text.contains("Confirm: mute cause") && text.contains("Mutes hide work"), "{text}");
    press(&mut console, "1\n");
    settle(&mut console);
    let text = console.text(SIZE);
    assert!(text.contains("The cause is muted"), "{text}");
    let reasons = exchange.at_head_office("select action || ': ' || reason from operator_journal");
    assert_eq!(reasons, ["mute cause: vendor patch"]);
}

/// Rules for Process status messages hold for each way in which an operator makes it run once.
#[test]
fn a_guardrail_of_process_status_messages_covers_each_way_to_run_it() {
    let exchange = failed();
    let once = JobSettings::new(NOW);
    let daily = JobSettings { recurrence: Rule::from_words("daily 06:00", NOW, chrono_tz::UTC).ok(), ..once.clone() };
    let rule = |demand: &str| {
        let text = format!("[[guardrail]]\naction = 'process status messages'\n{demand}\nsentence = 'Stocktaking'\n");
        configure(&exchange, &text);
    };
    configure(&exchange, "");
    let perform = |consent: Consent, mutation: BatchMutation| {
        let databases = guarded(&exchange).with_consent(consent);
        let mutation = Mutation::Batch(mutation);
        perform(&databases, "r.vermeer", &mutation, &Keymap::default(), &Cancel::new()).map_err(|error| error.said)
    };
    let submit = |settings: &JobSettings| BatchMutation::Submit(Box::new(settings.clone()), None, String::new());
    perform(Consent::default(), submit(&daily)).expect("submitted");
    let ways = || {
        let request = BatchMutation::AskForRun(Box::new(once.clone()), None, PurgeConsent::default());
        let ended = BatchMutation::Change(1, Box::new(once.clone()), None);
        [
            request,
            BatchMutation::RunOnce(1, Box::new(once.clone())),
            submit(&once),
            BatchMutation::StartNow(1, None),
            ended,
        ]
    };
    rule("deny = true");
    for way in ways() {
        let refused = perform(Consent::default(), way.clone()).expect_err("refused");
        assert!(refused.contains("refused: Stocktaking"), "{way:?}: {refused}");
    }
    by(&exchange, "r.vermeer", &["process"]).exits(1).says("Stocktaking");
    perform(Consent::default(), submit(&daily)).expect("a schedule is another action");
    assert_eq!(exchange.at_head_office("select count(*) from batch_job"), ["2"]);
    rule("reason = 'required'");
    for way in ways() {
        let refused = perform(Consent::default(), way.clone()).expect_err("refused");
        assert!(refused.contains("needs a reason: Stocktaking"), "{way:?}: {refused}");
        let consent = Consent { reason: Some("audit".to_owned()), ..Consent::default() };
        perform(consent, way).expect("with a reason");
    }
}

#[test]
fn a_run_in_the_console_asks_for_what_a_guardrail_demands() {
    let exchange = night();
    configure(
        &exchange,
        "[[guardrail]]\naction = 'process status messages'\nreason = 'required'\nconfirm = 'typed count'\n\
         sentence = 'Stocktaking'\n",
    );
    let databases = guarded(&exchange).with_consent(Consent { can_ask: true, ..Consent::default() });
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    let settle = |console: &mut TestConsole| {
        let effects = std::mem::take(&mut console.effects);
        let request = effects.into_iter().find_map(|effect| match effect {
            RuntimeEffect::Start(request) => Some(request),
            _ => None,
        });
        let (clock, cancel) = (&SystemClock, &Cancel::new());
        let run = ConsoleRun { databases: &databases, operator: "r.vermeer", host: "here", clock, cancel };
        let result = run.perform(&request.expect("a run"), &|_: RunEvent| {});
        console.settle_input(Input::RunEnded(result));
    };
    let press = |console: &mut TestConsole, text: &str| {
        let keys: Vec<_> = text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect();
        console.press(&keys);
    };
    press(&mut console, "\n");
    settle(&mut console);
    let text = console.text(SIZE);
    assert!(text.contains("Reason:") && text.contains("Stocktaking"), "{text}");
    press(&mut console, "month end\n");
    settle(&mut console);
    let text = console.text(SIZE);
    assert!(text.contains("Confirm: process status messages"), "{text}");
    press(&mut console, "1\n");
    settle(&mut console);
    let rows = exchange.at_head_office(
        "select operator || ': ' || action || ', ' || reason || ', ' || result from operator_journal
         where object = (select 'run ' || max(run_id) from run)",
    );
    assert_eq!(rows, ["r.vermeer: process status messages, month end, done"]);
}

#[test]
fn a_run_with_a_reason_and_a_confirmed_purge_are_rows_of_the_journal() {
    let exchange = Exchange::new();
    exchange.post_days_ago(60, &[download(1, 7, "LON1", APPLIED)]);
    configure(&exchange, "");
    by(&exchange, "cron", &["process", "--no-purge"]).exits(0);
    assert_eq!(journal(&exchange), Vec::<String>::new(), "the list of runs has it");
    by(&exchange, "r.vermeer", &["process", "--confirm-purge", "100", "--reason", "audit"]).exits(0);
    by(&exchange, "r.vermeer", &["process", "--confirm-purge", "100"]).exits(0);
    let rows = exchange.at_head_office(
        "select action || ', ' || object || ', ' || detail || ', ' || coalesce(reason, '-')
         from operator_journal order by entry_id",
    );
    assert_eq!(
        rows,
        [
            "process status messages, run 2, transfer and purge, a purge of up to 100 rows confirmed, audit",
            "purge, run 2, 2 rows expired, up to 100 confirmed, audit",
            "process status messages, run 3, transfer and purge, a purge of up to 100 rows confirmed, -",
        ]
    );
    let purges = || exchange.cdx(&["journal", "--json", "--filter", "what:purge"]).exits(0).json_lines().len();
    assert_eq!(purges(), 1);
    // The count that a guardrail asks for confirms a purge, too.
    exchange.post_days_ago(60, &[download(9, 9, "LON1", APPLIED)]);
    configure(&exchange, "[[guardrail]]\naction = 'purge'\nconfirm = 'typed count'\nsentence = 'Look first'\n");
    by(&exchange, "cron", &["process", "--no-purge"]).exits(0);
    let rows =
        by(&exchange, "r.vermeer", &["process", "--dry-run", "--json"]).exits(0).json()["preview"]["rows"].to_string();
    let run = by(&exchange, "r.vermeer", &["process", "--json", "--confirm", &rows]).exits(0).json();
    assert_eq!((&run["purge_held"], purges()), (&serde_json::json!(false), 2), "{run}");
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn the_console_reports_a_refusal() {
    let exchange = night();
    configure(&exchange, "[roles]\ndefault = 'viewer'\n");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    console.press(&[Key::Char('a'), Key::Char('c')]);
    console.press(&"ticket\ny".chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect::<Vec<_>>());
    let effects = std::mem::take(&mut console.effects);
    let mutation = effects.into_iter().find_map(|effect| match effect {
        RuntimeEffect::Mutation(mutation) => Some(mutation),
        _ => None,
    });
    let mutation = mutation.expect("a mutation");
    let refused = perform(&guarded(&exchange), "guest", &mutation, &Keymap::default(), &Cancel::new());
    console.settle_input(Input::MutationDone(refused));
    assert!(console.text(SIZE).contains("guest is viewer"), "{}", console.text(SIZE));
}

const TWO_PERSONS: &str = "[[guardrail]]\naction = 'cancel session'\napprove = 'two persons'\nsentence = 'Cancels lose sales'\n\
     [[guardrail]]\naction = 'mute cause'\napprove = 'two persons'\nsentence = 'Mutes hide work'\n\
     [[guardrail]]\naction = 'submit batch job'\napprove = 'two persons'\nsentence = 'Jobs load the servers'\n";

#[test]
fn a_second_login_approves_exactly_one_change_once() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cancel = |number: &str, reason: &str| {
        by(&exchange, "m.jansen", &["session", "cancel", "download", number, "--reason", reason])
    };
    let approve = |operator: &str, id: &str| by(&exchange, operator, &["approvals", "approve", id]);
    cancel("7", "ticket 1").exits(1).says("Cancels lose sales").says("cdx approvals approve 1");
    cancel("7", "ticket 1").exits(1).says("cdx approvals approve 1");
    approve("m.jansen", "1").exits(1).says("requested by m.jansen, and a second login has to approve it");
    approve("r.vermeer", "2").exits(1).says("request 2 does not wait");
    let waiting = by(&exchange, "r.vermeer", &["approvals", "--json"]).exits(0).json();
    assert_eq!((&waiting["action"], &waiting["object"]), (&"cancel session".into(), &"download 7 LON1".into()));
    assert_eq!((&waiting["reason"], &waiting["rows"]), (&"ticket 1".into(), &1.into()));
    let lasts = waiting["expires_at"].as_str().zip(waiting["requested_at"].as_str()).expect("two instants");
    assert!(waiting["state"] == "waiting" && lasts.0 > lasts.1, "{waiting}");
    let sheet = by(&exchange, "r.vermeer", &["handover", "--text"]).exits(0).stdout;
    let line = "of m.jansen: cancel session: download 7 LON1: 7 of LON1 (ticket 1), 1 row; until ";
    assert!(sheet.contains("Waiting approvals\n  ") && sheet.contains(line), "{sheet}");
    assert!(sheet.contains(": cdx approvals approve 1\n"), "{sheet}");
    let sheet = by(&exchange, "r.vermeer", &["handover", "--json"]).exits(0).json();
    assert_eq!((&sheet["approvals"][0], &sheet["trash"]), (&waiting, &serde_json::json!([])));
    approve("r.vermeer", "1").exits(0).says("m.jansen may make this change once, within an hour");
    approve("k.bos", "1").exits(1).says("does not wait");
    assert_eq!(by(&exchange, "r.vermeer", &["approvals", "--json"]).exits(0).stdout, "");
    cancel("8", "ticket 1").exits(1).says("cdx approvals approve 2");
    cancel("7", "another reason").exits(1).says("cdx approvals approve 3");
    let by_another = ["session", "cancel", "download", "7", "--reason", "ticket 1"];
    by(&exchange, "k.bos", &by_another).exits(1).says("cdx approvals approve 4");
    cancel("7", "ticket 1").exits(0);
    cancel("7", "ticket 1").exits(1).says("cannot be canceled: it is canceled already");
    let rows = journal(&exchange);
    assert_eq!(rows[0], "request approval, approval 1: cancel session: download 7 LON1, done");
    assert_eq!(rows[1], "approve change, approval 1, done");
    let canceled = "cancel session, download 7 LON1, done, approved by r.vermeer (approval 1)";
    assert!(rows.contains(&canceled.to_owned()), "{rows:?}");
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn an_approval_is_used_only_by_a_change_that_is_made() {
    let exchange = failed();
    let rail = |action: &str| format!("[[guardrail]]\naction = '{action}'\napprove = 'two persons'\nsentence = 'x'\n");
    configure(&exchange, &["cancel session", "hand over channel database"].map(rail).concat());
    let used = || exchange.at_head_office("select count(*) from approval where used_at is not null");
    let approved = |change: &dyn Fn() -> Ran, id: &str| {
        change().exits(1).says(&format!("cdx approvals approve {id}"));
        by(&exchange, "r.vermeer", &["approvals", "approve", id]).exits(0);
    };
    let cancel = || by(&exchange, "m.jansen", &["session", "cancel", "download", "7", "--reason", "ticket 1"]);
    approved(&cancel, "1");
    exchange.post(&[download(5, 7, "LON1", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    cancel().exits(1);
    // A session that does not allow the action requests no approval, nor does an unknown one.
    by(&exchange, "k.bos", &["session", "cancel", "download", "7", "--reason", "x"])
        .exits(1)
        .says("cannot be canceled");
    by(&exchange, "k.bos", &["session", "cancel", "download", "99", "--store", "LON1", "--reason", "x"])
        .exits(1)
        .says("no download session 99");
    let hand_over = ["requests", "--hand-over", "LON1", "--to", "agent-2"];
    approved(&|| by(&exchange, "m.jansen", &hand_over), "2");
    by(&exchange, "m.jansen", &[&hand_over[..], &["--message-database", "sqlite:/nowhere/m.db"]].concat()).exits(1);
    assert_eq!(used(), ["0"]);
    by(&exchange, "m.jansen", &hand_over).exits(0);
    assert_eq!(used(), ["1"]);
    by(&exchange, "m.jansen", &hand_over).exits(1).says("approve 3");
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn an_approval_holds_for_the_reason_that_was_stated() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let submit = |reason: &str| by(&exchange, "m.jansen", &["batch", "submit", "--reason", reason]);
    submit("stocktaking").exits(1).says("approve 1");
    let waiting = by(&exchange, "r.vermeer", &["approvals", "--json"]).exits(0).json();
    let detail = waiting["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("Process status messages: transfer and purge, once at "), "{detail}");
    by(&exchange, "r.vermeer", &["approvals", "approve", "1"]).exits(0);
    submit("another reason").exits(1).says("approve 2");
    submit("stocktaking").exits(0);
}

#[test]
fn a_second_login_that_approved_nothing_is_found() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cancel = || by(&exchange, "m.jansen", &["session", "cancel", "download", "7", "--reason", "x"]);
    cancel().exits(1).says("approve 1");
    exchange.change_head_office("update approval set approved_at = requested_at, approved_by = 'r.vermeer'");
    cancel().exits(0);
    exchange.cdx(&["journal", "verify"]).exits(1).says("row 2 names a second login, but no row of that login");
    let proof = exchange.cdx(&["journal", "verify", "--json"]).exits(1).json();
    assert_eq!(proof["first_faults"], serde_json::json!([{"entry_id": 2, "fault": "not_approved"}]));
}

/// Another login cannot make the change that was approved, whatever `USER` it states.
fn only_the_login_that_requested_a_change_makes_it() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cancel = ["session", "cancel", "download", "7", "--reason", "x"];
    by(&exchange, "m.jansen", &cancel).exits(1).says("approve 1");
    by(&exchange, "r.vermeer", &["approvals", "approve", "1"]).exits(0);
    let mut command = exchange.command(&cancel);
    ran(command.env("USER", "m.jansen").env("CDX_CONFIG", exchange.path("config.toml"))).exits(1).says("approve 2");
    by(&exchange, "m.jansen", &cancel).exits(0);
}

#[test]
fn a_request_is_withdrawn_or_refused() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cancel =
        |reason: &str| by(&exchange, "m.jansen", &["session", "cancel", "download", "7", "--reason", reason]).exits(1);
    let approvals = |operator: &str, what: &str, id: &str| by(&exchange, operator, &["approvals", what, id]);
    cancel("one");
    cancel("two");
    approvals("m.jansen", "refuse", "1").exits(0).says("request 1 withdrawn: cancel session");
    approvals("r.vermeer", "approve", "1").exits(1).says("request 1 does not wait");
    approvals("r.vermeer", "approve", "2").exits(0);
    approvals("k.bos", "refuse", "2").exits(0).says("request 2 refused: cancel session");
    cancel("two").says("approve 3");
    let rows = journal(&exchange);
    assert!(rows.contains(&"withdraw request, approval 1, done".to_owned()), "{rows:?}");
    assert!(rows.contains(&"approve change, approval 2, not approved".to_owned()), "{rows:?}");
}

/// The same login of the server with another `USER` is no second login.
fn one_login_of_the_server_is_one_person() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let as_owner = |operator: &str, args: &[&str]| {
        let mut command = exchange.command(args);
        ran(command.env("USER", operator).env("CDX_CONFIG", exchange.path("config.toml")))
    };
    as_owner("a.one", &["session", "cancel", "download", "7", "--reason", "x"]).exits(1).says("approve 1");
    as_owner("b.two", &["approvals", "approve", "1"]).exits(1).says("give each operator a login");
    by(&exchange, "r.vermeer", &["approvals", "approve", "1"]).exits(0);
    as_owner("a.one", &["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    let logins = exchange.at_head_office("select login from operator_journal where action = 'approve change'");
    assert_eq!(logins, ["r.vermeer"]);
    exchange.cdx(&["journal", "verify"]).exits(0);
    exchange.change_head_office("update operator_journal set login = 'x' where action = 'approve change'");
    exchange.cdx(&["journal", "verify"]).exits(1);
}

#[test]
fn an_approval_and_its_request_expire_after_an_hour() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cancel = || by(&exchange, "m.jansen", &["session", "cancel", "download", "7", "--reason", "x"]);
    let approve = |id: &str| by(&exchange, "r.vermeer", &["approvals", "approve", id]);
    cancel().exits(1).says("approve 1");
    exchange.change_head_office("update approval set requested_at = requested_at - 3600000");
    approve("1").exits(1).says("request 1 does not wait");
    cancel().exits(1).says("approve 2");
    approve("2").exits(0);
    exchange.change_head_office("update approval set approved_at = approved_at - 3600000");
    cancel().exits(1).says("approve 3");
}

#[test]
fn an_approval_admits_a_time_close_to_the_one_requested() {
    let exchange = failed();
    configure(&exchange, TWO_PERSONS);
    let cause =
        exchange.cdx(&["errors", "--json"]).exits(0).json_lines()[0]["cause"].as_str().expect("a text").to_owned();
    let mute = |until: &str| by(&exchange, "m.jansen", &["errors", "mute", &cause, "--until", until]);
    mute("2h").exits(1).says("approve 1");
    by(&exchange, "r.vermeer", &["approvals", "approve", "1"]).exits(0);
    mute("9d").exits(1).says("approve 2");
    mute("2h").exits(0);
    let submit =
        |more: &[&str]| by(&exchange, "m.jansen", &[&["batch", "submit", "--description", "x"], more].concat());
    submit(&[]).exits(1).says("approve 3");
    by(&exchange, "r.vermeer", &["approvals", "approve", "3"]).exits(0);
    submit(&["--group", ""]).exits(0);
    submit(&["--recurrence", "daily 06:00"]).exits(1).says("approve 4");
    assert_eq!(exchange.at_head_office("select count(*) from batch_job"), ["1"]);
}

#[test]
fn the_console_lists_what_waits_and_approves_it() {
    let exchange = night();
    configure(&exchange, TWO_PERSONS);
    let cause =
        exchange.cdx(&["errors", "--json"]).exits(0).json_lines()[0]["cause"].as_str().expect("a text").to_owned();
    by(&exchange, "m.jansen", &["errors", "mute", &cause, "--until", "2036-01-01", "--reason", "vendor"]).exits(1);
    exchange.change_head_office(&format!("update approval set requested_at = {}", NOW.0 - 60_000));
    look(&exchange, "approvals", &Route::Approvals, &[]);
    fits(&exchange, "approvals", &Route::Approvals, &[]);
    let overview = TestConsole::open(&exchange, COLOR, Route::Overview).text((120, 40));
    assert!(overview.contains("Waits for approval") && overview.contains("m.jansen: mute cause"), "{overview}");
    // The database's clock, by which it expires, is later than that of this console.
    exchange.change_head_office("update approval set requested_at = 4102444800000");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Approvals);
    console.press(&[Key::Char('a'), Key::Char('p'), Key::Char('y')]);
    let effects = std::mem::take(&mut console.effects);
    let mutation = effects.into_iter().find_map(|effect| match effect {
        RuntimeEffect::Mutation(mutation) => Some(mutation),
        _ => None,
    });
    let mutation = mutation.expect("a mutation");
    let done = perform(&guarded(&exchange), "r.vermeer", &mutation, &Keymap::default(), &Cancel::new());
    console.settle_input(Input::MutationDone(done));
    assert!(console.text(SIZE).contains("m.jansen may make this change once"), "{}", console.text(SIZE));
    assert_eq!(exchange.at_head_office("select approved_by from approval"), ["r.vermeer"]);
    // It can be refused after its approval, too.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Approvals);
    console.press(&[Key::Char('a')]);
    assert!(console.text(SIZE).contains("Refuse…"), "{}", console.text(SIZE));
    console.press(&[Key::Char('r')]);
    assert!(console.text(SIZE).contains("Refuse request 1?"), "{}", console.text(SIZE));
    console.press(&[Key::Char('y')]);
    let said = console.perform_mutation(&exchange);
    assert!(said.starts_with("The request is refused: mute cause: "), "{said}");
    let closed = "select closed_by is not null from approval where approval_id = 1 and closed_at is not null";
    assert_eq!(exchange.at_head_office(closed).len(), 1);
    let read_only =
        TestConsole::read_only(&exchange, Route::Approvals).press(&[Key::Char('a'), Key::Char('r')]).text(SIZE);
    assert!(read_only.contains("read-only"), "{read_only}");
}

#[test]
fn invalid_guardrails_are_refused_at_their_line() {
    let exchange = Exchange::new();
    for (text, fault) in [
        ("[[guardrail]]\naction = 'explode'\n", "line 2: action is \"explode\"; it must be cancel session, "),
        (
            "[[guardrail]]\naction = 'purge'\nscope = 'store:x'\ndeny = true\nsentence = 'x'\n",
            "line 3: scope does not apply to purge",
        ),
        (
            "[[guardrail]]\naction = 'cancel session'\nscope = 'shop:x'\ndeny = true\nsentence = 'x'\n",
            "line 3: scope is not understood",
        ),
        ("[[guardrail]]\naction = 'purge'\nsentence = 'x'\n", "line 1: guardrail demands nothing"),
        ("[[guardrail]]\naction = 'purge'\ndeny = true\n", "line 1: sentence is missing"),
        ("[[guardrail]]\naction = 'purge'\nmax_rows = -1\n", "line 3: max_rows is a number from 0"),
        ("[[guardrail]]\naction = 'purge'\nconfirm = true\n", "line 3: confirm is \"typed count\", or not set"),
        (
            "[[guardrail]]\naction = 'purge'\nconform = 'typed count'\n",
            "line 3: unknown key \"conform\"; the nearest is \"confirm\"",
        ),
        ("[roles]\nadmin = 'me'\n", "line 2: admin is a list of logins"),
        ("[roles]\nadmin = ['me']\nviewer = ['me']\n", "viewer lists \"me\", which has another role"),
        ("[roles]\ndefault = 'root'\n", "line 2: default is \"viewer\", \"operator\" or \"admin\""),
    ] {
        configure(&exchange, text);
        by(&exchange, "r.vermeer", &["config", "check"]).exits(2).says(fault);
    }
}

/// Visits the source files below a folder, without the tests at their ends.
fn each_source(folder: &str, visit: &mut dyn FnMut(&str, &str)) {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a file");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            visit(&path.to_string_lossy(), code);
        }
    }
}

#[test]
fn head_office_is_opened_with_the_guardrails_wherever_it_can_be_changed() {
    let mut seen = 0;
    for folder in ["cli", "console", "server", "engine"] {
        each_source(folder, &mut |path, code| {
            for (at, _) in code.match_indices("HeadOffice::open(").filter(|_| !path.ends_with("simulation.rs")) {
                let arguments = code[at..].split(';').next().unwrap_or_default();
                let is_guarded = arguments.contains("opening") || arguments.contains("Access::ReadOnly");
                assert!(is_guarded, "{path}: {arguments}");
                seen += 1;
            }
        });
    }
    assert!(seen > 10, "only {seen} were found");
}

#[test]
fn every_action_of_the_journal_can_be_guarded() {
    // The actions that the program makes itself, and the rows of what was refused or held.
    let own = ["stop recurrence", "request approval", "withdraw request"];
    let mut seen = 0;
    each_source("store/head_office", &mut |path, code| {
        for (at, _) in code.match_indices("Change::new(") {
            let arguments = code[at..].split_once(')').map_or("", |(arguments, _)| arguments);
            let Some(name) = arguments.split('"').nth(1) else { continue };
            assert!(Action::of(name).is_some() || own.contains(&name), "{name} in {path}");
            seen += 1;
        }
    });
    assert!(seen > 15, "only {seen} were found");
}

crate::support::engines::on_postgres!(
    a_denied_action_is_refused_within_its_scope_and_journaled,
    a_change_in_a_transaction_is_rolled_back_and_journaled,
    a_purge_is_held_by_a_guardrail,
    a_second_login_approves_exactly_one_change_once,
    an_approval_admits_a_time_close_to_the_one_requested,
    the_console_lists_what_waits_and_approves_it,
    one_login_of_the_server_is_one_person,
    a_guardrail_of_process_status_messages_covers_each_way_to_run_it,
    a_run_in_the_console_asks_for_what_a_guardrail_demands,
    a_run_with_a_reason_and_a_confirmed_purge_are_rows_of_the_journal,
    an_approval_is_used_only_by_a_change_that_is_made,
    a_second_login_that_approved_nothing_is_found,
    an_approval_holds_for_the_reason_that_was_stated,
    only_the_login_that_requested_a_change_makes_it,
    a_schedule_that_a_guardrail_refuses_each_time_is_journaled_once,
);
