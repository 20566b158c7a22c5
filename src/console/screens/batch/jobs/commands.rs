//! The commands of Batch jobs: three panes, each with its own cursor.

use crate::batch::{BatchJob, BatchStatus};
use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::export_columns::export_columns;
use crate::console::protocol::groups;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::route::{JobScope, Route};
use crate::console::screens::batch::jobs::actions;
use crate::console::screens::batch::jobs::columns::{JobRow, TABLE};
use crate::console::screens::batch::jobs::{BatchJobs, Pane};
use crate::console::screens::related::{self, Link};
use crate::console::screens::row_filter::RowFilter;
use crate::console::view::command_line::listing;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::{Keyed, Move};
use crate::domain::to_json;
use crate::filter::{Subject, lists};

/// Lines that a page of a pane is.
const PAGE: isize = 8;

impl BatchJobs {
    fn step(&mut self, step: Move, view: &ViewContext) {
        let length = match self.pane {
            Pane::List => {
                self.pane_cursors = [0; 2];
                self.list.step(step);
                return;
            }
            Pane::Why => self.lines(view).len(),
            Pane::Runs => self.facts.as_ref().map_or(0, |(_, facts)| facts.runs.len()),
        };
        let at = &mut self.pane_cursors[usize::from(self.pane == Pane::Runs)];
        *at = at.saturating_add_signed(step.rows(PAGE)).min(length.saturating_sub(1));
    }

    fn follow(&self, view: &ViewContext) -> Vec<Effect> {
        if self.pane == Pane::Runs {
            let run = self.current_facts().and_then(|facts| facts.runs.get(self.pane_cursors[1]));
            return run.map(|run| Effect::Go(Route::BatchHistoryAt(run.job_id, run.key()))).into_iter().collect();
        }
        self.lines(view).into_iter().nth(self.pane_cursors[0]).map_or_else(Vec::new, |line| line.then)
    }

    fn related(&self, job: &BatchJob) -> Vec<Link> {
        let job_id = job.job_id;
        let mut related = vec![("Its history".to_owned(), Route::BatchHistory(format!("job:{job_id}")))];
        related.push(("Its runs".to_owned(), Route::RunsWith(format!("job:{job_id}"))));
        let facts = self.facts.as_ref().filter(|(of, _)| *of == job_id);
        let last = facts.and_then(|(_, facts)| facts.runs.iter().find_map(|row| row.run_id));
        match job.claim.as_ref().and_then(|claim| claim.run_id) {
            Some(run_id) => related.extend(related::run(run_id, "which executes it")),
            None => related.extend(last.and_then(|run_id| related::run(run_id, "its last one"))),
        }
        let group = Some(&job.settings.batch_group).filter(|group| !group.is_empty());
        related.extend(group.map(|group| (format!("Batch group {group}"), Route::BatchGroups(Some(group.clone())))));
        related.push(related::changes(format!("job:{job_id}")));
        related
    }

    /// Copies the command that lists the jobs, or explains the one whose pane has the focus.
    fn copy_command(&self) -> Vec<Effect> {
        if self.pane != Pane::List {
            let text = |job: &BatchJob| format!("cdx batch why {}", job.job_id);
            return self.job().map(|job| Effect::Copy(text(job))).into_iter().collect();
        }
        let command = if self.scope == JobScope::Own { "cdx batch jobs --mine" } else { "cdx batch jobs" };
        let command = listing(command, self.filter.typed(), 0);
        let remark = (!self.arrangement.is_default())
            .then(|| Effect::Say(format!("Copied without the sort order, which commands do not have: {command}")));
        [Effect::Copy(command)].into_iter().chain(remark).collect()
    }

    /// Takes a command.
    pub(super) fn perform_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command) {
            self.step(step, view);
            return Some(Vec::new());
        }
        let is_about_job = matches!(
            command,
            Command::Open
                | Command::Explain
                | Command::NextPane
                | Command::PreviousPane
                | Command::Actions
                | Command::Related
                | Command::Record
                | Command::Copy
        );
        if is_about_job && self.job().is_none() {
            return Some(vec![Effect::Say(self.no_job(view))]);
        }
        match command {
            Command::NextPane | Command::PreviousPane => {
                let panes = if self.runs_are_beside && !self.zoomed { 3 } else { 2 };
                let order = [Pane::List, Pane::Why, Pane::Runs];
                let at = order.iter().position(|pane| *pane == self.pane).unwrap_or(0);
                let by = if command == Command::NextPane { 1 } else { panes - 1 };
                self.zoomed = false;
                self.pane = order[(at + by) % panes];
            }
            Command::Open if self.pane != Pane::List => return Some(self.follow(view)),
            Command::Open | Command::Explain => {
                self.zoomed = !self.zoomed || self.pane == Pane::List;
                self.pane = if self.zoomed { Pane::Why } else { Pane::List };
            }
            Command::Back if self.zoomed || self.pane != Pane::List => {
                self.zoomed = false;
                self.pane = Pane::List;
            }
            Command::Back if !self.filter.is_empty() => {
                self.filter = RowFilter::default();
                self.rearrange();
            }
            Command::Related => {
                return Some(self.job().map(|job| related::offer(self.related(job))).unwrap_or_default());
            }
            Command::Record => {
                let show = |job: &BatchJob| Effect::ShowRecord { title: job.name(), record: to_json(job) };
                return Some(self.job().map(show).into_iter().collect());
            }
            Command::NextError | Command::PreviousError => {
                let failed = |row: &JobRow| row.job.status == BatchStatus::Error;
                let forward = command == Command::NextError;
                let said = self.list.find_wrapping(forward, "No job has the status Error.", failed);
                return Some(said.map(Effect::Say).into_iter().collect());
            }
            Command::Copy => {
                let text = |job: &BatchJob| format!("{}: {}", job.name(), job.status);
                return Some(self.job().map(|job| Effect::Copy(text(job))).into_iter().collect());
            }
            Command::CopyCommand => return Some(self.copy_command()),
            Command::Filter => {
                return Some(vec![Prompt::rows(self.filter.typed(), lists::JOBS, self.all.len())]);
            }
            Command::Totals => {
                let count = |field| {
                    let rows = self.list.window().map(|row| {
                        (
                            row.job.field_value(field),
                            row.job.status == BatchStatus::Error,
                            row.job.last.map(|last| last.ended_at),
                        )
                    });
                    GroupSource::Counted(groups::count(rows))
                };
                let sources = groups::fields(lists::JOBS).into_iter().map(|field| (field, count(field))).collect();
                let typed = self.filter.typed().to_owned();
                let rows = self.all.len();
                let prompt = move || Prompt::rows(&typed, lists::JOBS, rows);
                return Some(vec![Groups::pick("batch jobs", sources, prompt)]);
            }
            Command::Export => {
                let rows: Vec<_> = self.list.window().map(|row| to_json(&row.job)).collect();
                let name = if self.scope == JobScope::Own { "my-batch-jobs.csv" } else { "batch-jobs.csv" };
                return Some(vec![Prompt::export(name.to_owned(), move || {
                    ExportSource::Rows(export_columns("batch jobs"), rows.clone())
                })]);
            }
            Command::Sort => return Some(vec![self.arrangement.pick_order(&TABLE)]),
            Command::Columns => return Some(vec![self.arrangement.pick_columns(&TABLE, &self.list)]),
            Command::Actions => {
                let job = self.job()?;
                let title = format!("Actions on {}", job.name());
                return Some(vec![Effect::Actions(
                    title,
                    actions::on_job(job, &self.all, self.scheduling.as_ref(), view),
                )]);
            }
            Command::Grow => self.height = Some((self.height.unwrap_or(self.drawn_height) + 1).min(40)),
            Command::Shrink => self.height = Some(self.height.unwrap_or(self.drawn_height).saturating_sub(1).max(4)),
            _ => return None,
        }
        Some(Vec::new())
    }
}
