//! Other words that operators type for what the palette offers, separated by `, `.

use crate::console::protocol::key_table::Command;

/// Other words for places, by their short names.
pub const PLACE_SYNONYMS: [(&str, &str); 25] = [
    ("psm", "run now, start, restart, transfer, purge, process, execute, sync, update, clean up, prune"),
    ("dsc", "schedules, distribution jobs of the retail scheduler"),
    ("ds", "downloads, cancel, retry or rerun or replay or resend or cancel a session, failed sessions"),
    ("us", "uploads"),
    ("sm", "log, events, messages, yesterday, today, last night"),
    ("er", "errors, failures, problems, causes, what failed, exceptions, broken"),
    ("ru", "transfers, progress, history of runs"),
    ("rm", "invalid, dead letters, dismiss, poison"),
    ("tr", "purged, deleted sessions, restore, undelete, recycle bin"),
    ("jo", "audit, audit log, who changed, who did what, changes, history of changes, operators"),
    ("cs", "stores, agents, channel databases, silent, offline, clocks, notes, zones, heartbeat"),
    ("sj", "matrix, heatmap, grid, last status of each store"),
    ("rsp", "retention, settings, configuration, days to keep, try count, purge"),
    (
        "bj",
        "jobs, cron, schedule, recurrence, release or withhold or hold or pause or add or kill a job, why not running, timer",
    ),
    ("bh", "log of jobs, outcomes, history of jobs"),
    ("bg", "groups"),
    ("sc", "servers, threads, windows, aos, batch server"),
    ("ov", "home, status, health, doctor, check, summary, dashboard, needs attention, to do, backlog, stats"),
    ("mbj", "private jobs"),
    ("no", "alerts, pop-ups, bell, inbox"),
    ("al", "alarms, warnings, rules, firing, e-mail, email, webhook"),
    ("si", "mute, mute alerts, silence, quiet, snooze"),
    ("ap", "approve, four eyes, second login, requests"),
    ("de", "late, sla, due, opening times"),
    ("vi", "saved lists, filters, bookmarks, favorites"),
];

/// Other words for actions, by the beginning of their label; the first that fits counts.
pub const ACTION_SYNONYMS: [(&str, &str); 16] = [
    ("Waiting", "release, resume, unhold, go"),
    ("Withhold", "hold, pause, suspend, stop"),
    ("Canceling", "abort, stop, kill"),
    ("Canceled", "abort, stop"),
    ("Delete", "remove, drop"),
    ("Run ", "start, trigger, execute, now"),
    ("Alerts", "notify, e-mail, mail, pop-up"),
    ("Recurrence", "schedule, repeat, every, cron"),
    ("Copy", "clipboard, duplicate, clone"),
    ("Restore", "undelete, recover, bring back"),
    ("Rerun", "retry, again, repeat, replay, resend"),
    ("Cancel", "abort, stop"),
    ("Mute", "silence, hide, snooze"),
    ("Take the cause", "take, assign, claim, working"),
    ("Note", "comment, remark, ticket"),
    ("Edit", "change, rename, description, group, retries, save to history"),
];

/// What operators call a change of a batch job's status, by the label of the new one.
pub const STATUS_ACTIONS: [(&str, &str); 4] =
    [("Waiting", "Release"), ("Withhold", "Pause"), ("Canceling", "Stop the run"), ("Canceled", "End the recurrence")];

/// What a command does to this screen, where the key table says it for all screens.
pub const COMMAND_NAMES: [(Command, &str); 20] = [
    (Command::Filter, "Filter the list…"),
    (Command::NextError, "Next error"),
    (Command::Dates, "Date range…"),
    (Command::GoTo, "Go to a time…"),
    (Command::ShowAll, "Show all records, also No data, or not"),
    (Command::Follow, "Follow the newest rows"),
    (Command::Histogram, "Histogram or chart: show or hide it"),
    (Command::Mark, "Mark the row"),
    (Command::MarkRange, "Mark a range of rows"),
    (Command::MarkAll, "Mark all rows that match"),
    (Command::Sort, "Sort the list…"),
    (Command::Columns, "Columns: choose and arrange them…"),
    (Command::Totals, "Totals: count rows by store, job, status…"),
    (Command::Related, "Related screens…"),
    (Command::CopyCommand, "Copy the command that prints the list"),
    (Command::Export, "Export the list to a file…"),
    (Command::Record, "The whole row, as fields and as JSON"),
    (Command::Undo, "Undo a change…"),
    (Command::Views, "Views: open or save one…"),
    (Command::Quit, "Quit"),
];

/// Other words for commands of the key table.
pub const COMMAND_SYNONYMS: [(Command, &str); 12] = [
    (Command::Export, "save, csv, json, download, file, spreadsheet"),
    (Command::Undo, "revert, take back"),
    (Command::Handover, "shift, report, summary, sheet"),
    (Command::Reload, "refresh, reload"),
    (Command::Zone, "utc, local time, time zone, timezone"),
    (Command::Follow, "tail, live"),
    (Command::Quit, "exit, close, leave, logout"),
    (Command::Help, "keys, shortcuts, manual, usage"),
    (Command::Dates, "dates, from, to, since, period, yesterday, today"),
    (Command::Record, "pager, less, json, all fields"),
    (Command::Totals, "statistics, count, group by, sum"),
    (Command::Columns, "fields, widths"),
];

/// What the console does not do itself: its name, other words for it, and the command that does it.
pub const ELSEWHERE: [(&str, &str, &str); 3] = [
    ("Copy a database", "backup, copy database, restore, migrate to postgresql", "cdx copy --help"),
    ("Support bundle", "bundle, diagnostics, support", "cdx bundle"),
    ("Check the installation", "self test, diagnose", "cdx doctor"),
];

#[cfg(test)]
mod tests {
    use super::{ACTION_SYNONYMS, PLACE_SYNONYMS};
    use crate::batch::BatchStatus;
    use crate::console::overlay::navigation::MENU;
    use std::path::Path;

    #[test]
    fn synonyms_of_places_name_places_of_the_menu() {
        for (short, _) in PLACE_SYNONYMS {
            assert!(MENU.iter().any(|place| place.short == short), "no place has the short name {short}");
        }
    }

    /// The code of all screens.
    fn code_below(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                code_below(&path, into);
            } else {
                into.push_str(&std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }

    #[test]
    fn synonyms_of_actions_are_of_labels_that_screens_have() {
        let mut code = String::new();
        code_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/screens"), &mut code);
        for (label, _) in ACTION_SYNONYMS {
            let is_status = BatchStatus::CHOICES.iter().any(|status| status.label() == label);
            let begins_text = code.contains(&format!("\"{label}"));
            assert!(is_status || begins_text, "no action's label begins with {label:?}; change its synonyms, too");
        }
    }
}
