//! The commands of Batch job history.

use crate::console::protocol::batch_query::{BatchQuery, HistoryFilter, HistoryRow};
use crate::console::protocol::effect::{Effect, Prompt};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::export_columns::export_columns;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::Query;
use crate::console::screens::arrangement::pick_columns;
use crate::console::screens::batch::history::columns::{COLUMNS_OF_A_JOB, COLUMNS_OF_ALL_JOBS};
use crate::console::screens::batch::history::{History, filter, log};
use crate::console::screens::related;
use crate::console::view::command_line::listing;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::{List, Move};
use crate::console::widgets::table::Column;
use crate::domain::{Seek, to_json};

impl History {
    /// The columns of the list: of one job, or of all.
    pub(super) fn table(&self) -> &'static [Column<HistoryRow>] {
        if self.filter.job_id.is_some() { &COLUMNS_OF_A_JOB } else { &COLUMNS_OF_ALL_JOBS }
    }

    pub(super) fn headings(&self) -> Vec<&'static str> {
        self.table().iter().map(|column| column.heading).collect()
    }

    fn prompt_export(&self) -> Effect {
        let query = Query::Batch(BatchQuery::History(self.filter.clone(), Seek::First));
        let sorted = self.sort.shown().map(|_| self.list.window().map(to_json).collect::<Vec<_>>());
        Prompt::export("batch-job-history.csv".to_owned(), move || match &sorted {
            Some(rows) => ExportSource::Rows(export_columns("batch job history"), rows.clone()),
            None => ExportSource::List(query.clone()),
        })
    }

    /// Takes a command.
    pub(super) fn take_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.looking = None;
        let jumps = matches!(command, Command::First | Command::Last) && !self.in_log;
        if let Some(step) = Move::of(command).filter(|_| !jumps || self.list.known_length().is_some()) {
            return Some(self.step(step));
        }
        Some(match command {
            Command::First => {
                self.list = List::default();
                self.start(Seek::First)
            }
            Command::Last => self.start(Seek::Last),
            Command::NextPane | Command::PreviousPane => {
                self.in_log = !self.in_log;
                self.zoomed = false;
                Vec::new()
            }
            Command::Open => {
                self.zoomed = !self.zoomed;
                self.in_log = self.zoomed;
                Vec::new()
            }
            Command::Back if self.sort.stop() => vec![Effect::Say("The order stays as it was.".to_owned())],
            Command::Back if self.list.pause_search() => {
                vec![Effect::Say(view.keys("The search has paused; {down} on the last row continues it."))]
            }
            Command::Back if self.in_log => {
                (self.in_log, self.zoomed) = (false, false);
                Vec::new()
            }
            Command::Back if !self.typed.is_empty() && self.filter.job_id.is_none() => {
                self.typed.clear();
                self.filter = HistoryFilter::default();
                self.restart()
            }
            Command::Histogram => self.chart.toggle(),
            Command::Filter => vec![filter::prompt(&self.typed)],
            Command::Totals => vec![filter::pick_groups(&self.typed, &self.filter)],
            Command::Export => vec![self.prompt_export()],
            Command::Sort => vec![self.pick_order()],
            Command::Columns => vec![pick_columns(self.table(), &self.columns, &self.list)],
            Command::GoTo if self.sort.shown().is_some() => {
                vec![Effect::Say(view.keys("Go to time needs the time order; {sort} restores it."))]
            }
            Command::GoTo => vec![Prompt::instant()],
            Command::NextError => self.find(true),
            Command::PreviousError => self.find(false),
            Command::Explain => self.list.current().map(|row| Effect::Say(log::why(row, view))).into_iter().collect(),
            Command::Record => self.list.current().map(log::record).into_iter().collect(),
            Command::Related => {
                self.list.current().map(|row| related::offer(related::of_start(row))).unwrap_or_default()
            }
            Command::Copy => {
                let text = self.list.current().map(|row| {
                    let lines = log::lines(row, self.own_log(), 200, view);
                    lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>().join("\n")
                });
                text.map(Effect::Copy).into_iter().collect()
            }
            Command::CopyCommand => {
                let count =
                    self.count.rows().and_then(|count| usize::try_from(count).ok()).or(self.list.known_length());
                vec![Effect::Copy(listing("cdx batch history", &self.typed, count.unwrap_or(0)))]
            }
            Command::Grow => {
                self.height = (self.height + 1).min(40);
                Vec::new()
            }
            Command::Shrink => {
                self.height = self.height.saturating_sub(1).max(3);
                Vec::new()
            }
            _ => return None,
        })
    }
}
