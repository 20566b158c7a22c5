//! `cdx doctor`: what is sound, what is not, and what to do about it.

mod batch;
mod exchange;
mod files;

use crate::cli::args::Doctor;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{print_json, print_table};
use crate::domain::{Outcome as RunOutcome, Timestamp, counted, grouped};
use crate::store::{Access, HeadOffice, Location, MessageDatabase, OLDEST_SAFE_SQLITE, check_sqlite, sqlite_version};
use serde_json::json;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Sound,
    Look,
    Fault,
}

struct Check {
    what: &'static str,
    verdict: Verdict,
    text: String,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, what: &'static str, verdict: Verdict, text: impl Into<String>) {
        self.0.push(Check { what, verdict, text: text.into() });
    }

    fn sound(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, Verdict::Sound, text);
    }

    fn look(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, Verdict::Look, text);
    }

    fn fault(&mut self, what: &'static str, text: impl Into<String>) {
        self.add(what, Verdict::Fault, text);
    }
}

/// Checks everything, leaving everything as it is; fails if there is a fault.
pub fn run(context: &Context, args: &Doctor) -> Outcome {
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
        exchange::check(office, messages, args.full, &mut checks)?;
    }
    if let Some(office) = &office {
        let found =
            files::integrity(args.full, || office.check_integrity(), |within| office.check_integrity_within(within));
        files::check_damage("head office", found, &mut checks);
    }
    if let Some(messages) = &messages {
        let found = files::integrity(
            args.full,
            || messages.check_integrity(),
            |within| messages.check_integrity_within(within),
        );
        files::check_damage("message database", found, &mut checks);
    }
    print(context, &checks, args.json)
}

fn print(context: &Context, checks: &Checks, json: bool) -> Outcome {
    let word = |verdict| match verdict {
        Verdict::Sound => "sound",
        Verdict::Look => "look",
        Verdict::Fault => "FAULT",
    };
    if json {
        for check in &checks.0 {
            let verdict = word(check.verdict).to_lowercase();
            print_json(&json!({"check": check.what, "verdict": verdict, "text": check.text}))?;
        }
    } else {
        let rows = checks.0.iter();
        let rows = rows.map(|check| vec![word(check.verdict).into(), check.what.into(), check.text.clone().into()]);
        print_table(
            &["", "Check", "Finding"],
            rows.collect(),
            crate::cli::output::Style { width: None, ..context.style() },
        )?;
    }
    let fault = checks.0.iter().any(|check| check.verdict == Verdict::Fault);
    Ok(if fault { Exit::Failed } else { Exit::Done })
}

fn program(context: &Context, checks: &mut Checks) {
    checks.sound("program", format!("cdx {}", env!("CARGO_PKG_VERSION")));
    match check_sqlite() {
        Ok(()) => checks.sound("SQLite", format!("{} (bundled)", sqlite_version())),
        Err(error) => checks.fault("SQLite", error.to_string()),
    }
    checks.look(
        "other programs",
        format!(
            "agents that write with an SQLite before {OLDEST_SAFE_SQLITE} can lose rows when they checkpoint: \
             let them use cdx post, or set wal_autocheckpoint = 0"
        ),
    );
    let there = if context.config.file_found { "read" } else { "not there, defaults are in force" };
    let path = context.config.path.to_string_lossy();
    checks.sound("configuration", format!("{path}: {there}"));
}

fn open<T>(
    context: &Context,
    what: &'static str,
    location: &Location,
    checks: &mut Checks,
    open: impl Fn(&Location) -> Result<T, crate::store::StoreError>,
) -> Option<T> {
    // Closed again before it is written to, so that the log of that goes with the last connection.
    let opened = open(location).map(drop).and_then(|()| {
        files::check_room(what, location, checks);
        files::check_write(what, context, location, checks);
        open(location)
    });
    match opened {
        Ok(database) => Some(database),
        Err(error) => {
            checks.fault(what, error.to_string());
            None
        }
    }
}

fn head_office(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let parameters = office.parameters()?;
    if parameters.retention_days == 0 {
        checks.look("retention", "retention-days is 0: nothing is ever purged by age");
    } else {
        checks.sound("retention", counted(parameters.retention_days, "day"));
    }
    match office.runs(1)?.first() {
        None => checks.look("last run", "there was none; cdx process makes one"),
        Some(run) => {
            let text = run.account();
            let at = run.ended_at.unwrap_or(run.started_at).to_rfc3339();
            match run.outcome {
                Some(RunOutcome::Ended) => checks.sound("last run", format!("{at}: {text}")),
                Some(RunOutcome::Error) => {
                    let error = run.error.clone().unwrap_or_default();
                    checks.look("last run", format!("{at}: {text}: {error}"));
                }
                _ => checks.look("last run", format!("{at}: {text}")),
            }
        }
    }
    lease(office, checks)?;
    match office.count_rejected()? {
        0 => checks.sound("rejected messages", "none"),
        count => checks.look("rejected messages", format!("{}; cdx rejected lists them", grouped(count))),
    }
    checks.sound("open sessions", grouped(office.count_open()?));
    Ok(())
}

fn lease(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let locked = office.runner_lives()?;
    let since = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339).unwrap_or_default();
    match (office.lease_holder()?, locked) {
        (None, _) => checks.sound("lease", "free"),
        (Some((held, false)), true) => {
            checks.sound("lease", format!("held by {} since {}", held.holder, since(held.since)));
        }
        (Some((held, true)), true) => checks.look(
            "lease",
            format!(
                "{} holds it since {} but has not renewed it: the process is stopped; the next run takes over",
                held.holder,
                since(held.since)
            ),
        ),
        (Some((held, _)), false) => checks.look(
            "lease",
            format!("{} died holding it; the next run takes over and marks its run Interrupted", held.holder),
        ),
    }
    Ok(())
}
