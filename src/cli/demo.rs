//! `cdx demo`: a believable exchange to look at and to try things on.

mod generator;

use crate::batch::{BatchStatus, JobSettings};
use crate::cancel::Cancel;
use crate::cli::args::Demo;
use crate::cli::context::{Context, host, operator};
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::progress::ProgressView;
use crate::cli::{console, process, signals};
use crate::clock::{Clock, SystemClock};
use crate::config::{ProcessEnvironment, data_folder};
use crate::domain::{Timestamp, Trigger, clean_line, counted, grouped};
use crate::engine::{self, Databases, ProcessOptions};
use crate::recurrence::Rule;
use crate::store::head_office::Refusal;
use crate::store::message_database::NewMessage;
use crate::store::{Access, HeadOffice, MessageDatabase};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Stands in a folder that a demo may replace.
const MARK: &str = "cdx-demo";
/// Who withheld the job.
const COLLEAGUE: &str = "m.jansen";
/// Messages stored in one transaction.
const BATCH: usize = 5_000;
/// How long before the console opens the status was brought up to date last, in milliseconds: 4 h 29 min.
const AGO: i64 = (4 * 60 + 29) * 60_000;
/// Between two starts of the job that somebody withheld, in milliseconds.
const QUARTER: i64 = 15 * 60_000;

/// Makes the exchange and opens the console on it; without a terminal it runs the job and says what came of it.
pub fn run(context: &Context, args: &Demo, ascii: bool) -> Outcome {
    context.refuse_if_read_only("demo")?;
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => data_folder(&ProcessEnvironment)?.join("demo"),
    };
    prepare(&folder)?;
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let allow_network_file_system = context.config.allow_network_file_system.value;
    let databases = Databases { allow_network_file_system, ..Databases::in_folder(&folder) };
    let view = ProgressView::new();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "Making an exchange of {} stores and about {} messages in {} ...",
        grouped(i64::from(args.stores)),
        grouped(i64::try_from(args.messages).unwrap_or(i64::MAX)),
        clean_line(&folder.to_string_lossy())
    )?;
    let run = |purge| {
        let options = ProcessOptions { purge, ..ProcessOptions::new(Trigger::Command, operator(), host()) };
        let run = engine::process(&databases, &options, &SystemClock, &cancel, &view);
        view.finish();
        run
    };
    let plan = generator::DemoPlan {
        stores: args.stores,
        messages: args.messages,
        seed: args.seed,
        now: SystemClock.now(),
        days: 45,
    };
    let mut messages = generator::messages(&plan).peekable();
    let last = Timestamp(plan.now.0 - AGO);
    let history = std::iter::from_fn(|| messages.next_if(|(_, posted_at)| *posted_at <= last));
    import(&databases, history, &cancel)?;
    run(false)?;
    withhold(&databases, last)?;
    import(&databases, messages, &cancel)?;
    if cancel.is_tripped() {
        return Ok(Exit::Interrupted);
    }
    if !args.no_console && console::is_possible() {
        drop(out);
        return console::open(context, databases, ascii);
    }
    writeln!(out, "Process status messages:")?;
    let shown = run(true)?;
    writeln!(out, "{}", shown.account())?;
    tell(&mut out, &databases)?;
    // The nonsense that one store posts is part of the story, not a fault of the demo.
    Ok(match process::exit(&shown) {
        Exit::Partial => Exit::Done,
        other => other,
    })
}

/// Since `last` nothing came: the job that would have brought it was withheld and forgotten. All that head office noted is moved there.
fn withhold(databases: &Databases, last: Timestamp) -> Result<(), Failure> {
    let refused = |refusal: Refusal| Failure::Said(Exit::Failed, refusal.to_string());
    let office = HeadOffice::open(&databases.head_office, Access::Existing)?;
    let start = Timestamp(last.0 - last.0.rem_euclid(QUARTER) + QUARTER);
    let at = start.to_rfc3339();
    let rule = format!(
        r#"{{"start":"{}","time_zone":"UTC","pattern":{{"unit":"minutes","every":15}},"end":{{"never":true}}}}"#,
        &at[..16]
    );
    let recurrence = Rule::parse_json(&rule).map_err(|fault| Failure::Said(Exit::Failed, fault.to_string()))?;
    let settings = JobSettings { recurrence: Some(recurrence), ..JobSettings::new(start) };
    let job_id = office.submit_job(&settings, COLLEAGUE).map_err(refused)?;
    let reason = Some("AOS patch, release after");
    office.change_job_status(job_id, BatchStatus::Withhold, COLLEAGUE, reason).map_err(refused)?;
    Ok(office.backdate(AGO)?)
}

/// Makes the folder, or empties it of an earlier demo; anything else in it is left alone, and a reason to refuse.
fn prepare(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::Said(Exit::Failed, format!("cannot make the folder {}: {error}", folder.display()))
    };
    let databases = Databases::in_folder(folder);
    // By the names here, not by where links lead.
    let files: Vec<PathBuf> = [databases.message_database.file(), databases.head_office.file()]
        .into_iter()
        .flatten()
        .flat_map(|file| {
            ["", "-wal", "-shm", ".lock", ".migrate.lock"].map(|suffix| {
                let mut path = file.as_os_str().to_owned();
                path.push(suffix);
                PathBuf::from(path)
            })
        })
        .collect();
    let mark = folder.join(MARK);
    let occupied = files.iter().any(|file| file.exists());
    if occupied && !mark.exists() {
        return Err(Failure::usage(format!(
            "{} holds an exchange that is no demo; name another folder with --dir",
            folder.display()
        )));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    for file in files.iter().filter(|file| file.exists()) {
        std::fs::remove_file(file).map_err(failed)?;
    }
    std::fs::write(mark, "cdx demo may replace the databases in this folder.\n").map_err(failed)
}

fn import(
    databases: &Databases,
    messages: impl Iterator<Item = (NewMessage, Timestamp)>,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let database = MessageDatabase::open(&databases.message_database, Access::Create)?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut messages = messages.peekable();
    while messages.peek().is_some() && !cancel.is_tripped() {
        batch.clear();
        batch.extend(messages.by_ref().take(BATCH));
        database.import(&batch)?;
    }
    Ok(())
}

/// What an operator would ask next, answered, and how to ask it again.
fn tell(out: &mut impl Write, databases: &Databases) -> Result<(), Failure> {
    let office = HeadOffice::open(&databases.head_office, Access::Existing)?;
    let since = Timestamp(SystemClock.now().0 - 86_400_000);
    writeln!(
        out,
        "\nFailed now: {}. Errors of the last 24 hours, by cause:",
        counted(office.count_open()?, "session")
    )?;
    for line in office.causes(since, SystemClock.now(), 5)? {
        let cause: String = clean_line(&line.masked).chars().take(90).collect();
        writeln!(
            out,
            "  {:>10}, {:>4} open, {:>13}: {cause}",
            counted(line.errors, "error"),
            line.open,
            counted(line.channel_databases, "database")
        )?;
    }
    writeln!(
        out,
        "\nTo look around:\n  export CDX_HEAD_OFFICE='{}' CDX_MESSAGE_DATABASE='{}'\n  cdx sessions download --status apply_failed\n  \
         cdx errors --since 24h\n  cdx process --dry-run\n  cdx doctor",
        databases.head_office, databases.message_database
    )?;
    Ok(())
}
