//! `cdx demo`: fills two databases with a made-up exchange and opens the console on them.

use crate::cancel::Cancel;
use crate::cli::args::DemoArgs;
use crate::cli::context::{Context, host, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::progress::ProgressView;
use crate::cli::{console, process, signals};
use crate::clock::{Clock, SystemClock};
use crate::config::{ProcessEnvironment, data_folder};
use crate::demo::{self, DemoError, DemoPlan};
use crate::domain::{DAY_MS, Timestamp, Trigger, clean_line, counted, grouped};
use crate::engine::{self, Databases, ProcessOptions};
use crate::store::{Access, HeadOffice};
use std::io::Write;

/// Days of history.
const DEFAULT_DAYS: u32 = 45;

/// Makes the exchange and opens the console on it; without a terminal it processes the messages and
/// prints the result.
pub fn run(context: &Context, args: &DemoArgs, ascii: bool) -> CommandResult {
    context.refuse_if_read_only("demo")?;
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => data_folder(&ProcessEnvironment)?.join("demo"),
    };
    let databases = Databases {
        allow_network_file_system: context.config.allow_network_file_system.value,
        ..demo::prepare(&folder)?
    };
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "Making an exchange of {} stores and about {} messages in {} ...",
        grouped(args.stores),
        grouped(args.messages),
        clean_line(&folder.to_string_lossy())
    )?;
    let plan = DemoPlan {
        stores: args.stores,
        messages: args.messages,
        seed: args.seed,
        now: SystemClock.now(),
        days: DEFAULT_DAYS,
    };
    let options = ProcessOptions::new(Trigger::Command, operator(), host());
    let view = ProgressView::new();
    let filled = demo::fill(&databases, &plan, options.clone(), &SystemClock, &cancel, &view);
    view.finish();
    filled?;
    if cancel.is_tripped() {
        return Ok(Exit::Interrupted);
    }
    if !args.no_console && console::is_possible() {
        drop(out);
        return console::open(context, databases, ascii);
    }
    writeln!(out, "Process status messages:")?;
    let run = engine::process(&databases, &options, &SystemClock, &cancel, &view);
    view.finish();
    let run = run?;
    writeln!(out, "{}", run.summary())?;
    print_failures(&mut out, &databases)?;
    // The invalid messages that one store posts belong to the demo and are no failure of the
    // command.
    Ok(match process::exit(&run) {
        Exit::Partial => Exit::Done,
        other => other,
    })
}

/// Prints the latest failures by cause, and the commands that show more.
fn print_failures(out: &mut impl Write, databases: &Databases) -> Result<(), Failure> {
    let office = HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?;
    let since = Timestamp(SystemClock.now().0 - DAY_MS);
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

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Store(error) => error.into(),
            DemoError::Process(error) => error.into(),
            DemoError::NotADemo(_) => Self::usage(error.to_string()),
            DemoError::Folder { .. } | DemoError::Refused(_) | DemoError::Rule(_) => {
                Self::Message(Exit::Failed, error.to_string())
            }
        }
    }
}
