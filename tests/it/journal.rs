//! The journal: every change has a row with its origin, rows are chained, and tampering is found.

use crate::schema::exchange_of_versions;
use crate::screens::{COLOR, NOW, TestConsole, fits, look, night, typed};
use crate::support::messages::{APPLY_FAILED, download};
use crate::support::{Exchange, Ran, ran};
use cdx_console::batch::{AfterError, BatchServer, ClaimHolder, HistoryOutcome, JobSettings, SkipReason, Window};
use cdx_console::cancel::Cancel;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{Parameter, Timestamp};
use cdx_console::engine::{handover, undo_entry};
use cdx_console::recurrence::Rule;
use cdx_console::store::head_office::{Claimed, EndOfRun, JournalHead, ServerStart};
use cdx_console::store::{Access, HeadOffice};

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

/// Runs a command as an operator who is connected by SSH.
fn by_ssh(exchange: &Exchange, args: &[&str]) -> Ran {
    let mut command = exchange.command(args);
    ran(command.env("USER", "r.vermeer").env("SSH_CONNECTION", "203.0.113.7 50122 10.0.0.5 22"))
}

/// An exchange with failed sessions and a few changes.
fn changed() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED), download(2, 8, "S0002", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    for days in ["45", "50", "55"] {
        by_ssh(&exchange, &["parameters", "set", "retention-days", days]).exits(0);
    }
    by_ssh(&exchange, &["session", "cancel", "download", "7", "--reason", "ticket 4711"]).exits(0);
    by_ssh(&exchange, &["batch", "submit", "--description", "Night"]).exits(0);
    exchange
}

fn verify(exchange: &Exchange) -> Ran {
    exchange.cdx(&["journal", "verify"])
}

fn head(exchange: &Exchange) -> JournalHead {
    verify(exchange).exits(0).stdout.trim().parse().expect("a head")
}

#[test]
fn a_row_says_who_changed_what_from_where() {
    let exchange = changed();
    let rows = exchange.cdx(&["journal", "--json"]).exits(0).json_lines();
    assert_eq!(rows.len(), 5, "{rows:?}");
    let [submitted, canceled, .., first] = rows.as_slice() else { panic!("{rows:?}") };
    for row in &rows {
        assert_eq!((&row["operator"], &row["client"]), (&"r.vermeer".into(), &"203.0.113.7".into()));
        assert_eq!(row["result"], "done");
        assert!(row["host"].as_str().is_some_and(|host| !host.is_empty()), "{row}");
    }
    assert_eq!((&first["action"], &first["object"]), (&"set parameter".into(), &"retention-days".into()));
    assert_eq!((&first["before"], &first["after"]), (&"30".into(), &"45".into()));
    assert_eq!((&canceled["object"], &canceled["reason"]), (&"download 7 S0001".into(), &"ticket 4711".into()));
    assert_eq!(submitted["object"], "batch job 1");
    let listed = |filter: &str| exchange.cdx(&["journal", "--json", "--filter", filter]).exits(0).json_lines().len();
    for (filter, count) in [
        ("what:cancel", 1),
        ("on:retention-days", 3),
        ("store:S0001", 1),
        ("store:S000*", 1),
        ("store:S0002", 0),
        ("session:7", 1),
        ("session:7", 1),
        ("session:8", 0),
        ("r.vermeer 4711", 1),
        ("job:1", 1),
        ("job:2", 0),
        ("by:r.verm*", 5),
        ("client:203.0.113.7", 5),
        ("reason:4711", 1),
        ("before:45 after:50", 1),
        ("age<1h", 5),
        ("age>1h", 0),
        ("-what:parameter", 2),
        ("cause:12", 0),
        ("result:done row>=4", 2),
        ("undone:today", 0),
        ("ticket", 1),
    ] {
        assert_eq!(listed(filter), count, "{filter}");
    }
    exchange.cdx(&["journal", "--filter", "wat:x"]).exits(2).says("wat");
    let table = exchange.cdx(&["journal"]).exits(0).stdout;
    assert!(table.contains("203.0.113.7") && table.contains("ticket 4711"), "{table}");
}

#[test]
fn what_the_environment_claims_is_not_printed_unless_it_is_an_address() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    let mut command = exchange.command(&["parameters", "set", "retention-days", "45"]);
    ran(command.env("USER", "r.\u{1b}[31mvermeer").env("SSH_CONNECTION", "\u{1b}[2Jx 1 2 3")).exits(0);
    let listed = exchange.cdx(&["journal"]).exits(0).stdout;
    assert!(!listed.contains('\u{1b}'), "{listed}");
    assert_eq!(exchange.at_head_office("select client from operator_journal"), ["-"]);
    assert!(verify(&exchange).exits(0).stderr.contains("1 row verified"));
}

/// Each change, with the row at which it is found and what is reported.
const TAMPERINGS: [(&str, &str); 9] = [
    ("update operator_journal set operator = 'm.jansen' where entry_id = 2", "row 2 was changed"),
    ("update operator_journal set detail = '50 -> 51' where entry_id = 3", "row 3 was changed"),
    ("update operator_journal set client = null where entry_id = 5", "row 5 was changed"),
    ("update operator_journal set object = 'download 8 S0002' where entry_id = 4", "row 4 was changed"),
    ("update journal_session set session_number = 8 where session_number = 7", "row 4 was changed"),
    ("delete from journal_session", "row 4 was changed"),
    ("delete from operator_journal where entry_id = 2", "row 3 does not follow"),
    ("delete from operator_journal where entry_id = 1", "row 2 does not follow"),
    ("delete from operator_journal where entry_id = 4", "row 4 is not there, but its sessions are"),
];

#[test]
fn a_changed_or_removed_row_is_found() {
    let exchange = changed();
    let kept = head(&exchange).to_string();
    exchange.cdx(&["journal", "verify", "--head", &kept]).exits(0);
    for (sql, said) in TAMPERINGS {
        keep_rows(&exchange);
        assert_eq!(exchange.change_head_office(sql), 1, "{sql}");
        verify(&exchange).exits(1).says(said).says("the journal is broken");
        let doctor = exchange.cdx(&["doctor"]).exits(1);
        assert!(doctor.stdout.contains("cdx journal verify lists all"), "{sql}: {doctor:?}");
        put_rows_back(&exchange);
        verify(&exchange).exits(0);
    }
    let json = exchange.cdx(&["journal", "verify", "--json", "--head", &kept]).exits(0).json();
    assert_eq!((&json["valid"], &json["rows"], &json["faults"]), (&true.into(), &5.into(), &0.into()));
    assert_eq!(json["head"]["digest"], kept.split_once(':').expect("a head").1);
}

#[test]
fn swapped_and_inserted_rows_are_found() {
    let exchange = changed();
    let swap = "update operator_journal set entry_id = case entry_id when 1002 then 3 else 2 end where entry_id > 1000";
    keep_rows(&exchange);
    exchange.script_at_head_office(&format!(
        "update operator_journal set entry_id = entry_id + 1000 where entry_id in (2, 3); {swap}"
    ));
    verify(&exchange).exits(1).says("row 2 was changed").says("row 3 does not follow");
    put_rows_back(&exchange);
    // A copy of a row, with numbers moved to make room.
    exchange.script_at_head_office(
        "update operator_journal set entry_id = 60 where entry_id = 5;
         insert into operator_journal (entry_id, at, operator, action, object, previous_digest, digest)
         select 5, at, operator, action, object, 'x', digest from operator_journal where entry_id = 3;",
    );
    let said = verify(&exchange).exits(1).says("row 5 was changed").says("row 60 was changed");
    assert!(said.stderr.contains("does not follow"), "{said:?}");
}

#[test]
fn rows_removed_from_the_end_are_found_by_a_head_that_was_kept() {
    let exchange = changed();
    let kept = head(&exchange).to_string();
    exchange.change_head_office("delete from operator_journal where entry_id = 5");
    let with_head = || exchange.cdx(&["journal", "verify", "--head", &kept]);
    if exchange.is_office_served() {
        verify(&exchange).exits(0);
    } else {
        verify(&exchange).exits(1).says("row 5, the last one written, is not there: rows were removed from the end");
    }
    with_head().exits(1).says("row 5, the head kept earlier, is not there");
    // Another row takes the number: the journal alone is whole.
    by_ssh(&exchange, &["parameters", "set", "retention-days", "60"]).exits(0);
    verify(&exchange).exits(0);
    with_head().exits(1).says("row 5, the head kept earlier, has another digest");
    exchange.cdx(&["journal", "verify", "--head", "5"]).exits(2).says("NUMBER:DIGEST");
}

#[test]
fn an_approval_without_the_row_of_its_request_is_found() {
    let exchange = changed();
    let config = exchange.path("config.toml");
    let rule = "action = 'set parameter'\napprove = 'two persons'\nsentence = 'x'";
    std::fs::write(&config, format!("[[guardrail]]\n{rule}\n")).expect("written");
    let held = ["parameters", "set", "try-count", "9", "--config", config.to_str().expect("a plain path")];
    exchange.cdx(&held).exits(1).says("cdx approvals approve 1");
    verify(&exchange).exits(0);
    exchange.change_head_office("delete from operator_journal where action = 'request approval'");
    verify(&exchange).exits(1).says("approval 1 has no row that requests it: rows were removed");
    let proof = exchange.cdx(&["journal", "verify", "--json"]).exits(1).json();
    let fault = serde_json::json!({"entry_id": 1, "fault": "not_requested"});
    assert!(proof["first_faults"].as_array().is_some_and(|faults| faults.contains(&fault)), "{proof}");
}

#[test]
fn a_program_that_is_older_than_the_journal_cannot_break_it() {
    let exchange = changed();
    let sql = "insert into operator_journal (at, operator, action, object, detail) values (1, 'old', 'set parameter', 'x', '')";
    let attempt = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| exchange.change_head_office(sql)));
    attempt.expect_err("a row without a digest is refused");
    verify(&exchange).exits(0);
}

#[test]
fn concurrent_writers_do_not_fork_the_chain() {
    const WRITERS: usize = 4;
    const CHANGES: usize = 15;
    let exchange = changed();
    let databases = exchange.databases();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let location = databases.head_office.clone();
            scope.spawn(move || {
                let office = HeadOffice::open(&location, Access::Existing).expect("head office");
                let name = format!("writer {writer}");
                for days in 0..CHANGES {
                    let days = i64::try_from(31 + days).expect("few");
                    office.set_parameter(Parameter::RetentionDays, days, &name).expect("it is set");
                }
            });
        }
    });
    let json = exchange.cdx(&["journal", "verify", "--json"]).exits(0).json();
    assert_eq!((&json["rows"], &json["valid"]), (&(5 + WRITERS * CHANGES).into(), &true.into()));
}

#[test]
fn the_migration_chains_the_rows_that_are_there() {
    for versions in [(1, 1), (7, 1), (10, 5), (15, 6)] {
        let exchange = exchange_of_versions(versions);
        let before = exchange.count("operator_journal");
        exchange.cdx(&["parameters", "set", "retention-days", "77"]).exits(0);
        let json = exchange.cdx(&["journal", "verify", "--json"]).exits(0).json();
        assert_eq!(json["rows"], before + 1, "versions {versions:?}");
        assert!(before > 0, "versions {versions:?}");
    }
}

#[test]
fn the_journal_of_a_copy_is_whole() {
    let exchange = changed();
    let kept = head(&exchange);
    let target = format!("sqlite:{}", exchange.path("copy.db").display());
    exchange.cdx(&["copy", "--from", &exchange.office_url(), "--to", &target]).exits(0);
    let copied = exchange.cdx(&["journal", "verify", "--head", &kept.to_string(), "--head-office", &target]);
    assert_eq!(copied.exits(0).stdout.trim(), kept.to_string());
}

#[test]
fn changes_of_servers_and_of_agents_databases_have_rows() {
    let exchange = changed();
    let office = office(&exchange);
    let start = office.now().expect("now");
    let [name, incarnation, host, zone] = ["aos-1", "a", "hq", "UTC"].map(str::to_owned);
    office.register_server(&ServerStart { name, incarnation, host, zone }).expect("a server");
    let rule = Rule::from_words("every 15 min", start, chrono_tz::Tz::UTC).expect("a rule");
    let settings = JobSettings {
        recurrence: Some(rule),
        after_error: AfterError::Stop,
        max_retries: 0,
        ..JobSettings::new(start)
    };
    let job_id = office.submit_job(&settings, "m.jansen").expect("submitted");
    let due = Timestamp(start.0 + 900_000);
    let seen = office.job(job_id).expect("it reads").expect("it is there");
    let claimed =
        office.claim_job(&seen, &ClaimHolder::batch_server("aos-1", "a"), SkipReason::Blocked, due).expect("claimed");
    let Claimed::Mine(job) = claimed else { panic!("{claimed:?}") };
    let claim = job.claim.expect("a claim");
    let end = EndOfRun { outcome: HistoryOutcome::Error, reason: "disk full", to_be_continued: false };
    office.end_job(job_id, &claim, &end, due).expect("ended");
    by_ssh(&exchange, &["requests", "--hand-over", "S0002", "--to", "agent-2"]).exits(0);
    let rows = "select action, operator, object, value_before, value_after, reason from operator_journal
                where entry_id > 6 order by entry_id";
    assert_eq!(
        exchange.at_head_office(rows),
        [
            format!("stop recurrence|batch server aos-1|batch job {job_id}|Waiting|Error|disk full"),
            "hand over channel database|r.vermeer|S0002|AsyncClient-S0002|agent-2|-".to_owned(),
        ]
    );
    let servers = office.servers().expect("servers");
    let server = BatchServer { windows: vec![Window::all_day(2)], ..servers[0].clone() };
    office.change_server(&server, "m.jansen").expect("changed");
    verify(&exchange).exits(0);
}

#[test]
fn retried_and_dismissed_messages_have_rows() {
    let exchange = changed();
    exchange.change_messages(
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at)
         values ('00000000-0000-4000-8000-000000000077', 0, 999, 'S0009', '1040', 77, 1795000000000)",
    );
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["rejected", "retry", "1"]).exits(3);
    exchange.cdx(&["rejected", "dismiss", "1"]).exits(0);
    let rows = "select action, object, result from operator_journal where entry_id > 5 order by entry_id";
    assert_eq!(
        exchange.at_head_office(rows),
        ["retry rejected message|1|still rejected", "dismiss rejected message|1|done"]
    );
    verify(&exchange).exits(0);
}

#[test]
fn the_journal_of_the_demo_is_whole() {
    let exchange = Exchange::new();
    let dir = exchange.path("demo");
    let dir = dir.to_string_lossy();
    exchange.cdx(&["demo", "--dir", &dir, "--stores", "5", "--messages", "300", "--no-console"]).exits(0);
    let office = format!("sqlite:{dir}/head-office.db");
    exchange.cdx(&["journal", "verify", "--head-office", &office]).exits(0);
}

/// The night with changes whose origin, times and digests are always the same.
fn night_with_changes() -> Exchange {
    let exchange = night();
    by_ssh(&exchange, &["parameters", "set", "retention-days", "45"]).exits(0);
    let cancel = ["session", "cancel", "download", "1084971", "--store", "S0131", "--reason", "ticket 4711"];
    by_ssh(&exchange, &cancel).exits(0);
    by_ssh(&exchange, &["batch", "submit", "--description", "Night", "--start", "2026-11-14T02:00:00Z"]).exits(0);
    by_ssh(&exchange, &["batch", "change-status", "1", "withhold", "--reason", "AOS patch"]).exits(0);
    exchange.script_at_head_office(&format!(
        "update operator_journal set at = {} + 60000 * entry_id, host = 'hq', digest = 'digest ' || entry_id",
        NOW.0 - 600_000
    ));
    exchange
}

#[test]
fn the_screen_lists_the_changes_and_leads_to_what_was_changed() {
    let exchange = night_with_changes();
    let journal = Route::Journal(String::new());
    look(&exchange, "journal", &journal, &[]);
    fits(&exchange, "journal", &journal, &[]);
    let mut console = TestConsole::open(&exchange, COLOR, journal.clone());
    let related = console.press(&typed("r")).text((80, 24));
    assert!(related.contains("All changes on batch job 1"), "{related}");
    assert!(related.contains("All changes by r.vermeer"), "{related}");
    let mut console = TestConsole::open(&exchange, COLOR, journal);
    let job = console.press(&typed("\n")).text((80, 24));
    assert!(job.contains("Batch jobs"), "{job}");
    let filtered = TestConsole::open(&exchange, COLOR, Route::Journal("what:cancel".to_owned())).text((120, 40));
    assert!(filtered.contains("ticket 4711") && !filtered.contains("retention-days"), "{filtered}");
    let whole = stage_of(&exchange, "store:S0131").press(&typed("o")).text((80, 24));
    assert!(whole.contains("203.0.113.7"), "{whole}");
}

fn stage_of(exchange: &Exchange, filter: &str) -> TestConsole {
    TestConsole::open(exchange, COLOR, Route::Journal(filter.to_owned()))
}

#[test]
fn sessions_jobs_causes_and_stores_lead_to_their_changes() {
    let exchange = night_with_changes();
    let failed = Route::Sessions(cdx_console::domain::Direction::Download, "session:1084971 store:S0131".to_owned());
    for (route, keys) in [
        (failed, "r"),
        (Route::BatchJob(1), "r"),
        (Route::Errors, "a"),
        (Route::Store("S0131".to_owned()), "a"),
        (Route::Connections, "a"),
    ] {
        let shown = TestConsole::open(&exchange, COLOR, route.clone()).press(&typed(keys)).text((80, 24));
        assert!(shown.contains("Who changed it: the journal"), "{route:?}: {shown}");
    }
    let journal = stage_of(&exchange, "session:1084971 store:S0131").text((120, 40));
    assert!(journal.contains("cancel session") && !journal.contains("set parameter"), "{journal}");
    let journal = stage_of(&exchange, "job:1").text((120, 40));
    assert!(journal.contains("change status") && !journal.contains("cancel session"), "{journal}");
}

#[test]
fn the_journal_is_exported_and_counted() {
    let exchange = night_with_changes();
    let totals = stage_of(&exchange, "").press(&typed("T\n")).text((80, 24));
    assert!(totals.contains("r.vermeer"), "{totals}");
}

#[test]
fn the_handover_sheet_names_what_happened_in_the_shift() {
    let exchange = Exchange::new();
    let dir = exchange.path("demo");
    let dir = dir.to_string_lossy();
    exchange.cdx(&["demo", "--dir", &dir, "--stores", "12", "--messages", "3000", "--no-console"]).exits(0);
    let location = format!("sqlite:{dir}/head-office.db");
    let office = HeadOffice::open(&location.parse().expect("a URL"), Access::Existing).expect("head office");
    let run = office.runs(1).expect("runs").remove(0);
    let now = Timestamp(run.ended_at.expect("it ended").0 + 60_000);
    let hours = |hours: i64| Timestamp(now.0 - hours * 3_600_000);
    let sheet = handover(&office, hours(8), now).expect("a sheet");
    assert_eq!((sheet.from, sheet.to), (hours(8), now));
    assert!(sheet.runs.count >= 1 && sheet.runs.inserted > 0, "{sheet:?}");
    assert!(!sheet.stuck.is_empty(), "{sheet:?}");
    let causes = office.causes_and_open(hours(24 * 365), now, 100).expect("causes");
    let cause = causes.first().expect("the demo has errors");
    office.set_cause_note(cause.digest, "I am on it until six", "m.jansen").expect("noted");
    office.mute_cause(cause.digest, Some(Timestamp(now.0 + 86_400_000 * 400)), "m.jansen").expect("muted");
    let job = office.submit_job(&JobSettings::new(Timestamp(now.0 + 86_400_000)), "m.jansen").expect("submitted");
    let withhold = cdx_console::batch::BatchStatus::Withhold;
    office.change_job_status(job, withhold, "m.jansen", Some("AOS patch")).expect("withheld");
    // The journal uses the database's clock.
    let now = Timestamp(office.now().expect("now").0 + 1_000);
    let sheet = handover(&office, hours(8), now).expect("a sheet");
    let words = sheet.lines(&Timestamp::to_rfc3339).join("\n");
    for part in [
        "Runs",
        "messages read",
        "New causes",
        "m.jansen: note on cause",
        "m.jansen: mute cause",
        "is withheld by m.jansen: AOS patch",
        "by m.jansen: ",
        "I am on it until six (m.jansen",
        "Stuck",
    ] {
        assert!(words.contains(part), "no {part:?} in:\n{words}");
    }
    assert!(sheet.markdown(&Timestamp::to_rfc3339).starts_with("# Handover, "), "{sheet:?}");
    // A hundred notes do not hide a rare change.
    office.set_parameter(Parameter::TryCount, 9, "r.vermeer").expect("set");
    for number in 0..40 {
        office.set_cause_note(cause.digest, &format!("note {number}"), "m.jansen").expect("noted");
    }
    let now = Timestamp(office.now().expect("now").0 + 1_000);
    let words = handover(&office, hours(8), now).expect("a sheet").lines(&Timestamp::to_rfc3339).join("\n");
    assert!(words.contains("r.vermeer: set parameter, try-count") && words.contains("; 41 changes since "), "{words}");
    // A shift without anything.
    let sheet = handover(&office, Timestamp(now.0 + 3_600_000), Timestamp(now.0 + 7_200_000)).expect("a sheet");
    assert_eq!((sheet.runs.count, sheet.changes.len(), sheet.new_causes.len()), (0, 0, 0));
}

#[test]
fn the_handover_sheet_is_printed_in_each_form_and_shown_in_the_console() {
    let exchange = night_with_changes();
    let markdown = exchange.cdx(&["handover", "--since", "2020-01-01"]).exits(0).stdout;
    assert!(markdown.starts_with("# Handover, ") && markdown.contains("\n## Held jobs and purges\n\n- "), "{markdown}");
    assert!(markdown.contains("withheld by r.vermeer: AOS patch"), "{markdown}");
    let text = exchange.cdx(&["handover", "--text"]).exits(0).stdout;
    assert!(text.contains("\nHeld jobs and purges\n  Batch job 1 Night is withheld"), "{text}");
    let json = exchange.cdx(&["handover", "--json", "--since", "2020-01-01"]).exits(0).json();
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(4), "{json}");
    exchange.cdx(&["handover", "--since", "soon"]).exits(2).says("--since");
    exchange.cdx(&["handover", "--since", "2099-01-01"]).exits(2).says("2099-01-01 is in the future");
    exchange.script_at_head_office("update operator_journal set operator = 'x' || char(27) || '[31m'");
    assert!(!exchange.cdx(&["handover"]).exits(0).stdout.contains('\u{1b}'));
    let shown = TestConsole::open(&exchange, COLOR, Route::Overview).press(&typed("W")).text((120, 40));
    assert!(shown.contains("Handover, ") && shown.contains("Held jobs and purges"), "{shown}");
}

/// Keeps a copy of the journal.
fn keep_rows(exchange: &Exchange) {
    exchange.script_at_head_office(
        "drop table if exists kept_rows; drop table if exists kept_sessions;
         create table kept_rows as select * from operator_journal;
         create table kept_sessions as select * from journal_session;",
    );
}

/// Restores the journal from its copy.
fn put_rows_back(exchange: &Exchange) {
    exchange.script_at_head_office(
        "delete from journal_session; delete from operator_journal;
         insert into operator_journal select * from kept_rows order by entry_id;
         insert into journal_session select * from kept_sessions;
         drop table kept_rows; drop table kept_sessions;",
    );
}

#[test]
fn a_forged_undo_and_a_forged_session_are_found() {
    let exchange = changed();
    let last = exchange.at_head_office("select max(entry_id) from operator_journal where action = 'set parameter'");
    let last: i64 = last[0].parse().expect("a number");
    let forge = "update operator_journal set undone_at = at, undone_by = 'm.jansen'";
    exchange.change_head_office(&format!("{forge} where entry_id = {last}"));
    verify(&exchange).exits(1).says(&format!("row {last} is marked as undone, but no row of that operator undoes it"));
    let restore = "update operator_journal set undone_at = null, undone_by = null";
    exchange.change_head_office(&format!("{restore} where entry_id = {last}"));
    verify(&exchange).exits(0);
    undo_entry(&exchange.databases(), last, "r.vermeer", &Cancel::new()).expect("undone");
    let canceled = exchange.at_head_office("select entry_id from operator_journal where action = 'cancel session'");
    let canceled: i64 = canceled[0].parse().expect("a number");
    undo_entry(&exchange.databases(), canceled, "r.vermeer", &Cancel::new()).expect("undone");
    verify(&exchange).exits(0);
    // The row of the cancellation lists another session of another entry.
    exchange.change_head_office(&format!(
        "insert into journal_session (entry_id, direction, session_number, channel_database, round, part_id)
         values ({last}, 0, 8, 'S0002', 1, {canceled})"
    ));
    verify(&exchange).exits(1).says(&format!("row {canceled} was changed after it was written"));
    exchange.change_head_office(&format!("delete from journal_session where entry_id = {last}"));
    verify(&exchange).exits(0);
}

/// The limit of the proof, as the documents state it.
#[test]
fn a_removed_mark_of_an_undo_is_not_found_but_the_row_that_undid_it_is() {
    let exchange = changed();
    let set = exchange.at_head_office("select max(entry_id) from operator_journal where action = 'set parameter'");
    let set: i64 = set[0].parse().expect("a number");
    undo_entry(&exchange.databases(), set, "r.vermeer", &Cancel::new()).expect("undone");
    let undid = format!("select count(*) from operator_journal where action = 'set parameter' and entry_id > {set}");
    exchange.change_head_office(&format!(
        "update operator_journal set undone_at = null, undone_by = null where entry_id = {set}"
    ));
    verify(&exchange).exits(0);
    assert_eq!(exchange.at_head_office(&undid), ["1"]);
    let kept = head(&exchange).to_string();
    exchange.change_head_office(
        "delete from operator_journal where entry_id = (select max(entry_id) from operator_journal)",
    );
    exchange.cdx(&["journal", "verify", "--head", &kept]).exits(1).says("rows were removed from the end");
}

crate::support::engines::on_postgres!(
    a_removed_mark_of_an_undo_is_not_found_but_the_row_that_undid_it_is,
    a_row_says_who_changed_what_from_where,
    a_changed_or_removed_row_is_found,
    swapped_and_inserted_rows_are_found,
    rows_removed_from_the_end_are_found_by_a_head_that_was_kept,
    an_approval_without_the_row_of_its_request_is_found,
    a_program_that_is_older_than_the_journal_cannot_break_it,
    concurrent_writers_do_not_fork_the_chain,
    the_migration_chains_the_rows_that_are_there,
    a_forged_undo_and_a_forged_session_are_found,
    the_journal_of_a_copy_is_whole,
    changes_of_servers_and_of_agents_databases_have_rows,
    retried_and_dismissed_messages_have_rows,
);
