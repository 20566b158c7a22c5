//! `cdx doctor`: checks the program, the configuration and both databases, and says what to do
//! about each fault.

mod batch;
mod exchange;
mod files;

use crate::cli::args::DoctorArgs;
use crate::cli::config::channel_faults;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table};
use crate::domain::{Outcome, Timestamp, counted, grouped};
use crate::store::head_office::LeaseStatus;
use crate::store::{Access, HeadOffice, Location, MessageDatabase, check_sqlite, sqlite_version};
use serde::Serialize;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CheckResult {
    Ok,
    /// Worth a look; the program works.
    Warn,
    Fail,
}

impl CheckResult {
    /// The word in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    /// The word in the table.
    fn label(self) -> &'static str {
        match self {
            Self::Ok | Self::Warn => self.word(),
            Self::Fail => "FAIL",
        }
    }
}

struct Check {
    what: &'static str,
    verdict: CheckResult,
    text: String,
}

/// A check as JSON.
#[derive(Serialize)]
struct CheckRow<'a> {
    check: &'static str,
    verdict: &'static str,
    text: &'a str,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, what: &'static str, verdict: CheckResult, text: impl Into<String>) {
        self.0.push(Check { what, verdict, text: text.into() });
    }

    fn ok(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, CheckResult::Ok, text);
    }

    fn warn(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, CheckResult::Warn, text);
    }

    fn fail(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, CheckResult::Fail, text);
    }
}

/// Runs all checks without changing anything; fails if one of them fails.
pub fn run(context: &Context, args: &DoctorArgs) -> CommandResult {
    print(context, &check(context, args.full)?, args.json)
}

/// Runs the checks; returns one line for each.
pub fn report(context: &Context) -> Result<Vec<String>, Failure> {
    let line = |check: &Check| format!("{:<4} {}: {}", check.verdict.label(), check.what, check.text);
    Ok(check(context, false)?.0.iter().map(line).collect())
}

fn check(context: &Context, full: bool) -> Result<Checks, Failure> {
    let mut checks = Checks::default();
    program(context, &mut checks);
    let office = open(context, "head office", &context.config.head_office.value, &mut checks, |location| {
        HeadOffice::open(location, Access::ReadOnly)
    });
    let messages = open(context, "message database", &context.config.message_database.value, &mut checks, |location| {
        MessageDatabase::open(location, Access::ReadOnly)
    });
    if let Some(office) = &office {
        head_office(office, &mut checks)?;
        batch::check(office, &mut checks)?;
    }
    if let (Some(office), Some(messages)) = (&office, &messages) {
        exchange::check(office, messages, full, &mut checks)?;
    }
    if let Some(office) = &office {
        let found = files::integrity(full, || office.check_integrity(), |within| office.check_integrity_within(within));
        files::check_damage("head office", found, &mut checks);
    }
    if let Some(messages) = &messages {
        let found =
            files::integrity(full, || messages.check_integrity(), |within| messages.check_integrity_within(within));
        files::check_damage("message database", found, &mut checks);
    }
    Ok(checks)
}

fn print(context: &Context, checks: &Checks, json: bool) -> CommandResult {
    if json {
        for check in &checks.0 {
            print_json(&CheckRow { check: check.what, verdict: check.verdict.word(), text: &check.text })?;
        }
    } else {
        let rows = checks.0.iter();
        let rows = rows.map(|check| vec![check.verdict.label().into(), check.what.into(), check.text.clone().into()]);
        print_table(&["", "Check", "Finding"], rows.collect(), context.style().uncut())?;
    }
    let failed = checks.0.iter().any(|check| check.verdict == CheckResult::Fail);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn program(context: &Context, checks: &mut Checks) {
    checks.ok("program", format!("cdx {}", env!("CARGO_PKG_VERSION")));
    match check_sqlite() {
        Ok(()) => checks.ok("SQLite", format!("{} (bundled)", sqlite_version())),
        Err(error) => checks.fail("SQLite", error.to_string()),
    }
    let there = if context.config.file_found { "read" } else { "not found, defaults apply" };
    let path = context.config.path.to_string_lossy();
    checks.ok("configuration", format!("{path}: {there}"));
    for fault in channel_faults(&context.config.delivery()) {
        checks.fail("configuration", fault);
    }
}

fn open<T>(
    context: &Context,
    what: &'static str,
    location: &Location,
    checks: &mut Checks,
    open: impl Fn(&Location) -> Result<T, crate::store::StoreError>,
) -> Option<T> {
    // Closed before the write test, so that its write-ahead log is removed with the last
    // connection.
    let opened = open(location).map(drop).and_then(|()| {
        files::check_room(what, location, checks);
        files::check_write(what, context, location, checks);
        open(location)
    });
    match opened {
        Ok(database) => Some(database),
        Err(error) => {
            checks.fail(what, error.to_string());
            None
        }
    }
}

fn head_office(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let parameters = office.parameters()?;
    if parameters.retention_days == 0 {
        checks.warn("retention", "retention-days is 0: nothing is ever purged by age");
    } else {
        checks.ok("retention", counted(parameters.retention_days, "day"));
    }
    match office.runs(1)?.first() {
        None => checks.warn("last run", "none; start one with cdx process"),
        Some(run) => {
            let text = run.summary();
            let at = run.ended_at.unwrap_or(run.started_at).to_rfc3339();
            match run.outcome {
                Some(Outcome::Ended) => checks.ok("last run", format!("{at}: {text}")),
                Some(Outcome::Error) => {
                    let error = run.error.clone().unwrap_or_default();
                    checks.warn("last run", format!("{at}: {text}: {error}"));
                }
                _ => checks.warn("last run", format!("{at}: {text}")),
            }
        }
    }
    lease(office, checks)?;
    match office.count_rejected()? {
        0 => checks.ok("rejected messages", "none"),
        count => checks.warn("rejected messages", format!("{}; list them with cdx rejected", grouped(count))),
    }
    checks.ok("open sessions", grouped(office.count_open()?));
    trash(office, parameters.trash_hours, checks)?;
    journal(office, checks)?;
    Ok(())
}

/// The sessions in the trash that are counted.
const MAX_TRASHED: i64 = 1_000_000;

fn trash(office: &HeadOffice, hours: i64, checks: &mut Checks) -> Result<(), Failure> {
    let runs = office.count_trash_by_run(MAX_TRASHED)?;
    let kept = match hours {
        0 => "trash-hours is 0".to_owned(),
        hours => format!("purged sessions stay for {}", counted(hours, "hour")),
    };
    let Some(first) = office.trash_gone_after()? else {
        checks.ok("trash", format!("empty; {kept}"));
        return Ok(());
    };
    let sessions = counted(runs.iter().map(|run| run.sessions).sum::<i64>(), "session");
    let messages = counted(runs.iter().map(|run| run.messages).sum::<i64>(), "message");
    if hours == 0 {
        checks.warn("trash", format!("{sessions} with {messages}: {kept}, the next purge deletes them for good"));
    } else {
        let first = first.to_rfc3339();
        checks.ok("trash", format!("{sessions} with {messages}; a purge after {first} deletes the first for good"));
    }
    Ok(())
}

/// The newest rows of the journal that are verified.
const VERIFIED_JOURNAL_ROWS: i64 = 20_000;

fn journal(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let proof = office.verify_newest(VERIFIED_JOURNAL_ROWS)?;
    match proof.first_faults.first() {
        Some(first) => {
            checks
                .fail("journal", format!("{}: {first}; cdx journal verify lists all", counted(proof.faults, "fault")));
        }
        None => checks.ok("journal", format!("{} verified", counted(proof.rows, "row"))),
    }
    Ok(())
}

fn lease(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let locked = office.is_runner_running()?;
    let since = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339).unwrap_or_default();
    match (office.lease_status()?, locked) {
        (None, _) => checks.ok("lease", "free"),
        (Some(LeaseStatus { holder: held, is_expired: false }), true) => {
            checks.ok("lease", format!("held by {} since {}", held.holder, since(held.since)));
        }
        (Some(LeaseStatus { holder: held, is_expired: true }), true) => checks.warn(
            "lease",
            format!(
                "{} has held it since {} without renewing it: the process is suspended; the next run takes over",
                held.holder,
                since(held.since)
            ),
        ),
        (Some(LeaseStatus { holder: held, .. }), false) => checks.warn(
            "lease",
            format!(
                "{} exited without releasing it; the next run takes over and marks its run Interrupted",
                held.holder
            ),
        ),
    }
    Ok(())
}
