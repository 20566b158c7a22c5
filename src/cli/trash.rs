//! `cdx trash`: lists purged sessions, restores them, or deletes them for good.

use crate::cancel::Cancel;
use crate::cli::args::{RestoreArgs, TrashAction, TrashArgs};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, print_json, report};
use crate::cli::signals;
use crate::cli::since;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::{counted, grouped, to_json};
use crate::engine::{self, Restoring};
use crate::filter::lists;
use crate::store::Access;
use crate::store::head_office::{Emptied, TrashFilter, TrashedSession};
use serde_json::json;

const LIST: List<TrashedSession> = List {
    columns: &[
        "Session",
        "Direction",
        "Channel database",
        "Job",
        "Status",
        "Rows",
        "Purged by run",
        "Purged at (UTC)",
        "Gone after (UTC)",
    ],
    cells: |session| {
        vec![
            session.key.session_number.into(),
            session.key.direction.word().into(),
            session.key.channel_database.clone().into(),
            session.job_name.clone().into(),
            session.status.word().into(),
            session.rows.into(),
            session.purged_by_run.into(),
            session.purged_at.to_table().into(),
            session.gone_after.to_table().into(),
        ]
    },
    json: to_json,
};

/// Lists the trash, restores from it or empties it.
pub fn run(context: &Context, args: &TrashArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(TrashAction::Restore(chosen)) => restore(context, chosen),
        Some(TrashAction::Empty(format)) => empty(context, format.json),
    }
}

fn list(context: &Context, args: &TrashArgs) -> CommandResult {
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(office.trash(&TrashFilter { since, limit, ..TrashFilter::default() })?);
    let rows = filter::keep_since(args.filter.as_deref(), lists::TRASH, one_more(&args.listing), read)?;
    LIST.print(rows, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn restore(context: &Context, chosen: &RestoreArgs) -> CommandResult {
    context.refuse_if_read_only("trash restore")?;
    let terms = filter::parse(chosen.filter.as_deref(), lists::TRASH)?;
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (numbers, limit) = (chosen.sessions.clone(), engine::MAX_RESTORED);
    let filter = TrashFilter { numbers, run: chosen.run, limit, ..TrashFilter::default() };
    let mut restoring = Restoring::default();
    // What was restored before an error is reported, too.
    let tried = engine::restore_matching(&office, filter, &terms, &operator(), &cancel, &mut restoring);
    let tried = match tried {
        Err(error) if restoring.restored.sessions == 0 => return Err(error.into()),
        tried => tried,
    };
    // Sessions that were not looked at, or do not match, may be in the trash.
    let is_all = tried.is_ok() && !restoring.more && chosen.run.is_none() && terms.is_empty();
    let is_missing = |number: &i64| is_all && !restoring.found.contains(number);
    let missing: Vec<_> = chosen.sessions.iter().copied().filter(is_missing).collect();
    report_restored(&restoring, &missing, chosen.format.json)?;
    tried?;
    let is_complete = missing.is_empty() && restoring.restored.refused.is_empty() && !restoring.more;
    Ok(match (cancel.is_tripped(), is_complete) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Partial,
    })
}

fn report_restored(restoring: &Restoring, missing: &[i64], json: bool) -> Result<(), Failure> {
    let Restoring { restored, more, .. } = restoring;
    for number in missing {
        print_message(&format!("session {number}: not in the trash; nothing was changed"));
    }
    for (key, why) in &restored.refused {
        print_message(&format!(
            "{} session {} {}: {why}",
            key.direction.word(),
            key.session_number,
            key.channel_database
        ));
    }
    if *more {
        let most = grouped(engine::MAX_RESTORED);
        print_message(&format!("more than {most} sessions match; repeat the command to restore the rest"));
    }
    if json {
        let refused = restored.refused.iter().map(|(key, why)| {
            let mut row = to_json(key);
            row["why"] = why.to_string().into();
            row
        });
        print_json(&json!({
            "sessions": restored.sessions,
            "messages": restored.messages,
            "not_in_trash": missing,
            "refused": refused.collect::<Vec<_>>(),
            "more": more,
        }))?;
    } else {
        let (sessions, messages) = (counted(restored.sessions, "session"), counted(restored.messages, "message"));
        print_message(&if restored.sessions == 0 {
            "no session was restored: none in the trash matches, or none can be".to_owned()
        } else {
            format!("{sessions} restored with {messages}; their retention begins again")
        });
    }
    Ok(())
}

fn empty(context: &Context, json: bool) -> CommandResult {
    context.refuse_if_read_only("trash empty")?;
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let office = context.head_office_to_change(Access::Existing)?;
    let extent = office.trash_extent()?;
    let (all, messages) = (extent.sessions, counted(extent.messages, "message"));
    if all > 0 && context.consent.confirmed != Some(all) {
        let sessions = counted(all, "session");
        return Err(Failure::usage(format!(
            "the trash holds {sessions} with {messages}; --confirm {all} deletes them for good"
        )));
    }
    let mut emptied = Emptied::default();
    let tried = engine::empty_trash(&office, extent, &operator(), &cancel, &mut emptied);
    // What was deleted before an error is reported, too.
    if tried.is_ok() || emptied.sessions > 0 {
        let (sessions, messages) = (counted(emptied.sessions, "session"), counted(emptied.messages, "message"));
        let deleted = json!({"sessions": emptied.sessions, "messages": emptied.messages});
        report(json, &deleted, &format!("{sessions} deleted for good with {messages}"))?;
    }
    tried?;
    Ok(if emptied.done { Exit::Done } else { Exit::Interrupted })
}
