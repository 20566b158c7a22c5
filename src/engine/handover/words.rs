//! The handover sheet as text.

use crate::domain::{Timestamp, clean_line, counted, grouped};
use crate::engine::handover::Handover;
use crate::guard::REFUSED;
use crate::store::head_office::{JournalRow, ListedApproval, TrashOfRun};

/// Lines that a section shows at most; the rest is counted.
const MAX_LINES: usize = 15;

/// A section: its title and its lines.
type Section = (&'static str, Vec<String>);

impl Handover {
    /// The sheet in Markdown. `time` writes an instant.
    pub fn markdown(&self, time: &dyn Fn(Timestamp) -> String) -> String {
        let mut lines = vec![format!("# {}", self.title(time)), String::new()];
        for (title, content) in self.sections(time) {
            lines.extend([format!("## {title}"), String::new()]);
            lines.extend(content.into_iter().map(|line| format!("- {}", escaped(&line))));
            lines.push(String::new());
        }
        lines.pop();
        lines.join("\n")
    }

    /// The sheet in plain lines. `time` writes an instant.
    pub fn lines(&self, time: &dyn Fn(Timestamp) -> String) -> Vec<String> {
        let mut lines = Vec::new();
        for (title, content) in self.sections(time) {
            lines.push(title.to_owned());
            lines.extend(content.into_iter().map(|line| format!("  {line}")));
            lines.push(String::new());
        }
        lines.pop();
        lines
    }

    /// The first line: from when to when the shift was.
    pub fn title(&self, time: &dyn Fn(Timestamp) -> String) -> String {
        format!("Handover, {} to {}", time(self.from), time(self.to))
    }

    fn sections(&self, time: &dyn Fn(Timestamp) -> String) -> Vec<Section> {
        let mut sections = vec![("Runs", self.runs_in_words(time))];
        sections.push((
            "Starts that went wrong",
            listed(self.missed_starts.iter().map(|start| {
                let starts = if start.starts > 1 { format!("{} starts ", start.starts) } else { String::new() };
                let reason = start.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
                let outcome = start.outcome.replace('_', " ");
                format!(
                    "{} job {} {}: {starts}{outcome}{reason}",
                    time(start.scheduled_at),
                    start.job_id,
                    start.description
                )
            })),
        ));
        sections.push((
            "New causes",
            listed(self.new_causes.iter().map(|cause| {
                let text = if cause.cause.is_empty() { "(no error text)" } else { &cause.cause };
                format!(
                    "{}, {} open, on {}, since {}: {text}",
                    counted(cause.errors, "error"),
                    grouped(cause.open),
                    counted(cause.channel_databases, "channel database"),
                    time(cause.first_seen_at)
                )
            })),
        ));
        sections.push(("Actions", listed(actions(&self.changes, time).into_iter())));
        sections.push(("Held jobs and purges", listed(self.holds.iter().cloned())));
        sections.push(("Waiting approvals", listed(self.approvals.iter().map(|approval| waiting(approval, time)))));
        sections.push(("In the trash", listed(self.trash.iter().map(|of_run| restorable(of_run, time)))));
        sections.push((
            "Taken causes",
            listed(self.taken.iter().map(|taken| {
                let remark = taken.taking.remark.as_ref().map_or_else(String::new, |remark| format!(" ({remark})"));
                format!("{} until {}: {}{remark}", taken.taking.by, time(taken.taking.until), taken.cause)
            })),
        ));
        sections.push((
            "Muted",
            listed(self.mutes.iter().map(|mute| format!("until {} by {}: {}", time(mute.until), mute.by, mute.cause))),
        ));
        sections.extend(self.alerts_in_words(time));
        sections.push((
            "Notes",
            listed(self.notes.iter().map(|note| {
                let by = match (&note.by, note.at) {
                    (Some(by), Some(at)) => format!(" ({by}, {})", time(at)),
                    _ => String::new(),
                };
                format!("{}: {}{by}", note.on, note.note)
            })),
        ));
        sections.push(("Stuck", listed(self.stuck.iter().cloned())));
        if self.cut {
            sections.push(("Cut", vec!["a list reached its limit; pass a later --since to see all of it".to_owned()]));
        }
        sections
    }

    fn alerts_in_words(&self, time: &dyn Fn(Timestamp) -> String) -> [Section; 4] {
        [
            (
                "Late starts and long runs",
                listed(self.overdue.iter().map(|alert| format!("{} {}", time(alert.at), alert.text))),
            ),
            (
                "Firing alerts",
                listed(self.firing_groups.iter().map(|group| {
                    let silenced = group.silence_id.map_or_else(String::new, |id| format!(" (silence {id})"));
                    format!("since {} {}{silenced}", time(group.since), group.text)
                })),
            ),
            (
                "Resolved alerts",
                listed(self.resolved_groups.iter().map(|group| {
                    let until = time(group.resolved_at.unwrap_or(self.to));
                    let ended = group.ended.as_ref().map_or_else(String::new, |why| format!(" (not resolved: {why})"));
                    format!("{} to {until} {}{ended}", time(group.since), group.text)
                })),
            ),
            (
                "Silenced alerts",
                listed(self.silences.iter().map(|silence| {
                    let held = counted(silence.held_back, "alert");
                    format!(
                        "until {} by {}: {} ({}); {held} held back",
                        time(silence.until),
                        silence.created_by,
                        silence.filter,
                        silence.reason
                    )
                })),
            ),
        ]
    }

    fn runs_in_words(&self, time: &dyn Fn(Timestamp) -> String) -> Vec<String> {
        let runs = &self.runs;
        let mut lines = vec![format!(
            "{}: {} messages read, {} new, {} rejected; {} rows purged; {} failed",
            counted(runs.count, "run"),
            grouped(runs.read),
            grouped(runs.inserted),
            grouped(runs.rejected),
            grouped(runs.purged),
            runs.failed.len()
        )];
        lines.extend(runs.last_ended_at.map(|at| format!("the last one ended at {}", time(at))));
        lines.extend(runs.active.map(|run_id| format!("run {run_id} is active")));
        let failed = runs.failed.iter().map(|run| {
            let error = run.error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
            format!("{} run {} {}{error}", time(run.started_at), run.run_id, run.outcome)
        });
        lines.extend(cut(failed.map(|line| clean_line(&line).into_owned()).collect()));
        lines
    }
}

/// The changes, newest first. Where there are more than a section shows, those of one operator and
/// action are one line, so that a rare one is not cut for a hundred notes.
fn actions(changes: &[JournalRow], time: &dyn Fn(Timestamp) -> String) -> Vec<String> {
    let mut groups: Vec<Vec<&JournalRow>> = Vec::new();
    for row in changes {
        let is_same = |group: &&mut Vec<&JournalRow>| {
            let first = group[0];
            (&first.operator, &first.action, &first.result) == (&row.operator, &row.action, &row.result)
        };
        match groups.iter_mut().find(is_same).filter(|_| changes.len() > MAX_LINES) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let line = |group: Vec<&JournalRow>| {
        let (row, oldest) = (group[0], group[group.len() - 1]);
        let more = match group.len() {
            1 => String::new(),
            rows => format!("; {} since {}", counted(rows, "change"), time(oldest.at)),
        };
        let why = row.reason.as_ref().unwrap_or(&row.detail);
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        let undone = match (row.undone_at, row.result.as_deref()) {
            (Some(_), _) => ", undone later",
            (None, Some(REFUSED)) => ", refused",
            _ => "",
        };
        format!("{} {}: {}, {}{why}{undone}{more}", time(row.at), row.operator, row.action, row.object)
    };
    groups.into_iter().map(line).collect()
}

/// A change that waits for a second login.
fn waiting(ListedApproval { approval, expires_at, .. }: &ListedApproval, time: &dyn Fn(Timestamp) -> String) -> String {
    let reason = approval.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!(
        "{} of {}: {}{reason}, {}; until {}: cdx approvals approve {}",
        time(approval.requested_at),
        approval.requested_by,
        approval.in_full(),
        counted(approval.rows, "row"),
        time(*expires_at),
        approval.approval_id
    )
}

/// What can be restored of a run.
fn restorable(of_run: &TrashOfRun, time: &dyn Fn(Timestamp) -> String) -> String {
    let (sessions, messages) = (counted(of_run.sessions, "session"), counted(of_run.messages, "message"));
    let (run_id, until) = (of_run.run_id, time(of_run.gone_after));
    format!("{sessions} with {messages}, until {until}: cdx trash restore --run {run_id}")
}

/// Names some of a number: `12 channel databases silent: S0001, S0002 and 10 more`.
pub(super) fn named(counted: &str, state: &str, names: &[String], count: i64) -> String {
    let more = count - i64::try_from(names.len()).unwrap_or(count);
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    format!("{counted} {state}: {}{more}", names.join(", "))
}

/// The lines of a section, cleaned, and cut after some; "none" if there are none.
fn listed(lines: impl Iterator<Item = String>) -> Vec<String> {
    let lines: Vec<_> = lines.map(|line| clean_line(&line).into_owned()).collect();
    if lines.is_empty() { vec!["none".to_owned()] } else { cut(lines) }
}

fn cut(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MAX_LINES);
    if more > 0 {
        lines.truncate(MAX_LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// The text without marks that Markdown would read.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '#' | '[' | ']' | '<' | '>' | '|') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sections_are_cut_and_marks_of_markdown_are_escaped() {
        let lines = listed((0..20).map(|number| format!("line {number}")));
        assert_eq!((lines.len(), lines[15].as_str()), (16, "and 5 more"));
        assert_eq!(listed(std::iter::empty()), ["none"]);
        assert_eq!(escaped("a <b> `c` #1 *x*"), "a \\<b\\> \\`c\\` \\#1 \\*x\\*");
        assert_eq!(named("2 stores", "silent", &["S1".to_owned()], 2), "2 stores silent: S1 and 1 more");
    }
}
