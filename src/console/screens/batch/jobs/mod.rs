//! Batch jobs and My batch jobs: every job by its next start, and why the one under the cursor does
//! not run.

mod actions;
mod changes;
mod columns;
mod commands;
mod job_pane;
mod versions;
mod view;

pub use actions::on_one as job_actions;
pub use versions::offer as offer_versions;

use crate::batch::{BatchJob, SchedulingState};
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, JobFacts, JobFilter, Jobs};
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::{JobScope, Route};
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::arrangement::Arrangement;
use crate::console::screens::batch::jobs::columns::{JobRow, TABLE};
use crate::console::screens::batch::why::{self, ConditionLine};
use crate::console::screens::no_match::NoMatch;
use crate::console::screens::row_filter::RowFilter;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::list::{List, Move};
use crate::filter::{Subject, lists};

/// The name of the list.
const LIST: &str = "batch jobs";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    List,
    Why,
    Runs,
}

/// Batch jobs, or My batch jobs.
pub struct BatchJobs {
    pub(super) scope: JobScope,
    /// The job that the screen was opened for.
    opened_for: Option<i64>,
    pub(super) list: List<JobRow>,
    pub(super) all: Vec<JobRow>,
    pub(super) scheduling: Option<SchedulingState>,
    pub(super) facts: Option<(i64, JobFacts)>,
    pub(super) filter: RowFilter,
    pub(super) arrangement: Arrangement,
    pub(super) pane: Pane,
    pub(super) zoomed: bool,
    /// Cursors of the reasons and of the last runs.
    pub(super) pane_cursors: [usize; 2],
    /// The height of the lower panes that the operator has set.
    pub(super) height: Option<u16>,
    /// The height of the lower panes as they were drawn last.
    pub(super) drawn_height: u16,
    /// Whether the last runs were drawn beside the reasons.
    pub(super) runs_are_beside: bool,
    pub(super) fault: Option<String>,
    /// What is said of the filter while no job matches it.
    pub(super) no_match: Option<NoMatch>,
}

impl BatchJobs {
    /// The screen in its saved state, before its first answer.
    pub fn new(scope: JobScope, memory: &SavedState) -> Self {
        let list_state = memory.lists.get(LIST).cloned().unwrap_or_default();
        Self {
            scope,
            opened_for: None,
            list: List::default(),
            all: Vec::new(),
            scheduling: None,
            facts: None,
            arrangement: Arrangement::restored(&list_state, &TABLE),
            filter: RowFilter::restored(list_state.filter),
            pane: Pane::List,
            zoomed: false,
            pane_cursors: [0; 2],
            height: None,
            drawn_height: 0,
            runs_are_beside: false,
            fault: None,
            no_match: None,
        }
    }

    /// All jobs, with the cursor on this one.
    pub fn at(job_id: i64, memory: &SavedState) -> Self {
        Self { opened_for: Some(job_id), filter: RowFilter::default(), ..Self::new(JobScope::All, memory) }
    }

    fn query_jobs(&self, view: &ViewContext) -> Effect {
        let created_by = (self.scope == JobScope::Own).then(|| view.operator.to_owned());
        Effect::Ask(Query::Batch(BatchQuery::Jobs(JobFilter { created_by, status: None, interactive: true })))
    }

    fn query_facts(&self) -> Vec<Effect> {
        let query = |row: &JobRow| Effect::Ask(Query::Batch(BatchQuery::Job(row.job.job_id)));
        self.list.current().map(query).into_iter().collect()
    }

    fn accept_jobs(&mut self, jobs: Jobs, view: &ViewContext) {
        self.filter.parse(lists::JOBS, view);
        let progress = |job: &BatchJob| {
            let run_id = job.claim.as_ref()?.run_id?;
            jobs.progress.iter().find(|progress| progress.run_id == run_id).copied()
        };
        let is_held = |job: &BatchJob| job.claim.as_ref().is_some_and(|claim| jobs.scheduling.is_active(claim));
        let row = |job: &BatchJob| JobRow { job: job.clone(), progress: progress(job), is_held: is_held(job) };
        self.all = jobs.jobs.iter().map(row).collect();
        self.scheduling = Some(jobs.scheduling);
        let rows = self.arranged_rows();
        self.list.take_whole(rows);
    }

    /// Moves the cursor to a job; false if it is not listed.
    fn select(&mut self, job_id: i64) -> bool {
        let is_wanted = |row: &JobRow| row.job.job_id == job_id;
        self.list.current().is_some_and(is_wanted) || self.list.find(true, is_wanted)
    }

    /// Filters and sorts the loaded jobs again.
    pub(super) fn rearrange(&mut self) {
        let rows = self.arranged_rows();
        self.list.take_arranged(rows);
    }

    fn matching(&self, filter: &RowFilter) -> impl Iterator<Item = &JobRow> {
        self.all.iter().filter(move |row| {
            let any_text = |is_wanted: &dyn Fn(&str) -> bool| row.texts().iter().any(|text| is_wanted(text));
            filter.matches(&|field| row.job.field_value(field), &any_text)
        })
    }

    /// The rows that match the filter, sorted; explains a filter that none matches.
    fn arranged_rows(&mut self) -> Vec<JobRow> {
        let mut rows: Vec<_> = self.matching(&self.filter).cloned().collect();
        self.arrangement.sort(&mut rows, &TABLE);
        self.explain_no_match(rows.is_empty());
        rows
    }

    fn explain_no_match(&mut self, is_empty: bool) {
        let count = |filter: &RowFilter| self.matching(filter).count();
        let explains = is_empty && !self.all.is_empty();
        self.no_match = explains.then(|| self.filter.no_match(self.all.len(), count));
    }

    pub(super) fn job(&self) -> Option<&BatchJob> {
        self.list.current().map(|row| &row.job)
    }

    /// The facts of the job under the cursor, once they are loaded.
    pub(super) fn current_facts(&self) -> Option<&JobFacts> {
        let job_id = self.job()?.job_id;
        self.facts.as_ref().filter(|(of, _)| *of == job_id).map(|(_, facts)| facts)
    }

    /// The lines of the lower pane.
    pub(super) fn lines(&self, view: &ViewContext) -> Vec<ConditionLine> {
        let changes = self.current_facts().map_or(&[][..], |facts| &facts.changes);
        match (self.list.current(), &self.scheduling) {
            (Some(row), Some(scheduling)) => why::lines(&row.job, scheduling, row.progress.as_ref(), changes, view),
            _ => Vec::new(),
        }
    }
}

impl Screen for BatchJobs {
    fn path(&self) -> Vec<&'static str> {
        match self.scope {
            JobScope::All => vec!["System administration", "Inquiries", "Batch jobs", "Batch jobs"],
            JobScope::Own => vec!["Home", "My batch jobs"],
        }
    }

    fn route(&self) -> Route {
        self.opened_for.map_or(Route::BatchJobs(self.scope), Route::BatchJob)
    }

    fn focus(&mut self, pane: u8) -> u8 {
        let pane = [Pane::List, Pane::Why, Pane::Runs].get(usize::from(pane)).copied().unwrap_or(self.pane);
        std::mem::replace(&mut self.pane, pane) as u8
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some((LIST.to_owned(), ListState { left_at: view.now.0, ..self.arrangement.list_state() }))
    }

    fn list_view(&self, _: &ViewContext) -> Option<(String, ListState)> {
        let list_state = ListState { filter: self.filter.typed().to_owned(), ..self.arrangement.list_state() };
        (self.scope == JobScope::All).then(|| (LIST.to_owned(), list_state))
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        let mut effects = vec![self.query_jobs(view)];
        effects.extend(self.query_facts());
        effects
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    fn debounced(&mut self, _: &ViewContext) -> Vec<Effect> {
        let known = self.facts.as_ref().map(|(job_id, _)| *job_id);
        if self.job().map(|job| job.job_id) == known { Vec::new() } else { self.query_facts() }
    }

    fn is_watching(&self) -> bool {
        self.all.iter().any(|row| row.job.status.is_executing())
    }

    fn is_empty(&self) -> bool {
        self.job().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        Move::of(command).is_some()
            || matches!(
                command,
                Command::Open
                    | Command::PreviousPane
                    | Command::NextPane
                    | Command::Explain
                    | Command::Filter
                    | Command::Totals
                    | Command::Export
                    | Command::Sort
                    | Command::Columns
                    | Command::Actions
                    | Command::Related
                    | Command::Record
                    | Command::NextError
                    | Command::PreviousError
                    | Command::Copy
                    | Command::CopyCommand
                    | Command::Grow
                    | Command::Shrink
            )
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.perform_command(command, view)
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        self.apply(change);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => {
                self.fault = None;
                match *answer {
                    BatchAnswer::Jobs(jobs) => {
                        let is_first = self.scheduling.is_none();
                        self.accept_jobs(jobs, view);
                        if is_first {
                            // From then on the operator moves the cursor.
                            let missing = self.opened_for.filter(|job_id| !self.select(*job_id));
                            let say = |job_id| Effect::Say(format!("batch job {job_id} was deleted"));
                            return missing.map(say).into_iter().chain(self.query_facts()).collect();
                        }
                    }
                    BatchAnswer::Job(job_id, facts) => self.facts = Some((job_id, facts)),
                    _ => {}
                }
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        if !self.filter.is_empty() {
            return format!("Filter: {}  {}", self.filter.typed(), view.keys("({back} clears it)"));
        }
        match self.pane {
            Pane::Why => view.keys("{open} shows the evidence of the line: who changed it, group, server, run."),
            Pane::Runs => view.keys("{open} opens the history of the job at that start, with its log."),
            Pane::List => String::new(),
        }
    }
}
