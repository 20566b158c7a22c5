//! A run as head office records it, wherever it executes: what it waits for, progress, counts, log,
//! result.

use crate::batch::{BatchStatus, SchedulingState, reasons};
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, RunProgress, Severity, WatchFacts, Watched};
use crate::console::protocol::effect::{Action, Confirm, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::step_progress::{Measured, StepProgress, StepState};
use crate::console::screens::batch::progress_words;
use crate::console::screens::other_runs::OtherRuns;
use crate::console::screens::progress::{self, ProgressFocus, ShownRun};
use crate::console::screens::related::{self, Link};
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::domain::{Run, Step, Timestamp, to_json};

/// A run of any process.
pub struct RunMonitor {
    watched: Watched,
    facts: Option<WatchFacts>,
    /// When its progress changed last.
    progress_at: Timestamp,
    focus: ProgressFocus,
    others: OtherRuns,
    fault: Option<String>,
}

impl RunMonitor {
    /// The screen before its first answer.
    pub fn new(watched: Watched, view: &ViewContext) -> Self {
        let (focus, others) = (ProgressFocus::new(), OtherRuns::default());
        Self { watched, facts: None, progress_at: view.now, focus, others, fault: None }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask(Query::Batch(BatchQuery::Watch(self.watched)))]
    }

    /// Whether the run has not ended.
    fn is_active(&self) -> bool {
        let Some(facts) = &self.facts else { return true };
        let job_lives = facts.job.as_ref().is_some_and(|job| job.status.is_executing() || job.interactive);
        job_lives || facts.run.as_ref().is_some_and(|run| run.outcome.is_none())
    }

    fn title(facts: &WatchFacts) -> String {
        let description = facts.job.as_ref().map(|job| job.settings.description.as_str());
        let description = description.or(facts.history.as_ref().map(|row| row.description.as_str()));
        let description = description.unwrap_or("Process status messages");
        match (&facts.run, &facts.job) {
            (Some(run), _) => format!("Run {} · {description}", run.run_id),
            (None, Some(job)) => format!("Run requested as batch job {} · {description}", job.job_id),
            (None, None) => description.to_owned(),
        }
    }

    fn remark(facts: &WatchFacts, view: &ViewContext) -> String {
        let claim = facts.job.as_ref().and_then(|job| job.claim.as_ref());
        match (claim, &facts.history, &facts.run) {
            (Some(claim), ..) => format!("on {} since {}", claim.holder.name(), view.zone.short(claim.since, view.now)),
            (None, Some(row), _) => {
                let server = row.server.as_deref().unwrap_or("no server");
                let at = row.started_at.unwrap_or(row.scheduled_at);
                format!("on {server}, {}", view.zone.short(at, view.now))
            }
            (None, None, Some(run)) => format!("since {}", view.zone.short(run.started_at, view.now)),
            _ => String::new(),
        }
    }

    /// Whether an unfinished run has lost its process.
    fn is_silent(facts: &WatchFacts, run: &Run) -> bool {
        let claim = facts.job.as_ref().and_then(|job| job.claim.as_ref());
        let claim = claim.filter(|claim| claim.run_id == Some(run.run_id));
        let is_held = |scheduling: &SchedulingState| {
            claim.map_or_else(|| scheduling.is_running(run.run_id), |claim| scheduling.is_active(claim))
        };
        run.outcome.is_none() && facts.scheduling.as_ref().is_some_and(|scheduling| !is_held(scheduling))
    }

    /// What keeps a run that was asked for from beginning.
    fn waiting(facts: &WatchFacts, view: &ViewContext) -> Vec<(String, Role)> {
        let (Some(job), Some(scheduling)) = (&facts.job, &facts.scheduling) else { return Vec::new() };
        if job.status.is_executing() {
            return vec![("It is starting.".to_owned(), Role::Text)];
        }
        let at = |at| view.zone.short(at, view.now);
        let mut lines = vec![match reasons(job, scheduling).into_iter().find(|reason| !reason.holds()) {
            None => ("○ Requested. It can start at once.".to_owned(), Role::Text),
            Some(reason) => (format!("× It waits: {}.", reason.text(&at)), Role::Warn),
        }];
        lines.push((view.keys("It remains requested when you leave; {actions}, c withdraws it."), Role::Dim));
        lines
    }

    /// How far its steps are.
    fn steps(&self, facts: &WatchFacts, run: &Run, view: &ViewContext) -> Vec<StepProgress> {
        let current = facts.progress.map(|progress| {
            let measured = Measured::from(&progress).with_silence(view.now.since(self.progress_at));
            StepProgress { step: progress.step, state: StepState::Measured(measured) }
        });
        // Between two steps nothing is measured.
        let counting = || StepProgress { step: facts.step.unwrap_or(Step::Transfer), state: StepState::Counting };
        let current = current.unwrap_or_else(counting);
        let transfers = facts.job.as_ref().map_or(run.counts.read > 0, |job| job.settings.task.transfer);
        let read = Some(run.counts.read).filter(|read| *read > 0);
        let before = StepProgress { step: Step::Transfer, state: StepState::Finished(read) };
        let before = Some(before).filter(|_| transfers && current.step != Step::Transfer);
        before.into_iter().chain([current]).collect()
    }

    /// What the screen shows of the run.
    fn shown_run<'a>(&self, facts: &'a WatchFacts, view: &ViewContext) -> ShownRun<'a> {
        let mut shown = ShownRun {
            title: (Self::title(facts), Self::remark(facts, view)),
            steps: Vec::new(),
            ended: facts.run.as_ref().filter(|run| run.outcome.is_some()),
            notes: Vec::new(),
            counts: facts.run.as_ref().map(|run| (run.counts, None)),
            failures: (facts.failures, facts.newest_failures.iter().collect()),
            log: Vec::new(),
        };
        match &facts.run {
            None => {
                shown.notes = Self::waiting(facts, view);
                if facts.job.is_none() && facts.history.is_none() {
                    let text = "It no longer exists, and no history of it was kept.";
                    shown.notes.push((text.to_owned(), Role::Dim));
                }
            }
            Some(run) if run.outcome.is_some() => {}
            Some(run) if Self::is_silent(facts, run) => {
                let text = "◊ No heartbeat any more. What it has read is kept; the next run continues there.";
                shown.notes.push((text.to_owned(), Role::Warn));
                let progress = facts.progress.map(|progress| progress_words(&RunProgress { rate: 0, ..progress }));
                shown.notes.extend(progress.map(|words| (format!("  {words}"), Role::Text)));
            }
            Some(run) => shown.steps = self.steps(facts, run, view),
        }
        if facts.job.as_ref().is_some_and(|job| job.status == BatchStatus::Canceling) {
            shown.notes.push(("◊ It stops after this chunk.".to_owned(), Role::Warn));
        }
        let role = |severity| match severity {
            Severity::Information => Role::Text,
            Severity::Warning => Role::Warn,
            Severity::Error => Role::Bad,
        };
        shown.log = facts.log.iter().map(|line| (line.at, line.text.as_str(), role(line.severity))).collect();
        shown
    }
}

/// What the run did, and where it is listed.
fn related(facts: &WatchFacts) -> Vec<Link> {
    let mut related: Vec<_> = facts.run.as_ref().map(related::of_run).unwrap_or_default();
    let job_id = facts.job.as_ref().map(|job| job.job_id);
    match (&facts.history, job_id.or(facts.run.as_ref().and_then(|run| run.job_id))) {
        (Some(row), _) => related.extend(related::job(row.job_id, Route::BatchHistoryAt(row.job_id, row.key()))),
        (None, Some(job_id)) => {
            related.extend(related::job(job_id, Route::BatchHistory(format!("job:{job_id}"))).into_iter().skip(1));
        }
        (None, None) => {}
    }
    let listed = |run: &Run| (format!("Run {} in the list of runs", run.run_id), Route::Run(run.run_id));
    related.extend(facts.run.as_ref().map(listed));
    related
}

impl Screen for RunMonitor {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Periodic", "Data distribution", "Process status messages", "Run"]
    }

    fn route(&self) -> Route {
        Route::Watch(self.watched)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.ask().into_iter().chain([Effect::Ask(OtherRuns::query())]).collect()
    }

    fn tick(&mut self, _: &ViewContext) -> Vec<Effect> {
        if self.is_active() { self.ask() } else { Vec::new() }
    }

    fn is_watching(&self) -> bool {
        self.is_active()
    }

    fn offers(&self, command: Command) -> bool {
        ProgressFocus::offers(command)
            || matches!(command, Command::Actions | Command::Related | Command::Record | Command::Copy)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::Copy => {
                let text = self.facts.as_ref().and_then(|facts| facts.run.as_ref()).map(crate::domain::Run::summary);
                Some(text.map(Effect::Copy).into_iter().collect())
            }
            Command::Record => {
                let run = self.facts.as_ref().and_then(|facts| facts.run.as_ref());
                let show =
                    |run: &Run| Effect::ShowRecord { title: format!("Run {}", run.run_id), record: to_json(run) };
                Some(run.map(show).into_iter().collect())
            }
            Command::Related => {
                Some(self.facts.as_ref().map(|facts| related::offer(related(facts))).unwrap_or_default())
            }
            Command::Actions => {
                let job = self.facts.as_ref().and_then(|facts| facts.job.as_ref());
                let refused = match job {
                    _ if view.read_only.is_some() => view.refusal(),
                    None if self.is_active() => Some("it runs in a console; cancel it there".to_owned()),
                    None => Some("it has ended".to_owned()),
                    Some(job) if job.status == BatchStatus::Canceling => Some("it is stopping already".to_owned()),
                    Some(job) if job.status.is_executing() || job.interactive => None,
                    Some(_) => Some("it has ended".to_owned()),
                };
                let line = "It stops after this chunk; transferred messages are kept, and the next run continues.";
                let then = vec![Effect::Screen(ScreenChange::CancelShownRun)];
                let ask = Confirm::yes("Cancel this run?", line, then);
                let cancel = Action::new('c', "Cancel the run…", vec![ask]).refused(refused);
                Some(vec![Effect::Actions("Actions on this run".to_owned(), vec![cancel])])
            }
            _ => {
                let newest = self.facts.as_ref().map(|facts| facts.newest_failures.as_slice()).unwrap_or_default();
                self.focus.command(command, |at| newest.get(at))
            }
        }
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        let job = self.facts.as_ref().and_then(|facts| facts.job.as_ref());
        let (ScreenChange::CancelShownRun, Some(job)) = (change, job) else { return Vec::new() };
        let change = if job.status.is_executing() {
            BatchMutation::ChangeStatus(job.job_id, BatchStatus::Canceling, String::new(), Some(job.version))
        } else {
            BatchMutation::Delete(vec![(job.job_id, Some(job.version))])
        };
        vec![Effect::Mutation(Mutation::Batch(change))]
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => {
                if let BatchAnswer::Watch(mut facts) = *answer {
                    let progress = |facts: &WatchFacts| facts.progress.map(|progress| (progress.step, progress.done));
                    if self.facts.as_ref().and_then(progress) != progress(&facts) {
                        self.progress_at = view.now;
                    }
                    // A run that was asked for is taken out with its end; what it was called is
                    // still to be read.
                    if let Some(before) = self.facts.take() {
                        facts.run = facts.run.or(before.run);
                    }
                    self.facts = Some(*facts);
                    self.fault = None;
                }
            }
            Ok(answer) => self.others.take(answer),
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        match &self.facts {
            None => painter.rule(0, "Run", "reading …", true),
            Some(facts) => {
                let current = facts.run.as_ref().map(|run| run.run_id);
                let above = self.others.draw(painter, current, view);
                let mut part = painter.part(0, 0, painter.width(), above);
                progress::draw(&mut part, &self.shown_run(facts, view), &mut self.focus, view);
            }
        }
        if let Some(fault) = &self.fault {
            let (y, width) = (painter.height().saturating_sub(1), painter.width());
            painter.text(1, y, width, &format!("! {fault}"), Role::Bad);
        }
    }

    fn notice(&self, view: &ViewContext) -> String {
        if self.is_active() {
            view.keys("{back} leaves this screen; the run continues there.")
        } else {
            view.keys("{back} leaves; the result is also listed in Runs and in Batch job history.")
        }
    }
}
