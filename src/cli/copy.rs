//! `cdx copy`: copies a database to another location or engine.

use crate::cancel::Cancel;
use crate::cli::args::CopyArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table};
use crate::cli::signals;
use crate::cli::terminal::print_message;
use crate::domain::{grouped, to_json};
use crate::store::{Copied, CopiedTable, CopyError, CopyProgress, Location, copy};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

/// Interval of progress lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// What a copy did, as JSON.
#[derive(Serialize)]
struct CopyRow<'a> {
    what: &'a str,
    tables: Map<String, Value>,
    resumed: bool,
    renewed: bool,
}

/// A copied table, as JSON.
#[derive(Serialize)]
struct TableRow<'a> {
    rows: i64,
    digest: &'a str,
}

/// Copies the database, verifies the copy and prints its tables.
pub fn run(context: &Context, args: &CopyArgs) -> CommandResult {
    context.refuse_if_read_only("copy")?;
    let (from, to) = (location("--from", &args.from)?, location("--to", &args.to)?);
    if from.holds_password() || to.holds_password() {
        print_message(
            "cdx: others can read the password on the command line; put it into PGPASSFILE, ~/.pgpass or PGPASSWORD instead",
        );
    }
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let mut last: Option<(String, bool, Instant)> = None;
    let mut on_progress = |progress: CopyProgress| {
        let news = last.as_ref().is_none_or(|(table, compares, at)| {
            (table != progress.table || *compares != progress.compares) && progress.total >= 100_000
                || at.elapsed() >= LINE_INTERVAL
        });
        if news {
            let (done, total) = (grouped(progress.done), grouped(progress.total));
            let doing = if progress.compares { "comparing" } else { "copying" };
            print_message(&format!("{doing} {}: {done} of {total} rows", progress.table));
            last = Some((progress.table.to_owned(), progress.compares, Instant::now()));
        }
    };
    let copied = copy(&from, &to, &cancel, &mut on_progress)?;
    if copied.resumed {
        print_message("an earlier copy was continued");
    }
    if copied.renewed {
        print_message(
            "the copy has an identity of its own; head office reads it from the start without inserting anything twice",
        );
    }
    print(context, &copied, args.json)
}

fn location(flag: &str, text: &str) -> Result<Location, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("{flag}: {error}")))
}

fn print(context: &Context, copied: &Copied, as_json: bool) -> CommandResult {
    if as_json {
        let row = |table: &CopiedTable| to_json(&TableRow { rows: table.rows, digest: &table.digest });
        print_json(&CopyRow {
            what: copied.what,
            tables: copied.tables.iter().map(|table| (table.table.clone(), row(table))).collect(),
            resumed: copied.resumed,
            renewed: copied.renewed,
        })?;
        return Ok(Exit::Done);
    }
    let rows = copied.tables.iter();
    let rows = rows.map(|table| {
        vec![
            table.table.clone().into(),
            grouped(table.rows).into(),
            table.digest.chars().take(16).collect::<String>().into(),
        ]
    });
    print_table(&["Table", "Rows", "Digest, the same on both sides"], rows.collect(), context.style())?;
    Ok(Exit::Done)
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        let exit = match error {
            CopyError::Store(error) => return error.into(),
            CopyError::Same(_) => Exit::Usage,
            CopyError::InUse(..) => Exit::Held,
            CopyError::Stopped => Exit::Interrupted,
            CopyError::UnknownKind(_) | CopyError::NotEmpty(_) | CopyError::Differs(_) => Exit::Failed,
        };
        Self::Message(exit, error.to_string())
    }
}
