//! The histogram above a list: how many of its rows, and failures among them, fell into each
//! stretch of the last day.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{HISTOGRAM_COLUMNS, MessageCounts};
use crate::console::screens::overview::{Chosen, columns_in, draw_histogram, start_of_histogram};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::domain::Timestamp;

/// Rows of it: a rule, two of bars, one of failures, the hours.
pub(super) const HISTOGRAM_ROWS: u16 = 5;
/// Rows of a screen that has room for it.
pub(super) const MIN_SCREEN_ROWS: u16 = 18;

/// The counts that have been read.
#[derive(Clone)]
pub(super) struct Histogram {
    from: Timestamp,
    counts: Option<Vec<MessageCounts>>,
    chosen: Chosen,
    /// The columns that were drawn last.
    columns: usize,
    pub(super) focused: bool,
}

impl Histogram {
    /// Where it begins.
    pub(super) fn from(&self) -> Timestamp {
        self.from
    }
}

impl<S: ListSource> PagedList<S> {
    /// Opens the histogram, gives it the focus, or closes it, in turn.
    pub(super) fn turn_histogram(&mut self, view: &ViewContext) -> Vec<Effect> {
        match &mut self.histogram {
            None if self.terms.searches_text() => {
                vec![Effect::Say(
                    "No histogram while a text is searched for, piece by piece; filter by something else.".to_owned(),
                )]
            }
            None if !self.has_room => vec![Effect::Say("The histogram needs a terminal of 22 rows.".to_owned())],
            None => {
                let (from, columns) = (start_of_histogram(view.now), HISTOGRAM_COLUMNS);
                let chosen = Chosen::last(columns);
                self.histogram = Some(Histogram { from, counts: None, chosen, columns, focused: true });
                self.leave_panes();
                self.ask_histogram()
            }
            Some(histogram) if !histogram.focused => {
                histogram.focused = true;
                Vec::new()
            }
            Some(_) => {
                self.histogram = None;
                Vec::new()
            }
        }
    }

    /// The query for the histogram after the list was restarted.
    pub(super) fn ask_histogram(&mut self) -> Vec<Effect> {
        if self.terms.searches_text() {
            self.histogram = None;
        }
        let Some(histogram) = &mut self.histogram else { return Vec::new() };
        histogram.counts = None;
        vec![Effect::Ask(self.source.histogram_query(&self.terms, self.all, histogram.from))]
    }

    /// Takes the answer.
    pub(super) fn take_histogram(&mut self, from: Timestamp, counts: Vec<MessageCounts>) {
        if let Some(histogram) = self.histogram.as_mut().filter(|histogram| histogram.from == from) {
            histogram.counts = Some(counts);
        }
    }

    /// What a command does while the histogram has the focus; `None` if it leaves it to the list.
    pub(super) fn perform_histogram_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let histogram = self.histogram.as_mut().filter(|histogram| histogram.focused)?;
        match command {
            Command::Left => histogram.chosen.step(-1, histogram.columns),
            Command::Right => histogram.chosen.step(1, histogram.columns),
            Command::First => histogram.chosen.column = 0,
            Command::Last => {
                histogram.chosen = Chosen { mark: histogram.chosen.mark, ..Chosen::last(histogram.columns) }
            }
            Command::MarkRange => histogram.chosen.toggle_range(),
            Command::Back if histogram.chosen.mark.is_some() => histogram.chosen.mark = None,
            Command::NextPane | Command::PreviousPane => histogram.focused = false,
            Command::Back => self.histogram = None,
            Command::Open => {
                let (start, end) = histogram.chosen.span(histogram.from, histogram.columns);
                histogram.focused = false;
                let [start, end] = [start, end].map(|at| view.zone.typed(at, view.now));
                let dates = format!("{start}..{end}");
                let typed = self.terms.with_dates(&dates);
                match Terms::parse(&typed, self.source.fields(), view.zone, view.now) {
                    Ok(terms) => self.terms = terms,
                    Err(fault) => return Some(vec![Effect::Say(fault.text)]),
                }
                self.is_visit = false;
                // The histogram keeps showing the day that the column was picked from.
                return Some(self.restart_below());
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Draws it.
    pub(super) fn draw_histogram(&mut self, painter: &mut Painter, view: &ViewContext) {
        let Some(histogram) = &mut self.histogram else { return };
        let columns = columns_in(painter.width());
        histogram.chosen = histogram.chosen.scaled(histogram.columns, columns);
        histogram.columns = columns;
        let what = self.source.name().map_or("rows", |name| name.rsplit(' ').next().unwrap_or("rows"));
        match &histogram.counts {
            Some(counts) => {
                let chosen = histogram.focused.then_some(histogram.chosen);
                draw_histogram(painter, (histogram.from, counts, columns), (HISTOGRAM_ROWS - 3, what), chosen, view);
            }
            None => painter.rule(0, "Last 24 hours", "counting …", histogram.focused),
        }
    }
}
