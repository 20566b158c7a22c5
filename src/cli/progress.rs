//! Progress of a run: a bar on a terminal, otherwise a line from time to time.

use crate::cli::terminal::{is_dumb, print_message};
use crate::domain::{Step, grouped};
use crate::engine::{EventSink, Progress, RunEvent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Interval of plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Redraws of the bar per second; more would congest a slow connection.
const BAR_HZ: u8 = 4;

/// Shows the events of one run on the standard error.
pub struct ProgressView {
    bar: Option<ProgressBar>,
    last_line: Mutex<Instant>,
}

impl ProgressView {
    /// Creates the view: a bar if the standard error is a terminal that can draw one.
    pub fn new() -> Self {
        let bar = (std::io::stderr().is_terminal() && !is_dumb()).then(|| {
            let style = ProgressStyle::with_template("{prefix:<24} {bar:24} {percent:>3}% {msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▄░");
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(BAR_HZ));
            bar.set_style(style);
            bar
        });
        Self { bar, last_line: Mutex::new(Instant::now()) }
    }

    /// Clears the bar before the result is printed.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn print_line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| print_message(text)),
            None => print_message(text),
        }
    }

    fn progress(&self, progress: &Progress) {
        let figures = figures(progress);
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total.unsigned_abs());
            bar.set_position(progress.done.unsigned_abs());
            bar.set_message(figures);
            return;
        }
        if let Ok(mut last) = self.last_line.lock()
            && last.elapsed() >= LINE_INTERVAL
        {
            *last = Instant::now();
            print_message(&format!("{}: {figures}", label(progress.step)));
        }
    }
}

impl EventSink for ProgressView {
    fn send(&self, event: RunEvent) {
        match event {
            RunEvent::Started { interrupted, .. } => {
                for run_id in interrupted {
                    self.print_line(&format!("run {run_id} was interrupted; this run continues from there"));
                }
            }
            RunEvent::Step(step) => {
                if let Some(bar) = &self.bar {
                    bar.set_prefix(label(step));
                    bar.set_message("");
                    bar.set_position(0);
                }
            }
            RunEvent::Progress(progress) => self.progress(&progress),
            RunEvent::Notice(text) => self.print_line(&text),
            // Recent errors lists them.
            RunEvent::Failures(..) => {}
        }
    }
}

/// The figures of a step: `1,000 of 2,000, 500/s, 2 s left`.
pub(super) fn figures(progress: &Progress) -> String {
    let rejected =
        if progress.rejected > 0 { format!(", {} rejected", grouped(progress.rejected)) } else { String::new() };
    #[allow(clippy::cast_possible_truncation)] // a rate for people
    let rate = grouped(progress.rate as i64);
    let remaining = progress.seconds_left.map(|seconds| format!(", {} left", duration(seconds))).unwrap_or_default();
    format!("{} of {}, {rate}/s{rejected}{remaining}", grouped(progress.done), grouped(progress.total))
}

pub(super) fn label(step: Step) -> &'static str {
    match step {
        Step::Transfer => "Transfer",
        Step::Preview => "Counting what expired",
        Step::PurgeMessageDatabase => "Purge message database",
        Step::EmptyTrash => "Empty the trash",
        Step::PurgeHeadOffice => "Purge head office",
        Step::Done => "Done",
    }
}

/// Formats a duration in seconds, minutes or hours.
fn duration(seconds: f64) -> String {
    match seconds.max(0.0) {
        seconds if seconds < 60.0 => format!("{seconds:.0} s"),
        seconds if seconds < 3_600.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3_600.0),
    }
}
