//! `cdx watch`: prints changes at head office as they happen.

use crate::cancel::Cancel;
use crate::cli::args::WatchArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::signals;
use crate::cli::terminal::print_message;
use crate::domain::clean_line;
use crate::engine::{Change, WatchPosition, Watcher};
use crate::store::{HeadOffice, StoreError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use std::io::Write;
use std::time::{Duration, Instant};

/// How often a closed pipe is noticed while nothing changes.
const READER_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// A change as JSON.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    change: &'a Change,
    position: String,
}

/// Prints the changes until it is interrupted or its reader is gone.
pub fn run(context: &Context, args: &WatchArgs) -> CommandResult {
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let mut office = context.head_office_to_follow()?;
    let (mut watcher, restored) = begin(&office, args)?;
    print(args, &watcher.beginning(office.now()?))?;
    print_restored(args, &watcher, restored)?;
    let location = context.config.head_office.value.clone();
    let mut file = location.file_identity();
    let mut is_away = false;
    loop {
        let present = location.file_identity();
        if present != file && present.is_some() {
            // A file that was restored: the position is checked against the new one.
            file = present;
            office = context.head_office_to_follow()?;
            let (resumed, restored) = resume(&office, watcher.position().clone())?;
            watcher = resumed;
            print_restored(args, &watcher, restored)?;
        }
        let polled =
            if present == file { watcher.poll(&office) } else { Err(StoreError::Moved { location: location.clone() }) };
        match polled {
            Ok(polled) => {
                if std::mem::take(&mut is_away) {
                    print_message("cdx: head office is back; the stream continues");
                }
                for change in &polled.changes {
                    print(args, change)?;
                }
                if cancel.is_tripped() {
                    return Ok(Exit::Interrupted);
                }
                if polled.more {
                    continue;
                }
                if args.once {
                    return Ok(Exit::Done);
                }
            }
            // The stream continues at its position when the server or the file is back.
            Err(error) if (error.is_lost() || error.is_locked() || is_moved(&error)) && !args.once => {
                if !std::mem::replace(&mut is_away, true) {
                    let what = match error {
                        StoreError::Moved { location } => format!("{location} was moved or removed"),
                        error => error.to_string(),
                    };
                    print_message(&format!("cdx: {what} (retrying until it is back)"));
                }
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(exit) = wait(&cancel, Duration::from_secs(args.interval)) {
            return Ok(exit);
        }
    }
}

fn is_moved(error: &StoreError) -> bool {
    matches!(error, StoreError::Moved { .. })
}

/// A stream, and the event of what it misses.
type Resumed = (Watcher, Option<Change>);

fn begin(office: &HeadOffice, args: &WatchArgs) -> Result<Resumed, Failure> {
    match &args.from {
        None => Ok((Watcher::begin(office)?, None)),
        Some(position) => resume(office, position.clone()),
    }
}

fn resume(office: &HeadOffice, position: WatchPosition) -> Result<Resumed, Failure> {
    let resumed = Watcher::resume(office, position)?;
    resumed.ok_or_else(|| Failure::usage("the position is of another head office; begin again without --from"))
}

/// Prints the event of what a stream misses, if it misses anything, and says it.
fn print_restored(args: &WatchArgs, watcher: &Watcher, restored: Option<Change>) -> Result<(), Failure> {
    let Some(change) = restored else { return Ok(()) };
    print_message(&format!("cdx: {}", change.words()));
    print(args, &(change, watcher.position().clone()))
}

fn print(args: &WatchArgs, (change, position): &(Change, WatchPosition)) -> Result<(), Failure> {
    if args.json {
        return Ok(print_json(&Line { change, position: position.to_string() })?);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}  {}", change.at().in_utc(), clean_line(&change.words()))?;
    Ok(out.flush()?)
}

/// Waits for the next poll; returns the exit code if the command was interrupted or the reader of
/// its output is gone.
fn wait(cancel: &Cancel, interval: Duration) -> Option<Exit> {
    let since = Instant::now();
    loop {
        if is_reader_gone() {
            return Some(Exit::Done);
        }
        let left = interval.saturating_sub(since.elapsed());
        if cancel.sleep(left.min(READER_CHECK_INTERVAL)) {
            return Some(Exit::Interrupted);
        }
        if left <= READER_CHECK_INTERVAL {
            return None;
        }
    }
}

/// Whether the other end of a pipe at the standard output was closed; nothing is written to it for
/// hours if nothing changes.
fn is_reader_gone() -> bool {
    let stdout = std::io::stdout();
    let mut output = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut output, Some(&at_once)).is_ok() && output[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}
