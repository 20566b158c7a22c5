//! The lines that preview a run.

use crate::console::protocol::query::Preview;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{counted, grouped};
use crate::text::wrap_labeled;

/// Lines of at most `width` cells that preview a run with these steps; `preview` is `None` while
/// rows are counted.
pub fn lines(
    preview: Option<&Result<Box<Preview>, String>>,
    steps: (bool, bool),
    view: &ViewContext,
    width: usize,
) -> Vec<(String, Role)> {
    let whole = whole_lines(preview, steps, view).into_iter();
    whole.flat_map(|(line, role)| pieces(line, width).into_iter().map(move |line| (line, role))).collect()
}

/// A line, wrapped if it is too long; but a row of the table, which is as wide as the screen.
fn pieces(line: String, width: usize) -> Vec<String> {
    if line.is_empty() || line.starts_with(' ') { vec![line] } else { wrap_labeled(&line, width) }
}

fn whole_lines(
    preview: Option<&Result<Box<Preview>, String>>,
    (transfer, purge): (bool, bool),
    view: &ViewContext,
) -> Vec<(String, Role)> {
    let preview = match preview {
        None => {
            return vec![("counting …  OK starts the run now".to_owned(), Role::Dim)];
        }
        Some(Err(sentence)) => return vec![(format!("! {sentence}"), Role::Bad)],
        Some(Ok(preview)) => preview,
    };
    let refusal = preview.refusal.as_ref().map(|refusal| (format!("! Nothing would run: {refusal}"), Role::Bad));
    let mut lines: Vec<_> = refusal.into_iter().collect();
    if transfer {
        lines.push((format!("Transfer  {} waiting", counted(preview.waiting, "message")), Role::Text));
        if preview.foreign.is_some() {
            let why = "! OK asks first: the message database belongs to another head office";
            lines.push((why.to_owned(), Role::Warn));
        }
    } else {
        lines.push(("Transfer  off".to_owned(), Role::Text));
    }
    let gone = preview.expired.rows_of_trash();
    let why = match preview.cutoffs.resolved {
        _ if !purge => Some("off"),
        None if preview.cutoffs.keep_everything() && gone == 0 => Some("nothing, ever: the retention is 0"),
        _ => None,
    };
    if let Some(why) = why {
        lines.push((format!("Purge     {why}"), Role::Text));
        return lines;
    }
    let days = preview.parameters.retention_days;
    let what = match preview.cutoffs.resolved {
        Some(at) => {
            format!("what expired before {} {} ({})", view.zone.long(at), view.zone.name(at), counted(days, "day"))
        }
        None => "only what has a retention of its own: the retention is 0".to_owned(),
    };
    lines.push((format!("Purge     {what}"), Role::Text));
    for (kind, days) in preview.parameters.own_retentions() {
        lines.push((format!("          {kind} after {}", counted(days, "day")), Role::Text));
    }
    if let Some(why) = &preview.not_ours {
        lines.push((format!("! nothing: {why}"), Role::Warn));
        return lines;
    }
    lines.push((String::new(), Role::Text));
    lines.extend(tables(preview, view));
    if let Some(until) = preview.trash_until() {
        lines.push((format!("Trash     purged sessions can be restored until {}", view.zone.long(until)), Role::Text));
    }
    if gone > 0 {
        lines.push((format!("          {} deleted from the trash for good", counted(gone, "row")), Role::Text));
    }
    let kept = preview.expired.head_office.kept_unresolved;
    if kept > 0 {
        let oldest = preview.expired.head_office.oldest_unresolved.map_or_else(String::new, |at| view.zone.long(at));
        lines.push((
            format!("Kept      {} past retention, oldest {oldest}", counted(kept, "unresolved session")),
            Role::Text,
        ));
    }
    let receipt = &preview.receipt;
    let number = match (preview.number(), &preview.unnumbered) {
        (Some(number), _) => format!("number {number}; the run compares itself with it"),
        (None, Some(why)) => format!("without a number: {why}"),
        (None, None) => "without a number".to_owned(),
    };
    lines.push((format!("Preview   {number}"), Role::Text));
    if receipt.rows > 0 {
        let (rows, size, time) = (counted(receipt.rows, "row"), receipt.size_in_words(), receipt.time_in_words());
        lines.push((format!("          {rows}, about {size}, {time}"), Role::Text));
    }
    lines.extend(preview.asks().map(|why| (format!("! OK asks first: {why}"), Role::Warn)));
    lines.extend(preview.forbidding().map(|refusal| (format!("! The purge would be held: {refusal}"), Role::Warn)));
    lines
}

/// The tables with rows to purge.
fn tables(preview: &Preview, view: &ViewContext) -> Vec<(String, Role)> {
    let heading = format!("  {:<17}{:<20}{:>12}{:>14}{:>14}", "Database", "Table", "Rows", "Oldest", "Newest");
    let mut lines = vec![(heading, Role::Dim)];
    lines.extend(preview.expired.tables().map(|(database, table, expired)| {
        let at = |at: Option<_>| at.map_or_else(String::new, |at| view.zone.short(at, view.now));
        let (oldest, newest) = (at(expired.oldest), at(expired.newest));
        let rows = grouped(expired.rows);
        (format!("  {database:<17}{table:<20}{rows:>12}{oldest:>14}{newest:>14}"), Role::Text)
    }));
    if lines.len() == 1 { vec![("Nothing to purge".to_owned(), Role::Text)] } else { lines }
}
