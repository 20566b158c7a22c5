//! `cdx journal`: lists who changed what, and proves that the journal is complete.

use crate::cli::args::{JournalAction, JournalArgs};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{List, one_more, print_json};
use crate::cli::since;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Seek, counted, to_json};
use crate::filter::lists;
use crate::store::head_office::{JournalFilter, JournalHead, JournalRow};
use std::io::Write;

const LIST: List<JournalRow> = List {
    columns: &["Row", "At (UTC)", "Operator", "Client", "Host", "Action", "Object", "Result", "Reason", "Detail"],
    cells: |row| {
        vec![
            row.entry_id.into(),
            row.at.to_table().into(),
            row.operator.clone().into(),
            row.client.clone().into(),
            row.host.clone().into(),
            row.action.clone().into(),
            row.object.clone().into(),
            row.undone_by.as_ref().map(|by| format!("undone by {by}")).or_else(|| row.result.clone()).into(),
            row.reason.clone().into(),
            row.detail.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the changes, newest first, or verifies the journal.
pub fn run(context: &Context, args: &JournalArgs) -> CommandResult {
    if let Some(JournalAction::Verify { head, json }) = &args.action {
        return verify(context, head.as_ref(), *json);
    }
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let filter = JournalFilter { since, ..JournalFilter::default() };
    let filter = filter.with_terms(&filter::parse(args.filter.as_deref(), lists::JOURNAL)?);
    let rows = usize::try_from(one_more(&args.listing)).unwrap_or(usize::MAX);
    let rows = context.head_office_to_read()?.journal_at(&filter, Seek::First, rows)?;
    LIST.print(rows, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn verify(context: &Context, kept: Option<&JournalHead>, json: bool) -> CommandResult {
    let proof = context.head_office_to_read()?.verify_journal(kept)?;
    if json {
        print_json(&proof)?;
    } else if let Some(head) = &proof.head {
        writeln!(std::io::stdout(), "{head}")?;
    }
    for fault in &proof.first_faults {
        print_message(&format!("cdx: journal {fault}"));
    }
    if !proof.valid {
        print_message(&format!(
            "cdx: the journal is broken: {} in {}",
            counted(proof.faults, "fault"),
            counted(proof.rows, "row")
        ));
        return Ok(Exit::Failed);
    }
    print_message(&format!("the journal is whole: {} verified", counted(proof.rows, "row")));
    Ok(Exit::Done)
}
