//! The state of the exchange as metrics in Prometheus' text format. Each figure reads a bounded
//! number of rows.

use crate::clock::Clock;
use crate::domain::{Cursor, DAY_MS, Direction, Outcome, Run, Timestamp};
use crate::engine::databases::{Databases, PROBE_TIMEOUT};
use crate::store::head_office::{CauseLine, DeliveryChannel};
use crate::store::{Access, HeadOffice, StoreError};
use std::fmt::{Display, Write};

/// Causes exported at most: each is a time series of its own at the monitoring system.
const MAX_CAUSES: i64 = 20;
/// Characters of a cause's text in its label.
const MAX_CAUSE_CHARS: usize = 200;
/// Rows counted at most for a status or for the waiting messages.
const MAX_COUNTED_ROWS: i64 = 1_000_000;
/// Runs whose outcomes and durations are exported.
const MAX_RUNS: i64 = 100;
/// Errors before this many milliseconds do not count for a cause.
const ERROR_WINDOW_MS: i64 = DAY_MS;

/// Metrics in the order in which they were added.
#[derive(Debug, Default)]
struct Exposition(String);

impl Exposition {
    /// Adds a gauge with one sample per label set; without samples only its description.
    fn gauge<V: Display>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (Labels, V)>) {
        // Writing to a string cannot fail.
        _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in samples {
            _ = writeln!(self.0, "{name}{} {value}", labels.0);
        }
    }

    /// Adds a gauge without labels; a missing value leaves no sample.
    fn single<V: Display>(&mut self, name: &str, help: &str, value: Option<V>) {
        self.gauge(name, help, value.map(|value| (Labels::default(), value)));
    }
}

/// The labels of one sample, written as the format has them.
#[derive(Debug, Default)]
struct Labels(String);

impl Labels {
    fn of(pairs: &[(&str, &str)]) -> Self {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        Self(format!("{{{}}}", pairs.join(",")))
    }
}

fn seconds(at: Timestamp) -> String {
    milliseconds(at.0)
}

#[allow(clippy::cast_precision_loss)] // exact far beyond any date
fn milliseconds(ms: i64) -> String {
    format!("{}", ms as f64 / 1_000.0)
}

/// The state of the exchange.
#[derive(Debug)]
pub struct Metrics {
    /// The samples, in Prometheus' text format.
    pub text: String,
    /// Why samples of a database are missing.
    pub faults: Vec<StoreError>,
}

/// Whether the labels of causes have their texts, which may name what a store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseLabels {
    /// Number and text.
    Texts,
    /// The number alone.
    Numbers,
}

/// Reads both databases and returns their state; changes nothing. The samples of a database that
/// cannot be read are missing.
pub fn metrics(databases: &Databases, clock: &dyn Clock, labels: CauseLabels) -> Metrics {
    let databases = databases.connecting_within(PROBE_TIMEOUT);
    let messages = databases.read_message_database();
    let office = HeadOffice::open(&databases.head_office, databases.opening(Access::ReadOnly)).and_then(|office| {
        let cursor = match &messages {
            Ok((_, database_id)) => office.cursor(database_id)?,
            Err(_) => office.last_cursor()?,
        };
        let mut out = Exposition::default();
        of_head_office(&mut out, &office, cursor.as_ref(), clock.now(), labels)?;
        Ok((out, cursor))
    });
    let waiting = messages.and_then(|(messages, _)| match &office {
        Ok((_, cursor)) => messages.count_waiting(cursor.as_ref(), MAX_COUNTED_ROWS).map(Some),
        Err(_) => Ok(None),
    });
    let mut out = Exposition::default();
    out.gauge(
        "cdx_build_info",
        "The program that read the figures.",
        [(Labels::of(&[("version", env!("CARGO_PKG_VERSION"))]), 1)],
    );
    let up = |is_up: bool| Some(i32::from(is_up));
    out.single("cdx_head_office_up", "Whether head office can be read.", up(office.is_ok()));
    out.single("cdx_message_database_up", "Whether the message database can be read.", up(waiting.is_ok()));
    let count = waiting.as_ref().ok().copied().flatten();
    out.single("cdx_messages_waiting", "Messages not yet transferred, counted up to 1,000,000.", count);
    let (of_office, unreadable) = match office {
        Ok((of_office, _)) => (of_office.0, None),
        Err(fault) => (String::new(), Some(fault)),
    };
    Metrics { text: out.0 + &of_office, faults: unreadable.into_iter().chain(waiting.err()).collect() }
}

fn of_head_office(
    out: &mut Exposition,
    office: &HeadOffice,
    cursor: Option<&Cursor>,
    now: Timestamp,
    labels: CauseLabels,
) -> Result<(), StoreError> {
    sessions(out, office)?;
    causes(out, office, now, labels)?;
    channel_databases(out, office, cursor.and_then(|cursor| cursor.as_of), now)?;
    runs(out, office)?;
    trash(out, office)?;
    batch(out, office)
}

fn sessions(out: &mut Exposition, office: &HeadOffice) -> Result<(), StoreError> {
    let counts = office.count_by_status(MAX_COUNTED_ROWS)?;
    let samples = counts.into_iter().map(|(direction, status, count)| {
        (Labels::of(&[("direction", direction.word()), ("status", status.word())]), count)
    });
    out.gauge("cdx_sessions", "Sessions by direction and status, counted up to 1,000,000.", samples);
    let failed =
        [(Direction::Upload, office.uploads_not_applied()?), (Direction::Download, office.downloads_failed()?)];
    out.gauge(
        "cdx_sessions_failed",
        "Failed sessions that no newer session repeats, counted up to 20,000.",
        failed.iter().map(|(direction, figures)| (Labels::of(&[("direction", direction.word())]), figures.sessions)),
    );
    out.gauge(
        "cdx_sessions_failed_restored",
        "Those of the failed sessions that were restored from the trash: their failures are old.",
        failed.iter().map(|(direction, figures)| (Labels::of(&[("direction", direction.word())]), figures.restored)),
    );
    let oldest = failed.iter().filter_map(|(direction, figures)| {
        figures.oldest.map(|at| (Labels::of(&[("direction", direction.word())]), seconds(at)))
    });
    out.gauge("cdx_sessions_failed_oldest_timestamp_seconds", "Last change of the oldest failed session.", oldest);
    Ok(())
}

fn causes(out: &mut Exposition, office: &HeadOffice, now: Timestamp, with: CauseLabels) -> Result<(), StoreError> {
    let causes = office.causes(Timestamp(now.0 - ERROR_WINDOW_MS), now, MAX_CAUSES)?;
    // Two causes may begin with the same text; equal labels would make the whole scrape invalid.
    let labels = |cause: &CauseLine| {
        if with == CauseLabels::Numbers {
            return Labels::of(&[("digest", &cause.digest.to_string())]);
        }
        let text: String = cause.masked.chars().take(MAX_CAUSE_CHARS).collect();
        Labels::of(&[("digest", &cause.digest.to_string()), ("cause", &crate::domain::clean_line(&text))])
    };
    let open = causes.iter().map(|cause| (labels(cause), cause.open));
    out.gauge("cdx_cause_open_sessions", "Failed sessions of the last day's first 20 causes.", open);
    let errors = causes.iter().map(|cause| (labels(cause), cause.errors));
    out.gauge("cdx_cause_errors", "Error messages of the last day's first 20 causes.", errors);
    Ok(())
}

fn channel_databases(
    out: &mut Exposition,
    office: &HeadOffice,
    as_of: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let age = as_of.map(|as_of| milliseconds(now.since(as_of).max(0)));
    out.single("cdx_status_age_seconds", "Time since everything posted was last at head office.", age);
    let (_, quiet) = as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, 0))?;
    out.single("cdx_channel_databases_quiet", "Channel databases silent for longer than usual.", Some(quiet));
    let (_, fast) = office.fast_clocks(0)?;
    out.single("cdx_channel_databases_clock_ahead", "Channel databases whose clock runs ahead.", Some(fast));
    Ok(())
}

fn runs(out: &mut Exposition, office: &HeadOffice) -> Result<(), StoreError> {
    let mut recent = office.runs(MAX_RUNS)?;
    // The newest may be executing still.
    recent.retain(|run| run.outcome.is_some());
    let run = recent.first();
    out.single("cdx_last_run_timestamp_seconds", "End of the last run.", run.and_then(|run| run.ended_at).map(seconds));
    out.single(
        "cdx_last_run_success",
        "Whether the last run ended without an error.",
        run.map(|run| i32::from(run.outcome == Some(Outcome::Ended))),
    );
    let duration = run.and_then(|run| run.ended_at.map(|ended| milliseconds(ended.since(run.started_at))));
    out.single("cdx_last_run_duration_seconds", "Duration of the last run.", duration);
    recent_runs(out, &recent);
    let counts = run.map(|run| {
        let counts = run.counts;
        [("inserted", counts.inserted), ("repeated", counts.repeated), ("rejected", counts.rejected)]
    });
    let samples = counts.into_iter().flatten().map(|(result, count)| (Labels::of(&[("result", result)]), count));
    out.gauge("cdx_last_run_messages", "Messages that the last run read, by result.", samples);
    let held = run.map(|_| office.held_purge()).transpose()?.map(|held| i32::from(held.is_some()));
    out.single("cdx_purge_held", "Whether a purge was held and no run has purged since.", held);
    out.single(
        "cdx_last_run_purged_rows",
        "Rows that the last run purged from both databases.",
        run.map(|run| run.purged.total()),
    );
    let purged_at = office.last_purge_at()?.map(seconds);
    out.single("cdx_last_purge_timestamp_seconds", "Time of the last finished purge.", purged_at);
    Ok(())
}

fn trash(out: &mut Exposition, office: &HeadOffice) -> Result<(), StoreError> {
    let runs = office.count_trash_by_run(MAX_COUNTED_ROWS)?;
    let sessions: i64 = runs.iter().map(|run| run.sessions).sum();
    out.single("cdx_trash_sessions", "Sessions in the trash, counted up to 1,000,000.", Some(sessions));
    let first = office.trash_gone_after()?.map(seconds);
    let help = "After this time a purge deletes the first of them for good.";
    out.single("cdx_trash_gone_timestamp_seconds", help, first);
    Ok(())
}

/// How the recent runs ended, and how long those that succeeded took.
fn recent_runs(out: &mut Exposition, recent: &[Run]) {
    let outcomes = Outcome::ALL.iter().map(|outcome| {
        let count = recent.iter().filter(|run| run.outcome == Some(*outcome)).count();
        (Labels::of(&[("outcome", outcome.word())]), count)
    });
    out.gauge("cdx_recent_runs", "The last 100 runs by outcome.", outcomes);
    let succeeded = recent.iter().filter(|run| run.outcome == Some(Outcome::Ended));
    let mut took: Vec<_> =
        succeeded.filter_map(|run| run.ended_at.map(|ended| ended.since(run.started_at).max(0))).collect();
    took.sort_unstable();
    let at = |tenths: usize| took.get((took.len().max(1) - 1) * tenths / 10).copied().map(milliseconds);
    let figures = [("median", at(5)), ("p90", at(9)), ("longest", at(10))];
    let samples = figures.into_iter().filter_map(|(figure, ms)| Some((Labels::of(&[("figure", figure)]), ms?)));
    out.gauge("cdx_recent_run_duration_seconds", "Durations of the last 100 runs that succeeded.", samples);
}

fn batch(out: &mut Exposition, office: &HeadOffice) -> Result<(), StoreError> {
    let servers = office.servers()?;
    let running = servers.iter().filter(|server| server.stopped_at.is_none());
    let samples = running.map(|server| (Labels::of(&[("server", &server.name)]), milliseconds(server.silent_ms)));
    out.gauge(
        "cdx_batch_server_heartbeat_age_seconds",
        "Time since the last heartbeat of each batch server that was not stopped.",
        samples,
    );
    let mut channels = Vec::new();
    for channel in DeliveryChannel::ALL {
        channels.push((channel.word(), office.last_delivery(channel)?));
    }
    let label = |channel| Labels::of(&[("channel", channel)]);
    let firing = office.count_firing()?;
    let samples = firing.into_iter().map(|(rule, count)| (Labels::of(&[("rule", rule.word())]), count));
    out.gauge("cdx_alert_firing", "Conditions of each alert rule that fire.", samples);
    out.single(
        "cdx_alert_rules_checked_timestamp_seconds",
        "When a batch server last checked the alert rules.",
        office.rules_checked_at()?.map(seconds),
    );
    out.gauge(
        "cdx_alert_channel_failing",
        "Whether alerts do not arrive through the channel: the last delivery failed, or none was tried.",
        channels.iter().map(|(channel, last)| (label(channel), i32::from(last.fault.is_some()))),
    );
    out.gauge(
        "cdx_alert_last_delivered_timestamp_seconds",
        "When a delivery through the channel last succeeded.",
        channels.iter().filter_map(|(channel, last)| Some((label(channel), seconds(last.arrived_at?)))),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_escape_what_would_end_them() {
        assert_eq!(Labels::of(&[("cause", "a\"b\\c\nd")]).0, r#"{cause="a\"b\\c\nd"}"#);
        let mut out = Exposition::default();
        out.single("x", "An x.", Some(3));
        out.single("y", "A y.", None::<i64>);
        assert_eq!(out.0, "# HELP x An x.\n# TYPE x gauge\nx 3\n# HELP y A y.\n# TYPE y gauge\n");
    }
}
